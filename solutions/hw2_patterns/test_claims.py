"""What the notebook of hw2_patterns says is true of its own demonstrations."""

import numpy as np

from solutions.hw2_patterns import solution as hw2
from solutions.hw4_bptt import solution as hw4
from tests.claims import about, after, rounds_to

HW2 = "hw2_patterns"


def test_the_parameters_are_43810_numbers_whatever_the_length():
    D, H, K = 8, 200, 10
    params = after(HW2, "which digit").digit_network()
    assert sum(array.size for array in params.values()) == 43810
    assert H * D + H**2 + K * H + H + K == 43810
    assert params["V"].size + params["c"].size == 2010
    h, _ = hw2.hidden_recurrence(np.full((1000, 1, D), 9.0), np.zeros((1, H)), params)
    assert np.all(np.abs(h) <= 1)


def test_from_its_second_step_on_pattern_2_is_pattern_1_with_a_matrix_of_low_rank():
    rng = np.random.default_rng(0)
    T, N, D, H, K = 6, 3, 2, 7, 4
    shapes = {"U": (H, D), "W": (H, K), "V": (K, H), "b": (H,), "c": (K,)}
    params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    x = rng.normal(size=(T, N, D))
    h, o = hw2.output_recurrence(x, rng.normal(size=(N, K)), params)
    W, V, b, c = (params[name] for name in "WVbc")
    as_first = {**params, "W": W @ V, "b": b + W @ c}
    np.testing.assert_allclose(hw2.hidden_recurrence(x[1:], h[0], as_first)[0], h[1:])
    assert np.linalg.matrix_rank(W @ V) == K < H
    others = np.linalg.svd(V)[2][K:]  # directions that V maps to zero
    lost = hw2.hidden_recurrence(x[1:], h[0] + others[0], as_first)[0]
    np.testing.assert_allclose(lost, h[1:])
    again = hw2.output_recurrence(x[3:], o[2], params)  # told nothing but the last output
    np.testing.assert_allclose(again[1], o[3:])


def test_cycles_differ_in_length_and_forgotten_lengths_spoil_all_but_the_longest():
    names = after(HW2, "different lengths")
    assert names.lengths.mean() == about(11, rel=0.02)
    assert len(set(names.lengths)) > 1
    longest = names.lengths == names.lengths.max()
    for filling in (0.0, 7.0):
        x = names.pad(names.cycles, filling)
        _, o = hw2.single_output(x, names.empty, names.params, names.lengths)
        _, forgotten = hw2.single_output(x, names.empty, names.params)
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
    assert names.windows[5] == rounds_to(17.6, 1) == min(names.windows)


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
        h, o = hw2.output_recurrence(x[:N], names.o0, params)
        do = np.zeros_like(o)
        do[known] = 2 * (o[known] - y[known]) / 198
        total, fed_back = {name: np.zeros_like(array) for name, array in params.items()}, 0.0
        for t in reversed(range(N)):
            do[t] += fed_back
            before = o[t - 1] if t else names.o0
            _, fed_back, grads = hw4.step_backward(do[t] @ params["V"], x[t], before, h[t], params)
            for name, part in grads.items():
                total[name] += part
        total |= {"V": np.tensordot(do, h, ([0, 1], [0, 1])), "c": do.sum(axis=(0, 1))}
        step(total, 5e-3 * (1 - update / updates))
    _, o = hw2.output_recurrence(x, names.o0, params)
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
    _, o = hw2.output_recurrence(names.rows, start, names.tagging_network())
    assert np.mean(np.abs(o.sum(axis=-1) - 1)) < 1e-3


def test_pattern_3_keeps_more_of_every_row_and_pattern_2_blurs_them():
    explained = after(HW2, "what gets through").explained
    third, second = explained["pattern 3"], explained["pattern 2"]
    assert (third[0], third[6]) == (rounds_to(0.71, 2), rounds_to(0.99, 2))
    assert np.all(np.diff(third) > 0)
    assert second[2] == rounds_to(0.39, 2)
    assert np.all(second[:7] < third[:7] - 0.1)
    assert min(second[7], third[7]) > 0.99


def test_pattern_2_knows_of_the_first_row_what_the_last_row_tells():
    names = after(HW2, "what gets through")
    second = names.explained["pattern 2"]
    assert (second[0], second[3]) == (rounds_to(0.56, 2), rounds_to(0.38, 2))
    last_row = names.share_explained(names.redraw(names.rows[-1]))
    assert (last_row[0], last_row[3]) == (rounds_to(0.35, 2), rounds_to(0.06, 2))
    start = np.zeros((len(names.labels), 10))
    _, o = hw2.output_recurrence(names.rows, start, names.tagging_network())
    outputs = names.share_explained(names.redraw(o[-2]))
    assert outputs[0] == about(outputs[3], rel=0.1)


def test_a_difference_in_the_first_input_fades_faster_than_its_scale_and_stays_for_2():
    left = after(HW2, "how long does a state remember").traces
    steps = np.arange(1, 30)  # before rounding matters
    for s in (0.5, 0.9, 1.2):
        assert np.all(left[s][steps] < s**steps)
    assert left[0.9][10] > 0.01 > left[0.9][20]
    assert left[1.2][-1] < 0.01
    assert left[2.0].min() > 0.5
