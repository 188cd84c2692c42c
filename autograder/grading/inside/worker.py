"""Run a submission's cells and answer calls of its functions. This is the sandbox's side.

Nothing here is trusted: the student's code runs in this very process and can change all of it.
What protects the grader stands outside: `autograder.grading.walls`, the strict reading of every
answer in `autograder.grading.sandbox`, and the rlimits and the system call filter that are set
before the first line of the student's code, and which nothing can lift again.

The other side writes a setup and then calls; this side writes (each a `wire` value in a frame)::

    ("ready",)                    once, before anything of the student's is read
    ("cell",)                     before each cell
    ("failed", kind, error)       after a cell that raised; the later ones still run
    ("done", uses)                after the last cell
    (ticket, "answer", value, changed, shared)      to a call: positions of the arguments that it
                                          changed, and of those whose arrays are in the answer
    (ticket, "failure", kind, error)      to a call that gave no answer
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import struct
import sys
from contextlib import suppress
from typing import Any

import autograder
from autograder import wire
from autograder.grading.inside.cells import Notebook
from autograder.grading.inside.confinement import become, confine, die_with_parent, hide, limit
from autograder.grading.inside.stand_ins import furnish

WORK_FILES = 4096  # in the work folder, with links and folders
WATCH_MS = 50  # between two looks at how many there are
FIRST_FD = 100  # the pipes are moved here, out of the way of the standard streams


class Channel:
    """Read requests from and write answers to the grader."""

    def __init__(self) -> None:
        """Take the pipes away from the standard streams, which then lead nowhere."""
        self.requests = fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, FIRST_FD)
        self.answers = fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, FIRST_FD)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1):
            os.dup2(nowhere, stream)
        os.close(nowhere)

    def receive(self) -> Any:
        """Wait for a request; end the process if the grader has gone."""
        (size,) = wire.FRAME.unpack(self._read(wire.FRAME.size))
        return wire.decode(self._read(size), trusted=True)

    def _read(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            chunk = os.read(self.requests, min(size - len(data), 2**20))
            if not chunk:
                os._exit(0)
            data += chunk
        return bytes(data)

    def send(self, message: tuple[Any, ...], max_bytes: int = wire.MAX_BYTES) -> None:
        """Write a message; raise `wire.WireError`, with nothing written, if it is too large."""
        data = wire.encode(message, max_bytes=max_bytes)
        rest = memoryview(wire.FRAME.pack(len(data)) + data)
        while rest:
            rest = rest[os.write(self.answers, rest) :]


def serve() -> None:
    """Run the cells of one submission and answer calls of its functions, to the end."""
    channel = Channel()
    autograder.__path__ = list(autograder.__path__)
    notebook = Notebook()
    furnish(notebook)
    confine()
    channel.send(("ready",))
    os.dup2(1, 2)  # up to here, the grader reads what Python writes about its errors
    setup = channel.receive()
    notebook.graded = setup["graded"]
    notebook.prepare(source for _, source, _ in setup["cells"])
    for cell in setup["cells"]:
        channel.send(("cell",))
        if failure := notebook.run(*cell):
            channel.send(("failed", *failure))
    channel.send(("done", notebook.uses(notebook.graded)))
    while True:
        ticket, name, args = channel.receive()
        try:
            channel.send((ticket, *notebook.call(name, args)), setup["answer_bytes"])
        except wire.WireError:
            channel.send((ticket, "failure", "too large", None))
        except MemoryError as error:
            channel.send((ticket, "failure", *notebook.failure(error)))


def fork_from_first(lifeline: int) -> None:
    """Fork, and return in the child; stay behind as the sandbox's process 1, as confined as it is.

    Process 1 ends with its child, and tells on the lifeline how that has ended. Or it ends, and all
    the sandbox with it, when nobody holds the lifeline's other end any more, or when there are more
    files than a work folder may hold, which bubblewrap cannot bound.
    """
    if not (child := os.fork()):
        return
    os.dup2(lifeline, 0)
    os.closerange(1, 256)
    waiting = select.poll()
    waiting.register(0, 0)  # tells when the other end is closed, and nothing else
    waiting.register(os.pidfd_open(child), select.POLLIN)
    confine()
    while not waiting.poll(WATCH_MS):
        files = os.statvfs("/tmp")
        if files.f_files - files.f_ffree > WORK_FILES:
            os._exit(128 + signal.SIGXFSZ)
    ended, status = os.waitpid(child, os.WNOHANG)
    code = os.waitstatus_to_exitcode(status)
    if ended:
        with suppress(OSError):
            os.write(0, struct.pack("<i", code))
    os._exit(code if code >= 0 else 128 - code)


def main(user: str, rlimits: str) -> None:
    """Serve one grader, in a sandbox of its own or without walls."""
    if user:
        become(int(user))
    if sys.platform == "linux":
        die_with_parent()
        hide()
    for name, value in json.loads(rlimits).items():
        limit(name, value)
    if os.getpid() == 1:
        fork_from_first(lifeline=0)
    del sys.argv[1:]
    serve()
