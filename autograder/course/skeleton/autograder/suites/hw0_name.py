"""Graded tests of hw0_name: TODO: what it is about."""

from autograder.judge import assert_same, points

FORMS = {
    "my_function": "y[t, n, d]",  # TODO: the name and the axes of what it returns
}

HINTS = {
    "my_function": (
        "TODO: where to begin.",
        "TODO: the idea.",
        "TODO: the idea nearly as code.",
    ),
}


@points("my_function", 20.0)
def test_a_sentence_that_says_what_holds(student, reference, fresh):
    x = fresh.normal(5, 4, 3)  # TODO: all sizes different, and edges such as T = 1
    assert_same(
        student.my_function(x),
        reference.my_function(x),
        FORMS["my_function"],
        "TODO: what was done, and what should hold.",
    )
