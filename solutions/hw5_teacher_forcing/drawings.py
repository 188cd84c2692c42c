"""The drawings of hw5_teacher_forcing."""

from __future__ import annotations

from itertools import pairwise

import graphviz

from solutions.drawings import (
    INK,
    INPUT,
    LEGEND,
    LOSS,
    OUTPUT,
    TIMES,
    Sheet,
    steps,
)

FED = 0.8  # columns from o to the prediction that is fed back


def teacher_forcing_train() -> graphviz.Digraph:
    """Draw training with teacher forcing (figure 10.6 of the book, left)."""
    sheet = Sheet("x h o L y")
    steps(sheet, (INPUT, OUTPUT, *LOSS), ("y", "h", "W"), spacing=1.15)
    return sheet.graph


def _free_running(labels: bool) -> Sheet:
    """Draw a network that is fed with its own predictions, over two steps."""
    sheet = Sheet({"x": 0, "h": 1, "o": 2, "yhat": 1.5} | ({} if labels else {"L": 3, "y": 4}))
    within = (INPUT, OUTPUT) if labels else (("x", "h", ""), ("h", "o", ""), *LOSS)
    sheet.more("yhat", -FED, "before")
    for column, time in enumerate(TIMES[:2]):
        for variable in sheet.rows:
            sheet.node(variable, 2 * FED * column + (FED if variable == "yhat" else 0), time)
        for tail, head, label in within:
            sheet.edge(f"{tail}({time})", f"{head}({time})", label)
        sheet.edge(f"o({time})", f"yhat({time})")
    sheet.more("h", 4 * FED, "after")
    for now, after in pairwise(("before", *TIMES[:2], "after")):
        sheet.edge(f"yhat({now})", f"h({after})", "W" if labels else "")
    sheet.text("ŷ = softmax(o)", FED, -0.5, INK)
    return sheet


def teacher_forcing_test() -> graphviz.Digraph:
    """Draw the same network running free (figure 10.6 of the book, right)."""
    return _free_running(labels=True).graph


def scheduled() -> graphviz.Digraph:
    """Draw how a coin decides what is fed back in scheduled sampling."""
    sheet = Sheet({"x": 0, "h": 1, "o": 2, "yhat": 3, "y": 4, "coin": 3.5})
    times = TIMES[:2]
    for column, time in enumerate(times):
        for variable in ("x", "h", "o", "yhat", "y"):
            sheet.node(variable, 2.1 * column, time)
        for tail, head, label in (INPUT, OUTPUT):
            sheet.edge(f"{tail}({time})", f"{head}({time})", label)
        sheet.edge(f"o({time})", f"yhat({time})", "softmax")
        sheet.node("coin", 2.1 * column + 0.9, time, label="coin", fontsize="11")
        sheet.edge(f"y({time})", f"coin({time})", "p")
        sheet.edge(f"yhat({time})", f"coin({time})", "1−p", side=-1)
    sheet.more("h", 2.1 * len(times), "after")
    for now, after in pairwise((*times, "after")):
        sheet.edge(f"coin({now})", f"h({after})", "W", at=0.65)
    return sheet.graph


def free_running_gradients() -> graphviz.Digraph:
    """Draw the gradients of a network that is trained while it runs free."""
    sheet = _free_running(labels=False)
    for time in TIMES[:2]:
        sheet.gradient(f"L({time})", f"o({time})", lane=-10)
        sheet.gradient(f"o({time})", f"h({time})", lane=-10)
        sheet.gradient(f"yhat({time})", f"o({time})")
    for now, after in pairwise(("before", *TIMES[:2], "after")):
        sheet.gradient(f"h({after})", f"yhat({now})")
    sheet.text(LEGEND, FED, -0.8)
    return sheet.graph
