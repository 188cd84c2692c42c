"""Graded tests of hw3_softmax_loss: softmax, its logarithm, the loss and its gradient."""

import numpy as np

from autograder.judge import Mistake, assert_same, assert_unchanged, points

FORMS = {
    "softmax": "yhat[..., k]",
    "log_softmax": "log_yhat[..., k]",
    "sequence_loss": "L",
    "sequence_loss_gradient": "do[t, n, k]",
}

HINTS = {
    "softmax": (
        "Start with the formula alone, for one vector. Then ask what changes where `o` has more "
        "axes, and where its entries are as large as 1000.",
        "Subtract a number from each vector before the exponential. Which number makes the largest "
        "exponent exactly 0? Each vector along the last axis needs its own.",
        "The methods `max` and `sum` take `axis=-1` and `keepdims=True`: the result has a last "
        "axis of length 1, and so it lines up with `o` when you subtract or divide. Build new "
        "arrays: `o -= ...` would change the caller's.",
    ),
    "log_softmax": (
        "The logarithm of a probability that has become 0 cannot be mended afterwards. Take the "
        "logarithm on paper first.",
        "log yhat_k = o_k - log sum_j exp(o_j). Nothing here is divided. Only the sum of the "
        "exponentials can still overflow, or be 0.",
        "Let z = o - s, with s the maximum over the last axis, its axis kept. The result is z "
        "minus the logarithm of the sum of exp(z) over the last axis. Both terms use z, so s "
        "appears nowhere else.",
    ),
    "sequence_loss": (
        "First find the array of log yhat at the right class, one number for each step and "
        "sequence: its shape is (T, N).",
        "Index the log-probabilities with three integer arrays: of the step, of the sequence, and "
        "of the class. Then multiply by the mask, sum over everything, and mind the sign.",
        "`np.indices((T, N))` gives the first two index arrays, and `y` is the third. The mask "
        "multiplies log-probabilities, not outputs. Divide the sum by N alone: not by T, and not "
        "by the number of real steps.",
    ),
    "sequence_loss_gradient": (
        "The equation of step 3 has three parts: the probabilities, the one-hot code of the label, "
        "and the factor in front. Write them one after the other.",
        "The one-hot code has a single 1 at each step of each sequence. You need not build it: "
        "subtract 1 from the probabilities at the places that `sequence_loss` read.",
        "The mask has the shape (T, N), the gradient (T, N, K): `mask[..., None]` adds the missing "
        "axis. It multiplies the whole difference, so that a padded step is 0 for every class. "
        "At the end divide by N.",
    ),
}


def batch(fresh, T, N, K, scale=1.0):
    """Draw outputs, and labels among which class 0 and class K - 1 occur."""
    o = fresh.normal(T, N, K, scale=scale)
    y = fresh.integers(0, K, T, N)
    y[0, 0], y[-1, -1] = 0, K - 1
    return o, y


def far_apart(fresh):
    """Draw outputs (3, 4, 5) of about 1000, with labels likely, unlikely and in between.

    Step 0 has one output far above the others, or far below; in step 1 all of them are large, or
    all are very negative; step 2 is mixed.
    """
    o = np.array(
        [
            [
                [1000.0, -1000.0, -1000.0, -1000.0, -1000.0],
                [0.0, 0.5, -1000.0, 1.0, -0.5],
                [0.0, 0.0, 1000.0, 0.0, 1.0],
                [-1000.0, 1000.0, 1000.0, 1000.0, 1000.0],
            ],
            [
                [1000.0, 999.0, 998.5, 997.0, 999.5],
                [-1000.0, -999.0, -998.5, -997.0, -999.5],
                [800.0, 801.0, 802.0, 803.0, 804.0],
                [-800.0, -801.0, -802.0, -803.0, -804.0],
            ],
            [
                [-1000.0, -500.0, 0.0, 500.0, 1000.0],
                [720.0, -720.0, 719.0, -719.0, 0.0],
                [0.25, -1.5, 2.0, 0.5, -0.75],
                [-760.0, 10.0, 12.0, 11.0, -745.0],
            ],
        ]
    )
    y = np.array([[1, 2, 2, 0], [1, 4, 0, 3], [2, 1, 3, 4]])
    return o + fresh.normal(3, 4, 5), y


