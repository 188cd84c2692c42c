"""Classic mistakes of hw1_unrolling: each is a change of the solution, or a function."""

import graphviz
import numpy as np

from autograder.course.catalogue import Exercise

# --- unroll ------------------------------------------------------------------------------

UNROLL = Exercise(
    "unroll",
    formula="test_every_state_comes_from_the_state_before_it",
    short="test_a_single_state_is_the_initial_state_and_two_take_one_call_of_f",
    shapes="test_a_state_may_be_a_number_or_a_batch_of_vectors",
    integers="test_the_states_after_whole_numbers_are_right_and_not_rounded",
    unchanged="test_unrolling_twice_gives_the_right_states_and_changes_no_argument",
)
UNROLL.mistake(
    "initial state left out, one call of f too many",
    "There are T rows, but row 0 is already f(s_1), and the last row is s_{T+1}. The sequence s_1 "
    "... s_T begins with the initial state itself. Look at what is stored first: the state, or "
    "what f makes of it.",
    {
        "s[0] = s1": "state = s1",
        "range(1, T)": "range(T)",
        "s[t] = f(s[t - 1], theta)": "state = f(state, theta)\ns[t] = state",
    },
)
UNROLL.mistake(
    "T applications of f, so T + 1 states",
    "The rows are right, but there is one too many (or no room for it, where an array was made "
    "for T). T counts the states, and the initial state is one of them: three states are two "
    "applications of f. Count the turns of the loop for T = 1.",
    {
        "s[0] = s1": "states = [s1]",
        "range(1, T)": "range(T)",
        "s[t] = f(s[t - 1], theta)": "states.append(f(states[-1], theta))",
        "return s": "return np.array(states)",
    },
    {"range(1, T)": "range(T)", "s[t] = f(s[t - 1], theta)": "s[t + 1] = f(s[t - 1], theta)"},
)
UNROLL.mistake(
    "initial state left out, so T - 1 states",
    "One row is missing: row 0 holds s_2 (for T = 1 there is no row at all). f is called as often "
    "as it should be, but s_1 is among the states to give back, and here only what f returned is "
    "kept.",
    {
        "(T, *s1.shape)": "(T - 1, *s1.shape)",
        "s[0] = s1": "state = s1",
        "range(1, T)": "range(T - 1)",
        "s[t] = f(s[t - 1], theta)": "state = s[t] = f(state, theta)",
    },
    {
        "s[0] = s1": "states = []",
        "s[t] = f(s[t - 1], theta)": "s1 = f(s1, theta)\nstates.append(s1)",
        "return s": "return np.array(states)",
    },
    {
        "s[0] = s1": "states = []",
        "s[t] = f(s[t - 1], theta)": "s1 = f(s1, theta)\nstates.append(s1)",
        "return s": "return np.stack(states)",
    },
)
UNROLL.mistake(
    "f applied to the initial state every time",
    "Rows 0 and 1 are right, and all later rows equal row 1. Every one of them was computed from "
    "s_1, while s_t = f(s_{t-1}) takes the state just before. Look at what is handed to f in the "
    "loop.",
    {"s[t - 1]": "s1"},
    fails="all but short",
)
UNROLL.mistake(
    "f applied to the row that is being filled",
    "Row 0 is right, and all later rows are f(0). Row t held nothing but zeros when f read it; "
    "s_t comes from s_{t-1}, which stands one row earlier.",
    {"np.empty": "np.zeros", "s[t - 1]": "s[t]"},
)
UNROLL.mistake(
    "loop starts at row 0 and wraps round",
    "Row 0 is not s1 but f of zeros (for T = 1, f of s1), and all later rows follow from it. For "
    "example, a loop from t = 0 on reads the index -1, the last row, which held zeros at that "
    "time. s_1 has no state before it; the equation holds from t = 2 on.",
    {"np.empty": "np.zeros", "range(1, T)": "range(T)"},
)
UNROLL.mistake(
    "last state never computed",
    "All rows are right but the last, which is zero: it was never computed, as where a loop ends "
    "one step early. `range` leaves out its end, and the last row has the index T - 1.",
    {"np.empty": "np.zeros", "range(1, T)": "range(1, T - 1)"},
)


@UNROLL.mistake(
    "last state missing, so T - 1 states",
    "The rows are right as far as they go, but s_T is missing: from T = 2 on there is one row too "
    "few. f was called T - 2 times. Write down for T = 2 which states come back, and how many "
    "turns the loop makes.",
)
def unroll_last_state_missing(f, s1, theta, T):
    states = [s1]
    while len(states) < T - 1:
        states.append(f(states[-1], theta))
    return np.array(states)


UNROLL.mistake(
    "one array stored T times",
    "All rows are the same: the last state, T times. The list holds T names of one array, and "
    "each step wrote over what is in it. Each state needs an array, or a row, of its own.",
    {
        "s = np.empty((T, *s1.shape))": "state = s1.astype(float)",
        "s[0] = s1": "states = [state]",
        "s[t] = f(s[t - 1], theta)": "state[...] = f(state, theta)\nstates.append(state)",
        "return s": "return np.array(states)",
    },
    {
        "s[0] = s1": "state, states = s1, [s1]",
        "s[t] = f(s[t - 1], theta)": "state[...] = f(state, theta)\nstates.append(state)",
        "return s": "return np.array(states)",
    },
)
UNROLL.mistake(
    "states stored as integers",
    "Where s1 holds integers, the later states lost what is behind the decimal point. An array "
    "keeps the dtype that it was made with and cuts off what does not fit, without a word. Look "
    "at the dtype of the array that holds the states.",
    {"np.empty((T, *s1.shape))": "np.zeros((T, *s1.shape), dtype=s1.dtype)"},
    fails="integers",
)
UNROLL.mistake(
    "room for vectors only",
    "A state that is a vector comes out right, and a single number or a batch does not fit. The "
    "code takes for granted that s1 has exactly one axis. A state may have any shape, and "
    "`s1.shape` tells it.",
    {"*s1.shape": "len(s1)"},
    {"*s1.shape": "s1.shape[0]"},
    {"*s1.shape": "s1.size"},
    fails="shapes unchanged",
)


@UNROLL.mistake(
    "two states where one is asked for",
    "With T = 1 two rows come back instead of one; from T = 2 on all is right. f is called once "
    "before anybody looks at T. For T = 1 there is nothing to compute: s_1 is given.",
    fails="short",
)
def unroll_at_least_two(f, s1, theta, T):
    states = [s1, f(s1, theta)]
    while len(states) < T:
        states.append(f(states[-1], theta))
    return np.array(states)


