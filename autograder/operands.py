"""Find what raised an exception in a student's function: the place, the syntax, the operands.

The operands are found in the frame's variables by their syntax: names, parts, attributes of arrays
and arithmetic. Nothing that is evaluated here can call the student's code.

This is used in a notebook and, untrusted there, in the sandbox; so it needs nothing but numpy.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import operator
import re
import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

MOST_NUMBERS = 10**6  # in an array that is computed here
# Functions that homeworks give, where they are not the graded ones. They are listed, since the
# sandbox has no suites; tests/test_explain.py compares them with the notebooks.
GIVEN = {
    *("bptt", "bptt_single_output", "hidden_recurrence", "log_likelihood", "log_softmax"),
    *("numerical_gradient", "one_hot", "rnn_step", "sequence_loss", "sequence_loss_gradient"),
    *("sigmoid", "single_output", "softmax", "step", "step_backward", "teacher_forced"),
    "teacher_forced_gradient",
}
# The letters of an argument's axes, by its name and number of axes.
AXES = {
    **dict.fromkeys(("x", "inputs"), ("TND", "TD")),
    **dict.fromkeys(("h0", "s0", "h_prev", "s_prev", "h_t", "dh", "ds"), ("NH", "H")),
    **dict.fromkeys(("o0", "r0"), ("NK", "K")),
    "h": ("TNH",),
    "o": ("TNK", "NK", "K"),
    "x_t": ("ND", "D"),
    "y": ("TN", "N"),
    "mask": ("TN",),
    "lengths": ("N",),
    "kernel": ("kDH",),
    "V": ("KH",),
    "c": ("K",),
}


class Place(NamedTuple):
    """Where in the student's code an exception arose: the frame, and the instruction in it."""

    frame: types.FrameType
    line: int
    instruction: int

    @property
    def function(self) -> str:
        """The name of the function, which is not that of a comprehension in it."""
        names = [n for n in self.frame.f_code.co_qualname.split(".") if not n.startswith("<")]
        return names[-1] if names else self.frame.f_code.co_name

    @property
    def code(self) -> str:
        """The text of the line."""
        return linecache.getline(self.frame.f_code.co_filename, self.line).strip()


def own_place(
    error: BaseException, theirs: Callable[[types.CodeType], bool], graded: Collection[str]
) -> Place | None:
    """Return the innermost place in what the student wrote, not in a function given to them.

    Parameters
    ----------
    error : BaseException
        What was raised.
    theirs : callable
        Whether code stands in the notebook.
    graded : collection of str
        The functions that the student is to write: they are not given.
    """
    found, trace = [], error.__traceback__
    while trace is not None:
        if theirs(trace.tb_frame.f_code):
            found.append(Place(trace.tb_frame, trace.tb_lineno, trace.tb_lasti))
        trace = trace.tb_next
    given = GIVEN - set(graded)
    while len(found) > 1 and found[-1].function in given:
        found.pop()
    return found[-1] if found else None


# --- letters of sizes -----------------------------------------------------------------------


def sizes_of(given: Mapping[str, Any]) -> dict[str, set[int]]:
    """Return the sizes of a call by their letters, as T and N; one letter can have two.

    Parameters
    ----------
    given : mapping
        The arguments by name.
    """
    params = given.get("params", given.get("grads"))
    parts = params if type(params) is dict else {}
    sizes: dict[str, set[int]] = {}
    for name, value in [*given.items(), *parts.items()]:
        if name in ("T", "K") and type(value) is int:
            sizes.setdefault(name, set()).add(value)
        elif type(value) is np.ndarray:
            for axes in AXES.get(name, ()):
                if len(axes) == value.ndim:
                    for letter, size in zip(axes, value.shape, strict=True):
                        sizes.setdefault(letter, set()).add(size)
    U = parts.get("U")
    if type(U) is np.ndarray and U.ndim == 2:
        rows = U.shape
        sizes.setdefault("D", set()).add(rows[1])
        of = next(iter(sizes.get("H", {rows[0]})))
        times = rows[0] // of if of and rows[0] % of == 0 else 0
        sizes.setdefault({3: "3H", 4: "4H"}.get(times, "H"), set()).add(rows[0])
    return sizes


