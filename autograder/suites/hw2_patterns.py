"""Graded tests of hw2_patterns: one step, the three design patterns, and their graphs."""

import numpy as np

from autograder.judge import assert_same, assert_same_graph, assert_unchanged, points

STATES = "h[t, n, i]"
OUTPUTS = "o[t, n, k]"

FORMS = {
    "rnn_step": "h_t[n, i]",
    "hidden_recurrence": (STATES, OUTPUTS),
    "output_recurrence": (STATES, OUTPUTS),
    "single_output": (STATES, "o[n, k]"),
    "pattern_graph": "graph",
}

HINTS = {
    "rnn_step": (
        "The book's equation is about one column. Here each sequence is a row: look at the "
        "transposed equation above the exercise.",
        "Check the shapes of each product: `x_t` is (N, D), `U` is (H, D), and the result has to "
        "be (N, H). So one of the factors must be transposed, and the order matters. It is the "
        "same for `W`.",
        "The data stand on the left, the transposed matrices on the right: x_t U^T is (N, H). The "
        "bias (H,) lines up with the last axis by broadcasting, so it can simply be added. `W` is "
        "square: forget to transpose it, and there is no error, only wrong numbers.",
    ),
    "hidden_recurrence": (
        "You wrote this loop in homework 1. What is new is the function that makes the step, and "
        "one output for each state.",
        "Keep the newest state in a variable. It starts as `h0`. In each round of the loop, "
        "`rnn_step` turns it and `x[t]` into the next one, and you put that one away.",
        "A list of states becomes an array (T, N, H) with `np.stack`. `h0` is not among them. The "
        "last axis of `h` is the one that `V.T` multiplies, so one `@` makes all outputs at once. "
        "Do not forget `c`.",
    ),
    "output_recurrence": (
        "Compare the two drawings: the edge W has moved its start from h to o. Which argument of "
        "`rnn_step` is that?",
        "`W` is (H, K) now, and `rnn_step` does not mind: it multiplies `W` with whatever is fed "
        "back. Feed it the outputs of the step before, and `o0` at the first step.",
        "In each round of the loop, compute the state, then at once its output c + V h_t, for the "
        "next round needs it. Feed back o itself: no softmax, no tanh. Collect both, and stack "
        "them at the end.",
    ),
    "single_output": (
        "The states are those of pattern 1. So a function that you have does most of the work.",
        "Without lengths, the output belongs to the last state. With lengths, sequence n ends with "
        "its step number `lengths[n]`. Numbers of steps count from 1, arrays count from 0.",
        "An array (T, N, K) takes two arrays of integers as its index, one for the step and one "
        "for the sequence: entry n of the result comes from step first[n] of sequence second[n]. "
        "The second array is 0, 1, ..., N-1. A slice there would give all N sequences N times.",
    ),
    "pattern_graph": (
        "Write down all edges of one step, then ask which of them are there at every step.",
        "Loop over t from 1 to T. The edge W leads from step t-1 to step t, so there is none at "
        "t = 1. In one of the patterns it starts at o, in the two others at h.",
        '`graph.edge("x1", "h1", label="U")` draws one edge, and f-strings make the names. In the '
        "pattern with a single output, the edges at `o`, `L` and `y` are drawn at t = T only. Do "
        "not forget to return the graph.",
    ),
}


def case(fresh, T, N, D, H, K, fed_back="hidden"):
    """Draw inputs, what is fed back at the first step, and parameters."""
    x = fresh.normal(T, N, D)
    start = fresh.normal(N, H if fed_back == "hidden" else K)
    return x, start, fresh.params(D, H, K, fed_back)


def others(args, more):
    """Yield arguments, them again, and mixtures with other ones of the same shapes."""
    yield from (args, args, (*args[:1], *more[1:]), (*more[:-1], *args[-1:]))


LARGE = "V and c are large here, and so the outputs are in the hundreds: nothing limits them."


def loud(args, size=300.0):
    """Return the arguments with an output layer that gives outputs in the hundreds."""
    x, start, params, *rest = args
    return x, start, params | {key: size * params[key] for key in "Vc"}, *rest


def changed_from(x, t, fresh):
    """Return x with other inputs from step t on."""
    return np.concatenate([x[:t], fresh.normal(*x[t:].shape)])


# --- rnn_step ----------------------------------------------------------------------------


