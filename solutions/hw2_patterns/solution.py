# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Homework 2 · Three design patterns
#
# **What you will do**
#
# - program one step of a recurrent network, for a whole batch of sequences at once;
# - build three networks from it: one that feeds its hidden state back, one that feeds its output
#   back, and one that reads a whole sequence before it answers;
# - draw their unrolled graphs.
#
# **What you will learn**
#
# - what the equations of a recurrent network say, and how they look for a batch;
# - what each of the three patterns is good for;
# - why a network that feeds back only its output forgets, and what it gets in exchange;
# - how sequences of different lengths share one array.
#
# **What you need**
#
# - from homework 1, unrolling: $h_t = f(h_{t-1}, x_t; \theta)$, with the same $f$ and $\theta$ at
#   every step; and drawing graphs with `graphviz`;
# - from numpy, matrix products with `@`, broadcasting, and indexing with arrays of integers:
#   `a[[0, 1], [2, 0]]` is the array of `a[0, 2]` and `a[1, 0]`.

# %% [markdown]
# ## How to work
#
# Run the cells from top to bottom. Each exercise is one function: replace the line
# `raise NotImplementedError` by your code, run the cell, then run the check under it. The check
# says what is right, what is not, and where. `hint(rnn_step)` gives a hint, and another one each
# time you ask. As in homework 1, demonstrations may ask for a guess, and code that only draws is
# folded away.
#
# The five functions are worth 3, 4, 4, 5 and 4 points. Part of a function's work earns part of its
# points. Grading repeats the same tests with other numbers, so an answer that was typed in fails
# there.

# %%
import graphviz
import numpy as np

# %% tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# from autograder import check, datasets, draw, hint, needs, progress, slide
#
# plt.style.use("autograder.plots")

# %% [markdown]
# ## Notation
#
# There are $T$ steps, $N$ sequences in the batch, $D$ inputs, $H$ hidden units and $K$ classes.
#
# | in the text | in code | shape | meaning |
# |---|---|---|---|
# | $x_t$ | `x[t]` | `x` is `(T, N, D)` | inputs |
# | $h_t$ | `h[t]` | `h` is `(T, N, H)` | hidden state, after $x_t$ has been read |
# | $o_t$ | `o[t]` | `o` is `(T, N, K)` | outputs, one number for each class |
# | $U$ | `params["U"]` | `(H, D)` | weights from input to hidden |
# | $W$ | `params["W"]` | `(H, H)`, or `(H, K)` in pattern 2 | weights of the recurrence |
# | $V$ | `params["V"]` | `(K, H)` | weights from hidden to output |
# | $b$ | `params["b"]` | `(H,)` | biases of the hidden units |
# | $c$ | `params["c"]` | `(K,)` | biases of the outputs |
#
# The text counts the steps from 1, as *Deep Learning* (Goodfellow, Bengio and Courville) does;
# Python counts them from 0. So $x_1$ is `x[0]`, and $h_1$ is `h[0]`. The state $h_0$, before
# anything has been read, is an array of its own: `h0`, of shape `(N, H)`.
#
# The five parameters travel together in a dict, `params`. The drawings write $x^{(t)}$ for $x_t$,
# as the book does.

# %% [markdown]
# ## One step
#
# Homework 1 left open what $f$ is in $h_t = f(h_{t-1}, x_t; \theta)$. Here is the usual choice
# (equations 10.8 and 10.9 of the book):
#
# $$a_t = b + W h_{t-1} + U x_t$$
# $$h_t = \tanh(a_t)$$
#
# The old state and the new input are each multiplied by a matrix, and added up with a bias. The
# hyperbolic tangent (`np.tanh`) then squashes each sum to a number between $-1$ and $1$, so the
# state stays bounded however long the sequence is.

# %% [markdown]
# The equations treat one sequence: $x_t$, $h_t$ and $b$ are column vectors. A batch holds $N$
# sequences, and it holds them as **rows**: `x_t` is `(N, D)`, `h_prev` is `(N, H)`. Transposing the
# equation turns its columns into rows:
#
# $$a_t^\top = b^\top + h_{t-1}^\top W^\top + x_t^\top U^\top$$
#
# With $N$ rows instead of one, the same products treat all sequences at once. Here is one of them
# with numbers, for $N = 3$, $D = 2$ and $H = 4$:
#
# ![Three tables. On the left x_t, 3 rows of 2 numbers; above on the right the transpose of U, 2
# rows of 4; below it their product, 3 rows of 4. The last row of x_t, 2 and 1, and the third column
# of U transposed, 3 and 0, are marked, and so is the 6 in the product where they
# cross.](drawings.batch_product)
#
# Where a row of `x_t` and a column of `U.T` cross, stands the sum of their products:
# $2 \cdot 3 + 1 \cdot 0 = 6$ for sequence 2 and unit 2, counted from 0. So row $n$ of the result
# depends on row $n$ of `x_t` only, and in the same way on row $n$ of `h_prev`: the sequences of a
# batch never mix. And `b`, `(H,)`, is added to every row.

# %% [markdown]
# ### Exercise 1: one step (3 points)
#
# *About 15 minutes. Essential.*
#
# Write `rnn_step(x_t, h_prev, params)`. It needs three of the five parameters.


# %%
def rnn_step(x_t, h_prev, params):
    """Compute the hidden state of one step from the state before it and the input.

    a_t = b + W h_{t-1} + U x_t,  h_t = tanh(a_t)  (equations 10.8 and 10.9 of the book).

    Parameters
    ----------
    x_t : ndarray, shape (N, D)
        Inputs of this step, one row for each sequence.
    h_prev : ndarray, shape (N, H)
        What was fed back from the step before.
    params : dict of str to ndarray
        U (H, D), W (H, H), b (H,); other entries are not used.

    Returns
    -------
    ndarray, shape (N, H)
        The hidden state h_t.

    Examples
    --------
    One sequence, one input, two hidden units: a_t = (0.5, 0) + (0, 1) + (2, -1).

    >>> params = {
    ...     "U": np.array([[2.0], [-1.0]]),
    ...     "W": np.array([[0.0, 0.0], [1.0, 0.0]]),
    ...     "b": np.array([0.5, 0.0]),
    ... }
    >>> h_t = rnn_step(np.array([[1.0]]), np.array([[1.0, 3.0]]), params)
    >>> np.arctanh(h_t).round(6)
    array([[2.5, 0. ]])
    """
    ### BEGIN SOLUTION
    return np.tanh(params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T)
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(rnn_step)

