"""Classic mistakes of hw7_decoding, as somebody else makes them."""

import numpy as np

from autograder.course.catalogue import wrong
from solutions.hw7_decoding.solution import log_softmax, one_hot, softmax, step


def positive(tau):
    """Refuse a temperature that is not positive."""
    if tau <= 0:
        raise ValueError(f"tau = {tau}")


def normalised(e):
    """Divide each row by its sum."""
    return e / np.sum(e, axis=-1, keepdims=True)


def warm(o, tau):
    """Return the right probabilities at a temperature."""
    return normalised(np.exp((o - np.max(o, axis=-1, keepdims=True)) / tau))


def picked(rows, y):
    """Pick the entries of the labels from (T, N, K)."""
    t, n = np.indices(y.shape)
    return rows[t, n, y]


def mean_cost(cost, mask):
    """Average over the real steps."""
    return np.average(cost, weights=mask)


# ---------------------------------------------------------------- temperature_softmax


@wrong("temperature_softmax", "outputs multiplied by the temperature")
def times_temperature(o, tau):
    positive(tau)
    return normalised(np.exp(tau * (o - o.max(-1, keepdims=True))))


@wrong("temperature_softmax", "temperature left out")
def plain_softmax(o, tau):
    positive(tau)
    return warm(o, 1.0)


@wrong("temperature_softmax", "probabilities divided instead of outputs")
def divided_probabilities(o, tau):
    positive(tau)
    return warm(o, 1.0) * (1 / tau)


@wrong("temperature_softmax", "divided before the largest output was subtracted")
def divided_first(o, tau):
    positive(tau)
    q = o / tau
    q = q - q.max(axis=-1, keepdims=True)
    return normalised(np.exp(q))


@wrong("temperature_softmax", "power of the probabilities not normalised")
def bare_power(o, tau):
    positive(tau)
    return np.power(warm(o, 1.0), 1 / tau)


@wrong("temperature_softmax", "power of the probabilities")
def normalised_power(o, tau):
    positive(tau)
    return normalised(np.power(warm(o, 1.0), 1 / tau))


@wrong("temperature_softmax", "softmax over the first axis")
def over_axis_0(o, tau):
    positive(tau)
    q = (o - o.max(axis=0, keepdims=True)) / tau
    return np.exp(q) / np.exp(q).sum(axis=0, keepdims=True)


@wrong("temperature_softmax", "largest output of the whole array subtracted")
def one_shift_for_all(o, tau):
    positive(tau)
    return normalised(np.exp((o - np.amax(o)) / tau))


@wrong("temperature_softmax", "small temperatures raised")
def never_quite_cold(o, tau):
    positive(tau)
    return warm(o, np.clip(tau, 1e-8, None))


@wrong("temperature_softmax", "winner takes all where it is cold")
def frozen(o, tau):
    positive(tau)
    if tau <= 1e-9:
        best = np.zeros(o.shape)
        np.put_along_axis(best, np.argmax(o, axis=-1)[..., None], 1.0, axis=-1)
        return best
    return warm(o, tau)


@wrong("temperature_softmax", "temperatures that are not positive let through")
def any_temperature(o, tau):
    return warm(o, tau)


@wrong("temperature_softmax", "another error than ValueError")
def runtime_error(o, tau):
    if tau <= 0:
        raise RuntimeError("tau")
    return warm(o, tau)


@wrong("temperature_softmax", "small temperatures refused")
def at_least_a_thousandth(o, tau):
    if tau < 1e-3:
        raise ValueError("tau is too small")
    return warm(o, tau)


@wrong("temperature_softmax", "outputs changed in place")
def divides_in_place(o, tau):
    positive(tau)
    o -= np.max(o, axis=-1, keepdims=True)
    o /= tau
    return normalised(np.exp(o))


# ---------------------------------------------------------------- perplexity


