"""What the notebook of hw5_teacher_forcing says is true of its own demonstrations."""

from functools import partial
from itertools import product

import numpy as np
import pytest

from solutions.hw3_softmax_loss import solution as hw3
from solutions.hw5_teacher_forcing import solution as hw5
from tests.claims import about, after, counted, cpu_seconds

HW5 = "hw5_teacher_forcing"
WAYS = ("teacher forcing", "scheduled sampling", "free running")


def losses(words, way, training):
    """Return the losses (T, N) of a network on what was held out, and which of it counts."""
    names = after(HW5, words)
    if "words typed" in words:
        (x, y, r0), params = names.new_words, names.typists[way]
    else:
        (x, y, r0), params = names.later_spans, names.forecasters[way]
    _, o = hw5.forward(x, r0, params, y, training)
    return names.loss_of_each_step(o, y), y > 0


def test_the_teacher_forced_pass_is_one_formula_and_the_free_running_one_a_step_at_a_time(
    monkeypatch,
):
    rng = np.random.default_rng(0)
    names = after(HW5, "all steps at once")
    params = names.random_params(2, 4, 3, rng)
    calls = counted(monkeypatch, np, "tanh")
    for T in (1, 8, 64):
        x, y, r0 = rng.normal(size=(T, 2, 2)), rng.integers(3, size=(T, 2)), rng.random((2, 3))
        calls.clear()
        hw5.teacher_forced(x, y, r0, params)
        assert len(calls) == 1
        calls.clear()
        hw5.free_running(x, r0, params)
        assert len(calls) == T


def test_all_steps_at_once_get_ahead_of_one_by_one_as_sequences_grow():
    names, rng = after(HW5, "all steps at once"), np.random.default_rng(0)
    ratios = []
    for T in (1, 8, 64):
        x, y = rng.normal(size=(T, 4, 8)), rng.integers(10, size=(T, 4))
        r0, params = np.full((4, 10), 0.1), names.params
        at_once = cpu_seconds(partial(names.teacher_forced, x, y, r0, params), 30)
        in_turn = cpu_seconds(partial(names.free_running, x, r0, params), 30)
        ratios.append(in_turn / at_once)
    assert ratios[0] < 2
    assert ratios[1] > 1.5 * ratios[0]
    assert ratios[2] > 1.2 * ratios[1]


def test_with_p_1_the_scheduled_gradient_is_the_teacher_forced_one():
    names = after(HW5, "words typed")
    x, y, r0 = (array[:, :20] if array.ndim > 2 else array for array in names.new_words)
    y, r0 = y[:, :20], r0[:20]
    params = names.typists["scheduled sampling"]
    loss, grads = names.scheduled_gradient(x, y, r0, params, 1.0, np.random.default_rng(0))
    want, want_grads = hw5.teacher_forced_gradient(x, y, r0, params)
    assert loss == about(want, rel=1e-12)
    for name, grad in grads.items():
        np.testing.assert_allclose(grad, want_grads[name], atol=1e-12)


def test_each_mode_is_won_by_the_network_that_was_trained_in_it():
    train, test = (
        {way: losses("words typed", way, mode)[0].sum(axis=0).mean() for way in WAYS}
        for mode in (True, False)
    )
    teacher, scheduled, free = WAYS
    assert train[teacher] < train[scheduled] < train[free]
    assert test[free] < test[scheduled] < test[teacher]
    assert train[free] > test[free]  # worse off with a true letter
    lost = {way: test[way] - train[way] for way in WAYS}
    assert max(lost, key=lost.get) == teacher
    assert test[teacher] - test[scheduled] > 2 * (train[scheduled] - train[teacher])


def test_the_keys_of_a_word_put_a_straying_network_right():
    in_train, counts = losses("words typed", "teacher forcing", True)
    in_test, _ = losses("words typed", "teacher forcing", False)
    excess = [(in_test - in_train)[t][counts[t]].mean() for t in range(10)]
    assert excess[0] == pytest.approx(0, abs=1e-12)
    assert np.argmax(excess) == 1  # not growing after that
    assert max(excess[6:]) < 0.75 * excess[1]


def test_a_word_is_drawn_with_the_probability_that_its_likelihood_says():
    names, rng = after(HW5, "Feeding back a letter"), np.random.default_rng(0)
    T, N, K = 2, 20_000, 3
    params = names.random_params(2, 4, K, rng)
    x = np.repeat(rng.normal(size=(T, 1, 2)), N, axis=1)
    r0 = np.repeat(rng.random((1, K)), N, axis=0)
    drawn = names.draw_letters(x, r0, params, rng)
    for labels in product(range(K), repeat=T):
        y = np.array(labels)[:, None]
        p = np.exp(names.log_likelihood(x[:, :1], y, r0[:1], params)[0])
        assert np.mean((drawn == y).all(axis=0)) == pytest.approx(p, abs=4 * np.sqrt(p / N))


