"""Classic mistakes of hw4_bptt: each is a change of the solution, or a function."""

import numpy as np

from autograder.course.catalogue import Exercise
from solutions.hw4_bptt.solution import (
    bptt,
    hidden_recurrence,
    sequence_loss,
    sequence_loss_gradient,
    single_output,
    softmax,
    step_backward,
)

# --- numerical_gradient ------------------------------------------------------------------

NUMERICAL_GRADIENT = Exercise(
    "numerical_gradient",
    formula="test_each_entry_is_moved_up_and_down_while_the_others_stay",
    axes="test_the_gradient_is_right_for_any_number_of_axes_and_x_stays_as_it_was",
    eps="test_the_gradient_is_that_of_the_eps_that_was_asked_for",
)
NUMERICAL_GRADIENT.mistake(
    "one-sided difference, forward",
    "With the usual eps, only the first four or five digits are right. A one-sided difference "
    "keeps an error of about eps/2 f''; the two points of the central difference lie on both "
    'sides of x, so that this term cancels. "First a tool: the gradient by differences" compares '
    "the two.",
    {"(f(x + step) - f(x - step)) / (2 * eps)": "(f(x + step) - f(x)) / eps"},
)
NUMERICAL_GRADIENT.mistake(
    "one-sided difference, backward",
    "With the usual eps, only the first four or five digits are right. A one-sided difference "
    "keeps an error of about eps/2 f'', whichever side it takes; where x lies in the middle of "
    'the two points, this term cancels. "First a tool: the gradient by differences" compares the '
    "two.",
    {"(f(x + step) - f(x - step)) / (2 * eps)": "(f(x) - f(x - step)) / eps"},
)
NUMERICAL_GRADIENT.mistake(
    "divided by eps instead of 2 eps",
    "All entries are twice as large as they should be. The two points of the central difference "
    "are 2 eps apart, and a slope is the difference of the values over the distance of the points.",
    {"2 * eps": "eps"},
)
NUMERICAL_GRADIENT.mistake(
    "one of the two points is x itself",
    "All entries are about half as large as they should be: only one of the two points was moved, "
    "and the difference was divided by 2 eps all the same. x lies in the middle of the two "
    "points. Print what f is called with, both times.",
    {"x - step": "x"},
    {"x + step": "x"},
)
NUMERICAL_GRADIENT.mistake(
    "divided by 2, then multiplied by eps",
    "All entries are far too small, by the factor eps^2. Look at how your divisor is written: in "
    "which order does Python do / and *?",
    {"(f(x + step) - f(x - step)) / (2 * eps)": "(f(x + step) - f(x - step)) / 2 * eps"},
)
NUMERICAL_GRADIENT.mistake(
    "eps taken for the whole distance",
    "With a small eps the result is nearly right; with a large one it is closer to the derivative "
    "than the formula is. Each of the two points lies eps away from x, so they are 2 eps apart. "
    "Here they are eps apart.",
    {"step[index] = eps": "step[index] = eps / 2", "2 * eps": "eps"},
    fails="eps",
)
NUMERICAL_GRADIENT.mistake(
    "argument eps ignored",
    "With the usual eps all is right; with any other the result stays as it was. The distance of "
    "the points has to follow the argument.",
    {"for index": "eps = 1e-5\nfor index"},
    fails="eps",
)
NUMERICAL_GRADIENT.mistake(
    "points exchanged",
    "All entries have the wrong sign. The value at x - eps e_i is subtracted from the value at x "
    "+ eps e_i, and not the other way round: where f grows, its derivative is positive.",
    {"f(x + step) - f(x - step)": "f(x - step) - f(x + step)"},
)
NUMERICAL_GRADIENT.mistake(
    "all entries moved at once",
    "All entries of the result are the same: nearly the sum of all partial derivatives. For entry "
    "i only x_i may move, since e_i is 1 in one place and 0 elsewhere.",
    {"step[index]": "step[:]"},
)
NUMERICAL_GRADIENT.mistake(
    "earlier entries stay moved",
    "The first entry is right, and each further one is nearly the sum of itself and those before "
    "it. All entries that were visited earlier are still moved when the next one is tried. Each "
    "entry starts from x alone: look at where the array that is moved, or the move itself, is "
    "made.",
    {"for index": "step = np.zeros(x.shape)\nfor index", "step = np.zeros(x.shape)": ""},
)
NUMERICAL_GRADIENT.mistake(
    "both points are the same array",
    "The gradient is zero everywhere. For example, `plus = x` makes no copy: plus, minus and x "
    "are then three names for one array, and what was moved up is moved down again before f sees "
    "it.",
    {
        "step = np.zeros(x.shape)": "plus, minus = x, x",
        "step[index] = eps": "plus[index] += eps\nminus[index] -= eps",
        "f(x + step) - f(x - step)": "f(plus) - f(minus)",
    },
)
NUMERICAL_GRADIENT.mistake(
    "x not put back after an entry",
    "The argument x has changed after the call: each entry was left eps away from its old value, "
    "and the later entries of the gradient were taken at the moved x, so they are a little wrong. "
    "Each entry starts from x as it was given.",
    {
        "step = np.zeros(x.shape)": "x[index] += eps\nabove = f(x)",
        "step[index] = eps": "x[index] -= 2 * eps\nbelow = f(x)",
        "f(x + step) - f(x - step)": "above - below",
    },
    fails="formula axes",
)
NUMERICAL_GRADIENT.mistake(
    "x put back by adding eps again",
    "The gradient is right, but some entries of x have changed in their last digits: to add eps, "
    "subtract 2 eps and add eps again, for example, does not quite give the old number, because "
    "each sum is rounded. Keep the old value, or leave x alone.",
    {
        "step = np.zeros(x.shape)": "x[index] += eps\nabove = f(x)",
        "step[index] = eps": "x[index] -= 2 * eps\nbelow = f(x)",
        "gradient[index] = (f(x + step) - f(x - step)": (
            "x[index] += eps\ngradient[index] = (above - below"
        ),
    },
    fails="axes",
)
NUMERICAL_GRADIENT.mistake(
    "entries of the first axis only",
    "For a vector all is right; where x has more axes, all entries of a row are the same. A whole "
    "row was moved at once. Every entry needs its own index, with one number for each axis.",
    {"np.ndindex(x.shape)": "range(len(x))"},
    fails="axes",
)
NUMERICAL_GRADIENT.mistake(
    "result left flat",
    "The numbers are right, but the gradient of an array with several axes came back as a vector. "
    "It should have the shape of x, so that the two can be compared entry by entry.",
    {
        "np.empty(x.shape)": "np.empty(x.size)",
        "for index in np.ndindex(x.shape):": "for i, step in enumerate(eps * np.eye(x.size)):",
        "np.zeros": "step.reshape",
        "step[index] = eps": "",
        "gradient[index]": "gradient[i]",
    },
    fails="axes",
)

# --- step_backward -----------------------------------------------------------------------

