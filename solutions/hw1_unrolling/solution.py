# %% [markdown]
# # Homework 1 · Unrolling
#
# **What you will do**
#
# - run a dynamical system forward, without and with an input at every step;
# - write the rival of the recurrent network, the time-delay network;
# - write an instrument that measures which inputs an output depends on, and turn it on both;
# - draw a recurrent network folded and unrolled.
#
# **What you will learn**
#
# - why a recurrence is nothing but a deep computation that uses one function again and again;
# - what a state remembers of the past, and what it must lose;
# - how far a time-delay network and a recurrent network see, on three centuries of sunspots;
# - why one set of parameters serves sequences of every length.
#
# **What you need**
#
# - numpy: shapes, slices, `@`. No knowledge of neural networks beyond a layer `tanh(W x + b)`;
# - *Deep Learning* (Goodfellow, Bengio and Courville), the introduction of chapter 10 and section
#   10.1, to read along.

# %% [markdown]
# ## How to work
#
# Work from top to bottom. Each of the six exercises is a function to fill in:
#
# 1. read its docstring, replace `raise NotImplementedError` with your code, and run the cell;
# 2. run the check cell below it, which says what is right, what is wrong, and where;
# 3. stuck? Run `hint(unroll)` (or the name of another function) in a cell of your own. Each call
#    tells a little more.
#
# Under its title stands about how long it takes, and how much it matters: *essential*, later
# homeworks build on it; *useful*, an idea that comes back; *aside*, good to have done once.
#
# Between the exercises stand **demonstrations**. Some ask you to **guess** first: write your guess
# in the place of `None`, and run the cell; the picture shows it beside the truth. Nobody grades it.
# A demonstration that starts `with needs(unroll):` calls your `unroll`, and says so where it is not
# written yet. Code that only draws is folded away, behind three dots: run it like any other cell,
# and click on the dots to read it.
#
# The exercises are worth 20 points together. Every test in a check carries its share, so a function
# that is partly right earns part of its points. Grading runs the same tests on other numbers:
# answers that are computed stay right, answers that are copied do not. Tests also look whether a
# function changed its arguments: none may, here and in all homeworks. The bare number under a
# report is its points once more: nbgrader, the program that collects and grades notebooks, reads it
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
# ## One rule for every position
#
# "The comet returned in 1986." "In 1986 the comet returned." Which year is it? To you the two
# sentences are equally easy. A feedforward network that has weights of its own for each word
# position would have to learn the rules of English afresh for every position at which the year may
# stand.
#
# The cure is **parameter sharing**: the same weights at every position. It comes in two kinds, and
# you will build both.
#
# - A **time-delay network** is a convolution over time. The same kernel is laid over every stretch
#   of neighbouring inputs. The sharing is shallow: an output sees a few inputs and nothing else.
# - A **recurrent network** computes every state from the state before it, by the same rule each
#   time. The sharing runs through a computation as deep as the sequence is long.
#
# The index $t$ need not be time in seconds. It is the position in the sequence: a year here, a word
# or a row of pixels in later homeworks.

# %% [markdown]
# ## Notation
#
# | in the text | in the code | meaning |
# |---|---|---|
# | $T$, $N$ | `T`, `N` | number of steps; number of sequences worked on at once, the *batch* |
# | $D$, $H$ | `D`, `H` | size of an input; size of a state |
# | $s_t$, $h_t$ | `s`, `h` | the state after step $t$: $s$ without inputs, $h$ with inputs |
# | $x_t$ | `x` | the input of step $t$ |
# | $\theta$ | `theta` | the parameters |
# | $f$ | `f` | the transition function, from one state to the next |
#
# The book writes $h^{(t)}$, as the pictures here do, where the formulas here write $h_t$.
#
# **Mind the index.** Formulas count steps from 1, numpy from 0. The array `h` of the states
# $h_1, \dots, h_T$ has $h_1$ in `h[0]`, and `x[0]` is the input $x_1$ that led to it.
#
# Time is always the first axis: `x` is `(T, D)` for one sequence and `(T, N, D)` for a batch.

# %% [markdown]
# ## A dynamical system
#
# The plainest recurrence has no input at all (equation 10.1 of the book):
#
# $$s_t = f(s_{t-1};\, \theta)$$
#
# Behind the semicolon stands what is the same at every step, the parameters $\theta$. The state at
# step $t$ is defined by the same definition one step earlier, which makes the equation *recurrent*.
# One drawing says it all, with the arrow of $f$ running from the state to itself:
#
# ![A single node s with an arrow labelled f that leads from s back to s.](drawings.folded_system)

# %% [markdown]
# For a given number of steps the circle can be opened: apply the definition $T-1$ times, until no
# recurrence is left. For three steps (equations 10.2 and 10.3)
#
# $$s_3 = f(s_2;\, \theta) = f(f(s_1;\, \theta);\, \theta)$$
#
# This is **unrolling**. What comes out is an ordinary computation without any loop in it, which can
# be drawn as a directed acyclic graph. The same $f$ with the same $\theta$ stands on every arrow:
#
# ![The states at three steps in a row, joined by arrows from left to right that are all labelled
# f.](drawings.unrolled_system)

