"""Calls of a student's functions: what comes back, and how it can fail."""

from __future__ import annotations

import copy
import io
import logging
import re
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autograder import wire
from autograder.explain import explained, named
from autograder.kinds import Kind
from autograder.neutral import neutral
from autograder.operands import Sizes, own_place


@dataclass(frozen=True)
class Answer:
    """What one call gave: plain data, and positions of arguments.

    ``changed`` are those that the call changed, ``shared`` those whose arrays are in its answer.
    """

    value: object
    changed: tuple[int, ...] = ()
    shared: tuple[int, ...] = ()


class Failure(Exception):
    """A call that gave no answer, told to the student in one sentence.

    Parameters
    ----------
    kind : Kind or str
        What happened, such as ``"timeout"``.
    message : str
        What happened and what to do.
    function : str
        The function in which it happened, where that is not the one that was called.
    where, line : str
        The place in the student's code, such as ``cell 12, line 3``, and its text.
    explained : str
        What an exception there comes from, in words.
    """

    def __init__(
        self,
        kind: Kind | str,
        message: str,
        function: str = "",
        where: str = "",
        line: str = "",
        explained: str = "",
    ) -> None:
        super().__init__(message)
        self.kind, self.message, self.function = Kind(kind), message, function
        self.where, self.line, self.explained = where, line, explained

    @property
    def details(self) -> str:
        """Where it happened, and why."""
        place = f"{self.where}: `{self.line}`" if self.line else self.where
        return f"{place}. {self.explained}".removeprefix(". ") if self.explained else place


class Unavailable(RuntimeError):
    """Nobody can be asked for answers, so nothing is known of the student's work."""


class Student(Protocol):
    """Where the functions under test live: this process, or a sandboxed one."""

    def call(self, name: str, args: tuple) -> Answer:
        """Call the function ``name``.

        Raises
        ------
        Failure
            If it gives no answer.
        Unavailable
            If that is not the student's fault.
        """


class Live:
    """Call functions of this process, as a check cell does.

    Parameters
    ----------
    functions : mapping of str to callable
        The functions under their graded names; None where one is to be written, but not here.
    """

    def __init__(self, functions: Mapping[str, Callable | None]) -> None:
        self._functions = functions

    def call(self, name: str, args: tuple) -> Answer:
        """Call ``name`` on copies of ``args``.

        Raises
        ------
        Failure
            If there is no such function, or it raises.
        """
        function = self._functions.get(name)
        if function is None:
            raise Failure(Kind.MISSING, f"There is no `{name}`: run the cell that defines it.")
        if not callable(function):
            message = f"`{name}` is no function any more: give its name back."
            raise Failure(Kind.NOT_CALLABLE, message)
        sent = copy.deepcopy(args)
        with _silence():
            try:
                value = function(*sent)
            except Exception as error:
                raise self._failure(name, sent, error) from None
            value = wire.plain(value)
        changed = tuple(
            position
            for position, (before, after) in enumerate(zip(args, sent, strict=True))
            if wire.encode(wire.plain(before)) != wire.encode(wire.plain(after))
        )
        return Answer(value, changed, wire.shared(value, sent))

    def _failure(self, name: str, args: tuple, error: Exception) -> Failure:
        """Describe an exception of the student's code, at the place in it."""
        place = own_place(error, _is_theirs, self._functions)
        where = f"line {place.line} of `{place.function}`" if place else ""
        line = place.code if place else ""
        if isinstance(error, NotImplementedError):
            stub = place.function if place else name
            return Failure(Kind.NOT_STARTED, f"`{stub}` is not written yet.", stub, where, line)
        text = f"{named(error)}: {error}"[:500]
        told = explained(error, place, Sizes(self._functions[name], args))
        return Failure(Kind.EXCEPTION, f"`{name}` raised {text}", "", where, line, told)


@contextmanager
def _silence() -> Iterator[None]:
    """Keep what a function prints, warns of and logs away from the report."""
    logger, nowhere = logging.getLogger(), logging.NullHandler()
    logger.addHandler(nowhere)  # else the first message would have logging set itself up
    try:
        with redirect_stdout(io.StringIO()), neutral():
            yield
    finally:
        logger.removeHandler(nowhere)


def _is_theirs(code: types.CodeType) -> bool:
    """Whether code is of no package, nor of Python itself: a student's cell or file."""
    return not (code.co_filename.startswith(_OURS) or _PACKAGES.search(code.co_filename))


# Where other code than a student's is from: this package, Python, and what Python makes itself.
_OURS = str(Path(__file__).parent), str(Path(types.__file__).parent), "<frozen", "<__", "<string>"
_PACKAGES = re.compile(r"[/\\](?:site|dist)-packages[/\\]")
