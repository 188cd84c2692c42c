"""Graded tests of hw7_decoding: temperature, perplexity, and sequences out of distributions."""

import numpy as np

from autograder.judge import Mistake, assert_same, assert_unchanged, assert_value_error, points

FORMS = {
    "temperature_softmax": "yhat[..., k]",
    "perplexity": "perplexity",
    "greedy": "y[t, n]",
    "sample": "y[t, n]",
    "beam_search": ("y[b, t]", "log_p[b]"),
    "viterbi": ("y[t]", "log_p"),
}
HYPOTHESES, SCORES = FORMS["beam_search"]
BEST, BEST_SCORE = FORMS["viterbi"]

HINTS = {
    "temperature_softmax": (
        "Where tau is small, which of the two goes wrong first: the division, or the softmax? Try "
        "o = [800, 790] with tau = 1e-307 by hand.",
        "Take the largest output of each row from the row, with `keepdims=True`, and only then "
        "divide by tau. What is divided is 0 or negative.",
        "The given `softmax` of (o - largest) / tau is the answer: it bears -inf. Before it, `if "
        "not tau > 0` catches what is not positive; raise a ValueError there.",
    ),
    "perplexity": (
        "It is one exponential of one mean. Of what is the mean, and over how many numbers is it?",
        "Make an array (T, N) of -log yhat of the right labels. At padding it does not count: "
        "neither in the sum nor in the number by which the sum is divided.",
        "Use the given `log_softmax`. `np.take_along_axis` with `y[..., None]` picks the right "
        "labels. With a mask, divide the sum of cost times mask by the sum of the mask; then "
        "`np.exp`, once.",
    ),
    "greedy": (
        "Write down, for T = 3, what each step is fed with. The first is `r0`; where does the next "
        "come from?",
        "Keep one variable r, (N, K), which starts as `r0`. At each step: the outputs from `step`, "
        "the labels from `argmax`, and the new r from the labels.",
        "The labels of a step are `argmax(axis=-1)` of its outputs, (N,): put them into row t of "
        "an integer array (T, N). The next r is `one_hot` of them, with K the number of columns "
        "of `r0`.",
    ),
    "sample": (
        "It is `greedy` with another way to choose. For one row of probabilities and one number u, "
        "find the class with pencil and paper first.",
        "`np.cumsum(…, axis=-1)` gives the right ends of the pieces. Which of them are above u? "
        "Compare the whole table (N, K) with the numbers of the step, as a column (N, 1).",
        "The first class whose piece ends above u has as number the count of the pieces that end "
        "at u or below it. Count them along the classes; where the count is K, rounding left a "
        "gap, and the class is the last one with a probability above 0.",
    ),
    "beam_search": (
        "Begin with one hypothesis without labels, of log-probability 0, fed with `r0[None]`. What "
        "three arrays do you carry from step to step?",
        "Carry the labels (B, t), the log-probabilities (B,), and what is fed (B, K). At each step "
        "the scores are `log_p[:, None]` plus `log_softmax` of the outputs: a table (B, K), all of "
        "whose entries compete.",
        "`np.argsort(-scores, axis=None)[:width]` gives the numbers of the best entries, and "
        "`np.divmod(numbers, K)` their rows and columns. The rows say which hypotheses go on, the "
        "columns with which label.",
    ),
    "viterbi": (
        "Follow the drawing by hand for two classes and two steps. Which K numbers must be known "
        "before the next step, and what must be remembered to find the way back?",
        "`step(x[t], np.eye(K), params)` gives the outputs after every class at once: row j is for "
        "j. Add m, as a column, to its `log_softmax`, and take the maximum of each column.",
        "Keep `argmax(axis=0)` of each step as well: for each class, the class before it. At the "
        "end start from the argmax of the last m, and look up the class before it, step by step, "
        "down to the second.",
    ),
}

SIZES = [(10, 7, 2, 5, 6), (1, 9, 3, 6, 4), (20, 1, 5, 4, 3)]  # T, N, D, H, K
LEAST, MOST = 0, 2**64 - 1  # the bits of the smallest u, 0, and of the largest, 1 - 2**-53


def network(fresh, D, H, K):
    """Draw parameters for which it matters much what is fed back."""
    params = fresh.params(D, H, K, "output")
    return params | {"W": 2.0 * params["W"], "V": 2.0 * params["V"]}


