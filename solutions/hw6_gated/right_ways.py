"""Right work of hw6_gated in other styles."""

import numpy as np

from solutions.hw6_gated.solution import (
    gru_step,
    lstm,
    lstm_step,
    lstm_step_backward,
    sequence_loss,
    sequence_loss_gradient,
    sigmoid,
    softmax,
)

# --- lstm_step ---------------------------------------------------------------------------


def lstm_step__with_slices(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    z = x_t @ params["U"].T + h_prev @ params["W"].T + params["b"]
    i, f, q = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
    s_t = i * np.tanh(z[:, 2 * H : 3 * H]) + f * s_prev
    return np.tanh(s_t) * q, s_t


def lstm_step__block_by_block(x_t, h_prev, s_prev, params):
    blocks = [np.split(params[name], 4) for name in "UWb"]
    z = [x_t @ U.T + h_prev @ W.T + b for U, W, b in zip(*blocks, strict=True)]
    i, f, g, q = sigmoid(z[0]), sigmoid(z[1]), np.tanh(z[2]), sigmoid(z[3])
    s_t = f * s_prev + i * g
    return q * np.tanh(s_t), s_t


def lstm_step__one_product_of_joined_arrays(x_t, h_prev, s_prev, params):
    both = np.concatenate([x_t, h_prev, np.ones((len(x_t), 1))], axis=1)
    z = both @ np.hstack([params["U"], params["W"], params["b"][:, None]]).T
    i, f, g, q = np.moveaxis(z.reshape(len(z), 4, -1), 1, 0)
    s_t = sigmoid(f) * s_prev + sigmoid(i) * np.tanh(g)
    return sigmoid(q) * np.tanh(s_t), s_t


def lstm_step__einsum(x_t, h_prev, s_prev, params):
    z = np.einsum("nd,rd->rn", x_t, params["U"]) + np.einsum("nj,rj->rn", h_prev, params["W"])
    i, f, g, q = np.split(z + params["b"][:, np.newaxis], 4)
    s_t = (sigmoid(f) * s_prev.T + sigmoid(i) * np.tanh(g)).T
    return sigmoid(q).T * np.tanh(s_t), s_t


def lstm_step__sigmoid_by_tanh(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    i, f, g, q = np.array_split(z, 4, axis=1)
    gate = lambda z: 0.5 * (1.0 + np.tanh(0.5 * z))  # noqa: E731 - as students write it
    s_t = gate(f) * s_prev + gate(i) * np.tanh(g)
    return gate(q) * np.tanh(s_t), s_t


def lstm_step__sigmoid_written_out(x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    i, f, g, q = np.split(z, 4, axis=1)
    i, f, q = (1 / (1 + np.exp(-gate)) for gate in (i, f, q))
    s_t = f * s_prev + i * np.tanh(g)
    return q * np.tanh(s_t), s_t


def lstm_step__unit_by_unit(x_t, h_prev, s_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    N, H = h_prev.shape
    h_t, s_t = np.zeros((N, H)), np.zeros((N, H))
    for n in range(N):
        for unit in range(H):
            z = [b[r] + W[r] @ h_prev[n] + U[r] @ x_t[n] for r in range(unit, 4 * H, H)]
            i, f, q = (float(sigmoid(np.array(z[k]))) for k in (0, 1, 3))
            s_t[n, unit] = f * s_prev[n, unit] + i * np.tanh(z[2])
            h_t[n, unit] = q * np.tanh(s_t[n, unit])
    return h_t, s_t


def lstm_step__gates_written_over_their_sums(x_t, h_prev, s_prev, params):
    H = h_prev.shape[1]
    joined = np.concatenate([params["W"], params["U"]], axis=1)  # (4H, H + D)
    z = np.concatenate([h_prev, x_t], axis=1) @ joined.T + params["b"]
    z[:, : 2 * H] = sigmoid(z[:, : 2 * H])
    np.tanh(z[:, 2 * H : 3 * H], out=z[:, 2 * H : 3 * H])
    z[:, 3 * H :] = sigmoid(z[:, 3 * H :])
    s_t = z[:, H : 2 * H].copy()
    s_t *= s_prev
    s_t += z[:, :H] * z[:, 2 * H : 3 * H]
    return z[:, 3 * H :] * np.tanh(s_t), s_t


# --- lstm --------------------------------------------------------------------------------


def lstm__lists_stacked_at_the_end(x, h0, s0, params):
    h, s = [h0], [s0]
    for x_t in x:
        h_t, s_t = lstm_step(x_t, h[-1], s[-1], params)
        h.append(h_t)
        s.append(s_t)
    o = [h_t @ params["V"].T + params["c"] for h_t in h[1:]]
    return np.stack(h[1:]), np.stack(s[1:]), np.stack(o)


def lstm__accumulate(x, h0, s0, params):
    from itertools import accumulate

    pairs = accumulate(x, lambda state, x_t: lstm_step(x_t, *state, params), initial=(h0, s0))
    h, s = map(np.array, zip(*list(pairs)[1:], strict=True))
    return h, s, np.einsum("tni,ki->tnk", h, params["V"]) + params["c"]


def lstm__inputs_first(x, h0, s0, params):
    from_inputs = x @ params["U"].T + params["b"]  # (T, N, 4H), all steps at once
    H, h, s = h0.shape[1], [], []
    for t in range(len(x)):
        z = from_inputs[t] + (h[-1] if h else h0) @ params["W"].T
        gates = sigmoid(z)
        i, f, q = gates[:, :H], gates[:, H : 2 * H], gates[:, 3 * H :]
        s.append(f * (s[-1] if s else s0) + i * np.tanh(z[:, 2 * H : 3 * H]))
        h.append(q * np.tanh(s[-1]))
    return np.array(h), np.array(s), np.array(h) @ params["V"].T + params["c"]


def lstm__arrays_with_the_initial_state_in_front(x, h0, s0, params):
    T = len(x)
    h, s = np.zeros((T + 1, *h0.shape)), np.zeros((T + 1, *s0.shape))
    h[0], s[0] = h0, s0
    for t in range(1, T + 1):
        h[t], s[t] = lstm_step(x[t - 1], h[t - 1], s[t - 1], params)
    return h[1:], s[1:], params["c"] + np.tensordot(h[1:], params["V"], (2, 1))


# --- lstm_step_backward ------------------------------------------------------------------


def lstm_step_backward__slices_and_an_empty_dz(dh, ds, x_t, h_prev, s_prev, params):
    H = dh.shape[1]
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    i, f, q = (sigmoid(z[:, k * H : k * H + H]) for k in (0, 1, 3))
    g = np.tanh(z[:, 2 * H : 3 * H])
    _, s_t = lstm_step(x_t, h_prev, s_prev, params)
    d_state = ds + dh * q / np.cosh(s_t) ** 2
    dz = np.empty((len(x_t), 4 * H))
    dz[:, :H] = d_state * g * (i - i**2)
    dz[:, H : 2 * H] = d_state * s_prev * (f - f**2)
    dz[:, 2 * H : 3 * H] = d_state * i * (1 - g * g)
    dz[:, 3 * H :] = dh * np.tanh(s_t) * (q - q**2)
    grads = {"b": np.sum(dz, 0), "W": np.dot(dz.T, h_prev), "U": np.dot(dz.T, x_t)}
    return dz.dot(params["U"]), dz.dot(params["W"]), d_state * f, grads


def lstm_step_backward__block_by_block(dh, ds, x_t, h_prev, s_prev, params):
    U, W, b = (dict(zip("ifgq", np.split(params[name], 4), strict=True)) for name in "UWb")
    z = {gate: b[gate] + h_prev @ W[gate].T + x_t @ U[gate].T for gate in "ifgq"}
    i, f, g, q = sigmoid(z["i"]), sigmoid(z["f"]), np.tanh(z["g"]), sigmoid(z["q"])
    h_over_q = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - h_over_q) * (1 + h_over_q)
    delta = {
        "i": ds * g * i * sigmoid(-z["i"]),
        "f": ds * s_prev * f * sigmoid(-z["f"]),
        "g": ds * i * (1 - g**2),
        "q": dh * h_over_q * q * sigmoid(-z["q"]),
    }
    dx_t = sum(delta[gate] @ U[gate] for gate in "ifgq")
    dh_prev = sum(delta[gate] @ W[gate] for gate in "ifgq")
    grads = {
        "U": np.concatenate([delta[gate].T @ x_t for gate in "ifgq"]),
        "W": np.concatenate([delta[gate].T @ h_prev for gate in "ifgq"]),
        "b": np.concatenate([delta[gate].sum(axis=0) for gate in "ifgq"]),
    }
    return dx_t, dh_prev, f * ds, grads


def lstm_step_backward__sequence_by_sequence(dh, ds, x_t, h_prev, s_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    N, H = dh.shape
    dx_t, dh_prev, ds_prev = np.zeros(x_t.shape), np.zeros((N, H)), np.zeros((N, H))
    dU, dW, db = np.zeros(U.shape), np.zeros(W.shape), np.zeros(b.shape)
    for n in range(N):
        z = (U @ x_t[n] + W @ h_prev[n] + b).reshape(4, H)
        (i, f, _, q), g = sigmoid(z), np.tanh(z[2])
        m = np.tanh(f * s_prev[n] + i * g)
        total = ds[n] + dh[n] * q * (1 - m**2)
        into = np.array([total * g, total * s_prev[n], total * i, dh[n] * m])
        slope = np.array([i * (1 - i), f * (1 - f), 1 - g**2, q * (1 - q)])
        delta = (into * slope).ravel()
        dx_t[n], dh_prev[n], ds_prev[n] = U.T @ delta, W.T @ delta, total * f
        dU += np.outer(delta, x_t[n])
        dW += np.outer(delta, h_prev[n])
        db += delta
    return dx_t, dh_prev, ds_prev, {"U": dU, "W": dW, "b": db}


def lstm_step_backward__einsum(dh, ds, x_t, h_prev, s_prev, params):
    U, W = params["U"], params["W"]
    z = params["b"] + np.einsum("nj,rj->nr", h_prev, W) + np.einsum("nd,rd->nr", x_t, U)
    z = z.reshape(len(z), 4, -1)  # (N, 4, H)
    gates, g = sigmoid(z), np.tanh(z[:, 2])
    i, f, q = gates[:, 0], gates[:, 1], gates[:, 3]
    m = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - m**2)
    dz = np.stack([ds * g, ds * s_prev, ds * i, dh * m], axis=1)
    slopes = gates * (1 - gates)
    slopes[:, 2] = 1 - g**2
    dz = (dz * slopes).reshape(len(z), -1)  # (N, 4H)
    grads = {"U": np.einsum("nr,nd->rd", dz, x_t), "W": np.einsum("nr,nj->rj", dz, h_prev)}
    grads["b"] = np.einsum("nr->r", dz)
    return np.einsum("nr,rd->nd", dz, U), np.einsum("nr,rj->nj", dz, W), ds * f, grads


def lstm_step_backward__one_gradient_of_joined_parameters(dh, ds, x_t, h_prev, s_prev, params):
    N, D = x_t.shape
    joined = np.hstack([params["U"], params["W"], params["b"][:, None]])  # (4H, D + H + 1)
    met = np.hstack([x_t, h_prev, np.ones((N, 1))])
    z = (met @ joined.T).reshape(N, 4, -1).swapaxes(0, 1)  # (4, N, H)
    (i, f, _, q), g = sigmoid(z), np.tanh(z[2])
    m = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - m * m)
    slopes = np.stack([i * (1 - i), f * (1 - f), 1 - g * g, q * (1 - q)])
    dz = (slopes * np.stack([ds * g, ds * s_prev, ds * i, dh * m])).swapaxes(0, 1).reshape(N, -1)
    back, grad = dz @ joined, dz.T @ met
    grads = {"U": grad[:, :D], "W": grad[:, D:-1], "b": grad[:, -1]}
    return back[:, :D], back[:, D:-1], ds * f, grads


# --- lstm_bptt ---------------------------------------------------------------------------


def lstm_bptt__sums_after_the_loop(x, h0, s0, y, params):
    h, s, o = lstm(x, h0, s0, params)
    before_h = np.concatenate([h0[None], h[:-1]])
    before_s = np.concatenate([s0[None], s[:-1]])
    do = sequence_loss_gradient(o, y)
    steps, dx = [], []
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)
    for t in range(len(x) - 1, -1, -1):
        dh = dh + do[t] @ params["V"]
        dx_t, dh, ds, step = lstm_step_backward(dh, ds, x[t], before_h[t], before_s[t], params)
        steps.append(step)
        dx.insert(0, dx_t)
    grads = {name: sum(step[name] for step in steps) for name in "UWb"}
    grads |= {"V": np.tensordot(do, h, ([0, 1], [0, 1])), "c": do.sum(axis=0).sum(axis=0)}
    grads |= {"x": np.array(dx), "h0": dh, "s0": ds}
    return sequence_loss(o, y), grads


def lstm_bptt__written_out(x, h0, s0, y, params):
    U, W, V = params["U"], params["W"], params["V"]
    T, N, D = x.shape
    H, h, s, gates = h0.shape[1], [h0], [s0], []
    for t in range(T):
        z = params["b"] + h[-1] @ W.T + x[t] @ U.T
        i, f, g, q = np.split(z, 4, axis=1)
        i, f, g, q = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(q)
        s.append(f * s[-1] + i * g)
        h.append(q * np.tanh(s[-1]))
        gates.append((i, f, g, q))
    h, s = np.array(h), np.array(s)
    o = params["c"] + h[1:] @ V.T
    do = sequence_loss_gradient(o, y)
    dz, ds, dh = np.zeros((T, N, 4 * H)), np.zeros((N, H)), np.zeros((N, H))
    for t in reversed(range(T)):
        i, f, g, q = gates[t]
        m = np.tanh(s[t + 1])
        dh = dh + do[t] @ V
        ds = ds + dh * q * (1 - m**2)
        dz[t] = np.hstack(
            [
                ds * g * i * (1 - i),
                ds * s[t] * f * (1 - f),
                ds * i * (1 - g**2),
                dh * m * q * (1 - q),
            ]
        )
        dh, ds = dz[t] @ W, ds * f
    flat = dz.reshape(-1, 4 * H)
    grads = {"U": flat.T @ x.reshape(-1, D), "W": flat.T @ h[:-1].reshape(-1, H)}
    grads |= {"b": flat.sum(axis=0), "c": do.sum(axis=(0, 1))}
    grads |= {"V": do.reshape(-1, do.shape[2]).T @ h[1:].reshape(-1, H)}
    grads |= {"x": dz @ U, "h0": dh, "s0": ds}
    return float(sequence_loss(o, y)), grads


def lstm_bptt__recursively(x, h0, s0, y, params):
    T, N, _ = x.shape

    def back(t, h_prev, s_prev):
        """Return loss, dh and ds for the state before step t, and the gradients from t on."""
        if t == T:
            zero = np.zeros(h0.shape)
            names = [*"UWVbc"]
            return 0.0, zero, zero, {n: np.zeros(params[n].shape) for n in names}, []
        h_t, s_t = lstm_step(x[t], h_prev, s_prev, params)
        yhat = softmax(params["c"] + h_t @ params["V"].T)
        loss, dh, ds, grads, dx = back(t + 1, h_t, s_t)
        loss = loss - np.log(yhat[np.arange(N), y[t]]).mean()
        do = yhat.copy()
        do[np.arange(N), y[t]] -= 1
        do = do / N
        dh = dh + do @ params["V"]
        dx_t, dh, ds, step = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        step |= {"V": do.T @ h_t, "c": do.sum(axis=0)}
        return loss, dh, ds, {name: grads[name] + step[name] for name in grads}, [dx_t, *dx]

    loss, dh, ds, grads, dx = back(0, h0, s0)
    # the logarithm of softmax is not safe, so the loss is taken as given
    loss = sequence_loss(lstm(x, h0, s0, params)[2], y)
    return loss, grads | {"x": np.stack(dx), "h0": dh, "s0": ds}


# --- gru_step ----------------------------------------------------------------------------


def gru_step__as_a_step_towards_the_candidate(x_t, h_prev, params):
    H = h_prev.shape[1]
    U, W, b = params["U"], params["W"], params["b"]
    r = sigmoid(x_t @ U[:H].T + h_prev @ W[:H].T + b[:H])
    u = sigmoid(x_t @ U[H : 2 * H].T + h_prev @ W[H : 2 * H].T + b[H : 2 * H])
    n = np.tanh(x_t @ U[2 * H :].T + (h_prev * r) @ W[2 * H :].T + b[2 * H :])
    return h_prev + (1 - u) * (n - h_prev)


def gru_step__split_parameters(x_t, h_prev, params):
    (U_r, U_u, U_n), (W_r, W_u, W_n), (b_r, b_u, b_n) = (np.split(params[k], 3) for k in "UWb")
    r = sigmoid(b_r + h_prev @ W_r.T + x_t @ U_r.T)
    u = sigmoid(b_u + h_prev @ W_u.T + x_t @ U_u.T)
    n = np.tanh(b_n + (r * h_prev) @ W_n.T + x_t @ U_n.T)
    return (1 - u) * n + u * h_prev


def gru_step__inputs_for_all_blocks_first(x_t, h_prev, params):
    from_input = x_t @ params["U"].T + params["b"]
    W_r, W_u, W_n = params["W"].reshape(3, *h_prev.shape[1:], -1)
    z_r, z_u, z_n = np.split(from_input, 3, axis=-1)
    u = 1 / (1 + np.exp(-(z_u + h_prev @ W_u.T)))
    r = 1 / (1 + np.exp(-(z_r + h_prev @ W_r.T)))
    candidate = np.tanh(z_n + np.einsum("nj,nj,ij->ni", r, h_prev, W_n))
    return np.where(u == 1, h_prev, u * h_prev + (1 - u) * candidate)


def gru_step__reset_gate_in_the_weights(x_t, h_prev, params):
    states = []
    for x, h in zip(x_t, h_prev, strict=True):  # one sequence after the other
        z = params["U"] @ x + params["b"]
        gates, H = sigmoid(z + params["W"] @ h), len(h)
        r, u = gates[:H], gates[H : 2 * H]
        n = np.tanh(z[2 * H :] + (params["W"][2 * H :] * r) @ h)
        states.append(u * h + (1 - u) * n)
    return np.array(states)


def gru_step__in_place(x_t, h_prev, params):
    H = h_prev.shape[1]
    z = x_t @ params["U"].T
    z += params["b"]
    z[:, : 2 * H] += h_prev @ params["W"][: 2 * H].T
    z[:, : 2 * H] = sigmoid(z[:, : 2 * H])
    z[:, 2 * H :] += (z[:, :H] * h_prev) @ params["W"][2 * H :].T
    h_t = np.tanh(z[:, 2 * H :])
    h_t -= h_prev
    h_t *= 1 - z[:, H : 2 * H]
    h_t += h_prev
    return h_t


# --- gru_step_backward -------------------------------------------------------------------


def gru_step_backward__split_parameters(dh, x_t, h_prev, params):
    (U_r, U_u, U_n), (W_r, W_u, W_n), (b_r, b_u, b_n) = (np.split(params[k], 3) for k in "UWb")
    r = sigmoid(b_r + h_prev @ W_r.T + x_t @ U_r.T)
    u = sigmoid(b_u + h_prev @ W_u.T + x_t @ U_u.T)
    n = np.tanh(b_n + (r * h_prev) @ W_n.T + x_t @ U_n.T)
    delta_n = dh * (1 - u) * (1 - n) * (1 + n)
    delta_u = dh * h_prev * u * (1 - u) - dh * n * u * (1 - u)
    dm = delta_n @ W_n
    delta_r = dm * h_prev * r * (1 - r)
    dx = delta_r @ U_r + delta_u @ U_u + delta_n @ U_n
    dh_prev = dh * u + r * dm + delta_r @ W_r + delta_u @ W_u
    return (
        dx,
        dh_prev,
        {
            "U": np.vstack([delta_r.T @ x_t, delta_u.T @ x_t, delta_n.T @ x_t]),
            "W": np.vstack([delta_r.T @ h_prev, delta_u.T @ h_prev, delta_n.T @ (r * h_prev)]),
            "b": np.hstack([delta_r.sum(0), delta_u.sum(0), delta_n.sum(0)]),
        },
    )


def gru_step_backward__filling_arrays(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    N, H = h_prev.shape
    gates = sigmoid(x_t @ U[: 2 * H].T + h_prev @ W[: 2 * H].T + b[: 2 * H])
    r, u = gates[:, :H], gates[:, H:]
    n = np.tanh(x_t @ U[2 * H :].T + (r * h_prev) @ W[2 * H :].T + b[2 * H :])
    dz, dW = np.zeros((N, 3 * H)), np.zeros(W.shape)
    dz[:, 2 * H :] = (1 - n**2) * (1 - u) * dh
    dm = np.dot(dz[:, 2 * H :], W[2 * H :])
    dz[:, :H] = gates[:, :H] * (1 - r) * h_prev * dm
    dz[:, H : 2 * H] = u * (1 - u) * (h_prev - n) * dh
    dW[: 2 * H] = dz[:, : 2 * H].T @ h_prev
    dW[2 * H :] = dz[:, 2 * H :].T @ (r * h_prev)
    dh_prev = u * dh
    dh_prev += dm * r
    dh_prev += dz[:, : 2 * H] @ W[: 2 * H]
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}


def gru_step_backward__sequence_by_sequence(dh, x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    H, dx_t, dh_prev = dh.shape[1], [], []
    grads = {name: np.zeros(params[name].shape) for name in ("U", "W", "b")}
    for d, x, h in zip(dh, x_t, h_prev, strict=True):
        r, u = sigmoid(U[: 2 * H] @ x + W[: 2 * H] @ h + b[: 2 * H]).reshape(2, H)
        new = gru_step(x[None], h[None], params)[0]
        n = np.tanh(U[2 * H :] @ x + W[2 * H :] @ (r * h) + b[2 * H :])
        assert np.allclose(new, u * h + (1 - u) * n)
        dn = d * (1 - u) * (1 - n**2)
        dr = (W[2 * H :].T @ dn) * h * r * (1 - r)
        du = d * (h - n) * u * (1 - u)
        delta = np.concatenate([dr, du, dn])
        met = np.concatenate([np.tile(h, (2 * H, 1)), np.tile(r * h, (H, 1))])  # by each row of W
        dx_t.append(U.T @ delta)
        dh_prev.append(d * u + W[: 2 * H].T @ delta[: 2 * H] + r * (W[2 * H :].T @ dn))
        grads["U"] += np.outer(delta, x)
        grads["W"] += delta[:, None] * met
        grads["b"] += delta
    return np.array(dx_t), np.array(dh_prev), grads


def lstm_step_backward__into_columns(dh, ds, x_t, h_prev, s_prev, params):
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    i, f, g, q = np.hsplit(z, 4)
    i, f, g, q = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown * shown)
    dz = np.empty_like(z, order="F")
    deltas = (ds * g * i * (1 - i), ds * s_prev * f * (1 - f), ds * i * (1 - g * g))
    for block, delta in zip(np.hsplit(dz, 4), (*deltas, dh * shown * q * (1 - q)), strict=True):
        block[...] = delta
    grads = {"b": np.ones(len(dz)) @ dz, "W": (h_prev.T @ dz).T, "U": (x_t.T @ dz).T}
    return dz @ params["U"], dz @ params["W"], ds * f, grads
