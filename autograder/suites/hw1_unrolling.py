"""Graded tests of hw1_unrolling: systems unrolled, time-delay networks, reach, two drawings."""

import numpy as np

from autograder.graphs import Edges
from autograder.judge import Mistake, assert_same, assert_same_graph, assert_unchanged, points
from autograder.maps import Leaking, Logistic, Mixing, Products, Reading, RunningSum, Taps

FORMS = {
    "unroll": "s[t, ...]",
    "unroll_inputs": "h[t, ...]",
    "time_delay": "out[t, i]",
    "influence": "depends[t, s]",
    "folded_graph": "graph",
    "unrolled_graph": "graph",
}

HINTS = {
    "unroll": (
        "Write down for T = 3 which states come back, and how often `f` is called to get them.",
        "The first row is `s1`, as it is. Every further row is `f` of the row before it, and of "
        "`theta`. So T rows take T - 1 calls.",
        "Make room for all states with `np.empty`: T rows of the shape `s1.shape`, in floating "
        "point even where `s1` holds integers. Put `s1` in row 0, then fill the rows 1 to T - 1 "
        "in a loop.",
    ),
    "unroll_inputs": (
        "This is the loop of `unroll` with two differences: an input is read at each step, and the "
        "initial state is not among the states that come back.",
        "Carry the present state in a variable that starts as `h0`. At each step replace it by "
        "what `f` makes of it and of that step's input, then keep a copy in row t of the result.",
        "The state before `x[t]` is `h0` for t = 0, and row t - 1 for later steps. Make the array "
        "of `len(x)` rows of the shape `h0.shape` before the loop: then T = 0 needs no special "
        "care, as it would with `np.stack`.",
    ),
    "time_delay": (
        "Take k = 2 and T = 3, and write down the three outputs by hand. Which inputs does the "
        "first of them see?",
        "Two loops follow the formula to the letter: over the steps t and over the delays j. Add "
        "a term only where t - j is not before the start: numpy reads `x[-1]` as the last input.",
        "One loop over the delays is enough. For delay j the inputs 0 ... T - 1 - j, times "
        "`kernel[j]`, are added to the outputs j ... T - 1. A delay of T or more adds nothing.",
    ),
    "influence": (
        "You cannot look into `g`, but you can call it as often as you like.",
        "Call `g(x)` once for comparison. Then, for each input step s, call it on a copy of `x` in "
        "which only that step differs. The outputs that moved make up column s.",
        "Change the components of step s one at a time, by adding 1 to a fresh copy of `x`. An "
        "output moved if any of its components differs by more than rounding, say 1e-9: "
        "`np.any(..., axis=1)` gives one answer for each output step.",
    ),
    "folded_graph": (
        "There are two nodes and two edges. One of the edges begins and ends at the same node.",
        "Make a `graphviz.Digraph()`, call its method `edge(tail, head)` for each arrow, and "
        "return the graph.",
        "The loop runs from `h` to `h` and has `label='f'`. The edge from `x` to `h` has no label.",
    ),
    "unrolled_graph": (
        "Draw T = 1 on paper, then T = 2. How many arrows does each further step add?",
        "Each step t from 1 to T adds two edges: one from the state before it, one from its input.",
        "Loop over t with `range(1, T + 1)` and name the nodes with f-strings, such as `f'x{t}'`. "
        "The edge that ends in `h1` starts in `h0`. Only edges between states are labelled `f`.",
    ),
}


def assert_same_states(got, want, before, form, because):
    """Compare states, and name the slips by one step in so many words."""
    name = form.split("[")[0]
    if got.shape == (len(want) + 1, *want.shape[1:]) and len(want):
        raise Mistake(
            f"{because} `{name}` has one row too many.",
            f"{len(got)} states came back, expected {len(want)}.",
            "shape",
        )
    if got.shape == want.shape and len(want) > 2:
        if np.allclose(got[:-1], want[1:]):
            raise Mistake(
                f"{because} The rows are one step ahead: row 0 holds what belongs in row 1.",
                kind="values",
            )
        if np.allclose(got[0], before) and np.allclose(got[1:], want[:-1]):
            raise Mistake(
                f"{because} The rows are one step behind: row 0 holds the initial state.",
                kind="values",
            )
    assert_same(got, want, form, because)


# --- unroll ------------------------------------------------------------------------------


@points("unroll", 1.5)
def test_every_state_comes_from_the_state_before_it(student, reference, fresh):
    f, s1, theta = Mixing(fresh.normal(3)), fresh.normal(3), fresh.normal(3, 3, scale=0.7)
    assert_same_states(
        student.unroll(f, s1, theta, 5),
        reference.unroll(f, s1, theta, 5),
        np.nan,
        FORMS["unroll"],
        "Row 0 is `s1`, and every later row is f(the row before it, theta).",
    )


