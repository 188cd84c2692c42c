"""The drawings of hw3_softmax_loss."""

from __future__ import annotations

import graphviz

from solutions.drawings import (
    Sheet,
)


def loss_node() -> graphviz.Digraph:
    """Draw how the loss of a step comes about."""
    sheet = Sheet(dict.fromkeys(("o", "yhat", "L", "y"), 0))
    for column, variable in enumerate(sheet.rows):
        sheet.node(variable, 1.2 * column, "t")
    sheet.edge("o(t)", "yhat(t)", "softmax")
    sheet.edge("yhat(t)", "L(t)")
    sheet.edge("y(t)", "L(t)")
    return sheet.graph
