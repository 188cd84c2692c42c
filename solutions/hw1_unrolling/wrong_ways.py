"""Classic mistakes of hw1_unrolling, as somebody else makes them."""

from collections import deque
from functools import reduce
from itertools import accumulate, pairwise

import graphviz
import numpy as np

from autograder.course.catalogue import wrong


def room(T, state):
    return np.zeros((T, *np.shape(state)))


def differs(after, before):
    return ~np.isclose(after, before, rtol=1e-9, atol=1e-9)


def raised(x, s, d):
    changed = np.array(x, dtype=float)
    changed[s, d] += 1
    return changed


# unroll


@wrong("unroll", "initial state left out, one call of f too many")
def unroll_walrus(f, s1, theta, T):
    state = s1
    return np.stack([state := f(state, theta) for _ in range(T)])


@wrong("unroll", "T applications of f, so T + 1 states")
def unroll_accumulate(f, s1, theta, T):
    states = accumulate(range(T), lambda s, _: f(s, theta), initial=s1)
    return np.stack(list(states))


@wrong("unroll", "initial state left out, so T - 1 states")
def unroll_only_results(f, s1, theta, T):
    results = []
    current = s1
    for _ in range(1, T):
        current = f(current, theta)
        results.append(current)
    return np.array(results)


@wrong("unroll", "f applied to the initial state every time")
def unroll_same_start(f, s1, theta, T):
    return np.stack([s1] + [f(s1, theta) for _ in range(T - 1)])


@wrong("unroll", "f applied to the row that is being filled")
def unroll_own_row(f, s1, theta, T):
    s = room(T, s1)
    s[0] = s1
    for t in range(1, T):
        s[t] = f(s[t], theta)
    return s


@wrong("unroll", "loop starts at row 0 and wraps round")
def unroll_from_zero(f, s1, theta, T):
    s = room(T, s1)
    s[0] = s1
    t = 0
    while t < T:
        s[t] = f(s[t - 1], theta)
        t += 1
    return s


@wrong("unroll", "last state never computed")
def unroll_short_range(f, s1, theta, T):
    s = room(T, s1)
    s[0] = s1
    for t in range(1, T - 1):
        s[t] = f(s[t - 1], theta)
    return s


@wrong("unroll", "last state missing, so T - 1 states")
def unroll_until_too_soon(f, s1, theta, T):
    def onwards(state, left):
        yield state
        if left > 2:
            yield from onwards(f(state, theta), left - 1)

    return np.stack(list(onwards(s1, T)))


@wrong("unroll", "one array stored T times")
def unroll_names(f, s1, theta, T):
    state = np.array(s1, dtype=float)
    history = [state]
    while len(history) < T:
        state[...] = f(state, theta)
        history.append(state)
    return np.stack(history)


@wrong("unroll", "states stored as integers")
def unroll_repeat(f, s1, theta, T):
    s = np.repeat(np.asarray(s1)[np.newaxis], T, axis=0)
    for t in range(1, T):
        s[t] = f(s[t - 1], theta)
    return s


@wrong("unroll", "room for vectors only")
def unroll_len(f, s1, theta, T):
    H = len(s1)
    s = np.empty((T, H))
    s[0] = s1
    for before, now in pairwise(range(T)):
        s[now] = f(s[before], theta)
    return s


@wrong("unroll", "two states where one is asked for")
def unroll_first_two(f, s1, theta, T):
    states = [s1, f(s1, theta)]
    while len(states) < T:
        states += [f(states[-1], theta)]
    return np.stack(states)


@wrong("unroll", "only the last state returned")
def unroll_recursive(f, s1, theta, T):
    def state(t):
        return s1 if t == 1 else f(state(t - 1), theta)

    return state(T)


@wrong("unroll", "latest state first")
def unroll_insert(f, s1, theta, T):
    states = deque([s1])
    for _ in range(T - 1):
        states.appendleft(f(states[0], theta))
    return np.array(states)


