"""The reference functions agree with two oracles: PyTorch, and plain numpy with complex steps.

The oracle in plain numpy is in `tests/oracles.py`, and so are the cases, which hypothesis finds.
Agreement is to 1e-10 in norm-relative error.
"""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import strategies as st

from autograder.graphs import edges_of
from solutions import hw1_unrolling as hw1
from solutions import hw2_patterns as hw2
from solutions import hw3_softmax_loss as hw3
from solutions import hw4_bptt as hw4
from solutions import hw5_teacher_forcing as hw5
from tests import oracles
from tests.oracles import (
    assert_agree,
    cases,
    complex_step,
    for_all,
    networks,
    outputs,
    reached,
    read,
    spin,
)

PATTERNS = ("hidden_recurrence", "output_recurrence", "single_output")


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip(
        "torch", reason="PyTorch is one of the two oracles; to have it: pip install torch"
    )


# --- PyTorch: networks and gradients -----------------------------------------------------------


def leaves(torch, arrays):
    """Return tensors whose gradients can be asked for."""
    return {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}


def constants(torch, arrays):
    return {name: torch.tensor(array) for name, array in arrays.items()}


def value_and_gradient(torch, loss, tensors):
    grads = torch.autograd.grad(loss, list(tensors.values()), materialize_grads=True)
    return loss.item(), dict(zip(tensors, (grad.numpy() for grad in grads), strict=True))


def recurrent_layer(torch, x, h0, params):
    """Run nn.RNN, or a packed sequence through it; return its two results."""
    U, W, b = params["U"], params["W"], params["b"]
    layer = torch.nn.RNN(U.shape[1], U.shape[0], dtype=torch.float64)
    weights = {"weight_ih_l0": U, "weight_hh_l0": W, "bias_ih_l0": b}
    weights["bias_hh_l0"] = torch.zeros_like(b)
    return torch.func.functional_call(layer, weights, (x, h0[None]))


def read_out(torch, h, params):
    return torch.nn.functional.linear(h, params["V"], params["c"])


def step(torch, x_t, fed, params):
    """Return h_t and o_t of one step."""
    linear = torch.nn.functional.linear
    h_t = torch.tanh(linear(x_t, params["U"]) + linear(fed, params["W"], params["b"]))
    return h_t, read_out(torch, h_t, params)


def loop(torch, case, feed, tensors=None):
    """Run a network step by step; step t + 1 is fed with ``feed(t, o_t)``."""
    params = tensors or constants(torch, case.params)
    h, o, fed = [], [], torch.tensor(case.start)
    for t, x_t in enumerate(torch.tensor(case.x)):
        h_t, o_t = step(torch, x_t, fed, params)
        h.append(h_t)
        o.append(o_t)
        fed = feed(t, o_t)
    return torch.stack(h), torch.stack(o)


def cross_entropy(torch, o, y):
    """Return the loss, summed over time and averaged over the batch."""
    summed = torch.nn.functional.cross_entropy(o.flatten(0, -2), y.flatten(), reduction="sum")
    return summed / o.shape[-2]


def numbers(*tensors):
    return tuple(tensor.detach().numpy() for tensor in tensors)


# --- hw1_unrolling -----------------------------------------------------------------------------


@for_all(case=cases())
def test_unroll_is_a_recurrent_layer_without_inputs(torch, case):
    s = hw1.unroll(spin, case.start, case.params["W"], case.T + 1)
    params = constants(torch, case.params)
    params["b"] = torch.zeros(case.H, dtype=torch.float64)
    x = torch.zeros(case.x.shape, dtype=torch.float64)
    h, _ = recurrent_layer(torch, x, torch.tensor(case.start), params)
    assert_agree(s, np.concatenate([case.start[None], h.numpy()]))