class Sizes:
    """The letters of the sizes in a call.

    Parameters
    ----------
    function : callable
        What was called; the names of its parameters tell what they are.
    args : sequence
        The arguments.
    """

    def __init__(self, function: object = None, args: Sequence[Any] = ()) -> None:
        self._letters: dict[int, str] = {}
        self.given = len(args)
        self.names: list[str] = []
        try:
            names = self.names = list(inspect.signature(function).parameters)  # type: ignore[arg-type]
        except Exception:
            return
        sizes = sizes_of(dict(zip(names, args, strict=False)))
        known = {letter: next(iter(of)) for letter, of in sizes.items() if len(of) == 1}
        taken = [size for of in sizes.values() for size in of]
        if known.get("T", 0) + 1 not in {1, *taken}:
            known["T + 1"] = known["T"] + 1
        for letter, size in known.items():
            if size > 1 and taken.count(size) <= 1:
                self._letters[size] = letter

    def letter(self, size: int) -> str:
        """Name a size by its letter, or by its number."""
        return self._letters.get(size, str(size))

    def both(self, size: int) -> str:
        """Name a size by its letter and number, as in ``D = 2``."""
        letter = self._letters.get(size)
        return f"{letter} = {size}" if letter else str(size)

    def shape(self, shape: Sequence[int]) -> str:
        """Write a shape, as in ``(N, D) = (3, 2)``."""
        numbers = in_brackets(map(str, shape))
        letters = in_brackets(map(self.letter, shape))
        return numbers if numbers == letters else f"{letters} = {numbers}"

    @property
    def arguments(self) -> str:
        """Say how many arguments the function takes, and how many it is given."""
        names = ", ".join(name[:30] for name in self.names[:12])
        takes = counted(len(self.names), "argument")
        return f"Yours takes {takes} ({names}), and is called with {self.given}."


def in_brackets(parts: Iterable[str]) -> str:
    """Write a tuple."""
    parts = list(parts)
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


def short(text: str, most: int = 30) -> str:
    """Quote a text of the student's."""
    shown = "".join(c if c.isprintable() and c != "`" else "?" for c in text[:most])
    return f'"{shown}{"…" if len(text) > most else ""}"'


def counted(number: int, what: str) -> str:
    """Say how many of something there are."""
    return f"{number} {what}{'' if number == 1 else 's'}"


# --- the syntax and its values --------------------------------------------------------------


class Unknown(Exception):
    """A value that cannot be told without running code."""


_OPERATORS: dict[type[ast.operator] | type[ast.unaryop], Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.MatMult: operator.matmul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.USub: operator.neg,
}
NUMBERS = (bool, int, float)
SEQUENCES = (list, tuple)


def is_plain(value: Any) -> bool:
    """Whether operations on a value run none of the student's code."""
    return (
        value is None
        or type(value) in (*NUMBERS, str, slice, type(...))
        or (type(value) is np.ndarray and value.dtype.kind in "biuf")
        or (isinstance(value, np.generic) and type(value).__module__ == "numpy")
    )


@cache
def _parsed(source: str) -> ast.Module:
    lines = [re.sub(r"^\s*[%!].*", "", line) for line in source.splitlines()]  # IPython's syntax
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.parse("\n".join(lines))


