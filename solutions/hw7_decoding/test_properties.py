"""The functions of hw7_decoding have the properties that follow from their definitions.

They hold whatever the numbers are; hypothesis looks for cases in which they do not.
"""

import copy

import numpy as np
import pytest
from hypothesis import strategies as st

from solutions.hw7_decoding import solution as hw7
from tests.oracles import assert_agree, brief, cases, for_all, outputs

temperatures = st.sampled_from([1.0, 0.3, 2.5, 1e-2, 50.0])
networks = brief("output").filter(lambda case: case.K > 1)


def alone(case):
    """Return the inputs, r0 and parameters of sequence 0."""
    return case.x[:, 0], case.r0[0], case.params


def likelihood(case, y):
    """Return the log-likelihood of rows of labels (B, T) for sequence 0."""
    B = len(y)
    x, r0 = np.repeat(case.x[:, :1], B, axis=1), np.repeat(case.r0[:1], B, axis=0)
    return hw7.log_likelihood(x, y.T, r0, case.params)


@for_all(o=outputs(), tau=st.floats(5e-324, 1e308))
def test_temperature_softmax_is_a_distribution_at_any_temperature(o, tau):
    yhat = hw7.temperature_softmax(o, tau)
    assert np.all(yhat >= 0)
    np.testing.assert_allclose(yhat.sum(axis=-1), 1.0)
    best, mine = o.max(axis=-1), np.take_along_axis(o, yhat.argmax(-1)[..., None], -1)[..., 0]
    assert np.all((mine == best) | (yhat.max(axis=-1) - 1 / o.shape[-1] < 1e-9))


@for_all(o=outputs(), tau=temperatures)
def test_a_shift_of_the_outputs_changes_nothing(o, tau):
    shifted = hw7.temperature_softmax(o + 7.0, tau)
    np.testing.assert_allclose(shifted, hw7.temperature_softmax(o, tau), atol=1e-9, rtol=1e-6)


@for_all(o=outputs(), tau=temperatures)
def test_temperatures_multiply(o, tau):
    twice = hw7.temperature_softmax(o / 2.0, tau)
    assert_agree(hw7.temperature_softmax(o, 2.0 * tau), twice, unit=1.0)


@pytest.mark.parametrize("tau", [0.0, -1.0, -1e-300, float("nan"), -float("inf")])
def test_a_temperature_that_is_not_positive_is_refused(tau):
    with pytest.raises(ValueError, match="positive"):
        hw7.temperature_softmax(np.zeros(3), tau)


@for_all(case=brief())
def test_perplexity_is_at_least_1_and_that_of_equal_outputs_is_k(case):
    assert hw7.perplexity(case.o, case.y) >= 1.0
    assert hw7.perplexity(0.0 * case.o, case.y) == pytest.approx(case.K)


@for_all(case=brief())
def test_what_stands_at_padding_does_not_matter(case):
    mask = np.where(np.arange(case.T)[:, None] < case.lengths, 1.0, 0.0)
    o, y = case.o.copy(), case.y.copy()
    o[mask == 0], y[mask == 0] = 5.0, 0
    assert_agree(hw7.perplexity(o, y, mask), hw7.perplexity(case.o, case.y, mask))


@for_all(case=brief())
def test_a_batch_taken_twice_has_the_same_perplexity(case):
    o, y = np.concatenate([case.o, case.o], axis=1), np.concatenate([case.y, case.y], axis=1)
    assert_agree(hw7.perplexity(o, y), hw7.perplexity(case.o, case.y))


@for_all(case=networks, t=st.integers(1, 8))
def test_greedy_goes_on_from_any_step_with_the_code_of_its_label(case, t):
    y = hw7.greedy(case.x, case.r0, case.params)
    if t < case.T:
        r = hw7.one_hot(y[t - 1], case.K)
        assert np.array_equal(hw7.greedy(case.x[t:], r, case.params), y[t:])
    assert np.array_equal(hw7.greedy(case.x[:t], case.r0, case.params), y[:t])


@for_all(case=cases("output").filter(lambda case: case.K > 1))
def test_greedy_and_a_cold_draw_and_a_beam_of_1_are_the_same(case):
    y = hw7.greedy(case.x, case.r0, case.params)
    cold = hw7.sample(case.x, case.r0, case.params, 1e-300, case.rng)
    assert np.array_equal(cold, y)
    for n in range(case.N):
        narrow, log_p = hw7.beam_search(case.x[:, n], case.r0[n], case.params, 1)
        assert np.array_equal(narrow[0], y[:, n])
        one = slice(n, n + 1)
        args = case.x[:, one], y[:, one], case.r0[one], case.params
        assert_agree(log_p, hw7.log_likelihood(*args))


