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
# # Homework 6 · Gated cells
#
# **What you will do**
#
# - build the LSTM: one step, all steps, and the way back through both;
# - build the GRU, its smaller relative, and the way back through one step;
# - watch gradients travel back through them, train them where the network of homework 4 fails, and
#   look at their gates while they read a word.
#
# **What you will learn**
#
# - why a state that is *added to* keeps longer than one that is *multiplied* anew at each step;
# - what a gate is, and what the three gates of an LSTM are for;
# - how to take a gradient through a cell with several paths: each path adds its share;
# - what a forget gate does to the gradient, and why its bias starts above zero.
#
# **What you need**
#
# - back-propagation through time from homework 4, and why its gradients vanish or explode;
# - the chain rule, and from numpy slices, `np.split` and `np.concatenate`.

# %% [markdown]
# ## How to work
#
# Run the cells from top to bottom. Each exercise is one function: replace the line
# `raise NotImplementedError` by your code, run the cell, then run the check under it. The check
# says what is right, what is not, and where. `hint(lstm_step)` gives a hint, and another one each
# time you ask. As before, a demonstration may ask for a guess, and code that only draws is folded
# away.
#
# Under its title stands about how long an exercise takes, and how much it matters: *essential*,
# all else rests on it; *useful*, an idea or a tool that you will meet again; *aside*, good to have
# done once. Exercises 5 and 6 can be done without 2 to 4.
#
# A function that is right in part earns part of its points. Grading repeats the same tests with
# other numbers, so it does not help to type in the values that a check expects.

# %%
import numpy as np

# %% tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# from autograder import check, datasets, hint, needs, progress, slide
#
# plt.style.use("autograder.plots")

# %% [markdown]
# ## Notation and shapes
#
# There are $T$ steps, $N$ sequences in the batch, $D$ inputs, $H$ hidden units and $K$ classes.
#
# | in the text | in code | shape | meaning |
# |---|---|---|---|
# | $x_t$ | `x[t]` | `x` is `(T, N, D)` | inputs |
# | $h_t$ | `h[t]` | `h` is `(T, N, H)` | hidden states: what the rest of the network sees |
# | $s_t$ | `s[t]` | `s` is `(T, N, H)` | the cell's own state: new in this homework |
# | $h_0, s_0$ | `h0`, `s0` | `(N, H)` | where they start |
# | $o_t$ | `o[t]` | `o` is `(T, N, K)` | outputs |
# | $y_t$ | `y[t]` | `y` is `(T, N)`, integers | labels, from $0$ to $K-1$ |
# | $\nabla_{h_t} L$ | `dh` | the shape of $h_t$ | gradient of the loss; `ds`, `dx_t`, … likewise |
#
# In the text vectors are columns and belong to *one* sequence; in code they are rows, one for each
# sequence, so $W h$ is `h @ W.T`. Steps count from 1 in the text and from 0 in code: `h[0]` is
# $h_1$. $\odot$ multiplies entry by entry.

# %% [markdown]
# The softmax, the loss and its gradient come from homework 3. You may call them.

# %% tags=["given"]
# isort: split
from solutions.hw3_softmax_loss.solution import (
    log_softmax,  # noqa: F401 - given, sequence_loss calls it
    sequence_loss,
    sequence_loss_gradient,
    softmax,  # noqa: F401 - given, for demonstrations
)

# %% [markdown]
# ## What the plain network forgets
#
# In homework 4 the gradient went back through $k$ steps as a product of $k$ matrices:
#
# $$\nabla_{h_{T-k}} L = W^\top \mathrm{diag}\big(1 - h_{T-k+1}^2\big) \cdots
# W^\top \mathrm{diag}\big(1 - h_{T}^2\big)\; \nabla_{h_T} L .$$
#
# Such a product shrinks or grows like the $k$-th power of a number. To keep a value over many
# steps, every factor would have to pass it on unchanged. But $1 - h^2$ is $1$ only where $h = 0$,
# and the one matrix $W$ has other work to do at every step: it mixes what is there with what comes
# in.
#
# This is not only about training. A small change of $h_{T-k}$ changes $h_T$ by the transposed
# product. What has no influence on the state any more is forgotten. (Section 10.7 of *Deep
# Learning* by Goodfellow, Bengio and Courville.)

# %% [markdown]
# ## A sum forgets less than a product
#
# Now keep something by *adding*. Let $v_t$ be what step $t$ has to say, and
#
# $$s_t = s_{t-1} + v_t, \qquad\text{so}\qquad s_T = s_0 + v_1 + v_2 + \dots + v_T .$$
#
# Then $\partial s_T / \partial v_k = 1$ for **every** $k$. Nothing vanishes and nothing explodes,
# over ten steps or ten thousand: each of the factors on the way back is
# $\partial s_t / \partial s_{t-1} = 1$, and a product of ones is one.
#
# The sum has a fault of its own: it never lets go. It piles everything up, in sizes that grow and
# grow, and in the pile no single thing can be found again.

# %% [markdown]
# ## Leaky units
#
# The first step from the one towards the other is a **leaky unit** (section 10.9.2 of the book). It
# keeps a share $\alpha$ of its state, a number between 0 and 1, and fills up with what is new:
#
# $$s_t = \alpha\, s_{t-1} + (1 - \alpha)\, v_t .$$
#
# ![A chain of states s. Each leads to the next with the factor alpha, and each receives its v with
# the factor 1 minus alpha.](drawings.leaky)
#
# Put the equation into itself, again and again:
#
# $$s_T = \alpha^T s_0 + (1 - \alpha)\,\big(v_T + \alpha\, v_{T-1} + \alpha^2 v_{T-2} + \dots
# + \alpha^{T-1} v_1\big).$$
#
# So $s_T$ is a **running mean**, and what came $k$ steps ago has the weight
# $(1 - \alpha)\, \alpha^k$. It is still a power of a number. But now the number is *ours*: one
# number for each unit, no matrix and no tanh in between. With $\alpha = 0.99$ a weight is halved
# after 69 steps, since $0.99^{69} \approx 0.5$; with $\alpha = 0.5$ after a single one.

# %% [markdown]
# ## Demonstration: three leaky units read three centuries
#
# The yearly sunspot numbers once more (SIDC, Royal Observatory of Belgium, public domain), read by
# three leaky units that start at zero.

# %% tags=["active-ipynb"]
# years, counts = datasets.sunspots()
#
#
# def leaky(v, alpha):
#     """Return the states (T,) of a leaky unit that reads v (T,), from zero."""
#     states, s = [], 0.0
#     for v_t in v:
#         s = alpha * s + (1 - alpha) * v_t
#         states.append(s)
#     return np.array(states)

# %% tags=["active-ipynb", "folded"]
# def show_leaky(alphas):
#     """Plot what leaky units hold, and how much weight they give to the past."""
#     _, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), width_ratios=(2, 1))
#     left.plot(years, counts, color="C5", linewidth=1, label="sunspots")
#     for alpha, style, color in zip(alphas, ("-", "--", "-."), ("C0", "C1", "C2"), strict=False):
#         label = rf"$\alpha = {alpha}$"
#         left.plot(years, leaky(counts, alpha), style, color=color, label=label)
#         weights = (1 - alpha) * alpha ** np.arange(61)
#         right.semilogy(weights, style, color=color, label=label)
#     left.set(title="What the units hold", xlabel="year", ylabel="sunspot number")
#     left.legend(loc="upper left", ncols=2)
#     right.set(title="Weight of the past", xlabel="years ago", ylabel="weight", ylim=(1e-6, 1.5))
#     right.legend()

# %% tags=["active-ipynb"]
# show_leaky((0.5, 0.9, 0.99))
# plt.show()

# %% [markdown]
# With $\alpha = 0.5$ the unit follows every cycle, and what was ten years ago has less than a
# thousandth of the weight. With $\alpha = 0.9$ the cycles are smaller and late. With
# $\alpha = 0.99$ they are all but gone, and what is left is the mean of a century or so: the first
# hundred years are spent on filling up from zero.
#
# Move the slider. (Without a running notebook there is no slider: the picture above shows three of
# its places.) No $\alpha$ gives you both, this year's number and the century's.

# %% tags=["active-ipynb"]
# @slide(alpha=[0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999])
# def leaky_unit(alpha=0.9):
#     show_leaky((alpha,))

# %% [markdown]
# ## Gates
#
# One $\alpha$ is not right for all times. A unit that should know whether we are between quotation
# marks has to keep what it knows, with $\alpha = 1$, until the next mark comes, and has to let go
# of it then, with $\alpha = 0$. When to do what depends on the input.
#
# So let the network compute that number itself, at each step and for each unit, from what it reads
# and what it knows. Such a number is a **gate**: it lies between 0 and 1, and what it multiplies
# gets through in that proportion. The function that makes gates is the logistic **sigmoid**,
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}} .$$

