"""Submissions that one process has forked are as apart as those that start by themselves."""

import os
import shutil
import signal
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from autograder.grading.grade import Homework, grade
from autograder.grading.sandbox import Submission
from autograder.grading.walls import find_bubblewrap
from autograder.grading.warm import warm
from tests import classroom
from tests.classroom import FULL, NAME, data_of, grade_class, hand_in, with_function
from tests.test_sandbox import wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux")

SUBMISSIONS = int(os.environ.get("SOAK", 40))  # 2,000 by hand


@pytest.fixture(autouse=True)
def anew():
    """Begin and end without a warm process."""
    warm.stop()
    yield
    warm.stop()
    warm.why_not = ""


def answer(source, *args):
    """Return what a submission's ``f`` answers."""
    cells = [("cell 1", textwrap.dedent(source), "run")]
    with Submission(cells, ["f"]) as student:
        value = student.call("f", args).value
        assert not student.cell_errors
    return value


def children(pid):
    """Return the processes that a process has started and not buried."""
    return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def warm_pid():
    """Return the number of the warm process, bubblewrap's only child."""
    (pid,) = children(warm._popen.pid)
    return pid


# --- the same ---------------------------------------------------------------------------------

LOUD = """\
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.savefig("plot.png")
def softmax(o):
    import random, sys, threading
    raise ValueError(f"{np.random.random()} {len(threading.enumerate())} {sys.argv} {__name__}")
"""
SUBMITTED = {
    "right": classroom.solved,
    "nothing": classroom.released,
    "an error that tells": lambda: with_function(classroom.solved(), "softmax", LOUD),
    "an exit": lambda: with_function(classroom.solved(), "softmax", "import os\nos._exit(3)"),
}


@pytest.fixture(scope="module")
def homework(template):
    return Homework.load(template, NAME)


@pytest.mark.parametrize("what", SUBMITTED)
def test_both_ways_give_the_same_notebook_to_the_byte(what, homework):
    data = data_of(SUBMITTED[what]())
    forked = grade(data, homework)
    assert not warm.why_not
    warm.refuse("It is not asked for.")
    alone = grade(data, homework)
    assert nbformat.writes(forked.notebook) == nbformat.writes(alone.notebook)
    assert forked.scores == alone.scores
    assert forked.record == alone.record


# --- apart ------------------------------------------------------------------------------------

# What a submission can see of the world, but for its user's number.
SEE = """
    import builtins, ctypes, gc, os, resource, signal, sys, threading, time
    import numpy as np
    import autograder
    def read(path):
        try:
            with open(path, errors="replace") as file:
                return file.read()
        except OSError as error:
            return type(error).__name__
    def tree(folder):
        return sorted(os.path.join(d, n) for d, ds, fs in os.walk(folder) for n in ds + fs)
    def memory(needle):
        found = 0
        for line in read("/proc/self/maps").splitlines():
            if line.split()[1].startswith("rw"):
                start, end = (int(n, 16) for n in line.split()[0].split("-"))
                found += ctypes.string_at(start, end - start).count(needle)
        return found
    def f(half):
        return {
            "files": tree("/tmp") + tree("/dev"),
            "modes": [os.stat(place).st_mode for place in ("/", "/tmp", "/dev", "/dev/null")],
            "pids": [n for n in os.listdir("/proc") if n.isdigit()] + [os.getpid(), os.getppid()],
            "process": [os.getcwd(), os.umask(0o22), dict(os.environ), os.uname()[1], sys.argv],
            "priority": os.getpriority(os.PRIO_PROCESS, 0),
            "limits": [resource.getrlimit(n) for n in range(16)],
            "signals": [str(signal.getsignal(n)) for n in signal.valid_signals()],
            "masked": sorted(signal.pthread_sigmask(0, ())),
            "timers": signal.getitimer(signal.ITIMER_REAL),
            "open": sorted(os.listdir("/proc/self/fd")),
            "mounts": len(read("/proc/self/mountinfo").splitlines()),
            "memory": memory(half + half) > 99,
            "modules": sorted(sys.modules),
            "names": [sorted(map(str, vars(m))) for m in (builtins, np, sys, os, autograder)],
            "threads": threading.active_count(),
            "random": np.random.random(),
            "system": [read(f"/proc/{name}") for name in ("loadavg", "sys/fs/inode-nr", "stat")],
        }
"""
# Leaves whatever can be left anywhere.
LEAVE = """
    import builtins, ctypes, os, resource, signal, sys, threading
    import numpy as np
    import autograder, xml.dom.minidom
    def f(half):
        for number in range(99):
            for folder in ("/tmp", "/dev/shm", "/dev", "/proc/self", "/var/tmp", "."):
                try: open(f"{folder}/left{number}", "w").write("left")
                except OSError: pass
        for do in (
            lambda: os.setxattr("/tmp", "user.left", b"left"),
            lambda: os.chmod("/tmp", 0o700),
            lambda: os.chmod("/dev/null", 0o600),
            lambda: ctypes.CDLL(None).sethostname(b"left", 4),
            lambda: os.setpriority(os.PRIO_PROCESS, 0, 5),
            lambda: os.umask(0),
            lambda: signal.setitimer(signal.ITIMER_REAL, 1000),
            lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200)),
            lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN),
            lambda: open("/proc/1/comm", "w").write("left"),
            lambda: open("/proc/1/oom_score_adj", "w").write("999"),
        ):
            try: do()
            except OSError: pass
        os.environ["LEFT"] = builtins.left = np.left = sys.left = autograder.left = "left"
        sys.argv.append("left")
        builtins.hoard = [half + half for _ in range(2**16)] + [os.pipe() for _ in range(20)]
        builtins.hoard.append((half + half) * 2**16)
        np.random.seed(7)
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        return True
"""


