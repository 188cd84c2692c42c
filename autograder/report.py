"""Show the results of a function's tests: as HTML in a notebook, as text elsewhere."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autograder.diagnosis import Diagnosis
from autograder.kinds import Kind
from autograder.suite import Result, homework_of

WIDTH = 96  # of a line of plain text
# Shades of the page's own text colour, so that they are readable on light and on dark pages. Where
# a page takes styles away, as GitHub does, words, symbols and lists still tell everything.
GOOD, BAD = (f"color-mix(in srgb, currentColor 36%, {hue})" for hue in ("green", "orangered"))
QUIET = "color-mix(in srgb, currentColor 72%, transparent)"


@dataclass(frozen=True)
class Report:
    """What the tests say of one function.

    Parameters
    ----------
    function : str
        The function's name.
    results : sequence of Result
        One for each of its tests.
    note : str
        A sentence for the student about the whole, such as what to mend first.
    diagnosis : Diagnosis, optional
        The likely cause, where tests fail.
    """

    function: str
    results: Sequence[Result]
    note: str = ""
    diagnosis: Diagnosis | None = None

    @property
    def points(self) -> float:
        """The points of the tests that passed, and of the right parts in those that failed."""
        return round(float(sum(result.points for result in self.results)), 10)

    @property
    def worth(self) -> float:
        """The points of all tests."""
        return float(sum(result.worth for result in self.results))

    @property
    def started(self) -> bool:
        """Whether there is anything to judge yet."""
        kinds = {result.mistake.kind if result.mistake else None for result in self.results}
        return kinds != {Kind.NOT_STARTED}

    @property
    def cause(self) -> str:
        """In a sentence or two, what is between the function and all its points."""
        if not self.started:
            return self._uses_stub or "Not started."
        first = next((result.mistake for result in self.results if result.mistake), None)
        if first is None or self.note:
            return self.note
        if self.diagnosis and self.diagnosis.text:
            named = self.diagnosis.mistakes
            return self.diagnosis.title if named else self.diagnosis.text
        return first.message

    def __repr__(self) -> str:
        """Return the report as plain text."""
        return self.text()

    def text(self, width: int = WIDTH) -> str:
        """Return the report as plain text, in lines of at most so many characters."""
        lines = _wrapped(" ".join(self._headline).strip(), width)
        for title, text in self.remarks:
            lines += _wrapped(f"{title} {text}".strip(), width, "  ")
        opened = False
        for result in self.results if self.started else ():
            mark = "+ passed" if result.passed else "- failed"
            line = f"{mark}  {result.title} ({_earned(result)})"
            lines += _wrapped(line, width, "  ", hanging="          ")
            if result.mistake and not opened:
                opened = True
                for text in filter(None, self._explain(result)):
                    lines += _wrapped(text, width, " " * 12)
        return "\n".join(lines).replace("`", "")

    def _repr_html_(self) -> str:
        """Return the report as HTML that needs no style sheet."""
        colour = GOOD if self.points == self.worth else BAD if self.started else QUIET
        state, advice = map(with_code, self._headline)
        parts = [paragraph(f"<strong>{state}</strong> {advice}")]
        for title, text in self.remarks:
            bold = f"<strong>{with_code(title)}</strong> " if title else ""
            parts.append(paragraph(bold + with_code(text)))
        if self.started:
            first = next((result for result in self.results if not result.passed), None)
            rows = "".join(self._row(result, result is first) for result in self.results)
            parts.append(
                f'<ul role="list" style="list-style:none;margin:.6em 0 0;padding:0">{rows}</ul>'
            )
        return framed("".join(parts), colour, f"Report on {self.function}")

    @property
    def remarks(self) -> list[tuple[str, str]]:
        """What is said of the function as a whole, each with its title: what to mend, the cause."""
        remarks = [("", self.note)] if self.note and self.started else []
        if self.diagnosis:
            if self.diagnosis.text:
                remarks.append((self.diagnosis.title, self.diagnosis.text))
            if not self.diagnosis.mistakes and sum(not r.passed for r in self.results) > 1:
                text = "Begin with the first test that fails: the others may have the same cause."
                remarks.append(("", text))
            if '"' not in self.diagnosis.text:  # it names no section itself
                remarks.append(("", f'Read again: "{self.diagnosis.section}".'))
        return remarks

    @property
    def _headline(self) -> tuple[str, str]:
        """How far the function is, and what else to say of that."""
        state = f"`{self.function}`: {_number(self.points)} of {_points(self.worth)}."
        if not self.started and self._uses_stub:
            return state, self._uses_stub
        if not self.started:
            advice = "Write it in the cell above, then check again."
            return f"`{self.function}`: not started.", advice
        return state, "All tests pass." if self.points == self.worth else ""

    @property
    def _uses_stub(self) -> str:
        """Say which other exercise every test ended at, since it is not written; empty if none."""
        stub, *more = {result.stub for result in self.results}
        if more or stub in ("", self.function) or homework_of(stub) != homework_of(self.function):
            return ""
        return f"`{self.function}` uses `{stub}`, which is not written yet: write that first."

    def _row(self, result: Result, opened: bool) -> str:
        mark, word, colour = ("✓", "passed", GOOD) if result.passed else ("✗", "failed", BAD)
        line = (
            f'<span style="color:{colour}"><span aria-hidden="true">{mark}</span> {word}</span> '
            f"{html.escape(result.title)} "
            f'<span style="color:{QUIET};white-space:nowrap">({_earned(result)})</span>'
        )
        if result.mistake is None:
            return f'<li style="margin:0;padding-left:1.1em">{line}</li>'
        message, details, called = (
            paragraph(with_code(text)) if text else "" for text in self._explain(result)
        )
        # As a list item, its arrow shows on nbgrader's pages too.
        style = "cursor:pointer;display:list-item;padding-left:1.1em;text-indent:-1.1em"
        return (
            f'<li style="margin:0"><details{" open" if opened else ""}>'
            f'<summary style="{style}">{line}</summary>'
            f'<div style="margin:.3em 0 .8em 1.1em">{message}{details}{_heat_map(result)}'
            f'<div style="color:{QUIET}">{called}</div></div></details></li>'
        )

    @staticmethod
    def _explain(result: Result) -> tuple[str, str, str]:
        """Return what to say of a failed test: what is wrong, the numbers, what was called."""
        assert result.mistake is not None
        called = f"Called: {result.called}." if result.called else ""
        return result.mistake.message, result.mistake.details, called


def _wrapped(text: str, width: int, margin: str = "", hanging: str = "") -> list[str]:
    """Break a text into lines for a terminal."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=margin,
        subsequent_indent=margin + hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _number(points: float) -> str:
    return f"{points:g}"


