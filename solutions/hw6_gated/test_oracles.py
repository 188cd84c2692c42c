"""The functions of hw6_gated agree with PyTorch, and with plain numpy."""

import numpy as np

from solutions.hw6_gated import solution as hw6
from solutions.hw6_gated.arguments import EXAMPLES, another_state, gated
from tests import oracles
from tests.oracles import (
    assert_agree,
    cases,
    complex_step,
    constants,
    cross_entropy,
    for_all,
    leaves,
    numbers,
    read_out,
    value_and_gradient,
)

ARGUMENTS = EXAMPLES["hidden"]


# --- PyTorch -------------------------------------------------------------------------------


def stacked(torch, params):
    """Return parameters under PyTorch's names; of its two biases, one is zero."""
    weights = {"weight_ih": params["U"], "weight_hh": params["W"], "bias_ih": params["b"]}
    return weights | {"bias_hh": torch.zeros_like(params["b"])}


def lstm_layer(torch, x, h0, s0, params):
    """Run nn.LSTM; return the hidden states."""
    H, D = params["W"].shape[1], params["U"].shape[1]
    layer = torch.nn.LSTM(D, H, dtype=torch.float64)
    weights = {f"{name}_l0": array for name, array in stacked(torch, params).items()}
    return torch.func.functional_call(layer, weights, (x, (h0[None], s0[None])))[0]


def lstm_cell(torch, x_t, h, s, params):
    """Take one step of nn.LSTMCell; return both states."""
    cell = torch.nn.LSTMCell(params["U"].shape[1], h.shape[1], dtype=torch.float64)
    return torch.func.functional_call(cell, stacked(torch, params), (x_t, (h, s)))


def gru_cell(torch, x_t, h, params):
    """Take one step of a GRU that resets before the product."""
    linear = torch.nn.functional.linear
    (U_r, U_u, U_n), (W_r, W_u, W_n), (b_r, b_u, b_n) = (params[name].chunk(3) for name in "UWb")
    r = torch.sigmoid(linear(x_t, U_r) + linear(h, W_r, b_r))
    u = torch.sigmoid(linear(x_t, U_u) + linear(h, W_u, b_u))
    n = torch.tanh(linear(x_t, U_n) + linear(r * h, W_n, b_n))
    return u * h + (1 - u) * n


# --- plain numpy, complex too --------------------------------------------------------------


def sums(params, x_t, h):
    """Return b + W h + U x_t (..., N, rows)."""
    product = "...ij,...nj->...ni"
    W, U = np.einsum(product, params["W"], h), np.einsum(product, params["U"], x_t)
    return W + U + params["b"][..., None, :]


def sigmoid(z):
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def lstm_run(x, h, s, params):
    """Run an LSTM: lists of h (..., N, H), s and o, one of each for each step."""
    H, found = h.shape[-1], ([], [], [])
    for t in range(x.shape[-3]):
        z = sums(params, x[..., t, :, :], h)
        i, f, g, q = (z[..., k * H : (k + 1) * H] for k in range(4))
        s = sigmoid(f) * s + sigmoid(i) * np.tanh(g)
        h = sigmoid(q) * np.tanh(s)
        o = np.einsum("...ij,...nj->...ni", params["V"], h) + params["c"][..., None, :]
        for states, one in zip(found, (h, s, o), strict=True):
            states.append(one)
    return tuple(np.stack(states, axis=-3) for states in found)


def gru_run(x_t, h, params):
    """Take one step of a GRU, unit by unit of the candidate."""
    H = h.shape[-1]
    z = sums(params, x_t, h)
    r, u = sigmoid(z[..., :H]), sigmoid(z[..., H : 2 * H])
    n = [
        sums(
            {name: params[name][..., 2 * H + k : 2 * H + k + 1, :] for name in "UW"}
            | {"b": params["b"][..., 2 * H + k : 2 * H + k + 1]},
            x_t,
            r * h,
        )[..., 0]
        for k in range(H)
    ]
    return u * h + (1 - u) * np.tanh(np.stack(n, axis=-1))


