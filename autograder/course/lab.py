"""Open JupyterLab for a student, on a working copy of the assignments, or for an instructor."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SETTINGS = {  # no prompt for news, no check for updates: the course needs no network
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}


def lab(course: Path, options: list[str]) -> int:
    """Copy the assignments that are not in ``work/`` yet, and open JupyterLab there.

    Parameters
    ----------
    course : Path
        The course's folder.
    options : list of str
        More options for JupyterLab, such as ``["--no-browser"]``.

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
            shutil.copytree(assignment, mine, ignore=shutil.ignore_patterns(".*"))
            print(f"work/{assignment.name} made from assignments/{assignment.name}")
    return _jupyter_lab(course, work, options)


def teach(course: Path, options: list[str]) -> int:
    """Open JupyterLab with formgrader in the course's folder.

    Parameters and result are those of `lab`.
    """
    (course / "exchange").mkdir(exist_ok=True)
    return _jupyter_lab(course, course, options)


def _jupyter_lab(course: Path, folder: Path, options: list[str]) -> int:
    # nbgrader's extensions read the course's settings from a Jupyter configuration folder.
    environment = {**os.environ, "JUPYTER_CONFIG_PATH": str(course)}
    with tempfile.TemporaryDirectory() as settings:
        Path(settings, "overrides.json").write_text(json.dumps(SETTINGS))
        ours = [f"--ServerApp.root_dir={folder}", f"--LabApp.app_settings_dir={settings}"]
        command = [sys.executable, "-m", "jupyterlab", *ours, *options]
        with subprocess.Popen(command, env=environment, cwd=folder) as jupyter:
            while True:
                try:
                    return jupyter.wait()
                except KeyboardInterrupt:  # JupyterLab got it too, and asks whether to stop
                    continue