@points("unroll", 0.5)
def test_a_single_state_is_the_initial_state_and_two_take_one_call_of_f(student, reference, fresh):
    f, s1, theta = Mixing(fresh.normal(4)), fresh.normal(4), fresh.normal(4, 4, scale=0.7)
    for T in (1, 2):
        assert_same_states(
            student.unroll(f, s1, theta, T),
            reference.unroll(f, s1, theta, T),
            np.nan,
            FORMS["unroll"],
            f"T = {T}: the initial state counts as the first of the T states.",
        )


@points("unroll", 1.0)
def test_a_state_may_be_a_number_or_a_batch_of_vectors(student, reference, fresh):
    for size, theta, T in ((1.0, 3.7, 6), (1e-9, 3.7, 6), (-2.0, 3.7, 5), (1.0, 1.5, 30)):
        number = np.asarray(size * fresh.uniform(0.2, 0.8))
        assert_same(
            student.unroll(Logistic(), number, theta, T),
            reference.unroll(Logistic(), number, theta, T),
            FORMS["unroll"],
            f"`s1` has the shape (), so T = {T} states have the shape ({T},). It is about {size:g} "
            "in size.",
        )
    f, batch, theta = Mixing(fresh.normal(3)), fresh.normal(2, 3), fresh.normal(3, 3, scale=0.7)
    assert_same(
        student.unroll(f, batch, theta, 4),
        reference.unroll(f, batch, theta, 4),
        FORMS["unroll"],
        "`s1` has the shape (2, 3), so T = 4 states have the shape (4, 2, 3).",
    )


@points("unroll", 0.5)
def test_the_states_after_whole_numbers_are_right_and_not_rounded(student, reference, fresh):
    f, s1 = Mixing(fresh.normal(3)), fresh.integers(-3, 4, 3)
    theta = fresh.normal(3, 3, scale=0.7)
    assert_same(
        student.unroll(f, s1, theta, 4),
        reference.unroll(f, s1, theta, 4),
        FORMS["unroll"],
        "`s1` holds integers here; the states after it are no integers.",
    )


@points("unroll", 0.5)
def test_unrolling_twice_gives_the_right_states_and_changes_no_argument(student, reference, fresh):
    f, s1, theta = Mixing(fresh.normal(2)), fresh.normal(3, 2), fresh.normal(2, 2, scale=0.7)
    want = reference.unroll(f, s1, theta, 4)
    for because in ("", "This was the second call with the same arguments."):
        got = student.unroll(f, s1, theta, 4)
        assert_unchanged(student)
        assert_same(got, want, FORMS["unroll"], because)


# --- unroll_inputs -----------------------------------------------------------------------


def reading(fresh, T, N, D, H):
    """Draw h0 (N, H), x (T, N, D) and theta (H + D, H) for the transition `Reading`."""
    return fresh.normal(N, H), fresh.normal(T, N, D), fresh.normal(H + D, H, scale=0.7)


@points("unroll_inputs", 1.5)
def test_every_state_reads_the_state_before_it_and_the_input_of_its_step(student, reference, fresh):
    for T, N in ((5, 2), (6, 1)):
        h0, x, theta = reading(fresh, T, N, D=3, H=4)
        got = student.unroll_inputs(Reading(), h0, x, theta)
        want = reference.unroll_inputs(Reading(), h0, x, theta)
        from_zero = reference.unroll_inputs(Reading(), np.zeros((N, 4)), x, theta)
        if got.shape == want.shape and np.allclose(got, from_zero):
            raise Mistake("The first state does not come from `h0`, but from zeros.", kind="values")
        assert_same_states(
            got,
            want,
            h0,
            FORMS["unroll_inputs"],
            "Row t is f(h, x[t], theta), where h is row t - 1, and `h0` for t = 0.",
        )


@points("unroll_inputs", 1.0)
def test_every_state_is_right_whatever_the_later_inputs_are(student, reference, fresh):
    h0, x, theta = reading(fresh, 6, 2, D=4, H=3)
    step = int(fresh.integers(2, 5))
    changed = x.copy()
    changed[step:] = fresh.normal(6, 2, 4)[step:]
    first = student.unroll_inputs(Reading(), h0, x, theta)
    second = student.unroll_inputs(Reading(), h0, changed, theta)
    want = reference.unroll_inputs(Reading(), h0, changed, theta)
    if first.shape == second.shape == want.shape:
        assert_same(
            second[:step],
            first[:step],
            FORMS["unroll_inputs"],
            f"Only x[{step}:] was changed, so h[:{step}] must stay as it was.",
        )
    assert_same(
        second,
        want,
        FORMS["unroll_inputs"],
        f"x[{step}:] was changed, and the states from step {step} on must answer.",
    )


