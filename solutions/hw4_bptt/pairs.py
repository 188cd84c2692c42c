"""Two mistakes of hw4_bptt at once: its exercises with switches."""

from __future__ import annotations

import numpy as np

from autograder.course.catalogue import switches
from solutions.hw4_bptt import solution as hw4


@switches(
    ("one-sided difference, forward", "divided by eps instead of 2 eps"),
    "points exchanged",
    "argument eps ignored",
    "x not put back after an entry",
)
def numerical_gradient(made, f, x, eps=1e-5):
    """Differentiate a scalar function at x by differences, to the shape of x."""
    eps = 1e-5 if "argument eps ignored" in made else eps
    sign = -1 if "points exchanged" in made else 1
    once = made & {"one-sided difference, forward", "divided by eps instead of 2 eps"}
    gradient = np.empty(x.shape)
    moved = x if "x not put back after an entry" in made else x.astype(float)
    for index in np.ndindex(x.shape):
        before, below = moved[index], f(moved)
        moved[index] = before + eps
        above = f(moved)
        if "one-sided difference, forward" not in made:
            moved[index] = before - eps
            below = f(moved)
        gradient[index] = sign * (above - below) / (eps if once else 2 * eps)
        if "x not put back after an entry" not in made:
            moved[index] = before
    return gradient


@switches(
    ("derivative of tanh taken as 1 - h", "derivative of tanh left out"),
    ("dh multiplied in place", "derivative of tanh left out"),
    ("dU, dW and db averaged over the batch", "db not summed over the batch"),
    "W for W^T",
    "h_t for h_prev in dW",
    "dW transposed",
)
def step_backward(made, dh, x_t, h_prev, h_t, params):
    """Take the gradient back through one step: dx_t (N, D), dh_prev (N, H), grads."""
    slope = 1 - h_t if "derivative of tanh taken as 1 - h" in made else 1 - h_t**2
    da = dh if "derivative of tanh left out" in made else dh * slope
    if "dh multiplied in place" in made:
        dh[...] = da
    W = params["W"].T if "W for W^T" in made else params["W"]
    dW = da.T @ (h_t if "h_t for h_prev in dW" in made else h_prev)
    dW = dW.T if "dW transposed" in made else dW
    db = da if "db not summed over the batch" in made else da.sum(axis=0)
    count = len(dh) if "dU, dW and db averaged over the batch" in made else 1
    return da @ params["U"], da @ W, {"U": da.T @ x_t / count, "W": dW / count, "b": db / count}


BACK = (
    ("derivative of tanh taken as 1 - h", "derivative of tanh left out"),
    ("h_t for h_{t-1} in dW", "h[-1] for h0 at the first step"),
    "recurrent term with W for W^T",
    "gradients of U, W and b overwritten at each step",
    "1/N missing in the gradients",
)


def back_through_time(made, x, h0, h, do, own, params):
    """Return the gradients, where ``own`` (T, N, H) is what a state gets from its own output."""
    first = h[-1] if "h[-1] for h0 at the first step" in made else h0
    h_prev = h if "h_t for h_{t-1} in dW" in made else np.concatenate([first[None], h[:-1]])
    slope = 1 - h if "derivative of tanh taken as 1 - h" in made else 1 - h**2
    slope = np.ones(h.shape) if "derivative of tanh left out" in made else slope
    W = params["W"].T if "recurrent term with W for W^T" in made else params["W"]
    da, carried = np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = own[t] if "recurrent term dropped" in made else own[t] + carried
        da[t] = dh * slope[t]
        carried = (dh if "recurrent term without the derivative of tanh" in made else da[t]) @ W
    # Of those overwritten, the first step's are left: the loop comes to it last.
    kept = 1 if "gradients of U, W and b overwritten at each step" in made else len(x)
    grads = sums_over_steps(x[:kept], h_prev[:kept], da[:kept], h, do)
    return grads | {"x": da @ params["U"], "h0": carried}


