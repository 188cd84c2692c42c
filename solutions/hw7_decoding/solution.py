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
# # Homework 7 · Decoding
#
# **What you will do**
#
# - take the network of homework 5, which gives distributions, and get sequences out of it;
# - choose the best class at each step, draw classes at random, and search with a beam;
# - find the most likely of all sequences, exactly, and judge the other ways by it.
#
# **What you will learn**
#
# - what the temperature of a softmax is, and what a perplexity says;
# - why the best choice at each step need not lead to the best sequence;
# - how a problem with $K^T$ candidates is solved in $T$ steps, and when that is possible;
# - what the most likely sequence lacks that drawn ones have.
#
# **What you need**
#
# - the network of homework 5, its `one_hot`, and its `log_likelihood` of a sequence;
# - from numpy, `argmax` with an axis, `np.argsort`, `np.cumsum`, and indexing with arrays of
#   integers. What each of them does is said again where it is used.
#
# Homework 6 is not needed.

# %% [markdown]
# ## How to work
#
# Run the cells from top to bottom. Each exercise is one function: replace the line
# `raise NotImplementedError` by your code, run the cell, then run the check under it. The check
# says what is right, what is not, and where. `hint(greedy)` gives a hint, and another one each
# time you ask. One demonstration asks for a guess, as before.
#
# Under its title stands about how long an exercise takes, and how much it matters: *essential*,
# all else rests on it; *useful*, an idea or a tool that you will meet again; *aside*, good to have
# done once. Exercise 4 needs exercise 1; all others can be done by themselves.
#
# In the numbers of the checks no two candidates are equally likely, so you need not think of ties.
#
# A function that is right in part earns part of its points. Grading repeats the same tests with
# other numbers, so an answer that was typed in fails there.

# %%
import numpy as np

# %% tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# from autograder import check, datasets, draw, hint, needs, progress, slide
#
# plt.style.use("autograder.plots")

# %% [markdown]
# These functions come from homeworks 3 and 5. They are given, so that a mistake there costs nothing
# here. The exercises need only `softmax`, `log_softmax` and `one_hot`; the others serve the
# demonstrations.

# %% tags=["given"]
# isort: split
from solutions.hw3_softmax_loss.solution import (  # noqa: F401 - some are for the notebook alone
    log_softmax,
    sequence_loss,
    sequence_loss_gradient,
    softmax,
)
from solutions.hw5_teacher_forcing.solution import (  # noqa: F401 - some are for the notebook alone
    log_likelihood,
    one_hot,
    teacher_forced,
    teacher_forced_gradient,
)

# %% [markdown]
# ## From distributions to a sequence
#
# The network of homework 5 states, at each step, a distribution over $K$ classes:
#
# $$a_t = b + W r_{t-1} + U x_t, \qquad h_t = \tanh(a_t), \qquad o_t = c + V h_t, \qquad
# \hat y_t = \mathrm{softmax}(o_t)$$
#
# Nobody reads distributions. A person who has typed a word on the keys of a telephone wants to see
# letters, and one who lets a machine write wants words. To turn the distributions into a sequence
# of labels is called **decoding**.

# %% [markdown]
# ![At the steps t minus 1, t and t plus 1: the input x leads by U to the hidden units h, and these
# by V to the output o. From the output a class is chosen, the label y. The label leads by W to the
# hidden units of the next step.](drawings.decoding)
#
# At each step a class is **chosen** from $\hat y_t$. The next step is fed with its one-hot code, as
# if it were the truth:
#
# $$r_t = \mathrm{onehot}(y_t) \qquad \text{with the chosen label } y_t$$
#
# Homework 5 fed back the whole distribution, and the network had never seen such inputs in
# training. One-hot codes it knows well. And there is a second gain: the sequence has a probability.

# %% [markdown]
# ## What is a good sequence?
#
# By the chain rule of probability, as in homework 5, the network gives to a whole sequence of
# labels the probability
#
# $$p(y_1, \dots, y_T \mid x_1, \dots, x_T)
# = \prod_{t=1}^{T} p(y_t \mid y_{t-1}, x_t)
# = \prod_{t=1}^{T} \hat y_{t,\,y_t} ,$$
#
# where step $t$ was fed with the label before. (The first step is fed with $r_0$.) The logarithm is
# a sum, $\sum_t \log \hat y_{t,\,y_t}$, and that is what the given `log_likelihood` computes.
#
# So there are two natural things to ask for. One is a sequence **drawn** with just this
# probability. The other is the **most likely** sequence of all. They are the two halves of this
# homework.

# %% [markdown]
# | in the text | in code | shape | meaning |
# |---|---|---|---|
# | $x_t$ | `x[t]` | `x` is `(T, N, D)` | inputs |
# | $r_0$ | `r0` | `(N, K)` | what the first step is fed with |
# | $o_t$ | `o[t]` | `o` is `(T, N, K)` | outputs: unnormalised log-probabilities |
# | $y_t$ | `y[t]` | `y` is `(T, N)`, integers | labels, here the chosen ones |
# | $\tau$ | `tau` | a float | temperature |
# | $U, W, V, b, c$ | `params["U"]`, … | as in homework 5 | parameters; $W$ is `(H, K)` |
#
# There are $T$ steps, $N$ sequences in the batch, $D$ inputs, $H$ hidden units and $K$ classes. The
# text counts steps from 1, Python from 0: $x_1$ is `x[0]`. The last two exercises take one sequence
# at a time, so the axis of length $N$ is gone there.
#
# Labels that you return are integers, since they are to index arrays. (An array of floats that
# holds whole numbers is judged by its values. But it cannot index, so the demonstrations would
# stop.)

# %% [markdown]
# One step of the network is needed again and again, with a new $r$ each time. Here it is, once for
# all. It takes what is fed, `r`, and gives the outputs `o_t`.


# %%
def step(x_t, r, params):
    """Run the network for one step: the outputs (N, K) from x_t (N, D) and what is fed, r (N, K).

    Where x_t is (D,), all rows of r read the same input.
    """
    h_t = np.tanh(params["b"] + r @ params["W"].T + x_t @ params["U"].T)
    return params["c"] + h_t @ params["V"].T


# %% [markdown]
# ## Two networks to play with
#
# Before the first exercise, here are the words of homework 5. They are the common English ones of
# SCOWL, the word lists by Kevin Atkinson that Debian's dictionaries are made of (free to use with
# their notice, which comes with the data), filled up with blanks to ten letters. Two networks are
# trained on four fifths of them, by teacher forcing. Each of them knows the letter before, and one
# thing more:
#
# - the **typist** reads the keys of a telephone, `2` for a, b or c, and so on to `9`, and is to
#   find the word that was meant;
# - the **poet** reads how many letters of the word are left, and nothing else. It is to make up
#   words.
#
# (The cells take a few seconds to train each of them.)

