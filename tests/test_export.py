"""Grades go to Canvas and Moodle in the files that these document, by nbgrader's own command."""

import csv
import shutil

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.exportapp import ExportApp

from tests import classroom

pytestmark = pytest.mark.xdist_group("export")  # on one worker: graded once

PLUGINS = "autograder.course.export"
HEADER = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
STUDENTS = {  # id: first name, last name, number in Canvas
    "ada": ("Ada", "Lovelace", "17"),
    "li": ("李", "=HYPERLINK(0)", None),
    "noether": (None, None, None),
    "zoe": ("Zoë", "O'Hara, Jr.", None),
}
FROM_CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Notes,HW4_BPTT (551),hw3_softmax_loss (550),Final Score
,,,,,,Manual Posting,,
"    Points Possible",,,,,(read only),20.00,20.00,(read only)
"Lovelace, Ada",17,1017,al@school.example,Section 1,shy,,7.00,35
"O'Hara, Zoë",18,1018,ZOE,"Sections 1, 2",,3.00,EX,15
"+Lee",19,li,lee@school.example,Section 1,,,,
"Noether, Emmy",20,1020,emmy,Section 1,,9.00,8.00,80
"Student, Test",21,,f00d,Section 1,,,,
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course with two graded homeworks, made once: that takes seconds."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(classroom.REPOSITORY / "nbgrader_config.py", folder)
    with Gradebook(f"sqlite:///{folder}/gradebook.db", "unrolled") as book:
        for name in ("hw3_softmax_loss", "hw4_bptt"):
            book.add_assignment(name)
            book.add_notebook(name, name)
            book.add_grade_cell("check_it", name, name, max_score=20, cell_type="code")
        for student, (first, last, number) in STUDENTS.items():
            book.add_student(student, first_name=first, last_name=last, lms_user_id=number)
        grade(book, "hw4_bptt", "ada", 12.5)
        grade(book, "hw4_bptt", "li", 20, extra=2)
        grade(book, "hw4_bptt", "zoe", 18, penalty=3)
        grade(book, "hw3_softmax_loss", "zoe", 1, penalty=5)
    return folder


@pytest.fixture
def course(graded, tmp_path, monkeypatch):
    """A copy of it, in the current folder."""
    shutil.copytree(graded, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def grade(book, homework, student, points, extra=0.0, penalty=0.0):
    submission = book.add_submission(homework, student)
    book.db.commit()
    got = book.find_grade("check_it", homework, homework, student)
    got.auto_score, got.extra_credit, got.needs_manual_grade = points, extra, False
    submission.notebooks[0].late_submission_penalty = penalty
    book.db.commit()


def run(plugin, *options):
    """Run nbgrader's command in this process: to start another takes seconds."""
    app = ExportApp()
    app.initialize([f"--exporter={PLUGINS}.{plugin}", *options])
    app.start()


def read(file):
    with open(file, encoding="utf-8-sig", newline="") as written:
        return list(csv.reader(written))


@pytest.fixture
def exported(course, capsys):
    """Export, and return the file's rows and what was told."""

    def export(plugin, *options):
        run(plugin, "--to=grades.csv", *options)
        return read("grades.csv"), capsys.readouterr().err

    return export


@pytest.fixture
def refused(course, capsys):
    """Export, which should fail, and return what was told."""

    def export(plugin, *options):
        with pytest.raises(SystemExit) as refusal:
            run(plugin, *options)
        return str(refusal.value)

    return export


def test_nbgraders_command_takes_the_plugins(course):
    options = (f"--exporter={PLUGINS}.CanvasExportPlugin", "--assignment=hw4_bptt")
    status, _, told = classroom.run(course, "nbgrader", "export", *options)
    assert status == 0, told
    assert (course / "canvas.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert read("canvas.csv")[0] == [*HEADER, "hw4_bptt"]
    options = (f"--exporter={PLUGINS}.MoodleExportPlugin", "--student=babbage")
    status, _, told = classroom.run(course, "nbgrader", "export", *options)
    assert status == 1
    assert "no student 'babbage'" in told
    assert "Traceback" not in told
    assert not (course / "moodle.csv").exists()


def test_canvas_gets_its_columns_the_points_and_a_row_for_each_who_has_a_score(exported):
    rows, told = exported("CanvasExportPlugin")
    assert rows == [
        [*HEADER, "hw3_softmax_loss", "hw4_bptt"],
        ["    Points Possible", "", "", "", "", "20", "20"],
        ["'=HYPERLINK(0), 李", "", "", "li", "", "", "22"],  # no formula, extra credit
        ["Lovelace, Ada", "17", "", "ada", "", "", "12.5"],
        ["O'Hara, Jr., Zoë", "", "", "zoe", "", "0", "15"],  # less late penalties
    ]
    assert "WARNING" not in told


def test_a_student_without_a_name_goes_by_the_id(exported):
    with Gradebook("sqlite:///gradebook.db", "unrolled") as book:
        grade(book, "hw4_bptt", "noether", 1)
    rows, _ = exported("CanvasExportPlugin", "--student=noether")
    assert rows[2] == ["noether", "", "", "noether", "", "", "1"]


def test_the_rows_that_canvas_exported_are_filled_in(course, exported):
    (course / "canvas.csv").write_text(FROM_CANVAS)
    rows, told = exported("CanvasExportPlugin", "--CanvasExportPlugin.gradebook=canvas.csv")
    assert rows == [
        [*HEADER, "hw3_softmax_loss (550)", "HW4_BPTT (551)"],
        ["    Points Possible", "", "", "", "", "20.00", "20.00"],
        ["Lovelace, Ada", "17", "1017", "al@school.example", "Section 1", "7.00", "12.5"],
        ["O'Hara, Zoë", "18", "1018", "ZOE", "Sections 1, 2", "EX", "15"],
        ["'+Lee", "19", "li", "lee@school.example", "Section 1", "", "22"],
    ]
    assert "WARNING" not in told


def test_a_file_of_canvas_with_semicolons_and_decimal_commas_is_read(course, exported):
    text = FROM_CANVAS.replace("Sections 1, 2", "Sections").replace('"Lovelace, Ada"', "Ada")
    lines = text.replace(".00", "#00").replace(",", ";").replace("#", ",").splitlines()
    (course / "canvas.csv").write_text("\ufeff" + "\r\n".join(lines))
    options = ("--CanvasExportPlugin.gradebook=canvas.csv", "--assignment=hw4_bptt")
    rows, told = exported("CanvasExportPlugin", *options)
    assert rows[1][-1] == "20,00"
    assert rows[2] == ["Ada", "17", "1017", "al@school.example", "Section 1", "12.5"]
    assert "WARNING" not in told


def test_whoever_is_not_in_canvas_and_other_points_there_are_told(course, exported):
    (course / "canvas.csv").write_text(FROM_CANVAS.replace("ZOE", "zo").replace("20.00", "10.00"))
    rows, told = exported("CanvasExportPlugin", "--CanvasExportPlugin.gradebook=canvas.csv")
    assert [row[0] for row in rows[2:]] == ["Lovelace, Ada", "'+Lee"]
    assert "Not in canvas.csv, and so not exported: zoe" in told
    assert "hw4_bptt is worth 20 points here and 10.00 in Canvas" in told


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "No such file"),
        ("", "is no gradebook of Canvas"),
        ("name,points\nada,3\n", "is no gradebook of Canvas"),
        (FROM_CANVAS.replace("HW4_BPTT", "Homework 4"), "has 0 columns for hw4_bptt"),
        (FROM_CANVAS.replace("17,1017", "1,1").replace("ZOE", "x").replace("li,", "y,"), "SIS Log"),
    ],
)
def test_a_file_that_cannot_be_filled_in_is_refused(course, refused, content, what):
    if content is not None:
        (course / "canvas.csv").write_text(content)
    told = refused("CanvasExportPlugin", "--CanvasExportPlugin.gradebook=canvas.csv", "--to=out")
    assert what in told
    assert not (course / "out").exists()