@wrong("perplexity", "loss of a sequence in the exponent")
def exp_of_the_loss(o, y, mask=None):
    m = 1.0 if mask is None else mask
    return np.exp(-np.sum(m * picked(log_softmax(o), y)) / len(y[0]))


@wrong("perplexity", "mean of the exponentials")
def mean_of_inverse_probabilities(o, y, mask=None):
    return mean_cost(np.exp(-picked(log_softmax(o), y)), mask)


@wrong("perplexity", "one over the mean of the probabilities")
def arithmetic_mean(o, y, mask=None):
    return 1 / mean_cost(picked(softmax(o), y), mask)


@wrong("perplexity", "exponential left out")
def mean_cost_alone(o, y, mask=None):
    return mean_cost(-picked(log_softmax(o), y), mask)


@wrong("perplexity", "power of 2 of a cost in nats")
def two_to_the_nats(o, y, mask=None):
    return np.exp2(mean_cost(-picked(log_softmax(o), y), mask))


@wrong("perplexity", "mask ignored")
def without_mask(o, y, mask=None):
    return np.exp(-np.mean(picked(log_softmax(o), y)))


@wrong("perplexity", "padded steps in the divisor")
def divided_by_all(o, y, mask=None):
    m = np.ones(y.shape) if mask is None else mask
    return np.exp(-np.sum(m * picked(log_softmax(o), y)) / y.size)


@wrong("perplexity", "mean over each sequence first")
def sequence_by_sequence(o, y, mask=None):
    m = np.ones(y.shape) if mask is None else mask
    cost = -picked(log_softmax(o), y)
    means = [np.average(cost[:, n], weights=m[:, n]) for n in range(y.shape[1])]
    return np.exp(np.mean(means))


@wrong("perplexity", "mean of the perplexities of the sequences")
def perplexities_averaged(o, y, mask=None):
    m = np.ones(y.shape) if mask is None else mask
    cost = -picked(log_softmax(o), y)
    means = [np.exp(np.average(cost[:, n], weights=m[:, n])) for n in range(y.shape[1])]
    return np.mean(means)


@wrong("perplexity", "one number for each sequence")
def as_many_as_sequences(o, y, mask=None):
    m = np.ones(y.shape) if mask is None else mask
    return np.exp(-(m * picked(log_softmax(o), y)).sum(0) / m.sum(0))


@wrong("perplexity", "log of softmax")
def logarithm_of_probabilities(o, y, mask=None):
    return np.exp(mean_cost(-np.log(picked(softmax(o), y)), mask))


@wrong("perplexity", "sign of the logarithm")
def geometric_mean(o, y, mask=None):
    return np.exp(mean_cost(picked(log_softmax(o), y), mask))


@wrong("perplexity", "all classes in place of the right one")
def mean_over_classes(o, y, mask=None):
    return np.exp(mean_cost(-np.mean(log_softmax(o), axis=2), mask))


@wrong("perplexity", "entropy of the predictions")
def own_doubt(o, y, mask=None):
    p = softmax(o)
    return np.exp(mean_cost(np.sum(-p * log_softmax(o), axis=2), mask))


@wrong("perplexity", "costs masked in place")
def blanks_out_o(o, y, mask=None):
    if mask is not None:
        o *= mask[..., None]
    return np.exp(mean_cost(-picked(log_softmax(o), y), mask))


# ---------------------------------------------------------------- greedy


def decode(x, r0, params, choose, feed):
    """Decode with a way to choose labels from outputs, and one to make what is fed from them."""
    r, rows = r0, []
    for t, x_t in enumerate(x):
        o_t = step(x_t, r, params)
        rows.append(choose(t, o_t))
        r = feed(rows, o_t)
    return np.array(rows)


def most_likely(t, o_t):
    """Choose the class of the largest output in each row."""
    return np.argmax(o_t, axis=1)


def last_chosen(rows, o_t):
    """Feed the code of the labels that were chosen last."""
    return np.eye(o_t.shape[1])[rows[-1]]


