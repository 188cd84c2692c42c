"""Correct work on hw2_patterns in other styles than the solutions'."""

import graphviz
import numpy as np

from solutions.hw2_patterns.solution import hidden_recurrence, rnn_step


def rnn_step__three_loops(x_t, h_prev, params):
    U, W, b = params["U"], params["W"], params["b"]
    (N, D), H = x_t.shape, len(b)
    h_t = np.zeros((N, H))
    for n in range(N):
        for i in range(H):
            a = b[i]
            for j in range(W.shape[1]):
                a = a + W[i, j] * h_prev[n, j]
            for d in range(D):
                a = a + U[i, d] * x_t[n, d]
            h_t[n, i] = np.tanh(a)
    return h_t


def rnn_step__einsum(x_t, h_prev, params):
    a = np.einsum("id,nd->ni", params["U"], x_t)
    a += np.einsum("ij,nj->ni", params["W"], h_prev)
    a += params["b"]
    return np.tanh(a, out=a)


def rnn_step__one_matrix(x_t, h_prev, params):
    """The bias and both matrices side by side, as one."""
    all_weights = np.hstack([params["b"][:, None], params["W"], params["U"]])
    ones = np.ones((len(x_t), 1))
    return np.tanh(np.hstack([ones, h_prev, x_t]) @ all_weights.T)


def rnn_step__columns(x_t, h_prev, params):
    a = params["W"] @ h_prev.T + params["U"] @ x_t.T + params["b"].reshape(-1, 1)
    return np.tanh(a).T


def rnn_step__tanh_from_one_exponential(x_t, h_prev, params):
    """tanh a = 1 - 2 / (exp(2a) + 1), where infinity is the right overflow."""
    a = x_t.dot(params["U"].T) + h_prev.dot(params["W"].T) + params["b"]
    return 1 - 2 / (np.exp(2 * a) + 1)


def rnn_step__stored_in_float32(x_t, h_prev, params):
    rows = [
        np.tanh(params["b"] + params["W"] @ h + params["U"] @ x)
        for x, h in zip(x_t, h_prev, strict=True)
    ]
    return np.array(rows, dtype=np.float32)


def hidden_recurrence__loops_over_sequences_and_steps(x, h0, params):
    U, W, V, b, c = (params[name] for name in "UWVbc")
    T, N, _ = x.shape
    h, o = np.zeros((T, N, len(b))), np.zeros((T, N, len(c)))
    for n in range(N):
        h_t = h0[n]
        for t in range(T):
            h_t = np.tanh(b + W @ h_t + U @ x[t, n])
            h[t, n] = h_t
            o[t, n] = c + V @ h_t
    return h, o


def hidden_recurrence__recursive(x, h0, params):
    h1 = rnn_step(x[0], h0, params)[np.newaxis]
    o1 = h1 @ params["V"].T + params["c"]
    if len(x) == 1:
        return h1, o1
    h, o = hidden_recurrence__recursive(x[1:], h1[0], params)
    return np.concatenate([h1, h]), np.concatenate([o1, o])


def hidden_recurrence__inputs_first(x, h0, params):
    """All products with the inputs at once; the states in an array with room for h0."""
    T, N, D = x.shape
    from_input = (x.reshape(T * N, D) @ params["U"].T).reshape(T, N, -1)
    h = np.empty((T + 1, *h0.shape))
    h[0] = h0
    for t in range(T):
        h[t + 1] = np.tanh(from_input[t] + np.dot(h[t], params["W"].T) + params["b"])
    return h[1:], np.einsum("tni,ki->tnk", h[1:], params["V"]) + params["c"]


def hidden_recurrence__batch_first_inside(x, h0, params):
    x = np.moveaxis(x, 0, 1)  # (N, T, D)
    h, o = [], []
    for x_n, start in zip(x, h0, strict=True):
        states = [start[None]]
        for x_nt in x_n:
            states.append(rnn_step(x_nt[None], states[-1], params))
        h.append(np.concatenate(states[1:]))
        o.append(h[-1] @ params["V"].T + params["c"])
    return np.stack(h, axis=1), np.stack(o, axis=1)


def hidden_recurrence__list_of_two(x, h0, params):
    h = []
    for t in range(len(x)):
        h.append(rnn_step(x[t], h[t - 1] if t else h0, params))
    o = [np.tensordot(h_t, params["V"], axes=(1, 1)) + params["c"] for h_t in h]
    return [np.array(h), np.array(o)]


