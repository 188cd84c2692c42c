"""Run a submission where it can do no harm, and call its functions.

The cells run in a process of their own (`autograder.grading.process`) behind walls
(`autograder.grading.walls`). What it answers is plain data, of which nothing is taken for granted.
"""

from __future__ import annotations

import math
import secrets
import signal
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from autograder import wire
from autograder.calls import Answer, Failure
from autograder.grading.process import Process, Stopped
from autograder.grading.walls import START_SECONDS, SandboxMissing, printable
from autograder.kinds import Kind
from autograder.maps import turned
from autograder.usage import WrongUsage

MAX_STARTS = 12  # of the process of one submission
QUICK = 2.0  # seconds that a cell of the student's own may take where all had too many together
MAX_MESSAGE = 2**20  # bytes of what it says while it runs the cells
OPEN_FILES = 256
SIGNALS = 64  # that wait to be delivered


@dataclass(frozen=True)
class Limits:
    """Bound what a submission may take.

    Parameters
    ----------
    cell_seconds, call_seconds : float
        Wall time of one cell, and of one call of a graded function.
    own_seconds : float
        Wall time of all cells of the student's own together. After that, of those that are
        not quick only imports, functions and classes are run.
    submission_seconds : float
        Wall time of all other cells and all calls of a submission together.
    cpu_seconds : float
        CPU time of the process, all its threads together; it starts anew with the process.
    memory_bytes : int
        Address space of the process.
    processes : int
        Threads of the process; other processes cannot be started at all.
    file_bytes : int
        Size of one file.
    answer_bytes : int
        Size of the answer to one call.
    """

    cell_seconds: float = 20
    call_seconds: float = 10
    own_seconds: float = 60
    submission_seconds: float = 120
    cpu_seconds: float = 180
    memory_bytes: int = 2 * 2**30
    processes: int = 64
    file_bytes: int = 16 * 2**20
    answer_bytes: int = 8 * 2**20


# ------------------------------------------------------------------------------ what is told

# What a student reads of a call that gave no answer, by kind.
_CALL: dict[Kind, str] = {
    Kind.NOT_STARTED: "`{function}` is not written yet.",
    Kind.MISSING: "There is no function `{name}` in the notebook: did its cell run without errors?",
    Kind.NOT_CALLABLE: "`{name}` is no function any more: give its name back.",
    Kind.EXCEPTION: "`{name}` raised {error}",
    Kind.MEMORY: "`{name}` needed more than {memory:g} MiB of memory.",
    Kind.TOO_LARGE: "`{name}` returned more than {answer:g} MiB.",
    Kind.TIMEOUT: "`{name}` took longer than {call:g} s and was stopped: "
    "look for a loop that does not end, or for work that can be done at once.",
    Kind.CPU: "The notebook used more than {cpu:g} s of CPU time, and `{name}` was stopped: "
    "look for work that can be done at once, or for threads that go on.",
    Kind.FILES: "The notebook made too many files, or one that is too large, and `{name}` was "
    "stopped: graded functions need none.",
    Kind.KILLED: "`{name}` ended the process that it ran in: a graded function must return, "
    "not exit or crash.",
    Kind.GARBAGE: "`{name}` gave an answer that cannot be read: "
    "something in the notebook writes to a file that is not its own.",
    Kind.SUBMISSION_TIMEOUT: "`{name}` was not called to its end: "
    "the notebook has used up its {submission:g} s.",
    Kind.RESTARTS: "`{name}` was not called: the notebook ended its process too often.",
    Kind.UNREADABLE: "`{name}` was not called: the notebook could not be run.",
}
_STOPPED_BEFORE = "`{name}` was not called again, since it was stopped before. {reason}"

