"""No attack gains a point or does harm here; with nbgrader's own executor, they do both."""

from __future__ import annotations

import base64
import ctypes
import hashlib
import html
import html.parser
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook

from autograder import wire
from autograder.calls import Answer, Live
from autograder.course.written import reference
from autograder.grading.grade import Homework, grade, secret_data
from autograder.grading.sandbox import Limits, Submission
from autograder.grading.warm import warm
from autograder.suite import exercises, run
from autograder.suite import homeworks as suites
from autograder.tape import Drawn
from tests.attacks import HW1, HW3, TOOLS, Attack
from tests.attacks.flooding import FLOODING
from tests.attacks.forging import FORGING
from tests.attacks.lying import LYING
from tests.attacks.reaching import REACHING

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux")

ROOT = Path(__file__).parents[1]
MIB = 2**20
KINDS = {"forging": FORGING, "lying": LYING, "reaching": REACHING, "flooding": FLOODING}
ATTACKS = [attack for kind in KINDS.values() for attack in kind]
BY_NAME = {attack.name: attack for attack in ATTACKS}
# As submissions are run where they can be forked from a warm process, and where they cannot. What
# is written and answered meets the same grader both ways.
WAYS = {"warm": KINDS, "alone": {kind: KINDS[kind] for kind in ("reaching", "flooding")}}
# Where bubblewrap makes the work folder, whoever fills it is stopped.
TOLD = {("alone", "files"): replace(BY_NAME["files"], says="too many files")}
TRIED = [
    pytest.param(way, TOLD.get((way, attack.name), attack), id=f"{way}, {kind}: {attack.name}")
    for way, kinds in WAYS.items()
    for kind, attacks in kinds.items()
    for attack in attacks
]
LIMITS = {
    "cell_seconds": 2,
    "call_seconds": 1,
    "own_seconds": 5,
    "submission_seconds": 5,
    "cpu_seconds": 8,
    "memory_bytes": 768 * MIB,
    "processes": 32,
    "file_bytes": 16 * MIB,
}
START_SECONDS = 15  # for the processes of a submission to start, on a machine with other work
GRADER_BYTES = 8 * wire.MAX_BYTES  # what the grader may need to read an answer


