"""The drawings of hw2_patterns."""

from __future__ import annotations

from itertools import pairwise

import graphviz

from solutions.drawings import (
    HIDDEN_RECURRENCE,
    INPUT,
    LOSS,
    OUTPUT,
    OUTPUT_RECURRENCE,
    PARAMETERS,
    Link,
    Sheet,
    steps,
)


def _folded_pattern(across: Link) -> graphviz.Digraph:
    sheet = Sheet("x h o L y")
    for variable in sheet.rows:
        sheet.node(variable, 0)
    for link in (INPUT, OUTPUT, *LOSS):
        sheet.edge(*link)
    if across[0] == across[1]:
        sheet.loop(across[0], across[2])
    else:
        sheet.edge(*across, bend=-44)
    return sheet.graph


def _pattern(across: Link) -> graphviz.Digraph:
    sheet = Sheet("x h o L y")
    steps(sheet, (INPUT, OUTPUT, *LOSS), across)
    return sheet.graph


def pattern_1_folded() -> graphviz.Digraph:
    """Draw the network whose hidden state is fed back."""
    return _folded_pattern(HIDDEN_RECURRENCE)


def pattern_1() -> graphviz.Digraph:
    """Draw the network whose hidden state is fed back, unrolled (figure 10.3 of the book)."""
    return _pattern(HIDDEN_RECURRENCE)


def pattern_2_folded() -> graphviz.Digraph:
    """Draw the network whose output is fed back."""
    return _folded_pattern(OUTPUT_RECURRENCE)


def pattern_2() -> graphviz.Digraph:
    """Draw the network whose output is fed back, unrolled (figure 10.4 of the book)."""
    return _pattern(OUTPUT_RECURRENCE)


def pattern_3() -> graphviz.Digraph:
    """Draw the network with one output at the end (figure 10.5 of the book)."""
    sheet = Sheet("x h o L y")
    for column, time in enumerate(("1", "2", "...", "T")):
        place = sheet.more if time == "..." else sheet.node
        sheet.edge(place("x", column, time), place("h", column, time), "U")
    for before, now in pairwise(("1", "2", "...", "T")):
        sheet.edge(f"h({before})", f"h({now})", "W")
    for variable in "oLy":
        sheet.node(variable, 3, "T")
    for tail, head, label in (OUTPUT, *LOSS):
        sheet.edge(f"{tail}(T)", f"{head}(T)", label)
    return sheet.graph


def parameter_sharing() -> graphviz.Digraph:
    """Draw pattern 1 without its losses, each parameter in a colour of its own."""
    sheet = Sheet("x h o", colours=PARAMETERS)
    steps(sheet, (INPUT, OUTPUT), HIDDEN_RECURRENCE)
    return sheet.graph
