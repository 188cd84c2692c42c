"""Open JupyterLab for a student, on a working copy of the assignments, or for an instructor."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

SETTINGS = {  # no prompt for news, no check for updates: the course needs no network
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}
FOR_TEACHERS = ["course-list", "create-assignment", "formgrader"]  # of nbgrader's extensions


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
    return _jupyter_lab(course, work, options, hidden=FOR_TEACHERS)


def teach(course: Path, options: list[str]) -> int:
    """Open JupyterLab with formgrader in the course's folder.

    Parameters and result are those of `lab`.
    """
    return _jupyter_lab(course, course, options)


def _jupyter_lab(course: Path, folder: Path, options: list[str], hidden: Sequence[str] = ()) -> int:
    if "UNROLLED_EXCHANGE" not in os.environ:  # where nbgrader_config.py puts it
        (course / "exchange").mkdir(exist_ok=True)
    # nbgrader's extensions read the course's settings from a Jupyter configuration folder.
    environment = {**os.environ, "JUPYTER_CONFIG_PATH": str(course)}
    disabled = {"disabledExtensions": [f"@jupyter/nbgrader:{name}" for name in hidden]}
    with tempfile.TemporaryDirectory() as settings:
        Path(settings, "overrides.json").write_text(json.dumps(SETTINGS))
        Path(settings, "page_config.json").write_text(json.dumps(disabled))
        ours = [f"--ServerApp.root_dir={folder}", f"--LabApp.app_settings_dir={settings}"]
        if (
            getattr(os, "geteuid", bool)() == 0
        ):  # as in most containers, where JupyterLab alone would refuse
            print("You are root: so is whatever runs in the notebooks.", flush=True)
            ours.append("--allow-root")
        command = [sys.executable, "-m", "jupyterlab", *ours, *options]
        with subprocess.Popen(command, env=environment, cwd=folder) as jupyter:
            signal.signal(signal.SIGTERM, lambda *_: jupyter.terminate())
            while True:
                try:
                    return jupyter.wait()
                except KeyboardInterrupt:  # JupyterLab got it too, and asks whether to stop
                    continue
