"""Classic mistakes of hw2_patterns: each is a change of the solution, or a function."""

import graphviz
import numpy as np

from autograder.course.catalogue import Exercise
from solutions.hw2_patterns.solution import hidden_recurrence, rnn_step

# --- rnn_step ----------------------------------------------------------------------------

RNN_STEP = Exercise(
    "rnn_step",
    single="test_a_single_sequence_gets_its_state",
    batch="test_a_batch_gets_a_state_for_each_of_its_sequences",
    large="test_a_step_is_right_where_sums_are_large",
    unchanged="test_a_step_is_right_each_time_and_leaves_its_arguments_alone",
)
RNN_STEP.mistake(
    "W not transposed",
    "The shape is right and the numbers are wrong, even for a single sequence. W is square, so "
    "both W and its transpose fit, and no error warns you. Compare the term of h with the "
    'transposed equation in "One step".',
    {'params["W"].T': 'params["W"]'},
)
RNN_STEP.mistake(
    "equation for columns applied to rows",
    "As a rule, the matrix product stops with an error about shapes. The equation of the book "
    "treats one sequence as a column; here each sequence is a row of the batch. The transposed "
    'equation in "One step" says what stands on which side.',
    {'h_prev @ params["W"].T': 'params["W"] @ h_prev'},
    {'h_prev @ params["W"].T': 'np.dot(params["W"], h_prev)'},
)
RNN_STEP.mistake(
    "states come back as columns",
    "The numbers are right, but the result is (H, N) and not (N, H): each sequence has become a "
    "column. Inputs and previous states hold the sequences as rows, and so must the result, or "
    "the next step cannot use it.",
    {
        "return": 'a = params["W"] @ h_prev.T + params["U"] @ x_t.T\nreturn',
        'params["b"] + h_prev @ params["W"].T': 'params["b"][:, None]',
        'x_t @ params["U"].T': "a",
    },
)
RNN_STEP.mistake(
    "result reshaped instead of transposed",
    "A single sequence is right; with more, the right numbers stand in the wrong places. A "
    "reshape reads the numbers on in their old order and cuts them into new rows; only a "
    "transpose makes columns into rows.",
    {
        "return": 'a = params["W"] @ h_prev.T + params["U"] @ x_t.T\nreturn',
        "np.tanh": 'np.tanh(params["b"][:, None] + a).reshape',
        'params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T': "h_prev.shape",
    },
    fails="all but single",
)
RNN_STEP.mistake(
    "U reshaped instead of transposed",
    "The shape is right and the numbers are wrong. A reshape of U to (D, H) reads its numbers on "
    "in their old order, so the weights meet the wrong inputs; a transpose exchanges rows and "
    "columns.",
    {
        "return": 'U = params["U"].reshape(x_t.shape[1], h_prev.shape[1])\nreturn',
        'params["U"].T': "U",
    },
)
RNN_STEP.mistake(
    "bias missing",
    "Every hidden unit is off, each by its own amount. The sum a_t has three terms (equation "
    "10.8), and here it has two: b is not used.",
    {'params["b"] + h_prev @ params["W"].T': 'h_prev @ params["W"].T'},
)


@RNN_STEP.mistake(
    "bias added twice",
    "Every hidden unit is off, each by its own amount. Some libraries have two biases, one with U "
    "and one with W; the equation here has a single b, which enters the sum a_t once.",
)
def step_bias_twice(x_t, h_prev, params):
    from_input = x_t @ params["U"].T + params["b"]
    from_state = h_prev @ params["W"].T + params["b"]
    return np.tanh(from_input + from_state)


@RNN_STEP.mistake(
    "bias added after tanh",
    "Some states can lie outside -1 to 1. The bias belongs to the sum a_t (equation 10.8), and "
    "tanh is taken of the whole sum; here b comes after it.",
)
def step_bias_after_tanh(x_t, h_prev, params):
    return params["b"] + np.tanh(h_prev @ params["W"].T + x_t @ params["U"].T)


@RNN_STEP.mistake(
    "tanh of each term",
    "The terms were squashed one by one, so a state can be as large as 2 or 3. tanh of a sum is "
    "not the sum of the tanhs: first comes the whole sum a_t, then one tanh.",
)
def step_tanh_of_each_term(x_t, h_prev, params):
    from_state, from_input = h_prev @ params["W"].T, x_t @ params["U"].T
    return np.tanh(params["b"]) + np.tanh(from_state) + np.tanh(from_input)


@RNN_STEP.another(
    "tanh of each term",
)
def step_bias_with_the_state(x_t, h_prev, params):
    from_state = params["b"] + h_prev @ params["W"].T
    return np.tanh(from_state) + np.tanh(x_t @ params["U"].T)


@RNN_STEP.another(
    "tanh of each term",
)
def step_bias_with_the_input(x_t, h_prev, params):
    from_input = params["b"] + x_t @ params["U"].T
    return np.tanh(h_prev @ params["W"].T) + np.tanh(from_input)


@RNN_STEP.another(
    "tanh of each term",
)
def step_bias_as_it_is(x_t, h_prev, params):
    return params["b"] + np.tanh(h_prev @ params["W"].T) + np.tanh(x_t @ params["U"].T)


@RNN_STEP.mistake(
    "input added after tanh",
    "States can lie far outside -1 to 1. The term of the input, U x_t, belongs to the sum a_t "
    "(equation 10.8) of which tanh is taken. Look at what tanh is taken of in your code.",
)
def step_input_after_tanh(x_t, h_prev, params):
    return np.tanh(params["b"] + h_prev @ params["W"].T) + x_t @ params["U"].T


@RNN_STEP.mistake(
    "tanh taken of the previous state",
    "The result is not bounded, as a state is. tanh is taken of the sum a_t (equation 10.9); here "
    "it is taken of h_{t-1}, which was squashed when its own step was computed.",
)
def step_tanh_of_previous_state(x_t, h_prev, params):
    return params["b"] + np.tanh(h_prev) @ params["W"].T + x_t @ params["U"].T


@RNN_STEP.mistake(
    "no tanh",
    "What came back is the sum a_t itself, and it has no bounds. Equation 10.9 is still to come: "
    "it squashes each entry to a number between -1 and 1.",
)
def step_without_tanh(x_t, h_prev, params):
    return params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T


@RNN_STEP.mistake(
    "tanh taken twice",
    "All states are too close to 0, and none is beyond 0.762, the tanh of 1. Equation 10.9 takes "
    "tanh of the sum a_t once. Count the places where your code squashes.",
)
def step_tanh_twice(x_t, h_prev, params):
    return np.tanh(np.tanh(params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T))


@RNN_STEP.mistake(
    "sigmoid instead of tanh",
    "All states lie between 0 and 1, and none is negative. The sigmoid squashes to that range; "
    "equation 10.9 has the hyperbolic tangent, which reaches from -1 to 1.",
)
def step_sigmoid(x_t, h_prev, params):
    a = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    return 1.0 / (1.0 + np.exp(-a))


@RNN_STEP.mistake(
    "rectified linear unit instead of tanh",
    "No state is negative, some are exactly 0, and others may be larger than 1. max(0, a) is "
    "another activation; equation 10.9 has the hyperbolic tangent.",
)
def step_relu(x_t, h_prev, params):
    return np.maximum(0.0, params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T)


@RNN_STEP.mistake(
    "tanh written as a quotient of exponentials",
    "Moderate sums come out right; where a sum is beyond some hundreds, there is NaN. An "
    "exponential becomes infinite there, and the quotient infinity / infinity. numpy has a "
    "hyperbolic tangent of its own that is right for any number.",
    fails="large",
)
def step_tanh_from_exponentials(x_t, h_prev, params):
    a = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    return (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))