# %% [markdown]
# ### Exercise 1: unroll a system (4 points)
#
# *About 10 minutes. Essential.*
#
# Write the loop that unrolls. Give back all states $s_1, \dots, s_T$, the first of which is the
# initial state itself: three states are two applications of $f$.
#
# A state may have any shape: a single number `()`, a vector `(H,)`, a batch of vectors `(N, H)`.


# %%
def unroll(f, s1, theta, T):
    """Run a dynamical system without inputs for T states.

    s_t = f(s_{t-1}, theta)  for t = 2 ... T                      (equation 10.1 of the book)

    Parameters
    ----------
    f : callable
        The transition, ``f(s, theta)``: takes a state and returns the next, of the same shape.
    s1 : ndarray, any shape
        The initial state; may hold integers.
    theta : object
        The parameters, handed on to every call of `f` as they are.
    T : int
        The number of states to return, at least 1.

    Returns
    -------
    ndarray, shape (T, *s1.shape)
        The states s_1 ... s_T; the first row is `s1`.

    Examples
    --------
    Every state is half the one before:

    >>> unroll(lambda s, theta: theta * s, np.array([8, 80]), 0.5, 3)
    array([[ 8., 80.],
           [ 4., 40.],
           [ 2., 20.]])
    """
    ### BEGIN SOLUTION
    s = np.empty((T, *s1.shape))
    s[0] = s1
    for t in range(1, T):
        s[t] = f(s[t - 1], theta)
    return s
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(unroll)

# %% [markdown]
# ## Demonstration: the same function, three fates
#
# The transition below turns a point of the plane by one eleventh of a full turn and stretches it by
# a factor `theta`. The function is the same in all three runs, and so is the first state, whose
# length is one. **Guess first:** how long is it for `theta = 1.05`, after 44 applications of $f$?

# %% tags=["active-ipynb", "folded"]
# def plot_fates(runs, guess):
#     """Draw the path of each run in the plane, and the length of its state step by step."""
#     fig, (plane, lengths) = plt.subplots(1, 2, figsize=(9, 3.8), width_ratios=(1, 1.2))
#     for (theta, s), colour in zip(runs.items(), ("C0", "C2", "C1"), strict=True):
#         length = np.linalg.norm(s, axis=1)
#         plane.plot(*s.T, ".-", color=colour, lw=0.8)
#         lengths.semilogy(np.arange(1, 46), length, color=colour, label=f"theta = {theta}")
#         print(f"theta = {theta}: after 44 applications of f the length is {length[-1]:.2f}.")
#     if guess is not None:
#         lengths.plot(45, guess, "*", color="C3", markersize=12, label="your guess")
#     plane.set(title="The state in the plane", xlabel="first component")
#     plane.set(ylabel="second component", aspect="equal")
#     lengths.set(title="Its length (logarithmic)", xlabel="step $t$", ylabel="length of $s_t$")
#     lengths.set_yticks([0.1, 0.3, 1, 3, 10], ["0.1", "0.3", "1", "3", "10"])
#     lengths.legend()
#
#
# def plot_path(theta, s):
#     """Draw one path in the plane."""
#     fig, ax = plt.subplots(figsize=(4.2, 4.2))
#     ax.plot(*s.T, ".-", color="C0", lw=0.8)
#     ax.plot(*s[0], "o", color="C1", label="$s_1$")
#     ax.plot(*s[-1], "s", color="C3", label="$s_{45}$")
#     size = max(1.2, 1.1 * np.abs(s).max())
#     ax.set(title=f"theta = {theta}", xlim=(-size, size), ylim=(-size, size), aspect="equal")
#     ax.legend(loc="upper right")

# %% tags=["active-ipynb"]
# guess = None  # your guess: a number
#
# angle = 2 * np.pi / 11
# turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
# start = np.array([1.0, 0.0])
#
#
# def turn_and_stretch(s, theta):
#     return theta * (turn @ s)
#
#
# with needs(unroll):
#     runs = {theta: unroll(turn_and_stretch, start, theta, 45) for theta in (0.95, 1.0, 1.05)}
#     plot_fates(runs, guess)
#     plt.show()

# %% [markdown]
# A stretch by 5 % is hardly visible in one step. Applied 44 times, it divides the state by ten or
# multiplies it by nearly nine. On the logarithmic axis these are straight lines: the same factor at
# every step. Only at exactly 1 does the state go round on its circle for good. Move `theta`, and
# watch where the last state ends up. (Without a running notebook there is no slider; the picture
# above shows three of its places.)

# %% tags=["active-ipynb"]
# with needs(unroll):
#
#     @slide(theta=[0.9, 0.93, 0.95, 0.97, 0.99, 1.0, 1.01, 1.03, 1.05, 1.07, 1.1])
#     def path_in_the_plane(theta=0.95):
#         plot_path(theta, unroll(turn_and_stretch, start, theta, 45))

