"""The drawings of hw6_gated."""

from __future__ import annotations

from itertools import pairwise

import graphviz

from solutions.drawings import COLUMN, LEGEND, ROW, TIMES, Sheet

GATES = {"i": "#d3ecd9", "f": "#cfe2f7", "g": "#fdebc0", "q": "#e8daf3"}  # by block
GATES |= {"r": GATES["i"], "u": GATES["f"], "n": GATES["g"]}
PLAIN = "#ffffff"  # sums and products
Node = tuple[str, str, float, float, str]  # name, label, column, row, colour
Link = tuple[str, str, str]  # from node, to node, label


def _sheet(nodes: tuple[Node, ...]) -> Sheet:
    """Place nodes on a new sheet."""
    sheet = Sheet({"": 0})
    for name, label, column, row, colour in nodes:
        sheet.place[name] = complex(column * COLUMN, row * ROW)
        sheet.graph.node(
            name,
            label=label,
            shape="box" if name.startswith("x") else "circle",
            style="filled" if colour else "dashed",
            fillcolor=colour,
            pos=f"{column * COLUMN:.1f},{row * ROW:.1f}",
        )
    return sheet


def leaky() -> graphviz.Digraph:
    """Draw a leaky unit over three steps."""
    nodes = [("before", "…", -1.2, 1, ""), ("after", "…", 3.8, 1, "")]
    for column, time in enumerate(TIMES):
        nodes.append((f"s({time})", f"s^{{({time})}}", 1.2 * column, 1, "#cfe2f7"))
        nodes.append((f"v({time})", f"v^{{({time})}}", 1.2 * column, 0, "#eceff3"))
    sheet = _sheet(tuple(nodes))
    for one, other in pairwise(("before", *(f"s({time})" for time in TIMES), "after")):
        sheet.edge(one, other, "α")
    for time in TIMES:
        sheet.edge(f"v({time})", f"s({time})", "1−α")
    return sheet.graph


# --- the LSTM ----------------------------------------------------------------------------

LSTM_NODES: tuple[Node, ...] = (
    ("s before", "s^{(t-1)}", -0.2, 3.8, "#cfe2f7"),
    ("h before", "h^{(t-1)}", -0.2, 1, "#cfe2f7"),
    ("x", "x^{(t)}", 2.05, 0, "#eceff3"),
    ("z", "z^{(t)}", 2.05, 1, "#eceff3"),
    ("f", "f", 0.8, 2.2, GATES["f"]),
    ("i", "i", 1.6, 2.2, GATES["i"]),
    ("g", "g", 2.5, 2.2, GATES["g"]),
    ("q", "q", 3.3, 2.2, GATES["q"]),
    ("keep", "×", 0.8, 3.8, PLAIN),
    ("write", "×", 2.05, 2.9, PLAIN),
    ("add", "+", 2.05, 3.8, PLAIN),
    ("s", "s^{(t)}", 4.1, 3.8, "#cfe2f7"),
    ("show", "×", 4.1, 2.2, PLAIN),
    ("h", "h^{(t)}", 4.1, 1, "#cfe2f7"),
    ("s after", "…", 5, 3.8, ""),
    ("h after", "…", 5, 1, ""),
)
LSTM_LINKS: tuple[Link, ...] = (
    ("h before", "z", "W"),
    ("x", "z", "U"),
    ("z", "f", "σ"),
    ("z", "i", "σ"),
    ("z", "g", "tanh"),
    ("z", "q", "σ"),
    ("s before", "keep", ""),
    ("f", "keep", ""),
    ("keep", "add", ""),
    ("i", "write", ""),
    ("g", "write", ""),
    ("write", "add", ""),
    ("add", "s", ""),
    ("s", "show", "tanh"),
    ("q", "show", ""),
    ("show", "h", ""),
    ("s", "s after", ""),
    ("h", "h after", ""),
)


def lstm_cell() -> graphviz.Digraph:
    """Draw one step of the LSTM (figure 10.16 of the book)."""
    sheet = _sheet(LSTM_NODES)
    sides = {"f": 1, "i": 1, "g": 1, "q": -1}  # away from each other
    for tail, head, label in LSTM_LINKS:
        sheet.edge(tail, head, label, side=sides.get(head, 0), at=0.7 if tail == "z" else 0.5)
    return sheet.graph


