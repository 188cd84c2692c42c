"""Start a submission's process and talk to it over pipes. This is the trusted side.

The other side is `autograder.grading.inside.worker`. What comes back is plain data, read as
strictly as `autograder.wire` reads, and nothing that the process does makes us wait for longer.
"""

from __future__ import annotations

import math
import os
import select
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from autograder import wire
from autograder.calls import Unavailable
from autograder.grading.walls import (
    COURSE,
    MAX_TEXT,
    PACKAGE,
    START_SECONDS,
    SandboxForbidden,
    SandboxMissing,
    environment,
    find_bubblewrap,
    plain_command,
    printable,
    walled_command,
)
from autograder.grading.warm import Forked, warm
from autograder.kinds import Kind

ABSURD = 2**40  # bytes: no answer has that size, so that it is not a size


class Stopped(Exception):
    """Tell that the process gave no answer, by kind."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self.kind = kind


class Started:
    """A process that a command has started, with our ends of its pipes."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: str) -> None:
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
        self._pipes = [pipe for pipe in (popen.stdin, popen.stdout, popen.stderr) if pipe]
        self.requests, self.answers, self.complaints = (pipe.fileno() for pipe in self._pipes)

    def end(self, seconds: float) -> int:
        """End it, if it has not ended by itself within some seconds; return its exit status."""
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self._popen.pid, signal.SIGKILL)
        # The sandbox's process 1 may be of a user whom bubblewrap has no right to end with itself.
        self._pipes[0].close()
        return self._popen.wait()

    def close(self) -> None:
        """Close the pipes."""
        for pipe in self._pipes:
            pipe.close()


class Process:
    """A running worker, to talk to. Nothing that it does makes us wait for longer.

    It is forked by a warm process if there can be one, else started by itself. Before it is given
    anything of the student's, it has come to work.
    """

    _folder: tempfile.TemporaryDirectory[str] | None = None
    _child: Started | Forked

    def __init__(self, sandbox: bool, rlimits: dict[str, int]) -> None:
        if not sandbox:
            if not self._comes_to_work(self._plain(rlimits)):
                raise Unavailable(f"Python failed. {self._last_words()}")
            return
        bubblewrap = find_bubblewrap()
        if bubblewrap is None:
            raise SandboxMissing("bubblewrap is not installed.")
        try:
            if forked := warm.fork(bubblewrap, rlimits):
                if self._comes_to_work(forked):
                    return
                warm.refuse(self._last_words())
            # What it is started with can be read inside, in /proc/1/environ.
            started = Started(walled_command(bubblewrap, rlimits), {}, "/")
        except OSError as error:
            raise SandboxMissing(f"{bubblewrap} cannot be started ({error.strerror}).") from None
        if not self._comes_to_work(started):
            told = f"{bubblewrap} failed. {self._last_words()}"
            raise SandboxForbidden(told.strip())

    def _comes_to_work(self, child: Started | Forked) -> bool:
        self._child = child
        for pipe in (child.requests, child.answers, child.complaints):
            os.set_blocking(pipe, False)
        try:
            return bool(self.receive(time.monotonic() + START_SECONDS) == ("ready",))
        except Stopped:
            return False

    def _plain(self, rlimits: dict[str, int]) -> Started:
        """Start a process without walls, in a folder that holds what the sandbox would hold."""
        self._folder = tempfile.TemporaryDirectory(prefix="unrolled-", ignore_cleanup_errors=True)
        root = Path(self._folder.name)
        for name, path in COURSE.items():
            link = root / "course" / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(PACKAGE / path)
        work = root / "work"
        work.mkdir()
        command = plain_command(str(root / "course"), rlimits)
        return Started(command, environment(str(work)), str(work))

    def _last_words(self) -> str:
        """Stop it, and return what it wrote about why it could not start."""
        try:
            return printable(os.read(self._child.complaints, MAX_TEXT).decode(errors="replace"))
        except OSError:
            return ""
        finally:
            self.stop()

    def send(self, data: bytes, deadline: float) -> None:
        """Write a value's bytes, or raise `Stopped`."""
        rest = memoryview(wire.FRAME.pack(len(data)) + data)
        while rest:
            self._wait(self._child.requests, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(self._child.requests, rest) :]
            except BlockingIOError:
                pass
            except OSError:
                raise Stopped(Kind.KILLED) from None

    def receive(self, deadline: float, max_bytes: int = wire.MAX_BYTES) -> Any:
        """Read a value, or raise `Stopped`."""
        (size,) = wire.FRAME.unpack(self._read(wire.FRAME.size, deadline))
        if size > max_bytes:
            raise Stopped(Kind.TOO_LARGE if size < ABSURD else Kind.GARBAGE)
        try:
            return wire.decode(self._read(size, deadline), max_bytes=max_bytes)
        except wire.WireError:
            raise Stopped(Kind.GARBAGE) from None

    def _read(self, size: int, deadline: float) -> bytes:
        data = bytearray()
        while len(data) < size:
            self._wait(self._child.answers, select.POLLIN, deadline)
            try:
                chunk = os.read(self._child.answers, min(size - len(data), 2**20))
            except BlockingIOError:
                continue
            if not chunk:
                raise Stopped(Kind.KILLED)
            data += chunk
        return bytes(data)

    def _wait(self, pipe: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(pipe, event)
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(math.ceil(left * 1000)):
            raise Stopped(Kind.TIMEOUT)

    def spoke_unasked(self) -> bool:
        """Tell whether there is something to read before anything was asked."""
        poll = select.poll()
        poll.register(self._child.answers, select.POLLIN)
        return bool(poll.poll(0))

    def stop(self, ending: bool = False) -> int:
        """End the process and all that it started; return its exit status.

        One that is ending already may do so, for its status. What is left in the sandbox dies
        with its process 1, and is gone when nobody holds the pipe any more.
        """
        status = self._child.end(1 if ending else 0)
        with suppress(Stopped):
            deadline = time.monotonic() + 5
            while True:
                self._read(2**20, deadline)
        self._child.close()
        if self._folder:
            self._folder.cleanup()
        return status