# %% [markdown]
# ## Pattern 1: the hidden state is fed back
#
# ![A folded graph: the input x goes to the hidden units h through U, h goes back to itself through
# W, and to the output o through V; the loss L compares o with the target
# y.](drawings.pattern_1_folded)
#
# The hidden units are connected to themselves, one step later, through $W$. There is an output at
# every step (equation 10.10):
#
# $$o_t = c + V h_t$$
#
# Unrolled in time, this is figure 10.3 of the book:
#
# ![The same graph unrolled over three steps: each h receives x through U and the h of the step
# before through W, and sends o through V; each step has its own loss L and target
# y.](drawings.pattern_1)

# %% [markdown]
# For a task with $K$ classes there are $K$ outputs, and the largest one is the network's choice.
# Homework 3 turns them into probabilities, and compares these with the target $y_t$ in a loss
# $L_t$. This homework stops at $o_t$; the losses appear in the drawings only.
#
# One input comes in and one output goes out at every step. So the pattern suits tasks such as
# tagging each word of a sentence, or forecasting, year after year, the next year's value of a
# series. And $o_t$ may draw on *all* inputs up to $x_t$, because $h_t$ does.

# %% [markdown]
# ### Exercise 2: pattern 1 (4 points)
#
# *About 15 minutes. Essential.*
#
# Write `hidden_recurrence(x, h0, params)`. It returns the states *and* the outputs of all steps, as
# the tuple `(h, o)`. The states must be computed one after the other. The outputs need not.


# %%
def hidden_recurrence(x, h0, params):
    """Run a network whose hidden state is fed back, with an output at every step (pattern 1).

    h_t = tanh(b + W h_{t-1} + U x_t),  o_t = c + V h_t  (equations 10.8 to 10.10 of the book).

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs; T is at least 1.
    h0 : ndarray, shape (N, H)
        State before the first step.
    params : dict of str to ndarray
        U (H, D), W (H, H), V (K, H), b (H,), c (K,).

    Returns
    -------
    h : ndarray, shape (T, N, H)
        States; h[t] is the one after x[t] has been read.
    o : ndarray, shape (T, N, K)
        Outputs.

    Examples
    --------
    A unit that is switched on by its first input, and holds itself up after that.

    >>> one = np.array([[1.0]])
    >>> params = {"U": 9 * one, "W": 9 * one, "V": 5 * one, "b": 0 * one[0], "c": one[0]}
    >>> x = np.array([1.0, 0.0, 0.0]).reshape(3, 1, 1)
    >>> h, o = hidden_recurrence(x, 0 * one, params)
    >>> o[:, 0, 0].round(3)
    array([6., 6., 6.])
    """
    ### BEGIN SOLUTION
    states = [h0]
    for x_t in x:
        states.append(rnn_step(x_t, states[-1], params))
    h = np.stack(states[1:])  # (T, N, H)
    return h, params["c"] + h @ params["V"].T
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(hidden_recurrence)

# %% [markdown]
# ## Demonstration: how long does a state remember?
#
# Two sequences differ in their first input, and in nothing else. How far apart are their states,
# one step after another? It depends on the size of $W$. Here $W$ turns the state and stretches it
# by $s$ (all its eigenvalues have $|\lambda| = s$), so without the tanh the difference would be
# multiplied by $s$ at each step. **Guess first:** for $s = 0.9$, after how many steps is only a
# hundredth of it left?

# %% tags=["active-ipynb"]
# def trace(s, T=60, N=20, H=50):
#     """Return how far apart the states are at each step (T,), relative to the first."""
#     rng = np.random.default_rng(0)
#     W = s * np.linalg.qr(rng.normal(size=(H, H)))[0]
#     params = {"U": 0.5 * rng.normal(size=(H, 1)), "W": W, "b": np.zeros(H)}
#     params |= {"V": np.zeros((1, H)), "c": np.zeros(1)}  # the outputs are of no interest here
#     x = rng.normal(size=(T, N, 1))
#     changed = x.copy()
#     changed[0] += 1.0
#     h, _ = hidden_recurrence(x, np.zeros((N, H)), params)
#     h_changed, _ = hidden_recurrence(changed, np.zeros((N, H)), params)
#     apart = np.linalg.norm(h_changed - h, axis=-1).mean(axis=1)
#     return apart / apart[0]

# %% tags=["active-ipynb", "folded"]
# def plot_traces(traces, guess=None):
#     """Draw what is left of a difference, for each scale of W."""
#     fig, ax = plt.subplots(figsize=(8, 3.6))
#     for (s, left), colour in zip(traces.items(), ("C0", "C1", "C2", "C5"), strict=False):
#         ax.semilogy(left, color=colour, label=f"$s = {s}$")
#     ax.axhline(0.01, color="C4", lw=0.8, label="a hundredth")
#     if guess is not None:
#         ax.axvline(guess, color="C3", ls=":", label="your guess")
#     ax.set(title="What is left of a difference in the first input", xlabel="steps after it")
#     ax.set(ylabel="distance of the states", ylim=(1e-10, 10))
#     ax.legend(loc="lower left")

# %% tags=["active-ipynb"]
# guess = None  # your guess: a number of steps
#
# with needs(rnn_step, hidden_recurrence):
#     traces = {s: trace(s) for s in (0.5, 0.9, 1.2, 2.0)}
#     plot_traces(traces, guess)
#     plt.show()

# %% tags=["active-ipynb"]
# with needs(rnn_step, hidden_recurrence):
#
#     @slide(s=[0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 2.0, 3.0])
#     def what_is_left(s=1.0):
#         plot_traces({s: trace(s)})

# %% [markdown]
# The difference fades faster than $s^t$: the tanh is nowhere steeper than 1, and flat where a unit
# is **saturated**, near $\pm 1$. That is why it fades even for $s$ a little above 1. For $s = 2$ it
# stays for good. But that is no good memory either: *every* small difference stays, wanted or not,
# and all that was ever read is jumbled in the state. What lies between is narrow. (Without a
# running notebook there is no slider; the picture above shows four of its places.)

