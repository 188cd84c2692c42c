"""Graded tests of hw6_gated: the LSTM and the GRU, forward and backward."""

from itertools import combinations

import numpy as np

from autograder.judge import Mistake, Unfit, assert_same, assert_unchanged, in_few_runs, points

GRADS = {
    "U": "dU[r, d]",
    "W": "dW[r, j]",
    "b": "db[r]",
    "V": "dV[k, i]",
    "c": "dc[k]",
    "x": "dx[t, n, d]",
    "h0": "dh0[n, i]",
    "s0": "ds0[n, i]",
}
LSTM_STEP_GRADS = {name: GRADS[name] for name in "UWb"}
GRU_STEP_GRADS = {"U": "dU[m, d]", "W": "dW[m, j]", "b": "db[m]"}

FORMS = {
    "lstm_step": ("h_t[n, i]", "s_t[n, i]"),
    "lstm": ("h[t, n, i]", "s[t, n, i]", "o[t, n, k]"),
    "lstm_step_backward": ("dx_t[n, d]", "dh_prev[n, i]", "ds_prev[n, i]", LSTM_STEP_GRADS),
    "lstm_bptt": ("loss", GRADS),
    "gru_step": "h_t[n, i]",
    "gru_step_backward": ("dx_t[n, d]", "dh_prev[n, i]", GRU_STEP_GRADS),
}

HINTS = {
    "lstm_step": (
        "Begin with z, for all four blocks at once. It looks like the a_t of the plain network; "
        "its shape is (N, 4H). Print the shape before you go on.",
        "Cut z into four arrays (N, H), in the order i, f, g, q. Three of them go through "
        "`sigmoid`, one through `np.tanh`. From there on, everything is entry by entry: there are "
        "no more products of matrices.",
        "`np.split(z, 4, axis=-1)` gives the four blocks. First compute s_t, from s_prev and three "
        "of the four; then h_t, from s_t and the one that is left. The result is a tuple, h_t "
        "first.",
    ),
    "lstm": (
        "Two states go from step to step. Your `lstm_step` takes them and gives the next two.",
        "Make empty arrays for h and s before the loop. In it, both states of step t come from "
        "both states of the step before; step 0 starts from h0 and s0. The outputs can wait until "
        "the loop is over.",
        "With h of shape (T, N, H), `h @ V.T` is (T, N, K): all outputs at once, and c is added to "
        "each of them.",
    ),
    "lstm_step_backward": (
        "Compute the gates and tanh(s_t) again first: all that follows is written with them. Then "
        "go through the drawing from the right to the left.",
        "Before anything else, complete the gradient of s_t: what h_t sends back is added to `ds`. "
        "Only then do the three factors of the sum and s_prev get theirs. The output gate's "
        "gradient is the only one that comes from dh directly.",
        "Put the four deltas next to each other with `np.concatenate(…, axis=-1)`, in the order of "
        "the blocks, and call the result dz, of shape (N, 4H). From there it is homework 4: dx_t "
        "and dh_prev are dz times U and times W as they are, and the axis of the batch disappears "
        "in the gradients of U, W and b.",
    ),
    "lstm_bptt": (
        "Take your `bptt` of homework 4 as a model, or its given text above. What is carried back "
        "is a pair now.",
        "At step t, add the share of o_t to dh, and nothing to ds. `lstm_step_backward` gives the "
        "pair for the step before, and the parts of U, W and b, which add up.",
        "The states before step t are h[t - 1] and s[t - 1], before step 0 they are h0 and s0. "
        "What is carried after step 0 are the gradients of h0 and s0. V and c can be done for all "
        "steps at once, with `np.einsum` or `np.tensordot`.",
    ),
    "gru_step": (
        "The gates first, the candidate afterwards: it needs r. So U, W and b are used block by "
        "block, or in two parts.",
        "The first 2H rows of U, W and b make r and u, from h_prev. The last H rows make n, and "
        "there W meets the product r * h_prev.",
        "H is the number of columns of W. `W[: 2 * H]` are the rows of the gates, `W[2 * H :]` "
        "those of the candidate. In the end, u weighs the old state and 1 - u the candidate.",
    ),
    "gru_step_backward": (
        "Compute r, u, m = r * h_prev and n again. Then go back from h_t: to u, to n, and along "
        "the line that does not forget.",
        "From n, go on through the tanh and W^n to m, and from m to r. Only now are all three "
        "deltas known. h_prev gets four shares: one from each of its successors h_t, m, r and u.",
        "dz, the deltas of r, u and n next to each other, gives dx_t, dU and db as in the LSTM. "
        "For dW the rows are of two kinds: those of r and u met h_prev, those of n met m.",
    ),
}


