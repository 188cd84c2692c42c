"""A slip in one part of an answer costs points of the tests about that part, and of no others."""

import inspect

import numpy as np
import pytest

from autograder.calls import Live
from autograder.course.written import reference, solutions
from autograder.judge import each_part, leaf_forms
from autograder.suite import Result, Trials, exercises, homeworks, run, suite
from autograder.suite import tests as graded
from tests.classroom import REPOSITORY

SLIPS = {  # what becomes of an array, or of the loss
    "None": lambda part: None,
    "a list": lambda part: [part] if np.ndim(part) == 0 else part.tolist(),
    "an axis more": lambda part: np.asarray(part)[None],
    "a number": lambda part: 0.5,
    "a row less": lambda part: part[1:] if np.ndim(part) else None,
    "other values": lambda part: part + 1,
}
SLOPES = {  # tests of the sum of all gradients along a direction
    "test_a_small_move_of_everything_changes_the_loss_as_the_gradients_say",
    "test_it_gives_the_slope_of_the_teacher_forced_loss",
    "test_it_gives_the_slope_of_the_free_running_loss",
}
# To make a list of thousands of steps takes as long as the loop that this test is to find.
TIMED = {("test_all_steps_are_right_and_computed_at_once_without_a_loop_over_time", "a list")}


def slipped(answer, place, slip):
    """Return an answer, a tuple or a dict, with another part at a place such as ``.1.W``."""
    key, *rest = place.lstrip(".").split(".", 1)
    if isinstance(answer, dict):
        if not rest and slip is None:
            return {name: part for name, part in answer.items() if name != key}
        part = slipped(answer[key], rest[0], slip) if rest else slip(answer[key])
        return {**answer, key: part}
    at = int(key)
    part = slipped(answer[at], rest[0], slip) if rest else slip(answer[at])
    return *answer[:at], part, *answer[at + 1 :]


def compared(homework, function):
    """Return the names of the parts that each test of a function compares, by test."""
    right = reference(REPOSITORY, homework)
    trials, names = Trials(homework, right), {}
    for name, test in graded(homework).items():
        if test.pytestmark[0].args[0] == function:
            given = trials.of(name).given
            with each_part() as parts:
                test(**{key: given[key] for key in inspect.signature(test).parameters})
            names[name] = set(parts.mistakes)
    return names


def functions():
    for homework in homeworks():
        for function in exercises(homework):
            if not isinstance(suite(homework).FORMS[function], str):
                yield pytest.param(homework, function, id=function)


@pytest.mark.parametrize(("homework", "function"), list(functions()))
def test_a_slip_in_one_part_costs_what_it_touches(homework, function):
    right = getattr(solutions(REPOSITORY, homework), function)
    tests, unjust = compared(homework, function), []
    for place, part, _ in leaf_forms(suite(homework).FORMS[function]):
        is_gradient = part.startswith("d")
        for how, slip in SLIPS.items() | ({("left out", None)} if "." in place[1:] else set()):

            def wrong(*args, place=place, slip=slip):
                return slipped(right(*args), place, slip)

            results = run(homework, Live({function: wrong}), functions=[function])
            for result in results:
                names = tests[result.test]
                if (result.test in SLOPES and is_gradient) or (result.test, how) in TIMED:
                    continue
                share = (len(names) - 1) / len(names) if part in names else 1.0
                least = Result(function, "", result.worth, result.mistake, share=share).points
                if result.points < least:
                    unjust.append((part, how, result.test, result.points, str(result.mistake)))
            assert any(not result.passed for result in results), f"{part}: {how}"
    assert not unjust