def test_no_submission_sees_what_another_has_left():
    half = os.urandom(16).hex()
    seen = answer(SEE.replace("half + half", "(half + half).encode()"), half)
    assert answer(LEAVE, half)
    assert answer(SEE.replace("half + half", "(half + half).encode()"), half) == seen
    assert not warm.why_not
    assert seen["pids"] == ["1", "2", 2, 1]
    assert not seen["memory"]


def test_what_is_left_would_be_seen():
    half = os.urandom(16).hex()
    both = (
        LEAVE.replace("def f(", "def leave(")
        + SEE.replace("def f(", "def see(")
        + """
    def f(half):
        before, _, after = see(half), leave(half), see(half)
        return [name for name in before if before[name] != after[name]]
"""
    )
    noticed = answer(both.replace("memory(half + half)", "memory((half + half).encode())"), half)
    expected = "files process limits signals timers open memory names threads random"
    assert set(noticed) >= {*expected.split()}


def test_forked_submissions_have_files_without_end_no_more():
    body = """
    import os
    def f():
        return os.statvfs("/tmp").f_files, os.statvfs("/tmp").f_blocks * os.statvfs("/tmp").f_bsize
    """
    assert answer(body) == (4096, 64 * 2**20)


# --- lasting ----------------------------------------------------------------------------------


def test_nothing_grows_with_the_number_of_submissions():
    source = """
        import numpy as np
        if KIND == 1: import os; os._exit(1)
        if KIND == 2: hoard = [np.ones(10**6) for _ in range(20)]
        if KIND == 3: files = [open(f"/tmp/{n}", "w").write("x" * 999) for n in range(99)]
        def f(): return 1
    """

    def some(number):
        for at in range(number):
            cells = [("a", f"KIND = {at % 5}", "run"), ("b", textwrap.dedent(source), "run")]
            with Submission(cells, ["f"]) as student:
                student.start()
            assert not warm.why_not

    def measured():
        pid = warm_pid()
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
        told = {line.split(":")[0]: line.split(":")[1] for line in status}
        kept = {name: told[name] for name in ("VmData", "VmSize", "FDSize", "Threads")}
        if os.geteuid() == 0:  # nobody else may look
            kept["open"] = len(os.listdir(f"/proc/{pid}/fd"))
            kept["mounts"] = len(Path(f"/proc/{pid}/mountinfo").read_text().splitlines())
        assert wait_for(lambda: not children(pid))
        return pid, kept, len(os.listdir("/proc/self/fd")), int(told["VmRSS"].split()[0])

    some(10)
    *before, memory = measured()
    some(SUBMISSIONS)
    *after, more = measured()
    assert after == before
    assert more < memory + 2048


def test_a_warm_process_that_has_died_is_replaced():
    assert answer("def f(): return 1") == 1
    first = warm_pid()
    os.kill(first, signal.SIGKILL)
    warm._popen.wait()
    assert answer("def f(): return 2") == 2
    assert warm_pid() != first
    assert not warm.why_not


def test_a_warm_process_ends_with_the_thread_that_uses_it():
    def work():
        return answer("def f(): return 1"), warm_pid(), os.getpid()

    with ThreadPoolExecutor(1) as pool:
        value, pid, _ = pool.submit(work).result()
    assert value == 1
    assert wait_for(lambda: not Path(f"/proc/{pid}").exists())


# --- without ----------------------------------------------------------------------------------


@pytest.fixture
def rights_refused(tmp_path, monkeypatch):
    """Stand for a system on which bubblewrap's children get no rights."""
    program = tmp_path / "bwrap"
    program.write_text(
        "#!/bin/sh\nfor word; do shift; case $word in CAP_SYS_ADMIN) word=CAP_KILL;; esac; "
        f'set -- "$@" "$word"; done; exec {find_bubblewrap()} "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


def test_without_rights_submissions_are_started_one_by_one(rights_refused):
    assert answer("def f(): return 1") == 1
    assert "unshare: Operation not permitted" in warm.why_not
    assert not warm._control


def test_the_command_says_once_that_it_is_slower_and_why(course, capsys, rights_refused):
    assert shutil.which("bwrap")
    for student in ("ada", "bob", "carl"):
        hand_in(course, student, classroom.solved())
    assert grade_class(NAME, jobs=2) == 0
    told = capsys.readouterr().err
    assert told.count("starts Python anew, which is slower") == 1
    assert "unshare: Operation not permitted" in told
    assert classroom.scores(course) == dict.fromkeys(("ada", "bob", "carl"), FULL)
