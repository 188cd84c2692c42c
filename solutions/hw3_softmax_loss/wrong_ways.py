"""Classic mistakes of hw3_softmax_loss, as somebody else makes them."""

import numpy as np

from autograder.course.catalogue import wrong
from solutions.hw3_softmax_loss.solution import log_softmax, softmax


def label_log_probs(o, y):
    """Return log yhat at the labels, (T, N)."""
    t, n = np.ogrid[: o.shape[0], : o.shape[1]]
    return log_softmax(o)[t, n, y]


def codes(y, K):
    """Return the one-hot codes of the labels, (T, N, K)."""
    return (np.arange(K) == y[..., None]).astype(float)


def weights(y, mask):
    """Return the mask as floats, all ones where there is none."""
    return np.ones(y.shape) if mask is None else np.asarray(mask, dtype=float)


# softmax


@wrong("softmax", "no maximum subtracted")
def softmax_by_the_formula(o):
    top = np.exp(o)
    return top / np.einsum("...k->...", top)[..., None]


@wrong("softmax", "NaN replaced by 0")
def softmax_covered_up(o):
    e = np.exp(o)
    p = e / np.sum(e, axis=-1, keepdims=True)
    p[np.isnan(p)] = 0.0
    return p


@wrong("softmax", "outputs limited before the exponential")
def softmax_clipped(o):
    limited = np.clip(o, -500, 500)
    powers = np.exp(limited)
    return powers / powers.sum(-1, keepdims=True)


@wrong("softmax", "maximum of the whole array subtracted")
def softmax_one_shift_for_all(o):
    e = np.exp(o - np.max(o))
    return np.divide(e, e.sum(axis=-1)[..., np.newaxis])


@wrong("softmax", "maximum taken over the first axis")
def softmax_shift_axis_zero(o):
    largest = o.max(axis=0, keepdims=True)
    e = np.exp(o - largest)
    return e / e.sum(axis=-1, keepdims=True)


@wrong("softmax", "mean subtracted instead of the maximum")
def softmax_centred(o):
    def one(v):
        e = np.exp(v - v.mean())
        return e / e.sum()

    return np.apply_along_axis(one, -1, o)


@wrong("softmax", "minimum subtracted instead of the maximum")
def softmax_from_the_bottom(o):
    rows = o.reshape(-1, o.shape[-1])
    result = np.empty(rows.shape)
    for i, row in enumerate(rows):
        powers = np.exp(row - min(row))
        result[i] = powers / sum(powers)
    return result.reshape(o.shape)


@wrong("softmax", "largest absolute value subtracted")
def softmax_shift_by_size(o):
    size = np.abs(o).max(axis=-1, keepdims=True)
    e = np.exp(o - size)
    e /= e.sum(axis=-1, keepdims=True)
    return e


@wrong("softmax", "divided by the maximum instead of shifted")
def softmax_rescaled(o):
    scaled = o / np.amax(o, axis=-1, keepdims=True)
    e = np.exp(scaled)
    return e / np.sum(e, axis=-1, keepdims=True)


@wrong("softmax", "shift in the numerator only")
def softmax_half_shifted(o):
    s = np.max(o, axis=-1, keepdims=True)
    numerator = np.exp(o - s)
    denominator = np.sum(np.exp(o), axis=-1, keepdims=True)
    return numerator / denominator


@wrong("softmax", "shift in the denominator only")
def softmax_half_unshifted(o):
    def one(vector):
        largest = max(vector)
        return np.exp(vector) / sum(np.exp(entry - largest) for entry in vector)

    return np.apply_along_axis(one, -1, o)


@wrong("softmax", "divided by the sum over the whole array")
def softmax_one_total(o):
    e = np.exp(o - o.max(axis=-1, keepdims=True))
    return e / e.sum()


@wrong("softmax", "normalised over the first axis")
def softmax_down_the_columns(o):
    e = np.exp(o - o.max(axis=0))
    return e / e.sum(axis=0)


