"""Run the graded tests of a homework against somebody's functions, with pytest."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Collection, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any, Literal, cast

import numpy as np
import pytest

from autograder import tape, wire
from autograder.calls import Answer, Failure, Student
from autograder.judge import Mistake, conform
from autograder.kinds import Kind

FOLDER = Path(__file__).parent / "suites"
# Plugins of pytest that no graded test needs: to start them takes longer than many a test. Those of
# warnings and logging stay, since they keep what a student's function says away from the report.
UNUSED = (
    *("cacheprovider", "debugging", "doctest", "faulthandler", "junitxml", "legacypath"),
    *("monkeypatch", "pastebin", "recwarn", "setuponly", "setupplan", "skipping", "stepwise"),
    *("subtests", "terminal", "threadexception", "tmpdir", "unittest"),
    "unraisableexception",  # it would collect all garbage, at each run
)
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

    ``mistake`` is None where it passed; ``calls`` holds what the student's functions were asked,
    and what they gave.
    """

    function: str
    test: str
    worth: float
    mistake: Mistake | None = None
    calls: Sequence[Call] = ()

    @property
    def passed(self) -> bool:
        """Whether the answer was right."""
        return self.mistake is None

    @property
    def title(self) -> str:
        """The test's name as a sentence."""
        return self.test.removeprefix("test_").replace("_", " ")


# --- the homeworks -----------------------------------------------------------------------


def homeworks() -> list[str]:
    """List the names of the homeworks, in their order."""
    return sorted(path.stem for path in FOLDER.glob("hw*.py"))


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


# --- running -----------------------------------------------------------------------------


def run(
    homework: str,
    student: Student,
    solutions: Student | None = None,
    seed: str = tape.PUBLIC_SEED,
    functions: Collection[str] | None = None,
    only: Collection[str] | None = None,
    record: dict[str, list] | None = None,
    recording: dict[str, list] | None = None,
) -> list[Result]:
    """Run the graded tests of a homework.

    Parameters
    ----------
    homework : str
        Its name, such as ``"hw4_bptt"``.
    student : Student
        Calls the functions to judge.
    solutions : Student, optional
        Calls the reference solutions; without it, a recording is played back.
    seed : str
        Of the inputs; recorded ones have the public seed.
    functions, only : collection of str, optional
        Judge these functions, or run these tests, instead of all.
    record : dict, optional
        Filled with the inputs and answers by name of test.
    recording : dict, optional
        What is played back: what such a record was filled with, or the public one if left out.

    Returns
    -------
    list of Result
        In the order of the tests.

    Raises
    ------
    FileNotFoundError, autograder.tape.StaleRecording
        If the recorded answers are missing or older than the tests.
    """
    plugin = _Plugin(homework, student, solutions, seed, functions, only, record, recording)
    options = [
        str(FOLDER / f"{homework}.py"),
        f"--rootdir={FOLDER}",
        "--noconftest",  # nothing that lies beside a notebook takes part
        "--disable-plugin-autoload",
        "--assert=plain",
        "--capture=no",
        f"-c{FOLDER / 'pytest.ini'}",
        *(f"-pno:{plugin}" for plugin in UNUSED),
    ]
    with redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        status = pytest.main(options, plugins=[plugin])
    if plugin.broken:
        raise plugin.broken
    if status == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"pytest could not run the tests of {homework} (exit {status})")
    return plugin.results


