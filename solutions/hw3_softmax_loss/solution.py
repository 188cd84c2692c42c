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
# # Homework 3 · Softmax and the loss of a sequence
#
# **What you will do**
#
# - turn the outputs $o$ of a recurrent network into probabilities, and into their logarithms;
# - measure how badly the network predicts a batch of sequences, some of them padded;
# - program the gradient of that loss with respect to $o$, which the text derives.
#
# **What you will learn**
#
# - why $o$ is called an *unnormalised log-probability*;
# - why the formula of the softmax fails on a computer, and the shift that mends it;
# - that the loss is a log-likelihood, summed over time and averaged over the batch;
# - that its gradient is "what was predicted minus what happened".
#
# **What you need**
#
# - the outputs $o$ of homework 2: you know where they come from, this homework starts from them;
# - from numpy, broadcasting with `keepdims=True`, and indexing with arrays of integers:
#   `a[[0, 1], [2, 0]]` is the array of `a[0, 2]` and `a[1, 0]`;
# - the derivatives of $\exp$ and $\log$, and the chain rule.

# %% [markdown]
# ## How to work
#
# Run the cells from top to bottom. Each exercise is one function: replace the line `raise
# NotImplementedError` by your code, run the cell, then run the check under it. The check says what
# is right, what is not, and where. `hint(softmax)` gives a hint; ask again for the next one, up to
# three. As before, demonstrations may ask for a guess, and code that only draws is folded away.
#
# The four functions are worth 4, 4, 6 and 6 points. Part of a function's work earns part of its
# points. Grading repeats the same tests with other numbers, so an answer that was typed in fails
# there.

# %%
import numpy as np

# %% tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# from autograder import check, datasets, hint, needs, progress, slide
#
# plt.style.use("autograder.plots")

# %% [markdown]
# ## Notation
#
# | in the text | in code | shape | meaning |
# |---|---|---|---|
# | $o_t$ | `o[t]` | `o` is `(T, N, K)` | outputs of the network at step $t$ |
# | $\hat y_t$ | `yhat[t]` | `yhat` is `(T, N, K)` | probabilities, softmax of $o_t$ |
# | $y_t$ | `y[t]` | `y` is `(T, N)`, integers | the class that was right, from $0$ to $K-1$ |
# | $m_t$ | `mask[t]` | `mask` is `(T, N)` | $1$ at a real step, $0$ at padding |
# | $L_{t,n}$ | | a float | the loss of step $t$ of sequence $n$ |
# | $L$ | `L` | a float | the loss of the batch, made of all $L_{t,n}$ |
#
# There are $T$ steps, $N$ sequences in the batch, and $K$ classes. Where one sequence at one step
# is meant, the indices $t$ and $n$ are left out: $o$ then is a vector of $K$ numbers, with entries
# $o_k$. Where one sequence is meant, $n$ is left out: $L_t$ is the loss of one of its steps.

# %% [markdown]
# ## Probabilities from outputs
#
# The last layer of the network, $o = c + V h$, gives $K$ real numbers of any sign and size. A
# prediction needs $K$ numbers that are positive and sum to one. The exponential makes them
# positive, the division makes them sum to one:
#
# $$\hat y_k = \mathrm{softmax}(o)_k = \frac{e^{o_k}}{\sum_{j} e^{o_j}}$$
#
# (equation 4.1 of *Deep Learning* by Goodfellow, Bengio and Courville, used for recurrent
# networks in its equation 10.11).

# %% [markdown]
# Take the logarithm of both sides:
#
# $$\log \hat y_k = o_k - \log \sum_j e^{o_j}$$
#
# The second term is the same for all classes. So $o_k$ *is* the log-probability of class $k$, up
# to a number that the classes share. That is what **unnormalised log-probability** means; many
# programs call $o$ the *logits*.
#
# It follows that only differences between outputs matter. For any number $s$, the *shift*,
#
# $$\mathrm{softmax}(o)_k
# = \frac{e^{o_k}}{\sum_j e^{o_j}}
# = \frac{e^{-s}\,e^{o_k}}{e^{-s}\sum_j e^{o_j}}
# = \frac{e^{o_k - s}}{\sum_j e^{o_j - s}}
# = \mathrm{softmax}(o - s)_k .$$

# %% [markdown]
# On paper $s$ makes no difference. On a computer it does: in float64, $e^{710}$ is already
# infinite (*overflow*) and $e^{-746}$ is exactly zero (*underflow*). One output of $710$ gives
# $\infty/\infty$. Outputs that are all below $-746$ give $0/0$. Both are `nan`.

# %% [markdown]
# ## Demonstration: where the formula breaks
#
# The formula as it stands, for four pairs of outputs. In each the second is larger by 1, so all
# four should give the same probabilities. **Guess first:** how many of the four come out right?

