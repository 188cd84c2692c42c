"""What holds for all tests."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

# What a shell starts in the background, or with nohup, ignores these, and so would all that the
# tests start: programs that are to be interrupted, and processes that are to end with their leader.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):  # not on Windows
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_addoption(parser):
    parser.addoption(
        "--screenshots",
        type=Path,
        metavar="FOLDER",
        help="where the walks in the browser put pictures of what they see",
    )


def pytest_xdist_auto_num_workers():
    """Run two tests a core: many wait for limits of time, and use no core meanwhile."""
    return 2 * len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()


def needs(present, what):
    """Skip a test where something is missing that not every machine has; in CI, fail."""
    if not present:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{what} is missing")


def wait_until(holds, seconds=300):
    """Wait until something holds, and fail where it has not for long."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The wheel that students get, made as the instructors' page tells, in a place of its own."""
    folder, source = tmp_path_factory.mktemp("wheel"), Path(__file__).parents[1]
    litter = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "demo", "work")
    shutil.copytree(source, folder / "clone", ignore=litter)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*command, str(folder / "clone")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A course that nobody changes."""
    from tests import classroom  # imports nbgrader, which takes a second

    return classroom.make_course(tmp_path_factory.mktemp("template") / "course")


@pytest.fixture
def course(template, tmp_path, monkeypatch):
    """A course of one's own, in its folder."""
    folder = tmp_path / "course"
    shutil.copytree(template, folder)
    monkeypatch.chdir(folder)
    return folder
