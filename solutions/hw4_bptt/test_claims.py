"""What the notebook of hw4_bptt says is true of its own demonstrations."""

from collections import Counter
from functools import partial
from itertools import pairwise

import numpy as np

from solutions.hw4_bptt import solution as hw4
from tests.claims import about, after, counted, cpu_seconds, rounds_to

HW4 = "hw4_bptt"


def test_central_differences_are_best_at_1e_5_and_get_ten_digits_right():
    names = after(HW4, "how large should eps be")
    eps, central, one_sided = map(np.array, (names.all_eps, names.central, names.one_sided))
    assert 3e-6 < eps[central.argmin()] < 3e-5
    assert 1e-12 < central.min() < 1e-10
    assert one_sided.min() > 3e-9  # eight digits, give or take the rounding
    right = (eps > 1e-4) & (eps < 1e-1)
    for errors, slope in ((central, 2), (one_sided, 1)):
        assert np.polyfit(np.log(eps[right]), np.log(errors[right]), 1)[0] == about(slope)


def test_a_numerical_gradient_calls_the_function_twice_for_each_number():
    calls = Counter()

    def f(x):
        calls["f"] += 1
        return float(np.sum(x**2))

    hw4.numerical_gradient(f, np.ones((3, 5)))
    assert calls["f"] == 2 * 15


def test_all_seven_gradients_agree_with_differences_to_nine_or_ten_digits():
    names, rng = after(HW4, "the gradient check"), np.random.default_rng(0)
    arrays = names.random_params(rng, 2, 5, 4)
    arrays |= {"x": rng.normal(size=(7, 3, 2)), "h0": rng.normal(size=(3, 5))}
    y = rng.integers(4, size=(7, 3))
    _, grads = hw4.bptt(arrays["x"], arrays["h0"], y, arrays)
    for name, array in arrays.items():

        def loss(value, name=name):
            changed = arrays | {name: value}
            _, o = hw4.hidden_recurrence(changed["x"], changed["h0"], changed)
            return hw4.sequence_loss(o, y)

        estimate = hw4.numerical_gradient(loss, array)
        assert names.relative_error(grads[name], estimate) < 1e-9


def test_bptt_goes_one_step_back_for_each_step(monkeypatch):
    calls = counted(monkeypatch, hw4, "step_backward")
    rng = np.random.default_rng(0)
    params = after(HW4, "the gradient check").random_params(rng, 2, 4, 3)
    for T in (1, 7, 70):
        calls.clear()
        hw4.bptt(rng.normal(size=(T, 2, 2)), np.zeros((2, 4)), rng.integers(3, size=(T, 2)), params)
        assert len(calls) == T


def test_time_and_memory_of_bptt_grow_in_proportion_to_the_steps():
    names = after(HW4, "time and memory")
    assert names.size == 5322
    assert names.memory[-1] / names.memory[0] == about(16, rel=0.05)
    growth = np.diff(names.memory) / np.diff(names.steps)
    np.testing.assert_allclose(growth, growth[0], rtol=0.02)  # a straight line
    tasks = [(names.xs[at], names.ys[at]) for at in (0, -1)]
    short, long = (
        cpu_seconds(partial(hw4.bptt, x, names.h0, y, names.params), 5) for x, y in tasks
    )
    forward = cpu_seconds(partial(hw4.hidden_recurrence, names.xs[-1], names.h0, names.params), 5)
    assert 8 < long / short < 32
    assert 1.5 < long / forward < 8  # a few forward passes


def test_gradients_vanish_and_explode_as_the_text_says():
    names = after(HW4, "gradient against lag")
    way_back = names.on_the_way_back
    small, medium, large, huge = (way_back[scale][0] for scale in (0.5, 0.9, 1.5, 3.0))
    assert -np.log10(small[-1]) == about(17, rel=0.03)
    assert small[-1] < np.finfo(float).eps
    assert 1e-3 < medium[-1] < 0.1  # slowly
    assert large[-1] > 50
    assert huge[-1] > 1e6
    for scale, (curve, sigma) in way_back.items():
        rng = np.random.default_rng(0)
        assert sigma == np.linalg.norm(names.random_params(rng, 1, 50, 1, scale)["W"], 2)
        assert np.all(curve <= sigma ** np.arange(60) * (1 + 1e-9))  # the bound
        assert (sigma > 1) == (scale > 0.5)
        each = (curve[50] / curve[10]) ** (1 / 40)
        assert each < scale if scale > 1 else each == about(scale, rel=0.06)
        if not 0.9 < scale < 1.1:  # the change comes near 1
            assert (each > 1) == (scale > 1)
    assert way_back[1.0][1] == rounds_to(1.9, 1)
    for curve in (large, huge):  # the upturn at the first steps of the sequence
        steps = curve[1:] / curve[:-1]
        assert steps[-3:].mean() > 1.3 * np.median(steps[10:50])


