"""What holds for every reference function, whatever it computes."""

import copy
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st

from autograder.course.written import load, solutions
from autograder.suite import homeworks
from tests.oracles import assert_agree, brief, for_all

COURSE = Path(__file__).parents[1]


def all_functions():
    """Run a test on every function, with its arguments and the feedback they are made with."""
    rows = []
    for homework in homeworks():
        module, examples = solutions(COURSE, homework), load(COURSE, homework, "arguments").EXAMPLES
        for feedback, table in examples.items():
            for name, arguments in table.items():
                row = getattr(module, name), arguments, feedback
                rows.append(pytest.param(*row, id=f"{homework}: {name}"))
    return pytest.mark.parametrize(("function", "arguments", "feedback"), rows)


def arrays_in(value):
    """Return all arrays in a tuple or dict of whatever, however deep."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, dict):
        value = tuple(value.values())
    return [array for item in value for array in arrays_in(item)] if type(value) is tuple else []


@all_functions()
@for_all(data=st.data())
def test_arguments_stay_as_they_are_and_results_are_new_arrays(function, arguments, feedback, data):
    called = arguments(data.draw(brief(feedback)))
    given = arrays_in(called)
    before = copy.deepcopy(given)
    results = arrays_in(function(*called))
    assert all(np.array_equal(*pair) for pair in zip(given, before, strict=True))
    assert not any(np.shares_memory(*pair) for pair in product(given, results))


def in_single_precision(value, dtype=np.float64):
    """Return arguments rounded to 32 bits, and kept in a dtype."""
    if isinstance(value, np.ndarray) and value.dtype == np.float64:
        return value.astype(np.float32).astype(dtype)
    if isinstance(value, dict):
        return {key: in_single_precision(item, dtype) for key, item in value.items()}
    return value


@all_functions()
@for_all(data=st.data())
def test_arrays_of_single_precision_do_as_well(function, arguments, feedback, data):
    case = data.draw(brief(feedback))
    got, want = (
        function(*(in_single_precision(value, dtype) for value in arguments(copy.deepcopy(case))))
        for dtype in (np.float32, np.float64)
    )
    assert_agree(got, want, bound=1e-3)


@all_functions()
@for_all(data=st.data())
def test_the_same_arguments_give_the_same_result(function, arguments, feedback, data):
    case = data.draw(brief(feedback))
    first, second = (function(*arguments(copy.deepcopy(case))) for _ in range(2))
    pairs = zip(arrays_in(("", first)), arrays_in(("", second)), strict=True)
    assert all(np.array_equal(*pair) for pair in pairs)