@wrong("softmax", "normalised over axis 1")
def softmax_second_axis(o):
    e = np.exp(o - np.max(o, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


@wrong("softmax", "normalised over axis 2")
def softmax_third_axis(o):
    e = np.exp(o - np.expand_dims(o.max(2), 2))
    return e / np.expand_dims(e.sum(2), 2)


@wrong("softmax", "reduced axis not kept")
def softmax_axis_lost(o):
    e = np.exp(o - o.max(axis=-1))
    return e / e.sum(axis=-1)


@wrong("softmax", "sigmoid of each output")
def softmax_squashed(o):
    return 1.0 / (1.0 + np.exp(-o))


@wrong("softmax", "exponential left out")
def softmax_shares(o):
    return np.einsum("...k,...->...k", o, 1 / np.einsum("...k->...", o))


@wrong("softmax", "log-probabilities instead of probabilities")
def softmax_in_logs(o):
    top = np.amax(o, axis=-1, keepdims=True)
    log_sum = np.logaddexp.reduce(o - top, axis=-1, keepdims=True)
    return o - top - log_sum


@wrong("softmax", "sign of the exponent")
def softmax_of_energies(o):
    z = -o
    z = z - z.max(axis=-1, keepdims=True)
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


@wrong("softmax", "not divided by the sum")
def softmax_unnormalised(o):
    shift = np.maximum.reduce(o, axis=-1, keepdims=True)
    return np.exp(o - shift)


@wrong("softmax", "o changed in place")
def softmax_writes_to_o(o):
    np.subtract(o, o.max(axis=-1, keepdims=True), out=o)
    e = np.exp(o)
    return e / e.sum(axis=-1, keepdims=True)


# log_softmax


@wrong("log_softmax", "logarithm of the softmax")
def log_softmax_two_functions(o):
    shifted = o - o.max(axis=-1, keepdims=True)
    e = np.exp(shifted)
    yhat = e / e.sum(axis=-1, keepdims=True)
    return np.log(yhat)


@wrong("log_softmax", "small number added inside the logarithm")
def log_softmax_epsilon(o):
    epsilon = 1e-12
    return np.log(softmax(o) + epsilon)


@wrong("log_softmax", "-inf replaced by a number")
def log_softmax_nan_to_num(o):
    with np.errstate(divide="ignore"):
        return np.nan_to_num(np.log(softmax(o)))


@wrong("log_softmax", "log-sum-exp without the maximum")
def log_softmax_plain_lse(o):
    lse = np.log(np.einsum("...k->...", np.exp(o)))
    return o - lse[..., None]


@wrong("log_softmax", "maximum not added back to the log-sum-exp")
def log_softmax_lse_of_shifted(o):
    def logsumexp(a):
        s = a.max(axis=-1, keepdims=True)
        return np.log(np.exp(a - s).sum(axis=-1, keepdims=True))

    return o - logsumexp(o)


@wrong("log_softmax", "maximum subtracted twice")
def log_softmax_mixed(o):
    s = o.max(axis=-1, keepdims=True)
    shifted = o - s
    lse = s + np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted - lse


@wrong("log_softmax", "maximum of the whole array subtracted")
def log_softmax_one_shift_for_all(o):
    z = o - o.max()
    return z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))


@wrong("log_softmax", "maximum taken over the first axis")
def log_softmax_shift_axis_zero(o):
    z = np.subtract(o, np.max(o, axis=0))
    totals = np.exp(z).sum(-1)
    return z - np.log(totals)[..., np.newaxis]


@wrong("log_softmax", "sum over the whole array")
def log_softmax_one_total(o):
    s = np.max(o)
    lse = s + np.log(np.sum(np.exp(o - s)))
    return o - lse


@wrong("log_softmax", "normalised over the first axis")
def log_softmax_down_the_columns(o):
    return o - np.logaddexp.reduce(o, axis=0)


@wrong("log_softmax", "normalised over axis 1")
def log_softmax_second_axis(o):
    return o - np.logaddexp.reduce(o, axis=1, keepdims=True)


@wrong("log_softmax", "normalised over axis 2")
def log_softmax_third_axis(o):
    z = o - np.max(o, axis=2, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=2, keepdims=True))


@wrong("log_softmax", "reduced axis not kept")
def log_softmax_axis_lost(o):
    z = o - o.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1))


@wrong("log_softmax", "logarithm of a sum taken as the sum of the logarithms")
def log_softmax_log_cancels_exp(o):
    def one(v):
        return np.array([o_k - sum(v) for o_k in v])

    def walk(a):
        return one(a) if a.ndim == 1 else np.stack([walk(part) for part in a])

    return walk(o)


