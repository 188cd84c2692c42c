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
# Python and the course are shown where no folder of root's hides them, and the tests run there.
SHOWN = """
    mount --bind "$1" "$3/python" && mount --bind "$2" "$3/course" && cd "$3/course" && shift 3 &&
    exec setpriv --reuid "$0" --regid "$0" --clear-groups "$@"
"""
ATTACKS = "tests/test_attacks.py::test_an_attack_gains_nothing_and_does_no_harm"


@pytest.fixture(scope="module")
def place():
    """Make folders that everybody can reach."""
    folder = Path(f"/tmp/unrolled-ordinary-{os.getpid()}")
    for name in ("python", "course", "home"):
        (folder / name).mkdir(parents=True)
    shutil.chown(folder / "home", int(USER), int(USER))
    yield folder
    shutil.rmtree(folder)


def shown(path: str, place: Path) -> str:
    """Return where the ordinary user finds a file of root's."""
    for root, name in ((os.path.realpath(sys.base_prefix), "python"), (str(ROOT), "course")):
        if Path(path).is_relative_to(root):
            return str(place / name / Path(path).relative_to(root))
    return path


def as_ordinary_user(place: Path, *tests: str) -> subprocess.CompletedProcess:
    """Run tests as a user who owns nothing but a home folder."""
    needs(shutil.which("unshare") and shutil.which("setpriv"), "unshare or setpriv")
    script = ["sh", "-c", SHOWN, USER, os.path.realpath(sys.base_prefix), str(ROOT), str(place)]
    python = shown(os.path.realpath(sys.executable), place)
    pytest_ = [python, "-m", "pytest", "-p", "no:cacheprovider", f"--basetemp={place}/home/tmp"]
    path = os.pathsep.join([str(place / "course"), *(shown(s, place) for s in walls.sites())])
    kept = {name: os.environ[name] for name in ("OPENBLAS_CORETYPE", "CI") if name in os.environ}
    return subprocess.run(
        ["unshare", "--mount", *script, *pytest_, *tests],
        env={
            **kept,
            "HOME": str(place / "home"),
            "PATH": "/usr/bin:/bin",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": path,
        },
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "tests",
    [
        ["tests/test_sandbox.py"],
        *([ATTACKS, "-k", kind] for kind in ("forging", "lying", "reaching", "flooding")),
    ],
    ids=" ".join,
)
def test_the_sandbox_holds_for_an_ordinary_user(tests, place):
    done = as_ordinary_user(place, *tests)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
