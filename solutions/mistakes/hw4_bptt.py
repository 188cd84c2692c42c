"""Classic mistakes of hw4_bptt."""

import numpy as np

from solutions.hw4_bptt import (
    hidden_recurrence,
    sequence_loss,
    sequence_loss_gradient,
    step_backward,
)
from solutions.mistakes import classic

# --- bptt -------------------------------------------------------------------------------

BPTT_LOSS = "test_the_loss_is_summed_over_time_and_averaged_over_the_batch"
BPTT_OUTPUT = "test_the_output_layer_gets_a_gradient_from_every_step"
BPTT_RECURRENT = "test_the_recurrent_layer_gets_a_gradient_from_every_step"
BPTT_INPUTS = "test_the_inputs_and_the_initial_state_get_their_gradients"
BPTT_SINGLES = "test_one_step_is_a_sequence_and_one_sequence_is_a_batch"
BPTT_LABELS = "test_a_label_is_felt_at_its_own_step_and_before_but_never_after"
BPTT_MOVE = "test_a_small_move_of_everything_changes_the_loss_as_the_gradients_say"
BPTT_UNCHANGED = "test_arguments_stay_as_they_were_and_a_second_call_agrees"


@classic(
    "bptt",
    "derivative of tanh taken as 1 - h",
    "The loss, dV and dc are right; all that comes through the tanh is wrong, most of all "
    "where states are negative. There 1 - h is above 1, and tanh is nowhere as steep as that; "
    'h and -h have the same slope. "From the outputs to the states" has the derivative.',
    fails=(BPTT_RECURRENT, BPTT_INPUTS, BPTT_SINGLES, BPTT_LABELS, BPTT_MOVE, BPTT_UNCHANGED),
)
def bptt_derivative_1_minus_h(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t])
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "recurrent term with W for W^T",
    "dx is right at the last step and wrong at every step before it. On the way back through "
    "the recurrence the gradient has to meet the transpose of what the state met on the way "
    'forward, and since W is square, no shape complains. "One step back" says what becomes of '
    "W^T when sequences are rows.",
    fails=(BPTT_RECURRENT, BPTT_INPUTS, BPTT_SINGLES, BPTT_LABELS, BPTT_MOVE, BPTT_UNCHANGED),
)
def bptt_w_for_its_transpose(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"].T
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "loss only at the last step",
    "The loss is too small, and so are most of the gradients: they are those of the last "
    "output alone. In pattern 1 every step has a label, L is the sum of all L_t, and every "
    "state gets a share from its own output, which is the second term of (10.21).",
    fails=(
        BPTT_LOSS,
        BPTT_OUTPUT,
        BPTT_RECURRENT,
        BPTT_INPUTS,
        BPTT_SINGLES,
        BPTT_LABELS,
        BPTT_MOVE,
        BPTT_UNCHANGED,
    ),
)
def bptt_loss_at_the_last_step(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    da, dh = np.empty(h.shape), np.zeros(h0.shape)
    do = np.zeros(o.shape)
    do[-1:] = sequence_loss_gradient(o[-1:], y[-1:])
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[-1:], y[-1:]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "h_t for h_{t-1} in dW",
    "Only dW is wrong. W multiplies the state from before the step, so that state is the "
    "factor in (10.26), yet the state after the step was used. Look at the indices of the "
    "outer product, and at what belongs to the first step.",
    fails=(BPTT_RECURRENT, BPTT_SINGLES, BPTT_MOVE, BPTT_UNCHANGED),
)
def bptt_h_t_for_h_prev(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "gradients of U, W and b overwritten at each step",
    "dU, dW and db hold the part of a single step, the one visited last; everything else is "
    'right. The same U, W and b are used at all steps, and "All steps: why there is a sum '
    'over time" tells what that means for their gradients.',
    fails=(BPTT_RECURRENT, BPTT_SINGLES, BPTT_MOVE, BPTT_UNCHANGED),
)
def bptt_parameters_overwritten(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] = step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads
