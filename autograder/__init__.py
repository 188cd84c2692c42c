"""Unrolled: an auto-graded course on recurrent neural networks.

In a notebook, these are all a student needs::

    from autograder import check, datasets, draw, hint, needs, progress, slide
"""

import sys
from typing import Any

try:
    from autograder import datasets
    from autograder.drawing import draw
    from autograder.notebook import check, hint, needs, progress, slide
except ModuleNotFoundError as error:
    if sys.argv[:1] != ["-m"]:  # which stands there while Python looks for a module to run
        raise
    print(
        f"{sys.executable} lacks the package {error.name}. In the course's folder run "
        "`make install`, and from then on `.venv/bin/python -m autograder`.",
        file=sys.stderr,
    )
    sys.exit(2)

__all__ = ["check", "datasets", "draw", "hint", "needs", "progress", "slide"]


def __getattr__(name: str) -> Any:
    if name == "__version__":  # asked for by few, and to look it up takes time
        from importlib.metadata import version

        return version("unrolled")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
