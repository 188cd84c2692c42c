"""Verify the course itself, so that no student meets its mistakes.

Every complaint says what is wrong and what to do.
"""

from __future__ import annotations

import filecmp
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder import diagnosis, tape
from autograder.calls import Live
from autograder.course.build import BEGIN, END, reference, release, solutions, write_source
from autograder.suite import exercises, run, suite

HINTS = 3  # for each exercise
LONG_LINE = 18  # characters: a line of a solution that is longer must not be in an assignment


def verify(course: Path, homework: str) -> list[str]:
    """Return what is wrong with a homework, in sentences; nothing if all is well.

    Parameters
    ----------
    course : Path
        The folder that holds ``solutions/`` and ``nbgrader_config.py``.
    homework : str
        Its name, such as ``"hw4_bptt"``.
    """
    complaints = list(_files(course, homework))
    if complaints:
        return complaints  # the rest reads these files
    source, assignment = (
        nbformat.read(course / folder / homework / f"{homework}.ipynb", as_version=4)
        for folder in ("source", "assignments")
    )
    return [
        *_texts(course, homework),
        *_reference(course, homework),
        *_points(homework, source),
        *_stubs(homework, assignment),
        *_leaks(homework, source, assignment),
        *_generated(course, homework),
    ]


def _files(course: Path, homework: str) -> Iterator[str]:
    """Find missing files, and files that have no place in the course."""
    for written in (f"solutions/{homework}.py", f"autograder/suites/{homework}.py"):
        if not (course / written).is_file():
            yield f"{written} is missing: write it (README, 'Adding a homework')."
    for folder in ("source", "assignments"):
        notebook = course / folder / homework / f"{homework}.ipynb"
        if not notebook.is_file():
            yield f"{notebook.relative_to(course)} is missing: run `make build`."
        for path in notebook.parent.glob("**/*"):
            hidden = any(part.startswith(".") for part in path.relative_to(course).parts)
            if path != notebook and not hidden:  # nbgrader leaves out what is hidden
                yield (
                    f"{path.relative_to(course)} is out of place: students would get it. "
                    "Data belongs in autograder/datasets/, code in solutions/."
                )


def _texts(course: Path, homework: str) -> Iterator[str]:
    """Find exercises without hints, form, or an example in the docstring."""
    tests, module = suite(homework), solutions(course, homework)
    for name in exercises(homework):
        hints = tests.HINTS.get(name, ())
        if len(hints) != HINTS or not all(hint.strip() for hint in hints):
            yield (
                f"{name} has {len(hints)} hints, {HINTS} are needed, none empty: "
                f"add them to HINTS in autograder/suites/{homework}.py."
            )
        if name not in tests.FORMS:
            yield f"{name} has no form: add it to FORMS in autograder/suites/{homework}.py."
        if ">>>" not in (getattr(module, name).__doc__ or ""):
            yield (
                f"{name} has no example: add one to its docstring in solutions/{homework}.py, "
                "under 'Examples'."
            )


def _reference(course: Path, homework: str) -> Iterator[str]:
    """Find tests that the reference fails, on data drawn for this run or on the recorded ones."""
    right = reference(course, homework)
    seed = secrets.token_hex(8)
    for results, data in (
        (run(homework, right, right, seed), f"of the seed {seed!r}"),
        (run(homework, right), "that were recorded"),
    ):
        for result in results:
            if not result.passed:
                yield (
                    f"The reference fails {result.test} on the data {data}: {result.mistake} "
                    f"Mend solutions/{homework}.py or the test, then run `make build`."
                )