def test_moodle_gets_whom_it_knows_and_a_dash_for_no_grade(exported):
    rows, told = exported("MoodleExportPlugin")
    assert rows == [
        ["username", "hw3_softmax_loss", "hw4_bptt"],
        ["li", "-", "22"],
        ["17", "-", "12.5"],
        ["zoe", "0", "15"],
    ]
    assert "WARNING" not in told


@pytest.mark.parametrize("plugin", ["CanvasExportPlugin", "MoodleExportPlugin"])
def test_only_what_was_asked_for_is_exported(exported, plugin):
    rows, _ = exported(plugin, "--assignment=hw3_softmax_loss", "--student=zoe", "--student=ada")
    assert rows[0][-1] == "hw3_softmax_loss"
    assert [row[-1] for row in rows if "zoe" in row] == ["0"]
    assert len(rows) == (3 if plugin == "CanvasExportPlugin" else 2)  # ada has no score in it


def test_points_that_wait_for_a_person_are_told(exported):
    with Gradebook("sqlite:///gradebook.db", "unrolled") as book:
        book.find_grade("check_it", "hw4_bptt", "hw4_bptt", "ada").needs_manual_grade = True
        book.db.commit()
    _, told = exported("MoodleExportPlugin")
    assert "hw4_bptt, ada: waits for points by hand" in told


def test_what_cannot_be_exported_is_refused_with_what_to_do(refused):
    told = refused("MoodleExportPlugin", "--assignment=hw4_bpt")
    assert "no assignment 'hw4_bpt': did you mean hw4_bptt?" in told
    assert "no student 'babbage'" in refused("MoodleExportPlugin", "--student=babbage")
    assert "Nothing is graded yet" in refused("MoodleExportPlugin", "--student=noether")
    assert "cannot be written" in refused("MoodleExportPlugin", "--to=no/such/folder.csv")


@pytest.mark.parametrize("plugin", ["CanvasExportPlugin", "MoodleExportPlugin"])
@pytest.mark.parametrize(
    ("student", "number"),
    [
        *(("=1+1", None), ("+1", None), ("-1", None), ("@SUM(A1)", None), ("\t=1", None)),
        *(("\uff1d1+1", None), ("a;=1+1", None), ("grace", "=1+1"), ("=1+1", "18")),
    ],
)
def test_an_id_that_a_spreadsheet_runs_is_told_and_not_exported(exported, plugin, student, number):
    with Gradebook("sqlite:///gradebook.db", "unrolled") as book:
        book.add_student(student, lms_user_id=number)
        grade(book, "hw4_bptt", student, 1)
    rows, told = exported(plugin, "--assignment=hw4_bptt")
    assert "a spreadsheet would run this id" in told
    assert len(rows) == (5 if plugin == "CanvasExportPlugin" else 4)  # the others are there
    assert not [cell for row in rows for cell in row if cell in (student, number, "1")]


def test_where_no_id_can_be_exported_it_says_why(course, refused):
    with Gradebook("sqlite:///gradebook.db", "unrolled") as book:
        book.add_student("=1+1")
        grade(book, "hw4_bptt", "=1+1", 1)
    assert "would run the ids" in refused("MoodleExportPlugin", "--student==1+1")
