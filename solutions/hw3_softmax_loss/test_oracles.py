"""The functions of hw3_softmax_loss agree with PyTorch, and with plain numpy."""

import numpy as np
from hypothesis import strategies as st

from solutions.hw3_softmax_loss import solution as hw3
from tests import oracles
from tests.oracles import (
    assert_agree,
    cases,
    complex_step,
    cross_entropy,
    for_all,
    leaves,
    outputs,
    value_and_gradient,
)


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
