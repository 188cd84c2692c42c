# %% [markdown]
# # Homework 4 · Back-propagation through time
#
# **What you will do**
#
# - program the gradient of a recurrent network: one step back, then all steps;
# - check it against central differences, a tool that you write first;
# - cut gradients in time (truncation) and in length (clipping);
# - train two networks on real data: one continues English words letter by letter, the other reads
#   handwritten digits row by row.
#
# **What you will learn**
#
# - that back-propagation through time is ordinary back-propagation, applied to the unrolled graph;
# - why the gradient of a shared parameter is a sum over time;
# - why the cost is $O(T)$ in time and in memory, and why time steps cannot be computed side by
#   side;
# - why gradients vanish or explode along a sequence, and what helps.
#
# **What you need**
#
# - the forward pass of homework 2, the loss and its gradient of homework 3 (both are given below);
# - the chain rule for functions of vectors, with Jacobian matrices.

# %% [markdown]
# ## How to work
#
# Run the cells from top to bottom. Each exercise is one function: replace the line
# `raise NotImplementedError` by your code, run the cell, then run the check under it. The check
# says what is right, what is not, and where. `hint(bptt)` gives a hint, and another one each time
# you ask. As before, demonstrations may ask for a guess, and code that only draws is folded away.
#
# The six functions are worth 3, 4, 6, 3, 2 and 2 points. A function that is right in part earns
# part of its points. Grading repeats the same tests with other numbers, so it does not help to type
# in the values that a check expects.

# %%
import numpy as np

# %% tags=["active-ipynb"]
# import time
# import tracemalloc
#
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
# | $h_t$ | `h[t]` | `h` is `(T, N, H)` | hidden states; `h0`, `(N, H)`, comes before `h[0]` |
# | $o_t$ | `o[t]` | `o` is `(T, N, K)` | outputs, unnormalised log-probabilities |
# | $y_t$ | `y[t]` | `y` is `(T, N)`, integers | labels, from $0$ to $K-1$ |
# | $U, W, V$ | `params["U"]`, … | `(H, D)`, `(H, H)`, `(K, H)` | weights |
# | $b, c$ | `params["b"]`, … | `(H,)`, `(K,)` | biases |
# | $\nabla_W L$ | `grads["W"]` | the shape of $W$ | gradient of the loss; the checks call it `dW` |
#
# The book and the drawings write $h^{(t)}$ for $h_t$. In the text $x_t$, $h_t$ and $o_t$ are column
# vectors of *one* sequence, as in the book; in code they are rows, one row for each sequence of the
# batch. So $W h$ becomes `h @ W.T`. Steps count from 1 in the text and from 0 in the code: `h[0]`
# is $h_1$.

# %% [markdown]
# These functions come from homeworks 2 and 3, and you may call them: the forward passes of pattern
# 1 (`hidden_recurrence`) and pattern 3 (`single_output`), the loss, and its gradient with respect
# to $o$.

# %% tags=["given"]
# isort: split
from solutions.hw2_patterns.solution import hidden_recurrence, rnn_step, single_output  # noqa: F401 - given
from solutions.hw3_softmax_loss.solution import (
    log_softmax,  # noqa: F401 - given, sequence_loss calls it
    sequence_loss,
    sequence_loss_gradient,
    softmax,  # noqa: F401 - given, for demonstrations
)

# %% [markdown]
# ## First a tool: the gradient by differences
#
# A program that computes a gradient can be wrong and still run, and the training then gets stuck
# for no visible reason. So write the check first. The definition of the derivative gives it. For
# entry $i$ of $x$, with $e_i$ the array that is 1 there and 0 elsewhere,
#
# $$\frac{\partial f}{\partial x_i} \approx
# \frac{f(x + \varepsilon e_i) - f(x - \varepsilon e_i)}{2 \varepsilon},$$
#
# the **central difference**. It needs nothing but $f$ itself.

# %% [markdown]
# **To read if you like: how good is it?** Expand $f$ around $x$, along $e_i$:
#
# $$f(x \pm \varepsilon e_i) = f \pm \varepsilon f' + \frac{\varepsilon^2}{2} f''
# \pm \frac{\varepsilon^3}{6} f''' + \dots$$
#
# In the difference of the two, $f$ and $f''$ cancel. Divided by $2 \varepsilon$, it gives $f'$ and
# an **error of the formula** of about $\frac{\varepsilon^2}{6} f'''$. The one-sided difference
# $\big(f(x + \varepsilon e_i) - f(x)\big) / \varepsilon$ keeps the term
# $\frac{\varepsilon}{2} f''$, which is much larger.
#
# A smaller $\varepsilon$ is not always better. Numbers are rounded to a relative precision of about
# $u = 10^{-16}$, so $f$ is known to about $u |f|$ only, and the division by $2 \varepsilon$
# magnifies this to a **rounding error** of about $u |f| / \varepsilon$. The sum of both errors is
# smallest where its derivative is zero. With $f$ and its derivatives of size 1 it is
# $\varepsilon^2 / 6 + u / \varepsilon$, so $\varepsilon / 3 = u / \varepsilon^2$, or
# $\varepsilon = \sqrt[3]{3u} \approx 10^{-5}$, and the error is then about $10^{-11}$.

# %% [markdown]
# ### Exercise 1: a numerical gradient (3 points)
#
# *About 20 minutes. Useful.*
#
# Write `numerical_gradient(f, x, eps)`: the central difference for every entry of `x`, whatever the
# number of axes of `x`. `f` takes an array of the shape of `x` and returns a float. `x` itself must
# be as before when you return.


# %%
def numerical_gradient(f, x, eps=1e-5):
    """Estimate the gradient of a function by central differences.

    df/dx_i = (f(x + eps e_i) - f(x - eps e_i)) / (2 eps), one entry of x at a time.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of x and returns a float.
    x : ndarray, any shape
        Where to take the gradient.
    eps : float
        Half the distance between the two points.

    Returns
    -------
    ndarray, shape of x
        Estimates of the partial derivatives.

    Examples
    --------
    >>> def area(x):
    ...     return x[0] * x[1]
    >>> numerical_gradient(area, np.array([3.0, 2.0])).round(6)
    array([2., 3.])
    """
    ### BEGIN SOLUTION
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = eps
        gradient[index] = (f(x + step) - f(x - step)) / (2 * eps)
    return gradient
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(numerical_gradient)

# %% [markdown]
# ## Demonstration: how large should eps be?
#
# Take a function whose gradient is known: $f(w) = \sum_i \log \cosh w_i$ has the gradient
# $\tanh w_i$. Two arrays are compared by their **relative error**
# $\lVert g - g' \rVert / (\lVert g \rVert + \lVert g' \rVert)$, which lies between 0 and 1 whatever
# the units. **Guess first:** for which `eps` is the central difference at its best?

# %% tags=["active-ipynb"]
# def relative_error(g, other):
#     return np.linalg.norm(g - other) / (np.linalg.norm(g) + np.linalg.norm(other))
#
#
# def log_cosh(w):
#     return np.sum(np.log(np.cosh(w)))

# %% tags=["active-ipynb", "folded"]
# def plot_differences(guess):
#     """Draw the errors of both differences against eps."""
#     plt.loglog(all_eps, one_sided, "o--", color="C1", label="one-sided difference")
#     plt.loglog(all_eps, central, "s-", color="C0", label="central difference")
#     if guess is not None:
#         plt.axvline(guess, color="C3", ls=":", label="your guess")
#     plt.title("Rounding on the left, the formula's own error on the right")
#     plt.xlabel("step size $\\varepsilon$")
#     plt.ylabel("relative error of the gradient")
#     plt.legend()

# %% tags=["active-ipynb"]
# guess = None  # your guess: a number, such as 1e-3
#
# with needs(numerical_gradient):
#     w = np.random.default_rng(0).normal(size=20)
#     all_eps = 10.0 ** np.arange(-13, 0.5, 0.5)
#     central, one_sided = [], []
#     for eps in all_eps:
#         difference = [(log_cosh(w + e) - log_cosh(w)) / eps for e in eps * np.eye(20)]
#         one_sided.append(relative_error(np.array(difference), np.tanh(w)))
#         central.append(relative_error(numerical_gradient(log_cosh, w, eps), np.tanh(w)))
#     plot_differences(guess)
#     plt.show()
#     for name, errors in {"one-sided": one_sided, "central": central}.items():
#         best = np.argmin(errors)
#         print(f"{name}: error {errors[best]:.0e} at best, for eps = {all_eps[best]:.0e}")

