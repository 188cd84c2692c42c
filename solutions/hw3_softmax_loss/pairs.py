"""Two mistakes of hw3_softmax_loss at once: its exercises with switches."""

from __future__ import annotations

import numpy as np

from autograder.course.catalogue import switches
from solutions.hw3_softmax_loss import solution as hw3


@switches(
    ("divided by the sum over the whole array", "normalised over the first axis"),
    "no maximum subtracted",
    "o changed in place",
)
def softmax(made, o):
    """Return probabilities over the last axis, of the shape of o."""
    axis = 0 if "normalised over the first axis" in made else -1
    s = 0 * o if "no maximum subtracted" in made else o.max(axis=axis, keepdims=True)
    e = np.exp(o - s)
    if "o changed in place" in made:
        o[...] = e
    whole = "divided by the sum over the whole array" in made
    return e / e.sum(axis=None if whole else axis, keepdims=True)


@switches(
    "logarithm of the softmax",
    "log-sum-exp without the maximum",
    ("normalised over the first axis", "sum over the whole array"),
    "wrong sign",
    "o changed in place",
)
def log_softmax(made, o):
    """Return log-probabilities over the last axis, of the shape of o."""
    axis = 0 if "normalised over the first axis" in made else -1
    s = 0 * o if "log-sum-exp without the maximum" in made else o.max(axis=axis, keepdims=True)
    e = np.exp(o - s)
    total = e.sum(axis=None if "sum over the whole array" in made else axis, keepdims=True)
    log_p = np.log(e / total) if "logarithm of the softmax" in made else (o - s) - np.log(total)
    if "o changed in place" in made:
        o[...] = log_p
    return -log_p if "wrong sign" in made else log_p


@switches(
    ("mean over time instead of a sum", "sum over the batch instead of a mean"),
    ("divided by the number of real steps where there is a mask", "mask ignored"),
    ("logarithm of the softmax", "small number added inside the logarithm", "softmax missing"),
    "wrong sign",
)
def sequence_loss(made, o, y, mask=None):
    """Return the loss, summed over time and averaged over the batch."""
    T, N, _ = o.shape
    log_yhat = o if "softmax missing" in made else hw3.log_softmax(o)
    if made & {"logarithm of the softmax", "small number added inside the logarithm"}:
        log_yhat = np.log(hw3.softmax(o) + (0.0 if "logarithm of the softmax" in made else 1e-12))
    log_p = np.take_along_axis(log_yhat, y[..., None], axis=-1)[..., 0]
    count = T * N if "mean over time instead of a sum" in made else N
    count = 1 if "sum over the batch instead of a mean" in made else count
    if mask is not None and "mask ignored" not in made:
        log_p = log_p * mask
        if "divided by the number of real steps where there is a mask" in made:
            count = mask.sum()
    return float((1 if "wrong sign" in made else -1) * log_p.sum() / count)


@switches(
    ("1/N missing", "divided by T and N", "divided by T instead of N"),
    ("mask ignored", "mask on the probabilities only"),
    ("one-hot missing", "mask on the probabilities only"),
    "wrong sign",
    "no maximum subtracted",
)
def sequence_loss_gradient(made, o, y, mask=None):
    """Return the gradient of the loss at the outputs, (T, N, K)."""
    T, N, K = o.shape
    e = np.exp(o if "no maximum subtracted" in made else o - o.max(axis=-1, keepdims=True))
    yhat = e / e.sum(axis=-1, keepdims=True)
    truth = np.zeros(o.shape) if "one-hot missing" in made else np.eye(K)[y]
    if mask is not None and "mask ignored" not in made:
        yhat *= mask[..., None]
        truth *= 1 if "mask on the probabilities only" in made else mask[..., None]
    do = truth - yhat if "wrong sign" in made else yhat - truth
    count = 1 if "1/N missing" in made else T * N if "divided by T and N" in made else N
    return do / (T if "divided by T instead of N" in made else count)
