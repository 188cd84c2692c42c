"""Put what a notebook expects around it in place: the course's names, and IPython's."""

from __future__ import annotations

import builtins
import importlib
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

import autograder
from autograder.grading.inside.cells import Notebook


class _Harmless:
    """Answer whatever is asked of IPython's parts, and do nothing."""

    def __getattr__(self, name: str) -> _Harmless:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        return None

    def __getitem__(self, key: Any) -> _Harmless:
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        return iter(())


class _Shell(_Harmless):
    """Stand for IPython's shell: run what would change the notebook's names, skip the rest."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self.user_ns = notebook.namespace

    def run_line_magic(self, name: str, line: str = "", *_: Any) -> Any:
        """Run the statement of ``%time`` and ``%prun``; return the value of an expression."""
        return self._notebook.evaluate(line) if name in ("time", "prun") else None

    def magic(self, line: str) -> Any:
        """Run a line magic that is given as one string."""
        return self.run_line_magic(*line.lstrip("%").split(None, 1))

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        """Run the body of magics that leave its names in the notebook.

        ``%%timeit`` is not one of them: IPython runs its body in a function.
        """
        if name == "capture":
            words = [word for word in line.split() if not word.startswith("-")]
            self.user_ns.update(dict.fromkeys(words[:1], _Harmless()))
        if name in ("time", "capture", "prun"):
            self._notebook.execute(cell)

    def run_cell(self, source: str, *args: Any, **kwargs: Any) -> None:
        """Run a source of Python and magics."""
        self._notebook.execute(source)

    def getoutput(self, *args: Any, **kwargs: Any) -> list[str]:
        """Return the output of a command that is not run."""
        return []


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
    """Put what a notebook expects around it in place: our names, and IPython's, as stand-ins."""
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
    shell = _Shell(notebook)

    def get_ipython() -> _Shell:
        return shell

    vars(builtins).update(
        get_ipython=get_ipython,
        display=_nothing,
        help=_nothing,
        input=lambda *_: "",
        exit=sys.exit,
        quit=sys.exit,
    )
    # Where `from IPython import get_ipython` looks.
    found = types.ModuleType("IPython.core.getipython")
    vars(found)["get_ipython"] = get_ipython
    sys.modules[found.__name__] = found
    sys.breakpointhook = _nothing
    np.random.seed(0)  # so that a second grading gives the same score
