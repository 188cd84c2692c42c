"""The functions of hw5_teacher_forcing have the properties that follow from their definitions.

They hold whatever the numbers are; hypothesis looks for cases in which they do not.
"""

import copy
from itertools import product

import numpy as np
import pytest
from hypothesis import strategies as st

from solutions.hw3_softmax_loss import solution as hw3
from solutions.hw5_teacher_forcing import solution as hw5
from tests.oracles import (
    added,
    assert_agree,
    cases,
    cut,
    cuttable,
    for_all,
    joined,
    mean_over_batch,
    reordered,
)


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
