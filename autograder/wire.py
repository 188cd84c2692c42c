"""Plain data, written as bytes: for the pipe to the sandbox and for the recorded answers.

Plain data is what a homework's functions take and return: None, bool, int, float, complex, str,
tuple, list, dict with str keys, and arrays of numbers. `plain` turns any object into plain data,
`encode` writes it, `decode` reads it back exactly. Nothing here can carry code, and nothing that
arrives is trusted: size, depth and number of items are bounded, and bytes that are not exactly
what `encode` would write raise `WireError`.

A value is a flat run of msgpack items. A container is an extension item that holds its kind and
its length, followed by its contents; msgpack's own arrays and maps are refused, since they make
room for as many elements as they announce.
"""

from __future__ import annotations

import dataclasses
import importlib
import math
import re
import struct
import sys
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import msgpack
import numpy as np

FRAME = struct.Struct("<Q")  # on a pipe, a value's size in bytes goes before it

MAX_BYTES = 64 * 2**20
MAX_ITEMS = 250_000  # bounds the Python objects that a message of many tiny items can make
MAX_DEPTH = 32
MAX_INT_BITS = 1023  # every such int is a finite float
MAX_NAME = 200  # characters of a type's name
MAX_TEXT = 10_000  # of a text in an answer
MAX_DOT = 100_001  # of a graph's source: one more than is read

TUPLE, LIST, DICT, ARRAY, COMPLEX, INT, OPAQUE, DOT, GENERATOR, MAP = range(10)

_MAPS = "autograder.maps"
_DTYPE = re.compile(r"[<>|][biufc][0-9]{1,2}")
_INT64 = range(-(2**63), 2**64)


class WireError(ValueError):
    """Say that a value cannot be written, or that bytes are not a value."""


@dataclasses.dataclass(frozen=True)
class Opaque:
    """Stand for an object that is not plain data, by its type's name and an optional remark."""

    type_name: str
    text: str = ""


@dataclasses.dataclass(frozen=True)
class Dot:
    """Stand for a graphviz graph, by its DOT source."""

    source: str


def printable(text: str, keep: str = "") -> str:
    """Return a text from outside as it can be shown anywhere.

    Half characters, control characters and what turns the direction of writing are escaped.

    Parameters
    ----------
    text : str
        Whatever it is.
    keep : str
        Characters that stay as they are, such as line breaks.
    """
    if text.isprintable():
        return text
    parts = (c if c.isprintable() or c in keep else _escaped(c) for c in text)
    return "".join(parts)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


def memory(value: object) -> int:
    """Return about how many bytes of memory plain data take."""
    total, todo = 0, [value]
    while todo:
        part = todo.pop()
        total += sys.getsizeof(part)
        if isinstance(part, dict):
            todo += [*part, *part.values()]
        elif isinstance(part, list | tuple):
            todo += part
        elif isinstance(part, np.ndarray) and part.base is not None:
            total += part.nbytes
        elif isinstance(part, Opaque | Dot):
            todo += vars(part).values()
    return total


# ------------------------------------------------------------------------------ plain data


def plain(value: object) -> Any:
    """Turn any object into plain data.

    numpy scalars and subclasses of the plain types become the plain type itself, subclasses of
    ndarray become base arrays (without a copy), graphviz graphs become `Dot`, and everything else
    becomes `Opaque`: masked and object arrays too, since their values are not what they seem. Only
    the real type of an object counts, and none of its methods is called (but `source` of a graph).
    A text longer than any answer's is named only; a graph's source is cut where nobody reads on.
    """
    try:
        return _Plain().convert(value, 0)
    except RecursionError:
        return Opaque(_type_name(value), "nested too deeply")
    except WireError as error:
        return Opaque(_type_name(value), str(error))
    except Exception:
        return Opaque(_type_name(value), "unreadable")


