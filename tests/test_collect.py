"""A school's lists and archives go in, feedback comes out, and whatever does not fit is told."""

import io
import json
import os
import re
import shutil
import tarfile
import unicodedata
import zipfile

import pytest
from nbgrader.api import Gradebook

from autograder.__main__ import main
from autograder.course.roster import read_people
from autograder.usage import WrongUsage
from tests import classroom
from tests.classroom import NAME, grade_class, hand_in

FILE = "assignsubmission_file"
PARTICIPANTS = """\
First name,Last name,Username,Email address,Groups
Ada,Lovelace,al1,ada@school.example,
Zoë,O'Hara,zo1,zoe@school.example,
Ada,Lovelace,al2,ada2@school.example,
Marie-Claire,Noether,mn1,mc@school.example,
"""
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,hw1 (55)
    Points Possible,,,,,20
"Lovelace, Ada",11,x1,al1,One,
"Lovelace, Ada",12,x2,al2,One,
"O'Hara, Zoë",13,,,One,
"Student, Test",14,,f00,One,
"""
WORKSHEET = """\
Identifier,Full name,Email address,Status,Grade,Last modified (submission)
Participant 12345,Ada Lovelace,ada@school.example,Submitted,,"Friday, 12 March 2027, 11:58 PM"
Participant 12346,Ada Lovelace,ada2@school.example,Submitted,,"Saturday, 13 March 2027, 00:10"
Participant 7,Zoë O'Hara,zoe@school.example,Submitted,,-
"""


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A course's folder with its settings and a released homework, and nothing of a class."""
    course = tmp_path / "course"
    (course / "assignments" / NAME).mkdir(parents=True)
    shutil.copy(classroom.REPOSITORY / "nbgrader_config.py", course)
    shutil.copy(
        classroom.REPOSITORY / f"assignments/{NAME}/{NAME}.ipynb", course / "assignments" / NAME
    )
    monkeypatch.chdir(course)
    return course


def load(text, course):
    (course / "list.csv").write_text(text, encoding="utf-8")
    return main(["roster", "list.csv"])


def collect(course, files, *others):
    """Collect an archive with these files, and return what is in ``submitted/``, and the status."""
    with zipfile.ZipFile(course / "archive.zip", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    status = main(["collect", NAME, "archive.zip", *others])
    return submitted(course), status


def submitted(course):
    files = (path for path in (course / "submitted").rglob("*") if path.is_file())
    return {str(path.relative_to(course / "submitted")): path.read_bytes() for path in files}


# --- the class list ---------------------------------------------------------------------------


def test_moodles_and_canvas_lists_are_class_lists_and_can_be_loaded_again(empty, capsys):
    assert load(PARTICIPANTS, empty) == 0
    assert "4 students are on the class list, 4 of them new" in capsys.readouterr().out
    assert load(CANVAS, empty) == 1
    told = capsys.readouterr().out
    assert "3 students are on the class list, 1 of them new" in told
    assert "not on the list: mn1, zo1. Their grades stay there" in told
    with Gradebook(f"sqlite:///{empty}/gradebook.db", "unrolled") as book:
        ada, zoe = book.find_student("al1"), book.find_student("13")
        assert (ada.first_name, ada.last_name, ada.lms_user_id) == ("Ada", "Lovelace", "11")
        assert zoe.last_name == "O'Hara"
        assert ada.email is None


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("id,first_name\nada,Ada\n", ["ada"]),
        ("\ufeffVorname;Nachname;Email\nAda;L;a@b.example\n", ["a@b.example"]),
        ("Full name\tUsername\nAda Lovelace\tal1\n", ["al1"]),
        ('id\nada\nada\n../up\n=1+1\n\n" "\n', ["ada"]),
    ],
)
def test_what_separates_columns_and_what_they_are_called_is_found(tmp_path, text, ids):
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    assert list(read_people(tmp_path / "list.csv")[0]) == ids


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"PK\x03\x04", "save it as CSV"),
        (b"", "is empty"),
        (b"Vorname,Nachname\nAda,L\n", "no column with logins: it has vorname, nachname"),
        (b"id\n", "There is nobody in"),
    ],
)
def test_a_file_that_is_no_class_list_is_refused_with_what_to_do(tmp_path, data, told):
    (tmp_path / "list.csv").write_bytes(data)
    with pytest.raises(WrongUsage, match=told):
        read_people(tmp_path / "list.csv")


# --- the archive ------------------------------------------------------------------------------