@RNN_STEP.another(
    "tanh written as a quotient of exponentials",
)
def step_tanh_from_one_exponential(x_t, h_prev, params):
    e = np.exp(2.0 * (params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T))
    return (e - 1.0) / (e + 1.0)


@RNN_STEP.another(
    "tanh written as a quotient of exponentials",
)
def step_tanh_from_falling_exponential(x_t, h_prev, params):
    e = np.exp(-2.0 * (params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T))
    return (1.0 - e) / (1.0 + e)


RNN_STEP.mistake(
    "previous state ignored",
    "The result depends on the input alone, as in a network without recurrence. The term W "
    "h_{t-1} of equation 10.8 is missing, the only one that carries the past.",
    {'params["b"] + h_prev @ params["W"].T': 'params["b"]'},
)


@RNN_STEP.mistake(
    "previous state added after tanh",
    "Some states can lie outside -1 to 1, and the result minus h_prev is right. The new state is "
    "tanh of the sum a_t and nothing else (equation 10.9); the old one enters through W alone, "
    "within the sum.",
)
def step_state_added(x_t, h_prev, params):
    return h_prev + np.tanh(params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T)


RNN_STEP.mistake(
    "input ignored",
    "The result depends on the previous state alone, whatever the input is. The term U x_t of "
    "equation 10.8 is missing.",
    {'x_t @ params["U"].T': "0.0 * x_t.sum()"},
)
RNN_STEP.mistake(
    "only the first sequence",
    "The state of the first sequence came back, with one axis. The arguments hold N sequences as "
    "rows, and the result must have a row for each. A matrix product treats all rows at once: no "
    "index is needed.",
    {
        'h_prev @ params["W"].T': 'params["W"] @ h_prev[0]',
        'x_t @ params["U"].T': 'params["U"] @ x_t[0]',
    },
)


@RNN_STEP.mistake(
    "state written into h_prev",
    "The result is right, but after the call h_prev holds it too, and the caller's old state is "
    "lost. Assigning to h_prev[:], for example, writes into the array that was handed over; the "
    "new state needs an array of its own.",
    fails="unchanged",
)
def step_in_place(x_t, h_prev, params):
    h_prev[:] = np.tanh(params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T)
    return h_prev


# --- hidden_recurrence -------------------------------------------------------------------

HIDDEN_RECURRENCE = Exercise(
    "hidden_recurrence",
    states="test_each_state_comes_from_the_one_before_it",
    outputs="test_each_state_gives_an_output",
    single="test_a_single_step_of_a_single_sequence_will_do",
    cut="test_a_run_is_right_and_goes_on_rightly_from_its_state",
    later="test_a_run_is_right_whatever_its_later_inputs_are",
    unchanged="test_pattern_1_is_right_each_time_and_leaves_its_arguments_alone",
)
HIDDEN_RECURRENCE.mistake(
    "output bias missing",
    "The states are right; in every output, class k is off by the same number at all steps and in "
    "all sequences. Equation 10.10 has two terms, and c is the one that is missing.",
    {'params["c"] + h @ params["V"].T': 'h @ params["V"].T'},
    fails="all but states",
)
HIDDEN_RECURRENCE.mistake(
    "tanh taken of the outputs",
    "The states are right, and all outputs lie between -1 and 1. Only the hidden units are "
    "squashed; o_t = c + V h_t (equation 10.10) is not, and has no bounds.",
    {'params["c"] + h @ params["V"].T': 'np.tanh(params["c"] + h @ params["V"].T)'},
    fails="all but states",
)
HIDDEN_RECURRENCE.mistake(
    "softmax taken of the outputs",
    "The states are right, and the outputs are positive and sum to 1: they are probabilities. "
    "Asked for are the unnormalised log-probabilities o_t (equation 10.10); the softmax follows "
    "in homework 3.",
    {
        "return": 'e = np.exp(params["c"] + h @ params["V"].T)\nreturn',
        'params["c"] + h @ params["V"].T': "e / e.sum(axis=-1, keepdims=True)",
    },
    fails="all but states",
)


@HIDDEN_RECURRENCE.mistake(
    "output computed from the state before",
    "The states are right, and every output comes one step late; the first is c + V h_0. In "
    "equation 10.10, o_t comes from h_t, the state after x_t has been read. Look at which comes "
    "first in your loop, the state or the output.",
    fails="all but states",
)
def hidden_output_of_state_before(x, h0, params):
    h, o, h_t = [], [], h0
    for x_t in x:
        o.append(params["c"] + h_t @ params["V"].T)
        h_t = rnn_step(x_t, h_t, params)
        h.append(h_t)
    return np.stack(h), np.stack(o)


@HIDDEN_RECURRENCE.mistake(
    "output computed before tanh",
    "The states are right and no output is. o_t is computed from h_t (equation 10.10), the state "
    "after tanh; here the sum a_t was used in its place.",
    fails="all but states",
)
def hidden_output_of_sum(x, h0, params):
    h, o, h_t = [], [], h0
    for x_t in x:
        a_t = params["b"] + h_t @ params["W"].T + x_t @ params["U"].T
        o.append(params["c"] + a_t @ params["V"].T)
        h_t = np.tanh(a_t)
        h.append(h_t)
    return np.stack(h), np.stack(o)


HIDDEN_RECURRENCE.mistake(
    "V reshaped instead of transposed",
    "The states are right; the outputs have the right shape and wrong numbers. A reshape of V to "
    "(H, K) reads its numbers on in their old order, so the weights meet the wrong units; a "
    "transpose exchanges rows and columns.",
    {'params["V"].T': 'params["V"].reshape(h.shape[-1], -1)'},
    fails="all but states",
)
HIDDEN_RECURRENCE.mistake(
    "initial state kept among the states",
    "h has T + 1 steps, and so has o where it was computed from all of them. The first is h0, the "
    "state before anything has been read, and all others stand one step too late: h[t] is the "
    "state after x[t].",
    {"states[1:]": "states", 'h @ params["V"].T': 'h[1:] @ params["V"].T'},
    fails="all but outputs",
)
HIDDEN_RECURRENCE.another(
    "initial state kept among the states",
    {"states[1:]": "states"},
    fails="all",
)
HIDDEN_RECURRENCE.mistake(
    "state stored before the step",
    "The states stand one step too late, and so do the outputs that were computed from the stored "
    "ones: h[0] is h0, and the last state is lost. h[t] is the state after x[t] has been read. "
    "Look at which comes first in your loop, the step or the storing.",
    {
        "states = [h0]": "h, h_t = [], h0",
        "states.append(rnn_step(x_t, states[-1], params))": (
            "h.append(h_t)\nh_t = rnn_step(x_t, h_t, params)"
        ),
        "states[1:]": "h",
    },
)


@HIDDEN_RECURRENCE.another(
    "state stored before the step",
    fails="all but outputs",
)
def hidden_state_alone_stored_before_step(x, h0, params):
    h, o, h_t = [], [], h0
    for x_t in x:
        h.append(h_t)
        h_t = rnn_step(x_t, h_t, params)
        o.append(params["c"] + h_t @ params["V"].T)
    return np.stack(h), np.stack(o)


HIDDEN_RECURRENCE.mistake(
    "first input skipped",
    "h[0] is h0, and the input x[0] never enters. h_0 is the state before x_1; the first row of h "
    "is h_1, the state after it. Count the turns of your loop for T = 1.",
    {
        "states = [h0]": "h = np.empty((len(x), *h0.shape))\nh[0] = h0",
        "for x_t in x:": "for t in range(1, len(x)):",
        "states.append(rnn_step(x_t, states[-1], params))": (
            "h[t] = rnn_step(x[t], h[t - 1], params)"
        ),
        "h = np.stack(states[1:])": "",
    },
)


