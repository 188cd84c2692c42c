"""The course check finds what is wrong with a course, and says what to do.

That nothing is wrong with this one is `make verify`'s to say.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from autograder import diagnosis, suite, tape
from autograder.course.verify import verify
from autograder.course.written import written

COURSE = Path(__file__).parents[1]
HOMEWORK = "hw3_softmax_loss"


@pytest.fixture
def course(tmp_path):
    """A copy of the course that may be harmed."""
    for folder in ("solutions", "source", "assignments", "autograder"):
        shutil.copytree(COURSE / folder, tmp_path / folder)
    shutil.copy(COURSE / "nbgrader_config.py", tmp_path)
    return tmp_path


def edit(course, folder, change):
    path = course / folder / HOMEWORK / f"{HOMEWORK}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        change(cell, cell.metadata.get("nbgrader", {}))
    nbformat.write(notebook, path)


def test_points_that_differ_from_the_tests_are_found(course):
    def change(cell, mark):
        if mark.get("grade_id") == "check_softmax":
            mark["points"] = 5

    edit(course, "source", change)
    complaints = verify(course, HOMEWORK)
    assert any("check_softmax is worth 5 in the notebook and 4" in text for text in complaints)


def test_a_solution_in_an_assignment_is_found(course):
    source = course / "source" / HOMEWORK / f"{HOMEWORK}.ipynb"
    shutil.copy(source, course / "assignments" / HOMEWORK / f"{HOMEWORK}.ipynb")
    complaints = " ".join(verify(course, HOMEWORK))
    assert "holds solution markers" in complaints
    assert "shows a line of the solution of softmax" in complaints


def test_a_line_of_a_solution_in_the_prose_is_found(course):
    solution = []

    def find(cell, mark):
        if mark.get("grade_id") == "softmax":
            body = cell.source.split("### BEGIN SOLUTION\n")[1].splitlines()
            solution.append(max((line.split("#")[0] for line in body), key=len))

    def leak(cell, mark):
        if cell.cell_type == "markdown" and solution:
            cell.source += f"\n\n{solution[0]}"

    edit(course, "source", find)
    edit(course, "assignments", leak)
    assert any("line of the solution of softmax" in text for text in verify(course, HOMEWORK))


def test_a_stub_that_passes_is_found(course):
    def change(cell, mark):
        if mark.get("grade_id") == "softmax":
            cell.source = cell.source.replace(
                "raise NotImplementedError",
                "e = np.exp(o - o.max(-1, keepdims=True)); return e / e.sum(-1, keepdims=True)",
            )

    edit(course, "assignments", change)
    assert any("stub of softmax is judged" in text for text in verify(course, HOMEWORK))


def test_an_edited_notebook_is_found(course):
    def change(cell, mark):
        if cell.cell_type == "markdown":
            cell.source += " Edited."

    edit(course, "source", change)
    assert any("never the notebook" in text for text in verify(course, HOMEWORK))


def test_a_file_out_of_place_is_found(course):
    (course / "source" / HOMEWORK / "data.csv").write_text("1,2")
    assert any("data.csv is out of place" in text for text in verify(course, HOMEWORK))


@pytest.mark.parametrize("file", written(HOMEWORK))
def test_a_missing_file_is_found(course, file):
    (course / file).unlink()
    assert f"{file} is missing: write it" in " ".join(verify(course, HOMEWORK))


def test_a_hidden_file_is_not_out_of_place(course):
    (course / "assignments" / HOMEWORK / ".unrolled-progress.json").write_text("{}")
    assert not any("out of place" in text for text in verify(course, HOMEWORK))


def test_a_missing_notebook_is_found(course):
    shutil.rmtree(course / "assignments" / HOMEWORK)
    assert any("run `make build`" in text for text in verify(course, HOMEWORK))


def test_missing_hints_are_found(monkeypatch):
    monkeypatch.setitem(suite.suite(HOMEWORK).HINTS, "softmax", ("one", ""))
    assert any("softmax has 2 hints, 3 are needed" in text for text in verify(COURSE, HOMEWORK))


def test_fingerprints_of_other_mistakes_are_found(monkeypatch):
    known = diagnosis.load(HOMEWORK)
    fewer = replace(known["softmax"], mistakes=known["softmax"].mistakes[1:])
    monkeypatch.setitem(known, "softmax", fewer)
    assert any("fingerprints" in text for text in verify(COURSE, HOMEWORK))


def test_an_exercise_of_another_homework_is_found(monkeypatch):
    monkeypatch.setattr("autograder.course.verify.homework_of", lambda name: "hw1_unrolling")
    assert "softmax is an exercise of hw1_unrolling already: choose another name." in verify(
        COURSE, HOMEWORK
    )


def test_a_test_without_points_is_found(monkeypatch):
    test = suite.tests(HOMEWORK)["test_softmax_is_right_and_leaves_its_argument_as_it_was"]
    monkeypatch.setattr(test, "pytestmark", [])
    assert verify(COURSE, HOMEWORK) == [
        f"{test.__name__} has no @points: add it in autograder/suites/{HOMEWORK}.py."
    ]


def test_a_recording_older_than_the_tests_is_found(monkeypatch):
    recording = {**tape.load(HOMEWORK), "tests": {}}
    monkeypatch.setattr(tape, "load", lambda name: recording)
    assert verify(COURSE, HOMEWORK) == [
        f"{HOMEWORK}: the recording is older than the test: run `make build`."
    ]
