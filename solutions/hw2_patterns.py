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
# - build three networks from it: one that feeds its hidden state back, one that feeds its output back,
#   and one that reads a whole sequence before it answers;
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
# - from homework 1, unrolling: $h_t = f(h_{t-1}, x_t; \theta)$, with the same $f$ and $\theta$ at every step;
# - from numpy, matrix products with `@`, broadcasting, and indexing with arrays of integers.

# %% [markdown]
# ## How to work
#
# Run the cells from top to bottom. Each exercise is one function: replace the line
# `raise NotImplementedError` by your code, run the cell, then run the check under it. The check
# says what is right, what is not, and where. `hint(rnn_step)` gives a hint, and another one each time
# you ask.
#
# The five functions are worth 3, 4, 4, 5 and 4 points. Part of a function's work earns part of its
# points. Grading repeats the same tests with other numbers, so an answer that was typed in fails there.

# %%
import graphviz
import numpy as np

# %% tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# from autograder import check, datasets, draw, hint, needs, progress

# %% [markdown]
# ## Notation
#
# There are $T$ steps, $N$ sequences in the batch, $D$ inputs, $H$ hidden units and $K$ classes.
#
# | in the text | in code | shape | meaning |
# |---|---|---|---|
# | $x_t$ | `x[t]` | `x` is `(T, N, D)` | inputs |
# | $h_t$ | `h[t]` | `h` is `(T, N, H)` | hidden state, after $x_t$ has been read |
# | $o_t$ | `o[t]` | `o` is `(T, N, K)` | outputs: unnormalised log-probabilities |
# | $U$ | `params["U"]` | `(H, D)` | weights from input to hidden |
# | $W$ | `params["W"]` | `(H, H)`, or `(H, K)` in pattern 2 | weights of the recurrence |
# | $V$ | `params["V"]` | `(K, H)` | weights from hidden to output |
# | $b$ | `params["b"]` | `(H,)` | biases of the hidden units |
# | $c$ | `params["c"]` | `(K,)` | biases of the outputs |
#
# The text counts the steps from 1, as *Deep Learning* (Goodfellow, Bengio and Courville) does; Python
# counts them from 0. So $x_1$ is `x[0]`, and $h_1$ is `h[0]`. The state $h_0$, before anything has been
# read, is an array of its own: `h0`, of shape `(N, H)`.
#
# The five parameters travel together in a dict, `params`.

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
# hyperbolic tangent then squashes each sum to a number between $-1$ and $1$, so the state stays
# bounded however long the sequence is.

# %% [markdown]
# The equations treat one sequence: $x_t$, $h_t$ and $b$ are column vectors. A batch holds $N$ sequences,
# and it holds them as **rows**: `x_t` is `(N, D)`, `h_prev` is `(N, H)`. Transposing the equation turns its
# columns into rows:
#
# $$a_t^\top = b^\top + h_{t-1}^\top W^\top + x_t^\top U^\top$$
#
# With $N$ rows instead of one, the same products treat all sequences at once. Row $n$ of the result
# depends on row $n$ of `x_t` and of `h_prev` only: the sequences of a batch never mix.

# %% [markdown]
# ### Exercise 1: one step (3 points)
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
# ![A folded graph: the input x goes to the hidden units h through U, h goes back to itself through W, and
# to the output o through V; the loss L compares o with the target y.](drawings.pattern_1_folded)
#
# The hidden units are connected to themselves, one step later, through $W$. There is an output at every
# step (equation 10.10):
#
# $$o_t = c + V h_t$$
#
# Unrolled in time, this is figure 10.3 of the book:
#
# ![The same graph unrolled over three steps: each h receives x through U and the h of the step before
# through W, and sends o through V; each step has its own loss L and target
# y.](drawings.pattern_1)

# %% [markdown]
# The outputs are **unnormalised log-probabilities** of $K$ classes. Homework 3 turns them into
# probabilities, $\hat y_t = \mathrm{softmax}(o_t)$, and compares these with the target $y_t$ in a loss $L_t$.
# This homework stops at $o_t$; the losses appear in the drawings only.
#
# One input comes in and one output goes out at every step. So the pattern suits tasks such as tagging each
# word of a sentence, or foretelling, year after year, the next year's value of a series. And $o_t$ may
# draw on *all* inputs up to $x_t$, because $h_t$ does.

