"""The drawings of hw4_bptt."""

from __future__ import annotations

from itertools import pairwise

import graphviz

from solutions.drawings import (
    LEGEND,
    LOSS,
    OUTPUT,
    ROW,
    TIMES,
    Sheet,
    steps,
)
from solutions.hw2_patterns.drawings import pattern_3  # noqa: F401 - shown again


def _activations(labels: bool) -> Sheet:
    sheet = Sheet({"x": 0, "a": 1, "h": 2.4, "o": 3.4, "L": 4.4, "y": 5.4})
    links = (("x", "a", "U"), ("a", "h", "tanh"), OUTPUT, *LOSS, ("h", "a", "W"))
    *within, across = links if labels else [(tail, head, "") for tail, head, _ in links]
    steps(sheet, within, across)
    return sheet


def forward_graph() -> graphviz.Digraph:
    """Draw every variable of pattern 1, with the activations a."""
    return _activations(labels=True).graph


def gradients_back() -> graphviz.Digraph:
    """Draw the same graph with the gradients that flow back through it."""
    sheet = _activations(labels=False)
    for time in TIMES:
        sheet.gradient(f"L({time})", f"o({time})", "ŷ−1_{y}", lane=-10)
        sheet.gradient(f"o({time})", f"h({time})", "V^{T}", lane=-10)
        sheet.gradient(f"h({time})", f"a({time})", "1−h^{2}", lane=-10, at=0.3)
        sheet.gradient(f"a({time})", f"x({time})", "U^{T}", lane=-10)
    for now, after in pairwise(("before", *TIMES, "after")):
        sheet.gradient(f"a({after})", f"h({now})", "W^{T}")
    sheet.text(LEGEND, 1, -0.5)
    return sheet.graph


def truncated() -> graphviz.Digraph:
    """Draw the gradients of truncated back-propagation, with windows of three steps."""
    sheet = Sheet("x h L")
    sheet.frame(0, 2)
    sheet.frame(3, 5)
    times = tuple("123456")
    steps(sheet, [("x", "h", ""), ("h", "L", "")], ("h", "h", ""), times, ends=False)
    for time in times:
        sheet.gradient(f"L({time})", f"h({time})", lane=-10)
    for before, now in pairwise(times):
        if now != "4":
            sheet.gradient(f"h({now})", f"h({before})")
    sheet.text("cut", 2.5, 1 - 14 / ROW)
    sheet.text(LEGEND, 2.5, -0.65)
    return sheet.graph
