"""The functions of hw4_bptt have the properties that follow from their definitions.

They hold whatever the numbers are; hypothesis looks for cases in which they do not.
"""

from collections import Counter

import numpy as np
from hypothesis import strategies as st

from solutions.hw2_patterns import solution as hw2
from solutions.hw3_softmax_loss import solution as hw3
from solutions.hw4_bptt import solution as hw4
from solutions.hw4_bptt.arguments import a_step
from tests.oracles import (
    added,
    assert_agree,
    brief,
    cases,
    cut,
    cuttable,
    for_all,
    mean_over_batch,
    of_params,
    reordered,
)


def polynomials():
    """Whole coefficients and arguments, and a step that is a power of 2: nothing is rounded."""

    def build(shape, power, seed):
        rng = np.random.default_rng(seed)
        coefficients = rng.integers(-9, 10, size=(4, *shape)).astype(float)
        return coefficients, rng.integers(-9, 10, size=shape).astype(float), 2.0**-power

    shapes = st.lists(st.integers(1, 4), max_size=3)
    return st.builds(build, shapes, st.integers(0, 9), st.integers(0, 2**32 - 1))


@for_all(example=polynomials())
def test_numerical_gradient_of_a_square_is_exact(example):
    (w, v, _, _), x, eps = example
    gradient = hw4.numerical_gradient(lambda x: np.sum(w * x**2 + v * x), x, eps)
    assert np.array_equal(gradient, 2 * w * x + v)


@for_all(example=polynomials())
def test_numerical_gradient_of_a_cube_is_wrong_by_the_square_of_eps(example):
    (w, _, _, _), x, eps = example
    gradient = hw4.numerical_gradient(lambda x: np.sum(w * x**3), x, eps)
    assert np.array_equal(gradient, 3 * w * x**2 + w * eps**2)


@for_all(example=polynomials())
def test_numerical_gradient_is_linear_in_the_function(example):
    (w, v, p, q), x, eps = example

    def f(x):
        return np.sum(w * x**3) + np.sum(v * x) ** 2

    def g(x):
        return np.sum(p * x**2) * np.sum(q * x)

    first, second = (hw4.numerical_gradient(function, x, eps) for function in (f, g))
    both = hw4.numerical_gradient(lambda x: 2 * f(x) - g(x), x, eps)
    assert np.array_equal(both, 2 * first - second)


@for_all(example=polynomials())
def test_numerical_gradient_asks_on_both_sides_of_each_entry(example):
    _, x, eps = example
    asked = Counter()

    def f(at):
        asked[tuple(np.ravel(at - x))] += 1
        return 0.0

    assert not np.any(hw4.numerical_gradient(f, x, eps))
    steps = np.concatenate([eps * np.eye(x.size), -eps * np.eye(x.size)])
    assert asked == Counter(map(tuple, steps))


@for_all(case=cases())
def test_step_backward_is_linear_in_the_gradient_that_comes_in(case):
    dh, *rest = a_step(case)
    other = case.rng.normal(size=dh.shape)
    (dx, dh_prev, grads), (dx_2, dh_prev_2, grads_2) = (
        hw4.step_backward(incoming, *rest) for incoming in (dh, other)
    )
    want = {name: 2 * grads[name] - grads_2[name] for name in grads}
    got = hw4.step_backward(2 * dh - other, *rest)
    assert_agree(got, (2 * dx - dx_2, 2 * dh_prev - dh_prev_2, want), case.unit)


@for_all(case=cases())
def test_step_backward_adds_the_sequences_up(case):
    dh, x, h_prev, h, params = a_step(case)
    each = [slice(n, n + 1) for n in range(case.N)]
    singles = [hw4.step_backward(dh[n], x[n], h_prev[n], h[n], params) for n in each]
    dx, dh_prev, grads = zip(*singles, strict=True)
    total = {name: sum(g[name] for g in grads) for name in "UWb"}
    want = np.concatenate(dx), np.concatenate(dh_prev), total
    assert_agree(hw4.step_backward(dh, x, h_prev, h, params), want, case.unit)


