"""The catalogue of a homework: classic mistakes, alone and in pairs, and work in other styles.

The mistakes prove that the tests tell right from wrong, and name what went wrong. They stand in the
homework's folder in ``solutions/``, and never leave the instructor; here is only how they are
written down and read.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from pathlib import Path

from autograder.course.written import file, load
from autograder.suite import exercises

# --- classic mistakes: mistakes.py -------------------------------------------------------


@dataclass(frozen=True)
class Classic:
    """A classic mistake.

    Parameters
    ----------
    function : str
        The exercise that it gets wrong.
    name : str
        The mistake in a few words.
    says : str
        For the student: what the result looks like, why it is wrong in terms of the equation, and
        where to look; never the solution itself.
    fails : tuple of str
        The tests that it must fail; all others of the function pass.
    wrong : callable
        The wrong implementation. It uses only what the homework's notebook defines.
    """

    function: str
    name: str
    says: str
    fails: tuple[str, ...]
    wrong: Callable

    @property
    def source(self) -> str:
        """The wrong implementation as a student would have written it."""
        source = textwrap.dedent(inspect.getsource(self.wrong))
        definition = source[source.index("def ") :]
        return definition.replace(f"def {self.wrong.__name__}(", f"def {self.function}(", 1)


def classic(function: str, name: str, says: str, fails: tuple[str, ...]) -> Callable:
    """Register the decorated function as a classic mistake."""

    def register(wrong: Callable) -> Classic:
        return Classic(function, name, says, fails, wrong)

    return register


def another(first: Classic, fails: tuple[str, ...] | None = None) -> Callable:
    """Register the decorated function as another way to make a mistake, with other results.

    Parameters
    ----------
    first : Classic
        The mistake; function, name and sentence are the same.
    fails : tuple of str, optional
        The tests that it must fail, where they are not those of the first.
    """
    return lambda wrong: replace(first, fails=fails or first.fails, wrong=wrong)


def catalogue(course: Path, homework: str) -> list[Classic]:
    """Return the classic mistakes of a homework; one made in several ways has as many entries."""
    module = load(course, homework, "mistakes")
    return [value for value in vars(module).values() if isinstance(value, Classic)]


# --- two mistakes at once: pairs.py ------------------------------------------------------


@dataclass(frozen=True)
class Switched:
    """An implementation with switches, in groups of which only one can be on.

    It takes, before its own arguments, the set of the mistakes to make. They have the names of the
    catalogue, and each of them alone gives what its entry there gives.
    """

    groups: tuple[tuple[str, ...], ...]
    way: Callable

    @property
    def names(self) -> list[str]:
        """The mistakes that can be made, each once."""
        return list(dict.fromkeys(name for group in self.groups for name in group))

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The pairs of mistakes that can be made together."""
        apart = {frozenset(two) for group in self.groups for two in combinations(group, 2)}
        return [two for two in combinations(self.names, 2) if frozenset(two) not in apart]

    def making(self, *mistakes: str) -> Callable:
        """Return the exercise with these mistakes made, or none."""
        return partial(self.way, frozenset(mistakes))


def switches(*names: str | tuple[str, ...]) -> Callable:
    """Register the decorated function as the exercise of its name, with a switch for each mistake.

    Of a tuple only one can be on: two would exclude or hide each other, or do what others do.
    """
    groups = tuple((name,) if isinstance(name, str) else name for name in names)
    return lambda way: Switched(groups, way)


def pairs(course: Path, homework: str) -> Iterator[tuple[str, tuple[str, str], Callable]]:
    """Yield each pair of mistakes of a homework: the exercise, their names, the wrong function."""
    if not (course / file(homework, "pairs")).is_file():
        return
    module = load(course, homework, "pairs")
    for function in exercises(homework):
        switched = getattr(module, function, None)
        if isinstance(switched, Switched):
            for names in switched.pairs:
                yield function, names, switched.making(*names)


# --- other styles: wrong_ways.py and right_ways.py ---------------------------------------


@dataclass(frozen=True)
class Wrong:
    """A mistake of the catalogue in another style: the exercise, the mistake's name, the code."""

    function: str
    name: str
    way: Callable


def wrong(function: str, name: str) -> Callable:
    """Register the decorated function as another way to make the mistake ``name``."""
    return lambda way: Wrong(function, name, way)


def wrong_ways(course: Path, homework: str) -> list[Wrong]:
    """Return the classic mistakes of a homework once more, in other styles.

    They show that a mistake is recognised by what it does. Most were written from its name and its
    sentence for the student alone, without its code.
    """
    module = load(course, homework, "wrong_ways")
    return [value for value in vars(module).values() if isinstance(value, Wrong)]


def right_ways(course: Path, homework: str) -> dict[str, Callable]:
    """Return correct work on a homework by name, ``<exercise>__<what is special>``."""
    module = load(course, homework, "right_ways")
    return {
        name: way
        for name, way in vars(module).items()
        if inspect.isfunction(way) and way.__module__ == module.__name__ and "__" in name
    }
