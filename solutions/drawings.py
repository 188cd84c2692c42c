"""The drawings of the homeworks, as functions without arguments that return a graphviz.Digraph.

They share one grid and one palette. Time runs from left to right, inputs are at the bottom and
targets at the top. Data (x, y) are boxes, computed variables circles. Every node and edge has its
place given, in points, and Graphviz's ``nop2`` only draws it: so columns are straight, no edge
crosses a label, and all machines make the same picture. Places are complex numbers, x + iy.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

import graphviz

COLUMN, ROW = 96, 72  # from node to node, in points
RADIUS = 21  # of circles; boxes and diamonds are as wide
GAP = 1  # between a node and an edge
ARROW = 7  # length of an arrow's head
CELL = 36  # width of a cell of a table

INK, PALE, GRADIENT = "#1f2a37", "#8a94a3", "#b3005e"
FILL = {
    **dict.fromkeys("xy", "#eceff3"),
    **dict.fromkeys("sah", "#cfe2f7"),
    **dict.fromkeys(("o", "yhat", "out"), "#fdebc0"),
    "L": "#f7cdcb",
    "coin": "#ffffff",
}
PARAMETERS = {"U": "#00695c", "W": "#a84300", "V": "#4a2fa8"}
SYMBOL = {"yhat": "ŷ"}
SHAPE = {"x": "box", "y": "box", "coin": "diamond"}  # others are circles
TIMES = ("t-1", "t", "t+1")

NONE: Mapping[str, str] = MappingProxyType({})

Link = tuple[str, str, str]  # from variable, to variable, label


class Sheet:
    """A drawing under way.

    Parameters
    ----------
    rows : str or dict of str to float
        The variables from the bottom to the top, or their rows.
    colours : dict of str to str
        Labels of edges that have a colour of their own.
    """

    def __init__(self, rows: str | dict[str, float], colours: Mapping[str, str] = NONE) -> None:
        self.rows = rows if isinstance(rows, dict) else {v: i for i, v in enumerate(rows.split())}
        self.colours = colours
        self.place: dict[str, complex] = {}
        font = {"fontname": "Helvetica,Arial,sans-serif", "fontsize": "14"}
        size = f"{2 * RADIUS / 72:.6f}"
        self.graph = graphviz.Digraph(
            graph_attr={"layout": "nop2", "bgcolor": "white", "pad": f"{6 / 72:.6f}"},
            node_attr={
                **font,
                "fontcolor": INK,
                "color": INK,
                "style": "filled",
                "fixedsize": "true",
                "width": size,
                "height": size,
            },
            edge_attr={**font, "fontcolor": INK, "color": INK, "arrowsize": str(ARROW / 10)},
        )

    def node(self, variable: str, column: float, time: str = "", **style: str) -> str:
        """Place a variable, such as x, at a time, such as ``t-1``, and return the node's name."""
        name = f"{variable}({time})" if time else variable
        symbol = SYMBOL.get(variable, variable)
        self.place[name] = complex(column * COLUMN, self.rows[variable] * ROW)
        given = {
            "label": f"{symbol}^{{({time})}}" if time else symbol,
            "shape": SHAPE.get(variable, "circle"),
            "fillcolor": FILL[variable],
            "pos": _point(self.place[name]),
        }
        self.graph.node(name, **given | style)
        return name

    def more(self, variable: str, column: float, time: str) -> str:
        """Place a dashed node that stands for the earlier or the later steps."""
        return self.node(variable, column, time, label="…", style="dashed")

    def edge(
        self,
        tail: str,
        head: str,
        label: str = "",
        *,
        lane: float = 0,
        bend: float = 0,
        side: float = 0,
        at: float = 0.5,
        style: Mapping[str, str] = NONE,
    ) -> None:
        """Draw an edge.

        Parameters
        ----------
        tail, head, label : str
            The nodes' names, and what is written beside the edge.
        lane, bend : float
            How far to move or to bend the edge to its left, in points.
        side : float
            Write the label to the left of the edge (> 0), to the right (< 0), or where the lane or
            the bend is, else above or on the right (0).
        at : float
            Where along the edge the label is, from 0 to 1.
        style : mapping of str to str
            Other attributes of the edge.
        """
        way = self.place[head] - self.place[tail]
        along = way / abs(way)
        turn = cmath.rect(1, math.atan2(bend, 0.3 * abs(way)))
        leave, arrive = along * turn, -along / turn
        start = self.place[tail] + _reach(tail, leave, lane) * leave + lane * 1j * along
        tip = self.place[head] + _reach(head, arrive, lane) * arrive + lane * 1j * along
        third = abs(tip - start) / 3
        curve = (start, start + third * leave, tip + third * arrive, tip)
        self._draw(tail, head, label, curve, side or lane or bend, at, style)

    def loop(self, name: str, label: str) -> None:
        """Draw an edge from a node back to itself, on its right."""
        near, far = cmath.rect(RADIUS + GAP, 0.6), complex(RADIUS + 36, 30)
        curve = [self.place[name] + d for d in (near, far, far.conjugate(), near.conjugate())]
        self._draw(name, name, label, curve, side=1, at=0.5, style=NONE)

    def _draw(
        self,
        tail: str,
        head: str,
        label: str,
        curve: Sequence[complex],
        side: float,
        at: float,
        style: Mapping[str, str],
    ) -> None:
        """Draw an edge along a Bézier curve, with the label beside it."""
        start, first, last, tip = curve
        end = tip + ARROW * (last - tip) / abs(last - tip)
        given = {"pos": "e," + " ".join(map(_point, (tip, start, first, last, end)))}
        if label:
            given |= {"label": label, "lp": _point(_beside(curve, label, side, at))}
        if label in self.colours:
            colour = self.colours[label]
            given |= {"color": colour, "fontcolor": colour, "penwidth": "2"}
        self.graph.edge(tail, head, **given | dict(style))

    def gradient(
        self, tail: str, head: str, label: str = "", *, lane: float = 10, at: float = 0.5
    ) -> None:
        """Draw a gradient that flows back along an edge, beside it."""
        look = {"color": GRADIENT, "fontcolor": GRADIENT, "style": "dashed", "arrowhead": "empty"}
        self.edge(tail, head, label, lane=lane, at=at, style=look)

    def text(self, text: str, column: float, row: float, colour: str = GRADIENT) -> None:
        """Write a text."""
        self.graph.node(
            text,
            shape="plaintext",
            style="",
            fontcolor=colour,
            width=f"{7 * len(text) / 72:.2f}",
            height="0.3",
            pos=_point(complex(column * COLUMN, row * ROW)),
        )

    def table(
        self, values: Sequence[Sequence[object]], left: float, top: float, marked: str = ""
    ) -> None:
        """Draw numbers in cells, with the upper left corner at a place given in points.

        ``marked`` lists the cells that stand out, as row and column: ``"20 21"``.
        """
        for row, line in enumerate(values):
            for column, value in enumerate(line):
                self.graph.node(
                    f"{left} {top} {row}{column}",
                    label=str(value),
                    shape="box",
                    fillcolor=FILL["o"] if f"{row}{column}" in marked.split() else "white",
                    color=PALE,
                    width=f"{CELL / 72:.4f}",
                    height=f"{0.75 * CELL / 72:.4f}",
                    pos=_point(
                        complex(left + (column + 0.5) * CELL, top - (row + 0.5) * 0.75 * CELL)
                    ),
                )

    def frame(self, first: float, last: float) -> None:
        """Put a frame around all rows of some columns."""
        low, high = min(self.rows.values()), max(self.rows.values())
        self.graph.node(
            f"frame {first}",
            label="",
            shape="box",
            style="rounded",
            color=PALE,
            width=f"{((last - first) * COLUMN + 2 * RADIUS + 22) / 72:.4f}",
            height=f"{((high - low) * ROW + 2 * RADIUS + 22) / 72:.4f}",
            pos=_point(complex((first + last) / 2 * COLUMN, (low + high) / 2 * ROW)),
        )