# %% tags=["active-ipynb"]
# guess = None  # your guess: a number from 0 to 4
#
#
# def naive_softmax(o):
#     return np.exp(o) / np.exp(o).sum()
#
#
# right = 0
# with np.errstate(all="ignore"):
#     for pair in [(1, 2), (709, 710), (-745, -744), (-747, -746)]:
#         yhat = naive_softmax(np.array(pair, dtype=float))
#         right += np.allclose(yhat, naive_softmax(np.array([0.0, 1.0])))
#         print(f"o = ({pair[0]:4}, {pair[1]:4}): {yhat[0]:.3f} and {yhat[1]:.3f}")
# print(f"{right} of 4 come out right.", "" if guess is None else f"Your guess: {guess}.")

# %% [markdown]
# - $(1, 2)$: everything is well.
# - $(709, 710)$: one exponential is infinite, and $\infty/\infty$ is `nan`. The other probability
#   is a finite number divided by infinity: $0$, also wrong.
# - $(-745, -744)$: the exponentials are so small that float64 has hardly a digit left for them.
#   The result is thirds, with no warning at all.
# - $(-747, -746)$: both exponentials are zero, and $0/0$ is `nan`.

# %% [markdown]
# What mends them all is the shift: choose $s = \max_j o_j$, separately for each vector $o$. All
# exponents are then at most zero, so nothing overflows. The largest is exactly zero, so the
# denominator is at least $e^0 = 1$, and there is no division by zero either. (Section 4.1 of the
# book.)

# %% [markdown]
# ### Exercise 1: softmax (4 points)
#
# *About 15 minutes. Essential.*
#
# Write `softmax(o)`. The classes are on the *last* axis; there may be any number of axes before
# it, and each vector along the last axis is a distribution of its own. The result must be finite
# for any finite `o`. Leave `o` itself as it was.


# %%
def softmax(o):
    """Turn unnormalised log-probabilities into probabilities.

    yhat_k = exp(o_k) / sum_j exp(o_j), over the last axis (equation 4.1 of the book).

    Parameters
    ----------
    o : ndarray, shape (..., K)
        Unnormalised log-probabilities, finite and of any size.

    Returns
    -------
    ndarray, shape (..., K)
        Probabilities, which sum to 1 over the last axis.

    Examples
    --------
    >>> softmax(np.array([0.0, np.log(3.0)]))
    array([0.25, 0.75])
    """
    ### BEGIN SOLUTION
    e = np.exp(o - o.max(axis=-1, keepdims=True))  # (..., K), the largest is 1
    return e / e.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(softmax)

# %% [markdown]
# ## Log-probabilities from outputs
#
# The loss will need $\log \hat y_k$. Is `np.log(softmax(o))` good enough? Take $o = (0, -1000)$.
# The second probability is $e^{-1000}$, which is smaller than the smallest positive float64,
# about $5 \cdot 10^{-324} \approx e^{-744}$. So it becomes zero, correctly rounded, and its
# logarithm becomes $-\infty$. Yet the right answer, $-1000$, is an ordinary number.
#
# The way out is never to leave the logarithm:
#
# $$\log \hat y_k = o_k - \log \sum_j e^{o_j}$$

# %% [markdown]
# The last term, the **log-sum-exp**, can overflow just as before, and the same shift mends it:
#
# $$\log \sum_j e^{o_j} = s + \log \sum_j e^{o_j - s}, \qquad s = \max_j o_j .$$
#
# The sum on the right has one term that is exactly $1$ and $K - 1$ terms between $0$ and $1$, so
# its logarithm lies between $0$ and $\log K$. A term that underflows to zero is one too small to
# change the sum. Together,
#
# $$\log \hat y_k = (o_k - s) - \log \sum_j e^{o_j - s} .$$

# %% [markdown]
# ### Exercise 2: log-softmax (4 points)
#
# *About 15 minutes. Essential.*
#
# Write `log_softmax(o)`, for the same shapes as `softmax`. It must be accurate even where the
# probability itself is too small for a float64.


# %%
def log_softmax(o):
    """Turn unnormalised log-probabilities into log-probabilities.

    log yhat_k = o_k - log sum_j exp(o_j), over the last axis: the logarithm of equation 4.1
    of the book.

    Parameters
    ----------
    o : ndarray, shape (..., K)
        Unnormalised log-probabilities, finite and of any size.

    Returns
    -------
    ndarray, shape (..., K)
        Log-probabilities, in nats: at most 0, and finite where softmax underflows.

    Examples
    --------
    >>> log_softmax(np.array([0.0, -1000.0]))
    array([    0., -1000.])
    """
    ### BEGIN SOLUTION
    shifted = o - o.max(axis=-1, keepdims=True)  # (..., K), the largest is 0
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(log_softmax)

# %% [markdown]
# ## Demonstration: two repairs
#
# On the left both outputs move together, $o = (z, z + 1)$, so the probabilities should not move. On
# the right the second output falls away from the first, $o = (0, -z)$, and $-\log \hat y$ of the
# second class should grow like $z$. **Guess first:** above which $z$, on the left, is the naive
# formula `nan`?

