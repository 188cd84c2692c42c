"""Classic mistakes of hw2_patterns."""

import graphviz
import numpy as np

from autograder.course.catalogue import another, classic
from solutions.hw2_patterns.solution import hidden_recurrence, rnn_step

# --- rnn_step ----------------------------------------------------------------------------

STEP_SINGLE = "test_a_single_sequence_gets_its_state"
STEP_BATCH = "test_a_batch_gets_a_state_for_each_of_its_sequences"
STEP_LARGE = "test_large_sums_are_squashed_by_tanh"
STEP_UNCHANGED = "test_a_step_leaves_its_arguments_alone_and_can_be_repeated"
STEP_ALL = (STEP_SINGLE, STEP_BATCH, STEP_LARGE, STEP_UNCHANGED)


@classic(
    "rnn_step",
    "W not transposed",
    "The shape is right and the numbers are wrong, even for a single sequence. W is square, so "
    "both W and its transpose fit, and no error warns you. Compare the term of h with the "
    'transposed equation in "One step".',
    fails=STEP_ALL,
)
def step_w_not_transposed(x_t, h_prev, params):
    return np.tanh(params["b"] + h_prev @ params["W"] + x_t @ params["U"].T)


@classic(
    "rnn_step",
    "equation for columns applied to rows",
    "As a rule, the matrix product stops with an error about shapes. The equation of the book "
    "treats one sequence as a column; here each sequence is a row of the batch. The transposed "
    'equation in "One step" says what stands on which side.',
    fails=STEP_ALL,
)
def step_columns_on_rows(x_t, h_prev, params):
    return np.tanh(params["b"] + params["W"] @ h_prev + params["U"] @ x_t)


@another(step_columns_on_rows)
def step_columns_on_rows_by_dot(x_t, h_prev, params):
    return np.tanh(params["b"] + np.dot(params["W"], h_prev) + np.dot(params["U"], x_t))


@classic(
    "rnn_step",
    "states come back as columns",
    "The numbers are right, but the result is (H, N) and not (N, H): each sequence has become a "
    "column. Inputs and previous states hold the sequences as rows, and so must the result, or the "
    "next step cannot use it.",
    fails=STEP_ALL,
)
def step_returns_columns(x_t, h_prev, params):
    a = params["W"] @ h_prev.T + params["U"] @ x_t.T
    return np.tanh(params["b"][:, None] + a)


@classic(
    "rnn_step",
    "result reshaped instead of transposed",
    "A single sequence is right; with more, the right numbers stand in the wrong places. A reshape "
    "reads the numbers on in their old order and cuts them into new rows; only a transpose makes "
    "columns into rows.",
    fails=(STEP_BATCH, STEP_LARGE, STEP_UNCHANGED),
)
def step_result_reshaped(x_t, h_prev, params):
    a = params["W"] @ h_prev.T + params["U"] @ x_t.T
    return np.tanh(params["b"][:, None] + a).reshape(h_prev.shape)


@classic(
    "rnn_step",
    "U reshaped instead of transposed",
    "The shape is right and the numbers are wrong. A reshape of U to (D, H) reads its numbers on "
    "in their old order, so the weights meet the wrong inputs; a transpose exchanges rows and "
    "columns.",
    fails=STEP_ALL,
)
def step_u_reshaped(x_t, h_prev, params):
    U = params["U"].reshape(x_t.shape[1], h_prev.shape[1])
    return np.tanh(params["b"] + h_prev @ params["W"].T + x_t @ U)


@classic(
    "rnn_step",
    "bias missing",
    "Every hidden unit is off, each by its own amount. The sum a_t has three terms (equation "
    "10.8), and here it has two: b is not used.",
    fails=STEP_ALL,
)
def step_without_bias(x_t, h_prev, params):
    return np.tanh(h_prev @ params["W"].T + x_t @ params["U"].T)


@classic(
    "rnn_step",
    "bias added twice",
    "Every hidden unit is off, each by its own amount. Some libraries have two biases, one with U "
    "and one with W; the equation here has a single b, which enters the sum a_t once.",
    fails=STEP_ALL,
)
def step_bias_twice(x_t, h_prev, params):
    from_input = x_t @ params["U"].T + params["b"]
    from_state = h_prev @ params["W"].T + params["b"]
    return np.tanh(from_input + from_state)


@classic(
    "rnn_step",
    "bias added after tanh",
    "Some states can lie outside -1 to 1. The bias belongs to the sum a_t (equation 10.8), and "
    "tanh is taken of the whole sum; here b comes after it.",
    fails=STEP_ALL,
)
def step_bias_after_tanh(x_t, h_prev, params):
    return params["b"] + np.tanh(h_prev @ params["W"].T + x_t @ params["U"].T)


@classic(
    "rnn_step",
    "tanh of each term",
    "The terms were squashed one by one, so a state can be as large as 2 or 3. tanh of a sum is "
    "not the sum of the tanhs: first comes the whole sum a_t, then one tanh.",
    fails=STEP_ALL,
)
def step_tanh_of_each_term(x_t, h_prev, params):
    from_state, from_input = h_prev @ params["W"].T, x_t @ params["U"].T
    return np.tanh(params["b"]) + np.tanh(from_state) + np.tanh(from_input)


@another(step_tanh_of_each_term)
def step_bias_with_the_state(x_t, h_prev, params):
    from_state = params["b"] + h_prev @ params["W"].T
    return np.tanh(from_state) + np.tanh(x_t @ params["U"].T)


@another(step_tanh_of_each_term)
def step_bias_with_the_input(x_t, h_prev, params):
    from_input = params["b"] + x_t @ params["U"].T
    return np.tanh(h_prev @ params["W"].T) + np.tanh(from_input)


@another(step_tanh_of_each_term)
def step_bias_as_it_is(x_t, h_prev, params):
    return params["b"] + np.tanh(h_prev @ params["W"].T) + np.tanh(x_t @ params["U"].T)


@classic(
    "rnn_step",
    "input added after tanh",
    "States can lie far outside -1 to 1. The term of the input, U x_t, belongs to the sum a_t "
    "(equation 10.8) of which tanh is taken. Look at what tanh is taken of in your code.",
    fails=STEP_ALL,
)
def step_input_after_tanh(x_t, h_prev, params):
    return np.tanh(params["b"] + h_prev @ params["W"].T) + x_t @ params["U"].T


@classic(
    "rnn_step",
    "tanh taken of the previous state",
    "The result is not bounded, as a state is. tanh is taken of the sum a_t (equation 10.9); here "
    "it is taken of h_{t-1}, which was squashed when its own step was computed.",
    fails=STEP_ALL,
)
def step_tanh_of_previous_state(x_t, h_prev, params):
    return params["b"] + np.tanh(h_prev) @ params["W"].T + x_t @ params["U"].T


@classic(
    "rnn_step",
    "no tanh",
    "What came back is the sum a_t itself, and it has no bounds. Equation 10.9 is still to come: "
    "it squashes each entry to a number between -1 and 1.",
    fails=STEP_ALL,
)
def step_without_tanh(x_t, h_prev, params):
    return params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T


@classic(
    "rnn_step",
    "tanh taken twice",
    "All states are too close to 0, and none is beyond 0.762, the tanh of 1. Equation 10.9 takes "
    "tanh of the sum a_t once. Count the places where your code squashes.",
    fails=STEP_ALL,
)
def step_tanh_twice(x_t, h_prev, params):
    return np.tanh(np.tanh(params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T))


@classic(
    "rnn_step",
    "sigmoid instead of tanh",
    "All states lie between 0 and 1, and none is negative. The sigmoid squashes to that range; "
    "equation 10.9 has the hyperbolic tangent, which reaches from -1 to 1.",
    fails=STEP_ALL,
)
def step_sigmoid(x_t, h_prev, params):
    a = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    return 1.0 / (1.0 + np.exp(-a))


@classic(
    "rnn_step",
    "rectified linear unit instead of tanh",
    "No state is negative, some are exactly 0, and others may be larger than 1. max(0, a) is "
    "another activation; equation 10.9 has the hyperbolic tangent.",
    fails=STEP_ALL,
)
def step_relu(x_t, h_prev, params):
    return np.maximum(0.0, params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T)


@classic(
    "rnn_step",
    "tanh written as a quotient of exponentials",
    "Moderate sums come out right; where a sum is beyond some hundreds, there is NaN. An "
    "exponential becomes infinite there, and the quotient infinity / infinity. numpy has a "
    "hyperbolic tangent of its own that is right for any number.",
    fails=(STEP_LARGE,),
)
def step_tanh_from_exponentials(x_t, h_prev, params):
    a = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    return (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))


