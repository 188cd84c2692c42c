"""nbgrader's way in: its commands, formgrader and its API grade through this.

The course's nbgrader_config.py names the class here, and so do those of classes that run already;
the module is called after what it hooks into.
"""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Dict

from autograder.grading.assignment import Assignment
from autograder.grading.batch import InThisProcess, Workers, grade_all, load
from autograder.grading.insides import convert_by
from autograder.grading.sandbox import Limits, try_sandbox
from autograder.grading.warm import warm
from autograder.suite import homeworks
from autograder.usage import WrongUsage


class SubmissionExporter(NotebookExporter):
    """Take the conversion of submissions over from nbgrader, which would run a kernel for each.

    nbgrader's own way would follow links, wait for pipes, stop at file names and timestamps that it
    does not expect, and take a submission for graded when it was killed halfway.
    """

    sandbox = Bool(True, help="False: grade without a sandbox, where every student is trusted").tag(
        config=True
    )
    limits = Dict(
        help="What a submission may take, such as {'call_seconds': 20}; by default "
        f"{asdict(Limits())}: see autograder.grading.sandbox.Limits"
    ).tag(config=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        autograde: Any = self.parent
        if isinstance(autograde, Autograde) and _is_own(autograde.coursedir):
            if _has_tests(autograde.coursedir):
                convert_by(self, self._refuse)
        else:
            convert_by(self, self._grade)

    def _refuse(self) -> None:
        """Refuse to grade by tests whose results would come from a student's own process."""
        autograde: Any = self.parent
        told = (
            f"{autograde.coursedir.assignment_id} has tests, for which nbgrader would run "
            "students' code unprotected. Grade it in a course folder of its own, with nbgrader's "
            "own settings, if you trust them; or ask only what a person grades, which runs nothing."
        )
        autograde.log.error("%s", told)
        raise NbGraderException(told)

    def _grade(self) -> None:
        """Grade what nbgrader was asked to, and log what a person should look at."""
        autograde: Any = self.parent
        try:
            assignment = Assignment(autograde, self)
            homework = load(assignment)
            if assignment.sandbox:
                try_sandbox()
        except WrongUsage as error:
            autograde.log.error("%s", error)
            raise NbGraderException(str(error)) from None
        failed = []
        # A process of its own ends where it is stuck. To fork one is safe while no other thread
        # runs: in nbgrader's command, and not in a server with formgrader.
        alone = sys.platform == "linux" and threading.active_count() == 1
        executor = partial(Workers, 1) if alone else InThisProcess
        if alone:
            warm.stop()  # the worker has its own
        for done in grade_all(assignment, homework, assignment.to_grade(), executor):
            for complaint in done.complaints:
                autograde.log.warning("%s: %s", done.submitted.shown, complaint)
            if done.error:
                failed.append(done.submitted.shown)
        if failed:
            raise NbGraderException(f"Not graded: {', '.join(failed)}")


def _is_own(course: CourseDirectory) -> bool:
    """Tell whether an assignment is no homework of the course, but the instructor's own."""
    name = course.assignment_id
    folder = Path(course.format_path(course.source_directory, ".", name))
    return name not in homeworks() and folder.is_dir()


def _has_tests(course: CourseDirectory) -> bool:
    """Tell whether cells of an assignment are graded by running them."""
    folder = Path(course.format_path(course.source_directory, ".", course.assignment_id))
    cells = [cell for path in folder.glob("*.ipynb") for cell in nbformat.read(path, 4).cells]
    return any(is_grade(cell) and not is_solution(cell) for cell in cells)


def open_assignment(name: str, sandbox: bool = True) -> Assignment:
    """Load nbgrader's settings from the current folder, as nbgrader does.

    Parameters
    ----------
    name : str
        The homework's, such as ``"hw4_bptt"``.
    sandbox : bool
        False grades without one, where every student is trusted.

    Raises
    ------
    WrongUsage
        If nbgrader is not ready for it.
    """
    app = _application()
    app.coursedir.assignment_id = name
    autograde = Autograde(coursedir=app.coursedir, parent=app)
    exporter = SubmissionExporter(parent=autograde, config=autograde.config)
    exporter.sandbox = exporter.sandbox and sandbox
    return Assignment(autograde, exporter)


def open_course() -> CourseDirectory:
    """Load nbgrader's settings of the course in the current folder: gradebook, folders, course id.

    Raises
    ------
    WrongUsage
        If there is no course here.
    """
    return _application().coursedir


def _application() -> AutogradeApp:
    if not Path("nbgrader_config.py").exists():
        raise WrongUsage("There is no nbgrader_config.py here: go to the course's folder.")
    programs = str(Path(sys.executable).parent)  # nbgrader calls one of them, alembic
    os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])
    app = AutogradeApp()
    app.initialize([])
    app.log_level = "ERROR"
    return app
