"""What the documents say holds: their links, and the code that they show."""

import csv
import os
import re
import shutil
import sqlite3
import subprocess
from getpass import getuser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from autograder.course.catalogue import catalogue, right_ways, wrong_ways
from autograder.course.written import written
from autograder.suite import homeworks
from tests.classroom import NAME, gradebook, hand_in, make_course, run, solved

REPOSITORY = Path(__file__).parents[1]
PAGES = sorted(
    [
        *REPOSITORY.glob("*.md"),
        *REPOSITORY.glob("docs/**/*.md"),
        REPOSITORY / "autograder/datasets/README.md",
    ]
)


def tokens(page):
    for token in MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8")):
        yield token
        yield from token.children or ()


def links(page):
    found = (token.attrs.get("href", token.attrs.get("src")) for token in tokens(page))
    return [str(link) for link in found if link]


def anchors(page):
    """Return the anchors of a page's headings, as code hosts and the site make them."""
    inside, names = False, []
    for token in tokens(page):
        if inside and token.type == "inline":
            names.append(re.sub(r"[^\w\- ]", "", token.content.lower()).replace(" ", "-"))
        inside = token.type == "heading_open"
    return names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_link_leads_somewhere(page):
    for link in links(page):
        if ":" in link:
            assert link.startswith("https://"), link
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(REPOSITORY), link
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def test_pages_of_the_site_link_to_nothing_outside_of_it():
    docs = REPOSITORY / "docs"
    for page in docs.glob("**/*.md"):
        for link in links(page):
            if ":" not in link and not link.startswith("#"):
                assert (page.parent / link.partition("#")[0]).resolve().is_relative_to(docs), link


def code_of(page, heading, kind="python"):
    """Return the blocks of a page under a heading of level 2: Python, or of no kind for a shell."""
    code, here, start = [], False, -1
    for token in tokens(REPOSITORY / "docs" / page):
        if token.type == "inline" and token.level == 1 and token.map[0] == start:
            here = token.content == heading
        start = token.map[0] if token.type == "heading_open" and token.tag == "h2" else -1
        if here and token.type in ("fence", "code_block") and token.info == kind:
            code.append(token.content)
    return code


def test_the_maintainers_page_quotes_the_worked_example():
    example = REPOSITORY / "docs" / "example"
    text = "\n".join((example / file).read_text("utf-8") for file in written("hw99_moving_average"))
    quoted = code_of("maintainers.md", "Adding a homework")
    assert len(quoted) == 5
    for code in quoted:
        assert code in text


def shell(course, command):
    ours = {"PYTHONPATH": str(course), "JUPYTER_DATA_DIR": str(course / "home")}
    done = subprocess.run(
        ["bash", "-ec", command],
        cwd=course,
        env={**os.environ, **ours},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)


def test_the_commands_of_the_instructors_page_take_a_class_from_release_to_deletion(tmp_path):
    homework, course = "hw1_unrolling", ("autograder", "solutions", "source", "assignments")
    for part in course:
        ignored = shutil.ignore_patterns("__pycache__", "hw[2-9]*.ipynb")
        shutil.copytree(REPOSITORY / part, tmp_path / part, ignore=ignored)
    shutil.copy(REPOSITORY / "nbgrader_config.py", tmp_path)
    *_, commands = code_of("instructors.md", "The first graded class", "")
    activate, *steps = commands.splitlines()
    assert activate == "source .venv/bin/activate"  # here the environment is active
    (tmp_path / "participants.csv").write_text(
        f"id,first_name,last_name\n{getuser()},Ada,Lovelace\n"
    )
    home = tmp_path / "home"
    home.mkdir()
    at_home = f"cd {home} && cp ../nbgrader_config.py . && export UNROLLED_EXCHANGE=../exchange"
    for step in steps:
        if "collect" in step:  # what the students' page tells, before
            shell(tmp_path, f"{at_home} && nbgrader fetch_assignment {homework}")
            solved = tmp_path / "source" / homework / f"{homework}.ipynb"
            shutil.copy(solved, home / homework)
            shell(tmp_path, f"{at_home} && nbgrader submit {homework}")
        shell(tmp_path, step)
    shell(tmp_path, f"{at_home} && nbgrader fetch_feedback {homework}")
    assert list(home.glob(f"{homework}/feedback/*/{homework}.html"))
    assert list(tmp_path.glob("reports/*.html"))
    (row,) = csv.DictReader((tmp_path / "grades.csv").open())
    assert (row["assignment"], row["score"], row["max_score"]) == (homework, "20.0", "20.0")

    (backup,) = code_of("instructors.md", "Backup", "")
    shell(tmp_path, backup)
    with sqlite3.connect(tmp_path / "backup" / "gradebook.db") as book:
        assert book.execute("SELECT count(*) FROM student").fetchone() == (1,)
    (deletion,) = code_of("instructors.md", "The end of a term", "")
    shell(tmp_path, deletion)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*course, "nbgrader_config.py", "home", "terms"}


