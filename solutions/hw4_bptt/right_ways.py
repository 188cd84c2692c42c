"""Correct work on hw4_bptt in other styles than the solutions'."""

import numpy as np

from solutions.hw4_bptt.solution import (
    bptt,
    hidden_recurrence,
    log_softmax,
    sequence_loss,
    sequence_loss_gradient,
    single_output,
    softmax,
    step_backward,
)


def numerical_gradient__moved_in_place_and_put_back(f, x, eps=1e-5):
    gradient = np.zeros_like(x)
    places = np.nditer(x, flags=["multi_index"])
    for _ in places:
        place = places.multi_index
        old = x[place]
        x[place] = old + eps
        above = f(x)
        x[place] = old - eps
        below = f(x)
        x[place] = old
        gradient[place] = (above - below) / eps / 2
    return gradient


def numerical_gradient__rows_of_the_identity(f, x, eps=1e-5):
    steps = eps * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (2 * eps) for step in steps]).reshape(x.shape)


def numerical_gradient__mean_of_both_sides(f, x, eps=1e-5):
    """The mean of the forward and the backward difference, kept in float32."""
    f_x, gradient = f(x), np.empty(x.size, np.float32)
    for i in range(x.size):
        above, below = x.copy(), x.copy()
        above.flat[i] += eps
        below.flat[i] -= eps
        gradient[i] = ((f(above) - f_x) / eps + (f_x - f(below)) / eps) / 2
    return gradient.reshape(x.shape)


def numerical_gradient__quotients_before_the_difference(f, x, eps=1e-5):
    steps = eps * np.eye(x.size).reshape(x.size, *x.shape)
    gradient = [f(x + step) / (2 * eps) - f(x - step) / (2 * eps) for step in steps]
    return np.reshape(gradient, x.shape)


def step_backward__loop_over_sequences_with_jacobians(dh, x_t, h_prev, h_t, params):
    """The equations of the text, for one sequence after the other."""
    U, W = params["U"], params["W"]
    dx_t, dh_prev = np.zeros(x_t.shape), np.zeros(h_prev.shape)
    dU, dW, db = np.zeros(U.shape), np.zeros(W.shape), np.zeros(len(U))
    for n in range(len(dh)):
        delta = np.diag(1 - h_t[n] ** 2) @ dh[n]
        dx_t[n] = U.T @ delta
        dh_prev[n] = W.T @ delta
        dU += np.outer(delta, x_t[n])
        dW += np.outer(delta, h_prev[n])
        db += delta
    return dx_t, dh_prev, {"b": db, "W": dW, "U": dU}


def step_backward__einsum(dh, x_t, h_prev, h_t, params):
    slope = (1 - h_t) * (1 + h_t)
    dx_t = np.einsum("ni,ni,id->nd", dh, slope, params["U"])
    dh_prev = np.einsum("ni,ni,ij->nj", dh, slope, params["W"])
    dU = np.einsum("ni,ni,nd->id", dh, slope, x_t)
    dW = np.einsum("ni,ni,nj->ij", dh, slope, h_prev)
    return dx_t, dh_prev, {"U": dU, "W": dW, "b": np.einsum("ni,ni->i", dh, slope)}


def step_backward__one_matrix_for_all_that_goes_in(dh, x_t, h_prev, h_t, params):
    """a_t is one product of [W U b] with [h_prev, x_t, 1], and so are its gradients."""
    H, D = params["U"].shape
    weights = np.hstack([params["W"], params["U"], params["b"][:, None]])
    inputs = np.hstack([h_prev, x_t, np.ones((len(dh), 1))])
    delta = dh - dh * h_t * h_t
    back, parts = delta @ weights, delta.T @ inputs
    grads = {"W": parts[:, :H], "U": parts[:, H : H + D], "b": parts[:, -1]}
    return [back[:, H : H + D], back[:, :H], grads]


def step_backward__stored_in_float32(dh, x_t, h_prev, h_t, params):
    da = np.multiply(dh, 1 - np.square(h_t))
    results = da.dot(params["U"]), da.dot(params["W"])
    dU, dW, db = da.T.dot(x_t), da.T.dot(h_prev), np.ones(len(da)).dot(da)
    dx_t, dh_prev = (array.astype(np.float32) for array in results)
    return dx_t, dh_prev, {"U": dU.astype(np.float32), "W": dW, "b": db.astype(np.float32)}


def bptt__lists_and_no_helper(x, h0, y, params):
    """Forward and backward by hand, with the states in a list that begins with h0."""
    T, N, _ = x.shape
    states, probabilities, loss = [h0], [], 0.0
    for t in range(T):
        a = params["b"] + states[-1] @ params["W"].T + x[t] @ params["U"].T
        states.append(np.tanh(a))
        yhat = softmax(params["c"] + states[-1] @ params["V"].T)
        probabilities.append(yhat)
        loss -= np.log(yhat[np.arange(N), y[t]]).sum() / N
    grads = dict.fromkeys("UWVbc", 0.0)
    dxs, back = [], 0.0
    for t in range(T, 0, -1):
        do = probabilities[t - 1].copy()
        do[np.arange(N), y[t - 1]] -= 1
        do /= N
        delta = (do @ params["V"] + back) * (1 - states[t] ** 2)
        parts = {"V": do.T @ states[t], "c": do.sum(0), "U": delta.T @ x[t - 1]}
        parts |= {"W": delta.T @ states[t - 1], "b": delta.sum(0)}
        grads = {name: grads[name] + part for name, part in parts.items()}
        dxs.insert(0, delta @ params["U"])
        back = delta @ params["W"]
    return loss, grads | {"x": np.array(dxs), "h0": back}