# %% [markdown]
# For $z$ far below zero, $e^{-z}$ overflows. Numerator and denominator times $e^{z}$ give
# $e^{z} / (1 + e^{z})$, which is safe there. This function is given. It chooses the safe form for
# each entry; use it, and no overflow need worry you.


# %%
def sigmoid(z):
    """Return 1 / (1 + exp(-z)), entry by entry, without overflow."""
    small = np.exp(-np.abs(z))  # of the two, exp(z) and exp(-z), the one that is at most 1
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


# %% [markdown]
# Its derivative will be needed on the way back:
#
# $$\sigma'(z) = \frac{e^{-z}}{(1 + e^{-z})^2}
# = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}}
# = \sigma(z)\,\big(1 - \sigma(z)\big).$$
#
# Like the derivative of tanh, $1 - \tanh^2$, it can be written with the *value* of the function.

# %% tags=["active-ipynb"]
# z = np.linspace(-8, 8, 161)
# plt.plot(z, sigmoid(z), "-", color="C0", label=r"$\sigma(z)$")
# plt.plot(z, sigmoid(z) * (1 - sigmoid(z)), "--", color="C1", label=r"$\sigma'(z)$")
# plt.axhline(0.25, color="0.4", linestyle=":", linewidth=1, label="1/4")
# plt.title("A gate, and how fast it moves")
# plt.xlabel("$z$")
# plt.ylabel("no unit")
# plt.legend()
# plt.show()

# %% [markdown]
# At $z = 0$ the gate is half open. At $4$ it is open, at $-4$ closed, to within two hundredths. Its
# slope is at most $1/4$, and next to nothing where the gate is fully open or closed.

# %% [markdown]
# ## The LSTM cell
#
# The **long short-term memory**, by Hochreiter and Schmidhuber (1997; the forget gate came in
# 2000), is a leaky unit with gates (section 10.10.1 of the book). For each unit there are four
# numbers, all computed from $x_t$ and $h_{t-1}$:
#
# $$\begin{aligned}
# i_t &= \sigma(b^i + W^i h_{t-1} + U^i x_t) && \text{input gate: how much of the new comes in} \\
# f_t &= \sigma(b^f + W^f h_{t-1} + U^f x_t) && \text{forget gate: how much of the old stays} \\
# g_t &= \tanh(b^g + W^g h_{t-1} + U^g x_t) && \text{candidate: what the new would be} \\
# q_t &= \sigma(b^q + W^q h_{t-1} + U^q x_t) && \text{output gate: how much is shown}
# \end{aligned}$$
#
# Then the state is kept, added to, and shown:
#
# $$s_t = f_t \odot s_{t-1} + i_t \odot g_t, \qquad\qquad h_t = q_t \odot \tanh(s_t) .$$

# %% [markdown]
# ![The LSTM cell. h of the step before and x lead to z, by W and U. From z come f, i and g, and q.
# The state s of the step before is multiplied by f; i and g are multiplied; the two products are
# added to the state s. Its tanh, multiplied by q, is h.](drawings.lstm_cell)
#
# Follow the upper line from $s_{t-1}$ to $s_t$. It meets a product with a gate and a sum, no matrix
# and no tanh. The gate $f_t$ is the $\alpha$ of a leaky unit, but the network sets it anew at each
# step; and $i_t$ need not be $1 - f_t$, so the cell can keep all *and* take in something new.
#
# There are two states now. $s_t$ is the cell's memory, and nothing but the cell sees it. $h_t$ is
# what it shows: to the output, $o_t = c + V h_t$, and to its own gates in the next step.
#
# Note the name: despite it, $f_t$ close to 1 means *keep*.

# %% [markdown]
# ## Other letters
#
# Books and programs name the same things differently. Where you read on, this table helps.
#
# | here | in the book (10.10) | in PyTorch | |
# |---|---|---|---|
# | $s_t$ | $s^{(t)}$ | `c_t` | the cell's state |
# | $h_t$ | $h^{(t)}$ | `h_t` | what it shows |
# | $i_t$ | $g^{(t)}$ | `i_t` | input gate |
# | $f_t$ | $f^{(t)}$ | `f_t` | forget gate |
# | $g_t$ | has no letter | `g_t` | candidate |
# | $q_t$ | $q^{(t)}$ | `o_t` | output gate |
# | $U, W$ | $U, W$, with the gate's letter above | `weight_ih_l0`, `weight_hh_l0` | weights |
# | $b$ | $b$, with the gate's letter above | `bias_ih_l0` + `bias_hh_l0` | bias: PyTorch has two |
#
# Mind the letter $g$: in the book it is the *input gate*. And in its equation (10.41) the book
# prints a sigmoid for the candidate. Nearly everybody uses tanh there, PyTorch does, and so do we:
# what is added to the state should be able to be negative.

# %% [markdown]
# ## Four blocks in one array
#
# The four formulas differ in their parameters only. So their parameters are stacked on top of each
# other, in the order $i, f, g, q$, and one product serves all four:
#
# $$z_t = b + W h_{t-1} + U x_t .$$
#
# ![U, with 4 H rows and D columns, W, with 4 H rows and H columns, and b, with 4 H entries, each
# cut into four blocks of H rows: i, f, g and q. Their z is a row of 4 H entries for each of the N
# sequences, cut into four blocks of H columns.](drawings.blocks)
#
# In the parameters the blocks lie under each other. In `z`, with one row for each sequence, they
# lie side by side: `z` is `(N, 4H)`, and its blocks, of shape `(N, H)`, are along the last axis.

# %% [markdown]
# ### Exercise 1: one step of the LSTM (3 points)
#
# *About 25 minutes. Essential.*
#
# Write `lstm_step(x_t, h_prev, s_prev, params)`. It returns the two new states. `np.split` cuts an
# array into equal parts along an axis; slices do as well.


# %%
def lstm_step(x_t, h_prev, s_prev, params):
    """Take one step of an LSTM.

    z = b + W h_prev + U x_t, in four blocks; i, f, q = sigmoid of theirs and g = tanh of its own;
    s_t = f * s_prev + i * g,  h_t = q * tanh(s_t) (equations 10.40 to 10.44 of the book).

    Parameters
    ----------
    x_t : ndarray, shape (N, D)
        Input of the step.
    h_prev, s_prev : ndarray, shape (N, H)
        Hidden state and cell state before the step.
    params : dict
        U (4H, D), W (4H, H), b (4H,), in blocks of H rows in the order i, f, g, q; others are not
        used.

    Returns
    -------
    h_t, s_t : ndarray, shape (N, H)
        Hidden state and cell state after the step.

    Examples
    --------
    Where all parameters are zero, the gates are half open and the candidate is zero. So the state
    is halved, to log 2, whose tanh is 0.6.

    >>> params = {"U": np.zeros((4, 2)), "W": np.zeros((4, 1)), "b": np.zeros(4)}
    >>> s_prev = np.array([[np.log(4.0)]])
    >>> h_t, s_t = lstm_step(np.ones((1, 2)), np.zeros((1, 1)), s_prev, params)
    >>> np.exp(s_t).round(6), h_t.round(6)
    (array([[2.]]), array([[0.3]]))
    """
    ### BEGIN SOLUTION
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T  # (N, 4H)
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)  # (N, H) each
    s_t = sigmoid(z_f) * s_prev + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_q) * np.tanh(s_t), s_t
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(lstm_step)

# %% [markdown]
# ### Exercise 2: all steps (2 points)
#
# *About 10 minutes. Essential.*
#
# Write `lstm(x, h0, s0, params)`: the states of all steps, and the outputs $o_t = c + V h_t$.


# %%
def lstm(x, h0, s0, params):
    """Run an LSTM over whole sequences, with an output at every step.

    (h_t, s_t) is what `lstm_step` makes of x_t, h_{t-1} and s_{t-1};  o_t = c + V h_t.

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs, at least one step.
    h0, s0 : ndarray, shape (N, H)
        Initial hidden state and cell state.
    params : dict
        U (4H, D), W (4H, H), b (4H,), in blocks of H rows in the order i, f, g, q; V (K, H),
        c (K,).

    Returns
    -------
    h, s : ndarray, shape (T, N, H)
        Hidden states and cell states after each step.
    o : ndarray, shape (T, N, K)
        Outputs.

    Examples
    --------
    The cell of the example above: each step halves its state.

    >>> params = {"U": np.zeros((4, 2)), "W": np.zeros((4, 1)), "b": np.zeros(4)}
    >>> params |= {"V": np.array([[1.0], [-1.0]]), "c": np.zeros(2)}
    >>> h, s, o = lstm(np.ones((3, 1, 2)), np.zeros((1, 1)), np.array([[8.0]]), params)
    >>> s[:, 0, 0]
    array([4., 2., 1.])
    >>> o.shape
    (3, 1, 2)
    """
    ### BEGIN SOLUTION
    T = len(x)
    h, s = np.empty((T, *h0.shape)), np.empty((T, *s0.shape))
    h_t, s_t = h0, s0
    for t in range(T):
        h_t, s_t = lstm_step(x[t], h_t, s_t, params)
        h[t], s[t] = h_t, s_t
    return h, s, params["c"] + h @ params["V"].T
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(lstm)