def lstm_gradients() -> graphviz.Digraph:
    """Draw the same step with the gradients that flow back through it."""
    sheet = _sheet(LSTM_NODES)
    for tail, head, _ in LSTM_LINKS:
        sheet.edge(tail, head)
    sheet.gradient("h after", "h", "dh", lane=10)
    sheet.gradient("s after", "s", "ds", lane=10)
    sheet.gradient("h", "show", lane=-10)
    sheet.gradient("show", "s", "q(1−tanh^{2})", lane=-10)
    sheet.gradient("show", "q", "tanh(s)", lane=10)
    sheet.gradient("s", "add", lane=10)
    sheet.gradient("add", "keep", lane=10)
    sheet.gradient("keep", "s before", "f", lane=10)
    sheet.gradient("keep", "f", "s^{(t-1)}", lane=10)
    sheet.gradient("add", "write", lane=-10)
    sheet.gradient("write", "i", "g", lane=-10)
    sheet.gradient("write", "g", "i", lane=10)
    for gate, lane in (("f", 10), ("i", 10), ("g", -10), ("q", -10)):
        sheet.gradient(gate, "z", lane=lane)
    sheet.gradient("z", "h before", "W^{T}", lane=10)
    sheet.gradient("z", "x", "U^{T}", lane=-10)
    sheet.text(LEGEND, 3.8, 0)
    return sheet.graph


def blocks() -> graphviz.Digraph:
    """Draw the parameters of the LSTM in blocks, and the blocks of z."""
    sheet = Sheet({"": 0})
    height = 30

    def block(name: str, gate: str, left: float, top: float, width: float, tall: float) -> None:
        sheet.graph.node(
            name,
            label=gate,
            shape="box",
            fillcolor=GATES[gate],
            width=f"{width / 72:.4f}",
            height=f"{tall / 72:.4f}",
            pos=f"{left + width / 2:.1f},{top - tall / 2:.1f}",
        )

    def text(name: str, words: str, x: float, y: float) -> None:
        sheet.graph.node(name, label=words, shape="plaintext", style="", pos=f"{x:.1f},{y:.1f}")

    for name, left, width in (("U", 0, 44), ("W", 90, 66), ("b", 202, 22)):
        for place, gate in enumerate("ifgq"):
            block(f"{name} {gate}", gate, left, -height * place, width, height)
    for place, gate in enumerate("ifgq"):
        block(f"z {gate}", gate, 300 + 66 * place, -30, 66, 60)
    for name, x in (("U", 22), ("W", 123), ("b", 213), ("z", 432)):
        text(name, name, x, -16 if name == "z" else 14)
    for name, size, x, y in (("columns of U", "D", 22, -133), ("columns of W", "H", 123, -133)):
        text(name, size, x, y)
    for place, gate in enumerate("ifgq"):
        text(f"rows of {gate}", "H", -16, -height * (place + 0.5))
        text(f"columns of {gate}", "H", 333 + 66 * place, -103)
    text("rows of z", "N", 284, -60)
    return sheet.graph


