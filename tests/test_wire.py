"""Plain data goes through `wire` unchanged; nothing else goes through at all."""

import functools
import math
import resource
import struct
import types
from dataclasses import dataclass
from pathlib import Path

import graphviz
import msgpack
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder import wire
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
    assert same(decode(encode(value)), value)


@given(VALUES)
def test_what_is_plain_already_stays_as_it_is(value):
    assert same(plain(value), value)


@given(VALUES)
def test_a_value_has_one_spelling(value):
    data = encode(value)
    assert encode(decode(data)) == data


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


def test_a_graph_becomes_its_source():
    graph = graphviz.Digraph()
    graph.edge("h", "h", label="f")
    assert plain((graph,)) == (Dot(graph.source),)


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
        "a boolean that is two": items(ext(wire.ARRAY, 1), "|b1", 1, b"\2"),
        "deeper than deep": items(*[ext(wire.LIST, 1)] * 40, 1),
        "text that is no utf-8": b"\xa2\xff\xff",
        "a reserved byte": b"\xc1",
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
