"""The reference functions have the properties that follow from their definitions.

They hold whatever the numbers are; hypothesis looks for cases in which they do not.
"""

import copy
from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import strategies as st

from autograder.graphs import edges_of
from solutions import hw1_unrolling as hw1
from solutions import hw2_patterns as hw2
from solutions import hw3_softmax_loss as hw3
from solutions import hw4_bptt as hw4
from solutions import hw5_teacher_forcing as hw5
from tests.oracles import assert_agree, cases, for_all, networks, outputs, reached, read, spin

few_steps = st.integers(1, 12)


def brief(feedback="hidden"):
    """Cases of moderate weights and few steps."""
    return networks(feedback, st.integers(1, 9), st.sampled_from([1.0, 0.1]))


def cuttable(feedback="hidden"):
    """Cases of at least two steps."""
    return cases(feedback).filter(lambda case: case.T > 1)


def cut(case):
    """Return a step, not the first, at which to cut the sequences in two."""
    return case.rng.integers(1, case.T)


def joined(first, second):
    """Join the results of two parts of the sequences, array by array along time."""
    return tuple(np.concatenate(pair) for pair in zip(first, second, strict=True))


def reordered(arrays, order, feedback="hidden"):
    """Return parameters, or their gradients, with the hidden units in another order."""
    U, W, V, b = (arrays[name] for name in "UWVb")
    W = W[order][:, order] if feedback == "hidden" else W[order]
    return {**arrays, "U": U[order], "W": W, "V": V[:, order], "b": b[order]}


def mean_over_batch(gradient, case):
    """Call a gradient on each sequence by itself; return what the whole batch should give."""
    losses, grads = zip(*(gradient(slice(n, n + 1)) for n in range(case.N)), strict=True)
    mean = {name: np.mean([g[name] for g in grads], axis=0) for name in case.params}
    for name, axis in {"x": 1, "h0": 0}.items():  # which every sequence has to itself
        if name in grads[0]:
            mean[name] = np.concatenate([g[name] for g in grads], axis) / case.N
    return np.mean(losses), mean


def added(*results):
    """Add results up: pairs of a loss and the gradients of the parameters."""
    losses, grads = zip(*results, strict=True)
    return sum(losses), {name: sum(g[name] for g in grads) for name in "UWVbc"}


def of_params(result):
    """Leave the gradients of inputs and initial states out of a result."""
    loss, grads = result
    return loss, {name: grads[name] for name in "UWVbc"}


# --- hw1_unrolling -----------------------------------------------------------------------------


def turn(s, theta):
    return s @ theta.T


@for_all(case=cases())
def test_unroll_starts_with_the_initial_state(case):
    s = hw1.unroll(spin, case.start, case.params["W"], case.T)
    assert s.shape == (case.T, *case.start.shape)
    assert np.array_equal(s[0], case.start)


@for_all(case=cuttable())
def test_unroll_goes_on_from_any_of_its_states(case):
    W, t = case.params["W"], cut(case)
    s = hw1.unroll(spin, case.start, W, case.T)
    assert_agree(hw1.unroll(spin, s[t], W, case.T - t), s[t:])


@for_all(case=brief())
def test_unroll_of_a_linear_transition_is_linear(case):
    W, other = case.params["W"], case.rng.normal(size=case.start.shape)
    s, r = (hw1.unroll(turn, start, W, case.T) for start in (case.start, other))
    assert_agree(hw1.unroll(turn, 2 * case.start - other, W, case.T), 2 * s - r)


@for_all(case=cases())
def test_unroll_for_one_step_applies_nothing(case):
    def f(s, theta):
        raise AssertionError("called")

    assert np.array_equal(hw1.unroll(f, case.start, None, 1), case.start[None])


@for_all(case=cuttable())
def test_unroll_inputs_goes_on_where_the_first_inputs_have_led(case):
    t = cut(case)
    first = hw1.unroll_inputs(read, case.start, case.x[:t], case.params)
    second = hw1.unroll_inputs(read, first[-1], case.x[t:], case.params)
    h = hw1.unroll_inputs(read, case.start, case.x, case.params)
    assert_agree(np.concatenate([first, second]), h)


@for_all(case=cuttable())
def test_unroll_inputs_does_not_look_ahead(case):
    t, changed = cut(case), case.x.copy()
    changed[t:] += 1.0
    h, other = (hw1.unroll_inputs(read, case.start, x, case.params) for x in (case.x, changed))
    assert np.array_equal(h[:t], other[:t])


@for_all(case=cases())
def test_unroll_inputs_without_inputs_has_no_state(case):
    h = hw1.unroll_inputs(read, case.start, case.x[:0], case.params)
    assert h.shape == (0, *case.start.shape)


@for_all(case=cases())
def test_unroll_inputs_of_a_deaf_transition_unrolls_it(case):
    W = case.params["W"]
    h = hw1.unroll_inputs(lambda h, x_t, theta: spin(h, theta), case.start, case.x, W)
    assert_agree(h, hw1.unroll(spin, case.start, W, case.T + 1)[1:])


def filters():
    """Sequences (T, D), kernels (k, D, H), and a generator for more."""

    def build(T, k, D, H, seed):
        rng = np.random.default_rng(seed)
        return rng.normal(size=(T, D)), rng.normal(size=(k, D, H)), rng

    small, seeds = st.integers(1, 5), st.integers(0, 2**32 - 1)
    return st.builds(build, st.integers(1, 12), st.integers(1, 6), small, small, seeds)


@for_all(example=filters())
def test_time_delay_is_linear_in_the_inputs_and_in_the_kernel(example):
    x, kernel, rng = example
    p, q = rng.normal(size=x.shape), rng.normal(size=kernel.shape)
    f = hw1.time_delay
    assert_agree(f(2 * x - p, kernel), 2 * f(x, kernel) - f(p, kernel))
    assert_agree(f(x, 2 * kernel - q), 2 * f(x, kernel) - f(x, q))


@for_all(example=filters(), late=st.integers(1, 4))
def test_time_delay_of_later_inputs_comes_later(example, late):
    x, kernel, _ = example
    zeros_x, zeros_out = np.zeros((late, x.shape[1])), np.zeros((late, kernel.shape[2]))
    out = hw1.time_delay(np.concatenate([zeros_x, x]), kernel)
    assert_agree(out, np.concatenate([zeros_out, hw1.time_delay(x, kernel)]))


@for_all(example=filters())
def test_time_delay_answers_an_impulse_with_its_kernel(example):
    _, kernel, _ = example
    for d in range(kernel.shape[1]):
        impulse = np.zeros(kernel.shape[:2])
        impulse[0, d] = 1.0
        assert np.array_equal(hw1.time_delay(impulse, kernel), kernel[:, d])


@for_all(example=filters())
def test_time_delay_with_a_kernel_of_one_step_has_no_memory(example):
    x, kernel, _ = example
    assert_agree(hw1.time_delay(x, kernel[:1]), x @ kernel[0])