class _Plugin:
    """The fixtures of the graded tests, and the record of how each ended."""

    def __init__(
        self,
        homework: str,
        student: Student,
        solutions: Student | None,
        seed: str,
        functions: Collection[str] | None,
        only: Collection[str] | None,
        record: dict[str, list] | None,
        recording: dict[str, list] | None,
    ) -> None:
        self.results: list[Result] = []
        self.broken: BaseException | None = None
        self._room = MOST_KEPT
        self._forms = suite(homework).FORMS
        self._functions, self._only = functions, only
        self._student, self._solutions, self._record = student, solutions, record
        self._seed = f"{seed}/{homework}"
        public = {} if record is not None else tape.load(homework)
        self._recorded: dict[str, list] = (
            public.get("tests", {}) if recording is None else recording
        )
        self._arguments: dict[str, list] = public.get("arguments", {})

    @pytest.hookimpl
    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        def wanted(item: pytest.Function) -> bool:
            return (self._only is None or item.name in self._only) and (
                self._functions is None or _marker(item.function).args[0] in self._functions
            )

        items[:] = [item for item in items if wanted(item)]

    @pytest.fixture
    def _tape(self, request: pytest.FixtureRequest) -> tape.Tape:
        name = request.node.name
        if self._solutions is None:
            return tape.Playback(self._recorded.get(name, []))
        live = tape.Live()
        if self._record is not None:
            self._record[name] = live.values
        return live

    @pytest.fixture
    def fresh(self, request: pytest.FixtureRequest, _tape: tape.Tape) -> tape.Fresh:
        return tape.Fresh(_tape, f"{self._seed}/{request.node.name}")

    @pytest.fixture
    def reference(self, _tape: tape.Tape) -> tape.Reference:
        return tape.Reference(_tape, self._solutions, self._read)

    @pytest.fixture
    def student(self, request: pytest.FixtureRequest) -> _Caller:
        caller = _Caller(self._student, self._read, self._arguments, self._keep)
        request.node.caller = caller
        return caller

    def _read(self, name: str, value: Any) -> Any:
        return conform(value, self._forms[name])

    def _keep(self, outcome: Answer | Failure) -> Answer | Failure:
        """Return an outcome as it is kept for the diagnosis: whole, while there is room."""
        if isinstance(outcome, Failure):
            return outcome
        left = _room_left(outcome.value, self._room)
        if left < 0:
            return Answer(wire.Opaque("large answer"), outcome.changed)
        self._room = left
        return outcome

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Function, call: pytest.CallInfo
    ) -> pytest.TestReport:
        """Keep how the test ended; leave out the traceback, which nobody sees and costs time."""
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, tape.StaleRecording) or (error and call.when != "call"):
            self.broken = self.broken or error
        elif call.when == "call":
            self.results.append(self._result(item, error))
        outcome: Literal["failed", "passed"] = "failed" if error else "passed"
        when = cast(Literal["setup", "call", "teardown"], call.when)
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, when)

    def _result(self, item: pytest.Function, error: BaseException | None) -> Result:
        function, worth = _marker(item.function).args
        if error is not None and not isinstance(error, Mistake):
            error = Mistake(
                "This check could not work with the answer: is its size right?",
                f"{type(error).__name__}: {error}",
                Kind.UNUSABLE,
            )
        if error is not None:  # its frames hold the answer, which can be large
            error.__traceback__ = error.__context__ = None
        caller: _Caller = item.caller  # type: ignore[attr-defined]
        return Result(function, item.name, worth, error, caller.calls)


def _room_left(value: Any, room: int) -> int:
    """Return what is left of so many bytes beside a value, or a negative number."""
    todo = [value]
    while todo and room >= 0:
        part = todo.pop()
        items = part.values() if isinstance(part, dict) else part
        if isinstance(part, dict | list | tuple):
            room -= 100 * len(part)
            todo.extend(items if room >= 0 else ())
        else:
            room -= part.nbytes if isinstance(part, np.ndarray) else sys.getsizeof(part)
    return room


class _Caller:
    """Call the student's functions, as ``student.softmax(o)``, and read their answers."""

    def __init__(self, student: Student, read: Any, arguments: dict[str, list], keep: Any) -> None:
        self._student, self._read, self._arguments = student, read, arguments
        self._keep = keep
        self.calls: list[Call] = []

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any) -> Any:
            outcome = self._ask(name, args)
            self._note(name, args, outcome)
            return self._read(name, outcome.value)

        return call

    def seconds(self, name: str, *args: Any) -> float:
        """Return the time that a call takes. How often it is called may depend on the machine.

        So what it gives takes no part in the diagnosis.
        """
        start = perf_counter()
        self._ask(name, args)
        return perf_counter() - start

    def _ask(self, name: str, args: tuple) -> Answer:
        try:
            return self._student.call(name, args)
        except Failure as failure:
            self._note(name, args, failure)
            place = f"{failure.where}: `{failure.line}`" if failure.line else failure.where
            raise Mistake(failure.message, place, failure.kind) from None

    def _note(self, name: str, args: tuple, outcome: Answer | Failure) -> None:
        given = [f"argument {position + 1}" for position in range(len(args))]
        names = [*self._arguments.get(name, []), *given][: len(args)]
        self.calls.append(Call(name, args, names, self._keep(outcome)))
