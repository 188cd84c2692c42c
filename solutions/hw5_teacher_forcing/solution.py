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
# # Homework 5 · Teacher forcing
#
# **What you will do**
#
# - run a network whose recurrence goes through its outputs: fed with the truth, fed with its own
#   predictions, and fed with a mix of both;
# - compute its gradient in either case: without any pass back through time, and by back-propagation
#   through time;
# - train it on English words and on sunspots, and watch how the error grows once the truth is gone.
#
# **What you will learn**
#
# - that teacher forcing *follows from* maximum likelihood;
# - why it makes the steps independent of each other, and when back-propagation through time is
#   needed all the same;
# - what *open loop* means, why a network that did well in training can fail there, and what helps.
#
# **What you need**
#
# - pattern 2 of homework 2, the loss of homework 3, back-propagation through time from homework 4;
# - from numpy, broadcasting, `@` with arrays of three axes, and `np.concatenate` or slices.

# %% [markdown]
# ## How to work
#
# Run the cells from top to bottom. Each exercise is one function: replace the line
# `raise NotImplementedError` by your code, run the cell, then run the check under it. The check
# says what is right, what is not, and where. `hint(one_hot)` gives a hint, and another one each
# time you ask. As before, demonstrations may ask for a guess, and code that only draws is folded
# away.
#
# There are eight functions and 20 points. Part of a function's work earns part of its points.
# Grading repeats the same tests with other numbers, so an answer that was typed in fails there.

# %%
import numpy as np

# %% tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# from autograder import check, datasets, draw, hint, needs, progress, slide
#
# plt.style.use("autograder.plots")

# %% [markdown]
# These four functions come from homework 3. They are given, so that a mistake there costs nothing
# here.

# %% tags=["given"]
# isort: split
from solutions.hw3_softmax_loss.solution import (
    log_softmax,
    sequence_loss,
    sequence_loss_gradient,
    softmax,
)

# %% [markdown]
# ## The network
#
# This is pattern 2, with an output at every step that is connected to the hidden units of the next
# step:
#
# $$a_t = b + W r_{t-1} + U x_t, \qquad h_t = \tanh(a_t), \qquad o_t = c + V h_t, \qquad
# \hat y_t = \mathrm{softmax}(o_t)$$
#
# In homework 2 the output $o_{t-1}$ itself was fed back. Here it is $r_{t-1}$, a **distribution
# over the classes**: either the network's prediction, or the truth. Which of the two, and when, is
# what this homework is about.

# %% [markdown]
# | in the text | in code | shape | meaning |
# |---|---|---|---|
# | $x_t$ | `x[t]` | `x` is `(T, N, D)` | inputs |
# | $y_t$ | `y[t]` | `y` is `(T, N)`, integers | the class that was right, from $0$ to $K-1$ |
# | $r_t$ | | `(N, K)` | what step $t$ feeds back to step $t+1$ |
# | $r_0$ | `r0` | `(N, K)` | what the first step is fed with |
# | $h_t$ | `h[t]` | `h` is `(T, N, H)` | hidden units |
# | $o_t$ | `o[t]` | `o` is `(T, N, K)` | outputs: unnormalised log-probabilities |
# | $U, W, V$ | `params["U"]`, … | `(H, D)`, `(H, K)`, `(K, H)` | weights |
# | $b, c$ | `params["b"]`, … | `(H,)`, `(K,)` | biases |
#
# There are $T$ steps, $N$ sequences in the batch, $D$ inputs, $H$ hidden units and $K$ classes. The
# text counts steps from 1, Python from 0: $x_1$ is `x[0]`. In code, step `0` reads `x[0]` and `r0`;
# step `t` reads `x[t]` and what step `t - 1` fed back. The drawings write the step as the book
# does, $x^{(t)}$ for $x_t$.

# %% [markdown]
# $r_t$ is the **only** path from step $t$ to the future: there is no arrow from $h_t$ to $h_{t+1}$.
# Whatever later steps should know of the past must be in the distribution that is fed back. In
# training, outputs are pulled towards the labels, and a label seldom tells all that matters about
# the past. That makes the network weaker than one with hidden-to-hidden connections (section 10.2.1
# of *Deep Learning* by Goodfellow, Bengio and Courville). What it gains, you are about to see.

# %% [markdown]
# ## Labels as distributions
#
# A label is a distribution too, one that is certain. It puts all its weight on one class:
#
# $$\mathrm{onehot}(y)_k = \begin{cases} 1 & k = y \\ 0 & k \neq y \end{cases}$$
#
# So the truth and the prediction live in the same space, and the same $W$ can read both.

# %% [markdown]
# ### Exercise 1: one-hot (1 point)
#
# *About 5 minutes. Essential.*
#
# Write `one_hot(y, K)`. The array `y` may have any number of axes; the classes are on a new last
# axis.


# %%
def one_hot(y, K):
    """Turn labels into distributions that are certain.

    onehot(y)_k = 1 where k = y, else 0.

    Parameters
    ----------
    y : ndarray of int, shape (...)
        Labels, from 0 to K - 1.
    K : int
        Number of classes.

    Returns
    -------
    ndarray, shape (..., K)
        One distribution for each label, in float64.

    Examples
    --------
    >>> one_hot(np.array([2, 0]), 4)
    array([[0., 0., 1., 0.],
           [1., 0., 0., 0.]])
    """
    ### BEGIN SOLUTION
    return np.eye(K)[y]
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(one_hot)

# %% [markdown]
# ## From maximum likelihood to teacher forcing
#
# Take one sequence of two steps. Maximum likelihood looks for parameters under which the labels
# $y_1, y_2$ of the training set are as probable as possible, given the inputs. The chain
# rule of probability splits that probability into two factors, and its logarithm into two terms:
#
# $$\log p(y_1, y_2 \mid x_1, x_2)
# = \log p(y_2 \mid y_1, x_1, x_2) + \log p(y_1 \mid x_1, x_2)$$
#
# (equations 10.15 and 10.16). Look at the first term. Behind the bar stands $y_1$: not a prediction
# of it, but **the label that occurs in the training set**. To compute this term, step 2 of the
# network must be told $y_1$.

# %% [markdown]
# So the criterion itself says what to feed back: while training, $r_1 = \mathrm{onehot}(y_1)$. This
# is **teacher forcing**. It is not a trick beside maximum likelihood, and no approximation of it;
# it is what maximum likelihood asks of a network with output recurrence. The teacher's answer
# replaces the student's, whatever the student said.

# %% [markdown]
# For $T$ steps, apply the chain rule again and again:
#
# $$\log p(y_1, \dots, y_T \mid x_1, \dots, x_T)
# = \sum_{t=1}^{T} \log p(y_t \mid y_1, \dots, y_{t-1}, x_1, \dots, x_T)$$
#
# This holds for any distribution. The network now models each term, with what it has at hand. Step
# $t$ has read no input after $x_t$, so a model of this kind takes $y_t$ to be independent of later
# inputs, given the past:
#
# $$\log p(y_1, \dots, y_T \mid x_1, \dots, x_T)
# = \sum_{t=1}^{T} \log p(y_t \mid y_1, \dots, y_{t-1}, x_1, \dots, x_t)$$
#
# And of the past, *this* network sees only $y_{t-1}$, through $r_{t-1}$: each of its terms is
# $\log p(y_t \mid y_{t-1}, x_t)$. The sum of these terms with the sign changed, averaged over the
# batch, is the loss of homework 3, computed on teacher-forced outputs.

