"""Two classic mistakes at once: implementations of the exercises in which mistakes are switched on.

Each exercise here takes, before its own arguments, the set ``made`` of the mistakes to make. They
have the names of the catalogue, and each of them alone gives what its entry there gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np

from autograder.suite import exercises
from solutions import hw2_patterns as hw2
from solutions import hw3_softmax_loss as hw3
from solutions import hw4_bptt as hw4
from solutions import hw5_teacher_forcing as hw5


@dataclass(frozen=True)
class Switched:
    """An implementation with switches, in groups of which only one can be on."""

    groups: tuple[tuple[str, ...], ...]
    way: Callable

    @property
    def names(self) -> list[str]:
        """The mistakes that can be made, each once."""
        return list(dict.fromkeys(name for group in self.groups for name in group))

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The pairs of mistakes that can be made together."""
        apart = {frozenset(two) for group in self.groups for two in combinations(group, 2)}
        return [two for two in combinations(self.names, 2) if frozenset(two) not in apart]

    def making(self, *mistakes: str) -> Callable:
        """Return the exercise with these mistakes made, or none."""
        return partial(self.way, frozenset(mistakes))


SWITCHED: dict[str, Switched] = {}  # by exercise


def switches(*names: str | tuple[str, ...]) -> Callable:
    """Register the decorated function as the exercise of its name, with a switch for each mistake.

    Of a tuple only one can be on: two would exclude or hide each other, or do what others do.
    """
    groups = tuple((name,) if isinstance(name, str) else name for name in names)

    def register(way: Callable) -> Switched:
        return SWITCHED.setdefault(way.__name__, Switched(groups, way))

    return register


def pairs(homework: str) -> Iterator[tuple[str, tuple[str, str], Callable]]:
    """Yield each pair of mistakes of a homework: the exercise, their names, the wrong function."""
    for function in exercises(homework):
        if function in SWITCHED:
            for names in SWITCHED[function].pairs:
                yield function, names, SWITCHED[function].making(*names)


# --- hw1_unrolling -----------------------------------------------------------------------


@switches(
    "initial state left out, one call of f too many",
    "states stored as integers",
    "s1 overwritten",
    "last state never computed",
)
def unroll(made, f, s1, theta, T):
    """Return the states s_1 ... s_T, (T, *s1.shape)."""
    s = np.zeros((T, *s1.shape), s1.dtype if "states stored as integers" in made else float)
    first = 0 if "initial state left out, one call of f too many" in made else 1
    s[:first] = state = s1
    for t in range(first, T - 1 if "last state never computed" in made else T):
        s[t] = f(state, theta)
        state = s[t]
        if "s1 overwritten" in made:
            np.asarray(s1, dtype=float)[...] = state  # s1 itself, where it holds floats
    return s


@switches(
    ("started from zeros instead of h0", "h0 used again at every step"),
    ("h0 overwritten", "h0 used again at every step"),
    ("h0 overwritten", "states stored as integers"),
    "input of the step before",
)
def unroll_inputs(made, f, h0, x, theta):
    """Return the states h_1 ... h_T, (T, *h0.shape)."""
    dtype = h0.dtype if "states stored as integers" in made else float
    states = np.zeros((len(x), *h0.shape), dtype)
    h = h0 if "h0 overwritten" in made else h0.copy()
    if "started from zeros instead of h0" in made:
        h[...] = 0
    for t in range(len(x)):
        states[t] = f(h, x[t - 1] if "input of the step before" in made else x[t], theta)
        if "h0 overwritten" in made:
            h0[...] = states[t]
            states[t] = h0
        elif "h0 used again at every step" not in made:
            h = states[t]
    return states


@switches(
    "kernel the wrong way round",
    "wraps round at the start",
    "outputs stored as integers",
    "mean instead of sum",
)
def time_delay(made, x, kernel):
    """Convolve the inputs (T, D) with the kernel (k, D, H) over time, to (T, H)."""
    T, (k, _, H) = len(x), kernel.shape
    out = np.zeros((T, H), dtype=x.dtype if "outputs stored as integers" in made else float)
    wraps = "wraps round at the start" in made
    kernel = kernel[::-1] if "kernel the wrong way round" in made else kernel
    for t in range(T):
        out[t] = sum(x[t - j] @ kernel[j] for j in range(k) if t - j >= 0 or wraps)
    return out / k if "mean instead of sum" in made else out