# %% tags=["active-ipynb", "folded"]
# def plot_repairs(guess):
#     """Draw your functions beside the formulas that fail."""
#     figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8))
#     left.plot(z, stable, color="C1", linewidth=5, label="softmax")
#     left.plot(z, naive, color="C0", linewidth=1.5, label="naive formula")
#     left.axvspan(-1000, low, color="0.88")
#     left.axvspan(high, 1000, color="0.88")
#     left.text((low - 1000) / 2, 0.1, "0 / 0\nnan", ha="center")
#     left.text((high + 1000) / 2, 0.1, "inf / inf\nnan", ha="center")
#     if guess is not None:
#         left.axvline(guess, color="C3", ls=":", label="your guess")
#     left.set(xlim=(-1000, 1000), ylim=(0, 1.05), title="Both outputs move: $o = (z, z + 1)$")
#     left.set_xticks([-1000, -500, 0, 500, 1000])
#     left.set(xlabel="$z$", ylabel="probability of the second class")
#     left.legend(loc="lower center")
#
#     right.plot(fall, -log_softmax(o)[:, 1], color="C1", linewidth=5, label="-log_softmax")
#     right.plot(fall, -log_of_softmax, color="C0", linewidth=1.5, label="-log(softmax)")
#     right.axvspan(end, 1000, color="0.88")
#     right.text((end + 1000) / 2, 100, "-log(0)\ninf", ha="center")
#     right.set(xlim=(0, 1000), ylim=(0, 1050), title="One output falls: $o = (0, -z)$")
#     right.set(xlabel="$z$", ylabel="$-\\log \\hat y$ of the second class")
#     right.legend(loc="upper left")

# %% tags=["active-ipynb"]
# guess = None  # your guess: a value of z
#
# with needs(softmax, log_softmax), np.errstate(all="ignore"):
#     z = np.linspace(-1000.0, 1000.0, 20001)
#     naive = np.exp(z + 1) / (np.exp(z) + np.exp(z + 1))
#     stable = softmax(np.stack([z, z + 1], axis=-1))[:, 1]
#     low, high = z[np.isfinite(naive)][[0, -1]]
#     print(f"The naive formula is nan for z < {low:.1f} and for z > {high:.1f}.")
#     print(f"softmax lies between {stable.min():.6f} and {stable.max():.6f} everywhere.")
#
#     fall = np.linspace(0.0, 1000.0, 10001)
#     o = np.stack([np.zeros_like(fall), -fall], axis=-1)
#     log_of_softmax = np.log(softmax(o))[:, 1]
#     end = fall[np.isfinite(log_of_softmax)][-1]
#     print(f"log(softmax(o)) is -inf for z > {end:.1f}.")
#     print(f"log_softmax(o) at z = 1000 is {log_softmax(o)[-1, 1]:.1f}.")
#     plot_repairs(guess)
#     plt.show()

# %% [markdown]
# The dark line ends where the formula does; your function, the broad light line, goes on. The two
# pictures call for two different repairs:
#
# - On the left, the right answer is an ordinary number, and only the way to it is bad.
#   Subtracting the maximum is enough.
# - On the right, `softmax` is as good as it can be: the probability is too small for a float64.
#   Only its logarithm can be saved, by not computing the probability at all.
#
# In float32, in which many networks are trained, $e^{89}$ is already infinite and $e^{-104}$ is
# zero. Outputs of that size do occur.

# %% [markdown]
# ## The loss of a sequence
#
# ![Softmax turns the outputs o into yhat; the loss L compares yhat with y.](drawings.loss_node)
#
# A network that reads $x_1, \dots, x_T$ and gives an output at every step (pattern 1 of homework
# 2) states, at step $t$, a distribution over the class $y_t$ given the inputs so far. The
# probability that it gives to the whole sequence of labels is the product over the steps,
#
# $$p(y_1, \dots, y_T \mid x_1, \dots, x_T) = \prod_{t=1}^{T} p(y_t \mid x_1, \dots, x_t)
# = \prod_{t=1}^{T} \hat y_{t,\,y_t} .$$
#
# Here $\hat y_{t,\,y_t}$ is the entry of $\hat y_t$ at the right class. This is an assumption of
# the pattern: given the inputs, the labels are independent of each other, and $y_t$ does not depend
# on inputs that come after $x_t$. (Homework 5 feeds labels back, and drops the first part.)

# %% [markdown]
# **Maximum likelihood** looks for the parameters under which the labels that were seen are as
# probable as possible. The logarithm turns the product into a sum, the minus sign turns the
# search for a maximum into one for a minimum. So a sequence costs
#
# $$\sum_t L_t, \qquad L_t = -\log p(y_t \mid x_1, \dots, x_t) = -\log \hat y_{t,\,y_t}$$
#
# (equations 10.12 to 10.14 of the book). It is a **sum over time**, because the probabilities of
# the steps multiply. Dividing each sequence by its own length would change the question: a step
# of a long sequence would then count less than a step of a short one.

# %% [markdown]
# $L_t$ is also called a **cross-entropy**. The cross-entropy between a distribution $q$ and a
# prediction $\hat y$ is $-\sum_k q_k \log \hat y_k$. Here $q$ puts all its weight on the class
# that happened ($q_k = 1$ for $k = y_t$, else $0$), and only one term of the sum remains.
#
# Two values to keep in mind, in nats (the unit of the natural logarithm): a certain and right
# prediction costs $-\log 1 = 0$, and a uniform guess costs $-\log \frac1K = \log K$ per step,
# whatever happens.