def _points(points: float) -> str:
    return f"{points:g} point{'' if points == 1 else 's'}"


def _earned(result: Result) -> str:
    """Tell what a test is worth, and how much of that it earned where that is a part."""
    part = f"{result.points:g} of " if not result.passed and result.points else ""
    return part + _points(result.worth)


def mend_first(name: str, wrong: Sequence[str]) -> str:
    """Say that a function uses others that are not right yet."""
    if len(wrong) == 1:
        return f"`{name}` uses `{wrong[0]}`, which is not right yet: mend that first."
    listed = ", ".join(f"`{each}`" for each in wrong)
    return f"`{name}` uses {listed}, which are not right yet: mend these first."


def with_code(text: str) -> str:
    """Escape a text for HTML, with its `backticks` as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(text))


def paragraph(text: str) -> str:
    """Return a paragraph of HTML, close to the next one."""
    return f'<p style="margin:0 0 .4em">{text}</p>'


def framed(content: str, colour: str, name: str) -> str:
    """Put HTML beside a bar of a colour, in lines that break where the page is narrow.

    Parameters
    ----------
    content, colour : str
        The HTML, and a colour such as `GOOD`.
    name : str
        What a screen reader calls it.
    """
    style = (
        f"border-left:3px solid {colour};margin:0 0 .5em;padding:.2em 0 .1em 1em;"
        "max-width:50em;line-height:1.5;overflow-wrap:anywhere"
    )
    return f'<div role="group" aria-label="{html.escape(name)}" style="{style}">{content}</div>'


def _heat_map(result: Result) -> str:
    """Tell and draw the error of a wrong array by its first and last axis.

    The drawing holds no text, which would be left over where a page takes drawings away.
    """
    mistake = result.mistake
    if mistake is None or mistake.error is None or len(mistake.axes) < 2:
        return ""
    error = mistake.error
    error = error.reshape(error.shape[0], -1, error.shape[-1]).max(axis=1)
    if error.size > 600 or error.size < 2 or not np.isfinite(error).all():
        return ""
    level = error / (error.max() or 1.0)
    wrong = level > 1e-6
    cell, (height, width) = 12, error.shape
    squares = "".join(
        f'<rect x="{j * cell}" y="{i * cell}" width="{cell - 1}" height="{cell - 1}" '
        f'fill-opacity="{0.3 + 0.7 * level[i, j]:.2f}"/>'
        for i, j in np.argwhere(wrong)
    )
    dots = "".join(
        f'<circle cx="{(j + 0.5) * cell}" cy="{(i + 0.5) * cell}" r="1.5"/>'
        for i, j in np.argwhere(~wrong)
    )
    told = (
        f"Wrong entries are in rows {mistake.axes[0]} = {_runs(wrong.any(axis=1))} of {height} "
        f"and columns {mistake.axes[-1]} = {_runs(wrong.any(axis=0))} of {width}. "
        "Each is a square, fuller where the error is larger"
        f"{'' if wrong.all() else '; a dot is right'}."
    )
    return paragraph(told) + (
        '<svg role="img" aria-label="Map of the errors: wrong entries are squares, right ones dots"'
        f' viewBox="0 0 {width * cell} {height * cell}" width="{width * cell}" '
        f'style="max-width:100%;height:auto;display:block;margin:0 0 .5em;color:{BAD}">'
        f'<g fill="currentColor">{squares}{dots}</g></svg>'
    )


def _runs(marked: np.ndarray) -> str:
    """Write the places of a mask shortly, as in ``0–2, 5``."""
    places = np.flatnonzero(marked)
    runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
