"""What the grader uses of nbgrader's insides is there, in this version, and does what it should."""

import inspect
import tomllib
from contextlib import suppress

import pytest
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, base
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades

from autograder.grading import insides
from autograder.grading.insides import Book
from tests import classroom
from tests.classroom import NAME, REPOSITORY, hand_in


def parts(course):
    """Return nbgrader's converter as the course's settings make it, and an exporter."""
    config = classroom.configuration(course)
    coursedir = CourseDirectory(config=config, assignment_id=NAME)
    autograde = Autograde(coursedir=coursedir, config=config)
    return autograde, NotebookExporter(parent=autograde, config=config)


def test_nbgrader_is_bounded_above():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    bounds = [line for extra in extras for line in extra if line.startswith("nbgrader")]
    assert bounds
    assert all("<" in line for line in bounds)


def test_a_conversion_is_one_method_that_start_calls(course):
    """So it can be replaced before anything of a submission is touched."""
    assert "self.convert_notebooks()" in inspect.getsource(base.BaseConverter.start)
    hand_in(course, "ada", classroom.solved())
    converted = []

    class Exporter(NotebookExporter):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            insides.convert_by(self, lambda: converted.append("by ours"))

    autograde, _ = parts(course)
    autograde.exporter_class = Exporter
    autograde.start()
    assert converted == ["by ours"]
    assert not (course / "autograded").exists()


def test_the_steps_are_those_of_the_settings_and_new_each_time(course):
    autograde, exporter = parts(course)
    steps, again = insides.steps_of(autograde, exporter), insides.steps_of(autograde, exporter)
    assert [type(step) for step in steps] == [SaveAutoGrades, AssignLatePenalties]
    assert not set(map(id, steps)) & set(map(id, again))


def database(course):
    return classroom.configuration(course).CourseDirectory.db_url


def test_what_a_step_commits_waits_for_the_end_of_the_transaction(course):
    steps = insides.steps_of(*parts(course))
    book = Book(database(course), "unrolled")
    with suppress(ZeroDivisionError), book.transaction(steps):
        book.update_or_create_student("ada")  # which commits
        raise ZeroDivisionError
    with Gradebook(database(course), "unrolled") as outside, pytest.raises(MissingEntry):
        outside.find_student("ada")
    with book.transaction(steps):
        book.update_or_create_student("ada")
        with Gradebook(database(course), "unrolled") as outside, pytest.raises(MissingEntry):
            outside.find_student("ada")
    book.close_for_good()
    with Gradebook(database(course), "unrolled") as outside:
        assert outside.find_student("ada").id == "ada"


def test_the_steps_open_the_gradebook_by_the_name_in_their_module(course):
    """So that, within a transaction, they get the one that is open."""
    steps = insides.steps_of(*parts(course))
    book = Book(database(course), "unrolled")
    with book.transaction(steps):
        for step in steps:
            opened = vars(inspect.getmodule(type(step)))["Gradebook"](database(course), "unrolled")
            assert opened is book
    book.close_for_good()
    for step in steps:
        assert vars(inspect.getmodule(type(step)))["Gradebook"] is Gradebook


def test_autograde_has_the_parts_that_are_set():
    for name in ("convert_notebooks", "_init_preprocessors"):
        assert callable(getattr(Autograde, name))
    assert "_sanitizing" in inspect.getsource(Autograde)
