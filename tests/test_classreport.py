"""The report on a class tells what is in the gradebook and the notebooks, whatever is in them."""

import csv
import datetime
import json
import os
import re
import shutil
from html.parser import HTMLParser

import numpy as np
import pytest
import sqlalchemy
from nbgrader.api import Gradebook

from autograder.__main__ import main
from autograder.grading.class_report import duration, harmless, histogram, percent
from autograder.grading.class_results import (
    EITHER_WAY,
    ENOUGH,
    ClassResults,
    Judged,
    Member,
    discrimination,
    exercise_figures,
    graded_tests,
)
from tests import classroom
from tests.classroom import NAME, WORTH, grade_class, hand_in, with_function

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

DUE = datetime.datetime(2026, 3, 1, 11)
TESTS = graded_tests(NAME)
SOFTMAX = list(TESTS["softmax"])


def gradebook_of(course):
    return Gradebook(classroom.configuration(course).CourseDirectory.db_url, "unrolled")


def summary(wrong=(), **changes):
    """What the grader writes of a submission that fails some tests, and passes the others."""
    wrong = dict(wrong)
    functions = {
        name: {
            "points": sum(worth for test, worth in own.items() if test not in wrong),
            "worth": WORTH[name],
            "mistakes": [],
            "tests": {test: {"worth": own[test], "wrong": wrong.get(test, "")} for test in own},
        }
        for name, own in TESTS.items()
    }
    return {"homework": NAME, "functions": functions, "problems": [], "doubts": []} | changes


def add(course, student, told=None, content=None, timestamp=DUE, **about):
    """Put a graded submission into the gradebook and into autograded/."""
    told = told or summary()
    hand_in(course, student, b"{}", timestamp=None)
    with gradebook_of(course) as book:
        book.update_or_create_student(student, **about)
        book.update_or_create_submission(NAME, student, timestamp=timestamp)
        for grade in book.find_submission_notebook(NAME, NAME, student).grades:
            grade.auto_score = told["functions"][grade.name.removeprefix("check_")]["points"]
            grade.needs_manual_grade = False
        book.db.commit()
    folder = course / "autograded" / student / NAME
    folder.mkdir(parents=True)
    if content is None:
        content = json.dumps({"cells": [], "metadata": {"unrolled": told}}).encode()
    (folder / f"{NAME}.ipynb").write_bytes(content)


def failing(exercise, kind="values", mistakes=()):
    """What is told of a submission that fails all tests of an exercise."""
    told = summary(dict.fromkeys(TESTS[exercise], kind))
    told["functions"][exercise]["mistakes"] = list(mistakes)
    return told


def report(course):
    """Make the report, and return the page and the rows of the table by student."""
    assert main(["report", NAME]) == 0
    page = (course / "reports" / f"{NAME}.html").read_text("utf-8")
    with (course / "reports" / f"{NAME}.csv").open(newline="", encoding="utf-8") as file:
        return page, {row["student"]: row for row in csv.DictReader(file)}


def section(page, name):
    """Return the text of a part of the page, each row of its tables as a line."""
    found = re.search(rf'<section id="{name}">(.*?)</section>', page, re.DOTALL)[1]
    lines = found.replace("\n", " ").replace("</tr>", "\n").replace("</th>", " ")
    return re.sub(r" +", " ", re.sub(r"<[^>]+>", "", lines.replace("</td>", " ")))


# --- what the grader writes is what is read ----------------------------------------------------