# %% tags=["active-ipynb"]
# letters = " abcdefghijklmnopqrstuvwxyz"
# keys = np.array([0, *map(int, "22233344455566677778889999")])  # of each letter; 0 is the blank
# words = np.random.default_rng(0).permutation(datasets.words())
# known = np.arange(len(words)) < 0.8 * len(words)
#
#
# def labels_of(words):
#     """Turn words into labels (10, N)."""
#     return np.array([[letters.index(letter) for letter in word.ljust(10)] for word in words]).T
#
#
# def spell(y):
#     """Turn labels (10, N) into words."""
#     return ["".join(letters[label] for label in column).strip() for column in y.T]
#
#
# def typed(y):
#     """Return the keys (10, N, 10) of labels, as one-hot codes."""
#     return np.eye(10)[keys[y]]
#
#
# def letters_left(lengths):
#     """Return how many letters are left (10, N, 11), as one-hot codes, for words so long."""
#     return np.eye(11)[np.maximum(lengths - np.arange(10)[:, None], 0)]
#
#
# def blank(N):
#     """Return r0 (N, 27): before a word, there is a blank."""
#     return np.eye(27)[np.zeros(N, dtype=int)]
#
#
# print(f"{known.sum()} words to train on, {(~known).sum()} held out: {', '.join(words[-5:])} …")

# %% tags=["active-ipynb"]
# def train(x, y, H=32, updates=1500, seed=0, size=32, rate=0.01):
#     """Train by teacher forcing, with Adam as in homework 5, at a rate that falls to zero."""
#     rng = np.random.default_rng(seed)
#     D, K = x.shape[-1], len(letters)
#     params = {
#         "U": rng.normal(size=(H, D)) / np.sqrt(D),
#         "W": rng.normal(size=(H, K)) / np.sqrt(K),
#         "V": rng.normal(size=(K, H)) / np.sqrt(H),
#         "b": np.zeros(H),
#         "c": np.zeros(K),
#     }
#     mean = {key: np.zeros_like(value) for key, value in params.items()}
#     square = {key: np.zeros_like(value) for key, value in params.items()}
#     for update in range(1, updates + 1):
#         n = rng.integers(x.shape[1], size=size)
#         _, grads = teacher_forced_gradient(x[:, n], y[:, n], blank(size), params)
#         for key, g in grads.items():
#             mean[key] = 0.9 * mean[key] + 0.1 * g
#             square[key] = 0.999 * square[key] + 0.001 * g**2
#             m, s = mean[key] / (1 - 0.9**update), square[key] / (1 - 0.999**update)
#             now = rate * (1 - update / updates)
#             params[key] = params[key] - now * m / (np.sqrt(s) + 1e-8)
#     return params
#
#
# known_y, new_y = labels_of(words[known]), labels_of(words[~known])  # (10, N)
# known_lengths, new_lengths = (known_y > 0).sum(axis=0), (new_y > 0).sum(axis=0)  # (N,)
# typist = train(typed(known_y), known_y)
# poet = train(letters_left(known_lengths), known_y)

# %% [markdown]
# What does the typist make of a first key? The key `4` stands for g, h or i.

# %% tags=["active-ipynb"]
# yhat = softmax(step(np.eye(10)[[4]], blank(1), typist))[0]  # (27,)
# plt.bar(list(letters[1:]), yhat[1:])
# plt.title("The first key is 4: what the typist predicts")
# plt.xlabel("letter")
# plt.ylabel("probability")
# plt.show()
# print(", ".join(f"{letters[k]} {yhat[k]:.2f}" for k in (7, 8, 9)))

# %% [markdown]
# It has learned which letters are on that key, and which of them begins most words. Three letters
# share the probability, and the i gets the largest part. Whoever must choose *now* will say i.
# Whether the word was `hello` shows only later. Keep this in mind.

# %% [markdown]
# ## Temperature
#
# Before anything is chosen from a distribution, one may make it sharper or flatter. Divide the
# outputs by a number $\tau > 0$, the **temperature**, before the softmax:
#
# $$\hat y^{(\tau)} = \mathrm{softmax}(o / \tau), \qquad
# \hat y^{(\tau)}_k = \frac{e^{o_k/\tau}}{\sum_j e^{o_j/\tau}}$$
#
# What does it do? Look at the ratio of two probabilities. The denominators cancel:
#
# $$\frac{\hat y^{(\tau)}_j}{\hat y^{(\tau)}_k} = e^{(o_j - o_k)/\tau}
# = \left(\frac{\hat y_j}{\hat y_k}\right)^{1/\tau}$$
#
# At $\tau = \tfrac12$ every ratio is squared: where j was three times as likely as k, it now is
# nine times. At $\tau = 2$ it is $\sqrt 3 \approx 1.7$ times. The order of the classes stays.

# %% [markdown]
# The two ends:
#
# - $\tau \to \infty$: every ratio goes to $1$. The distribution becomes uniform, whatever the
#   network says.
# - $\tau \to 0$: the ratio of the largest to any smaller one goes to $\infty$. All weight goes to
#   the most likely class; if several have the same largest output, they share it equally.
#
# The word is from physics. In a gas or a magnet, states of energy $E_k$ have probabilities
# proportional to $e^{-E_k/\tau}$: when it is cold, everything is in its lowest state, and heat
# mixes things up. Here $-o_k$ is the energy.

# %% [markdown]
# On a computer, a small $\tau$ is a trap. With $o = (800, 790)$ and $\tau = 10^{-307}$ the
# quotients are beyond the largest float64, about $1.8 \cdot 10^{308}$. Both become $\infty$, and
# $\infty - \infty$ is `nan`, even in a softmax that subtracts the maximum: it comes too late. The
# right answer is simple, $(1, 0)$.
#
# The shift of homework 3 mends it, if it comes **before** the division. The softmax does not change
# when the same number $s$ is taken from all outputs, so
#
# $$\mathrm{softmax}(o/\tau) = \mathrm{softmax}\!\left(\frac{o - s}{\tau}\right), \qquad
# s = \max_j o_j .$$
#
# Now the largest quotient is exactly $0$. The others are negative or $0$. If they overflow, then to
# $-\infty$, and $e^{-\infty} = 0$ is just right.

# %% [markdown]
# ### Exercise 1: softmax with a temperature (2 points)
#
# *About 10 minutes. Useful.*
#
# Write `temperature_softmax(o, tau)`, over the last axis, whatever axes come before. It is finite
# for any finite `o` and any `tau > 0`, however small. Where `tau` is not positive there is no such
# distribution: raise a `ValueError`; what it says is up to you.


# %%
def temperature_softmax(o, tau):
    """Turn outputs into probabilities at a temperature.

    yhat_k = exp(o_k / tau) / sum_j exp(o_j / tau), over the last axis.

    Parameters
    ----------
    o : ndarray, shape (..., K)
        Unnormalised log-probabilities, finite and of any size.
    tau : float
        Temperature, positive: below 1 the distribution is sharper, above 1 flatter.

    Returns
    -------
    ndarray, shape (..., K)
        Probabilities, which sum to 1 over the last axis.

    Raises
    ------
    ValueError
        If tau is not positive.

    Examples
    --------
    The second class is three times as likely as the first; at tau = 1/2, nine times.

    >>> o = np.array([0.0, np.log(3.0)])
    >>> temperature_softmax(o, 1.0)
    array([0.25, 0.75])
    >>> temperature_softmax(o, 0.5)
    array([0.1, 0.9])
    """
    ### BEGIN SOLUTION
    if not tau > 0:
        raise ValueError(f"a temperature is positive, and {tau} is not")
    below = o - o.max(axis=-1, keepdims=True)  # (..., K), the largest is 0
    with np.errstate(over="ignore"):  # -inf is meant: its probability is 0
        return softmax(below / tau)
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(temperature_softmax)

