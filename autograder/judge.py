"""Judge an answer: is it of the right form, has it the right values, and if not, where.

A *form* says what a function returns, and gives its parts the names that messages use:

- ``"h[t, n, i]"``: an array and the letters of its axes (``...`` for any number of leading axes);
- ``"loss"``: a float;
- ``("h[t, n, i]", "o[t, n, k]")``: a tuple;
- ``{"U": "U[i, d]", "b": "b[i]"}``: a dict of arrays;
- ``"graph"``: a directed graph, compared by its edges.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any, cast

import numpy as np
import pytest

from autograder.graphs import Edges, GraphError, edges_of
from autograder.kinds import Kind
from autograder.wire import Dot, Opaque

TOLERANCE = 1e-7  # norm-relative: far above rounding in float64, far below any known mistake
MOST_NUMBERS = 10**6  # in one array: far above what any test asks for
RUNS, QUICK = 700, 0.03  # of a network, and seconds: a gradient by back-propagation takes fewer
TINY = 1e-12  # absolute, so that two results that should both be zero agree

AXES = {
    "t": "step t={}",
    "n": "sequence n={}",
    "d": "input d={}",
    "i": "hidden unit i={}",
    "j": "hidden unit j={}",
    "k": "class k={}",
    "s": "input step s={}",
    "r": "row {} of the four blocks",
    "m": "row {} of the three blocks",
    "b": "hypothesis b={}",
}  # how a place on an axis is told

SIZES = {
    "t": "T",
    "n": "N",
    "d": "D",
    "i": "H",
    "j": "H",
    "k": "K",
    "s": "T",
    "r": "4H",
    "m": "3H",
    "b": "B",
}  # of the axes

Form = str | tuple[Any, ...] | dict[str, Any]
Leaf = tuple[str, tuple[str, ...], Any, Any]  # name, axes, answer, right answer


def points(function: str, worth: float) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Mark a test as worth points for a graded function."""
    return pytest.mark.points(function, worth)


@dataclass(eq=False)
class Mistake(AssertionError):
    """What is wrong with an answer, told to the student.

    Parameters
    ----------
    message : str
        What is wrong, and why; holds no numbers of the test's data.
    details : str
        Numbers: what came back, what was expected.
    kind : Kind or str
        What went wrong, such as ``"values"``; it decides how much of a mistake is told.
    error : ndarray, optional
        Absolute error of the first wrong array.
    axes : tuple of str
        The letters of the error's axes.
    call : int, optional
        Which of the test's calls it was found in, counted from 0; by default the last one.
    """

    message: str
    details: str = ""
    kind: Kind = Kind.BEHAVIOUR
    error: np.ndarray | None = None
    axes: tuple[str, ...] = field(default=())
    call: int = -1

    def __post_init__(self) -> None:
        self.kind = Kind(self.kind)

    def __str__(self) -> str:
        return f"{self.message} {self.details}".strip()


# --- the form of an answer ---------------------------------------------------------------


class Unfit:
    """A part of an answer that is not of its form; the other parts can be judged all the same.

    It can be indexed, as the right part could. Whatever else is done with it raises its mistake.

    Parameters
    ----------
    mistake : Mistake
        What is wrong with its form.
    """

    def __init__(self, mistake: Mistake) -> None:
        self.mistake = mistake

    def __getitem__(self, _: object) -> Unfit:
        return self

    def _raise(self, *_: object) -> Any:
        raise self.mistake

    __getattr__ = __array__ = __iter__ = __len__ = __bool__ = __float__ = __index__ = _raise
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = _raise
    __truediv__ = __pow__ = __neg__ = __abs__ = __lt__ = __le__ = __gt__ = __ge__ = _raise


def conform(value: object, form: Form) -> Any:
    """Return an answer in the types of its form, or raise a `Mistake` that says what is off.

    Arrays come back as float64 (booleans stay boolean), numbers as float, graphs as `Edges`. Of a
    tuple or a dict each part is read by itself: one that is missing or of another form is `Unfit`.
    """
    if isinstance(form, tuple):
        return _conform_tuple(value, form)
    if isinstance(form, dict):
        return _conform_dict(value, form)
    if form == "graph":
        return _conform_graph(value)
    name, axes = _parse(form)
    return _conform_float(value, name) if axes is None else _conform_array(value, name, axes)


