"""Measure how far right work and wrong work are from the tolerance that judges both.

``python -m proof.tolerances [HOMEWORK …]`` runs the graded tests on correct work, computed and
stored in several ways, and on every known mistake, and notes the error of each comparison that the
judge makes. It prints a table and, of all
homeworks, draws ``docs/tolerances.svg``.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read once, when numpy is loaded: sums keep their order

import inspect
import re
from collections import defaultdict
from pathlib import Path
from unittest import mock

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from autograder import judge, tape
from autograder.calls import Live
from autograder.course import catalogue
from autograder.course.written import load, reference, solutions
from autograder.judge import TINY, TOLERANCE
from autograder.suite import exercises, homeworks, run, suite, tests
from proof import chosen

COURSE = Path(__file__).parents[1]
PICTURE = COURSE / "docs" / "tolerances.svg"
SEEDS = (None, "one", "two")  # None: the recorded data that students have; else fresh data
RIGHT, STORED, COMPUTED = "float64", "stored in float32", "computed in float32"


# --- what the judge compares ---------------------------------------------------------------


def error(got, want):
    """Return the norm-relative error as the judge takes it: at most TOLERANCE where it agrees.

    |got - want| / (|got| + |want|), where the judge's absolute term adds a little to the
    denominator: TINY / TOLERANCE = 1e-5, which matters between arrays that are nearly zero.

    Returns
    -------
    float or None
        None where no tolerance is applied: other shapes, truth values, NaN or infinity.
    """
    if got.shape != want.shape or want.dtype == bool or not np.isfinite(got).all():
        return None
    scale = max(1.0, float(np.max(np.abs(want), initial=0.0)))
    g, w = got / scale, want / scale
    size = np.linalg.norm(g) + np.linalg.norm(w) + TINY / scale / TOLERANCE
    return float(np.linalg.norm(g - w) / size)


def examine(homework, function, way, seed):
    """Run the tests of one function on a way to write it.

    Returns
    -------
    results : list of autograder.suite.Result
        How each test ended.
    largest : dict of str to float
        The largest error of the comparisons in each test.
    """
    largest = defaultdict(float)
    agree = judge._agree

    def noting(got, want):
        agreed, found = agree(got, want), error(got, want)
        if found is not None:
            assert agreed == (found <= TOLERANCE), "the judge's formula is not the one above"
            largest[test] = max(largest[test], found)
        return agreed

    data = None if seed is None else tape.Drawn(reference(COURSE, homework), seed)
    results, asked = [], Live({function: way})
    with mock.patch.object(judge, "_agree", noting):
        for test in tests(homework):
            results += run(homework, asked, data, functions=[function], only=[test])
    return results, largest


# --- right work ----------------------------------------------------------------------------


PARAMS = {"U": "i, d", "W": "i, j", "V": "k, i", "b": "i", "c": "k"}
AXES = {  # of the arguments that have the book's names; a homework's arguments.py has its own
    "x": "t, n, d",
    "h0": "n, i",
    "o0": "n, k",
    "r0": "n, k",
    "o": "t, n, k",
    "y": "t, n",
    "mask": "t, n",
    "lengths": "n",
    "dh": "n, i",
    "x_t": "n, d",
    "h_prev": "n, i",
    "h_t": "n, i",
    "params": PARAMS,
    "grads": PARAMS | {"x": "t, n, d", "h0": "n, i"},
}


def shuffle(value, axes, back=False):
    """Put sequences, units, inputs and classes into another order, or back into the old one.

    The order depends on the kind and number of things alone, so all arrays get the same one.

    Parameters
    ----------
    value : ndarray, or dict or tuple of ndarray
        Other values stay as they are.
    axes : str, or dict or tuple of str
        The letters of the last axes; time keeps its order.
    back : bool
        Undo it.
    """
    if isinstance(axes, dict):
        return {key: shuffle(part, axes[key], back) for key, part in value.items()}
    if isinstance(axes, tuple):
        return tuple(shuffle(part, form, back) for part, form in zip(value, axes, strict=True))
    if not isinstance(value, np.ndarray):
        return value
    letters = re.findall(r"\b[a-z]\b", axes)[::-1][: value.ndim]
    for place, letter in enumerate(letters, start=1):
        if letter != "t":
            order = permutation(letter, value.shape[-place])
            value = np.take(value, np.argsort(order) if back else order, axis=-place)
    return value


def permutation(letter, size):
    """Return the new order of `size` things of a kind; i and j are both hidden units."""
    return np.random.default_rng([ord(letter.replace("j", "i")), size]).permutation(size)


def in_another_order(homework, function):
    """Return the solution as one that adds up in another order.

    It solves the same problem with sequences, units, inputs and classes in another order, and puts
    the answer back.
    """
    solution = getattr(solutions(COURSE, homework), function)
    names = list(inspect.signature(solution).parameters)
    own = getattr(load(COURSE, homework, "arguments"), "AXES", {}).get(function, {})
    axes = AXES | own
    if "params" in own:
        axes["params"] = PARAMS | own["params"]

    def way(*args):
        given = dict(zip(names, args, strict=False))
        moved = {name: shuffle(value, axes.get(name, "")) for name, value in given.items()}
        if given.get("y") is not None:
            classes = given["o"].shape[-1] if "o" in given else len(given["params"]["c"])
            moved["y"] = np.argsort(permutation("k", classes))[moved["y"]]
        return shuffle(solution(**moved), suite(homework).FORMS[function], back=True)

    return way


def cast(value, dtype):
    """Return a value whose real numbers are of another type."""
    if isinstance(value, dict):
        return {key: cast(part, dtype) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(cast(part, dtype) for part in value)
    if isinstance(value, float):
        return dtype(value)
    return value.astype(dtype) if getattr(value, "dtype", None) == np.float64 else value


def right_ways(homework, function):
    """Yield kind, name and function of all the ways to do right."""
    solution = getattr(solutions(COURSE, homework), function)
    yield STORED, "the solution", lambda *args: cast(solution(*args), np.float32)
    yield (
        COMPUTED,
        "the solution",
        lambda *args: cast(solution(*cast(args, np.float32)), np.float32),
    )
    if function not in getattr(load(COURSE, homework, "arguments"), "ONE_ORDER", ()):
        yield RIGHT, "the solution in another order", in_another_order(homework, function)
    for name, way in catalogue.right_ways(COURSE, homework).items():
        if name.startswith(f"{function}__"):
            yield RIGHT, name.partition("__")[2].replace("_", " "), way


def is_float32(value):
    """Say whether a value holds numbers in float32."""
    parts = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | tuple | list):
        return any(map(is_float32, parts))
    return getattr(value, "dtype", None) == np.float32


def measure_right(homework, function):
    """Return the largest error of right work by kind, each with the way that made it."""
    worst = dict.fromkeys((RIGHT, STORED, COMPUTED), (0.0, ""))
    for kind, name, way in right_ways(homework, function):
        for seed in SEEDS:
            results, largest = examine(homework, function, way, seed)
            failed = [result.test for result in results if not result.passed]
            assert kind == COMPUTED or not failed, f"{function}, {name}: fails {failed}"
            answers = [getattr(c.outcome, "value", None) for r in results for c in r.calls]
            found = STORED if kind == RIGHT and any(map(is_float32, answers)) else kind
            worst[found] = max(worst[found], (max(largest.values(), default=0.0), name))
    return worst


# --- wrong work ----------------------------------------------------------------------------


def measure_wrong(homework):
    """Measure all known mistakes.

    Returns
    -------
    smallest : dict of str to (float, str)
        For each function, the smallest error by which a test fails a mistake, and the mistake. The
        error is that of the comparison that fails.
    passed : float
        The largest error in the tests that mistakes pass, as they should.
    otherwise : int
        Number of tests that fail a mistake without the tolerance: by shape, exception, ...
    """
    smallest, passed, otherwise = {}, 0.0, 0
    for mistake in catalogue.catalogue(COURSE, homework):
        for seed in SEEDS:
            results, largest = examine(homework, mistake.function, mistake.wrong, seed)
            failed = {result.test for result in results if not result.passed}
            assert failed == set(mistake.fails), f"{mistake.function}: {mistake.name}, {seed}"
            for result in results:
                found = largest[result.test]
                if result.passed:
                    passed = max(passed, found)
                elif found > TOLERANCE:
                    known = smallest.get(mistake.function, (np.inf, ""))
                    smallest[mistake.function] = min(known, (found, mistake.name))
                else:
                    otherwise += 1
    return smallest, passed, otherwise


# --- beyond the sizes of the tests ---------------------------------------------------------


def growth(function, lengths, units, scale):
    """Return the error of right work in float64 in another order of sums, for longer sequences.

    Parameters
    ----------
    function : str
        A function of homework 4 that takes x, h0, y and params.
    lengths : sequence of int
        Numbers of steps.
    units : int
        Hidden units.
    scale : float
        The standard deviation of all parameters.
    """
    solution = getattr(solutions(COURSE, "hw4_bptt"), function)
    other, found = in_another_order("hw4_bptt", function), []
    N, D, K = 4, 3, 5
    for T in lengths:
        worst = 0.0
        for seed in range(3):
            rng = np.random.default_rng(seed)
            sizes = {"d": D, "i": units, "j": units, "k": K}
            params = {
                name: scale * rng.normal(size=[sizes[letter] for letter in axes.split(", ")])
                for name, axes in PARAMS.items()
            }
            args = (
                rng.normal(size=(T, N, D)),
                rng.normal(size=(N, units)),
                rng.integers(K, size=(T, N)),
            )
            (_, grads), (_, others) = solution(*args, params), other(*args, params)
            worst = max(worst, *(error(others[name], grads[name]) for name in grads))
        found.append(worst)
    return found


# --- table and picture ---------------------------------------------------------------------


def orders(low, high):
    """Return the distance of two errors in orders of magnitude."""
    return f"{np.log10(high / low):.1f}" if low > 0 else "exact"


def print_table(rows):
    """Print what was measured, function by function."""
    print(f"Norm-relative errors; the tolerance is {TOLERANCE:.0e}. f32: float32.")
    print(
        "Margins in orders of magnitude: from right work to the tolerance, from there to wrong.\n"
    )
    print(f"{'':24}{'largest error of right work':^39}{'smallest':>11}{'margins':^23}")
    print(f"{'function':24}{'float64':>10}{'stored f32':>13}{'computed f32':>15}", end="")
    print(f"{'of wrong':>12}{'float64':>9}{'f32':>6}{'wrong':>7}   the mistake nearest to right")
    for function, (right, (wrong, mistake)) in rows.items():
        float64, stored, computed = (right[kind][0] for kind in (RIGHT, STORED, COMPUTED))
        mark = "!" if computed > TOLERANCE else " "
        print(
            f"{function:24}{float64:10.1e}{stored:13.1e}{computed:14.1e}{mark}{wrong:12.1e}", end=""
        )
        print(f"{orders(float64, TOLERANCE):>9}{orders(stored, TOLERANCE):>6}", end="")
        print(f"{orders(TOLERANCE, wrong):>7}   {mistake}")
    print("\n!: correct work that is computed in float32 throughout fails here.")
    print("In float64, above 1e-12:", end=" ")
    far = [(name, right[RIGHT]) for name, (right, _) in rows.items() if right[RIGHT][0] > 1e-12]
    print(
        "; ".join(f"{name}, {way} ({found:.1e})" for name, (found, way) in far) or "none", end=".\n"
    )


def draw(rows):
    """Write the picture."""
    mpl.rcParams["svg.hashsalt"] = "tolerances"
    figure = Figure(figsize=(9, 8), layout="constrained")
    ax = figure.subplots()
    places = np.arange(len(rows))[::-1]
    looks = {
        RIGHT: ("o", "#1b3a5c", "right, float64"),
        STORED: ("s", "#5b86b8", "right, stored in float32"),
        COMPUTED: ("D", "none", "right, computed in float32"),
    }
    exact = 1e-17  # where zero is drawn
    for kind, (marker, face, label) in looks.items():
        found = [max(right[kind][0], exact) for right, _ in rows.values()]
        ax.plot(found, places, marker, color="#5b86b8", mfc=face, label=label, linestyle="none")
    wrong = [smallest for _, (smallest, _) in rows.values()]
    ax.plot(wrong, places, "X", color="#c8551b", label="wrong: the nearest known mistake")
    ax.axvline(TOLERANCE, color="k", linestyle="--", label=f"tolerance {TOLERANCE:.0e}")
    ax.set_xscale("log")
    ax.set_xticks(10.0 ** np.arange(-17, 1, 2), ["0", *(f"$10^{{{e}}}$" for e in range(-15, 1, 2))])
    ax.set_yticks(places, rows)
    ax.grid(axis="y", color="0.9")
    ax.set(title="Right work, wrong work, and the tolerance between them")
    ax.set_xlabel("norm-relative error  |answer - right| / (|answer| + |right|), no unit")
    figure.legend(loc="outside lower center", ncols=3)
    figure.savefig(PICTURE, metadata={"Date": None})


def main():
    """Measure, print and draw."""
    rows, passed, otherwise, asked = {}, 0.0, 0, chosen(__doc__)
    for homework in asked:
        smallest, most, others = measure_wrong(homework)
        passed, otherwise = max(passed, most), otherwise + others
        for function in exercises(homework):
            if function in smallest:  # graphs and truth values are compared exactly
                rows[function] = measure_right(homework, function), smallest[function]
    print_table(rows)
    if asked == homeworks():
        draw(rows)
    exact = [f for homework in asked for f in exercises(homework) if f not in rows]
    print(f"Compared exactly, without a tolerance: {', '.join(exact)}.")
    print(
        f"Tests that fail a mistake without the tolerance: {otherwise} (in {len(SEEDS)} runs), by"
    )
    print("  shape, exception, NaN, changed argument, slope, truth values, edges.")
    print(f"The largest error in a test that a mistake passes, as it should: {passed:.0e}.\n")

    if asked == homeworks():
        beyond_the_tests()


def beyond_the_tests():
    """Print how the error of right work grows with the length of a sequence, for one exercise."""
    lengths = (5, 10, 20, 50, 100, 200)
    print("Beyond the tests: the error of bptt in float64, its sums in another order, by T")
    print(f"{'':38}" + "".join(f"{f'T = {T}':>10}" for T in lengths))
    for units, scale, remark in (
        (5, 0.7, "as the tests draw them"),
        (16, 0.7, "as the tests draw them"),
        (64, 0.7, "as the tests draw them"),
        (64, 64**-0.5, "1 / sqrt(H)"),
    ):
        errors = "".join(f"{found:10.0e}" for found in growth("bptt", lengths, units, scale))
        print(f"  H = {units:2}, weights {remark:>22} " + errors, flush=True)
    print(f"Drawn: {PICTURE.parent.name}/{PICTURE.name}")


if __name__ == "__main__":
    main()
