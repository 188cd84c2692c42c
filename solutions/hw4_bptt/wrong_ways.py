"""Classic mistakes of hw4_bptt, as somebody else makes them."""

import math
from itertools import pairwise

import numpy as np

from autograder.course.catalogue import wrong
from solutions.hw4_bptt.solution import (
    bptt,
    hidden_recurrence,
    sequence_loss,
    sequence_loss_gradient,
    single_output,
    softmax,
    step_backward,
)


def states_before(h, h0):
    return np.concatenate([h0[np.newaxis], h[:-1]])


def all_deltas(do, h, params):
    delta, from_later = np.zeros(h.shape), 0.0
    for t in reversed(range(len(h))):
        delta[t] = (1 - h[t] ** 2) * (do[t] @ params["V"] + from_later)
        from_later = delta[t] @ params["W"]
    return delta


def all_gradients(x, h0, h, do, delta, params):
    return {
        "U": np.einsum("tnh,tnd->hd", delta, x),
        "W": np.einsum("tnh,tnj->hj", delta, states_before(h, h0)),
        "V": np.einsum("tnk,tnh->kh", do, h),
        "b": delta.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": delta @ params["U"],
        "h0": delta[0] @ params["W"],
    }


def backward_from_outputs(x, h0, h, do, params):
    return all_gradients(x, h0, h, do, all_deltas(do, h, params), params)


# numerical_gradient


@wrong("numerical_gradient", "one-sided difference, forward")
def slope_to_the_right(f, x, eps=1e-5):
    here = f(x)
    grad = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        there = x.astype(float)
        there[index] += eps
        grad[index] = (f(there) - here) / eps
    return grad


@wrong("numerical_gradient", "one-sided difference, backward")
def slope_to_the_left(f, x, eps=1e-5):
    moves = eps * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x) - f(x - move)) / eps for move in moves]).reshape(x.shape)


@wrong("numerical_gradient", "divided by eps instead of 2 eps")
def twice_the_slope(f, x, eps=1e-5):
    def value(i, move):
        numbers = np.array(x, dtype=float).ravel()
        numbers[i] += move
        return f(numbers.reshape(x.shape))

    slopes = [(value(i, eps) - value(i, -eps)) / eps for i in range(x.size)]
    return np.reshape(slopes, x.shape)


@wrong("numerical_gradient", "divided by 2, then multiplied by eps")
def slope_without_brackets(f, x, eps=1e-5):
    grad = np.zeros(x.shape)
    for index, old in np.ndenumerate(x):
        up, down = np.array(x, dtype=float), np.array(x, dtype=float)
        up[index] = old + eps
        down[index] = old - eps
        grad[index] = (f(up) - f(down)) / 2 * eps
    return grad


@wrong("numerical_gradient", "one of the two points is x itself")
def slope_after_moving_back(f, x, eps=1e-5):
    grad, moved = np.zeros(x.shape), np.array(x, dtype=float)
    for index, old in np.ndenumerate(x):
        moved[index] = old + eps
        above = f(moved)
        moved[index] = old
        below = f(moved)
        grad[index] = (above - below) / (2 * eps)
    return grad


@wrong("numerical_gradient", "eps taken for the whole distance")
def slope_over_one_eps(f, x, eps=1e-5):
    half = eps / 2
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[index] = 1.0
        grad[index] = (f(x + half * e) - f(x - half * e)) / eps
    return grad


@wrong("numerical_gradient", "argument eps ignored")
def slope_at_my_own_distance(f, x, eps=1e-5):
    move = 1e-5
    values = []
    for i in range(x.size):
        e = np.zeros(x.size)
        e[i] = move
        e = e.reshape(x.shape)
        values += [f(x + e), f(x - e)]
    plus, minus = np.array(values[::2]), np.array(values[1::2])
    return ((plus - minus) / (2 * move)).reshape(x.shape)


@wrong("numerical_gradient", "points exchanged")
def slope_downwards(f, x, eps=1e-5):
    def slopes(g, z):
        if np.ndim(z) == 0:
            return (g(z - eps) - g(z + eps)) / (2 * eps)
        return [slopes(lambda part, i=i: g(replaced(z, i, part)), z[i]) for i in range(len(z))]

    def replaced(z, i, part):
        z = np.array(z, dtype=float)
        z[i] = part
        return z

    return np.array(slopes(f, x)).reshape(x.shape)


@wrong("numerical_gradient", "all entries moved at once")
def slope_along_the_diagonal(f, x, eps=1e-5):
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        plus = x + eps
        minus = x - eps
        grad[index] = (f(plus) - f(minus)) / (2 * eps)
    return grad


@wrong("numerical_gradient", "earlier entries stay moved")
def slope_with_one_move_array(f, x, eps=1e-5):
    e = np.zeros(x.shape)
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        e[index] = eps
        grad[index] = (f(x + e) - f(x - e)) / (2 * eps)
    return grad


@wrong("numerical_gradient", "both points are the same array")
def slope_between_two_names(f, x, eps=1e-5):
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x_plus, x_minus = x, x
        x_plus[index] += eps
        x_minus[index] -= eps
        grad[index] = (f(x_plus) - f(x_minus)) / (2 * eps)
    return grad


@wrong("numerical_gradient", "x not put back after an entry")
def slope_that_walks_away(f, x, eps=1e-5):
    slopes = []
    for i in range(x.size):
        x.flat[i] += eps
        up = f(x)
        x.flat[i] -= 2 * eps
        slopes.append((up - f(x)) / (2 * eps))
    return np.array(slopes).reshape(x.shape)


@wrong("numerical_gradient", "x put back by adding eps again")
def slope_there_and_back(f, x, eps=1e-5):
    grad = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += eps
        grad[index] = f(x)
        x[index] -= 2 * eps
        grad[index] -= f(x)
        x[index] += eps
    grad /= 2 * eps
    return grad


@wrong("numerical_gradient", "entries of the first axis only")
def slope_row_by_row(f, x, eps=1e-5):
    grad = np.zeros(x.shape)
    for i in range(len(x)):
        above, below = x.astype(float), x.astype(float)
        above[i] += eps
        below[i] -= eps
        grad[i] = (f(above) - f(below)) / (2 * eps)
    return grad


@wrong("numerical_gradient", "result left flat")
def slopes_in_a_row(f, x, eps=1e-5):
    def slope(index):
        e = np.zeros(x.shape)
        e[index] = eps
        return (f(x + e) - f(x - e)) / (2 * eps)

    return np.array([slope(index) for index in np.ndindex(x.shape)])


# step_backward


@wrong("step_backward", "derivative of tanh taken as 1 - h")
def back_with_one_minus_h(dh, x_t, h_prev, h_t, params):
    da = (1 - h_t) * dh
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@wrong("step_backward", "derivative of tanh taken at h_prev")
def back_through_the_tanh_before(dh, x_t, h_prev, h_t, params):
    delta = dh - dh * h_prev**2
    dx_t = np.einsum("nh,hd->nd", delta, params["U"])
    dh_prev = np.einsum("nh,hj->nj", delta, params["W"])
    dU = np.einsum("nh,nd->hd", delta, x_t)
    dW = np.einsum("nh,nj->hj", delta, h_prev)
    return dx_t, dh_prev, {"U": dU, "W": dW, "b": np.einsum("nh->h", delta)}


@wrong("step_backward", "derivative of tanh taken of tanh(h)")
def back_through_two_tanhs(dh, x_t, h_prev, h_t, params):
    def tanh_prime(z):
        return 1 - np.tanh(z) ** 2

    delta = dh * tanh_prime(h_t)
    grads = {name: delta.T @ factor for name, factor in (("U", x_t), ("W", h_prev))}
    grads["b"] = delta.sum(0)
    return delta.dot(params["U"]), delta.dot(params["W"]), grads


@wrong("step_backward", "derivative of tanh left out")
def back_without_tanh(dh, x_t, h_prev, h_t, params):
    dx_t, dh_prev = (dh @ params[name] for name in "UW")
    dU = sum(np.outer(d, v) for d, v in zip(dh, x_t, strict=True))
    dW = sum(np.outer(d, v) for d, v in zip(dh, h_prev, strict=True))
    return dx_t, dh_prev, {"U": dU, "W": dW, "b": sum(dh)}


@wrong("step_backward", "divided by the derivative of tanh")
def back_by_division(dh, x_t, h_prev, h_t, params):
    delta = dh / (1.0 - h_t * h_t)
    grads = {}
    grads["U"] = delta.T @ x_t
    grads["W"] = delta.T @ h_prev
    grads["b"] = np.sum(delta, axis=0)
    return delta @ params["U"], delta @ params["W"], grads


@wrong("step_backward", "derivative of tanh applied twice")
def back_through_the_tanh_twice(dh, x_t, h_prev, h_t, params):
    slope = (1 - h_t) * (1 + h_t)
    delta = np.einsum("nh,nh,nh->nh", dh, slope, slope)
    dU, dW = (np.einsum("nh,nj->hj", delta, factor) for factor in (x_t, h_prev))
    return delta @ params["U"], delta @ params["W"], {"U": dU, "W": dW, "b": sum(delta)}


@wrong("step_backward", "derivative of tanh taken as 1 - a^2")
def back_with_the_argument(dh, x_t, h_prev, h_t, params):
    U, W, b = params["U"], params["W"], params["b"]
    a_t = b + h_prev @ W.T + x_t @ U.T
    delta = dh * (1 - a_t**2)
    return delta @ U, delta @ W, {"U": delta.T @ x_t, "W": delta.T @ h_prev, "b": delta.sum(0)}


@wrong("step_backward", "derivative of the sigmoid, h (1 - h)")
def back_through_a_sigmoid(dh, x_t, h_prev, h_t, params):
    delta = h_t * (1 - h_t) * dh
    dx_t = np.stack([params["U"].T @ d for d in delta])
    dh_prev = np.stack([params["W"].T @ d for d in delta])
    dU = np.tensordot(delta, x_t, axes=(0, 0))
    dW = np.tensordot(delta, h_prev, axes=(0, 0))
    return dx_t, dh_prev, {"U": dU, "W": dW, "b": delta.sum(axis=0)}


@wrong("step_backward", "derivative of tanh taken as 1 + h^2")
def back_with_a_plus(dh, x_t, h_prev, h_t, params):
    delta = np.square(h_t)
    delta += 1
    delta *= dh
    parts = delta.T @ x_t, delta.T @ h_prev, delta.sum(axis=0)
    grads = dict(zip(("U", "W", "b"), parts, strict=True))
    return delta @ params["U"], delta @ params["W"], grads


@wrong("step_backward", "W for W^T")
def back_with_w_as_in_the_formula_forward(dh, x_t, h_prev, h_t, params):
    delta = dh * (1 - h_t**2)
    dx_t = delta @ params["U"]
    dh_prev = delta @ params["W"].T
    grads = {"U": delta.T @ x_t, "W": delta.T @ h_prev, "b": delta.sum(axis=0)}
    return dx_t, dh_prev, grads


