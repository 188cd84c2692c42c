"""What the functions of hw1_unrolling are called with, for what is tried on all functions."""

import numpy as np

from tests.oracles import read, spin


def sums(x):
    return np.cumsum(x, axis=0)


EXAMPLES = {
    "hidden": {
        "unroll": lambda case: (spin, case.start, case.params["W"], case.T),
        "unroll_inputs": lambda case: (read, case.start, case.x, case.params),
        "time_delay": lambda case: (case.x[:, 0], case.x.transpose(0, 2, 1)),
        "influence": lambda case: (sums, case.x[:, 0]),
    },
}
AXES = {"time_delay": {"x": "t, d", "kernel": "t, d, i"}}
ONE_ORDER = {"influence", "unroll", "unroll_inputs"}