def network(fresh, blocks, D, H, K=2, scale=0.7):
    """Draw the parameters of a gated network: U, W and b in so many blocks of H rows."""
    return {
        "U": fresh.normal(blocks * H, D, scale=scale),
        "W": fresh.normal(blocks * H, H, scale=scale),
        "b": fresh.normal(blocks * H, scale=scale),
        "V": fresh.normal(K, H, scale=scale),
        "c": fresh.normal(K, scale=scale),
    }


def state(fresh, N, H):
    """Draw a state that is not zero; stored column by column, so that its rows are not in a row."""
    return fresh.normal(H, N, scale=0.7).T


def lstm_arguments(fresh, N, D, H):
    """Draw the arguments of lstm_step: (x_t, h_prev, s_prev, params)."""
    return fresh.normal(N, D), state(fresh, N, H), state(fresh, N, H), network(fresh, 4, D, H)


def upstream(fresh, N, H, size=60.0):
    """Draw gradients dh and ds, large enough that a limit of some size would show."""
    return fresh.normal(N, H, scale=size), fresh.normal(N, H, scale=size)


TINY = 1e-9  # small enough that a threshold of some size would show


def sequences(fresh, T, N, D, H, K, scale=0.7):
    """Draw the arguments of lstm: (x, h0, s0, params)."""
    params = network(fresh, 4, D, H, K, scale)
    return fresh.normal(T, N, D), state(fresh, N, H), state(fresh, N, H), params


def task(fresh, T, N, D, H, K, scale=0.7):
    """Draw the arguments of lstm_bptt: (x, h0, s0, y, params)."""
    x, h0, s0, params = sequences(fresh, T, N, D, H, K, scale)
    return x, h0, s0, fresh.integers(0, K, T, N), params


def gru_arguments(fresh, N, D, H):
    """Draw the arguments of gru_step: (x_t, h_prev, params)."""
    return fresh.normal(N, D), state(fresh, N, H), network(fresh, 3, D, H)


def assert_part(got, want, function, position, because=""):
    """Compare one of the values that a function returns, and no other."""
    assert_same(got[position], want[position], FORMS[function][position], because)


def assert_grad(got, want, function, name, because=""):
    """Compare the gradient of one array, in a dict that is the last value returned."""
    assert_same(got[-1][name], want[-1][name], FORMS[function][-1][name], because)


def parts(answer):
    """Yield all arrays and numbers of an answer."""
    if isinstance(answer, tuple | dict):
        for part in answer.values() if isinstance(answer, dict) else answer:
            yield from parts(part)
    else:
        yield answer


def assert_reads_only(student, function, args, more):
    """Call a function on arguments and on mixtures with others: answers differ, arguments stay."""
    answers = []
    for given in (args, (*args[:1], *more[1:]), (*more[:-1], *args[-1:])):
        answers.append(list(parts(getattr(student, function)(*given))))
        assert_unchanged(student)
    for one, other in combinations(answers, 2):
        fit = [pair for pair in zip(one, other, strict=True) if not any(map(unfit, pair))]
        if all(np.array_equal(*pair) for pair in fit):
            raise Mistake("Other arguments gave the very same answer.")


def unfit(part):
    """Say whether a part of an answer is not of its form, which is another test's matter."""
    return isinstance(part, Unfit)


