"""A student and an instructor walk through the course in a real browser."""

import re
import shutil
from contextlib import closing

import pytest

from autograder.course.demo import HOMEWORK, MISTAKEN, the_class
from tests.browser import CHROMIUM, WINDOW, Formgrader, Lab, chromium, expect, serving
from tests.classroom import REPOSITORY
from tests.conftest import needs

COMMENT = "The slope of tanh is 1 at 0, and smaller everywhere else."

# The texts that are hard to read: their contrast with the background is below 4.5 to 1, as the Web
# Content Accessibility Guidelines (1.4.3) want it.
FAINT = """report => {
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const paint = colours => {
        canvas.clearRect(0, 0, 1, 1);
        for (const colour of colours) {
            canvas.fillStyle = colour;
            canvas.fillRect(0, 0, 1, 1);
        }
        const linear = [...canvas.getImageData(0, 0, 1, 1).data].map(
            value => value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05;
    };
    const faint = [];
    const texts = document.createTreeWalker(report, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode.data.trim();
        const element = texts.currentNode.parentElement;
        if (!text || !element.checkVisibility()) continue;
        const backgrounds = [];
        for (let e = element; e; e = e.parentElement)
            backgrounds.unshift(getComputedStyle(e).backgroundColor);
        const style = getComputedStyle(element);
        const ink = element.closest("svg") ? style.fill : style.color;
        const two = [paint(backgrounds), paint([...backgrounds, ink])].sort((a, b) => b - a);
        if (two[0] / two[1] < 4.5) faint.push(`${text}: ${(two[0] / two[1]).toFixed(2)}`);
    }
    return faint;
}"""

# The parts of a report that do not fit into its width.
TOO_WIDE = """report => [report, ...report.querySelectorAll("*")]
    .filter(e => e.clientWidth && e.scrollWidth > e.clientWidth + 1
                 && getComputedStyle(e).overflowX != "hidden")
    .map(e => `${e.tagName} ${e.className}: ${e.scrollWidth} in ${e.clientWidth}`)"""

# The descriptions of the images that cannot be shown.
BROKEN = """async images => {
    const broken = [];
    for (const image of images)
        await image.decode().catch(() => broken.push(image.alt));
    return broken;
}"""


@pytest.fixture(scope="module")
def browser():
    needs(CHROMIUM, "Chromium")
    with chromium() as started:
        yield started


@pytest.fixture
def pictures(request):
    return request.config.getoption("--screenshots")


@pytest.fixture
def exchange(tmp_path):
    """The folder that teacher and students share."""
    folder = tmp_path / "exchange"
    folder.mkdir(mode=0o777)
    return folder


def clone(folder, *more):
    """Make what a person has who has just got the course."""
    for name in ("assignments", *more):
        shutil.copytree(REPOSITORY / name, folder / name)
    shutil.copy(REPOSITORY / "nbgrader_config.py", folder)
    return folder


def test_a_student_goes_from_a_stub_to_full_points(browser, pictures, exchange, tmp_path):
    course = clone(tmp_path / "student")
    with (
        serving("lab", course, exchange) as address,
        closing(Lab(browser, address, pictures)) as lab,
    ):
        page = lab.page

        # Open the homework and run what is given.
        lab.open("hw4_bptt", "hw4_bptt.ipynb")
        for given in ("import numpy", "import time", "def hidden_recurrence"):
            lab.run(lab.cell(given))

        # The stub is not started.
        stub, check = lab.cell("def step_backward"), lab.cell("check(step_backward)")
        lab.run(stub)
        told = lab.run(check)
        expect(told).to_contain_text("not started")

        # A wrong answer is explained.
        lab.write(
            stub,
            "raise NotImplementedError",
            "    da = dh * (1 - h_t)\n"
            '    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}\n'
            '    return da @ params["U"], da @ params["W"], grads\n',
        )
        lab.run(stub)
        told = lab.run(check)
        expect(told).to_contain_text("Likely cause: derivative of tanh taken as 1 - h")
        lab.picture("student-diagnosis", stub.locator(".cm-line", has_text="da = dh"), check)
        report = told.locator(".jp-RenderedHTML").first

        # So it is in the dark, in a narrow window, and by keyboard.
        assert report.evaluate(FAINT) == []
        lab.menu("Settings", "Theme", "JupyterLab Dark")
        expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
        assert report.evaluate(FAINT) == []
        lab.menu("Settings", "Theme", "JupyterLab Light")
        expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "true")
        lab.toggle_files()
        page.set_viewport_size({"width": 480, "height": 800})
        expect(told.locator("details").first).to_be_visible()
        assert report.evaluate(TOO_WIDE) == []
        page.set_viewport_size(WINDOW)
        lab.toggle_files()
        last = told.locator("details").last
        expect(last).not_to_have_attribute("open", "")
        expect(last.locator("summary")).to_contain_text("failed")  # not in red alone
        last.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(last).to_have_attribute("open", "")

        # A hint helps, and the answer is mended.
        hint = lab.new_cell(check, "hint(step_backward)")
        expect(lab.run(hint)).to_contain_text("Hint 1 of 3")
        lab.picture("student-hint", hint)
        lab.write(stub, "da = dh * (1 - h_t)", "    da = dh * (1 - h_t**2)\n")
        lab.run(stub)
        told = lab.run(check)
        expect(told).to_contain_text("4 of 4 points")
        expect(told).to_contain_text("passed")
        expect(told).not_to_contain_text("failed")
        lab.picture("student-full-points", stub.locator(".cm-line", has_text="da = dh"), check)
        progress = lab.cell("progress()")
        row = lab.run(progress).get_by_role("row", name="hw4_bptt")
        expect(row).to_contain_text("4 of 20")
        lab.picture("student-progress", progress)

        # All drawings of the homework are there.
        drawings = page.locator(".jp-Notebook:visible img")
        assert drawings.count() > 1
        assert drawings.evaluate_all(BROKEN) == []

        # Validate names the exercises that are left.
        page.get_by_role("button", name="Validate").click()
        results = page.get_by_role("dialog")
        expect(results).to_contain_text("check(numerical_gradient)")
        expect(results).not_to_contain_text("check(step_backward)")
        results.get_by_role("button", name="Ok").click()

        # A drawing is seen, although there is no program to draw it.
        lab.open("hw1_unrolling", "hw1_unrolling.ipynb")
        for given in ("import graphviz", "import matplotlib"):
            lab.run(lab.cell(given))
        stub = lab.cell("def folded_graph")
        lab.write(
            stub,
            "raise NotImplementedError",
            "    graph = graphviz.Digraph()\n"
            '    graph.edge("x", "h")\n'
            '    graph.edge("h", "h", label="f")\n'
            "    return graph\n",
        )
        lab.run(stub)
        expect(lab.run(lab.cell("check(folded_graph)"))).to_contain_text("2 of 2 points")
        drawn = lab.cell("with needs(folded_graph)")
        image = lab.run(drawn).get_by_role("img")
        assert image.evaluate("image => image.naturalWidth") > 0
        lab.picture("student-drawing", stub.locator(".cm-line", has_text="graph ="), drawn)
        assert lab.outside == []


