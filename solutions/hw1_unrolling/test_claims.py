"""What the notebook of hw1_unrolling says is true of its own demonstrations."""

import numpy as np

from tests.claims import about, after

HW1 = "hw1_unrolling"


def test_a_stretch_of_5_percent_divides_by_ten_or_multiplies_by_nearly_nine():
    runs = after(HW1, "three fates").runs
    lengths = {theta: np.linalg.norm(s[-1]) for theta, s in runs.items()}
    assert 1 / lengths[0.95] == about(10, rel=0.05)
    assert 8.5 < lengths[1.05] < 9.0
    assert lengths[1.0] == about(1, rel=1e-9)


def test_the_stretch_is_the_absolute_value_of_the_eigenvalues_of_a_matrix_that_turns():
    turn = after(HW1, "three fates").turn
    np.testing.assert_allclose(np.abs(np.linalg.eigvals(1.05 * turn)), 1.05)
    assert np.all(np.linalg.eigvals(turn).imag != 0)


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
    assert (names.together[19], names.separate[19], names.shared.size) == (461, 230, 21)
    assert names.lengths[names.separate > names.together][0] == 29
