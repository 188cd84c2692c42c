"""The drawings of hw1_unrolling."""

from __future__ import annotations

import graphviz

from solutions.drawings import (
    NONE,
    PARAMETERS,
    Sheet,
    steps,
)


def folded_system() -> graphviz.Digraph:
    """Draw a dynamical system without inputs."""
    sheet = Sheet("s")
    sheet.loop(sheet.node("s", 0), "f")
    return sheet.graph


def unrolled_system() -> graphviz.Digraph:
    """Draw the same system over three steps."""
    sheet = Sheet("s")
    steps(sheet, (), ("s", "s", "f"), times=("1", "2", "3"), ends=False)
    return sheet.graph


def folded() -> graphviz.Digraph:
    """Draw a dynamical system with inputs."""
    sheet = Sheet("x h")
    sheet.edge(sheet.node("x", 0), sheet.node("h", 0))
    sheet.loop("h", "f")
    return sheet.graph


def unrolled() -> graphviz.Digraph:
    """Draw the same system unrolled."""
    sheet = Sheet("x h")
    steps(sheet, [("x", "h", "")], ("h", "h", "f"))
    return sheet.graph


def time_delay() -> graphviz.Digraph:
    """Draw two steps of a time-delay network, whose kernel is three steps long."""
    sheet = Sheet({"x": 0, "out": 2})
    times = ("t-2", "t-1", "t", "t+1")
    for column, time in enumerate(times):
        sheet.node("x", column, time)
    for column, time in enumerate(times[2:], start=2):
        sheet.node("out", column, time, fontsize="12")
    moved = {"color": PARAMETERS["V"], "fontcolor": PARAMETERS["V"], "style": "dashed"}
    for column, side, style in ((2, 1, NONE), (3, -1, moved)):
        for delay in (2, 1, 0):
            tail, head = f"x({times[column - delay]})", f"out({times[column]})"
            label, at = f"k_{{{delay}}}", (0.62, 0.33, 0.26)[delay]  # apart from each other
            sheet.edge(tail, head, label, side=side, at=at, style=style)
    return sheet.graph