@HIDDEN_RECURRENCE.mistake(
    "last step left out",
    "All steps but the last are right, and at the last one the states are 0: it was not computed, "
    "as where a loop ends one step too early. Which steps are computed when T is 1?",
)
def hidden_last_step_left_out(x, h0, params):
    h, h_t = np.zeros((len(x), *h0.shape)), h0
    for t in range(len(x) - 1):
        h_t = rnn_step(x[t], h_t, params)
        h[t] = h_t
    return h, params["c"] + h @ params["V"].T


@HIDDEN_RECURRENCE.another(
    "last step left out",
)
def hidden_last_output_left_out(x, h0, params):
    T, N, _ = x.shape
    h, o, h_t = np.zeros((T, *h0.shape)), np.zeros((T, N, len(params["c"]))), h0
    for t in range(T - 1):
        h_t = h[t] = rnn_step(x[t], h_t, params)
        o[t] = params["c"] + h_t @ params["V"].T
    return h, o


@HIDDEN_RECURRENCE.mistake(
    "initial state ignored",
    "The result is the one for h0 = 0, so it is wrong from the first step on. Either zeros stand "
    "in place of h0, or h[t-1] was read at t = 0: Python takes h[-1] for the last step, and there "
    "is no error.",
)
def hidden_initial_state_ignored(x, h0, params):
    h = np.zeros((len(x), *h0.shape))
    for t in range(len(x)):
        h[t] = rnn_step(x[t], h[t - 1], params)
    return h, params["c"] + h @ params["V"].T


HIDDEN_RECURRENCE.mistake(
    "every step starts from the initial state",
    "The first step is right and no other: each state depends on its own input and h0 alone. In "
    "the equation, h_t comes from h_{t-1}. Look at which variable is handed to the step, and "
    "whether it ever changes.",
    {"states[1:]": "[rnn_step(x_t, h0, params) for x_t in x]"},
    fails="all but single",
)
HIDDEN_RECURRENCE.mistake(
    "one buffer stored at all steps",
    "All steps of h are equal: each is the last state. The list holds the same array T times, and "
    "every step wrote its numbers into it. Each state needs an array of its own.",
    {
        "states = [h0]": "h, h_t = [], h0.copy()",
        "states.append(": "h_t[:] = rnn_step(x_t, h_t, params)\nh.append(",
        "rnn_step(x_t, states[-1], params)": "h_t",
        "states[1:]": "h",
    },
    fails="all but single",
)


@HIDDEN_RECURRENCE.another(
    "one buffer stored at all steps",
    fails="all but outputs single",
)
def hidden_one_buffer_and_right_outputs(x, h0, params):
    h, o, h_t = [], [], h0.copy()
    for x_t in x:
        h_t[:] = rnn_step(x_t, h_t, params)
        h.append(h_t)
        o.append(params["c"] + h_t @ params["V"].T)
    return np.stack(h), np.stack(o)


HIDDEN_RECURRENCE.another(
    "one buffer stored at all steps",
    {
        "states = [h0]": "h, h_t = [], h0",
        "states.append(": "h_t[:] = rnn_step(x_t, h_t, params)\nh.append(",
        "rnn_step(x_t, states[-1], params)": "h_t",
        "states[1:]": "h",
    },
)


@HIDDEN_RECURRENCE.another(
    "one buffer stored at all steps",
    fails="all but outputs single",
)
def hidden_h0_as_the_buffer_and_right_outputs(x, h0, params):
    h, o, h_t = [], [], h0
    for x_t in x:
        h_t[:] = rnn_step(x_t, h_t, params)
        h.append(h_t)
        o.append(params["c"] + h_t @ params["V"].T)
    return np.stack(h), np.stack(o)


HIDDEN_RECURRENCE.mistake(
    "time reversed",
    "The inputs were read from the last to the first, so that h[0] has read x[-1]. The state h_t "
    "follows h_{t-1}: the loop starts with x[0] and goes forwards.",
    {"for x_t in x:": "for x_t in x[::-1]:"},
    fails="all but single",
)


@HIDDEN_RECURRENCE.another(
    "time reversed",
)
def hidden_filled_from_the_end(x, h0, params):
    h, h_t = np.empty((len(x), *h0.shape)), h0
    for t in reversed(range(len(x))):
        h_t = h[t] = rnn_step(x[t], h_t, params)
    return h, params["c"] + h @ params["V"].T


HIDDEN_RECURRENCE.mistake(
    "input of the step before",
    "Step t read x[t-1], and the first step read the last input, since x[-1] counts from the end. "
    "A single step is right. h_t comes from the state of the step before and the input of its own.",
    {
        "for x_t in x:": "for t in range(len(x)):",
        "rnn_step(x_t, states[-1], params)": "rnn_step(x[t - 1], states[-1], params)",
    },
    fails="all but single",
)
HIDDEN_RECURRENCE.mistake(
    "batch taken for time",
    "A single step of a single sequence works; otherwise shapes do not fit, as a rule. The loop "
    "ran over the sequences, as though x were (N, T, D). Time is the first axis here, x is (T, N, "
    'D), and x[t] holds one step of all sequences (table in "Notation").',
    {
        "for x_t in x:": "for t in range(x.shape[1]):",
        "rnn_step(x_t, states[-1], params)": "rnn_step(x[:, t], states[-1], params)",
        "np.stack(states[1:])": "np.stack(states[1:], axis=1)",
    },
    fails="all but single",
)
HIDDEN_RECURRENCE.mistake(
    "sequences on the first axis",
    "The numbers are right, but h is (N, T, H) and o is (N, T, K). Time comes first in this "
    "course, in the results as in x: steps are stacked along the first axis.",
    {"np.stack(states[1:])": "np.stack(states[1:], axis=1)"},
    fails="all but single",
)
HIDDEN_RECURRENCE.mistake(
    "steps and sequences exchanged by a reshape",
    "The shapes are right, and the right numbers stand in the wrong places: steps and sequences "
    "are mixed. A reshape from (N, T, H) to (T, N, H) only cuts the same row of numbers into "
    "other pieces; axes are exchanged by a transpose.",
    {
        "states =": "T, N, _ = x.shape\nstates =",
        "np.stack(states[1:])": "np.stack(states[1:], axis=1).reshape(T, N, -1)",
    },
    fails="all but single",
)
HIDDEN_RECURRENCE.mistake(
    "state carried over to the next sequence",
    "The first sequence is right and no other: each goes on from the last state of the one "
    "before. Sequences of a batch never mix. Sequence n starts from its own row of h0.",
    {
        "states = [h0]": "T, N, _ = x.shape\nh, h_t = np.empty((T, *h0.shape)), h0[:1]",
        "for x_t in x:": "for n in range(N):",
        "states.append(rnn_step(x_t, states[-1], params))": (
            "for t in range(T):\n"
            "    h_t = rnn_step(x[t, n : n + 1], h_t, params)\n"
            "    h[t, n] = h_t[0]"
        ),
        "h = np.stack(states[1:])": "",
    },
    fails="all but single",
)


@HIDDEN_RECURRENCE.mistake(
    "output fed back instead of the state",
    "A single step works; from the second on shapes do not fit (unless H = K). This is pattern 2, "
    "where the edge W starts at o. In pattern 1, W is (H, H) and multiplies the state of the step "
    "before.",
    fails="all but single",
)
def hidden_output_fed_back(x, h0, params):
    h, o, fed_back = [], [], h0
    for x_t in x:
        h.append(rnn_step(x_t, fed_back, params))
        fed_back = params["c"] + h[-1] @ params["V"].T
        o.append(fed_back)
    return np.stack(h), np.stack(o)


