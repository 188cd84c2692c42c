"""Functions that the tests hand to a student's function, as in ``unroll(f, s1, theta, T)``.

In grading the student's function runs in another process, which is sent nothing but plain data. So
these functions are frozen dataclasses: what travels is the name of the class and its fields. An
array that lies in memory column by column travels so too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array  # noqa: N812 - short in signatures

# --- hw1_unrolling: transitions f(s, theta) ------------------------------------------------


@dataclass(frozen=True, eq=False)
class Mixing:
    """Mix the components of a state: ``f(s, theta) = sin(s @ theta + shift)``.

    The state has the shape (H,) or (N, H), theta (H, H), and shift (H,).
    """

    shift: Array

    def __call__(self, s: Array, theta: Array) -> Array:
        """Return the next state."""
        return np.sin(s @ theta + self.shift)


@dataclass(frozen=True, eq=False)
class Logistic:
    """Let a population grow and starve: ``f(s, theta) = theta s (1 - s)``, for any shape of s."""

    def __call__(self, s: Array, theta: float) -> Array:
        """Return the next state."""
        return theta * s * (1 - s)


# --- hw1_unrolling: transitions with an input, f(h, x_t, theta) ----------------------------


@dataclass(frozen=True, eq=False)
class Reading:
    """Mix state and input: ``f(h, x_t, theta) = sin([h, x_t] @ theta)``.

    The state has the shape (H,) or (N, H), the input (D,) or (N, D), and theta (H + D, H).
    """

    def __call__(self, h: Array, x_t: Array, theta: Array) -> Array:
        """Return the next state."""
        return np.sin(np.concatenate([h, x_t], axis=-1) @ theta)


@dataclass(frozen=True, eq=False)
class Leaking:
    """Forget by degrees: ``f(h, x_t, theta) = theta h + x_t``, for any shape of h and x_t."""

    def __call__(self, h: Array, x_t: Array, theta: float) -> Array:
        """Return the next state."""
        return theta * h + x_t


# --- hw1_unrolling: maps of sequences g(x), (T, D) -> (T, H) -------------------------------


@dataclass(frozen=True, eq=False)
class Taps:
    """Let output unit i read one component of one input: weight times ``x[t - delay, component]``.

    The fields have the shape (H,). A negative delay looks ahead; outside the sequence is 0.
    """

    delays: Array
    components: Array
    weights: Array

    def __call__(self, x: Array) -> Array:
        """Return the outputs (T, H)."""
        steps = np.arange(len(x))[:, None] - self.delays  # (T, H), the input steps that are read
        inside = (steps >= 0) & (steps < len(x))
        return np.where(inside, self.weights * x[np.where(inside, steps, 0), self.components], 0.0)


@dataclass(frozen=True, eq=False)
class RunningSum:
    """Sum all inputs so far: ``out_t = (x_1 + ... + x_t) @ weights``, with weights (D, H)."""

    weights: Array

    def __call__(self, x: Array) -> Array:
        """Return the outputs (T, H)."""
        return np.cumsum(x, axis=0) @ self.weights


@dataclass(frozen=True, eq=False)
class Products:
    """Multiply inputs: ``out_t = weights * product over the lags of sum(x[t - lag])``.

    Steps that the largest lag would take out of the sequence give 0. What an output answers to a
    change depends on the other inputs: for inputs of zeros it is nothing.
    """

    lags: Array
    weights: Array

    def __call__(self, x: Array) -> Array:
        """Return the outputs (T, H)."""
        out = np.zeros((len(x), len(self.weights)))
        for t in range(int(max(self.lags)), len(x)):
            out[t] = self.weights * np.prod(np.sum(x[t - self.lags], axis=1))
        return out


# --- hw4_bptt: functions f(x) of an array of any shape, with a float as value ----------------


@dataclass(frozen=True, eq=False)
class Cubes:
    """Sum weighted cubes, entry by entry: ``f(x) = sum(weights * x**3)``."""

    weights: Array

    def __call__(self, x: Array) -> float:
        """Return the value at x, which has the shape of the weights."""
        return float(np.sum(self.weights * x**3))


@dataclass(frozen=True, eq=False)
class Waves:
    """Let every entry matter to every other: ``f(x) = sin(sum(weights * x)) + sum(cos(x))``."""

    weights: Array

    def __call__(self, x: Array) -> float:
        """Return the value at x, which has the shape of the weights."""
        return float(np.sin(np.sum(self.weights * x)) + np.sum(np.cos(x)))


# --- arrays that lie in memory column by column ----------------------------------------------


@dataclass(frozen=True, eq=False)
class Turned:
    """Stand for an array on its way to the student's function, by its transpose."""

    array: Array


def turned(argument: object) -> object:
    """Return what travels: an array that lies column by column as `Turned`, all else as it is."""
    columns = isinstance(argument, Array) and argument.flags.fnc
    return Turned(argument.T) if columns else argument  # type: ignore[attr-defined]


def turned_back(argument: object) -> object:
    """Return an argument as it was before it travelled."""
    return argument.array.T if isinstance(argument, Turned) else argument