# %% [markdown]
# On the right both errors grow with $\varepsilon$, with slope 2 in this plot for the central
# difference and slope 1 for the one-sided one. On the left rounding takes over. The central
# difference is at its best near $10^{-5}$, where it gets about ten digits right; the one-sided one
# never gets beyond eight.
#
# It is a tool for checking, not for training: it calls $f$ twice *for each number* in $x$.

# %% [markdown]
# ## The network once more, as a graph
#
# For each step $t = 1, \dots, T$ of a sequence, pattern 1 computes (equations 10.8–10.11 of the
# book)
#
# $$a_t = b + W h_{t-1} + U x_t, \quad h_t = \tanh(a_t), \quad o_t = c + V h_t, \quad
# \hat y_t = \mathrm{softmax}(o_t),$$
#
# and the loss is the sum of the losses of the steps,
#
# $$L = \sum_{t=1}^{T} L_t, \qquad L_t = -\log \hat y_{t,\,y_t}.$$
#
# ![Three time steps of the unrolled network. In each, x leads to a through U, a to h through tanh,
# h to o through V, and o and the label y to the loss L. Through W, h also leads to the next step's
# a.](drawings.forward_graph)

# %% [markdown]
# This graph has no cycle. So the gradient needs no new algorithm: back-propagation, as for any
# computational graph (section 6.5 of the book), visits the nodes from the loss backwards. The one
# rule:
#
# > The gradient at a node is the sum over its **direct successors** in the graph. Each successor
# > adds (Jacobian of the successor with respect to the node)$^\top$ × (gradient at the successor).
#
# Applied to an unrolled recurrent network, this is called **back-propagation through time**, or
# BPTT. What follows is section 10.2.2 of the book, in full.
#
# ![The same graph with gradients against the arrows: from L to o as yhat minus the one-hot code of
# y, from o to h through V transposed, from h to a times 1 minus h squared, from a to x through U
# transposed, and from a to the h of the step before through W
# transposed.](drawings.gradients_back)
#
# (In the drawing, $\mathbf 1_y$ is the one-hot code of the label.)

# %% [markdown]
# ### From the loss to the outputs
#
# $L$ is the sum of the $L_t$, so $\partial L / \partial L_t = 1$ (equation 10.17).
#
# The only successor of $o_t$ is $L_t$. With the logarithm of the softmax written out,
# $L_t = -o_{t,\,y_t} + \log \sum_j e^{o_{t,j}}$, so
#
# $$\big(\nabla_{o_t} L\big)_i = \frac{e^{o_{t,i}}}{\sum_j e^{o_{t,j}}} - \mathbf{1}_{i = y_t}
# = \hat y_{t,i} - \mathbf{1}_{i = y_t} \qquad (10.18)$$
#
# (the book's $\mathbf{1}_{i = y}$ is 1 where $i = y$ and 0 elsewhere). You programmed this in
# homework 3: `sequence_loss_gradient(o, y)` gives it for all steps at once. It holds the factor
# $1/N$ of the average over the batch as well, and everything below is linear in it, so no other
# $1/N$ will ever be needed.

# %% [markdown]
# ### From the outputs to the states
#
# Start at the end. The last state $h_T$ has one successor, $o_T = c + V h_T$, whose Jacobian with
# respect to $h_T$ is $V$. So
#
# $$\nabla_{h_T} L = V^\top \nabla_{o_T} L \qquad (10.19)$$
#
# Any earlier state $h_t$ has two successors, $o_t$ and $h_{t+1}$. It gets a share from each:
#
# $$\nabla_{h_t} L = \Big(\frac{\partial h_{t+1}}{\partial h_t}\Big)^{\!\top} \nabla_{h_{t+1}} L
# \;+\; \Big(\frac{\partial o_t}{\partial h_t}\Big)^{\!\top} \nabla_{o_t} L \qquad (10.20)$$

# %% [markdown]
# Now the Jacobian of one step of the recurrence. Since $\tanh' = 1 - \tanh^2$, for unit $i$
#
# $$\frac{\partial h_{t+1,i}}{\partial a_{t+1,i}} = 1 - h_{t+1,i}^2, \quad
# \frac{\partial a_{t+1,i}}{\partial h_{t,j}} = W_{ij}, \quad\text{so}\quad
# \frac{\partial h_{t+1,i}}{\partial h_{t,j}} = (1 - h_{t+1,i}^2)\, W_{ij}.$$
#
# As a matrix, with $\mathrm{diag}(v)$ the square matrix that has $v$ on its diagonal, this is
# $\mathrm{diag}(1 - h_{t+1}^2)\, W$. Its transpose turns the order round:
#
# $$\boxed{\;\nabla_{h_t} L = W^\top \mathrm{diag}\big(1 - h_{t+1}^2\big)\, \nabla_{h_{t+1}} L
# \;+\; V^\top \nabla_{o_t} L\;} \qquad (10.21)$$
#
# Mind the order of the first term. The gradient passes the tanh *first* (each entry is multiplied
# by $1 - h_{t+1,i}^2$) and $W^\top$ *afterwards*: the reverse of the forward pass. In some
# printings of the book the diagonal matrix stands at the end of the product; it has to be read as
# above. And the $h$ in $1 - h^2$ belongs to step $t+1$, the one from which the gradient comes.

# %% [markdown]
# ### One step back
#
# All of this goes through $a_t$, so give its gradient a name. Once both shares are in
# $\nabla_{h_t} L$,
#
# $$\delta_t = \nabla_{a_t} L = \mathrm{diag}\big(1 - h_t^2\big)\, \nabla_{h_t} L .$$
#
# From $a_t = b + W h_{t-1} + U x_t$ follow the gradients of all that went into step $t$. For the
# vectors, the Jacobians are $W$ and $U$:
#
# $$h_{t-1} \text{ gets } W^\top \delta_t, \qquad\qquad \nabla_{x_t} L = U^\top \delta_t .$$
#
# For the parameters, look at single entries. $W_{ij}$ occurs only in
# $a_{t,i} = b_i + \sum_j W_{ij} h_{t-1,j} + \dots$, with the factor $h_{t-1,j}$. So the
# contribution of step $t$ to $\partial L / \partial W_{ij}$ is $\delta_{t,i}\, h_{t-1,j}$, which is
# an outer product; the others follow in the same way:
#
# $$W: \;\delta_t\, h_{t-1}^\top, \qquad\qquad U: \;\delta_t\, x_t^\top, \qquad\qquad
# b: \;\delta_t .$$

# %% [markdown]
# In the code a batch of $N$ sequences is in the *rows*. Two things follow.
#
# - A vector equation $W^\top \delta$ for columns becomes its transpose, $\delta^\top W$, for rows.
# - The parameters are shared by the $N$ sequences, so their contributions are **added up** over the
#   batch. A matrix product can do this: its inner index then is $n$.

# %% [markdown]
# ### Exercise 2: one step back (4 points)
#
# *About 30 minutes. Essential.*
#
# Write `step_backward(dh, x_t, h_prev, h_t, params)` for the step that computed `h_t` from `x_t`
# and `h_prev`. `dh` is *all* of $\nabla_{h_t} L$: the shares of $o_t$ and of $h_{t+1}$ are in it
# already.


