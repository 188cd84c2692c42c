"""Classic mistakes of hw5_teacher_forcing: each is a change of the solution, or a function."""

import numpy as np

from autograder.course.catalogue import Exercise
from solutions.hw5_teacher_forcing.solution import (
    free_running,
    one_hot,
    sequence_loss,
    sequence_loss_gradient,
    softmax,
    teacher_forced,
)

# --- one_hot -----------------------------------------------------------------------------

ONE_HOT = Exercise(
    "one_hot",
    rows="test_each_label_becomes_a_row_with_a_single_one",
    places="test_classes_that_do_not_occur_have_their_place_too",
)
ONE_HOT.mistake(
    "number of classes taken from the labels",
    "Where the last classes do not occur among the labels, the rows are too short. K belongs to "
    "the network, not to the batch: W expects K numbers, whichever labels happen to come. It is "
    "an argument of the function.",
    {"np.eye(K)": "np.eye(y.max() + 1)"},
    fails="places",
)
ONE_HOT.mistake(
    "classes on the first axis",
    "The right ones and zeros are there, but the axis of the classes comes first. Exercise 1 puts "
    "it last, after all axes of y, so that W can act on it.",
    {"np.eye(K)[y]": "np.array([y == k for k in range(K)]).astype(float)"},
)


@ONE_HOT.mistake(
    "axes of the labels lost",
    "Each label has its right row, but all the rows lie in one long list. The result has the axes "
    "of y, as many as there are, and a new last one: labels (T, N) become (T, N, K).",
)
def one_hot_flat(y, K):
    rows = np.zeros((y.size, K))
    rows[np.arange(y.size), y.ravel()] = 1.0
    return rows


@ONE_HOT.mistake(
    "room for one axis of labels only",
    "Labels in a row come out right, and labels (T, N) fail or lose an axis: the code takes for "
    "granted that y has exactly one. The result has the axes of y, as many as there are, and a "
    "new last one. numpy can look all labels up at once, whatever the shape of y.",
)
def one_hot_vectors_only(y, K):
    rows = np.zeros((len(y), K))
    rows[np.arange(len(y)), y] = 1.0
    return rows


@ONE_HOT.another(
    "room for one axis of labels only",
)
def one_hot_row_by_row(y, K):
    rows = np.zeros((len(y), K))
    for row, label in zip(rows, y, strict=True):
        row[label] = 1.0
    return rows


ONE_HOT.mistake(
    "classes counted from 1",
    "Each one stands a place too early, and that of class 0 in the last place. The labels run "
    "from 0 to K - 1, as Python's indices do, so they need no shift.",
    {"np.eye(K)[y]": "np.eye(K)[y - 1]"},
)
ONE_HOT.mistake(
    "one class too many",
    "The ones stand in the right places, but each row has K + 1 entries. K counts the classes, "
    "and class 0 is one of them: they are called 0 to K - 1.",
    {"np.eye(K)": "np.eye(K + 1)"},
)


@ONE_HOT.mistake(
    "every label marked in every row",
    "Rows hold several ones, and all rows are alike: each has a one at every class that occurs "
    "anywhere in y. An assignment to `[..., y]`, for example, writes to all rows each time. Every "
    "row is to get the one of its own label.",
)
def one_hot_in_every_row(y, K):
    rows = np.zeros((*y.shape, K))
    rows[..., y] = 1.0
    return rows


ONE_HOT.mistake(
    "all classes up to the label marked",
    "The row of label 3 begins with four ones. Such a code says how large a number is; a label is "
    "the name of a class, so its row has a single one. Look at how your code compares classes and "
    "label.",
    {"np.eye(K)[y]": "(np.arange(K) <= y[..., None]).astype(float)"},
)
ONE_HOT.mistake(
    "number of the label in place of the one",
    "The entry stands in the right place, but it is the label itself: a row of class 0 is all "
    "zeros, and that of class 3 holds a 3. A row is a distribution that is certain of its class; "
    "its entries are probabilities.",
    {"np.eye(K)[y]": "np.eye(K)[y] * y[..., None]"},
)
ONE_HOT.mistake(
    "ones and zeros exchanged",
    "There is a zero at the label and a one at every other class. A row is a distribution that is "
    "certain of its class, so its entries sum to 1.",
    {"np.eye(K)[y]": "1.0 - np.eye(K)[y]"},
)

# --- teacher_forced ----------------------------------------------------------------------

TEACHER_FORCED = Exercise(
    "teacher_forced",
    fed="test_each_step_is_fed_with_the_label_of_the_step_before",
    r0="test_another_r0_changes_the_first_step_rightly_and_no_other",
    reach="test_another_label_changes_the_next_step_of_its_sequence_rightly_and_no_other",
    at_once="test_all_steps_are_right_and_computed_at_once_without_a_loop_over_time",
    unchanged="test_teacher_forced_is_right_and_leaves_its_arguments_as_they_were",
)
TEACHER_FORCED.mistake(
    "each step fed with its own label",
    "Every step is wrong, the first one too: each has been told the label that it is to predict, "
    'and r0 plays no part. In a_t stands r_{t-1}, the label of the step before. The list in "The '
    'steps come apart" shows what is fed to which step.',
    {"fed @ W.T": "one_hot(y, len(c)) @ W.T"},
)
TEACHER_FORCED.mistake(
    "last label wrapped round to the first step",
    "The first step is wrong, all others are right. It was fed with the label of the last step, "
    "which came round from the end: in Python, the entry before y[0] is y[-1]. The first step has "
    "an argument of its own for what it is fed with, and the last label is fed to no step.",
    {
        "np.concatenate([r0[None], one_hot(y[:-1], len(c))])": (
            "one_hot(np.roll(y, 1, axis=0), len(c))"
        ),
    },
)
TEACHER_FORCED.mistake(
    "label of two steps before",
    "The first step is right, the later ones are not: the labels come one step too late. What "
    "enters a_t is r_{t-1}, so step 1 is fed with y[0], step 2 with y[1]. Compare the place where "
    "a label stands in y with the place where it ends up.",
    {
        "fed = np.concatenate([r0[None], one_hot(y[:-1], len(c))])": (
            "fed = np.zeros((*y.shape, len(c)))\nfed[0] = r0\nfed[2:] = one_hot(y[:-2], len(c))"
        ),
    },
    fails="all but r0",
)
TEACHER_FORCED.another(
    "label of two steps before",
    {
        "fed = np.concatenate([r0[None], one_hot(y[:-1], len(c))])": (
            "fed = np.zeros((*y.shape, len(c)))\nfed[:2] = r0\nfed[2:] = one_hot(y[:-2], len(c))"
        ),
    },
    fails="all",
)
TEACHER_FORCED.another(
    "label of two steps before",
    {
        "np.concatenate([r0[None], one_hot(y[:-1], len(c))])": (
            "one_hot(np.roll(y, 2, axis=0), len(c))"
        ),
        "h = np.tanh(": "fed[0] = r0\nh = np.tanh(",
    },
)
TEACHER_FORCED.mistake(
    "labels shifted the wrong way",
    "Steps were fed with the label of the step after them, which they cannot know yet. What "
    "enters a_t is r_{t-1}: the labels have to move on in time, so that each arrives one step "
    "later than it stands in y. Compare y[0] with the place where it ends up.",
    {"[r0[None], one_hot(y[:-1], len(c))]": "[one_hot(y[1:], len(c)), r0[None]]"},
)
TEACHER_FORCED.another(
    "labels shifted the wrong way",
    {
        "np.concatenate([r0[None], one_hot(y[:-1], len(c))])": (
            "one_hot(np.roll(y, -1, axis=0), len(c))"
        ),
        "h = np.tanh(": "fed[0] = r0\nh = np.tanh(",
    },
    fails="all but r0",
)
TEACHER_FORCED.mistake(
    "one step too many or too few fed back",
    "The shapes do not fit: x has T steps, and what is fed back has one more or one less. r0 is "
    "fed to the first step, and one of the labels is fed to no step at all. Write down for T = 3 "
    "what each of the three steps is fed with.",
    {"y[:-1]": "y"},
)
TEACHER_FORCED.mistake(
    "r0 without an axis for time",
    "The arrays cannot be joined: r0 is (N, K) and the one-hot codes of the labels are (T, N, K). "
    "r0 stands for a single step, but as an array of steps it needs an axis for time as well. "
    "Which index adds one?",
    {"r0[None]": "r0"},
)
TEACHER_FORCED.mistake(
    "number of the label fed for its one-hot code",
    "The first step is right, the later ones are not: they were fed with the number y_{t-1} in "
    "place of each of the K entries, and numpy spread it without a word. Class 4 is not four "
    'times class 1. "Labels as distributions" says in what form a label is fed back.',
    {
        "h = np.tanh(": ("fed[0] = r0\nfed[1:] = y[:-1, :, None]\nh = np.tanh("),
    },
    fails="all but r0",
)
TEACHER_FORCED.mistake(
    "own prediction fed for the label",
    "The first step is right, and the later ones are those of the free-running pass: softmax(o) "
    "was fed back, and y was not used. While training, r_t is the label of the training set; "
    '"From maximum likelihood to teacher forcing" says why.',
    {
        "fed = np.concatenate([r0[None], one_hot(y[:-1], len(c))])": "hs, os, r = [], [], r0",
        "h = np.tanh(b + fed @ W.T + x @ U.T)\no = c + h @ V.T": (
            "for x_t in x:\n"
            "    hs.append(np.tanh(b + r @ W.T + x_t @ U.T))\n"
            "    os.append(c + hs[-1] @ V.T)\n"
            "    r = softmax(os[-1])"
        ),
        "return h, o": "return np.array(hs), np.array(os)",
    },
)
TEACHER_FORCED.mistake(
    "zeros fed to the first step",
    "Only the first step is wrong: W had nothing to act on there. Before the first step there is "
    "no label, and what takes its place is given, as r0.",
    {
        "fed = np.concatenate([r0[None], one_hot(y[:-1], len(c))])": (
            "fed = np.zeros((*y.shape, len(c)))\nfed[1:] = one_hot(y[:-1], len(c))"
        ),
    },
    fails="all but reach",
)
TEACHER_FORCED.mistake(
    "r0 fed to every step",
    "The first step is right, the later ones are not: they were fed with r0 as well, and the "
    "labels went nowhere. r0 stands in for the label before the first step; from then on r_t is "
    "the label y_t.",
    {"fed @ W.T": "r0 @ W.T"},
)