def _conform_tuple(value: object, form: tuple[Any, ...]) -> tuple[Any, ...]:
    names = ", ".join(_name(part) for part in form)
    if not isinstance(value, tuple | list):
        raise Mistake(f"({names}) should come back, yet {_describe(value)} did.", kind=Kind.TYPE)
    if len(value) != len(form):
        raise Mistake(
            f"({names}) should come back: {len(form)} values, yet {len(value)} did.", kind=Kind.TYPE
        )
    return tuple(_part(part, part_form) for part, part_form in zip(value, form, strict=True))


def _part(value: object, form: Form) -> Any:
    try:
        return conform(value, form)
    except Mistake as mistake:
        return Unfit(mistake)


def _conform_dict(value: object, form: dict[str, Any]) -> dict[str, Any]:
    names = ", ".join(form)
    if not isinstance(value, dict):
        raise Mistake(
            f"A dict with the keys {names} should come back, yet {_describe(value)} did.",
            kind=Kind.TYPE,
        )
    missing = [key for key in form if key not in value]
    are = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    more = [str(key)[:30].replace("`", "?") for key in value if key not in form][:12]
    instead = f" {'It has' if len(more) == len(value) else 'Besides, it has'} {', '.join(more)}."
    told = f"The dict should have the keys {names}; {are}." + (instead if more else "")
    return {
        key: _part(value[key], part) if key in value else Unfit(Mistake(told, kind=Kind.TYPE))
        for key, part in form.items()
    }


def _conform_graph(value: object) -> Edges:
    if not isinstance(value, Dot):
        raise Mistake(
            f"A graphviz.Digraph should come back, yet {_describe(value)} did.", kind=Kind.TYPE
        )
    try:
        return edges_of(value.source)
    except GraphError as error:
        raise Mistake(str(error), kind=Kind.TYPE) from None


def _conform_float(value: object, name: str) -> float:
    if isinstance(value, np.ndarray) and value.shape == ():
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Mistake(f"`{name}` should be a float, yet it is {_describe(value)}.", kind=Kind.TYPE)
    return float(value)


def _conform_array(value: object, name: str, axes: tuple[str, ...]) -> np.ndarray:
    if not isinstance(value, np.ndarray):
        if axes == ("...",) and isinstance(value, float | int):
            value = np.asarray(value)  # a numpy scalar is an array without axes
        else:
            advice = " Make it one with np.array or np.stack." if isinstance(value, list) else ""
            raise Mistake(
                f"`{name}` should be a numpy array, yet it is {_describe(value)}.{advice}",
                kind=Kind.TYPE,
            )
    if value.dtype.kind not in "biuf":
        raise Mistake(
            f"`{name}` should hold real numbers, yet its dtype is {value.dtype}.", kind=Kind.TYPE
        )
    if "..." not in axes and value.ndim != len(axes):
        raise Mistake(
            f"`{name}` should have {_count(len(axes), 'axis', 'axes')} ({', '.join(axes)}), "
            f"yet its shape is {value.shape}.",
            kind=Kind.SHAPE,
        )
    if value.size > MOST_NUMBERS:  # small ones would take far more memory in float64
        raise Mistake(f"`{name}` is far too large: its shape is {value.shape}.", kind=Kind.SHAPE)
    return value if value.dtype == bool else value.astype(np.float64)


def _describe(value: object) -> str:
    """Name the type of a wrong value, as in "a list" or "None"."""
    if value is None:
        return "None (is a `return` missing?)"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, tuple | list | dict):
        return f"a {type(value).__name__} of {len(value)}"
    name = value.type_name if isinstance(value, Opaque) else type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _parse(form: str) -> tuple[str, tuple[str, ...] | None]:
    """Split ``"h[t, n, i]"`` into its name and axes; a float has no axes."""
    match = re.fullmatch(r"(\w+)(?:\[(.*)\])?", form)
    if match is None:
        raise ValueError(f"not a form: {form!r}")
    name, axes = match.groups()
    return name, None if axes is None else tuple(re.split(r",\s*", axes)) if axes else ()