# %%
def step_backward(dh, x_t, h_prev, h_t, params):
    """Back-propagate through one step of the recurrence.

    The step is h_t = tanh(a_t) with a_t = b + W h_prev + U x_t; the gradient passes the tanh
    first, then W or U (the first term of equation 10.21 of the book).

    Parameters
    ----------
    dh : ndarray, shape (N, H)
        Gradient of the loss with respect to h_t, all of it.
    x_t : ndarray, shape (N, D)
        Input of the step.
    h_prev : ndarray, shape (N, H)
        State before the step.
    h_t : ndarray, shape (N, H)
        State after the step.
    params : dict
        U (H, D), W (H, H), b (H,); others are not used.

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
    One unit with W = 0.5, U = log 2 and b = 0 goes from 0 to tanh(log 2) = 0.6.

    >>> params = {"U": np.log([[2.0]]), "W": np.array([[0.5]]), "b": np.array([0.0])}
    >>> one, zero = np.ones((1, 1)), np.zeros((1, 1))
    >>> dx_t, dh_prev, grads = step_backward(one, one, zero, np.array([[0.6]]), params)
    >>> dh_prev
    array([[0.32]])
    >>> grads["U"], grads["W"], grads["b"]
    (array([[0.64]]), array([[0.]]), array([0.64]))
    """
    ### BEGIN SOLUTION
    da = dh * (1 - h_t**2)  # (N, H)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(step_backward)

# %% [markdown]
# ## All steps: why there is a sum over time
#
# $W$ is used at every step. What is its gradient? Imagine that each step had a copy of its own,
# $W_{(1)}, \dots, W_{(T)}$, all with the same values as $W$ (the book calls them dummy variables
# and writes $W^{(t)}$). The copy $W_{(t)}$ is used once, so its gradient is the one of the last
# section, $\delta_t\, h_{t-1}^\top$.
#
# In truth the copies are all the same matrix. Each copy's Jacobian with respect to $W$ is the
# identity, so the chain rule adds their gradients up:
#
# $$\nabla_W L = \sum_{t=1}^{T} \nabla_{W_{(t)}} L .$$
#
# A change of $W$ changes every step at once, and the loss feels the sum of the changes. **Parameter
# sharing in the forward pass is a sum in the backward pass.**

# %% [markdown]
# The same goes for the other parameters:
#
# $$\begin{aligned}
# \nabla_c L &= \sum_t \nabla_{o_t} L && (10.22) \\
# \nabla_b L &= \sum_t \mathrm{diag}\big(1 - h_t^2\big)\, \nabla_{h_t} L && (10.23) \\
# \nabla_V L &= \sum_t \big(\nabla_{o_t} L\big)\, h_t^\top && (10.24) \\
# \nabla_W L &= \sum_t \mathrm{diag}\big(1 - h_t^2\big)\, \big(\nabla_{h_t} L\big)\, h_{t-1}^\top
# && (10.26) \\
# \nabla_U L &= \sum_t \mathrm{diag}\big(1 - h_t^2\big)\, \big(\nabla_{h_t} L\big)\, x_t^\top
# && (10.28)
# \end{aligned}$$
#
# In (10.26) the first term, $t = 1$, holds $h_0$, the initial state.
#
# Two gradients are not in the book, because training the parameters does not need them. They are
# useful all the same, and cost nothing more:
#
# - $\nabla_{x_t} L = U^\top \delta_t$: what a layer *below* needs, when networks are stacked. It
#   also shows how strongly the loss depends on each input.
# - $\nabla_{h_0} L = W^\top \delta_1$: (10.21) for $t = 0$, where there is no output. The initial
#   state can be learned with it.

# %% [markdown]
# ### Exercise 3: back-propagation through time (6 points)
#
# *About 45 minutes. Essential: the heart of the course.*
#
# Write `bptt(x, h0, y, params)` for pattern 1. Run the network forward and keep its states. Then go
# back from the last step to the first: at each step, complete $\nabla_{h_t} L$, and let
# `step_backward` do the rest.
#
# $V$ and $c$ do not take part in the recurrence, so their gradients can be computed for all steps
# at once. To sum over steps and sequences at once, `np.einsum` or `np.tensordot` will do; so will a
# reshape to two axes and `@`. (`.T` reverses all three axes.)


# %%
def bptt(x, h0, y, params):
    """Compute the loss of pattern 1 and its gradients by back-propagation through time.

    Equations 10.17 to 10.28 of the book; the loss is summed over time and averaged over the
    batch, and so are its gradients.

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs, at least one step.
    h0 : ndarray, shape (N, H)
        Initial state.
    y : ndarray of int, shape (T, N)
        Labels from 0 to K - 1.
    params : dict
        U (H, D), W (H, H), V (K, H), b (H,), c (K,).

    Returns
    -------
    loss : float
        L = (1/N) sum_n sum_t -log yhat_{t,n}[y_{t,n}].
    grads : dict
        Gradients under the keys U, W, V, b, c, x and h0, each of the shape of its array.

    Examples
    --------
    With V = 0 and c = 0 both classes have probability 1/2 at each of the three steps.

    >>> params = {"U": np.ones((2, 2)), "W": np.ones((2, 2)), "V": np.zeros((2, 2))}
    >>> params |= {"b": np.zeros(2), "c": np.zeros(2)}
    >>> y = np.array([[0], [0], [1]])
    >>> loss, grads = bptt(np.ones((3, 1, 2)), np.zeros((1, 2)), y, params)
    >>> print(f"{loss / np.log(2):.6f}")
    3.000000
    >>> grads["c"]
    array([-0.5,  0.5])
    """
    ### BEGIN SOLUTION
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)  # (T, N, H), (T, N, K)
    do = sequence_loss_gradient(o, y)  # (T, N, K)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.empty(x.shape)
    dh = np.zeros(h0.shape)  # the share that comes from the step after
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]  # (N, H), now all of dL/dh_t
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(bptt)

# %% [markdown]
# ## Demonstration: the gradient check
#
# Your two tools against each other. The loss is computed from the forward pass alone; each array in
# turn is nudged, entry by entry.

# %% tags=["active-ipynb"]
# def random_params(rng, D, H, K, scale=1.0):
#     """Draw weights so that each layer keeps the size of what goes in; scale is for W."""
#     return {
#         "U": rng.normal(size=(H, D)) / np.sqrt(D),
#         "W": rng.normal(size=(H, H)) / np.sqrt(H) * scale,
#         "V": rng.normal(size=(K, H)) / np.sqrt(H),
#         "b": np.zeros(H),
#         "c": np.zeros(K),
#     }

# %% tags=["active-ipynb"]
# with needs(numerical_gradient, step_backward, bptt):
#     rng = np.random.default_rng(0)
#     T, N, D, H, K = 7, 3, 2, 5, 4
#     arrays = random_params(rng, D, H, K)
#     arrays |= {"x": rng.normal(size=(T, N, D)), "h0": rng.normal(size=(N, H))}
#     y = rng.integers(0, K, (T, N))
#     loss, grads = bptt(arrays["x"], arrays["h0"], y, arrays)
#
#     def loss_with(name, value):
#         changed = arrays | {name: value}
#         h, o = hidden_recurrence(changed["x"], changed["h0"], changed)
#         return sequence_loss(o, y)
#
#     for name, array in arrays.items():
#         estimate = numerical_gradient(lambda value, name=name: loss_with(name, value), array)
#         print(f"d{name:<2} {array.shape!s:<10} error {relative_error(grads[name], estimate):.0e}")

# %% [markdown]
# All seven agree to nine or ten digits, which is as far as central differences go. Above $10^{-7}$,
# a relative error means a mistake, in the gradient or in its check; between the two, look closer.
#
# Notice that the sizes $T, N, D, H, K$ are all different: where two are equal, a forgotten
# transpose goes unnoticed. For the same reason $h_0$ is not zero.

# %% [markdown]
# ## What BPTT costs
#
# **Time is $O(T)$.** The backward pass visits each step once, and does about twice the work of the
# forward pass there: two products with the weights for the gradients of $h$ and $x$, two for the
# gradients of the parameters. All gradients together cost a few forward passes, *whatever* the
# number of parameters. Differences need two forward passes for each parameter.
#
# **The steps cannot run side by side.** $h_t$ needs $h_{t-1}$, and $\nabla_{h_t} L$ needs
# $\nabla_{h_{t+1}} L$. The graph is a chain, and more processors do not shorten it. (What can run
# in parallel is the work within one step, over the batch and the units, and what lies outside the
# chain, such as $\nabla_V L$.)
#
# **Memory is $O(T)$.** $1 - h_t^2$ and $h_{t-1}$ are needed on the way back, in the reverse of the
# order in which the states were computed. So the forward pass has to keep all of them until then.
# (Or some of them: the others can be computed again from these, at the price of time.)