def test_a_class_goes_from_release_to_feedback(browser, pictures, exchange, tmp_path):
    member = next(member for member in the_class(REPOSITORY) if member.name == "edsger")
    course = clone(tmp_path / "teacher", "source", "solutions")
    home = clone(tmp_path / "student")
    with (home / "nbgrader_config.py").open("a") as settings:  # not this machine's user
        settings.write(f"c.CourseDirectory.student_id = {member.name!r}\n")
    shutil.copytree(home / "assignments" / HOMEWORK, home / "work" / HOMEWORK)
    member.notebook(home / "work" / HOMEWORK / f"{HOMEWORK}.ipynb")
    with (
        serving("teach", course, exchange) as desk,
        serving("lab", home, exchange) as room,
        closing(Lab(browser, desk, pictures)) as teacher,
        closing(Lab(browser, room, pictures)) as student,
    ):
        teacher.toggle_files()  # formgrader needs room

        # The teacher releases the homework.
        teacher.menu("Nbgrader", "Formgrader")
        formgrader = Formgrader(teacher)
        homework = formgrader.row(HOMEWORK)
        formgrader.press(homework, "assign")
        formgrader.press(homework, "release")
        expect(homework).to_contain_text("released")

        # The student hands in.
        student.menu("Nbgrader")
        items = student.page.locator(".lm-Menu-itemLabel:visible")
        expect(items).to_have_text(["Assignment List"])  # and nothing that is for teachers
        items.click()
        assignments = student.page.locator("#nbgrader-assignment-list")
        assignments.get_by_role("button", name="Submit").click()
        submitted = assignments.locator("#submitted_assignments_list")
        expect(submitted).to_contain_text(HOMEWORK)
        panels = assignments.locator(".panel")
        student.picture("student-assignment-list", panels.first, panels.last)

        # The teacher collects and grades.
        formgrader.press(homework, "collect")
        expect(homework.locator(".num-submissions")).to_have_text("1")
        teacher.picture("teacher-formgrader")
        homework.locator(".num-submissions a").click()
        submission = formgrader.row(member.name)
        expect(submission).to_contain_text("needs autograding")
        formgrader.press(submission, "autograde")
        expect(submission).to_contain_text(f"{member.deserves:g} / 20")

        # The teacher reads, comments, and raises the score of an exercise to 3.
        formgrader.follow("Manual Grading", HOMEWORK, HOMEWORK, "Submission #1")
        graded = formgrader.page
        comment, score = graded.locator("#bptt-comment"), graded.locator("#check_bptt")
        expect(comment).to_have_attribute("placeholder", re.compile("."))  # loaded
        expect(score).to_have_attribute("placeholder", re.compile("."))
        total = member.deserves - float(score.get_attribute("placeholder")) + 3
        expect(graded.get_by_text(f"Likely cause: {MISTAKEN[member.name]}")).to_be_visible()
        with teacher.page.expect_response(re.compile("/api/comment/")):
            comment.fill(COMMENT)
            comment.press("Tab")
        with teacher.page.expect_response(re.compile("/api/grade/")):
            score.fill("3")
            score.press("Tab")
        teacher.picture("teacher-graded")

        # The teacher makes and releases the feedback.
        formgrader.follow("Manual Grading", "Manage Assignments")
        homework.locator(".num-submissions a").click()
        expect(submission).to_contain_text(f"{total:g} / 20")
        formgrader.press(submission, "generate-feedback")
        formgrader.press(submission, "release-feedback")
        teacher.picture("teacher-submissions")

        # The student fetches and reads it.
        submitted.get_by_role("button", name="Fetch Feedback").click()
        submitted.get_by_text("view feedback").click()
        files = student.page.locator(".jp-DirListing-item")
        files.get_by_text(f"{HOMEWORK}.html").dblclick()
        feedback = student.page.frame_locator("iframe:visible")
        expect(feedback.get_by_text(f"{total:g} of 20 points")).to_be_visible()
        expect(feedback.get_by_text(COMMENT).first).to_be_visible()
        cause = feedback.get_by_text(f"Likely cause: {MISTAKEN[member.name]}").first
        cause.scroll_into_view_if_needed()
        student.picture("student-feedback")
        feedback.get_by_role("link", name="clip_gradients").click()
        expect(feedback.get_by_role("heading", name="clip_gradients")).to_be_in_viewport()