@another(step_tanh_from_exponentials)
def step_tanh_from_one_exponential(x_t, h_prev, params):
    e = np.exp(2.0 * (params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T))
    return (e - 1.0) / (e + 1.0)


@another(step_tanh_from_exponentials)
def step_tanh_from_falling_exponential(x_t, h_prev, params):
    e = np.exp(-2.0 * (params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T))
    return (1.0 - e) / (1.0 + e)


@classic(
    "rnn_step",
    "previous state ignored",
    "The result depends on the input alone, as in a network without recurrence. The term W h_{t-1} "
    "of equation 10.8 is missing, the only one that carries the past.",
    fails=STEP_ALL,
)
def step_without_state(x_t, h_prev, params):
    return np.tanh(params["b"] + x_t @ params["U"].T)


@classic(
    "rnn_step",
    "previous state added after tanh",
    "Some states can lie outside -1 to 1, and the result minus h_prev is right. The new state is "
    "tanh of the sum a_t and nothing else (equation 10.9); the old one enters through W alone, "
    "within the sum.",
    fails=STEP_ALL,
)
def step_state_added(x_t, h_prev, params):
    return h_prev + np.tanh(params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T)


@classic(
    "rnn_step",
    "input ignored",
    "The result depends on the previous state alone, whatever the input is. The term U x_t of "
    "equation 10.8 is missing.",
    fails=STEP_ALL,
)
def step_without_input(x_t, h_prev, params):
    return np.tanh(params["b"] + h_prev @ params["W"].T + 0.0 * x_t.sum())


@classic(
    "rnn_step",
    "only the first sequence",
    "The state of the first sequence came back, with one axis. The arguments hold N sequences as "
    "rows, and the result must have a row for each. A matrix product treats all rows at once: no "
    "index is needed.",
    fails=STEP_ALL,
)
def step_first_sequence_only(x_t, h_prev, params):
    return np.tanh(params["b"] + params["W"] @ h_prev[0] + params["U"] @ x_t[0])


@classic(
    "rnn_step",
    "state written into h_prev",
    "The result is right, but after the call h_prev holds it too, and the caller's old state is "
    "lost. Assigning to h_prev[:], for example, writes into the array that was handed over; the "
    "new state needs an array of its own.",
    fails=(STEP_UNCHANGED,),
)
def step_in_place(x_t, h_prev, params):
    h_prev[:] = np.tanh(params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T)
    return h_prev


# --- hidden_recurrence -------------------------------------------------------------------

HIDDEN_STATES = "test_each_state_comes_from_the_one_before_it"
HIDDEN_OUTPUTS = "test_each_state_gives_an_output"
HIDDEN_SINGLE = "test_a_single_step_of_a_single_sequence_will_do"
HIDDEN_CUT = "test_a_run_can_be_cut_in_two_and_go_on_from_its_state"
HIDDEN_LATER = "test_later_inputs_change_nothing_before_them"
HIDDEN_UNCHANGED = "test_pattern_1_leaves_its_arguments_alone_and_can_be_repeated"
HIDDEN_BOTH = (HIDDEN_CUT, HIDDEN_LATER, HIDDEN_UNCHANGED)  # look at h and o of several steps
HIDDEN_SEVERAL = (HIDDEN_STATES, HIDDEN_OUTPUTS, *HIDDEN_BOTH)
HIDDEN_ALL = (*HIDDEN_SEVERAL, HIDDEN_SINGLE)


@classic(
    "hidden_recurrence",
    "output bias missing",
    "The states are right; in every output, class k is off by the same number at all steps and in "
    "all sequences. Equation 10.10 has two terms, and c is the one that is missing.",
    fails=(HIDDEN_OUTPUTS, HIDDEN_SINGLE, *HIDDEN_BOTH),
)
def hidden_without_c(x, h0, params):
    states = [h0]
    for x_t in x:
        states.append(rnn_step(x_t, states[-1], params))
    h = np.stack(states[1:])
    return h, h @ params["V"].T


@classic(
    "hidden_recurrence",
    "tanh taken of the outputs",
    "The states are right, and all outputs lie between -1 and 1. Only the hidden units are "
    "squashed; o_t = c + V h_t (equation 10.10) is not, and has no bounds.",
    fails=(HIDDEN_OUTPUTS, HIDDEN_SINGLE, *HIDDEN_BOTH),
)
def hidden_tanh_of_outputs(x, h0, params):
    states = [h0]
    for x_t in x:
        states.append(rnn_step(x_t, states[-1], params))
    h = np.stack(states[1:])
    return h, np.tanh(params["c"] + h @ params["V"].T)


@classic(
    "hidden_recurrence",
    "softmax taken of the outputs",
    "The states are right, and the outputs are positive and sum to 1: they are probabilities. "
    "Asked for are the unnormalised log-probabilities o_t (equation 10.10); the softmax follows in "
    "homework 3.",
    fails=(HIDDEN_OUTPUTS, HIDDEN_SINGLE, *HIDDEN_BOTH),
)
def hidden_softmax_of_outputs(x, h0, params):
    states = [h0]
    for x_t in x:
        states.append(rnn_step(x_t, states[-1], params))
    h = np.stack(states[1:])
    e = np.exp(params["c"] + h @ params["V"].T)
    return h, e / e.sum(axis=-1, keepdims=True)


@classic(
    "hidden_recurrence",
    "output computed from the state before",
    "The states are right, and every output comes one step late; the first is c + V h_0. In "
    "equation 10.10, o_t comes from h_t, the state after x_t has been read. Look at which comes "
    "first in your loop, the state or the output.",
    fails=(HIDDEN_OUTPUTS, HIDDEN_SINGLE, *HIDDEN_BOTH),
)
def hidden_output_of_state_before(x, h0, params):
    h, o, h_t = [], [], h0
    for x_t in x:
        o.append(params["c"] + h_t @ params["V"].T)
        h_t = rnn_step(x_t, h_t, params)
        h.append(h_t)
    return np.stack(h), np.stack(o)


@classic(
    "hidden_recurrence",
    "output computed before tanh",
    "The states are right and no output is. o_t is computed from h_t (equation 10.10), the state "
    "after tanh; here the sum a_t was used in its place.",
    fails=(HIDDEN_OUTPUTS, HIDDEN_SINGLE, *HIDDEN_BOTH),
)
def hidden_output_of_sum(x, h0, params):
    h, o, h_t = [], [], h0
    for x_t in x:
        a_t = params["b"] + h_t @ params["W"].T + x_t @ params["U"].T
        o.append(params["c"] + a_t @ params["V"].T)
        h_t = np.tanh(a_t)
        h.append(h_t)
    return np.stack(h), np.stack(o)


@classic(
    "hidden_recurrence",
    "V reshaped instead of transposed",
    "The states are right; the outputs have the right shape and wrong numbers. A reshape of V to "
    "(H, K) reads its numbers on in their old order, so the weights meet the wrong units; a "
    "transpose exchanges rows and columns.",
    fails=(HIDDEN_OUTPUTS, HIDDEN_SINGLE, *HIDDEN_BOTH),
)
def hidden_v_reshaped(x, h0, params):
    states = [h0]
    for x_t in x:
        states.append(rnn_step(x_t, states[-1], params))
    h = np.stack(states[1:])
    return h, params["c"] + h @ params["V"].reshape(h.shape[-1], -1)


@classic(
    "hidden_recurrence",
    "initial state kept among the states",
    "h has T + 1 steps, and so has o where it was computed from all of them. The first is h0, the "
    "state before anything has been read, and all others stand one step too late: h[t] is the "
    "state after x[t].",
    fails=(HIDDEN_STATES, HIDDEN_SINGLE, *HIDDEN_BOTH),
)
def hidden_initial_state_kept(x, h0, params):
    states = [h0]
    for x_t in x:
        states.append(rnn_step(x_t, states[-1], params))
    h = np.stack(states)
    return h, params["c"] + h[1:] @ params["V"].T


@another(hidden_initial_state_kept, fails=HIDDEN_ALL)
def hidden_initial_state_with_output(x, h0, params):
    states = [h0]
    for x_t in x:
        states.append(rnn_step(x_t, states[-1], params))
    h = np.stack(states)
    return h, params["c"] + h @ params["V"].T


@classic(
    "hidden_recurrence",
    "state stored before the step",
    "The states stand one step too late, and so do the outputs that were computed from the stored "
    "ones: h[0] is h0, and the last state is lost. h[t] is the state after x[t] has been read. "
    "Look at which comes first in your loop, the step or the storing.",
    fails=HIDDEN_ALL,
)
def hidden_stored_before_step(x, h0, params):
    h, h_t = [], h0
    for x_t in x:
        h.append(h_t)
        h_t = rnn_step(x_t, h_t, params)
    h = np.stack(h)
    return h, params["c"] + h @ params["V"].T