@wrong("greedy", "r0 fed at every step")
def starts_anew(x, r0, params):
    return decode(x, r0, params, most_likely, lambda rows, o_t: r0)


@wrong("greedy", "softmax fed back")
def runs_free(x, r0, params):
    return decode(x, r0, params, most_likely, lambda rows, o_t: softmax(o_t))


@wrong("greedy", "outputs fed back")
def feeds_outputs(x, r0, params):
    return decode(x, r0, params, most_likely, lambda rows, o_t: o_t)


@wrong("greedy", "number of the label fed back")
def feeds_numbers(x, r0, params):
    def feed(rows, o_t):
        return rows[-1][:, None] * np.ones((1, o_t.shape[1]))

    return decode(x, r0, params, most_likely, feed)


@wrong("greedy", "label of two steps before fed back")
def feeds_late(x, r0, params):
    def feed(rows, o_t):
        return r0 if len(rows) < 2 else np.eye(o_t.shape[1])[rows[-2]]

    return decode(x, r0, params, most_likely, feed)


@wrong("greedy", "zeros fed to the first step")
def starts_from_nothing(x, r0, params):
    return decode(x, np.zeros(r0.shape), params, most_likely, last_chosen)


@wrong("greedy", "one-hot code of r0 fed to the first step")
def starts_sharp(x, r0, params):
    sharp = (r0 == r0.max(axis=1, keepdims=True)) * 1.0
    return decode(x, sharp, params, most_likely, last_chosen)


@wrong("greedy", "argmax over the sequences")
def looks_down_the_batch(x, r0, params):
    return decode(x, r0, params, lambda t, o_t: np.argmax(o_t, axis=0), last_chosen)


@wrong("greedy", "one choice for the whole batch")
def decides_for_all(x, r0, params):
    def choose(t, o_t):
        _, k = np.unravel_index(np.argmax(o_t), o_t.shape)
        return np.full(len(o_t), k)

    return decode(x, r0, params, choose, last_chosen)


@wrong("greedy", "least likely class")
def contrary(x, r0, params):
    return decode(x, r0, params, lambda t, o_t: np.argmax(-o_t, axis=1), last_chosen)


@wrong("greedy", "sequences on the first axis")
def batch_first(x, r0, params):
    return np.swapaxes(decode(x, r0, params, most_likely, last_chosen), 0, 1)


@wrong("greedy", "one-hot codes returned")
def gives_codes(x, r0, params):
    return np.eye(r0.shape[1])[decode(x, r0, params, most_likely, last_chosen)]


@wrong("greedy", "only the last step returned")
def forgets_the_way(x, r0, params):
    for x_t in x:
        y = np.argmax(step(x_t, r0, params), axis=1)
        r0 = one_hot(y, r0.shape[1])
    return y


@wrong("greedy", "r0 overwritten")
def writes_into_r0(x, r0, params):
    rows = []
    for x_t in x:
        rows.append(np.argmax(step(x_t, r0, params), axis=1))
        r0 *= 0
        r0[np.arange(len(r0)), rows[-1]] = 1
    return np.array(rows)


# ---------------------------------------------------------------- sample


def hit(u, tau):
    """Return the right way to choose, for numbers (T, N)."""

    def choose(t, o_t):
        ends = np.cumsum(warm(o_t, tau), axis=1)[:, :-1]
        return np.sum(ends <= u[t][:, None], axis=1)

    return choose


@wrong("sample", "one number for all sequences")
def shares_numbers(x, r0, params, tau, rng):
    u = np.broadcast_to(rng.random(len(x))[:, None], x.shape[:2])
    return decode(x, r0, params, hit(u, tau), last_chosen)


@wrong("sample", "numbers drawn sequence by sequence")
def draws_in_columns(x, r0, params, tau, rng):
    u = np.stack([rng.random(len(x)) for _ in r0], axis=1)
    return decode(x, r0, params, hit(u, tau), last_chosen)


