"""Run the graded tests of a homework against somebody's functions.

They are ordinary pytest functions, and pytest can run them. Here they are called directly, which
takes a tenth of the time; the tests of the course see that both ways give the same.
"""

from __future__ import annotations

import importlib
import inspect
import math
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any

import numpy as np

from autograder import tape, wire
from autograder.calls import Answer, Failure, Student, Unavailable
from autograder.judge import Mistake, conform, each_part
from autograder.kinds import Kind

FOLDER = Path(__file__).parent / "suites"
STEP = 0.05  # points: of the smallest part that a test earns
MOST_KEPT = 10_000_000  # bytes of all answers in a run; the largest right ones take two


@dataclass(frozen=True)
class Call:
    """A call of a student's function: its arguments with their names, and what came of it."""

    function: str
    args: tuple
    names: Sequence[str]
    outcome: Answer | Failure

    @property
    def changed_names(self) -> list[str]:
        """The names of the arguments that the call changed."""
        changed = self.outcome.changed if isinstance(self.outcome, Answer) else ()
        return [self.names[position] for position in changed]

    @property
    def shared_names(self) -> list[str]:
        """The names of the arguments whose arrays are in the answer."""
        shared = self.outcome.shared if isinstance(self.outcome, Answer) else ()
        return [self.names[position] for position in shared]

    def __str__(self) -> str:
        """Return the call as a line of code, and the sizes of its arguments."""
        sizes = [
            f"{name}: {_size(value)}" for name, value in zip(self.names, self.args, strict=False)
        ]
        return f"{self.function}({', '.join(self.names)})" + (
            f" with {'; '.join(sizes)}" if sizes else ""
        )


def _size(value: Any) -> str:
    """Tell an argument in a few words: its shape, its value, or its name."""
    if isinstance(value, np.ndarray):
        return f"array {value.shape}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {np.shape(part)}" for key, part in value.items())
    if value is None or isinstance(value, bool | int | float | str):
        return repr(value)
    return getattr(value, "__name__", type(value).__name__)


@dataclass(frozen=True)
class Result:
    """How one test ended.

    ``mistake`` is None where it passed, and ``share`` is the share of the compared parts that were
    right where it failed; ``calls`` holds what the student's functions were asked, and what they
    gave.
    """

    function: str
    test: str
    worth: float
    mistake: Mistake | None = None
    calls: Sequence[Call] = ()
    share: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether the answer was right."""
        return self.mistake is None

    @property
    def called(self) -> Call | None:
        """The call in which the mistake was found, as far as one can tell."""
        return self.calls[self.mistake.call] if self.calls and self.mistake else None

    @property
    def stub(self) -> str:
        """The function that is not written yet: the one under test, or one that it uses."""
        outcome = self.called.outcome if self.called else None
        if isinstance(outcome, Failure) and outcome.kind is Kind.NOT_STARTED:
            return outcome.function
        return ""

    @property
    def points(self) -> float:
        """What it earns: all it is worth, or the share of the right parts, in whole `STEP`."""
        if self.passed:
            return self.worth
        return round(STEP * math.floor(self.worth * self.share / STEP + 1e-9), 10)

    @property
    def title(self) -> str:
        """The test's name as a sentence."""
        return self.test.removeprefix("test_").replace("_", " ")


# --- the homeworks -----------------------------------------------------------------------


def homeworks() -> list[str]:
    """List the names of the homeworks, in their order: hw2_patterns before hw10_attention."""
    names = (path.stem for path in FOLDER.glob("hw[0-9]*.py"))
    return sorted(names, key=lambda name: (int(re.findall(r"\d+", name)[0]), name))


