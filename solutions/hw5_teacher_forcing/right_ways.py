"""Correct work on hw5_teacher_forcing in other styles than the solutions'."""

import numpy as np

from solutions.hw5_teacher_forcing.solution import (
    free_running,
    log_softmax,
    one_hot,
    sequence_loss,
    softmax,
    teacher_forced,
)


def one_hot__compared_with_all_classes(y, K):
    """Booleans are judged by their values."""
    return y[..., None] == np.arange(K)


def one_hot__loop_over_labels(y, K):
    rows = np.zeros((*y.shape, K), dtype=np.float32)
    for place in np.ndindex(*y.shape):
        rows[(*place, y[place])] = 1
    return rows


def one_hot__put_along_axis(y, K):
    rows = np.zeros((*y.shape, K), dtype=int)
    np.put_along_axis(rows, y[..., None], 1, axis=-1)
    return rows


def teacher_forced__columns_of_w(x, y, r0, params):
    """W times a one-hot code is a column of W: nothing needs to be multiplied."""
    from_label = np.empty((*y.shape, len(params["b"])))
    from_label[0] = r0 @ params["W"].T
    from_label[1:] = params["W"].T[y[:-1]]
    h = np.tanh(params["b"] + from_label + np.einsum("id,tnd->tni", params["U"], x))
    return h, params["c"] + np.einsum("ki,tni->tnk", params["V"], h)


def teacher_forced__flat_rows_of_one_matrix(x, y, r0, params):
    """All steps of all sequences as the rows of one matrix, biases included."""
    (T, N, _), (K, H) = x.shape, params["V"].shape
    fed = one_hot(np.roll(y, 1, axis=0), K)
    fed[0] = r0
    rows = np.concatenate([x, fed, np.ones((T, N, 1))], axis=-1).reshape(T * N, -1)
    h = np.tanh(rows @ np.hstack([params["U"], params["W"], params["b"][:, None]]).T)
    o = np.dot(h, params["V"].T) + params["c"]
    return h.reshape(T, N, H), o.reshape(T, N, K)


def teacher_forced__loop_over_classes(x, y, r0, params):
    K = r0.shape[-1]
    a = params["b"] + x @ params["U"].T
    for k in range(K):
        a[0] += np.outer(r0[:, k], params["W"][:, k])
        a[1:] += (y[:-1] == k)[..., None] * params["W"][:, k]
    h = np.tanh(a)
    o = np.stack([h @ params["V"][k] + params["c"][k] for k in range(K)], axis=-1)
    return h.astype(np.float64), o


def log_likelihood__loop_over_all(x, y, r0, params):
    _, o = teacher_forced(x, y, r0, params)
    T, N = y.shape
    total = np.zeros(N)
    for n in range(N):
        for t in range(T):
            total[n] += log_softmax(o[t, n])[y[t, n]]
    return total


def log_likelihood__each_sequence_alone(x, y, r0, params):
    """The loss of a single sequence is its negative log-likelihood."""
    log_p = []
    for n in range(y.shape[1]):
        s = slice(n, n + 1)
        _, o = teacher_forced(x[:, s], y[:, s], r0[s], params)
        log_p.append(-sequence_loss(o, y[:, s]))
    return np.array(log_p)


def log_likelihood__margins(x, y, r0, params):
    """log yhat_y = -log sum_k exp(o_k - o_y)."""
    _, o = teacher_forced(x, y, r0, params)
    t, n = np.indices(y.shape)
    margins = o - o[t, n, y][..., None]
    return -np.logaddexp.reduce(margins, axis=2).sum(axis=0)


def teacher_forced_gradient__loop_over_steps(x, y, r0, params):
    h, o = teacher_forced(x, y, r0, params)
    (T, N), K = y.shape, o.shape[-1]
    loss, grads = 0.0, {key: np.zeros(value.shape) for key, value in params.items()}
    r = r0
    for t in range(T):
        truth = one_hot(y[t], K)
        loss -= np.sum(log_softmax(o[t]) * truth) / N
        do = (softmax(o[t]) - truth) / N
        da = do @ params["V"] * (1 - h[t] * h[t])
        grads["V"] += do.T @ h[t]
        grads["c"] += do.sum(0)
        grads["U"] += da.T @ x[t]
        grads["W"] += da.T @ r
        grads["b"] += da.sum(0)
        r = truth
    return loss, grads