UNROLL.mistake(
    "only the last state returned",
    "A single state comes back, s_T, without an axis for time. It is right, but all states s_1 "
    "... s_T are asked for. Keep each of them on the way.",
    {
        "s[0] = s1": "state = s1",
        "s[t] = f(s[t - 1], theta)": "state = f(state, theta)",
        "return s": "return state",
    },
)
UNROLL.mistake(
    "latest state first",
    "All T states are there, in the wrong order: row 0 holds the latest. Time runs along the "
    "first axis, and s_1 comes first. Look at where each new state is put.",
    {
        "s[0] = s1": "states = [s1]",
        "s[t] = f(s[t - 1], theta)": "states.insert(0, f(states[0], theta))",
        "return s": "return np.array(states)",
    },
)
UNROLL.mistake(
    "time on the last axis",
    "The numbers are right, but time runs along the last axis and not along the first. The result "
    "has the shape (T, *s1.shape): `s[0]` is the whole first state.",
    {
        "s[0] = s1": "states = [s1]",
        "s[t] = f(s[t - 1], theta)": "states.append(f(states[-1], theta))",
        "return s": "return np.stack(states, axis=-1)",
    },
    {
        "s[0] = s1": "states = [s1]",
        "s[t] = f(s[t - 1], theta)": "states.append(f(states[-1], theta))",
        "return s": "return np.array(states).T",
    },
)
UNROLL.mistake(
    "state and parameters exchanged",
    "Row 0 is right and every later row is wrong, or f fails: it got the parameters where it "
    "expects the state. Compare the call with the exercise's description of f.",
    {"f(s[t - 1], theta)": "f(theta, s[t - 1])"},
)
UNROLL.mistake(
    "f added to the state",
    "Row 1 is s_1 + f(s_1), and the error goes on from there. f gives the next state itself, not "
    "by how much the state changes. Equation 10.1 has no sum.",
    {"f(s[t - 1], theta)": "s[t - 1] + f(s[t - 1], theta)"},
)
UNROLL.mistake(
    "s1 overwritten",
    "The states are right, but after the call the caller's s1 holds another state (and, where it "
    "holds integers, the later ones may be rounded). An assignment such as `s1[...] =` writes "
    "into the array that was handed over, and so it does by another name of that array. Work on a "
    "copy, or on a new array at each step.",
    {
        "s = np.empty((T, *s1.shape))": "state = np.asarray(s1, dtype=float)",
        "s[0] = s1": "states = [state.copy()]",
        "s[t] = f(s[t - 1], theta)": "state[...] = f(state, theta)\nstates.append(state.copy())",
        "return s": "return np.array(states)",
    },
    fails="unchanged",
)
UNROLL.another(
    "s1 overwritten",
    {"range(1, T)": "range(T)", "s[t] = f(s[t - 1], theta)": "s[t] = s1\ns1[...] = f(s1, theta)"},
    fails="integers unchanged",
)

# --- unroll_inputs -----------------------------------------------------------------------

