"""Whatever is handed in is graded for what can be read of it, and told what is wrong with it."""

import copy
import json
import os
import re
import shutil
import socket
import time

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter

from autograder.grading import submission
from autograder.grading.grade import Homework, grade
from autograder.grading.submission import MAX_BYTES, MAX_FILE, Record, find
from tests import classroom
from tests.classroom import FULL, NAME, WORTH, data_of, hand_in, with_function

SAVE_AGAIN = "open it in JupyterLab, save it, and hand it in again"


@pytest.fixture(scope="module")
def homework():
    return Homework.load(classroom.REPOSITORY, NAME)


@pytest.fixture(scope="module")
def solved():
    return classroom.solved()


# --- how a notebook is spoiled: each takes the solved one, and returns it, or bytes ------------

ROWS = []


def spoiled(score, *words, doubt=False):
    """Register a way to spoil a notebook: the score it deserves, and words of what is told.

    A score may be a pair of bounds. ``doubt`` says whether a person should look at it.
    """

    def register(spoil):
        ROWS.append(pytest.param(spoil, score, words, doubt, id=spoil.__name__))
        return spoil

    return register


def cell_of(notebook, name):
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


def text_of(cell):
    return "".join(cell["source"])


def code(source, **more):
    return {"cell_type": "code", "metadata": {}, "outputs": [], "source": source, **more}


def without(notebook, *names):
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in names]
    return notebook


def add(notebook, *cells):
    notebook["cells"] += cells
    return notebook


def dumped(notebook, **options):
    return json.dumps(notebook, indent=1, ensure_ascii=False, **options)


def edited(notebook, old, new):
    """Change the text of the file itself."""
    text = dumped(notebook)
    assert old in text
    return text.replace(old, new).encode()


def prose(notebook, words):
    """Put words into the first text cell."""
    notebook["cells"][0]["source"] = words
    return notebook


# the file


@spoiled(FULL)
def as_it_should_be(nb):
    return nb


@spoiled(0, "empty", "hand it in again", doubt=True)
def an_empty_file(nb):
    return b""


@spoiled(0, "empty", doubt=True)
def blanks(nb):
    return b" \n\t\n"


@spoiled(0, "empty", doubt=True)
def nothing_but_nul_bytes(nb):
    return b"\0" * 4096


@spoiled(0, "no notebook", SAVE_AGAIN, doubt=True)
def a_text(nb):
    return b"Dear professor, my laptop died."


@spoiled(0, "no notebook", doubt=True)
def a_python_script(nb):
    return text_of(cell_of(nb, "softmax")).encode()


@spoiled(0, "no notebook", doubt=True)
def a_picture(nb):
    return b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20


@spoiled(0, "no notebook", doubt=True)
def the_page_that_github_shows(nb):
    return b"<!DOCTYPE html><html><body>{notebook}</body></html>"


@spoiled(0, "no list of cells", doubt=True)
def json_null(nb):
    return b"null"


@spoiled(0, "no list of cells", doubt=True)
def a_json_string(nb):
    return json.dumps("cells").encode()


@spoiled(0, "no list of cells", doubt=True)
def an_empty_object(nb):
    return b"{}"


@spoiled(0, "no list of cells", doubt=True)
def no_cells(nb):
    return {**nb, "cells": []}


@spoiled(0, "no list of cells", doubt=True)
def cells_that_are_a_number(nb):
    return {**nb, "cells": 12}


@spoiled(0, "no list of cells", doubt=True)
def cells_that_are_null(nb):
    return {**nb, "cells": None}


@spoiled(FULL, "damaged", doubt=True)
def cells_without_a_notebook(nb):
    return json.dumps(nb["cells"]).encode()


@spoiled(8.0, "damaged", "only its whole cells", SAVE_AGAIN, "`sequence_loss`", doubt=True)
def cut_in_the_third_exercise(nb):
    text = dumped(nb)
    return text[: text.index("Sum the negative log-likelihood")].encode()


@spoiled(FULL, "damaged", doubt=True)
def cut_by_one_byte(nb):
    return dumped(nb).encode()[:-1]


