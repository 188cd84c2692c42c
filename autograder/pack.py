"""Make the file that a student hands in where there is no exchange: ``pack``."""

from __future__ import annotations

import getpass
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from autograder.guide import homeworks_here
from autograder.kinds import Kind
from autograder.report import Report
from autograder.suite import homework_of, homeworks
from autograder.terminal import check_notebook, expect_file
from autograder.usage import WrongUsage

NAMED = "{homework}.{student}.{time:%Y%m%dT%H%M%SZ}.ipynb"
# What it may have become on its way: browsers and schools' systems add to the end of a name.
PACKED = re.compile(
    r"(?P<homework>hw\d+_\w+?)\.(?P<student>[^/\\.][^/\\]*)\.(?P<time>\d{8}T\d{6}Z)[^/\\]*"
)
_NO_NAME = re.compile(r"[^\w.@+ -]")  # what some system has no file of


def pack(what: str, student: str = "") -> bool:
    """Check a notebook once more, say what grading will make of it, and pack it to be handed in.

    Parameters
    ----------
    what : str
        The notebook, or the name of its homework; may be empty where there is one only.
    student : str
        The name that the instructor knows; the login's if left out.

    Returns
    -------
    bool
        Whether all tests pass.

    Raises
    ------
    WrongUsage
        If there is no such notebook, or the file cannot be written.
    """
    path, here, now = _notebook(what), Path.cwd(), datetime.now(UTC)
    expect_file(path)
    content = path.read_bytes()
    reports = check_notebook(path)
    homework = homework_of(reports[0].function)
    name = _NO_NAME.sub("_", student or _login()).strip(". ")
    if not name:
        raise WrongUsage("Say who you are, as your instructor knows you: --name NAME.")
    packed = here / NAMED.format(homework=homework, student=name, time=now)
    try:
        with packed.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise WrongUsage(
            f"{packed} cannot be written ({error.strerror}): try again, or in another folder, "
            "with the notebook's path."
        ) from None
    print(_what_grading_makes(reports))
    print(f"\nHand in this file: {packed.name}")
    print(f"It says that you are {name}; --name NAME changes that.")
    return all(report.points == report.worth for report in reports)


def _notebook(what: str) -> Path:
    """Return the path of the notebook that is meant."""
    found = homeworks_here()
    if what in homeworks():
        if what not in found:
            raise WrongUsage(f"There is no notebook of {what} here: give the path of the file.")
        return found[what]
    if what or not found:
        return Path(what or "hw1_unrolling.ipynb")  # of which it is said that it does not exist
    if len(found) > 1:
        raise WrongUsage(f"Say which one: {', '.join(found)}.")
    return next(iter(found.values()))


def _login() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a user without a name, as in containers
        return ""


def _what_grading_makes(reports: Sequence[Report]) -> str:
    """Say what the file will get, by the public data, and what is missing in it."""
    got, worth = (sum(getattr(report, what) for report in reports) for what in ("points", "worth"))
    kinds = {
        r.function: {t.mistake.kind for t in r.results if t.mistake and t.stub in ("", r.function)}
        for r in reports
    }
    lines = [
        f"Grading draws other numbers for the same tests: it gives {got:g} of {worth:g} points, "
        "or fewer where a function does not hold for these."
    ]
    for kind, told in ((Kind.NOT_STARTED, "Not written yet"), (Kind.MISSING, "Not there at all")):
        if names := [name for name in kinds if kind in kinds[name]]:
            lines.append(f"{told}: {', '.join(names)}.")
    return "\n".join(["", *lines])
