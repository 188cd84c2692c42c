"""A due date can be moved for one student, at any time, and everybody who should know is told."""

import csv
from datetime import datetime

import pytest
from nbgrader.api import Gradebook

from autograder.__main__ import main
from autograder.suite import homeworks
from tests import classroom
from tests.classroom import NAME, grade_class, hand_in

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
DUE = datetime(2026, 3, 1, 11)  # an hour before what `hand_in` hands in


@pytest.fixture
def book(course):
    """The gradebook of a course with a due date, a late penalty, and two students."""
    with (course / "nbgrader_config.py").open("a") as settings:
        settings.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    with Gradebook(classroom.configuration(course).CourseDirectory.db_url, "unrolled") as book:
        book.update_or_create_assignment(NAME, duedate=DUE)
        book.add_student("ada")
        book.add_student("bob")
        yield book


def rows(course):
    with (course / "reports" / f"{NAME}.csv").open(newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_an_extension_before_anything_is_handed_in_counts_and_is_told(course, book, capsys):
    assert main(["extend", NAME, "ada", "--days", "2"]) == 0
    assert "due 2026-03-03 11:00 UTC for ada" in capsys.readouterr().out
    hand_in(course, "ada", classroom.solved())
    hand_in(course, "bob", classroom.solved())
    assert grade_class(NAME, jobs=1) == 0
    assert main(["report", NAME]) == 0
    told = rows(course)
    assert [told[name]["score"] for name in ("ada", "bob")] == ["20.0", "0.0"]
    assert [told[name]["extension_days"] for name in ("ada", "bob")] == ["2.0", ""]
    assert "2 days extension" in (course / "reports" / f"{NAME}.html").read_text()
    ada, bob = (
        (course / "autograded" / name / NAME / f"{NAME}.ipynb").read_text() for name in told
    )
    assert "before the due date (2026-03-03 11:00 UTC, 2 days later than for the others)" in ada
    assert "60 min after the due date (2026-03-01 11:00 UTC): 20 points are taken off" in bob


def test_whoever_has_an_extension_and_hands_in_nothing_stays_without_a_score(course, book):
    assert main(["extend", NAME, "bob", "--days", "1"]) == 0
    hand_in(course, "ada", classroom.solved(), timestamp=None)
    grade_class(NAME, jobs=1)
    assert main(["report", NAME]) == 0
    assert rows(course)["bob"]["score"] == ""
    exporter = "--exporter=autograder.course.export.MoodleExportPlugin"
    status, _, told = classroom.run(course, "nbgrader", "export", exporter)
    assert status == 0, told
    assert "bob" not in (course / "moodle.csv").read_text()


def test_a_due_date_that_moved_is_told_where_old_penalties_are_left(course, book):
    hand_in(course, "ada", classroom.solved())
    hand_in(course, "bob", classroom.solved(), timestamp="2026-02-01 13:00:00 +0100")
    assert grade_class(NAME, jobs=1) == 0
    exporter = "--exporter=autograder.course.export.MoodleExportPlugin"
    page = course / "reports" / f"{NAME}.html"

    def told():
        assert main(["report", NAME]) == 0
        words = classroom.run(course, "nbgrader", "export", exporter)[2]
        return [
            "The due date was moved" in page.read_text(),
            f"{NAME}, ada: the due date was moved" in words,
            f"{NAME}, bob: the due date was moved" in words,
        ]

    assert told() == [False, False, False]
    book.update_or_create_assignment(NAME, duedate=datetime(2026, 3, 2))
    assert told() == [True, True, False]
    assert grade_class(NAME, force=True, jobs=1) == 0
    assert told() == [False, False, False]
    assert rows(course)["ada"]["score"] == "20.0"
    book.update_or_create_assignment(NAME, duedate=datetime(2026, 1, 1))
    assert told() == [True, True, True]


def test_a_due_date_is_set_as_it_is_meant_and_what_it_leaves_is_told(course, book, capsys):
    for when in ("2027-03-12 23:59 Europe/Berlin", "2027-03-12 23:59 +0100", "2027-03-12T22:59Z"):
        assert main(["due", NAME, when]) == 0
        assert capsys.readouterr().out == f"{NAME}: due 2027-03-12 22:59 UTC.\n"
        book.db.expire_all()
        assert book.find_assignment(NAME).duedate == datetime(2027, 3, 12, 22, 59)
    hand_in(course, "ada", classroom.solved())
    assert grade_class(NAME, jobs=1) == 0
    capsys.readouterr()
    assert main(["due", NAME, "2027-03-13"]) == 0
    assert f"grade {NAME} --force" in capsys.readouterr().out
    assert main(["due", NAME, "2027-03-13"]) == 0
    assert "--force" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("homework", "when", "told"),
    [
        (NAME, "12.03.2027", "several times or none"),
        *((NAME, f"2027-07-12 23:59 {zone}", zone) for zone in ("CEST", "EDT", "PST", "JST")),
        (NAME, "", "Give year"),
        ("hw9", "2027-03-12", "no homework 'hw9'"),
    ],
)
def test_a_due_date_in_doubt_is_refused_and_changes_nothing(book, capsys, homework, when, told):
    assert main(["due", homework, when]) == 2
    assert told in capsys.readouterr().err
    assert book.find_assignment(NAME).duedate == DUE


def test_an_extension_is_granted_for_all_homeworks_and_taken_back(course, book, capsys):
    assert main(["extend", "all", "ada", "--days", "0.5"]) == 0
    assert capsys.readouterr().out.count("no due date yet") == len(homeworks()) - 1
    assert len(book.find_student("ada").submissions) == len(homeworks())
    hand_in(course, "ada", classroom.solved())
    assert grade_class(NAME, jobs=1) == 0
    capsys.readouterr()
    assert main(["extend", NAME, "ada", "--days", "0"]) == 0
    assert f"grade {NAME} --force --student ada" in capsys.readouterr().out
    book.db.expire_all()
    assert book.find_submission(NAME, "ada").extension is None


def test_an_extension_of_a_homework_without_a_due_date_waits_for_one(course, book):
    book.update_or_create_assignment(NAME, duedate=None)
    assert main(["extend", NAME, "ada", "--days", "2"]) == 0
    hand_in(course, "ada", classroom.solved())
    assert grade_class(NAME, jobs=1) == 0
    book.db.expire_all()
    assert book.find_submission(NAME, "ada").extension.days == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((NAME, "adda"), "no student 'adda'. Did you mean ada?"),
        (("hw3", "ada"), "There is no homework 'hw3'; there are"),
    ],
)
def test_an_unknown_student_or_homework_is_refused(book, capsys, arguments, told):
    assert main(["extend", *arguments, "--days", "2"]) == 2
    assert told in capsys.readouterr().err