@another(hidden_stored_before_step, fails=(HIDDEN_STATES, HIDDEN_SINGLE, *HIDDEN_BOTH))
def hidden_state_alone_stored_before_step(x, h0, params):
    h, o, h_t = [], [], h0
    for x_t in x:
        h.append(h_t)
        h_t = rnn_step(x_t, h_t, params)
        o.append(params["c"] + h_t @ params["V"].T)
    return np.stack(h), np.stack(o)


@classic(
    "hidden_recurrence",
    "first input skipped",
    "h[0] is h0, and the input x[0] never enters. h_0 is the state before x_1; the first row of h "
    "is h_1, the state after it. Count the turns of your loop for T = 1.",
    fails=HIDDEN_ALL,
)
def hidden_first_input_skipped(x, h0, params):
    h = np.empty((len(x), *h0.shape))
    h[0] = h0
    for t in range(1, len(x)):
        h[t] = rnn_step(x[t], h[t - 1], params)
    return h, params["c"] + h @ params["V"].T


@classic(
    "hidden_recurrence",
    "last step left out",
    "All steps but the last are right, and at the last one the states are 0. The loop ends one "
    "step too early. Count how often your loop runs when T is 1.",
    fails=HIDDEN_ALL,
)
def hidden_last_step_left_out(x, h0, params):
    h, h_t = np.zeros((len(x), *h0.shape)), h0
    for t in range(len(x) - 1):
        h_t = rnn_step(x[t], h_t, params)
        h[t] = h_t
    return h, params["c"] + h @ params["V"].T


@another(hidden_last_step_left_out)
def hidden_last_output_left_out(x, h0, params):
    T, N, _ = x.shape
    h, o, h_t = np.zeros((T, *h0.shape)), np.zeros((T, N, len(params["c"]))), h0
    for t in range(T - 1):
        h_t = h[t] = rnn_step(x[t], h_t, params)
        o[t] = params["c"] + h_t @ params["V"].T
    return h, o


@classic(
    "hidden_recurrence",
    "initial state ignored",
    "The result is the one for h0 = 0, so it is wrong from the first step on. Either zeros stand "
    "in place of h0, or h[t-1] was read at t = 0: Python takes h[-1] for the last step, and there "
    "is no error.",
    fails=HIDDEN_ALL,
)
def hidden_initial_state_ignored(x, h0, params):
    h = np.zeros((len(x), *h0.shape))
    for t in range(len(x)):
        h[t] = rnn_step(x[t], h[t - 1], params)
    return h, params["c"] + h @ params["V"].T


@classic(
    "hidden_recurrence",
    "every step starts from the initial state",
    "The first step is right and no other: each state depends on its own input and h0 alone. In "
    "the equation, h_t comes from h_{t-1}. Look at which variable is handed to the step, and "
    "whether it ever changes.",
    fails=HIDDEN_SEVERAL,
)
def hidden_always_from_h0(x, h0, params):
    h = np.stack([rnn_step(x_t, h0, params) for x_t in x])
    return h, params["c"] + h @ params["V"].T


@classic(
    "hidden_recurrence",
    "one buffer stored at all steps",
    "All steps of h are equal: each is the last state. The list holds the same array T times, and "
    "every step wrote its numbers into it. Each state needs an array of its own.",
    fails=HIDDEN_SEVERAL,
)
def hidden_one_buffer(x, h0, params):
    h, h_t = [], h0.copy()
    for x_t in x:
        h_t[:] = rnn_step(x_t, h_t, params)
        h.append(h_t)
    h = np.stack(h)
    return h, params["c"] + h @ params["V"].T


@another(hidden_one_buffer, fails=(HIDDEN_STATES, *HIDDEN_BOTH))
def hidden_one_buffer_and_right_outputs(x, h0, params):
    h, o, h_t = [], [], h0.copy()
    for x_t in x:
        h_t[:] = rnn_step(x_t, h_t, params)
        h.append(h_t)
        o.append(params["c"] + h_t @ params["V"].T)
    return np.stack(h), np.stack(o)


@another(hidden_one_buffer)
def hidden_h0_as_the_buffer(x, h0, params):
    h, h_t = [], h0
    for x_t in x:
        h_t[:] = rnn_step(x_t, h_t, params)
        h.append(h_t)
    h = np.stack(h)
    return h, params["c"] + h @ params["V"].T


@another(hidden_one_buffer, fails=(HIDDEN_STATES, *HIDDEN_BOTH))
def hidden_h0_as_the_buffer_and_right_outputs(x, h0, params):
    h, o, h_t = [], [], h0
    for x_t in x:
        h_t[:] = rnn_step(x_t, h_t, params)
        h.append(h_t)
        o.append(params["c"] + h_t @ params["V"].T)
    return np.stack(h), np.stack(o)


@classic(
    "hidden_recurrence",
    "time reversed",
    "The inputs were read from the last to the first, so that h[0] has read x[-1]. The state h_t "
    "follows h_{t-1}: the loop starts with x[0] and goes forwards.",
    fails=HIDDEN_SEVERAL,
)
def hidden_time_reversed(x, h0, params):
    states = [h0]
    for x_t in x[::-1]:
        states.append(rnn_step(x_t, states[-1], params))
    h = np.stack(states[1:])
    return h, params["c"] + h @ params["V"].T


@another(hidden_time_reversed)
def hidden_filled_from_the_end(x, h0, params):
    h, h_t = np.empty((len(x), *h0.shape)), h0
    for t in reversed(range(len(x))):
        h_t = h[t] = rnn_step(x[t], h_t, params)
    return h, params["c"] + h @ params["V"].T


@classic(
    "hidden_recurrence",
    "input of the step before",
    "Step t read x[t-1], and the first step read the last input, since x[-1] counts from the end. "
    "A single step is right. h_t comes from the state of the step before and the input of its own.",
    fails=HIDDEN_SEVERAL,
)
def hidden_input_of_step_before(x, h0, params):
    states = [h0]
    for t in range(len(x)):
        states.append(rnn_step(x[t - 1], states[-1], params))
    h = np.stack(states[1:])
    return h, params["c"] + h @ params["V"].T


@classic(
    "hidden_recurrence",
    "batch taken for time",
    "A single step of a single sequence works; otherwise shapes do not fit, as a rule. The loop "
    "ran over the sequences, as though x were (N, T, D). Time is the first axis here, x is (T, N, "
    'D), and x[t] holds one step of all sequences (table in "Notation").',
    fails=HIDDEN_SEVERAL,
)
def hidden_batch_for_time(x, h0, params):
    states = [h0]
    for t in range(x.shape[1]):
        states.append(rnn_step(x[:, t], states[-1], params))
    h = np.stack(states[1:], axis=1)
    return h, params["c"] + h @ params["V"].T


@classic(
    "hidden_recurrence",
    "sequences on the first axis",
    "The numbers are right, but h is (N, T, H) and o is (N, T, K). Time comes first in this "
    "course, in the results as in x: steps are stacked along the first axis.",
    fails=HIDDEN_SEVERAL,
)
def hidden_batch_first(x, h0, params):
    states = [h0]
    for x_t in x:
        states.append(rnn_step(x_t, states[-1], params))
    h = np.stack(states[1:], axis=1)
    return h, params["c"] + h @ params["V"].T


@classic(
    "hidden_recurrence",
    "steps and sequences exchanged by a reshape",
    "The shapes are right, and the right numbers stand in the wrong places: steps and sequences "
    "are mixed. A reshape from (N, T, H) to (T, N, H) only cuts the same row of numbers into other "
    "pieces; axes are exchanged by a transpose.",
    fails=HIDDEN_SEVERAL,
)
def hidden_reshaped(x, h0, params):
    T, N, _ = x.shape
    states = [h0]
    for x_t in x:
        states.append(rnn_step(x_t, states[-1], params))
    h = np.stack(states[1:], axis=1).reshape(T, N, -1)
    return h, params["c"] + h @ params["V"].T


@classic(
    "hidden_recurrence",
    "state carried over to the next sequence",
    "The first sequence is right and no other: each goes on from the last state of the one before. "
    "Sequences of a batch never mix. Sequence n starts from its own row of h0.",
    fails=HIDDEN_SEVERAL,
)
def hidden_carried_to_next_sequence(x, h0, params):
    T, N, _ = x.shape
    h, h_t = np.empty((T, *h0.shape)), h0[:1]
    for n in range(N):
        for t in range(T):
            h_t = rnn_step(x[t, n : n + 1], h_t, params)
            h[t, n] = h_t[0]
    return h, params["c"] + h @ params["V"].T