# %% [markdown]
# ## Demonstration: time and memory against the number of steps

# %% tags=["active-ipynb"]
# def milliseconds(function, *args):
#     """Time one call."""
#     start = time.perf_counter()
#     function(*args)
#     return 1e3 * (time.perf_counter() - start)
#
#
# def peak_megabytes(function, *args):
#     """Measure the most memory that a call holds at one time."""
#     tracemalloc.start()
#     function(*args)
#     peak = tracemalloc.get_traced_memory()[1]
#     tracemalloc.stop()
#     return peak / 1e6

# %% tags=["active-ipynb", "folded"]
# def plot_costs():
#     """Draw time and memory against the number of steps."""
#     fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8))
#     left.plot(steps, both, "s-", color="C0", label="bptt: forward and backward")
#     left.plot(steps, forward, "o--", color="C1", label="forward pass alone")
#     left.set(title="Time", xlabel="steps $T$", ylabel="time (ms)")
#     left.legend()
#     right.plot(steps, memory, "s-", color="C0", label="bptt")
#     right.set(title="Memory", xlabel="steps $T$", ylabel="memory at the peak (MB)")
#     right.set_ylim(bottom=0)
#     right.legend()

# %% tags=["active-ipynb"]
# with needs(step_backward, bptt):
#     rng = np.random.default_rng(0)
#     N, D, H, K = 16, 8, 64, 10
#     params, h0 = random_params(rng, D, H, K), np.zeros((N, H))
#     steps = [100, 200, 400, 800, 1600]
#     xs = [rng.normal(size=(T, N, D)) for T in steps]
#     ys = [rng.integers(0, K, (T, N)) for T in steps]
#     forward, both = [], []
#     for _ in range(7):  # other programs can only make it slower: the best of seven rounds counts
#         forward.append([milliseconds(hidden_recurrence, x, h0, params) for x in xs])
#         both.append([milliseconds(bptt, x, h0, y, params) for x, y in zip(xs, ys, strict=True)])
#     forward, both = np.min(forward, axis=0), np.min(both, axis=0)
#     memory = [peak_megabytes(bptt, x, h0, y, params) for x, y in zip(xs, ys, strict=True)]
#     plot_costs()
#     plt.show()
#     size = sum(array.size for array in params.values())
#     print(f"From T = {steps[0]} to T = {steps[-1]}, 16 times as many steps:")
#     print(f"time grows {both[-1] / both[0]:.0f}-fold, memory {memory[-1] / memory[0]:.0f}-fold.")
#     print(f"At T = {steps[-1]}, bptt takes as long as", end=" ")
#     print(f"{both[-1] / forward[-1]:.1f} forward passes.")
#     print(f"Central differences for the {size} parameters would take {2 * size}.")

# %% [markdown]
# Memory is a straight line, and so is time, as far as the machine was left alone: sixteen times as
# many steps take about sixteen times as long, and nearly sixteen times the memory. All 5,322
# derivatives together cost a few forward passes.

# %% [markdown]
# ## Learning at last
#
# With gradients, networks can be trained. This function makes an optimiser: **Adam** (algorithm 8.7
# of the book). For each entry of the gradient it keeps a running mean `m`, which evens out the
# noise from batch to batch, and a running mean `v` of the square. It steps against `m`, divided by
# the entry's usual size, the root of `v`; `rate` says how far. (`m_hat` and `v_hat` make up for
# both having started at zero.) It is given, to read and to use.

# %% tags=["active-ipynb"]
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

# %% [markdown]
# ## Demonstration: the next letter of a word (pattern 1)
#
# The data: 3,711 common English words of three to ten letters, from SCOWL, the Spell Checker
# Oriented Word Lists by Kevin Atkinson (free to use and to pass on with its notice). 500 of them,
# drawn at random, are kept for testing.
#
# At each step the network sees a letter and predicts the next one. A mark, written as a dot, says
# where a word begins and ends:
#
#     input   . w o r d
#     label   w o r d .
#
# So $T$ is one more than the number of letters, and $D = K = 27$: the input is the one-hot code of
# a letter, so that $U x_t$ is a column of $U$, a vector of the letter's own. `bptt` takes sequences
# of equal length only, so each batch holds words of the same length. (Padding them to a common
# length and masking the loss, as in homework 3, is the other way.)

# %% tags=["active-ipynb"]
# words = datasets.words()
# np.random.default_rng(0).shuffle(words)
# test_words, train_words = words[:500], words[500:]
# LETTERS = ".abcdefghijklmnopqrstuvwxyz"
# one_hot = np.eye(len(LETTERS))
#
#
# def batches_of_words(words, rng, size=32):
#     """List batches (x, y) of words of the same length, in random order."""
#     batches = []
#     for length in {len(word) for word in words}:
#         same = [word for word in words if len(word) == length]
#         for group in (same[i : i + size] for i in range(0, len(same), size)):
#             codes = np.array([[LETTERS.index(c) for c in f".{word}."] for word in group]).T
#             batches.append((one_hot[codes[:-1]], codes[1:]))  # (T, N, 27), (T, N)
#     return [batches[i] for i in rng.permutation(len(batches))]
#
#
# def bits_per_letter(params, words):
#     """Return the loss per step, in bits: the mark at the end counts as a letter."""
#     H, total = len(params["b"]), 0.0
#     for x, y in batches_of_words(words, np.random.default_rng(0)):
#         N = x.shape[1]
#         h, o = hidden_recurrence(x, np.zeros((N, H)), params)
#         total += N * sequence_loss(o, y)
#     return total / np.log(2) / sum(len(word) + 1 for word in words)

# %% [markdown]
# What should the network be compared with? With models that look back a fixed number of letters:
# the frequencies of single letters, of letters after one other letter, after two. Their counts are
# smoothed with those of the shorter context, so that nothing gets the probability zero. In bits, a
# uniform guess costs $\log_2 27 = 4.75$ for each letter. The network is trained for 20 **epochs**,
# each of which is one pass over the training words. **Guess first:** to how many bits does your
# gradient bring it on test words?

# %% tags=["active-ipynb"]
# def context_models(train, test):
#     """Return bits per letter on test words, of models that see 0, 1 or 2 letters back."""
#
#     def triples(words):
#         codes = [[LETTERS.index(c) for c in f"..{word}."] for word in words]
#         return np.array([c[i : i + 3] for c in codes for i in range(len(c) - 2)]).T
#
#     counts = np.zeros((27, 27, 27))
#     np.add.at(counts, tuple(triples(train)), 1)
#     p, bits = np.full(27, 1 / 27), []
#     for count in (counts.sum(axis=(0, 1)), counts.sum(axis=0), counts):
#         p = (count + 5 * p) / (count.sum(axis=-1, keepdims=True) + 5)
#         index = tuple(triples(test))[3 - p.ndim :]
#         bits.append(-np.log2(p[index]).mean())
#     return bits

# %% tags=["active-ipynb"]
# def train_on_words(epochs, H=100, rate=5e-3):
#     """Train a network; return it, and its bits per letter on train and test words."""
#     rng = np.random.default_rng(0)
#     params = random_params(rng, 27, H, 27)
#     step, curves = adam(params), []
#     for epoch in range(epochs):
#         for x, y in batches_of_words(rng.permutation(train_words), rng):
#             T, N, _ = x.shape
#             loss, grads = bptt(x, np.zeros((N, H)), y, params)
#             per_letter = {name: grads[name] / T for name in params}  # long words weigh no more
#             step(per_letter, rate * (1 - epoch / epochs))
#         curves.append((bits_per_letter(params, train_words), bits_per_letter(params, test_words)))
#     return params, np.array(curves)
#
#
# def make_up_word(params, rng):
#     """Draw letters, each from the prediction after the last, until the mark is drawn."""
#     h, word = np.zeros((1, len(params["b"]))), "."
#     while len(word) == 1 or (word[-1] != "." and len(word) < 15):
#         h = rnn_step(one_hot[[LETTERS.index(word[-1])]], h, params)
#         yhat = softmax(params["c"] + h @ params["V"].T)[0]
#         word += rng.choice(list(LETTERS), p=yhat)
#     return word.strip(".")

