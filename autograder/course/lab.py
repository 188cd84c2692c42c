"""Open JupyterLab for a student, on a working copy of the assignments, or for an instructor."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

QUIET = (  # no news prompt, no update check: the course needs no network
    "--LabApp.news_url=",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
)


def lab(course: Path) -> int:
    """Copy the assignments that are not in ``work/`` yet, and open JupyterLab there.

    Parameters
    ----------
    course : Path
        The course's folder.

    Returns
    -------
    int
        JupyterLab's exit status.
    """
    work = course / "work"
    work.mkdir(exist_ok=True)
    for assignment in sorted((course / "assignments").glob("hw*")):
        mine = work / assignment.name
        if mine.exists():
            print(f"work/{assignment.name} is there already: left as it is")
        else:
            shutil.copytree(assignment, mine)
            print(f"work/{assignment.name} made from assignments/{assignment.name}")
    return _jupyter_lab(course, work)


def teach(course: Path) -> int:
    """Open JupyterLab with formgrader in the course's folder.

    Parameters and result are those of `lab`.
    """
    (course / "exchange").mkdir(exist_ok=True)
    return _jupyter_lab(course, course)


def _jupyter_lab(course: Path, folder: Path) -> int:
    # nbgrader's extensions read the course's settings from a Jupyter configuration folder.
    environment = {**os.environ, "JUPYTER_CONFIG_PATH": str(course)}
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}", *QUIET]
    try:
        return subprocess.run(command, env=environment, cwd=folder).returncode
    except KeyboardInterrupt:
        return 0
