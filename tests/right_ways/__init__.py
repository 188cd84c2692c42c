"""Correct work in other styles than the solutions': all of it gets full points."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable


def right_ways(homework: str) -> dict[str, Callable]:
    """Return the right ways of a homework by name, ``<exercise>__<what is special>``."""
    module = importlib.import_module(f"tests.right_ways.{homework}")
    return {
        name: way
        for name, way in vars(module).items()
        if inspect.isfunction(way) and way.__module__ == module.__name__ and "__" in name
    }
