"""The catalogue of classic mistakes: short wrong implementations of the exercises.

They prove that the tests tell right from wrong, and name what went wrong. Like the solutions, they
never leave the instructor.
"""

from __future__ import annotations

import importlib
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace


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


def catalogue(homework: str) -> list[Classic]:
    """Return the classic mistakes of a homework; one made in several ways has as many entries."""
    module = importlib.import_module(f"solutions.mistakes.{homework}")
    return [value for value in vars(module).values() if isinstance(value, Classic)]
