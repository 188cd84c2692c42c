"""The drawings of hw2_patterns."""

from __future__ import annotations

from itertools import pairwise

import graphviz
import numpy as np

from solutions.drawings import (
    CELL,
    COLUMN,
    HIDDEN_RECURRENCE,
    INK,
    INPUT,
    LOSS,
    OUTPUT,
    OUTPUT_RECURRENCE,
    PARAMETERS,
    ROW,
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


def batch_product() -> graphviz.Digraph:
    """Draw a product of a batch, as rows, with a transposed matrix of weights."""
    x_t, U = np.array([[1, 0], [0, 1], [2, 1]]), np.array([[1, 2], [0, 1], [3, 0], [-1, 1]])
    sheet, right, below = Sheet({}), 3 * CELL, -2.6 * CELL
    sheet.table(x_t, 0, below, "20 21")
    sheet.table(U.T, right, 0, "02 12")
    sheet.table(x_t @ U.T, right, below, "22")
    for text, left, height in (
        ("x_t  (N, D)", CELL, below + 10),
        ("U.T  (D, H)", right + 2 * CELL, 10),
        ("x_t @ U.T  (N, H)", right + 2 * CELL, below + 10),
    ):
        sheet.text(text, left / COLUMN, height / ROW, INK)
    return sheet.graph
