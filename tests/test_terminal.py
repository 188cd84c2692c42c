"""What a person sees in a terminal: what to do next, help, errors, a check, and the watch."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import termios
import threading
import time

import nbformat
import pytest

from autograder.__main__ import main
from autograder.notebook import PROGRESS
from autograder.suite import exercises, homeworks
from tests import classroom
from tests.classroom import NAME, REPOSITORY, WORTH, data_of, with_function
from tests.conftest import wait_until

COMMANDS = [
    "build", "check", "classroom", "collect", "demo", "due", "extend", "grade", "grade-one",
    "gradescope", "hand-back", "lab", "new", "new-term", "pack", "report", "roster", "site",
    "teach", "verify",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def make_course(folder):
    shutil.copy(REPOSITORY / "nbgrader_config.py", folder)
    for homework in homeworks():
        (folder / "assignments" / homework).mkdir(parents=True)
    return folder


def put(folder, notebook=None, name=NAME):
    """Put a notebook, or other content, where a student has the homework, and return its path."""
    path = folder / name / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True, parents=True)
    content = classroom.released() if notebook is None else notebook
    path.write_bytes(content if isinstance(content, bytes) else data_of(content))
    return path


def environment(**more):
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1", **more}


def refused(capsys, *arguments):
    assert main(list(arguments)) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    return told.err


# --- what to do next -------------------------------------------------------------------------


def screen(capsys):
    """Ask what to do next, and return the answer, which fits a small terminal."""
    assert main([]) == 0
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) < 24
    commands = re.compile(r" +(cd|python|jupyter) ")
    assert all(len(line) <= 60 or commands.match(line) for line in shown.splitlines())
    assert all(len(line) < 80 for line in shown.splitlines())
    return shown


def test_in_the_course_each_reader_is_told_one_command(folder, capsys):
    make_course(folder)
    shown = screen(capsys)
    for reader, command in (("student", "lab"), ("teach", "demo"), ("change", "verify")):
        assert re.search(rf"You .*{reader}.*\n    python -m autograder {command}\n", shown)
    assert "Nothing is checked yet: begin with hw1_unrolling." in shown


def test_the_points_so_far_are_told(folder, capsys):
    make_course(folder)
    done = folder / "work" / NAME / PROGRESS
    done.parent.mkdir(parents=True)
    done.write_text(json.dumps({NAME: {"softmax": 4.0, "log_softmax": 1.5}}))
    assert f"You have 5.5 of {20 * len(homeworks())} points: go on with hw1_unrolling." in screen(
        capsys
    )


def test_what_was_handed_in_and_is_not_graded_is_told(folder, capsys):
    make_course(folder)
    for student in ("ada", "zoe", "emmy"):
        (folder / "submitted" / student / NAME).mkdir(parents=True)
    (folder / "autograded" / "zoe" / NAME).mkdir(parents=True)
    shown = screen(capsys)
    assert f"You teach:\n    python -m autograder grade {NAME}\n" in shown
    assert "2 submissions are not graded yet" in shown


@pytest.mark.parametrize("inside", ["", NAME])
def test_among_homeworks_a_student_is_told_to_check_the_next_one(
    folder, capsys, monkeypatch, inside
):
    put(folder)
    monkeypatch.chdir(folder / inside)
    told = re.search(r"python -m autograder check (\S+) --watch\n", screen(capsys))
    assert (folder / inside / told[1]).is_file()


def test_a_finished_homework_gives_way_to_the_next(folder, capsys):
    put(folder)
    put(folder, name="hw4_bptt")
    (folder / NAME / PROGRESS).write_text(json.dumps({NAME: WORTH}))
    shown = screen(capsys)
    assert "check hw4_bptt/hw4_bptt.ipynb" in shown
    assert "You have 20 of 40 points: go on with hw4_bptt." in shown


def test_elsewhere_one_is_told_where_to_go(folder, capsys, monkeypatch):
    shown = screen(capsys)
    assert "no homework here, and no course.\n    python -m autograder lab\n" in shown
    make_course(folder)
    monkeypatch.chdir(folder / "assignments")
    assert "    cd ..\n    python -m autograder\n" in screen(capsys)


# --- help and refusals -----------------------------------------------------------------------


def test_help_names_the_commands_and_the_exit_statuses(capsys):
    with pytest.raises(SystemExit) as done:
        main(["--help"])
    assert done.value.code == 0
    shown = capsys.readouterr().out
    assert [name for name in COMMANDS if not re.search(rf"^    {name}(  |$)", shown, re.M)] == []
    assert "2 wrong usage, 130 interrupted" in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example_in_its_help(command, capsys):
    with pytest.raises(SystemExit) as done:
        main([command, "--help"])
    assert done.value.code == 0
    shown = capsys.readouterr().out
    assert re.search(rf"example:\n  python -m autograder {command}\b", shown)
    assert "exit status:\n  0 all is well" in shown


@pytest.mark.parametrize("command", ["grade", "report", "build", "verify"])
@pytest.mark.parametrize("name", ["hw4", "HW4_BPTT", "hw4_btpt", "work/hw4_bptt/hw4_bptt.ipynb"])
def test_a_homework_that_is_not_known_is_refused_with_the_one_that_may_be_meant(
    folder, capsys, command, name
):
    told = refused(capsys, command, name)
    assert f"There is no homework '{name}'; there are hw1_unrolling, " in told
    assert "Did you mean hw4_bptt?" in told
    assert "Did you mean" not in refused(capsys, command, "thesis")


@pytest.mark.parametrize("command", [["grade", NAME], ["report", NAME], ["build"], ["verify"]])
def test_in_another_folder_one_is_told_where_to_go(folder, capsys, monkeypatch, command):
    assert "go to the course's folder" in refused(capsys, *command)
    make_course(folder)
    monkeypatch.chdir(folder / "assignments")
    assert "go to the course's folder, `cd ..`" in refused(capsys, *command)


@pytest.mark.parametrize("command", ["demo", "teach"])
def test_nothing_is_made_in_a_folder_that_is_not_the_courses(folder, capsys, command):
    assert "go to the course's folder" in refused(capsys, command)
    assert list(folder.iterdir()) == []


def test_what_only_a_whole_clone_has_is_told(folder, capsys):
    make_course(folder)
    assert "There is no solutions/ here" in refused(capsys, "build")


@pytest.mark.parametrize("watch", [[], ["--watch"]])
def test_a_path_that_is_no_file_is_refused_with_the_one_that_may_be_meant(folder, capsys, watch):
    assert "give the path of an .ipynb file" in refused(capsys, "check", "nothing", *watch)
    path = put(folder)
    for wrong in ("hw3.ipynb", NAME, f"{NAME}/hw3_softmax.ipynb"):
        told = refused(capsys, "check", wrong, *watch)
        assert f"did you mean {path.relative_to(folder)}?" in told


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"softmax",
        b"3",
        b"{}",
        b'{"cells": 3}',
        b'{"cells": [{"cell_type": "code"}]}',
        b"\xff\xfe",
        b"[" * 100_000,
        data_of(classroom.released())[:3000],
    ],
    ids=range(9),
)
def test_a_file_that_is_no_notebook_is_refused(folder, capsys, content):
    path = put(folder, content)
    assert "is no notebook, or not a whole one" in refused(capsys, "check", str(path))


def test_a_notebook_of_another_course_is_refused(folder, capsys):
    path = put(folder, {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    assert "has no exercise of the course" in refused(capsys, "check", str(path))


def test_a_folder_that_may_not_be_written_is_named(folder, capsys, monkeypatch):
    make_course(folder)

    def forbid(path, *args, **kwargs):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.mkdir", forbid)  # root may write everywhere
    assert "work: you may not read or write it" in refused(capsys, "lab")


# --- a check ---------------------------------------------------------------------------------


def test_a_check_fits_a_narrow_terminal_that_lacks_characters_and_keeps_the_points(folder):
    wrong = "def softmax(o):\n    raise ValueError('∇')\n"
    path = put(folder, with_function(classroom.solved(), "softmax", wrong))
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "check", str(path)],
        env=environment(COLUMNS="60", PYTHONIOENCODING="ascii", LC_ALL="C"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == ""
    assert "\nlog_softmax: 4 of 4 points. All tests pass.\n" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 60
    points = json.loads((path.parent / PROGRESS).read_text())[NAME]
    total = f"{NAME}: {sum(points.values()):g} of 20 points"
    assert done.stdout.splitlines()[-1] == total
    assert (points["softmax"], points["log_softmax"]) == (0, 4)
    assert "raised ValueError: ?" in done.stdout


@pytest.mark.parametrize("kind", ["source", "assignments"])
@pytest.mark.parametrize("homework", homeworks())
def test_a_check_of_a_notebook_as_it_is_prints_nothing_but_the_report(folder, homework, kind):
    content = (REPOSITORY / kind / homework / f"{homework}.ipynb").read_bytes()
    path = put(folder, content, homework)
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "check", str(path)],
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    begins, empty, first = done.stdout.splitlines()[:3]
    assert re.fullmatch(rf"{homework}: running \d+ cells", begins)
    assert empty == ""
    assert first.startswith(f"{next(iter(exercises(homework)))}: ")


def test_a_check_shows_the_students_own_line_where_a_given_function_raises(folder):
    wrong = "def greedy(x, r0, params):\n    return one_hot(-1, 0)\n"
    solved = nbformat.read(REPOSITORY / "source/hw7_decoding/hw7_decoding.ipynb", as_version=4)
    path = put(folder, with_function(solved, "greedy", wrong), "hw7_decoding")
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "check", str(path)],
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert "line 2 of greedy: return one_hot(-1, 0)" in done.stdout


def test_ctrl_c_ends_a_check_without_a_traceback(folder):
    slow = "open('begun', 'w').close()\nwhile True:\n    pass\n"
    path = put(folder, with_function(classroom.solved(), "softmax", slow))
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "check", str(path)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until((path.parent / "begun").exists)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "Traceback" not in out + error
    assert "points" not in out


@pytest.mark.parametrize("command", ["", "--help", "lab --help"])
def test_a_reader_who_leaves_is_no_error(folder, command):
    """As `python -m autograder | head -1` does, where head is quick."""
    ours, theirs = os.pipe()
    os.close(ours)
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", *command.split()],
        env=environment(),
        stdout=theirs,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    _, error = process.communicate(timeout=300)
    assert error == b""


# --- the watch -------------------------------------------------------------------------------


class Terminal:
    """A terminal of 80 by 24 with a command in it."""

    def __init__(self, *command):
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 80))
        self.process = subprocess.Popen(
            command,
            env=environment(),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: os.close(os.open(os.ttyname(1), os.O_RDWR)),  # so Ctrl-C reaches it
        )
        os.close(theirs)
        self._ours, self.shown = ours, ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        try:
            while part := os.read(self._ours, 2**16):
                self.shown += part.decode().replace("\r\n", "\n")
        except OSError:  # the other side is closed
            os.close(self._ours)

    def shows(self, text, times=1):
        give_up = time.monotonic() + 300
        while self.shown.count(text) < times:
            assert time.monotonic() < give_up, self.shown
            if self.process.poll() is not None:
                self._reader.join()
                assert self.shown.count(text) >= times, self.shown
            time.sleep(0.02)

    def press_ctrl_c(self):
        os.write(self._ours, b"\x03")

    def status(self):
        status = self.process.wait(timeout=300)
        self._reader.join()
        return status


def test_the_watch_checks_at_every_save_however_it_is_saved_until_ctrl_c(folder):
    path = put(folder)
    terminal = Terminal(sys.executable, "-m", "autograder", "check", str(path), "--watch")
    terminal.shows("Ctrl-C stops.")
    terminal.shows(f"{NAME}: 0 of 20 points")

    put(folder, classroom.solved())  # written in place
    terminal.shows(f"{NAME}: 20 of 20 points")

    new = path.with_name(".new")  # written beside it, and put in its place
    new.write_bytes(data_of(classroom.released()))
    new.replace(path)
    terminal.shows(f"{NAME}: 0 of 20 points", 2)

    put(folder, data_of(classroom.solved())[:3000])  # not whole
    terminal.shows("not a whole one")

    endless = "def softmax(o):\n    print('endless', flush=True)\n    while True:\n        pass\n"
    endless += "softmax(0)\n"
    put(folder, with_function(classroom.solved(), "softmax", endless))
    terminal.shows("endless")

    old = path.with_name("old~")  # moved away first, as vim does
    path.rename(old)
    put(folder, classroom.solved())
    terminal.shows(f"{NAME}: 20 of 20 points", 2)

    runs = re.findall(r"\n=== \d\d:\d\d:\d\d hw3_softmax_loss\.ipynb =+\n", terminal.shown)
    assert len(runs) == 6
    assert {len(title.strip()) for title in runs} == {80}

    put(folder, with_function(classroom.solved(), "softmax", endless))
    terminal.shows("endless", 2)
    terminal.press_ctrl_c()
    assert terminal.status() == 0
    assert "Traceback" not in terminal.shown
    assert "\x1b" not in terminal.shown
    wait_until(lambda: not is_left(terminal.process.pid))


def is_left(group):
    """Tell whether a process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


