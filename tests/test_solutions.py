"""The examples in the docstrings of the solutions are true."""

import doctest
import re
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


@pytest.mark.parametrize("homework", homeworks())
def test_each_exercise_says_how_long_it_takes_and_how_much_it_matters(homework):
    script = (COURSE / "solutions" / homework / "solution.py").read_text("utf-8")
    lines = r"^# ### Exercise \d+: .*\n#\n# \*About \d+ minutes\. (Essential|Useful|Aside)\b.*\*$"
    assert len(re.findall(lines, script, re.MULTILINE)) == len(exercises(homework))