def leaf_forms(form: Form, path: str = "") -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield place, name and axes of each array or number of a form: ``(".1.W", "dW", ("i", "j"))``.

    A number has no axes.
    """
    if isinstance(form, str):
        name, axes = _parse(form)
        yield path, name, axes or ()
    else:
        for key, part in form.items() if isinstance(form, dict) else enumerate(form):
            yield from leaf_forms(part, f"{path}.{key}")


def _name(form: Form) -> str:
    return _parse(form)[0] if isinstance(form, str) else "grads"


# --- the values of an answer -------------------------------------------------------------


class Parts:
    """The parts of answers that a test has compared, by name, and what is wrong with them.

    Parameters
    ----------
    calls : sequence
        The calls of the test so far.
    """

    def __init__(self, calls: Sequence[object] = ()) -> None:
        self.calls = calls
        self.mistakes: dict[str, Mistake | None] = {}

    @property
    def first_mistake(self) -> Mistake | None:
        """The first mistake that was found, if any."""
        return next(filter(None, self.mistakes.values()), None)

    @property
    def share(self) -> float:
        """The share of the parts that are right."""
        return sum(not wrong for wrong in self.mistakes.values()) / max(1, len(self.mistakes))


_parts: ContextVar[Parts | None] = ContextVar("parts", default=None)


@contextmanager
def each_part(calls: Sequence[object] = ()) -> Iterator[Parts]:
    """Let a test go on where a part of an answer is wrong, so that the others are judged too."""
    token = _parts.set(Parts(calls))
    try:
        yield cast(Parts, _parts.get())
    finally:
        _parts.reset(token)


def assert_same(got: Any, want: Any, form: Form, because: str = "") -> None:
    """Compare an answer with the right one, part by part.

    Two arrays agree where their norm-relative error, ``|g - w| / (|g| + |w|)``, is at most
    `TOLERANCE`: rounding in one small entry does not fail correct work.

    Parameters
    ----------
    got, want : tuple, dict, ndarray or float
        The student's answer and the right one, both of the given form.
    form : str, tuple or dict
        What the answer is, for the names in the message.
    because : str
        A sentence for the student that says what was done and what should hold.

    Raises
    ------
    Mistake
        Where they differ: names the arrays that do and the ones that do not, and the first place.
        Within `each_part` it is kept for the end of the test.
    """
    leaves = list(_leaves(got, want, form))
    wrong = [leaf for leaf in leaves if not _agree(*leaf[2:])]
    mistake = _told(wrong, leaves, because) if wrong else None
    parts = _parts.get()
    if parts is None:
        if mistake:
            raise mistake
        return
    if mistake and mistake.call < 0:
        mistake.call = len(parts.calls) - 1
    for name, *_ in leaves:
        parts.mistakes.setdefault(name, None)
    for name, *_ in wrong:
        parts.mistakes[name] = parts.mistakes[name] or mistake


def _told(wrong: list[Leaf], leaves: list[Leaf], because: str) -> Mistake:
    """Tell the first difference, and which of the other parts have one."""
    mistake = _difference(*wrong[0])
    others = [
        f"`{name}`"
        for name, _, got, _ in wrong[1:]
        if not (isinstance(got, Unfit) and got.mistake.message == mistake.message)
    ]
    right = [f"`{name}`" for name, *_ in leaves if name not in {name for name, *_ in wrong}]
    sentences = [because, mistake.message]
    if others:
        sentences.append(f"{', '.join(others)} {'is' if len(others) == 1 else 'are'} wrong, too.")
    if right:
        sentences.append(f"{', '.join(right)} {'is' if len(right) == 1 else 'are'} right.")
    return replace(mistake, message=" ".join(filter(None, sentences)))


def _leaves(got: Any, want: Any, form: Form) -> Iterator[Leaf]:
    """Yield name, axes, answer and right answer of each array or number of a form."""
    if isinstance(form, tuple):
        for at, part in enumerate(form):
            yield from _leaves(got[at], want[at], part)
    elif isinstance(form, dict):
        for key, part in form.items():
            yield from _leaves(got[key], want[key], part)
    else:
        name, axes = _parse(form)
        yield name, axes or (), _array(got), _array(want)


def _array(value: Any) -> np.ndarray | Unfit:
    return value if isinstance(value, Unfit) else np.asarray(value)


def _agree(got: np.ndarray | Unfit, want: np.ndarray | Unfit) -> bool:
    if isinstance(got, Unfit) or isinstance(want, Unfit):
        return False
    if got.shape != want.shape:
        return False
    if want.dtype == bool or not np.isfinite(got).all():
        return bool(np.array_equal(got, want))
    # Scaled first, right answers do not overflow; compared with <=, a NaN never agrees.
    scale = max(1.0, float(np.max(np.abs(want), initial=0.0)))
    g, w = got / scale, want / scale
    with np.errstate(all="ignore"):
        error, size = np.linalg.norm(g - w), np.linalg.norm(g) + np.linalg.norm(w)
        return bool(np.isfinite(error) and error <= TOLERANCE * size + TINY / scale)


def _difference(
    name: str, axes: tuple[str, ...], got: np.ndarray | Unfit, want: np.ndarray | Unfit
) -> Mistake:
    """Say how a part differs: in form, in shape, by NaN, or where its values do first."""
    if isinstance(got, Unfit):
        return got.mistake
    if isinstance(want, Unfit):  # of an earlier answer, with which this one is compared
        return want.mistake
    if got.shape != want.shape:
        sizes = [SIZES.get(axis, axis) for axis in axes]
        that_is = f", that is ({', '.join(sizes)})" if sizes and "..." not in axes else ""
        return Mistake(
            f"`{name}` has the wrong shape.",
            f"Its shape is {got.shape}, expected is {want.shape}{that_is}.",
            Kind.SHAPE,
        )
    if np.isnan(got).any() or np.isinf(got).any():
        what = "NaN (not a number)" if np.isnan(got).any() else "infinity"
        if got.shape == ():
            return Mistake(f"`{name}` is {what}.", kind=Kind.NAN)
        place = _place(name, axes, np.argwhere(~np.isfinite(got))[0])
        return Mistake(f"`{name}` holds {what}, first at {place}.", kind=Kind.NAN)
    if got.shape == ():
        return Mistake(
            f"`{name}` has the wrong value.",
            "It is {}, expected {}.".format(*_numbers(got, want, 10)) + _told_of_single(got, want),
            Kind.VALUES,
        )
    error = np.abs(got.astype(float) - want.astype(float))
    far = error > 1e-6 * max(1e-300, float(np.max(error)))
    far &= error > TOLERANCE * np.abs(want)
    if not far.any():
        far = error == error.max()
    index = np.argwhere(far)[0]
    first = f"{name}[{', '.join(map(str, index))}]"
    is_, should = _numbers(got[tuple(index)], want[tuple(index)])
    details = (
        f"{first} is {is_}, expected {should}; "
        f"{far.sum()} of {_count(far.size, 'entry', 'entries')} differ, in shape {got.shape}."
    )
    if got.dtype == bool and want.dtype != bool:
        details += " Numbers are expected, not True and False."
    else:
        details += _told_of_single(got, want)
    message = f"`{name}` has wrong values, first at {_place(name, axes, index)}."
    named = axes if len(axes) == error.ndim and "..." not in axes else ()
    return Mistake(message, details, Kind.VALUES, error, named)


def _told_of_single(got: np.ndarray, want: np.ndarray) -> str:
    """Say so where an answer is right but for the rounding of float32."""
    got, want = got.astype(np.float64), want.astype(np.float64)
    with np.errstate(over="ignore"):
        is_single = np.array_equal(got, got.astype(np.float32))
    if not is_single or np.max(np.abs(got - want)) > 1e-4 * np.max(np.abs(want)):
        return ""
    return " They nearly agree, and yours is in float32: compute in float64, as the arguments are."


def _place(name: str, axes: tuple[str, ...], index: np.ndarray) -> str:
    """Name an entry, as in ``h[1, 0, 2] (step t=1, sequence n=0, hidden unit i=2)``."""
    entry = f"`{name}[{', '.join(map(str, index))}]`"
    if "..." in axes or len(axes) != len(index):
        return entry
    words = [AXES.get(a, f"{a}={{}}").format(at) for a, at in zip(axes, index, strict=True)]
    return f"{entry} ({', '.join(words)})"


def _numbers(one: Any, other: Any, digits: int = 6) -> tuple[str, str]:
    """Write two numbers with so many digits, or with as many as tell them apart."""
    if isinstance(one, np.bool_) or isinstance(other, np.bool_):
        return str(one), str(other)
    for some in range(digits, 18):
        told = tuple(f"{float(value) + 0.0:.{some}g}" for value in (one, other))  # no -0
        if told[0] != told[1]:
            break
    return told[0], told[1]


def assert_unchanged(student: Any) -> None:
    """Raise a `Mistake` if the student's last call changed one of its arguments."""
    names = [f"`{name}`" for name in student.calls[-1].changed_names]
    if names:
        raise Mistake(
            f"The call changed its argument {', '.join(names)}, whose old values the caller may "
            "need. `-=`, `*=` and an assignment to a part of an array change the array itself, in "
            "functions that you call as well.",
            kind=Kind.ARGUMENT_CHANGED,
        )


