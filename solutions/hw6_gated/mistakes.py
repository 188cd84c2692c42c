"""Classic mistakes of hw6_gated: each is a change of the solution."""

from autograder.course.catalogue import Exercise

# --- lstm_step ---------------------------------------------------------------------------

LSTM_STEP = Exercise(
    "lstm_step",
    state="test_the_state_keeps_some_of_the_old_and_takes_in_some_of_the_new",
    shown="test_what_is_shown_is_the_tanh_of_the_new_state_through_the_output_gate",
    limits="test_gates_may_be_open_or_closed_entirely",
    arguments="test_lstm_step_reads_its_arguments_and_leaves_them_as_they_were",
)
LSTM_STEP.mistake(
    "third and fourth block exchanged",
    "Both states are wrong. The third block was taken for the output gate and the "
    "fourth for the candidate. The order is i, f, g, q: the candidate comes third.",
    {
        "z_i, z_f, z_g, z_q =": "z_i, z_f, z_q, z_g =",
    },
    fails="all but arguments",
)
LSTM_STEP.mistake(
    "input and forget gate exchanged",
    "Both states are wrong: what the input gate should weigh was weighed by the "
    "forget gate, and the other way round. The first block is i, the second f, and f "
    "belongs to the old state.",
    {
        "z_i, z_f, z_g, z_q =": "z_f, z_i, z_g, z_q =",
    },
    fails="all but arguments",
)
LSTM_STEP.mistake(
    "blocks interleaved",
    "Both states are wrong: every fourth entry of z was taken for a block. Each block "
    'is H entries in a row. "Four blocks in one array" has the picture.',
    {
        "z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)": (
            "z_i, z_f, z_g, z_q = (z[:, k::4] for k in range(4))"
        ),
    },
    fails="all but arguments",
)
LSTM_STEP.mistake(
    "sigmoid for the candidate",
    "Both states are wrong: the candidate went through a sigmoid, so nothing negative "
    "is ever added to the state. The book prints it so, but in this course the "
    'candidate is a tanh: see "Other letters".',
    {
        "np.tanh(z_g)": "sigmoid(z_g)",
    },
    fails="all but arguments",
)
LSTM_STEP.mistake(
    "tanh for the gates",
    "Both states are wrong: the gates went through a tanh, so they can be negative. A "
    "gate lies between 0 and 1. Which function has such values?",
    {
        "sigmoid(z_f)": "np.tanh(z_f)",
        "sigmoid(z_i)": "np.tanh(z_i)",
        "sigmoid(z_q)": "np.tanh(z_q)",
    },
    fails="all but arguments",
)
LSTM_STEP.mistake(
    "tanh of the state left out",
    "s_t is right and h_t is not: the output gate was applied to the state itself. "
    "What it shows is the tanh of the state.",
    {
        "sigmoid(z_q) * np.tanh(s_t)": "sigmoid(z_q) * s_t",
    },
    fails="shown",
)
LSTM_STEP.mistake(
    "output gate left out",
    "s_t is right and h_t is not: the tanh of the state is shown in full. The output "
    "gate decides how much of it is.",
    {
        "sigmoid(z_q) * np.tanh(s_t)": "np.tanh(s_t)",
    },
    fails="shown",
)
LSTM_STEP.mistake(
    "output gate inside the tanh",
    "s_t is right and h_t is not: the output gate was applied to the state, and the "
    "tanh taken afterwards. In the equation of h_t the tanh is inside, and the gate "
    "outside.",
    {
        "sigmoid(z_q) * np.tanh(s_t)": "np.tanh(sigmoid(z_q) * s_t)",
    },
    fails="shown",
)
LSTM_STEP.mistake(
    "the old state shown",
    "s_t is right and h_t is not: it was made from s_prev. What is shown is the state "
    "after the step.",
    {
        "np.tanh(s_t), s_t": "np.tanh(s_prev), s_t",
    },
    fails="shown",
)
LSTM_STEP.mistake(
    "tanh kept in the state",
    "h_t is right and s_t is not: the tanh of the state came back in its place. The "
    "tanh is taken for showing only; the state itself goes on as it is, or it would "
    "be squeezed at every step.",
    {
        "return sigmoid(z_q) * np.tanh(s_t), s_t": (
            "return sigmoid(z_q) * np.tanh(s_t), np.tanh(s_t)"
        ),
    },
    fails="state limits",
)
LSTM_STEP.mistake(
    "input gate left out",
    "Both states are wrong: the candidate was added in full. The input gate decides "
    "how much of it comes in.",
    {
        "sigmoid(z_i) * np.tanh(z_g)": "np.tanh(z_g)",
    },
    fails="all but arguments",
)
LSTM_STEP.mistake(
    "forget gate left out",
    "Both states are wrong: the old state was kept in full. The forget gate decides "
    "how much of it stays.",
    {
        "sigmoid(z_f) * s_prev": "s_prev",
    },
    fails="all but arguments",
)
LSTM_STEP.mistake(
    "1 - f for the input gate",
    "Both states are wrong: the candidate was weighed with 1 - f. That is a leaky "
    "unit with a gate; the LSTM has an input gate of its own, so it can keep and add "
    "at once.",
    {
        "sigmoid(z_i) * np.tanh(z_g)": "(1 - sigmoid(z_f)) * np.tanh(z_g)",
    },
    fails="all but arguments",
)
LSTM_STEP.mistake(
    "1 - f for the forget gate",
    "Both states are wrong: the old state was weighed with 1 - f. Despite its name, a "
    "forget gate of 1 keeps everything.",
    {
        "sigmoid(z_f) * s_prev": "(1 - sigmoid(z_f)) * s_prev",
    },
    fails="all but arguments",
)
LSTM_STEP.mistake(
    "old state not kept",
    "Both states are wrong: they hold only what is new. The new state is a sum of two "
    "terms, and the first of them is made from s_prev.",
    {
        "sigmoid(z_f) * s_prev + ": "",
    },
    fails="all but arguments",
)
LSTM_STEP.mistake(
    "h_prev for s_prev",
    "Both states are wrong: the forget gate was applied to the hidden state h_prev. "
    "What is kept from step to step is the cell's state, s_prev.",
    {
        "sigmoid(z_f) * s_prev": "sigmoid(z_f) * h_prev",
    },
    fails="all but arguments",
)
LSTM_STEP.mistake(
    "s_prev for h_prev",
    "Both states are wrong: the gates were computed from the cell's state s_prev. "
    "They see the hidden state, h_prev.",
    {
        "h_prev @ params": "s_prev @ params",
    },
    fails="all but arguments",
)
LSTM_STEP.mistake(
    "one added to the forget gate",
    "Both states are wrong: a 1 was added inside the forget gate's sigmoid. Some libraries do "
    "so, to start with open gates; here all of the bias is in b already.",
    {
        "sigmoid(z_f)": "sigmoid(z_f + 1)",
    },
    fails="state shown",
)
LSTM_STEP.mistake(
    "gates that look at s_prev",
    "Both states are wrong: the cell's state was added inside the sigmoids of input and forget "
    "gate. Such peepholes belong to another variant of the cell. Here gates see x_t and h_prev.",
    {
        "sigmoid(z_f)": "sigmoid(z_f + s_prev)",
        "sigmoid(z_i)": "sigmoid(z_i + s_prev)",
    },
    fails="all but arguments",
)
LSTM_STEP.mistake(
    "b left out",
    "Both states are wrong: z was made without b.",
    {
        'params["b"] + ': "",
    },
    fails="all but arguments",
)
LSTM_STEP.mistake(
    "h_t and s_t exchanged",
    "The first result is s_t and the second h_t. They came back in the wrong order; "
    "the docstring tells the right order.",
    {
        "return sigmoid(z_q) * np.tanh(s_t), s_t": "return s_t, sigmoid(z_q) * np.tanh(s_t)",
    },
    fails="all but arguments",
)
LSTM_STEP.mistake(
    "exponentials that overflow",
    "Where all sums are of ordinary size, everything is right; where one is very "
    "large, there is NaN, infinity divided by infinity. The given `sigmoid` is safe "
    "there.",
    {
        "sigmoid(z_f) * s_prev + sigmoid(z_i)": (
            "np.exp(z_f) / (1 + np.exp(z_f)) * s_prev + np.exp(z_i) / (1 + np.exp(z_i))"
        ),
        "sigmoid(z_q)": "np.exp(z_q) / (1 + np.exp(z_q))",
    },
    fails="limits",
)
LSTM_STEP.mistake(
    "s_prev changed in place",
    "The results of the call are right, but the argument s_prev has changed: *=, for "
    "example, writes into the caller's array. The product with the forget gate needs "
    "an array of its own.",
    {
        "s_t = sigmoid(z_f) * s_prev + ": ("s_prev *= sigmoid(z_f)\ns_t = s_prev + "),
    },
    fails="arguments",
)

