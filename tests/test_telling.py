"""No text of any test, of whatever suite, holds what a function answered on secret data."""

import nbformat
import numpy as np
import pytest

from autograder import suite, wire
from autograder.calls import Answer, Failure
from autograder.course.written import reference
from autograder.grading import grade as grading
from autograder.grading.grade import Homework, grade
from autograder.judge import Mistake, points
from autograder.kinds import Kind
from autograder.suite import exercises, homeworks
from tests import classroom

NUMBER, SIZE, TEXT = 123456.789, 4817, "QWERTZ"  # what an answer is made of
MARKERS = ("123456", "1.234", "1.235", "4817", "QWERTZ")


def with_numbers(value):
    """Return an answer of the same form, whose numbers and names are markers."""
    if isinstance(value, wire.Dot):
        return wire.Dot(f'digraph {{ edge [label="{TEXT}"] {TEXT}1 -> {TEXT}2 }}')
    if isinstance(value, np.ndarray):
        return np.full_like(value, NUMBER if value.dtype.kind == "f" else True)
    if isinstance(value, tuple | list):
        return type(value)(map(with_numbers, value))
    if isinstance(value, dict):
        return {key: with_numbers(part) for key, part in value.items()}
    return NUMBER if isinstance(value, float) else value


def failing(_):
    raise Failure(Kind.EXCEPTION, f"It raised {TEXT}: {NUMBER}", TEXT, f"{TEXT}, line {SIZE}", TEXT)


ANSWERS = {
    "numbers": with_numbers,
    "a number": lambda _: NUMBER,
    "a text": lambda _: TEXT,
    "a shape": lambda _: np.full((1, 1, SIZE), NUMBER),
    "a size": lambda _: (NUMBER,) * SIZE,
    "keys": lambda _: {TEXT: NUMBER, "W": np.full(SIZE, NUMBER)},
    "a type": lambda _: wire.Opaque(TEXT, TEXT),
    "a graph": lambda _: wire.Dot(f"digraph {{ {TEXT} -> {TEXT} [label={TEXT}] }}"),
    "no graph": lambda _: wire.Dot(f"digraph {{ {TEXT} ]"),
    "an exception": failing,
}


class Process:
    """Stand in for a sandbox: the first is right, the second, on secret data, gives markers."""

    right = None
    made = 0
    answer = None

    def __init__(self, *_):
        self.cell_errors, self.uses = {}, {}
        Process.made += 1
        self.secret = Process.made == 2

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def call(self, name, args):
        right = Process.right.call(name, args)
        return Answer(Process.answer(right.value)) if self.secret else right


def told(name, how, monkeypatch):
    """Grade such answers, and return the markers in all that is written, and the points."""
    monkeypatch.setattr(grading, "Submission", Process)
    monkeypatch.setattr(Process, "right", reference(classroom.REPOSITORY, name))
    monkeypatch.setattr(Process, "answer", staticmethod(ANSWERS[how]))
    monkeypatch.setattr(Process, "made", 0)
    graded = grade(None, Homework.load(classroom.REPOSITORY, name))
    for cell in graded.notebook.cells:
        if cell.id != "about-this-submission":  # the homework's own, which may hold such numbers
            cell.source = ""
    text = nbformat.writes(graded.notebook) + repr(graded.record)
    assert Process.made == 2
    return [marker for marker in MARKERS if marker in text], sum(graded.scores.values())


@pytest.mark.parametrize("how", ANSWERS)
@pytest.mark.parametrize("name", homeworks())
def test_what_is_answered_on_secret_data_is_told_to_nobody(name, how, monkeypatch):
    found, earned = told(name, how, monkeypatch)
    assert found == []
    assert earned < sum(exercises(name).values())


@pytest.mark.parametrize(
    ("kind", "seen"), [(Kind.BEHAVIOUR, []), (Kind.UNUSABLE, []), (Kind.TIMEOUT, ["123456"])]
)
def test_a_test_that_formats_an_answer_into_its_message(kind, seen, monkeypatch):
    """Its kind keeps it from being shown; where it takes one that is shown, it is noticed here."""

    @points("softmax", 1.0)
    def test_that_tells(student, fresh):
        got = student.softmax(fresh.normal(2, 3))
        if got.max() > 1:
            raise Mistake(f"Its largest entry is {got.max()}.", str(got), kind)

    monkeypatch.setattr(suite.suite(classroom.NAME), "test_that_tells", test_that_tells, False)
    made = Homework.load(classroom.REPOSITORY, classroom.NAME)
    assert "test_that_tells" in made.secret
    monkeypatch.setattr(suite.tape, "load", with_values_of(made))
    found, _ = told(classroom.NAME, "numbers", monkeypatch)
    assert found == seen


def with_values_of(homework):
    """Return what loads recordings, with the new test's values in them."""
    real = suite.tape.load

    def load(name):
        recording = real(name)
        new = {"test_that_tells": homework.secret["test_that_tells"]}
        return {**recording, "tests": {**recording["tests"], **new}}

    return load