@wrong("unroll", "time on the last axis")
def unroll_last_axis(f, s1, theta, T):
    def run(s, left):
        return [s] if left == 1 else [s, *run(f(s, theta), left - 1)]

    return np.stack(run(s1, T), axis=-1)


@wrong("unroll", "state and parameters exchanged")
def unroll_theta_first(f, s1, theta, T):
    s = room(T, s1)
    s[0] = s1
    for t in range(T - 1):
        s[t + 1] = f(theta, s[t])
    return s


@wrong("unroll", "f added to the state")
def unroll_increment(f, s1, theta, T):
    state = np.array(s1, dtype=float)
    states = [state.copy()]
    for _ in range(T - 1):
        state += f(state, theta)
        states.append(state.copy())
    return np.array(states)


@wrong("unroll", "s1 overwritten")
def unroll_asarray(f, s1, theta, T):
    state = np.asarray(s1, dtype=float)
    s = np.empty((T, *state.shape))
    for t in range(T):
        s[t] = state
        if t < T - 1:
            state[...] = f(state, theta)
    return s


# unroll_inputs


@wrong("unroll_inputs", "h0 among the states")
def inputs_plus_one(f, h0, x, theta):
    T = len(x)
    h = room(T + 1, h0)
    h[0] = h0
    for t in range(T):
        h[t + 1] = f(h[t], x[t], theta)
    return h


@wrong("unroll_inputs", "h0 in the first row, last state lost")
def inputs_stored_before(f, h0, x, theta):
    h, state = room(len(x), h0), h0
    for t, x_t in enumerate(x):
        h[t] = state
        state = f(state, x_t, theta)
    return h


@wrong("unroll_inputs", "first input never read")
def inputs_from_row_one(f, h0, x, theta):
    h = room(len(x), h0)
    h[:1] = h0
    for t in range(1, len(x)):
        h[t] = f(h[t - 1], x[t], theta)
    return h


@wrong("unroll_inputs", "started from zeros instead of h0")
def inputs_wrapped(f, h0, x, theta):
    h = room(len(x), h0)
    for t in range(len(x)):
        h[t] = f(h[t - 1], x[t], theta)
    return h


@wrong("unroll_inputs", "h0 used again at every step")
def inputs_comprehension(f, h0, x, theta):
    return np.array([f(h0, x_t, theta) for x_t in x]).reshape(len(x), *np.shape(h0))


@wrong("unroll_inputs", "f applied to the row that is being filled")
def inputs_own_row(f, h0, x, theta):
    h = room(len(x), h0)
    for t, (row, x_t) in enumerate(zip(h, x, strict=True)):
        h[t] = f(row, x_t, theta)
    return h


@wrong("unroll_inputs", "input of the step before")
def inputs_one_early(f, h0, x, theta):
    T = len(x)
    h, previous = room(T, h0), h0
    for t in range(T):
        h[t] = previous = f(previous, x[t - 1], theta)
    return h


@wrong("unroll_inputs", "input of the step after")
def inputs_one_late(f, h0, x, theta):
    T = len(x)
    h, previous = room(T, h0), h0
    for t in range(T):
        previous = f(previous, x[(t + 1) % T], theta)
        h[t] = previous
    return h


@wrong("unroll_inputs", "first input read at every step")
def inputs_only_first(f, h0, x, theta):
    states = [h0]
    for _ in x:
        states.append(f(states[-1], x[0], theta))
    return np.stack(states)[1:]


@wrong("unroll_inputs", "run from the last input to the first")
def inputs_backwards(f, h0, x, theta):
    h, state = room(len(x), h0), h0
    for t in reversed(range(len(x))):
        h[t] = state = f(state, x[t], theta)
    return h


@wrong("unroll_inputs", "last input never read")
def inputs_one_short(f, h0, x, theta):
    h = [h0]
    for t in range(len(x) - 1):
        h.append(f(h[t], x[t], theta))
    return np.stack(h)[1:]


