"""The functions of hw2_patterns have the properties that follow from their definitions.

They hold whatever the numbers are; hypothesis looks for cases in which they do not.
"""

from collections import Counter

import numpy as np
import pytest
from hypothesis import strategies as st

from solutions.hw1_unrolling import solution as hw1
from solutions.hw2_patterns import solution as hw2
from tests.oracles import (
    assert_agree,
    cases,
    cut,
    cuttable,
    edges,
    few_steps,
    for_all,
    has_cycle,
    joined,
    node_names,
    reached,
    read,
    reordered,
    without,
)


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