HIDDEN_RECURRENCE.mistake(
    "tanh taken twice",
    "As a rule the states are too close to 0, and none is beyond 0.762, the tanh of 1. Equation "
    "10.9 takes tanh once, and `rnn_step` ends with it: what it returns is h_t already.",
    {"rnn_step(x_t, states[-1], params)": "np.tanh(rnn_step(x_t, states[-1], params))"},
)
HIDDEN_RECURRENCE.mistake(
    "result of the step added to the state",
    "States can lie outside -1 to 1, and the more so the longer the sequence. `rnn_step` gives "
    "the next state itself, not by how much the state changes: in equation 10.9 no old state "
    "stands beside the tanh.",
    {
        "states = [h0]": "h, h_t = [], h0",
        "states.append(": "h_t = h_t + rnn_step(x_t, h_t, params)\nh.append(",
        "rnn_step(x_t, states[-1], params)": "h_t",
        "states[1:]": "h",
    },
)
HIDDEN_RECURRENCE.mistake(
    "W not transposed",
    "The shapes are right and the states are wrong from the first step on. W is square, so both W "
    "and its transpose fit, and no error warns you. If your loop calls `rnn_step`, look at its "
    "check first; if it has a formula of its own, compare that with the transposed equation in "
    '"One step".',
    {
        "states = [h0]": "h, h_t = [], h0",
        "states.append(": (
            'h_t = np.tanh(params["b"] + h_t @ params["W"] + x_t @ params["U"].T)\nh.append('
        ),
        "rnn_step(x_t, states[-1], params)": "h_t",
        "states[1:]": "h",
    },
)
HIDDEN_RECURRENCE.mistake(
    "bias of the hidden units missing",
    "The states are wrong from the first step on, and the outputs with them. The sum a_t has "
    "three terms (equation 10.8), and in the step that your loop makes (or in `rnn_step`, if it "
    "calls that) b is not among them.",
    {
        "states = [h0]": "h, h_t = [], h0",
        "states.append(": 'h_t = np.tanh(h_t @ params["W"].T + x_t @ params["U"].T)\nh.append(',
        "rnn_step(x_t, states[-1], params)": "h_t",
        "states[1:]": "h",
    },
)
HIDDEN_RECURRENCE.mistake(
    "an output at the last step only",
    "o has two axes, (N, K): it was computed once, after the loop, from the last state. That is "
    "pattern 3. Pattern 1 has an output for each state in h.",
    {
        'h, params["c"] + h @ params["V"].T': (
            'np.stack(states[1:]), params["c"] + states[-1] @ params["V"].T'
        ),
    },
    fails="all but states",
)
HIDDEN_RECURRENCE.mistake(
    "outputs and states exchanged",
    "Both results are right, but they come in the other order. The function returns `(h, o)`: the "
    "states first.",
    {'h, params["c"] + h @ params["V"].T': 'params["c"] + h @ params["V"].T, h'},
)


@HIDDEN_RECURRENCE.mistake(
    "h0 changed in place",
    "The result is right, but after the call h0 holds the last state, and the caller's start is "
    "lost. A plain assignment such as `state = h0` makes no copy: writing into the one changes "
    "the other.",
    fails="unchanged",
)
def hidden_in_place(x, h0, params):
    state, h = h0, np.empty((len(x), *h0.shape))
    for t in range(len(x)):
        state[:] = rnn_step(x[t], state, params)
        h[t] = state
    return h, params["c"] + h @ params["V"].T


# --- output_recurrence -------------------------------------------------------------------

OUTPUT_RECURRENCE = Exercise(
    "output_recurrence",
    each="test_each_state_comes_from_the_output_before_it",
    first="test_a_single_step_that_is_fed_with_o0_is_right",
    future="test_a_run_is_right_and_goes_on_rightly_from_its_output_alone",
    more="test_there_may_be_more_outputs_than_hidden_units",
    later="test_pattern_2_is_right_whatever_its_later_inputs_are",
    unchanged="test_pattern_2_is_right_each_time_and_leaves_its_arguments_alone",
)
OUTPUT_RECURRENCE.mistake(
    "state fed back instead of the output",
    "A single step works; from the second on shapes do not fit (unless H = K). This is pattern 1. "
    "In pattern 2 the edge W starts at o, W is (H, K), and it multiplies the output of the step "
    "before.",
    {
        "h, o = [], [o0]": "h, fed_back = [], o0",
        "h.append(": "fed_back = rnn_step(x_t, fed_back, params)\nh.append(",
        "rnn_step(x_t, o[-1], params)": "fed_back",
        'o.append(params["c"] + h[-1] @ params["V"].T)': "",
        "return": "h = np.stack(h)\nreturn",
        "np.stack(h), np.stack(o[1:])": 'h, params["c"] + h @ params["V"].T',
    },
    fails="all but first",
)
OUTPUT_RECURRENCE.mistake(
    "softmax of the output fed back",
    "The first step is right; after it the network is fed with probabilities. In this homework o "
    "is fed back as it is (a_t = b + W o_{t-1} + U x_t). The softmax enters the recurrence in "
    "homework 5.",
    {
        "h, o = [], [o0]": "h, o, fed_back = [], [], o0",
        "rnn_step(x_t, o[-1], params)": "rnn_step(x_t, fed_back, params)",
        'o.append(params["c"] + h[-1] @ params["V"].T)': (
            'o.append(params["c"] + h[-1] @ params["V"].T)\n'
            "e = np.exp(o[-1])\n"
            "fed_back = e / e.sum(axis=-1, keepdims=True)"
        ),
        "np.stack(o[1:])": "np.stack(o)",
    },
    fails="all but first",
)
OUTPUT_RECURRENCE.mistake(
    "softmax of everything fed back, o0 included",
    "Even the first step is wrong, since o0 was turned into probabilities too. In this homework "
    "what is fed back, from o0 on, enters the sum a_t = b + W o_{t-1} + U x_t as it is.",
    {
        "h, o = [], [o0]": "h, o, o_t = [], [], o0",
        "h.append(": "e = np.exp(o_t)\nh.append(",
        "rnn_step(x_t, o[-1], params)": "rnn_step(x_t, e / e.sum(axis=-1, keepdims=True), params)",
        "o.append(": 'o_t = params["c"] + h[-1] @ params["V"].T\no.append(',
        "np.stack(o[1:])": "np.stack(o)",
    },
)
OUTPUT_RECURRENCE.mistake(
    "tanh of the output fed back",
    "The first step is right; after it the network is fed with numbers between -1 and 1. tanh is "
    "for the hidden units alone: o is fed back as it is.",
    {
        "h, o = [], [o0]": "h, o, fed_back = [], [], o0",
        "rnn_step(x_t, o[-1], params)": "rnn_step(x_t, fed_back, params)",
        'o.append(params["c"] + h[-1] @ params["V"].T)': (
            'o.append(params["c"] + h[-1] @ params["V"].T)\nfed_back = np.tanh(o[-1])'
        ),
        "np.stack(o[1:])": "np.stack(o)",
    },
    fails="all but first",
)
OUTPUT_RECURRENCE.mistake(
    "likeliest class fed back",
    "The first step is right; after it the network is fed with ones and zeros, a 1 for the class "
    "with the largest output. What is fed back here is o itself, with all its numbers.",
    {
        "h, o = [], [o0]": "h, o, fed_back = [], [], o0",
        "rnn_step(x_t, o[-1], params)": "rnn_step(x_t, fed_back, params)",
        'o.append(params["c"] + h[-1] @ params["V"].T)': (
            'o.append(params["c"] + h[-1] @ params["V"].T)\n'
            "fed_back = np.eye(o0.shape[1])[o[-1].argmax(axis=1)]"
        ),
        "np.stack(o[1:])": "np.stack(o)",
    },
    fails="all but first",
)
OUTPUT_RECURRENCE.mistake(
    "output fed back without its bias",
    "The first step is right; after it the network is fed with V h, whereas o = c + V h. If you "
    "fed the state through the product W V, look at the other term in the same line of algebra "
    '("What pattern 2 gives up").',
    {
        "h, o = [], [o0]": "h, fed_back = [], o0",
        "rnn_step(x_t, o[-1], params)": "rnn_step(x_t, fed_back, params)",
        'o.append(params["c"] + h[-1] @ params["V"].T)': 'fed_back = h[-1] @ params["V"].T',
        "return": "h = np.stack(h)\nreturn",
        "np.stack(h), np.stack(o[1:])": 'h, params["c"] + h @ params["V"].T',
    },
    fails="all but first",
)
OUTPUT_RECURRENCE.mistake(
    "output bias missing",
    "The first state is right, its output is not, and everything after it is wrong too, because "
    "the output is fed back. o_t has two terms, and c is the one that is missing.",
    {'params["c"] + h[-1] @ params["V"].T': 'h[-1] @ params["V"].T'},
)
OUTPUT_RECURRENCE.mistake(
    "tanh taken of the outputs",
    "The first state is right, and all outputs lie between -1 and 1, both in the result and where "
    "they are fed back. Only the hidden units are squashed; o_t = c + V h_t has no bounds.",
    {'params["c"] + h[-1] @ params["V"].T': 'np.tanh(params["c"] + h[-1] @ params["V"].T)'},
)
OUTPUT_RECURRENCE.mistake(
    "softmax taken of the outputs",
    "The first state is right, and the outputs are positive and sum to 1, both in the result and "
    "where they are fed back. In this homework o_t = c + V h_t stays unnormalised.",
    {
        "o.append(": 'e = np.exp(params["c"] + h[-1] @ params["V"].T)\no.append(',
        'params["c"] + h[-1] @ params["V"].T': "e / e.sum(axis=-1, keepdims=True)",
    },
)