def test_moodles_archive_is_sorted_by_login_and_who_is_not_found_is_told(empty, capsys):
    load(PARTICIPANTS, empty)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(f"{NAME}.ipynb", b"in a zip")
    capsys.readouterr()
    zoe = unicodedata.normalize("NFD", "Zoë O'Hara")
    found, status = collect(
        empty,
        {
            f"Ada Lovelace_12345_{FILE}_/{NAME}.ipynb": b"1",
            f"Ada Lovelace_12346_{FILE}_/{NAME}.ipynb": b"2",
            f"__MACOSX/{zoe}_7_{FILE}_/._{NAME}.ipynb": b"3",
            f"Group A-{zoe}_7_{FILE}/answers.zip": inner.getvalue(),
            f"Noether Marie-Claire_8_{FILE}_{NAME}.json": b"5",
            f"Eve_9_{FILE}_/a_1_2_week/{NAME}.ipynb": b"6",
            f"Eve_9_{FILE}_/essay.pdf": b"7",
            f"Eve_9_{FILE}_/{NAME}.ipynb.txt": b"9",
            "readme.ipynb": b"8",
        },
    )
    assert status == 1
    assert found == {
        f"Ada Lovelace_12345/{NAME}/{NAME}.ipynb": b"1",
        f"Ada Lovelace_12346/{NAME}/{NAME}.ipynb": b"2",
        f"zo1/{NAME}/answers/{NAME}.ipynb": b"in a zip",
        f"mn1/{NAME}/{NAME}.json": b"5",
        f"Eve/{NAME}/a_1_2_week/{NAME}.ipynb": b"6",
        f"Eve/{NAME}/{NAME}.ipynb.txt": b"9",
    }
    told = capsys.readouterr().out
    assert f"{NAME}: 5 students, 5 new, 0 changed, 0 as before." in told
    assert "Ada Lovelace can be al1 or al2. Rename submitted/Ada Lovelace_12345" in told
    assert "Eve is not on the class list. Rename submitted/Eve to" in told
    assert "no notebook: Eve, essay.pdf" in told
    assert "tells no student: readme.ipynb" in told
    assert "Nothing from 2 of the class: al1, al2." in told
    assert "answers.zip" not in told


def test_moodles_worksheet_tells_two_of_one_name_apart_and_when_work_came(empty, capsys):
    load(PARTICIPANTS, empty)
    (empty / "sheet.csv").write_text(WORKSHEET, encoding="utf-8")
    found, _ = collect(
        empty,
        {
            f"Ada Lovelace_12345_{FILE}_/{NAME}.ipynb": b"1",
            f"Ada Lovelace_12346_{FILE}_/{NAME}.ipynb": b"2",
            f"Zoë O'Hara_7_{FILE}_/{NAME}.ipynb": b"3",
        },
        "sheet.csv",
    )
    assert found == {
        f"al1/{NAME}/{NAME}.ipynb": b"1",
        f"al1/{NAME}/timestamp.txt": b"2027-03-12 23:58:00",
        f"al2/{NAME}/{NAME}.ipynb": b"2",
        f"al2/{NAME}/timestamp.txt": b"2027-03-13 00:10:00",
        f"zo1/{NAME}/{NAME}.ipynb": b"3",
    }
    (empty / "sheet.csv").write_text("Kennung,Name\n1,2\n")
    assert main(["collect", NAME, "sheet.csv"]) == 2
    assert "no grading worksheet of Moodle in English" in capsys.readouterr().err


def test_canvas_archive_is_sorted_by_its_numbers_and_late_work_is_told(empty, capsys):
    load(CANVAS, empty)
    found, _ = collect(
        empty,
        {
            f"lovelaceada_12_9999_{NAME}.ipynb": b"1",
            f"lovelaceada_LATE_11_9998_{NAME}.ipynb": b"2",
            f"oharazoe_99_9997_{NAME}.ipynb": b"3",
        },
    )
    assert found == {
        f"al2/{NAME}/{NAME}.ipynb": b"1",
        f"al1/{NAME}/{NAME}.ipynb": b"2",
        f"oharazoe/{NAME}/{NAME}.ipynb": b"3",
    }
    told = capsys.readouterr().out
    assert "does not say since when: al1. Write it into submitted/STUDENT/" in told
    assert "oharazoe is not on the class list" in told


def test_without_a_class_list_names_serve_as_logins_and_two_of_a_name_are_told(empty, capsys):
    files = {f"Ada_{number}_{FILE}_/{NAME}.ipynb": b"1" for number in (5, 6)}
    found, status = collect(empty, files)
    assert status == 1
    assert sorted(found) == [f"Ada/{NAME}/{NAME}.ipynb", f"Ada_6/{NAME}/{NAME}.ipynb"]
    assert "Several students are called Ada: upload 5 is Ada, and upload 6 is Ada_6" in (
        capsys.readouterr().out
    )


