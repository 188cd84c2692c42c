"""Cases for the reference functions, and an oracle that is independent of them.

The oracle is a forward pass that also runs on complex arrays with axes of their own in front. So
all derivatives come out of one call, without any differentiation by hand: `complex_step`.
"""

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.graphs import edges_of

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


few_steps = st.integers(1, 12)


def brief(feedback="hidden"):
    """Cases of moderate weights and few steps."""
    return networks(feedback, st.integers(1, 9), st.sampled_from([1.0, 0.1]))


def cuttable(feedback="hidden"):
    """Cases of at least two steps."""
    return cases(feedback).filter(lambda case: case.T > 1)


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


# --- parts and orders of cases -------------------------------------------------------------


def cut(case):
    """Return a step, not the first, at which to cut the sequences in two."""
    return case.rng.integers(1, case.T)


def joined(first, second):
    """Join the results of two parts of the sequences, array by array along time."""
    return tuple(np.concatenate(pair) for pair in zip(first, second, strict=True))


def reordered(arrays, order, feedback="hidden"):
    """Return parameters, or their gradients, with the hidden units in another order."""
    U, W, V, b = (arrays[name] for name in "UWVb")
    W = W[order][:, order] if feedback == "hidden" else W[order]
    return {**arrays, "U": U[order], "W": W, "V": V[:, order], "b": b[order]}


def mean_over_batch(gradient, case):
    """Call a gradient on each sequence by itself; return what the whole batch should give."""
    losses, grads = zip(*(gradient(slice(n, n + 1)) for n in range(case.N)), strict=True)
    mean = {name: np.mean([g[name] for g in grads], axis=0) for name in case.params}
    for name, axis in {"x": 1, "h0": 0}.items():  # which every sequence has to itself
        if name in grads[0]:
            mean[name] = np.concatenate([g[name] for g in grads], axis) / case.N
    return np.mean(losses), mean


def added(*results):
    """Add results up: pairs of a loss and the gradients of the parameters."""
    losses, grads = zip(*results, strict=True)
    return sum(losses), {name: sum(g[name] for g in grads) for name in "UWVbc"}


def of_params(result):
    """Leave the gradients of inputs and initial states out of a result."""
    loss, grads = result
    return loss, {name: grads[name] for name in "UWVbc"}


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


# --- graphs -------------------------------------------------------------------------------


def reached(edges, start):
    """Return the nodes that a path of edges (tail, head, label) leads to, the start included."""
    found, size = {start}, 0
    while len(found) > size:
        size = len(found)
        found |= {head for tail, head, _ in edges if tail in found}
    return found


def edges(graph):
    return edges_of(graph.source).edges


def without(edges, node):
    return [edge for edge in edges if node not in edge[:2]]


def has_cycle(edges):
    return any(tail in reached(edges, head) for tail, head, _ in edges)


def node_names(edges):
    return {node for tail, head, _ in edges for node in (tail, head)}


def joined_by_paths(edges):
    """Return all pairs (from, to) of different nodes that a path of edges joins."""
    tails = {tail for tail, _, _ in edges}
    return {(tail, head) for tail in tails for head in reached(edges, tail) - {tail}}


def dependent(torch, nodes):
    """Return all pairs (from, to) of named tensors where the gradient of one at the other is not 0.

    Tensors without a gradient of their own only lead to others.
    """
    pairs = set()
    for head, value in nodes.items():
        if value.grad_fn is not None:
            grads = torch.autograd.grad(
                value.sum(), list(nodes.values()), retain_graph=True, materialize_grads=True
            )
            tails = zip(nodes, grads, strict=True)
            pairs |= {(tail, head) for tail, grad in tails if tail != head and grad.any()}
    return pairs


# --- PyTorch: networks and gradients -------------------------------------------------------


def leaves(torch, arrays):
    """Return tensors whose gradients can be asked for."""
    return {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}


def constants(torch, arrays):
    return {name: torch.tensor(array) for name, array in arrays.items()}


def value_and_gradient(torch, loss, tensors):
    grads = torch.autograd.grad(loss, list(tensors.values()), materialize_grads=True)
    return loss.item(), dict(zip(tensors, (grad.numpy() for grad in grads), strict=True))


def recurrent_layer(torch, x, h0, params):
    """Run nn.RNN, or a packed sequence through it; return its two results."""
    U, W, b = params["U"], params["W"], params["b"]
    layer = torch.nn.RNN(U.shape[1], U.shape[0], dtype=torch.float64)
    weights = {"weight_ih_l0": U, "weight_hh_l0": W, "bias_ih_l0": b}
    weights["bias_hh_l0"] = torch.zeros_like(b)
    return torch.func.functional_call(layer, weights, (x, h0[None]))


def read_out(torch, h, params):
    return torch.nn.functional.linear(h, params["V"], params["c"])


def step(torch, x_t, fed, params):
    """Return h_t and o_t of one step."""
    linear = torch.nn.functional.linear
    h_t = torch.tanh(linear(x_t, params["U"]) + linear(fed, params["W"], params["b"]))
    return h_t, read_out(torch, h_t, params)


def loop(torch, case, feed, tensors=None):
    """Run a network step by step; step t + 1 is fed with ``feed(t, o_t)``."""
    params = tensors or constants(torch, case.params)
    h, o, fed = [], [], torch.tensor(case.start)
    for t, x_t in enumerate(torch.tensor(case.x)):
        h_t, o_t = step(torch, x_t, fed, params)
        h.append(h_t)
        o.append(o_t)
        fed = feed(t, o_t)
    return torch.stack(h), torch.stack(o)


def cross_entropy(torch, o, y):
    """Return the loss, summed over time and averaged over the batch."""
    summed = torch.nn.functional.cross_entropy(o.flatten(0, -2), y.flatten(), reduction="sum")
    return summed / o.shape[-2]


def numbers(*tensors):
    return tuple(tensor.detach().numpy() for tensor in tensors)
