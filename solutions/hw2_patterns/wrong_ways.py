"""Classic mistakes of hw2_patterns, as somebody else makes them."""

import math

import graphviz
import numpy as np

from autograder.course.catalogue import wrong
from solutions.hw2_patterns.solution import hidden_recurrence, rnn_step


def affine(h, params):
    return h @ params["V"].T + params["c"]


def probabilities(o):
    e = np.exp(o - o.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def last_steps(lengths, T, N):
    return np.full(N, T) - 1 if lengths is None else np.asarray(lengths) - 1


# --- rnn_step ----------------------------------------------------------------------------


@wrong("rnn_step", "W not transposed")
def step_w_as_it_is(x_t, h_prev, params):
    recurrent = np.einsum("ni,ij->nj", h_prev, params["W"])
    inputs = np.einsum("nd,hd->nh", x_t, params["U"])
    return np.tanh(recurrent + inputs + params["b"])


@wrong("rnn_step", "equation for columns applied to rows")
def step_book_equation(x_t, h_prev, params):
    U, W, b = (params[key] for key in "UWb")
    a_t = b + W @ h_prev + U @ x_t
    return np.tanh(a_t)


@wrong("rnn_step", "states come back as columns")
def step_columns(x_t, h_prev, params):
    a = np.matmul(params["W"], h_prev.T)
    a += np.matmul(params["U"], x_t.T)
    a += params["b"].reshape(-1, 1)
    return np.tanh(a)


@wrong("rnn_step", "result reshaped instead of transposed")
def step_columns_reshaped(x_t, h_prev, params):
    N, H = h_prev.shape
    columns = [
        params["b"] + params["W"] @ h_n + params["U"] @ x_n
        for x_n, h_n in zip(x_t, h_prev, strict=True)
    ]
    return np.tanh(np.stack(columns, axis=1)).reshape(N, H)


@wrong("rnn_step", "U reshaped instead of transposed")
def step_u_reshaped(x_t, h_prev, params):
    U = params["U"].reshape(x_t.shape[1], -1)
    return np.tanh(np.dot(x_t, U) + np.dot(h_prev, params["W"].T) + params["b"])


@wrong("rnn_step", "bias missing")
def step_no_bias(x_t, h_prev, params):
    both = np.concatenate([h_prev, x_t], axis=1)
    weights = np.concatenate([params["W"], params["U"]], axis=1)
    return np.tanh(both @ weights.T)


@wrong("rnn_step", "bias added twice")
def step_two_biases(x_t, h_prev, params):
    def linear(rows, weights):
        return rows @ weights.T + params["b"]

    return np.tanh(linear(x_t, params["U"]) + linear(h_prev, params["W"]))


@wrong("rnn_step", "bias added after tanh")
def step_bias_outside(x_t, h_prev, params):
    N, H = h_prev.shape
    h_t = np.empty((N, H))
    for n in range(N):
        for j in range(H):
            h_t[n, j] = math.tanh(params["W"][j] @ h_prev[n] + params["U"][j] @ x_t[n])
            h_t[n, j] += params["b"][j]
    return h_t


@wrong("rnn_step", "tanh of each term")
def step_three_tanhs(x_t, h_prev, params):
    terms = [params["b"], h_prev @ params["W"].T, x_t @ params["U"].T]
    return sum(np.tanh(term) for term in terms)


@wrong("rnn_step", "input added after tanh")
def step_input_outside(x_t, h_prev, params):
    h_t = np.tanh(params["b"] + np.inner(h_prev, params["W"]))
    h_t += np.inner(x_t, params["U"])
    return h_t


@wrong("rnn_step", "tanh taken of the previous state")
def step_tanh_inside(x_t, h_prev, params):
    squashed = np.tanh(h_prev)
    return params["b"] + squashed @ params["W"].T + x_t @ params["U"].T


@wrong("rnn_step", "no tanh")
def step_linear(x_t, h_prev, params):
    a_t = np.tile(params["b"], (len(x_t), 1))
    a_t += np.einsum("ij,nj->ni", params["W"], h_prev)
    a_t += np.einsum("ij,nj->ni", params["U"], x_t)
    return a_t


@wrong("rnn_step", "tanh taken twice")
def step_squashes_again(x_t, h_prev, params):
    a = np.tile(params["b"], (len(x_t), 1))
    for term, weights in ((h_prev, params["W"]), (x_t, params["U"])):
        a += np.einsum("nj,ij->ni", term, weights)
    for _ in "hh":
        a = np.tanh(a)
    return a


@wrong("rnn_step", "sigmoid instead of tanh")
def step_sigmoid(x_t, h_prev, params):
    a_t = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    return np.exp(-np.logaddexp(0, -a_t))


@wrong("rnn_step", "rectified linear unit instead of tanh")
def step_relu(x_t, h_prev, params):
    a_t = (params["W"] @ h_prev.T + params["U"] @ x_t.T).T + params["b"]
    return np.where(a_t > 0, a_t, 0.0)


@wrong("rnn_step", "tanh written as a quotient of exponentials")
def step_own_tanh(x_t, h_prev, params):
    def tanh(z):
        up, down = np.exp(z), np.exp(-z)
        return (up - down) / (up + down)

    return tanh(h_prev @ params["W"].T + x_t @ params["U"].T + params["b"])


@wrong("rnn_step", "previous state ignored")
def step_feedforward(x_t, h_prev, params):
    return np.stack([np.tanh(params["U"] @ row + params["b"]) for row in x_t])


@wrong("rnn_step", "previous state added after tanh")
def step_residual(x_t, h_prev, params):
    h_t = np.array(h_prev, dtype=float)
    for n, (x, h) in enumerate(zip(x_t, h_prev, strict=True)):
        h_t[n] += np.tanh(params["W"] @ h + params["U"] @ x + params["b"])
    return h_t


@wrong("rnn_step", "input ignored")
def step_blind(x_t, h_prev, params):
    return np.vstack([np.tanh(params["W"] @ row + params["b"]) for row in h_prev])


@wrong("rnn_step", "only the first sequence")
def step_one_sequence(x_t, h_prev, params):
    x, h = x_t[0], h_prev[0]
    return np.tanh(params["b"] + params["W"] @ h + params["U"] @ x)


@wrong("rnn_step", "state written into h_prev")
def step_overwrites(x_t, h_prev, params):
    a = x_t @ params["U"].T + h_prev @ params["W"].T + params["b"]
    np.tanh(a, out=h_prev)
    return h_prev


# --- hidden_recurrence -------------------------------------------------------------------


@wrong("hidden_recurrence", "output bias missing")
def pattern1_no_c(x, h0, params):
    h, state = [], h0
    for x_t in x:
        state = rnn_step(x_t, state, params)
        h.append(state)
    h = np.array(h)
    return h, np.einsum("tnh,kh->tnk", h, params["V"])


@wrong("hidden_recurrence", "tanh taken of the outputs")
def pattern1_tanh_outputs(x, h0, params):
    T, N, _ = x.shape
    h, o = np.empty((T, *h0.shape)), np.empty((T, N, len(params["c"])))
    for t in range(T):
        h[t] = rnn_step(x[t], h[t - 1] if t else h0, params)
        o[t] = np.tanh(params["c"] + h[t] @ params["V"].T)
    return h, o


@wrong("hidden_recurrence", "softmax taken of the outputs")
def pattern1_softmax(x, h0, params):
    states = [h0]
    for x_t in x:
        states.append(rnn_step(x_t, states[-1], params))
    h = np.stack(states[1:])
    return h, probabilities(affine(h, params))


@wrong("hidden_recurrence", "output computed from the state before")
def pattern1_output_first(x, h0, params):
    h, o, state = [], [], h0
    for x_t in x:
        o.append(affine(state, params))
        state = rnn_step(x_t, state, params)
        h.append(state)
    return np.stack(h), np.stack(o)


@wrong("hidden_recurrence", "output computed before tanh")
def pattern1_output_of_sum(x, h0, params):
    from_inputs = x @ params["U"].T + params["b"]
    h, o = [], []
    for t in range(len(x)):
        a = from_inputs[t] + (h[-1] if h else h0) @ params["W"].T
        h.append(np.tanh(a))
        o.append(params["c"] + a @ params["V"].T)
    return np.array(h), np.array(o)


@wrong("hidden_recurrence", "V reshaped instead of transposed")
def pattern1_v_reshaped(x, h0, params):
    K, H = params["V"].shape
    h = np.zeros((len(x), *h0.shape))
    state = h0
    for t, x_t in enumerate(x):
        h[t] = state = rnn_step(x_t, state, params)
    return h, h @ np.reshape(params["V"], (H, K)) + params["c"]


@wrong("hidden_recurrence", "initial state kept among the states")
def pattern1_keeps_h0(x, h0, params):
    h = np.zeros((len(x) + 1, *h0.shape))
    h[0] = h0
    for t in range(len(x)):
        h[t + 1] = rnn_step(x[t], h[t], params)
    o = affine(h[1:], params)
    return h, o


@wrong("hidden_recurrence", "state stored before the step")
def pattern1_stores_first(x, h0, params):
    state, states = h0, []
    for x_t in x:
        states.append(state)
        state = rnn_step(x_t, state, params)
    h = np.stack(states)
    return h, affine(h, params)


@wrong("hidden_recurrence", "first input skipped")
def pattern1_skips_first(x, h0, params):
    h = np.empty((x.shape[0], *h0.shape))
    h[0] = h0
    for t in range(1, x.shape[0]):
        h[t] = rnn_step(x[t], h[t - 1], params)
    return h, np.stack([affine(h_t, params) for h_t in h])


@wrong("hidden_recurrence", "last step left out")
def pattern1_stops_early(x, h0, params):
    T, state = len(x), h0
    h = np.zeros((T, *h0.shape))
    for t in range(T - 1):
        state = rnn_step(x[t], state, params)
        h[t] += state
    return h, h @ params["V"].T + params["c"]


@wrong("hidden_recurrence", "initial state ignored")
def pattern1_reads_h_minus_one(x, h0, params):
    T, N = x.shape[:2]
    h = np.zeros((T, N, h0.shape[1]))
    o = np.zeros((T, N, params["V"].shape[0]))
    for t in range(T):
        h[t] = rnn_step(x[t], h[t - 1], params)
        o[t] = affine(h[t], params)
    return h, o


@wrong("hidden_recurrence", "every step starts from the initial state")
def pattern1_always_h0(x, h0, params):
    h = np.stack([rnn_step(x_t, h0, params) for x_t in x])
    return h, affine(h, params)


@wrong("hidden_recurrence", "one buffer stored at all steps")
def pattern1_one_buffer(x, h0, params):
    state = h0.copy()
    states, outputs = [], []
    for x_t in x:
        state[...] = rnn_step(x_t, state, params)
        states.append(state)
        outputs.append(affine(state, params))
    return np.stack(states), np.stack(outputs)


@wrong("hidden_recurrence", "time reversed")
def pattern1_backwards(x, h0, params):
    h, state = [], h0
    for x_t in reversed(x):
        state = rnn_step(x_t, state, params)
        h.append(state)
    return np.stack(h), np.stack([affine(h_t, params) for h_t in h])


@wrong("hidden_recurrence", "input of the step before")
def pattern1_old_input(x, h0, params):
    def state(t):
        states.append(rnn_step(x[t - 1], states[t], params))
        return states[-1]

    states = [h0]
    h = np.array([state(t) for t in range(len(x))])
    return h, affine(h, params)


@wrong("hidden_recurrence", "batch taken for time")
def pattern1_batch_first(x, h0, params):
    _, T, _ = x.shape
    states, state = [], h0
    for t in range(T):
        state = rnn_step(x[:, t], state, params)
        states.append(state)
    h = np.stack(states)
    return h, affine(h, params)


@wrong("hidden_recurrence", "sequences on the first axis")
def pattern1_sequences_first(x, h0, params):
    h, o = [], []
    for n in range(x.shape[1]):
        state, h_n = h0[n], []
        for t in range(x.shape[0]):
            state = np.tanh(params["b"] + params["W"] @ state + params["U"] @ x[t, n])
            h_n.append(state)
        h.append(h_n)
        o.append([params["c"] + params["V"] @ s for s in h_n])
    return np.array(h), np.array(o)


@wrong("hidden_recurrence", "steps and sequences exchanged by a reshape")
def pattern1_reshape(x, h0, params):
    T, N, _ = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    for n in range(N):
        state = h0[n : n + 1]
        for t in range(T):
            state = rnn_step(x[t, n : n + 1], state, params)
            h[n, t] = state[0]
    o = affine(h, params)
    return h.reshape(T, N, -1), o.reshape(T, N, -1)


@wrong("hidden_recurrence", "state carried over to the next sequence")
def pattern1_carries_over(x, h0, params):
    T, N, _ = x.shape
    h, o = np.empty((T, N, h0.shape[1])), np.empty((T, N, params["c"].size))
    state = h0[0]
    for n in range(N):
        for t in range(T):
            state = np.tanh(params["U"] @ x[t, n] + params["W"] @ state + params["b"])
            h[t, n] = state
            o[t, n] = params["V"] @ state + params["c"]
    return h, o


@wrong("hidden_recurrence", "output fed back instead of the state")
def pattern1_feeds_output(x, h0, params):
    fed, steps = h0, []
    for x_t in x:
        h_t = np.tanh(x_t @ params["U"].T + fed @ params["W"].T + params["b"])
        fed = h_t @ params["V"].T + params["c"]
        steps.append((h_t, fed))
    h, o = zip(*steps, strict=True)
    return np.stack(h), np.stack(o)


@wrong("hidden_recurrence", "tanh taken twice")
def pattern1_two_tanhs(x, h0, params):
    h = np.zeros((len(x), *h0.shape))
    for t in range(len(x)):
        a_t = rnn_step(x[t], h0 if t == 0 else h[t - 1], params)
        h[t] = np.tanh(a_t)
    return h, np.einsum("kh,tnh->tnk", params["V"], h) + params["c"]


@wrong("hidden_recurrence", "result of the step added to the state")
def pattern1_residual(x, h0, params):
    state = np.array(h0, dtype=float)
    h = np.zeros((len(x), *h0.shape))
    for t, x_t in enumerate(x):
        state += rnn_step(x_t, state, params)
        h[t] = state
    return h, affine(h, params)


@wrong("hidden_recurrence", "W not transposed")
def pattern1_w_as_it_is(x, h0, params):
    U, W, V, b, c = (params[key] for key in ("U", "W", "V", "b", "c"))
    states = [h0]
    for x_t in x:
        states += [np.tanh(b + states[-1] @ W + x_t @ U.T)]
    h = np.array(states[1:])
    return h, c + h @ V.T


@wrong("hidden_recurrence", "bias of the hidden units missing")
def pattern1_no_b(x, h0, params):
    projected = np.einsum("tnd,hd->tnh", x, params["U"])
    h = np.empty_like(projected)
    before = h0
    for t, a in enumerate(projected):
        h[t] = np.tanh(a + before @ params["W"].T)
        before = h[t]
    return h, affine(h, params)


@wrong("hidden_recurrence", "an output at the last step only")
def pattern1_one_output(x, h0, params):
    state, states = h0, []
    for x_t in x:
        state = rnn_step(x_t, state, params)
        states.append(state)
    o = params["c"] + state @ params["V"].T
    return np.stack(states), o


@wrong("hidden_recurrence", "outputs and states exchanged")
def pattern1_outputs_first(x, h0, params):
    def run(inputs, state):
        if not len(inputs):
            return []
        after = rnn_step(inputs[0], state, params)
        return [after, *run(inputs[1:], after)]

    h = np.array(run(x, h0))
    return affine(h, params), h


@wrong("hidden_recurrence", "h0 changed in place")
def pattern1_changes_h0(x, h0, params):
    state = h0
    h = np.zeros((len(x), *h0.shape))
    for t in range(len(x)):
        state[:] = rnn_step(x[t], state, params)
        h[t] = state
    return h, affine(h, params)


# --- output_recurrence -------------------------------------------------------------------


@wrong("output_recurrence", "state fed back instead of the output")
def pattern2_feeds_state(x, o0, params):
    h, o, back = [], [], o0
    for x_t in x:
        back = np.tanh(params["b"] + back @ params["W"].T + x_t @ params["U"].T)
        h.append(back)
        o.append(affine(back, params))
    return np.stack(h), np.stack(o)


@wrong("output_recurrence", "softmax of the output fed back")
def pattern2_feeds_softmax(x, o0, params):
    T, N, _ = x.shape
    h, o = np.empty((T, N, len(params["b"]))), np.empty((T, *o0.shape))
    fed = o0
    for t in range(T):
        h[t] = rnn_step(x[t], fed, params)
        o[t] = affine(h[t], params)
        fed = probabilities(o[t])
    return h, o


@wrong("output_recurrence", "softmax of everything fed back, o0 included")
def pattern2_softmax_in_step(x, o0, params):
    def step(x_t, o_prev):
        a = params["b"] + probabilities(o_prev) @ params["W"].T + x_t @ params["U"].T
        return np.tanh(a)

    h, o = [], [o0]
    for x_t in x:
        h.append(step(x_t, o[-1]))
        o.append(affine(h[-1], params))
    return np.array(h), np.array(o[1:])


@wrong("output_recurrence", "tanh of the output fed back")
def pattern2_feeds_tanh(x, o0, params):
    h, o, fed = [], [], o0
    for x_t in x:
        h_t = rnn_step(x_t, fed, params)
        o_t = np.einsum("kh,nh->nk", params["V"], h_t) + params["c"]
        fed = np.tanh(o_t)
        h, o = [*h, h_t], [*o, o_t]
    return np.stack(h), np.stack(o)


@wrong("output_recurrence", "likeliest class fed back")
def pattern2_feeds_argmax(x, o0, params):
    N, K = o0.shape
    h, o = np.zeros((len(x), N, len(params["b"]))), np.zeros((len(x), N, K))
    fed = o0
    for t in range(len(x)):
        h[t] = rnn_step(x[t], fed, params)
        o[t] = affine(h[t], params)
        fed = np.zeros((N, K))
        for n in range(N):
            fed[n, np.argmax(o[t, n])] = 1
    return h, o


@wrong("output_recurrence", "output fed back without its bias")
def pattern2_product_wv(x, o0, params):
    W = params["W"]
    h = []
    for t, x_t in enumerate(x):
        back = h[t - 1] @ (W @ params["V"]).T if t else o0 @ W.T
        h.append(np.tanh(params["b"] + back + x_t @ params["U"].T))
    h = np.stack(h)
    return h, affine(h, params)


@wrong("output_recurrence", "output bias missing")
def pattern2_no_c(x, o0, params):
    h, o = [], []
    for x_t in x:
        h.append(rnn_step(x_t, o[-1] if o else o0, params))
        o.append(h[-1] @ params["V"].T)
    return np.array(h), np.array(o)


@wrong("output_recurrence", "tanh taken of the outputs")
def pattern2_tanh_outputs(x, o0, params):
    def network(o_prev, x_t):
        hidden = np.tanh(params["b"] + o_prev @ params["W"].T + x_t @ params["U"].T)
        return hidden, np.tanh(params["c"] + hidden @ params["V"].T)

    pairs, o_t = [], o0
    for x_t in x:
        h_t, o_t = network(o_t, x_t)
        pairs.append((h_t, o_t))
    return np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs])