@TEACHER_FORCED.mistake(
    "loop over time",
    "All values are right; the steps are taken one by one. With the truth fed back no step waits "
    "for another, since all labels are known in advance. Put what is fed to all the steps into "
    "one array first, then write each formula once.",
    fails="at_once",
)
def teacher_loop(x, y, r0, params):
    U, W, V, b, c = (params[name] for name in "UWVbc")
    T, N, _ = x.shape
    h, o = np.zeros((T, N, len(b))), np.zeros((T, N, len(c)))
    for t in range(T):
        r = r0 if t == 0 else one_hot(y[t - 1], len(c))
        h[t] = np.tanh(b + r @ W.T + x[t] @ U.T)
        o[t] = c + h[t] @ V.T
    return h, o


TEACHER_FORCED.mistake(
    "labels shifted in place",
    "The values are right, but y has changed: its labels were moved one step on within the array "
    "itself. The caller still needs them where they were, for the loss. Shift a copy, or take a "
    "slice and put it together with something new.",
    {
        "fed = np.concatenate([r0[None], one_hot(y[:-1], len(c))])": (
            "y[1:] = y[:-1]\nfed = one_hot(y, len(c))"
        ),
        "h = np.tanh(": "fed[0] = r0\nh = np.tanh(",
    },
    fails="unchanged",
)

# --- log_likelihood ----------------------------------------------------------------------

LOG_LIKELIHOOD = Exercise(
    "log_likelihood",
    sum="test_it_sums_the_log_probabilities_of_the_labels_over_the_steps",
    one="test_every_sequence_of_labels_there_is_has_its_log_likelihood",
    exact="test_it_is_exact_for_labels_that_are_all_but_impossible",
)
LOG_LIKELIHOOD.mistake(
    "mean over the steps",
    "The numbers are too small in size by the factor T, and right for a single step. The "
    "probability of a sequence is a product over its steps, so its logarithm is a sum. The mean "
    "is the log-probability per step, which belongs to no sequence.",
    {
        "log_p.sum(axis=(0, 2))": (
            "(log_softmax(o) * one_hot(y, o.shape[-1])).sum(axis=-1).mean(axis=0)"
        ),
    },
)
LOG_LIKELIHOOD.mistake(
    "sum over the sequences",
    "One number came for each step: the sequences of the batch were added up. The log-likelihood "
    "of a sequence adds up its own steps. Which axis is time?",
    {
        "log_p.sum(axis=(0, 2))": (
            "(log_softmax(o) * one_hot(y, o.shape[-1])).sum(axis=-1).sum(axis=1)"
        ),
    },
)
LOG_LIKELIHOOD.mistake(
    "one number for the whole batch",
    "A single number came back, where one is asked for each sequence. The sum runs over the steps "
    "of a sequence and over nothing else: the batch keeps its axis. (The loss, which is a mean "
    "over the batch, is another function.)",
    {"log_p.sum(axis=(0, 2))": "log_p.sum()"},
    {"log_p.sum(axis=(0, 2))": "log_p.sum() / len(r0)"},
    {"log_p.sum(axis=(0, 2))": "sequence_loss(o, y)"},
)
LOG_LIKELIHOOD.mistake(
    "all classes summed",
    "The numbers are far too low, and the labels of the last step do not matter to them: the "
    "log-probabilities of all classes were summed. At each step only one of them counts, that of "
    "the label.",
    {"log_p.sum": "log_softmax(o).sum"},
)
LOG_LIKELIHOOD.mistake(
    "sign of the loss",
    "All numbers have the wrong sign. Probabilities are at most 1, so their logarithms are at "
    "most 0. The loss is the negative log-likelihood; here the log-likelihood itself is asked for.",
    {"log_p.sum(axis=(0, 2))": "-(log_softmax(o) * one_hot(y, o.shape[-1])).sum(axis=(0, 2))"},
)
LOG_LIKELIHOOD.mistake(
    "log of softmax",
    "Ordinary numbers come out right, but a label that is all but impossible gives minus infinity "
    "or NaN: its probability was rounded to 0 before the logarithm. One of the given functions "
    "computes log-probabilities without that detour.",
    {
        "log_p = np.take_along_axis(log_yhat, y[..., None], axis=-1)": (
            "yhat = np.take_along_axis(softmax(o), y[..., None], axis=-1)"
        ),
        "log_p.sum": "np.log(yhat).sum",
    },
    fails="exact",
)


@LOG_LIKELIHOOD.another(
    "log of softmax",
)
def likelihood_log_of_softmax_times_one_hot(x, y, r0, params):
    _, o = teacher_forced(x, y, r0, params)
    return (np.log(softmax(o)) * one_hot(y, o.shape[-1])).sum(axis=(0, 2))


LOG_LIKELIHOOD.mistake(
    "small number added inside the logarithm",
    "Ordinary numbers come out right, but no label costs more than the logarithm of the number "
    "that was added, -27.6 for 1e-12 (a lower limit on the probability does the same). One of the "
    "given functions computes log-probabilities that need no such help.",
    {
        "np.take_along_axis(log_yhat, y[..., None], axis=-1)": (
            "np.take_along_axis(np.log(softmax(o) + 1e-12), y[..., None], axis=-1)"
        ),
    },
    {
        "np.take_along_axis(log_yhat, y[..., None], axis=-1)": (
            "np.take_along_axis(np.log(softmax(o) + 1e-15), y[..., None], axis=-1)"
        ),
    },
    {
        "np.take_along_axis(log_yhat, y[..., None], axis=-1)": (
            "np.take_along_axis(np.log(softmax(o) + 1e-16), y[..., None], axis=-1)"
        ),
    },
    {
        "np.take_along_axis(log_yhat, y[..., None], axis=-1)": (
            "np.take_along_axis(np.log(softmax(o) + np.finfo(float).eps), y[..., None], axis=-1)"
        ),
    },
    {
        "np.take_along_axis(log_yhat, y[..., None], axis=-1)": (
            "np.take_along_axis(np.log(softmax(o) + 1e-300), y[..., None], axis=-1)"
        ),
    },
    fails="exact",
)
LOG_LIKELIHOOD.mistake(
    "softmax missing",
    "The outputs at the labels were summed, and the result may be of either sign. An output is a "
    "log-probability only up to a number that the classes share, and that number depends on o. "
    "Normalise first.",
    {
        "np.take_along_axis(log_yhat, y[..., None], axis=-1)": (
            "np.take_along_axis(o, y[..., None], axis=-1)"
        ),
    },
)
LOG_LIKELIHOOD.mistake(
    "product of probabilities without the logarithm",
    "The numbers lie between 0 and 1: they are the probabilities of the sequences. Asked for is "
    "their logarithm, which turns the product over the steps into a sum, and which does not "
    "vanish for a long sequence.",
    {"log_p.sum": "np.take_along_axis(softmax(o), y[..., None], axis=-1).prod"},
)
LOG_LIKELIHOOD.mistake(
    "outputs of the free-running pass",
    "Right for a single step; for longer sequences the network was run on its own predictions. "
    "The terms of the sum have the true labels y_1 ... y_{t-1} behind the bar, so the outputs "
    "must come from the pass that is fed with them.",
    {"teacher_forced(x, y, r0, params)": "free_running(x, r0, params)"},
)
LOG_LIKELIHOOD.mistake(
    "first step left out",
    "A single step gives 0, and longer sequences lack one term. No label stands before y_1, yet "
    "it has a probability too, log p(y_1 given x_1), which the first step predicts from x_1 and "
    "r0. The sum starts at t = 1.",
    {"log_p.sum": "log_p[1:].sum"},
)

