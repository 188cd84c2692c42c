"""What the documents say holds: their links, and the code that they show."""

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from autograder.course.new import written
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


def code_of(page, heading):
    """Return the Python blocks of a page under a heading of the second level."""
    code, here, start = [], False, -1
    for token in tokens(REPOSITORY / "docs" / page):
        if token.type == "inline" and token.level == 1 and token.map[0] == start:
            here = token.content == heading
        start = token.map[0] if token.type == "heading_open" and token.tag == "h2" else -1
        if here and token.type == "fence" and token.info == "python":
            code.append(token.content)
    return code


def test_the_maintainers_page_quotes_the_worked_example():
    example = REPOSITORY / "docs" / "example"
    text = "\n".join((example / file).read_text("utf-8") for file in written("hw6_moving_average"))
    quoted = code_of("maintainers.md", "Adding a homework")
    assert len(quoted) == 5
    for code in quoted:
        assert code in text


def penalties(course):
    return {row[0]: row[4] for row in gradebook(course)["submissions"]}


def test_the_late_policy_and_the_extension_of_the_instructors_page_work(tmp_path):
    course = make_course(tmp_path)
    plugin, setting = code_of("instructors.md", "Due dates and late work")
    (extension,) = code_of("instructors.md", "Extensions")
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

    (course / "extend.py").write_text(extension)
    assert run(course, "extend")[0] == 0
    assert run(course, "nbgrader", "autograde", NAME, "--force", "--student=ada")[0] == 0
    assert penalties(course) == {"zoe": None, "ada": None, "bob": 20.0}
