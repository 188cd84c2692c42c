"""Classic mistakes of hw1_unrolling."""

import graphviz
import numpy as np

from autograder.course.catalogue import another, classic

# --- unroll ------------------------------------------------------------------------------

UNROLL_FORMULA = "test_every_state_comes_from_the_state_before_it"
UNROLL_SHORT = "test_a_single_state_is_the_initial_state_and_two_take_one_call_of_f"
UNROLL_SHAPES = "test_a_state_may_be_a_number_or_a_batch_of_vectors"
UNROLL_INTEGERS = "test_whole_numbers_at_the_start_do_not_round_the_later_states"
UNROLL_UNCHANGED = "test_unrolling_twice_gives_the_same_states_and_changes_no_argument"
UNROLL_ALL = (UNROLL_FORMULA, UNROLL_SHORT, UNROLL_SHAPES, UNROLL_INTEGERS, UNROLL_UNCHANGED)


@classic(
    "unroll",
    "initial state left out, one call of f too many",
    "There are T rows, but row 0 is already f(s_1), and the last row is s_{T+1}. The sequence s_1 "
    "... s_T begins with the initial state itself. Look at what is stored first: the state, or "
    "what f makes of it.",
    fails=UNROLL_ALL,
)
def unroll_without_initial_state(f, s1, theta, T):
    s = np.empty((T, *s1.shape))
    state = s1
    for t in range(T):
        state = f(state, theta)
        s[t] = state
    return s


@classic(
    "unroll",
    "T applications of f, so T + 1 states",
    "The rows are right, but there is one too many (or no room for it, where an array was made "
    "for T). T counts the states, and the initial state is one of them: three states are two "
    "applications of f. Count the turns of the loop for T = 1.",
    fails=UNROLL_ALL,
)
def unroll_one_state_too_many(f, s1, theta, T):
    states = [s1]
    for _ in range(T):
        states.append(f(states[-1], theta))
    return np.array(states)


@another(unroll_one_state_too_many)
def unroll_no_room_for_the_last_state(f, s1, theta, T):
    s = np.empty((T, *s1.shape))
    s[0] = s1
    for t in range(T):
        s[t + 1] = f(s[t], theta)
    return s


@classic(
    "unroll",
    "initial state left out, so T - 1 states",
    "One row is missing: row 0 holds s_2 (for T = 1 there is no row at all). f is called as often "
    "as it should be, but s_1 is among the states to give back, and here only what f returned is "
    "kept.",
    fails=UNROLL_ALL,
)
def unroll_one_state_too_few(f, s1, theta, T):
    s = np.empty((T - 1, *s1.shape))
    state = s1
    for t in range(T - 1):
        state = s[t] = f(state, theta)
    return s


@another(unroll_one_state_too_few)
def unroll_list_without_initial_state(f, s1, theta, T):
    states = []
    for _ in range(T - 1):
        s1 = f(s1, theta)
        states.append(s1)
    return np.array(states)


@another(unroll_one_state_too_few)
def unroll_stack_without_initial_state(f, s1, theta, T):
    states = []
    for _ in range(T - 1):
        s1 = f(s1, theta)
        states.append(s1)
    return np.stack(states)


@classic(
    "unroll",
    "f applied to the initial state every time",
    "Rows 0 and 1 are right, and all later rows equal row 1. Every one of them was computed from "
    "s_1, while s_t = f(s_{t-1}) takes the state just before. Look at what is handed to f in the "
    "loop.",
    fails=(UNROLL_FORMULA, UNROLL_SHAPES, UNROLL_INTEGERS, UNROLL_UNCHANGED),
)
def unroll_from_initial_state_every_time(f, s1, theta, T):
    s = np.empty((T, *s1.shape))
    s[0] = s1
    for t in range(1, T):
        s[t] = f(s1, theta)
    return s


@classic(
    "unroll",
    "f applied to the row that is being filled",
    "Row 0 is right, and all later rows are f(0). Row t held nothing but zeros when f read it; "
    "s_t comes from s_{t-1}, which stands one row earlier.",
    fails=UNROLL_ALL,
)
def unroll_from_its_own_row(f, s1, theta, T):
    s = np.zeros((T, *s1.shape))
    s[0] = s1
    for t in range(1, T):
        s[t] = f(s[t], theta)
    return s


@classic(
    "unroll",
    "loop starts at row 0 and wraps round",
    "Row 0 is not s1 but f of the last row: numpy reads the index -1 as the last row, which held "
    "zeros at that time (for T = 1 it is s1 itself). All later rows follow from it. s_1 has no "
    "state before it; the equation holds from t = 2 on.",
    fails=UNROLL_ALL,
)
def unroll_wraps_round(f, s1, theta, T):
    s = np.zeros((T, *s1.shape))
    s[0] = s1
    for t in range(T):
        s[t] = f(s[t - 1], theta)
    return s


@classic(
    "unroll",
    "last state never computed",
    "All rows are right but the last, which is still zero. The loop ends one step early. Remember "
    "that `range` leaves out its end: the last row has the index T - 1.",
    fails=UNROLL_ALL,
)
def unroll_ends_one_step_early(f, s1, theta, T):
    s = np.zeros((T, *s1.shape))
    s[0] = s1
    for t in range(1, T - 1):
        s[t] = f(s[t - 1], theta)
    return s


@classic(
    "unroll",
    "last state missing, so T - 1 states",
    "The rows are right as far as they go, but s_T is missing: from T = 2 on there is one row too "
    "few. f was called T - 2 times. Write down for T = 2 which states come back, and how many "
    "turns the loop makes.",
    fails=UNROLL_ALL,
)
def unroll_last_state_missing(f, s1, theta, T):
    states = [s1]
    while len(states) < T - 1:
        states.append(f(states[-1], theta))
    return np.array(states)


@classic(
    "unroll",
    "one array stored T times",
    "All rows are the same: the last state, T times. The list holds T names of one array, and "
    "each step wrote over what is in it. Each state needs an array, or a row, of its own.",
    fails=UNROLL_ALL,
)
def unroll_one_buffer(f, s1, theta, T):
    state = s1.astype(float)
    states = [state]
    for _ in range(T - 1):
        state[...] = f(state, theta)
        states.append(state)
    return np.array(states)


@another(unroll_one_buffer)
def unroll_s1_as_the_buffer(f, s1, theta, T):
    state, states = s1, [s1]
    for _ in range(T - 1):
        state[...] = f(state, theta)
        states.append(state)
    return np.array(states)


@classic(
    "unroll",
    "states stored as integers",
    "Where s1 holds integers, the later states lost what is behind the decimal point. An array "
    "keeps the dtype that it was made with and cuts off what does not fit, without a word. Look "
    "at the dtype of the array that holds the states.",
    fails=(UNROLL_INTEGERS,),
)
def unroll_integer_array(f, s1, theta, T):
    s = np.zeros((T, *s1.shape), dtype=s1.dtype)
    s[0] = s1
    for t in range(1, T):
        s[t] = f(s[t - 1], theta)
    return s


@classic(
    "unroll",
    "room for vectors only",
    "A state that is a vector comes out right, and a single number or a batch does not fit. The "
    "code takes for granted that s1 has exactly one axis. A state may have any shape, and "
    "`s1.shape` tells it.",
    fails=(UNROLL_SHAPES, UNROLL_UNCHANGED),
)
def unroll_vectors_only(f, s1, theta, T):
    s = np.empty((T, len(s1)))
    s[0] = s1
    for t in range(1, T):
        s[t] = f(s[t - 1], theta)
    return s


@another(unroll_vectors_only)
def unroll_first_size_only(f, s1, theta, T):
    s = np.empty((T, s1.shape[0]))
    s[0] = s1
    for t in range(1, T):
        s[t] = f(s[t - 1], theta)
    return s


@another(unroll_vectors_only)
def unroll_number_of_entries_only(f, s1, theta, T):
    s = np.empty((T, s1.size))
    s[0] = s1
    for t in range(1, T):
        s[t] = f(s[t - 1], theta)
    return s


@classic(
    "unroll",
    "two states where one is asked for",
    "With T = 1 two rows come back instead of one; from T = 2 on all is right. f is called once "
    "before anybody looks at T. For T = 1 there is nothing to compute: s_1 is given.",
    fails=(UNROLL_SHORT,),
)
def unroll_at_least_two(f, s1, theta, T):
    states = [s1, f(s1, theta)]
    while len(states) < T:
        states.append(f(states[-1], theta))
    return np.array(states)


