"""The drawings of the homeworks, as functions without arguments that return a graphviz.Digraph.

They share one grid and one palette. Time runs from left to right, inputs are at the bottom and
targets at the top. Data (x, y) are boxes, computed variables circles. Every node and edge has its
place given, in points, and Graphviz's ``nop2`` only draws it: so columns are straight, no edge
crosses a label, and all machines make the same picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

import graphviz

COLUMN, ROW = 96, 72  # from node to node, in points
RADIUS = 21  # of circles; boxes and diamonds are as wide
ARROW = 7  # length of an arrow's head

INK = "#1f2a37"
GRADIENT = "#b3005e"
FILL = {
    **dict.fromkeys("xy", "#eceff3"),
    **dict.fromkeys("sah", "#cfe2f7"),
    **dict.fromkeys(("o", "yhat", "out"), "#fdebc0"),
    "L": "#f7cdcb",
    "coin": "#ffffff",
}
SYMBOL = {"yhat": "ŷ"}
PARAMETERS = {"U": "#00695c", "W": "#a84300", "V": "#4a2fa8"}
LEFT = {"softmax"}  # labels that stand to the left of an arrow that points up
TIMES = ("t-1", "t", "t+1")

Link = tuple[str, str, str]  # from variable, to variable, label


class _Sheet:
    """A drawing under way.

    Parameters
    ----------
    rows : str or dict of str to float
        The variables from the bottom to the top, or their rows.
    colours : dict of str to str
        Labels of edges that have a colour of their own.
    """

    def __init__(
        self, rows: str | dict[str, float], colours: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.rows = rows if isinstance(rows, dict) else {v: i for i, v in enumerate(rows.split())}
        self.colours = colours
        self.place: dict[str, tuple[float, float]] = {}
        self.shape: dict[str, str] = {}
        font = {"fontname": "Helvetica,Arial,sans-serif", "fontcolor": INK, "color": INK}
        self.graph = graphviz.Digraph(
            graph_attr={"layout": "nop2", "bgcolor": "white", "pad": f"{6 / 72:.6f}"},
            node_attr={
                **font,
                "fontsize": "14",
                "fixedsize": "true",
                "width": f"{2 * RADIUS / 72:.6f}",
                "height": f"{2 * RADIUS / 72:.6f}",
                "style": "filled",
            },
            edge_attr={**font, "fontsize": "14", "arrowsize": str(ARROW / 10)},
        )

    def node(self, variable: str, column: float, time: str = "", **style: str) -> str:
        """Place a variable, such as x, at a time, such as ``t-1``, and return the node's name."""
        name = f"{variable}({time})" if time else variable
        symbol = SYMBOL.get(variable, variable)
        self.place[name] = (round(column * COLUMN, 1), round(self.rows[variable] * ROW, 1))
        self.shape[name] = {"x": "box", "y": "box", "coin": "diamond"}.get(variable, "circle")
        given = {
            "label": f"{symbol}^{{({time})}}" if time else symbol,
            "shape": self.shape[name],
            "fillcolor": FILL[variable],
            "pos": "{},{}".format(*self.place[name]),
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
        **style: str,
    ) -> None:
        """Draw an edge, moved to its left by a lane's width or bent to its left, in points.

        The label is to its left if side > 0, to its right if side < 0, and else where the lane or
        the bend is, or above it.
        """
        (x0, y0), (x1, y1) = self.place[tail], self.place[head]
        length = math.hypot(x1 - x0, y1 - y0)
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        turn = math.atan2(bend, 0.3 * length)

        def leave(name: str, forward: float) -> tuple[float, float]:
            """Return where the edge meets a node's outline, from the node's centre."""
            angle = math.atan2(forward * uy, forward * ux) + forward * turn
            dx, dy = math.cos(angle), math.sin(angle)
            if self.shape[name] == "box":
                reach = RADIUS / max(abs(dx), abs(dy))
            elif self.shape[name] == "diamond":
                reach = RADIUS / (abs(dx) + abs(dy))
            else:
                reach = math.sqrt(RADIUS**2 - lane**2)
            reach += 1
            return reach * dx - lane * uy, reach * dy + lane * ux

        dx0, dy0 = leave(tail, 1)
        dx1, dy1 = leave(head, -1)
        start, tip = (x0 + dx0, y0 + dy0), (x1 + dx1, y1 + dy1)
        span = math.dist(start, tip) / 3
        first = _beyond(start, math.atan2(uy, ux) + turn, span)
        last = _beyond(tip, math.atan2(-uy, -ux) - turn, span)
        self._draw(
            tail,
            head,
            [start, first, last, tip],
            label,
            side or lane or bend or (label in LEFT),
            at,
            style,
        )

    def loop(self, name: str, label: str) -> None:
        """Draw an edge from a node back to itself, on its right."""
        x, y = self.place[name]
        start, tip = (_beyond((x, y), angle, RADIUS + 1) for angle in (0.6, -0.6))
        far = [(x + RADIUS + 36, y + 30), (x + RADIUS + 36, y - 30)]
        self._draw(name, name, [start, *far, tip], label, 1, 0.5, {})

    def _draw(
        self,
        tail: str,
        head: str,
        curve: Sequence[tuple[float, float]],
        label: str,
        side: float,
        at: float,
        style: dict[str, str],
    ) -> None:
        """Draw an edge along a Bézier curve, with the label beside it."""
        start, first, last, tip = curve
        end = _beyond(tip, math.atan2(last[1] - tip[1], last[0] - tip[0]), ARROW)
        if label in self.colours:
            colour = self.colours[label]
            style = {"color": colour, "fontcolor": colour, "penwidth": "2", **style}
        pos = f"e,{_point(tip)} {_point(start)} {_point(first)} {_point(last)} {_point(end)}"
        if label:
            style = {"label": label, "lp": _point(_beside(curve, label, side, at)), **style}
        self.graph.edge(tail, head, pos=pos, **style)

    def gradient(
        self, tail: str, head: str, label: str = "", *, lane: float = 10, at: float = 0.5
    ) -> None:
        """Draw a gradient that flows back along an edge, beside it."""
        self.edge(
            tail,
            head,
            label,
            lane=lane,
            at=at,
            color=GRADIENT,
            fontcolor=GRADIENT,
            style="dashed",
            arrowhead="empty",
        )

    def text(self, text: str, column: float, row: float) -> None:
        """Write a text about gradients."""
        self.graph.node(
            text,
            shape="plaintext",
            style="",
            fontcolor=GRADIENT,
            width=f"{7 * len(text) / 72:.2f}",
            height="0.3",
            pos=f"{column * COLUMN:.1f},{row * ROW:.1f}",
        )


