"""The drawings of hw7_decoding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import graphviz

from solutions.drawings import GRADIENT, INK, INPUT, NONE, OUTPUT, PALE, RADIUS, TIMES, Sheet, steps

CELL = 2 * RADIUS  # of a table, in points
PLAIN, MARKED, SEQUENCE = "#ffffff", "#fdebc0", "#eceff3"  # what cells and nodes are filled with
BEST: Mapping[str, str] = {"penwidth": "2.4", "color": GRADIENT, "fontcolor": GRADIENT}
DROPPED: Mapping[str, str] = {"style": "dashed", "color": PALE, "fontcolor": PALE}
ARRIVES: Mapping[str, str] = {"penwidth": "2.2", "color": INK}
THIN: Mapping[str, str] = {"penwidth": "0.7", "color": PALE}


def decoding() -> graphviz.Digraph:
    """Draw a network that is fed with the class that was chosen before."""
    sheet = Sheet("x h o y")
    steps(sheet, (INPUT, OUTPUT), ("y", "h", "W"), spacing=1.25)
    for time in TIMES:
        sheet.edge(f"o({time})", f"y({time})", "choose", side=1)
    return sheet.graph


def _put(sheet: Sheet, name: str, x: float, y: float, label: str, **style: str) -> None:
    """Place a circle, or a node of another shape, at a place in points."""
    sheet.place[name] = complex(x, y)
    given = {"label": label, "shape": "circle", "fillcolor": PLAIN, "pos": f"{x:.1f},{y:.1f}"}
    sheet.graph.node(name, **given | style)


def _write(sheet: Sheet, text: str, x: float, y: float, colour: str = INK) -> None:
    """Write a text at a place in points; the same text may stand in several places."""
    size = {"width": f"{7 * len(text) / 72:.2f}", "height": "0.3"}
    look = {"shape": "plaintext", "style": "", "fontcolor": colour}
    sheet.graph.node(f"{text} at {x:g}, {y:g}", label=text, pos=f"{x:.1f},{y:.1f}", **size, **look)


# --- tables ------------------------------------------------------------------------------


def _table(
    sheet: Sheet,
    numbers: Sequence[str],
    marked: Sequence[tuple[int, int]],
    rows: Sequence[str],
    columns: Sequence[str],
) -> None:
    """Draw a table of numbers, each row in one string, with the names of rows and columns."""
    for i, name in enumerate(rows):
        _write(sheet, name, -RADIUS - 14 - 3.6 * len(name), -i * CELL)
        for k, number in enumerate(numbers[i].split()):
            fill = MARKED if (i, k) in marked else PLAIN
            place = k * CELL, -i * CELL
            _put(sheet, f"{i}, {k}", *place, number, shape="box", fontsize="12", fillcolor=fill)
    for k, name in enumerate(columns):
        _write(sheet, name, k * CELL, RADIUS + 13)


def _result(sheet: Sheet, values: Sequence[str], x: float, y: float, down: bool, what: str) -> None:
    """Draw the entries of a result, in a column (down) or in a row."""
    for i, value in enumerate(values):
        place = (x, y - i * CELL) if down else (x + i * CELL, y)
        _put(sheet, f"{what} {i}", *place, value, shape="box", fontsize="12", fillcolor=SEQUENCE)


def _arrow(sheet: Sheet, name: str, start: complex, tip: complex) -> None:
    """Draw an arrow that leads from one part of a drawing to another."""
    along = (tip - start) / abs(tip - start)
    places = (tip, start, start + along, tip - 8 * along, tip - 7 * along)
    pos = "e," + " ".join(f"{place.real:.1f},{place.imag:.1f}" for place in places)
    for end in ("from", "to"):
        sheet.graph.node(f"{name} {end}", style="invis", pos=f"{start.real:.1f},{start.imag:.1f}")
    sheet.graph.edge(f"{name} from", f"{name} to", pos=pos)


def argmax_of_rows() -> graphviz.Digraph:
    """Draw how each sequence of a batch gets the number of its largest output."""
    sheet = Sheet("x")
    numbers = ("0.2 −1.0 1.3 0.9", "2.1 0.4 −0.3 0.0", "−0.5 0.1 0.6 0.8")
    columns = ("k = 0", "1", "2", "3")
    _table(sheet, numbers, [(0, 2), (1, 0), (2, 3)], ("n = 0", "1", "2"), columns)
    _result(sheet, ("2", "0", "3"), 7 * CELL, 0, down=True, what="y")
    _arrow(sheet, "argmax", complex(3 * CELL + RADIUS + 8, -CELL), complex(7 * CELL - 29, -CELL))
    middle = 5 * CELL - 4
    _write(sheet, "argmax(axis=−1)", middle, -CELL + 16)
    _write(sheet, "o_{t} is (N, K)", 1.5 * CELL, -2.9 * CELL)
    _write(sheet, "y_{t} is (N,)", 7 * CELL, -2.9 * CELL)
    return sheet.graph


def beam_scores() -> graphviz.Digraph:
    """Draw the scores of all continuations, and how the best of them are found."""
    sheet = Sheet("x")
    numbers = ("−2.1 −0.9 −2.8", "−3.5 −2.8 −1.6")
    rows = ("0: log p = −0.5", "1: log p = −1.2")
    _table(sheet, numbers, [(0, 1), (1, 2)], rows, ("k = 0", "1", "2"))
    _write(sheet, "scores are (B, K)", CELL, -1.9 * CELL)
    flat = 4.6 * CELL
    for i, number in enumerate(" ".join(numbers).split()):
        fill = MARKED if i in (1, 5) else PLAIN
        place = flat + i * CELL, -CELL / 2
        _put(sheet, f"entry {i}", *place, number, shape="box", fontsize="12", fillcolor=fill)
        _write(sheet, f"i = {i}" if i == 0 else str(i), flat + i * CELL, RADIUS - 6)
    _arrow(sheet, "ravel", complex(2 * CELL + 29, -CELL / 2), complex(flat - 29, -CELL / 2))
    _write(sheet, "ravel", 3.3 * CELL, -CELL / 2 + 15)
    _write(sheet, "divmod(1, 3) = 0, 1", flat + 0.8 * CELL, -1.5 * CELL)
    _write(sheet, "divmod(5, 3) = 1, 2", flat + 4.4 * CELL, -1.5 * CELL)
    return sheet.graph


def max_of_columns() -> graphviz.Digraph:
    """Draw how the best way into each class is found."""
    sheet = Sheet("x")
    numbers = ("−2.1 −1.4 −3.0", "−1.9 −2.6 −2.2", "−4.0 −3.3 −2.0")
    rows = ("from j = 0", "1", "2")
    _table(sheet, numbers, [(1, 0), (0, 1), (2, 2)], rows, ("to k = 0", "1", "2"))
    _arrow(sheet, "max", complex(2 * CELL + 29, -CELL), complex(5 * CELL - 29, -CELL))
    _write(sheet, "axis=0", 3.5 * CELL, -CELL + 15)
    _result(sheet, ("−1.9", "−1.4", "−2.0"), 5 * CELL, -0.45 * CELL, down=False, what="m")
    _result(sheet, ("1", "0", "2"), 5 * CELL, -1.75 * CELL, down=False, what="before")
    _write(sheet, "max: m_{t}", 8.5 * CELL, -0.45 * CELL)
    _write(sheet, "argmax: q_{t}", 8.7 * CELL, -1.75 * CELL)
    _write(sheet, "scores are (K, K)", CELL, -2.9 * CELL)
    return sheet.graph


# --- choosing ----------------------------------------------------------------------------


def interval() -> graphviz.Digraph:
    """Draw the interval from 0 to 1, cut into a piece for each class."""
    sheet, left, u = Sheet("x"), 0, 0.62
    for k, tenths in enumerate((1, 4, 2, 3)):
        middle, fill = 44 * (left + tenths / 2), MARKED if k == 2 else PLAIN
        width = f"{44 * tenths / 72:.4f}"
        _put(sheet, f"piece {k}", middle, 0, f"{k}", shape="box", width=width, fillcolor=fill)
        left += tenths
        _write(sheet, f"P = {left / 10:g}", 44 * left - 2, -RADIUS - 14)
    _arrow(sheet, "u", complex(440 * u, RADIUS + 42), complex(440 * u, RADIUS + 3))
    _write(sheet, f"u = {u}", 440 * u, RADIUS + 54)
    _write(sheet, "class", -38, 0)
    return sheet.graph


P = {"a": 0.6, "b": 0.4, "aa": 0.55, "ab": 0.45, "ba": 0.1, "bb": 0.9}  # of each last label


def _tree(best: Sequence[str], greedy: Sequence[str], dropped: Sequence[str]) -> graphviz.Digraph:
    """Draw all sequences of two classes over two steps."""
    styles = dict.fromkeys(greedy, ARRIVES) | dict.fromkeys(best, BEST)
    styles |= dict.fromkeys(dropped, DROPPED)
    sheet = Sheet("x")
    _put(sheet, "after ", 0, 0, "")
    for end in ("a", "b", "aa", "ab", "ba", "bb"):
        side = 1 if end[0] == "a" else -1
        up = 68 * side if len(end) == 1 else 68 * side + (34 if end[1] == "a" else -34)
        style, fill = styles.get(end, NONE), PLAIN if end in dropped else MARKED
        look = {**style, "style": "filled,dashed" if end in dropped else "filled"}
        _put(sheet, f"after {end}", 150 * len(end), up, end, fillcolor=fill, **look)
        above = 1 if up > sheet.place[f"after {end[:-1]}"].imag else -1
        sheet.edge(f"after {end[:-1]}", f"after {end}", f"{P[end]:g}", side=above, style=style)
        if len(end) == 2:
            colour = style.get("fontcolor", INK)
            _write(sheet, f"{P[end[0]]:g} · {P[end]:g} = {P[end[0]] * P[end]:.2f}", 400, up, colour)
    return sheet.graph


def tree() -> graphviz.Digraph:
    """Draw where greedy decoding goes, and where the most likely sequence is."""
    return _tree(best=("b", "bb"), greedy=("a", "aa"), dropped=())


def beam() -> graphviz.Digraph:
    """Draw what a beam of two keeps."""
    return _tree(best=("b", "bb"), greedy=(), dropped=("ab", "ba"))


def trellis() -> graphviz.Digraph:
    """Draw the best way to each class at each step, and the way back from the best one."""
    sheet = Sheet("x")
    arrives = {(2, 0): 1, (2, 1): 0, (2, 2): 1, (3, 0): 1, (3, 1): 2, (3, 2): 2}
    way = {1: 1, 2: 2, 3: 1}  # the class at each step
    for t, k in product((1, 2, 3), range(3)):
        on = way[t] == k
        look = {"color": GRADIENT, "penwidth": "2.4"} if on else {}
        _put(sheet, f"m{t}({k})", 170 * t, -80 * k, f"m_{{{t}}}({k})", fontsize="12", **look)
    for t, k, j in product((2, 3), range(3), range(3)):
        if arrives[t, k] != j:
            sheet.edge(f"m{t - 1}({j})", f"m{t}({k})", style=THIN)
    for (t, k), j in arrives.items():
        best = way[t] == k and way[t - 1] == j
        sheet.edge(f"m{t - 1}({j})", f"m{t}({k})", style=BEST if best else ARRIVES)
    for t in way:
        _write(sheet, f"step {t}", 170 * t, RADIUS + 18)
    for k in range(3):
        _write(sheet, f"class {k}", 105, -80 * k)
    return sheet.graph