def settled(fresh, answer, params):
    """Say whether the labels stay if the parameters change by a millionth: nothing nearly ties."""
    at = answer(params)
    nudge = {key: fresh.normal(*params[key].shape, scale=1e-6) for key in "Vc"}
    return all(
        np.array_equal(at, answer(params | {key: params[key] + sign * nudge[key] for key in nudge}))
        for sign in (1.0, -1.0)
    )


def batch(fresh, answer, T, N, D, H, K, labels=3):
    """Draw inputs (T, N, D), r0 and parameters: no near ties, and so many labels or more."""

    def draw():
        return fresh.normal(T, N, D), fresh.uniform(0.1, 1.0, N, K), network(fresh, D, H, K)

    def fits(x, r0, params):
        varied = len(np.unique(answer(x, r0, params))) >= labels
        return varied and settled(fresh, lambda params: answer(x, r0, params), params)

    return fresh.until(fits, draw)


def hypotheses(reference, width):
    """Return the function that gives the right hypotheses of a beam."""
    return lambda x, r0, params: reference.beam_search(x, r0, params, width)[0]


def best(reference):
    """Return the function that gives the most likely sequence."""
    return lambda x, r0, params: reference.viterbi(x, r0, params)[0]


def one(fresh, answer, T, D, H, K):
    """Draw one sequence of inputs, r0 and parameters: without near ties, and r0 matters."""

    def draw():
        return fresh.normal(T, D), fresh.uniform(0.1, 1.0, K), network(fresh, D, H, K)

    def fits(x, r0, params):
        matters = not np.array_equal(answer(x, r0, params), answer(x, 0.0 * r0, params))
        return matters and settled(fresh, lambda params: answer(x, r0, params), params)

    return fresh.until(fits, draw)


def pruned(fresh, reference, T, D, H, K, width):
    """Draw one sequence of inputs on which a much wider beam would find other hypotheses."""

    def fits(*args):
        here, wider = (hypotheses(reference, many)(*args) for many in (width, 10 * width))
        return T == 1 or not np.array_equal(here, wider[:width])

    return fresh.until(fits, lambda: one(fresh, hypotheses(reference, width), T, D, H, K))


def misses(reference, x, r0, params, width):
    """Say whether a beam of a width misses the most likely sequence."""
    found = hypotheses(reference, width)(x, r0, params)[0]
    return not np.array_equal(found, best(reference)(x, r0, params))


def chain(fresh, reference, T, D, H, K):
    """Draw one sequence of inputs on which greedy decoding errs and a beam of width K does not."""

    def fits(*args):
        return T == 1 or (misses(reference, *args, 1) and not misses(reference, *args, K))

    return fresh.until(fits, lambda: one(fresh, best(reference), T, D, H, K))


LATE = [(12, 4, 2), (17, 3, 3), (11, 5, 2)]  # T, K, opens


def late_reward(fresh, reference, T, K, opens):
    """Draw a chain whose likeliest sequence looks bad for long: a beam of width 1000 drops it.

    One class, the gate, can be reached at one step only, `opens`, and there at a high price. All
    other ways go on with nearly equal chances, and pay at each step; who is in the gate stays there
    for nothing.
    """
    H, gate = K + 1, int(fresh.integers(0, K, 1)[0])

    def draw():
        x = fresh.normal(T, 2)
        x[:, 0] = -1.0
        x[opens, 0] = 1.0
        params = {
            "U": fresh.normal(H, 2, scale=0.1),
            "W": fresh.normal(H, K, scale=0.1),
            "V": fresh.normal(K, H, scale=0.2),
            "b": fresh.normal(H, scale=0.1),
            "c": fresh.normal(K, scale=0.1),
        }
        params["W"][:K] += 2.0 * np.eye(K)  # a hidden unit for each class that was chosen
        params["U"][K] = 3.0, 0.0  # and one for the step at which the gate opens
        params["V"][gate, gate], params["V"][gate, K] = 25.0, 6.0
        params["c"][gate] = -12.0
        return x, np.zeros(K), params

    def fits(x, r0, params):
        answers = best(reference), hypotheses(reference, 2)
        return all(misses(reference, x, r0, params, width) for width in (1, 2, K, 1000)) and all(
            settled(fresh, lambda params, answer=answer: answer(x, r0, params), params)
            for answer in answers
        )

    return fresh.until(fits, draw)