@classic(
    "hidden_recurrence",
    "output fed back instead of the state",
    "A single step works; from the second on shapes do not fit (unless H = K). This is pattern 2, "
    "where the edge W starts at o. In pattern 1, W is (H, H) and multiplies the state of the step "
    "before.",
    fails=HIDDEN_SEVERAL,
)
def hidden_output_fed_back(x, h0, params):
    h, o, fed_back = [], [], h0
    for x_t in x:
        h.append(rnn_step(x_t, fed_back, params))
        fed_back = params["c"] + h[-1] @ params["V"].T
        o.append(fed_back)
    return np.stack(h), np.stack(o)


@classic(
    "hidden_recurrence",
    "tanh taken twice",
    "As a rule the states are too close to 0, and none is beyond 0.762, the tanh of 1. Equation "
    "10.9 takes tanh once, and `rnn_step` ends with it: what it returns is h_t already.",
    fails=HIDDEN_ALL,
)
def hidden_tanh_twice(x, h0, params):
    states = [h0]
    for x_t in x:
        states.append(np.tanh(rnn_step(x_t, states[-1], params)))
    h = np.stack(states[1:])
    return h, params["c"] + h @ params["V"].T


@classic(
    "hidden_recurrence",
    "result of the step added to the state",
    "States can lie outside -1 to 1, and the more so the longer the sequence. `rnn_step` gives the "
    "next state itself, not by how much the state changes: in equation 10.9 no old state stands "
    "beside the tanh.",
    fails=HIDDEN_ALL,
)
def hidden_step_added(x, h0, params):
    h, h_t = [], h0
    for x_t in x:
        h_t = h_t + rnn_step(x_t, h_t, params)
        h.append(h_t)
    h = np.stack(h)
    return h, params["c"] + h @ params["V"].T


@classic(
    "hidden_recurrence",
    "W not transposed",
    "The shapes are right and the states are wrong from the first step on. W is square, so both W "
    "and its transpose fit, and no error warns you. If your loop calls `rnn_step`, look at its "
    "check first; if it has a formula of its own, compare that with the transposed equation in "
    '"One step".',
    fails=HIDDEN_ALL,
)
def hidden_w_not_transposed(x, h0, params):
    h, h_t = [], h0
    for x_t in x:
        h_t = np.tanh(params["b"] + h_t @ params["W"] + x_t @ params["U"].T)
        h.append(h_t)
    h = np.stack(h)
    return h, params["c"] + h @ params["V"].T


@classic(
    "hidden_recurrence",
    "bias of the hidden units missing",
    "The states are wrong from the first step on, and the outputs with them. The sum a_t has three "
    "terms (equation 10.8), and in the step that your loop makes (or in `rnn_step`, if it calls "
    "that) b is not among them.",
    fails=HIDDEN_ALL,
)
def hidden_without_b(x, h0, params):
    h, h_t = [], h0
    for x_t in x:
        h_t = np.tanh(h_t @ params["W"].T + x_t @ params["U"].T)
        h.append(h_t)
    h = np.stack(h)
    return h, params["c"] + h @ params["V"].T


@classic(
    "hidden_recurrence",
    "an output at the last step only",
    "o has two axes, (N, K): it was computed once, after the loop, from the last state. That is "
    "pattern 3. Pattern 1 has an output for each state in h.",
    fails=(HIDDEN_OUTPUTS, *HIDDEN_BOTH, HIDDEN_SINGLE),
)
def hidden_last_output_only(x, h0, params):
    states = [h0]
    for x_t in x:
        states.append(rnn_step(x_t, states[-1], params))
    return np.stack(states[1:]), params["c"] + states[-1] @ params["V"].T


@classic(
    "hidden_recurrence",
    "outputs and states exchanged",
    "Both results are right, but they come in the other order. The function returns `(h, o)`: the "
    "states first.",
    fails=HIDDEN_ALL,
)
def hidden_results_exchanged(x, h0, params):
    states = [h0]
    for x_t in x:
        states.append(rnn_step(x_t, states[-1], params))
    h = np.stack(states[1:])
    return params["c"] + h @ params["V"].T, h


@classic(
    "hidden_recurrence",
    "h0 changed in place",
    "The result is right, but after the call h0 holds the last state, and the caller's start is "
    "lost. A plain assignment such as `state = h0` makes no copy: writing into the one changes the "
    "other.",
    fails=(HIDDEN_UNCHANGED,),
)
def hidden_in_place(x, h0, params):
    state, h = h0, np.empty((len(x), *h0.shape))
    for t in range(len(x)):
        state[:] = rnn_step(x[t], state, params)
        h[t] = state
    return h, params["c"] + h @ params["V"].T


# --- output_recurrence -------------------------------------------------------------------

OUTPUT_EACH = "test_each_state_comes_from_the_output_before_it"
OUTPUT_FIRST = "test_the_first_step_is_fed_with_o0"
OUTPUT_FUTURE = "test_the_output_is_all_that_reaches_the_future"
OUTPUT_MORE = "test_there_may_be_more_outputs_than_hidden_units"
OUTPUT_LATER = "test_later_inputs_change_no_output_before_them"
OUTPUT_UNCHANGED = "test_pattern_2_leaves_its_arguments_alone_and_can_be_repeated"
OUTPUT_SEVERAL = (OUTPUT_EACH, OUTPUT_FUTURE, OUTPUT_MORE, OUTPUT_LATER, OUTPUT_UNCHANGED)
OUTPUT_ALL = (*OUTPUT_SEVERAL, OUTPUT_FIRST)


@classic(
    "output_recurrence",
    "state fed back instead of the output",
    "A single step works; from the second on shapes do not fit (unless H = K). This is pattern 1. "
    "In pattern 2 the edge W starts at o, W is (H, K), and it multiplies the output of the step "
    "before.",
    fails=OUTPUT_SEVERAL,
)
def output_state_fed_back(x, o0, params):
    h, fed_back = [], o0
    for x_t in x:
        fed_back = rnn_step(x_t, fed_back, params)
        h.append(fed_back)
    h = np.stack(h)
    return h, params["c"] + h @ params["V"].T


@classic(
    "output_recurrence",
    "softmax of the output fed back",
    "The first step is right; after it the network is fed with probabilities. In this homework o "
    "is fed back as it is (a_t = b + W o_{t-1} + U x_t). The softmax enters the recurrence in "
    "homework 5.",
    fails=OUTPUT_SEVERAL,
)
def output_softmax_fed_back(x, o0, params):
    h, o, fed_back = [], [], o0
    for x_t in x:
        h.append(rnn_step(x_t, fed_back, params))
        o.append(params["c"] + h[-1] @ params["V"].T)
        e = np.exp(o[-1])
        fed_back = e / e.sum(axis=-1, keepdims=True)
    return np.stack(h), np.stack(o)


@classic(
    "output_recurrence",
    "softmax of everything fed back, o0 included",
    "Even the first step is wrong, since o0 was turned into probabilities too. In this homework "
    "what is fed back, from o0 on, enters the sum a_t = b + W o_{t-1} + U x_t as it is.",
    fails=OUTPUT_ALL,
)
def output_softmax_of_o0_too(x, o0, params):
    h, o, o_t = [], [], o0
    for x_t in x:
        e = np.exp(o_t)
        h.append(rnn_step(x_t, e / e.sum(axis=-1, keepdims=True), params))
        o_t = params["c"] + h[-1] @ params["V"].T
        o.append(o_t)
    return np.stack(h), np.stack(o)


@classic(
    "output_recurrence",
    "tanh of the output fed back",
    "The first step is right; after it the network is fed with numbers between -1 and 1. tanh is "
    "for the hidden units alone: o is fed back as it is.",
    fails=OUTPUT_SEVERAL,
)
def output_tanh_fed_back(x, o0, params):
    h, o, fed_back = [], [], o0
    for x_t in x:
        h.append(rnn_step(x_t, fed_back, params))
        o.append(params["c"] + h[-1] @ params["V"].T)
        fed_back = np.tanh(o[-1])
    return np.stack(h), np.stack(o)


@classic(
    "output_recurrence",
    "likeliest class fed back",
    "The first step is right; after it the network is fed with ones and zeros, a 1 for the class "
    "with the largest output. What is fed back here is o itself, with all its numbers.",
    fails=OUTPUT_SEVERAL,
)
def output_argmax_fed_back(x, o0, params):
    h, o, fed_back = [], [], o0
    for x_t in x:
        h.append(rnn_step(x_t, fed_back, params))
        o.append(params["c"] + h[-1] @ params["V"].T)
        fed_back = np.eye(o0.shape[1])[o[-1].argmax(axis=1)]
    return np.stack(h), np.stack(o)


