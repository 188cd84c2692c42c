"""What is made for Gradescope and for a classroom grades, in folders laid out as theirs are."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.course import platforms
from autograder.grading.grade import SEED
from tests import classroom
from tests.classroom import FULL, NAME, data_of, with_function

pytestmark = pytest.mark.xdist_group("wheel")  # on one worker: one wheel is built for all


@pytest.fixture
def clone(template, tmp_path, built, monkeypatch):
    """A course whose wheel is there already."""
    course = tmp_path / "course"
    shutil.copytree(template, course)
    (course / "build").mkdir()
    monkeypatch.setattr(platforms, "_wheel", lambda course: built)
    return course


def laid_out(root, archive, notebook):
    """Lay a folder out as Gradescope does, but for `setup.sh`, which installs from the network."""
    source = root / "source"
    zipfile.ZipFile(archive).extractall(source)
    shutil.copy(source / "run_autograder", root)
    (source / "env").symlink_to(sys.prefix)
    (root / "submission").mkdir()
    (root / "submission" / "my homework.ipynb").write_bytes(notebook)
    return root


def run(root):
    command = [sys.executable, str(root / "run_autograder")]
    ours = {**os.environ, "PYTHONPATH": str(classroom.REPOSITORY)}
    done = subprocess.run(command, cwd=root, env=ours, capture_output=True, text=True)
    results = root / "results" / "results.json"
    return done, json.loads(results.read_text()) if results.exists() else None


WRONG = "def softmax(o):\n    e = np.exp(o - o.max())\n    return e / e.sum()\n"


def test_gradescopes_autograder_grades_on_secret_data_test_by_test(clone, tmp_path):
    archive = platforms.gradescope(clone, NAME)
    wrong = with_function(classroom.solved(), "softmax", WRONG)
    done, results = run(laid_out(tmp_path / "autograder", archive, data_of(wrong)))
    assert done.returncode == 0, done.stderr
    assert 0 < results["score"] < FULL
    assert results["score"] == sum(test["score"] for test in results["tests"])
    assert sum(test["max_score"] for test in results["tests"]) == FULL
    assert {test["status"] for test in results["tests"]} == {"passed", "failed"}
    assert "softmax: Likely cause: divided by the sum over the whole array." in results["output"]
    assert "`my homework.ipynb` was graded in its place" in results["output"]
    names = zipfile.ZipFile(archive).namelist()
    assert {f"course/{SEED}", f"course/solutions/{NAME}/solution.py"} <= set(names)
    assert (clone / SEED).is_file()  # the same, for a regrade by hand


def test_without_a_sandbox_gradescopes_archive_holds_no_secret(clone, tmp_path):
    archive = platforms.gradescope(clone, NAME, sandbox=False)
    names = zipfile.ZipFile(archive).namelist()
    assert not [name for name in names if "solutions" in name or SEED in name or "source" in name]
    done, results = run(laid_out(tmp_path / "autograder", archive, data_of(classroom.solved())))
    assert (done.returncode, results["score"]) == (0, FULL)


def test_what_cannot_be_graded_gets_no_points_and_the_reason(clone, tmp_path):
    archive = platforms.gradescope(clone, NAME)
    other = classroom.REPOSITORY / "assignments/hw4_bptt/hw4_bptt.ipynb"
    _, results = run(laid_out(tmp_path / "autograder", archive, other.read_bytes()))
    assert results["score"] == 0
    assert f"is hw4_bptt, and not {NAME}" in results["output"]


def test_where_there_is_no_sandbox_gradescope_gets_no_result(clone, tmp_path):
    root = laid_out(tmp_path / "root", platforms.gradescope(clone, NAME), b"{}")
    fake = root / "python"
    fake.write_text("#!/bin/sh\necho 'there is no sandbox to run them in' >&2; exit 2\n")
    fake.chmod(0o755)
    (root / "source/env").unlink()
    (root / "source/env/bin").mkdir(parents=True)
    (root / "source/env/bin/python").symlink_to(fake)
    done, results = run(root)
    assert (done.returncode, results) == (1, None)
    assert "Not graded. there is no sandbox" in done.stderr


def test_the_scripts_can_be_run_and_bash_reads_them(clone):
    archive = zipfile.ZipFile(platforms.gradescope(clone, NAME))
    for name in ("setup.sh", "run_autograder"):
        assert archive.getinfo(name).external_attr >> 16 & 0o111
    assert subprocess.run(["bash", "-n"], input=archive.read("setup.sh")).returncode == 0


def test_a_classrooms_repository_is_graded_by_its_workflow(clone, built):
    folder = platforms.classroom(clone, NAME)
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {f"{NAME}.ipynb", built.name, ".github/workflows/check.yml"}
    (folder / f"{NAME}.ipynb").write_bytes(data_of(classroom.solved()))
    workflow = (folder / ".github/workflows/check.yml").read_text()
    script = re.search(r"run: \|\n(.*)", workflow, re.DOTALL)[1]
    summary = folder / "summary.md"
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(classroom.REPOSITORY),
            "GITHUB_STEP_SUMMARY": str(summary),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert f"{NAME}: 20 of 20 points on public data, without a sandbox" in summary.read_text()