# %% [markdown]
# ## Demonstration: gates set by hand
#
# An LSTM of a single unit that nobody has trained: its parameters are written by hand. Its input
# has two parts, a value and a mark. Where the mark is 1, the cell should take the value in; where
# the mark is 0, it should keep what it has.
#
# | gate | $z$ | with the mark | without |
# |---|---|---|---|
# | input gate $i$ | $10 \cdot \text{mark} - 5$ | open | closed |
# | forget gate $f$ | $5 - 10 \cdot \text{mark}$ | closed: the old goes | open: the old stays |
# | output gate $q$ | $5$ | open | open |
#
# The candidate is the tanh of the value.

# %% tags=["active-ipynb"]
# with needs(lstm_step, lstm):
#     by_hand = {  # columns of U: value, mark; rows: i, f, g, q
#         "U": np.array([[0.0, 10.0], [0.0, -10.0], [1.0, 0.0], [0.0, 0.0]]),
#         "W": np.zeros((4, 1)),
#         "b": np.array([-5.0, 5.0, 0.0, 5.0]),
#         "V": np.ones((1, 1)),
#         "c": np.zeros(1),
#     }
#     value = np.random.default_rng(3).normal(size=40)
#     mark = np.isin(np.arange(40), (2, 9, 27)).astype(float)
#     x = np.stack([value, mark], axis=-1)[:, np.newaxis]  # (T, 1, 2)
#     h, s, o = lstm(x, np.zeros((1, 1)), np.zeros((1, 1)), by_hand)
#
#     plt.plot(np.tanh(value), "o", color="C5", label="tanh of the value")
#     plt.plot(np.flatnonzero(mark), np.tanh(value)[mark == 1], "s", color="C1", label="marked")
#     plt.plot(s[:, 0, 0], color="C0", label="state $s$")
#     plt.title("A memory that is written to, and kept")
#     plt.xlabel("step")
#     plt.ylabel("no unit")
#     plt.legend(loc="upper right", ncols=3)
#     plt.ylim(-1.1, 1.6)
#     plt.show()

# %% [markdown]
# The state jumps to each marked value and stays there, while other values go by. It leaks a little:
# $\sigma(5) = 0.993$, so it loses 0.7 % a step, and the closed input gate lets in 0.7 % of
# the others. Larger weights would close the gates more tightly.
#
# A plain network cannot do this so simply: what it should keep passes its $W$ and its tanh at every
# step, together with what it should ignore. Training has to find such gates by itself. For that,
# gradients are needed.

# %% [markdown]
# ## The way back through one step
#
# Two gradients arrive at step $t$ from later:
#
# - `dh`, all of $\nabla_{h_t} L$: the share of $o_t$ and the share of the next step's gates are in
#   it already, as in homework 4;
# - `ds`, the share of $\nabla_{s_t} L$ that comes from $s_{t+1}$.
#
# The rule is that of homework 4: the gradient at a node is the sum over its direct successors. Look
# at the drawing of the cell. $s_t$ has two: $s_{t+1}$, whose share is `ds`, and $h_t$. So the way
# back begins at $h_t$, and `ds` alone is **not** yet $\nabla_{s_t} L$.
#
# ![The LSTM cell with gradients against the arrows: dh arrives at h and ds at the state s. From h
# they go to q and, times q times 1 minus tanh squared, to s. From s they go, times f, to the state
# of the step before, and on to f, i and g. All four lead to z, and z to h of the step before by W
# transposed and to x by U transposed.](drawings.lstm_gradients)

# %% [markdown]
# **From $h_t$.** $h_t = q \odot \tanh(s_t)$, entry by entry, so
#
# $$\nabla_{q} L = \nabla_{h_t} L \odot \tanh(s_t), \qquad\qquad
# \boxed{\;\nabla_{s_t} L = \texttt{ds}
# + \nabla_{h_t} L \odot q \odot \big(1 - \tanh^2(s_t)\big)\;}$$
#
# (The index $t$ is left out at gates.) From now on, $\nabla_{s_t} L$ is complete.
#
# **From $s_t$.** $s_t = f \odot s_{t-1} + i \odot g$ has four factors, and each gets the gradient
# times the factor that it is multiplied with:
#
# $$\nabla_{f} L = \nabla_{s_t} L \odot s_{t-1}, \quad
# \nabla_{i} L = \nabla_{s_t} L \odot g, \quad
# \nabla_{g} L = \nabla_{s_t} L \odot i, \quad
# \boxed{\;s_{t-1} \text{ gets } \nabla_{s_t} L \odot f\;}$$

# %% [markdown]
# **Through sigmoid and tanh.** With $\sigma' = \sigma (1 - \sigma)$ and $\tanh' = 1 - \tanh^2$,
# each written with the value that the function gave:
#
# $$\begin{aligned}
# \delta^i &= \nabla_{i} L \odot i \odot (1 - i), & \qquad
# \delta^f &= \nabla_{f} L \odot f \odot (1 - f), \\
# \delta^g &= \nabla_{g} L \odot (1 - g^2), & \qquad
# \delta^q &= \nabla_{q} L \odot q \odot (1 - q).
# \end{aligned}$$
#
# Stacked in the order of the blocks, they are $\delta_t = \nabla_{z_t} L$, with $4H$ entries.
#
# **From $z_t$.** $z_t = b + W h_{t-1} + U x_t$ is the $a_t$ of homework 4, only longer. So what
# follows is the same as there:
#
# $$h_{t-1} \text{ gets } W^\top \delta_t, \qquad \nabla_{x_t} L = U^\top \delta_t, \qquad
# W: \;\delta_t\, h_{t-1}^\top, \qquad U: \;\delta_t\, x_t^\top, \qquad b: \;\delta_t .$$

# %% [markdown]
# Is a path missing? In this step, $h_{t-1}$ acts through $z_t$ only, and $s_{t-1}$ through $s_t$
# only: no gate looks at $s_{t-1}$. (In some variants they do, through *peepholes*.) That $s_{t-1}$
# also made $h_{t-1}$ is the business of the step before: there it will be added, in the first box.
#
# `lstm_step_backward` is not given the gates of the step. They can be computed again, as in
# `lstm_step`, from what it is given. And as in homework 4, sequences are rows and the parameters
# are shared: their parts are added up over the batch.

# %% [markdown]
# ### Exercise 3: one step back (5 points)
#
# *About 50 minutes. Essential: the heart of this homework.*
#
# Write `lstm_step_backward(dh, ds, x_t, h_prev, s_prev, params)`. The four results are tested each
# by itself, so do not wait until all of them are right to run the check.


# %%
def lstm_step_backward(dh, ds, x_t, h_prev, s_prev, params):
    """Back-propagate through one step of an LSTM.

    First all of dL/ds_t = ds + dh * q * (1 - tanh(s_t)^2), then the gates and the candidate, then
    delta = dL/dz in four blocks; s_prev gets dL/ds_t * f, h_prev gets W^T delta.

    Parameters
    ----------
    dh : ndarray, shape (N, H)
        Gradient of the loss with respect to h_t, all of it.
    ds : ndarray, shape (N, H)
        The share of the gradient with respect to s_t that comes from s_{t+1}; the share through
        h_t is not in it.
    x_t : ndarray, shape (N, D)
        Input of the step.
    h_prev, s_prev : ndarray, shape (N, H)
        Hidden state and cell state before the step.
    params : dict
        U (4H, D), W (4H, H), b (4H,), in blocks of H rows in the order i, f, g, q; others are not
        used.

    Returns
    -------
    dx_t : ndarray, shape (N, D)
        Gradient with respect to x_t.
    dh_prev, ds_prev : ndarray, shape (N, H)
        Gradients with respect to h_prev and s_prev, through this step.
    grads : dict
        Gradients of U, W and b through this step, each of the shape of the parameter.

    Examples
    --------
    The cell of the examples above: s_t is log 2, where the slope of tanh is 1 - 0.6^2 = 0.64.

    >>> params = {"U": np.zeros((4, 2)), "W": np.zeros((4, 1)), "b": np.zeros(4)}
    >>> one, zero, s_prev = np.ones((1, 1)), np.zeros((1, 1)), np.array([[np.log(4.0)]])
    >>> results = lstm_step_backward(one, zero, np.ones((1, 2)), zero, s_prev, params)
    >>> dx_t, dh_prev, ds_prev, grads = results
    >>> ds_prev.round(6)
    array([[0.16]])
    >>> grads["b"].round(4)
    array([0.    , 0.1109, 0.16  , 0.15  ])
    """
    ### BEGIN SOLUTION
    z = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T  # (N, 4H)
    z_i, z_f, z_g, z_q = np.split(z, 4, axis=-1)  # (N, H) each
    i, f, g, q = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_q)
    shown = np.tanh(f * s_prev + i * g)
    ds = ds + dh * q * (1 - shown**2)  # (N, H), now all of dL/ds_t
    blocks = [
        ds * g * i * (1 - i),
        ds * s_prev * f * (1 - f),
        ds * i * (1 - g**2),
        dh * shown * q * (1 - q),
    ]
    dz = np.concatenate(blocks, axis=-1)  # (N, 4H)
    grads = {"U": dz.T @ x_t, "W": dz.T @ h_prev, "b": dz.sum(axis=0)}
    return dz @ params["U"], dz @ params["W"], ds * f, grads
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(lstm_step_backward)

