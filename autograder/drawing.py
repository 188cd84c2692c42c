"""Draw graphs as the course does: the pictures of the lessons, and what students made of them.

Time runs from left to right, inputs are at the bottom and targets at the top. Data (x, y) are
boxes, computed variables circles. Every node and edge has its place given, in points, and
Graphviz's ``nop2`` only draws it: so columns are straight, no edge crosses a label, and all
machines make the same picture. Places are complex numbers, x + iy.
"""

from __future__ import annotations

import cmath
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING

from autograder.graphs import GraphError, RendererError, edges_of, nodes_of, render, source_of

if TYPE_CHECKING:
    import graphviz  # which takes time, and is needed only to draw

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
SYMBOL = {"yhat": "ŷ"}
SHAPE = {"x": "box", "y": "box", "coin": "diamond"}  # others are circles
NONE: Mapping[str, str] = MappingProxyType({})


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
        from graphviz import Digraph

        self.rows = rows if isinstance(rows, dict) else {v: i for i, v in enumerate(rows.split())}
        self.colours = colours
        self.place: dict[str, complex] = {}
        self.shape: dict[str, str] = {}
        font = {"fontname": "Helvetica,Arial,sans-serif", "fontsize": "14"}
        size = f"{2 * RADIUS / 72:.6f}"
        self.graph = Digraph(
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
        place = complex(column * COLUMN, self.rows[variable] * ROW)
        given = {
            "label": f"{symbol}^{{({time})}}" if time else symbol,
            "shape": SHAPE.get(variable, "circle"),
            "fillcolor": FILL[variable],
        }
        self.put(name, place, **given | style)
        return name

    def put(self, name: str, place: complex, **style: str) -> None:
        """Place a node of any name anywhere."""
        self.place[name], self.shape[name] = place, style["shape"]
        self.graph.node(name, pos=_point(place), **style)

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
        curve = self.curve(tail, head, lane, bend)
        self._draw(tail, head, label, curve, side or lane or bend, at, style)

    def curve(self, tail: str, head: str, lane: float = 0, bend: float = 0) -> tuple[complex, ...]:
        """Return the Bézier curve that an edge takes, from outline to outline."""
        way = self.place[head] - self.place[tail]
        along = way / abs(way)
        turn = cmath.rect(1, math.atan2(bend, 0.3 * abs(way)))
        leave, arrive = along * turn, -along / turn
        start = self.place[tail] + self._reach(tail, leave, lane) * leave + lane * 1j * along
        tip = self.place[head] + self._reach(head, arrive, lane) * arrive + lane * 1j * along
        third = abs(tip - start) / 3
        return start, start + third * leave, tip + third * arrive, tip

    def _reach(self, name: str, way: complex, lane: float) -> float:
        """Return how far a node's outline is from its centre, in the direction of an edge."""
        shape = self.shape.get(name) or SHAPE.get(name.split("(")[0], "circle")
        if shape == "box":
            return GAP + RADIUS / max(abs(way.real), abs(way.imag))
        if shape == "diamond":
            return GAP + RADIUS / (abs(way.real) + abs(way.imag))
        return GAP + math.sqrt(RADIUS**2 - lane**2)

    def loop(self, name: str, label: str, size: float = 1) -> None:
        """Draw an edge from a node back to itself, on its right."""
        near, far = cmath.rect(RADIUS + GAP, 0.6), complex(RADIUS + 36 * size, 30 * size)
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


def _on(curve: Sequence[complex], at: float) -> complex:
    """Return a point of a Bézier curve, from 0 at its start to 1 at its tip."""
    weights = ((1 - at) ** 3, 3 * at * (1 - at) ** 2, 3 * at**2 * (1 - at), at**3)
    return sum(weight * point for weight, point in zip(weights, curve, strict=True))


def _beside(curve: Sequence[complex], label: str, side: float, at: float) -> complex:
    """Return the place of a label beside a Bézier curve."""
    place = _on(curve, at)
    way = curve[-1] - curve[0]
    normal = 1j * way / abs(way)  # to the left
    if side < 0 or (side == 0 and normal.real + 2 * normal.imag < 0):
        normal = -normal
    letters = sum(0.7 if letter in "()" else 1 for letter in label if letter not in "^_{}")
    return place + normal * (abs(normal.real) * (4.6 * letters + 3) + abs(normal.imag) * 7 + 5)


# --- graphs of students ------------------------------------------------------------------

LEVELS = {letter: level for level, letter in enumerate("xashoLy")}  # from the bottom to the top
MOST_ROWS, MOST_DRAWN = 8, 2000  # more rows or edges are left to Graphviz to lay out
MOST_SHOWN = 8  # letters of a name in a node
BENDS = (0, 44, -44, 74, -74, 110, -110, 150, -150)  # of edges, in the order of being tried
PLACES = (0.5, 0.35, 0.65, 0.22, 0.78)  # of labels along them, likewise


def laid_out(source: str) -> graphviz.Digraph | None:
    """Lay a graph of variables in time out as the lessons do, whatever attributes it has.

    A node such as ``h2`` stands at its time and on the level of its letter; one whose letter is
    none of the course's is below. Edges go around what is not theirs. All that is drawn is what
    the graph holds: an edge that is missing or that is there twice is so in the picture.

    Parameters
    ----------
    source : str
        The graph's DOT source.

    Returns
    -------
    graphviz.Digraph or None
        None where the names tell of no time and no letters of the course.

    Raises
    ------
    GraphError
        If it cannot be read.
    """
    names, edges = nodes_of(source), edges_of(source).edges
    parts = {name: _parts(name) for name in names}
    letters = sorted({letter for letter, _ in parts.values()}, key=_level)
    strange = [name for name, (letter, time) in parts.items() if letter not in LEVELS and not time]
    if not names or len(letters) > MOST_ROWS or len(edges) > MOST_DRAWN:
        return None
    if 2 * len(strange) > len(names):
        return None
    wide = max([1, *(0.6 + 0.08 * min(len(label), 40) for *_, label in edges)])
    columns = _columns({int(time) for _, time in parts.values() if time})
    sheet = Sheet({letter: row for row, letter in enumerate(letters)})
    taken: set[complex] = set()
    ids = {name: f"n{place}" for place, name in enumerate(names)}  # in DOT, names could be more
    for name, (letter, time) in parts.items():
        column = columns[int(time)] if time else min(columns.values(), default=1) - 1
        place = complex(column * wide * COLUMN, sheet.rows[letter] * ROW)
        while place in taken:  # as of h1 and h01
            place += COLUMN / 2
        taken.add(place)
        _put(sheet, ids[name], place, name)
    _Routes(sheet, [(ids[tail], ids[head], label) for tail, head, label in edges]).draw()
    return sheet.graph


def _parts(name: str) -> tuple[str, str]:
    """Return the letter of a node's name, or what is in its place, and its time, if it has one."""
    letter, time = re.fullmatch(r"(.*?)(\d{0,9})", name, re.DOTALL).groups()  # type: ignore[union-attr]
    return letter, time


def _level(letter: str) -> tuple[int, str]:
    """Order letters from the bottom to the top, with others by the letter that they begin with."""
    return LEVELS.get(letter, LEVELS.get(letter[:1], -1)), letter


def _columns(times: set[int]) -> dict[int, int]:
    """Give each time a column, with one left free where some times are missing."""
    columns, column, before = {}, 0, None
    for time in sorted(times):
        column += 0 if before is None else min(time - before, 2)
        columns[time], before = column, time
    return columns


def _put(sheet: Sheet, node: str, place: complex, name: str) -> None:
    """Place a node, with its name as the lessons write it, or as it is."""
    letter, time = _parts(name)
    if letter in LEVELS and time == str(int(time or 0)):
        label, length = f"{letter}^{{({time})}}", 1 + 0.8 * len(time)
    else:
        short = name if len(name) <= MOST_SHOWN else f"{name[: MOST_SHOWN - 1]}…"
        label, length = _escaped(short), len(short)
    sheet.put(
        node,
        place,
        label=label,
        shape=SHAPE.get(letter, "circle"),
        fillcolor=FILL.get(letter, "white"),
        fontsize=f"{min(14, 60 / length):.0f}" if length else "14",
    )


class _Routes:
    """The ways of edges around nodes and beside each other, with room for their labels."""

    def __init__(self, sheet: Sheet, edges: Sequence[tuple[str, str, str]]) -> None:
        self._sheet, self._edges = sheet, edges
        # What is where: by square of the plane, places with how far they reach, and whose they are
        self._there: dict[complex, list[tuple[complex, float, object]]] = {}
        for name, place in sheet.place.items():
            self._put(place, RADIUS, name)
        self._bends = self._bend_all()

    def draw(self) -> None:
        """Draw all edges."""
        loops: Counter[str] = Counter()
        for number, (tail, head, label) in enumerate(self._edges):
            written = _escaped(label)
            if tail == head:
                loops[tail] += 1
                self._sheet.loop(tail, written, size=0.6 + 0.4 * loops[tail])
            else:
                bend = self._bends[number]
                side, at = self._room(number, bend)
                self._sheet.edge(tail, head, written, bend=bend, side=side, at=at)

    def _bend_all(self) -> dict[int, int]:
        """Bend each edge until it is free of nodes and of others with the same ends."""
        bends: dict[int, int] = {}
        taken: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for number, (tail, head, _) in enumerate(self._edges):
            if tail == head:
                continue
            way = self._sheet.place[head] - self._sheet.place[tail]
            ahead = 1 if (way.imag, way.real) > (0, 0) else -1  # so that left is left for all
            others = taken[min(tail, head), max(tail, head)]
            free = [bend for bend in BENDS if bend not in others] or BENDS
            bend = next((b for b in free if self._clear(tail, head, ahead * b)), free[0])
            others.append(bend)
            bends[number] = ahead * bend
        for number, bend in bends.items():
            for point in _points(self._sheet.curve(*self._edges[number][:2], bend=bend)):
                self._put(point, 0, number)
        return bends

    def _clear(self, tail: str, head: str, bend: float) -> bool:
        """Tell whether an edge keeps away from nodes that are not its own."""
        points = _points(self._sheet.curve(tail, head, bend=bend))
        return not any(self._met(point, 0, 6, (tail, head)) for point in points)

    def _room(self, number: int, bend: float) -> tuple[float, float]:
        """Return on which side of an edge, and where along it, its label meets nothing."""
        tail, head, label = self._edges[number]
        curve, half = self._sheet.curve(tail, head, bend=bend), 4.6 * len(label)
        for side, at in product((bend, 1, -1), PLACES) if label else ():
            place = _beside(curve, label, side, at)
            if not self._met(place, half, 9, (number,)):
                for letter in range(len(label)):
                    self._put(place + 9.2 * (letter + 0.5) - half, 9, number)
                return side, at
        return bend, PLACES[0]

    def _put(self, place: complex, reach: float, whose: object) -> None:
        self._there.setdefault(_square(place), []).append((place, reach, whose))

    def _met(self, place: complex, half: float, margin: float, own: Sequence[object]) -> bool:
        """Tell whether a line, so long to both sides, comes near to what is not one's own."""
        square, squares = _square(place), 1 + int(half // COLUMN)
        for right, up in product(range(-squares, squares + 1), (-1, 0, 1)):
            for other, reach, whose in self._there.get(square + complex(right, up), ()):
                way = other - place
                apart = math.hypot(max(abs(way.real) - half, 0), way.imag)
                if apart < margin + reach and whose not in own:
                    return True
        return False


def _escaped(text: str) -> str:
    """Keep Graphviz from reading commands and HTML in a text."""
    from graphviz import escape

    return escape(text)


def _points(curve: Sequence[complex]) -> Iterator[complex]:
    return (_on(curve, step / 48) for step in range(49))


def _square(place: complex) -> complex:
    return complex(place.real // COLUMN, place.imag // COLUMN)


# --- in a notebook -----------------------------------------------------------------------


def draw(graph: object) -> None:
    """Show a graph: as a picture in a notebook, elsewhere as the list of its edges.

    Parameters
    ----------
    graph : graphviz.Digraph
        What `folded_graph()` and the like return.
    """
    try:
        source = source_of(graph)
    except TypeError as error:
        print(error)
        return
    picture: object = source
    try:
        text = str(edges_of(source)) or "The graph has no edges."
        picture = laid_out(source) or source
    except GraphError as error:
        text = str(error)
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None:
        print(text)
        return
    from IPython.display import display

    try:
        display({"image/svg+xml": render(picture), "text/plain": text}, raw=True)
    except (GraphError, RendererError):
        print(text)