# --- teacher_forced_gradient -------------------------------------------------------------

TEACHER_FORCED_GRADIENT = Exercise(
    "teacher_forced_gradient",
    loss="test_the_loss_is_that_of_the_teacher_forced_outputs",
    sums="test_each_gradient_sums_over_all_steps_and_sequences",
    steps="test_the_gradient_is_a_sum_of_gradients_of_single_steps",
    slope="test_it_gives_the_slope_of_the_teacher_forced_loss",
    gradient_unchanged="test_teacher_forced_gradient_is_right_and_leaves_its_arguments_as_they_were",
)
TEACHER_FORCED_GRADIENT.mistake(
    "derivative of tanh taken as 1 - h",
    "The loss, dV and dc are right; dU, dW and db, which come through the tanh, are wrong. 1 - h "
    "is not its derivative: it is above 1 where h is negative, and tanh is nowhere as steep as "
    'that. See the equation in "A gradient that does not go back through time".',
    {"1.0 - h**2": "1 - h"},
    fails="all but loss",
)
TEACHER_FORCED_GRADIENT.mistake(
    "derivative of tanh left out",
    "The loss, dV and dc are right; dU, dW and db, which come through the tanh, are too large as "
    "a rule. U, W and b act within a, so their gradients come from that at a, and between h and a "
    'lies a tanh. See the equation in "A gradient that does not go back through time".',
    {'(1.0 - h**2) * (do @ params["V"])': 'do @ params["V"]'},
    fails="all but loss",
)


@TEACHER_FORCED_GRADIENT.mistake(
    "gradient carried back through the labels",
    "A single step is right, more are not: the gradient went back from each step to the outputs "
    "of the step before, as if these had been fed back. What was fed back is a label. It does not "
    'depend on the outputs, so there is no way through it ("A gradient that does not go back '
    'through time").',
    fails="all but loss",
)
def teacher_gradient_through_labels(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    fed = np.concatenate([r0[None], one_hot(y[:-1], o.shape[-1])])
    yhat, do = softmax(o), sequence_loss_gradient(o, y)
    da, dr = np.zeros(h.shape), np.zeros(r0.shape)
    for t in reversed(range(len(x))):
        do[t] += yhat[t] * (dr - (yhat[t] * dr).sum(axis=-1, keepdims=True))
        da[t] = (1 - h[t] ** 2) * (do[t] @ params["V"])
        dr = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "V": np.einsum("tnk,tni->ki", do, h),
        "W": np.einsum("tni,tnk->ik", da, fed),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
    }


@TEACHER_FORCED_GRADIENT.another(
    "gradient carried back through the labels",
)
def teacher_gradient_through_labels_as_they_are(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    fed = np.concatenate([r0[None], one_hot(y[:-1], o.shape[-1])])
    do = sequence_loss_gradient(o, y)
    da, dr = np.zeros(h.shape), np.zeros(r0.shape)
    for t in reversed(range(len(x))):
        do[t] += dr
        da[t] = (1 - h[t] ** 2) * (do[t] @ params["V"])
        dr = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "V": np.einsum("tnk,tni->ki", do, h),
        "W": np.einsum("tni,tnk->ik", da, fed),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
    }


TEACHER_FORCED_GRADIENT.mistake(
    "a step's own label in dW",
    "Only dW is wrong. At step t, W multiplies what was fed to that step, r_{t-1}: the label "
    "before it, and r0 at the first step. Here the label of the step itself stands in the sum.",
    {
        "sequence_loss(o, y), grads": (
            "sequence_loss(o, y), {\n"
            '    "U": np.einsum("tni,tnd->id", da, x),\n'
            '    "V": np.einsum("tnk,tni->ki", do, h),\n'
            '    "W": np.einsum("tni,tnk->ik", da, one_hot(y, o.shape[-1])),\n'
            '    "b": da.sum(axis=(0, 1)),\n'
            '    "c": do.sum(axis=(0, 1)),\n'
            "}"
        ),
    },
    fails="all but loss",
)
TEACHER_FORCED_GRADIENT.mistake(
    "last label wrapped round in dW",
    "Only dW is wrong, even for a single step. At the first step its sum has the last label, "
    "which came round from the end of the array. There W multiplied r0; the last label is fed to "
    "no step.",
    {
        "np.concatenate([r0[None], one_hot(y[:-1], o.shape[-1])])": (
            "one_hot(np.roll(y, 1, axis=0), o.shape[-1])"
        ),
    },
    fails="all but loss",
)
TEACHER_FORCED_GRADIENT.mistake(
    "predictions in dW",
    "Only dW is wrong, and a single step is right. Its sum has the predictions softmax(o_{t-1}) "
    "in it. But on the way forward W multiplied something else: r0, and then the labels.",
    {"one_hot(y[:-1], o.shape[-1])": "softmax(o[:-1])"},
    fails="all but loss",
)
TEACHER_FORCED_GRADIENT.mistake(
    "first step missing from dW",
    "Only dW is wrong, and it is 0 for a single step: its sum lacks the first step. There W "
    "multiplies r0, so (nabla_{a_1} L) r_0^T belongs to the sum as well.",
    {
        "sequence_loss(o, y), grads": (
            "sequence_loss(o, y), {\n"
            '    "U": np.einsum("tni,tnd->id", da, x),\n'
            '    "V": np.einsum("tnk,tni->ki", do, h),\n'
            '    "W": np.einsum("tni,tnk->ik", da[1:], one_hot(y[:-1], o.shape[-1])),\n'
            '    "b": da.sum(axis=(0, 1)),\n'
            '    "c": do.sum(axis=(0, 1)),\n'
            "}"
        ),
    },
    fails="all but loss",
)
TEACHER_FORCED_GRADIENT.mistake(
    "1/N missing from the gradients",
    "The loss is right and all gradients are too large, by the factor N. The loss is an average "
    "over the batch, so its gradient at the outputs has the factor 1/N, as in the equation of "
    "nabla_{o_t} L. One of the given functions has it already.",
    {"sequence_loss_gradient(o, y)": "softmax(o) - one_hot(y, o.shape[-1])"},
    fails="all but loss",
)
TEACHER_FORCED_GRADIENT.mistake(
    "labels left out of the gradient at the outputs",
    "The loss is right and all gradients are wrong. The gradient at o_t is the softmax minus the "
    "one-hot code of the label, divided by N, and the second part is missing. Compare with what "
    "sequence_loss_gradient returns.",
    {"sequence_loss_gradient(o, y)": "softmax(o) / len(r0)"},
    fails="all but loss",
)
TEACHER_FORCED_GRADIENT.mistake(
    "loss averaged over the steps",
    "The gradients are right, and the loss is too small by the factor T. It is a sum over the "
    "steps, because the log-likelihood is, and an average over the batch alone. Its gradient must "
    "be the gradient of this very number.",
    {
        "do = sequence_loss_gradient(": (
            "log_p = np.take_along_axis(log_softmax(o), y[..., None], axis=-1)\n"
            "do = sequence_loss_gradient("
        ),
        "sequence_loss(o, y), grads": (
            "-log_p.mean(), {\n"
            '    "U": np.einsum("tni,tnd->id", da, x),\n'
            '    "V": np.einsum("tnk,tni->ki", do, h),\n'
            '    "W": np.einsum("tni,tnk->ik", da, fed),\n'
            '    "b": da.sum(axis=(0, 1)),\n'
            '    "c": do.sum(axis=(0, 1)),\n'
            "}"
        ),
    },
    fails="loss gradient_unchanged",
)


