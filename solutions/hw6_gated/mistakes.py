"""Classic mistakes of hw6_gated."""

import numpy as np

from autograder.course.catalogue import classic
from solutions.hw6_gated.solution import (
    lstm,
    lstm_step,
    lstm_step_backward,
    sequence_loss,
    sequence_loss_gradient,
    sigmoid,
    softmax,
)

# --- lstm_step ---------------------------------------------------------------------------

LSTM_STEP_S = "test_the_state_keeps_some_of_the_old_and_takes_in_some_of_the_new"
LSTM_STEP_H = "test_what_is_shown_is_the_tanh_of_the_new_state_through_the_output_gate"
LSTM_STEP_G = "test_gates_may_be_open_or_closed_entirely"
LSTM_STEP_A = "test_lstm_step_reads_its_arguments_and_leaves_them_as_they_were"


@classic(
    "lstm_step",
    "third and fourth block exchanged",
    "Both states are wrong. The third block was taken for the output gate and the "
    "fourth for the candidate. The order is i, f, g, q: the candidate comes third.",
    fails=(LSTM_STEP_S, LSTM_STEP_H, LSTM_STEP_G),
)
def lstm_step_third_and_fourth_block_exchanged(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_q, z_g = np.split(z, 4, axis=-1)
    s_t = sigmoid(z_f) * s_prev + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_q) * np.tanh(s_t), s_t


@classic(
    "lstm_step",
    "input and forget gate exchanged",
    "Both states are wrong: what the input gate should weigh was weighed by the "
    "forget gate, and the other way round. The first block is i, the second f, and f "
    "belongs to the old state.",
    fails=(LSTM_STEP_S, LSTM_STEP_H, LSTM_STEP_G),
)
def lstm_step_input_and_forget_gate_exchanged(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_f, z_i, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = sigmoid(z_f) * s_prev + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_q) * np.tanh(s_t), s_t


@classic(
    "lstm_step",
    "blocks interleaved",
    "Both states are wrong: every fourth entry of z was taken for a block. Each block "
    'is H entries in a row. "Four blocks in one array" has the picture.',
    fails=(LSTM_STEP_S, LSTM_STEP_H, LSTM_STEP_G),
)
def lstm_step_blocks_interleaved(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = (z[:, k::4] for k in range(4))
    s_t = sigmoid(z_f) * s_prev + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_q) * np.tanh(s_t), s_t