def _point(place: complex) -> str:
    return f"{place.real:.1f},{place.imag:.1f}"


def _reach(name: str, way: complex, lane: float) -> float:
    """Return how far a node's outline is from its centre, in the direction of an edge."""
    shape = SHAPE.get(name.split("(")[0], "circle")
    if shape == "box":
        return GAP + RADIUS / max(abs(way.real), abs(way.imag))
    if shape == "diamond":
        return GAP + RADIUS / (abs(way.real) + abs(way.imag))
    return GAP + math.sqrt(RADIUS**2 - lane**2)


def _beside(curve: Sequence[complex], label: str, side: float, at: float) -> complex:
    """Return the place of a label beside a Bézier curve."""
    weights = ((1 - at) ** 3, 3 * at * (1 - at) ** 2, 3 * at**2 * (1 - at), at**3)
    place = sum(weight * point for weight, point in zip(weights, curve, strict=True))
    way = curve[-1] - curve[0]
    normal = 1j * way / abs(way)  # to the left
    if side < 0 or (side == 0 and normal.real + 2 * normal.imag < 0):
        normal = -normal
    letters = sum(0.7 if letter in "()" else 1 for letter in label if letter not in "^_{}")
    return place + normal * (abs(normal.real) * (4.6 * letters + 3) + abs(normal.imag) * 7 + 5)


# --- networks ----------------------------------------------------------------------------


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
