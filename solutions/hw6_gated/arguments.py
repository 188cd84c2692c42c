"""What the functions of hw6_gated are called with, for what is tried on all functions."""

import numpy as np


def gated(case, blocks):
    """Return the parameters of a gated network of a case: 4 blocks for an LSTM, 3 for a GRU."""
    rng = np.random.default_rng([case.seed, blocks])
    stacked = {
        name: case.scale * rng.uniform(-1.5, 1.5, size=(blocks * case.H, *array.shape[1:]))
        for name, array in case.params.items()
        if name in "UWb"
    }
    stacked = {name: array / np.sqrt(array.shape[-1]) for name, array in stacked.items()}
    return case.params | stacked


def another_state(case):
    """Return a state (N, H) beside the one that the case starts from."""
    return np.random.default_rng([case.seed, 0]).uniform(-1.5, 1.5, size=case.start.shape)


def upstream(case):
    """Return gradients (N, H) of h_t and s_t that arrive at a step."""
    return np.random.default_rng([case.seed, 1]).normal(size=(2, *case.start.shape))


def lstm_step(case):
    """Return the arguments of lstm_step."""
    return case.x[0], case.start, another_state(case), gated(case, 4)


def gru_step(case):
    """Return the arguments of gru_step."""
    return case.x[0], case.start, gated(case, 3)


EXAMPLES = {
    "hidden": {
        "lstm_step": lstm_step,
        "lstm": lambda case: (case.x, case.start, another_state(case), gated(case, 4)),
        "lstm_step_backward": lambda case: (*upstream(case), *lstm_step(case)),
        "lstm_bptt": lambda case: (
            *(case.x, case.start, another_state(case)),
            *(case.y, gated(case, 4)),
        ),
        "gru_step": gru_step,
        "gru_step_backward": lambda case: (upstream(case)[0], *gru_step(case)),
    },
}
ONE_ORDER = set(EXAMPLES["hidden"])  # rows lie in blocks, which another order would break up
