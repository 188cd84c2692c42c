"""Make the page of feedback that a student gets back: ours, through nbgrader's setting for it.

The course's nbgrader_config.py names the exporter here, so nbgrader's command line, formgrader and
its API all make this page. It needs no other file, no network and no script. What a student wrote
stands in it as plain text; HTML is shown only from the homework itself and, cleaned, from outputs.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

import nbformat
import nh3
from jinja2 import Environment, StrictUndefined
from jinja2 import Template as JinjaTemplate
from markupsafe import Markup
from math_core import LatexError, LatexToMathML
from nbconvert.exporters import Exporter
from nbconvert.filters import strip_ansi
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbgrader import api
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from sqlalchemy import select
from traitlets import Unicode

from autograder.grading.class_report import number
from autograder.grading.submission import shown
from autograder.report import with_code
from autograder.suite import exercises, homeworks

PAGE = Path(__file__).with_suffix(".html")  # the template
NOTHING = Markup()
TOLD = {"lateness", "about-this-submission"}  # the ids of the cells that grading puts at the top
MOST_COLOURED = 20_000  # characters of code
UNCOLOURED = re.compile(r'<span(?: class="(?:bp|n|nb|nn|o|p|w)")?>([^<]*)</span>')  # half the page
MOST_OUTPUT = 10_000  # characters of one output
MOST_IMAGE = 100_000  # bytes of a picture
MOST_OWN = 100_000  # characters of HTML for what a student wrote; more is left out
HEADINGS_SHOWN = 3  # of what is folded away

TAGS = {
    *("b", "br", "circle", "code", "dd", "details", "div", "dl", "dt", "em", "g", "h4", "h5", "h6"),
    *("hr", "i", "li", "ol", "p", "pre", "rect", "small", "span", "strong", "sub", "summary"),
    *("sup", "svg", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {
    "*": {"aria-hidden", "aria-label", "role", "style"},
    "circle": {"cx", "cy", "r"},
    "details": {"open"},
    "g": {"fill"},
    "rect": {"fill-opacity", "height", "width", "x", "y"},
    "svg": {"viewBox", "width"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
STYLES = {
    *("border-left", "color", "cursor", "display", "height", "line-height", "list-style", "margin"),
    *("max-width", "overflow-wrap", "padding", "padding-left", "text-align", "text-indent"),
    "white-space",
}


# --- what the page shows -----------------------------------------------------------------


@dataclass(frozen=True)
class Grade:
    """What a graded cell earned; ``by_hand`` if a person decided, ``waits`` if one still has to."""

    score: float
    worth: float
    computed: float | None
    by_hand: bool
    waits: bool


@dataclass(frozen=True)
class Grades:
    """What the gradebook knows of a notebook: grades, and comments by hand, by name of cell."""

    grades: Mapping[str, Grade]
    comments: Mapping[str, str]
    penalty: float

    @property
    def earned(self) -> float:
        """The points without the late penalty."""
        return sum(grade.score for grade in self.grades.values())

    @property
    def worth(self) -> float:
        """The points that can be had."""
        return sum(grade.worth for grade in self.grades.values())


@dataclass
class Shown:
    """A cell as it is shown: a ``kind`` and its HTML."""

    kind: str
    source: Markup = NOTHING
    outputs: Markup = NOTHING


@dataclass
class Fold:
    """Cells that nobody has to read again, under the headings among them."""

    headings: list[str]
    own: int  # cells that the student added or changed
    cells: list[Shown]


@dataclass
class Section:
    """An exercise: what was asked, the answers, how they were graded, what was said of them."""

    name: str
    title: Markup
    before: Fold | None
    parts: list[Shown | Fold] = field(default_factory=list)
    grade: Grade | None = None
    cause: Markup = NOTHING
    comments: list[Markup] = field(default_factory=list)


# --- nbgrader's way in -------------------------------------------------------------------


class FeedbackExporter(Exporter):
    """Make pages of feedback in place of nbgrader's own exporter.

    Set it as ``c.GenerateFeedback.exporter_class``. What nbgrader's preprocessors look up cell by
    cell is read from the gradebook here, with two queries, in a connection that stays open.
    """

    file_extension = Unicode(".html").tag(config=True)
    output_mimetype = "text/html"

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **_: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Make the page of a graded notebook.

        Raises
        ------
        nbgrader.api.MissingEntry
            If the gradebook does not know the submission.
        """
        resources = {} if resources is None else resources
        about = resources["nbgrader"]
        notebook = nbformat.reads(Path(filename).read_text("utf-8"), as_version=4)
        page = page_of(notebook, about, self._grades(about), self._own_sources(about))
        resources["output_extension"] = self.file_extension
        return page, resources

    @property
    def _coursedir(self) -> Any:
        converter: Any = self.parent
        return converter.coursedir

    @cached_property
    def _book(self) -> api.Gradebook:
        return api.Gradebook(self._coursedir.db_url, self._coursedir.course_id)

    def _grades(self, about: Mapping[str, str]) -> Grades:
        names = about["notebook"], about["assignment"], about["student"]
        db = self._book.db
        try:
            notebook = self._book.find_submission_notebook(*names)
            columns = (
                *(api.BaseCell.name, api.Grade.score, api.Grade.max_score, api.Grade.auto_score),
                *(api.Grade.manual_score, api.Grade.needs_manual_grade),
            )
            grades = select(*columns).select_from(api.Grade).join(api.BaseCell)
            comments = select(api.BaseCell.name, api.Comment.manual_comment).select_from(
                api.Comment
            )
            return Grades(
                {
                    row.name: Grade(
                        row.score,
                        row.max_score,
                        row.auto_score,
                        row.manual_score is not None,
                        row.needs_manual_grade,
                    )
                    for row in db.execute(grades.where(api.Grade.notebook_id == notebook.id))
                },
                {
                    row.name: row.manual_comment
                    for row in db.execute(
                        comments.join(api.BaseCell).where(api.Comment.notebook_id == notebook.id)
                    )
                    if row.manual_comment
                },
                notebook.late_submission_penalty or 0.0,
            )
        finally:
            db.remove()  # what others change between two pages is seen

    def _own_sources(self, about: Mapping[str, str]) -> frozenset[str]:
        """Return the sources of the cells that the instructor wrote."""
        coursedir = self._coursedir
        folder = coursedir.format_path(coursedir.source_directory, ".", about["assignment"])
        path = Path(coursedir.root, folder, f"{about['notebook']}.ipynb")
        try:
            return _sources(path, path.stat().st_mtime_ns)
        except FileNotFoundError:
            return frozenset()


