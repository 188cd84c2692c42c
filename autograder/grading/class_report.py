"""Report to the instructor how a homework went in the class: as a page, and as a table."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from autograder.grading.assignment import duration
from autograder.grading.class_results import (
    EITHER_WAY,
    ENOUGH,
    WEAK,
    ClassResults,
    changed,
    exercise_figures,
    mistakes_made,
    read_results,
    same_code,
    unrecognised,
)
from autograder.grading.submission import shown
from autograder.report import with_code
from autograder.suite import exercises
from autograder.usage import WrongUsage

# A spreadsheet computes a cell that begins so, and some take a semicolon for the end of a cell.
FORMULA = re.compile("(^|[;\t\r\n])( *)(?=[-=+@\uff0b\uff0d\uff1d\uff20])")
PROBLEMS_SHOWN = 20  # of a student
BARS = 25  # at most, of the histogram
PAGE = Path(__file__).with_suffix(".html")  # the template


def report(homework: str) -> None:
    """Write the report on a homework, in the course's folder, and say where it is.

    Raises
    ------
    WrongUsage
        If there is nothing to report, or it cannot be written.
    """
    results = read_results(homework)
    page, table = write_report(results)
    for about, told in ((homework, counts(results)), ("Score", spread(results))):
        print(f"{about}: {', '.join(f'{what} {value}' for what, value in told.items())}.")
    print(f"page   {page}\ntable  {table}")


def write_report(results: ClassResults) -> tuple[Path, Path]:
    """Write the page and the table into ``reports/``, and return their paths.

    Raises
    ------
    WrongUsage
        If they cannot be written.
    """
    texts = page(results), table(results)
    folder = Path("reports")
    paths = folder / f"{results.homework}.html", folder / f"{results.homework}.csv"
    try:
        folder.mkdir(exist_ok=True)
        for path, text in zip(paths, texts, strict=True):
            draft = path.with_name(f".{path.name}.new")
            draft.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")
            draft.replace(path)
    except OSError as error:
        raise WrongUsage(f"The report cannot be written: {error}.") from None
    return paths


# --- in numbers --------------------------------------------------------------------------


def counts(results: ClassResults) -> dict[str, int]:
    """Count the students, and what they handed in."""
    students = results.students
    by_hand = sum(bool(student.by_hand) for student in students)
    return {
        "students": len(students),
        "handed in": sum(student.status != "missing" for student in students),
        "graded": len(results.graded),
        "still to grade": sum(student.waits for student in students),
        "missing": sum(student.status == "missing" for student in students),
        **({"waiting for points by hand": by_hand} if results.by_hand else {}),
        "late": sum(student.seconds_late > 0 for student in students),
        "for a person to look at": sum(bool(student.reasons) for student in students),
    }


def spread(results: ClassResults) -> dict[str, str]:
    """Tell where the scores lie."""
    low, median, high = np.percentile(results.scores, [25, 50, 75])
    return {
        "mean": f"{results.scores.mean():.1f}",
        "median": number(median),
        "quartiles": f"{number(low)} and {number(high)}",
        "highest": f"{number(results.scores.max())} of {number(results.max_score)}",
    }


def number(value: float) -> str:
    """Return points as they are read: 3, 3.5, 3.33."""
    return f"{round(value, 2):g}"


def percent(part: float, whole: float) -> str:
    """Return a share, of which 0% and 100% mean none and all."""
    if not whole:
        return "–"
    share = round(100 * part / whole)
    return f"{min(max(share, 1), 99) if 0 < part < whole else share}%"


# --- the table ---------------------------------------------------------------------------


def table(results: ClassResults) -> str:
    """Return the class as CSV: a row for each student, without a score where there is no grade."""
    names = [*exercises(results.homework), *results.by_hand]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    about = ["student", "first_name", "last_name", "score", "max_score", "late_penalty"]
    about += ["extension_days"]
    writer.writerow([*about, *names, "mistakes", "needs_person"])
    for student in results.students:
        graded = student.score is not None
        mistakes = "; ".join(f"{exercise}: {name}" for exercise, name in student.mistakes)
        hand = [f"`{name}` waits for points by hand." for name in student.by_hand]
        waits = ["It is not graded yet, or was handed in again."] if student.waits else []
        writer.writerow(
            [
                *map(harmless, (student.id, student.first_name, student.last_name)),
                student.score if graded else "",
                results.max_score,
                student.penalty if graded else "",
                student.extension / timedelta(days=1) if student.extension else "",
                *(student.points.get(name, "") for name in names),
                *map(harmless, (mistakes, " ".join([*student.reasons, *hand, *waits]))),
            ]
        )
    return file.getvalue()


def harmless(text: str) -> str:
    """Keep a spreadsheet from taking a text, or what follows a semicolon in it, for a formula."""
    return FORMULA.sub(r"\1'\2", text)


# --- the page ----------------------------------------------------------------------------


def page(results: ClassResults) -> str:
    """Return the report as an HTML page that needs no other file; all text in it is escaped."""
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters |= {
        "code": _code,
        "duration": duration,
        "number": number,
        "percent": percent,
        "person": lambda text: shown(text, 200),
        "sentence": lambda text: Markup(with_code(shown(text, 500))),
    }
    same, groups = same_code(results, Path.cwd())
    return environment.from_string(PAGE.read_text("utf-8")).render(
        results=results,
        counts=counts(results),
        spread=spread(results),
        histogram=histogram(results.scores, results.max_score),
        exercises=exercise_figures(results),
        mistakes=mistakes_made(results),
        unrecognised=unrecognised(results),
        changed={student.id: changed(results, student) for student in results.graded},
        same=[figure for figure in same if figure.students > 1],
        groups=groups,
        bar=_bar,
        ENOUGH=ENOUGH,
        EITHER_WAY=EITHER_WAY,
        WEAK=WEAK,
        PROBLEMS_SHOWN=PROBLEMS_SHOWN,
    )


def _code(name: str) -> Markup:
    """Show a function's name as code that may break after an underscore."""
    return Markup("<code>%s</code>") % escape(name).replace("_", Markup("_<wbr>"))