@for_all(example=filters(), k=st.integers(1, 6))
def test_two_time_delays_of_one_unit_commute(example, k):
    x, kernel, rng = example
    x, one, other = x[:, :1], kernel[:, :1, :1], rng.normal(size=(k, 1, 1))
    f = hw1.time_delay
    assert_agree(f(f(x, one), other), f(f(x, other), one))


def tables():
    """Tables (T, T) of 0 and 1, a generator, and a sequence (T, D) to try them on."""

    def build(T, D, seed):
        rng = np.random.default_rng(seed)
        return rng.integers(2, size=(T, T)), rng.normal(size=(T, D)), rng

    return st.builds(build, st.integers(1, 8), st.integers(1, 3), st.integers(0, 2**32 - 1))


@for_all(example=tables())
def test_influence_does_not_depend_on_where_a_linear_map_is_tried(example):
    A, x, rng = example
    for point in (x, np.zeros(x.shape), 100 * rng.normal(size=x.shape)):
        assert np.array_equal(hw1.influence(lambda x: A @ x, point), A == 1)


@for_all(example=tables())
def test_influence_of_a_map_after_another_is_the_product_of_their_tables(example):
    A, x, rng = example
    B = rng.integers(2, size=A.shape)
    first, second = hw1.influence(lambda x: A @ x, x), hw1.influence(lambda x: B @ x, x)
    assert np.array_equal(hw1.influence(lambda x: B @ (A @ x), x), second @ first)


@for_all(example=tables())
def test_influence_on_two_outputs_together_is_that_on_either(example):
    A, x, rng = example
    B = rng.integers(2, size=A.shape)
    both = hw1.influence(lambda x: np.concatenate([A @ x, B @ x], axis=1), x)
    assert np.array_equal(both, (A == 1) | (B == 1))


@for_all(example=tables())
def test_influence_finds_an_input_of_which_one_component_is_read(example):
    A, x, _ = example
    for d in range(x.shape[1]):
        table = hw1.influence(lambda x, d=d: A @ x[:, d : d + 1], x)
        assert np.array_equal(table, A == 1)


@for_all(example=tables())
def test_influence_reverses_with_time(example):
    A, x, _ = example
    table = hw1.influence(lambda x: A @ x, x)
    assert np.array_equal(hw1.influence(lambda x: (A @ x)[::-1], x), table[::-1])
    assert np.array_equal(hw1.influence(lambda x: A @ x[::-1], x), table[:, ::-1])


@for_all(example=filters())
def test_influence_of_a_time_delay_is_a_band_and_of_a_recurrence_a_triangle(example):
    x, kernel, _ = example
    T, k = len(x), len(kernel)
    band = np.tri(T, dtype=bool) & ~np.tri(T, k=-k, dtype=bool)
    assert np.array_equal(hw1.influence(lambda x: hw1.time_delay(x, kernel), x), band)
    echo = hw1.influence(
        lambda x: hw1.unroll_inputs(lambda h, x_t, a: a * h + x_t, x[0] * 0, x, 0.5), x
    )
    assert np.array_equal(echo, np.tri(T, dtype=bool))


def edges(graph):
    return edges_of(graph.source).edges


def without(edges, node):
    return [edge for edge in edges if node not in edge[:2]]


def has_cycle(edges):
    return any(tail in reached(edges, head) for tail, head, _ in edges)


def node_names(edges):
    return {node for tail, head, _ in edges for node in (tail, head)}


@for_all(T=few_steps)
def test_the_unrolled_graph_folds_into_the_folded_graph(T):
    folded = {(tail[0], head[0], label) for tail, head, label in edges(hw1.unrolled_graph(T))}
    assert folded == set(edges(hw1.folded_graph()))
    assert len(edges(hw1.folded_graph())) == 2


@for_all(T=few_steps)
def test_only_the_folded_graph_has_a_cycle(T):
    assert has_cycle(edges(hw1.folded_graph()))
    assert not has_cycle(without(edges(hw1.folded_graph()), "h"))
    assert not has_cycle(edges(hw1.unrolled_graph(T)))


def graphs():
    """Calls of the functions that return graphs."""
    patterns = st.sampled_from(["hidden_recurrence", "output_recurrence", "single_output"])
    return st.one_of(
        st.just((hw1.folded_graph,)),
        st.tuples(st.just(hw1.unrolled_graph), few_steps),
        st.tuples(st.just(hw2.pattern_graph), patterns, few_steps),
    )


@for_all(call=graphs())
def test_every_graph_is_drawn_afresh(call):
    function, *arguments = call
    before = function(*arguments)
    source = before.source
    before.edge("a", "b")
    assert function(*arguments).source == source != before.source


@for_all(T=few_steps)
def test_the_unrolled_graph_of_more_steps_goes_on_from_that_of_fewer(T):
    assert edges(hw1.unrolled_graph(T + 1))[: 2 * T] == edges(hw1.unrolled_graph(T))


@for_all(T=few_steps)
def test_the_last_state_of_the_unrolled_graph_depends_on_everything(T):
    drawn = edges(hw1.unrolled_graph(T))
    names = node_names(drawn)
    assert len(names) == 2 * T + 1
    assert all(f"h{T}" in reached(drawn, name) for name in names)


@for_all(T=few_steps)
def test_no_input_in_the_unrolled_graph_reaches_an_earlier_state(T):
    drawn = edges(hw1.unrolled_graph(T))
    for t in range(1, T + 1):
        assert reached(drawn, f"x{t}") == {f"x{t}", *(f"h{later}" for later in range(t, T + 1))}


# --- hw2_patterns ------------------------------------------------------------------------------


@for_all(case=cases())
def test_rnn_step_is_odd(case):
    flipped = {**case.params, "b": -case.params["b"]}
    h = hw2.rnn_step(case.x[0], case.start, case.params)
    assert np.array_equal(hw2.rnn_step(-case.x[0], -case.start, flipped), -h)


@for_all(case=cases())
def test_rnn_step_stays_between_minus_one_and_one(case):
    h = hw2.rnn_step(100 * case.x[0], case.start, case.params)
    assert np.all(np.abs(h) <= 1)


@for_all(case=cases("output"))
def test_rnn_step_treats_input_and_state_alike(case):
    U, W, b = (case.params[name] for name in "UWb")
    h = hw2.rnn_step(case.x[0], case.start, case.params)
    assert_agree(hw2.rnn_step(case.start, case.x[0], {"U": W, "W": U, "b": b}), h)


@for_all(case=cases())
def test_rnn_step_knows_no_order_of_sequences_or_units(case):
    rows, units = case.rng.permutation(case.N), case.rng.permutation(case.H)
    h = hw2.rnn_step(case.x[0], case.start, case.params)
    moved = hw2.rnn_step(case.x[0][rows], case.start[rows][:, units], reordered(case.params, units))
    assert_agree(moved, h[rows][:, units])


RECURRENCES = pytest.mark.parametrize(
    ("function", "feedback"),
    [(hw2.hidden_recurrence, "hidden"), (hw2.output_recurrence, "output")],
    ids=["hidden", "output"],
)


