"""Explain an exception of a student's function in words: what each operand is, and what it must be.

All sizes in a test differ, so that a size has a letter: the arguments of the call tell which.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import re
import types
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import numpy as np

from autograder.operands import (
    NUMBERS,
    SEQUENCES,
    Case,
    Place,
    Sizes,
    Unknown,
    counted,
    in_brackets,
    is_plain,
    short,
)

MAX_TEXT = 500  # characters of an explanation; what would make it longer is left out
# Of the exceptions that are explained: their texts come about without code of the student's.
_MODULES = "builtins", "numpy", "numpy.exceptions", "numpy.linalg", "numpy._core._exceptions"


def named(error: BaseException) -> str:
    """Name an exception's type, and what it is a kind of: ``NoLabels (a ValueError)``."""
    kind = type(error)
    known = next((base for base in kind.__mro__ if base.__module__ in _MODULES), kind)
    if known in (kind, Exception, BaseException):
        return kind.__name__
    article = "an" if known.__name__[0] in "AEIOU" else "a"
    return f"{kind.__name__} ({article} {known.__name__})"


def explained(error: BaseException, place: Place | None, sizes: Sizes) -> str:
    """Say in words why an exception was raised; empty where nothing is known.

    Parameters
    ----------
    error : BaseException
        What was raised.
    place : Place or None
        Where, in the student's code.
    sizes : Sizes
        The letters of the sizes in the call.
    """
    if type(error).__module__ not in _MODULES:
        return ""
    if place is None:
        fits = not isinstance(error, TypeError) or "argument" not in str(error)
        return "" if fits or not sizes.names else sizes.arguments
    try:
        sentences = list(filter(None, _told(Case(error, place, sizes))))
    except Exception:  # an explanation is a kindness: it never stands in the way
        return ""
    while len(" ".join(sentences)) > MAX_TEXT:
        sentences.pop()
    return " ".join(sentences)


def _told(case: Case) -> Iterator[str]:
    """Yield sentences on an exception: those of the first teller that knows it."""
    for teller in _TELLERS:
        if sentences := list(teller(case)):
            yield from sentences
            return