def generator(bits):
    """Make a generator whose first random() is ``bits >> 11`` times 2**-53.

    PCG64 gives the exclusive or of the two halves of its state, rotated: so ``bits`` are all equal.
    """
    multiplier, increment, half = 0x2360ED051FC65DA44385DF649FCCF645, 0x5851F42D4C957F2D, 0x9E3779B9
    after = (half ^ bits) << 64 | half
    before = (after - increment) * pow(multiplier, -1, 2**128) % 2**128
    made = np.random.PCG64()
    made.state = {
        "bit_generator": "PCG64",
        "state": {"state": before, "inc": increment},
        "has_uint32": 0,
        "uinteger": 0,
    }
    return np.random.Generator(made)


# --- temperature_softmax -----------------------------------------------------------------


@points("temperature_softmax", 0.5)
def test_the_outputs_are_divided_by_the_temperature_before_the_softmax(student, reference, fresh):
    for shape, tau in [
        ((20, 12), 0.4),
        ((5,), 0.4),
        ((3, 4), 2.5),
        ((2, 1, 3), 1.0),
        ((4, 2, 6), 3),
    ]:
        o = fresh.normal(*shape, scale=2.0)
        because = f"At tau={tau}, over the last axis."
        got, want = student.temperature_softmax(o, tau), reference.temperature_softmax(o, tau)
        assert_same(got, want, FORMS["temperature_softmax"], because)


@points("temperature_softmax", 0.5)
def test_it_is_right_however_small_or_large_tau_and_the_outputs_are(student, reference, fresh):
    rows = fresh.normal(3, 4)
    rows[1, 2] = rows[1, 0] = 5.0  # these two share
    for size, tau in [
        *((1.0, 1e-300), (1e3, 5e-324), (1e300, 1e-20), (1e-300, 1e-300)),
        *((1e3, 1.0), (1.0, 1e300)),
    ]:
        o = size * rows
        because = (
            f"Outputs of size {size:g} at tau={tau:g}: subtract the largest output of each row "
            "before you divide. Classes that share the largest output share the probability."
        )
        got, want = student.temperature_softmax(o, tau), reference.temperature_softmax(o, tau)
        assert_same(got, want, FORMS["temperature_softmax"], because)
    o = fresh.uniform(0.0, 1.0, 2, 3, 4)
    o[..., 3] += 44.0
    got, want = student.temperature_softmax(o, 2.0), reference.temperature_softmax(o, 2.0)
    if got.shape == want.shape:
        got, want = got[..., :3], want[..., :3]
    because = "Class 3 is nearly certain. The others, here by themselves, are tiny, and not zero."
    assert_same(got, want, FORMS["temperature_softmax"], because)


@points("temperature_softmax", 0.5)
def test_it_takes_positive_temperatures_and_raises_a_value_error_for_others(
    student, reference, fresh
):
    o = fresh.normal(3, 4)
    for tau in (1.0, 1e-300):
        student.temperature_softmax(o, tau)
    for tau in (0.0, -0.5):
        assert_value_error(
            "temperature_softmax",
            lambda tau=tau: student.temperature_softmax(o, tau),
            f"Called with tau={tau:g}, it gave an answer. A temperature is positive: raise a "
            "ValueError that says so.",
        )


@points("temperature_softmax", 0.5)
def test_temperature_softmax_is_right_and_leaves_its_arguments_as_they_were(
    student, reference, fresh
):
    o = fresh.normal(2, 3, 5)
    got = student.temperature_softmax(o, 0.7)
    assert_unchanged(student)
    assert_same(got, reference.temperature_softmax(o, 0.7), FORMS["temperature_softmax"])


# --- perplexity --------------------------------------------------------------------------


@points("perplexity", 0.5)
def test_without_a_mask_all_steps_of_all_sequences_count_alike(student, reference, fresh):
    for T, N, K in [(5, 3, 4), (1, 1, 6), (20, 1, 12)]:
        o, y = fresh.normal(T, N, K, scale=2.0), fresh.integers(0, K, T, N)
        because = f"With T={T}, N={N} and K={K}."
        assert_same(student.perplexity(o, y), reference.perplexity(o, y), "perplexity", because)


@points("perplexity", 0.5)
def test_with_a_mask_all_real_steps_count_alike_and_padding_does_not_count(
    student, reference, fresh
):
    for T, N, K in [(7, 4, 5), (6, 3, 2)]:
        o, y = fresh.normal(T, N, K, scale=3.0), fresh.integers(0, K, T, N)
        mask = fresh.mask(T, N)
        got, want = student.perplexity(o, y, mask), reference.perplexity(o, y, mask)
        because = "The sum over the real steps is divided by their number, whatever lengths are."
        assert_same(got, want, "perplexity", because)