@OUTPUT_RECURRENCE.mistake(
    "initial output ignored",
    "The result is the one for o0 = 0, so it is wrong from the first step on. Either zeros stand "
    "in place of o0, or o[t-1] was read at t = 0: Python takes o[-1] for the last step, and there "
    "is no error.",
)
def output_initial_output_ignored(x, o0, params):
    T, N, _ = x.shape
    h, o = np.zeros((T, N, len(params["b"]))), np.zeros((T, *o0.shape))
    for t in range(T):
        h[t] = rnn_step(x[t], o[t - 1], params)
        o[t] = params["c"] + h[t] @ params["V"].T
    return h, o


@OUTPUT_RECURRENCE.mistake(
    "every step fed with the initial output",
    "The first step is right and no other: each state depends on its own input and o0 alone. a_t "
    "holds o_{t-1}, so each output must be there before the next step. It cannot wait until the "
    "loop is over.",
    fails="all but first",
)
def output_always_from_o0(x, o0, params):
    h = np.stack([rnn_step(x_t, o0, params) for x_t in x])
    return h, params["c"] + h @ params["V"].T


OUTPUT_RECURRENCE.mistake(
    "output of two steps before fed back",
    "The first step is right, and the second is fed with o0 once more. From there on each step "
    "gets o_{t-2} where the equation has o_{t-1}. Look at when the newest output is put where the "
    "next step finds it.",
    {
        "h, o = [], [o0]": "h, o, fed_back = [], [o0], o0",
        "rnn_step(x_t, o[-1], params)": "rnn_step(x_t, fed_back, params)",
        "o.append(": "fed_back = o[-1]\no.append(",
    },
    fails="all but first",
)
OUTPUT_RECURRENCE.mistake(
    "outputs returned one step late",
    "The states are right, and o[0] is o0: what came back is what each step was fed with. The "
    "output o[t] is the one computed from h[t].",
    {"np.stack(o[1:])": "np.stack(o[:-1])"},
)
OUTPUT_RECURRENCE.mistake(
    "initial output kept among the outputs",
    "The states are right, but o has T + 1 steps: its first is o0, which the caller has already. "
    "o[t] is the output computed from h[t].",
    {"np.stack(o[1:])": "np.stack(o)"},
)


@OUTPUT_RECURRENCE.mistake(
    "last step left out",
    "All steps but the last are right, and at the last one states and outputs are 0: it was not "
    "computed, as where a loop ends one step too early. Which steps are computed when T is 1?",
)
def output_last_step_left_out(x, o0, params):
    T, N, _ = x.shape
    h, o, o_t = np.zeros((T, N, len(params["b"]))), np.zeros((T, *o0.shape)), o0
    for t in range(T - 1):
        h[t] = rnn_step(x[t], o_t, params)
        o_t = o[t] = params["c"] + h[t] @ params["V"].T
    return h, o


OUTPUT_RECURRENCE.mistake(
    "W reshaped instead of transposed",
    "The shapes are right, and the numbers are wrong from the first step on. A reshape of W to "
    "(K, H) reads its numbers on in their old order, so the weights meet the wrong outputs; a "
    "transpose exchanges rows and columns.",
    {
        "h, o =": 'W = params["W"].reshape(o0.shape[1], -1)\nh, o =',
        "rnn_step(x_t, o[-1], params)": 'np.tanh(params["b"] + o[-1] @ W + x_t @ params["U"].T)',
    },
)
OUTPUT_RECURRENCE.mistake(
    "bias of the hidden units missing",
    "The states are wrong from the first step on, and the outputs with them. The sum a_t has "
    "three terms, and in the step that your loop makes (or in `rnn_step`, if it calls that) b is "
    "not among them.",
    {"rnn_step(x_t, o[-1], params)": 'np.tanh(o[-1] @ params["W"].T + x_t @ params["U"].T)'},
)
OUTPUT_RECURRENCE.mistake(
    "tanh taken twice",
    "As a rule the states are too close to 0, and none is beyond 0.762, the tanh of 1. Equation "
    "10.9 takes tanh once, and `rnn_step` ends with it: what it returns is h_t already.",
    {"rnn_step(x_t, o[-1], params)": "np.tanh(rnn_step(x_t, o[-1], params))"},
)
OUTPUT_RECURRENCE.mistake(
    "one buffer stored at all steps",
    "The states are right, and all steps of o are equal: each is the last output. The list holds "
    "the same array T times, and every step wrote its numbers into it. Each output needs an array "
    "of its own.",
    {
        "h, o = [], [o0]": "h, o, o_t = [], [], o0.copy()",
        "rnn_step(x_t, o[-1], params)": "rnn_step(x_t, o_t, params)",
        "o.append(": 'o_t[:] = params["c"] + h[-1] @ params["V"].T\no.append(',
        'params["c"] + h[-1] @ params["V"].T': "o_t",
        "np.stack(o[1:])": "np.stack(o)",
    },
    {
        "h, o = [], [o0]": "h, o, o_t = [], [], o0",
        "rnn_step(x_t, o[-1], params)": "rnn_step(x_t, o_t, params)",
        "o.append(": 'o_t[:] = params["c"] + h[-1] @ params["V"].T\no.append(',
        'params["c"] + h[-1] @ params["V"].T': "o_t",
        "np.stack(o[1:])": "np.stack(o)",
    },
    fails="all but first",
)
OUTPUT_RECURRENCE.mistake(
    "input of the step before",
    "Step t read x[t-1], and the first step read the last input, since x[-1] counts from the end. "
    "A single step is right. h_t comes from the output of the step before and the input of its "
    "own.",
    {
        "for x_t in x:": "for t in range(len(x)):",
        "rnn_step(x_t, o[-1], params)": "rnn_step(x[t - 1], o[-1], params)",
    },
    fails="all but first",
)
OUTPUT_RECURRENCE.mistake(
    "time reversed",
    "The inputs were read from the last to the first, so that h[0] has read x[-1]. The output o_t "
    "follows o_{t-1}: the loop starts with x[0] and goes forwards.",
    {"for x_t in x:": "for x_t in x[::-1]:"},
    fails="all but first",
)


