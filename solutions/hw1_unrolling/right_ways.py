"""Correct work on hw1_unrolling in other styles than the solutions'."""

import graphviz
import numpy as np


def unroll__list_of_states(f, s1, theta, T):
    states = [s1]
    while len(states) < T:
        states.append(f(states[-1], theta))
    return np.array(states)


def unroll__recursive(f, s1, theta, T):
    """The first state, and the system unrolled from the second on."""

    def states(s, T):
        return [s] if T == 1 else [s, *states(f(s, theta), T - 1)]

    return np.array(states(s1, T))


def unroll__accumulate(f, s1, theta, T):
    import itertools

    steps = itertools.accumulate(range(T - 1), lambda s, _: f(s, theta), initial=s1)
    return np.stack([np.asarray(s, dtype=float) for s in steps])


def unroll__each_state_from_the_start(f, s1, theta, T):
    """Apply f t times to s1, for every t."""
    s = np.zeros((T, *s1.shape))
    for t in range(T):
        s[t] = s1
        for _ in range(t):
            s[t] = f(s[t], theta)
    return s


def unroll__stored_in_float32(f, s1, theta, T):
    s, state = np.empty((T, *s1.shape), np.float32), s1.copy()
    for t in range(T):
        s[t] = state
        if t < T - 1:
            state = f(state, theta)
    return s


def unroll_inputs__list_of_states(f, h0, x, theta):
    states = [h0]
    for x_t in x:
        states.append(f(states[-1], x_t, theta))
    return np.array(states)[1:]


def unroll_inputs__reshaped_list(f, h0, x, theta):
    h, states = h0, []
    for t in range(x.shape[0]):
        h = f(h, x[t, ...], theta)
        states += [h]
    return np.reshape(states, (len(states), *np.shape(h0)))


def unroll_inputs__recursive(f, h0, x, theta):
    """The last state is f of the state that the inputs before it lead to."""

    def state(t):
        return h0 if t < 0 else f(state(t - 1), x[t], theta)

    h = np.zeros((len(x), *h0.shape))
    for t in range(len(x)):
        h[t] = state(t)
    return h


def unroll_inputs__accumulate(f, h0, x, theta):
    import itertools

    steps = itertools.accumulate(x, lambda h, x_t: f(h, x_t, theta), initial=h0)
    return np.stack(list(steps))[1:]


def unroll_inputs__room_for_h0(f, h0, x, theta):
    """With h0 in row 0, row t + 1 follows from row t, and a view leaves h0 out."""
    T = len(x)
    h = np.full((T + 1, *h0.shape), np.nan)
    h[0] = h0
    for t in range(T):
        h[t + 1] = f(h[t], x[t], theta)
    return h[1:]


def time_delay__two_loops(x, kernel):
    T, k = len(x), len(kernel)
    out = np.zeros((T, kernel.shape[2]))
    for t in range(T):
        for j in range(k):
            if t >= j:
                out[t] += x[t - j] @ kernel[j]
    return out


def time_delay__four_loops(x, kernel):
    T, D = x.shape
    k, _, H = kernel.shape
    out = [[0.0] * H for _ in range(T)]
    for t in range(T):
        for i in range(H):
            out[t][i] = sum(
                x[t - j, d] * kernel[j, d, i] for j in range(min(k, t + 1)) for d in range(D)
            )
    return np.array(out)


def time_delay__windows(x, kernel):
    """All windows of k inputs at once, the latest input first."""
    k, D = kernel.shape[:2]
    padded = np.pad(x, ((k - 1, 0), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, D))[:, 0, ::-1]
    return np.einsum("tkd,kdh->th", windows, kernel)


def time_delay__np_convolve(x, kernel):
    T, D = x.shape
    out = np.zeros((T, kernel.shape[2]))
    for d, i in np.ndindex(D, kernel.shape[2]):
        out[:, i] += np.convolve(x[:, d], kernel[:, d, i])[:T]
    return out


def time_delay__banded_matrix(x, kernel):
    """Out is the sum over j of a shifted identity times x times kernel[j]."""
    T = len(x)
    return sum(np.eye(T, k=-j) @ x @ kernel_j for j, kernel_j in enumerate(kernel))


def time_delay__shift_register(x, kernel):
    """Keep the latest k inputs, newest first."""
    latest = np.zeros(kernel.shape[:2])
    out = []
    for x_t in x:
        latest = np.vstack([x_t, latest[:-1]])
        out.append(np.tensordot(latest, kernel, axes=2))
    return np.stack(out).astype(np.float32)


def time_delay__fourier(x, kernel):
    """A convolution is a product of Fourier transforms, padded so that nothing wraps round."""
    n = len(x) + len(kernel)
    product = np.einsum("fd,fdh->fh", np.fft.rfft(x, n, axis=0), np.fft.rfft(kernel, n, axis=0))
    return np.fft.irfft(product, n, axis=0)[: len(x)]