def hidden_recurrence__stored_in_float32(x, h0, params):
    h_t = h0.copy()
    h = np.zeros((len(x), *h0.shape), dtype=np.float32)
    o = np.zeros((*x.shape[:2], params["c"].size), dtype=np.float32)
    for t, x_t in enumerate(x):
        h_t[:] = rnn_step(x_t, h_t, params)
        h[t], o[t] = h_t, params["c"] + h_t @ params["V"].T
    return h, o


def output_recurrence__loops_over_sequences_and_steps(x, o0, params):
    U, W, V, b, c = (params[name] for name in "UWVbc")
    T, N, _ = x.shape
    h, o = np.zeros((T, N, len(b))), np.zeros((T, N, len(c)))
    for n in range(N):
        for t in range(T):
            fed_back = o[t - 1, n] if t > 0 else o0[n]
            h[t, n] = np.tanh(b + W @ fed_back + U @ x[t, n])
            o[t, n] = c + V @ h[t, n]
    return h, o


def output_recurrence__as_pattern_1(x, o0, params):
    """From the second step on, pattern 1 with the recurrent matrix W V and the bias b + W c."""
    U, W, V, b, c = (params[name] for name in "UWVbc")
    h = rnn_step(x[0], o0, params)[None]
    if len(x) > 1:
        same = {"U": U, "W": W @ V, "V": V, "b": b + W @ c, "c": c}
        h = np.concatenate([h, hidden_recurrence(x[1:], h[0], same)[0]])
    return h, h @ V.T + c


def output_recurrence__room_for_o0(x, o0, params):
    T, N, _ = x.shape
    h, o = np.empty((T, N, params["b"].size)), np.empty((T + 1, *o0.shape))
    o[0] = o0
    for t in range(T):
        a = params["b"][None, :] + np.matmul(o[t], params["W"].T) + np.matmul(x[t], params["U"].T)
        np.tanh(a, out=h[t])
        o[t + 1] = params["c"][None, :] + np.matmul(h[t], params["V"].T)
    return h, o[1:]


def output_recurrence__columns(x, o0, params):
    h, o, o_t = [], [], o0.T
    for x_t in x:
        a = params["b"][:, None] + params["W"] @ o_t + params["U"] @ x_t.T  # (H, N)
        h_t = np.tanh(a)
        o_t = params["c"][:, None] + params["V"] @ h_t  # (K, N)
        h.append(h_t.T)
        o.append(o_t.T)
    return [np.array(h), np.array(o)]


def output_recurrence__outputs_after_the_loop(x, o0, params):
    """The outputs are computed twice: once to be fed back, once more for all steps."""
    h, fed_back = [], o0
    for x_t in x:
        h.append(rnn_step(x_t, fed_back, params))
        fed_back = np.einsum("ni,ki->nk", h[-1], params["V"]) + params["c"]
    h = np.stack(h)
    return h, np.einsum("tni,ki->tnk", h, params["V"]) + params["c"]


def single_output__each_sequence_alone(x, h0, params, lengths=None):
    """Padded steps are never computed: their states are NaN."""
    T, N, _ = x.shape
    h, o = np.full((T, *h0.shape), np.nan), np.zeros((N, len(params["c"])))
    for n in range(N):
        h_t = h0[n : n + 1]
        for t in range(T if lengths is None else lengths[n]):
            h_t = rnn_step(x[t, n : n + 1], h_t, params)
            h[t, n] = h_t[0]
        o[n] = params["c"] + params["V"] @ h_t[0]
    return h, o


def single_output__states_that_stop(x, h0, params, lengths=None):
    """At padded steps a state stays as it is, so that the last one is right for all."""
    T, N, _ = x.shape
    lengths = np.full(N, T) if lengths is None else lengths
    h, h_t = [], h0
    for t in range(T):
        h_t = np.where((t < lengths)[:, None], rnn_step(x[t], h_t, params), h_t)
        h.append(h_t)
    return np.stack(h), h_t @ params["V"].T + params["c"]