def bptt__every_loss_sent_back_alone(x, h0, y, params):
    """The same sum in another order: the loss of each step goes back to the start by itself."""
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(array.shape) for name, array in params.items()}
    grads |= {"x": np.zeros(x.shape), "h0": np.zeros(h0.shape)}
    for s in range(len(x)):
        dh = do[s] @ params["V"]
        for t in range(s, -1, -1):
            dx_t, dh, parts = step_backward(dh, x[t], h[t - 1] if t else h0, h[t], params)
            grads["x"][t] += dx_t
            for name, part in parts.items():
                grads[name] += part
        grads["h0"] += dh
        grads["V"] += do[s].T @ h[s]
        grads["c"] += do[s].sum(axis=0)
    return np.float64(sequence_loss(o, y)), grads


def bptt__recursive(x, h0, y, params):
    """The first step, then the rest of the sequence as a shorter sequence."""
    N, V = len(h0), params["V"]
    h, o = hidden_recurrence(x[:1], h0, params)
    do = sequence_loss_gradient(o, y[:1])[0]
    loss, dh = sequence_loss(o, y[:1]), do @ V
    rest = {name: np.zeros(array.shape) for name, array in params.items()}
    rest["x"] = np.zeros((0, N, x.shape[2]))
    if len(x) > 1:
        later, rest = bptt__recursive(x[1:], h[0], y[1:], params)
        loss, dh = loss + later, dh + rest["h0"]
    dx_t, dh0, grads = step_backward(dh, x[0], h0, h[0], params)
    grads |= {"V": do.T @ h[0], "c": do.sum(axis=0)}
    grads = {name: grads[name] + rest[name] for name in grads}
    return loss, {**grads, "x": np.concatenate([dx_t[None], rest["x"]]), "h0": dh0}


def bptt_single_output__lists_and_no_helper(x, h0, y, params):
    N, states = len(y), [h0]
    for x_t in x:
        a = params["b"] + states[-1] @ params["W"].T + x_t @ params["U"].T
        states.append(np.tanh(a))
    log_yhat = log_softmax(params["c"] + states[-1] @ params["V"].T)
    do = np.exp(log_yhat)
    do[np.arange(N), y] -= 1
    do /= N
    grads = {name: np.zeros_like(array) for name, array in params.items()}
    grads["x"] = np.zeros_like(x)
    grads["V"] += do.T @ states.pop()
    grads["c"] += do.sum(axis=0)
    dh, h_t = do @ params["V"], np.tanh(a)
    for t in range(len(x) - 1, -1, -1):
        da = dh * (1 - h_t**2)
        h_t = states.pop()
        grads["U"] += da.T @ x[t]
        grads["W"] += da.T @ h_t
        grads["b"] += da.sum(axis=0)
        grads["x"][t] = da @ params["U"]
        dh = da @ params["W"]
    grads["h0"] = dh
    return -np.mean(log_yhat[np.arange(N), y]), grads


def bptt_single_output__product_of_jacobians(x, h0, y, params):
    """One matrix for each sequence, dh_T / dh_t, grows by a factor with each step back."""
    T, (N, H) = len(x), h0.shape
    h, o = single_output(x, h0, params)
    before = np.concatenate([h0[None], h])[:T]
    do = sequence_loss_gradient(o[None], y[None])[0]
    jacobian, da = np.array([np.eye(H)] * N), np.empty(h.shape)
    for t in range(T - 1, -1, -1):
        through_tanh = jacobian * (1 - h[t] ** 2)[:, None, :]  # dh_T / da_t
        da[t] = np.einsum("nk,ki,nij->nj", do, params["V"], through_tanh)
        jacobian = through_tanh @ params["W"]
    return sequence_loss(o[None], y[None]), {
        "U": np.tensordot(da, x, axes=([0, 1], [0, 1])),
        "W": np.tensordot(da, before, axes=([0, 1], [0, 1])),
        "V": do.T @ h[-1],
        "b": da.sum((0, 1)),
        "c": do.sum(0),
        "x": da @ params["U"],
        "h0": np.einsum("nk,ki,nij->nj", do, params["V"], jacobian),
    }


def bptt_single_output__difference_of_two_runs_of_bptt(x, h0, y, params):
    """The last loss is the sum over all steps without the sum over all steps but the last."""
    labels = np.broadcast_to(y, x.shape[:2])
    loss, grads = bptt(x, h0, labels, params)
    if len(x) == 1:
        return loss, grads
    earlier, parts = bptt(x[:-1], h0, labels[:-1], params)
    parts["x"] = np.concatenate([parts["x"], 0 * x[-1:]])
    return loss - earlier, {name: grads[name] - parts[name] for name in grads}