def test_a_class_that_was_graded_is_reported(course, capsys):
    overflowing = "def softmax(o):\n    e = np.exp(o)\n    return e / e.sum(-1, keepdims=True)\n"
    hand_in(course, "ada", classroom.solved())
    hand_in(course, "alan", with_function(classroom.solved(), "softmax", overflowing))
    hand_in(course, "claude", b'{"cells": [')
    with gradebook_of(course) as book:
        book.add_student("zoe")
    assert grade_class(NAME, jobs=1) == 1
    capsys.readouterr()
    page, rows = report(course)
    assert capsys.readouterr().out.startswith(
        f"{NAME}: students 4, handed in 3, graded 3, still to grade 0, missing 1, late 0, "
        "for a person to look at 1.\nScore: mean "
    )
    assert [rows[name]["score"] for name in ("ada", "claude", "zoe")] == ["20.0", "0.0", ""]
    assert 0 < float(rows["alan"]["softmax"]) < 4
    assert rows["alan"]["mistakes"].startswith("softmax: ")
    assert "The file is no notebook" in rows["claude"]["needs_person"]
    assert not rows["ada"]["needs_person"]
    assert "missing" in section(page, "students").split("zoe")[1]


# --- the gradebook wins ------------------------------------------------------------------------


def test_points_by_hand_extra_credit_and_penalties_count(course):
    add(course, "ada", failing("softmax"))
    add(course, "alan")
    with gradebook_of(course) as book:
        grade = book.find_grade("check_softmax", NAME, NAME, "ada")
        grade.manual_score, grade.extra_credit = 3.0, 0.5
        book.find_submission_notebook(NAME, NAME, "ada").late_submission_penalty = 2.0
        book.db.commit()
    page, rows = report(course)
    assert (rows["ada"]["softmax"], rows["ada"]["score"]) == ("3.5", "17.5")
    assert (rows["ada"]["late_penalty"], rows["ada"]["max_score"]) == ("2.0", "20.0")
    ada, alan = section(page, "students").splitlines()[1:3]
    assert "17.5 3.5*" in ada
    assert "*" not in alan


def test_a_penalty_takes_no_more_than_there_is(course):
    add(course, "ada", summary({test: "values" for own in TESTS.values() for test in own}))
    with gradebook_of(course) as book:
        book.find_submission_notebook(NAME, NAME, "ada").late_submission_penalty = 2.0
        book.db.commit()
    assert report(course)[1]["ada"]["score"] == "0.0"


def test_who_is_late_is_told_and_extensions_count(course):
    add(course, "on time")
    add(course, "late", timestamp=DUE + datetime.timedelta(hours=5))
    add(course, "extended", timestamp=DUE + datetime.timedelta(hours=5))
    with gradebook_of(course) as book:
        book.update_or_create_assignment(NAME, duedate=DUE)
        book.grant_extension(NAME, "extended", hours=6)
    extended, late, on_time = section(report(course)[0], "students").splitlines()[1:4]
    assert "5 h late" in late
    assert "late" not in extended
    assert "late" not in on_time


def test_full_points_in_another_homework_and_none_here_are_for_a_person(course):
    wrong = {test: "values" for own in TESTS.values() for test in own}
    other = "hw2_patterns"
    for student, told in (("ada", summary(wrong)), ("bob", summary(wrong)), ("eve", summary())):
        add(course, student, told)
    with gradebook_of(course) as book:
        book.add_assignment(other)
        book.add_notebook(other, other)
        book.add_grade_cell("check_it", other, other, max_score=20, cell_type="code")
        for student, points in (("ada", 20), ("bob", 12), ("eve", 20)):
            book.add_submission(other, student)
            book.db.commit()
            book.find_grade("check_it", other, other, student).auto_score = points
            book.db.commit()
    told = {student: row["needs_person"] for student, row in report(course)[1].items()}
    assert told["ada"] == f"Full points in {other}, and none here: is it the work that was meant?"
    assert told["bob"] == told["eve"] == ""