def _and(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def _near(name: str, names: Collection[str], least: float = 0.82) -> str:
    """Ask whether a name that is there was meant; ``least`` is how alike it must be."""
    alike = [other for other in names if other.lower() == name.lower()]
    alike = alike or difflib.get_close_matches(name, sorted(names), 1, least)
    return f"Did you mean `{alike[0]}`?" if alike else ""


def _shapes(text: str) -> list[tuple[int, ...]]:
    """Return the shapes in the text of an exception."""
    found = re.findall(r"\((\d+(?:, ?\d+)*,?|)\)", text)
    return [tuple(map(int, re.findall(r"\d+", shape))) for shape in found]


# --- arithmetic on arrays -------------------------------------------------------------------


def _products(case: Case) -> Iterator[str]:
    """Tell of ``@`` and its kin: the inner sizes must be the same."""
    product = isinstance(case.node, ast.BinOp | ast.AugAssign) and isinstance(
        case.node.op, ast.MatMult
    )
    if not (product or "matmul" in case.text or "not aligned" in case.text):
        return
    if len(case.operands) != 2 or not isinstance(case.error, ValueError):
        return
    left, right = case.operands
    if none := next((side for side in case.operands if case.known(side) is None), None):
        yield _none(case.code(none))
        return
    shapes = _shapes(case.text) if "not aligned" in case.text else []
    a, b = (case.shape(side) for side in case.operands)
    a, b = a or (shapes[0] if len(shapes) == 2 else a), b or (shapes[1] if len(shapes) == 2 else b)
    told = [is_ for side, of in ((left, a), (right, b)) if (is_ := case.is_(side, of))]
    if told:
        yield f"{_and(told)}."
    if a == () or b == ():
        yield "`@` multiplies arrays that have axes; with a number, use `*`."
    elif a is not None and b is not None:
        inner = a[-1], b[-2] if len(b) > 1 else b[0]
        if inner[0] != inner[1]:
            one, other = map(case.sizes.letter, inner)
            yield f"The inner sizes, {one} and {other}, must be the same."
            if len(b) == 2 and a[-1] == b[1]:
                yield f"Those of {case.code(left)} and the transpose of {case.code(right)} are."
            elif len(a) == 2 and a[0] == (b[-2] if len(b) > 1 else b[0]):
                yield f"Those of the transpose of {case.code(left)} and {case.code(right)} are."
        else:
            yield "The inner sizes are the same, but the axes before the last two do not fit."
    elif len(sizes := re.findall(r"size (\d+) is different from (\d+)", case.text)) == 1:
        second, first = (case.sizes.both(int(size)) for size in sizes[0])
        yield (
            f"The inner sizes must be the same: the last one of {case.code(left)} is {first}, and "
            f"that of {case.code(right)} which it meets is {second}."
        )


def _broadcasts(case: Case) -> Iterator[str]:
    """Tell of ``+`` and its kin: axes are compared from the last one on."""
    if "could not be broadcast together" not in case.text and "non-broadcastable" not in case.text:
        return
    shapes = _shapes(case.text)
    if isinstance(case.node, ast.Subscript):  # arrays of indices
        listed = ", ".join(case.sizes.shape(shape) for shape in shapes)
        yield f"The arrays that index {case.code(case.node.value)} have the shapes {listed}."
        yield "They must fit one another, axis by axis from the last one on: be equal, or 1."
        return
    if "einsum" in _called(case) or "remapped" in case.text:
        return
    operands = [side for side in case.operands if case.known(side) is not None]
    operands = operands if len(operands) == len(shapes) else case.arrays
    if isinstance(case.node, ast.AugAssign) and len(shapes) == 3:  # the place of the result, too
        shapes = shapes[:2]
    if len(operands) == len(shapes):
        told = [case.is_(side, of) for side, of in zip(operands, shapes, strict=True)]
        told = [each for each in told if each]
        if told:
            yield f"{_and(told)}."
    else:
        yield f"The shapes are {_and([case.sizes.shape(shape) for shape in shapes])}."
    if "non-broadcastable" in case.text and len(shapes) == 2:
        yield (
            f"The result is {case.sizes.shape(shapes[1])}, and the first, into which it is to be "
            "written, keeps its shape."
        )
        return
    clash = next(iter(_clashes(shapes)), None)
    if clash:
        at, one, other = clash
        which = {1: "the last", 2: "the last but one"}.get(at, f"the {at}th last")
        yield (
            f"Axes are compared from the last one on, and must be equal, or 1: in {which} "
            f"axis, {case.sizes.both(one)} meets {case.sizes.both(other)}."
        )


def _clashes(shapes: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, int, int]]:
    """Yield where shapes do not fit: which axis from the end, and two of its sizes."""
    for at in range(1, max(map(len, shapes), default=0) + 1):
        sizes = list(dict.fromkeys(s[-at] for s in shapes if len(s) >= at and s[-at] != 1))
        if len(sizes) > 1:
            yield at, sizes[0], sizes[1]


def _called(case: Case) -> str:
    """Return the name of the function that is called, without its module."""
    match case.node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name
    return ""


def _einsum(case: Case) -> Iterator[str]:
    """Tell which letter of an einsum stands for two sizes, or which operand has other axes."""
    if _called(case) != "einsum" or not case.operands:
        return
    letters = case.known(case.operands[0])
    if type(letters) is not str:
        return
    parts = letters.replace(" ", "").partition("->")[0].split(",")
    operands = case.operands[1:]
    if len(parts) != len(operands):
        yield f"{short(letters)} tells of {len(parts)} arrays, and {len(operands)} are given."
        return
    seen: dict[str, tuple[int, str]] = {}
    for part, operand in zip(parts, operands, strict=True):
        shape = case.shape(operand)
        if shape is None or "." in part:
            continue
        if len(shape) != len(part):
            yield f"{case.is_(operand)}, and `{part}` names {_axes(len(part))} of it."
            return
        for letter, size in zip(part, shape, strict=True):
            before, where = seen.setdefault(letter, (size, case.code(operand)))
            if before != size and 1 not in (before, size):
                yield (
                    f"In {short(letters)}, the letter {letter} stands for "
                    f"{case.sizes.both(before)} in {where}, and for {case.sizes.both(size)} in "
                    f"{case.code(operand)}: one letter is one size."
                )
                return
    if told := [is_ for each in operands if (is_ := case.is_(each))]:
        yield f"{_and(told)}."


def _axes(count: int) -> str:
    return f"{count} {'axis' if count == 1 else 'axes'}"