@points("perplexity", 0.5)
def test_it_is_right_for_labels_that_are_all_but_impossible(student, reference, fresh):
    o, y = fresh.normal(5, 4, 3), fresh.integers(0, 3, 5, 4)
    o[2, 1] = 0.0, -50.0, 850.0
    y[2, 1] = 1
    because = "One label has a probability too small for a float: its logarithm is an ordinary one."
    assert_same(student.perplexity(o, y), reference.perplexity(o, y), "perplexity", because)


@points("perplexity", 0.5)
def test_perplexity_is_right_and_leaves_its_arguments_as_they_were(student, reference, fresh):
    o, y, mask = fresh.normal(4, 3, 5), fresh.integers(0, 4, 4, 3), fresh.mask(4, 3)
    for args in ((o, y, mask), (o, (y + 1) % 4, np.ones((4, 3))), (fresh.normal(4, 3, 5), y, mask)):
        got = student.perplexity(*args)
        assert_unchanged(student)
        assert_same(got, reference.perplexity(*args), "perplexity")


# --- greedy ------------------------------------------------------------------------------


@points("greedy", 1.0)
def test_each_step_is_fed_with_the_class_that_was_chosen_before(student, reference, fresh):
    for T, N, D, H, K in SIZES:
        x, r0, params = batch(fresh, reference.greedy, T, N, D, H, K)
        because = f"With T={T} and N={N}: step t is fed with the one-hot code of y[t-1]."
        got, want = student.greedy(x, r0, params), reference.greedy(x, r0, params)
        assert_same(got, want, FORMS["greedy"], because)


@points("greedy", 0.5)
def test_the_first_class_is_the_most_likely_one_after_r0(student, reference, fresh):
    x, r0, params = batch(fresh, reference.greedy, 1, 20, 3, 5, 6)
    because = "A single step of 20 sequences, each fed with its row of r0."
    got, want = student.greedy(x, r0, params), reference.greedy(x, r0, params)
    assert_same(got, want, FORMS["greedy"], because)


@points("greedy", 0.5)
def test_a_sequence_is_decoded_rightly_when_it_is_alone(student, reference, fresh):
    x, r0, params = batch(fresh, reference.greedy, 12, 8, 2, 5, 6)
    want = reference.greedy(x, r0, params)
    for n in range(8):
        got = student.greedy(x[:, n : n + 1], r0[n : n + 1], params)
        because = f"Sequence {n} of the batch was decoded alone: its labels must be the same."
        assert_same(got, want[:, n : n + 1], FORMS["greedy"], because)


@points("greedy", 0.5)
def test_it_takes_views_of_larger_arrays_and_parameters_that_it_does_not_need(
    student, reference, fresh
):
    x, r0, params = batch(fresh, reference.greedy, 12, 9, 3, 5, 7)
    want = reference.greedy(x, r0, params)
    turned = {key: np.asfortranarray(value) for key, value in params.items()}
    got = student.greedy(
        np.repeat(x, 2, axis=0)[::2], np.asfortranarray(r0), turned | {"spare": np.ones(2)}
    )
    because = "The arrays are views or laid out by columns, and params has one more entry."
    assert_same(got, want, FORMS["greedy"], because)


@points("greedy", 0.5)
def test_greedy_is_right_and_leaves_its_arguments_as_they_were(student, reference, fresh):
    x, r0, params = batch(fresh, reference.greedy, 12, 8, 2, 4, 6)
    for inputs, weights in ((x, params), (x, params | {"U": -params["U"]}), (x[::-1], params)):
        got = student.greedy(inputs, r0, weights)
        assert_unchanged(student)
        assert_same(got, reference.greedy(inputs, r0, weights), FORMS["greedy"])


# --- sample ------------------------------------------------------------------------------


def drawing(fresh, reference, seed, tau):
    """Return the function that gives the right labels for the random numbers of a seed."""
    return lambda x, r0, params: reference.sample(x, r0, params, tau, fresh.generator(seed))