@wrong("unroll_inputs", "last state never computed")
def inputs_last_row_empty(f, h0, x, theta):
    h, state = room(len(x), h0), h0
    for row, x_t in zip(h[:-1], x[:-1], strict=True):
        state = f(state, x_t, theta)
        row[...] = state
    return h


@wrong("unroll_inputs", "steps counted along the batch")
def inputs_second_axis(f, h0, x, theta):
    T = x.shape[1]
    h, state = room(T, h0), h0
    for t in range(T):
        h[t] = state = f(state, x[:, t], theta)
    return h


@wrong("unroll_inputs", "state and input exchanged")
def inputs_order(f, h0, x, theta):
    def step(state, x_t):
        return f(x_t, state, theta)

    return np.stack(list(accumulate(x, step, initial=h0)))[1:]


@wrong("unroll_inputs", "f added to the state")
def inputs_residual(f, h0, x, theta):
    h = room(len(x), h0)
    state = np.array(h0, dtype=float)
    for t, x_t in enumerate(x):
        state = state + f(state, x_t, theta)
        h[t] = state
    return h


@wrong("unroll_inputs", "only the last state returned")
def inputs_reduce(f, h0, x, theta):
    return reduce(lambda h, x_t: f(h, x_t, theta), x, h0)


@wrong("unroll_inputs", "one array stored T times")
def inputs_copyto(f, h0, x, theta):
    state, rows = np.array(h0, dtype=float), []
    for x_t in x:
        np.copyto(state, f(state, x_t, theta))
        rows.append(state)
    return np.array(rows).reshape(len(x), *state.shape)


@wrong("unroll_inputs", "case T = 0 forgotten")
def inputs_stack(f, h0, x, theta):
    state = h0
    return np.stack([state := f(state, x_t, theta) for x_t in x])


@wrong("unroll_inputs", "room for batches only")
def inputs_two_axes(f, h0, x, theta):
    T = x.shape[0]
    N, H = h0.shape
    h = np.empty((T, N, H))
    for t in range(T):
        h[t] = f(h0 if t == 0 else h[t - 1], x[t], theta)
    return h


@wrong("unroll_inputs", "room for vectors only")
def inputs_one_axis(f, h0, x, theta):
    (T, *_), H = x.shape, h0.shape[-1]
    h = np.zeros([T, H])
    for t in range(T):
        h[t] = f(h[t - 1] if t else h0, x[t], theta)
    return h


@wrong("unroll_inputs", "states stored as integers")
def inputs_empty_like(f, h0, x, theta):
    h = np.empty_like(h0, shape=(len(x), *h0.shape))
    state = h0
    for t, x_t in enumerate(x):
        state = f(state, x_t, theta)
        h[t] = state
    return h


@wrong("unroll_inputs", "h0 overwritten")
def inputs_into_h0(f, h0, x, theta):
    h = room(len(x), h0)
    for t, x_t in enumerate(x):
        h0[...] = f(h0, x_t, theta)
        h[t] = h0
    return h


# time_delay


@wrong("time_delay", "kernel the wrong way round")
def delay_window(x, kernel):
    k, D, _ = kernel.shape
    padded = np.concatenate([np.zeros((k - 1, D)), x])
    return np.stack([np.einsum("kd,kdh->h", padded[t : t + k], kernel) for t in range(len(x))])


@wrong("time_delay", "looks ahead instead of back")
def delay_ahead(x, kernel):
    T, (k, _, H) = len(x), kernel.shape
    out = np.zeros((T, H))
    for t in range(T):
        for j in range(k):
            if t + j < T:
                out[t] += x[t + j] @ kernel[j]
    return out


@wrong("time_delay", "wraps round at the start")
def delay_negative(x, kernel):
    k = len(kernel)
    return np.array([sum(x[t - j] @ kernel[j] for j in range(k)) for t in range(len(x))])


