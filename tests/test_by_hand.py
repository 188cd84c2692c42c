"""What only a person can grade is asked, kept, counted, and told alike wherever grades are seen."""

import csv
import re

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.__main__ import main
from tests import classroom
from tests.classroom import NAME, grade_class, hand_in, with_function

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
QUESTION = """
# %% [markdown] nbgrader={"grade_id": "why", "points": 3}
# Because the largest exponent is zero.
"""
ANSWER = "Because <b>of</b> the *largest* one."


def gradebook_of(course):
    return Gradebook(classroom.configuration(course).CourseDirectory.db_url, "unrolled")


def handed_in(text=None):
    """Return right work with an answer in words, or with the cell as it was released."""
    notebook = classroom.solved()
    source = [text or "YOUR ANSWER HERE"]
    mark = {"grade_id": "why", "grade": True, "solution": True, "locked": False, "points": 99}
    cell = {"cell_type": "markdown", "id": "why", "metadata": {"nbgrader": mark}, "source": source}
    notebook["cells"].append(cell)
    return notebook


def report(course):
    assert main(["report", NAME]) == 0
    with (course / "reports" / f"{NAME}.csv").open(newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    return (course / "reports" / f"{NAME}.html").read_text(), rows


def ask(course, question):
    """Put a question into a homework's script, in a course that can be built."""
    (course / "autograder").symlink_to(classroom.REPOSITORY / "autograder")
    with (course / f"solutions/{NAME}/solution.py").open("a") as script:
        script.write(question)


@pytest.fixture
def asked(course):
    """A course whose homework asks a question in words, built from its script."""
    ask(course, QUESTION)
    assert main(["build", NAME]) == 0
    classroom.generate(course)
    return course


def test_a_question_in_words_is_built_graded_by_hand_and_counted(asked, capsys):
    released = nbformat.read(asked / f"assignments/{NAME}/{NAME}.ipynb", as_version=4)
    assert released.cells[-1].source == "YOUR ANSWER HERE"
    hand_in(asked, "ada", handed_in(ANSWER))
    hand_in(asked, "bob", handed_in())
    hand_in(asked, "eve", classroom.solved())
    assert grade_class(NAME, jobs=1) == 0
    assert "Answers that a person grades, in formgrader: why." in capsys.readouterr().out
    page, rows = report(asked)
    assert "`why` waits for points by hand." in rows["ada"]["needs_person"]
    assert rows["bob"]["needs_person"] == ""  # nothing is written: 0 points, as nbgrader has it
    assert [rows[name]["score"] for name in ("ada", "bob")] == ["20.0", "20.0"]
    assert "waiting for points by hand" in page
    with gradebook_of(asked) as book:
        grade = book.find_grade("why", NAME, NAME, "ada")
        assert (grade.max_score, grade.needs_manual_grade) == (3.0, True)
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        book.db.commit()
    _, rows = report(asked)
    assert (rows["ada"]["score"], rows["ada"]["why"]) == ("22.5", "2.5")
    assert rows["ada"]["needs_person"] == ""
    graded = (asked / f"autograded/ada/{NAME}/{NAME}.ipynb").read_text()
    assert "Because &lt;b&gt;of" in graded
    assert classroom.run(asked, "nbgrader", "generate_feedback", NAME)[0] == 0
    feedback = (asked / f"feedback/ada/{NAME}/{NAME}.html").read_text()
    assert "2.5" in re.sub(r"<[^>]+>", "", feedback)


def test_a_homework_with_a_question_in_words_is_sound(asked, capsys):
    assert main(["verify", NAME]) == 0
    assert f"{NAME}: sound" in capsys.readouterr().out


def test_a_question_without_points_is_refused(course, capsys):
    ask(course, QUESTION.replace(', "points": 3', ""))
    assert main(["build", NAME]) == 1
    assert 'needs nbgrader={"grade_id"' in capsys.readouterr().err


# --- an assignment of one's own -----------------------------------------------------------------


def own(course, *cells):
    """Make an assignment with plain nbgrader, and hand something in for it."""
    notebook = nbformat.v4.new_notebook(cells=list(cells))
    for folder in ("source/essay", "submitted/ada/essay"):
        (course / folder).mkdir(parents=True)
        nbformat.write(notebook, course / folder / "essay.ipynb")
        notebook.cells[0].source = "import os; os.mkdir('ran')"
    status, _, told = classroom.run(course, "nbgrader", "generate_assignment", "essay", "--force")
    assert status == 0, told
    return classroom.run(course, "nbgrader", "autograde", "essay")


def cell(kind, name, **role):
    mark = {"grade": True, "solution": False, "task": False, "points": 5, "schema_version": 3}
    mark |= {"grade_id": name, "locked": not role.get("solution"), "cell_type": kind} | role
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}[kind]
    return make("pass" if kind == "code" else "Say why.", metadata={"nbgrader": mark})