@wrong("step_backward", "W^T first, the derivative of tanh afterwards")
def back_in_the_order_forward(dh, x_t, h_prev, h_t, params):
    slope = 1 - h_t**2
    dh_prev = (dh @ params["W"]) * slope
    dx_t = (dh * slope) @ params["U"]
    dU, dW = ((dh * slope).T @ v for v in (x_t, h_prev))
    return dx_t, dh_prev, {"U": dU, "W": dW, "b": (dh * slope).sum(axis=0)}


@wrong("step_backward", "dh_prev without the derivative of tanh")
def back_to_h_past_the_tanh(dh, x_t, h_prev, h_t, params):
    dh_prev = (params["W"].T @ dh.T).T
    delta = (1 - h_t**2) * dh
    dx_t = (params["U"].T @ delta.T).T
    grads = {"U": delta.T @ x_t, "W": delta.T @ h_prev, "b": delta.T @ np.ones(len(dh))}
    return dx_t, dh_prev, grads


@wrong("step_backward", "dh itself added to dh_prev")
def back_with_a_shortcut(dh, x_t, h_prev, h_t, params):
    delta = dh * (1 - h_t**2)
    dh_prev = dh.copy()
    for n in range(len(dh)):
        dh_prev[n] += delta[n] @ params["W"]
    grads = {"U": delta.T @ x_t, "W": delta.T @ h_prev, "b": delta.sum(axis=0)}
    return delta @ params["U"], dh_prev, grads


@wrong("step_backward", "dx_t without the derivative of tanh")
def back_to_x_past_the_tanh(dh, x_t, h_prev, h_t, params):
    dx_t = np.einsum("hd,nh->nd", params["U"], dh)
    delta = np.einsum("nh,nh->nh", 1 - h_t**2, dh)
    dh_prev = np.einsum("hj,nh->nj", params["W"], delta)
    grads = {"U": np.einsum("nh,nd->hd", delta, x_t), "W": np.einsum("nh,nj->hj", delta, h_prev)}
    return dx_t, dh_prev, grads | {"b": delta.sum(axis=0)}


@wrong("step_backward", "dU, dW and db without the derivative of tanh")
def back_to_parameters_past_the_tanh(dh, x_t, h_prev, h_t, params):
    delta = dh * (1 - h_t**2)
    grads = {"U": dh.T @ x_t, "W": dh.T @ h_prev, "b": dh.sum(axis=0)}
    return delta @ params["U"], delta @ params["W"], grads


@wrong("step_backward", "db without the derivative of tanh")
def back_to_b_past_the_tanh(dh, x_t, h_prev, h_t, params):
    grads = {"b": np.add.reduce(dh)}
    delta = dh * (1 - h_t) * (1 + h_t)
    grads["U"], grads["W"] = np.matmul(delta.T, x_t), np.matmul(delta.T, h_prev)
    return np.matmul(delta, params["U"]), np.matmul(delta, params["W"]), grads


@wrong("step_backward", "h_t for h_prev in dW")
def back_with_the_state_after(dh, x_t, h_prev, h_t, params):
    delta = dh * (1 - h_t**2)
    dU = (delta[:, :, np.newaxis] * x_t[:, np.newaxis]).sum(axis=0)
    dW = (delta[:, :, np.newaxis] * h_t[:, np.newaxis]).sum(axis=0)
    return delta @ params["U"], delta @ params["W"], {"U": dU, "W": dW, "b": delta.sum(axis=0)}


@wrong("step_backward", "dW transposed")
def back_with_the_sender_in_rows(dh, x_t, h_prev, h_t, params):
    delta = dh * (1 - h_t**2)
    dU, dW = np.zeros(params["U"].shape), np.zeros(params["W"].shape)
    for n, d in enumerate(delta):
        dU += np.outer(d, x_t[n])
        dW += np.outer(h_prev[n], d)
    return delta @ params["U"], delta @ params["W"], {"U": dU, "W": dW, "b": delta.sum(axis=0)}


@wrong("step_backward", "dU transposed")
def back_with_the_input_in_rows(dh, x_t, h_prev, h_t, params):
    delta = dh * (1 - h_t**2)
    grads = {"U": x_t.T @ delta, "W": delta.T @ h_prev, "b": delta.sum(axis=0)}
    return delta @ params["U"], delta @ params["W"], grads


@wrong("step_backward", "db averaged over the batch")
def back_with_the_mean_for_b(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - np.power(h_t, 2))
    return (
        da @ params["U"],
        da @ params["W"],
        {"U": da.T @ x_t, "W": da.T @ h_prev, "b": np.mean(da, axis=0)},
    )


@wrong("step_backward", "dU, dW and db averaged over the batch")
def back_with_means(dh, x_t, h_prev, h_t, params):
    delta = dh * (1 - h_t**2)
    per_sequence = {
        "U": np.einsum("nh,nd->nhd", delta, x_t),
        "W": np.einsum("nh,nj->nhj", delta, h_prev),
        "b": delta,
    }
    grads = {name: parts.mean(axis=0) for name, parts in per_sequence.items()}
    return delta @ params["U"], delta @ params["W"], grads


@wrong("step_backward", "db not summed over the batch")
def back_with_a_b_for_each_sequence(dh, x_t, h_prev, h_t, params):
    delta = dh * (1 - h_t**2)
    grads = {"U": delta.T @ x_t, "W": delta.T @ h_prev, "b": delta}
    return delta @ params["U"], delta @ params["W"], grads


@wrong("step_backward", "db summed over the wrong axis")
def back_with_b_summed_over_units(dh, x_t, h_prev, h_t, params):
    delta = dh * (1 - h_t**2)
    grads = {"U": delta.T @ x_t, "W": delta.T @ h_prev}
    grads["b"] = delta.sum(axis=-1)
    return delta @ params["U"], delta @ params["W"], grads


@wrong("step_backward", "parameters' gradients from the first sequence only")
def back_from_one_sequence(dh, x_t, h_prev, h_t, params):
    delta = dh * (1 - h_t**2)
    first = delta[0]
    grads = {"U": np.outer(first, x_t[0]), "W": np.outer(first, h_prev[0]), "b": first.copy()}
    return delta @ params["U"], delta @ params["W"], grads


@wrong("step_backward", "gradient summed over the batch too early")
def back_with_one_delta_for_all(dh, x_t, h_prev, h_t, params):
    delta = np.sum(dh * (1 - h_t**2), axis=0)
    dx_t, dh_prev = np.zeros(x_t.shape), np.zeros(h_prev.shape)
    dU, dW = 0.0, 0.0
    for n in range(len(dh)):
        dx_t[n] = params["U"].T @ delta
        dh_prev[n] = params["W"].T @ delta
        dU = dU + np.outer(delta, x_t[n])
        dW = dW + np.outer(delta, h_prev[n])
    return dx_t, dh_prev, {"U": dU, "W": dW, "b": delta}


@wrong("step_backward", "dx_t and dh_prev exchanged")
def back_in_the_other_order(dh, x_t, h_prev, h_t, params):
    delta = dh * (1 - h_t**2)
    dh_prev, dx_t = delta @ params["W"], delta @ params["U"]
    return dh_prev, dx_t, {"U": delta.T @ x_t, "W": delta.T @ h_prev, "b": delta.sum(axis=0)}


@wrong("step_backward", "dh multiplied in place")
def back_in_the_callers_array(dh, x_t, h_prev, h_t, params):
    dh *= 1 - h_t**2
    grads = {"U": dh.T @ x_t, "W": dh.T @ h_prev, "b": dh.sum(axis=0)}
    return dh @ params["U"], dh @ params["W"], grads


# bptt: the tanh


