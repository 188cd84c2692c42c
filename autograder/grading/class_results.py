"""How a homework went in the class.

The gradebook has the scores, with what was graded by hand and the late penalties. The graded
notebooks have what the grader saw: which tests failed, and which classic mistakes it recognised.
"""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
from nbgrader import api
from sqlalchemy import Select, func, select

from autograder.course.catalogue import right_ways
from autograder.course.written import solutions
from autograder.grading.alike import Alike, Group, alike, known_forms
from autograder.grading.assignment import STRANGER, Assignment, stale
from autograder.grading.grade import suite_version
from autograder.grading.nbgrader import open_assignment
from autograder.kinds import Kind
from autograder.suite import exercises, homeworks, tests
from autograder.usage import WrongUsage

UNWRITTEN = {kind for kind in Kind if kind.unwritten}
OUT_OF_TIME = {kind for kind in Kind if kind.out_of_time}

# To call a test weak takes so many students who started its exercise; and so many of them must
# pass it, and fail it.
ENOUGH, EITHER_WAY = 30, 5
WAITS = "waits for points by hand, in formgrader."
WEAK = 0.1  # a correlation below it


@dataclass(frozen=True)
class Judged:
    """What the grader wrote into a graded notebook.

    Parameters
    ----------
    wrong : dict
        How each test ended: ``""`` where it passed, else the kind of failure.
    mistakes : dict
        The names of the classic mistakes that were recognised in each exercise.
    problems, doubts : list of str
        What was told the student of the file, and for what of it a person should look.
    when : float
        When the notebook was written, in seconds since 1970.
    points : dict
        What the tests gave for each exercise.
    suite : str
        Which version of the tests it was, as `grade.suite_version` has it.
    code : dict
        What was written in the cell of each exercise.
    due : str, optional
        The due date by which the penalty was computed; None where the notebook does not say it.
    """

    wrong: dict[str, str]
    mistakes: dict[str, list[str]]
    problems: list[str]
    doubts: list[str]
    when: float
    points: dict[str, float] = field(default_factory=dict)
    suite: str = ""
    code: dict[str, str] = field(default_factory=dict)
    due: str | None = None