@wrong("sample", "most likely class instead of a drawn one")
def does_not_draw(x, r0, params, tau, rng):
    return decode(x, r0, params, most_likely, last_chosen)


@wrong("sample", "class before the one that was hit")
def one_too_low(x, r0, params, tau, rng):
    right = hit(rng.random(x.shape[:2]), tau)
    return decode(x, r0, params, lambda t, o_t: np.maximum(right(t, o_t) - 1, 0), last_chosen)


@wrong("sample", "class after the one that was hit")
def one_too_high(x, r0, params, tau, rng):
    right, last = hit(rng.random(x.shape[:2]), tau), r0.shape[1] - 1
    return decode(x, r0, params, lambda t, o_t: np.minimum(right(t, o_t) + 1, last), last_chosen)


@wrong("sample", "probability itself compared with u")
def compares_lengths(x, r0, params, tau, rng):
    u = rng.random(x.shape[:2])

    def choose(t, o_t):
        return np.argmax(np.greater(warm(o_t, tau), u[t][:, None]), axis=1)

    return decode(x, r0, params, choose, last_chosen)


@wrong("sample", "classes sorted by probability")
def longest_first(x, r0, params, tau, rng):
    u = rng.random(x.shape[:2])

    def choose(t, o_t):
        labels = []
        for p, number in zip(warm(o_t, tau), u[t], strict=True):
            order = np.argsort(-p)
            labels.append(order[np.searchsorted(np.cumsum(p[order])[:-1], number, "right")])
        return np.array(labels)

    return decode(x, r0, params, choose, last_chosen)


@wrong("sample", "sum over the sequences")
def sums_down(x, r0, params, tau, rng):
    u, last = rng.random(x.shape[:2]), r0.shape[1] - 1

    def choose(t, o_t):
        ends = np.add.accumulate(warm(o_t, tau))
        return np.minimum(np.sum(ends <= u[t][:, None], axis=1), last)

    return decode(x, r0, params, choose, last_chosen)


@wrong("sample", "temperature ignored")
def lukewarm(x, r0, params, tau, rng):
    return decode(x, r0, params, hit(rng.random(x.shape[:2]), 1.0), last_chosen)


@wrong("sample", "outputs multiplied by the temperature")
def upside_down(x, r0, params, tau, rng):
    return decode(x, r0, params, hit(rng.random(x.shape[:2]), 1 / tau), last_chosen)


@wrong("sample", "r0 fed at every step")
def draws_without_memory(x, r0, params, tau, rng):
    return decode(x, r0, params, hit(rng.random(x.shape[:2]), tau), lambda rows, o_t: r0)


@wrong("sample", "softmax fed back")
def draws_and_runs_free(x, r0, params, tau, rng):
    return decode(
        x, r0, params, hit(rng.random(x.shape[:2]), tau), lambda rows, o_t: warm(o_t, 1.0)
    )


@wrong("sample", "most likely class fed back")
def draws_but_feeds_the_best(x, r0, params, tau, rng):
    def feed(rows, o_t):
        return np.eye(o_t.shape[1])[o_t.argmax(1)]

    return decode(x, r0, params, hit(rng.random(x.shape[:2]), tau), feed)


@wrong("sample", "label of the first sequence fed to all")
def follows_the_first(x, r0, params, tau, rng):
    def feed(rows, o_t):
        return np.tile(np.eye(o_t.shape[1])[rows[-1][0]], (len(o_t), 1))

    return decode(x, r0, params, hit(rng.random(x.shape[:2]), tau), feed)


@wrong("sample", "class K where rounding leaves a gap")
def falls_off_the_end(x, r0, params, tau, rng):
    u = rng.random(x.shape[:2])

    def choose(t, o_t):
        ends = np.cumsum(warm(o_t, tau), axis=1)
        return np.count_nonzero(ends <= u[t][:, None], axis=1)

    def feed(rows, o_t):
        return np.eye(o_t.shape[1] + 1)[rows[-1]][:, :-1]

    return decode(x, r0, params, choose, feed)