def one_step(fresh, N, D, H, scale=1.0):
    """Draw the arguments of `rnn_step`."""
    x_t, h_prev = fresh.normal(N, D, scale=scale), fresh.normal(N, H, scale=scale)
    return x_t, h_prev, fresh.params(D, H, 4)


@points("rnn_step", 1.0)
def test_a_single_sequence_gets_its_state(student, reference, fresh):
    args = one_step(fresh, N=1, D=3, H=5)
    assert_same(student.rnn_step(*args), reference.rnn_step(*args), FORMS["rnn_step"])


@points("rnn_step", 1.0)
def test_a_batch_gets_a_state_for_each_of_its_sequences(student, reference, fresh):
    for N, D, H in [(4, 2, 5), (2, 6, 3)]:
        args = one_step(fresh, N, D, H)
        assert_same(student.rnn_step(*args), reference.rnn_step(*args), FORMS["rnn_step"])


@points("rnn_step", 0.5)
def test_a_step_is_right_where_sums_are_large(student, reference, fresh):
    for scale, because in [
        (1.0, ""),
        (1000.0, "Inputs and states are large here, so nearly all units should be at -1 or 1."),
    ]:
        args = one_step(fresh, N=5, D=3, H=6, scale=scale)
        assert_same(student.rnn_step(*args), reference.rnn_step(*args), FORMS["rnn_step"], because)


@points("rnn_step", 0.5)
def test_a_step_is_right_each_time_and_leaves_its_arguments_alone(student, reference, fresh):
    for args in others(one_step(fresh, N=3, D=2, H=4), one_step(fresh, N=3, D=2, H=4)):
        got = student.rnn_step(*args)
        assert_unchanged(student)
        assert_same(got, reference.rnn_step(*args), FORMS["rnn_step"])


# --- hidden_recurrence -------------------------------------------------------------------


@points("hidden_recurrence", 1.0)
def test_each_state_comes_from_the_one_before_it(student, reference, fresh):
    for sizes in [(5, 3, 2, 4, 6), (3, 2, 5, 6, 4), (25, 2, 1, 3, 12)]:
        args = case(fresh, *sizes)
        (h, _), (want, _) = student.hidden_recurrence(*args), reference.hidden_recurrence(*args)
        assert_same(h, want, STATES)


@points("hidden_recurrence", 1.0)
def test_each_state_gives_an_output(student, reference, fresh):
    quiet, wide = case(fresh, 5, 3, 2, 4, 6), case(fresh, 3, 2, 5, 6, 4)
    for args, because in [(quiet, ""), (wide, ""), (loud(quiet), LARGE)]:
        (_, o), (_, want) = student.hidden_recurrence(*args), reference.hidden_recurrence(*args)
        assert_same(o, want, OUTPUTS, because)


@points("hidden_recurrence", 0.5)
def test_a_single_step_of_a_single_sequence_will_do(student, reference, fresh):
    args = case(fresh, T=1, N=1, D=2, H=4, K=3)
    got, want = student.hidden_recurrence(*args), reference.hidden_recurrence(*args)
    assert_same(got, want, FORMS["hidden_recurrence"])


@points("hidden_recurrence", 0.5)
def test_a_run_is_right_and_goes_on_rightly_from_its_state(student, reference, fresh):
    x, h0, params = case(fresh, T=6, N=2, D=3, H=5, K=4)
    h, o = reference.hidden_recurrence(x, h0, params)
    for t, start, because in [
        (0, h0, ""),
        (4, h[3], "This run was given `x[4:]`, and `h[3]` of an earlier run as its `h0`."),
    ]:
        got = student.hidden_recurrence(x[t:], start, params)
        assert_same(got, (h[t:], o[t:]), FORMS["hidden_recurrence"], because)


@points("hidden_recurrence", 0.5)
def test_a_run_is_right_whatever_its_later_inputs_are(student, reference, fresh):
    x, h0, params = case(fresh, T=5, N=2, D=4, H=3, K=6)
    other = changed_from(x, 3, fresh)
    for inputs, because in [
        (x, ""),
        (other, "Only `x[3:]` was changed, so `h[:3]` and `o[:3]` must stay as they were."),
    ]:
        got = student.hidden_recurrence(inputs, h0, params)
        want = reference.hidden_recurrence(inputs, h0, params)
        assert_same(got, want, FORMS["hidden_recurrence"], because)