def test_the_eigenvalues_of_a_random_matrix_fill_a_disc_of_radius_s():
    names = after(HW4, "gradient against lag")
    for scale in (0.5, 3.0):
        W = names.random_params(np.random.default_rng(0), 1, 400, 1, scale)["W"]
        sizes = np.abs(np.linalg.eigvals(W))
        assert sizes.max() == about(scale, rel=0.1)
        assert np.mean(sizes < scale / 2) == about(1 / 4, rel=0.15)  # of the area


def test_the_network_predicts_letters_better_than_two_letters_of_context():
    names = after(HW4, "the next letter")
    assert names.baselines == [rounds_to(4.2, 1), rounds_to(3.45, 2), rounds_to(2.95, 2)]
    train, test = names.curves[-1]
    assert test == about(2.8)
    assert test < names.baselines[2]
    assert train < 0.93 * test  # it has begun to learn the training words by heart
    assert len(names.train_words) + len(names.test_words) == 3711


def test_few_of_the_made_up_words_are_english_and_vowels_and_consonants_take_turns():
    names = after(HW4, "the next letter")
    rng = np.random.default_rng(1)
    made_up = [names.make_up_word(names.network, rng) for _ in range(200)]
    assert sum(word in set(names.words) for word in made_up) < 60

    def turns(words):
        vowels = [[letter in "aeiouy" for letter in word] for word in words]
        return np.mean([a != b for word in vowels for a, b in pairwise(word)])

    assert turns(made_up) == about(turns(names.words), rel=0.1)
    shuffled = ["".join(rng.permutation(list(word))) for word in made_up]
    assert turns(made_up) > 1.1 * turns(shuffled)


def test_test_words_have_relatives_among_the_training_words():
    names = after(HW4, "the next letter")
    train, test = set(names.train_words), set(names.test_words)
    relatives = {word for word in test if word.endswith("y") and f"{word[:-1]}ies" in train}
    assert "policy" in relatives
    assert sum(f"{word}s" in train or word.removesuffix("s") in train for word in test) > 25


def test_ten_steps_are_nearly_the_full_gradient_and_one_step_points_roughly_there():
    names = after(HW4, "what truncation costs")
    cosines = dict(zip(names.windows, names.cosines, strict=True))
    assert cosines[1] == rounds_to(0.7, 1)
    assert cosines[10] == about(0.985, rel=0.005)
    assert cosines[200] == about(1, rel=1e-12)
    assert np.all(np.diff(names.cosines) > 0)
    assert names.for_w[0] == about(0.53, rel=0.03)


def test_an_update_after_every_window_learns_more_in_one_reading_than_one_update_each_in_six():
    names = after(HW4, "what truncation buys")
    assert names.often[0] < min(names.seldom)
    assert np.all(np.diff(names.often) < 0)


def test_digits_read_by_rows_are_told_better_than_by_the_baselines():
    names = after(HW4, "read row by row")
    assert np.mean(names.final) == about(0.94, rel=0.01)
    assert names.baselines["softmax regression, all pixels"] == rounds_to(0.92, 2)
    assert names.baselines["softmax regression, last row"] < 0.5
    assert np.sqrt(0.94 * 0.06 / 500) == about(0.01, rel=0.1)


def test_training_makes_every_row_count_the_first_one_most():
    names = after(HW4, "read row by row")

    def shares(params):
        x, y = names.rows[:, names.test], names.labels[names.test]
        _, grads = hw4.bptt_single_output(x, np.zeros((500, 64)), y, params)
        norms = np.linalg.norm(grads["x"], axis=(1, 2))
        return norms / norms.sum()

    before, trained = shares(names.fresh), shares(names.network)
    assert before[-1] / before[0] == about(5, rel=0.1)
    assert trained.argmax() == 0
    assert trained.min() > 0.04


def test_clipping_tames_what_undoes_the_learning():
    """The figures move with the machine's rounding: only what holds in spite of that is said."""
    names = after(HW4, "pixel by pixel")
    (wild, wild_norms, _), (slow, _, _), (clipped, norms, right) = names.runs.values()
    assert wild[3] < 1.5  # it goes well for some epochs
    assert max(wild - np.minimum.accumulate(wild)) > 0.3  # it jumps back up
    assert wild[-1] > 1.3 * clipped[-1]  # it does not catch up
    assert max(wild_norms) > 5 * np.median(wild_norms)  # far longer
    assert min(np.subtract(slow, clipped)[:5]) > 0.1  # slower from the start
    assert max(np.diff(clipped)) < 0.1  # hardly a step back
    assert clipped[-1] < min(slow[-1], wild[-1])
    assert 0.5 < right < 0.9
    assert np.mean(np.array(norms) > 1) > 0.9  # most steps are clipped