class _Plain:
    """Convert one value, counting its items."""

    def __init__(self) -> None:
        self.items = 0

    def convert(self, value: Any, depth: int) -> Any:
        self.items += 1
        if self.items > MAX_ITEMS:
            raise WireError(f"more than {MAX_ITEMS} items")
        if depth > MAX_DEPTH:
            raise WireError("nested too deeply")
        kind = type(value)
        if value is None or kind is bool:
            return value
        if issubclass(kind, np.generic):
            value = _python_scalar(value)
            kind = type(value)
        if kind is bool:
            return value
        if issubclass(kind, int):
            number = int.__index__(value)
            if number.bit_length() > MAX_INT_BITS:
                return Opaque("int", f"beyond 2**{MAX_INT_BITS}")
            return number
        if issubclass(kind, float):
            return float.__float__(value)
        if issubclass(kind, complex):
            return complex.__pos__(value)
        if issubclass(kind, str):
            return _plain_text(str.__str__(value))
        if issubclass(kind, np.ndarray):
            return _plain_array(value)
        if issubclass(kind, tuple):
            return tuple([self.convert(item, depth + 1) for item in tuple.__iter__(value)])
        if issubclass(kind, list):
            return [self.convert(item, depth + 1) for item in list.__iter__(value)]
        if issubclass(kind, dict):
            return self._dict(value, depth)
        if kind is Opaque:
            return value
        if kind is Dot or any(_comes_from_graphviz(base) for base in kind.__mro__):
            source = value.source
            if not issubclass(type(source), str):
                return _opaque(value)
            return Dot(str.__str__(source)[:MAX_DOT])
        return _opaque(value)

    def _dict(self, value: dict[Any, Any], depth: int) -> Any:
        result = {}
        for key, item in dict.items(value):
            if not issubclass(type(key), str):
                return Opaque(_type_name(value), f"a key is of type {_type_name(key)}, not str")
            text = str.__str__(key)
            if len(text) > MAX_TEXT:
                return Opaque(_type_name(value), f"a key has more than {MAX_TEXT} characters")
            result[text] = self.convert(item, depth + 1)
        return result


def shared(value: object, args: Iterable[object]) -> tuple[int, ...]:
    """Return the positions of the arguments whose arrays, or memory of these, are in a value."""
    arrays = list(_arrays(value))
    return tuple(
        at
        for at, arg in enumerate(args)
        if any(np.may_share_memory(*two) for two in product(arrays, _arrays(arg)))
    )


def _arrays(value: object) -> Iterator[np.ndarray]:
    """Yield the arrays of plain data."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple | list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _arrays(part)


def _plain_text(value: str) -> Any:
    return value if len(value) <= MAX_TEXT else Opaque("str", f"of {len(value)} characters")


def _python_scalar(value: np.generic) -> Any:
    """Return the Python number of a numpy scalar, or the scalar itself if it is no number."""
    item = np.generic.item(value)
    if isinstance(item, np.floating):  # a longdouble stays one
        return float(item)
    if isinstance(item, np.complexfloating):
        return complex(item)
    return item if type(item) in (bool, int, float, complex, str) else value


def _plain_array(value: np.ndarray) -> Any:
    if issubclass(type(value), np.ma.MaskedArray):
        return Opaque("MaskedArray")
    array = np.ndarray.view(value, np.ndarray)
    if array.dtype.kind not in "biufc":
        return Opaque("ndarray", f"of dtype {array.dtype.name}"[:MAX_NAME])
    return array


def _comes_from_graphviz(kind: type) -> bool:
    module = kind.__module__
    return isinstance(module, str) and module.split(".")[0] == "graphviz"


def _type_name(value: object) -> str:
    """Name the real type of an object, whatever its class says about itself."""
    name: str = type.__dict__["__name__"].__get__(type(value))
    return name[:MAX_NAME]


def _opaque(value: object) -> Opaque:
    return Opaque(_type_name(value))


# ------------------------------------------------------------------------------ writing


def encode(value: object, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Write plain data as bytes.

    Beyond plain data, numpy scalars (as Python numbers), a numpy Generator with PCG64, and an
    instance of a dataclass of `autograder.maps` can be written; the last two are for the way into
    the sandbox. Equal bytes mean equal values, NaN included.
    """
    writer = _Writer(max_bytes)
    try:
        writer.write(value, 0)
        data: bytes = writer.packer.bytes()
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"cannot be written: {type(error).__name__}") from error
    if len(data) > max_bytes:
        raise _too_large(max_bytes)
    return data


