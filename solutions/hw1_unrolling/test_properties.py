"""The functions of hw1_unrolling have the properties that follow from their definitions.

They hold whatever the numbers are; hypothesis looks for cases in which they do not.
"""

import numpy as np
from hypothesis import strategies as st

from solutions.hw1_unrolling import solution as hw1
from solutions.hw2_patterns import solution as hw2
from tests.oracles import (
    assert_agree,
    brief,
    cases,
    cut,
    cuttable,
    edges,
    few_steps,
    for_all,
    has_cycle,
    node_names,
    reached,
    read,
    spin,
    without,
)


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