@wrong("sample", "class 0 where rounding leaves a gap")
def falls_back_to_0(x, r0, params, tau, rng):
    u = rng.random(x.shape[:2])

    def choose(t, o_t):
        ends = np.cumsum(warm(o_t, tau), axis=1)
        return np.argmax(ends > u[t].reshape(-1, 1), axis=1)

    return decode(x, r0, params, choose, last_chosen)


@wrong("sample", "cumulative probability equal to u taken as enough")
def takes_equal(x, r0, params, tau, rng):
    u = rng.random(x.shape[:2])

    def choose(t, o_t):
        ends = np.cumsum(warm(o_t, tau), axis=1)[:, :-1]
        return np.array([np.searchsorted(e, v) for e, v in zip(ends, u[t], strict=True)])

    return decode(x, r0, params, choose, last_chosen)


@wrong("sample", "other random numbers")
def races(x, r0, params, tau, rng):
    def choose(t, o_t):
        times = -np.log(rng.random(o_t.shape)) / warm(o_t, tau)  # of arrival: the first one wins
        return np.argmin(times, axis=1)

    return decode(x, r0, params, choose, last_chosen)


@wrong("sample", "r0 overwritten")
def draws_into_r0(x, r0, params, tau, rng):
    choose = hit(rng.random(x.shape[:2]), tau)
    rows = []
    for t, x_t in enumerate(x):
        rows.append(choose(t, step(x_t, r0, params)))
        r0[:] = 0.0
        r0[range(len(r0)), rows[-1]] = 1.0
    return np.array(rows)


# ---------------------------------------------------------------- beam_search