def single_output__sum_with_a_mask(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    T, N, _ = o.shape
    if lengths is None:
        lengths = T * np.ones(N, dtype=int)
    is_last = np.arange(1, T + 1)[:, None] == lengths  # (T, N)
    return h, np.einsum("tn,tnk->nk", is_last.astype(float), o)


def single_output__take_along_axis(x, h0, params, lengths=None):
    h, _ = hidden_recurrence(x, h0, params)
    if lengths is None:
        h_T = h[-1]
    else:
        h_T = np.take_along_axis(h, (lengths - 1)[None, :, None], axis=0)[0]
    return h, h_T @ params["V"].T + params["c"]


def single_output__list_of_rows(x, h0, params, lengths=None):
    h, o = hidden_recurrence(x, h0, params)
    ends = [len(x)] * x.shape[1] if lengths is None else lengths.tolist()
    return [h, np.array([o[end - 1, n] for n, end in enumerate(ends)])]


def single_output__shrinking_batch(x, h0, params, lengths=None):
    """The longest sequences first, so that those still running are the first rows."""
    T, N, _ = x.shape
    if lengths is None:
        lengths = np.repeat(T, N)
    order = np.argsort(-lengths)
    back = np.argsort(order)
    x, h_t = x[:, order], h0[order]
    h = np.zeros((T, *h0.shape))
    for t in range(max(lengths)):
        running = int((lengths > t).sum())
        h_t[:running] = rnn_step(x[t, :running], h_t[:running], params)
        h[t, :running] = h_t[:running]
    return h[:, back], (h_t @ params["V"].T + params["c"])[back]


def pattern_graph__one_kind_of_edge_after_the_other(pattern, T):
    graph = graphviz.Digraph("pattern", node_attr={"shape": "circle"}, format="svg")
    steps = range(1, T + 1)
    with_output = [T] if pattern == "single_output" else steps
    with graph.subgraph(name="cluster_inputs") as inputs:
        inputs.attr("edge", label="U")
        for t in steps:
            inputs.edge(f"x{t}", f"h{t}")
    for t in with_output:
        graph.edge(f"h{t}", f"o{t}", "V")
        graph.edges([(f"y{t}", f"L{t}"), (f"o{t}", f"L{t}")])
    source = "o" if pattern == "output_recurrence" else "h"
    for t in list(steps)[:-1]:
        graph.edge(source + str(t), "h" + str(t + 1), "W", color="red")
    return graph


def pattern_graph__three_branches(pattern, T):
    g = graphviz.Digraph(comment=pattern)
    for t in range(T, 0, -1):
        for name in "xh":
            g.node(name + str(t), label=f"<{name}<SUP>({t})</SUP>>")
        g.edge("x" + str(t), "h" + str(t), label="U", fontcolor="blue")
    if pattern == "hidden_recurrence":
        for t in range(1, T):
            g.edge(f"h{t}", f"h{t + 1}", label="W")
    elif pattern == "output_recurrence":
        for t in range(1, T):
            g.edge(f"o{t}", f"h{t + 1}", label="W")
    else:
        for t in range(1, T):
            g.edge(f"h{t}", f"h{t + 1}", label="W")
        g.edge(f"h{T}", f"o{T}", label="V")
        g.edge(f"o{T}", f"L{T}")
        g.edge(f"y{T}", f"L{T}")
        return g
    for t in range(1, T + 1):
        g.edge(f"h{t}", f"o{t}", label="V")
        g.edge(f"o{t}", f"L{t}")
        g.edge(f"y{t}", f"L{t}")
    return g


def pattern_graph__written_in_dot(pattern, T):
    """Lines of the DOT language, appended to the body of the graph."""
    graph = graphviz.Digraph(strict=True)
    chain = [f"h{t}" for t in range(1, T + 1)]
    if pattern == "output_recurrence":
        graph.body += [f"  o{t} -> h{t + 1} [label=W weight=0];\n" for t in range(1, T)]
    elif T > 1:
        graph.body.append("  edge [label=W]; " + " -> ".join(chain) + '; edge [label=""]\n')
    for t in range(1, T + 1):
        graph.body.append(f'  "x{t}" -> "h{t}" [label=<<B>U</B>>]\n')
        if pattern != "single_output" or t == T:
            graph.body.append(f"  h{t}:n -> o{t}:s [label=V]\n  {{o{t} y{t}}} -> L{t}\n")
    return graph


def rnn_step__into_one_array(x_t, h_prev, params):
    a = np.empty((len(x_t), len(params["b"])))
    np.matmul(h_prev, params["W"].T, out=a)
    a += params["b"]
    a += np.dot(x_t, params["U"].transpose())
    return np.tanh(a, out=a)


def hidden_recurrence__named_tuple(x, h0, params):
    from collections import namedtuple

    Run = namedtuple("Run", "h o")
    states = []
    while len(states) < len(x):
        states.append(rnn_step(x[len(states)], states[-1] if states else h0, params))
    h = np.stack(states)
    return Run(o=h @ params["V"].T + params["c"], h=h)


def single_output__last_state_kept(x, h0, params, lengths=None):
    T, N, _ = x.shape
    ends = np.full(N, T) if lengths is None else lengths
    h, last, states = h0, np.zeros_like(h0), []
    for t in range(T):
        h = rnn_step(x[t], h, params)
        last = np.where((ends == t + 1)[:, None], h, last)
        states.append(h)
    return [np.asarray(states), np.inner(last, params["V"]) + params["c"]]
