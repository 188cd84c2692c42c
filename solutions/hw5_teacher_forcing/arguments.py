"""What the functions of hw5_teacher_forcing are called with, for what is tried on all functions."""

import numpy as np

from autograder.suite import exercises


def with_labels(case):
    return case.x, case.y, case.start, case.params


def with_coins(case):
    return *with_labels(case), 0.5, np.random.default_rng(case.seed)


EXAMPLES = {
    "output": {
        "one_hot": lambda case: (case.y, case.K),
        "teacher_forced": with_labels,
        "free_running": lambda case: (case.x, case.start, case.params),
        "forward": lambda case: (case.x, case.start, case.params, case.y, True),
        "teacher_forced_gradient": with_labels,
        "free_running_gradient": with_labels,
        "scheduled_sampling": with_coins,
        "log_likelihood": with_labels,
    },
}
AXES = {name: {"params": {"W": "i, k"}} for name in exercises("hw5_teacher_forcing")}
ONE_ORDER = {"one_hot", "scheduled_sampling"}