# %% [markdown]
# This is the price of a deep computation with shared parameters: whatever $f$ does, it does $T$
# times over. Keep it in mind for homework 4, where gradients take the same road backwards.
#
# The factor has a name. Where a matrix $A$ only stretches a vector $v$, so that $A v = \lambda v$,
# the number $\lambda$ is an **eigenvalue** of $A$. A matrix that turns has complex ones; the
# absolute value $|\lambda|$ is the stretch, here `theta`. When a matrix is applied again and again,
# its largest $|\lambda|$ decides in the end: below 1 a state fades, above 1 it grows.

# %% [markdown]
# ## A system that is driven from outside
#
# A network for sequences reads an input at every step (equations 10.4 and 10.5). Its state is a
# vector of $H$ numbers. They are called **hidden units**, because they are neither input nor
# output: nobody outside sees them. So the letter is now $h$:
#
# $$h_t = f(h_{t-1},\, x_t;\, \theta)$$
#
# Unrolled, $h_t$ turns out to be a function $g_t$ of the whole past (equations 10.6 and 10.7):
#
# $$h_t = g_t(x_t, x_{t-1}, \dots, x_2, x_1) = f(h_{t-1},\, x_t;\, \theta)$$
#
# There is a different $g_t$ for each $t$, with an argument more each time. The recurrence builds
# all of them out of one $f$.

# %% [markdown]
# So $h_t$ is a **summary** of everything read so far, and a **lossy** one: it has a fixed size,
# while the past grows without end. Training decides what is worth keeping. A network that predicts
# the next word of a text need not keep every word of it, only what bears on the words still to
# come.

# %% [markdown]
# ### Exercise 2: unroll a driven system (4 points)
#
# *About 10 minutes. Essential.*
#
# Unroll a system with inputs. The number of steps is the number of inputs, and may be 0. The
# initial state $h_0$ is where the loop starts; it is not among the states to give back.


# %%
def unroll_inputs(f, h0, x, theta):
    """Run a dynamical system that reads an input at every step.

    h_t = f(h_{t-1}, x_t, theta)  for t = 1 ... T                 (equation 10.5 of the book)

    Parameters
    ----------
    f : callable
        The transition, ``f(h, x_t, theta)``: returns the next state, of the same shape as `h`.
    h0 : ndarray, any shape
        The state before the first input; may hold integers.
    x : ndarray, shape (T, ...)
        The inputs, one for each step; T may be 0.
    theta : object
        The parameters, handed on to every call of `f` as they are.

    Returns
    -------
    ndarray, shape (T, *h0.shape)
        The states h_1 ... h_T: row t is the state after ``x[t]`` has been read.

    Examples
    --------
    The state is halved, then the input is added:

    >>> unroll_inputs(lambda h, x, theta: theta * h + x, np.array([8]), np.array([[1], [0]]), 0.5)
    array([[5. ],
           [2.5]])
    """
    ### BEGIN SOLUTION
    T = len(x)
    states = np.empty((T, *h0.shape))
    h = h0
    for t in range(T):
        h = states[t] = f(h, x[t], theta)
    return states
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(unroll_inputs)

# %% [markdown]
# ## The time-delay network
#
# An early way to read a sequence is convolution over time. An output is a function of the latest
# $k$ inputs, weighted by a **kernel** that is the same everywhere:
#
# $$\mathrm{out}_t = \sum_{j=0}^{k-1} x_{t-j}\, \mathrm{kernel}_j$$
#
# Here $j$ is the *delay*: $\mathrm{kernel}_0$ weighs the present input, $\mathrm{kernel}_1$ the one
# before it. The inputs before the start of the sequence count as zeros. The convolution is
# *causal*: no output looks ahead. In the picture, with $k = 3$, the kernel is written
# $k_0, k_1, k_2$.
#
# ![An output and the next one. Each has arrows from the input of its own step and the two before
# it, labelled k0, k1 and k2: the same kernel, moved one step on.](drawings.time_delay)

# %% [markdown]
# ### Exercise 3: the time-delay network (4 points)
#
# *About 25 minutes. Useful.*
#
# Every $x_t$ is a row of $D$ numbers and every $\mathrm{kernel}_j$ a matrix `(D, H)`, so that each
# output is a row of $H$ numbers. The kernel may well be longer than the sequence.
#
# With $k = 2$, $D = H = 1$ and the kernel $(1, 10)$, the sequence $1, 2, 3$ becomes
#
#     delay 0:    1·1    1·2    1·3
#     delay 1:           10·1   10·2      the inputs, one step late
#     out:        1      12     23