def grow(x, r0, params, width, scores_of, order_of=lambda scores: np.argsort(-scores)):
    """Search with lists of labels, and a way to score the continuations of all hypotheses."""
    beam, K = [((), 0.0)], len(r0)
    for x_t in x:
        fed = [np.eye(K)[labels[-1]] if labels else r0 for labels, _ in beam]
        o_t = np.array([step(x_t[None], r[None], params)[0] for r in fed])
        scores = scores_of(np.array([score for _, score in beam]), o_t).ravel()
        beam = [((*beam[i // K][0], int(i % K)), scores[i]) for i in order_of(scores)[: int(width)]]
    return np.array([labels for labels, _ in beam]), np.array([score for _, score in beam])


def summed(log_p, o_t):
    """Add the new terms to the old scores."""
    return log_p[:, None] + log_softmax(o_t)


@wrong("beam_search", "one continuation kept of each hypothesis")
def each_goes_its_way(x, r0, params, width):
    K = len(r0)
    first = log_softmax(step(x[:1], r0[None], params))[0]
    found = []
    for k in np.argsort(-first)[:width]:
        labels, log_p = [k], first[k]
        for x_t in x[1:]:
            log_yhat = log_softmax(step(x_t[None], np.eye(K)[[labels[-1]]], params))[0]
            labels.append(np.argmax(log_yhat))
            log_p += log_yhat.max()
        found.append((log_p, labels))
    found.sort(key=lambda pair: -pair[0])
    return np.array([labels for _, labels in found]), np.array([log_p for log_p, _ in found])


@wrong("beam_search", "probabilities multiplied")
def grows_products(x, r0, params, width):
    K, p, y, r = len(r0), np.ones(1), np.zeros((1, 0), dtype=int), r0[None]
    for x_t in x:
        table = (p[:, None] * softmax(step(x_t, r, params))).ravel()
        best = np.argsort(table)[::-1][:width]
        y, p = np.hstack([y[best // K], best[:, None] % K]), table[best]
        r = np.eye(K)[best % K]
    return y, np.log(p)


@wrong("beam_search", "mean over the steps")
def per_step(x, r0, params, width):
    y, log_p = grow(x, r0, params, width, summed)
    return y, log_p / y.shape[1]


@wrong("beam_search", "probabilities returned")
def out_of_the_logarithm(x, r0, params, width):
    y, log_p = grow(x, r0, params, width, summed)
    return y, np.e**log_p


@wrong("beam_search", "sign of the logarithms")
def grows_costs(x, r0, params, width):
    return grow(
        x,
        r0,
        params,
        width,
        lambda cost, o_t: cost[:, None] - log_softmax(o_t),
        order_of=np.argsort,
    )


@wrong("beam_search", "only the last step scored")
def forgets_scores(x, r0, params, width):
    return grow(x, r0, params, width, lambda log_p, o_t: log_softmax(o_t))


@wrong("beam_search", "outputs added instead of log-probabilities")
def adds_outputs(x, r0, params, width):
    return grow(x, r0, params, width, lambda log_p, o_t: log_p[:, None] + o_t)


@wrong("beam_search", "softmax over all candidates")
def one_distribution(x, r0, params, width):
    def scores_of(log_p, o_t):
        return log_p[:, None] + o_t - np.logaddexp.reduce(o_t.ravel())

    return grow(x, r0, params, width, scores_of)


@wrong("beam_search", "best last")
def upwards(x, r0, params, width):
    y, log_p = grow(x, r0, params, width, summed)
    order = np.argsort(log_p)
    return y[order], log_p[order]


@wrong("beam_search", "least likely kept")
def keeps_the_worst(x, r0, params, width):
    return grow(x, r0, params, width, summed, order_of=np.argsort)


@wrong("beam_search", "labels not taken from the parent")
def rows_in_place(x, r0, params, width):
    K = len(r0)
    rows, log_p, r = [[]], np.zeros(1), r0[None]
    for x_t in x:
        scores = summed(log_p, step(x_t, r, params)).ravel()
        best = np.argsort(-scores)[:width]
        rows = [rows[i % len(rows)] + [k] for i, k in enumerate(best % K)]
        log_p, r = scores[best], np.eye(K)[best % K]
    return np.array(rows), log_p


@wrong("beam_search", "r0 fed at every step")
def beams_without_memory(x, r0, params, width):
    K = len(r0)
    beam = [((), 0.0)]
    for x_t in x:
        log_yhat = log_softmax(step(x_t[None], r0[None], params))[0]
        longer = [((*y, k), p + log_yhat[k]) for y, p in beam for k in range(K)]
        beam = sorted(longer, key=lambda pair: -pair[1])[:width]
    return np.array([y for y, _ in beam]), np.array([p for _, p in beam])


@wrong("beam_search", "label of the best hypothesis fed to all")
def follows_the_leader(x, r0, params, width):
    K, beam, r = len(r0), [((), 0.0)], r0
    for x_t in x:
        log_yhat = log_softmax(step(x_t[None], r[None], params))[0]
        longer = [((*y, k), p + log_yhat[k]) for y, p in beam for k in range(K)]
        beam = sorted(longer, key=lambda pair: -pair[1])[:width]
        r = np.eye(K)[beam[0][0][-1]]
    return np.array([y for y, _ in beam]), np.array([p for _, p in beam])


@wrong("beam_search", "zeros fed to the first step")
def beams_from_nothing(x, r0, params, width):
    return grow(x, 0 * r0, params, width, summed)


@wrong("beam_search", "row and column of a candidate exchanged")
def mixes_up_the_table(x, r0, params, width):
    K = len(r0)
    y, log_p, r = np.zeros((1, 0), dtype=int), np.zeros(1), r0[None]
    for x_t in x:
        scores = summed(log_p, step(x_t, r, params)).ravel()
        best = np.argsort(-scores)[:width]
        parent, label = (best % K) % len(y), best // K
        y = np.hstack([y[parent], label[:, None]])
        log_p, r = scores[best], one_hot(label, K)
    return y, log_p


@wrong("beam_search", "filled up to the width")
def rounds_up(x, r0, params, width):
    y, log_p = grow(x, r0, params, width, summed)
    rows, scores = np.zeros((width, len(x)), dtype=int), np.full(width, -np.inf)
    rows[: len(y)], scores[: len(y)] = y, log_p
    return rows, scores


@wrong("beam_search", "never more than K hypotheses")
def stays_narrow(x, r0, params, width):
    return grow(x, r0, params, width if width < len(r0) else len(r0), summed)


@wrong("beam_search", "wider beam than asked for")
def cheats(x, r0, params, width):
    y, log_p = grow(x, r0, params, max(100, 20 * width), summed)
    return y[:width], log_p[:width]


@wrong("beam_search", "one hypothesis for each last label")
def merges(x, r0, params, width):
    K, beam = len(r0), [((), 0.0)]
    for x_t in x:
        best = {}
        for y, p in beam:
            r = np.eye(K)[y[-1]] if y else r0
            log_yhat = log_softmax(step(x_t[None], r[None], params))[0]
            for k in range(K):
                if k not in best or p + log_yhat[k] > best[k][1]:
                    best[k] = ((*y, k), p + log_yhat[k])
        beam = sorted(best.values(), key=lambda pair: -pair[1])[:width]
    return np.array([y for y, _ in beam]), np.array([p for _, p in beam])


@wrong("beam_search", "only the best hypothesis returned")
def just_one(x, r0, params, width):
    y, log_p = grow(x, r0, params, width, summed)
    return y[0], log_p[0]


@wrong("beam_search", "time on the first axis")
def columns(x, r0, params, width):
    y, log_p = grow(x, r0, params, width, summed)
    return np.swapaxes(y, 0, 1), log_p


@wrong("beam_search", "parameters changed")
def renames_c(x, r0, params, width):
    y, log_p = grow(x, r0, params, width, summed)
    params.setdefault("cache", log_p)
    return y, log_p


# ---------------------------------------------------------------- viterbi


def tables(x, r0, params):
    """Return log p(k | j) of all steps, (T, K, K); all rows of the first are alike."""
    K = len(r0)
    first = np.repeat(log_softmax(step(x[:1], r0[None], params)), K, axis=0)
    return [first, *(log_softmax(step(x_t, np.eye(K), params)) for x_t in x[1:])]


def forward(terms):
    """Return m of all steps, and the classes before."""
    m, before = [terms[0][0]], [None]
    for table in terms[1:]:
        scores = m[-1].reshape(-1, 1) + table
        m.append(np.max(scores, axis=0))
        before.append(np.argmax(scores, axis=0))
    return m, before


def back(last, before):
    """Follow the classes before, from the last step to the first."""
    y = [int(last)]
    for table in before[:0:-1]:
        y.append(int(table[y[-1]]))
    return np.array(y[::-1])


def solve(terms):
    """Return the right answer."""
    m, before = forward(terms)
    return back(m[-1].argmax(), before), float(m[-1].max())


@wrong("viterbi", "greedy decoding")
def step_by_step(x, r0, params):
    y, total = [], 0.0
    for table in tables(x, r0, params):
        row = table[y[-1] if y else 0]
        y.append(np.argmax(row))
        total += row.max()
    return np.array(y), total


@wrong("viterbi", "beam search")
def a_few_lists(x, r0, params):
    y, log_p = grow(x, r0, params, len(r0), summed)
    return y[0], log_p[0]


@wrong("viterbi", "best class of each step")
def the_best_at_each(x, r0, params):
    m, _ = forward(tables(x, r0, params))
    return np.array([np.argmax(row) for row in m]), float(max(m[-1]))


@wrong("viterbi", "way back one step off")
def back_too_late(x, r0, params):
    m, before = forward(tables(x, r0, params))
    shifted = [None, np.zeros(len(r0), dtype=int), *before[1:-1]]
    return back(m[-1].argmax(), shifted[: len(before)]), float(m[-1].max())


@wrong("viterbi", "way back from the last class to each step")
def back_from_one(x, r0, params):
    m, before = forward(tables(x, r0, params))
    last = np.argmax(m[-1])
    return np.array([*(table[last] for table in before[1:]), last]), float(m[-1][last])


@wrong("viterbi", "sequence in reverse")
def end_first(x, r0, params):
    y, log_p = solve(tables(x, r0, params))
    return np.flip(y), log_p


@wrong("viterbi", "sum instead of maximum")
def adds_all_ways(x, r0, params):
    terms = tables(x, r0, params)
    m, y = terms[0][0], [np.argmax(terms[0][0])]
    for table in terms[1:]:
        scores = m[:, None] + table
        largest = scores.max(axis=0)
        m = largest + np.log(np.sum(np.exp(scores - largest), axis=0))
        y.append(np.argmax(m))
    return np.array(y), float(np.max(m))


@wrong("viterbi", "class before and class after exchanged")
def across(x, r0, params):
    terms = tables(x, r0, params)
    m, before = terms[0][0], [None]
    for table in terms[1:]:
        scores = (m[:, None] + table).T
        before.append(np.argmax(scores, axis=0))
        m = np.max(scores, axis=0)
    return back(m.argmax(), before), float(m.max())


@wrong("viterbi", "beginnings not added")
def without_the_past(x, r0, params):
    terms = tables(x, r0, params)
    before = [None, *(table.argmax(axis=0) for table in terms[1:])]
    last = terms[-1].max(axis=0) if len(terms) > 1 else terms[0][0]
    return back(last.argmax(), before), float(last.max())


@wrong("viterbi", "probabilities multiplied")
def products(x, r0, params):
    terms = [np.exp(table) for table in tables(x, r0, params)]
    p, before = terms[0][0], [None]
    for table in terms[1:]:
        scores = p[:, None] * table
        before.append(scores.argmax(axis=0))
        p = scores.max(axis=0)
    return back(p.argmax(), before), np.log(p.max())


@wrong("viterbi", "outputs added instead of log-probabilities")
def raw_outputs(x, r0, params):
    K = len(r0)
    first = np.repeat(step(x[:1], r0[None], params), K, axis=0)
    return solve([first, *(step(x_t, np.eye(K), params) for x_t in x[1:])])


@wrong("viterbi", "r0 left out")
def from_zeros(x, r0, params):
    return solve(tables(x, 0.0 * r0, params))


@wrong("viterbi", "one table of transitions for all steps")
def the_same_table(x, r0, params):
    first = tables(x, r0, params)[0]
    later = log_softmax(step(x[0], np.eye(len(r0)), params))
    return solve([first, *(later for _ in x[1:])])


@wrong("viterbi", "all sequences tried")
def tries_all(x, r0, params):
    (T, _), K = x.shape, len(r0)
    terms, number, best, best_y = tables(x, r0, params), 0, -np.inf, None
    while number < K**T:  # which range cannot count to
        y = [number // K**t % K for t in range(T)]
        log_p = sum(terms[t][y[t - 1], y[t]] for t in range(T))
        if log_p > best:
            best, best_y = log_p, np.array(y)
        number += 1
    return best_y, float(best)


@wrong("viterbi", "probability returned")
def no_logarithm(x, r0, params):
    y, log_p = solve(tables(x, r0, params))
    return y, np.e**log_p


@wrong("viterbi", "log_p of every class returned")
def gives_m(x, r0, params):
    m, before = forward(tables(x, r0, params))
    return back(m[-1].argmax(), before), m[-1]


@wrong("viterbi", "mean over the steps")
def divides_by_length(x, r0, params):
    y, log_p = solve(tables(x, r0, params))
    return y, log_p / len(y)


@wrong("viterbi", "parameters changed")
def keeps_notes(x, r0, params):
    y, log_p = solve(tables(x, r0, params))
    params["best"] = y
    return y, log_p
