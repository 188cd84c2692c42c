"""Have submissions' processes forked by one that is warm. This is the trusted side.

To start Python and numpy takes longer than many a submission. So each thread that grades keeps a
process (`autograder.grading.inside.warm`) behind the same walls, which has seen no submission and
forks one for each. Where the system gives it no rights to part them, each is started by itself.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import threading
from contextlib import suppress

from autograder.grading.walls import START_SECONDS, nobody, printable, warm_command


class Forked:
    """A submission's process, with our ends of its pipes. It ends when we let go of it."""

    def __init__(self, control: socket.socket, rlimits: dict[str, int]) -> None:
        requests, self.requests = os.pipe()
        self.answers, answers = os.pipe()
        self.complaints, complaints = os.pipe()
        self._lifeline, lifeline = socket.socketpair()
        theirs = [requests, answers, complaints, lifeline.detach()]
        request = {"user": nobody(), "rlimits": rlimits}
        try:
            socket.send_fds(control, [json.dumps(request).encode()], theirs)
        except OSError:
            self.end(0)
            self.close()
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)

    def end(self, seconds: float) -> int:
        """End it, if it has not ended by itself within some seconds; return its exit status."""
        told = b""
        self._lifeline.settimeout(seconds)
        with suppress(OSError):
            told = self._lifeline.recv(4)
        self._lifeline.close()
        return struct.unpack("<i", told)[0] if len(told) == 4 else -signal.SIGKILL

    def close(self) -> None:
        """Close the pipes."""
        for pipe in (self.requests, self.answers, self.complaints):
            os.close(pipe)


class _Warm(threading.local):
    """The warm process of a thread, and why there is none."""

    why_not = ""
    _control: socket.socket | None = None
    _popen: subprocess.Popen[bytes]

    def fork(self, bubblewrap: str, rlimits: dict[str, int]) -> Forked | None:
        """Have a process forked, if there can be a warm one."""
        for _ in range(2):  # it may have died since the last time
            if self._control is None and not self.why_not:
                self._start(bubblewrap)
            if self._control is None:
                return None
            try:
                return Forked(self._control, rlimits)
            except OSError:
                self.stop()
        return None

    def _start(self, bubblewrap: str) -> None:
        control, end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with end:
            self._popen = subprocess.Popen(
                warm_command(bubblewrap),
                stdin=end.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={},
                cwd="/",
                start_new_session=True,
            )
        self._control, told = control, b""
        control.settimeout(START_SECONDS)
        with suppress(OSError):
            told = control.recv(16)
        if told != b"ready":
            self.why_not = self.stop() or "bubblewrap failed."

    def refuse(self, why: str) -> None:
        """Have none any more, since what it forked did not come to work."""
        self.stop()
        self.why_not = why

    def stop(self) -> str:
        """End the warm process, if there is one; return what it wrote about why it failed."""
        if not self._control:
            return ""
        self._control.close()
        self._control = None
        self._popen.kill()
        _, complaint = self._popen.communicate()
        return printable(complaint.decode(errors="replace"))

    def forget(self) -> None:
        """Leave it to the process that this one was forked from."""
        if self._control:
            self._control.close()
            self._control = None
            self._popen.returncode = 0  # not our child


warm = _Warm()
os.register_at_fork(after_in_child=warm.forget)
