"""Check a whole notebook from a terminal, as its check cells would."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
from IPython.core.interactiveshell import InteractiveShell

from autograder.calls import Live
from autograder.notebook import explain
from autograder.suite import exercises, homework_of, run


class NotAHomework(Exception):
    """A file that cannot be checked; the message says what to do."""


def check_notebook(path: Path) -> bool:
    """Run a notebook's cells in this process, check its functions, and print the reports.

    Demonstrations are left out.

    Parameters
    ----------
    path : Path
        A homework's notebook.

    Returns
    -------
    bool
        Whether all tests pass.

    Raises
    ------
    NotAHomework
        If the file is no notebook of the course.
    """
    cells, homework = _open(path)
    os.chdir(path.resolve().parent)
    shell = InteractiveShell.instance(colors="nocolor")
    print(f"{homework}: running {len(cells)} cells")
    for cell in cells:
        shell.run_cell(cell, store_history=False)
    results = run(homework, Live(shell.user_ns))
    reports = [
        explain(name, homework, shell.user_ns.get(name), [r for r in results if r.function == name])
        for name in exercises(homework)
    ]
    for report in reports:
        print(f"\n{report!r}")
    got, worth = sum(r.points for r in reports), sum(r.worth for r in reports)
    print(f"\n{homework}: {got:g} of {worth:g} points")
    return got == worth


def _open(path: Path) -> tuple[list[str], str]:
    """Return the cells to run, and the homework's name."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise NotAHomework(f"There is no file {path}: give the path of a notebook.") from None
    except (json.JSONDecodeError, nbformat.reader.NotJSONError, UnicodeDecodeError):
        raise NotAHomework(f"{path} is no notebook: give the path of an .ipynb file.") from None
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    marks = [cell.metadata.get("nbgrader", {}) for cell in code]
    homeworks = {homework_of(mark.get("grade_id", "")) for mark in marks} - {None}
    if not homeworks:
        raise NotAHomework(f"{path} has no exercise of the course: open a homework's notebook.")
    wanted = [
        cell.source
        for cell, mark in zip(code, marks, strict=True)
        if not mark.get("grade") and "demo" not in cell.metadata.get("tags", [])
    ]
    return wanted, str(homeworks.pop())
