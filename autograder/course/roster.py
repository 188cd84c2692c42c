"""The class list: taken from a school's system, and kept as the file that nbgrader imports."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from autograder.usage import WrongUsage

CLASS_LIST = "students.csv"  # in the course's folder: the columns of `nbgrader db student import`
# Headings of Moodle's participants and grades, and of nbgrader; Canvas's are its own.
HEADINGS = {
    "id": ("id", "username", "user name", "login"),
    "first_name": ("first_name", "first name", "given name"),
    "last_name": ("last_name", "last name", "surname", "family name"),
    "email": ("email", "email address", "e-mail"),
    "lms_user_id": ("lms_user_id",),
}
FULL_NAME = "full name", "first name / surname", "first name / last name"
NO_FOLDER = re.compile(r"""[/\\<>"'&\0-\x1f]|^\.|^[-=+@]|; *[-=+@]""")  # nor shown on a page


@dataclass(frozen=True)
class Person:
    """One of the class, with the fields that nbgrader has for a student."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""


def load_class(course: CourseDirectory, path: Path) -> list[str]:
    """Take a class list over, at any time, and return what is to be told of it.

    Nobody is removed from the gradebook: whoever is no longer on the list keeps the grades there.

    Raises
    ------
    WrongUsage
        If the file is no class list.
    """
    people, told = read_people(path)
    with (Path(course.root) / CLASS_LIST).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(field.name for field in fields(Person))
        writer.writerows(map(astuple, people.values()))
    with Gradebook(course.db_url, course.course_id) as book:
        before = {student.id for student in book.students}
        for person in people.values():
            book.update_or_create_student(
                person.id,
                first_name=person.first_name or None,
                last_name=person.last_name or None,
                email=person.email or None,
                lms_user_id=person.lms_user_id or None,
            )
    new = len(people.keys() - before)
    told.insert(0, f"{len(people)} students are on the class list, {new} of them new.")
    if gone := sorted(before - people.keys()):
        told.append(
            f"In the gradebook and not on the list: {', '.join(gone)}. Their grades stay there, "
            "and are not exported."
        )
    return told


def class_list(course: Path) -> dict[str, Person] | None:
    """Return who is in the class, by id; None where no class list was loaded.

    Raises
    ------
    WrongUsage
        If the file cannot be read.
    """
    path = course / CLASS_LIST
    return read_people(path)[0] if path.is_file() else None


def read_people(path: Path) -> tuple[dict[str, Person], list[str]]:
    """Read a class list of Moodle, Canvas or nbgrader: the people by id, and who was left out.

    Raises
    ------
    WrongUsage
        If it is none; the message says what to do.
    """
    header, *rows = read_table(path)
    columns: dict[str, int] = {}
    for place, heading in enumerate(header):
        columns.setdefault(heading.strip().casefold(), place)
    people: dict[str, Person] = {}
    told = []
    for number, row in enumerate(rows, start=2):
        cells = {name: row[place].strip() for name, place in columns.items() if place < len(row)}
        if not any(cells.values()):
            continue
        if "student" in columns and "section" in columns:
            person = _of_canvas(cells)
        else:
            person = _of_moodle(path, columns, cells)
        if person is None:
            continue
        who = f"{person.first_name} {person.last_name}".strip() or person.id
        if not person.id:
            told.append(
                f"Line {number}, {who or 'without a name'}: left out, as there is no login."
            )
        elif NO_FOLDER.search(person.id):
            told.append(f"Line {number}, {who}: left out, as {person.id!r} can name no folder.")
        elif person.id in people:
            told.append(f"Line {number}, {who}: left out, as {person.id} is there already.")
        else:
            people[person.id] = person
    if not people:
        raise WrongUsage(f"There is nobody in {path}: is it the class list that was meant?")
    return people, told


def _of_canvas(cells: dict[str, str]) -> Person | None:
    """Read a line of the gradebook that Canvas exports; None where it is no student's."""
    name = cells["student"]
    if "points possible" in name.casefold() or name == "Student, Test" or not cells.get("id"):
        return None
    last, _, first = name.partition(",")
    login = cells.get("sis login id") or cells.get("sis user id", "")
    email = login if "@" in login else ""
    return Person(login or cells["id"], first.strip(), last.strip(), email, cells["id"])


def _of_moodle(path: Path, columns: dict[str, int], cells: dict[str, str]) -> Person:
    """Read a line of Moodle's participants, or of a file as nbgrader imports it."""
    found = {
        field: next((cells[each] for each in known if cells.get(each)), "")
        for field, known in HEADINGS.items()
    }
    if not {*HEADINGS["id"], *HEADINGS["email"]} & columns.keys():
        raise WrongUsage(
            f"{path} has no column with logins: it has {', '.join(columns)}. Set your language in "
            "Moodle to English and download the participants again, or name the columns id, "
            "first_name, last_name and email."
        )
    if full := next((cells[each] for each in FULL_NAME if cells.get(each)), ""):
        found["first_name"], _, found["last_name"] = full.rpartition(" ")
    found["id"] = found["id"] or found["email"]  # Moodle shows logins to administrators only
    return Person(**found)


def read_table(path: Path) -> list[list[str]]:
    """Read a table that a school's system or a spreadsheet has written, whatever separates it.

    Raises
    ------
    WrongUsage
        If it cannot be read as a table.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WrongUsage(f"{path} cannot be read: {error.strerror}.") from None
    if data.startswith((b"PK", b"%PDF", b"\xd0\xcf")):
        raise WrongUsage(f"{path} is no CSV file: open it in a spreadsheet, and save it as CSV.")
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")  # as spreadsheets in the West save it
    text = unicodedata.normalize("NFC", text)  # a Mac may write Zoë with two characters at its end
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    if not rows:
        raise WrongUsage(f"{path} is empty: download it again.")
    return rows