class _Writer:
    """Write one value, item by item."""

    def __init__(self, max_bytes: int) -> None:
        self.packer = msgpack.Packer(autoreset=False, unicode_errors="surrogatepass")
        self.max_bytes = max_bytes
        self.room = max_bytes
        self.items = 0

    def item(self, item: object, size: int = 1) -> None:
        self.items += 1
        self.room -= size
        if self.room < 0:
            raise _too_large(self.max_bytes)
        if self.items > MAX_ITEMS:
            raise WireError(f"more than {MAX_ITEMS} items")
        self.packer.pack(item)

    def container(self, code: int, length: int, items: Iterable[object], depth: int) -> None:
        self.item(msgpack.ExtType(code, length.to_bytes(4, "little")))
        for item in items:
            self.write(item, depth + 1)

    def write(self, value: Any, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise WireError("nested too deeply")
        if isinstance(value, np.generic):
            value = _python_scalar(value)
        kind = type(value)
        if value is None or kind is bool or kind is float:
            self.item(value)
        elif kind is int:
            self._int(value)
        elif kind is str:
            self.item(value, len(value))
        elif kind is np.ndarray:
            self._array(value, depth)
        elif kind is tuple:
            self.container(TUPLE, len(value), value, depth)
        elif kind is list:
            self.container(LIST, len(value), value, depth)
        elif kind is dict:
            if not all(type(key) is str for key in value):
                raise WireError("a key is not a string")
            flat = (item for pair in value.items() for item in pair)
            self.container(DICT, len(value), flat, depth)
        elif kind is complex:
            self.container(COMPLEX, 2, (value.real, value.imag), depth)
        elif kind is Opaque:
            self.container(OPAQUE, 2, (value.type_name, value.text), depth)
        elif kind is Dot:
            if len(value.source) > MAX_DOT:
                raise WireError("a graph's source is too long")
            self.container(DOT, 1, (value.source,), depth)
        elif kind is np.random.Generator:
            self.container(GENERATOR, 4, _generator_state(value), depth)
        elif kind.__module__ == _MAPS and dataclasses.is_dataclass(value):
            fields = [getattr(value, field.name) for field in dataclasses.fields(value)]
            self.container(MAP, len(fields), (kind.__name__, *fields), depth)
        else:
            raise WireError(f"{_type_name(value)} is not plain data")

    def _int(self, value: int) -> None:
        if value in _INT64:
            self.item(value)
        elif value.bit_length() > MAX_INT_BITS:
            raise WireError(f"an int is beyond 2**{MAX_INT_BITS}")
        else:
            size = value.bit_length() // 8 + 1
            self.item(msgpack.ExtType(INT, value.to_bytes(size, "little", signed=True)))

    def _array(self, value: np.ndarray, depth: int) -> None:
        if not _DTYPE.fullmatch(value.dtype.str):
            raise WireError(f"an array of dtype {value.dtype} is not plain data")
        if value.ndim > MAX_DEPTH:
            raise WireError("an array has too many axes")
        if value.nbytes > self.room:  # before the copy: a broadcast array can claim any size
            raise _too_large(self.max_bytes)
        self.container(ARRAY, value.ndim, (value.dtype.str, *value.shape), depth)
        self.item(value.tobytes(), value.nbytes)


def _generator_state(value: np.random.Generator) -> tuple[int, ...]:
    state: dict[str, Any] = dict(value.bit_generator.state)
    if state["bit_generator"] != "PCG64":
        raise WireError("only a Generator with PCG64 can be written")
    numbers = (*state["state"].values(), state["has_uint32"], state["uinteger"])
    return tuple(int(number) for number in numbers)


def _too_large(max_bytes: int) -> WireError:
    return WireError(f"larger than {max_bytes / 2**20:g} MiB")


# ------------------------------------------------------------------------------ reading


def decode(data: bytes, *, trusted: bool = False, max_bytes: int = MAX_BYTES) -> Any:
    """Read a value that `encode` has written, or raise `WireError`, and nothing else.

    Only with `trusted` are Generators, instances of `autograder.maps` and texts of any length read,
    as the sandbox does with what it is sent. Texts of others come back `printable`, with their line
    breaks; so this is where all that a submission says is cleaned. Arrays come back writable, with
    their own memory.
    """
    if len(data) > max_bytes:
        raise _too_large(max_bytes)
    try:
        reader = _Reader(data, trusted, max_bytes)
        value = reader.read(0)
        reader.finish()
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"unreadable: {type(error).__name__}") from None
    return value


