"""Be warm and see nothing: fork a process for each submission. This runs in bubblewrap's walls.

The process imports what a worker needs, once. Nothing of a student's runs or arrives in it: for
each submission it gets pipes, which it hands on without a look. Those that it forks part from each
other by name spaces, files and process tables of their own.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import NoReturn

import numpy as np

from autograder.grading.inside.confinement import become, die_with_parent, hide, libc_call, limit
from autograder.grading.inside.worker import WORK_FILES, fork_from_first, serve

# What takes long to import, where it is installed. Not pyplot, which keeps a state.
PRELOADED = (
    *("autograder.datasets", "autograder.grading.inside.shell"),
    *("matplotlib.backends.backend_agg", "matplotlib.figure"),
)
WORK_BYTES = 64 * 2**20  # of the work folder, held in memory
PIPES = 4  # requests, answers, complaints, and the lifeline

_SPACES = 0x02000000 | 0x00020000 | 0x04000000 | 0x08000000 | 0x20000000 | 0x40000000
_READ_ONLY, _NO_SUID, _NO_DEV, _NO_EXEC, _REMOUNT, _BIND, _ALL = 1, 2, 4, 8, 32, 4096, 16384
_PRIVATE = 1 << 18


def main() -> None:
    """Wait for pipes, until the grader has gone."""
    die_with_parent()
    hide()
    control, shown = socket.socket(fileno=os.dup(0)), os.listdir("/tmp")
    for module in PRELOADED:
        with suppress(ImportError):
            importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that the dead need no burial
    del sys.argv[1:]
    np.random.seed(0)
    gc.collect()
    gc.freeze()
    control.send(b"ready")
    while True:
        request, pipes, _, _ = socket.recv_fds(control, 4096, PIPES)
        if len(pipes) < PIPES:
            os._exit(0)
        if not os.fork():
            _be_born(json.loads(request), shown, *pipes)
        for pipe in pipes:
            os.close(pipe)


def _be_born(
    request: dict, shown: list[str], requests: int, answers: int, complaints: int, lifeline: int
) -> NoReturn:
    """Become a submission's process 1, and its child that serves; end with a complaint."""
    os.dup2(complaints, 2)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        libc_call("unshare", _SPACES)
        if os.fork():
            os._exit(0)
        os.setsid()
        _furnish(shown)
        if request["user"]:
            become(int(request["user"]))
            hide()
        for name, value in request["rlimits"].items():
            limit(name, value)
        fork_from_first(lifeline)
        os.dup2(requests, 0)
        os.dup2(answers, 1)
        os.closerange(3, 256)
        serve()
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}".encode())
    os._exit(1)


def _furnish(shown: list[str]) -> None:
    """Mount a process table and a work folder, which holds only what was shown in the old one."""
    _mount("", "/", "", _PRIVATE | _ALL)
    old, kind = os.open("/tmp", os.O_PATH), _NO_SUID | _NO_DEV
    _mount("tmpfs", "/tmp", "tmpfs", kind, f"size={WORK_BYTES},nr_inodes={WORK_FILES},mode=1777")
    for name in shown:  # an installation may lie there
        os.mkdir(f"/tmp/{name}")
        _mount(f"/proc/self/fd/{old}/{name}", f"/tmp/{name}", "", _BIND | _ALL)
        _mount("", f"/tmp/{name}", "", _BIND | _REMOUNT | _READ_ONLY | kind)
    _mount("proc", "/proc", "proc", kind | _NO_EXEC, "subset=pid")
    os.chdir("/tmp")


def _mount(source: str, place: str, kind: str, flags: int, options: str = "") -> None:
    libc_call("mount", source.encode(), place.encode(), kind.encode(), flags, options.encode())