def _beyond(point: tuple[float, float], angle: float, distance: float) -> tuple[float, float]:
    return point[0] + distance * math.cos(angle), point[1] + distance * math.sin(angle)


def _point(point: tuple[float, float]) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


def _beside(
    curve: Sequence[tuple[float, float]], label: str, side: float, at: float
) -> tuple[float, float]:
    """Return the place of a label: to the left of the curve if side > 0, above or right if 0."""
    weights = [(1 - at) ** 3, 3 * at * (1 - at) ** 2, 3 * at**2 * (1 - at), at**3]
    x, y = (sum(w * p[i] for w, p in zip(weights, curve, strict=True)) for i in (0, 1))
    dx, dy = curve[3][0] - curve[0][0], curve[3][1] - curve[0][1]
    nx, ny = -dy / math.hypot(dx, dy), dx / math.hypot(dx, dy)
    if side < 0 or (side == 0 and nx + 2 * ny < 0):
        nx, ny = -nx, -ny
    visible = sum(0.7 if letter in "^_{}()" else 1 for letter in label) - 2 * label.count("{")
    gap = abs(nx) * 4.6 * visible + abs(ny) * 7 + 5
    return x + gap * nx, y + gap * ny


# --- networks ----------------------------------------------------------------------------


def _steps(
    sheet: _Sheet,
    variables: str,
    within: Iterable[Link],
    across: Link,
    times: Sequence[str] = TIMES,
    ends: bool = True,
    spacing: float = 1,
) -> None:
    """Draw a network over some steps: edges within each of them, and one from each to the next."""
    for column, time in enumerate(times):
        for variable in variables.split():
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
SOFTMAX = ("o", "yhat", "softmax")
HIDDEN_RECURRENCE, OUTPUT_RECURRENCE = ("h", "h", "W"), ("o", "h", "W")


# --- homework 1 --------------------------------------------------------------------------


def folded_system() -> graphviz.Digraph:
    """Draw a dynamical system without inputs."""
    sheet = _Sheet("s")
    sheet.loop(sheet.node("s", 0), "f")
    return sheet.graph


