"""Start a homework: its files under the right names, with the places to fill in marked."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.course.written import MODEL, SKELETON, written
from autograder.suite import homeworks
from autograder.usage import WrongUsage

TODO = "TODO"  # marks a place to fill in


def new(course: Path, homework: str) -> tuple[str, ...]:
    """Write the files of a new homework, and overwrite none.

    Parameters
    ----------
    course : Path
        The course's folder.
    homework : str
        Its name, such as ``"hw8_attention"``.

    Returns
    -------
    tuple of str
        The files, relative to the course.

    Raises
    ------
    WrongUsage
        If the name is bad or taken, or one of the files is there.
    """
    if not re.fullmatch(r"hw[1-9][0-9]?_[a-z][a-z0-9_]*", homework):
        raise WrongUsage(
            f"{homework!r} is no name for a homework: write hw, a number from 1 to 99, _ and words "
            "of small letters, such as hw8_attention."
        )
    taken = {name.partition("_")[0]: name for name in homeworks()}
    number = homework.partition("_")[0]
    if number in taken:
        raise WrongUsage(f"{number} is taken by {taken[number]}: choose another number.")
    there = [file for file in written(homework) if (course / file).exists()]
    if there:
        raise WrongUsage(
            f"{', '.join(there)} is there already: move it away, or choose another name."
        )
    for file, model in zip(written(homework), written(MODEL), strict=True):
        text = (SKELETON / model).read_text("utf-8")
        text = text.replace(MODEL, homework).replace("Homework 0", f"Homework {number[2:]}")
        (course / file).parent.mkdir(exist_ok=True)
        (course / file).write_text(text, "utf-8")
    return written(homework)