@wrong("time_delay", "wraps round at the start")
def delay_roll(x, kernel):
    shifted = np.stack([np.roll(x, j, axis=0) for j in range(len(kernel))])
    return np.einsum("ktd,kdh->th", shifted, kernel)


@wrong("time_delay", "no outputs before the kernel fits")
def delay_valid(x, kernel):
    T, (k, _, H) = len(x), kernel.shape
    out = np.zeros((max(T - k + 1, 0), H))
    for t in range(len(out)):
        out[t] = np.tensordot(x[t : t + k][::-1], kernel, axes=2)
    return out


@wrong("time_delay", "first k - 1 outputs left at zero")
def delay_late_loop(x, kernel):
    k, _, H = kernel.shape
    out = np.zeros((len(x), H))
    for t in range(k - 1, len(x)):
        for j in range(k):
            out[t] += x[t - j] @ kernel[j]
    return out


@wrong("time_delay", "outputs after the end")
def delay_full(x, kernel):
    T, (k, _, H) = len(x), kernel.shape
    out = np.zeros((T + k - 1, H))
    for t in range(T):
        out[t : t + k] += np.einsum("d,kdh->kh", x[t], kernel)
    return out


@wrong("time_delay", "kernel centred on the present")
def delay_same(x, kernel):
    k = len(kernel)
    ahead = (k - 1) // 2
    padded = np.pad(x, ((k - 1 - ahead, ahead), (0, 0)))
    flipped = kernel[::-1]
    return np.array([np.tensordot(padded[t : t + k], flipped, axes=2) for t in range(len(x))])


@wrong("time_delay", "first input repeated before the start")
def delay_edge(x, kernel):
    k, T = len(kernel), len(x)
    padded = np.pad(x, ((k - 1, 0), (0, 0)), mode="edge")
    return sum(padded[k - 1 - j : k - 1 - j + T] @ kernel[j] for j in range(k))


@wrong("time_delay", "first input left out")
def delay_positive(x, kernel):
    out = np.zeros((len(x), kernel.shape[2]))
    for j, weights in enumerate(kernel):
        for t in range(len(x)):
            if t - j > 0:
                out[t] += weights.T @ x[t - j]
    return out


@wrong("time_delay", "delays counted from 1")
def delay_from_one(x, kernel):
    T, H = len(x), kernel.shape[-1]
    out = np.zeros((T, H))
    for j, weights in enumerate(kernel, start=1):
        for t in range(j, T):
            out[t] += np.dot(x[t - j], weights)
    return out


@wrong("time_delay", "longest delay left out")
def delay_short(x, kernel):
    T, (k, _, H) = len(x), kernel.shape
    out = np.zeros((T, H))
    for j in range(min(k - 1, T)):
        out[j:] += x[: T - j] @ kernel[j]
    return out


@wrong("time_delay", "present input left out")
def delay_past_only(x, kernel):
    k = len(kernel)
    padded = np.pad(x, ((k - 1, 0), (0, 0)))
    windows = [padded[t : t + k - 1][::-1] for t in range(len(x))]
    return np.stack([np.einsum("kd,kdh->h", window, kernel[1:]) for window in windows])


@wrong("time_delay", "overwritten instead of added up")
def delay_assign(x, kernel):
    T, (k, _, H) = len(x), kernel.shape
    out = np.zeros((T, H))
    for t in range(T):
        for j in range(k):
            if t >= j:
                out[t] = x[t - j] @ kernel[j]
    return out


@wrong("time_delay", "present input weighed by the whole kernel")
def delay_no_delay(x, kernel):
    return np.einsum("td,kdh->th", x, kernel)


@wrong("time_delay", "mean instead of sum")
def delay_mean(x, kernel):
    (T, D), k = x.shape, len(kernel)
    padded = np.vstack([np.zeros((k - 1, D)), x])
    terms = [padded[k - 1 - j :][:T] @ kernel[j] for j in range(k)]
    return np.mean(terms, axis=0)