def lstm_chain() -> graphviz.Digraph:
    """Draw the two chains of an LSTM, and the gradients back along them."""
    nodes: list[Node] = [
        ("s0", "s^{(0)}", -1.5, 1.2, "#cfe2f7"),
        ("h0", "h^{(0)}", -1.5, 2.4, "#cfe2f7"),
    ]
    times = ("1", "2", "3")
    for column, time in enumerate(times):
        for name, row, colour in (
            ("x", 0, "#eceff3"),
            ("s", 1.2, "#cfe2f7"),
            ("h", 2.4, "#cfe2f7"),
            ("o", 3.4, "#fdebc0"),
            ("L", 4.4, "#f7cdcb"),
        ):
            nodes.append((name + time, f"{name}^{{({time})}}", 1.5 * column, row, colour))
    sheet = _sheet(tuple(nodes))
    for time in times:
        for tail, head in (("x", "s"), ("s", "h"), ("h", "o"), ("o", "L")):
            sheet.edge(tail + time, head + time)
        sheet.edge(f"x{time}", f"h{time}", bend=-34)
        sheet.gradient(f"L{time}", f"o{time}", lane=-10)
        sheet.gradient(f"o{time}", f"h{time}", "V^{T}", lane=-10)
        sheet.gradient(f"h{time}", f"s{time}", lane=-10)
    for before, now in pairwise(("0", *times)):
        sheet.edge(f"s{before}", f"s{now}")
        sheet.edge(f"h{before}", f"h{now}")
        sheet.edge(f"h{before}", f"s{now}")
        sheet.gradient(f"s{now}", f"s{before}", "f", lane=10)
        sheet.gradient(f"h{now}", f"h{before}", lane=10)
        sheet.gradient(f"s{now}", f"h{before}", lane=10)
    sheet.text(LEGEND, 1.5, -0.6)
    return sheet.graph


# --- the GRU -----------------------------------------------------------------------------

GRU_NODES: tuple[Node, ...] = (
    ("h before", "h^{(t-1)}", 0, 3, "#cfe2f7"),
    ("x", "x^{(t)}", 2.1, 0, "#eceff3"),
    ("z", "z^{(t)}", 0.3, 0.7, "#eceff3"),
    ("r", "r", 1.1, 1.2, GATES["r"]),
    ("m", "×", 1.1, 2.1, PLAIN),
    ("n", "n", 2.1, 2.1, GATES["n"]),
    ("u", "u", 3, 1.1, GATES["u"]),
    ("keep", "×", 3, 3, PLAIN),
    ("write", "×", 3.9, 2.1, PLAIN),
    ("add", "+", 3.9, 3, PLAIN),
    ("h", "h^{(t)}", 4.8, 3, "#cfe2f7"),
    ("h after", "…", 5.7, 3, ""),
)
GRU_LINKS: tuple[Link, ...] = (
    ("h before", "z", "W"),
    ("x", "z", "U"),
    ("z", "r", "σ"),
    ("z", "u", "σ"),
    ("h before", "m", ""),
    ("r", "m", ""),
    ("m", "n", "W^{n}"),
    ("x", "n", "U^{n}"),
    ("h before", "keep", ""),
    ("u", "keep", ""),
    ("u", "write", "1−u"),
    ("n", "write", ""),
    ("keep", "add", ""),
    ("write", "add", ""),
    ("add", "h", ""),
    ("h", "h after", ""),
)


def gru_cell() -> graphviz.Digraph:
    """Draw one step of the GRU."""
    sheet = _sheet(GRU_NODES)
    for tail, head, label in GRU_LINKS:
        sheet.edge(tail, head, label, at=0.7 if label == "U^{n}" else 0.5)
    return sheet.graph


def gru_gradients() -> graphviz.Digraph:
    """Draw the same step with the gradients that flow back through it."""
    sheet = _sheet(GRU_NODES)
    for tail, head, _ in GRU_LINKS:
        sheet.edge(tail, head)
    sheet.gradient("h after", "h", "dh", lane=10)
    sheet.gradient("h", "add", lane=10)
    sheet.gradient("add", "keep", lane=10)
    sheet.gradient("keep", "h before", "u", lane=10)
    sheet.gradient("keep", "u", lane=-10)
    sheet.gradient("add", "write", lane=-10)
    sheet.gradient("write", "u", lane=10)
    sheet.gradient("write", "n", "1−u", lane=10, at=0.3)
    sheet.gradient("n", "m", "dm", lane=10)
    sheet.gradient("n", "x", lane=-10)
    sheet.gradient("m", "h before", "r", lane=-10, at=0.35)
    sheet.gradient("m", "r", lane=10)
    sheet.gradient("r", "z", lane=-10)
    sheet.gradient("u", "z", lane=10)
    sheet.gradient("z", "h before", "W^{T}", lane=10)
    sheet.gradient("z", "x", "U^{T}", lane=-10)
    sheet.text(LEGEND, 4.3, 0.1)
    return sheet.graph