def teacher_forced_gradient__each_case_by_outer_products(x, y, r0, params):
    """The gradients of all T times N separate cases, summed at the end."""
    U, W, V, b, c = (params[key] for key in "UWVbc")
    cases = {key: [] for key in "UWVbc"}
    loss, N = 0.0, y.shape[1]
    for (t, n), label in np.ndenumerate(y):
        r = r0[n] if t == 0 else np.eye(len(c))[y[t - 1, n]]
        h = np.tanh(b + W @ r + U @ x[t, n])
        log_yhat = log_softmax(c + V @ h)
        loss -= log_yhat[label] / N
        do = (np.exp(log_yhat) - np.eye(len(c))[label]) / N
        da = np.diag(1 - h**2) @ V.T @ do
        cases["U"].append(np.outer(da, x[t, n]))
        cases["W"].append(np.outer(da, r))
        cases["V"].append(np.outer(do, h))
        cases["b"].append(da)
        cases["c"].append(do)
    return np.float64(loss), {key: np.sum(parts, axis=0) for key, parts in cases.items()}


def free_running__lists_stacked(x, r0, params):
    hs, os = [], []
    for x_t in x:
        r = softmax(os[-1]) if os else r0
        a = params["b"][:, None] + params["W"] @ r.T + params["U"] @ x_t.T  # sequences as columns
        hs.append(np.tanh(a).T)
        os.append((params["c"][:, None] + params["V"] @ hs[-1].T).T)
    return np.stack(hs), np.stack(os)


def free_running__each_sequence_alone(x, r0, params):
    T, N, _ = x.shape
    K, H = params["V"].shape
    h, o = np.zeros((T, N, H)), np.zeros((T, N, K))
    for n in range(N):
        r = r0[n]
        for t in range(T):
            h[t, n] = np.tanh(params["b"] + params["W"] @ r + params["U"] @ x[t, n])
            o[t, n] = params["c"] + params["V"] @ h[t, n]
            r = np.exp(log_softmax(o[t, n]))
    return h, o


def free_running__recursive(x, r0, params):
    """One step, then a free run of what is left."""
    h = np.tanh(params["b"] + r0 @ params["W"].T + x[:1] @ params["U"].T)
    o = params["c"] + h @ params["V"].T
    if len(x) == 1:
        return h, o
    later = free_running__recursive(x[1:], softmax(o[0]), params)
    return np.concatenate([h, later[0]]), np.concatenate([o, later[1]])


def forward__error_first(x, r0, params, y=None, training=False):
    if training and y is None:
        raise ValueError("no labels")
    h, o = teacher_forced(x, y, r0, params) if training else free_running(x, r0, params)
    return h, o


def forward__one_loop_for_both(x, r0, params, y=None, training=False):
    if training and not isinstance(y, np.ndarray):
        raise ValueError
    U, W, V, b, c = (params[key] for key in "UWVbc")
    hs, os, r = [], [], r0
    for t in range(x.shape[0]):
        hs += [np.tanh(b + r @ W.T + x[t] @ U.T)]
        os += [c + hs[t] @ V.T]
        r = one_hot(y[t], len(c)) if training else softmax(os[t])
    return np.array(hs), np.array(os)


def free_running_gradient__jacobians_built(x, y, r0, params):
    """The Jacobian of softmax as a matrix for each sequence, sums gathered in the loop."""
    h, o = free_running(x, r0, params)
    yhat = softmax(o)
    (T, N), K = y.shape, o.shape[-1]
    grads = {key: np.zeros_like(value) for key, value in params.items()}
    do_next = np.zeros((N, K))  # what reaches o_t from later steps
    for t in range(T)[::-1]:
        do = (yhat[t] - one_hot(y[t], K)) / N + do_next
        da = (1 - h[t] ** 2) * np.einsum("nk,ki->ni", do, params["V"])
        r = yhat[t - 1] if t else r0
        for key, left, right in (("U", da, x[t]), ("W", da, r), ("V", do, h[t])):
            grads[key] += np.einsum("ni,nj->ij", left, right)
        grads["b"] += da.sum(axis=0)
        grads["c"] += do.sum(axis=0)
        if t > 0:
            jacobian = np.eye(K) * r[:, None, :] - r[:, :, None] * r[:, None, :]  # (N, K, K)
            do_next = (jacobian @ (da @ params["W"])[..., None])[..., 0]
    return -np.sum(np.log(yhat) * one_hot(y, K)) / N, grads