def sure(fresh):
    """Draw outputs (2, 3, 4) whose class 2 is nearly certain; return the other classes, too."""
    o = fresh.uniform(0.0, 1.0, 2, 3, 4)
    o[..., 2] += 12.0
    return o, [0, 1, 3]


# --- softmax -----------------------------------------------------------------------------


@points("softmax", 1.5)
def test_the_last_axis_holds_the_probabilities_of_one_distribution(student, reference, fresh):
    for shape in [(4,), (3, 5), (4, 3, 6), (1, 2, 1, 3)]:
        o = fresh.normal(*shape, scale=2.0)
        got, want = student.softmax(o), reference.softmax(o)
        assert_same(
            got,
            want,
            FORMS["softmax"],
            "Along the last axis, yhat is exp(o) divided by the sum of exp(o), "
            "however many axes come before it.",
        )


@points("softmax", 1.0)
def test_softmax_is_right_whatever_is_added_to_all_outputs_of_a_distribution(
    student, reference, fresh
):
    o = fresh.normal(4, 3, 5)
    levels = np.linspace(-1000.0, 1000.0, 12).reshape(4, 3, 1)  # each vector at its own
    assert_same(
        student.softmax(o + levels),
        reference.softmax(o),
        FORMS["softmax"],
        "To each vector along the last axis its own number between -1000 and 1000 was added. "
        "Only differences within a vector matter, so yhat must stay the same.",
    )


@points("softmax", 1.0)
def test_outputs_of_any_size_give_the_right_probabilities(student, reference, fresh):
    o, _ = far_apart(fresh)
    because = "The outputs are up to 1000 in size. Is each vector shifted by its own maximum?"
    assert_same(student.softmax(o), reference.softmax(o), FORMS["softmax"], because)
    huge = 1e300 * fresh.normal(3, 4)
    because = "The outputs are about 1e300 in size: finite, so yhat must be finite too."
    assert_same(student.softmax(huge), reference.softmax(huge), FORMS["softmax"], because)
    o, rest = sure(fresh)
    o[..., 2] += 10.0
    got, want = student.softmax(o), reference.softmax(o)
    if got.shape == want.shape:
        got, want = got[..., rest], want[..., rest]
    because = "Class 2 is nearly certain. The others, here by themselves, are tiny, and not zero."
    assert_same(got, want, FORMS["softmax"], because)


@points("softmax", 0.5)
def test_softmax_is_right_and_leaves_its_argument_as_it_was(student, reference, fresh):
    for _ in range(2):
        o = fresh.normal(11, 2, 4)
        got = student.softmax(o)
        assert_unchanged(student)
        assert_same(got, reference.softmax(o), FORMS["softmax"])


# --- log_softmax -------------------------------------------------------------------------


@points("log_softmax", 1.0)
def test_it_is_the_logarithm_of_softmax_over_the_last_axis(student, reference, fresh):
    for shape in [(4,), (3, 5), (4, 3, 6), (1, 2, 1, 3)]:
        o = fresh.normal(*shape, scale=2.0)
        assert_same(
            student.log_softmax(o),
            reference.log_softmax(o),
            FORMS["log_softmax"],
            "log yhat is o minus the log-sum-exp of o over the last axis, in natural logarithms.",
        )


@points("log_softmax", 1.0)
def test_log_softmax_is_right_whatever_is_added_to_all_outputs(student, reference, fresh):
    o = fresh.normal(4, 3, 5)
    levels = np.linspace(-1000.0, 1000.0, 12).reshape(4, 3, 1)
    assert_same(
        student.log_softmax(o + levels),
        reference.log_softmax(o),
        FORMS["log_softmax"],
        "To each vector along the last axis its own number between -1000 and 1000 was added. "
        "Only differences within a vector matter, so log yhat must stay the same.",
    )


