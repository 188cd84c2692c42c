"""A homework as nbgrader keeps it: what was handed in, and where the grades go.

What is left behind is what `nbgrader autograde` leaves. Each submission is written at once or not
at all, so that a grader which is killed at any moment loses no score, and the next run goes on
from there.
"""

from __future__ import annotations

import fcntl
import fnmatch
import glob
import hmac
import json
import os
import random
import re
import shutil
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    InvalidEntry,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.utils import find_all_files
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from autograder.course.roster import class_list
from autograder.grading.grade import Graded, secret_seed
from autograder.grading.insides import Book, steps_of
from autograder.grading.sandbox import Limits
from autograder.grading.submission import (
    Record,
    files,
    find,
    is_by_hand,
    moment,
    open_regular,
    read_regular,
    shown,
)
from autograder.suite import exercises, homeworks
from autograder.usage import WrongUsage

MAX_TIMESTAMP = 100  # bytes
# Files that nbgrader and the browser of whoever looks at a submission take for what they are. All
# others get this ending too, with which no browser runs them from formgrader's pages.
PLAIN, ENDING = {".csv", ".gif", ".jpeg", ".jpg", ".npy", ".npz", ".png", ".txt"}, ".txt"
TIMESTAMP, SECRET = "timestamp.txt", "submission_secret.txt"  # files with a meaning to nbgrader
# In a student's id: what formgrader's pages do not escape; at its start: what spreadsheets run.
ODD_ID = re.compile("""[<>"'&]|(^|;) *[-=+@\uff0b\uff0d\uff1d\uff20]""")
NBGRADERS_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \S+\s*")
KILOBYTE = 1000  # as nbgrader counts them
STRANGER = (
    "Not on the class list, so the grade is kept apart and not exported: rename the folder in "
    "`submitted/` to the student's login and grade it, or load the list again."
)
ATTEMPTS = 8  # to write a grade, where others write into the gradebook too


@dataclass(frozen=True)
class Submitted:
    """What a student handed in: a folder, or whatever is in its place.

    ``folder`` is None where it is a link to somewhere else, which is not followed; ``timestamp``
    is None where there is none, and ``odd`` tells why nobody can read the one that there is.
    """

    student: str
    folder: Path | None
    timestamp: datetime | None = None
    odd: str = ""

    @property
    def shown(self) -> str:
        """The student's id, as it can be printed."""
        return shown(self.student)


class UnusableId(ValueError):
    """A student's id that would do harm where it is shown."""


