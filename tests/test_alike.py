"""Code that is the same but for names is found, and only more than chance explains is told."""

import pytest

from autograder.grading.alike import alike, form, known_forms

CODE = """
def mean(values):
    '''Return the mean.'''
    total = 0.0  # so far
    for value in values:
        total += value
    return total / len(values)
"""
RENAMED = """
def mean(xs: list) -> float:
    s = 0.0
    for x in xs:

        s += x
    return s / len(xs)
"""


def test_names_comments_and_annotations_make_no_difference():
    assert form(CODE, "mean") == form(RENAMED, "mean") is not None


@pytest.mark.parametrize(
    "other",
    [
        RENAMED.replace("0.0", "1.0"),
        RENAMED.replace("len", "sum"),
        RENAMED.replace("s / len(xs)", "len(xs) / s"),
        RENAMED.replace("s += x", "s += xs"),
    ],
)
def test_what_is_computed_makes_one(other):
    assert form(other, "mean") not in (form(CODE, "mean"), None)


@pytest.mark.parametrize(
    "source",
    [
        *("def mean(", "x = 1", "", "#" * 30_000, "\0"),
        "def mean(x):\n    return " + "(" * 300,
        "def mean(x):\n    return " + "-" * 15_000 + "1",
    ],
)
def test_what_cannot_be_compared_is_left_out(source):
    assert form(source, "mean") is None


def written(agreeing, exercises=3, students=20):
    """Return the code of a class in which everybody writes otherwise, but some."""
    return {
        f"f{number}": {
            f"s{student:02d}": f"def f{number}(x):\n    return x + {student}\n"
            if student not in agreeing
            else f"def f{number}(x):\n    return x + 99\n"
            for student in range(students)
        }
        for number in range(exercises)
    }


def test_who_agrees_in_several_rare_ways_is_told_and_in_one_is_not():
    _, groups = alike(written({3, 7}), {})
    assert [(group.students, group.exercises) for group in groups] == [
        (("s03", "s07"), {"f0": 2, "f1": 2, "f2": 2})
    ]
    assert alike(written({3, 7}, exercises=1), {})[1] == []
    assert alike(written(set()), {})[1] == []


def test_rare_code_is_told_though_most_of_the_others_write_the_same():
    """Two in code of their own, where everybody else agrees."""
    common = written(set(range(20)))
    for own in common.values():
        for student in ("s03", "s07"):
            own[student] = own[student].replace("99", "1 + 98")
    (group,) = alike(common, {})[1]
    assert group.students == ("s03", "s07")


def test_where_most_write_the_same_it_says_nothing():
    figures, groups = alike(written(set(range(18))), {})
    assert groups == []
    assert [figure.largest for figure in figures] == [18, 18, 18]
    assert figures[0].share > 0.8


def test_the_forms_of_known_ways_are_counted():
    def mean__loop(values):
        return sum(values) / len(values)

    def mean__other(numbers):
        return sum(numbers) / len(numbers)

    known = known_forms({"mean": [mean__loop, mean__other]})
    (figure,), _ = alike({"mean": {"a": CODE, "b": RENAMED}}, known)
    assert (figure.known, figure.known_forms, figure.share) == (2, 1, 1.0)
