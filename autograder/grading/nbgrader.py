"""Let nbgrader's autograde, formgrader's button and the API grade as our own command does."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from traitlets import Bool, Dict, Float, Integer, Union

from autograder.grading.batch import Batch, InThisProcess
from autograder.grading.sandbox import Limits


class SubmissionExporter(NotebookExporter):
    """Take the conversion of submissions over from nbgrader, which would run a kernel for each.

    nbgrader's `Autograde` makes its exporter before it touches a submission, and it is the first
    thing of ours that it makes. Its own way would follow links, wait for pipes, stop at file
    names and timestamps it does not expect, and take a submission for graded when it was killed
    halfway.
    """

    sandbox = Bool(True, help="False: grade without a sandbox, where every student is trusted").tag(
        config=True
    )
    limits = Dict(
        per_key_traits={
            name: Integer() if isinstance(value, int) else Union([Float(), Integer()])
            for name, value in asdict(Limits()).items()
        },
        help="What a submission may take, such as {'call_seconds': 20}: see "
        "autograder.grading.sandbox.Limits",
    ).tag(config=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.parent, Autograde):
            self.parent.convert_notebooks = self._grade

    def _grade(self) -> None:
        """Grade what nbgrader was asked to; log what a person should look at."""
        autograde: Any = self.parent
        batch = Batch(autograde, self)
        for outcome in batch.grade(batch.to_grade(), InThisProcess):
            for complaint in outcome.complaints:
                autograde.log.warning("%s: %s", outcome.submitted.shown, complaint)
        if batch.failed:
            raise NbGraderException(
                "Not graded: " + ", ".join(submitted.shown for submitted in batch.failed)
            )