STEP_BACKWARD = Exercise(
    "step_backward",
    state="test_the_state_before_gets_its_gradient_through_the_tanh_and_the_weights",
    input="test_the_input_gets_its_gradient_in_batches_of_one_sequence_or_more",
    params="test_the_gradients_of_the_parameters_add_up_over_the_batch",
    saturated="test_the_step_is_right_where_units_are_saturated",
    batch="test_the_step_is_right_for_each_sequence_and_arguments_stay_as_they_were",
)
STEP_BACKWARD.mistake(
    "derivative of tanh taken as 1 - h",
    "All results are wrong, most of all where states are negative. There 1 - h is above 1, and "
    'tanh is nowhere as steep as that; h and -h have the same slope. "From the outputs to the '
    'states" has the derivative.',
    {"h_t**2": "h_t"},
)
STEP_BACKWARD.mistake(
    "derivative of tanh taken at h_prev",
    "All results are wrong. The gradient goes back through the tanh that made h_t from a_t, so "
    "the derivative belongs to the state after the step, and here that of the state before was "
    'used. Compare the indices with those of delta_t in "One step back".',
    {"h_t**2": "h_prev**2"},
)
STEP_BACKWARD.mistake(
    "derivative of tanh taken of tanh(h)",
    "All results are wrong, as a rule too large. h_t is a tanh already, h_t = tanh(a_t), and here "
    'another tanh was taken before the square. Put the formula in "From the outputs to the '
    'states" next to your line and see what it wants of h.',
    {"h_t**2": "np.tanh(h_t)**2"},
)
STEP_BACKWARD.mistake(
    "derivative of tanh left out",
    "All results are wrong, as a rule too large, as if the state were a_t itself; saturated units "
    "pass the gradient on as strongly as any other. The gradient passes the tanh first: see "
    'delta_t in "One step back".',
    {"dh * (1 - h_t**2)": "dh"},
)
STEP_BACKWARD.mistake(
    "divided by the derivative of tanh",
    "All results are wrong, as a rule far too large, and infinite or NaN where units are fully "
    "saturated. The gradient was divided by 1 - h^2, which is the slope of the inverse function, "
    "of a against h. Going back through h = tanh(a) takes the slope of h against a.",
    {"dh * (1 - h_t**2)": "dh / (1 - h_t**2)"},
)
STEP_BACKWARD.mistake(
    "derivative of tanh applied twice",
    "All results are wrong, as a rule too small, and saturated units are right. The gradient "
    "passes the tanh of this step once on its way back. Count the places where your code "
    "multiplies by the derivative.",
    {"1 - h_t**2": "(1 - h_t**2) ** 2"},
)
STEP_BACKWARD.mistake(
    "derivative of tanh taken as 1 - a^2",
    "All results are wrong, in places even in sign, for 1 - a^2 is negative as soon as a is "
    "larger than 1 in size. tanh' = 1 - tanh^2 holds the value of tanh, and not its argument. "
    "Which of a and h is that value?",
    {
        "da = dh * (1 - h_t**2)": (
            'a = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T\nda = dh * (1 - a**2)'
        ),
    },
)
STEP_BACKWARD.mistake(
    "derivative of the sigmoid, h (1 - h)",
    "All results are wrong, and the gradient changes its sign at units whose state is negative. h "
    "(1 - h) is the derivative of the logistic sigmoid, and the states of this network come from "
    'a tanh. "From the outputs to the states" has its derivative.',
    {"dh * (1 - h_t**2)": "dh * h_t * (1 - h_t)"},
)
STEP_BACKWARD.mistake(
    "derivative of tanh taken as 1 + h^2",
    "All results are wrong: saturated units, which should pass next to nothing on, pass on twice "
    "what they get. Look at the sign in the derivative of tanh: the curve is steepest at zero, "
    "where the derivative is 1.",
    {"1 - h_t**2": "1 + h_t**2"},
)
STEP_BACKWARD.mistake(
    "W for W^T",
    "Only dh_prev is wrong. On the way back the gradient has to meet the transpose of what the "
    'state met on the way forward, and since W is square, no shape complains. "One step back" '
    "says what becomes of W^T when sequences are rows; dx_t, where no other shape fits, has it "
    "right.",
    {'params["W"]': 'params["W"].T'},
    fails="state saturated batch",
)
STEP_BACKWARD.mistake(
    "W^T first, the derivative of tanh afterwards",
    "Only dh_prev is wrong. Forward, the state meets W first and tanh afterwards; on the way back "
    "the order is reversed. Read the first term of (10.21) from right to left: what comes first "
    "multiplies the gradient first.",
    {'da @ params["W"]': '(dh @ params["W"]) * (1 - h_t**2)'},
    {'da @ params["W"]': '(dh @ params["W"]) * (1 - h_prev**2)'},
    fails="state saturated batch",
)
STEP_BACKWARD.mistake(
    "dh_prev without the derivative of tanh",
    "Only dh_prev is wrong: it is W^T times the gradient at h_t. Between the two states lies a "
    "tanh, and what W^T multiplies is the gradient at a_t. In (10.21) the first term has three "
    "factors.",
    {'da @ params["W"]': 'dh @ params["W"]'},
    fails="state saturated batch",
)
STEP_BACKWARD.mistake(
    "dh itself added to dh_prev",
    "Only dh_prev is wrong: it is too large by dh. The state before reaches h_t through W and the "
    "tanh alone; no edge of the graph leads past them.",
    {'da @ params["W"]': 'dh + da @ params["W"]'},
    fails="state saturated batch",
)
STEP_BACKWARD.mistake(
    "dx_t without the derivative of tanh",
    "Only dx_t is wrong: it is U^T times the gradient at h_t. The input goes into a_t, so the "
    "gradient passes the tanh before it meets U^T, just as on the way to h_prev.",
    {'da @ params["U"]': 'dh @ params["U"]'},
    fails="input saturated batch",
)
STEP_BACKWARD.mistake(
    "dU, dW and db without the derivative of tanh",
    "dx_t and dh_prev are right, dU, dW and db are not: they were made from the gradient at h_t. "
    "U, W and b go into a_t, so their parts hold delta_t, the gradient behind the tanh, as do the "
    "other two.",
    {"da.T @ x_t": "dh.T @ x_t", "da.T @ h_prev": "dh.T @ h_prev", "da.sum": "dh.sum"},
    fails="params saturated batch",
)
STEP_BACKWARD.mistake(
    "db without the derivative of tanh",
    "Only db is wrong: it is the sum of dh. b goes into a_t, as U x_t does, so its gradient is "
    "that at a_t and not that at h_t.",
    {"da.sum": "dh.sum"},
    fails="params saturated batch",
)
STEP_BACKWARD.mistake(
    "h_t for h_prev in dW",
    "Only dW is wrong. W multiplies the state from before the step, so that state is the factor "
    "in delta_t h_{t-1}^T, yet the state after the step was used.",
    {"da.T @ h_prev": "da.T @ h_t"},
    fails="params saturated batch",
)
STEP_BACKWARD.mistake(
    "dW transposed",
    "Only dW is wrong: it is the transpose of what it should be, and since W is square, no shape "
    'complains. Row i of W belongs to the unit i that receives, so row i of dW does too. "One '
    'step back" has the outer product in the right order.',
    {"da.T @ h_prev": "h_prev.T @ da"},
    fails="params saturated batch",
)
STEP_BACKWARD.mistake(
    "dU transposed",
    "dU has the shape (D, H) where (H, D) is asked for. Each gradient has the shape of its "
    'parameter: the unit of delta_t comes first, the input second. "One step back" has the outer '
    "product in the right order.",
    {"da.T @ x_t": "x_t.T @ da"},
    fails="params saturated batch",
)
STEP_BACKWARD.mistake(
    "db averaged over the batch",
    "Only db is wrong: it is too small by the factor N. All sequences share b, so their parts are "
    "added up; the 1/N of the loss is in dh already.",
    {"da.sum": "da.mean"},
    fails="params saturated batch",
)
STEP_BACKWARD.mistake(
    "dU, dW and db averaged over the batch",
    "dU, dW and db are too small by the factor N; dx_t and dh_prev are right. All sequences share "
    "the parameters, so their parts are added up; the 1/N of the loss is in dh already.",
    {
        "da.T @ x_t": "da.T @ x_t / len(dh)",
        "da.T @ h_prev": "da.T @ h_prev / len(dh)",
        "da.sum": "da.mean",
    },
    fails="params saturated batch",
)
STEP_BACKWARD.mistake(
    "db not summed over the batch",
    "db has the shape (N, H) where (H,) is asked for: it still holds one row for each sequence. "
    "The sequences share b, so their parts are added up.",
    {"da.sum(axis=0)": "da"},
    fails="params saturated batch",
)
STEP_BACKWARD.mistake(
    "db summed over the wrong axis",
    "db holds one number for each sequence. Every unit has a b of its own, and the sequences "
    "share it, so the axis that has to go is that of the batch.",
    {"da.sum(axis=0)": "da.sum(axis=1)"},
    fails="params saturated batch",
)
STEP_BACKWARD.mistake(
    "db summed over the units too",
    "Only db is wrong: it is one number, where each of the H units has its own. Every unit has a "
    "b of its own, and the sequences share it, so the sum runs over the batch alone.",
    {"da.sum(axis=0)": "da.sum()"},
    fails="params saturated batch",
)
STEP_BACKWARD.mistake(
    "parameters' gradients from the first sequence only",
    "dx_t and dh_prev are right, dU, dW and db hold the part of sequence 0 alone; with a batch of "
    "one nothing is amiss. The sequences share the parameters, so their parts are added up.",
    {
        "da.T @ x_t": "np.outer(da[0], x_t[0])",
        "da.T @ h_prev": "np.outer(da[0], h_prev[0])",
        "da.sum(axis=0)": "da[0]",
    },
    fails="params saturated batch",
)
STEP_BACKWARD.mistake(
    "gradient summed over the batch too early",
    "With a batch of one all is right; in a larger one every sequence has the same dx_t and "
    "dh_prev, because delta_t was summed over the batch at once. Each sequence has a gradient of "
    "its own. Only the parameters, which they share, get a sum.",
    {"return": "da = np.broadcast_to(da.sum(axis=0), da.shape)\nreturn"},
    fails="all but params",
)
STEP_BACKWARD.another(
    "gradient summed over the batch too early",
    {
        "da = dh * (1 - h_t**2)": "delta = (dh * (1 - h_t**2)).sum(axis=0)",
        "grads =": "da = np.tile(delta, (len(dh), 1))\ngrads =",
        "da.sum(axis=0)": "delta",
    },
    {"grads =": "da = np.broadcast_to(da.sum(axis=0), da.shape)\ngrads ="},
    fails="all",
)
STEP_BACKWARD.mistake(
    "dx_t and dh_prev exchanged",
    "The first result has the shape of h_prev and the second that of x_t. They came back in the "
    "wrong order; the docstring tells the right order.",
    {'params["U"]': 'params["W"]', 'params["W"]': 'params["U"]'},
    fails="all but params",
)
STEP_BACKWARD.mistake(
    "dh multiplied in place",
    "The results of the call are right, but the argument dh has changed: *=, for example, writes "
    "into the caller's array. The gradient at a_t needs an array of its own.",
    {"dh * (1 - h_t**2)": "dh", "grads =": "da *= 1 - h_t**2\ngrads ="},
    fails="batch",
)

# --- bptt --------------------------------------------------------------------------------

BPTT = Exercise(
    "bptt",
    loss="test_the_loss_is_summed_over_time_and_averaged_over_the_batch",
    output="test_the_output_layer_gets_a_gradient_from_every_step",
    recurrent="test_the_recurrent_layer_gets_a_gradient_from_every_step",
    inputs="test_the_inputs_and_the_initial_state_get_their_gradients",
    singles="test_one_step_is_a_sequence_and_one_sequence_is_a_batch",
    labels="test_the_inputs_get_the_right_gradients_when_early_labels_change",
    move="test_a_small_move_of_everything_changes_the_loss_as_the_gradients_say",
    unchanged="test_bptt_is_right_each_time_and_leaves_its_arguments_as_they_were",
)