# %%
def time_delay(x, kernel):
    """Convolve a sequence with a kernel over time, looking back only.

    out_t = sum_{j=0}^{k-1} x_{t-j} kernel_j,  with x_t = 0 before the first step

    Parameters
    ----------
    x : ndarray, shape (T, D)
        The inputs; may hold integers.
    kernel : ndarray, shape (k, D, H)
        The weights of the latest k inputs; ``kernel[j]`` weighs the input j steps ago.

    Returns
    -------
    ndarray, shape (T, H)
        The outputs, one for each step.

    Examples
    --------
    The present input, plus ten times the one before:

    >>> time_delay(np.array([[1], [2], [3]]), np.array([[[1]], [[10]]]))
    array([[ 1.],
           [12.],
           [23.]])
    """
    ### BEGIN SOLUTION
    T, _ = x.shape
    k, _, H = kernel.shape
    out = np.zeros((T, H))
    for j in range(min(k, T)):
        out[j:] += x[: T - j] @ kernel[j]  # the inputs, j steps late
    return out
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(time_delay)

# %% [markdown]
# ## Who depends on whom?
#
# How far back does an output see? You could read it off the code. Better is an instrument that
# works on *any* map $g$ from a sequence to a sequence, even one whose code you cannot see: change
# one input, look at which outputs answer.
#
# - An input $x_s$ has $D$ components. An output may read only one of them, or the difference of
#   two, which stays the same if both rise by 1. Try each by itself.
# - An output has $H$ components. It depends on the input if *any* of them changes.
# - Start from the original inputs every time, or you will see two changes at once.
# - Change an input by a lot, say by 1. You are not taking a derivative. An output that does not
#   depend on it stays the same, up to rounding, which is far below $10^{-9}$ here. One that does
#   may change by little, a thousandth say, but by far more than rounding.

# %% [markdown]
# ### Exercise 4: who depends on whom (3 points)
#
# *About 20 minutes. Useful.*
#
# Return a table of True and False, with a row for each output and a column for each input. `x` is
# the sequence around which to look. Do not expect the past only: a map may look ahead, too.


# %%
def influence(g, x):
    """Find out which outputs of a map depend on which inputs.

    Parameters
    ----------
    g : callable
        A map of sequences: ``g(x)`` takes an array (T, D) and returns an array (T, H).
    x : ndarray, shape (T, D)
        The inputs whose changes are tried.

    Returns
    -------
    ndarray of bool, shape (T, T)
        Entry ``[t, s]`` is True where output t depends on input s.

    Examples
    --------
    Read backwards, the first output depends on the last input:

    >>> influence(lambda x: x[::-1], np.zeros((2, 1)))
    array([[False,  True],
           [ True, False]])
    """
    ### BEGIN SOLUTION
    T, _ = x.shape
    x = x.astype(np.float64)
    before = g(x)
    depends = np.zeros((T, T), dtype=bool)
    for s, d in np.ndindex(x.shape):
        changed = x.copy()
        changed[s, d] += 1.0
        depends[:, s] |= np.any(np.abs(g(changed) - before) > 1e-9, axis=1)
    return depends
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(influence)

# %% [markdown]
# ## Three centuries of sunspots
#
# The demonstrations use the yearly mean numbers of sunspots from 1700 to 2008, as kept by the Solar
# Influences Data Analysis Center in Brussels and passed on by the US National Geophysical Data
# Center. They are in the public domain. About every eleven years, the sun grows active and quiet
# again.
#
# Networks like numbers around 0 and of size around 1, so the counts are *standardised* with the
# mean and the standard deviation of the years until 1920. The later years are kept for testing.

# %% tags=["active-ipynb"]
# years, counts = datasets.sunspots()
# known = years <= 1920
# mean, spread = counts[known].mean(), counts[known].std()
# sun = ((counts - mean) / spread)[:, None]  # (309, 1): T years, D = 1

# %% tags=["active-ipynb", "folded"]
# fig, ax = plt.subplots(figsize=(8, 2.6))
# ax.plot(years, counts, color="C0", lw=1)
# ax.axvspan(1921, 2008, color="C1", alpha=0.2, label="kept for testing")
# ax.set(title="Sunspots", xlabel="year", ylabel="sunspots\n(yearly mean)")
# ax.legend(loc="upper left")
# plt.show()

# %% [markdown]
# We need a recurrent network to look at: a layer of tanh that reads the state before, the input,
# and a constant 1 for the bias. Learning comes in homework 4. For now the weights are drawn at
# random and left so. Those from state to state, `W`, are scaled so that their largest $|\lambda|$
# is 0.9, what `theta` was to the three fates: a state without further inputs then fades slowly.
# All weights are stacked into one matrix `theta`, so that the layer is a transition `f(h, x_t,
# theta)` for your `unroll_inputs`.

# %% tags=["active-ipynb"]
# def random_network(H, seed):
#     """Draw all weights of a network with one input and H units, as one matrix (H + 1 + 1, H)."""
#     rng = np.random.default_rng(seed)
#     W = rng.normal(size=(H, H))
#     W *= 0.9 / np.abs(np.linalg.eigvals(W)).max()
#     return np.vstack([W, 0.5 * rng.normal(size=(1, H)), 0.1 * rng.normal(size=(1, H))])
#
#
# def recurrent_layer(h, x_t, theta):
#     """Compute the next hidden state, (H,) or (N, H)."""
#     one = np.ones((*h.shape[:-1], 1))  # times the last row of theta, the bias
#     return np.tanh(np.concatenate([h, x_t, one], axis=-1) @ theta)

