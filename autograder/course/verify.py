"""Verify the course itself, so that no student meets its mistakes.

Every complaint says what is wrong and what to do.
"""

from __future__ import annotations

import builtins
import dis
import doctest
import filecmp
import io
import re
import secrets
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from types import CodeType

import matplotlib.pyplot
import nbformat
from nbformat import NotebookNode

from autograder import diagnosis, tape
from autograder.calls import Live
from autograder.course.build import BEGIN, END, release, write_source
from autograder.course.catalogue import catalogue, pairs, right_ways, wrong_ways
from autograder.course.new import TODO
from autograder.course.written import faults, file, reference, solutions, suite_file, written
from autograder.judge import AXES, leaf_forms
from autograder.kinds import Kind
from autograder.suite import Result, exercises, homework_of, run, suite, tests

WORTH = 20  # points, of a homework
HINTS = 3  # for each exercise
MISTAKES = 3  # known, for each exercise
LONG_LINE = 18  # characters: a line of a solution that is longer must not be in an assignment


def verify(course: Path, homework: str) -> list[str]:
    """Return what is wrong with a homework, in sentences; nothing if all is well.

    Parameters
    ----------
    course : Path
        The folder that holds ``solutions/`` and ``nbgrader_config.py``.
    homework : str
        Its name, such as ``"hw4_bptt"``.
    """
    for find in (faults, _unfinished, _reference, _worked, _unbuilt, _recorded):
        complaints = list(find(course, homework))
        if complaints:
            return complaints  # what follows needs these files whole
    source, assignment = (
        nbformat.read(course / folder / homework / f"{homework}.ipynb", as_version=4)
        for folder in ("source", "assignments")
    )
    return [
        *_points(homework, source),
        *_stubs(homework, assignment),
        *_leaks(homework, source, assignment),
        *_generated(course, homework),
    ]


# --- what a person writes ----------------------------------------------------------------


def _unfinished(course: Path, homework: str) -> Iterator[str]:
    """Find places to fill in, and whatever an exercise still lacks."""
    for path in written(homework):
        for number, line in enumerate((course / path).read_text("utf-8").splitlines(), 1):
            if TODO in line:
                what = line.partition(TODO)[2].strip("\"',):. ")
                yield f"{path}:{number}: fill in {what}."
    yield from _script(course, homework)
    yield from _texts(course, homework)
    yield from _ways(course, homework)