# --- lstm --------------------------------------------------------------------------------

LSTM = Exercise(
    "lstm",
    state="test_each_state_comes_from_both_states_of_the_step_before",
    hidden="test_the_hidden_states_of_all_steps_come_back",
    output="test_every_step_has_an_output_made_from_its_hidden_state",
    arguments="test_lstm_reads_its_arguments_and_leaves_them_as_they_were",
)
LSTM.mistake(
    "s0 used again at every step",
    "The first step is right, and all later ones are wrong: each starts from s0, so "
    "nothing is remembered. Step t starts from the cell state that step t - 1 gave.",
    {
        "h_t, s_t = lstm_step(x[t], h_t, s_t, params)\nh[t], s[t] = h_t, s_t": (
            "h_t, s[t] = lstm_step(x[t], h_t, s_t, params)\nh[t] = h_t"
        ),
    },
    fails="all but arguments",
)
LSTM.mistake(
    "h0 used again at every step",
    "The first step is right, and all later ones are wrong: the gates of each see h0. "
    "Step t starts from the hidden state that step t - 1 gave.",
    {
        "lstm_step(x[t], h_t, s_t, params)": "lstm_step(x[t], h0, s_t, params)",
    },
    fails="all but arguments",
)
LSTM.mistake(
    "started from zeros",
    "All steps are wrong, the later ones less: the run starts from zeros instead of h0 and s0.",
    {
        "h_t, s_t = h0, s0": "h_t, s_t = np.zeros(h0.shape), np.zeros(s0.shape)",
    },
    fails="all but arguments",
)
LSTM.mistake(
    "h and s exchanged when handed on",
    "The first step is right, and all later ones are wrong: the two states change "
    "places on their way to the next step. `lstm_step` takes the hidden state first.",
    {
        "lstm_step(x[t], h_t, s_t, params)": (
            "lstm_step(x[t], *((h_t, s_t) if t == 0 else (s_t, h_t)), params)"
        ),
    },
    fails="all but arguments",
)
LSTM.mistake(
    "h and s exchanged in the result",
    "o is right, and the first two results have changed places: the hidden states come first.",
    {
        "return h, s, params": "return s, h, params",
    },
    fails="state hidden",
)
LSTM.mistake(
    "outputs made from the cell state",
    "h and s are right, o is not: it was made from s. The output sees what the cell shows, h_t.",
    {
        'params["c"] + h @': 'params["c"] + s @',
    },
    fails="output",
)
LSTM.mistake(
    "outputs made from the state before",
    "h and s are right, o is not: the output of each step was made from the hidden "
    "state before the step. It belongs to the one after.",
    {
        'params["c"] + h @': 'params["c"] + np.concatenate([h0[np.newaxis], h[:-1]]) @',
    },
    fails="output",
)
LSTM.mistake(
    "c left out",
    "h and s are right, o is not: it lacks c.",
    {
        'params["c"] + h @': "h @",
    },
    fails="output",
)
LSTM.mistake(
    "softmax of the outputs",
    "h and s are right, o is not: it went through a softmax. What is asked for are "
    "the outputs before it; the loss takes the softmax itself.",
    {
        'params["c"] + h @ params["V"].T': 'softmax(params["c"] + h @ params["V"].T)',
    },
    fails="output",
)
LSTM.mistake(
    "steps read from the end",
    "The inputs were read from the last to the first. A run goes forward in time; the "
    "way back comes in exercise 4.",
    {
        "for t in range(T):": "for t in reversed(range(T)):",
    },
    fails="all but arguments",
)
LSTM.mistake(
    "input of the first step at every step",
    "The first step is right, and all later ones are wrong: each of them reads the first input.",
    {
        "lstm_step(x[t],": "lstm_step(x[0],",
    },
    fails="all but arguments",
)
LSTM.mistake(
    "initial states returned as well",
    "h and s have T + 1 rows: the initial states came back in front. What is asked "
    "for are the states after each step.",
    {
        "return h, s, params": (
            "return np.concatenate([h0[np.newaxis], h]), "
            "np.concatenate([s0[np.newaxis], s]), params"
        ),
    },
    fails="state hidden",
)
LSTM.mistake(
    "initial states overwritten",
    "The results of the call are right, but h0 and s0 have changed: each step wrote "
    "into the caller's arrays.",
    {
        "h[t], s[t] = h_t, s_t": ("h[t], s[t] = h_t, s_t\nh0[...], s0[...] = h_t, s_t"),
    },
    fails="arguments",
)

# --- lstm_step_backward ------------------------------------------------------------------