# %% [markdown]
# The typist's first step again, at four temperatures. Only g, h and i are shown.

# %% tags=["active-ipynb"]
# with needs(temperature_softmax):
#     o = step(np.eye(10)[[4]], blank(1), typist)[0]  # (27,)
#     _, axes = plt.subplots(1, 4, figsize=(10, 2.8), sharey=True)
#     for axis, tau in zip(axes, (0.1, 0.5, 1.0, 3.0), strict=True):
#         yhat = temperature_softmax(o, tau)[7:10]
#         axis.bar(list("ghi"), yhat)
#         for place, p in enumerate(yhat):
#             axis.text(place, p + 0.02, f"{p:.2f}", ha="center")
#         axis.set(title=rf"$\tau = {tau}$", ylim=(0, 1.12), xlabel="letter")
#     axes[0].set_ylabel("probability")
#     plt.show()

# %% [markdown]
# And all letters, with a slider for $\tau$. (Without a running notebook there is none: the picture
# above shows four of its places.)

# %% tags=["active-ipynb"]
# with needs(temperature_softmax):
#
#     @slide(tau=[k / 10 for k in range(1, 51)])
#     def first_letter(tau=1.0):
#         o = step(np.eye(10)[[4]], blank(1), typist)[0]  # (27,)
#         plt.bar(list(letters[1:]), temperature_softmax(o, tau)[1:])
#         plt.title(rf"The first key is 4, at $\tau = {tau:.1f}$")
#         plt.xlabel("letter")
#         plt.ylabel("probability")
#         plt.ylim(0, 1)

# %% [markdown]
# Raise $\tau$, and letters come up that are not on the key at all. The network knows that they are
# wrong, and at a high temperature its knowledge counts for less.

# %% [markdown]
# ## Perplexity
#
# How good are the distributions themselves, before anything is chosen? Homework 3 measured the
# loss. To speak about it, people like another number. Take the mean of $-\log \hat y_{t,\,y_t}$
# over all steps of all sequences, and take the exponential of it:
#
# $$\mathrm{PP} = \exp\!\left(\frac{1}{M} \sum_{n=1}^{N} \sum_{t=1}^{T}
# -\,m_{t,n} \log \hat y_{t,n,\,y_{t,n}}\right), \qquad M = \sum_{n=1}^{N} \sum_{t=1}^{T} m_{t,n}$$
#
# As in homework 3, the mask $m_{t,n}$ is $1$ at a real step and $0$ at padding. $M$ counts the real
# steps.

# %% [markdown]
# Why the exponential? Say that a prediction is uniform over $K$ classes. Then each step costs
# $\log K$, so does the mean, and $\mathrm{PP} = e^{\log K} = K$. A **perplexity** of $6.3$ says:
# the network does as well, on average, as a guess among $6.3$ equally likely classes. If it is
# certain and right at every step, $\mathrm{PP} = e^0 = 1$.
#
# The same in other words: $e$ to a mean of logarithms is a geometric mean, and $\mathrm{PP}$ is one
# over the geometric mean of the probabilities that the right labels got.

# %% [markdown]
# Two differences from the loss $L$ of homework 3. There, a sequence was a unit: the sum over its
# steps, and the mean over the $N$ sequences. Here a **step** is the unit, so the sum is divided by
# the number of real steps, $M$. And every real step counts alike, so a long sequence counts more
# than a short one: the mean over steps comes first, and one exponential last.
#
# ### Exercise 2: perplexity (2 points)
#
# *About 10 minutes. Useful.*
#
# Write `perplexity(o, y, mask=None)`. Without a mask every step is real. Labels may be so
# improbable that their probability rounds to 0: build on `log_softmax`.


# %%
def perplexity(o, y, mask=None):
    """Say among how many equally likely classes the network guesses, on average.

    exp of the mean of -log yhat[t, n, y[t, n]] over all real steps, with yhat = softmax(o).

    Parameters
    ----------
    o : ndarray, shape (T, N, K)
        Unnormalised log-probabilities.
    y : ndarray of int, shape (T, N)
        Labels, from 0 to K - 1.
    mask : ndarray, shape (T, N), optional
        1 at real steps, 0 at padding, at least one of them 1; without it, all steps are real.

    Returns
    -------
    float
        The perplexity, at least 1.

    Examples
    --------
    A uniform guess among 4 classes.

    >>> round(perplexity(np.zeros((3, 1, 4)), np.array([[2], [0], [3]])), 10)
    4.0
    """
    ### BEGIN SOLUTION
    cost = -np.take_along_axis(log_softmax(o), y[..., None], axis=-1)[..., 0]  # (T, N)
    mean = cost.mean() if mask is None else (cost * mask).sum() / mask.sum()
    return float(np.exp(mean))
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(perplexity)

# %% [markdown]
# How unsure is each network about a letter, on words that it has not seen? And would it be better
# at another temperature?

# %% tags=["active-ipynb"]
# with needs(perplexity):
#     mask = (new_y > 0) * 1.0  # the blanks at the end are padding
#     r0 = blank(len(new_lengths))
#     outputs = {
#         "poet": teacher_forced(letters_left(new_lengths), new_y, r0, poet)[1],
#         "typist": teacher_forced(typed(new_y), new_y, r0, typist)[1],
#     }
#     for name, o in outputs.items():
#         print(f"{name}: {perplexity(o, new_y, mask):.2f} per letter", end=", ")
#         print(f"{perplexity(o, new_y):.2f} if the blanks were counted as well")
#
#     taus = np.arange(0.4, 2.51, 0.1)
#     for (name, o), style in zip(outputs.items(), ("o-", "s--"), strict=True):
#         plt.plot(taus, [perplexity(o / tau, new_y, mask) for tau in taus], style, label=name)
#     plt.title("Perplexity on held-out words")
#     plt.xlabel(r"temperature $\tau$")
#     plt.ylabel("perplexity per letter")
#     plt.yscale("log")
#     plt.yticks([2, 3, 5, 10, 20], ["2", "3", "5", "10", "20"])
#     plt.minorticks_off()
#     plt.legend()
#     plt.show()

# %% [markdown]
# The keys tell a lot: with them a letter is as hard to guess as one of $1.9$, without them as one
# of $9.4$. (A key leaves three letters or four; the letter before does the rest.) The blanks are
# never in doubt, so whoever counts them gets a better number for the same network. That is what the
# mask is for.
#
# Both curves are lowest near $\tau = 1$. That is no accident: training made the likelihood of the
# words as large as it could *at* $\tau = 1$. Any other temperature makes the predictions worse, as
# predictions. It may still make better words, as you will see.

# %% [markdown]
# ## Greedy decoding
#
# The simplest way to choose: at each step take the most likely class, and feed it back.
#
# $$y_t = \arg\max_k \hat y_{t,k}, \qquad r_t = \mathrm{onehot}(y_t)$$
#
# This is called **greedy**: it takes the most that it can get now, and does not think of later. The
# softmax keeps the order of the outputs, so the largest $o_{t,k}$ will do.

