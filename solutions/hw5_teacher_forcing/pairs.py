"""Two mistakes of hw5_teacher_forcing at once: its exercises with switches."""

from __future__ import annotations

import numpy as np

from autograder.course.catalogue import switches
from solutions.hw4_bptt.pairs import sums_over_steps
from solutions.hw5_teacher_forcing import solution as hw5


@switches(
    ("each step fed with its own label", "last label wrapped round to the first step"),
    ("each step fed with its own label", "zeros fed to the first step"),
    ("each step fed with its own label", "labels shifted in place"),
    ("last label wrapped round to the first step", "zeros fed to the first step"),
    "number of the label fed for its one-hot code",
)
def teacher_forced(made, x, y, r0, params):
    """Run the network on the labels: the states (T, N, H) and the outputs (T, N, K)."""
    U, W, V, b, c = (params[name] for name in "UWVbc")
    labels = hw5.one_hot(y, len(c))
    if "number of the label fed for its one-hot code" in made:
        labels[:] = y[..., None]
    fed = np.roll(labels, 1, axis=0)
    if "last label wrapped round to the first step" not in made:
        fed[0] = 0 if "zeros fed to the first step" in made else r0
    fed = labels if "each step fed with its own label" in made else fed
    if "labels shifted in place" in made:
        y[1:] = y[:-1]
    h = np.tanh(b + fed @ W.T + x @ U.T)
    return h, c + h @ V.T


@switches(
    ("outputs fed back without softmax", "most likely class fed back"),
    "index -1 at the first step",
    "r0 overwritten",
)
def free_running(made, x, r0, params):
    """Run the network on its predictions: the states (T, N, H) and the outputs (T, N, K)."""
    U, W, V, b, c = (params[name] for name in "UWVbc")
    h, o, r = np.zeros((*x.shape[:2], len(b))), np.zeros((*x.shape[:2], len(c))), r0
    for t in range(len(x)):
        if t > 0 or "index -1 at the first step" in made:
            r = o[t - 1] if "outputs fed back without softmax" in made else hw5.softmax(o[t - 1])
            r = hw5.one_hot(r.argmax(-1), len(c)) if "most likely class fed back" in made else r
        if "r0 overwritten" in made:
            r0[...] = r
        h[t] = np.tanh(b + r @ W.T + x[t] @ U.T)
        o[t] = c + h[t] @ V.T
    return h, o


@switches(
    "mean over the steps",
    "log of softmax",
    "outputs of the free-running pass",
    "first step left out",
    "sign of the loss",
)
def log_likelihood(made, x, y, r0, params):
    """Return the log-probability of each sequence of labels, (N,)."""
    _, o = hw5.forward(x, r0, params, y, training="outputs of the free-running pass" not in made)
    log_yhat = np.log(hw5.softmax(o)) if "log of softmax" in made else hw5.log_softmax(o)
    log_p = np.take_along_axis(log_yhat, y[..., None], axis=-1)
    total = log_p[1 if "first step left out" in made else 0 :].sum(axis=(0, 2))
    total = total / len(x) if "mean over the steps" in made else total
    return -total if "sign of the loss" in made else total


@switches(
    ("a step's own label in dW", "first step missing from dW"),
    "derivative of tanh taken as 1 - h",
    "1/N missing from the gradients",
    "loss averaged over the steps",
)
def teacher_forced_gradient(made, x, y, r0, params):
    """Differentiate the teacher-forced loss: the loss, and the gradients by name."""
    h, o = hw5.teacher_forced(x, y, r0, params)
    labels = hw5.one_hot(y, o.shape[-1])
    r = 0 * r0 if "first step missing from dW" in made else r0
    fed = labels if "a step's own label in dW" in made else np.concatenate([r[None], labels[:-1]])
    count = len(r0) if "1/N missing from the gradients" in made else 1
    do = count * hw5.sequence_loss_gradient(o, y)
    slope = 1 - h if "derivative of tanh taken as 1 - h" in made else 1 - h**2
    loss = hw5.sequence_loss(o, y) / (len(x) if "loss averaged over the steps" in made else 1)
    return loss, sums_over_steps(x, fed, slope * (do @ params["V"]), h, do)


@switches(
    ("Jacobian of softmax left out", "only the diagonal of the Jacobian"),
    ("fed-back predictions held fixed", "Jacobian of softmax left out"),
    ("fed-back predictions held fixed", "only the diagonal of the Jacobian"),
    ("fed-back predictions held fixed", "way back past the tanh"),
    ("labels in dW", "last prediction wrapped round in dW"),
)
def free_running_gradient(made, x, y, r0, params):
    """Differentiate the free-running loss: the loss, and the gradients by name."""
    h, o = hw5.free_running(x, r0, params)
    yhat, do = hw5.softmax(o), hw5.sequence_loss_gradient(o, y)
    da, dr = np.zeros(h.shape), np.zeros(r0.shape)
    for t in reversed(range(len(x))):
        if "Jacobian of softmax left out" in made:
            do[t] += dr
        elif "only the diagonal of the Jacobian" in made:
            do[t] += yhat[t] * (1 - yhat[t]) * dr
        elif "fed-back predictions held fixed" not in made:
            do[t] += yhat[t] * (dr - (yhat[t] * dr).sum(axis=-1, keepdims=True))
        dh = do[t] @ params["V"]
        da[t] = (1 - h[t] ** 2) * dh
        dr = (dh if "way back past the tanh" in made else da[t]) @ params["W"]
    fed = np.roll(hw5.one_hot(y, o.shape[-1]) if "labels in dW" in made else yhat, 1, axis=0)
    if "last prediction wrapped round in dW" not in made:
        fed[0] = r0
    return hw5.sequence_loss(o, y), sums_over_steps(x, fed, da, h, do)


@switches(
    ("one coin for a whole sequence", "coins drawn sequence by sequence"),
    ("one coin for a whole sequence", "coin of the step before"),
    "truth and prediction exchanged",
    "coin obeyed at the first step",
)
def scheduled_sampling(made, x, y, r0, params, p, rng):
    """Run the network on labels and predictions mixed: h, o and the coins (T, N)."""
    U, W, V, b, c = (params[name] for name in "UWVbc")
    (T, N, _), truth = x.shape, hw5.one_hot(y, len(c))
    turned = "coins drawn sequence by sequence" in made
    coins = (rng.random((N, T)).T if turned else rng.random((T, N))) < p
    coins = coins[[0] * T] if "one coin for a whole sequence" in made else coins
    obeyed = np.roll(coins, 1, axis=0) if "coin of the step before" in made else coins
    obeyed = ~obeyed if "truth and prediction exchanged" in made else obeyed
    h, o, r = np.zeros((T, N, len(b))), np.zeros((T, N, len(c))), r0
    for t in range(T):
        if t > 0 or "coin obeyed at the first step" in made:
            r = np.where(obeyed[t][:, None], truth[t - 1], hw5.softmax(o[t - 1]))
        h[t] = np.tanh(b + r @ W.T + x[t] @ U.T)
        o[t] = c + h[t] @ V.T
    return h, o, coins