@spoiled((0, FULL), "damaged", doubt=True)
def the_first_half_is_missing(nb):
    data = dumped(nb).encode()
    return data[len(data) // 2 :]


@spoiled(FULL, "damaged", doubt=True)
def garbage_at_the_end(nb):
    return dumped(nb).encode() + b'\x00\xff}}]"garbage'


@spoiled(FULL, "NUL")
def nul_bytes_at_the_end(nb):
    return dumped(nb).encode() + b"\0" * 5000


@spoiled(FULL, "NUL")
def nul_bytes_here_and_there(nb):
    return dumped(nb).encode().replace(b"\n", b"\n\0")


@spoiled(FULL, "damaged", doubt=True)
def two_notebooks_in_one_file(nb):
    return dumped(nb).encode() * 2


@spoiled(FULL, "damaged", doubt=True)
def marks_of_a_merge_conflict(nb):
    conflict = '<<<<<<< HEAD\n  {"cell_type"'
    return dumped(nb, sort_keys=True).replace('{\n   "cell_type"', conflict, 1).encode()


@spoiled(FULL)
def a_byte_order_mark(nb):
    return b"\xef\xbb\xbf" + dumped(nb).encode()


@spoiled(FULL, "UTF-16")
def utf_16(nb):
    return dumped(nb).encode("utf-16")


@spoiled(FULL, "UTF-16")
def utf_16_without_a_mark(nb):
    return dumped(nb).encode("utf-16-be")


@spoiled(FULL, "UTF-32")
def utf_32(nb):
    return dumped(nb).encode("utf-32")


@spoiled(FULL, "not in UTF-8")
def latin_1_in_a_name(nb):
    text = (
        dumped(prose(nb, "Übung")).replace("e = np.exp", "é = np.exp").replace("e / e.", "é / é.")
    )
    assert "é / é.sum" in text
    return text.encode("latin-1", "replace")


@spoiled(FULL, "not in UTF-8")
def a_few_bad_bytes(nb):
    text = dumped(prose(nb, "循环神经网络 BAD")).encode()
    return text.replace(b"BAD", b"\xff\xe5\xbe")


@spoiled(FULL)
def windows_line_ends(nb):
    return dumped(nb).replace("\n", "\r\n").replace("\\n", "\\r\\n").encode()


@spoiled(FULL)
def bare_control_characters_in_strings(nb):
    return edited(nb, '\\n"', '\n"')


@spoiled(FULL, "nested too deeply", doubt=True)
def a_hundred_thousand_brackets(nb):
    nb["metadata"]["deep"] = "DEEP"
    return edited(nb, '"DEEP"', "[" * 50_000 + "]" * 50_000)


@spoiled(0, "lists and objects", "clear the outputs", doubt=True)
def a_million_empty_lists(nb):
    nb["metadata"]["many"] = [[]] * 500_000
    return nb


@spoiled(FULL)
def a_million_brackets_in_the_text(nb):
    return prose(nb, "[[[[{>*_`$" * 90_000)


@spoiled(FULL)
def huge_numbers(nb):
    nb["metadata"]["huge"] = "HUGE"
    return edited(nb, '"HUGE"', f"[{'9' * 10_000}, -1e999, 1e-999]")


@spoiled(FULL)
def not_a_number(nb):
    nb["metadata"]["nan"] = [float("nan"), float("inf"), -float("inf")]
    return nb


@spoiled(FULL)
def a_key_twice(nb):
    return edited(nb, '"cell_type": "code"', '"cell_type": "raw", "cell_type": "code"')


@spoiled(FULL, "first 16 MiB", "leave large data out", doubt=True)
def more_than_is_read(nb):
    return add(nb, code("1", metadata={"data": "x" * MAX_BYTES}))


@spoiled(FULL)
def an_animation_of_20_megabytes(nb):
    shown = {"output_type": "display_data", "metadata": {}, "data": {"text/html": "x" * 20_000_000}}
    nb["cells"][2:2] = [code("animate()", outputs=[shown])]
    return nb


@spoiled(FULL)
def a_figure_of_a_million_numbers(nb):
    data = {"application/json": {"x": [[0.5, 1.5]] * 400_000, "outputs": [{}], "a": '"outputs": ['}}
    shown = {"output_type": "display_data", "metadata": {}, "data": data}
    nb["cells"][2:2] = [code("1", outputs=[shown]), code("2", outputs=[])]
    return nb


@spoiled((4, FULL), "damaged", doubt=True)
def a_quote_is_lost_in_an_output(nb):
    shown = {"output_type": "stream", "name": "stdout", "text": "LOST"}
    nb["cells"][2:2] = [code("1", outputs=[shown])]
    return edited(nb, 'LOST"', "LOST")


@spoiled(FULL)
def megabytes_of_output(nb):
    for cell in nb["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 500_000}]
    return nb


# the notebook


@spoiled(FULL, "format is 3")
def format_3(nb):
    return nbformat.convert(nbformat.reads(dumped(nb), 4), 3)


@spoiled(FULL, "format is 2")
def format_2(nb):
    cells = [
        {"cell_type": "code", "input": text_of(cell), "language": "python", "outputs": []}
        if cell["cell_type"] == "code"
        else {"cell_type": "markdown", "source": text_of(cell)}
        for cell in nb["cells"]
    ]
    return {"metadata": {}, "nbformat": 2, "worksheets": [{"cells": cells, "metadata": {}}]}


@spoiled(FULL, "format is 99")
def a_format_of_the_future(nb):
    return {**nb, "nbformat": 99, "nbformat_minor": 12}


@spoiled(FULL, "format is unknown")
def no_format(nb):
    del nb["nbformat"]
    return nb


@spoiled(FULL, "format is four")
def a_format_in_words(nb):
    return {**nb, "nbformat": "four"}


@spoiled(FULL)
def metadata_of_the_wrong_type(nb):
    return {**nb, "metadata": [1, "two", None]}


@spoiled(FULL)
def a_kernel_of_another_language(nb):
    nb["metadata"] = {"kernelspec": {"name": "ir", "language": "R"}, "language_info": 7}
    return nb


@spoiled(0, "No exercise of this homework", "another one", doubt=True)
def another_homework(nb):
    other = json.loads(
        (classroom.REPOSITORY / "source/hw2_patterns/hw2_patterns.ipynb").read_bytes()
    )
    other["cells"] = [cell for cell in other["cells"] if "nbgrader" in cell["metadata"]]
    return other


# the cells


@spoiled(FULL, "cells have no text", doubt=True)
def cells_that_are_no_cells(nb):
    return add(nb, None, 7, "def softmax(o): ...", ["code"], {})


@spoiled(FULL)
def cells_without_a_type(nb):
    for cell in nb["cells"]:
        if cell["cell_type"] == "code":
            del cell["cell_type"]
    return nb


@spoiled(FULL)
def a_type_that_is_a_list(nb):
    cell_of(nb, "softmax")["cell_type"] = ["code"]
    return nb


@spoiled(FULL - 6, "left out", "Missing exercise cells: `sequence_loss_gradient`", doubt=True)
def a_cell_without_a_source(nb):
    del cell_of(nb, "sequence_loss_gradient")["source"]
    return nb


@spoiled(FULL - 6, "left out", "Missing exercise cells: `sequence_loss_gradient`", doubt=True)
def a_source_that_is_a_number(nb):
    cell_of(nb, "sequence_loss_gradient")["source"] = 42
    return nb


@spoiled(FULL)
def a_source_with_numbers_among_its_lines(nb):
    cell = cell_of(nb, "softmax")
    cell["source"] = [None, *cell["source"], 3, {}]
    return nb


@spoiled(FULL)
def metadata_of_cells_of_the_wrong_type(nb):
    for cell, wrong in zip(
        nb["cells"], [None, [], "text", 3, {"nbgrader": "x"}] * 20, strict=False
    ):
        cell["metadata"] = wrong
    return nb


@spoiled(FULL, "Missing exercise cells", "count all the same")
def no_metadata_and_no_ids(nb):
    for cell in nb["cells"]:
        del cell["metadata"], cell["id"]
    return nb


@spoiled(FULL)
def outputs_of_the_wrong_type(nb):
    for cell, wrong in zip(nb["cells"], [None, "text", 3, {"a": 1}, [None]] * 20, strict=False):
        cell["outputs"] = wrong
    return nb


@spoiled(FULL)
def the_same_id_everywhere(nb):
    for cell in nb["cells"]:
        cell["id"] = "softmax"
    return nb


@spoiled(FULL)
def ids_that_are_ours_on_other_cells(nb):
    nb["cells"].insert(0, code("EPSILON = 0.0", id="check_softmax"))
    for cell in nb["cells"]:
        if cell["id"] == "softmax":
            cell["source"] = (
                "".join(cell["source"]).replace("keepdims", "keepdims", 1) + "\nEPSILON"
            )
    return nb


@spoiled(FULL)
def ids_that_are_no_strings(nb):
    for number, cell in enumerate(nb["cells"]):
        cell["id"] = [number, None, {"a": 1}][number % 3]
    return nb


@spoiled(FULL, "is there twice", "last definition counts")
def an_exercise_twice(nb):
    return add(nb, copy.deepcopy(cell_of(nb, "softmax")))


@spoiled(FULL - 6, "is there twice", "last definition counts")
def an_exercise_twice_and_then_wrong(nb):
    again = copy.deepcopy(cell_of(nb, "sequence_loss_gradient"))
    again["source"] = "def sequence_loss_gradient(o, y, mask=None):\n    return o"
    return add(nb, again)


@spoiled(FULL)
def every_cell_twice_but_the_exercises(nb):
    copies = [copy.deepcopy(cell) for cell in nb["cells"] if cell["id"] not in WORTH]
    return add(nb, *copies)


@spoiled(FULL - 6, "Missing exercise cells: `sequence_loss`.")
def an_exercise_deleted(nb):
    return without(nb, "sequence_loss")


@spoiled(FULL, "Missing exercise cells: `softmax`.", "defined elsewhere")
def an_exercise_in_another_cell(nb):
    moved = code(text_of(cell_of(nb, "softmax")))
    return add(without(nb, "softmax"), moved)


@spoiled(0, "Missing exercise cells: `softmax`, `log_softmax`, `sequence_loss`,", doubt=True)
def all_exercises_deleted(nb):
    return without(nb, *WORTH)


@spoiled(FULL)
def the_check_cells_deleted(nb):
    return without(nb, *(f"check_{name}" for name in WORTH))


@spoiled(FULL)
def all_but_the_exercises_deleted(nb):
    nb["cells"] = [cell for cell in nb["cells"] if cell["id"] in WORTH]
    return nb


@spoiled(FULL, "`check_softmax` was changed")
def a_check_cell_edited(nb):
    cell_of(nb, "check_softmax")["source"] = "check(softmax)\nprint(softmax(np.eye(3)))\n100.0"
    return nb


@spoiled(FULL)
def cells_in_the_reverse_order(nb):
    nb["cells"].reverse()
    return nb


@spoiled(FULL)
def labels_of_two_exercises_swapped(nb):
    first, second = cell_of(nb, "softmax"), cell_of(nb, "log_softmax")
    first["metadata"], second["metadata"] = second["metadata"], first["metadata"]
    return nb


@spoiled(FULL, "`check_softmax` was changed")
def an_exercise_labelled_as_its_check(nb):
    first, second = cell_of(nb, "softmax"), cell_of(nb, "check_softmax")
    first["metadata"], second["metadata"] = second["metadata"], first["metadata"]
    return nb


@spoiled(FULL, "Missing exercise cells")
def labels_that_nobody_knows(nb):
    for cell in nb["cells"]:
        cell["metadata"] = {"nbgrader": {"grade_id": "mine", "grade": True, "points": 50}}
        cell["id"] = "x" + cell["id"]
    return nb


@spoiled(FULL, "was no code cell")
def an_exercise_that_is_markdown(nb):
    cell_of(nb, "softmax")["cell_type"] = "markdown"
    return nb


@spoiled(FULL, "was no code cell")
def an_exercise_that_is_raw(nb):
    cell_of(nb, "softmax")["cell_type"] = "raw"
    return nb


@spoiled(FULL)
def a_check_cell_that_is_markdown(nb):
    cell_of(nb, "check_softmax")["cell_type"] = "markdown"
    return nb


@spoiled(FULL)
def a_text_cell_that_is_code(nb):
    nb["cells"][1].update(code(text_of(cell_of(nb, "softmax"))))
    cell_of(nb, "softmax")["source"] = "pass"
    return nb


@spoiled(FULL)
def points_in_the_metadata(nb):
    for cell in nb["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"].update(points=1000, max_score=1e9, schema_version=99)
    return nb


@spoiled(0, "Nothing is written in any exercise", doubt=True)
def points_for_a_stub(nb):
    for name in WORTH:
        cell_of(nb, name)["source"] = "raise NotImplementedError"
        cell_of(nb, f"check_{name}")["metadata"]["nbgrader"].update(points=0, grade=False)
        cell_of(nb, name)["metadata"]["nbgrader"].update(grade=True, points=20)
    return nb


@spoiled(FULL)
def check_cells_marked_as_solutions(nb):
    for name in WORTH:
        mark = cell_of(nb, f"check_{name}")["metadata"]["nbgrader"]
        mark.update(solution=True, grade=False, locked=False, task=True)
    return nb


@spoiled(FULL)
def exercises_tagged_as_demonstrations(nb):
    for cell in nb["cells"]:
        cell["metadata"]["tags"] = ["demo"]
    return nb


@spoiled(FULL)
def a_function_in_a_demonstration(nb):
    demo = next(c for c in nb["cells"] if "demo" in c["metadata"].get("tags", []))
    demo["source"] = text_of(cell_of(nb, "softmax")) + "\nwhile True:\n    pass"
    cell_of(nb, "softmax")["source"] = "# see the demonstration"
    return nb


@spoiled(FULL)
def thousands_of_cells(nb):
    return add(nb, *(code(f"x{number} = {number}") for number in range(3000)))


@spoiled(FULL, "cells, of which 5000 were read", doubt=True)
def the_exercises_after_too_many_cells(nb):
    nb["cells"][:0] = [code("")] * 20_000
    return nb


@spoiled(FULL)
def a_long_source(nb):
    cell = cell_of(nb, "softmax")
    cell["source"] = text_of(cell) + "\n" + "# again and again\n" * 50_000
    return nb


@spoiled(FULL - 6, "more than 1,000,000 characters", doubt=True)
def too_long_a_source(nb):
    cell_of(nb, "sequence_loss_gradient")["source"] += ["#" * 1_000_001]
    return nb


@spoiled(FULL, "Characters that no text holds")
def nul_characters_in_a_source(nb):
    cell = cell_of(nb, "softmax")
    cell["source"] = text_of(cell).replace("\n", "\n\0")
    return nb


@spoiled(FULL, "Characters that no text holds")
def half_characters_in_a_source(nb):
    cell = cell_of(nb, "softmax")
    cell["source"] = "# \ud83d\n" + text_of(cell) + "# \udc00"
    return json.dumps(nb).encode()


@spoiled(FULL, "Characters that no text holds")
def a_byte_order_mark_in_a_source(nb):
    cell = cell_of(nb, "softmax")
    cell["source"] = "\ufeff" + text_of(cell)
    return nb


@spoiled(FULL)
def attachments(nb):
    picture = {"x.png": {"image/png": "iVBORw0KGgo="}}
    markdown = {"cell_type": "markdown", "metadata": {}, "attachments": picture}
    return add(nb, {**markdown, "source": "![x](attachment:x.png) ![y](attachment:missing.png)"})


@spoiled(FULL, "exercise softmax: Line 1: SyntaxError")
def no_python_at_first(nb):
    cell = cell_of(nb, "softmax")
    nb["cells"].insert(2, code(text_of(cell)))
    cell["source"] = "def softmax(o:"
    return nb


@spoiled(FULL, "ZeroDivisionError")
def a_cell_that_fails(nb):
    nb["cells"].insert(0, code("1 / 0"))
    return nb


@spoiled(FULL, "and 30 more")
def fifty_cells_that_fail(nb):
    return add(nb, *[code("1 / 0")] * 50)


# --- and how it is graded ---------------------------------------------------------------------


@pytest.mark.parametrize(("spoil", "score", "words", "doubt"), ROWS)
def test_what_can_be_read_is_graded_and_the_rest_is_told(
    homework, solved, spoil, score, words, doubt
):
    made = spoil(copy.deepcopy(solved))
    graded = grade(made if isinstance(made, bytes) else data_of(made), homework)
    total = sum(graded.scores.values())
    low, high = score if isinstance(score, tuple) else (score, score)
    told = page_top(graded.notebook)
    assert low <= total <= high, graded.record
    assert bool(graded.record.doubts) == doubt, graded.record
    for word in words:
        assert word in told
    assert told or not words
    assert_sound(graded)


def page_top(notebook):
    """What the student reads first, as plain text, if anything is wrong."""
    first = notebook.cells[0]
    if first.id != "about-this-submission":
        return ""
    return re.sub("<code>|</code>", "`", first.source).replace("&#x27;", "'")


def assert_sound(graded):
    """Every function has a score in its check cell, and nbgrader can take the notebook."""
    nbformat.validate(graded.notebook)
    checks = [c for c in graded.notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    points = {c.id.removeprefix("check_"): float(c.outputs[1].data["text/plain"]) for c in checks}
    assert points == graded.scores
    assert {c.id.removeprefix("check_"): c.metadata.nbgrader.points for c in checks} == WORTH
    assert len(checks) == len(WORTH)
    ids = [cell.id for cell in graded.notebook.cells]
    assert len(set(ids)) == len(ids)


def test_there_are_fifty_of_them():
    assert len(ROWS) >= 50


def test_a_page_holds_no_more_than_can_be_shown(homework, solved):
    notebook = add(copy.deepcopy(solved), *[code("x = '" + "a'+'" * 100_000 + "'")] * 3)
    prose(notebook, "<[[![](" * 10_000)
    graded = grade(data_of(notebook), homework)
    assert sum(graded.scores.values()) == FULL
    text = nbformat.writes(graded.notebook)
    assert len(text) < 400_000
    assert "more characters are not shown" in text
    start = time.process_time()
    page, _ = HTMLExporter(template_name="classic").from_notebook_node(graded.notebook)
    assert time.process_time() - start < 30  # not minutes
    assert page.count("&lt;[[![](") + page.count("&lt;&#91;&#91;!&#91;](") == 10_000


def test_the_same_submission_gives_the_same_bytes(homework, solved):
    notebook = fifty_cells_that_fail(copy.deepcopy(solved))
    address = "def softmax(o):\n    raise ValueError(object())"
    data = data_of(with_function(notebook, "softmax", address))
    first, second = (nbformat.writes(grade(data, homework).notebook) for _ in range(2))
    assert first == second
    assert "object at 0x…" in first


HOSTILE = """<script>alert(1)</script> <img src=x onerror=alert(2)> [x](javascript:alert(3))
$\\href{javascript:alert(4)}{x}$ <!-- ``` -->
```
<script>alert(5)</script>
````
<b onmouseover=alert(6)>
"""


@pytest.mark.parametrize("kind", ["markdown", "raw", "html", "heading"])
def test_a_page_shows_what_a_student_wrote_and_runs_nothing_of_it(homework, solved, kind):
    notebook = add(copy.deepcopy(solved), {"cell_type": kind, "metadata": {}, "source": HOSTILE})
    notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    raising = f"def softmax(o):\n    raise ValueError({HOSTILE!r})"
    with_function(notebook, "softmax", raising)
    add(notebook, code(f"raise ValueError({HOSTILE!r})"))
    graded = grade(data_of(notebook), homework)
    page, _ = HTMLExporter(template_name="classic").from_notebook_node(graded.notebook)
    body = page[page.index("<body") :]
    assert "alert(1)" in body
    assert not re.search(r"<(script|img|b)\b[^>]*(>alert|onerror|onmouseover)", body)
    assert not re.search(r"href=.javascript", body)
    for place in re.finditer(r"\\href", body):  # where MathJax does not look
        before = body[: place.start()]
        assert "mathjax_ignore" in before or before.rindex("<pre") > before.rfind("</pre")


# --- the folder -------------------------------------------------------------------------------


def found(folder):
    record = Record()
    return find(folder, NAME, record), " ".join(record.problems), bool(record.doubts)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / NAME
    made.mkdir()
    return made


GOOD = b"a notebook with sequence_loss"


def test_the_right_name_is_taken_and_other_files_do_not_matter(folder):
    (folder / f"{NAME}.ipynb").write_bytes(GOOD)
    for other in ("a.ipynb", "numpy.py", "conftest.py", "sitecustomize.py", "data.json"):
        (folder / other).write_bytes(b"softmax log_softmax sequence_loss")
    assert found(folder) == (GOOD, "", False)


def test_another_name_is_taken_where_the_right_one_is_missing(folder):
    (folder / "Homework 3 (1).ipynb").write_bytes(GOOD)
    data, told, doubt = found(folder)
    assert (data, doubt) == (GOOD, False)
    assert f"should be named `{NAME}.ipynb`" in told
    assert "Homework 3 (1).ipynb` was graded" in told


def test_of_several_the_one_with_most_of_the_homework_is_taken(folder):
    (folder / "a.ipynb").write_bytes(b"nothing")
    (folder / "b.ipynb").write_bytes(b"softmax")
    (folder / "c.ipynb").write_bytes(GOOD + b"log_softmax")
    data, told, doubt = found(folder)
    assert data == GOOD + b"log_softmax"
    assert doubt
    assert "c.ipynb" in told


def test_an_empty_file_of_the_right_name_does_not_hide_another(folder):
    (folder / f"{NAME}.ipynb").write_bytes(b"")
    (folder / "copy.ipynb").write_bytes(GOOD)
    data, told, doubt = found(folder)
    assert data == GOOD
    assert doubt
    assert "copy.ipynb" in told


def test_a_folder_in_place_of_the_file_is_looked_into(folder):
    (folder / f"{NAME}.ipynb").mkdir()
    (folder / f"{NAME}.ipynb" / "x.ipynb").write_bytes(GOOD)
    assert found(folder)[0] == GOOD


def test_a_file_in_place_of_the_folder_is_read(folder):
    folder.rmdir()
    folder.write_bytes(GOOD)
    assert found(folder)[0] == GOOD


def test_a_folder_in_a_folder_is_looked_into_but_no_hidden_one(folder):
    (folder / "work" / NAME).mkdir(parents=True)
    (folder / "work" / NAME / f"{NAME}.ipynb").write_bytes(GOOD)
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / f"{NAME}.ipynb").write_bytes(GOOD + b"softmax")
    data, told, doubt = found(folder)
    assert (data, doubt) == (GOOD, False)
    assert f"work/{NAME}/{NAME}.ipynb" in told


def test_an_empty_folder_holds_no_notebook(folder):
    data, told, doubt = found(folder)
    assert data is None
    assert doubt
    assert f"hand in `{NAME}.ipynb`" in told


def test_no_link_is_followed(folder, tmp_path):
    (tmp_path / "alice.ipynb").write_bytes(GOOD)
    (tmp_path / "alice").mkdir()
    (tmp_path / "alice" / "x.ipynb").write_bytes(GOOD)
    (folder / f"{NAME}.ipynb").symlink_to(tmp_path / "alice.ipynb")
    (folder / "other.ipynb").symlink_to(tmp_path / "alice.ipynb")
    (folder / "more").symlink_to(tmp_path / "alice")
    data, told, doubt = found(folder)
    assert data is None
    assert doubt
    assert "is a link" in told


@pytest.mark.parametrize("name", [f"{NAME}.ipynb", "other.ipynb"])
def test_a_pipe_is_not_waited_for(folder, name):
    os.mkfifo(folder / name)
    data, told, doubt = found(folder)
    assert data is None
    assert doubt
    assert f"`{name}` cannot be read: it is no ordinary file" in told


def test_a_socket_is_not_read(folder, monkeypatch):
    monkeypatch.chdir(folder)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{NAME}.ipynb")
        data, told, doubt = found(folder)
    assert data is None
    assert doubt
    assert "cannot be read" in told


@pytest.mark.parametrize("closed", ["file", "folder"])
def test_what_must_not_be_read_is_told(folder, closed):
    (folder / f"{NAME}.ipynb").write_bytes(GOOD)
    (folder / f"{NAME}.ipynb" if closed == "file" else folder).chmod(0)
    folder.parent.chmod(0o755)
    user = os.geteuid()
    try:
        if user == 0:
            for above in folder.parent.parents[:-2]:
                above.chmod(0o755)
            os.seteuid(65534)
        data, told, doubt = found(folder)
    finally:
        os.seteuid(user)
        folder.chmod(0o755)
    assert data is None
    assert doubt
    assert "cannot be read: Permission denied" in told


def test_a_huge_file_is_read_in_part(folder):
    with open(folder / f"{NAME}.ipynb", "wb") as file:
        file.write(GOOD)
        file.truncate(2**40)  # sparse
    data, _, _ = found(folder)
    assert len(data) == MAX_FILE + 1


def test_the_right_name_is_found_among_any_number_of_files(folder, monkeypatch):
    monkeypatch.setattr(submission, "MAX_FILES", 20)
    for number in range(100):
        (folder / f"{number}.ipynb").write_bytes(b"softmax")
    (folder / f"{NAME}.ipynb").write_bytes(GOOD)
    assert found(folder) == (GOOD, "", False)


def test_deep_folders_are_not_looked_into(folder):
    deep = folder / "/".join("abcdefgh")
    deep.mkdir(parents=True)
    (deep / f"{NAME}.ipynb").write_bytes(GOOD)
    assert found(folder)[0] is None


def test_names_are_told_on_one_line_and_short(folder):
    (folder / ("\x1b[2J\n" + "x" * 200 + ".ipynb")).write_bytes(GOOD)
    _, told, _ = found(folder)
    assert told.isprintable()
    assert len(told) < 250


# --- a class ----------------------------------------------------------------------------------


def the_class(course):
    """Hand in all kinds of things, beside healthy ones; return the scores that they deserve."""
    solved, stub = classroom.solved(), classroom.released()
    healthy = ["ada", "bob smith", "d.o.t", "李雷", "o-neil; rm", "[x]"]
    for student in healthy:
        hand_in(course, student, solved)
    deserved = dict.fromkeys(healthy, FULL)

    def odd(student, score=0.0, notebook=None, **how):
        deserved[student] = score
        return hand_in(course, student, notebook, **how)

    odd("stub", notebook=stub)
    odd("no-timestamp", FULL, solved, timestamp=None)
    odd("empty-timestamp", FULL, solved, timestamp="")
    for number, when in enumerate(["yesterday", "0001-01-01 00:00 +2359", "9" * 5000 + "\0\xff"]):
        odd(f"timestamp-{number}", FULL, solved, timestamp=when)
    odd("iso-timestamp", FULL, solved, timestamp="2026-03-01T12:00:00+08:00")
    os.mkfifo(odd("pipe-timestamp", FULL, solved, timestamp=None) / "timestamp.txt")
    (odd("folder-timestamp", FULL, solved, timestamp=None) / "timestamp.txt").mkdir()
    odd("wrong-name", FULL, solved, file="Homework 3-Copy1 (2).ipynb")
    odd("no-ending", FULL, solved, file=NAME)
    odd("nothing")
    inner = odd("folder-for-file", FULL) / f"{NAME}.ipynb"
    inner.mkdir()
    (inner / "mine.ipynb").write_bytes(data_of(solved))
    shadows = odd("shadows", FULL, solved)
    for name in ("numpy.py", "conftest.py", "sitecustomize.py", "pytest.py", "usercustomize.py"):
        (shadows / name).write_text("raise SystemExit('shadowed')")
    (odd("link-to-file") / f"{NAME}.ipynb").symlink_to(
        course / f"submitted/ada/{NAME}/{NAME}.ipynb"
    )
    (course / "submitted/link-to-student").symlink_to("ada")
    (course / "submitted/link-to-folder").mkdir()
    (course / f"submitted/link-to-folder/{NAME}").symlink_to(course / f"submitted/ada/{NAME}")
    deserved.update({"link-to-student": 0.0, "link-to-folder": 0.0})
    links = odd("links-beside", FULL, solved)
    (links / "seed.html").symlink_to(course / ".secret_seed")
    (links / "zero.txt").symlink_to("/dev/zero")
    os.mkfifo(links / "pipe.txt")
    (links / "notes.txt").write_text("mine")
    os.mkfifo(odd("pipe") / f"{NAME}.ipynb")
    odd("truncated", 8.0, cut_in_the_third_exercise(copy.deepcopy(solved)))
    odd("empty-file", notebook=b"")
    odd("hostile-ids", FULL, the_same_id_everywhere(copy.deepcopy(solved)))
    (course / "submitted/a-file").write_text("no folder")
    return deserved


FOR_A_PERSON = {
    *("nothing", "link-to-file", "link-to-student", "link-to-folder", "pipe", "truncated"),
    *("empty-file", "pipe-timestamp", "folder-timestamp", "empty-timestamp", "stub"),
    *(f"timestamp-{number}" for number in range(3)),
}


@pytest.fixture(scope="module")
def graded_class(tmp_path_factory):
    """A class that was graded by our command: the course, the scores deserved, what was told."""
    course = classroom.make_course(tmp_path_factory.mktemp("course") / "ours")
    (course / ".secret_seed").write_text("the same for both")
    shutil.copytree(course, course.with_name("theirs"))
    deserved = the_class(course)
    return course, deserved, classroom.run(course, "autograder", "grade", NAME)


def test_nothing_that_is_handed_in_stops_a_class_from_being_graded(graded_class):
    course, deserved, (status, told, errors) = graded_class
    assert classroom.scores(course) == deserved
    assert status == 1
    assert errors == ""
    lines = told.splitlines()
    assert f"{len(deserved)} of {len(deserved)} graded" in lines[-2]
    assert lines[-1] == (
        f"{len(FOR_A_PERSON)} for a person to look at: {', '.join(sorted(FOR_A_PERSON))}."
    )
    for student in FOR_A_PERSON:
        assert any(line.startswith(f"{student}: ") for line in lines)


def test_of_the_other_files_only_ordinary_ones_are_kept(graded_class):
    course, _, _ = graded_class
    kept = {path.name for path in (course / f"autograded/links-beside/{NAME}").iterdir()}
    ours = {f"{NAME}.ipynb", "timestamp.txt", "submission_secret.txt"}
    assert kept == {*ours, "notes.txt"}
    kept = {path.name for path in (course / f"autograded/link-to-student/{NAME}").iterdir()}
    assert kept == ours


def test_what_was_wrong_stands_at_the_top_of_the_feedback(graded_class):
    course, _, _ = graded_class
    status, _, errors = classroom.run(
        course, "nbgrader", "generate_feedback", NAME, "--student", "truncated"
    )
    assert status == 0, errors
    page = (course / f"feedback/truncated/{NAME}/{NAME}.html").read_text()
    body = page[page.index("<body") :]
    assert 0 < body.index("The file is damaged") < body.index("<section")


def settled(course):
    """Return what grading left, but the times and secrets that were made in place of bad ones."""
    return {
        path: content
        for path, content in classroom.autograded(course).items()
        if not ("timestamp" in path.split("/")[0] and path.endswith("timestamp.txt"))
        and not path.endswith("submission_secret.txt")
    }


def test_nbgrader_grades_the_same_class_alike(graded_class):
    ours, _, _ = graded_class
    theirs = ours.with_name("theirs")
    the_class(theirs)
    status, _, told = classroom.run(theirs, "nbgrader", "autograde", NAME)
    assert status == 0, told
    assert classroom.gradebook(theirs) == classroom.gradebook(ours)
    assert settled(theirs) == settled(ours)
    for student in FOR_A_PERSON:
        assert f"{student}: " in told