@wrong("bptt", "derivative of tanh taken as 1 - h")
def bptt_one_minus_h(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    delta, carried = np.empty(h.shape), np.zeros(h0.shape)
    for t in range(len(x))[::-1]:
        delta[t] = (1 - h[t]) * (do[t] @ params["V"] + carried)
        carried = delta[t] @ params["W"]
    return sequence_loss(o, y), all_gradients(x, h0, h, do, delta, params)


@wrong("bptt", "derivative of tanh taken at h_{t-1}")
def bptt_tanh_before(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(array.shape) for name, array in params.items()}
    grads |= {"x": np.zeros(x.shape), "h0": np.zeros(h0.shape)}
    for t in reversed(range(len(x))):
        before = h[t - 1] if t > 0 else h0
        delta = (grads["h0"] + do[t] @ params["V"]) * (1 - before**2)
        grads["U"] += delta.T @ x[t]
        grads["W"] += delta.T @ before
        grads["b"] += delta.sum(axis=0)
        grads["V"] += do[t].T @ h[t]
        grads["c"] += do[t].sum(axis=0)
        grads["x"][t] = delta @ params["U"]
        grads["h0"] = delta @ params["W"]
    return sequence_loss(o, y), grads


@wrong("bptt", "derivative of tanh taken of tanh(h)")
def bptt_two_tanhs(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    slope = 1 - np.tanh(h) ** 2
    deltas, dh = [], do[-1] @ params["V"]
    for t in range(len(x) - 1, -1, -1):
        deltas.insert(0, dh * slope[t])
        dh = deltas[0] @ params["W"] + (do[t - 1] @ params["V"] if t else 0)
    return sequence_loss(o, y), all_gradients(x, h0, h, do, np.stack(deltas), params)


@wrong("bptt", "derivative of tanh left out")
def bptt_without_tanh(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    dh = np.einsum("tnk,kh->tnh", do, params["V"])
    for t in range(len(x) - 2, -1, -1):
        dh[t] += dh[t + 1] @ params["W"]
    return sequence_loss(o, y), all_gradients(x, h0, h, do, dh, params)


@wrong("bptt", "divided by the derivative of tanh")
def bptt_by_division(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    dx, dU, dW, db, carry = [], 0, 0, 0, 0
    for x_t, h_prev, h_t, do_t in list(zip(x, [h0, *h[:-1]], h, do, strict=True))[::-1]:
        delta = (do_t @ params["V"] + carry) / (1 - h_t**2)
        dx = [delta @ params["U"], *dx]
        dU, dW, db = dU + delta.T @ x_t, dW + delta.T @ h_prev, db + delta.sum(axis=0)
        carry = delta @ params["W"]
    dV, dc = np.tensordot(do, h, axes=((0, 1), (0, 1))), do.sum(axis=(0, 1))
    grads = {"U": dU, "W": dW, "V": dV, "b": db, "c": dc, "x": np.array(dx), "h0": carry}
    return sequence_loss(o, y), grads


@wrong("bptt", "derivative of tanh applied twice")
def bptt_through_each_tanh_twice(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do, slope = sequence_loss_gradient(o, y), 1 - h**2
    delta = np.zeros((len(x) + 1, *h0.shape))
    for t in reversed(range(len(x))):
        dh = do[t] @ params["V"] + delta[t + 1] @ params["W"]
        delta[t] = slope[t] * (slope[t] * dh)
    return sequence_loss(o, y), all_gradients(x, h0, h, do, delta[:-1], params)


@wrong("bptt", "derivative of tanh taken as 1 - a^2")
def bptt_square_of_the_argument(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    a = params["b"] + states_before(h, h0) @ params["W"].T + x @ params["U"].T
    do = sequence_loss_gradient(o, y)
    delta = do @ params["V"]
    for t in reversed(range(len(x))):
        if t + 1 < len(x):
            delta[t] += delta[t + 1] @ params["W"]
        delta[t] *= 1 - a[t] ** 2
    return sequence_loss(o, y), all_gradients(x, h0, h, do, delta, params)


@wrong("bptt", "derivative of the sigmoid, h (1 - h)")
def bptt_sigmoid(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)

    def through_activation(dh, state):
        return dh * state * (1 - state)

    deltas = [through_activation(do[-1] @ params["V"], h[-1])]
    for do_t, h_t in zip(do[-2::-1], h[-2::-1], strict=True):
        dh = do_t @ params["V"] + deltas[-1] @ params["W"]
        deltas.append(through_activation(dh, h_t))
    return sequence_loss(o, y), all_gradients(x, h0, h, do, np.array(deltas[::-1]), params)


# bptt: from state to state


@wrong("bptt", "recurrent term with W for W^T")
def bptt_w_not_transposed(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    delta, carry = np.zeros(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        delta[t] = (do[t] @ params["V"] + carry) * (1 - h[t] ** 2)
        carry = delta[t] @ params["W"].T
    grads = {
        "U": sum(d.T @ x_t for d, x_t in zip(delta, x, strict=True)),
        "W": sum(d.T @ s for d, s in zip(delta, states_before(h, h0), strict=True)),
        "V": sum(d.T @ h_t for d, h_t in zip(do, h, strict=True)),
        "b": delta.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
    }
    return sequence_loss(o, y), {**grads, "x": delta @ params["U"], "h0": carry}


@wrong("bptt", "W^T first, the derivative of tanh afterwards")
def bptt_tanh_last(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    slope = 1 - h**2
    dh = do @ params["V"]
    for t in range(len(x) - 1, 0, -1):
        dh[t - 1] += (dh[t] @ params["W"]) * slope[t]
    grads = all_gradients(x, h0, h, do, dh * slope, params)
    grads["h0"] = (dh[0] @ params["W"]) * slope[0]
    return sequence_loss(o, y), grads


@wrong("bptt", "recurrent term dropped")
def bptt_steps_on_their_own(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    before = states_before(h, h0)
    steps = [
        step_backward(do[t] @ params["V"], x[t], before[t], h[t], params) for t in range(len(x))
    ]
    grads = {name: sum(step[2][name] for step in steps) for name in ("U", "W", "b")}
    grads["x"] = np.stack([dx_t for dx_t, _, _ in steps])
    grads["h0"] = steps[0][1]
    grads["V"] = np.einsum("tnk,tnh->kh", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    return sequence_loss(o, y), grads


@wrong("bptt", "gradient at h_t kept beside what goes back")
def bptt_residual_way_back(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    dh = do @ params["V"]
    for t in range(len(x) - 1, 0, -1):
        dh[t - 1] += dh[t] + (dh[t] * (1 - h[t] ** 2)) @ params["W"]
    delta = dh * (1 - h**2)
    grads = all_gradients(x, h0, h, do, delta, params)
    return sequence_loss(o, y), grads | {"h0": dh[0] + delta[0] @ params["W"]}


@wrong("bptt", "share of the output added after the step back")
def bptt_output_share_a_step_late(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(array.shape) for name, array in params.items()}
    dx, carry = [], np.zeros(h0.shape)
    for x_t, do_t, h_t, before in list(zip(x, do, h, states_before(h, h0), strict=True))[::-1]:
        dx_t, carry, step = step_backward(carry, x_t, before, h_t, params)
        carry = carry + do_t @ params["V"]
        dx.insert(0, dx_t)
        for name, part in (step | {"V": do_t.T @ h_t, "c": do_t.sum(axis=0)}).items():
            grads[name] += part
    return sequence_loss(o, y), grads | {"x": np.stack(dx), "h0": carry}


@wrong("bptt", "recurrent term without the derivative of tanh")
def bptt_carried_past_the_tanh(x, h0, y, params):
    U, W, V = (params[name] for name in "UWV")
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    dU, dW, db, dx = np.zeros(U.shape), np.zeros(W.shape), 0.0, np.zeros(x.shape)
    dh_next = np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = do[t] @ V + dh_next
        delta = (1 - h[t] ** 2) * dh
        dU += delta.T @ x[t]
        dW += delta.T @ (h[t - 1] if t else h0)
        db += delta.sum(axis=0)
        dx[t] = delta @ U
        dh_next = dh @ W
    dV, dc = sum(do[t].T @ h[t] for t in range(len(x))), do.sum(axis=0).sum(axis=0)
    return sequence_loss(o, y), dict(zip("UWVbc", (dU, dW, dV, db, dc), strict=True)) | {
        "x": dx,
        "h0": dh_next,
    }


@wrong("bptt", "derivative of step t in the recurrent term")
def bptt_tanh_of_the_receiver(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    dh = np.zeros(h.shape)
    dh[-1] = do[-1] @ params["V"]
    for t in range(len(x) - 2, -1, -1):
        dh[t] = ((1 - h[t] ** 2) * dh[t + 1]) @ params["W"] + do[t] @ params["V"]
    grads = all_gradients(x, h0, h, do, (1 - h**2) * dh, params)
    grads["h0"] = ((1 - h0**2) * dh[0]) @ params["W"]
    return sequence_loss(o, y), grads


@wrong("bptt", "loss only at the last step")
def bptt_last_label(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    loss = sequence_loss(o[-1:], y[-1:])
    do = sequence_loss_gradient(o[-1:], y[-1:])[0]
    grads = {"V": do.T @ h[-1], "c": do.sum(axis=0)}
    grads |= {name: np.zeros(params[name].shape) for name in "UWb"}
    dh, dx = do @ params["V"], []
    for t in range(len(x) - 1, -1, -1):
        dx_t, dh, parts = step_backward(dh, x[t], h[t - 1] if t else h0, h[t], params)
        dx.append(dx_t)
        for name, part in parts.items():
            grads[name] += part
    return loss, {**grads, "x": np.stack(dx[::-1]), "h0": dh}


@wrong("bptt", "only the last output sends a gradient to its state")
def bptt_last_output(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {"V": np.einsum("tnk,tnh->kh", do, h), "c": np.einsum("tnk->k", do)}
    grads |= {"x": np.zeros(x.shape), "U": 0, "W": 0, "b": 0}
    dh = do[-1] @ params["V"]
    for t in reversed(range(len(x))):
        grads["x"][t], dh, step = step_backward(dh, x[t], states_before(h, h0)[t], h[t], params)
        for name in step:
            grads[name] = grads[name] + step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads


# bptt: the sum over time


@wrong("bptt", "gradients of U, W and b overwritten at each step")
def bptt_overwritten(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {"V": np.tensordot(do, h, ((0, 1), (0, 1))), "c": do.sum((0, 1))}
    grads["x"], grads["h0"] = np.zeros(x.shape), np.zeros(h0.shape)
    before = states_before(h, h0)
    for t in reversed(range(len(x))):
        dh = do[t] @ params["V"] + grads["h0"]
        grads["x"][t], grads["h0"], step = step_backward(dh, x[t], before[t], h[t], params)
        grads.update(step)
    return sequence_loss(o, y), grads


@wrong("bptt", "h_t for h_{t-1} in dW")
def bptt_state_after_in_dw(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    delta = all_deltas(do, h, params)

    def flat(array):
        return array.reshape(-1, array.shape[-1])

    grads = {"U": flat(delta).T @ flat(x), "W": flat(delta).T @ flat(h), "b": flat(delta).sum(0)}
    grads |= {"V": flat(do).T @ flat(h), "c": flat(do).sum(0)}
    grads |= {"x": delta @ params["U"], "h0": delta[0] @ params["W"]}
    return sequence_loss(o, y), grads


@wrong("bptt", "first step left out of dW")
def bptt_dw_without_h0(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    delta = all_deltas(do, h, params)
    return sequence_loss(o, y), {
        "U": np.einsum("tnh,tnd->hd", delta, x),
        "W": np.einsum("tnh,tnj->hj", delta[1:], h[:-1]),
        "V": np.einsum("tnk,tnh->kh", do, h),
        "b": np.einsum("tnh->h", delta),
        "c": np.einsum("tnk->k", do),
        "x": np.einsum("tnh,hd->tnd", delta, params["U"]),
        "h0": np.einsum("nh,hj->nj", delta[0], params["W"]),
    }


@wrong("bptt", "h[-1] for h0 at the first step")
def bptt_index_minus_one(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    dV, dc = sum(d.T @ s for d, s in zip(do, h, strict=True)), do.sum(axis=(0, 1))
    dU, dW, db, dx, dh = 0, 0, 0, np.zeros(x.shape), 0
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        dx[t], dh, step = step_backward(dh, x[t], h[t - 1], h[t], params)
        dU, dW, db = dU + step["U"], dW + step["W"], db + step["b"]
    return sequence_loss(o, y), {"U": dU, "W": dW, "V": dV, "b": db, "c": dc, "x": dx, "h0": dh}


# bptt: the loop, and its end at h0


@wrong("bptt", "loop from the first step to the last")
def bptt_forwards(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    sums = {name: np.zeros(params[name].shape) for name in ("U", "W", "b")}
    dx, dh, h_prev = [], np.zeros(h0.shape), h0
    for x_t, h_t, do_t in zip(x, h, do, strict=True):
        dx_t, dh, step = step_backward(dh + do_t @ params["V"], x_t, h_prev, h_t, params)
        dx.append(dx_t)
        sums = {name: sums[name] + step[name] for name in sums}
        h_prev = h_t
    dV, dc = np.einsum("tnk,tnh->kh", do, h), do.sum(axis=(0, 1))
    return sequence_loss(o, y), sums | {"V": dV, "c": dc, "x": np.stack(dx), "h0": dh}


@wrong("bptt", "loop ends before the first step")
def bptt_stops_at_one(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(array.shape) for name, array in {**params, "x": x, "h0": h0}.items()}
    grads["V"] += np.einsum("tnk,tnh->kh", do, h)
    grads["c"] += do.sum(axis=(0, 1))
    for t in range(len(x) - 1, 0, -1):
        dh = grads["h0"] + do[t] @ params["V"]
        grads["x"][t], grads["h0"], step = step_backward(dh, x[t], h[t - 1], h[t], params)
        for name in step:
            grads[name] += step[name]
    return sequence_loss(o, y), grads


@wrong("bptt", "loop begins one step too early")
def bptt_begins_at_t_minus_two(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    delta, carry = np.zeros(h.shape), np.zeros(h0.shape)
    for t in range(T - 2, -1, -1):
        delta[t] = (do[t] @ params["V"] + carry) * (1 - h[t] ** 2)
        carry = delta[t] @ params["W"]
    return sequence_loss(o, y), all_gradients(x, h0, h, do, delta, params)


@wrong("bptt", "dh0 not taken back through the first step")
def bptt_dh0_is_dh1(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    before = states_before(h, h0)
    dh = do @ params["V"]
    dx, sums = np.zeros(x.shape), {"U": 0.0, "W": 0.0, "b": 0.0}
    for t in reversed(range(len(x))):
        dx[t], dh_prev, step = step_backward(dh[t], x[t], before[t], h[t], params)
        sums = {name: total + step[name] for name, total in sums.items()}
        if t > 0:
            dh[t - 1] += dh_prev
    dV = np.tensordot(do, h, axes=((0, 1), (0, 1)))
    return sequence_loss(o, y), {**sums, "V": dV, "c": do.sum(axis=(0, 1)), "x": dx, "h0": dh[0]}


@wrong("bptt", "dh0 without W^T")
def bptt_dh0_is_delta1(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = dict.fromkeys("UWVbc", 0.0)
    dx, delta = [], np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        delta = (do[t] @ params["V"] + delta @ params["W"]) * (1 - h[t] ** 2)
        pairs = {"U": (delta, x[t]), "W": (delta, h[t - 1] if t else h0), "V": (do[t], h[t])}
        pairs |= {"b": (delta, np.ones(len(h0))), "c": (do[t], np.ones(len(h0)))}
        grads = {name: grads[name] + left.T @ right for name, (left, right) in pairs.items()}
        dx.insert(0, delta @ params["U"])
    return sequence_loss(o, y), grads | {"x": np.array(dx), "h0": delta}


@wrong("bptt", "initial state taken for a constant")
def bptt_constant_h0(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {"h0": np.zeros(h0.shape), "x": np.zeros(x.shape)}
    grads["V"], grads["c"] = np.einsum("tnk,tnh->kh", do, h), do.sum(axis=(0, 1))
    dh = np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh += do[t] @ params["V"]
        grads["x"][t], dh, step = step_backward(dh, x[t], h[t - 1] if t else h0, h[t], params)
        grads |= {name: grads.get(name, 0) + part for name, part in step.items()}
    return sequence_loss(o, y), grads


# bptt: V and c, and sums or means


@wrong("bptt", "dV from the last step only")
def bptt_last_dv(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWbc"}
    grads["x"], dh = np.zeros(x.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        grads["c"] += do[t].sum(axis=0)
        grads["x"][t], dh, step = step_backward(
            dh + do[t] @ params["V"], x[t], h[t - 1] if t else h0, h[t], params
        )
        for name in "UWb":
            grads[name] += step[name]
    return sequence_loss(o, y), {**grads, "V": do[-1].T @ h[-1], "h0": dh}


@wrong("bptt", "h_{t-1} for h_t in dV")
def bptt_state_before_in_dv(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(array.shape) for name, array in params.items()}
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        h_prev = h0 if t == 0 else h[t - 1]
        delta = (dh + do[t] @ params["V"]) * (1 - h[t] ** 2)
        for name, d, source in (("U", delta, x[t]), ("W", delta, h_prev), ("V", do[t], h_prev)):
            grads[name] += np.einsum("ni,nj->ij", d, source)
        grads["b"] += delta.sum(axis=0)
        grads["c"] += do[t].sum(axis=0)
        dx[t], dh = delta @ params["U"], delta @ params["W"]
    return sequence_loss(o, y), {**grads, "x": dx, "h0": dh}


@wrong("bptt", "dc from the last step only")
def bptt_last_dc(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {"V": np.zeros(params["V"].shape), "U": 0.0, "W": 0.0, "b": 0.0}
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    for n_back in range(1, len(x) + 1):
        h_prev = h[-n_back - 1] if n_back < len(x) else h0
        grads["V"] += do[-n_back].T @ h[-n_back]
        dh = dh + do[-n_back] @ params["V"]
        dx[-n_back], dh, step = step_backward(dh, x[-n_back], h_prev, h[-n_back], params)
        grads |= {name: grads[name] + step[name] for name in step}
    grads |= {"c": np.sum(do[-1], axis=0), "x": dx, "h0": dh}
    return sequence_loss(o, y), grads


@wrong("bptt", "dc averaged over time and batch")
def bptt_mean_dc(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    delta = all_deltas(do, h, params)
    grads = {"c": do.mean(axis=(0, 1)), "b": delta.sum(axis=(0, 1))}
    for name, d, source in (("U", delta, x), ("W", delta, states_before(h, h0)), ("V", do, h)):
        grads[name] = np.matmul(d.transpose(0, 2, 1), source).sum(axis=0)
    grads["x"], grads["h0"] = delta @ params["U"], delta[0] @ params["W"]
    return sequence_loss(o, y), grads


@wrong("bptt", "db averaged over the batch")
def bptt_mean_db(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    before = states_before(h, h0)
    dU, dW, db = np.zeros_like(params["U"]), np.zeros_like(params["W"]), np.zeros_like(params["b"])
    dx, dh = [], np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        delta = (dh + do[t] @ params["V"]) * (1 - h[t] ** 2)
        dU += delta.T @ x[t]
        dW += delta.T @ before[t]
        db += delta.mean(axis=0)
        dx.append(delta @ params["U"])
        dh = delta @ params["W"]
    dV, dc = np.einsum("tnk,tnh->kh", do, h), do.sum(axis=(0, 1))
    grads = {"U": dU, "W": dW, "V": dV, "b": db, "c": dc, "x": np.stack(dx[::-1]), "h0": dh}
    return sequence_loss(o, y), grads


@wrong("bptt", "dU, dW and db averaged over the batch")
def bptt_mean_recurrence(x, h0, y, params):
    T, N, _ = x.shape
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    delta = all_deltas(do, h, params)
    before = states_before(h, h0)
    dU = sum(np.outer(delta[t, n], x[t, n]) for t in range(T) for n in range(N)) / N
    dW = sum(np.outer(delta[t, n], before[t, n]) for t in range(T) for n in range(N)) / N
    db = sum(delta[t, n] for t in range(T) for n in range(N)) / N
    dV, dc = np.einsum("tnk,tnh->kh", do, h), do.sum(axis=(0, 1))
    dx, dh0 = delta @ params["U"], delta[0] @ params["W"]
    grads = {"U": dU, "W": dW, "V": dV, "b": db, "c": dc, "x": dx, "h0": dh0}
    return sequence_loss(o, y), grads


@wrong("bptt", "dW transposed")
def bptt_dw_transposed(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(array.shape) for name, array in params.items()}
    dx, carry = np.zeros(x.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        delta = (do[t] @ params["V"] + carry) * (1 - h[t] ** 2)
        grads["V"] += do[t].T @ h[t]
        grads["c"] += do[t].sum(axis=0)
        grads["U"] += delta.T @ x[t]
        grads["W"] += (h[t - 1] if t else h0).T @ delta
        grads["b"] += delta.sum(axis=0)
        dx[t] = delta @ params["U"]
        carry = delta @ params["W"]
    return sequence_loss(o, y), {**grads, "x": dx, "h0": carry}


@wrong("bptt", "loss averaged over time")
def bptt_mean_loss(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    losses = [sequence_loss(o[t : t + 1], y[t : t + 1]) for t in range(len(x))]
    do = sequence_loss_gradient(o, y)
    return float(np.mean(losses)), backward_from_outputs(x, h0, h, do, params)


@wrong("bptt", "loss and gradients averaged over time")
def bptt_mean_over_steps(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    loss = sequence_loss(o, y) / T
    do = sequence_loss_gradient(o, y) / T
    return loss, backward_from_outputs(x, h0, h, do, params)


@wrong("bptt", "gradients averaged over time, the loss summed")
def bptt_mean_gradients(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    before = states_before(h, h0)
    grads = {"V": np.einsum("tnk,tnh->kh", do, h), "c": do.sum(axis=(0, 1))}
    grads |= {"U": 0.0, "W": 0.0, "b": 0.0, "x": np.zeros(x.shape), "h0": 0.0}
    for t in reversed(range(len(x))):
        dh = do[t] @ params["V"] + grads["h0"]
        grads["x"][t], grads["h0"], step = step_backward(dh, x[t], before[t], h[t], params)
        grads |= {name: grads[name] + part for name, part in step.items()}
    return sequence_loss(o, y), {name: grad / len(x) for name, grad in grads.items()}


@wrong("bptt", "loss summed over the batch")
def bptt_total_loss(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    chosen = np.take_along_axis(o, y[..., np.newaxis], axis=-1)[..., 0]
    largest = o.max(axis=-1)
    log_sum = largest + np.log(np.exp(o - largest[..., np.newaxis]).sum(axis=-1))
    loss = float((log_sum - chosen).sum())
    return loss, backward_from_outputs(x, h0, h, sequence_loss_gradient(o, y), params)


@wrong("bptt", "1/N missing in the gradients")
def bptt_sum_over_batch(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = softmax(o)
    for t, n in np.ndindex(y.shape):
        do[t, n, y[t, n]] -= 1
    return sequence_loss(o, y), backward_from_outputs(x, h0, h, do, params)


@wrong("bptt", "1/N twice in the gradients")
def bptt_mean_of_means(x, h0, y, params):
    N = x.shape[1]
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y) / N
    grads = {name: np.zeros(params[name].shape) for name in params}
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    for t in range(len(x) - 1, -1, -1):
        grads["V"] += do[t].T @ h[t]
        grads["c"] += do[t].sum(axis=0)
        dx[t], dh, step = step_backward(
            dh + do[t] @ params["V"], x[t], h[t - 1] if t else h0, h[t], params
        )
        for name, part in step.items():
            grads[name] += part
    return sequence_loss(o, y), {"x": dx, "h0": dh, **grads}


# bptt: the loss and the outputs


@wrong("bptt", "labels left out of the gradient at the outputs")
def bptt_without_labels(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = softmax(o) / x.shape[1]
    return sequence_loss(o, y), backward_from_outputs(x, h0, h, do, params)


@wrong("bptt", "y minus yhat for yhat minus y")
def bptt_uphill(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    target = np.eye(o.shape[-1])[y]
    do = (target - softmax(o)) / len(h0)
    return sequence_loss(o, y), backward_from_outputs(x, h0, h, do, params)


@wrong("bptt", "softmax taken before the loss and its gradient")
def bptt_softmax_twice(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    yhat = softmax(o)
    loss, do = sequence_loss(yhat, y), sequence_loss_gradient(yhat, y)
    return loss, backward_from_outputs(x, h0, h, do, params)


@wrong("bptt", "sequence started from zero")
def bptt_from_zero(x, h0, y, params):
    states = np.zeros((len(x) + 1, *h0.shape))
    for t, x_t in enumerate(x):
        states[t + 1] = np.tanh(params["b"] + states[t] @ params["W"].T + x_t @ params["U"].T)
    o = states[1:] @ params["V"].T + params["c"]
    do = sequence_loss_gradient(o, y)
    delta = all_deltas(do, states[1:], params)
    grads = all_gradients(x, states[0], states[1:], do, delta, params)
    return sequence_loss(o, y), grads


# bptt: dx, and arguments that change


@wrong("bptt", "dx in the order of the loop")
def bptt_dx_reversed(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    states = [h0, *h]
    dx, parts, dh = [], [], 0.0
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        dx_t, dh, step = step_backward(dh, x[t], states[t], states[t + 1], params)
        dx.append(dx_t)
        parts.append(step)
    grads = {name: sum(step[name] for step in parts) for name in ("U", "W", "b")}
    grads |= {"V": np.einsum("tnk,tnh->kh", do, h), "c": do.sum(axis=(0, 1))}
    return sequence_loss(o, y), grads | {"x": np.array(dx), "h0": dh}


@wrong("bptt", "dx from the output of its own step only")
def bptt_dx_of_own_output(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    delta = all_deltas(do, h, params)
    return sequence_loss(o, y), {
        "U": np.tensordot(delta, x, axes=((0, 1), (0, 1))),
        "W": np.tensordot(delta, states_before(h, h0), axes=((0, 1), (0, 1))),
        "V": np.tensordot(do, h, axes=((0, 1), (0, 1))),
        "b": delta.sum(axis=0).sum(axis=0),
        "c": do.sum(axis=0).sum(axis=0),
        "x": (do @ params["V"] * (1 - h**2)) @ params["U"],
        "h0": delta[0] @ params["W"],
    }


@wrong("bptt", "dx written into the argument x")
def bptt_dx_over_x(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {"x": x, "h0": np.zeros(h0.shape), "U": 0.0, "W": 0.0, "b": 0.0}
    grads |= {"V": np.einsum("tnk,tnh->kh", do, h), "c": do.sum(axis=(0, 1))}
    for t in reversed(range(len(x))):
        dh = grads["h0"] + do[t] @ params["V"]
        dx_t, grads["h0"], step = step_backward(dh, x[t], h[t - 1] if t else h0, h[t], params)
        grads["x"][t] = dx_t
        for name in step:
            grads[name] = grads[name] + step[name]
    return sequence_loss(o, y), grads


@wrong("bptt", "h0 used as the buffer of the gradient")
def bptt_dh_over_h0(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(array.shape) for name, array in params.items()}
    grads["x"] = np.zeros(x.shape)
    dh = h0
    dh[:] = 0
    for t in reversed(range(len(x))):
        dh += do[t] @ params["V"]
        grads["V"] += do[t].T @ h[t]
        grads["c"] += do[t].sum(axis=0)
        grads["x"][t], dh[:], step = step_backward(dh, x[t], h[t - 1] if t else h0, h[t], params)
        for name in step:
            grads[name] += step[name]
    return sequence_loss(o, y), {**grads, "h0": dh}


@wrong("bptt", "parameters updated on the way")
def bptt_with_training(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = backward_from_outputs(x, h0, h, do, params)
    for name in params:
        params[name] -= 0.1 * grads[name]
    return sequence_loss(o, y), grads


def last_loss(x, h0, y, params):
    """Return the states with h0 in front, the loss, and its gradient at the output."""
    h, o = single_output(x, h0, params)
    loss = sequence_loss(o[np.newaxis], y[np.newaxis])
    return np.concatenate([h0[np.newaxis], h]), loss, sequence_loss_gradient(o[None], y[None])[0]


def sums(da, x, states):
    """Sum the parts of all steps for U, W and b; states begin with h0."""
    return {
        "U": np.einsum("tnh,tnd->hd", da, x),
        "W": np.einsum("tnh,tnj->hj", da, states[:-1]),
        "b": np.einsum("tnh->h", da),
    }


def all_back(dh, x, states, params):
    """Take the gradient of the last state back to h0."""
    da = []
    for h_t in states[:0:-1]:
        da.insert(0, dh * (1 - h_t * h_t))
        dh = da[0] @ params["W"]
    da = np.stack(da)
    return sums(da, x, states) | {"x": da @ params["U"], "h0": dh}


# ---------------------------------------------------------------- bptt_single_output


@wrong("bptt_single_output", "an output and a loss at every step, as in pattern 1")
def single_loss_at_every_step(x, h0, y, params):
    T = x.shape[0]
    labels = np.tile(y, (T, 1))  # the label of the sequence for each of its steps
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, labels)
    states, dx, dh = [h0, *h], np.zeros_like(x), np.zeros_like(h0)
    grads = {"V": np.einsum("tnk,tnh->kh", do, h), "c": do.sum(axis=(0, 1))}
    grads |= dict.fromkeys("UWb", 0.0)
    for t in reversed(range(T)):
        da = (dh + do[t] @ params["V"]) * (1 - h[t] ** 2)
        dx[t], dh = da @ params["U"], da @ params["W"]
        for name, part in (("U", da.T @ x[t]), ("W", da.T @ states[t]), ("b", da.sum(axis=0))):
            grads[name] = grads[name] + part
    return sequence_loss(o, labels), {**grads, "x": dx, "h0": dh}


@wrong("bptt_single_output", "share of the output added at every step")
def single_share_everywhere(x, h0, y, params):
    states, loss, do = last_loss(x, h0, y, params)
    grads = {name: np.zeros_like(params[name]) for name in ("U", "W", "b")}
    grads["x"], dh_next = np.empty_like(x), np.zeros_like(h0)
    for t in range(len(x))[::-1]:
        dh = dh_next + do @ params["V"]
        grads["x"][t], dh_next, step = step_backward(dh, x[t], states[t], states[t + 1], params)
        for name, part in step.items():
            grads[name] += part
    return loss, grads | {"V": do.T @ states[-1], "c": do.sum(axis=0), "h0": dh_next}


@wrong("bptt_single_output", "only the last step gone back")
def single_one_step_back(x, h0, y, params):
    states, loss, do = last_loss(x, h0, y, params)
    before, last = states[-2:]
    dx_t, dh, grads = step_backward(do @ params["V"], x[-1], before, last, params)
    grads["V"] = np.einsum("nk,nh->kh", do, last)
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.zeros(x.shape)
    grads["x"][-1] = dx_t
    grads["h0"] = dh
    return loss, grads


@wrong("bptt_single_output", "loop ends before the first step")
def single_range_stops_early(x, h0, y, params):
    h, o = single_output(x, h0, params)
    loss = sequence_loss(o[np.newaxis], y[np.newaxis])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    dx, dh = np.zeros(x.shape), do @ params["V"]
    for t in range(len(x) - 1, 0, -1):
        dx[t], dh, step = step_backward(dh, x[t], h[t - 1], h[t], params)
        grads = {name: grads[name] + step[name] for name in step}
    grads.update(V=do.T @ h[-1], c=do.sum(axis=0), x=dx, h0=dh)
    return loss, grads


@wrong("bptt_single_output", "loop from the first step to the last")
def single_forward_in_time(x, h0, y, params):
    states, loss, do = last_loss(x, h0, y, params)
    dU, dW, db = (np.zeros_like(params[name]) for name in ("U", "W", "b"))
    dx, dh = [], do @ params["V"]
    for x_t, (before, after) in zip(x, pairwise(states), strict=True):
        da = dh * (1 - after**2)
        dU += da.T @ x_t
        dW += da.T @ before
        db += da.sum(axis=0)
        dx.append(da @ params["U"])
        dh = da @ params["W"]
    grads = {"U": dU, "W": dW, "V": do.T @ states[-1], "b": db, "c": do.sum(axis=0)}
    return loss, grads | {"x": np.array(dx), "h0": dh}


@wrong("bptt_single_output", "gradients of U, W and b overwritten at each step")
def single_update_overwrites(x, h0, y, params):
    states, loss, do = last_loss(x, h0, y, params)
    grads = {"V": do.T @ states[-1], "c": do.sum(axis=0), "x": np.zeros_like(x)}
    grads["h0"] = do @ params["V"]
    for t in range(len(x) - 1, -1, -1):
        grads["x"][t], grads["h0"], step = step_backward(
            grads["h0"], x[t], states[t], states[t + 1], params
        )
        grads.update(step)
    return loss, grads


@wrong("bptt_single_output", "h[-1] for h0 at the first step")
def single_wraps_round(x, h0, y, params):
    h, o = single_output(x, h0, params)
    loss = sequence_loss(o[np.newaxis], y[np.newaxis])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    grads = {name: np.zeros_like(params[name]) for name in "UWb"}
    dx, dh = np.zeros_like(x), do @ params["V"]
    for t in reversed(range(len(x))):
        dx[t], dh, step = step_backward(dh, x[t], h[t - 1], h[t], params)
        for name in step:
            grads[name] += step[name]
    return loss, grads | {"V": do.T @ h[-1], "c": do.sum(axis=0), "x": dx, "h0": dh}


@wrong("bptt_single_output", "h_t for h_{t-1} in dW")
def single_state_after_the_step(x, h0, y, params):
    (T, N, D), H = x.shape, h0.shape[1]
    states, loss, do = last_loss(x, h0, y, params)
    h, da = states[1:], np.empty((T, N, H))
    dh = do @ params["V"]
    for t in range(T - 1, -1, -1):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    flat = da.reshape(T * N, H).T
    grads = {"U": flat @ x.reshape(T * N, D), "W": flat @ h.reshape(T * N, H)}
    grads |= {"b": flat.sum(axis=1), "V": do.T @ h[-1], "c": do.sum(axis=0)}
    return loss, grads | {"x": da @ params["U"], "h0": dh}


@wrong("bptt_single_output", "derivative of tanh taken as 1 - h")
def single_slope_not_squared(x, h0, y, params):
    states, loss, do = last_loss(x, h0, y, params)

    def back(t, dh):
        if t == 0:
            return [], dh
        da = dh * (1 - states[t])
        earlier, dh0 = back(t - 1, da @ params["W"])
        return [*earlier, da], dh0

    da, dh0 = back(len(x), do @ params["V"])
    da = np.stack(da)
    grads = sums(da, x, states) | {"x": da @ params["U"], "h0": dh0}
    return loss, grads | {"V": do.T @ states[-1], "c": do.sum(axis=0)}


@wrong("bptt_single_output", "derivative of tanh left out")
def single_no_slope(x, h0, y, params):
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    previous = np.concatenate([h0[np.newaxis], h[:-1]])
    U, W, V = params["U"], params["W"], params["V"]
    grads = {"V": do.T @ h[-1], "c": do.sum(0), "U": 0.0, "W": 0.0, "b": 0.0, "x": x * 0}
    dh = do @ V
    for t in range(len(x) - 1, -1, -1):
        grads["U"] = grads["U"] + dh.T @ x[t]
        grads["W"] = grads["W"] + dh.T @ previous[t]
        grads["b"] = grads["b"] + dh.sum(0)
        grads["x"][t] = dh @ U
        dh = dh @ W
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@wrong("bptt_single_output", "derivative of tanh applied twice")
def single_slope_squared(x, h0, y, params):
    states, loss, do = last_loss(x, h0, y, params)
    da, back = np.zeros_like(states[1:]), do @ params["V"]
    for t in range(len(x))[::-1]:
        da[t] = back * (1 - states[t + 1] ** 2) ** 2
        back = np.einsum("ni,ij->nj", da[t], params["W"])
    grads = sums(da, x, states) | {"x": da @ params["U"], "h0": back}
    return loss, grads | {"V": do.T @ states[-1], "c": do.sum(axis=0)}


@wrong("bptt_single_output", "recurrent term with W for W^T")
def single_recurrence_not_transposed(x, h0, y, params):
    states, loss, do = last_loss(x, h0, y, params)
    da, dh = np.zeros((len(x), *h0.shape)), do @ params["V"]
    for t in range(len(x))[::-1]:
        da[t] = dh * (1 - states[t + 1] ** 2)
        dh = da[t] @ params["W"].T
    grads = sums(da, x, states)
    grads["V"], grads["c"] = do.T @ states[-1], do.sum(axis=0)
    grads["x"], grads["h0"] = da @ params["U"], dh
    return loss, grads


@wrong("bptt_single_output", "recurrent term without the derivative of tanh")
def single_recurrence_without_slope(x, h0, y, params):
    states, loss, do = last_loss(x, h0, y, params)
    dh = [do @ params["V"]]
    for _ in x:
        dh.append(dh[-1] @ params["W"])
    *dh, dh0 = dh
    da = np.stack(dh[::-1]) * (1 - states[1:] ** 2)
    grads = {"V": do.T @ states[-1], "c": do.sum(axis=0), "x": da @ params["U"], "h0": dh0}
    return loss, grads | sums(da, x, states)


@wrong("bptt_single_output", "W^T first, the derivative of tanh afterwards")
def single_order_not_reversed(x, h0, y, params):
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    grads = {"V": do.T @ h[-1], "c": do.sum(axis=0), "x": np.zeros(x.shape)}
    grads |= {name: np.zeros(params[name].shape) for name in "UWb"}
    dh = do @ params["V"]
    for t in range(len(x) - 1, -1, -1):
        slope = 1 - h[t] ** 2
        da = slope * dh
        grads["U"] += np.einsum("nh,nd->hd", da, x[t])
        grads["W"] += np.einsum("nh,nj->hj", da, h[t - 1] if t > 0 else h0)
        grads["b"] += np.einsum("nh->h", da)
        grads["x"][t] = da @ params["U"]
        dh = slope * (dh @ params["W"])
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@wrong("bptt_single_output", "dV with the sum of all states")
def single_dv_sums_states(x, h0, y, params):
    states, loss, do = last_loss(x, h0, y, params)
    grads = all_back(do @ params["V"], x, states, params)
    grads["V"] = sum(do.T @ h_t for h_t in states[1:])
    grads["c"] = do.sum(axis=0)
    return loss, grads


@wrong("bptt_single_output", "dh0 not taken back through the first step")
def single_dh0_is_dh1(x, h0, y, params):
    states, loss, do = last_loss(x, h0, y, params)
    dh = np.zeros_like(states[1:])
    dh[-1] = do @ params["V"]
    for t in range(len(dh) - 1, 0, -1):
        dh[t - 1] = (dh[t] * (1 - states[t + 1] ** 2)) @ params["W"]
    da = dh * (1 - np.square(states[1:]))
    grads = {"V": do.T @ states[-1], "c": do.sum(axis=0)} | sums(da, x, states)
    return loss, grads | {"x": np.tensordot(da, params["U"], axes=1), "h0": dh[0]}


@wrong("bptt_single_output", "initial state taken for a constant")
def single_h0_without_gradient(x, h0, y, params):
    states, loss, do = last_loss(x, h0, y, params)
    grads = all_back(do @ params["V"], x, states, params)
    grads.update(V=do.T @ states[-1], c=do.sum(axis=0), h0=np.zeros_like(h0))
    return loss, grads


@wrong("bptt_single_output", "1/N missing in the gradients")
def single_gradients_not_averaged(x, h0, y, params):
    h, o = single_output(x, h0, params)
    loss = sequence_loss(o[np.newaxis], y[np.newaxis])
    do = softmax(o) - np.eye(o.shape[1])[y]
    grads = all_back(do @ params["V"], x, np.concatenate([h0[np.newaxis], h]), params)
    return loss, grads | {"V": do.T @ h[-1], "c": do.sum(axis=0)}


@wrong("bptt_single_output", "gradients divided by T")
def single_gradients_over_time(x, h0, y, params):
    states, loss, do = last_loss(x, h0, y, params)
    grads = all_back(do @ params["V"], x, states, params)
    grads.update(V=do.T @ states[-1], c=do.sum(axis=0))
    return loss, {name: g / len(x) for name, g in grads.items()}


@wrong("bptt_single_output", "loss summed over the batch")
def single_loss_summed(x, h0, y, params):
    h, o = single_output(x, h0, params)
    loss = 0.0
    for o_n, y_n in zip(o, y, strict=True):
        top = o_n.max()
        loss += float(top + np.log(np.sum(np.exp(o_n - top))) - o_n[y_n])
    do = softmax(o)
    do[range(len(y)), y] -= 1
    do /= len(y)
    grads = all_back(do @ params["V"], x, np.stack([h0, *h]), params)
    return loss, {"V": do.T @ h[-1], "c": do.sum(axis=0), **grads}


@wrong("bptt_single_output", "loss divided by T")
def single_loss_over_time(x, h0, y, params):
    states, total, do = last_loss(x, h0, y, params)
    grads = dict(all_back(do @ params["V"], x, states, params))
    grads["V"] = np.tensordot(do, states[-1], axes=(0, 0))
    grads["c"] = np.add.reduce(do)
    return total / x.shape[0], grads


@wrong("bptt_single_output", "batch taken for the time axis")
def single_axis_behind_the_batch(x, h0, y, params):
    h, o = single_output(x, h0, params)
    o, y = o[:, np.newaxis], y[:, np.newaxis]
    loss, do = sequence_loss(o, y), sequence_loss_gradient(o, y).squeeze(axis=1)
    grads = all_back(do @ params["V"], x, np.concatenate([h0[np.newaxis], h]), params)
    return loss, grads | {"V": do.T @ h[-1], "c": do.sum(axis=0)}


@wrong("bptt_single_output", "sequence started from zero")
def single_from_zero(x, h0, y, params):
    h = [np.zeros_like(h0)]
    for x_t in x:
        h.append(np.tanh(params["b"] + h[-1] @ params["W"].T + x_t @ params["U"].T))
    o = params["c"] + h[-1] @ params["V"].T
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    grads = all_back(do @ params["V"], x, np.array(h), params)
    grads["V"], grads["c"] = do.T @ h[-1], do.sum(axis=0)
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@wrong("bptt_single_output", "dx written into the argument x")
def single_writes_into_x(x, h0, y, params):
    states, loss, do = last_loss(x, h0, y, params)
    grads = {"V": do.T @ states[-1], "c": do.sum(axis=0), "x": x}
    grads.update({name: np.zeros_like(params[name]) for name in "UWb"})
    dh = do @ params["V"]
    for t in reversed(range(len(x))):
        da = dh * (1 - states[t + 1] ** 2)
        grads["U"] += da.T @ x[t]
        grads["W"] += da.T @ states[t]
        grads["b"] += da.sum(axis=0)
        grads["x"][t] = da @ params["U"]
        dh = da @ params["W"]
    grads["h0"] = dh
    return loss, grads


@wrong("bptt_single_output", "dx in the order of the loop")
def single_dx_collected(x, h0, y, params):
    states, loss, do = last_loss(x, h0, y, params)
    grads = dict.fromkeys("UWb", 0.0) | {"V": do.T @ states[-1], "c": do.sum(axis=0)}
    dx, dh = np.empty((0, *x.shape[1:])), do @ params["V"]
    for t in range(len(x), 0, -1):
        dx_t, dh, step = step_backward(dh, x[t - 1], states[t - 1], states[t], params)
        dx = np.concatenate([dx, [dx_t]])
        grads |= {name: grads[name] + part for name, part in step.items()}
    return loss, {**grads, "x": dx, "h0": dh}


@wrong("bptt_single_output", "gradient averaged over the batch")
def single_mean_over_the_batch(x, h0, y, params):
    states, loss, do = last_loss(x, h0, y, params)
    do[:] = do.mean(axis=0)
    grads = all_back(do @ params["V"], x, states, params)
    return loss, grads | {"V": do.T @ states[-1], "c": do.sum(axis=0)}


# ---------------------------------------------------------------- truncated_bptt


@wrong("truncated_bptt", "gradient not cut at the borders")
def truncated_without_a_cut(x, h0, y, params, k):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {"V": np.einsum("tnk,tnh->kh", do, h), "c": do.sum(axis=(0, 1)), "x": np.empty(x.shape)}
    grads |= {name: np.zeros(params[name].shape) for name in "UWb"}
    dh = np.zeros_like(h0)
    for start in reversed(range(0, len(x), k)):
        for t in reversed(range(start, min(start + k, len(x)))):
            before = h[t - 1] if t else h0
            dh += do[t] @ params["V"]
            grads["x"][t], dh, step = step_backward(dh, x[t], before, h[t], params)
            for name in step:
                grads[name] += step[name]
    return sequence_loss(o, y), grads | {"h0": dh}


@wrong("truncated_bptt", "every window started from h0")
def truncated_h0_everywhere(x, h0, y, params, k):
    cuts = range(0, len(x), k)
    losses, grads = zip(*[bptt(x[s : s + k], h0, y[s : s + k], params) for s in cuts], strict=True)
    total = {name: sum(g[name] for g in grads) for name in "UWVbc"}
    dx = np.concatenate([g["x"] for g in grads])
    return sum(losses), {**total, "x": dx, "h0": grads[0]["h0"]}


@wrong("truncated_bptt", "later windows started from zero")
def truncated_zero_states(x, h0, y, params, k):
    loss, grads = bptt(x[:k], h0, y[:k], params)
    for start in range(k, len(x), k):
        window = slice(start, start + k)
        more, g = bptt(x[window], np.zeros(h0.shape), y[window], params)
        loss += more
        grads["x"] = np.concatenate([grads["x"], g["x"]])
        for name in ("U", "W", "V", "b", "c"):
            grads[name] = grads[name] + g[name]
    return loss, grads


@wrong("truncated_bptt", "carried state written into h0")
def truncated_writes_into_h0(x, h0, y, params, k):
    state, loss, parts = h0, 0.0, []
    for start in range(0, len(x), k):
        x_w, y_w = x[start : start + k], y[start : start + k]
        window_loss, g = bptt(x_w, state, y_w, params)
        loss += window_loss
        parts.append(g)
        state[:] = hidden_recurrence(x_w, state, params)[0][-1]
    grads = {name: np.sum([g[name] for g in parts], axis=0) for name in params}
    grads["x"] = np.concatenate([g["x"] for g in parts])
    grads["h0"] = parts[0]["h0"]
    return loss, grads


@wrong("truncated_bptt", "first state of a window carried over")
def truncated_first_state_carried(x, h0, y, params, k):
    T = len(x)
    loss, state, dx, dh0 = 0.0, h0, np.empty_like(x), None
    grads = {name: np.zeros_like(params[name]) for name in "UVWbc"}
    for start in range(0, T, k):
        stop = min(start + k, T)
        part, g = bptt(x[start:stop], state, y[start:stop], params)
        h, _ = hidden_recurrence(x[start:stop], state, params)
        state, loss, dx[start:stop] = h[0], loss + part, g["x"]
        dh0 = g["h0"] if start == 0 else dh0
        for name in grads:
            grads[name] += g[name]
    return loss, grads | {"x": dx, "h0": dh0}


@wrong("truncated_bptt", "window started from its own first state")
def truncated_starts_inside(x, h0, y, params, k):
    h, _ = hidden_recurrence(x, h0, params)
    starts = range(0, len(x), k)
    states = [h0, *h[k::k]]
    losses, grads = zip(
        *(
            bptt(x[t : t + k], state, y[t : t + k], params)
            for t, state in zip(starts, states, strict=True)
        ),
        strict=True,
    )
    total = {name: np.sum([g[name] for g in grads], axis=0) for name in params}
    return sum(losses), total | {"x": np.vstack([g["x"] for g in grads]), "h0": grads[0]["h0"]}


@wrong("truncated_bptt", "short last window left out")
def truncated_drops_the_rest(x, h0, y, params, k):
    windows = len(x) // k
    loss, state = 0.0, h0
    grads = {name: np.zeros_like(params[name]) for name in "UVWbc"}
    grads["x"], grads["h0"] = np.zeros_like(x[: windows * k]), np.zeros_like(h0)
    for m in range(windows):
        now = slice(m * k, m * k + k)
        part, g = bptt(x[now], state, y[now], params)
        state = hidden_recurrence(x[now], state, params)[0][-1]
        loss += part
        grads["x"][now] = g["x"]
        if m == 0:
            grads["h0"] = g["h0"]
        for name in "UVWbc":
            grads[name] += g[name]
    return loss, grads


@wrong("truncated_bptt", "k taken for the number of windows")
def truncated_k_windows(x, h0, y, params, k):
    windows = min(k, len(x))
    loss, state, grads = 0.0, h0, []
    for xs, ys in zip(np.array_split(x, windows), np.array_split(y, windows), strict=True):
        one, g = bptt(xs, state, ys, params)
        loss, state = loss + one, hidden_recurrence(xs, state, params)[0][-1]
        grads.append(g)
    total = {name: sum(g[name] for g in grads) for name in "UWVbc"}
    return loss, total | {"x": np.vstack([g["x"] for g in grads]), "h0": grads[0]["h0"]}


@wrong("truncated_bptt", "windows of k + 1 steps")
def truncated_one_step_too_long(x, h0, y, params, k):
    loss, grads = 0.0, {}
    start, state = 0, h0
    while start < len(x):
        stop = start + k + 1
        part, g = bptt(x[start:stop], state, y[start:stop], params)
        state = hidden_recurrence(x[start:stop], state, params)[0][-1]
        loss += part
        if grads:
            grads |= {name: grads[name] + g[name] for name in params}
            grads["x"] = np.concatenate((grads["x"], g["x"]))
        else:
            grads = g
        start = stop
    return loss, grads


@wrong("truncated_bptt", "gradient cut one step too early")
def truncated_cut_after_the_last_step(x, h0, y, params, k):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    states = np.concatenate([h0[np.newaxis], h])
    da, dh = np.zeros_like(h), np.zeros_like(h0)
    for t in range(len(x) - 1, -1, -1):
        da[t] = (dh + do[t] @ params["V"]) * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
        if (t + 1) % k == 0:
            dh = np.zeros_like(dh)
    grads = sums(da, x, states) | {"x": da @ params["U"], "h0": dh}
    grads["V"], grads["c"] = np.einsum("tnk,tnh->kh", do, h), do.sum(axis=(0, 1))
    return sequence_loss(o, y), grads


@wrong("truncated_bptt", "gradient cut in front of the first step")
def truncated_cut_before_step_zero(x, h0, y, params, k):
    T, N, _ = x.shape
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    previous = [h0, *h[:-1]]
    dh, dx, steps = np.zeros_like(h0), [None] * T, []
    for t in reversed(range(T)):
        dx[t], dh, step = step_backward(dh + do[t] @ params["V"], x[t], previous[t], h[t], params)
        steps.append(step)
        if t % k == 0:  # nothing passes from the first step of a window
            dh = np.zeros_like(dh)
    grads = {name: np.sum([step[name] for step in steps], axis=0) for name in "UWb"}
    flat = do.reshape(T * N, -1)
    grads |= {"V": flat.T @ h.reshape(T * N, -1), "c": flat.sum(axis=0)}
    return sequence_loss(o, y), grads | {"x": np.stack(dx), "h0": dh}


@wrong("truncated_bptt", "windows counted from the end")
def truncated_short_window_first(x, h0, y, params, k):
    ends = sorted(range(len(x), 0, -k))
    loss, grads, state = 0.0, None, h0
    for start, stop in zip([0, *ends], ends, strict=False):
        part, g = bptt(x[start:stop], state, y[start:stop], params)
        state = hidden_recurrence(x[start:stop], state, params)[0][-1]
        loss += part
        if grads is None:
            grads = g
            continue
        grads["x"] = np.concatenate([grads["x"], g["x"]])
        for name in params:
            grads[name] += g[name]
    return loss, grads


@wrong("truncated_bptt", "gradient of every loss followed back over k steps")
def truncated_moving_window(x, h0, y, params, k):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    states = [h0, *h]
    grads = {"V": np.einsum("tnk,tnh->kh", do, h), "c": do.sum(axis=(0, 1))}
    grads |= {name: np.zeros_like(params[name]) for name in "UWb"}
    grads |= {"x": np.zeros_like(x), "h0": np.zeros_like(h0)}
    for t in range(len(x)):  # each loss by itself
        dh = do[t] @ params["V"]
        for s in range(t, max(t - k, -1), -1):
            dx_s, dh, step = step_backward(dh, x[s], states[s], states[s + 1], params)
            grads["x"][s] += dx_s
            for name in step:
                grads[name] += step[name]
            if s == 0:
                grads["h0"] += dh
    return sequence_loss(o, y), grads


@wrong("truncated_bptt", "only the last k steps gone back")
def truncated_to_the_end(x, h0, y, params, k):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    states, first = np.concatenate([h0[np.newaxis], h]), max(len(x) - k, 0)
    delta = np.zeros(h.shape)
    delta[first:] = all_deltas(do[first:], h[first:], params)
    grads = sums(delta, x, states)
    grads["V"], grads["c"] = np.einsum("tnk,tnh->kh", do, h), do.sum(axis=(0, 1))
    grads["x"], grads["h0"] = delta @ params["U"], delta[first] @ params["W"]
    return sequence_loss(o, y), grads


@wrong("truncated_bptt", "gradients of the last window only")
def truncated_grads_replaced(x, h0, y, params, k):
    loss, state, grads, dx, dh0 = 0.0, h0, {}, [], []
    for start in range(0, len(x), k):
        xs, ys = x[start : start + k], y[start : start + k]
        part, grads = bptt(xs, state, ys, params)
        loss += part
        dx.extend(grads["x"])
        dh0.append(grads["h0"])
        state = hidden_recurrence(xs, state, params)[0][-1]
    grads["x"], grads["h0"] = np.stack(dx), dh0[0]
    return loss, grads


@wrong("truncated_bptt", "gradients averaged over the windows")
def truncated_mean_of_windows(x, h0, y, params, k):
    losses, parts, state = [], [], h0
    for start in range(0, len(x), k):
        window = np.s_[start : start + k]
        loss, g = bptt(x[window], state, y[window], params)
        state = hidden_recurrence(x[window], state, params)[0][-1]
        losses.append(loss)
        parts.append(g)
    grads = {name: np.mean([g[name] for g in parts], axis=0) for name in ("U", "W", "V", "b", "c")}
    grads["x"] = np.concatenate([g["x"] for g in parts])
    grads["h0"] = parts[0]["h0"]
    return float(np.sum(losses)), grads


@wrong("truncated_bptt", "loss averaged over the windows")
def truncated_mean_loss(x, h0, y, params, k):
    h, _ = hidden_recurrence(x, h0, params)
    starts = np.arange(0, len(x), k)
    runs = [bptt(x[s : s + k], h[s - 1] if s else h0, y[s : s + k], params) for s in starts]
    grads = dict(runs[0][1])
    for _, g in runs[1:]:
        for name in "UWVbc":
            grads[name] = grads[name] + g[name]
        grads["x"] = np.append(grads["x"], g["x"], axis=0)
    return sum(loss for loss, _ in runs) / len(runs), grads


@wrong("truncated_bptt", "loss of the last window only")
def truncated_last_loss(x, h0, y, params, k):
    grads = {name: np.zeros(params[name].shape) for name in ("U", "W", "V", "b", "c")}
    grads["x"], state = np.zeros(x.shape), h0
    for start in range(0, len(x), k):
        end = start + k
        loss, g = bptt(x[start:end], state, y[start:end], params)
        for name in ("U", "W", "V", "b", "c"):
            grads[name] += g[name]
        grads["x"][start:end] = g["x"]
        grads.setdefault("h0", g["h0"])
        h, _ = hidden_recurrence(x[start:end], state, params)
        state = h[-1]
    return loss, grads


@wrong("truncated_bptt", "dh0 from the last window")
def truncated_dh0_overwritten(x, h0, y, params, k):
    def rest(start, state):
        loss, grads = bptt(x[start : start + k], state, y[start : start + k], params)
        if start + k >= len(x):
            return loss, grads
        carried = hidden_recurrence(x[start : start + k], state, params)[0][-1]
        later_loss, later = rest(start + k, carried)
        total = {name: grads[name] + later[name] for name in params}
        total["x"] = np.concatenate([grads["x"], later["x"]])
        return loss + later_loss, total | {"h0": later["h0"]}

    return rest(0, h0)


@wrong("truncated_bptt", "dh0 summed over the windows")
def truncated_dh0_summed(x, h0, y, params, k):
    loss, state, dx = 0.0, h0, []
    total = {name: np.zeros_like(array) for name, array in params.items()}
    total["h0"] = np.zeros_like(h0)
    for start in range(0, len(x), k):
        part, g = bptt(x[start : start + k], state, y[start : start + k], params)
        state = hidden_recurrence(x[start : start + k], state, params)[0][-1]
        loss += part
        dx.append(g.pop("x"))
        for name, value in g.items():
            total[name] += value
    return loss, {**total, "x": np.concatenate(dx)}


@wrong("truncated_bptt", "dx with the windows in reverse order")
def truncated_dx_reversed(x, h0, y, params, k):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {"V": np.einsum("tnk,tnh->kh", do, h), "c": do.sum(axis=(0, 1))}
    states, parts, da = np.concatenate([h0[np.newaxis], h]), [], np.zeros_like(h)
    for m in reversed(range(math.ceil(len(x) / k))):
        dh = np.zeros_like(h0)
        for t in reversed(range(m * k, min(m * k + k, len(x)))):
            da[t] = (dh + do[t] @ params["V"]) * (1 - h[t] ** 2)
            dh = da[t] @ params["W"]
        parts.append(da[m * k : m * k + k] @ params["U"])
    return sequence_loss(o, y), grads | sums(da, x, states) | {"x": np.concatenate(parts), "h0": dh}


@wrong("truncated_bptt", "dx of the last window only")
def truncated_dx_replaced(x, h0, y, params, k):
    loss, state, first = 0.0, h0, None
    grads = dict.fromkeys("UWVbc", 0.0)
    for start in range(0, len(x), k):
        part, g = bptt(x[start : start + k], state, y[start : start + k], params)
        loss += part
        for name in "UWVbc":
            grads[name] = grads[name] + g[name]
        grads["x"] = g["x"]
        first = g["h0"] if first is None else first
        state = hidden_recurrence(x[start : start + k], state, params)[0][-1]
    grads["h0"] = first
    return loss, grads


# ---------------------------------------------------------------- clip_gradients


@wrong("clip_gradients", "each array clipped by its own norm")
def clip_one_by_one(grads, max_norm):
    def shorten(g):
        length = np.linalg.norm(g)
        return g * (max_norm / length) if length > max_norm else g.copy()

    return {name: shorten(g) for name, g in grads.items()}


@wrong("clip_gradients", "each entry clipped")
def clip_by_value(grads, max_norm):
    return {name: np.clip(g, -max_norm, max_norm) for name, g in grads.items()}


@wrong("clip_gradients", "short gradients lengthened")
def clip_always_scales(grads, max_norm):
    length = np.sqrt(sum(np.vdot(g, g) for g in grads.values()))
    return {name: g * max_norm / length for name, g in grads.items()}


@wrong("clip_gradients", "scaled to the norm 1 instead of max_norm")
def clip_to_unit_length(grads, max_norm):
    length = np.linalg.norm([np.linalg.norm(g) for g in grads.values()])
    clipped = {}
    for name, g in grads.items():
        clipped[name] = g / length if length > max_norm else np.array(g)
    return clipped


@wrong("clip_gradients", "factor the wrong way round")
def clip_upside_down(grads, max_norm):
    squares = 0.0
    for g in grads.values():
        squares += float(np.sum(np.square(g)))
    factor = 1.0
    if squares > max_norm**2:
        factor = math.sqrt(squares) / max_norm
    return dict(zip(grads, (factor * g for g in grads.values()), strict=True))


@wrong("clip_gradients", "long gradients kept, short ones changed")
def clip_with_max(grads, max_norm):
    vector = np.concatenate([np.ravel(g) for g in grads.values()])
    norm = np.linalg.norm(vector)
    factor = max(1.0, max_norm / norm) if norm > 0 else 1.0
    return {name: factor * g for name, g in grads.items()}


@wrong("clip_gradients", "long gradients kept, short ones changed")
def clip_with_the_quotient_upside_down(grads, max_norm):
    length = math.hypot(*(entry for array in grads.values() for entry in array.flat))
    factor = np.clip(length / max_norm, 0.0, 1.0)
    return {name: array * factor for name, array in grads.items()}


@wrong("clip_gradients", "norms of the arrays added up")
def clip_sum_of_norms(grads, max_norm):
    norm = 0.0
    for g in grads.values():
        norm += np.sqrt((g**2).sum())
    factor = 1.0 if norm <= max_norm else max_norm / norm
    return {name: factor * g for name, g in grads.items()}


@wrong("clip_gradients", "square root left out")
def clip_squared_norm(grads, max_norm):
    norm = sum((g * g).sum() for g in grads.values())
    if norm <= max_norm:
        return {name: g.copy() for name, g in grads.items()}
    return {name: g * (max_norm / norm) for name, g in grads.items()}


@wrong("clip_gradients", "largest of the arrays' norms")
def clip_longest_array(grads, max_norm):
    longest = max(map(np.linalg.norm, grads.values()))
    factor = min(1, max_norm / longest) if longest else 1
    return {name: np.multiply(g, factor) for name, g in grads.items()}


@wrong("clip_gradients", "largest entry for the norm")
def clip_largest_entry(grads, max_norm):
    peak = max(np.max(np.abs(g)) for g in grads.values())
    return {name: g * (max_norm / max(peak, max_norm)) for name, g in grads.items()}


@wrong("clip_gradients", "mean of the squares instead of their sum")
def clip_root_mean_square(grads, max_norm):
    entries = np.concatenate([g.flatten() for g in grads.values()])
    norm = np.sqrt(np.mean(entries**2))
    factor = max_norm / norm if norm > max_norm else 1.0
    clipped = {}
    for name in grads:
        clipped[name] = grads[name] * factor
    return clipped


@wrong("clip_gradients", "sum of absolute values for the norm")
def clip_taxicab(grads, max_norm):
    norm = sum(float(abs(g).sum()) for g in grads.values())
    return {name: g * (max_norm / max(norm, max_norm)) for name, g in grads.items()}


@wrong("clip_gradients", "x and h0 left out of the norm")
def clip_parameters_measured(grads, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for name, g in grads.items() if name not in ("x", "h0")))
    factor = max_norm / norm if norm > max_norm else 1.0
    return {name: g * factor for name, g in grads.items()}


@wrong("clip_gradients", "zero divided by zero")
def clip_direction_times_length(grads, max_norm):
    length = np.sqrt(sum(np.sum(np.abs(g) ** 2) for g in grads.values()))
    direction = {name: g / length for name, g in grads.items()}
    return {name: d * min(length, max_norm) for name, d in direction.items()}


@wrong("clip_gradients", "gradients of the caller changed")
def clip_in_place(grads, max_norm):
    clipped = dict(grads)
    norm = math.hypot(*(np.linalg.norm(g) for g in clipped.values()))
    if norm > max_norm:
        for g in clipped.values():
            g *= max_norm / norm
    return clipped


@wrong("clip_gradients", "gradients of the caller changed")
def clip_into_the_dict(grads, max_norm):
    norm = np.linalg.norm(np.hstack([g.ravel() for g in grads.values()]))
    factor = max_norm / max(norm, max_norm)
    for name in list(grads):
        grads[name] = grads[name] * factor
    return grads


@wrong("clip_gradients", "arrays left flat")
def clip_flat(grads, max_norm):
    sizes = [g.size for g in grads.values()]
    vector = np.concatenate([g.ravel() for g in grads.values()])
    norm = np.linalg.norm(vector)
    if norm > max_norm:
        vector = vector * (max_norm / norm)
    return dict(zip(grads, np.split(vector, np.cumsum(sizes)[:-1]), strict=True))


# Mistakes that are known of a sibling too.


@wrong("step_backward", "db summed over the units too")
def back_to_one_bias(dh, x_t, h_prev, h_t, params):
    dx_t, dh_prev, grads = step_backward(dh, x_t, h_prev, h_t, params)
    return dx_t, dh_prev, {**grads, "b": float(np.sum(grads["b"]))}


def visited(x, h0, h, do, from_outputs, params, *, steps, keep=1, restart=False):
    """Go back through these steps only, each adding all that it has to the gradients."""
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    for t in steps:
        dh = from_outputs[t] + (0 if restart else dh)
        before = h[t - 1] if t else h0
        dx[t], dh, own = step_backward(dh, x[t], before, h[t], params)
        own |= {"V": do[t].T @ h[t], "c": do[t].sum(axis=0)}
        grads = {name: keep * grads[name] + part for name, part in own.items()}
    return grads | {"x": dx, "h0": dh}


def through_all_outputs(x, h0, y, params, steps, keep=1):
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    return sequence_loss(o, y), visited(
        x, h0, h, do, do @ params["V"], params, steps=steps, keep=keep
    )


@wrong("bptt", "only the last step gone back")
def through_time_once(x, h0, y, params):
    return through_all_outputs(x, h0, y, params, [len(x) - 1])


@wrong("bptt", "loop ends before the first step")
def through_time_to_the_second(x, h0, y, params):
    return through_all_outputs(x, h0, y, params, range(len(x))[:0:-1])


@wrong("bptt", "parameters' gradients overwritten at each step")
def through_time_overwriting(x, h0, y, params):
    return through_all_outputs(x, h0, y, params, range(len(x))[::-1], keep=0)


def through_the_last_output(x, h0, y, params, own=None, **how):
    h, o = single_output(x, h0, params)
    do = np.zeros((len(x), *o.shape))
    do[-1] = sequence_loss_gradient(o[None], y[None])[0]
    shares = do if own is None else own(do)
    grads = visited(x, h0, h, do, shares @ params["V"], params, **how)
    return sequence_loss(o[None], y[None]), grads


@wrong("bptt_single_output", "every step given the share of the output alone")
def one_output_for_all_states(x, h0, y, params):
    steps = range(len(x))[::-1]
    return through_the_last_output(
        x, h0, y, params, lambda do: np.repeat(do[-1:], len(do), axis=0), steps=steps, restart=True
    )


def through_this_gradient(do, x, h0, y, params):
    h, o = single_output(x, h0, params)
    every = np.zeros((len(x), *do.shape))
    every[-1] = do
    return sequence_loss(o[None], y[None]), backward_from_outputs(x, h0, h, every, params)


@wrong("bptt_single_output", "label left out of the gradient at the output")
def one_output_without_a_label(x, h0, y, params):
    yhat = softmax(single_output(x, h0, params)[1])
    return through_this_gradient(yhat / x.shape[1], x, h0, y, params)


@wrong("bptt_single_output", "first step left out of dW")
def one_output_with_h0_forgotten(x, h0, y, params):
    loss, grads = through_the_last_output(x, h0, y, params, steps=range(len(x))[::-1])
    da = np.linalg.solve(params["W"].T, grads["h0"].T).T
    return loss, grads | {"W": grads["W"] - da.T @ h0}


@wrong("bptt_single_output", "loop begins one step too early")
def one_output_from_the_state_before(x, h0, y, params):
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[None], y[None])[0]
    delta, from_later = np.zeros(h.shape), do @ params["V"]
    for t in range(len(x) - 1)[::-1]:
        delta[t] = (1 - h[t] ** 2) * from_later
        from_later = delta[t] @ params["W"]
    grads = all_gradients(x, h0, h, np.zeros((*h.shape[:2], o.shape[1])), delta, params)
    grads |= {"V": do.T @ h[-1], "c": do.sum(axis=0), "h0": from_later}
    return sequence_loss(o[None], y[None]), grads


@wrong("truncated_bptt", "windows overlap by a step")
def windows_with_a_step_in_common(x, h0, y, params, k):
    loss, total, dx, state = 0.0, dict.fromkeys("UWVbc", 0.0), [], h0
    first = None
    for start in range(0, len(x), k):
        xs, ys = x[start : start + k + 1], y[start : start + k + 1]
        part, grads = bptt(xs, state, ys, params)
        loss, state = loss + part, hidden_recurrence(xs, state, params)[0][-1]
        total = {name: total[name] + grads[name] for name in total}
        first = grads["h0"] if first is None else first
        dx.extend(grads["x"][:k])
    return loss, total | {"x": np.stack(dx), "h0": first}
