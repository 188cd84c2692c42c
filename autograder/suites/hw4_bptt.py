"""Graded tests of hw4_bptt: numerical gradients, BPTT of patterns 1 and 3, truncation, clipping."""

import numpy as np

from autograder.judge import (
    Mistake,
    assert_new,
    assert_same,
    assert_unchanged,
    in_few_runs,
    points,
)
from autograder.maps import Cubes, Waves

GRADS = {
    "U": "dU[i, d]",
    "W": "dW[i, j]",
    "V": "dV[k, i]",
    "b": "db[i]",
    "c": "dc[k]",
    "x": "dx[t, n, d]",
    "h0": "dh0[n, i]",
}

FORMS = {
    "numerical_gradient": "gradient[...]",
    "step_backward": ("dx_t[n, d]", "dh_prev[n, i]", {name: GRADS[name] for name in "UWb"}),
    "bptt": ("loss", GRADS),
    "bptt_single_output": ("loss", GRADS),
    "truncated_bptt": ("loss", GRADS),
    "clip_gradients": GRADS,
    "rnn_step": "h_t[n, i]",  # given in the notebook
}

HINTS = {
    "numerical_gradient": (
        "Each entry of the gradient asks a question of its own: what happens to `f` if this entry "
        "of `x` moves a little, and all others stay?",
        "For each entry, make two arrays: one in which it is larger by eps, one in which it is "
        "smaller by eps. The entry of the gradient is the difference of the two values of `f`, "
        "divided by the distance between the two points, which is 2 eps.",
        "`np.ndindex(x.shape)` runs through the index tuples of an array with any number of axes. "
        "For each of them, an array of zeros with eps in that place can be added to `x` and "
        "subtracted from it, so `x` itself is never touched.",
    ),
    "step_backward": (
        "Go backwards through the step's two operations, the last one first: h_t = tanh(a_t), then "
        "a_t = b + W h_prev + U x_t.",
        "First get da, the gradient with respect to a_t: each entry of dh times the derivative of "
        "tanh, which can be written with h_t alone. All five results follow from da and one other "
        "array each.",
        "Let the shapes guide you. dh_prev is (N, H): da times W, and since sequences are rows, "
        "W^T da becomes a product with W as it is. dW is (H, H), with unit i of da first and unit "
        "j of h_prev second; the axis that disappears in the product is that of the batch.",
    ),
    "bptt": (
        "Three parts: run the network forward, get the gradient at all outputs, then walk back "
        "from the last step to the first. Both ends of this work are in given functions.",
        "Carry one array of shape (N, H) from step to step: what the step after sends back. At "
        "step t add the share of o_t to it. Now it is all of dL/dh_t, which is what "
        "`step_backward` wants; what that returns for h_prev is carried on.",
        "`reversed(range(T))` gives the steps. The state before step 0 is h0. Start the sums for "
        "U, W and b with zeros and add each step's part. What is carried after step 0 is the "
        "gradient of h0. dV sums do[t, n, k] h[t, n, i] over t and n: `np.einsum` can do it.",
    ),
    "bptt_single_output": (
        "Compare the two drawings: which edges of pattern 1 are missing here? Their terms are "
        "missing from the gradient as well.",
        "The output hangs on the last state alone. So V, c and the last state get their gradients "
        "before the loop begins, and inside the loop nothing is added any more.",
        "`single_output` gives o of shape (N, K). With an axis for time in front, for `o` as well "
        "as for `y`, the given loss and its gradient can be used; take that axis away again from "
        "the gradient. The loop is that of `bptt`, without the share of the outputs.",
    ),
    "truncated_bptt": (
        "Within a window nothing is new. What does a window need to know of the ones before it?",
        "Treat each window as a sequence of its own that starts from the last state of the window "
        "before. Losses and the gradients of the parameters add up over the windows; those of "
        "`x` are put one after another.",
        "`range(0, T, k)` gives the first step of each window, and a slice that ends beyond T is "
        "cut by numpy. `bptt` does not return states: get the last state of a window from "
        "`hidden_recurrence`. The gradient of h0 is the one that the first window returns.",
    ),
    "clip_gradients": (
        "Think of all arrays as the parts of one long vector. What is its length?",
        "One factor for all arrays: 1 if the norm is at most max_norm, otherwise the ratio that "
        "brings the norm down to max_norm.",
        "The square of the norm is the sum of the squares of all entries of all arrays. Find the "
        "factor by comparing, rather than by always dividing: then a norm of zero does no harm. "
        "Multiplying by the factor makes new arrays.",
    ),
}


