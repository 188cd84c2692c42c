"""The functions of hw6_gated have the properties that follow from their definitions."""

import numpy as np

from solutions.hw3_softmax_loss import solution as hw3
from solutions.hw6_gated import solution as hw6
from solutions.hw6_gated.arguments import EXAMPLES
from tests.oracles import assert_agree, cases, cut, cuttable, for_all, joined

ARGUMENTS = EXAMPLES["hidden"]
FULL = 1e4  # a bias that opens or closes a gate entirely, whatever else is in the sum


def biased(params, H, **gates):
    """Return parameters with this much more in the bias of some blocks, such as ``f=FULL``."""
    b = params["b"].copy()
    order = "ifgq" if len(b) == 4 * H else "run"
    for gate, more in gates.items():
        place = order.index(gate) * H
        b[place : place + H] += more * max(1.0, np.abs(params["U"]).max(initial=0.0))
    return {**params, "b": b}


def reordered(arrays, order):
    """Return parameters or gradients of a gated network, with its units in another order."""
    H = len(order)
    rows = np.concatenate([block + order for block in range(0, len(arrays["b"]), H)])
    moved = {"U": arrays["U"][rows], "W": arrays["W"][rows][:, order], "b": arrays["b"][rows]}
    if "V" in arrays:
        moved["V"] = arrays["V"][:, order]
    return {**arrays, **moved}


def added(parts):
    """Add up gradients of the same parameters."""
    return {name: sum(part[name] for part in parts) for name in "UWb"}


# --- lstm_step -----------------------------------------------------------------------------


@for_all(case=cases())
def test_lstm_step_shows_less_than_one_and_adds_at_most_one(case):
    _, _, s_prev, _ = args = ARGUMENTS["lstm_step"](case)
    h_t, s_t = hw6.lstm_step(*args)
    assert np.all(np.abs(h_t) <= 1)
    assert np.all(np.abs(s_t) <= np.abs(s_prev) + 1)


@for_all(case=cases())
def test_lstm_step_with_open_forget_and_closed_input_gates_keeps_its_state(case):
    x_t, h, s, params = ARGUMENTS["lstm_step"](case)
    h_t, s_t = hw6.lstm_step(x_t, h, s, biased(params, case.H, f=FULL, i=-FULL, q=FULL))
    assert_agree((h_t, s_t), (np.tanh(s), s))


@for_all(case=cases())
def test_lstm_step_treats_input_and_hidden_state_alike(case):
    x_t, h, s, params = ARGUMENTS["lstm_step"](case)
    swapped = {**params, "U": params["W"], "W": params["U"]}
    assert_agree(hw6.lstm_step(h, x_t, s, swapped), hw6.lstm_step(x_t, h, s, params))


@for_all(case=cases())
def test_lstm_step_knows_no_order_of_sequences_or_units(case):
    x_t, h, s, params = ARGUMENTS["lstm_step"](case)
    n, units = case.rng.permutation(case.N), case.rng.permutation(case.H)
    got = hw6.lstm_step(x_t[n], h[n][:, units], s[n][:, units], reordered(params, units))
    h_t, s_t = hw6.lstm_step(x_t, h, s, params)
    assert_agree(got, (h_t[n][:, units], s_t[n][:, units]))


# --- lstm ----------------------------------------------------------------------------------


@for_all(case=cases())
def test_lstm_takes_the_steps_of_lstm_step(case):
    x, h_t, s_t, params = ARGUMENTS["lstm"](case)
    h, s, o = hw6.lstm(x, h_t, s_t, params)
    for t in range(case.T):
        h_t, s_t = hw6.lstm_step(x[t], h_t, s_t, params)
        assert_agree((h[t], s[t]), (h_t, s_t))
    assert_agree(o, params["c"] + h @ params["V"].T)


@for_all(case=cuttable())
def test_lstm_goes_on_from_any_of_its_pairs_of_states(case):
    x, h0, s0, params = ARGUMENTS["lstm"](case)
    t = cut(case)
    first = hw6.lstm(x[:t], h0, s0, params)
    second = hw6.lstm(x[t:], first[0][-1], first[1][-1], params)
    assert_agree(joined(first, second), hw6.lstm(x, h0, s0, params))


