"""The kinds of failure, and what follows from each: above all, how much of it may be told.

A function is graded on secret data. A student who could read them in the feedback could hand in
answers instead of work, so each kind says here how much of a failure is shown.
"""

from __future__ import annotations

from enum import Enum, StrEnum, auto, unique


class Secrecy(Enum):
    """How much of a failure on secret data is told, where the public data do not show it."""

    OPEN = auto()  # its message: any data would show it, or it took a limit's time to see
    WORDED = auto()  # a constant sentence on its kind: a message's places and numbers can be chosen
    CLOSED = auto()  # nothing: text of the student's in its message can hold the secret data


@unique
class Kind(StrEnum):
    """A kind of failure, which is also the text that graded notebooks keep."""

    secrecy: Secrecy

    def __new__(cls, text: str, secrecy: Secrecy = Secrecy.CLOSED) -> Kind:
        """Make a kind of its text, of which nothing may be told if nothing else is said."""
        kind = str.__new__(cls, text)
        kind._value_ = text
        kind.secrecy = secrecy
        return kind

    # Of a call that gave no answer.
    NOT_STARTED = "not started", Secrecy.OPEN
    MISSING = "missing", Secrecy.OPEN
    NOT_CALLABLE = "not callable", Secrecy.OPEN
    EXCEPTION = "exception"
    MEMORY = "memory", Secrecy.OPEN
    TOO_LARGE = "too large", Secrecy.OPEN
    TIMEOUT = "timeout", Secrecy.OPEN
    CPU = "cpu", Secrecy.OPEN
    FILES = "files", Secrecy.OPEN
    KILLED = "killed", Secrecy.OPEN
    GARBAGE = "garbage", Secrecy.OPEN
    SUBMISSION_TIMEOUT = "submission timeout", Secrecy.OPEN
    RESTARTS = "restarts", Secrecy.OPEN
    UNREADABLE = "unreadable", Secrecy.OPEN

    # Of an answer that is wrong. What the form asks for is told with what came back instead, such
    # as a type, a dtype or a label, of which the student's code chooses the name.
    TYPE = "type"
    SHAPE = "shape"
    GRAPH = "graph"
    UNUSABLE = "unusable"
    VALUES = "values", Secrecy.WORDED
    NAN = "nan", Secrecy.WORDED
    ARGUMENT_CHANGED = "argument changed", Secrecy.WORDED
    BEHAVIOUR = "behaviour", Secrecy.WORDED

    @property
    def unwritten(self) -> bool:
        """Whether nothing was written."""
        return self in (Kind.NOT_STARTED, Kind.MISSING)

    @property
    def says_all(self) -> bool:
        """Whether there is no cause to look for."""
        return self.unwritten or self is Kind.NOT_CALLABLE

    @property
    def out_of_time(self) -> bool:
        """Whether a limit on time was reached."""
        return self in (Kind.TIMEOUT, Kind.CPU, Kind.SUBMISSION_TIMEOUT)