@RECURRENCES
@for_all(data=st.data())
def test_a_recurrence_goes_on_from_what_was_fed_back(function, feedback, data):
    case = data.draw(cuttable(feedback))
    t = cut(case)
    h, o = function(case.x[:t], case.start, case.params)
    fed = h[-1] if feedback == "hidden" else o[-1]
    second = function(case.x[t:], fed, case.params)
    assert_agree(joined((h, o), second), function(case.x, case.start, case.params))


@RECURRENCES
@for_all(data=st.data())
def test_a_recurrence_does_not_look_ahead(function, feedback, data):
    case = data.draw(cuttable(feedback))
    t, changed = cut(case), case.x.copy()
    changed[t:] += 1.0
    h, o = function(case.x, case.start, case.params)
    other_h, other_o = function(changed, case.start, case.params)
    assert np.array_equal(h[:t], other_h[:t])
    assert np.array_equal(o[:t], other_o[:t])


@RECURRENCES
@for_all(data=st.data())
def test_a_recurrence_knows_no_order_of_sequences_or_units(function, feedback, data):
    case = data.draw(cases(feedback))
    rows, units = case.rng.permutation(case.N), case.rng.permutation(case.H)
    h, o = function(case.x, case.start, case.params)
    start = case.start[rows][:, units] if feedback == "hidden" else case.start[rows]
    got = function(case.x[:, rows], start, reordered(case.params, units, feedback))
    assert_agree(got, (h[:, rows][:, :, units], o[:, rows]), case.unit)


@RECURRENCES
@for_all(data=st.data())
def test_a_recurrence_without_output_weights_gives_the_bias(function, feedback, data):
    case = data.draw(cases(feedback))
    params = {**case.params, "V": 0 * case.params["V"]}
    _, o = function(case.x, case.start, params)
    assert np.array_equal(o, np.broadcast_to(params["c"], o.shape))


@for_all(case=cases())
def test_hidden_recurrence_takes_the_steps_of_rnn_step(case):
    h, _ = hw2.hidden_recurrence(case.x, case.start, case.params)
    assert_agree(hw2.rnn_step(case.x[0], case.start, case.params), h[0])
    assert_agree(hw1.unroll_inputs(read, case.start, case.x, case.params), h)


@for_all(case=cases("output"))
def test_output_recurrence_is_a_hidden_recurrence_of_low_rank(case):
    W, V, b, c = (case.params[name] for name in "WVbc")
    h0 = case.rng.normal(size=(case.N, case.H))
    params = {**case.params, "W": W @ V, "b": b + W @ c}
    want = hw2.hidden_recurrence(case.x, h0, params)
    got = hw2.output_recurrence(case.x, c + h0 @ V.T, case.params)
    assert_agree(got, want, case.unit)


@for_all(case=cases())
def test_output_recurrence_that_outputs_its_state_is_the_hidden_recurrence(case):
    params = {**case.params, "V": np.eye(case.H), "c": np.zeros(case.H)}
    h, _ = hw2.hidden_recurrence(case.x, case.start, case.params)
    assert_agree(hw2.output_recurrence(case.x, case.start, params), (h, h))


@for_all(case=cases())
def test_single_output_is_the_output_at_the_last_step(case):
    h, o = hw2.hidden_recurrence(case.x, case.start, case.params)
    assert_agree(hw2.single_output(case.x, case.start, case.params), (h, o[-1]))


@for_all(case=cases())
def test_single_output_of_full_lengths_is_that_without_lengths(case):
    want = hw2.single_output(case.x, case.start, case.params)
    got = hw2.single_output(case.x, case.start, case.params, np.full(case.N, case.T))
    assert_agree(got, want)


@for_all(case=cases())
def test_single_output_does_not_read_the_padding(case):
    padding = np.arange(case.T)[:, None] >= case.lengths  # (T, N)
    changed = np.where(padding[..., None], 100.0, case.x)
    _, o = hw2.single_output(case.x, case.start, case.params, case.lengths)
    _, other = hw2.single_output(changed, case.start, case.params, case.lengths)
    assert np.array_equal(o, other)


@for_all(case=cases())
def test_single_output_knows_no_order_of_sequences(case):
    rows = case.rng.permutation(case.N)
    h, o = hw2.single_output(case.x, case.start, case.params, case.lengths)
    got = hw2.single_output(case.x[:, rows], case.start[rows], case.params, case.lengths[rows])
    assert_agree(got, (h[:, rows], o[rows]), case.unit)


PATTERNS = pytest.mark.parametrize(
    "pattern", ["hidden_recurrence", "output_recurrence", "single_output"]
)


@PATTERNS
@for_all(T=few_steps)
def test_a_pattern_uses_its_parameters_at_every_step(pattern, T):
    told = 1 if pattern == "single_output" else T
    labels = Counter(label for _, _, label in edges(hw2.pattern_graph(pattern, T)))
    assert labels == Counter({"U": T, "W": T - 1, "V": told, "": 2 * told})


@PATTERNS
@for_all(T=few_steps)
def test_a_pattern_has_no_cycle_and_every_input_reaches_the_last_loss(pattern, T):
    drawn = edges(hw2.pattern_graph(pattern, T))
    assert not has_cycle(drawn)
    assert all(f"L{T}" in reached(drawn, f"x{t}") for t in range(1, T + 1))


@PATTERNS
@for_all(T=few_steps)
def test_a_label_reaches_nothing_but_its_loss(pattern, T):
    drawn = edges(hw2.pattern_graph(pattern, T))
    labels = {name for name in node_names(drawn) if name.startswith("y")}
    assert len(labels) == (1 if pattern == "single_output" else T)
    for name in labels:
        assert reached(drawn, name) == {name, name.replace("y", "L")}


@for_all(T=st.integers(2, 12), t=st.integers(1, 11))
def test_in_pattern_two_the_output_is_all_that_reaches_the_future(T, t):
    t = min(t, T - 1)
    for pattern, passes in {"output_recurrence": False, "hidden_recurrence": True}.items():
        rest = without(edges(hw2.pattern_graph(pattern, T)), f"o{t}")
        assert (f"h{t + 1}" in reached(rest, f"x{t}")) is passes


@for_all(T=few_steps)
def test_a_pattern_of_more_steps_holds_that_of_fewer(T):
    for pattern in ("hidden_recurrence", "output_recurrence"):
        shorter, longer = (edges(hw2.pattern_graph(pattern, steps)) for steps in (T, T + 1))
        assert set(shorter) < set(longer)


# --- hw3_softmax_loss --------------------------------------------------------------------------

BOTH = pytest.mark.parametrize("function", [hw3.softmax, hw3.log_softmax])


@BOTH
@for_all(o=outputs(), shift=st.sampled_from([1.0, -30.0, 1000.0]))
def test_a_shift_of_all_outputs_changes_nothing(function, o, shift):
    # the shifted outputs are rounded: to 1e-13 of 1000
    assert_agree(function(o + shift), function(o), unit=1.0)


