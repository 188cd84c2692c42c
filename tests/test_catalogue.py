"""A mistake is a change of the solution that fits once, or a function that calls others."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.course.catalogue import Exercise, Outdated, changed
from autograder.suite import homeworks

COURSE = Path(__file__).parents[1]
SOURCE = """\
def double(x):
    total = 0.0
    for x_i in x:
        total = total + x_i
    return 2 * total
"""


def double(x):
    """Return twice the sum of x."""
    ### BEGIN SOLUTION
    total = 0.0
    for x_i in x:
        total = total + x_i  # a comment with 2 * total
    return 2 * total
    ### END SOLUTION


MODULE = SimpleNamespace(double=double, np=np)


def only(exercise):
    (classic,) = exercise.classics(MODULE)
    return classic


def exercise():
    return Exercise("double", formula="test_formula", empty="test_empty", large="test_large")


def test_a_change_takes_the_place_of_what_stands_once():
    twice = changed(SOURCE, {"2 * total": "total", "0.0": "1.0"})
    assert twice == SOURCE.replace("2 * total", "total").replace("0.0", "1.0")


def test_lines_that_are_added_are_indented_as_the_line_that_is_changed():
    more = changed(SOURCE, {"total = total": "x_i = -x_i\ntotal = total"})
    assert "        x_i = -x_i\n        total = total + x_i\n" in more


def test_lines_that_are_left_out_leave_nothing():
    assert changed(SOURCE, {"total = 0.0": ""}) == SOURCE.replace("    total = 0.0\n", "")


def test_several_lines_are_found_with_their_indentation():
    old = "for x_i in x:\n    total = total + x_i"
    assert changed(SOURCE, {old: "total = sum(x)"}) == SOURCE.replace(
        "    for x_i in x:\n        total = total + x_i\n", "    total = sum(x)\n"
    )


@pytest.mark.parametrize(("text", "times"), [("3 * total", 0), ("total", 4)])
def test_a_change_that_does_not_fit_once_is_told_by_the_name_of_the_mistake(text, times):
    wrong = exercise()
    wrong.mistake("factor missing", "Half.", {text: "x"})
    told = rf"double, 'factor missing': '{text.replace('*', '.')}' stands {times} times in the"
    with pytest.raises(Outdated, match=told):
        only(wrong)


def test_two_changes_of_one_place_are_refused():
    with pytest.raises(Outdated, match="meet in the same place"):
        changed(SOURCE, {"2 * total": "total", "return 2": "return 3"})


def test_a_changed_solution_is_run_among_what_the_solutions_define():
    wrong = exercise()
    wrong.mistake("rounded", "Too small.", {"2 * total": "np.floor(2 * total)"}, fails="formula")
    made = only(wrong)
    assert made.wrong([0.7]) == 1.0
    assert made.fails == ("test_formula",)
    assert made.source.startswith("def double(x):\n    total = 0.0\n")
    assert "BEGIN" not in made.source
    assert "comment" not in made.source


def test_a_mistake_is_made_in_several_ways_with_tests_of_their_own():
    wrong = exercise()
    wrong.mistake("factor wrong", "Off.", {"2 * total": "total"}, {"2 * total": "3 * total"})
    wrong.another("factor wrong", {"2 * total": "4 * total"}, fails="all but empty large")
    made = list(wrong.classics(MODULE))
    assert [one.wrong([1.0]) for one in made] == [1.0, 3.0, 4.0]
    assert {one.says for one in made} == {"Off."}
    assert [len(one.fails) for one in made] == [3, 3, 1]


def test_a_whole_function_is_written_as_a_student_would():
    wrong = exercise()

    @wrong.mistake("a constant", "Never changes.", fails="formula large")
    def always_one(x):
        """Return one."""
        return 1.0  # whatever x is

    made = only(wrong)
    assert made.source == "def double(x):\n    return 1.0\n"
    assert made.wrong([5.0]) == 1.0


def test_a_function_that_would_call_itself_is_refused():
    wrong = exercise()

    @wrong.mistake("negative", "The sign is wrong.")
    def negative(x):
        return -double(x)

    with pytest.raises(Outdated, match="'negative': it calls double, which is the wrong function"):
        only(wrong)


def test_a_test_without_a_short_name_is_refused():
    with pytest.raises(Outdated, match=r"'edges': they are formula, empty, large"):
        exercise().mistake("a", "b", {"2": "3"}, fails="formula edges")


def test_another_way_needs_a_first_one():
    with pytest.raises(Outdated, match="there is no mistake 'rounded' yet"):
        exercise().another("rounded", {"2": "3"})


@pytest.mark.parametrize("homework", homeworks())
def test_the_catalogue_of_a_homework_is_a_list_of_changes_for_the_most_part(homework):
    text = (COURSE / f"solutions/{homework}/mistakes.py").read_text("utf-8")
    whole = text.count("\ndef ")
    assert text.count(".mistake(") + text.count(".another(") > 2 * whole