@dataclass
class Member:
    """One of the class: the grade, and why a person should look at the submission.

    ``score`` is None without a grade, and ``full_in`` names another homework in which the student
    has full points. ``waits`` tells of a submission that is not graded yet, or
    not as it was last handed in; ``by_hand`` holds the answers that wait for a person's points.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    score: float | None = None
    points: dict[str, float] = field(default_factory=dict)
    penalty: float = 0.0
    seconds_late: float = 0.0
    due: str = ""
    full_in: str = ""
    extension: timedelta | None = None
    waits: bool = False
    judged: Judged | None = None
    by_hand: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    @property
    def status(self) -> str:
        """Why there is no score, or not the last one."""
        if self.waits:
            return "not graded yet" if self.score is None else "handed in again"
        return "" if self.score is not None or self.reasons else "missing"

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        """The classic mistakes that were recognised, each with its exercise."""
        found = self.judged.mistakes if self.judged else {}
        return [(exercise, name) for exercise, names in found.items() for name in names]


@dataclass(frozen=True)
class ClassResults:
    """How a homework went.

    Parameters
    ----------
    homework : str
        Its name, such as ``"hw4_bptt"``.
    max_score : float
        That of the gradebook.
    students : sequence of Member
        Those whom the gradebook knows or who handed something in, by id.
    by_hand : dict
        The points of the answers that a person grades.
    """

    homework: str
    max_score: float
    students: Sequence[Member]
    by_hand: dict[str, float] = field(default_factory=dict)

    @property
    def graded(self) -> list[Member]:
        """Those who have a score."""
        return [student for student in self.students if student.score is not None]

    @property
    def scores(self) -> np.ndarray:
        """The scores, in the order of ``graded``."""
        return np.array([student.score for student in self.graded])

    @property
    def judged(self) -> list[tuple[Member, Judged]]:
        """Those of whom it is known how each test ended."""
        return [(student, student.judged) for student in self.graded if student.judged]

    @property
    def newest(self) -> datetime | None:
        """When the newest of the graded notebooks was written."""
        times = [judged.when for _, judged in self.judged]
        return datetime.fromtimestamp(max(times)).astimezone() if times else None

    @property
    def outdated(self) -> list[str]:
        """Those who were graded with another version of the tests than the one that is here."""
        now = suite_version(self.homework)
        return [student.id for student, judged in self.judged if judged.suite not in ("", now)]

    @property
    def moved(self) -> list[str]:
        """Those whose due date was moved since they were graded, where lateness is in question."""
        return [
            student.id
            for student, judged in self.judged
            if judged.due not in (None, student.due) and (student.penalty or student.seconds_late)
        ]

    def started(self, exercise: str) -> list[tuple[Member, Judged]]:
        """Return those of the judged who wrote something for an exercise."""
        own = graded_tests(self.homework)[exercise]
        return [(s, j) for s, j in self.judged if not {j.wrong[test] for test in own} <= UNWRITTEN]


@cache
def graded_tests(homework: str) -> dict[str, dict[str, float]]:
    """Return the points of each test, by exercise."""
    worth: dict[str, dict[str, float]] = {exercise: {} for exercise in exercises(homework)}
    for name, test in tests(homework).items():
        exercise, points = next(mark.args for mark in test.pytestmark if mark.name == "points")
        worth[exercise][name] = points
    return worth


# --- reading -----------------------------------------------------------------------------


def read_results(homework: str) -> ClassResults:
    """Read how a homework went, in the course's folder.

    Raises
    ------
    WrongUsage
        If there is nothing to report; the message says what to do.
    """
    assignment = open_assignment(homework)
    students, max_score = _read_gradebook(assignment)
    submitted = {each.student for each in assignment.submitted()}
    waiting = {each.student for each in assignment.to_grade()}
    for name in submitted:
        students.setdefault(name, Member(name)).waits = name in waiting
    members = [students[name] for name in sorted(students)]
    results = ClassResults(homework, max_score, members, assignment.by_hand)
    if not results.graded:
        collect = "" if submitted else f"run `nbgrader collect {homework}`, then "
        raise WrongUsage(
            f"Nothing is graded yet for {homework}: {collect}"
            f"run `python -m autograder grade {homework}`."
        )
    known = assignment.people
    for student in results.students:
        if known is not None and student.id not in known and student.status != "missing":
            gone = (
                "Not on the class list, and nothing is handed in under this name now, so the grade "
                "is not exported. If it has another name, run "
                f"`nbgrader db student remove {shlex.quote(student.id)} --force`."
            )
            student.reasons.append(STRANGER if student.id in submitted else gone)
        again = "what was handed in is missing too, so look for a copy of it."
        if student.id in submitted:
            command = f"grade {homework} --force --student {shlex.quote(student.id)}"
            again = f"run `python -m autograder {command}`."
        if student.score is not None:
            _read_notebook(assignment, student, again)
            if student.full_in and not student.reasons and not any(student.points.values()):
                student.reasons.append(
                    f"Full points in {student.full_in}, and none here: is it the work that was "
                    "meant?"
                )
        elif student.id in submitted and not student.waits:
            student.reasons.append(f"It is graded, but the gradebook does not know of it: {again}")
    return results


def _read_gradebook(assignment: Assignment) -> tuple[dict[str, Member], float]:
    """Return the students whom the gradebook knows, with their scores, and the highest score.

    A few queries are made for all: nbgrader's objects would make several for each student.
    """
    people = select(api.Student.id, api.Student.first_name, api.Student.last_name)
    extensions, submissions, grades, others = _queries(assignment.name)
    directory = assignment.coursedir
    with api.Gradebook(directory.db_url, directory.course_id) as book:
        max_score = book.find_assignment(assignment.name).max_score
        students = {
            row.id: Member(row.id, row.first_name or "", row.last_name or "")
            for row in book.db.execute(people)
        }
        for row in book.db.execute(extensions):
            students[row.student_id].extension = row.extension
        scores: dict[str, float] = {}
        for row in book.db.execute(submissions):
            student = students[row.student_id]
            scores[student.id] = -(row.late_submission_penalty or 0.0)
            student.penalty = row.late_submission_penalty or 0.0
            if row.duedate:
                due = row.duedate + (student.extension or timedelta())
                student.due = str(due)
            if row.timestamp and row.duedate:
                student.seconds_late = max(0.0, (row.timestamp - due).total_seconds())
            if row.flagged:
                student.reasons.append("It is flagged in formgrader.")
        for row in book.db.execute(others):
            if row.score is not None and row.score >= sum(exercises(row.name).values()):
                students[row.student_id].full_in = row.name
        for row in book.db.execute(grades):
            student, exercise = students[row.student_id], row.name.removeprefix("check_")
            scores[student.id] += row.score
            if exercise in exercises(assignment.name) or row.name in assignment.by_hand:
                student.points[exercise] = row.score
            if not row.needs_manual_grade:
                continue
            if row.name in assignment.by_hand:
                student.by_hand.append(row.name)
            elif row.auto_score is not None and row.manual_score is not None:
                student.reasons.append(stale(row.name, row.manual_score, row.auto_score))
            else:
                student.reasons.append(f"`{exercise}` {WAITS}")
    for name, score in scores.items():
        students[name].score = max(0.0, score)
    return students, max_score


def _queries(homework: str) -> tuple[Select, Select, Select, Select]:
    """Return what asks for all students' extensions, submissions and grades in a homework.

    The last asks for their scores in the other homeworks.
    """
    student = api.SubmittedAssignment.student_id
    extensions = select(student, api.SubmittedAssignment.extension)
    submissions = (
        select(
            student,
            api.SubmittedAssignment.timestamp,
            api.Assignment.duedate,
            api.SubmittedNotebook.late_submission_penalty,
            api.SubmittedNotebook.flagged,
        )
        .select_from(api.SubmittedNotebook)
        .join(api.SubmittedAssignment)
    )
    grades = (
        select(
            student,
            api.BaseCell.name,
            api.Grade.score,
            api.Grade.auto_score,
            api.Grade.manual_score,
            api.Grade.needs_manual_grade,
        )
        .select_from(api.Grade)
        .join(api.BaseCell)
        .join(api.SubmittedNotebook)
        .join(api.SubmittedAssignment)
    )
    others = (
        select(student, api.Assignment.name, func.sum(api.Grade.score).label("score"))
        .select_from(api.Grade)
        .join(api.SubmittedNotebook)
        .join(api.SubmittedAssignment)
        .join(api.Assignment)
        .where(api.Assignment.name.in_(set(homeworks()) - {homework}))
        .group_by(student, api.Assignment.name)
    )
    here = api.Assignment.name == homework
    return (
        extensions.join(api.Assignment).where(here),
        submissions.join(api.Assignment).where(here),
        grades.join(api.Assignment).where(here),
        others,
    )


def _read_notebook(assignment: Assignment, student: Member, again: str) -> None:
    """Take over what the grader wrote into a student's notebook, or tell why it cannot be."""
    directory = assignment.coursedir
    folder = directory.format_path(directory.autograded_directory, student.id, assignment.name)
    path = Path(folder, f"{assignment.name}.ipynb")
    try:
        student.judged = _judged(
            json.loads(path.read_bytes()), assignment.name, path.stat().st_mtime
        )
    except FileNotFoundError:
        reasons = [f"The graded notebook is missing: {again}"]
    except (OSError, ValueError, RecursionError):
        reasons = [f"The graded notebook is damaged: {again}"]
    except (AttributeError, KeyError, TypeError):
        reasons = [f"Another version of the course has graded it: {again}"]
    else:
        wrong = student.judged.wrong
        late = [
            exercise
            for exercise, own in graded_tests(assignment.name).items()
            if OUT_OF_TIME & {wrong[test] for test in own}
        ]
        told = [f"`{name}` ran out of time." for name in late]
        reasons = list(dict.fromkeys([*student.judged.doubts, *told]))
    if student.judged and student.judged.doubts:  # for which grading has set this flag
        student.reasons = [each for each in student.reasons if not each.endswith(WAITS)]
    if student.judged or not student.waits:
        student.reasons += reasons