@wrong("time_delay", "divided by the number of terms")
def delay_mean_of_terms(x, kernel):
    def output(t):
        delays = range(min(t + 1, len(kernel)))
        return np.mean([x[t - j] @ kernel[j] for j in delays], axis=0)

    return np.stack([output(t) for t in range(len(x))])


@wrong("time_delay", "fails where the kernel is longer than the sequence")
def delay_vstack(x, kernel):
    T, D = x.shape
    out = np.zeros((T, kernel.shape[2]))
    for j in range(len(kernel)):
        out += np.vstack([np.zeros((j, D)), x[: T - j]]) @ kernel[j]
    return out


@wrong("time_delay", "slice up to -0")
def delay_minus_zero(x, kernel):
    out = np.zeros((len(x), kernel.shape[2]))
    for j, weights in enumerate(kernel):
        out[j:] += x[:-j] @ weights
    return out


@wrong("time_delay", "outputs stored as integers")
def delay_dtype(x, kernel):
    T, (k, _, H) = len(x), kernel.shape
    out = np.zeros((T, H), dtype=x.dtype)
    for t in range(T):
        out[t] = sum(x[t - j] @ kernel[j] for j in range(k) if j <= t)
    return out


@wrong("time_delay", "x shifted in place")
def delay_shift(x, kernel):
    out = np.zeros((x.shape[0], kernel.shape[2]))
    for weights in kernel:
        out += x @ weights
        x[1:] = x[:-1]
        x[0] = 0
    return out


# influence


@wrong("influence", "answers at x itself missed")
def influence_of_impulses(g, x):
    T, D = x.shape
    silence = g(np.zeros((T, D)))
    table = np.zeros((T, T), dtype=bool)
    for s in range(T):
        for d in range(D):
            impulse = np.zeros((T, D))
            impulse[s, d] = 1.0
            table[:, s] |= np.any(g(impulse) != silence, axis=1)
    return table


@wrong("influence", "rows and columns exchanged")
def influence_rows(g, x):
    T, D = x.shape
    before = g(x)
    return np.stack(
        [
            np.any([differs(g(raised(x, s, d)), before).any(axis=1) for d in range(D)], axis=0)
            for s in range(T)
        ]
    )


@wrong("influence", "True where nothing changes")
def influence_same(g, x):
    T, D = x.shape
    before = g(x)
    table = np.ones((T, T), dtype=bool)
    for s, d in np.ndindex(T, D):
        table[:, s] &= np.isclose(g(raised(x, s, d)), before, rtol=1e-9, atol=1e-9).all(axis=1)
    return table


@wrong("influence", "all components of the output must change")
def influence_all(g, x):
    T, D = x.shape
    before = g(x)
    table = np.full((T, T), False)
    for s in range(T):
        for d in range(D):
            table[:, s] |= np.all(differs(g(raised(x, s, d)), before), axis=-1)
    return table


@wrong("influence", "changes of the output's components added up")
def influence_sum(g, x):
    T, D = x.shape
    before = g(x)
    table = np.zeros((T, T), dtype=bool)
    for s, d in np.ndindex(T, D):
        change = (g(raised(x, s, d)) - before).sum(axis=1)
        table[:, s] |= np.abs(change) > 1e-8
    return table


@wrong("influence", "first component of the output only")
def influence_first_output(g, x):
    T, D = x.shape
    before = g(x)[:, 0]

    def column(s):
        return np.any([differs(g(raised(x, s, d))[:, 0], before) for d in range(D)], axis=0)

    return np.column_stack([column(s) for s in range(T)])


@wrong("influence", "first component of the inputs only")
def influence_first_input(g, x):
    before = g(x)
    columns = [differs(g(raised(x, s, 0)), before).any(axis=1) for s in range(len(x))]
    return np.array(columns).T


@wrong("influence", "only the last component tried counts")
def influence_overwritten(g, x):
    T, D = x.shape
    before = g(x)
    table = np.zeros((T, T), dtype=bool)
    for s in range(T):
        for d in range(D):
            table[:, s] = differs(g(raised(x, s, d)), before).any(axis=1)
    return table