def over_batch(products):
    """Sum over sequences and units, and no further."""
    return np.sum(products, axis=(-2, -1))


# --- the LSTM ------------------------------------------------------------------------------


@for_all(case=cases())
def test_lstm_step_is_a_cell_of_pytorch(torch, case):
    x_t, h, s, params = ARGUMENTS["lstm_step"](case)
    want = lstm_cell(torch, *map(torch.tensor, (x_t, h, s)), constants(torch, params))
    assert_agree(hw6.lstm_step(x_t, h, s, params), numbers(*want))


@for_all(case=cases())
def test_lstm_step_is_that_of_plain_numpy(case):
    x_t, h, s, params = ARGUMENTS["lstm_step"](case)
    h_t, s_t, _ = lstm_run(x_t[None], h, s, params)
    assert_agree(hw6.lstm_step(x_t, h, s, params), (h_t[0], s_t[0]))


@for_all(case=cases())
def test_lstm_is_a_layer_of_pytorch(torch, case):
    x, h0, s0, params = ARGUMENTS["lstm"](case)
    tensors = constants(torch, params)
    h = lstm_layer(torch, *map(torch.tensor, (x, h0, s0)), tensors)
    states, state = [], (torch.tensor(h0), torch.tensor(s0))
    for x_t in torch.tensor(x):
        state = lstm_cell(torch, x_t, *state, tensors)
        states.append(state[1])
    want = numbers(h, torch.stack(states), read_out(torch, h, tensors))
    assert_agree(hw6.lstm(x, h0, s0, params), want)


@for_all(case=cases())
def test_lstm_is_that_of_plain_numpy(case):
    args = ARGUMENTS["lstm"](case)
    assert_agree(hw6.lstm(*args), lstm_run(*args))


def lstm_step_gradients(grads):
    """Give the gradients at one step the form that lstm_step_backward returns."""
    return grads["x"], grads["h"], grads["s"], {name: grads[name] for name in "UWb"}


@for_all(case=cases())
def test_lstm_step_backward_is_the_gradient_of_a_cell(torch, case):
    dh, ds, x_t, h, s, params = ARGUMENTS["lstm_step_backward"](case)
    tensors = leaves(torch, {**params, "x": x_t, "h": h, "s": s})
    h_t, s_t = lstm_cell(torch, tensors["x"], tensors["h"], tensors["s"], tensors)
    total = (torch.tensor(dh) * h_t).sum() + (torch.tensor(ds) * s_t).sum()
    _, grads = value_and_gradient(torch, total, tensors)
    got = hw6.lstm_step_backward(dh, ds, x_t, h, s, params)
    assert_agree(got, lstm_step_gradients(grads), case.unit)


@for_all(case=cases())
def test_lstm_step_backward_is_that_of_complex_steps(case):
    dh, ds, x_t, h, s, params = ARGUMENTS["lstm_step_backward"](case)

    def total(at):
        h_t, s_t, _ = lstm_run(at["x"][..., None, :, :], at["h"], at["s"], at)
        return over_batch(dh * h_t[..., 0, :, :] + ds * s_t[..., 0, :, :])

    _, grads = complex_step(total, {**params, "x": x_t, "h": h, "s": s})
    got = hw6.lstm_step_backward(dh, ds, x_t, h, s, params)
    assert_agree(got, lstm_step_gradients(grads), case.unit)


def with_inputs(case):
    """Return all that lstm_bptt differentiates."""
    return {**gated(case, 4), "x": case.x, "h0": case.start, "s0": another_state(case)}


@for_all(case=cases())
def test_lstm_bptt_is_that_of_autograd(torch, case):
    tensors = leaves(torch, with_inputs(case))
    h = lstm_layer(torch, tensors["x"], tensors["h0"], tensors["s0"], tensors)
    loss = cross_entropy(torch, read_out(torch, h, tensors), torch.tensor(case.y))
    want = value_and_gradient(torch, loss, tensors)
    assert_agree(hw6.lstm_bptt(*ARGUMENTS["lstm_bptt"](case)), want, case.unit)