# %% [markdown]
# A batch holds $N$ independent sequences. Its loss is the **mean over the batch**, so that its
# size does not depend on $N$:
#
# $$L = \frac1N \sum_{n=1}^{N} \sum_{t=1}^{T} -\log \hat y_{t,n,\,y_{t,n}}$$
#
# Sequences of a batch rarely have the same length. The shorter ones are **padded** at the end up
# to $T$ steps, and a mask $m_{t,n}$ tells the real steps ($1$) from the padded ones ($0$). A
# padded step never happened, so it has no part in the likelihood:
#
# $$L = \frac1N \sum_{n=1}^{N} \sum_{t=1}^{T} -\,m_{t,n} \log \hat y_{t,n,\,y_{t,n}}$$
#
# The arrays hold something at padded steps too: some finite outputs and some valid label. They
# must not matter. The factor stays $\frac1N$, with all $N$ sequences of the batch: a mask removes
# steps, not sequences.
#
# (Libraries often take the mean over all real steps as well. For a given batch that only divides
# the loss and its gradient by one number, the mean count of real steps: the same minimum, reached
# with a learning rate that is larger by this factor.)

# %% [markdown]
# ## Demonstration: words, and their mask
#
# Sequences that somebody cares about: English words, letter by letter. At every step the model
# states the probabilities of the next symbol, which is a letter or the end of the word.
# That makes $K = 27$ classes: $0$ to $25$ for `a` to `z`, and $26$ for the end mark, written as a
# full stop.
#
# The words are common words of SCOWL, the Spell Checker Oriented Word Lists by Kevin Atkinson,
# from which Debian's dictionary `wamerican` is made. They are free to use and to pass on with
# their notice, which ships with the course.

# %% tags=["active-ipynb"]
# SYMBOLS = "abcdefghijklmnopqrstuvwxyz."
# K, END = len(SYMBOLS), SYMBOLS.index(".")
#
#
# def encode(words):
#     """Return the labels y (T, N) and the mask (T, N) of words, each with its end mark."""
#     T, N = 1 + max(map(len, words)), len(words)
#     y, mask = np.zeros((T, N), dtype=int), np.zeros((T, N))
#     for n, word in enumerate(words):
#         labels = [SYMBOLS.index(symbol) for symbol in word + "."]
#         y[: len(labels), n] = labels
#         mask[: len(labels), n] = 1.0
#     return y, mask
#
#
# words = datasets.words()
# y, mask = encode(words)
# T, N = y.shape
# before = np.vstack([np.full((1, N), END), y[:-1]])  # (T, N), the symbol before y[t]; END at first
#
# print(f"{N} words, such as {', '.join(words[:: N // 5][:5])}.")
# print(f"T = {T} steps, of which {mask.sum() / N:.3f} are real on average.")
# print(f"The first word is {words[0]!r}:")
# print("y[:, 0]    =", y[:, 0])
# print("mask[:, 0] =", mask[:, 0].astype(int))

# %% [markdown]
# The padded steps hold the label $0$, and that is `a`, a class like any other. Only the mask
# tells that no `a` was there.

# %% [markdown]
# **Picking with three indices.** Let `lp` hold the log-probabilities of all classes, `(T, N, K)`.
# The loss needs one of them at each step of each sequence: that of the right class. Numpy can pick
# them all at once, with an array of integers for each axis:
#
# ![On the left the table y, 2 rows for the steps and 3 columns for the sequences: 3 0 1 and 2 3
# 2. In the middle lp at step 0 and at step 1, each with 3 rows for the sequences and 4 columns
# for the classes; in row n the column y of that step and sequence is marked. On the right the
# marked numbers, 2 rows of 3.](drawings.picked)
#
#     t = [[0, 0, 0],     n = [[0, 1, 2],     y = [[3, 0, 1],
#          [1, 1, 1]]          [0, 1, 2]]          [2, 3, 2]]
#
# `lp[t, n, y]` has the shape that the three have in common. At `[1, 2]` it holds
# `lp[t[1, 2], n[1, 2], y[1, 2]]`, which is `lp[1, 2, 2]`. Index arrays are broadcast like any
# others, so a column `(T, 1)` will do for `t`, and a row `(N,)` for `n`.

# %% [markdown]
# ### Exercise 3: the loss (6 points)
#
# *About 25 minutes. Essential.*
#
# Write `sequence_loss(o, y, mask=None)`. Without a mask, every step is real. The loss must be
# exact for outputs up to $\pm 1000$, so build on `log_softmax`.


# %%
def sequence_loss(o, y, mask=None):
    """Sum the negative log-likelihood over time, and average it over the batch.

    L = (1/N) sum_n sum_t -mask[t, n] log yhat[t, n, y[t, n]], with yhat = softmax(o)
    (equations 10.12 to 10.14 of the book, for a batch).

    Parameters
    ----------
    o : ndarray, shape (T, N, K)
        Unnormalised log-probabilities.
    y : ndarray of int, shape (T, N)
        Labels, from 0 to K - 1.
    mask : ndarray, shape (T, N), optional
        1 at real steps, 0 at padding; without it, all steps are real.

    Returns
    -------
    float
        The loss, in nats per sequence.

    Examples
    --------
    A uniform guess among 4 classes, over 3 steps of 1 sequence, costs 3 log 4.

    >>> round(sequence_loss(np.zeros((3, 1, 4)), np.array([[2], [0], [3]])), 4)
    4.1589
    """
    ### BEGIN SOLUTION
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = log_softmax(o)[t, n, y]  # (T, N), of the class that was right
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(sequence_loss)