def truncated_bptt__cut_in_one_walk_back(x, h0, y, params, k):
    """Walk back over the whole sequence, and drop the gradient at each border."""
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros_like(array) for name, array in params.items()}
    grads["V"] = np.tensordot(do, h, axes=((0, 1), (0, 1)))
    grads["c"] = do.sum(axis=0).sum(axis=0)
    grads["x"], dh = np.zeros_like(x), np.zeros_like(h0)
    for t in range(T - 1, -1, -1):
        dh = dh + do[t] @ params["V"]
        grads["x"][t], dh, parts = step_backward(dh, x[t], h[t - 1] if t else h0, h[t], params)
        for name in parts:
            grads[name] = grads[name] + parts[name]
        if t % k == 0 and t > 0:
            dh = np.zeros_like(h0)
    return sequence_loss(o, y), {**grads, "h0": dh}


def truncated_bptt__recursive(x, h0, y, params, k):
    """The first window, then the rest as a sequence that starts from its last state."""
    loss, grads = bptt(x[:k], h0, y[:k], params)
    if len(x) <= k:
        return loss, grads
    state = hidden_recurrence(x[:k], h0, params)[0][-1]
    later, rest = truncated_bptt__recursive(x[k:], state, y[k:], params, k)
    total = {name: grads[name] + rest[name] for name in params}
    total["x"] = np.vstack([grads["x"], rest["x"]])
    return loss + later, total | {"h0": grads["h0"]}


def truncated_bptt__all_states_first(x, h0, y, params, k):
    """One forward pass gives the states at all borders; the windows are then independent."""
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    starts = np.arange(0, T, k)
    grads = {}
    for start in starts[::-1]:
        state = h[start - 1] if start > 0 else h0
        window = bptt(x[start : start + k], state, y[start : start + k], params)[1]
        for name, part in window.items():
            if name == "x":
                grads["x"] = np.append(part, grads.get("x", part[:0]), axis=0)
            elif name == "h0":
                grads["h0"] = part
            else:
                grads[name] = grads.get(name, 0) + part
    return sequence_loss(o, y), grads


def clip_gradients__one_long_vector(grads, max_norm):
    norm = np.linalg.norm(np.concatenate([array.ravel() for array in grads.values()]))
    if norm <= max_norm:
        return {name: array.copy() for name, array in grads.items()}
    return {name: array * max_norm / norm for name, array in grads.items()}


def clip_gradients__a_little_added_to_the_norm(grads, max_norm):
    """As deep learning libraries do it, with a little in the denominator."""
    norms = [np.linalg.norm(array) for array in grads.values()]
    factor = min(1.0, max_norm / (np.linalg.norm(norms) + 1e-6))
    return {name: factor * array for name, array in grads.items()}


def clip_gradients__loops(grads, max_norm):
    squares = 0.0
    for array in grads.values():
        for entry in array.flat:
            squares += entry * entry
    clipped = {}
    for name, array in grads.items():
        clipped[name] = np.array(array)
        if squares > max_norm**2:
            clipped[name] /= squares**0.5 / max_norm
    return clipped


def clip_gradients__stored_in_float32(grads, max_norm):
    norm = np.hypot.reduce([abs(entry) for array in grads.values() for entry in array.ravel()])
    factor = max_norm / max(norm, max_norm)
    return {name: (factor * array).astype(np.float32) for name, array in grads.items()}


def step_backward__default_dict(dh, x_t, h_prev, h_t, params):
    from collections import defaultdict

    grads = defaultdict(float)
    for n in range(len(dh)):
        da = dh[n] * (1 + h_t[n]) * (1 - h_t[n])
        grads["U"] += np.multiply.outer(da, x_t[n])
        grads["W"] += np.multiply.outer(da, h_prev[n])
        grads["b"] += da
    da = dh * (1 - np.square(h_t))
    return [da.dot(params["U"]), da.dot(params["W"]), grads]


def bptt__a_dict_that_adds(x, h0, y, params):
    class Sums(dict):
        def add(self, name, part):
            self[name] = self.get(name, 0) + part

    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads, carried, dx = Sums(), np.zeros_like(h0), []
    before = np.concatenate((h0[None], h[:-1]))
    for x_t, h_prev, h_t, do_t in reversed(list(zip(x, before, h, do, strict=True))):
        dh = do_t @ params["V"] + carried
        dx_t, carried, parts = step_backward(dh, x_t, h_prev, h_t, params)
        dx.insert(0, dx_t)
        for name, part in parts.items():
            grads.add(name, part)
        grads.add("V", do_t.T @ h_t)
        grads.add("c", do_t.sum(0))
    grads["x"], grads["h0"], grads["loss"] = np.array(dx), carried, None
    return np.float64(sequence_loss(o, y)), grads


def clip_gradients__ordered_dict(grads, max_norm):
    from collections import OrderedDict

    norm = sum(np.vdot(g, g) for g in grads.values()) ** 0.5
    return OrderedDict(sorted((k, g / max(1.0, norm / max_norm)) for k, g in grads.items()))
