"""The page of feedback tells what was earned and why, and nothing in it acts or loads."""

import html.parser
import json
import re
import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory

from tests.classroom import (
    NAME,
    configuration,
    data_of,
    grade_class,
    hand_in,
    solved,
    with_function,
)

MISTAKE = "divided by the sum over the whole array"
WRONG = "def softmax(o):\n    e = np.exp(o - o.max())\n    return e / e.sum()\n"
EVIL = [
    "<script>EVIL()</script>",
    "<img src=x onerror=EVIL()>",
    "<svg><a href='javascript:EVIL()'><rect onclick=EVIL() /></a></svg>",
    "<style>@import 'http://evil/'</style>",
    "</pre></details><form action='http://evil/'><input></form>",
    "$\\href{javascript:EVIL()}{x}$ $\\text{<script>EVIL()</script>}$",
    "[x](javascript:EVIL()) ![x](http://evil/x.png)",
]
NO_ANSWER = "YOUR ANSWER HERE"


class Page(html.parser.HTMLParser):
    """What is on a page: its text, its places, and what is linked or loaded."""

    def __init__(self, source):
        super().__init__()
        self.source, self.words, self.ids, self.links, self.loaded, self.acting = (
            source,
            [],
            [],
            [],
            [],
            [],
        )
        self.tags = set()
        self.feed(source)
        self.text = re.sub(r"\s+", " ", "".join(self.words))

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            elif name == "href":
                self.links.append(value)
            elif name in ("src", "srcset", "action", "data", "poster", "background"):
                self.loaded.append(value)
            elif name.startswith("on"):
                self.acting.append((tag, name, value))

    def handle_data(self, data):
        self.words.append(data)

    def assert_harmless(self):
        assert not self.tags & {
            "script",
            "iframe",
            "object",
            "embed",
            "form",
            "input",
            "link",
            "base",
        }
        assert self.acting == []
        assert all(link.startswith("#") for link in self.links)
        assert all(re.match("data:image/(png|jpeg|svg)", address) for address in self.loaded)
        assert "default-src 'none'" in self.source


def book(course):
    config = configuration(course).CourseDirectory
    return Gradebook(config.db_url, config.course_id)


def page(course, student, homework=NAME):
    """Make the page through nbgrader's API, and read it."""
    made = NbGraderAPI(config=configuration(course)).generate_feedback(homework, student)
    assert made["success"], made["log"]
    return Page((course / f"feedback/{student}/{homework}/{homework}.html").read_text("utf-8"))


@pytest.fixture(scope="module")
def graded(template, tmp_path_factory):
    """A class that is graded: right, wrong, late, damaged and hostile work."""
    course = tmp_path_factory.mktemp("feedback") / "course"
    shutil.copytree(template, course)
    hand_in(course, "right", solved())
    hand_in(course, "wrong", with_function(solved(), "softmax", WRONG))
    hand_in(course, "damaged", data_of(solved())[:15_000])
    hostile = with_function(
        solved(), "softmax", f"def softmax(o):\n    raise ValueError({EVIL!r})\n"
    )
    hostile = with_function(hostile, "log_softmax", "\n".join(f"# {evil}" for evil in EVIL))
    for place, evil in enumerate(EVIL):
        cell = {"cell_type": "markdown", "id": f"evil{place}", "metadata": {}, "source": [evil]}
        hostile["cells"].insert(3, cell)
    hand_in(course, "hostile", hostile)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course)
        grade_class(NAME, jobs=1)
    return course


def test_each_exercise_is_listed_with_its_points_and_linked_to_its_place(graded):
    shown = page(graded, "right")
    assert "20 of 20 points" in shown.text
    for name in ("softmax", "log_softmax", "sequence_loss", "sequence_loss_gradient"):
        assert f"#{name}" in shown.links
        assert shown.ids.count(name) == 1
    assert shown.text.count("all right") == 4
    assert "Likely cause" not in shown.text


def test_the_likely_cause_stands_at_the_top_and_its_section_is_linked(graded):
    shown = page(graded, "wrong")
    top = shown.text[: shown.text.index("to the top")]
    assert f"Likely cause: {MISTAKE}." in top
    assert "uses softmax, which is not right yet: mend that first." in top
    section = re.search(
        r'Read again: <a href="#([^"]+)">Probabilities from outputs</a>', shown.source
    )
    assert section[1] in shown.ids