def test_an_assignment_of_ones_own_is_graded_by_nbgrader_and_nothing_of_it_is_run(course, capsys):
    status, _, told = own(
        course, cell("code", "do", solution=True), cell("markdown", "why", solution=True)
    )
    assert status == 0, told
    with gradebook_of(course) as book:
        submission = book.find_submission("essay", "ada")
        assert submission.needs_manual_grade
        assert submission.max_score == 10
    assert not list(course.rglob("ran"))
    assert main(["grade", "essay"]) == 2
    assert "`nbgrader autograde essay`" in capsys.readouterr().err


def test_tests_of_ones_own_which_would_run_unprotected_are_refused(course):
    status, _, told = own(
        course, cell("code", "do", solution=True, grade=False), cell("code", "test")
    )
    assert status != 0
    assert "would run students' code unprotected" in told
    assert "Traceback" not in told
    assert not (course / "autograded/ada/essay").exists()


# --- what should not be silent ----------------------------------------------------------------


def test_points_by_hand_that_new_work_makes_stale_are_told(course, capsys):
    hand_in(course, "ada", classroom.released())
    grade_class(NAME, jobs=1)
    with gradebook_of(course) as book:
        grade = book.find_grade("check_softmax", NAME, NAME, "ada")
        grade.manual_score, grade.needs_manual_grade = 2.0, False
        book.db.commit()
    hand_in(course, "ada", classroom.solved(), timestamp="2027-03-01 12:00:00 UTC")
    capsys.readouterr()
    assert grade_class(NAME, jobs=1) == 1
    stale = "`softmax` keeps 2 points by hand, given before it was graded again; the tests give 4."
    assert stale in capsys.readouterr().out
    assert stale in report(course)[1]["ada"]["needs_person"]


def test_a_function_that_was_renamed_is_told(course, capsys):
    renamed = with_function(classroom.solved(), "softmax", "def soft_max(o):\n    return o\n")
    hand_in(course, "ada", renamed)
    assert grade_class(NAME, jobs=1) == 1
    assert "its cell defines `soft_max`: was it renamed?" in capsys.readouterr().out


def test_formgrader_waits_for_whatever_a_person_should_look_at(course):
    hand_in(course, "ada", classroom.solved())
    hand_in(course, "bob", b"")
    assert grade_class(NAME, jobs=1) == 1
    with gradebook_of(course) as book:
        waits = {
            each.student.id: each.needs_manual_grade
            for each in book.find_assignment(NAME).submissions
        }
    assert waits == {"ada": False, "bob": True}
    reasons = report(course)[1]["bob"]["needs_person"]
    assert "The file is empty" in reasons
    assert "waits for points" not in reasons


def test_grades_of_two_versions_of_the_tests_are_told_with_the_command_that_mends_it(course):
    for student in ("ada", "bob"):
        hand_in(course, student, classroom.solved())
    grade_class(NAME, jobs=1)
    assert "Graded with other tests" not in report(course)[0]
    path = course / f"autograded/bob/{NAME}/{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.unrolled.suite = "an older one"
    path.chmod(0o644)
    nbformat.write(notebook, path)
    page, _ = report(course)
    assert "Graded with other tests" in page
    assert f"grade {NAME} --force" in page