# %% [markdown]
# ## Demonstration: what a guess costs
#
# The words above, and your loss. Three guesses, each of which knows a little more than the one
# before:
#
# 1. **uniform**: all symbols are equally likely, $o_k = 0$;
# 2. **letters**: each symbol by its frequency, $o_k = \log(\text{count of } k)$;
# 3. **pairs**: each symbol by its frequency after the symbol before,
#    $o_{t,k} = \log(\text{count of } k \text{ after } y_{t-1})$. Before the first letter of a word
#    stands an end mark, as though another word had just ended.
#
# For a network, the symbol before is the input: $x_t = y_{t-1}$. Then $p(y_t \mid x_1, \dots, x_t)$
# is $p(y_t \mid y_1, \dots, y_{t-1})$, and the product over the steps assumes nothing any more: it
# is the chain rule of probability.
#
# Counts serve as they are: outputs are *unnormalised* log-probabilities, and the softmax divides
# by their sum. For a count of zero, the logarithm would be $-\infty$; we write $-1000$, which
# gives the probability zero just as well.
#
# The cell counts with `np.add.at(a, index, values)`. It adds every value, also where an index
# occurs many times; `a[index] += values` would keep only one of them. **Guess first:** a uniform
# guess is as hard as choosing among 27 equally likely symbols. And when the symbol before is known?

# %% tags=["active-ipynb"]
# guess = None  # your guess: among how many equally likely symbols
#
# pairs = np.zeros((K, K))
# np.add.at(pairs, (before, y), mask)  # pairs[j, k]: how often symbol k comes after symbol j
# letters = pairs.sum(axis=0)  # (K,): how often symbol k comes at all
#
#
# def log_counts(counts):
#     """Return the logarithm of counts, and -1000 for a count of 0."""
#     return np.where(counts > 0, np.log(np.maximum(counts, 1.0)), -1000.0)
#
#
# guesses = {
#     "uniform": np.zeros((T, N, K)),
#     "letters": np.broadcast_to(log_counts(letters), (T, N, K)),
#     "pairs": log_counts(pairs)[before],  # (T, N, K)
# }
# with needs(sequence_loss):
#     for name, o in guesses.items():
#         L = sequence_loss(o, y, mask)
#         nats = L * N / mask.sum()
#         print(f"{name}: L = {L:.2f} nats per word, {nats:.3f} nats per symbol, ", end="")
#         print(f"as hard as {np.exp(nats):.1f} equally likely symbols")
#     if guess is not None:
#         print(f"Your guess for pairs: {guess}.")

# %% [markdown]
# A word has $7.516$ symbols on average, end mark included, and each costs the uniform guess
# $\log 27 = 3.296$ nats: together $24.77$ nats per word. This is the first number to look at when
# you train a network. Before training its outputs are usually near zero, so its loss should be
# near that of the uniform guess. If it is not, something is wrong with the loss or with the mask.
#
# Knowing the letters lowers the loss to $2.907$ nats per symbol, knowing the symbol before to
# $2.375$. The last number of a line, $e$ to the loss per symbol, is the **perplexity**: to guess
# the next symbol after the one before is as hard as to guess among $10.7$ equally likely ones.
#
# Are these losses good? They are the best of their kind, and information theory tells why. The
# cross-entropy between the frequencies $q$ in the data and a prediction $\hat y$ is
#
# $$-\sum_k q_k \log \hat y_k = \underbrace{-\sum_k q_k \log q_k}_{\text{entropy of } q}
# + \underbrace{\sum_k q_k \log \frac{q_k}{\hat y_k}}_{\text{KL divergence, never negative}}$$
#
# (section 3.13 of the book). The second term is zero only for $\hat y = q$. So the entropy is a
# bound that no prediction of this kind can beat, and the frequencies attain it.

# %% tags=["active-ipynb"]
# def entropy(p):
#     """Return the entropy over the last axis, in nats, with 0 log 0 = 0."""
#     return -np.sum(p * np.log(np.where(p > 0, p, 1.0)), axis=-1)
#
#
# frequency = letters / letters.sum()  # (K,)
# counts = pairs.sum(axis=1)  # (K,): how often symbol j comes before another one
# after = pairs / counts[:, None]  # (K, K): row j holds the frequencies after symbol j
# bounds = {
#     "uniform": np.log(K),
#     "letters": entropy(frequency),
#     "pairs": np.sum(counts * entropy(after)) / counts.sum(),
# }
# with needs(sequence_loss):
#     for name, o in guesses.items():
#         nats = sequence_loss(o, y, mask) * N / mask.sum()
#         print(f"{name}: entropy {bounds[name]:.6f}, loss per symbol {nats:.6f}")