def _points(homework: str, source: NotebookNode) -> Iterator[str]:
    """Find differences between the points of the notebook and of the tests."""
    marks = [cell.metadata.get("nbgrader", {}) for cell in source.cells]
    stated = {mark["grade_id"]: mark["points"] for mark in marks if mark.get("grade")}
    tested = {f"check_{name}": worth for name, worth in exercises(homework).items()}
    written = {mark["grade_id"] for mark in marks if mark.get("solution")}
    for name in sorted(stated.keys() | tested.keys()):
        if stated.get(name) != tested.get(name):
            yield (
                f"{name} is worth {stated.get(name)} in the notebook and {tested.get(name)} in the "
                f"tests: every exercise needs `check(…)` in solutions/{homework}.py and @points in "
                f"autograder/suites/{homework}.py; then run `make build`."
            )
    for name in sorted(written ^ set(exercises(homework))):
        yield f"{name} needs both an exercise in solutions/{homework}.py and tests with @points."


def _stubs(homework: str, assignment: NotebookNode) -> Iterator[str]:
    """Find tests that an untouched stub passes, and stubs that say too little."""
    namespace: dict = {}
    for cell in assignment.cells:
        mark = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and mark and not mark.get("grade"):
            exec(cell.source, namespace)
        if mark.get("solution") and ">>>" not in (namespace[mark["grade_id"]].__doc__ or ""):
            yield f"The stub {mark['grade_id']} lost its docstring: run `make build`."
    for result in run(homework, Live(namespace)):
        if result.mistake is None or result.mistake.kind != "not started":
            yield (
                f"The stub of {result.function} is judged by {result.test} instead of counting as "
                "not started: the test should call the student's function before all else."
            )


def _leaks(homework: str, source: NotebookNode, assignment: NotebookNode) -> Iterator[str]:
    """Find lines of solutions in the assignment."""
    released = [
        cell.source
        for cell in assignment.cells
        if "nbgrader" not in cell.metadata or cell.metadata.nbgrader.solution
    ]
    text = "\n".join([*released, *(str(cell.get("outputs", "")) for cell in assignment.cells)])
    if BEGIN in text or END in text:
        yield "The assignment holds solution markers: run `make build`."
    lines = {" ".join(line.split()) for line in text.splitlines()}
    for cell in source.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            solution = cell.source.split(BEGIN)[1].split(END)[0]
            for line in solution.splitlines():
                plain = " ".join(line.split("#")[0].split())
                if len(plain) >= LONG_LINE and plain in lines:
                    yield (
                        f"The assignment shows a line of the solution of "
                        f"{cell.metadata.nbgrader.grade_id}, {plain!r}: write it otherwise in "
                        f"solutions/{homework}.py."
                    )
    for cell in assignment.cells:
        if cell.get("outputs"):
            yield f"Cell {cell.id} of the assignment has outputs: run `make build`."


def _generated(course: Path, homework: str) -> Iterator[str]:
    """Find generated files that differ from what the solutions give."""
    with tempfile.TemporaryDirectory() as folder:
        source, assignments = Path(folder, "source"), Path(folder, "assignments")
        write_source(course, homework, source)
        release(course, homework, source, assignments)
        for made in (source, assignments):
            path = Path(homework, f"{homework}.ipynb")
            if not filecmp.cmp(made / path, course / made.name / path, shallow=False):
                yield (
                    f"{made.name}/{path} is not what solutions/{homework}.py gives: edit the "
                    "solution, never the notebook, and run `make build`."
                )
    arguments = tape.load(homework)["arguments"]
    module = solutions(course, homework)
    from solutions.mistakes import catalogue  # found once the course's folder is on the path

    known = {
        (function, *mistake.names, mistake.says)
        for function, knowledge in diagnosis.load(homework).items()
        for mistake in knowledge.mistakes
        if len(mistake.names) == 1
    }
    if known != {(mistake.function, mistake.name, mistake.says) for mistake in catalogue(homework)}:
        yield f"The fingerprints of {homework} are not those of its mistakes: run `make build`."
    for name in exercises(homework):
        code = getattr(module, name).__code__
        if list(code.co_varnames[: code.co_argcount]) != arguments.get(name):
            yield f"The recording of {name} is out of date: run `make build`."