def released() -> Path:
    """Return the folder of the notebooks that students get: the wheel's, or the clone's.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    package = Path(__file__).parent
    for folder in (package / "assignments", package.parent / "assignments"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError("the package holds no released notebooks")


def suite(homework: str) -> ModuleType:
    """Import the graded tests of a homework."""
    return importlib.import_module(f"autograder.suites.{homework}")


@cache
def exercises(homework: str) -> dict[str, float]:
    """Return the points of each function of a homework, in the order of the tests."""
    worth: dict[str, float] = {}
    for test in tests(homework).values():
        function, points = _marker(test).args
        worth[function] = worth.get(function, 0) + points
    return worth


def tests(homework: str) -> dict[str, Any]:
    """Return the graded tests of a homework by name."""
    found = vars(suite(homework)).items()
    return {name: test for name, test in found if name.startswith("test_")}


def _marker(test: Any) -> Any:
    return next(mark for mark in test.pytestmark if mark.name == "points")


def homework_of(function: str) -> str | None:
    """Return the homework that a function belongs to, or None."""
    return next((hw for hw in homeworks() if function in exercises(hw)), None)


def homework_of_cells(names: Collection[str], sources: Iterable[str]) -> str | None:
    """Return the homework of a notebook, or None: most of its exercises are there.

    One is not enough to tell: a notebook gives functions that were exercises of an earlier one.

    Parameters
    ----------
    names : collection of str
        The cells' names, as nbgrader keeps them.
    sources : iterable of str
        The cells. Where an editor has left nothing else of them, what they define tells it.
    """
    defined = [name for source in sources for name in _DEFINED.findall(source)]
    for known in (names, defined):
        found = {hw: len(exercises(hw).keys() & set(known)) for hw in homeworks()}
        most = max(found, key=lambda homework: found[homework])  # of equals, the first
        if found[most]:
            return most
    return None


_DEFINED = re.compile(r"^def (\w+)\(", re.MULTILINE)


# --- running -----------------------------------------------------------------------------


def run(
    homework: str,
    student: Student,
    data: tape.Data | None = None,
    functions: Collection[str] | None = None,
    only: Collection[str] | None = None,
) -> list[Result]:
    """Run the graded tests of a homework.

    Parameters
    ----------
    homework : str
        Its name, such as ``"hw4_bptt"``.
    student : Student
        Calls the functions to judge.
    data : Data, optional
        The inputs and the right answers: drawn afresh, or recorded; by default the public ones.
    functions, only : collection of str, optional
        Judge these functions, or run these tests, instead of all.

    Returns
    -------
    list of Result
        In the order of the tests.

    Raises
    ------
    FileNotFoundError, autograder.tape.StaleRecording
        If the recorded answers are missing or older than the tests.
    autograder.calls.Unavailable
        If there is nobody to ask for the student's answers.
    """
    trials = Trials(homework, student, data)
    return [
        trials.of(name).run(test)
        for name, test in tests(homework).items()
        if (only is None or name in only)
        and (functions is None or _marker(test).args[0] in functions)
    ]


class Trials:
    """Give each test what it asks for; the parameters are those of `run`."""

    def __init__(self, homework: str, student: Student, data: tape.Data | None = None) -> None:
        self.data = data or tape.Recorded(tape.load(homework)["tests"])
        self.student, self.seed = student, f"{self.data.seed}/{homework}"
        self.arguments = tape.arguments(homework)
        self._forms = suite(homework).FORMS
        self._room = MOST_KEPT

    def of(self, test: str) -> Trial:
        """Return what a test of this name is given."""
        return Trial(test, self)

    def read(self, name: str, value: Any) -> Any:
        """Bring an answer of a function into the types of its form."""
        return conform(value, self._forms[name])

    def keep(self, outcome: Answer | Failure) -> Answer | Failure:
        """Return an outcome as it is kept for the diagnosis: whole, while there is room."""
        if isinstance(outcome, Failure):
            return outcome
        left = self._room - wire.memory(outcome.value)
        if left < 0:
            return replace(outcome, value=wire.Opaque("large answer"))
        self._room = left
        return outcome


class Trial:
    """A run of one test: what it is given by the names of its parameters, and how it ends."""

    def __init__(self, test: str, trials: Trials) -> None:
        data, values = trials.data, trials.data.tape(test)
        self.test, self._caller = test, _Caller(trials)
        self.given = {
            "student": self._caller,
            "reference": tape.Reference(values, data.solutions, trials.read),
            "fresh": tape.Fresh(values, f"{trials.seed}/{test}"),
        }

    def run(self, test: Callable) -> Result:
        """Call the test."""
        given = {name: self.given[name] for name in inspect.signature(test).parameters}
        with each_part(self._caller.calls) as parts:
            try:
                with np.errstate(all="ignore"):
                    test(**given)
            except (KeyboardInterrupt, tape.StaleRecording, Unavailable):
                raise
            except BaseException as error:
                return self.result(test, error)
        return self.result(test, parts.first_mistake, parts.share)

    def result(self, test: Callable, error: BaseException | None, share: float = 0.0) -> Result:
        """Return how it ended, by what the test raised, and the share of what was right."""
        function, worth = _marker(test).args
        if error is not None and not isinstance(error, Mistake):
            error = Mistake(
                "This check could not work with the answer: is its size right?",
                f"{type(error).__name__}: {error}",
                Kind.UNUSABLE,
            )
        if error is not None:  # its frames hold the answer, which can be large
            error.__traceback__ = error.__context__ = None
        return Result(function, self.test, worth, error, self._caller.calls, share)


class _Caller:
    """Call the student's functions, as ``student.softmax(o)``, and read their answers."""

    def __init__(self, trials: Trials) -> None:
        self._trials = trials
        self.calls: list[Call] = []

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any) -> Any:
            outcome = self._ask(name, args)
            self._note(name, args, outcome)
            return self._trials.read(name, outcome.value)

        return call

    def timed(self, name: str, *args: Any) -> tuple[Any, float]:
        """Return the answer of a call, and the time that it takes.

        How often it is called may depend on the machine, so what it gives takes no part in the
        diagnosis.
        """
        start = perf_counter()
        outcome = self._ask(name, args)
        seconds = perf_counter() - start
        return self._trials.read(name, outcome.value), seconds

    def _ask(self, name: str, args: tuple) -> Answer:
        try:
            return self._trials.student.call(name, args)
        except Failure as failure:
            self._note(name, args, failure)
            raise Mistake(failure.message, failure.details, failure.kind) from None

    def _note(self, name: str, args: tuple, outcome: Answer | Failure) -> None:
        given = [f"argument {position + 1}" for position in range(len(args))]
        names = [*self._trials.arguments.get(name, []), *given][: len(args)]
        self.calls.append(Call(name, args, names, self._trials.keep(outcome)))