def unrolled_system() -> graphviz.Digraph:
    """Draw the same system over three steps."""
    sheet = _Sheet("s")
    _steps(sheet, "s", (), ("s", "s", "f"), times=("1", "2", "3"), ends=False)
    return sheet.graph


def folded() -> graphviz.Digraph:
    """Draw a dynamical system with inputs."""
    sheet = _Sheet("x h")
    sheet.edge(sheet.node("x", 0), sheet.node("h", 0))
    sheet.loop("h", "f")
    return sheet.graph


def unrolled() -> graphviz.Digraph:
    """Draw the same system unrolled."""
    sheet = _Sheet("x h")
    _steps(sheet, "x h", [("x", "h", "")], ("h", "h", "f"))
    return sheet.graph


def time_delay() -> graphviz.Digraph:
    """Draw two steps of a time-delay network, whose kernel is three steps long."""
    sheet = _Sheet({"x": 0, "out": 2})
    times = ("t-2", "t-1", "t", "t+1")
    for column, time in enumerate(times):
        sheet.node("x", column, time)
    for column, time in enumerate(times[2:], start=2):
        sheet.node("out", column, time, fontsize="12")
    moved = {"color": PARAMETERS["V"], "fontcolor": PARAMETERS["V"], "style": "dashed"}
    for column, side, style in ((2, 1, {}), (3, -1, moved)):
        for delay in (2, 1, 0):
            tail, head = f"x({times[column - delay]})", f"out({times[column]})"
            label, at = f"k_{{{delay}}}", (0.62, 0.33, 0.26)[delay]  # apart from each other
            sheet.edge(tail, head, label, side=side, at=at, **style)
    return sheet.graph


# --- homework 2 --------------------------------------------------------------------------


def _folded_pattern(across: Link) -> _Sheet:
    sheet = _Sheet("x h o L y")
    for variable in sheet.rows:
        sheet.node(variable, 0)
    for link in (INPUT, OUTPUT, *LOSS):
        sheet.edge(*link)
    if across[0] == across[1]:
        sheet.loop(across[0], across[2])
    else:
        sheet.edge(*across, bend=-44)
    return sheet


def _pattern(across: Link) -> _Sheet:
    sheet = _Sheet("x h o L y")
    _steps(sheet, "x h o L y", (INPUT, OUTPUT, *LOSS), across)
    return sheet


def pattern_1_folded() -> graphviz.Digraph:
    """Draw the network whose hidden state is fed back."""
    return _folded_pattern(HIDDEN_RECURRENCE).graph


def pattern_1() -> graphviz.Digraph:
    """Draw the network whose hidden state is fed back, unrolled (figure 10.3 of the book)."""
    return _pattern(HIDDEN_RECURRENCE).graph


def pattern_2_folded() -> graphviz.Digraph:
    """Draw the network whose output is fed back."""
    return _folded_pattern(OUTPUT_RECURRENCE).graph


def pattern_2() -> graphviz.Digraph:
    """Draw the network whose output is fed back, unrolled (figure 10.4 of the book)."""
    return _pattern(OUTPUT_RECURRENCE).graph


def pattern_3() -> graphviz.Digraph:
    """Draw the network with one output at the end (figure 10.5 of the book)."""
    sheet = _Sheet("x h o L y")
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
    sheet = _Sheet("x h o", colours=PARAMETERS)
    _steps(sheet, "x h o", (INPUT, OUTPUT), HIDDEN_RECURRENCE)
    return sheet.graph


# --- homework 3 --------------------------------------------------------------------------


def loss_node() -> graphviz.Digraph:
    """Draw how the loss of a step comes about."""
    sheet = _Sheet(dict.fromkeys(("o", "yhat", "L", "y"), 0))
    for column, variable in enumerate(sheet.rows):
        sheet.node(variable, 1.2 * column, "t")
    sheet.edge("o(t)", "yhat(t)", "softmax")
    sheet.edge("yhat(t)", "L(t)")
    sheet.edge("y(t)", "L(t)")
    return sheet.graph


# --- homework 4 --------------------------------------------------------------------------


LEGEND = "dashed: gradients"


def _activations(labels: bool) -> _Sheet:
    sheet = _Sheet({"x": 0, "a": 1, "h": 2.4, "o": 3.4, "L": 4.4, "y": 5.4})
    within = (("x", "a", "U"), ("a", "h", "tanh"), OUTPUT, *LOSS)
    if not labels:
        within = tuple((tail, head, "") for tail, head, _ in within)
    _steps(sheet, "x a h o L y", within, ("h", "a", "W" if labels else ""))
    return sheet


