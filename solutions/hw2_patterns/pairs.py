"""Two mistakes of hw2_patterns at once: its exercises with switches."""

from __future__ import annotations

import numpy as np

from autograder.course.catalogue import switches
from solutions.hw2_patterns import solution as hw2
from solutions.hw3_softmax_loss import solution as hw3


@switches(
    ("tanh of each term", "no tanh", "sigmoid instead of tanh"),
    "W not transposed",
    "U reshaped instead of transposed",
    "bias missing",
)
def rnn_step(made, x_t, h_prev, params):
    """Return the state after a step, (N, H)."""
    U, W, b = params["U"], params["W"], params["b"]
    U = U.reshape(-1, len(U)) if "U reshaped instead of transposed" in made else U.T
    W = W if "W not transposed" in made else W.T
    b = 0 * b if "bias missing" in made else b
    if "tanh of each term" in made:
        return np.tanh(b) + np.tanh(h_prev @ W) + np.tanh(x_t @ U)
    a = b + h_prev @ W + x_t @ U
    if "no tanh" in made:
        return a
    return 1 / (1 + np.exp(-a)) if "sigmoid instead of tanh" in made else np.tanh(a)


@switches(
    ("initial state ignored", "every step starts from the initial state"),
    "W not transposed",
    "bias of the hidden units missing",
    "input of the step before",
    "output computed from the state before",
    "output bias missing",
    "softmax taken of the outputs",
)
def hidden_recurrence(made, x, h0, params):
    """Run pattern 1: the states (T, N, H) and the outputs (T, N, K)."""
    U, W, V, b, c = (params[name] for name in "UWVbc")
    W = W.T if "W not transposed" in made else W
    b = 0 * b if "bias of the hidden units missing" in made else b
    c = 0 * c if "output bias missing" in made else c
    x = np.roll(x, 1, axis=0) if "input of the step before" in made else x
    h, h_prev = [], [0 * h0 if "initial state ignored" in made else h0]
    for x_t in x:
        h.append(np.tanh(b + h_prev[-1] @ W.T + x_t @ U.T))
        h_prev.append(h0 if "every step starts from the initial state" in made else h[-1])
    o = c + np.array(h_prev[:-1] if "output computed from the state before" in made else h) @ V.T
    return np.array(h), hw3.softmax(o) if "softmax taken of the outputs" in made else o


@switches(
    ("state fed back instead of the output", "every step fed with the initial output"),
    ("state fed back instead of the output", "softmax of the output fed back"),
    ("every step fed with the initial output", "softmax of the output fed back"),
    ("every step fed with the initial output", "initial output ignored"),
    ("softmax of the output fed back", "softmax taken of the outputs"),
    "output bias missing",
    "bias of the hidden units missing",
)
def output_recurrence(made, x, o0, params):
    """Run pattern 2: the states (T, N, H) and the outputs (T, N, K)."""
    U, W, V, b, c = (params[name] for name in "UWVbc")
    b = 0 * b if "bias of the hidden units missing" in made else b
    c = 0 * c if "output bias missing" in made else c
    h, o, fed = [], [], 0 * o0 if "initial output ignored" in made else o0
    for x_t in x:
        h.append(np.tanh(b + fed @ W.T + x_t @ U.T))
        o_t = c + h[-1] @ V.T
        o.append(hw3.softmax(o_t) if "softmax taken of the outputs" in made else o_t)
        if "state fed back instead of the output" in made:
            fed = h[-1]
        elif "every step fed with the initial output" not in made:
            fed = hw3.softmax(o_t) if "softmax of the output fed back" in made else o[-1]
    return np.array(h), np.array(o)


@switches(
    ("lengths ignored", "lengths used as indices"),
    "output bias missing",
    "softmax taken of the output",
    "initial state ignored",
)
def single_output(made, x, h0, params, lengths=None):
    """Run pattern 3: the states (T, N, H) and the last outputs (N, K)."""
    h, _ = hw2.hidden_recurrence(x, 0 * h0 if "initial state ignored" in made else h0, params)
    last = -1
    if lengths is not None and "lengths ignored" not in made:
        last = lengths if "lengths used as indices" in made else lengths - 1
    c = 0.0 if "output bias missing" in made else params["c"]
    o = c + h[last, np.arange(len(h0))] @ params["V"].T
    return h, hw3.softmax(o) if "softmax taken of the output" in made else o
