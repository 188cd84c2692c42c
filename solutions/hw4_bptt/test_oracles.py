"""The functions of hw4_bptt agree with PyTorch, and with plain numpy."""

import numpy as np
from hypothesis import strategies as st

from solutions.hw4_bptt import solution as hw4
from tests import oracles
from tests.oracles import (
    assert_agree,
    cases,
    complex_step,
    cross_entropy,
    for_all,
    leaves,
    read_out,
    recurrent_layer,
    value_and_gradient,
)


def waves():
    """Weights and arguments of sin(sum(weights * x)) + sum(cos(x)), and a step eps."""

    def build(shape, eps, seed):
        rng = np.random.default_rng(seed)
        return rng.normal(size=shape), 3 * rng.normal(size=shape), eps

    shapes = st.lists(st.integers(1, 4), max_size=3)
    steps = st.sampled_from([1e-5, 1e-6, 1e-4, 1e-3, 1e-2])
    return st.builds(build, shapes, steps, st.integers(0, 2**32 - 1))


def accuracy(weights, x, eps):
    """Bound the error of each central difference of the waves.

    A central difference leaves out eps^2 / 6 times a third derivative; the third derivatives of
    the waves are at most |weights|^3 + 1. And it divides the rounding of two values by 2 eps. A
    sum of n terms is right to n roundings of the sum of their sizes, and the sine and the cosines
    hand on what is wrong with their arguments, of which x + eps is rounded too.
    """
    n, u = x.size, np.finfo(np.float64).eps
    rounding = (n + 4) * u * (np.sum(np.abs(weights * x)) + np.sum(np.abs(x)) + n + 1)
    return eps**2 / 6 * (np.abs(weights) ** 3 + 1) + rounding / eps


@for_all(wave=waves())
def test_numerical_gradient_is_that_of_autograd_to_its_own_accuracy(torch, wave):
    weights, x, eps = wave
    got = hw4.numerical_gradient(
        lambda x: float(np.sin(np.sum(weights * x)) + np.sum(np.cos(x))), x, eps
    )
    tensors = leaves(torch, {"x": x})
    loss = torch.sin((torch.tensor(weights) * tensors["x"]).sum()) + tensors["x"].cos().sum()
    _, grads = value_and_gradient(torch, loss, tensors)
    assert got.shape == x.shape
    assert np.all(np.abs(got - grads["x"]) <= accuracy(weights, x, eps))


@for_all(wave=waves())
def test_numerical_gradient_is_that_of_complex_steps_to_its_own_accuracy(wave):
    weights, x, eps = wave

    def f(x):
        axes = tuple(range(x.ndim - weights.ndim, x.ndim))
        return np.sin(np.sum(weights * x, axis=axes)) + np.sum(np.cos(x), axis=axes)

    _, grads = complex_step(lambda at: f(at["x"]), {"x": x})
    assert np.all(np.abs(hw4.numerical_gradient(f, x, eps) - grads["x"]) <= accuracy(*wave))


def step_gradients(grads):
    """Give the gradients at one step the form that step_backward returns."""
    return grads["x"], grads["h"], {name: grads[name] for name in "UWb"}


@for_all(case=cases())
def test_step_backward_is_the_gradient_of_a_cell(torch, case):
    upstream = case.rng.normal(size=(case.N, case.H))
    tensors = leaves(torch, {**case.params, "x": case.x[0], "h": case.start})
    h, _ = recurrent_layer(torch, tensors["x"][None], tensors["h"], tensors)
    _, grads = value_and_gradient(torch, (h[0] * torch.tensor(upstream)).sum(), tensors)
    h_t = h[0].detach().numpy()
    got = hw4.step_backward(upstream, case.x[0], case.start, h_t, case.params)
    assert_agree(got, step_gradients(grads), case.unit)


@for_all(case=cases())
def test_step_backward_is_that_of_complex_steps(case):
    upstream = case.rng.normal(size=(case.N, case.H))

    def step(at):
        h, _ = oracles.run(at["x"][..., None, :, :], at["h"], at, lambda t, h, o: h)
        return np.sum(h[..., 0, :, :] * upstream, axis=(-2, -1))

    _, grads = complex_step(step, {**case.params, "x": case.x[0], "h": case.start})
    h_t = oracles.run(case.x[:1], case.start, case.params, lambda t, h, o: h)[0][0]
    got = hw4.step_backward(upstream, case.x[0], case.start, h_t, case.params)
    assert_agree(got, step_gradients(grads), case.unit)