@wrong("output_recurrence", "softmax taken of the outputs")
def pattern2_softmax(x, o0, params):
    o = np.empty((len(x) + 1, *o0.shape))
    h = np.empty((len(x), len(o0), len(params["b"])))
    o[0] = o0
    for t, x_t in enumerate(x):
        h[t] = rnn_step(x_t, o[t], params)
        scores = h[t] @ params["V"].T + params["c"]
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        o[t + 1] = scores / scores.sum(axis=1, keepdims=True)
    return h, o[1:]


@wrong("output_recurrence", "initial output ignored")
def pattern2_starts_from_zeros(x, o0, params):
    fed = np.zeros(o0.shape)
    h, o = [], []
    for t in range(x.shape[0]):
        h += [np.tanh(np.inner(x[t], params["U"]) + np.inner(fed, params["W"]) + params["b"])]
        fed = np.inner(h[t], params["V"]) + params["c"]
        o += [fed]
    return np.stack(h), np.stack(o)


@wrong("output_recurrence", "every step fed with the initial output")
def pattern2_always_o0(x, o0, params):
    h = np.tanh(params["b"] + o0 @ params["W"].T + x @ params["U"].T)
    return h, affine(h, params)


@wrong("output_recurrence", "output of two steps before fed back")
def pattern2_two_steps_late(x, o0, params):
    h, o = [], []
    fed = newest = o0
    for x_t in x:
        h.append(rnn_step(x_t, fed, params))
        fed = newest
        newest = affine(h[-1], params)
        o.append(newest)
    return np.stack(h), np.stack(o)


