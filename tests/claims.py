"""What the claims of the notebooks are compared with: a run of their own demonstrations.

The code cells of a solved notebook run in this process, and the tests look at what they leave.
Statements that follow from algebra alone are not tested, nor those that no number can contradict.
"""

from functools import cache, partial
from pathlib import Path
from time import process_time
from types import SimpleNamespace
from unittest import mock

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import pytest

COURSE = Path(__file__).parents[1]


@cache
def demonstrations(homework):
    """Return the code cells of a solved notebook with the heading above them, and two empty places.

    The first is for the names that the cells define, the other for copies of these after each
    part that has been run.
    """
    path = COURSE / "source" / homework / f"{homework}.ipynb"
    parts = [("", [])]
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            headings = [line for line in cell.source.splitlines() if line.startswith("#")]
            parts += [(heading.lstrip("# "), []) for heading in headings]
        elif not cell.source.startswith(("check(", "progress(")):
            parts[-1][1].append(cell)
    return [part for part in parts if part[1]], {}, []


def after(homework, words):
    """Return what is defined after the demonstration whose heading has these words in it.

    The notebook is run to there and no further, since training takes its time.
    """
    parts, names, shown = demonstrations(homework)
    (wanted,) = (n for n, (heading, _) in enumerate(parts) if words in heading)
    mpl.use("agg")
    with mock.patch.object(plt, "show", partial(plt.close, "all")):
        for _, cells in parts[len(shown) : wanted + 1]:
            for cell in cells:
                exec(compile(cell.source, f"{homework}, {cell.id}", "exec"), names)
            shown.append(SimpleNamespace(**names))
    return shown[wanted]


def about(value, rel=0.02):
    """Compare with a figure of the prose, which is rounded."""
    return pytest.approx(value, rel=rel)


def rounds_to(value, digits):
    """Compare with a figure of the prose, which gives so many digits after the point."""
    return pytest.approx(value, abs=0.51 * 10.0**-digits)


def cpu_seconds(call, times):
    """Time a call; other programs can only make it slower, so the best counts."""
    found = []
    for _ in range(times):
        start = process_time()  # of this process alone
        call()
        found.append(process_time() - start)
    return min(found)


def counted(monkeypatch, module, name):
    """Count the calls of a function of a module; returns the list that they are written into."""
    function, calls = getattr(module, name), []

    def counting(*args, **options):
        calls.append(name)
        return function(*args, **options)

    monkeypatch.setattr(module, name, counting)
    return calls