def test_all_links_lead_somewhere_on_the_page_and_no_place_is_there_twice(graded):
    for student in ("right", "wrong", "damaged", "hostile"):
        shown = page(graded, student)
        assert {link.removeprefix("#") for link in shown.links} <= set(shown.ids)
        assert len(shown.ids) == len(set(shown.ids))


def test_formulas_are_set_in_the_page_itself(graded):
    shown = page(graded, "right")
    assert {"math", "msub"} <= shown.tags
    assert "$" not in re.sub(r"<pre>.*?</pre>", "", shown.source, flags=re.DOTALL)
    assert "mathjax" not in shown.source.lower()


def test_what_is_no_formula_stays_as_it_was_written(graded):
    with book(graded) as gradebook:
        comment = gradebook.find_comment("softmax", NAME, NAME, "right")
        comment.manual_comment = "See $\\nonsense{x}$ and $e^x$."
        gradebook.db.commit()
    assert "See \\nonsense{x} and" in page(graded, "right").text


def test_the_page_is_small_and_needs_nothing_else(graded):
    for student in ("right", "wrong", "damaged", "hostile"):
        shown = page(graded, student)
        shown.assert_harmless()
        assert len(shown.source.encode()) < 300_000


def test_the_points_under_a_report_are_not_repeated_as_an_output(graded):
    assert "<pre>4.0</pre>" not in page(graded, "right").source


def test_what_was_wrong_with_the_file_stands_above_the_exercises(graded):
    shown = page(graded, "damaged")
    assert shown.text.index("The file is damaged") < shown.text.index("to the top")
    assert "8 of 20 points" in shown.text
    assert "Comment on" not in shown.text
    assert "There is no function sequence_loss in the notebook" in shown.text


def test_nothing_that_a_student_wrote_acts(graded):
    shown = page(graded, "hostile")
    assert "EVIL" in shown.text
    assert "EVIL" not in "".join(map(str, [*shown.links, *shown.loaded, *shown.acting]))


def test_points_that_a_person_should_look_at_are_told_as_not_final(graded):
    shown = page(graded, "damaged")
    assert "A person still looks at this work" in shown.text
    assert "8 of 20 points" in shown.text
    assert "0 of 6 points" in shown.text


def test_a_score_a_comment_and_a_penalty_given_by_hand_are_told(graded):
    with book(graded) as gradebook:
        gradebook.find_grade("check_softmax", NAME, NAME, "wrong").manual_score = 3.5
        comment = gradebook.find_comment("softmax", NAME, NAME, "wrong")
        comment.manual_comment = f"**Nearly**: the axis. {EVIL[0]}"
        notebook = gradebook.find_submission_notebook(NAME, NAME, "wrong")
        notebook.late_submission_penalty = 2
        gradebook.db.commit()
        total = notebook.score
    shown = page(graded, "wrong")
    shown.assert_harmless()
    assert f"{total - 2:g} of 20 points" in shown.text
    assert f"{total:g} points for the work, less 2 for lateness." in shown.text
    assert "3.5 of 4 points, by hand (the tests gave" in shown.text
    assert "<strong>Nearly</strong>: the axis. &lt;script&gt;" in shown.source
    assert "#comment-softmax" in shown.links
    assert "Comment on softmax: Nearly: the axis." in shown.text


def test_lateness_is_told_above_the_exercises_beside_what_was_wrong_with_the_file(course):
    with book(course) as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2026-02-27 12:00:00 UTC")
    hand_in(course, "late", data_of(solved())[:15_000])
    grade_class(NAME, jobs=1)
    shown = page(course, "late")
    top = shown.text[: shown.text.index("to the top")]
    assert "Handed in 2 days after the due date (2026-02-27 12:00 UTC)" in top
    assert "The file is damaged" in top


def test_a_cell_that_the_student_added_is_told_of(graded):
    assert "with 7 cells of yours" in page(graded, "hostile").text
    assert "of yours" not in page(graded, "right").text


# --- an assignment of the instructor's own -----------------------------------------------


def marked(cell, name, **role):
    """Give a cell its part in nbgrader's grading."""
    cell.id = name
    nothing = dict.fromkeys(("grade", "solution", "locked", "task"), False)
    cell.metadata["nbgrader"] = nothing | {"grade_id": name, "schema_version": 3} | role
    return cell