LSTM_STEP_BACKWARD = Exercise(
    "lstm_step_backward",
    next="test_the_gradient_of_the_next_state_goes_back_through_the_forget_gate",
    ds="test_the_state_before_gets_the_share_through_h_as_well",
    dh="test_the_hidden_state_before_gets_its_gradient_through_all_four_blocks",
    dx="test_the_input_gets_its_gradient_through_all_four_blocks",
    dU="test_the_input_weights_get_their_gradient_from_the_whole_batch",
    dW="test_the_recurrent_weights_get_their_gradient_from_the_whole_batch",
    db="test_the_biases_get_their_gradient_from_the_whole_batch",
    limits="test_the_biases_get_their_gradient_where_gates_are_open_or_closed_entirely",
    arguments="test_lstm_step_backward_reads_its_arguments_and_leaves_them_as_they_were",
)
LSTM_STEP_BACKWARD.mistake(
    "share through h_t left out",
    "Where dh is zero, all is right; elsewhere only the output gate's block of dU, dW and "
    "db is. ds alone is not yet the gradient of s_t: s_t has a second successor, h_t, "
    "and its share is missing. See the first box.",
    {
        "ds = ds + dh * q * (1 - shown**2)": "ds = ds + 0 * dh",
    },
    fails="all but next arguments",
)
LSTM_STEP_BACKWARD.mistake(
    "share of the next state left out",
    "All results are wrong: the gradient of s_t holds the share through h_t only. "
    "What comes from s_{t+1}, the argument ds, is missing. See the first box.",
    {
        "ds = ds + dh * q": "ds = dh * q",
    },
    fails="all but arguments",
)
LSTM_STEP_BACKWARD.mistake(
    "derivative of tanh(s_t) left out",
    "What comes through h_t is too large: on its way from h_t to s_t the gradient "
    "passes a tanh. See the first box.",
    {
        "dh * q * (1 - shown**2)": "dh * q",
    },
    fails="all but next arguments",
)
LSTM_STEP_BACKWARD.mistake(
    "derivative of tanh(s_t) taken as 1 - s^2",
    "What comes through h_t is wrong, in places even in sign. The derivative of tanh "
    "is 1 minus the square of its value; here the square of the state itself was "
    "taken.",
    {
        "ds = ds + dh * q * (1 - shown**2)": ("ds = ds + dh * q * (1 - (f * s_prev + i * g) ** 2)"),
    },
    fails="all but next arguments",
)
LSTM_STEP_BACKWARD.mistake(
    "derivative of tanh taken at h_t",
    "What comes through h_t is wrong: its derivative was written with h_t. h_t is q "
    "times the tanh, and the derivative wants the tanh alone.",
    {
        "(1 - shown**2)": "(1 - (q * shown) ** 2)",
    },
    fails="all but next arguments",
)
LSTM_STEP_BACKWARD.mistake(
    "output gate left out on the way to s_t",
    "What comes through h_t is too large: h_t is q times tanh(s_t), so on its way to "
    "s_t the gradient is multiplied by q. See the first box.",
    {
        "dh * q * (1 - shown**2)": "dh * (1 - shown**2)",
    },
    fails="all but next arguments",
)
LSTM_STEP_BACKWARD.mistake(
    "forget gate missing from ds_prev",
    "Only ds_prev is wrong: it is the gradient of s_t itself. s_t holds f times "
    "s_prev, so the gradient is multiplied by f on its way. See the second box.",
    {
        "ds * f, grads": "ds, grads",
    },
    fails="next ds",
)
LSTM_STEP_BACKWARD.mistake(
    "ds_prev made from ds as it came in",
    "Only ds_prev is wrong, and where dh is zero it is right: f multiplies the "
    "argument ds. It should multiply all of the gradient of s_t, the share through "
    "h_t included.",
    {
        "ds = ds + dh * q * (1 - shown**2)": ("came_in = ds\nds = ds + dh * q * (1 - shown**2)"),
        "ds * f, grads": "came_in * f, grads",
    },
    fails="ds",
)
LSTM_STEP_BACKWARD.mistake(
    "f (1 - f) in ds_prev",
    "Only ds_prev is wrong: the gradient was multiplied by the slope of the forget "
    "gate. On its way to s_prev it does not pass the sigmoid: the gate is a mere "
    "factor there.",
    {
        "ds * f, grads": "ds * f * (1 - f), grads",
    },
    fails="next ds",
)
LSTM_STEP_BACKWARD.mistake(
    "input gate for the forget gate in ds_prev",
    "Only ds_prev is wrong: the gradient was multiplied by i. The factor of s_prev is "
    "the forget gate.",
    {
        "ds * f, grads": "ds * i, grads",
    },
    fails="next ds",
)
LSTM_STEP_BACKWARD.mistake(
    "derivatives of the sigmoids left out",
    "ds_prev is right; all that comes through z is wrong, as a rule too large, and "
    "gates that are open or closed entirely pass gradients on. On the way from a gate "
    "to its z there is a sigmoid.",
    {
        "ds * g * i * (1 - i)": "ds * g",
        "ds * s_prev * f * (1 - f)": "ds * s_prev",
        "dh * shown * q * (1 - q)": "dh * shown",
    },
    fails="dh dx dU dW db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "derivative of the forget gate taken as f",
    "ds_prev is right, what comes through z is not: the forget gate's delta holds f "
    "where the slope of the sigmoid should be, so a gate that is entirely open passes "
    "everything on. The slope has two factors.",
    {
        "ds * s_prev * f * (1 - f)": "ds * s_prev * f",
    },
    fails="dh dx dU dW db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "derivative of tanh for the gates",
    "ds_prev is right, what comes through z is not: the slope of the gates was taken "
    "as that of a tanh, 1 minus the square. The gates are sigmoids.",
    {
        "ds * g * i * (1 - i)": "ds * g * (1 - i**2)",
        "ds * s_prev * f * (1 - f)": "ds * s_prev * (1 - f**2)",
        "dh * shown * q * (1 - q)": "dh * shown * (1 - q**2)",
    },
    fails="dh dx dU dW db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "derivatives taken of sigmoids of the gates",
    "ds_prev is right, what comes through z is not: the gates went through the "
    "sigmoid once more before their slopes were taken. i, f and q are sigmoids "
    "already.",
    {
        "i * (1 - i)": "sigmoid(i) * (1 - sigmoid(i))",
        "f * (1 - f),": "sigmoid(f) * (1 - sigmoid(f)),",
        "q * (1 - q)": "sigmoid(q) * (1 - sigmoid(q))",
    },
    fails="dh dx dU dW db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "derivative of the candidate left out",
    "ds_prev is right, what comes through z is not: on the way from the candidate to "
    "its z there is a tanh.",
    {
        "ds * i * (1 - g**2)": "ds * i",
    },
    fails="dh dx dU dW db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "derivative of the sigmoid for the candidate",
    "ds_prev is right, what comes through z is not: the slope of the candidate was "
    "taken as g (1 - g). The candidate is a tanh.",
    {
        "ds * i * (1 - g**2)": "ds * i * g * (1 - g)",
    },
    fails="dh dx dU dW db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "factors of input gate and candidate exchanged",
    "ds_prev is right, what comes through z is not: the input gate's gradient holds i "
    "and the candidate's holds g. Of a product, each factor gets the gradient times "
    "the *other* one.",
    {
        "ds * g * i * (1 - i)": "ds * i * i * (1 - i)",
        "ds * i * (1 - g**2)": "ds * g * (1 - g**2)",
    },
    fails="dh dx dU dW db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "s_t for s_prev at the forget gate",
    "ds_prev is right, what comes through z is not: the forget gate's gradient holds "
    "the state after the step. The gate has multiplied the state before it.",
    {
        "ds * s_prev * f * (1 - f)": "ds * (f * s_prev + i * g) * f * (1 - f)",
    },
    fails="dh dx dU dW db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "h_prev for s_prev at the forget gate",
    "ds_prev is right, what comes through z is not: the forget gate's gradient holds "
    "the hidden state. The gate has multiplied the cell's state.",
    {
        "ds * s_prev * f * (1 - f)": "ds * h_prev * f * (1 - f)",
    },
    fails="dh dx dU dW db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "output gate's gradient taken from that of s_t",
    "ds_prev is right, what comes through z is not: the output gate got its gradient "
    "from s_t. It has only one successor, h_t, and that gradient is dh.",
    {
        "dh * shown * q * (1 - q)": "ds * shown * q * (1 - q)",
    },
    fails="dh dx dU dW db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "s_t for tanh(s_t) at the output gate",
    "ds_prev is right, what comes through z is not: the output gate's gradient holds "
    "the state itself. The gate has multiplied its tanh.",
    {
        "dh * shown * q * (1 - q)": "dh * (f * s_prev + i * g) * q * (1 - q)",
    },
    fails="dh dx dU dW db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "deltas of candidate and output gate exchanged",
    "ds_prev is right, what comes through z is not: the last two blocks of delta have "
    "changed places. The order is i, f, g, q.",
    {
        "ds * i * (1 - g**2),\ndh * shown * q * (1 - q),": (
            "dh * shown * q * (1 - q),\nds * i * (1 - g**2),"
        ),
    },
    fails="dh dx dU dW db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "deltas of input and forget gate exchanged",
    "ds_prev is right, what comes through z is not: the first two blocks of delta "
    "have changed places. The order is i, f, g, q.",
    {
        "ds * g * i * (1 - i),\nds * s_prev * f * (1 - f),": (
            "ds * s_prev * f * (1 - f),\nds * g * i * (1 - i),"
        ),
    },
    fails="dh dx dU dW db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "candidate computed with a sigmoid",
    "Where dh is zero, ds_prev is right; all else is wrong: the candidate of the step "
    "was computed again with a sigmoid, and its slope is that of a sigmoid. It is a "
    "tanh.",
    {
        "np.tanh(z_g)": "sigmoid(z_g)",
        "(1 - g**2)": "g * (1 - g)",
    },
    fails="all but next arguments",
)
LSTM_STEP_BACKWARD.mistake(
    "dh itself added to dh_prev",
    "Only dh_prev is wrong: it is too large by dh. h_prev reaches h_t through z "
    "alone; no edge leads past it.",
    {
        'dz @ params["W"], ds * f': 'dh + dz @ params["W"], ds * f',
    },
    fails="dh",
)
LSTM_STEP_BACKWARD.mistake(
    "dh_prev with ds_prev in it",
    "Only dh_prev is wrong: the gradient of s_prev was added to it. That s_prev also "
    "made h_prev is the business of the step before.",
    {
        'dz @ params["W"], ds * f': 'dz @ params["W"] + ds * f, ds * f',
    },
    fails="dh",
)
LSTM_STEP_BACKWARD.mistake(
    "s_prev for h_prev in dW",
    "Only dW is wrong: its outer product holds the cell's state. W has multiplied the "
    "hidden state, h_prev.",
    {
        "dz.T @ h_prev": "dz.T @ s_prev",
    },
    fails="dW",
)
LSTM_STEP_BACKWARD.mistake(
    "h_t for h_prev in dW",
    "Only dW is wrong: its outer product holds the hidden state after the step. W has "
    "multiplied the one before.",
    {
        "dz.T @ h_prev": "dz.T @ (q * shown)",
    },
    fails="dW",
)
LSTM_STEP_BACKWARD.mistake(
    "dU, dW and db averaged over the batch",
    "dx_t, dh_prev and ds_prev are right; dU, dW and db are too small by the factor "
    "N. The sequences share the parameters, so their parts are added up; the 1/N of "
    "the loss is in dh and ds already.",
    {
        'grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}': (
            "N = len(dz)\n"
            'grads = {"U": dz.T @ x_t / N, "W": dz.T @ h_prev / N, "b": '
            "dz.mean(axis=0)}"
        ),
    },
    fails="dU dW db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "db averaged over the batch",
    "Only db is wrong: it is too small by the factor N. The sequences share b, so "
    "their parts are added up.",
    {
        "dz.sum(axis=0)": "dz.mean(axis=0)",
    },
    fails="db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "db summed over the wrong axis",
    "db holds one number for each sequence. Every row of z has a b of its own, and "
    "the sequences share it, so the axis that has to go is that of the batch.",
    {
        "dz.sum(axis=0)": "dz.sum(axis=1)",
    },
    fails="db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "parameters' gradients from the first sequence only",
    "dx_t, dh_prev and ds_prev are right; dU, dW and db hold the part of sequence 0 "
    "alone. The sequences share the parameters, so their parts are added up.",
    {
        '{"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}': (
            '{"U": np.outer(dz[0], x_t[0]), "W": np.outer(dz[0], h_prev[0]), "b": dz[0]}'
        ),
    },
    fails="dU dW db limits",
)
LSTM_STEP_BACKWARD.mistake(
    "dh_prev and ds_prev exchanged",
    "dx_t and the gradients of the parameters are right; the second result is ds_prev "
    "and the third dh_prev. The docstring tells the right order.",
    {
        'dz @ params["W"], ds * f, grads': 'ds * f, dz @ params["W"], grads',
    },
    fails="next ds dh",
)
LSTM_STEP_BACKWARD.mistake(
    "ds changed in place",
    "The results of the call are right, but the argument ds has changed: +=, for "
    "example, writes into the caller's array. The gradient of s_t needs an array of "
    "its own.",
    {
        "ds = ds + dh * q": "ds += dh * q",
    },
    fails="arguments",
)
LSTM_STEP_BACKWARD.mistake(
    "dh changed in place",
    "The results of the call are right, but the argument dh has changed: *=, for "
    "example, writes into the caller's array.",
    {
        "ds = ds + dh * q * (1 - shown**2)": (
            "into_q = dh * shown\ndh *= q * (1 - shown**2)\nds = ds + dh"
        ),
        "dh * shown * q * (1 - q)": "into_q * q * (1 - q)",
    },
    fails="arguments",
)

