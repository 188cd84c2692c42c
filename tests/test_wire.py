"""Plain data goes through `wire` unchanged; nothing else goes through at all."""

import functools
import inspect
import math
import resource
import struct
import sys
import tracemalloc
import types
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import graphviz
import msgpack
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder import wire
from autograder.calls import Answer
from autograder.diagnosis import outcome
from autograder.grading.sandbox import Limits
from autograder.graphs import GraphError, edges_of
from autograder.judge import Mistake, conform
from autograder.suite import Call
from autograder.wire import Dot, Opaque, WireError, decode, encode, plain

# ------------------------------------------------------------------------------ round trips

NUMBERS = (
    hnp.boolean_dtypes()
    | hnp.integer_dtypes(endianness="?")
    | hnp.unsigned_integer_dtypes(endianness="?")
    | hnp.floating_dtypes(endianness="?")
    | hnp.complex_number_dtypes(endianness="?")
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**1023) + 1, 2**1023 - 1)
    | st.floats()
    | st.complex_numbers()
    | st.text(st.characters())  # with lone surrogates
)
ARRAYS = hnp.arrays(NUMBERS, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
OTHERS = st.builds(Opaque, st.text(max_size=50), st.text(max_size=50)) | st.builds(Dot, st.text())
VALUES = st.recursive(
    SCALARS | ARRAYS | OTHERS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(st.text(st.characters()), inner, max_size=5)
    ),
    max_leaves=15,
)


