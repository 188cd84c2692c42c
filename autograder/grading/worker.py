"""Run a submission's cells and answer calls of its functions. This is the sandbox's side.

Nothing here is trusted: the student's code runs in this very process and can change all of it.
What protects the grader stands outside: the walls of `autograder.grading.sandbox`, the strict
reading of every answer there, and the rlimits and the system call filter that are set here before
the first line of the student's code, and which nothing can lift again.

The other side writes a setup and then calls; this side writes (each a `wire` value in a frame)::

    ("ready",)                    once, before anything of the student's is read
    ("cell",)                     before each cell
    ("failed", kind, error)       after a cell that raised; the later ones still run
    ("done", uses)                after the last cell
    (ticket, "answer", value, changed)    to a call: positions of the arguments that it changed
    (ticket, "failure", kind, error)      to a call that gave no answer
"""

from __future__ import annotations
import __future__

import ast
import builtins
import ctypes
import fcntl
import importlib
import inspect
import linecache
import os
import platform
import re
import resource
import signal
import struct
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

import autograder
from autograder import wire

FIRST_FD = 100  # the pipes are moved here, out of the way of the standard streams
MAX_TEXT = 500  # characters of an error message
CPU_GRACE = 2  # seconds between the signal that tells of the limit and the one that ends it


# ------------------------------------------------------------------------------ the pipes


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


# ------------------------------------------------------------------------------ the limits

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


# ------------------------------------------------------------------------------ the prelude


class _Harmless:
    """Answer whatever is asked of IPython's parts, and do nothing."""

    def __getattr__(self, name: str) -> _Harmless:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        return None

    def __getitem__(self, key: Any) -> _Harmless:
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        return iter(())


class _Shell(_Harmless):
    """Stand for IPython's shell: run what would change the notebook's names, skip the rest."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self.user_ns = notebook.namespace

    def run_line_magic(self, name: str, line: str = "", *_: Any) -> Any:
        """Run the statement of ``%time`` and ``%prun``; return the value of an expression."""
        return self._notebook.evaluate(line) if name in ("time", "prun") else None

    def magic(self, line: str) -> Any:
        """Run a line magic that is given as one string."""
        return self.run_line_magic(*line.lstrip("%").split(None, 1))

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        """Run the body of magics that leave its names in the notebook.

        ``%%timeit`` is not one of them: IPython runs its body in a function.
        """
        if name == "capture":
            words = [word for word in line.split() if not word.startswith("-")]
            self.user_ns.update(dict.fromkeys(words[:1], _Harmless()))
        if name in ("time", "capture", "prun"):
            self._notebook.execute(cell)

    def run_cell(self, source: str, *args: Any, **kwargs: Any) -> None:
        """Run a source of Python and magics."""
        self._notebook.execute(source)

    def getoutput(self, *args: Any, **kwargs: Any) -> list[str]:
        """Return the output of a command that is not run."""
        return []


class _Lazy(types.ModuleType):
    """Import a module when an attribute of it is first asked for."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self.__name__), name)


class _Needs:
    """Run the body of ``with needs(f, g):`` up to the first stub."""

    def __init__(self, *functions: Any) -> None:
        pass

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> bool:
        return kind is not None and issubclass(kind, NotImplementedError)


def _nothing(*args: Any, **kwargs: Any) -> None:
    """Do nothing, where the student's side would show something."""


def _no_points(*args: Any, **kwargs: Any) -> float:
    """Return no points: what the notebook says of itself does not count."""
    return 0.0


def furnish(notebook: Notebook) -> None:
    """Put what a notebook expects around it in place: our names, and IPython's, as stand-ins."""
    tools = {
        "check": _no_points,
        "draw": _nothing,
        "hint": _nothing,
        "needs": _Needs,
        "progress": _nothing,
    }
    vars(autograder).update(tools)
    notebook.namespace.update(
        tools,
        datasets=_Lazy("autograder.datasets"),
        plt=_Lazy("matplotlib.pyplot"),
    )
    shell = _Shell(notebook)

    def get_ipython() -> _Shell:
        return shell

    vars(builtins).update(
        get_ipython=get_ipython,
        display=_nothing,
        help=_nothing,
        input=lambda *_: "",
        exit=sys.exit,
        quit=sys.exit,
    )
    # Where `from IPython import get_ipython` looks.
    found = types.ModuleType("IPython.core.getipython")
    vars(found)["get_ipython"] = get_ipython
    sys.modules[found.__name__] = found
    sys.breakpointhook = _nothing
    np.random.seed(0)  # so that a second grading gives the same score


# ------------------------------------------------------------------------------ the notebook

_CELL_MAGIC = re.compile(r"\s*%%(\w+)([^\n]*)(?:\n|\Z)")
_DEFINITIONS = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
)
_ANNOTATIONS: int = __future__.annotations.compiler_flag


