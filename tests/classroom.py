"""A course with one homework in a folder of its own, and students who hand it in."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import PyFileConfigLoader

from autograder.__main__ import main

REPOSITORY = Path(__file__).parents[1]
PROGRAMS = str(Path(sys.executable).parent)  # nbgrader calls one of them, alembic
os.environ["PATH"] = os.pathsep.join([PROGRAMS, os.environ.get("PATH", os.defpath)])
NAME = "hw3_softmax_loss"
WORTH = {"softmax": 4.0, "log_softmax": 4.0, "sequence_loss": 6.0, "sequence_loss_gradient": 6.0}
FULL = 20.0
ON_TIME = "2026-03-01 12:00:00.000000 UTC"


def make_course(folder):
    """Make a course whose gradebook knows the homework."""
    for name in ("source", "solutions"):
        ignored = shutil.ignore_patterns("__pycache__", "hw[!3]*.ipynb")
        shutil.copytree(REPOSITORY / name, folder / name, ignore=ignored)
    shutil.copy(REPOSITORY / "nbgrader_config.py", folder)
    generate(folder)
    return folder


def generate(course):
    """Have the gradebook know the homework."""
    config = configuration(course)
    coursedir = CourseDirectory(config=config, assignment_id=NAME)
    GenerateAssignment(coursedir=coursedir, config=config, force=True).start()


def configuration(course):
    """Read the course's settings, as nbgrader does."""
    return PyFileConfigLoader(str(course / "nbgrader_config.py")).load_config()


def solved():
    """Return what a good student hands in: the released notebook, with the solutions in it."""
    released = json.loads((REPOSITORY / f"assignments/{NAME}/{NAME}.ipynb").read_bytes())
    source = nbformat.read(REPOSITORY / f"source/{NAME}/{NAME}.ipynb", as_version=4)
    answers = {cell.id: cell.source for cell in source.cells}
    for cell in released["cells"]:
        if cell["id"] in WORTH:
            cell["source"] = answers[cell["id"]].splitlines(keepends=True)
    return released


def released():
    """Return what a student hands in who has written nothing."""
    return json.loads((REPOSITORY / f"assignments/{NAME}/{NAME}.ipynb").read_bytes())


def with_function(notebook, name, source):
    """Put a source into an exercise cell."""
    next(cell for cell in notebook["cells"] if cell["id"] == name)["source"] = source
    return notebook


def data_of(notebook):
    """Return the file's content."""
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode("utf-8", "surrogatepass")


def hand_in(course, student, notebook=None, timestamp=ON_TIME, file=f"{NAME}.ipynb"):
    """Hand a notebook in, and return the folder."""
    folder = course / "submitted" / student / NAME
    folder.mkdir(parents=True, exist_ok=True)
    if notebook is not None:
        (folder / file).write_bytes(notebook if isinstance(notebook, bytes) else data_of(notebook))
    if timestamp is not None:
        (folder / "timestamp.txt").write_text(timestamp)
    return folder


def start(course, module, *arguments):
    """Start a command in the course's folder, as a terminal would."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=course,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(course, module, *arguments):
    """Run a command in the course's folder, and return its status and what it printed."""
    process = start(course, module, *arguments)
    out, error = process.communicate(timeout=300)
    return process.returncode, out, error


def grade_class(homework, force=False, student="", jobs=None, sandbox=True, scheduler=""):
    """Give the command that grades a class, and return its exit status."""
    options = ["--force"] * force + ["--no-sandbox"] * (not sandbox)
    for name, value in (("student", student), ("jobs", jobs), ("scheduler", scheduler)):
        options += [f"--{name}={value}"] if value else []
    return main(["grade", homework, *options])


GRADES = """
    SELECT student.id, base_cell.name, auto_score, manual_score, extra_credit, needs_manual_grade
    FROM grade JOIN base_cell ON base_cell.id = cell_id
    JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    JOIN student ON student.id = student_id ORDER BY 1, 2
"""
COMMENTS = """
    SELECT student.id, base_cell.name, auto_comment, manual_comment
    FROM comment JOIN base_cell ON base_cell.id = cell_id
    JOIN submitted_notebook ON submitted_notebook.id = comment.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    JOIN student ON student.id = student_id ORDER BY 1, 2
"""
SUBMISSIONS = """
    SELECT student.id, timestamp, extension, flagged, late_submission_penalty,
           first_name, last_name, email
    FROM submitted_notebook
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    JOIN student ON student.id = student_id ORDER BY 1
"""


def gradebook(course):
    """Return the rows of the gradebook, with names in place of random keys."""
    with sqlite3.connect(course / "gradebook.db") as book:
        return tables(lambda query: book.execute(query).fetchall())


def tables(rows):
    """Return the rows of a gradebook, by a function that asks for some."""
    queries = {"grades": GRADES, "comments": COMMENTS, "submissions": SUBMISSIONS}
    for table in ("grade", "comment", "submitted_notebook", "submitted_assignment", "student"):
        queries[f"number of {table}s"] = f"SELECT count(*) FROM {table}"
    return {name: rows(query) for name, query in queries.items()}


def scores(course):
    """Return each student's score."""
    totals = {}
    for student, _, automatic, manual, *_ in gradebook(course)["grades"]:
        assert automatic is not None, f"{student} is undecided"
        totals[student] = totals.get(student, 0) + (automatic if manual is None else manual)
    return totals


def autograded(course):
    """Return the files that grading left: their modes and contents by path."""
    files = sorted(path for path in (course / "autograded").rglob("*") if path.is_file())
    return {
        str(path.relative_to(course / "autograded")): (path.stat().st_mode, path.read_bytes())
        for path in files
    }
