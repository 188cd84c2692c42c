"""The functions of hw3_softmax_loss have the properties that follow from their definitions.

They hold whatever the numbers are; hypothesis looks for cases in which they do not.
"""

import numpy as np
import pytest
from hypothesis import strategies as st

from solutions.hw3_softmax_loss import solution as hw3
from tests.oracles import assert_agree, cases, cut, cuttable, for_all, outputs

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
