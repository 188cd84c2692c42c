"""Unrolled: an auto-graded course on recurrent neural networks.

In a notebook, these are all a student needs::

    from autograder import check, datasets, draw, hint, needs, progress, slide
"""

from typing import Any

from autograder import datasets
from autograder.graphs import draw
from autograder.notebook import check, hint, needs, progress, slide

__all__ = ["check", "datasets", "draw", "hint", "needs", "progress", "slide"]


def __getattr__(name: str) -> Any:
    if name == "__version__":  # asked for by few, and to look it up takes time
        from importlib.metadata import version

        return version("unrolled")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
