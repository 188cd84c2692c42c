"""A homework is added by writing its files; the course check leads there, and CI does it."""

import shutil
from pathlib import Path

import pytest

from autograder.course.new import new
from autograder.course.written import written
from autograder.suite import homeworks
from autograder.usage import WrongUsage
from tests.classroom import ON_TIME, run, scores

REPOSITORY = Path(__file__).parents[1]
EXAMPLE = REPOSITORY / "docs" / "example"
NAME = "hw99_moving_average"
PARTS = ("autograder", "solutions", "source", "assignments", "nbgrader_config.py")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the course, to add a homework to."""
    folder = tmp_path_factory.mktemp("course")
    for part in PARTS:
        copy = shutil.copytree if (REPOSITORY / part).is_dir() else shutil.copy
        copy(REPOSITORY / part, folder / part)
    return folder


def succeed(course, module, *arguments):
    status, out, error = run(course, module, *arguments)
    assert status == 0, out + error
    return out


def test_a_homework_is_added_as_the_maintainers_page_tells(course):
    files = succeed(course, "autograder", "new", NAME)
    assert all(file in files for file in written(NAME))

    status, complaints, _ = run(course, "autograder", "verify", NAME)
    assert status == 1
    for text in (
        f"solutions/{NAME}/solution.py:14: fill in the title.",
        f"autograder/suites/{NAME}.py:11: fill in where to begin.",
        f"solutions/{NAME}/right_ways.py:5: fill in the same by a loop",
        f"solutions/{NAME}/wrong_ways.py:6: fill in the mistake in a few words.",
        f"my_function has 1 known mistakes, 3 are needed: add to solutions/{NAME}/mistakes.py.",
    ):
        assert text in complaints

    shutil.copytree(EXAMPLE, course, dirs_exist_ok=True)
    succeed(course, "autograder", "build", NAME)
    assert f"{NAME}: sound" in succeed(course, "autograder", "verify", NAME)

    succeed(course, "nbgrader", "generate_assignment", NAME, "--force")
    for student, folder in (("right", "source"), ("untouched", "assignments")):
        hand_in = course / "submitted" / student / NAME
        hand_in.mkdir(parents=True)
        shutil.copy(course / folder / NAME / f"{NAME}.ipynb", hand_in)
        (hand_in / "timestamp.txt").write_text(ON_TIME)
    status, out, error = run(course, "autograder", "grade", NAME)
    assert status == 1, out + error  # a person should look at the untouched one
    assert scores(course) == {"right": 20.0, "untouched": 0.0}


@pytest.fixture
def example(course, tmp_path):
    """A copy of the course that holds the worked example, not built."""
    folder = tmp_path / "course"
    shutil.copytree(course, folder, ignore=shutil.ignore_patterns(f"{NAME}*", "submitted"))
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    return folder


def replace(course, file, old, new):
    path = course / file.format(NAME)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def complaints_of(course):
    status, out, error = run(course, "autograder", "verify", NAME)
    assert status == 1, out + error
    return out


def test_all_that_is_missing_is_told_at_once(example):
    replace(example, "autograder/suites/{}.py", '"Write down h_1 and h_2', '" ", "')
    replace(example, "autograder/suites/{}.py", '"moving_average", 4.0', '"moving_average", 3.0')
    replace(example, "solutions/{}/solution.py", "# check(moving_average)", "# moving_average")
    replace(example, "solutions/{}/solution.py", "    >>> ", "    ")
    replace(example, "solutions/{}/solution.py", "# with needs(moving_average):", "# if True:")
    replace(example, "solutions/{}/right_ways.py", "def moving_average__", "def other__")
    replace(example, "solutions/{}/wrong_ways.py", '"h0 overwritten"', '"h0 painted over"')
    replace(example, "solutions/{}/mistakes.py", "first=", "second=")
    replace(example, "solutions/{}/mistakes.py", "the_first_state_is_mixed", "the_first_one_is")
    replace(example, "solutions/{}/solution.py", "average (20 points)", "average (18 points)")
    replace(example, "autograder/suites/{}.py", "[t, n, d]", "[t, n, q]")
    found = complaints_of(example)
    for text in (
        "moving_average has 4 hints, 3 are needed, none empty",
        "check_moving_average is worth None in the notebook and 19.0 in the tests",
        "moving_average has no example",
        "There is no demonstration",
        "moving_average is right in one style only",
        "The mistake 'h0 overwritten' of moving_average is made only once",
        "The mistake 'h0 painted over' of moving_average is made only once",
        "test_the_first_state_is_mixed_from_h0 should be both a test",
        "The heading 'Exercise 1: the moving average (18 points)' should tell the points of "
        "moving_average, (19 points)",
        "The form of moving_average has an axis 'q' that nobody knows: use one of t, n, d",
    ):
        assert text in found
    assert "make build" not in found.replace("then run `make build`", "")


def test_all_that_does_not_do_what_it_should_is_told_at_once(example):
    replace(example, "solutions/{}/solution.py", "0.875])", "0.876])")
    replace(example, "solutions/{}/solution.py", "years, counts =", "years, counts, more =")
    replace(example, "solutions/{}/mistakes.py", 'fails="mixed unchanged"', 'fails="mixed"')
    replace(example, "solutions/{}/mistakes.py", "        h0 *= alpha", "        h0 = alpha * h0")
    replace(example, "solutions/{}/mistakes.py", "h0 += (1.0 - alpha)", "h0 = h0 + (1.0 - alpha)")
    path = example / f"solutions/{NAME}/right_ways.py"
    path.write_text(
        path.read_text("utf-8")
        + "\n\ndef mixed(h, x_t, alpha):\n    return alpha * h + (1 - alpha) * x_t\n"
        + "\n\ndef moving_average__by_a_helper(x, h0, alpha):\n"
        + "    return np.stack([mixed(h0, x_t, alpha) for x_t in x])\n"
    )
    found = complaints_of(example)
    for text in (
        "An example in the docstring of moving_average is not true; it gives array([0.5",
        "The mistake 'h0 used again at every step' of moving_average fails "
        "test_the_arguments_stay_as_they_were too: mend its `fails`",
        "The mistake 'h0 overwritten' of moving_average is right: no test fails it",
        "moving_average__by_a_helper uses mixed, which the notebook does not define",
        "moving_average__by_a_helper should be right, and fails test_each_state_mixes_",
        "The cell under 'Demonstration: three memories of the sun' raises ValueError",
    ):
        assert text in found, found


def test_evidence_that_others_have_is_listed_and_may_be_missing(example):
    shutil.rmtree(example / "solutions" / NAME / "__pycache__", ignore_errors=True)
    succeed(example, "autograder", "build", NAME)
    told = succeed(example, "autograder", "verify", NAME)
    assert f"{NAME}: sound" in told
    assert f"agreement with independent oracles (solutions/{NAME}/test_oracles.py)" in told
    assert "two mistakes at once in moving_average" in told


def test_a_homework_that_cannot_be_built_is_told_in_a_sentence(example):
    replace(example, "solutions/{}/solution.py", "alpha * h + (1.0", "alpha * h  + (1.0")
    status, _, error = run(example, "autograder", "build", NAME)
    assert status == 1
    assert error.startswith(f"{NAME}: not built. moving_average, 'alpha and 1 - alpha swapped': ")
    assert "stands 0 times in the solution" in error
    assert "Traceback" not in error


def test_a_file_that_cannot_be_imported_is_named(example):
    replace(example, "solutions/{}/mistakes.py", "import Exercise", "import Exercises")
    assert f"solutions/{NAME}/mistakes.py cannot be imported: ImportError" in complaints_of(example)


def test_a_solution_that_is_wrong_is_told_before_it_is_built(example):
    replace(example, "solutions/{}/solution.py", "return states", "return h")
    assert "The reference fails test_each_state_mixes_" in complaints_of(example)


@pytest.mark.parametrize(
    "name", ["gru", "hw6", "hw6_", "hw6_GRU", "hw100_gru", "hw6_a/b", "hw0_a", "hw06_a"]
)
def test_a_bad_name_is_refused(name, tmp_path):
    with pytest.raises(WrongUsage, match="is no name for a homework: write hw, a number"):
        new(tmp_path, name)


def test_a_number_that_is_taken_is_refused(tmp_path):
    with pytest.raises(WrongUsage, match="hw4 is taken by hw4_bptt"):
        new(tmp_path, "hw4_gru")


def test_outside_of_a_course_nothing_is_written(tmp_path):
    status, _, error = run(tmp_path, "autograder", "new", "hw98_gru")
    assert (status, "go to the course's folder" in error) == (2, True)
    assert not list(tmp_path.iterdir())


def test_no_file_is_overwritten(example):
    mine = example / "solutions" / "hw98_gru" / "right_ways.py"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(WrongUsage, match=r"solutions/hw98_gru/right_ways\.py is there already"):
        new(example, "hw98_gru")
    assert mine.read_text() == "mine"
    assert not (example / "solutions" / "hw98_gru" / "solution.py").exists()
    status, _, error = run(example, "autograder", "new", "hw98_gru")
    assert (status, "is there already" in error) == (2, True)


def test_the_tenth_homework_comes_after_the_second(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.suite.FOLDER", tmp_path)
    for name in ("hw10_attention", "hw2_patterns", "hw1_unrolling"):
        (tmp_path / f"{name}.py").touch()
    assert homeworks() == ["hw1_unrolling", "hw2_patterns", "hw10_attention"]