def influence__random_directions(g, x):
    """A change in a random direction is answered by every output that can."""
    T, D = x.shape
    before, columns = g(x), []
    for s in range(T):
        changed = np.array(x, dtype=float)
        changed[s] += np.random.default_rng(s).normal(size=D)
        columns.append(np.linalg.norm(g(changed) - before, axis=1) > 1e-10)
    return np.stack(columns, axis=1)


def influence__exact_comparison(g, x):
    T, D = x.shape
    depends = np.full((T, T), False)
    for s in range(T):
        for d in range(D):
            changed = x + 0.0
            changed[s, d] -= 7.0
            for t in range(T):
                if (g(changed)[t] != g(x)[t]).any():
                    depends[t, s] = True
    return depends


def influence__not_a_number(g, x):
    """NaN reaches every output that reads it."""
    depends = []
    for s in range(len(x)):
        marked = x.copy()
        marked[s] = np.nan
        depends.append(np.isnan(g(marked)).any(axis=1))
    return np.array(depends).T


def influence__numbers_0_and_1(g, x):
    T, D = x.shape
    table = np.zeros((T, T))
    for change in 1e3 * np.eye(T * D).reshape(T * D, T, D):
        moved = ~np.isclose(g(x + change), g(x)).all(axis=1)
        table[moved, np.flatnonzero(change.any(axis=1))[0]] = 1
    return table


def influence__changed_and_put_back(g, x):
    """Work on one copy, and put each number back as it was."""
    work = x.copy()
    before = g(work).copy()
    depends = np.zeros((len(x), len(x)), bool)
    for s in range(x.shape[0]):
        for d in range(x.shape[1]):
            work[s, d] = x[s, d] + 1
            depends[:, s] = np.logical_or(depends[:, s], (abs(g(work) - before) > 1e-6).any(1))
            work[s, d] = x[s, d]
    return depends


def folded_graph__edges_and_styles():
    graph = graphviz.Digraph("network", node_attr={"shape": "circle"}, engine="dot")
    graph.node("h", "h(t)", color="#1b3a5c")
    graph.node("x", label="<x<SUP>(t)</SUP>>")
    graph.edge("h", "h", label="f", style="dashed")
    graph.edge("x", "h", color="red")
    return graph


def folded_graph__written_in_dot():
    return graphviz.Source('digraph { rankdir=BT; "x" -> h [label=""]; h:e -> h:w [label="f"] }')


def folded_graph__raw_lines():
    graph = graphviz.Digraph()
    graph.body += ["\tedge [label=f]\n", "\th -> h\n", '\tx -> h [label=""]\n']
    return graph


def unrolled_graph__two_kinds_of_edges(T):
    graph = graphviz.Digraph()
    graph.edges((f"x{t}", f"h{t}") for t in range(1, T + 1))
    graph.attr("edge", label="f")
    graph.edges((f"h{t}", f"h{t + 1}") for t in range(T))
    return graph


def unrolled_graph__columns(T):
    graph = graphviz.Digraph("unrolled", graph_attr={"rankdir": "LR", "label": "a network"})
    for t in range(T + 1):
        with graph.subgraph(name=f"cluster_{t}") as step:
            step.attr(rank="same", label=f"step {t}")
            step.node(f"h{t}", f"h({t})", shape="circle")
            if t > 0:
                step.edge(f"x{t}", f"h{t}")
    for t in reversed(range(T)):
        graph.edge(f"h{t}", f"h{t + 1}", "f")
    return graph


def unrolled_graph__recursive(T):
    graph = graphviz.Digraph(strict=True)

    def add(t):
        if t > 0:
            graph.edge(f"x{t}", f"h{t}")
            graph.edge(f"h{t - 1}", f"h{t}", label="f")
            add(t - 1)

    add(T)
    return graph


def unroll__generator_without_end(f, s1, theta, T):
    from itertools import islice

    def states(s):
        while True:
            yield s
            s = f(s, theta)

    return np.array(list(islice(states(s1), T)))


def unroll_inputs__read_only_and_last_row_first(f, h0, x, theta):
    rows = np.empty((len(x), *h0.shape))[::-1]
    h = h0
    for t, x_t in enumerate(x):
        rows[t] = h = f(h, x_t, theta)
    rows.flags.writeable = False
    return rows


def time_delay__component_by_component(x, kernel):
    (T, D), H = x.shape, kernel.shape[2]
    out = np.zeros((H, T))
    for h in range(H):
        for d in range(D):
            out[h] += np.convolve(x[:, d], kernel[:, d, h])[:T]
    return out.T


def folded_graph__source():
    return graphviz.Source('digraph { x -> h; h -> h [label="f", color=red] }')