def same(a, b):
    """Compare values by type and, to the bit, by content: NaN is NaN, and -0.0 is not 0.0."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype.str == b.dtype.str and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(map(same, a.values(), b.values()))
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b)
    if isinstance(a, complex):
        return same((a.real, a.imag), (b.real, b.imag))
    return a == b


@given(VALUES)
def test_plain_data_comes_back_as_it_was(value):
    assert same(decode(encode(value), trusted=True), value)


@given(VALUES)
def test_what_is_plain_already_stays_as_it_is(value):
    assert same(plain(value), value)


@given(VALUES)
def test_a_value_has_one_spelling(value):
    data = encode(value)
    assert encode(decode(data, trusted=True)) == data


@pytest.mark.parametrize("shape", [(0,), (3, 0, 2), (1, 1), (2, 3, 4)])
def test_the_order_in_memory_of_an_array_does_not_matter(shape):
    array = np.arange(math.prod(shape), dtype=float).reshape(shape)
    assert encode(np.asfortranarray(array)) == encode(array)
    assert same(decode(encode(array[::-1])), array[::-1])


def test_an_array_comes_back_writable_and_aligned():
    array = decode(encode(np.arange(3.0)))
    array += 1
    assert array.flags.owndata
    assert array.flags.aligned


def test_a_generator_goes_on_where_it_was():
    rng = np.random.default_rng(1)
    rng.integers(0, 9, dtype=np.uint32)  # leaves half of a 64-bit number for the next call
    copy = decode(encode(rng), trusted=True)
    assert copy.integers(0, 2**31, 5, dtype=np.uint32).tolist() == (
        rng.integers(0, 2**31, 5, dtype=np.uint32).tolist()
    )


@pytest.fixture
def maps(monkeypatch):
    """Stand in for `autograder.maps`."""

    @dataclass(frozen=True)
    class Linear:
        weight: np.ndarray
        shift: float

        def __call__(self, x):
            return self.weight @ x + self.shift

    @dataclass(frozen=True)
    class Foreign:
        pass

    module = types.ModuleType("autograder.maps")
    Linear.__module__ = module.__name__
    module.Linear, module.Foreign, module.function = Linear, Foreign, len
    monkeypatch.setitem(wire.importlib.sys.modules, module.__name__, module)
    return module


def test_a_map_travels_as_its_name_and_its_fields(maps):
    f = maps.Linear(np.eye(2), 1.5)
    copy = decode(encode(("unroll", (f,))), trusted=True)[1][0]
    assert copy(np.array([1.0, 2.0])).tolist() == [2.5, 3.5]


def test_maps_and_generators_are_not_taken_from_a_submission(maps):
    for value in (maps.Linear(np.eye(2), 0.0), np.random.default_rng(0)):
        with pytest.raises(WireError, match="not accepted"):
            decode(encode([value]))


@pytest.mark.parametrize("name", ["Foreign", "function", "nothing", "__loader__", "Linear"])
def test_only_a_dataclass_of_the_maps_module_is_made_and_only_with_its_fields(maps, name):
    data = items(ext(wire.MAP, 1), name, 1.0)
    with pytest.raises(WireError):
        decode(data, trusted=True)


# ------------------------------------------------------------------------------ plain


class Float(float):
    def __float__(self):
        raise RuntimeError

    __eq__ = __add__ = __pos__ = __float__
    __hash__ = None


class Text(str):
    def __str__(self):
        raise RuntimeError

    __len__ = __iter__ = __str__


class Endless(list):
    def __iter__(self):
        return iter(int, 1)

    def __len__(self):
        return 10**9


class Liar:
    """Says that it is an array."""

    @property
    def __class__(self):
        return np.ndarray

    def __array__(self, *_):
        raise RuntimeError

    shape, dtype, ndim = (2,), np.dtype(float), 1


class Hidden(type):
    """Makes classes that hide their names and bases."""

    __name__ = property(lambda cls: 1 / 0)
    __module__ = property(lambda cls: 1 / 0)


class Loop(graphviz.Digraph):
    source = property(lambda self: 1 / 0)


class Subclass(np.ndarray):
    def __array_finalize__(self, obj):
        if obj is None:
            raise RuntimeError

    def view(self, *_):
        raise RuntimeError

    def tobytes(self, *_):
        raise RuntimeError


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def cyclic():
    value = {}
    value["self"] = value
    return value


@pytest.mark.parametrize(
    "case",
    [
        (np.float32(1.5), 1.5),
        (np.float16("nan"), math.nan),
        (np.longdouble(1.5), 1.5),
        (np.clongdouble(1 + 2j), 1 + 2j),
        (np.bool_(True), True),
        (np.uint8(7), 7),
        (np.str_("h"), "h"),
        (Float(2.5), 2.5),
        (Text("abc"), "abc"),
        (Endless([1, 2]), [1, 2]),
        (type("Pair", (tuple,), {})((1, 2)), (1, 2)),
        ({Text("U"): 1}, {"U": 1}),
        (np.zeros((1, 2)).view(np.matrix), np.zeros((1, 2))),
        (np.arange(3.0).view(Subclass), np.arange(3.0)),
        (np.datetime64(3, "D"), Opaque("datetime64")),
        (np.array([None]), Opaque("ndarray", "of dtype object")),
        (np.array(["a"]), Opaque("ndarray", "of dtype str32")),
        (np.zeros(2, "f8,i4"), Opaque("ndarray", "of dtype void96")),
        (np.ma.masked_array([1.0], [True]), Opaque("MaskedArray")),
        (np.ma.masked, Opaque("MaskedArray")),
        ({1: 2}, Opaque("dict", "a key is of type int, not str")),
        (10**400, Opaque("int", "beyond 2**1023")),
        (len, Opaque("builtin_function_or_method")),
        (b"abc", Opaque("bytes")),
        ({1}, Opaque("set")),
        (range(3), Opaque("range")),
        (Liar(), Opaque("Liar")),
        (Hidden("Secret", (), {})(), Opaque("Secret", "unreadable")),
        (Hidden, Opaque("type")),
        (Loop(), Opaque("Loop", "unreadable")),
        (nested(40), Opaque("list", "nested too deeply")),
        (cyclic(), Opaque("dict", "nested too deeply")),
        (np.random.default_rng(0), Opaque("Generator")),
    ],
    ids=lambda case: str(case[1])[:40],  # the objects themselves are better not asked
)
def test_any_object_becomes_plain_data(case):
    value, expected = case
    assert same(plain(value), expected)
    assert same(decode(encode(plain(value))), expected)


@pytest.mark.parametrize(
    "value",
    [None, True, False, "\ud800", 1 - 2j, np.array(1.5), Opaque("a", "b"), Dot("digraph {}")],
    ids=["None", "True", "False", "surrogate", "complex", "no axes", "opaque", "graph"],
)
def test_what_is_plain_and_rare_comes_back_too(value):
    assert same(plain([value]), [value])
    assert same(decode(encode([value]), trusted=True), [value])


def test_a_scalar_of_numpy_is_written_as_a_number():
    assert same(decode(encode([np.float32(1.5), np.int8(-2), np.True_])), [1.5, -2, True])


def test_a_graph_becomes_its_source():
    graph = graphviz.Digraph()
    graph.edge("h", "h", label="f")
    assert plain((graph,)) == (Dot(graph.source),)


def test_a_graph_whose_source_is_no_text_is_named_only():
    assert plain(type("Blank", (graphviz.Digraph,), {"source": None})()) == Opaque("Blank")


def test_where_the_stack_is_full_a_deep_value_is_named_only():
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 40)
    try:
        value = plain(nested(30))
    finally:
        sys.setrecursionlimit(before)
    assert value == Opaque("list", "nested too deeply")


def test_a_graph_of_lists_that_share_their_parts_does_not_blow_up():
    value = [0.0]
    for _ in range(20):
        value = [value] * 10
    assert plain(value) == Opaque("list", f"more than {wire.MAX_ITEMS} items")


# ------------------------------------------------------------------------------ limits


@pytest.mark.parametrize(
    "value",
    [
        object(),
        len,
        b"bytes",
        {1: 2},
        10**400,
        np.array([None]),
        np.random.Generator(np.random.MT19937(0)),
        nested(40),
        [0] * (wire.MAX_ITEMS + 1),
        np.broadcast_to(0.0, (10**9, 10**9)),  # 8 bytes that say they are 8 EB
        [np.zeros(2**20)] * 9,
        "x" * (wire.MAX_BYTES + 1),
    ],
)
def test_what_is_not_plain_data_or_too_large_is_not_written(value):
    with pytest.raises(WireError):
        encode(value)


def ext(code, length):
    return msgpack.ExtType(code, length.to_bytes(4, "little"))


def items(*parts):
    return b"".join(
        part if type(part) is bytearray else msgpack.packb(part, unicode_errors="surrogatepass")
        for part in parts
    )


@pytest.mark.parametrize(
    "data",
    {
        "nothing": b"",
        "two values": items(1, 2),
        "a list of msgpack": items([1]),
        "a map of msgpack": items({}),
        "bytes": items(b"abc"),
        "a time": items(msgpack.Timestamp(1)),
        "a list that ends early": items(ext(wire.LIST, 2), 1),
        "a list without end": items(ext(wire.LIST, 2**32 - 1)),
        "a length of three bytes": items(msgpack.ExtType(wire.LIST, b"\0\0\0")),
        "an unknown container": items(ext(99, 0)),
        "a key that is no string": items(ext(wire.DICT, 1), 1, 2),
        "a key twice": items(ext(wire.DICT, 2), "a", 1, "a", 2),
        "half a complex number": items(ext(wire.COMPLEX, 1), 1.0),
        "a complex number of strings": items(ext(wire.COMPLEX, 2), "a", "b"),
        "a long type name": items(ext(wire.OPAQUE, 2), "a" * 1000, ""),
        "an int in a long form": items(msgpack.ExtType(wire.INT, bytes(20))),
        "an int of one bit too many": items(
            msgpack.ExtType(wire.INT, (2**1024).to_bytes(129, "little", signed=True))
        ),
        "a huge int": items(msgpack.ExtType(wire.INT, b"\1" * 1000)),
        "an empty int": items(msgpack.ExtType(wire.INT, b"")),
        "an array of objects": items(ext(wire.ARRAY, 1), "|O8", 1, bytes(8)),
        "an array of records": items(ext(wire.ARRAY, 1), "f8,f8", 1, bytes(16)),
        "an array of strings": items(ext(wire.ARRAY, 1), "<U2", 1, bytes(8)),
        "an array of 3-byte floats": items(ext(wire.ARRAY, 1), "<f3", 1, bytes(3)),
        "an array in another spelling": items(ext(wire.ARRAY, 1), "|f8", 1, bytes(8)),
        "too few bytes": items(ext(wire.ARRAY, 1), "<f8", 2, bytes(8)),
        "too many bytes": items(ext(wire.ARRAY, 1), "<f8", 2, bytes(24)),
        "a negative length": items(ext(wire.ARRAY, 2), "<f8", -1, -1, bytes(8)),
        "a length that is no int": items(ext(wire.ARRAY, 1), "<f8", 1.0, bytes(8)),
        "a length that is a bool": items(ext(wire.ARRAY, 1), "<f8", True, bytes(8)),
        "a huge length beside a zero": items(ext(wire.ARRAY, 2), "<f8", 2**62, 0, b""),
        "two thousand axes": items(ext(wire.ARRAY, 2000), "<f8", *[1] * 2000, bytes(8)),
        "a long axis beside a zero": items(ext(wire.ARRAY, 2), "<f8", 2**40, 0, b""),
        "a boolean that is two": items(ext(wire.ARRAY, 1), "|b1", 1, b"\2"),
        "deeper than deep": items(*[ext(wire.LIST, 1)] * 40, 1),
        "text that is no utf-8": b"\xa2\xff\xff",
        "a reserved byte": b"\xc1",
        "a small int in two bytes": b"\xcc\x05",
        "an int with a sign that it does not need": b"\xd1\x03\xe8",
        "a float of four bytes": b"\xca\x3f\x80\0\0",
        "a short text with a long length": b"\xd9\x01a",
        "a long head of a list": b"\xc7\x04" + bytes([wire.LIST]) + bytes(4),
        "an array whose length is long": items(ext(wire.ARRAY, 1), "<f8")
        + b"\xcd\0\1"
        + items(bytes(8)),
        "a msgpack array that announces 2**32 - 1": b"\xdd\xff\xff\xff\xff" * 500,
    }.items(),
    ids=lambda item: item[0],
)
def test_bytes_that_encode_would_not_write_are_refused(data):
    with pytest.raises(WireError):
        decode(data[1], trusted=True)


def test_the_size_is_bounded_both_ways():
    with pytest.raises(WireError, match="larger than 1 MiB"):
        encode("x" * 2**20, max_bytes=2**20)
    with pytest.raises(WireError, match="larger than 1 MiB"):
        decode(encode("x" * 2**20), max_bytes=2**20)


@pytest.mark.parametrize(
    ("name", "fields"),
    [("Foreign", ()), ("Linear", (1.0, 2.0, 3.0))],
    ids=["a class of another module", "a field too many"],
)
def test_neither_another_class_nor_another_field_is_taken(maps, name, fields):
    with pytest.raises(WireError):
        decode(items(ext(wire.MAP, len(fields)), name, *fields), trusted=True)


def test_an_instance_of_another_class_is_not_written(maps):
    with pytest.raises(WireError, match="Foreign is not plain data"):
        encode(maps.Foreign())


# What is just within a limit goes through, and what is just beyond it does not, either way.


@pytest.mark.parametrize(
    "wrap",
    [lambda inner: [inner], lambda inner: (inner,), lambda inner: {"a": inner}],
    ids=["lists", "tuples", "dicts"],
)
def test_a_value_is_as_deep_as_said_and_no_deeper(monkeypatch, wrap):
    value = 1.0
    for _ in range(wire.MAX_DEPTH):
        value = wrap(value)
    data = encode(value)
    assert plain(value) == decode(data) == value
    deeper = wrap(value)
    assert plain(deeper) == Opaque(type(deeper).__name__, "nested too deeply")
    with pytest.raises(WireError, match="nested too deeply"):
        encode(deeper)
    monkeypatch.setattr(wire, "MAX_DEPTH", wire.MAX_DEPTH - 1)
    with pytest.raises(WireError, match="nested too deeply"):
        decode(data)


def test_a_value_has_as_many_items_as_said_and_no_more(monkeypatch):
    monkeypatch.setattr(wire, "MAX_ITEMS", 8)
    value = [1.0, (2.0, 3.0), {"a": 4.0}]  # four numbers, three containers and a key
    data = encode(value)
    assert decode(data) == value
    monkeypatch.setattr(wire, "MAX_ITEMS", 7)
    assert plain(value) == value  # which does not count the keys
    with pytest.raises(WireError, match="more than 7 items"):
        encode(value)
    with pytest.raises(WireError, match="more than 7 items"):
        decode(data)
    monkeypatch.setattr(wire, "MAX_ITEMS", 6)
    assert plain(value) == Opaque("list", "more than 6 items")


@pytest.mark.parametrize("value", ["x" * 1000, np.zeros(1000), [0.0] * 1000, [None] * 1000, None])
def test_a_value_has_as_many_bytes_as_said_and_no_more(value):
    data = encode(value)
    with pytest.raises(WireError, match="larger than"):
        encode(value, max_bytes=len(data) // 2)
    assert encode(value, max_bytes=len(data)) == data
    assert same(decode(data, max_bytes=len(data)), value)
    with pytest.raises(WireError, match="larger than"):
        encode(value, max_bytes=len(data) - 1)
    with pytest.raises(WireError, match="larger than"):
        decode(data, max_bytes=len(data) - 1)


def test_an_axis_beside_a_zero_is_bounded_by_the_number_of_bytes():
    def read(length):
        return decode(items(ext(wire.ARRAY, 2), "<f8", length, 0, b""), max_bytes=100)

    assert read(100).shape == (100, 0)
    with pytest.raises(WireError, match="out of range"):
        read(101)


def test_an_array_may_have_as_many_axes_as_a_value_is_deep():
    array = np.zeros((1,) * wire.MAX_DEPTH)
    assert same(decode(encode(array)), array)


def test_a_name_is_as_long_as_said():
    longest = Opaque("a" * wire.MAX_NAME, "b" * wire.MAX_NAME)
    assert decode(encode(longest)) == longest
    for longer in (Opaque("a" * (wire.MAX_NAME + 1)), Opaque("a", "b" * (wire.MAX_NAME + 1))):
        with pytest.raises(WireError, match="too long"):
            decode(encode(longer))


def test_a_text_of_a_submission_is_as_long_as_said():
    longest = "a" * wire.MAX_TEXT
    assert plain([longest]) == decode(encode([longest])) == [longest]
    assert plain(longest + "a") == Opaque("str", f"of {wire.MAX_TEXT + 1} characters")
    assert plain({longest + "a": 1}).type_name == "dict"
    assert decode(encode(longest + "a"), trusted=True) == longest + "a"
    for longer in (longest + "a", {longest + "a": 1}):
        with pytest.raises(WireError, match="too long"):
            decode(encode(longer))


def test_a_graphs_source_is_cut_where_nobody_reads_on():
    source = "digraph {" + " " * wire.MAX_DOT + "}"
    assert plain(Dot(source)) == plain(graphviz.Source(source)) == Dot(source[: wire.MAX_DOT])
    with pytest.raises(GraphError, match="longer than"):
        edges_of(decode(encode(plain(Dot(source)))).source)
    with pytest.raises(WireError, match="too long"):
        encode(Dot(source))
    with pytest.raises(WireError, match="too long"):
        decode(items(ext(wire.DOT, 1), source))


SPOILT = "half \ud800, turned \u202e, erased \x7f, rung \x07, nothing \0, of width 0 \u200b"


def test_texts_of_a_submission_come_back_so_that_they_can_be_shown():
    for value in (SPOILT, [SPOILT], {SPOILT: 1}, Opaque(SPOILT, SPOILT), Dot(SPOILT)):
        shown = str(decode(encode(value)))
        assert shown.isprintable()
        shown.encode()
        assert r"\u202e" in shown
        assert decode(encode(value), trusted=True) == value
    assert decode(encode("a\tb\r\nc é 網 😀")) == "a\tb\r\nc é 網 😀"


@given(st.text(st.characters()))
def test_whatever_the_text_it_can_be_shown(text):
    assert wire.printable(text).isprintable()
    assert wire.printable(wire.printable(text)) == wire.printable(text)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        "é" * 5000,
        "a" * 5000 + "😀",
        np.zeros(1000),
        [[]] * 1000,
        [{"a": None}] * 1000,
        Dot("a" * 5000 + "😀"),
        [Opaque("😀" * 200, "😀" * 200)] * 100,
        {f"a key {at}": np.zeros(3, "i1") for at in range(1000)},
    ],
    ids=str,
)
def test_the_memory_of_a_value_is_known(value):
    data = encode(value)
    tracemalloc.start()
    try:
        kept = decode(data)
        used = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert used / 2 - 1000 < wire.memory(kept) < 2 * used + 1000


def listed(item, parts, size):
    """Write a list with as many times the same item, of so many parts, as there is room for."""
    count = min((size - 50) // len(item), (wire.MAX_ITEMS - 1) // parts)
    return items(ext(wire.LIST, count)) + item * count


NAME = "a" * (wire.MAX_NAME - 1) + "😀"
HOSTILE = {  # by what they hold: write so many bytes that take more memory when they are read
    "small ints": lambda size: items(ext(wire.ARRAY, 1), "|i1", size - 50, bytes(size - 50)),
    "booleans": lambda size: items(ext(wire.ARRAY, 1), "|b1", size - 50, bytes(size - 50)),
    "lists": partial(listed, items(ext(wire.LIST, 0)), 1),
    "dicts": partial(listed, items(ext(wire.DICT, 1), "a", None), 3),
    "wide texts": partial(listed, items("a" * (wire.MAX_TEXT - 1) + "😀"), 1),
    "spoilt texts": partial(listed, items("\x07" * wire.MAX_TEXT), 1),
    "graphs": partial(listed, items(ext(wire.DOT, 1), "a" * (wire.MAX_DOT - 1) + "😀"), 2),
    "names": partial(listed, items(ext(wire.OPAQUE, 2), NAME, NAME), 3),
    "large ints": partial(listed, encode(2 ** (wire.MAX_INT_BITS - 1)), 1),
    "empty arrays": partial(listed, encode(np.zeros((0,) * wire.MAX_DEPTH)), wire.MAX_DEPTH + 3),
    "keys": lambda size: (
        items(ext(wire.DICT, wire.MAX_ITEMS // 2 - 1))
        + b"".join(items(f"{at:06}", None) for at in range(wire.MAX_ITEMS // 2 - 1))
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_answer_takes_much_memory_from_its_bytes_to_its_fingerprint(kind):
    largest = Limits().answer_bytes
    data = HOSTILE[kind](largest)
    assert len(data) <= largest
    tracemalloc.start()
    try:
        value = decode(data, max_bytes=largest)
        for form in ("a[i]", "a[...]", "a", "graph", ("a[i]", "b"), {"a": "a[i]"}):
            with suppress(Mistake):
                conform(value, form)
        with suppress(Mistake):
            conform({"a": value}, {"a": "a[...]"})
        outcome(Call("f", (), (), Answer(value)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 150 * 2**20, f"{peak / 2**20:.0f} MiB"


@pytest.mark.parametrize("bits", [62, 63, 64, 65, 71, 72, 73, 511, 512, 1022])
def test_ints_about_a_power_of_two_come_back(bits):
    for value in (2**bits - 1, 2**bits, 2**bits + 1):
        assert decode(encode(value)) == plain(value) == value
        assert decode(encode(-value)) == plain(-value) == -value


def test_an_int_has_as_many_bits_as_said():
    largest = 2**wire.MAX_INT_BITS - 1
    assert decode(encode(largest)) == plain(largest) == largest
    assert plain(largest + 1) == Opaque("int", f"beyond 2**{wire.MAX_INT_BITS}")
    with pytest.raises(WireError, match="beyond"):
        encode(largest + 1)


def test_a_boolean_is_zero_or_one():
    for byte in range(256):
        data = items(ext(wire.ARRAY, 1), "|b1", 1, bytes([byte]))
        if byte < 2:
            assert decode(data).tolist() == [bool(byte)]
        else:
            with pytest.raises(WireError, match="neither 0 nor 1"):
                decode(data)


@pytest.fixture
def little_memory():
    """Leave this process half a GiB."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + 512 * 2**20, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize("value", [np.zeros(2**17), "x" * 2**20], ids=["arrays", "texts"])