# %% [markdown]
# ## The same parameters at every step
#
# ![The unrolled network, with the same U, V and W, in one colour each, at every
# step.](drawings.parameter_sharing)
#
# The network has $HD$ numbers in $U$, $H^2$ in $W$, $KH$ in $V$, and $H + K$ biases:
#
# $$HD + H^2 + KH + H + K$$
#
# The length $T$ does not occur. With $D = 8$, $H = 200$ and $K = 10$ these are $43\,810$ numbers,
# for a sequence of eight steps as for one of eight thousand. Weights of their own for each step
# would make $T$ times as many. They would also have to learn at each step anew what can be learned
# once, and would have nothing to say about a sequence longer than any that was seen in training.

# %% [markdown]
# ## Pattern 2: the output is fed back
#
# ![A folded graph: x goes to h through U, h to o through V, and o goes back to h through W; the
# loss L compares o with y. No edge leads from h to itself.](drawings.pattern_2_folded)
#
# Only one edge is different: $W$ starts at the output. That makes it a matrix of shape $(H, K)$:
#
# $$a_t = b + W o_{t-1} + U x_t$$
# $$h_t = \tanh(a_t)$$
# $$o_t = c + V h_t$$
#
# Unrolled in time, this is figure 10.4 of the book:
#
# ![The same graph unrolled over three steps: each h receives x through U and the o of the step
# before through W. No edge leads from one h to the next.](drawings.pattern_2)
#
# Instead of $h_0$, the network starts from an output $o_0$, of shape `(N, K)`. What is fed back is
# $o$ as it is. (Homework 5 feeds back probabilities.)

# %% [markdown]
# ### Exercise 3: pattern 2 (4 points)
#
# *About 15 minutes. Essential.*
#
# Write `output_recurrence(x, o0, params)`, where `params["W"]` is `(H, K)`. It returns `(h, o)` as
# before. This time the outputs cannot wait until the loop is over.


# %%
def output_recurrence(x, o0, params):
    """Run a network whose output is fed back, with an output at every step (pattern 2).

    h_t = tanh(b + W o_{t-1} + U x_t),  o_t = c + V h_t  (figure 10.4 of the book).

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs; T is at least 1.
    o0 : ndarray, shape (N, K)
        What is fed back at the first step.
    params : dict of str to ndarray
        U (H, D), W (H, K), V (K, H), b (H,), c (K,).

    Returns
    -------
    h : ndarray, shape (T, N, H)
        States; h[t] is the one after x[t] has been read.
    o : ndarray, shape (T, N, K)
        Outputs.

    Examples
    --------
    A unit that does the opposite of what its output was one step before.

    >>> one = np.array([[1.0]])
    >>> params = {"U": 0 * one, "W": -9 * one, "V": 5 * one, "b": 0 * one[0], "c": 0 * one[0]}
    >>> h, o = output_recurrence(np.zeros((3, 1, 1)), one, params)
    >>> o[:, 0, 0].round(3)
    array([-5.,  5., -5.])
    """
    ### BEGIN SOLUTION
    h, o = [], [o0]
    for x_t in x:
        h.append(rnn_step(x_t, o[-1], params))
        o.append(params["c"] + h[-1] @ params["V"].T)
    return np.stack(h), np.stack(o[1:])  # (T, N, H), (T, N, K)
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(output_recurrence)

# %% [markdown]
# ## What pattern 2 gives up
#
# Cut a long sequence in two, and call your function on the second half. Of the first half it is
# told nothing but the last output, as its `o0`, and yet it goes on correctly. So it is at every
# step: **$o$ is the only information that reaches the future**. Two pasts that end in the same
# $o_t$ have the same future if the same inputs follow, however different their hidden states were.
# Pattern 1 may put into $h$ whatever it likes about the past, and send it on.
#
# One line of algebra says how narrow the passage is. Put $o_{t-1} = c + V h_{t-1}$ into the
# equation of $a_t$:
#
# $$a_t = (b + W c) + W V\, h_{t-1} + U x_t$$
#
# So from its second step on, a network of pattern 2 *is* one of pattern 1, whose recurrent matrix
# is the product $WV$. It squeezes the $H$ numbers of a state through $K$. The number of independent
# directions that a matrix lets through is its **rank**, and here it is at most $K$. Whatever
# $h_{t-1}$ holds in a direction that $V$ maps to zero is lost, and with $K < H$ there are such
# directions.

# %% [markdown]
# The second restriction comes with training. The matrix $V$ must do two jobs: give the right
# answer, and remember. $o_t$ is trained to match $y_t$, and what matches $y_t$ best rarely is all
# that the future needs to know about the past. The next demonstration shows an example: how many
# sunspots there will be next year does not tell whether the number is on its way up or down.
#
# So pattern 2 is **less powerful**: with outputs that are tied to the task, it can express fewer
# functions than pattern 1. For one, it cannot simulate a universal Turing machine (section 10.2.1),
# because nothing in it is free to be the machine's tape.
#
# It also has fewer parameters when $K < H$: $HK$ in $W$ instead of $H^2$.

# %% [markdown]
# ## Demonstration: the same output, two pasts
#
# The sunspots of homework 1 again: yearly mean numbers from 1700 to 2008, kept by the Solar
# Influences Data Analysis Center, passed on by the US National Geophysical Data Center, in the
# public domain. Two networks with 30 hidden units read them, year after year, and forecast the
# next: one of pattern 1, one of pattern 2. The output is no class here, but the forecast itself.
#
# Training all parameters takes gradients, and these come in homework 4. Until then we take the
# short-cut of homework 1: $U$, $W$ and $b$ are drawn at random and stay as they are. Only $V$ and
# $c$ are fitted, by least squares, to the years until 1920. (Such a network of pattern 1 is called
# an *echo state network*, section 10.8 of the book.)