# %% tags=["active-ipynb", "folded"]
# def plot_curves(guess):
#     """Draw the losses of the network and of its rivals."""
#     epochs = 1 + np.arange(len(curves))
#     plt.plot(epochs, curves[:, 0], "o--", color="C1", label="network, training words")
#     plt.plot(epochs, curves[:, 1], "s-", color="C0", label="network, test words")
#     for back, bits in enumerate(baselines):
#         style = (":", "-.", "--")[back]
#         plt.axhline(bits, color="0.4", linestyle=style, label=f"counts, {back} letters back")
#     if guess is not None:
#         plt.axhline(guess, color="C3", ls=":", label="your guess")
#     plt.title("Predicting the next letter")
#     plt.xlabel("epoch")
#     plt.ylabel("loss (bits per letter)")
#     plt.xticks(epochs[::2])
#     plt.legend(loc="upper right", bbox_to_anchor=(1, 0.96))

# %% tags=["active-ipynb"]
# guess = None  # your guess: bits per letter
#
# with needs(step_backward, bptt):
#     network, curves = train_on_words(epochs=20)
#     baselines = context_models(train_words, test_words)
#     plot_curves(guess)
#     plt.show()
#     print(f"Test words, bits per letter: network {curves[-1, 1]:.2f},", end=" ")
#     print("counts with 0, 1, 2 letters back " + ", ".join(f"{bits:.2f}" for bits in baselines))
#     rng = np.random.default_rng(1)
#     print("Made up:", ", ".join(make_up_word(network, rng) for _ in range(12)))

# %% [markdown]
# A model without any context needs about 4.2 bits for a letter, one that sees a single letter back
# 3.45, two letters back 2.95. The network gets to about 2.8, and nobody told it how many letters
# to look back: it found out itself what to keep of them in its 100 hidden units. The distance
# between the two curves says that it has begun to learn the training words by heart.
#
# The made-up words were drawn letter by letter, each letter fed back as the next input (homework 5
# is about such feedback). Few are English, but most look like it: vowels and consonants take turns,
# and endings are endings.
#
# (The test words have relatives among the training words, such as `policy` and `policies`. That
# helps all of these models.)

# %% [markdown]
# ## One output at the end
#
# In pattern 3 the network reads the whole sequence and gives one output, $o = c + V h_T$, with one
# label.
#
# ![Pattern 3: the inputs x lead to a chain of states h, and only the last state leads to an output
# o, which the loss L compares with the label y.](drawings.pattern_3)
#
# The derivation is the same, and shorter. $h_T$ gets its gradient from the output, as in (10.19).
# Every earlier state has a single successor now, the next state, so the second term of (10.21) is
# missing:
#
# $$\nabla_{h_T} L = V^\top \nabla_o L, \qquad\qquad
# \nabla_{h_t} L = W^\top \mathrm{diag}\big(1 - h_{t+1}^2\big)\, \nabla_{h_{t+1}} L \quad (t < T).$$
#
# The parameters $U$, $W$ and $b$ are still shared by all steps, so their sums over time stay.

# %% [markdown]
# ### Exercise 4: BPTT for a single output (3 points)
#
# *About 15 minutes. Useful.*
#
# Write `bptt_single_output(x, h0, y, params)`. The loss is the mean of $-\log \hat y_n[y_n]$ over
# the batch.
#
# `sequence_loss` and its gradient expect a time axis. `o[np.newaxis]` is a "sequence" of one step,
# and `y[np.newaxis]` its labels.


# %%
def bptt_single_output(x, h0, y, params):
    """Compute the loss of pattern 3 and its gradients by back-propagation through time.

    Only the last state has an output: equation 10.19 of the book for h_T, and equation 10.21
    without its second term for the states before.

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs, at least one step.
    h0 : ndarray, shape (N, H)
        Initial state.
    y : ndarray of int, shape (N,)
        One label from 0 to K - 1 for each sequence.
    params : dict
        U (H, D), W (H, H), V (K, H), b (H,), c (K,).

    Returns
    -------
    loss : float
        L = (1/N) sum_n -log yhat_n[y_n].
    grads : dict
        Gradients under the keys U, W, V, b, c, x and h0, each of the shape of its array.

    Examples
    --------
    With V = 0 and c = 0 both classes have probability 1/2, once.

    >>> params = {"U": np.ones((2, 2)), "W": np.ones((2, 2)), "V": np.zeros((2, 2))}
    >>> params |= {"b": np.zeros(2), "c": np.zeros(2)}
    >>> x, h0, y = np.ones((3, 1, 2)), np.zeros((1, 2)), np.array([0])
    >>> loss, grads = bptt_single_output(x, h0, y, params)
    >>> print(f"{loss / np.log(2):.6f}")
    1.000000
    >>> grads["c"]
    array([-0.5,  0.5])
    """
    ### BEGIN SOLUTION
    T = len(x)
    h, o = single_output(x, h0, params)  # (T, N, H), (N, K)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]  # (N, K)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h[-1]
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.empty(x.shape)
    dh = do @ params["V"]  # (N, H)
    for t in reversed(range(T)):
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(bptt_single_output)

# %% [markdown]
# ## Demonstration: digits, read row by row (pattern 3)
#
# The data: 1797 handwritten digits of 8 × 8 pixels, from *Optical Recognition of Handwritten
# Digits* by E. Alpaydin and C. Kaynak (UCI Machine Learning Repository, licence CC BY 4.0). The
# network reads an image from the top, one row of eight pixels a step, so $T = 8$ and $D = 8$, and
# names the digit at the end.
#
# The first 1297 images train, the last 500 test. They are *not* shuffled: neighbouring images were
# often written by the same hand, and shuffling would put the same hands into both parts.
#
# The **baselines**, to compare with: always the most frequent digit; the digit whose mean image is
# nearest; and a softmax regression, $o = c + A x$, once on the last row alone and once on all 64
# pixels. **Guess first:** which share of the test images will the network read right?

# %% tags=["active-ipynb"]
# images, labels = datasets.digits()
# rows = images.transpose(1, 0, 2)  # (T, N, D)
# train, test = slice(0, 1297), slice(1297, None)
#
#
# def accuracy(o, y):
#     return (o.argmax(axis=-1) == y).mean()
#
#
# def softmax_regression(pixels):
#     """Train o = c + A x on flat images (N, D); return the accuracy on the test images."""
#     model = {"A": np.zeros((10, pixels.shape[1])), "c": np.zeros(10)}
#     step = adam(model)
#     for _ in range(1500):
#         o = model["c"] + pixels[train] @ model["A"].T
#         do = sequence_loss_gradient(o[np.newaxis], labels[np.newaxis, train])[0]
#         step({"A": do.T @ pixels[train], "c": do.sum(axis=0)}, 1e-2)
#     return accuracy(model["c"] + pixels[test] @ model["A"].T, labels[test])
#
#
# def train_on_digits(seed, epochs=30, H=64, rate=3e-3):
#     """Train a network on rows; return it, its loss and its test accuracy by epoch."""
#     rng = np.random.default_rng(seed)
#     params = random_params(rng, 8, H, 10)
#     step, losses, accuracies = adam(params), [], []
#     for _ in range(epochs):
#         total = 0.0
#         for batch in np.array_split(rng.permutation(1297), 41):
#             N = len(batch)
#             loss, grads = bptt_single_output(
#                 rows[:, batch], np.zeros((N, H)), labels[batch], params
#             )
#             step(grads, rate)
#             total += N * loss
#         h, o = single_output(rows[:, test], np.zeros((500, H)), params)
#         losses.append(total / 1297)
#         accuracies.append(accuracy(o, labels[test]))
#     return params, losses, accuracies

