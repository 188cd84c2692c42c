"""The inputs and right answers of a test: made afresh, recorded, or played back.

A student's machine has neither the reference solutions nor the seed of the grading. What its
tests need was recorded when the course was built: the inputs as well as the answers, by test and
order of call, so that they stay true whatever the version of numpy.
"""

from __future__ import annotations

import copy
import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from autograder import wire
from autograder.calls import Student

PUBLIC_SEED = "deep learning, chapter 10"  # of the recordings; grading has a secret one


class StaleRecording(Exception):
    """A recording that does not fit its test."""


class Recorder:
    """Make every value when it is asked for, and keep what was made.

    Of what is made within the making of another value, nothing is kept.
    """

    def __init__(self) -> None:
        self.values: list = []
        self._making = False

    def __call__(self, make: Callable[[], Any]) -> Any:
        """Return ``make()``."""
        if self._making:
            return make()
        self._making = True
        try:
            value = make()
        finally:
            self._making = False
        self.values.append(copy.deepcopy(value))
        return value


class Player:
    """Give recorded values back in their order.

    Parameters
    ----------
    values : list
        What a `Recorder` kept.
    """

    def __init__(self, values: list) -> None:
        self._values = iter(values)

    def __call__(self, make: Callable[[], Any]) -> Any:
        """Return the next recorded value; ``make`` is not called."""
        try:
            return copy.deepcopy(next(self._values))
        except StopIteration:
            raise StaleRecording("the recording is older than the test: run `make build`") from None


Tape = Recorder | Player


@dataclass
class Drawn:
    """Data that are drawn for a run: the inputs at random, the right answers by the solutions.

    ``values`` keeps both, by name of test.
    """

    solutions: Student
    seed: str = PUBLIC_SEED
    values: dict[str, list] = field(default_factory=dict)

    def tape(self, test: str) -> Recorder:
        """Return what makes and keeps the values of a test."""
        recorder = Recorder()
        self.values[test] = recorder.values
        return recorder


@dataclass
class Recorded:
    """Data that were drawn before: the ``values`` that `Drawn` kept."""

    values: dict[str, list]
    solutions: None = None  # nobody is asked
    seed: str = ""

    def tape(self, test: str) -> Player:
        """Return what gives the values of a test back."""
        return Player(self.values.get(test, []))


Data = Drawn | Recorded


class Fresh:
    """Draw the inputs of a test.

    Parameters
    ----------
    tape : Tape
        Where the values come from or are kept.
    seed : str
        The same seed draws the same values.
    """

    def __init__(self, tape: Tape, seed: str) -> None:
        digest = hashlib.sha256(seed.encode()).digest()
        self._tape = tape
        self._rng = np.random.default_rng(int.from_bytes(digest, "little"))

    def normal(self, *shape: int, scale: float = 1.0) -> np.ndarray:
        """Draw normal numbers with mean 0 and standard deviation ``scale``."""
        return self._tape(lambda: scale * self._rng.standard_normal(shape))

    def uniform(self, low: float, high: float, *shape: int) -> np.ndarray:
        """Draw numbers between ``low`` and ``high``."""
        return self._tape(lambda: self._rng.uniform(low, high, shape))

    def integers(self, low: int, high: int, *shape: int) -> np.ndarray:
        """Draw integers from ``low`` to ``high - 1``."""
        return self._tape(lambda: self._rng.integers(low, high, shape))

    def params(self, D: int, H: int, K: int, feedback: str = "hidden") -> dict[str, np.ndarray]:
        """Draw the parameters ``U V W b c`` of a network.

        Parameters
        ----------
        D, H, K : int
            Numbers of inputs, hidden units and classes.
        feedback : {"hidden", "output"}
            Whether ``W`` is ``(H, H)``, or ``(H, K)``.
        """
        return {
            "U": self.normal(H, D, scale=0.7),
            "V": self.normal(K, H, scale=0.7),
            "W": self.normal(H, H if feedback == "hidden" else K, scale=0.7),
            "b": self.normal(H, scale=0.7),
            "c": self.normal(K, scale=0.7),
        }

    def lengths(self, T: int, N: int) -> np.ndarray:
        """Draw ``(N,)`` lengths from 1 to T: the first is shorter than T, the last is T."""

        def make() -> np.ndarray:
            lengths = self._rng.integers(1, T + 1, N)
            lengths[-1] = T
            lengths[0] = self._rng.integers(1, max(2, T))
            return lengths

        return self._tape(make)

    def mask(self, T: int, N: int) -> np.ndarray:
        """Draw a float mask ``(T, N)``: 1 on a sequence, 0 on the padding after its end."""
        return (np.arange(T)[:, None] < self.lengths(T, N)).astype(np.float64)

    def until(self, fits: Callable[..., bool], draw: Callable[[], tuple]) -> tuple:
        """Draw again until ``fits(*draw())``; only what fits is kept."""

        def search() -> tuple:
            while not fits(*(drawn := draw())):
                pass
            return drawn

        return self._tape(search)

    def seed(self) -> int:
        """Draw a seed for `generator`."""
        return int(self.integers(0, 2**31))

    @staticmethod
    def generator(seed: int) -> np.random.Generator:
        """Make a generator; two of the same seed draw the same numbers."""
        return np.random.Generator(np.random.PCG64(seed))


class Reference:
    """Give the right answers: ``reference.softmax(o)``.

    Parameters
    ----------
    tape : Tape
        Where the answers come from or are kept.
    solutions : Student, optional
        The reference solutions; not needed where answers are played back.
    read : callable
        ``read(name, value)`` brings an answer into the types of its form.
    """

    def __init__(
        self, tape: Tape, solutions: Student | None, read: Callable[[str, Any], Any]
    ) -> None:
        self._tape, self._solutions, self._read = tape, solutions, read

    def __getattr__(self, name: str) -> Callable:
        def answer(*args: Any) -> Any:
            def make() -> Any:
                assert self._solutions is not None
                return self._solutions.call(name, args).value

            return self._read(name, self._tape(make))

        return answer


# --- recordings --------------------------------------------------------------------------

RECORDINGS = Path(__file__).parent / "suites" / "recordings"


def save(homework: str, recording: dict) -> None:
    """Write the recording of a homework, byte-identical for the same content."""
    RECORDINGS.mkdir(exist_ok=True)
    _path(homework).write_bytes(gzip.compress(wire.encode(recording), mtime=0))
    load.cache_clear()


@cache
def load(homework: str) -> dict:
    """Read the recording of a homework.

    Returns
    -------
    dict
        ``tests``: the values by name of test; ``arguments``: the names of each function's.

    Raises
    ------
    FileNotFoundError
        If the course has not been built.
    """
    recording = wire.decode(gzip.decompress(_path(homework).read_bytes()), trusted=True)
    assert isinstance(recording, dict)
    return recording


def arguments(homework: str) -> dict[str, list[str]]:
    """Return the names of each function's arguments; none before the course is built."""
    try:
        names: dict[str, list[str]] = load(homework)["arguments"]
    except FileNotFoundError:
        return {}
    return names


def _path(homework: str) -> Path:
    return RECORDINGS / f"{homework}.bin.gz"
