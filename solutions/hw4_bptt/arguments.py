"""What the functions of hw4_bptt are called with, for what is tried on all functions."""

import numpy as np

from solutions.hw2_patterns.solution import rnn_step


def a_step(case):
    """Return the arguments of step_backward at the first step, dh first."""
    h = rnn_step(case.x[0], case.start, case.params)
    return case.rng.normal(size=h.shape), case.x[0], case.start, h, case.params


EXAMPLES = {
    "hidden": {
        "numerical_gradient": lambda case: (np.sum, case.x),
        "step_backward": a_step,
        "bptt": lambda case: (case.x, case.start, case.y, case.params),
        "bptt_single_output": lambda case: (case.x, case.start, case.y[-1], case.params),
        "truncated_bptt": lambda case: (case.x, case.start, case.y, case.params, 2),
        "clip_gradients": lambda case: (case.params, 0.5),
    },
}
ONE_ORDER = {"numerical_gradient"}