# %% [markdown]
# ## Back through all steps
#
# Nothing new is needed for the whole sequence. Two gradients are carried from step to step now,
# `dh` and `ds`. At each step, from the last to the first, $o_t$ adds its share to `dh`:
#
# $$\nabla_{h_t} L = \underbrace{W^\top \delta_{t+1}}_{\text{carried}} + V^\top \nabla_{o_t} L,
# \qquad\qquad \texttt{ds} = \underbrace{\nabla_{s_{t+1}} L \odot f_{t+1}}_{\text{carried}} .$$
#
# After the last step there is nothing yet: both start from zero. After step 1, what is carried is
# $\nabla_{h_0} L$ and $\nabla_{s_0} L$. All parameters are shared by the steps, so their gradients
# are sums over time.
#
# ![Three steps of the LSTM as two chains, of hidden states h above and of cell states s below.
# Gradients come from each loss to its o and h, from h down to s, back along both chains, and from s
# to the h of the step before.](drawings.lstm_chain)

# %% [markdown]
# ### Exercise 4: back-propagation through time (3 points)
#
# *About 25 minutes. Useful.*
#
# Write `lstm_bptt(x, h0, s0, y, params)`, with an output and a label at every step.
# `sequence_loss_gradient(o, y)` gives $\nabla_{o_t} L$ for all steps, with the $1/N$ in it.


# %%
def lstm_bptt(x, h0, s0, y, params):
    """Compute the loss of an LSTM and its gradients by back-propagation through time.

    The loss is summed over time and averaged over the batch, and so are its gradients. From the
    last step to the first, `lstm_step_backward` carries dh and ds on.

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs, at least one step.
    h0, s0 : ndarray, shape (N, H)
        Initial hidden state and cell state.
    y : ndarray of int, shape (T, N)
        Labels from 0 to K - 1.
    params : dict
        U (4H, D), W (4H, H), b (4H,), in blocks of H rows in the order i, f, g, q; V (K, H),
        c (K,).

    Returns
    -------
    loss : float
        L = (1/N) sum_n sum_t -log yhat_{t,n}[y_{t,n}].
    grads : dict
        Gradients under the keys U, W, b, V, c, x, h0 and s0, each of the shape of its array.

    Examples
    --------
    With V = 0 and c = 0 both classes have probability 1/2 at each of the three steps.

    >>> params = {"U": np.ones((8, 3)), "W": np.ones((8, 2)), "b": np.zeros(8)}
    >>> params |= {"V": np.zeros((2, 2)), "c": np.zeros(2)}
    >>> x, h0, s0 = np.ones((3, 1, 3)), np.zeros((1, 2)), np.zeros((1, 2))
    >>> loss, grads = lstm_bptt(x, h0, s0, np.array([[0], [0], [1]]), params)
    >>> print(f"{loss / np.log(2):.6f}")
    3.000000
    >>> grads["c"]
    array([-0.5,  0.5])
    """
    ### BEGIN SOLUTION
    h, s, o = lstm(x, h0, s0, params)  # (T, N, H) twice, (T, N, K)
    do = sequence_loss_gradient(o, y)  # (T, N, K)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh, ds = np.zeros(h0.shape), np.zeros(s0.shape)  # the shares that come from the step after
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]  # (N, H), now all of dL/dh_t
        h_prev, s_prev = (h[t - 1], s[t - 1]) if t > 0 else (h0, s0)
        back = lstm_step_backward(dh, ds, x[t], h_prev, s_prev, params)
        grads["x"][t], dh, ds, step = back
        for name in step:
            grads[name] += step[name]
    grads["h0"], grads["s0"] = dh, ds
    return sequence_loss(o, y), grads
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(lstm_bptt)

# %% [markdown]
# The plain network of homework 4 is needed from here on, to compare with. It is given, and so is
# `numerical_gradient`.

# %% tags=["given"]
# isort: split
from solutions.hw4_bptt.solution import (  # noqa: E402 - given, for demonstrations
    bptt,  # noqa: F401
    bptt_single_output,  # noqa: F401
    hidden_recurrence,  # noqa: F401
    numerical_gradient,  # noqa: F401
    rnn_step,  # noqa: F401
    single_output,  # noqa: F401
    step_backward,  # noqa: F401
)

# %% [markdown]
# ## Demonstration: the gradient check
#
# Your gradients against central differences, for one array after the other, as in homework 4.

# %% tags=["active-ipynb"]
# def random_params(rng, blocks, D, H, K):
#     """Draw weights so that each layer keeps the size of what goes in: 4 blocks, 3, or 1."""
#     return {
#         "U": rng.normal(size=(blocks * H, D)) / np.sqrt(D),
#         "W": rng.normal(size=(blocks * H, H)) / np.sqrt(H),
#         "V": rng.normal(size=(K, H)) / np.sqrt(H),
#         "b": np.zeros(blocks * H),
#         "c": np.zeros(K),
#     }
#
#
# def relative_error(g, other):
#     return np.linalg.norm(g - other) / (np.linalg.norm(g) + np.linalg.norm(other))

# %% tags=["active-ipynb"]
# with needs(lstm_step, lstm, lstm_step_backward, lstm_bptt):
#     rng = np.random.default_rng(0)
#     T, N, D, H, K = 7, 3, 2, 5, 4
#     arrays = random_params(rng, 4, D, H, K)
#     arrays |= {"x": rng.normal(size=(T, N, D))}
#     arrays |= {"h0": rng.normal(size=(N, H)), "s0": rng.normal(size=(N, H))}
#     y = rng.integers(0, K, (T, N))
#     loss, grads = lstm_bptt(arrays["x"], arrays["h0"], arrays["s0"], y, arrays)
#
#     def loss_with(name, value):
#         changed = arrays | {name: value}
#         h, s, o = lstm(changed["x"], changed["h0"], changed["s0"], changed)
#         return sequence_loss(o, y)
#
#     for name, array in arrays.items():
#         estimate = numerical_gradient(lambda value, name=name: loss_with(name, value), array)
#         print(f"d{name:<2} {array.shape!s:<10} error {relative_error(grads[name], estimate):.0e}")

# %% [markdown]
# Eight arrays, eight errors, all far below $10^{-7}$: that is as exact as central differences are.

# %% [markdown]
# ## What the forget gate does to the gradient
#
# Follow only the upper line of the cell back, from $s_T$ to $s_{T-k}$. The factor at each step is
# the forget gate (the second box), so
#
# $$s_{T-k} \text{ gets } \; f_{T-k+1} \odot f_{T-k+2} \odot \dots \odot f_T \odot
# \nabla_{s_T} L \quad\text{along this line.}$$
#
# Again a product of $k$ factors. But they are no matrices: each unit has its own, and they lie
# between 0 and 1. And they are no constants: the network sets them. Where it holds a gate open, at
# $f \approx 1$, the product stays near 1 over any number of steps. Where it closes one, the
# gradient ends: what came before is meant to be forgotten.
#
# Forwards, the same product is the memory. The equation of the state, put into itself, is
#
# $$s_T = \sum_{k=1}^{T} \; (f_{k+1} \odot \dots \odot f_T) \odot i_k \odot g_k
# \;+\; (f_1 \odot \dots \odot f_T) \odot s_0 ,$$
#
# a sum over time in which every term has a weight of its own. For a leaky unit the weight of a term
# says how old it is. Here it says how far everything since then has left it alone.