def test_other_systems_are_collected_by_nbgraders_own_command_and_regular_expression(empty):
    regexp = r".*/(?P<student_id>[a-z]+)-(?P<file_id>.+)"
    with (empty / "nbgrader_config.py").open("a") as settings:
        settings.write(f"\nc.FileNameCollectorPlugin.named_regexp = r'{regexp}'\n")
    archive = empty / "downloaded" / NAME / "archive"
    archive.mkdir(parents=True)
    (archive / f"ada-{NAME}.ipynb").write_bytes(b"1")
    status, _, told = classroom.run(empty, "nbgrader", "zip_collect", NAME)
    assert status == 0, told
    assert submitted(empty) == {f"ada/{NAME}/{NAME}.ipynb": b"1"}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "There is no file in it."),
        ({"notes.txt": b""}, "its name tells no student: notes.txt"),
        ({f"Ada_5_{FILE}_/notes.txt": b""}, "as it is no notebook: Ada, notes.txt"),
    ],
)
def test_an_archive_with_nothing_to_collect_says_why(empty, capsys, files, told):
    assert collect(empty, files)[1] == 2
    assert told in capsys.readouterr().err


def test_collecting_again_changes_what_is_new_and_has_it_graded_again(course, capsys):
    solved, stub = map(json.dumps, (classroom.solved(), classroom.released()))
    ada, bob = (f"{name}_{FILE}_/{NAME}.ipynb" for name in ("Ada_5", "Bob_6"))
    collect(course, {ada: solved, bob: stub})
    (course / "submitted" / "Bob" / NAME / "timestamp.txt").write_text("2027-03-14 12:00:00 UTC")
    grade_class(NAME, jobs=1)
    capsys.readouterr()
    collect(course, {ada: solved, bob: stub})
    assert "0 new, 0 changed, 2 as before" in capsys.readouterr().out
    collect(course, {ada: solved, bob: solved})
    assert "0 new, 1 changed, 1 as before" in capsys.readouterr().out
    assert grade_class(NAME, jobs=1) == 0
    assert "1 of 1 graded" in capsys.readouterr().out
    assert set(classroom.scores(course).values()) == {classroom.FULL}