@points("log_softmax", 1.5)
def test_it_is_accurate_where_a_probability_is_too_small_for_a_float(student, reference, fresh):
    for outputs in [far_apart(fresh)[0], fresh.uniform(-1000.0, 1000.0, 4, 6)]:
        assert_same(
            student.log_softmax(outputs),
            reference.log_softmax(outputs),
            FORMS["log_softmax"],
            "Some classes have a probability below 1e-324. Its logarithm is an ordinary number, "
            "if no probability is computed on the way.",
        )
    o, _ = sure(fresh)
    got, want = student.log_softmax(o), reference.log_softmax(o)
    if got.shape == want.shape:
        got, want = got[..., 2:3], want[..., 2:3]
    because = "Class 2, here by itself, is nearly certain: its logarithm is tiny, and not zero."
    assert_same(got, want, FORMS["log_softmax"], because)


@points("log_softmax", 0.5)
def test_log_softmax_is_right_and_leaves_its_argument_as_it_was(student, reference, fresh):
    for _ in range(2):
        o = fresh.normal(11, 2, 4)
        got = student.log_softmax(o)
        assert_unchanged(student)
        assert_same(got, reference.log_softmax(o), FORMS["log_softmax"])


# --- sequence_loss -----------------------------------------------------------------------


def repeated(fresh, labels):
    """Yield arguments (o, y, mask) of the same shapes, of which one or two are the same.

    Of the five classes, so many are labels.
    """
    (o, y), mask = batch(fresh, 11, 3, 5), fresh.mask(11, 3)
    other, elsewhere = batch(fresh, 11, 3, 5)
    yield o, y % labels, mask
    yield o, elsewhere % labels, fresh.mask(11, 3)
    yield other, y % labels, mask


@points("sequence_loss", 1.5)
def test_the_loss_is_a_sum_over_time_and_a_mean_over_the_batch(student, reference, fresh):
    for T, N, K in [(4, 3, 5), (1, 4, 3), (5, 1, 2), (20, 2, 12)]:
        o, y = batch(fresh, T, N, K)
        assert_same(
            student.sequence_loss(o, y),
            reference.sequence_loss(o, y),
            FORMS["sequence_loss"],
            "Without a mask, L is the sum of -log yhat at the right classes, over all steps and "
            "sequences, divided by N.",
        )


@points("sequence_loss", 0.5)
def test_the_loss_is_right_where_a_class_is_no_label_and_where_it_is_tiny(
    student, reference, fresh
):
    o, y = fresh.normal(4, 3, 6), fresh.integers(1, 5, 4, 3)
    assert_same(
        student.sequence_loss(o, y),
        reference.sequence_loss(o, y),
        FORMS["sequence_loss"],
        "Of the 6 classes, the first and the last are no labels here. They have their "
        "probabilities all the same.",
    )
    o, _ = sure(fresh)
    assert_same(
        student.sequence_loss(o, np.full((2, 3), 2)),
        reference.sequence_loss(o, np.full((2, 3), 2)),
        FORMS["sequence_loss"],
        "All labels are nearly certain here, so L is tiny, and not zero.",
    )


@points("sequence_loss", 1.5)
def test_the_loss_is_right_where_steps_are_padded(student, reference, fresh):
    o, y = batch(fresh, 5, 3, 4)
    mask = fresh.mask(5, 3)
    want = reference.sequence_loss(o, y, mask)
    because = "The mask is 0 at padded steps: their -log yhat must not be in the sum."
    assert_same(student.sequence_loss(o, y, mask), want, FORMS["sequence_loss"], because)
    padded = mask == 0
    o[padded] = [1000.0, -1000.0, 0.0, 1.0]
    y[padded] = 1  # a probability of exp(-2000)
    because = "Only outputs and labels at padded steps were changed, so L must stay as it was."
    assert_same(student.sequence_loss(o, y, mask), want, FORMS["sequence_loss"], because)


@points("sequence_loss", 1.0)
def test_the_loss_of_the_real_steps_is_averaged_over_all_sequences(student, reference, fresh):
    o, y = batch(fresh, 4, 5, 3)
    mask = np.ones((4, 5))
    mask[2:, 1] = 0.0
    mask[:, 3] = 0.0
    assert_same(
        student.sequence_loss(o, y, mask),
        reference.sequence_loss(o, y, mask),
        FORMS["sequence_loss"],
        "One sequence was padded from its third step on, another from its first. The batch still "
        "has N sequences, so the sum is divided by N.",
    )