@BOTH
@for_all(o=outputs(), seed=st.integers(0, 99))
def test_classes_may_come_in_any_order(function, o, seed):
    order = np.random.default_rng(seed).permutation(o.shape[-1])
    assert_agree(function(o[..., order]), function(o)[..., order])


@BOTH
@for_all(o=outputs())
def test_every_row_is_a_distribution_of_its_own(function, o):
    rows = [function(row) for row in o.reshape(-1, o.shape[-1])]
    assert_agree(function(o), np.reshape(rows, o.shape))


@for_all(o=outputs())
def test_probabilities_sum_to_one(o):
    yhat = hw3.softmax(o)
    assert np.all(yhat >= 0)
    assert_agree(yhat.sum(axis=-1), np.ones(o.shape[:-1]))


@BOTH
@for_all(o=outputs())
def test_a_larger_output_is_never_less_probable(function, o):
    order = np.argsort(o, axis=-1)
    ranked = np.take_along_axis(function(o), order, axis=-1)
    assert np.all(np.diff(ranked, axis=-1) >= 0)


@for_all(o=outputs())
def test_softmax_of_two_classes_is_the_logistic_function(o):
    pair = np.stack([o, np.zeros(o.shape)], axis=-1)
    with np.errstate(over="ignore"):  # 1 / (1 + inf) is right
        assert_agree(hw3.softmax(pair)[..., 0], 1 / (1 + np.exp(-o)))


@for_all(o=outputs())
def test_log_softmax_keeps_differences_of_outputs(o):
    log_p = hw3.log_softmax(o)
    assert np.all(log_p <= 0)
    assert_agree(log_p - log_p[..., :1], o - o[..., :1])


@for_all(o=outputs())
def test_log_softmax_is_the_logarithm_of_softmax(o):
    assert_agree(np.exp(hw3.log_softmax(o)), hw3.softmax(o))


@for_all(o=outputs())
def test_log_softmax_changes_log_probabilities_no_more(o):
    log_p = hw3.log_softmax(o)
    assert_agree(hw3.log_softmax(log_p), log_p, unit=1.0)  # near 0 they are exact to 1e-16


@for_all(case=cases())
def test_the_loss_of_a_uniform_guess_is_log_k_for_each_step(case):
    loss = hw3.sequence_loss(np.full(case.o.shape, case.scale), case.y)
    assert_agree(loss, case.T * np.log(case.K))


@for_all(case=cases())
def test_the_loss_of_right_and_certain_outputs_is_nothing(case):
    certain = np.where(np.arange(case.K) == case.y[..., None], 1000.0, -1000.0)
    assert hw3.sequence_loss(certain, case.y) == 0
    assert hw3.sequence_loss(case.o, case.y) >= 0


@for_all(case=cuttable())
def test_the_loss_and_its_gradient_add_up_over_time(case):
    t = cut(case)
    parts = [(case.o[:t], case.y[:t], case.mask[:t]), (case.o[t:], case.y[t:], case.mask[t:])]
    loss = hw3.sequence_loss(case.o, case.y, case.mask)
    assert_agree(sum(hw3.sequence_loss(*part) for part in parts), loss)
    gradient = hw3.sequence_loss_gradient(case.o, case.y, case.mask)
    pieces = [hw3.sequence_loss_gradient(*part) for part in parts]
    assert_agree(np.concatenate(pieces), gradient, case.unit)


@for_all(case=cases())
def test_the_loss_is_the_mean_over_the_batch(case):
    each = [slice(n, n + 1) for n in range(case.N)]
    losses = [hw3.sequence_loss(case.o[:, n], case.y[:, n], case.mask[:, n]) for n in each]
    assert_agree(hw3.sequence_loss(case.o, case.y, case.mask), np.mean(losses))
    grads = [hw3.sequence_loss_gradient(case.o[:, n], case.y[:, n], case.mask[:, n]) for n in each]
    gradient = hw3.sequence_loss_gradient(case.o, case.y, case.mask)
    assert_agree(gradient, np.concatenate(grads, axis=1) / case.N)


@for_all(case=cases())
def test_a_masked_step_matters_to_nothing(case):
    padding = case.mask == 0
    o = np.where(padding[..., None], 500.0 * case.rng.normal(size=case.o.shape), case.o)
    y = np.where(padding, case.rng.integers(case.K, size=case.y.shape), case.y)
    loss = hw3.sequence_loss(case.o, case.y, case.mask)
    assert hw3.sequence_loss(o, y, case.mask) == loss
    gradient = hw3.sequence_loss_gradient(o, y, case.mask)
    assert np.array_equal(gradient, hw3.sequence_loss_gradient(case.o, case.y, case.mask))
    assert not np.any(gradient[padding])


@for_all(case=cases())
def test_a_mask_of_ones_is_no_mask(case):
    ones = np.ones(case.y.shape)
    assert hw3.sequence_loss(case.o, case.y, ones) == hw3.sequence_loss(case.o, case.y)
    gradient = hw3.sequence_loss_gradient(case.o, case.y)
    assert np.array_equal(hw3.sequence_loss_gradient(case.o, case.y, ones), gradient)


@for_all(case=cases())
def test_the_gradient_of_the_loss_sums_to_zero_over_the_classes(case):
    gradient = hw3.sequence_loss_gradient(case.o, case.y, case.mask)
    assert_agree(gradient.sum(axis=-1), np.zeros(case.y.shape), unit=1.0)


@for_all(case=cases())
def test_only_the_right_class_is_pulled_up(case):
    gradient = hw3.sequence_loss_gradient(case.o, case.y)
    right = np.arange(case.K) == case.y[..., None]
    assert np.all(gradient[right] <= 0)
    assert np.all(gradient[~right] >= 0)
    assert np.all(np.abs(gradient) <= 1 / case.N)


@for_all(case=cases())
def test_the_loss_lies_above_its_tangents(case):
    other = case.o + case.rng.normal(size=case.o.shape)
    here, there = (hw3.sequence_loss(o, case.y, case.mask) for o in (case.o, other))
    slope = hw3.sequence_loss_gradient(case.o, case.y, case.mask) * (other - case.o)
    rounding = 1e-12 * (1 + here + there + np.abs(slope).sum())
    assert there >= here + slope.sum() - rounding


# --- hw4_bptt ----------------------------------------------------------------------------------


def polynomials():
    """Whole coefficients and arguments, and a step that is a power of 2: nothing is rounded."""

    def build(shape, power, seed):
        rng = np.random.default_rng(seed)
        coefficients = rng.integers(-9, 10, size=(4, *shape)).astype(float)
        return coefficients, rng.integers(-9, 10, size=shape).astype(float), 2.0**-power

    shapes = st.lists(st.integers(1, 4), max_size=3)
    return st.builds(build, shapes, st.integers(0, 9), st.integers(0, 2**32 - 1))


@for_all(example=polynomials())
def test_numerical_gradient_of_a_square_is_exact(example):
    (w, v, _, _), x, eps = example
    gradient = hw4.numerical_gradient(lambda x: np.sum(w * x**2 + v * x), x, eps)
    assert np.array_equal(gradient, 2 * w * x + v)


