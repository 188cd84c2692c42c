"""The drawings of hw3_softmax_loss."""

from __future__ import annotations

import graphviz

from solutions.drawings import CELL, COLUMN, INK, ROW, Sheet


def loss_node() -> graphviz.Digraph:
    """Draw how the loss of a step comes about."""
    sheet = Sheet(dict.fromkeys(("o", "yhat", "L", "y"), 0))
    for column, variable in enumerate(sheet.rows):
        sheet.node(variable, 1.2 * column, "t")
    sheet.edge("o(t)", "yhat(t)", "softmax")
    sheet.edge("yhat(t)", "L(t)")
    sheet.edge("y(t)", "L(t)")
    return sheet.graph


def picked() -> graphviz.Digraph:
    """Draw how the numbers of the right classes are picked out of an array of three axes."""
    y = [[3, 0, 1], [2, 3, 2]]
    lp = [
        [[-2.3, -1.6, -1.2, -0.9], [-0.4, -2.3, -2.3, -2.3], [-1.6, -0.7, -1.6, -2.3]],
        [[-0.9, -0.9, -2.3, -2.3], [-2.3, -2.3, -1.6, -0.5], [-1.2, -2.3, -0.7, -2.3]],
    ]
    sheet, middle, right = Sheet({}), 4 * CELL, 9 * CELL
    sheet.table(y, 0, 0)
    sheet.table([[lp[t][n][y[t][n]] for n in range(3)] for t in range(2)], right, 0)
    for t, top in enumerate((1.5 * CELL, -2 * CELL)):
        sheet.table(lp[t], middle, top, " ".join(f"{n}{k}" for n, k in enumerate(y[t])))
        sheet.text(f"lp[{t}]  (N, K)", (middle + 2 * CELL) / COLUMN, (top + 10) / ROW, INK)
    sheet.text("y  (T, N)", 1.5 * CELL / COLUMN, 10 / ROW, INK)
    sheet.text("lp[t, n, y]  (T, N)", (right + 1.5 * CELL) / COLUMN, 10 / ROW, INK)
    return sheet.graph