@wrong("influence", "all components of the input raised together")
def influence_together(g, x):
    before = g(x)
    table = np.zeros((len(x), len(x)), dtype=bool)
    for s in range(len(x)):
        changed = x.astype(float)
        changed[s] += 1
        table[:, s] = differs(g(changed), before).any(axis=1)
    return table


@wrong("influence", "changes pile up")
def influence_piled(g, x):
    T, D = x.shape
    before = g(x)
    changed = np.array(x, dtype=float)
    table = np.zeros((T, T), dtype=bool)
    for s in range(T):
        for d in range(D):
            changed[s, d] += 1
            table[:, s] |= differs(g(changed), before).any(axis=1)
    return table


@wrong("influence", "all inputs from step s on changed")
def influence_slice(g, x):
    T, D = x.shape
    before = g(x)
    table = np.zeros((T, T), dtype=bool)
    for s, d in np.ndindex(T, D):
        changed = x.astype(float)
        changed[s:, d] += 1
        table[:, s] |= differs(g(changed), before).any(axis=1)
    return table


@wrong("influence", "later outputs only")
def influence_causal(g, x):
    T, D = x.shape
    before = g(x)
    table = np.zeros((T, T), dtype=bool)
    for s in range(T):
        for d in range(D):
            after = g(raised(x, s, d))
            for t in range(s, T):
                table[t, s] = table[t, s] or differs(after[t], before[t]).any()
    return table


@wrong("influence", "output of the changed step only")
def influence_diagonal(g, x):
    T, D = x.shape
    before = g(x)
    answers = [
        any(differs(g(raised(x, s, d))[s], before[s]).any() for d in range(D)) for s in range(T)
    ]
    return np.diag(answers)


@wrong("influence", "any answer fills the whole column")
def influence_any(g, x):
    T, D = x.shape
    before = g(x)
    table = np.zeros((T, T), dtype=bool)
    for s in range(T):
        for d in range(D):
            if np.any(differs(g(raised(x, s, d)), before)):
                table[:, s] = True
    return table


@wrong("influence", "inputs multiplied or set to zero")
def influence_doubled(g, x):
    T, D = x.shape
    before = g(x)
    table = np.zeros((T, T), dtype=bool)
    for s, d in np.ndindex(T, D):
        factor = np.ones((T, D))
        factor[s, d] = 2
        table[:, s] |= differs(g(x * factor), before).any(axis=1)
    return table


@wrong("influence", "inputs multiplied or set to zero")
def influence_masked(g, x):
    T, D = x.shape
    before = g(x)
    table = np.zeros((T, T), dtype=bool)
    for s in range(T):
        for d in range(D):
            erased = x.copy()
            erased[s, d] = 0
            table[:, s] |= differs(g(erased), before).any(axis=1)
    return table


@wrong("influence", "change too small for the comparison")
def influence_tiny(g, x):
    T, D = x.shape
    before = g(x)
    table = np.zeros((T, T), dtype=bool)
    for s, d in np.ndindex(T, D):
        nudged = x.astype(float)
        nudged[s, d] += 1e-6
        table[:, s] |= ~np.isclose(g(nudged), before).all(axis=1)
    return table


@wrong("influence", "size of the change instead of True or False")
def influence_size(g, x):
    T, D = x.shape
    before = g(x)
    table = np.zeros((T, T))
    for s in range(T):
        changes = [np.abs(g(raised(x, s, d)) - before).max(axis=1) for d in range(D)]
        table[:, s] = np.max(changes, axis=0)
    return table


@wrong("influence", "outputs not compared with those before")
def influence_nonzero(g, x):
    T, D = x.shape
    answers = np.array([[g(raised(x, s, d)) for d in range(D)] for s in range(T)])
    return ~np.isclose(answers, 0).all(axis=(1, 3)).T