# %% tags=["active-ipynb", "folded"]
# figure, (left, right) = plt.subplots(
#     1, 2, figsize=(10.5, 4.4), width_ratios=[1.2, 1]
# )
# left.bar(list(SYMBOLS), frequency, color="C5", label="letters")
# left.axhline(1 / K, color="C0", linestyle="--", label=f"uniform: 1/{K}")
# left.set(title="How often each symbol comes", xlabel="symbol (. is the end)")
# left.set(ylabel="relative frequency")
# left.legend()
# image = right.imshow(after, cmap="Blues", vmin=0.0, vmax=0.4)
# right.set(title="How often it follows another", xlabel="symbol", ylabel="symbol before")
# right.set_xticks(range(K), SYMBOLS, fontsize=8)
# right.set_yticks(range(K), SYMBOLS, fontsize=8)
# figure.colorbar(image, label="frequency in the row", extend="max")
# plt.show()

# %% [markdown]
# The losses are the entropies. In the same order, as bounds on these words:
#
# - $\log K$ is the loss of the uniform guess, and the largest entropy that $K$ classes can have;
# - the **entropy of the symbols** bounds every model that sees nothing;
# - the **conditional entropy** given the symbol before bounds every model that sees that symbol
#   alone.
#
# On the left you see what the second one gains: `e` and the end of the word come more than three
# times as often as in a uniform guess. On the right, what the third one gains: in these words,
# `q` is always followed by `u`, and after a `y` the word ends three times out of four.
#
# A recurrent network may go below all three, for its state can keep more than one symbol. (These
# are bounds for the words that were counted. On new words, counted frequencies do a little
# worse.)

# %% [markdown]
# ## The gradient on the outputs
#
# Learning needs $\partial L / \partial o_{t,n,k}$ for every output. This is where
# back-propagation through time begins (section 10.2.2 of the book), and it takes three small
# steps.
#
# **Step 1: which terms contain $o_{t,n,k}$?** Write $L_{t,n}$ for $-\log \hat y_{t,n,\,y_{t,n}}$,
# so that $L = \frac1N \sum_n \sum_t m_{t,n} L_{t,n}$. The output of step $t$ of sequence $n$
# enters $L_{t,n}$ and no other term. So
#
# $$\frac{\partial L}{\partial o_{t,n,k}} = \frac{\partial L}{\partial L_{t,n}}
# \frac{\partial L_{t,n}}{\partial o_{t,n,k}}, \qquad
# \frac{\partial L}{\partial L_{t,n}} = \frac{m_{t,n}}{N} .$$
#
# (For a single sequence without padding that factor is $1$, equation 10.17.)

# %% [markdown]
# **Step 2: the loss of one step.** Leave out the indices $t$ and $n$. With the logarithm taken,
#
# $$L_{t,n} = -o_{y} + \log \sum_j e^{o_j} .$$
#
# The first term is an output itself: its derivative with respect to $o_k$ is $-1$ if $k$ is the
# label, else $0$. Write that as $-\mathbf 1_{k=y}$.
#
# The derivative of the second term is
#
# $$\frac{\partial}{\partial o_k} \log \sum_j e^{o_j} = \frac{1}{\sum_j e^{o_j}}\,
# \frac{\partial}{\partial o_k} \sum_j e^{o_j}
# = \frac{e^{o_k}}{\sum_j e^{o_j}} = \hat y_k .$$

# %% [markdown]
# **Step 3: together.**
#
# $$\frac{\partial L}{\partial o_{t,n,k}}
# = \frac{m_{t,n}}{N} \left( \hat y_{t,n,k} - \mathbf 1_{k = y_{t,n}} \right)$$
#
# This is equation 10.18 of the book, for a batch with a mask. In words: what was predicted, minus
# what happened. The vector $\mathbf 1_{k=y}$ over $k$ is the **one-hot** code of the label.
#
# Two things are worth seeing in it:
#
# - Over the classes, it sums to $1 - 1 = 0$. What is taken from one class goes to the others.
# - It does not fade where the network is confidently wrong: if $\hat y_y \approx 0$, the entry of
#   the right class is nearly $-m_{t,n}/N$, however extreme the outputs are. The logarithm of the
#   loss has undone the exponential of the softmax (section 6.2.2.3).

# %% [markdown]
# ### Exercise 4: the gradient of the loss (6 points)
#
# *About 20 minutes. Essential.*
#
# Write `sequence_loss_gradient(o, y, mask=None)`, the gradient of your loss with respect to `o`.