def test_another_homework_does_not_count(course):
    add(course, "ada", failing("softmax"))
    with gradebook_of(course) as book:
        book.add_assignment("hw9")
        book.add_notebook("hw9", "hw9")
        book.add_grade_cell("check_softmax", "hw9", "hw9", max_score=50, cell_type="code")
        book.add_submission("hw9", "ada")
        grade = book.find_grade("check_softmax", "hw9", "hw9", "ada")
        grade.auto_score, grade.needs_manual_grade = 50.0, False
        other = book.find_submission_notebook("hw9", "hw9", "ada")
        other.flagged, other.late_submission_penalty = True, 3.0
        book.db.commit()
    row = report(course)[1]["ada"]
    assert (row["score"], row["softmax"], row["max_score"]) == ("16.0", "0.0", "20.0")
    assert not row["needs_person"]


def test_what_formgrader_waits_for_is_for_a_person(course):
    for name in ("ada", "alan", "grace"):
        add(course, name)
    with gradebook_of(course) as book:
        book.find_grade("check_softmax", NAME, NAME, "ada").needs_manual_grade = True
        book.find_submission_notebook(NAME, NAME, "alan").flagged = True
        book.db.commit()
    rows = report(course)[1]
    assert rows["ada"]["needs_person"] == "`softmax` waits for points by hand, in formgrader."
    assert rows["alan"]["needs_person"] == "It is flagged in formgrader."
    assert not rows["grace"]["needs_person"]


def test_the_number_of_queries_does_not_grow_with_the_class(course, monkeypatch):
    asked = []

    def count(*args):
        asked.append(args[2])

    sqlalchemy.event.listen(sqlalchemy.engine.Engine, "before_cursor_execute", count)
    try:
        numbers = []
        for group in (["a"], ["b", "c", "d", "e"]):
            for name in group:
                add(course, name)
            asked.clear()
            report(course)
            numbers.append(len(asked))
    finally:
        sqlalchemy.event.remove(sqlalchemy.engine.Engine, "before_cursor_execute", count)
    assert 0 < numbers[0] == numbers[1]


# --- what cannot be read -----------------------------------------------------------------------


def with_change(change):
    told = summary()
    change(told)
    return json.dumps({"cells": [], "metadata": {"unrolled": told}}).encode()


def set_in(told, value, *path):
    for key in path[:-1]:
        told = told[key]
    told[path[-1]] = value


ODD = {
    "empty": (b"", "damaged"),
    "cut": (b'{"cells": [', "damaged"),
    "not UTF-8": (b'{"cells": "\xff"}', "damaged"),
    "deep": (b"[" * 100_000, "damaged"),
    "a list": (b"[]", "Another version"),
    "old": (b'{"cells": [], "metadata": {}}', "Another version"),
    "null": (b'{"metadata": {"unrolled": null}}', "Another version"),
    "no tests": (with_change(lambda t: set_in(t, {}, "functions")), "Another version"),
    "one test less": (
        with_change(lambda t: t["functions"]["softmax"]["tests"].popitem()),
        "Another version",
    ),
    "other points": (
        with_change(lambda t: set_in(t, 9, "functions", "softmax", "tests", SOFTMAX[0], "worth")),
        "Another version",
    ),
    "kind that is no text": (
        with_change(lambda t: set_in(t, 1, "functions", "softmax", "tests", SOFTMAX[0], "wrong")),
        "Another version",
    ),
    "mistakes that are no list": (
        with_change(lambda t: set_in(t, "ab", "functions", "softmax", "mistakes")),
        "Another version",
    ),
    "problems that are no texts": (
        with_change(lambda t: set_in(t, [[]], "problems")),
        "Another version",
    ),
}


def test_notebooks_that_cannot_be_used_are_for_a_person(course):
    add(course, "ada")
    for name, (content, _) in ODD.items():
        add(course, name, content=content)
    page, rows = report(course)
    for name, (_, told) in ODD.items():
        assert told in rows[name]["needs_person"], name
        assert f"grade {NAME} --force --student" in rows[name]["needs_person"]
        assert rows[name]["score"] == "20.0"
    assert not rows["ada"]["needs_person"]
    assert f"known of 1 of the {len(ODD) + 1} who are graded" in section(page, "exercises")