@for_all(case=cases())
def test_step_backward_passes_nothing_through_saturated_units(case):
    dh, x, h_prev, h, params = a_step(case)
    dx, dh_prev, grads = hw4.step_backward(dh, x, h_prev, np.sign(h), params)
    assert not any(np.any(array) for array in (dx, dh_prev, *grads.values()))


@for_all(case=cases("output"))
def test_step_backward_treats_input_and_state_alike(case):
    dh, x, h_prev, h, params = a_step(case)
    dx, dh_prev, grads = hw4.step_backward(dh, x, h_prev, h, params)
    swapped = {"U": params["W"], "W": params["U"], "b": params["b"]}
    want = dh_prev, dx, {"U": grads["W"], "W": grads["U"], "b": grads["b"]}
    assert_agree(hw4.step_backward(dh, h_prev, x, h, swapped), want, case.unit)


@for_all(case=cases())
def test_the_loss_of_bptt_is_that_of_the_outputs(case):
    _, o = hw2.hidden_recurrence(case.x, case.start, case.params)
    loss, _ = hw4.bptt(case.x, case.start, case.y, case.params)
    assert_agree(loss, hw3.sequence_loss(o, case.y))


@for_all(case=cases())
def test_bptt_is_the_mean_over_the_batch(case):
    def single(n):
        return hw4.bptt(case.x[:, n], case.start[n], case.y[:, n], case.params)

    got = hw4.bptt(case.x, case.start, case.y, case.params)
    assert_agree(got, mean_over_batch(single, case), case.unit)


@for_all(case=cases())
def test_bptt_knows_no_order_of_units(case):
    units = case.rng.permutation(case.H)
    loss, grads = hw4.bptt(case.x, case.start, case.y, case.params)
    want = reordered(grads, units) | {"h0": grads["h0"][:, units]}
    got = hw4.bptt(case.x, case.start[:, units], case.y, reordered(case.params, units))
    assert_agree(got, (loss, want), case.unit)


@for_all(case=brief())
def test_bptt_adds_up_single_outputs_of_longer_and_longer_sequences(case):
    parts = [
        hw4.bptt_single_output(case.x[: t + 1], case.start, case.y[t], case.params)
        for t in range(case.T)
    ]
    result = hw4.bptt(case.x, case.start, case.y, case.params)
    assert_agree(of_params(result), added(*parts))


@for_all(case=cuttable())
def test_bptt_from_a_later_step_gives_the_later_inputs_the_same_gradient(case):
    t = cut(case)
    h, _ = hw2.hidden_recurrence(case.x, case.start, case.params)
    _, whole = hw4.bptt(case.x, case.start, case.y, case.params)
    _, later = hw4.bptt(case.x[t:], h[t - 1], case.y[t:], case.params)
    assert_agree(later["x"], whole["x"][t:], case.unit)


@for_all(case=cases())
def test_without_output_weights_only_the_output_learns(case):
    params = {**case.params, "V": 0 * case.params["V"]}
    for y, gradient in ((case.y, hw4.bptt), (case.y[-1], hw4.bptt_single_output)):
        _, grads = gradient(case.x, case.start, y, params)
        assert not any(np.any(grads[name]) for name in ("U", "W", "b", "x", "h0"))


@for_all(case=cases())
def test_the_gradients_of_the_output_layer_sum_to_zero_over_the_classes(case):
    for y, gradient in ((case.y, hw4.bptt), (case.y[-1], hw4.bptt_single_output)):
        _, grads = gradient(case.x, case.start, y, case.params)
        for name in "Vc":
            total = grads[name].sum(axis=0)
            assert_agree(total, 0 * total, unit=1.0 + case.T)


@for_all(case=cases())
def test_bptt_of_one_step_is_that_of_a_single_output(case):
    x, y = case.x[:1], case.y[:1]
    got = hw4.bptt_single_output(x, case.start, y[0], case.params)
    assert_agree(got, hw4.bptt(x, case.start, y, case.params), case.unit)


@for_all(case=cases())
def test_bptt_of_a_single_output_is_the_mean_over_the_batch(case):
    def single(n):
        return hw4.bptt_single_output(case.x[:, n], case.start[n], case.y[-1, n], case.params)

    got = hw4.bptt_single_output(case.x, case.start, case.y[-1], case.params)
    assert_agree(got, mean_over_batch(single, case), case.unit)