# %% [markdown]
# The line through $s$ is not the only way back. There is another one at each step, from $s_t$
# through the gates and $W$ to $h_{t-1}$, as in the plain network. Gradients along it still vanish
# or explode. The LSTM does not close that road: it adds a second one.
#
# At the start of training nothing has been learned, and $b^f$ decides how far the gates are open.
# With $b^f = 0$ they are half open: the upper line loses half of the gradient at every step, and
# then no long dependency is ever noticed. So one starts with $b^f$ of 1 or more.

# %% [markdown]
# ## Demonstration: gradient against lag, once more
#
# The experiment of homework 4, with random LSTMs of 50 units. A random gradient at $h_T$ is sent
# back with your `lstm_step_backward`. The plot shows the norm of both gradients that are carried,
# `dh` and `ds` together. All entries of $b^f$ are the same number. For comparison, the plain
# network of homework 4, with the scale $s = 0.9$ of its $W$, as it was called there; the entries of
# $W$ are drawn in the same way in both.
#
# **Guess first:** how large must $b^f$ be, so that the gradient of an LSTM lasts longer than that
# of the plain network? The plot will have the curve of your number.

# %% tags=["active-ipynb"]
# def on_the_way_back(forget_bias=None, T=60, N=20, H=50, scale=0.9):
#     """Return the norm of the gradient at each lag, relative to lag 0; without bias, the plain."""
#     rng = np.random.default_rng(0)
#     blocks = 1 if forget_bias is None else 4
#     params = random_params(rng, blocks, 1, H, 1)
#     params["W"] *= scale
#     x, zero = rng.normal(size=(T, N, 1)), np.zeros((N, H))
#     dh, ds = rng.normal(size=(N, H)), zero
#     if forget_bias is None:
#         params["U"] *= 0.1  # as in homework 4
#         h, _ = hidden_recurrence(x, zero, params)
#     else:
#         params["b"][H : 2 * H] = forget_bias
#         h, s, _ = lstm(x, zero, zero, params)
#     norms = [np.linalg.norm(dh)]
#     for t in range(T - 1, 0, -1):
#         if forget_bias is None:
#             _, dh, _ = step_backward(dh, x[t], h[t - 1], h[t], params)
#         else:
#             _, dh, ds, _ = lstm_step_backward(dh, ds, x[t], h[t - 1], s[t - 1], params)
#         norms.append(np.hypot(np.linalg.norm(dh), np.linalg.norm(ds)))
#     return np.array(norms) / norms[0]
#
#
# def per_step(norms):
#     """Return the factor at each step back, between the lags 10 and 50."""
#     return (norms[50] / norms[10]) ** (1 / 40)

# %% tags=["active-ipynb"]
# guess = None  # your guess: a number
#
# with needs(lstm_step, lstm, lstm_step_backward):
#     plain = on_the_way_back()
#     print(f"plain network: a factor of {per_step(plain):.2f} at each step back")
#     plt.semilogy(plain, "--", color="C4", label="plain network, $s = 0.9$")
#     for bias, marker, color in zip((-2, 0, 2, 4), "osD^", ("C0", "C1", "C2", "C3"), strict=True):
#         norms = on_the_way_back(bias)
#         print(f"forget bias {bias:2d}: gates at about {sigmoid(np.array(bias)):.2f},", end=" ")
#         print(f"a factor of {per_step(norms):.2f} at each step back")
#         label = f"LSTM, $b^f = {bias}$"
#         plt.semilogy(norms, marker=marker, markevery=5, color=color, label=label)
#     if guess is not None:
#         label = f"your guess, $b^f = {guess}$"
#         plt.semilogy(on_the_way_back(guess), ":", color="C5", label=label)
#     plt.title("The gradient on its way back")
#     plt.xlabel("lag: steps before the last one")
#     plt.ylabel("norm, relative to lag 0")
#     plt.ylim(1e-12, 1e2)
#     plt.legend()
#     plt.show()

# %% [markdown]
# The gates decide, and their bias decides about the gates:
#
# - $b^f = -2$ and $b^f = 0$: this LSTM forgets *faster* than the plain network. A cell with gates
#   is not better by itself.
# - $b^f = 2$: hardly anything is lost any more. What is lost is lost in the first steps, on the way
#   from $h$ into $s$; from there on the line is nearly level.
# - $b^f = 4$: the gradient even grows a little from step to step. The line through $s$ alone cannot
#   make it grow: the road through $W$ adds its share.
#
# Move the slider. (Without a running notebook there is none: the picture above shows four of its
# places.)

# %% tags=["active-ipynb"]
# with needs(lstm_step, lstm, lstm_step_backward):
#     biases = np.arange(-3, 7)
#     curves = {int(bias): on_the_way_back(bias) for bias in biases}
#     plain = on_the_way_back()
#
#     @slide(bias=list(curves))
#     def gradient_against_lag(bias=1):
#         norms = curves[bias]
#         plt.semilogy(plain, "--", color="C4", label="plain network, $s = 0.9$")
#         plt.semilogy(norms, color="C0", label=f"LSTM, $b^f = {bias}$")
#         along = sigmoid(np.array(float(bias))) ** np.arange(60)
#         plt.semilogy(along, ":", color="0.4", label=r"$\sigma(b^f)^k$")
#         plt.title(f"A factor of {per_step(norms):.2f} at each step back")
#         plt.xlabel("lag $k$: steps before the last one")
#         plt.ylabel("norm, relative to lag 0")
#         plt.ylim(1e-20, 1e3)
#         plt.legend(loc="lower left")

# %% [markdown]
# The dotted line is what the line through $s$ would do alone, if all gates were just at
# $\sigma(b^f)$. The gradient falls more slowly than that: the gates move, some are more open than
# others, and the other road adds its share.

# %% [markdown]
# ## The GRU
#
# Do we need all of this? The **gated recurrent unit** or GRU, by Cho and others (2014), gets by
# with two gates and one state (section 10.10.2 of the book):
#
# $$\begin{aligned}
# r_t &= \sigma(b^r + W^r h_{t-1} + U^r x_t) && \text{reset gate} \\
# u_t &= \sigma(b^u + W^u h_{t-1} + U^u x_t) && \text{update gate} \\
# n_t &= \tanh\big(b^n + W^n (r_t \odot h_{t-1}) + U^n x_t\big) && \text{candidate} \\
# h_t &= u_t \odot h_{t-1} + (1 - u_t) \odot n_t
# \end{aligned}$$
#
# ![The GRU cell. h of the step before and x lead to z, the sums inside the two gates, and z to r
# and u. h of the step before, multiplied by r, and x lead to the candidate n. The new h is u times
# the h of the step before plus 1 minus u times n.](drawings.gru_cell)
#
# - The last line is a leaky unit again, with $u_t$ in the place of $\alpha$. What is kept and what
#   is taken in add up to one, so one gate does the work of $f$ and $i$.
# - The reset gate decides how much of the old state the *candidate* gets to see. With $r = 0$ it is
#   made from the input alone.
# - There is no output gate: all of the state is shown.
#
# The three blocks lie in the order $r, u, n$: `U` is `(3H, D)`, `W` is `(3H, H)`, `b` is `(3H,)`.

# %% [markdown]
# The GRU has other letters elsewhere, too:
#
# | here | in the book | in PyTorch | |
# |---|---|---|---|
# | $r_t$ | $r^{(t-1)}$ | `r_t` | reset gate |
# | $u_t$ | $u^{(t-1)}$ | `z_t` | update gate: how much of the old stays |
# | $n_t$ | has no letter | `n_t` | candidate |
#
# The book numbers a gate by the state that it reads, hence $t - 1$. It prints a sigmoid for the
# candidate here, too, in (10.45); everybody takes tanh. And PyTorch's GRU is another one: there the
# reset gate acts *after* the product with $W^n$, in
# $\tanh\big(b^n + r_t \odot (W^n h_{t-1} + \dots) + U^n x_t\big)$. So a single product with all of
# $W$ serves the three blocks, which is faster. In this course, as in the book, it acts **before**.

# %% [markdown]
# ### Exercise 5: one step of the GRU (3 points)
#
# *About 15 minutes. Useful.*
#
# Write `gru_step(x_t, h_prev, params)`. Not all of `z` can come from a single product here: the
# candidate's block of $W$ meets another vector than the gates' blocks.


