"""Classic mistakes of hw0_name, as somebody else makes them."""

from autograder.course.catalogue import wrong


@wrong("my_function", "TODO: the mistake in a few words")
def my_function_times_minus_one(x):
    return x * -1.0  # TODO: best by somebody who has not seen the catalogue
