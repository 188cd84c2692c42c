"""The functions of hw2_patterns agree with PyTorch, and with plain numpy."""

import numpy as np
import pytest
from hypothesis import strategies as st

from autograder.graphs import edges_of
from solutions.hw2_patterns import solution as hw2
from tests import oracles
from tests.oracles import (
    assert_agree,
    cases,
    constants,
    dependent,
    for_all,
    joined_by_paths,
    leaves,
    loop,
    networks,
    numbers,
    read_out,
    recurrent_layer,
    step,
)

PATTERNS = ("hidden_recurrence", "output_recurrence", "single_output")


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
