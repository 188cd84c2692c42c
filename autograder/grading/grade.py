"""Grade one submission: a notebook in, the graded notebook and the scores out.

Nothing here reads or writes a gradebook, and nothing that ran a student's code decides a score.
"""

from __future__ import annotations

import copy
import hashlib
import os
import re
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

from autograder import calls
from autograder.course.written import reference
from autograder.diagnosis import diagnose
from autograder.grading.sandbox import Limits, Submission
from autograder.grading.submission import (
    Record,
    Unreadable,
    align,
    is_by_hand,
    present,
    read,
    runnable,
    shown,
)
from autograder.judge import Mistake
from autograder.kinds import Kind, Secrecy
from autograder.report import Report, mend_first, with_code
from autograder.suite import Result, exercises, released, run, suite
from autograder.tape import Drawn, Recorded

SEED = ".secret_seed"  # the file that holds it, in the course's folder
PROBLEMS_SHOWN = 20  # at the top of the feedback
WORDS = {  # told of what is wrong on secret data alone, whatever the answer is
    Kind.VALUES: "Some values are wrong.",
    Kind.NAN: "The answer holds NaN (not a number) or infinity.",
    Kind.ARGUMENT_CHANGED: "The call changed one of its arguments.",
    Kind.BEHAVIOUR: "The answer is not what this test asks for.",
}
LACKS = "ModuleNotFoundError", "ImportError", "grading starts no programs"
IN_GRADING = (
    "Grading starts no programs and has no network. It has numpy, matplotlib, Python's standard "
    "library and what the instructor added: other packages cannot be imported."
)


@dataclass(frozen=True)
class Homework:
    """What the grader knows of a homework, as plain data.

    Parameters
    ----------
    name : str
        Such as ``"hw4_bptt"``.
    source : NotebookNode
        Its source notebook.
    secret : dict of str to list
        The data that it is graded on, with the right answers, by name of test; empty where the
        public data decide.
    """

    name: str
    source: NotebookNode
    secret: dict[str, list]

    @classmethod
    def load(cls, course: Path, name: str) -> Homework:
        """Load a homework from the course's folder.

        Raises
        ------
        FileNotFoundError
            If the course has not been built.
        """
        source = nbformat.read(course / "source" / name / f"{name}.ipynb", as_version=4)
        return cls(name, source, secret_data(name, reference(course, name), secret_seed(course)))

    @classmethod
    def without_secrets(cls, name: str) -> Homework:
        """Load a homework as students have it, from the released notebook and the public data.

        Raises
        ------
        FileNotFoundError
            If the notebook is not here.
        """
        path = released() / name / f"{name}.ipynb"
        return cls(name, nbformat.read(path, as_version=4), {})


def secret_data(name: str, solutions: calls.Live, seed: str) -> dict[str, list]:
    """Draw the data that a homework is graded on, and let its solutions answer them, once."""
    data = Drawn(solutions, seed)
    run(name, solutions, data)
    return data.values


def secret_seed(course: Path) -> str:
    """Return the course's secret seed; make it on first use, readable by its owner only."""
    path = course / SEED
    if not path.exists():
        descriptor, draft = tempfile.mkstemp(prefix=f"{SEED}.", dir=course)  # of mode 0600
        with open(descriptor, "w") as file:
            file.write(secrets.token_hex(16))
        with suppress(FileExistsError):  # of two graders at once, the first one's stays
            os.link(draft, path)
        os.unlink(draft)
    return path.read_text()


@dataclass(frozen=True)
class Graded:
    """A graded submission.

    ``scores`` holds the points of each function, and ``record`` what was wrong with the file or
    its cells.
    """

    notebook: NotebookNode
    scores: dict[str, float]
    record: Record


def grade(
    data: bytes | None,
    homework: Homework,
    limits: Limits | None = None,
    sandbox: bool = True,
    record: Record | None = None,
) -> Graded:
    """Grade the notebook file of one submission.

    Parameters
    ----------
    data : bytes or None
        The file's content, whatever it is; None where there was no file.
    homework : Homework
        The homework it was handed in for.
    limits : Limits, optional
        On time, memory and output.
    sandbox : bool
        False runs the student's code in a plain process with the limits that are left.
    record : Record, optional
        What was wrong with the submission's folder.

    Returns
    -------
    Graded
        With a score for every function, 0 where there is nothing to judge. The same submission
        gives the same notebook, to the byte. Once it is judged, the score stands: where the
        feedback cannot be made, it says so and nothing else.

    Raises
    ------
    autograder.grading.walls.SandboxMissing
        If there is no sandbox and one is asked for.
    """
    record = copy.deepcopy(record or Record())
    try:
        if data is None:
            raise Unreadable
        notebook = align(read(data, record), homework.source, record)
    except Unreadable as error:
        if data is not None:
            record.doubt(str(error))
        notebook = align([], homework.source, Record())
    student = _Student(homework, runnable(notebook, homework.source), limits, sandbox)
    results, public, uses = student.judge()
    for label, told in student.cell_errors.items():
        record.note(f"{label}: {told}")
    _doubt_what_is_strange(notebook, results, [*student.cell_errors.values()], record)
    try:
        present(notebook, homework.source)
        reports = _reports(results, public, uses)
        return _graded(notebook, homework.name, reports, record)
    except Exception as error:
        told = f"The feedback could not be made ({type(error).__name__}); the points stand."
        record = Record([told], [*record.doubts, told])
        notebook = align([], homework.source, Record())
        return _graded(notebook, homework.name, _reports(_bare(results), [], {}), record)