# %%
def sequence_loss_gradient(o, y, mask=None):
    """Differentiate the loss of a batch of sequences with respect to the outputs.

    dL/do[t, n, k] = mask[t, n] (yhat[t, n, k] - 1_{k = y[t, n]}) / N, with yhat = softmax(o)
    (equation 10.18 of the book, for a batch).

    Parameters
    ----------
    o : ndarray, shape (T, N, K)
        Unnormalised log-probabilities.
    y : ndarray of int, shape (T, N)
        Labels, from 0 to K - 1.
    mask : ndarray, shape (T, N), optional
        1 at real steps, 0 at padding; without it, all steps are real.

    Returns
    -------
    ndarray, shape (T, N, K)
        The gradient dL/do.

    Examples
    --------
    One step, two sequences, two classes, uniform guesses.

    >>> sequence_loss_gradient(np.zeros((1, 2, 2)), np.array([[0, 1]]))
    array([[[-0.25,  0.25],
            [ 0.25, -0.25]]])
    """
    ### BEGIN SOLUTION
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = softmax(o)  # (T, N, K)
    do[t, n, y] -= 1.0
    if mask is not None:
        do *= mask[..., None]
    return do / N
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(sequence_loss_gradient)

# %% [markdown]
# ## Demonstration: predicted minus happened
#
# One step, four classes, and class 2 is right. Above are the outputs, below the probabilities and,
# dashed, what happened. The arrows go against the gradient, the way gradient descent pushes: each
# is as long as the entry of the gradient. **Guess first:** on the left the right class has the
# worst output, $-5$. What is the gradient there?

# %% tags=["active-ipynb", "folded"]
# def plot_bars(cases):
#     """Draw outputs, probabilities and the gradient, for class 2 being right."""
#     fig, axes = plt.subplots(2, len(cases), figsize=(3.2 * len(cases), 4.6), squeeze=False,
#                              sharey="row")
#     for (above, below), case in zip(axes.T, cases, strict=True):
#         o, label = np.array([[case]], dtype=float), np.array([[2]])
#         yhat, do = softmax(o)[0, 0], sequence_loss_gradient(o, label)[0, 0]
#         above.bar(range(4), o[0, 0], color="C0")
#         above.axhline(0, color="C4", lw=0.8)
#         above.set(title=f"loss {sequence_loss(o, label):.2f}", xticks=range(4), ylim=(-6.5, 8.5))
#         below.bar(range(4), yhat, color="C5")
#         below.bar(2, 1, fill=False, edgecolor="C1", ls="--", lw=1.5)
#         for k in range(4):
#             below.annotate("", (k, yhat[k] - do[k]), (k, yhat[k]),
#                            arrowprops={"arrowstyle": "->", "color": "C3", "lw": 2})
#         below.set(xlabel="class", xticks=range(4), ylim=(-0.05, 1.1))
#     axes[0, 0].set_ylabel("output $o$")
#     axes[1, 0].set_ylabel("probability")

# %% tags=["active-ipynb"]
# guess = None  # your guess: a number from -1 to 1
#
# with needs(softmax, log_softmax, sequence_loss, sequence_loss_gradient):
#     cases = [[1, 0, right, 2] for right in (-5, 2, 6)]
#     at_right = sequence_loss_gradient(np.array([cases], dtype=float), np.full((1, 3), 2))[0, :, 2]
#     print("Gradient of each loss at its right class:", (3 * at_right).round(3))
#     if guess is not None:
#         print(f"Your guess for the first: {guess}.")
#     plot_bars(cases)
#     plt.show()

# %% tags=["active-ipynb"]
# with needs(softmax, log_softmax, sequence_loss, sequence_loss_gradient):
#
#     @slide(right=list(range(-6, 9)))
#     def bars(right=0):
#         plot_bars([[1, 0, right, 2]])

# %% [markdown]
# The arrows add up to zero: what the right class gains, the others lose, each in proportion to its
# probability. Far from the truth the push is nearly 1, near it hardly anything is left. (Without a
# running notebook there is no slider; the picture above shows three of its places.)

# %% [markdown]
# ## How do I see that a gradient is right?
#
# ### To try, without points: a slope by differences
#
# *About 10 minutes. Useful.*
#
# A gradient is a claim about slopes, and a slope can be measured. Take two points, `eps` to the
# left and `eps` to the right of `x`: by how much does `f` rise between them, for each unit of `x`?
# Write that in the place of `np.nan`. Homework 4 begins with the same idea, for whole arrays.

# %% tags=["active-ipynb"]
# def slope(f, x, eps=1e-4):
#     """Estimate the derivative of f at the number x, from two values of f."""
#     return np.nan  # yours

# %% tags=["active-ipynb", "folded"]
# def plot_slope(f, x, exact, estimate):
#     """Draw f around x, with the tangent of the gradient, and with the one that was measured."""
#     z, near = np.linspace(x - 4, x + 4, 81), np.array([-2, 2])
#     plt.plot(z, [f(each) for each in z], color="C0", label="loss")
#     plt.plot(x + near, f(x) + exact * near, color="C1", lw=4, alpha=0.6, label="your gradient")
#     print(f"The gradient says {exact:.9f}.")
#     if np.isfinite(estimate):
#         print(f"Measured:         {estimate:.9f}.")
#         plt.plot(x + near, f(x) + estimate * near, ":", color="C3", label="your slope")
#     plt.title("The loss against one output")
#     plt.xlabel("$o_{t,n,k}$ for $t = 1$, $n = 2$, $k = 0$, counted from 0")
#     plt.ylabel("loss (nats)")
#     plt.legend()

