"""What the notebook of hw3_softmax_loss says is true of its own demonstrations."""

import numpy as np
import pytest

from solutions.hw3_softmax_loss import solution as hw3
from tests.claims import about, after, rounds_to

HW3 = "hw3_softmax_loss"


def test_exponentials_overflow_and_underflow_where_the_text_says():
    with np.errstate(all="ignore"):
        assert np.exp(710.0) == np.inf > np.exp(709.0)
        assert np.exp(-746.0) == 0 < np.exp(-745.0)
        assert np.exp(np.float32(89)) == np.inf > np.exp(np.float32(88))
        assert np.exp(np.float32(-104)) == 0 < np.exp(np.float32(-103))
        assert np.exp(-1000.0) == 0
        assert np.log(5e-324) == about(-744, rel=1e-3)


def test_the_naive_softmax_fails_as_the_table_says():
    def naive(*o):
        return np.exp(o) / np.exp(o).sum()

    with np.errstate(all="raise", under="ignore"):  # what numpy warns of by default
        np.testing.assert_allclose(naive(-745.0, -744.0), [1 / 3, 2 / 3])
    np.testing.assert_allclose(naive(1.0, 2.0), hw3.softmax(np.array([1.0, 2.0])))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(naive(709.0, 710.0), [0, np.nan])
        assert np.all(np.isnan(naive(-747.0, -746.0)))
        second = [np.log(hw3.softmax(np.array([0.0, z])))[1] for z in (-740.0, -746.0)]
    assert second == [pytest.approx(-740, rel=1e-2), -np.inf]


def test_the_loss_of_a_wrong_and_certain_network_does_not_lose_its_gradient():
    o, y = np.array([[[1000.0, -1000.0, 0.0]]]), np.array([[1]])
    do = hw3.sequence_loss_gradient(o, y)
    assert do[0, 0, 1] == about(-1, rel=1e-12)
    assert do.sum() == pytest.approx(0, abs=1e-12)


def test_what_a_guess_costs():
    names = after(HW3, "what a guess costs")
    steps = names.mask.sum()
    assert steps / names.N == rounds_to(7.516, 3)
    loss = {n: hw3.sequence_loss(o, names.y, names.mask) for n, o in names.guesses.items()}
    each = {name: value * names.N / steps for name, value in loss.items()}
    assert loss["uniform"] == rounds_to(24.77, 2)
    assert each["uniform"] == rounds_to(3.296, 3)
    assert each["letters"] == rounds_to(2.907, 3)
    assert each["pairs"] == rounds_to(2.375, 3)
    assert np.exp(each["pairs"]) == rounds_to(10.7, 1)
    assert each == pytest.approx(names.bounds, rel=1e-9)  # the losses are the entropies


def test_what_the_pictures_of_the_letters_show():
    names = after(HW3, "what a guess costs")
    e, q, u, y, end = (names.SYMBOLS.index(symbol) for symbol in "equy.")
    often = 27 * names.frequency
    assert {place for place in range(27) if often[place] > 3} == {e, end}
    assert names.after[q, u] == 1
    assert names.after[y, end] == about(0.75)


def test_gradient_descent_ends_at_the_entropies_and_learns_rare_symbols_last():
    names = after(HW3, "the gradient finds")
    assert names.slow[0] == names.fast[0] == about(np.log(27), rel=1e-9)
    assert np.all(np.diff(names.slow) < 0)
    assert np.all(np.diff(names.fast) < 0)
    assert 0 < names.slow[-1] - names.bounds["letters"] < 1e-3
    assert 0.01 < names.fast[-1] - names.bounds["pairs"] < 0.1  # still on its way
    assert np.abs(names.learned - names.frequency).max() < 1e-3
    known = np.log(np.where(names.after > 0, names.after, 1.0))
    missing = np.sum(names.after * (known - hw3.log_softmax(names.rows)), axis=1)
    ranks = [np.argsort(np.argsort(values)) for values in (names.counts, missing)]
    assert np.corrcoef(*ranks)[0, 1] < -0.9


def test_a_recurrent_network_goes_below_the_bounds_and_counts_do_worse_on_new_words():
    pairs = after(HW3, "what a guess costs").bounds["pairs"] / np.log(2)  # bits
    names = after("hw4_bptt", "the next letter")
    assert names.curves[-1, 1] < 0.9 * pairs
    assert 1 < names.baselines[1] / pairs < 1.05


def test_the_push_on_the_right_class_is_nearly_1_far_from_the_truth_and_the_others_share_it():
    names = after(HW3, "predicted minus happened")
    o = np.array([names.cases], dtype=float)
    do = 3 * hw3.sequence_loss_gradient(o, np.full((1, 3), 2))[0]
    np.testing.assert_allclose(do.sum(axis=-1), 0, atol=1e-12)
    assert do[0, 2] < -0.99
    assert -0.05 < do[2, 2] < 0
    others = [0, 1, 3]
    np.testing.assert_allclose(do[:, others], hw3.softmax(o)[0][:, others])


def test_one_of_four_pairs_comes_out_right_and_a_measured_slope_agrees_with_the_gradient():
    assert after(HW3, "where the formula breaks").right == 1
    names = after(HW3, "To try, without points")
    x, eps = names.some_o[1, 2, 0], 1e-4
    measured = (names.loss_with(x + eps) - names.loss_with(x - eps)) / (2 * eps)
    assert measured == about(names.exact, rel=1e-6)


def test_a_mean_over_all_real_steps_is_the_loss_divided_by_their_mean_count():
    names = after(HW3, "what a guess costs")
    log_p = hw3.log_softmax(names.guesses["pairs"])
    each = -np.take_along_axis(log_p, names.y[..., None], axis=-1)[..., 0]
    mean = each[names.mask == 1].mean()
    loss = hw3.sequence_loss(names.guesses["pairs"], names.y, names.mask)
    assert loss / mean == about(names.mask.sum() / names.N, rel=1e-9)
