"""What the notebooks say about behaviour and numbers is true of a run of their own demonstrations.

The code cells of a solved notebook run in this process, and the tests look at what they leave.
Statements that follow from algebra alone are not here, nor those that no number can contradict.
"""

from collections import Counter
from functools import cache, partial
from itertools import pairwise, product
from pathlib import Path
from time import process_time
from types import SimpleNamespace
from unittest import mock

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest

from solutions import hw2_patterns, hw3_softmax_loss, hw4_bptt, hw5_teacher_forcing

COURSE = Path(__file__).parents[1]


@cache
def demonstrations(homework):
    """Run the cells of a solved notebook; return what they define, by the heading above them."""
    path = COURSE / "source" / homework / f"{homework}.ipynb"
    names, shown, heading = {}, {}, ""
    mpl.use("agg")
    with mock.patch.object(plt, "show", partial(plt.close, "all")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                headings = [line for line in cell.source.splitlines() if line.startswith("#")]
                heading = [heading, *headings][-1].lstrip("# ")
            elif not cell.source.startswith(("check(", "progress(")):
                exec(compile(cell.source, f"{homework}, {cell.id}", "exec"), names)
                shown[heading] = SimpleNamespace(**names)
    return shown


def after(homework, words):
    """Return what is defined after the demonstration whose heading has these words in it."""
    (found,) = (names for heading, names in demonstrations(homework).items() if words in heading)
    return found


def about(value, rel=0.02):
    """Compare with a figure of the prose, which is rounded."""
    return pytest.approx(value, rel=rel)


def rounds_to(value, digits):
    """Compare with a figure of the prose, which gives so many digits after the point."""
    return pytest.approx(value, abs=0.51 * 10.0**-digits)


def cpu_seconds(call, times):
    """Time a call; other programs can only make it slower, so the best counts."""
    found = []
    for _ in range(times):
        start = process_time()  # of this process alone
        call()
        found.append(process_time() - start)
    return min(found)


def counted(monkeypatch, module, name):
    """Count the calls of a function of a module; returns the list that they are written into."""
    function, calls = getattr(module, name), []

    def counting(*args, **options):
        calls.append(name)
        return function(*args, **options)

    monkeypatch.setattr(module, name, counting)
    return calls


# --- homework 1 --------------------------------------------------------------------------

HW1 = "hw1_unrolling"


def test_a_stretch_of_5_percent_divides_by_ten_or_multiplies_by_nearly_nine():
    runs = after(HW1, "three fates").runs
    lengths = {theta: np.linalg.norm(s[-1]) for theta, s in runs.items()}
    assert 1 / lengths[0.95] == about(10, rel=0.05)
    assert 8.5 < lengths[1.05] < 9.0
    assert lengths[1.0] == about(1, rel=1e-9)


def test_the_sun_has_a_cycle_of_about_eleven_years():
    _, counts = after(HW1, "Three centuries").years, after(HW1, "Three centuries").counts
    power = np.abs(np.fft.rfft(counts - counts.mean())) ** 2
    assert len(counts) / power.argmax() == about(11, rel=0.05)


def test_a_state_that_is_left_alone_fades_slowly():
    names = after(HW1, "who sees how far")
    for H, seed in ((3, 0), (40, 0), (40, 7)):
        theta = names.random_network(H, seed)
        assert np.abs(np.linalg.eigvals(theta[:H])).max() == about(0.9, rel=1e-6)
        theta[H:] = 0.0  # no input, no bias
        h = names.unroll_inputs(names.recurrent_layer, np.full(H, 0.5), np.zeros((100, 1)), theta)
        norms = np.linalg.norm(h, axis=1)
        assert norms[20] > norms[50] > norms[99]
        assert 1e-8 < norms[99] / norms[0] < 1e-2


def test_each_layer_adds_four_years_of_reach_and_a_recurrence_sees_all():
    tables = after(HW1, "who sees how far").tables
    assert [table[-1].sum() for table in tables.values()] == [5, 9, 24]
    for table, reach in zip(tables.values(), (5, 9, 24), strict=True):
        step = np.arange(24)
        age = step[:, None] - step
        np.testing.assert_array_equal(table, (age >= 0) & (age < reach))


def test_a_kernel_forgets_exactly_and_a_recurrence_by_degrees():
    names = after(HW1, "seeing is not remembering")
    assert names.delayed[11] > 1
    assert names.delayed[12:] == [0.0] * 39
    left = np.array(names.recurrent)
    assert np.all(left > 0)
    assert np.all(np.diff(left[::10]) < 0)
    assert left[50] < 1e-8 * left[0]


def test_two_years_of_reach_help_most_and_nine_are_best():
    names = after(HW1, "what is the reach worth")
    by_reach = dict(zip(names.reach, names.delayed, strict=True))
    assert 0.29 < 1 - by_reach[2] / by_reach[1] < 1 / 3
    assert min(by_reach, key=by_reach.get) == 9
    assert by_reach[30] > 1.05 * by_reach[9]
    assert by_reach[9] < np.mean(names.recurrent) < by_reach[2]
    assert max(names.recurrent) > 1.2 * min(names.recurrent)


def test_without_sharing_the_past_is_fitted_twice_as_well_and_the_future_worse():
    names = after(HW1, "one set of parameters")
    rms, first, last = names.rms, slice(10), slice(10, None)
    own_test, shared_test = names.own_test - names.y_test, names.shared_test - names.y_test
    ratio = rms(names.shared_train - names.y) / rms(names.own_train - names.y)
    assert ratio == about(2, rel=0.05)
    assert rms(own_test) > 1.1 * rms(shared_test)
    assert 0.9 < rms(own_test[first]) / rms(shared_test[first]) < 1  # a little ahead
    assert rms(own_test[last]) > 1.2 * rms(shared_test[last])  # astray
    assert names.x.shape == (20, 11)
    assert [readout.size > 11 for readout in names.own] == [False] * 10 + [True] * 10


def test_one_readout_serves_sequences_of_88_years_and_the_weights_do_not_grow():
    names = after(HW1, "one set of parameters")
    assert len(names.whole_test) == 88
    np.testing.assert_allclose(names.whole[:20, 0], names.states(names.x_test)[:, 0])
    in_one_go = names.rms((names.whole_test - names.sun[names.T :])[:80])
    in_pieces = names.rms(names.shared_test - names.y_test)
    assert 0.9 < in_one_go / in_pieces < 1
    assert [readout.size for readout in names.own] == list(np.diff(names.separate[:20], prepend=0))
    assert names.separate[87] / names.separate[43] == about(4, rel=0.05)
    assert len(set(names.together)) == 1


# --- homework 2 --------------------------------------------------------------------------

HW2 = "hw2_patterns"


def test_the_parameters_are_43810_numbers_whatever_the_length():
    D, H, K = 8, 200, 10
    params = after(HW2, "which digit").digit_network()
    assert sum(array.size for array in params.values()) == 43810
    assert H * D + H**2 + K * H + H + K == 43810
    assert params["V"].size + params["c"].size == 2010
    h, _ = hw2_patterns.hidden_recurrence(np.full((1000, 1, D), 9.0), np.zeros((1, H)), params)
    assert np.all(np.abs(h) <= 1)


def test_from_its_second_step_on_pattern_2_is_pattern_1_with_a_matrix_of_low_rank():
    rng = np.random.default_rng(0)
    T, N, D, H, K = 6, 3, 2, 7, 4
    shapes = {"U": (H, D), "W": (H, K), "V": (K, H), "b": (H,), "c": (K,)}
    params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    x = rng.normal(size=(T, N, D))
    h, o = hw2_patterns.output_recurrence(x, rng.normal(size=(N, K)), params)
    W, V, b, c = (params[name] for name in "WVbc")
    as_first = {**params, "W": W @ V, "b": b + W @ c}
    np.testing.assert_allclose(hw2_patterns.hidden_recurrence(x[1:], h[0], as_first)[0], h[1:])
    assert np.linalg.matrix_rank(W @ V) == K < H
    others = np.linalg.svd(V)[2][K:]  # directions that V maps to zero
    lost = hw2_patterns.hidden_recurrence(x[1:], h[0] + others[0], as_first)[0]
    np.testing.assert_allclose(lost, h[1:])
    again = hw2_patterns.output_recurrence(x[3:], o[2], params)  # told nothing but the last output
    np.testing.assert_allclose(again[1], o[3:])


def test_cycles_differ_in_length_and_forgotten_lengths_spoil_all_but_the_longest():
    names = after(HW2, "different lengths")
    assert names.lengths.mean() == about(11, rel=0.02)
    assert len(set(names.lengths)) > 1
    longest = names.lengths == names.lengths.max()
    for filling in (0.0, 7.0):
        x = names.pad(names.cycles, filling)
        _, o = hw2_patterns.single_output(x, names.h0, names.params, names.lengths)
        _, forgotten = hw2_patterns.single_output(x, names.h0, names.params)
        np.testing.assert_allclose(o, names.alone, atol=1e-12)
        error = np.abs(forgotten - names.alone).max(axis=1)
        assert np.all(error[longest] < 1e-12)
        assert np.all(error[~longest] > 0.01)


def test_forecasts_have_the_errors_that_the_text_gives():
    names = after(HW2, "three patterns read")
    y = names.y[names.later]
    first, second = (names.error(o[names.later], y) for o in (names.o_1, names.o_2))
    one, two, *more = names.windows
    assert names.error(names.x[names.later], y) == rounds_to(30.4, 1)
    assert (one, two) == (rounds_to(29.9, 1), rounds_to(19.1, 1))
    assert (first, second) == (rounds_to(18.5, 1), rounds_to(24.6, 1))
    assert two - min(more) < 0.2 * (one - two)  # more years add little
    assert first < two < second < one


def test_pattern_2_is_too_low_at_the_height_of_every_cycle_and_zigzags_around_1975():
    names = after(HW2, "three patterns read")
    years, seen = names.years[221:], names.counts[221:]
    forecast = 100 * names.o_2[names.later, 0, 0]
    heights = [t for t in range(24, 85) if seen[t] == seen[t - 3 : t + 4].max()]
    assert len(heights) == 6  # from 1945 on, as in the picture
    assert all(forecast[t] < 0.95 * seen[t] for t in heights)
    zigzag = forecast[(years >= 1971) & (years <= 1979)]
    assert np.all(np.diff(np.sign(np.diff(zigzag))) != 0)
    assert np.all(np.abs(np.diff(zigzag)) > 10)


def test_training_all_of_pattern_2_brings_its_error_to_about_24():
    names = after(HW2, "three patterns read")
    params = {name: array.copy() for name, array in names.sunspot_networks()[1].items()}
    x, y, known, N = names.x, names.y, names.known, 220
    step = after("hw4_bptt", "Learning at last").adam(params)
    updates = 300
    for update in range(updates):
        h, o = hw2_patterns.output_recurrence(x[:N], names.o0, params)
        do = np.zeros_like(o)
        do[known] = 2 * (o[known] - y[known]) / 198
        total, fed_back = {name: np.zeros_like(array) for name, array in params.items()}, 0.0
        for t in reversed(range(N)):
            do[t] += fed_back
            before = o[t - 1] if t else names.o0
            _, fed_back, grads = hw4_bptt.step_backward(
                do[t] @ params["V"], x[t], before, h[t], params
            )
            for name, part in grads.items():
                total[name] += part
        total |= {"V": np.tensordot(do, h, ([0, 1], [0, 1])), "c": do.sum(axis=(0, 1))}
        step(total, 5e-3 * (1 - update / updates))
    _, o = hw2_patterns.output_recurrence(x, names.o0, params)
    error = names.error(o[names.later], y[names.later])
    assert error == about(24, rel=0.025)
    assert error > 1.25 * names.error(names.o_1[names.later], y[names.later])


def test_after_the_same_output_pattern_1_goes_apart_and_pattern_2_stays_together():
    names = after(HW2, "the same output")
    assert names.with_state[0] < 0.1
    assert names.with_output[0] == rounds_to(0.042, 3)
    assert names.with_state[1] == rounds_to(23.4, 1)
    assert names.with_state[1] > 3 * names.with_state[2:].max()
    assert names.with_state[11] < 1
    assert np.all(np.diff(names.with_output) < 0)
    assert names.apart == rounds_to(0.88, 2)


def test_a_linear_readout_of_the_last_state_tells_93_of_100_digits():
    names = after(HW2, "which digit")
    assert names.right[names.unseen].mean() == rounds_to(0.93, 2)


def test_56_directions_reach_the_last_state_of_pattern_3_and_ten_that_of_pattern_2():
    strength = after(HW2, "what gets through").strength
    assert np.all(strength["pattern 3"] > 1e-2 * strength["pattern 3"][0])
    ten, others = np.split(strength["pattern 2"], [10])
    assert np.all(others < 1e-8)
    assert ten[9] > 1e-3
    assert 500 < ten[0] / ten[9] < 5000
    assert ten[0] / ten[8] < 50


def test_the_ten_outputs_of_pattern_2_add_up_to_nearly_1():
    names = after(HW2, "what gets through")
    start = np.zeros((len(names.labels), 10))
    _, o = hw2_patterns.output_recurrence(names.rows, start, names.tagging_network())
    assert np.mean(np.abs(o.sum(axis=-1) - 1)) < 1e-3


def test_pattern_3_keeps_more_of_every_row_and_pattern_2_blurs_them():
    explained = after(HW2, "what gets through").explained
    third, second = explained["pattern 3"], explained["pattern 2"]
    assert (third[0], third[6]) == (rounds_to(0.71, 2), rounds_to(0.99, 2))
    assert np.all(np.diff(third) > 0)
    assert second[2] == rounds_to(0.39, 2)
    assert np.all(second[:7] < third[:7] - 0.1)
    assert min(second[7], third[7]) > 0.99


# --- homework 3 --------------------------------------------------------------------------

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
    np.testing.assert_allclose(naive(1.0, 2.0), hw3_softmax_loss.softmax(np.array([1.0, 2.0])))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(naive(709.0, 710.0), [0, np.nan])
        assert np.all(np.isnan(naive(-747.0, -746.0)))
        second = [np.log(hw3_softmax_loss.softmax(np.array([0.0, z])))[1] for z in (-740.0, -746.0)]
    assert second == [pytest.approx(-740, rel=1e-2), -np.inf]


def test_the_loss_of_a_wrong_and_certain_network_does_not_lose_its_gradient():
    o, y = np.array([[[1000.0, -1000.0, 0.0]]]), np.array([[1]])
    do = hw3_softmax_loss.sequence_loss_gradient(o, y)
    assert do[0, 0, 1] == about(-1, rel=1e-12)
    assert do.sum() == pytest.approx(0, abs=1e-12)


def test_what_a_guess_costs():
    names = after(HW3, "what a guess costs")
    steps = names.mask.sum()
    assert steps / names.N == rounds_to(7.516, 3)
    loss = {
        n: hw3_softmax_loss.sequence_loss(o, names.y, names.mask) for n, o in names.guesses.items()
    }
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
    missing = np.sum(names.after * (known - hw3_softmax_loss.log_softmax(names.rows)), axis=1)
    ranks = [np.argsort(np.argsort(values)) for values in (names.counts, missing)]
    assert np.corrcoef(*ranks)[0, 1] < -0.9


def test_a_recurrent_network_goes_below_the_bounds_and_counts_do_worse_on_new_words():
    pairs = after(HW3, "what a guess costs").bounds["pairs"] / np.log(2)  # bits
    names = after("hw4_bptt", "the next letter")
    assert names.curves[-1, 1] < 0.9 * pairs
    assert 1 < names.baselines[1] / pairs < 1.05


# --- homework 4 --------------------------------------------------------------------------

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

    hw4_bptt.numerical_gradient(f, np.ones((3, 5)))
    assert calls["f"] == 2 * 15


def test_all_seven_gradients_agree_with_differences_to_nine_or_ten_digits():
    names, rng = after(HW4, "the gradient check"), np.random.default_rng(0)
    arrays = names.random_params(rng, 2, 5, 4)
    arrays |= {"x": rng.normal(size=(7, 3, 2)), "h0": rng.normal(size=(3, 5))}
    y = rng.integers(4, size=(7, 3))
    _, grads = hw4_bptt.bptt(arrays["x"], arrays["h0"], y, arrays)
    for name, array in arrays.items():

        def loss(value, name=name):
            changed = arrays | {name: value}
            _, o = hw4_bptt.hidden_recurrence(changed["x"], changed["h0"], changed)
            return hw4_bptt.sequence_loss(o, y)

        estimate = hw4_bptt.numerical_gradient(loss, array)
        assert names.relative_error(grads[name], estimate) < 1e-9


def test_bptt_goes_one_step_back_for_each_step(monkeypatch):
    calls = counted(monkeypatch, hw4_bptt, "step_backward")
    rng = np.random.default_rng(0)
    params = after(HW4, "the gradient check").random_params(rng, 2, 4, 3)
    for T in (1, 7, 70):
        calls.clear()
        hw4_bptt.bptt(
            rng.normal(size=(T, 2, 2)), np.zeros((2, 4)), rng.integers(3, size=(T, 2)), params
        )
        assert len(calls) == T


def test_time_and_memory_of_bptt_grow_in_proportion_to_the_steps():
    names = after(HW4, "time and memory")
    assert names.size == 5322
    assert names.memory[-1] / names.memory[0] == about(16, rel=0.05)
    growth = np.diff(names.memory) / np.diff(names.steps)
    np.testing.assert_allclose(growth, growth[0], rtol=0.02)  # a straight line
    tasks = [(names.xs[at], names.ys[at]) for at in (0, -1)]
    short, long = (
        cpu_seconds(partial(hw4_bptt.bptt, x, names.h0, y, names.params), 5) for x, y in tasks
    )
    forward = cpu_seconds(
        partial(hw4_bptt.hidden_recurrence, names.xs[-1], names.h0, names.params), 5
    )
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


def test_digits_read_by_rows_are_told_better_than_by_the_baselines():
    names = after(HW4, "read row by row")
    assert np.mean(names.final) == about(0.94, rel=0.01)
    assert names.baselines["softmax regression, all pixels"] == rounds_to(0.92, 2)
    assert min(names.final) > max(names.baselines.values())
    assert names.baselines["softmax regression, last row"] < 0.5
    assert np.sqrt(0.94 * 0.06 / 500) == about(0.01, rel=0.1)


def test_training_makes_every_row_count_the_first_one_most():
    names = after(HW4, "read row by row")

    def shares(params):
        x, y = names.rows[:, names.test], names.labels[names.test]
        _, grads = hw4_bptt.bptt_single_output(x, np.zeros((500, 64)), y, params)
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
    assert max(wild_norms) > 10 * np.median(wild_norms)
    assert min(np.subtract(slow, clipped)[:5]) > 0.1  # slower from the start
    assert max(np.diff(clipped)) < 0.1  # hardly a step back
    assert clipped[-1] < min(slow[-1], wild[-1])
    assert 0.5 < right < 0.9
    assert np.mean(np.array(norms) > 1) > 0.9  # most steps are clipped


# --- homework 5 --------------------------------------------------------------------------

HW5 = "hw5_teacher_forcing"
WAYS = ("teacher forcing", "scheduled sampling", "free running")


def losses(words, way, training):
    """Return the losses (T, N) of a network on what was held out, and which of it counts."""
    names = after(HW5, words)
    if "words typed" in words:
        (x, y, r0), params = names.new_words, names.typists[way]
    else:
        (x, y, r0), params = names.later_spans, names.forecasters[way]
    _, o = hw5_teacher_forcing.forward(x, r0, params, y, training)
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
        hw5_teacher_forcing.teacher_forced(x, y, r0, params)
        assert len(calls) == 1
        calls.clear()
        hw5_teacher_forcing.free_running(x, r0, params)
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
    want, want_grads = hw5_teacher_forcing.teacher_forced_gradient(x, y, r0, params)
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
    _, o = hw5_teacher_forcing.forward(x, r0, names.forecasters["scheduled sampling"])
    log_yhat = hw3_softmax_loss.log_softmax(o)
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
    _, o = hw5_teacher_forcing.free_running(longer, r0, names.forecasters["free running"])
    level = hw3_softmax_loss.softmax(o[22:]) @ np.arange(6)  # the expected one
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
        _, o = hw5_teacher_forcing.forward(x, r0, names.forecasters[way])
        yhat[way] = hw3_softmax_loss.softmax(o[:, names.n])
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
