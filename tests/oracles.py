"""Cases for the reference functions, and an oracle that is independent of them.

The oracle is a forward pass that also runs on complex arrays with axes of their own in front. So
all derivatives come out of one call, without any differentiation by hand: `complex_step`.
"""

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

settings.register_profile("numbers", deadline=None, derandomize=True, max_examples=50)


def for_all(**strategies):
    """Run a test on examples of the strategies, the same ones every time."""
    return lambda test: settings.get_profile("numbers")(given(**strategies)(test))


# --- cases ---------------------------------------------------------------------------------


@dataclass
class Case:
    """A network, a batch of sequences and its labels, drawn from a seed.

    Weights and inputs have distributions without tails: see `unit` for what saturation costs.
    `start` is what the first step is fed with: h0 where the feedback is "hidden", o0 or r0 where
    it is "output". `r0` is a distribution over classes. `o` stands for outputs, which reach some
    thousands where the weights are large.
    """

    T: int
    N: int
    D: int
    H: int
    K: int
    scale: float
    feedback: str
    seed: int

    def __post_init__(self):
        T, N, D, H, K = self.T, self.N, self.D, self.H, self.K
        fed = H if self.feedback == "hidden" else K
        rng = np.random.default_rng(self.seed)
        shapes = {"U": (H, D), "W": (H, fed), "V": (K, H), "b": (H,), "c": (K,)}
        self.params = {
            name: self.scale * rng.uniform(-1.5, 1.5, size=shape) / np.sqrt(shape[-1])
            for name, shape in shapes.items()
        }
        self.x = rng.uniform(-1.5, 1.5, size=(T, N, D))
        self.start = rng.uniform(-1.5, 1.5, size=(N, fed))
        self.r0 = rng.dirichlet(np.ones(K), size=N)
        self.y = rng.integers(K, size=(T, N))
        self.lengths = rng.integers(1, T + 1, size=N)
        self.mask = rng.integers(2, size=(T, N)).astype(np.float64)
        self.o = self.scale * (1 + 99 * self.unit) * rng.normal(size=(T, N, K))
        self.rng = rng

    @property
    def unit(self):
        """The size below which errors are absolute: 0, or 1 where weights are large.

        Large weights saturate the units and make predictions certain. Then 1 - h**2, yhat - 1 and
        log(1 + small) are right to 1e-16, yet may have no correct digit: the formulas of the book
        lose them, in PyTorch too. A whole gradient may consist of such numbers.
        """
        return 1.0 if self.scale > 1 else 0.0


def networks(feedback, T, scale, most=5):
    """Cases with N, D, H and K of all sizes from 1 up, N and D at most `most`."""
    sizes, classes = st.integers(1, most), st.sampled_from([2, 3, 5, 1])  # 1: all gradients are 0
    seeds = st.integers(0, 2**32 - 1)
    return st.builds(
        Case, T, sizes, sizes, st.integers(1, 5), classes, scale, st.just(feedback), seeds
    )


def cases(feedback="hidden"):
    """Cases with tiny to large weights, in sequences of up to 200 steps.

    Networks of so few units that are driven by their inputs are not chaotic, even if their weights
    are large: rounding stays below 1e-10 for 200 steps.
    """
    scale = st.sampled_from([1.0, 10.0, 0.1, 3.0, 1e-3])
    short = networks(feedback, st.integers(1, 9), scale)
    return short | networks(feedback, st.sampled_from([200, 30]), scale, most=2)


def outputs():
    """Arrays o (..., K) with any axes in front, from tiny to some thousands."""

    def build(shape, scale, seed):
        return scale * np.random.default_rng(seed).normal(size=shape)

    shapes = st.lists(st.sampled_from([2, 3, 5, 1]), min_size=1, max_size=4)
    scales = st.sampled_from([1.0, 1e3, 10.0, 1e-3])
    return st.builds(build, shapes, scales, st.integers(0, 2**32 - 1))


def spin(s, theta):
    """Return the next state of a system without inputs, for unroll."""
    return np.tanh(s @ theta.T)


def read(h, x_t, params):
    """Return the next state of a network, for unroll_inputs."""
    return np.tanh(params["b"] + h @ params["W"].T + x_t @ params["U"].T)