@wrong("influence", "changed inputs compared with themselves")
def influence_second_name(g, x):
    T, D = x.shape
    table = np.zeros((T, T), dtype=bool)
    for s, d in np.ndindex(T, D):
        changed = x
        changed[s, d] += 1
        table[:, s] |= differs(g(changed), g(x)).any(axis=1)
    return table


@wrong("influence", "x changed in place")
def influence_in_place(g, x):
    T, D = x.shape
    table = np.zeros((T, T), dtype=bool)
    for s in range(T):
        for d in range(D):
            before = np.array(g(x))
            x[s, d] += 1
            table[:, s] |= differs(g(x), before).any(axis=1)
    return table


# folded_graph


@wrong("folded_graph", "no loop")
def folded_chain():
    graph = graphviz.Digraph()
    graph.edge("x", "h")
    return graph


@wrong("folded_graph", "loop without label")
def folded_unlabelled():
    graph = graphviz.Digraph()
    graph.edges(["xh", "hh"])
    return graph


@wrong("folded_graph", "f on both edges")
def folded_both():
    graph = graphviz.Digraph(edge_attr={"color": "gray"})
    for tail in "xh":
        graph.edge(tail, "h", label="f")
    return graph


@wrong("folded_graph", "f on the input's edge")
def folded_input_label():
    graph = graphviz.Digraph(graph_attr={"rankdir": "LR"})
    graph.edge("x", "h", label="f")
    graph.edge("h", "h")
    return graph


@wrong("folded_graph", "arrow from the state to the input")
def folded_reversed():
    graph = graphviz.Digraph()
    graph.node("x")
    graph.node("h", shape="circle")
    graph.edges([("h", "x")])
    graph.edge("h", "h", "f")
    return graph


@wrong("folded_graph", "f as a node")
def folded_box():
    graph = graphviz.Digraph()
    graph.node("f", shape="box")
    graph.edge("x", "f")
    graph.edge("h", "f")
    graph.edge("f", "h")
    return graph


@wrong("folded_graph", "variables of a single step")
def folded_at_step_t():
    graph = graphviz.Digraph(node_attr={"shape": "circle"})
    state = "h_t"
    graph.edges([("x_t", state)])
    graph.edge(state, state, "f")
    return graph


# unrolled_graph


@wrong("unrolled_graph", "initial state left out")
def unrolled_from_h1(T):
    graph = graphviz.Digraph()
    states = [f"h{t}" for t in range(1, T + 1)]
    for t, state in enumerate(states, start=1):
        graph.edge(f"x{t}", state)
    for tail, head in pairwise(states):
        graph.edge(tail, head, label="f")
    return graph


@wrong("unrolled_graph", "last step left out")
def unrolled_short(T):
    graph = graphviz.Digraph()
    for t in range(1, T):
        graph.edge(f"h{t - 1}", f"h{t}", label="f")
        graph.edge(f"x{t}", f"h{t}")
    return graph


@wrong("unrolled_graph", "one step too many")
def unrolled_long(T):
    graph = graphviz.Digraph()
    for t in range(T + 1):
        graph.edge(f"h{t}", f"h{t + 1}", label="f")
        graph.edge(f"x{t + 1}", f"h{t + 1}")
    return graph


@wrong("unrolled_graph", "inputs counted from 0")
def unrolled_x0(T):
    graph = graphviz.Digraph()
    for t in range(T):
        graph.edge(f"h{t}", f"h{t + 1}", label="f")
        graph.edge(f"x{t}", f"h{t + 1}")
    return graph