# %% tags=["active-ipynb"]
# with needs(sequence_loss, sequence_loss_gradient):
#     rng = np.random.default_rng(0)
#     some_o, some_y = rng.normal(size=(2, 3, 4)), rng.integers(4, size=(2, 3))
#
#     def loss_with(value):
#         changed = some_o.copy()
#         changed[1, 2, 0] = value
#         return sequence_loss(changed, some_y)
#
#     exact = sequence_loss_gradient(some_o, some_y)[1, 2, 0]
#     plot_slope(loss_with, some_o[1, 2, 0], exact, slope(loss_with, some_o[1, 2, 0]))
#     plt.show()

# %% [markdown]
# ## Demonstration: the gradient finds the same bounds
#
# Counting gave the best outputs of each kind at once. Your gradient should find them without
# counting. The outputs come from a table, and are its parameters themselves: $o_t$ is the row of
# the table that belongs to what is known at step $t$.
#
# - **one row**: nothing is known, $o_t = c$ at every step;
# - **a row for each symbol before**: $y_{t-1}$ is known.
#
# A row is used at many steps. By the chain rule, its gradient is the sum of the gradients on the
# outputs of these steps. Gradient descent starts from $0$, the uniform guess.

# %% tags=["active-ipynb"]
# def descend(table, row, rate, steps=100):
#     """Train outputs o = table[row] by gradient descent; return the table and the losses."""
#     table, losses = table.copy(), []
#     for _ in range(steps):
#         o = table[row]  # (T, N, K)
#         losses.append(sequence_loss(o, y, mask) * N / mask.sum())
#         np.add.at(table, row, -rate * sequence_loss_gradient(o, y, mask))
#     return table, losses

# %% tags=["active-ipynb", "folded"]
# def plot_descent():
#     """Draw the losses on their way, and what one row has learned."""
#     figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4))
#     left.plot(slow, color="C5", linewidth=3, label="one row")
#     left.plot(fast, color="C0", linewidth=2, label="a row for each symbol before")
#     for name, bound in bounds.items():
#         left.axhline(bound, color="0.45", linestyle=":")
#         left.text(99, bound - 0.012, name, ha="right", va="top", color="0.3")
#     left.set(title="Gradient descent", xlabel="update", ylabel="loss (nats per symbol)")
#     left.set(ylim=(2.3, 3.35))
#     left.legend(loc="upper center", bbox_to_anchor=(0.6, 0.92))
#     right.bar(list(SYMBOLS), frequency, color="C5", label="frequency")
#     right.plot(list(SYMBOLS), learned, "o", color="C0", markersize=4, label="softmax(c)")
#     right.set(title="One row: what it has learned", xlabel="symbol", ylabel="probability")
#     right.legend(loc="upper center")

# %% tags=["active-ipynb"]
# with needs(softmax, sequence_loss, sequence_loss_gradient):
#     one_row, slow = descend(np.zeros((1, K)), np.zeros_like(y), rate=1.0)
#     rows, fast = descend(np.zeros((K, K)), before, rate=5.0)
#     print(f"one row: from {slow[0]:.4f} to {slow[-1]:.4f}, entropy {bounds['letters']:.4f}")
#     print(f"a row for each symbol: from {fast[0]:.4f} to {fast[-1]:.4f}, ", end="")
#     print(f"entropy {bounds['pairs']:.4f}")
#     learned = softmax(one_row[0])
#     print(f"probability and frequency differ by at most {np.abs(learned - frequency).max():.4f}")
#     plot_descent()
#     plt.show()

# %% [markdown]
# Both curves start at $\log K$, and neither crosses its bound.
#
# The right picture shows where the first one stops. A row no longer moves when its gradient is
# zero, and the gradient is a sum of $\hat y_k - \mathbf 1_{k=y}$ over the real steps that use the
# row. That sum is zero when $\hat y_k$ is the share of these steps at which $k$ was right: its
# frequency. So maximum likelihood has counted, by way of your gradient.
#
# The second curve is still on its way. The rows of rare symbols are used at few steps, so their
# gradients are small and they learn slowly.
#
# A recurrent network has no table. Its outputs $o_t = c + V h_t$ come from a state that has seen
# all symbols so far, and the same gradient on $o_t$ is where its training begins.

# %% [markdown]
# ## How am I doing?

# %% tags=["active-ipynb"]
# progress()

# %% [markdown]
# ## What you have learned
#
# - The outputs of the network are log-probabilities up to a shared number, and the softmax
#   normalises them. The maximum is subtracted first, for the computer's sake.
# - The loss needs log-probabilities, so it takes them directly, with the log-sum-exp.
# - The loss is the negative log-likelihood: a sum over the real steps of a sequence, a mean over
#   the batch. Entropies say what it can reach.
# - Its gradient on the outputs is $\frac{m}{N} (\hat y - \mathbf 1_{k=y})$: what was predicted
#   minus what happened.
#
# **To read on** in *Deep Learning*: section 4.1 (overflow and underflow), 3.13 (entropy and
# cross-entropy), 5.5 (maximum likelihood), 6.2.2.3 (softmax units), and the beginning of 10.2.2.
#
# **Next**: in homework 4 this gradient enters the network at its outputs and travels back through
# time, to every parameter that had a part in them.
