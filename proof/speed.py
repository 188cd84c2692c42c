"""Time the reference: BPTT against PyTorch's, and all steps at once against one by one.

Run it as ``python -m proof.speed``; it needs PyTorch. It prints what it measures, and draws
``docs/speed.svg``. Before anything is timed, both sides must give the same numbers.

Each comparison is made in one run, by turns: a call of one side, a call of the other, in changing
order. So whatever else the machine does disturbs both. Every library has one thread, and what is
counted is the processor time of this process, which other programs disturb little.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read once, when numpy is loaded

import platform
from itertools import product
from pathlib import Path
from time import perf_counter, process_time

import matplotlib as mpl
import numpy as np
import torch
from matplotlib.figure import Figure

from solutions.hw4_bptt.solution import bptt
from solutions.hw5_teacher_forcing.solution import one_hot, teacher_forced

PICTURE = Path(__file__).parents[1] / "docs" / "speed.svg"
D, K = 8, 10  # inputs and classes: those of a digit, read row by row
STEPS, BATCHES, UNITS = (10, 100, 1000), (1, 16, 64), (8, 64, 256)
NAMES = ("U", "W", "V", "b", "c", "x", "h0")


# --- two ways to do the same ---------------------------------------------------------------


def random_params(rng, H, feedback):
    """Draw weights that keep the size of what goes in; W is (H, feedback)."""
    return {
        "U": rng.normal(size=(H, D)) / np.sqrt(D),
        "W": rng.normal(size=(H, feedback)) / np.sqrt(feedback),
        "V": rng.normal(size=(K, H)) / np.sqrt(H),
        "b": 0.1 * rng.normal(size=H),
        "c": 0.1 * rng.normal(size=K),
    }


def bptt_task(T, N, H):
    """Draw the arguments of `bptt`."""
    rng = np.random.default_rng(0)
    x, h0, y = rng.normal(size=(T, N, D)), rng.normal(size=(N, H)), rng.integers(K, size=(T, N))
    return x, h0, y, random_params(rng, H, H)


def torch_bptt(x, h0, y, params):
    """Set PyTorch up for the same loss and the same seven gradients.

    Returns
    -------
    callable
        Takes nothing and returns the loss and the gradients in the order of `NAMES`. Whatever can
        be prepared beforehand is not part of the call.
    """
    N, H = h0.shape
    rnn = torch.nn.RNN(D, H, dtype=torch.float64)  # tanh
    readout = torch.nn.Linear(H, K, dtype=torch.float64)
    arrays = {
        rnn.weight_ih_l0: params["U"],
        rnn.weight_hh_l0: params["W"],
        readout.weight: params["V"],
        rnn.bias_ih_l0: params["b"],
        readout.bias: params["c"],
    }
    with torch.no_grad():
        for tensor, array in arrays.items():
            tensor.copy_(torch.from_numpy(array))
        rnn.bias_hh_l0.zero_()  # a second bias, which the book does not have
    rnn.bias_hh_l0.requires_grad_(False)
    inputs = torch.from_numpy(x).requires_grad_()
    start = torch.from_numpy(h0[np.newaxis]).requires_grad_()
    labels = torch.from_numpy(y).flatten()
    wanted = [*arrays, inputs, start]

    def run():
        h, _ = rnn(inputs, start)
        o = readout(h).flatten(0, 1)
        loss = torch.nn.functional.cross_entropy(o, labels, reduction="sum") / N
        return loss, torch.autograd.grad(loss, wanted)

    return run


def one_by_one(x, y, r0, params):
    """Do what `teacher_forced` does, in a loop over time."""
    U, W, V, b, c = (params[name] for name in "UWVbc")
    T, N, _ = x.shape
    h, o, fed = np.empty((T, N, len(b))), np.empty((T, N, K)), r0
    for t in range(T):
        h[t] = np.tanh(b + fed @ W.T + x[t] @ U.T)
        o[t] = c + h[t] @ V.T
        fed = one_hot(y[t], K)
    return h, o


def relative_error(got, want):
    """Return the norm-relative error of two arrays."""
    got, want = np.ravel(got), np.ravel(want)
    return np.linalg.norm(got - want) / (np.linalg.norm(got) + np.linalg.norm(want))


def assert_same(pairs):
    """Return the largest norm-relative error of some pairs of arrays; it is at most 1e-10."""
    error = max(relative_error(got, want) for got, want in pairs)
    assert error <= 1e-10, f"the two sides differ by {error:.0e}: there is nothing to compare"
    return error


# --- measuring -----------------------------------------------------------------------------


def by_turns(calls, seconds, least=5, most=41):
    """Time several calls by turns, after one round that does not count.

    Parameters
    ----------
    calls : list of callable
        Called without arguments, in the given order and in the reverse order by turns.
    seconds : float
        Time to spend, once there are `least` rounds.
    least, most : int
        Numbers of rounds.

    Returns
    -------
    ndarray, shape (rounds, len(calls))
        Seconds of processor time that each call took.
    """
    for call in calls:
        call()
    rounds, end = [], perf_counter() + seconds
    while len(rounds) < least or (len(rounds) < most and perf_counter() < end):
        row = np.empty(len(calls))
        for place in np.arange(len(calls))[:: 1 if len(rounds) % 2 else -1]:
            start = process_time()
            calls[place]()
            row[place] = process_time() - start
        rounds.append(row)
    return np.array(rounds)


def against_torch(T, N, H):
    """Compare `bptt` with PyTorch at one size.

    Returns
    -------
    error : float
        The largest norm-relative error of loss and gradients.
    times : ndarray, shape (rounds, 2)
        Seconds of ours and of PyTorch.
    """
    task = bptt_task(T, N, H)
    theirs = torch_bptt(*task)
    (loss, grads), (their_loss, their_grads) = bptt(*task), theirs()
    pairs = [(loss, their_loss.item())]
    pairs += [(grads[n], g.numpy()) for n, g in zip(NAMES, their_grads, strict=True)]
    return assert_same(pairs), by_turns([lambda: bptt(*task), theirs], seconds=1.0)


def straight_line(steps, times):
    """Fit times (len(steps),) by a straight line; return slope, intercept and R²."""
    slope, intercept = np.polyfit(steps, times, 1)
    missed = times - (intercept + slope * steps)
    return slope, intercept, 1 - np.var(missed) / np.var(times)


# --- the three questions -------------------------------------------------------------------


def how_fast():
    """Print times of `bptt` and of PyTorch at all sizes; return (N, H, ms of ours, ratio)."""
    print(f"1. bptt: loss and all seven gradients, float64, D = {D}, K = {K}")
    print("   ratio: time of PyTorch / time of the reference, round by round; above 1 we are ahead")
    print(f"{'T':>6}{'N':>4}{'H':>5}{'ours':>11}{'PyTorch':>11}   ratio (middle half)   rounds")
    worst, rows = 0.0, []
    for T, N, H in product(STEPS, BATCHES, UNITS):
        error, times = against_torch(T, N, H)
        worst = max(worst, error)
        ours, theirs = 1e3 * np.median(times, axis=0)
        low, ratio, high = np.quantile(times[:, 1] / times[:, 0], [0.25, 0.5, 0.75])
        print(f"{T:6}{N:4}{H:5}{ours:8.2f} ms{theirs:8.2f} ms   ", end="")
        print(f"{ratio:5.2f} ({low:.2f} to {high:.2f}){len(times):11}", flush=True)
        rows.append((N, H, ours, ratio))
    ahead = sum(ratio > 1 for *_, ratio in rows)
    print(f"   Ahead at {ahead} of {len(rows)} sizes, behind at:", end=" ")
    sizes = product(STEPS, BATCHES, UNITS)
    slower = [size for size, row in zip(sizes, rows, strict=True) if row[-1] <= 1]
    print(", ".join(f"T = {T}, N = {N}, H = {H}" for T, N, H in slower) or "none")
    print(f"   Both gave the same numbers: norm-relative error at most {worst:.0e}\n")
    return rows


def how_straight(N=16, H=64):
    """Print how the time of `bptt` grows with T; return (steps, ms of ours, ms of PyTorch)."""
    steps = 125 * 2 ** np.arange(5)
    tasks = [bptt_task(T, N, H) for T in steps]
    calls = [lambda task=task: bptt(*task) for task in tasks]
    calls += [torch_bptt(*task) for task in tasks]
    times = 1e3 * np.median(by_turns(calls, seconds=12), axis=0)
    ours, theirs = np.split(times, 2)
    print(f"2. time against T, N = {N}, H = {H}")
    for name, y in (("ours", ours), ("PyTorch", theirs)):
        slope, intercept, r2 = straight_line(steps, y)
        doubled = ", ".join(f"{ratio:.2f}" for ratio in y[1:] / y[:-1])
        print(f"   {name}: " + ", ".join(f"{t:.1f} ms" for t in y) + f" for T = {steps}")
        print(
            f"     time(2T) / time(T): {doubled}; straight line {1e3 * slope:.1f} µs per step",
            end="",
        )
        print(f" {1e3 * intercept:+.0f} µs, R² = {r2:.5f}")
    print()
    return steps, ours, theirs


def how_decoupled():
    """Print how `teacher_forced` does against a loop; return ratios by (N, H), and lengths."""
    lengths = 4 ** np.arange(7)
    print("3. teacher_forced: time of a loop over time / time of all steps at once")
    print(f"{'':17}" + "".join(f"{f'T = {T}':>10}" for T in lengths))
    worst, curves = 0.0, {}
    for N, H in ((1, 8), (4, 32), (16, 64), (64, 256)):
        rng, curves[N, H] = np.random.default_rng(0), []
        params, r0 = random_params(rng, H, K), np.full((N, K), 1 / K)
        for T in lengths:
            args = rng.normal(size=(T, N, D)), rng.integers(K, size=(T, N)), r0, params
            error = assert_same(zip(teacher_forced(*args), one_by_one(*args), strict=True))
            worst = max(worst, error)
            pair = [lambda args=args: teacher_forced(*args), lambda args=args: one_by_one(*args)]
            times = by_turns(pair, seconds=0.4)
            curves[N, H].append(np.median(times[:, 1] / times[:, 0]))
        row = "".join(f"{ratio:10.2f}" for ratio in curves[N, H])
        print(f"   N = {N:2}, H = {H:3} " + row, flush=True)
    print(f"   Both gave the same numbers: norm-relative error at most {worst:.0e}")
    return lengths, curves


def draw(rows, line, decoupled):
    """Write the picture of all three."""
    mpl.rcParams["svg.hashsalt"] = "speed"
    figure = Figure(figsize=(14, 4.2), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    for H, colour in zip(UNITS, ("#1b3a5c", "#3f8f8f", "#e08a1e"), strict=True):
        for N, marker in zip(BATCHES, "os^", strict=True):
            points = [(ours, ratio) for n, units, ours, ratio in rows if (n, units) == (N, H)]
            left.semilogx(
                *zip(*points, strict=True), marker, color=colour, label=f"H = {H}, N = {N}"
            )
    left.axhline(1, color="0.5", linestyle=":")
    left.set(title="bptt: PyTorch / reference", xlabel="time of the reference (ms)")
    left.set(ylabel="ratio of times (above 1: ahead)")
    left.set_ylim(0, 1.3 * max(ratio for *_, ratio in rows))
    left.legend(fontsize="x-small", ncols=3, loc="upper left")
    steps, ours, theirs = line
    for y, name, look, colour in (
        (theirs, "PyTorch", "s", "#e08a1e"),
        (ours, "reference", "o", "#1b3a5c"),
    ):
        slope, intercept, r2 = straight_line(steps, y)
        middle.plot(steps, y, look, color=colour, label=f"{name} (line: R² = {r2:.5f})")
        middle.plot(steps, intercept + slope * steps, color=colour, linewidth=1)
    middle.set(title="bptt: N = 16, H = 64", xlabel="steps T", ylabel="time (ms)")
    middle.set(xlim=(0, None), ylim=(0, None))
    middle.legend()
    lengths, curves = decoupled
    looks = zip(curves.items(), "osD^", ("#1b3a5c", "#3f8f8f", "#5b86b8", "#e08a1e"), strict=True)
    for ((N, H), ratios), marker, colour in looks:
        right.loglog(lengths, ratios, marker + "-", color=colour, label=f"N = {N}, H = {H}")
    right.axhline(1, color="0.5", linestyle=":")
    right.set(title="teacher_forced: loop / all at once", xlabel="steps T")
    right.set(ylabel="ratio of times (above 1: ahead)", ylim=(0.3, 300))
    right.legend(loc="upper left")
    figure.savefig(PICTURE, metadata={"Date": None})


def main():
    """Answer the three questions, and draw the answers."""
    torch.set_num_threads(1)
    print(f"numpy {np.__version__}, PyTorch {torch.__version__}, {platform.machine()}", end=", ")
    print("one thread each\n")
    draw(how_fast(), how_straight(), how_decoupled())
    print(f"Drawn: {PICTURE.parent.name}/{PICTURE.name}")


if __name__ == "__main__":
    main()