def _judged(content: dict, homework: str, when: float) -> Judged:
    """Take over what the grader wrote into a notebook.

    Raises
    ------
    AttributeError, KeyError, TypeError
        If this version of the course does not write such a thing.
    """
    summary = content["metadata"]["unrolled"]
    functions = summary["functions"]
    worth = {
        exercise: {test: result["worth"] for test, result in told["tests"].items()}
        for exercise, told in functions.items()
    }
    if worth != graded_tests(homework):
        raise KeyError("other tests or points")
    results = (pair for told in functions.values() for pair in told["tests"].items())
    wrong = {test: result["wrong"] for test, result in results}
    mistakes = {exercise: functions[exercise]["mistakes"] for exercise in exercises(homework)}
    lists = [*mistakes.values(), summary["problems"], summary["doubts"]]
    if not all(isinstance(part, list) for part in lists):
        raise TypeError("no list")
    if not all(isinstance(text, str) for part in [wrong.values(), *lists] for text in part):
        raise TypeError("no text")
    points = {exercise: float(functions[exercise]["points"]) for exercise in functions}
    version = str(summary.get("suite", ""))
    marks = [(cell["metadata"].get("nbgrader", {}), cell["source"]) for cell in content["cells"]]
    code = {
        mark["grade_id"]: "".join(source)
        for mark, source in marks
        if mark.get("solution") and mark["grade_id"] in mistakes
    }
    told = summary["problems"], summary["doubts"]
    return Judged(wrong, mistakes, *told, when, points, version, code, summary.get("due"))