# --- lstm_step ---------------------------------------------------------------------------


@points("lstm_step", 1.0)
def test_the_state_keeps_some_of_the_old_and_takes_in_some_of_the_new(student, reference, fresh):
    for N, D, H, size in ((3, 2, 5, 1), (1, 3, 2, 1), (3, 2, 4, 100)):
        x_t, h_prev, s_prev, params = lstm_arguments(fresh, N, D, H)
        args = (x_t, h_prev, size * s_prev, params)
        assert_part(
            student.lstm_step(*args),
            reference.lstm_step(*args),
            "lstm_step",
            1,
            f"Here N = {N}, D = {D}, H = {H}, and s_prev is about {size} in size.",
        )


@points("lstm_step", 1.0)
def test_what_is_shown_is_the_tanh_of_the_new_state_through_the_output_gate(
    student, reference, fresh
):
    for N, D, H in ((4, 3, 5), (1, 2, 3)):
        args = lstm_arguments(fresh, N, D, H)
        assert_part(
            student.lstm_step(*args),
            reference.lstm_step(*args),
            "lstm_step",
            0,
            f"Here N = {N}, D = {D}, H = {H}.",
        )


@points("lstm_step", 0.5)
def test_gates_may_be_open_or_closed_entirely(student, reference, fresh):
    x_t, h_prev, s_prev, params = lstm_arguments(fresh, N=3, D=2, H=4)
    params["b"][[0, 5, 6, 8]] += 800.0  # i, f, f and g of the units 0, 1, 2 and 0
    params["b"][[1, 4, 7, 9]] -= 800.0  # i, f, f and g of the units 1, 0, 3 and 1
    args = (x_t, h_prev, s_prev, params)
    assert_part(
        student.lstm_step(*args),
        reference.lstm_step(*args),
        "lstm_step",
        1,
        "Some entries of b are 800 or -800, so some gates are 0 or 1 as exactly as floats can say.",
    )


@points("lstm_step", 0.5)
def test_lstm_step_reads_its_arguments_and_leaves_them_as_they_were(student, reference, fresh):
    args, more = (lstm_arguments(fresh, N=3, D=2, H=4) for _ in range(2))
    assert_reads_only(student, "lstm_step", args, more)


# --- lstm --------------------------------------------------------------------------------

RUNS = ((5, 3), (1, 4), (20, 1))  # steps and sequences


@points("lstm", 0.5)
def test_each_state_comes_from_both_states_of_the_step_before(student, reference, fresh):
    for T, N in RUNS:
        args = sequences(fresh, T, N, D=2, H=4, K=6)
        got, want = student.lstm(*args), reference.lstm(*args)
        assert_part(got, want, "lstm", 1, f"Here T = {T}, N = {N}.")


@points("lstm", 0.5)
def test_the_hidden_states_of_all_steps_come_back(student, reference, fresh):
    for T, N in RUNS:
        args = sequences(fresh, T, N, D=3, H=4, K=2)
        got, want = student.lstm(*args), reference.lstm(*args)
        assert_part(got, want, "lstm", 0, f"Here T = {T}, N = {N}.")


@points("lstm", 0.5)
def test_every_step_has_an_output_made_from_its_hidden_state(student, reference, fresh):
    for T, N in RUNS:
        x, h0, s0, params = sequences(fresh, T, N, D=2, H=3, K=6)
        for size in (1.0, 300.0):
            args = x, h0, s0, params | {"V": size * params["V"]}
            got, want = student.lstm(*args), reference.lstm(*args)
            because = f"Here T = {T}, N = {N}, and the outputs are about {size:g} in size."
            assert_part(got, want, "lstm", 2, because)


@points("lstm", 0.5)
def test_lstm_reads_its_arguments_and_leaves_them_as_they_were(student, reference, fresh):
    args, more = (sequences(fresh, T=3, N=2, D=4, H=5, K=6) for _ in range(2))
    assert_reads_only(student, "lstm", args, more)