# %% [markdown]
# ## Demonstration: who sees how far?
#
# Your `influence` looks at three maps of the years 1700 to 1723: a time-delay network with a kernel
# of five years, two such layers one after the other, and a recurrent network with three hidden
# units. **Guess first:** how many years does one output of the two layers depend on?

# %% tags=["active-ipynb", "folded"]
# def plot_tables(tables, guess):
#     """Draw who depends on whom, and the guess for the second table."""
#     fig, axes = plt.subplots(1, 3, figsize=(9, 3.8), sharey=True)
#     for ax, (title, depends) in zip(axes, tables.items(), strict=True):
#         ax.imshow(depends, cmap="Blues", vmin=0, vmax=1.3, origin="lower",
#                   extent=(1699.5, 1723.5, 1699.5, 1723.5))
#         ax.set(title=title, xlabel="year of the input")
#         print(f"{title}: the output of 1723 depends on {depends[-1].sum()} years.")
#     if guess is not None:
#         edge = (1699.5, 1723.5 - guess), (1699.5 + guess, 1723.5)
#         axes[1].plot(*edge, ":", color="C3", lw=2.5, label="your guess")
#         axes[1].set(xlim=(1699.5, 1723.5), ylim=(1699.5, 1723.5))
#         axes[1].legend(loc="upper left")
#     axes[0].set_ylabel("year of the output")
#     fig.suptitle("Dark: the output depends on the input")

# %% tags=["active-ipynb"]
# guess = None  # your guess: a number of years
#
# with needs(unroll_inputs, time_delay, influence):
#     rng = np.random.default_rng(0)
#     first, second = rng.normal(size=(5, 1, 3)), rng.normal(size=(5, 3, 3))
#     small = random_network(3, seed=0)
#     maps = {
#         "time-delay, k = 5": lambda x: time_delay(x, first),
#         "two layers of k = 5": lambda x: time_delay(np.tanh(time_delay(x, first)), second),
#         "recurrent": lambda x: unroll_inputs(recurrent_layer, np.zeros(3), x, small),
#     }
#     tables = {title: influence(g, sun[:24]) for title, g in maps.items()}
#     plot_tables(tables, guess)
#     plt.show()

# %% [markdown]
# The time-delay network sees a band: five years, and not one more. A second layer adds four years,
# $2(k-1)+1 = 9$, and so would every further one, each with parameters of its own. The recurrent
# network sees everything since 1700. On paper it would still do so after a thousand years, with no
# parameter added; what is left of so old an input is another question, and comes next.
#
# Nothing is dark to the right of the diagonal, in any of the three: nobody sees the future.

# %% [markdown]
# ## Demonstration: seeing is not remembering
#
# True or False is a coarse answer. *How much* does the output change? We raise the count of a
# single year by one standard deviation and look at the output of 1800, for years that lie further
# and further back. The time-delay network gets a kernel of 12 years this time, and the recurrent
# network has 40 units. **Guess first:** how old must a year be, for its trace in the recurrent
# network to have shrunk to a thousandth?

# %% tags=["active-ipynb"]
# def answer(g, age):
#     """Measure how much the last output moves if the input `age` years before it rises by 1."""
#     x = sun[:101].copy()  # 1700 to 1800
#     before = g(x)[-1]
#     x[-1 - age] += 1.0
#     return np.linalg.norm(g(x)[-1] - before)

# %% tags=["active-ipynb", "folded"]
# def plot_answers(delayed, recurrent, guess):
#     """Draw the answers against age; the axis is logarithmic, with a zero added below."""
#     fig, ax = plt.subplots(figsize=(8, 3.6))
#     ax.plot(ages, delayed, "o", color="C1", label="time-delay, $k = 12$")
#     ax.plot(ages, recurrent, ".-", color="C0", label="recurrent")
#     ax.axhline(1e-3 * recurrent[0], color="C4", lw=0.8, label="a thousandth of the first")
#     if guess is not None:
#         ax.axvline(guess, color="C3", ls=":", label="your guess")
#     ax.set_yscale("symlog", linthresh=1e-11)
#     ax.set(yticks=[0, 1e-9, 1e-6, 1e-3, 1], ylim=(-4e-12, 20))
#     ax.set(title="What is left of one year in the output of 1800",
#            xlabel="age of that year (years)", ylabel="change of the output (norm)")
#     ax.legend()
#     print(f"time-delay: at an age of 11 years {delayed[11]:.2g}, at 12 years {delayed[12]:.2g}")
#     print("recurrent: " + ", ".join(f"at {age} years {recurrent[age]:.2g}"
#                                     for age in (0, 11, 12, 30, 50)))