@for_all(example=polynomials())
def test_numerical_gradient_of_a_cube_is_wrong_by_the_square_of_eps(example):
    (w, _, _, _), x, eps = example
    gradient = hw4.numerical_gradient(lambda x: np.sum(w * x**3), x, eps)
    assert np.array_equal(gradient, 3 * w * x**2 + w * eps**2)


@for_all(example=polynomials())
def test_numerical_gradient_is_linear_in_the_function(example):
    (w, v, p, q), x, eps = example

    def f(x):
        return np.sum(w * x**3) + np.sum(v * x) ** 2

    def g(x):
        return np.sum(p * x**2) * np.sum(q * x)

    first, second = (hw4.numerical_gradient(function, x, eps) for function in (f, g))
    both = hw4.numerical_gradient(lambda x: 2 * f(x) - g(x), x, eps)
    assert np.array_equal(both, 2 * first - second)


@for_all(example=polynomials())
def test_numerical_gradient_asks_on_both_sides_of_each_entry(example):
    _, x, eps = example
    asked = Counter()

    def f(at):
        asked[tuple(np.ravel(at - x))] += 1
        return 0.0

    assert not np.any(hw4.numerical_gradient(f, x, eps))
    steps = np.concatenate([eps * np.eye(x.size), -eps * np.eye(x.size)])
    assert asked == Counter(map(tuple, steps))


def a_step(case):
    """Return the arguments of step_backward at the first step, dh first."""
    h = hw2.rnn_step(case.x[0], case.start, case.params)
    return case.rng.normal(size=h.shape), case.x[0], case.start, h, case.params


@for_all(case=cases())
def test_step_backward_is_linear_in_the_gradient_that_comes_in(case):
    dh, *rest = a_step(case)
    other = case.rng.normal(size=dh.shape)
    (dx, dh_prev, grads), (dx_2, dh_prev_2, grads_2) = (
        hw4.step_backward(incoming, *rest) for incoming in (dh, other)
    )
    want = {name: 2 * grads[name] - grads_2[name] for name in grads}
    got = hw4.step_backward(2 * dh - other, *rest)
    assert_agree(got, (2 * dx - dx_2, 2 * dh_prev - dh_prev_2, want), case.unit)


@for_all(case=cases())
def test_step_backward_adds_the_sequences_up(case):
    dh, x, h_prev, h, params = a_step(case)
    each = [slice(n, n + 1) for n in range(case.N)]
    singles = [hw4.step_backward(dh[n], x[n], h_prev[n], h[n], params) for n in each]
    dx, dh_prev, grads = zip(*singles, strict=True)
    total = {name: sum(g[name] for g in grads) for name in "UWb"}
    want = np.concatenate(dx), np.concatenate(dh_prev), total
    assert_agree(hw4.step_backward(dh, x, h_prev, h, params), want, case.unit)


@for_all(case=cases())
def test_step_backward_passes_nothing_through_saturated_units(case):
    dh, x, h_prev, h, params = a_step(case)
    dx, dh_prev, grads = hw4.step_backward(dh, x, h_prev, np.sign(h), params)
    assert not any(np.any(array) for array in (dx, dh_prev, *grads.values()))


@for_all(case=cases("output"))
def test_step_backward_treats_input_and_state_alike(case):
    dh, x, h_prev, h, params = a_step(case)
    dx, dh_prev, grads = hw4.step_backward(dh, x, h_prev, h, params)
    swapped = {"U": params["W"], "W": params["U"], "b": params["b"]}
    want = dh_prev, dx, {"U": grads["W"], "W": grads["U"], "b": grads["b"]}
    assert_agree(hw4.step_backward(dh, h_prev, x, h, swapped), want, case.unit)


@for_all(case=cases())
def test_the_loss_of_bptt_is_that_of_the_outputs(case):
    _, o = hw2.hidden_recurrence(case.x, case.start, case.params)
    loss, _ = hw4.bptt(case.x, case.start, case.y, case.params)
    assert_agree(loss, hw3.sequence_loss(o, case.y))


@for_all(case=cases())
def test_bptt_is_the_mean_over_the_batch(case):
    def single(n):
        return hw4.bptt(case.x[:, n], case.start[n], case.y[:, n], case.params)

    got = hw4.bptt(case.x, case.start, case.y, case.params)
    assert_agree(got, mean_over_batch(single, case), case.unit)


@for_all(case=cases())
def test_bptt_knows_no_order_of_units(case):
    units = case.rng.permutation(case.H)
    loss, grads = hw4.bptt(case.x, case.start, case.y, case.params)
    want = reordered(grads, units) | {"h0": grads["h0"][:, units]}
    got = hw4.bptt(case.x, case.start[:, units], case.y, reordered(case.params, units))
    assert_agree(got, (loss, want), case.unit)


@for_all(case=brief())
def test_bptt_adds_up_single_outputs_of_longer_and_longer_sequences(case):
    parts = [
        hw4.bptt_single_output(case.x[: t + 1], case.start, case.y[t], case.params)
        for t in range(case.T)
    ]
    result = hw4.bptt(case.x, case.start, case.y, case.params)
    assert_agree(of_params(result), added(*parts))


@for_all(case=cuttable())
def test_bptt_from_a_later_step_gives_the_later_inputs_the_same_gradient(case):
    t = cut(case)
    h, _ = hw2.hidden_recurrence(case.x, case.start, case.params)
    _, whole = hw4.bptt(case.x, case.start, case.y, case.params)
    _, later = hw4.bptt(case.x[t:], h[t - 1], case.y[t:], case.params)
    assert_agree(later["x"], whole["x"][t:], case.unit)


@for_all(case=cases())
def test_without_output_weights_only_the_output_learns(case):
    params = {**case.params, "V": 0 * case.params["V"]}
    for y, gradient in ((case.y, hw4.bptt), (case.y[-1], hw4.bptt_single_output)):
        _, grads = gradient(case.x, case.start, y, params)
        assert not any(np.any(grads[name]) for name in ("U", "W", "b", "x", "h0"))


@for_all(case=cases())
def test_the_gradients_of_the_output_layer_sum_to_zero_over_the_classes(case):
    for y, gradient in ((case.y, hw4.bptt), (case.y[-1], hw4.bptt_single_output)):
        _, grads = gradient(case.x, case.start, y, case.params)
        for name in "Vc":
            total = grads[name].sum(axis=0)
            assert_agree(total, 0 * total, unit=1.0 + case.T)


@for_all(case=cases())
def test_bptt_of_one_step_is_that_of_a_single_output(case):
    x, y = case.x[:1], case.y[:1]
    got = hw4.bptt_single_output(x, case.start, y[0], case.params)
    assert_agree(got, hw4.bptt(x, case.start, y, case.params), case.unit)


@for_all(case=cases())
def test_bptt_of_a_single_output_is_the_mean_over_the_batch(case):
    def single(n):
        return hw4.bptt_single_output(case.x[:, n], case.start[n], case.y[-1, n], case.params)

    got = hw4.bptt_single_output(case.x, case.start, case.y[-1], case.params)
    assert_agree(got, mean_over_batch(single, case), case.unit)