def test_a_notebook_that_is_missing_is_for_a_person(course):
    add(course, "ada")
    for name in ("grace", "hedy"):
        add(course, name)
        shutil.rmtree(course / "autograded" / name)
    shutil.rmtree(course / "submitted" / "hedy")
    page, rows = report(course)
    assert "is missing" in rows["hedy"]["needs_person"]
    assert "look for a copy" in rows["hedy"]["needs_person"]
    assert "--student" not in rows["hedy"]["needs_person"]
    assert "not graded yet" in rows["grace"]["needs_person"]  # the next grading makes it anew
    assert "grace" not in section(page, "person")


def test_a_grade_that_the_gradebook_lost_is_for_a_person(course):
    add(course, "ada")
    add(course, "grace")
    with gradebook_of(course) as book:
        book.remove_student("grace")
    rows = report(course)[1]
    assert "gradebook does not know" in rows["grace"]["needs_person"]
    assert rows["grace"]["score"] == ""


def test_what_is_still_to_grade_is_told(course, capsys):
    add(course, "ada")
    add(course, "again")
    hand_in(course, "again", b"{}", timestamp="2026-03-05 12:00:00 UTC")
    (course / "autograded/again" / NAME / "timestamp.txt").write_text(classroom.ON_TIME)
    hand_in(course, "new", b"{}")
    hand_in(course, "Zoe", b"{}")
    page, rows = report(course)
    assert list(rows) == ["Zoe", "ada", "again", "new"]
    assert "still to grade 3" in capsys.readouterr().out
    assert f"python -m autograder grade {NAME}" in page
    assert (rows["again"]["score"], rows["new"]["score"]) == ("20.0", "")
    table = section(page, "students")
    assert "handed in again" in table
    assert "not graded yet" in table


def test_doubts_and_timeouts_are_for_a_person_and_problems_are_told(course):
    told = failing("softmax", "timeout") | {"problems": ["One.", "Two `x`."], "doubts": ["One."]}
    add(course, "ada", told)
    add(course, "alan", summary(problems=["Only told."]))
    page, rows = report(course)
    assert rows["ada"]["needs_person"] == "One. `softmax` ran out of time."
    assert not rows["alan"]["needs_person"]
    person = section(page, "person")
    assert person.count("One.") == 1
    assert "Two x." in person
    assert "<code>x</code>" in page


# --- strangers' texts --------------------------------------------------------------------------


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


class Tags(HTMLParser):
    """Collect the tags of a page and where they point to."""

    def __init__(self):
        super().__init__()
        self.tags, self.open, self.pointers = set(), [], []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag not in {"meta", "img", "wbr"}:
            self.open.append(tag)
        self.pointers += [value for name, value in attributes if name in {"href", "src"}]
        assert not any(name.startswith("on") for name, _ in attributes)

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_page_holds_no_tag_of_a_stranger_and_points_nowhere(course):
    told = summary(problems=[HOSTILE], doubts=[HOSTILE + "`" + HOSTILE + "`"])
    told["functions"]["softmax"]["mistakes"] = [HOSTILE]
    add(course, "<b>ada", told, first_name=HOSTILE, last_name="<i>O'Neil & sons\u202e")
    page, rows = report(course)
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert not tags.tags & {"script", "img", "b", "i", "link", "iframe", "object"}
    assert all(pointer.startswith("#") for pointer in tags.pointers)
    assert "http://" not in page
    assert "https://" not in page
    assert "&lt;b&gt;ada" in page
    assert "\u202e" not in page  # it would turn the line around
    assert "<b>ada" in rows


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_a_spreadsheet_computes_no_cell(course, name):
    add(course, name, first_name=name, last_name=f"O{name}")
    row = report(course)[1][f"'{name}"]
    assert row["first_name"] == f"'{name}"
    assert row["last_name"] == f"O{name}"