# %% tags=["active-ipynb", "folded"]
# def plot_runs(guess):
#     """Draw how the five networks learn, and the two better baselines."""
#     fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8))
#     for _, losses, accuracies in runs:
#         left.semilogy(1 + np.arange(30), losses, color="C0")
#         right.plot(1 + np.arange(30), accuracies, color="C0")
#     left.lines[0].set_label("network, five random starts")
#     left.set(title="Loss on the training images", xlabel="epoch", ylabel="loss (nats)")
#     left.legend()
#     for name, style in zip(list(baselines)[2:], ("--", (0, (8, 3))), strict=True):
#         right.axhline(baselines[name], color="0.4", linestyle=style, label=name)
#     if guess is not None:
#         right.axhline(guess, color="C3", ls=":", label="your guess")
#     marks = [0.003, 0.01, 0.03, 0.1, 0.3, 1]
#     left.set_yticks(marks, map(str, marks))
#     left.minorticks_off()
#     right.set(title="Test images (from 80 % up)", xlabel="epoch", ylim=(0.8, 1))
#     right.set_ylabel("accuracy")
#     right.legend(loc="lower right")

# %% tags=["active-ipynb"]
# guess = None  # your guess: a number from 0 to 1
#
# with needs(step_backward, bptt_single_output):
#     runs = [train_on_digits(seed) for seed in range(5)]
#     final = [accuracies[-1] for _, _, accuracies in runs]
#     flat = images.reshape(len(images), 64)
#     means = np.array([flat[train][labels[train] == digit].mean(axis=0) for digit in range(10)])
#     nearest = -np.square(flat[test, np.newaxis] - means).sum(axis=-1)  # (500, 10)
#     frequent = np.bincount(labels[train]).argmax()
#     baselines = {
#         "most frequent digit": (labels[test] == frequent).mean(),
#         "softmax regression, last row": softmax_regression(images[:, -1]),
#         "nearest mean image": accuracy(nearest, labels[test]),
#         "softmax regression, all pixels": softmax_regression(flat),
#     }
#     plot_runs(guess)
#     plt.show()
#     for name, value in baselines.items():
#         print(f"{name:<32} {value:.1%}")
#     print(f"{'network, mean of five starts':<32} {np.mean(final):.1%}", end=" ")
#     print(f"({min(final):.1%} to {max(final):.1%})")

# %% [markdown]
# The network gets about 94 % of the test images right, the softmax regression that sees all pixels
# at once 92 %. With 500 test images each of these figures is good to about one percentage point, so
# other images might turn the order round; that the network keeps up, though it reads row by row, is
# what can be said. The last row alone gives less than half: what the network knows about the seven
# rows before, it knows from its state. (The spikes in the loss are steps that went too far. Soon
# you will see what helps.)
#
# All of that came back through time, from a single loss at the end. How far back did it reach?

# %% tags=["active-ipynb"]
# with needs(step_backward, bptt_single_output):
#     network, _, _ = train_on_digits(seed=0)
#     fresh = random_params(np.random.default_rng(0), 8, 64, 10)
#     for params, style, name in ((fresh, "o--", "before"), (network, "s-", "after")):
#         _, grads = bptt_single_output(rows[:, test], np.zeros((500, 64)), labels[test], params)
#         norms = np.linalg.norm(grads["x"], axis=(1, 2))
#         plt.plot(1 + np.arange(8), norms / norms.sum(), style, label=f"{name} training")
#     plt.title("How much the loss depends on each row")
#     plt.xlabel("row, from the top")
#     plt.ylabel("share of the norms of $dL/dx_t$")
#     plt.ylim(bottom=0)
#     plt.legend()
#     plt.show()

# %% [markdown]
# Before training the gradient hardly reaches the upper rows: the last row gets five times the
# share of the first. Training has changed that. $W$ is now such that every row counts, the first
# one most of all. Across eight steps, then, BPTT can teach a plain recurrent network to remember.
# Across hundreds it rarely can, and sections 10.7 to 10.11 of the book tell what has been tried
# instead.

# %% [markdown]
# ## Gradients that vanish and explode
#
# How much does the loss at the end depend on a state $k$ steps before? Follow the gradient back:
#
# $$\nabla_{h_{T-k}} L = W^\top \mathrm{diag}\big(1 - h_{T-k+1}^2\big) \cdots
# W^\top \mathrm{diag}\big(1 - h_{T}^2\big)\; \nabla_{h_T} L .$$
#
# It is a product of $k$ matrices, and such products shrink or grow like the $k$-th power of a
# number. Let $\sigma$ be the largest singular value of $W$. A product with $W^\top$ makes a vector
# at most $\sigma$ times as long, and the diagonal matrix, with entries between 0 and 1, makes no
# vector longer. So
#
# $$\lVert \nabla_{h_{T-k}} L \rVert \le \sigma^k\, \lVert \nabla_{h_T} L \rVert .$$
#
# With $\sigma < 1$ the gradient **vanishes** for certain: an early input may matter, and the
# training will hardly notice. With $\sigma > 1$ it *may* **explode**; whether it does depends on
# how far the units are saturated, that is, on how small $1 - h^2$ is. (Section 10.7 of the book.)

# %% [markdown]
# ## Demonstration: gradient against lag
#
# Random networks of 50 units read random inputs. The entries of $W$ are normal with the standard
# deviation $s / \sqrt{H}$, so that its eigenvalues fill a disc of radius about $s$. A random
# gradient at the last step is sent back with `step_backward`. **Guess first:** for $s = 0.9$, how
# long is it 50 steps back, if it was 1 at first?

# %% tags=["active-ipynb"]
# def norms_on_the_way_back(scale, T=60, N=20, D=1, H=50):
#     """Return the norm of the gradient at each lag, relative to lag 0, and sigma of W."""
#     rng = np.random.default_rng(0)
#     params = random_params(rng, D, H, 1, scale) | {"U": 0.1 * rng.normal(size=(H, D))}
#     x, h0 = rng.normal(size=(T, N, D)), np.zeros((N, H))
#     h, _ = hidden_recurrence(x, h0, params)
#     dh = rng.normal(size=(N, H))
#     norms = [np.linalg.norm(dh)]
#     for t in range(T - 1, 0, -1):
#         _, dh, _ = step_backward(dh, x[t], h[t - 1], h[t], params)
#         norms.append(np.linalg.norm(dh))
#     return np.array(norms) / norms[0], np.linalg.norm(params["W"], 2)
#
#
# guess = None  # your guess: a positive number
#
# with needs(step_backward):
#     for scale, marker in zip((0.5, 0.9, 1.5, 3.0), "osD^", strict=True):
#         norms, sigma = norms_on_the_way_back(scale)
#         factor = (norms[50] / norms[10]) ** (1 / 40)
#         print(f"s = {scale}: a factor of {factor:.2f} at each step back; sigma = {sigma:.1f}")
#         plt.semilogy(norms, marker=marker, markevery=5, label=f"$s = {scale}$")
#     if guess is not None:
#         plt.plot(50, guess, "*", color="C3", markersize=14, label="your guess")
#     plt.title("The gradient on its way back")
#     plt.xlabel("lag: steps before the last one")
#     plt.ylabel("norm, relative to lag 0")
#     plt.legend()
#     plt.show()

# %% [markdown]
# The plot is logarithmic, so a straight line means the same factor at every step.
#
# - $s = 0.5$: the gradient vanishes. Over 60 steps it loses about 17 orders of magnitude. Added to
#   the shares of nearby steps, what is left would be lost in rounding.
# - $s = 0.9$: $\sigma$ is well above 1, so the bound would allow an explosion, yet the gradient
#   vanishes, if slowly. The bound holds for the worst direction of a vector, step after step; a
#   real gradient does not keep to it.
# - $s = 1.5$ and $s = 3$: it explodes, but much more slowly than by $s$ a step, because many units
#   are saturated. The upturn at the very end belongs to the first steps of the sequence, where the
#   states are still close to zero and nothing is saturated yet.

# %% [markdown]
# Move the slider to see where the gradient goes from vanishing to exploding, and how far below the
# bound $\sigma^k$ it stays. (Without a running notebook there is no slider: the picture above
# shows four of its places.)