def _casts(case: Case) -> Iterator[str]:
    """Tell of results that do not fit the type of the array that they go into."""
    if found := re.search(
        r"[Cc]annot cast .*output from dtype\('(\w+)'\) to dtype\('(\w+)'\)", case.text
    ):
        target = case.code(case.operands[0]) if case.operands else "the array"
        yield (
            f"{target} is an array of {found[2]}, which cannot hold the result, of {found[1]}: use "
            "an array of floats."
        )
    elif (
        "did not contain a loop" in case.text
        or "no callable" in case.text
        or ("not supported for the input types" in case.text)
    ):
        strange = [
            is_ for each in case.operands
            if case.shape(each) is None and (is_ := case.is_(each))
        ]  # fmt: skip
        if strange:
            yield f"{_and(strange)}: only numbers and arrays of numbers can be computed with."


# --- parts of arrays and of lists -----------------------------------------------------------


def _indices(case: Case) -> Iterator[str]:
    """Tell of an index that is out of bounds, of one too many, or of a wrong type."""
    if not isinstance(case.node, ast.Subscript):
        return
    whole, at = case.known(case.node.value), case.known(case.node.slice)
    name, index = case.code(case.node.value), case.code(case.node.slice)
    if isinstance(case.error, IndexError) and whole is not Unknown:
        is_ = case.is_(case.node.value)
        if found := re.search(r"index (-?\d+) is out of bounds for axis (\d+)", case.text):
            if type(whole) is np.ndarray and int(found[2]) < whole.ndim:
                size = whole.shape[int(found[2])]
                yield f"{is_}: {_span(f'axis {found[2]}', case.sizes.both(size), size)}"
                yield _index_is(case, found[1])
        elif "too many indices" in case.text:
            count = len(case.node.slice.elts) if isinstance(case.node.slice, ast.Tuple) else 1
            axes = _axes(whole.ndim) if type(whole) is np.ndarray else "no axes"
            yield f"{is_}: it has {axes}, and {index} asks for {count}."
        elif "out of range" in case.text:
            kind = type(whole).__name__
            span = _span(f"the {kind}", case.sizes.both(len(whole)), len(whole))
            yield f"{name} is a {kind}: {span}"
            if type(at) is int:
                yield _index_is(case, str(at))
        elif "only integers, slices" in case.text or "must be of integer" in case.text:
            yield from _wrong_index(case)
        elif "boolean index did not match" in case.text and type(at) is np.ndarray:
            yield f"{is_}, and the mask {index} is {case.kind(at)}: their axes must agree."
        elif "shape mismatch" in case.text:
            told = [case.sizes.shape(shape) for shape in _shapes(case.text)]
            yield f"The arrays that index {name} have the shapes {_and(told)}: they must fit."
    elif isinstance(case.error, TypeError) and type(whole) in SEQUENCES:
        kind = type(whole).__name__
        if type(at) is tuple or isinstance(case.node.slice, ast.Tuple):
            yield (
                f"{name} is a {kind} of {len(whole)}, and has no axes: take one index at a "
                "time, or make it an array first, with `np.array` or `np.stack`."
            )
        elif type(at) is str:
            yield f"{name} is a {kind} of {len(whole)}: it has places 0, 1, …, and no key {index}."
        elif at is not Unknown:
            yield f"{name} is a {kind}, and {case.is_(case.node.slice)}: an index is an int."


def _span(what: str, size: str, count: int) -> str:
    if not count:
        return f"{what} is empty."
    return f"{what} has {size} {'place' if count == 1 else f'places, 0 to {count - 1}'}."


def _index_is(case: Case, number: str) -> str:
    """Say which index is out of bounds, in the student's words."""
    assert isinstance(case.node, ast.Subscript)
    index = case.node.slice
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    same = [p for p in parts if str(case.known(p)) == number]
    held = [p for p in parts if type(v := case.known(p)) is np.ndarray and int(number) in v]
    if same and not isinstance(same[0], ast.Constant | ast.UnaryOp):
        return f"{case.code(same[0])} is {number}."
    if len(held) == 1 and not same:
        return f"{case.code(held[0])} holds the index {number}."
    return f"The index is {number}."