# %% tags=["active-ipynb"]
# guess = None  # your guess: an age in years
#
# with needs(unroll_inputs, time_delay):
#     kernel = 0.3 * np.random.default_rng(0).normal(size=(12, 1, 40))
#     large = random_network(40, seed=0)
#     ages = np.arange(51)
#     delayed = [answer(lambda x: time_delay(x, kernel), age) for age in ages]
#     recurrent = [
#         answer(lambda x: unroll_inputs(recurrent_layer, np.zeros(40), x, large), age)
#         for age in ages
#     ]
#     plot_answers(delayed, recurrent, guess)
#     plt.show()

# %% [markdown]
# The time-delay network forgets all at once: after twelve years an input is gone, exactly. The
# recurrent network forgets by degrees. Unrolled, every year has a path to the output; in the
# numbers, 1750 has next to no part in it any more. Forty numbers stand for a hundred and one years
# here. Something has to go, and with these weights it is the distant past: so much for "lossy".

# %% [markdown]
# ## Demonstration: what is the reach worth?
#
# Now a use for it: forecast the next year. On top of either network comes a linear **readout**,
# fitted by least squares to the years until 1920 and judged on the 88 years from 1921. (The small
# `penalty` keeps the weights from growing large.) For the time-delay network, the kernel hands on
# the latest $k$ counts as they are. For the recurrent network, only the readout is fitted; its
# other weights stay as they were drawn. **Guess first:** which kernel size $k$ forecasts best?

# %% tags=["active-ipynb"]
# def fit(features, target, penalty=0.1):
#     """Return the weights of the least-squares readout, the last of which is the bias."""
#     A = np.column_stack([features, np.ones(len(features))])
#     return np.linalg.solve(A.T @ A + penalty * np.eye(A.shape[1]), A.T @ target)
#
#
# def read_out(features, weights):
#     """Apply a readout."""
#     return features @ weights[:-1] + weights[-1]
#
#
# def rms(error):
#     """Return the root mean square error, in sunspots."""
#     return spread * np.sqrt(np.mean(np.square(error)))
#
#
# def forecast_error(features):
#     """Fit a readout that forecasts the next year, and judge it on the years from 1921."""
#     features, target = features[:-1], sun[1:, 0]
#     learn = (years[1:] > 1730) & (years[1:] <= 1920)  # 30 years to warm up
#     test = years[1:] > 1920
#     weights = fit(features[learn], target[learn])
#     return rms(read_out(features[test], weights) - target[test])

# %% tags=["active-ipynb", "folded"]
# def plot_errors(reach, delayed, recurrent, guess):
#     """Draw the errors against the size of the kernel."""
#     fig, ax = plt.subplots(figsize=(8, 3.4))
#     ax.plot(reach, delayed, "o-", color="C1", label="time-delay")
#     ax.axhline(np.mean(recurrent), color="C0", label="recurrent, mean of 20 networks")
#     ax.axhspan(min(recurrent), max(recurrent), color="C0", alpha=0.15,
#                label="recurrent, best to worst")
#     if guess is not None:
#         ax.axvline(guess, color="C3", ls=":", label="your guess")
#     ax.set(title="Forecasts of the next year, 1921–2008", xlabel="kernel size $k$ (years)",
#            ylabel="root mean square error\n(sunspots)")
#     ax.legend()
#     print("time-delay: " + ", ".join(f"k = {k}: {delayed[k - 1]:.1f}" for k in (1, 2, 9, 30)))
#     print(f"recurrent: {np.mean(recurrent):.1f} on average, {min(recurrent):.1f} at best, "
#           f"{max(recurrent):.1f} at worst")

# %% tags=["active-ipynb"]
# guess = None  # your guess: a kernel size from 1 to 30
#
# with needs(unroll_inputs, time_delay):
#     reach = np.arange(1, 31)
#     delayed = [forecast_error(time_delay(sun, np.eye(k)[:, None, :])) for k in reach]
#     networks = [random_network(40, seed) for seed in range(20)]
#     recurrent = [
#         forecast_error(unroll_inputs(recurrent_layer, np.zeros(40), sun, theta))
#         for theta in networks
#     ]
#     plot_errors(reach, delayed, recurrent, guess)
#     plt.show()

# %% [markdown]
# One year of reach is too little: from a single count nobody can tell whether the sun is on its way
# up or down. With two years the error falls by nearly a third. The best kernel takes in nine, most
# of a cycle; beyond that, more reach only brings more weights to fit.
#
# The average recurrent network lies between the kernels of two and of nine years, and nobody told
# it how many years matter. How good a single one is depends on the luck of its draw, since its
# weights have not been trained. It does not win: where a short window holds all that counts, a
# time-delay network is a good choice. Recurrence pays where the reach that is needed is long, or
# not known, or not the same every time.

# %% [markdown]
# ## Two drawings of one network
#
# A recurrent network can be drawn in two ways. **Folded**, it is a machine: one node for each
# variable, and a loop that takes one step of time.
#
# ![The input x points to the hidden state h, and an arrow labelled f leads from h back to
# h.](drawings.folded)
#
# **Unrolled**, it is the history of the machine: a copy of each variable for every step.
#
# ![The hidden states follow each other from left to right, joined by arrows labelled f; every one
# of them also has an arrow from its own input. Dashed nodes at both ends stand for the earlier and
# the later steps.](drawings.unrolled)
#
# The folded drawing is short, and true for every length. The unrolled one shows along which paths
# information flows forward and, in homework 4, gradients flow back.