# %% tags=["active-ipynb"]
# with needs(step_backward):
#     on_the_way_back = {k / 10: norms_on_the_way_back(k / 10) for k in range(2, 31)}
#
#     @slide(s=list(on_the_way_back))
#     def gradient_against_lag(s=0.9):
#         norms, sigma = on_the_way_back[s]
#         plt.semilogy(sigma ** np.arange(60), "--", color="C4", label=r"bound $\sigma^k$")
#         plt.semilogy(norms, label="gradient")
#         plt.axhline(1.0, color="0.4", linewidth=0.8)
#         plt.title(rf"$s = {s}$, $\sigma = {sigma:.1f}$")
#         plt.xlabel("lag $k$: steps before the last one")
#         plt.ylabel("norm, relative to lag 0")
#         plt.ylim(1e-20, 1e20)
#         plt.legend(loc="upper left")

# %% [markdown]
# The change comes near $s = 1$, where $\sigma$ is already 1.9. Below, hardly a unit is saturated,
# and the factor at each step is about $s$. Above, saturation holds it back.
#
# No value of $s$ suits all tasks. What a network is trained to do changes $W$, as you saw in the
# digits.

# %% [markdown]
# ## Cutting in time: truncated BPTT
#
# A sequence of a million steps cannot be back-propagated as a whole: the states do not fit in
# memory, and the parameters would be updated only once for all that work. **Truncated BPTT** cuts
# it into windows of $k$ steps. The *state* is carried over from one window to the next, so the
# forward pass and the loss are the same as ever. The *gradient* is not: it stops at the window's
# border, as if the carried state were a constant.
#
# ![Two windows of three steps. The last state of the first window leads to the first state of the
# second one, but no gradient comes back along this arrow. Within the windows gradients pass back
# from step to step.](drawings.truncated)
#
# The price is that the result is no longer the gradient of the loss, and what it lacks are the
# dependencies that cross a border. If gradients vanish within $k$ steps anyway, little is lost.

# %% [markdown]
# ### Exercise 5: truncated BPTT (2 points)
#
# *About 20 minutes. Useful.*
#
# Write `truncated_bptt(x, h0, y, params, k)`. Windows begin at the steps 0, `k`, `2*k`, … (counted
# from 0), and no gradient passes from the first step of a window to the step before. The last
# window is shorter where `k` does not divide `T`. The gradient of `h0` is that of the first window,
# the only one that sees it; those of the inputs are the windows' own, one after the other.
#
# Each window is a task for a function that you already have.


# %%
def truncated_bptt(x, h0, y, params, k):
    """Compute the loss of pattern 1, and its gradients within windows of k steps.

    Forward, the state passes from window to window; backward, the gradient stops at their
    borders.

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs, at least one step.
    h0 : ndarray, shape (N, H)
        Initial state.
    y : ndarray of int, shape (T, N)
        Labels from 0 to K - 1.
    params : dict
        U (H, D), W (H, H), V (K, H), b (H,), c (K,).
    k : int
        Steps of a window, at least 1; windows begin at the steps 0, k, 2k, ...

    Returns
    -------
    loss : float
        The same as that of `bptt`.
    grads : dict
        The same keys and shapes as those of `bptt`.

    Examples
    --------
    >>> params = {"U": np.ones((2, 2)), "W": np.ones((2, 2)), "V": np.zeros((2, 2))}
    >>> params |= {"b": np.zeros(2), "c": np.zeros(2)}
    >>> y = np.array([[0], [0], [1]])
    >>> loss, grads = truncated_bptt(np.ones((3, 1, 2)), np.zeros((1, 2)), y, params, 2)
    >>> print(f"{loss / np.log(2):.6f}")
    3.000000
    >>> grads["x"].shape
    (3, 1, 2)
    """
    ### BEGIN SOLUTION
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]  # (N, H), a constant for the next window
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])  # (T, N, D)
    total["h0"] = windows[0]["h0"]
    return loss, total
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(truncated_bptt)

# %% [markdown]
# ## Demonstration: what truncation costs
#
# The test words, strung together as one text: six sequences of 200 letters. How far is the
# truncated gradient from the true one, in a network that has learned a little? The cosine of the
# angle between the two is 1 where they point the same way. $V$ and $c$ get their gradient from the
# step itself, and truncation does not touch it; so look at $W$ by itself, too. **Guess first:** the
# cosine for $W$ with windows of a single step?

# %% tags=["active-ipynb", "folded"]
# def plot_cosines(guess):
#     """Draw the cosines against the length of a window."""
#     plt.semilogx(windows, cosines, "s-", color="C0", label="all parameters together")
#     plt.semilogx(windows, for_w, "o--", color="C1", label="$W$ alone")
#     if guess is not None:
#         plt.plot(1, guess, "*", color="C3", markersize=12, label="your guess")
#     plt.title("Truncated and full gradient")
#     plt.xlabel("steps $k$ of a window")
#     plt.ylabel("cosine of the angle")
#     plt.ylim(0, 1.05)
#     plt.legend(loc="lower right")

# %% tags=["active-ipynb"]
# guess = None  # your guess: a number from -1 to 1
#
# with needs(step_backward, bptt, truncated_bptt):
#     network, _ = train_on_words(epochs=5)
#     text = "." + ".".join(test_words)
#     codes = np.array([LETTERS.index(c) for c in text[:1206]]).reshape(6, 201).T  # (201, 6)
#     x, y, h0 = one_hot[codes[:-1]], codes[1:], np.zeros((6, len(network["b"])))
#
#     def cosine(grads, others, names):
#         one, two = (np.concatenate([g[name].ravel() for name in names]) for g in (grads, others))
#         return one @ two / np.linalg.norm(one) / np.linalg.norm(two)
#
#     full = bptt(x, h0, y, network)[1]
#     windows = [1, 2, 3, 5, 10, 20, 40, 100, 200]
#     cut = [truncated_bptt(x, h0, y, network, k)[1] for k in windows]
#     cosines = [cosine(full, grads, network) for grads in cut]
#     for_w = [cosine(full, grads, "W") for grads in cut]
#     plot_cosines(guess)
#     plt.show()
#     for name, values in {"all": cosines, "W": for_w}.items():
#         pairs = zip(windows, values, strict=True)
#         print(f"{name}: ", ", ".join(f"k = {k}: {c:.3f}" for k, c in pairs))

# %% [markdown]
# With windows of one step the truncated gradient still points roughly the right way, at a cosine of
# about 0.7; for $W$ alone it is only 0.5. With ten steps it can hardly be told from the full one
# (0.985). So this network, on this text, depends little on what is more than ten letters back.
# Where a task needs longer memory, a network trained in short windows is never told so: the state
# is carried over, but nothing rewards keeping the right things in it.

# %% [markdown]
# ## Demonstration: what truncation buys
#
# Your function sums the windows, to be compared with the full gradient. Training need not wait for
# that: it updates after each window, with the state carried on. Take the training words as 32
# streams of letters side by side, some 800 steps each, and read them six times: once with one
# update for each reading, once with one for every 20 steps. Each reading costs both about the same.

# %% tags=["active-ipynb"]
# def train_on_streams(parts, readings=6, H=100, rate=5e-3):
#     """Train on one long text, with an update after each of its parts; return bits per letter."""
#     text = "." + ".".join(train_words) + "."
#     T = len(text) // 32
#     codes = np.array([LETTERS.index(c) for c in text[: 32 * T]]).reshape(32, T).T  # (T, 32)
#     x_parts = np.array_split(one_hot[codes[:-1]], parts)
#     y_parts = np.array_split(codes[1:], parts)
#     params = random_params(np.random.default_rng(0), 27, H, 27)
#     step, curve = adam(params), []
#     for _ in range(readings):
#         total, state = 0.0, np.zeros((32, H))
#         for x, y in zip(x_parts, y_parts, strict=True):
#             loss, grads = truncated_bptt(x, state, y, params, 20)
#             state = hidden_recurrence(x, state, params)[0][-1]
#             step({name: grads[name] / len(x) for name in params}, rate)
#             total += loss
#         curve.append(total / (T - 1) / np.log(2))
#     return curve

