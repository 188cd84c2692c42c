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

# ------------------------------------------------------------------------------ system calls

# The system calls that Python with threads, numpy and matplotlib need: names, with their numbers on
# x86_64 and aarch64. `python -m proof.system_calls` measures which, and tells what is missing here.
ALLOWED = """
    read 0 63  write 1 64  readv 19 65  writev 20 66  pread64 17 67  pwrite64 18 68  lseek 8 62
    open 2 -  openat 257 56  creat 85 -  close 3 57  close_range 436 436  dup 32 23  dup2 33 -
    dup3 292 24  fcntl 72 25  ioctl 16 29  sendfile 40 71  copy_file_range 326 285
    stat 4 -  fstat 5 80  lstat 6 -  newfstatat 262 79  statx 332 291  access 21 -
    faccessat 269 48  statfs 137 43  fstatfs 138 44  readlink 89 -  readlinkat 267 78
    getdents 78 -  getdents64 217 61  getcwd 79 17  chdir 80 49  fchdir 81 50  umask 95 166
    truncate 76 45  ftruncate 77 46  fallocate 285 47  utimensat 280 88  chmod 90 -  fchmod 91 52
    fchmodat 268 53  rename 82 -  renameat 264 38  renameat2 316 276  unlink 87 -  unlinkat 263 35
    mkdir 83 -  mkdirat 258 34  rmdir 84 -  link 86 -  linkat 265 37  symlink 88 -  symlinkat 266 36

    pipe 22 -  pipe2 293 59  poll 7 -  ppoll 271 73  select 23 -  pselect6 270 72
    epoll_create1 291 20  epoll_ctl 233 21  epoll_wait 232 -  epoll_pwait 281 22  eventfd2 290 19
    socketpair 53 199  sendto 44 206  recvfrom 45 207  shutdown 48 210  getsockname 51 204
    getpeername 52 205  getsockopt 55 209

    mmap 9 222  munmap 11 215  mremap 25 216  mprotect 10 226  brk 12 214  madvise 28 233

    clone 56 220  futex 202 98  set_robust_list 273 99  get_robust_list 274 100  rseq 334 293
    sched_yield 24 124  sched_getaffinity 204 123  exit 60 93  exit_group 231 94  wait4 61 260
    waitid 247 95  membarrier 324 283

    nanosleep 35 101  clock_nanosleep 230 115  clock_gettime 228 113  clock_getres 229 114
    gettimeofday 96 169  time 201 -  times 100 153  getitimer 36 102  setitimer 38 103  alarm 37 -
    getrusage 98 165  getcpu 309 168

    rt_sigaction 13 134  rt_sigprocmask 14 135  rt_sigreturn 15 139  rt_sigpending 127 136
    rt_sigtimedwait 128 137  rt_sigsuspend 130 133  sigaltstack 131 132  restart_syscall 219 128
    pause 34 -  kill 62 129  tgkill 234 131

    getpid 39 172  getppid 110 173  gettid 186 178  getuid 102 174  geteuid 107 175  getgid 104 176
    getegid 108 177  getresuid 118 148  getresgid 120 150  getgroups 115 158  getpgrp 111 -
    getpgid 121 155  getsid 124 156  getpriority 140 141  uname 63 160  sysinfo 99 179
    getrlimit 97 163  setrlimit 160 164  prlimit64 302 261  prctl 157 167  getrandom 318 278
"""

# Files are held in memory or cannot be written to: there is nothing to wait for.
IDLE = "fsync 74 82  fdatasync 75 83  msync 26 227"

# Of some calls, an argument (its position, or its position and "high", for the upper half of a
# pointer) must have one of these values.
_ITSELF = -1  # stands for the process that is confined
_VALUES: dict[str, dict[int | tuple[int, str], tuple[int, ...]]] = {
    # Nobody else is signalled, nor limited; there, 0 is the caller.
    "kill": {0: (_ITSELF,)},
    "tgkill": {0: (_ITSELF,)},
    "prlimit64": {0: (0, _ITSELF)},
    # asyncio wakes itself up by a pair of sockets. Nothing is sent to an address.
    "socketpair": {0: (1,)},  # AF_UNIX
    "sendto": {4: (0,), (4, "high"): (0,)},
    # Copies of descriptors and their flags. No locks and watches, whose number nothing bounds, no
    # larger pipes.
    "fcntl": {1: (0, 1, 2, 3, 4, 1030, 1032)},
    "ioctl": {1: (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)},  # terminal?, size, FIO...
    # What allocators say of memory. Nothing is read ahead or thrown out that others might notice.
    "madvise": {2: (4, 8, 14, 15)},  # DONTNEED, FREE, HUGEPAGE, NOHUGEPAGE
    "prctl": {0: (15, 16)},  # the name of a thread
}
_CLONE_THREAD = 0x10000
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, audit architecture