# --- lstm_step_backward ------------------------------------------------------------------


@points("lstm_step_backward", 0.5)
def test_the_gradient_of_the_next_state_goes_back_through_the_forget_gate(
    student, reference, fresh
):
    rest = lstm_arguments(fresh, N=3, D=2, H=5)
    dh, ds = upstream(fresh, N=3, H=5)
    args = (0 * dh, ds, *rest)
    assert_part(
        student.lstm_step_backward(*args),
        reference.lstm_step_backward(*args),
        "lstm_step_backward",
        2,
        "Here dh is zero: all that arrives comes from s_{t+1}.",
    )


@points("lstm_step_backward", 1.0)
def test_the_state_before_gets_the_share_through_h_as_well(student, reference, fresh):
    for N, H, size in ((3, 5, 60.0), (1, 4, 1.0), (1, 4, TINY)):
        args = (*upstream(fresh, N, H, size), *lstm_arguments(fresh, N, 2, H))
        assert_part(
            student.lstm_step_backward(*args),
            reference.lstm_step_backward(*args),
            "lstm_step_backward",
            2,
            f"Here dh and ds are about {size:g} in size, and N = {N}.",
        )


@points("lstm_step_backward", 1.0)
def test_the_hidden_state_before_gets_its_gradient_through_all_four_blocks(
    student, reference, fresh
):
    for N, H, size in ((4, 5, 60.0), (1, 3, TINY)):
        args = (*upstream(fresh, N, H, size), *lstm_arguments(fresh, N, 2, H))
        assert_part(
            student.lstm_step_backward(*args),
            reference.lstm_step_backward(*args),
            "lstm_step_backward",
            1,
            f"Here N = {N}, and dh and ds are about {size:g} in size.",
        )


@points("lstm_step_backward", 0.5)
def test_the_input_gets_its_gradient_through_all_four_blocks(student, reference, fresh):
    for N, H, size in ((4, 5, 60.0), (1, 3, TINY)):
        args = (*upstream(fresh, N, H, size), *lstm_arguments(fresh, N, 2, H))
        assert_part(
            student.lstm_step_backward(*args),
            reference.lstm_step_backward(*args),
            "lstm_step_backward",
            0,
            f"Here N = {N}, and dh and ds are about {size:g} in size.",
        )


def lstm_step_grad(student, reference, fresh, name):
    """Compare the gradient of one parameter, in batches of several sequences and of one."""
    for N, D, H, size in ((4, 3, 5, 60.0), (1, 2, 3, 1.0), (2, 1, 3, TINY)):
        args = (*upstream(fresh, N, H, size), *lstm_arguments(fresh, N, D, H))
        got, want = student.lstm_step_backward(*args), reference.lstm_step_backward(*args)
        assert_grad(got, want, "lstm_step_backward", name, f"Here N = {N}, D = {D}, H = {H}.")


@points("lstm_step_backward", 0.5)
def test_the_input_weights_get_their_gradient_from_the_whole_batch(student, reference, fresh):
    lstm_step_grad(student, reference, fresh, "U")


@points("lstm_step_backward", 0.5)
def test_the_recurrent_weights_get_their_gradient_from_the_whole_batch(student, reference, fresh):
    lstm_step_grad(student, reference, fresh, "W")


@points("lstm_step_backward", 0.5)
def test_the_biases_get_their_gradient_from_the_whole_batch(student, reference, fresh):
    lstm_step_grad(student, reference, fresh, "b")


@points("lstm_step_backward", 0.25)
def test_the_biases_get_their_gradient_where_gates_are_open_or_closed_entirely(
    student, reference, fresh
):
    x_t, h_prev, s_prev, params = lstm_arguments(fresh, N=3, D=2, H=4)
    params["b"][[0, 5, 14]] = [800.0, -800.0, -800.0]
    params["b"][[1, 6, 15]] = [-800.0, 800.0, 800.0]
    args = (*upstream(fresh, N=3, H=4), x_t, h_prev, s_prev, params)
    assert_grad(
        student.lstm_step_backward(*args),
        reference.lstm_step_backward(*args),
        "lstm_step_backward",
        "b",
        "Some entries of b are 800 or -800: the sigmoid is flat there, and finite.",
    )