def task(fresh, T, N, D, H, K):
    """Draw the arguments of bptt: (x, h0, y, params)."""
    return (
        fresh.normal(T, N, D),
        fresh.normal(N, H, scale=0.7),
        fresh.integers(0, K, T, N),
        fresh.params(D, H, K),
    )


def final_task(fresh, T, N, D, H, K):
    """Draw the arguments of bptt_single_output: a label for each sequence."""
    return (
        fresh.normal(T, N, D),
        fresh.normal(N, H, scale=0.7),
        fresh.integers(0, K, N),
        fresh.params(D, H, K),
    )


TIMES = 60  # that each input is there: thousands of numbers, far too many for differences


def widened(args):
    """Return the arguments with each input many times over, which together act as one."""
    x, *rest, params = args
    U = np.repeat(params["U"] / TIMES, TIMES, axis=1)
    return np.repeat(x, TIMES, axis=2), *rest, {**params, "U": U}


def run_of(x, h0, _, params):
    """Return what runs the network of pattern 1 once."""

    def forward():
        h = h0
        for x_t in x:
            h = np.tanh(params["b"] + h @ params["W"].T + x_t @ params["U"].T)
            h @ params["V"].T + params["c"]

    return forward


def step(fresh, reference, N, D, H):
    """Draw the arguments of step_backward, with the state that the step really gives."""
    params = fresh.params(D, H, 2)
    dh, x_t = fresh.normal(N, H), fresh.normal(N, D)
    h_prev = fresh.normal(N, H, scale=0.7)
    return dh, x_t, h_prev, reference.rnn_step(x_t, h_prev, params), params


SIZES = (
    (1.0, ""),
    (100.0, "What comes back to the states is large here, and no gradient is limited."),
    (1e-9, "What comes back to the states is tiny here, and still not zero."),
)


def sized(args, size):
    """Return arguments whose gradients, but those of V and c, are so many times as large."""
    *rest, params = args
    return *rest, params | {"V": size * params["V"]}


def others(args, more):
    """Yield arguments, them again, and mixtures with other ones of the same shapes."""
    yield from (args, args, (*args[:1], *more[1:]), (*more[:-1], *args[-1:]))


def assert_same_grads(got, want, names, because):
    """Compare some of the gradients only."""
    assert_same(
        {name: got[name] for name in names},
        {name: want[name] for name in names},
        {name: GRADS[name] for name in names},
        because,
    )


# --- numerical_gradient ------------------------------------------------------------------


@points("numerical_gradient", 1.0)
def test_each_entry_is_moved_up_and_down_while_the_others_stay(student, reference, fresh):
    # Between 0 and pi the sine is curved everywhere: a moved entry shows in all others.
    f, x = Waves(fresh.uniform(0.5, 1.5, 5)), fresh.uniform(0.1, 0.4, 5)
    assert_same(
        student.numerical_gradient(f, x),
        reference.numerical_gradient(f, x),
        FORMS["numerical_gradient"],
        "The result is compared to seven digits: more than a one-sided difference reaches.",
    )


@points("numerical_gradient", 1.0)
def test_the_gradient_is_right_for_any_number_of_axes_and_x_stays_as_it_was(
    student, reference, fresh
):
    for shape, size in (((3, 4), 1.0), ((2, 1, 3), 1e3), ((1,), 1e-9), ((12,), 1.0)):
        for f in (Waves(fresh.normal(*shape)), Cubes(size * fresh.normal(*shape))):
            x = fresh.normal(*shape)
            got = student.numerical_gradient(f, x)
            assert_unchanged(student)
            assert_same(
                got,
                reference.numerical_gradient(f, x),
                FORMS["numerical_gradient"],
                f"Here `x` has the shape {shape}.",
            )
    f, x = Waves(fresh.normal(4, 3)), np.asfortranarray(fresh.normal(4, 3))
    got = student.numerical_gradient(f, x)
    assert_unchanged(student)
    assert_same(
        got,
        reference.numerical_gradient(f, x),
        FORMS["numerical_gradient"],
        "Here `x` lies in memory column by column, as a transposed array does: of such an array "
        "`ravel` and `reshape` make a copy.",
    )


