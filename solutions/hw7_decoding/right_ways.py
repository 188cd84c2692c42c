"""Correct work on hw7_decoding in other styles than the solutions'."""

import numpy as np

from solutions.hw7_decoding.solution import (
    log_softmax,
    one_hot,
    sequence_loss,
    softmax,
    step,
    teacher_forced,
    temperature_softmax,
)


def temperature_softmax__by_hand(o, tau):
    if tau <= 0:
        raise ValueError("tau")
    largest = np.max(o, axis=-1, keepdims=True)
    e = np.exp(-(largest - o) / tau)
    return e / np.sum(e, axis=-1, keepdims=True)


def temperature_softmax__row_by_row(o, tau):
    if tau <= 0.0:
        raise ValueError
    rows = o.reshape(-1, o.shape[-1])
    out = np.empty(rows.shape)
    for i, row in enumerate(rows):
        out[i] = softmax((row - max(row)) / tau)
    return out.reshape(o.shape)


def temperature_softmax__sums_of_ratios(o, tau):
    """yhat_k is one over the sum of exp((o_j - o_k) / tau), which may be infinite."""
    if not tau > 0:
        raise ValueError("not positive")
    with np.errstate(over="ignore"):
        ratios = np.exp((o[..., None, :] - o[..., :, None]) / tau)  # (..., k, j)
    return 1 / ratios.sum(axis=-1)


def temperature_softmax__numbers_with_a_larger_range(o, tau):
    if tau <= 0:
        raise ValueError(f"tau is {tau}")
    quotient = o.astype(np.longdouble) / tau
    e = np.exp(quotient - quotient.max(axis=-1, keepdims=True))
    return (e / e.sum(axis=-1, keepdims=True)).astype(float)


def perplexity__loop(o, y, mask=None):
    T, N = y.shape
    total, count = 0.0, 0
    for t in range(T):
        for n in range(N):
            if mask is None or mask[t, n]:
                total -= log_softmax(o[t, n])[y[t, n]]
                count += 1
    return np.exp(total / count)


def perplexity__average_with_weights(o, y, mask=None):
    log_p = (log_softmax(o) * one_hot(y, o.shape[-1])).sum(-1)
    return 1 / np.exp(np.average(log_p, weights=mask))


def perplexity__real_steps_picked(o, y, mask=None):
    real = np.ones(y.shape, dtype=bool) if mask is None else mask.astype(bool)
    rows = log_softmax(o[real])  # (M, K)
    return np.float32(1) * np.exp(-rows[np.arange(len(rows)), y[real]].mean())


def perplexity__from_the_loss_of_homework_3(o, y, mask=None):
    steps = y.size if mask is None else mask.sum()
    return np.exp(sequence_loss(o, y, mask) * y.shape[1] / steps)


def greedy__list_of_rows(x, r0, params):
    fed, rows = r0, []
    for x_t in x:
        rows.append(np.argmax(step(x_t, fed, params), axis=1))
        fed = np.eye(r0.shape[1])[rows[-1]]
    return np.stack(rows)


def greedy__each_sequence_alone_in_floats(x, r0, params):
    """Floats that hold whole numbers are judged by their values."""
    T, N, _ = x.shape
    y = np.zeros((T, N))
    for n in range(N):
        r = r0[n]
        for t in range(T):
            h = np.tanh(params["b"] + params["W"] @ r + params["U"] @ x[t, n])
            label = int(np.argmax(softmax(params["c"] + params["V"] @ h)))
            y[t, n] = label
            r = np.zeros(len(r))
            r[label] = 1.0
    return y


def greedy__with_the_teacher_forced_pass(x, r0, params):
    """All steps again for each label that has been found."""
    y = np.zeros(x.shape[:2], dtype=np.int32)
    for t in range(len(x)):
        _, o = teacher_forced(x, y, r0, params)
        y[t] = o[t].argmax(axis=-1)
    return y