# --- hw2_patterns ------------------------------------------------------------------------


@switches(
    ("tanh of each term", "no tanh", "sigmoid instead of tanh"),
    "W not transposed",
    "U reshaped instead of transposed",
    "bias missing",
)
def rnn_step(made, x_t, h_prev, params):
    """Return the state after a step, (N, H)."""
    U, W, b = params["U"], params["W"], params["b"]
    U = U.reshape(-1, len(U)) if "U reshaped instead of transposed" in made else U.T
    W = W if "W not transposed" in made else W.T
    b = 0 * b if "bias missing" in made else b
    if "tanh of each term" in made:
        return np.tanh(b) + np.tanh(h_prev @ W) + np.tanh(x_t @ U)
    a = b + h_prev @ W + x_t @ U
    if "no tanh" in made:
        return a
    return 1 / (1 + np.exp(-a)) if "sigmoid instead of tanh" in made else np.tanh(a)


@switches(
    ("initial state ignored", "every step starts from the initial state"),
    "W not transposed",
    "bias of the hidden units missing",
    "input of the step before",
    "output computed from the state before",
    "output bias missing",
    "softmax taken of the outputs",
)
def hidden_recurrence(made, x, h0, params):
    """Run pattern 1: the states (T, N, H) and the outputs (T, N, K)."""
    U, W, V, b, c = (params[name] for name in "UWVbc")
    W = W.T if "W not transposed" in made else W
    b = 0 * b if "bias of the hidden units missing" in made else b
    c = 0 * c if "output bias missing" in made else c
    x = np.roll(x, 1, axis=0) if "input of the step before" in made else x
    h, h_prev = [], [0 * h0 if "initial state ignored" in made else h0]
    for x_t in x:
        h.append(np.tanh(b + h_prev[-1] @ W.T + x_t @ U.T))
        h_prev.append(h0 if "every step starts from the initial state" in made else h[-1])
    o = c + np.array(h_prev[:-1] if "output computed from the state before" in made else h) @ V.T
    return np.array(h), hw3.softmax(o) if "softmax taken of the outputs" in made else o


@switches(
    ("state fed back instead of the output", "every step fed with the initial output"),
    ("state fed back instead of the output", "softmax of the output fed back"),
    ("every step fed with the initial output", "softmax of the output fed back"),
    ("every step fed with the initial output", "initial output ignored"),
    ("softmax of the output fed back", "softmax taken of the outputs"),
    "output bias missing",
    "bias of the hidden units missing",
)
def output_recurrence(made, x, o0, params):
    """Run pattern 2: the states (T, N, H) and the outputs (T, N, K)."""
    U, W, V, b, c = (params[name] for name in "UWVbc")
    b = 0 * b if "bias of the hidden units missing" in made else b
    c = 0 * c if "output bias missing" in made else c
    h, o, fed = [], [], 0 * o0 if "initial output ignored" in made else o0
    for x_t in x:
        h.append(np.tanh(b + fed @ W.T + x_t @ U.T))
        o_t = c + h[-1] @ V.T
        o.append(hw3.softmax(o_t) if "softmax taken of the outputs" in made else o_t)
        if "state fed back instead of the output" in made:
            fed = h[-1]
        elif "every step fed with the initial output" not in made:
            fed = hw3.softmax(o_t) if "softmax of the output fed back" in made else o[-1]
    return np.array(h), np.array(o)


@switches(
    ("lengths ignored", "lengths used as indices"),
    "output bias missing",
    "softmax taken of the output",
    "initial state ignored",
)
def single_output(made, x, h0, params, lengths=None):
    """Run pattern 3: the states (T, N, H) and the last outputs (N, K)."""
    h, _ = hw2.hidden_recurrence(x, 0 * h0 if "initial state ignored" in made else h0, params)
    last = -1
    if lengths is not None and "lengths ignored" not in made:
        last = lengths if "lengths used as indices" in made else lengths - 1
    c = 0.0 if "output bias missing" in made else params["c"]
    o = c + h[last, np.arange(len(h0))] @ params["V"].T
    return h, hw3.softmax(o) if "softmax taken of the output" in made else o


