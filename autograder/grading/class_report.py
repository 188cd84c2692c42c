"""Report to the instructor how a homework went in the class: as a page, and as a table."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from autograder.grading.class_results import (
    EITHER_WAY,
    ENOUGH,
    WEAK,
    ClassResults,
    changed,
    exercise_figures,
    mistakes_made,
    read_results,
    unrecognised,
)
from autograder.grading.submission import shown
from autograder.report import with_code
from autograder.suite import exercises
from autograder.usage import WrongUsage

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet computes a cell that begins so
PROBLEMS_SHOWN = 20  # of a student
BARS = 25  # at most, of the histogram


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
    return {
        "students": len(students),
        "handed in": sum(student.status != "missing" for student in students),
        "graded": len(results.graded),
        "still to grade": sum(student.waits for student in students),
        "missing": sum(student.status == "missing" for student in students),
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


def duration(seconds: float) -> str:
    """Return a time in the unit that fits."""
    for unit, length in (("days", 86400), ("h", 3600)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(1, round(seconds / 60))} min"


# --- the table ---------------------------------------------------------------------------


def table(results: ClassResults) -> str:
    """Return the class as CSV: a row for each student, without a score where there is no grade."""
    names = list(exercises(results.homework))
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    about = ["student", "first_name", "last_name", "score", "max_score", "late_penalty"]
    writer.writerow([*about, *names, "mistakes", "needs_person"])
    for student in results.students:
        graded = student.score is not None
        mistakes = "; ".join(f"{exercise}: {name}" for exercise, name in student.mistakes)
        waits = ["It is not graded yet, or was handed in again."] if student.waits else []
        writer.writerow(
            [
                *map(harmless, (student.id, student.first_name, student.last_name)),
                student.score if graded else "",
                results.max_score,
                student.penalty if graded else "",
                *(student.points.get(name, "") for name in names),
                *map(harmless, (mistakes, " ".join([*student.reasons, *waits]))),
            ]
        )
    return file.getvalue()


def harmless(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


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
    return environment.from_string(PAGE).render(
        results=results,
        counts=counts(results),
        spread=spread(results),
        histogram=histogram(results.scores, results.max_score),
        exercises=exercise_figures(results),
        mistakes=mistakes_made(results),
        unrecognised=unrecognised(results),
        changed={student.id: changed(results, student) for student in results.graded},
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


PAGE = """\
{% macro who(ids) %}
<details><summary>{{ ids|length }} {{ "student" if ids|length == 1 else "students" }}</summary>
{% for id in ids %}<bdi>{{ id|person }}</bdi>{{ ", " if not loop.last }}{% endfor %}</details>
{% endmacro %}
{% macro share(part, whole) %}
<td class="n">{{ part }}</td>
<td class="share">{{ bar(part / whole if whole else 0) }} {{ part|percent(whole) }}</td>
{% endmacro %}
{% macro shown(texts) %}
<ul>{% for text in texts[:PROBLEMS_SHOWN] %}<li>{{ text|sentence }}</li>{% endfor %}
{% if texts|length > PROBLEMS_SHOWN %}
<li>and {{ texts|length - PROBLEMS_SHOWN }} more</li>
{% endif %}</ul>
{% endmacro %}
{% set students = results.students %}
{% set graded = results.graded|length %}
{% set judged = results.judged|length %}
{% set waiting = students|selectattr("waits")|list %}
{% set named = students|map(attribute="last_name")|select|list %}
{% set person = students|selectattr("reasons")|list %}
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{ results.homework }}: report on the class</title>
<style>
:root { color-scheme: light dark; --ink: #1f2328; --quiet: #59636e; --rule: #d5dbe1;
  --paper: #fff; --fill: #3f78b0; --track: #e6eaee; --warn: #9a3412; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e3e7eb; --quiet: #9aa4af; --rule: #3a424b;
    --paper: #14181d; --fill: #6ea8dc; --track: #2a3138; --warn: #f0a070; }
}
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; line-height: 1.5;
  font-family: system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1, h2 { line-height: 1.2; margin: 0; }
