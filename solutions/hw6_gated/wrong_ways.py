"""The classic mistakes of hw6_gated once more, in another style."""

import numpy as np

from autograder.course.catalogue import wrong
from solutions.hw6_gated.solution import (
    lstm,
    lstm_step,
    lstm_step_backward,
    sequence_loss,
    sequence_loss_gradient,
    sigmoid,
    softmax,
)

# --- lstm_step ---------------------------------------------------------------------------


@wrong("lstm_step", "third and fourth block exchanged")
def lstm_step_third_and_fourth_block_exchanged(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, :H])
    f = sigmoid(z[:, H : 2 * H])
    q = sigmoid(z[:, 2 * H : 3 * H])
    g = np.tanh(z[:, 3 * H :])
    kept = f * s_prev
    added = i * g
    state = kept + added
    hidden = np.tanh(state) * q
    return hidden, state


@wrong("lstm_step", "input and forget gate exchanged")
def lstm_step_input_and_forget_gate_exchanged(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, :H])
    f = sigmoid(z[:, H : 2 * H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    kept = i * s_prev
    added = f * g
    state = kept + added
    hidden = np.tanh(state) * q
    return hidden, state


@wrong("lstm_step", "blocks interleaved")
def lstm_step_blocks_interleaved(x_t, h_prev, s_prev, params):
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, 0::4])
    f = sigmoid(z[:, 1::4])
    g = np.tanh(z[:, 2::4])
    q = sigmoid(z[:, 3::4])
    kept = f * s_prev
    added = i * g
    state = kept + added
    hidden = np.tanh(state) * q
    return hidden, state


