"""Two mistakes of hw1_unrolling at once: its exercises with switches."""

from __future__ import annotations

import numpy as np

from autograder.course.catalogue import switches


@switches(
    "initial state left out, one call of f too many",
    "states stored as integers",
    "s1 overwritten",
    "last state never computed",
)
def unroll(made, f, s1, theta, T):
    """Return the states s_1 ... s_T, (T, *s1.shape)."""
    s = np.zeros((T, *s1.shape), s1.dtype if "states stored as integers" in made else float)
    first = 0 if "initial state left out, one call of f too many" in made else 1
    s[:first] = state = s1
    for t in range(first, T - 1 if "last state never computed" in made else T):
        s[t] = f(state, theta)
        state = s[t]
        if "s1 overwritten" in made:
            np.asarray(s1, dtype=float)[...] = state  # s1 itself, where it holds floats
    return s


@switches(
    ("started from zeros instead of h0", "h0 used again at every step"),
    ("h0 overwritten", "h0 used again at every step"),
    ("h0 overwritten", "states stored as integers"),
    "input of the step before",
)
def unroll_inputs(made, f, h0, x, theta):
    """Return the states h_1 ... h_T, (T, *h0.shape)."""
    dtype = h0.dtype if "states stored as integers" in made else float
    states = np.zeros((len(x), *h0.shape), dtype)
    h = h0 if "h0 overwritten" in made else h0.copy()
    if "started from zeros instead of h0" in made:
        h[...] = 0
    for t in range(len(x)):
        states[t] = f(h, x[t - 1] if "input of the step before" in made else x[t], theta)
        if "h0 overwritten" in made:
            h0[...] = states[t]
            states[t] = h0
        elif "h0 used again at every step" not in made:
            h = states[t]
    return states


@switches(
    "kernel the wrong way round",
    "wraps round at the start",
    "outputs stored as integers",
    "mean instead of sum",
)
def time_delay(made, x, kernel):
    """Convolve the inputs (T, D) with the kernel (k, D, H) over time, to (T, H)."""
    T, (k, _, H) = len(x), kernel.shape
    out = np.zeros((T, H), dtype=x.dtype if "outputs stored as integers" in made else float)
    wraps = "wraps round at the start" in made
    kernel = kernel[::-1] if "kernel the wrong way round" in made else kernel
    for t in range(T):
        out[t] = sum(x[t - j] @ kernel[j] for j in range(k) if t - j >= 0 or wraps)
    return out / k if "mean instead of sum" in made else out