# --- lstm_bptt ---------------------------------------------------------------------------

LSTM_BPTT = Exercise(
    "lstm_bptt",
    loss="test_the_loss_is_the_sum_over_time_and_the_mean_over_the_batch",
    dV="test_the_output_weights_get_a_gradient_from_every_step",
    dc="test_the_output_bias_gets_a_gradient_from_every_step",
    dU="test_the_input_weights_get_a_gradient_from_every_step",
    dW="test_the_recurrent_weights_get_a_gradient_from_every_step",
    db="test_the_biases_get_a_gradient_from_every_step",
    dx="test_every_input_gets_a_gradient",
    dh0="test_the_initial_hidden_state_gets_a_gradient",
    ds0="test_the_initial_cell_state_gets_a_gradient",
    large="test_thousands_of_parameters_get_their_gradient_in_one_pass",
    arguments="test_lstm_bptt_reads_its_arguments_and_leaves_them_as_they_were",
)
LSTM_BPTT.mistake(
    "gradients of the parameters overwritten at each step",
    "The loss, dV and dc and the gradients of x, h0 and s0 are right; dU, dW and db "
    "hold the part of the first step alone. All steps share the parameters, so their "
    "parts are added up.",
    {
        "grads[name] += step[name]": "grads[name] = step[name]",
    },
    fails="dU dW db large",
)
LSTM_BPTT.mistake(
    "ds not carried back",
    "What comes back through several steps is wrong: at each step the share of the "
    "next cell state is missing. `lstm_step_backward` gives two gradients for the "
    "step before, and both are carried.",
    {
        "lstm_step_backward(dh, ds, x[t]": "lstm_step_backward(dh, 0 * ds, x[t]",
    },
    fails="dU dW db dx dh0 ds0 large",
)
LSTM_BPTT.mistake(
    "dh not carried back",
    "What comes back through several steps is wrong: at each step the gradient of h_t "
    "holds the share of its output alone. The gates of the next step have used h_t as "
    "well.",
    {
        "dh = dh + do[t] @": "dh = do[t] @",
    },
    fails="dU dW db dx dh0 ds0 large",
)
LSTM_BPTT.mistake(
    "share of the last output only",
    "dV and dc are right; all that comes back to the states is wrong: only the last "
    "output sends a gradient back. Every step has an output and a loss.",
    {
        'dh = dh + do[t] @ params["V"]': ('if t == len(x) - 1:\n    dh = dh + do[t] @ params["V"]'),
    },
    fails="dU dW db dx dh0 ds0 large",
)
LSTM_BPTT.mistake(
    "share of the outputs added to ds",
    "dV and dc are right; all that comes back to the states is wrong: what the "
    "outputs send back was added to ds. o_t is made from h_t, and from s_t only by "
    "way of h_t.",
    {
        "dh = dh + do[t] @": "ds = ds + do[t] @",
    },
    fails="dU dW db dx dh0 ds0 large",
)
LSTM_BPTT.mistake(
    "share of the outputs added to both",
    "dV and dc are right; all that comes back to the states is wrong: what the "
    "outputs send back was added to dh and to ds. o_t is made from h_t alone; the "
    "share of s_t that comes through h_t is added in `lstm_step_backward`.",
    {
        'dh = dh + do[t] @ params["V"]': (
            'dh, ds = dh + do[t] @ params["V"], ds + do[t] @ params["V"]'
        ),
    },
    fails="dU dW db dx dh0 ds0 large",
)
LSTM_BPTT.mistake(
    "walked from the first step to the last",
    "dV and dc are right; all that comes back through several steps is wrong: the "
    "steps were visited from the first to the last. What a step sends back is needed "
    "by the one before it.",
    {
        "for t in reversed(range(len(x))):": "for t in range(len(x)):",
    },
    fails="dU dW db dx dh0 ds0 large",
)
LSTM_BPTT.mistake(
    "first step left out",
    "dV and dc are right; dU, dW, db and the gradients of x, h0 and s0 lack the first "
    "step: the loop ends before it.",
    {
        'grads["x"] = np.empty(x.shape)': 'grads["x"] = np.zeros(x.shape)',
        "for t in reversed(range(len(x))):": "for t in reversed(range(1, len(x))):",
    },
    fails="dU dW db dx dh0 ds0 large",
)
LSTM_BPTT.mistake(
    "states after the step for the ones before",
    "dV and dc are right; all that comes back to the states is wrong: the step was "
    "computed again from the states that it gave. `lstm_step_backward` wants those "
    "from which it started.",
    {
        "(h[t - 1], s[t - 1]) if t > 0 else (h0, s0)": "(h[t], s[t])",
    },
    fails="dU dW db dx dh0 ds0 large",
)
LSTM_BPTT.mistake(
    "zeros before the first step",
    "dV and dc are right; what the first step adds is wrong: it was computed again "
    "from zeros instead of h0 and s0.",
    {
        "if t > 0 else (h0, s0)": "if t > 0 else (0 * h0, 0 * s0)",
    },
    fails="dU dW db dx dh0 ds0 large",
)
LSTM_BPTT.mistake(
    "last states before the first step",
    "dV and dc are right; what the first step adds is wrong: at t = 0 the step was computed "
    "again from the last states, or one of them, since -1 counts from the end in h[t - 1] "
    "and s[t - 1]. Before step 0 there are h0 and s0.",
    {
        "(h[t - 1], s[t - 1]) if t > 0 else (h0, s0)": "(h[t - 1], s[t - 1])",
    },
    {
        "if t > 0 else (h0, s0)": "if t > 0 else (h[-1], s0)",
    },
    {
        "if t > 0 else (h0, s0)": "if t > 0 else (h0, s[-1])",
    },
    fails="dU dW db dx dh0 ds0 large",
)
LSTM_BPTT.mistake(
    "cell state before the step left at s0",
    "dV and dc are right; all that comes back through several steps is wrong: every "
    "step was computed again from the cell state s0. Step t started from s[t - 1].",
    {
        "(h[t - 1], s[t - 1]) if t > 0 else (h0, s0)": "(h[t - 1], s0) if t > 0 else (h0, s0)",
    },
    fails="dU dW db dx dh0 ds0 large",
)
LSTM_BPTT.mistake(
    "gradients of h0 and s0 exchanged",
    "All is right but for the gradients of h0 and s0, which have changed places.",
    {
        'grads["h0"], grads["s0"] = dh, ds': 'grads["h0"], grads["s0"] = ds, dh',
    },
    fails="dh0 ds0",
)
LSTM_BPTT.mistake(
    "divided by N once more",
    "The loss is right; all gradients are too small by the factor N. The 1/N of the "
    "average is in `sequence_loss_gradient` already.",
    {
        "do = sequence_loss_gradient(o, y)": "do = sequence_loss_gradient(o, y) / y.shape[1]",
    },
    fails="all but loss arguments",
)
LSTM_BPTT.mistake(
    "averaged over time",
    "The loss is right; all gradients are too small by the factor T. The loss is a "
    "sum over time, and so are its gradients.",
    {
        "do = sequence_loss_gradient(o, y)": "do = sequence_loss_gradient(o, y) / len(x)",
    },
    fails="all but loss arguments",
)
LSTM_BPTT.mistake(
    "loss averaged over time",
    "The gradients are right; the loss is too small by the factor T. It is a sum over time.",
    {
        "return sequence_loss(o, y), grads": "return sequence_loss(o, y) / len(x), grads",
    },
    fails="loss",
)
LSTM_BPTT.mistake(
    "loss not averaged over the batch",
    "The gradients are right; the loss is too large by the factor N. It is a mean "
    "over the batch, which `sequence_loss` takes already.",
    {
        "return sequence_loss(o, y), grads": "return sequence_loss(o, y) * y.shape[1], grads",
    },
    fails="loss",
)
LSTM_BPTT.mistake(
    "dV from the last step only",
    "Only dV is wrong: it holds the part of the last step alone. V is used at every step.",
    {
        'np.einsum("tnk,tni->ki", do, h)': "do[-1].T @ h[-1]",
    },
    fails="dV",
)
LSTM_BPTT.mistake(
    "dV made from the cell states",
    "Only dV is wrong: it was made from s. V has multiplied the hidden states h.",
    {
        'np.einsum("tnk,tni->ki", do, h)': 'np.einsum("tnk,tni->ki", do, s)',
    },
    fails="dV",
)
LSTM_BPTT.mistake(
    "dc from the last step only",
    "Only dc is wrong: it holds the part of the last step alone. c is used at every step.",
    {
        "do.sum(axis=(0, 1))": "do[-1].sum(axis=0)",
    },
    fails="dc",
)
LSTM_BPTT.mistake(
    "dc averaged over time and batch",
    "Only dc is wrong: it is too small by the factor T N. c is used at every step of "
    "every sequence, so the parts are added up; the 1/N of the loss is in them "
    "already.",
    {
        "do.sum(axis=(0, 1))": "do.mean(axis=(0, 1))",
    },
    fails="dc",
)
LSTM_BPTT.mistake(
    "gradients of the inputs in reverse order",
    "All is right but for the gradient of x, whose steps come in reverse order: the "
    "last one was computed first.",
    {
        'grads["x"][t], dh, ds, step = back': 'grads["x"][-1 - t], dh, ds, step = back',
    },
    fails="dx",
)
LSTM_BPTT.mistake(
    "gradients clipped at 5",
    "Small gradients are right; entries beyond 5 in size were cut off. Clipping "
    "belongs to training; this function gives the gradients as they are.",
    {
        "return sequence_loss(o, y), grads": (
            "for array in grads.values():\n"
            "    np.clip(array, -5, 5, out=array)\n"
            "return sequence_loss(o, y), grads"
        ),
    },
    fails="dU dW db dx dh0 ds0",
)
LSTM_BPTT.mistake(
    "gradients written into h0 and s0",
    "The results of the call are right, but h0 and s0 have changed: the gradients "
    "were written into the caller's arrays.",
    {
        'grads["h0"], grads["s0"] = dh, ds': (
            'grads["h0"], grads["s0"] = dh, ds\nh0[...], s0[...] = dh, ds'
        ),
    },
    fails="arguments",
)