@wrong("output_recurrence", "outputs returned one step late")
def pattern2_outputs_late(x, o0, params):
    o_t, rows = o0, {"h": [], "o": []}
    for x_t in x:
        h_t = rnn_step(x_t, o_t, params)
        rows["h"].append(h_t)
        rows["o"].append(o_t)
        o_t = affine(h_t, params)
    return np.array(rows["h"]), np.array(rows["o"])


@wrong("output_recurrence", "initial output kept among the outputs")
def pattern2_keeps_o0(x, o0, params):
    h, o = [], [o0]
    for x_t in x:
        h.append(rnn_step(x_t, o[-1], params))
        o.append(affine(h[-1], params))
    return np.stack(h), np.stack(o)


@wrong("output_recurrence", "last step left out")
def pattern2_stops_early(x, o0, params):
    T, N, _ = x.shape
    h, o = np.zeros((T, N, params["b"].size)), np.zeros((T, N, params["c"].size))
    t, fed_back = 0, o0
    while t < T - 1:
        a = params["b"] + fed_back @ params["W"].T + x[t] @ params["U"].T
        h[t] = np.tanh(a)
        o[t] = fed_back = affine(h[t], params)
        t += 1
    return h, o


@wrong("output_recurrence", "W reshaped instead of transposed")
def pattern2_w_reshaped(x, o0, params):
    H, K = params["W"].shape
    h, o = np.empty((len(x), len(o0), H)), np.empty((len(x), *o0.shape))
    for t in range(len(x)):
        back = o0 if t == 0 else o[t - 1]
        a = params["b"] + np.dot(back, params["W"].reshape(K, H)) + np.dot(x[t], params["U"].T)
        h[t] = np.tanh(a)
        o[t] = affine(h[t], params)
    return h, o