class Case:
    """An exception at a place, with the syntax that raised it."""

    def __init__(self, error: BaseException, place: Place, sizes: Sizes) -> None:
        self.error, self.sizes, self.frame = error, sizes, place.frame
        self.text = str(error)
        code = place.frame.f_code
        self.source = "".join(linecache.getlines(code.co_filename))
        positions = list(code.co_positions())
        self.where = positions[place.instruction // 2] if place.instruction >= 0 else (0,) * 4
        self.parents: dict[ast.AST, ast.AST] = {}
        self.node = self._found()

    def _found(self) -> ast.AST | None:
        """Return the syntax at the place, and note the parents of what stands around it."""
        found = None
        line, end, column, end_column = self.where
        stack: list[ast.AST] = [_parsed(self.source)]
        while stack:
            node = stack.pop()
            for child in ast.iter_child_nodes(node):
                first, last = getattr(child, "lineno", None), getattr(child, "end_lineno", None)
                if first is None or (line and first <= line and (last or 0) >= (end or line)):
                    self.parents[child] = node
                    stack.append(child)
            if isinstance(node, ast.expr | ast.stmt) and (line, end, column, end_column) == (
                node.lineno,
                node.end_lineno,
                node.col_offset,
                node.end_col_offset,
            ):
                found = found or node
        return found

    # --- what stands there

    def code(self, node: ast.AST) -> str:
        """Quote a piece of the student's code."""
        text = ast.get_source_segment(self.source, node) or ast.unparse(node)
        text = " ".join(text.split()).replace("`", "'")
        return f"`{text}`" if len(text) <= 70 else f"`{text[:33]} … {text[-33:]}`"

    def value(self, node: ast.AST) -> Any:
        """Return the value of an expression, or raise `Unknown`."""
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                return self._named(node.id)
            case ast.Tuple() | ast.List():
                items = [self.value(item) for item in node.elts]
                return tuple(items) if isinstance(node, ast.Tuple) else items
            case ast.Slice():
                parts = (node.lower, node.upper, node.step)
                return slice(*(None if part is None else self.value(part) for part in parts))
            case ast.Attribute(attr=("T" | "shape" | "ndim" | "size" | "dtype") as name):
                return getattr(self._of_type(node.value, np.ndarray), name)
            case ast.Subscript():
                return self._item(node)
            case ast.BinOp() | ast.UnaryOp() if type(node.op) in _OPERATORS:
                sides = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.operand]
                return self._computed(_OPERATORS[type(node.op)], sides)
            case ast.Call(func=ast.Name(id="len"), args=[arg], keywords=[]):
                whole = self.value(arg)
                if type(whole) is np.ndarray or type(whole) in (*SEQUENCES, dict, str):
                    return len(whole)
            case ast.Call(args=args, keywords=[]):
                function = self.function(node.func)
                if type(function) is np.ufunc:
                    return self._computed(function, args)
        raise Unknown

    def _named(self, name: str) -> Any:
        for names in (self.frame.f_locals, self.frame.f_globals):
            if name in names:
                return names[name]
        raise Unknown

    def _of_type(self, node: ast.AST, kind: type) -> Any:
        value = self.value(node)
        if type(value) is not kind:
            raise Unknown
        return value

    def _item(self, node: ast.Subscript) -> Any:
        whole, at = self.value(node.value), self.value(node.slice)
        parts = at if type(at) is tuple else (at,)
        known = type(whole) in (*SEQUENCES, dict, str) or is_plain(whole)
        if whole is None or not known or not all(map(is_plain, parts)):
            raise Unknown
        return self._tried(operator.getitem, whole, at)

    def _computed(self, operation: Callable, sides: Sequence[ast.AST]) -> Any:
        values = [self.value(side) for side in sides]
        if not all(map(is_plain, values)) or any(type(v) is str for v in values):
            raise Unknown
        shapes = [np.shape(value) for value in values]
        if operation is operator.matmul:
            numbers = max(1, shapes[0][0]) * max(1, shapes[-1][-1]) if all(shapes) else 0
        else:
            numbers = int(np.prod(np.broadcast_shapes(*shapes)))
        if numbers > MOST_NUMBERS or max(np.size(value) for value in values) > MOST_NUMBERS:
            raise Unknown
        with np.errstate(all="ignore"):
            return self._tried(operation, *values)

    @staticmethod
    def _tried(operation: Callable, *values: Any) -> Any:
        try:
            return operation(*values)
        except Exception:
            raise Unknown from None

    def function(self, node: ast.AST) -> Any:
        """Return the function that a call names, as in ``np.tanh``."""
        if isinstance(node, ast.Name):
            return self._named(node.id)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = self._named(node.value.id)
            if type(module) is types.ModuleType:
                return vars(module).get(node.attr)
        raise Unknown

    def known(self, node: ast.AST | None) -> Any:
        """Return the value of an expression, or `Unknown` itself."""
        try:
            return Unknown if node is None else self.value(node)
        except Exception:
            return Unknown

    def shape(self, node: ast.AST) -> tuple[int, ...] | None:
        """Return the shape of an array or a number; None where it is unknown, or neither."""
        value = self.known(node)
        if value is Unknown or value is None or type(value) is str or not is_plain(value):
            return None
        return np.shape(value)

    def kind(self, value: Any) -> str:
        """Say what a value is."""
        if type(value) is np.ndarray:
            return self.sizes.shape(value.shape) if value.ndim else f"the number {value:.4g}"
        if value is None or type(value) is bool:
            return str(value)
        if isinstance(value, np.generic) or type(value) in (int, float):
            return f"the number {value:.4g}" if isinstance(value, float) else f"the number {value}"
        if type(value) is str:
            return f"the text {short(value)}"
        if type(value) in (*SEQUENCES, dict, set):
            return f"a {type(value).__name__} of {len(value)}"
        if type(value) in (types.FunctionType, types.BuiltinFunctionType, types.MethodType):
            return "a function"
        name = type.__dict__["__name__"].__get__(type(value))[:40]
        return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"

    def is_(self, node: ast.AST, shape: Sequence[int] | None = None) -> str:
        """Say what an expression is, as in ``x_t is (N, D) = (3, 2)``; empty where unknown."""
        value = self.known(node)
        if value is not Unknown:
            return f"{self.code(node)} is {self.kind(value)}"
        if shape is not None:
            return f"{self.code(node)} is {self.sizes.shape(shape) if shape else 'a number'}"
        return ""

    @property
    def operands(self) -> list[ast.AST]:
        """What an operation or a call has to do with, in its order."""
        match self.node:
            case ast.BinOp(left=left, right=right):
                return [left, right]
            case ast.AugAssign(target=left, value=right):
                return [left, right]
            case ast.Compare(left=left, comparators=rights):
                return [left, *rights]
            case ast.Call(func=ast.Attribute(value=of, attr="dot"), args=[arg]):
                return [of, arg]
            case ast.Call(args=args):
                return [arg for arg in args if not isinstance(arg, ast.Starred)]
        return []

    @property
    def subject(self) -> ast.AST | None:
        """The array whose method is called, or the first argument of a function."""
        match self.node:
            case ast.Call(func=ast.Attribute(value=of)) if type(self.known(of)) is np.ndarray:
                return of
        return self.operands[0] if self.operands else None

    @property
    def arrays(self) -> list[ast.AST]:
        """The operands that are arrays, or may be."""
        kinds = (np.ndarray, type)
        return [each for each in self.operands if type(self.known(each)) in kinds]