UNROLL_INPUTS = Exercise(
    "unroll_inputs",
    formula="test_every_state_reads_the_state_before_it_and_the_input_of_its_step",
    causal="test_every_state_is_right_whatever_the_later_inputs_are",
    short="test_no_input_gives_no_state_and_one_input_gives_one",
    shapes="test_state_and_inputs_may_be_numbers_or_vectors",
    integers="test_the_states_after_whole_numbers_in_h0_are_right_and_no_argument_is_changed",
)
UNROLL_INPUTS.mistake(
    "h0 among the states",
    "There is one row too many: row 0 holds h_0, and every state stands one row late. In `unroll` "
    "the initial state was the first to give back; here the states are h_1 ... h_T, one for each "
    "input.",
    {
        "h = h0": "states = [h0]",
        "for t in range(T):": "for x_t in x:",
        "h = states[t] = f(h, x[t], theta)": "states.append(f(states[-1], x_t, theta))",
        "return states": "return np.array(states)",
    },
)
UNROLL_INPUTS.mistake(
    "h0 in the first row, last state lost",
    "There are T rows, but row 0 holds h_0 and every state stands one row late, so h_T is "
    "missing. Row t is the state after x[t] has been read. Look at whether the state is stored "
    "before or after the step.",
    {
        "np.empty((T, *h0.shape))": "[]",
        "for t in range(T):": "for x_t in x:",
        "h = states[t] = f(h, x[t], theta)": "states.append(h)\nh = f(h, x_t, theta)",
        "return states": "return np.array(states)",
    },
    {"h = states[t] = f(h, x[t], theta)": "states[t] = h\nh = f(h, x[t], theta)"},
)
UNROLL_INPUTS.mistake(
    "first input never read",
    "Row 0 is h_0, and the later rows were computed as though x[0] did not exist. This is the "
    "loop of `unroll`, which starts at row 1. Here row 0 is h_1, which f makes of h_0 and the "
    "first input.",
    {
        "states = np.empty((T, *h0.shape))": "h = np.empty((T, *h0.shape))",
        "h = h0": "h[0] = h0",
        "range(T)": "range(1, len(x))",
        "h = states[t] = f(h, x[t], theta)": "h[t] = f(h[t - 1], x[t], theta)",
        "return states": "return h",
    },
)
UNROLL_INPUTS.mistake(
    "started from zeros instead of h0",
    "The rows are those for an h_0 of zeros, so they are wrong from the first on. Either zeros "
    "stand in place of h0, or h[t - 1] was read at t = 0: numpy takes it for the last row, which "
    "held zeros at that time. The state before the first input is h_0, and it has no row.",
    {
        "states = np.empty((T, *h0.shape))": "h = np.zeros((len(x), *h0.shape))",
        "h = h0": "",
        "h = states[t] = f(h, x[t], theta)": "h[t] = f(h[t - 1], x[t], theta)",
        "return states": "return h",
    },
)
UNROLL_INPUTS.mistake(
    "h0 used again at every step",
    "Row 0 is right and the later rows are wrong: each was computed from h_0 and its own input. "
    "Nothing is carried from step to step, so a state knows of one input only. In the equation f "
    "reads h_{t-1}, the state before.",
    {
        "states = np.empty((T, *h0.shape))": "h = np.empty((T, *h0.shape))",
        "h = h0": "",
        "h = states[t] = f(h, x[t], theta)": "h[t] = f(h0, x[t], theta)",
        "return states": "return h",
    },
    fails="all but short",
)
UNROLL_INPUTS.mistake(
    "f applied to the row that is being filled",
    "Every row is f(0, x_t): it knows of its own input and nothing else, not even of h_0. Row t "
    "held zeros when f read it. In the equation f reads h_{t-1}, the state before.",
    {
        "states = np.empty((T, *h0.shape))": "h = np.zeros((len(x), *h0.shape))",
        "h = h0": "",
        "h = states[t] = f(h, x[t], theta)": "h[t] = f(h[t], x[t], theta)",
        "return states": "return h",
    },
)
UNROLL_INPUTS.mistake(
    "input of the step before",
    "Each state read the input of the step before, and the first one the last input of all, which "
    "numpy has at the index -1: the past depends on the future. Formulas count from 1 and numpy "
    "from 0, so the input x_1 is `x[0]`, and row 0 holds h_1.",
    {"f(h, x[t], theta)": "f(h, x[t - 1], theta)"},
    fails="all but short",
)
UNROLL_INPUTS.mistake(
    "input of the step after",
    "Each state reads the input of the next step, so it sees the future. At the last step there "
    "is no next one: an index fails there, the row is lost, or another input takes its place. Row "
    "t is the state after x[t] has been read, and no later input.",
    {"f(h, x[t], theta)": "f(h, x[(t + 1) % T], theta)"},
    fails="all but short",
)
UNROLL_INPUTS.another(
    "input of the step after",
    {
        "np.empty((T, *h0.shape))": "[]",
        "range(T)": "range(len(x) - 1)",
        "h = states[t] = f(h, x[t], theta)": "h = f(h, x[t + 1], theta)\nstates.append(h)",
        "return states": "return np.array(states)",
    },
    {
        "np.empty((T, *h0.shape))": "np.zeros((len(x), *h0.shape))",
        "range(T)": "range(len(x) - 1)",
        "f(h, x[t], theta)": "f(h, x[t + 1], theta)",
    },
    fails="all",
)
UNROLL_INPUTS.another(
    "input of the step after",
    {"f(h, x[t], theta)": "f(h, x[min(t + 1, T - 1)], theta)"},
)
UNROLL_INPUTS.mistake(
    "first input read at every step",
    "Row 0 is right and the later rows are wrong: all of them read x[0] again. A change of a "
    "later input changes nothing at all. In the equation, each step has an input of its own, x_t.",
    {"f(h, x[t], theta)": "f(h, x[0], theta)"},
    fails="all but short",
)
UNROLL_INPUTS.mistake(
    "run from the last input to the first",
    "The loop runs backwards in time: h_0 meets x_T, and x_1 is read by the state that has read "
    "all other inputs. h_1 comes first and reads h_0 and x_1. Look at the order in which the "
    "inputs are taken.",
    {"range(T)": "reversed(range(len(x)))"},
    {
        "for t in range(T):": "for t, x_t in enumerate(x[::-1]):",
        "f(h, x[t], theta)": "f(h, x_t, theta)",
    },
    fails="all but short",
)
UNROLL_INPUTS.mistake(
    "last input never read",
    "The rows are right, but the last one is missing. There is a state for each input, x_T "
    "included. Count the turns of the loop for one input.",
    {"len(x)": "len(x) - 1"},
    {
        "np.empty((T, *h0.shape))": "[]",
        "range(T)": "range(len(x) - 1)",
        "h = states[t] = f(h, x[t], theta)": "h = f(h, x[t], theta)\nstates.append(h)",
        "return states": "return np.array(states)",
    },
    {
        "h = h0": "states = [h0]",
        "range(T)": "range(len(x) - 1)",
        "h = states[t] = f(h, x[t], theta)": "states.append(f(states[-1], x[t], theta))",
        "return states": "return np.array(states)[1:]",
    },
)
UNROLL_INPUTS.mistake(
    "last state never computed",
    "All rows are right but the last, which is zero: it was never computed, as where a loop ends "
    "one step early. There is a state to compute for each input. Try it with one input.",
    {"np.empty((T, *h0.shape))": "np.zeros((len(x), *h0.shape))", "range(T)": "range(len(x) - 1)"},
)
UNROLL_INPUTS.mistake(
    "steps counted along the batch",
    "The loop runs over the second axis of x, which holds the sequences of the batch, so as a "
    "rule f gets arrays that do not fit together. Time is always the first axis: `x[t]` is the "
    "input of step t, for all sequences at once.",
    {"len(x)": "x.shape[1]", "f(h, x[t], theta)": "f(h, x[:, t], theta)"},
    {
        "for t in range(T):": "for x_n in x.transpose(1, 0, 2):",
        "h = states[t] = f(h, x[t], theta)": "h = f(h, x_n, theta)",
    },
    {
        "for t in range(T):": "for x_n in np.swapaxes(x, 0, 1):",
        "h = states[t] = f(h, x[t], theta)": "h = f(h, x_n, theta)",
    },
)
UNROLL_INPUTS.mistake(
    "state and input exchanged",
    "All rows are wrong, or f fails: it got the input where it expects the state, and the state "
    "where it expects the input. Compare the call with the exercise's description of f.",
    {"f(h, x[t], theta)": "f(x[t], h, theta)"},
)
UNROLL_INPUTS.mistake(
    "f added to the state",
    "Row 0 is h_0 + f(h_0, x_1), and the error goes on from there. f gives the next state itself, "
    "not by how much the state changes. The equation has no sum.",
    {"f(h, x[t], theta)": "h + f(h, x[t], theta)"},
)
UNROLL_INPUTS.mistake(
    "only the last state returned",
    "A single state comes back, h_T, without an axis for time. It is the right one, but all "
    "states h_1 ... h_T are asked for. Keep each of them on the way.",
    {"return states": "return h"},
)
UNROLL_INPUTS.mistake(
    "one array stored T times",
    "All rows are the same: the last state, T times. The list holds T names of one array, and "
    "each step wrote over what is in it. Each state needs an array, or a row, of its own.",
    {
        "states = np.empty((T, *h0.shape))": "h = h0.astype(float)",
        "h = h0": "states = []",
        "for t in range(T):": "for x_t in x:",
        "h = states[t] = f(h, x[t], theta)": "h[...] = f(h, x_t, theta)\nstates.append(h)",
        "return states": "return np.array(states).reshape(len(x), *h0.shape)",
    },
    fails="all but short",
)
UNROLL_INPUTS.another(
    "one array stored T times",
    {
        "T = len(x)": "h = h0.copy()",
        "states = np.empty((T, *h0.shape))": "",
        "h = h0": "states = []",
        "for t in range(T):": "for x_t in x:",
        "h = states[t] = f(h, x[t], theta)": "h[...] = f(h, x_t, theta)\nstates.append(h)",
        "return states": "return np.array(states)",
    },
    {
        "for t in range(T):": "states = []\nfor x_t in x:",
        "h = states[t] = f(h, x[t], theta)": "h[...] = f(h, x_t, theta)\nstates.append(h)",
        "return states": "return np.array(states)",
    },
    fails="all",
)
UNROLL_INPUTS.mistake(
    "case T = 0 forgotten",
    "With inputs everything is right. Without any, there is no first input to read, np.stack "
    "cannot stack an empty list, and np.array does not know the shape of a state. The result then "
    "has no rows, and still the shape (0, *h0.shape).",
    {"return states": "return np.stack(states)"},
    {
        "np.empty((T, *h0.shape))": "[]",
        "for t in range(T):": "for x_t in x:",
        "h = states[t] = f(h, x[t], theta)": "h = f(h, x_t, theta)\nstates.append(h)",
        "return states": "return np.array(states)",
    },
    {
        "states = np.empty((T, *h0.shape))": "h = np.empty((T, *h0.shape))",
        "h = h0": "h[0] = f(h0, x[0], theta)",
        "range(T)": "range(1, len(x))",
        "h = states[t] = f(h, x[t], theta)": "h[t] = f(h[t - 1], x[t], theta)",
        "return states": "return h",
    },
    fails="short",
)
UNROLL_INPUTS.mistake(
    "room for batches only",
    "A batch of vectors comes out right, and a state that is a number or a single vector fails. "
    "The code takes for granted that h0 has two axes. A state may have any shape, and `h0.shape` "
    "tells it.",
    {
        "T = len(x)": "N, H = h0.shape",
        "(T, *h0.shape)": "(len(x), N, H)",
        "range(T)": "range(len(x))",
    },
    {"(T, *h0.shape)": "(len(x), h0.shape[0], h0.shape[1])"},
    {"(T, *h0.shape)": "(len(x), len(h0), h0.shape[-1])"},
    fails="shapes",
)
UNROLL_INPUTS.mistake(
    "room for vectors only",
    "A state that is a vector comes out right, and a single number or a batch does not fit. The "
    "code takes for granted that h0 has exactly one axis. A state may have any shape, and "
    "`h0.shape` tells it.",
    {"(T, *h0.shape)": "(len(x), h0.shape[0])"},
    {"(T, *h0.shape)": "(len(x), h0.shape[-1])"},
)
UNROLL_INPUTS.mistake(
    "states stored as integers",
    "Where h0 holds integers, the states lost what is behind the decimal point. An array keeps "
    "the dtype that it was made with and cuts off what does not fit, without a word. Look at the "
    "dtype of the array that holds the states.",
    {"np.empty((T, *h0.shape))": "np.zeros((len(x), *h0.shape), dtype=h0.dtype)"},
    fails="integers",
)
UNROLL_INPUTS.mistake(
    "h0 overwritten",
    "The call changes the caller's h0, which holds the last state afterwards (and, where it holds "
    "integers, rounds all states). An assignment such as `h0[...] =` writes into the array that "
    "was handed over, and so it does by another name of that array. Let an array of your own "
    "carry the state.",
    {"h = states[t] = f(h, x[t], theta)": "h0[...] = f(h0, x[t], theta)\nstates[t] = h0"},
    fails="integers",
)