@TEACHER_FORCED_GRADIENT.mistake(
    "gradients of the last step alone",
    "The loss and a single step are right; with more steps all gradients are those of the last "
    "one. The parameters are shared by all steps, and nothing is carried back to gather what the "
    "earlier ones add. So each gradient is a sum over t.",
    fails="all but loss",
)
def teacher_gradient_last_step(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    fed = np.concatenate([r0[None], one_hot(y[:-1], o.shape[-1])])
    do = sequence_loss_gradient(o, y)
    grads = {}
    for t in range(len(x)):
        da = (1 - h[t] ** 2) * (do[t] @ params["V"])
        grads["U"] = da.T @ x[t]
        grads["V"] = do[t].T @ h[t]
        grads["W"] = da.T @ fed[t]
        grads["b"] = da.sum(axis=0)
        grads["c"] = do[t].sum(axis=0)
    return sequence_loss(o, y), grads


TEACHER_FORCED_GRADIENT.mistake(
    "gradients of the first step alone",
    "The loss and a single step are right; with more steps all gradients are those of the first "
    "one. For example, the loop has ended after its first turn. The parameters are shared by all "
    "steps, so each gradient is a sum over t.",
    {
        "steps = ([0, 1], [0, 1])": (
            "x, h, fed, da, do = x[:1], h[:1], fed[:1], da[:1], do[:1]\nsteps = ([0, 1], [0, 1])"
        ),
    },
    fails="all but loss",
)
TEACHER_FORCED_GRADIENT.mistake(
    "first step left out of the sums",
    "The loss is right. All gradients lack the part of the first step, so for a single step they "
    "are 0. Is the first step among those that are added up?",
    {
        "steps = ([0, 1], [0, 1])": (
            "x, h, fed, da, do = x[1:], h[1:], fed[1:], da[1:], do[1:]\nsteps = ([0, 1], [0, 1])"
        ),
    },
    fails="all but loss",
)
TEACHER_FORCED_GRADIENT.mistake(
    "last step left out of the sums",
    "The loss is right. All gradients lack the part of the last step, so for a single step they "
    "are 0. Its label is fed to no step, but its output has a loss. Is the last step among those "
    "that are added up?",
    {
        "steps = ([0, 1], [0, 1])": (
            "x, h, fed, da, do = x[:-1], h[:-1], fed[:-1], da[:-1], do[:-1]\n"
            "steps = ([0, 1], [0, 1])"
        ),
    },
    fails="all but loss",
)
TEACHER_FORCED_GRADIENT.mistake(
    "derivative of tanh applied twice",
    "The loss, dV and dc are right; dU, dW and db, which come through the tanh, have its "
    "derivative squared. Each tanh of the way forward gives one factor 1 - h^2 on the way back.",
    {"1.0 - h**2": "1.0 - h**2) ** 2 * (1.0"},
    fails="all but loss",
)
TEACHER_FORCED_GRADIENT.mistake(
    "derivative of tanh taken of tanh(h)",
    "The loss, dV and dc are right; dU, dW and db, which come through the tanh, are wrong. h is "
    "the value of the tanh already; with another tanh, the derivative is that at h instead of "
    "that at a.",
    {"1.0 - h**2": "1.0 - np.tanh(h) ** 2"},
    fails="all but loss",
)

TEACHER_FORCED_GRADIENT.mistake(
    "network run on its own predictions",
    "A single step is right; with more, loss and gradients belong to outputs of the free-running "
    "pass, and nothing goes back through its predictions. The loss is the negative "
    "log-likelihood, and that needs the outputs that come with the labels fed back.",
    {
        "teacher_forced(x, y, r0, params)": "free_running(x, r0, params)",
        "one_hot(y[:-1], o.shape[-1])": "softmax(o[:-1])",
    },
    {"teacher_forced(x, y, r0, params)": "free_running(x, r0, params)"},
)


@TEACHER_FORCED_GRADIENT.mistake(
    "gradients written into params",
    "Loss and gradients are right, but afterwards params holds the gradients instead of the "
    "parameters. A second name for a dict is not a second dict: whatever is stored under one name "
    "is stored under the other. Begin with a dict of your own.",
    fails="gradient_unchanged",
)
def teacher_gradient_into_params(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    fed = np.concatenate([r0[None], one_hot(y[:-1], o.shape[-1])])
    do = sequence_loss_gradient(o, y)
    da = (1 - h**2) * (do @ params["V"])
    grads = params
    grads["U"] = np.einsum("tni,tnd->id", da, x)
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["W"] = np.einsum("tni,tnk->ik", da, fed)
    grads["b"] = da.sum(axis=(0, 1))
    grads["c"] = do.sum(axis=(0, 1))
    return sequence_loss(o, y), grads


# --- free_running ------------------------------------------------------------------------

FREE_RUNNING = Exercise(
    "free_running",
    fed="test_each_step_is_fed_with_the_prediction_of_the_step_before",
    input="test_another_input_changes_its_own_step_and_later_ones_rightly",
    alone="test_each_sequence_is_right_alone_and_in_a_batch",
    large="test_the_run_is_right_where_outputs_are_large",
    unchanged="test_free_running_is_right_and_leaves_its_arguments_as_they_were",
)
FREE_RUNNING.mistake(
    "outputs fed back without softmax",
    "The first step is right, the later ones are not: o itself was fed back, as in pattern 2 of "
    "homework 2. Outputs are unnormalised log-probabilities, and may be negative or huge. What is "
    "fed back here is a distribution over the classes.",
    {
        "r = r0": "hs, os, r = [], [], r0",
        "for t in range(T):": "for x_t in x:",
        "h[t] = np.tanh(b + r @ W.T + x[t] @ U.T)\no[t] = c + h[t] @ V.T": (
            "hs.append(np.tanh(b + r @ W.T + x_t @ U.T))\nos.append(c + hs[-1] @ V.T)"
        ),
        "softmax(o[t])": "os[-1]",
        "return h, o": "return np.array(hs), np.array(os)",
    },
)
FREE_RUNNING.mistake(
    "log-probabilities fed back",
    "The first step is right, the later ones are not: log softmax(o) was fed back, whose entries "
    "are never positive. What is fed back here is the distribution itself, which sums to 1 over "
    "the classes.",
    {
        "r = r0": "hs, os, r = [], [], r0",
        "for t in range(T):": "for x_t in x:",
        "h[t] = np.tanh(b + r @ W.T + x[t] @ U.T)\no[t] = c + h[t] @ V.T": (
            "hs.append(np.tanh(b + r @ W.T + x_t @ U.T))\nos.append(c + hs[-1] @ V.T)"
        ),
        "softmax(o[t])": "log_softmax(os[-1])",
        "return h, o": "return np.array(hs), np.array(os)",
    },
)
FREE_RUNNING.mistake(
    "softmax taken of the outputs",
    "The outputs that came back are positive and sum to 1: they are the probabilities that are "
    "fed back. Asked for is o_t = c + V h_t, which the loss needs as it is; its softmax is taken "
    "on the way to the next step only.",
    {
        "r = r0": "hs, os, r = [], [], r0",
        "for t in range(T):": "for x_t in x:",
        "h[t] = np.tanh(b + r @ W.T + x[t] @ U.T)": "hs.append(np.tanh(b + r @ W.T + x_t @ U.T))",
        "o[t] = c + h[t] @ V.T": "r = softmax(c + hs[-1] @ V.T)",
        "r = softmax(o[t])": "os.append(r)",
        "return h, o": "return np.array(hs), np.array(os)",
    },
    {
        "r = r0": "hs, os, r = [], [], r0",
        "for t in range(T):": "for x_t in x:",
        "h[t] = np.tanh(b + r @ W.T + x[t] @ U.T)\no[t] = c + h[t] @ V.T": (
            "hs.append(np.tanh(b + r @ W.T + x_t @ U.T))\nos.append(softmax(c + hs[-1] @ V.T))"
        ),
        "softmax(o[t])": "softmax(os[-1])",
        "return h, o": "return np.array(hs), np.array(os)",
    },
)
FREE_RUNNING.mistake(
    "most likely class fed back",
    "The first step is right, the later ones are not: the one-hot code of the most likely class "
    "was fed back, as though the network were certain of it. In this homework r_t is the whole of "
    "softmax(o_t), with all its doubts.",
    {
        "r = r0": "hs, os, r = [], [], r0",
        "for t in range(T):": "for x_t in x:",
        "h[t] = np.tanh(b + r @ W.T + x[t] @ U.T)\no[t] = c + h[t] @ V.T": (
            "hs.append(np.tanh(b + r @ W.T + x_t @ U.T))\nos.append(c + hs[-1] @ V.T)"
        ),
        "softmax(o[t])": "one_hot(os[-1].argmax(axis=-1), len(c))",
        "return h, o": "return np.array(hs), np.array(os)",
    },
)


@FREE_RUNNING.mistake(
    "softmax without a shift",
    "Moderate outputs come out right; with outputs near 1000, the steps that follow are NaN. "
    "exp(1000) is infinite, and the softmax that was written here divides infinity by infinity. "
    "The softmax of homework 3 is given, and is safe.",
    fails="large",
)
def free_unsafe_softmax(x, r0, params):
    U, W, V, b, c = (params[name] for name in "UWVbc")
    hs, os, r = [], [], r0
    for x_t in x:
        hs.append(np.tanh(b + r @ W.T + x_t @ U.T))
        os.append(c + hs[-1] @ V.T)
        e = np.exp(os[-1])
        r = e / e.sum(axis=-1, keepdims=True)
    return np.array(hs), np.array(os)


@FREE_RUNNING.mistake(
    "one softmax over the whole batch",
    "A sequence that runs alone is right, a batch is wrong from the second step on. The sum in "
    "the softmax was taken over the sequences as well, so that all of them together share a "
    "probability of 1. Each sequence has a distribution of its own.",
)
def free_softmax_over_batch(x, r0, params):
    U, W, V, b, c = (params[name] for name in "UWVbc")
    hs, os, r = [], [], r0
    for x_t in x:
        hs.append(np.tanh(b + r @ W.T + x_t @ U.T))
        os.append(c + hs[-1] @ V.T)
        e = np.exp(os[-1] - os[-1].max())
        r = e / e.sum()
    return np.array(hs), np.array(os)


@FREE_RUNNING.mistake(
    "r0 fed to every step",
    "The first step is right, the later ones are not: each was fed with r0, and the predictions "
    "went nowhere. r0 starts the network; from then on r_t is softmax(o_t), so what is fed back "
    "must be renewed at the end of each step.",
)
def free_feeds_r0(x, r0, params):
    U, W, V, b, c = (params[name] for name in "UWVbc")
    h = np.tanh(b + r0 @ W.T + x @ U.T)
    return h, c + h @ V.T


@FREE_RUNNING.mistake(
    "softmax taken of r0 too",
    "Even the first step is wrong, and with it all that follows: r0 went through the softmax as "
    "the outputs do. It stands in for a prediction, so it is a distribution already and is fed as "
    "it is.",
)
def free_softmax_of_r0(x, r0, params):
    U, W, V, b, c = (params[name] for name in "UWVbc")
    hs, os, r = [], [], softmax(r0)
    for x_t in x:
        hs.append(np.tanh(b + r @ W.T + x_t @ U.T))
        os.append(c + hs[-1] @ V.T)
        r = softmax(os[-1])
    return np.array(hs), np.array(os)


@FREE_RUNNING.mistake(
    "prediction of two steps before fed back",
    "The first step is right, and the second is fed with r0 once more. From there on each step "
    "gets softmax(o_{t-2}) where the equation has r_{t-1}. Look at when the newest prediction is "
    "put where the next step finds it.",
)
def free_two_steps_before(x, r0, params):
    U, W, V, b, c = (params[name] for name in "UWVbc")
    hs, os, r, following = [], [], r0, r0
    for x_t in x:
        hs.append(np.tanh(b + r @ W.T + x_t @ U.T))
        os.append(c + hs[-1] @ V.T)
        r, following = following, softmax(os[-1])
    return np.array(hs), np.array(os)


FREE_RUNNING.mistake(
    "index -1 at the first step",
    "The first step is wrong, and with it all that follows: it was fed with zeros, or with the "
    "softmax of zeros, where r0 belongs. They stand at the index -1 of an array that is still "
    "empty, for example. Before the first step there is no output.",
    {"np.empty((T, N, len(c)))": "np.zeros((T, N, len(c)))", "r @ W.T": "softmax(o[t - 1]) @ W.T"},
)


@FREE_RUNNING.another(
    "index -1 at the first step",
)
def free_last_prediction_first(x, r0, params):
    U, W, V, b, c = (params[name] for name in "UWVbc")
    T, N, _ = x.shape
    h, o, yhat = np.zeros((T, N, len(b))), np.zeros((T, N, len(c))), np.zeros((T, N, len(c)))
    for t in range(T):
        h[t] = np.tanh(b + yhat[t - 1] @ W.T + x[t] @ U.T)
        o[t] = c + h[t] @ V.T
        yhat[t] = softmax(o[t])
    return h, o


@FREE_RUNNING.another(
    "index -1 at the first step",
)
def free_last_of_an_empty_list(x, r0, params):
    U, W, V, b, c = (params[name] for name in "UWVbc")
    hs, os = [], []
    for x_t in x:
        hs.append(np.tanh(b + softmax(os[-1]) @ W.T + x_t @ U.T))
        os.append(c + hs[-1] @ V.T)
    return np.array(hs), np.array(os)


FREE_RUNNING.mistake(
    "r0 overwritten",
    "The values are right, but r0 has changed. For example, `r = r0` gives the array a second "
    "name, and `r[:] = ...` then writes each prediction into it. Let the name stand for a new "
    "array at each step instead of filling the old one.",
    {"r = softmax(o[t])": "r[:] = softmax(o[t])"},
    fails="unchanged",
)

# --- forward -----------------------------------------------------------------------------

FORWARD = Exercise(
    "forward",
    test="test_in_test_mode_it_runs_freely_and_labels_change_nothing",
    train="test_in_train_mode_it_is_fed_with_the_labels",
    reach="test_in_train_mode_another_label_changes_the_next_step_rightly_and_no_other",
    raises="test_train_mode_is_right_with_labels_and_raises_a_value_error_without",
)
FORWARD.mistake(
    "mode chosen by whether there are labels",
    "With labels and without train mode, the truth was fed back; without labels in train mode "
    "there may be no error. The argument `training` alone decides. In test mode labels must not "
    "leak into the result, even if they are there.",
    {"not training": "y is None"},
    fails="test raises",
)


@FORWARD.another(
    "mode chosen by whether there are labels",
    fails="test",
)
def forward_labels_decide_after_the_check(x, r0, params, y=None, training=False):
    if training and y is None:
        raise ValueError("labels are needed")
    return free_running(x, r0, params) if y is None else teacher_forced(x, y, r0, params)


FORWARD.mistake(
    "free running where labels are missing",
    "In train mode without labels the network quietly ran on its own predictions. The caller "
    "asked for something else and would not notice. What cannot be done as asked should be "
    "refused with a ValueError.",
    {
        'raise ValueError("train mode feeds the labels back: it needs y")': (
            "return free_running(x, r0, params)"
        ),
    },
    fails="raises",
)
FORWARD.mistake(
    "always free-running",
    "Test mode is right, and train mode is no different: the network ran on its predictions "
    "there, too. Does anything look at `training`, and can the question come out true? Try "
    "your function with training=True and see which of the two passes is called.",
    {"teacher_forced(x, y, r0, params)": "free_running(x, r0, params)"},
    fails="all but test",
)
FORWARD.mistake(
    "nothing returned where labels are missing",
    "Both modes are right. But in train mode without labels the call gave None, whether or not it "
    "printed something; who called it goes on with None and fails much later. A ValueError has to "
    "be raised there.",
    {
        'raise ValueError("train mode feeds the labels back: it needs y")': "return None",
    },
    fails="raises",
)
FORWARD.mistake(
    "error returned instead of raised",
    "Both modes are right. But in train mode without labels the error came back as a result, and "
    "nothing stops the program that called. An error has to be raised; Python has a statement for "
    "that.",
    {
        'raise ValueError("train mode feeds the labels back: it needs y")': (
            'return ValueError("labels are needed")'
        ),
    },
    fails="raises",
)
FORWARD.mistake(
    "another error than a ValueError",
    "Both modes are right, and train mode without labels does stop with an error, but not with "
    "the one that was agreed on. Who calls the function may want to catch it by its name: the "
    "exercise asks for a ValueError.",
    {
        'if y is None:\n    raise ValueError("train mode feeds the labels back: it needs y")': (
            "assert y is not None"
        ),
    },
    {'raise ValueError("train mode feeds the labels back: it needs y")': "raise Exception"},
    {'raise ValueError("train mode feeds the labels back: it needs y")': "raise TypeError"},
    fails="raises",
)
FORWARD.mistake(
    "modes exchanged",
    "Train mode ran on predictions, and test mode asked for labels. It is while training that the "
    "labels are known and fed back; when the network is used, there are none. Look at what "
    "`training` is when each of the two passes is called.",
    {
        "not training": "training",
        'raise ValueError("train mode feeds the labels back: it needs y")': (
            'raise ValueError("labels are needed")'
        ),
    },
)


@FORWARD.another(
    "modes exchanged",
)
def forward_exchanged_after_the_check(x, r0, params, y=None, training=False):
    if training and y is None:
        raise ValueError("labels are needed")
    return free_running(x, r0, params) if training else teacher_forced(x, y, r0, params)


@FORWARD.mistake(
    "labels demanded in test mode too",
    "Train mode is right; test mode without labels raised an error, though it has no use for any: "
    "there the network runs freely. The default y=None is there for test mode. Whether labels are "
    "missing is a question for train mode only.",
    fails="test",
)
def forward_always_needs_labels(x, r0, params, y=None, training=False):
    if y is None:
        raise ValueError("labels are needed")
    return teacher_forced(x, y, r0, params) if training else free_running(x, r0, params)


@FORWARD.another(
    "labels demanded in test mode too",
    fails="test raises",
)
def forward_always_uses_labels(x, r0, params, y=None, training=False):
    forced = teacher_forced(x, y, r0, params)
    free = free_running(x, r0, params)
    return forced if training else free


@FORWARD.another(
    "labels demanded in test mode too",
)
def forward_uses_labels_after_the_check(x, r0, params, y=None, training=False):
    if training and y is None:
        raise ValueError("labels are needed")
    forced = teacher_forced(x, y, r0, params)
    return forced if training else free_running(x, r0, params)


FORWARD.mistake(
    "no check for missing labels",
    "Both modes are right. But in train mode without labels an error came from somewhere inside, "
    "about None, which does not tell the caller what is missing. Look at y before it is used, and "
    "raise a ValueError that says so.",
    {'if y is None:\n    raise ValueError("train mode feeds the labels back: it needs y")': ""},
    fails="raises",
)
FORWARD.mistake(
    "array of labels used as a condition",
    "Test mode is right; train mode stopped with an error about the truth value of an array, "
    "although there were labels. An array with several entries is neither true nor false. What do "
    "you want to know about y, and what is y when there are no labels?",
    {"y is None": "not y"},
    fails="all but test",
)

# --- free_running_gradient ---------------------------------------------------------------

FREE_RUNNING_GRADIENT = Exercise(
    "free_running_gradient",
    loss="test_the_loss_is_that_of_the_free_running_outputs",
    single="test_a_single_step_has_the_right_loss_and_gradients",
    back="test_the_gradient_goes_back_through_what_was_fed_back",
    slope="test_it_gives_the_slope_of_the_free_running_loss",
    gradient_unchanged="test_free_running_gradient_is_right_and_leaves_its_arguments_as_they_were",
)


@FREE_RUNNING_GRADIENT.mistake(
    "fed-back predictions held fixed",
    "The loss and a single step are right; with more steps all gradients are wrong, since nothing "
    "went back through time. Here r_t is softmax(o_t), which depends on the parameters: o_t acts "
    "on all later losses, and nabla_{o_t} L has a second term. See the equations of the way back.",
    fails="back slope gradient_unchanged",
)
def free_gradient_detached(x, y, r0, params):
    h, o = free_running(x, r0, params)
    fed = np.concatenate([r0[None], softmax(o[:-1])])
    do = sequence_loss_gradient(o, y)
    da = (1 - h**2) * (do @ params["V"])
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "V": np.einsum("tnk,tni->ki", do, h),
        "W": np.einsum("tni,tnk->ik", da, fed),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
    }


FREE_RUNNING_GRADIENT.mistake(
    "Jacobian of softmax left out",
    "The loss and a single step are right. With more steps, what came back at the predictions was "
    "added to the gradient at the outputs as it was. Between the two lies a softmax, and the way "
    "back leads through its Jacobian J_t.",
    {"yhat[t] * (dr - mean)": "dr"},
    fails="back slope gradient_unchanged",
)
FREE_RUNNING_GRADIENT.mistake(
    "only the diagonal of the Jacobian",
    "The loss and a single step are right. With more steps the way back through softmax is "
    "incomplete: yhat (1 - yhat) is only the diagonal of J_t. Every output changes the "
    "probabilities of all classes, since they sum to 1. The paragraph on the derivative of "
    "softmax has the rest.",
    {"yhat[t] * (dr - mean)": "yhat[t] * (1 - yhat[t]) * dr"},
    fails="back slope gradient_unchanged",
)


@FREE_RUNNING_GRADIENT.mistake(
    "way back past the tanh",
    "The loss and a single step are right. With more steps, what goes back to the step before is "
    "wrong, as a rule too large: it was taken from the gradient at h, without the derivative of "
    "tanh. W acts within a, so nabla_{r_t} L comes from the gradient at a_{t+1}.",
    fails="back slope gradient_unchanged",
)
def free_gradient_past_tanh(x, y, r0, params):
    h, o = free_running(x, r0, params)
    yhat, do = softmax(o), sequence_loss_gradient(o, y)
    fed = np.concatenate([r0[None], yhat[:-1]])
    dh, dr = np.zeros(h.shape), np.zeros(r0.shape)
    for t in reversed(range(len(x))):
        do[t] += yhat[t] * (dr - (yhat[t] * dr).sum(axis=-1, keepdims=True))
        dh[t] = do[t] @ params["V"]
        dr = dh[t] @ params["W"]
    da = (1 - h**2) * dh
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "V": np.einsum("tnk,tni->ki", do, h),
        "W": np.einsum("tni,tnk->ik", da, fed),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
    }


