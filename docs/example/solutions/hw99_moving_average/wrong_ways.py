"""Classic mistakes of hw99_moving_average, as somebody else makes them."""

import numpy as np

from autograder.course.catalogue import wrong


@wrong("moving_average", "alpha and 1 - alpha swapped")
def follows_the_input(x, h0, alpha):
    h, out = h0, []
    for x_t in x:
        h = h + alpha * (x_t - h)
        out.append(h)
    return np.array(out)


@wrong("moving_average", "started from zeros instead of h0")
def begins_with_nothing(x, h0, alpha):
    h = np.zeros(x.shape)
    for t in range(len(x)):
        h[t] = (1 - alpha) * x[t] + (alpha * h[t - 1] if t > 0 else 0)
    return h


@wrong("moving_average", "h0 used again at every step")
def forgets_what_it_read(x, h0, alpha):
    return np.stack([alpha * h0 + x_t - alpha * x_t for x_t in x])


@wrong("moving_average", "h0 overwritten")
def works_in_place(x, h0, alpha):
    out = np.empty_like(x)
    for t, x_t in enumerate(x):
        h0 *= alpha
        h0 += (1 - alpha) * x_t
        out[t] = h0
    return out