# %% [markdown]
# ![A table of outputs with N = 3 rows, one for each sequence, and K = 4 columns, one for each
# class. In each row the largest number is marked. Under an arrow that says argmax over axis minus
# 1, the three labels 2, 0 and 3.](drawings.argmax_of_rows)
#
# In a batch each sequence has a row of its own, and its own choice. `o_t.argmax(axis=-1)` looks
# along each row and gives the *number* of the column where the largest entry stands: `(N, K)`
# becomes `(N,)`. These are the labels of step $t$.

# %% [markdown]
# ### Exercise 3: greedy decoding (3 points)
#
# *About 20 minutes. Essential.*
#
# Write `greedy(x, r0, params)`. The first step is fed with `r0`, each later one with the one-hot
# code of the class that was chosen before. Use the given `step` and `one_hot`.


# %%
def greedy(x, r0, params):
    """Choose the most likely class at each step, and feed it back.

    y_t = argmax_k o_{t,k}, with r_t = onehot(y_t).

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs.
    r0 : ndarray, shape (N, K)
        What the first step is fed with.
    params : dict
        Arrays U (H, D), W (H, K), V (K, H), b (H,), c (K,).

    Returns
    -------
    ndarray of int, shape (T, N)
        The chosen labels, from 0 to K - 1.

    Examples
    --------
    A network of two classes that wants to change at every step.

    >>> params = {"U": np.zeros((1, 1)), "W": np.array([[1.0, -1.0]]), "b": np.zeros(1),
    ...           "V": np.array([[-1.0], [1.0]]), "c": np.zeros(2)}
    >>> greedy(np.zeros((4, 1, 1)), np.array([[1.0, 0.0]]), params)[:, 0]
    array([1, 0, 1, 0])
    """
    ### BEGIN SOLUTION
    T, N, _ = x.shape
    y, r = np.empty((T, N), dtype=int), r0
    for t in range(T):
        y[t] = step(x[t], r, params).argmax(axis=-1)  # (N,)
        r = one_hot(y[t], r0.shape[1])
    return y
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(greedy)

# %% [markdown]
# ## Caught out by one letter
#
# Now type `hello`: the keys are `4 3 5 5 6`. Step by step, what does greedy decoding choose, and
# what would the right letter have cost?

# %% tags=["active-ipynb"]
# def letter_by_letter(y, x, params):
#     """Return the probability (T,) that the network gives to each label of a sequence (T, 1)."""
#     _, o = teacher_forced(x, y, blank(1), params)
#     return np.take_along_axis(softmax(o), y[..., None], axis=-1)[:, 0, 0]
#
#
# with needs(greedy):
#     hello = labels_of(["hello"])
#     x = typed(hello)
#     chosen = greedy(x, blank(1), typist)
#     for name, y, style in (("greedy", chosen, "s--"), ("the word", hello, "o-")):
#         p = letter_by_letter(y, x, typist)[:5]
#         row = "  ".join(f"{letters[k]} {q:.2f}" for k, q in zip(y[:5, 0], p, strict=True))
#         print(f"{name:<9} {row}   together {np.prod(p):.3f}")
#         plt.plot(np.arange(1, 6), np.cumprod(p), style, label=f"{name}: {spell(y)[0]}")
#     plt.title("Probability of the letters so far")
#     plt.xlabel("letter")
#     plt.ylabel("probability")
#     plt.xticks(np.arange(1, 6))
#     plt.ylim(bottom=0)
#     plt.legend()
#     plt.show()

# %% [markdown]
# At the first key greedy decoding takes i, with probability $0.41$ against $0.34$ for h. What it
# does not see is the next key. After an i, the letters of key `3` share the probability; after an h
# the e is nearly certain. From the second letter on the word is ahead. But greedy decoding never
# looks back: h was second best *once*.
#
# Do not blame the network. It does give the higher probability to `hello`. It was the choosing that
# missed it: a **search error**. How common are these?

# %% tags=["active-ipynb"]
# with needs(greedy):
#     x, r0 = typed(new_y), blank(new_y.shape[1])
#     chosen = greedy(x, r0, typist)
#     missed = log_likelihood(x, chosen, r0, typist) < log_likelihood(x, new_y, r0, typist) - 1e-9
#     print(f"{np.mean((chosen == new_y).all(axis=0)):.1%} of the held-out words come out right.")
#     print(f"For {missed.mean():.1%} the word is more likely than what greedy decoding found:")
#     for n in np.flatnonzero(missed)[:6]:
#         print(f"   {words[~known][n]:<10} {spell(chosen[:, [n]])[0]}")

# %% [markdown]
# Only where the word itself is the more likely one can you *see* the error in this way. There are
# more: other sequences, neither found nor meant, may be more likely still. What you write in
# exercise 6 will count them all.
#
# As a drawing, with two classes a and b, and two steps. The thick black way is that of greedy
# decoding, the red one leads to the most likely sequence:
#
# ![A tree. From the start, a with 0.6 and b with 0.4. After a: a with 0.55 and b with 0.45. After
# b: a with 0.1 and b with 0.9. The four sequences have the probabilities aa 0.33, ab 0.27, ba 0.04
# and bb 0.36. Greedy decoding goes to aa; the most likely sequence is bb.](drawings.tree)
#
# Greedy decoding follows the larger number at each fork, and ends at aa with $0.6 \cdot 0.55 =
# 0.33$. The sequence bb has $0.4 \cdot 0.9 = 0.36$.

# %% [markdown]
# ## Drawing a sequence
#
# Instead of taking the most likely class, **draw** one: class $k$ with probability $\hat y_{t,k}$.
# Feed it back, and draw the next. By the chain rule, the whole sequence then is drawn with
# probability $\prod_t \hat y_{t,\,y_t}$, which is its probability under the network. Nothing is
# searched and nothing is missed: this is what the network believes, sequence by sequence.
#
# With a temperature, draw from $\mathrm{softmax}(o_t/\tau)$ instead. A small $\tau$ keeps to the
# likely classes, and as $\tau \to 0$ drawing becomes greedy decoding.

# %% [markdown]
# How does a computer draw class $k$ with probability $p_k$? It has a generator of numbers $u$ that
# are uniform between $0$ and $1$: each piece of that interval is hit as often as it is long. So cut
# the interval into $K$ pieces, of the lengths $p_0, p_1, \dots, p_{K-1}$, and see which piece $u$
# hits.
#
# ![The interval from 0 to 1, cut into four pieces for the classes 0 to 3, of lengths 0.1, 0.4, 0.2
# and 0.3. The cuts are at 0.1, 0.5 and 0.7. An arrow marks u = 0.62, which hits class
# 2.](drawings.interval)

# %% [markdown]
# The pieces end at the **cumulative** probabilities
#
# $$P_k = p_0 + p_1 + \dots + p_k , \qquad P_{K-1} = 1 .$$
#
# The piece of class $k$ goes from $P_{k-1}$ to $P_k$. (For class 0 it begins at 0.) The left end
# belongs to it, the right end does not. So the class that $u$ hits is the **first whose cumulative
# probability exceeds** $u$:
#
# $$y = \min \{\, k : P_k > u \,\}$$
#
# In the drawing $P = (0.1,\; 0.5,\; 0.7,\; 1)$ and $u = 0.62$: the first $P_k$ above $0.62$ is
# $P_2$. The comparison is strict for a reason: a class with $p_k = 0$ has a piece of no length, and
# must never be drawn, not even at $u = 0$.