@points("unroll_inputs", 0.5)
def test_no_input_gives_no_state_and_one_input_gives_one(student, reference, fresh):
    for T in (0, 1):
        h0, x, theta = reading(fresh, T, 2, D=3, H=4)
        assert_same_states(
            student.unroll_inputs(Reading(), h0, x, theta),
            reference.unroll_inputs(Reading(), h0, x, theta),
            h0,
            FORMS["unroll_inputs"],
            f"T = {T}: there are as many states as inputs, `h0` not counted, each of the shape "
            "(2, 4).",
        )


@points("unroll_inputs", 0.5)
def test_state_and_inputs_may_be_numbers_or_vectors(student, reference, fresh):
    for size, T in ((1.0, 5), (1e-9, 5), (1e3, 5), (1.0, 25)):
        h0, x = np.asarray(size * fresh.normal()), size * fresh.normal(T)
        assert_same(
            student.unroll_inputs(Leaking(), h0, x, 0.8),
            reference.unroll_inputs(Leaking(), h0, x, 0.8),
            FORMS["unroll_inputs"],
            f"`h0` has the shape () and `x` the shape ({T},): every state is a number, about "
            f"{size:g} in size.",
        )
    h0, x, theta = fresh.normal(3), fresh.normal(4, 2), fresh.normal(5, 3, scale=0.7)
    assert_same(
        student.unroll_inputs(Reading(), h0, x, theta),
        reference.unroll_inputs(Reading(), h0, x, theta),
        FORMS["unroll_inputs"],
        "`h0` has the shape (3,) and `x` the shape (4, 2): every state is a vector of 3.",
    )


@points("unroll_inputs", 0.5)
def test_the_states_after_whole_numbers_in_h0_are_right_and_no_argument_is_changed(
    student, reference, fresh
):
    _, x, theta = reading(fresh, 4, 3, D=2, H=5)
    h0 = fresh.integers(-2, 3, 3, 5)
    want = reference.unroll_inputs(Reading(), h0, x, theta)
    for because in (
        "`h0` holds integers here; the states after it are no integers.",
        "This was the second call with the same arguments.",
    ):
        got = student.unroll_inputs(Reading(), h0, x, theta)
        assert_unchanged(student)
        assert_same(got, want, FORMS["unroll_inputs"], because)


# --- time_delay --------------------------------------------------------------------------


@points("time_delay", 1.5)
def test_every_output_sums_the_latest_k_inputs_times_the_kernel(student, reference, fresh):
    x, kernel = fresh.normal(7, 2), fresh.normal(3, 2, 4)
    got, want = student.time_delay(x, kernel), reference.time_delay(x, kernel)
    flipped = reference.time_delay(x, kernel[::-1])
    ahead = reference.time_delay(x[::-1], kernel)[::-1]
    if got.shape == want.shape and np.allclose(got, flipped):
        raise Mistake(
            "The kernel is the wrong way round: `kernel[0]` weighs the present input, "
            "`kernel[k - 1]` the oldest one.",
            kind="values",
        )
    if got.shape == want.shape and np.allclose(got, ahead):
        raise Mistake(
            "The outputs look ahead: out[t] sums over x[t - j], the inputs *before* step t.",
            kind="values",
        )
    if got.shape == want[2:].shape and np.allclose(got, want[2:]):
        raise Mistake(
            "The first k - 1 outputs are missing. They are there, too: the inputs before the "
            "start count as zeros.",
            kind="shape",
        )
    because = "out[t] is the sum of x[t - j] @ kernel[j] for j < k."
    if got.shape == want.shape and np.allclose(got[2:], want[2:]):
        because = (
            "Only the first k - 1 outputs are wrong. There t - j is negative for some j: those "
            "inputs count as zeros."
        )
    assert_same(got, want, FORMS["time_delay"], because)


@points("time_delay", 1.0)
def test_a_single_input_writes_the_kernel_into_the_outputs_that_follow(student, reference, fresh):
    kernel = fresh.normal(4, 3, 2)
    for step in (0, int(fresh.integers(1, 4)), int(fresh.integers(7, 9))):
        d = int(fresh.integers(0, 3))
        x = np.zeros((9, 3))
        x[step, d] = 1.0
        assert_same(
            student.time_delay(x, kernel),
            reference.time_delay(x, kernel),
            FORMS["time_delay"],
            f"All inputs are 0 but x[{step}, {d}] = 1, so the outputs from step {step} on are "
            f"kernel[0, {d}], kernel[1, {d}] and so on, until kernel or sequence ends. All the "
            "others are 0.",
        )