# --- hw3_softmax_loss --------------------------------------------------------------------


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


# --- hw4_bptt ----------------------------------------------------------------------------


@switches(
    ("one-sided difference, forward", "divided by eps instead of 2 eps"),
    "points exchanged",
    "argument eps ignored",
    "x not put back after an entry",
)
def numerical_gradient(made, f, x, eps=1e-5):
    """Differentiate a scalar function at x by differences, to the shape of x."""
    eps = 1e-5 if "argument eps ignored" in made else eps
    sign = -1 if "points exchanged" in made else 1
    once = made & {"one-sided difference, forward", "divided by eps instead of 2 eps"}
    gradient = np.empty(x.shape)
    moved = x if "x not put back after an entry" in made else x.astype(float)
    for index in np.ndindex(x.shape):
        before, below = moved[index], f(moved)
        moved[index] = before + eps
        above = f(moved)
        if "one-sided difference, forward" not in made:
            moved[index] = before - eps
            below = f(moved)
        gradient[index] = sign * (above - below) / (eps if once else 2 * eps)
        if "x not put back after an entry" not in made:
            moved[index] = before
    return gradient


@switches(
    ("derivative of tanh taken as 1 - h", "derivative of tanh left out"),
    ("dh multiplied in place", "derivative of tanh left out"),
    ("dU, dW and db averaged over the batch", "db not summed over the batch"),
    "W for W^T",
    "h_t for h_prev in dW",
    "dW transposed",
)
def step_backward(made, dh, x_t, h_prev, h_t, params):
    """Take the gradient back through one step: dx_t (N, D), dh_prev (N, H), grads."""
    slope = 1 - h_t if "derivative of tanh taken as 1 - h" in made else 1 - h_t**2
    da = dh if "derivative of tanh left out" in made else dh * slope
    if "dh multiplied in place" in made:
        dh[...] = da
    W = params["W"].T if "W for W^T" in made else params["W"]
    dW = da.T @ (h_t if "h_t for h_prev in dW" in made else h_prev)
    dW = dW.T if "dW transposed" in made else dW
    db = da if "db not summed over the batch" in made else da.sum(axis=0)
    count = len(dh) if "dU, dW and db averaged over the batch" in made else 1
    return da @ params["U"], da @ W, {"U": da.T @ x_t / count, "W": dW / count, "b": db / count}


BACK = (
    ("derivative of tanh taken as 1 - h", "derivative of tanh left out"),
    ("h_t for h_{t-1} in dW", "h[-1] for h0 at the first step"),
    "recurrent term with W for W^T",
    "gradients of U, W and b overwritten at each step",
    "1/N missing in the gradients",
)


def back_through_time(made, x, h0, h, do, own, params):
    """Return the gradients, where ``own`` (T, N, H) is what a state gets from its own output."""
    first = h[-1] if "h[-1] for h0 at the first step" in made else h0
    h_prev = h if "h_t for h_{t-1} in dW" in made else np.concatenate([first[None], h[:-1]])
    slope = 1 - h if "derivative of tanh taken as 1 - h" in made else 1 - h**2
    slope = np.ones(h.shape) if "derivative of tanh left out" in made else slope
    W = params["W"].T if "recurrent term with W for W^T" in made else params["W"]
    da, carried = np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = own[t] if "recurrent term dropped" in made else own[t] + carried
        da[t] = dh * slope[t]
        carried = (dh if "recurrent term without the derivative of tanh" in made else da[t]) @ W
    # Of those overwritten, the first step's are left: the loop comes to it last.
    kept = 1 if "gradients of U, W and b overwritten at each step" in made else len(x)
    grads = sums_over_steps(x[:kept], h_prev[:kept], da[:kept], h, do)
    return grads | {"x": da @ params["U"], "h0": carried}