@for_all(case=cuttable())
def test_bptt_of_a_single_output_goes_back_through_the_steps_in_turn(case):
    t = cut(case)
    h, _ = hw2.hidden_recurrence(case.x, case.start, case.params)
    loss, whole = hw4.bptt_single_output(case.x, case.start, case.y[-1], case.params)
    later_loss, later = hw4.bptt_single_output(case.x[t:], h[t - 1], case.y[-1], case.params)
    assert_agree(later_loss, loss)
    assert_agree(later["x"], whole["x"][t:], case.unit)
    dx, _, _ = hw4.step_backward(
        later["h0"], case.x[t - 1], h[t - 2] if t > 1 else case.start, h[t - 1], case.params
    )
    assert_agree(dx, whole["x"][t - 1], case.unit)


windows = st.integers(1, 4) | st.sampled_from([20, 1000])


@for_all(case=cases(), more=st.integers(0, 3))
def test_a_window_of_all_steps_truncates_nothing(case, more):
    got = hw4.truncated_bptt(case.x, case.start, case.y, case.params, case.T + more)
    assert_agree(got, hw4.bptt(case.x, case.start, case.y, case.params), case.unit)


@for_all(case=cases(), k=windows)
def test_truncation_leaves_the_loss_and_the_output_layer_alone(case, k):
    loss, grads = hw4.bptt(case.x, case.start, case.y, case.params)
    got_loss, got = hw4.truncated_bptt(case.x, case.start, case.y, case.params, k)
    assert_agree(got_loss, loss)
    assert_agree((got["V"], got["c"]), (grads["V"], grads["c"]), case.unit)


@for_all(case=brief())
def test_windows_of_one_step_are_steps_by_themselves(case):
    h, _ = hw2.hidden_recurrence(case.x, case.start, case.params)
    before = np.concatenate([case.start[None], h[:-1]])
    parts = [
        hw4.bptt(case.x[t : t + 1], before[t], case.y[t : t + 1], case.params)
        for t in range(case.T)
    ]
    result = hw4.truncated_bptt(case.x, case.start, case.y, case.params, 1)
    assert_agree(of_params(result), added(*parts))


@for_all(case=cases(), k=windows)
def test_later_windows_say_nothing_to_earlier_ones(case, k):
    _, first = hw4.bptt(case.x[:k], case.start, case.y[:k], case.params)
    _, grads = hw4.truncated_bptt(case.x, case.start, case.y, case.params, k)
    assert_agree((grads["x"][:k], grads["h0"]), (first["x"], first["h0"]), case.unit)


def total_norm(grads):
    return np.sqrt(sum(np.sum(array**2) for array in grads.values()))


max_norms = st.sampled_from([1.0, 0.1, 10.0, 1e-3])


@for_all(case=cases(), max_norm=max_norms)
def test_clipped_gradients_are_as_long_as_allowed_and_no_longer(case, max_norm):
    want = min(total_norm(case.params), max_norm)
    assert_agree(total_norm(hw4.clip_gradients(case.params, max_norm)), want)


@for_all(case=cases(), share=st.sampled_from([0.5, 0.1, 1e-9]))
def test_clipping_scales_all_arrays_by_the_same_factor(case, share):
    clipped = hw4.clip_gradients(case.params, share * total_norm(case.params))
    assert_agree(clipped, {name: share * array for name, array in case.params.items()})


@for_all(case=cases(), more=st.sampled_from([1.001, 2.0, 1e9]))
def test_clipping_leaves_short_gradients_exactly_as_they_are(case, more):
    for grads in (case.params, {name: 0 * array for name, array in case.params.items()}):
        clipped = hw4.clip_gradients(grads, more * total_norm(grads) + 1e-9)
        assert all(np.array_equal(clipped[name], grads[name]) for name in grads)


@for_all(case=cases(), max_norm=max_norms)
def test_clipping_twice_is_clipping_once(case, max_norm):
    once = hw4.clip_gradients(case.params, max_norm)
    assert_agree(hw4.clip_gradients(once, max_norm), once)


# --- hw5_teacher_forcing -----------------------------------------------------------------------


def labels():
    """Labels of any shape, and the number of classes."""

    def build(shape, K, seed):
        return np.random.default_rng(seed).integers(K, size=shape), K

    shapes = st.lists(st.integers(0, 4), max_size=3)
    return st.builds(build, shapes, st.integers(1, 6), st.integers(0, 2**32 - 1))


@for_all(example=labels())
def test_one_hot_has_a_single_one_at_the_label(example):
    y, K = example
    codes = hw5.one_hot(y, K)
    assert codes.shape == (*y.shape, K)
    assert codes.dtype == np.float64
    assert np.all((codes == 0) | (codes == 1))
    assert np.array_equal(codes.sum(axis=-1), np.ones(y.shape))
    assert np.array_equal(codes.argmax(axis=-1), y)


@for_all(example=labels())
def test_one_hot_of_more_classes_has_more_zeros(example):
    y, K = example
    codes = hw5.one_hot(y, K + 1)
    assert np.array_equal(codes[..., :K], hw5.one_hot(y, K))
    assert not np.any(codes[..., K])


@for_all(example=labels(), seed=st.integers(0, 99))
def test_one_hot_turns_new_names_of_classes_into_a_new_order(example, seed):
    y, K = example
    order = np.random.default_rng(seed).permutation(K)
    assert np.array_equal(hw5.one_hot(order[y], K)[..., order], hw5.one_hot(y, K))


@for_all(case=cases("output"))
def test_teacher_forced_does_not_depend_on_the_last_label_or_what_is_ahead(case):
    t = case.rng.integers(case.T)
    x, y = case.x.copy(), case.y.copy()
    x[t + 1 :] += 1.0
    y[t:] = (y[t:] + 1) % case.K
    h, o = hw5.teacher_forced(case.x, case.y, case.start, case.params)
    other_h, other_o = hw5.teacher_forced(x, y, case.start, case.params)
    assert_agree((other_h[: t + 1], other_o[: t + 1]), (h[: t + 1], o[: t + 1]))


@for_all(case=cases("output"))
def test_teacher_forced_steps_may_be_taken_in_any_order(case):
    order = case.rng.permutation(case.T)
    fed = np.concatenate([case.start[None], hw5.one_hot(case.y[:-1], case.K)])
    want = hw5.teacher_forced(case.x, case.y, case.start, case.params)
    for t in order[:9]:
        h, o = hw5.teacher_forced(case.x[t : t + 1], case.y[t : t + 1], fed[t], case.params)
        assert_agree((h[0], o[0]), (want[0][t], want[1][t]))


@for_all(case=cuttable("output"))
def test_teacher_forced_goes_on_from_a_label(case):
    t = cut(case)
    first = hw5.teacher_forced(case.x[:t], case.y[:t], case.start, case.params)
    r = hw5.one_hot(case.y[t - 1], case.K)
    second = hw5.teacher_forced(case.x[t:], case.y[t:], r, case.params)
    want = hw5.teacher_forced(case.x, case.y, case.start, case.params)
    assert_agree(joined(first, second), want)