# %% [markdown]
# On a computer there is one more catch. The $p_k$ are rounded, and their sum $P_{K-1}$ may come out
# as $0.9999999999999998$. Now and then $u$ is larger than that (`rng.random()` goes up to
# $1 - 2^{-53}$), and then *no* class exceeds it. The true sum is $1$, so the right answer is the
# last class with a probability above $0$. (In the check, where this happens, all classes have one:
# it is class $K - 1$ there.) See to it that your code gives it, and not class $K$, which does not
# exist, or class 0, which is what `argmax` says of a row without any True.

# %% [markdown]
# ### Exercise 4: drawing sequences (4 points)
#
# *About 30 minutes. Essential: so text is generated in practice.*
#
# Write `sample(x, r0, params, tau, rng)`. Each step of each sequence has a number of its own:
# `u = rng.random((T, N))`, so that your numbers are those of the check. (Drawn row by row, with
# `rng.random(N)` at each step, they are the same numbers.) `y[t, n]` is the first class whose
# cumulative probability under $\mathrm{softmax}(o_t/\tau)$ exceeds `u[t, n]`. It is fed back to
# sequence `n`.


# %%
def sample(x, r0, params, tau, rng):
    """Draw a class at each step, and feed it back.

    y[t, n] is the first class whose cumulative probability under softmax(o_t / tau) exceeds
    u[t, n]; r_t = onehot(y_t).

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs.
    r0 : ndarray, shape (N, K)
        What the first step is fed with.
    params : dict
        Arrays U (H, D), W (H, K), V (K, H), b (H,), c (K,).
    tau : float
        Temperature, positive.
    rng : numpy.random.Generator
        Draws u, as rng.random((T, N)) does.

    Returns
    -------
    ndarray of int, shape (T, N)
        The drawn labels, from 0 to K - 1.

    Examples
    --------
    A network that has learned nothing: a class for each quarter of the interval.

    >>> params = {"U": np.zeros((2, 1)), "W": np.zeros((2, 4)), "b": np.zeros(2),
    ...           "V": np.zeros((4, 2)), "c": np.zeros(4)}
    >>> np.random.default_rng(2).random((3, 1)).round(2)[:, 0]
    array([0.26, 0.3 , 0.81])
    >>> sample(np.zeros((3, 1, 1)), np.zeros((1, 4)), params, 1.0, np.random.default_rng(2))[:, 0]
    array([1, 1, 3])
    """
    ### BEGIN SOLUTION
    (T, N, _), K = x.shape, r0.shape[1]
    u = rng.random((T, N))
    y, r = np.empty((T, N), dtype=int), r0
    for t in range(T):
        cumulative = temperature_softmax(step(x[t], r, params), tau).cumsum(axis=-1)  # (N, K)
        passed = (cumulative <= u[t][:, None]).sum(axis=-1)  # (N,), classes that end before u
        y[t] = np.minimum(passed, K - 1)  # the last one, where rounding left a gap
        r = one_hot(y[t], K)
    return y
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(sample)

# %% [markdown]
# ## Made-up words
#
# Let the poet write. It knows how many letters are left, and the letter before. For each
# temperature, here are words of the same lengths, drawn with the same random numbers.

# %% tags=["active-ipynb"]
# def made_up(tau, count=742):
#     """Draw words as long as the held-out ones."""
#     x = letters_left(new_lengths[:count])
#     return spell(sample(x, blank(x.shape[1]), poet, tau, np.random.default_rng(0)))
#
#
# with needs(temperature_softmax, sample):
#     real = set(words)
#     for tau in (0.05, 0.5, 1.0, 2.0):
#         drawn = made_up(tau)
#         share = np.mean([word in real for word in drawn])
#         print(f"tau = {tau:<5} {', '.join(drawn[:9])}")
#         print(f"{'':<11} {len(set(drawn))} different ones of {len(drawn)}, {share:.1%} are words")

# %% [markdown]
# When it is cold, the poet writes the same few words over and over, most of them out of the
# commonest letters. When it is hot, it writes a salad of letters. In between there is variety that
# still sounds like English. Few of the words are real at any temperature: whoever knows just one
# letter back cannot spell.
#
# Find the temperature that you like best. (Without a running notebook there is no slider: the lines
# above have four of its places.)

# %% tags=["active-ipynb"]
# with needs(temperature_softmax, sample):
#
#     @slide(tau=[k / 10 for k in range(1, 31)])
#     def words_at(tau=0.7):
#         drawn = made_up(tau, 60)
#         for place, word in enumerate(drawn):
#             plt.text(place // 15 / 4, 1 - place % 15 / 15, word, va="top")
#         plt.axis("off")

# %% [markdown]
# ## Beam search
#
# Back to the typist, and to the likeliest sequence. Greedy decoding keeps one beginning and forgets
# all others. **Beam search** keeps the best few. The number that it keeps is the **width** of the
# beam, and what it keeps are called **hypotheses**: beginnings $y_1, \dots, y_t$, each with the
# logarithm of its probability so far.
#
# One step of it goes like this. Say $B$ hypotheses have been kept.
#
# 1. Feed each with its own last label: a batch of $B$ rows, which all read the same $x_t$. The
#    network gives $\log \hat y$, a table `(B, K)`.
# 2. Each hypothesis can go on with each class. The log-probability of the longer hypothesis is the
#    old one **plus** the new term: $B \cdot K$ candidates.
# 3. Of all of them, together, keep the best `width`.
#
# It begins with one hypothesis, the empty one, whose log-probability is $\log 1 = 0$. It has no
# last label, so it is fed with $r_0$.

# %% [markdown]
# Why logarithms? A product of $T$ probabilities becomes tiny: after some hundreds of steps it is
# below the smallest float64 and rounds to 0, and then all hypotheses look alike. A sum of
# logarithms is an ordinary number.
#
# Why *together*? Two of the best may be continuations of the same hypothesis, and another one may
# have none among the best: then it dies out. If each kept one continuation of its own, nothing
# would ever compete.

# %% [markdown]
# ![A table of scores with B = 2 rows, for two hypotheses with log-probabilities minus 0.5 and minus
# 1.2, and K = 3 columns. Its entries are numbered in rows, from 0 to 5. The two largest, number 1
# in row 0 and number 5 in row 1, are marked.](drawings.beam_scores)
#
# In numpy: `log_p[:, None]` makes of the `(B,)` old log-probabilities a column `(B, 1)`, which is
# added to each column of the `(B, K)` table. Sort all entries: `scores.ravel()` lays the rows one
# after the other, and `np.argsort` gives the *numbers* of the entries, from the smallest to the
# largest. So sort `-scores.ravel()`: then the best come first. Entry number $i$ stands in row
# $\lfloor i / K \rfloor$ and column $i \bmod K$, and `parent, label = np.divmod(i, K)` gives both:
# which hypothesis goes on, and with which class. (With $K = 3$, entry $5 = 1 \cdot 3 + 2$ is row 1,
# column 2.)
#
# The new hypotheses are the old rows `y[parent]`, each with its new label at the end.