@for_all(case=cases())
def test_lstm_bptt_is_that_of_complex_steps(case):
    def loss(at):
        return oracles.sequence_loss(lstm_run(at["x"], at["h0"], at["s0"], at)[2], case.y)

    want = complex_step(loss, with_inputs(case))
    assert_agree(hw6.lstm_bptt(*ARGUMENTS["lstm_bptt"](case)), want, case.unit)


# --- the GRU -------------------------------------------------------------------------------


@for_all(case=cases())
def test_gru_step_is_a_cell_written_in_pytorch(torch, case):
    x_t, h, params = ARGUMENTS["gru_step"](case)
    want = gru_cell(torch, *map(torch.tensor, (x_t, h)), constants(torch, params))
    assert_agree(hw6.gru_step(x_t, h, params), want.numpy())


@for_all(case=cases())
def test_gru_step_is_pytorchs_own_where_the_order_of_reset_and_product_is_the_same(torch, case):
    x_t, h, params = ARGUMENTS["gru_step"](case)
    last = slice(2 * case.H, None)
    params["W"][last] *= np.eye(case.H)  # of a diagonal matrix, each unit sees itself alone
    cell = torch.nn.GRUCell(case.D, case.H, dtype=torch.float64)
    weights = stacked(torch, constants(torch, params))
    want = torch.func.functional_call(cell, weights, (torch.tensor(x_t), torch.tensor(h)))
    assert_agree(hw6.gru_step(x_t, h, params), want.detach().numpy())


@for_all(case=cases())
def test_gru_step_is_that_of_plain_numpy(case):
    args = ARGUMENTS["gru_step"](case)
    assert_agree(hw6.gru_step(*args), gru_run(*args))


def gru_step_gradients(grads):
    """Give the gradients at one step the form that gru_step_backward returns."""
    return grads["x"], grads["h"], {name: grads[name] for name in "UWb"}


@for_all(case=cases())
def test_gru_step_backward_is_the_gradient_of_a_cell(torch, case):
    dh, x_t, h, params = ARGUMENTS["gru_step_backward"](case)
    tensors = leaves(torch, {**params, "x": x_t, "h": h})
    total = (torch.tensor(dh) * gru_cell(torch, tensors["x"], tensors["h"], tensors)).sum()
    _, grads = value_and_gradient(torch, total, tensors)
    got = hw6.gru_step_backward(dh, x_t, h, params)
    assert_agree(got, gru_step_gradients(grads), case.unit)


@for_all(case=cases())
def test_gru_step_backward_is_that_of_complex_steps(case):
    dh, x_t, h, params = ARGUMENTS["gru_step_backward"](case)
    _, grads = complex_step(
        lambda at: over_batch(dh * gru_run(at["x"], at["h"], at)), {**params, "x": x_t, "h": h}
    )
    got = hw6.gru_step_backward(dh, x_t, h, params)
    assert_agree(got, gru_step_gradients(grads), case.unit)


# --- one cell as another -------------------------------------------------------------------


@for_all(case=cases())
def test_both_cells_carry_the_upstream_gradient_alike_where_they_do_the_same(case):
    """An LSTM with f = u, i = 1 - u and an open output gate keeps the state of a GRU with r = 1."""
    dh, x_t, h, params = ARGUMENTS["gru_step_backward"](case)
    H = case.H
    _, u, n = (slice(k * H, (k + 1) * H) for k in range(3))
    open_reset = {**params, "b": params["b"].copy()}
    open_reset["b"][:H] += 1e4 * max(1.0, case.scale)
    blocks = {
        name: np.concatenate([-array[u], array[u], array[n], 0 * array[n]])
        for name, array in open_reset.items()
        if name in "UWb"
    }
    _, s_t = hw6.lstm_step(x_t, h, h, blocks)  # its gates look at h, and it keeps h
    assert_agree(s_t, hw6.gru_step(x_t, h, open_reset), unit=1.0)
    _, through_gates, kept, _ = hw6.lstm_step_backward(0 * dh, dh, x_t, h, h, blocks)
    _, dh_prev, _ = hw6.gru_step_backward(dh, x_t, h, open_reset)
    assert_agree(through_gates + kept, dh_prev, unit=1.0)