def _bar(share: float) -> Markup:
    """Draw a share as a small bar; the number stands beside it."""
    width = 100 * min(max(share, 0), 1)
    return (
        Markup(
            '<svg class="bar" aria-hidden="true"><rect class="track" width="100%%" height="100%%"/>'
            '<rect width="%.1f%%" height="100%%"/></svg>'
        )
        % width
    )


def histogram(scores: np.ndarray, max_score: float) -> Markup:
    """Draw how many students have which score, with the counts above the bars."""
    top = max(max_score, scores.max())
    step = next(step for step in (1, 2, 5, 10, 20, 50, top) if top / step < BARS)
    bins = np.bincount((scores / step + 1e-9).astype(int), minlength=int(top / step + 1e-9) + 1)
    pitch, height = 100 / len(bins), 150 / bins.max()
    parts = []
    for place, count in enumerate(bins):
        middle, y = (place + 0.5) * pitch, 175 - count * height
        parts.append(f'<text x="{middle:.2f}%" y="192">{place * step:g}</text>')
        if count:
            parts.append(
                f'<rect x="{middle - 0.42 * pitch:.2f}%" y="{y:.1f}" width="{0.84 * pitch:.2f}%" '
                f'height="{count * height:.1f}"/>'
                f'<text x="{middle:.2f}%" y="{y - 5:.1f}">{count}</text>'
            )
    told = ", ".join(f"{place * step:g}: {count}" for place, count in enumerate(bins) if count)
    rounded = "to whole points" if step == 1 else f"to a multiple of {step:g}"
    return Markup(
        f'<svg class="histogram" role="img" aria-label="Students by score, rounded down {rounded}. '
        f'{told}."><g aria-hidden="true">{"".join(parts)}<line x1="0" x2="100%" y1="175" y2="175"/>'
        f'<text x="50%" y="214">score, rounded down {rounded}</text></g></svg>'
    )