# %% tags=["active-ipynb"]
# def random_params(rng, D, H, K, feedback):
#     """Draw U, W and b; V and c are zero, to be fitted later."""
#     if feedback == "hidden":
#         W = 0.9 * np.linalg.qr(rng.normal(size=(H, H)))[0]  # turns h, and shortens it a little
#     else:
#         W = 0.5 * rng.normal(size=(H, K))
#     U, b = 0.5 * rng.normal(size=(H, D)), 0.2 * rng.normal(size=H)
#     return {"U": U, "W": W, "V": np.zeros((K, H)), "b": b, "c": np.zeros(K)}
#
#
# def least_squares(h, y, penalty=0.1):
#     """Return the V and c that bring c + V h nearest to y, for h (..., H) and y (..., K)."""
#     h1 = np.concatenate([h, np.ones((*h.shape[:-1], 1))], axis=-1)
#     h1, y = h1.reshape(-1, h1.shape[-1]), y.reshape(-1, y.shape[-1])
#     Vc = np.linalg.solve(h1.T @ h1 + penalty * np.eye(h1.shape[1]), h1.T @ y).T  # (K, H + 1)
#     return Vc[:, :-1], Vc[:, -1]
#
#
# def fit_hidden_recurrence(params, x, h0, y, steps=slice(None)):
#     """Fit V and c of pattern 1 to targets y (T, N, K), at some steps or all."""
#     h, _ = hidden_recurrence(x, h0, params)
#     V, c = least_squares(h[steps], y[steps])
#     return {**params, "V": V, "c": c}
#
#
# def fit_output_recurrence(params, x, o0, y, steps=slice(None), rounds=30):
#     """Do the same for pattern 2, whose states depend on V and c: run and fit by turns."""
#     for _ in range(rounds):
#         h, _ = output_recurrence(x, o0, params)
#         V, c = least_squares(h[steps], y[steps])
#         V, c = 0.7 * params["V"] + 0.3 * V, 0.7 * params["c"] + 0.3 * c  # go part of the way
#         params = {**params, "V": V, "c": c}
#     return params

# %% tags=["active-ipynb"]
# years, counts = datasets.sunspots()
# x = counts[:-1, None, None] / 100  # (T, 1, 1), the years 1700 to 2007
# y = counts[1:, None, None] / 100  # (T, 1, 1), the year after each
# known, later = slice(22, 220), slice(220, None)  # targets 1723 to 1920, and 1921 to 2008
# H = 30
# h0, o0 = np.zeros((1, H)), np.zeros((1, 1))
#
#
# def sunspot_networks():
#     """Return fitted parameters of patterns 1 and 2."""
#     rng = np.random.default_rng(0)
#     first = random_params(rng, 1, H, 1, "hidden")
#     second = random_params(rng, 1, H, 1, "output")
#     return (
#         fit_hidden_recurrence(first, x, h0, y, known),
#         fit_output_recurrence(second, x, o0, y, known),
#     )

# %% [markdown]
# In a year when the sun is getting busier and in one when it is calming down, the forecast for the
# next year may be the same number. What happens after that?
#
# We look for such pairs of years: one in which the count rises, and one in which it falls, with
# nearly equal forecasts. Each network gets its twenty closest pairs. It then goes on from both
# years of a pair, and **from there on reads the same eleven years**. Any difference between its
# outputs must have come out of the past. **Guess first:** after one year, how many sunspots apart
# are the forecasts of pattern 1?

# %% tags=["active-ipynb"]
# def same_output(o, pairs=20):
#     """Return rising and falling years (as steps) with the most similar outputs."""
#     t = np.arange(22, len(x) - 11)  # eleven years are still to come
#     change = (x[t] - x[t - 1])[:, 0, 0]
#     rising, falling = t[change > 0], t[change < 0]
#     gap = np.abs(o[rising, 0] - o[falling, 0].T)  # one row for each rising year
#     closest = np.argsort(gap, axis=None)[:pairs]
#     row, column = np.unravel_index(closest, gap.shape)
#     return rising[row], falling[column]
#
#
# def divergence(run, o, fed_back, params):
#     """Run on from pairs of years with the same output; return (12,) mean differences of o."""
#     a, b = same_output(o)
#     future = np.stack([x[t + 1 : t + 12, 0] for t in a], axis=1)  # (11, 20, 1)
#     _, o_a = run(future, fed_back[a, 0], params)
#     _, o_b = run(future, fed_back[b, 0], params)
#     difference = np.concatenate([[o[a, 0] - o[b, 0]], o_a - o_b])  # (12, 20, 1)
#     return 100 * np.abs(difference).mean(axis=(1, 2))

# %% tags=["active-ipynb", "folded"]
# def plot_divergence(guess):
#     """Draw how far apart the outputs are, year after year."""
#     figure, ax = plt.subplots()
#     ax.semilogy(with_state, "o-", color="C0", label="pattern 1, from $h$")
#     ax.semilogy(with_output, "s--", color="C1", label="pattern 2, from $o$")
#     if guess is not None:
#         ax.plot(1, guess, "*", color="C3", markersize=12, label="your guess")
#     ax.set(title="Outputs after two pasts with the same output", xlabel="years after")
#     ax.set(ylabel="mean difference (sunspots)", xticks=range(12))
#     ax.legend()

# %% tags=["active-ipynb"]
# guess = None  # your guess: a number of sunspots
#
# with needs(hidden_recurrence, output_recurrence):
#     first, second = sunspot_networks()
#     h_1, o_1 = hidden_recurrence(x, h0, first)
#     h_2, o_2 = output_recurrence(x, o0, second)
#     with_state = divergence(hidden_recurrence, o_1, h_1, first)
#     with_output = divergence(output_recurrence, o_2, o_2, second)
#     a, b = same_output(o_2)
#     apart = np.linalg.norm(h_2[a] - h_2[b], axis=-1).mean()
#     print(f"Pattern 1: outputs differ by {with_state[0]:.3f} sunspots, then {with_state[1]:.1f}.")
#     print(f"Pattern 2: outputs differ by {with_output[0]:.3f}, then {with_output[1]:.3f},")
#     print(f"  though its states differed by {apart:.2f} (mean norm of a difference).")
#     plot_divergence(guess)
#     plt.show()

# %% [markdown]
# Within a pair, the outputs differ by less than a tenth of a sunspot on average. After the same
# next year has been read, those of pattern 1 are 23 sunspots apart: its state still knew whether
# the sun was getting busier. The difference then fades, as what was read since drives out what was
# read before.
#
# In pattern 2 the two states were different too, by 0.88. But states are not handed on. The outputs
# are, and all the difference there is afterwards comes from the 0.042 between them. If they were
# equal, so would be the futures, to the last digit.

# %% [markdown]
# ## What pattern 2 gets in exchange
#
# Suppose that $o_t$ is trained to match $y_t$. While training, we *know* $y_t$. Then we may feed
# back $y_{t-1}$ in the place of $o_{t-1}$: no step has to wait for the one before it any more, and
# the gradient of each step can be computed on its own. The steps **decouple**, and all of them can
# be trained in parallel. In pattern 1 there is no such way out, because nobody tells us the right
# $h_{t-1}$.
#
# This is **teacher forcing** (section 10.2.1). Homework 5 shows that it is no trick: it follows
# from making the targets that were seen as probable as possible. It has its price: when the trained
# network runs by itself, it is fed with its own outputs again.

