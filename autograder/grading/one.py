"""Grade one notebook without a gradebook, for whoever keeps grades: ``grade-one``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.grading.grade import SEED, Graded, Homework, grade
from autograder.grading.sandbox import Limits, try_sandbox
from autograder.grading.submission import (
    MAX_FILE,
    Record,
    Unreadable,
    find,
    is_by_hand,
    read,
    read_regular,
    shown,
)
from autograder.suite import exercises, homework_of_cells
from autograder.usage import LOOK, WELL, WrongUsage

VERSION = 1  # of what `grade-one --json` prints; docs/grade-one.md tells what it holds


def grade_one(path: Path, name: str = "", as_json: bool = False, sandbox: bool = True) -> int:
    """Grade a notebook, and print its points, tests and causes.

    Parameters
    ----------
    path : Path
        The notebook, or the folder that was handed in.
    name : str
        The homework that it should be; told by the notebook if left out.
    as_json : bool
        Print JSON, and no report.
    sandbox : bool
        False grades without one, where the student is trusted.

    Returns
    -------
    int
        The exit status: 0 if it is graded, 1 if a person should look at it too.

    Raises
    ------
    WrongUsage
        If it cannot be graded as things stand.
    """
    record = Record()
    data, name = _handed_in(path, name, record)
    homework = _homework(Path.cwd(), name)
    if sandbox:
        try_sandbox()
    graded = grade(data, homework, Limits(), sandbox, record)
    told = _told(path, graded, homework, sandbox)
    print(json.dumps(told, indent=1) if as_json else _text(told, graded.notebook))
    return LOOK if graded.record.doubts else WELL


def _handed_in(path: Path, name: str, record: Record) -> tuple[bytes, str]:
    """Return the notebook file's content, and the homework that it is."""
    where = shown(str(path), 200)
    if path.is_dir():
        if not name:
            raise WrongUsage(f"{where} is a folder: say which homework it is, with --homework.")
        data = find(path, name, record)
    else:
        try:
            data = read_regular(path, MAX_FILE + 1)
        except OSError as error:
            why = "it is a link" if path.is_symlink() else error.strerror or str(error)
            raise WrongUsage(f"{where} cannot be read: {why}. Give the .ipynb file.") from None
    if data is None:
        raise WrongUsage(f"{where}: {' '.join(record.problems)}")
    try:
        cells = read(data, Record())
    except Unreadable as error:
        raise WrongUsage(f"{where} cannot be graded. {error}") from None
    names = [name for cell in cells for name in (cell.metadata.grade_id, cell.metadata.id)]
    found = homework_of_cells(names, [cell.source for cell in cells])
    if not found:
        raise WrongUsage(f"{where} has no exercise of the course: give a homework's notebook.")
    if name and found != name:
        raise WrongUsage(f"{where} is {found}, and not {name}: give the notebook of {name}.")
    return data, found


def _homework(course: Path, name: str) -> Homework:
    """Load a homework with the secret data, where the course and its seed are in this folder."""
    try:
        if (course / SEED).is_file() and (course / "solutions").is_dir():
            return Homework.load(course, name)
        return Homework.without_secrets(name)
    except (FileNotFoundError, ModuleNotFoundError) as error:
        raise WrongUsage(
            f"{name} cannot be loaded ({error}): in the course's folder, run "
            f"`python -m autograder build {name}`."
        ) from None


def _told(path: Path, graded: Graded, homework: Homework, sandbox: bool) -> dict[str, Any]:
    """Return what `grade-one --json` prints."""
    return {
        "version": VERSION,
        "file": shown(str(path), 1000),
        "data": "secret" if homework.secret else "public",
        "sandbox": sandbox,
        "points": round(sum(graded.scores.values()), 10),
        "worth": sum(exercises(homework.name).values()),
        **graded.notebook.metadata["unrolled"],
    }


def _text(told: dict[str, Any], notebook: NotebookNode) -> str:
    """Return the same as text: a report for each function, what was wrong, the points."""
    parts = list(_reports(notebook))
    parts += [f"About this submission: {problem}" for problem in told["problems"]]
    total = f"{told['homework']}: {told['points']:g} of {told['worth']:g} points"
    where = "" if told["sandbox"] else ", without a sandbox"
    return "\n\n".join([*parts, f"{total} on {told['data']} data{where}"])


def _reports(notebook: NotebookNode) -> Iterator[str]:
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and not is_by_hand(cell):
            yield cell.outputs[0].data["text/plain"]