@points("lstm_step_backward", 0.25)
def test_lstm_step_backward_reads_its_arguments_and_leaves_them_as_they_were(
    student, reference, fresh
):
    args, more = (
        (*upstream(fresh, N=3, H=4), *lstm_arguments(fresh, N=3, D=2, H=4)) for _ in range(2)
    )
    assert_reads_only(student, "lstm_step_backward", args, more)


# --- lstm_bptt ---------------------------------------------------------------------------

TASKS = ((6, 4, 200.0), (1, 1, 200.0), (2, 1, TINY))


def lstm_grad(student, reference, fresh, name, because=""):
    """Compare one of the gradients, over several steps and one, several sequences and one."""
    for T, N, size in TASKS:
        x, h0, s0, y, params = task(fresh, T, N, D=2, H=3, K=5)
        params["V"] *= size  # so that a limit or a threshold of some size would show
        args = (x, h0, s0, y, params)
        got, want = student.lstm_bptt(*args), reference.lstm_bptt(*args)
        assert_grad(got, want, "lstm_bptt", name, f"{because} Here T = {T}, N = {N}.".lstrip())


@points("lstm_bptt", 0.25)
def test_the_loss_is_the_sum_over_time_and_the_mean_over_the_batch(student, reference, fresh):
    for T, N, _ in TASKS:
        args = task(fresh, T, N, D=2, H=3, K=5)
        got, want = student.lstm_bptt(*args), reference.lstm_bptt(*args)
        assert_part(got, want, "lstm_bptt", 0, f"Here T = {T}, N = {N}.")


@points("lstm_bptt", 0.25)
def test_the_output_weights_get_a_gradient_from_every_step(student, reference, fresh):
    lstm_grad(student, reference, fresh, "V")


@points("lstm_bptt", 0.25)
def test_the_output_bias_gets_a_gradient_from_every_step(student, reference, fresh):
    lstm_grad(student, reference, fresh, "c")


@points("lstm_bptt", 0.25)
def test_the_input_weights_get_a_gradient_from_every_step(student, reference, fresh):
    lstm_grad(student, reference, fresh, "U")


@points("lstm_bptt", 0.5)
def test_the_recurrent_weights_get_a_gradient_from_every_step(student, reference, fresh):
    lstm_grad(student, reference, fresh, "W", "The first step starts from h0, which is not zero.")


@points("lstm_bptt", 0.25)
def test_the_biases_get_a_gradient_from_every_step(student, reference, fresh):
    lstm_grad(student, reference, fresh, "b")


@points("lstm_bptt", 0.25)
def test_every_input_gets_a_gradient(student, reference, fresh):
    lstm_grad(student, reference, fresh, "x")


@points("lstm_bptt", 0.25)
def test_the_initial_hidden_state_gets_a_gradient(student, reference, fresh):
    lstm_grad(student, reference, fresh, "h0")


@points("lstm_bptt", 0.25)
def test_the_initial_cell_state_gets_a_gradient(student, reference, fresh):
    lstm_grad(student, reference, fresh, "s0")


@points("lstm_bptt", 0.25)
def test_thousands_of_parameters_get_their_gradient_in_one_pass(student, reference, fresh):
    x, h0, s0, y, params = task(fresh, T=30, N=2, D=1, H=5, K=7)
    params["U"] = np.repeat(0.01 * params["U"], 200, axis=1)
    x = np.repeat(x, 200, axis=2)
    args = x, h0, s0, y, params

    def forward():
        s = s0
        for x_t in x:
            z = params["b"] + h0 @ params["W"].T + x_t @ params["U"].T
            i, f, g, q = np.split(z, 4, axis=-1)
            s = s / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
            np.tanh(s) / (1 + np.exp(-q)) @ params["V"].T

    got, want = in_few_runs(student, "lstm_bptt", args, forward), reference.lstm_bptt(*args)
    assert_grad(got, want, "lstm_bptt", "b", "Here T = 30, D = 200, H = 5.")


