"""Correct work gets full marks, in the notebook and in grading, whatever its style."""

import inspect
import textwrap
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder import tape
from autograder.calls import Live
from autograder.course.catalogue import right_ways
from autograder.course.written import reference
from autograder.grading.grade import Homework, grade
from autograder.suite import exercises, homeworks, run

COURSE = Path(__file__).parents[1]
WAYS = [
    pytest.param(homework, name, way, id=f"{homework}: {name}")
    for homework in homeworks()
    for name, way in right_ways(COURSE, homework).items()
]


@pytest.mark.parametrize(("homework", "name", "way"), WAYS)
def test_correct_work_in_another_style_gets_full_points(homework, name, way):
    function = name.split("__")[0]
    for data in (None, tape.Drawn(reference(COURSE, homework), "another seed")):
        results = run(homework, Live({function: way}), data, functions=[function])
        assert not [(r.test, str(r.mistake)) for r in results if not r.passed]


# --- in grading ---------------------------------------------------------------------------------


@cache
def known(homework):
    return Homework.load(COURSE, homework)


def notebook(homework, answers):
    """Return the released notebook with these answers in it, and the solutions for the rest."""
    read = (
        nbformat.read(COURSE / folder / homework / f"{homework}.ipynb", as_version=4)
        for folder in ("assignments", "source")
    )
    released, source = read
    solutions = {cell.id: cell.source for cell in source.cells}
    for cell in released.cells:
        if cell.id in exercises(homework):
            cell.source = answers.get(cell.id, solutions[cell.id])
    return released


def assert_full_marks(homework, submission):
    graded = grade(nbformat.writes(submission).encode(), known(homework))
    assert graded.scores == exercises(homework), graded.record.problems


def as_written(name, way):
    """Return the source of a right way, under the exercise's name."""
    return textwrap.dedent(inspect.getsource(way)).replace(name, name.split("__")[0])


def whole_submissions():
    """Yield submissions that are written in other styles throughout."""
    for homework in homeworks():
        ways: dict[str, list[str]] = {}
        for name, way in right_ways(COURSE, homework).items():
            ways.setdefault(name.split("__")[0], []).append(as_written(name, way))
        for number in range(max(map(len, ways.values()))):
            answers = {function: those[number % len(those)] for function, those in ways.items()}
            yield pytest.param(homework, answers, id=f"{homework} {number + 1}")


@pytest.mark.parametrize(("homework", "answers"), list(whole_submissions()))
def test_a_notebook_in_another_style_gets_full_marks(homework, answers):
    assert_full_marks(homework, notebook(homework, answers))


HW3 = "hw3_softmax_loss"
SOFTMAX = """\
def softmax(o):
    e = np.exp(o - o.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
"""
STYLES = {
    "prints and warnings": SOFTMAX.replace(
        "    e =",
        "    import sys, warnings\n"
        "    print('shape', o.shape)\n"
        "    print('to the error stream', file=sys.stderr)\n"
        "    warnings.warn('look out')\n"
        "    e =",
    ),
    "comments in Chinese": SOFTMAX.replace(
        "    e =", "    # 先减去最大值，以免溢出\n    说明 = '归一化'\n    e ="
    ),
    "a callable object": """\
class Softmax:
    def __call__(self, o):
        e = np.exp(o - o.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)


softmax = Softmax()
""",
    "a lambda": "softmax = lambda o: np.exp(log_softmax(o))",
    "a closure": """\
def over(axis):
    def normalise(o):
        e = np.exp(o - o.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)

    return normalise


softmax = over(-1)
""",
    "a decorator": f"from functools import cache, wraps\n\n\ndef quiet(f):\n    @wraps(f)\n"
    f"    def call(*args):\n        with np.errstate(all='ignore'):\n            "
    f"return f(*args)\n\n"
    f"    return call\n\n\n@quiet\n{SOFTMAX}",
    "types and a docstring": SOFTMAX.replace(
        "def softmax(o):", 'def softmax(o: np.ndarray) -> np.ndarray:\n    """Normalise."""'
    ),
    "a default argument": SOFTMAX.replace("(o):", "(o, axis=-1):"),
    "a list at first": """\
def softmax(o):
    rows = []
    for row in o.reshape(-1, o.shape[-1]):
        e = [float(np.exp(entry - max(row))) for entry in row]
        rows.append([entry / sum(e) for entry in e])
    return np.array(rows).reshape(o.shape)
""",
    "magics and a shell line": f"%matplotlib inline\n%config InlineBackend.close_figures = True\n"
    f"!echo hello\n{SOFTMAX}",
    "a test of one's own": f"{SOFTMAX}\nassert np.isclose(softmax(np.zeros((1, 4))).sum(), 1)\n"
    "softmax(np.zeros(3))",
    "an error after the function": f"{SOFTMAX}\nprint(undefined)",
    "written twice": f"def softmax(o):\n    raise NotImplementedError\n\n\n{SOFTMAX}",
    "a figure": f"import matplotlib.pyplot as plt\n\n{SOFTMAX}\n\nplt.plot([1, 2])\nplt.show()",
    "Windows line ends": SOFTMAX.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("style", STYLES)
def test_correct_work_gets_full_marks_whatever_stands_around_it(style):
    assert_full_marks(HW3, notebook(HW3, {"softmax": STYLES[style]}))


def test_helpers_in_other_cells_are_found():
    submission = notebook(HW3, {"softmax": "def softmax(o):\n    return normalised(o)\n"})
    helper = SOFTMAX.replace("def softmax", "def normalised")
    at = next(n for n, cell in enumerate(submission.cells) if cell.id == "softmax")
    submission.cells.insert(at, new_markdown_cell("My notes."))
    submission.cells.append(new_code_cell(helper))  # below, where Python needs it only at the call
    assert_full_marks(HW3, submission)


def test_a_function_that_is_written_in_a_cell_of_ones_own_counts():
    submission = notebook(HW3, {"softmax": "# see the end\n"})
    submission.cells.append(new_code_cell(SOFTMAX))
    assert_full_marks(HW3, submission)