def _wrong_index(case: Case) -> Iterator[str]:
    assert isinstance(case.node, ast.Subscript)
    index = case.node.slice
    for part in index.elts if isinstance(index, ast.Tuple) else [index]:
        value = case.known(part)
        floats = type(value) is np.ndarray and value.dtype.kind == "f"
        if type(value) is float or floats or isinstance(value, np.floating):
            what = "holds floats" if floats else f"is the float {value:g}"
            yield f"{case.code(part)} {what}: an index must be an int."
            if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div):
                yield "`//` divides ints to an int."
        elif type(value) is str:
            yield f"{case.is_(case.node.value)}: an array has no keys such as {case.code(part)}."
        elif value is None or type(value) not in (int, slice, np.ndarray, type, list, tuple):
            yield f"{case.is_(part)}: an index must be an int."


def _assignments(case: Case) -> Iterator[str]:
    """Tell of values that do not fit into the place that they are written to."""
    parent = case.parents.get(case.node) if case.node else None
    if not isinstance(case.node, ast.Subscript) or not isinstance(parent, ast.Assign):
        return
    if not isinstance(case.node.ctx, ast.Store):
        return
    place, value = case.code(case.node), parent.value
    shapes = _shapes(case.text)
    if "could not broadcast input array" in case.text and len(shapes) == 2:
        yield f"{place} has room for {case.sizes.shape(shapes[1])}."
        yield f"{case.is_(value, shapes[0])}, which does not fit."
    elif "setting an array element with a sequence" in case.text:
        told = case.is_(value)
        yield f"{place} is the place of one number, and more are put there" + (
            f": {told}." if told else "."
        )
    elif "does not support item assignment" in case.text:
        told = case.is_(case.node.value)
        if told:
            yield f"{told}: its parts cannot be changed."
    elif "shape mismatch" in case.text and len(shapes) >= 2:
        told = _and([case.sizes.shape(shape) for shape in shapes])
        yield f"The value and the place {place} have the shapes {told}, which do not fit."


def _subscripts(case: Case) -> Iterator[str]:
    """Tell of things that have no parts."""
    if "not subscriptable" not in case.text or not isinstance(case.node, ast.Subscript):
        return
    value = case.known(case.node.value)
    name = case.code(case.node.value)
    if value is None:
        yield _none(name)
    elif value is not Unknown:
        told = case.is_(case.node.value)
        if type(value) in (types.FunctionType, types.BuiltinFunctionType):
            yield f"{told}: it is called with `( )`; `[ ]` takes a part of an array."
        else:
            yield f"{told}: it has no parts to take with `[ ]`."
    elif "NoneType" in case.text:
        yield _none(name)


def _none(name: str) -> str:
    return f"{name} is None: so is what a function without `return` gives, or `list.append`."


def _keys(case: Case) -> Iterator[str]:
    """Tell which keys a dict has."""
    if not isinstance(case.error, KeyError) or not isinstance(case.node, ast.Subscript):
        return
    whole = case.known(case.node.value)
    key = case.error.args[0] if case.error.args else None
    if type(whole) is not dict or type(key) not in (str, int):
        return
    keys = [k for k in whole if type(k) in (str, int)]
    listed = ", ".join(short(k, 20) if type(k) is str else str(k) for k in keys[:12])
    shown = short(key) if type(key) is str else str(key)
    if not whole:
        yield f"{case.code(case.node.value)} is an empty dict: {shown} has to be put there first."
    else:
        more = ", …" if len(keys) > 12 else ""
        yield f"{case.code(case.node.value)} has no key {shown}: its keys are {listed}{more}."
    yield _near(str(key), [str(k) for k in keys], 0.6)


# --- names and calls ------------------------------------------------------------------------


def _names(case: Case) -> Iterator[str]:
    """Tell of names that are not there, or have no value yet."""
    if not isinstance(case.error, NameError):
        return
    found = re.search(r"'(\w+)'", case.text)
    name = case.error.name or (found[1] if found else "")
    if not name:
        return
    if isinstance(case.error, UnboundLocalError):
        yield (
            f"`{name}` gets its value elsewhere in this function, and had none yet when this line "
            "ran: before the loop or the `if` that gives it one, or where that was passed over."
        )
        return
    if "free variable" in case.text or "enclosing scope" in case.text:
        yield f"`{name}` had no value yet when this line ran."
        return
    names = {*case.frame.f_locals, *case.frame.f_globals, *dir(builtins)}
    if name == "np":
        yield "`np` is numpy: run the cell with `import numpy as np` first."
        return
    params = case.frame.f_locals.get("params")
    if type(params) is dict and name in params:
        yield f'There is no name `{name}` here; `params["{name}"]` is.'
        return
    yield f"There is no name `{name}` here."
    yield _near(name, {each for each in names if not each.startswith("_")})