@points("sample", 1.0)
def test_each_step_is_fed_with_the_class_that_was_drawn_before(student, reference, fresh):
    for T, N, D, H, K in SIZES:
        seed = fresh.seed()
        right = drawing(fresh, reference, seed, 1.5)
        x, r0, params = batch(fresh, right, T, N, D, H, K)
        got = student.sample(x, r0, params, 1.5, fresh.generator(seed))
        because = (
            f"With T={T}, N={N} and tau=1.5: y[t, n] is the first class whose cumulative "
            "probability exceeds u[t, n], and is fed to step t+1 of sequence n."
        )
        assert_same(got, right(x, r0, params), FORMS["sample"], because)


@points("sample", 0.5)
def test_a_class_is_the_first_whose_cumulative_probability_exceeds_its_number(
    student, reference, fresh
):
    seed = fresh.seed()
    right = drawing(fresh, reference, seed, 1.0)
    x, r0, params = batch(fresh, right, 1, 40, 3, 5, 6, labels=5)  # so none is nearly certain
    got = student.sample(x, r0, params, 1.0, fresh.generator(seed))
    because = "A single step of 40 sequences, at tau=1: each has a number u of its own."
    assert_same(got, right(x, r0, params), FORMS["sample"], because)


@points("sample", 0.5)
def test_the_right_classes_are_drawn_at_low_and_high_temperatures(student, reference, fresh):
    for tau in (0.3, 6.0):
        seed = fresh.seed()
        right = drawing(fresh, reference, seed, tau)
        x, r0, params = batch(fresh, right, 1, 40, 2, 4, 5)
        got = student.sample(x, r0, params, tau, fresh.generator(seed))
        because = f"A single step of 40 sequences, at tau={tau}."
        assert_same(got, right(x, r0, params), FORMS["sample"], because)


@points("sample", 0.5)
def test_in_the_cold_the_most_likely_class_is_drawn_and_fed_back(student, reference, fresh):
    for tau in (1e-6, 1e-300):
        x, r0, params = batch(fresh, reference.greedy, 12, 9, 3, 5, 6)
        got = student.sample(x, r0, params, tau, fresh.generator(fresh.seed()))
        because = (
            f"At tau={tau:g} all probability is on the largest output: this is greedy decoding."
        )
        assert_same(got, reference.greedy(x, r0, params), FORMS["sample"], because)


@points("sample", 0.5)
def test_the_right_class_is_drawn_where_u_is_0(student, reference, fresh):
    for impossible in (1, 2):
        x, r0 = fresh.normal(1, 1, 2), fresh.uniform(0.1, 1.0, 1, 4)
        params = network(fresh, 2, 3, 4)
        params["c"][:impossible], params["c"][impossible] = -2000.0, -50.0
        got = student.sample(x, r0, params, 1.0, generator(LEAST))
        want = reference.sample(x, r0, params, 1.0, generator(LEAST))
        because = (
            f"The number u is 0. The classes before class {impossible} have probability 0, and "
            f"class {impossible} has not. A cumulative probability of 0 does not exceed u."
        )
        assert_same(got, want, FORMS["sample"], because)


@points("sample", 0.5)
def test_the_last_class_is_drawn_where_rounding_leaves_u_above_all_sums(student, reference, fresh):
    for _ in range(12):
        x, r0 = fresh.normal(1, 1, 2), np.ones((1, 60))
        params = fresh.params(2, 1, 60, "output")
        got = student.sample(x, r0, params, 1.0, generator(MOST))
        want = reference.sample(x, r0, params, 1.0, generator(MOST))
        because = (
            "The number u is the largest below 1, and 60 probabilities are summed: rounding can "
            "leave the last sum below u. The class is then the last one."
        )
        assert_same(got, want, FORMS["sample"], because)


@points("sample", 0.5)
def test_sample_is_right_and_leaves_its_arguments_as_they_were(student, reference, fresh):
    seed = fresh.seed()
    right = drawing(fresh, reference, seed, 0.5)
    x, r0, params = batch(fresh, right, 12, 8, 2, 4, 6)
    for inputs, weights in ((x, params), (x, params | {"U": -params["U"]}), (x[::-1], params)):
        got = student.sample(inputs, r0, weights, 0.5, fresh.generator(seed))
        assert_unchanged(student)
        assert_same(got, right(inputs, r0, weights), FORMS["sample"])


# --- beam_search -------------------------------------------------------------------------

BEAMS = [(6, 2, 4, 5, 3), (5, 3, 5, 4, 6), (1, 2, 3, 6, 2), (7, 4, 3, 2, 4)]  # T, D, H, K, width