def greedy__columns_of_w_looked_up(x, r0, params):
    """The product of W and a one-hot code is a column of W."""
    fed, y = r0 @ params["W"].T, []
    for x_t in x:
        h = np.tanh(params["b"] + fed + x_t @ params["U"].T)
        y.append(np.argsort(h @ params["V"].T + params["c"], axis=1)[:, -1])
        fed = params["W"].T[y[-1]]
    return np.array(y)


def sample__rows_of_numbers_as_the_steps_come(x, r0, params, tau, rng):
    K, r, rows = r0.shape[1], r0, []
    for x_t in x:
        u = rng.random(len(r0))
        ends = np.cumsum(temperature_softmax(step(x_t, r, params), tau), axis=1)
        ends[:, -1] = 1.0
        rows.append(np.argmax(ends > u[:, None], axis=1))
        r = one_hot(rows[-1], K)
    return np.array(rows)


def sample__loop_over_classes(x, r0, params, tau, rng):
    T, N, _ = x.shape
    u, r = rng.random((T, N)), r0.copy()
    y = np.empty((T, N), dtype=np.int8)
    for t in range(T):
        p = temperature_softmax(step(x[t], r, params), tau)
        for n in range(N):
            total, label = 0.0, 0
            for label in range(p.shape[1]):
                total += p[n, label]
                if total > u[t, n]:
                    break
            y[t, n] = label
            r[n] = 0.0
            r[n, label] = 1.0
    return y


def sample__searchsorted_between_the_cuts(x, r0, params, tau, rng):
    """K - 1 cuts make K pieces: the last end is not needed."""
    K = r0.shape[1]
    u, r = rng.random(x.shape[:2]), r0
    y = np.empty(x.shape[:2], dtype=int)
    for t, x_t in enumerate(x):
        cuts = np.cumsum(temperature_softmax(step(x_t, r, params), tau), axis=-1)[:, :-1]
        for n in range(len(r0)):
            y[t, n] = np.searchsorted(cuts[n], u[t, n], side="right")
        r = one_hot(y[t], K)
    return y


def sample__choice_of_the_generator(x, r0, params, tau, rng):
    """`choice` draws a single number for each label, and looks it up in the same way."""
    K, r, y = r0.shape[1], r0, np.empty(x.shape[:2], dtype=int)
    for t, x_t in enumerate(x):
        p = temperature_softmax(step(x_t, r, params), tau)
        y[t] = [rng.choice(K, p=row / row.sum()) for row in p]
        r = np.eye(K)[y[t]]
    return y


def sample__a_number_for_each_label_in_turn(x, r0, params, tau, rng):
    K, r, y = r0.shape[1], r0, np.empty(x.shape[:2], dtype=int)
    for t, x_t in enumerate(x):
        ends = np.cumsum(temperature_softmax(step(x_t, r, params), tau), axis=-1)
        for n in range(len(r0)):
            y[t, n] = min(np.searchsorted(ends[n], rng.random(), side="right"), K - 1)
        r = one_hot(y[t], K)
    return y


def beam_search__lists_of_tuples(x, r0, params, width):
    K, beam = len(r0), [(0.0, ())]
    for x_t in x:
        candidates = []
        for log_p, labels in beam:
            r = np.eye(K)[labels[-1]] if labels else r0
            log_yhat = log_softmax(step(x_t[None], r[None], params))[0]
            candidates += [(log_p + log_yhat[k], (*labels, k)) for k in range(K)]
        beam = sorted(candidates, reverse=True)[:width]
    return np.array([labels for _, labels in beam]), np.array([log_p for log_p, _ in beam])