@classic(
    "unroll",
    "only the last state returned",
    "A single state comes back, s_T, without an axis for time. It is right, but all states s_1 "
    "... s_T are asked for. Keep each of them on the way.",
    fails=UNROLL_ALL,
)
def unroll_last_only(f, s1, theta, T):
    state = s1
    for _ in range(T - 1):
        state = f(state, theta)
    return state


@classic(
    "unroll",
    "latest state first",
    "All T states are there, in the wrong order: row 0 holds the latest. Time runs along the first "
    "axis, and s_1 comes first. Look at where each new state is put.",
    fails=UNROLL_ALL,
)
def unroll_backwards(f, s1, theta, T):
    states = [s1]
    for _ in range(T - 1):
        states.insert(0, f(states[0], theta))
    return np.array(states)


@classic(
    "unroll",
    "time on the last axis",
    "The numbers are right, but time runs along the last axis and not along the first. The result "
    "has the shape (T, *s1.shape): `s[0]` is the whole first state.",
    fails=UNROLL_ALL,
)
def unroll_time_last(f, s1, theta, T):
    states = [s1]
    for _ in range(T - 1):
        states.append(f(states[-1], theta))
    return np.stack(states, axis=-1)


@another(unroll_time_last)
def unroll_transposed(f, s1, theta, T):
    states = [s1]
    for _ in range(T - 1):
        states.append(f(states[-1], theta))
    return np.array(states).T


@classic(
    "unroll",
    "state and parameters exchanged",
    "Row 0 is right and every later row is wrong, or f fails: it got the parameters where it "
    "expects the state. Compare the call with the exercise's description of f.",
    fails=UNROLL_ALL,
)
def unroll_exchanged_arguments(f, s1, theta, T):
    s = np.empty((T, *s1.shape))
    s[0] = s1
    for t in range(1, T):
        s[t] = f(theta, s[t - 1])
    return s


@classic(
    "unroll",
    "f added to the state",
    "Row 1 is s_1 + f(s_1), and the error goes on from there. f gives the next state itself, not "
    "by how much the state changes. Equation 10.1 has no sum.",
    fails=UNROLL_ALL,
)
def unroll_adds_the_state(f, s1, theta, T):
    s = np.empty((T, *s1.shape))
    s[0] = s1
    for t in range(1, T):
        s[t] = s[t - 1] + f(s[t - 1], theta)
    return s


@classic(
    "unroll",
    "s1 overwritten",
    "The states are right, but after the call the caller's s1 holds another state (and, where it "
    "holds integers, the later ones may be rounded). An assignment such as `s1[...] =` writes into "
    "the array that was handed over, and so it does by another name of that array. Work on a "
    "copy, or on a new array at each step.",
    fails=(UNROLL_UNCHANGED,),
)
def unroll_in_place(f, s1, theta, T):
    state = np.asarray(s1, dtype=float)
    states = [state.copy()]
    for _ in range(T - 1):
        state[...] = f(state, theta)
        states.append(state.copy())
    return np.array(states)


@another(unroll_in_place, fails=(UNROLL_INTEGERS, UNROLL_UNCHANGED))
def unroll_in_place_as_integers(f, s1, theta, T):
    s = np.empty((T, *s1.shape))
    for t in range(T):
        s[t] = s1
        s1[...] = f(s1, theta)
    return s


# --- unroll_inputs -----------------------------------------------------------------------

INPUTS_FORMULA = "test_every_state_reads_the_state_before_it_and_the_input_of_its_step"
INPUTS_CAUSAL = "test_a_later_input_changes_no_earlier_state"
INPUTS_SHORT = "test_no_input_gives_no_state_and_one_input_gives_one"
INPUTS_SHAPES = "test_state_and_inputs_may_be_numbers_or_vectors"
INPUTS_INTEGERS = "test_whole_numbers_in_h0_do_not_round_the_states_and_no_argument_is_changed"
INPUTS_ALL = (INPUTS_FORMULA, INPUTS_CAUSAL, INPUTS_SHORT, INPUTS_SHAPES, INPUTS_INTEGERS)
INPUTS_LONG = (INPUTS_FORMULA, INPUTS_CAUSAL, INPUTS_SHAPES, INPUTS_INTEGERS)  # T > 1


@classic(
    "unroll_inputs",
    "h0 among the states",
    "There is one row too many: row 0 holds h_0, and every state stands one row late. In `unroll` "
    "the initial state was the first to give back; here the states are h_1 ... h_T, one for each "
    "input.",
    fails=INPUTS_ALL,
)
def unroll_inputs_keeps_h0(f, h0, x, theta):
    states = [h0]
    for x_t in x:
        states.append(f(states[-1], x_t, theta))
    return np.array(states)


@classic(
    "unroll_inputs",
    "h0 in the first row, last state lost",
    "There are T rows, but row 0 holds h_0 and every state stands one row late, so h_T is "
    "missing. Row t is the state after x[t] has been read. Look at whether the state is stored "
    "before or after the step.",
    fails=INPUTS_ALL,
)
def unroll_inputs_stores_before_the_step(f, h0, x, theta):
    states = []
    h = h0
    for x_t in x:
        states.append(h)
        h = f(h, x_t, theta)
    return np.array(states)


@another(unroll_inputs_stores_before_the_step)
def unroll_inputs_fills_rows_before_the_step(f, h0, x, theta):
    states = np.empty((len(x), *h0.shape))
    h = h0
    for t in range(len(x)):
        states[t] = h
        h = f(h, x[t], theta)
    return states


@classic(
    "unroll_inputs",
    "first input never read",
    "Row 0 is h_0, and the later rows were computed as though x[0] did not exist. This is the "
    "loop of `unroll`, which starts at row 1. Here row 0 is h_1, which f makes of h_0 and the "
    "first input.",
    fails=INPUTS_ALL,
)
def unroll_inputs_skips_first_input(f, h0, x, theta):
    h = np.empty((len(x), *h0.shape))
    h[0] = h0
    for t in range(1, len(x)):
        h[t] = f(h[t - 1], x[t], theta)
    return h


@classic(
    "unroll_inputs",
    "started from zeros instead of h0",
    "The rows are those for an h_0 of zeros, so they are wrong from the first on. Either zeros "
    "stand in place of h0, or h[t - 1] was read at t = 0: numpy takes it for the last row, which "
    "held zeros at that time. The state before the first input is h_0, and it has no row.",
    fails=INPUTS_ALL,
)
def unroll_inputs_ignores_h0(f, h0, x, theta):
    h = np.zeros((len(x), *h0.shape))
    for t in range(len(x)):
        h[t] = f(h[t - 1], x[t], theta)
    return h


@classic(
    "unroll_inputs",
    "h0 used again at every step",
    "Row 0 is right and the later rows are wrong: each was computed from h_0 and its own input. "
    "Nothing is carried from step to step, so a state knows of one input only. In the equation f "
    "reads h_{t-1}, the state before.",
    fails=INPUTS_LONG,
)
def unroll_inputs_h0_every_time(f, h0, x, theta):
    h = np.empty((len(x), *h0.shape))
    for t in range(len(x)):
        h[t] = f(h0, x[t], theta)
    return h


@classic(
    "unroll_inputs",
    "f applied to the row that is being filled",
    "Every row is f(0, x_t): it knows of its own input and nothing else, not even of h_0. Row t "
    "held zeros when f read it. In the equation f reads h_{t-1}, the state before.",
    fails=INPUTS_ALL,
)
def unroll_inputs_from_its_own_row(f, h0, x, theta):
    h = np.zeros((len(x), *h0.shape))
    for t in range(len(x)):
        h[t] = f(h[t], x[t], theta)
    return h


@classic(
    "unroll_inputs",
    "input of the step before",
    "Each state reads the input one step too early, and the first one wraps round to x[-1], the "
    "last input of all: the past depends on the future. Formulas count from 1 and numpy from 0, "
    "so the input x_1 is `x[0]`, and row 0 holds h_1.",
    fails=INPUTS_LONG,
)
def unroll_inputs_previous_input(f, h0, x, theta):
    states = np.empty((len(x), *h0.shape))
    h = h0
    for t in range(len(x)):
        h = states[t] = f(h, x[t - 1], theta)
    return states