@points("beam_search", 0.5)
def test_a_beam_of_width_1_holds_the_greedy_sequence(student, reference, fresh):
    for T, D, H, K in [(8, 2, 4, 5), (1, 3, 5, 6), (12, 3, 4, 3)]:
        x, r0, params = pruned(fresh, reference, T, D, H, K, 1)
        y, _ = student.beam_search(x, r0, params, 1)
        because = f"With T={T} and a width of 1: y is (1, T), the sequence of greedy decoding."
        want = reference.greedy(x[:, None], r0[None], params).T
        assert_same(y, want, HYPOTHESES, because)


@points("beam_search", 1.0)
def test_y_holds_the_best_hypotheses_with_the_best_first(student, reference, fresh):
    for T, D, H, K, width in BEAMS:
        x, r0, params = pruned(fresh, reference, T, D, H, K, width)
        y, _ = student.beam_search(x, r0, params, width)
        want, _ = reference.beam_search(x, r0, params, width)
        because = f"With T={T}, K={K} and a width of {width}: row 0 is the most likely hypothesis."
        assert_same(y, want, HYPOTHESES, because)


@points("beam_search", 1.0)
def test_log_p_holds_the_log_likelihoods_of_the_hypotheses(student, reference, fresh):
    for T, D, H, K, width in BEAMS:
        x, r0, params = pruned(fresh, reference, T, D, H, K, width)
        _, log_p = student.beam_search(x, r0, params, width)
        _, want = reference.beam_search(x, r0, params, width)
        because = (
            f"With T={T}, K={K} and a width of {width}: each is a sum of T logarithms, and they "
            "come in falling order."
        )
        assert_same(log_p, want, SCORES, because)


@points("beam_search", 0.5)
def test_y_holds_all_sequences_where_there_are_fewer_than_the_width(student, reference, fresh):
    for T, K, width in [(3, 2, 50), (2, 4, 16), (1, 5, 7)]:
        x, r0, params = one(fresh, hypotheses(reference, width), T, 3, 4, K)
        y, _ = student.beam_search(x, r0, params, width)
        want, _ = reference.beam_search(x, r0, params, width)
        because = f"With T={T} and K={K} there are {K**T} sequences; the width is {width}."
        assert_same(y, want, HYPOTHESES, because)


@points("beam_search", 0.5)
def test_log_p_holds_all_sequences_where_there_are_fewer_than_the_width(student, reference, fresh):
    for T, K, width in [(3, 2, 50), (2, 4, 16), (1, 5, 7)]:
        x, r0, params = one(fresh, hypotheses(reference, width), T, 3, 4, K)
        _, log_p = student.beam_search(x, r0, params, width)
        _, want = reference.beam_search(x, r0, params, width)
        because = (
            f"With T={T} and K={K} there are {K**T} sequences; the width is {width}. Their "
            "probabilities sum to 1."
        )
        assert_same(log_p, want, SCORES, because)


@points("beam_search", 0.5)
def test_y_is_right_where_the_best_sequence_leaves_the_beam_early(student, reference, fresh):
    for T, K, opens in 2 * LATE:
        x, r0, params = late_reward(fresh, reference, T, K, opens)
        y, _ = student.beam_search(x, r0, params, 2)
        want, _ = reference.beam_search(x, r0, params, 2)
        because = (
            "The most likely sequence begins badly here, and a beam of width 2 drops it early. So "
            "y holds others: the best two that go on from what was kept."
        )
        assert_same(y, want, HYPOTHESES, because)


@points("beam_search", 0.5)
def test_log_p_is_right_for_hundreds_of_steps(student, reference, fresh):
    x, r0, params = long(fresh)
    _, log_p = student.beam_search(x, r0, params, 3)
    _, want = reference.beam_search(x, r0, params, 3)
    because = "300 steps and 40 classes: the probability itself is too small for a float."
    assert_same(log_p, want, SCORES, because)


@points("beam_search", 0.5)
def test_beam_search_finds_y_and_leaves_its_arguments_as_they_were(student, reference, fresh):
    for _ in range(3):
        x, r0, params = pruned(fresh, reference, 6, 2, 3, 4, 3)
        for width in (3, 2):
            y, _ = student.beam_search(x, r0, params, width)
            assert_unchanged(student)
            want, _ = reference.beam_search(x, r0, params, width)
            assert_same(y, want, HYPOTHESES)


# --- viterbi -----------------------------------------------------------------------------


