"""Put what a notebook expects around it in place: the course's names, and a kernel's."""

from __future__ import annotations

import builtins
import importlib
import io
import os
import subprocess
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


_DRAWING = {"circo", "dot", "fdp", "neato", "osage", "patchwork", "sfdp", "twopi"}  # Graphviz's
_DRAWING |= {"open", "xdg-open"}


class _Program(subprocess.Popen):
    """Start no program: one that draws or shows a graph does nothing, and others are refused."""

    def __init__(self, args: Any, *_: Any, **options: Any) -> None:
        given = [args] if isinstance(args, str | bytes | os.PathLike) else list(args)
        name = os.path.basename(os.fsdecode(given[0])) if given else ""
        if name not in _DRAWING:
            raise PermissionError(f"grading starts no programs, and so not {name.split(' ')[0]!r}")
        self._nothing = "" if {"encoding", "errors", "text"} & options.keys() else b""
        self.args, self.pid, self.returncode = args, 0, 0
        self.stdin = io.StringIO() if self._nothing == "" else io.BytesIO()
        self.stdout = self.stderr = None

    def communicate(self, *_: Any, **__: Any) -> tuple[Any, Any]:
        return self._nothing, self._nothing


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


def _slide(**places: Any) -> Any:
    """Return what leaves the function under ``@slide(p=[...])`` as it is."""
    return lambda picture: picture


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
        "slide": _slide,
    }
    vars(autograder).update(tools)
    notebook.namespace.update(
        tools,
        datasets=_Lazy("autograder.datasets"),
        plt=_Lazy("matplotlib.pyplot"),
    )
    subprocess.Popen = _Program  # type: ignore[misc]
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