@classic(
    "unroll_inputs",
    "input of the step after",
    "Each state reads the input of the next step, so it sees the future. At the last step there is "
    "no next one: an index fails there, the row is lost, or another input takes its place. Row t "
    "is the state after x[t] has been read, and no later input.",
    fails=INPUTS_LONG,
)
def unroll_inputs_next_input(f, h0, x, theta):
    T = len(x)
    states = np.empty((T, *h0.shape))
    h = h0
    for t in range(T):
        h = states[t] = f(h, x[(t + 1) % T], theta)
    return states


@another(unroll_inputs_next_input, fails=INPUTS_ALL)
def unroll_inputs_last_row_lost(f, h0, x, theta):
    states = []
    h = h0
    for t in range(len(x) - 1):
        h = f(h, x[t + 1], theta)
        states.append(h)
    return np.array(states)


@another(unroll_inputs_next_input, fails=INPUTS_ALL)
def unroll_inputs_last_row_zero(f, h0, x, theta):
    states = np.zeros((len(x), *h0.shape))
    h = h0
    for t in range(len(x) - 1):
        h = states[t] = f(h, x[t + 1], theta)
    return states


@another(unroll_inputs_next_input)
def unroll_inputs_last_input_repeated(f, h0, x, theta):
    T = len(x)
    states = np.empty((T, *h0.shape))
    h = h0
    for t in range(T):
        h = states[t] = f(h, x[min(t + 1, T - 1)], theta)
    return states


@classic(
    "unroll_inputs",
    "first input read at every step",
    "Row 0 is right and the later rows are wrong: all of them read x[0] again. A change of a later "
    "input changes nothing at all. In the equation, each step has an input of its own, x_t.",
    fails=INPUTS_LONG,
)
def unroll_inputs_first_input_every_time(f, h0, x, theta):
    states = np.empty((len(x), *h0.shape))
    h = h0
    for t in range(len(x)):
        h = states[t] = f(h, x[0], theta)
    return states


@classic(
    "unroll_inputs",
    "run from the last input to the first",
    "The loop runs backwards in time: h_0 meets x_T, and x_1 is read by the state that has read "
    "all other inputs. h_1 comes first and reads h_0 and x_1. Look at the order in which the "
    "inputs are taken.",
    fails=INPUTS_LONG,
)
def unroll_inputs_backwards(f, h0, x, theta):
    states = np.empty((len(x), *h0.shape))
    h = h0
    for t in reversed(range(len(x))):
        h = states[t] = f(h, x[t], theta)
    return states


@another(unroll_inputs_backwards)
def unroll_inputs_reversed(f, h0, x, theta):
    states = np.empty((len(x), *h0.shape))
    h = h0
    for t, x_t in enumerate(x[::-1]):
        h = states[t] = f(h, x_t, theta)
    return states


@classic(
    "unroll_inputs",
    "last input never read",
    "The rows are right, but the last one is missing. There is a state for each input, x_T "
    "included. Count the turns of the loop for one input.",
    fails=INPUTS_ALL,
)
def unroll_inputs_one_state_too_few(f, h0, x, theta):
    T = len(x) - 1
    states = np.empty((T, *h0.shape))
    h = h0
    for t in range(T):
        h = states[t] = f(h, x[t], theta)
    return states


@another(unroll_inputs_one_state_too_few)
def unroll_inputs_list_too_short(f, h0, x, theta):
    states = []
    h = h0
    for t in range(len(x) - 1):
        h = f(h, x[t], theta)
        states.append(h)
    return np.array(states)


@another(unroll_inputs_one_state_too_few)
def unroll_inputs_without_h0_in_the_list(f, h0, x, theta):
    states = [h0]
    for t in range(len(x) - 1):
        states.append(f(states[-1], x[t], theta))
    return np.array(states)[1:]


@classic(
    "unroll_inputs",
    "last state never computed",
    "All rows are right but the last, which is still zero. The loop ends one step early: there is "
    "a state to compute for each input. Count its turns for one input.",
    fails=INPUTS_ALL,
)
def unroll_inputs_ends_one_step_early(f, h0, x, theta):
    states = np.zeros((len(x), *h0.shape))
    h = h0
    for t in range(len(x) - 1):
        h = states[t] = f(h, x[t], theta)
    return states


@classic(
    "unroll_inputs",
    "steps counted along the batch",
    "The loop runs over the second axis of x, which holds the sequences of the batch, so as a rule "
    "f gets arrays that do not fit together. Time is always the first axis: `x[t]` is the input of "
    "step t, for all sequences at once.",
    fails=INPUTS_ALL,
)
def unroll_inputs_batch_for_time(f, h0, x, theta):
    T = x.shape[1]
    states = np.empty((T, *h0.shape))
    h = h0
    for t in range(T):
        h = states[t] = f(h, x[:, t], theta)
    return states


@another(unroll_inputs_batch_for_time)
def unroll_inputs_batch_first(f, h0, x, theta):
    states = []
    h = h0
    for x_n in x.transpose(1, 0, 2):
        h = f(h, x_n, theta)
        states.append(h)
    return np.stack(states)


@another(unroll_inputs_batch_for_time)
def unroll_inputs_swapped_axes(f, h0, x, theta):
    states = []
    h = h0
    for x_n in np.swapaxes(x, 0, 1):
        h = f(h, x_n, theta)
        states.append(h)
    return np.stack(states)


@classic(
    "unroll_inputs",
    "state and input exchanged",
    "All rows are wrong, or f fails: it got the input where it expects the state, and the state "
    "where it expects the input. Compare the call with the exercise's description of f.",
    fails=INPUTS_ALL,
)
def unroll_inputs_exchanged_arguments(f, h0, x, theta):
    states = np.empty((len(x), *h0.shape))
    h = h0
    for t in range(len(x)):
        h = states[t] = f(x[t], h, theta)
    return states


@classic(
    "unroll_inputs",
    "f added to the state",
    "Row 0 is h_0 + f(h_0, x_1), and the error goes on from there. f gives the next state itself, "
    "not by how much the state changes. The equation has no sum.",
    fails=INPUTS_ALL,
)
def unroll_inputs_adds_the_state(f, h0, x, theta):
    states = np.empty((len(x), *h0.shape))
    h = h0
    for t in range(len(x)):
        h = states[t] = h + f(h, x[t], theta)
    return states


@classic(
    "unroll_inputs",
    "only the last state returned",
    "A single state comes back, h_T, without an axis for time. It is the right one, but all "
    "states h_1 ... h_T are asked for. Keep each of them on the way.",
    fails=INPUTS_ALL,
)
def unroll_inputs_last_only(f, h0, x, theta):
    h = h0
    for x_t in x:
        h = f(h, x_t, theta)
    return h


@classic(
    "unroll_inputs",
    "one array stored T times",
    "All rows are the same: the last state, T times. The list holds T names of one array, and "
    "each step wrote over what is in it. Each state needs an array, or a row, of its own.",
    fails=INPUTS_LONG,
)
def unroll_inputs_one_buffer(f, h0, x, theta):
    h = h0.astype(float)
    states = []
    for x_t in x:
        h[...] = f(h, x_t, theta)
        states.append(h)
    return np.array(states).reshape(len(x), *h0.shape)


@another(unroll_inputs_one_buffer, fails=INPUTS_ALL)
def unroll_inputs_copy_of_h0_as_the_buffer(f, h0, x, theta):
    h = h0.copy()
    states = []
    for x_t in x:
        h[...] = f(h, x_t, theta)
        states.append(h)
    return np.array(states)


@another(unroll_inputs_one_buffer, fails=INPUTS_ALL)
def unroll_inputs_h0_as_the_buffer(f, h0, x, theta):
    h = h0
    states = []
    for x_t in x:
        h[...] = f(h, x_t, theta)
        states.append(h)
    return np.array(states)


@classic(
    "unroll_inputs",
    "case T = 0 forgotten",
    "With inputs everything is right. Without any, there is no first input to read, np.stack "
    "cannot stack an empty list, and np.array does not know the shape of a state. The result then "
    "has no rows, and still the shape (0, *h0.shape).",
    fails=(INPUTS_SHORT,),
)
def unroll_inputs_stacks_nothing(f, h0, x, theta):
    states = []
    h = h0
    for x_t in x:
        h = f(h, x_t, theta)
        states.append(h)
    return np.stack(states)