# --- gru_step ----------------------------------------------------------------------------

GRU_STEP = Exercise(
    "gru_step",
    mixed="test_the_new_state_is_mixed_from_the_old_one_and_the_candidate",
    open="test_the_new_state_is_right_where_all_reset_gates_are_open",
    closed="test_the_new_state_is_right_where_all_reset_gates_are_closed",
    update="test_the_new_state_is_right_where_update_gates_are_open_or_closed",
    limits="test_the_new_state_is_right_where_sums_are_in_the_hundreds",
    arguments="test_gru_step_reads_its_arguments_and_leaves_them_as_they_were",
)
GRU_STEP.mistake(
    "u and 1 - u exchanged",
    "The state is wrong: u weighs the candidate, and 1 - u the old state. An update "
    "gate of 1 keeps the state as it is.",
    {
        "u * h_prev + (1 - u) * n": "(1 - u) * h_prev + u * n",
    },
    fails="all but arguments",
)
GRU_STEP.mistake(
    "reset gate after the product",
    "With reset gates that are all open or all closed, the state is right; otherwise "
    "it is wrong: the reset gate was applied after the product with W. PyTorch's GRU "
    "does so; in this course, as in the book, the gate acts before it.",
    {
        "(r * h_prev) @ W[last].T": "r * (h_prev @ W[last].T)",
    },
    fails="mixed limits",
)
GRU_STEP.mistake(
    "reset gate left out",
    "With open reset gates the state is right; otherwise it is wrong: the candidate "
    "sees all of the old state. The reset gate decides how much of it.",
    {
        "(r * h_prev) @ W[last].T": "h_prev @ W[last].T",
    },
    fails="all but open arguments",
)
GRU_STEP.mistake(
    "reset and update gate exchanged",
    "The state is wrong: the first block was taken for the update gate and the second "
    "for the reset gate. The order is r, u, n.",
    {
        "r, u = np.split": "u, r = np.split",
    },
    fails="all but arguments",
)
GRU_STEP.mistake(
    "sigmoid for the candidate",
    "The state is wrong: the candidate went through a sigmoid, so it is never "
    "negative. The book prints it so, but tanh is meant.",
    {
        "np.tanh(b[last]": "sigmoid(b[last]",
    },
    fails="all but arguments",
)
GRU_STEP.mistake(
    "tanh for the gates",
    "The state is wrong: the gates went through a tanh, so they can be negative. A "
    "gate lies between 0 and 1. Which function has such values?",
    {
        "both = sigmoid(": "both = np.tanh(",
    },
    fails="all but arguments",
)
GRU_STEP.mistake(
    "reset gate on the input as well",
    "With open reset gates the state is right; otherwise it is wrong: the reset gate "
    "was applied to the input's part as well. It decides about the old state alone.",
    {
        "(r * h_prev) @ W[last].T + x_t @ U[last].T": (
            "(r * h_prev) @ W[last].T + r * (x_t @ U[last].T)"
        ),
    },
    fails="all but open arguments",
)
GRU_STEP.mistake(
    "bias of the candidate left out",
    "The state is wrong: the candidate lacks the last block of b.",
    {
        "b[last] + (r": "(r",
    },
    fails="all but arguments",
)
GRU_STEP.mistake(
    "old state kept in full",
    "The state is wrong: the old state was not multiplied by u, so old and new do not "
    "add up to a mean of the two.",
    {
        "u * h_prev + (1 - u) * n": "h_prev + (1 - u) * n",
    },
    fails="all but arguments",
)
GRU_STEP.mistake(
    "candidate added in full",
    "The state is wrong: the candidate was not multiplied by 1 - u, so old and new do "
    "not add up to a mean of the two.",
    {
        "u * h_prev + (1 - u) * n": "u * h_prev + n",
    },
    fails="all but arguments",
)
GRU_STEP.mistake(
    "reset gate on what is kept",
    "With open reset gates the state is right; otherwise it is wrong: what is kept of "
    "the old state was multiplied by r as well. The reset gate decides what the "
    "candidate sees; what stays is decided by u.",
    {
        "return u * h_prev": "return u * r * h_prev",
    },
    fails="all but open arguments",
)
GRU_STEP.mistake(
    "h_prev multiplied in place",
    "The argument h_prev has changed: *=, for example, writes into the caller's "
    "array. And since the last line of the step reads h_prev once more, what is kept "
    "has been multiplied by the reset gate.",
    {
        "n = np.tanh(b[last] + (r * h_prev)": ("h_prev *= r\nn = np.tanh(b[last] + h_prev"),
    },
    fails="all but open",
)
GRU_STEP.mistake(
    "exponentials that overflow",
    "Where all sums are of ordinary size, everything is right; where one is very "
    "large, there is NaN, infinity divided by infinity. The given `sigmoid` is safe "
    "there.",
    {
        "both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)": (
            "weight = np.exp(b[gates] + h_prev @ W[gates].T + x_t @ "
            "U[gates].T)\n"
            "both = weight / (1 + weight)"
        ),
    },
    fails="limits",
)
GRU_STEP.mistake(
    "state changed in place",
    "The result of the call is right, but the argument h_prev has changed: the new "
    "state was written into the caller's array.",
    {
        "return u * h_prev + (1 - u) * n": (
            "h_t = u * h_prev + (1 - u) * n\nh_prev[...] = h_t\nreturn h_t"
        ),
    },
    fails="arguments",
)

