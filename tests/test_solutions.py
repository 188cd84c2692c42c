"""The examples in the docstrings of the solutions are true."""

import doctest
from pathlib import Path

import pytest

from autograder.course.written import solutions
from autograder.suite import exercises, homeworks

COURSE = Path(__file__).parents[1]


@pytest.mark.parametrize("homework", homeworks())
def test_the_examples_in_the_docstrings_are_true(homework):
    result = doctest.testmod(solutions(COURSE, homework))
    assert result.failed == 0
    assert result.attempted >= len(exercises(homework))