@classic(
    "output_recurrence",
    "output fed back without its bias",
    "The first step is right; after it the network is fed with V h, whereas o = c + V h. If you "
    "fed the state through the product W V, look at the other term in the same line of algebra "
    '("What pattern 2 gives up").',
    fails=OUTPUT_SEVERAL,
)
def output_fed_back_without_c(x, o0, params):
    h, fed_back = [], o0
    for x_t in x:
        h.append(rnn_step(x_t, fed_back, params))
        fed_back = h[-1] @ params["V"].T
    h = np.stack(h)
    return h, params["c"] + h @ params["V"].T


@classic(
    "output_recurrence",
    "output bias missing",
    "The first state is right, its output is not, and everything after it is wrong too, because "
    "the output is fed back. o_t has two terms, and c is the one that is missing.",
    fails=OUTPUT_ALL,
)
def output_without_c(x, o0, params):
    h, o = [], [o0]
    for x_t in x:
        h.append(rnn_step(x_t, o[-1], params))
        o.append(h[-1] @ params["V"].T)
    return np.stack(h), np.stack(o[1:])


@classic(
    "output_recurrence",
    "tanh taken of the outputs",
    "The first state is right, and all outputs lie between -1 and 1, both in the result and where "
    "they are fed back. Only the hidden units are squashed; o_t = c + V h_t has no bounds.",
    fails=OUTPUT_ALL,
)
def output_tanh_of_outputs(x, o0, params):
    h, o = [], [o0]
    for x_t in x:
        h.append(rnn_step(x_t, o[-1], params))
        o.append(np.tanh(params["c"] + h[-1] @ params["V"].T))
    return np.stack(h), np.stack(o[1:])


@classic(
    "output_recurrence",
    "softmax taken of the outputs",
    "The first state is right, and the outputs are positive and sum to 1, both in the result and "
    "where they are fed back. In this homework o_t = c + V h_t stays unnormalised.",
    fails=OUTPUT_ALL,
)
def output_softmax_of_outputs(x, o0, params):
    h, o = [], [o0]
    for x_t in x:
        h.append(rnn_step(x_t, o[-1], params))
        e = np.exp(params["c"] + h[-1] @ params["V"].T)
        o.append(e / e.sum(axis=-1, keepdims=True))
    return np.stack(h), np.stack(o[1:])


@classic(
    "output_recurrence",
    "initial output ignored",
    "The result is the one for o0 = 0, so it is wrong from the first step on. Either zeros stand "
    "in place of o0, or o[t-1] was read at t = 0: Python takes o[-1] for the last step, and there "
    "is no error.",
    fails=OUTPUT_ALL,
)
def output_initial_output_ignored(x, o0, params):
    T, N, _ = x.shape
    h, o = np.zeros((T, N, len(params["b"]))), np.zeros((T, *o0.shape))
    for t in range(T):
        h[t] = rnn_step(x[t], o[t - 1], params)
        o[t] = params["c"] + h[t] @ params["V"].T
    return h, o


@classic(
    "output_recurrence",
    "every step fed with the initial output",
    "The first step is right and no other: each state depends on its own input and o0 alone. a_t "
    "holds o_{t-1}, so each output must be there before the next step. It cannot wait until the "
    "loop is over.",
    fails=OUTPUT_SEVERAL,
)
def output_always_from_o0(x, o0, params):
    h = np.stack([rnn_step(x_t, o0, params) for x_t in x])
    return h, params["c"] + h @ params["V"].T


@classic(
    "output_recurrence",
    "output of two steps before fed back",
    "The first step is right, and the second is fed with o0 once more. From there on each step "
    "gets o_{t-2} where the equation has o_{t-1}. Look at when the newest output is put where the "
    "next step finds it.",
    fails=OUTPUT_SEVERAL,
)
def output_of_two_steps_before(x, o0, params):
    h, o, fed_back = [], [o0], o0
    for x_t in x:
        h.append(rnn_step(x_t, fed_back, params))
        fed_back = o[-1]
        o.append(params["c"] + h[-1] @ params["V"].T)
    return np.stack(h), np.stack(o[1:])


@classic(
    "output_recurrence",
    "outputs returned one step late",
    "The states are right, and o[0] is o0: what came back is what each step was fed with. The "
    "output o[t] is the one computed from h[t].",
    fails=OUTPUT_ALL,
)
def output_one_step_late(x, o0, params):
    h, o = [], [o0]
    for x_t in x:
        h.append(rnn_step(x_t, o[-1], params))
        o.append(params["c"] + h[-1] @ params["V"].T)
    return np.stack(h), np.stack(o[:-1])


@classic(
    "output_recurrence",
    "initial output kept among the outputs",
    "The states are right, but o has T + 1 steps: its first is o0, which the caller has already. "
    "o[t] is the output computed from h[t].",
    fails=OUTPUT_ALL,
)
def output_initial_output_kept(x, o0, params):
    h, o = [], [o0]
    for x_t in x:
        h.append(rnn_step(x_t, o[-1], params))
        o.append(params["c"] + h[-1] @ params["V"].T)
    return np.stack(h), np.stack(o)


@classic(
    "output_recurrence",
    "last step left out",
    "All steps but the last are right, and at the last one states and outputs are 0. The loop ends "
    "one step too early. Count how often your loop runs when T is 1.",
    fails=OUTPUT_ALL,
)
def output_last_step_left_out(x, o0, params):
    T, N, _ = x.shape
    h, o, o_t = np.zeros((T, N, len(params["b"]))), np.zeros((T, *o0.shape)), o0
    for t in range(T - 1):
        h[t] = rnn_step(x[t], o_t, params)
        o_t = o[t] = params["c"] + h[t] @ params["V"].T
    return h, o


@classic(
    "output_recurrence",
    "W reshaped instead of transposed",
    "The shapes are right, and the numbers are wrong from the first step on. A reshape of W to (K, "
    "H) reads its numbers on in their old order, so the weights meet the wrong outputs; a "
    "transpose exchanges rows and columns.",
    fails=OUTPUT_ALL,
)
def output_w_reshaped(x, o0, params):
    W = params["W"].reshape(o0.shape[1], -1)
    h, o = [], [o0]
    for x_t in x:
        h.append(np.tanh(params["b"] + o[-1] @ W + x_t @ params["U"].T))
        o.append(params["c"] + h[-1] @ params["V"].T)
    return np.stack(h), np.stack(o[1:])


@classic(
    "output_recurrence",
    "bias of the hidden units missing",
    "The states are wrong from the first step on, and the outputs with them. The sum a_t has three "
    "terms, and in the step that your loop makes (or in `rnn_step`, if it calls that) b is not "
    "among them.",
    fails=OUTPUT_ALL,
)
def output_without_b(x, o0, params):
    h, o = [], [o0]
    for x_t in x:
        h.append(np.tanh(o[-1] @ params["W"].T + x_t @ params["U"].T))
        o.append(params["c"] + h[-1] @ params["V"].T)
    return np.stack(h), np.stack(o[1:])


@classic(
    "output_recurrence",
    "tanh taken twice",
    "As a rule the states are too close to 0, and none is beyond 0.762, the tanh of 1. Equation "
    "10.9 takes tanh once, and `rnn_step` ends with it: what it returns is h_t already.",
    fails=OUTPUT_ALL,
)
def output_tanh_twice(x, o0, params):
    h, o = [], [o0]
    for x_t in x:
        h.append(np.tanh(rnn_step(x_t, o[-1], params)))
        o.append(params["c"] + h[-1] @ params["V"].T)
    return np.stack(h), np.stack(o[1:])


@classic(
    "output_recurrence",
    "one buffer stored at all steps",
    "The states are right, and all steps of o are equal: each is the last output. The list holds "
    "the same array T times, and every step wrote its numbers into it. Each output needs an array "
    "of its own.",
    fails=OUTPUT_SEVERAL,
)
def output_one_buffer(x, o0, params):
    h, o, o_t = [], [], o0.copy()
    for x_t in x:
        h.append(rnn_step(x_t, o_t, params))
        o_t[:] = params["c"] + h[-1] @ params["V"].T
        o.append(o_t)
    return np.stack(h), np.stack(o)


@another(output_one_buffer)
def output_o0_as_the_buffer(x, o0, params):
    h, o, o_t = [], [], o0
    for x_t in x:
        h.append(rnn_step(x_t, o_t, params))
        o_t[:] = params["c"] + h[-1] @ params["V"].T
        o.append(o_t)
    return np.stack(h), np.stack(o)


@classic(
    "output_recurrence",
    "input of the step before",
    "Step t read x[t-1], and the first step read the last input, since x[-1] counts from the end. "
    "A single step is right. h_t comes from the output of the step before and the input of its "
    "own.",
    fails=OUTPUT_SEVERAL,
)
def output_input_of_step_before(x, o0, params):
    h, o = [], [o0]
    for t in range(len(x)):
        h.append(rnn_step(x[t - 1], o[-1], params))
        o.append(params["c"] + h[-1] @ params["V"].T)
    return np.stack(h), np.stack(o[1:])