# %% [markdown]
# ![Training, at the steps t minus 1, t and t plus 1: the input x leads by U to the hidden units h,
# and these by V to the output o. Output o and label y meet in the loss L. The label y of each step
# leads by W to the hidden units of the next step; the output o does
# not.](drawings.teacher_forcing_train)
#
# Follow the arrows into $h_t$. They come from $x_t$ and $y_{t-1}$. Both are in the training set,
# before anything has been computed.

# %% [markdown]
# ## The steps come apart
#
# With teacher forcing, all that is fed back is known in advance:
#
# $$r_0, \quad \mathrm{onehot}(y_1), \quad \mathrm{onehot}(y_2), \quad \dots, \quad
# \mathrm{onehot}(y_{T-1})$$
#
# No step has to wait for another. The $T$ steps of a sequence are $T$ separate training cases, just
# as the $N$ sequences of a batch are, and all of them can be computed at once. The last label,
# $y_T$, is fed to no step: there is no step $T+1$.

# %% [markdown]
# ### Exercise 2: the teacher-forced pass (4 points)
#
# *About 25 minutes. Essential.*
#
# Write `teacher_forced(x, y, r0, params)` **without a loop over time**: put the fed-back
# distributions of all steps into one array `(T, N, K)`, then compute all $h_t$ with one formula,
# and all $o_t$ with another. The operator `@` takes arrays with more than two axes:
# `(T, N, D) @ (D, H)` is `(T, N, H)`.
#
# A loop that gives the right values earns all but the point of the test that measures it.


# %%
def teacher_forced(x, y, r0, params):
    """Run the network on the true labels of the steps before, all steps at once.

    a_t = b + W r_{t-1} + U x_t,  h_t = tanh(a_t),  o_t = c + V h_t, with r_t = onehot(y_t)
    (section 10.2.1 of the book).

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs.
    y : ndarray of int, shape (T, N)
        Labels, from 0 to K - 1.
    r0 : ndarray, shape (N, K)
        What the first step is fed with.
    params : dict
        Arrays U (H, D), W (H, K), V (K, H), b (H,), c (K,).

    Returns
    -------
    h : ndarray, shape (T, N, H)
        Hidden units.
    o : ndarray, shape (T, N, K)
        Outputs.

    Examples
    --------
    One hidden unit, which adds 0.5 for class 0 and subtracts it for class 1.

    >>> params = {"U": np.array([[1.0]]), "W": np.array([[0.5, -0.5]]), "b": np.zeros(1),
    ...           "V": np.array([[1.0], [-1.0]]), "c": np.zeros(2)}
    >>> x, y, r0 = np.zeros((3, 1, 1)), np.array([[1], [0], [1]]), np.array([[1.0, 0.0]])
    >>> h, o = teacher_forced(x, y, r0, params)
    >>> h[:, 0, 0].round(2)
    array([ 0.46, -0.46,  0.46])
    """
    ### BEGIN SOLUTION
    U, W, V, b, c = (params[name] for name in "UWVbc")
    fed = np.concatenate([r0[None], one_hot(y[:-1], len(c))])  # (T, N, K)
    h = np.tanh(b + fed @ W.T + x @ U.T)  # (T, N, H)
    o = c + h @ V.T  # (T, N, K)
    return h, o
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(teacher_forced)

# %% [markdown]
# ### Exercise 3: the likelihood (2 points)
#
# *About 10 minutes. Essential.*
#
# Write `log_likelihood(x, y, r0, params)`: the logarithm of the probability that the network gives
# to each sequence of labels,
#
# $$\log p(y_1, \dots, y_T \mid x_1, \dots, x_T) = \sum_{t=1}^{T} \log \hat y_{t,\,y_t}, \qquad
# \hat y_t = \mathrm{softmax}(o_t) \text{ with the truth fed back.}$$
#
# It is one number for each sequence. Their mean with the sign changed is the loss, so to maximise
# the one is to minimise the other. A label can be so improbable that its probability rounds to 0,
# while the logarithm is an ordinary number: use the given `log_softmax`.


# %%
def log_likelihood(x, y, r0, params):
    """Give the log-probability of each sequence of labels, given its inputs.

    log p(y_1 ... y_T | x_1 ... x_T) = sum_t log p(y_t | y_1 ... y_{t-1}, x_1 ... x_t)
    (equations 10.15 and 10.16 of the book, for T steps), with the labels fed back.

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs.
    y : ndarray of int, shape (T, N)
        Labels, from 0 to K - 1.
    r0 : ndarray, shape (N, K)
        What the first step is fed with.
    params : dict
        Arrays U (H, D), W (H, K), V (K, H), b (H,), c (K,).

    Returns
    -------
    ndarray, shape (N,)
        Log-probabilities, in nats.

    Examples
    --------
    A network that has learned nothing gives each of 4 classes the probability 1/4.

    >>> params = {"U": np.zeros((2, 1)), "W": np.zeros((2, 4)), "b": np.zeros(2),
    ...           "V": np.zeros((4, 2)), "c": np.zeros(4)}
    >>> y = np.array([[2], [0], [3]])
    >>> log_p = log_likelihood(np.zeros((3, 1, 1)), y, np.zeros((1, 4)), params)
    >>> np.exp(log_p) * 4**3
    array([1.])
    """
    ### BEGIN SOLUTION
    _, o = teacher_forced(x, y, r0, params)
    log_yhat = log_softmax(o)  # (T, N, K)
    log_p = np.take_along_axis(log_yhat, y[..., None], axis=-1)  # (T, N, 1)
    return log_p.sum(axis=(0, 2))
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(log_likelihood)

# %% [markdown]
# ## A gradient that does not go back through time
#
# In homework 4 the gradient at $h_t$ had two parts: one from the loss of step $t$, one from step
# $t+1$. Here the second part is gone. Nothing leads from $h_t$ or $o_t$ to step $t+1$; what is fed
# back is a label, and a label does not depend on the parameters. What remains is a network without
# recurrence, at each step:
#
# $$\nabla_{o_t} L = \tfrac1N \left(\hat y_t - \mathrm{onehot}(y_t)\right), \qquad
# \nabla_{a_t} L = \mathrm{diag}\!\left(1 - h_t^2\right) V^\top\, \nabla_{o_t} L$$

# %% [markdown]
# The parameters are shared by all steps, so their gradients are sums over the steps (and over the
# sequences of the batch, left out here):
#
# $$\nabla_V L = \sum_t (\nabla_{o_t} L)\, h_t^\top, \quad
# \nabla_W L = \sum_t (\nabla_{a_t} L)\, r_{t-1}^\top, \quad
# \nabla_U L = \sum_t (\nabla_{a_t} L)\, x_t^\top, \quad
# \nabla_b L = \sum_t \nabla_{a_t} L, \quad
# \nabla_c L = \sum_t \nabla_{o_t} L$$

