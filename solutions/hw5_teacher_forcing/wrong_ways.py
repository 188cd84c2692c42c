"""Classic mistakes of hw5_teacher_forcing, as somebody else makes them."""

from functools import partial

import numpy as np

from autograder.course.catalogue import wrong
from solutions.hw5_teacher_forcing.solution import (
    free_running,
    log_likelihood,
    log_softmax,
    one_hot,
    sequence_loss,
    sequence_loss_gradient,
    softmax,
    teacher_forced,
)


def layers(x, fed, params):
    """Run the network on what is fed back, for one step or for all."""
    h = np.tanh(fed @ params["W"].T + x @ params["U"].T + params["b"])
    return h, h @ params["V"].T + params["c"]


def outer_sum(left, right):
    """Add up the outer products of all steps and sequences."""
    return np.tensordot(left, right, axes=([0, 1], [0, 1]))


def shifted(first, rest):
    """Put the first step's input in front of those of the later steps."""
    return np.concatenate([first[np.newaxis], rest[:-1]])


# ---------------------------------------------------------------- one_hot


@wrong("one_hot", "number of classes taken from the labels")
def codes_as_wide_as_the_labels(y, K):
    return np.eye(np.max(y) + 1)[y]


@wrong("one_hot", "classes on the first axis")
def codes_class_first(y, K):
    return np.stack([np.where(y == k, 1.0, 0.0) for k in range(K)])


@wrong("one_hot", "axes of the labels lost")
def codes_in_one_list(y, K):
    labels = np.ravel(y)
    codes = np.zeros((labels.size, K))
    codes[np.arange(labels.size), labels] = 1.0
    return codes


@wrong("one_hot", "room for one axis of labels only")
def codes_of_a_list(y, K):
    (n, *_), columns = y.shape, y
    codes = np.zeros((n, K))
    codes[range(n), columns] = 1
    return codes


@wrong("one_hot", "classes counted from 1")
def codes_counted_from_one(y, K):
    codes = np.zeros((*y.shape, K))
    for place in np.ndindex(y.shape):
        codes[(*place, y[place] - 1)] = 1
    return codes


@wrong("one_hot", "one class too many")
def codes_up_to_k(y, K):
    return np.where(y[..., np.newaxis] == range(K + 1), 1.0, 0.0)


@wrong("one_hot", "every label marked in every row")
def codes_marked_everywhere(y, K):
    codes = np.zeros((*y.shape, K))
    codes[..., y] = 1
    return codes


@wrong("one_hot", "all classes up to the label marked")
def codes_like_a_thermometer(y, K):
    return np.tril(np.ones((K, K)))[y]


@wrong("one_hot", "number of the label in place of the one")
def codes_with_the_label(y, K):
    codes = np.zeros((*y.shape, K))
    np.put_along_axis(codes, y[..., None], y[..., None], axis=-1)
    return codes


@wrong("one_hot", "ones and zeros exchanged")
def codes_of_the_others(y, K):
    return np.not_equal.outer(y, range(K)).astype(float)


# ---------------------------------------------------------------- teacher_forced


@wrong("teacher_forced", "each step fed with its own label")
def forced_with_own_label(x, y, r0, params):
    U, W, V = params["U"], params["W"], params["V"]
    fed = one_hot(y, r0.shape[-1])
    a = params["b"] + np.einsum("tnk,hk->tnh", fed, W) + np.einsum("tnd,hd->tnh", x, U)
    h = np.tanh(a)
    return h, params["c"] + np.einsum("tnh,kh->tnk", h, V)


@wrong("teacher_forced", "last label wrapped round to the first step")
def forced_with_roll(x, y, r0, params):
    fed = np.roll(one_hot(y, r0.shape[1]), 1, axis=0)
    return layers(x, fed, params)


@wrong("teacher_forced", "label of two steps before")
def forced_two_steps_late(x, y, r0, params):
    codes = one_hot(y, r0.shape[1])
    fed = np.zeros_like(codes)
    fed[0] = r0
    fed[2:] = codes[:-2]
    h = np.tanh(params["b"] + fed @ params["W"].T + x @ params["U"].T)
    return h, params["c"] + h @ params["V"].T


@wrong("teacher_forced", "labels shifted the wrong way")
def forced_with_the_future(x, y, r0, params):
    fed = np.tile(r0, (len(y), 1, 1))
    fed[:-1] = one_hot(y, r0.shape[1])[1:]
    return layers(x, fed, params)


@wrong("teacher_forced", "one step too many or too few fed back")
def forced_by_the_last_label_too(x, y, r0, params):
    codes = one_hot(y, r0.shape[1])
    fed = np.vstack([r0[np.newaxis], codes])
    a = np.einsum("tnk,hk->tnh", fed, params["W"]) + np.einsum("tnd,hd->tnh", x, params["U"])
    h = np.tanh(params["b"] + a)
    return h, params["c"] + np.einsum("tnh,kh->tnk", h, params["V"])


@wrong("teacher_forced", "r0 without an axis for time")
def forced_from_a_flat_start(x, y, r0, params):
    codes = one_hot(y, K=r0.shape[-1])
    return layers(x, np.vstack((r0, codes[:-1])), params)


@wrong("teacher_forced", "number of the label fed for its one-hot code")
def forced_with_numbers(x, y, r0, params):
    T, N, _ = x.shape
    fed = np.empty((T, N, r0.shape[1]))
    fed[0] = r0
    fed[1:] = y[:-1, :, np.newaxis]
    return layers(x, fed, params)


@wrong("teacher_forced", "own prediction fed for the label")
def forced_by_itself(x, y, r0, params):
    r, hs, os = r0, [], []
    for x_t in x:
        h_t, o_t = layers(x_t, r, params)
        r = softmax(o_t)
        hs += [h_t]
        os += [o_t]
    return np.array(hs), np.array(os)


@wrong("teacher_forced", "zeros fed to the first step")
def forced_from_zero(x, y, r0, params):
    fed = np.zeros((*y.shape, r0.shape[1]))
    fed[1:] = one_hot(y[:-1], r0.shape[1])
    return layers(x, fed, params)


