"""What the grader reads of strangers, and what holds whatever they write: for tests and fuzzing.

Each reader takes bytes. It raises where a promise is broken.
"""

import html
from contextlib import suppress
from types import SimpleNamespace

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder import wire
from autograder.grading.assignment import Assignment, Submitted, UnusableId
from autograder.grading.class_report import harmless
from autograder.grading.submission import Record, Unreadable, align, moment, present, read, runnable
from autograder.graphs import GraphError, edges_of
from autograder.judge import Mistake, conform
from autograder.report import with_code

EXERCISE, CHECK = {"solution": True, "grade_id": "one"}, {"grade": True, "grade_id": "check_one"}
HOMEWORK = new_notebook(
    cells=[
        new_markdown_cell("Prose.", id="prose"),
        new_code_cell("def one(): ...", id="one", metadata={"nbgrader": EXERCISE}),
        new_code_cell("check(one)", id="check_one", metadata={"nbgrader": CHECK}),
        new_code_cell("one()", id="shown", metadata={"tags": ["demo"]}),
    ]
)
FORMS = ("loss", "h[t, n]", "r[..., k]", ("h[t]", {"W": "W[i, j]"}), "graph")


def notebook(data):
    """A file becomes a notebook that can be run, shown and saved, with the homework's own cells."""
    record = Record()
    try:
        cells = read(data, record)
    except Unreadable as error:
        cells, told = [], str(error)
    else:
        told = ""
    made = align(cells, HOMEWORK, record)
    assert {cell.id for cell in HOMEWORK.cells[1:3]} <= {cell.id for cell in made.cells}
    checks = [cell for cell in made.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert checks == [HOMEWORK.cells[2]], "points are the homework's own"
    for label, source, mode in runnable(made, HOMEWORK):
        assert label.isprintable()
        assert mode in ("run", "own", "definitions")
        wire.encode(source)
    present(made, HOMEWORK)
    nbformat.validate(nbformat.from_dict(made))
    nbformat.writes(made).encode()
    for problem in (told, *record.problems):
        with_code(problem).encode()


def answer(data):
    """Bytes are what `encode` writes, or no value; a value has its form, or a mistake is told."""
    with suppress(wire.WireError):
        assert wire.encode(wire.decode(data, trusted=True)) == data
    with suppress(wire.WireError):
        value = wire.decode(data)
        wire.memory(value)
        for form in FORMS:
            with suppress(Mistake):
                conform(value, form)


def graph(data):
    """A text is a graph with short names, or an error is told."""
    with suppress(GraphError):
        edges = edges_of(data.decode("utf-8", "replace"))
        assert all(len(text) <= 200 for edge in edges for text in edge)
        str(edges).encode()


def time(data):
    """A text is a time, in UTC, or none."""
    with suppress(ValueError):
        assert moment(data.decode("utf-8", "replace")).tzinfo is None


def student(data):
    """An id does no harm on a page and in a spreadsheet, or is refused."""
    assignment = Assignment.__new__(Assignment)
    submitted = Submitted(data.decode("utf-8", "surrogateescape"), None)
    submitted.shown.encode()
    with suppress(UnusableId):
        assignment.coursedir = SimpleNamespace(ignore=[])
        assignment.read(submitted)
        assert html.escape(submitted.student) == harmless(submitted.student) == submitted.student


READERS = {reader.__name__: reader for reader in (notebook, answer, graph, time, student)}