# %% [markdown]
# ## Pattern 3: one output, at the end
#
# ![The network of pattern 1, unrolled: every h receives x through U and the h before it through W,
# but only the last h has an output o, with a loss L and a target y.](drawings.pattern_3)
#
# The recurrence is that of pattern 1, and the output is read once, after the last step:
#
# $$h_t = \tanh(b + W h_{t-1} + U x_t), \qquad o = c + V h_T$$
#
# (figure 10.5 of the book). The last state $h_T$ **summarises** the sequence: it has $H$ numbers,
# however long the sequence was. Many to one: is this review friendly, which digit is this, in what
# language is this word written? The summary can also be handed on to another network.

# %% [markdown]
# ### Sequences of different lengths
#
# An array is rectangular, sequences are not. To put them into one batch, the shorter ones are
# **padded** at the end up to the length of the longest, often with zeros. `lengths[n]` tells how
# many of the $T$ steps of sequence $n$ are real, from 1 to $T$.
#
# Padding cannot do harm to the real steps: they come first, and a state never depends on inputs
# that come later. The loop may simply run on into the padding. But the state there is worthless,
# and so is the output at step $T$ of a sequence that ended before. The output of sequence $n$
# belongs to **its own last step**, number `lengths[n]`.

# %% [markdown]
# ### Exercise 4: pattern 3 (5 points)
#
# *About 25 minutes. Essential.*
#
# Write `single_output(x, h0, params, lengths=None)`. It returns `(h, o)`, with the states of all
# steps in `h`, and one output for each sequence in `o`, which is `(N, K)`. Without `lengths`, all
# sequences have $T$ steps. What `h` holds at padded steps is up to you.


# %%
def single_output(x, h0, params, lengths=None):
    """Run a network whose hidden state is fed back, with one output at the end (pattern 3).

    h_t = tanh(b + W h_{t-1} + U x_t),  o = c + V h_T  (figure 10.5 of the book), where T is
    lengths[n] for sequence n.

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs, padded at the end; T is at least 1.
    h0 : ndarray, shape (N, H)
        State before the first step.
    params : dict of str to ndarray
        U (H, D), W (H, H), V (K, H), b (H,), c (K,).
    lengths : ndarray of int, shape (N,), optional
        Numbers of real steps, from 1 to T; without it, all steps are real.

    Returns
    -------
    h : ndarray, shape (T, N, H)
        States; h[t] is the one after x[t] has been read.
    o : ndarray, shape (N, K)
        Outputs, each after the last real step of its sequence.

    Examples
    --------
    Two sequences; the second has one step, and one step of padding.

    >>> one = np.array([[1.0]])
    >>> params = {"U": one, "W": 0 * one, "V": one, "b": 0 * one[0], "c": 0 * one[0]}
    >>> x = np.arctanh(np.array([[[0.1], [0.2]], [[0.3], [0.4]]]))
    >>> h, o = single_output(x, np.zeros((2, 1)), params, np.array([2, 1]))
    >>> o.round(6)
    array([[0.3],
           [0.2]])
    """
    ### BEGIN SOLUTION
    h, o = hidden_recurrence(x, h0, params)
    T, N, _ = x.shape
    last = T - 1 if lengths is None else lengths - 1
    return h, o[last, np.arange(N)]  # (T, N, H), (N, K)
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(single_output)

# %% [markdown]
# ## Demonstration: sequences of different lengths
#
# About every eleven years the sun is quiet. From one minimum to the next is a *cycle*, and no two
# cycles need be of the same length. We cut the years into cycles, and put the cycles into one
# batch, padded at the end. The network is random: what it says about a cycle means nothing yet. The
# question is only whether it says the same whatever the cycle is padded with, and whether it says
# the same as without the batch.

# %% tags=["active-ipynb"]
# minima = [
#     t
#     for t in range(4, len(counts) - 4)
#     if counts[t - 4 : t].min() > counts[t] <= counts[t + 1 : t + 5].min()
# ]
# cycles = np.split(counts / 100, minima)[1:-1]  # from each minimum to the year before the next
# lengths = np.array([len(cycle) for cycle in cycles])
# print(f"{len(cycles)} cycles, from {years[minima[0]]:.0f} to {years[minima[-1]] - 1:.0f}")
# print("years in each:", *lengths)
#
#
# def pad(cycles, filling):
#     """Return a batch (T, N, 1) of cycles, padded at the end up to the longest."""
#     x = np.full((max(map(len, cycles)), len(cycles), 1), filling)
#     for n, cycle in enumerate(cycles):
#         x[: len(cycle), n, 0] = cycle
#     return x

# %% tags=["active-ipynb"]
# with needs(single_output):
#     rng = np.random.default_rng(0)
#     N, H_small, K = len(cycles), 6, 2
#     params = {
#         "U": rng.normal(size=(H_small, 1)),
#         "W": rng.normal(size=(H_small, H_small)) / np.sqrt(H_small),
#         "V": rng.normal(size=(K, H_small)),
#         "b": rng.normal(size=H_small),
#         "c": rng.normal(size=K),
#     }
#     empty = np.zeros((N, H_small))
#     alone = [
#         single_output(cycle[:, None, None], empty[n : n + 1], params)[1][0]
#         for n, cycle in enumerate(cycles)
#     ]
#     print("Largest difference from reading each cycle alone:")
#     for filling in (0.0, 7.0):
#         padded = pad(cycles, filling)
#         _, o = single_output(padded, empty, params, lengths)
#         _, forgotten = single_output(padded, empty, params)
#         print(f"  padded with {filling:g}: {np.abs(o - alone).max():.0e} with lengths,", end=" ")
#         print(f"{np.abs(forgotten - alone).max():.2f} where the lengths are forgotten")

# %% [markdown]
# With `lengths`, the batch says what each cycle says alone, up to rounding, whatever the padding
# is. Without them, every cycle but the longest gets a wrong output. Zeros are no exception: where
# the input is zero, $W$ and $b$ go on working on the state all the same.