@for_all(case=cases())
def test_unroll_is_the_transition_applied_to_itself(case):
    def state(t):
        return case.start if t == 0 else spin(state(t - 1), case.params["W"])

    s = hw1.unroll(spin, case.start, case.params["W"], case.T)
    for t in range(0, case.T, 1 + case.T // 9):
        assert_agree(s[t], state(t))


@for_all(case=cases())
def test_unroll_inputs_is_a_recurrent_layer(torch, case):
    params = constants(torch, case.params)
    h, _ = recurrent_layer(torch, torch.tensor(case.x), torch.tensor(case.start), params)
    assert_agree(hw1.unroll_inputs(read, case.start, case.x, case.params), h.numpy())


@for_all(case=cases())
def test_unroll_inputs_is_the_hidden_recurrence_of_plain_numpy(case):
    h, _ = oracles.run(case.x, case.start, case.params, lambda t, h, o: h)
    assert_agree(hw1.unroll_inputs(read, case.start, case.x, case.params), h)


def kernels():
    """Sequences (T, D), and kernels (k, D, H) shorter or longer than they are."""

    def build(T, k, D, H, scale, seed):
        rng = np.random.default_rng(seed)
        return rng.normal(size=(T, D)), scale * rng.normal(size=(k, D, H))

    small, scales = st.integers(1, 5), st.sampled_from([1.0, 1e-3, 10.0])
    steps = st.integers(1, 9) | st.just(200)
    return st.builds(
        build, steps, st.integers(1, 12), small, small, scales, st.integers(0, 2**32 - 1)
    )


@for_all(pair=kernels())
def test_time_delay_is_a_causal_convolution(torch, pair):
    x, kernel = map(torch.tensor, pair)
    padded = torch.nn.functional.pad(x.T, (len(kernel) - 1, 0))  # (D, k - 1 + T)
    weight = kernel.flip(0).permute(2, 1, 0)  # (H, D, k), the oldest input first
    out = torch.nn.functional.conv1d(padded[None], weight)[0].T
    assert_agree(hw1.time_delay(*pair), out.numpy())


@for_all(pair=kernels())
def test_time_delay_is_the_sum_written_out(pair):
    x, kernel = pair
    (T, D), (k, _, H) = x.shape, kernel.shape
    out = np.zeros((T, H))
    for t, i in np.ndindex(T, H):
        for j in range(min(k, t + 1)):
            out[t, i] += sum(x[t - j, d] * kernel[j, d, i] for d in range(D))
    assert_agree(hw1.time_delay(x, kernel), out)


def mixtures():
    """Matrices over time (T, T) and over components (D, H) of whole numbers, many of them 0."""

    def build(T, D, H, seed):
        rng = np.random.default_rng(seed)
        over_time = rng.integers(-2, 3, size=(T, T)) * rng.integers(2, size=(T, T))
        over_components = rng.integers(-2, 3, size=(D, H)) * rng.integers(2, size=(D, 1))
        return over_time.astype(float), over_components.astype(float), rng.normal(size=(T, D))

    small = st.integers(1, 4)
    return st.builds(build, st.integers(1, 7), small, small, st.integers(0, 2**32 - 1))


@for_all(mixture=mixtures())
def test_influence_is_where_the_jacobian_is_not_zero(torch, mixture):
    A, B, x = mixture

    def g(x):
        return (A @ x) ** 3 @ B

    def on_tensors(x):
        return (torch.tensor(A) @ x) ** 3 @ torch.tensor(B)

    jacobian = torch.autograd.functional.jacobian(on_tensors, torch.tensor(x))  # (T, H, T, D)
    assert_agree(hw1.influence(g, x), (jacobian != 0).any(dim=3).any(dim=1).numpy())


@for_all(mixture=mixtures())
def test_influence_is_where_a_matrix_has_entries(mixture):
    A, B, x = mixture
    table = [[entry != 0 and B.any() for entry in row] for row in A]
    assert_agree(hw1.influence(lambda x: A @ x @ B, x), np.array(table))


def joined_by_paths(edges):
    """Return all pairs (from, to) of different nodes that a path of edges joins."""
    tails = {tail for tail, _, _ in edges}
    return {(tail, head) for tail in tails for head in reached(edges, tail) - {tail}}


def dependent(torch, nodes):
    """Return all pairs (from, to) of named tensors where the gradient of one at the other is not 0.

    Tensors without a gradient of their own only lead to others.
    """
    pairs = set()
    for head, value in nodes.items():
        if value.grad_fn is not None:
            grads = torch.autograd.grad(
                value.sum(), list(nodes.values()), retain_graph=True, materialize_grads=True
            )
            tails = zip(nodes, grads, strict=True)
            pairs |= {(tail, head) for tail, grad in tails if tail != head and grad.any()}
    return pairs


def test_the_folded_graph_has_its_two_edges():
    assert set(edges_of(hw1.folded_graph().source)) == {("x", "h", ""), ("h", "h", "f")}


@for_all(T=st.integers(1, 12))
def test_the_unrolled_graph_has_an_edge_for_each_argument_of_each_step(T):
    names = [f"h{t}" for t in range(T + 1)]
    want = [(tail, head, "f") for tail, head in pairwise(names)]
    want += [(name.replace("h", "x"), name, "") for name in names[1:]]
    assert sorted(edges_of(hw1.unrolled_graph(T).source)) == sorted(want)


@for_all(case=networks("hidden", T=st.integers(1, 6), scale=st.just(1.0)))
def test_a_path_in_the_unrolled_graph_is_a_gradient(torch, case):
    params = constants(torch, case.params)
    nodes = leaves(torch, {f"x{t}": x_t for t, x_t in enumerate(case.x, start=1)})
    nodes |= leaves(torch, {"h0": case.start})
    for t in range(1, case.T + 1):
        nodes[f"h{t}"], _ = step(torch, nodes[f"x{t}"], nodes[f"h{t - 1}"], params)
    edges = edges_of(hw1.unrolled_graph(case.T).source).edges
    assert joined_by_paths(edges) == dependent(torch, nodes)


# --- hw2_patterns ------------------------------------------------------------------------------


@for_all(case=cases())
def test_rnn_step_is_a_cell(torch, case):
    cell = torch.nn.RNNCell(case.D, case.H, dtype=torch.float64)
    params = constants(torch, case.params)
    weights = {"weight_ih": params["U"], "weight_hh": params["W"], "bias_ih": params["b"]}
    weights["bias_hh"] = torch.zeros_like(params["b"])
    inputs = torch.tensor(case.x[0]), torch.tensor(case.start)
    h = torch.func.functional_call(cell, weights, inputs)
    assert_agree(hw2.rnn_step(case.x[0], case.start, case.params), h.numpy())


@for_all(case=cases("output"))
def test_rnn_step_is_the_sum_written_out(case):
    U, W, b = (case.params[name] for name in "UWb")
    h = np.empty((case.N, case.H))
    for n, i in np.ndindex(h.shape):
        a = b[i]
        a += sum(W[i, j] * case.start[n, j] for j in range(case.K))
        a += sum(U[i, d] * case.x[0, n, d] for d in range(case.D))
        h[n, i] = np.tanh(a)
    assert_agree(hw2.rnn_step(case.x[0], case.start, case.params), h)


@for_all(case=cases())
def test_hidden_recurrence_is_a_recurrent_and_a_linear_layer(torch, case):
    params = constants(torch, case.params)
    h, _ = recurrent_layer(torch, torch.tensor(case.x), torch.tensor(case.start), params)
    want = numbers(h, read_out(torch, h, params))
    assert_agree(hw2.hidden_recurrence(case.x, case.start, case.params), want)


@for_all(case=cases())
def test_hidden_recurrence_is_that_of_plain_numpy(case):
    want = oracles.run(case.x, case.start, case.params, lambda t, h, o: h)
    assert_agree(hw2.hidden_recurrence(case.x, case.start, case.params), want)


@for_all(case=cases("output"))
def test_output_recurrence_is_a_loop_of_layers(torch, case):
    want = numbers(*loop(torch, case, lambda t, o: o))
    assert_agree(hw2.output_recurrence(case.x, case.start, case.params), want)


@for_all(case=cases("output"))
def test_output_recurrence_is_that_of_plain_numpy(case):
    want = oracles.run(case.x, case.start, case.params, lambda t, h, o: o)
    assert_agree(hw2.output_recurrence(case.x, case.start, case.params), want)


@for_all(case=cases(), padded=st.booleans())
def test_single_output_reads_the_last_state_of_a_packed_sequence(torch, case, padded):
    params = constants(torch, case.params)
    x, h0 = torch.tensor(case.x), torch.tensor(case.start)
    lengths = case.lengths if padded else np.full(case.N, case.T)
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    _, last = recurrent_layer(torch, packed, h0, params)
    h, _ = recurrent_layer(torch, x, h0, params)
    want = numbers(h, read_out(torch, last[0], params))
    got = hw2.single_output(case.x, case.start, case.params, lengths if padded else None)
    assert_agree(got, want)


@for_all(case=cases(), padded=st.booleans())
def test_single_output_is_the_output_of_each_sequence_by_itself(case, padded):
    lengths = case.lengths if padded else np.full(case.N, case.T)
    o = np.empty((case.N, case.K))
    for n, length in enumerate(lengths):
        x, h0 = case.x[:length, n : n + 1], case.start[n : n + 1]
        o[n] = oracles.run(x, h0, case.params, lambda t, h, o: h)[1][-1, 0]
    h, _ = oracles.run(case.x, case.start, case.params, lambda t, h, o: h)
    got = hw2.single_output(case.x, case.start, case.params, lengths if padded else None)
    assert_agree(got, (h, o))


@for_all(T=st.integers(1, 12))
@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_has_the_edges_of_its_figure(pattern, T):
    steps = range(1, T + 1)
    told = [T] if pattern == "single_output" else steps
    fed_back = {"hidden_recurrence": "h", "output_recurrence": "o", "single_output": "h"}[pattern]
    want = [(f"x{t}", f"h{t}", "U") for t in steps]
    want += [(f"{fed_back}{t}", f"h{t + 1}", "W") for t in steps[:-1]]
    want += [(f"h{t}", f"o{t}", "V") for t in told]
    want += [(f"{node}{t}", f"L{t}", "") for node in "oy" for t in told]
    assert sorted(edges_of(hw2.pattern_graph(pattern, T).source)) == sorted(want)


@pytest.mark.parametrize("pattern", PATTERNS)
@for_all(data=st.data(), T=st.integers(1, 6))
def test_a_path_in_a_pattern_is_a_gradient(torch, pattern, data, T):
    feedback = "output" if pattern == "output_recurrence" else "hidden"
    some = networks(feedback, st.just(T), scale=st.just(1.0))
    case = data.draw(some.filter(lambda case: case.K > 1))  # a single class is no loss
    params = constants(torch, case.params)
    nodes = leaves(torch, {f"x{t}": x_t for t, x_t in enumerate(case.x, start=1)})
    fed = torch.tensor(case.start)
    for t in range(1, T + 1):
        h, o = step(torch, nodes[f"x{t}"], fed, params)
        fed = o if feedback == "output" else h
        nodes[f"h{t}"] = h
        if t == T or pattern != "single_output":
            y = torch.nn.functional.one_hot(torch.tensor(case.y[t - 1]), case.K)
            nodes[f"o{t}"], nodes[f"y{t}"] = o, y.double().requires_grad_()
            nodes[f"L{t}"] = torch.nn.functional.cross_entropy(o, nodes[f"y{t}"])
    edges = edges_of(hw2.pattern_graph(pattern, T).source).edges
    assert joined_by_paths(edges) == dependent(torch, nodes)


# --- hw3_softmax_loss --------------------------------------------------------------------------


@for_all(o=outputs())
def test_softmax_is_that_of_pytorch(torch, o):
    assert_agree(hw3.softmax(o), torch.softmax(torch.tensor(o), dim=-1).numpy())


@for_all(o=outputs())
def test_softmax_is_one_over_the_sum_of_the_ratios(o):
    with np.errstate(over="ignore"):  # 1 / inf is a probability that is too small for a float
        ratios = np.exp(o[..., None, :] - o[..., :, None])  # [..., k, j]: exp(o_j - o_k)
        assert_agree(hw3.softmax(o), 1 / ratios.sum(axis=-1))


@for_all(o=outputs())
def test_log_softmax_is_that_of_pytorch(torch, o):
    assert_agree(hw3.log_softmax(o), torch.log_softmax(torch.tensor(o), dim=-1).numpy())


@for_all(o=outputs())
def test_log_softmax_adds_up_one_class_after_the_other(o):
    want = o - np.logaddexp.reduce(o, axis=-1, keepdims=True)
    assert_agree(hw3.log_softmax(o), want)


@for_all(case=cases(), padded=st.booleans())
def test_the_loss_and_its_gradient_are_those_of_cross_entropy(torch, case, padded):
    mask = case.mask if padded else None
    y = torch.tensor(np.where(mask == 0, -100, case.y) if padded else case.y)  # -100 is ignored
    tensors = leaves(torch, {"o": case.o})
    loss, grads = value_and_gradient(torch, cross_entropy(torch, tensors["o"], y), tensors)
    assert_agree(hw3.sequence_loss(case.o, case.y, mask), loss, case.unit)
    assert_agree(hw3.sequence_loss_gradient(case.o, case.y, mask), grads["o"], case.unit)


@for_all(case=cases(), padded=st.booleans())
def test_the_loss_and_its_gradient_are_those_of_complex_steps(case, padded):
    options = [case.mask] if padded else []
    want, grads = complex_step(
        lambda at: oracles.sequence_loss(at["o"], case.y, *options), {"o": case.o}
    )
    assert_agree(hw3.sequence_loss(case.o, case.y, *options), want, case.unit)
    assert_agree(hw3.sequence_loss_gradient(case.o, case.y, *options), grads["o"], case.unit)


# --- hw4_bptt ----------------------------------------------------------------------------------


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


# --- hw5_teacher_forcing -----------------------------------------------------------------------


def truth(case):
    """Return a feed for the oracle in plain numpy: the labels, as in train mode."""
    return lambda t, h, o: oracles.one_hot(case.y[t], case.K)


def prediction(t, h, o):
    """Feed the oracle in plain numpy with its own predictions, as in test mode."""
    return oracles.softmax(o)


def truth_in(torch, case):
    """Return a feed for the loop in PyTorch: the labels."""
    labels = torch.nn.functional.one_hot(torch.tensor(case.y), case.K).double()
    return lambda t, o: labels[t]


def prediction_in(torch):
    """Return a feed for the loop in PyTorch: its own predictions."""
    return lambda t, o: torch.softmax(o, dim=-1)


@for_all(case=cases("output"))
def test_one_hot_is_that_of_pytorch(torch, case):
    want = torch.nn.functional.one_hot(torch.tensor(case.y), case.K)
    assert_agree(hw5.one_hot(case.y, case.K), want.numpy())


@for_all(case=cases("output"))
def test_one_hot_is_where_the_class_is_the_label(case):
    assert_agree(hw5.one_hot(case.y, case.K), oracles.one_hot(case.y, case.K))
    assert_agree(hw5.one_hot(case.y[0], case.K), oracles.one_hot(case.y[0], case.K))


@for_all(case=cases("output"))
def test_teacher_forced_is_a_loop_of_layers_fed_with_labels(torch, case):
    want = numbers(*loop(torch, case, truth_in(torch, case)))
    assert_agree(hw5.teacher_forced(case.x, case.y, case.start, case.params), want)


@for_all(case=cases("output"))
def test_teacher_forced_is_that_of_plain_numpy(case):
    want = oracles.run(case.x, case.start, case.params, truth(case))
    assert_agree(hw5.teacher_forced(case.x, case.y, case.start, case.params), want)


@for_all(case=cases("output"))
def test_free_running_is_a_loop_of_layers_fed_with_predictions(torch, case):
    want = numbers(*loop(torch, case, prediction_in(torch)))
    assert_agree(hw5.free_running(case.x, case.start, case.params), want)


@for_all(case=cases("output"))
def test_free_running_is_that_of_plain_numpy(case):
    want = oracles.run(case.x, case.start, case.params, prediction)
    assert_agree(hw5.free_running(case.x, case.start, case.params), want)


@for_all(case=cases("output"), training=st.booleans())
def test_forward_is_a_loop_of_layers_in_either_mode(torch, case, training):
    feed = truth_in(torch, case) if training else prediction_in(torch)
    got = hw5.forward(case.x, case.start, case.params, case.y, training)
    assert_agree(got, numbers(*loop(torch, case, feed)))


@for_all(case=cases("output"), training=st.booleans())
def test_forward_is_that_of_plain_numpy_in_either_mode(case, training):
    feed = truth(case) if training else prediction
    got = hw5.forward(case.x, case.start, case.params, case.y, training)
    assert_agree(got, oracles.run(case.x, case.start, case.params, feed))


@for_all(case=cases("output"))
def test_the_teacher_forced_gradient_is_that_of_autograd(torch, case):
    tensors = leaves(torch, case.params)
    _, o = loop(torch, case, truth_in(torch, case), tensors)
    want = value_and_gradient(torch, cross_entropy(torch, o, torch.tensor(case.y)), tensors)
    got = hw5.teacher_forced_gradient(case.x, case.y, case.start, case.params)
    assert_agree(got, want, case.unit)


@for_all(case=cases("output"))
def test_the_teacher_forced_gradient_is_that_of_complex_steps(case):
    def loss(at):
        _, o = oracles.run(case.x, case.start, at, truth(case))
        return oracles.sequence_loss(o, case.y)

    want = complex_step(loss, case.params)
    got = hw5.teacher_forced_gradient(case.x, case.y, case.start, case.params)
    assert_agree(got, want, case.unit)


@for_all(case=cases("output"))
def test_the_free_running_gradient_is_that_of_autograd(torch, case):
    tensors = leaves(torch, case.params)
    _, o = loop(torch, case, prediction_in(torch), tensors)
    want = value_and_gradient(torch, cross_entropy(torch, o, torch.tensor(case.y)), tensors)
    got = hw5.free_running_gradient(case.x, case.y, case.start, case.params)
    assert_agree(got, want, case.unit)


@for_all(case=cases("output"))
def test_the_free_running_gradient_is_that_of_complex_steps(case):
    def loss(at):
        _, o = oracles.run(case.x, case.start, at, prediction)
        return oracles.sequence_loss(o, case.y)

    want = complex_step(loss, case.params)
    got = hw5.free_running_gradient(case.x, case.y, case.start, case.params)
    assert_agree(got, want, case.unit)


chances = st.sampled_from([0.5, 0.0, 0.2, 1.0])


def sampled(case, p):
    """Return what scheduled_sampling returns, and the coins that it has to toss."""
    got = hw5.scheduled_sampling(
        case.x, case.y, case.start, case.params, p, np.random.default_rng(case.seed)
    )
    return got, np.random.default_rng(case.seed).random((case.T, case.N)) < p


@for_all(case=cases("output"), p=chances)
def test_scheduled_sampling_is_a_loop_of_layers_with_coins(torch, case, p):
    got, coins = sampled(case, p)
    label, guess = truth_in(torch, case), prediction_in(torch)

    def feed(t, o):
        if t + 1 < case.T:  # the last step feeds none
            return torch.where(torch.tensor(coins[t + 1])[:, None], label(t, o), guess(t, o))
        return None

    assert_agree(got, (*numbers(*loop(torch, case, feed)), coins))


@for_all(case=cases("output"), p=chances)
def test_scheduled_sampling_decides_for_each_sequence_by_itself(case, p):
    got, coins = sampled(case, p)

    def feed(t, h, o):
        fed = oracles.softmax(o)
        for n in range(case.N):
            if t + 1 < case.T and coins[t + 1, n]:
                fed[n] = [k == case.y[t, n] for k in range(case.K)]
        return fed

    assert_agree(got, (*oracles.run(case.x, case.start, case.params, feed), coins))


@for_all(case=cases("output"))
def test_log_likelihood_is_that_of_categorical_distributions(torch, case):
    _, o = loop(torch, case, truth_in(torch, case))
    log_p = torch.distributions.Categorical(logits=o).log_prob(torch.tensor(case.y))  # (T, N)
    got = hw5.log_likelihood(case.x, case.y, case.start, case.params)
    assert_agree(got, log_p.sum(dim=0).numpy(), case.unit)


@for_all(case=cases("output"))
def test_log_likelihood_is_a_product_of_probabilities_by_the_chain_rule(case):
    _, o = oracles.run(case.x, case.start, case.params, truth(case))
    want = [
        sum(oracles.log_softmax(o[t, n])[case.y[t, n]] for t in range(case.T))
        for n in range(case.N)
    ]
    got = hw5.log_likelihood(case.x, case.y, case.start, case.params)
    assert_agree(got, np.array(want), case.unit)