# --- time_delay --------------------------------------------------------------------------

TIME_DELAY = Exercise(
    "time_delay",
    formula="test_every_output_sums_the_latest_k_inputs_times_the_kernel",
    impulse="test_a_single_input_writes_the_kernel_into_the_outputs_that_follow",
    long="test_the_kernel_may_be_longer_than_the_sequence",
    later="test_a_sequence_that_starts_later_has_the_right_outputs_later",
    integers="test_whole_numbers_are_convolved_as_well_and_no_argument_is_changed",
)
TIME_DELAY.mistake(
    "kernel the wrong way round",
    "An input that stands alone shows up in the outputs as the kernel read from its end. In the "
    "formula kernel[0] weighs the present input and kernel[k - 1] the oldest one; here it was the "
    "other way round. As j grows, x_{t-j} goes back in time.",
    {
        "T, _ = x.shape": "T, D = x.shape",
        "out = np.zeros(": "padded = np.concatenate([np.zeros((k - 1, D)), x])\nout = np.zeros(",
        "for j in range(min(k, T)):": "for t in range(T):",
        "out[j:] += x[: T - j] @ kernel[j]": (
            "for j in range(k):\n    out[t] += padded[t + j] @ kernel[j]"
        ),
    },
)
TIME_DELAY.mistake(
    "looks ahead instead of back",
    "The outputs see later inputs, and not the earlier ones: an input shows up before its own "
    "step. In the formula the index is t - j. The convolution is causal, so no output may look "
    "ahead.",
    {
        "for j in range(min(k, T)):": "for t in range(T):",
        "out[j:] += x[: T - j] @ kernel[j]": (
            "for j in range(k):\n    if t + j < T:\n        out[t] += x[t + j] @ kernel[j]"
        ),
    },
)
TIME_DELAY.mistake(
    "wraps round at the start",
    "Only the first k - 1 outputs are wrong: they see the end of the sequence. There t - j is "
    "negative, and numpy counts negative indices from the end; np.roll, too, puts back in at the "
    "start what it pushes out at the end. (With a kernel longer than the sequence, an index may "
    "fail.) The inputs before the start count as zeros.",
    {
        "for j in range(min(k, T)):": "for t in range(T):",
        "out[j:] += x[: T - j] @ kernel[j]": (
            "for j in range(k):\n    out[t] += x[t - j] @ kernel[j]"
        ),
    },
    {"min(k, T)": "len(kernel)", "out[j:]": "out", "x[: T - j]": "np.roll(x, j, axis=0)"},
)
TIME_DELAY.mistake(
    "no outputs before the kernel fits",
    "The first k - 1 outputs are missing; the others are right. There is an output for every "
    "step, T in all. For the first ones the window reaches back before the start, where the "
    "inputs count as zeros.",
    {
        "(T, H)": "(max(T - k + 1, 0), H)",
        "for j in range(min(k, T)):": "for t in range(len(out)):",
        "out[j:] += x[: T - j] @ kernel[j]": (
            "for j in range(k):\n    out[t] += x[t + k - 1 - j] @ kernel[j]"
        ),
    },
)
TIME_DELAY.mistake(
    "first k - 1 outputs left at zero",
    "The outputs from the k-th on are right. The loop starts where the kernel fits, but the "
    "formula holds from the first step on: only the terms that reach back before the start vanish.",
    {
        "for j in range(min(k, T)):": "for t in range(k - 1, T):",
        "out[j:] += x[: T - j] @ kernel[j]": (
            "for j in range(k):\n    out[t] += x[t - j] @ kernel[j]"
        ),
    },
)
TIME_DELAY.mistake(
    "outputs after the end",
    "The first T outputs are right, and k - 1 more come after them. The kernel runs on past the "
    "last input, as in a full convolution. There is one output for each input.",
    {"(T, H)": "(T + k - 1, H)", "min(k, T)": "k", "out[j:]": "out[j : j + T]", "x[: T - j]": "x"},
)
TIME_DELAY.mistake(
    "kernel centred on the present",
    "The outputs come too early, so that half of the kernel looks ahead; np.convolve does so in "
    "its mode 'same'. kernel[0] weighs the present input, and all other weights belong to the "
    "past. With a short kernel nobody would notice.",
    {
        "T, _ = x.shape": "T, D = x.shape",
        "for j in range(min(k, T)):": "for d in range(D):",
        "out[j:] += x[: T - j] @ kernel[j]": (
            "for i in range(H):\n"
            '    out[:, i] += np.convolve(x[:, d], kernel[:, d, i], mode="same")'
        ),
    },
    {
        "out = np.zeros(": (
            "ahead = (k - 1) // 2\n"
            "padded = np.pad(x, ((k - 1 - ahead, ahead), (0, 0)))\n"
            "out = np.zeros("
        ),
        "min(k, T)": "k",
        "out[j:]": "out",
        "x[: T - j]": "padded[k - 1 - j : k - 1 - j + T]",
    },
    fails="all but integers",
)
TIME_DELAY.another(
    "kernel centred on the present",
    {
        "out = np.zeros(": (
            "ahead = k // 2\npadded = np.pad(x, ((k - 1 - ahead, ahead), (0, 0)))\nout = np.zeros("
        ),
        "min(k, T)": "k",
        "out[j:]": "out",
        "x[: T - j]": "padded[k - 1 - j : k - 1 - j + T]",
    },
    fails="all",
)
TIME_DELAY.mistake(
    "first input repeated before the start",
    "Only the first k - 1 outputs are wrong, and all is right where x[0] is zero. Where the "
    "window reaches back before the start, x[0] was read once more. The inputs before the start "
    "count as zeros.",
    {
        "for j in range(min(k, T)):": "for t in range(T):",
        "out[j:] += x[: T - j] @ kernel[j]": (
            "for j in range(k):\n    out[t] += x[max(t - j, 0)] @ kernel[j]"
        ),
    },
    fails="all but later",
)
TIME_DELAY.mistake(
    "first input left out",
    "The first k outputs are wrong, and all is right where x[0] is zero: it has no part in any "
    "output. numpy counts from 0, so x[0] is the first input. Look at the condition which keeps t "
    "- j inside the sequence.",
    {
        "for j in range(min(k, T)):": "for t in range(T):",
        "out[j:] += x[: T - j] @ kernel[j]": (
            "for j in range(k):\n    if t - j > 0:\n        out[t] += x[t - j] @ kernel[j]"
        ),
    },
    fails="all but later",
)
TIME_DELAY.mistake(
    "delays counted from 1",
    "All outputs come one step late, and the first is zero: the present input has no part in its "
    "own output. The delay j starts at 0, where x_{t-j} is x_t itself.",
    {
        "for j in range(min(k, T)):": "for t in range(T):",
        "out[j:] += x[: T - j] @ kernel[j]": (
            "for j in range(k):\n    if t - j - 1 >= 0:\n        out[t] += x[t - j - 1] @ kernel[j]"
        ),
    },
)
TIME_DELAY.mistake(
    "longest delay left out",
    "The first k - 1 outputs are right and the later ones are wrong: kernel[k - 1] is never used. "
    "The sum runs over k delays, from 0 to k - 1. Where does your loop end?",
    {
        "for j in range(min(k, T)):": "for t in range(T):",
        "out[j:] += x[: T - j] @ kernel[j]": (
            "for j in range(k - 1):\n    if t - j >= 0:\n        out[t] += x[t - j] @ kernel[j]"
        ),
    },
)
TIME_DELAY.mistake(
    "present input left out",
    "The first output is zero, and kernel[0] has no part in any output. The delay j starts at 0, "
    "where x_{t-j} is x_t itself: the present input belongs to the sum.",
    {
        "for j in range(min(k, T)):": "for t in range(T):",
        "out[j:] += x[: T - j] @ kernel[j]": (
            "for j in range(1, k):\n    if t - j >= 0:\n        out[t] += x[t - j] @ kernel[j]"
        ),
    },
)
TIME_DELAY.mistake(
    "overwritten instead of added up",
    "Only the first output is right; each of the others is a single term of the sum, that of the "
    "longest delay which still falls on an input. The assignment throws away the terms before it. "
    "In the formula they are added up.",
    {
        "for j in range(min(k, T)):": "for t in range(T):",
        "out[j:] += x[: T - j] @ kernel[j]": (
            "for j in range(k):\n    if t - j >= 0:\n        out[t] = x[t - j] @ kernel[j]"
        ),
    },
)
TIME_DELAY.mistake(
    "present input weighed by the whole kernel",
    "Each output sees its own input only, multiplied by the sum of all kernel[j]. The delays are "
    "lost: kernel[j] belongs to x_{t-j}, another input for each j.",
    {"min(k, T)": "len(kernel)", "out[j:]": "out", "x[: T - j]": "x"},
)
TIME_DELAY.mistake(
    "mean instead of sum",
    "All outputs are too small by the factor k. The formula has a sum over the delays and no "
    "division by their number.",
    {"return out": "return out / k"},
)
TIME_DELAY.mistake(
    "divided by the number of terms",
    "Each output is the mean of its terms: the first is right, the second half as large as it "
    "should be, and from the k-th on all are too small by the factor k. The zeros before the "
    "start need no making up for; the formula has a sum and no division.",
    {"return out": "return out / np.minimum(np.arange(1, T + 1), k)[:, None]"},
)
TIME_DELAY.mistake(
    "fails where the kernel is longer than the sequence",
    "All is right until a delay exceeds T. Then T - j is negative, and a slice up to a negative "
    "index leaves out elements at the end instead of being empty. Such a delay adds nothing.",
    {"min(k, T)": "k"},
    fails="long",
)
TIME_DELAY.mistake(
    "slice up to -0",
    "The code fails at the delay 0: x[:-j] leaves out the last j inputs for j > 0, but x[:-0] is "
    "x[:0], which is empty. Say where the slice ends by counting from the start.",
    {": T - j": ": -j"},
)
TIME_DELAY.mistake(
    "outputs stored as integers",
    "Where x holds integers, the outputs lost what is behind the decimal point. An array keeps "
    "the dtype that it was made with: = cuts off what does not fit, without a word, and += "
    "refuses it. Look at the dtype of the array that holds the outputs.",
    {
        "np.zeros((T, H))": "np.zeros((T, H), dtype=x.dtype)",
        "for j in range(min(k, T)):": "for t in range(T):",
        "out[j:] += x[: T - j] @ kernel[j]": (
            "out[t] = sum(x[t - j] @ kernel[j] for j in range(k) if t - j >= 0)"
        ),
    },
    {
        "np.zeros((T, H))": "np.zeros((T, H), dtype=x.dtype)",
        "for j in range(min(k, T)):": "for t in range(T):",
        "out[j:] += x[: T - j] @ kernel[j]": (
            "for j in range(k):\n    if t - j >= 0:\n        out[t] = out[t] + x[t - j] @ kernel[j]"
        ),
    },
    {"np.zeros((T, H))": "np.zeros((T, H), dtype=x.dtype)"},
    fails="integers",
)
TIME_DELAY.mistake(
    "x shifted in place",
    "The outputs are right, but after the call the caller's x has been moved along in time. "
    "Assigning to a part of x, for example to x[1:], writes into the array that was handed over. "
    "Shift a copy, or read other rows of x instead of moving them.",
    {
        "for j in range(min(k, T)):": "for weights in kernel:",
        "out[j:] += x[: T - j] @ kernel[j]": (
            "out += x @ weights\nx[1:] = x[:-1].copy()\nx[0] = 0"
        ),
    },
    fails="integers",
)