@lru_cache(maxsize=64)
def _sources(path: Path, _modified: int) -> frozenset[str]:
    notebook = nbformat.read(path, as_version=4)
    return frozenset(cell.source.strip() for cell in notebook.cells)


# --- the page ----------------------------------------------------------------------------


def page_of(
    notebook: NotebookNode, about: Mapping[str, str], grades: Grades, ours: frozenset[str]
) -> str:
    """Return the page of feedback on a graded notebook.

    Parameters
    ----------
    notebook : NotebookNode
        As grading left it.
    about : mapping of str to str
        Names of ``student``, ``assignment`` and ``notebook``.
    grades : Grades
        What the gradebook knows of it.
    ours : frozenset of str
        The sources of cells that the instructor wrote; other Markdown is shown as plain text.
    """
    page = _Page(notebook, about["assignment"], grades, ours)
    text = _template().render(
        title=page.title or about["notebook"],
        student=about["student"],
        grades=grades,
        problems=page.problems,
        sections=page.sections,
        after=page.after,
    )
    return text.encode("utf-8", "replace").decode()  # half characters cannot be written


@cache
def _template() -> JinjaTemplate:
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters |= {"number": number, "short": lambda text: shown(text, 80)}
    environment.tests |= {"fold": lambda part: isinstance(part, Fold)}
    return environment.from_string(PAGE.read_text("utf-8"))


