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
# # Homework 0 · TODO: the title
#
# **What you will do**
#
# - TODO: what is written, what is trained or seen.
#
# **What you will learn**
#
# - TODO: two or three sentences that the reader will be able to explain.
#
# **What you need**
#
# - TODO: earlier homeworks, mathematics, numpy.

# %%
import numpy as np

# %% tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# from autograder import check, datasets, draw, hint, needs, progress

# %% [markdown]
# ## TODO: the idea
#
# TODO: the equation with its number in the book, one idea in a cell.

# %% [markdown]
# ### Exercise 1: TODO: a few words (20 points)
#
# TODO: minutes and weight, such as *About 20 minutes. Essential.* (or Useful, or Aside)
#
# TODO: what to write, the shapes, what must hold.


# %%
def my_function(x):
    """TODO: an imperative sentence; and a better name, here and in the other files.

    TODO: the equation and its source.

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
        TODO: what it is, with its unit.

    Returns
    -------
    ndarray, shape (T, N, D)
        TODO: what comes back.

    Examples
    --------
    TODO: an example.
    """
    ### BEGIN SOLUTION
    return np.array(x)  # TODO: the solution
    ### END SOLUTION


# %% tags=["active-ipynb"]
# check(my_function)

# %% [markdown]
# ## Demonstration: TODO: what will be seen
#
# TODO: what is done with which real data, and what to look for.

# %% tags=["active-ipynb"]
# with needs(my_function):
#     ...  # TODO: train, compute, plot

# %% [markdown]
# ## What you have learned
#
# - TODO: what was promised at the top, in the light of the demonstration.