@wrong("lstm_step", "sigmoid for the candidate")
def lstm_step_sigmoid_for_the_candidate(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, :H])
    f = sigmoid(z[:, H : 2 * H])
    g = sigmoid(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    kept = f * s_prev
    added = i * g
    state = kept + added
    hidden = np.tanh(state) * q
    return hidden, state


@wrong("lstm_step", "tanh for the gates")
def lstm_step_tanh_for_the_gates(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = np.tanh(z[:, :H])
    f = np.tanh(z[:, H : 2 * H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = np.tanh(z[:, 3 * H :])
    kept = f * s_prev
    added = i * g
    state = kept + added
    hidden = np.tanh(state) * q
    return hidden, state


@wrong("lstm_step", "tanh of the state left out")
def lstm_step_tanh_of_the_state_left_out(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, :H])
    f = sigmoid(z[:, H : 2 * H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    kept = f * s_prev
    added = i * g
    state = kept + added
    hidden = state * q
    return hidden, state


@wrong("lstm_step", "output gate left out")
def lstm_step_output_gate_left_out(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, :H])
    f = sigmoid(z[:, H : 2 * H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    kept = f * s_prev
    added = i * g
    state = kept + added
    hidden = np.tanh(state)
    return hidden, state


@wrong("lstm_step", "output gate inside the tanh")
def lstm_step_output_gate_inside_the_tanh(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, :H])
    f = sigmoid(z[:, H : 2 * H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    kept = f * s_prev
    added = i * g
    state = kept + added
    hidden = np.tanh(state * q)
    return hidden, state


@wrong("lstm_step", "the old state shown")
def lstm_step_the_old_state_shown(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, :H])
    f = sigmoid(z[:, H : 2 * H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    kept = f * s_prev
    added = i * g
    state = kept + added
    hidden = np.tanh(s_prev) * q
    return hidden, state


@wrong("lstm_step", "tanh kept in the state")
def lstm_step_tanh_kept_in_the_state(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, :H])
    f = sigmoid(z[:, H : 2 * H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    kept = f * s_prev
    added = i * g
    state = np.tanh(kept + added)
    hidden = state * q
    return hidden, state


@wrong("lstm_step", "input gate left out")
def lstm_step_input_gate_left_out(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    f = sigmoid(z[:, H : 2 * H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    kept = f * s_prev
    added = g
    state = kept + added
    hidden = np.tanh(state) * q
    return hidden, state


@wrong("lstm_step", "forget gate left out")
def lstm_step_forget_gate_left_out(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, :H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    kept = s_prev
    added = i * g
    state = kept + added
    hidden = np.tanh(state) * q
    return hidden, state


@wrong("lstm_step", "1 - f for the input gate")
def lstm_step_one_minus_f_for_the_input_gate(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    f = sigmoid(z[:, H : 2 * H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    kept = f * s_prev
    added = (1 - f) * g
    state = kept + added
    hidden = np.tanh(state) * q
    return hidden, state


@wrong("lstm_step", "1 - f for the forget gate")
def lstm_step_one_minus_f_for_the_forget_gate(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, :H])
    f = sigmoid(z[:, H : 2 * H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    kept = s_prev - f * s_prev
    added = i * g
    state = kept + added
    hidden = np.tanh(state) * q
    return hidden, state


@wrong("lstm_step", "old state not kept")
def lstm_step_old_state_not_kept(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, :H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    added = i * g
    state = added
    hidden = np.tanh(state) * q
    return hidden, state


@wrong("lstm_step", "h_prev for s_prev")
def lstm_step_h_prev_for_s_prev(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, :H])
    f = sigmoid(z[:, H : 2 * H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    kept = f * h_prev
    added = i * g
    state = kept + added
    hidden = np.tanh(state) * q
    return hidden, state


@wrong("lstm_step", "s_prev for h_prev")
def lstm_step_s_prev_for_h_prev(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(s_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, :H])
    f = sigmoid(z[:, H : 2 * H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    kept = f * s_prev
    added = i * g
    state = kept + added
    hidden = np.tanh(state) * q
    return hidden, state


@wrong("lstm_step", "b left out")
def lstm_step_b_left_out(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T)
    i = sigmoid(z[:, :H])
    f = sigmoid(z[:, H : 2 * H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    kept = f * s_prev
    added = i * g
    state = kept + added
    hidden = np.tanh(state) * q
    return hidden, state


@wrong("lstm_step", "one added to the forget gate")
def lstm_step_one_added_to_the_forget_gate(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    b = params["b"].copy()
    b[H : 2 * H] += 1
    return lstm_step(x_t, h_prev, s_prev, {**params, "b": b})


@wrong("lstm_step", "gates that look at s_prev")
def lstm_step_gates_that_look_at_s_prev(x_t, h_prev, s_prev, params):
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    z = z + np.hstack([s_prev, s_prev, 0 * s_prev, 0 * s_prev])
    i, f, g, q = np.split(z, 4, axis=1)
    state = sigmoid(f) * s_prev + sigmoid(i) * np.tanh(g)
    return sigmoid(q) * np.tanh(state), state


@wrong("lstm_step", "h_t and s_t exchanged")
def lstm_step_h_t_and_s_t_exchanged(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, :H])
    f = sigmoid(z[:, H : 2 * H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    kept = f * s_prev
    added = i * g
    state = kept + added
    hidden = np.tanh(state) * q
    return state, hidden


@wrong("lstm_step", "exponentials that overflow")
def lstm_step_exponentials_that_overflow(x_t, h_prev, s_prev, params):
    def sigmoid(z):
        return np.exp(z) / (np.exp(z) + 1)

    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, :H])
    f = sigmoid(z[:, H : 2 * H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    kept = f * s_prev
    added = i * g
    state = kept + added
    hidden = np.tanh(state) * q
    return hidden, state


@wrong("lstm_step", "s_prev changed in place")
def lstm_step_s_prev_changed_in_place(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = np.dot(x_t, params["U"].T) + np.dot(h_prev, params["W"].T) + params["b"]
    i = sigmoid(z[:, :H])
    f = sigmoid(z[:, H : 2 * H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    q = sigmoid(z[:, 3 * H :])
    kept = s_prev
    kept[:] = f * s_prev
    added = i * g
    state = kept + added
    hidden = np.tanh(state) * q
    return hidden, state


# --- lstm --------------------------------------------------------------------------------


@wrong("lstm", "s0 used again at every step")
def lstm_s0_used_again_at_every_step(x, h0, s0, params):
    hs, ss, os = [], [], []
    h, s = h0, s0
    for x_t in x:
        h, s = lstm_step(x_t, h, s0, params)
        hs.append(h)
        ss.append(s)
        os.append(h @ params["V"].T + params["c"])
    return np.stack(hs), np.stack(ss), np.stack(os)


@wrong("lstm", "h0 used again at every step")
def lstm_h0_used_again_at_every_step(x, h0, s0, params):
    hs, ss, os = [], [], []
    h, s = h0, s0
    for x_t in x:
        h, s = lstm_step(x_t, h0, s, params)
        hs.append(h)
        ss.append(s)
        os.append(h @ params["V"].T + params["c"])
    return np.stack(hs), np.stack(ss), np.stack(os)


@wrong("lstm", "started from zeros")
def lstm_started_from_zeros(x, h0, s0, params):
    hs, ss, os = [], [], []
    h, s = 0 * h0, 0 * s0
    for x_t in x:
        h, s = lstm_step(x_t, h, s, params)
        hs.append(h)
        ss.append(s)
        os.append(h @ params["V"].T + params["c"])
    return np.stack(hs), np.stack(ss), np.stack(os)


@wrong("lstm", "h and s exchanged when handed on")
def lstm_h_and_s_exchanged_when_handed_on(x, h0, s0, params):
    hs, ss, os = [], [], []
    h, s = s0, h0
    for x_t in x:
        h, s = lstm_step(x_t, s, h, params)
        hs.append(h)
        ss.append(s)
        os.append(h @ params["V"].T + params["c"])
    return np.stack(hs), np.stack(ss), np.stack(os)


@wrong("lstm", "h and s exchanged in the result")
def lstm_h_and_s_exchanged_in_the_result(x, h0, s0, params):
    hs, ss, os = [], [], []
    h, s = h0, s0
    for x_t in x:
        h, s = lstm_step(x_t, h, s, params)
        hs.append(h)
        ss.append(s)
        os.append(h @ params["V"].T + params["c"])
    return np.stack(ss), np.stack(hs), np.stack(os)


@wrong("lstm", "outputs made from the cell state")
def lstm_outputs_made_from_the_cell_state(x, h0, s0, params):
    hs, ss, os = [], [], []
    h, s = h0, s0
    for x_t in x:
        h, s = lstm_step(x_t, h, s, params)
        hs.append(h)
        ss.append(s)
        os.append(s @ params["V"].T + params["c"])
    return np.stack(hs), np.stack(ss), np.stack(os)


@wrong("lstm", "outputs made from the state before")
def lstm_outputs_made_from_the_state_before(x, h0, s0, params):
    hs, ss, os = [], [], []
    h, s = h0, s0
    for x_t in x:
        os.append(h @ params["V"].T + params["c"])
        h, s = lstm_step(x_t, h, s, params)
        hs.append(h)
        ss.append(s)
    return np.stack(hs), np.stack(ss), np.stack(os)


@wrong("lstm", "c left out")
def lstm_c_left_out(x, h0, s0, params):
    hs, ss, os = [], [], []
    h, s = h0, s0
    for x_t in x:
        h, s = lstm_step(x_t, h, s, params)
        hs.append(h)
        ss.append(s)
        os.append(h @ params["V"].T)
    return np.stack(hs), np.stack(ss), np.stack(os)


@wrong("lstm", "softmax of the outputs")
def lstm_softmax_of_the_outputs(x, h0, s0, params):
    hs, ss, os = [], [], []
    h, s = h0, s0
    for x_t in x:
        h, s = lstm_step(x_t, h, s, params)
        hs.append(h)
        ss.append(s)
        os.append(softmax(h @ params["V"].T + params["c"]))
    return np.stack(hs), np.stack(ss), np.stack(os)


@wrong("lstm", "steps read from the end")
def lstm_steps_read_from_the_end(x, h0, s0, params):
    hs, ss, os = [], [], []
    h, s = h0, s0
    for x_t in x[::-1]:
        h, s = lstm_step(x_t, h, s, params)
        hs.append(h)
        ss.append(s)
        os.append(h @ params["V"].T + params["c"])
    return np.stack(hs[::-1]), np.stack(ss[::-1]), np.stack(os[::-1])


@wrong("lstm", "input of the first step at every step")
def lstm_input_of_the_first_step_at_every_step(x, h0, s0, params):
    hs, ss, os = [], [], []
    h, s = h0, s0
    for _ in x:
        h, s = lstm_step(x[0], h, s, params)
        hs.append(h)
        ss.append(s)
        os.append(h @ params["V"].T + params["c"])
    return np.stack(hs), np.stack(ss), np.stack(os)


@wrong("lstm", "initial states returned as well")
def lstm_initial_states_returned_as_well(x, h0, s0, params):
    hs, ss, os = [], [], []
    h, s = h0, s0
    for x_t in x:
        h, s = lstm_step(x_t, h, s, params)
        hs.append(h)
        ss.append(s)
        os.append(h @ params["V"].T + params["c"])
    return np.stack([h0, *hs]), np.stack([s0, *ss]), np.stack(os)


@wrong("lstm", "initial states overwritten")
def lstm_initial_states_overwritten(x, h0, s0, params):
    hs, ss, os = [], [], []
    h, s = h0, s0
    for x_t in x:
        h[:], s[:] = lstm_step(x_t, h, s, params)
        hs.append(h.copy())
        ss.append(s.copy())
        os.append(h @ params["V"].T + params["c"])
    return np.stack(hs), np.stack(ss), np.stack(os)


# --- lstm_step_backward ------------------------------------------------------------------


@wrong("lstm_step_backward", "share through h_t left out")
def lstm_step_backward_share_through_h_t_left_out(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    total = 1 * ds
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "share of the next state left out")
def lstm_step_backward_share_of_the_next_state_left_out(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "derivative of tanh(s_t) left out")
def lstm_step_backward_derivative_of_tanh_s_t_left_out(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    through_h = dh * q
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "derivative of tanh(s_t) taken as 1 - s^2")
def lstm_step_backward_derivative_of_tanh_s_t_taken_as_one_minus_s_squared(
    dh, ds, x_t, h_prev, s_prev, params
):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - np.square(s_prev * f + g * i)
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "derivative of tanh taken at h_t")
def lstm_step_backward_derivative_of_tanh_taken_at_h_t(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - np.square(q * tanh_s)
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "output gate left out on the way to s_t")
def lstm_step_backward_output_gate_left_out_on_the_way_to_s_t(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "forget gate missing from ds_prev")
def lstm_step_backward_forget_gate_missing_from_ds_prev(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "ds_prev made from ds as it came in")
def lstm_step_backward_ds_prev_made_from_ds_as_it_came_in(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = ds * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "f (1 - f) in ds_prev")
def lstm_step_backward_f_one_minus_f_in_ds_prev(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * (f - f * f)
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "input gate for the forget gate in ds_prev")
def lstm_step_backward_input_gate_for_the_forget_gate_in_ds_prev(
    dh, ds, x_t, h_prev, s_prev, params
):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * i
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "derivatives of the sigmoids left out")
def lstm_step_backward_derivatives_of_the_sigmoids_left_out(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g
    dz[:, H : 2 * H] = total * s_prev
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "derivative of the forget gate taken as f")
def lstm_step_backward_derivative_of_the_forget_gate_taken_as_f(
    dh, ds, x_t, h_prev, s_prev, params
):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * f
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "derivative of tanh for the gates")
def lstm_step_backward_derivative_of_tanh_for_the_gates(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (1 - i * i)
    dz[:, H : 2 * H] = total * s_prev * (1 - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (1 - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "derivatives taken of sigmoids of the gates")
def lstm_step_backward_derivatives_taken_of_sigmoids_of_the_gates(
    dh, ds, x_t, h_prev, s_prev, params
):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * sigmoid(i) * sigmoid(-i)
    dz[:, H : 2 * H] = total * s_prev * sigmoid(f) * sigmoid(-f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * sigmoid(q) * sigmoid(-q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "derivative of the candidate left out")
def lstm_step_backward_derivative_of_the_candidate_left_out(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "derivative of the sigmoid for the candidate")
def lstm_step_backward_derivative_of_the_sigmoid_for_the_candidate(
    dh, ds, x_t, h_prev, s_prev, params
):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (g - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "factors of input gate and candidate exchanged")
def lstm_step_backward_factors_of_input_gate_and_candidate_exchanged(
    dh, ds, x_t, h_prev, s_prev, params
):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * i * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * g * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "s_t for s_prev at the forget gate")
def lstm_step_backward_s_t_for_s_prev_at_the_forget_gate(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * (s_prev * f + g * i) * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "h_prev for s_prev at the forget gate")
def lstm_step_backward_h_prev_for_s_prev_at_the_forget_gate(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * h_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "output gate's gradient taken from that of s_t")
def lstm_step_backward_output_gate_s_gradient_taken_from_that_of_s_t(
    dh, ds, x_t, h_prev, s_prev, params
):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = total * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "s_t for tanh(s_t) at the output gate")
def lstm_step_backward_s_t_for_tanh_s_t_at_the_output_gate(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * (s_prev * f + g * i) * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "deltas of candidate and output gate exchanged")
def lstm_step_backward_deltas_of_candidate_and_output_gate_exchanged(
    dh, ds, x_t, h_prev, s_prev, params
):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 3 * H :] = total * i * (1 - g * g)
    dz[:, 2 * H : 3 * H] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "deltas of input and forget gate exchanged")
def lstm_step_backward_deltas_of_input_and_forget_gate_exchanged(
    dh, ds, x_t, h_prev, s_prev, params
):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, H : 2 * H] = total * g * (i - i * i)
    dz[:, :H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "candidate computed with a sigmoid")
def lstm_step_backward_candidate_computed_with_a_sigmoid(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = sigmoid(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (g - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "dh itself added to dh_prev")
def lstm_step_backward_dh_itself_added_to_dh_prev(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W) + dh
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "dh_prev with ds_prev in it")
def lstm_step_backward_dh_prev_with_ds_prev_in_it(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    dh_prev = dh_prev + ds_prev
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "s_prev for h_prev in dW")
def lstm_step_backward_s_prev_for_h_prev_in_dw(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, s_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "h_t for h_prev in dW")
def lstm_step_backward_h_t_for_h_prev_in_dw(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, tanh_s * q)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "dU, dW and db averaged over the batch")
def lstm_step_backward_du_dw_and_db_averaged_over_the_batch(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU / len(dh), "W": dW / len(dh), "b": db / len(dh)}


@wrong("lstm_step_backward", "db averaged over the batch")
def lstm_step_backward_db_averaged_over_the_batch(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz) / len(dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "db summed over the wrong axis")
def lstm_step_backward_db_summed_over_the_wrong_axis(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->n", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "parameters' gradients from the first sequence only")
def lstm_step_backward_parameters_gradients_from_the_first_sequence_only(
    dh, ds, x_t, h_prev, s_prev, params
):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz[:1], x_t[:1])
    dW = np.einsum("nr,nj->rj", dz[:1], h_prev[:1])
    db = dz[0]
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "dh_prev and ds_prev exchanged")
def lstm_step_backward_dh_prev_and_ds_prev_exchanged(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, ds_prev, dh_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "ds changed in place")
def lstm_step_backward_ds_changed_in_place(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    through_h = dh * q * slope
    total = ds
    np.add(ds, through_h, out=total)
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = dh * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


@wrong("lstm_step_backward", "dh changed in place")
def lstm_step_backward_dh_changed_in_place(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    H = len(W) // 4
    z = x_t @ U.T + h_prev @ W.T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    g = np.tanh(z[:, 2 * H : 3 * H])
    tanh_s = np.tanh(s_prev * f + g * i)
    slope = 1 - tanh_s * tanh_s
    given = dh.copy()
    through_h = np.multiply(dh, q * slope, out=dh)
    total = ds + through_h
    dz = np.zeros(z.shape)
    dz[:, :H] = total * g * (i - i * i)
    dz[:, H : 2 * H] = total * s_prev * (f - f * f)
    dz[:, 2 * H : 3 * H] = total * i * (1 - g * g)
    dz[:, 3 * H :] = given * tanh_s * (q - q * q)
    dU = np.einsum("nr,nd->rd", dz, x_t)
    dW = np.einsum("nr,nj->rj", dz, h_prev)
    db = np.einsum("nr->r", dz)
    dx_t, dh_prev = np.dot(dz, U), np.dot(dz, W)
    ds_prev = total * f
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


# --- lstm_bptt ---------------------------------------------------------------------------


@wrong("lstm_bptt", "gradients of the parameters overwritten at each step")
def lstm_bptt_gradients_of_the_parameters_overwritten_at_each_step(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "ds not carried back")
def lstm_bptt_ds_not_carried_back(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, np.zeros_like(s0), x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "dh not carried back")
def lstm_bptt_dh_not_carried_back(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "share of the last output only")
def lstm_bptt_share_of_the_last_output_only(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output * (t == T - 1)
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "share of the outputs added to ds")
def lstm_bptt_share_of_the_outputs_added_to_ds(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        ds = ds + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "share of the outputs added to both")
def lstm_bptt_share_of_the_outputs_added_to_both(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        ds = ds + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "walked from the first step to the last")
def lstm_bptt_walked_from_the_first_step_to_the_last(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "first step left out")
def lstm_bptt_first_step_left_out(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = list(0 * x), np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, 0, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "states after the step for the ones before")
def lstm_bptt_states_after_the_step_for_the_ones_before(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t + 1], ss[t + 1], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "zeros before the first step")
def lstm_bptt_zeros_before_the_first_step(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [np.zeros_like(h0), *h]
    ss = [np.zeros_like(s0), *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "last states before the first step")
def lstm_bptt_last_states_before_the_first_step(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], h[t - 1], s[t - 1], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "cell state before the step left at s0")
def lstm_bptt_cell_state_before_the_step_left_at_s0(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, _s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], s0, params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "gradients of h0 and s0 exchanged")
def lstm_bptt_gradients_of_h0_and_s0_exchanged(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": ds, "s0": dh}
    return loss, grads


@wrong("lstm_bptt", "divided by N once more")
def lstm_bptt_divided_by_n_once_more(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, {name: array / len(h0) for name, array in grads.items()}


@wrong("lstm_bptt", "averaged over time")
def lstm_bptt_averaged_over_time(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, {name: array / T for name, array in grads.items()}


@wrong("lstm_bptt", "loss averaged over time")
def lstm_bptt_loss_averaged_over_time(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y) / T, sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "loss not averaged over the batch")
def lstm_bptt_loss_not_averaged_over_the_batch(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = len(h0) * sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "dV from the last step only")
def lstm_bptt_dv_from_the_last_step_only(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do[-1], h[-1], axes=(0, 0))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "dV made from the cell states")
def lstm_bptt_dv_made_from_the_cell_states(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, s, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "dc from the last step only")
def lstm_bptt_dc_from_the_last_step_only(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do[-1].sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "dc averaged over time and batch")
def lstm_bptt_dc_averaged_over_time_and_batch(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.mean(axis=0).mean(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "gradients of the inputs in reverse order")
def lstm_bptt_gradients_of_the_inputs_in_reverse_order(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx[::-1]), "h0": dh, "s0": ds}
    return loss, grads


@wrong("lstm_bptt", "gradients clipped at 5")
def lstm_bptt_gradients_clipped_at_5(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    return loss, {name: array.clip(-5, 5) for name, array in grads.items()}


@wrong("lstm_bptt", "gradients written into h0 and s0")
def lstm_bptt_gradients_written_into_h0_and_s0(x, h0, s0, y, params):
    T, V = len(x), params["V"]
    h, s, o = lstm(x, h0, s0, params)
    hs = [h0, *h]
    ss = [s0, *s]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    total = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh, ds = [None] * T, np.zeros_like(h0), np.zeros_like(s0)
    for t in range(T - 1, -1, -1):
        from_output = np.dot(do[t], V)
        dh = dh + from_output
        dx[t], dh, ds, part = lstm_step_backward(dh, ds, x[t], hs[t], ss[t], params)
        total = {name: total[name] + part[name] for name in part}
    dV = np.tensordot(do, h, axes=([0, 1], [0, 1]))
    dc = do.sum(axis=0).sum(axis=0)
    grads = {**total, "V": dV, "c": dc, "x": np.array(dx), "h0": dh, "s0": ds}
    h0[:], s0[:] = dh, ds
    return loss, grads


# --- gru_step ----------------------------------------------------------------------------


@wrong("gru_step", "u and 1 - u exchanged")
def gru_step_u_and_one_minus_u_exchanged(x_t, h_prev, params):
    H = h_prev.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    old, new = (1 - u) * h_prev, u * n
    return old + new


@wrong("gru_step", "reset gate after the product")
def gru_step_reset_gate_after_the_product(x_t, h_prev, params):
    H = h_prev.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    n = np.tanh(x_t @ U_n.T + r * np.dot(h_prev, W_n.T) + b_n)
    old, new = u * h_prev, (1 - u) * n
    return old + new


@wrong("gru_step", "reset gate left out")
def gru_step_reset_gate_left_out(x_t, h_prev, params):
    H = h_prev.shape[1]
    _U_r, U_u, U_n = np.split(params["U"], 3)
    _W_r, W_u, W_n = np.split(params["W"], 3)
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    old, new = u * h_prev, (1 - u) * n
    return old + new


@wrong("gru_step", "reset and update gate exchanged")
def gru_step_reset_and_update_gate_exchanged(x_t, h_prev, params):
    H = h_prev.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    u = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    r = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    old, new = u * h_prev, (1 - u) * n
    return old + new


@wrong("gru_step", "sigmoid for the candidate")
def gru_step_sigmoid_for_the_candidate(x_t, h_prev, params):
    H = h_prev.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = sigmoid(x_t @ U_n.T + seen @ W_n.T + b_n)
    old, new = u * h_prev, (1 - u) * n
    return old + new


@wrong("gru_step", "tanh for the gates")
def gru_step_tanh_for_the_gates(x_t, h_prev, params):
    H = h_prev.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = np.tanh(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = np.tanh(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    old, new = u * h_prev, (1 - u) * n
    return old + new


@wrong("gru_step", "reset gate on the input as well")
def gru_step_reset_gate_on_the_input_as_well(x_t, h_prev, params):
    H = h_prev.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(r * (x_t @ U_n.T) + seen @ W_n.T + b_n)
    old, new = u * h_prev, (1 - u) * n
    return old + new


@wrong("gru_step", "bias of the candidate left out")
def gru_step_bias_of_the_candidate_left_out(x_t, h_prev, params):
    H = h_prev.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T)
    old, new = u * h_prev, (1 - u) * n
    return old + new


@wrong("gru_step", "old state kept in full")
def gru_step_old_state_kept_in_full(x_t, h_prev, params):
    H = h_prev.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    old, new = h_prev, (1 - u) * n
    return old + new


@wrong("gru_step", "candidate added in full")
def gru_step_candidate_added_in_full(x_t, h_prev, params):
    H = h_prev.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    old, new = u * h_prev, n
    return old + new


@wrong("gru_step", "reset gate on what is kept")
def gru_step_reset_gate_on_what_is_kept(x_t, h_prev, params):
    H = h_prev.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    old, new = u * seen, (1 - u) * n
    return old + new


@wrong("gru_step", "h_prev multiplied in place")
def gru_step_h_prev_multiplied_in_place(x_t, h_prev, params):
    H = h_prev.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = np.multiply(h_prev, r, out=h_prev)
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    old, new = u * h_prev, (1 - u) * n
    return old + new


@wrong("gru_step", "exponentials that overflow")
def gru_step_exponentials_that_overflow(x_t, h_prev, params):
    def sigmoid(z):
        return np.exp(z) / (np.exp(z) + 1)

    H = h_prev.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    old, new = u * h_prev, (1 - u) * n
    return old + new


@wrong("gru_step", "state changed in place")
def gru_step_state_changed_in_place(x_t, h_prev, params):
    H = h_prev.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    old, new = u * h_prev, (1 - u) * n
    h_prev[:] = old + new
    return h_prev


# --- gru_step_backward -------------------------------------------------------------------


@wrong("gru_step_backward", "direct share left out")
def gru_step_backward_direct_share_left_out(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "share through the candidate left out")
def gru_step_backward_share_through_the_candidate_left_out(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "shares through both gates left out")
def gru_step_backward_shares_through_both_gates_left_out(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = r * into_seen
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "share through the reset gate left out")
def gru_step_backward_share_through_the_reset_gate_left_out(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = r * into_seen
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "share through the update gate left out")
def gru_step_backward_share_through_the_update_gate_left_out(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "reset gate missing from the share through the candidate")
def gru_step_backward_reset_gate_missing_from_the_share_through_the_candidate(
    dh, x_t, h_prev, params
):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "1 - u in the direct share")
def gru_step_backward_one_minus_u_in_the_direct_share(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = dh - u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "dh itself added to dh_prev")
def gru_step_backward_dh_itself_added_to_dh_prev(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "u for 1 - u at the candidate")
def gru_step_backward_u_for_one_minus_u_at_the_candidate(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = u * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "derivative of the candidate left out")
def gru_step_backward_derivative_of_the_candidate_left_out(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "candidate computed with a sigmoid")
def gru_step_backward_candidate_computed_with_a_sigmoid(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = sigmoid(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (n - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "derivative of the update gate left out")
def gru_step_backward_derivative_of_the_update_gate_left_out(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u
    direct = u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "derivative of the reset gate left out")
def gru_step_backward_derivative_of_the_reset_gate_left_out(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "n - h_prev at the update gate")
def gru_step_backward_n_minus_h_prev_at_the_update_gate(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = n * dh - h_prev * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "candidate missing at the update gate")
def gru_step_backward_candidate_missing_at_the_update_gate(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "reset gate's gradient without the weights")
def gru_step_backward_reset_gate_s_gradient_without_the_weights(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = delta_n * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "W for W^T at the candidate")
def gru_step_backward_w_for_w_transposed_at_the_candidate(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n.T
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "reset gate after the product")
def gru_step_backward_reset_gate_after_the_product(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    product = h_prev @ W_n.T
    n = np.tanh(x_t @ U_n.T + r * product + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_product = r * delta_n
    into_r = delta_n * product
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = into_product @ W_n
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, into_product.T @ h_prev])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "h_prev for m in dW")
def gru_step_backward_h_prev_for_m_in_dw(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ h_prev])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "m for h_prev in dW")
def gru_step_backward_m_for_h_prev_in_dw(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ seen, delta_u.T @ seen, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "deltas of the two gates exchanged")
def gru_step_backward_deltas_of_the_two_gates_exchanged(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    delta_r, delta_u = delta_u, delta_r
    direct = u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "dU, dW and db averaged over the batch")
def gru_step_backward_du_dw_and_db_averaged_over_the_batch(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return (
        dx_t,
        direct + through_seen + through_r + through_u,
        {"U": dU / len(dh), "W": dW / len(dh), "b": db / len(dh)},
    )


@wrong("gru_step_backward", "db averaged over the batch")
def gru_step_backward_db_averaged_over_the_batch(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return (
        dx_t,
        direct + through_seen + through_r + through_u,
        {"U": dU, "W": dW, "b": db / len(dh)},
    )


@wrong("gru_step_backward", "parameters' gradients from the first sequence only")
def gru_step_backward_parameters_gradients_from_the_first_sequence_only(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    direct = u * dh
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    delta_r, delta_u, delta_n = delta_r[:1], delta_u[:1], delta_n[:1]
    x_t, h_prev, seen = x_t[:1], h_prev[:1], seen[:1]
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}


@wrong("gru_step_backward", "dh changed in place")
def gru_step_backward_dh_changed_in_place(dh, x_t, h_prev, params):
    H = dh.shape[1]
    U_r, U_u, U_n = np.split(params["U"], 3)
    W_r, W_u, W_n = np.split(params["W"], 3)
    b_r = params["b"][:H]
    b_u = params["b"][H : 2 * H]
    b_n = params["b"][2 * H :]
    r = sigmoid(x_t @ U_r.T + h_prev @ W_r.T + b_r)
    u = sigmoid(x_t @ U_u.T + h_prev @ W_u.T + b_u)
    seen = r * h_prev
    n = np.tanh(x_t @ U_n.T + seen @ W_n.T + b_n)
    into_n = (1 - u) * dh
    delta_n = into_n * (1 - n * n)
    into_seen = delta_n @ W_n
    into_r = into_seen * h_prev
    delta_r = into_r * (r - r * r)
    into_u = h_prev * dh - n * dh
    delta_u = into_u * (u - u * u)
    dh *= u
    direct = dh.copy()
    through_seen = r * into_seen
    through_r = delta_r @ W_r
    through_u = delta_u @ W_u
    dx_t = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dU = np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t])
    dW = np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ seen])
    db = np.hstack([delta_r.sum(axis=0), delta_u.sum(axis=0), delta_n.sum(axis=0)])
    return dx_t, direct + through_seen + through_r + through_u, {"U": dU, "W": dW, "b": db}