h2 { font-size: 1.25rem; margin: 3rem 0 .5rem; }
h3 { font-size: 1rem; margin: 2rem 0 0; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: inherit; }
nav a { margin-right: 1rem; white-space: nowrap; }
.quiet, figcaption, .note { color: var(--quiet); }
.note { font-size: .875rem; }
.warn { color: var(--warn); font-weight: 600; }
.callout { border-left: 4px solid var(--warn); padding: .1rem 0 .1rem .9rem; }
.figures { display: flex; flex-wrap: wrap; gap: .75rem 2rem; margin: 1rem 0; }
.figures div { display: flex; flex-direction: column-reverse; }
.figures dt { color: var(--quiet); font-size: .875rem; }
.figures dd { margin: 0; font-size: 1.375rem; line-height: 1.2; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9375rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .9rem .3rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--rule); font-weight: inherit; }
thead th { color: var(--quiet); font-size: .875rem; vertical-align: bottom; }
tbody th[colspan] { padding-top: 1.1rem; }
th.n, td.n { text-align: right; white-space: nowrap; }
td.share, td.line { white-space: nowrap; }
td ul { margin: 0; padding-left: 1.1rem; }
code { font-size: .9em; }
summary { cursor: pointer; }
bdi { display: inline-block; max-width: 14rem; overflow-wrap: break-word; }
#students table { font-size: .875rem; }
#tests tbody th, #students td:last-child { min-width: 14rem; }
svg { fill: var(--fill); }
svg.bar { width: 4.5rem; height: .6rem; }
svg .track { fill: var(--track); }
svg.histogram { width: 100%; height: 220px; }
svg text { fill: var(--ink); font-size: 12px; text-anchor: middle; }
svg line { stroke: var(--quiet); }
@media (max-width: 40rem) { svg text { font-size: 10px; } svg.bar { display: none; } }
@page { margin: 15mm; }
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  table { font-size: 8pt; }
  #students table { font-size: 7pt; }
  #students th, #students td { padding-right: .4rem; white-space: normal; min-width: 0; }
  thead th, .note { font-size: 7.5pt; }
  nav, summary { display: none; }
  details::details-content { content-visibility: visible; height: auto; }
  .scroll { overflow: visible; }
  tr, figure, .figures { break-inside: avoid; }
  h2, tbody th[colspan] { break-after: avoid; }
}
</style>
</head>
<body>
<header>
<h1>{{ results.homework }}</h1>
<p class="quiet">Report on the class{% if results.newest %}, last graded on
{{ results.newest.strftime("%Y-%m-%d at %H:%M %Z") }}{% endif %}.</p>
<dl class="figures">
{% for what, count in counts.items() %}
<div><dt>{{ what }}</dt><dd>{{ count }}</dd></div>
{% endfor %}
</dl>
<dl class="figures">
{% for what, value in spread.items() %}
<div><dt>{{ what }}</dt><dd>{{ value }}</dd></div>
{% endfor %}
</dl>
{% if waiting %}
<div class="callout"><p>Not graded yet, or handed in again since: run
<code>python -m autograder grade {{ results.homework }}</code>, then make this report again.</p>
{{ who(waiting|map(attribute="id")|list) }}</div>
{% endif %}
<nav aria-label="On this page"><a href="#scores">Scores</a> <a href="#exercises">Exercises</a>
<a href="#tests">Tests</a> <a href="#mistakes">Mistakes</a> <a href="#person">For a person</a>
<a href="#students">Students</a></nav>
</header>
<main>
<section id="scores"><h2>Scores</h2>
<figure style="margin: 1rem 0">
{{ histogram }}
<figcaption>How many of the {{ graded }} graded students have which score, of
{{ results.max_score|number }} points: with points given by hand, less late penalties.
Who handed in nothing is left out.</figcaption>
</figure>
</section>

<section id="exercises"><h2>Exercises</h2>
<div class="scroll" role="region" aria-label="Exercises" tabindex="0"><table>
<thead><tr><th scope="col">exercise</th><th scope="col" class="n">worth</th>
<th scope="col">mean share of points</th><th scope="col" colspan="2">with full points</th>
<th scope="col" colspan="2">not started</th></tr></thead>
<tbody>
{% for exercise in exercises %}
<tr><th scope="row">{{ exercise.name|code }}</th><td class="n">{{ exercise.worth|number }}</td>
<td class="share">{{ bar(exercise.mean) }} {{ (100 * exercise.mean)|round|int }}%</td>
{{ share(exercise.full, graded) }}{{ share(judged - exercise.started, judged) }}</tr>
{% endfor %}
</tbody></table></div>
{% if judged < graded %}
<p class="note">How the tests ended is known of {{ judged }} of the {{ graded }} who are graded:
what is not started, the tests and the mistakes are counted among these.</p>
{% endif %}
</section>

<section id="tests"><h2>Tests</h2>
<div class="scroll" role="region" aria-label="Tests" tabindex="0"><table>
<thead><tr><th scope="col">test</th><th scope="col" class="n">worth</th>
<th scope="col" colspan="2">passed, of those who started</th>
<th scope="col">discrimination</th></tr></thead>
{% for exercise in exercises %}
<tbody>
<tr><th scope="rowgroup" colspan="5"><strong>{{ exercise.name|code }}</strong>
<span class="quiet">started by {{ exercise.started }} of {{ judged }}</span></th></tr>
{% for test in exercise.tests %}
<tr><th scope="row">{{ test.title }}</th><td class="n">{{ test.worth|number }}</td>
{{ share(test.passed, exercise.started) }}
{% if test.discrimination is none %}
<td class="{{ "warn" if test.remark == "nobody passes" else "quiet" }}">{{ test.remark }}</td>
{% elif test.weak %}
<td class="warn">{{ "%.2f"|format(test.discrimination) }}, weak</td>
{% else %}
<td>{{ "%.2f"|format(test.discrimination) }}</td>
{% endif %}
</tr>
{% endfor %}
</tbody>
{% endfor %}
</table></div>
<p class="note">Discrimination is the correlation, among those who started the exercise, of passing
the test with the points in the other exercises. A test below {{ WEAK }} is called weak: it hardly
tells who can do the rest. Perhaps it is too easy, too hard, or asks for something else; read it
again before you trust this number. It takes {{ ENOUGH }} students who started, of whom
{{ EITHER_WAY }} pass and {{ EITHER_WAY }} fail. Even so chance alone moves it by 0.36 with 30
students, by 0.2 with 100, and by 0.06 with 1000.</p>
</section>

