"""The graded tests tell right from wrong: solutions, stubs, known mistakes, other right ways."""

import secrets
from pathlib import Path

import pytest

from autograder.calls import Live
from autograder.course.build import reference, solutions
from autograder.suite import exercises, homeworks, run
from solutions.mistakes import catalogue
from tests.right_ways import right_ways

COURSE = Path(__file__).parents[1]
MISTAKES = [
    pytest.param(homework, mistake, id=f"{mistake.function}: {mistake.name}")
    for homework in homeworks()
    for mistake in catalogue(homework)
]


RIGHT_WAYS = [
    pytest.param(homework, name, way, id=name)
    for homework in homeworks()
    for name, way in right_ways(homework).items()
]


@pytest.mark.parametrize("homework", homeworks())
def test_a_homework_is_worth_twenty_points(homework):
    assert sum(exercises(homework).values()) == 20


@pytest.mark.parametrize("homework", homeworks())
def test_the_reference_gets_full_points_on_data_never_seen(homework):
    right = reference(COURSE, homework)
    for _ in range(3):
        seed = secrets.token_hex(8)
        failed = [r.test for r in run(homework, right, right, seed) if not r.passed]
        assert not failed, f"with the seed {seed}"


@pytest.mark.parametrize("homework", homeworks())
def test_the_reference_gets_full_points_on_the_recorded_data(homework):
    results = run(homework, reference(COURSE, homework))
    assert not [result.test for result in results if not result.passed]


@pytest.mark.parametrize(("homework", "mistake"), MISTAKES)
def test_a_known_mistake_fails_the_tests_it_should(homework, mistake):
    wrong = Live({mistake.function: mistake.wrong})
    right = reference(COURSE, homework)
    for solution, seed in ((None, ""), (right, secrets.token_hex(8))):
        results = run(homework, wrong, solution, seed, functions=[mistake.function])
        failed = {result.test for result in results if not result.passed}
        assert failed == set(mistake.fails), f"with the seed {seed}"


@pytest.mark.parametrize("homework", homeworks())
def test_every_test_is_failed_by_some_mistake(homework):
    failed = {test for mistake in catalogue(homework) for test in mistake.fails}
    known = {result.test for result in run(homework, reference(COURSE, homework))}
    assert failed == known


@pytest.mark.parametrize(("homework", "name", "way"), RIGHT_WAYS)
def test_correct_work_in_another_style_gets_full_points(homework, name, way):
    function = name.split("__")[0]
    right = reference(COURSE, homework)
    for solution in (None, right):
        results = run(homework, Live({function: way}), solution, functions=[function])
        assert not [(r.test, str(r.mistake)) for r in results if not r.passed]


@pytest.mark.parametrize("homework", homeworks())
def test_answers_that_ignore_the_arguments_get_nothing(homework):
    """None, zeros of the right form, and the answer to some other call."""
    names = list(exercises(homework))
    module = solutions(COURSE, homework)
    for answer in (None, 0.0, [], {}, "graph"):
        lazy = Live({name: lambda *args, answer=answer: answer for name in names})
        assert not [r.test for r in run(homework, lazy) if r.passed]
    remembered = {}

    def first_answer(name):
        def call(*args):
            if name not in remembered:
                remembered[name] = getattr(module, name)(*args)
            return remembered[name]

        return call

    stuck = Live({name: first_answer(name) for name in names})
    for result in run(homework, stuck):
        if result.passed and result.function != "folded_graph":  # which has no arguments
            # A test of a single call on fresh data may be passed only by the call remembered.
            assert result.test == next(
                r.test for r in run(homework, stuck) if r.function == result.function
            )
