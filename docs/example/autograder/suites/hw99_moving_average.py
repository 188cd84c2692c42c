"""Graded tests of hw99_moving_average: one leaky unit."""

from autograder.judge import assert_same, assert_unchanged, points

FORMS = {"moving_average": "h[t, n, d]"}

HINTS = {
    "moving_average": (
        "Write down h_1 and h_2 for one sequence and one input.",
        "This is a loop over time. Carry the present state in a variable that starts as `h0`.",
        "Make room with `np.empty(x.shape)`. At each step replace the state by alpha times itself "
        "plus (1 - alpha) times `x[t]`, as a new array, and store it in row t.",
    ),
}


@points("moving_average", 10.0)
def test_each_state_mixes_the_one_before_with_the_input(student, reference, fresh):
    x, h0 = fresh.normal(6, 3, 2), fresh.normal(3, 2)
    for alpha in (0.9, 0.3):
        assert_same(
            student.moving_average(x, h0, alpha),
            reference.moving_average(x, h0, alpha),
            FORMS["moving_average"],
            "Six steps were read. Each state is alpha times the one before plus "
            "(1 - alpha) times the input.",
        )


@points("moving_average", 6.0)
def test_the_first_state_is_mixed_from_h0(student, reference, fresh):
    for size in (1, 4):
        x, h0 = fresh.normal(1, 2, size), fresh.normal(2, size)
        assert_same(
            student.moving_average(x, h0, 0.8),
            reference.moving_average(x, h0, 0.8),
            FORMS["moving_average"],
            "One step was read, from an h0 that is not zero.",
        )


@points("moving_average", 4.0)
def test_the_arguments_stay_as_they_were(student, reference, fresh):
    x, h0 = fresh.normal(3, 2, 4), fresh.normal(2, 4)
    got = student.moving_average(x, h0, 0.6)
    assert_unchanged(student)
    assert_same(got, reference.moving_average(x, h0, 0.6), FORMS["moving_average"])