@OUTPUT_RECURRENCE.another(
    "time reversed",
)
def output_filled_from_the_end(x, o0, params):
    T, N, _ = x.shape
    h, o, o_t = np.empty((T, N, len(params["b"]))), np.empty((T, *o0.shape)), o0
    for t in reversed(range(T)):
        h[t] = rnn_step(x[t], o_t, params)
        o_t = o[t] = params["c"] + h[t] @ params["V"].T
    return h, o


OUTPUT_RECURRENCE.mistake(
    "batch taken for time",
    "A single step of a single sequence works; otherwise shapes do not fit, as a rule. The loop "
    "ran over the sequences, as though x were (N, T, D). Time is the first axis here, x is (T, N, "
    'D), and x[t] holds one step of all sequences (table in "Notation").',
    {
        "for x_t in x:": "for t in range(x.shape[1]):",
        "rnn_step(x_t, o[-1], params)": "rnn_step(x[:, t], o[-1], params)",
    },
    fails="all but first",
)


@OUTPUT_RECURRENCE.mistake(
    "output carried over to the next sequence",
    "The first sequence is right and no other: each goes on from the last output of the one "
    "before. Sequences of a batch never mix. Sequence n starts from its own row of o0.",
    fails="all but first",
)
def output_carried_to_next_sequence(x, o0, params):
    T, N, _ = x.shape
    h, o, o_t = np.empty((T, N, len(params["b"]))), np.empty((T, *o0.shape)), o0[:1]
    for n in range(N):
        for t in range(T):
            h_t = rnn_step(x[t, n : n + 1], o_t, params)
            o_t = params["c"] + h_t @ params["V"].T
            h[t, n], o[t, n] = h_t[0], o_t[0]
    return h, o


OUTPUT_RECURRENCE.mistake(
    "outputs and states exchanged",
    "Both results are right, but they come in the other order. The function returns `(h, o)`: the "
    "states first.",
    {"np.stack(h), np.stack(o[1:])": "np.stack(o[1:]), np.stack(h)"},
)
OUTPUT_RECURRENCE.mistake(
    "o0 changed in place",
    "The result is right, but after the call o0 holds the last output, and the caller's start is "
    "lost. A plain assignment such as `fed_back = o0` makes no copy: writing into the one changes "
    "the other.",
    {
        "h, o = [], [o0]": "h, o, fed_back = [], [], o0",
        "rnn_step(x_t, o[-1], params)": "rnn_step(x_t, fed_back, params)",
        "o.append(": 'fed_back[:] = params["c"] + h[-1] @ params["V"].T\no.append(',
        "np.stack(o[1:])": "np.stack(o)",
    },
    fails="unchanged",
)

# --- single_output -----------------------------------------------------------------------

SINGLE_OUTPUT = Exercise(
    "single_output",
    last="test_without_lengths_the_output_comes_from_the_last_step",
    states="test_the_states_of_all_steps_come_back",
    lengths="test_with_lengths_each_output_comes_from_its_own_last_step",
    real="test_with_lengths_the_states_of_real_steps_are_right",
    padding="test_the_outputs_are_right_whatever_the_padding_holds",
    one="test_a_sequence_may_end_with_its_first_step",
    unchanged="test_pattern_3_is_right_each_time_and_leaves_its_arguments_alone",
)
SINGLE_OUTPUT.mistake(
    "lengths ignored",
    "Only sequences that fill all T steps are right; the others have the output of step T, where "
    "the network has read padding. The output of sequence n belongs to its own last step "
    '("Sequences of different lengths").',
    {"last, np.arange(N)": "-1"},
    fails="lengths padding one unchanged",
)
SINGLE_OUTPUT.mistake(
    "lengths used as indices",
    "Where a sequence fills all T steps, there is an IndexError; without such a one, each "
    "sequence has the output of its first step of padding. Lengths count from 1, arrays count "
    "from 0.",
    {"o[last, np.arange(N)]": "o[-1] if lengths is None else o[lengths, np.arange(len(lengths))]"},
    fails="all but last states",
)
SINGLE_OUTPUT.mistake(
    "one step too late",
    "Sequences that fill all T steps are right; a shorter one has the output of its first step of "
    "padding. Lengths count from 1, arrays count from 0. Limiting the index to T - 1 would hide "
    "the error message, not the mistake.",
    {"lengths - 1": "np.minimum(lengths, T - 1)"},
    fails="lengths padding one unchanged",
)
SINGLE_OUTPUT.mistake(
    "one step too early",
    "With lengths, as a rule, each output is the one of the last real step but one; a sequence of "
    "one step has that of step T, since the index -1 counts from the end. Step number "
    "`lengths[n]`, counted from 1, is the last real one.",
    {
        "o[last, np.arange(N)]": (
            "o[-1] if lengths is None else o[lengths - 2, np.arange(len(lengths))]"
        ),
    },
    fails="lengths padding one unchanged",
)
SINGLE_OUTPUT.mistake(
    "lengths counted from the end",
    "Each output comes from step T - lengths[n], counted from 0. A negative index counts from the "
    "end of the array, and there the padding stands.",
    {"o[last, np.arange(N)]": "o[-1] if lengths is None else o[-lengths, np.arange(len(lengths))]"},
    fails="lengths padding one unchanged",
)
SINGLE_OUTPUT.mistake(
    "a slice over the sequences",
    "With lengths, o is (N, N, K): every length was applied to every sequence. An array and a "
    "slice are combined in all ways; two arrays of integers are taken in pairs.",
    {"o[last, np.arange(N)]": "o[-1] if lengths is None else o[lengths - 1, :]"},
    fails="all but last states real",
)
SINGLE_OUTPUT.mistake(
    "steps and sequences exchanged in the index",
    "With lengths there is an IndexError, or other sequences' outputs come back. o is (T, N, K): "
    "the first index is the step, the second the sequence.",
    {
        "o[last, np.arange(N)]": (
            "o[-1] if lengths is None else o[np.arange(len(lengths)), lengths - 1]"
        ),
    },
    fails="lengths real padding unchanged",
)
SINGLE_OUTPUT.mistake(
    "length of the first sequence taken for all",
    "The first sequence is right, and all others have the output of the step at which the first "
    "one ends. Each sequence has its own last step.",
    {"o[last, np.arange(N)]": "o[-1] if lengths is None else o[lengths[0] - 1]"},
    fails="lengths padding unchanged",
)
SINGLE_OUTPUT.mistake(
    "shortest length taken for all",
    "Only the shortest sequences are right; the others have an output from before their end. Each "
    "sequence has its own last step.",
    {"o[last, np.arange(N)]": "o[-1] if lengths is None else o[lengths.min() - 1]"},
    fails="lengths padding unchanged",
)
SINGLE_OUTPUT.mistake(
    "longest length taken for all",
    "Only the longest sequences are right; in the others the network has read padding. Each "
    "sequence has its own last step.",
    {"o[last, np.arange(N)]": "o[-1] if lengths is None else o[lengths.max() - 1]"},
    fails="lengths padding unchanged",
)


