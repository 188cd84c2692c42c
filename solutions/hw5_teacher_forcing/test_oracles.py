"""The functions of hw5_teacher_forcing agree with PyTorch, and with plain numpy."""

import numpy as np
from hypothesis import strategies as st

from solutions.hw5_teacher_forcing import solution as hw5
from tests import oracles
from tests.oracles import (
    assert_agree,
    cases,
    complex_step,
    cross_entropy,
    for_all,
    leaves,
    loop,
    numbers,
    value_and_gradient,
)


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