# The same of a cell.
_LOST = "Its names are lost, and the other cells ran without them."
_CELL = {
    "exception": "Line {line}: {error}",
    "exception nowhere": "{error}",
    "not started": "Line {line}: `{function}` is not written yet.",
    "memory": "It needed more than {memory:g} MiB of memory.",
    "timeout": f"It took longer than {{cell:g}} s and was stopped. {_LOST}",
    "own": "It took longer than {cell:g} s, or all cells of your own more than {own:g} s together: "
    "only its imports, functions and classes were run.",
    "cpu": f"It used more than {{cpu:g}} s of CPU time and was stopped. {_LOST}",
    "files": f"It made too many files, or one that is too large, and was stopped. {_LOST}",
    "killed": f"It ended the process that it ran in, by an exit or a crash. {_LOST}",
    "garbage": f"It wrote to a file that is not its own, and was stopped. {_LOST}",
    "submission timeout": "It was stopped: the notebook has used up its {submission:g} s.",
}


_ENDS = {-signal.SIGXCPU: Kind.CPU, -signal.SIGXFSZ: Kind.FILES}  # by exit status, or 128 less it

# ------------------------------------------------------------------------------ the submission


class Submission:
    """Run the cells of a submission, and call the functions that they define.

    The process starts at the first call. Where it is stopped or ends, it starts anew for the
    functions that are left, without the cell in which that happened. It ends with the thread
    that it was started from, at the latest.

    Parameters
    ----------
    cells : iterable of (label, source, mode)
        A label is such as ``"cell 12"``; the mode is ``"run"``, ``"own"`` for a cell of the
        student's own, or ``"definitions"`` to run only its imports, functions and classes.
    graded : sequence of str
        The names of the graded functions.
    limits : Limits
        On time, memory and output.
    sandbox : bool
        False runs a plain process with the limits that are left, for code that is trusted.

    Attributes
    ----------
    cell_errors : dict of str to str
        What went wrong in a cell, by its label.
    uses : dict of str to tuple of str
        The graded functions that each graded function calls, itself or through helpers.
    """

    def __init__(
        self,
        cells: Iterable[tuple[str, str, str]],
        graded: Sequence[str],
        limits: Limits = Limits(),
        sandbox: bool = True,
    ) -> None:
        self.cell_errors: dict[str, str] = {}
        self.uses: dict[str, tuple[str, ...]] = {}
        self._cells = list(cells)
        self._graded = list(graded)
        self._limits = limits
        self._sandbox = sandbox
        self._process: Process | None = None
        self._starts = 0
        self._seconds_left = limits.submission_seconds
        self._own_left = limits.own_seconds
        self._took: dict[int, float] = {}  # seconds of a cell of the student's own, by position
        self._cut: set[int] = set()  # those of which only the definitions are run
        self._left_out: set[int] = set()  # cells that stopped the process, by position
        self._stopped: dict[str, Failure] = {}  # why a function is not called any more
        self._over: Kind | None = None  # the kind of failure of every call from now on

    def __enter__(self) -> Submission:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process:
            self._process.stop()
            self._process = None

    def call(self, name: str, args: tuple[Any, ...]) -> Answer:
        """Call the function ``name``.

        Raises
        ------
        Failure
            If there is no answer.
        SandboxMissing
            If there is no sandbox and one is asked for.
        """
        if before := self._stopped.get(name):
            message = _STOPPED_BEFORE.format(name=name, reason=before.message)
            raise Failure(before.kind, message)
        process = self._running()
        if process is None:
            raise self._failure(self._over or Kind.UNREADABLE, name)
        ticket = secrets.token_hex(8)  # so that what was written before is no answer to this
        try:
            with self._clock(self._limits.call_seconds) as deadline:
                process.send(wire.encode((ticket, name, tuple(map(turned, args)))), deadline)
                reply = process.receive(deadline, self._limits.answer_bytes)
            return self._answer(reply, ticket, name, len(args))
        except Stopped as stopped:
            self._stopped[name] = self._failure(self._end(stopped.kind), name)
            raise self._stopped[name] from None

    def start(self) -> None:
        """Run the cells, if they have not been run yet."""
        self._running()

    def _answer(self, reply: Any, ticket: str, name: str, count: int) -> Answer:
        """Return the answer in a reply, or raise the failure that it tells of.

        What stands where a text is expected may be an array, which must not be compared.
        """
        match reply:
            case (str(given), *answer) if given == ticket:
                reply = answer
            case _:
                raise Stopped(Kind.GARBAGE)
        match reply:
            case (str("answer"), value, tuple(changed), tuple(shared)) if all(
                type(position) is int and 0 <= position < count for position in changed + shared
            ):
                return Answer(value, changed, shared)
            case (str("failure"), str("missing" | "not callable" | "too large") as kind, None):
                raise self._failure(Kind(kind), name)
            case (str("failure"), str("not started" | "exception" | "memory") as kind, error):
                raise self._failure(Kind(kind), name, _Error.read(error))
        raise Stopped(Kind.GARBAGE)

    def _failure(self, kind: Kind, name: str, error: _Error | None = None) -> Failure:
        error = error or _Error()
        function = error.function if kind is Kind.NOT_STARTED else ""
        told: dict[str, Any] = {"name": name, "function": function, "error": error}
        message = _CALL[kind].format(**self._numbers(), **told)
        return Failure(kind, message, function, error.where, error.code, error.explained)

    def _numbers(self) -> dict[str, Any]:
        """Return the limits by the names that the messages give them; sizes are in MiB."""
        limits = self._limits
        return {
            "cell": limits.cell_seconds,
            "call": limits.call_seconds,
            "own": limits.own_seconds,
            "submission": limits.submission_seconds,
            "cpu": limits.cpu_seconds,
            "memory": limits.memory_bytes / 2**20,
            "answer": limits.answer_bytes / 2**20,
        }

    # --- the process

    def _running(self) -> Process | None:
        """Return the process, with the cells run; None if there will be none any more."""
        if self._process and self._process.spoke_unasked():
            self._end(Kind.GARBAGE)
        while self._process is None and not self._over:
            self._start()
        return self._process

    def _start(self) -> None:
        """Start a process and run the cells, or note what came in the way."""
        positions = [at for at in range(len(self._cells)) if at not in self._left_out]
        if self._own_left <= 0:
            unknown = 0.0 if self._starts < MAX_STARTS // 2 else math.inf
            slow = {at for at in positions if self._took.get(at, unknown) > QUICK}
            for at in filter(self._is_own, slow - self._cut):
                self._cut.add(at)
                self._note(at, "own")
        setup = {
            "cells": [self._sent(at) for at in positions],
            "graded": self._graded,
            "answer_bytes": self._limits.answer_bytes,
        }
        try:
            data = wire.encode(setup)
        except wire.WireError:
            self._over = Kind.UNREADABLE
            return
        if self._starts == MAX_STARTS:
            self._over = Kind.RESTARTS
            return
        self._starts += 1
        self._process = Process(self._sandbox, self._rlimits())
        running = reported = -1  # positions of cells
        try:
            self._process.send(data, time.monotonic() + START_SECONDS)
            while True:
                with self._clock(self._limits.cell_seconds, running) as deadline:
                    message = self._process.receive(deadline, MAX_MESSAGE)
                match message:
                    case (str("cell"),) if positions:
                        running = positions.pop(0)
                    case (str("failed"), str(kind), error) if running != reported:
                        reported = running
                        self._note(running, kind, _Error.read(error))
                    case (str("done"), dict(uses)) if not (
                        positions or self._process.spoke_unasked()
                    ):
                        self.uses = self._checked(uses)
                        return
                    case _:
                        raise Stopped(Kind.GARBAGE)
        except Stopped as stopped:
            kind = self._end(stopped.kind)
            if running < 0:
                self._over = self._over or Kind.UNREADABLE
            elif kind is Kind.TIMEOUT and self._is_own(running) and running not in self._cut:
                self._cut.add(running)
                self._note(running, "own")
            else:
                self._left_out.add(running)
                self._note(running, kind)

    def _is_own(self, cell: int) -> bool:
        return self._cells[cell][2] == "own"

    def _sent(self, cell: int) -> tuple[str, str, str]:
        label, source, mode = self._cells[cell]
        return label, source, "definitions" if cell in self._cut else mode

    def _note(self, cell: int, kind: str, error: _Error | None = None) -> None:
        """Keep what went wrong in a cell."""
        error = error or _Error()
        if kind == "exception" and not error.line:
            kind = "exception nowhere"
        elif kind not in _CELL:
            kind = "garbage"
        told: dict[str, Any] = {"line": error.line, "error": error, "function": error.function}
        self.cell_errors[self._cells[cell][0]] = _CELL[kind].format(**self._numbers(), **told)

    def _checked(self, uses: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        """Return which graded functions use which, with nothing else in it."""
        checked = {}
        for name in self._graded:
            told = uses.get(name)
            names = {part for part in told if type(part) is str} if type(told) is list else set()
            checked[name] = tuple(used for used in self._graded if used in names)
        return checked

    def _rlimits(self) -> dict[str, int]:
        limits = {
            "AS": self._limits.memory_bytes,
            "CPU": math.ceil(self._limits.cpu_seconds),
            "FSIZE": self._limits.file_bytes,
            "NOFILE": OPEN_FILES,
            "CORE": 1,  # no core dump; 0 would still hand one to a program that asks for them
        }
        if self._sandbox:
            # With process 1. In a plain process, it would count all that the user runs.
            limits |= {"NPROC": self._limits.processes + 1, "SIGPENDING": SIGNALS}
        return limits

    def _end(self, kind: Kind) -> Kind:
        """Stop the process, and return the kind of its end more exactly."""
        assert self._process is not None
        status = self._process.stop(ending=kind is Kind.KILLED)
        self._process = None
        if self._seconds_left <= 0:
            self._over = kind = Kind.SUBMISSION_TIMEOUT
        elif kind is Kind.KILLED:
            kind = _ENDS.get(status if status < 0 else 128 - status, kind)
        return kind

    @contextmanager
    def _clock(self, seconds: float, cell: int = -1) -> Iterator[float]:
        """Give a deadline, and take the time until the end of the block from whose it is.

        That is the submission's, or that of the student's own cells while there is some left.
        """
        own = cell >= 0 and self._is_own(cell) and cell not in self._cut
        theirs = own and self._own_left > 0
        start = time.monotonic()
        try:
            left = self._own_left if theirs else self._seconds_left
            yield start + min(QUICK if own and not theirs else seconds, left)
        finally:
            took = time.monotonic() - start
            if theirs:
                self._own_left -= took
            else:
                self._seconds_left -= took
            if own:
                self._took[cell] = self._took.get(cell, 0.0) + took


def try_sandbox() -> None:
    """Start a sandbox.

    Raises
    ------
    WrongUsage
        If none can be had here.
    """
    try:
        with Submission([], []) as process:
            process.start()
    except SandboxMissing as error:
        raise WrongUsage(str(error)) from None


@dataclass(frozen=True)
class _Error:
    """An error of the student's code, as the sandbox tells of it."""

    line: int = 0
    type: str = ""
    text: str = ""
    label: str = ""
    code: str = ""
    function: str = ""
    explained: str = ""

    @classmethod
    def read(cls, told: Any) -> _Error:
        """Read an error, of which nothing is taken for granted."""
        match told:
            case {
                "type": str(kind),
                "text": str(text),
                "label": str(label),
                "code": str(code),
                "function": str(function),
                "explained": str(explained),
                "line": int(line),
            }:
                texts = map(printable, (kind, text, label, code, function, explained))
                return cls(line, *texts)
        raise Stopped(Kind.GARBAGE)

    @property
    def where(self) -> str:
        """The place, such as ``cell 12, line 3``."""
        return f"{self.label}, line {self.line}" if self.line else self.label

    def __str__(self) -> str:
        return f"{self.type}: {self.text}" if self.text else self.type