@classic(
    "output_recurrence",
    "time reversed",
    "The inputs were read from the last to the first, so that h[0] has read x[-1]. The output o_t "
    "follows o_{t-1}: the loop starts with x[0] and goes forwards.",
    fails=OUTPUT_SEVERAL,
)
def output_time_reversed(x, o0, params):
    h, o = [], [o0]
    for x_t in x[::-1]:
        h.append(rnn_step(x_t, o[-1], params))
        o.append(params["c"] + h[-1] @ params["V"].T)
    return np.stack(h), np.stack(o[1:])


@another(output_time_reversed)
def output_filled_from_the_end(x, o0, params):
    T, N, _ = x.shape
    h, o, o_t = np.empty((T, N, len(params["b"]))), np.empty((T, *o0.shape)), o0
    for t in reversed(range(T)):
        h[t] = rnn_step(x[t], o_t, params)
        o_t = o[t] = params["c"] + h[t] @ params["V"].T
    return h, o


@classic(
    "output_recurrence",
    "batch taken for time",
    "A single step of a single sequence works; otherwise shapes do not fit, as a rule. The loop "
    "ran over the sequences, as though x were (N, T, D). Time is the first axis here, x is (T, N, "
    'D), and x[t] holds one step of all sequences (table in "Notation").',
    fails=OUTPUT_SEVERAL,
)
def output_batch_for_time(x, o0, params):
    h, o = [], [o0]
    for t in range(x.shape[1]):
        h.append(rnn_step(x[:, t], o[-1], params))
        o.append(params["c"] + h[-1] @ params["V"].T)
    return np.stack(h, axis=1), np.stack(o[1:], axis=1)


