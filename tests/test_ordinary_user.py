"""What holds where root grades holds where an ordinary user does."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.grading import walls
from tests.conftest import needs

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0,
    reason="the tests run as an ordinary user already, or nothing can make one",
)

ROOT = Path(__file__).parents[1]
USER = "65534"
NEEDED = [Path(os.path.realpath(sys.base_prefix)), ROOT, *map(Path, walls.sites())]
ATTACKS = "tests/test_attacks.py::test_an_attack_gains_nothing_and_does_no_harm"


@pytest.fixture(scope="module")
def place():
    """Make a folder that everybody can reach, with a home folder in it."""
    folder = Path(f"/tmp/unrolled-ordinary-{os.getpid()}")
    (folder / "home").mkdir(parents=True)
    shutil.chown(folder / "home", int(USER), int(USER))
    yield folder
    shutil.rmtree(folder)


def closed(path: Path) -> list[Path]:
    """Return the first folder above a path that is closed to others, if any."""
    return [each for each in reversed(path.parents) if not each.stat().st_mode & 0o001][:1]


def opened(place: Path) -> list[str]:
    """Write the commands that show Python and the course at their own places, for one process.

    Folders on the way that only root may enter, such as its home, hold nothing else meanwhile.
    """
    kept = {path: place / str(number) for number, path in enumerate(NEEDED)}
    hidden = {folder for path in kept for folder in closed(path)}
    lines = [f"mkdir '{copy}' && mount --bind '{path}' '{copy}'" for path, copy in kept.items()]
    lines += [f"mount -t tmpfs -o mode=755 none '{folder}'" for folder in sorted(hidden)]
    shown = [f"mkdir -p '{path}' && mount --bind '{copy}' '{path}'" for path, copy in kept.items()]
    return [*lines, *shown]


def as_ordinary_user(place: Path, *tests: str) -> subprocess.CompletedProcess:
    """Run tests as a user who owns nothing but a home folder."""
    needs(shutil.which("unshare") and shutil.which("setpriv"), "unshare or setpriv")
    become = f'exec setpriv --reuid {USER} --regid {USER} --clear-groups "$@"'
    script = " && ".join([*opened(place), f"cd '{ROOT}'", become])
    python = [os.path.realpath(sys.executable), "-m", "pytest", "-p", "no:cacheprovider"]
    kept = {name: os.environ[name] for name in ("OPENBLAS_CORETYPE", "CI") if name in os.environ}
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", *python, *tests],
        env={
            **kept,
            "HOME": str(place / "home"),
            "TMPDIR": str(place / "home"),
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join([str(ROOT), *walls.sites()]),
        },
        capture_output=True,
        text=True,
    )
    for number in range(len(NEEDED)):
        (place / str(number)).rmdir()
    return done


@pytest.mark.parametrize(
    "tests",
    [
        ["tests/test_sandbox.py"],
        ["tests/test_warm.py"],
        *([ATTACKS, "-k", kind] for kind in ("forging", "lying", "reaching", "flooding")),
    ],
    ids=" ".join,
)
def test_the_sandbox_holds_for_an_ordinary_user(tests, place):
    done = as_ordinary_user(place, *tests)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
