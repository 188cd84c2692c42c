"""Graded tests of hw5_teacher_forcing: teacher forcing, free running, and their mix."""

from itertools import product
from time import perf_counter

import numpy as np

from autograder.judge import (
    Mistake,
    Unfit,
    assert_same,
    assert_unchanged,
    assert_value_error,
    in_few_runs,
    points,
)

H_AND_O = ("h[t, n, i]", "o[t, n, k]")
GRADS = {"U": "dU[i, d]", "V": "dV[k, i]", "W": "dW[i, k]", "b": "db[i]", "c": "dc[k]"}
LOSS_AND_GRADS = ("loss", GRADS)

FORMS = {
    "one_hot": "r[..., k]",
    "teacher_forced": H_AND_O,
    "log_likelihood": "log_p[n]",
    "teacher_forced_gradient": LOSS_AND_GRADS,
    "free_running": H_AND_O,
    "forward": H_AND_O,
    "free_running_gradient": LOSS_AND_GRADS,
    "scheduled_sampling": (*H_AND_O, "coins[t, n]"),
}

HINTS = {
    "one_hot": (
        "Each label becomes a row of K numbers. Which K different rows are there in all?",
        "Those K rows are the rows of a well-known square matrix. An array of integers can index "
        "its rows, and may have any number of axes.",
        "The identity matrix of size K comes from `np.eye`. Indexing it with `y` puts one row in "
        "the place of each label, so the result has one axis more than `y`.",
    ),
    "teacher_forced": (
        "Write down, for T = 3, what each step is fed with. Where in `y` is it, and which label is "
        "left over?",
        "Let `fed` be an array (T, N, K): its first entry is `r0`, and entry t is the one-hot code "
        "of y[t-1]. Once it is there, no step needs another one.",
        "`np.concatenate` joins `r0[None]`, which is (1, N, K), and the one-hot codes of `y[:-1]`. "
        "A weight matrix of shape (out, in) acts on the last axis of such an array by "
        "`@` with its transpose; the biases line up by themselves.",
    ),
    "log_likelihood": (
        "The network has to be run first. With what must it be fed, so that its predictions are "
        "those behind the bars of the equation?",
        "Take the log-probabilities of all classes from the teacher-forced outputs, pick that of "
        "the right class at each step, and sum over the steps, not over the sequences.",
        "Use the given `log_softmax`. To pick the right class, multiply by the one-hot code of `y` "
        "and sum over the classes, or use `np.take_along_axis` with `y[..., None]`.",
    ),
    "teacher_forced_gradient": (
        "Start from `sequence_loss_gradient`: it gives the gradient at all outputs. Then go back "
        "through one step only.",
        "`do @ V` is V^T do for all steps and sequences at once. Times 1 - h^2 it is da. Each "
        "gradient of a weight matrix is a sum, over steps and sequences, of outer products.",
        "In letters: dV[k, i] sums do[t, n, k] h[t, n, i], and dW[i, k] sums da[t, n, i] times "
        "what was fed at [t, n, k]: `r0` at the first step, then the labels before. `np.einsum` "
        "takes the letters as they stand. The factor 1/N is already in do.",
    ),
    "free_running": (
        "Now a loop over time is needed: step t cannot start before step t-1 has its outputs.",
        "Keep one variable r for what is fed back. It starts as `r0`, and after each step it "
        "becomes `softmax` of that step's outputs.",
        "Make empty arrays for h (T, N, H) and o (T, N, K), and fill in h[t] and o[t] in the loop. "
        "The formulas of one step are those of `teacher_forced`, with r in the place of `fed[t]`.",
    ),
    "forward": (
        "Both passes exist already. Only the choice between them is missing.",
        "What decides is `training` alone, never whether there happens to be a `y`.",
        "Three cases: test mode; train mode with labels; train mode where `y is None`, which "
        "raises. Compare with `is`: an array cannot be used as a condition.",
    ),
    "free_running_gradient": (
        "Take `bptt` of homework 4 as a model: a loop from the last step to the first that carries "
        "one array back. Here that array is not the gradient at h, but at r.",
        "At each step: add the part that came back through softmax to the gradient at o; from it "
        "get da; from da get what goes back to r of the step before.",
        "Carry `dr`, of shape (N, K), which starts at zero. The Jacobian of softmax times dr is "
        "yhat * (dr - m), with m the sum over the classes of yhat * dr, its axis kept. After da, "
        "the new dr is `da @ W`. For dW, note what was fed: `r0`, then yhat of the steps before.",
    ),
    "scheduled_sampling": (
        "It is `free_running` with one more line: before each step but the first, choose what is "
        "fed back.",
        "The choice is made separately for each sequence, so it is a choice between the rows of "
        "two (N, K) arrays: labels as one-hot codes, and predictions.",
        "`np.where` chooses, given a condition of shape (N, 1), as `coins[t][:, None]` has. Draw "
        "the coins once, before the loop. At t = 0 there is no step before: mind that `y[-1]` is "
        "the last label.",
    ),
}