def test_writing_takes_memory_in_proportion(little_memory, value):
    with pytest.raises(WireError, match="larger than 64 MiB"):
        encode([value] * 10_000)  # one MiB, ten thousand times


def test_lists_and_dicts_of_msgpack_are_not_even_begun():
    lists = (b"\xdd" + (2**20).to_bytes(4, "big")) * 2**18  # makes room, level by level
    pairs = b"".join(msgpack.packb(f"{number:05}") + b"\xc0" for number in range(10**5))
    for data in (lists, b"\xdf" + (10**5).to_bytes(4, "big") + pairs):
        tracemalloc.start()
        try:
            with pytest.raises(WireError):
                decode(data)
            assert tracemalloc.get_traced_memory()[1] < 4 * len(data)
        finally:
            tracemalloc.stop()


fuzz = functools.partial(settings, deadline=None, suppress_health_check=list(HealthCheck))


@fuzz(max_examples=300)
@given(st.binary(max_size=200) | VALUES.map(encode), st.data())
def test_decode_raises_nothing_but_its_own_error(data, draw):
    mangled = bytearray(data)
    for _ in range(draw.draw(st.integers(0, 3))):
        if mangled:
            mangled[draw.draw(st.integers(0, len(mangled) - 1))] = draw.draw(st.integers(0, 255))
    try:
        value = decode(bytes(mangled))
    except WireError:
        return
    assert same(plain(value), value)


@pytest.mark.parametrize(
    "data",
    [
        items(ext(wire.LIST, 2**24), *[ext(wire.DICT, 0)] * 1000) * 1000,
        items(ext(wire.LIST, wire.MAX_ITEMS * 4)) + items(ext(wire.LIST, 0)) * 4 * wire.MAX_ITEMS,
        b"\xdd\x7f\xff\xff\xff" * 1000,
        b"\xc9\xff\xff\xff\xff\x00" * 1000,
        b"\xc6\xff\xff\xff\xff" * 1000,
    ],
    ids=["dicts", "lists", "arrays of msgpack", "extensions", "binaries"],
)
def test_reading_takes_memory_in_proportion(data):
    room = 512 * 2**20
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + room, before[1]))
    try:
        with pytest.raises(WireError) as error:
            decode(data)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert "MemoryError" not in str(error.value)