# %%
def gru_step(x_t, h_prev, params):
    """Take one step of a GRU whose reset gate acts before the product with W.

    r, u = sigmoid of the first two blocks of b + W h_prev + U x_t;
    n = tanh(b^n + W^n (r * h_prev) + U^n x_t) with the third;  h_t = u * h_prev + (1 - u) * n
    (equations 10.45 to 10.47 of the book).

    Parameters
    ----------
    x_t : ndarray, shape (N, D)
        Input of the step.
    h_prev : ndarray, shape (N, H)
        State before the step.
    params : dict
        U (3H, D), W (3H, H), b (3H,), in blocks of H rows in the order r, u, n; others are not
        used.

    Returns
    -------
    ndarray, shape (N, H)
        State after the step.

    Examples
    --------
    The update gate is half open, and the candidate is tanh(log 2) = 0.6.

    >>> params = {"U": np.zeros((3, 2)), "W": np.zeros((3, 1)), "b": np.log([1.0, 1.0, 2.0])}
    >>> gru_step(np.ones((1, 2)), np.array([[0.2]]), params)
    array([[0.4]])
    """
    ### BEGIN SOLUTION
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])  # the rows of r and u
    last = slice(2 * h_prev.shape[-1], None)  # those of n
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)  # (N, 2H)
    r, u = np.split(both, 2, axis=-1)  # (N, H) each
    n = np.tanh(b[last] + (r * h_prev) @ W[last].T + x_t @ U[last].T)
    return u * h_prev + (1 - u) * n
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(gru_step)

# %% [markdown]
# ## The way back through the GRU
#
# Write $m = r \odot h_{t-1}$ for what the candidate sees. From $h_t$ backwards:
#
# **From $h_t$.** $h_t = u \odot h_{t-1} + (1 - u) \odot n$ gives
#
# $$\nabla_{u} L = \nabla_{h_t} L \odot (h_{t-1} - n), \qquad
# \nabla_{n} L = \nabla_{h_t} L \odot (1 - u), \qquad
# h_{t-1} \text{ gets } \nabla_{h_t} L \odot u .$$
#
# **From $n$.** With $\delta^n = \nabla_{n} L \odot (1 - n^2)$, the gradient inside the tanh,
#
# $$\nabla_{m} L = (W^n)^\top \delta^n, \qquad
# \nabla_{r} L = \nabla_{m} L \odot h_{t-1}, \qquad
# h_{t-1} \text{ gets } \nabla_{m} L \odot r .$$
#
# **From the gates.** With $\delta^r = \nabla_{r} L \odot r \odot (1 - r)$ and
# $\delta^u = \nabla_{u} L \odot u \odot (1 - u)$,
#
# $$h_{t-1} \text{ gets } (W^r)^\top \delta^r + (W^u)^\top \delta^u .$$

# %% [markdown]
# So $h_{t-1}$ has **four** successors, $h_t$, $m$, $r$ and $u$, and each of them adds a share:
#
# $$\boxed{\;h_{t-1} \text{ gets } \; \nabla_{h_t} L \odot u \;+\; \nabla_{m} L \odot r
# \;+\; (W^r)^\top \delta^r \;+\; (W^u)^\top \delta^u\;}$$
#
# ![The GRU cell with gradients against the arrows. Three of them arrive at h of the step before:
# from the new h by u, from the product m by r, and from z, the sums inside the two gates, by W
# transposed.](drawings.gru_gradients)
#
# The first share is the line that does not forget: where $u \approx 1$ the gradient passes as it
# is. For the rest, $\delta_t$ is $\delta^r$, $\delta^u$ and $\delta^n$ on top of each other, and
#
# $$\nabla_{x_t} L = U^\top \delta_t, \qquad U: \;\delta_t\, x_t^\top, \qquad b: \;\delta_t, \qquad
# W^r: \;\delta^r h_{t-1}^\top, \quad W^u: \;\delta^u h_{t-1}^\top, \quad W^n: \;\delta^n m^\top .$$
#
# Mind the last one. $W^n$ has met $m$, not $h_{t-1}$.

# %% [markdown]
# ### Exercise 6: one step back through the GRU (4 points)
#
# *About 40 minutes. Aside: the same craft once more, on another cell.*
#
# Write `gru_step_backward(dh, x_t, h_prev, params)`. `dh` is all of $\nabla_{h_t} L$.


# %%
def gru_step_backward(dh, x_t, h_prev, params):
    """Back-propagate through one step of a GRU whose reset gate acts before the product with W.

    With m = r * h_prev and the gradients delta inside the sigmoids and the tanh, h_prev gets
    dh * u + dm * r + (W^r)^T delta^r + (W^u)^T delta^u, where dm = (W^n)^T delta^n.

    Parameters
    ----------
    dh : ndarray, shape (N, H)
        Gradient of the loss with respect to h_t, all of it.
    x_t : ndarray, shape (N, D)
        Input of the step.
    h_prev : ndarray, shape (N, H)
        State before the step.
    params : dict
        U (3H, D), W (3H, H), b (3H,), in blocks of H rows in the order r, u, n; others are not
        used.

    Returns
    -------
    dx_t : ndarray, shape (N, D)
        Gradient with respect to x_t.
    dh_prev : ndarray, shape (N, H)
        Gradient with respect to h_prev, through this step.
    grads : dict
        Gradients of U, W and b through this step, each of the shape of the parameter.

    Examples
    --------
    The cell of the example above: with W = 0, only the first of the four shares is left.

    >>> params = {"U": np.zeros((3, 2)), "W": np.zeros((3, 1)), "b": np.log([1.0, 1.0, 2.0])}
    >>> x_t, h_prev = np.ones((1, 2)), np.array([[0.2]])
    >>> dx_t, dh_prev, grads = gru_step_backward(np.ones((1, 1)), x_t, h_prev, params)
    >>> dh_prev
    array([[0.5]])
    >>> grads["b"].round(6)
    array([ 0.  , -0.1 ,  0.32])
    """
    ### BEGIN SOLUTION
    U, W, b = params["U"], params["W"], params["b"]
    gates = slice(0, 2 * h_prev.shape[-1])  # the rows of r and u
    last = slice(2 * h_prev.shape[-1], None)  # those of n
    both = sigmoid(b[gates] + h_prev @ W[gates].T + x_t @ U[gates].T)  # (N, 2H)
    r, u = np.split(both, 2, axis=-1)  # (N, H) each
    m = r * h_prev
    n = np.tanh(b[last] + m @ W[last].T + x_t @ U[last].T)

    dz_n = dh * (1 - u) * (1 - n**2)
    dm = dz_n @ W[last]
    dz_r = dm * h_prev * r * (1 - r)
    dz_u = dh * (h_prev - n) * u * (1 - u)
    dz_gates = np.concatenate([dz_r, dz_u], axis=-1)  # (N, 2H)
    dz = np.concatenate([dz_gates, dz_n], axis=-1)  # (N, 3H)
    dh_prev = dh * u + dm * r + dz_gates @ W[gates]
    dW = np.concatenate([dz_gates.T @ h_prev, dz_n.T @ m])  # (3H, H)
    return dz @ U, dh_prev, {"U": dz.T @ x_t, "W": dW, "b": dz.sum(axis=0)}
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(gru_step_backward)

# %% tags=["active-ipynb"]
# progress()  # how am I doing?

# %% [markdown]
# ## Training gated cells
#
# The demonstrations that follow train three networks: the plain one of homework 4, an LSTM and a
# GRU. *Your* functions do the work. The LSTM has your `lstm_bptt`. For the GRU, here is `bptt` of
# homework 4 once more, with your two steps of the GRU in it. **Adam** is that of homework 4.

# %% tags=["active-ipynb"]
# def gru_bptt(x, h0, y, params):
#     """Return loss and gradients of a GRU with an output at every step, as `bptt` does."""
#     states = [h0]
#     for x_t in x:
#         states.append(gru_step(x_t, states[-1], params))
#     after = np.array(states[1:])  # (T, N, H)
#     outputs = params["c"] + after @ params["V"].T
#     back = sequence_loss_gradient(outputs, y)
#     sums = {"V": np.einsum("tnk,tni->ki", back, after), "c": back.sum(axis=(0, 1))}
#     carried = np.zeros(h0.shape)
#     for x_t, h_prev, do in zip(x[::-1], states[-2::-1], back[::-1], strict=True):
#         _, carried, part = gru_step_backward(carried + do @ params["V"], x_t, h_prev, params)
#         sums |= {name: sums.get(name, 0.0) + part[name] for name in part}
#     return sequence_loss(outputs, y), sums
#
#
# def adam(params):
#     """Return a function that takes one step of Adam, and changes params in place."""
#     m = {name: np.zeros(array.shape) for name, array in params.items()}
#     v = {name: np.zeros(array.shape) for name, array in params.items()}
#     t = 0
#
#     def step(grads, rate):
#         nonlocal t
#         t += 1
#         for name in params:
#             m[name] = 0.9 * m[name] + 0.1 * grads[name]
#             v[name] = 0.999 * v[name] + 0.001 * grads[name] ** 2
#             m_hat, v_hat = m[name] / (1 - 0.9**t), v[name] / (1 - 0.999**t)
#             params[name] -= rate * m_hat / (np.sqrt(v_hat) + 1e-8)
#
#     return step
#
#
# def clipped(grads, params, max_norm=1.0):
#     """Scale the gradients of the parameters down to a norm of max_norm, as in homework 4."""
#     norm = np.sqrt(sum(np.sum(grads[name] ** 2) for name in params))
#     return {name: grads[name] * min(1.0, max_norm / norm) for name in params}