def _script(course: Path, homework: str) -> Iterator[str]:
    """Find exercises without a check cell or tests, and the lack of a demonstration."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            write_source(course, homework, Path(folder))
        except ValueError as error:
            yield f"{file(homework, 'solution')} gives no notebook: {error}."
            return
        notebook = nbformat.read(Path(folder, homework, f"{homework}.ipynb"), as_version=4)
    yield from _points(homework, notebook)
    if not any("with needs(" in cell.source for cell in notebook.cells):
        yield (
            f"There is no demonstration, `with needs(…):`, in {file(homework, 'solution')}: add "
            "one."
        )


def _texts(course: Path, homework: str) -> Iterator[str]:
    """Find exercises without hints, form, example, or a name of their own."""
    graded, module = suite(homework), solutions(course, homework)
    for name in exercises(homework):
        hints = graded.HINTS.get(name, ())
        if len(hints) != HINTS or not all(hint.strip() for hint in hints):
            yield (
                f"{name} has {len(hints)} hints, {HINTS} are needed, none empty: "
                f"add them to HINTS in {suite_file(homework)}."
            )
        if name not in graded.FORMS:
            yield f"{name} has no form: add it to FORMS in {suite_file(homework)}."
        else:
            for _, _, axes in leaf_forms(graded.FORMS[name]):
                for letter in set(axes or ()) - AXES.keys() - {"..."}:
                    yield (
                        f"The form of {name} has an axis {letter!r} that nobody knows: use one of "
                        f"{', '.join(AXES)} in {suite_file(homework)}."
                    )
        if ">>>" not in (getattr(getattr(module, name, ""), "__doc__", "") or ""):
            yield (
                f"{name} has no example: add one to its docstring in "
                f"{file(homework, 'solution')}, under 'Examples'."
            )
        if homework_of(name) != homework:
            yield f"{name} is an exercise of {homework_of(name)} already: choose another name."


def _ways(course: Path, homework: str) -> Iterator[str]:
    """Find exercises of which too few mistakes and other styles are known."""
    mistakes = file(homework, "mistakes")
    known = {(one.function, one.name) for one in catalogue(course, homework)}
    again = {(one.function, one.name) for one in wrong_ways(course, homework)}
    for name in exercises(homework):
        count = sum(function == name for function, _ in known)
        if count < MISTAKES:
            yield f"{name} has {count} known mistakes, {MISTAKES} are needed: add to {mistakes}."
        if not any(way.split("__")[0] == name for way in right_ways(course, homework)):
            yield (
                f"{name} is right in one style only: write it in another one, as "
                f"`{name}__…`, in {file(homework, 'right_ways')}."
            )
    for function, name in sorted(known ^ again):
        yield (
            f"The mistake {name!r} of {function} is made only once: it needs an entry in "
            f"{mistakes}, and another style in {file(homework, 'wrong_ways')}."
        )
    failed = {test for one in catalogue(course, homework) for test in one.fails}
    for test in sorted(failed ^ set(tests(homework))):
        yield (
            f"{test} should be both a test in {suite_file(homework)} and among the "
            f"`fails` of a mistake in {mistakes}."
        )


def _worked(course: Path, homework: str) -> Iterator[str]:
    """Find examples, demonstrations, mistakes and right ways that do not do what they should."""
    yield from _examples(course, homework)
    yield from _tried(course, homework)
    yield from _demonstrations(course, homework)


def _examples(course: Path, homework: str) -> Iterator[str]:
    """Find examples in docstrings that are not true."""
    module = solutions(course, homework)
    for name in exercises(homework):
        told = io.StringIO()
        runner = doctest.DocTestRunner(verbose=False)
        for example in doctest.DocTestFinder().find(getattr(module, name), name, module):
            runner.run(example, out=told.write)
        if runner.failures:
            got = " ".join(told.getvalue().partition("Got:")[2].split("***")[0].split())
            yield (
                f"An example in the docstring of {name} is not true; it gives {got or 'an error'}: "
                f"mend it in {file(homework, 'solution')}."
            )


def _tried(course: Path, homework: str) -> Iterator[str]:
    """Find mistakes that fail other tests than they say, and right ways that fail any."""
    right = reference(course, homework)
    data = tape.Drawn(right)
    run(homework, right, data)

    def failed(function: str, way: Callable) -> dict[str, str]:
        results = run(
            homework, Live({function: way}), tape.Recorded(data.values), functions=[function]
        )
        return {result.test: str(result.mistake) for result in results if not result.passed}

    for one in catalogue(course, homework):
        found, where = set(failed(one.function, one.wrong)), file(homework, "mistakes")
        told = f"The mistake {one.name!r} of {one.function}"
        if not found:
            yield f"{told} is right: no test fails it. Add a test, or take it out of {where}."
        elif found != set(one.fails):
            more, less = sorted(found - set(one.fails)), sorted(set(one.fails) - found)
            also = f" fails {', '.join(more)} too" * bool(more) + " and" * bool(more and less)
            but = f" does not fail {', '.join(less)}" * bool(less)
            yield f"{told}{also}{but}: mend its `fails` in {where}."
    defined = vars(solutions(course, homework)).keys() | vars(builtins).keys()
    for name, way in right_ways(course, homework).items():
        where = file(homework, "right_ways")
        for helper in sorted(_globals(way.__code__) - defined - {name}):
            yield (
                f"{name} uses {helper}, which the notebook does not define: write it into the "
                f"function, in {where}."
            )
        for test, mistake in failed(name.split("__")[0], way).items():
            yield f"{name} should be right, and fails {test}: {mistake} Mend it in {where}."


def _globals(code: CodeType) -> set[str]:
    """Return the global names that code uses, and the functions in it."""
    inner = (part for part in code.co_consts if isinstance(part, CodeType))
    own = {step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL"}
    return own.union(*map(_globals, inner))


def _demonstrations(course: Path, homework: str) -> Iterator[str]:
    """Find the first code cell of the solved notebook that raises, its drawings not shown."""
    with tempfile.TemporaryDirectory() as folder:
        write_source(course, homework, Path(folder))
        notebook = nbformat.read(Path(folder, homework, f"{homework}.ipynb"), as_version=4)
    matplotlib.use("agg")
    names: dict = {}
    heading = "the top"
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            heading = re.findall(r"^#+ (.*)$", f"# {heading}\n{cell.source}", re.MULTILINE)[-1]
        elif not cell.source.startswith(("check(", "progress(")):
            try:
                with redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
                    exec(compile(cell.source, cell.id, "exec"), names)
            except Exception as error:
                yield (
                    f"The cell under {heading!r} raises {type(error).__name__}: {error}: mend it "
                    f"in {file(homework, 'solution')}."
                )
                return
            finally:
                matplotlib.pyplot.close("all")


def lacks(course: Path, homework: str) -> list[str]:
    """Return what a homework may do without, and has not: evidence, in a few words each."""
    evidence = {
        "test_oracles": "agreement with independent oracles",
        "test_properties": "properties",
        "test_claims": "claims of the prose",
        "arguments": "examples of arguments",
    }
    missing = []
    for role, what in evidence.items():
        path = course / file(homework, role)
        text = path.read_text("utf-8") if path.is_file() else ""
        without = [name for name in exercises(homework) if not re.search(rf"\b{name}\b", text)]
        if not text:
            missing.append(f"{what} ({file(homework, role)})")
        elif without and role != "test_claims":
            missing.append(f"{what} of {', '.join(without)} ({file(homework, role)})")
    worth = sum(exercises(homework).values())
    if worth != WORTH:
        missing.append(f"{WORTH} points: it is worth {worth:g} ({suite_file(homework)})")
    paired = {function for function, _, _ in pairs(course, homework)}
    alone = [name for name in exercises(homework) if name not in paired]
    if alone:
        missing.append(f"two mistakes at once in {', '.join(alone)} ({file(homework, 'pairs')})")
    return missing


def _reference(course: Path, homework: str) -> Iterator[str]:
    """Find tests that the reference fails on data drawn for this run."""
    right = reference(course, homework)
    seed = secrets.token_hex(8)
    results = run(homework, right, tape.Drawn(right, seed))
    yield from _failures(homework, results, f"of the seed {seed!r}")


def _failures(homework: str, results: Iterable[Result], data: str) -> Iterator[str]:
    for result in results:
        if not result.passed:
            yield (
                f"The reference fails {result.test} on the data {data}: {result.mistake} "
                f"Mend {file(homework, 'solution')} or the test, then run `make build`."
            )


# --- what is generated -------------------------------------------------------------------


def _unbuilt(course: Path, homework: str) -> Iterator[str]:
    """Find missing notebooks and recordings, and files that have no place in the course."""
    for folder in ("source", "assignments"):
        notebook = course / folder / homework / f"{homework}.ipynb"
        if not notebook.is_file():
            yield f"{notebook.relative_to(course)} is missing: run `make build`."
        for path in notebook.parent.glob("**/*"):
            hidden = any(part.startswith(".") for part in path.relative_to(course).parts)
            if path != notebook and not hidden:  # nbgrader leaves out what is hidden
                yield (
                    f"{path.relative_to(course)} is out of place: students would get it. "
                    "Data belongs in autograder/datasets/, code in solutions/."
                )
    for recording in (homework, diagnosis.recording(homework)):
        try:
            tape.load(recording)
        except FileNotFoundError:
            yield f"The recording {recording} is missing: run `make build`."


def _recorded(course: Path, homework: str) -> Iterator[str]:
    """Find tests that the reference fails on the recorded data."""
    try:
        results = run(homework, reference(course, homework))
    except tape.StaleRecording as error:
        yield f"{homework}: {error}."
        return
    yield from _failures(homework, results, "that were recorded")


def _points(homework: str, source: NotebookNode) -> Iterator[str]:
    """Find differences between the points of the notebook and of the tests."""
    marks = [cell.metadata.get("nbgrader", {}) for cell in source.cells]
    marks = [mark for mark in marks if not (mark.get("grade") and mark.get("solution"))]
    stated = {mark["grade_id"]: mark["points"] for mark in marks if mark.get("grade")}
    tested = {f"check_{name}": worth for name, worth in exercises(homework).items()}
    asked = {mark["grade_id"] for mark in marks if mark.get("solution")}
    for name in sorted(stated.keys() | tested.keys()):
        if stated.get(name) != tested.get(name):
            yield (
                f"{name} is worth {stated.get(name)} in the notebook and {tested.get(name)} in the "
                f"tests: every exercise needs `check(…)` in {file(homework, 'solution')} and "
                f"@points in {suite_file(homework)}; then run `make build`."
            )
    heading = ""
    for cell in source.cells:
        if cell.cell_type == "markdown":
            heading = ([heading, *re.findall(r"^#+ (Exercise .*)$", cell.source, re.M)])[-1]
        elif cell.metadata.get("nbgrader", {}).get("solution"):
            name = cell.metadata.nbgrader.grade_id
            told = re.search(r"\(([\d.]+) points?\)", heading)
            if name in exercises(homework) and (
                told is None or float(told[1]) != exercises(homework)[name]
            ):
                yield (
                    f"The heading {heading!r} should tell the points of {name}, "
                    f"({exercises(homework)[name]:g} points): mend it in "
                    f"{file(homework, 'solution')}."
                )
    for name in sorted(asked ^ set(exercises(homework))):
        yield (
            f"{name} needs both an exercise in {file(homework, 'solution')} and tests with @points."
        )


def _stubs(homework: str, assignment: NotebookNode) -> Iterator[str]:
    """Find tests that an untouched stub passes, and stubs that say too little."""
    namespace: dict = {}
    for cell in assignment.cells:
        mark = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and mark and not mark.get("grade"):
            exec(cell.source, namespace)
        if (
            mark.get("solution")
            and not mark["grade"]
            and ">>>" not in (namespace[mark["grade_id"]].__doc__ or "")
        ):
            yield f"The stub {mark['grade_id']} lost its docstring: run `make build`."
    for result in run(homework, Live(namespace)):
        if result.mistake is None or result.mistake.kind is not Kind.NOT_STARTED:
            yield (
                f"The stub of {result.function} is judged by {result.test} instead of counting as "
                "not started: the test should call the student's function before all else."
            )


def _leaks(homework: str, source: NotebookNode, assignment: NotebookNode) -> Iterator[str]:
    """Find lines of solutions in the assignment."""
    released = [
        cell.source
        for cell in assignment.cells
        if "nbgrader" not in cell.metadata or cell.metadata.nbgrader.solution
    ]
    text = "\n".join([*released, *(str(cell.get("outputs", "")) for cell in assignment.cells)])
    if BEGIN in text or END in text:
        yield "The assignment holds solution markers: run `make build`."
    lines = {" ".join(line.split()) for line in text.splitlines()}
    for cell in source.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            solution = cell.source.partition(BEGIN)[2] or cell.source
            solution = solution.partition(END)[0]
            for line in solution.splitlines():
                plain = " ".join(line.split("#")[0].split())
                if len(plain) >= LONG_LINE and plain in lines:
                    yield (
                        f"The assignment shows a line of the solution of "
                        f"{cell.metadata.nbgrader.grade_id}, {plain!r}: write it otherwise in "
                        f"{file(homework, 'solution')}."
                    )
    for cell in assignment.cells:
        if cell.get("outputs"):
            yield f"Cell {cell.id} of the assignment has outputs: run `make build`."


def _generated(course: Path, homework: str) -> Iterator[str]:
    """Find generated files that differ from what the solutions give."""
    with tempfile.TemporaryDirectory() as folder:
        source, assignments = Path(folder, "source"), Path(folder, "assignments")
        write_source(course, homework, source)
        release(course, homework, source, assignments)
        for made in (source, assignments):
            path = Path(homework, f"{homework}.ipynb")
            if not filecmp.cmp(made / path, course / made.name / path, shallow=False):
                yield (
                    f"{made.name}/{path} is not what {file(homework, 'solution')} gives: edit "
                    "the script, never the notebook, and run `make build`."
                )
    arguments = tape.load(homework)["arguments"]
    module = solutions(course, homework)
    known = {
        (function, *mistake.names, mistake.says)
        for function, knowledge in diagnosis.load(homework).items()
        for mistake in knowledge.mistakes
        if len(mistake.names) == 1
    }
    now = {(one.function, one.name, one.says) for one in catalogue(course, homework)}
    if known != now:
        yield f"The fingerprints of {homework} are not those of its mistakes: run `make build`."
    for name in exercises(homework):
        code = getattr(module, name).__code__
        if list(code.co_varnames[: code.co_argcount]) != arguments.get(name):
            yield f"The recording of {name} is out of date: run `make build`."
