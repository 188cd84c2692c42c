"""Right answers, spoilt in ways that tame data would not show: each spoiling costs points.

What a limit, a threshold, rounding or a memory does to an answer is the same for every function, so
it is done here to the solutions. Where a function cannot be spoilt so, it is left out by its name.
"""

from pathlib import Path

import numpy as np
import pytest

from autograder import tape
from autograder.calls import Live
from autograder.course.written import reference, solutions
from autograder.suite import exercises, homeworks, run

COURSE = Path(__file__).parents[1]

# --- functions that cannot be spoilt so -------------------------------------------------------

GRAPHS = {"folded_graph", "unrolled_graph", "pattern_graph"}
CHOICES = {"influence", "one_hot", "greedy", "sample"}  # True or False, 0 or 1, labels
UP_TO_ONE = {"rnn_step", "softmax", "temperature_softmax", "sequence_loss_gradient"}  # in size
NEVER_SMALL = {
    *("rnn_step", "hidden_recurrence", "output_recurrence", "single_output", "teacher_forced"),
    *("free_running", "forward", "scheduled_sampling", "lstm_step", "lstm", "gru_step"),
    *("log_softmax", "sequence_loss", "log_likelihood", "perplexity", "beam_search", "viterbi"),
}
ROUGH = {"perplexity", "beam_search", "viterbi"}  # numbers of 10 and more, where 1e-6 is nothing
ONE_STEP = {
    *("rnn_step", "step_backward", "lstm_step", "lstm_step_backward", "gru_step"),
    *("gru_step_backward", "numerical_gradient", "clip_gradients", "softmax", "log_softmax"),
}
ONE_ARGUMENT = {"softmax", "log_softmax", "one_hot"}  # it says all, or nearly
LONG_SEARCH = {"viterbi"}  # its data are found one sequence at a time


# --- how an answer is spoilt ------------------------------------------------------------------


def each(change, value):
    """Return an answer with each of its arrays of floats, and each float, changed."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return change(value)
    if isinstance(value, float):
        return float(change(np.asarray(value)))
    if isinstance(value, tuple):
        return tuple(each(change, part) for part in value)
    if isinstance(value, dict):
        return {key: each(change, part) for key, part in value.items()}
    return value


def changed(change):
    return lambda right: lambda *args: each(change, right(*args))


def clipped(limit):
    return changed(lambda array: np.clip(array, -limit, limit))


def cut(threshold):
    return changed(lambda array: np.where(np.abs(array) < threshold, 0.0, array))


def remembering(key_of):
    """Give an answer again where a call looks like an earlier one."""

    def spoilt(right):
        known = {}

        def call(*args):
            key = key_of(args)
            if key not in known:
                known[key] = right(*args)
            return known[key]

        return call

    return spoilt


def shapes(args):
    return repr([[np.shape(part) for part in arrays(arg)] for arg in args])


def first(args):
    return b"".join(np.asarray(part).tobytes() for part in arrays(args[0]))


def arrays(arg):
    return (
        list(vars(arg).values() if hasattr(arg, "__dict__") else arg.values())
        if (isinstance(arg, dict) or hasattr(arg, "__dict__"))
        else [arg]
    )


def short(right):
    """Answer where there are 16 steps at most."""

    def call(*args):
        steps = (arg if type(arg) is int else len(arg) for arg in args if counts(arg))
        return right(*args) if max(steps, default=0) <= 16 else None

    return call


def counts(arg):
    return type(arg) is int or (isinstance(arg, np.ndarray) and arg.ndim > 0)


SPOILT = {
    **{f"no number beyond {x:g}": (clipped(x), CHOICES | UP_TO_ONE) for x in (1.0, 5.0, 10.0)},
    **{f"zero below {x:g}": (cut(x), CHOICES | NEVER_SMALL) for x in (1e-8, 1e-6, 1e-4)},
    "rounded to six places": (changed(lambda array: np.round(array, 6)), CHOICES | ROUGH),
    "remembered by shape": (remembering(shapes), set()),
    "remembered by the first argument": (remembering(first), ONE_ARGUMENT | LONG_SEARCH),
    "at most 16 steps": (short, ONE_STEP),
}


# --- how labels are misread -------------------------------------------------------------------


def with_labels(change):
    """Change the labels, integer arrays, among the arguments."""

    def spoilt(right):
        def call(*args):
            return right(*(change(arg, args) if is_labels(arg) else arg for arg in args))

        return call

    return spoilt


def is_labels(arg):
    return isinstance(arg, np.ndarray) and arg.dtype.kind == "i"


def renumbered(y, _):
    """Take the classes that occur for all there are, as np.unique counts them."""
    return np.unique(y, return_inverse=True)[1].reshape(y.shape)


def up_to_the_largest(y, args):
    """Make a one-hot code with as many classes as the largest label says."""
    classes = [len(arg["c"]) for arg in args if isinstance(arg, dict)] or [args[0].shape[-1]]
    assert y.max() + 1 == classes[0], "operands could not be broadcast together"
    return y


USES_LABELS = {
    *("sequence_loss", "sequence_loss_gradient", "bptt", "bptt_single_output", "truncated_bptt"),
    *("teacher_forced", "forward", "teacher_forced_gradient", "free_running_gradient"),
    *("scheduled_sampling", "log_likelihood", "perplexity"),
}
MISREAD = {
    "classes counted in the labels": with_labels(up_to_the_largest),
    "labels numbered anew": with_labels(renumbered),
}


def spoilings():
    for homework in homeworks():
        for function in exercises(homework):
            if function in GRAPHS:
                continue
            for how, (spoil, free) in SPOILT.items():
                if function not in free:
                    yield pytest.param(homework, function, spoil, id=f"{function}: {how}")
            for how, spoil in MISREAD.items():
                if function in USES_LABELS:
                    yield pytest.param(homework, function, spoil, id=f"{function}: {how}")


@pytest.mark.parametrize(("homework", "function", "spoil"), list(spoilings()))
def test_a_spoilt_answer_loses_points_on_public_and_on_fresh_data(homework, function, spoil):
    right = getattr(solutions(COURSE, homework), function)
    for data in (None, tape.Drawn(reference(COURSE, homework), "a seed")):
        results = run(homework, Live({function: spoil(right)}), data, functions=[function])
        assert not all(result.passed for result in results)