# In JSON: control characters, what turns the direction of writing, and half characters.
ODD_CHARACTERS = re.compile(
    r"(?<!\\)\\(?:u00[0189]|[bfr])|[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


# ------------------------------------------------------------------------------ the world


class World:
    """What could be harmed: files, sockets, processes, and a word that nobody may learn."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.canary = f"canary-{secrets.token_hex(8)}"
        self.course, self.home, self.temporary = folder / "course", folder / "home", folder / "tmp"
        for name in (
            "course/gradebook.db",
            "course/.secret_seed",
            "course/solutions/hw3_softmax_loss/solution.py",
            "course/submitted/other/hw3_softmax_loss/hw3_softmax_loss.ipynb",
            "course/autograded/evil/hw3_softmax_loss/timestamp.txt",
            "home/.netrc",
            "outside",
        ):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.canary)
        self.temporary.mkdir()
        self.sockets = [
            self._listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            self._listen(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            self._listen(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{self.canary[::-1]}"),
            self._listen(socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "socket")),
        ]
        self._before = self._state()

    @staticmethod
    def _listen(family: int, kind: int, address: object) -> socket.socket:
        server = socket.socket(family, kind)
        server.bind(address)
        server.setblocking(False)
        if kind == socket.SOCK_STREAM:
            server.listen()
        return server

    def settings(self) -> str:
        """Return a cell that tells an attacker where everything is."""
        return "\n".join(
            f"{name} = {value!r}"
            for name, value in {
                "COURSE": str(self.course),
                "HOME": str(self.home),
                "OUTSIDE": str(self.folder / "outside"),
                "TCP": self.sockets[0].getsockname()[1],
                "UDP": self.sockets[1].getsockname()[1],
                "ABSTRACT": self.canary[::-1],
                "SOCKET": str(self.folder / "socket"),
                "GRADER": os.getpid(),
            }.items()
        )

    def touched(self) -> list[str]:
        """Tell which sockets somebody has connected or written to."""
        found = []
        for server in self.sockets:
            with suppress(BlockingIOError):
                if server.type == socket.SOCK_DGRAM:
                    server.recv(1)
                else:
                    server.accept()[0].close()
                found.append(str(server.getsockname()))
        return found

    def changed(self) -> list[str]:
        """Tell which files are new, changed or gone."""
        now = self._state()
        return sorted(str(path) for path, _ in now.items() ^ self._before.items())

    def _state(self) -> dict[Path, str]:
        return {
            path: hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
            for path in self.folder.rglob("*")
        }

    def close(self) -> None:
        """Stop listening."""
        for server in self.sockets:
            server.close()


class Watch(threading.Thread):
    """Measure from outside what a block takes: seconds, and memory of its processes and our own."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self._over = threading.Event()

    def __enter__(self) -> Watch:
        # Whoever loses its parent becomes our child, so that nobody is overlooked.
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
        Path("/proc/self/clear_refs").write_text("5")  # the highest memory is measured anew
        self._memory = _memory("self", "VmRSS")
        self.before = set(descendants())
        self._start = time.monotonic()
        self.start()
        return self

    def run(self) -> None:
        """Add up the memory of all processes that we have started, now and again."""
        while not self._over.wait(0.02):
            new = set(descendants()) - self.before
            self.bytes = max(self.bytes, sum(_memory(pid, "VmRSS") for pid in new))

    def __exit__(self, *_: object) -> None:
        self.seconds = time.monotonic() - self._start
        self.own_bytes = _memory("self", "VmHWM") - self._memory
        self._over.set()
        self.join()
        ctypes.CDLL(None).prctl(36, 0, 0, 0, 0)


def _memory(pid: int | str, name: str) -> int:
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return 1024 * int(next(line for line in lines if line.startswith(name)).split()[1])
    return 0


def descendants() -> list[int]:
    """List the processes that this one has started, and those that they have."""
    found, left = [], [os.getpid()]
    while left:
        with suppress(OSError):
            for task in Path(f"/proc/{left.pop()}/task").iterdir():
                children = [int(pid) for pid in (task / "children").read_text().split()]
                found += children
                left += children
    return found


def alive(before: set[int]) -> list[str]:
    """List our new descendants that are left after a moment, and bury those that are dead."""
    deadline = time.monotonic() + 20
    while True:
        left = []
        for pid in set(descendants()) - before:
            with suppress(OSError):
                status = Path(f"/proc/{pid}/status").read_text()
                if "State:\tZ" not in status:
                    left.append(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
                elif f"PPid:\t{os.getpid()}\n" in status:
                    os.waitpid(pid, os.WNOHANG)
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.02)


class Page(html.parser.HTMLParser):
    """Collect what would run in a page, or be loaded, and comes from an attacker."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.evil: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look into the attributes."""
        self._in_script = tag in ("script", "style")
        self.evil += [f"<{tag} {name}={value}>" for name, value in attrs if "EVIL" in f"{value}"]

    def handle_endtag(self, tag: str) -> None:
        """Leave a script."""
        self._in_script = False

    def handle_data(self, data: str) -> None:
        """Look into a script."""
        if self._in_script and "EVIL" in data:
            self.evil.append(data)


# ------------------------------------------------------------------------------ the notebooks


class _Recorder:
    """Give right answers, and keep them with what was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple] = []
        self._right = reference(ROOT, HW3)

    def call(self, name: str, args: tuple) -> object:
        answer = self._right.call(name, args)
        self.calls.append((args[0], answer.value))
        return answer


@pytest.fixture(scope="module")
def known():
    """Return a cell with what everybody can learn of `log_softmax` from the recorded answers."""
    recorder = _Recorder()
    assert all(result.passed for result in run(HW3, recorder, functions=["log_softmax"]))
    return f"KNOWN = {base64.b64encode(wire.encode(recorder.calls)).decode()!r}"


def _cell(source: str) -> dict:
    return new_code_cell(textwrap.dedent(source).strip(), id=secrets.token_hex(4))


def submission(attack: Attack, *first: str) -> bytes:
    """Write the attacker's notebook, with these cells of its own at the beginning."""
    path = ROOT / "assignments" / attack.homework / f"{attack.homework}.ipynb"
    notebook = json.loads(path.read_text())
    source = json.loads((ROOT / "source" / attack.homework / path.name).read_text())
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    solved = {cell["id"]: cell["source"] for cell in source["cells"]}
    for cell in cells.values():
        cell["source"] = "".join(cell["source"])
    if attack.homework == HW3:
        cells["softmax"]["source"] = "".join(solved["softmax"])
    for name, code in attack.written.items():
        cells[name]["source"] = textwrap.dedent(code)
    notebook["cells"][:0] = [_cell(source) for source in (*first, TOOLS)]
    if attack.code:
        notebook["cells"].append(_cell(attack.code))
    if attack.edit:
        attack.edit(notebook)
    return json.dumps(notebook).encode()


@pytest.fixture(scope="module")
def homeworks():
    """Return the homeworks, with data of their own."""
    return {
        name: Homework(
            name,
            nbformat.read(ROOT / "source" / name / f"{name}.ipynb", as_version=4),
            secret_data(name, reference(ROOT, name), secrets.token_hex(8)),
        )
        for name in (HW1, HW3)
    }


@pytest.fixture(scope="module", autouse=True)
def warmth():
    """Have the process that submissions are forked from, before anybody counts processes."""
    with Submission([], []) as student:
        student.start()


@pytest.fixture
def world(tmp_path, monkeypatch):
    """Return a world to be harmed, in the middle of which the grader stands."""
    world = World(tmp_path)
    monkeypatch.setenv("CANARY", world.canary)
    monkeypatch.setenv("HOME", str(world.home))
    monkeypatch.setattr(tempfile, "tempdir", str(world.temporary))
    monkeypatch.chdir(world.course / "autograded/evil/hw3_softmax_loss")
    yield world
    world.close()


# ------------------------------------------------------------------------------ the attacks


def test_there_are_attacks_enough():
    assert len(BY_NAME) == len(ATTACKS) >= 50


def test_every_promise_names_tests_that_there_are():
    table = (ROOT / "docs/SECURITY.md").read_text().split("## Limits")[0]
    promises = [line.split(" | ") for line in table.splitlines() if line.startswith("| **")]
    assert len(promises) >= 10
    for promise, _, tested in promises:
        files = [ROOT / name for name in re.findall(r"`(tests/[\w/]+\.py)`", tested)]
        assert files, promise
        text = "".join(file.read_text() for file in files)
        for name in re.findall(r"`(test_\w+)…?`", tested):
            assert f"def {name}" in text, (promise, name)


@pytest.mark.parametrize(("way", "attack"), TRIED)
def test_an_attack_gains_nothing_and_does_no_harm(
    way, attack, world, known, homeworks, monkeypatch
):
    if way == "alone":
        monkeypatch.setattr(warm, "why_not", "It is not asked for.")
        monkeypatch.setattr(warm, "_control", None)
    else:
        assert not warm.why_not
    homework, limits = homeworks[attack.homework], Limits(**{**LIMITS, **attack.limits})
    with Watch() as watch:
        graded = grade(submission(attack, world.settings(), known), homework, limits)
        left = alive(watch.before)
    text = json.dumps(graded.notebook, ensure_ascii=False)
    none = dict.fromkeys(exercises(attack.homework), 0.0)

    assert graded.scores == {**none, **attack.gets}
    assert points(graded.notebook) == {f"check_{f}": p for f, p in graded.scores.items()}
    said = [problem for problem in graded.record.problems if problem.startswith("cell")]
    assert attack.says in text if attack.says else not said

    for secret in (world.canary, world.canary[::-1], "STOLEN"):
        assert secret not in reports(graded.notebook)
    assert not ODD_CHARACTERS.search(reports(graded.notebook))
    assert not world.changed()
    assert not world.touched()
    assert not left
    assert not any(Path(place, "unrolled-attack").exists() for place in ("/tmp", "/dev/shm"))
    seconds = limits.own_seconds + limits.submission_seconds
    assert watch.seconds < 2 * seconds + START_SECONDS  # secret and public data
    assert watch.bytes < limits.memory_bytes + 128 * MIB  # the worker, and bubblewrap
    assert watch.own_bytes < GRADER_BYTES


class _ByHeart:
    """Know the public answers, as everybody can, and nothing else."""

    def __init__(self, right: Live, known: dict[bytes, Answer] | None = None) -> None:
        self._right, self._learns = right, known is None
        self.known = known or {}

    def call(self, name: str, args: tuple) -> Answer:
        asked = wire.encode((name, *args))
        if self._learns:
            self.known[asked] = self._right.call(name, args)
        return self.known.get(asked, Answer(None))


# Graphs have no data but a number of steps.
WITHOUT_DATA = {"folded_graph", "unrolled_graph", "pattern_graph"}


@pytest.mark.parametrize("name", suites())
def test_public_answers_known_by_heart_earn_no_more_than_graphs(name):
    right = reference(ROOT, name)
    student = _ByHeart(right)
    assert all(result.passed for result in run(name, student))
    again = run(name, _ByHeart(right, student.known), Drawn(right, secrets.token_hex(8)))
    assert {result.function for result in again if result.points} <= WITHOUT_DATA


def test_what_is_told_was_said_before_the_secret_data_were_seen(world, known, homeworks):
    # Without walls, whoever has seen secret data can leave them in a file, to be told by others.
    attack = Attack(
        "leaves the fresh data in a file",
        """
        if os.path.exists(OUTSIDE + ".left"):
            raise ValueError("STOLEN by a cell of a process that was started again")
        def log_softmax(o):
            from autograder import wire
            given = [x for x, _ in wire.decode(base64.b64decode(KNOWN))]
            if any(x.shape == o.shape and np.array_equal(x, o) for x in given):
                raise ValueError("There is " + read(OUTSIDE + ".left") * 0 + "a file.")
            with open(OUTSIDE + ".left", "w") as file:
                file.write("STOLEN")
            os._exit(0)
        """,
    )
    data = submission(attack, world.settings(), known)
    graded = grade(data, homeworks[HW3], sandbox=False)
    assert world.changed() == [str(world.folder / "outside.left")]
    shown = reports(graded.notebook)
    assert "FileNotFoundError" in shown
    assert "STOLEN" not in shown
    assert "There is a file" not in shown


def points(notebook) -> dict[str, float]:
    """Read the points of a graded notebook as nbgrader does."""
    return {
        cell.metadata.nbgrader.grade_id: float(
            next(
                output.data["text/plain"]
                for output in cell.outputs
                if output.output_type == "execute_result"
            )
        )
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


def reports(notebook) -> str:
    """Return what the grader has written into a notebook."""
    written = [cell.get("outputs", []) for cell in notebook.cells]
    told = [cell.source for cell in notebook.cells if cell.id == "about-this-submission"]
    return json.dumps([written, told], ensure_ascii=False)


# ------------------------------------------------------------------------------ a class


def course_of(folder: Path, sources: dict[str, bytes], assignment: str = HW3) -> None:
    """Put submissions into a course's folder, by student."""
    for student, data in sources.items():
        place = folder / "submitted" / student / assignment
        place.mkdir(parents=True)
        (place / f"{assignment}.ipynb").write_bytes(data)


def nbgrader(folder: Path, *arguments: str, **more: str) -> str:
    """Run a command of nbgrader, and return what it says."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    said = folder / "said.txt"  # no pipe: what an attacker leaves behind would hold it open
    with said.open("w") as out:
        subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments],
            cwd=folder,
            env={**os.environ, "PATH": path, **more},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            timeout=120,
        )
    return said.read_text()


def scores(folder: Path, assignment: str = HW3) -> dict[str, float]:
    """Read the scores of all students from the gradebook."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "unrolled") as book:
        return {s.student.id: s.score for s in book.assignment_submissions(assignment)}


IN_CLASS = [
    "overwrites what lies beside the notebook",
    "kills everyone",
    "points are raised in the metadata",
    "the process exits with success",
    "leaves a process in the background",
    *(name for name in BY_NAME if name.startswith("markup") and BY_NAME[name].homework == HW3),
]


@pytest.mark.parametrize(
    "text",
    ["<script>EVIL()</script>", "<img src=x onerror=EVIL()>", "<a href='javascript:EVIL()'>"],
)
def test_what_would_run_in_a_page_is_noticed(text):
    assert Page(text).evil
    assert not Page(html.escape(text)).evil


def test_attackers_in_a_class_change_nobody_elses_grade_and_no_page(world, known):
    folder = world.folder / "class"
    for part in ("solutions", "source"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, folder / part, ignore=ignore)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    first, before = (world.settings(), known), set(descendants())
    everyone = {f"evil{at}": submission(BY_NAME[n], *first) for at, n in enumerate(IN_CLASS)}
    everyone["honest"] = (folder / "source" / HW3 / f"{HW3}.ipynb").read_bytes()
    course_of(folder, everyone)
    paths = {"PYTHONPATH": str(ROOT)}
    said = nbgrader(folder, "generate_assignment", HW3, **paths)
    said += nbgrader(folder, "autograde", HW3, **paths)
    said += nbgrader(folder, "generate_feedback", HW3, **paths)
    assert scores(folder) == {**dict.fromkeys(everyone, 4.0), "honest": 20.0}, said
    for student in everyone:
        page = (folder / "feedback" / student / HW3 / f"{HW3}.html").read_text()
        assert Page(page).evil == [], student
    shutil.rmtree(folder)
    assert not world.touched()
    assert not alive(before)
    assert not world.changed()


# ------------------------------------------------------------------------------ nbgrader alone

ORDINARY = {
    "log_softmax": ("def log_softmax(o): return o  # wrong", False),
    "check_log_softmax": (
        "import numpy as np\n"
        "o = np.array([0.5, 1.0, -2.0])\n"
        "np.testing.assert_allclose(log_softmax(o), o - np.log(np.exp(o).sum()))\n"
        "assert log_softmax(o).shape == (3,)",
        True,
    ),
}


def ordinary(*cells: str) -> bytes:
    """Write a notebook as nbgrader's manual shows them: a function, and a cell of assertions."""
    made = new_notebook(cells=[_cell(source) for source in (TOOLS, *cells)])
    for name, (source, grade_cell) in ORDINARY.items():
        cell = new_code_cell(source, id=name)
        cell.metadata["nbgrader"] = {
            "cell_type": "code",
            "grade": grade_cell,
            "grade_id": name,
            "locked": grade_cell,
            "solution": not grade_cell,
            "schema_version": 3,
            "task": False,
            **({"points": 4.0} if grade_cell else {}),
        }
        made.cells.append(cell)
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return nbformat.writes(made).encode()


def test_with_nbgraders_own_executor_the_attacks_succeed(world):
    folder = world.folder / "ordinary"
    (folder / "source/hw").mkdir(parents=True)
    (folder / "source/hw/hw.ipynb").write_bytes(ordinary())
    (folder / "nbgrader_config.py").write_text("get_config().CourseDirectory.course_id='unrolled'")
    said = nbgrader(folder, "generate_assignment", "hw")

    def attacker(name: str, *more: str) -> bytes:
        return ordinary(world.settings(), *more, BY_NAME[name].code)

    class_of = {
        "wrong": ordinary(),
        "comparisons": attacker("numpy's comparisons always agree"),
        "assertions": attacker("IPython deletes assertions"),
        "environment": attacker("reads the environment of the grader"),
        "reader": attacker("reads the gradebook, the solutions, the seed and other submissions"),
        "network": attacker("connects to a port of this machine"),
        "writer": attacker("overwrites the gradebook, the solutions and the seed"),
        "background": attacker("leaves a process in the background"),
    }
    course_of(folder, class_of, "hw")
    with Watch() as watch:
        said += nbgrader(folder, "autograde", "hw")
        left = [pid for pid in descendants() if "sleep" in _command_of(pid)]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        assert not alive(watch.before)
    found = scores(folder, "hw")
    assert {name for name, score in found.items() if score == 4.0} == {"comparisons", "assertions"}
    assert found["wrong"] == 0.0, said
    for name, secret in ("environment", "found True"), ("reader", world.canary):
        assert secret in (folder / "autograded" / name / "hw/hw.ipynb").read_text()
    assert len(world.touched()) == 4
    assert {"gradebook.db", ".secret_seed"} <= {Path(path).name for path in world.changed()}
    assert left


def _command_of(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""