@wrong("log_softmax", "logarithm of the sum left out")
def log_softmax_minus_the_sum(o):
    z = np.moveaxis(o, -1, 0)
    z = z - z.max(axis=0)
    total = sum(np.exp(outputs) for outputs in z)
    return np.moveaxis(z - total, 0, -1)


@wrong("log_softmax", "normalising term forgotten")
def log_softmax_shift_only(o):
    result = np.empty(o.shape)
    for place in np.ndindex(o.shape[:-1]):
        result[place] = o[place] - max(o[place])
    return result


@wrong("log_softmax", "logarithm to another base")
def log_softmax_decimal(o):
    z = o - o.max(axis=-1, keepdims=True)
    total = np.exp(z).sum(axis=-1, keepdims=True)
    return z * np.log10(np.e) - np.log10(total)


@wrong("log_softmax", "probabilities instead of their logarithms")
def log_softmax_without_log(o):
    s = o.max(axis=-1, keepdims=True)
    lse = s + np.log(np.exp(o - s).sum(axis=-1, keepdims=True))
    return np.exp(o - lse)


@wrong("log_softmax", "softmax applied twice")
def log_softmax_of_probabilities(o):
    p = softmax(o)
    s = p.max(axis=-1, keepdims=True)
    return p - s - np.log(np.exp(p - s).sum(axis=-1, keepdims=True))


@wrong("log_softmax", "wrong sign")
def log_softmax_as_cost(o):
    s = o.max(axis=-1, keepdims=True)
    return np.log(np.exp(o - s).sum(axis=-1, keepdims=True)) + s - o


@wrong("log_softmax", "o changed in place")
def log_softmax_writes_to_o(o):
    o -= o.max(axis=-1, keepdims=True)
    return o - np.log(np.exp(o).sum(axis=-1, keepdims=True))


# sequence_loss


@wrong("sequence_loss", "number of classes taken from the labels")
def loss_with_too_few_codes(o, y, mask=None):
    chosen = np.einsum("tnk,tnk->tn", log_softmax(o), codes(y, y.max() + 1))
    return -np.sum(chosen * weights(y, mask)) / o.shape[1]


@wrong("sequence_loss", "mean over time instead of a sum")
def loss_mean_of_everything(o, y, mask=None):
    costs = -label_log_probs(o, y)
    if mask is not None:
        costs = costs * mask
    return float(costs.mean())


@wrong("sequence_loss", "sum over the batch instead of a mean")
def loss_total(o, y, mask=None):
    L = 0.0
    m = weights(y, mask)
    logs = log_softmax(o)
    for t, n in np.ndindex(y.shape):
        L -= m[t, n] * logs[t, n, y[t, n]]
    return float(L)


@wrong("sequence_loss", "divided by T instead of N")
def loss_divided_by_len(o, y, mask=None):
    batch = len(o)
    total = np.einsum("tnk,tnk,tn->", log_softmax(o), codes(y, o.shape[-1]), weights(y, mask))
    return float(-total / batch)


@wrong("sequence_loss", "each sequence divided by its own length")
def loss_per_step(o, y, mask=None):
    m = weights(y, mask)
    costs = -(label_log_probs(o, y) * m).sum(axis=0)
    lengths = np.maximum(m.sum(axis=0), 1.0)
    return float(np.mean(costs / lengths))


@wrong("sequence_loss", "divided by the number of real steps where there is a mask")
def loss_per_real_step(o, y, mask=None):
    costs = -label_log_probs(o, y)
    if mask is None:
        return float(costs.sum() / costs.shape[1])
    real = mask.astype(bool)
    return float(costs[real].sum() / max(real.sum(), 1))


@wrong("sequence_loss", "sequences without a real step left out of the mean")
def loss_of_sequences_that_exist(o, y, mask=None):
    m = weights(y, mask)
    per_sequence = [
        -(m[:, n] @ label_log_probs(o, y)[:, n]) for n in range(y.shape[1]) if m[:, n].any()
    ]
    return float(np.mean(per_sequence)) if per_sequence else 0.0


@wrong("sequence_loss", "mask ignored")
def loss_of_all_steps(o, y, mask=None):
    picked = np.take_along_axis(log_softmax(o), y[..., None], axis=-1).squeeze(-1)
    return float(-picked.sum(axis=0).mean())


@wrong("sequence_loss", "mask inverted")
def loss_of_padding(o, y, mask=None):
    costs = -label_log_probs(o, y)
    if mask is not None:
        costs[mask == 1] = 0.0
    return float(costs.sum() / o.shape[1])