def _doubt_what_is_strange(
    notebook: NotebookNode, results: list[Result], errors: list[str], record: Record
) -> None:
    """Have a person look where points may be missing for another reason than wrong work."""
    wrong = {result.function: result.mistake for result in results if result.mistake}
    errors = [*errors, *(mistake.message for mistake in wrong.values())]
    if wrong and any(lack in error for error in errors for lack in LACKS):
        record.doubt(IN_GRADING)
    late = dict.fromkeys(r.function for r in results if r.mistake and r.mistake.kind.out_of_time)
    for name in late:
        record.doubt(f"`{name}` ran out of time.")
    empty = {f for f, m in wrong.items() if m.kind in (Kind.NOT_STARTED, Kind.MISSING)}
    stubs = {r.function: r.stub for r in results if r.mistake and r.stub in empty}
    written = {name for name in empty if _is_written(name, notebook)}
    for name in sorted(name for name in written if stubs.get(name, name) == name):
        record.doubt(
            f"`{name}` is written in a cell, but was not there when all had been run: the last "
            "definition counts, and one that fails counts for nothing."
        )
    for name in sorted(name for name in empty - written if wrong[name].kind is Kind.MISSING):
        if others := _defined_in(name, notebook):
            told = " and ".join(f"`{shown(other)}`" for other in others[:3])
            record.doubt(
                f"`{name}` is not there, but its cell defines {told}: was it renamed? Only a "
                f"function of the name `{name}` is graded."
            )
            written.add(name)
    if empty == {result.function for result in results} and not written and not record.doubts:
        record.doubt("Nothing is written in any exercise: is it the file that was meant?")


def _is_written(name: str, notebook: NotebookNode) -> bool:
    """Tell whether a cell defines a function, and no stub of it."""
    begins = re.compile(rf"^(?:{name}\s*=|def {name}\b)", re.MULTILINE)
    return any(
        cell.cell_type == "code"
        and begins.search(cell.source)
        and "NotImplementedError" not in cell.source
        for cell in notebook.cells
    )


def _defined_in(name: str, notebook: NotebookNode) -> list[str]:
    """Return the functions of other names that an exercise's cell defines."""
    cells = (cell for cell in notebook.cells if cell.id == name and cell.cell_type == "code")
    source = next((cell.source for cell in cells), "")
    if re.search(rf"^def {name}\b", source, re.MULTILINE):
        return []
    return re.findall(r"^def (\w+)", source, re.MULTILINE)


def _graded(
    notebook: NotebookNode, homework: str, reports: dict[str, Report], record: Record
) -> Graded:
    """Put what is to be told into the notebook; raise where it could not be written to a file."""
    _write(notebook, reports, record.problems)
    notebook.metadata["unrolled"] = _summary(homework, reports, record)
    nbformat.writes(notebook).encode()
    return Graded(notebook, {name: report.points for name, report in reports.items()}, record)


def _bare(results: list[Result]) -> list[Result]:
    """Return the results with nothing in them that is not ours."""
    return [
        Result(r.function, r.test, r.worth, r.mistake and Mistake("", "", r.mistake.kind))
        for r in results
    ]


class _Student:
    """The functions of a submission, explained on the public data and judged on secret ones."""

    def __init__(
        self,
        homework: Homework,
        cells: list[tuple[str, str, str]],
        limits: Limits | None,
        sandbox: bool,
    ) -> None:
        self.cell_errors: dict[str, str] = {}
        self._homework, self._cells = homework, cells
        self._limits, self._sandbox = limits or Limits(), sandbox

    def judge(self) -> tuple[list[Result], list[Result], dict[str, tuple[str, ...]]]:
        """Return how the tests ended, how on public data, and which functions use which.

        All that is shown of the student's code comes from the first process, which has ended
        before the secret data are in any: whoever sees them finds nobody to tell.
        """
        name = self._homework.name
        with self._process() as process:
            public = run(name, process)
            self.cell_errors, uses = process.cell_errors, process.uses
        left = {result.test for result in public if not _open(result)}
        secret: dict[str, Result] = {}
        if left and self._homework.secret:
            with self._process() as process:
                judged = run(name, process, Recorded(self._homework.secret), only=left)
                secret = {result.test: result for result in judged}
        return [secret.get(result.test, result) for result in public], public, uses

    def _process(self) -> Submission:
        graded = list(exercises(self._homework.name))
        return Submission(self._cells, graded, self._limits, self._sandbox)


