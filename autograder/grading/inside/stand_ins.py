"""Put what a notebook expects around it in place: the course's names, and a kernel's."""

from __future__ import annotations

import builtins
import importlib
import os
import sys
import types
from typing import Any

import numpy as np

import autograder
from autograder.grading.inside.cells import Notebook


class _Lazy(types.ModuleType):
    """Import a module when an attribute of it is first asked for."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self.__name__), name)


class _Needs:
    """Run the body of ``with needs(f, g):`` up to the first stub."""

    def __init__(self, *functions: Any) -> None:
        pass

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> bool:
        return kind is not None and issubclass(kind, NotImplementedError)


def _nothing(*args: Any, **kwargs: Any) -> None:
    """Do nothing, where the student's side would show something."""


def _no_points(*args: Any, **kwargs: Any) -> float:
    """Return no points: what the notebook says of itself does not count."""
    return 0.0


def furnish(notebook: Notebook) -> None:
    """Put what a notebook expects around it in place, as stand-ins that show and ask nothing."""
    tools = {
        "check": _no_points,
        "draw": _nothing,
        "hint": _nothing,
        "needs": _Needs,
        "progress": _nothing,
    }
    vars(autograder).update(tools)
    notebook.namespace.update(
        tools,
        datasets=_Lazy("autograder.datasets"),
        plt=_Lazy("matplotlib.pyplot"),
    )
    vars(builtins).update(
        display=_nothing,
        help=_nothing,
        input=lambda *_: "",
        exit=sys.exit,
        quit=sys.exit,
    )
    sys.path.insert(0, os.getcwd())  # what a cell writes there, another one may import
    sys.breakpointhook = _nothing
    np.random.seed(0)  # so that a second grading gives the same score