# --- influence ---------------------------------------------------------------------------

INFLUENCE = Exercise(
    "influence",
    shape="test_a_short_memory_gives_a_band_and_a_running_sum_a_triangle",
    at_x="test_the_table_is_right_where_answers_are_small_and_depend_on_x",
    components="test_the_table_is_right_whichever_component_is_read",
    cancel="test_the_table_is_right_where_changes_could_cancel",
    ahead="test_a_map_may_look_ahead_and_leave_inputs_out",
    zeros="test_the_table_is_right_for_inputs_of_zeros_and_x_stays_as_it_was",
)
INFLUENCE.mistake(
    "rows and columns exchanged",
    "What belongs to entry [t, s] stands at [s, t]. The output comes first and the input second, "
    "so changing the input s fills column s.",
    {"depends[:, s]": "depends[s]"},
)
INFLUENCE.mistake(
    "True where nothing changes",
    "True and False have changed places, as a rule throughout the table. True is to stand where "
    "the output answers the change, and the comparison here is true where it stays the same.",
    {
        "np.zeros((T, T), dtype=bool)": "np.ones((len(x), len(x)), dtype=bool)",
        "depends[:, s] |= np.any(np.abs(g(changed) - before) > 1e-9, axis=1)": (
            "depends[:, s] &= np.all(np.abs(g(changed) - before) < 1e-9, axis=1)"
        ),
    },
    {"np.abs(g(changed) - before) > 1e-9": "np.abs(g(changed) - before) < 1e-9"},
)
INFLUENCE.mistake(
    "all components of the output must change",
    "Entries are False where only some components of the output answer. An output depends on the "
    "input if any of its H components changes.",
    {"np.any": "np.all"},
    fails="all but at_x cancel",
)
INFLUENCE.mistake(
    "changes of the output's components added up",
    "Entries are False where the components of an output move in opposite directions, because "
    "their sum stays the same. Look at each component by itself: one that changes is enough.",
    {
        "before = g(x)": "before = g(x).sum(axis=1)",
        "np.any(np.abs(g(changed) - before) > 1e-9, axis=1)": (
            "np.abs(g(changed).sum(axis=1) - before) > 1e-9"
        ),
    },
    fails="cancel",
)
INFLUENCE.mistake(
    "first component of the output only",
    "Entries are False where the first component of the output stays the same and another one "
    "answers. An output depends on the input if any of its H components changes.",
    {
        "np.any(np.abs(g(changed) - before) > 1e-9, axis=1)": (
            "np.abs(g(changed) - before)[:, 0] > 1e-9"
        ),
    },
    fails="all but at_x cancel",
)
INFLUENCE.mistake(
    "first component of the inputs only",
    "Entries are False where the output reads another component of the input than the first. Only "
    "x[s, 0] was changed; each of the D components has to be tried.",
    {"changed[s, d]": "changed[s, 0]"},
    fails="all but at_x cancel",
)
INFLUENCE.mistake(
    "only the last component tried counts",
    "Entries are True only where the output reads the last component of the input. What "
    "the other components showed was forgotten, for example where each turn of a loop over them "
    "overwrites column s. One that makes the output answer is enough.",
    {
        "depends[:, s] |= np.any(np.abs(g(changed) - before) > 1e-9, axis=1)": (
            "depends[:, s] = np.any(np.abs(g(changed) - before) > 1e-9, axis=1)"
        ),
    },
    fails="all but at_x cancel",
)
INFLUENCE.mistake(
    "all components of the input raised together",
    "Entries are False where the output reads a difference of components: raised by the same "
    'amount, they leave it as it was. Change one component at a time, as "Who depends on whom?" '
    "asks.",
    {"changed[s, d]": "changed[s]"},
    fails="cancel",
)
INFLUENCE.mistake(
    "changes pile up",
    "As a rule, column s is True wherever the output depends on input s or on an earlier one, as "
    "though the changes tried before were still in the inputs. Start from the original inputs "
    "every time, and look at where in your code the copy is made; without one, the caller's x is "
    "changed as well.",
    {
        "for s, d in np.ndindex(": "changed = x.copy()\nfor s, d in np.ndindex(",
        "changed = x.copy()": "",
    },
    {
        "T, _ = x.shape\nx = x.astype(np.float64)": "",
        "(T, T)": "(len(x), len(x))",
        "changed[s, d]": "x[s, d]",
        "g(changed)": "g(x)",
    },
)
INFLUENCE.mistake(
    "all inputs from step s on changed",
    "As a rule, column s is True wherever the output depends on input s or on a later one. A "
    "slice such as x[s:] takes in everything up to the end; the question is about the single "
    "input s.",
    {"changed[s, d]": "changed[s:, d]"},
    fails="all but cancel",
)
INFLUENCE.another(
    "all inputs from step s on changed",
    {"changed[s, d]": "changed[s:]"},
    fails="all",
)
INFLUENCE.mistake(
    "later outputs only",
    "Nothing is found before the changed step: entries [t, s] with t < s are all False. A map may "
    "look ahead, and then an output depends on inputs that come after it. Compare the outputs of "
    "all steps.",
    {
        "depends[:, s]": "depends[s:, s]",
        "np.abs(g(changed) - before)": "np.abs(g(changed) - before)[s:]",
    },
    fails="ahead",
)
INFLUENCE.mistake(
    "output of the changed step only",
    "Only the diagonal can be True: each input was compared with the output of its own step. A "
    "change of one input can be answered by any output, and column s has an entry for each.",
    {
        "depends[:, s]": "depends[s, s]",
        "np.any(np.abs(g(changed) - before) > 1e-9, axis=1)": (
            "np.any(np.abs(g(changed) - before)[s] > 1e-9)"
        ),
    },
)
INFLUENCE.mistake(
    "any answer fills the whole column",
    "A column is either True or False throughout. np.any without an axis, for example, tells "
    "whether anything at all changed; here each output step needs an answer of its own.",
    {
        "np.any(np.abs(g(changed) - before) > 1e-9, axis=1)": (
            "np.any(np.abs(g(changed) - before) > 1e-9)"
        ),
    },
)
INFLUENCE.mistake(
    "inputs multiplied or set to zero",
    "Inputs that are zero seem to have no influence. They were not changed at all: zero times "
    "anything is zero. Find a change that moves a zero as well.",
    {"changed[s, d] += 1.0": "changed[s, d] *= 2.0"},
    fails="zeros",
)
INFLUENCE.mistake(
    "change too small for the comparison",
    "Almost all entries are False; only outputs near zero show an answer. np.isclose, for "
    "example, takes numbers for equal that differ by less than a hundred-thousandth of their "
    "size. Change an input by a lot: this is no derivative.",
    {
        "changed[s, d] += 1.0": "changed[s, d] += 1e-6",
        "np.any(np.abs(g(changed) - before) > 1e-9, axis=1)": (
            "~np.all(np.isclose(g(changed), before), axis=1)"
        ),
    },
)
INFLUENCE.mistake(
    "size of the change instead of True or False",
    "The table holds numbers: by how much each output moved. They are zero in the right places, "
    "but the question is whether, not how much. Compare them with a bound just above rounding.",
    {
        "np.zeros((T, T), dtype=bool)": "np.zeros((len(x), len(x)))",
        "depends[:, s] |= np.any(np.abs(g(changed) - before) > 1e-9, axis=1)": (
            "depends[:, s] = np.maximum(depends[:, s], np.abs(g(changed) - before).max(axis=1))"
        ),
    },
    {
        "np.zeros((T, T), dtype=bool)": "np.zeros((len(x), len(x)))",
        "depends[:, s] |= np.any(np.abs(g(changed) - before) > 1e-9, axis=1)": (
            "depends[:, s] += np.abs(g(changed) - before).sum(axis=1)"
        ),
    },
    {
        "np.zeros((T, T), dtype=bool)": "np.zeros((len(x), len(x)))",
        "depends[:, s] |= np.any(np.abs(g(changed) - before) > 1e-9, axis=1)": (
            "depends[:, s] = np.maximum(depends[:, s], np.abs(g(changed) - before).sum(axis=1))"
        ),
    },
    {
        "np.zeros((T, T), dtype=bool)": "np.zeros((len(x), len(x)))",
        "depends[:, s] |= np.any(np.abs(g(changed) - before) > 1e-9, axis=1)": (
            "size = np.linalg.norm(g(changed) - before, axis=1)\n"
            "depends[:, s] = np.maximum(depends[:, s], size)"
        ),
    },
)
INFLUENCE.mistake(
    "outputs not compared with those before",
    "Entries are True wherever an output is not zero, whether or not it has answered the change. "
    "What an output is does not matter here; what matters is whether it is another one than for "
    "the original inputs.",
    {"g(changed) - before": "g(changed)"},
)
INFLUENCE.mistake(
    "inputs set to a fixed number",
    "Inputs that hold this very number seem to have no influence: they were not changed at all. "
    "Find a change that moves any number.",
    {"changed[s, d] += 1.0": "changed[s, d] = 1.0"},
    fails="zeros",
)
INFLUENCE.mistake(
    "outputs that fall overlooked",
    "Entries are False where an output falls when the input rises. Only a rise was looked for; a "
    "fall is an answer too. Compare the size of the change, whatever its sign.",
    {"np.abs(g(changed) - before)": "g(changed) - before"},
    fails="zeros",
)
INFLUENCE.mistake(
    "changed inputs compared with themselves",
    "The table is False throughout, since both calls of g see the change. `changed = x`, for "
    "example, only gives the same array a second name; then the caller's x is changed, too.",
    {
        "T, _ = x.shape\nx = x.astype(np.float64)\nbefore = g(x)": "",
        "(T, T)": "(len(x), len(x))",
        "x.copy()": "x",
        "g(changed) - before": "g(changed) - g(x)",
    },
)
INFLUENCE.mistake(
    "answers at x itself missed",
    "Entries are False where the outputs do answer at this `x`: for example, the change was made "
    "to zeros instead of a copy of `x`, or an answer below 0.01 was taken for none. Compare the "
    "outputs at a changed copy of `x` with those at `x`, and take all that is more than rounding "
    "for an answer.",
    {"before = g(x)": "before = g(np.zeros(x.shape))", "x.copy()": "np.zeros(x.shape)"},
    fails="at_x",
)
INFLUENCE.another(
    "answers at x itself missed",
    {
        "before = g(x)": "before = np.zeros(g(x).shape)",
        "x.copy()": "np.zeros(x.shape)",
    },
    fails="at_x",
)
INFLUENCE.another("answers at x itself missed", {"1e-9": "0.01"}, fails="at_x")
INFLUENCE.mistake(
    "x changed in place",
    "The table is right, but after the call the caller's x is another: the changes are still in "
    "it. `x[s, d] +=`, for example, writes into the array that was handed over. Change a copy.",
    {
        "T, _ = x.shape\nx = x.astype(np.float64)\nbefore = g(x)": "",
        "(T, T)": "(len(x), len(x))",
        "changed = x.copy()": "before = g(x)",
        "changed[s, d]": "x[s, d]",
        "g(changed)": "g(x)",
    },
    fails="zeros",
)