@points("hidden_recurrence", 0.5)
def test_pattern_1_is_right_each_time_and_leaves_its_arguments_alone(student, reference, fresh):
    sizes = 3, 2, 4, 5, 6
    for args in others(case(fresh, *sizes), case(fresh, *sizes)):
        got = student.hidden_recurrence(*args)
        assert_unchanged(student)
        assert_same(got, reference.hidden_recurrence(*args), FORMS["hidden_recurrence"])


# --- output_recurrence -------------------------------------------------------------------


@points("output_recurrence", 1.0)
def test_each_state_comes_from_the_output_before_it(student, reference, fresh):
    for sizes in [(5, 3, 2, 6, 4), (4, 2, 3, 7, 5), (25, 2, 1, 3, 2)]:
        args = case(fresh, *sizes, "output")
        got, want = student.output_recurrence(*args), reference.output_recurrence(*args)
        assert_same(got, want, FORMS["output_recurrence"])


@points("output_recurrence", 0.5)
def test_a_single_step_that_is_fed_with_o0_is_right(student, reference, fresh):
    args = case(fresh, T=1, N=1, D=2, H=5, K=3, fed_back="output")
    got, want = student.output_recurrence(*args), reference.output_recurrence(*args)
    because = "There is a single step here, and a single sequence."
    assert_same(got, want, FORMS["output_recurrence"], because)


@points("output_recurrence", 1.0)
def test_a_run_is_right_and_goes_on_rightly_from_its_output_alone(student, reference, fresh):
    x, o0, params = case(fresh, T=6, N=2, D=3, H=5, K=4, fed_back="output")
    h, o = reference.output_recurrence(x, o0, params)
    for t, start, because in [
        (0, o0, ""),
        (3, o[2], "This run was given `x[3:]`, and `o[2]` of an earlier run as its `o0`."),
    ]:
        got = student.output_recurrence(x[t:], start, params)
        assert_same(got, (h[t:], o[t:]), FORMS["output_recurrence"], because)


@points("output_recurrence", 0.5)
def test_there_may_be_more_outputs_than_hidden_units(student, reference, fresh):
    args = case(fresh, T=4, N=5, D=2, H=3, K=7, fed_back="output")
    for run, because in [(args, ""), (loud(args), LARGE)]:
        got, want = student.output_recurrence(*run), reference.output_recurrence(*run)
        assert_same(got, want, FORMS["output_recurrence"], because)


@points("output_recurrence", 0.5)
def test_pattern_2_is_right_whatever_its_later_inputs_are(student, reference, fresh):
    x, o0, params = case(fresh, T=5, N=2, D=4, H=6, K=3, fed_back="output")
    other = changed_from(x, 3, fresh)
    for inputs, because in [
        (x, ""),
        (other, "Only `x[3:]` was changed, so `h[:3]` and `o[:3]` must stay as they were."),
    ]:
        got = student.output_recurrence(inputs, o0, params)
        want = reference.output_recurrence(inputs, o0, params)
        assert_same(got, want, FORMS["output_recurrence"], because)


@points("output_recurrence", 0.5)
def test_pattern_2_is_right_each_time_and_leaves_its_arguments_alone(student, reference, fresh):
    sizes = 3, 2, 4, 6, 5, "output"
    for args in others(case(fresh, *sizes), case(fresh, *sizes)):
        got = student.output_recurrence(*args)
        assert_unchanged(student)
        assert_same(got, reference.output_recurrence(*args), FORMS["output_recurrence"])


# --- single_output -----------------------------------------------------------------------


@points("single_output", 1.0)
def test_without_lengths_the_output_comes_from_the_last_step(student, reference, fresh):
    short, one = case(fresh, 5, 3, 2, 4, 6), case(fresh, 1, 4, 3, 5, 2)
    for args, because in [(short, ""), (one, ""), (loud(short), LARGE)]:
        (_, o), (_, want) = student.single_output(*args), reference.single_output(*args)
        assert_same(o, want, "o[n, k]", because)


@points("single_output", 0.5)
def test_the_states_of_all_steps_come_back(student, reference, fresh):
    args = case(fresh, T=5, N=3, D=2, H=6, K=4)
    (h, _), (want, _) = student.single_output(*args), reference.single_output(*args)
    assert_same(h, want, STATES)