@BPTT.mistake(
    "derivative of tanh taken as 1 - h",
    "The loss, dV and dc are right; all that comes through the tanh is wrong, most of all where "
    "states are negative. There 1 - h is above 1, and tanh is nowhere as steep as that; h and -h "
    'have the same slope. "From the outputs to the states" has the derivative.',
    fails="all but loss output",
)
def bptt_derivative_1_minus_h(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t])
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "derivative of tanh taken at h_{t-1}",
    "The loss, dV and dc are right; all that comes through the tanh is wrong, from the last step "
    "on. The gradient that has arrived at h_t goes back through the tanh that made h_t, so the "
    "derivative belongs to this state and not to the one before. Compare the indices with those "
    'of delta_t in "One step back".',
    fails="all but loss output",
)
def bptt_derivative_of_previous_state(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h_prev[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "derivative of tanh taken of tanh(h)",
    "The loss, dV and dc are right; all that comes through the tanh is wrong, as a rule too "
    "large. A state is a tanh already, h_t = tanh(a_t), and here another tanh was taken before "
    'the square. Put the formula in "From the outputs to the states" next to your line and see '
    "what it wants of h.",
    fails="all but loss output",
)
def bptt_derivative_of_tanh_of_h(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - np.tanh(h[t]) ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "derivative of tanh left out",
    "The loss, dV and dc are right; all that should come through the tanh is wrong, as a rule too "
    "large, as if the state were a_t itself. Each entry of the gradient at h_t is multiplied by "
    'the slope of tanh there before anything else uses it: that is delta_t in "One step back".',
    fails="all but loss output",
)
def bptt_derivative_left_out(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "divided by the derivative of tanh",
    "The loss, dV and dc are right; all that comes through the tanh is far too large as a rule, "
    "and huge, infinite or NaN where units are saturated. The gradient was divided by 1 - h^2, "
    "which is the slope of the inverse function, of a against h. Going back through h = tanh(a) "
    "takes the slope of h against a.",
    fails="all but loss output",
)
def bptt_derivative_divided(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh / (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


BPTT.mistake(
    "derivative of tanh applied twice",
    "The loss, dV and dc are right; what comes through the tanh is wrong, as a rule too small. "
    "Between two states lies one tanh, and the gradient passes it once. If you call "
    "`step_backward`, look at what it expects: the gradient at h_t, before the tanh is passed.",
    {'dh + do[t] @ params["V"]': '(dh + do[t] @ params["V"]) * (1 - h[t] ** 2)'},
    fails="all but loss output",
)


@BPTT.another(
    "derivative of tanh applied twice",
)
def bptt_derivative_twice_in_the_recurrent_term(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = (da[t] @ params["W"]) * (1 - h_prev[t] ** 2)
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "derivative of tanh taken as 1 - a^2",
    "The loss, dV and dc are right; all that comes through the tanh is wrong, in places even in "
    "sign, for 1 - a^2 is negative as soon as a is larger than 1 in size. tanh' = 1 - tanh^2 "
    "holds the value of tanh, and not its argument. Which of a and h is that value?",
    fails="all but loss output",
)
def bptt_derivative_1_minus_a_squared(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    a = params["b"] + h_prev @ params["W"].T + x @ params["U"].T
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - a[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "derivative of the sigmoid, h (1 - h)",
    "The loss, dV and dc are right; all that comes through the tanh is wrong, and the gradient "
    "changes its sign at units whose state is negative. h (1 - h) is the derivative of the "
    'logistic sigmoid, and the states of this network come from a tanh. "From the outputs to the '
    'states" has its derivative.',
    fails="all but loss output",
)
def bptt_derivative_of_the_sigmoid(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * h[t] * (1 - h[t])
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "recurrent term with W for W^T",
    "dx is right at the last step and wrong at every step before it; dh0 is wrong, too. On the "
    "way back through the recurrence the gradient has to meet the transpose of what the state met "
    'on the way forward, and since W is square, no shape complains. "One step back" says what '
    "becomes of W^T when sequences are rows.",
    fails="all but loss output",
)
def bptt_w_for_its_transpose(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"].T
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "W^T first, the derivative of tanh afterwards",
    "dx is right at the last step and wrong at every step before it; dh0 is wrong, too. Forward, "
    "the state meets W first and tanh afterwards; on the way back the order is reversed. Read the "
    "first term of (10.21) from right to left: what comes first multiplies the gradient first.",
    fails="all but loss output",
)
def bptt_w_before_derivative(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = (dh @ params["W"]) * (1 - h[t] ** 2)
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.another(
    "W^T first, the derivative of tanh afterwards",
)
def bptt_w_before_derivative_of_h_prev(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = (dh @ params["W"]) * (1 - h_prev[t] ** 2)
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "recurrent term dropped",
    "dx is right at the last step and wrong at every step before it; dV and dc are right. Each "
    "state got the share of its own output only, the second term of (10.21). h_{t+1} is a "
    "successor of h_t too, and its share has to be carried from step to step.",
    fails="all but loss output",
)
def bptt_recurrent_term_dropped(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.another(
    "recurrent term dropped",
)
def bptt_nothing_goes_back(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": np.zeros(h0.shape),
    }


@BPTT.mistake(
    "gradient at h_t kept beside what goes back",
    "dx is right at the last step and wrong at every step before it; dV and dc are right. What a "
    "state sends back is W^T delta_t alone; here the gradient at the state itself, or what came "
    "back from later ones, went on with it, past W and the tanh. The only way from h_t to h_{t-1} "
    "leads through both.",
    fails="all but loss output",
)
def bptt_dh_carried_on(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = dh + da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.another(
    "gradient at h_t kept beside what goes back",
)
def bptt_what_goes_back_piles_up(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        da[t] = (do[t] @ params["V"] + dh) * (1 - h[t] ** 2)
        dh = dh + da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "share of the output added after the step back",
    "dx is zero at the last step and wrong before it; dV and dc are right. The share of o_t came "
    "in when the gradient had left h_t already, so h_{t-1} got it, without W and the tanh "
    "between. In (10.21) both terms belong to the same state, and only their sum goes back.",
    fails="all but loss output",
)
def bptt_output_share_too_late(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"] + do[t] @ params["V"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "recurrent term without the derivative of tanh",
    "dx is right at the last step; before it errors build up with each step back, and dh0 is "
    "wrong, too. What was carried on is W^T times the gradient at h_{t+1}, but between the two "
    "states lies a tanh. In (10.21) the first term has three factors.",
    fails="all but loss output",
)
def bptt_recurrent_term_without_derivative(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = dh @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.another(
    "recurrent term without the derivative of tanh",
)
def bptt_recurrent_term_without_derivative_but_to_h0(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = dh @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": da[0] @ params["W"],
    }


@BPTT.mistake(
    "derivative of step t in the recurrent term",
    "dx is right at the last step and wrong at every step before it; dh0 is wrong, too. In the "
    "first term of (10.21) the derivative belongs to step t + 1, the one from which the gradient "
    "comes back, and here that of step t was taken. Which tanh lies between h_t and h_{t+1}?",
    fails="all but loss output",
)
def bptt_recurrent_term_with_derivative_of_step_t(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o, y)
    dh = do @ params["V"]
    for t in range(T - 2, -1, -1):
        dh[t] += (dh[t + 1] * (1 - h[t] ** 2)) @ params["W"]
    da = dh * (1 - h**2)
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": (dh[0] * (1 - h0**2)) @ params["W"],
    }


@BPTT.another(
    "derivative of step t in the recurrent term",
)
def bptt_derivative_of_step_t_but_not_to_h0(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o, y)
    dh = do @ params["V"]
    for t in range(T - 2, -1, -1):
        dh[t] += (dh[t + 1] * (1 - h[t] ** 2)) @ params["W"]
    da = dh * (1 - h**2)
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": da[0] @ params["W"],
    }


@BPTT.mistake(
    "loss only at the last step",
    "The loss is too small, and the gradients are those of the last output alone. In pattern 1 "
    "every step has a label, L is the sum of all L_t, and every state gets a share from its own "
    "output, which is the second term of (10.21).",
)
def bptt_loss_at_the_last_step(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    da, dh = np.empty(h.shape), np.zeros(h0.shape)
    do = np.zeros(o.shape)
    do[-1:] = sequence_loss_gradient(o[-1:], y[-1:])
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[-1:], y[-1:]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


BPTT.mistake(
    "only the last output sends a gradient to its state",
    "dx is right at the last step and wrong at every step before it; dV and dc are right. Only "
    "h_T got a share from its output, and the other states live on what comes back from there. In "
    "(10.21) every h_t adds a share of its own o_t to what the step after sends.",
    {"np.zeros(h0.shape)": 'do[-1] @ params["V"]', 'dh = dh + do[t] @ params["V"]': ""},
    fails="all but loss output",
)
BPTT.mistake(
    "gradients of U, W and b overwritten at each step",
    "dU, dW and db hold the part of a single step, the one visited last; everything else is "
    'right. The same U, W and b are used at all steps, and "All steps: why there is a sum over '
    'time" tells what that means for their gradients.',
    {"grads[name] += step[name]": "grads[name] = step[name]"},
    fails="recurrent singles move unchanged",
)


@BPTT.mistake(
    "h_t for h_{t-1} in dW",
    "Only dW is wrong. W multiplies the state from before the step, so that state is the factor "
    "in (10.26), yet the state after the step was used. Look at the indices of the outer product, "
    "and at what belongs to the first step.",
    fails="recurrent singles move unchanged",
)
def bptt_h_t_for_h_prev(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "first step left out of dW",
    "Only dW is wrong. The sum in (10.26) begins with t = 1, and the state before the first step "
    "is h_0: it is an argument, and it is not zero here. Look at what stands for the state before "
    "the step when the loop has come to the first one.",
    fails="recurrent singles move unchanged",
)
def bptt_h0_left_out_of_dw(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([np.zeros((1, *h0.shape)), h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


BPTT.mistake(
    "h[-1] for h0 at the first step",
    "Only dW is wrong: at the first step the last state of the sequence was taken for the one "
    "before. In h[t - 1], for example, t = 0 gives the index -1, which numpy takes for the last "
    "one. The state before the first step has a name of its own.",
    {"h[t - 1] if t > 0 else h0": "h[t - 1]"},
    fails="recurrent singles move unchanged",
)
BPTT.mistake(
    "loop from the first step to the last",
    "The loss, dV and dc are right, and so is all else where T = 1. In a longer sequence each "
    "state got its gradient from the steps before it instead of those after it. Gradients go "
    "against the arrows of the graph, so a step can be done only when all the steps that follow "
    "it are done.",
    {"reversed(range(T))": "range(T)"},
    fails="all but loss output",
)
BPTT.mistake(
    "loop ends before the first step",
    "dx is right but for the first step, where it is zero; dU, dW and db lack the part of that "
    "step, and dh0 is wrong, because the gradient has not gone back through it. Is step 0 among "
    "those that the loop visits? Count its turns for T = 1.",
    {"np.empty": "np.zeros", "reversed(range(T))": "range(T - 1, 0, -1)"},
    fails="all but loss output",
)


@BPTT.another(
    "loop ends before the first step",
)
def bptt_first_step_left_out_and_no_dh0(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.zeros(h.shape), np.zeros(h0.shape)
    for t in range(T - 1, 0, -1):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": da[0] @ params["W"],
    }


BPTT.another(
    "loop ends before the first step",
    {
        "np.empty": "np.zeros",
        "reversed(range(T))": "range(T - 1, 0, -1)",
        '"tnk,tni->ki", do, h': '"tnk,tni->ki", do[1:], h[1:]',
        "do.sum(axis=(0, 1))": "do[1:].sum(axis=(0, 1))",
    },
    fails="all but loss",
)
BPTT.mistake(
    "only the last step gone back",
    "dx is right at the last step and zero before it; of the earlier steps, dU, dW and db have no "
    "part. The way back has ended after its first turn. The gradient travels back through all the "
    "states to h_0, and each step adds its part to the parameters.",
    {"np.empty": "np.zeros", "reversed(range(T))": "[T - 1]"},
    fails="all but loss output",
)
BPTT.another(
    "only the last step gone back",
    {
        "np.empty": "np.zeros",
        "reversed(range(T))": "[T - 1]",
        '"tnk,tni->ki", do, h': '"tnk,tni->ki", do[-1:], h[-1:]',
        "do.sum(axis=(0, 1))": "do[-1:].sum(axis=(0, 1))",
    },
    fails="all but loss",
)
BPTT.mistake(
    "parameters' gradients overwritten at each step",
    "dU, dW, dV, db and dc hold the part of a single step, the one visited last; everything else "
    'is right. The same parameters are used at all steps, and "All steps: why there is a sum over '
    'time" tells what that means for their gradients.',
    {
        "grads[name] += step[name]": "grads[name] = step[name]",
        '"tnk,tni->ki", do, h': '"tnk,tni->ki", do[:1], h[:1]',
        "do.sum(axis=(0, 1))": "do[:1].sum(axis=(0, 1))",
    },
    fails="all but loss inputs labels",
)
BPTT.mistake(
    "loop begins one step too early",
    "dx is zero at the last step and wrong before it; dV and dc are right. The way back starts at "
    "h_T, which has a gradient from its own output (10.19). The last step has the index T - 1; is "
    "it among those that the loop visits?",
    {"np.empty": "np.zeros", "range(T)": "range(T - 1)"},
    fails="all but loss output",
)


@BPTT.mistake(
    "dh0 not taken back through the first step",
    "Only dh0 is wrong: it is the gradient at h_1, the state after the first step. Between h_0 "
    "and h_1 lies a step as between any other two states, so its tanh and its W are still to be "
    'passed. See the end of "All steps: why there is a sum over time".',
    fails="all but loss output recurrent",
)
def bptt_dh0_is_that_of_h1(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh_t, dh = dh, da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh_t,
    }


@BPTT.mistake(
    "dh0 without W^T",
    "Only dh0 is wrong: it is delta_1, the gradient at a_1. The way from a_1 back to h_0 leads "
    'through W, as it does between any other two steps. See the end of "All steps: why there is a '
    'sum over time".',
    fails="all but loss output recurrent",
)
def bptt_dh0_is_delta_1(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": da[0],
    }


@BPTT.mistake(
    "initial state taken for a constant",
    "Only dh0 is wrong: it is zero. The initial state is used, by the first step, so the loss "
    'depends on it; what the first step sends back to it is its gradient. See the end of "All '
    'steps: why there is a sum over time".',
    fails="all but loss output recurrent",
)
def bptt_dh0_zero(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": np.zeros(h0.shape),
    }


@BPTT.mistake(
    "dV from the last step only",
    "Only dV is wrong. V turns every state into an output, so each step adds its part, as (10.24) "
    "says; here only the part of the last step was kept.",
    fails="output singles move unchanged",
)
def bptt_dv_of_the_last_step(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do[-1].T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "h_{t-1} for h_t in dV",
    "Only dV is wrong. o_t = c + V h_t is made of the state of the same step, and so is its part "
    "of (10.24); here the state before was used, as if for W.",
    fails="output singles move unchanged",
)
def bptt_dv_with_previous_state(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h_prev),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.another(
    "h_{t-1} for h_t in dV",
)
def bptt_dv_with_previous_state_but_h0(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do[1:], h[:-1]),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.another(
    "h_{t-1} for h_t in dV",
)
def bptt_dv_with_rolled_states(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, np.roll(h, 1, axis=0)),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "dc from the last step only",
    "Only dc is wrong. c is added at every step, so its gradient is the sum in (10.22); here only "
    "the last step's part was kept.",
    fails="output singles move unchanged",
)
def bptt_dc_of_the_last_step(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do[-1].sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "dc averaged over time and batch",
    "Only dc is wrong: it is too small by the factor T N. Shared parameters get sums, over the "
    "steps and over the sequences (10.22). The one average of the loss, over the batch, is in the "
    "gradient of the outputs already.",
    fails="output singles move unchanged",
)
def bptt_dc_averaged(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.mean(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "db averaged over the batch",
    'Only db is wrong: it is too small by the factor N. "From the loss to the outputs" says where '
    "the 1/N of the loss has gone; the sequences share b, and their parts are added up.",
    fails="recurrent singles move unchanged",
)
def bptt_db_averaged_over_the_batch(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.mean(axis=1).sum(axis=0),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


BPTT.mistake(
    "dU, dW and db averaged over the batch",
    "dU, dW and db are too small by the factor N; everything else is right. The 1/N of the loss "
    'is in the gradient of the outputs already, as "From the loss to the outputs" says, and no '
    "other is needed: over the batch, the parts of the sequences are added up.",
    {"step[name]": "step[name] / len(h0)"},
    fails="recurrent singles move unchanged",
)


@BPTT.mistake(
    "dW transposed",
    "Only dW is wrong: it is the transpose of what it should be, and since W is square, no shape "
    'complains. Row i of W belongs to the unit i that receives, so row i of dW does too. "One '
    'step back" has the outer product in the right order.',
    fails="recurrent singles move unchanged",
)
def bptt_dw_transposed(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ji", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


BPTT.mistake(
    "loss averaged over time",
    "The gradients are right and the loss is too small by the factor T. L is the sum of the "
    "losses of the steps; the mean is taken over the batch alone.",
    {"sequence_loss(o, y)": "sequence_loss(o, y) / T"},
    fails="loss singles unchanged",
)


@BPTT.mistake(
    "loss and gradients averaged over time",
    "The loss and all gradients are too small by the factor T: they are right for a mean over the "
    "steps. In this course L is the sum over time, and the mean is taken over the batch alone.",
)
def bptt_everything_averaged_over_time(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y) / len(x), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y) / len(x), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


BPTT.mistake(
    "gradients averaged over time, the loss summed",
    "The loss is right and all gradients are too small by the factor T. The loss is summed over "
    "time, so the gradient of each L_t has the weight 1 (10.17); the gradients are sums over the "
    "steps, and not means.",
    {
        "sequence_loss(o, y), grads": (
            "sequence_loss(o, y), {name: grad / T for name, grad in grads.items()}"
        ),
    },
    fails="all but loss",
)
BPTT.mistake(
    "loss summed over the batch",
    "The gradients are right and the loss is too large by the factor N. It is summed over time "
    "and averaged over the sequences of the batch.",
    {"sequence_loss(o, y)": "len(h0) * sequence_loss(o, y)"},
    fails="loss singles unchanged",
)


@BPTT.mistake(
    "1/N missing in the gradients",
    "The loss is right and all gradients are too large by the factor N: yhat minus y is the "
    "gradient for one sequence. The loss is a mean over the batch, so the gradient of the outputs "
    "holds a 1/N. Compare with what sequence_loss_gradient returns.",
    fails="all but loss",
)
def bptt_gradient_without_1_over_n(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = softmax(o), np.empty(h.shape), np.zeros(h0.shape)
    do -= np.eye(o.shape[-1])[y]
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


BPTT.mistake(
    "1/N twice in the gradients",
    "The loss is right and all gradients are too small by the factor N. sequence_loss_gradient "
    "holds the 1/N of the mean over the batch already, and everything else is linear in it, so no "
    "other 1/N is needed.",
    {"sequence_loss_gradient(o, y)": "sequence_loss_gradient(o, y) / len(h0)"},
    fails="all but loss",
)


@BPTT.mistake(
    "labels left out of the gradient at the outputs",
    "The loss is right and all gradients are wrong; they do not even depend on the labels. The "
    "gradient at o_t is the softmax minus 1 at the label's place (10.18), and the second part is "
    "missing.",
    fails="all but loss",
)
def bptt_gradient_without_minus_y(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = softmax(o) / len(h0), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT.mistake(
    "y minus yhat for yhat minus y",
    "The loss is right and all gradients have the wrong sign: a step against them would make the "
    "loss larger. L_t holds -o_t at the label's place, and the signs of (10.18) follow from that.",
    fails="all but loss",
)
def bptt_gradient_with_the_wrong_sign(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = -sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


BPTT.mistake(
    "softmax taken before the loss and its gradient",
    "The loss is wrong, and so are all gradients. sequence_loss and sequence_loss_gradient take "
    "the outputs o and do the softmax themselves; they were handed probabilities, and took the "
    "softmax a second time.",
    {"do = sequence_loss_gradient(": "o = softmax(o)\ndo = sequence_loss_gradient("},
)
BPTT.mistake(
    "sequence started from zero",
    "The loss and all gradients are wrong, and the loss does not depend on h0 at all. The forward "
    "pass starts from the state h0 that is given, which need not be zero.",
    {"h, o =": "h0 = np.zeros(h0.shape)\nh, o ="},
)


@BPTT.another(
    "sequence started from zero",
)
def bptt_h0_ignored_on_the_way_forward(x, h0, y, params):
    h, o = hidden_recurrence(x, np.zeros(h0.shape), params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


BPTT.mistake(
    "dx in the order of the loop",
    "Only dx is wrong: it runs from the last step to the first. The loop goes backwards, and so "
    "does what is collected on its way; dx[t] has to belong to x[t].",
    {
        'grads["x"] = np.empty(x.shape)': "dx = []",
        'grads["x"][t]': "dx_t",
        "for name in step:": "dx.append(dx_t)\nfor name in step:",
        'grads["h0"] = dh': 'grads["x"], grads["h0"] = np.array(dx), dh',
    },
    fails="all but loss output recurrent",
)


@BPTT.mistake(
    "dx from the output of its own step only",
    "Only dx is wrong, at all steps but the last. An input changes the state of its step, and "
    "through it all later outputs as well. The delta_t that goes into dx_t has to be the complete "
    "one, which the parameters got here.",
    fails="all but loss output recurrent",
)
def bptt_dx_of_its_own_output(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": (do @ params["V"] * (1 - h**2)) @ params["U"],
        "h0": dh,
    }


BPTT.mistake(
    "dx written into the argument x",
    "The results of the call are right, but the input x is gone, and a second call starts from "
    "other inputs. For example, `grads['x'] = x` makes a second name for the array of the caller, "
    "and no copy. Make an array of your own for dx.",
    {"np.empty(x.shape)": "x"},
    fails="unchanged",
)
BPTT.mistake(
    "h0 used as the buffer of the gradient",
    "The caller's h0 has changed after the call, and dW is wrong because of it. For example, `dh "
    "= h0` makes a second name for the same array, so what is done to dh in place is done to h0, "
    "which is needed again at the first step. Start the gradient in an array of your own.",
    {
        "np.zeros(h0.shape)": "h0",
        "for t in reversed(": "dh[:] = 0\nfor t in reversed(",
        'dh = dh + do[t] @ params["V"]': 'dh += do[t] @ params["V"]',
    },
    {
        "np.zeros(h0.shape)": "h0",
        "for t in reversed(": "dh[:] = 0\nfor t in reversed(",
        'dh = dh + do[t] @ params["V"]': 'dh += do[t] @ params["V"]',
        'grads["x"][t], dh, step': 'grads["x"][t], dh[:], step',
    },
    fails="recurrent singles move unchanged",
)
BPTT.mistake(
    "parameters updated on the way",
    "The results of the call are right, but params has changed: a step of gradient descent was "
    "taken in place. bptt computes gradients and leaves their use to the caller.",
    {
        "return": ("for name in params:\n    params[name] -= 0.1 * grads[name]\nreturn"),
    },
    fails="unchanged",
)

# --- bptt_single_output ------------------------------------------------------------------

BPTT_SINGLE_OUTPUT = Exercise(
    "bptt_single_output",
    loss="test_the_loss_is_that_of_the_last_output_averaged_over_the_batch",
    params="test_all_steps_add_to_the_recurrent_layer_and_the_last_to_the_output_layer",
    inputs="test_the_gradient_reaches_the_first_input_and_the_initial_state",
    singles="test_a_single_step_or_a_single_sequence_will_do",
    labels="test_the_inputs_get_the_right_gradients_when_one_label_changes",
)


@BPTT_SINGLE_OUTPUT.mistake(
    "an output and a loss at every step, as in pattern 1",
    "The loss is too large, and of the gradients only dx at the last step is right: every state "
    "was given an output and the label. In pattern 3 the last state alone has an output, so there "
    "is one loss, and V and c are used once. Compare the two drawings.",
)
def bptt_single_output_label_at_every_step(x, h0, y, params):
    return bptt(x, h0, np.tile(y, (len(x), 1)), params)


BPTT_SINGLE_OUTPUT.mistake(
    "share of the output added at every step",
    "dx is right at the last step and wrong before it; the loss, dV and dc are right. The "
    "gradient of the output was added again on each step back, as in pattern 1. Here o hangs on "
    'h_T alone, and an earlier state has a single successor: "One output at the end" has both '
    "equations.",
    {
        "h_prev =": ('if t < T - 1:\n    dh = dh + do @ params["V"]\nh_prev ='),
    },
    fails="all but loss",
)
BPTT_SINGLE_OUTPUT.mistake(
    "only the last step gone back",
    "The loss, dV and dc are right, and so is dx at the last step; before it dx is zero, and dU, "
    "dW and db lack the parts of all earlier steps. There is only one loss, but its gradient "
    "travels back through all the states to h_0.",
    {"np.empty": "np.zeros", "reversed(range(T))": "[T - 1]"},
    fails="all but loss",
)


@BPTT_SINGLE_OUTPUT.another(
    "only the last step gone back",
)
def bptt_single_output_last_step_only_and_no_dh0(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da = (do @ params["V"]) * (1 - h[-1] ** 2)
    dx = np.zeros(x.shape)
    dx[T - 1] = da @ params["U"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": da.T @ x[-1],
        "W": da.T @ h_prev[-1],
        "V": do.T @ h[-1],
        "b": da.sum(axis=0),
        "c": do.sum(axis=0),
        "x": dx,
        "h0": np.zeros(h0.shape),
    }


BPTT_SINGLE_OUTPUT.mistake(
    "loop ends before the first step",
    "dx is right but for the first step, where it is zero; dU, dW and db lack the part of that "
    "step, and dh0 is wrong, because the gradient has not gone back through it. Is step 0 among "
    "those that the loop visits? Count its turns for T = 1.",
    {"np.empty": "np.zeros", "reversed(range(T))": "range(T - 1, 0, -1)"},
    fails="all but loss",
)


@BPTT_SINGLE_OUTPUT.another(
    "loop ends before the first step",
)
def bptt_single_output_first_step_left_out_and_no_dh0(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.zeros(h.shape), do @ params["V"]
    for t in range(len(x) - 1, 0, -1):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": da[0] @ params["W"],
    }


BPTT_SINGLE_OUTPUT.mistake(
    "loop from the first step to the last",
    "The loss, dV and dc are right, and so is all else where T = 1. In a longer sequence the "
    "gradient of the output was given to h_1 and sent on from there. It belongs to h_T, and goes "
    "back from the last step to the first.",
    {"reversed(range(T))": "range(T)"},
    fails="all but loss",
)
BPTT_SINGLE_OUTPUT.mistake(
    "gradients of U, W and b overwritten at each step",
    "dU, dW and db hold the part of the first step only, the one visited last; everything else is "
    "right. There is one output, but U, W and b are used at all steps, so their sums over time "
    "stay.",
    {"grads[name] += step[name]": "grads[name] = step[name]"},
    fails="params singles",
)
BPTT_SINGLE_OUTPUT.mistake(
    "h[-1] for h0 at the first step",
    "Only dW is wrong: at the first step the last state of the sequence was taken for the one "
    "before. In h[t - 1], for example, t = 0 gives the index -1, which numpy takes for the last "
    "one. The state before the first step has a name of its own.",
    {"h[t - 1] if t > 0 else h0": "h[t - 1]"},
    fails="params singles",
)
BPTT_SINGLE_OUTPUT.mistake(
    "first step left out of dW",
    "Only dW is wrong. The sum in (10.26) begins with t = 1, and the state before the first step "
    "is h_0: it is an argument, and it is not zero here. Look at what stands for the state before "
    "the step when the loop has come to the first one.",
    {"if t > 0 else h0": "if t > 0 else np.zeros(h0.shape)"},
    fails="params singles",
)
BPTT_SINGLE_OUTPUT.mistake(
    "loop begins one step too early",
    "dx is zero at the last step and wrong before it; the loss, dV and dc are right. The gradient "
    "of the output belongs to h_T, and was sent on from the state before. The last step has the "
    "index T - 1; is it among those that the loop visits?",
    {"np.empty": "np.zeros", "range(T)": "range(T - 1)"},
    fails="all but loss",
)
BPTT_SINGLE_OUTPUT.mistake(
    "label left out of the gradient at the output",
    "The loss is right and all gradients are wrong. The gradient at o is the softmax minus the "
    "one-hot code of the label, divided by N, and the second part is missing. Compare with what "
    "sequence_loss_gradient returns.",
    {"sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]": "softmax(o) / len(o)"},
    fails="all but loss",
)
BPTT_SINGLE_OUTPUT.mistake(
    "every step given the share of the output alone",
    "dx is right at the last step and wrong before it; the loss, dV and dc are right. Each state "
    "got what belongs to h_T, the gradient from the output, and nothing of what came back from "
    "the step after. Here o hangs on h_T alone, and an earlier state has a single successor: "
    '"One output at the end" has both equations.',
    {"h_prev =": 'dh = do @ params["V"]\nh_prev ='},
    fails="all but loss",
)
BPTT_SINGLE_OUTPUT.mistake(
    "h_t for h_{t-1} in dW",
    "Only dW is wrong. W multiplies the state from before the step, so that state is the factor "
    "in (10.26), yet the state after the step was used.",
    {
        'grads["x"] = np.empty(x.shape)': 'da, dh = np.empty(h.shape), do @ params["V"]',
        "h_prev = h[t - 1] if t > 0 else h0": "da[t] = dh * (1 - h[t] ** 2)",
        'grads["x"][t], dh, step': "dh",
        "step_backward(dh, x[t], h_prev, h[t], params)": 'da[t] @ params["W"]',
        "for name in step:\n    grads[name] += step[name]": "",
        "sequence_loss(o[np.newaxis], y[np.newaxis]), grads": (
            "sequence_loss(o[np.newaxis], y[np.newaxis]), {\n"
            '    "U": np.einsum("tni,tnd->id", da, x),\n'
            '    "W": np.einsum("tni,tnj->ij", da, h),\n'
            '    "V": do.T @ h[-1],\n'
            '    "b": da.sum(axis=(0, 1)),\n'
            '    "c": do.sum(axis=0),\n'
            '    "x": da @ params["U"],\n'
            '    "h0": dh,\n'
            "}"
        ),
    },
    fails="params singles",
)


@BPTT_SINGLE_OUTPUT.mistake(
    "derivative of tanh taken as 1 - h",
    "The loss, dV and dc are right; all that comes through the tanh is wrong, most of all where "
    "states are negative. There 1 - h is above 1, and tanh is nowhere as steep as that; h and -h "
    "have the same slope.",
    fails="all but loss",
)
def bptt_single_output_derivative_1_minus_h(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t])
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT_SINGLE_OUTPUT.mistake(
    "derivative of tanh left out",
    "The loss, dV and dc are right; all that should come through the tanh is wrong, as a rule too "
    "large, as if each state were a_t itself. At every step back the gradient passes the tanh "
    'first: see delta_t in "One step back".',
    fails="all but loss",
)
def bptt_single_output_derivative_left_out(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


BPTT_SINGLE_OUTPUT.mistake(
    "derivative of tanh applied twice",
    "The loss, dV and dc are right; what comes through the tanh is wrong, as a rule too small. "
    "Between two states lies one tanh, and the gradient passes it once. If you call "
    "`step_backward`, look at what it expects: the gradient at h_t, before the tanh is passed.",
    {'grads["x"][t], dh, step =': 'dh = dh * (1 - h[t] ** 2)\ngrads["x"][t], dh, step ='},
    fails="all but loss",
)


@BPTT_SINGLE_OUTPUT.another(
    "derivative of tanh applied twice",
)
def bptt_single_output_derivative_twice_at_the_output(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), (do @ params["V"]) * (1 - h[-1] ** 2)
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT_SINGLE_OUTPUT.another(
    "derivative of tanh applied twice",
)
def bptt_single_output_derivative_twice_in_the_recurrent_term(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = (da[t] @ params["W"]) * (1 - h_prev[t] ** 2)
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT_SINGLE_OUTPUT.mistake(
    "recurrent term with W for W^T",
    "dx is right at the last step and wrong at every step before it; dh0 is wrong, too. On the "
    "way back through the recurrence the gradient has to meet the transpose of what the state met "
    "on the way forward, and since W is square, no shape complains.",
    fails="all but loss",
)
def bptt_single_output_w_for_its_transpose(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"].T
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT_SINGLE_OUTPUT.mistake(
    "recurrent term without the derivative of tanh",
    "dx is right at the last step; before it errors build up with each step back, and dh0 is "
    "wrong, too. What was carried on is W^T times the gradient at h_{t+1}, but between the two "
    'states lies a tanh. In "One output at the end" the step back has three factors.',
    fails="all but loss",
)
def bptt_single_output_recurrent_term_without_derivative(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = dh @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT_SINGLE_OUTPUT.another(
    "recurrent term without the derivative of tanh",
)
def bptt_single_output_without_derivative_but_to_h0(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = dh @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": da[0] @ params["W"],
    }


@BPTT_SINGLE_OUTPUT.mistake(
    "W^T first, the derivative of tanh afterwards",
    "dx is right at the last step and wrong at every step before it; dh0 is wrong, too. On the "
    "way back the order of the forward pass is reversed: the gradient passes the tanh first. Read "
    'the product in "One output at the end" from right to left.',
    fails="all but loss",
)
def bptt_single_output_w_before_derivative(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = (dh @ params["W"]) * (1 - h[t] ** 2)
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@BPTT_SINGLE_OUTPUT.another(
    "W^T first, the derivative of tanh afterwards",
)
def bptt_single_output_w_before_derivative_of_h_prev(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = (dh @ params["W"]) * (1 - h_prev[t] ** 2)
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


BPTT_SINGLE_OUTPUT.mistake(
    "dV with the sum of all states",
    "Only dV is wrong. V makes the output of the last state alone, so no other state has a part "
    "in its gradient. The sums over time are those of U, W and b.",
    {"do.T @ h[-1]": "do.T @ h.sum(axis=0)"},
    fails="params singles",
)


@BPTT_SINGLE_OUTPUT.mistake(
    "dh0 not taken back through the first step",
    "Only dh0 is wrong: it is the gradient at h_1, the state after the first step. Between h_0 "
    "and h_1 lies a step as between any other two states, so its tanh and its W are still to be "
    "passed.",
    fails="inputs singles",
)
def bptt_single_output_dh0_is_that_of_h1(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        dh_t = dh
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh_t,
    }


@BPTT_SINGLE_OUTPUT.mistake(
    "initial state taken for a constant",
    "Only dh0 is wrong: it is zero. The initial state is used, by the first step, so the loss "
    "depends on it; what the first step sends back to it is its gradient.",
    fails="inputs singles",
)
def bptt_single_output_dh0_zero(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": np.zeros(h0.shape),
    }


BPTT_SINGLE_OUTPUT.mistake(
    "1/N missing in the gradients",
    "The loss is right and all gradients are too large by the factor N: yhat minus y is the "
    "gradient for one sequence. The loss is a mean over the batch, so the gradient of the output "
    "holds a 1/N. Compare with what sequence_loss_gradient returns.",
    {
        "sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]": (
            "softmax(o) - np.eye(o.shape[1])[y]"
        ),
    },
    fails="all but loss",
)
BPTT_SINGLE_OUTPUT.mistake(
    "gradients divided by T",
    "The loss is right and all gradients are too small by the factor T. There is a single loss, "
    "at the last step, and no mean over time anywhere.",
    {
        "sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]": (
            "sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0] / T"
        ),
    },
    fails="all but loss",
)
BPTT_SINGLE_OUTPUT.mistake(
    "loss summed over the batch",
    "The gradients are right and the loss is too large by the factor N. It is the mean over the "
    "sequences of the batch.",
    {
        "sequence_loss(o[np.newaxis], y[np.newaxis])": (
            "len(y) * sequence_loss(o[np.newaxis], y[np.newaxis])"
        ),
    },
    fails="loss singles",
)
BPTT_SINGLE_OUTPUT.mistake(
    "loss divided by T",
    "The gradients are right and the loss is too small by the factor T. There is a single loss "
    "for each sequence, and the mean is over the batch alone.",
    {
        "sequence_loss(o[np.newaxis], y[np.newaxis])": (
            "sequence_loss(o[np.newaxis], y[np.newaxis]) / T"
        ),
    },
    fails="loss singles",
)
BPTT_SINGLE_OUTPUT.mistake(
    "batch taken for the time axis",
    "The loss and all gradients are too large by the factor N. The new axis was put behind the "
    "batch, so sequence_loss saw one sequence of N steps, summed over them and averaged over one. "
    "Its arguments are time-major: time comes first.",
    {
        "sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]": (
            "sequence_loss_gradient(o[:, np.newaxis], y[:, np.newaxis])[:, 0]"
        ),
        "sequence_loss(o[np.newaxis], y[np.newaxis])": (
            "sequence_loss(o[:, np.newaxis], y[:, np.newaxis])"
        ),
    },
)
BPTT_SINGLE_OUTPUT.mistake(
    "sequence started from zero",
    "The loss and all gradients are wrong, and the loss does not depend on h0 at all. The forward "
    "pass starts from the state h0 that is given, which need not be zero.",
    {"h, o =": "h0 = np.zeros(h0.shape)\nh, o ="},
)


@BPTT_SINGLE_OUTPUT.another(
    "sequence started from zero",
)
def bptt_single_output_h0_ignored_on_the_way_forward(x, h0, y, params):
    h, o = single_output(x, np.zeros(h0.shape), params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


BPTT_SINGLE_OUTPUT.mistake(
    "dx written into the argument x",
    "The results of the call are right, but the input x is gone. For example, `grads['x'] = x` "
    "makes a second name for the array of the caller, and no copy. Make an array of your own for "
    "dx.",
    {"np.empty(x.shape)": "x"},
    fails="singles",
)


@BPTT_SINGLE_OUTPUT.mistake(
    "dx in the order of the loop",
    "Only dx is wrong: it runs from the last step to the first. The loop goes backwards, and so "
    "does what is collected on its way; dx[t] has to belong to x[t].",
    fails="inputs singles labels",
)
def bptt_single_output_dx_in_the_order_of_the_loop(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da[::-1] @ params["U"],
        "h0": dh,
    }


BPTT_SINGLE_OUTPUT.mistake(
    "gradient averaged over the batch",
    "With one sequence all is right; in a larger batch every label is felt by all sequences, "
    "because the gradient of the output was replaced by its mean over the batch (dc alone may "
    "stay right). Each sequence has a label and a gradient of its own; only the parameters, which "
    "they share, get a sum.",
    {"grads =": "do = np.broadcast_to(do.mean(axis=0), do.shape)\ngrads ="},
    fails="all but loss",
)


@BPTT_SINGLE_OUTPUT.another(
    "gradient averaged over the batch",
)
def bptt_single_output_mean_in_every_row(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    do = np.broadcast_to(do.sum(axis=0), do.shape)
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


# --- truncated_bptt ----------------------------------------------------------------------

TRUNCATED_BPTT = Exercise(
    "truncated_bptt",
    loss="test_the_state_is_carried_over_so_the_loss_is_that_of_the_whole_sequence",
    windows="test_every_window_adds_its_gradients_the_short_last_one_too",
    border="test_the_inputs_get_the_right_gradients_on_both_sides_of_a_border",
    sizes="test_windows_may_hold_one_step_or_all_steps_or_more",
)
TRUNCATED_BPTT.mistake(
    "gradient not cut at the borders",
    "The loss is right, and so are the gradients where k is not smaller than T; otherwise they "
    "are those of bptt. Nothing stops the gradient between two windows: from the first step of a "
    'window none passes to the step before. "Cutting in time: truncated BPTT" says what is '
    "carried over and what is not.",
    {"loss, total": "bptt(x, h0, y, params)"},
    fails="all but loss",
)
TRUNCATED_BPTT.mistake(
    "every window started from h0",
    "In the first window all is right; from the second one on the states are others, so the loss "
    "is wrong. Forward, truncation changes nothing: a window starts from the state in which the "
    "one before has ended.",
    {"bptt(x[window], state, y[window], params)": "bptt(x[window], h0, y[window], params)"},
)
TRUNCATED_BPTT.mistake(
    "later windows started from zero",
    "In the first window all is right; from the second one on the states are others, so the loss "
    "is wrong. At a border the gradient is cut, but the state is carried over, as if it were a "
    "constant.",
    {
        "h, _ = hidden_recurrence(x[window], state, params)": "state = np.zeros(h0.shape)",
        "state = h[-1]": "",
    },
)
TRUNCATED_BPTT.mistake(
    "carried state written into h0",
    "The results of the call are right, but the argument h0 has changed. For example, `state = "
    "h0` makes a second name for the caller's array, and then `state[:] = ...` writes into it. "
    "Give the carried state a new array, or the name a new value.",
    {"state = h[-1]": "state[:] = h[-1]"},
    fails="loss",
)
TRUNCATED_BPTT.mistake(
    "first state of a window carried over",
    "With windows of one step all is right; with longer ones the loss is wrong from the second "
    "window on. What the next window starts from is the state after the last step of this one.",
    {"state = h[-1]": "state = h[0]"},
    fails="all but sizes",
)
TRUNCATED_BPTT.mistake(
    "window started from its own first state",
    "In the first window all is right; from the second one on the states are others, so the loss "
    "is wrong. The window that begins at step m k reads x[m k] first, and starts from the state "
    "before it. Which step has given that state?",
    {
        "loss, windows, state =": (
            "states, _ = hidden_recurrence(x, h0, params)\nloss, windows, state ="
        ),
        "window_loss, grads =": "state = states[start] if start > 0 else h0\nwindow_loss, grads =",
    },
)
TRUNCATED_BPTT.mistake(
    "short last window left out",
    "Where k divides T all is right; otherwise the steps that are left at the end are missing, in "
    "the loss and in the gradients, and dx is too short or ends with zeros. The last window may "
    "be shorter than k, and where k is larger than T it is the only one.",
    {"len(x)": "len(x) - k + 1"},
)


@TRUNCATED_BPTT.another(
    "short last window left out",
)
def truncated_bptt_last_rows_left_at_zero(x, h0, y, params, k):
    loss, state = 0.0, h0
    total = {name: np.zeros(params[name].shape) for name in "UWVbc"}
    total["x"], total["h0"] = np.zeros(x.shape), np.zeros(h0.shape)
    for m in range(len(x) // k):
        window = slice(m * k, (m + 1) * k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        for name in "UWVbc":
            total[name] += grads[name]
        total["x"][window] = grads["x"]
        if m == 0:
            total["h0"] = grads["h0"]
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    return loss, total


@TRUNCATED_BPTT.another(
    "short last window left out",
)
def truncated_bptt_whole_windows_only(x, h0, y, params, k):
    loss, state = 0.0, h0
    total = {name: np.zeros(params[name].shape) for name in "UWVbc"}
    total["x"], total["h0"] = np.zeros(x[: len(x) // k * k].shape), np.zeros(h0.shape)
    for m in range(len(x) // k):
        window = slice(m * k, (m + 1) * k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        for name in "UWVbc":
            total[name] += grads[name]
        total["x"][window] = grads["x"]
        if m == 0:
            total["h0"] = grads["h0"]
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    return loss, total


TRUNCATED_BPTT.another(
    "short last window left out",
    {"len(x)": "max(len(x) - k, 0) + 1"},
    fails="all but sizes",
)
TRUNCATED_BPTT.mistake(
    "k taken for the number of windows",
    "The loss is right, the gradients are cut in the wrong places: there are k windows where "
    "windows of k steps are asked for. They begin at the steps 0, k, 2k, ...",
    {
        "for start in range(0, len(x), k):": (
            "for window in np.array_split(np.arange(len(x)), min(k, len(x))):"
        ),
        "window = slice(start, start + k)": "",
    },
    fails="all but loss",
)
TRUNCATED_BPTT.another(
    "k taken for the number of windows",
    {
        "loss, windows, state =": "size = -(-len(x) // k)\nloss, windows, state =",
        "range(0, len(x), k)": "range(0, len(x), size)",
        "start + k": "start + size",
    },
    fails="border sizes",
)
TRUNCATED_BPTT.another(
    "k taken for the number of windows",
    {
        "loss, windows, state =": "size = max(len(x) // k, 1)\nloss, windows, state =",
        "range(0, len(x), k)": "range(0, len(x), size)",
        "start + k": "start + size",
    },
)
TRUNCATED_BPTT.mistake(
    "windows of k + 1 steps",
    "The loss is right, but each window is one step too long, so gradients are cut too late. A "
    "window that begins at step m k ends with step m k + k - 1. How many steps has your first "
    "window for k = 1?",
    {"range(0, len(x), k)": "range(0, len(x), k + 1)", "start + k": "start + k + 1"},
    fails="all but loss",
)


TRUNCATED_BPTT.mistake(
    "windows overlap by a step",
    "With more than one window, the loss is too large as a rule: each window but the last takes "
    "in the first step of the next, which counts twice. A window that begins at step m k ends "
    "with step m k + k - 1. How many steps has your first window for k = 1?",
    {"start + k": "start + k + 1"},
    {
        "start + k": "start + k + 1",
        'np.concatenate([grads["x"] for grads in windows])': (
            'np.concatenate([grads["x"][:k] for grads in windows])'
        ),
    },
)


@TRUNCATED_BPTT.mistake(
    "gradient cut one step too early",
    "The loss is right, but what step m k - 1, the last of a window, sends back is lost, and what "
    "step m k, the first of the next window, sends back is not. On the way back, the border comes "
    "after step m k and before step m k - 1.",
    fails="all but loss",
)
def truncated_bptt_cut_one_step_early(x, h0, y, params, k):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
        if (t + 1) % k == 0 and t > 0:
            dh = np.zeros(h0.shape)
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@TRUNCATED_BPTT.another(
    "gradient cut one step too early",
)
def truncated_bptt_cut_one_step_early_even_at_step_0(x, h0, y, params, k):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
        if (t + 1) % k == 0:
            dh = np.zeros(h0.shape)
    grads["h0"] = dh
    return sequence_loss(o, y), grads


TRUNCATED_BPTT.mistake(
    "gradient cut in front of the first step",
    "Only dh0 is wrong: it is zero. Step 0 is a multiple of k too, but no window lies before it; "
    "the gradient of the first window does reach the initial state.",
    {'windows[0]["h0"]': "np.zeros(h0.shape)"},
    fails="all but loss",
)
TRUNCATED_BPTT.mistake(
    "windows counted from the end",
    "Where k divides T all is right; otherwise the short window came first. Windows begin at the "
    "steps 0, k, 2k, ..., and the last one is the short one.",
    {
        "for start in range(0, len(x), k):": (
            "first = len(x) % k\nfor stop in range(first or k, len(x) + 1, k):"
        ),
        "slice(start, start + k)": "slice(max(0, stop - k), stop)",
    },
    fails="windows border",
)


@TRUNCATED_BPTT.mistake(
    "gradient of every loss followed back over k steps",
    "The loss is right, but the gradients know no borders, and more comes back than should. Here "
    "the sequence is cut at fixed places, and a loss at the first step of a window goes back "
    "through that step only.",
    fails="windows border",
)
def truncated_bptt_k_steps_from_every_loss(x, h0, y, params, k):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o, y)
    da = np.zeros(h.shape)
    dh0 = np.zeros(h0.shape)
    for s in range(T):
        dh = do[s] @ params["V"]
        for t in range(s, max(-1, s - k), -1):
            delta = dh * (1 - h[t] ** 2)
            da[t] += delta
            dh = delta @ params["W"]
            if t == 0:
                dh0 += dh
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh0,
    }


@TRUNCATED_BPTT.mistake(
    "only the last k steps gone back",
    "The loss is right, and so are dV and dc; the steps before the last k have no gradient at "
    "all. Truncation cuts the way back into windows of k steps, and each of them is gone through: "
    "no step is left out.",
    fails="all but loss",
)
def truncated_bptt_last_k_steps(x, h0, y, params, k):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(max(T - k, 0), T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@TRUNCATED_BPTT.another(
    "only the last k steps gone back",
)
def truncated_bptt_last_k_steps_and_no_dh0(x, h0, y, params, k):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.zeros(h.shape), np.zeros(h0.shape)
    for t in reversed(range(max(T - k, 0), T)):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": da[0] @ params["W"],
    }


TRUNCATED_BPTT.mistake(
    "gradients of the last window only",
    "The loss is right; dU, dW, dV, db and dc lack the parts of the windows before (and dx and "
    "dh0 are wrong too, where they were taken from the last window). The windows share the "
    "parameters, so their gradients are added up.",
    {"sum(grads[name] for grads in windows)": "windows[-1][name]"},
    fails="windows sizes",
)
TRUNCATED_BPTT.another(
    "gradients of the last window only",
    {
        '{name: sum(grads[name] for grads in windows) for name in "UWVbc"}': "dict(windows[-1])",
        'total["h0"] = windows[0]["h0"]': "",
    },
    {"loss, total": "loss, windows[-1]"},
    fails="all but loss",
)
TRUNCATED_BPTT.mistake(
    "gradients averaged over the windows",
    "The loss and dx are right; the gradients of the parameters are too small by the number of "
    "windows. The loss is a sum over all steps, so the gradients of the windows are added up.",
    {
        "sum(grads[name] for grads in windows)": (
            "np.mean([grads[name] for grads in windows], axis=0)"
        ),
    },
    fails="windows sizes",
)
TRUNCATED_BPTT.mistake(
    "loss averaged over the windows",
    "The gradients are right; the loss is too small by the number of windows. It should be that "
    "of bptt, a sum over all steps.",
    {"loss, total": "loss / len(windows), total"},
    fails="loss sizes",
)
TRUNCATED_BPTT.mistake(
    "loss of the last window only",
    "The gradients are right; the loss lacks the terms of the windows before. It should be that "
    "of bptt, a sum over all steps.",
    {"loss += window_loss": "loss = window_loss"},
    fails="loss sizes",
)
TRUNCATED_BPTT.mistake(
    "dh0 from the last window",
    "Only dh0 is wrong. A later window starts from a carried state, and what bptt returns under "
    "h0 is the gradient of that. The first window is the only one that sees h0.",
    {"windows[0]": "windows[-1]"},
    fails="all but loss",
)
TRUNCATED_BPTT.mistake(
    "dh0 summed over the windows",
    "Only dh0 is wrong. The parameters are shared by the windows, and get sums, but h0 is not: a "
    "later window starts from a carried state, and what bptt returns under h0 is the gradient of "
    "that.",
    {'windows[0]["h0"]': 'sum(grads["h0"] for grads in windows)'},
    fails="all but loss",
)
TRUNCATED_BPTT.mistake(
    "dx with the windows in reverse order",
    "Only dx is wrong: its windows stand in the reverse order. dx[t] has to belong to x[t], so "
    "the parts are put one after another from the first window to the last.",
    {'[grads["x"] for grads in windows]': '[grads["x"] for grads in windows[::-1]]'},
    fails="all but loss",
)
TRUNCATED_BPTT.mistake(
    "dx of the last window only",
    "dx is too short where there are several windows. It has one row for each step of x, so the "
    "parts of all windows are put one after another.",
    {'np.concatenate([grads["x"] for grads in windows])': 'windows[-1]["x"]'},
    fails="all but loss",
)

# --- clip_gradients ----------------------------------------------------------------------

CLIP_GRADIENTS = Exercise(
    "clip_gradients",
    long="test_long_gradients_are_scaled_down_to_the_largest_norm",
    short="test_short_gradients_come_back_as_new_arrays_and_arguments_stay_as_they_were",
    norm="test_gradients_are_scaled_by_the_norm_of_all_arrays_together",
    zero="test_gradients_are_right_where_some_or_all_of_them_are_zero",
)


@CLIP_GRADIENTS.mistake(
    "each array clipped by its own norm",
    "No array is longer than max_norm, but all together may be, and the direction of the gradient "
    "has changed. The norm is that of all arrays together, as of one long vector, and there is "
    "one factor for all.",
    fails="all but short",
)
def clip_gradients_each_array_alone(grads, max_norm):
    clipped = {}
    for name, array in grads.items():
        norm = np.linalg.norm(array)
        clipped[name] = array * (max_norm / norm if norm > max_norm else 1.0)
    return clipped


CLIP_GRADIENTS.mistake(
    "each entry clipped",
    "No entry is larger than max_norm, but the norm may be, and the direction of the gradient has "
    "changed: large entries were cut and small ones were not. Clipping the norm multiplies all "
    "entries by the same factor.",
    {"scale * array": "np.clip(array, -max_norm, max_norm)"},
    fails="all but short",
)
CLIP_GRADIENTS.mistake(
    "short gradients lengthened",
    "Long gradients are right; short ones come back longer, with the norm max_norm, and gradients "
    "of zero may become NaN. Clipping only ever shortens: there is a minimum with 1 in the "
    "equation.",
    {"max_norm / norm if norm > max_norm else 1.0": "max_norm / norm"},
    fails="short zero",
)
CLIP_GRADIENTS.another(
    "short gradients lengthened",
    {"norm > max_norm": "norm > 0"},
    fails="short",
)
CLIP_GRADIENTS.mistake(
    "scaled to the norm 1 instead of max_norm",
    "Long gradients come back with the norm 1, whatever max_norm is (and so do short ones, where "
    "the norm is not compared with anything). The factor has to bring the norm down to max_norm.",
    {"max_norm / norm": "1.0 / norm"},
    fails="long norm",
)
CLIP_GRADIENTS.another(
    "scaled to the norm 1 instead of max_norm",
    {"max_norm / norm if norm > max_norm else 1.0": "1.0 / norm"},
    fails="all",
)
CLIP_GRADIENTS.mistake(
    "factor the wrong way round",
    "Long gradients come back even longer. A factor that shortens is smaller than 1: which of "
    "max_norm and the norm is the smaller one where there is something to clip?",
    {"max_norm / norm": "norm / max_norm"},
    fails="all but short",
)
CLIP_GRADIENTS.mistake(
    "long gradients kept, short ones changed",
    "Long gradients come back as long as they were, and short ones longer or even shorter. The "
    "factor is 1 just where it should be smaller: a maximum stands where the equation has the "
    "minimum, or the quotient beside the 1 is upside down. Work the factor out by hand for a norm "
    "of 40 and max_norm = 1.",
    {"max_norm / norm": "max(1.0, max_norm / norm)", "norm > max_norm": "norm > 0"},
    {"max_norm / norm if norm > max_norm else 1.0": "max(1.0, max_norm / norm)"},
    {"max_norm / norm if norm > max_norm else 1.0": "min(1.0, norm / max_norm)"},
)
CLIP_GRADIENTS.mistake(
    "norms of the arrays added up",
    "As a rule, long gradients come back too short. The norms of the parts do not add up to the "
    "norm of the whole: their squares do, as in Pythagoras' theorem.",
    {
        "np.sqrt": "sum",
        "sum(np.sum(array**2) for array in grads.values())": (
            "(np.linalg.norm(array) for array in grads.values())"
        ),
    },
)
CLIP_GRADIENTS.mistake(
    "square root left out",
    "As a rule, long gradients come back too short, and some short ones are shortened too: the "
    "square of the norm was compared with max_norm. The norm is the root of the sum of squares.",
    {
        "np.sqrt": "sum",
        "sum(np.sum(array**2) for array in grads.values())": (
            "(np.sum(array**2) for array in grads.values())"
        ),
    },
)
CLIP_GRADIENTS.mistake(
    "largest of the arrays' norms",
    "As a rule, long gradients come back too long: with the longest array brought down to "
    "max_norm, all together still have more. Where no array by itself is longer than max_norm, "
    "they even come back unchanged. The norm is that of all arrays together, as of one long "
    "vector.",
    {
        "np.sqrt": "max",
        "sum(np.sum(array**2) for array in grads.values())": (
            "(np.linalg.norm(array) for array in grads.values())"
        ),
    },
    fails="all but short",
)
CLIP_GRADIENTS.mistake(
    "largest entry for the norm",
    "As a rule, long gradients come back too long: with the largest entry brought down to "
    "max_norm, their norm is still more. Where no entry is beyond max_norm, they even come back "
    "unchanged. The norm in the equation is the root of the sum of all squares.",
    {
        "np.sqrt": "max",
        "sum(np.sum(array**2) for array in grads.values())": (
            "(np.max(np.abs(array)) for array in grads.values())"
        ),
    },
    fails="all but short",
)


@CLIP_GRADIENTS.mistake(
    "mean of the squares instead of their sum",
    "Long gradients come back too long, by the root of the number of entries, or unchanged, where "
    "the root of the mean is below max_norm. The norm is the root of the sum of all squares; with "
    "a mean, a larger network would be allowed longer gradients.",
    fails="all but short",
)
def clip_gradients_root_mean_square(grads, max_norm):
    norm = np.sqrt(np.mean(np.concatenate([array.ravel() for array in grads.values()]) ** 2))
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: scale * array for name, array in grads.items()}


CLIP_GRADIENTS.mistake(
    "sum of absolute values for the norm",
    "As a rule, long gradients come back too short, and some short ones are shortened too. Such a "
    "sum is another norm; the one in the equation is the root of the sum of squares.",
    {
        "np.sqrt": "sum",
        "sum(np.sum(array**2) for array in grads.values())": (
            "(np.sum(np.abs(array)) for array in grads.values())"
        ),
    },
)
CLIP_GRADIENTS.mistake(
    "x and h0 left out of the norm",
    "Long gradients come back too long: the norm was taken over the parameters alone. The "
    "gradients may come under any keys, and all of them belong to the norm.",
    {
        "(np.sum(array**2) for array in grads.values())": (
            '(np.sum(grads[name] ** 2) for name in "UWVbc")'
        ),
    },
    fails="long norm",
)


@CLIP_GRADIENTS.another(
    "x and h0 left out of the norm",
    fails="long short norm",
)
def clip_gradients_parameters_only_scaled(grads, max_norm):
    norm = np.sqrt(sum(np.sum(grads[name] ** 2) for name in "UWVbc"))
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: scale * grads[name] if name in "UWVbc" else grads[name] for name in grads}


CLIP_GRADIENTS.mistake(
    "zero divided by zero",
    "Gradients that are all zero come back as NaN; everything else is right. The arrays were "
    "divided by their norm to get the direction alone, and zeros have none: 0 / 0 is NaN. Zeros "
    "are short enough to keep their values.",
    {"scale * array": "array / norm * min(norm, max_norm)"},
    fails="zero",
)
CLIP_GRADIENTS.mistake(
    "gradients of the caller changed",
    "What comes back is right, but the caller's own gradients have been scaled too. For example, "
    "*= writes into their arrays, and an assignment to a key writes into their dict. Both are to "
    "stay as they were.",
    {
        "scale = max_norm / norm if norm > max_norm else 1.0": (
            "if norm > max_norm:\n    for name in grads:\n        grads[name] *= max_norm / norm"
        ),
        "{name: scale * array for name, array in grads.items()}": "grads",
    },
    fails="short",
)
CLIP_GRADIENTS.mistake(
    "arrays left flat",
    "The numbers are right, but the arrays came back as vectors. Each gradient keeps the shape of "
    "its array, since it is subtracted from it.",
    {
        "norm =": "flat = {name: array.ravel() for name, array in grads.items()}\nnorm =",
        "{name: scale * array for name, array in grads.items()}": (
            "{name: scale * vector for name, vector in flat.items()}"
        ),
    },
)
