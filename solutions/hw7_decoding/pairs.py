"""Two mistakes of hw7_decoding at once: its exercises with switches."""

from __future__ import annotations

import numpy as np

from autograder.course.catalogue import switches
from solutions.hw7_decoding import solution as hw7


@switches(
    ("outputs multiplied by the temperature", "temperature left out"),
    ("outputs multiplied by the temperature", "divided before the largest output was subtracted"),
    ("temperature left out", "divided before the largest output was subtracted"),
    "softmax over the first axis",
    "temperatures that are not positive let through",
)
def temperature_softmax(made, o, tau):
    """Return the probabilities at a temperature, (..., K)."""
    if not tau > 0 and "temperatures that are not positive let through" not in made:
        raise ValueError(tau)
    axis = 0 if "softmax over the first axis" in made else -1
    if "outputs multiplied by the temperature" in made:
        q = o * tau
    elif "temperature left out" in made:
        q = o
    elif "divided before the largest output was subtracted" in made:
        q = o / tau
    else:
        q = (o - o.max(axis=axis, keepdims=True)) / tau
    e = np.exp(q - q.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@switches(
    ("mask ignored", "padded steps in the divisor", "loss of a sequence in the exponent"),
    ("power of 2 of a cost in nats", "exponential left out", "sign of the logarithm"),
    ("log of softmax", "loss of a sequence in the exponent"),
)
def perplexity(made, o, y, mask=None):
    """Return the perplexity."""
    real = np.ones(y.shape) if mask is None or "mask ignored" in made else mask
    log_yhat = np.log(hw7.softmax(o)) if "log of softmax" in made else hw7.log_softmax(o)
    cost = -np.take_along_axis(log_yhat, y[..., None], axis=-1)[..., 0]
    count = y.size if "padded steps in the divisor" in made else real.sum()
    count = y.shape[1] if "loss of a sequence in the exponent" in made else count
    mean = (cost * real).sum() / count
    if "exponential left out" in made:
        return float(mean)
    if "power of 2 of a cost in nats" in made:
        return float(2.0**mean)
    return float(np.exp(-mean if "sign of the logarithm" in made else mean))


@switches(
    ("softmax fed back", "number of the label fed back", "r0 fed at every step"),
    ("zeros fed to the first step", "r0 fed at every step"),
    ("argmax over the sequences", "one choice for the whole batch", "least likely class"),
    "sequences on the first axis",
)
def greedy(made, x, r0, params):
    """Return the labels, (T, N)."""
    (T, N, _), K = x.shape, r0.shape[1]
    r, rows = 0 * r0 if "zeros fed to the first step" in made else r0, []
    for t in range(T):
        o_t = hw7.step(x[t], r, params)
        if "one choice for the whole batch" in made:
            label = np.full(N, o_t.argmax() % K)
        elif "least likely class" in made:
            label = o_t.argmin(axis=1)
        else:
            label = o_t.argmax(axis=0 if "argmax over the sequences" in made else 1)
        rows.append(label)
        if "softmax fed back" in made:
            r = hw7.softmax(o_t)
        elif "number of the label fed back" in made:
            r = np.repeat(label[:, None], K, axis=1).astype(float)
        elif "r0 fed at every step" not in made:
            r = hw7.one_hot(label, K)
    y = np.array(rows)
    return y.T if "sequences on the first axis" in made else y


@switches(
    ("one number for all sequences", "numbers drawn sequence by sequence"),
    ("temperature ignored", "outputs multiplied by the temperature"),
    ("r0 fed at every step", "softmax fed back", "most likely class fed back"),
    ("class K where rounding leaves a gap", "class 0 where rounding leaves a gap"),
    "cumulative probability equal to u taken as enough",
)
def sample(made, x, r0, params, tau, rng):
    """Return the drawn labels, (T, N)."""
    (T, N, _), K = x.shape, r0.shape[1]
    if "one number for all sequences" in made:
        u = np.repeat(rng.random((T, 1)), N, axis=1)
    else:
        by_sequence = "numbers drawn sequence by sequence" in made
        u = rng.random((N, T)).T if by_sequence else rng.random((T, N))
    tau = 1.0 if "temperature ignored" in made else tau
    tau = 1 / tau if "outputs multiplied by the temperature" in made else tau
    y, r = np.empty((T, N), dtype=int), r0
    for t in range(T):
        o_t = hw7.step(x[t], r, params)
        ends = hw7.temperature_softmax(o_t, tau).cumsum(axis=-1)
        equal = "cumulative probability equal to u taken as enough" in made
        below = ends < u[t][:, None] if equal else ends <= u[t][:, None]
        y[t] = label = below.sum(axis=-1)
        if "class 0 where rounding leaves a gap" in made:
            y[t] = label = label % K
        elif "class K where rounding leaves a gap" in made:
            label = np.minimum(label, K - 1)
        else:
            y[t] = label = np.minimum(label, K - 1)
        if "softmax fed back" in made:
            r = hw7.softmax(o_t)
        elif "most likely class fed back" in made:
            r = hw7.one_hot(o_t.argmax(axis=-1), K)
        elif "r0 fed at every step" not in made:
            r = hw7.one_hot(label, K)
    return y


@switches(
    (
        "outputs added instead of log-probabilities",
        "softmax over all candidates",
        "only the last step scored",
    ),
    ("probabilities returned", "mean over the steps", "sign of the logarithms"),
    ("labels not taken from the parent", "best last"),
    ("zeros fed to the first step", "label of the best hypothesis fed to all"),
    ("label of the best hypothesis fed to all", "softmax over all candidates"),
    "time on the first axis",
)
def beam_search(made, x, r0, params, width):
    """Return the hypotheses (B, T) and their log-probabilities (B,)."""
    K, r = len(r0), r0[None]
    r = 0 * r if "zeros fed to the first step" in made else r
    y, log_p = np.empty((1, 0), dtype=int), np.zeros(1)
    for x_t in x:
        o_t = hw7.step(x_t, r, params)
        if "outputs added instead of log-probabilities" in made:
            terms = o_t
        elif "softmax over all candidates" in made:
            terms = hw7.log_softmax(o_t.ravel()).reshape(o_t.shape)
        else:
            terms = hw7.log_softmax(o_t)
        scores = terms + (0 if "only the last step scored" in made else log_p[:, None])
        scores = np.broadcast_to(scores, (len(y), K))
        best = np.argsort(-scores, axis=None)[:width]
        parent, label = np.divmod(best, K)
        in_place = "labels not taken from the parent" in made
        y = np.column_stack([y[np.arange(len(best)) % len(y) if in_place else parent], label])
        log_p, r = scores[parent, label], hw7.one_hot(label, K)
        r = r[:1] if "label of the best hypothesis fed to all" in made else r
    if "probabilities returned" in made:
        log_p = np.exp(log_p)
    log_p = log_p / len(x) if "mean over the steps" in made else log_p
    log_p = -log_p if "sign of the logarithms" in made else log_p
    if "best last" in made:
        y, log_p = y[::-1], log_p[::-1]
    return y.T if "time on the first axis" in made else y, log_p


@switches(
    ("outputs added instead of log-probabilities", "beginnings not added"),
    ("best class of each step", "way back one step off", "sequence in reverse"),
    ("probability returned", "mean over the steps", "log_p of every class returned"),
    "r0 left out",
)
def viterbi(made, x, r0, params):
    """Return the most likely sequence (T,) and its log-probability."""
    T, K = len(x), len(r0)
    plain = "outputs added instead of log-probabilities" in made
    terms = (lambda o_t: o_t) if plain else hw7.log_softmax
    r = 0 * r0 if "r0 left out" in made else r0
    m = terms(hw7.step(x[0], r[None], params))[0]
    before, y = np.zeros((T, K), dtype=int), np.empty(T, dtype=int)
    y[0] = m.argmax()
    for t in range(1, T):
        scores = terms(hw7.step(x[t], np.eye(K), params))
        scores = scores if "beginnings not added" in made else scores + m[:, None]
        m, before[t] = scores.max(axis=0), scores.argmax(axis=0)
        y[t] = m.argmax()
    if "best class of each step" not in made:
        for t in range(T - 1, 0, -1):
            y[t - 1] = before[t - 1 if "way back one step off" in made else t, y[t]]
    y = y[::-1] if "sequence in reverse" in made else y
    if "log_p of every class returned" in made:
        return y, m
    log_p = float(m.max())
    if "probability returned" in made:
        return y, float(np.exp(log_p))
    return y, log_p / T if "mean over the steps" in made else log_p
