"""What a student packs is checked, named, collected under that name, and graded."""

import re

import pytest

from autograder.__main__ import main
from autograder.pack import PACKED
from autograder.report import Report
from tests import classroom
from tests.classroom import FULL, NAME, data_of, with_function


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A student's folder, with solved work in it."""
    folder = tmp_path / "home"
    (folder / NAME).mkdir(parents=True)
    (folder / NAME / f"{NAME}.ipynb").write_bytes(data_of(classroom.solved()))
    monkeypatch.chdir(folder)
    return folder


def pack(home, *arguments):
    """Pack in a process of its own, where the cells run; return the status and what it says."""
    return classroom.run(home, "autograder", "pack", *arguments)


def refused(capsys, *arguments):
    assert main(["pack", *arguments]) == 2
    return capsys.readouterr().err


def packed(folder):
    return sorted(path for path in folder.iterdir() if PACKED.fullmatch(path.name))


@pytest.mark.parametrize("what", [(), (f"{NAME}/{NAME}.ipynb",)], ids=len)
def test_a_notebook_is_packed_as_it_is_under_a_name_that_says_whose_it_is(home, what):
    status, told, _ = pack(home, *what, "--name", "Zoë 李/x")
    assert status == 0
    (file,) = packed(home)
    assert file.read_bytes() == data_of(classroom.solved())
    assert file.name.startswith(f"{NAME}.Zoë 李_x.2")
    assert "it gives 20 of 20 points, or fewer" in told
    assert told.endswith(
        f"Hand in this file: {file.name}\n"
        "It says that you are Zoë 李_x; --name NAME changes that.\n"
    )


def test_what_is_missing_is_said_and_the_file_is_made_all_the_same(home):
    notebook = with_function(classroom.released(), "softmax", "import torch\nlog_softmax = None\n")
    (home / NAME / f"{NAME}.ipynb").write_bytes(data_of(notebook))
    status, told, _ = pack(home, NAME)
    assert status == 1
    assert "Not written yet: log_softmax, sequence_loss, sequence_loss_gradient.\n" in told
    assert "Not there at all: softmax.\n" in told
    assert "Your cells import torch, which grading may lack." in told
    assert len(packed(home)) == 1


def test_nothing_is_written_over(home, capsys, monkeypatch):
    report = Report("softmax", [])
    monkeypatch.setattr("autograder.pack.check_notebook", lambda path: [report])
    monkeypatch.setattr("autograder.pack.NAMED", "taken.ipynb")
    (home / "taken.ipynb").write_text("mine")
    assert "taken.ipynb cannot be written (File exists): try again" in refused(capsys, NAME)
    assert (home / "taken.ipynb").read_text() == "mine"


def test_it_is_asked_which_notebook_is_meant(home, capsys):
    told = "There is no notebook of hw2_patterns here: give the path of the file.\n"
    assert refused(capsys, "hw2_patterns") == told
    (home / "work/hw2_patterns").mkdir(parents=True)
    (home / "work/hw2_patterns/hw2_patterns.ipynb").write_text("{}")
    assert refused(capsys) == f"Say which one: hw2_patterns, {NAME}.\n"
    told = f"hw3.ipynb does not exist: did you mean {NAME}/{NAME}.ipynb?\n"
    assert refused(capsys, "hw3.ipynb") == told
    assert packed(home) == []


def test_what_was_packed_is_collected_and_graded(home, tmp_path):
    pack(home, "--name", "ada")
    (file,) = packed(home)
    course = classroom.make_course(tmp_path / "course")
    mail = tmp_path / "mail"
    mail.mkdir()
    later = file.name.replace(".2", ".3", 1)  # by a thousand years
    wrong = with_function(classroom.solved(), "softmax", "softmax = None")
    for name, data in {
        file.name: data_of(wrong),
        later.replace(".ipynb", " (1).ipynb"): file.read_bytes(),
        file.name.replace(".ada.", ".bob."): data_of(wrong),
        file.name.replace(NAME, "hw2_patterns"): b"{}",
        "essay.ipynb": b"{}",
        file.name.replace(".ada.", "...."): b"{}",  # a folder above
    }.items():
        (mail / name).write_bytes(data)
    status, told, error = classroom.run(
        course, "autograder", "collect", NAME, *map(str, mail.iterdir())
    )
    assert status == 1, error
    assert f"no notebook of {NAME}: hw2_patterns.ada" in told
    assert "its name tells no student: essay.ipynb" in told
    assert not (course / NAME).exists()
    collected = {str(p.relative_to(course / "submitted")) for p in course.rglob("submitted/*/*/*")}
    assert collected == {
        f"{who}/{NAME}/{what}"
        for who in ("ada", "bob")
        for what in (f"{NAME}.ipynb", "timestamp.txt")
    }
    assert re.match(r"3\d{3}-", (course / f"submitted/ada/{NAME}/timestamp.txt").read_text())
    classroom.run(course, "autograder", "grade", NAME)
    assert classroom.scores(course)["ada"] == FULL
    assert 0 < classroom.scores(course)["bob"] < FULL
