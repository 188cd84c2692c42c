"""`grade-one` tells what one notebook gets, without a gradebook."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from autograder.__main__ import main
from autograder.grading import sandbox
from autograder.grading.grade import SEED
from autograder.grading.walls import SandboxMissing
from tests import classroom
from tests.classroom import FULL, NAME, REPOSITORY, WORTH, data_of, with_function

WRONG = "def softmax(o):\n    e = np.exp(o - o.max())\n    return e / e.sum()\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(folder, notebook, name=f"{NAME}.ipynb"):
    path = folder / name
    path.write_bytes(notebook if isinstance(notebook, bytes) else data_of(notebook))
    return str(path)


def grade_one(capsys, *arguments):
    status = main(["grade-one", *arguments])
    return status, capsys.readouterr()


def test_without_the_course_the_public_data_decide_which_is_said(folder, capsys):
    status, told = grade_one(capsys, put(folder, classroom.solved()))
    assert status == 0
    assert told.out.endswith(f"{NAME}: 20 of 20 points on public data\n")
    assert "log_softmax: 4 of 4 points. All tests pass.\n" in told.out
    assert [path.name for path in folder.iterdir()] == [f"{NAME}.ipynb"]


def test_json_holds_points_tests_and_causes_as_the_page_tells(folder, capsys):
    path = put(folder, with_function(classroom.solved(), "softmax", WRONG))
    status, told = grade_one(capsys, path, "--json")
    found = json.loads(told.out)
    page = (REPOSITORY / "docs/grade-one.md").read_text("utf-8")
    keys = set(re.findall(r"^\| `(\w+)` \|", page, re.M))
    function = found["functions"]["softmax"]
    test = next(test for test in function["tests"].values() if test["wrong"])
    assert keys == {*found, *function, *test}
    assert (status, found["data"], found["sandbox"], found["homework"]) == (0, "public", True, NAME)
    assert found["worth"] == FULL
    assert found["points"] == sum(f["points"] for f in found["functions"].values()) < FULL
    assert {name: f["worth"] for name, f in found["functions"].items()} == WORTH
    assert function["mistakes"] == ["divided by the sum over the whole array"]
    assert function["told"][0].startswith("Likely cause: divided by the sum over the whole array.")
    assert (test["wrong"], test["points"]) == ("values", 0)
    assert test["told"]


def test_in_the_course_the_secret_data_decide(template, tmp_path, capsys, monkeypatch):
    course = tmp_path / "course"
    shutil.copytree(template, course)
    monkeypatch.chdir(course)
    path = put(tmp_path, classroom.solved())
    assert grade_one(capsys, path)[1].out.endswith("20 of 20 points on public data\n")
    assert not (course / SEED).exists()  # it is made by those who grade a class
    (course / SEED).write_text("a seed")
    status, told = grade_one(capsys, path, "--json")
    assert (status, json.loads(told.out)["data"]) == (0, "secret")
    assert json.loads(told.out)["points"] == FULL


def test_a_folder_is_searched_for_the_homework_that_it_must_hold(folder, capsys):
    handed_in = folder / "handed in"
    handed_in.mkdir()
    assert "say which homework it is, with --homework" in grade_one(capsys, str(handed_in))[1].err
    asked = (str(handed_in), "--homework", NAME)
    status, told = grade_one(capsys, *asked)
    assert (status, told.out) == (2, "")
    assert f"There is no notebook in the submission: hand in {NAME}.ipynb" in told.err.replace(
        "`", ""
    )
    put(handed_in, classroom.solved(), "my work.ipynb")
    status, told = grade_one(capsys, *asked)
    assert "`my work.ipynb` was graded in its place." in told.out
    assert told.out.endswith("20 of 20 points on public data\n")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "cannot be graded. The file is empty"),
        (b"softmax", "The file is no notebook, or only a part of one"),
        (b'{"cells": [{"cell_type": "code", "source": "1"}]}', "has no exercise of the course"),
    ],
)
def test_what_cannot_be_graded_is_refused_with_the_reason(folder, capsys, content, told):
    if content is not None:
        put(folder, content)
    status, said = grade_one(capsys, f"{NAME}.ipynb", "--json")
    assert (status, said.out) == (2, "")
    assert told in said.err


def test_the_notebook_of_another_homework_is_refused(folder, capsys):
    other = REPOSITORY / "assignments/hw4_bptt/hw4_bptt.ipynb"
    status, said = grade_one(capsys, str(other), "--homework", NAME)
    assert (status, said.out) == (2, "")
    assert f"is hw4_bptt, and not {NAME}: give the notebook of {NAME}." in said.err


@pytest.mark.parametrize("homework", ["hw4_bptt", "hw5_teacher_forcing", "hw7_decoding"])
def test_a_notebook_without_marks_is_known_by_what_it_defines(folder, capsys, homework):
    """It also defines exercises of earlier homeworks, which it gives."""
    notebook = json.loads((REPOSITORY / f"source/{homework}/{homework}.ipynb").read_bytes())
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    path = put(folder, notebook, "mine.ipynb")
    assert f"\n{homework}: " in grade_one(capsys, path)[1].out


def test_a_link_is_not_followed(folder, capsys):
    os.symlink(put(folder, classroom.solved()), "link.ipynb")
    assert "cannot be read: it is a link" in grade_one(capsys, "link.ipynb")[1].err


def test_without_a_sandbox_nothing_is_run_unless_that_is_asked_for(folder, capsys, monkeypatch):
    def none(*_):
        raise SandboxMissing("There is none.")

    notebook = with_function(classroom.solved(), "softmax", "open('ran', 'w')")
    path = put(folder, notebook)
    with monkeypatch.context() as hiding:
        hiding.setattr(sandbox.Submission, "start", none)
        status, told = grade_one(capsys, path)
    assert (status, told.out) == (2, "")
    assert "there is no sandbox to run them in" in told.err
    assert not list(Path().glob("ran"))
    status, told = grade_one(capsys, put(folder, classroom.solved()), "--no-sandbox")
    assert told.out.endswith("20 of 20 points on public data, without a sandbox\n")


def test_a_damaged_notebook_is_graded_as_far_as_it_can_be_read_for_a_person_to_look_at(
    folder, capsys
):
    path = put(folder, data_of(classroom.solved())[:-200])
    status, told = grade_one(capsys, path)
    assert status == 1
    assert "About this submission: The file is damaged" in told.out