@another(unroll_inputs_stacks_nothing)
def unroll_inputs_empty_array(f, h0, x, theta):
    states = []
    h = h0
    for x_t in x:
        h = f(h, x_t, theta)
        states.append(h)
    return np.array(states)


@another(unroll_inputs_stacks_nothing)
def unroll_inputs_first_step_before_the_loop(f, h0, x, theta):
    h = np.empty((len(x), *h0.shape))
    h[0] = f(h0, x[0], theta)
    for t in range(1, len(x)):
        h[t] = f(h[t - 1], x[t], theta)
    return h


@classic(
    "unroll_inputs",
    "room for batches only",
    "A batch of vectors comes out right, and a state that is a number or a single vector fails. "
    "The code takes for granted that h0 has two axes. A state may have any shape, and `h0.shape` "
    "tells it.",
    fails=(INPUTS_SHAPES,),
)
def unroll_inputs_batches_only(f, h0, x, theta):
    N, H = h0.shape
    states = np.empty((len(x), N, H))
    h = h0
    for t in range(len(x)):
        h = states[t] = f(h, x[t], theta)
    return states


@another(unroll_inputs_batches_only)
def unroll_inputs_two_sizes_only(f, h0, x, theta):
    states = np.empty((len(x), h0.shape[0], h0.shape[1]))
    h = h0
    for t in range(len(x)):
        h = states[t] = f(h, x[t], theta)
    return states


@another(unroll_inputs_batches_only)
def unroll_inputs_length_of_the_batch(f, h0, x, theta):
    states = np.empty((len(x), len(h0), h0.shape[-1]))
    h = h0
    for t in range(len(x)):
        h = states[t] = f(h, x[t], theta)
    return states


@classic(
    "unroll_inputs",
    "room for vectors only",
    "A state that is a vector comes out right, and a single number or a batch does not fit. The "
    "code takes for granted that h0 has exactly one axis. A state may have any shape, and "
    "`h0.shape` tells it.",
    fails=INPUTS_ALL,
)
def unroll_inputs_vectors_only(f, h0, x, theta):
    states = np.empty((len(x), h0.shape[0]))
    h = h0
    for t in range(len(x)):
        h = states[t] = f(h, x[t], theta)
    return states


@another(unroll_inputs_vectors_only)
def unroll_inputs_last_size_only(f, h0, x, theta):
    states = np.empty((len(x), h0.shape[-1]))
    h = h0
    for t in range(len(x)):
        h = states[t] = f(h, x[t], theta)
    return states


@classic(
    "unroll_inputs",
    "states stored as integers",
    "Where h0 holds integers, the states lost what is behind the decimal point. An array keeps "
    "the dtype that it was made with and cuts off what does not fit, without a word. Look at the "
    "dtype of the array that holds the states.",
    fails=(INPUTS_INTEGERS,),
)
def unroll_inputs_integer_array(f, h0, x, theta):
    states = np.zeros((len(x), *h0.shape), dtype=h0.dtype)
    for t in range(len(x)):
        states[t] = f(states[t - 1] if t > 0 else h0, x[t], theta)
    return states


@classic(
    "unroll_inputs",
    "h0 overwritten",
    "The call changes the caller's h0, which holds the last state afterwards (and, where it holds "
    "integers, rounds all states). An assignment such as `h0[...] =` writes into the array that "
    "was handed over, and so it does by another name of that array. Let an array of your own carry "
    "the state.",
    fails=(INPUTS_INTEGERS,),
)
def unroll_inputs_in_place(f, h0, x, theta):
    states = np.empty((len(x), *h0.shape))
    for t in range(len(x)):
        h0[...] = f(h0, x[t], theta)
        states[t] = h0
    return states


# --- time_delay --------------------------------------------------------------------------

DELAY_FORMULA = "test_every_output_sums_the_latest_k_inputs_times_the_kernel"
DELAY_IMPULSE = "test_a_single_input_writes_the_kernel_into_the_outputs_that_follow"
DELAY_LONG = "test_the_kernel_may_be_longer_than_the_sequence"
DELAY_LATER = "test_a_sequence_that_starts_later_has_the_same_outputs_later"
DELAY_INTEGERS = "test_whole_numbers_are_convolved_as_well_and_no_argument_is_changed"
DELAY_ALL = (DELAY_FORMULA, DELAY_IMPULSE, DELAY_LONG, DELAY_LATER, DELAY_INTEGERS)


@classic(
    "time_delay",
    "kernel the wrong way round",
    "An input that stands alone shows up in the outputs as the kernel read from its end. "
    "In the formula kernel[0] weighs the present input and kernel[k - 1] the oldest one; here it "
    "was the other way round. As j grows, x_{t-j} goes back in time.",
    fails=DELAY_ALL,
)
def time_delay_flipped_kernel(x, kernel):
    T, D = x.shape
    k, _, H = kernel.shape
    padded = np.concatenate([np.zeros((k - 1, D)), x])
    out = np.zeros((T, H))
    for t in range(T):
        for j in range(k):
            out[t] += padded[t + j] @ kernel[j]
    return out


@classic(
    "time_delay",
    "looks ahead instead of back",
    "The outputs see later inputs, and not the earlier ones: an input shows up before its own "
    "step. In the formula the index is t - j. The convolution is causal, so no output may look "
    "ahead.",
    fails=DELAY_ALL,
)
def time_delay_looks_ahead(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T, H))
    for t in range(T):
        for j in range(k):
            if t + j < T:
                out[t] += x[t + j] @ kernel[j]
    return out


@classic(
    "time_delay",
    "wraps round at the start",
    "Only the first k - 1 outputs are wrong: they see the end of the sequence. There t - j is "
    "negative, and numpy counts negative indices from the end; np.roll, too, puts back in at the "
    "start what it pushes out at the end. (With a kernel longer than the sequence, an index may "
    "fail.) The inputs before the start count as zeros.",
    fails=DELAY_ALL,
)
def time_delay_wraps_round(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T, H))
    for t in range(T):
        for j in range(k):
            out[t] += x[t - j] @ kernel[j]
    return out


@another(time_delay_wraps_round)
def time_delay_rolls(x, kernel):
    out = np.zeros((len(x), kernel.shape[2]))
    for j in range(len(kernel)):
        out += np.roll(x, j, axis=0) @ kernel[j]
    return out


@classic(
    "time_delay",
    "no outputs before the kernel fits",
    "The first k - 1 outputs are missing; the others are right. There is an output for every "
    "step, T in all. For the first ones the window reaches back before the start, where the "
    "inputs count as zeros.",
    fails=DELAY_ALL,
)
def time_delay_valid_only(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((max(T - k + 1, 0), H))
    for t in range(len(out)):
        for j in range(k):
            out[t] += x[t + k - 1 - j] @ kernel[j]
    return out


@classic(
    "time_delay",
    "first k - 1 outputs left at zero",
    "The outputs from the k-th on are right. The loop starts where the kernel fits, but the "
    "formula holds from the first step on: only the terms that reach back before the start vanish.",
    fails=DELAY_ALL,
)
def time_delay_starts_late(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T, H))
    for t in range(k - 1, T):
        for j in range(k):
            out[t] += x[t - j] @ kernel[j]
    return out


@classic(
    "time_delay",
    "outputs after the end",
    "The first T outputs are right, and k - 1 more come after them. The kernel runs on past the "
    "last input, as in a full convolution. There is one output for each input.",
    fails=DELAY_ALL,
)
def time_delay_full(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T + k - 1, H))
    for j in range(k):
        out[j : j + T] += x @ kernel[j]
    return out


@classic(
    "time_delay",
    "kernel centred on the present",
    "The outputs come too early, so that half of the kernel looks ahead; np.convolve does so in "
    "its mode 'same'. kernel[0] weighs the present input, and all other weights belong to the "
    "past. With a short kernel nobody would notice.",
    fails=(DELAY_FORMULA, DELAY_IMPULSE, DELAY_LONG, DELAY_LATER),
)
def time_delay_centred(x, kernel):
    T, D = x.shape
    _, _, H = kernel.shape
    out = np.zeros((T, H))
    for d in range(D):
        for i in range(H):
            out[:, i] += np.convolve(x[:, d], kernel[:, d, i], mode="same")
    return out