# %% [markdown]
# ### Exercise 4: the teacher-forced gradient (3 points)
#
# *About 25 minutes. Essential.*
#
# Write `teacher_forced_gradient(x, y, r0, params)`. It returns the loss and a dict with the
# gradients under the keys `U`, `V`, `W`, `b` and `c`; the check calls them `dU`, `dV`, … The given
# `sequence_loss(o, y)` is the loss, and `sequence_loss_gradient(o, y)` is $\nabla_{o_t} L$ for all
# steps, with the $1/N$ in it. Nothing is carried from step to step, so no loop is needed here
# either. To sum over steps and sequences at once, `np.einsum` or `np.tensordot` will do; so will a
# reshape to two axes and `@`.


# %%
def teacher_forced_gradient(x, y, r0, params):
    """Compute the teacher-forced loss and its gradient; the steps are independent.

    da_t = (1 - h_t^2) * (V^T do_t), with do_t = dL/do_t and da_t = dL/da_t. Sums over steps and
    sequences: dU of da_t x_t^T, dW of da_t r_{t-1}^T, dV of do_t h_t^T, db of da_t, dc of do_t.

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs.
    y : ndarray of int, shape (T, N)
        Labels, from 0 to K - 1.
    r0 : ndarray, shape (N, K)
        What the first step is fed with.
    params : dict
        Arrays U (H, D), W (H, K), V (K, H), b (H,), c (K,).

    Returns
    -------
    loss : float
        Negative log-likelihood, summed over time and averaged over the batch.
    grads : dict
        Its gradients, under the same names and of the same shapes as params.

    Examples
    --------
    With all weights zero, the prediction is uniform: 1/2 for each of two classes, at each step.

    >>> params = {"U": np.zeros((1, 1)), "W": np.zeros((1, 2)), "b": np.zeros(1),
    ...           "V": np.zeros((2, 1)), "c": np.zeros(2)}
    >>> x, y, r0 = np.zeros((3, 1, 1)), np.array([[1], [1], [1]]), np.zeros((1, 2))
    >>> loss, grads = teacher_forced_gradient(x, y, r0, params)
    >>> grads["c"]
    array([ 1.5, -1.5])
    """
    ### BEGIN SOLUTION
    h, o = teacher_forced(x, y, r0, params)
    fed = np.concatenate([r0[None], one_hot(y[:-1], o.shape[-1])])  # (T, N, K)
    do = sequence_loss_gradient(o, y)  # (T, N, K)
    da = (1.0 - h**2) * (do @ params["V"])  # (T, N, H)
    steps = ([0, 1], [0, 1])  # sum over time and batch
    grads = {
        "U": np.tensordot(da, x, steps),
        "V": np.tensordot(do, h, steps),
        "W": np.tensordot(da, fed, steps),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
    }
    return sequence_loss(o, y), grads
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(teacher_forced_gradient)

# %% [markdown]
# ## When back-propagation through time is needed all the same
#
# Teacher forcing replaces what comes *from the outputs*. It does so for any model with connections
# from outputs to the next step. But it cuts the chain through time only if these are the only ones.
#
# - A model may have hidden-to-hidden connections **as well**. Its labels are fed back too, by the
#   same argument of maximum likelihood. Yet its $h_t$ is a function of $h_{t-1}$, and so of all
#   earlier steps, and the gradient has to go back through them. Such models are trained with
#   teacher forcing *and* back-propagation through time. You have trained one: the word model of
#   homework 4, whose input was the letter before, $x_t = y_{t-1}$.
# - A network may be trained on **its own predictions**. Then $r_t$ depends on the parameters. That
#   is exercise 7.

# %% [markdown]
# ## Open loop
#
# ![Testing, at the steps t minus 1 and t: the input x leads by U to the hidden units h, and these
# by V to the output o. The prediction yhat, made from o, leads by W to the hidden units of the next
# step. There are no labels and no losses.](drawings.teacher_forcing_test)
#
# Once training is over, the network is used where labels are not known. The best substitute at hand
# for $y_t$ is the prediction of it:
#
# $$r_t = \mathrm{softmax}(o_t)$$
#
# The book calls this **open-loop** use: the network's outputs, or samples drawn from them, are fed
# back as its inputs. The name comes from control engineering: nothing that is observed corrects the
# network any more. Another word is **free running**.

# %% [markdown]
# Now step $t$ does need step $t-1$, and the steps must be computed one after the other.
#
# ### Exercise 5: the free-running pass (3 points)
#
# *About 15 minutes. Essential.*
#
# Write `free_running(x, r0, params)`: the same network, each step fed with the `softmax` (the given
# one) of the outputs of the step before, the first with `r0`.


# %%
def free_running(x, r0, params):
    """Run the network on its own predictions, one step after the other.

    a_t = b + W r_{t-1} + U x_t,  h_t = tanh(a_t),  o_t = c + V h_t, with r_t = softmax(o_t)
    (open loop, section 10.2.1 of the book).

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
    h : ndarray, shape (T, N, H)
        Hidden units.
    o : ndarray, shape (T, N, K)
        Outputs.

    Examples
    --------
    The network of `teacher_forced` above: what it feeds back is not certain, so h fades.

    >>> params = {"U": np.array([[1.0]]), "W": np.array([[0.5, -0.5]]), "b": np.zeros(1),
    ...           "V": np.array([[1.0], [-1.0]]), "c": np.zeros(2)}
    >>> h, o = free_running(np.zeros((3, 1, 1)), np.array([[1.0, 0.0]]), params)
    >>> h[:, 0, 0].round(2)
    array([0.46, 0.21, 0.1 ])
    """
    ### BEGIN SOLUTION
    U, W, V, b, c = (params[name] for name in "UWVbc")
    T, N, _ = x.shape
    h, o = np.empty((T, N, len(b))), np.empty((T, N, len(c)))
    r = r0
    for t in range(T):
        h[t] = np.tanh(b + r @ W.T + x[t] @ U.T)
        o[t] = c + h[t] @ V.T
        r = softmax(o[t])
    return h, o
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(free_running)

# %% [markdown]
# ## Demonstration: all steps at once, or one by one
#
# Both passes do about the same arithmetic, $O(T)$ of it. How long do they take?

# %% tags=["active-ipynb"]
# from time import perf_counter
#
#
# def random_params(D, H, K, rng):
#     """Draw small random parameters: a sum over n inputs has weights of size 1 / sqrt(n)."""
#     return {
#         "U": rng.normal(size=(H, D)) / np.sqrt(D),
#         "W": rng.normal(size=(H, K)) / np.sqrt(K),
#         "V": rng.normal(size=(K, H)) / np.sqrt(H),
#         "b": np.zeros(H),
#         "c": np.zeros(K),
#     }
#
#
# def seconds(run, *args):
#     """Time a call: the best of three."""
#     times = []
#     for _ in range(3):
#         start = perf_counter()
#         run(*args)
#         times.append(perf_counter() - start)
#     return min(times)

# %% tags=["active-ipynb", "folded"]
# def plot_times():
#     """Draw the time of both passes against the number of steps."""
#     plt.loglog(lengths, in_turn, "s--", color="C1", label="free running: one by one")
#     plt.loglog(lengths, at_once, "o-", color="C0", label="teacher-forced: all at once")
#     plt.title("Time of a forward pass")
#     plt.xlabel("number of steps $T$")
#     plt.ylabel("time (ms)")
#     plt.legend()

