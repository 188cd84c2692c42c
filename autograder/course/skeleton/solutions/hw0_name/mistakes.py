"""Classic mistakes of hw0_name: each is a change of the solution, or a function."""

from autograder.course.catalogue import Exercise

MY_FUNCTION = Exercise(
    "my_function",
    formula="test_a_sentence_that_says_what_holds",
)
MY_FUNCTION.mistake(
    "TODO: the mistake in a few words",
    "TODO: what the result looks like, why that is wrong by the equation, and where to look.",
    {"np.array(x)": "-np.array(x)"},
    fails="formula",
)