@SINGLE_OUTPUT.mistake(
    "outputs in the order of the lengths",
    "All outputs are there, but they belong to other sequences: the batch was sorted by length, "
    "and not brought back (the states may be in the other order, too). Row n of o belongs to "
    "sequence n.",
    fails="lengths padding unchanged",
)
def single_sorted_by_length(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    if lengths is None:
        return h, o[-1]
    order = np.argsort(-lengths, kind="stable")
    return h, o[lengths[order] - 1, order]


SINGLE_OUTPUT.another(
    "outputs in the order of the lengths",
    {
        "T, N, _ = x.shape": "if lengths is None:\n    return h, o[-1]",
        "last = T - 1 if lengths is None else lengths - 1": "order = np.argsort(lengths)[::-1]",
        "last, np.arange(N)": "lengths[order] - 1, order",
    },
)


@SINGLE_OUTPUT.another(
    "outputs in the order of the lengths",
    fails="lengths real padding unchanged",
)
def single_batch_sorted(x, h0, params, lengths=None):
    if lengths is None:
        h, o = hidden_recurrence(x, h0, params)
        return h, o[-1]
    order = np.argsort(-lengths, kind="stable")
    h, o = hidden_recurrence(x[:, order], h0[order], params)
    return h, o[lengths[order] - 1, np.arange(len(order))]


@SINGLE_OUTPUT.another(
    "outputs in the order of the lengths",
    fails="lengths real padding unchanged",
)
def single_batch_sorted_longest_first(x, h0, params, lengths=None):
    if lengths is None:
        h, o = hidden_recurrence(x, h0, params)
        return h, o[-1]
    order = np.argsort(lengths)[::-1]
    h, o = hidden_recurrence(x[:, order], h0[order], params)
    return h, o[lengths[order] - 1, np.arange(len(order))]


@SINGLE_OUTPUT.mistake(
    "inputs of the padding set to zero",
    "Sequences that fill all T steps are right, and the others have the output of step T. Where "
    "the input is 0, W and b go on working on the state all the same. What matters is the step "
    "that the output is taken from, not what the padding holds.",
    fails="lengths padding one unchanged",
)
def single_padding_zeroed(x, h0, params, lengths=None):
    if lengths is not None:
        real = np.arange(len(x))[:, None] < lengths
        x = x * real[:, :, None]
    h, o = hidden_recurrence(x, h0, params)
    return h, o[-1]


SINGLE_OUTPUT.mistake(
    "states of the padding set to zero",
    "A sequence that ends before step T gets the output c, the same whatever it held. Its state "
    "at step T was set to 0, and the output was taken from there. Its summary is the state of its "
    "own last step.",
    {
        "T, N, _ = x.shape\nlast = T - 1 if lengths is None else lengths - 1": (
            "if lengths is not None:\n"
            "    h = h * (np.arange(len(x))[:, None] < lengths)[:, :, None]"
        ),
        "o[last, np.arange(N)]": 'params["c"] + h[-1] @ params["V"].T',
    },
    fails="lengths padding one unchanged",
)


@SINGLE_OUTPUT.mistake(
    "mean of the outputs",
    "The output is the mean over all real steps, so only a sequence of a single step is right. In "
    "pattern 3 the last state summarises the sequence by itself: o = c + V h_T.",
    fails="last lengths padding unchanged",
)
def single_mean(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    if lengths is None:
        return h, o.mean(axis=0)
    real = (np.arange(len(x))[:, None] < lengths)[:, :, None]
    return h, (o * real).sum(axis=0) / lengths[:, None]


SINGLE_OUTPUT.mistake(
    "mean of the outputs, padding included",
    "The output is the mean over all T steps, and it changes with the padding. In pattern 3 the "
    "last state summarises the sequence by itself, and steps of padding have no say.",
    {"o[last, np.arange(N)]": "o.mean(axis=0)"},
    fails="all but states real",
)
SINGLE_OUTPUT.mistake(
    "last sequence taken for the last step",
    "Without lengths, o is (T, K): the outputs of the last sequence at all steps. Time is the "
    "first axis of (T, N, K), and `[:, -1]`, for example, picks from the second.",
    {
        "o[last, np.arange(N)]": (
            "o[:, -1] if lengths is None else o[lengths - 1, np.arange(len(lengths))]"
        ),
    },
    fails="last",
)
SINGLE_OUTPUT.mistake(
    "lengths required",
    "With lengths everything is right; without them there is a TypeError, for they are None. Then "
    "all sequences have T steps. Which is their last step?",
    {"last, np.arange(N)": "lengths - 1, np.arange(x.shape[1])"},
    {"o[last, np.arange(N)]": "np.stack([o[length - 1, n] for n, length in enumerate(lengths)])"},
    {"o[last, np.arange(N)]": "np.stack([o[lengths[n] - 1, n] for n in range(x.shape[1])])"},
    {"T, N, _": "n", "x.shape": "np.arange(len(lengths))", "last, np.arange(N)": "lengths - 1, n"},
    fails="last states",
)
SINGLE_OUTPUT.mistake(
    "truth of an array asked for",
    "As a rule, a ValueError says that the truth value of an array is ambiguous: `if lengths`, "
    "for example, cannot decide between several numbers. What do you want to know of it: are "
    "there lengths at all, or are they zero?",
    {
        "T, N, _ = x.shape\nlast = T - 1 if lengths is None else lengths - 1": (
            "if lengths:\n    return h, o[lengths - 1, np.arange(len(lengths))]"
        ),
        "last, np.arange(N)": "-1",
    },
    fails="lengths real padding unchanged",
)
SINGLE_OUTPUT.mistake(
    "an output at every step",
    "o has three axes: the outputs of all steps came back, as in pattern 1. Pattern 3 has one "
    "output for each sequence, the one after its last step.",
    {"h, o[last, np.arange(N)]": "hidden_recurrence(x, h0, params)"},
    fails="all but states real",
)
SINGLE_OUTPUT.mistake(
    "only the last state returned",
    "The outputs are right, but h has two axes: only the last states came back. h holds the "
    "states of all steps, (T, N, H).",
    {"h, o[last, np.arange(N)]": "h[last, np.arange(N)], o[last, np.arange(N)]"},
    {"h, o[last, np.arange(N)]": "h[-1], o[last, np.arange(N)]"},
    fails="states real",
)
SINGLE_OUTPUT.mistake(
    "output bias missing",
    "The states are right, and class k of the output is off by the same number in all sequences. "
    "o = c + V h_T has two terms, and c is the one that is missing.",
    {"o[last, np.arange(N)]": 'h[last, np.arange(N)] @ params["V"].T'},
    fails="all but states real",
)
SINGLE_OUTPUT.mistake(
    "softmax taken of the output",
    "The states are right, and the outputs are positive and sum to 1: they are probabilities. "
    "Asked for is the unnormalised o = c + V h_T; the softmax follows in homework 3.",
    {
        "return": "e = np.exp(o[last, np.arange(N)])\nreturn",
        "o[last, np.arange(N)]": "e / e.sum(axis=-1, keepdims=True)",
    },
    fails="all but states real",
)
SINGLE_OUTPUT.mistake(
    "tanh taken of the output",
    "The states are right, and all outputs lie between -1 and 1. Only the hidden units are "
    "squashed; o = c + V h_T is not, and has no bounds.",
    {"o[last, np.arange(N)]": "np.tanh(o[last, np.arange(N)])"},
    fails="all but states real",
)
SINGLE_OUTPUT.mistake(
    "initial state ignored",
    "All states are the ones for h0 = 0, so they are wrong from the first step on, and the "
    "outputs with them. The first step starts from h0, in this pattern as in pattern 1.",
    {"hidden_recurrence(x, h0, params)": "hidden_recurrence(x, np.zeros_like(h0), params)"},
)
SINGLE_OUTPUT.mistake(
    "lengths changed in place",
    "The outputs are right, but after the call all lengths are smaller by one, and the next call "
    "gives something else. An operator such as -= writes into the array that was handed over.",
    {
        "T, N, _ = x.shape\nlast = T - 1 if lengths is None else lengths - 1": (
            "if lengths is None:\n    return h, o[-1]\nlengths -= 1"
        ),
        "last, np.arange(N)": "lengths, np.arange(len(lengths))",
    },
    fails="unchanged",
)
SINGLE_OUTPUT.mistake(
    "padding of x changed in place",
    "The outputs are right, but after the call the padded steps of x are 0. Assigning to a part "
    "of x writes into the array that was handed over. Nothing need be done to the padding at all.",
    {
        "last = T - 1 if lengths is None else lengths - 1": (
            "if lengths is None:\n"
            "    lengths = np.full(N, T)\n"
            "x[np.arange(T)[:, None] >= lengths] = 0.0"
        ),
        "return": "h, o = hidden_recurrence(x, h0, params)\nreturn",
        "last, np.arange(N)": "lengths - 1, np.arange(N)",
    },
    fails="unchanged",
)

# --- pattern_graph -----------------------------------------------------------------------

PATTERN_GRAPH = Exercise(
    "pattern_graph",
    pattern_1="test_pattern_1_has_its_edges_from_state_to_state_and_all_others",
    pattern_2="test_pattern_2_has_its_edges_from_output_to_state_and_all_others",
    pattern_3="test_pattern_3_has_its_single_output_and_all_its_edges",
    short="test_one_step_and_two_steps_can_be_drawn",
    long="test_ten_steps_can_be_drawn",
)
PATTERN_GRAPH.mistake(
    "W always starts at h",
    "Patterns 1 and 3 are right; in pattern 2, W leads from state to state. There, the output is "
    "what is fed back, and no edge leads from h to h.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"h{t - 1}", f"h{t}", label="W")'
        ),
    },
    fails="pattern_2 short long",
)
PATTERN_GRAPH.mistake(
    "pattern 2 with both recurrences",
    "Patterns 1 and 3 are right; pattern 2 has an edge W from o and another one from h. With the "
    "second, o would not be the only information that reaches the future.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"h{t - 1}", f"h{t}", label="W")'
        ),
        'if t == T or pattern != "single_output":': (
            'if t > 1 and pattern == "output_recurrence":\n'
            '    graph.edge(f"o{t - 1}", f"h{t}", label="W")\n'
            'if t == T or pattern != "single_output":'
        ),
    },
    fails="pattern_2 short long",
)
PATTERN_GRAPH.mistake(
    "target fed back in pattern 2",
    "Patterns 1 and 3 are right; in pattern 2, W starts at the target y. Here the output of the "
    "step before is fed back. (With the target in its place, as in homework 5, training becomes "
    "simpler.)",
    {
        '"o" if pattern == "output_recurrence" else "h"': (
            '"y" if pattern == "output_recurrence" else "h"'
        ),
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")'
        ),
    },
    fails="pattern_2 short long",
)