@wrong("sequence_loss", "mask applied to the outputs")
def loss_zeroed_outputs(o, y, mask=None):
    if mask is not None:
        o = np.where(mask[:, :, None] == 0, 0.0, o)
    return float(-label_log_probs(o, y).sum() / y.shape[1])


@wrong("sequence_loss", "mask inside the logarithm")
def loss_masked_probabilities(o, y, mask=None):
    p = np.take_along_axis(softmax(o), y[:, :, None], axis=2)[:, :, 0]
    if mask is not None:
        p = p * mask
    return float(np.sum(-np.log(p)) / p.shape[1])


@wrong("sequence_loss", "class axis kept when the mask is applied")
def loss_spare_axis(o, y, mask=None):
    costs = -np.take_along_axis(log_softmax(o), np.expand_dims(y, -1), axis=-1)
    if mask is not None:
        costs = costs * mask
    return float(costs.sum() / o.shape[1])


@wrong("sequence_loss", "shapes (T, N) and (T, N, 1) subtracted")
def loss_lse_keeps_axis(o, y, mask=None):
    T, N, _ = o.shape
    at_label = o[np.arange(T)[:, None], np.arange(N), y]
    s = o.max(axis=-1, keepdims=True)
    lse = s + np.log(np.exp(o - s).sum(axis=-1, keepdims=True))
    costs = lse - at_label
    return float(np.sum(costs if mask is None else costs * mask) / N)


@wrong("sequence_loss", "wrong sign")
def loss_as_log_likelihood(o, y, mask=None):
    log_likelihoods = (label_log_probs(o, y) * weights(y, mask)).sum(axis=0)
    return float(log_likelihoods.mean())


@wrong("sequence_loss", "logarithm of the softmax")
def loss_log_of_softmax(o, y, mask=None):
    T, N = y.shape
    yhat = softmax(o).reshape(T * N, -1)[np.arange(T * N), y.ravel()]
    costs = -np.log(yhat).reshape(T, N)
    if mask is not None:
        costs *= mask
    return float(costs.sum() / N)


@wrong("sequence_loss", "small number added inside the logarithm")
def loss_epsilon(o, y, mask=None):
    yhat = (softmax(o) * codes(y, o.shape[2])).sum(axis=2)
    costs = -np.log(yhat + 1e-12) * weights(y, mask)
    return float(costs.sum(axis=0).mean())


@wrong("sequence_loss", "log-probabilities limited")
def loss_limited(o, y, mask=None):
    logs = np.clip(label_log_probs(o, y), -100.0, None)
    return float(-np.vdot(weights(y, mask), logs) / y.shape[1])


@wrong("sequence_loss", "softmax applied twice")
def loss_of_softmaxed_outputs(o, y, mask=None):
    yhat = softmax(o)
    costs = -label_log_probs(yhat, y)
    return float(np.sum(costs * weights(y, mask)) / yhat.shape[1])


@wrong("sequence_loss", "softmax missing")
def loss_of_raw_outputs(o, y, mask=None):
    m = weights(y, mask)
    T, N = y.shape
    return float(-sum(m[t, n] * o[t, n, y[t, n]] for t in range(T) for n in range(N)) / N)


@wrong("sequence_loss", "logarithm missing")
def loss_of_probabilities(o, y, mask=None):
    hits = np.einsum("tnk,tnk->tn", softmax(o), codes(y, o.shape[-1]))
    return float(-np.mean(np.sum(hits * weights(y, mask), axis=0)))


@wrong("sequence_loss", "all classes summed")
def loss_every_class(o, y, mask=None):
    costs = -log_softmax(o).sum(axis=-1)
    if mask is not None:
        costs = np.where(mask, costs, 0.0)
    return float(costs.sum() / o.shape[1])


@wrong("sequence_loss", "labels used as numbers")
def loss_times_label(o, y, mask=None):
    cross_entropy = -np.sum(y[:, :, np.newaxis] * log_softmax(o), axis=-1)
    return float(np.sum(weights(y, mask) * cross_entropy) / y.shape[1])


@wrong("sequence_loss", "labels of all steps and sequences at every step")
def loss_last_axis_indexed(o, y, mask=None):
    costs = -log_softmax(o)[:, :, y]
    if mask is not None:
        costs = costs * mask
    return float(costs.sum() / o.shape[1])