def test_drawn_words_are_right_as_a_whole_more_often_and_letter_for_letter_not():
    names = after(HW5, "Feeding back a letter")
    _, y, _ = names.new_words
    whole = {name: np.mean((guess == y).all(axis=0)) for name, guess in names.guesses.items()}
    letters = {name: np.mean((guess == y)[y > 0]) for name, guess in names.guesses.items()}
    drawn = "best of 50 drawn"
    assert max(whole, key=whole.get) == drawn
    assert min(letters, key=letters.get) == drawn
    assert 1 - whole[drawn] == about(7 / 8)


def test_the_six_levels_are_equally_frequent():
    names = after(HW5, "how the error grows")
    shares = np.bincount(names.level[names.early]) / names.early.sum()
    np.testing.assert_allclose(shares, 1 / 6, rtol=0.06)
    assert np.sum(~names.early) == 78


def test_the_error_of_a_teacher_forced_network_grows_in_open_loop_beyond_a_guess():
    guess = np.log(6)
    loss = losses("how the error grows", "teacher forcing", False)[0].mean(axis=1)
    assert np.all(np.diff(loss[:5]) > 0)
    assert loss[4] == about(4, rel=0.1)
    assert loss[4] > 2 * guess
    assert loss[0] == loss.min()
    assert np.all(loss[1:] > 1.05 * guess)  # and stays so
    with_truth = after(HW5, "alone with its own").losses["train mode"]
    assert with_truth[0] == about(loss[0], rel=1e-9)
    assert np.all(with_truth < 0.9 * guess)


def test_scheduled_sampling_learns_to_say_that_it_does_not_know():
    guess = np.log(6)
    names = after(HW5, "how the error grows")
    teacher, scheduled, _ = (
        losses("how the error grows", way, False)[0].mean(axis=1) for way in WAYS
    )
    assert scheduled[0] == about(teacher[0], rel=0.05)
    assert min(scheduled[3:]) > 0.97 * guess
    assert max(scheduled) < 1.05 * guess
    x, _, r0 = names.later_spans
    _, o = hw5.forward(x, r0, names.forecasters["scheduled sampling"])
    log_yhat = hw3.log_softmax(o)
    entropy = -(np.exp(log_yhat) * log_yhat).sum(axis=-1).mean(axis=1)
    assert np.all(entropy[4:] > 0.97 * guess)


def test_free_running_stays_below_a_guess_for_22_years_and_keeps_the_time_of_the_cycle():
    names = after(HW5, "how the error grows")
    free = losses("how the error grows", "free running", False)[0].mean(axis=1)
    others = [losses("how the error grows", way, False)[0].mean(axis=1) for way in WAYS[:2]]
    assert np.all(free < np.log(6))
    assert free[0] > 1.2 * max(other[0] for other in others)  # the price
    x, _, r0 = names.later_spans
    longer = np.concatenate([x, np.zeros((198, *x.shape[1:]))])
    _, o = hw5.free_running(longer, r0, names.forecasters["free running"])
    level = hw3.softmax(o[22:]) @ np.arange(6)  # the expected one
    power = np.abs(np.fft.rfft(level - level.mean(axis=0), axis=0)).mean(axis=1)
    assert len(level) / power.argmax() == about(11, rel=0.1)
    assert level.std() > 0.5


def test_in_train_mode_teacher_forcing_and_scheduled_sampling_are_alike_and_best():
    teacher, scheduled, free = (losses("how the error grows", way, True)[0].mean() for way in WAYS)
    assert scheduled == about(teacher, rel=0.04)
    assert free > 1.08 * max(teacher, scheduled)


def test_the_span_of_1974_is_predicted_as_the_picture_shows():
    names = after(HW5, "how the error grows")
    yhat = {}
    for way in WAYS:
        x, _, r0 = names.later_spans
        _, o = hw5.forward(x, r0, names.forecasters[way])
        yhat[way] = hw3.softmax(o[:, names.n])
    first, _, third = (yhat[way].argmax(axis=1) for way in WAYS)
    assert np.all(np.isin(np.diff(first), (0, 1)))  # creeps from one level to the next
    assert np.abs(yhat["scheduled sampling"][4:] - 1 / 6).max() < 0.05
    high = np.flatnonzero(third >= 4)
    assert np.any(np.diff(high) > 4)  # up, down, and up again


def test_it_takes_four_true_levels_out_of_five_to_keep_the_teacher_forced_network_on_the_track():
    names = after(HW5, "between the two modes")
    loss = {p: names.loss_at(p, names.forecasters["teacher forcing"])[1:] for p in (0.5, 0.8, 1.0)}
    assert loss[0.5].mean() > 1.1 * np.log(6)
    assert loss[0.8].mean() < 0.95 * np.log(6)
    assert max(loss[1.0]) < min(loss[0.5])