@points("sequence_loss", 1.0)
def test_the_loss_is_exact_for_outputs_up_to_1000(student, reference, fresh):
    o, y = far_apart(fresh)
    assert_same(
        student.sequence_loss(o, y),
        reference.sequence_loss(o, y),
        FORMS["sequence_loss"],
        "The outputs are up to 1000 in size, and some labels are very unlikely. Use log_softmax, "
        "and do not limit its values.",
    )


@points("sequence_loss", 0.5)
def test_sequence_loss_is_right_and_leaves_its_arguments_as_they_were(student, reference, fresh):
    for args in repeated(fresh, labels=5):
        got = student.sequence_loss(*args)
        assert_unchanged(student)
        assert_same(got, reference.sequence_loss(*args), FORMS["sequence_loss"])


# --- sequence_loss_gradient --------------------------------------------------------------


@points("sequence_loss_gradient", 2.0)
def test_the_gradient_is_prediction_minus_label_over_the_batch_size(student, reference, fresh):
    for T, N, K in [(4, 3, 5), (1, 4, 3), (5, 1, 2), (20, 2, 12)]:
        o, y = batch(fresh, T, N, K)
        assert_same(
            student.sequence_loss_gradient(o, y),
            reference.sequence_loss_gradient(o, y),
            FORMS["sequence_loss_gradient"],
            "Without a mask, do is (yhat - 1 at the label) / N, at every step of every sequence.",
        )


@points("sequence_loss_gradient", 1.5)
def test_the_gradient_is_right_where_steps_are_padded(student, reference, fresh):
    o, y = fresh.normal(5, 3, 4), fresh.integers(0, 3, 5, 3)  # class 3 is no label here
    mask = fresh.mask(5, 3)
    mask[:, 1] = 0.0
    assert_same(
        student.sequence_loss_gradient(o, y, mask),
        reference.sequence_loss_gradient(o, y, mask),
        FORMS["sequence_loss_gradient"],
        "Where the mask is 0, do is 0 for every class. At real steps it is what it would be "
        "without padding: the factor is still 1/N.",
    )


@points("sequence_loss_gradient", 1.0)
def test_it_predicts_how_the_loss_changes_along_a_direction(student, reference, fresh):
    o, y = batch(fresh, 3, 4, 5)
    mask, direction, eps = fresh.mask(3, 4), fresh.normal(3, 4, 5), 1e-5
    ahead = reference.sequence_loss(o + eps * direction, y, mask)
    behind = reference.sequence_loss(o - eps * direction, y, mask)
    slope = (ahead - behind) / (2.0 * eps)
    do = student.sequence_loss_gradient(o, y, mask)
    if do.shape != o.shape or not abs(np.sum(do * direction) - slope) <= 1e-6 * (1.0 + abs(slope)):
        raise Mistake(
            "The outputs were moved a little in a random direction. The sum of `do` times that "
            "direction should be the slope of the loss, yet it is not."
        )


@points("sequence_loss_gradient", 1.0)
def test_the_gradient_is_finite_and_exact_for_outputs_up_to_1000(student, reference, fresh):
    o, y = far_apart(fresh)
    assert_same(
        student.sequence_loss_gradient(o, y),
        reference.sequence_loss_gradient(o, y),
        FORMS["sequence_loss_gradient"],
        "The outputs are up to 1000 in size. Where the right class is very unlikely, its entry is "
        "nearly -1/N.",
    )
    o, rest = sure(fresh)
    o[..., 2] += 10.0
    y = np.full((2, 3), 2)
    got, want = student.sequence_loss_gradient(o, y), reference.sequence_loss_gradient(o, y)
    if got.shape == want.shape:
        got, want = got[..., rest], want[..., rest]
    because = "Class 2 is nearly certain. The entries of the others, here by themselves, are tiny."
    assert_same(got, want, FORMS["sequence_loss_gradient"], because)


@points("sequence_loss_gradient", 0.5)
def test_the_gradient_is_right_and_leaves_its_arguments_as_they_were(student, reference, fresh):
    for args in repeated(fresh, labels=4):
        got = student.sequence_loss_gradient(*args)
        assert_unchanged(student)
        want = reference.sequence_loss_gradient(*args)
        assert_same(got, want, FORMS["sequence_loss_gradient"])