@points("numerical_gradient", 1.0)
def test_the_gradient_is_that_of_the_eps_that_was_asked_for(student, reference, fresh):
    f, x = Cubes(fresh.uniform(0.5, 1.5, 4)), fresh.normal(4)
    for eps in (0.5, 0.25):
        assert_same(
            student.numerical_gradient(f, x, eps),
            reference.numerical_gradient(f, x, eps),
            FORMS["numerical_gradient"],
            f"With a step as large as eps = {eps}, the central difference of a cubic function is "
            "visibly different from its derivative, by weights * eps^2.",
        )


# --- step_backward -----------------------------------------------------------------------


@points("step_backward", 1.0)
def test_the_state_before_gets_its_gradient_through_the_tanh_and_the_weights(
    student, reference, fresh
):
    dh, *rest = step(fresh, reference, N=3, D=2, H=5)
    for size, _ in SIZES:
        assert_same(
            student.step_backward(size * dh, *rest)[1],
            reference.step_backward(size * dh, *rest)[1],
            FORMS["step_backward"][1],
            f"The gradient passes the tanh first, then W^T. Here `dh` is about {size:g} in size.",
        )


@points("step_backward", 0.5)
def test_the_input_gets_its_gradient_in_batches_of_one_sequence_or_more(student, reference, fresh):
    for N, size in ((4, 1.0), (1, 1.0), (4, 1e3), (4, 1e-9)):
        dh, *rest = step(fresh, reference, N, D=3, H=5)
        assert_same(
            student.step_backward(size * dh, *rest)[0],
            reference.step_backward(size * dh, *rest)[0],
            FORMS["step_backward"][0],
            f"The batch has N = {N}, and `dh` is about {size:g} in size.",
        )


@points("step_backward", 1.5)
def test_the_gradients_of_the_parameters_add_up_over_the_batch(student, reference, fresh):
    dh, *rest = step(fresh, reference, N=4, D=3, H=5)
    for size, _ in SIZES:
        assert_same(
            student.step_backward(size * dh, *rest)[2],
            reference.step_backward(size * dh, *rest)[2],
            FORMS["step_backward"][2],
            f"Here `dh` is about {size:g} in size.",
        )


@points("step_backward", 0.5)
def test_the_step_is_right_where_units_are_saturated(student, reference, fresh):
    dh, x_t, h_prev, _, params = step(fresh, reference, N=3, D=2, H=4)
    params["b"][[0, 2]] = [40.0, -40.0]  # tanh rounds to 1 and -1 exactly
    h_t = reference.rnn_step(x_t, h_prev, params)
    assert_same(
        student.step_backward(dh, x_t, h_prev, h_t, params),
        reference.step_backward(dh, x_t, h_prev, h_t, params),
        FORMS["step_backward"],
        "Units 0 and 2 are at 1 and -1, where tanh is flat: the gradient ends there.",
    )


@points("step_backward", 0.5)
def test_the_step_is_right_for_each_sequence_and_arguments_stay_as_they_were(
    student, reference, fresh
):
    dh, *rest = step(fresh, reference, N=3, D=2, H=4)
    before = student.step_backward(dh, *rest)
    assert_unchanged(student)
    other = dh.copy()
    other[0] += 1.0
    after = student.step_backward(other, *rest)
    for position in (0, 1):
        assert_same(
            after[position][1:],
            before[position][1:],
            FORMS["step_backward"][position],
            "Only `dh[0]` was changed, so the other sequences must stay as they were (counted from "
            "the second one here).",
        )
    assert_same(after, reference.step_backward(other, *rest), FORMS["step_backward"])
    args = dh, *step(fresh, reference, N=3, D=2, H=4)[1:]
    because = "This was another call, with the same `dh`."
    assert_same(
        student.step_backward(*args),
        reference.step_backward(*args),
        FORMS["step_backward"],
        because,
    )


# --- bptt --------------------------------------------------------------------------------


@points("bptt", 0.5)
def test_the_loss_is_summed_over_time_and_averaged_over_the_batch(student, reference, fresh):
    args = task(fresh, T=5, N=3, D=2, H=4, K=6)
    assert_same(student.bptt(*args)[0], reference.bptt(*args)[0], "loss")


@points("bptt", 1.0)
def test_the_output_layer_gets_a_gradient_from_every_step(student, reference, fresh):
    args, (x, h0, y, params) = task(fresh, 5, 3, 2, 4, 6), task(fresh, 30, 1, 2, 4, 12)
    params["c"][11] += 10.0
    for run in (args, (x, h0, y % 11, params)):
        assert_same_grads(
            student.bptt(*run)[1],
            reference.bptt(*run)[1],
            "Vc",
            "V and c are used at every step, so their gradients are sums over time. "
            f"Here T = {len(run[0])}.",
        )