# %% [markdown]
# ## The three graphs
#
# A drawing says at a glance what distinguishes the patterns: where the edges $W$ start, and how
# many outputs there are.
#
# ### Exercise 5: draw them (4 points)
#
# *About 20 minutes. Aside.*
#
# Write `pattern_graph(pattern, T)`, which draws a pattern unrolled over `T` steps. `pattern` is
# `"hidden_recurrence"`, `"output_recurrence"` or `"single_output"`.
#
# - The nodes are called `x1`, `h1`, `o1`, `L1`, `y1`, up to `xT`, `hT`, and so on. The pattern with
#   a single output has no other `o`, `L` and `y` than `oT`, `LT` and `yT`.
# - Edges from `x` to `h` are labelled `U`, edges from `h` to `o` are labelled `V`, edges of the
#   recurrence `W`.
# - `o` and `y` each have an edge to the `L` of their step, without a label.
# - The initial state has no node. So the first step has no edge `W`.
#
# Colours, shapes and layout are yours. Draw it with `draw(pattern_graph("output_recurrence", 3))`.


# %%
def pattern_graph(pattern, T):
    """Draw one of the three design patterns, unrolled (figures 10.3 to 10.5 of the book).

    Parameters
    ----------
    pattern : {"hidden_recurrence", "output_recurrence", "single_output"}
        What is fed back, and whether there is one output or an output at every step.
    T : int
        The number of steps, at least 1.

    Returns
    -------
    graphviz.Digraph
        Nodes x1, h1, o1, L1, y1 and so on; edges labelled U, V, W, or not at all (to L).

    Examples
    --------
    >>> graph = pattern_graph("single_output", 2)
    >>> [node in graph.source for node in ("x1", "x2", "o1", "o2")]
    [True, True, False, True]
    """
    ### BEGIN SOLUTION
    fed_back = "o" if pattern == "output_recurrence" else "h"
    graph = graphviz.Digraph(graph_attr={"rankdir": "BT"})
    for t in range(1, T + 1):
        graph.edge(f"x{t}", f"h{t}", label="U")
        if t > 1:
            graph.edge(f"{fed_back}{t - 1}", f"h{t}", label="W", constraint="false")
        if t == T or pattern != "single_output":
            graph.edge(f"h{t}", f"o{t}", label="V")
            graph.edge(f"o{t}", f"L{t}")
            graph.edge(f"y{t}", f"L{t}")
    return graph
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(pattern_graph)

# %% tags=["active-ipynb"]
# with needs(pattern_graph):
#     for pattern in ("hidden_recurrence", "output_recurrence", "single_output"):
#         graph = pattern_graph(pattern, 3)
#         print(pattern)
#         draw(graph)

# %% [markdown]
# ## Demonstration: three patterns read the same sequence
#
# Now for a comparison: in each year, forecast the number of sunspots of the next.
#
# - **Pattern 1** reads all years from 1700 on and forecasts at every step.
# - **Pattern 2** does the same, and feeds its forecast back.
# - **Pattern 3** reads the last few years only, from an empty state, and forecasts once, at the
#   end. How many years, we shall vary.
#
# As before, only $V$ and $c$ are fitted, to the years until 1920. The forecasts are judged on the
# years after. **Guess first:** pattern 1 errs by 18.5 sunspots (root mean square), and the plain
# rule that the next year will be like this one by 30.4. And pattern 2?

# %% tags=["active-ipynb"]
# def window_forecasts(params, length):
#     """Forecast 1723 to 2008 with pattern 3, each year from the `length` years before it."""
#     ends = np.arange(22, len(x))
#     windows = np.stack([x[end - length + 1 : end + 1, 0] for end in ends], axis=1)
#     start = np.zeros((len(ends), H))
#     h, _ = single_output(windows, start, params)  # windows: (length, N, 1)
#     V, c = least_squares(h[-1, : 220 - 22], y[known, 0])
#     return single_output(windows, start, {**params, "V": V, "c": c})[1]
#
#
# def error(forecast, truth):
#     """Return the root mean square error, in sunspots."""
#     return 100 * np.sqrt(np.mean((forecast - truth) ** 2))

# %% tags=["active-ipynb", "folded"]
# def plot_forecasts(guess):
#     """Draw the forecasts of two patterns, and the errors of all three."""
#     figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), width_ratios=[3, 2])
#     left.plot(years[221:], counts[221:], color="C4", alpha=0.5, linewidth=4, label="observed")
#     left.plot(years[221:], 100 * o_1[later, 0, 0], color="C0", label="pattern 1")
#     left.plot(years[221:], 100 * o_2[later, 0, 0], "--", color="C1", label="pattern 2")
#     left.set(title="Forecasts, one year ahead", xlabel="year", ylabel="sunspots")
#     left.set_xlim(1945, 2008)
#     left.legend()
#     right.plot(lengths, windows, "o-", color="C2", markersize=4, label="pattern 3")
#     right.axhline(error(o_1[later], y[later]), color="C0", label="pattern 1")
#     right.axhline(
#         error(o_2[later], y[later]), color="C1", linestyle="--", label="pattern 2"
#     )
#     if guess is not None:
#         right.axhline(guess, color="C3", ls=":", label="your guess")
#     right.set(title="Error in 1921–2008", xlabel="years that pattern 3 reads", ylim=(0, 32))
#     right.set_ylabel("root mean square error\n(sunspots)")
#     right.legend()

# %% tags=["active-ipynb"]
# guess = None  # your guess: the error of pattern 2, in sunspots
#
# with needs(hidden_recurrence, output_recurrence, single_output):
#     first, second = sunspot_networks()
#     _, o_1 = hidden_recurrence(x, h0, first)
#     _, o_2 = output_recurrence(x, o0, second)
#     lengths = np.arange(1, 23)
#     windows = [
#         error(window_forecasts(first, length)[220 - 22 :], y[later, 0]) for length in lengths
#     ]
#     print("Root mean square error of the forecasts of 1921 to 2008, in sunspots:")
#     print(f"  the next year is like this one: {error(x[later], y[later]):.1f}")
#     print(f"  pattern 1: {error(o_1[later], y[later]):.1f}")
#     print(f"  pattern 2: {error(o_2[later], y[later]):.1f}")
#     for length in (1, 2, 6, 22):
#         print(f"  pattern 3, reading {length:2}: {windows[length - 1]:.1f}")
#     plot_forecasts(guess)
#     plt.show()