@wrong("unrolled_graph", "inputs lead to the state before")
def unrolled_early(T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        before, now = f"h{t - 1}", f"h{t}"
        graph.edge(before, now, label="f")
        graph.edge(f"x{t}", before)
    return graph


@wrong("unrolled_graph", "an input for h0")
def unrolled_input_h0(T):
    graph = graphviz.Digraph()
    for t in range(T + 1):
        graph.edge(f"x{t}", f"h{t}")
        if t > 0:
            graph.edge(f"h{t - 1}", f"h{t}", label="f")
    return graph


@wrong("unrolled_graph", "arrows from the states to the inputs")
def unrolled_towards_inputs(T):
    graph = graphviz.Digraph(graph_attr={"rankdir": "LR"})
    for before, now in pairwise(range(T + 1)):
        graph.edge(f"h{before}", f"h{now}", label="f")
    graph.edges([(f"h{t}", f"x{t}") for t in range(1, T + 1)])
    return graph


@wrong("unrolled_graph", "every input leads to all later states")
def unrolled_fan(T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"h{t - 1}", f"h{t}", label="f")
        graph.edges((f"x{s}", f"h{t}") for s in range(1, t + 1))
    return graph


@wrong("unrolled_graph", "one input for all steps")
def unrolled_common_input(T):
    graph = graphviz.Digraph()
    states = [f"h{t}" for t in range(T + 1)]
    for tail, head in pairwise(states):
        graph.edge(tail, head, label="f")
        graph.edge("x", head)
    return graph


@wrong("unrolled_graph", "edges without label")
def unrolled_unlabelled(T):
    graph = graphviz.Digraph(graph_attr={"rankdir": "LR"})
    steps = range(1, T + 1)
    graph.edges([(f"h{t - 1}", f"h{t}") for t in steps] + [(f"x{t}", f"h{t}") for t in steps])
    return graph


@wrong("unrolled_graph", "f on the inputs' edges too")
def unrolled_all_labelled(T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        for tail in (f"h{t - 1}", f"x{t}"):
            graph.edge(tail, f"h{t}", label="f")
    return graph


@wrong("unrolled_graph", "f on the inputs' edges instead")
def unrolled_other_label(T):
    graph = graphviz.Digraph()
    graph.edges((f"h{t}", f"h{t + 1}") for t in range(T))
    graph.attr("edge", label="f")
    for t in range(T):
        graph.edge(f"x{t + 1}", f"h{t + 1}")
    return graph


@wrong("unrolled_graph", "a different label at each step")
def unrolled_numbered(T):
    graph = graphviz.Digraph()
    for t in range(1, T + 1):
        graph.edge(f"h{t - 1}", f"h{t}", label=f"f{t}")
        graph.edge(f"x{t}", f"h{t}")
    return graph


@wrong("unrolled_graph", "states point back in time")
def unrolled_back(T):
    graph = graphviz.Digraph()
    for t in range(T, 0, -1):
        graph.edge(f"h{t}", f"h{t - 1}", label="f")
        graph.edge(f"x{t}", f"h{t}")
    return graph


@wrong("unrolled_graph", "every state comes from h0")
def unrolled_star(T):
    graph = graphviz.Digraph()
    start = "h0"
    for t in range(1, T + 1):
        graph.edge(start, f"h{t}", label="f")
        graph.edge(f"x{t}", f"h{t}")
    return graph


@wrong("unrolled_graph", "folded drawing")
def unrolled_loop(T):
    graph = graphviz.Digraph()
    graph.edge("x", "h")
    graph.edge("h", "h", label="f")
    return graph


@wrong("influence", "outputs that fall overlooked")
def influence_counts_rises(g, x):
    T, D = x.shape
    out = g(x)
    columns = []
    for s in range(T):
        tried = []
        for d in range(D):
            bumped = np.array(x, float)
            bumped[s, d] += 0.5
            tried.append((g(bumped) - out).max(axis=1) > 1e-6)
        columns.append(np.logical_or.reduce(tried))
    return np.stack(columns, axis=1)


@wrong("influence", "inputs set to a fixed number")
def influence_puts_ones(g, x):
    usual = g(x)
    table = []
    for s in range(len(x)):
        answers = []
        for d in range(x.shape[1]):
            put = x + 0.0
            put[s, d] = 1
            answers.append(np.linalg.norm(g(put) - usual, axis=1) > 1e-8)
        table.append(np.any(answers, axis=0))
    return np.array(table).T
