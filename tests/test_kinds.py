"""Each kind of failure says how much of it may be told, and grading tells no more."""

import pytest

from autograder import wire
from autograder.calls import Failure
from autograder.course.written import reference
from autograder.grading import grade as grading
from autograder.grading.grade import Homework
from autograder.judge import Mistake
from autograder.kinds import Kind, Secrecy
from autograder.suite import run
from tests import classroom
from tests.classroom import NAME

OPEN = {
    *(Kind.NOT_STARTED, Kind.MISSING, Kind.NOT_CALLABLE, Kind.MEMORY, Kind.TOO_LARGE),
    *(Kind.TIMEOUT, Kind.CPU, Kind.SUBMISSION_TIMEOUT, Kind.FILES, Kind.KILLED),
    *(Kind.GARBAGE, Kind.RESTARTS, Kind.UNREADABLE),
}
WORDED = {Kind.VALUES, Kind.NAN, Kind.ARGUMENT_CHANGED, Kind.BEHAVIOUR}
CLOSED = {Kind.EXCEPTION, Kind.TYPE, Kind.SHAPE, Kind.GRAPH, Kind.UNUSABLE}
WORDS, NUMBERS = "The message.", "Secret 0.8125"


def test_every_kind_says_how_much_of_it_may_be_told():
    assert {kind for kind in Kind if kind.secrecy is Secrecy.OPEN} == OPEN
    assert {kind for kind in Kind if kind.secrecy is Secrecy.WORDED} == WORDED
    assert {kind for kind in Kind if kind.secrecy is Secrecy.CLOSED} == CLOSED
    assert set(Kind) == OPEN | WORDED | CLOSED


def test_what_follows_from_a_kind():
    assert {kind for kind in Kind if kind.unwritten} == {Kind.NOT_STARTED, Kind.MISSING}
    assert {kind for kind in Kind if kind.says_all} == {
        *(Kind.NOT_STARTED, Kind.MISSING, Kind.NOT_CALLABLE)
    }
    assert {kind for kind in Kind if kind.out_of_time} == {
        *(Kind.TIMEOUT, Kind.CPU, Kind.SUBMISSION_TIMEOUT)
    }


def test_nobody_makes_a_kind_up():
    for of in (lambda: Mistake("Wrong.", kind="odd"), lambda: Failure("odd", "Wrong.")):
        with pytest.raises(ValueError, match="odd"):
            of()


class Asked:
    """Answer as the reference does, and remember what was asked."""

    def __init__(self):
        self.right, self.asked = reference(classroom.REPOSITORY, NAME), set()

    def call(self, name, args):
        self.asked.add(wire.encode(wire.plain((name, args))))
        return self.right.call(name, args)


@pytest.fixture(scope="module")
def public():
    """What the tests ask on the public data."""
    asked = Asked()
    run(NAME, asked)
    return asked.asked


@pytest.fixture(scope="module")
def homework():
    return Homework.load(classroom.REPOSITORY, NAME)


class Process:
    """Stand in for a sandbox in which a function goes wrong on secret data alone."""

    error: Exception
    public: set

    def __init__(self, *_):
        self.cell_errors, self.uses = {}, {}
        self.right = reference(classroom.REPOSITORY, NAME)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def call(self, name, args):
        if wire.encode(wire.plain((name, args))) not in self.public:
            raise self.error
        return self.right.call(name, args)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("how", ["a failed call", "a wrong answer"])
def test_a_failure_on_secret_data_tells_no_more_than_its_kind_may(
    homework, public, monkeypatch, kind, how
):
    call = how == "a failed call"
    error = (
        Failure(kind, WORDS, NUMBERS, NUMBERS, NUMBERS) if call else Mistake(WORDS, NUMBERS, kind)
    )
    monkeypatch.setattr(Process, "error", error, raising=False)
    monkeypatch.setattr(Process, "public", public, raising=False)
    monkeypatch.setattr(grading, "Submission", Process)
    graded = grading.grade(classroom.data_of(classroom.solved()), homework)
    assert set(graded.scores.values()) == {0.0}
    outputs = str([cell.get("outputs", "") for cell in graded.notebook.cells])
    assert NUMBERS not in outputs
    # Of a stub, the message is one of ours too, for it names a function of the student's.
    shown = kind.secrecy is Secrecy.OPEN and kind is not Kind.NOT_STARTED
    assert (WORDS in outputs) == shown
    assert ("The data of your notebook pass" in outputs) == (kind not in OPEN)
