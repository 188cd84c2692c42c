"""pytest runs the graded tests too, and gives the same results and messages."""

import inspect
import subprocess
import sys
from itertools import groupby, zip_longest

import pytest

from autograder import suite, tape, wire
from autograder.calls import Failure, Live
from autograder.course.catalogue import catalogue
from autograder.course.written import solutions
from autograder.suite import homeworks, run
from tests.pytest_way import COURSE, by_pytest

ROUNDS = 3  # in each, every function makes another of its classic mistakes


def stub(*args):
    raise NotImplementedError


def works(homework):
    """Yield sets of functions: right, unwritten, missing, and wrong in many ways."""
    right = dict(inspect.getmembers(solutions(COURSE, homework), inspect.isfunction))
    yield Live(right)
    yield Live(dict.fromkeys(right, stub))
    yield Live({})
    yield Live(dict.fromkeys(right, lambda *args: 1.5))
    mistakes = sorted(catalogue(COURSE, homework), key=lambda mistake: mistake.function)
    groups = [list(group) for _, group in groupby(mistakes, lambda mistake: mistake.function)]
    for wrong in list(zip_longest(*groups))[:ROUNDS]:
        yield Live(right | {mistake.function: mistake.wrong for mistake in wrong if mistake})


def told(result):
    """Return all that anybody may be told of a result."""
    mistake, calls = result.mistake, []
    for call in result.calls:
        failed = isinstance(call.outcome, Failure)
        gave = vars(call.outcome) if failed else wire.encode(call.outcome.value)
        calls.append((str(call), call.changed_names, gave))
    how = mistake and (mistake.kind, mistake.message, mistake.details, mistake.axes)
    error = None if mistake is None or mistake.error is None else mistake.error.tolist()
    return result.function, result.test, result.worth, result.share, how, error, calls


@pytest.mark.parametrize("homework", homeworks())
def test_both_ways_give_the_same_results_and_messages(homework):
    right = Live(dict(inspect.getmembers(solutions(COURSE, homework), inspect.isfunction)))
    cases = [(student, None, None) for student in works(homework)]
    cases.append((right, tape.Drawn(right, "a seed"), tape.Drawn(right, "a seed")))
    for student, data, again in cases:
        here, there = run(homework, student, data), by_pytest(homework, student, again)
        assert [told(result) for result in here] == [told(result) for result in there]
        assert len(here) == len(suite.tests(homework))


def test_whoever_writes_a_suite_can_have_pytest_run_it():
    file = f"autograder/suites/{homeworks()[0]}.py"
    command = [sys.executable, "-m", "pytest", "-p", "tests.pytest_way", file]
    done = subprocess.run(command, cwd=COURSE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert f"{len(suite.tests(homeworks()[0]))} passed" in done.stdout