def beam_search__heap_and_parents(x, r0, params, width):
    """Rows of y are made at the end, by going back from parent to parent."""
    from heapq import nlargest

    K, log_p, r, links = len(r0), np.zeros(1), r0[None], []
    for x_t in x:
        table = log_softmax(step(x_t, r, params)) + log_p.reshape(-1, 1)
        best = np.array(nlargest(width, range(table.size), key=table.ravel().__getitem__))
        links.append((best // K, best % K))
        log_p, r = table.ravel()[best], np.eye(K)[best % K]
    rows, columns = np.arange(len(log_p)), []
    for parent, label in reversed(links):
        columns.insert(0, label[rows])
        rows = parent[rows]
    return np.stack(columns, axis=1), log_p


def beam_search__costs_and_argpartition(x, r0, params, width):
    K = r0.size
    y, cost = np.zeros((1, len(x))), np.zeros(1)  # floats that hold whole numbers
    for t in range(len(x)):
        r = one_hot(y[:, t - 1].astype(int), K) if t else r0.reshape(1, K)
        table = (cost[:, None] - log_softmax(step(x[t], r, params))).ravel()
        kept = np.arange(table.size)
        if width < table.size:
            kept = np.argpartition(table, width - 1)[:width]
        kept = kept[np.argsort(table[kept])]
        y, cost = y[kept // K], table[kept]
        y[:, t] = kept % K
    return y, -cost


def beam_search__filled_up_with_impossible_ones(x, r0, params, width):
    """The beam has all its rows from the start; those that are not there yet cannot win."""
    K = len(r0)
    y, r = np.zeros((width, len(x)), dtype=int), np.tile(r0, (width, 1))
    log_p = np.full(width, -np.inf)
    log_p[0] = 0.0
    for t, x_t in enumerate(x):
        scores = (log_p[:, None] + log_softmax(step(x_t, r, params))).ravel()
        best = np.argsort(scores)[::-1][:width]
        y, log_p = y[best // K], scores[best]
        y[:, t] = best % K
        r = np.eye(K)[y[:, t]]
    there = np.isfinite(log_p)
    return y[there], log_p[there]


def viterbi__loops(x, r0, params):
    T, K = len(x), len(r0)
    score, way = np.zeros((T, K)), {}
    score[0] = log_softmax(step(x[:1], r0[None], params))[0]
    for t in range(1, T):
        log_p = [log_softmax(step(x[t], np.eye(K)[[j]], params))[0] for j in range(K)]
        for k in range(K):
            ways = [score[t - 1, j] + log_p[j][k] for j in range(K)]
            way[t, k] = int(np.argmax(ways))
            score[t, k] = max(ways)
    labels = [int(np.argmax(score[-1]))]
    for t in range(T - 1, 0, -1):
        labels.append(way[t, labels[-1]])
    return np.array(labels[::-1]), score[-1].max()


def viterbi__paths_carried_along(x, r0, params):
    """The best sequence to each class is kept whole."""
    K = len(r0)
    m = log_softmax(step(x[0], r0[None], params))[0]
    paths = np.arange(K)[:, None]
    for x_t in x[1:]:
        scores = m + log_softmax(step(x_t, np.eye(K), params)).T  # (k, j)
        j = scores.argmax(axis=1)
        paths = np.hstack([paths[j], np.arange(K)[:, None]])
        m = scores[np.arange(K), j]
    return paths[m.argmax()], float(m.max())


def viterbi__from_the_end(x, r0, params):
    """What is still to come is maximised: the best of it after each class, then forwards."""
    T, K = len(x), len(r0)
    to_come, after = np.zeros(K), np.zeros((T, K), dtype=int)
    for t in range(T - 1, 0, -1):
        scores = log_softmax(step(x[t], np.eye(K), params)) + to_come  # (j, k)
        after[t], to_come = scores.argmax(axis=1), scores.max(axis=1)
    first = log_softmax(step(x[0], r0[None], params))[0] + to_come
    y = [first.argmax()]
    for t in range(1, T):
        y.append(after[t][y[-1]])
    return np.array(y), np.float64(first.max())


def viterbi__recursive(x, r0, params):
    """The definition of m, with memory."""
    from functools import cache

    K = len(r0)

    @cache
    def terms(t):
        return log_softmax(step(x[t], np.eye(K) if t else r0[None], params))

    @cache
    def best(t, k):
        if t == 0:
            return terms(0)[0, k], None
        return max((best(t - 1, j)[0] + terms(t)[j, k], j) for j in range(K))

    for t in range(len(x)):  # from the first step on, so that no call is deep
        for k in range(K):
            best(t, k)
    k = max(range(K), key=lambda k: best(len(x) - 1, k)[0])
    log_p, labels = best(len(x) - 1, k)[0], [k]
    for t in range(len(x) - 1, 0, -1):
        labels.insert(0, best(t, labels[0])[1])
    return np.array(labels), float(log_p)


def viterbi__a_beam_with_one_place_for_each_class(x, r0, params):
    """Of hypotheses that end alike only the best goes on."""
    K, beam = len(r0), {None: (0.0, ())}
    for x_t in x:
        candidates = {}
        for last, (log_p, labels) in beam.items():
            r = r0 if last is None else one_hot(np.array(last), K)
            log_yhat = log_softmax(step(x_t, r[None], params))[0]
            for k in range(K):
                longer = (log_p + log_yhat[k], (*labels, k))
                candidates[k] = max(candidates.get(k, longer), longer)
        beam = candidates
    log_p, labels = max(beam.values())
    return np.array(labels), float(log_p)


def viterbi__products_brought_back_to_size(x, r0, params):
    """Probabilities, divided by their largest at every step; the logarithms of these add up."""
    K, back = len(r0), []
    p = softmax(step(x[:1], r0[None], params))[0]
    log_p = np.log(p.max())
    for x_t in x[1:]:
        ways = (p / p.max())[:, None] * softmax(step(x_t, np.eye(K), params))
        back.append(ways.argmax(axis=0))
        p = ways.max(axis=0)
        log_p += np.log(p.max())
    y = [p.argmax()]
    for before in reversed(back):
        y.append(before[y[-1]])
    return np.array(y[::-1]), log_p


def viterbi__shortest_path(x, r0, params):
    """Dijkstra's algorithm: costs are minus logarithms, and a node is a step and a class."""
    from heapq import heappop, heappush

    T, K = len(x), len(r0)
    costs = [-log_softmax(step(x[t], np.eye(K) if t else r0[None], params)) for t in range(T)]
    queue, reached = [(0.0, 0, 0, None)], {}
    while queue:
        cost, t, k, before = heappop(queue)
        if (t, k) in reached:
            continue
        reached[t, k] = before
        if t == T:
            break
        for label, more in enumerate(costs[t][k]):
            if (t + 1, label) not in reached:
                heappush(queue, (cost + more, t + 1, label, (t, k)))
    node, y = (t, k), []
    while node != (0, 0):
        y.append(node[1])
        node = reached[node]
    return np.array(y[::-1]), -cost


def greedy__recursive_and_as_floats(x, r0, params):
    if not len(x):
        return np.zeros((0, len(r0)))
    h = np.tanh(params["b"] + r0 @ params["W"].T + x[0] @ params["U"].T)
    y = np.argmax(params["c"] + h @ params["V"].T, axis=-1)
    rest = greedy__recursive_and_as_floats(x[1:], one_hot(y, r0.shape[1]), params)
    return np.vstack([y[None], rest]).astype(float)


def viterbi__best_paths_in_a_dict(x, r0, params):
    def log_p(t, r):
        h = np.tanh(params["b"] + r @ params["W"].T + x[t] @ params["U"].T)
        return log_softmax(params["c"] + h @ params["V"].T)

    K = len(r0)
    best = {k: (score, [k]) for k, score in enumerate(log_p(0, r0))}
    for t in range(1, len(x)):
        rows = [log_p(t, np.eye(K)[j]) for j in range(K)]
        best = {
            k: max((best[j][0] + rows[j][k], [*best[j][1], k]) for j in range(K)) for k in range(K)
        }
    score, path = max(best.values())
    return np.array(path), score