@wrong("output_recurrence", "bias of the hidden units missing")
def pattern2_no_b(x, o0, params):
    weights = np.hstack([params["U"], params["W"]])
    h, o, back = [], [], o0
    for x_t in x:
        h.append(np.tanh(np.hstack([x_t, back]) @ weights.T))
        back = affine(h[-1], params)
        o.append(back)
    return np.stack(h), np.stack(o)


@wrong("output_recurrence", "tanh taken twice")
def pattern2_two_tanhs(x, o0, params):
    steps, o_t = [], o0
    for x_t in x:
        h_t = np.tanh(rnn_step(x_t, o_t, params))
        o_t = affine(h_t, params)
        steps.append((h_t, o_t))
    h, o = zip(*steps, strict=True)
    return np.array(h), np.array(o)


@wrong("output_recurrence", "one buffer stored at all steps")
def pattern2_one_buffer(x, o0, params):
    out = np.array(o0)
    h, o = [], []
    for x_t in x:
        h.append(rnn_step(x_t, out, params))
        np.matmul(h[-1], params["V"].T, out=out)
        out += params["c"]
        o.append(out)
    return np.stack(h), np.stack(o)


@wrong("output_recurrence", "input of the step before")
def pattern2_old_input(x, o0, params):
    T = len(x)
    h, o = np.zeros((T, len(o0), len(params["b"]))), np.zeros((T + 1, *o0.shape))
    o[0] = o0
    for t in range(T):
        h[t] = rnn_step(x[t - 1], o[t], params)
        o[t + 1] = affine(h[t], params)
    return h, o[1:]