# --- gru_step_backward -------------------------------------------------------------------

GRU_STEP_BACKWARD = Exercise(
    "gru_step_backward",
    dh="test_the_state_before_gets_a_share_from_each_of_its_successors",
    update="test_the_state_before_gets_its_gradient_where_update_gates_are_open_or_closed",
    dx="test_the_input_gets_its_gradient_through_all_three_blocks",
    dU="test_the_input_weights_of_the_gru_get_their_gradient_from_the_whole_batch",
    dW="test_the_recurrent_weights_of_the_gru_get_their_gradient_from_what_they_have_met",
    db="test_the_biases_of_the_gru_get_their_gradient_from_the_whole_batch",
    limits="test_the_biases_of_the_gru_get_their_gradient_where_gates_are_open_or_closed",
    arguments="test_gru_step_backward_reads_its_arguments_and_leaves_them_as_they_were",
)
GRU_STEP_BACKWARD.mistake(
    "direct share left out",
    "Only dh_prev is wrong: the share that comes straight from h_t, past the "
    "candidate, is missing. h_prev has four successors, and the new state is one of "
    "them.",
    {
        "dh * u + dm * r + ": "dm * r + ",
    },
    fails="dh update",
)
GRU_STEP_BACKWARD.mistake(
    "share through the candidate left out",
    "Only dh_prev is wrong: the share through the candidate is missing. h_prev has "
    "four successors, and the product r * h_prev, which the candidate sees, is one of "
    "them.",
    {
        "dh * u + dm * r + ": "dh * u + ",
    },
    fails="dh update",
)
GRU_STEP_BACKWARD.mistake(
    "shares through both gates left out",
    "Only dh_prev is wrong, and where the gates are open or closed entirely it is "
    "right: the shares through r and u are missing. Both gates were computed from "
    "h_prev.",
    {
        " + dz_gates @ W[gates]": "",
    },
    fails="dh",
)
GRU_STEP_BACKWARD.mistake(
    "share through the reset gate left out",
    "Only dh_prev is wrong, and where the gates are open or closed entirely it is "
    "right: the share through r is missing. The reset gate was computed from h_prev.",
    {
        " + dz_gates @ W[gates]": " + dz_u @ np.split(W, 3)[1]",
    },
    fails="dh",
)
GRU_STEP_BACKWARD.mistake(
    "share through the update gate left out",
    "Only dh_prev is wrong, and where the gates are open or closed entirely it is "
    "right: the share through u is missing. The update gate was computed from h_prev.",
    {
        " + dz_gates @ W[gates]": " + dz_r @ np.split(W, 3)[0]",
    },
    fails="dh",
)
GRU_STEP_BACKWARD.mistake(
    "reset gate missing from the share through the candidate",
    "Only dh_prev is wrong, and with open reset gates it is right: the gradient of m "
    "went to h_prev as it is. m is r times h_prev.",
    {
        "dm * r + ": "dm + ",
    },
    fails="dh",
)
GRU_STEP_BACKWARD.mistake(
    "1 - u in the direct share",
    "Only dh_prev is wrong: the share that comes straight from h_t was multiplied by "
    "1 - u. The factor of h_prev in the new state is u.",
    {
        "dh_prev = dh * u": "dh_prev = dh * (1 - u)",
    },
    fails="dh update",
)
GRU_STEP_BACKWARD.mistake(
    "dh itself added to dh_prev",
    "Only dh_prev is wrong: dh was added as it is, without the factor u that h_prev "
    "has in the new state.",
    {
        "dh_prev = dh * u": "dh_prev = dh",
    },
    fails="dh update",
)
GRU_STEP_BACKWARD.mistake(
    "u for 1 - u at the candidate",
    "All results are wrong: the candidate's gradient was multiplied by u. Its factor "
    "in the new state is 1 - u.",
    {
        "dz_n = dh * (1 - u)": "dz_n = dh * u",
    },
    fails="all but arguments",
)
GRU_STEP_BACKWARD.mistake(
    "derivative of the candidate left out",
    "All results are wrong: on the way from the candidate to its sum there is a tanh, "
    "whose slope is missing.",
    {
        "dh * (1 - u) * (1 - n**2)": "dh * (1 - u)",
    },
    fails="all but arguments",
)
GRU_STEP_BACKWARD.mistake(
    "candidate computed with a sigmoid",
    "All results are wrong: the candidate of the step was computed again with a "
    "sigmoid, and its slope is that of a sigmoid. It is a tanh.",
    {
        "np.tanh(b[last]": "sigmoid(b[last]",
        "(1 - n**2)": "n * (1 - n)",
    },
    fails="all but arguments",
)
GRU_STEP_BACKWARD.mistake(
    "derivative of the update gate left out",
    "All results are wrong, as a rule too large, and update gates that are open or "
    "closed entirely pass gradients on: on the way from u to its sum there is a "
    "sigmoid, whose slope is missing.",
    {
        "(h_prev - n) * u * (1 - u)": "(h_prev - n)",
    },
    fails="all but arguments",
)
GRU_STEP_BACKWARD.mistake(
    "derivative of the reset gate left out",
    "All results are wrong, as a rule too large, and reset gates that are open or "
    "closed entirely pass gradients on: on the way from r to its sum there is a "
    "sigmoid, whose slope is missing.",
    {
        "dm * h_prev * r * (1 - r)": "dm * h_prev",
    },
    fails="all but arguments",
)
GRU_STEP_BACKWARD.mistake(
    "n - h_prev at the update gate",
    "What comes through the update gate has the wrong sign. Where u grows, the new "
    "state moves towards the old one: the gradient of u holds h_prev minus n.",
    {
        "(h_prev - n)": "(n - h_prev)",
    },
    fails="all but update arguments",
)
GRU_STEP_BACKWARD.mistake(
    "candidate missing at the update gate",
    "What comes through the update gate is wrong: its gradient holds h_prev alone. u "
    "occurs twice in the new state, in u and in 1 - u.",
    {
        "(h_prev - n)": "h_prev",
    },
    fails="all but update arguments",
)
GRU_STEP_BACKWARD.mistake(
    "reset gate's gradient without the weights",
    "What comes through the reset gate is wrong: its gradient was made from the "
    "candidate's delta directly. Between r and the candidate's sum lies the product "
    "with the candidate's block of W.",
    {
        "dm * h_prev * r": "dz_n * h_prev * r",
    },
    fails="all but update arguments",
)
GRU_STEP_BACKWARD.mistake(
    "W for W^T at the candidate",
    "What goes back from the candidate to r and h_prev is wrong: its delta met the "
    "candidate's block of W as it stands, not its transpose. Since that block is "
    "square, no shape complains; sequences are rows, so W^T delta is a product with W "
    "as it is.",
    {
        "dm = dz_n @ W[last]": "dm = dz_n @ W[last].T",
    },
    fails="all but arguments",
)
GRU_STEP_BACKWARD.mistake(
    "reset gate after the product",
    "With open reset gates dh_prev is right; otherwise all is wrong: this is the way "
    "back through the GRU of PyTorch, whose reset gate acts after the product with W. "
    "Here it acts before it.",
    {
        "n = np.tanh(b[last] + m @ W[last].T": "n = np.tanh(b[last] + r * (h_prev @ W[last].T)",
        "dm = dz_n @ W[last]": "dm = dz_n * r @ W[last]",
        "dz_r = dm * h_prev * r": "dz_r = dz_n * (h_prev @ W[last].T) * r",
        "dh * u + dm * r + ": "dh * u + dm + ",
        "dz_n.T @ m": "(dz_n * r).T @ h_prev",
    },
    fails="all but update arguments",
)
GRU_STEP_BACKWARD.mistake(
    "h_prev for m in dW",
    "Only the candidate's block of dW is wrong: its outer product holds h_prev. That "
    "block of W has multiplied m = r * h_prev.",
    {
        "dz_n.T @ m": "dz_n.T @ h_prev",
    },
    fails="dW",
)
GRU_STEP_BACKWARD.mistake(
    "m for h_prev in dW",
    "Only the gates' blocks of dW are wrong: their outer products hold m = r * "
    "h_prev. Those blocks of W have multiplied h_prev.",
    {
        "dz_gates.T @ h_prev": "dz_gates.T @ m",
    },
    fails="dW",
)
GRU_STEP_BACKWARD.mistake(
    "deltas of the two gates exchanged",
    "The deltas of r and u have changed places, so the rows of the gates get each "
    "other's. The order is r, u, n.",
    {
        "np.concatenate([dz_r, dz_u], axis=-1)": "np.concatenate([dz_u, dz_r], axis=-1)",
    },
    fails="all but update arguments",
)
GRU_STEP_BACKWARD.mistake(
    "dU, dW and db averaged over the batch",
    "dx_t and dh_prev are right; dU, dW and db are too small by the factor N. The "
    "sequences share the parameters, so their parts are added up; the 1/N of the loss "
    "is in dh already.",
    {
        '{"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}': (
            '{"U": dz.T @ x_t / len(dz), "W": dW / len(dz), "b": dz.mean(axis=0)}'
        ),
    },
    fails="dU dW db limits",
)
GRU_STEP_BACKWARD.mistake(
    "db averaged over the batch",
    "Only db is wrong: it is too small by the factor N. The sequences share b, so "
    "their parts are added up.",
    {
        "dz.sum(axis=0)": "dz.mean(axis=0)",
    },
    fails="db limits",
)
GRU_STEP_BACKWARD.mistake(
    "parameters' gradients from the first sequence only",
    "dx_t and dh_prev are right; dU, dW and db hold the part of sequence 0 alone. The "
    "sequences share the parameters, so their parts are added up.",
    {
        "return dz @ U, dh_prev,": (
            "dW = np.concatenate([dz_gates[:1].T @ h_prev[:1], dz_n[:1].T @ "
            "m[:1]])\n"
            "return dz @ U, dh_prev,"
        ),
        '{"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}': (
            '{"U": dz[:1].T @ x_t[:1], "W": dW, "b": dz[0]}'
        ),
    },
    fails="dU dW db limits",
)
GRU_STEP_BACKWARD.mistake(
    "dh changed in place",
    "The results of the call are right, but the argument dh has changed: *=, for "
    "example, writes into the caller's array.",
    {
        "dz_n = dh * (1 - u) * (1 - n**2)": (
            "given = dh.copy()\ndh *= 1 - u\ndz_n = dh * (1 - n**2)"
        ),
        "dz_u = dh *": "dz_u = given *",
        "dh_prev = dh * u": "dh_prev = given * u",
    },
    fails="arguments",
)
