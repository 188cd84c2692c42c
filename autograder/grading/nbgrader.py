"""Let nbgrader's autograde, formgrader's button and the API grade through `grade`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from traitlets import Bool

from autograder.grading.grade import Graded, Homework, grade

_homework = cache(Homework.load)


class SubmissionExporter(NotebookExporter):
    """Read submissions tolerantly and grade them, where nbgrader would run a kernel.

    nbgrader's autograde reads a notebook twice: from ``submitted/``, where it is graded, then
    from ``autograded/``, where its preprocessors take the scores from the check cells.
    """

    sandbox = Bool(True, help="False: grade without a sandbox, where every student is trusted").tag(
        config=True
    )

    def from_filename(
        self, filename: str, resources: dict | None = None, **kw: Any
    ) -> tuple[NotebookNode, dict]:
        """Export the notebook at ``filename``, graded if it is a submission."""
        coursedir = self.parent.coursedir  # type: ignore[union-attr]
        about = (resources or {})["nbgrader"]
        submitted = coursedir.format_path(
            coursedir.submitted_directory, about["student"], about["assignment"]
        )
        if Path(filename).parent.resolve() != Path(submitted).resolve():
            return super().from_filename(filename, resources=resources, **kw)
        homework = _homework(Path(coursedir.root), about["assignment"])
        graded = grade(Path(filename).read_bytes(), homework, sandbox=self.sandbox)
        self._report(filename, graded)
        return self.from_notebook_node(graded.notebook, resources=resources, **kw)

    def _report(self, filename: str, graded: Graded) -> None:
        for problem in graded.problems:
            self.log.warning("%s: %s", filename, problem)