# %% [markdown]
# The label $f$ stands on the arrow from state to state, as in the book. It means the whole
# transition, which reads the input too; the arrows from the inputs have no label.
#
# To draw, we use the package `graphviz`: give it the edges, and it finds the places.
#
#     graph = graphviz.Digraph()
#     graph.edge("tail", "head", label="a label")
#     graph.edge("tail", "another head")
#
# Graphs are compared by their edges and the labels of the edges. Shapes, colours and layout are
# yours: try `graphviz.Digraph(graph_attr={"rankdir": "LR"})`.

# %% [markdown]
# ### Exercise 5: the folded graph (2 points)
#
# *About 5 minutes. Aside.*
#
# Draw the folded network.


# %%
def folded_graph():
    """Draw a recurrent network folded.

    Nodes are named ``x`` (input) and ``h`` (hidden state). The input leads to the state; the state
    leads to itself, on an edge labelled ``f`` (left side of figure 10.2 of the book).

    Returns
    -------
    graphviz.Digraph
        The graph of two edges.

    Examples
    --------
    >>> folded_graph().directed
    True
    """
    ### BEGIN SOLUTION
    graph = graphviz.Digraph(graph_attr={"rankdir": "BT"})
    graph.edge("x", "h")
    graph.edge("h", "h", label="f")
    return graph
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(folded_graph)

# %% tags=["active-ipynb"]
# with needs(folded_graph):
#     draw(folded_graph())

# %% [markdown]
# ### Exercise 6: the unrolled graph (3 points)
#
# *About 10 minutes. Useful.*
#
# Draw the network unrolled over `T` steps, for any `T`. The initial state `h0` is part of the
# drawing; it has no input.


# %%
def unrolled_graph(T):
    """Draw a recurrent network unrolled over T steps.

    Nodes are named ``h0`` ... ``hT`` and ``x1`` ... ``xT``. Every state leads to the next, on an
    edge labelled ``f``, and every input leads to the state of its own step (right side of figure
    10.2 of the book). For T = 2::

        h0 --f--> h1 --f--> h2
                  ^         ^
                  |         |
                  x1        x2

    Parameters
    ----------
    T : int
        The number of steps, at least 1.

    Returns
    -------
    graphviz.Digraph
        The graph of 2 T edges.

    Examples
    --------
    >>> unrolled_graph(1).directed
    True
    """
    ### BEGIN SOLUTION
    graph = graphviz.Digraph(graph_attr={"rankdir": "LR"})
    for t in range(1, T + 1):
        graph.edge(f"h{t - 1}", f"h{t}", label="f")
        graph.edge(f"x{t}", f"h{t}")
    return graph
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(unrolled_graph)

# %% tags=["active-ipynb"]
# with needs(unrolled_graph):
#     draw(unrolled_graph(4))

# %% [markdown]
# ## What unrolling gives us
#
# Compare the two ways to write the state, $g_t(x_t, \dots, x_1)$ and $f(h_{t-1}, x_t;\, \theta)$.
# The second has two advantages, and the rest of the course lives on them.
#
# 1. **The input has the same size at every step.** The model is specified by a step from one state
#    to the next, not by a history that grows with $t$.
# 2. **The same $f$ with the same $\theta$ serves at every step.** There is one model to learn, not
#    one for each length, and every step of every sequence is an example to learn it from.
#
# So a recurrent network works on lengths that it has never seen, and it needs far fewer training
# sequences than a model without sharing would.

# %% [markdown]
# ## Demonstration: one set of parameters, every length
#
# We cut the sunspots until 1920 into eleven pieces of 20 years, and forget what came before each
# piece. Two models learn to forecast the next year, at each of the 20 places in a piece:
#
# - **without sharing**: for each place $t$ a readout $g_t$ of its own, from the $t$ counts so far;
# - **recurrent**: 20 hidden units, and one readout for all places.
#
# The eleven pieces are a batch: your `unroll_inputs` runs through all of them at once, with states
# of shape `(N, H)`. Again only readouts are fitted. The years from 1921 are for testing, once cut
# into pieces of 20 years, and once as a single sequence of 88. **Guess first:** from which length
# on does the model without sharing have more weights than the recurrent one?

# %% tags=["active-ipynb"]
# L, H = 20, 20  # length of a piece, hidden units
# theta = random_network(H, seed=0)
#
#
# def pieces(series):
#     """Cut (T,) into (L, N): time along the first axis, the pieces side by side."""
#     N = len(series) // L
#     return series[: N * L].reshape(N, L).T
#
#
# def states(x):
#     """Run the recurrent network on x (T, N) from zero; returns (T, N, H)."""
#     return unroll_inputs(recurrent_layer, np.zeros((x.shape[1], H)), x[:, :, None], theta)
#
#
# T = known.sum()  # 1700 to 1920
# x, y = pieces(sun[: T - 1, 0]), pieces(sun[1:T, 0])  # y is the year after x
# x_test, y_test = pieces(sun[T - 1 : -1, 0]), pieces(sun[T:, 0])

