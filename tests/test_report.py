"""A report is readable on every page: light or dark, with styles or without, seen or heard."""

import re

import numpy as np
import pytest

from autograder import report
from autograder.calls import Live
from autograder.judge import Mistake
from autograder.report import Report
from autograder.suite import Result, run
from solutions.hw2_patterns.solution import hidden_recurrence

NAMED = {"green": (0, 128, 0), "orangered": (255, 69, 0)}  # of CSS
PAGES = {  # background, text and its opacity
    "JupyterLab, light": (0xFF, 0x00, 0.87),
    "JupyterLab, dark": (0x11, 0xFF, 1.0),
    "nbgrader's feedback": (0xFF, 0x00, 1.0),
    "VS Code, dark": (0x1F, 0xCC, 1.0),
}


def doubled(x, h0, params):
    """A mistake that shows in one array, from its third step on."""
    h, o = hidden_recurrence(x, h0, params)
    return np.concatenate([h[:2], 2 * h[2:]]), o


@pytest.fixture
def failed():
    """The report on a function that fails some tests."""
    name = "hidden_recurrence"
    return Report(name, run("hw2_patterns", Live({name: doubled}), functions=[name]))


def bare(html):
    """Take away what GitHub does: styles, roles and drawings, but not the text in them."""
    html = re.sub(r"</?(svg|g|rect|circle|progress)\b[^>]*>", "", html)
    return re.sub(r" (style|role|aria-\w+)=(\"[^\"]*\"|'[^']*')", "", html)


def text(html):
    """Return what is left without tags and line breaks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def luminance(rgb):
    scaled = np.asarray(rgb) / 255
    linear = np.where(scaled <= 0.04045, scaled / 12.92, ((scaled + 0.055) / 1.055) ** 2.4)
    return linear @ (0.2126, 0.7152, 0.0722)


def contrast(colour, page):
    """Return the contrast ratio of WCAG between a colour of the report and a page."""
    ground, ink, opacity = (np.full(3, page[0]), np.full(3, page[1]), page[2])
    share, other = re.fullmatch(
        r"color-mix\(in srgb, currentColor (\d+)%, (\w+)\)", colour
    ).groups()
    own = int(share) / 100 * opacity
    rest, tint = (0, ground) if other == "transparent" else (1 - int(share) / 100, NAMED[other])
    mixed = own * ink + rest * np.asarray(tint) + (1 - own - rest) * ground
    low, high = sorted([luminance(mixed), luminance(ground)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("colour", ["GOOD", "BAD", "QUIET"])
def test_every_colour_can_be_read_on_every_page(colour, page):
    assert contrast(getattr(report, colour), page) >= 4.5


def test_no_other_colour_is_used(failed):
    used = set(
        re.findall(
            r"(?:color|fill|background|solid)[:=]?[\"\s]*(color-mix\([^)]*\)|#\w+)",
            failed._repr_html_(),
        )
    )
    assert used == {report.GOOD, report.BAD, report.QUIET}


def test_no_colour_tells_what_words_do_not(failed):
    told = text(bare(failed._repr_html_()))
    for result in failed.results:
        mark = "✓ passed" if result.passed else "✗ failed"
        part = f"{result.points:g} of " if result.points and not result.passed else ""
        assert f"{mark} {result.title} ({part}{result.worth:g} point" in told


def test_without_styles_and_drawings_it_is_a_list_without_loose_ends(failed):
    html = bare(failed._repr_html_())
    assert html.count("<li>") == len(failed.results)
    assert html.count("<details open>") == 1
    allowed = {"div", "p", "strong", "code", "ul", "li", "details", "summary", "span"}
    assert set(re.findall(r"<(\w+)", html)) <= allowed
    told = text(html)
    assert "Wrong entries are in rows t = 2–4 of 5 and columns i = 0–3 of 4." in told
    assert "fuller where the error is larger; a dot is right. Called:" in told


def test_a_screen_reader_hears_what_it_is_and_no_symbols(failed):
    html = failed._repr_html_()
    assert 'role="group" aria-label="Report on hidden_recurrence"' in html
    assert '<svg role="img" aria-label="Map of the errors' in html
    spoken = re.sub(r'<span aria-hidden="true">.*?</span>', "", html)
    assert "✓" not in spoken
    assert "✗" not in spoken


def test_the_map_of_errors_marks_wrong_entries_by_shape_too(failed):
    drawing = re.search(r"<svg.*?</svg>", failed._repr_html_())[0]
    assert drawing.count("<rect") == 3 * 4  # steps 2, 3, 4 of four units
    assert drawing.count("<circle") == 2 * 4


@pytest.mark.parametrize("shape", [(40, 3, 20), (1, 1), (7,)])
def test_arrays_too_large_or_too_small_for_a_map_have_none(shape):
    axes = ("t", "n", "i")[: len(shape)]
    mistake = Mistake("`h` is wrong.", error=np.ones(shape), axes=axes)
    html = Report("f", [Result("f", "test_f", 1.0, mistake)])._repr_html_()
    assert "is wrong." in html
    assert "<svg" not in html


def test_a_long_array_is_told_by_its_shape_and_first_difference(failed):
    for told in map(text, (str(failed), failed._repr_html_())):
        assert re.search(r"h\[2, 0, 0\] is -?[\d.]+, expected -?[\d.]+; 36 of 60 entries", told)
        assert "(5, 3, 4)" in told


def test_what_a_student_wrote_is_no_html():
    def softmax(o):
        return "<script>alert(1)</script>" if o.ndim == 1 else [o]

    results = run("hw3_softmax_loss", Live({"softmax": softmax}), functions=["softmax"])
    html = Report("softmax", results)._repr_html_()
    assert html.count("<details open>") == 1
    assert "<script>" not in html
