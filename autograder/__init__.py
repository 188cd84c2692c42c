"""Unrolled: an auto-graded course on recurrent neural networks.

In a notebook, these are all a student needs::

    from autograder import check, datasets, draw, hint, needs, progress
"""

from autograder import datasets
from autograder.graphs import draw
from autograder.notebook import check, hint, needs, progress

__all__ = ["check", "datasets", "draw", "hint", "needs", "progress"]