@for_all(case=cuttable())
def test_lstm_does_not_look_ahead(case):
    x, h0, s0, params = ARGUMENTS["lstm"](case)
    t = cut(case)
    other = np.concatenate([x[:t], x[t:] + 1.0])
    want = tuple(array[:t] for array in hw6.lstm(x, h0, s0, params))
    assert_agree(tuple(array[:t] for array in hw6.lstm(other, h0, s0, params)), want)


# --- lstm_step_backward --------------------------------------------------------------------


@for_all(case=cases())
def test_lstm_step_backward_is_linear_in_both_gradients_that_come_in(case):
    dh, ds, *rest = ARGUMENTS["lstm_step_backward"](case)
    one = hw6.lstm_step_backward(dh, 0 * ds, *rest)
    two = hw6.lstm_step_backward(0 * dh, ds, *rest)
    want = tuple(2 * a - b for a, b in zip(one[:3], two[:3], strict=True))
    grads = {name: 2 * one[3][name] - two[3][name] for name in "UWb"}
    assert_agree(hw6.lstm_step_backward(2 * dh, -ds, *rest), (*want, grads), case.unit)


@for_all(case=cases())
def test_lstm_step_backward_adds_the_sequences_up(case):
    *arrays, params = ARGUMENTS["lstm_step_backward"](case)
    each = [slice(n, n + 1) for n in range(case.N)]
    singles = [hw6.lstm_step_backward(*(array[n] for array in arrays), params) for n in each]
    want = tuple(np.concatenate(parts) for parts in list(zip(*singles, strict=True))[:3])
    want = (*want, added([single[3] for single in singles]))
    assert_agree(hw6.lstm_step_backward(*arrays, params), want, case.unit)


@for_all(case=cases())
def test_lstm_step_backward_passes_the_gradient_of_a_kept_state_on_as_it_is(case):
    dh, ds, x_t, h, s, params = ARGUMENTS["lstm_step_backward"](case)
    kept = biased(params, case.H, f=FULL, i=-FULL, q=-FULL)
    dx_t, dh_prev, ds_prev, grads = hw6.lstm_step_backward(dh, ds, x_t, h, s, kept)
    assert_agree(ds_prev, ds)
    nothing = {name: np.zeros(params[name].shape) for name in "UWb"}
    assert_agree((dx_t, dh_prev, grads), (0 * x_t, 0 * h, nothing), unit=1.0)


@for_all(case=cases())
def test_lstm_step_backward_treats_input_and_hidden_state_alike(case):
    dh, ds, x_t, h, s, params = ARGUMENTS["lstm_step_backward"](case)
    dx_t, dh_prev, ds_prev, grads = hw6.lstm_step_backward(dh, ds, x_t, h, s, params)
    swapped = {**params, "U": params["W"], "W": params["U"]}
    want = (dh_prev, dx_t, ds_prev, {"U": grads["W"], "W": grads["U"], "b": grads["b"]})
    assert_agree(hw6.lstm_step_backward(dh, ds, h, x_t, s, swapped), want, case.unit)


# --- lstm_bptt -----------------------------------------------------------------------------


@for_all(case=cases())
def test_the_loss_of_lstm_bptt_is_that_of_the_outputs(case):
    x, h0, s0, y, params = ARGUMENTS["lstm_bptt"](case)
    _, _, o = hw6.lstm(x, h0, s0, params)
    assert_agree(hw6.lstm_bptt(x, h0, s0, y, params)[0], hw3.sequence_loss(o, y))


@for_all(case=cases())
def test_lstm_bptt_is_the_mean_over_the_batch(case):
    x, h0, s0, y, params = ARGUMENTS["lstm_bptt"](case)
    each = [slice(n, n + 1) for n in range(case.N)]
    singles = [hw6.lstm_bptt(x[:, n], h0[n], s0[n], y[:, n], params) for n in each]
    losses, grads = zip(*singles, strict=True)
    want = {name: np.mean([g[name] for g in grads], axis=0) for name in "UWVbc"}
    for name, axis in {"x": 1, "h0": 0, "s0": 0}.items():
        want[name] = np.concatenate([g[name] for g in grads], axis) / case.N
    assert_agree(hw6.lstm_bptt(x, h0, s0, y, params), (np.mean(losses), want), case.unit)


