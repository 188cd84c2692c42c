"""Submissions that try to gain points which they did not earn, or to do harm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

HW1, HW3 = "hw1_unrolling", "hw3_softmax_loss"
HONEST = {"softmax": 4.0}  # what the solved part of an attacker's notebook is worth
STOPPED = "wrote to a file that is not its own"
EXITED = "ended the process"


@dataclass(frozen=True)
class Attack:
    """One submission: an untouched notebook with `softmax` solved, and the attack in it.

    Parameters
    ----------
    name : str
        What it tries.
    code : str
        A cell of the student's own, at the end of the notebook.
    written : dict of str to str
        Exercise cells, by function.
    edit : callable, optional
        Changes the notebook's JSON, a dict, in place.
    gets : dict of str to float
        The points by function, where there are any: all that it must get.
    says : str
        Words that the graded notebook must hold. Where there are none, the attack must have run
        to its end without an error, so that it was one.
    limits : dict of str to float
        Where they differ from those of the other attacks.
    homework : str
        Its name. In others than `HW3`, nothing is solved.
    """

    name: str
    code: str = ""
    written: dict[str, str] = field(default_factory=dict)
    edit: Callable[[dict[str, Any]], None] | None = None
    gets: dict[str, float] = field(default_factory=lambda: HONEST)
    says: str = ""
    limits: dict[str, float] = field(default_factory=dict)
    homework: str = HW3


# What every attacker is given in a first cell, beside the names of what is to be attacked:
# COURSE, HOME, OUTSIDE, TCP, UDP, ABSTRACT, SOCKET, GRADER, and the recorded answers, KNOWN.
TOOLS = '''
import base64, ctypes, gc, os, signal, socket, subprocess, sys, threading, time
import numpy as np

def attempt(do, *args):
    """Return what comes of a call, in one word where it fails."""
    try:
        return repr(do(*args))[:90]
    except BaseException as error:
        return type(error).__name__

def tell(*found):
    """Carry what was found out of the sandbox, in an error message."""
    raise RuntimeError(" ".join(map(str, found)))

def read(path):
    with open(path, errors="replace") as file:
        return file.read(80)

def write(path):
    with open(path, "w") as file:
        file.write("attacked")
    return "written"

def frame(message):
    """Return an answer as the grader expects it."""
    from autograder import wire
    data = wire.encode(message)
    return wire.FRAME.pack(len(data)) + data

def everywhere(data):
    """Write to every file that is open."""
    written = 0
    for descriptor in range(256):
        try:
            os.set_blocking(descriptor, False)
            written += os.write(descriptor, data)
        except OSError:
            pass
    return written
'''
