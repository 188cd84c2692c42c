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
# # Homework 99 · The moving average
#
# **What you will do**
#
# - write the simplest recurrent unit, and let it read 300 years of sunspots.
#
# **What you will learn**
#
# - how one number decides for how long a unit remembers.
#
# **What you need**
#
# - `unroll_inputs` of homework 1.

# %%
import numpy as np

# %% tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# from autograder import check, datasets, draw, hint, needs, progress

# %% [markdown]
# ## A unit that remembers
#
# A **leaky unit** keeps the share $\alpha$ of its state at each step, and takes the rest from the
# input:
#
# $$h_t = \alpha\, h_{t-1} + (1 - \alpha)\, x_t$$
#
# (section 10.9.2 of *Deep Learning* by Goodfellow, Bengio and Courville). What was read $k$ steps
# ago still counts with the factor $\alpha^k$: the nearer $\alpha$ is to 1, the longer the memory.

# %% [markdown]
# ### Exercise 1: the moving average (20 points)
#
# *About 10 minutes. Useful.*
#
# Write `moving_average(x, h0, alpha)`. The first state is mixed from `h0` and the first input.
# Leave the arguments as they were.


# %%
def moving_average(x, h0, alpha):
    """Average the inputs, the older ones less and less.

    h_t = alpha h_{t-1} + (1 - alpha) x_t (section 10.9.2 of the book).

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        Inputs.
    h0 : ndarray, shape (N, D)
        Initial state.
    alpha : float
        The share of its state that the unit keeps at a step, from 0 to 1.

    Returns
    -------
    ndarray, shape (T, N, D)
        The states h_1 ... h_T.

    Examples
    --------
    >>> moving_average(np.ones((3, 1, 1)), np.zeros((1, 1)), 0.5).ravel()
    array([0.5  , 0.75 , 0.875])
    """
    ### BEGIN SOLUTION
    states, h = np.empty(x.shape), h0
    for t in range(len(x)):
        states[t] = h = alpha * h + (1.0 - alpha) * x[t]  # (N, D)
    return states
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(moving_average)

# %% [markdown]
# ## Demonstration: three memories of the sun
#
# The yearly sunspot numbers rise and fall every eleven years. Three units read them: one that
# forgets at once, one that remembers for some years, and one for some decades.

# %% tags=["active-ipynb"]
# with needs(moving_average):
#     years, counts = datasets.sunspots()
#     fig, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
#     for alpha, colour in ((0.0, "#c9c9c9"), (0.8, "#1b3a5c"), (0.97, "#e08a1e")):
#         h = moving_average(counts[:, None, None], np.full((1, 1), counts.mean()), alpha)
#         ax.plot(years, h[:, 0, 0], color=colour, label=f"alpha = {alpha}")
#     ax.set(title="Sunspots, and what a leaky unit keeps of them", xlabel="year",
#            ylabel="sunspot number")
#     ax.legend()
#     plt.show()

# %% [markdown]
# ## What you have learned
#
# - With $\alpha = 0.8$ the unit still follows the cycle, late and flattened; with
#   $\alpha = 0.97$ it shows which centuries had more spots. One number chose the time scale.