@wrong("sequence_loss", "labels counted from 1")
def loss_label_before(o, y, mask=None):
    return float(-(label_log_probs(o, y - 1) * weights(y, mask)).sum(0).mean())


@wrong("sequence_loss", "labels shifted by a step")
def loss_of_the_next_label(o, y, mask=None):
    loss, real = 0.0, weights(y, mask)
    for t in range(len(y) - 1):
        for n, label in enumerate(y[t + 1]):
            loss -= real[t + 1, n] * log_softmax(o[t, n])[label]
    return loss / y.shape[1]


@wrong("sequence_loss", "most likely class in place of the label")
def loss_of_best_guess(o, y, mask=None):
    guess = o.argmax(axis=-1)
    L = 0.0
    for logs, m in zip(label_log_probs(o, guess), weights(y, mask), strict=True):
        L -= np.dot(logs, m)
    return float(L / y.shape[1])


@wrong("sequence_loss", "both terms of the binary cross-entropy")
def loss_binary(o, y, mask=None):
    q = codes(y, o.shape[-1]) == 1
    costs = -np.where(q, log_softmax(o), np.log(1 - np.where(q, 0.0, softmax(o))))
    real = weights(y, mask) == 1
    return float(costs[real].sum() / y.shape[1])


@wrong("sequence_loss", "squared error instead of the cross-entropy")
def loss_of_distances(o, y, mask=None):
    errors = np.linalg.norm(softmax(o) - codes(y, o.shape[-1]), axis=-1)
    return float(np.vdot(weights(y, mask), errors**2)) / len(y[0])


@wrong("sequence_loss", "last step only")
def loss_at_the_end(o, y, mask=None):
    final = log_softmax(o[-1])
    costs = np.array([-final[n, label] for n, label in enumerate(y[-1])])
    if mask is not None:
        costs = costs * mask[-1]
    return float(costs.mean())


@wrong("sequence_loss", "one loss for each sequence")
def loss_vector(o, y, mask=None):
    return -np.sum(label_log_probs(o, y) * weights(y, mask), axis=0)


@wrong("sequence_loss", "one loss for each step")
def loss_by_step(o, y, mask=None):
    steps = zip(label_log_probs(o, y), weights(y, mask), strict=True)
    return np.array([-np.mean(log_p * real) for log_p, real in steps])


@wrong("sequence_loss", "o changed in place")
def loss_writes_to_o(o, y, mask=None):
    o -= np.logaddexp.reduce(o, axis=-1, keepdims=True)
    picked = np.take_along_axis(o, y[..., None], axis=-1)[..., 0]
    return float(-np.sum(picked * weights(y, mask)) / o.shape[1])


# sequence_loss_gradient


@wrong("sequence_loss_gradient", "1/N missing")
def gradient_not_averaged(o, y, mask=None):
    do = softmax(o) - codes(y, o.shape[-1])
    return do if mask is None else do * mask[..., None]


@wrong("sequence_loss_gradient", "divided by T and N")
def gradient_of_mean(o, y, mask=None):
    do = softmax(o) - np.eye(o.shape[-1])[y]
    do *= weights(y, mask)[:, :, None]
    do /= y.size
    return do


@wrong("sequence_loss_gradient", "each sequence divided by its own length")
def gradient_of_losses_per_step(o, y, mask=None):
    real, (T, N, K) = weights(y, mask), o.shape
    do = np.zeros((T, N, K))
    for n in range(N):
        length = max(real[:, n].sum(), 1)
        for t in range(T):
            do[t, n] = (softmax(o[t, n]) - np.eye(K)[y[t, n]]) * real[t, n] / (length * N)
    return do


@wrong("sequence_loss_gradient", "divided by T instead of N")
def gradient_divided_by_len(o, y, mask=None):
    N = len(y)
    do = softmax(o)
    t, n = np.indices(y.shape)
    do[t, n, y] -= 1
    return np.einsum("tnk,tn->tnk", do, weights(y, mask)) / N


@wrong("sequence_loss_gradient", "divided by the number of real steps where there is a mask")
def gradient_per_real_step(o, y, mask=None):
    do = softmax(o) - codes(y, o.shape[-1])
    if mask is None:
        return do / y.shape[1]
    return do * mask[:, :, None] / max(mask.sum(), 1)