FREE_RUNNING_GRADIENT.mistake(
    "derivative of tanh taken as 1 - h",
    "The loss is right; all gradients are wrong, but for dV and dc of a single step. 1 - h is not "
    "the derivative of tanh: it is above 1 where h is negative, and tanh is nowhere as steep as "
    "that. See the equations of the way back.",
    {"(1.0 - h[t] ** 2) * (do[t] @ V)": '(1 - h[t]) * (do[t] @ params["V"])'},
    fails="all but loss",
)
FREE_RUNNING_GRADIENT.mistake(
    "1/N missing from the gradients",
    "The loss is right and all gradients are too large, by the factor N. The loss is an average "
    "over the batch, so its gradient at the outputs has the factor 1/N. One of the given "
    "functions has it already.",
    {
        "yhat = softmax(o)": "yhat, do = softmax(o), softmax(o) - one_hot(y, o.shape[-1])",
        "do = sequence_loss_gradient(o, y)\nda = np.empty_like(h)": "",
        "dr = np.zeros_like(r0)": "da, dr = np.zeros(h.shape), np.zeros(r0.shape)",
    },
    fails="all but loss",
)
FREE_RUNNING_GRADIENT.mistake(
    "labels in dW",
    "Only dW is wrong, and a single step is right. The sum has the labels y_{t-1} in it, as in "
    "exercise 4. But here W multiplied something else on the way forward: the predictions of the "
    "step before.",
    {"yhat[:-1]": "one_hot(y[:-1], o.shape[-1])"},
    fails="back slope gradient_unchanged",
)
FREE_RUNNING_GRADIENT.mistake(
    "loss taken from the likelihood",
    "The gradients are right; the loss is right for a single step only. It is the negative "
    "log-likelihood, which has the labels fed back. The loss asked for compares the labels with "
    "the outputs of the free-running pass, the same whose gradient this is.",
    {
        "sequence_loss(o, y), grads": (
            "-log_likelihood(x, y, r0, params).mean(), {\n"
            '    "U": np.einsum("tni,tnd->id", da, x),\n'
            '    "V": np.einsum("tnk,tni->ki", do, h),\n'
            '    "W": np.einsum("tni,tnk->ik", da, fed),\n'
            '    "b": da.sum(axis=(0, 1)),\n'
            '    "c": do.sum(axis=(0, 1)),\n'
            "}"
        ),
    },
    fails="loss gradient_unchanged",
)