# --- folded_graph ------------------------------------------------------------------------

FOLDED_GRAPH = Exercise(
    "folded_graph",
    edges="test_the_input_leads_to_the_state_and_the_state_to_itself",
    labels="test_both_edges_are_there_and_the_loop_alone_is_labelled_f",
)
FOLDED_GRAPH.mistake(
    "no loop",
    "The input leads to the state, and nothing leads from the state to itself. The loop is what "
    "makes the network recurrent: each state comes from the state before it.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge("x", "h")': "",
        'graph.edge("h", "h", label="f")': 'graph.edge("x", "h", label="f")',
    },
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge("h", "h", label="f")': "",
    },
)
FOLDED_GRAPH.mistake(
    "loop without label",
    "The two edges are right, and the label is missing. f, the transition, stands on the arrow "
    "from state to state.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge("h", "h", label="f")': 'graph.edge("h", "h")',
    },
    fails="labels",
)
FOLDED_GRAPH.mistake(
    "f on both edges",
    "The two edges are right, but the one from the input has a label, too. f means the whole "
    "transition, input included, and stands once: on the arrow from state to state.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': (
            'graphviz.Digraph(edge_attr={"label": "f"})'
        ),
        'graph.edge("h", "h", label="f")': 'graph.edge("h", "h")',
    },
    fails="labels",
)
FOLDED_GRAPH.mistake(
    "f on the input's edge",
    "The two edges are right, but the label is on the wrong one. f leads from one state to the "
    "next, so it stands on the loop.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge("x", "h")': 'graph.edge("x", "h", label="f")',
        'graph.edge("h", "h", label="f")': 'graph.edge("h", "h")',
    },
    fails="labels",
)
FOLDED_GRAPH.mistake(
    "arrow from the state to the input",
    "The arrow between x and h points the wrong way. Arrows lead from a variable to the ones that "
    "are computed from it, and the state is computed from the input.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge("x", "h")': 'graph.edge("h", "x")',
    },
)
FOLDED_GRAPH.mistake(
    "f as a node",
    "f is drawn as a node of its own. Nodes are variables here, x and h; the transition is the "
    "label of an edge.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge("x", "h")': "",
        'graph.edge("h", "h", label="f")': 'graph.edges([("x", "f"), ("h", "f"), ("f", "h")])',
    },
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge("x", "h")': "",
        'graph.edge("h", "h", label="f")': 'graph.edges([("x", "f"), ("f", "h"), ("h", "h")])',
    },
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge("x", "h")': 'graph.edges([("x", "f"), ("f", "h")])',
    },
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge("x", "h")': "",
        'graph.edge("h", "h", label="f")': 'graph.edges([("x", "h"), ("h", "f"), ("f", "h")])',
    },
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge("x", "h")': "",
        'graph.edge("h", "h", label="f")': 'graph.edges([("x", "f"), ("f", "h")])',
    },
)
FOLDED_GRAPH.mistake(
    "variables of a single step",
    "The nodes have an index, as the variables of one step have. The folded drawing shows all "
    "steps in one: its nodes are x and h, and the loop stands for the step from each state to the "
    "next.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge("x", "h")': 'graph.edge("x_t", "h_t")',
        'graph.edge("h", "h", label="f")': 'graph.edge("h_t", "h_t", label="f")',
    },
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge("x", "h")': 'graph.edge("xt", "ht")',
        'graph.edge("h", "h", label="f")': 'graph.edge("ht", "ht", label="f")',
    },
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge("x", "h")': 'graph.edge("x1", "h1")',
        'graph.edge("h", "h", label="f")': 'graph.edge("h1", "h1", label="f")',
    },
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge("x", "h")': 'graph.edge("x1", "h1")',
        'graph.edge("h", "h", label="f")': 'graph.edge("h0", "h1", label="f")',
    },
    {
        'graphviz.Digraph(graph_attr={"rankdir": "BT"})': "graphviz.Digraph()",
        'graph.edge("x", "h")': 'graph.edge("x_t", "h_t")',
        'graph.edge("h", "h", label="f")': 'graph.edge("h_{t-1}", "h_t", label="f")',
    },
)

