"""Correct work on hw3_softmax_loss in other styles than the solutions'."""

import numpy as np

from solutions.hw3_softmax_loss.solution import log_softmax, softmax


def softmax__loop_over_vectors(o):
    yhat = np.empty(o.shape)
    for place in np.ndindex(*o.shape[:-1]):
        m = max(o[place])
        terms = [np.exp(o_k - m) for o_k in o[place]]
        for k, term in enumerate(terms):
            yhat[(*place, k)] = term / sum(terms)
    return yhat


def softmax__pairwise_differences(o):
    """1 / yhat_k = sum_j exp(o_j - o_k), where infinity is the right overflow."""
    return 1.0 / np.exp(o[..., None, :] - o[..., :, None]).sum(axis=-1)


def softmax__classes_first(o):
    o = np.moveaxis(o, -1, 0)
    e = np.exp(o - o.max(axis=0))
    return np.moveaxis(e / e.sum(axis=0), 0, -1)


def softmax__recursive(o):
    if o.ndim > 1:
        return np.stack([softmax__recursive(part) for part in o])
    e = np.exp(o - np.max(o))
    return e / np.sum(e)


def softmax__stored_in_float32(o):
    e = np.exp(o - np.amax(o, -1)[..., None])
    return np.divide(e, np.sum(e, -1, keepdims=True)).astype(np.float32)


def log_softmax__logaddexp(o):
    """The log-sum-exp is numpy's logaddexp, folded over the classes."""
    return o - np.logaddexp.reduce(o, axis=-1, keepdims=True)


def log_softmax__loop_over_vectors(o):
    flat = o.reshape(-1, o.shape[-1])
    rows = []
    for row in flat:
        m = row.max()
        rows.append(row - (m + np.log(np.exp(row - m).sum())))
    return np.array(rows).reshape(o.shape)


def log_softmax__pairwise_with_log1p(o):
    """log sum_j exp(o_j - m) is log(1 + all terms but one of the largest)."""
    copy = o.copy()
    top = copy.argmax(axis=-1)[..., None]
    copy -= np.take_along_axis(copy, top, axis=-1)
    e = np.exp(copy)
    np.put_along_axis(e, top, 0.0, axis=-1)
    return copy - np.log1p(np.einsum("...k->...", e))[..., None]


def sequence_loss__three_loops(o, y, mask=None):
    T, N, K = o.shape
    total = 0.0
    for n in range(N):
        for t in range(T):
            if mask is not None and mask[t, n] == 0:
                continue
            m = max(o[t, n, k] for k in range(K))
            total += m + np.log(sum(np.exp(o[t, n, k] - m) for k in range(K))) - o[t, n, y[t, n]]
    return total / N


def sequence_loss__one_hot(o, y, mask=None):
    T, N, K = o.shape
    mask = np.ones((T, N)) if mask is None else mask
    return -np.einsum("tnk,tnk,tn->", np.eye(K)[y], log_softmax(o), mask) / N


def sequence_loss__take_along_axis(o, y, mask=None):
    log_p = np.take_along_axis(log_softmax(o), y[:, :, None], axis=2)[:, :, 0]
    if mask is not None:
        log_p = np.where(mask > 0, log_p, 0.0)
    return np.mean(np.sum(-log_p, axis=0))


def sequence_loss__flattened(o, y, mask=None):
    T, N, K = o.shape
    log_p = log_softmax(o.reshape(T * N, K))[np.arange(T * N), y.ravel()]
    real = slice(None) if mask is None else mask.ravel().astype(bool)
    return np.array(-np.sum(log_p[real]) / N)


def sequence_loss__step_by_step(o, y, mask=None):
    losses = np.zeros(o.shape[1])
    for t, (o_t, y_t) in enumerate(zip(o, y, strict=True)):
        L_t = -log_softmax(o_t)[range(len(y_t)), y_t]
        losses += L_t if mask is None else mask[t] * L_t
    return losses.mean()


def sequence_loss_gradient__three_loops(o, y, mask=None):
    T, N, K = o.shape
    do = np.zeros((T, N, K))
    for t in range(T):
        for n in range(N):
            if mask is None or mask[t, n]:
                yhat = softmax(o[t, n])
                for k in range(K):
                    do[t, n, k] = (yhat[k] - (k == y[t, n])) / N
    return do


def sequence_loss_gradient__one_hot(o, y, mask=None):
    T, N, K = o.shape
    weight = np.full((T, N), 1.0 / N) if mask is None else mask / N
    return np.einsum("tn,tnk->tnk", weight, softmax(o) - np.eye(K)[y])


def sequence_loss_gradient__comparison(o, y, mask=None):
    do = np.exp(log_softmax(o)) - (np.arange(o.shape[2]) == y[..., np.newaxis])
    if mask is not None:
        do[mask == 0] = 0
    return do / o.shape[1]


def sequence_loss_gradient__list_of_steps(o, y, mask=None):
    N = o.shape[1]
    steps = []
    for t in range(len(o)):
        do_t = softmax(o[t])
        do_t[np.arange(N), y[t]] -= 1
        if mask is not None:
            do_t = (do_t.T * mask[t]).T
        steps.append(do_t / N)
    return np.stack(steps)


def sequence_loss_gradient__stored_in_float32(o, y, mask=None):
    T, N, K = o.shape
    do = softmax(o).reshape(-1, K)
    np.subtract.at(do, (np.arange(T * N), y.reshape(-1)), 1.0)
    do = do.reshape(T, N, K) / N
    return (do if mask is None else do * np.expand_dims(mask, 2)).astype("float32")


def softmax__moved_and_in_place(o):
    z = np.moveaxis(np.array(o), -1, 0)
    z -= z.max(axis=0)
    np.exp(z, out=z)
    z /= z.sum(axis=0)
    return np.moveaxis(z, 0, -1)


def log_softmax__log1p(o):
    z = o - o.max(axis=-1, keepdims=True)
    e = np.exp(z)
    np.put_along_axis(e, np.argmax(z, axis=-1)[..., None], 0.0, -1)
    return z - np.log1p(e.sum(axis=-1, keepdims=True))


def sequence_loss__array_without_axes(o, y, mask=None):
    T, N, _ = o.shape
    loss = np.array(0.0)
    for t in range(T):
        for n in range(N):
            if mask is None or mask[t, n]:
                loss -= log_softmax(o[t, n])[y[t, n]]
    return loss / np.array(N)