# %% tags=["active-ipynb"]
# with needs(one_hot, teacher_forced, free_running):
#     rng = np.random.default_rng(0)
#     N, D, H, K = 4, 8, 32, 10
#     params, r0 = random_params(D, H, K, rng), np.full((N, K), 1 / K)
#     lengths = 4 ** np.arange(7)
#     at_once, in_turn = [], []
#     for T in lengths:
#         x, y = rng.normal(size=(T, N, D)), rng.integers(K, size=(T, N))
#         at_once.append(1e3 * seconds(teacher_forced, x, y, r0, params))
#         in_turn.append(1e3 * seconds(free_running, x, r0, params))
#     plot_times()
#     plt.show()
#     print(f"At T = {T}: {at_once[-1]:.1f} ms at once, {in_turn[-1]:.1f} ms one by one.")

# %% [markdown]
# Both grow with $T$, as they must. What lies between the lines is what it costs to take the steps
# one by one: here mostly the price of a Python loop over small arrays, which would not show in a
# large network on a single core. Hardware that computes thousands of things side by side can work
# on all steps of the one pass together, but on one step at a time of the other. (If the two lines
# lie together, there is a loop in your `teacher_forced`.)

# %% [markdown]
# ### Exercise 6: two modes (2 points)
#
# *About 5 minutes. Useful.*
#
# One network, two ways to run it. Libraries give a layer a *train mode* and a *test mode* for such
# cases. Write `forward(x, r0, params, y=None, training=False)`:
#
# - in train mode it is teacher-forced, and needs the labels: without them it raises a `ValueError`
#   that says so;
# - in test mode it runs freely and ignores `y`, even if there is one. Otherwise labels would leak
#   into a result that claims to do without them, a mistake that makes a model look better than it
#   is.


# %%
def forward(x, r0, params, y=None, training=False):
    """Run the network in train mode or in test mode.

    In train mode r_t = onehot(y_t), in test mode r_t = softmax(o_t) (the two halves of figure 10.6
    of the book).

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs.
    r0 : ndarray, shape (N, K)
        What the first step is fed with.
    params : dict
        Arrays U (H, D), W (H, K), V (K, H), b (H,), c (K,).
    y : ndarray of int, shape (T, N), optional
        Labels, needed in train mode, ignored in test mode.
    training : bool, optional
        Whether the truth is fed back.

    Returns
    -------
    h : ndarray, shape (T, N, H)
        Hidden units.
    o : ndarray, shape (T, N, K)
        Outputs.

    Raises
    ------
    ValueError
        In train mode, if there are no labels.

    Examples
    --------
    >>> params = {"U": np.array([[1.0]]), "W": np.array([[0.5, -0.5]]), "b": np.zeros(1),
    ...           "V": np.array([[1.0], [-1.0]]), "c": np.zeros(2)}
    >>> x, y, r0 = np.zeros((3, 1, 1)), np.array([[1], [0], [1]]), np.array([[1.0, 0.0]])
    >>> h, o = forward(x, r0, params, y, training=True)
    >>> h[:, 0, 0].round(2)
    array([ 0.46, -0.46,  0.46])
    >>> h, o = forward(x, r0, params, y)
    >>> h[:, 0, 0].round(2)
    array([0.46, 0.21, 0.1 ])
    """
    ### BEGIN SOLUTION
    if not training:
        return free_running(x, r0, params)
    if y is None:
        raise ValueError("train mode feeds the labels back: it needs y")
    return teacher_forced(x, y, r0, params)
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(forward)

# %% [markdown]
# ## What goes wrong in open loop
#
# A teacher-forced network has met only $K$ different vectors $r$ in training, the one-hot ones.
# They are the corners of the set of all distributions over $K$ classes. In open loop it is fed with
# points from the inside of that set, such as $(0.4,\, 0.35,\, 0.25)$. Nothing in training told it
# what to do with those.
#
# This is a mismatch between training and test, often called **exposure bias**: the network was
# never exposed to its own predictions. And it feeds itself. A somewhat wrong $r_t$ makes for a
# worse prediction $\hat y_{t+1}$, which is $r_{t+1}$, and so on: the error can grow with every
# step.

# %% [markdown]
# The mismatch has a second face. The network answers the question of its training well: what comes
# next, *if the last label was this one*? In open loop the question is another one: what comes next,
# if the last label is *not known*, and only a distribution over it is? The right answer would
# average the predictions over that distribution. The network instead predicts from the averaged
# input, and a nonlinear function of an average is not the average of the function.

# %% [markdown]
# ## Demonstration: alone with its own predictions
#
# The yearly mean sunspot numbers from 1700 to 2008 go up and down in cycles of about eleven years.
# (They were compiled by the SIDC at the Royal Observatory of Belgium, and are in the public
# domain.) Cut them into six levels that are equally frequent, and predict the level of each of the
# next 22 years.
#
# What is known at the start are the levels of two years. The later one is $r_0$, the other one is
# the input of the first step. All further inputs are zero: from then on, whatever the network knows
# of the past must pass through what is fed back. The years to 1930 are for training, by teacher
# forcing, the later ones are held out. **Guess first:** a uniform guess among six levels loses
# $\log 6 \approx 1.8$ at each step. What does this network lose five years ahead, in test mode?

# %% tags=["active-ipynb"]
# from functools import cache
#
#
# def by_teacher(x, y, r0, params, left, rng):
#     """Return loss and gradient with the truth fed back, whatever is left of the training."""
#     return teacher_forced_gradient(x, y, r0, params)
#
#
# def train(gradient, x, y, r0, H, updates, seed=0, size=32, rate=0.01):
#     """Train on random batches with Adam, as in homework 4, at a rate that falls to zero."""
#     rng = np.random.default_rng(seed)
#     params = random_params(x.shape[-1], H, r0.shape[-1], rng)
#     mean = {key: np.zeros_like(value) for key, value in params.items()}
#     square = {key: np.zeros_like(value) for key, value in params.items()}
#     for update in range(1, updates + 1):
#         left = 1 - update / updates  # falls from 1 to 0
#         n = rng.integers(x.shape[1], size=size)
#         _, grads = gradient(x[:, n], y[:, n], r0[n], params, left, rng)
#         for key, g in grads.items():
#             mean[key] = 0.9 * mean[key] + 0.1 * g
#             square[key] = 0.999 * square[key] + 0.001 * g**2
#             m, s = mean[key] / (1 - 0.9**update), square[key] / (1 - 0.999**update)
#             params[key] = params[key] - rate * left * m / (np.sqrt(s) + 1e-8)
#     return params
#
#
# def loss_of_each_step(o, y):
#     """Return the negative log-probability of the right classes, of shape (T, N)."""
#     return -np.take_along_axis(log_softmax(o), y[..., None], axis=-1)[..., 0]

# %% tags=["active-ipynb"]
# years, counts = datasets.sunspots()
# T, K = 22, 6
# early = years <= 1930
# level = np.digitize(counts, np.quantile(counts[early], np.arange(1, K) / K))  # 0 to 5
# spans = np.lib.stride_tricks.sliding_window_view(level, T + 2).T  # (T + 2, N), one per first year
# first_year, last_year = years[: -(T + 1)], years[T + 1 :]
#
# sun_x = np.zeros((T, spans.shape[1], K))
# sun_x[0] = np.eye(K)[spans[0]]
# sun_r0, sun_y = np.eye(K)[spans[1]], spans[2:]
# known, later = last_year <= 1930, first_year > 1930
# print(f"{known.sum()} spans of {T} years to train on, {later.sum()} held out; they overlap.")
# known_spans = sun_x[:, known], sun_y[:, known], sun_r0[known]
# later_spans = sun_x[:, later], sun_y[:, later], sun_r0[later]
#
#
# @cache  # once for each gradient
# def forecaster(gradient):
#     """Train a network on the sunspot levels."""
#     return train(gradient, *known_spans, H=24, updates=1500)