@points("bptt", 1.5)
def test_the_recurrent_layer_gets_a_gradient_from_every_step(student, reference, fresh):
    args = task(fresh, T=5, N=3, D=2, H=4, K=6)
    for size, because in SIZES:
        assert_same_grads(
            student.bptt(*sized(args, size))[1],
            reference.bptt(*sized(args, size))[1],
            "UWb",
            "Each step adds its part, and the first step starts from `h0`, which is not zero here. "
            f"{because}".rstrip(),
        )


@points("bptt", 1.0)
def test_the_inputs_and_the_initial_state_get_their_gradients(student, reference, fresh):
    args = task(fresh, T=4, N=3, D=2, H=5, K=6)
    for size, because in SIZES:
        got, want = student.bptt(*sized(args, size))[1], reference.bptt(*sized(args, size))[1]
        assert_same_grads(got, want, ("x", "h0"), because)
    args = widened(task(fresh, T=20, N=2, D=2, H=4, K=6))
    got = in_few_runs(student, "bptt", args, run_of(*args))
    because = "Here T = 20, D = 120 and H = 4."
    assert_same_grads(got[1], reference.bptt(*args)[1], ("x", "h0"), because)


@points("bptt", 0.5)
def test_one_step_is_a_sequence_and_one_sequence_is_a_batch(student, reference, fresh):
    for T, N in ((1, 4), (4, 1)):
        args = task(fresh, T, N, D=2, H=3, K=5)
        assert_same(
            student.bptt(*args), reference.bptt(*args), FORMS["bptt"], f"Here T = {T}, N = {N}."
        )


@points("bptt", 0.5)
def test_the_inputs_get_the_right_gradients_when_early_labels_change(student, reference, fresh):
    x, h0, y, params = task(fresh, T=6, N=2, D=3, H=4, K=5)
    other = y.copy()
    other[:2] = (other[:2] + 1) % 5
    before, after = student.bptt(x, h0, y, params)[1], student.bptt(x, h0, other, params)[1]
    assert_same(
        after["x"][2:],
        before["x"][2:],
        GRADS["x"],
        "Only the labels of the steps 0 and 1 were changed. Gradients flow back, not forward, so "
        "the gradients of the inputs x[2:] must stay as they were (counted from step 2 here).",
    )
    assert_same_grads(after, reference.bptt(x, h0, other, params)[1], ("x", "h0"), "")


@points("bptt", 0.5)
def test_a_small_move_of_everything_changes_the_loss_as_the_gradients_say(
    student, reference, fresh
):
    x, h0, y, params = task(fresh, T=4, N=3, D=2, H=5, K=6)
    move_x, move_h0 = fresh.normal(*x.shape), fresh.normal(*h0.shape)
    move = fresh.params(2, 5, 6)
    eps = 1e-5

    def loss(sign):
        moved = {name: params[name] + sign * eps * move[name] for name in params}
        args = (x + sign * eps * move_x, h0 + sign * eps * move_h0, y, moved)
        return reference.bptt(*args)[0]

    measured = (loss(1) - loss(-1)) / (2 * eps)
    grads = student.bptt(x, h0, y, params)[1]
    parts = move | {"x": move_x, "h0": move_h0}
    promised = sum(np.sum(grads[name] * part) for name, part in parts.items())
    if not abs(promised - measured) <= 1e-6 * (1.0 + abs(measured)):
        raise Mistake(
            "All parameters, inputs and the initial state were moved a little, in a random "
            "direction. The loss then changes at another rate than your gradients say.",
            f"They say {promised:.6g}, measured was {measured:.6g}.",
            "values",
        )


@points("bptt", 0.5)
def test_bptt_is_right_each_time_and_leaves_its_arguments_as_they_were(student, reference, fresh):
    args, more = task(fresh, 3, 4, 5, 2, 6), task(fresh, 3, 4, 5, 2, 6)
    first = student.bptt(*args)
    assert_unchanged(student)
    second = student.bptt(*args)
    assert_same(second, first, FORMS["bptt"], "A second call with the same arguments differs.")
    for run in others(args, more):
        assert_same(student.bptt(*run), reference.bptt(*run), FORMS["bptt"])


# --- bptt_single_output ------------------------------------------------------------------