@FREE_RUNNING_GRADIENT.mistake(
    "teacher-forced pass in place of the free-running one",
    "A single step is right; with more, loss and gradients are those of exercise 4, with the "
    "labels fed back. Here the network runs on its own predictions, as it does in test mode, and "
    "the labels are only compared with its outputs.",
    fails="all but single",
)
def free_gradient_teacher_forced(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    fed = np.concatenate([r0[None], one_hot(y[:-1], o.shape[-1])])
    do = sequence_loss_gradient(o, y)
    da = (1 - h**2) * (do @ params["V"])
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "V": np.einsum("tnk,tni->ki", do, h),
        "W": np.einsum("tni,tnk->ik", da, fed),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
    }


@FREE_RUNNING_GRADIENT.mistake(
    "gradient goes back a single step",
    "One and two steps are right; with more, all gradients are wrong. What was sent back from "
    "step t+1 held only the part of that step's own loss, not what had come to it from later "
    "steps. Both terms of nabla_{o_t} L must be there before the way back goes on.",
    fails="back slope gradient_unchanged",
)
def free_gradient_one_step_back(x, y, r0, params):
    h, o = free_running(x, r0, params)
    yhat, own = softmax(o), sequence_loss_gradient(o, y)
    fed = np.concatenate([r0[None], yhat[:-1]])
    dr = np.zeros(o.shape)
    dr[:-1] = ((1 - h[1:] ** 2) * (own[1:] @ params["V"])) @ params["W"]
    do = own + yhat * (dr - (yhat * dr).sum(axis=-1, keepdims=True))
    da = (1 - h**2) * (do @ params["V"])
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "V": np.einsum("tnk,tni->ki", do, h),
        "W": np.einsum("tni,tnk->ik", da, fed),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
    }