# %% tags=["active-ipynb", "folded"]
# def plot_alone(losses, guess):
#     """Draw the loss at each step, in both modes."""
#     for (mode, loss), style in zip(losses.items(), ("o-", "s--"), strict=True):
#         plt.plot(np.arange(1, T + 1), loss, style, label=mode)
#     plt.axhline(np.log(K), color="0.4", linestyle=":", label="log 6: a uniform guess")
#     if guess is not None:
#         plt.plot(5, guess, "*", color="C3", markersize=14, label="your guess")
#     plt.title("Trained by teacher forcing")
#     plt.xlabel("step (years ahead)")
#     plt.ylabel("loss on held-out years (nats per step)")
#     plt.ylim(0, 5.2)
#     plt.legend(loc="upper right", ncols=2)

# %% tags=["active-ipynb"]
# guess = None  # your guess: a loss in nats
#
# with needs(one_hot, teacher_forced, teacher_forced_gradient, free_running, forward):
#     x, y, r0 = later_spans
#     losses = {}
#     for mode, training in (("train mode", True), ("test mode", False)):
#         _, o = forward(x, r0, forecaster(by_teacher), y, training)
#         losses[mode] = loss_of_each_step(o, y).mean(axis=1)
#     plot_alone(losses, guess)
#     plt.show()

# %% [markdown]
# At the first step the two modes are the same, for all that is fed is true. After that, the network
# does not merely know less. It is worse than a uniform guess, and stays so: it is confidently
# wrong. What can be done?

# %% [markdown]
# ## Training on one's own predictions
#
# The first remedy is to train the way the network will be used: run it freely, compare its outputs
# with the labels, and follow the gradient. What is fed back now depends on the parameters, and the
# gradient has to pass through it, from the last step to the first. This is back-propagation through
# time again, with a softmax on the way.
#
# ![Free running with gradients: each output o becomes a prediction yhat, which leads to the hidden
# units of the next step. Dashed gradient arrows go back along the same ways: from the loss L to the
# output o, from the hidden units to the prediction yhat of the step before and on to its output o,
# and from each output to its hidden units.](drawings.free_running_gradients)

# %% [markdown]
# **The derivative of softmax.** From $\log \hat y_j = o_j - \log \sum_i e^{o_i}$ follows
# $\partial \log \hat y_j / \partial o_k = \mathbf 1_{j=k} - \hat y_k$, and so
#
# $$\frac{\partial \hat y_j}{\partial o_k} = \hat y_j \left(\mathbf 1_{j=k} - \hat y_k\right),
# \qquad\text{as a matrix}\qquad
# J = \mathrm{diag}(\hat y) - \hat y\, \hat y^\top .$$
#
# $J$ is symmetric. There is no need to build it, since all that is wanted is its product with a
# vector $g$:
#
# $$(J g)_k = \hat y_k \left(g_k - \hat y^\top g\right)$$
#
# The number $\hat y^\top g$ is the mean of the entries of $g$ under the distribution $\hat y$. In a
# batch there is one such number *for each row*: sum over the last axis, with `keepdims=True`.

# %% [markdown]
# **The way back.** $o_t$ acts on the loss twice: directly through $L_t$, and through
# $r_t = \mathrm{softmax}(o_t)$, which enters $a_{t+1}$ by way of $W$. From the last step to the
# first:
#
# $$\nabla_{r_t} L = W^\top\, \nabla_{a_{t+1}} L \quad (t < T), \qquad \nabla_{r_T} L = 0$$
#
# $$\nabla_{o_t} L = \tfrac1N \left(\hat y_t - \mathrm{onehot}(y_t)\right) + J_t\, \nabla_{r_t} L$$
#
# $$\nabla_{a_t} L = \mathrm{diag}\!\left(1 - h_t^2\right) V^\top\, \nabla_{o_t} L$$
#
# The gradients of the parameters are the same sums as in exercise 4, with
# $r_{t-1} = \mathrm{softmax}(o_{t-1})$ for $t \ge 2$.

# %% [markdown]
# ### Exercise 7: the free-running gradient (3 points)
#
# *About 40 minutes. Useful.*
#
# Write `free_running_gradient(x, y, r0, params)`: the loss of the free-running network, and its
# gradients. As in exercise 4, `sequence_loss_gradient` gives the first term of $\nabla_{o_t} L$.


# %%
def free_running_gradient(x, y, r0, params):
    """Compute the free-running loss and its gradient, by back-propagation through time.

    From the last step, where dr_t = 0, to the first: dr_t = W^T da_{t+1},
    do_t = (yhat_t - onehot(y_t)) / N + J_t dr_t, da_t = (1 - h_t^2) * (V^T do_t),
    with J_t = diag(yhat_t) - yhat_t yhat_t^T. The sums are those of the teacher-forced gradient.

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs.
    y : ndarray of int, shape (T, N)
        Labels, from 0 to K - 1; compared with the outputs, never fed back.
    r0 : ndarray, shape (N, K)
        What the first step is fed with.
    params : dict
        Arrays U (H, D), W (H, K), V (K, H), b (H,), c (K,).

    Returns
    -------
    loss : float
        Negative log-probability of the labels, summed over time and averaged over the batch.
    grads : dict
        Its gradients, under the same names and of the same shapes as params.

    Examples
    --------
    >>> params = {"U": np.array([[1.0]]), "W": np.array([[0.5, -0.5]]), "b": np.zeros(1),
    ...           "V": np.array([[1.0], [-1.0]]), "c": np.zeros(2)}
    >>> x, y, r0 = np.zeros((3, 1, 1)), np.array([[1], [0], [1]]), np.array([[1.0, 0.0]])
    >>> loss, grads = free_running_gradient(x, y, r0, params)
    >>> grads["b"].round(2)
    array([1.88])
    """
    ### BEGIN SOLUTION
    W, V = params["W"], params["V"]
    h, o = free_running(x, r0, params)
    yhat = softmax(o)  # (T, N, K)
    fed = np.concatenate([r0[None], yhat[:-1]])  # (T, N, K)
    do = sequence_loss_gradient(o, y)  # (T, N, K), so far from the loss of the step itself
    da = np.empty_like(h)  # (T, N, H)
    dr = np.zeros_like(r0)  # (N, K)
    for t in reversed(range(len(x))):
        mean = (yhat[t] * dr).sum(axis=-1, keepdims=True)  # (N, 1)
        do[t] += yhat[t] * (dr - mean)
        da[t] = (1.0 - h[t] ** 2) * (do[t] @ V)
        dr = da[t] @ W
    steps = ([0, 1], [0, 1])  # sum over time and batch
    grads = {
        "U": np.tensordot(da, x, steps),
        "V": np.tensordot(do, h, steps),
        "W": np.tensordot(da, fed, steps),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
    }
    return sequence_loss(o, y), grads
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(free_running_gradient)