# These are newer: they have the same number on all machines, and libc does without them. Above them
# are the numbers of a second set of calls on x86_64.
_NEW = range(424, 1024)
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _SUCCESS, _EPERM, _ENOSYS, _KILL = 0x7FFF0000, 0x50000, 0x50001, 0x50026, 0x80000000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38

_CAPABILITIES = 0x20080522  # the version of struct __user_cap_header_struct

Instruction = tuple[int, int, int, int]


def numbers(calls: str, machine: str) -> dict[str, int]:
    """Return the numbers of system calls on a machine, by their names."""
    words, column = calls.split(), _MACHINES[machine][0]
    told = zip(words[::3], words[1 + column :: 3], strict=True)
    return {name: int(number) for name, number in told if number != "-"}


def seccomp_filter(machine: str, pid: int) -> list[Instruction]:
    """Write the filter of system calls as instructions ``(code, if true, if false, operand)``.

    What is not known fails with EPERM, which Python raises as PermissionError, or, where it is so
    new that libc has another way, with ENOSYS. Processes cannot be made, threads can. The process
    ``pid`` can signal, and set limits of, nobody but itself.
    """
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _MACHINES[machine][1]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    for name, number in numbers(ALLOWED, machine).items():
        verdict = _verdict(name, pid)
        program += [(_EQUAL, 0, len(verdict), number), *verdict]
    for number in numbers(IDLE, machine).values():
        program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _SUCCESS)]
    return [
        *program,
        (_AT_LEAST, 0, 2, _NEW.start),
        (_AT_LEAST, 1, 0, _NEW.stop),
        (_RETURN, 0, 0, _ENOSYS),
        (_RETURN, 0, 0, _EPERM),
    ]


def _verdict(name: str, pid: int) -> list[Instruction]:
    """Write what becomes of a call whose number is known, by its arguments."""
    if name == "clone":
        thread = (_ANY_BIT, 1, 0, _CLONE_THREAD)
        return [_load(0), thread, (_RETURN, 0, 0, _EPERM), (_RETURN, 0, 0, _ALLOW)]
    program = []
    for where, values in _VALUES.get(name, {}).items():
        program.append(_load(where))
        for left, value in reversed(list(enumerate(values))):
            operand = pid if value == _ITSELF else value
            program.append((_EQUAL, left + 1, 0, operand))
        program.append((_RETURN, 0, 0, _EPERM))
    return [*program, (_RETURN, 0, 0, _ALLOW)]


def _load(where: int | tuple[int, str]) -> Instruction:
    argument, half = (where, 0) if isinstance(where, int) else (where[0], 4)
    return _LOAD, 0, 0, _ARGUMENTS + 8 * argument + half


# ------------------------------------------------------------------------------ taking away


def confine() -> None:
    """Give up all rights, and the system calls by which code could leave this process.

    Where their numbers are not known, the sandbox's walls and the rlimits have to do.
    """
    if sys.platform != "linux":
        return
    libc_call("capset", struct.pack("Ii", _CAPABILITIES, 0), bytes(24))
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    if platform.machine() in _MACHINES:
        program = seccomp_filter(platform.machine(), os.getpid())
        code = b"".join(struct.pack("<HBBI", *instruction) for instruction in program)
        buffer = ctypes.create_string_buffer(code, len(code))
        # struct sock_fprog: the number of instructions, and, aligned, where they are.
        header = struct.pack("@HP", len(program), ctypes.addressof(buffer))
        prctl(_PR_SET_SECCOMP, 2, ctypes.create_string_buffer(header, len(header)))


def become(user: int) -> None:
    """Change, for good, from root to a user with no rights, who must be able to read our code."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    for module in (np, wire):
        open(str(module.__file__)).close()


def hide() -> None:
    """Close this process's memory and files, and those of what it forks, to others of its user."""
    prctl(_PR_SET_DUMPABLE, 0)


def die_with_parent() -> None:
    """End with the process that has started this one, however that ends."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def limit(name: str, value: int) -> None:
    """Set an rlimit that cannot be raised again, or keep a lower one."""
    number = getattr(resource, f"RLIMIT_{name}")
    _, highest = resource.getrlimit(number)
    hard = value + CPU_GRACE if name == "CPU" else value  # the soft limit's signal tells why
    hard = hard if highest == resource.RLIM_INFINITY else min(hard, highest)
    resource.setrlimit(number, (min(value, hard), hard))


def prctl(option: int, value: int, pointer: Any = None) -> None:
    """Set a property of this process."""
    nothing = ctypes.c_ulong(0)
    libc_call("prctl", option, ctypes.c_ulong(value), pointer or nothing, nothing, nothing)


def libc_call(name: str, *args: Any) -> None:
    """Call a function of libc; raise what it fails with."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*args) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