def test_names_that_are_no_text_are_told_all_the_same(course):
    add(course, "ada")
    odd = os.fsdecode(b"odd\xff")
    hand_in(course, odd, b"{}")
    page, rows = report(course)
    assert "odd\\udcff" in page
    assert "odd\\udcff" in rows


# --- figures -----------------------------------------------------------------------------------


def test_a_test_is_weak_where_passing_tells_nothing_of_the_rest():
    passed = np.arange(ENOUGH) % 2 == 0
    telling = passed * 4.0 + np.arange(ENOUGH) % 3
    assert discrimination(passed, telling)[0] > 0.8
    assert discrimination(passed, -telling)[0] < -0.8
    assert discrimination(passed, np.arange(ENOUGH) // 2 * 1.0)[0] == pytest.approx(0, abs=1e-9)


def test_a_test_is_called_nothing_where_too_few_tell():
    passed, rest = np.arange(ENOUGH) < EITHER_WAY, np.arange(ENOUGH) * 1.0
    assert discrimination(passed, rest)[0] is not None
    assert discrimination(passed[:-1], rest[:-1]) == (None, "too few to tell")
    many = np.arange(2 * ENOUGH)
    assert discrimination(many < EITHER_WAY - 1, many * 1.0) == (None, "too few to tell")
    assert discrimination(passed, np.ones(ENOUGH)) == (None, "too few to tell")
    assert discrimination(passed | True, rest) == (None, "everyone passes")
    assert discrimination(passed & False, rest) == (None, "nobody passes")
    assert discrimination(passed[:0], rest[:0]) == (None, "nobody started")


def student(name, started, passes, elsewhere):
    """One who passes the first test of softmax or not, with points in the other exercises."""
    wrong = dict.fromkeys((test for own in TESTS.values() for test in own), "")
    wrong |= dict.fromkeys(SOFTMAX, "values" if started else "not started")
    wrong |= {SOFTMAX[0]: ""} if passes else {}
    points = {"softmax": 4.0 * passes, "log_softmax": elsewhere}
    judged = Judged(wrong, {exercise: [] for exercise in WORTH}, [], [], 0.0)
    return Member(name, score=sum(points.values()), points=points, judged=judged)


def test_a_test_is_compared_with_the_other_exercises_among_those_who_started():
    half = ENOUGH // 2  # those who pass have more points of softmax, and none more elsewhere
    class_ = [student(f"passes {i}", True, True, i % 4) for i in range(half)]
    class_ += [student(f"fails {i}", True, False, i % 4) for i in range(half)]
    class_ += [student(f"idle {i}", False, False, 0.0) for i in range(half)]
    softmax = exercise_figures(ClassResults(NAME, 20.0, class_))[0]
    assert softmax.started == 2 * half
    assert softmax.tests[0].passed == half
    assert softmax.tests[0].discrimination == pytest.approx(0, abs=1e-9)
    assert softmax.tests[0].weak
    assert softmax.tests[1].remark == "nobody passes"
    for one in class_[:half]:
        one.points["log_softmax"] = 4.0
    assert not exercise_figures(ClassResults(NAME, 20.0, class_))[0].tests[0].weak


def test_mistakes_are_counted_the_commonest_first(course):
    add(course, "ada", failing("softmax", mistakes=["rare"]))
    add(course, "alan", failing("softmax", mistakes=["one", "pair"]))
    add(course, "grace", failing("softmax", mistakes=["pair"]))
    add(course, "hedy", failing("softmax"))
    add(course, "john", failing("log_softmax", "not started"))
    page, rows = report(course)
    known, _, unknown = section(page, "mistakes").partition("Not recognised")
    assert [line.split()[1] for line in known.splitlines()[1:-1]] == ["pair", "one", "rare"]
    assert re.search(r"softmax pair 2 40% 2 students alan, grace", known)
    assert re.search(r"softmax 1 20% 1 student hedy", unknown)
    assert "log_softmax" not in unknown  # which was not begun
    assert rows["alan"]["mistakes"] == "softmax: one; softmax: pair"


def test_shares_of_an_exercise_are_told(course):
    half = dict.fromkeys(SOFTMAX[: len(SOFTMAX) // 2], "values")
    left = sum(TESTS["softmax"][test] for test in SOFTMAX if test not in half)
    for name in ("ada", "alan"):
        add(course, name)
    add(course, "grace", summary(half))
    add(course, "hedy", failing("softmax", "not started"))
    line = section(report(course)[0], "exercises").splitlines()[1].split()
    mean = f"{round(100 * (8 + left) / 16)}%"
    assert line == ["softmax", "4", mean, "2", "50%", "1", "25%"]


def test_a_histogram_counts_everyone():
    text = histogram(np.array([0, 0.5, 7, 7.5, 7.9, 20, 20]), 20.0)
    assert "0: 2, 7: 3, 20: 2." in text
    assert text.count("<rect") == 3
    assert "2: 1, 10: 1." in histogram(np.array([3.0, 11.0]), 40.0)  # in steps of two
    assert "20: 1, 23: 1." in histogram(np.array([20.0, 23.5]), 20.0)  # with extra credit


def test_shares_are_rounded_but_never_to_none_or_all():
    assert [percent(part, 1000) for part in (0, 1, 500, 999, 1000)] == [
        *("0%", "1%", "50%", "99%", "100%")
    ]
    assert percent(0, 0) == "–"


def test_a_time_is_told_in_the_unit_that_fits():
    assert [duration(s) for s in (5, 60 * 90, 3600 * 5, 86400 * 3)] == [
        *("1 min", "90 min", "5 h", "3 days")
    ]


# --- the command -------------------------------------------------------------------------------


def test_one_student_with_full_points_is_a_class(course):
    add(course, "ada")
    page, rows = report(course)
    assert list(rows) == ["ada"]
    assert "everyone passes" in section(page, "tests")
    assert "No classic mistake was recognised." in page
    assert "No submission waits for a person." in page


def test_a_second_report_takes_the_place_of_the_first(course):
    add(course, "ada")
    first = report(course)[0]
    assert report(course)[0] == first  # the same class gives the same page
    add(course, "grace", failing("softmax"))
    assert report(course)[0] != first
    assert sorted(os.listdir(course / "reports")) == [f"{NAME}.csv", f"{NAME}.html"]


def refused(capsys, homework=NAME):
    assert main(["report", homework]) == 2
    return capsys.readouterr().err


def test_what_cannot_be_reported_is_refused_with_what_to_do(course, capsys, monkeypatch):
    assert f"run `nbgrader collect {NAME}`, then run" in refused(capsys)
    hand_in(course, "ada", b"{}")
    told = refused(capsys)
    assert f"run `python -m autograder grade {NAME}`" in told
    assert "collect" not in told
    assert "there are hw1_unrolling" in refused(capsys, "hw9")
    assert not (course / "reports").exists()
    (course / "gradebook.db").unlink()
    assert f"run `nbgrader generate_assignment {NAME} --force`" in refused(capsys)
    monkeypatch.chdir(course / "submitted")
    assert "go to the course's folder" in refused(capsys)


def test_a_folder_that_cannot_be_written_is_told(course, capsys):
    add(course, "ada")
    (course / "reports").write_text("mine")
    assert "The report cannot be written" in refused(capsys)
    assert (course / "reports").read_text() == "mine"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        (" @SUM(A1)", "' @SUM(A1)"),
        ("\t-1", "\t'-1"),
        ("a;=1+1;b", "a;'=1+1;b"),  # where semicolons part cells
        ("a\n =1", "a\n' =1"),
        ("\uff1d1", "'\uff1d1"),
        ("1 = 1, -1; and + so on", "1 = 1, -1; and + so on"),
    ],
)
def test_a_spreadsheet_runs_nothing_of_a_text(text, safe):
    assert harmless(text) == safe
