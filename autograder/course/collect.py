"""Collect what a school's system hands over: ``nbgrader zip_collect``, with a class list."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import tarfile
import unicodedata
import zlib
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo
from zoneinfo import ZoneInfo

from nbgrader.apps.zipcollectapp import ZipCollectApp
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin

from autograder.course.roster import Person, class_list, read_table
from autograder.grading.submission import like_a_notebook, moment
from autograder.pack import PACKED
from autograder.usage import WrongUsage

# What the two systems put before a file's name: Moodle's `Ada Lovelace_12345_assignsubmission_file`
# is a folder, or the beginning of a name; Canvas's is `lovelaceada_LATE_11_9999_`.
UPLOAD = re.compile(
    r"(?P<student_id>[^/]+?)_(?:(?P<late>LATE)_)?(?P<upload>\d+)_"
    r"(?:assignsubmission_file_?/?|\d+_)(?P<file_id>[^/].*)"
)
UPLOADS = "uploads.json"  # in downloaded/HW: which folder of Moodle's archive is whose
MAX_UPLOAD, MAX_FILES, MAX_DEPTH = 100 * 2**20, 1_000, 3  # of an archive in the archive
# What opening an archive may raise.
NO_ARCHIVE = BadZipFile, tarfile.TarError, OSError, RuntimeError, EOFError, zlib.error
TIMES = "%d %B %Y, %I:%M %p", "%d %B %Y, %H:%M"  # of Moodle in English, after the day's name


class UploadExtractorPlugin(ExtractorPlugin):
    """Open an archive, and those that students put into it, as far as that can be done.

    nbgrader's own way stops at one that cannot be opened, and does not end with one that holds
    itself. What is left out is kept in ``complaints``.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.complaints: list[str] = []

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Open all archives of a folder into another one, and copy the other files there."""
        for path in sorted(Path(archive_path).rglob("*")):
            to = Path(extracted_path, path.relative_to(archive_path))
            if path.suffix.lower() == ".zip":
                self._open(path, to.with_suffix(""), 0)
            elif path.name.lower().endswith((".tar.gz", ".tgz")):
                try:
                    shutil.unpack_archive(path, to.with_suffix("").with_suffix(""), filter="data")
                except NO_ARCHIVE as error:
                    self._leave_out(path, error)
            elif path.is_file():
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, to)

    def _open(self, path: Path, to: Path, depth: int) -> None:
        """Open an archive; one that is in another one only up to a size, and not too deep."""
        try:
            with ZipFile(path) as archive:
                members = [each for each in archive.infolist() if not each.is_dir()]
                size = sum(each.file_size for each in members)
                if depth and (size > MAX_UPLOAD or len(members) > MAX_FILES or depth > MAX_DEPTH):
                    raise ValueError("it holds too much")
                for member in members:
                    self._take(archive, member, to, depth)
        except (*NO_ARCHIVE, ValueError) as error:
            self._leave_out(path, error)

    def _take(self, archive: ZipFile, member: ZipInfo, to: Path, depth: int) -> None:
        """Take a file out of an archive, and open it where it is one itself."""
        try:
            place = Path(archive.extract(member, to))  # inside of `to`, whatever its name
        except NO_ARCHIVE as error:
            self._complain(f"Left out, as it cannot be read ({error}): {member.filename}")
            return
        if place.suffix.lower() == ".zip":
            self._open(place, place.with_suffix(""), depth + 1)
            place.unlink()

    def _leave_out(self, path: Path, error: Exception) -> None:
        self._complain(f"Left out, as it cannot be opened ({error}): {Path(*path.parts[-2:])}")

    def _complain(self, complaint: str) -> None:
        self.log.warning("%s", complaint)
        self.complaints.append(complaint)


class UploadCollectorPlugin(FileNameCollectorPlugin):
    """Collect all that may be a notebook, whoever else has the same name.

    A student is found on the class list, where there is one. Archives of Moodle and Canvas are
    known; for others nbgrader's ``named_regexp`` says what the names mean. Its group ``upload``,
    where there is one, tells students of one name apart. Files that students made by ``pack`` say
    themselves whose they are, and when they were made, where nothing else says it. What is left
    out or put elsewhere is said in the log, and kept in ``complaints``.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        app: Any = self.parent
        self.complaints: list[str] = []
        self.folders: dict[str, str] = {}  # of a student, in the archive
        self.late: list[str] = []
        self._uploads: dict[str, list[str]] = defaultdict(list)  # by student
        self._students: dict[tuple[str, str], str] = {}
        self._taken: dict[tuple[str, str], bool] = {}  # student and file: is its time known?
        root, self._homework = Path(app.coursedir.root), app.coursedir.assignment_id
        folder = root / app.downloaded_directory / self._homework
        self._extracted = folder / app.extracted_directory
        self._people = class_list(root)
        self._sheet: dict[str, dict[str, str]] = {}  # lines of Moodle's worksheet, by upload
        for path in sorted(folder.glob("*.csv")):
            self._sheet |= _worksheet(path)
        self._zone = str(app.config.get("Exchange", {}).get("timezone", "UTC"))

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Return the student and the file's name in the submission; None to leave it out."""
        path = Path(submitted_file)
        if "__MACOSX" in path.parts or path.name.startswith("."):
            self.log.info("Left out, as it is no upload of a student: %s", path)
            return None
        packed = PACKED.search(path.name)
        if packed and packed["homework"] != self._homework:
            self._complain(f"Left out, as it is no notebook of {self._homework}: {path.name}")
            return None
        told = self._told(submitted_file)
        if told is None:
            self._complain(f"Left out, as its name tells no student: {path.name}")
            return None
        student = self._student(told["student_id"], told.get("upload", ""))
        if not like_a_notebook(path):
            self._complain(f"Left out, as it is no notebook: {student}, {path.name}")
            return None
        if told.pop("late", None) and student not in self.late:
            self.late.append(student)
        when = told.pop("timestamp", None) or self._time(told.get("upload", ""))
        if when := when or (packed["time"] if packed else ""):
            try:
                told["timestamp"] = f"{moment(when)} UTC"
            except ValueError:
                self._complain(f"Nobody knows when it came, as {when!r} is no time: {path.name}")
        file, timed = told["file_id"], "timestamp" in told
        if packed:
            file = str(Path(file).with_name(f"{packed['homework']}.ipynb"))
        while (student, file) in self._taken and not (timed and self._taken[student, file]):
            file = f"another-{file}"
        self._taken[student, file] = timed  # of several with a time, nbgrader takes the newest
        return told | {"student_id": student, "file_id": file}

    def _complain(self, complaint: str) -> None:
        self.log.warning("%s", complaint)
        self.complaints.append(complaint)

    def _told(self, submitted_file: str) -> dict[str, str] | None:
        """Return what a file's path tells of it."""
        found = None
        if self.named_regexp:
            found = re.match(self.named_regexp, submitted_file)
        elif Path(submitted_file).is_relative_to(self._extracted):
            parts = Path(submitted_file).relative_to(self._extracted).parts
            inside = ["/".join(parts[first:]) for first in (*range(1, len(parts)), 0)]
            found = next(filter(None, map(UPLOAD.match, inside)), None)
            if not found and (packed := PACKED.search(parts[-1])):
                return {"student_id": packed["student"], "file_id": parts[-1]}
        if not found:
            return None
        return {name: text for name, text in found.groupdict().items() if text is not None}

    def _student(self, name: str, upload: str) -> str:
        """Return the student's id; a name that nobody can tell whose it is, with the upload."""
        name = unicodedata.normalize("NFC", name)
        if (name, upload) not in self._students:
            self._students[name, upload] = student = self._found(name, upload)
            self.folders[student] = f"{name}_{upload}"
        return self._students[name, upload]

    def _found(self, name: str, upload: str) -> str:
        found = self._candidates(name, upload)
        who = next(iter(found)) if len(found) == 1 else name
        self._uploads[who].append(upload)
        first = len(self._uploads[who]) == 1
        if len(found) == 1 and first:
            return who
        kept = who if first and not found else f"{name}_{upload}"
        if len(found) > 1:
            why = f"{name} can be {' or '.join(sorted(found))}"
        elif not first:
            why = (
                f"Several students are called {name}: upload {self._uploads[who][0]} is {who}, and "
                f"upload {upload} is {kept}"
            )
        else:
            why = f"{name} is not on the class list"
        if self._people is None and first:
            return kept
        self._complain(
            f"{why}. Rename submitted/{kept} to the student's login, then grade; or load the class "
            "list again, and collect again."
        )
        return kept

    def _candidates(self, name: str, upload: str) -> set[str]:
        """Return who on the class list it can be, by the surest sign that there is."""
        people = self._people or {}
        line = self._sheet.get(upload, {})
        email, full = line.get("email address", "").casefold(), line.get("full name", name)

        def is_named(person: Person) -> bool:
            own = _words(f"{person.first_name} {person.last_name}")
            return bool(own) and own in (_words(full), _words(full.partition("-")[2]))

        def is_run_together(person: Person) -> bool:  # as Canvas does
            both = f"{person.last_name} {person.first_name}"
            return bool(both.strip()) and _letters(both) == _letters(name)

        signs = (
            lambda person: bool(email) and email in (person.email.casefold(), person.id.casefold()),
            lambda person: bool(upload) and person.lms_user_id == upload,
            lambda person: person.id.casefold() == name.casefold(),
            is_named,
            is_run_together,
        )
        found = ({person.id for person in people.values() if sign(person)} for sign in signs)
        return next(filter(None, found), set())

    def _time(self, upload: str) -> str:
        """Return when Moodle's worksheet says that it came, in UTC; empty where it does not."""
        when = self._sheet.get(upload, {}).get("last modified (submission)", "-")
        if when in ("", "-"):
            return ""
        date = when.partition(", ")[2]
        for form in TIMES:
            try:
                local = datetime.strptime(date, form).replace(tzinfo=ZoneInfo(self._zone))
            except ValueError:
                continue
            return local.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%d %H:%M:%S UTC")
        return when


