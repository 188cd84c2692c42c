"""Whatever strangers write, what the grader promises of its readers holds: `tests.readers`.

`python -m proof.fuzz` goes on from here for as long as one likes, guided by coverage.
"""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autograder import wire
from tests import readers
from tests.readers import READERS

CORPUS = Path(__file__).parents[1] / "proof" / "corpus"
FILES = [(path.parent.name, path) for path in sorted(CORPUS.glob("*/*"))]
quick = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)

texts = st.text() | st.sampled_from(["", "\ud800", "\0", "a\u202eb", "\r\n", "\ufeff"])
keys = st.sampled_from(
    ["cells", "source", "cell_type", "metadata", "nbgrader", "grade_id", "id", "outputs"]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys | texts, inner, max_size=4),
    max_leaves=12,
)
cells = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | json_values,
        "source": texts | st.lists(texts) | json_values,
        "id": st.sampled_from([cell.id for cell in readers.HOMEWORK.cells]) | json_values,
        "metadata": json_values
        | st.builds(lambda name: {"nbgrader": {"grade_id": name}}, st.just("one") | json_values),
    },
)
notebooks = st.builds(
    lambda listed, rest: {**rest, "cells": listed},
    st.lists(cells | json_values, max_size=6),
    st.dictionaries(texts, json_values, max_size=2),
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | texts
    | arrays(st.sampled_from([float, "int8", bool, "c8"]), st.sampled_from([(), (2,), (0, 3)]))
    | st.builds(wire.Dot, texts)
    | st.builds(wire.Opaque, texts, texts),
    lambda inner: st.lists(inner, max_size=4)
    | st.lists(inner, max_size=4).map(tuple)
    | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
WORDS = """
    digraph strict subgraph edge node { } [ ] -> = ; , : + label key a b "a" "\\" <b> &lt;
    &#x110000; // /* */ # 1 -.5
"""
dot = st.lists(st.sampled_from([*WORDS.split(), "\n"]) | texts).map(" ".join)
digits = st.from_regex(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}([T ][0-9:.,]{0,15})?", fullmatch=True)
zones = st.sampled_from(["", "Z", " UTC", " +0100", "-23:59", " Europe/Berlin", " ../x", " CET"])


@pytest.mark.parametrize(("name", "path"), FILES, ids=[f"{n}-{p.name}" for n, p in FILES])
def test_what_was_found_once(name, path):
    READERS[name](path.read_bytes())


@pytest.mark.parametrize("name", READERS)
@quick
@given(data=st.data())
def test_bytes(name, data):
    READERS[name](data.draw(st.binary(max_size=300)))


@pytest.mark.parametrize("name", READERS)
@quick
@given(data=st.data())
def test_what_is_nearly_right(name, data):
    """A part of a file that was found is cut out, written twice, or replaced."""
    right = data.draw(st.sampled_from([path for of, path in FILES if of == name])).read_bytes()
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(right))] * 2)))
    between = data.draw(st.binary(max_size=8) | st.just(right[start:stop] * 2))
    READERS[name](right[:start] + between + right[stop:])


@quick
@given(notebooks | json_values)
def test_notebooks(content):
    readers.notebook(json.dumps(content).encode("utf-8", "surrogatepass"))


@quick
@given(notebooks, st.sampled_from(["utf-8", "utf-16", "utf-32", "latin-1"]), st.integers(0, 400))
def test_notebooks_in_other_encodings_that_are_cut(content, encoding, length):
    text = json.dumps(content, ensure_ascii=False)
    readers.notebook(text.encode(encoding, "replace")[:length])


@quick
@given(plain)
def test_answers(value):
    try:
        data = wire.encode(value)
    except wire.WireError:
        return
    readers.answer(data)


@quick
@given(dot)
def test_graphs(source):
    readers.graph(source.encode("utf-8", "surrogatepass"))


@quick
@given(digits, zones)
def test_times(when, zone):
    readers.time((when + zone).encode())


@quick
@given(texts | st.from_regex(r"[-=+@;<>'\"& \t]*[a-z0-9]*", fullmatch=True))
def test_students(name):
    readers.student(name.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("name", "place", "broken", "data"),
    [
        ("notebook", "present", lambda *_: None, b'{"cells": [{"source": "\\ud800"}]}'),
        ("answer", "conform", lambda *_: 1 / 0, wire.encode(1.0)),
        ("graph", "edges_of", lambda _: [("a" * 201,)], b""),
        ("time", "moment", lambda _: [][0], b""),
        ("student", "harmless", lambda text: "'" + text, b"ada"),
    ],
)
def test_a_broken_promise_is_noticed(monkeypatch, name, place, broken, data):
    monkeypatch.setattr(readers, place, broken)
    if name == "notebook":
        monkeypatch.setattr(readers, "align", lambda *_: readers.HOMEWORK[:0])
    with pytest.raises((AssertionError, ZeroDivisionError, LookupError, TypeError, KeyError)):
        READERS[name](data)
