"""The reference functions have the properties that follow from their definitions.

They hold whatever the numbers are; hypothesis looks for cases in which they do not.
"""

import copy
from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import strategies as st

from autograder.graphs import edges_of
from solutions import hw1_unrolling as hw1
from solutions import hw2_patterns as hw2
from solutions import hw3_softmax_loss as hw3
from solutions import hw4_bptt as hw4
from solutions import hw5_teacher_forcing as hw5
from tests.oracles import assert_agree, cases, for_all, networks, outputs

PATTERNS = ("hidden_recurrence", "output_recurrence", "single_output")


def sequences(feedback="hidden"):
    """Cases of at least two steps, which can be cut in two."""
    return cases(feedback).filter(lambda case: case.T > 1)


def brief(feedback="hidden"):
    """Cases of moderate weights and few steps, for properties that cost a call for each step."""
    return networks(feedback, st.integers(1, 9), st.sampled_from([1.0, 0.1]))


def cut(case):
    """Return the number of steps of the first half."""
    return case.T // 2


def joined(first, second):
    """Join results of two parts of a sequence along time."""
    return tuple(np.concatenate(pair) for pair in zip(first, second, strict=True))


def relabelled(arrays, order, feedback="hidden"):
    """Return parameters, or their gradients, with the hidden units in another order."""
    W = arrays["W"][order]
    moved = {"U": arrays["U"][order], "W": W[:, order] if feedback == "hidden" else W}
    return {**arrays, **moved, "V": arrays["V"][:, order], "b": arrays["b"][order]}


def mean_of_sequences(gradient, case):
    """Call a gradient on each sequence by itself; return the mean loss, and mean gradients."""
    singles = [gradient(slice(n, n + 1)) for n in range(case.N)]
    loss = np.mean([loss for loss, _ in singles])
    grads = {name: np.mean([g[name] for _, g in singles], axis=0) for name in case.params}
    for name, axis in {"x": 1, "h0": 0}.items():  # each sequence has its own
        if name in singles[0][1]:
            grads[name] = np.concatenate([g[name] for _, g in singles], axis) / case.N
    return loss, grads


# --- every function ----------------------------------------------------------------------------


def spin(s, theta):
    return np.tanh(s @ theta.T)


def read(h, x_t, params):
    return np.tanh(params["b"] + h @ params["W"].T + x_t @ params["U"].T)


def net(case):
    return case.start, case.params


def in_hw5(case):
    return case.x, case.y, case.start, case.params


HIDDEN = {
    hw1.unroll: lambda case: (spin, case.start, case.params["W"], case.T),
    hw1.unroll_inputs: lambda case: (read, case.start, case.x, case.params),
    hw1.time_delay: lambda case: (case.x[:, 0], case.x.transpose(0, 2, 1)),
    hw1.influence: lambda case: (np.cumsum, case.x[:, 0, :1]),
    hw2.rnn_step: lambda case: (case.x[0], case.start, case.params),
    hw2.hidden_recurrence: lambda case: (case.x, case.start, case.params),
    hw2.single_output: lambda case: (case.x, case.start, case.params, case.lengths),
    hw3.softmax: lambda case: (case.o,),
    hw3.log_softmax: lambda case: (case.o,),
    hw3.sequence_loss: lambda case: (case.o, case.y, case.mask),
    hw3.sequence_loss_gradient: lambda case: (case.o, case.y, case.mask),
    hw4.numerical_gradient: lambda case: (np.sum, case.x),
    hw4.step_backward: lambda case: (case.start, case.x[0], case.start, case.start, case.params),
    hw4.bptt: lambda case: (case.x, case.start, case.y, case.params),
    hw4.bptt_single_output: lambda case: (case.x, case.start, case.y[0], case.params),
    hw4.truncated_bptt: lambda case: (case.x, case.start, case.y, case.params, 2),
    hw4.clip_gradients: lambda case: (case.params, 0.5),
}
OUTPUT = {
    hw2.output_recurrence: lambda case: (case.x, case.start, case.params),
    hw5.one_hot: lambda case: (case.y, case.K),
    hw5.teacher_forced: in_hw5,
    hw5.free_running: lambda case: (case.x, case.start, case.params),
    hw5.forward: lambda case: (case.x, case.start, case.params, case.y, True),
    hw5.teacher_forced_gradient: in_hw5,
    hw5.free_running_gradient: in_hw5,
    hw5.scheduled_sampling: lambda case: (
        *in_hw5(case),
        0.5,
        np.random.default_rng(case.seed),
    ),
    hw5.log_likelihood: in_hw5,
}