def reached(edges, start):
    """Return the nodes that a path of edges (tail, head, label) leads to, the start included."""
    found, size = {start}, 0
    while len(found) > size:
        size = len(found)
        found |= {head for tail, head, _ in edges if tail in found}
    return found


# --- agreement -----------------------------------------------------------------------------


def error(got, want, unit=0.0):
    """Return the norm-relative error ||got - want|| / (||got|| + ||want||) of two arrays.

    With a `unit`, the error of arrays smaller than that is relative to it. Arrays below 1e-250 are
    gradients that have vanished: their last digits, or all, are lost to underflow.
    """
    got, want = (np.ravel(a).astype(np.float64) for a in (got, want))
    largest = max(np.abs(got).max(initial=0.0), np.abs(want).max(initial=0.0))
    if largest < 1e-250:
        return 0.0
    # the squares of small numbers would underflow
    apart, *sizes = (np.linalg.norm(a / largest) for a in (got - want, got, want))
    return apart / (sum(sizes) + unit / largest)


def assert_agree(got, want, unit=0.0, bound=1e-10, name="result"):
    """Compare numbers, arrays, tuples and dicts of them, each array by itself."""
    if isinstance(want, dict):
        assert set(got) == set(want), name
        for key in want:
            assert_agree(got[key], want[key], unit, bound, f"{name}[{key!r}]")
    elif isinstance(want, tuple):
        assert len(got) == len(want), name
        for index, pair in enumerate(zip(got, want, strict=True)):
            assert_agree(*pair, unit, bound, f"{name}[{index}]")
    else:
        assert np.shape(got) == np.shape(want), name
        assert error(got, want, unit) <= bound, name


# --- the oracle ----------------------------------------------------------------------------


def softmax(o):
    """Return the softmax of o (..., K), which may be complex."""
    weights = np.exp(o - o.real.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def log_softmax(o):
    """Return the logarithm of the softmax of o (..., K), which may be complex."""
    shift = o.real.max(axis=-1, keepdims=True)
    return o - (shift + np.log(np.sum(np.exp(o - shift), axis=-1, keepdims=True)))


def one_hot(y, K):
    """Return (..., K): 1 where the class is the label, else 0."""
    return np.where(np.arange(K) == y[..., None], 1.0, 0.0)


def sequence_loss(o, y, mask=1.0):
    """Return the loss (...) of o (..., T, N, K): a sum over time, a mean over the batch."""
    log_p = np.sum(log_softmax(o) * one_hot(y, o.shape[-1]), axis=-1)
    return -np.sum(log_p * mask, axis=(-2, -1)) / y.shape[-1]


def run(x, start, params, feed):
    """Run a network: h (..., T, N, H) and o (..., T, N, K) from x (..., T, N, D).

    The step after t is fed with ``feed(t, h_t, o_t)``, the first one with start.
    """
    product = "...ij,...nj->...ni"
    h, o, fed = [], [], start
    for t in range(x.shape[-3]):
        a = np.einsum(product, params["W"], fed) + np.einsum(product, params["U"], x[..., t, :, :])
        h.append(np.tanh(a + params["b"][..., None, :]))
        o.append(np.einsum(product, params["V"], h[-1]) + params["c"][..., None, :])
        fed = feed(t, h[-1], o[-1])
    return np.stack(h, axis=-3), np.stack(o, axis=-3)


def complex_step(f, arrays):
    """Return the value of a scalar function of a dict of arrays, and its gradient, a dict.

    The imaginary part of f(x + ih) is h f'(x), without a difference that would cost digits. Every
    entry gets a step of its own: f is called once, on arrays with one more axis in front, and
    returns one value for each entry.
    """
    h = 1e-30
    ends = np.cumsum([array.size for array in arrays.values()])

    def split(rows):
        parts = np.split(rows, ends[:-1], axis=-1)
        pairs = zip(arrays.items(), parts, strict=True)
        return {
            name: part.reshape((*part.shape[:-1], *array.shape)) for (name, array), part in pairs
        }

    at = np.concatenate([array.ravel() for array in arrays.values()])
    values = f(split(at + 1j * h * np.eye(len(at))))
    return values[0].real, split(values.imag / h)