<section id="mistakes"><h2>Mistakes</h2>
{% if mistakes %}
<div class="scroll" role="region" aria-label="Mistakes" tabindex="0"><table>
<thead><tr><th scope="col">exercise</th><th scope="col">classic mistake</th>
<th scope="col" colspan="2">made by, of {{ judged }}</th><th scope="col">who</th></tr></thead>
<tbody>
{% for (exercise, name), ids in mistakes.items() %}
<tr><th scope="row">{{ exercise|code }}</th><td>{{ name }}</td>{{ share(ids|length, judged) }}
<td>{{ who(ids) }}</td></tr>
{% endfor %}
</tbody></table></div>
{% else %}
<p>No classic mistake was recognised.</p>
{% endif %}
{% if unrecognised.values()|map("length")|sum %}
<h3>Not recognised</h3>
<p>Exercises that were begun and fail, where no classic mistake was recognised. Some of them may
only use another exercise that is wrong.</p>
<div class="scroll" role="region" aria-label="Not recognised" tabindex="0"><table>
<thead><tr><th scope="col">exercise</th><th scope="col" colspan="2">fails for, of {{ judged }}</th>
<th scope="col">who</th></tr></thead>
<tbody>
{% for exercise, ids in unrecognised.items() if ids %}
<tr><th scope="row">{{ exercise|code }}</th>{{ share(ids|length, judged) }}
<td>{{ who(ids) }}</td></tr>
{% endfor %}
</tbody></table></div>
{% endif %}
</section>

<section id="person"><h2>For a person to look at</h2>
{% if person %}
<div class="scroll" role="region" aria-label="For a person to look at" tabindex="0"><table>
<thead><tr><th scope="col">student</th><th scope="col">why</th>
<th scope="col">what else the student was told of the file</th></tr></thead>
<tbody>
{% for student in person %}
{% set problems = student.judged.problems|reject("in", student.reasons)|list
  if student.judged else [] %}
<tr id="person-{{ loop.index }}"><th scope="row"><bdi>{{ student.id|person }}</bdi></th>
<td>{{ shown(student.reasons) }}</td><td>{{ shown(problems) if problems }}</td></tr>
{% endfor %}
</tbody></table></div>
{% else %}
<p>No submission waits for a person.</p>
{% endif %}
</section>

<section id="students"><h2>Students</h2>
<div class="scroll" role="region" aria-label="Students" tabindex="0"><table>
<thead><tr><th scope="col">student</th>{% if named %}<th scope="col">name</th>{% endif %}
<th scope="col" class="n">score</th>
{% for exercise in exercises %}
<th scope="col" class="n">{{ exercise.name|code }}</th>
{% endfor %}
<th scope="col">remarks</th><th scope="col">mistakes</th></tr></thead>
<tbody>
{% for student in students %}
<tr><th scope="row"><bdi>{{ student.id|person }}</bdi></th>
{% if named %}
<td><bdi>{{ student.first_name|person }} {{ student.last_name|person }}</bdi></td>
{% endif %}
<td class="n">{% if student.score is not none %}{{ student.score|number }}{% endif %}</td>
{% for exercise in exercises %}
<td class="n">{% if exercise.name in student.points %}{{ student.points[exercise.name]|number }}
{%- if exercise.name in changed[student.id] %}<abbr title="not the points of the tests">*</abbr>
{%- endif %}{% endif %}</td>
{% endfor %}
<td class="line">{% if student.status %}<div>{{ student.status }}</div>{% endif %}
{% if student.seconds_late %}<div>{{ student.seconds_late|duration }} late
{%- if student.penalty %}, −{{ student.penalty|number }}{% endif %}</div>{% endif %}
{% if student.reasons %}<div><a href="#person">for a person</a></div>{% endif %}</td>
<td>{% for exercise, name in student.mistakes %}<div>{{ exercise|code }}: {{ name }}</div>
{% endfor %}</td></tr>
{% endfor %}
</tbody></table></div>
{% if changed.values()|map("length")|sum %}
<p class="note">* The gradebook has other points than the tests gave: somebody graded by hand.</p>
{% endif %}
</section>
</main>
</body>
</html>
"""
