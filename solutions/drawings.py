"""What the drawings of the homeworks share.

Those are functions without arguments that return a graphviz.Digraph, in `drawings.py` of each
homework's folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from autograder.drawing import CELL, COLUMN, GRADIENT, INK, NONE, PALE, RADIUS, ROW, Sheet

__all__ = ["CELL", "COLUMN", "GRADIENT", "INK", "NONE", "PALE", "RADIUS", "ROW", "Sheet"]

PARAMETERS = {"U": "#00695c", "W": "#a84300", "V": "#4a2fa8"}
TIMES = ("t-1", "t", "t+1")

Link = tuple[str, str, str]  # from variable, to variable, label


def steps(
    sheet: Sheet,
    within: Iterable[Link],
    across: Link,
    times: Sequence[str] = TIMES,
    ends: bool = True,
    spacing: float = 1,
) -> None:
    """Draw a network over some steps: edges within each of them, and one from each to the next."""
    for column, time in enumerate(times):
        for variable in sheet.rows:
            sheet.node(variable, column * spacing, time)
        for tail, head, label in within:
            sheet.edge(f"{tail}({time})", f"{head}({time})", label)
    tail, head, label = across
    links = [(f"{tail}({before})", f"{head}({now})") for before, now in pairwise(times)]
    if ends:
        links.insert(0, (sheet.more(tail, -spacing, "before"), f"{head}({times[0]})"))
        links.append((f"{tail}({times[-1]})", sheet.more(head, len(times) * spacing, "after")))
    for one, other in links:
        sheet.edge(one, other, label)


INPUT, OUTPUT = ("x", "h", "U"), ("h", "o", "V")
LOSS = (("o", "L", ""), ("y", "L", ""))
HIDDEN_RECURRENCE, OUTPUT_RECURRENCE = ("h", "h", "W"), ("o", "h", "W")
LEGEND = "dashed arrows: gradients"