class Assignment:
    """A homework as nbgrader keeps it: what was handed in, and where the grades go.

    Parameters
    ----------
    autograde : nbgrader.converters.Autograde
        Holds nbgrader's settings.
    exporter : autograder.grading.nbgrader.SubmissionExporter
        Holds ours.

    Raises
    ------
    WrongUsage
        If nbgrader is not ready for it.
    """

    def __init__(self, autograde: Any, exporter: Any) -> None:
        self._autograde, self._exporter = autograde, exporter
        self.coursedir = autograde.coursedir
        self._book: Book | None = None
        self.course = Path(self.coursedir.root)
        self.name: str = self.coursedir.assignment_id
        self.sandbox: bool = exporter.sandbox
        if self.name not in homeworks():
            known = ", ".join(homeworks())
            raise WrongUsage(f"There is no homework {self.name!r}; there are {known}.")
        try:
            self.limits = Limits(**exporter.limits)
        except TypeError as error:
            raise WrongUsage(f"c.SubmissionExporter.limits: {error}.") from None
        steps = autograde.autograde_preprocessors
        if any(getattr(step, "__name__", step).endswith("Execute") for step in steps):
            raise WrongUsage(
                "nbgrader would run strangers' code without a sandbox: in nbgrader_config.py, set "
                "c.Autograde.autograde_preprocessors as the course's own file does."
            )
        self.people = class_list(self.course)
        self._check_gradebook()

    def _check_gradebook(self) -> None:
        ours = {f"check_{f}": points for f, points in exercises(self.name).items()}
        self.by_hand = self._by_hand()
        ours |= self.by_hand
        try:
            with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as book:
                notebook = book.find_notebook(self.name, self.name)
                self.due: datetime | None = notebook.assignment.duedate
                known = {cell.name: cell.max_score for cell in notebook.grade_cells}
                self._checksums = {cell.name: cell.checksum for cell in notebook.source_cells}
                self._notebook = notebook.id
                tasks = {cell.id for cell in notebook.task_cells}
                self._graded_cells = {cell.id for cell in notebook.grade_cells} | tasks
                self._commented_cells = {cell.id for cell in notebook.solution_cells} | tasks
        except MissingEntry:
            raise WrongUsage(
                f"The gradebook does not know {self.name}: run "
                f"`nbgrader generate_assignment {self.name} --force`."
            ) from None
        except ModuleNotFoundError as error:
            raise WrongUsage(
                f"The gradebook's database needs a driver ({error}). For PostgreSQL, run "
                "`pip install 'unrolled[postgresql]'`, and let c.CourseDirectory.db_url begin with "
                "postgresql+psycopg://."
            ) from None
        except SQLAlchemyError as error:
            raise WrongUsage(
                f"The gradebook cannot be used ({getattr(error, 'orig', error)}). If an older "
                "nbgrader made it, make a copy of it and run `nbgrader db upgrade`."
            ) from None
        if known != ours:
            raise WrongUsage(
                f"The gradebook holds another version of {self.name}, with other points: run "
                f"`nbgrader generate_assignment {self.name} --force`."
            )

    def _by_hand(self) -> dict[str, float]:
        """Return the points of the answers that a person grades, by the source notebook."""
        folder = self.coursedir.format_path(self.coursedir.source_directory, ".", self.name)
        try:
            source = nbformat.read(Path(folder, f"{self.name}.ipynb"), as_version=4)
        except FileNotFoundError:
            return {}  # which loading it tells, with what to do
        marks = [cell.metadata.nbgrader for cell in source.cells if is_by_hand(cell)]
        return {mark.grade_id: float(mark.points) for mark in marks}

    # --- what was handed in

    def submitted(self) -> list[Submitted]:
        """List what was handed in, by student."""
        pattern, full = self._path("*"), self._path("\0")
        student = re.compile(re.escape(full).replace(re.escape("\0"), "(.+)", 1), re.DOTALL)
        above_students = self.course / os.path.dirname(full.partition("\0")[0])
        found = []
        for name in sorted(glob.glob(pattern, root_dir=self.course)):
            if match := student.fullmatch(name):
                folder = self.course / name
                inside = folder.relative_to(above_students)
                parts = (inside, *inside.parents[:-1])
                if any(os.path.islink(above_students / part) for part in parts):
                    found.append(Submitted(match[1], None))
                else:
                    found.append(Submitted(match[1], folder, *_timestamp(folder, self._zone)))
        # A Mac writes Zoë with two characters for the last letter, a class list with one.
        names = {each.student for each in found}
        composed = {name: unicodedata.normalize("NFC", name) for name in names}
        return [
            each
            if composed[each.student] in names
            else replace(each, student=composed[each.student])
            for each in found
        ]

    def misplaced(self) -> list[Path]:
        """List notebooks that lie beside the folder which they belong into."""
        beside = os.path.join(os.path.dirname(self._path("*")), f"{self.name}.ipynb")
        return [Path(found) for found in sorted(glob.glob(beside, root_dir=self.course))]

    def _path(self, student: str) -> str:
        """Return where a student's submission is, seen from the course's folder."""
        return str(
            self.coursedir.directory_structure.format(
                nbgrader_step=self.coursedir.submitted_directory,
                student_id=student,
                assignment_id=self.name,
            )
        )

    def to_grade(self, student: str = "", force: bool = False) -> list[Submitted]:
        """List what is not graded yet, or was handed in again since.

        Parameters
        ----------
        student : str
            Only this one's, a pattern as nbgrader takes them; everyone's if left out.
        force : bool
            Whether to grade again what is graded.
        """
        wanted = student or self.coursedir.student_id
        excluded = self.coursedir.student_id_exclude.split(",")
        force = force or self._autograde.force
        return [
            submitted
            for submitted in self.submitted()
            if (submitted.student == wanted or fnmatch.fnmatchcase(submitted.student, wanted))
            and submitted.student not in excluded
            and (force or not self._is_graded(submitted))
        ]

    @property
    def has_grades(self) -> bool:
        """Whether something that was handed in is graded."""
        return any(map(self._is_graded, self.submitted()))

    def _is_graded(self, submitted: Submitted) -> bool:
        graded = self._destination(submitted)
        if not (graded / f"{self.name}.ipynb").exists():
            return False
        before, _ = _timestamp(graded, self._zone)
        if submitted.timestamp:
            return before is not None and submitted.timestamp <= before
        return _newest(submitted.folder) <= _newest(graded)

    def _destination(self, submitted: Submitted) -> Path:
        step = self.coursedir.autograded_directory
        return Path(self.coursedir.format_path(step, submitted.student, self.name))

    def read(self, submitted: Submitted) -> tuple[bytes | None, Record]:
        """Read what a student handed in, and what is to be told of it so far.

        Raises
        ------
        UnusableId
            If the student's id must not get into the gradebook.
        """
        if ODD_ID.search(submitted.student) or not submitted.student.isprintable():
            raise UnusableId(
                "a student's id may not hold < > \" ' & or control characters, nor - = + @ at "
                "its start or after a semicolon: rename the folder"
            )
        if not unicodedata.is_normalized("NFC", submitted.student):
            raise UnusableId(
                "the name of its folder looks like another student's: put the right files into one"
            )
        record = Record()
        if submitted.odd:
            record.doubt(
                f"timestamp.txt {submitted.odd}, so nobody knows whether it came in time: it "
                "should hold a time such as 2027-03-12 23:58:00 +0100."
            )
        renamed = [inside for _, inside, kept in self._others(submitted.folder) if inside != kept]
        if renamed:
            names = ", ".join(f"`{shown(str(inside))}`" for inside in renamed[:3])
            more = f" and {len(renamed) - 3} more" if len(renamed) > 3 else ""
            record.note(f"Kept with the ending {ENDING}, as browsers open it: {names}{more}.")
        if submitted.folder is None:
            record.doubt("The submission is a link to somewhere else: links are not followed.")
            return None, record
        return find(submitted.folder, self.name, record), record

    # --- where the grades go

    def write(self, submitted: Submitted, graded: Graded) -> list[str]:
        """Write a grade: into the gradebook in one transaction, then the folder in one move.

        Killed in between, the folder is missing or the old one, and the next run grades it again.

        Returns
        -------
        list of str
            What is in the gradebook for which a person should look.
        """
        place = self._destination(submitted)
        place.parent.mkdir(parents=True, exist_ok=True)
        with _alone(place.parent):
            told = self._write(place, submitted, graded)
        strange = self.people is not None and submitted.student not in self.people
        return [*told, STRANGER] if strange else told

    def _write(self, place: Path, submitted: Submitted, graded: Graded) -> list[str]:
        new, old = (place.with_name(f".{place.name}.{state}") for state in ("new", "old"))
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)
        self._copy_files(submitted, new)
        if self._book is None:
            self._book = Book(self.coursedir.db_url, self.coursedir.course_id)
        steps = steps_of(self._autograde, self._exporter)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._book.transaction(steps):
                    text, told = self._enter(self._book, steps, submitted, graded)
                    notebook = new / f"{self.name}.ipynb"
                    notebook.write_text(text, encoding="utf-8", newline="")
                    for path in find_all_files(str(new)):
                        os.chmod(path, int(str(self._autograde.permissions), 8))
                break
            except (SQLAlchemyError, InvalidEntry) as error:
                if attempt == ATTEMPTS or not _passes(error):
                    raise
                time.sleep(random.random())
        with suppress(FileNotFoundError):
            place.rename(old)
        new.rename(place)
        shutil.rmtree(old, ignore_errors=True)
        if self.coursedir.groupshared:
            self._autograde.set_permissions(self.name, submitted.student)
        return told

    def close(self) -> None:
        """Close the gradebook."""
        if self._book:
            self._book.close_for_good()

    def _copy_files(self, submitted: Submitted, to: Path) -> None:
        """Copy the other files of a submission and of the homework, as nbgrader does.

        Of a submission, only ordinary files, up to the sizes that nbgrader collects.
        """
        to.mkdir(parents=True)
        ignore = [*self.coursedir.ignore, "*.ipynb"]
        left = self.coursedir.max_dir_size * KILOBYTE
        for path, _, kept in self._others(submitted.folder):
            with suppress(OSError), open(open_regular(path), "rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size <= min(left, self.coursedir.max_file_size * KILOBYTE):
                    left -= size
                    (to / kept).parent.mkdir(parents=True, exist_ok=True)
                    (to / kept).write_bytes(file.read(size))
        self._copy_nbgraders_files(submitted, to)
        source = self.coursedir.format_path(self.coursedir.source_directory, ".", self.name)
        keep = self._autograde.exclude_overwriting.get(self.name, [])
        for name in find_all_files(source, ignore):
            inside = Path(os.path.relpath(name, source))
            if str(inside) not in keep:
                (to / inside).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(name, to / inside)

    def _others(self, folder: Path | None) -> Iterator[tuple[Path, Path, Path]]:
        """Yield the other files of a submission: where each is, in the folder, and when kept."""
        ignore = [*self.coursedir.ignore, "*.ipynb"]
        if folder is None:
            return
        for path in files(folder):
            inside = path.relative_to(folder) if path != folder else Path(path.name)
            if any(fnmatch.fnmatch(part, each) for part in inside.parts for each in ignore):
                continue
            if str(inside) in (TIMESTAMP, SECRET):
                continue
            plain = inside.suffix.lower() in PLAIN
            yield path, inside, inside if plain else inside.with_name(inside.name + ENDING)

    def _copy_nbgraders_files(self, submitted: Submitted, to: Path) -> None:
        """Write the files by which nbgrader releases feedback, of which it expects to read them.

        One file that it cannot read, or that is missing where somebody put the work in place by
        hand, would end the release for the whole class. What is no secret of nbgrader's becomes
        one that nobody else knows.
        """
        read = submitted.timestamp or (datetime.now(UTC) if submitted.odd else datetime(1970, 1, 1))
        when, secret = f"{read:%Y-%m-%d %H:%M:%S.%f} UTC", b""
        if submitted.timestamp and submitted.folder:
            raw = read_regular(submitted.folder / TIMESTAMP, MAX_TIMESTAMP).decode()
            if NBGRADERS_TIME.fullmatch(raw):  # by which a student's feedback is found again
                when = raw
        (to / TIMESTAMP).write_text(when)
        if submitted.folder:
            with suppress(OSError):
                secret = read_regular(submitted.folder / SECRET, 200)
        if not re.fullmatch(rb"[0-9a-f]{64,128}", secret):
            about = f"{self.name}/{submitted.student}".encode()
            secret = hmac.digest(secret_seed(self.course).encode(), about, "sha512").hex().encode()
        (to / SECRET).write_bytes(secret)

    @property
    def _zone(self) -> str:
        """The time zone in which nbgrader's exchange writes timestamps."""
        return str(self._autograde.config.get("Exchange", {}).get("timezone", "UTC"))

    def _complete(self, entry: SubmittedAssignment) -> None:
        """Give a submission rows for all cells: it may be only an extension, or older than some."""
        if not entry.notebooks:
            entry.notebooks.append(SubmittedNotebook(notebook_id=self._notebook))
        for notebook in entry.notebooks:
            for cell in self._graded_cells - {grade.cell_id for grade in notebook.grades}:
                notebook.grades.append(Grade(cell_id=cell))
            for cell in self._commented_cells - {each.cell_id for each in notebook.comments}:
                notebook.comments.append(Comment(cell_id=cell))

    def _enter(
        self, book: Gradebook, steps: list[Any], submitted: Submitted, graded: Graded
    ) -> tuple[str, list[str]]:
        """Enter a grade, and return the notebook that goes with it, and what waits for a person."""
        if self._autograde.create_student:
            book.update_or_create_student(submitted.student)
        when = {"timestamp": submitted.timestamp} if submitted.timestamp else {}
        entry = book.update_or_create_submission(self.name, submitted.student, **when)
        self._complete(entry)
        extension = entry.extension
        if entry.assignment.duedate is None:  # from which nbgrader would count all the same
            entry.extension = None
        about = {
            "student": submitted.student,
            "assignment": self.name,
            "notebook": self.name,
            "db_url": self.coursedir.db_url,
        }
        resources = {"unique_key": self.name, "nbgrader": about}
        for cell in graded.notebook.cells:  # by which nbgrader tells an answer from a stub
            if checksum := self._checksums.get(cell.metadata.get("nbgrader", {}).get("grade_id")):
                cell.metadata.nbgrader.checksum = checksum
        notebook = graded.notebook
        notebook.metadata["unrolled"]["due"] = str(entry.duedate or "")
        for step in steps:
            notebook, resources = step(notebook, resources)
        entry.extension = extension
        if lateness := _lateness(entry):
            notebook.cells.insert(0, nbformat.v4.new_markdown_cell(lateness, id="lateness"))
        nbformat.validate(notebook)
        return str(nbformat.v4.writes(notebook)) + "\n", _waiting(entry, graded.record.doubts)


def _newest(folder: Path | None) -> float:
    """Return when the newest file in a folder was written, where no timestamp tells it."""
    newest = 0.0
    for path in files(folder) if folder else ():
        with suppress(OSError):
            newest = max(newest, path.lstat().st_mtime)
    return newest


def _waiting(entry: SubmittedAssignment, doubts: list[str]) -> list[str]:
    """Have formgrader show what waits for a person, and return what the gradebook adds to it."""
    grades = [each for each in entry.notebooks[0].grades if each.auto_score is not None]
    if doubts and not any(grade.needs_manual_grade for grade in grades):
        fewer = [grade for grade in grades if grade.auto_score < (grade.max_score or 0.0)]
        for grade in sorted(fewer or grades, key=lambda grade: grade.name)[:1]:
            grade.needs_manual_grade = True
    return [
        stale(grade.name, grade.manual_score, grade.auto_score)
        for grade in grades
        if grade.needs_manual_grade and grade.manual_score is not None
    ]


def stale(cell: str, by_hand: float, computed: float) -> str:
    """Tell of points by hand that were given before the work was graded again."""
    return (
        f"`{cell.removeprefix('check_')}` keeps {by_hand:g} points by hand, given before it was "
        f"graded again; the tests give {computed:g}. Look in formgrader which of them should count."
    )


def _lateness(entry: SubmittedAssignment) -> str:
    """Tell the student of the due date, where something about it is out of the ordinary."""
    if not (entry.timestamp and entry.assignment.duedate):
        return ""
    longer = entry.extension or timedelta()
    extended = f", {duration(longer.total_seconds())} later than for the others" if longer else ""
    due = f"the due date ({entry.duedate:%Y-%m-%d %H:%M} UTC{extended})"
    if late := entry.total_seconds_late:
        penalty = sum(notebook.late_submission_penalty or 0.0 for notebook in entry.notebooks)
        cost = f"{penalty:.3g} points are taken off for that" if penalty else "which costs nothing"
        return f"Handed in {duration(late)} after {due}: {cost}."
    return f"Handed in before {due}." if longer else ""


def due_when_graded(notebook: Path) -> str | None:
    """Return the due date by which the penalty in a graded notebook was computed, if it says so."""
    try:
        due = json.loads(notebook.read_bytes())["metadata"]["unrolled"]["due"]
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return None
    return str(due)


def duration(seconds: float) -> str:
    """Return a time in the unit that fits."""
    for unit, length in (("days", 86400), ("h", 3600)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(1, round(seconds / 60))} min"


def _timestamp(folder: Path, zone: str) -> tuple[datetime | None, str]:
    """Read a folder's timestamp, and tell why nobody can read the one that there is."""
    path, text = folder / TIMESTAMP, ""
    if not os.path.lexists(path):
        return None, ""
    try:
        text = read_regular(path, MAX_TIMESTAMP).decode("ascii").strip()
        return moment(text, zone), ""
    except (OSError, ValueError):
        said = f"says `{shown(text)}`, which can be several times or none"
        return None, said if text else "cannot be read"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other grader is at work in a folder; the lock ends with the process."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems lock no folders
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _passes(error: Exception) -> bool:
    """Tell whether an error of the database may pass: others write too, or it was restarted."""
    cause = error.__context__ if isinstance(error, InvalidEntry) else error
    return isinstance(cause, IntegrityError | OperationalError)