# %% [markdown]
# What is gained is a network that has practised what it will do. What is given up:
#
# - the steps are coupled again, forwards and backwards;
# - early in training the predictions are poor, and the later steps learn from poor inputs;
# - the loss is no longer the likelihood of exercise 3. The prediction of step $t$ depends on inputs
#   alone, so the loss belongs to the model $\prod_t p(y_t \mid x_1, \dots, x_t)$, which takes the
#   labels to be independent of each other, given the inputs.

# %% [markdown]
# ## Mixing the two
#
# The book's remedy is to train with both: with the truth fed back, and with what the network
# produces when it runs freely, so that it learns to meet a target several steps after it last saw
# the truth. One way to mix is to decide anew at every step. **Scheduled sampling** (Bengio,
# Vinyals, Jaitly and Shazeer, 2015) tosses a coin for each step of each sequence. With probability
# $p$ the truth is fed back, else the prediction:
#
# $$r_{t-1} = \begin{cases} \mathrm{onehot}(y_{t-1}) & \text{if coin } t \text{ shows the truth} \\
# \mathrm{softmax}(o_{t-1}) & \text{else} \end{cases} \qquad (t \ge 2)$$
#
# ![The output o of a step becomes a prediction yhat by softmax. A coin chooses between the label y,
# with probability p, and yhat, with probability 1 minus p. What it chooses leads by W to the hidden
# units of the next step.](drawings.scheduled)

# %% [markdown]
# The *schedule* lowers $p$ from 1 to 0 during training. At first the network learns from the truth,
# as a beginner should; bit by bit it is left to itself. With $p = 1$ this is teacher forcing, with
# $p = 0$ free running.
#
# (In the paper, what is fed back instead of the truth is a label drawn from $\hat y_{t-1}$, or the
# most likely one. Here it is the whole distribution, as in test mode.)

# %% [markdown]
# ### Exercise 8: scheduled sampling (2 points)
#
# *About 20 minutes. Useful.*
#
# Write `scheduled_sampling(x, y, r0, params, p, rng)`. Draw all coins with one call,
# `coins = rng.random((T, N)) < p`, so that your coins are those of the check. `coins[t, n]` decides
# what step `t` of sequence `n` is fed with. The first step is fed with `r0`, whatever its coin
# says.


# %%
def scheduled_sampling(x, y, r0, params, p, rng):
    """Run the network on the truth or on its own predictions, as coins decide.

    Step t of sequence n is fed with onehot(y_{t-1}) where coins[t, n] is True, else with
    softmax(o_{t-1}); the first step is always fed with r0.

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs.
    y : ndarray of int, shape (T, N)
        Labels, from 0 to K - 1.
    r0 : ndarray, shape (N, K)
        What the first step is fed with.
    params : dict
        Arrays U (H, D), W (H, K), V (K, H), b (H,), c (K,).
    p : float
        Probability of the truth, from 0 to 1.
    rng : numpy.random.Generator
        Tosses the coins.

    Returns
    -------
    h : ndarray, shape (T, N, H)
        Hidden units.
    o : ndarray, shape (T, N, K)
        Outputs.
    coins : ndarray of bool, shape (T, N)
        True where the truth is fed; rng.random((T, N)) < p.

    Examples
    --------
    The coin of the second step shows the truth, that of the third does not.

    >>> params = {"U": np.array([[1.0]]), "W": np.array([[0.5, -0.5]]), "b": np.zeros(1),
    ...           "V": np.array([[1.0], [-1.0]]), "c": np.zeros(2)}
    >>> x, y, r0 = np.zeros((3, 1, 1)), np.array([[1], [0], [1]]), np.array([[1.0, 0.0]])
    >>> h, o, coins = scheduled_sampling(x, y, r0, params, 0.5, np.random.default_rng(2))
    >>> coins[:, 0]
    array([ True,  True, False])
    >>> h[:, 0, 0].round(2)
    array([ 0.46, -0.46, -0.21])
    """
    ### BEGIN SOLUTION
    U, W, V, b, c = (params[name] for name in "UWVbc")
    T, N, _ = x.shape
    coins = rng.random((T, N)) < p
    truth = one_hot(y, len(c))  # (T, N, K)
    h, o = np.empty((T, N, len(b))), np.empty((T, N, len(c)))
    r = r0
    for t in range(T):
        if t > 0:
            r = np.where(coins[t][:, None], truth[t - 1], softmax(o[t - 1]))
        h[t] = np.tanh(b + r @ W.T + x[t] @ U.T)
        o[t] = c + h[t] @ V.T
    return h, o, coins
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(scheduled_sampling)

# %% [markdown]
# ## Demonstration: training in three ways
#
# To train by scheduled sampling, a gradient is needed, and there is a choice to make. The
# predictions that were fed back depend on the parameters. One may follow that dependence back
# through time, wherever the coin chose a prediction. Or one may, as the paper did, **hold the
# fed-back values fixed**, as if they were data.
#
# Here they are held fixed. That makes them ordinary inputs: $W r_{t-1} + U x_t$ is one matrix
# $[\,U\; W\,]$ times the two vectors put together. So your decoupled gradient of exercise 4 does
# the work: give it the longer inputs and the wider $U$, and nothing through $W$. The network and
# the training are those of the sunspots above.

# %% tags=["active-ipynb"]
# def scheduled_gradient(x, y, r0, params, p, rng):
#     """Compute loss and gradient of one scheduled run, with all that was fed back held fixed."""
#     (T, N, D), K = x.shape, r0.shape[1]
#     _, o, coins = scheduled_sampling(x, y, r0, params, p, rng)
#     fed = np.zeros((T, N, K))
#     fed[0], fed[1:] = r0, softmax(o[:-1])
#     truth = coins[1:]
#     fed[1:][truth] = one_hot(y[:-1], K)[truth]
#     wide = {**params, "U": np.hstack([params["U"], params["W"]]), "W": 0 * params["W"]}
#     loss, grads = teacher_forced_gradient(np.concatenate([x, fed], axis=-1), y, 0 * r0, wide)
#     return loss, {**grads, "U": grads["U"][:, :D], "W": grads["U"][:, D:]}
#
#
# def by_itself(x, y, r0, params, left, rng):
#     """Return loss and gradient with the predictions fed back."""
#     return free_running_gradient(x, y, r0, params)
#
#
# GRADIENTS = {
#     "teacher forcing": by_teacher,
#     "scheduled sampling": scheduled_gradient,  # p is what is left of the training, from 1 to 0
#     "free running": by_itself,
# }
# TRAINING = (one_hot, teacher_forced, teacher_forced_gradient, free_running, free_running_gradient)
# TRAINING += (scheduled_sampling, forward)  # what the demonstrations below call
# WAYS = {  # of training, and how each is drawn
#     "teacher forcing": {"color": "C1", "marker": "s", "linestyle": "--"},
#     "scheduled sampling": {"color": "C2", "marker": "^", "linestyle": "-."},
#     "free running": {"color": "C0", "marker": "o", "linestyle": "-"},
# }

# %% [markdown]
# ## Demonstration: words typed on telephone keys
#
# On the keys of a telephone, `2` stands for a, b or c, `3` for d, e or f, and so on to `9`. Given
# the keys of a word, which word was it? The input $x_t$ is the key, the label $y_t$ the letter. The
# letter before helps: after `q`, the key `8` is a `u` and no `t` or `v`.
#
# The words are the common English ones of SCOWL, the word lists by Kevin Atkinson that Debian's
# dictionaries are made of (free to use with their notice, which comes with the data). They are
# filled up with blanks to ten letters. Four fifths are for training, the others are held out. Three
# networks are trained, alike but for what is fed back. Each is then run in both modes on the
# held-out words. **Guess first:** the network that was trained by teacher forcing, in test mode: of
# 100 letters, how many does it get right?

