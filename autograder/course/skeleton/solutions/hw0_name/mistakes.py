"""Classic mistakes of hw0_name."""

from autograder.course.catalogue import classic


@classic(
    "my_function",
    "TODO: the mistake in a few words",
    "TODO: what the result looks like, why that is wrong by the equation, and where to look.",
    fails=("test_a_sentence_that_says_what_holds",),
)
def my_function_negated(x):
    return -x