# %% [markdown]
# The tree again, with a beam of two. Both first letters are kept. Of the four continuations the
# best two are kept, bb and aa, and bb comes first.
#
# ![The same tree. Both a and b are kept. Of the four sequences, bb and aa are kept and ab and ba
# are dropped.](drawings.beam)

# %% [markdown]
# ### Exercise 5: beam search (5 points)
#
# *About 50 minutes. Essential: the hardest here, and much used.*
#
# Write `beam_search(x, r0, params, width)`, for one sequence: `x` is `(T, D)`, `r0` is `(K,)`.
# Since `step` wants rows, feed the first step with `r0[None]`, of shape `(1, K)`. The empty
# hypothesis is an array of integers of shape `(1, 0)`, as `np.empty((1, 0), dtype=int)` makes it.
# The function returns the hypotheses `y` at the end and their log-probabilities `log_p`, the best
# first. As long as there are fewer candidates than `width`, all are kept. So at the end there are
# $B = \min(\text{width}, K^T)$ of them. With `width` 1 it is greedy decoding.
#
# Each log-probability is the sum of all $T$ terms, as `log_likelihood` gives it: no mean over the
# steps.


# %%
def beam_search(x, r0, params, width):
    """Search for likely sequences, keeping the best beginnings at each step.

    A hypothesis y_1 ... y_t has the score sum of log p(y_s | y_{s-1}, x_s) for s = 1 ... t. At
    each step all K continuations of each hypothesis compete, and the best ones are kept.

    Parameters
    ----------
    x : ndarray, shape (T, D)
        Inputs of one sequence.
    r0 : ndarray, shape (K,)
        What the first step is fed with.
    params : dict
        Arrays U (H, D), W (H, K), V (K, H), b (H,), c (K,).
    width : int
        How many hypotheses are kept, at least 1.

    Returns
    -------
    y : ndarray of int, shape (B, T)
        The hypotheses, the best first; B is the smaller of width and K**T.
    log_p : ndarray, shape (B,)
        Their log-probabilities, in nats.

    Examples
    --------
    The tree of the text, with a as class 0 and b as class 1. Hidden unit 2 is on at the first step.

    >>> V = np.log([[0.55, 0.1, 0.6], [0.45, 0.9, 0.4]])
    >>> params = {"U": 100 * np.eye(3)[:, 2:], "W": 100 * np.eye(3)[:, :2], "b": np.zeros(3),
    ...           "V": V, "c": np.zeros(2)}
    >>> x, r0 = np.array([[1.0], [0.0]]), np.zeros(2)
    >>> y, log_p = beam_search(x, r0, params, 2)
    >>> y
    array([[1, 1],
           [0, 0]])
    >>> np.exp(log_p).round(2)
    array([0.36, 0.33])
    """
    ### BEGIN SOLUTION
    K = len(r0)
    y, log_p, r = np.empty((1, 0), dtype=int), np.zeros(1), r0[None]  # one hypothesis, empty
    for x_t in x:
        scores = log_p[:, None] + log_softmax(step(x_t, r, params))  # (B, K)
        best = np.argsort(-scores, axis=None)[:width]  # numbers of entries of the whole table
        parent, label = np.divmod(best, K)
        y = np.concatenate([y[parent], label[:, None]], axis=1)  # (B, t)
        log_p, r = scores[parent, label], one_hot(label, K)
    return y, log_p
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(beam_search)

# %% [markdown]
# What does the beam keep, letter by letter, when `hello` is typed? The beam after $t$ letters is
# what `beam_search` gives for the first $t$ keys.

# %% tags=["active-ipynb"]
# with needs(beam_search):
#     x = typed(labels_of(["hello"]))[:, 0]  # (10, 10)
#     for width in (1, 2, 3):
#         print(f"\nwidth {width}")
#         for t in range(1, 6):
#             y, log_p = beam_search(x[:t], blank(1)[0], typist, width)
#             kept = [f"{word} {p:.3f}" for word, p in zip(spell(y.T), np.exp(log_p), strict=True)]
#             print(f"  after {t}:  ", "    ".join(kept))

# %% [markdown]
# With a width of 2, the h is kept at the first letter, and one letter later it is in front. That
# one place more is all it takes here. But how wide must a beam be in general?

# %% [markdown]
# ## The most likely sequence of all
#
# For most networks nobody can say. There are $K^T$ sequences, here
# $27^{10} \approx 2 \cdot 10^{14}$, too many to try. And a beginning that looks hopeless may turn
# out best in the end, however late. So a beam that misses it never finds out.
#
# But this network is special. Look at the drawing at the beginning: what reaches the future from
# step $t$ is $y_t$, and nothing else. **Given its inputs, it is a chain.** Two beginnings that end
# in the *same* label have the same future, term by term. Of these two the worse can be dropped for
# good, for whatever the future brings, it brings it to both. So of all beginnings that end in class
# $k$, only the best one is needed. There are $K$ classes, so $K$ beginnings are enough, and then
# nothing is ever missed.

# %% [markdown]
# Now in formulas. Let $m_t(k)$ (no mask, this time) be the log-probability of the best beginning
# that ends in class $k$ at step $t$:
#
# $$m_t(k) = \max_{y_1, \dots, y_{t-1}}
# \log p(y_1, \dots, y_{t-1},\, y_t = k \mid x_1, \dots, x_t)$$
#
# At the first step there is nothing to maximise over: with $r_0$ fed, $m_1(k) = \log \hat y_{1,k}$.
#
# For later steps, write $\ell_t(j, k) = \log p(y_t = k \mid y_{t-1} = j,\, x_t)$ for what it adds
# to go from $j$ to $k$. Split off the last term of the sum, and call the label before it $j$:
#
# $$m_t(k) = \max_j\; \max_{y_1, \dots, y_{t-2}}
# \Big[ \log p(y_1, \dots, y_{t-2},\, y_{t-1} = j \mid x_1, \dots, x_{t-1}) + \ell_t(j, k) \Big]$$

# %% [markdown]
# The term $\ell_t(j, k)$ does not depend on $y_1, \dots, y_{t-2}$, so it can leave the inner
# maximum. What remains there is $m_{t-1}(j)$ by its definition:
#
# $$\boxed{\;m_t(k) = \max_j \big[\, m_{t-1}(j) + \ell_t(j, k) \,\big]\;}$$
#
# That is all. From $K$ numbers come the next $K$ numbers, by $K^2$ sums and $K$ maxima. After $T$
# steps, the largest $m_T(k)$ is the log-probability of the best sequence of all. The work grows
# with $T K^2$ and not with $K^T$. To solve a large problem by solving all its beginnings once, and
# never again, is called **dynamic programming**; for chains like this one, it is the **Viterbi
# algorithm** (1967).

