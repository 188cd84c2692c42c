"""What the notebook of hw7_decoding says is true of its own demonstrations."""

import numpy as np
import pytest

from solutions.hw7_decoding import solution as hw7
from tests.claims import about, after, rounds_to

HW7 = "hw7_decoding"


def tree():
    """Return the inputs, r0 and parameters of the tree of the text, one sequence."""
    V = np.log([[0.55, 0.1, 0.6], [0.45, 0.9, 0.4]])
    params = {"U": 100 * np.eye(3)[:, 2:], "W": 100 * np.eye(3)[:, :2], "V": V}
    params |= {"b": np.zeros(3), "c": np.zeros(2)}
    return np.array([[1.0], [0.0]]), np.zeros(2), params


def test_the_network_of_the_examples_is_the_tree_of_the_drawings():
    y, log_p = hw7.beam_search(*tree(), 4)
    found = {"".join("ab"[k] for k in row): p for row, p in zip(y, np.exp(log_p), strict=True)}
    assert found == pytest.approx({"aa": 0.33, "ab": 0.27, "ba": 0.04, "bb": 0.36})
    x, r0, params = tree()
    assert hw7.greedy(x[:, None], r0[None], params)[:, 0].tolist() == [0, 0]


def test_a_temperature_of_a_half_squares_ratios_and_one_of_2_takes_their_root():
    o = np.log([3.0, 1.0])
    for tau, ratio in ((0.5, 9.0), (2.0, 1.7)):
        first, second = hw7.temperature_softmax(o, tau)
        assert first / second == about(ratio)


def test_a_softmax_that_divides_first_comes_too_late():
    with np.errstate(all="ignore"):
        assert np.isnan(hw7.softmax(np.array([800.0, 790.0]) / 1e-307)).all()
    assert hw7.temperature_softmax(np.array([800.0, 790.0]), 1e-307).tolist() == [1.0, 0.0]


def test_the_first_key_leaves_three_letters_and_i_is_the_likeliest():
    names = after(HW7, "Two networks to play with")
    yhat = names.yhat[[names.letters.index(letter) for letter in "ghi"]]
    assert yhat.sum() > 0.98
    assert yhat.argmax() == 2
    assert yhat[2] == rounds_to(0.41, 2)
    assert yhat[1] == rounds_to(0.34, 2)


def test_the_perplexities_are_lowest_near_a_temperature_of_1():
    names = after(HW7, "Exercise 2: perplexity")
    for name, figure in (("typist", 1.9), ("poet", 9.4)):
        o = names.outputs[name]
        at = [hw7.perplexity(o / tau, names.new_y, names.mask) for tau in names.taus]
        assert names.taus[np.argmin(at)] == pytest.approx(1.0, abs=0.21)
        assert hw7.perplexity(o, names.new_y, names.mask) == rounds_to(figure, 1)
        assert hw7.perplexity(o, names.new_y) < hw7.perplexity(o, names.new_y, names.mask)


def test_greedy_decoding_is_caught_out_by_the_first_letter_of_hello():
    names = after(HW7, "Caught out by one letter")
    assert names.spell(hw7.greedy(names.typed(names.hello), names.blank(1), names.typist)) == [
        "iello"
    ]
    x = names.typed(names.hello)
    word, instead = (
        np.cumprod(names.letter_by_letter(y, x, names.typist)[:5])
        for y in (names.hello, hw7.greedy(x, names.blank(1), names.typist))
    )
    assert word[0] < instead[0]
    assert np.all(word[1:] > instead[1:])
    assert word[1] / word[0] > 0.95  # after an h the e is nearly certain


def test_the_beam_of_2_finds_hello():
    names = after(HW7, "Exercise 5: beam search")
    x = names.typed(names.hello)[:, 0]
    for t in range(2, 6):
        y, _ = hw7.beam_search(x[:t], names.blank(1)[0], names.typist, 2)
        assert names.spell(y.T)[0] == "hello"[:t]


def test_made_up_words_are_few_in_the_cold_and_never_mostly_words():
    names = after(HW7, "Made-up words")
    different = {tau: len(set(names.made_up(tau))) for tau in (0.05, 0.5, 2.0)}
    assert different[0.05] < 100 < different[0.5] < different[2.0]
    for tau in (0.05, 0.5, 1.0, 2.0):
        assert np.mean([word in names.real for word in names.made_up(tau)]) < 0.1


def test_beams_find_the_most_likely_sequence_and_then_nothing_is_gained():
    names = after(HW7, "beam search before its judge")
    greedy, four, eight = (names.WIDTHS.index(width) for width in (1, 4, 8))
    typists = [names.found["typist", seed] for seed in range(3)]
    assert min(shares[greedy] for shares in typists) == about(0.56)
    assert max(shares[greedy] for shares in typists) == about(0.72)
    for (name, seed), shares in names.found.items():
        assert shares[four] > 0.98
        assert shares[eight] == 1.0
        assert np.all(np.diff(shares) >= 0)
        if name != "typist":
            assert shares[greedy] > names.found["typist", seed][greedy]
        gained = names.right[name, seed]
        assert 0.005 < gained[1] - gained[0] < 0.04
        assert abs(gained[-1] - gained[1]) < 0.01
    for seed in range(3):
        ahead, plain = (names.right[name, seed][-1] for name in list(names.READS)[::-1])
        assert ahead > 2 * plain
    share = np.mean([right[-1] for right in names.right.values()])
    assert np.sqrt(share * (1 - share) / names.y.shape[1]) == about(0.02, rel=0.2)


def test_the_likeliest_words_end_alike_and_are_not_typical():
    names = after(HW7, "what the likeliest sequence lacks")
    for length in range(3, 11):
        x = names.letters_left(np.array([length]))[:, 0]
        y, _ = hw7.viterbi(x, names.blank(1)[0], names.poet)
        assert names.spell(y[:, None])[0].endswith("ing")
    assert names.best_log_p == rounds_to(-8.7, 1)
    assert names.best_log_p > names.drawn_log_p.max()
    assert 14.5 < -names.drawn_log_p.mean() < 16.5
    assert 14.5 < -names.real_log_p.mean() < 16.5
    assert np.exp(names.best_log_p - names.drawn_log_p.mean()) == about(1000, rel=0.6)


def test_the_likeliest_sequences_do_without_the_rare_letters():
    names = after(HW7, "what the likeliest sequence lacks")
    true, drawn, likely = (np.bincount(y.ravel(), minlength=27) for y in names.ways.values())
    share = {letter: likely[k] / max(true[k], 1) for k, letter in enumerate(names.letters)}
    assert share["s"] == about(1.5, rel=0.1)
    assert share["p"] == about(1 / 6, rel=0.2)
    assert share["b"] == about(1 / 5, rel=0.2)
    assert share["v"] == about(1 / 5, rel=0.25)
    assert share["q"] == 0
    often = true[1:] > 50
    assert np.all(np.abs(drawn[1:] / true[1:] - 1)[often] < 0.8)