class Notebook:
    """Run cells in one namespace, and then call the functions that they have left there."""

    def __init__(self) -> None:
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        self.namespace: dict[str, Any] = vars(module)
        self.labels: dict[str, str] = {}  # by the file name under which a cell is compiled
        self.file = ""  # of the cell that is running
        self.flags = 0  # `from __future__ import annotations` holds for later cells too
        self.loop: Any = None  # of asyncio, where a cell has awaited something
        self.only_definitions = False

    def run(self, label: str, source: str, mode: str) -> tuple[str, dict[str, Any]] | None:
        """Run a cell; return the kind and the description of the error that it raised, if any."""
        self.file = f"<{label}>"
        self.labels[self.file] = label
        self.only_definitions = mode == "definitions"
        lines = source.splitlines(keepends=True)
        linecache.cache[self.file] = (len(source), None, lines, self.file)
        try:
            self.execute(source)
        except BaseException as error:
            return self.failure(error)
        return None

    def execute(self, source: str) -> None:
        """Run a source of Python and IPython's magics."""
        if magic := _CELL_MAGIC.match(source):
            lines_above = "\n" * magic.group().count("\n")
            name, line = magic.groups()
            builtins.get_ipython().run_cell_magic(  # type: ignore[attr-defined]
                name, line, lines_above + source[magic.end() :]
            )
            return
        try:
            code = self._compile(source)
        except SyntaxError as error:
            code = self._compile(_without_magics(source, error))
        if code.co_flags & inspect.CO_COROUTINE:
            self._await(eval(code, self.namespace))
        else:
            exec(code, self.namespace)

    def evaluate(self, source: str) -> Any:
        """Return the value of an expression, or run a statement."""
        try:
            code = compile(source, "<magic>", "eval", self.flags, dont_inherit=True)
        except SyntaxError:
            code = compile(source, "<magic>", "exec", self.flags, dont_inherit=True)
        return eval(code, self.namespace)

    def _compile(self, source: str) -> types.CodeType:
        flags = self.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree: Any = source
        if self.only_definitions:
            tree = ast.parse(source, self.file)
            tree.body = [part for part in tree.body if isinstance(part, _DEFINITIONS)]
        code: types.CodeType = compile(tree, self.file, "exec", flags, dont_inherit=True)
        self.flags |= code.co_flags & _ANNOTATIONS
        return code

    def _await(self, coroutine: Any) -> None:
        import asyncio

        if self.loop is None:
            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(coroutine)

    def call(self, name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Call a function, and tell what came of it."""
        if name not in self.namespace:
            return ("failure", "missing", None)
        function = self.namespace[name]
        if not callable(function):
            return ("failure", "not callable", None)
        before = [wire.encode(wire.plain(arg)) for arg in args]
        try:
            value = function(*args)
        except BaseException as error:
            return ("failure", *self.failure(error))
        after = [wire.encode(wire.plain(arg)) for arg in args]
        changed = tuple(at for at in range(len(args)) if before[at] != after[at])
        return ("answer", wire.plain(value), changed)

    def failure(self, error: BaseException) -> tuple[str, dict[str, Any]]:
        """Tell the kind of an error, its message, and the last line of the notebook in it."""
        kind, file, line, function = "exception", "", 0, ""
        for frame, number in _frames(error):
            if in_notebook := frame.f_code.co_filename in self.labels:
                file, line, function = frame.f_code.co_filename, number, frame.f_code.co_name
        if isinstance(error, MemoryError):
            kind = "memory"
        if isinstance(error, NotImplementedError) and in_notebook:
            kind = "not started"
        if isinstance(error, SyntaxError) and error.filename in self.labels:
            file, line = str(error.filename), error.lineno or 0
        try:
            text = str(error.msg if isinstance(error, SyntaxError) else error)
        except BaseException:
            text = ""
        return kind, {
            "type": type(error).__name__[:MAX_TEXT],
            "text": text[:MAX_TEXT],
            "label": self.labels.get(file, ""),
            "line": line,
            "code": linecache.getline(file, line).strip()[:MAX_TEXT],
            "function": function[:MAX_TEXT],
        }

    def uses(self, graded: list[str]) -> dict[str, list[str]]:
        """Tell which graded functions each graded function calls, itself or through helpers."""
        return {name: self._uses(name, graded) for name in graded}

    def _uses(self, name: str, graded: list[str]) -> list[str]:
        found, seen, left = set(), {name}, [name]
        while left:
            function = self.namespace.get(left.pop())
            if type(function) is types.FunctionType:
                for used in _names(function.__code__) - seen:
                    seen.add(used)
                    if used in graded:
                        found.add(used)
                    else:
                        left.append(used)
        return sorted(found)


def _frames(error: BaseException) -> Iterator[tuple[types.FrameType, int]]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def _names(code: types.CodeType) -> set[str]:
    """Return the global names in a function's code, and in the functions within it."""
    inner = (part for part in code.co_consts if isinstance(part, types.CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _without_magics(source: str, error: SyntaxError) -> str:
    """Turn IPython's syntax into Python, with every line where it was."""
    try:
        from IPython.core.inputtransformer2 import TransformerManager
    except ImportError:
        raise error from None
    blank_lines = source[: len(source) - len(source.lstrip())].count("\n")
    transformed: str = TransformerManager().transform_cell(source)
    return "\n" * blank_lines + transformed


# ------------------------------------------------------------------------------ the work


def main(user: str = "") -> None:
    """Serve one grader, as the user of this number where the grader is root."""
    channel = Channel()
    if user:
        become(int(user))
    del sys.argv[1:]
    autograder.__path__ = list(autograder.__path__)
    notebook = Notebook()
    furnish(notebook)
    confine()
    channel.send(("ready",))
    os.dup2(1, 2)  # up to here, the grader reads what Python writes about its errors
    setup = channel.receive()
    for name, value in setup["rlimits"].items():
        limit(name, value)
    for cell in setup["cells"]:
        channel.send(("cell",))
        if failure := notebook.run(*cell):
            channel.send(("failed", *failure))
    channel.send(("done", notebook.uses(setup["graded"])))
    while True:
        ticket, name, args = channel.receive()
        try:
            channel.send((ticket, *notebook.call(name, args)), setup["answer_bytes"])
        except wire.WireError:
            channel.send((ticket, "failure", "too large", None))
        except MemoryError as error:
            channel.send((ticket, "failure", *notebook.failure(error)))