# %% [markdown]
# ![A trellis with three steps and three classes, drawn as rows. Thin arrows lead from each class at
# a step to each class at the next. Into each class one arrow is thick, from the best class before.
# From the best class at the last step, the thick arrows are followed back to the
# first.](drawings.trellis)
#
# To get the sequence itself, remember for each $m_t(k)$ **which** $j$ gave the maximum, the thick
# arrow into $k$:
#
# $$q_t(k) = \arg\max_j \big[\, m_{t-1}(j) + \ell_t(j, k) \,\big]$$
#
# At the end, start from the best class of the last step and follow the arrows back:
#
# $$y_T = \arg\max_k m_T(k), \qquad y_{t-1} = q_t(y_t) \quad (t = T, \dots, 2)$$

# %% [markdown]
# ![A table of scores with K = 3 rows, for the class before, j, and K = 3 columns, for the class k.
# In each column the largest number is marked. Under the table, max over axis 0: the three numbers
# m; and argmax over axis 0: the rows where they stand.](drawings.max_of_columns)
#
# In numpy, the table $\ell_t(j, k)$ for all $j$ and $k$ comes from a single call of `step`. Feed it
# with all $K$ one-hot codes at once, as a batch of $K$ rows: row $j$ of the result is what the
# network says after class $j$. All these codes together are the identity matrix `np.eye(K)`. Then
# add $m_{t-1}(j)$ to row $j$, and look down each column: `max(axis=0)` and `argmax(axis=0)` make
# `(K, K)` into `(K,)`.

# %% [markdown]
# ### Exercise 6: the Viterbi algorithm (4 points)
#
# *About 40 minutes. Essential: the one idea to take home.*
#
# Write `viterbi(x, r0, params)`, for one sequence: `x` is `(T, D)` and `r0` is `(K,)`. Since `step`
# wants rows, feed the first step with `r0[None]`, of shape `(1, K)`. The function returns the most
# likely of all $K^T$ sequences, and its log-probability. For $T = 1$ it is simply the most likely
# class.


# %%
def viterbi(x, r0, params):
    """Find the most likely of all sequences, by dynamic programming.

    From m_1(k) = log p(y_1 = k | x_1): m_t(k) = max_j [m_{t-1}(j) + log p(y_t = k | y_{t-1} = j,
    x_t)]. Then back from the best class of the last step.

    Parameters
    ----------
    x : ndarray, shape (T, D)
        Inputs of one sequence.
    r0 : ndarray, shape (K,)
        What the first step is fed with.
    params : dict
        Arrays U (H, D), W (H, K), V (K, H), b (H,), c (K,).

    Returns
    -------
    y : ndarray of int, shape (T,)
        The most likely sequence.
    log_p : float
        Its log-probability, in nats.

    Examples
    --------
    The tree of the text, with a as class 0 and b as class 1. Hidden unit 2 is on at the first step.

    >>> V = np.log([[0.55, 0.1, 0.6], [0.45, 0.9, 0.4]])
    >>> params = {"U": 100 * np.eye(3)[:, 2:], "W": 100 * np.eye(3)[:, :2], "b": np.zeros(3),
    ...           "V": V, "c": np.zeros(2)}
    >>> x, r0 = np.array([[1.0], [0.0]]), np.zeros(2)
    >>> y, log_p = viterbi(x, r0, params)
    >>> y
    array([1, 1])
    >>> f"{np.exp(log_p):.2f}"
    '0.36'
    """
    ### BEGIN SOLUTION
    T, K = len(x), len(r0)
    m = log_softmax(step(x[0], r0[None], params))[0]  # (K,)
    before = np.empty((T, K), dtype=int)  # before[t, k]: the class at t - 1 on the best way to k
    for t in range(1, T):
        scores = m[:, None] + log_softmax(step(x[t], np.eye(K), params))  # (K, K), from j to k
        m, before[t] = scores.max(axis=0), scores.argmax(axis=0)
    y = np.empty(T, dtype=int)
    y[-1] = m.argmax()
    for t in range(T - 1, 0, -1):
        y[t - 1] = before[t, y[t]]
    return y, float(m.max())
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(viterbi)

# %% [markdown]
# ## How am I doing?

# %% tags=["active-ipynb"]
# progress()

# %% [markdown]
# ## Demonstration: beam search before its judge
#
# Now the truth is known, and every other way can be measured by it. Two networks are tried: the
# typist, who reads one key at a time, and one who **looks ahead**. All keys of a word are known
# before the first letter is chosen, so $x_t$ may just as well hold the keys of two places before
# and two after: $D = 50$. It still is a chain. Each of the two is trained three times, from other
# random numbers. (That and the search may take half a minute.)
#
# **Guess first:** how wide must a beam be to find the most likely sequence for 99 words in a
# hundred? A beam of width 1 is greedy decoding.

# %% tags=["active-ipynb"]
# from functools import cache
#
#
# def around(y):
#     """Return the keys (10, N, 50) of two places before each label to two places after it."""
#     wide = np.pad(y, ((2, 2), (0, 0)))  # blanks
#     return np.concatenate([typed(wide[place : place + 10]) for place in range(5)], axis=-1)
#
#
# READS = {"typist": typed, "typist who looks ahead": around}
#
#
# @cache  # once for each network and seed
# def trained(name, seed):
#     """Train a network from the random numbers of a seed."""
#     return train(READS[name](known_y), known_y, seed=seed)
#
#
# networks = {(name, seed): trained(name, seed) for name in READS for seed in range(3)}

# %% tags=["active-ipynb"]
# WIDTHS = (1, 2, 3, 4, 8)
#
#
# def best_found(x, params, width=None):
#     """Return the best sequences (10, N) that a beam finds; without a width, the most likely."""
#     found = []
#     for n in range(x.shape[1]):
#         args = x[:, n], blank(1)[0], params
#         found.append(beam_search(*args, width)[0][0] if width else viterbi(*args)[0])
#     return np.array(found).T
#
#
# guess = None  # your guess: a width
#
# with needs(beam_search, viterbi):
#     y = new_y[:, ::2]  # every second word that was held out
#     found, right = {}, {}  # shares, by network and seed: one for each width, then the exact one
#     print(f"{y.shape[1]} words. Share of them right, for beams of 1, 2, 3, 4, 8 and exactly:")
#     for (name, seed), params in networks.items():
#         x = READS[name](y)
#         exact = best_found(x, params)
#         beams = [best_found(x, params, width) for width in WIDTHS]
#         found[name, seed] = [np.mean((beam == exact).all(axis=0)) for beam in beams]
#         right[name, seed] = [np.mean((way == y).all(axis=0)) for way in [*beams, exact]]
#         print(f"{name:<24}", " ".join(f"{share:6.1%}" for share in right[name, seed]))
#
#     _, (left, right_one) = plt.subplots(1, 2, figsize=(10, 4))
#     places = np.arange(len(WIDTHS) + 1)
#     for name, style in zip(READS, ("o-", "s--"), strict=True):
#         colour = {"typist": "C1", "typist who looks ahead": "C0"}[name]
#         for seed in range(3):
#             label = name if seed == 0 else None
#             left.plot(places[:-1], found[name, seed], style, color=colour, label=label)
#             right_one.plot(places, right[name, seed], style, color=colour, label=label)
#     if guess is not None:
#         where = np.interp(guess, WIDTHS, places[:-1])
#         left.axvline(where, color="C3", linestyle=":", label="your guess")
#     left.set(title="Finds the most likely sequence", ylim=(0.5, 1.02))
#     right_one.set(title="Finds the right word", ylim=(0, 0.4))
#     left.set_xticks(places[:-1], WIDTHS)
#     right_one.set_xticks(places, [*WIDTHS, "exact"])
#     for axis in (left, right_one):
#         axis.set(xlabel="width of the beam (1 is greedy)", ylabel="share of the words")
#         axis.legend(loc="lower right")
#     plt.show()