@points("single_output", 1.5)
def test_with_lengths_each_output_comes_from_its_own_last_step(student, reference, fresh):
    for T, N, D, H, K in [(7, 5, 2, 4, 3), (4, 6, 3, 5, 2), (25, 4, 1, 3, 2)]:
        args = (*case(fresh, T, N, D, H, K), fresh.lengths(T, N))
        (_, o), (_, want) = student.single_output(*args), reference.single_output(*args)
        because = "Sequence n ends after `lengths[n]` steps; what comes then is padding."
        assert_same(o, want, "o[n, k]", because)


@points("single_output", 0.5)
def test_with_lengths_the_states_of_real_steps_are_right(student, reference, fresh):
    T, N = 6, 4
    lengths = fresh.lengths(T, N)
    args = (*case(fresh, T, N, D=3, H=5, K=2), lengths)
    (h, _), (want, _) = student.single_output(*args), reference.single_output(*args)
    if h.shape == want.shape:  # the states of padded steps are free
        real = (np.arange(T)[:, None] < lengths)[..., None]  # (T, N, 1)
        h, want = np.where(real, h, 0.0), np.where(real, want, 0.0)
    assert_same(h, want, STATES)


@points("single_output", 0.5)
def test_the_outputs_are_right_whatever_the_padding_holds(student, reference, fresh):
    T, N, D = 5, 4, 3
    lengths = fresh.lengths(T, N)
    x, h0, params = case(fresh, T, N, D, H=6, K=2)
    real = (np.arange(T)[:, None] < lengths)[..., None]  # (T, N, 1)
    _, want = reference.single_output(x, h0, params, lengths)
    for padding in (0.0, 3.0):
        padded = np.where(real, x, padding)
        _, o = student.single_output(padded, h0, params, lengths)
        assert_same(o, want, "o[n, k]", f"All padded steps of `x` were set to {padding:g}.")


@points("single_output", 0.5)
def test_a_sequence_may_end_with_its_first_step(student, reference, fresh):
    args = (*case(fresh, T=4, N=1, D=3, H=5, K=2), np.array([1]))
    (_, o), (_, want) = student.single_output(*args), reference.single_output(*args)
    because = "There is a single sequence here, and it has one real step of four."
    assert_same(o, want, "o[n, k]", because)


@points("single_output", 0.5)
def test_pattern_3_is_right_each_time_and_leaves_its_arguments_alone(student, reference, fresh):
    args, more = (
        (*case(fresh, 4, 3, 2, 5, 6), lengths) for lengths in np.array([[1, 3, 4], [4, 2, 3]])
    )
    for run in others(args, more):
        _, o = student.single_output(*run)
        assert_unchanged(student)
        _, want = reference.single_output(*run)
        assert_same(o, want, "o[n, k]")


# --- pattern_graph -----------------------------------------------------------------------


def assert_draws(student, reference, pattern, T):
    """Compare the drawing of a pattern with the right one."""
    want = reference.pattern_graph(pattern, T)
    assert_same_graph(student.pattern_graph(pattern, T), want)


@points("pattern_graph", 1.0)
def test_pattern_1_has_its_edges_from_state_to_state_and_all_others(student, reference, fresh):
    assert_draws(student, reference, "hidden_recurrence", int(fresh.integers(4, 8)))


@points("pattern_graph", 1.0)
def test_pattern_2_has_its_edges_from_output_to_state_and_all_others(student, reference, fresh):
    assert_draws(student, reference, "output_recurrence", int(fresh.integers(4, 8)))


@points("pattern_graph", 1.0)
def test_pattern_3_has_its_single_output_and_all_its_edges(student, reference, fresh):
    assert_draws(student, reference, "single_output", int(fresh.integers(4, 8)))


@points("pattern_graph", 0.5)
def test_one_step_and_two_steps_can_be_drawn(student, reference):
    for pattern in ("hidden_recurrence", "output_recurrence", "single_output"):
        for T in (1, 2):
            assert_draws(student, reference, pattern, T)


@points("pattern_graph", 0.5)
def test_ten_steps_can_be_drawn(student, reference):
    for pattern in ("hidden_recurrence", "output_recurrence", "single_output"):
        assert_draws(student, reference, pattern, 10)