@points("time_delay", 0.5)
def test_the_kernel_may_be_longer_than_the_sequence(student, reference, fresh):
    for T, k, size in ((3, 6, 1.0), (1, 2, 1e3), (4, 1, 1e-9), (20, 25, 1.0)):
        x, kernel = size * fresh.normal(T, 2), fresh.normal(k, 2, 5)
        assert_same(
            student.time_delay(x, kernel),
            reference.time_delay(x, kernel),
            FORMS["time_delay"],
            f"T = {T} and k = {k}: there are T outputs, and delays that reach back before the "
            f"start add nothing. The inputs are about {size:g} in size.",
        )


@points("time_delay", 0.5)
def test_a_sequence_that_starts_later_has_the_right_outputs_later(student, reference, fresh):
    x, kernel = fresh.normal(5, 3), fresh.normal(3, 3, 2)
    want = reference.time_delay(x, kernel)
    for wait in (1, int(fresh.integers(2, 5))):
        late = np.concatenate([np.zeros((wait, 3)), x])
        assert_same(
            student.time_delay(late, kernel),
            np.concatenate([np.zeros((wait, 2)), want]),
            FORMS["time_delay"],
            f"Zeros were put in front of a sequence, {wait} of them: its outputs stay the same and "
            "come as much later, because every step has the same kernel.",
        )


@points("time_delay", 0.5)
def test_whole_numbers_are_convolved_as_well_and_no_argument_is_changed(student, reference, fresh):
    x, kernel, other = fresh.integers(1, 6, 6, 3), fresh.normal(2, 3, 4), fresh.normal(2, 3, 4)
    for weights, because in (
        (kernel, "`x` holds integers here; the outputs are no integers."),
        (kernel, "This was the second call with the same arguments."),
        (other, "This was another call, with the same `x` and another kernel."),
    ):
        got = student.time_delay(x, weights)
        assert_unchanged(student)
        assert_same(got, reference.time_delay(x, weights), FORMS["time_delay"], because)


# --- influence ---------------------------------------------------------------------------


def taps(delays, fresh, D):
    """Make a map whose unit i reads one component, ``delays[i]`` steps ago; unit i + 1 the next."""
    H = len(delays)
    components = (fresh.integers(0, D) + np.arange(H)) % D
    return Taps(np.array(delays), components, fresh.uniform(0.5, 1.5, H))


def assert_same_influence(got, want, because):
    """Compare two tables, and say so where rows and columns are exchanged."""
    if not np.array_equal(want, want.T) and np.array_equal(got, want.T):
        raise Mistake(
            f"{because} Rows and columns are exchanged: the row is the output t, the column the "
            "input s.",
            kind="values",
        )
    assert_same(got, want, FORMS["influence"], because)


@points("influence", 0.5)
def test_a_short_memory_gives_a_band_and_a_running_sum_a_triangle(student, reference, fresh):
    T, k = int(fresh.integers(6, 9)), int(fresh.integers(2, 5))
    x, band, total = fresh.normal(T, 3), taps(range(k), fresh, 3), fresh.uniform(0.5, 1.5, 3, 2)
    assert_same_influence(
        student.influence(band, x),
        reference.influence(band, x),
        f"This map reads the latest {k} inputs.",
    )
    assert_same_influence(
        student.influence(RunningSum(total), x),
        reference.influence(RunningSum(total), x),
        "This map sums all inputs so far.",
    )


@points("influence", 0.5)
def test_the_table_is_right_where_answers_are_small_and_depend_on_x(student, reference, fresh):
    T, lag = int(fresh.integers(6, 9)), int(fresh.integers(2, 4))
    x, weights = fresh.uniform(0.5, 1.5, T, 2), 1e-3 * fresh.uniform(0.5, 1.5, 3)
    for lags in ((0, 1), (1, lag + 1)):
        g = Products(np.array(lags), weights)
        assert_same_influence(
            student.influence(g, x),
            reference.influence(g, x),
            f"This map multiplies x[t - {lags[0]}] and x[t - {lags[1]}], and gives small numbers: "
            "a change of one input counts only where the other is not zero, so change `x` itself.",
        )