@points("lstm_bptt", 0.25)
def test_lstm_bptt_reads_its_arguments_and_leaves_them_as_they_were(student, reference, fresh):
    args, more = (task(fresh, T=3, N=4, D=5, H=2, K=6) for _ in range(2))
    assert_reads_only(student, "lstm_bptt", args, more)


# --- gru_step ----------------------------------------------------------------------------


def with_gate(params, block, values):
    """Return the parameters with a block whose gates are decided: 1, 0, or left as they are."""
    H, b = params["W"].shape[1], params["b"].copy()
    b[block * H : block * H + H] += [{1: 40.0, 0: -40.0, None: 0.0}[value] for value in values]
    return {**params, "b": b}


@points("gru_step", 1.0)
def test_the_new_state_is_mixed_from_the_old_one_and_the_candidate(student, reference, fresh):
    for N, D, H, size in ((3, 2, 5, 1), (1, 3, 2, 1), (3, 2, 4, 100)):
        x_t, h_prev, params = gru_arguments(fresh, N, D, H)
        args = (x_t, size * h_prev, params)
        assert_same(
            student.gru_step(*args),
            reference.gru_step(*args),
            FORMS["gru_step"],
            f"Here N = {N}, D = {D}, H = {H}, and h_prev is about {size} in size.",
        )


@points("gru_step", 0.5)
def test_the_new_state_is_right_where_all_reset_gates_are_open(student, reference, fresh):
    x_t, h_prev, params = gru_arguments(fresh, N=3, D=2, H=4)
    args = (x_t, h_prev, with_gate(params, 0, 4 * [1]))
    assert_same(
        student.gru_step(*args),
        reference.gru_step(*args),
        FORMS["gru_step"],
        "Here all reset gates are 1.",
    )


@points("gru_step", 0.5)
def test_the_new_state_is_right_where_all_reset_gates_are_closed(student, reference, fresh):
    x_t, h_prev, params = gru_arguments(fresh, N=4, D=3, H=5)
    args = (x_t, h_prev, with_gate(params, 0, 5 * [0]))
    assert_same(
        student.gru_step(*args),
        reference.gru_step(*args),
        FORMS["gru_step"],
        "Here all reset gates are 0.",
    )


@points("gru_step", 0.5)
def test_the_new_state_is_right_where_update_gates_are_open_or_closed(student, reference, fresh):
    x_t, h_prev, params = gru_arguments(fresh, N=3, D=2, H=4)
    args = (x_t, h_prev, with_gate(with_gate(params, 1, (1, 0, 1, 0)), 0, 4 * [0]))
    assert_same(
        student.gru_step(*args),
        reference.gru_step(*args),
        FORMS["gru_step"],
        "Here the update gates of the units 0 and 2 are 1, those of 1 and 3 are 0, and all reset "
        "gates are 0.",
    )


@points("gru_step", 0.25)
def test_the_new_state_is_right_where_sums_are_in_the_hundreds(student, reference, fresh):
    x_t, h_prev, params = gru_arguments(fresh, N=2, D=3, H=4)
    params["b"][[0, 5, 2, 7]] += [800.0, 800.0, -800.0, -800.0]
    args = (x_t, h_prev, params)
    assert_same(
        student.gru_step(*args),
        reference.gru_step(*args),
        FORMS["gru_step"],
        "Some entries of b are about 800 or -800.",
    )


@points("gru_step", 0.25)
def test_gru_step_reads_its_arguments_and_leaves_them_as_they_were(student, reference, fresh):
    args, more = (gru_arguments(fresh, N=3, D=2, H=4) for _ in range(2))
    assert_reads_only(student, "gru_step", args, more)


# --- gru_step_backward -------------------------------------------------------------------