SIZES = [(5, 3, 2, 4, 6), (1, 2, 3, 5, 4), (4, 1, 5, 3, 2)]  # T, N, D, H, K


def case(fresh, T, N, D, H, K):
    """Draw inputs, labels, what the first step is fed with, and parameters."""
    x, y = fresh.normal(T, N, D), fresh.integers(0, K, T, N)
    r0 = fresh.uniform(0.1, 1.0, N, K)
    return x, y, r0, fresh.params(D, H, K, "output")


LARGE = "V and c are large here, and so the outputs are in the hundreds: nothing limits them."


def loud(params, size=300.0):
    """Return parameters with an output layer that gives outputs in the hundreds."""
    return params | {key: size * params[key] for key in "Vc"}


BACK = (
    (1.0, ""),
    (100.0, "What comes back to the states is large here, and no gradient is limited."),
    (1e-9, "What comes back to the states is tiny here, and still not zero."),
)


def unseen(y, K):
    """Return labels among which neither the first class nor the last is."""
    return 1 + y % (K - 2)


def others(args, more):
    """Yield arguments, them again, and mixtures with other ones of the same shapes."""
    yield from (args, args, (*args[:1], *more[1:]), (*more[:-1], *args[-1:]))


TIMES = 150  # that each input is there: two thousand numbers, far too many for differences


def widened(x, params):
    """Return inputs and parameters with each input many times over, which together act as one."""
    U = np.repeat(params["U"] / TIMES, TIMES, axis=1)
    return np.repeat(x, TIMES, axis=2), {**params, "U": U}


def other_label(y, t, n, K):
    """Return the labels with another one at step t of sequence n."""
    y = y.copy()
    y[t, n] = (y[t, n] + 1) % K
    return y


def only_changed(before, after, where):
    """Return the arrays ``before``, with those of ``after`` at the index ``where``.

    Instead of one that is not of its form or size, it is the right one, ``after``.
    """
    mixed = []
    for part, new in zip(before, after, strict=True):
        if isinstance(part, Unfit) or part.shape != new.shape:
            mixed.append(new)
        else:
            mixed.append(part.copy())
            mixed[-1][where] = new[where]
    return tuple(mixed)


def assert_slope(grads, loss_at, params, direction):
    """Compare the gradients with the slope of the right loss along a direction."""
    eps = 1e-5
    ahead = loss_at({key: params[key] + eps * direction[key] for key in params})
    behind = loss_at({key: params[key] - eps * direction[key] for key in params})
    slope = (ahead - behind) / (2.0 * eps)
    right_shapes = all(grads[key].shape == params[key].shape for key in params)
    found = sum(np.sum(grads[key] * direction[key]) for key in params) if right_shapes else np.nan
    if not abs(found - slope) <= 1e-6 * (1.0 + abs(slope)):
        raise Mistake(
            "All parameters were moved a little in a random direction. The sum of all gradients "
            "times that direction should be the slope of the loss, yet it is not."
        )