def _attributes(case: Case) -> Iterator[str]:
    """Tell of attributes and methods that are not there."""
    if not isinstance(case.error, AttributeError):
        return
    of: Any = case.error.obj
    name = case.error.name
    around = ast.walk(case.node) if case.node else ()
    node = next((n for n in around if isinstance(n, ast.Attribute) and n.attr == name), None)
    if not name or node is None:
        return
    code = case.code(node.value)
    if of is None:
        yield _none(code)
    elif type(of) is dict and name in of:
        yield f'{code} is a dict: write `["{name}"]` for its part.'
    elif type(of) in SEQUENCES and hasattr(np.ndarray, name):
        yield (
            f"{code} is a {type(of).__name__} of {len(of)}, and `{name}` belongs to arrays: make "
            "it one with `np.array` or `np.stack`."
        )
    elif type(of) is np.ndarray and name in ("append", "extend", "insert"):
        yield (
            f"{code} is an array, {case.kind(of)}, which does not grow: `{name}` belongs to lists. "
            "Gather in a list and `np.stack` it, or write into an array of the right size."
        )
    elif type(of) is types.ModuleType:
        yield f"There is no `{code.strip('`')}.{name}`."
        yield _near(name, {each for each in vars(of) if not each.startswith("_")})
    elif is_plain(of) or type(of) in (*SEQUENCES, dict):
        yield f"{code} is {case.kind(of)}, and has no `{name}`."
        yield _near(name, {each for each in dir(type(of)) if not each.startswith("_")})


def _calls(case: Case) -> Iterator[str]:
    """Tell of things that are no functions, and of wrong numbers of arguments."""
    if not isinstance(case.error, TypeError) or not isinstance(case.node, ast.Call):
        return
    name = case.code(case.node.func)
    if "is not callable" in case.text:
        value = case.known(case.node.func)
        if value is None:
            yield _none(name)
        elif value is not Unknown:
            what = "`( )` calls a function, `[ ]` takes a part"
            if type(value) in (*NUMBERS, np.ndarray) or isinstance(value, np.generic):
                what = "`( )` calls a function, `*` multiplies, `[ ]` takes a part"
            yield f"{case.is_(case.node.func)}, and no function: {what}."
            if isinstance(case.node.func, ast.Name) and hasattr(builtins, case.node.func.id):
                yield f"{name} is a function of Python's, whose name was given to something else."
        elif "module" in case.text:
            yield f"{name} is a module: a function is in it."
        return
    if not re.search(r"\(\) (missing|takes|got)", case.text):
        return
    try:
        function = case.function(case.node.func)
    except Unknown:
        return
    if type(function) is types.FunctionType:
        code = function.__code__
        names = code.co_varnames[: code.co_argcount]
        given = len(case.node.args)
        extra = "".join(f", and {k.arg}" for k in case.node.keywords if k.arg)
        yield (
            f"{name} takes {counted(len(names), 'argument')} ({', '.join(names)}); the call gives "
            f"{given}{extra}."
        )


# --- unpacking, None and other types --------------------------------------------------------


def _unpacks(case: Case) -> Iterator[str]:
    """Tell how many values there are, and for how many names."""
    told = re.search(r"values to unpack|cannot unpack non-iterable", case.text)
    if told is None or case.node is None:
        return
    node: ast.AST | None = case.node
    while node is not None and not isinstance(node, ast.Assign | ast.For | ast.comprehension):
        node = case.parents.get(node)
    if node is None:
        return
    if isinstance(node, ast.Assign):
        source, targets = node.value, node.targets[0]
    else:
        source, targets = node.iter, node.target
    names = len(targets.elts) if isinstance(targets, ast.Tuple | ast.List) else 0
    if not names:
        return
    value = case.known(source)
    if isinstance(node, ast.Assign):
        if isinstance(source, ast.Attribute) and source.attr == "shape" and type(value) is tuple:
            of = case.is_(source.value)
            yield f"{of}: it has {_axes(len(value))}, and {case.code(targets)} names {names}."
        elif type(value) in SEQUENCES or type(value) is np.ndarray:
            count = len(value) if np.ndim(value) or type(value) in SEQUENCES else 0
            yield f"{case.is_(source)}: {counted(count, 'value')} for {counted(names, 'name')}."
        elif value is None:
            yield _none(case.code(source))
        elif value is not Unknown:
            yield f"{case.is_(source)}, one thing for {counted(names, 'name')}."
        elif "NoneType" in case.text:
            yield f"{case.code(source)} gave None: does that function end without `return`?"
        else:
            kind = re.search(r"non-iterable (\w+)", case.text)
            gave = f"one {kind[1]}" if kind else _how_many(case.text)
            yield f"{case.code(source)} gave {gave}, for {counted(names, 'name')}."
    else:
        yield f"Each item of {case.code(source)} is to give {counted(names, 'name')} a value."
        if "object" in case.text:
            yield "The items are single values: `enumerate` gives pairs of a number and an item."