@pytest.fixture
def own(course):
    """An assignment without checks of ours, as nbgrader's own grader leaves it."""
    prose = "# Sheet 1\n\nProve that $a_t = 1$.\n\n<table><tr><td>x</td></tr></table>"
    cells = [
        new_markdown_cell(prose),
        marked(new_markdown_cell(NO_ANSWER), "essay", grade=True, solution=True, points=5.0),
        marked(new_code_cell("def f(): ..."), "f", solution=True),
        marked(new_code_cell("assert f() == 1"), "test_f", grade=True, locked=True, points=2.0),
        marked(new_markdown_cell("Draw it."), "drawing", task=True, locked=True, points=3.0),
    ]
    source = course / "source/sheet1/sheet1.ipynb"
    source.parent.mkdir()
    nbformat.write(new_notebook(cells=cells), source)
    config = configuration(course)
    coursedir = CourseDirectory(config=config, assignment_id="sheet1")
    GenerateAssignment(coursedir=coursedir, config=config).start()
    notebook = nbformat.read(course / "assignments/sheet1/sheet1.ipynb", as_version=4)
    with book(course) as gradebook:
        gradebook.add_student("eve")
        gradebook.add_submission("sheet1", "eve")

    def answered(*outputs):
        notebook.cells[1].source = "Because $a_0 = 1$. " + " ".join(EVIL)
        notebook.cells[3].outputs = list(outputs)
        folder = course / "autograded/eve/sheet1"
        folder.mkdir(parents=True)
        (folder / "sheet1.ipynb").write_text(json.dumps(notebook))
        return course

    return answered


def test_answers_and_tasks_that_a_person_grades_are_shown_with_score_and_comment(own):
    course = own(
        new_output("error", ename="AssertionError", evalue="", traceback=["\x1b[31mNo\x1b[0m"])
    )
    shown = page(course, "eve", "sheet1")
    shown.assert_harmless()
    assert "Sheet 1" in shown.text
    assert "A person still looks at this work" in shown.text
    assert "Because $a_0 = 1$. <script>EVIL()</script>" in shown.text
    assert "<pre>No</pre>" in shown.source
    assert {"essay", "f", "drawing"} <= set(shown.ids)
    with book(course) as gradebook:
        for name, score in (("essay", 4.5), ("test_f", 0), ("drawing", 3)):
            grade = gradebook.find_grade(name, "sheet1", "sheet1", "eve")
            grade.manual_score, grade.needs_manual_grade = score, False
        gradebook.find_comment("drawing", "sheet1", "sheet1", "eve").manual_comment = "A fine one."
        gradebook.db.commit()
    shown = page(course, "eve", "sheet1")
    assert "7.5 of 10 points" in shown.text
    assert "4.5 of 5 points, by hand" in shown.text
    assert "A fine one." in shown.text
    assert "A person still looks" not in shown.text


@pytest.mark.parametrize("evil", EVIL)
def test_outputs_are_shown_without_what_acts(own, evil):
    table = f"<table onclick='EVIL()'><tr><td style='background:url(http://evil/)'>7</td></tr></table>{evil}"
    course = own(
        new_output("stream", text=evil),
        new_output("display_data", data={"text/html": table, "text/plain": "a table"}),
        new_output("display_data", data={"image/svg+xml": evil, "text/plain": "a drawing"}),
        new_output("display_data", data={"image/png": f"aGk='>{evil}", "text/plain": "a picture"}),
        new_output("display_data", data={"image/png": "aGk=", "text/plain": "another"}),
        new_output("execute_result", data={"text/latex": evil, "text/plain": evil}),
    )
    shown = page(course, "eve", "sheet1")
    shown.assert_harmless()
    assert "<td>7</td>" in shown.source.replace(' style=""', "")
    assert "a drawing" in shown.text
    assert "a picture" in shown.text
    assert shown.loaded == ["data:image/png;base64,aGk="]


def test_the_grader_of_another_course_leaves_a_page_that_can_be_read(own):
    course = own(new_output("stream", text="x" * 1_000_000), new_output("stream", text="\ud800"))
    shown = page(course, "eve", "sheet1")
    assert len(shown.source) < 300_000
    assert "990,000 more characters" in shown.text


def test_what_the_gradebook_does_not_know_gets_no_page(own):
    course = own()
    folder = course / "autograded/stranger/sheet1"
    shutil.copytree(course / "autograded/eve/sheet1", folder)
    made = NbGraderAPI(config=configuration(course)).generate_feedback("sheet1", "stranger")
    assert not made["success"]
    assert not (course / "feedback/stranger/sheet1/sheet1.html").exists()