@FREE_RUNNING_GRADIENT.mistake(
    "way back missing from dV and dc",
    "dU, dW and db are right, dV and dc are right for a single step only. Their sums took the "
    "gradient at the outputs as it comes from each step's own loss. What comes back through r_t "
    "belongs to nabla_{o_t} L too, wherever that stands.",
    fails="back slope gradient_unchanged",
)
def free_gradient_local_dv(x, y, r0, params):
    h, o = free_running(x, r0, params)
    yhat, own = softmax(o), sequence_loss_gradient(o, y)
    fed = np.concatenate([r0[None], yhat[:-1]])
    da, dr = np.zeros(h.shape), np.zeros(r0.shape)
    for t in reversed(range(len(x))):
        do = own[t] + yhat[t] * (dr - (yhat[t] * dr).sum(axis=-1, keepdims=True))
        da[t] = (1 - h[t] ** 2) * (do @ params["V"])
        dr = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "V": np.einsum("tnk,tni->ki", own, h),
        "W": np.einsum("tni,tnk->ik", da, fed),
        "b": da.sum(axis=(0, 1)),
        "c": own.sum(axis=(0, 1)),
    }


@FREE_RUNNING_GRADIENT.mistake(
    "last prediction wrapped round in dW",
    "Only dW is wrong, even for a single step. At the first step its sum has the prediction of "
    "the last one, which came round from the end of the array. There W multiplied r0; the last "
    "prediction is fed to no step.",
    fails="all but loss",
)
def free_gradient_wrapped_dw(x, y, r0, params):
    h, o = free_running(x, r0, params)
    yhat, do = softmax(o), sequence_loss_gradient(o, y)
    U, W, V, b, c = (np.zeros(params[name].shape) for name in "UWVbc")
    dr = np.zeros(r0.shape)
    for t in reversed(range(len(x))):
        do[t] += yhat[t] * (dr - (yhat[t] * dr).sum(axis=-1, keepdims=True))
        da = (1 - h[t] ** 2) * (do[t] @ params["V"])
        dr = da @ params["W"]
        U += da.T @ x[t]
        W += da.T @ yhat[t - 1]
        V += do[t].T @ h[t]
        b += da.sum(axis=0)
        c += do[t].sum(axis=0)
    return sequence_loss(o, y), {"U": U, "W": W, "V": V, "b": b, "c": c}


FREE_RUNNING_GRADIENT.mistake(
    "parameters moved along the gradient",
    "Loss and gradients are right, but the parameters have changed: a step of gradient descent "
    "was taken on the spot. This function only says where downhill is. To go there is the work of "
    "the one who calls it, who also chooses how far.",
    {
        "return": ("for key in grads:\n    params[key] -= 0.1 * grads[key]\nreturn"),
    },
    fails="gradient_unchanged",
)
FREE_RUNNING_GRADIENT.mistake(
    "loop from the first step to the last",
    "The loss and a single step are right. With more steps, what came back to each prediction was "
    "taken from the step before it instead of the step after. r_t is fed to step t+1, so its "
    "gradient is known only when that step is done.",
    {"reversed(range(len(x)))": "range(len(x))"},
    fails="back slope gradient_unchanged",
)
FREE_RUNNING_GRADIENT.mistake(
    "only the product with the probabilities for the Jacobian",
    "The loss and a single step are right. With more steps, what came back at the predictions was "
    "multiplied by softmax(o_t), and that is only one part of J_t. All probabilities share a "
    "denominator, so every output changes each of them. The paragraph on the derivative of "
    "softmax has the other part.",
    {"yhat[t] * (dr - mean)": "yhat[t] * dr"},
    fails="back slope gradient_unchanged",
)
FREE_RUNNING_GRADIENT.mistake(
    "sum in the Jacobian over classes and sequences",
    "The loss, a single step and a single sequence are right. In a larger batch the sequences "
    "reach into each other: the sum in J_t dr was taken over all of them. Each sequence has "
    "probabilities of its own, and the sum runs over its classes alone.",
    {".sum(axis=-1, keepdims=True)": ".sum()"},
    fails="back slope gradient_unchanged",
)
FREE_RUNNING_GRADIENT.mistake(
    "sum in the Jacobian over the sequences",
    "The loss and a single step are right. With more steps, the sum in J_t dr was taken over the "
    "sequences, which have nothing to do with each other. It runs over the classes, and they are "
    "on the last axis.",
    {".sum(axis=-1, keepdims=True)": ".sum(axis=0)"},
    fails="back slope gradient_unchanged",
)
FREE_RUNNING_GRADIENT.mistake(
    "wrong sign of what comes back",
    "The loss and a single step are right. With more steps, the second term of nabla_{o_t} L was "
    "subtracted where it is added. Look at the signs in the equations of the way back.",
    {"yhat[t] * (dr - mean)": "yhat[t] * (mean - dr)"},
    fails="back slope gradient_unchanged",
)
FREE_RUNNING_GRADIENT.mistake(
    "derivative of tanh left out",
    "The loss is right, and so are dV and dc of a single step; all other gradients are wrong. "
    "Between h and a lies a tanh, on the way to U, W and b and on the way back to r. See the "
    "equations of the way back.",
    {"(1.0 - h[t] ** 2) * (do[t] @ V)": "do[t] @ V"},
    fails="all but loss",
)
FREE_RUNNING_GRADIENT.mistake(
    "gradients at later predictions kept",
    "The loss and sequences of one and two steps are right. With more, a prediction got, besides "
    "its own gradient, those of all later predictions. r_t is fed to step t+1 and to no other, so "
    "only what comes back from there is its gradient.",
    {"dr = da[t] @ W": "dr = dr + da[t] @ W"},
    fails="back slope gradient_unchanged",
)
FREE_RUNNING_GRADIENT.mistake(
    "a step's own prediction in dW",
    "Only dW is wrong. At step t, W multiplied what was fed to that step, r_{t-1}: the prediction "
    "before it, and r0 at the first step. Here the prediction of the step itself stands in the "
    "sum.",
    {"np.concatenate([r0[None], yhat[:-1]])": "yhat"},
    fails="all but loss",
)
FREE_RUNNING_GRADIENT.another(
    "a step's own prediction in dW",
    {"yhat[:-1]": "yhat[1:]"},
    fails="back slope gradient_unchanged",
)
FREE_RUNNING_GRADIENT.mistake(
    "gradients of the first step alone",
    "The loss and a single step are right; with more steps all gradients hold the part of the "
    "first one alone. For example, = stands for += in a loop that comes to that step last. The "
    "parameters are shared by all steps, so each gradient is a sum over t.",
    {
        "steps = ([0, 1], [0, 1])": (
            "x, h, fed, da, do = x[:1], h[:1], fed[:1], da[:1], do[:1]\nsteps = ([0, 1], [0, 1])"
        ),
    },
    fails="back slope gradient_unchanged",
)
FREE_RUNNING_GRADIENT.mistake(
    "gradients of the last step alone",
    "The loss and a single step are right; with more steps all gradients hold the part of the "
    "last one alone. For example, the loop has ended after its first turn. The parameters are "
    "shared by all steps, so each gradient is a sum over t.",
    {
        "steps = ([0, 1], [0, 1])": (
            "x, h, fed, da, do = x[-1:], h[-1:], fed[-1:], da[-1:], do[-1:]\n"
            "steps = ([0, 1], [0, 1])"
        ),
    },
    fails="back slope gradient_unchanged",
)
FREE_RUNNING_GRADIENT.mistake(
    "first step left out of the sums",
    "The loss is right. All gradients lack the part of the first step, so for a single step they "
    "are 0. Is the first step among those that are added up?",
    {
        "steps = ([0, 1], [0, 1])": (
            "x, h, fed, da, do = x[1:], h[1:], fed[1:], da[1:], do[1:]\nsteps = ([0, 1], [0, 1])"
        ),
    },
    fails="all but loss",
)
FREE_RUNNING_GRADIENT.mistake(
    "first step missing from dW",
    "Only dW is wrong, and it is 0 for a single step: its sum lacks the first step. There W "
    "multiplies r0, so (nabla_{a_1} L) r_0^T belongs to the sum as well.",
    {"r0[None], yhat": "0 * r0[None], yhat"},
    fails="all but loss",
)