def long(fresh):
    """Draw one long sequence of inputs, for a network that is never sure and hardly cares."""
    x, r0 = fresh.normal(300, 2), fresh.uniform(0.1, 1.0, 40)
    params = fresh.params(2, 3, 40, "output")
    return x, r0, params | {"V": 1e-8 * params["V"], "c": 0.2 * params["c"]}


def assert_in_proportion(student, fresh):
    """Raise a `Mistake` if twice as many steps take far more than twice the time."""
    x, r0, params = fresh.normal(16, 2), fresh.uniform(0.1, 1.0, 2), network(fresh, 2, 3, 2)
    short = min(student.timed("viterbi", x[:8], r0, params)[1] for _ in range(5))
    long = np.inf
    for attempt in range(10):  # right work needs one, unless the machine is very busy
        long = min(long, student.timed("viterbi", x, r0, params)[1])
        # Measured: about twice as long, and 60 times and more where all sequences are tried.
        if long <= 6.0 * short + 0.005:
            return
        if attempt > 1 and long > 40.0 * short + 0.5:
            break
    raise Mistake(
        "16 steps take far more than twice as long as 8: the time must grow in proportion to T. "
        "With each step there are K times as many sequences, so they cannot all be tried.",
        f"They take {1e3 * long:.1f} ms, against {1e3 * short:.1f} ms.",
    )


@points("viterbi", 1.0)
def test_y_is_the_most_likely_sequence(student, reference, fresh):
    for T, D, H, K in [(6, 2, 4, 5), (1, 3, 5, 4), (7, 3, 5, 3), (9, 4, 3, 2), (8, 2, 5, 4)]:
        x, r0, params = chain(fresh, reference, T, D, H, K)
        y, _ = student.viterbi(x, r0, params)
        want, _ = reference.viterbi(x, r0, params)
        because = f"With T={T} and K={K}: of all {K**T} sequences, the most likely one."
        assert_same(y, want, BEST, because)


@points("viterbi", 1.0)
def test_y_is_the_most_likely_sequence_where_it_looks_bad_for_long(student, reference, fresh):
    assert_in_proportion(student, fresh)  # else the sequences to come would take hours
    for T, K, opens in LATE:
        x, r0, params = late_reward(fresh, reference, T, K, opens)
        y, _ = student.viterbi(x, r0, params)
        want, _ = reference.viterbi(x, r0, params)
        because = (
            f"T={T}, K={K}. Here even a beam of width 1000 misses the best sequence: for each "
            "class, the best way to it must be kept at every step."
        )
        assert_same(y, want, BEST, because)


@points("viterbi", 0.5)
def test_log_p_is_the_log_likelihood_of_the_most_likely_sequence(student, reference, fresh):
    for T, D, H, K in [(6, 2, 4, 5), (1, 3, 5, 4), (8, 4, 3, 2)]:
        x, r0, params = chain(fresh, reference, T, D, H, K)
        _, log_p = student.viterbi(x, r0, params)
        _, want = reference.viterbi(x, r0, params)
        because = f"With T={T} and K={K}: the sum of its T logarithms."
        assert_same(log_p, want, BEST_SCORE, because)


@points("viterbi", 0.5)
def test_log_p_is_right_for_hundreds_of_steps_too(student, reference, fresh):
    assert_in_proportion(student, fresh)
    x, r0, params = long(fresh)
    _, log_p = student.viterbi(x, r0, params)
    _, want = reference.viterbi(x, r0, params)
    because = "300 steps and 40 classes: the probability itself is too small for a float."
    assert_same(log_p, want, BEST_SCORE, because)


@points("viterbi", 0.5)
def test_y_is_found_in_time_proportional_to_the_number_of_steps(student, reference, fresh):
    for _ in range(4):
        x, r0, params = chain(fresh, reference, 14, 3, 4, 2)
        y, _ = student.viterbi(x, r0, params)
        want, _ = reference.viterbi(x, r0, params)
        assert_same(y, want, BEST, "With T=14 and K=2.")
    assert_in_proportion(student, fresh)


@points("viterbi", 0.5)
def test_viterbi_finds_y_and_leaves_its_arguments_as_they_were(student, reference, fresh):
    for _ in range(3):
        x, r0, params = chain(fresh, reference, 8, 2, 3, 4)
        y, _ = student.viterbi(x, r0, params)
        assert_unchanged(student)
        want, _ = reference.viterbi(x, r0, params)
        assert_same(y, want, BEST)