def _how_many(text: str) -> str:
    if found := re.search(r"got (\d+)", text):
        return counted(int(found[1]), "value")
    return "more values"


def _truth(case: Case) -> Iterator[str]:
    """Tell of arrays where a single True or False is needed."""
    if "truth value of an array" not in case.text:
        return
    node = case.node
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        node = node.test
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    parts = node.values if isinstance(node, ast.BoolOp) else [node] if node else []
    told = [is_ for part in parts if case.shape(part) and (is_ := case.is_(part))]
    what = told[0] if told else "An array is asked for one True or False"
    yield f"{what}: `if`, `and`, `or` and `not` need a single one."
    if (called := _called(case)) in ("max", "min"):
        yield f"Python's `{called}` compares the parts one with another: use `np.{called}`."
    else:
        yield "Ask `is None` where something may be left out; `np.where` chooses entry by entry."


def _scalars(case: Case) -> Iterator[str]:
    """Tell of arrays, and other things, where one number is needed."""
    text = case.text
    if re.search(r"can be converted to Python scalars|0-dimensional arrays can be converted", text):
        told = [is_ for each in case.operands if case.shape(each) and (is_ := case.is_(each))]
        yield f"{told[0]}: one number is needed here." if told else ""
    elif re.search(r"cannot be interpreted as an integer|only integer scalar arrays", text):
        told = [
            is_ for each in case.operands
            if type(case.known(each)) is not int and (is_ := case.is_(each))
        ]  # fmt: skip
        yield f"{_and(told)}: an int is needed here." if told else ""
        if any(type(case.known(each)) is float for each in case.operands):
            yield "`//` divides ints to an int, `/` to a float."
    elif found := re.search(r"'(\w+)' object is not iterable", text):
        node = case.node
        if isinstance(node, ast.For):
            node = node.iter
        is_ = case.is_(node) if isinstance(node, ast.expr) else ""
        if found[1] in ("int", "float"):
            yield f"{is_}: there is nothing to go through." if is_ else ""
            yield "`range(n)` counts from 0 to n - 1." if found[1] == "int" else ""
        elif found[1] == "NoneType" and isinstance(node, ast.expr):
            yield _none(case.code(node))
    elif "has no len()" in text:
        told = [is_ for each in case.operands if (is_ := case.is_(each))]
        yield f"{told[0]}: it has no length." if told else ""
    elif "Cannot interpret" in text and "as a data type" in text and len(case.operands) > 1:
        sizes = ", ".join(case.code(each).strip("`") for each in case.operands)
        yield f"The sizes of an array go into one tuple: `{_called(case)}(({sizes}))`."


def _operands(case: Case) -> Iterator[str]:
    """Tell which operand is no number and no array."""
    if not isinstance(case.error, TypeError) or not isinstance(
        case.node, ast.BinOp | ast.AugAssign | ast.UnaryOp | ast.Compare
    ):
        return
    sides = case.operands or [case.node.operand]  # type: ignore[union-attr]
    values = [case.known(side) for side in sides]
    nones = [side for side, value in zip(sides, values, strict=True) if value is None]
    told = [is_ for side in sides if (is_ := case.is_(side))]
    if nones:
        yield _none(case.code(nones[0]))
    elif any(type(value) is str for value in values) and told:
        yield f"{_and(told)}: a text and a number do not add up."
        yield '`f"h{t}"` writes a number into a text.' if len(sides) == 2 else ""
    elif any(type(value) in (types.FunctionType, types.BuiltinFunctionType) for value in values):
        yield f"{_and(told)}: call the function with `( )`."
    elif any(type(value) in (*SEQUENCES, dict) for value in values):
        yield f"{_and(told)}: compute with arrays of numbers, such as `np.array` makes of a list."
    elif "'NoneType'" in case.text:
        yield "One of the two is None: does a function in it end without `return`?"
    elif len(told) == 2:
        yield f"{_and(told)}."