@wrong("teacher_forced", "r0 fed to every step")
def forced_by_r0(x, y, r0, params):
    h, o = np.empty((*y.shape, params["b"].size)), np.empty((*y.shape, params["c"].size))
    for t, x_t in enumerate(x):
        h[t], o[t] = layers(x_t, r0, params)
    return h, o


@wrong("teacher_forced", "loop over time")
def forced_step_by_step(x, y, r0, params):
    (T, N), K = y.shape, r0.shape[1]
    h, o = np.zeros((T, N, len(params["b"]))), np.zeros((T, N, K))
    for t in range(T):
        fed = r0 if t == 0 else one_hot(y[t - 1], K)
        h[t], o[t] = layers(x[t], fed, params)
    return h, o


@wrong("teacher_forced", "labels shifted in place")
def forced_moves_the_labels(x, y, r0, params):
    y[1:] = y[:-1]
    fed = one_hot(y, r0.shape[1])
    fed[0] = r0
    return layers(x, fed, params)


# ---------------------------------------------------------------- log_likelihood


@wrong("log_likelihood", "mean over the steps")
def likelihood_per_step(x, y, r0, params):
    _, o = teacher_forced(x, y, r0, params)
    log_p = np.take_along_axis(log_softmax(o), y[..., np.newaxis], axis=-1)
    return log_p.squeeze(-1).mean(axis=0)


@wrong("log_likelihood", "sum over the sequences")
def likelihood_over_the_batch(x, y, r0, params):
    log_p = log_softmax(teacher_forced(x, y, r0, params)[1])
    return (log_p * one_hot(y, r0.shape[1])).sum(axis=-1).sum(axis=1)


@wrong("log_likelihood", "one number for the whole batch")
def likelihood_in_one_number(x, y, r0, params):
    _, o = teacher_forced(x, y, r0, params)
    return float(np.vdot(log_softmax(o), one_hot(y, r0.shape[1])))


@wrong("log_likelihood", "all classes summed")
def likelihood_of_every_class(x, y, r0, params):
    _, o = teacher_forced(x, y, r0, params)
    total = np.zeros(len(r0))
    for o_t in o:
        total += log_softmax(o_t).sum(axis=-1)
    return total


@wrong("log_likelihood", "sign of the loss")
def likelihood_as_a_loss(x, y, r0, params):
    _, o = teacher_forced(x, y, r0, params)
    loss = np.zeros(len(r0))
    for o_t, y_t in zip(o, y, strict=True):
        loss -= log_softmax(o_t)[np.arange(len(y_t)), y_t]
    return loss


@wrong("log_likelihood", "log of softmax")
def likelihood_rounded_first(x, y, r0, params):
    _, o = teacher_forced(x, y, r0, params)
    t, n = np.indices(y.shape)
    return np.log(softmax(o)[t, n, y]).sum(axis=0)


@wrong("log_likelihood", "small number added inside the logarithm")
def likelihood_never_infinite(x, y, r0, params):
    tiny = 1e-12
    yhat = softmax(teacher_forced(x, y, r0, params)[1])
    p = np.einsum("tnk,tnk->tn", yhat, one_hot(y, r0.shape[1]))
    return np.log(p + tiny).sum(axis=0)


@wrong("log_likelihood", "softmax missing")
def likelihood_of_raw_outputs(x, y, r0, params):
    _, o = teacher_forced(x, y, r0, params)
    return np.array([sum(o[t, n, y[t, n]] for t in range(len(y))) for n in range(len(r0))])


@wrong("log_likelihood", "product of probabilities without the logarithm")
def likelihood_as_a_product(x, y, r0, params):
    _, o = teacher_forced(x, y, r0, params)
    yhat, p = softmax(o), np.ones(y.shape[1])
    for t in range(len(y)):
        p *= [yhat[t, n, k] for n, k in enumerate(y[t])]
    return p


@wrong("log_likelihood", "outputs of the free-running pass")
def likelihood_of_a_free_run(x, y, r0, params):
    _, o = free_running(x, r0, params)
    return np.einsum("tnk,tnk->n", log_softmax(o), one_hot(y, o.shape[-1]))


@wrong("log_likelihood", "first step left out")
def likelihood_from_step_one(x, y, r0, params):
    log_p = log_softmax(teacher_forced(x, y, r0, params)[1])
    total = np.zeros(y.shape[1])
    for t in range(1, len(y)):
        for n in range(y.shape[1]):
            total[n] += log_p[t, n, y[t, n]]
    return total


# ---------------------------------------------------------------- teacher_forced_gradient