def sums_over_steps(x, fed, da, h, do):
    """Return the gradients of the parameters; ``fed`` is what W multiplied."""
    return {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, fed),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
    }


@switches(
    *BACK,
    ("recurrent term dropped", "recurrent term with W for W^T"),
    ("recurrent term dropped", "recurrent term without the derivative of tanh"),
    ("derivative of tanh left out", "recurrent term without the derivative of tanh"),
    "loss averaged over time",
)
def bptt(made, x, h0, y, params):
    """Differentiate pattern 1 through time: the loss, and the gradients by name."""
    h, o = hw4.hidden_recurrence(x, h0, params)
    count = len(h0) if "1/N missing in the gradients" in made else 1
    do = count * hw4.sequence_loss_gradient(o, y)
    loss = hw4.sequence_loss(o, y) / (len(x) if "loss averaged over time" in made else 1)
    return loss, back_through_time(made, x, h0, h, do, do @ params["V"], params)


@switches(*BACK, "share of the output added at every step")
def bptt_single_output(made, x, h0, y, params):
    """Differentiate pattern 3 through time: the loss, and the gradients by name."""
    h, o = hw4.single_output(x, h0, params)
    count = len(h0) if "1/N missing in the gradients" in made else 1
    do = np.zeros((*h.shape[:2], o.shape[1]))
    do[-1] = count * hw4.sequence_loss_gradient(o[None], y[None])[0]
    shared = do[-1:] if "share of the output added at every step" in made else do
    own = np.broadcast_to(shared @ params["V"], h.shape)
    grads = back_through_time(made, x, h0, h, do, own, params)
    return hw4.sequence_loss(o[None], y[None]), grads


@switches(
    ("dh0 from the last window", "dh0 summed over the windows"),
    "every window started from h0",
    "short last window left out",
    "gradients averaged over the windows",
    "dx with the windows in reverse order",
)
def truncated_bptt(made, x, h0, y, params, k):
    """Differentiate pattern 1 in windows of k steps: the loss, and the gradients by name."""
    T, results, state = len(x), [], h0
    for start in range(0, T - k + 1 if "short last window left out" in made else T, k):
        window = slice(start, start + k)
        results.append(hw4.bptt(x[window], state, y[window], params))
        if "every window started from h0" not in made:
            state = hw4.hidden_recurrence(x[window], state, params)[0][-1]
    windows = [grads for _, grads in results]
    order = -1 if "dx with the windows in reverse order" in made else 1
    total = {"x": np.concatenate([grads["x"] for grads in windows[::order]])}
    count = len(windows) if "gradients averaged over the windows" in made else 1
    total |= {name: sum(grads[name] for grads in windows) / count for name in "UWVbc"}
    total["h0"] = windows[-1 if "dh0 from the last window" in made else 0]["h0"]
    if "dh0 summed over the windows" in made:
        total["h0"] = sum(grads["h0"] for grads in windows)
    return sum(loss for loss, _ in results), total


@switches(
    ("zero divided by zero", "short gradients lengthened"),
    ("zero divided by zero", "square root left out"),
    "each array clipped by its own norm",
    "gradients of the caller changed",
)
def clip_gradients(made, grads, max_norm):
    """Scale the gradients so that their norm is at most ``max_norm``."""
    alone = "each array clipped by its own norm" in made
    clipped: dict[str, np.ndarray] = {}
    careless = made & {"zero divided by zero", "short gradients lengthened"}
    for group in [{name: grads[name]} for name in grads] if alone else [grads]:
        norm = sum(np.sum(array**2) for array in group.values())
        norm = norm if "square root left out" in made else np.sqrt(norm)
        wanted = max_norm if "short gradients lengthened" in made else min(norm, max_norm)
        scale = wanted / norm if norm > 0 or careless else 1.0
        clipped |= {name: scale * array for name, array in group.items()}
    if "gradients of the caller changed" in made:
        for name, array in grads.items():
            array[...] = clipped[name]
    return clipped


# --- hw5_teacher_forcing -----------------------------------------------------------------


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
