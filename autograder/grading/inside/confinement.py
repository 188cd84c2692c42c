"""Take from a process what it needs no more: rights, resources and system calls.

Nothing that is taken can be had back, whatever code runs in the process afterwards.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from typing import Any

import numpy as np

from autograder import wire

CPU_GRACE = 2  # seconds between the signal that tells of the limit and the one that ends it

# System calls that are refused, by what they are for: their numbers on x86_64 and aarch64.
_REFUSED: dict[str, dict[str, tuple[int, int | None]]] = {
    "new processes and programs": {
        "fork": (57, None),
        "vfork": (58, None),
        "execve": (59, 221),
        "execveat": (322, 281),
    },
    "signals and limits of other processes, beside kill, tgkill and prlimit64 below": {
        "tkill": (200, 130),
        "rt_sigqueueinfo": (129, 138),
        "rt_tgsigqueueinfo": (297, 240),
        "pidfd_send_signal": (424, 424),
    },
    "memory and files of other processes": {
        "ptrace": (101, 117),
        "process_vm_readv": (310, 270),
        "process_vm_writev": (311, 271),
        "process_madvise": (440, 440),
        "kcmp": (312, 272),
        "pidfd_getfd": (438, 438),
    },
    "namespaces and mounts, through which more of the kernel can be reached": {
        "unshare": (272, 97),
        "setns": (308, 268),
        "mount": (165, 40),
        "umount2": (166, 39),
        "pivot_root": (155, 41),
        "chroot": (161, 51),
        "open_tree": (428, 428),
        "move_mount": (429, 429),
        "fsopen": (430, 430),
        "fsconfig": (431, 431),
        "fsmount": (432, 432),
        "fspick": (433, 433),
        "mount_setattr": (442, 442),
        "open_by_handle_at": (304, 265),
    },
    "parts of the kernel that a homework has no use for, and attacks have": {
        "keyctl": (250, 219),
        "add_key": (248, 217),
        "request_key": (249, 218),
        "bpf": (321, 280),
        "perf_event_open": (298, 241),
        "io_uring_setup": (425, 425),
        "io_uring_enter": (426, 426),
        "io_uring_register": (427, 427),
        "userfaultfd": (323, 282),
        "modify_ldt": (154, None),
    },
    "memory that no rlimit counts": {
        "memfd_create": (319, 279),
        "memfd_secret": (447, 447),
        "shmget": (29, 194),
        "msgget": (68, 186),
        "semget": (64, 190),
        "mq_open": (240, 180),
    },
    "the network; socketpair, which asyncio needs, stays": {
        "socket": (41, 198),
    },
}
_CLONE, _CLONE3 = (56, 220), (435, 435)
_ONLY_ITSELF = {"kill": (62, 129), "tgkill": (234, 131), "prlimit64": (302, 261)}
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, audit architecture

_CLONE_THREAD = 0x10000
_X32 = 0x40000000  # bit of the numbers of a second set of calls on x86_64
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _EPERM, _ENOSYS, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38


def seccomp_filter(machine: str, pid: int) -> list[tuple[int, int, int, int]]:
    """Write the filter of system calls as instructions ``(code, if true, if false, operand)``.

    Refused calls fail with EPERM, which Python raises as PermissionError. Processes cannot be
    made, threads can. The process can signal, and set limits of, nobody but itself.
    """
    column, architecture = _MACHINES[machine]
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _EPERM),
        (_EQUAL, 0, 1, _CLONE3[column]),  # its flags cannot be seen; libc then takes clone
        (_RETURN, 0, 0, _ENOSYS),
    ]
    for calls in _REFUSED.values():
        for numbers in calls.values():
            if (number := numbers[column]) is not None:
                program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _EPERM)]
    program += [
        (_EQUAL, 0, 4, _CLONE[column]),
        (_LOAD, 0, 0, _ARGUMENT),
        (_ANY_BIT, 0, 1, _CLONE_THREAD),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _EPERM),
    ]
    for name, numbers in _ONLY_ITSELF.items():
        program += [
            (_EQUAL, 0, 5, numbers[column]),
            (_LOAD, 0, 0, _ARGUMENT),
            (_EQUAL, 2, 0, pid),
            (_EQUAL, 1, 0, 0 if name == "prlimit64" else pid),  # there, 0 is the caller
            (_RETURN, 0, 0, _EPERM),
            (_RETURN, 0, 0, _ALLOW),
        ]
    return [*program, (_RETURN, 0, 0, _ALLOW)]


def become(user: int) -> None:
    """Change, for good, from root to a user with no rights, who must be able to read our code."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    _prctl(_PR_SET_DUMPABLE, 1)  # its own /proc/self stays its own
    for module in (np, wire):
        open(str(module.__file__)).close()


def confine() -> None:
    """Refuse, for good, the system calls by which code could leave this process.

    Where the numbers of the system calls are not known, the sandbox's walls and the rlimits have
    to do.
    """
    if sys.platform != "linux":
        return
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    if platform.machine() in _MACHINES:
        program = seccomp_filter(platform.machine(), os.getpid())
        code = b"".join(struct.pack("<HBBI", *instruction) for instruction in program)
        buffer = ctypes.create_string_buffer(code, len(code))
        # struct sock_fprog: the number of instructions, and, aligned, where they are.
        header = struct.pack("@HP", len(program), ctypes.addressof(buffer))
        _prctl(_PR_SET_SECCOMP, 2, ctypes.create_string_buffer(header, len(header)))


def _prctl(option: int, value: int, pointer: Any = None) -> None:
    libc, nothing = ctypes.CDLL(None, use_errno=True), ctypes.c_ulong(0)
    if libc.prctl(option, ctypes.c_ulong(value), pointer or nothing, nothing, nothing):
        raise OSError(ctypes.get_errno(), f"prctl {option} failed")


def limit(name: str, value: int) -> None:
    """Set an rlimit that cannot be raised again, or keep a lower one."""
    number = getattr(resource, f"RLIMIT_{name}")
    _, highest = resource.getrlimit(number)
    hard = value + CPU_GRACE if name == "CPU" else value  # the soft limit's signal tells why
    hard = hard if highest == resource.RLIM_INFINITY else min(hard, highest)
    resource.setrlimit(number, (min(value, hard), hard))