@for_all(case=cuttable("output"))
def test_free_running_goes_on_from_a_prediction(case):
    t = cut(case)
    first = hw5.free_running(case.x[:t], case.start, case.params)
    second = hw5.free_running(case.x[t:], hw3.softmax(first[1][-1]), case.params)
    assert_agree(joined(first, second), hw5.free_running(case.x, case.start, case.params))


@for_all(case=cuttable("output"))
def test_free_running_does_not_look_ahead(case):
    t, changed = cut(case), case.x.copy()
    changed[t:] += 1.0
    h, o = hw5.free_running(case.x, case.start, case.params)
    other_h, other_o = hw5.free_running(changed, case.start, case.params)
    assert np.array_equal(h[:t], other_h[:t])
    assert np.array_equal(o[:t], other_o[:t])


@for_all(case=cases("output"), shift=st.sampled_from([1.0, -3.0]))
def test_free_running_feeds_back_no_shift_of_the_outputs(case, shift):
    h, o = hw5.free_running(case.x, case.start, case.params)
    params = {**case.params, "c": case.params["c"] + shift}
    assert_agree(hw5.free_running(case.x, case.start, params), (h, o + shift), unit=1.0)


def modes(case, params):
    """Return the results of both modes, started with a distribution."""
    return (
        hw5.teacher_forced(case.x, case.y, case.r0, params),
        hw5.free_running(case.x, case.r0, params),
    )


@for_all(case=cases("output"))
def test_what_is_fed_back_sums_to_one(case):
    w = case.rng.normal(size=case.H)
    moved = {**case.params, "W": case.params["W"] + w[:, None], "b": case.params["b"] - w}
    assert_agree(modes(case, moved), modes(case, case.params), unit=1.0)


@for_all(case=cases("output"))
def test_neither_mode_knows_an_order_of_sequences_or_units(case):
    rows, units = case.rng.permutation(case.N), case.rng.permutation(case.H)
    moved = copy.copy(case)
    moved.x, moved.y, moved.r0 = case.x[:, rows], case.y[:, rows], case.r0[rows]
    want = tuple((h[:, rows][:, :, units], o[:, rows]) for h, o in modes(case, case.params))
    assert_agree(modes(moved, reordered(case.params, units, "output")), want, case.unit)


@for_all(case=cases("output"))
def test_forward_trains_on_labels_and_tests_on_predictions(case):
    forced, free = modes(case, case.params)
    assert_agree(hw5.forward(case.x, case.r0, case.params, case.y, training=True), forced)
    assert_agree(hw5.forward(case.x, case.r0, case.params), free)


@for_all(case=cases("output"))
def test_forward_ignores_labels_in_test_mode(case):
    free = hw5.forward(case.x, case.r0, case.params)
    got = hw5.forward(case.x, case.r0, case.params, (case.y + 1) % case.K, training=False)
    assert all(np.array_equal(*pair) for pair in zip(got, free, strict=True))


@for_all(case=cases("output"))
def test_forward_needs_labels_in_train_mode(case):
    with pytest.raises(ValueError, match="y"):
        hw5.forward(case.x, case.r0, case.params, training=True)


@for_all(case=cases("output"), p=st.sampled_from([0.0, 0.5, 1.0]))
def test_in_one_step_all_modes_are_the_same(case, p):
    x, y = case.x[:1], case.y[:1]
    want = hw5.free_running(x, case.start, case.params)
    assert_agree(hw5.teacher_forced(x, y, case.start, case.params), want)
    for training in (False, True):
        assert_agree(hw5.forward(x, case.start, case.params, y, training), want)
    h, o, _ = hw5.scheduled_sampling(x, y, case.start, case.params, p, case.rng)
    assert_agree((h, o), want)
    free = hw5.free_running_gradient(x, y, case.start, case.params)
    forced = hw5.teacher_forced_gradient(x, y, case.start, case.params)
    assert_agree(free, forced, case.unit)


@for_all(case=cases("output"))
def test_the_teacher_forced_gradient_adds_up_over_the_steps(case):
    fed = np.concatenate([case.start[None], hw5.one_hot(case.y[:-1], case.K)])
    parts = [
        hw5.teacher_forced_gradient(case.x[t : t + 1], case.y[t : t + 1], fed[t], case.params)
        for t in range(case.T)
    ]
    result = hw5.teacher_forced_gradient(case.x, case.y, case.start, case.params)
    assert_agree(result, added(*parts), case.unit)


@for_all(case=cases("output"))
def test_the_teacher_forced_gradient_is_zero_for_classes_that_are_never_fed(case):
    _, grads = hw5.teacher_forced_gradient(case.x, case.y, 0 * case.r0, case.params)
    never = np.setdiff1d(np.arange(case.K), case.y[:-1])
    assert not np.any(grads["W"][:, never])


GRADIENTS = pytest.mark.parametrize(
    ("gradient", "training"),
    [(hw5.teacher_forced_gradient, True), (hw5.free_running_gradient, False)],
    ids=["teacher_forced", "free_running"],
)


@GRADIENTS
@for_all(case=cases("output"))
def test_a_gradient_comes_with_the_loss_of_its_mode(gradient, training, case):
    _, o = hw5.forward(case.x, case.start, case.params, case.y, training)
    loss, _ = gradient(case.x, case.y, case.start, case.params)
    assert_agree(loss, hw3.sequence_loss(o, case.y))


@GRADIENTS
@for_all(case=cases("output"))
def test_a_gradient_is_the_mean_over_the_batch(gradient, training, case):
    def single(n):
        return gradient(case.x[:, n], case.y[:, n], case.start[n], case.params)

    got = gradient(case.x, case.y, case.start, case.params)
    assert_agree(got, mean_over_batch(single, case), case.unit)


@GRADIENTS
@for_all(case=cases("output"))
def test_a_gradient_knows_that_what_is_fed_back_sums_to_one(gradient, training, case):
    _, grads = gradient(case.x, case.y, case.r0, case.params)
    assert_agree(grads["W"].sum(axis=1), grads["b"], case.unit)
    for name in "Vc":  # probabilities: what one class gains, the others lose
        total = grads[name].sum(axis=0)
        assert_agree(total, 0 * total, unit=1.0 + np.abs(grads[name]).sum())


@GRADIENTS
@for_all(case=cases("output"))
def test_a_gradient_knows_no_order_of_units(gradient, training, case):
    units = case.rng.permutation(case.H)
    loss, grads = gradient(case.x, case.y, case.start, case.params)
    moved = reordered(case.params, units, "output")
    want = loss, reordered(grads, units, "output")
    assert_agree(gradient(case.x, case.y, case.start, moved), want, case.unit)


def sampled(case, p, y):
    """Call scheduled_sampling with the coins of the case's seed."""
    rng = np.random.default_rng(case.seed)
    return hw5.scheduled_sampling(case.x, y, case.start, case.params, p, rng)