def scheduled_sampling__coins_row_by_row(x, y, r0, params, p, rng):
    """Coins drawn as the steps come, and kept as numbers."""
    U, W, V, b, c = (params[key] for key in "UWVbc")
    hs, os, rows = [], [], []
    for t in range(len(x)):
        coins = (rng.random(len(r0)) < p).astype(int)
        if t == 0:
            r = r0
        else:
            share = coins.reshape(-1, 1)
            r = share * one_hot(y[t - 1], len(c)) + (1 - share) * softmax(os[-1])
        hs.append(np.tanh(b + r @ W.T + x[t] @ U.T))
        os.append(c + hs[-1] @ V.T)
        rows.append(coins)
    return np.array(hs), np.array(os), np.array(rows)


def scheduled_sampling__each_sequence_alone(x, y, r0, params, p, rng):
    U, W, V, b, c = (params[key] for key in "UWVbc")
    T, N = y.shape
    coins = p > rng.random((T, N))
    h, o = np.empty((T, N, len(b))), np.empty((T, N, len(c)))
    for n in range(N):
        for t in range(T):
            r = r0[n].copy()
            if t and coins[t, n]:
                r[:] = 0.0
                r[y[t - 1, n]] = 1.0
            elif t:
                r = softmax(o[t - 1, n])
            h[t, n] = np.tanh(b + W @ r + U @ x[t, n])
            o[t, n] = c + V @ h[t, n]
    return h, o, coins


def scheduled_sampling__steps_of_the_free_run(x, y, r0, params, p, rng):
    """A free run of one step at a time, its start replaced where a coin says so."""
    coins = rng.random(y.shape) < p
    r, runs = r0, []
    for t in range(len(x)):
        runs.append(free_running(x[t : t + 1], r, params))
        r = softmax(runs[-1][1][0])
        if t + 1 < len(x):
            r[coins[t + 1]] = one_hot(y[t], r.shape[1])[coins[t + 1]]
    return (*(np.concatenate(parts) for parts in zip(*runs, strict=True)), coins)


def teacher_forced__rows_of_the_weights(x, y, r0, params):
    W = params["W"].T
    a = np.empty((*y.shape, W.shape[1]))
    a[0] = r0 @ W
    a[1:] = W[y[:-1]]
    a += x @ params["U"].T + params["b"]
    np.tanh(a, a)
    return [a, a @ params["V"].T + params["c"]]


def free_running__generator(x, r0, params):
    def run(r):
        for x_t in x:
            h = np.tanh(params["b"] + r @ params["W"].T + x_t @ params["U"].T)
            o = params["c"] + h @ params["V"].T
            r = softmax(o)
            yield h, o

    return tuple(np.stack(part) for part in zip(*run(r0), strict=True))


def forward__an_error_of_its_own(x, r0, params, y=None, training=False):
    class NoLabels(ValueError):
        pass

    match training, y:
        case True, None:
            raise NoLabels
        case True, _:
            return teacher_forced(x, y, r0, params)
        case _:
            return free_running(x, r0, params)


def scheduled_sampling__coins_as_numbers(x, y, r0, params, p, rng):
    (T, N), K = y.shape, r0.shape[1]
    h, o, coins, fed = [], [], [], r0
    for t in range(T):
        coins.append([int(u < p) for u in rng.random(N)])
        if t:
            predicted = softmax(o[-1])
            rows = [one_hot(y[t - 1, n], K) if coins[t][n] else predicted[n] for n in range(N)]
            fed = np.array(rows)
        h.append(np.tanh(params["b"] + fed @ params["W"].T + x[t] @ params["U"].T))
        o.append(h[-1] @ params["V"].T + params["c"])
    return np.stack(h), np.stack(o), np.array(coins)