@wrong("sequence_loss_gradient", "sequences without a real step left out of the mean")
def gradient_of_sequences_that_exist(o, y, mask=None):
    m = weights(y, mask)
    N = sum(1 for column in m.T if column.any())
    do = m[..., None] * (softmax(o) - codes(y, o.shape[-1]))
    return do / N if N else do


@wrong("sequence_loss_gradient", "wrong sign")
def gradient_happened_minus_predicted(o, y, mask=None):
    error = codes(y, o.shape[-1]) - softmax(o)
    return error * weights(y, mask)[..., None] / y.shape[1]


@wrong("sequence_loss_gradient", "one-hot missing")
def gradient_of_log_sum_exp(o, y, mask=None):
    factor = weights(y, mask) / y.shape[1]
    return np.stack([f[:, None] * softmax(o_t) for f, o_t in zip(factor, o, strict=True)])


@wrong("sequence_loss_gradient", "one-hot added instead of subtracted")
def gradient_predicted_plus_happened(o, y, mask=None):
    _, N, K = o.shape
    return np.einsum("tnk,tn->tnk", softmax(o) + codes(y, K), weights(y, mask) / N)


@wrong("sequence_loss_gradient", "1 subtracted for every class")
def gradient_minus_one_everywhere(o, y, mask=None):
    do = np.zeros(o.shape)
    m = weights(y, mask)
    for t, n in np.ndindex(y.shape):
        do[t, n] = m[t, n] * (softmax(o[t, n]) - 1.0) / y.shape[1]
    return do


@wrong("sequence_loss_gradient", "labels subtracted as numbers")
def gradient_minus_label(o, y, mask=None):
    do = (softmax(o) - y[..., None]) / y.shape[1]
    if mask is not None:
        do = np.where(mask[..., None] == 1, do, 0.0)
    return do


@wrong("sequence_loss_gradient", "labels of all steps and sequences at every step")
def gradient_last_axis_indexed(o, y, mask=None):
    do = softmax(o)
    do[:, :, y] -= 1.0
    do /= o.shape[1]
    return do if mask is None else do * mask[:, :, None]


@wrong("sequence_loss_gradient", "labels counted from 1")
def gradient_label_before(o, y, mask=None):
    do = softmax(o)
    for t, n in np.ndindex(y.shape):
        do[t, n, y[t, n] - 1] -= 1.0
    return do * weights(y, mask)[:, :, None] / y.shape[1]


@wrong("sequence_loss_gradient", "right class only")
def gradient_at_labels(o, y, mask=None):
    T, N = y.shape
    t, n = np.arange(T)[:, None], np.arange(N)[None, :]
    do = np.zeros(o.shape)
    do[t, n, y] = (softmax(o)[t, n, y] - 1.0) * weights(y, mask) / N
    return do


@wrong("sequence_loss_gradient", "gradient with respect to the probabilities")
def gradient_on_yhat(o, y, mask=None):
    m = weights(y, mask)
    yhat = softmax(o)
    dyhat = np.zeros(o.shape)
    for t, n in zip(*np.nonzero(m), strict=True):
        dyhat[t, n, y[t, n]] = -1.0 / yhat[t, n, y[t, n]] / y.shape[1]
    return dyhat


@wrong("sequence_loss_gradient", "derivative of the softmax applied twice")
def gradient_chain_rule_again(o, y, mask=None):
    yhat = softmax(o)
    error = (yhat - codes(y, o.shape[-1])) / y.shape[1]
    do = error * yhat * (1 - yhat)
    return do * weights(y, mask)[..., None]


@wrong("sequence_loss_gradient", "outputs in place of probabilities")
def gradient_from_outputs(o, y, mask=None):
    do = np.array(o, dtype=float)
    t, n = np.ogrid[: y.shape[0], : y.shape[1]]
    do[t, n, y] -= 1.0
    return do * (weights(y, mask) / y.shape[1])[:, :, None]


@wrong("sequence_loss_gradient", "log-probabilities in place of probabilities")
def gradient_from_logs(o, y, mask=None):
    N, K = o.shape[1:]
    error = log_softmax(o) - np.eye(K)[y]
    return np.einsum("tn,tnk->tnk", weights(y, mask), error) / N


@wrong("sequence_loss_gradient", "softmax applied twice")
def gradient_softmax_of_softmax(o, y, mask=None):
    yhat = softmax(o)
    q = codes(y, o.shape[-1])
    return (softmax(yhat) - q) * weights(y, mask)[..., None] / y.shape[1]