@classic(
    "lstm_step",
    "sigmoid for the candidate",
    "Both states are wrong: the candidate went through a sigmoid, so nothing negative "
    "is ever added to the state. The book prints it so, but in this course the "
    'candidate is a tanh: see "Other letters".',
    fails=(LSTM_STEP_S, LSTM_STEP_H, LSTM_STEP_G),
)
def lstm_step_sigmoid_for_the_candidate(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = sigmoid(z_f) * s_prev + sigmoid(z_i) * sigmoid(z_g)
    return sigmoid(z_q) * np.tanh(s_t), s_t


@classic(
    "lstm_step",
    "tanh for the gates",
    "Both states are wrong: the gates went through a tanh, so they can be negative. A "
    "gate lies between 0 and 1. Which function has such values?",
    fails=(LSTM_STEP_S, LSTM_STEP_H, LSTM_STEP_G),
)
def lstm_step_tanh_for_the_gates(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = np.tanh(z_f) * s_prev + np.tanh(z_i) * np.tanh(z_g)
    return np.tanh(z_q) * np.tanh(s_t), s_t


@classic(
    "lstm_step",
    "tanh of the state left out",
    "s_t is right and h_t is not: the output gate was applied to the state itself. "
    "What it shows is the tanh of the state.",
    fails=(LSTM_STEP_H,),
)
def lstm_step_tanh_of_the_state_left_out(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = sigmoid(z_f) * s_prev + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_q) * s_t, s_t


@classic(
    "lstm_step",
    "output gate left out",
    "s_t is right and h_t is not: the tanh of the state is shown in full. The output "
    "gate decides how much of it is.",
    fails=(LSTM_STEP_H,),
)
def lstm_step_output_gate_left_out(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, _z_q = np.split(z, 4, axis=-1)
    s_t = sigmoid(z_f) * s_prev + sigmoid(z_i) * np.tanh(z_g)
    return np.tanh(s_t), s_t


@classic(
    "lstm_step",
    "output gate inside the tanh",
    "s_t is right and h_t is not: the output gate was applied to the state, and the "
    "tanh taken afterwards. In the equation of h_t the tanh is inside, and the gate "
    "outside.",
    fails=(LSTM_STEP_H,),
)
def lstm_step_output_gate_inside_the_tanh(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = sigmoid(z_f) * s_prev + sigmoid(z_i) * np.tanh(z_g)
    return np.tanh(sigmoid(z_q) * s_t), s_t


@classic(
    "lstm_step",
    "the old state shown",
    "s_t is right and h_t is not: it was made from s_prev. What is shown is the state "
    "after the step.",
    fails=(LSTM_STEP_H,),
)
def lstm_step_the_old_state_shown(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = sigmoid(z_f) * s_prev + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_q) * np.tanh(s_prev), s_t


@classic(
    "lstm_step",
    "tanh kept in the state",
    "h_t is right and s_t is not: the tanh of the state came back in its place. The "
    "tanh is taken for showing only; the state itself goes on as it is, or it would "
    "be squeezed at every step.",
    fails=(LSTM_STEP_S, LSTM_STEP_G),
)
def lstm_step_tanh_kept_in_the_state(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = sigmoid(z_f) * s_prev + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_q) * np.tanh(s_t), np.tanh(s_t)


@classic(
    "lstm_step",
    "input gate left out",
    "Both states are wrong: the candidate was added in full. The input gate decides "
    "how much of it comes in.",
    fails=(LSTM_STEP_S, LSTM_STEP_H, LSTM_STEP_G),
)
def lstm_step_input_gate_left_out(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    _z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = sigmoid(z_f) * s_prev + np.tanh(z_g)
    return sigmoid(z_q) * np.tanh(s_t), s_t


@classic(
    "lstm_step",
    "forget gate left out",
    "Both states are wrong: the old state was kept in full. The forget gate decides "
    "how much of it stays.",
    fails=(LSTM_STEP_S, LSTM_STEP_H, LSTM_STEP_G),
)
def lstm_step_forget_gate_left_out(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, _z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = s_prev + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_q) * np.tanh(s_t), s_t


@classic(
    "lstm_step",
    "1 - f for the input gate",
    "Both states are wrong: the candidate was weighed with 1 - f. That is a leaky "
    "unit with a gate; the LSTM has an input gate of its own, so it can keep and add "
    "at once.",
    fails=(LSTM_STEP_S, LSTM_STEP_H, LSTM_STEP_G),
)
def lstm_step_one_minus_f_for_the_input_gate(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    _z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = sigmoid(z_f) * s_prev + (1 - sigmoid(z_f)) * np.tanh(z_g)
    return sigmoid(z_q) * np.tanh(s_t), s_t


@classic(
    "lstm_step",
    "1 - f for the forget gate",
    "Both states are wrong: the old state was weighed with 1 - f. Despite its name, a "
    "forget gate of 1 keeps everything.",
    fails=(LSTM_STEP_S, LSTM_STEP_H, LSTM_STEP_G),
)
def lstm_step_one_minus_f_for_the_forget_gate(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = (1 - sigmoid(z_f)) * s_prev + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_q) * np.tanh(s_t), s_t


@classic(
    "lstm_step",
    "old state not kept",
    "Both states are wrong: they hold only what is new. The new state is a sum of two "
    "terms, and the first of them is made from s_prev.",
    fails=(LSTM_STEP_S, LSTM_STEP_H, LSTM_STEP_G),
)
def lstm_step_old_state_not_kept(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, _z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_q) * np.tanh(s_t), s_t


@classic(
    "lstm_step",
    "h_prev for s_prev",
    "Both states are wrong: the forget gate was applied to the hidden state h_prev. "
    "What is kept from step to step is the cell's state, s_prev.",
    fails=(LSTM_STEP_S, LSTM_STEP_H, LSTM_STEP_G),
)
def lstm_step_h_prev_for_s_prev(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = sigmoid(z_f) * h_prev + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_q) * np.tanh(s_t), s_t


@classic(
    "lstm_step",
    "s_prev for h_prev",
    "Both states are wrong: the gates were computed from the cell's state s_prev. "
    "They see the hidden state, h_prev.",
    fails=(LSTM_STEP_S, LSTM_STEP_H, LSTM_STEP_G),
)
def lstm_step_s_prev_for_h_prev(x_t, h_prev, s_prev, params):
    z = params["b"] + s_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = sigmoid(z_f) * s_prev + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_q) * np.tanh(s_t), s_t


@classic(
    "lstm_step",
    "b left out",
    "Both states are wrong: z was made without b.",
    fails=(LSTM_STEP_S, LSTM_STEP_H, LSTM_STEP_G),
)
def lstm_step_b_left_out(x_t, h_prev, s_prev, params):
    z = h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = sigmoid(z_f) * s_prev + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_q) * np.tanh(s_t), s_t


@classic(
    "lstm_step",
    "h_t and s_t exchanged",
    "The first result is s_t and the second h_t. They came back in the wrong order; "
    "the docstring tells the right order.",
    fails=(LSTM_STEP_S, LSTM_STEP_H, LSTM_STEP_G),
)
def lstm_step_h_t_and_s_t_exchanged(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = sigmoid(z_f) * s_prev + sigmoid(z_i) * np.tanh(z_g)
    return s_t, sigmoid(z_q) * np.tanh(s_t)


@classic(
    "lstm_step",
    "exponentials that overflow",
    "Where all sums are of ordinary size, everything is right; where one is very "
    "large, there is NaN, infinity divided by infinity. The given `sigmoid` is safe "
    "there.",
    fails=(LSTM_STEP_G,),
)
def lstm_step_exponentials_that_overflow(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_t = np.exp(z_f) / (1 + np.exp(z_f)) * s_prev + np.exp(z_i) / (1 + np.exp(z_i)) * np.tanh(z_g)
    return np.exp(z_q) / (1 + np.exp(z_q)) * np.tanh(s_t), s_t


@classic(
    "lstm_step",
    "s_prev changed in place",
    "The results of the call are right, but the argument s_prev has changed: *=, for "
    "example, writes into the caller's array. The product with the forget gate needs "
    "an array of its own.",
    fails=(LSTM_STEP_A,),
)
def lstm_step_s_prev_changed_in_place(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    s_prev *= sigmoid(z_f)
    s_t = s_prev + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_q) * np.tanh(s_t), s_t


# --- lstm --------------------------------------------------------------------------------

LSTM_S = "test_each_state_comes_from_both_states_of_the_step_before"
LSTM_H = "test_the_hidden_states_of_all_steps_come_back"
LSTM_O = "test_every_step_has_an_output_made_from_its_hidden_state"
LSTM_A = "test_lstm_reads_its_arguments_and_leaves_them_as_they_were"


@classic(
    "lstm",
    "s0 used again at every step",
    "The first step is right, and all later ones are wrong: each starts from s0, so "
    "nothing is remembered. Step t starts from the cell state that step t - 1 gave.",
    fails=(LSTM_S, LSTM_H, LSTM_O),
)
def lstm_s0_used_again_at_every_step(x, h0, s0, params):
    T = len(x)
    h, s = np.empty((T, *h0.shape)), np.empty((T, *s0.shape))
    h_t, s_t = h0, s0
    for t in range(T):
        h_t, s[t] = lstm_step(x[t], h_t, s_t, params)
        h[t] = h_t
    return h, s, params["c"] + h @ params["V"].T


@classic(
    "lstm",
    "h0 used again at every step",
    "The first step is right, and all later ones are wrong: the gates of each see h0. "
    "Step t starts from the hidden state that step t - 1 gave.",
    fails=(LSTM_S, LSTM_H, LSTM_O),
)
def lstm_h0_used_again_at_every_step(x, h0, s0, params):
    T = len(x)
    h, s = np.empty((T, *h0.shape)), np.empty((T, *s0.shape))
    h_t, s_t = h0, s0
    for t in range(T):
        h_t, s_t = lstm_step(x[t], h0, s_t, params)
        h[t], s[t] = h_t, s_t
    return h, s, params["c"] + h @ params["V"].T


@classic(
    "lstm",
    "started from zeros",
    "All steps are wrong, the later ones less: the run starts from zeros instead of h0 and s0.",
    fails=(LSTM_S, LSTM_H, LSTM_O),
)
def lstm_started_from_zeros(x, h0, s0, params):
    T = len(x)
    h, s = np.empty((T, *h0.shape)), np.empty((T, *s0.shape))
    h_t, s_t = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in range(T):
        h_t, s_t = lstm_step(x[t], h_t, s_t, params)
        h[t], s[t] = h_t, s_t
    return h, s, params["c"] + h @ params["V"].T


@classic(
    "lstm",
    "h and s exchanged when handed on",
    "The first step is right, and all later ones are wrong: the two states change "
    "places on their way to the next step. `lstm_step` takes the hidden state first.",
    fails=(LSTM_S, LSTM_H, LSTM_O),
)
def lstm_h_and_s_exchanged_when_handed_on(x, h0, s0, params):
    T = len(x)
    h, s = np.empty((T, *h0.shape)), np.empty((T, *s0.shape))
    h_t, s_t = h0, s0
    for t in range(T):
        h_t, s_t = lstm_step(x[t], *((h_t, s_t) if t == 0 else (s_t, h_t)), params)
        h[t], s[t] = h_t, s_t
    return h, s, params["c"] + h @ params["V"].T


@classic(
    "lstm",
    "h and s exchanged in the result",
    "o is right, and the first two results have changed places: the hidden states come first.",
    fails=(LSTM_S, LSTM_H),
)
def lstm_h_and_s_exchanged_in_the_result(x, h0, s0, params):
    T = len(x)
    h, s = np.empty((T, *h0.shape)), np.empty((T, *s0.shape))
    h_t, s_t = h0, s0
    for t in range(T):
        h_t, s_t = lstm_step(x[t], h_t, s_t, params)
        h[t], s[t] = h_t, s_t
    return s, h, params["c"] + h @ params["V"].T


@classic(
    "lstm",
    "outputs made from the cell state",
    "h and s are right, o is not: it was made from s. The output sees what the cell shows, h_t.",
    fails=(LSTM_O,),
)
def lstm_outputs_made_from_the_cell_state(x, h0, s0, params):
    T = len(x)
    h, s = np.empty((T, *h0.shape)), np.empty((T, *s0.shape))
    h_t, s_t = h0, s0
    for t in range(T):
        h_t, s_t = lstm_step(x[t], h_t, s_t, params)
        h[t], s[t] = h_t, s_t
    return h, s, params["c"] + s @ params["V"].T


@classic(
    "lstm",
    "outputs made from the state before",
    "h and s are right, o is not: the output of each step was made from the hidden "
    "state before the step. It belongs to the one after.",
    fails=(LSTM_O,),
)
def lstm_outputs_made_from_the_state_before(x, h0, s0, params):
    T = len(x)
    h, s = np.empty((T, *h0.shape)), np.empty((T, *s0.shape))
    h_t, s_t = h0, s0
    for t in range(T):
        h_t, s_t = lstm_step(x[t], h_t, s_t, params)
        h[t], s[t] = h_t, s_t
    return h, s, params["c"] + np.concatenate([h0[np.newaxis], h[:-1]]) @ params["V"].T


@classic(
    "lstm",
    "c left out",
    "h and s are right, o is not: it lacks c.",
    fails=(LSTM_O,),
)
def lstm_c_left_out(x, h0, s0, params):
    T = len(x)
    h, s = np.empty((T, *h0.shape)), np.empty((T, *s0.shape))
    h_t, s_t = h0, s0
    for t in range(T):
        h_t, s_t = lstm_step(x[t], h_t, s_t, params)
        h[t], s[t] = h_t, s_t
    return h, s, h @ params["V"].T


@classic(
    "lstm",
    "softmax of the outputs",
    "h and s are right, o is not: it went through a softmax. What is asked for are "
    "the outputs before it; the loss takes the softmax itself.",
    fails=(LSTM_O,),
)
def lstm_softmax_of_the_outputs(x, h0, s0, params):
    T = len(x)
    h, s = np.empty((T, *h0.shape)), np.empty((T, *s0.shape))
    h_t, s_t = h0, s0
    for t in range(T):
        h_t, s_t = lstm_step(x[t], h_t, s_t, params)
        h[t], s[t] = h_t, s_t
    return h, s, softmax(params["c"] + h @ params["V"].T)


@classic(
    "lstm",
    "steps read from the end",
    "The inputs were read from the last to the first. A run goes forward in time; the "
    "way back comes in exercise 4.",
    fails=(LSTM_S, LSTM_H, LSTM_O),
)
def lstm_steps_read_from_the_end(x, h0, s0, params):
    T = len(x)
    h, s = np.empty((T, *h0.shape)), np.empty((T, *s0.shape))
    h_t, s_t = h0, s0
    for t in reversed(range(T)):
        h_t, s_t = lstm_step(x[t], h_t, s_t, params)
        h[t], s[t] = h_t, s_t
    return h, s, params["c"] + h @ params["V"].T


@classic(
    "lstm",
    "input of the first step at every step",
    "The first step is right, and all later ones are wrong: each of them reads the first input.",
    fails=(LSTM_S, LSTM_H, LSTM_O),
)
def lstm_input_of_the_first_step_at_every_step(x, h0, s0, params):
    T = len(x)
    h, s = np.empty((T, *h0.shape)), np.empty((T, *s0.shape))
    h_t, s_t = h0, s0
    for t in range(T):
        h_t, s_t = lstm_step(x[0], h_t, s_t, params)
        h[t], s[t] = h_t, s_t
    return h, s, params["c"] + h @ params["V"].T


@classic(
    "lstm",
    "initial states returned as well",
    "h and s have T + 1 rows: the initial states came back in front. What is asked "
    "for are the states after each step.",
    fails=(LSTM_S, LSTM_H),
)
def lstm_initial_states_returned_as_well(x, h0, s0, params):
    T = len(x)
    h, s = np.empty((T, *h0.shape)), np.empty((T, *s0.shape))
    h_t, s_t = h0, s0
    for t in range(T):
        h_t, s_t = lstm_step(x[t], h_t, s_t, params)
        h[t], s[t] = h_t, s_t
    return (
        np.concatenate([h0[np.newaxis], h]),
        np.concatenate([s0[np.newaxis], s]),
        params["c"] + h @ params["V"].T,
    )


@classic(
    "lstm",
    "initial states overwritten",
    "The results of the call are right, but h0 and s0 have changed: each step wrote "
    "into the caller's arrays.",
    fails=(LSTM_A,),
)
def lstm_initial_states_overwritten(x, h0, s0, params):
    T = len(x)
    h, s = np.empty((T, *h0.shape)), np.empty((T, *s0.shape))
    h_t, s_t = h0, s0
    for t in range(T):
        h_t, s_t = lstm_step(x[t], h_t, s_t, params)
        h[t], s[t] = h_t, s_t
        h0[...], s0[...] = h_t, s_t
    return h, s, params["c"] + h @ params["V"].T


# --- lstm_step_backward ------------------------------------------------------------------

LSTM_STEP_BACKWARD_N = "test_the_gradient_of_the_next_state_goes_back_through_the_forget_gate"
LSTM_STEP_BACKWARD_D = "test_the_state_before_gets_the_share_through_h_as_well"
LSTM_STEP_BACKWARD_P = "test_the_hidden_state_before_gets_its_gradient_through_all_four_blocks"
LSTM_STEP_BACKWARD_X = "test_the_input_gets_its_gradient_through_all_four_blocks"
LSTM_STEP_BACKWARD_U = "test_the_input_weights_get_their_gradient_from_the_whole_batch"
LSTM_STEP_BACKWARD_W = "test_the_recurrent_weights_get_their_gradient_from_the_whole_batch"
LSTM_STEP_BACKWARD_B = "test_the_biases_get_their_gradient_from_the_whole_batch"
LSTM_STEP_BACKWARD_G = "test_a_gate_that_is_open_or_closed_entirely_gets_no_gradient"
LSTM_STEP_BACKWARD_A = "test_lstm_step_backward_reads_its_arguments_and_leaves_them_as_they_were"


@classic(
    "lstm_step_backward",
    "share through h_t left out",
    "Where dh is zero, ds_prev is right; all else is wrong but what the output gate "
    "adds. ds alone is not yet the gradient of s_t: s_t has a second successor, h_t, "
    "and its share is missing. See the first box.",
    fails=(
        LSTM_STEP_BACKWARD_D,
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_share_through_h_t_left_out(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + 0 * dh
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "share of the next state left out",
    "All results are wrong: the gradient of s_t holds the share through h_t only. "
    "What comes from s_{t+1}, the argument ds, is missing. See the first box.",
    fails=(
        LSTM_STEP_BACKWARD_N,
        LSTM_STEP_BACKWARD_D,
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_share_of_the_next_state_left_out(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "derivative of tanh(s_t) left out",
    "What comes through h_t is too large: on its way from h_t to s_t the gradient "
    "passes a tanh. See the first box.",
    fails=(
        LSTM_STEP_BACKWARD_D,
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_derivative_of_tanh_s_t_left_out(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "derivative of tanh(s_t) taken as 1 - s^2",
    "What comes through h_t is wrong, in places even in sign. The derivative of tanh "
    "is 1 minus the square of its value; here the square of the state itself was "
    "taken.",
    fails=(
        LSTM_STEP_BACKWARD_D,
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_derivative_of_tanh_s_t_taken_as_one_minus_s_squared(
    dh, ds, x_t, h_prev, s_prev, params
):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - (f * s_prev + i * g) ** 2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "derivative of tanh taken at h_t",
    "What comes through h_t is wrong: its derivative was written with h_t. h_t is q "
    "times the tanh, and the derivative wants the tanh alone.",
    fails=(
        LSTM_STEP_BACKWARD_D,
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_derivative_of_tanh_taken_at_h_t(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - (q * shown) ** 2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "output gate left out on the way to s_t",
    "What comes through h_t is too large: h_t is q times tanh(s_t), so on its way to "
    "s_t the gradient is multiplied by q. See the first box.",
    fails=(
        LSTM_STEP_BACKWARD_D,
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_output_gate_left_out_on_the_way_to_s_t(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "forget gate missing from ds_prev",
    "Only ds_prev is wrong: it is the gradient of s_t itself. s_t holds f times "
    "s_prev, so the gradient is multiplied by f on its way. See the second box.",
    fails=(LSTM_STEP_BACKWARD_N, LSTM_STEP_BACKWARD_D),
)
def lstm_step_backward_forget_gate_missing_from_ds_prev(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds, grads


@classic(
    "lstm_step_backward",
    "ds_prev made from ds as it came in",
    "Only ds_prev is wrong, and where dh is zero it is right: f multiplies the "
    "argument ds. It should multiply all of the gradient of s_t, the share through "
    "h_t included.",
    fails=(LSTM_STEP_BACKWARD_D,),
)
def lstm_step_backward_ds_prev_made_from_ds_as_it_came_in(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    came_in = ds
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], came_in * f, grads


@classic(
    "lstm_step_backward",
    "f (1 - f) in ds_prev",
    "Only ds_prev is wrong: the gradient was multiplied by the slope of the forget "
    "gate. On its way to s_prev it does not pass the sigmoid: the gate is a mere "
    "factor there.",
    fails=(LSTM_STEP_BACKWARD_N, LSTM_STEP_BACKWARD_D),
)
def lstm_step_backward_f_one_minus_f_in_ds_prev(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f * (1 - f), grads


@classic(
    "lstm_step_backward",
    "input gate for the forget gate in ds_prev",
    "Only ds_prev is wrong: the gradient was multiplied by i. The factor of s_prev is "
    "the forget gate.",
    fails=(LSTM_STEP_BACKWARD_N, LSTM_STEP_BACKWARD_D),
)
def lstm_step_backward_input_gate_for_the_forget_gate_in_ds_prev(
    dh, ds, x_t, h_prev, s_prev, params
):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * i, grads


@classic(
    "lstm_step_backward",
    "derivatives of the sigmoids left out",
    "ds_prev is right; all that comes through z is wrong, as a rule too large, and "
    "gates that are open or closed entirely pass gradients on. On the way from a gate "
    "to its z there is a sigmoid.",
    fails=(
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_derivatives_of_the_sigmoids_left_out(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g,
        ds * s_prev,
        ds * i * (1 - g**2),
        dh * shown,
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "derivative of the forget gate taken as f",
    "ds_prev is right, what comes through z is not: the forget gate's delta holds f "
    "where the slope of the sigmoid should be, so a gate that is entirely open passes "
    "everything on. The slope has two factors.",
    fails=(
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_derivative_of_the_forget_gate_taken_as_f(
    dh, ds, x_t, h_prev, s_prev, params
):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f,
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "derivative of tanh for the gates",
    "ds_prev is right, what comes through z is not: the slope of the gates was taken "
    "as that of a tanh, 1 minus the square. The gates are sigmoids.",
    fails=(
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_derivative_of_tanh_for_the_gates(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * (1 - i**2),
        ds * s_prev * (1 - f**2),
        ds * i * (1 - g**2),
        dh * shown * (1 - q**2),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "derivatives taken of sigmoids of the gates",
    "ds_prev is right, what comes through z is not: the gates went through the "
    "sigmoid once more before their slopes were taken. i, f and q are sigmoids "
    "already.",
    fails=(
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_derivatives_taken_of_sigmoids_of_the_gates(
    dh, ds, x_t, h_prev, s_prev, params
):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * sigmoid(i) * (1 - sigmoid(i)),
        ds * s_prev * sigmoid(f) * (1 - sigmoid(f)),
        ds * i * (1 - g**2),
        dh * shown * sigmoid(q) * (1 - sigmoid(q)),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "derivative of the candidate left out",
    "ds_prev is right, what comes through z is not: on the way from the candidate to "
    "its z there is a tanh.",
    fails=(
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_derivative_of_the_candidate_left_out(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i,
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "derivative of the sigmoid for the candidate",
    "ds_prev is right, what comes through z is not: the slope of the candidate was "
    "taken as g (1 - g). The candidate is a tanh.",
    fails=(
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_derivative_of_the_sigmoid_for_the_candidate(
    dh, ds, x_t, h_prev, s_prev, params
):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * g * (1 - g),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "factors of input gate and candidate exchanged",
    "ds_prev is right, what comes through z is not: the input gate's gradient holds i "
    "and the candidate's holds g. Of a product, each factor gets the gradient times "
    "the *other* one.",
    fails=(
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_factors_of_input_gate_and_candidate_exchanged(
    dh, ds, x_t, h_prev, s_prev, params
):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * i * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * g * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "s_t for s_prev at the forget gate",
    "ds_prev is right, what comes through z is not: the forget gate's gradient holds "
    "the state after the step. The gate has multiplied the state before it.",
    fails=(
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_s_t_for_s_prev_at_the_forget_gate(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * (f * s_prev + i * g) * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "h_prev for s_prev at the forget gate",
    "ds_prev is right, what comes through z is not: the forget gate's gradient holds "
    "the hidden state. The gate has multiplied the cell's state.",
    fails=(
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_h_prev_for_s_prev_at_the_forget_gate(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * h_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "output gate's gradient taken from that of s_t",
    "ds_prev is right, what comes through z is not: the output gate got its gradient "
    "from s_t. It has only one successor, h_t, and that gradient is dh.",
    fails=(
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_output_gate_s_gradient_taken_from_that_of_s_t(
    dh, ds, x_t, h_prev, s_prev, params
):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        ds * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "s_t for tanh(s_t) at the output gate",
    "ds_prev is right, what comes through z is not: the output gate's gradient holds "
    "the state itself. The gate has multiplied its tanh.",
    fails=(
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_s_t_for_tanh_s_t_at_the_output_gate(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * (f * s_prev + i * g) * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "deltas of candidate and output gate exchanged",
    "ds_prev is right, what comes through z is not: the last two blocks of delta have "
    "changed places. The order is i, f, g, q.",
    fails=(
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_deltas_of_candidate_and_output_gate_exchanged(
    dh, ds, x_t, h_prev, s_prev, params
):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        dh * shown * q * (1 - q),
        ds * i * (1 - g**2),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "deltas of input and forget gate exchanged",
    "ds_prev is right, what comes through z is not: the first two blocks of delta "
    "have changed places. The order is i, f, g, q.",
    fails=(
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_deltas_of_input_and_forget_gate_exchanged(
    dh, ds, x_t, h_prev, s_prev, params
):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * s_prev * f * (1 - f),
        ds * g * i * (1 - i),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "candidate computed with a sigmoid",
    "Where dh is zero, ds_prev is right; all else is wrong: the candidate of the step "
    "was computed again with a sigmoid, and its slope is that of a sigmoid. It is a "
    "tanh.",
    fails=(
        LSTM_STEP_BACKWARD_D,
        LSTM_STEP_BACKWARD_P,
        LSTM_STEP_BACKWARD_X,
        LSTM_STEP_BACKWARD_U,
        LSTM_STEP_BACKWARD_W,
        LSTM_STEP_BACKWARD_B,
        LSTM_STEP_BACKWARD_G,
    ),
)
def lstm_step_backward_candidate_computed_with_a_sigmoid(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), sigmoid(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * g * (1 - g),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "dh itself added to dh_prev",
    "Only dh_prev is wrong: it is too large by dh. h_prev reaches h_t through z "
    "alone; no edge leads past it.",
    fails=(LSTM_STEP_BACKWARD_P,),
)
def lstm_step_backward_dh_itself_added_to_dh_prev(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dh + dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "dh_prev with ds_prev in it",
    "Only dh_prev is wrong: the gradient of s_prev was added to it. That s_prev also "
    "made h_prev is the business of the step before.",
    fails=(LSTM_STEP_BACKWARD_P,),
)
def lstm_step_backward_dh_prev_with_ds_prev_in_it(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"] + ds * f, ds * f, grads


@classic(
    "lstm_step_backward",
    "s_prev for h_prev in dW",
    "Only dW is wrong: its outer product holds the cell's state. W has multiplied the "
    "hidden state, h_prev.",
    fails=(LSTM_STEP_BACKWARD_W,),
)
def lstm_step_backward_s_prev_for_h_prev_in_dw(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ s_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "h_t for h_prev in dW",
    "Only dW is wrong: its outer product holds the hidden state after the step. W has "
    "multiplied the one before.",
    fails=(LSTM_STEP_BACKWARD_W,),
)
def lstm_step_backward_h_t_for_h_prev_in_dw(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ (q * shown), "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "dU, dW and db averaged over the batch",
    "dx_t, dh_prev and ds_prev are right; dU, dW and db are too small by the factor "
    "N. The sequences share the parameters, so their parts are added up; the 1/N of "
    "the loss is in dh and ds already.",
    fails=(LSTM_STEP_BACKWARD_U, LSTM_STEP_BACKWARD_W, LSTM_STEP_BACKWARD_B, LSTM_STEP_BACKWARD_G),
)
def lstm_step_backward_du_dw_and_db_averaged_over_the_batch(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    N = len(dz)
    grads = {"U": dz.T @ x_t / N, "W": dz.T @ h_prev / N, "b": dz.mean(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "db averaged over the batch",
    "Only db is wrong: it is too small by the factor N. The sequences share b, so "
    "their parts are added up.",
    fails=(LSTM_STEP_BACKWARD_B, LSTM_STEP_BACKWARD_G),
)
def lstm_step_backward_db_averaged_over_the_batch(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.mean(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "db summed over the wrong axis",
    "db holds one number for each sequence. Every row of z has a b of its own, and "
    "the sequences share it, so the axis that has to go is that of the batch.",
    fails=(LSTM_STEP_BACKWARD_B, LSTM_STEP_BACKWARD_G),
)
def lstm_step_backward_db_summed_over_the_wrong_axis(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=1)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "parameters' gradients from the first sequence only",
    "dx_t, dh_prev and ds_prev are right; dU, dW and db hold the part of sequence 0 "
    "alone. The sequences share the parameters, so their parts are added up.",
    fails=(LSTM_STEP_BACKWARD_U, LSTM_STEP_BACKWARD_W, LSTM_STEP_BACKWARD_B, LSTM_STEP_BACKWARD_G),
)
def lstm_step_backward_parameters_gradients_from_the_first_sequence_only(
    dh, ds, x_t, h_prev, s_prev, params
):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": np.outer(dz[0], x_t[0]), "W": np.outer(dz[0], h_prev[0]), "b": dz[0]}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "dh_prev and ds_prev exchanged",
    "dx_t and the gradients of the parameters are right; the second result is ds_prev "
    "and the third dh_prev. The docstring tells the right order.",
    fails=(LSTM_STEP_BACKWARD_N, LSTM_STEP_BACKWARD_D, LSTM_STEP_BACKWARD_P),
)
def lstm_step_backward_dh_prev_and_ds_prev_exchanged(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], ds * f, dz @ params["W"], grads


@classic(
    "lstm_step_backward",
    "ds changed in place",
    "The results of the call are right, but the argument ds has changed: +=, for "
    "example, writes into the caller's array. The gradient of s_t needs an array of "
    "its own.",
    fails=(LSTM_STEP_BACKWARD_A,),
)
def lstm_step_backward_ds_changed_in_place(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds += dh * q * (1 - shown**2)
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


@classic(
    "lstm_step_backward",
    "dh changed in place",
    "The results of the call are right, but the argument dh has changed: *=, for "
    "example, writes into the caller's array.",
    fails=(LSTM_STEP_BACKWARD_A,),
)
def lstm_step_backward_dh_changed_in_place(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    into_q = dh * shown
    dh *= q * (1 - shown**2)
    ds = ds + dh
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        into_q * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads


# --- lstm_bptt ---------------------------------------------------------------------------

LSTM_BPTT_L = "test_the_loss_is_the_sum_over_time_and_the_mean_over_the_batch"
LSTM_BPTT_V = "test_the_output_weights_get_a_gradient_from_every_step"
LSTM_BPTT_C = "test_the_output_bias_gets_a_gradient_from_every_step"
LSTM_BPTT_U = "test_the_input_weights_get_a_gradient_from_every_step"
LSTM_BPTT_W = "test_the_recurrent_weights_get_a_gradient_from_every_step"
LSTM_BPTT_B = "test_the_biases_get_a_gradient_from_every_step"
LSTM_BPTT_X = "test_every_input_gets_a_gradient"
LSTM_BPTT_H0 = "test_the_initial_hidden_state_gets_a_gradient"
LSTM_BPTT_S0 = "test_the_initial_cell_state_gets_a_gradient"
LSTM_BPTT_T = "test_thousands_of_parameters_get_their_gradient_in_one_pass"
LSTM_BPTT_A = "test_lstm_bptt_reads_its_arguments_and_leaves_them_as_they_were"


@classic(
    "lstm_bptt",
    "gradients of the parameters overwritten at each step",
    "The loss, dV and dc and the gradients of x, h0 and s0 are right; dU, dW and db "
    "hold the part of the first step alone. All steps share the parameters, so their "
    "parts are added up.",
    fails=(LSTM_BPTT_U, LSTM_BPTT_W, LSTM_BPTT_B, LSTM_BPTT_T),
)
def lstm_bptt_gradients_of_the_parameters_overwritten_at_each_step(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] = step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "ds not carried back",
    "What comes back through several steps is wrong: at each step the share of the "
    "next cell state is missing. `lstm_step_backward` gives two gradients for the "
    "step before, and both are carried.",
    fails=(
        LSTM_BPTT_U,
        LSTM_BPTT_W,
        LSTM_BPTT_B,
        LSTM_BPTT_X,
        LSTM_BPTT_H0,
        LSTM_BPTT_S0,
        LSTM_BPTT_T,
    ),
)
def lstm_bptt_ds_not_carried_back(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, 0 * ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "dh not carried back",
    "What comes back through several steps is wrong: at each step the gradient of h_t "
    "holds the share of its output alone. The gates of the next step have used h_t as "
    "well.",
    fails=(
        LSTM_BPTT_U,
        LSTM_BPTT_W,
        LSTM_BPTT_B,
        LSTM_BPTT_X,
        LSTM_BPTT_H0,
        LSTM_BPTT_S0,
        LSTM_BPTT_T,
    ),
)
def lstm_bptt_dh_not_carried_back(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "share of the last output only",
    "dV and dc are right; all that comes back to the states is wrong: only the last "
    "output sends a gradient back. Every step has an output and a loss.",
    fails=(
        LSTM_BPTT_U,
        LSTM_BPTT_W,
        LSTM_BPTT_B,
        LSTM_BPTT_X,
        LSTM_BPTT_H0,
        LSTM_BPTT_S0,
        LSTM_BPTT_T,
    ),
)
def lstm_bptt_share_of_the_last_output_only(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        if t == len(x) - 1:
            dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "share of the outputs added to ds",
    "dV and dc are right; all that comes back to the states is wrong: what the "
    "outputs send back was added to ds. o_t is made from h_t, and from s_t only by "
    "way of h_t.",
    fails=(
        LSTM_BPTT_U,
        LSTM_BPTT_W,
        LSTM_BPTT_B,
        LSTM_BPTT_X,
        LSTM_BPTT_H0,
        LSTM_BPTT_S0,
        LSTM_BPTT_T,
    ),
)
def lstm_bptt_share_of_the_outputs_added_to_ds(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        ds = ds + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "share of the outputs added to both",
    "dV and dc are right; all that comes back to the states is wrong: what the "
    "outputs send back was added to dh and to ds. o_t is made from h_t alone; the "
    "share of s_t that comes through h_t is added in `lstm_step_backward`.",
    fails=(
        LSTM_BPTT_U,
        LSTM_BPTT_W,
        LSTM_BPTT_B,
        LSTM_BPTT_X,
        LSTM_BPTT_H0,
        LSTM_BPTT_S0,
        LSTM_BPTT_T,
    ),
)
def lstm_bptt_share_of_the_outputs_added_to_both(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh, ds = dh + do[t] @ params["V"], ds + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "walked from the first step to the last",
    "dV and dc are right; all that comes back through several steps is wrong: the "
    "steps were visited from the first to the last. What a step sends back is needed "
    "by the one before it.",
    fails=(
        LSTM_BPTT_U,
        LSTM_BPTT_W,
        LSTM_BPTT_B,
        LSTM_BPTT_X,
        LSTM_BPTT_H0,
        LSTM_BPTT_S0,
        LSTM_BPTT_T,
    ),
)
def lstm_bptt_walked_from_the_first_step_to_the_last(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in range(len(x)):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "first step left out",
    "dV and dc are right; dU, dW, db and the gradients of x, h0 and s0 lack the first "
    "step: the loop ends before it.",
    fails=(
        LSTM_BPTT_U,
        LSTM_BPTT_W,
        LSTM_BPTT_B,
        LSTM_BPTT_X,
        LSTM_BPTT_H0,
        LSTM_BPTT_S0,
        LSTM_BPTT_T,
    ),
)
def lstm_bptt_first_step_left_out(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(1, len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "states after the step for the ones before",
    "dV and dc are right; all that comes back to the states is wrong: the step was "
    "computed again from the states that it gave. `lstm_step_backward` wants those "
    "from which it started.",
    fails=(
        LSTM_BPTT_U,
        LSTM_BPTT_W,
        LSTM_BPTT_B,
        LSTM_BPTT_X,
        LSTM_BPTT_H0,
        LSTM_BPTT_S0,
        LSTM_BPTT_T,
    ),
)
def lstm_bptt_states_after_the_step_for_the_ones_before(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t], s[t])
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "zeros before the first step",
    "dV and dc are right; what the first step adds is wrong: it was computed again "
    "from zeros instead of h0 and s0.",
    fails=(
        LSTM_BPTT_U,
        LSTM_BPTT_W,
        LSTM_BPTT_B,
        LSTM_BPTT_X,
        LSTM_BPTT_H0,
        LSTM_BPTT_S0,
        LSTM_BPTT_T,
    ),
)
def lstm_bptt_zeros_before_the_first_step(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (0 * h0, 0 * s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "last states before the first step",
    "dV and dc are right; what the first step adds is wrong: at t = 0, h[t - 1] and "
    "s[t - 1] are the last states, since -1 counts from the end. Before step 0 there "
    "are h0 and s0.",
    fails=(
        LSTM_BPTT_U,
        LSTM_BPTT_W,
        LSTM_BPTT_B,
        LSTM_BPTT_X,
        LSTM_BPTT_H0,
        LSTM_BPTT_S0,
        LSTM_BPTT_T,
    ),
)
def lstm_bptt_last_states_before_the_first_step(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1])
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "cell state before the step left at s0",
    "dV and dc are right; all that comes back through several steps is wrong: every "
    "step was computed again from the cell state s0. Step t started from s[t - 1].",
    fails=(
        LSTM_BPTT_U,
        LSTM_BPTT_W,
        LSTM_BPTT_B,
        LSTM_BPTT_X,
        LSTM_BPTT_H0,
        LSTM_BPTT_S0,
        LSTM_BPTT_T,
    ),
)
def lstm_bptt_cell_state_before_the_step_left_at_s0(x, h0, s0, y, params):
    h, _s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s0) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "gradients of h0 and s0 exchanged",
    "All is right but for the gradients of h0 and s0, which have changed places.",
    fails=(LSTM_BPTT_H0, LSTM_BPTT_S0),
)
def lstm_bptt_gradients_of_h0_and_s0_exchanged(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = ds, dh
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "divided by N once more",
    "The loss is right; all gradients are too small by the factor N. The 1/N of the "
    "average is in `sequence_loss_gradient` already.",
    fails=(
        LSTM_BPTT_V,
        LSTM_BPTT_C,
        LSTM_BPTT_U,
        LSTM_BPTT_W,
        LSTM_BPTT_B,
        LSTM_BPTT_X,
        LSTM_BPTT_H0,
        LSTM_BPTT_S0,
        LSTM_BPTT_T,
    ),
)
def lstm_bptt_divided_by_n_once_more(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y) / y.shape[1]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "averaged over time",
    "The loss is right; all gradients are too small by the factor T. The loss is a "
    "sum over time, and so are its gradients.",
    fails=(
        LSTM_BPTT_V,
        LSTM_BPTT_C,
        LSTM_BPTT_U,
        LSTM_BPTT_W,
        LSTM_BPTT_B,
        LSTM_BPTT_X,
        LSTM_BPTT_H0,
        LSTM_BPTT_S0,
        LSTM_BPTT_T,
    ),
)
def lstm_bptt_averaged_over_time(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y) / len(x)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "loss averaged over time",
    "The gradients are right; the loss is too small by the factor T. It is a sum over time.",
    fails=(LSTM_BPTT_L,),
)
def lstm_bptt_loss_averaged_over_time(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y) / len(x), grads


@classic(
    "lstm_bptt",
    "loss not averaged over the batch",
    "The gradients are right; the loss is too large by the factor N. It is a mean "
    "over the batch, which `sequence_loss` takes already.",
    fails=(LSTM_BPTT_L,),
)
def lstm_bptt_loss_not_averaged_over_the_batch(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y) * y.shape[1], grads


@classic(
    "lstm_bptt",
    "dV from the last step only",
    "Only dV is wrong: it holds the part of the last step alone. V is used at every step.",
    fails=(LSTM_BPTT_V,),
)
def lstm_bptt_dv_from_the_last_step_only(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do[-1].T @ h[-1]
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "dV made from the cell states",
    "Only dV is wrong: it was made from s. V has multiplied the hidden states h.",
    fails=(LSTM_BPTT_V,),
)
def lstm_bptt_dv_made_from_the_cell_states(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, s)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "dc from the last step only",
    "Only dc is wrong: it holds the part of the last step alone. c is used at every step.",
    fails=(LSTM_BPTT_C,),
)
def lstm_bptt_dc_from_the_last_step_only(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do[-1].sum(axis=0)
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "dc averaged over time and batch",
    "Only dc is wrong: it is too small by the factor T N. c is used at every step of "
    "every sequence, so the parts are added up; the 1/N of the loss is in them "
    "already.",
    fails=(LSTM_BPTT_C,),
)
def lstm_bptt_dc_averaged_over_time_and_batch(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.mean(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "gradients of the inputs in reverse order",
    "All is right but for the gradient of x, whose steps come in reverse order: the "
    "last one was computed first.",
    fails=(LSTM_BPTT_X,),
)
def lstm_bptt_gradients_of_the_inputs_in_reverse_order(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][-1 - t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "gradients clipped at 5",
    "Small gradients are right; entries beyond 5 in size were cut off. Clipping "
    "belongs to training; this function gives the gradients as they are.",
    fails=(LSTM_BPTT_U, LSTM_BPTT_W, LSTM_BPTT_B, LSTM_BPTT_X, LSTM_BPTT_H0, LSTM_BPTT_S0),
)
def lstm_bptt_gradients_clipped_at_5(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    for array in grads.values():
        np.clip(array, -5, 5, out=array)
    return sequence_loss(o, y), grads


@classic(
    "lstm_bptt",
    "gradients written into h0 and s0",
    "The results of the call are right, but h0 and s0 have changed: the gradients "
    "were written into the caller's arrays.",
    fails=(LSTM_BPTT_A,),
)
def lstm_bptt_gradients_written_into_h0_and_s0(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    h0[...], s0[...] = dh, ds
    return sequence_loss(o, y), grads


# --- gru_step ----------------------------------------------------------------------------

GRU_STEP_M = "test_the_new_state_is_mixed_from_the_old_one_and_the_candidate"
GRU_STEP_R1 = "test_through_open_reset_gates_the_candidate_sees_all_of_the_state"
GRU_STEP_R0 = "test_with_closed_reset_gates_the_candidate_sees_the_input_alone"
GRU_STEP_K = "test_open_update_gates_keep_the_state_and_closed_ones_replace_it"
GRU_STEP_L = "test_sums_in_the_hundreds_do_no_harm"
GRU_STEP_A = "test_gru_step_reads_its_arguments_and_leaves_them_as_they_were"


@classic(
    "gru_step",
    "u and 1 - u exchanged",
    "The state is wrong: u weighs the candidate, and 1 - u the old state. An update "
    "gate of 1 keeps the state as it is.",
    fails=(GRU_STEP_M, GRU_STEP_R1, GRU_STEP_R0, GRU_STEP_K, GRU_STEP_L),
)
def gru_step_u_and_one_minus_u_exchanged(x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    n = np.tanh(b[last] + (r * h_prev) @ W[last].T + x_t @ U[last].T)
    return (1 - u) * h_prev + u * n


@classic(
    "gru_step",
    "reset gate after the product",
    "With reset gates that are all open or all closed, the state is right; otherwise "
    "it is wrong: the reset gate was applied after the product with W. PyTorch's GRU "
    "does so; in this course, as in the book, the gate acts before it.",
    fails=(GRU_STEP_M, GRU_STEP_L),
)
def gru_step_reset_gate_after_the_product(x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    n = np.tanh(b[last] + r * (h_prev @ W[last].T) + x_t @ U[last].T)
    return u * h_prev + (1 - u) * n


@classic(
    "gru_step",
    "reset gate left out",
    "With open reset gates the state is right; otherwise it is wrong: the candidate "
    "sees all of the old state. The reset gate decides how much of it.",
    fails=(GRU_STEP_M, GRU_STEP_R0, GRU_STEP_K, GRU_STEP_L),
)
def gru_step_reset_gate_left_out(x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    _r, u = np.split(both, 2, axis=-1)
    n = np.tanh(b[last] + h_prev @ W[last].T + x_t @ U[last].T)
    return u * h_prev + (1 - u) * n


@classic(
    "gru_step",
    "reset and update gate exchanged",
    "The state is wrong: the first block was taken for the update gate and the second "
    "for the reset gate. The order is r, u, n.",
    fails=(GRU_STEP_M, GRU_STEP_R1, GRU_STEP_R0, GRU_STEP_K, GRU_STEP_L),
)
def gru_step_reset_and_update_gate_exchanged(x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    u, r = np.split(both, 2, axis=-1)
    n = np.tanh(b[last] + (r * h_prev) @ W[last].T + x_t @ U[last].T)
    return u * h_prev + (1 - u) * n


@classic(
    "gru_step",
    "sigmoid for the candidate",
    "The state is wrong: the candidate went through a sigmoid, so it is never "
    "negative. The book prints it so, but tanh is meant.",
    fails=(GRU_STEP_M, GRU_STEP_R1, GRU_STEP_R0, GRU_STEP_K, GRU_STEP_L),
)
def gru_step_sigmoid_for_the_candidate(x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    n = sigmoid(b[last] + (r * h_prev) @ W[last].T + x_t @ U[last].T)
    return u * h_prev + (1 - u) * n


@classic(
    "gru_step",
    "tanh for the gates",
    "The state is wrong: the gates went through a tanh, so they can be negative. A "
    "gate lies between 0 and 1. Which function has such values?",
    fails=(GRU_STEP_M, GRU_STEP_R1, GRU_STEP_R0, GRU_STEP_K, GRU_STEP_L),
)
def gru_step_tanh_for_the_gates(x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = np.tanh(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    n = np.tanh(b[last] + (r * h_prev) @ W[last].T + x_t @ U[last].T)
    return u * h_prev + (1 - u) * n


@classic(
    "gru_step",
    "reset gate on the input as well",
    "With open reset gates the state is right; otherwise it is wrong: the reset gate "
    "was applied to the input's part as well. It decides about the old state alone.",
    fails=(GRU_STEP_M, GRU_STEP_R0, GRU_STEP_K, GRU_STEP_L),
)
def gru_step_reset_gate_on_the_input_as_well(x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    n = np.tanh(b[last] + (r * h_prev) @ W[last].T + r * (x_t @ U[last].T))
    return u * h_prev + (1 - u) * n


@classic(
    "gru_step",
    "bias of the candidate left out",
    "The state is wrong: the candidate lacks the last block of b.",
    fails=(GRU_STEP_M, GRU_STEP_R1, GRU_STEP_R0, GRU_STEP_K, GRU_STEP_L),
)
def gru_step_bias_of_the_candidate_left_out(x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    n = np.tanh((r * h_prev) @ W[last].T + x_t @ U[last].T)
    return u * h_prev + (1 - u) * n


@classic(
    "gru_step",
    "old state kept in full",
    "The state is wrong: the old state was not multiplied by u, so old and new do not "
    "add up to a mean of the two.",
    fails=(GRU_STEP_M, GRU_STEP_R1, GRU_STEP_R0, GRU_STEP_K, GRU_STEP_L),
)
def gru_step_old_state_kept_in_full(x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    n = np.tanh(b[last] + (r * h_prev) @ W[last].T + x_t @ U[last].T)
    return h_prev + (1 - u) * n


@classic(
    "gru_step",
    "candidate added in full",
    "The state is wrong: the candidate was not multiplied by 1 - u, so old and new do "
    "not add up to a mean of the two.",
    fails=(GRU_STEP_M, GRU_STEP_R1, GRU_STEP_R0, GRU_STEP_K, GRU_STEP_L),
)
def gru_step_candidate_added_in_full(x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    n = np.tanh(b[last] + (r * h_prev) @ W[last].T + x_t @ U[last].T)
    return u * h_prev + n


@classic(
    "gru_step",
    "reset gate on what is kept",
    "With open reset gates the state is right; otherwise it is wrong: what is kept of "
    "the old state was multiplied by r as well. The reset gate decides what the "
    "candidate sees; what stays is decided by u.",
    fails=(GRU_STEP_M, GRU_STEP_R0, GRU_STEP_K, GRU_STEP_L),
)
def gru_step_reset_gate_on_what_is_kept(x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    n = np.tanh(b[last] + (r * h_prev) @ W[last].T + x_t @ U[last].T)
    return u * r * h_prev + (1 - u) * n


@classic(
    "gru_step",
    "h_prev multiplied in place",
    "The argument h_prev has changed: *=, for example, writes into the caller's "
    "array. And since the last line of the step reads h_prev once more, what is kept "
    "has been multiplied by the reset gate.",
    fails=(GRU_STEP_M, GRU_STEP_R0, GRU_STEP_K, GRU_STEP_L, GRU_STEP_A),
)
def gru_step_h_prev_multiplied_in_place(x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    h_prev *= r
    n = np.tanh(b[last] + h_prev @ W[last].T + x_t @ U[last].T)
    return u * h_prev + (1 - u) * n


@classic(
    "gru_step",
    "exponentials that overflow",
    "Where all sums are of ordinary size, everything is right; where one is very "
    "large, there is NaN, infinity divided by infinity. The given `sigmoid` is safe "
    "there.",
    fails=(GRU_STEP_L,),
)
def gru_step_exponentials_that_overflow(x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    weight = np.exp(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    both = weight / (1 + weight)
    r, u = np.split(both, 2, axis=-1)
    n = np.tanh(b[last] + (r * h_prev) @ W[last].T + x_t @ U[last].T)
    return u * h_prev + (1 - u) * n


@classic(
    "gru_step",
    "state changed in place",
    "The result of the call is right, but the argument h_prev has changed: the new "
    "state was written into the caller's array.",
    fails=(GRU_STEP_A,),
)
def gru_step_state_changed_in_place(x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    n = np.tanh(b[last] + (r * h_prev) @ W[last].T + x_t @ U[last].T)
    h_t = u * h_prev + (1 - u) * n
    h_prev[...] = h_t
    return h_t


# --- gru_step_backward -------------------------------------------------------------------

GRU_STEP_BACKWARD_P = "test_the_state_before_gets_a_share_from_each_of_its_successors"
GRU_STEP_BACKWARD_K = (
    "test_open_update_gates_pass_the_gradient_on_and_closed_ones_send_it_to_the_candidate"
)
GRU_STEP_BACKWARD_X = "test_the_input_gets_its_gradient_through_all_three_blocks"
GRU_STEP_BACKWARD_U = "test_the_input_weights_of_the_gru_get_their_gradient_from_the_whole_batch"
GRU_STEP_BACKWARD_W = (
    "test_the_recurrent_weights_of_the_gru_get_their_gradient_from_what_they_have_met"
)
GRU_STEP_BACKWARD_B = "test_the_biases_of_the_gru_get_their_gradient_from_the_whole_batch"
GRU_STEP_BACKWARD_G = "test_gates_of_the_gru_that_are_open_or_closed_entirely_get_no_gradient"
GRU_STEP_BACKWARD_A = "test_gru_step_backward_reads_its_arguments_and_leaves_them_as_they_were"


@classic(
    "gru_step_backward",
    "direct share left out",
    "Only dh_prev is wrong: the share that comes straight from h_t, past the "
    "candidate, is missing. h_prev has four successors, and the new state is one of "
    "them.",
    fails=(GRU_STEP_BACKWARD_P, GRU_STEP_BACKWARD_K),
)
def gru_step_backward_direct_share_left_out(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "share through the candidate left out",
    "Only dh_prev is wrong: the share through the candidate is missing. h_prev has "
    "four successors, and the product r * h_prev, which the candidate sees, is one of "
    "them.",
    fails=(GRU_STEP_BACKWARD_P, GRU_STEP_BACKWARD_K),
)
def gru_step_backward_share_through_the_candidate_left_out(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "shares through both gates left out",
    "Only dh_prev is wrong, and where the gates are open or closed entirely it is "
    "right: the shares through r and u are missing. Both gates were computed from "
    "h_prev.",
    fails=(GRU_STEP_BACKWARD_P,),
)
def gru_step_backward_shares_through_both_gates_left_out(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "share through the reset gate left out",
    "Only dh_prev is wrong, and where the gates are open or closed entirely it is "
    "right: the share through r is missing. The reset gate was computed from h_prev.",
    fails=(GRU_STEP_BACKWARD_P,),
)
def gru_step_backward_share_through_the_reset_gate_left_out(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_u @ np.split(W, 3)[1]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "share through the update gate left out",
    "Only dh_prev is wrong, and where the gates are open or closed entirely it is "
    "right: the share through u is missing. The update gate was computed from h_prev.",
    fails=(GRU_STEP_BACKWARD_P,),
)
def gru_step_backward_share_through_the_update_gate_left_out(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_r @ np.split(W, 3)[0]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "reset gate missing from the share through the candidate",
    "Only dh_prev is wrong, and with open reset gates it is right: the gradient of m "
    "went to h_prev as it is. m is r times h_prev.",
    fails=(GRU_STEP_BACKWARD_P,),
)
def gru_step_backward_reset_gate_missing_from_the_share_through_the_candidate(
    dh, x_t, h_prev, params
):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "1 - u in the direct share",
    "Only dh_prev is wrong: the share that comes straight from h_t was multiplied by "
    "1 - u. The factor of h_prev in the new state is u.",
    fails=(GRU_STEP_BACKWARD_P, GRU_STEP_BACKWARD_K),
)
def gru_step_backward_one_minus_u_in_the_direct_share(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * (1 - u) + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "dh itself added to dh_prev",
    "Only dh_prev is wrong: dh was added as it is, without the factor u that h_prev "
    "has in the new state.",
    fails=(GRU_STEP_BACKWARD_P, GRU_STEP_BACKWARD_K),
)
def gru_step_backward_dh_itself_added_to_dh_prev(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "u for 1 - u at the candidate",
    "All results are wrong: the candidate's gradient was multiplied by u. Its factor "
    "in the new state is 1 - u.",
    fails=(
        GRU_STEP_BACKWARD_P,
        GRU_STEP_BACKWARD_K,
        GRU_STEP_BACKWARD_X,
        GRU_STEP_BACKWARD_U,
        GRU_STEP_BACKWARD_W,
        GRU_STEP_BACKWARD_B,
        GRU_STEP_BACKWARD_G,
    ),
)
def gru_step_backward_u_for_one_minus_u_at_the_candidate(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * u * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "derivative of the candidate left out",
    "All results are wrong: on the way from the candidate to its sum there is a tanh, "
    "whose slope is missing.",
    fails=(
        GRU_STEP_BACKWARD_P,
        GRU_STEP_BACKWARD_K,
        GRU_STEP_BACKWARD_X,
        GRU_STEP_BACKWARD_U,
        GRU_STEP_BACKWARD_W,
        GRU_STEP_BACKWARD_B,
        GRU_STEP_BACKWARD_G,
    ),
)
def gru_step_backward_derivative_of_the_candidate_left_out(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "candidate computed with a sigmoid",
    "All results are wrong: the candidate of the step was computed again with a "
    "sigmoid, and its slope is that of a sigmoid. It is a tanh.",
    fails=(
        GRU_STEP_BACKWARD_P,
        GRU_STEP_BACKWARD_K,
        GRU_STEP_BACKWARD_X,
        GRU_STEP_BACKWARD_U,
        GRU_STEP_BACKWARD_W,
        GRU_STEP_BACKWARD_B,
        GRU_STEP_BACKWARD_G,
    ),
)
def gru_step_backward_candidate_computed_with_a_sigmoid(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = sigmoid(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * n * (1 - n)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "derivative of the update gate left out",
    "All results are wrong, as a rule too large, and update gates that are open or "
    "closed entirely pass gradients on: on the way from u to its sum there is a "
    "sigmoid, whose slope is missing.",
    fails=(
        GRU_STEP_BACKWARD_P,
        GRU_STEP_BACKWARD_K,
        GRU_STEP_BACKWARD_X,
        GRU_STEP_BACKWARD_U,
        GRU_STEP_BACKWARD_W,
        GRU_STEP_BACKWARD_B,
        GRU_STEP_BACKWARD_G,
    ),
)
def gru_step_backward_derivative_of_the_update_gate_left_out(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "derivative of the reset gate left out",
    "All results are wrong, as a rule too large, and reset gates that are open or "
    "closed entirely pass gradients on: on the way from r to its sum there is a "
    "sigmoid, whose slope is missing.",
    fails=(
        GRU_STEP_BACKWARD_P,
        GRU_STEP_BACKWARD_K,
        GRU_STEP_BACKWARD_X,
        GRU_STEP_BACKWARD_U,
        GRU_STEP_BACKWARD_W,
        GRU_STEP_BACKWARD_B,
        GRU_STEP_BACKWARD_G,
    ),
)
def gru_step_backward_derivative_of_the_reset_gate_left_out(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "n - h_prev at the update gate",
    "What comes through the update gate has the wrong sign. Where u grows, the new "
    "state moves towards the old one: the gradient of u holds h_prev minus n.",
    fails=(
        GRU_STEP_BACKWARD_P,
        GRU_STEP_BACKWARD_X,
        GRU_STEP_BACKWARD_U,
        GRU_STEP_BACKWARD_W,
        GRU_STEP_BACKWARD_B,
        GRU_STEP_BACKWARD_G,
    ),
)
def gru_step_backward_n_minus_h_prev_at_the_update_gate(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (n - h_prev) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "candidate missing at the update gate",
    "What comes through the update gate is wrong: its gradient holds h_prev alone. u "
    "occurs twice in the new state, in u and in 1 - u.",
    fails=(
        GRU_STEP_BACKWARD_P,
        GRU_STEP_BACKWARD_X,
        GRU_STEP_BACKWARD_U,
        GRU_STEP_BACKWARD_W,
        GRU_STEP_BACKWARD_B,
        GRU_STEP_BACKWARD_G,
    ),
)
def gru_step_backward_candidate_missing_at_the_update_gate(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * h_prev * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "reset gate's gradient without the weights",
    "What comes through the reset gate is wrong: its gradient was made from the "
    "candidate's delta directly. Between r and the candidate's sum lies the product "
    "with the candidate's block of W.",
    fails=(
        GRU_STEP_BACKWARD_P,
        GRU_STEP_BACKWARD_X,
        GRU_STEP_BACKWARD_U,
        GRU_STEP_BACKWARD_W,
        GRU_STEP_BACKWARD_B,
        GRU_STEP_BACKWARD_G,
    ),
)
def gru_step_backward_reset_gate_s_gradient_without_the_weights(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dz_n * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "W for W^T at the candidate",
    "What goes back from the candidate to r and h_prev is wrong: its delta met the "
    "candidate's block of W as it stands, not its transpose. Since that block is "
    "square, no shape complains; sequences are rows, so W^T delta is a product with W "
    "as it is.",
    fails=(
        GRU_STEP_BACKWARD_P,
        GRU_STEP_BACKWARD_K,
        GRU_STEP_BACKWARD_X,
        GRU_STEP_BACKWARD_U,
        GRU_STEP_BACKWARD_W,
        GRU_STEP_BACKWARD_B,
        GRU_STEP_BACKWARD_G,
    ),
)
def gru_step_backward_w_for_w_transposed_at_the_candidate(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last].T
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "reset gate after the product",
    "With open reset gates dh_prev is right; otherwise all is wrong: this is the way "
    "back through the GRU of PyTorch, whose reset gate acts after the product with W. "
    "Here it acts before it.",
    fails=(
        GRU_STEP_BACKWARD_P,
        GRU_STEP_BACKWARD_X,
        GRU_STEP_BACKWARD_U,
        GRU_STEP_BACKWARD_W,
        GRU_STEP_BACKWARD_B,
        GRU_STEP_BACKWARD_G,
    ),
)
def gru_step_backward_reset_gate_after_the_product(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    n = np.tanh(b[last] + r * (h_prev @ W[last].T) + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n * r @ W[last]
    dz_r = dz_n * (h_prev @ W[last].T) * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, (dz_n * r).T @ h_prev])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "h_prev for m in dW",
    "Only the candidate's block of dW is wrong: its outer product holds h_prev. That "
    "block of W has multiplied m = r * h_prev.",
    fails=(GRU_STEP_BACKWARD_W,),
)
def gru_step_backward_h_prev_for_m_in_dw(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ h_prev])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "m for h_prev in dW",
    "Only the gates' blocks of dW are wrong: their outer products hold m = r * "
    "h_prev. Those blocks of W have multiplied h_prev.",
    fails=(GRU_STEP_BACKWARD_W,),
)
def gru_step_backward_m_for_h_prev_in_dw(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ m, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "deltas of the two gates exchanged",
    "The deltas of r and u have changed places, so the rows of the gates get each "
    "other's. The order is r, u, n.",
    fails=(
        GRU_STEP_BACKWARD_P,
        GRU_STEP_BACKWARD_X,
        GRU_STEP_BACKWARD_U,
        GRU_STEP_BACKWARD_W,
        GRU_STEP_BACKWARD_B,
        GRU_STEP_BACKWARD_G,
    ),
)
def gru_step_backward_deltas_of_the_two_gates_exchanged(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_u, dz_r], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


@classic(
    "gru_step_backward",
    "dU, dW and db averaged over the batch",
    "dx_t and dh_prev are right; dU, dW and db are too small by the factor N. The "
    "sequences share the parameters, so their parts are added up; the 1/N of the loss "
    "is in dh already.",
    fails=(GRU_STEP_BACKWARD_U, GRU_STEP_BACKWARD_W, GRU_STEP_BACKWARD_B, GRU_STEP_BACKWARD_G),
)
def gru_step_backward_du_dw_and_db_averaged_over_the_batch(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t / len(dz), "W": dW / len(dz), "b": dz.mean(axis=0)}


@classic(
    "gru_step_backward",
    "db averaged over the batch",
    "Only db is wrong: it is too small by the factor N. The sequences share b, so "
    "their parts are added up.",
    fails=(GRU_STEP_BACKWARD_B, GRU_STEP_BACKWARD_G),
)
def gru_step_backward_db_averaged_over_the_batch(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.mean(axis=0)}


@classic(
    "gru_step_backward",
    "parameters' gradients from the first sequence only",
    "dx_t and dh_prev are right; dU, dW and db hold the part of sequence 0 alone. The "
    "sequences share the parameters, so their parts are added up.",
    fails=(GRU_STEP_BACKWARD_U, GRU_STEP_BACKWARD_W, GRU_STEP_BACKWARD_B, GRU_STEP_BACKWARD_G),
)
def gru_step_backward_parameters_gradients_from_the_first_sequence_only(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = dh * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    dW = np.concatenate([dz_gates[:1].T @ h_prev[:1], dz_n[:1].T @ m[:1]])
    return dz @ U, dh_prev, {"U": dz[:1].T @ x_t[:1], "W": dW, "b": dz[0]}


@classic(
    "gru_step_backward",
    "dh changed in place",
    "The results of the call are right, but the argument dh has changed: *=, for "
    "example, writes into the caller's array.",
    fails=(GRU_STEP_BACKWARD_A,),
)
def gru_step_backward_dh_changed_in_place(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])
    last = slice(2 * h_prev.shape[-1], None)
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)
    r, u = np.split(both, 2, axis=-1)
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)
    given = dh.copy()
    dh *= 1 - u
    dz_n = dh * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = given * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)
    dh_prev = given * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}