def penalties(course):
    return {row[0]: row[4] for row in gradebook(course)["submissions"]}


def test_the_late_policy_and_the_extension_of_the_instructors_page_work(tmp_path):
    course = make_course(tmp_path)
    plugin, setting = code_of("instructors.md", "Due dates and late work")
    (commands,) = code_of("instructors.md", "Extensions", "")
    (course / "late.py").write_text(plugin)
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(setting)
    due = "--duedate=2026-03-01 11:00 Europe/Berlin"
    assert run(course, "nbgrader", "db", "assignment", "add", NAME, due)[0] == 0
    for student, time in (
        ("zoe", "2026-03-01 09:59:00 UTC"),  # a minute before
        ("ada", "2026-03-02 10:01:00 UTC"),  # a day and a minute after
        ("bob", "2026-03-05 12:00:00 UTC"),  # four days after
    ):
        hand_in(course, student, solved(), time)
    assert run(course, "autograder", "grade", NAME)[0] == 0
    assert penalties(course) == {"zoe": None, "ada": pytest.approx(0.2 * 20), "bob": 20.0}

    extend = commands.splitlines()[0].replace("hw3_softmax_loss", NAME).split()
    assert extend[:3] == ["python", "-m", "autograder"]
    assert run(course, *extend[2:])[0] == 0
    assert run(course, "nbgrader", "autograde", NAME, "--force", "--student=ada")[0] == 0
    assert penalties(course) == {"zoe": None, "ada": None, "bob": 20.0}


def test_the_house_tells_the_role_of_every_module_of_the_package():
    told = (REPOSITORY / "docs" / "house.md").read_text("utf-8")
    for folder in ("", "course", "grading"):
        for path in (REPOSITORY / "autograder" / folder).glob("*.py"):
            if path.name != "__init__.py":
                assert re.search(rf"[`/]{path.name}`", told), path.name


# --- the homeworks in the pages ----------------------------------------------------------------

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "CITATION.cff"])
def test_a_page_counts_the_homeworks_there_are(page):
    said = re.search(r"(\w+) homeworks (?:follow|in numpy)", (REPOSITORY / page).read_text("utf-8"))
    assert said is not None
    assert said[1] == NUMBERS[len(homeworks())]


def test_the_readme_and_the_calendar_have_every_homework():
    readme, calendar = (
        (REPOSITORY / page).read_text("utf-8") for page in ("README.md", "docs/instructors.md")
    )
    assert re.findall(r"^\| `(hw\w+)`", readme, re.MULTILINE) == homeworks()
    for homework in homeworks():
        number = homework.split("_")[0]
        for what in ("out", "due"):
            assert len(re.findall(rf"\b{number} {what}\b", calendar)) == 1, (number, what)


def test_the_readme_counts_the_known_work_there_is():
    right = sum(len(right_ways(REPOSITORY, homework)) for homework in homeworks())
    known = [mistake for homework in homeworks() for mistake in catalogue(REPOSITORY, homework)]
    others = sum(len(wrong_ways(REPOSITORY, homework)) for homework in homeworks())
    names = len({(mistake.function, mistake.name) for mistake in known})
    said = re.search(
        r"([\d,]+) correct variants[^;]*; ([\d,]+) classic mistakes, made in ([\d,]+)\s+ways",
        (REPOSITORY / "README.md").read_text("utf-8"),
    )
    assert said is not None
    counts = [int(number.replace(",", "")) for number in said.groups()]
    assert counts == [right, names, len(known) + others]