@for_all(case=cuttable())
def test_bptt_of_a_single_output_goes_back_through_the_steps_in_turn(case):
    t = cut(case)
    h, _ = hw2.hidden_recurrence(case.x, case.start, case.params)
    loss, whole = hw4.bptt_single_output(case.x, case.start, case.y[-1], case.params)
    later_loss, later = hw4.bptt_single_output(case.x[t:], h[t - 1], case.y[-1], case.params)
    assert_agree(later_loss, loss)
    assert_agree(later["x"], whole["x"][t:], case.unit)
    dx, _, _ = hw4.step_backward(
        later["h0"], case.x[t - 1], h[t - 2] if t > 1 else case.start, h[t - 1], case.params
    )
    assert_agree(dx, whole["x"][t - 1], case.unit)


windows = st.integers(1, 4) | st.sampled_from([20, 1000])


@for_all(case=cases(), more=st.integers(0, 3))
def test_a_window_of_all_steps_truncates_nothing(case, more):
    got = hw4.truncated_bptt(case.x, case.start, case.y, case.params, case.T + more)
    assert_agree(got, hw4.bptt(case.x, case.start, case.y, case.params), case.unit)


@for_all(case=cases(), k=windows)
def test_truncation_leaves_the_loss_and_the_output_layer_alone(case, k):
    loss, grads = hw4.bptt(case.x, case.start, case.y, case.params)
    got_loss, got = hw4.truncated_bptt(case.x, case.start, case.y, case.params, k)
    assert_agree(got_loss, loss)
    assert_agree((got["V"], got["c"]), (grads["V"], grads["c"]), case.unit)


@for_all(case=brief())
def test_windows_of_one_step_are_steps_by_themselves(case):
    h, _ = hw2.hidden_recurrence(case.x, case.start, case.params)
    before = np.concatenate([case.start[None], h[:-1]])
    parts = [
        hw4.bptt(case.x[t : t + 1], before[t], case.y[t : t + 1], case.params)
        for t in range(case.T)
    ]
    result = hw4.truncated_bptt(case.x, case.start, case.y, case.params, 1)
    assert_agree(of_params(result), added(*parts))


@for_all(case=cases(), k=windows)
def test_later_windows_say_nothing_to_earlier_ones(case, k):
    _, first = hw4.bptt(case.x[:k], case.start, case.y[:k], case.params)
    _, grads = hw4.truncated_bptt(case.x, case.start, case.y, case.params, k)
    assert_agree((grads["x"][:k], grads["h0"]), (first["x"], first["h0"]), case.unit)


def total_norm(grads):
    return np.sqrt(sum(np.sum(array**2) for array in grads.values()))


max_norms = st.sampled_from([1.0, 0.1, 10.0, 1e-3])


@for_all(case=cases(), max_norm=max_norms)
def test_clipped_gradients_are_as_long_as_allowed_and_no_longer(case, max_norm):
    want = min(total_norm(case.params), max_norm)
    assert_agree(total_norm(hw4.clip_gradients(case.params, max_norm)), want)


@for_all(case=cases(), share=st.sampled_from([0.5, 0.1, 1e-9]))
def test_clipping_scales_all_arrays_by_the_same_factor(case, share):
    clipped = hw4.clip_gradients(case.params, share * total_norm(case.params))
    assert_agree(clipped, {name: share * array for name, array in case.params.items()})


@for_all(case=cases(), more=st.sampled_from([1.001, 2.0, 1e9]))
def test_clipping_leaves_short_gradients_exactly_as_they_are(case, more):
    for grads in (case.params, {name: 0 * array for name, array in case.params.items()}):
        clipped = hw4.clip_gradients(grads, more * total_norm(grads) + 1e-9)
        assert all(np.array_equal(clipped[name], grads[name]) for name in grads)


@for_all(case=cases(), max_norm=max_norms)
def test_clipping_twice_is_clipping_once(case, max_norm):
    once = hw4.clip_gradients(case.params, max_norm)
    assert_agree(hw4.clip_gradients(once, max_norm), once)
