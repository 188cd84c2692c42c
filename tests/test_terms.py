"""A class is put away whole before anything is taken away, and settings of one's own stay."""

import sqlite3
import tarfile

import pytest
from nbgrader.api import Gradebook

from autograder.__main__ import main
from autograder.course import terms
from tests import classroom
from tests.classroom import NAME, grade_class, hand_in

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


@pytest.fixture
def taught(course):
    """A course whose class is graded, with all that belongs to one."""
    hand_in(course, "ada", classroom.solved())
    assert grade_class(NAME, jobs=1) == 0
    (course / "students.csv").write_text("id\nada\n")
    (course / "submitted/ada/link").symlink_to("/etc/passwd")
    return course


def test_a_new_term_starts_empty_and_the_old_one_can_be_read_again(taught, tmp_path, capsys):
    seed = (taught / ".secret_seed").read_text()
    assert main(["new-term", "2027-spring"]) == 0
    assert "terms/2027-spring.tar.gz holds" in capsys.readouterr().out
    left = {path.name for path in taught.iterdir()}
    assert left <= {"solutions", "source", "assignments", "nbgrader_config.py", "terms", "exchange"}
    archive = taught / "terms/2027-spring.tar.gz"
    assert archive.stat().st_mode & 0o077 == 0
    with tarfile.open(archive) as made:
        made.extractall(tmp_path / "again", filter="fully_trusted")
    again = tmp_path / "again"
    assert (again / ".secret_seed").read_text() == seed
    assert (again / "students.csv").is_file()
    assert (again / f"autograded/ada/{NAME}/{NAME}.ipynb").is_file()
    with sqlite3.connect(again / "gradebook.db") as book:
        assert book.execute("SELECT id FROM student").fetchall() == [("ada",)]
    assert main(["new-term", "2027-fall"]) == 2  # there is nothing of a class
    classroom.generate(taught)  # and a repeater inherits nothing
    hand_in(taught, "ada", classroom.released())
    grade_class(NAME, jobs=1)
    assert classroom.scores(taught) == {"ada": 0}
    assert (taught / ".secret_seed").read_text() != seed
    assert main(["new-term", "2027-spring"]) == 2
    assert "is there already" in capsys.readouterr().err


def test_what_is_not_in_the_archive_as_it_is_here_stays(taught, monkeypatch, capsys):
    pack = terms._pack

    def forget(archive, root, parts, book):
        pack(archive, root, [part for part in parts if part.name != "submitted"], book)

    monkeypatch.setattr(terms, "_pack", forget)
    assert main(["new-term", "spring"]) == 2
    told = capsys.readouterr().err
    assert "cannot be archived, and stays" in told
    assert "missing from the archive" in told
    assert (taught / f"submitted/ada/{NAME}/{NAME}.ipynb").is_file()
    assert (taught / "gradebook.db").is_file()
    assert list((taught / "terms").iterdir()) == []


@pytest.mark.parametrize("name", ["", "../up", "a/b", "."])
def test_a_term_whose_name_could_name_another_folder_is_refused(taught, capsys, name):
    assert main(["new-term", name]) == 2
    assert "is no name for a term" in capsys.readouterr().err


def test_a_gradebook_on_a_server_is_left_to_its_own_commands(course, capsys):
    (course / "instructor_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.db_url = 'postgresql://grader@localhost/unrolled'\n"
    )
    assert main(["new-term", "spring"]) == 2
    assert "dump it with the database's own command" in capsys.readouterr().err


def test_settings_of_ones_own_are_read_last_from_a_file_that_git_leaves_alone(course):
    (course / "instructor_config.py").write_text(
        "c = get_config()\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
        "c.CourseDirectory.course_id = 'rnn'\n"
    )
    settings = classroom.configuration(course)
    assert settings.LateSubmissionPlugin.penalty_method == "zero"
    with Gradebook(settings.CourseDirectory.db_url, settings.CourseDirectory.course_id) as book:
        assert [each.name for each in book.assignments] == [NAME]
    ignored = (classroom.REPOSITORY / ".gitignore").read_text().splitlines()
    assert {"/instructor_config.py", "/late.py", "terms/"} <= {*ignored}