@points("bptt_single_output", 0.5)
def test_the_loss_is_that_of_the_last_output_averaged_over_the_batch(student, reference, fresh):
    args = final_task(fresh, T=5, N=3, D=2, H=4, K=6)
    got, want = student.bptt_single_output(*args), reference.bptt_single_output(*args)
    assert_same(got[0], want[0], "loss")


@points("bptt_single_output", 1.0)
def test_all_steps_add_to_the_recurrent_layer_and_the_last_to_the_output_layer(
    student, reference, fresh
):
    args = final_task(fresh, T=5, N=3, D=2, H=4, K=6)
    for size, because in SIZES:
        assert_same_grads(
            student.bptt_single_output(*sized(args, size))[1],
            reference.bptt_single_output(*sized(args, size))[1],
            "UWVbc",
            f"U, W and b are used at every step, V and c at the last one only. {because}".rstrip(),
        )


@points("bptt_single_output", 0.5)
def test_the_gradient_reaches_the_first_input_and_the_initial_state(student, reference, fresh):
    args = final_task(fresh, T=6, N=3, D=2, H=4, K=5)
    for size, because in SIZES:
        assert_same_grads(
            student.bptt_single_output(*sized(args, size))[1],
            reference.bptt_single_output(*sized(args, size))[1],
            ("x", "h0"),
            because,
        )
    args = widened(final_task(fresh, T=20, N=2, D=2, H=4, K=5))
    got = in_few_runs(student, "bptt_single_output", args, run_of(*args))
    want = reference.bptt_single_output(*args)
    assert_same_grads(got[1], want[1], ("x", "h0"), "Here T = 20, D = 120 and H = 4.")


@points("bptt_single_output", 0.5)
def test_a_single_step_or_a_single_sequence_will_do(student, reference, fresh):
    for T, N in ((1, 3), (4, 1), (20, 1)):
        args = final_task(fresh, T, N, D=2, H=5, K=6)
        assert_same(
            student.bptt_single_output(*args),
            reference.bptt_single_output(*args),
            FORMS["bptt_single_output"],
            f"Here T = {T}, N = {N}.",
        )
        assert_unchanged(student)


@points("bptt_single_output", 0.5)
def test_the_inputs_get_the_right_gradients_when_one_label_changes(student, reference, fresh):
    x, h0, y, params = final_task(fresh, T=4, N=3, D=2, H=5, K=6)
    other = y.copy()
    other[0] = (other[0] + 1) % 6
    before = student.bptt_single_output(x, h0, y, params)[1]["x"]
    after = student.bptt_single_output(x, h0, other, params)[1]["x"]
    assert_same(
        after[:, 1:],
        before[:, 1:],
        GRADS["x"],
        "Only the label of sequence 0 was changed, so the gradients of the other sequences' inputs "
        "must stay as they were (counted from sequence 1 here).",
    )
    want = reference.bptt_single_output(x, h0, other, params)[1]["x"]
    assert_same(after, want, GRADS["x"])


# --- truncated_bptt ----------------------------------------------------------------------


@points("truncated_bptt", 0.5)
def test_the_state_is_carried_over_so_the_loss_is_that_of_the_whole_sequence(
    student, reference, fresh
):
    args = task(fresh, T=5, N=3, D=2, H=4, K=6)
    assert_same(
        student.truncated_bptt(*args, 2)[0],
        reference.truncated_bptt(*args, 2)[0],
        "loss",
        "T = 5, k = 2: forward, truncation changes nothing.",
    )
    assert_unchanged(student)


@points("truncated_bptt", 0.5)
def test_every_window_adds_its_gradients_the_short_last_one_too(student, reference, fresh):
    args = task(fresh, T=7, N=2, D=4, H=5, K=6)
    for size, because in SIZES:
        assert_same(
            student.truncated_bptt(*sized(args, size), 3)[1],
            reference.truncated_bptt(*sized(args, size), 3)[1],
            GRADS,
            f"T = 7, k = 3: the windows begin at the steps 0, 3 and 6. {because}".rstrip(),
        )
    args = widened(task(fresh, T=23, N=2, D=2, H=4, K=6))
    got = in_few_runs(student, "truncated_bptt", (*args, 5), run_of(*args))
    because = "T = 23, k = 5, D = 120: the windows begin at the steps 0, 5, 10, 15 and 20."
    assert_same(got[1], reference.truncated_bptt(*args, 5)[1], GRADS, because)