# %% tags=["active-ipynb"]
# letters = " abcdefghijklmnopqrstuvwxyz"
# keys = np.array([0, *map(int, "22233344455566677778889999")])  # of each letter; 0 is the blank
#
# words = np.random.default_rng(0).permutation(datasets.words())
# words_y = np.array([[letters.index(letter) for letter in word.ljust(10)] for word in words]).T
# words_x = np.eye(10)[keys[words_y]]  # (T, N, D): 10 steps, 10 keys
# words_r0 = np.zeros((len(words), 27))
# words_r0[:, 0] = 1.0  # before a word, there is a blank
# known = np.arange(len(words)) < 0.8 * len(words)
# print(f"{np.sum(known)} words to train on, {np.sum(~known)} held out.")
# known_words = words_x[:, known], words_y[:, known], words_r0[known]
# new_words = words_x[:, ~known], words_y[:, ~known], words_r0[~known]
#
#
# @cache  # once for each way
# def typist(way):
#     """Train a network on the words."""
#     return train(GRADIENTS[way], *known_words, H=32, updates=1500)

# %% tags=["active-ipynb"]
# guess = None  # your guess: how many of 100
#
# with needs(*TRAINING):
#     typists = {way: typist(way) for way in WAYS}
#
#     x, y, r0 = new_words
#     is_letter = y > 0
#     print("Loss per held-out word (nats), and share of letters right\n")
#     print(f"{'trained by':<20} {'in train mode':>20} {'in test mode':>20}")
#     for way, params in typists.items():
#         row = f"{way:<20}"
#         for training in (True, False):
#             _, o = forward(x, r0, params, y, training)
#             right = np.mean(o.argmax(axis=-1)[is_letter] == y[is_letter])
#             loss = loss_of_each_step(o, y).sum(axis=0).mean()
#             row += f" {loss:>12.2f} {right:>7.1%}"
#         print(row)
#     if guess is not None:
#         print(f"\nYour guess for teacher forcing in test mode: {guess}%")

# %% [markdown]
# In either mode, the network that was trained in it has the lowest loss. Teacher forcing does best
# while the truth is fed, and loses most when it is taken away. Free running is the reverse: it has
# never seen a true letter at its input, and is worse off with one. Scheduled sampling lies between
# them in both columns. It gains much in test mode and pays little in train mode.

# %% [markdown]
# ### Feeding back a letter instead of a distribution
#
# There is another way to use a teacher-forced network. **Draw** a letter from $\hat y_t$ and feed
# back its one-hot code, as if it were the truth. Then the network gets inputs of the kind that it
# was trained on, and a whole word is drawn with just the probability of exercise 3. So draw fifty
# spellings of the same keys, and keep the one with the highest `log_likelihood`. (The very best can
# be found exactly, since each step sees no more of the past than one letter: that is the Viterbi
# algorithm, in homework 7. Drawing works for any network.)

# %% tags=["active-ipynb"]
# def draw_letters(x, r0, params, rng):
#     """Draw one sequence of labels for each sequence of inputs, letter by letter."""
#     y, r = [], r0
#     for x_t in x:
#         _, o = free_running(x_t[None], r, params)  # a single step
#         noise = rng.gumbel(size=r.shape)  # argmax(o + noise) is a draw from softmax(o)
#         y.append(np.argmax(o[0] + noise, axis=-1))
#         r = one_hot(y[-1], r.shape[1])
#     return np.array(y)
#
#
# def spell(y):
#     """Turn labels (T, N) into words."""
#     return ["".join(letters[label] for label in column).strip() for column in y.T]

# %% tags=["active-ipynb", "folded"]
# def print_spellings():
#     """Print the first ten words that just one of the two ways spells right."""
#     one, two = best, guesses["teacher forcing, test mode"]
#     shown = np.flatnonzero((one == y).all(axis=0) != (two == y).all(axis=0))[:10]
#     print("Ten words that one of the two gets right:")
#     print(f"{'keys':<12}{'word':<12}{'best of 50 drawn':<20}teacher forcing, test mode")
#     for word, *found in zip(*(spell(each[:, shown]) for each in (y, one, two)), strict=True):
#         typed = "".join(str(keys[letters.index(letter)]) for letter in word)
#         print(f"{typed:<12}{word:<12}{found[0]:<20}{found[1]}")

# %% tags=["active-ipynb"]
# with needs(*TRAINING, log_likelihood):
#     x, y, r0 = new_words
#     params, rng = typist("teacher forcing"), np.random.default_rng(0)
#     best, best_log_p = np.zeros_like(y), np.full(y.shape[1], -np.inf)
#     for _ in range(50):
#         drawn = draw_letters(x, r0, params, rng)
#         log_p = log_likelihood(x, drawn, r0, params)
#         better = log_p > best_log_p
#         best[:, better], best_log_p[better] = drawn[:, better], log_p[better]
#
#     guesses = {"best of 50 drawn": best}
#     for way in WAYS:
#         _, o = forward(x, r0, typist(way))
#         guesses[f"{way}, test mode"] = o.argmax(axis=-1)
#
#     print_spellings()
#     print(f"\n{'':<31}{'words right':>12}{'letters right':>15}")
#     for name, guess in guesses.items():
#         right = guess == y
#         print(f"{name:<31}{np.mean(right.all(axis=0)):>12.1%}{np.mean(right[y > 0]):>15.1%}")

# %% [markdown]
# Letter for letter, the drawn words are no better than the others. But more of them are right *as a
# whole*. In test mode each letter is the best guess for its own place, and need not fit the one
# before it; in a word that is drawn, each letter has been chosen in the light of the one before.
# What the likelihood of a sequence speaks about is the whole sequence.
#
# Still, seven words out of eight are wrong. All that this network knows of a word, at each step, is
# one letter and one key.

# %% [markdown]
# ## Demonstration: how the error grows
#
# Each step of a word brings a new key, which puts a straying network right again. The sunspots
# bring no such help. The same 22 years ahead as before, for all three ways of training.

# %% tags=["active-ipynb"]
# with needs(*TRAINING):
#     forecasters = {way: forecaster(GRADIENTS[way]) for way in WAYS}
#
#     x, y, r0 = later_spans
#     _, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True)
#     for axis, training in zip(axes, (True, False), strict=True):
#         for way, style in WAYS.items():
#             _, o = forward(x, r0, forecasters[way], y, training)
#             loss = loss_of_each_step(o, y).mean(axis=1)
#             axis.plot(np.arange(1, T + 1), loss, label=f"trained by {way}", **style)
#             mode = "train" if training else "test"
#             print(f"{way:<20} {mode} mode: {loss[0]:.2f} at step 1, {loss[1:].mean():.2f} later")
#         axis.axhline(np.log(K), color="0.4", linestyle=":", label="log 6: a uniform guess")
#         axis.set_xlabel("step (years ahead)")
#     axes[0].set_title("train mode: the truth is fed back")
#     axes[1].set_title("test mode: the prediction is fed back")
#     axes[0].set_ylabel("loss on held-out years (nats per step)")
#     axes[0].legend()
#     plt.show()

