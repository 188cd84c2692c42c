"""What the notebook of hw6_gated says is true of its own demonstrations."""

import numpy as np
import pytest

from solutions.hw6_gated import solution as hw6
from tests.claims import about, after

HW6 = "hw6_gated"


def test_leaky_units_forget_as_the_text_says():
    assert about(0.5) == 0.99**69
    names = after(HW6, "three leaky units")
    start = np.zeros(61)
    start[0] = 1.0
    assert names.leaky(start, 0.5)[10] < 1e-3
    np.testing.assert_allclose(names.leaky(start, 0.9), 0.1 * 0.9 ** np.arange(61))
    followed, smaller, gone = (names.leaky(names.counts, alpha) for alpha in (0.5, 0.9, 0.99))
    assert np.corrcoef(followed, names.counts)[0, 1] > 0.8
    assert smaller[100:].std() < 0.6 * names.counts[100:].std()
    late = [
        np.corrcoef(smaller[back:], names.counts[: len(smaller) - back])[0, 1] for back in (0, 2)
    ]
    assert late[0] < late[1]
    assert gone[100:].std() < 0.2 * names.counts[100:].std()
    mean = names.counts.mean()
    assert gone[20] < 0.4 * mean  # it still fills up
    assert np.all(np.abs(gone[150:] / mean - 1) < 0.35)


def test_a_gate_is_open_at_4_closed_at_minus_4_and_never_steeper_than_a_quarter():
    assert 1 - hw6.sigmoid(np.array(4.0)) < 0.02
    assert hw6.sigmoid(np.array(-4.0)) < 0.02
    z = np.linspace(-8, 8, 161)
    slope = hw6.sigmoid(z) * (1 - hw6.sigmoid(z))
    assert slope.max() == about(0.25)
    np.testing.assert_allclose(np.gradient(hw6.sigmoid(z), z)[1:-1], slope[1:-1], atol=1e-3)


def test_the_cell_set_by_hand_keeps_what_was_marked_and_leaks_a_little():
    names = after(HW6, "gates set by hand")
    s, value = names.s[:, 0, 0], np.tanh(names.value)
    marked = np.flatnonzero(names.mark)
    assert marked.tolist() == [2, 9, 27]
    for start, end in zip(marked, [*marked[1:], len(s)], strict=True):
        assert abs(s[start] - value[start]) < 0.02
        assert np.all(np.abs(s[start:end] - s[start]) < 0.2)
    keep, let_in = hw6.sigmoid(np.array([5.0, -5.0]))
    assert 1 - keep == about(0.007, rel=0.05)
    for t in (3, 15, 39):
        assert s[t] == pytest.approx(keep * s[t - 1] + let_in * value[t])


def test_all_eight_gradients_agree_with_differences_far_below_1e_7():
    names = after(HW6, "the gradient check")
    assert len(names.arrays) == len(names.grads) == 8
    for name, array in names.arrays.items():
        estimate = hw6.numerical_gradient(lambda value, n=name: names.loss_with(n, value), array)
        assert names.relative_error(names.grads[name], estimate) < 1e-8


def test_the_forget_bias_decides_how_far_the_gradient_gets():
    names = after(HW6, "gradient against lag")
    way_back, each = names.on_the_way_back, names.per_step
    plain, closed, half, open_, wide = (way_back(bias) for bias in (None, -2, 0, 2, 4))
    assert each(closed) < each(half) < 0.8 * each(plain)  # faster than the plain network
    assert 0.97 < each(open_) < 1.0
    assert open_[10] < 0.8  # what is lost is lost in the first steps
    assert open_[-1] > 0.5 * open_[10]
    assert 1.0 < each(wide) < 1.1
    for bias, norms in names.curves.items():
        assert each(norms) > hw6.sigmoid(np.array(float(bias)))  # more slowly than the line alone


def test_gated_networks_keep_a_letter_that_the_plain_one_loses():
    """Training moves with the machine's rounding: only what holds in spite of that is said."""
    names = after(HW6, "a letter to keep for sixty steps")
    sizes = {"plain": (1, 32, 1348), "LSTM": (4, 16, 1476), "GRU": (3, 18, 1372)}
    for blocks, H, size in sizes.values():
        params = names.random_params(np.random.default_rng(0), blocks, 5, H, 4)
        assert sum(array.size for array in params.values()) == size
    right = {name: [share for _, share in runs] for name, runs in names.remembering.items()}
    assert max(right["plain network"]) < 0.55 < min(right["LSTM, bias 6"])
    assert min(right["GRU, bias 4"]) > 0.95
    for losses, _ in names.remembering["plain network"]:
        assert losses[-20:].mean() > 0.7 * np.log(4)
    ((losses, share),) = names.remembering["LSTM, bias 0"]
    assert share < 0.35
    assert losses[-20:].mean() == about(np.log(4), rel=0.05)


def test_the_loss_of_the_last_step_is_a_difference():
    names = after(HW6, "a letter to keep for sixty steps")
    x, y = names.marked_letters(np.random.default_rng(0), T=6, N=3)
    for cell, blocks in (("LSTM", 4), ("GRU", 3)):
        params = names.random_params(np.random.default_rng(1), blocks, 5, 7, 4)
        loss, grads = names.at_the_end(cell, x, y, params)
        o = names.last_output(cell, x, params)
        assert loss == pytest.approx(hw6.sequence_loss(o[None], y[None]))
        assert grads["c"] == pytest.approx(hw6.sequence_loss_gradient(o[None], y[None])[0].sum(0))


def test_gates_gain_next_to_nothing_on_short_words():
    names = after(HW6, "the next letter of a word")
    assert (len(names.train_words), len(names.test_words)) == (3211, 500)
    assert max(map(len, names.words)) == 10
    sizes = {
        name: sum(a.size for a in params.values()) for name, (params, _) in names.spelling.items()
    }
    assert max(sizes.values()) == about(min(sizes.values()), rel=0.05)
    final = [bits[-1] for _, bits in names.spelling.values()]
    assert final == about(2.8 * np.ones(3), rel=0.025)
    assert max(final) - min(final) < 0.09
    assert max(final) < names.counted[2] == about(2.95, rel=0.002)
    assert names.counted[2] < names.counted[1]


def test_some_units_add_up_over_a_word_and_others_start_anew():
    names = after(HW6, "gates that read a word")
    i, f, _, s = names.states_and_gates(names.speller, "understand")
    order = np.argsort(f.mean(axis=0))
    lowest, highest = order[:8], order[-8:]
    assert f[:, highest].mean() > 0.8
    assert f[:, lowest].mean() < 0.4
    assert i[:, lowest].mean() > 0.6
    assert np.abs(s[-1, highest]).mean() > 1.5 > 2 * np.abs(s[-1, lowest]).mean()
    assert f.std(axis=0)[highest].mean() < 0.7 * f.std(axis=0)[order[:-8]].mean()