class _Page:
    """The parts of a page, made from the cells one after another."""

    def __init__(
        self, notebook: NotebookNode, assignment: str, grades: Grades, ours: frozenset[str]
    ) -> None:
        self.sections: list[Section] = []
        self.problems = Markup()
        self.title = ""
        self._grades, self._ours = grades, ours
        self._known = exercises(assignment) if assignment in homeworks() else {}
        self._summary = notebook.metadata.get("unrolled")
        self._places: dict[str, str] = {}  # of headings, to be linked from the reports
        self._room = MOST_OWN
        cells = notebook.cells
        while self._known and cells and cells[0].get("id") in TOLD:
            self.problems += _note(cells[0].source)
            cells = cells[1:]
        self.after = self._fold(self._divide(cells))

    def _divide(self, cells: list[NotebookNode]) -> list[NotebookNode]:
        """Make sections, each up to a graded cell, and return the cells that are left."""
        left: list[NotebookNode] = []
        section: Section | None = None
        for place, cell in enumerate(cells):
            cell.setdefault("id", f"cell-{place}")  # older files have none
            role = cell.metadata.get("nbgrader") or {}
            graded = bool(role.get("grade") or role.get("task"))
            if not graded and not role.get("solution"):
                left.append(cell)
                continue
            name = str(role.get("grade_id", cell.id))
            fold, left = self._fold(left), []
            if section is None:
                section = Section(name, _titled(role, name), fold)
                self.sections.append(section)
            elif fold:
                section.parts.append(fold)
            section.parts.append(self._answer(cell, role, name))
            if name in self._grades.comments:
                section.comments.append(_remark(self._grades.comments[name]))
            if graded:
                section.grade = self._grades.grades.get(name)
                if (exercise := name.removeprefix("check_")) in self._known:
                    section.name, section.title = exercise, _named(exercise)
                    section.cause = self._cause(exercise)
                section = None
        return left

    def _answer(self, cell: NotebookNode, role: Mapping[str, Any], name: str) -> Shown:
        """Show what was graded: the student's answer, or the cell that judged it."""
        if self._known and name.removeprefix("check_") in self._known and role.get("grade"):
            reports = [output.get("data", {}).get("text/html") for output in cell.outputs]
            report = next((text for text in reports if isinstance(text, str)), "")
            return Shown("report", outputs=_linked(cleaned(report), self._places))
        judges = not role.get("solution") and not role.get("task")
        return self._shown(cell, "tests" if judges else "answer")

    def _fold(self, cells: list[NotebookNode]) -> Fold | None:
        """Fold cells away that are no answers."""
        if not cells:
            return None
        headings, parts, own = [], [], 0
        for cell in cells:
            if cell.cell_type == "markdown" and cell.source.strip() in self._ours:
                source, found = _prose(cell.source, cell.id)
                for text, place in found:
                    self._places.setdefault(text, place)
                    headings.append(text)
                parts.append(Shown("prose", source))
            else:
                own += bool(self._ours) and cell.source.strip() not in self._ours
                parts.append(self._shown(cell, "cell"))
        if not self.title and headings:
            self.title = headings.pop(0)
        return Fold(headings[:HEADINGS_SHOWN], own, parts)

    def _shown(self, cell: NotebookNode, kind: str) -> Shown:
        """Show a cell's source, and what is in its outputs."""
        text, own = cell.source, cell.source.strip() not in self._ours
        if cell.cell_type == "code":
            source = _code(text) if len(text) <= MOST_COLOURED else _plain(text)
        elif own:
            source = _plain(_unwrapped(text))
        else:
            source = _prose(text, cell.id)[0]
        outputs = Markup().join(_outputs(cell.get("outputs", [])))
        if own:
            self._room -= len(source) + len(outputs)
            if self._room < 0:
                told = f"{len(text):,} characters, which are left out here: see your own file."
                return Shown(kind, Markup('<p class="quiet">%s</p>') % told)
        return Shown(kind, source, outputs)

    def _cause(self, exercise: str) -> Markup:
        """Return in a line what is wrong with a function, as the grader summed it up."""
        try:
            cause = self._summary["functions"][exercise]["cause"]
        except (KeyError, TypeError):  # graded by an older version
            cause = ""
        return Markup(with_code(shown(cause, 160))) if isinstance(cause, str) else Markup()


def _titled(role: Mapping[str, Any], name: str) -> Markup:
    """Name an answer that is none of the course's functions."""
    kind = "Answer" if role.get("solution") else "Task" if role.get("task") else "Tests"
    return Markup("%s %s") % (kind, _named(name))


def _named(name: str) -> Markup:
    """Show a name as code that may break after an underscore."""
    return Markup("<code>%s</code>") % Markup("_<wbr>").join(name.split("_"))


# --- text --------------------------------------------------------------------------------

_FORMULAS = LatexToMathML()