def _words(name: str) -> list[str]:
    """Return a name's words in one order, without accents, as two systems agree on them."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return sorted(re.findall(r"\w+", letters.replace("_", " ")))


def _letters(name: str) -> str:
    """Return the letters and digits of a name, which Canvas puts before a file's name."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKC", name.casefold()) if letter.isalnum()
    )


def _worksheet(path: Path) -> dict[str, dict[str, str]]:
    """Read Moodle's grading worksheet: its lines, by the number of the upload."""
    header, *rows = read_table(path)
    columns = [heading.strip().casefold() for heading in header]
    if "identifier" not in columns:
        raise WrongUsage(
            f"{path} is no grading worksheet of Moodle in English: set your language there to "
            "English, and download it again."
        )
    lines = [dict(zip(columns, row, strict=False)) for row in rows]
    return {re.sub(r"\D", "", line["identifier"]): line for line in lines}


def collect(course: Path, homework: str, files: list[Path]) -> list[str]:
    """Sort a school's archive into ``submitted/``, and return what a person should know of it.

    What is there already and is the same stays; what is newly handed in takes its place.

    Parameters
    ----------
    course : Path
        The course's folder.
    homework : str
        The homework's name.
    files : list of Path
        The archive, or several; and Moodle's grading worksheet (CSV), which has the times.

    Raises
    ------
    WrongUsage
        If there is nothing in them that could be collected.
    """
    if missing := [str(path) for path in files if not path.is_file()]:
        raise WrongUsage(f"There is no file {', '.join(missing)}.")
    folder = course / "downloaded" / homework
    _keep(files, folder)
    app = ZipCollectApp()
    app.initialize([homework, "--force"])
    app.log_level = "ERROR"
    aside = str(Path("downloaded") / homework / "sorted")
    shutil.rmtree(course / aside, ignore_errors=True)
    submitted, app.coursedir.submitted_directory = app.coursedir.submitted_directory, aside
    app.start()
    plugin = app.collector_plugin_inst
    moved = _moved(folder / UPLOADS, plugin.folders)
    (folder / UPLOADS).write_text(json.dumps(plugin.folders, indent=1, ensure_ascii=False))
    counts = {"new": 0, "changed": 0, "as before": 0}
    found = []
    for place in sorted((course / aside).glob(f"*/{homework}")):
        student = place.parent.name
        found.append(student)
        to = course / app.coursedir.format_path(submitted, student, homework)
        counts[_put(place, to)] += 1
    shutil.rmtree(course / aside, ignore_errors=True)
    complaints = [*app.extractor_plugin_inst.complaints, *plugin.complaints]
    if not found:
        what = " ".join(complaints) or "There is no file in it."
        raise WrongUsage(f"Nothing could be collected from what was given. {what}")
    numbers = ", ".join(f"{count} {what}" for what, count in counts.items())
    told = [f"{homework}: {len(found)} students, {numbers}.", *complaints, *moved]

    def is_timed(student: str) -> bool:
        place = course / app.coursedir.format_path(submitted, student, homework)
        return (place / "timestamp.txt").exists()

    if untimed := [student for student in plugin.late if not is_timed(student)]:
        told.append(
            f"Late, and the archive does not say since when: {', '.join(sorted(untimed))}. Write "
            f"it into submitted/STUDENT/{homework}/timestamp.txt, as 2027-03-14 12:00:00 UTC."
        )
    if absent := sorted((class_list(course) or {}).keys() - found):
        told.append(f"Nothing from {len(absent)} of the class: {', '.join(absent)}.")
    return told


