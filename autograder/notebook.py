"""What a student calls in a notebook: `check`, `hint`, `progress`, `needs` and `slide`."""

from __future__ import annotations

import ast
import difflib
import io
import json
import linecache
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from typing import Any

from autograder.calls import Live
from autograder.diagnosis import diagnose
from autograder.report import GOOD, QUIET, Report, framed, mend_first, paragraph, with_code
from autograder.suite import Result, exercises, homework_of, homeworks, run, suite

IN_GRADING = {*sys.stdlib_module_names, "IPython", "autograder", "graphviz", "matplotlib", "numpy"}
_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+(\w+)", re.MULTILINE)
PROGRESS = Path(".unrolled-progress.json")  # in the notebook's folder

_hints_given: dict[str, int] = {}


class NoExercise(ValueError):
    """What was asked about is no exercise; a notebook shows the sentence without a traceback."""

    def _render_traceback_(self) -> list[str]:  # IPython's own name for it
        return [str(self)]


def check(function: Callable | str) -> float:
    """Test a function of a homework and show what is right, what is wrong, and where.

    Parameters
    ----------
    function : callable or str
        The function of the exercise, as in ``check(softmax)``, or its name.

    Returns
    -------
    float
        Its points: those of the tests that pass.

    Raises
    ------
    NoExercise
        If the function belongs to no exercise, or there is none of that name yet.
    """
    namespace = sys._getframe(1).f_globals
    name, homework = _exercise(function, namespace)
    written = namespace.get(name) if isinstance(function, str) else function
    if written is None:
        raise NoExercise(f"There is no function {name} yet: run the cell that defines it.")
    functions = dict.fromkeys(exercises(homework)) | {name: written}
    results = run(homework, Live(functions), functions=[name])
    report = explain(name, homework, written, results)
    _show(report)
    if note := lacking([_cell_of(written)]):
        _show(note)
    remember(homework, name, report.points)
    return report.points


def explain(
    name: str, homework: str, function: Callable | None, results: Sequence[Result]
) -> Report:
    """Report on a function: where it is wrong, with what to mend first, or the likely cause.

    Parameters
    ----------
    name, homework : str
        The exercise's function, and its homework.
    function : callable or None
        What the student wrote.
    results : sequence of Result
        Of the function's tests.
    """
    report = Report(name, results)
    if not report.started or report.points == report.worth:
        return report
    note = _mend_first(name, homework, function)
    return Report(name, results, note, None if note else diagnose(results))