def zipped(files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def test_an_archive_in_the_archive_that_cannot_be_opened_stops_nobody_else(
    empty, capsys, monkeypatch
):
    deep = zipped({f"{NAME}.ipynb": b"deep"})
    for _ in range(5):
        deep = zipped({"more.zip": deep})
    uploads = {
        "Ada_1": {f"{NAME}.ipynb": b"1"},
        "Bob_2": {"torn.zip": zipped({f"{NAME}.ipynb": b"2" * 5000})[:-40]},
        "Eve_3": {"large.zip": zipped({f"{NAME}.ipynb": bytes(3000)})},
        "Kim_4": {"deep.zip": deep},
        "Zoe_5": {"out.zip": zipped({f"../../../../{NAME}.ipynb": b"5"})},
    }
    monkeypatch.setattr("autograder.course.collect.MAX_UPLOAD", 2000)
    found, status = collect(
        empty,
        {
            f"{folder}_{FILE}_/{name}": data
            for folder, files in uploads.items()
            for name, data in files.items()
        },
    )
    assert status == 1
    assert found == {f"Ada/{NAME}/{NAME}.ipynb": b"1", f"Zoe/{NAME}/out/{NAME}.ipynb": b"5"}
    told = capsys.readouterr().out
    for name in ("torn.zip", "large.zip", "more.zip"):
        assert re.search(rf"cannot be opened \(.*\): .*/{name}", told), name
    assert not list(empty.parent.glob("*.ipynb"))


def test_a_torn_tar_archive_is_told_and_the_others_are_collected(empty, capsys):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        upload = tarfile.TarInfo(f"Bob_2_{FILE}_/{NAME}.ipynb")
        upload.size = 100_000
        archive.addfile(upload, io.BytesIO(os.urandom(upload.size)))
    (empty / "torn.tar.gz").write_bytes(made.getvalue()[:-50_000])
    (empty / "whole.zip").write_bytes(zipped({f"Ada_1_{FILE}_/{NAME}.ipynb": b"1"}))
    assert main(["collect", NAME, "torn.tar.gz", "whole.zip"]) == 1
    assert (empty / "submitted" / "Ada" / NAME / f"{NAME}.ipynb").read_bytes() == b"1"
    assert re.search(r"cannot be opened \(.*\): archive/torn.tar.gz", capsys.readouterr().out)


def test_whoever_was_taken_for_a_stranger_and_is_known_now_is_told(empty, capsys):
    upload = {f"Zoë O'Hara_7_{FILE}_/{NAME}.ipynb": b"1"}
    load("id\nada\n", empty)
    collect(empty, upload)
    load(PARTICIPANTS, empty)
    capsys.readouterr()
    found, _ = collect(empty, upload)
    assert sorted(found) == [f"Zoë O'Hara/{NAME}/{NAME}.ipynb", f"zo1/{NAME}/{NAME}.ipynb"]
    told = capsys.readouterr().out
    assert "Zoë O'Hara is now known as zo1" in told
    assert "nbgrader db student remove" in told


# --- the way back -----------------------------------------------------------------------------


def test_feedback_goes_back_in_the_folders_that_moodle_knows(empty, capsys):
    load(PARTICIPANTS, empty)
    assert main(["hand-back", NAME]) == 2
    assert f"autograder collect {NAME} ARCHIVE" in capsys.readouterr().err
    names = ("Zoë O'Hara_7", "Marie-Claire Noether_8")
    collect(empty, {f"{name}_{FILE}_/{NAME}.ipynb": b"1" for name in names})
    assert main(["hand-back", NAME]) == 2
    for student in ("zo1", "al1"):
        page = empty / "feedback" / student / NAME / f"{NAME}.html"
        page.parent.mkdir(parents=True)
        page.write_text(student)
    assert main(["hand-back", NAME]) == 1
    told = capsys.readouterr().out
    assert ": 1 of the class's feedback pages" in told
    assert "give it to them yourself: al1" in told
    assert "not graded yet: mn1" in told
    with zipfile.ZipFile(empty / f"feedback-{NAME}.zip") as made:
        (name,) = made.namelist()
        assert made.read(name) == b"zo1"
    # Moodle splits a folder's name at underscores: a name, the number, two parts of a plugin.
    assert re.fullmatch(rf"Zoë O'Hara_7_assignfeedback_file/{NAME}\.html", name)


def test_a_grade_of_somebody_who_is_not_in_the_class_is_told_and_not_exported(course, capsys):
    load("id\nada\n", course)
    for student in ("ada", "eve"):
        hand_in(course, student, classroom.solved(), timestamp=None)
    assert grade_class(NAME, jobs=1) == 1
    assert "eve: Not on the class list" in capsys.readouterr().out
    assert main(["report", NAME]) == 0
    assert "Not on the class list" in (course / "reports" / f"{NAME}.html").read_text()
    exporter = "--exporter=autograder.course.export.MoodleExportPlugin"
    _, _, told = classroom.run(course, "nbgrader", "export", exporter)
    assert "not exported: eve" in told
    assert "eve" not in (course / "moodle.csv").read_text()


def test_feedback_is_released_though_work_was_put_in_place_by_hand(course):
    for student in ("ada", "bob"):
        hand_in(course, student, classroom.solved(), timestamp=None)
    grade_class(NAME, jobs=1)
    for command in ("generate_feedback", "release_feedback"):
        status, _, told = classroom.run(course, "nbgrader", command, NAME)
        assert status == 0, told
    assert len(list((course / "exchange/unrolled/feedback").iterdir())) == 2


def test_one_name_in_two_spellings_is_one_student(tmp_path):
    course = classroom.make_course(tmp_path / "course")
    apart = unicodedata.normalize("NFD", "Zoë")
    classroom.hand_in(course, apart, classroom.solved())
    classroom.run(course, "autograder", "grade", NAME)
    assert classroom.scores(course) == {"Zoë": classroom.FULL}
    classroom.hand_in(course, "Zoë", classroom.solved())
    status, told, _ = classroom.run(course, "autograder", "grade", NAME, "--force")
    assert status == 1
    assert "looks like another student's" in told
    assert classroom.scores(course) == {"Zoë": classroom.FULL}


def test_a_class_list_in_the_other_spelling_is_the_same_class(tmp_path):
    written = "id,first_name,last_name\nzoë,Zoë,O'Hara\n"
    (tmp_path / "list.csv").write_text(unicodedata.normalize("NFD", written), encoding="utf-8")
    assert list(read_people(tmp_path / "list.csv")[0]) == [unicodedata.normalize("NFC", "zoë")]


def test_the_due_date_is_said_as_the_gradebook_has_it(tmp_path):
    course = classroom.make_course(tmp_path / "course")
    due = "--duedate=2027-03-12 23:59 Europe/Berlin"
    assert classroom.run(course, "nbgrader", "db", "assignment", "add", NAME, due)[0] == 0
    classroom.hand_in(course, "ada", classroom.solved())
    status, told, _ = classroom.run(course, "autograder", "grade", NAME)
    assert status == 0
    assert told.startswith("Due 2027-03-12 22:59 UTC, ")