def with_inputs(case):
    return {**case.params, "x": case.x, "h0": case.start}


@for_all(case=cases())
def test_bptt_is_that_of_autograd(torch, case):
    tensors = leaves(torch, with_inputs(case))
    h, _ = recurrent_layer(torch, tensors["x"], tensors["h0"], tensors)
    loss = cross_entropy(torch, read_out(torch, h, tensors), torch.tensor(case.y))
    want = value_and_gradient(torch, loss, tensors)
    assert_agree(hw4.bptt(case.x, case.start, case.y, case.params), want, case.unit)


@for_all(case=cases())
def test_bptt_is_that_of_complex_steps(case):
    def loss(at):
        _, o = oracles.run(at["x"], at["h0"], at, lambda t, h, o: h)
        return oracles.sequence_loss(o, case.y)

    want = complex_step(loss, with_inputs(case))
    assert_agree(hw4.bptt(case.x, case.start, case.y, case.params), want, case.unit)


@for_all(case=cases())
def test_bptt_of_a_single_output_is_that_of_autograd(torch, case):
    tensors = leaves(torch, with_inputs(case))
    _, last = recurrent_layer(torch, tensors["x"], tensors["h0"], tensors)
    loss = cross_entropy(torch, read_out(torch, last[0], tensors), torch.tensor(case.y[-1]))
    want = value_and_gradient(torch, loss, tensors)
    got = hw4.bptt_single_output(case.x, case.start, case.y[-1], case.params)
    assert_agree(got, want, case.unit)


@for_all(case=cases())
def test_bptt_of_a_single_output_is_that_of_complex_steps(case):
    def loss(at):
        _, o = oracles.run(at["x"], at["h0"], at, lambda t, h, o: h)
        return oracles.sequence_loss(o[..., -1:, :, :], case.y[-1:])

    want = complex_step(loss, with_inputs(case))
    got = hw4.bptt_single_output(case.x, case.start, case.y[-1], case.params)
    assert_agree(got, want, case.unit)


windows = st.integers(1, 4) | st.sampled_from([50, 1000])


@for_all(case=cases(), k=windows)
def test_truncated_bptt_is_autograd_with_detached_states(torch, case, k):
    tensors = leaves(torch, with_inputs(case))
    state, losses = tensors["h0"], []
    for x, y in zip(tensors["x"].split(k), torch.tensor(case.y).split(k), strict=True):
        h, last = recurrent_layer(torch, x, state, tensors)
        losses.append(cross_entropy(torch, read_out(torch, h, tensors), y))
        state = last[0].detach()
    want = value_and_gradient(torch, sum(losses), tensors)
    assert_agree(hw4.truncated_bptt(case.x, case.start, case.y, case.params, k), want, case.unit)


@for_all(case=cases(), k=windows)
def test_truncated_bptt_is_that_of_complex_steps_stopped_at_the_borders(case, k):
    def loss(at):
        _, o = oracles.run(at["x"], at["h0"], at, lambda t, h, o: h.real if (t + 1) % k == 0 else h)
        return oracles.sequence_loss(o, case.y)

    want = complex_step(loss, with_inputs(case))
    assert_agree(hw4.truncated_bptt(case.x, case.start, case.y, case.params, k), want, case.unit)


bounds = st.sampled_from([1.0, 0.1, 10.0, 1e-3])


@for_all(case=cases(), max_norm=bounds)
def test_clip_gradients_clips_as_pytorch_does(torch, case, max_norm):
    params = leaves(torch, case.params)
    for tensor in params.values():
        tensor.grad = tensor.detach().clone()  # the weights serve as gradients
    norm = torch.nn.utils.get_total_norm([tensor.grad for tensor in params.values()])
    # PyTorch divides by norm + 1e-6, so as never to divide by zero: undone here
    torch.nn.utils.clip_grad_norm_(params.values(), max_norm * (1 + 1e-6 / norm.item()))
    want = {name: tensor.grad.numpy() for name, tensor in params.items()}
    assert_agree(hw4.clip_gradients(case.params, max_norm), want)


@for_all(case=cases(), max_norm=bounds)
def test_clip_gradients_divides_by_how_much_the_norm_is_too_large(case, max_norm):
    entries = np.concatenate([array.ravel() for array in case.params.values()])
    excess = max(1.0, np.linalg.norm(entries) / max_norm)
    want = {name: array / excess for name, array in case.params.items()}
    assert_agree(hw4.clip_gradients(case.params, max_norm), want)
