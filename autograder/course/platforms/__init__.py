"""Make what Gradescope and a repository of a classroom need to grade a homework by `grade-one`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from autograder.grading.grade import secret_seed
from autograder.usage import WrongUsage

HERE = Path(__file__).parent


def gradescope(course: Path, homework: str, sandbox: bool = True) -> Path:
    """Make the archive that Gradescope takes as an autograder.

    Parameters
    ----------
    course : Path
        The course's folder.
    homework : str
        Its name, such as ``"hw4_bptt"``.
    sandbox : bool
        False makes one that grades without, on the public data alone: the archive then holds
        neither solutions nor seed, since a submission could read them.

    Returns
    -------
    Path
        The archive.
    """
    wheel = _wheel(course)
    to = course / "build" / f"gradescope-{homework}.zip"
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("setup.sh", "run_autograder"):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, (HERE / name).read_bytes(), zipfile.ZIP_DEFLATED)
        archive.writestr("homework.txt", f"{homework} {'with' if sandbox else 'without'}\n")
        archive.write(wheel, wheel.name)
        archive.writestr("course/README", "Where submissions are graded.\n")
        if sandbox:
            archive.writestr("course/.secret_seed", secret_seed(course))
            source = course / "source" / homework / f"{homework}.ipynb"
            for path in [source, *sorted((course / "solutions").rglob("*.py"))]:
                archive.write(path, f"course/{path.relative_to(course)}")
    return to


def classroom(course: Path, homework: str) -> Path:
    """Make a repository's content for a classroom: the notebook, the wheel, and a workflow.

    Returns
    -------
    Path
        The folder.
    """
    to = course / "build" / f"classroom-{homework}"
    wheel = _wheel(course)
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(course / "assignments" / homework, to)
    shutil.copy(wheel, to)
    workflow = to / ".github" / "workflows" / "check.yml"
    workflow.parent.mkdir(parents=True)
    text = (HERE / "grade.yml").read_text("utf-8")
    workflow.write_text(text.replace("HOMEWORK", homework), "utf-8")
    return to


def _wheel(course: Path) -> Path:
    """Build the wheel of the package."""
    folder = course / "build" / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*command, str(course)], capture_output=True, text=True)
    if done.returncode:
        raise WrongUsage(f"The wheel could not be built: {done.stderr}")
    return next(folder.glob("*.whl"))
