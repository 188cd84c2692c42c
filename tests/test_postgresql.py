"""The gradebook is a database that many graders write into at once: a server's, or SQLite's."""

import glob
import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import tempfile
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from importlib.util import find_spec

import pytest
import sqlalchemy

from autograder.grading.batch import InThisProcess, grade_all
from autograder.grading.grade import Homework, grade
from autograder.grading.nbgrader import open_assignment
from tests import classroom
from tests.classroom import FULL, NAME, data_of, grade_class, hand_in
from tests.conftest import needs

pytestmark = pytest.mark.xdist_group("postgresql")  # on one worker: started once

GRADERS, STUDENTS = 4, 10


class Server:
    """A PostgreSQL server of one's own, on a socket in a folder."""

    def __init__(self, programs, folder):
        self.folder, self._programs = folder, programs
        self._user = {}
        if os.geteuid() == 0:  # whom it refuses to work for
            self._user = {"user": "postgres", "group": "postgres", "extra_groups": []}
            shutil.chown(folder, "postgres", "postgres")
        self._run("initdb", "--auth=trust", "--username=grader", "--no-sync", "--locale=C.UTF-8")

    def _run(self, program, *options):
        command = [f"{self._programs}/{program}", "--pgdata", f"{self.folder}/data", *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **self._user)

    def control(self, action, *options):
        self._run("pg_ctl", action, "--wait", "--log", f"{self.folder}/log", *options)

    def url(self, database):
        return f"postgresql+psycopg://grader@/{database}?host={self.folder}"

    def ask(self, database, query):
        """Return the rows that a query gives."""
        engine = sqlalchemy.create_engine(self.url(database), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            result = connection.execute(sqlalchemy.text(query))
            rows = [tuple(row) for row in result] if result.returns_rows else []
        engine.dispose()
        return rows


@pytest.fixture(scope="module")
def server():
    needs(find_spec("psycopg"), "the package psycopg")
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb")) or [shutil.which("initdb")]
    needs(found[-1], "PostgreSQL's server")
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        server = Server(found[-1].removesuffix("/initdb"), folder)
        server.control("start", "-o", f"-k {folder} -c listen_addresses= -c fsync=off")
        try:
            yield server
        finally:
            server.control("stop", "--mode", "immediate")


@pytest.fixture(scope="module")
def prepared(server, template, tmp_path_factory):
    """A database on the server that knows the homework, to be copied."""
    folder = tmp_path_factory.mktemp("prepared") / "course"
    shutil.copytree(template, folder)
    server.ask("postgres", "CREATE DATABASE prepared")
    use(folder, server.url("prepared"))
    classroom.generate(folder)
    return server


@pytest.fixture
def on_server(prepared, course):
    """Have the course's gradebook on the server, and return how to ask it for rows."""
    prepared.ask("postgres", "DROP DATABASE IF EXISTS unrolled WITH (FORCE)")
    prepared.ask("postgres", "CREATE DATABASE unrolled TEMPLATE prepared")
    use(course, prepared.url("unrolled"))
    (course / "gradebook.db").unlink()
    return partial(prepared.ask, "unrolled")


def use(course, url):
    """Set the gradebook."""
    with (course / "nbgrader_config.py").open("a") as settings:
        settings.write(f"\nc.CourseDirectory.db_url = {url!r}\n")


@pytest.fixture(scope="module")
def graded():
    return grade(data_of(classroom.solved()), Homework.load(classroom.REPOSITORY, NAME))


def as_in_sqlite(tables):
    """Return rows with the times as SQLite keeps them."""

    def plain(value):
        return f"{value}.000000" if isinstance(value, datetime) else value

    return {name: [tuple(map(plain, row)) for row in rows] for name, rows in tables.items()}


def test_the_rows_are_those_of_sqlite(course, on_server, template, tmp_path):
    other = tmp_path / "sqlite"
    shutil.copytree(template, other)
    for each in (course, other):
        hand_in(each, "ada", classroom.solved())
        hand_in(each, "alan", classroom.released(), timestamp=None)
        hand_in(each, "carl", b"no notebook")
        (each / ".secret_seed").write_text("the same for both")
    assert grade_class(NAME) == 1
    os.chdir(other)
    assert grade_class(NAME) == 1
    assert as_in_sqlite(classroom.tables(on_server)) == classroom.gradebook(other)
    assert classroom.autograded(course) == classroom.autograded(other)


def test_what_the_server_refuses_costs_one_submission_only(course, on_server, graded, capfd):
    hand_in(course, "ada", classroom.solved())
    hand_in(course, os.fsdecode(b"caf\xe9"), classroom.solved())
    hand_in(course, "x" * 200, classroom.solved())
    assignment = open_assignment(NAME)
    each = grade_all(assignment, b"", assignment.to_grade(), lambda: Computed(graded))
    assert [type(result.error).__name__ for result in each] == [
        "NoneType",
        "UnusableId",
        "InvalidEntry",
    ]
    assert {row[0] for row in on_server(classroom.GRADES)} == {"ada"}
    assert capfd.readouterr() == ("", "")


def test_commands_at_once_share_the_work(course, on_server):
    for student in ("ada", "alan", "bob", "carl"):
        hand_in(course, student, classroom.solved())
    at_once = [
        classroom.start(course, "autograder", "grade", NAME, "--student", "a*", "--jobs", "1"),
        classroom.start(course, "autograder", "grade", NAME, "--student", "b*", "--jobs", "1"),
        classroom.start(course, "nbgrader", "autograde", NAME, "--student", "c*"),
    ]
    for process in at_once:
        process.communicate(timeout=300)
    assert [process.returncode for process in at_once] == [0, 0, 0]
    rows = on_server(classroom.GRADES)
    assert {row[0] for row in rows} == {"ada", "alan", "bob", "carl"}
    assert sum(row[2] for row in rows) == 4 * FULL


# --- many at once -----------------------------------------------------------------------------


class Computed(InThisProcess):
    """Have everything graded already, so that all the time goes into the gradebook."""

    def __init__(self, graded):
        self._graded = graded

    def submit(self, *_, **__):
        future = Future()
        future.set_result(self._graded)
        return future


def grade_everyone(course, graded, start, errors):
    """Grade the whole class, as one of many."""
    os.chdir(course)
    assignment = open_assignment(NAME)
    chosen = assignment.to_grade(force=True)
    start.wait(60)
    for result in grade_all(assignment, b"", chosen, lambda: Computed(graded)):
        if result.error:
            errors.put(f"{result.submitted.shown}: {result.error!r}")
    errors.put(None)


def grade_at_once(course, url, graded):
    """Have several graders on two machines grade the same class, none knowing of the others."""
    use(course, url)
    for number in range(STUDENTS):
        hand_in(course, f"student {number}", classroom.solved())
    other = course.with_name("other machine")
    shutil.copytree(course, other)
    forked = multiprocessing.get_context("fork")
    start, errors = forked.Barrier(GRADERS), forked.Queue()
    graders = [
        forked.Process(target=grade_everyone, args=(place, graded, start, errors))
        for place in (course, other) * (GRADERS // 2)
    ]
    for grader in graders:
        grader.start()
    told = []
    while told.count(None) < GRADERS:
        told.append(errors.get(timeout=300))
    for grader in graders:
        grader.join()
    assert told == [None] * GRADERS
    for place in (course, other):
        files = classroom.autograded(place)
        assert sum(path.endswith(".ipynb") for path in files) == STUDENTS
        assert {path.split("/")[1] for path in files} == {NAME}  # nothing half done is left


def check_rows(tables):
    assert tables["number of students"] == [(STUDENTS,)]
    assert tables["number of submitted_assignments"] == [(STUDENTS,)]
    assert tables["number of grades"] == [(4 * STUDENTS,)]
    assert sum(row[2] for row in tables["grades"]) == FULL * STUDENTS


def test_many_graders_at_once_lose_nothing_on_a_server(course, on_server, server, graded):
    grade_at_once(course, server.url("unrolled"), graded)
    check_rows(classroom.tables(on_server))


def test_many_graders_at_once_lose_nothing_in_sqlite(course, graded):
    grade_at_once(course, f"sqlite:///{course}/gradebook.db", graded)
    check_rows(classroom.gradebook(course))


def test_a_gradebook_that_is_locked_for_a_while_is_waited_for(course, graded, monkeypatch):
    hand_in(course, "ada", classroom.solved())
    assignment = open_assignment(NAME)
    (ada,) = assignment.to_grade()
    other = sqlite3.connect(course / "gradebook.db")
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("time.sleep", lambda _: other.rollback())  # after the first attempt
    assignment.write(ada, graded)
    assignment.close()
    assert classroom.scores(course) == {"ada": FULL}


def test_a_server_that_starts_anew_loses_nothing(course, on_server, server, graded):
    for number in range(3):
        hand_in(course, f"student {number}", classroom.solved())
    assignment = open_assignment(NAME)
    each = grade_all(assignment, b"", assignment.to_grade(), lambda: Computed(graded))
    assert next(each).error is None
    server.control("restart", "--mode", "immediate")
    assert [result.error for result in each] == [None, None]
    assert classroom.tables(on_server)["number of grades"] == [(12,)]


# --- wrong usage ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql+psycopg://grader@127.0.0.1:1/unrolled", "cannot be used (connection failed"),
        ("postgresql+nothing://grader@localhost/unrolled", "cannot be used (Can't load plugin"),
        ("postgresql+psycopg2://grader@localhost/unrolled", "pip install 'unrolled[postgresql]'"),
    ],
)
def test_a_gradebook_out_of_reach_says_what_to_do(course, capsys, url, words):
    needs(find_spec("psycopg"), "the package psycopg")
    use(course, url)
    hand_in(course, "ada", classroom.solved())
    assert grade_class(NAME) == 2
    assert words in capsys.readouterr().err