# --- scheduled_sampling ------------------------------------------------------------------

SCHEDULED_SAMPLING = Exercise(
    "scheduled_sampling",
    coins="test_each_step_of_each_sequence_has_its_own_coin",
    choice="test_the_coin_of_a_step_chooses_what_that_step_is_fed_with",
    ends="test_p_1_is_teacher_forcing_and_p_0_is_free_running",
    unchanged="test_scheduled_sampling_is_right_and_leaves_its_arguments_as_they_were",
)
SCHEDULED_SAMPLING.mistake(
    "truth and prediction exchanged",
    "The coins and the first step are right; the later steps are fed with the prediction where "
    "the coin shows the truth, and the other way round. So p = 1 runs freely. Compare the two "
    'cases in "Mixing the two" with the order in which you give them.',
    {"truth[t - 1]": "softmax(o[t - 1])", "softmax(o[t - 1])": "truth[t - 1]"},
    fails="all but coins",
)
SCHEDULED_SAMPLING.mistake(
    "truth fed with the probability 1 - p",
    "The coins are the wrong way round, and the steps follow them: with p = 1 the network runs "
    "freely. A coin shows the truth with the probability p. How often is a random number between "
    "0 and 1 smaller than 0.9, and how often larger?",
    {"rng.random((T, N)) < p": "rng.random((T, N)) > p"},
)
SCHEDULED_SAMPLING.mistake(
    "a step's own label fed",
    "The coins are right, and so are all steps before the first one that is fed with a label. "
    "Where the coin shows the truth, a step was told the label that it is to predict. What enters "
    "a_t belongs to the step before, be it label or prediction.",
    {"truth[t - 1]": "truth[t]"},
    fails="all but coins",
)
SCHEDULED_SAMPLING.mistake(
    "most likely class fed back",
    "The coins and p = 1 are right. Where the coin does not show the truth, the one-hot code of "
    "the most likely class was fed back, as though the network were certain of it. The prediction "
    "is the whole of softmax(o_{t-1}).",
    {"softmax(o[t - 1])": "one_hot(o[t - 1].argmax(axis=-1), len(c))"},
    fails="all but coins",
)
SCHEDULED_SAMPLING.mistake(
    "one coin for a whole sequence",
    "Within each sequence all coins are equal: it is fed with the truth at every step or at none. "
    "Scheduled sampling decides anew at each step of each sequence, so there are T times N coins "
    "to draw.",
    {"rng.random((T, N)) < p": "np.tile(rng.random(N) < p, (T, 1))"},
    fails="all but ends",
)
SCHEDULED_SAMPLING.mistake(
    "one coin for a whole step",
    "At each step all coins are equal: either all sequences are fed with the truth or none. "
    "Scheduled sampling decides anew at each step of each sequence, so there are T times N coins "
    "to draw.",
    {"rng.random((T, N)) < p": "np.tile(rng.random((T, 1)) < p, (1, N))"},
    fails="all but ends",
)
SCHEDULED_SAMPLING.mistake(
    "coins drawn sequence by sequence",
    "The coins are of the right kind, but not the same as in the check: all those of one sequence "
    "were drawn before those of the next. The generator gives its numbers in one order, and the "
    "exercise says in which shape to ask for them.",
    {"rng.random((T, N)) < p": "(rng.random((N, T)) < p).T"},
    fails="all but ends",
)
SCHEDULED_SAMPLING.mistake(
    "coin of the step before",
    "The coins are right, p = 0 and p = 1 are too, and between them steps take the wrong choice. "
    "The choice for step t was made by coins[t-1]. Labels and predictions come from the step "
    "before; the coin is that of the step which is fed.",
    {
        "if t > 0:\n    r = np.where(coins[t][:, None], truth[t - 1], softmax(o[t - 1]))": "",
        "o[t] = c + h[t] @ V.T": (
            "o[t] = c + h[t] @ V.T\nr = np.where(coins[t][:, None], truth[t], softmax(o[t]))"
        ),
    },
    fails="choice unchanged",
)
SCHEDULED_SAMPLING.mistake(
    "coin obeyed at the first step",
    "The first step is wrong, or it fails; later steps that are fed with a prediction are wrong, "
    "too. At the first step, index t - 1 is -1, which reaches round to the last label and to "
    "outputs that are not there yet. That step is fed with r0, whatever its coin says.",
    {
        "np.empty((T, N, len(c)))": "np.zeros((T, N, len(c)))",
        "if t > 0:\n    r = np.where(coins[t][:, None], truth[t - 1], softmax(o[t - 1]))": (
            "r = np.where(coins[t][:, None], truth[t - 1], softmax(o[t - 1]))"
        ),
    },
    fails="all but coins",
)


@SCHEDULED_SAMPLING.another(
    "coin obeyed at the first step",
)
def scheduled_coin_at_first_step_and_no_prediction(x, y, r0, params, p, rng):
    U, W, V, b, c = (params[name] for name in "UWVbc")
    (T, N, _), truth = x.shape, one_hot(y, len(c))
    coins = rng.random((T, N)) < p
    h, o, yhat = np.zeros((T, N, len(b))), np.zeros((T, N, len(c))), np.zeros((T, N, len(c)))
    for t in range(T):
        r = np.where(coins[t][:, None], truth[t - 1], yhat[t - 1])
        h[t] = np.tanh(b + r @ W.T + x[t] @ U.T)
        o[t] = c + h[t] @ V.T
        yhat[t] = softmax(o[t])
    return h, o, coins


SCHEDULED_SAMPLING.another(
    "coin obeyed at the first step",
    {
        "if t > 0:\n    r = np.where(coins[t][:, None], truth[t - 1], softmax(o[t - 1]))": (
            "r = np.where(coins[t][:, None], truth[t - 1], r)"
        ),
        "o[t] = c + h[t] @ V.T": "o[t] = c + h[t] @ V.T\nr = softmax(o[t])",
    },
)
SCHEDULED_SAMPLING.another(
    "coin obeyed at the first step",
    {
        "coins = rng.random((T, N)) < p": (
            "coins, truth = rng.random(y.shape) < p, one_hot(y, len(c))"
        ),
        "truth = one_hot(y, len(c))": "hs, os = [], []",
        "np.tanh(b + r @ W.T + x[t] @ U.T)": (
            "np.where(coins[t][:, None], truth[t - 1], softmax(os[-1]))"
        ),
    },
    fails="all",
)
SCHEDULED_SAMPLING.mistake(
    "truth and prediction blended",
    "The coins, p = 0 and p = 1 are right; between them every step after the first is wrong. It "
    "was fed with p parts of the truth and 1 - p parts of the prediction. The network is to be "
    "fed with one or the other, as its coin says, and the coins went unused.",
    {
        "np.where(coins[t][:, None], truth[t - 1], softmax(o[t - 1]))": (
            "p * truth[t - 1] + (1 - p) * softmax(o[t - 1])"
        ),
    },
    fails="choice unchanged",
)


@SCHEDULED_SAMPLING.mistake(
    "predictions of a free run of their own",
    "The coins, p = 0 and p = 1 are right; between them, a prediction is wrong once the truth has "
    "been fed before it. All predictions were taken from a separate free run. The "
    "softmax(o_{t-1}) that is fed back must be that of this run, which the coins have changed.",
    fails="choice unchanged",
)
def scheduled_separate_free_run(x, y, r0, params, p, rng):
    U, W, V, b, c = (params[name] for name in "UWVbc")
    coins = rng.random(y.shape) < p
    _, free = free_running(x, r0, params)
    mixed = np.where(coins[1:, :, None], one_hot(y[:-1], len(c)), softmax(free[:-1]))
    h = np.tanh(b + np.concatenate([r0[None], mixed]) @ W.T + x @ U.T)
    return h, c + h @ V.T, coins


SCHEDULED_SAMPLING.mistake(
    "r0 overwritten",
    "The values are right, but r0 has changed. For example, `r = r0` gives the array a second "
    "name, and what is fed to later steps was then written into it, row by row. Make a new array "
    "for what is fed back.",
    {
        "r = np.where(coins[t][:, None], truth[t - 1], softmax(o[t - 1]))": (
            "r[:] = softmax(o[t - 1])\nr[coins[t]] = truth[t - 1][coins[t]]"
        ),
    },
    fails="unchanged",
)
