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
    PACKAGE,
    SandboxMissing,
    environment,
    find_bubblewrap,
    python_command,
    walled_command,
)
from autograder.kinds import Kind

START_SECONDS = 60.0  # for Python and numpy to start, before anything of the student's runs
MAX_TEXT = 500  # characters of a text from the sandbox
ABSURD = 2**40  # bytes: no answer has that size, so that it is not a size


def printable(text: str) -> str:
    """Return a text from the sandbox, short, and with nothing in it that moves a cursor."""
    return "".join(c if c.isprintable() else " " for c in text[:MAX_TEXT]).strip()


class Stopped(Exception):
    """Tell that the process gave no answer, by kind."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self.kind = kind


class Process:
    """A running worker, and the two pipes to it. Nothing that it does makes us wait for longer."""

    def __init__(self, sandbox: bool, rlimits: dict[str, int]) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        if sandbox:
            bubblewrap = find_bubblewrap()
            if bubblewrap is None:
                raise SandboxMissing("bubblewrap is not installed.")
            command, folder = walled_command(bubblewrap, rlimits), "/"
            variables: dict[str, str] = {}  # can be read inside, in /proc/1/environ
        else:
            command, variables, folder = self._plain(rlimits)
        try:
            self._popen = popen = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=variables,
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
            raise SandboxMissing(reason) if sandbox else Unavailable(reason)

    def _ready(self) -> bool:
        """Tell whether it comes to work, before it is given anything of the student's."""
        try:
            return self.receive(time.monotonic() + START_SECONDS) == ("ready",)
        except Stopped:
            return False

    def _plain(self, rlimits: dict[str, int]) -> tuple[list[str], dict[str, str], str]:
        """Make a folder in which a process without walls finds what the sandbox would hold."""
        self._folder = tempfile.TemporaryDirectory(prefix="unrolled-", ignore_cleanup_errors=True)
        root = Path(self._folder.name)
        for name, path in COURSE.items():
            link = root / "course" / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(PACKAGE / path)
        work = root / "work"
        work.mkdir()
        return python_command(str(root / "course"), rlimits), environment(str(work)), str(work)

    def _complaint(self) -> str:
        """Return what it wrote about why it could not start."""
        try:
            return printable(os.read(self._complaints, MAX_TEXT).decode(errors="replace"))
        except OSError:
            return ""

    def send(self, data: bytes, deadline: float) -> None:
        """Write a value's bytes, or raise `Stopped`."""
        rest = memoryview(wire.FRAME.pack(len(data)) + data)
        while rest:
            self._wait(self._requests, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(self._requests, rest) :]
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
            self._wait(self._answers, select.POLLIN, deadline)
            try:
                chunk = os.read(self._answers, min(size - len(data), 2**20))
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
        with suppress(Stopped):
            deadline = time.monotonic() + 5
            while True:
                self._read(2**20, deadline)
        for pipe in self._pipes:
            pipe.close()
        if self._folder:
            self._folder.cleanup()
        return status