def lacking(sources: Iterable[str]) -> _Note | None:
    """Say which packages cells import that grading may lack; None if there is none."""
    names: set[str] = set()
    for source in sources:
        try:
            nodes = list(ast.walk(ast.parse(source)))
        except (SyntaxError, ValueError):  # as where it holds IPython's syntax
            names.update(_IMPORT.findall(source))
            continue
        for node in nodes:
            if isinstance(node, ast.Import):
                names |= {each.name.partition(".")[0] for each in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    if not (lacks := sorted(names - IN_GRADING)):
        return None
    return _Note(
        f"Your cells import {', '.join(f'`{name}`' for name in lacks)}, which grading may lack.",
        "It has numpy, matplotlib, Python's standard library and what your instructor added: ask.",
    )


def _cell_of(function: Callable) -> str:
    """Return the cell that a function is defined in; empty where it is from a file."""
    file = getattr(getattr(function, "__code__", None), "co_filename", "")
    return "" if Path(file).is_file() else "".join(linecache.getlines(file))


def hint(function: Callable | str) -> None:
    """Show a hint on an exercise: three in all, one more at each call.

    Parameters
    ----------
    function : callable or str
        The function of the exercise, as in ``hint(softmax)``, or its name.

    Raises
    ------
    NoExercise
        If the function belongs to no exercise.
    """
    name, homework = _exercise(function, sys._getframe(1).f_globals)
    hints = suite(homework).HINTS[name]
    given = min(_hints_given.get(name, 0) + 1, len(hints))
    _hints_given[name] = given
    left = len(hints) - given
    more = f"{left} more: call `hint({name})` again." if left else "That was the last one."
    _show(_Note(f"Hint {given} of {len(hints)}: {hints[given - 1]}", f"({more})"))


def progress() -> None:
    """Show the points of the homeworks that lie side by side here, as last checked."""
    points = remembered([*sorted(Path("..").glob(f"*/{PROGRESS}")), PROGRESS])
    here = [name for name in homeworks() if name in points or Path("..", name).is_dir()]
    _show(_Progress(points, here or homeworks()))


@contextmanager
def needs(*functions: Callable) -> Iterator[None]:
    """Say what is missing, where a demonstration uses a function that is not written yet.

    Parameters
    ----------
    *functions : callable
        The functions of exercises that the demonstration calls.
    """
    try:
        yield
    except NotImplementedError as error:
        stub = traceback.extract_tb(error.__traceback__)[-1].name
        names = ", ".join(f"`{function.__name__}`" for function in functions)
        _show(
            _Note(
                f"This demonstration needs {names}.",
                f"`{stub}` is not written yet: write it, then run this cell again.",
            )
        )


def slide(**places: Sequence) -> Callable[[Callable], Callable]:
    """Show a slider, and under it a picture that is drawn anew wherever the slider goes.

    Used as ``@slide(p=[0.0, 0.5, 1.0])`` over a function that draws with matplotlib and has a
    default for its argument, which is where the slider starts.

    Parameters
    ----------
    **places : sequence
        The values that the function's one argument, named here, can take.

    Notes
    -----
    ipywidgets' ``interact`` can do more, but a notebook that is run without a browser may hang
    on it: see docs/house.md, "Choices".
    """
    ((name, values),) = places.items()

    def follow(picture: Callable) -> Callable:
        import ipywidgets
        import matplotlib.pyplot as plt

        start = signature(picture).parameters[name].default
        slider = ipywidgets.SelectionSlider(options=list(values), value=start, description=name)
        image = ipywidgets.Image(format="png")

        def draw(_change: Any = None) -> None:
            before, buffer = set(plt.get_fignums()), io.BytesIO()
            plt.figure()
            try:
                picture(**{name: slider.value})
                plt.savefig(buffer, format="png")  # the last one, if it has made its own
            finally:
                for made in set(plt.get_fignums()) - before:
                    plt.close(made)  # the notebook would show it once more
            image.value = buffer.getvalue()

        draw()
        slider.observe(draw, "value")
        own_width = {"align_items": "flex-start"}  # not that of the notebook
        _show(ipywidgets.VBox([slider, image], layout=own_width))
        return picture

    return follow


def _exercise(function: Callable | str, namespace: dict[str, Any]) -> tuple[str, str]:
    """Return the name of an exercise's function, and its homework."""
    if isinstance(function, str):
        names = [function]
    else:
        names = [getattr(function, "__name__", "")]
        names += [name for name, value in namespace.items() if value is function]
    for name in names:
        homework = homework_of(name)
        if homework:
            return name, homework
    known = [name for homework in homeworks() for name in exercises(homework)]
    near = difflib.get_close_matches(names[0], known, 1)
    meant = f"Did you mean {near[0]}? " if near else ""
    raise NoExercise(
        f"{names[0] or function!r} belongs to no exercise. {meant}The exercises are: "
        + "; ".join(f"{hw}: {', '.join(exercises(hw))}" for hw in homeworks())
    )


def _mend_first(name: str, homework: str, function: Callable | None) -> str:
    """Name the functions that ``function`` uses, belong to the homework, and are wrong."""
    code = getattr(function, "__code__", None)
    if function is None or code is None:
        return ""
    used = {n: function.__globals__.get(n) for n in _names(code) if n in exercises(homework)}
    others = {n: f for n, f in used.items() if n != name and callable(f)}
    if not others:
        return ""
    wrong = {r.function for r in run(homework, Live(others), functions=others) if not r.passed}
    return mend_first(name, [n for n in exercises(homework) if n in wrong]) if wrong else ""


def _names(code: Any) -> set[str]:
    """Return the global names that a function's code uses, inner functions included."""
    inner = (const for const in code.co_consts if hasattr(const, "co_names"))
    return set(code.co_names).union(*(_names(const) for const in inner))


def _read(path: Path) -> dict[str, dict[str, float]]:
    """Read a progress file; one that is missing or damaged counts as empty."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    homeworks = content.items() if isinstance(content, dict) else ()
    return {name: points for name, points in homeworks if isinstance(points, dict)}


def remembered(files: Iterable[Path]) -> dict[str, dict[str, float]]:
    """Return the points of each homework's functions, as last checked; later files win."""
    points: dict[str, dict[str, float]] = {}
    for path in files:
        for homework, functions in _read(path).items():
            points.setdefault(homework, {}).update(functions)
    return points


def remember(homework: str, name: str, points: float) -> None:
    """Keep a function's points in the notebook's folder, which is the current one."""
    content = _read(PROGRESS)
    content.setdefault(homework, {})[name] = points
    draft = PROGRESS.with_suffix(".new")
    try:
        draft.write_text(json.dumps(content, indent=1), "utf-8")
        draft.replace(PROGRESS)  # the browser's file system cannot write over a .json file
    except OSError:  # a read-only folder: the points are shown all the same
        return


class _Note:
    """A short message of two sentences."""

    def __init__(self, first: str, second: str) -> None:
        self._first, self._second = first, second

    def __repr__(self) -> str:
        return f"{self._first} {self._second}".replace("`", "")

    def _repr_html_(self) -> str:
        told = paragraph(with_code(self._first)) + paragraph(with_code(self._second))
        return framed(told, QUIET, "Note")


class _Progress:
    """The points of each homework, and of the course."""

    def __init__(self, points: dict[str, dict[str, float]], names: list[str]) -> None:
        self._rows: list[tuple[Any, ...]] = []
        for homework in names:
            worth, got = exercises(homework), points.get(homework, {})
            done = sum(got.get(name) == full for name, full in worth.items())
            total = sum(got.get(name, 0.0) for name in worth)
            self._rows.append((homework, total, sum(worth.values()), done, len(worth)))
        totals = [sum(row[column] for row in self._rows) for column in range(1, 5)]
        self._rows.append(("in all", *totals))

    def __repr__(self) -> str:
        lines = [
            f"{homework:<22} {points:>5g} of {worth:g} points   {done} of {of} exercises complete"
            for homework, points, worth, done, of in self._rows
        ]
        return "\n".join(["Your points, as last checked:", *lines])

    def _repr_html_(self) -> str:
        left, right = "style='text-align:left'", "style='text-align:right'"
        bar = (
            f"style='width:7em;accent-color:{GOOD}' aria-hidden='true'"  # the points are beside it
        )
        rows = "".join(
            f"<tr><th scope='row' {left}>{homework}</th>"
            f"<td {right}>{points:g} of {worth:g} "
            f"<progress max='{worth:g}' value='{points:g}' {bar}></progress></td>"
            f"<td {right}>{done} of {of}</td></tr>"
            for homework, points, worth, done, of in self._rows
        )
        return (
            f"<table><caption {left}>Your points and exercises, as last checked</caption>"
            f"<thead><tr><th scope='col' {left}>homework</th><th scope='col' {right}>points</th>"
            f"<th scope='col' {right}>complete</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )


def _show(message: Any) -> None:
    """Display a message: as HTML where there is a notebook, as text elsewhere."""
    if "IPython" in sys.modules:
        from IPython import get_ipython
        from IPython.display import display

        if get_ipython() is not None:
            display(message)
            return
    print(message)