# %% [markdown]
# Look at the right picture first. With one year, pattern 3 does hardly better than the plain rule
# that the next year will be like this one: 29.9 against 30.4. From one number nobody can tell
# whether the sun is getting busier or calming down. Two years show it, and the error falls to 19.1.
# More years add little. Pattern 1 may keep in its state whatever it likes, and gets 18.5.
#
# With six years, pattern 3 gets 17.6. Why use pattern 1, then? Somebody must know that six is the
# number, and we know it from the very years that judge the forecasts. And pattern 3 begins anew for
# every forecast: six steps each, where pattern 1 takes one.
#
# Pattern 2 lies in between, at 24.6. At each step it knows this year's count, and what it had
# forecast for it. If the forecast was too low, the sun probably is getting busier. This is worth
# more than one year's count alone, and less than two. In the left picture, its forecasts stay too
# low at the height of every cycle, and zigzag around 1975.
#
# The short-cut is not to blame. We also trained *all* parameters of pattern 2 (not shown here: the
# tool for it is homework 4). Its error came down to about 24, still far from the 18.5 of pattern 1.

# %% [markdown]
# ## Demonstration: which digit is this?
#
# Pattern 3 at its proper work: read a sequence to its end, then say one thing about it. The
# sequences are the handwritten digits of the UCI repository ("Optical Recognition of Handwritten
# Digits", by E. Alpaydin and C. Kaynak, licence CC BY 4.0): 1,797 images of $8 \times 8$ pixels.
# Read row by row from the top, an image is a sequence of $T = 8$ steps with $D = 8$ inputs each,
# and its class is one of $K = 10$.
#
# Again $U$, $W$ and $b$ are random. $V$ and $c$ are fitted on the first 1,200 images: the output of
# the right class should be 1, the others 0. The network's answer is the class with the largest
# output. **Guess first:** how many of 100 images that it has not seen will it read right?

# %% tags=["active-ipynb"]
# images, labels = datasets.digits()
# rows = images.transpose(1, 0, 2)  # (T, N, D): row t of image n
# wanted = np.eye(10)[labels]  # (N, K): 1 for the class of the image
# seen, unseen = slice(0, 1200), slice(1200, None)
# units = 200
#
#
# def digit_network():
#     """Return parameters of pattern 3 that tell the digits."""
#     params = random_params(np.random.default_rng(0), 8, units, 10, "hidden")
#     h, _ = single_output(rows[:, seen], np.zeros((1200, units)), params)
#     V, c = least_squares(h[-1], wanted[seen])
#     return {**params, "V": V, "c": c}

# %% tags=["active-ipynb", "folded"]
# def plot_readings():
#     """Draw some digits that are read right, and some that are misread."""
#     shown = [1200 + np.flatnonzero(right[unseen] == answer)[:4] for answer in (True, False)]
#     figure, axes = plt.subplots(1, 8, figsize=(10, 1.9))
#     for ax, n in zip(axes, np.concatenate(shown), strict=True):
#         ax.imshow(images[n], cmap="gray_r", vmin=0, vmax=1)
#         ax.set(xticks=[], yticks=[], title=f"{labels[n]}, read as {o[n].argmax()}")
#     figure.suptitle("The first unseen digits that are read right, and the first that are misread")

# %% tags=["active-ipynb"]
# guess = None  # your guess: how many of 100
#
# with needs(single_output):
#     _, o = single_output(rows, np.zeros((len(labels), units)), digit_network())
#     right = o.argmax(axis=1) == labels
#     print(f"Right: {right[seen].mean():.1%} of the 1,200 images seen,", end=" ")
#     print(f"{right[unseen].mean():.1%} of the {len(labels) - 1200} others.")
#     if guess is not None:
#         print(f"Your guess: {guess}%.")
#     plot_readings()
#     plt.show()

# %% [markdown]
# Eight rows go in, one answer comes out, and it is right for 93 of 100 images that were not seen
# before. Only $V$ and $c$ were fitted, $10 \cdot 200 + 10 = 2010$ numbers. So the last state must
# hold a good deal about the whole image, not just about its last rows. How much?

# %% [markdown]
# ## Demonstration: what gets through
#
# Does the last state know only the class, or the picture too? And what does a network of pattern 2
# remember? It is trained to name the class at every row, and has only those ten outputs to hand on.
#
# First the **directions**. An image has 56 pixels in its first seven rows. Change each of them a
# little, one at a time, and see how the *last* state moves. The 56 answers are the rows of a matrix
# of derivatives, a **Jacobian**. A matrix maps a ball to an ellipsoid, and the half-axes of that
# are its **singular values**: as many as are not zero are the independent directions in which the
# early rows move the last state, and their lengths say how strongly. **Guess first:** how many are
# there in pattern 2?

# %% tags=["active-ipynb"]
# def tagging_network():
#     """Return parameters of pattern 2, which says at every row which digit it may be."""
#     params = random_params(np.random.default_rng(0), 8, units, 10, "output")
#     y = np.broadcast_to(wanted[seen], (8, 1200, 10))  # the same target at every row
#     return fit_output_recurrence(params, rows[:, seen], np.zeros((1200, 10)), y)
#
#
# def singular_values(run, start, params, n=1200):
#     """Return how strongly the first seven rows of image n move the last state."""
#     x = np.repeat(rows[:, n : n + 1], 56, axis=1)  # a batch of 56 copies
#     nudge = np.zeros_like(x)
#     nudge[:7] = 1e-6 * np.eye(56).reshape(7, 8, 56).transpose(0, 2, 1)  # a pixel in each
#     h_up, _ = run(x + nudge, start, params)
#     h_down, _ = run(x - nudge, start, params)
#     return np.linalg.svd((h_up[-1] - h_down[-1]) / 2e-6, compute_uv=False)

# %% tags=["active-ipynb", "folded"]
# def plot_strength(guess):
#     """Draw the singular values."""
#     figure, ax = plt.subplots()
#     ax.semilogy(range(1, 57), strength["pattern 3"], "o", color="C0", label="pattern 3")
#     ax.semilogy(range(1, 57), strength["pattern 2"], "s", color="C1", label="pattern 2")
#     ax.axvline(10.5, color="0.6", linestyle=":", label="$K = 10$")
#     if guess is not None:
#         ax.axvline(guess + 0.5, color="C3", ls=":", label="your guess")
#     ax.set(title="How the first seven rows reach the last state", xlabel="direction, by strength")
#     ax.set(ylabel="singular value")
#     ax.legend()