# %% [markdown]
# ### Exercise 2: pattern 1 (4 points)
#
# Write `hidden_recurrence(x, h0, params)`. It returns the states *and* the outputs of all steps, as the
# tuple `(h, o)`. The states must be computed one after the other. The outputs need not.


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
# ## The same parameters at every step
#
# ![The unrolled network, with the same U, V and W, in one colour each, at every
# step.](drawings.parameter_sharing)
#
# The network has $HD$ numbers in $U$, $H^2$ in $W$, $KH$ in $V$, and $H + K$ biases:
#
# $$HD + H^2 + KH + H + K$$
#
# The length $T$ does not occur. With $D = 8$, $H = 200$ and $K = 10$ these are $43\,810$ numbers, for
# a sequence of eight steps as for one of eight thousand. Weights of their own for each step would
# make $T$ times as many. They would also have to learn at each step anew what can be learned once, and
# would have nothing to say about a sequence longer than any that was seen in training.

# %% [markdown]
# ## What such a network can compute
#
# Take any function that a Turing machine can compute. Then there is a recurrent network of pattern 1, with a
# *finite* number of units, that computes it. The number of steps it takes grows linearly with the number of
# steps of the Turing machine, and with the length of the input (section 10.2; the proofs are by Siegelmann
# and Sontag, 1991 and 1995). In this sense the pattern is **universal**.
#
# The small print matters:
#
# - Inputs are sequences of bits, and the outputs are rounded to bits. The function is computed exactly,
#   not approximated.
# - The units of the proof are piecewise linear, and their activations are rational numbers of
#   *unbounded* precision: a tape without end is stored in the digits of a few of them. A network in float64 has
#   finitely many states, as your computer has.
# - The theorem says that suitable weights exist. It does not say that training finds them.

# %% [markdown]
# ## Pattern 2: the output is fed back
#
# ![A folded graph: x goes to h through U, h to o through V, and o goes back to h through W; the loss L
# compares o with y. No edge leads from h to itself.](drawings.pattern_2_folded)
#
# Only one edge is different: $W$ starts at the output. That makes it a matrix of shape $(H, K)$:
#
# $$a_t = b + W o_{t-1} + U x_t$$
# $$h_t = \tanh(a_t)$$
# $$o_t = c + V h_t$$
#
# Unrolled in time, this is figure 10.4 of the book:
#
# ![The same graph unrolled over three steps: each h receives x through U and the o of the step before
# through W. No edge leads from one h to the next.](drawings.pattern_2)
#
# Instead of $h_0$, the network starts from an output $o_0$, of shape `(N, K)`. What is fed back is $o$ as
# it is, without a softmax.

# %% [markdown]
# ### Exercise 3: pattern 2 (4 points)
#
# Write `output_recurrence(x, o0, params)`, where `params["W"]` is `(H, K)`. It returns `(h, o)` as before. This
# time the outputs cannot wait until the loop is over.


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
# Look at the arguments of your function: whatever was read before, `o0` is all that tells of it. At every
# step, **$o$ is the only information that reaches the future**. Two pasts that end in the same $o_t$ have the
# same future, however different their hidden states were. Pattern 1 may put into $h$ whatever it likes
# about the past, and send it on.
#
# One line of algebra says how narrow the passage is. Put $o_{t-1} = c + V h_{t-1}$ into the equation of $a_t$:
#
# $$a_t = (b + W c) + W V\, h_{t-1} + U x_t$$
#
# So from its second step on, a network of pattern 2 *is* one of pattern 1, whose recurrent matrix is the
# product $WV$. That is an $(H, H)$ matrix of **rank at most $K$**. With $K < H$, what $h_{t-1}$ holds in the other
# directions is lost.