# %% [markdown]
# ## Demonstration: a letter to keep for sixty steps
#
# A task that asks for nothing but memory. Each sequence has 60 letters out of four, drawn at
# random. The first one comes with a mark. At the end the network has to say which letter it was;
# the 59 letters since then are of no use.
#
# The networks have about the same number of parameters: the plain one 32 units (1,348 numbers), the
# LSTM 16 (1,476), the GRU 18 (1,372). All get 200 batches of 32 new sequences, gradients clipped at
# norm 1, and Adam. There are three random starts of each. The biases $b^f$ of the LSTM and $b^u$ of
# the GRU start at 6 and 4; one more LSTM starts with $b^f = 0$. The plain network was tried at a
# third and at three times its learning rate as well, and at none of them had it every second letter
# right. Of the gated ones, a few rates and biases were tried.
#
# `lstm_bptt` has a label at every step, and here the last step alone has one. A difference helps:
# the loss of the last step is the loss of all steps minus that of all but the last. The same holds
# of the gradients. (The cell below the next takes some twenty seconds.)

# %% tags=["active-ipynb"]
# def marked_letters(rng, T=60, N=32, letters=4):
#     """Draw inputs (T, N, letters + 1), the last one the mark, and the marked letters (N,)."""
#     drawn = rng.integers(letters, size=(T, N))
#     x = np.concatenate([np.eye(letters)[drawn], np.zeros((T, N, 1))], axis=-1)
#     x[0, :, -1] = 1.0
#     return x, drawn[0]
#
#
# def at_the_end(cell, x, y, params):
#     """Return loss and gradients of a network with labels (N,) at the last step alone."""
#     zero = np.zeros((x.shape[1], params["W"].shape[1]))
#     if cell == "plain":
#         return bptt_single_output(x, zero, y, params)
#     states, back = {"LSTM": ((zero, zero), lstm_bptt), "GRU": ((zero,), gru_bptt)}[cell]
#     labels = np.tile(y, (len(x), 1))  # all rows but the last cancel out
#     loss, grads = back(x, *states, labels, params)
#     less, others = back(x[:-1], *states, labels[:-1], params)
#     return loss - less, {name: grads[name] - others[name] for name in params}
#
#
# def last_output(cell, x, params):
#     """Return what a network says after the last step, (N, K)."""
#     h = zero = np.zeros((x.shape[1], params["W"].shape[1]))
#     if cell == "plain":
#         return single_output(x, zero, params)[1]
#     if cell == "LSTM":
#         return lstm(x, zero, zero, params)[2][-1]
#     for x_t in x:
#         h = gru_step(x_t, h, params)
#     return params["c"] + h @ params["V"].T
#
#
# def train_to_remember(cell, seed, bias=0.0, updates=200):
#     """Train a network; return its losses, and its accuracy on new sequences."""
#     blocks, H, rate = {"plain": (1, 32, 1e-2), "LSTM": (4, 16, 3e-2), "GRU": (3, 18, 2e-2)}[cell]
#     rng = np.random.default_rng(seed)
#     params = random_params(rng, blocks, 5, H, 4)
#     params["b"][H : 2 * H] = bias  # the second block: f of the LSTM, u of the GRU
#     update, losses = adam(params), []
#     for _ in range(updates):
#         loss, grads = at_the_end(cell, *marked_letters(rng), params)
#         update(clipped(grads, params), rate)
#         losses.append(loss)
#     x, y = marked_letters(np.random.default_rng(99), N=500)
#     right = last_output(cell, x, params).argmax(axis=-1) == y
#     return np.array(losses), right.mean()

# %% tags=["active-ipynb"]
# with needs(lstm_step, lstm, lstm_step_backward, lstm_bptt, gru_step, gru_step_backward):
#     remembering = {
#         "plain network": [train_to_remember("plain", seed) for seed in range(3)],
#         "LSTM, bias 0": [train_to_remember("LSTM", 0)],
#         "LSTM, bias 6": [train_to_remember("LSTM", seed, 6.0) for seed in range(3)],
#         "GRU, bias 4": [train_to_remember("GRU", seed, 4.0) for seed in range(3)],
#     }
#     styles = zip(remembering, ("--", ":", "-", "-."), ("C4", "C1", "C0", "C2"), strict=True)
#     for name, style, color in styles:
#         for number, (losses, _) in enumerate(remembering[name]):
#             smooth = losses.reshape(-1, 10).mean(axis=1)  # ten updates each
#             label = name if number == 0 else None
#             plt.plot(np.arange(5, 200, 10), smooth, style, color=color, label=label)
#         right = ", ".join(f"{accuracy:.0%}" for _, accuracy in remembering[name])
#         print(f"{name:<14} right on new sequences: {right}")
#     plt.axhline(np.log(4), color="0.4", linewidth=0.8)
#     plt.title("A letter to keep for sixty steps (the thin line: guessing)")
#     plt.xlabel("update")
#     plt.ylabel("loss (nats)")
#     plt.legend(loc="lower left")
#     plt.show()

# %% [markdown]
# The plain networks do not get far from guessing, $\log 4 \approx 1.39$, and the LSTM whose forget
# gates start half open does not at all. That one *could* remember. But at the start it loses half
# of its state at every step, and $0.5^{59}$ is less than $10^{-17}$: nothing of the first letter is
# left at the end, so nothing can be learned from it.
#
# With the biases up, the gated networks learn: when the batches are used up, the GRUs make no
# mistake, or hardly any, and the LSTMs have about three letters in four right, or more. With
# $b^f = 6$ a gate is at 0.9975, and $0.9975^{59} \approx 0.86$: the gradient arrives, and what is
# left to learn is when to let something in.
#
# Mind what this shows and what it does not. Three starts are few. Length and budget were chosen so
# that the difference shows. With 20 letters, the plain network learns the task as well. With 60
# letters and five times as many batches, it got about half of the letters right when we tried. So a
# plain network *can* hold something. What it lacks at the start is a gradient that tells it to.

# %% [markdown]
# ## Demonstration: the next letter of a word, once more
#
# The words of homework 4 (SCOWL, by Kevin Atkinson, free to use with its notice): 3,211 to train on
# and 500 kept for testing. At each step a network sees a letter and predicts the next; a dot begins
# and ends each word. There are three networks with about the same number of parameters: the plain
# one with 100 units, as in homework 4, an LSTM with 47 and a GRU with 56. Each is trained by the
# same ten passes, or epochs, over the words.
#
# Beside them stand the counts of homework 4: how often does a letter follow one letter, or two?
# (With few examples a count says little. So each count is mixed with that of one letter less.)