class _Renderer(IPythonRenderer):
    """Set Markdown with formulas in MathML, and with headings that can be linked to."""

    def __init__(self, trusted: bool, prefix: str = "") -> None:
        super().__init__(escape=not trusted, allow_harmful_protocols=trusted)
        self.headings: list[tuple[str, str]] = []
        self._prefix = prefix

    def heading(self, text: str, level: int, **_: Any) -> str:
        place = f"{self._prefix}-{len(self.headings)}"
        self.headings.append((html.unescape(re.sub(r"<[^>]*>", "", text)), place))
        below = min(level + 2, 6)  # the page's own headings are above
        return f'<h{below} id="{html.escape(place)}">{text}</h{below}>\n'

    def inline_math(self, body: str) -> str:
        return _formula(body, display=False)

    def block_math(self, body: str) -> str:
        return _formula(body, display=True)

    def latex_environment(self, name: str, body: str) -> str:
        return _formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True)


def _formula(latex: str, display: bool) -> str:
    """Set a formula in MathML; what is no LaTeX stays as it is."""
    try:
        return _FORMULAS.convert_with_local_state(latex, displaystyle=display)
    except LatexError:
        return f"<code>{html.escape(latex)}</code>"


@lru_cache(maxsize=4096)
def _prose(source: str, cell: str) -> tuple[Markup, list[tuple[str, str]]]:
    """Set the instructor's Markdown, and return the headings in it with their ids."""
    renderer = _Renderer(trusted=True, prefix=cell)
    try:
        return Markup(MarkdownWithMath(renderer).render(source)), renderer.headings
    except InvalidNotebook:  # a picture that is missing
        return _plain(source), []


def _remark(source: str) -> Markup:
    """Set a comment, in which Markdown and formulas can be, but no HTML."""
    return Markup(MarkdownWithMath(_Renderer(trusted=False)).render(source))


def _note(source: str) -> Markup:
    """Show what grading says of a submission, in HTML or in a sentence."""
    return cleaned(source) if source.startswith("<") else Markup("<p>%s</p>") % source


def _unwrapped(source: str) -> str:
    """Return what a student wrote in Markdown, from the frame that grading puts around it."""
    framed = re.fullmatch(r"<pre>([^<]*)</pre>", source)
    return html.unescape(framed[1]) if framed else source


@lru_cache(maxsize=4096)
def _code(source: str) -> Markup:
    """Colour a piece of Python."""
    coloured = highlight(source, PythonLexer(stripnl=False), HtmlFormatter(wrapcode=True))
    return Markup(UNCOLOURED.sub(r"\1", coloured))


def _plain(text: str) -> Markup:
    """Show a text as it is."""
    return Markup("<pre>%s</pre>") % text


def cleaned(text: str) -> Markup:
    """Return HTML with nothing in it that acts, loads, or reaches out of its place."""
    return Markup(
        nh3.clean(
            text[: 5 * MOST_OUTPUT],
            tags=TAGS,
            attributes=ATTRIBUTES,
            filter_style_properties=STYLES,
            clean_content_tags={"script", "style", "title"},
        )
    )


def _linked(report: Markup, places: Mapping[str, str]) -> Markup:
    """Link the sections that a report names in quotes."""

    def link(match: re.Match[str]) -> str:
        place = places.get(html.unescape(match[1]))
        return f'<a href="#{html.escape(place)}">{match[1]}</a>' if place else match[0]

    return Markup(re.sub(r'"([^"<>]+)"', link, report))


def _outputs(outputs: list[NotebookNode]) -> Iterator[Markup]:
    """Show the outputs of a cell that is none of our checks."""
    for output in outputs:
        data = output.get("data", {})
        text = output.get("text", data.get("text/plain", ""))
        if output.output_type == "error":
            text = "\n".join(output.get("traceback", ())) or output.get("evalue", "")
        elif isinstance(data.get("text/html"), str):
            yield cleaned(data["text/html"])
            continue
        elif picture := next(filter(None, map(_picture, data.items())), None):
            yield picture
            continue
        text = strip_ansi(str(text))
        if len(text) > MOST_OUTPUT:
            text = f"{text[:MOST_OUTPUT]}\n… {len(text) - MOST_OUTPUT:,} more characters"
        if text:
            yield _plain(text)


def _picture(item: tuple[str, Any]) -> Markup:
    """Show a picture in an output, if it is one that cannot act and is not too large."""
    kind, content = item
    if kind not in ("image/png", "image/jpeg") or not isinstance(content, str):
        return Markup()
    try:
        content = "".join(content.split())
        base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return Markup()
    if len(content) > MOST_IMAGE:
        return Markup('<p class="quiet">A picture of %s bytes.</p>') % f"{len(content):,}"
    return Markup('<img alt="an output" src="data:%s;base64,%s">') % (kind, content)
