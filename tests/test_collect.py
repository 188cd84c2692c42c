"""What a school's archive holds is collected, or its log says what was left out, and why."""

import re
import unicodedata
from pathlib import Path

from tests import classroom
from tests.classroom import NAME, data_of

MOODLE, CANVAS = (
    re.search(r'r"(.*)"', block)[1]
    for block in (classroom.REPOSITORY / "docs/lms-export.md").read_text().split("```python")[:0:-1]
)


def collect(tmp_path, regexp, files):
    """Collect an archive by the documented command; return what was collected, and the log."""
    course = tmp_path / "course"
    course.mkdir()
    config = (classroom.REPOSITORY / "nbgrader_config.py").read_text()
    config += f"\nc.FileNameCollectorPlugin.named_regexp = r'{regexp}'\n"
    (course / "nbgrader_config.py").write_text(config)
    (course / "assignments" / NAME).mkdir(parents=True)
    (course / f"assignments/{NAME}/{NAME}.ipynb").write_bytes(data_of(classroom.released()))
    for name, data in files.items():
        path = course / f"downloaded/{NAME}/archive/{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    status, _, told = classroom.run(course, "nbgrader", "zip_collect", NAME)
    assert status == 0, told
    found = {
        str(path.relative_to(course / "submitted")): path.read_bytes()
        for path in Path(course / "submitted").rglob("*")
        if path.is_file()
    }
    return found, told


def test_moodles_archives_are_collected_whoever_is_in_them(tmp_path):
    ada, zoe = "Ada Lovelace", "Zoë"
    found, told = collect(
        tmp_path,
        MOODLE,
        {
            f"{ada}_12345_assignsubmission_file_/{NAME}.ipynb": b"1",
            f"{ada}_12346_assignsubmission_file_/{NAME}.ipynb": b"2",
            f"__MACOSX/{ada}_12345_assignsubmission_file_/._{NAME}.ipynb": b"3",
            f"{unicodedata.normalize('NFD', zoe)}_7_assignsubmission_file_/{NAME}.ipynb.txt": b"4",
            f"Bob_8_assignsubmission_file_/{NAME}.json": b"5",
            f"Eve_9_assignsubmission_file_/week/a/{NAME}.ipynb": b"6",
            f"Eve_9_assignsubmission_file_/week/b/{NAME}.ipynb": b"7",
            "Dan_6_assignsubmission_file_/essay.pdf": b"8",
        },
    )
    assert found == {
        f"{ada}/{NAME}/{NAME}.ipynb": b"1",
        f"{ada}_12346/{NAME}/{NAME}.ipynb": b"2",
        f"{zoe}/{NAME}/{NAME}.ipynb.txt": b"4",
        f"Bob/{NAME}/{NAME}.json": b"5",
        f"Eve/{NAME}/week/a/{NAME}.ipynb": b"6",
        f"Eve/{NAME}/week/b/{NAME}.ipynb": b"7",
    }
    assert f"Several students are called {ada}: upload 12345 is {ada}, and upload 12346" in told
    assert re.search("no notebook: .*essay.pdf", told)
    assert re.search("no upload of a student: .*__MACOSX", told)


def test_canvas_archives_are_collected_with_several_files_of_one_student(tmp_path):
    found, _ = collect(
        tmp_path,
        CANVAS,
        {
            f"lovelaceada_11_9999_{NAME}.ipynb": b"1",
            f"lovelaceada_LATE_11_9998_{NAME}.ipynb": b"2",
            f"lovelaceada_12_9997_{NAME}.ipynb": b"3",
        },
    )
    assert found == {
        f"lovelaceada/{NAME}/{NAME}.ipynb": b"1",
        f"lovelaceada/{NAME}/another-{NAME}.ipynb": b"2",
        f"lovelaceada_12/{NAME}/{NAME}.ipynb": b"3",
    }


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


def test_the_due_date_is_said_as_the_gradebook_has_it(tmp_path):
    course = classroom.make_course(tmp_path / "course")
    due = "--duedate=2027-03-12 23:59 Europe/Berlin"
    assert classroom.run(course, "nbgrader", "db", "assignment", "add", NAME, due)[0] == 0
    classroom.hand_in(course, "ada", classroom.solved())
    status, told, _ = classroom.run(course, "autograder", "grade", NAME)
    assert status == 0
    assert told.startswith("Due 2027-03-12 22:59 UTC, ")