@points("influence", 0.5)
def test_the_table_is_right_whichever_component_is_read(student, reference, fresh):
    x = fresh.normal(6, 4)
    delays = np.array([0, 1, 3]) + fresh.integers(0, 2)
    for d in range(4):
        g = Taps(delays, np.full(3, d), fresh.uniform(0.5, 1.5, 3))
        assert_same_influence(
            student.influence(g, x),
            reference.influence(g, x),
            f"This map reads component {d} of the inputs, and each of its outputs has 3 "
            "components with a delay of their own.",
        )


@points("influence", 0.5)
def test_the_table_is_right_where_changes_could_cancel(student, reference, fresh):
    x, (a, b) = fresh.normal(5, 3), fresh.uniform(0.5, 1.5, 2)
    for last, because in (
        (a + b, "The two outputs of this map move in opposite directions, by the same amount."),
        (
            -a - b,
            "This map takes differences of components, which stay as they were where all "
            "components rise together; and its two outputs move in opposite directions.",
        ),
    ):
        g = RunningSum(np.outer([a, b, last], [1.0, -1.0]))
        assert_same_influence(student.influence(g, x), reference.influence(g, x), because)


@points("influence", 0.5)
def test_a_map_may_look_ahead_and_leave_inputs_out(student, reference, fresh):
    x = fresh.normal(20, 2)
    ahead = int(fresh.integers(1, 4))
    for delays, because in (
        ((-ahead,), f"Output t of this map reads x[t + {ahead}], and no other input."),
        ((2, -ahead - 1), f"Output t of this map reads x[t - 2] and x[t + {ahead + 1}]."),
    ):
        g = taps(delays, fresh, 2)
        assert_same_influence(student.influence(g, x), reference.influence(g, x), because)


@points("influence", 0.5)
def test_the_table_is_right_for_inputs_of_zeros_and_x_stays_as_it_was(student, reference, fresh):
    few, total = taps((0, 1, 3), fresh, 2), RunningSum(-fresh.uniform(0.5, 1.5, 2, 3))
    for g, x, because in (
        (few, fresh.normal(5, 2), "This map reads the inputs 0, 1 and 3 steps ago."),
        (few, np.zeros((6, 2)), "`x` is all zeros, and a change of it shows all the same."),
        (few, np.ones((6, 2)), "`x` is all ones, and a change of it shows all the same."),
        (total, np.zeros((1, 2)), "`x` is a single step of zeros."),
    ):
        got, want = student.influence(g, x), reference.influence(g, x)
        assert_unchanged(student)
        assert_same_influence(got, want, because)


# --- folded_graph ------------------------------------------------------------------------


def unlabelled(graph):
    """Return a graph without its labels."""
    return Edges(tuple((tail, head, "") for tail, head, _ in graph.edges))


def _joins_states(edge):
    tail, head, _ = edge
    return tail.startswith("h") and head.startswith("h")


def between_states(graph):
    """Return the edges of a graph that join two states, without labels."""
    return Edges(tuple(filter(_joins_states, unlabelled(graph).edges)))


def not_between_states(graph):
    """Return the other edges of a graph, without labels."""
    return Edges(tuple(e for e in unlabelled(graph).edges if not _joins_states(e)))


@points("folded_graph", 1.0)
def test_the_input_leads_to_the_state_and_the_state_to_itself(student, reference):
    assert_same_graph(unlabelled(student.folded_graph()), unlabelled(reference.folded_graph()))


@points("folded_graph", 1.0)
def test_both_edges_are_there_and_the_loop_alone_is_labelled_f(student, reference):
    assert_same_graph(student.folded_graph(), reference.folded_graph())


# --- unrolled_graph ----------------------------------------------------------------------


def lengths(fresh):
    """Draw four numbers of steps, among them 1 and one of two digits; no two are the same."""
    return 1, int(fresh.integers(2, 4)), int(fresh.integers(4, 7)), int(fresh.integers(11, 14))


@points("unrolled_graph", 1.0)
def test_the_states_form_a_chain_from_h0_to_the_last(student, reference, fresh):
    for T in lengths(fresh):
        assert_same_graph(
            between_states(student.unrolled_graph(T)), between_states(reference.unrolled_graph(T))
        )


@points("unrolled_graph", 1.0)
def test_every_state_but_h0_reads_the_input_of_its_own_step(student, reference, fresh):
    for T in lengths(fresh):
        assert_same_graph(
            not_between_states(student.unrolled_graph(T)),
            not_between_states(reference.unrolled_graph(T)),
        )


@points("unrolled_graph", 1.0)
def test_all_edges_are_there_and_those_between_states_alone_are_labelled_f(
    student, reference, fresh
):
    for T in lengths(fresh):
        assert_same_graph(student.unrolled_graph(T), reference.unrolled_graph(T))
