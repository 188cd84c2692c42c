"""Two mistakes of hw6_gated at once: its exercises with switches."""

from __future__ import annotations

import numpy as np

from autograder.course.catalogue import switches
from solutions.hw6_gated import solution as hw6


@switches(
    "third and fourth block exchanged",
    ("tanh of the state left out", "tanh kept in the state"),
    ("input gate left out", "1 - f for the input gate"),
    ("forget gate left out", "h_prev for s_prev", "s_prev changed in place"),
    ("sigmoid for the candidate", "third and fourth block exchanged"),
)
def lstm_step(made, x_t, h_prev, s_prev, params):
    """Take one step: h_t (N, H) and s_t (N, H)."""
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    i, f, g, q = np.split(z, 4, axis=-1)
    if "third and fourth block exchanged" in made:
        g, q = q, g
    i, f, q = hw6.sigmoid(i), hw6.sigmoid(f), hw6.sigmoid(q)
    g = hw6.sigmoid(g) if "sigmoid for the candidate" in made else np.tanh(g)
    if "input gate left out" in made:
        i = np.ones(i.shape)
    elif "1 - f for the input gate" in made:
        i = 1 - f
    kept = f * (h_prev if "h_prev for s_prev" in made else s_prev)
    if "forget gate left out" in made:
        kept = s_prev
    elif "s_prev changed in place" in made:
        s_prev[...] = kept
    s_t = kept + i * g
    shown = q * (s_t if "tanh of the state left out" in made else np.tanh(s_t))
    return shown, np.tanh(s_t) if "tanh kept in the state" in made else s_t


@switches(
    ("share through h_t left out", "derivative of tanh(s_t) left out"),
    ("share through h_t left out", "output gate left out on the way to s_t"),
    ("forget gate missing from ds_prev", "f (1 - f) in ds_prev"),
    ("derivatives of the sigmoids left out", "derivative of the forget gate taken as f"),
    "derivative of the candidate left out",
    "h_t for h_prev in dW",
    "db averaged over the batch",
)
def lstm_step_backward(made, dh, ds, x_t, h_prev, s_prev, params):
    """Take the gradient back through one step: dx_t, dh_prev, ds_prev and grads."""
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)
    i, f, q, g = hw6.sigmoid(z_i), hw6.sigmoid(z_f), hw6.sigmoid(z_q), np.tanh(z_g)
    shown = np.tanh(f * s_prev + i * g)
    slope = 1.0 if "derivative of tanh(s_t) left out" in made else 1 - shown**2
    gate = 1.0 if "output gate left out on the way to s_t" in made else q
    through = 0.0 if "share through h_t left out" in made else dh * gate * slope
    total = ds + through
    slopes = [i * (1 - i), f * (1 - f), 1 - g**2, q * (1 - q)]
    if "derivatives of the sigmoids left out" in made:
        slopes = [1.0, 1.0, slopes[2], 1.0]
    if "derivative of the forget gate taken as f" in made:
        slopes[1] = f
    if "derivative of the candidate left out" in made:
        slopes[2] = 1.0
    into = (total * g, total * s_prev, total * i, dh * shown)
    dz = np.concatenate([a * b for a, b in zip(into, slopes, strict=True)], axis=-1)
    met = q * shown if "h_t for h_prev in dW" in made else h_prev
    db = dz.sum(axis=0) / (len(dz) if "db averaged over the batch" in made else 1)
    factor = 1.0 if "forget gate missing from ds_prev" in made else f
    factor = f * (1 - f) if "f (1 - f) in ds_prev" in made else factor
    grads = {"U": dz.T @ x_t, "W": dz.T @ met, "b": db}
    return dz @ params["U"], dz @ params["W"], total * factor, grads