# %% [markdown]
# In train mode, teacher forcing and scheduled sampling are alike, and best. In test mode the three
# go different ways:
#
# - **Teacher forcing** is at its best at the first step, where all that it is fed is true. Five
#   years on its loss is about 4, more than twice that of a uniform guess.
# - **Scheduled sampling** starts equally well, and within four years does no better than a uniform
#   guess. It has learned that after some years of its own predictions it knows next to nothing, and
#   says so. Its gradient held fixed what was fed back, so nothing ever asked a step to put into its
#   prediction what later steps could use.
# - **Free running** stays below the uniform guess, 22 years ahead. Its gradient went through what
#   was fed back, from the last step to the first. So it could learn to keep the time of the cycle
#   in the only place that leads to the future: the predicted probabilities. The price is paid at
#   the first step, where it is the worst of the three.
#
# (The held-out spans overlap: they come from 78 years, some seven cycles. Trust the shapes of these
# curves, not the second decimal.)

# %% tags=["active-ipynb"]
# with needs(*TRAINING):
#     forecasters = {way: forecaster(GRADIENTS[way]) for way in WAYS}
#
#     x, y, r0 = later_spans
#     n = int(np.flatnonzero(first_year[later] == 1974)[0])
#     coming = first_year[later][n] + 2 + np.arange(T)
#     _, axes = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True)
#     for axis, (way, params) in zip(axes, forecasters.items(), strict=True):
#         _, o = forward(x, r0, params)
#         yhat = softmax(o[:, n])  # (T, K)
#         picture = axis.pcolormesh(coming, range(K), yhat.T, cmap="Blues", vmin=0, vmax=0.6)
#         axis.plot(coming, y[:, n], "o", color="C1")
#         axis.set_title(f"trained by {way}")
#         axis.set_xlabel("year")
#     axes[0].set_ylabel("sunspot level (dots: what came)")
#     plt.colorbar(picture, ax=axes, label="probability", extend="max")
#     plt.show()

# %% [markdown]
# One of the held-out spans, as each network predicts it in open loop. The first creeps from one
# level to the next, far too slowly. The second soon spreads its bets evenly. The third has a cycle
# of its own, about as long as the sun's: it can be off by a year or two, but it does not lose the
# beat.

# %% [markdown]
# ## Demonstration: between the two modes
#
# Train mode always feeds the truth, test mode never does. Your `scheduled_sampling` can do either,
# and all that lies between: $p$ is the probability that the truth is fed. First the teacher-forced
# network alone, for five values of $p$.

# %% tags=["active-ipynb", "folded"]
# def plot_between(p):
#     """Draw the losses of all three networks, and one span as the teacher-forced one sees it."""
#     fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
#     for way, style in WAYS.items():
#         left.plot(np.arange(1, T + 1), loss_at(p, forecasters[way]), label=way, **style)
#     left.axhline(np.log(K), color="0.4", linestyle=":", label="log 6: a uniform guess")
#     left.set(title=f"The truth is fed back with probability $p = {p:.1f}$", ylim=(0.8, 4.5))
#     left.set(xlabel="step (years ahead)", ylabel="loss on held-out years (nats per step)")
#     left.legend(loc="upper right")
#     x, y, r0 = later_spans
#     x, y, r0 = x[:, [n]], y[:, [n]], r0[[n]]
#     rng = np.random.default_rng(0)
#     _, o, coins = scheduled_sampling(x, y, r0, forecasters["teacher forcing"], p, rng)
#     right.pcolormesh(coming, range(K), softmax(o[:, 0]).T, cmap="Blues", vmin=0, vmax=0.6)
#     right.plot(coming, y[:, 0], "o", color="C1", label="what came")
#     told = coins[1:, 0]  # the level of a year is fed to the next one
#     right.plot(coming[:-1][told], y[:-1, 0][told], "o", color="C3", ms=9, mfc="none",
#                label="and is fed back")
#     right.set(title="One span, teacher forcing", xlabel="year", ylabel="sunspot level")
#     right.set(xticks=range(1980, 2000, 5), ylim=(-0.5, 6.4))
#     right.legend(loc="upper center", ncols=2)

# %% tags=["active-ipynb"]
# def loss_at(p, params):
#     """Return the loss at each step (T,) where the truth is fed back with probability p."""
#     x, y, r0 = later_spans
#     _, o, _ = scheduled_sampling(x, y, r0, params, p, np.random.default_rng(0))
#     return loss_of_each_step(o, y).mean(axis=1)
#
#
# with needs(*TRAINING):
#     for p, marker in zip((0.0, 0.5, 0.8, 0.9, 1.0), "osD^v", strict=True):
#         plt.plot(np.arange(1, T + 1), loss_at(p, forecaster(by_teacher)),
#                  marker=marker, label=f"$p = {p}$")
#     plt.axhline(np.log(K), color="0.4", linestyle=":", label="log 6: a uniform guess")
#     plt.title("Trained by teacher forcing")
#     plt.xlabel("step (years ahead)")
#     plt.ylabel("loss on held-out years (nats per step)")
#     plt.ylim(top=5.2)
#     plt.legend(loc="upper center", ncols=3)
#     plt.show()

# %% [markdown]
# With the truth at every second step, this network still does worse than a uniform guess. It takes
# four true levels out of five to keep it on the track.
#
# Now all three networks, the span of 1974 beside them, and a slider for $p$. (Without a running
# notebook there is no slider: the curves of "how the error grows" are those of its two ends.)

# %% tags=["active-ipynb"]
# with needs(*TRAINING):
#     forecasters = {way: forecaster(GRADIENTS[way]) for way in WAYS}
#
#     @slide(p=[k / 10 for k in range(11)])
#     def between_the_modes(p=1.0):
#         plot_between(p)

# %% [markdown]
# ## How am I doing?

# %% tags=["active-ipynb"]
# progress()

# %% [markdown]
# ## What you have learned
#
# - Maximum likelihood of a sequence of labels, split into steps, conditions each step on the *true*
#   labels before it. Feeding them back is teacher forcing.
# - Without hidden-to-hidden connections the steps then are independent: one pass computes them all,
#   and no gradient goes back through time. With such connections, or with predictions fed back,
#   back-propagation through time is needed.
# - In open loop the predictions are fed back. A teacher-forced network has never met them, and its
#   error can grow from step to step. Training on its own predictions helps, wholly or in part; each
#   remedy has a price.
# - In pattern 2, what is fed back is the only thing that reaches the future.

# %% [markdown]
# **Where to read on.** Section 10.2.1 of *Deep Learning* is the basis of this homework; section
# 10.2.3 looks at recurrent networks as models of joint distributions, and asks how a generated
# sequence comes to its end. Scheduled sampling is from S. Bengio, O. Vinyals, N. Jaitly and N.
# Shazeer, *Scheduled Sampling for Sequence Prediction with Recurrent Neural Networks* (2015). F.
# Huszár, *How (not) to Train your Generative Model* (2015), shows what is wrong with it as an
# estimator: even with unlimited data, it need not find the right distribution.
#
# **What comes next.** Whichever way they are trained, these networks forget. Section 10.7 explains
# why the gradient of a long chain of steps vanishes or explodes, and section 10.10 describes the
# gated networks, LSTM and GRU, that remember longer. Homework 6 builds them.
