"""Open JupyterLab for a student, on a working copy of the assignments, or for an instructor."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from autograder.guide import SETTINGS, homeworks_in
from autograder.suite import released

OVERRIDES = {  # no prompt for news, no check for updates: the course needs no network
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}
RELEASE = ".unrolled-release"  # beside a copied notebook: which release it was copied from
FOR_TEACHERS = ["course-list", "create-assignment", "formgrader"]  # of nbgrader's extensions


def lab(folder: Path, options: list[str]) -> int:
    """Copy the assignments that are not in ``work/`` yet, and open JupyterLab there.

    Work is never written over: where a newer release has come since a homework was copied, it is
    put beside it.

    Parameters
    ----------
    folder : Path
        The course's folder, or any other, which may hold homeworks itself.
    options : list of str
        More options for JupyterLab, such as ``["--no-browser"]``.

    Returns
    -------
    int
        JupyterLab's exit status.
    """
    work = folder if homeworks_in(folder) else folder / "work"
    work.mkdir(exist_ok=True)
    ours = folder / "assignments"
    for assignment in sorted((ours if ours.is_dir() else released()).glob("hw*")):
        print(_copy(assignment, work / assignment.name))
    return _jupyter_lab(folder, work, options, hidden=FOR_TEACHERS)


def _copy(assignment: Path, mine: Path) -> str:
    """Copy an assignment to where a student works, and say what was done."""
    name = mine.name
    notebook = assignment / f"{name}.ipynb"
    digest = hashlib.sha256(notebook.read_bytes()).hexdigest() if notebook.is_file() else ""
    kept = mine / RELEASE
    if not mine.exists():
        ignored = shutil.ignore_patterns(".*")
        shutil.copytree(assignment, mine, ignore=ignored, copy_function=shutil.copyfile)
        kept.write_text(digest)
        return f"{name}: copied"
    if not kept.is_file() or kept.read_text() == digest:
        return f"{name} is there already: left as it is"
    beside = (mine / f"{name}-new{number or ''}.ipynb" for number in count())
    newer = next(path for path in beside if not path.exists())
    shutil.copyfile(notebook, newer)
    kept.write_text(digest)
    return f"{name}: a newer release is beside your own, which is left as it is: {newer.name}"


def teach(course: Path, options: list[str]) -> int:
    """Open JupyterLab with formgrader in the course's folder.

    Parameters and result are those of `lab`.
    """
    return _jupyter_lab(course, course, options)


def _jupyter_lab(course: Path, folder: Path, options: list[str], hidden: Sequence[str] = ()) -> int:
    if (course / SETTINGS).is_file() and "UNROLLED_EXCHANGE" not in os.environ:
        (course / "exchange").mkdir(exist_ok=True)
    # nbgrader's extensions read the course's settings from a Jupyter configuration folder.
    environment = {**os.environ, "JUPYTER_CONFIG_PATH": str(course)}
    disabled = {"disabledExtensions": [f"@jupyter/nbgrader:{name}" for name in hidden]}
    with tempfile.TemporaryDirectory() as settings:
        Path(settings, "overrides.json").write_text(json.dumps(OVERRIDES))
        Path(settings, "page_config.json").write_text(json.dumps(disabled))
        ours = [f"--ServerApp.root_dir={folder}", f"--LabApp.app_settings_dir={settings}"]
        if getattr(os, "geteuid", lambda: -1)() == 0:  # in a container; JupyterLab would refuse
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