@points("truncated_bptt", 0.5)
def test_the_inputs_get_the_right_gradients_on_both_sides_of_a_border(student, reference, fresh):
    x, h0, y, params = task(fresh, T=6, N=2, D=3, H=4, K=5)
    other = y.copy()
    other[4:] = (other[4:] + 1) % 5
    before = student.truncated_bptt(x, h0, y, params, 4)[1]
    after = student.truncated_bptt(x, h0, other, params, 4)[1]
    because = (
        "T = 6, k = 4: only the labels of the second window, y[4:], were changed, so in the first "
        "window nothing may change."
    )
    assert_same(after["x"][:4], before["x"][:4], GRADS["x"], because)
    assert_same(after["h0"], before["h0"], GRADS["h0"], because)
    want = reference.truncated_bptt(x, h0, other, params, 4)[1]
    assert_same_grads(after, want, ("x", "h0"), "T = 6, k = 4.")


@points("truncated_bptt", 0.5)
def test_windows_may_hold_one_step_or_all_steps_or_more(student, reference, fresh):
    args, (x, h0, y, params) = task(fresh, 4, 3, 2, 5, 6), task(fresh, 20, 1, 2, 4, 4)
    long = x, h0, 1 + y % 2, params  # the first class and the last are no labels
    for run, k in ((args, 1), (args, 4), (args, 9), (long, 20)):
        assert_same(
            student.truncated_bptt(*run, k),
            reference.truncated_bptt(*run, k),
            FORMS["truncated_bptt"],
            f"T = {len(run[0])}, k = {k}.",
        )


# --- clip_gradients ----------------------------------------------------------------------


def gradients(fresh):
    """Draw gradients with the keys and shapes of those of bptt; their norm is 40.

    They are as long as that so that the 1e-6 that some add to the norm makes no difference.
    """
    x, h0, _, params = task(fresh, T=4, N=3, D=2, H=5, K=6)
    grads = params | {"x": x, "h0": h0}
    norm = np.linalg.norm(np.concatenate([array.ravel() for array in grads.values()]))
    return {name: 40 * array / norm for name, array in grads.items()}


@points("clip_gradients", 0.5)
def test_long_gradients_are_scaled_down_to_the_largest_norm(student, reference, fresh):
    grads = gradients(fresh)
    large = {name: 1e4 * array for name, array in grads.items()}
    for case, max_norm in ((grads, 0.5), (grads, 1.0), (large, 1e5)):
        assert_same(
            student.clip_gradients(case, max_norm),
            reference.clip_gradients(case, max_norm),
            FORMS["clip_gradients"],
            f"These gradients are longer than max_norm = {max_norm:g}.",
        )


@points("clip_gradients", 0.5)
def test_short_gradients_come_back_as_new_arrays_and_arguments_stay_as_they_were(
    student, reference, fresh
):
    grads = gradients(fresh)
    for size, max_norm in ((1.0, 50.0), (1e4, 5e5), (1e-9, 0.5)):
        case = {name: size * array for name, array in grads.items()}
        got = student.clip_gradients(case, max_norm)
        assert_unchanged(student)
        assert_same(
            got,
            reference.clip_gradients(case, max_norm),
            FORMS["clip_gradients"],
            f"These gradients are shorter than max_norm = {max_norm:g}, so they keep their values.",
        )
        assert_new(student)
    student.clip_gradients(grads, 0.5)
    assert_unchanged(student)
    assert_new(student)


@points("clip_gradients", 0.5)
def test_gradients_are_scaled_by_the_norm_of_all_arrays_together(student, reference, fresh):
    grads = {name: 9 * array / np.linalg.norm(array) for name, array in gradients(fresh).items()}
    assert_same(
        student.clip_gradients(grads, 10.0),
        reference.clip_gradients(grads, 10.0),
        FORMS["clip_gradients"],
        "Each of the seven arrays has the norm 9, which is less than max_norm = 10, but all "
        "together are longer.",
    )


@points("clip_gradients", 0.5)
def test_gradients_are_right_where_some_or_all_of_them_are_zero(student, reference, fresh):
    grads = gradients(fresh)
    some = {name: array * (name in "UWV") for name, array in grads.items()}
    for case, because in (
        ({name: 0.0 * array for name, array in grads.items()}, "All gradients are zero here."),
        (some, "Some of the arrays are zero here, the others are longer than max_norm = 1."),
    ):
        assert_same(
            student.clip_gradients(case, 1.0),
            reference.clip_gradients(case, 1.0),
            FORMS["clip_gradients"],
            because,
        )