def _keep(files: list[Path], folder: Path) -> None:
    """Copy archives and worksheet to where nbgrader looks; new archives replace the old ones."""
    sheets = [path for path in files if path.suffix.lower() == ".csv"]
    if archives := [path for path in files if path not in sheets]:
        shutil.rmtree(folder / "archive", ignore_errors=True)
    (folder / "archive").mkdir(parents=True, exist_ok=True)
    for path in archives:
        shutil.copy(path, folder / "archive" / path.name)
    for path in sheets:
        _worksheet(path)  # refused where it is none
        shutil.copy(path, folder / "worksheet.csv")


def _moved(uploads: Path, folders: dict[str, str]) -> list[str]:
    """Tell of whom an earlier collection took for somebody else."""
    before = json.loads(uploads.read_text()) if uploads.exists() else {}
    now = {folder: student for student, folder in folders.items()}
    return [
        f"{student} is now known as {now[folder]}: if that is right, take the grades under the old "
        f"name away by `nbgrader db student remove {shlex.quote(student)} --force`, and its folder "
        "in submitted/."
        for student, folder in before.items()
        if now.get(folder, student) != student
    ]


def _put(place: Path, to: Path) -> str:
    """Move a submission to where it belongs, unless the same is there; say which it is."""
    if not to.exists():
        to.parent.mkdir(parents=True, exist_ok=True)
        place.rename(to)
        return "new"
    new, old = _content(place), _content(to)
    if "timestamp.txt" not in new:
        old.pop("timestamp.txt", None)
    if new == old:
        return "as before"
    shutil.rmtree(to)
    place.rename(to)
    return "changed"


def _content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