# %% tags=["active-ipynb"]
# words = datasets.words()
# np.random.default_rng(0).shuffle(words)
# test_words, train_words = words[:500], words[500:]
# LETTERS = ".abcdefghijklmnopqrstuvwxyz"
# one_hot = np.eye(len(LETTERS))
# SIZES = {"plain network": (1, 100), "LSTM": (4, 47), "GRU": (3, 56)}  # blocks, units
#
#
# def letters_of(words):
#     """Return inputs (T, N, 27) and labels (T, N) of words of the same length."""
#     codes = np.array([[LETTERS.index(letter) for letter in f".{word}."] for word in words]).T
#     return one_hot[codes[:-1]], codes[1:]
#
#
# def batches_of_words(words, rng, size=32):
#     """List batches (x, y) of words of the same length, in random order."""
#     batches = []
#     for length in {len(word) for word in words}:
#         same = [word for word in words if len(word) == length]
#         batches += [letters_of(same[i : i + size]) for i in range(0, len(same), size)]
#     return [batches[i] for i in rng.permutation(len(batches))]
#
#
# def word_gradients(name, x, y, params):
#     """Return loss and gradients of one of the three networks, which starts from zero."""
#     zero = np.zeros((x.shape[1], params["W"].shape[1]))
#     if name == "plain network":
#         return bptt(x, zero, y, params)
#     if name == "LSTM":
#         return lstm_bptt(x, zero, zero, y, params)
#     return gru_bptt(x, zero, y, params)
#
#
# def bits_per_letter(name, params, words):
#     """Return the loss per step, in bits: the dot at the end counts as a letter."""
#     total = 0.0
#     for x, y in batches_of_words(words, np.random.default_rng(0), size=500):
#         total += x.shape[1] * word_gradients(name, x, y, params)[0]
#     return total / np.log(2) / sum(len(word) + 1 for word in words)
#
#
# def train_on_words(name, epochs=10, rate=1e-2):
#     """Train one of the networks; return it, and its bits per letter on test words by epoch."""
#     blocks, H = SIZES[name]
#     rng = np.random.default_rng(0)
#     params = random_params(rng, blocks, 27, H, 27)
#     if blocks > 1:
#         params["b"][H : 2 * H] = 1.0  # the forget gate of the LSTM, the update gate of the GRU
#     update, bits = adam(params), []
#     for epoch in range(epochs):
#         for x, y in batches_of_words(rng.permutation(train_words), rng):
#             _, grads = word_gradients(name, x, y, params)
#             per_letter = {key: grads[key] / len(x) for key in params}
#             update(per_letter, rate * (1 - epoch / epochs))
#         bits.append(bits_per_letter(name, params, test_words))
#     return params, bits
#
#
# trained = {}  # by name
#
#
# def trained_on_words(name):
#     """Return what `train_on_words` does, trained once."""
#     if name not in trained:
#         trained[name] = train_on_words(name)
#     return trained[name]
#
#
# def bits_of_counts(back):
#     """Return bits per letter on test words of counts with this many letters back, smoothed."""
#     p = np.full(27, 1 / 27)
#     for used in range(back + 1):
#         count = np.zeros((27,) * (used + 1))
#         for word in train_words:
#             codes = [LETTERS.index(letter) for letter in "." * used + word + "."]
#             for end in range(used, len(codes)):
#                 count[tuple(codes[end - used : end + 1])] += 1
#         p = (count + 5 * p) / (count.sum(axis=-1, keepdims=True) + 5)
#     bits = []
#     for word in test_words:
#         codes = [LETTERS.index(letter) for letter in "." * back + word + "."]
#         ends = range(back, len(codes))
#         bits += [-np.log2(p[tuple(codes[end - back : end + 1])]) for end in ends]
#     return np.mean(bits)

# %% tags=["active-ipynb"]
# with needs(lstm_step, lstm, lstm_step_backward, lstm_bptt, gru_step, gru_step_backward):
#     spelling = {name: trained_on_words(name) for name in SIZES}
#     counted = {back: bits_of_counts(back) for back in (1, 2)}
#
#     for name, style, color in zip(SIZES, ("o--", "s-", "D-."), ("C4", "C0", "C2"), strict=True):
#         _, bits = spelling[name]
#         plt.plot(np.arange(1, 11), bits, style, color=color, label=name)
#         print(f"{name:<22} {bits[-1]:.2f} bits per letter on test words")
#     for back, style in ((1, ":"), (2, "-.")):
#         label = f"counts, {back} letter{'s' if back > 1 else ''} back"
#         plt.axhline(counted[back], color="0.4", linestyle=style, label=label)
#         print(f"{label:<22} {counted[back]:.2f}")
#     plt.title("Predicting the next letter")
#     plt.xlabel("epoch")
#     plt.ylabel("loss on test words (bits per letter)")
#     plt.legend()
#     plt.show()

# %% [markdown]
# All three come to about 2.8 bits, as in homework 4. That is better than counts of two letters back
# (2.95), and they are within a few hundredths of each other, from one start each. The gates have
# bought next to nothing.
#
# That is no contradiction to the demonstration before. A word has ten letters at most, and in it
# the last two or three letters say most of what can be said. Nothing has to be kept for sixty
# steps, so there is nothing to gain. Gates are a remedy for long memories, not for all ills.

# %% [markdown]
# ## Demonstration: gates that read a word
#
# What do the gates of the trained LSTM do while it reads? Below, each column is a step, named by
# the letter that is read, and each row is a unit. The units are sorted by how far their forget gate
# is open, on average over the word.

# %% tags=["active-ipynb"]
# def states_and_gates(params, word):
#     """Return the gates i, f, q and the states s of an LSTM that reads a word, each (T, H)."""
#     x, _ = letters_of([word])
#     H = params["W"].shape[1]
#     zero = np.zeros((1, H))
#     h, s, _ = lstm(x, zero, zero, params)
#     before = np.concatenate([zero[np.newaxis], h[:-1]])
#     gates = sigmoid(params["b"] + before @ params["W"].T + x @ params["U"].T)[:, 0]  # (T, 4H)
#     i, f, _, q = np.split(gates, 4, axis=-1)
#     return i, f, q, s[:, 0]

# %% tags=["active-ipynb", "folded"]
# def show_gates(params, word):
#     """Plot the gates and the states of all units, letter by letter."""
#     i, f, q, s = states_and_gates(params, word)
#     order = np.argsort(f.mean(axis=0))
#     _, axes = plt.subplots(1, 4, figsize=(10, 4.2), sharey=True)
#     for axis, (title, values) in zip(
#         axes, {"input gate": i, "forget gate": f, "output gate": q}.items(), strict=False
#     ):
#         shown = axis.pcolormesh(values[:, order].T, cmap="Blues", vmin=0, vmax=1)
#         axis.set_title(title)
#     plt.colorbar(shown, ax=axes[:3], label="0: closed, 1: open", location="bottom", aspect=40)
#     size = np.abs(s).max()
#     states = axes[3].pcolormesh(s[:, order].T, cmap="PuOr", vmin=-size, vmax=size)
#     axes[3].set_title("state $s$")
#     plt.colorbar(states, ax=axes[3], label="no unit", location="bottom")
#     for axis in axes:
#         axis.set_xticks(np.arange(len(word) + 1) + 0.5, f".{word}")
#     axes[0].set_ylabel("unit, sorted by forget gate")

# %% tags=["active-ipynb"]
# with needs(lstm_step, lstm, lstm_step_backward, lstm_bptt, gru_step, gru_step_backward):
#     speller, _ = trained_on_words("LSTM")
#     show_gates(speller, "understand")
#     plt.show()

# %% [markdown]
# Nobody told the units to share out the work, yet they have. At the top are units whose forget gate
# is open nearly all the time: they add up over the whole word, and theirs are the states that grow
# far beyond one. At the bottom the forget gate is mostly closed and the input gate mostly open:
# these units start anew at most letters, and hold little more than the last one. Everywhere but at
# the top, forget gates move from letter to letter: what a unit keeps depends on what is read.
#
# What a single unit stands for, the picture does not say, and often nobody can.
#
# Try other words. (Without a running notebook there is no slider: the picture above shows one of
# its words.)

# %% tags=["active-ipynb"]
# with needs(lstm_step, lstm, lstm_step_backward, lstm_bptt, gru_step, gru_step_backward):
#     speller, _ = trained_on_words("LSTM")
#     chosen = ["understand", "question", "banana", "possession", "strengths", "queue", "rhythm"]
#
#     @slide(word=chosen)
#     def gates_on_a_word(word="question"):
#         show_gates(speller, word)

# %% [markdown]
# ## What you have learned
#
# - A state that is added to keeps what it has; a state that is multiplied by a matrix at each step
#   loses it, or blows up. Leaky units add with one fixed rate of forgetting.
# - Gates let the network choose that rate, for each unit and at each step. In an LSTM the gradient
#   goes back from state to state with the factor $f$, and $f \approx 1$ lets it pass.
# - A cell with several paths has no new calculus: each successor of a node adds its share.
# - Gates are no gift by themselves: a forget gate that starts half open forgets faster than a plain
#   network. Start its bias above zero.
# - Where nothing is far away, as in short words, a gated network gains little.
#
# **Read on** in *Deep Learning* by Goodfellow, Bengio and Courville: 10.7 for the challenge of
# long-term dependencies, 10.9 for leaky units and other time scales, 10.10 for LSTM and GRU. The
# papers: S. Hochreiter and J. Schmidhuber, *Long Short-Term Memory* (1997); F. Gers, J. Schmidhuber
# and F. Cummins, *Learning to Forget* (2000), for the forget gate; K. Cho and others, *Learning
# Phrase Representations using RNN Encoder–Decoder* (2014), for the GRU; R. Jozefowicz, W. Zaremba
# and I. Sutskever, *An Empirical Exploration of Recurrent Network Architectures* (2015), for the
# bias.
#
# Libraries have these cells ready made. The page *From here to PyTorch* of the course's
# documentation puts your functions beside theirs, and shows that they give the same numbers.
#
# **What comes next.** These networks, whatever their cells, give a distribution at each step. A
# person wants a word. Homework 7 is about the way from the one to the other.
