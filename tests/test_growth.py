"""Whatever a stranger writes, the time to read it grows no faster than its length.

Texts of one length and of sixteen times that length are read in the same run, and the processor's
time is compared, which sees the work of regular expressions and of C code too. In proportion, it
takes 16 times as long; with the square of the length, 256 times. The bound is the middle.
"""

import time
import tracemalloc
from contextlib import suppress

import nbformat
import numpy as np
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder import wire
from autograder.grading.submission import Record, Unreadable, align, present, read
from autograder.graphs import GraphError, edges_of
from autograder.report import with_code

TIMES, MOST = 16, 64
NO_TIME = 0.002  # seconds of the shorter text, below which nothing is compared


def seconds(function, value):
    """Return the processor time of a call, the better of two."""
    best = np.inf
    for _ in range(2):
        start = time.process_time()
        with suppress(Unreadable, GraphError, wire.WireError, ValueError):
            function(value)
        best = min(best, time.process_time() - start)
    return best


def assert_linear(function, make, size):
    short, long = (seconds(function, make(length)) for length in (size // TIMES, size))
    assert long < MOST * max(short, NO_TIME), f"{short:.4f} s, then {long:.4f} s"


def test_the_measure_sees_a_square():
    def square(text):
        for start in range(0, len(text), 10):
            text.count("\n", start)

    with pytest.raises(AssertionError):
        assert_linear(square, lambda size: "x" * size, 400_000)
    assert_linear(lambda text: [text.count("\n") for _ in range(200)], lambda n: "x" * n, 400_000)


# each repeats a part until it has so many bytes
NOTEBOOKS = {
    "a text without end": lambda n: "[" * (n // 4) + '"' + '\\"' * (n // 4),
    "errors": lambda n: '{"cells": [], "x": "\U0001f600", ' + '{"id":}' * (n // 7),
    "errors far from the start": lambda n: '{"cells": "' + "x" * (n // 2) + '{"id":}' * (n // 14),
    "errors after cells": lambda n: "[" + '{"source": "", "cell_type": 1},{"id" ' * (n // 40),
    "objects that begin": lambda n: '{"id":' * (n // 6),
    "blanks within": lambda n: '{"id"' + " " * (n // 2) + "{" + " " * (n // 2),
    "braces and blanks": lambda n: "{    " * (n // 5),
    "outputs that begin": lambda n: '"outputs": [' * (n // 12),
    "outputs and blanks": lambda n: '"outputs"' + " " * (n // 2) + '"outputs"   ' * (n // 24),
    "backslashes": lambda n: '{"cells": "' + "\\" * n,
    "quotes": lambda n: '"' * n,
    "lists": lambda n: '{"cells": ' + "[" * n,
    "digits": lambda n: '{"cells": ' + "9" * n,
    "blanks": lambda n: '{"cells": ' + " \n" * (n // 2),
    "nul": lambda n: "{\0" * (n // 2),
    "bytes that are no text": lambda n: b"{\xff\xfe" * (n // 3),
    "keys": lambda n: '{"cells": [{' + '"source":"",' * (n // 12) + '"source": ""}]}',
    "lines": lambda n: '{"cells": [{"source": [' + '"a",' * (n // 4) + '"a"]}]}',
    "cells": lambda n: '{"cells": [' + '{"source": "a"},' * (n // 16) + "{}]}",
    "half characters": lambda n: '{"cells": [{"source": "' + "\\ud800" * (n // 6) + '"}]}',
}
HOMEWORK = new_notebook(cells=[new_code_cell("1", id="one"), new_markdown_cell("2", id="two")])


def read_notebook(data):
    record = Record()
    align(read(data if isinstance(data, bytes) else data.encode(), record), HOMEWORK, record)


@pytest.mark.parametrize("kind", NOTEBOOKS)
def test_reading_a_notebook(kind):
    assert_linear(read_notebook, NOTEBOOKS[kind], 2**18)


LARGE = 20 * 2**20  # bytes of outputs
HELD = {  # what reading takes beside the file itself, in sizes of that
    "ASCII": (lambda text: text.encode(), 1.1),
    "four bytes a character": (lambda text: ("\U0001f600" + text).encode(), 1.1),
    "NUL": (lambda text: ("\U0001f600" + text).encode().replace(b"x", b"\0", 9), 2.1),
    "no UTF-8": (lambda text: b"\xff" + text.encode(), 1.1),
    "UTF-16": (lambda text: text.encode("utf-16"), 2.1),
    "quotes": (lambda text: text.replace("x", '\\"').encode(), 1.1),
}


@pytest.mark.parametrize("kind", HELD)
def test_outputs_take_little_memory_to_read(kind):
    """A notebook may bring a hundred megabytes of them."""
    write, most = HELD[kind]
    begin, end = '{"cells": [{"source": "x = 1", "outputs": ["', '"]}], "nbformat": 4}'
    data = begin.encode() + write("x" * LARGE) + end.encode()
    if kind == "UTF-16":
        data = write(begin + "x" * LARGE + end)
    tracemalloc.start()
    try:
        (cell,) = read(data, Record())
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert cell.source == "x = 1"
    assert held < most * len(data), f"{held / len(data):.1f} sizes of the file"


GRAPHS = {
    "deep": lambda n: "digraph " + "{" * n,
    "sets": lambda n: "digraph { {" + "a b " * (n // 5) + "} -> c",
    "edges": lambda n: "digraph {" + "a->b;" * (n // 6),
    "a chain with a long label": lambda n: (
        "digraph {a" + "->a" * (n // 30) + '[label="' + "f" * (n // 2) + '"]}'
    ),
    "a chain with an HTML label": lambda n: (
        "digraph {a"
        + "->a" * (n // 30)
        + "[label=<"
        + "<b>" * (n // 8)
        + "f"
        + "</b>" * (n // 8)
        + ">]}"
    ),
    "a subgraph again and again": lambda n: "digraph {" + "subgraph s {a} -> {};" * (n // 21) + "}",
    "brackets": lambda n: "digraph { a -> b [label=" + "<" * n,
    "quotes": lambda n: 'digraph { a -> "' + "\\" * n,
    "backslashes": lambda n: 'digraph { "' + "\\\\" * (n // 2) + " -> /*" * 10,
    "comments": lambda n: "digraph { " + "/*" * (n // 2),
    "references": lambda n: 'digraph { edge [label="' + "&#x26;" * (n // 7) + '"]',
    "a reference without end": lambda n: 'digraph { edge [label="&#' + "9" * n + ';"] a -> b }',
    "blanks": lambda n: "digraph {" + " " * n + "}",
    "digits": lambda n: "digraph {" + "1" * n + "a }",
    "plus": lambda n: 'digraph {"a"' + '+"a"' * (n // 5) + "}",
    "ports": lambda n: "digraph {" + "a:b:c " * (n // 7) + "}",
    "lines and an error": lambda n: "digraph {" + "\n" * n + "]",
}


@pytest.mark.parametrize("kind", GRAPHS)
def test_reading_a_graph(kind):
    assert_linear(edges_of, GRAPHS[kind], 90_000)


def test_a_graphs_text_takes_no_more_than_its_edges():
    """Many edges may share one label, which is counted once in the source."""
    source = "digraph {a" + "->a" * 9000 + f'[label="{"f" * 60_000}"]}}'
    with pytest.raises(GraphError, match="more than 200 characters"):
        edges_of(source)


MESSAGES = {
    "lists": lambda n: [[]] * (n // 10),
    "texts": lambda n: ["\x07" * 1000] * (n // 1000),
    "ints": lambda n: [2**1000] * (n // 130),
    "keys": lambda n: {f"{at:06}": None for at in range(n // 10)},
}


@pytest.mark.parametrize("kind", MESSAGES)
def test_reading_an_answer(kind):
    assert_linear(wire.decode, lambda n: wire.encode(MESSAGES[kind](n)), 10**6)


LINES = {
    "blank lines": lambda n: "x = 1\n" + " \n" * (n // 2) + "y = 1",
    "returns": lambda n: "x = 1" + "\r" * n + "y = 1",
    "blank lines and words": lambda n: ("x" + "\n" * 20) * (n // 21),
    "a text without end": lambda n: 'x = """' + "a\n" * (n // 2),
    "texts that begin": lambda n: "'''\n\"\"\"\n" * (n // 8),
    "continued lines": lambda n: "\\\n" * (n // 2),
    "f-strings": lambda n: "f'{" * (n // 3),
    "brackets": lambda n: "(" * n,
    "angle brackets": lambda n: "<pre>" * (n // 5),
}


def page(source, make):
    notebook = new_notebook(cells=[make(source)])
    present(notebook, HOMEWORK)
    HTMLExporter().from_notebook_node(nbformat.from_dict(notebook))


@pytest.mark.parametrize("make", [new_code_cell, new_markdown_cell], ids=["code", "markdown"])
@pytest.mark.parametrize("kind", LINES)
def test_making_a_page(kind, make):
    assert_linear(lambda source: page(source, make), LINES[kind], 20_000)


@pytest.mark.parametrize("text", ["`", "``a", "<", "\u202e", "0x0123456789abcdef", " \n"])
def test_telling(text):
    assert_linear(with_code, lambda n: text * (n // len(text)), 10**6)
    assert_linear(wire.printable, lambda n: text * (n // len(text)), 10**6)