# %% tags=["active-ipynb", "folded"]
# def tell_errors():
#     """Print how well both models forecast."""
#     print("Root mean square errors, in sunspots:")
#     for name, train, test in [("without sharing", own_train - y, own_test - y_test),
#                               ("recurrent", shared_train - y, shared_test - y_test)]:
#         print(f"  {name}: {rms(train):.1f} in 1701-1920, {rms(test):.1f} in 1921-2000 "
#               f"({rms(test[:10]):.1f} in places 1 to 10, {rms(test[10:]):.1f} in 11 to 20)")
#     error = whole_test - sun[T:]
#     print(f"  recurrent, in one go: {rms(error[:80]):.1f} in 1921-2000, "
#           f"{rms(error):.1f} in 1921-2008")
#     print("The first 20 states of the long run are those of the first piece:",
#           np.allclose(whole[:L, 0], states(x_test)[:, 0]))
#
#
# def plot_lengths():
#     """Draw the forecasts, and the number of weights against the length of the sequences."""
#     fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), width_ratios=(3, 2))
#     left.plot(years[T:], counts[T:], color="C4", alpha=0.5, lw=3, label="observed")
#     left.plot(years[T:], mean + spread * whole_test, color="C0", label="recurrent")
#     left.plot(years[T : T + own_test.size], mean + spread * own_test.T.ravel(), ".",
#               color="C1", label="without sharing")
#     left.set(title="Forecasts of the next year", xlabel="year", ylabel="sunspots")
#     left.legend(fontsize="small")
#     right.plot(lengths, separate, "--", color="C1", label="without sharing")
#     right.plot(lengths, together, color="C0", label="recurrent")
#     right.set(title="Weights in the model", xlabel="length $T$ of the sequences",
#               ylabel="number of weights")
#     if guess is not None:
#         right.axvline(guess, color="C3", ls=":", label="your guess")
#     right.legend(fontsize="small")

# %% tags=["active-ipynb"]
# guess = None  # your guess: a length
#
# with needs(unroll_inputs):
#     shared = fit(states(x).reshape(-1, H), y.reshape(-1))
#     shared_train, shared_test = read_out(states(x), shared), read_out(states(x_test), shared)
#
#     own = [fit(x[: t + 1].T, y[t]) for t in range(L)]
#     own_train = np.array([read_out(x[: t + 1].T, own[t]) for t in range(L)])
#     own_test = np.array([read_out(x_test[: t + 1].T, own[t]) for t in range(L)])
#
#     whole = states(sun[T - 1 : -1])  # the 88 years from 1921 in one go
#     whole_test = read_out(whole, shared)
#
#     lengths = np.arange(1, 89)
#     separate = lengths * (lengths + 3) / 2  # t weights and a bias for each t
#     together = np.full(len(lengths), theta.size + shared.size)
#     tell_errors()
#     plot_lengths()
#     plt.show()

# %% [markdown]
# The models without sharing fit the years they have seen twice as well, and the later years worse.
# Each of them had eleven examples to learn from, one in each piece. In the first ten places this is
# enough: there they are a little ahead of the recurrent network. From the eleventh place on they
# have more weights than examples, and their forecasts go astray. The one readout of the recurrent
# network had 220 examples, because every place in every piece teaches it something.
#
# After 20 years the models without sharing have no more to say: there is no $g_{21}$. The recurrent
# network runs on through all 88 years, with the parameters that it has. It does a little better in
# one go, since it need not start from nothing every 20 years.
#
# The drawing on the right counts all weights, those that were drawn at random included. At the 20
# steps of a piece the recurrent network has the more, 461 against 230, though only 21 of its
# weights are fitted. Without sharing they grow with the square of the length, and from 29 steps on
# they are more. Those of the recurrent network do not grow at all.

# %% [markdown]
# ## How am I doing?

# %% tags=["active-ipynb"]
# progress()

# %% [markdown]
# ## What you have learned
#
# - A recurrent definition $s_t = f(s_{t-1}; \theta)$, unrolled over a given number of steps, is an
#   ordinary deep computation that applies one function again and again.
# - The hidden state $h_t$ summarises all inputs so far in a fixed number of units, and so loses
#   some.
# - A time-delay network shares its kernel over time and sees $k$ steps, exactly. A recurrent
#   network shares its transition and sees everything, though faintly after a while.
# - A model of *one step* has an input of fixed size and parameters that serve every length.
#
# **To read on:** *Deep Learning*, the introduction of chapter 10 and section 10.1. The networks
# with random recurrent weights and a fitted readout, which served in the demonstrations, are the
# subject of section 10.8, on echo state networks.
#
# **What comes next:** so far $f$ could be anything, and nothing was said about outputs. Homework 2
# fills in $f$ with the weights $U$ and $W$ and builds the three design patterns of section 10.2.
