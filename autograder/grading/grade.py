"""Grade one submission: a notebook in, the graded notebook and the scores out.

Nothing here reads or writes a gradebook, and nothing that ran a student's code decides a score.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder import calls
from autograder.grading.sandbox import Limits, Submission
from autograder.grading.submission import Unreadable, align, read, runnable
from autograder.judge import Mistake
from autograder.report import Report
from autograder.suite import Result, exercises, run

WITHOUT_DATA = {"not started", "missing", "not callable"}  # mistakes that any data would show


@dataclass(frozen=True)
class Homework:
    """What the grader knows of a homework.

    Parameters
    ----------
    name : str
        Such as ``"hw4_bptt"``.
    source : NotebookNode
        Its source notebook.
    solutions : autograder.calls.Live
        Its reference solutions.
    seed : str
        The secret seed of the data that it is graded on.
    """

    name: str
    source: NotebookNode
    solutions: calls.Live
    seed: str

    @classmethod
    def load(cls, course: Path, name: str) -> Homework:
        """Load a homework from the course's folder.

        Raises
        ------
        FileNotFoundError
            If the course has not been built.
        """
        from autograder.course.build import reference

        source = nbformat.read(course / "source" / name / f"{name}.ipynb", as_version=4)
        return cls(name, source, reference(course, name), secret_seed(course))


def secret_seed(course: Path) -> str:
    """Return the course's secret seed; make it on first use, readable by its owner only."""
    path = course / ".secret_seed"
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(16))
    except FileExistsError:
        pass
    return path.read_text()


@dataclass(frozen=True)
class Graded:
    """A graded submission.

    ``scores`` holds the points of each function; ``problems`` are sentences on what was wrong
    with the file or its cells; ``readable`` is False where no notebook was found in it.
    """

    notebook: NotebookNode
    scores: dict[str, float]
    problems: list[str] = field(default_factory=list)
    readable: bool = True


def grade(
    data: bytes, homework: Homework, limits: Limits | None = None, sandbox: bool = True
) -> Graded:
    """Grade the notebook file of one submission.

    Parameters
    ----------
    data : bytes
        The file's content, whatever it is.
    homework : Homework
        The homework it was handed in for.
    limits : Limits, optional
        On time, memory and output.
    sandbox : bool
        False runs the student's code in a plain process with the limits that are left.

    Returns
    -------
    Graded
        With a score for every function, 0 where there is nothing to judge.

    Raises
    ------
    autograder.grading.sandbox.SandboxMissing
        If there is no sandbox and one is asked for.
    """
    try:
        notebook, problems = align(*read(data), homework.source)
        readable = True
    except Unreadable as error:
        notebook, _ = align(nbformat.v4.new_notebook(), [], homework.source)
        problems, readable = [str(error)], False
    cells = runnable(notebook, homework.source)
    graded = list(exercises(homework.name))
    with Submission(cells, graded, limits=limits or Limits(), sandbox=sandbox) as student:
        results = _judge(homework, student)
        problems += [f"{label}: {error}" for label, error in student.cell_errors.items()]
        reports = _reports(results, student.uses)
    _write(notebook, reports, problems)
    scores = {name: report.points for name, report in reports.items()}
    return Graded(notebook, scores, problems, readable)


def _judge(homework: Homework, student: Submission) -> list[Result]:
    """Judge on secret data; explain on the public data what fails there too."""
    results = run(homework.name, student, homework.solutions, homework.seed)
    failed = {r.test for r in results if r.mistake and r.mistake.kind not in WITHOUT_DATA}
    if not failed:
        return results
    public = {result.test: result for result in run(homework.name, student, only=failed)}
    return [_explained(r, public[r.test]) if r.test in failed else r for r in results]


def _explained(secret: Result, public: Result) -> Result:
    """Return a failed result with nothing of the secret data in it."""
    if public.mistake is not None:
        return public
    assert secret.mistake is not None
    mistake = Mistake(
        secret.mistake.message,
        "The data of your notebook pass; these were fresh ones, which are not shown. "
        "Does the function hold for other sizes and values?",
        secret.mistake.kind,
    )
    return Result(secret.function, secret.test, secret.worth, mistake)


def _reports(results: list[Result], uses: dict[str, tuple[str, ...]]) -> dict[str, Report]:
    """Gather the results by function, and say which function to mend first."""
    wrong = {result.function for result in results if not result.passed}
    reports = {}
    for name in dict.fromkeys(result.function for result in results):
        first = [f"`{used}`" for used in uses.get(name, ()) if used in wrong and used != name]
        note = (
            f"`{name}` uses {', '.join(first)}, which is not right yet: mend that first."
            if name in wrong and first
            else ""
        )
        reports[name] = Report(name, [r for r in results if r.function == name], note)
    return reports


def _write(notebook: NotebookNode, reports: dict[str, Report], problems: list[str]) -> None:
    """Write the reports and points into the check cells, and the problems at the top."""
    for cell in notebook.cells:
        role = cell.metadata.get("nbgrader", {})
        if role.get("grade"):
            report = reports[role["grade_id"].removeprefix("check_")]
            shown = {"text/html": report._repr_html_(), "text/plain": str(report)}
            points = {"text/plain": repr(report.points)}
            cell.outputs = [
                nbformat.v4.new_output("display_data", data=shown),
                nbformat.v4.new_output("execute_result", data=points, execution_count=1),
            ]
    if problems:
        listed = "\n".join(f"- {problem}" for problem in problems)
        text = f"**About this submission**\n\n{listed}"
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text, id="about-this-submission"))