# --- one_hot -----------------------------------------------------------------------------


@points("one_hot", 0.5)
def test_each_label_becomes_a_row_with_a_single_one(student, reference, fresh):
    for K, *shape in [(6, 5), (6, 4, 3), (6, 2, 3, 1), (12, 20), (12, 20)]:
        y = fresh.integers(0, K, *shape)
        y.flat[0] = K - 1  # the last class occurs
        got = student.one_hot(y, K)
        assert_unchanged(student)
        because = "The row of a label is 1 at that class, 0 elsewhere, whatever the shape of y."
        assert_same(got, reference.one_hot(y, K), FORMS["one_hot"], because)


@points("one_hot", 0.5)
def test_classes_that_do_not_occur_have_their_place_too(student, reference, fresh):
    y = fresh.integers(1, 3, 4, 2)
    y[0] = 1, 2  # both occur
    because = "Only classes 1 and 2 occur, out of K = 5: each row still has K entries."
    assert_same(student.one_hot(y, 5), reference.one_hot(y, 5), FORMS["one_hot"], because)


# --- teacher_forced ----------------------------------------------------------------------


@points("teacher_forced", 1.0)
def test_each_step_is_fed_with_the_label_of_the_step_before(student, reference, fresh):
    for T, N, D, H, K in SIZES:
        x, y, r0, params = case(fresh, T, N, D, H, K)
        because = f"With T={T} and N={N}: step t is fed with the one-hot code of y[t-1]."
        got = student.teacher_forced(x, y, r0, params)
        assert_same(got, reference.teacher_forced(x, y, r0, params), H_AND_O, because)
    x, y, r0, params = case(fresh, 5, 3, 2, 4, 6)
    for labels, weights, because in (
        (y, loud(params), LARGE),
        (unseen(y, 6), params, "The first and the last of the classes are no labels here."),
    ):
        got = student.teacher_forced(x, labels, r0, weights)
        assert_same(got, reference.teacher_forced(x, labels, r0, weights), H_AND_O, because)


@points("teacher_forced", 0.5)
def test_another_r0_changes_the_first_step_rightly_and_no_other(student, reference, fresh):
    x, y, r0, params = case(fresh, 4, 2, 3, 5, 6)
    other = fresh.uniform(0.1, 1.0, 2, 6)
    want = reference.teacher_forced(x, y, other, params)
    before = student.teacher_forced(x, y, r0, params)
    got = student.teacher_forced(x, y, other, params)
    because = "Only r0 was changed, so h[0] and o[0] must change and the later steps must not."
    assert_same(got, only_changed(before, want, 0), H_AND_O, because)


@points("teacher_forced", 1.0)
def test_another_label_changes_the_next_step_of_its_sequence_rightly_and_no_other(
    student, reference, fresh
):
    x, y, r0, params = case(fresh, 5, 3, 2, 4, 6)
    before = student.teacher_forced(x, y, r0, params)
    middle, last = other_label(y, 1, 2, 6), other_label(y, 4, 0, 6)
    want = reference.teacher_forced(x, middle, r0, params)
    got = student.teacher_forced(x, middle, r0, params)
    because = "Only y[1, 2] was changed: it is fed to step 2 of sequence 2, and to nothing else."
    assert_same(got, only_changed(before, want, (2, 2)), H_AND_O, because)
    got = student.teacher_forced(x, last, r0, params)
    because = "Only a label of the last step was changed: it is fed to no step at all."
    assert_same(got, before, H_AND_O, because)