# %% tags=["active-ipynb"]
# guess = None  # your guess: a number of directions, from 0 to 56
#
# with needs(hidden_recurrence, output_recurrence, single_output):
#     strength = {
#         "pattern 3": singular_values(hidden_recurrence, np.zeros((56, units)), digit_network()),
#         "pattern 2": singular_values(output_recurrence, np.zeros((56, 10)), tagging_network()),
#     }
#     for name, values in strength.items():
#         print(f"{name}: {np.sum(values > 1e-6 * values[0])} of 56 directions get through.")
#         print("  The ten strongest:", *(f"{value:.2g}" for value in values[:10]))
#     plot_strength(guess)
#     plt.show()

# %% [markdown]
# All 56 directions reach the last state of pattern 3. In pattern 2, ten do: this is the rank $K$ of
# $WV$, measured. The other 46 values, around $10^{-10}$, are the rounding errors of the
# differences.
#
# Of these ten, the last is a thousand times weaker than the first. The targets of the ten outputs
# add up to 1, and so do the outputs, very nearly: nine of them tell the tenth. What is trained to
# match $y$ hands on no more than $y$ has room for.

# %% [markdown]
# Now the **picture**: can it be drawn again from the last state? For each network, we fit a linear
# map from the last state to the 64 pixels on the images seen, and apply it to the others.

# %% tags=["active-ipynb"]
# def redraw(h):
#     """Draw all images from their last states (N, H), as a linear map fitted on the seen ones."""
#     A, a = least_squares(h[seen], images[seen].reshape(1200, 64))
#     return (a + h @ A.T).reshape(-1, 8, 8)
#
#
# def share_explained(drawn):
#     """Return (8,) how much of the variance of each row's pixels the drawings get right."""
#     missed = ((drawn - images)[unseen] ** 2).sum(axis=(0, 2))
#     return 1 - missed / ((images - images[seen].mean(axis=0))[unseen] ** 2).sum(axis=(0, 2))

# %% tags=["active-ipynb", "folded"]
# def plot_drawings():
#     """Draw digits again from the last states, and how much of each row is right."""
#     figure = plt.figure(figsize=(10, 3.8))
#     left, right = figure.subfigures(1, 2, width_ratios=[3, 2])
#     axes = left.subplots(3, 6)
#     for line, (name, pictures) in zip(axes, drawn.items(), strict=True):
#         line[0].set_ylabel(name)
#         for ax, n in zip(line, range(1200, 1206), strict=True):
#             ax.imshow(pictures[n], cmap="gray_r", vmin=0, vmax=1)
#             ax.set(xticks=[], yticks=[])
#     left.suptitle("Unseen digits, drawn from the last state")
#     ax = right.subplots()
#     ax.plot(range(1, 9), explained["pattern 3"], "o-", color="C0", label="pattern 3")
#     ax.plot(range(1, 9), explained["pattern 2"], "s--", color="C1", label="pattern 2")
#     ax.set(title="What is left of each row", xlabel="row (1 was read first)", ylim=(0, 1.05))
#     ax.set_ylabel("share of the variance explained")
#     ax.legend(loc="lower right")

# %% tags=["active-ipynb"]
# with needs(output_recurrence, single_output):
#     N = len(labels)
#     h_3, _ = single_output(rows, np.zeros((N, units)), digit_network())
#     h_2, _ = output_recurrence(rows, np.zeros((N, 10)), tagging_network())
#     drawn = {"image": images, "pattern 3": redraw(h_3[-1]), "pattern 2": redraw(h_2[-1])}
#     explained = {name: share_explained(drawn[name]) for name in ("pattern 3", "pattern 2")}
#     for name, share in explained.items():
#         print(f"{name} explains, from the first row to the last:", *(f"{s:.2f}" for s in share))
#     plot_drawings()
#     plt.show()

# %% [markdown]
# The last row needs no memory, it has just been read: both networks know it. Of the rows before,
# pattern 3 keeps the more, the later they were read: from 71 % of the variance of the first row to
# 99 % of the seventh.
#
# Pattern 2 has blurred them. It remembers which digits the rows looked like so far, and so its
# drawing is a mean of such digits. Of the fourth row, 38 % are left. Does it keep the first one
# better, with 56 %? No: here the last row helps, which has just been read. By itself, without any
# network, it explains 35 % of the first row and 6 % of the fourth, for digits begin and end alike.
# What came through the outputs, $o_7$, tells as much of the one as of the other.
#
# Is so narrow a passage bad? To name the digit, "what it looks like so far" is a good summary, and
# little else is needed. To forecast the sun, the output was a poor one. Pattern 2 is as good as its
# $y$ is at describing the state of the world.

# %% [markdown]
# ## How am I doing?

# %% tags=["active-ipynb"]
# progress()

# %% [markdown]
# ## To read if you like: what such a network can compute
#
# Take any function that a Turing machine can compute. Then there is a recurrent network of pattern
# 1, with a *finite* number of units, that computes it. The number of steps it takes grows linearly
# with the number of steps of the Turing machine, and with the length of the input (section 10.2;
# the proofs are by Siegelmann and Sontag, 1991 and 1995). In this sense the pattern is
# **universal**.
#
# The small print matters:
#
# - Inputs are sequences of bits, and the outputs are rounded to bits. The function is computed
#   exactly, not approximated.
# - The units of the proof are piecewise linear, and their activations are rational numbers of
#   *unbounded* precision: a tape without end is stored in the digits of a few of them. A network in
#   float64 has finitely many states, as your computer has.
# - The theorem says that suitable weights exist. It does not say that training finds them.

# %% [markdown]
# ## What you have learned
#
# | | pattern 1 | pattern 2 | pattern 3 |
# |---|---|---|---|
# | fed back | hidden state $h$ | output $o$ | hidden state $h$ |
# | outputs | at every step | at every step | one, at the end |
# | the future sees | $H$ free numbers | $K$ numbers, trained to match $y$ | $H$ free numbers |
# | training | step after step | steps decouple under teacher forcing | step after step |
# | suits | tagging, forecasting | where $y$ describes the state well | summarising, classifying |
#
# **Where to read on**, in *Deep Learning* (Goodfellow, Bengio and Courville), chapter 10: section
# 10.2 and its figures 10.3 to 10.5 for the three patterns, section 10.2.1 for pattern 2 and teacher
# forcing, section 10.8 for echo state networks. On what recurrent networks can compute: H. T.
# Siegelmann and E. D. Sontag, *On the computational power of neural nets*, Journal of Computer and
# System Sciences 50 (1995).
#
# **What comes next**: homework 3 turns $o$ into probabilities, and measures how good they are.
# Homework 4 computes the gradient of that loss for patterns 1 and 3, by going back through time.