@switches(
    ("dh not carried back", "share of the last output only"),
    ("dh not carried back", "share of the outputs added to ds"),
    ("ds not carried back", "share of the outputs added to ds"),
    ("share of the last output only", "share of the outputs added to ds"),
    ("zeros before the first step", "last states before the first step"),
    "gradients of the parameters overwritten at each step",
    ("averaged over time", "divided by N once more"),
    "dV made from the cell states",
    "gradients of h0 and s0 exchanged",
)
def lstm_bptt(made, x, h0, s0, y, params):
    """Compute loss and gradients of an LSTM with an output at every step."""
    h, s, o = hw6.lstm(x, h0, s0, params)
    do = hw6.sequence_loss_gradient(o, y)
    if "averaged over time" in made:
        do = do / len(x)
    elif "divided by N once more" in made:
        do = do / y.shape[1]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, s if "dV made from the cell states" in made else h)
    grads |= {"c": do.sum(axis=(0, 1)), "x": np.empty(x.shape)}
    zero = np.zeros(h0.shape)
    first = (0 * h0, 0 * s0) if "zeros before the first step" in made else (h0, s0)
    first = (h[-1], s[-1]) if "last states before the first step" in made else first
    dh, ds = zero, zero
    for t in reversed(range(len(x))):
        share = do[t] @ params["V"]
        if "share of the last output only" in made and t < len(x) - 1:
            share = zero
        if "share of the outputs added to ds" in made:
            ds = ds + share
        else:
            dh = share if "dh not carried back" in made else dh + share
        before = (h[t - 1], s[t - 1]) if t > 0 else first
        carried = zero if "ds not carried back" in made else ds
        grads["x"][t], dh, ds, step = hw6.lstm_step_backward(dh, carried, x[t], *before, params)
        for name in step:
            if "gradients of the parameters overwritten at each step" in made:
                grads[name] = step[name]
            else:
                grads[name] += step[name]
    swapped = "gradients of h0 and s0 exchanged" in made
    grads |= {"h0": ds if swapped else dh, "s0": dh if swapped else ds}
    return hw6.sequence_loss(o, y), grads


@switches(
    "u and 1 - u exchanged",
    ("reset gate after the product", "reset gate left out"),
    "sigmoid for the candidate",
    "bias of the candidate left out",
    "state changed in place",
)
def gru_step(made, x_t, h_prev, params):
    """Take one step of a GRU: h_t (N, H)."""
    H = h_prev.shape[-1]
    U, W, b = params["U"], params["W"], params["b"]
    gates = hw6.sigmoid(b[: 2 * H] + h_prev @ W[: 2 * H].T + x_t @ U[: 2 * H].T)
    r, u = gates[:, :H], gates[:, H:]
    product = (r * h_prev) @ W[2 * H :].T
    if "reset gate after the product" in made:
        product = r * (h_prev @ W[2 * H :].T)
    elif "reset gate left out" in made:
        product = h_prev @ W[2 * H :].T
    total = product + x_t @ U[2 * H :].T
    if "bias of the candidate left out" not in made:
        total = total + b[2 * H :]
    n = hw6.sigmoid(total) if "sigmoid for the candidate" in made else np.tanh(total)
    u = 1 - u if "u and 1 - u exchanged" in made else u
    h_t = u * h_prev + (1 - u) * n
    if "state changed in place" in made:
        h_prev[...] = h_t
    return h_t


@switches(
    ("direct share left out", "1 - u in the direct share"),
    (
        "share through the candidate left out",
        "reset gate missing from the share through the candidate",
    ),
    "shares through both gates left out",
    "derivative of the candidate left out",
    "n - h_prev at the update gate",
    "h_prev for m in dW",
    "db averaged over the batch",
)
def gru_step_backward(made, dh, x_t, h_prev, params):
    """Take the gradient back through one step of a GRU: dx_t, dh_prev and grads."""
    H = h_prev.shape[-1]
    U, W, b = params["U"], params["W"], params["b"]
    gates = hw6.sigmoid(b[: 2 * H] + h_prev @ W[: 2 * H].T + x_t @ U[: 2 * H].T)
    r, u = gates[:, :H], gates[:, H:]
    m = r * h_prev
    n = np.tanh(b[2 * H :] + m @ W[2 * H :].T + x_t @ U[2 * H :].T)
    dz_n = dh * (1 - u) * (1.0 if "derivative of the candidate left out" in made else 1 - n**2)
    dm = dz_n @ W[2 * H :]
    sign = -1 if "n - h_prev at the update gate" in made else 1
    dz_gates = np.hstack([dm * h_prev * r * (1 - r), sign * dh * (h_prev - n) * u * (1 - u)])
    dz = np.hstack([dz_gates, dz_n])
    direct = dh * (1 - u if "1 - u in the direct share" in made else u)
    seen = dm if "reset gate missing from the share through the candidate" in made else dm * r
    dh_prev = np.zeros(dh.shape)
    if "direct share left out" not in made:
        dh_prev = dh_prev + direct
    if "share through the candidate left out" not in made:
        dh_prev = dh_prev + seen
    if "shares through both gates left out" not in made:
        dh_prev = dh_prev + dz_gates @ W[: 2 * H]
    met = h_prev if "h_prev for m in dW" in made else m
    dW = np.vstack([dz_gates.T @ h_prev, dz_n.T @ met])
    db = dz.sum(axis=0) / (len(dz) if "db averaged over the batch" in made else 1)
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": db}
