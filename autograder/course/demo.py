"""Show the course at work: a class hands in a homework, and is graded, in a folder of its own."""

from __future__ import annotations

import copy
import csv
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeFetchAssignment, ExchangeSubmit
from traitlets.config.loader import PyFileConfigLoader

from autograder.calls import Live
from autograder.course.build import BEGIN, END
from autograder.course.catalogue import catalogue
from autograder.grading.class_report import write_report
from autograder.grading.class_results import read_results
from autograder.suite import exercises, run

HOMEWORK = "hw4_bptt"
MISTAKEN = {  # who made which classic mistake of bptt
    "edsger": "derivative of tanh taken as 1 - h",
    "frances": "recurrent term with W for W^T",
    "grace": "loss only at the last step",
    "hedy": "h_t for h_{t-1} in dW",
    "john": "gradients of U, W and b overwritten at each step",
}


@dataclass(frozen=True)
class Student:
    """One of the class: what was handed in, and the score that it deserves."""

    name: str
    story: str
    deserves: float
    notebook: Callable[[Path], None]  # changes the fetched notebook at a path


def demo(course: Path) -> int:
    """Release, hand in, collect, grade, give feedback and export; print what came of it.

    Parameters
    ----------
    course : Path
        The course's folder; everything is made in its folder ``demo/``, anew.

    Returns
    -------
    int
        The number of students whose score is not the one that they deserve.
    """
    root = course / "demo"
    shutil.rmtree(root, ignore_errors=True)
    teacher = root / "course"
    teacher.mkdir(parents=True)
    (teacher / "exchange").mkdir()
    for name in ("source", "solutions"):
        shutil.copytree(course / name, teacher / name)
    shutil.copy(course / "nbgrader_config.py", teacher)
    os.environ["UNROLLED_EXCHANGE"] = str(teacher / "exchange")
    os.environ["JUPYTER_DATA_DIR"] = str(root / "jupyter")
    members = the_class(course)

    steps = _Steps(9)
    steps.run("release the homework", teacher, "generate_assignment", HOMEWORK)
    steps.run("  to the exchange", teacher, "release_assignment", HOMEWORK)
    steps.do(f"{len(members)} students fetch it, work, submit", lambda: _hand_in(members, root))
    steps.run("collect", teacher, "collect", HOMEWORK)
    steps.run("grade in the sandbox", teacher, "autograde", HOMEWORK)
    steps.run("make the feedback", teacher, "generate_feedback", HOMEWORK)
    steps.run("  and release it", teacher, "release_feedback", HOMEWORK)
    steps.run("export the grades", teacher, "export", "--to", "grades.csv")
    with chdir(teacher):
        steps.do("report on the class", lambda: write_report(read_results(HOMEWORK)))

    scores = _scores(teacher / "grades.csv")
    wrong = _table(members, scores)
    feedback = teacher / "feedback" / next(iter(MISTAKEN)) / HOMEWORK / f"{HOMEWORK}.html"
    print(f"\ngrades      {_short(teacher / 'grades.csv', course)}")
    print(f"report      {_short(teacher / 'reports' / f'{HOMEWORK}.html', course)}")
    print(f"feedback    {_short(feedback, course)}, and a page for every other student")
    print(f"formgrader  source .venv/bin/activate; cd {_short(teacher, course)}")
    print("            python -m autograder teach")
    return wrong


# --- the class ---------------------------------------------------------------------------


