"""The functions of hw7_decoding agree with PyTorch, and with all sequences, one by one."""

from itertools import product

import numpy as np
from hypothesis import strategies as st

from solutions.hw7_decoding import solution as hw7
from tests import oracles
from tests.oracles import assert_agree, brief, cases, for_all, networks, outputs

temperatures = st.sampled_from([1.0, 0.3, 2.5, 1e-2, 50.0])


def few(most=4):
    """Cases with so few sequences that all of them can be tried."""
    return networks("output", st.integers(1, most), st.sampled_from([1.0, 3.0]), most=3)


def all_sequences(case):
    """Return all sequences of labels (K**T, T), and the log-probability of each for sequence 0."""
    y = np.array(list(product(range(case.K), repeat=case.T)))
    codes = oracles.one_hot(y.T, case.K)  # (T, K**T, K)
    x = np.repeat(case.x[:, :1], len(y), axis=1)
    start = np.repeat(case.r0[:1], len(y), axis=0)
    _, o = oracles.run(x, start, case.params, lambda t, h, o: codes[t])
    return y, np.sum(oracles.log_softmax(o) * codes, axis=(0, 2))


def alone(case):
    """Return the inputs, r0 and parameters of sequence 0."""
    return case.x[:, 0], case.r0[0], case.params


@for_all(o=outputs(), tau=temperatures)
def test_temperature_softmax_is_that_of_pytorch(torch, o, tau):
    want = torch.softmax(torch.tensor(o) / tau, dim=-1)
    assert_agree(hw7.temperature_softmax(o, tau), want.numpy(), unit=1.0)


@for_all(o=outputs(), tau=temperatures)
def test_temperature_softmax_is_a_softmax_of_quotients(o, tau):
    assert_agree(hw7.temperature_softmax(o, tau), oracles.softmax(o / tau), unit=1.0)


@for_all(case=brief())
def test_perplexity_is_the_exponential_of_a_mean_cross_entropy(torch, case):
    loss = torch.nn.functional.cross_entropy(
        torch.tensor(case.o).flatten(0, 1), torch.tensor(case.y).flatten()
    )
    assert_agree(hw7.perplexity(case.o, case.y), np.exp(loss.item()))


@for_all(case=brief())
def test_perplexity_is_a_geometric_mean_over_the_real_steps(case):
    mask = np.where(np.arange(case.T)[:, None] < case.lengths, 1.0, 0.0)
    yhat, p = oracles.softmax(case.o), 1.0
    for n, length in enumerate(case.lengths):
        for t in range(length):
            p /= yhat[t, n, case.y[t, n]] ** (1.0 / case.lengths.sum())
    assert_agree(hw7.perplexity(case.o, case.y, mask), p)


@for_all(case=cases("output"))
def test_greedy_labels_are_the_most_likely_ones_where_they_are_fed(case):
    y = hw7.greedy(case.x, case.r0, case.params)
    codes = oracles.one_hot(y, case.K)
    _, o = oracles.run(case.x, case.r0, case.params, lambda t, h, o: codes[t])
    chosen = np.sum(o * codes, axis=-1)
    assert np.all(chosen >= o.max(axis=-1) - 1e-10 * (1 + abs(o.max())))


@for_all(case=brief("output"), tau=temperatures)
def test_each_drawn_label_has_the_piece_that_its_number_hits(case, tau):
    y = hw7.sample(case.x, case.r0, case.params, tau, np.random.default_rng(case.seed))
    u = np.random.default_rng(case.seed).random((case.T, case.N))
    codes = oracles.one_hot(y, case.K)
    _, o = oracles.run(case.x, case.r0, case.params, lambda t, h, o: codes[t])
    p = oracles.softmax(o / tau)
    for place in np.ndindex(case.T, case.N):
        left, right = (p[place][: y[place] + more].sum() for more in (0, 1))
        assert left - 1e-12 <= u[place] <= right + 1e-12


@for_all(case=few())
def test_a_beam_as_wide_as_there_are_sequences_holds_them_all_in_their_order(case):
    y, log_p = hw7.beam_search(*alone(case), case.K**case.T)
    every, want = all_sequences(case)
    assert_agree(log_p, np.sort(want)[::-1])
    number = {tuple(row): i for i, row in enumerate(every)}
    assert_agree(log_p, want[[number[tuple(row)] for row in y]])
    assert len({tuple(row) for row in y}) == len(every)


@for_all(case=few(), width=st.integers(1, 12))
def test_a_beam_is_what_is_left_where_all_continuations_are_sorted(case, width):
    x, r0, params = alone(case)
    kept = [((), 0.0)]
    for t in range(case.T):
        longer = []
        for labels, _ in kept:
            rows = [(*labels, k) for k in range(case.K)]
            codes = oracles.one_hot(np.array(rows).T, case.K)  # (t + 1, K, K)
            inputs = np.repeat(x[: t + 1, None], case.K, axis=1)
            start = np.repeat(r0[None], case.K, axis=0)
            _, o = oracles.run(inputs, start, params, lambda s, h, o, codes=codes: codes[s])
            log_p = np.sum(oracles.log_softmax(o) * codes, axis=(0, 2))
            longer += zip(rows, log_p, strict=True)
        kept = sorted(longer, key=lambda pair: -pair[1])[:width]
    y, log_p = hw7.beam_search(x, r0, params, width)
    assert_agree(log_p, np.array([p for _, p in kept]))
    assert y.shape == (min(width, case.K**case.T), case.T)


@for_all(case=few(7))
def test_viterbi_finds_the_best_of_all_sequences(case):
    y, log_p = hw7.viterbi(*alone(case))
    every, want = all_sequences(case)
    assert_agree(log_p, want.max())
    assert_agree(log_p, want[np.flatnonzero((every == y).all(axis=1))[0]])


@for_all(case=brief("output"))
def test_viterbi_is_a_maximum_of_sums_in_pytorch(torch, case):
    """The tropical product of the tables: PyTorch's amax over sums, without a way back."""
    x, r0, params = (torch.tensor(case.x[:, 0]), torch.tensor(case.r0[0]), case.params)
    U, W, V, b, c = (torch.tensor(params[key]) for key in "UWVbc")

    def terms(x_t, r):
        h = torch.tanh(b + r @ W.T + U @ x_t)
        return torch.log_softmax(c + h @ V.T, dim=-1)

    m = terms(x[0], r0)
    for x_t in x[1:]:
        m = torch.amax(m[:, None] + terms(x_t, torch.eye(case.K, dtype=torch.float64)), dim=0)
    _, log_p = hw7.viterbi(*alone(case))
    assert_agree(log_p, m.max().item())
