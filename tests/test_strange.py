"""Right work that strangers hand in, in ways that nobody here would choose, and what is told."""

import copy
import json
import linecache
import os
import subprocess
import sys

import pytest

from autograder import check
from autograder.course.lab import lab
from autograder.grading.grade import IN_GRADING, Homework, grade
from autograder.grading.sandbox import Limits
from autograder.grading.submission import Record, find, read
from autograder.notebook import lacking
from autograder.suite import homeworks
from tests import classroom
from tests.classroom import FULL, NAME, WORTH, data_of, with_function

HW1 = "hw1_unrolling"


@pytest.fixture(scope="module")
def homework():
    return Homework.load(classroom.REPOSITORY, NAME)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / NAME).mkdir()
    return tmp_path / NAME


def code(source, **more):
    return {"cell_type": "code", "id": "mine", "metadata": {}, "source": source, **more}


def judged(notebook, homework, **limits):
    graded = grade(data_of(notebook), homework, Limits(**limits))
    return sum(graded.scores.values()), graded.record


def cell_of(notebook, name):
    return next(cell for cell in notebook["cells"] if cell.get("id") == name)


def solved_in(name):
    """The released notebook of any homework, with its solutions in it."""
    source = Homework.load(classroom.REPOSITORY, name).source
    answers = {cell.id: cell.source for cell in source.cells}
    notebook = json.loads((classroom.REPOSITORY / f"assignments/{name}/{name}.ipynb").read_bytes())
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = answers[cell["id"]]
    return notebook


def text_of(notebook, name):
    return "".join(cell_of(notebook, name)["source"])


# --- cells of one's own that take long --------------------------------------------------------

SLOW = "import sys, time\ndef mine(): return 1\nfor _ in range(99): time.sleep(0.1)"


def test_slow_cells_of_ones_own_take_nothing_from_the_exercises(homework):
    notebook = classroom.solved()
    notebook["cells"][3:3] = [code(SLOW) for _ in range(14)]
    score, record = judged(notebook, homework, cell_seconds=0.5, own_seconds=1.2)
    assert score == FULL
    assert any("1.2 s together" in told for told in record.problems)


def test_what_slow_cells_define_is_there_all_the_same(homework):
    notebook = classroom.solved()
    notebook["cells"].insert(3, code(SLOW.replace("mine", "helper")))
    notebook["cells"].insert(4, code("K = 0"))
    answer = text_of(notebook, "softmax")
    with_function(notebook, "softmax", f"{answer}\nassert helper() == 1 and K == 0")
    score, record = judged(notebook, homework, own_seconds=0.5)
    assert score == FULL
    assert len(record.problems) == 1


def test_an_exercise_that_never_ends_has_no_time_of_ones_own(homework):
    notebook = with_function(classroom.solved(), "softmax", "while True: pass")
    score, record = judged(notebook, homework, cell_seconds=0.5)
    assert score < FULL
    assert any(told.startswith("exercise softmax: It took longer") for told in record.problems)


# --- large outputs ----------------------------------------------------------------------------


def test_outputs_cut_nothing_however_large_they_are():
    notebook = classroom.solved()
    film = [f'frames[{n}] = "data:image/png;base64,iVBORw0KGgo\\\n' for n in range(1_200_000)]
    shown = {"output_type": "display_data", "metadata": {}, "data": {"text/html": film}}
    notebook["cells"].insert(
        2, code("1", outputs=[shown, {**shown, "data": {"x": ["1"] * (3 * 10**6 + 1)}}])
    )
    record, data = Record(), data_of(notebook)
    assert len(data) > 64 * 2**20
    cells = read(data, record)
    assert not record.problems
    assert len(cells) == len(notebook["cells"])


# --- several notebooks ------------------------------------------------------------------------


def test_a_solved_copy_is_graded_where_the_original_is_untouched(folder):
    (folder / f"{NAME}.ipynb").write_bytes(data_of(classroom.released()))
    (folder / f"{NAME}-Copy1.ipynb").write_bytes(data_of(classroom.solved()))
    record = Record()
    assert find(folder, NAME, record) == data_of(classroom.solved())
    assert record.doubts == [
        f"Nothing is written in `{NAME}.ipynb`: `{NAME}-Copy1.ipynb` was graded in its place."
    ]


def test_a_copy_with_more_in_it_is_told(folder):
    half = classroom.released()
    with_function(half, "softmax", text_of(classroom.solved(), "softmax"))
    (folder / f"{NAME}.ipynb").write_bytes(data_of(half))
    (folder / "b.ipynb").write_bytes(data_of(classroom.solved()))
    record = Record()
    assert find(folder, NAME, record) == data_of(half)
    assert record.doubts == [
        f"More is written in `b.ipynb` than in `{NAME}.ipynb`, which was graded."
    ]