@classic(
    "output_recurrence",
    "output carried over to the next sequence",
    "The first sequence is right and no other: each goes on from the last output of the one "
    "before. Sequences of a batch never mix. Sequence n starts from its own row of o0.",
    fails=OUTPUT_SEVERAL,
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


@classic(
    "output_recurrence",
    "outputs and states exchanged",
    "Both results are right, but they come in the other order. The function returns `(h, o)`: the "
    "states first.",
    fails=OUTPUT_ALL,
)
def output_results_exchanged(x, o0, params):
    h, o = [], [o0]
    for x_t in x:
        h.append(rnn_step(x_t, o[-1], params))
        o.append(params["c"] + h[-1] @ params["V"].T)
    return np.stack(o[1:]), np.stack(h)


@classic(
    "output_recurrence",
    "o0 changed in place",
    "The result is right, but after the call o0 holds the last output, and the caller's start is "
    "lost. A plain assignment such as `fed_back = o0` makes no copy: writing into the one changes "
    "the other.",
    fails=(OUTPUT_UNCHANGED,),
)
def output_in_place(x, o0, params):
    h, o, fed_back = [], [], o0
    for x_t in x:
        h.append(rnn_step(x_t, fed_back, params))
        fed_back[:] = params["c"] + h[-1] @ params["V"].T
        o.append(fed_back.copy())
    return np.stack(h), np.stack(o)


# --- single_output -----------------------------------------------------------------------

SINGLE_LAST = "test_without_lengths_the_output_comes_from_the_last_step"
SINGLE_STATES = "test_the_states_of_all_steps_come_back"
SINGLE_LENGTHS = "test_with_lengths_each_output_comes_from_its_own_last_step"
SINGLE_REAL = "test_with_lengths_the_states_of_real_steps_are_right"
SINGLE_PADDING = "test_it_does_not_matter_what_the_padding_holds"
SINGLE_ONE = "test_a_sequence_may_end_with_its_first_step"
SINGLE_UNCHANGED = "test_pattern_3_leaves_its_arguments_alone_and_can_be_repeated"
SINGLE_BATCH = (SINGLE_LENGTHS, SINGLE_PADDING, SINGLE_UNCHANGED)  # o of sequences of two lengths
SINGLE_WITH = (*SINGLE_BATCH, SINGLE_ONE)  # o with lengths
SINGLE_OUTPUTS = (SINGLE_LAST, *SINGLE_WITH)
SINGLE_ALL = (*SINGLE_OUTPUTS, SINGLE_STATES, SINGLE_REAL)


@classic(
    "single_output",
    "lengths ignored",
    "Only sequences that fill all T steps are right; the others have the output of step T, where "
    "the network has read padding. The output of sequence n belongs to its own last step "
    '("Sequences of different lengths").',
    fails=SINGLE_WITH,
)
def single_lengths_ignored(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    return h, o[-1]


@classic(
    "single_output",
    "lengths used as indices",
    "Where a sequence fills all T steps, there is an IndexError; without such a one, each sequence "
    "has the output of its first step of padding. Lengths count from 1, arrays count from 0.",
    fails=(*SINGLE_WITH, SINGLE_REAL),
)
def single_lengths_as_indices(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    return h, o[-1] if lengths is None else o[lengths, np.arange(len(lengths))]


@classic(
    "single_output",
    "one step too late",
    "Sequences that fill all T steps are right; a shorter one has the output of its first step of "
    "padding. Lengths count from 1, arrays count from 0. Limiting the index to T - 1 would hide "
    "the error message, not the mistake.",
    fails=SINGLE_WITH,
)
def single_one_step_late(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    T, N, _ = x.shape
    last = np.full(N, T - 1) if lengths is None else np.minimum(lengths, T - 1)
    return h, o[last, np.arange(N)]


@classic(
    "single_output",
    "one step too early",
    "With lengths, as a rule, each output is the one of the last real step but one; a sequence of "
    "one step has that of step T, since the index -1 counts from the end. Step number "
    "`lengths[n]`, counted from 1, is the last real one.",
    fails=SINGLE_WITH,
)
def single_one_step_early(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    return h, o[-1] if lengths is None else o[lengths - 2, np.arange(len(lengths))]


@classic(
    "single_output",
    "lengths counted from the end",
    "Each output comes from step T - lengths[n], counted from 0. A negative index counts from the "
    "end of the array, and there the padding stands.",
    fails=SINGLE_WITH,
)
def single_counted_from_the_end(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    return h, o[-1] if lengths is None else o[-lengths, np.arange(len(lengths))]


@classic(
    "single_output",
    "a slice over the sequences",
    "With lengths, o is (N, N, K): every length was applied to every sequence. An array and a "
    "slice are combined in all ways; two arrays of integers are taken in pairs.",
    fails=SINGLE_WITH,
)
def single_slice(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    return h, o[-1] if lengths is None else o[lengths - 1, :]


@classic(
    "single_output",
    "steps and sequences exchanged in the index",
    "With lengths there is an IndexError, or other sequences' outputs come back. o is (T, N, K): "
    "the first index is the step, the second the sequence.",
    fails=(*SINGLE_BATCH, SINGLE_REAL),
)
def single_index_exchanged(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    return h, o[-1] if lengths is None else o[np.arange(len(lengths)), lengths - 1]


@classic(
    "single_output",
    "length of the first sequence taken for all",
    "The first sequence is right, and all others have the output of the step at which the first "
    "one ends. Each sequence has its own last step.",
    fails=SINGLE_BATCH,
)
def single_first_length_for_all(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    return h, o[-1] if lengths is None else o[lengths[0] - 1]


@classic(
    "single_output",
    "shortest length taken for all",
    "Only the shortest sequences are right; the others have an output from before their end. Each "
    "sequence has its own last step.",
    fails=SINGLE_BATCH,
)
def single_shortest_for_all(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    return h, o[-1] if lengths is None else o[lengths.min() - 1]


@classic(
    "single_output",
    "longest length taken for all",
    "Only the longest sequences are right; in the others the network has read padding. Each "
    "sequence has its own last step.",
    fails=SINGLE_BATCH,
)
def single_longest_for_all(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    return h, o[-1] if lengths is None else o[lengths.max() - 1]


@classic(
    "single_output",
    "outputs in the order of the lengths",
    "All outputs are there, but they belong to other sequences: the batch was sorted by length, "
    "and not brought back (the states may be in the other order, too). Row n of o belongs to "
    "sequence n.",
    fails=SINGLE_BATCH,
)
def single_sorted_by_length(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    if lengths is None:
        return h, o[-1]
    order = np.argsort(-lengths, kind="stable")
    return h, o[lengths[order] - 1, order]


@another(single_sorted_by_length)
def single_longest_first(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    if lengths is None:
        return h, o[-1]
    order = np.argsort(lengths)[::-1]
    return h, o[lengths[order] - 1, order]


@another(single_sorted_by_length, fails=(*SINGLE_BATCH, SINGLE_REAL))
def single_batch_sorted(x, h0, params, lengths=None):
    if lengths is None:
        h, o = hidden_recurrence(x, h0, params)
        return h, o[-1]
    order = np.argsort(-lengths, kind="stable")
    h, o = hidden_recurrence(x[:, order], h0[order], params)
    return h, o[lengths[order] - 1, np.arange(len(order))]


@another(single_sorted_by_length, fails=(*SINGLE_BATCH, SINGLE_REAL))
def single_batch_sorted_longest_first(x, h0, params, lengths=None):
    if lengths is None:
        h, o = hidden_recurrence(x, h0, params)
        return h, o[-1]
    order = np.argsort(lengths)[::-1]
    h, o = hidden_recurrence(x[:, order], h0[order], params)
    return h, o[lengths[order] - 1, np.arange(len(order))]


@classic(
    "single_output",
    "inputs of the padding set to zero",
    "Sequences that fill all T steps are right, and the others have the output of step T. Where "
    "the input is 0, W and b go on working on the state all the same. What matters is the step "
    "that the output is taken from, not what the padding holds.",
    fails=SINGLE_WITH,
)
def single_padding_zeroed(x, h0, params, lengths=None):
    if lengths is not None:
        real = np.arange(len(x))[:, None] < lengths
        x = x * real[:, :, None]
    h, o = hidden_recurrence(x, h0, params)
    return h, o[-1]


@classic(
    "single_output",
    "states of the padding set to zero",
    "A sequence that ends before step T gets the output c, the same whatever it held. Its state at "
    "step T was set to 0, and the output was taken from there. Its summary is the state of its own "
    "last step.",
    fails=SINGLE_WITH,
)
def single_states_zeroed(x, h0, params, lengths=None):
    h, _ = hidden_recurrence(x, h0, params)
    if lengths is not None:
        h = h * (np.arange(len(x))[:, None] < lengths)[:, :, None]
    return h, params["c"] + h[-1] @ params["V"].T


@classic(
    "single_output",
    "mean of the outputs",
    "The output is the mean over all real steps, so only a sequence of a single step is right. In "
    "pattern 3 the last state summarises the sequence by itself: o = c + V h_T.",
    fails=(SINGLE_LAST, *SINGLE_BATCH),
)
def single_mean(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    if lengths is None:
        return h, o.mean(axis=0)
    real = (np.arange(len(x))[:, None] < lengths)[:, :, None]
    return h, (o * real).sum(axis=0) / lengths[:, None]


@classic(
    "single_output",
    "mean of the outputs, padding included",
    "The output is the mean over all T steps, and it changes with the padding. In pattern 3 the "
    "last state summarises the sequence by itself, and steps of padding have no say.",
    fails=SINGLE_OUTPUTS,
)
def single_mean_with_padding(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    return h, o.mean(axis=0)


@classic(
    "single_output",
    "last sequence taken for the last step",
    "Without lengths, o is (T, K): the outputs of the last sequence at all steps. Time is the "
    "first axis of (T, N, K), and `[:, -1]`, for example, picks from the second.",
    fails=(SINGLE_LAST,),
)
def single_last_sequence(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    return h, o[:, -1] if lengths is None else o[lengths - 1, np.arange(len(lengths))]


@classic(
    "single_output",
    "lengths required",
    "With lengths everything is right; without them there is a TypeError, for they are None. Then "
    "all sequences have T steps. Which is their last step?",
    fails=(SINGLE_LAST, SINGLE_STATES),
)
def single_lengths_required(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    return h, o[lengths - 1, np.arange(x.shape[1])]


@another(single_lengths_required)
def single_lengths_gone_through(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    return h, np.stack([o[length - 1, n] for n, length in enumerate(lengths)])


@another(single_lengths_required)
def single_lengths_indexed(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    return h, np.stack([o[lengths[n] - 1, n] for n in range(x.shape[1])])


@another(single_lengths_required)
def single_lengths_counted(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    n = np.arange(len(lengths))
    return h, o[lengths - 1, n]


@classic(
    "single_output",
    "truth of an array asked for",
    "As a rule, a ValueError says that the truth value of an array is ambiguous: `if lengths`, for "
    "example, cannot decide between several numbers. What do you want to know of it: are there "
    "lengths at all, or are they zero?",
    fails=(*SINGLE_BATCH, SINGLE_REAL),
)
def single_truth_of_array(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    if lengths:
        return h, o[lengths - 1, np.arange(len(lengths))]
    return h, o[-1]


@classic(
    "single_output",
    "an output at every step",
    "o has three axes: the outputs of all steps came back, as in pattern 1. Pattern 3 has one "
    "output for each sequence, the one after its last step.",
    fails=SINGLE_OUTPUTS,
)
def single_all_outputs(x, h0, params, lengths=None):
    return hidden_recurrence(x, h0, params)


@classic(
    "single_output",
    "only the last state returned",
    "The outputs are right, but h has two axes: only the last states came back. h holds the states "
    "of all steps, (T, N, H).",
    fails=(SINGLE_STATES, SINGLE_REAL),
)
def single_last_state_only(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    T, N, _ = x.shape
    last = np.full(N, T - 1) if lengths is None else lengths - 1
    return h[last, np.arange(N)], o[last, np.arange(N)]


@another(single_last_state_only)
def single_state_of_step_t_only(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    T, N, _ = x.shape
    last = np.full(N, T - 1) if lengths is None else lengths - 1
    return h[-1], o[last, np.arange(N)]


@classic(
    "single_output",
    "output bias missing",
    "The states are right, and class k of the output is off by the same number in all sequences. o "
    "= c + V h_T has two terms, and c is the one that is missing.",
    fails=SINGLE_OUTPUTS,
)
def single_without_c(x, h0, params, lengths=None):
    h, _ = hidden_recurrence(x, h0, params)
    T, N, _ = x.shape
    last = np.full(N, T - 1) if lengths is None else lengths - 1
    return h, h[last, np.arange(N)] @ params["V"].T


@classic(
    "single_output",
    "softmax taken of the output",
    "The states are right, and the outputs are positive and sum to 1: they are probabilities. "
    "Asked for is the unnormalised o = c + V h_T; the softmax follows in homework 3.",
    fails=SINGLE_OUTPUTS,
)
def single_softmax(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    T, N, _ = x.shape
    last = np.full(N, T - 1) if lengths is None else lengths - 1
    e = np.exp(o[last, np.arange(N)])
    return h, e / e.sum(axis=-1, keepdims=True)


@classic(
    "single_output",
    "tanh taken of the output",
    "The states are right, and all outputs lie between -1 and 1. Only the hidden units are "
    "squashed; o = c + V h_T is not, and has no bounds.",
    fails=SINGLE_OUTPUTS,
)
def single_tanh(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    T, N, _ = x.shape
    last = np.full(N, T - 1) if lengths is None else lengths - 1
    return h, np.tanh(o[last, np.arange(N)])


@classic(
    "single_output",
    "initial state ignored",
    "All states are the ones for h0 = 0, so they are wrong from the first step on, and the outputs "
    "with them. The first step starts from h0, in this pattern as in pattern 1.",
    fails=SINGLE_ALL,
)
def single_initial_state_ignored(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, np.zeros_like(h0), params)
    T, N, _ = x.shape
    last = np.full(N, T - 1) if lengths is None else lengths - 1
    return h, o[last, np.arange(N)]


@classic(
    "single_output",
    "lengths changed in place",
    "The outputs are right, but after the call all lengths are smaller by one, and the next call "
    "gives something else. An operator such as -= writes into the array that was handed over.",
    fails=(SINGLE_UNCHANGED,),
)
def single_lengths_changed(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    if lengths is None:
        return h, o[-1]
    lengths -= 1
    return h, o[lengths, np.arange(len(lengths))]


@classic(
    "single_output",
    "padding of x changed in place",
    "The outputs are right, but after the call the padded steps of x are 0. Assigning to a part of "
    "x writes into the array that was handed over. Nothing need be done to the padding at all.",
    fails=(SINGLE_UNCHANGED,),
)
def single_padding_changed(x, h0, params, lengths=None):
    T, N, _ = x.shape
    if lengths is None:
        lengths = np.full(N, T)
    x[np.arange(T)[:, None] >= lengths] = 0.0
    h, o = hidden_recurrence(x, h0, params)
    return h, o[lengths - 1, np.arange(N)]


# --- pattern_graph -----------------------------------------------------------------------

GRAPH_1 = "test_pattern_1_is_drawn_with_edges_from_state_to_state"
GRAPH_2 = "test_pattern_2_is_drawn_with_edges_from_output_to_state"
GRAPH_3 = "test_pattern_3_is_drawn_with_a_single_output"
GRAPH_SHORT = "test_one_step_and_two_steps_can_be_drawn"
GRAPH_LONG = "test_ten_steps_can_be_drawn"
GRAPH_ALL = (GRAPH_1, GRAPH_2, GRAPH_3, GRAPH_SHORT, GRAPH_LONG)


@classic(
    "pattern_graph",
    "W always starts at h",
    "Patterns 1 and 3 are right; in pattern 2, W leads from state to state. There, the output is "
    "what is fed back, and no edge leads from h to h.",
    fails=(GRAPH_2, GRAPH_SHORT, GRAPH_LONG),
)
def graph_w_from_h(pattern, T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t > 1:
            graph.edge(f"h{t - 1}", f"h{t}", label="W")
        if t == T or pattern != "single_output":
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"y{t}", f"L{t}")
    return graph


@classic(
    "pattern_graph",
    "pattern 2 with both recurrences",
    "Patterns 1 and 3 are right; pattern 2 has an edge W from o and another one from h. With the "
    "second, o would not be the only information that reaches the future.",
    fails=(GRAPH_2, GRAPH_SHORT, GRAPH_LONG),
)
def graph_both_recurrences(pattern, T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t > 1:
            graph.edge(f"h{t - 1}", f"h{t}", label="W")
        if t > 1 and pattern == "output_recurrence":
            graph.edge(f"o{t - 1}", f"h{t}", label="W")
        if t == T or pattern != "single_output":
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"y{t}", f"L{t}")
    return graph


@classic(
    "pattern_graph",
    "target fed back in pattern 2",
    "Patterns 1 and 3 are right; in pattern 2, W starts at the target y. Here the output of the "
    "step before is fed back. (With the target in its place, as in homework 5, training becomes "
    "simpler.)",
    fails=(GRAPH_2, GRAPH_SHORT, GRAPH_LONG),
)
def graph_w_from_y(pattern, T):
    fed_back = "y" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t > 1:
            graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")
        if t == T or pattern != "single_output":
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"y{t}", f"L{t}")
    return graph


@classic(
    "pattern_graph",
    "an output at every step of pattern 3",
    "Patterns 1 and 2 are right; in pattern 3 every state has an output, as in pattern 1. It has "
    "only oT, LT and yT: the other states have no output.",
    fails=(GRAPH_3, GRAPH_SHORT, GRAPH_LONG),
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


@another(graph_all_outputs)
def graph_all_outputs_and_one_loss(pattern, T):
    fed_back = "o" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t > 1:
            graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")
        graph.edge(f"h{t}", f"o{t}", label="V")
        if t == T or pattern != "single_output":
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"y{t}", f"L{t}")
    return graph


@classic(
    "pattern_graph",
    "only one input in pattern 3",
    "Patterns 1 and 2 are right; pattern 3 reads an input at its last step alone. It has a single "
    "output, and yet an input at every step.",
    fails=(GRAPH_3, GRAPH_SHORT, GRAPH_LONG),
)
def graph_single_input(pattern, T):
    fed_back = "o" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        if t > 1:
            graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")
        if t == T or pattern != "single_output":
            graph.edge(f"x{t}", f"h{t}", label="U")
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"y{t}", f"L{t}")
    return graph


@classic(
    "pattern_graph",
    "a node for the initial state",
    "The edge W at the first step starts at a node of step 0. In these drawings the initial state "
    "(or output) has no node, so the first step has no edge W.",
    fails=GRAPH_ALL,
)
def graph_initial_node(pattern, T):
    fed_back = "o" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")
        if t == T or pattern != "single_output":
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"y{t}", f"L{t}")
    return graph


@classic(
    "pattern_graph",
    "an edge W beyond the last step",
    "One edge W leads to a state after step T, which does not exist. The recurrence connects T "
    "steps with T - 1 edges.",
    fails=GRAPH_ALL,
)
def graph_edge_beyond_last_step(pattern, T):
    fed_back = "o" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        graph.edge(f"{fed_back}{t}", f"h{t + 1}", label="W")
        if t == T or pattern != "single_output":
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"y{t}", f"L{t}")
    return graph


@classic(
    "pattern_graph",
    "recurrence points back in time",
    "The edges W point from later to earlier steps. A state is computed from what the step before "
    "it gave, and arrows lead to what is computed. A single step has no such edge and is right.",
    fails=GRAPH_ALL,
)
def graph_recurrence_reversed(pattern, T):
    fed_back = "o" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t > 1:
            graph.edge(f"h{t}", f"{fed_back}{t - 1}", label="W")
        if t == T or pattern != "single_output":
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"y{t}", f"L{t}")
    return graph


@classic(
    "pattern_graph",
    "steps counted from 0",
    "The nodes are called x0, h0 and so on, up to T - 1. In the drawings steps are counted from 1, "
    "as in the text. Look at the numbers that your loop runs through.",
    fails=GRAPH_ALL,
)
def graph_from_zero(pattern, T):
    fed_back = "o" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph()
    for t in range(T):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t > 0:
            graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")
        if t == T - 1 or pattern != "single_output":
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"y{t}", f"L{t}")
    return graph


@classic(
    "pattern_graph",
    "last step left out",
    "All edges of step T are missing. Which is the last number that your loop runs through? Count "
    "its turns for T = 1.",
    fails=GRAPH_ALL,
)
def graph_last_step_left_out(pattern, T):
    fed_back = "o" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph()
    for t in range(1, T):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t > 1:
            graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")
        if t == T or pattern != "single_output":
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"y{t}", f"L{t}")
    return graph


@classic(
    "pattern_graph",
    "always three steps",
    "The graph has three steps, whatever T is, as the pictures in the text have. The number of "
    "steps is an argument.",
    fails=GRAPH_ALL,
)
def graph_three_steps(pattern, T):
    fed_back = "o" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph()
    for t in (1, 2, 3):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t > 1:
            graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")
        if t == 3 or pattern != "single_output":
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"y{t}", f"L{t}")
    return graph


@classic(
    "pattern_graph",
    "U and V exchanged",
    "All edges are there, and two kinds of them have each other's label. U leads from the input to "
    'the hidden units, V from the hidden units to the output (table in "Notation").',
    fails=GRAPH_ALL,
)
def graph_labels_exchanged(pattern, T):
    fed_back = "o" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="V")
        if t > 1:
            graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")
        if t == T or pattern != "single_output":
            graph.edge(f"h{t}", f"o{t}", label="U")
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"y{t}", f"L{t}")
    return graph


@classic(
    "pattern_graph",
    "edges without labels",
    "All edges are there, and none has a label. U, W and V say which parameters an edge stands "
    "for; only the edges to L have none.",
    fails=GRAPH_ALL,
)
def graph_without_labels(pattern, T):
    fed_back = "o" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}")
        if t > 1:
            graph.edge(f"{fed_back}{t - 1}", f"h{t}")
        if t == T or pattern != "single_output":
            graph.edge(f"h{t}", f"o{t}")
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"y{t}", f"L{t}")
    return graph


@classic(
    "pattern_graph",
    "the target points the wrong way",
    "The edges lead from L to y. The loss is computed from the output and the target, so both have "
    "an edge to L; the target is given, nothing leads to it.",
    fails=GRAPH_ALL,
)
def graph_target_reversed(pattern, T):
    fed_back = "o" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t > 1:
            graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")
        if t == T or pattern != "single_output":
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"L{t}", f"y{t}")
    return graph


@classic(
    "pattern_graph",
    "the target leads to the output",
    "The edges lead from y to o, as though the output were computed from the target. o comes from "
    "h alone; y meets it in the loss L.",
    fails=GRAPH_ALL,
)
def graph_target_to_output(pattern, T):
    fed_back = "o" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t > 1:
            graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")
        if t == T or pattern != "single_output":
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"y{t}", f"o{t}")
    return graph


@classic(
    "pattern_graph",
    "losses and targets left out",
    "The network is right and ends at o. The drawings show the training too: o and y each have an "
    "edge to the loss L of their step, without a label.",
    fails=GRAPH_ALL,
)
def graph_without_losses(pattern, T):
    fed_back = "o" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t > 1:
            graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")
        if t == T or pattern != "single_output":
            graph.edge(f"h{t}", f"o{t}", label="V")
    return graph


@classic(
    "pattern_graph",
    "targets left out",
    "The network is right, and so are the edges from o to L; no edge comes from the targets. A "
    "loss compares two things: o and y each have an edge to the loss L of their step.",
    fails=GRAPH_ALL,
)
def graph_without_targets(pattern, T):
    fed_back = "o" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t > 1:
            graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")
        if t == T or pattern != "single_output":
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edge(f"o{t}", f"L{t}")
    return graph