# --- JupyterLab ------------------------------------------------------------------------------


@pytest.fixture
def lab(folder, monkeypatch):
    """Open JupyterLab in the folder; it ends at once."""
    stand_in = folder / "stand_in"
    stand_in.mkdir()
    (stand_in / "jupyterlab.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(stand_in))
    return lambda: main(["lab"])


def inside(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def test_in_any_folder_the_homeworks_of_the_package_are_copied(folder, lab):
    assert lab() == 0
    expected = {
        f"{name}/{name}.ipynb": (REPOSITORY / f"assignments/{name}/{name}.ipynb").read_bytes()
        for name in homeworks()
    }
    assert inside(folder / "work") == expected


def test_in_the_course_its_own_homeworks_are_copied(folder, lab):
    make_course(folder)
    (folder / "assignments" / NAME / PROGRESS).write_text("{}")  # not for a student
    (folder / "assignments" / NAME / "data.csv").write_text("1")
    assert lab() == 0
    assert sorted(each.name for each in (folder / "work").iterdir()) == homeworks()
    assert inside(folder / "work") == {f"{NAME}/data.csv": b"1"}


def test_work_is_left_alone_and_a_newer_release_is_put_beside_it(folder, lab, capsys):
    assignment = make_course(folder) / "assignments" / NAME
    put(assignment.parent, b"first")
    lab()
    mine = folder / "work" / NAME
    (mine / f"{NAME}.ipynb").write_bytes(b"my work")
    lab()
    assert inside(mine) == {f"{NAME}.ipynb": b"my work"}
    for release in (b"second", b"second", b"third"):
        put(assignment.parent, release)
        capsys.readouterr()
        lab()
    assert f"beside your own, which is left as it is: {NAME}-new1.ipynb" in capsys.readouterr().out
    assert inside(mine) == {
        f"{NAME}.ipynb": b"my work",
        f"{NAME}-new.ipynb": b"second",
        f"{NAME}-new1.ipynb": b"third",
    }


def test_a_folder_of_homeworks_is_where_they_are_copied(folder, lab):
    put(folder, b"my work")
    assert lab() == 0
    assert inside(folder)[f"{NAME}/{NAME}.ipynb"] == b"my work"
    assert sorted(each.name for each in folder.glob("hw*")) == homeworks()


def test_jupyterlab_is_asked_before_ctrl_c_ends_it(folder):
    """It asks at the first Ctrl-C, and shuts its kernels down at the second."""
    make_course(folder)
    stand_in = folder / "stand_in" / "jupyterlab"
    stand_in.mkdir(parents=True)
    (stand_in / "__init__.py").touch()
    (stand_in / "__main__.py").write_text(
        "import time\n"
        "print('lab is here', flush=True)\n"
        "for word in ('sure?', 'kernels are down'):\n"
        "    try:\n"
        "        time.sleep(60)\n"
        "    except KeyboardInterrupt:\n"
        "        time.sleep(1)\n"
        "        print(word, flush=True)\n"
        "raise SystemExit(7)\n"
    )
    terminal = Terminal(
        "env", f"PYTHONPATH={stand_in.parent}:{REPOSITORY}", sys.executable, "-m", "autograder",
        "lab",
    )  # fmt: skip
    terminal.shows("lab is here")
    terminal.press_ctrl_c()
    terminal.shows("sure?")
    terminal.press_ctrl_c()
    terminal.shows("kernels are down")
    assert terminal.status() == 7
    assert "Traceback" not in terminal.shown