@for_all(case=cases("output"))
def test_scheduled_sampling_is_either_mode_where_the_coins_are_all_alike(case):
    forced = hw5.teacher_forced(case.x, case.y, case.start, case.params)
    free = hw5.free_running(case.x, case.start, case.params)
    shape = (case.T, case.N)
    assert_agree(sampled(case, 1.0, case.y), (*forced, np.ones(shape, dtype=bool)))
    assert_agree(sampled(case, 0.0, case.y), (*free, np.zeros(shape, dtype=bool)))


@for_all(case=cases("output"), p=st.floats(0, 1))
def test_scheduled_sampling_tosses_a_coin_for_each_step_and_sequence(case, p):
    _, _, coins = sampled(case, p, case.y)
    assert coins.dtype == bool
    assert np.array_equal(coins, np.random.default_rng(case.seed).random(coins.shape) < p)


@for_all(case=cases("output"), p=st.floats(0, 1))
def test_scheduled_sampling_ignores_labels_that_no_coin_asks_for(case, p):
    h, o, coins = sampled(case, p, case.y)
    asked = np.concatenate([coins[1:], np.zeros((1, case.N), dtype=bool)])
    y = np.where(asked, case.y, (case.y + 1) % case.K)
    assert_agree(sampled(case, p, y), (h, o, coins))


@for_all(case=cases("output"))
def test_the_mean_log_likelihood_is_the_loss_with_its_sign_changed(case):
    loss, _ = hw5.teacher_forced_gradient(case.x, case.y, case.start, case.params)
    log_p = hw5.log_likelihood(case.x, case.y, case.start, case.params)
    assert np.all(log_p <= 0)
    assert_agree(-log_p.mean(), loss, case.unit)


@for_all(case=cuttable("output"))
def test_log_likelihoods_of_two_parts_add_up(case):
    t = cut(case)
    first = hw5.log_likelihood(case.x[:t], case.y[:t], case.start, case.params)
    r = hw5.one_hot(case.y[t - 1], case.K)
    second = hw5.log_likelihood(case.x[t:], case.y[t:], r, case.params)
    want = hw5.log_likelihood(case.x, case.y, case.start, case.params)
    assert_agree(first + second, want, case.unit)


@for_all(case=cases("output"), T=st.integers(1, 3))
def test_the_probabilities_of_all_sequences_of_labels_sum_to_one(case, T):
    y = np.array(list(product(range(case.K), repeat=min(T, case.T)))).T  # (T, N): N is K^T
    x = np.repeat(case.x[: len(y), :1], y.shape[1], axis=1)
    r0 = np.repeat(case.start[:1], y.shape[1], axis=0)
    log_p = hw5.log_likelihood(x, y, r0, case.params)
    assert_agree(np.exp(log_p).sum(), 1.0)


# --- all homeworks -----------------------------------------------------------------------------


def sums(x):
    return np.cumsum(x, axis=0)


def with_labels(case):
    return case.x, case.y, case.start, case.params


def with_coins(case):
    return *with_labels(case), 0.5, np.random.default_rng(case.seed)


ARGUMENTS = {
    "hidden": {
        hw1.unroll: lambda case: (spin, case.start, case.params["W"], case.T),
        hw1.unroll_inputs: lambda case: (read, case.start, case.x, case.params),
        hw1.time_delay: lambda case: (case.x[:, 0], case.x.transpose(0, 2, 1)),
        hw1.influence: lambda case: (sums, case.x[:, 0]),
        hw2.rnn_step: lambda case: (case.x[0], case.start, case.params),
        hw2.hidden_recurrence: lambda case: (case.x, case.start, case.params),
        hw2.single_output: lambda case: (case.x, case.start, case.params, case.lengths),
        hw3.softmax: lambda case: (case.o,),
        hw3.log_softmax: lambda case: (case.o,),
        hw3.sequence_loss: lambda case: (case.o, case.y, case.mask),
        hw3.sequence_loss_gradient: lambda case: (case.o, case.y, case.mask),
        hw4.numerical_gradient: lambda case: (np.sum, case.x),
        hw4.step_backward: a_step,
        hw4.bptt: lambda case: (case.x, case.start, case.y, case.params),
        hw4.bptt_single_output: lambda case: (case.x, case.start, case.y[-1], case.params),
        hw4.truncated_bptt: lambda case: (case.x, case.start, case.y, case.params, 2),
        hw4.clip_gradients: lambda case: (case.params, 0.5),
    },
    "output": {
        hw2.output_recurrence: lambda case: (case.x, case.start, case.params),
        hw5.one_hot: lambda case: (case.y, case.K),
        hw5.teacher_forced: with_labels,
        hw5.free_running: lambda case: (case.x, case.start, case.params),
        hw5.forward: lambda case: (case.x, case.start, case.params, case.y, True),
        hw5.teacher_forced_gradient: with_labels,
        hw5.free_running_gradient: with_labels,
        hw5.scheduled_sampling: with_coins,
        hw5.log_likelihood: with_labels,
    },
}


def all_functions():
    """Run a test on every function, with its arguments and the feedback they are made with."""
    rows = [
        pytest.param(function, arguments, feedback, id=function.__name__)
        for feedback, table in ARGUMENTS.items()
        for function, arguments in table.items()
    ]
    return pytest.mark.parametrize(("function", "arguments", "feedback"), rows)


def arrays_in(value):
    """Return all arrays in a tuple or dict of whatever, however deep."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, dict):
        value = tuple(value.values())
    return [array for item in value for array in arrays_in(item)] if type(value) is tuple else []


@all_functions()
@for_all(data=st.data())
def test_arguments_stay_as_they_are_and_results_are_new_arrays(function, arguments, feedback, data):
    called = arguments(data.draw(brief(feedback)))
    given = arrays_in(called)
    before = copy.deepcopy(given)
    results = arrays_in(function(*called))
    assert all(np.array_equal(*pair) for pair in zip(given, before, strict=True))
    assert not any(np.shares_memory(*pair) for pair in product(given, results))


def in_single_precision(value, dtype=np.float64):
    """Return arguments rounded to 32 bits, and kept in a dtype."""
    if isinstance(value, np.ndarray) and value.dtype == np.float64:
        return value.astype(np.float32).astype(dtype)
    if isinstance(value, dict):
        return {key: in_single_precision(item, dtype) for key, item in value.items()}
    return value


@all_functions()
@for_all(data=st.data())
def test_arrays_of_single_precision_do_as_well(function, arguments, feedback, data):
    case = data.draw(brief(feedback))
    got, want = (
        function(*(in_single_precision(value, dtype) for value in arguments(copy.deepcopy(case))))
        for dtype in (np.float32, np.float64)
    )
    assert_agree(got, want, bound=1e-3)


@all_functions()
@for_all(data=st.data())
def test_the_same_arguments_give_the_same_result(function, arguments, feedback, data):
    case = data.draw(brief(feedback))
    first, second = (function(*arguments(copy.deepcopy(case))) for _ in range(2))
    pairs = zip(arrays_in(("", first)), arrays_in(("", second)), strict=True)
    assert all(np.array_equal(*pair) for pair in pairs)
