"""Settings of the course for nbgrader: https://nbgrader.readthedocs.io/en/stable/configuration/

Your own settings belong into ``instructor_config.py`` beside this file, which git leaves alone: it
is read last, and begins with ``c = get_config()``. Both can be overridden on nbgrader's command
line, as ``--Exchange.root=/srv/nbgrader``.
"""

import os
from pathlib import Path

c = get_config()  # noqa: F821 - nbgrader defines it
course = Path(__file__).parent.resolve()

c.CourseDirectory.course_id = "unrolled"
c.CourseDirectory.root = str(course)
c.CourseDirectory.release_directory = "assignments"
c.CourseDirectory.ignore = [".*", "__pycache__", "*.py", "*.pyc"]

# Where homeworks are released and handed in: a folder that teachers and students can write to.
c.Exchange.root = os.environ.get("UNROLLED_EXCHANGE", str(course / "exchange"))

# To collect again brings what was handed in since, in place of the earlier work.
c.ExchangeCollect.update = True

# The gradebook: SQLite beside this file, or for a large class a server,
# such as "postgresql+psycopg://grader@localhost/unrolled": see docs/cluster.md.
c.CourseDirectory.db_url = f"sqlite:///{course / 'gradebook.db'}"

# From a school's archive, all that may be a notebook is collected: see docs/lms-export.md.
c.ZipCollectApp.extractor_plugin = "autograder.course.collect.UploadExtractorPlugin"
c.ZipCollectApp.collector_plugin = "autograder.course.collect.UploadCollectorPlugin"

# A stub that was not begun is told apart from one that is wrong.
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}

# Submissions are read tolerantly, run in a sandbox, and judged outside of it.
c.Autograde.exporter_class = "autograder.grading.nbgrader.SubmissionExporter"
c.Autograde.autograde_preprocessors = [
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]
# For instructor_config.py: without a sandbox, which only makes sense where you trust every student:
# c.SubmissionExporter.sandbox = False
# Other limits on time, memory and output than those of autograder.grading.sandbox.Limits:
# c.SubmissionExporter.limits = {"cell_seconds": 60, "submission_seconds": 300}

# What a student gets back: a page of ours, without scripts and network.
c.GenerateFeedback.exporter_class = "autograder.grading.feedback.FeedbackExporter"

load_subconfig("instructor_config.py", str(course))  # noqa: F821 - traitlets defines it
if c.Exchange.root == str(course / "exchange"):
    Path(c.Exchange.root).mkdir(exist_ok=True)