@for_all(case=cases())
def test_lstm_bptt_knows_no_order_of_units(case):
    x, h0, s0, y, params = ARGUMENTS["lstm_bptt"](case)
    units = case.rng.permutation(case.H)
    loss, grads = hw6.lstm_bptt(x, h0, s0, y, params)
    want = reordered(grads, units)
    want |= {name: grads[name][:, units] for name in ("h0", "s0")}
    got = hw6.lstm_bptt(x, h0[:, units], s0[:, units], y, reordered(params, units))
    assert_agree(got, (loss, want), case.unit)


@for_all(case=cases())
def test_without_output_weights_nothing_comes_back(case):
    x, h0, s0, y, params = ARGUMENTS["lstm_bptt"](case)
    _, grads = hw6.lstm_bptt(x, h0, s0, y, {**params, "V": 0 * params["V"]})
    for name in ("U", "W", "b", "x", "h0", "s0"):
        assert not np.any(grads[name]), name


# --- gru_step ------------------------------------------------------------------------------


@for_all(case=cases())
def test_gru_step_lies_between_the_old_state_and_some_candidate(case):
    _, h, _ = args = ARGUMENTS["gru_step"](case)
    h_t = hw6.gru_step(*args)
    assert np.all(h_t <= np.maximum(h, 1) + 1e-15)
    assert np.all(h_t >= np.minimum(h, -1) - 1e-15)


@for_all(case=cases())
def test_gru_step_with_open_update_gates_keeps_its_state(case):
    x_t, h, params = ARGUMENTS["gru_step"](case)
    assert_agree(hw6.gru_step(x_t, h, biased(params, case.H, u=FULL)), h)


@for_all(case=cases())
def test_gru_step_with_closed_gates_forgets_all(case):
    x_t, h, params = ARGUMENTS["gru_step"](case)
    closed = biased(params, case.H, r=-FULL, u=-FULL)
    last = slice(2 * case.H, None)
    want = np.tanh(params["b"][last] + x_t @ params["U"][last].T)
    assert_agree(hw6.gru_step(x_t, h, closed), want)
    assert_agree(hw6.gru_step(x_t, h + 1.0, closed), want)


@for_all(case=cases())
def test_gru_step_knows_no_order_of_sequences_or_units(case):
    x_t, h, params = ARGUMENTS["gru_step"](case)
    n, units = case.rng.permutation(case.N), case.rng.permutation(case.H)
    got = hw6.gru_step(x_t[n], h[n][:, units], reordered(params, units))
    assert_agree(got, hw6.gru_step(x_t, h, params)[n][:, units])


# --- gru_step_backward ---------------------------------------------------------------------


@for_all(case=cases())
def test_gru_step_backward_is_linear_in_the_gradient_that_comes_in(case):
    dh, *rest = ARGUMENTS["gru_step_backward"](case)
    other = case.rng.normal(size=dh.shape)
    (dx, dh_prev, grads), (dx_2, dh_prev_2, grads_2) = (
        hw6.gru_step_backward(incoming, *rest) for incoming in (dh, other)
    )
    both = {name: 2 * grads[name] - grads_2[name] for name in "UWb"}
    want = (2 * dx - dx_2, 2 * dh_prev - dh_prev_2, both)
    assert_agree(hw6.gru_step_backward(2 * dh - other, *rest), want, unit=1.0)


@for_all(case=cases())
def test_gru_step_backward_adds_the_sequences_up(case):
    *arrays, params = ARGUMENTS["gru_step_backward"](case)
    each = [slice(n, n + 1) for n in range(case.N)]
    singles = [hw6.gru_step_backward(*(array[n] for array in arrays), params) for n in each]
    want = tuple(np.concatenate(parts) for parts in list(zip(*singles, strict=True))[:2])
    want = (*want, added([single[2] for single in singles]))
    assert_agree(hw6.gru_step_backward(*arrays, params), want, case.unit)


@for_all(case=cases())
def test_gru_step_backward_passes_the_gradient_of_a_kept_state_on_as_it_is(case):
    dh, x_t, h, params = ARGUMENTS["gru_step_backward"](case)
    kept = biased(params, case.H, u=FULL)
    dx_t, dh_prev, grads = hw6.gru_step_backward(dh, x_t, h, kept)
    assert_agree(dh_prev, dh)
    nothing = {name: np.zeros(params[name].shape) for name in "UWb"}
    assert_agree((dx_t, grads), (0 * x_t, nothing), unit=1.0)