def test_an_untouched_copy_beside_solved_work_is_no_matter(folder):
    (folder / f"{NAME}.ipynb").write_bytes(data_of(classroom.solved()))
    (folder / "b.ipynb").write_bytes(data_of(classroom.released()))
    record = Record()
    assert find(folder, NAME, record) == data_of(classroom.solved())
    assert not record.problems


# --- what is read, and strange ----------------------------------------------------------------


def test_a_stub_after_a_filled_copy_is_for_a_person(homework):
    notebook = classroom.solved()
    filled = code(text_of(notebook, "softmax"))
    with_function(notebook, "softmax", text_of(classroom.released(), "softmax"))
    notebook["cells"].insert(2, filled)
    score, record = judged(notebook, homework)
    assert score < FULL
    assert any(told.startswith("`softmax` is written in a cell, but") for told in record.doubts)


def test_the_released_file_is_for_a_person(homework):
    score, record = judged(classroom.released(), homework)
    assert score == 0
    assert record.doubts == ["Nothing is written in any exercise: is it the file that was meant?"]


def test_a_homework_that_is_half_written_is_not(homework):
    half = classroom.released()
    with_function(half, "softmax", text_of(classroom.solved(), "softmax"))
    assert judged(half, homework)[1].doubts == []


@pytest.mark.parametrize(
    "line",
    ["import torch_of_tomorrow.special", "from torch_of_tomorrow import special", "import cupy"],
)
def test_an_import_that_took_an_exercise_is_for_a_person(homework, line):
    notebook = classroom.solved()
    with_function(notebook, "softmax", f"{line}\n{text_of(notebook, 'softmax')}")
    score, record = judged(notebook, homework)
    assert score < FULL
    assert IN_GRADING in record.doubts


def test_an_import_in_a_function_is_for_a_person(homework):
    notebook = with_function(
        classroom.solved(), "softmax", "def softmax(o):\n    import torch_of_tomorrow\n"
    )
    assert IN_GRADING in judged(notebook, homework)[1].doubts


def test_an_import_that_cost_nothing_is_not(homework):
    notebook = classroom.solved()
    notebook["cells"].insert(2, code("import torch_of_tomorrow"))
    score, record = judged(notebook, homework)
    assert score == FULL
    assert not record.doubts


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("import scipy.special as s, os", "`scipy`"),
        ("def f():\n    from torch.nn import functional", "`torch`"),
        ("import numpy as np, matplotlib.pyplot as plt\nfrom __future__ import annotations", ""),
        ("from . import x\nimport graphviz, json", ""),
        ("%matplotlib inline\nimport scipy", "`scipy`"),
        ("def (", ""),
    ],
)
def test_the_check_says_beforehand_what_grading_may_lack(source, named):
    note = lacking([source])
    assert (named in f"{note._repr_html_()} {note._first}") if named else note is None


def test_a_check_in_a_notebook_tells_it_of_the_functions_cell(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = "def softmax(o):\n    import scipy\n    return o\n"
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(True), "<cell>")
    names = {}
    exec(compile(source, "<cell>", "exec"), names)
    check(names["softmax"])
    assert "import scipy, which grading may lack" in capsys.readouterr().out


def test_a_check_in_a_terminal_tells_it(capsys, tmp_path):
    notebook = classroom.solved()
    notebook["cells"].insert(2, code("try:\n    import no_such_package\nexcept ImportError: pass"))
    (tmp_path / f"{NAME}.ipynb").write_bytes(data_of(notebook))
    _, told, _ = classroom.run(tmp_path, "autograder", "check", f"{NAME}.ipynb")
    assert "import no_such_package, which grading may lack" in told
    assert "20 of 20 points" in told


# --- programs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "drawn",
    [
        'graph.render("x")',
        'graph.render("x", format="svg", view=True, cleanup=True)',
        "graph.view()",
        "graph.pipe()",
        'graph.pipe(format="svg", encoding="utf-8")',
        'graph.pipe("svg").decode()',
    ],
)
def test_a_graph_may_be_drawn_before_it_comes_back(drawn):
    homework = Homework.load(classroom.REPOSITORY, HW1)
    notebook = solved_in(HW1)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = cell["source"].replace(
                "    return graph", f"    {drawn}\n    return graph"
            )
    assert drawn in data_of(notebook).decode().replace('\\"', '"')
    assert judged(notebook, homework)[0] == FULL