def _open(result: Result) -> bool:
    """Tell whether secret data would add nothing: any show the mistake, or it took a time limit."""
    return result.mistake is not None and result.mistake.kind.secrecy is Secrecy.OPEN


def _explained(secret: Result, public: Result | None) -> Result:
    """Return a result with nothing of the secret data in it."""
    if secret.mistake is None:
        return secret
    if public is not None and public.mistake is not None:
        return replace(public, share=secret.share)
    kind, message = secret.mistake.kind, secret.mistake.message
    if kind is Kind.NOT_STARTED:  # the name of the function in it is the student's
        message = f"`{secret.function}`, or a function that it uses, is not written yet."
    if kind.secrecy is Secrecy.OPEN:
        mistake = Mistake(message, "", kind)
    else:
        default = f"`{secret.function}` fails, or gives something else than it should."
        message = WORDS[kind] if kind.secrecy is Secrecy.WORDED else default
        told = (
            "The data of your notebook pass; these were fresh ones, which are not shown. "
            "Does the function hold for other sizes and values?"
        )
        mistake = Mistake(message, told, kind)
    return replace(secret, mistake=mistake, calls=())


def _reports(
    results: list[Result], public: list[Result], uses: dict[str, tuple[str, ...]]
) -> dict[str, Report]:
    """Gather the results by function, with what to mend first or the likely cause."""
    wrong = {result.function for result in results if not result.passed}
    shown = {result.test: result for result in public}
    reports = {}
    for name in dict.fromkeys(result.function for result in results):
        own = [_explained(r, shown.get(r.test)) for r in results if r.function == name]
        first = [used for used in uses.get(name, ()) if used in wrong and used != name]
        if name in wrong and first:
            reports[name] = Report(name, own, mend_first(name, first))
        else:
            known = [r for r in public if r.function == name and name in wrong and not _open(r)]
            reports[name] = Report(name, own, diagnosis=diagnose(known))
    return reports


def _write(notebook: NotebookNode, reports: dict[str, Report], problems: list[str]) -> None:
    """Write the reports and points into the check cells, and the problems at the top."""
    for cell in notebook.cells:
        role = cell.metadata.get("nbgrader", {})
        if role.get("grade") and not is_by_hand(cell):
            report = reports[role["grade_id"].removeprefix("check_")]
            shown = {"text/html": _page(report._repr_html_()), "text/plain": _same(str(report))}
            points = {"text/plain": repr(report.points)}
            cell.outputs = [
                new_output("display_data", data=shown),
                new_output("execute_result", data=points, execution_count=1),
            ]
    if problems:
        listed = [f"<li>{with_code(' '.join(problem.split()))}</li>" for problem in problems]
        if len(listed) > PROBLEMS_SHOWN:
            listed[PROBLEMS_SHOWN:] = [f"<li>and {len(listed) - PROBLEMS_SHOWN} more.</li>"]
        text = _page(f"<b>About this submission</b><ul>{''.join(listed)}</ul>")
        notebook.cells.insert(0, new_markdown_cell(text, id="about-this-submission"))


def _summary(homework: str, reports: dict[str, Report], record: Record) -> dict:
    """Return the results as plain JSON: docs/grade-one.md tells what it holds."""
    return {
        "homework": homework,
        "suite": suite_version(homework),
        "functions": {
            name: {
                "points": report.points,
                "worth": report.worth,
                "cause": _same(report.cause),
                "mistakes": list(report.diagnosis.mistakes) if report.diagnosis else [],
                "told": [_same(" ".join(texts).strip()) for texts in report.remarks],
                "tests": {
                    result.test: {
                        "title": result.title,
                        "worth": result.worth,
                        "points": result.points,
                        "wrong": str(result.mistake.kind) if result.mistake else "",
                        "told": _told(result.mistake) if result.mistake else "",
                    }
                    for result in report.results
                },
            }
            for name, report in reports.items()
        },
        "problems": record.problems,
        "doubts": record.doubts,
    }


def _told(mistake: Mistake) -> str:
    return _same(f"{mistake.message} {mistake.details}".strip())


@cache
def suite_version(homework: str) -> str:
    """Return what tells one version of a homework's tests from another."""
    path = suite(homework).__file__
    assert path is not None
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]


def _page(html: str) -> str:
    """Keep MathJax off a part of a page: the student's words in it could be formulas that act."""
    return f'<div class="tex2jax_ignore mathjax_ignore">{_same(html)}</div>'


def _same(text: str) -> str:
    """Leave out addresses in memory, which differ from run to run."""
    return re.sub(r"\b0x[0-9a-f]{6,16}\b", "0x…", text)