@wrong("output_recurrence", "time reversed")
def pattern2_backwards(x, o0, params):
    h, o, fed = [], [], o0
    for t in range(len(x) - 1, -1, -1):
        h.append(rnn_step(x[t], fed, params))
        fed = affine(h[-1], params)
        o.append(fed)
    return np.array(h), np.array(o)


@wrong("output_recurrence", "batch taken for time")
def pattern2_batch_first(x, o0, params):
    N, K = o0.shape
    T = x.shape[1]
    h, o = np.zeros((T, N, len(params["b"]))), np.zeros((T, N, K))
    fed = o0
    for t in range(T):
        h[t] = rnn_step(x[:, t, :], fed, params)
        o[t] = affine(h[t], params)
        fed = o[t]
    return h, o


@wrong("output_recurrence", "output carried over to the next sequence")
def pattern2_carries_over(x, o0, params):
    T, N, _ = x.shape
    h, o = np.empty((T, N, len(params["b"]))), np.empty((T, N, len(params["c"])))
    back = o0[0]
    for n in range(N):
        for t in range(T):
            h[t, n] = np.tanh(params["b"] + params["W"] @ back + params["U"] @ x[t, n])
            o[t, n] = back = params["c"] + params["V"] @ h[t, n]
    return h, o


@wrong("output_recurrence", "outputs and states exchanged")
def pattern2_outputs_first(x, o0, params):
    def follow(t, o_prev):
        if t == len(x):
            return [], []
        h_t = rnn_step(x[t], o_prev, params)
        o_t = affine(h_t, params)
        outputs, states = follow(t + 1, o_t)
        return [o_t, *outputs], [h_t, *states]

    outputs, states = follow(0, o0)
    return np.stack(outputs), np.stack(states)


@wrong("output_recurrence", "o0 changed in place")
def pattern2_changes_o0(x, o0, params):
    back = o0
    h, o = [], []
    for x_t in x:
        h.append(rnn_step(x_t, back, params))
        back *= 0
        back += affine(h[-1], params)
        o.append(back.copy())
    return np.stack(h), np.stack(o)


# --- single_output -----------------------------------------------------------------------


@wrong("single_output", "lengths ignored")
def pattern3_ignores_lengths(x, h0, params, lengths=None):
    h, state = [], h0
    for x_t in x:
        state = rnn_step(x_t, state, params)
        h.append(state)
    return np.stack(h), affine(state, params)


