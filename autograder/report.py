"""Show the results of a function's tests: as HTML in a notebook, as text elsewhere."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autograder.diagnosis import Diagnosis
from autograder.suite import Result

WIDTH = 96  # of a line of plain text
GOOD, BAD, QUIET = "#1a7f37", "#c4320a", "#6e7781"  # readable on white and on black


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
        """The points of the tests that passed."""
        return float(sum(result.worth for result in self.results if result.passed))

    @property
    def worth(self) -> float:
        """The points of all tests."""
        return float(sum(result.worth for result in self.results))

    @property
    def started(self) -> bool:
        """Whether there is anything to judge yet."""
        kinds = {result.mistake.kind if result.mistake else "" for result in self.results}
        return kinds != {"not started"}

    def __repr__(self) -> str:
        """Return the report as plain text."""
        return self.text()

    def text(self, width: int = WIDTH) -> str:
        """Return the report as plain text, in lines of at most so many characters."""
        lines = _wrapped(self._headline, width)
        for title, text in self._remarks:
            lines += _wrapped(f"{title} {text}".strip(), width, "  ")
        opened = False
        for result in self.results if self.started else ():
            mark = "+ passed" if result.passed else "- failed"
            line = f"{mark}  {result.title} ({_points(result.worth)})"
            lines += _wrapped(line, width, "  ", hanging="          ")
            if result.mistake and not opened:
                opened = True
                for paragraph in self._explain(result):
                    lines += _wrapped(paragraph, width, " " * 12)
        return "\n".join(lines).replace("`", "")

    def _repr_html_(self) -> str:
        """Return the report as HTML that needs no style sheet."""
        colour = GOOD if self.points == self.worth else BAD if self.started else QUIET
        headline = with_code(self._headline)
        parts = [f'<p style="margin:0 0 .4em"><b style="color:{colour}">{headline}</b>']
        for title, text in self._remarks:
            bold = f"<b>{with_code(title)}</b> " if title else ""
            parts.append(f"<br>{bold}{with_code(text)}")
        parts.append("</p>")
        if self.started:
            first = next((result for result in self.results if not result.passed), None)
            parts += [self._row(result, result is first) for result in self.results]
        body = "".join(parts)
        return (
            f'<div style="border-left:4px solid {colour};padding:.3em 0 .3em .9em;'
            f'max-width:52em;line-height:1.5">{body}</div>'
        )

    @property
    def _remarks(self) -> list[tuple[str, str]]:
        """What is said of the function as a whole, each with its title: what to mend, the cause."""
        remarks = [("", self.note)] if self.note else []
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
    def _headline(self) -> str:
        if not self.started:
            return f"`{self.function}`: not started. Write it in the cell above, then check again."
        done = " All tests pass." if self.points == self.worth else ""
        return f"`{self.function}`: {_number(self.points)} of {_points(self.worth)}.{done}"

    def _row(self, result: Result, opened: bool) -> str:
        mark, word, colour = ("✓", "passed", GOOD) if result.passed else ("✗", "failed", BAD)
        line = (
            f'<span style="color:{colour}"><span aria-hidden="true">{mark}</span> {word}</span> '
            f"{html.escape(result.title)} "
            f'<span style="color:{QUIET}">({_points(result.worth)})</span>'
        )
        if result.mistake is None:
            return f'<div style="padding-left:1.1em">{line}</div>'
        paragraphs = (with_code(part) for part in self._explain(result))
        told = "".join(f"<p style='margin:.2em 0'>{paragraph}</p>" for paragraph in paragraphs)
        return (
            f"<details{' open' if opened else ''}><summary>{line}</summary>"
            f'<div style="padding:.1em 0 .5em 1.1em">{told}{_heat_map(result)}</div></details>'
        )

    @staticmethod
    def _explain(result: Result) -> list[str]:
        """The paragraphs on a failed test: what is wrong, the numbers, what was called."""
        assert result.mistake is not None
        called = f"Called: {result.calls[-1]}." if result.calls else ""
        return [part for part in (result.mistake.message, result.mistake.details, called) if part]


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


def with_code(text: str) -> str:
    """Escape a text for HTML, with its `backticks` as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(text))


def _heat_map(result: Result) -> str:
    """Draw the error of a wrong array by its first and last axis, as inline SVG."""
    mistake = result.mistake
    if mistake is None or mistake.error is None or len(mistake.axes) < 2:
        return ""
    error = mistake.error
    rows, columns = mistake.axes[0], mistake.axes[-1]
    error = error.reshape(error.shape[0], -1, error.shape[-1]).max(axis=1)
    if error.size > 600 or error.size < 2 or not np.isfinite(error).all():
        return ""
    cell, left, top = 12, 22, 16
    height, width = error.shape
    level = error / (error.max() or 1.0)
    cells = "".join(
        f'<rect x="{left + j * cell}" y="{top + i * cell}" width="{cell - 1}" height="{cell - 1}" '
        f'fill="{BAD if level[i, j] > 1e-6 else GOOD}" '
        f'fill-opacity="{0.25 + 0.75 * level[i, j] if level[i, j] > 1e-6 else 0.25:.2f}"/>'
        for i in range(height)
        for j in range(width)
    )
    text = 'font-size="11" fill="currentColor"'
    return (
        f'<svg role="img" aria-label="Where it differs: rows are {rows}, columns are {columns}" '
        f'width="{left + width * cell + 4}" height="{top + height * cell + 4}">'
        f'<text x="{left}" y="11" {text}>{columns} →</text>'
        f'<text x="2" y="{top + 10}" {text}>{rows} ↓</text>{cells}</svg>'
    )
