"""No attack gains a point or does harm here; with nbgrader's own executor, they do both."""

from __future__ import annotations

import base64
import copy
import ctypes
import hashlib
import html.parser
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder import wire
from autograder.course.build import reference
from autograder.grading.grade import Homework, grade
from autograder.grading.sandbox import Limits
from autograder.suite import exercises, run
from tests.attacks import HW1, HW3, TOOLS, Attack
from tests.attacks.flooding import FLOODING
from tests.attacks.forging import FORGING
from tests.attacks.lying import LYING
from tests.attacks.reaching import REACHING

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux")

ROOT = Path(__file__).parents[1]
MIB = 2**20
ATTACKS = [*FORGING, *LYING, *REACHING, *FLOODING]
BY_NAME = {attack.name: attack for attack in ATTACKS}
LIMITS = {
    "cell_seconds": 2,
    "call_seconds": 1,
    "submission_seconds": 10,
    "cpu_seconds": 8,
    "memory_bytes": 768 * MIB,
    "processes": 32,
    "file_bytes": 16 * MIB,
}
START_SECONDS = 15  # for the processes of a submission to start, on a machine with other work
GRADER_BYTES = 400 * MIB  # what the grader may need for one answer, beside what it has


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
            "course/solutions/hw3_softmax_loss.py",
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
        self._start = time.monotonic()
        self.start()
        return self

    def run(self) -> None:
        """Add up the memory of all processes that we have started, now and again."""
        while not self._over.wait(0.02):
            self.bytes = max(self.bytes, sum(_memory(pid, "VmRSS") for pid in descendants()))

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


def alive() -> list[str]:
    """List our descendants that are left after a moment, and bury those that are dead."""
    deadline = time.monotonic() + 2
    while True:
        left = []
        for pid in descendants():
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
    """Return the homeworks, with a seed to be told from everything else."""
    return {
        name: Homework(
            name,
            nbformat.read(ROOT / "source" / name / f"{name}.ipynb", as_version=4),
            reference(ROOT, name),
            f"canary-{secrets.token_hex(8)}",
        )
        for name in (HW1, HW3)
    }


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


@pytest.mark.parametrize("name", BY_NAME)
def test_an_attack_gains_nothing_and_does_no_harm(name, world, known, homeworks):
    attack = BY_NAME[name]
    homework, limits = homeworks[attack.homework], Limits(**{**LIMITS, **attack.limits})
    with Watch() as watch:
        graded = grade(submission(attack, world.settings(), known), homework, limits)
        left = alive()
    text = json.dumps(graded.notebook, ensure_ascii=False)
    none = dict.fromkeys(exercises(attack.homework), 0.0)

    assert graded.scores == {**none, **attack.gets}
    assert points(graded.notebook) == {f"check_{f}": p for f, p in graded.scores.items()}
    said = [problem for problem in graded.record.problems if problem.startswith("cell")]
    assert attack.says in text if attack.says else not said

    for secret in (world.canary, world.canary[::-1], homework.seed, "STOLEN"):
        assert secret not in reports(graded.notebook)
    assert not world.changed()
    assert not world.touched()
    assert not left
    assert not list(Path(tempfile.gettempprefix()).parent.glob("unrolled-attack"))
    assert not any(Path(place, "unrolled-attack").exists() for place in ("/tmp", "/dev/shm"))
    assert watch.seconds < 2 * limits.submission_seconds + START_SECONDS  # secret and public data
    assert watch.bytes < limits.memory_bytes + 128 * MIB  # the worker, and bubblewrap
    assert watch.own_bytes < GRADER_BYTES


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