@another(time_delay_centred)
def time_delay_pads_both_ends(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    ahead = (k - 1) // 2
    padded = np.pad(x, ((k - 1 - ahead, ahead), (0, 0)))
    out = np.zeros((T, H))
    for j in range(k):
        out += padded[k - 1 - j : k - 1 - j + T] @ kernel[j]
    return out


@another(time_delay_centred, fails=DELAY_ALL)
def time_delay_pads_half_the_kernel(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    ahead = k // 2
    padded = np.pad(x, ((k - 1 - ahead, ahead), (0, 0)))
    out = np.zeros((T, H))
    for j in range(k):
        out += padded[k - 1 - j : k - 1 - j + T] @ kernel[j]
    return out


@classic(
    "time_delay",
    "first input repeated before the start",
    "Only the first k - 1 outputs are wrong, and all is right where x[0] is zero. Where the window "
    "reaches back before the start, x[0] was read once more. The inputs before the start count as "
    "zeros.",
    fails=(DELAY_FORMULA, DELAY_IMPULSE, DELAY_LONG, DELAY_INTEGERS),
)
def time_delay_repeats_first_input(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T, H))
    for t in range(T):
        for j in range(k):
            out[t] += x[max(t - j, 0)] @ kernel[j]
    return out


@classic(
    "time_delay",
    "first input left out",
    "The first k outputs are wrong, and all is right where x[0] is zero: it has no part in any "
    "output. numpy counts from 0, so x[0] is the first input. Look at the condition which keeps t "
    "- j inside the sequence.",
    fails=(DELAY_FORMULA, DELAY_IMPULSE, DELAY_LONG, DELAY_INTEGERS),
)
def time_delay_without_first_input(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T, H))
    for t in range(T):
        for j in range(k):
            if t - j > 0:
                out[t] += x[t - j] @ kernel[j]
    return out


@classic(
    "time_delay",
    "delays counted from 1",
    "All outputs come one step late, and the first is zero: the present input has no part in its "
    "own output. The delay j starts at 0, where x_{t-j} is x_t itself.",
    fails=DELAY_ALL,
)
def time_delay_from_delay_1(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T, H))
    for t in range(T):
        for j in range(k):
            if t - j - 1 >= 0:
                out[t] += x[t - j - 1] @ kernel[j]
    return out


@classic(
    "time_delay",
    "longest delay left out",
    "The first k - 1 outputs are right and the later ones are wrong: kernel[k - 1] is never used. "
    "The sum runs over k delays, from 0 to k - 1. Where does your loop end?",
    fails=DELAY_ALL,
)
def time_delay_one_delay_too_few(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T, H))
    for t in range(T):
        for j in range(k - 1):
            if t - j >= 0:
                out[t] += x[t - j] @ kernel[j]
    return out


@classic(
    "time_delay",
    "present input left out",
    "The first output is zero, and kernel[0] has no part in any output. The delay j starts at 0, "
    "where x_{t-j} is x_t itself: the present input belongs to the sum.",
    fails=DELAY_ALL,
)
def time_delay_without_delay_0(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T, H))
    for t in range(T):
        for j in range(1, k):
            if t - j >= 0:
                out[t] += x[t - j] @ kernel[j]
    return out


@classic(
    "time_delay",
    "overwritten instead of added up",
    "Only the first output is right; each of the others is a single term of the sum, that of the "
    "longest delay which still falls on an input. The assignment throws away the terms before it. "
    "In the formula they are added up.",
    fails=DELAY_ALL,
)
def time_delay_overwrites(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T, H))
    for t in range(T):
        for j in range(k):
            if t - j >= 0:
                out[t] = x[t - j] @ kernel[j]
    return out


@classic(
    "time_delay",
    "present input weighed by the whole kernel",
    "Each output sees its own input only, multiplied by the sum of all kernel[j]. The delays are "
    "lost: kernel[j] belongs to x_{t-j}, another input for each j.",
    fails=DELAY_ALL,
)
def time_delay_without_delays(x, kernel):
    out = np.zeros((len(x), kernel.shape[2]))
    for j in range(len(kernel)):
        out += x @ kernel[j]
    return out


@classic(
    "time_delay",
    "mean instead of sum",
    "All outputs are too small by the factor k. The formula has a sum over the delays and no "
    "division by their number.",
    fails=DELAY_ALL,
)
def time_delay_mean(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T, H))
    for j in range(min(k, T)):
        out[j:] += x[: T - j] @ kernel[j]
    return out / k


@classic(
    "time_delay",
    "divided by the number of terms",
    "Each output is the mean of its terms: the first is right, the second half as large as it "
    "should be, and from the k-th on all are too small by the factor k. The zeros before the "
    "start need no making up for; the formula has a sum and no division.",
    fails=DELAY_ALL,
)
def time_delay_mean_of_terms(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T, H))
    for j in range(min(k, T)):
        out[j:] += x[: T - j] @ kernel[j]
    return out / np.minimum(np.arange(1, T + 1), k)[:, None]


@classic(
    "time_delay",
    "fails where the kernel is longer than the sequence",
    "All is right until a delay exceeds T. Then T - j is negative, and a slice up to a negative "
    "index leaves out elements at the end instead of being empty. Such a delay adds nothing.",
    fails=(DELAY_LONG,),
)
def time_delay_negative_slice(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T, H))
    for j in range(k):
        out[j:] += x[: T - j] @ kernel[j]
    return out


@classic(
    "time_delay",
    "slice up to -0",
    "The code fails at the delay 0: x[:-j] leaves out the last j inputs for j > 0, but x[:-0] is "
    "x[:0], which is empty. Say where the slice ends by counting from the start.",
    fails=DELAY_ALL,
)
def time_delay_slice_to_minus_zero(x, kernel):
    out = np.zeros((len(x), kernel.shape[2]))
    for j in range(len(kernel)):
        out[j:] += x[:-j] @ kernel[j]
    return out


@classic(
    "time_delay",
    "outputs stored as integers",
    "Where x holds integers, the outputs lost what is behind the decimal point. An array keeps "
    "the dtype that it was made with: = cuts off what does not fit, without a word, and += "
    "refuses it. Look at the dtype of the array that holds the outputs.",
    fails=(DELAY_INTEGERS,),
)
def time_delay_integer_array(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T, H), dtype=x.dtype)
    for t in range(T):
        out[t] = sum(x[t - j] @ kernel[j] for j in range(k) if t - j >= 0)
    return out


@another(time_delay_integer_array)
def time_delay_integers_at_each_term(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T, H), dtype=x.dtype)
    for t in range(T):
        for j in range(k):
            if t - j >= 0:
                out[t] = out[t] + x[t - j] @ kernel[j]
    return out


@another(time_delay_integer_array)
def time_delay_added_to_integers(x, kernel):
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T, H), dtype=x.dtype)
    for t in range(T):
        for j in range(k):
            if t - j >= 0:
                out[t] += x[t - j] @ kernel[j]
    return out


@classic(
    "time_delay",
    "x shifted in place",
    "The outputs are right, but after the call the caller's x has been moved along in time. "
    "Assigning to a part of x, for example to x[1:], writes into the array that was handed over. "
    "Shift a copy, or read other rows of x instead of moving them.",
    fails=(DELAY_INTEGERS,),
)
def time_delay_in_place(x, kernel):
    out = np.zeros((len(x), kernel.shape[2]))
    for weights in kernel:
        out += x @ weights
        x[1:] = x[:-1].copy()
        x[0] = 0
    return out


# --- influence ---------------------------------------------------------------------------

INFLUENCE_SHAPE = "test_a_short_memory_gives_a_band_and_a_running_sum_a_triangle"
INFLUENCE_COMPONENTS = "test_every_component_of_inputs_and_outputs_counts"
INFLUENCE_CANCEL = "test_changes_that_would_cancel_are_seen"
INFLUENCE_AHEAD = "test_a_map_may_look_ahead_and_leave_inputs_out"
INFLUENCE_ZEROS = "test_inputs_that_are_zero_count_as_well_and_all_stay_as_they_were"
INFLUENCE_ALL = (
    INFLUENCE_SHAPE,
    INFLUENCE_COMPONENTS,
    INFLUENCE_CANCEL,
    INFLUENCE_AHEAD,
    INFLUENCE_ZEROS,
)