# %% tags=["active-ipynb"]
# with needs(step_backward, bptt, truncated_bptt):
#     seldom, often = train_on_streams(parts=1), train_on_streams(parts=40)
#     plt.plot(range(1, 7), seldom, "o--", color="C1", label="one update for each reading")
#     plt.plot(range(1, 7), often, "s-", color="C0", label="one for every 20 steps")
#     plt.title("The same text, read six times")
#     plt.xlabel("reading")
#     plt.ylabel("loss while reading (bits per letter)")
#     plt.legend()
#     plt.show()

# %% [markdown]
# With forty times as many updates, the network has learned more in its first reading than the other
# in six. This is how networks are trained on long texts.

# %% [markdown]
# ## Cutting in length: clipping
#
# Where gradients explode, the loss has cliffs: next to a flat region it rises steeply. A step of
# gradient descent from the foot of a cliff uses a huge gradient, and throws the parameters far
# away, undoing much work. The *direction* of that gradient is fine; its *length* is not.
# **Clipping** the norm keeps the one and bounds the other (section 10.11.1 of the book):
#
# $$g \;\leftarrow\; g \cdot \min\!\Big(1,\; \frac{\text{max norm}}{\lVert g \rVert}\Big), \qquad
# \lVert g \rVert = \sqrt{\sum_{\text{all arrays}} \; \sum_{\text{all entries}} g_i^2}\,.$$
#
# The norm is that of *all* gradients together, as of one long vector: if each array were scaled by
# a factor of its own, the direction would change. Clipping does nothing against vanishing
# gradients.

# %% [markdown]
# ### Exercise 6: clipping (2 points)
#
# *About 10 minutes. Useful.*
#
# Write `clip_gradients(grads, max_norm)`. Gradients that are short enough keep their values, zeros
# included. Return a new dict, and leave the old one and its arrays alone.


# %%
def clip_gradients(grads, max_norm):
    """Scale gradients down so that their norm is at most max_norm.

    g <- g * min(1, max_norm / |g|), where |g| is the norm over all arrays together
    (section 10.11.1 of the book).

    Parameters
    ----------
    grads : dict of ndarray
        Gradients under any keys, of any shapes.
    max_norm : float
        The largest norm that stays as it is, positive.

    Returns
    -------
    dict of ndarray
        The same keys and shapes, in new arrays.

    Examples
    --------
    >>> clipped = clip_gradients({"b": np.array([3.0]), "c": np.array([0.0, 4.0])}, 2.5)
    >>> clipped["b"], clipped["c"]
    (array([1.5]), array([0., 2.]))
    """
    ### BEGIN SOLUTION
    norm = np.sqrt(sum(np.sum(array**2) for array in grads.values()))
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: scale * array for name, array in grads.items()}
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(clip_gradients)

# %% [markdown]
# ## Demonstration: clipping, on digits read pixel by pixel
#
# The same images, one *pixel* a step: $T = 64$, $D = 1$. The gradient has to travel eight times as
# far. Plain gradient descent now, without Adam's own bounds on a step: the same network trained
# three times.

# %% tags=["active-ipynb"]
# pixels = images.reshape(len(images), 64, 1).transpose(1, 0, 2)  # (T, N, D)
#
#
# def train_on_pixels(rate, max_norm, epochs=24, H=48):
#     """Train by gradient descent; return losses by epoch, norms by update, test accuracy."""
#     rng = np.random.default_rng(0)
#     params = random_params(rng, 1, H, 10)
#     losses, norms = [], []
#     for _ in range(epochs):
#         total = 0.0
#         for batch in np.array_split(rng.permutation(1297), 41):
#             N = len(batch)
#             loss, grads = bptt_single_output(
#                 pixels[:, batch], np.zeros((N, H)), labels[batch], params
#             )
#             grads = {name: grads[name] for name in params}  # not those of x and h0
#             norms.append(np.sqrt(sum(np.sum(g**2) for g in grads.values())))
#             clipped = clip_gradients(grads, max_norm)
#             for name in params:
#                 params[name] -= rate * clipped[name]
#             total += N * loss
#         losses.append(total / 1297)
#     h, o = single_output(pixels[:, test], np.zeros((500, H)), params)
#     return losses, norms, accuracy(o, labels[test])

# %% tags=["active-ipynb", "folded"]
# def plot_training():
#     """Draw losses, and the largest norm of each epoch."""
#     epochs = 1 + np.arange(24)
#     fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2))
#     looks = zip(runs, ("o-", "^--", "s-"), ("C1", "C4", "C0"), strict=True)
#     for name, style, color in looks:
#         losses, norms, accurate = runs[name]
#         left.plot(epochs, losses, style, color=color, label=name)
#         largest = np.max(np.reshape(norms, (24, 41)), axis=1)  # of the 41 updates of each epoch
#         right.semilogy(epochs, largest, style, color=color)
#         print(f"{name:<28} loss {losses[-1]:.2f}, test accuracy {accurate:.0%},", end=" ")
#         print(f"norms: median {np.median(norms):.1f}, largest {max(norms):.0f}")
#     left.axhline(np.log(10), color="0.4", linestyle=":", label="guessing")
#     left.set(title="Loss on the training images", xlabel="epoch", ylabel="loss (nats)")
#     right.set(title="Gradients before clipping", xlabel="epoch", ylabel="largest norm")
#     fig.legend(loc="outside lower center", ncols=4)

# %% tags=["active-ipynb"]
# with needs(step_backward, bptt_single_output, clip_gradients):
#     runs = {
#         "rate 0.1, no clipping": train_on_pixels(0.1, np.inf),
#         "rate 0.03, no clipping": train_on_pixels(0.03, np.inf),
#         "rate 0.1, clipped at norm 1": train_on_pixels(0.1, 1.0),
#     }
#     plot_training()
#     plt.show()

# %% [markdown]
# Without clipping, a rate of 0.1 goes well for some epochs. Then some gradients are far longer than
# usual. A step along such a gradient undoes the learning: the loss jumps back up, and in the epochs
# that are left the network does not catch up.
#
# A rate of 0.03 learns more slowly from the start, and it is no remedy: it may end well, with
# lapses, or be thrown back as far as guessing, $\log 10$. With clipping, the large rate is safe,
# and the training loss comes down with hardly a step back, to the lowest of the three. (On the test
# images it need not be the best: clipping helps the optimisation, and that is all it is for.)
#
# The threshold of 1 is below the usual norm in these runs, so most steps are clipped: in effect,
# steps of a fixed length in the direction of the gradient. When and how badly the other two fail
# depends on the random start and, because small differences grow, on how the machine rounds: your
# curves may look quite different from your neighbour's. That clipping tames the spikes does not.
#
# Pixel by pixel, well over half of the digits are recognised here, row by row it was 94 %. The
# training was not the same, so this is no clean comparison, but the task is harder too: the same
# information has 64 steps to travel instead of 8.

# %% [markdown]
# ## How am I doing?

# %% tags=["active-ipynb"]
# progress()

# %% [markdown]
# ## What you have learned
#
# - BPTT is back-propagation on the unrolled graph. $\nabla_{h_t} L$ has two parts, one from the
#   output and one from the next state, and the latter passes the tanh first and $W^\top$
#   afterwards.
# - Shared parameters get a sum, over time and over the batch.
# - Time and memory are $O(T)$, and the steps have to be taken one after the other.
# - Along the sequence, gradients are multiplied by a matrix at each step, so they vanish or
#   explode. Clipping tames the latter; truncation saves memory and gives up long dependencies.
#
# **Read on** in *Deep Learning* by Goodfellow, Bengio and Courville: section 10.2.2 for the
# gradient, 10.7 for the challenge of long-term dependencies, 10.11 for clipping and other remedies,
# 6.5 for back-propagation on any graph.
#
# **What comes next.** The recurrence through $h$ is what makes BPTT sequential. In pattern 2 the
# recurrence runs through the output, and maximum likelihood itself then says to feed the right
# label in its place while training: the steps come apart. Homework 5 is about this *teacher
# forcing*, and about what happens when the right labels are no longer there.