@points("teacher_forced", 1.0)
def test_all_steps_are_right_and_computed_at_once_without_a_loop_over_time(
    student, reference, fresh
):
    x, y, r0, params = case(fresh, 4, 3, 2, 3, 5)
    got = student.teacher_forced(x, y, r0, params)
    assert_same(got, reference.teacher_forced(x, y, r0, params), H_AND_O)

    T = 4000
    many, labels = np.linspace(-1.0, 1.0, T * 2).reshape(T, 1, 2), np.arange(T)[:, None] % 5
    first, pairs = np.zeros((1, 5)), np.zeros((T - 1, 5))
    # The same steps as sequences of two, which must have the same values.
    two, of_two = np.stack([many[:-1, 0], many[1:, 0]]), np.stack([labels[:-1, 0], labels[1:, 0]])
    wide, _ = student.timed("teacher_forced", two, of_two, pairs, params)
    start = int(fresh.integers(0, T - 5))  # nobody knows which of the answers are judged
    few = np.s_[:, start : start + 4]
    some = reference.teacher_forced(two[few], of_two[few], pairs[:4], params)
    because = f"Here T = 2 and N = {T - 1}; counted from sequence {start}, four are compared."
    assert_same(tuple(part[few] for part in wide), some, H_AND_O, because)

    # The measure is a loop of our own on this machine, which makes no one-hot rows and keeps
    # nothing. Right work may gather its one-hot rows in a loop: measured, that takes up to 1.0 of
    # ours, all in one loop takes 2.0.
    def loop():
        begin = perf_counter()
        for x_t in many[: T // 4]:
            np.tanh(params["b"] + x_t @ params["U"].T + first @ params["W"].T) @ params["V"].T
        return 4 * (perf_counter() - begin)

    # The best of several, before and after, since other programs may disturb.
    ours, best = min(loop() for _ in range(6)), np.inf
    for _ in range(8):  # right work needs one, unless the machine is very busy
        long, seconds = student.timed("teacher_forced", many, labels, first, params)
        assert_same(
            tuple(part[1:, 0] for part in long),
            tuple(part[-1] for part in wide),
            ("h[n, i]", "o[n, k]"),
            f"Here T = {T} and N = 1; the same steps were run as sequences of two.",
        )
        best, ours = min(best, seconds), min(ours, *(loop() for _ in range(3)))
        if best <= 1.3 * ours + 0.003:
            return
    raise Mistake(
        f"The values are right. Yet {T} steps of one sequence take as long as a loop over time, "
        "in which each step computes its own h and o. Put what is fed to all the steps into one "
        "array (T, N, K), and compute all of them at once.",
        f"They take {1e3 * best:.1f} ms, a loop {1e3 * ours:.1f} ms.",
    )


@points("teacher_forced", 0.5)
def test_teacher_forced_is_right_and_leaves_its_arguments_as_they_were(student, reference, fresh):
    for args in others(case(fresh, 3, 2, 4, 5, 6), case(fresh, 3, 2, 4, 5, 6)):
        got = student.teacher_forced(*args)
        assert_unchanged(student)
        assert_same(got, reference.teacher_forced(*args), H_AND_O)


# --- log_likelihood ----------------------------------------------------------------------


@points("log_likelihood", 1.0)
def test_it_sums_the_log_probabilities_of_the_labels_over_the_steps(student, reference, fresh):
    runs = [case(fresh, *sizes) for sizes in (*SIZES, (20, 1, 2, 3, 12))]
    x, y, r0, params = runs[0]
    for args in (*runs, *others(runs[0], case(fresh, *SIZES[0])), (x, unseen(y, 6), r0, params)):
        got = student.log_likelihood(*args)
        assert_unchanged(student)
        T, N = args[1].shape
        because = (
            f"T={T}, N={N}: each sequence has a sum over its steps, and the labels are fed back."
        )
        want = reference.log_likelihood(*args)
        assert_same(got, want, FORMS["log_likelihood"], because)


@points("log_likelihood", 0.5)
def test_every_sequence_of_labels_there_is_has_its_log_likelihood(student, reference, fresh):
    T, D, H, K = 3, 4, 5, 2
    y = np.array(list(product(range(K), repeat=T))).T  # every sequence of labels there is
    N = y.shape[1]
    x = np.repeat(fresh.normal(T, 1, D), N, axis=1)
    r0 = np.repeat(fresh.uniform(0.1, 1.0, 1, K), N, axis=0)
    params = fresh.params(D, H, K, "output")
    got, want = student.log_likelihood(x, y, r0, params), reference.log_likelihood(x, y, r0, params)
    total = np.exp(got).sum()
    because = (
        f"The batch holds all {N} sequences of 3 labels out of 2 classes, with the same inputs. "
        f"Their probabilities must sum to 1, and sum to {total:.6g}."
    )
    assert_same(got, want, FORMS["log_likelihood"], because)


@points("log_likelihood", 0.5)
def test_it_is_exact_for_labels_that_are_all_but_impossible(student, reference, fresh):
    x, y, r0, params = case(fresh, 3, 2, 4, 5, 3)
    params["c"] = np.array([1000.0, 0.0, -1000.0])
    y[:, 0], y[:, 1] = [2, 1, 0], [1, 2, 2]
    because = "c is up to 1000 in size: some labels have a probability too small for a float."
    got = student.log_likelihood(x, y, r0, params)
    want = reference.log_likelihood(x, y, r0, params)
    assert_same(got, want, FORMS["log_likelihood"], because)
    params["c"] = np.array([0.0, 20.0, 0.0])
    because = "All labels are nearly certain here, so their log-likelihood is tiny, and not zero."
    got = student.log_likelihood(x, np.ones_like(y), r0, params)
    want = reference.log_likelihood(x, np.ones_like(y), r0, params)
    assert_same(got, want, FORMS["log_likelihood"], because)


# --- teacher_forced_gradient -------------------------------------------------------------


@points("teacher_forced_gradient", 0.5)
def test_the_loss_is_that_of_the_teacher_forced_outputs(student, reference, fresh):
    for T, N, D, H, K in SIZES:
        x, y, r0, params = case(fresh, T, N, D, H, K)
        because = "It is the negative log-likelihood, averaged over the batch."
        loss, _ = student.teacher_forced_gradient(x, y, r0, params)
        want, _ = reference.teacher_forced_gradient(x, y, r0, params)
        assert_same(loss, want, "loss", because)


@points("teacher_forced_gradient", 1.0)
def test_each_gradient_sums_over_all_steps_and_sequences(student, reference, fresh):
    for T, N, D, H, K in (*SIZES, (20, 1, 2, 3, 12)):
        x, y, r0, params = case(fresh, T, N, D, H, K)
        for size, because in BACK:
            args = x, y, r0, params | {"V": size * params["V"]}
            _, grads = student.teacher_forced_gradient(*args)
            _, want = reference.teacher_forced_gradient(*args)
            assert_same(grads, want, GRADS, f"With T={T} and N={N}. {because}".rstrip())


@points("teacher_forced_gradient", 0.5)
def test_the_gradient_is_a_sum_of_gradients_of_single_steps(student, reference, fresh):
    T, N, D, H, K = 4, 3, 2, 5, 6
    x, y, r0, params = case(fresh, T, N, D, H, K)
    _, grads = student.teacher_forced_gradient(x, y, r0, params)
    total = {key: np.zeros_like(value) for key, value in params.items()}
    fed = r0
    for t in range(T):
        _, step = reference.teacher_forced_gradient(x[t : t + 1], y[t : t + 1], fed, params)
        total = {key: total[key] + step[key] for key in total}
        fed = np.eye(K)[y[t]]
    because = (
        "Each step was also taken as a sequence of its own, with r0 the one-hot label before it. "
        "The gradients of these must sum to that of the whole: nothing is carried through time."
    )
    assert_same(grads, total, GRADS, because)


@points("teacher_forced_gradient", 0.5)
def test_it_gives_the_slope_of_the_teacher_forced_loss(student, reference, fresh):
    x, y, r0, params = case(fresh, 20, 3, 2, 5, 6)
    _, direction = widened(x, fresh.params(2, 5, 6, "output"))
    x, params = widened(x, params)
    fed = np.eye(6)[y]

    def forward():
        np.tanh(params["b"] + fed @ params["W"].T + x @ params["U"].T) @ params["V"].T

    _, grads = in_few_runs(student, "teacher_forced_gradient", (x, y, r0, params), forward)

    def loss_at(moved):
        return reference.teacher_forced_gradient(x, y, r0, moved)[0]

    assert_slope(grads, loss_at, params, direction)


@points("teacher_forced_gradient", 0.5)
def test_teacher_forced_gradient_is_right_and_leaves_its_arguments_as_they_were(
    student, reference, fresh
):
    args = x, y, r0, params = case(fresh, 3, 2, 4, 5, 6)
    for run in (*others(args, case(fresh, 3, 2, 4, 5, 6)), (x, unseen(y, 6), r0, params)):
        got = student.teacher_forced_gradient(*run)
        assert_unchanged(student)
        assert_same(got, reference.teacher_forced_gradient(*run), LOSS_AND_GRADS)


# --- free_running ------------------------------------------------------------------------


@points("free_running", 1.0)
def test_each_step_is_fed_with_the_prediction_of_the_step_before(student, reference, fresh):
    for T, N, D, H, K in (*SIZES, (20, 1, 2, 3, 4)):
        x, _, r0, params = case(fresh, T, N, D, H, K)
        because = f"With T={T} and N={N}: step t is fed with softmax(o[t-1]), the first with r0."
        got = student.free_running(x, r0, params)
        assert_same(got, reference.free_running(x, r0, params), H_AND_O, because)


@points("free_running", 0.5)
def test_another_input_changes_its_own_step_and_later_ones_rightly(student, reference, fresh):
    x, _, r0, params = case(fresh, 5, 2, 3, 4, 6)
    other = x.copy()
    other[2] += fresh.normal(2, 3)
    before, want = student.free_running(x, r0, params), reference.free_running(other, r0, params)
    because = "Only x[2] was changed: steps 0 and 1 must stay as they were, later ones must not."
    got = student.free_running(other, r0, params)
    assert_same(got, only_changed(before, want, np.s_[2:]), H_AND_O, because)


@points("free_running", 0.5)
def test_each_sequence_is_right_alone_and_in_a_batch(student, reference, fresh):
    x, _, r0, params = case(fresh, 4, 3, 2, 5, 6)
    want = reference.free_running(x, r0, params)
    for n in range(3):
        alone = student.free_running(x[:, n : n + 1], r0[n : n + 1], params)
        part = tuple(array[:, n : n + 1] for array in want)
        because = f"Sequence {n} of the batch was run alone: its values must be the same."
        assert_same(alone, part, H_AND_O, because)
    assert_same(student.free_running(x, r0, params), want, H_AND_O)


@points("free_running", 0.5)
def test_the_run_is_right_where_outputs_are_large(student, reference, fresh):
    x, _, r0, params = case(fresh, 4, 2, 3, 5, 3)
    params["c"] = np.array([1000.0, 999.0, -1000.0])
    because = "c is up to 1000 in size: feed back the given softmax, which bears that."
    got = student.free_running(x, r0, params)
    assert_same(got, reference.free_running(x, r0, params), H_AND_O, because)


@points("free_running", 0.5)
def test_free_running_is_right_and_leaves_its_arguments_as_they_were(student, reference, fresh):
    (x, _, *rest), (more, _, *others_) = case(fresh, 3, 2, 4, 5, 6), case(fresh, 3, 2, 4, 5, 6)
    for args in others((x, *rest), (more, *others_)):
        got = student.free_running(*args)
        assert_unchanged(student)
        assert_same(got, reference.free_running(*args), H_AND_O)


# --- forward -----------------------------------------------------------------------------


@points("forward", 0.5)
def test_in_test_mode_it_runs_freely_and_labels_change_nothing(student, reference, fresh):
    x, y, r0, params = case(fresh, 4, 2, 3, 5, 6)
    want = reference.forward(x, r0, params)
    because = "Called without y and training: test mode, which feeds softmax(o[t-1]) to step t."
    assert_same(student.forward(x, r0, params), want, H_AND_O, because)
    because = "Called with labels y, yet in test mode: y must change nothing."
    assert_same(student.forward(x, r0, params, y), want, H_AND_O, because)
    assert_same(student.forward(x, r0, params, y, False), want, H_AND_O, because)


@points("forward", 0.5)
def test_in_train_mode_it_is_fed_with_the_labels(student, reference, fresh):
    for T, N, D, H, K in (*SIZES, (20, 1, 2, 3, 12)):
        x, y, r0, params = case(fresh, T, N, D, H, K)
        for weights in (params, loud(params)):
            got = student.forward(x, r0, weights, y, True)
            assert_unchanged(student)
            because = "Called with training=True: step t is fed with the one-hot code of y[t-1]."
            assert_same(got, reference.forward(x, r0, weights, y, True), H_AND_O, because)


@points("forward", 0.5)
def test_in_train_mode_another_label_changes_the_next_step_rightly_and_no_other(
    student, reference, fresh
):
    x, y, r0, params = case(fresh, 5, 3, 2, 4, 6)
    other = other_label(y, 1, 2, 6)
    before = student.forward(x, r0, params, y, True)
    want = reference.forward(x, r0, params, other, True)
    because = "Only y[1, 2] was changed: it is fed to step 2 of sequence 2, and to nothing else."
    got = student.forward(x, r0, params, other, True)
    assert_same(got, only_changed(before, want, (2, 2)), H_AND_O, because)


@points("forward", 0.5)
def test_train_mode_is_right_with_labels_and_raises_a_value_error_without(
    student, reference, fresh
):
    x, y, r0, params = case(fresh, 3, 2, 4, 5, 6)
    got = student.forward(x, r0, params, y, True)
    assert_same(got, reference.forward(x, r0, params, y, True), H_AND_O)
    assert_value_error(
        "forward",
        lambda: student.forward(x, r0, params, None, True),
        "Called with training=True and without labels, it gave an answer. It cannot feed the truth "
        "back then: raise a ValueError that says so.",
    )


# --- free_running_gradient ---------------------------------------------------------------


@points("free_running_gradient", 0.5)
def test_the_loss_is_that_of_the_free_running_outputs(student, reference, fresh):
    for T, N, D, H, K in SIZES:
        x, y, r0, params = case(fresh, T, N, D, H, K)
        because = "y is compared with the outputs of the free-running pass, and not fed back."
        loss, _ = student.free_running_gradient(x, y, r0, params)
        want, _ = reference.free_running_gradient(x, y, r0, params)
        assert_same(loss, want, "loss", because)


@points("free_running_gradient", 0.5)
def test_a_single_step_has_the_right_loss_and_gradients(student, reference, fresh):
    x, y, r0, params = case(fresh, 1, 3, 2, 4, 5)
    because = "With T=1 nothing is fed back: what acts on the loss is the step itself."
    got = student.free_running_gradient(x, y, r0, params)
    assert_same(got, reference.free_running_gradient(x, y, r0, params), LOSS_AND_GRADS, because)


@points("free_running_gradient", 1.0)
def test_the_gradient_goes_back_through_what_was_fed_back(student, reference, fresh):
    for T, N, D, H, K in [(2, 4, 3, 5, 6), (5, 3, 2, 4, 6), (4, 1, 5, 3, 2), (20, 1, 2, 3, 4)]:
        x, y, r0, params = case(fresh, T, N, D, H, K)
        because = f"With T={T} and N={N}: o[t] acts through its own loss and through softmax(o[t])."
        for size, more in BACK:
            args = x, y, r0, params | {"V": size * params["V"]}
            _, grads = student.free_running_gradient(*args)
            _, want = reference.free_running_gradient(*args)
            assert_same(grads, want, GRADS, f"{because} {more}".rstrip())


@points("free_running_gradient", 0.5)
def test_it_gives_the_slope_of_the_free_running_loss(student, reference, fresh):
    x, y, r0, params = case(fresh, 20, 3, 2, 5, 6)
    _, direction = widened(x, fresh.params(2, 5, 6, "output"))
    x, params = widened(x, params)

    def forward():
        for x_t in x:
            np.tanh(params["b"] + r0 @ params["W"].T + x_t @ params["U"].T) @ params["V"].T

    _, grads = in_few_runs(student, "free_running_gradient", (x, y, r0, params), forward)

    def loss_at(moved):
        return reference.free_running_gradient(x, y, r0, moved)[0]

    assert_slope(grads, loss_at, params, direction)


@points("free_running_gradient", 0.5)
def test_free_running_gradient_is_right_and_leaves_its_arguments_as_they_were(
    student, reference, fresh
):
    args = x, y, r0, params = case(fresh, 3, 2, 4, 5, 6)
    for run in (*others(args, case(fresh, 3, 2, 4, 5, 6)), (x, unseen(y, 6), r0, params)):
        got = student.free_running_gradient(*run)
        assert_unchanged(student)
        assert_same(got, reference.free_running_gradient(*run), LOSS_AND_GRADS)


# --- scheduled_sampling ------------------------------------------------------------------


def scheduled(function, fresh, seed, x, y, r0, params, p):
    """Call the student's or the reference's function with a new generator of the given seed."""
    return function(x, y, r0, params, p, fresh.generator(seed))


@points("scheduled_sampling", 0.5)
def test_each_step_of_each_sequence_has_its_own_coin(student, reference, fresh):
    for (T, N, D, H, K), p in zip([(6, 5, 2, 3, 4), (7, 4, 3, 2, 5)], (0.3, 0.8), strict=True):
        args = (fresh.seed(), *case(fresh, T, N, D, H, K), p)
        *_, got = scheduled(student.scheduled_sampling, fresh, *args)
        *_, want = scheduled(reference.scheduled_sampling, fresh, *args)
        because = f"With p={p}, coins is rng.random((T, N)) < p: True means that the truth is fed."
        assert_same(got, want, "coins[t, n]", because)


@points("scheduled_sampling", 0.5)
def test_the_coin_of_a_step_chooses_what_that_step_is_fed_with(student, reference, fresh):
    form = FORMS["scheduled_sampling"]
    for T, N, D, H, K in [(6, 12, 2, 3, 4), (1, 12, 3, 2, 4), (20, 1, 2, 3, 4)]:
        args = (fresh.seed(), *case(fresh, T, N, D, H, K), 0.5)
        because = (
            "Where coins[t, n], step t is fed with the one-hot code of y[t-1, n], else with "
            "softmax(o[t-1, n]); the first step is always fed with r0."
        )
        got = scheduled(student.scheduled_sampling, fresh, *args)
        assert_same(got, scheduled(reference.scheduled_sampling, fresh, *args), form, because)


@points("scheduled_sampling", 0.5)
def test_p_1_is_teacher_forcing_and_p_0_is_free_running(student, reference, fresh):
    seed = fresh.seed()
    x, y, r0, params = case(fresh, 4, 3, 2, 5, 6)
    y = unseen(y, 6)
    for weights in (params, loud(params)):
        *got, _ = scheduled(student.scheduled_sampling, fresh, seed, x, y, r0, weights, 1.0)
        because = "With p=1 every coin shows the truth."
        assert_same(tuple(got), reference.teacher_forced(x, y, r0, weights), H_AND_O, because)
    *got, _ = scheduled(student.scheduled_sampling, fresh, seed, x, y, r0, params, 0.0)
    because = "With p=0 no coin shows the truth, so the labels play no part."
    assert_same(tuple(got), reference.free_running(x, r0, params), H_AND_O, because)


@points("scheduled_sampling", 0.5)
def test_scheduled_sampling_is_right_and_leaves_its_arguments_as_they_were(
    student, reference, fresh
):
    args = (fresh.seed(), *case(fresh, 4, 16, 1, 3, 4), 0.5)
    got = scheduled(student.scheduled_sampling, fresh, *args)
    assert_unchanged(student)
    want = scheduled(reference.scheduled_sampling, fresh, *args)
    assert_same(got, want, FORMS["scheduled_sampling"])