# --- unrolled_graph ----------------------------------------------------------------------

UNROLLED_GRAPH = Exercise(
    "unrolled_graph",
    chain="test_the_states_form_a_chain_from_h0_to_the_last",
    inputs="test_every_state_but_h0_reads_the_input_of_its_own_step",
    labels="test_all_edges_are_there_and_those_between_states_alone_are_labelled_f",
)
UNROLLED_GRAPH.mistake(
    "initial state left out",
    "The chain begins at h1, and the edge from h0 to h1 is missing. h1 is computed from a state, "
    "too: the initial state is part of the drawing.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()",
        'graph.edge(f"h{t - 1}", f"h{t}", label="f")': "",
        'graph.edge(f"x{t}", f"h{t}")': (
            'graph.edge(f"x{t}", f"h{t}")\n'
            "if t > 1:\n"
            '    graph.edge(f"h{t - 1}", f"h{t}", label="f")'
        ),
    },
    fails="chain labels",
)
UNROLLED_GRAPH.mistake(
    "last step left out",
    "The edges into the last state are missing: there are T - 1 steps instead of T. `range` "
    "leaves out its end. For T = 1 there are two edges.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()",
        "range(1, T + 1)": "range(1, T)",
    },
)
UNROLLED_GRAPH.mistake(
    "one step too many",
    "There are T + 1 steps instead of T: the drawing goes on to a state and an input with the "
    "number T + 1. T inputs lead to the states h1 ... hT, and h0 comes before them.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()",
        "range(1, T + 1)": "range(T + 1)",
        'graph.edge(f"h{t - 1}", f"h{t}", label="f")': (
            'graph.edge(f"h{t}", f"h{t + 1}", label="f")'
        ),
        'graph.edge(f"x{t}", f"h{t}")': 'graph.edge(f"x{t + 1}", f"h{t + 1}")',
    },
)
UNROLLED_GRAPH.mistake(
    "inputs counted from 0",
    "Every input is named one too low: x0 leads to h1, and xT is missing. In the drawing the "
    "input of a step has the number of the state that it leads to, as in h_t = f(h_{t-1}, x_t).",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()",
        "range(1, T + 1)": "range(T)",
        'graph.edge(f"h{t - 1}", f"h{t}", label="f")': (
            'graph.edge(f"h{t}", f"h{t + 1}", label="f")'
        ),
        'graph.edge(f"x{t}", f"h{t}")': 'graph.edge(f"x{t}", f"h{t + 1}")',
    },
    fails="inputs labels",
)
UNROLLED_GRAPH.mistake(
    "inputs lead to the state before",
    "Every input leads to the state that is there before it is read, x1 to h0 and so on. h_t is "
    "computed from h_{t-1} and x_t, so both of their arrows end in h_t.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()",
        'graph.edge(f"x{t}", f"h{t}")': 'graph.edge(f"x{t}", f"h{t - 1}")',
    },
    fails="inputs labels",
)
UNROLLED_GRAPH.mistake(
    "an input for h0",
    "There is an arrow from x0 to h0 that does not belong there. The initial state is given, not "
    "computed; the inputs start with x1.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()",
        "for t in range(": 'graph.edge("x0", "h0")\nfor t in range(',
    },
    fails="inputs labels",
)
UNROLLED_GRAPH.mistake(
    "every input leads to all later states",
    "There are arrows from each input to all states from its step on. h_t does depend on all "
    "inputs so far, as g_t says, but by way of the states between them. In the unrolled graph "
    "each state reads one input.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()",
        'graph.edge(f"x{t}", f"h{t}")': (
            'for s in range(1, t + 1):\n    graph.edge(f"x{s}", f"h{t}")'
        ),
    },
    fails="inputs labels",
)
UNROLLED_GRAPH.mistake(
    "edges without label",
    "The edges are right, and the labels are missing. The same f leads from each state to the "
    "next, and its name stands on every one of these arrows.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()",
        'graph.edge(f"h{t - 1}", f"h{t}", label="f")': 'graph.edge(f"h{t - 1}", f"h{t}")',
    },
    fails="labels",
)
UNROLLED_GRAPH.mistake(
    "f on the inputs' edges too",
    "The edges are right, but those from the inputs have a label, too. f means the whole "
    "transition, input included, and stands on the arrows from state to state.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': (
            'graphviz.Digraph(edge_attr={"label": "f"})'
        ),
        'graph.edge(f"h{t - 1}", f"h{t}", label="f")': 'graph.edge(f"h{t - 1}", f"h{t}")',
    },
    fails="labels",
)
UNROLLED_GRAPH.mistake(
    "f on the inputs' edges instead",
    "The edges are right, but the labels are on the wrong ones. f leads from one state to the "
    "next, so it stands on the arrows of the chain.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()",
        'graph.edge(f"h{t - 1}", f"h{t}", label="f")': 'graph.edge(f"h{t - 1}", f"h{t}")',
        'graph.edge(f"x{t}", f"h{t}")': 'graph.edge(f"x{t}", f"h{t}", label="f")',
    },
    fails="labels",
)
UNROLLED_GRAPH.mistake(
    "a different label at each step",
    "The edges are right, but each label has a number, as though every step had a function of its "
    "own. The same f serves at every step, under the same name.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()",
        'graph.edge(f"h{t - 1}", f"h{t}", label="f")': (
            'graph.edge(f"h{t - 1}", f"h{t}", label=f"f{t}")'
        ),
    },
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()",
        "range(1, T + 1)": "range(T)",
        'graph.edge(f"h{t - 1}", f"h{t}", label="f")': (
            'graph.edge(f"h{t}", f"h{t + 1}", label=f"f{t}")'
        ),
        'graph.edge(f"x{t}", f"h{t}")': 'graph.edge(f"x{t + 1}", f"h{t + 1}")',
    },
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()",
        'graph.edge(f"h{t - 1}", f"h{t}", label="f")': (
            'graph.edge(f"h{t - 1}", f"h{t}", label=f"f_{t}")'
        ),
    },
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()",
        "range(1, T + 1)": "range(T)",
        'graph.edge(f"h{t - 1}", f"h{t}", label="f")': (
            'graph.edge(f"h{t}", f"h{t + 1}", label=f"f_{t}")'
        ),
        'graph.edge(f"x{t}", f"h{t}")': 'graph.edge(f"x{t + 1}", f"h{t + 1}")',
    },
    fails="labels",
)
UNROLLED_GRAPH.mistake(
    "arrows from the states to the inputs",
    "The arrows between inputs and states point the wrong way. They lead from a variable to the "
    "ones that are computed from it, and a state is computed from its input.",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()",
        'graph.edge(f"x{t}", f"h{t}")': 'graph.edge(f"h{t}", f"x{t}")',
    },
    fails="inputs labels",
)
UNROLLED_GRAPH.mistake(
    "one input for all steps",
    "The chain is right, but a single node x leads to all of its states. Every step reads an "
    "input of its own: in the unrolled graph there is a copy of each variable for every step.",
    {'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()", 'f"x{t}"': '"x"'},
    fails="inputs labels",
)
UNROLLED_GRAPH.mistake(
    "states point back in time",
    "The arrows between the states point from later to earlier. Each state is computed from the "
    "one before it, and arrows lead to what is computed. (In homework 4 gradients will take this "
    "way.)",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()",
        'graph.edge(f"h{t - 1}", f"h{t}", label="f")': (
            'graph.edge(f"h{t}", f"h{t - 1}", label="f")'
        ),
    },
    fails="chain labels",
)
UNROLLED_GRAPH.mistake(
    "every state comes from h0",
    "All arrows to the states start at h0. Each state is computed from the one just before it, so "
    "the states form a chain.",
    {'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()", 'f"h{t - 1}"': '"h0"'},
    fails="chain labels",
)


@UNROLLED_GRAPH.mistake(
    "folded drawing",
    "The drawing has a loop from a state to itself, whatever T is. Unrolled, there is a copy of "
    "each variable for every step, and no loop is left.",
)
def unrolled_graph_folded(T):
    graph = graphviz.Digraph()
    graph.edge("x", "h")
    graph.edge("h", "h", label="f")
    return graph


@UNROLLED_GRAPH.another(
    "folded drawing",
)
def unrolled_graph_folded_at_t(T):
    graph = graphviz.Digraph()
    graph.edge("x_t", "h_t")
    graph.edge("h_t", "h_t", label="f")
    return graph


UNROLLED_GRAPH.another(
    "folded drawing",
    {
        'graphviz.Digraph(graph_attr={"rankdir": "LR"})': "graphviz.Digraph()",
        'graph.edge(f"h{t - 1}", f"h{t}", label="f")': 'graph.edge(f"x{t}", f"h{t}")',
        'graph.edge(f"x{t}", f"h{t}")': 'graph.edge(f"h{t}", f"h{t}", label="f")',
    },
    fails="chain labels",
)