def assert_value_error(name: str, call: Callable[[], object], otherwise: str) -> None:
    """Raise a `Mistake`, which says otherwise, unless a call of a function is a ValueError."""
    try:
        call()
    except Mistake as mistake:
        told = mistake.message.partition(":")[0]  # the student's own text follows
        if told == f"`{name}` raised ValueError":
            return
        if told.startswith(f"`{name}` raised ") and told.endswith(" (a ValueError)"):
            return
        raise
    raise Mistake(otherwise)


def assert_new(student: Any) -> None:
    """Raise a `Mistake` if the student's last answer holds arrays of its arguments."""
    names = [f"`{name}`" for name in student.calls[-1].shared_names]
    if names:
        raise Mistake(
            f"What came back holds arrays of the argument {', '.join(names)} themselves. Whoever "
            "changes the one then changes the other: return new arrays, in a new dict."
        )


def in_few_runs(
    student: Any, name: str, args: tuple[Any, ...], forward: Callable[[], object]
) -> Any:
    """Return the answer of a call that must not take the time of hundreds of runs of the network.

    Differences take two runs for each number that is moved. With two thousand of these, right work
    takes a hundred runs at most, however it is written, and differences take thousands.

    Parameters
    ----------
    student : caller of the student's functions
    name : str
        The function, which is called once where it is quick.
    args : tuple
        Its arguments, with a thousand numbers or more to move.
    forward : callable
        Runs the network once, on the same arguments: the measure on this machine.

    Raises
    ------
    Mistake
        If the call takes longer.
    """
    start = perf_counter()
    answer = getattr(student, name)(*args)
    seconds, run = perf_counter() - start, np.inf
    for _ in range(3):  # the best of them, since other programs may disturb
        if seconds <= QUICK:
            return answer
        start = perf_counter()
        for _ in range(10):
            forward()
        run = min(run, (perf_counter() - start) / 10)
        if seconds <= RUNS * run:
            return answer
        if seconds > 4 * RUNS * run:
            break
        seconds = min(seconds, student.timed(name, *args)[1])
    raise Mistake(
        "It takes as long as hundreds of runs of the network. Differences need two runs for each "
        "number that is moved; back-propagation needs one run forward and one way back, however "
        "many numbers there are.",
        f"It took {seconds:.2f} s, and a run takes {1e3 * run:.2f} ms.",
    )