def sums_over_steps(x, fed, da, h, do):
    """Return the gradients of the parameters; ``fed`` is what W multiplied."""
    return {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, fed),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
    }


@switches(
    *BACK,
    ("recurrent term dropped", "recurrent term with W for W^T"),
    ("recurrent term dropped", "recurrent term without the derivative of tanh"),
    ("derivative of tanh left out", "recurrent term without the derivative of tanh"),
    "loss averaged over time",
)
def bptt(made, x, h0, y, params):
    """Differentiate pattern 1 through time: the loss, and the gradients by name."""
    h, o = hw4.hidden_recurrence(x, h0, params)
    count = len(h0) if "1/N missing in the gradients" in made else 1
    do = count * hw4.sequence_loss_gradient(o, y)
    loss = hw4.sequence_loss(o, y) / (len(x) if "loss averaged over time" in made else 1)
    return loss, back_through_time(made, x, h0, h, do, do @ params["V"], params)


@switches(*BACK, "share of the output added at every step")
def bptt_single_output(made, x, h0, y, params):
    """Differentiate pattern 3 through time: the loss, and the gradients by name."""
    h, o = hw4.single_output(x, h0, params)
    count = len(h0) if "1/N missing in the gradients" in made else 1
    do = np.zeros((*h.shape[:2], o.shape[1]))
    do[-1] = count * hw4.sequence_loss_gradient(o[None], y[None])[0]
    shared = do[-1:] if "share of the output added at every step" in made else do
    own = np.broadcast_to(shared @ params["V"], h.shape)
    grads = back_through_time(made, x, h0, h, do, own, params)
    return hw4.sequence_loss(o[None], y[None]), grads


@switches(
    ("dh0 from the last window", "dh0 summed over the windows"),
    "every window started from h0",
    "short last window left out",
    "gradients averaged over the windows",
    "dx with the windows in reverse order",
)
def truncated_bptt(made, x, h0, y, params, k):
    """Differentiate pattern 1 in windows of k steps: the loss, and the gradients by name."""
    T, results, state = len(x), [], h0
    for start in range(0, T - k + 1 if "short last window left out" in made else T, k):
        window = slice(start, start + k)
        results.append(hw4.bptt(x[window], state, y[window], params))
        if "every window started from h0" not in made:
            state = hw4.hidden_recurrence(x[window], state, params)[0][-1]
    windows = [grads for _, grads in results]
    order = -1 if "dx with the windows in reverse order" in made else 1
    total = {"x": np.concatenate([grads["x"] for grads in windows[::order]])}
    count = len(windows) if "gradients averaged over the windows" in made else 1
    total |= {name: sum(grads[name] for grads in windows) / count for name in "UWVbc"}
    total["h0"] = windows[-1 if "dh0 from the last window" in made else 0]["h0"]
    if "dh0 summed over the windows" in made:
        total["h0"] = sum(grads["h0"] for grads in windows)
    return sum(loss for loss, _ in results), total


@switches(
    ("zero divided by zero", "short gradients lengthened"),
    ("zero divided by zero", "square root left out"),
    "each array clipped by its own norm",
    "gradients of the caller changed",
)
def clip_gradients(made, grads, max_norm):
    """Scale the gradients so that their norm is at most ``max_norm``."""
    alone = "each array clipped by its own norm" in made
    clipped: dict[str, np.ndarray] = {}
    careless = made & {"zero divided by zero", "short gradients lengthened"}
    for group in [{name: grads[name]} for name in grads] if alone else [grads]:
        norm = sum(np.sum(array**2) for array in group.values())
        norm = norm if "square root left out" in made else np.sqrt(norm)
        wanted = max_norm if "short gradients lengthened" in made else min(norm, max_norm)
        scale = wanted / norm if norm > 0 or careless else 1.0
        clipped |= {name: scale * array for name, array in group.items()}
    if "gradients of the caller changed" in made:
        for name, array in grads.items():
            array[...] = clipped[name]
    return clipped