# %% [markdown]
# On the left: greedy decoding finds the most likely sequence for 56 to 72 words in a hundred, where
# the typist reads one key at a time. A beam of 4 misses about one in a hundred, or fewer, and a
# beam of 8 none of these 371. Where the keys ahead are known, there is less to go wrong: a surprise
# that can be seen coming catches nobody out.
#
# On the right: more words are right with a beam of 2 than with greedy decoding, in all six
# networks, by one to three in a hundred. Beyond that, nothing is gained. The exact search is no
# better than the beam of 2, and now you know why: there was hardly anything left to find.

# %% [markdown]
# So there are two kinds of error, and only an exact search can tell them apart:
#
# - a **search error**: a more likely sequence exists and was not found;
# - a **model error**: the most likely sequence was found, and it is not the right one.
#
# Here, nearly all errors that remain are model errors. No search mends those. Knowing two keys
# ahead does: it more than doubles the share of right words. (A share of 371 words is uncertain by
# two in a hundred or so. The differences between greedy decoding and a beam are surer than that,
# since all ways are tried on the same words; but do not trust the last digit.)

# %% [markdown]
# ## Demonstration: what the likeliest sequence lacks
#
# So search for the most likely sequence, always? Let the poet do it: for each length, its most
# likely word.

# %% tags=["active-ipynb"]
# with needs(viterbi):
#     for length in range(3, 11):
#         y, log_p = viterbi(letters_left(np.array([length]))[:, 0], blank(1)[0], poet)
#         print(f"{length:>2} letters: {spell(y[:, None])[0]:<12} log p = {log_p:.1f}")

# %% [markdown]
# All of them end in -ing. And there is only one most likely word of each length, so that is all
# this poet would ever write. How likely are other words of seven letters?

# %% tags=["active-ipynb"]
# with needs(temperature_softmax, sample, viterbi):
#     x, r0 = letters_left(np.full(2000, 7)), blank(2000)
#     drawn = sample(x, r0, poet, 1.0, np.random.default_rng(0))
#     drawn_log_p = log_likelihood(x, drawn, r0, poet)
#     real = new_y[:, new_lengths == 7]
#     N = real.shape[1]
#     real_log_p = log_likelihood(x[:, :N], real, r0[:N], poet)
#     best, best_log_p = viterbi(x[:, 0], r0[0], poet)
#
#     bins = np.arange(-30, -6, 1.0)
#     plt.hist(drawn_log_p, bins, density=True, alpha=0.5, label="2000 drawn words")
#     outline = {"histtype": "step", "linewidth": 2, "label": f"{N} real words, held out"}
#     plt.hist(real_log_p, bins, density=True, **outline)
#     name = spell(best[:, None])[0]
#     plt.axvline(best_log_p, color="0.3", linestyle="--", label=f"the likeliest: {name}")
#     plt.title("Words of seven letters, as the poet sees them")
#     plt.xlabel("log-probability of the word (nats)")
#     plt.ylabel("share per nat")
#     plt.legend(loc="upper left")
#     plt.show()
#     print(f"mean: drawn {drawn_log_p.mean():.1f}, real {real_log_p.mean():.1f}; ", end="")
#     print(f"the likeliest {best_log_p:.1f}, the best drawn one {drawn_log_p.max():.1f}")

# %% [markdown]
# Drawn words lie where real words lie, around $-15$ or $-16$. The most likely word lies far
# outside, at $-8.7$: it is a thousand times as likely as a typical one, and not typical at all.
# Think of a coin that shows heads six times out of ten, thrown a hundred times. The most likely
# single sequence is a hundred heads. Yet nobody will ever see it, for there are so many sequences
# with some 60 heads, each of them less likely, that together they have nearly all the probability.

# %% [markdown]
# The same happens to the typist. For each key it takes the letters that are common, and the rare
# ones seldom win. Count the letters of all held-out words: as they are, as the typist draws them,
# and in the most likely sequences.

# %% tags=["active-ipynb"]
# with needs(temperature_softmax, sample, viterbi):
#     x, r0 = typed(new_y), blank(new_y.shape[1])
#     ways = {
#         "in the words": new_y,
#         "drawn": sample(x, r0, typist, 1.0, np.random.default_rng(0)),
#         "most likely": best_found(x, typist),
#     }
#     places, colours = np.arange(1, 27), ("0.6", "C0", "C1")
#     for shift, (name, y), style in zip((-0.27, 0, 0.27), ways.items(), colours, strict=True):
#         count = np.bincount(y.ravel(), minlength=27)[1:]
#         plt.bar(places + shift, count, 0.27, color=style, label=name)
#         print(f"{name:<13}", ", ".join(f"{k} {count[letters.index(k) - 1]}" for k in "fvqpbs"))
#     plt.xticks(places, letters[1:])
#     plt.title("How often the typist writes each letter")
#     plt.xlabel("letter")
#     plt.ylabel("times, in the held-out words")
#     plt.legend()
#     plt.show()

# %% [markdown]
# Most letters are drawn about as often as they should be (f is not), since to be right about
# frequencies is what maximum likelihood asks for. The most likely sequences are far off: there are
# half as many s again as there should be, a sixth of the p, a fifth of the b and the v, and no q at
# all. Where one answer is right, as on the telephone, that is the price of getting more of the
# words. Where a machine is to write, it makes for a dull text, and people draw instead, perhaps at
# a temperature below 1.

# %% [markdown]
# ## What you have learned
#
# - A temperature sharpens or flattens a distribution; a perplexity says among how many equally
#   likely classes the network guesses.
# - Greedy decoding takes the best class at each step, and can be caught out by a single one. Beam
#   search keeps several beginnings, and usually that is enough.
# - If all that reaches the future is one label, the best beginning for each label is enough, and
#   dynamic programming finds the most likely sequence of all in $T$ steps.
# - Then search errors and model errors can be told apart.
# - The most likely sequence need not be a typical one. Drawn sequences are.

# %% [markdown]
# **And with hidden-to-hidden connections?** Then $h_t$ carries the whole past. Two beginnings that
# end in the same label have different futures, neither may be dropped for the other, and the boxed
# equation is false. For such networks, the LSTM of homework 6 among them, nobody knows a fast exact
# search. Beam search is what is left, and one does not learn what it missed.
#
# **Where to read on.** Section 10.2.3 of *Deep Learning* looks at recurrent networks as models of
# sequences, and at how to draw from them. G. D. Forney, *The Viterbi Algorithm* (1973), is still a
# pleasure to read. F. Stahlberg and B. Byrne, *On NMT Search Errors and Model Errors: Cat Got Your
# Tongue?* (2019), searched a translation system exactly, at great cost, and found that for many
# sentences its most likely translation was the empty one. A. Holtzman and others, *The Curious Case
# of Neural Text Degeneration* (2020), show what likely text lacks.