@for_all(case=networks, tau=temperatures)
def test_numbers_drawn_row_by_row_are_the_same_numbers(case, tau):
    y = hw7.sample(case.x, case.r0, case.params, tau, np.random.default_rng(3))
    rng, r = np.random.default_rng(3), case.r0
    for t in range(case.T):
        (row,) = hw7.sample(case.x[t : t + 1], r, case.params, tau, rng)
        assert np.array_equal(row, y[t])
        r = hw7.one_hot(row, case.K)


def test_sequences_are_drawn_with_their_probabilities():
    rng, N = np.random.default_rng(0), 40_000
    params = {"U": rng.normal(size=(4, 2)), "W": rng.normal(size=(4, 3)), "b": rng.normal(size=4)}
    params |= {"V": rng.normal(size=(3, 4)), "c": rng.normal(size=3)}
    x, r0 = np.repeat(rng.normal(size=(2, 1, 2)), N, axis=1), np.repeat(rng.random((1, 3)), N, 0)
    drawn = hw7.sample(x, r0, params, 1.0, rng)
    for labels in np.ndindex(3, 3):
        y = np.array(labels)[:, None]
        p = np.exp(hw7.log_likelihood(x[:, :1], y, r0[:1], params)[0])
        share = np.mean((drawn == y).all(axis=0))
        assert share == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / N))


@for_all(case=networks, width=st.integers(1, 9))
def test_log_p_of_a_beam_falls_and_is_the_likelihood_of_its_rows(case, width):
    y, log_p = hw7.beam_search(*alone(case), width)
    assert y.dtype.kind == "i"
    assert y.shape == (min(width, case.K**case.T), case.T)
    assert np.all(np.diff(log_p) <= 0)
    assert_agree(log_p, likelihood(case, y))
    assert len({tuple(row) for row in y}) == len(y)


@for_all(case=networks, width=st.integers(1, 9))
def test_no_beam_finds_more_than_viterbi_and_all_sequences_find_as_much(case, width):
    y, log_p = hw7.viterbi(*alone(case))
    assert_agree(log_p, likelihood(case, y[None])[0])
    assert hw7.beam_search(*alone(case), width)[1][0] <= log_p + 1e-9
    brief_case = copy.copy(case)
    brief_case.x = case.x[:5]
    _, every = hw7.beam_search(*alone(brief_case), case.K**5)
    assert_agree(hw7.viterbi(*alone(brief_case))[1], every[0])


@for_all(case=networks)
def test_the_best_sequence_goes_on_best_from_each_of_its_labels(case):
    x, r0, params = alone(case)
    y, log_p = hw7.viterbi(x, r0, params)
    for t in range(1, case.T):
        later, rest = hw7.viterbi(x[t:], hw7.one_hot(y[t - 1], case.K), params)
        begun = likelihood(case, y[None])[0] - hw7.log_likelihood(
            x[t:, None], y[t:, None], hw7.one_hot(y[t - 1 : t], case.K), params
        )
        assert_agree(begun + rest, np.array([log_p]))
        assert np.array_equal(later, y[t:])


@for_all(case=networks, order=st.randoms(use_true_random=False))
def test_the_classes_may_have_other_numbers(case, order):
    new = np.array(order.sample(range(case.K), case.K))  # class k becomes the place of k in it
    params = case.params | {key: case.params[key][new] for key in "Vc"}
    params["W"] = case.params["W"][:, new]
    y, log_p = hw7.viterbi(*alone(case))
    got, got_p = hw7.viterbi(case.x[:, 0], case.r0[0][new], params)
    assert np.array_equal(new[got], y)
    assert_agree(got_p, log_p)


def test_the_time_of_viterbi_grows_in_proportion_to_the_steps(monkeypatch):
    rng, calls = np.random.default_rng(0), []
    original = hw7.step
    monkeypatch.setattr(hw7, "step", lambda *args: (calls.append(len(args[1])), original(*args))[1])
    params = {"U": rng.normal(size=(4, 2)), "W": rng.normal(size=(4, 3)), "b": rng.normal(size=4)}
    params |= {"V": rng.normal(size=(3, 4)), "c": rng.normal(size=3)}
    for T in (1, 10, 100, 1000):
        calls.clear()
        hw7.viterbi(rng.normal(size=(T, 2)), rng.random(3), params)
        assert sum(calls) == 1 + 3 * (T - 1)