# --- functions of numpy, and the rest -------------------------------------------------------


def _joins(case: Case) -> Iterator[str]:
    """Tell of arrays that cannot be stacked, joined or made from a list."""
    called = _called(case)
    joins = "stack", "concatenate", "vstack", "hstack", "array"
    if called not in joins or not case.operands:
        return
    node, parts = case.operands[0], case.known(case.operands[0])
    name = case.code(node)
    if "need at least one array" in case.text:
        yield f"{name} is empty: nothing was put there, or no step was made."
        return
    if type(parts) in SEQUENCES and all(is_plain(p) for p in parts):
        shapes: dict[str, list[int]] = {}
        for at, part in enumerate(parts):
            kind = case.kind(part) if np.ndim(part) or part is None else "a number"
            shapes.setdefault(kind, []).append(at)
        if len(shapes) > 1:
            told = [f"{kind} at {_placed(at)}" for kind, at in list(shapes.items())[:3]]
            yield f"{name} holds {_and(told)}."
            same = {"concatenate": "the same sizes but along the axis that they are joined on"}
            yield f"All parts must have {same.get(called, 'the same shape')}."
        elif "zero-dimensional" in case.text:
            yield f"{name} holds numbers, which have no axis to be joined on: use `np.array`."
    elif called != "concatenate" and re.search("same shape|inhomogeneous", case.text):
        yield f"The parts of {name} have different shapes, and must have the same."
    elif re.search("positional argument|integer scalar|iterable", case.text):
        yield f"`{called}` takes one list or tuple of arrays: `{called}([a, b])`."


def _placed(places: Sequence[int]) -> str:
    if len(places) == 1:
        return f"place {places[0]}"
    if list(places) == list(range(places[0], places[-1] + 1)):
        return f"places {places[0]} to {places[-1]}"
    return f"places {', '.join(map(str, places[:6]))}"


def _reshapes(case: Case) -> Iterator[str]:
    """Tell how many numbers there are, and how many a new shape holds."""
    found = re.search(r"cannot reshape array of size (\d+) into shape \((.*)\)", case.text)
    if not found:
        return
    new = tuple(map(int, re.findall(r"-?\d+", found[2].replace("newaxis", "-1"))))
    told = case.is_(case.subject) if case.subject else ""
    subject = f"{told}, that is {found[1]} numbers" if told else f"There are {found[1]} numbers"
    holds = "" if -1 in new else f", which holds {int(np.prod(new))}"
    yield f"{subject}: they do not fit into {in_brackets(map(str, new))}{holds}."


def _wrong_axis(case: Case) -> Iterator[str]:
    """Tell how many axes there are."""
    found = re.search(r"axis (-?\d+) is out of bounds for array of dimension (\d+)", case.text)
    if found:
        axes = _axes(int(found[2]))
        named = {0: "", 1: ", which is 0"}.get(int(found[2]), f", 0 to {int(found[2]) - 1}")
        told = case.is_(case.subject) if case.subject else ""
        yield f"{told or 'The array'}: it has {axes}{named}; there is no axis {found[1]}."


def _divisions(case: Case) -> Iterator[str]:
    if isinstance(case.error, ZeroDivisionError) and len(case.operands) == 2:
        yield f"{case.code(case.operands[1])} is 0."


def _recursions(case: Case) -> Iterator[str]:
    if isinstance(case.error, RecursionError):
        yield (
            f"`{case.frame.f_code.co_name}` is called again and again from within "
            "itself: is there a case in which it ends, and does each call come nearer to it?"
        )


def _anything(case: Case) -> Iterator[str]:
    """Tell the shapes of the arrays in it, where nothing better is known."""
    if isinstance(case.error, ValueError | IndexError | TypeError | np.linalg.LinAlgError):
        told = [case.is_(each) for each in case.arrays if case.shape(each) is not None]
        if told:
            yield f"{_and(told[:4])}."


_TELLERS: Sequence[Callable[[Case], Iterator[str]]] = (
    *(_products, _einsum, _joins, _reshapes, _wrong_axis, _broadcasts, _casts),
    *(_assignments, _subscripts, _keys, _indices, _names, _attributes, _unpacks, _calls),
    *(_truth, _scalars, _operands, _divisions, _recursions, _anything),
)