def test_other_programs_are_not_started_and_a_person_is_told(homework):
    start = "import subprocess\nsubprocess.run(['ls'], check=True)\n"
    notebook = classroom.solved()
    with_function(notebook, "softmax", start + text_of(notebook, "softmax"))
    score, record = judged(notebook, homework)
    assert score < FULL
    assert any("grading starts no programs, and so not 'ls'" in told for told in record.problems)
    assert IN_GRADING in record.doubts


# --- what editors do to cells that nobody touched ---------------------------------------------


def with_blanks(source):
    return "".join(f"{line}  \n" for line in source.split("\n")) + "\n\n"


@pytest.mark.parametrize(
    "edit",
    [
        with_blanks,
        lambda source: source.replace("\n", "\r\n") + "\r\n",
        lambda source: source.replace("\n", "\r"),
        lambda source: "\n" + source,
    ],
)
def test_cells_with_other_blanks_were_not_changed(homework, edit):
    notebook = copy.deepcopy(classroom.solved())
    for cell in notebook["cells"]:
        if cell["id"] not in WORTH:
            cell["source"] = edit("".join(cell["source"]))
    graded = grade(data_of(notebook), homework)
    assert sum(graded.scores.values()) == FULL
    assert not graded.record.problems
    assert len(graded.notebook.cells) == len(notebook["cells"])


def of_pycharm(cell, number):
    """What PyCharm saves: no ids, a mark of its own, no blanks where lines end."""
    del cell["id"]
    mark = "#%%\n" if cell["cell_type"] == "code" else "#%% md\n"
    cell["metadata"] |= {"pycharm": {"name": mark, "is_executing": False}, "collapsed": False}
    cell["source"] = with_blanks("".join(cell["source"])).replace("  \n", "\n")
    return "pycharm-1a2b3c"


def of_vs_code(cell, number):
    """What VS Code saves: ids and a mark of its own."""
    cell["id"] = f"#VSC-{number:08x}"
    cell["metadata"] |= {"vscode": {"languageId": "python"}}
    return ".venv"


@pytest.mark.parametrize("homework_name", [NAME, HW1])
@pytest.mark.parametrize("editor", [of_pycharm, of_vs_code])
def test_what_another_editor_saves_gets_no_note_of_changes(editor, homework_name):
    notebook = solved_in(homework_name)
    for number, cell in enumerate(notebook["cells"]):
        kernel = editor(cell, number)
    notebook["metadata"]["kernelspec"] = {"name": kernel, "display_name": kernel}
    notebook["nbformat_minor"] = 4
    graded = grade(data_of(notebook), Homework.load(classroom.REPOSITORY, homework_name))
    assert sum(graded.scores.values()) == FULL
    assert not graded.record.problems
    assert len(graded.notebook.cells) == len(notebook["cells"])


@pytest.mark.parametrize("editor", [of_pycharm, of_vs_code])
def test_an_editor_that_drops_nbgraders_metadata_costs_no_points(homework, editor):
    notebook = classroom.solved()
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] = {}
        editor(cell, number)
    score, record = judged(notebook, homework)
    assert score == FULL
    assert not any("was changed" in told for told in record.problems)


@pytest.mark.parametrize("name", [f"{NAME}.json", f"{NAME}.ipynb.txt", f"{NAME}.ipynb.json"])
def test_a_file_that_a_browser_renamed_is_graded(folder, name):
    (folder / name).write_bytes(data_of(classroom.solved()))
    (folder / "__MACOSX").mkdir()
    (folder / f"__MACOSX/._{NAME}.ipynb").write_bytes(b"\0\5\x16\7 Mac OS X")
    record = Record()
    assert find(folder, NAME, record) == data_of(classroom.solved())
    assert not record.doubts


# --- machines ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("user", "options"), [(0, ["--allow-root"]), (1000, [])])
def test_jupyterlab_opens_for_root_too(tmp_path, monkeypatch, user, options):
    (tmp_path / "jupyterlab.py").write_text("import sys; open('told', 'w').write(str(sys.argv))")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert lab(tmp_path, []) == 0
    told = (tmp_path / "work/told").read_text()
    assert [option for option in ["--allow-root"] if option in told] == options


@pytest.mark.parametrize("kind", ["source", "assignments"])
@pytest.mark.parametrize("homework_name", homeworks())
def test_every_notebook_names_the_kernel_that_every_jupyter_has(kind, homework_name):
    path = classroom.REPOSITORY / kind / homework_name / f"{homework_name}.ipynb"
    assert json.loads(path.read_bytes())["metadata"]["kernelspec"]["name"] == "python3"


def test_without_the_environment_the_command_is_named():
    command = [sys.executable, "-S", "-m", "autograder"]
    told = subprocess.run(command, cwd=classroom.REPOSITORY, capture_output=True, text=True)
    assert told.returncode == 2
    assert "make install" in told.stderr
    assert "Traceback" not in told.stderr