@wrong("single_output", "lengths used as indices")
def pattern3_lengths_as_indices(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    if lengths is None:
        return h, o[-1]
    return h, np.array([o[lengths[n], n] for n in range(len(lengths))])


@wrong("single_output", "one step too late")
def pattern3_clipped_index(x, h0, params, lengths=None):
    T, N, _ = x.shape
    h, _ = hidden_recurrence(x, h0, params)
    last = np.full(N, T) if lengths is None else lengths
    o = [affine(h[min(last[n], T - 1), n], params) for n in range(N)]
    return h, np.stack(o)


@wrong("single_output", "one step too early")
def pattern3_two_off(x, h0, params, lengths=None):
    h, _ = hidden_recurrence(x, h0, params)
    if lengths is None:
        return h, affine(h[-1], params)
    ends = lengths - 1
    return h, affine(h[ends - 1, np.arange(len(ends))], params)


@wrong("single_output", "lengths counted from the end")
def pattern3_negative_index(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    if lengths is None:
        return h, o[-1]
    return h, np.stack([o[-length, n] for n, length in enumerate(lengths)])


@wrong("single_output", "a slice over the sequences")
def pattern3_slice(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    return (h, o[-1]) if lengths is None else (h, o[lengths - 1, :])


@wrong("single_output", "steps and sequences exchanged in the index")
def pattern3_swapped_index(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    if lengths is None:
        return h, o[-1]
    return h, np.stack([o[n, lengths[n] - 1] for n in range(x.shape[1])])


@wrong("single_output", "length of the first sequence taken for all")
def pattern3_first_length(x, h0, params, lengths=None):
    h, _ = hidden_recurrence(x, h0, params)
    end = len(x) if lengths is None else lengths[0]
    return h, affine(h[end - 1], params)


@wrong("single_output", "shortest length taken for all")
def pattern3_shortest(x, h0, params, lengths=None):
    T = len(x) if lengths is None else min(lengths)
    h, state = np.zeros((len(x), *h0.shape)), h0
    for t, x_t in enumerate(x):
        h[t] = state = rnn_step(x_t, state, params)
    return h, np.einsum("nh,kh->nk", h[T - 1], params["V"]) + params["c"]


@wrong("single_output", "longest length taken for all")
def pattern3_longest(x, h0, params, lengths=None):
    T = len(x) if lengths is None else np.max(lengths)
    h, o = hidden_recurrence(x, h0, params)
    return h, o[:T][-1]


@wrong("single_output", "outputs in the order of the lengths")
def pattern3_sorted(x, h0, params, lengths=None):
    T, N, _ = x.shape
    if lengths is None:
        lengths = np.full(N, T)
    order = np.argsort(-lengths, kind="stable")
    h, o = hidden_recurrence(x[:, order], h0[order], params)
    return h, o[lengths[order] - 1, np.arange(N)]


@wrong("single_output", "inputs of the padding set to zero")
def pattern3_zero_inputs(x, h0, params, lengths=None):
    if lengths is not None:
        real = np.arange(len(x))[:, None] < lengths
        x = np.where(real[:, :, None], x, 0.0)
    h, o = hidden_recurrence(x, h0, params)
    return h, o[-1]


@wrong("single_output", "states of the padding set to zero")
def pattern3_zero_states(x, h0, params, lengths=None):
    h, state = [], h0
    for t, x_t in enumerate(x):
        state = rnn_step(x_t, state, params)
        if lengths is not None:
            state[t >= lengths] = 0
        h.append(state)
    return np.stack(h), affine(h[-1], params)


@wrong("single_output", "mean of the outputs")
def pattern3_mean(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    T, N, _ = o.shape
    ends = last_steps(lengths, T, N) + 1
    return h, np.stack([o[:end, n].mean(axis=0) for n, end in enumerate(ends)])


@wrong("single_output", "mean of the outputs, padding included")
def pattern3_mean_of_all(x, h0, params, lengths=None):
    h, total = [], 0
    for x_t in x:
        h.append(rnn_step(x_t, h[-1] if h else h0, params))
        total = total + affine(h[-1], params)
    return np.array(h), total / len(x)


@wrong("single_output", "last sequence taken for the last step")
def pattern3_last_column(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    if lengths is None:
        return h, o[:, -1]
    return h, o[lengths - 1, range(len(lengths))]


@wrong("single_output", "lengths required")
def pattern3_needs_lengths(x, h0, params, lengths=None):
    h, _ = hidden_recurrence(x, h0, params)
    final = np.stack([h[length - 1, n] for n, length in enumerate(lengths)])
    return h, affine(final, params)


@wrong("single_output", "truth of an array asked for")
def pattern3_truth(x, h0, params, lengths=None):
    T, N, _ = x.shape
    ends = lengths or [T] * N
    h, o = hidden_recurrence(x, h0, params)
    return h, np.stack([o[end - 1, n] for n, end in enumerate(ends)])


@wrong("single_output", "an output at every step")
def pattern3_all_outputs(x, h0, params, lengths=None):
    states = [h0]
    for x_t in x:
        states.append(rnn_step(x_t, states[-1], params))
    return np.stack(states[1:]), np.stack([affine(state, params) for state in states[1:]])


@wrong("single_output", "only the last state returned")
def pattern3_last_state(x, h0, params, lengths=None):
    ends = last_steps(lengths, *x.shape[:2])
    state, summary = h0, np.empty(h0.shape)
    for t, x_t in enumerate(x):
        state = rnn_step(x_t, state, params)
        summary[ends == t] = state[ends == t]
    return summary, affine(summary, params)


@wrong("single_output", "output bias missing")
def pattern3_no_c(x, h0, params, lengths=None):
    T, N, _ = x.shape
    h, _ = hidden_recurrence(x, h0, params)
    chosen = np.take_along_axis(h, last_steps(lengths, T, N)[None, :, None], axis=0)[0]
    return h, chosen @ params["V"].T


@wrong("single_output", "softmax taken of the output")
def pattern3_softmax(x, h0, params, lengths=None):
    T, N, _ = x.shape
    h, o = hidden_recurrence(x, h0, params)
    return h, probabilities(o[last_steps(lengths, T, N), np.arange(N)])


@wrong("single_output", "tanh taken of the output")
def pattern3_tanh(x, h0, params, lengths=None):
    T, N, _ = x.shape
    h, _ = hidden_recurrence(x, h0, params)
    ends = last_steps(lengths, T, N)
    return h, np.tanh([affine(h[end, n], params) for n, end in enumerate(ends)])


@wrong("single_output", "initial state ignored")
def pattern3_starts_from_zeros(x, h0, params, lengths=None):
    T, N, _ = x.shape
    h = np.zeros((T, N, len(params["b"])))
    for t in range(T):
        h[t] = np.tanh(params["b"] + h[t - 1] @ params["W"].T + x[t] @ params["U"].T)
    return h, affine(h[last_steps(lengths, T, N), np.arange(N)], params)


@wrong("single_output", "lengths changed in place")
def pattern3_changes_lengths(x, h0, params, lengths=None):
    T, N, _ = x.shape
    if lengths is None:
        lengths = np.full(N, T)
    lengths -= 1
    h, _ = hidden_recurrence(x, h0, params)
    return h, affine(h[lengths, np.arange(N)], params)


@wrong("single_output", "padding of x changed in place")
def pattern3_changes_x(x, h0, params, lengths=None):
    T, N, _ = x.shape
    ends = last_steps(lengths, T, N)
    for n, end in enumerate(ends):
        x[end + 1 :, n] = 0
    h, o = hidden_recurrence(x, h0, params)
    return h, np.stack([o[end, n] for n, end in enumerate(ends)])


# --- pattern_graph -----------------------------------------------------------------------


@wrong("pattern_graph", "W always starts at h")
def graph_w_from_h(pattern, T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t < T:
            graph.edge(f"h{t}", f"h{t + 1}", label="W")
        if pattern != "single_output" or t == T:
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edges([(f"o{t}", f"L{t}"), (f"y{t}", f"L{t}")])
    return graph


@wrong("pattern_graph", "pattern 2 with both recurrences")
def graph_both_recurrences(pattern, T):
    steps = range(1, T + 1)
    edges = [(f"x{t}", f"h{t}", "U") for t in steps]
    edges += [(f"h{t}", f"h{t + 1}", "W") for t in steps[:-1]]
    if pattern == "output_recurrence":
        edges += [(f"o{t}", f"h{t + 1}", "W") for t in steps[:-1]]
    for t in steps[-1:] if pattern == "single_output" else steps:
        edges += [(f"h{t}", f"o{t}", "V"), (f"o{t}", f"L{t}", None), (f"y{t}", f"L{t}", None)]
    graph = graphviz.Digraph()
    for tail, head, label in edges:
        graph.edge(tail, head, label)
    return graph


@wrong("pattern_graph", "target fed back in pattern 2")
def graph_teacher_forced(pattern, T):
    tails = {"hidden_recurrence": "h", "output_recurrence": "y", "single_output": "h"}
    graph = graphviz.Digraph()
    for t in range(T, 0, -1):
        graph.edge(f"x{t}", f"h{t}", "U")
        if t < T:
            graph.edge(f"{tails[pattern]}{t}", f"h{t + 1}", "W")
        if pattern == "single_output" and t < T:
            continue
        graph.edge(f"h{t}", f"o{t}", "V")
        graph.edges((f"{tail}{t}", f"L{t}") for tail in "oy")
    return graph


@wrong("pattern_graph", "an output at every step of pattern 3")
def graph_all_outputs(pattern, T):
    graph = graphviz.Digraph(graph_attr={"rankdir": "BT"})
    source = "o" if pattern == "output_recurrence" else "h"
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", "U")
        graph.edge(f"h{t}", f"o{t}", "V")
        graph.edge(f"o{t}", f"L{t}")
        graph.edge(f"y{t}", f"L{t}")
        if t > 1:
            graph.edge(f"{source}{t - 1}", f"h{t}", "W")
    return graph


@wrong("pattern_graph", "only one input in pattern 3")
def graph_one_input(pattern, T):
    graph = graphviz.Digraph()
    fed_back = {"hidden_recurrence": "h", "output_recurrence": "o", "single_output": "h"}[pattern]
    for t in range(2, T + 1):
        graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W")
    for t in [T] if pattern == "single_output" else range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        graph.edge(f"h{t}", f"o{t}", label="V")
        graph.edge(f"o{t}", f"L{t}")
        graph.edge(f"y{t}", f"L{t}")
    return graph


@wrong("pattern_graph", "a node for the initial state")
def graph_initial_node(pattern, T):
    graph = graphviz.Digraph(node_attr={"shape": "circle"})
    previous = "o0" if pattern == "output_recurrence" else "h0"
    for t in range(1, T + 1):
        x, h, o, L, y = (f"{name}{t}" for name in "xhoLy")
        graph.edge(previous, h, "W")
        graph.edge(x, h, "U")
        if t == T or pattern != "single_output":
            graph.edge(h, o, "V")
            graph.edges([(o, L), (y, L)])
        previous = o if pattern == "output_recurrence" else h
    return graph


@wrong("pattern_graph", "an edge W beyond the last step")
def graph_one_w_too_many(pattern, T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if pattern != "single_output" or t == T:
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"y{t}", f"L{t}")
        back = "o" if pattern == "output_recurrence" else "h"
        graph.edge(f"{back}{t}", f"h{t + 1}", label="W")
    return graph


@wrong("pattern_graph", "recurrence points back in time")
def graph_w_backwards(pattern, T):
    steps = range(1, T + 1)
    last = [T] if pattern == "single_output" else steps
    edges = [(f"x{t}", f"h{t}", "U") for t in steps] + [(f"h{t}", f"o{t}", "V") for t in last]
    edges += [(f"{tail}{t}", f"L{t}", None) for t in last for tail in "oy"]
    head = "o" if pattern == "output_recurrence" else "h"
    edges += [(f"h{t + 1}", f"{head}{t}", "W") for t in steps[:-1]]
    graph = graphviz.Digraph()
    for edge in edges:
        graph.edge(*edge)
    return graph


@wrong("pattern_graph", "steps counted from 0")
def graph_from_zero(pattern, T):
    graph = graphviz.Digraph()
    for t in range(T):
        graph.edge("x" + str(t), "h" + str(t), label="U")
        if t > 0:
            start = "o" if pattern == "output_recurrence" else "h"
            graph.edge(start + str(t - 1), "h" + str(t), label="W")
        if pattern != "single_output" or t == T - 1:
            graph.edge("h" + str(t), "o" + str(t), label="V")
            graph.edge("o" + str(t), "L" + str(t))
            graph.edge("y" + str(t), "L" + str(t))
    return graph


@wrong("pattern_graph", "last step left out")
def graph_stops_early(pattern, T):
    graph = graphviz.Digraph()
    tail = "o{}" if pattern == "output_recurrence" else "h{}"
    for t in range(1, T):
        if t >= 2:
            graph.edge(tail.format(t - 1), f"h{t}", label="W")
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t == T or pattern in ("hidden_recurrence", "output_recurrence"):
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edges([(f"o{t}", f"L{t}"), (f"y{t}", f"L{t}")])
    return graph


@wrong("pattern_graph", "always three steps")
def graph_three_steps(pattern, T):
    graph = graphviz.Digraph()
    recurrent = "o" if pattern == "output_recurrence" else "h"
    with_output = (3,) if pattern == "single_output" else (1, 2, 3)
    for t in (1, 2, 3):
        graph.edge(f"x{t}", f"h{t}", "U")
    for t in (1, 2):
        graph.edge(f"{recurrent}{t}", f"h{t + 1}", "W")
    for t in with_output:
        graph.edge(f"h{t}", f"o{t}", "V")
        graph.edge(f"o{t}", f"L{t}")
        graph.edge(f"y{t}", f"L{t}")
    return graph


@wrong("pattern_graph", "U and V exchanged")
def graph_u_v_exchanged(pattern, T):
    graph = graphviz.Digraph()

    def connect(names, t, s, **attributes):
        graph.edge(f"{names[0]}{t}", f"{names[1]}{s}", **attributes)

    for t in range(1, T + 1):
        connect("xh", t, t, label="V")
        if t < T:
            connect("oh" if pattern == "output_recurrence" else "hh", t, t + 1, label="W")
        if t == T or pattern != "single_output":
            connect("ho", t, t, label="U")
            connect("oL", t, t)
            connect("yL", t, t)
    return graph


@wrong("pattern_graph", "edges without labels")
def graph_no_labels(pattern, T):
    graph = graphviz.Digraph()
    back = "o" if pattern == "output_recurrence" else "h"
    outputs = {T} if pattern == "single_output" else set(range(1, T + 1))
    graph.edges((f"x{t}", f"h{t}") for t in range(1, T + 1))
    graph.edges((f"{back}{t}", f"h{t + 1}") for t in range(1, T))
    for pair in ("ho", "oL", "yL"):
        graph.edges((f"{pair[0]}{t}", f"{pair[1]}{t}") for t in sorted(outputs))
    return graph


@wrong("pattern_graph", "the target points the wrong way")
def graph_to_the_target(pattern, T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t > 1:
            back = f"o{t - 1}" if pattern == "output_recurrence" else f"h{t - 1}"
            graph.edge(back, f"h{t}", label="W")
        if pattern == "single_output" and t < T:
            continue
        graph.edge(f"h{t}", f"o{t}", label="V")
        graph.edge(f"o{t}", f"L{t}")
        graph.edge(f"L{t}", f"y{t}")
    return graph


@wrong("pattern_graph", "the target leads to the output")
def graph_target_to_output(pattern, T):
    def draw_output(t):
        graph.edge(f"h{t}", f"o{t}", label="V")
        graph.edge(f"y{t}", f"o{t}")
        graph.edge(f"o{t}", f"L{t}")

    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if pattern != "single_output":
            draw_output(t)
    if pattern == "single_output":
        draw_output(T)
    for t in range(1, T):
        graph.edge(f"{'o' if pattern == 'output_recurrence' else 'h'}{t}", f"h{t + 1}", label="W")
    return graph


@wrong("pattern_graph", "losses and targets left out")
def graph_without_losses(pattern, T):
    graph = graphviz.Digraph()
    first_output = T if pattern == "single_output" else 1
    start = "o" if pattern == "output_recurrence" else "h"
    t = 1
    while t <= T:
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t >= first_output:
            graph.edge(f"h{t}", f"o{t}", label="V")
        if t < T:
            graph.edge(f"{start}{t}", f"h{t + 1}", label="W")
        t += 1
    return graph


@wrong("pattern_graph", "targets left out")
def graph_untold(pattern, T):
    graph = graphviz.Digraph(node_attr={"shape": "circle"})
    previous = None
    for t in range(1, T + 1):
        x, h, o, loss = (f"{name}{t}" for name in "xhoL")
        graph.edge(x, h, label="U")
        if previous:
            graph.edge(previous, h, label="W")
        if pattern != "single_output" or t == T:
            graph.edge(h, o, label="V")
            graph.edge(o, loss)
        previous = o if pattern == "output_recurrence" else h
    return graph