def forward_graph() -> graphviz.Digraph:
    """Draw every variable of pattern 1, with the activations a."""
    return _activations(labels=True).graph


def gradients_back() -> graphviz.Digraph:
    """Draw the same graph with the gradients that flow back through it."""
    sheet = _activations(labels=False)
    for time in TIMES:
        sheet.gradient(f"L({time})", f"o({time})", "ŷ−y", lane=-10)
        sheet.gradient(f"o({time})", f"h({time})", "V^{T}", lane=-10)
        sheet.gradient(f"h({time})", f"a({time})", "1−h^{2}", lane=-10, at=0.3)
    for now, after in pairwise(("before", *TIMES, "after")):
        sheet.gradient(f"a({after})", f"h({now})", "W^{T}")
    sheet.text(LEGEND, 1, -0.5)
    return sheet.graph


def truncated() -> graphviz.Digraph:
    """Draw the gradients of truncated back-propagation, with windows of three steps."""
    sheet = _Sheet("x h L")
    times = tuple("123456")
    _steps(sheet, "x h L", [("x", "h", ""), ("h", "L", "")], ("h", "h", ""), times, ends=False)
    for time in times:
        sheet.gradient(f"L({time})", f"h({time})", lane=-10)
    for before, now in pairwise(times):
        if now != "4":
            sheet.gradient(f"h({now})", f"h({before})")
    sheet.text("cut", 2.5, 1 - 14 / ROW)
    sheet.text(LEGEND, 2.5, -0.5)
    return sheet.graph


# --- homework 5 --------------------------------------------------------------------------


def teacher_forcing_train() -> graphviz.Digraph:
    """Draw training with teacher forcing (figure 10.6 of the book, left)."""
    sheet = _Sheet("x h o L y")
    _steps(sheet, "x h o L y", (INPUT, OUTPUT, *LOSS), ("y", "h", "W"), spacing=1.15)
    return sheet.graph


def teacher_forcing_test() -> graphviz.Digraph:
    """Draw the same network running free (figure 10.6 of the book, right)."""
    sheet = _Sheet("x h o yhat")
    _steps(sheet, "x h o yhat", (INPUT, OUTPUT, SOFTMAX), ("yhat", "h", "W"), spacing=1.3)
    return sheet.graph


def scheduled() -> graphviz.Digraph:
    """Draw how a coin decides what is fed back in scheduled sampling."""
    sheet = _Sheet({"x": 0, "h": 1, "o": 2, "yhat": 3, "y": 4, "coin": 3.5})
    times = TIMES[:2]
    for column, time in enumerate(times):
        for variable in ("x", "h", "o", "yhat", "y"):
            sheet.node(variable, 2.1 * column, time)
        for tail, head, label in (INPUT, OUTPUT, SOFTMAX):
            sheet.edge(f"{tail}({time})", f"{head}({time})", label)
        sheet.node("coin", 2.1 * column + 0.9, time, label="coin", fontsize="11")
        sheet.edge(f"y({time})", f"coin({time})", "p")
        sheet.edge(f"yhat({time})", f"coin({time})", "1−p", side=-1)
    sheet.more("h", 2.1 * len(times), "after")
    for now, after in pairwise((*times, "after")):
        sheet.edge(f"coin({now})", f"h({after})", "W", at=0.65)
    return sheet.graph


def free_running_gradients() -> graphviz.Digraph:
    """Draw the gradients of a network that is trained while it runs free."""
    sheet = _Sheet("x h o yhat L y")
    within = (("x", "h", ""), ("h", "o", ""), ("o", "yhat", ""), ("yhat", "L", ""), ("y", "L", ""))
    _steps(sheet, "x h o yhat L y", within, ("yhat", "h", ""), TIMES[:2])
    for time in TIMES[:2]:
        for tail, head in (("L", "yhat"), ("yhat", "o"), ("o", "h")):
            sheet.gradient(f"{tail}({time})", f"{head}({time})", lane=-10)
    for now, after in pairwise(("before", *TIMES[:2], "after")):
        sheet.gradient(f"h({after})", f"yhat({now})")
    sheet.text(LEGEND, 0.5, -0.5)
    return sheet.graph