def gru_back(fresh, N, D, H, size=80.0):
    """Draw the arguments of gru_step_backward: (dh, x_t, h_prev, params)."""
    return fresh.normal(N, H, scale=size), *gru_arguments(fresh, N, D, H)


def gru_grad(student, reference, fresh, name):
    """Compare the gradient of one parameter, in batches of several sequences and of one."""
    for N, D, H, size in ((4, 3, 5, 80.0), (1, 2, 3, 1.0), (2, 1, 3, TINY)):
        args = gru_back(fresh, N, D, H, size)
        got, want = student.gru_step_backward(*args), reference.gru_step_backward(*args)
        assert_grad(got, want, "gru_step_backward", name, f"Here N = {N}, D = {D}, H = {H}.")


@points("gru_step_backward", 1.0)
def test_the_state_before_gets_a_share_from_each_of_its_successors(student, reference, fresh):
    for N, D, H, size in ((3, 2, 5, 80.0), (1, 3, 4, TINY)):
        args = gru_back(fresh, N, D, H, size)
        assert_part(
            student.gru_step_backward(*args),
            reference.gru_step_backward(*args),
            "gru_step_backward",
            1,
            f"Here N = {N}, D = {D}, H = {H}.",
        )


@points("gru_step_backward", 0.5)
def test_the_state_before_gets_its_gradient_where_update_gates_are_open_or_closed(
    student, reference, fresh
):
    dh, x_t, h_prev, params = gru_back(fresh, N=3, D=2, H=4)
    args = (dh, x_t, h_prev, with_gate(with_gate(params, 1, (1, 0, 1, 0)), 0, 4 * [1]))
    assert_part(
        student.gru_step_backward(*args),
        reference.gru_step_backward(*args),
        "gru_step_backward",
        1,
        "Here the update gates of the units 0 and 2 are 1, those of 1 and 3 are 0, and all reset "
        "gates are 1.",
    )


@points("gru_step_backward", 0.5)
def test_the_input_gets_its_gradient_through_all_three_blocks(student, reference, fresh):
    for N, D, H, size in ((4, 3, 5, 80.0), (1, 2, 4, TINY)):
        args = gru_back(fresh, N, D, H, size)
        assert_part(
            student.gru_step_backward(*args),
            reference.gru_step_backward(*args),
            "gru_step_backward",
            0,
            f"Here N = {N}, D = {D}, H = {H}.",
        )


@points("gru_step_backward", 0.5)
def test_the_input_weights_of_the_gru_get_their_gradient_from_the_whole_batch(
    student, reference, fresh
):
    gru_grad(student, reference, fresh, "U")


@points("gru_step_backward", 0.5)
def test_the_recurrent_weights_of_the_gru_get_their_gradient_from_what_they_have_met(
    student, reference, fresh
):
    gru_grad(student, reference, fresh, "W")


@points("gru_step_backward", 0.5)
def test_the_biases_of_the_gru_get_their_gradient_from_the_whole_batch(student, reference, fresh):
    gru_grad(student, reference, fresh, "b")


@points("gru_step_backward", 0.25)
def test_the_biases_of_the_gru_get_their_gradient_where_gates_are_open_or_closed(
    student, reference, fresh
):
    dh, x_t, h_prev, params = gru_back(fresh, N=3, D=2, H=4)
    params["b"][[0, 5, 2, 7]] = [800.0, 800.0, -800.0, -800.0]
    args = (dh, x_t, h_prev, params)
    assert_grad(
        student.gru_step_backward(*args),
        reference.gru_step_backward(*args),
        "gru_step_backward",
        "b",
        "Some entries of b are 800 or -800: the sigmoid is flat there, and finite.",
    )


@points("gru_step_backward", 0.25)
def test_gru_step_backward_reads_its_arguments_and_leaves_them_as_they_were(
    student, reference, fresh
):
    args, more = (gru_back(fresh, N=3, D=2, H=4) for _ in range(2))
    assert_reads_only(student, "gru_step_backward", args, more)