def assert_same_graph(got: Edges, want: Edges) -> None:
    """Compare two graphs by their edges and edge labels, whatever the order.

    Raises
    ------
    Mistake
        Naming the edges that are missing, reversed, too many or differently labelled.
    """
    have, need = Counter(got.edges), Counter(want.edges)
    if have == need:
        return
    missing, extra = list((need - have).elements()), list((have - need).elements())
    sentences = []
    for edge in list(missing):
        tail, head, label = edge
        instead = next((e for e in extra if e[:2] in ((tail, head), (head, tail))), None)
        if instead is None:
            continue
        if instead[:2] == (tail, head):
            is_, should = _labelled(instead[2]), _be_labelled(label)
            sentences.append(f"`{tail} -> {head}` should {should}, yet it {is_}.")
        else:
            sentences.append(f"`{head} -> {tail}` should point the other way, `{tail} -> {head}`.")
        missing.remove(edge)
        extra.remove(instead)
    if missing:
        sentences.append(f"Missing: {_list(missing)}.")
    twice = [edge for edge in extra if edge in need]
    if twice:
        sentences.append(f"Drawn more than once: {_list(twice)}.")
    extra = [edge for edge in extra if edge not in need]
    if extra:
        sentences.append(f"Not expected: {_list(extra)}.")
    raise Mistake(" ".join(sentences), kind=Kind.GRAPH)


def _list(edges: list[tuple[str, str, str]]) -> str:
    shown = [f"`{t} -> {h}`" + (f" labelled `{label}`" if label else "") for t, h, label in edges]
    more = len(shown) - 4
    return ", ".join(shown[:4]) + (f" and {more} more" if more > 0 else "")


def _be_labelled(label: str) -> str:
    return f"be labelled `{label}`" if label else "have no label"


def _labelled(label: str) -> str:
    return f"is labelled `{label}`" if label else "has no label"