# %% [markdown]
# The second restriction comes with training. The matrix $V$ must do two jobs: give the right answer, and
# remember. $o_t$ is trained to match $y_t$, and what matches $y_t$ best rarely is all that the
# future needs to know about the past. An example is below: how many sunspots there will be next year
# does not tell whether the number is on its way up or down.
#
# So pattern 2 is **less powerful**: it can express fewer functions than pattern 1 (section 10.2). It also has
# fewer parameters when $K < H$: $HK$ in $W$ instead of $H^2$.

# %% [markdown]
# ## What pattern 2 gets in exchange
#
# Suppose that $o_t$ is trained to match $y_t$. While training, we *know* $y_t$. Then we may feed back $y_{t-1}$ in
# the place of $o_{t-1}$: no step has to wait for the one before it any more, and the gradient of each
# step can be computed on its own. The steps **decouple**, and all of them can be trained
# in parallel. In pattern 1 there is no such way out, because nobody tells us the right $h_{t-1}$.
#
# This is **teacher forcing** (section 10.2.1). Far from being a trick, it follows from maximum
# likelihood. Homework 5 is about it, and about the price: when the trained network runs by itself, it is fed
# with its own outputs again.

# %% [markdown]
# ## Pattern 3: one output, at the end
#
# ![The network of pattern 1, unrolled: every h receives x through U and the h before it through W, but only
# the last h has an output o, with a loss L and a target y.](drawings.pattern_3)
#
# The recurrence is that of pattern 1, and the output is read once, after the last step:
#
# $$h_t = \tanh(b + W h_{t-1} + U x_t), \qquad o = c + V h_T$$
#
# (figure 10.5 of the book). The last state $h_T$ **summarises** the sequence: it has $H$ numbers, however long
# the sequence was. Many to one: is this review friendly, which digit is this, in what language is this word
# written? The summary can also be handed on to another network.

# %% [markdown]
# ### Sequences of different lengths
#
# An array is rectangular, sequences are not. To put them into one batch, the shorter ones are **padded**
# at the end up to the length of the longest, often with zeros. `lengths[n]` tells how many of the $T$ steps of
# sequence $n$ are real, from 1 to $T$.
#
# Padding cannot do harm to the real steps: they come first, and a state never depends on inputs that
# come later. The loop may simply run on into the padding. But the state there is worthless, and so is the
# output at step $T$ of a sequence that ended before. The output of sequence $n$ belongs to **its own
# last step**, number `lengths[n]`.

# %% [markdown]
# ### Exercise 4: pattern 3 (5 points)
#
# Write `single_output(x, h0, params, lengths=None)`. It returns `(h, o)`, with the states of all steps in `h`, and
# one output for each sequence in `o`, which is `(N, K)`. Without `lengths`, all sequences have $T$ steps. What `h`
# holds at padded steps is up to you.


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
# ## The three graphs
#
# A drawing says at a glance what distinguishes the patterns: where the edges $W$ start, and how many
# outputs there are.
#
# ### Exercise 5: draw them (4 points)
#
# Write `pattern_graph(pattern, T)`, which draws a pattern unrolled over `T` steps. `pattern` is
# `"hidden_recurrence"`, `"output_recurrence"` or `"single_output"`.
#
# - The nodes are called `x1`, `h1`, `o1`, `L1`, `y1`, up to `xT`, `hT`, and so on. The pattern with a single output
#   has no other `o`, `L` and `y` than `oT`, `LT` and `yT`.
# - Edges from `x` to `h` are labelled `U`, edges from `h` to `o` are labelled `V`, edges of the recurrence `W`.
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
        Nodes x1, h1, o1, L1, y1 and so on; edges labelled U, V and W, and those to L without a label.

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
            graph.edge(f"y{t}", f"L{t}", constraint="false")
    return graph
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(pattern_graph)

# %% tags=["active-ipynb"]
# with needs(pattern_graph):
#     for pattern in ("hidden_recurrence", "output_recurrence", "single_output"):
#         print(pattern)
#         draw(pattern_graph(pattern, 3))

# %% [markdown]
# ## How am I doing?

# %% tags=["active-ipynb"]
# progress()
