"""What students get holds nothing that they should not have."""

import gzip
import zipfile
from pathlib import Path

import pytest

import autograder
from autograder.course.catalogue import catalogue
from autograder.grading import cluster
from autograder.suite import homeworks

pytestmark = pytest.mark.xdist_group("wheel")  # on one worker: one wheel is built for all

COURSE = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(built):
    return zipfile.ZipFile(built)


def test_the_wheel_holds_the_autograder_and_nothing_else(wheel):
    folders = {name.split("/")[0] for name in wheel.namelist()}
    assert {f for f in folders if not f.endswith(".dist-info")} == {"autograder"}


def test_the_wheel_holds_what_a_student_needs(wheel):
    names = set(wheel.namelist())
    for homework in homeworks():
        assert f"autograder/suites/{homework}.py" in names
        notebook = f"assignments/{homework}/{homework}.ipynb"
        assert wheel.read(f"autograder/{notebook}") == (COURSE / notebook).read_bytes()
        assert f"autograder/suites/recordings/{homework}.bin.gz" in names
        assert f"autograder/suites/recordings/{homework}.mistakes.bin.gz" in names
    assert "autograder/suites/pytest.ini" in names
    assert "autograder/datasets/words.txt" in names
    assert "autograder/plots.mplstyle" in names


SETTING = 'with np.errstate(over="ignore"):'  # no answer to any question


def test_a_cluster_takes_the_wheel_and_the_clone_for_the_same_package(wheel, tmp_path, monkeypatch):
    version = cluster._version.__wrapped__  # as a worker is asked for it, and not kept
    here = version()
    wheel.extractall(tmp_path)
    monkeypatch.setattr(autograder, "__path__", [str(tmp_path / "autograder")])
    assert version() == here
    (tmp_path / "autograder/judge.py").write_text("")
    assert version() != here


def test_no_line_of_a_solution_is_in_the_wheel(wheel):
    text = "\n".join(wheel.read(name).decode() for name in wheel.namelist() if name.endswith(".py"))
    lines = {line.strip() for line in text.splitlines()}
    for homework in homeworks():
        script = (COURSE / "solutions" / homework / "solution.py").read_text("utf-8")
        for region in script.split("### BEGIN SOLUTION")[1:]:
            for line in region.split("### END SOLUTION")[0].splitlines():
                code = line.split("#")[0].strip()
                assert len(code) < 30 or code == SETTING or code not in lines, code


def test_the_classic_mistakes_are_known_by_numbers_and_not_by_code(wheel):
    recorded = [name for name in wheel.namelist() if name.endswith(".mistakes.bin.gz")]
    assert sum(wheel.getinfo(name).file_size for name in recorded) < 2_000_000
    told = b"".join(gzip.decompress(wheel.read(name)) for name in recorded)
    for homework in homeworks():
        for mistake in catalogue(COURSE, homework):
            assert mistake.name.encode() in told
            for line in mistake.source.splitlines()[1:]:
                code = line.split("#")[0].strip()
                assert len(code) < 30 or code.encode() not in told, code
