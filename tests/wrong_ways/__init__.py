"""The classic mistakes once more, as somebody else makes them.

Whoever wrote these had a mistake's name and its sentence for the student, not its code. They show
that a mistake is recognised by what it does, whatever the style of who makes it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Wrong:
    """A mistake of the catalogue in another style: the exercise, the mistake's name, the code."""

    function: str
    name: str
    way: Callable


def wrong(function: str, name: str) -> Callable:
    """Register the decorated function as another way to make the mistake ``name``."""
    return lambda way: Wrong(function, name, way)


def wrong_ways(homework: str) -> list[Wrong]:
    """Return the wrong ways of a homework."""
    module = importlib.import_module(f"tests.wrong_ways.{homework}")
    return [value for value in vars(module).values() if isinstance(value, Wrong)]