@PATTERN_GRAPH.mistake(
    "an output at every step of pattern 3",
    "Patterns 1 and 2 are right; in pattern 3 every state has an output, as in pattern 1. It has "
    "only oT, LT and yT: the other states have no output.",
    fails="pattern_3 short long",
)
def graph_all_outputs(pattern, T):
    fed_back = "o" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t > 1:
            graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")
        graph.edge(f"h{t}", f"o{t}", label="V")
        graph.edge(f"o{t}", f"L{t}")
        graph.edge(f"y{t}", f"L{t}")
    return graph


PATTERN_GRAPH.another(
    "an output at every step of pattern 3",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")'
        ),
        'if t == T or pattern != "single_output":': (
            'graph.edge(f"h{t}", f"o{t}", label="V")\nif t == T or pattern != "single_output":'
        ),
        'graph.edge(f"h{t}", f"o{t}", label="V")': "",
    },
)
PATTERN_GRAPH.mistake(
    "only one input in pattern 3",
    "Patterns 1 and 2 are right; pattern 3 reads an input at its last step alone. It has a single "
    "output, and yet an input at every step.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge(f"x{t}", f"h{t}", label="U")': "",
        'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")'
        ),
        'graph.edge(f"h{t}", f"o{t}", label="V")': (
            'graph.edge(f"x{t}", f"h{t}", label="U")\ngraph.edge(f"h{t}", f"o{t}", label="V")'
        ),
    },
    fails="pattern_3 short long",
)
PATTERN_GRAPH.mistake(
    "a node for the initial state",
    "The edge W at the first step starts at a node of step 0. In these drawings the initial state "
    "(or output) has no node, so the first step has no edge W.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'if t > 1:\n    graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")'
        ),
    },
)
PATTERN_GRAPH.mistake(
    "an edge W beyond the last step",
    "One edge W leads to a state after step T, which does not exist. The recurrence connects T "
    "steps with T - 1 edges.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'if t > 1:\n    graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"{fed_back}{t}", f"h{t + 1}", label="W")'
        ),
    },
)
PATTERN_GRAPH.mistake(
    "recurrence points back in time",
    "The edges W point from later to earlier steps. A state is computed from what the step before "
    "it gave, and arrows lead to what is computed. A single step has no such edge and is right.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"h{t}", f"{fed_back}{t - 1}", label="W")'
        ),
    },
)
PATTERN_GRAPH.mistake(
    "steps counted from 0",
    "The nodes are called x0, h0 and so on, up to T - 1. In the drawings steps are counted from "
    "1, as in the text. Look at the numbers that your loop runs through.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        "range(1, T + 1)": "range(T)",
        "if t > 1:": "if t > 0:",
        'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")'
        ),
        "t == T": "t == T - 1",
    },
)
PATTERN_GRAPH.mistake(
    "last step left out",
    "All edges of step T are missing. Which is the last number that your loop runs through? Count "
    "its turns for T = 1.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        "range(1, T + 1)": "range(1, T)",
        'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")'
        ),
    },
)
PATTERN_GRAPH.mistake(
    "always three steps",
    "The graph has three steps, whatever T is, as the pictures in the text have. The number of "
    "steps is an argument.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        "range(1, T + 1)": "(1, 2, 3)",
        'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")'
        ),
        "t == T": "t == 3",
    },
)
PATTERN_GRAPH.mistake(
    "U and V exchanged",
    "All edges are there, and two kinds of them have each other's label. U leads from the input "
    'to the hidden units, V from the hidden units to the output (table in "Notation").',
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge(f"x{t}", f"h{t}", label="U")': 'graph.edge(f"x{t}", f"h{t}", label="V")',
        'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")'
        ),
        'graph.edge(f"h{t}", f"o{t}", label="V")': 'graph.edge(f"h{t}", f"o{t}", label="U")',
    },
)
PATTERN_GRAPH.mistake(
    "edges without labels",
    "All edges are there, and none has a label. U, W and V say which parameters an edge stands "
    "for; only the edges to L have none.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge(f"x{t}", f"h{t}", label="U")': 'graph.edge(f"x{t}", f"h{t}")',
        'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"{fed_back}{t - 1}", f"h{t}")'
        ),
        'graph.edge(f"h{t}", f"o{t}", label="V")': 'graph.edge(f"h{t}", f"o{t}")',
    },
)
PATTERN_GRAPH.mistake(
    "the target points the wrong way",
    "The edges lead from L to y. The loss is computed from the output and the target, so both "
    "have an edge to L; the target is given, nothing leads to it.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")'
        ),
        'graph.edge(f"y{t}", f"L{t}")': 'graph.edge(f"L{t}", f"y{t}")',
    },
)
PATTERN_GRAPH.mistake(
    "the target leads to the output",
    "The edges lead from y to o, as though the output were computed from the target. o comes from "
    "h alone; y meets it in the loss L.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")'
        ),
        'graph.edge(f"y{t}", f"L{t}")': 'graph.edge(f"y{t}", f"o{t}")',
    },
)
PATTERN_GRAPH.mistake(
    "losses and targets left out",
    "The network is right and ends at o. The drawings show the training too: o and y each have an "
    "edge to the loss L of their step, without a label.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")'
        ),
        'graph.edge(f"o{t}", f"L{t}")\ngraph.edge(f"y{t}", f"L{t}")': "",
    },
)
PATTERN_GRAPH.mistake(
    "targets left out",
    "The network is right, and so are the edges from o to L; no edge comes from the targets. A "
    "loss compares two things: o and y each have an edge to the loss L of their step.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")': (
            'graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")'
        ),
        'graph.edge(f"y{t}", f"L{t}")': "",
    },
)
