"""Begin a new term: put all of a class away, in one archive that can be read again."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from sqlite3 import Error, connect

from nbgrader.coursedir import CourseDirectory

from autograder.usage import WrongUsage

TERMS = "terms"  # the folder of the archives
GRADEBOOK = "gradebook.db"
CLASS = (  # what belongs to a class, beside the gradebook
    *("submitted", "autograded", "feedback", "downloaded", "reports", "exchange", "backup"),
    *(".secret_seed", "*.csv", "feedback-*.zip"),
)


def new_term(course: CourseDirectory, name: str) -> list[str]:
    """Archive a class, see that the archive can be read, and take the class out of the folder.

    Parameters
    ----------
    course : nbgrader.coursedir.CourseDirectory
        The settings of the course.
    name : str
        What the archive is called, such as ``"2027-spring"``.

    Returns
    -------
    list of str
        What is to be told of it.

    Raises
    ------
    WrongUsage
        If it cannot be archived; then nothing is taken away.
    """
    root = Path(course.root)
    if not name.replace("-", "").replace("_", "").isalnum():
        raise WrongUsage(f"{name!r} is no name for a term: use letters, digits and hyphens.")
    book = root / GRADEBOOK
    if course.db_url != f"sqlite:///{book}":
        raise WrongUsage(
            f"The gradebook is not {GRADEBOOK} in this folder: dump it with the database's own "
            "command, and give the next class another one in c.CourseDirectory.db_url. Then move "
            "the folders of this class away."
        )
    archive = root / TERMS / f"{name}.tar.gz"
    if archive.exists():
        raise WrongUsage(f"{archive} is there already: choose another name.")
    found = sorted({path for pattern in CLASS for path in root.glob(pattern)})
    parts = [path for path in found if not path.is_dir() or any(path.iterdir())]
    if not parts and not book.exists():
        raise WrongUsage("There is nothing of a class here: no gradebook, and nothing handed in.")
    archive.parent.mkdir(mode=0o700, exist_ok=True)
    draft = archive.with_suffix(".part")
    try:
        with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
            copy = Path(folder, GRADEBOOK)
            if book.exists():
                with closing(connect(book)) as live, closing(connect(copy)) as kept:
                    live.backup(kept)
            _pack(draft, root, parts, copy)
            count = _check(draft, root, parts, copy, Path(folder))
    except (OSError, tarfile.TarError, Error) as error:
        draft.unlink(missing_ok=True)
        raise WrongUsage(f"The class cannot be archived, and stays: {error}.") from None
    draft.rename(archive)
    for path in [*parts, *root.glob(f"{GRADEBOOK}*"), root / ".nbgrader.log"]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    told = [
        f"{archive.relative_to(root)} holds {count} files of the class, each *.csv among them, and "
        "was read again: keep it where students cannot read it, as long as your rules ask.",
        "Nobody is in the gradebook now: load the class list, and run `nbgrader "
        "generate_assignment HW --force` for each homework. A new seed is drawn in grading.",
    ]
    exchange = str(course.config.get("Exchange", {}).get("root", ""))
    if exchange and Path(exchange) != root / "exchange":
        told.append(f"The exchange, {exchange}, is left as it is: empty {course.course_id} there.")
    return told


def _pack(archive: Path, root: Path, parts: list[Path], book: Path) -> None:
    """Write the archive, readable by its owner only; links in it stay links."""
    descriptor = os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as made:
        for path in parts:
            made.add(path, str(path.relative_to(root)))
        if book.exists():
            made.add(book, GRADEBOOK)


def _check(archive: Path, root: Path, parts: list[Path], book: Path, folder: Path) -> int:
    """Read an archive again, file by file, and return how many there are.

    Raises
    ------
    OSError
        If a file is missing, or another one than is here.
    """
    here = {GRADEBOOK: book} if book.exists() else {}
    for part in parts:
        for path in (part, *part.rglob("*")):
            if path.is_file() and not path.is_symlink():
                here[str(path.relative_to(root))] = path
    with tarfile.open(archive) as made:
        for member in made:
            content = made.extractfile(member) if member.isreg() else None
            if content is None:
                continue
            path = here.pop(member.name)
            with content:
                same = content.read() == path.read_bytes()
            if not same:
                raise OSError(f"{member.name} was changed meanwhile: try it again")
        if here:
            raise OSError(f"{next(iter(here))} is missing from the archive")
        count = sum(member.isreg() for member in made)
        if book.exists():
            made.extract(GRADEBOOK, folder / "again", filter="data")
            with closing(connect(folder / "again" / GRADEBOOK)) as again:
                (state,) = again.execute("PRAGMA integrity_check").fetchone()
                if state != "ok":
                    raise OSError(f"the gradebook is damaged: {state}")
    return count