# --- what it shows -----------------------------------------------------------------------


@dataclass(frozen=True)
class TestFigures:
    """How the students who started an exercise did in one of its tests.

    ``discrimination`` is the correlation of passing with the points of the other exercises; None
    where it cannot be told, for the reason in ``remark``.
    """

    title: str
    worth: float
    passed: int
    discrimination: float | None
    remark: str

    @property
    def weak(self) -> bool:
        """Whether the test tells nothing of who can do the rest."""
        return self.discrimination is not None and self.discrimination < WEAK


@dataclass(frozen=True)
class ExerciseFigures:
    """How an exercise went.

    ``mean`` is the mean share of its points and ``full`` counts those who have them all, of
    the graded. ``started`` counts those who wrote something, of those of whom that is known.
    """

    name: str
    worth: float
    mean: float
    full: int
    started: int
    tests: Sequence[TestFigures]


def exercise_figures(results: ClassResults) -> list[ExerciseFigures]:
    """Return how each exercise went, and each of its tests."""
    figures = []
    for exercise, worth in exercises(results.homework).items():
        points = np.array([student.points.get(exercise, 0.0) for student in results.graded])
        started = results.started(exercise)
        rest = np.array([sum(s.points.values()) - s.points.get(exercise, 0.0) for s, _ in started])
        own = []
        for test, its_worth in graded_tests(results.homework)[exercise].items():
            passed = np.array([not judged.wrong[test] for _, judged in started], dtype=bool)
            title = test.removeprefix("test_").replace("_", " ")
            count = int(passed.sum())
            own.append(TestFigures(title, its_worth, count, *discrimination(passed, rest)))
        mean, full = float(points.mean() / worth), int((points >= worth).sum())
        figures.append(ExerciseFigures(exercise, worth, mean, full, len(started), own))
    return figures


def discrimination(passed: np.ndarray, rest: np.ndarray) -> tuple[float | None, str]:
    """Correlate passing a test with the points of the other exercises.

    Returns
    -------
    float or None, str
        The correlation, or None and why it cannot be told.
    """
    right, wrong = int(passed.sum()), int((~passed).sum())
    if right + wrong == 0:
        return None, "nobody started"
    if wrong == 0:
        return None, "everyone passes"
    if right == 0:
        return None, "nobody passes"
    if right + wrong < ENOUGH or min(right, wrong) < EITHER_WAY or np.ptp(rest) == 0:
        return None, "too few to tell"
    return float(np.corrcoef(passed, rest)[0, 1]), ""


def mistakes_made(results: ClassResults) -> dict[tuple[str, str], list[str]]:
    """Return who made each mistake that was recognised, by exercise and name, commonest first."""
    made = defaultdict(list)
    for student, _ in results.judged:
        for mistake in student.mistakes:
            made[mistake].append(student.id)
    return dict(sorted(made.items(), key=lambda item: (-len(item[1]), item[0])))


def same_code(results: ClassResults, course: Path) -> tuple[list[Alike], list[Group]]:
    """Return how often code is the same in each exercise, and who agrees by more than chance."""
    written: dict[str, dict[str, str]] = {}
    for exercise in exercises(results.homework):
        started = results.started(exercise)
        written[exercise] = {s.id: j.code[exercise] for s, j in started if exercise in j.code}
    ways = right_ways(course, results.homework)
    own = vars(solutions(course, results.homework))
    known = {
        exercise: [
            own[exercise],
            *(way for name, way in ways.items() if name.split("__")[0] == exercise),
        ]
        for exercise in written
    }
    return alike(written, known_forms(known))


def unrecognised(results: ClassResults) -> dict[str, list[str]]:
    """Return whose exercises were started, fail, and show no mistake that is known."""
    return {
        exercise: [
            student.id
            for student, judged in results.started(exercise)
            if any(judged.wrong[test] for test in own) and not judged.mistakes[exercise]
        ]
        for exercise, own in graded_tests(results.homework).items()
    }


def changed(results: ClassResults, student: Member) -> set[str]:
    """Return the exercises whose points in the gradebook are not those of the tests."""
    if student.judged is None:
        return set()
    points = student.judged.points
    return {
        each for each in exercises(results.homework) if student.points.get(each) != points[each]
    }