class _Reader:
    """Read one value, item by item."""

    def __init__(self, data: bytes, trusted: bool, max_bytes: int) -> None:
        self.data, self.packer = data, msgpack.Packer(unicode_errors="surrogatepass")
        self.unpacker = msgpack.Unpacker(
            max_buffer_size=len(data) + 1,
            max_array_len=0,
            max_map_len=0,
            unicode_errors="surrogatepass",
        )
        self.unpacker.feed(data)
        self.trusted = trusted
        self.max_bytes = max_bytes
        self.items = 0
        self.most = len(data) if trusted else MAX_TEXT  # characters of a text

    def finish(self) -> None:
        """Insist that nothing follows the value."""
        if self.unpacker.tell() != len(self.data):
            raise WireError("bytes follow the value")

    def item(self, *kinds: type, most: int | None = None) -> Any:
        """Read one item, which must be of one of these very types, or of any if none is given.

        A text may have so many characters.
        """
        self.items += 1
        if self.items > MAX_ITEMS:
            raise WireError(f"more than {MAX_ITEMS} items")
        start, item = self.unpacker.tell(), self.unpacker.unpack()
        if self.packer.pack(item) != self.data[start : self.unpacker.tell()]:
            raise WireError("an item is not in its shortest form")
        if kinds and type(item) not in kinds:
            raise WireError(f"{type(item).__name__} where {kinds[0].__name__} is expected")
        if type(item) is str:
            if len(item) > (self.most if most is None else most):
                raise WireError("a text is too long")
            return item if self.trusted else printable(item, "\t\n\r")
        return item

    def read(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise WireError("nested too deeply")
        item = self.item()
        kind = type(item)
        if item is None or kind in (bool, int, float, str):
            return item
        if kind is not msgpack.ExtType:
            raise WireError(f"{kind.__name__} is not plain data")
        if item.code == INT:
            return self._int(item.data)
        if len(item.data) != 4:
            raise WireError("a container's length takes four bytes")
        return self._container(item.code, int.from_bytes(item.data, "little"), depth + 1)

    def _int(self, data: bytes) -> int:
        value = int.from_bytes(data, "little", signed=True)
        if value in _INT64 or not value.bit_length() // 8 + 1 == len(data) <= MAX_INT_BITS // 8 + 1:
            raise WireError("a large int is not written in its shortest form")
        return value

    def _container(self, code: int, length: int, depth: int) -> Any:
        if code == TUPLE:
            return tuple([self.read(depth) for _ in range(length)])
        if code == LIST:
            return [self.read(depth) for _ in range(length)]
        if code == DICT:
            result = {}
            for _ in range(length):
                key = self.item(str)
                if key in result:
                    raise WireError("a key occurs twice")
                result[key] = self.read(depth)
            return result
        if code == ARRAY:
            return self._array(length)
        if code == MAP:
            return self._map(length, depth)
        if (code, length) == (COMPLEX, 2):
            return complex(self.item(float), self.item(float))
        if (code, length) == (OPAQUE, 2):
            return Opaque(self.item(str, most=MAX_NAME), self.item(str, most=MAX_NAME))
        if (code, length) == (DOT, 1):
            return Dot(self.item(str, most=MAX_DOT))
        if (code, length) == (GENERATOR, 4):
            return self._generator([self.read(depth) for _ in range(4)])
        raise WireError("an unknown kind of container")

    def _array(self, ndim: int) -> np.ndarray:
        name = self.item(str, most=MAX_NAME)
        if not _DTYPE.fullmatch(name):
            raise WireError("an array's dtype is not one of numbers")
        if ndim > MAX_DEPTH:
            raise WireError("an array has too many axes")
        dtype = np.dtype(name)
        shape = [self.item(int) for _ in range(ndim)]
        # Lengths beside a zero are bounded too, so that nobody makes an array from such a shape.
        if min(shape, default=0) < 0 or math.prod(filter(None, shape)) > self.max_bytes:
            raise WireError("an array's shape is out of range")
        raw = self.item(bytes)
        if dtype.str != name or len(raw) != math.prod(shape) * dtype.itemsize:
            raise WireError("an array's bytes do not fit its shape")
        if dtype.kind == "b" and raw.translate(None, b"\0\1"):
            raise WireError("a boolean is neither 0 nor 1")
        return np.frombuffer(raw, dtype).reshape(shape).copy()

    def _generator(self, state: list[Any]) -> np.random.Generator:
        if not self.trusted:
            raise WireError("a Generator is not accepted here")
        bits = np.random.PCG64(0)
        bits.state = {
            "bit_generator": "PCG64",
            "state": {"state": state[0], "inc": state[1]},
            "has_uint32": state[2],
            "uinteger": state[3],
        }
        return np.random.Generator(bits)

    def _map(self, length: int, depth: int) -> Any:
        if not self.trusted:
            raise WireError("a function is not accepted here")
        name = self.item(str, most=MAX_NAME)
        values = [self.read(depth) for _ in range(length)]
        kind = getattr(importlib.import_module(_MAPS), name, None)
        if not (
            isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind.__module__ == _MAPS
        ):
            raise WireError(f"{name} is not a dataclass of {_MAPS}")
        names = [field.name for field in dataclasses.fields(kind)]
        return kind(**dict(zip(names, values, strict=True)))
