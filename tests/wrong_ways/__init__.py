"""The classic mistakes once more, in other styles.

They show that a mistake is recognised by what it does. Most were written from its name and its
sentence for the student alone, without its code; docs/proof.md tells how many.
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