@wrong("teacher_forced_gradient", "derivative of tanh taken as 1 - h")
def decoupled_slope_not_squared(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    do = sequence_loss_gradient(o, y)
    da = do @ params["V"] * (1 - h)
    pairs = {"U": (da, x), "W": (da, shifted(r0, one_hot(y, r0.shape[1]))), "V": (do, h)}
    grads = {name: np.einsum("tni,tnj->ij", *pair) for name, pair in pairs.items()}
    return sequence_loss(o, y), grads | {"b": da.sum(axis=(0, 1)), "c": do.sum(axis=(0, 1))}


@wrong("teacher_forced_gradient", "derivative of tanh left out")
def decoupled_without_slope(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    fed, do = shifted(r0, one_hot(y, r0.shape[1])), sequence_loss_gradient(o, y)
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    for x_t, fed_t, h_t, do_t in zip(x, fed, h, do, strict=True):
        dh_t = do_t @ params["V"]
        parts = {"U": dh_t.T @ x_t, "W": dh_t.T @ fed_t, "b": dh_t.sum(axis=0)}
        for name, part in (parts | {"V": do_t.T @ h_t, "c": do_t.sum(axis=0)}).items():
            grads[name] += part
    return sequence_loss(o, y), grads


@wrong("teacher_forced_gradient", "gradient carried back through the labels")
def decoupled_goes_back_in_time(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    yhat, do, dr = softmax(o), sequence_loss_gradient(o, y), np.zeros_like(r0)
    fed = shifted(r0, one_hot(y, r0.shape[1]))
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    for t in reversed(range(len(x))):
        do_t = do[t] + yhat[t] * (dr - np.sum(yhat[t] * dr, axis=-1, keepdims=True))
        da_t = (1 - h[t] ** 2) * (do_t @ params["V"])
        grads["U"] += da_t.T @ x[t]
        grads["W"] += da_t.T @ fed[t]
        grads["V"] += do_t.T @ h[t]
        grads["b"] += da_t.sum(axis=0)
        grads["c"] += do_t.sum(axis=0)
        dr = da_t @ params["W"]
    return sequence_loss(o, y), grads


@wrong("teacher_forced_gradient", "a step's own label in dW")
def decoupled_own_label(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    do = sequence_loss_gradient(o, y)
    da = (1 - np.square(h)) * np.einsum("tnk,kh->tnh", do, params["V"])
    grads = {
        "U": outer_sum(da, x),
        "V": outer_sum(do, h),
        "W": outer_sum(da, one_hot(y, r0.shape[1])),
        "b": np.einsum("tnh->h", da),
        "c": np.einsum("tnk->k", do),
    }
    return sequence_loss(o, y), grads


@wrong("teacher_forced_gradient", "last label wrapped round in dW")
def decoupled_index_minus_one(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    do, codes = sequence_loss_gradient(o, y), one_hot(y, r0.shape[1])
    da = (1 - h**2) * (do @ params["V"])
    dW = sum(da[t].T @ codes[t - 1] for t in range(len(y)))
    grads = {"U": outer_sum(da, x), "W": dW, "V": outer_sum(do, h)}
    return sequence_loss(o, y), grads | {"b": da.sum((0, 1)), "c": do.sum((0, 1))}


@wrong("teacher_forced_gradient", "predictions in dW")
def decoupled_predictions(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    do, fed = sequence_loss_gradient(o, y), shifted(r0, softmax(o))
    da = np.einsum("tnk,kh,tnh->tnh", do, params["V"], 1 - h**2)
    grads = {name: outer_sum(da, value) for name, value in (("U", x), ("W", fed))}
    grads |= {"V": outer_sum(do, h), "b": da.sum(axis=(0, 1)), "c": do.sum(axis=(0, 1))}
    return sequence_loss(o, y), grads


@wrong("teacher_forced_gradient", "first step missing from dW")
def decoupled_r0_forgotten(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    do, grads = sequence_loss_gradient(o, y), {}
    da = (1 - h**2) * (do @ params["V"])
    grads["W"] = np.zeros_like(params["W"])
    for t in range(1, len(y)):
        grads["W"] += da[t].T @ one_hot(y[t - 1], r0.shape[1])
    grads["U"] = sum(da_t.T @ x_t for da_t, x_t in zip(da, x, strict=True))
    grads["V"] = sum(do_t.T @ h_t for do_t, h_t in zip(do, h, strict=True))
    grads["b"], grads["c"] = (g.sum(axis=0).sum(axis=0) for g in (da, do))
    return sequence_loss(o, y), grads


@wrong("teacher_forced_gradient", "1/N missing from the gradients")
def decoupled_not_averaged(x, y, r0, params):
    codes = one_hot(y, r0.shape[1])
    h, o = teacher_forced(x, y, r0, params)
    flatten = partial(np.reshape, shape=(y.size, -1))
    do = flatten(softmax(o) - codes)
    da = (do @ params["V"]) * (1 - flatten(h) ** 2)
    grads = {"b": da.sum(axis=0), "c": do.sum(axis=0), "V": do.T @ flatten(h)}
    grads |= {"U": da.T @ flatten(x), "W": da.T @ flatten(shifted(r0, codes))}
    return -float(np.sum(log_softmax(o) * codes)) / y.shape[1], grads


@wrong("teacher_forced_gradient", "labels left out of the gradient at the outputs")
def decoupled_without_labels(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    flatten = partial(np.reshape, shape=(y.size, -1))
    do = flatten(softmax(o)) / y.shape[1]
    da = (do @ params["V"]) * (1 - flatten(h) ** 2)
    fed = flatten(shifted(r0, one_hot(y, r0.shape[1])))
    grads = {"b": da.sum(axis=0), "c": do.sum(axis=0), "V": do.T @ flatten(h)}
    return sequence_loss(o, y), grads | {"U": da.T @ flatten(x), "W": da.T @ fed}


@wrong("teacher_forced_gradient", "loss averaged over the steps")
def decoupled_mean_loss(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    log_p = np.take_along_axis(log_softmax(o), y[..., None], axis=-1)
    do = sequence_loss_gradient(o, y)
    da = do @ params["V"]
    da *= 1 - h * h
    fed = shifted(r0, one_hot(y, r0.shape[1]))
    grads = {"U": outer_sum(da, x), "W": outer_sum(da, fed), "V": outer_sum(do, h)}
    grads.update(b=da.sum(axis=(0, 1)), c=do.sum(axis=(0, 1)))
    return -float(log_p.mean()), grads


@wrong("teacher_forced_gradient", "gradients of the last step alone")
def decoupled_last_step(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    do, fed = sequence_loss_gradient(o, y), shifted(r0, one_hot(y, r0.shape[1]))
    grads = {}
    for x_t, fed_t, h_t, do_t in zip(x, fed, h, do, strict=True):
        da_t = (1 - h_t**2) * (do_t @ params["V"])
        grads["U"] = da_t.T @ x_t
        grads["W"] = da_t.T @ fed_t
        grads["V"] = do_t.T @ h_t
        grads["b"] = da_t.sum(axis=0)
        grads["c"] = do_t.sum(axis=0)
    return sequence_loss(o, y), grads


@wrong("teacher_forced_gradient", "network run on its own predictions")
def decoupled_free_run(x, y, r0, params):
    h, o = free_running(x, r0, params)
    do, fed = sequence_loss_gradient(o, y), shifted(r0, softmax(o))
    da = np.einsum("tnk,kh,tnh->tnh", do, params["V"], 1 - h**2)
    grads = {name: outer_sum(da, value) for name, value in (("U", x), ("W", fed))}
    grads |= {"V": outer_sum(do, h), "b": da.sum(axis=(0, 1)), "c": do.sum(axis=(0, 1))}
    return sequence_loss(o, y), grads


@wrong("teacher_forced_gradient", "gradients written into params")
def decoupled_into_params(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y)
    da = (1 - h**2) * (do @ params["V"])
    grads = params
    grads["V"], grads["c"] = outer_sum(do, h), do.sum(axis=(0, 1))
    grads["U"], grads["b"] = outer_sum(da, x), da.sum(axis=(0, 1))
    grads["W"] = outer_sum(da, shifted(r0, one_hot(y, r0.shape[1])))
    return loss, grads


# ---------------------------------------------------------------- free_running


@wrong("free_running", "outputs fed back without softmax")
def free_on_raw_outputs(x, r0, params):
    h, o = [], [r0]
    for x_t in x:
        h_t, o_t = layers(x_t, o[-1], params)
        h.append(h_t)
        o.append(o_t)
    return np.stack(h), np.stack(o[1:])


@wrong("free_running", "log-probabilities fed back")
def free_on_logs(x, r0, params):
    r, steps = r0, []
    for x_t in x:
        steps.append(layers(x_t, r, params))
        r = np.log(softmax(steps[-1][1]))
    return tuple(np.stack(part) for part in zip(*steps, strict=True))


@wrong("free_running", "softmax taken of the outputs")
def free_returns_predictions(x, r0, params):
    h, yhat = [], [r0]
    for x_t in x:
        h_t, o_t = layers(x_t, yhat[-1], params)
        h.append(h_t)
        yhat.append(softmax(o_t))
    return np.stack(h), np.stack(yhat[1:])


@wrong("free_running", "most likely class fed back")
def free_on_best_class(x, r0, params):
    r, steps = r0, []
    for x_t in x:
        steps.append(layers(x_t, r, params))
        r = np.eye(r0.shape[1])[np.argmax(steps[-1][1], axis=1)]
    h, o = zip(*steps, strict=True)
    return np.stack(h), np.stack(o)


@wrong("free_running", "softmax without a shift")
def free_with_plain_exp(x, r0, params):
    T, N, _ = x.shape
    h, o, r = np.empty((T, N, params["b"].size)), np.empty((T, *r0.shape)), r0
    for t in range(T):
        h[t] = np.tanh(params["b"] + r @ params["W"].T + x[t] @ params["U"].T)
        o[t] = params["c"] + h[t] @ params["V"].T
        r = np.exp(o[t]) / np.exp(o[t]).sum(axis=-1, keepdims=True)
    return h, o


@wrong("free_running", "one softmax over the whole batch")
def free_with_a_shared_sum(x, r0, params):
    h, o, r = [], [], r0
    for x_t in x:
        h_t, o_t = layers(x_t, r, params)
        e = np.exp(o_t - o_t.max())
        r = e / e.sum()
        h.append(h_t)
        o.append(o_t)
    return np.array(h), np.array(o)


@wrong("free_running", "r0 fed to every step")
def free_never_renewed(x, r0, params):
    r = r0
    steps = [layers(x_t, r, params) for x_t in x]
    return np.stack([h_t for h_t, _ in steps]), np.stack([o_t for _, o_t in steps])


@wrong("free_running", "softmax taken of r0 too")
def free_squashes_the_start(x, r0, params):
    T, N, _ = x.shape
    h, o = np.zeros((T, N, params["b"].size)), np.zeros((T + 1, *r0.shape))
    o[0] = r0
    for t in range(T):
        h[t], o[t + 1] = layers(x[t], softmax(o[t]), params)
    return h, o[1:]


@wrong("free_running", "prediction of two steps before fed back")
def free_one_step_late(x, r0, params):
    fed, h, o = [r0, r0], [], []
    for t, x_t in enumerate(x):
        h_t, o_t = layers(x_t, fed[t], params)
        fed.append(softmax(o_t))
        h, o = [*h, h_t], [*o, o_t]
    return np.array(h), np.array(o)


@wrong("free_running", "index -1 at the first step")
def free_from_the_end(x, r0, params):
    h = np.zeros((*x.shape[:2], params["U"].shape[0]))
    o = np.zeros((*x.shape[:2], params["V"].shape[0]))
    for t, x_t in enumerate(x):
        h[t], o[t] = layers(x_t, softmax(o[t - 1]), params)
    return h, o


@wrong("free_running", "r0 overwritten")
def free_overwrites_r0(x, r0, params):
    T, N, _ = x.shape
    h, o = np.zeros((T, N, len(params["b"]))), np.zeros((T, N, len(params["c"])))
    r = r0
    for t in range(T):
        h[t], o[t] = layers(x[t], r, params)
        r[:] = softmax(o[t])
    return h, o


# ---------------------------------------------------------------- forward


@wrong("forward", "mode chosen by whether there are labels")
def modes_by_labels(x, r0, params, y=None, training=False):
    if y is None:
        return free_running(x, r0, params)
    return teacher_forced(x, y, r0, params)


@wrong("forward", "free running where labels are missing")
def modes_with_a_fallback(x, r0, params, y=None, training=False):
    if training and y is not None:
        return teacher_forced(x, y, r0, params)
    return free_running(x, r0, params)


@wrong("forward", "always free-running")
def modes_all_alike(x, r0, params, y=None, training=False):
    passes = {"train": teacher_forced, "test": free_running}
    if training == "train":
        return passes["train"](x, y, r0, params)
    return passes["test"](x, r0, params)


@wrong("forward", "nothing returned where labels are missing")
def modes_that_print(x, r0, params, y=None, training=False):
    result = None
    if not training:
        result = free_running(x, r0, params)
    elif y is None:
        print("ValueError: train mode needs labels")
    else:
        result = teacher_forced(x, y, r0, params)
    return result


@wrong("forward", "error returned instead of raised")
def modes_that_return_an_error(x, r0, params, y=None, training=False):
    if training and y is None:
        return ValueError
    return teacher_forced(x, y, r0, params) if training else free_running(x, r0, params)


@wrong("forward", "another error than a ValueError")
def modes_that_assert(x, r0, params, y=None, training=False):
    if training:
        assert y is not None
        return teacher_forced(x, y, r0, params)
    return free_running(x, r0, params)


@wrong("forward", "modes exchanged")
def modes_swapped(x, r0, params, y=None, training=False):
    if training:
        return free_running(x, r0, params)
    if y is None:
        raise ValueError("labels y are needed")
    return teacher_forced(x, y, r0, params)


@wrong("forward", "labels demanded in test mode too")
def modes_always_ask(x, r0, params, y=None, training=False):
    if y is None:
        raise ValueError("no labels: pass y")
    return teacher_forced(x, y, r0, params) if training else free_running(x, r0, params)


@wrong("forward", "no check for missing labels")
def modes_never_ask(x, r0, params, y=None, training=False):
    if not training:
        return free_running(x, r0, params)
    return teacher_forced(x, y, r0, params)


@wrong("forward", "array of labels used as a condition")
def modes_truth_of_an_array(x, r0, params, y=None, training=False):
    if training:
        if not y:
            raise ValueError("train mode needs the labels y")
        return teacher_forced(x, y, r0, params)
    return free_running(x, r0, params)


# ---------------------------------------------------------------- free_running_gradient


@wrong("free_running_gradient", "fed-back predictions held fixed")
def coupled_held_fixed(x, y, r0, params):
    h, o = free_running(x, r0, params)
    fed, do = shifted(r0, softmax(o)), sequence_loss_gradient(o, y)
    da = do @ params["V"] * (1 - h**2)
    pairs = {"U": (da, x), "W": (da, fed), "V": (do, h)}
    grads = {name: outer_sum(*pair) for name, pair in pairs.items()}
    grads |= {name: g.sum(axis=(0, 1)) for name, g in (("b", da), ("c", do))}
    return sequence_loss(o, y), grads


@wrong("free_running_gradient", "Jacobian of softmax left out")
def coupled_without_jacobian(x, y, r0, params):
    h, o = free_running(x, r0, params)
    fed, do = [r0, *softmax(o)], sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in params}
    dr = np.zeros(r0.shape)
    for t in range(len(x) - 1, -1, -1):
        do[t] += dr
        da = (1 - h[t] ** 2) * (do[t] @ params["V"])
        dr = da @ params["W"]
        parts = {"U": da.T @ x[t], "W": da.T @ fed[t], "V": do[t].T @ h[t]}
        for name, part in (parts | {"b": da.sum(axis=0), "c": do[t].sum(axis=0)}).items():
            grads[name] += part
    return sequence_loss(o, y), grads


@wrong("free_running_gradient", "only the diagonal of the Jacobian")
def coupled_by_the_diagonal(x, y, r0, params):
    h, o = free_running(x, r0, params)
    yhat, do, da = softmax(o), sequence_loss_gradient(o, y), np.zeros_like(h)
    for t in reversed(range(len(x))):
        if t + 1 < len(x):
            do[t] += yhat[t] * (1 - yhat[t]) * (da[t + 1] @ params["W"])
        da[t] = (1 - h[t] ** 2) * (do[t] @ params["V"])
    grads = {"U": np.einsum("tnh,tnd->hd", da, x), "V": np.einsum("tnk,tnh->kh", do, h)}
    grads["W"] = np.einsum("tnh,tnk->hk", da, shifted(r0, yhat))
    grads["b"], grads["c"] = da.sum(axis=(0, 1)), do.sum(axis=(0, 1))
    return sequence_loss(o, y), grads


@wrong("free_running_gradient", "way back past the tanh")
def coupled_past_the_tanh(x, y, r0, params):
    h, o = free_running(x, r0, params)
    yhat, do, dh = softmax(o), sequence_loss_gradient(o, y), np.zeros_like(h)
    J = np.einsum("tnj,jk->tnjk", yhat, np.eye(yhat.shape[-1]))
    J -= yhat[..., :, np.newaxis] * yhat[..., np.newaxis, :]
    dh[-1] = do[-1] @ params["V"]
    for t in range(len(x) - 2, -1, -1):
        do[t] += np.einsum("njk,nk->nj", J[t], dh[t + 1] @ params["W"])
        dh[t] = do[t] @ params["V"]
    da = dh * (1 - h**2)
    grads = {"U": outer_sum(da, x), "W": outer_sum(da, shifted(r0, yhat)), "V": outer_sum(do, h)}
    return sequence_loss(o, y), grads | {"b": da.sum((0, 1)), "c": do.sum((0, 1))}


@wrong("free_running_gradient", "derivative of tanh taken as 1 - h")
def coupled_slope_not_squared(x, y, r0, params):
    h, o = free_running(x, r0, params)
    yhat, do, da = softmax(o), sequence_loss_gradient(o, y), np.zeros_like(h)
    J = np.einsum("tnj,jk->tnjk", yhat, np.eye(yhat.shape[-1]))
    J -= np.einsum("tnj,tnk->tnjk", yhat, yhat)
    for t in range(len(x) - 1, -1, -1):
        if t < len(x) - 1:
            do[t] += np.einsum("njk,nk->nj", J[t], da[t + 1] @ params["W"])
        da[t] = (1 - h[t]) * (do[t] @ params["V"])
    grads = {"U": outer_sum(da, x), "W": outer_sum(da, shifted(r0, yhat)), "V": outer_sum(do, h)}
    return sequence_loss(o, y), grads | {"b": da.sum((0, 1)), "c": do.sum((0, 1))}


def way_back(yhat, dr):
    """Multiply by the Jacobian of softmax."""
    return yhat * (dr - np.sum(dr * yhat, axis=-1, keepdims=True))


def all_the_way_back(h, o, y, params):
    """Complete the gradients at the outputs, and those at a, from the last step to the first."""
    own, yhat = sequence_loss_gradient(o, y), softmax(o)
    do, da, dr = [], [], np.zeros_like(o[0])
    for t in reversed(range(len(y))):
        do.insert(0, own[t] + way_back(yhat[t], dr))
        da.insert(0, (1 - h[t] ** 2) * (do[0] @ params["V"]))
        dr = da[0] @ params["W"]
    return np.stack(do), np.stack(da)


@wrong("free_running_gradient", "labels in dW")
def coupled_labels_in_dw(x, y, r0, params):
    h, o = free_running(x, r0, params)
    do, da = all_the_way_back(h, o, y, params)
    fed = np.empty_like(o)
    fed[0], fed[1:] = r0, one_hot(y, r0.shape[1])[:-1]
    grads = {name: outer_sum(da, value) for name, value in {"U": x, "W": fed}.items()}
    grads |= {"V": outer_sum(do, h), "b": da.sum(axis=(0, 1)), "c": do.sum(axis=(0, 1))}
    return sequence_loss(o, y), grads


@wrong("free_running_gradient", "loss taken from the likelihood")
def coupled_likelihood_loss(x, y, r0, params):
    h, o = free_running(x, r0, params)
    do, da = all_the_way_back(h, o, y, params)
    grads = {"b": da.sum(axis=(0, 1)), "c": do.sum(axis=(0, 1)), "V": outer_sum(do, h)}
    grads |= {"U": outer_sum(da, x), "W": outer_sum(da, shifted(r0, softmax(o)))}
    return float(-log_likelihood(x, y, r0, params).mean()), grads


@wrong("free_running_gradient", "1/N missing from the gradients")
def coupled_not_averaged(x, y, r0, params):
    h, o = free_running(x, r0, params)
    do, da = all_the_way_back(h, o, y, params)
    grads = {"b": da.sum(axis=(0, 1)), "c": do.sum(axis=(0, 1)), "V": outer_sum(do, h)}
    grads |= {"U": outer_sum(da, x), "W": outer_sum(da, shifted(r0, softmax(o)))}
    return sequence_loss(o, y), {name: y.shape[1] * grad for name, grad in grads.items()}


@wrong("free_running_gradient", "teacher-forced pass in place of the free-running one")
def coupled_to_nothing(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    fed, do = shifted(r0, one_hot(y, r0.shape[1])), sequence_loss_gradient(o, y)
    da = do @ params["V"] * (1 - h**2)
    pairs = {"U": (da, x), "W": (da, fed), "V": (do, h)}
    grads = {name: outer_sum(*pair) for name, pair in pairs.items()}
    grads |= {name: g.sum(axis=(0, 1)) for name, g in (("b", da), ("c", do))}
    return sequence_loss(o, y), grads


@wrong("free_running_gradient", "gradient goes back a single step")
def coupled_one_step_back(x, y, r0, params):
    h, o = free_running(x, r0, params)
    yhat, own, slope = softmax(o), sequence_loss_gradient(o, y), 1 - h**2
    do = own.copy()
    do[:-1] += way_back(yhat[:-1], (slope[1:] * (own[1:] @ params["V"])) @ params["W"])
    da = slope * (do @ params["V"])
    grads = {"V": outer_sum(do, h), "U": outer_sum(da, x), "W": outer_sum(da, shifted(r0, yhat))}
    return sequence_loss(o, y), {**grads, "b": da.sum(axis=(0, 1)), "c": do.sum(axis=(0, 1))}


@wrong("free_running_gradient", "way back missing from dV and dc")
def coupled_own_loss_in_dv(x, y, r0, params):
    h, o = free_running(x, r0, params)
    do, yhat = sequence_loss_gradient(o, y), softmax(o)
    grads = {"V": outer_sum(do, h), "c": do.sum(axis=(0, 1))}
    fed, dr = shifted(r0, yhat), 0 * r0
    dU, dW, db = (np.zeros_like(params[name]) for name in "UWb")
    for t in range(len(y))[::-1]:
        da = (1 - h[t] ** 2) * ((do[t] + way_back(yhat[t], dr)) @ params["V"])
        dU += da.T @ x[t]
        dW += da.T @ fed[t]
        db += da.sum(axis=0)
        dr = da @ params["W"]
    return sequence_loss(o, y), grads | {"U": dU, "W": dW, "b": db}


@wrong("free_running_gradient", "last prediction wrapped round in dW")
def coupled_rolled(x, y, r0, params):
    h, o = free_running(x, r0, params)
    yhat, (do, da) = softmax(o), all_the_way_back(h, o, y, params)
    dW = sum(da[t].T @ yhat[t - 1] for t in range(len(x)))
    grads = {"U": outer_sum(da, x), "W": dW, "V": outer_sum(do, h)}
    return sequence_loss(o, y), grads | {"b": da.sum(axis=(0, 1)), "c": do.sum(axis=(0, 1))}


@wrong("free_running_gradient", "parameters moved along the gradient")
def coupled_takes_a_step(x, y, r0, params):
    h, o = free_running(x, r0, params)
    do, da = all_the_way_back(h, o, y, params)
    grads = {"U": outer_sum(da, x), "W": outer_sum(da, shifted(r0, softmax(o)))}
    grads |= {"V": outer_sum(do, h), "b": da.sum(axis=(0, 1)), "c": do.sum(axis=(0, 1))}
    loss = sequence_loss(o, y)
    for name in grads:
        params[name] -= 0.1 * grads[name]
    return loss, grads


def coupled(x, y, r0, params, back=way_back, slope=lambda h: 1 - h**2, kept=slice(None), keep=0):
    """Take the gradients in a loop, with another way back, other slopes, or some steps only."""
    h, o = free_running(x, r0, params)
    own, fed = sequence_loss_gradient(o, y), shifted(r0, softmax(o))
    grads, dr = {name: np.zeros_like(value) for name, value in params.items()}, np.zeros_like(r0)
    visited = range(len(x))[kept]
    for t in reversed(range(len(x))):
        g = own[t] + back(softmax(o[t]), dr)
        delta = g @ params["V"] * slope(h[t])
        dr = keep * dr + delta @ params["W"]
        if t in visited:
            parts = {"U": delta.T @ x[t], "W": delta.T @ fed[t], "V": g.T @ h[t]}
            for name, part in (parts | {"b": delta.sum(axis=0), "c": g.sum(axis=0)}).items():
                grads[name] += part
    return sequence_loss(o, y), grads


@wrong("free_running_gradient", "loop from the first step to the last")
def coupled_forwards(x, y, r0, params):
    h, o = free_running(x, r0, params)
    do, fed, yhat = sequence_loss_gradient(o, y), shifted(r0, softmax(o)), softmax(o)
    grads, dr = dict.fromkeys(params, 0.0), 0 * r0
    for t, (h_t, x_t, fed_t) in enumerate(zip(h, x, fed, strict=True)):
        g = do[t] + way_back(yhat[t], dr)
        delta = (1 - h_t**2) * (g @ params["V"])
        dr = delta @ params["W"]
        parts = {"U": delta.T @ x_t, "W": delta.T @ fed_t, "V": g.T @ h_t}
        parts |= {"b": delta.sum(axis=0), "c": g.sum(axis=0)}
        grads = {name: grads[name] + part for name, part in parts.items()}
    return sequence_loss(o, y), grads


@wrong("free_running_gradient", "only the product with the probabilities for the Jacobian")
def coupled_by_a_product(x, y, r0, params):
    return coupled(x, y, r0, params, back=np.multiply)


@wrong("free_running_gradient", "sum in the Jacobian over classes and sequences")
def coupled_across_the_batch(x, y, r0, params):
    return coupled(x, y, r0, params, back=lambda p, dr: p * dr - p * np.vdot(p, dr))


@wrong("free_running_gradient", "sum in the Jacobian over the sequences")
def coupled_over_the_sequences(x, y, r0, params):
    return coupled(x, y, r0, params, back=lambda p, dr: p * (dr - np.einsum("nk,nk->k", p, dr)))


@wrong("free_running_gradient", "wrong sign of what comes back")
def coupled_against_the_sign(x, y, r0, params):
    return coupled(x, y, r0, params, back=lambda p, dr: -way_back(p, dr))


@wrong("free_running_gradient", "derivative of tanh left out")
def coupled_without_slope(x, y, r0, params):
    return coupled(x, y, r0, params, slope=np.ones_like)


@wrong("free_running_gradient", "gradients at later predictions kept")
def coupled_and_kept(x, y, r0, params):
    return coupled(x, y, r0, params, keep=1)


@wrong("free_running_gradient", "a step's own prediction in dW")
def coupled_own_prediction_in_dw(x, y, r0, params):
    h, o = free_running(x, r0, params)
    do, da = all_the_way_back(h, o, y, params)
    grads = {"U": outer_sum(da, x), "V": outer_sum(do, h), "W": outer_sum(da, softmax(o))}
    return sequence_loss(o, y), grads | {"b": da.sum(axis=(0, 1)), "c": do.sum(axis=(0, 1))}


@wrong("free_running_gradient", "gradients of the first step alone")
def coupled_overwritten(x, y, r0, params):
    return coupled(x, y, r0, params, kept=slice(1))


@wrong("free_running_gradient", "gradients of the last step alone")
def coupled_returned_at_once(x, y, r0, params):
    return coupled(x, y, r0, params, kept=slice(-1, None))


@wrong("free_running_gradient", "first step left out of the sums")
def coupled_but_the_first(x, y, r0, params):
    return coupled(x, y, r0, params, kept=slice(1, None))


@wrong("free_running_gradient", "first step missing from dW")
def coupled_from_the_second_in_dw(x, y, r0, params):
    h, o = free_running(x, r0, params)
    do, da = all_the_way_back(h, o, y, params)
    grads = {"V": outer_sum(do, h), "W": outer_sum(da[1:], softmax(o)[:-1])}
    grads |= {"U": outer_sum(da, x), "b": da.sum(axis=(0, 1)), "c": do.sum(axis=(0, 1))}
    return sequence_loss(o, y), grads


def uncoupled(x, y, r0, params, slope=lambda h: 1 - h**2, kept=slice(None)):
    """Take the gradients of the teacher-forced loss in a loop, with other slopes or fewer steps."""
    h, o = teacher_forced(x, y, r0, params)
    own, fed = sequence_loss_gradient(o, y), [r0, *one_hot(y, o.shape[-1])]
    grads = {name: np.zeros(value.shape) for name, value in params.items()}
    for t in range(len(x))[kept]:
        delta = own[t] @ params["V"] * slope(h[t])
        for name, left, right in (("U", delta, x[t]), ("W", delta, fed[t]), ("V", own[t], h[t])):
            grads[name] += left.T @ right
        grads["b"] += delta.sum(axis=0)
        grads["c"] += own[t].sum(axis=0)
    return sequence_loss(o, y), grads


@wrong("teacher_forced_gradient", "gradients of the first step alone")
def forced_returned_at_once(x, y, r0, params):
    return uncoupled(x, y, r0, params, kept=slice(1))


@wrong("teacher_forced_gradient", "first step left out of the sums")
def forced_from_the_second(x, y, r0, params):
    return uncoupled(x, y, r0, params, kept=slice(1, None))


@wrong("teacher_forced_gradient", "last step left out of the sums")
def forced_but_the_last(x, y, r0, params):
    return uncoupled(x, y, r0, params, kept=slice(-1))


@wrong("teacher_forced_gradient", "derivative of tanh applied twice")
def forced_through_two_slopes(x, y, r0, params):
    return uncoupled(x, y, r0, params, slope=lambda h: (1 - h**2) ** 2)


@wrong("teacher_forced_gradient", "derivative of tanh taken of tanh(h)")
def forced_through_two_tanhs(x, y, r0, params):
    return uncoupled(x, y, r0, params, slope=lambda h: np.cosh(h) ** -2.0)


# ---------------------------------------------------------------- scheduled_sampling


@wrong("scheduled_sampling", "truth and prediction exchanged")
def mixed_the_other_way(x, y, r0, params, p, rng):
    coins = rng.random(y.shape) < p
    truth, r, hs, os = one_hot(y, r0.shape[1]), r0, [], []
    for t, x_t in enumerate(x):
        if t > 0:
            r = np.where(coins[t, :, np.newaxis], softmax(os[-1]), truth[t - 1])
        h_t, o_t = layers(x_t, r, params)
        hs.append(h_t)
        os.append(o_t)
    return np.stack(hs), np.stack(os), coins


@wrong("scheduled_sampling", "truth fed with the probability 1 - p")
def mixed_with_coins_upside_down(x, y, r0, params, p, rng):
    coins, fed, steps = np.zeros(y.shape, dtype=bool), r0, []
    for t in range(len(y)):
        coins[t] = rng.random(len(r0)) >= p
        if t > 0:
            fed = np.where(
                coins[t, :, None], one_hot(y[t - 1], fed.shape[1]), softmax(steps[-1][1])
            )
        steps.append(layers(x[t], fed, params))
    h, o = map(np.stack, zip(*steps, strict=True))
    return h, o, coins


@wrong("scheduled_sampling", "a step's own label fed")
def mixed_with_the_answer(x, y, r0, params, p, rng):
    coins, truth = rng.random(y.shape) < p, one_hot(y, r0.shape[1])
    r, hs, os = r0, [], []
    for x_t, truth_t, coin in zip(x, truth, coins, strict=True):
        if os:
            r = softmax(os[-1])
            r[coin] = truth_t[coin]
        h_t, o_t = layers(x_t, r, params)
        hs.append(h_t)
        os.append(o_t)
    return np.stack(hs), np.stack(os), coins


@wrong("scheduled_sampling", "most likely class fed back")
def mixed_with_best_class(x, y, r0, params, p, rng):
    (T, N), K = y.shape, r0.shape[1]
    coins = rng.random((T, N)) < p
    h, o, r = np.zeros((T, N, len(params["b"]))), np.zeros((T, N, K)), r0
    for t in range(T):
        if t > 0:
            r = one_hot(np.where(coins[t], y[t - 1], np.argmax(o[t - 1], axis=1)), K)
        h[t], o[t] = layers(x[t], r, params)
    return h, o, coins


@wrong("scheduled_sampling", "one coin for a whole sequence")
def mixed_by_sequence(x, y, r0, params, p, rng):
    T, N = y.shape
    coins = np.tile(rng.random(N) < p, (T, 1))
    forced, free = teacher_forced(x, y, r0, params), free_running(x, r0, params)
    h, o = (np.where(coins[..., None], a, b) for a, b in zip(forced, free, strict=True))
    return h, o, coins


@wrong("scheduled_sampling", "one coin for a whole step")
def mixed_step_by_step(x, y, r0, params, p, rng):
    T, N = y.shape
    h, o, coins, r = [], [], [], r0
    for t in range(T):
        coin = rng.random() < p
        coins.append([coin] * N)
        if t > 0:
            r = one_hot(y[t - 1], r0.shape[1]) if coin else softmax(o[-1])
        h_t, o_t = layers(x[t], r, params)
        h.append(h_t)
        o.append(o_t)
    return np.stack(h), np.stack(o), np.array(coins)


@wrong("scheduled_sampling", "coins drawn sequence by sequence")
def mixed_with_transposed_coins(x, y, r0, params, p, rng):
    T, N, _ = x.shape
    coins = np.array([[rng.random() < p for _ in range(T)] for _ in range(N)]).T
    h, o = np.zeros((T, N, len(params["b"]))), np.zeros((T, *r0.shape))
    fed = r0.copy()
    for t in range(T):
        h[t], o[t] = layers(x[t], fed, params)
        if t < T - 1:
            fed = softmax(o[t])
            fed[coins[t + 1]] = one_hot(y[t], r0.shape[1])[coins[t + 1]]
    return h, o, coins


@wrong("scheduled_sampling", "coin of the step before")
def mixed_with_an_old_coin(x, y, r0, params, p, rng):
    coins = rng.random((len(x), len(r0))) < p
    r, steps = r0, []
    for x_t, y_t, coin in zip(x, y, coins, strict=True):
        h_t, o_t = layers(x_t, r, params)
        steps.append((h_t, o_t))
        r = np.where(coin[:, None], one_hot(y_t, r0.shape[1]), softmax(o_t))
    h, o = map(np.stack, zip(*steps, strict=True))
    return h, o, coins


@wrong("scheduled_sampling", "coin obeyed at the first step")
def mixed_from_the_first_step(x, y, r0, params, p, rng):
    (T, N), K = y.shape, r0.shape[1]
    coins = rng.random((T, N)) < p
    h, o = np.zeros((T, N, len(params["b"]))), np.zeros((T, N, K))
    for t in range(T):
        r = np.empty((N, K))
        for n in range(N):
            r[n] = one_hot(y[t - 1, n], K) if coins[t, n] else softmax(o[t - 1, n])
        h[t], o[t] = layers(x[t], r, params)
    return h, o, coins


@wrong("scheduled_sampling", "truth and prediction blended")
def mixed_as_a_blend(x, y, r0, params, p, rng):
    coins = rng.random(y.shape) < p
    r, h, o = r0, [], []
    for x_t, truth in zip(x, one_hot(y, r0.shape[1]), strict=True):
        h.append(np.tanh(params["b"] + r @ params["W"].T + x_t @ params["U"].T))
        o.append(params["c"] + h[-1] @ params["V"].T)
        r = p * truth + (1 - p) * softmax(o[-1])
    return np.array(h), np.array(o), coins


@wrong("scheduled_sampling", "predictions of a free run of their own")
def mixed_with_another_run(x, y, r0, params, p, rng):
    coins = rng.random(y.shape) < p
    _, free = free_running(x, r0, params)
    choice = np.where(coins[1:, :, None], one_hot(y[:-1], r0.shape[1]), softmax(free[:-1]))
    return *layers(x, np.concatenate([[r0], choice]), params), coins


@wrong("scheduled_sampling", "r0 overwritten")
def mixed_into_r0(x, y, r0, params, p, rng):
    (T, N), K = y.shape, r0.shape[1]
    coins, r, h, o = rng.random((T, N)) < p, r0, [], []
    for t in range(T):
        for n in range(N if t else 0):
            r[n] = one_hot(y[t - 1, n], K) if coins[t, n] else softmax(o[-1][n])
        h_t, o_t = layers(x[t], r, params)
        h, o = [*h, h_t], [*o, o_t]
    return np.stack(h), np.stack(o), coins