@wrong("sequence_loss_gradient", "last step only")
def gradient_at_the_end(o, y, mask=None):
    do = np.zeros_like(o, dtype=float)
    last = softmax(o[-1]) - np.eye(o.shape[-1])[y[-1]]
    do[-1] = last * weights(y, mask)[-1][:, None] / o.shape[1]
    return do


@wrong("sequence_loss_gradient", "mask ignored")
def gradient_of_all_steps(o, y, mask=None):
    flat = softmax(o).reshape(-1, o.shape[-1])
    flat[range(y.size), y.flatten()] -= 1
    return flat.reshape(o.shape) / o.shape[1]


@wrong("sequence_loss_gradient", "mask on the probabilities only")
def gradient_mask_too_early(o, y, mask=None):
    do = softmax(o)
    if mask is not None:
        do *= mask[..., None]
    t, n = np.indices(y.shape)
    do[t, n, y] -= 1
    return do / y.shape[1]


@wrong("sequence_loss_gradient", "mask on the one-hot code only")
def gradient_masked_labels(o, y, mask=None):
    happened = np.eye(o.shape[-1])[y]
    if mask is not None:
        happened[mask == 0] = 0.0
    return (softmax(o) - happened) / o.shape[1]


@wrong("sequence_loss_gradient", "mask applied to the outputs")
def gradient_zeroed_outputs(o, y, mask=None):
    if mask is not None:
        o = np.einsum("tnk,tn->tnk", o, mask)
    return (softmax(o) - codes(y, o.shape[-1])) / y.shape[1]


@wrong("sequence_loss_gradient", "mask inverted")
def gradient_of_padding(o, y, mask=None):
    do = (softmax(o) - codes(y, o.shape[-1])) / y.shape[1]
    return do if mask is None else do * (1 - mask)[:, :, None]


@wrong("sequence_loss_gradient", "mask without an axis for the classes")
def gradient_mask_misaligned(o, y, mask=None):
    do = softmax(o) - codes(y, o.shape[-1])
    if mask is not None:
        do = do * mask
    return do / y.shape[1]


@wrong("sequence_loss_gradient", "no maximum subtracted")
def gradient_plain_softmax(o, y, mask=None):
    e = np.exp(o)
    yhat = e / e.sum(axis=-1, keepdims=True)
    do = (yhat - codes(y, o.shape[-1])) / y.shape[1]
    return do if mask is None else np.where(mask[..., None] == 0, 0.0, do)


@wrong("sequence_loss_gradient", "o changed in place")
def gradient_writes_to_o(o, y, mask=None):
    o -= o.max(axis=-1, keepdims=True)
    np.exp(o, out=o)
    o /= o.sum(axis=-1, keepdims=True)
    t, n = np.indices(y.shape)
    o[t, n, y] -= 1.0
    return o * weights(y, mask)[..., None] / y.shape[1]


# Some of the steps only, and exponentials as they are.


def costs(o, y, mask):
    """Return what each real step costs, (T, N)."""
    return np.where(weights(y, mask) > 0, -label_log_probs(o, y), 0.0)


@wrong("sequence_loss", "first step only")
def loss_returned_at_once(o, y, mask=None):
    total = 0.0
    for cost in costs(o, y, mask):
        total += cost.mean()
        break
    return float(total)


@wrong("sequence_loss", "first step left out")
def loss_from_the_second(o, y, mask=None):
    return float(sum(costs(o, y, mask).mean(axis=1).tolist()[1:]))


@wrong("sequence_loss", "last step left out")
def loss_but_the_last(o, y, mask=None):
    cost = costs(o, y, mask)
    return float(sum(cost[t].mean() for t in range(len(o) - 1)))


@wrong("sequence_loss", "exponentials without a shift")
def loss_of_plain_quotients(o, y, mask=None):
    e = np.exp(o)
    p = e / np.einsum("tnk->tn", e)[..., None]
    t, n = np.indices(y.shape)
    return float(np.sum(-np.log(p[t, n, y]) * weights(y, mask)) / y.shape[1])


@wrong("sequence_loss_gradient", "first step only")
def gradient_returned_at_once(o, y, mask=None):
    do = np.zeros(o.shape)
    for t in range(len(o)):
        do[t] = (softmax(o[t]) - codes(y[t], o.shape[-1])) / y.shape[1]
        break
    return do * weights(y, mask)[..., None]
