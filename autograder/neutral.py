"""What a student's function finds when it is called: the same in a notebook and in grading."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def neutral() -> Iterator[None]:
    """Let numpy and Python warn of nothing, whatever a cell has asked them to do."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