@classic(
    "influence",
    "rows and columns exchanged",
    "What belongs to entry [t, s] stands at [s, t]. The output comes first and the input second, "
    "so changing the input s fills column s.",
    fails=INFLUENCE_ALL,
)
def influence_transposed(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        depends[s] |= np.any(np.abs(g(changed) - before) > 1e-9, axis=1)
    return depends


@classic(
    "influence",
    "True where nothing changes",
    "True and False have changed places, as a rule throughout the table. True is to stand where "
    "the output answers the change, and the comparison here is true where it stays the same.",
    fails=INFLUENCE_ALL,
)
def influence_inverted(g, x):
    before = g(x)
    depends = np.ones((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        depends[:, s] &= np.all(np.abs(g(changed) - before) < 1e-9, axis=1)
    return depends


@another(influence_inverted)
def influence_some_component_keeps_all(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        depends[:, s] |= np.all(np.abs(g(changed) - before) < 1e-9, axis=1)
    return depends


@classic(
    "influence",
    "all components of the output must change",
    "Entries are False where only some components of the output answer. An output depends on the "
    "input if any of its H components changes.",
    fails=(INFLUENCE_SHAPE, INFLUENCE_COMPONENTS, INFLUENCE_AHEAD, INFLUENCE_ZEROS),
)
def influence_all_outputs(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        depends[:, s] |= np.all(np.abs(g(changed) - before) > 1e-9, axis=1)
    return depends


@classic(
    "influence",
    "changes of the output's components added up",
    "Entries are False where the components of an output move in opposite directions, because "
    "their sum stays the same. Look at each component by itself: one that changes is enough.",
    fails=(INFLUENCE_CANCEL,),
)
def influence_sum_of_outputs(g, x):
    before = g(x).sum(axis=1)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        depends[:, s] |= np.abs(g(changed).sum(axis=1) - before) > 1e-9
    return depends


@classic(
    "influence",
    "first component of the output only",
    "Entries are False where the first component of the output stays the same and another one "
    "answers. An output depends on the input if any of its H components changes.",
    fails=(INFLUENCE_SHAPE, INFLUENCE_COMPONENTS, INFLUENCE_AHEAD, INFLUENCE_ZEROS),
)
def influence_first_output(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        depends[:, s] |= np.abs(g(changed) - before)[:, 0] > 1e-9
    return depends


@classic(
    "influence",
    "first component of the inputs only",
    "Entries are False where the output reads another component of the input than the first. Only "
    "x[s, 0] was changed; each of the D components has to be tried.",
    fails=(INFLUENCE_SHAPE, INFLUENCE_COMPONENTS, INFLUENCE_AHEAD, INFLUENCE_ZEROS),
)
def influence_first_input(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s in range(len(x)):
        changed = x.copy()
        changed[s, 0] += 1.0
        depends[:, s] = np.any(np.abs(g(changed) - before) > 1e-9, axis=1)
    return depends


@classic(
    "influence",
    "only the last component tried counts",
    "Entries are True only where the output reads the last component of the input. Each turn of "
    "the loop over the components overwrites column s and forgets what the components before it "
    "showed. One that makes the output answer is enough.",
    fails=(INFLUENCE_SHAPE, INFLUENCE_COMPONENTS, INFLUENCE_AHEAD, INFLUENCE_ZEROS),
)
def influence_overwrites(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        depends[:, s] = np.any(np.abs(g(changed) - before) > 1e-9, axis=1)
    return depends


@classic(
    "influence",
    "all components of the input raised together",
    "Entries are False where the output reads a difference of components: raised by the same "
    'amount, they leave it as it was. Change one component at a time, as "Who depends on whom?" '
    "asks.",
    fails=(INFLUENCE_CANCEL,),
)
def influence_whole_input(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s in range(len(x)):
        changed = x.copy()
        changed[s] += 1.0
        depends[:, s] = np.any(np.abs(g(changed) - before) > 1e-9, axis=1)
    return depends


@classic(
    "influence",
    "changes pile up",
    "As a rule, column s is True wherever the output depends on input s or on an earlier one: the "
    "changes tried before are still in the inputs. Start from the original inputs every time, and "
    "look at where in your code the copy is made; without one, the caller's x is changed as well.",
    fails=INFLUENCE_ALL,
)
def influence_changes_pile_up(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    changed = x.copy()
    for s, d in np.ndindex(x.shape):
        changed[s, d] += 1.0
        depends[:, s] |= np.any(np.abs(g(changed) - before) > 1e-9, axis=1)
    return depends


@another(influence_changes_pile_up)
def influence_changes_pile_up_in_x(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        x[s, d] += 1.0
        depends[:, s] |= np.any(np.abs(g(x) - before) > 1e-9, axis=1)
    return depends


@classic(
    "influence",
    "all inputs from step s on changed",
    "As a rule, column s is True wherever the output depends on input s or on a later one. A slice "
    "such as x[s:] takes in everything up to the end; the question is about the single input s.",
    fails=(INFLUENCE_SHAPE, INFLUENCE_COMPONENTS, INFLUENCE_AHEAD, INFLUENCE_ZEROS),
)
def influence_changes_the_rest(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s:, d] += 1.0
        depends[:, s] |= np.any(np.abs(g(changed) - before) > 1e-9, axis=1)
    return depends


@another(influence_changes_the_rest, fails=INFLUENCE_ALL)
def influence_raises_the_rest(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s in range(len(x)):
        changed = x.copy()
        changed[s:] += 1.0
        depends[:, s] = np.any(np.abs(g(changed) - before) > 1e-9, axis=1)
    return depends


@classic(
    "influence",
    "later outputs only",
    "Nothing is found before the changed step: entries [t, s] with t < s are all False. A map may "
    "look ahead, and then an output depends on inputs that come after it. Compare the outputs of "
    "all steps.",
    fails=(INFLUENCE_AHEAD,),
)
def influence_later_outputs_only(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        depends[s:, s] |= np.any(np.abs(g(changed) - before)[s:] > 1e-9, axis=1)
    return depends


@classic(
    "influence",
    "output of the changed step only",
    "Only the diagonal can be True: each input was compared with the output of its own step. A "
    "change of one input can be answered by any output, and column s has an entry for each.",
    fails=INFLUENCE_ALL,
)
def influence_diagonal(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        depends[s, s] |= np.any(np.abs(g(changed) - before)[s] > 1e-9)
    return depends


@classic(
    "influence",
    "any answer fills the whole column",
    "A column is either True or False throughout. np.any without an axis, for example, tells "
    "whether anything at all changed; here each output step needs an answer of its own.",
    fails=INFLUENCE_ALL,
)
def influence_whole_column(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        depends[:, s] |= np.any(np.abs(g(changed) - before) > 1e-9)
    return depends


@classic(
    "influence",
    "inputs multiplied or set to zero",
    "Inputs that are zero seem to have no influence. They were not changed at all: zero times "
    "anything is zero. Find a change that moves a zero as well.",
    fails=(INFLUENCE_ZEROS,),
)
def influence_multiplies(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] *= 2.0
        depends[:, s] |= np.any(np.abs(g(changed) - before) > 1e-9, axis=1)
    return depends


@classic(
    "influence",
    "change too small for the comparison",
    "Almost all entries are False; only outputs near zero show an answer. np.isclose, for example, "
    "takes numbers for equal that differ by less than a hundred-thousandth of their size. Change "
    "an input by a lot: this is no derivative.",
    fails=INFLUENCE_ALL,
)
def influence_tiny_change(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1e-6
        depends[:, s] |= ~np.all(np.isclose(g(changed), before), axis=1)
    return depends


@classic(
    "influence",
    "size of the change instead of True or False",
    "The table holds numbers: by how much each output moved. They are zero in the right places, "
    "but the question is whether, not how much. Compare them with a bound just above rounding.",
    fails=INFLUENCE_ALL,
)
def influence_amounts(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)))
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        depends[:, s] = np.maximum(depends[:, s], np.abs(g(changed) - before).max(axis=1))
    return depends


@another(influence_amounts)
def influence_sum_of_amounts(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)))
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        depends[:, s] += np.abs(g(changed) - before).sum(axis=1)
    return depends


@another(influence_amounts)
def influence_largest_sum_of_amounts(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)))
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        depends[:, s] = np.maximum(depends[:, s], np.abs(g(changed) - before).sum(axis=1))
    return depends


@another(influence_amounts)
def influence_norms(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)))
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        size = np.linalg.norm(g(changed) - before, axis=1)
        depends[:, s] = np.maximum(depends[:, s], size)
    return depends


@classic(
    "influence",
    "outputs not compared with those before",
    "Entries are True wherever an output is not zero, whether or not it has answered the change. "
    "What an output is does not matter here; what matters is whether it is another one than for "
    "the original inputs.",
    fails=INFLUENCE_ALL,
)
def influence_without_comparison(g, x):
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        depends[:, s] |= np.any(np.abs(g(changed)) > 1e-9, axis=1)
    return depends


@classic(
    "influence",
    "inputs set to a fixed number",
    "Inputs that hold this very number seem to have no influence: they were not changed at all. "
    "Find a change that moves any number.",
    fails=(INFLUENCE_ZEROS,),
)
def influence_sets_to_one(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] = 1.0
        depends[:, s] |= np.any(np.abs(g(changed) - before) > 1e-9, axis=1)
    return depends


@classic(
    "influence",
    "outputs that fall overlooked",
    "Entries are False where an output falls when the input rises. Only a rise was looked for; a "
    "fall is an answer too. Compare the size of the change, whatever its sign.",
    fails=(INFLUENCE_ZEROS,),
)
def influence_without_absolute_value(g, x):
    before = g(x)
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        depends[:, s] |= np.any(g(changed) - before > 1e-9, axis=1)
    return depends


@classic(
    "influence",
    "changed inputs compared with themselves",
    "The table is False throughout, since both calls of g see the change. `changed = x`, for "
    "example, only gives the same array a second name; then the caller's x is changed, too.",
    fails=INFLUENCE_ALL,
)
def influence_no_copy(g, x):
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x
        changed[s, d] += 1.0
        depends[:, s] |= np.any(np.abs(g(changed) - g(x)) > 1e-9, axis=1)
    return depends


@classic(
    "influence",
    "x changed in place",
    "The table is right, but after the call the caller's x is another: the changes are still in "
    "it. `x[s, d] +=`, for example, writes into the array that was handed over. Change a copy.",
    fails=(INFLUENCE_ZEROS,),
)
def influence_in_place(g, x):
    depends = np.zeros((len(x), len(x)), dtype=bool)
    for s, d in np.ndindex(x.shape):
        before = g(x)
        x[s, d] += 1.0
        depends[:, s] |= np.any(np.abs(g(x) - before) > 1e-9, axis=1)
    return depends


# --- folded_graph ------------------------------------------------------------------------

FOLDED_EDGES = "test_the_input_leads_to_the_state_and_the_state_to_itself"
FOLDED_LABELS = "test_the_loop_alone_is_labelled_f"
FOLDED_ALL = (FOLDED_EDGES, FOLDED_LABELS)


@classic(
    "folded_graph",
    "no loop",
    "The input leads to the state, and nothing leads from the state to itself. The loop is what "
    "makes the network recurrent: each state comes from the state before it.",
    fails=FOLDED_ALL,
)
def folded_graph_without_loop():
    graph = graphviz.Digraph()
    graph.edge("x", "h", label="f")
    return graph


@another(folded_graph_without_loop)
def folded_graph_input_alone():
    graph = graphviz.Digraph()
    graph.edge("x", "h")
    return graph


@classic(
    "folded_graph",
    "loop without label",
    "The two edges are right, and the label is missing. f, the transition, stands on the arrow "
    "from state to state.",
    fails=(FOLDED_LABELS,),
)
def folded_graph_without_label():
    graph = graphviz.Digraph()
    graph.edge("x", "h")
    graph.edge("h", "h")
    return graph


@classic(
    "folded_graph",
    "f on both edges",
    "The two edges are right, but the one from the input has a label, too. f means the whole "
    "transition, input included, and stands once: on the arrow from state to state.",
    fails=(FOLDED_LABELS,),
)
def folded_graph_label_on_both():
    graph = graphviz.Digraph(edge_attr={"label": "f"})
    graph.edge("x", "h")
    graph.edge("h", "h")
    return graph


@classic(
    "folded_graph",
    "f on the input's edge",
    "The two edges are right, but the label is on the wrong one. f leads from one state to the "
    "next, so it stands on the loop.",
    fails=(FOLDED_LABELS,),
)
def folded_graph_label_on_input():
    graph = graphviz.Digraph()
    graph.edge("x", "h", label="f")
    graph.edge("h", "h")
    return graph


@classic(
    "folded_graph",
    "arrow from the state to the input",
    "The arrow between x and h points the wrong way. Arrows lead from a variable to the ones that "
    "are computed from it, and the state is computed from the input.",
    fails=FOLDED_ALL,
)
def folded_graph_reversed():
    graph = graphviz.Digraph()
    graph.edge("h", "x")
    graph.edge("h", "h", label="f")
    return graph


@classic(
    "folded_graph",
    "f as a node",
    "f is drawn as a node of its own. Nodes are variables here, x and h; the transition is the "
    "label of an edge.",
    fails=FOLDED_ALL,
)
def folded_graph_f_as_node():
    graph = graphviz.Digraph()
    graph.edges([("x", "f"), ("h", "f"), ("f", "h")])
    return graph


@another(folded_graph_f_as_node)
def folded_graph_f_and_loop():
    graph = graphviz.Digraph()
    graph.edges([("x", "f"), ("f", "h"), ("h", "h")])
    return graph


@another(folded_graph_f_as_node)
def folded_graph_f_and_labelled_loop():
    graph = graphviz.Digraph()
    graph.edges([("x", "f"), ("f", "h")])
    graph.edge("h", "h", label="f")
    return graph


@another(folded_graph_f_as_node)
def folded_graph_f_in_the_loop():
    graph = graphviz.Digraph()
    graph.edges([("x", "h"), ("h", "f"), ("f", "h")])
    return graph


@another(folded_graph_f_as_node)
def folded_graph_f_in_a_chain():
    graph = graphviz.Digraph()
    graph.edges([("x", "f"), ("f", "h")])
    return graph


@classic(
    "folded_graph",
    "variables of a single step",
    "The nodes have an index, as the variables of one step have. The folded drawing shows all "
    "steps in one: its nodes are x and h, and the loop stands for the step from each state to the "
    "next.",
    fails=FOLDED_ALL,
)
def folded_graph_index_t():
    graph = graphviz.Digraph()
    graph.edge("x_t", "h_t")
    graph.edge("h_t", "h_t", label="f")
    return graph


@another(folded_graph_index_t)
def folded_graph_plain_t():
    graph = graphviz.Digraph()
    graph.edge("xt", "ht")
    graph.edge("ht", "ht", label="f")
    return graph


@another(folded_graph_index_t)
def folded_graph_index_1():
    graph = graphviz.Digraph()
    graph.edge("x1", "h1")
    graph.edge("h1", "h1", label="f")
    return graph


@another(folded_graph_index_t)
def folded_graph_first_step():
    graph = graphviz.Digraph()
    graph.edge("x1", "h1")
    graph.edge("h0", "h1", label="f")
    return graph


@another(folded_graph_index_t)
def folded_graph_one_step():
    graph = graphviz.Digraph()
    graph.edge("x_t", "h_t")
    graph.edge("h_{t-1}", "h_t", label="f")
    return graph


# --- unrolled_graph ----------------------------------------------------------------------

UNROLLED_CHAIN = "test_the_states_form_a_chain_from_h0_to_the_last"
UNROLLED_INPUTS = "test_every_state_but_h0_reads_the_input_of_its_own_step"
UNROLLED_LABELS = "test_f_stands_on_every_edge_between_states_and_nowhere_else"
UNROLLED_ALL = (UNROLLED_CHAIN, UNROLLED_INPUTS, UNROLLED_LABELS)


@classic(
    "unrolled_graph",
    "initial state left out",
    "The chain begins at h1, and the edge from h0 to h1 is missing. h1 is computed from a state, "
    "too: the initial state is part of the drawing.",
    fails=(UNROLLED_CHAIN, UNROLLED_LABELS),
)
def unrolled_graph_without_h0(T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}")
        if t > 1:
            graph.edge(f"h{t - 1}", f"h{t}", label="f")
    return graph


@classic(
    "unrolled_graph",
    "last step left out",
    "The edges into the last state are missing: there are T - 1 steps instead of T. `range` "
    "leaves out its end. For T = 1 there are two edges.",
    fails=UNROLLED_ALL,
)
def unrolled_graph_one_step_too_few(T):
    graph = graphviz.Digraph()
    for t in range(1, T):
        graph.edge(f"h{t - 1}", f"h{t}", label="f")
        graph.edge(f"x{t}", f"h{t}")
    return graph


@classic(
    "unrolled_graph",
    "one step too many",
    "There are T + 1 steps instead of T: the drawing goes on to a state and an input with the "
    "number T + 1. T inputs lead to the states h1 ... hT, and h0 comes before them.",
    fails=UNROLLED_ALL,
)
def unrolled_graph_one_step_too_many(T):
    graph = graphviz.Digraph()
    for t in range(T + 1):
        graph.edge(f"h{t}", f"h{t + 1}", label="f")
        graph.edge(f"x{t + 1}", f"h{t + 1}")
    return graph


@classic(
    "unrolled_graph",
    "inputs counted from 0",
    "Every input is named one too low: x0 leads to h1, and xT is missing. In the drawing the "
    "input of a step has the number of the state that it leads to, as in h_t = f(h_{t-1}, x_t).",
    fails=(UNROLLED_INPUTS, UNROLLED_LABELS),
)
def unrolled_graph_inputs_from_0(T):
    graph = graphviz.Digraph()
    for t in range(T):
        graph.edge(f"h{t}", f"h{t + 1}", label="f")
        graph.edge(f"x{t}", f"h{t + 1}")
    return graph


@classic(
    "unrolled_graph",
    "inputs lead to the state before",
    "Every input leads to the state that is there before it is read, x1 to h0 and so on. h_t is "
    "computed from h_{t-1} and x_t, so both of their arrows end in h_t.",
    fails=(UNROLLED_INPUTS, UNROLLED_LABELS),
)
def unrolled_graph_inputs_one_step_early(T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"h{t - 1}", f"h{t}", label="f")
        graph.edge(f"x{t}", f"h{t - 1}")
    return graph


@classic(
    "unrolled_graph",
    "an input for h0",
    "There is an arrow from x0 to h0 that does not belong there. The initial state is given, not "
    "computed; the inputs start with x1.",
    fails=(UNROLLED_INPUTS, UNROLLED_LABELS),
)
def unrolled_graph_input_for_h0(T):
    graph = graphviz.Digraph()
    graph.edge("x0", "h0")
    for t in range(1, T + 1):
        graph.edge(f"h{t - 1}", f"h{t}", label="f")
        graph.edge(f"x{t}", f"h{t}")
    return graph


@classic(
    "unrolled_graph",
    "every input leads to all later states",
    "There are arrows from each input to all states from its step on. h_t does depend on all "
    "inputs so far, as g_t says, but by way of the states between them. In the unrolled graph "
    "each state reads one input.",
    fails=(UNROLLED_INPUTS, UNROLLED_LABELS),
)
def unrolled_graph_dense(T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"h{t - 1}", f"h{t}", label="f")
        for s in range(1, t + 1):
            graph.edge(f"x{s}", f"h{t}")
    return graph


@classic(
    "unrolled_graph",
    "edges without label",
    "The edges are right, and the labels are missing. The same f leads from each state to the "
    "next, and its name stands on every one of these arrows.",
    fails=(UNROLLED_LABELS,),
)
def unrolled_graph_without_labels(T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"h{t - 1}", f"h{t}")
        graph.edge(f"x{t}", f"h{t}")
    return graph


@classic(
    "unrolled_graph",
    "f on the inputs' edges too",
    "The edges are right, but those from the inputs have a label, too. f means the whole "
    "transition, input included, and stands on the arrows from state to state.",
    fails=(UNROLLED_LABELS,),
)
def unrolled_graph_labels_on_all(T):
    graph = graphviz.Digraph(edge_attr={"label": "f"})
    for t in range(1, T + 1):
        graph.edge(f"h{t - 1}", f"h{t}")
        graph.edge(f"x{t}", f"h{t}")
    return graph


@classic(
    "unrolled_graph",
    "f on the inputs' edges instead",
    "The edges are right, but the labels are on the wrong ones. f leads from one state to the "
    "next, so it stands on the arrows of the chain.",
    fails=(UNROLLED_LABELS,),
)
def unrolled_graph_labels_on_inputs(T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"h{t - 1}", f"h{t}")
        graph.edge(f"x{t}", f"h{t}", label="f")
    return graph


@classic(
    "unrolled_graph",
    "a different label at each step",
    "The edges are right, but each label has a number, as though every step had a function of its "
    "own. The same f serves at every step, under the same name.",
    fails=(UNROLLED_LABELS,),
)
def unrolled_graph_numbered_labels(T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"h{t - 1}", f"h{t}", label=f"f{t}")
        graph.edge(f"x{t}", f"h{t}")
    return graph


@another(unrolled_graph_numbered_labels)
def unrolled_graph_labels_numbered_from_0(T):
    graph = graphviz.Digraph()
    for t in range(T):
        graph.edge(f"h{t}", f"h{t + 1}", label=f"f{t}")
        graph.edge(f"x{t + 1}", f"h{t + 1}")
    return graph


@another(unrolled_graph_numbered_labels)
def unrolled_graph_labels_with_an_index(T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"h{t - 1}", f"h{t}", label=f"f_{t}")
        graph.edge(f"x{t}", f"h{t}")
    return graph


@another(unrolled_graph_numbered_labels)
def unrolled_graph_labels_with_an_index_from_0(T):
    graph = graphviz.Digraph()
    for t in range(T):
        graph.edge(f"h{t}", f"h{t + 1}", label=f"f_{t}")
        graph.edge(f"x{t + 1}", f"h{t + 1}")
    return graph


@classic(
    "unrolled_graph",
    "arrows from the states to the inputs",
    "The arrows between inputs and states point the wrong way. They lead from a variable to the "
    "ones that are computed from it, and a state is computed from its input.",
    fails=(UNROLLED_INPUTS, UNROLLED_LABELS),
)
def unrolled_graph_inputs_reversed(T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"h{t - 1}", f"h{t}", label="f")
        graph.edge(f"h{t}", f"x{t}")
    return graph


@classic(
    "unrolled_graph",
    "one input for all steps",
    "The chain is right, but a single node x leads to all of its states. Every step reads an input "
    "of its own: in the unrolled graph there is a copy of each variable for every step.",
    fails=(UNROLLED_INPUTS, UNROLLED_LABELS),
)
def unrolled_graph_single_input(T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"h{t - 1}", f"h{t}", label="f")
        graph.edge("x", f"h{t}")
    return graph


@classic(
    "unrolled_graph",
    "states point back in time",
    "The arrows between the states point from later to earlier. Each state is computed from the "
    "one before it, and arrows lead to what is computed. (In homework 4 gradients will take this "
    "way.)",
    fails=(UNROLLED_CHAIN, UNROLLED_LABELS),
)
def unrolled_graph_backwards(T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"h{t}", f"h{t - 1}", label="f")
        graph.edge(f"x{t}", f"h{t}")
    return graph


@classic(
    "unrolled_graph",
    "every state comes from h0",
    "All arrows to the states start at h0. Each state is computed from the one just before it, so "
    "the states form a chain.",
    fails=(UNROLLED_CHAIN, UNROLLED_LABELS),
)
def unrolled_graph_star(T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge("h0", f"h{t}", label="f")
        graph.edge(f"x{t}", f"h{t}")
    return graph


@classic(
    "unrolled_graph",
    "folded drawing",
    "The drawing has a loop from a state to itself, whatever T is. Unrolled, there is a copy of "
    "each variable for every step, and no loop is left.",
    fails=UNROLLED_ALL,
)
def unrolled_graph_folded(T):
    graph = graphviz.Digraph()
    graph.edge("x", "h")
    graph.edge("h", "h", label="f")
    return graph


@another(unrolled_graph_folded)
def unrolled_graph_folded_at_t(T):
    graph = graphviz.Digraph()
    graph.edge("x_t", "h_t")
    graph.edge("h_t", "h_t", label="f")
    return graph


@another(unrolled_graph_folded, fails=(UNROLLED_CHAIN, UNROLLED_LABELS))
def unrolled_graph_loop_at_each_step(T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}")
        graph.edge(f"h{t}", f"h{t}", label="f")
    return graph