def the_class(course: Path) -> list[Student]:
    """Return the students of the demonstration, from the source notebook and the catalogue."""
    source = nbformat.read(course / "source" / HOMEWORK / f"{HOMEWORK}.ipynb", as_version=4)
    answers = {
        cell.metadata.nbgrader.grade_id: _answer(cell.source)
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    worth = exercises(HOMEWORK)
    full, names = sum(worth.values()), list(worth)
    half = names[: len(names) // 2]

    def filled(changes: dict[str, str]) -> Callable[[Path], None]:
        return _editing(lambda notebook: _fill(notebook, changes))

    def mistaken(name: str, mistake: str) -> Student:
        mistakes = catalogue(course, HOMEWORK)
        made = next(m for m in mistakes if (m.function, m.name) == ("bptt", mistake))
        written = answers | {"bptt": made.source}
        return Student(name, f"bptt: {mistake}", _direct(source, written), filled(written))

    looping = answers | {"truncated_bptt": _loop(answers["truncated_bptt"])}
    return [
        Student("ada", "everything right", full, filled(answers)),
        Student("alan", "nothing written", 0, lambda path: None),
        Student(
            "barbara",
            "the first half written",
            sum(worth[name] for name in half),
            filled({name: answers[name] for name in half}),
        ),
        Student(
            "claude",
            "half a file, right so far",
            sum(worth[name] for name in half),
            lambda path: _cut(filled(answers), path, names[len(half)]),
        ),
        Student(
            "dennis",
            "an endless loop in truncated_bptt",
            full - worth["truncated_bptt"],
            filled(looping),
        ),
        *(mistaken(name, mistake) for name, mistake in MISTAKEN.items()),
        Student(
            "karen",
            "a check cell deleted",
            full,
            _editing(lambda notebook: _without(_fill(notebook, answers), f"check_{names[0]}")),
        ),
        Student(
            "mallory",
            "patches numpy, forges outputs",
            0,
            _editing(_forge),
        ),
        Student(
            "niklaus",
            "a cell that stops with an error",
            full,
            _editing(lambda notebook: _with_broken_cell(_fill(notebook, answers))),
        ),
    ]


def _direct(source: NotebookNode, answers: dict[str, str]) -> float:
    """Return the score of these answers when they are called here, without sandbox or nbgrader."""
    namespace: dict = {}
    for cell in source.cells:
        mark = cell.metadata.get("nbgrader", {})
        if mark and not mark["grade"]:
            exec(answers.get(mark["grade_id"], cell.source), namespace)
    return round(sum(result.points for result in run(HOMEWORK, Live(namespace))), 10)


def _answer(source: str) -> str:
    """Return an exercise cell with its solution, as a student would have filled it in."""
    lines = source.splitlines()
    return "\n".join(line for line in lines if line.strip() not in (BEGIN, END))


def _editing(edit: Callable[[NotebookNode], NotebookNode]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        nbformat.write(edit(nbformat.read(path, as_version=4)), path)

    return write


def _fill(notebook: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    for cell in notebook.cells:
        mark = cell.metadata.get("nbgrader", {})
        if mark.get("solution") and mark["grade_id"] in answers:
            cell.source = answers[mark["grade_id"]]
    return notebook


def _without(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") != grade_id
    ]
    return notebook


def _with_broken_cell(notebook: NotebookNode) -> NotebookNode:
    notebook.cells.insert(2, nbformat.v4.new_code_cell("1 / 0", id="mine"))
    return notebook


def _loop(source: str) -> str:
    """Put an endless loop in front of a function's body."""
    body = source.rindex('"""') + len('"""')
    return f"{source[:body]}\n    while True:\n        pass\n{source[body:]}"


def _cut(write: Callable[[Path], None], path: Path, exercise: str) -> None:
    """Write a notebook, and lose it from the middle of an exercise on."""
    write(path)
    text = path.read_text("utf-8")
    path.write_text(text[: text.index(f'"grade_id": "{exercise}"')], "utf-8")


def _forge(notebook: NotebookNode) -> NotebookNode:
    patch = (
        "np.linalg.norm = lambda *args, **kwargs: 0.0\n"
        "np.testing.assert_allclose = lambda *args, **kwargs: None\n"
        "get_ipython().displayhook(6.0)"
    )
    notebook.cells.append(nbformat.v4.new_code_cell(patch, id="patch"))
    forged = nbformat.v4.new_output("execute_result", data={"text/plain": "6.0"}, execution_count=1)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata.nbgrader.points = 100
            cell.outputs = [copy.deepcopy(forged)]
    return notebook


# --- what happens ------------------------------------------------------------------------


def _hand_in(members: list[Student], root: Path) -> None:
    """Let every student fetch the homework, change the notebook and submit it."""
    config = PyFileConfigLoader(str(root / "course" / "nbgrader_config.py")).load_config()
    for member in members:
        folder = root / "students" / member.name
        folder.mkdir(parents=True)
        config.Exchange.assignment_dir = str(folder)
        for action in (ExchangeFetchAssignment, None, ExchangeSubmit):
            if action is None:
                member.notebook(folder / HOMEWORK / f"{HOMEWORK}.ipynb")
                continue
            coursedir = CourseDirectory(
                config=config, assignment_id=HOMEWORK, student_id=member.name
            )
            access = Authenticator(config=config)
            action(config=config, coursedir=coursedir, authenticator=access).start()


class _Steps:
    """Print the steps as they are done, with the time each took."""

    def __init__(self, count: int) -> None:
        self._count, self._done = count, 0

    def do(self, what: str, action: Callable[[], object]) -> None:
        self._done += 1
        print(f"[{self._done}/{self._count}] {what:<44}", end="", flush=True)
        start = time.perf_counter()
        action()
        print(f"{time.perf_counter() - start:6.1f} s", flush=True)

    def run(self, what: str, folder: Path, *command: str) -> None:
        """Run an nbgrader command in a folder; show what it printed if it fails."""

        def action() -> None:
            done = subprocess.run(
                [sys.executable, "-m", "nbgrader", *command],
                cwd=folder,
                capture_output=True,
                text=True,
            )
            if done.returncode:
                print(f"\n{done.stdout}{done.stderr}")
                raise SystemExit(f"nbgrader {' '.join(command)} ended with {done.returncode}")

        self.do(f"{what}: nbgrader {command[0]}", action)


def _scores(path: Path) -> dict[str, float]:
    with path.open(newline="") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def _table(members: list[Student], scores: dict[str, float]) -> int:
    """Print the class with its scores, and return how many are not as deserved."""
    print(f"\n{'student':<10} {'score':>6}  {'deserves':>8}  what was handed in")
    wrong = 0
    for member in members:
        score = scores.get(member.name)
        shown = "none" if score is None else f"{score:g}"
        fair = score == member.deserves
        wrong += not fair
        mark = "" if fair else "  <-- differs"
        print(f"{member.name:<10} {shown:>6}  {member.deserves:>8g}  {member.story}{mark}")
    return wrong


def _short(path: Path, course: Path) -> str:
    return str(path.relative_to(course))
