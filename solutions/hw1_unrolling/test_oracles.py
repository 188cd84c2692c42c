"""The functions of hw1_unrolling agree with PyTorch, and with plain numpy."""

from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from autograder.graphs import edges_of
from solutions.hw1_unrolling import solution as hw1
from tests import oracles
from tests.oracles import (
    assert_agree,
    cases,
    constants,
    dependent,
    for_all,
    joined_by_paths,
    leaves,
    networks,
    read,
    recurrent_layer,
    spin,
    step,
)


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
