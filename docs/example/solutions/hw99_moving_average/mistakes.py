"""Classic mistakes of hw99_moving_average."""

import numpy as np

from autograder.course.catalogue import classic
from solutions.hw99_moving_average.solution import moving_average

MIXED = "test_each_state_mixes_the_one_before_with_the_input"
FIRST = "test_the_first_state_is_mixed_from_h0"
UNCHANGED = "test_the_arguments_stay_as_they_were"


@classic(
    "moving_average",
    "alpha and 1 - alpha swapped",
    "With alpha near 1 the states should hardly move, yet they follow every input. In the equation "
    "alpha is the share of the state that is kept. Which of the two terms does yours multiply?",
    fails=(MIXED, FIRST, UNCHANGED),
)
def swapped(x, h0, alpha):
    return moving_average(x, h0, 1.0 - alpha)


@classic(
    "moving_average",
    "started from zeros instead of h0",
    "The first state is wrong, and what follows differs from the right states by less and less. "
    "The equation at t = 1 reads h_0. Where does your loop begin?",
    fails=(MIXED, FIRST, UNCHANGED),
)
def from_zeros(x, h0, alpha):
    return moving_average(x, np.zeros_like(h0), alpha)


@classic(
    "moving_average",
    "h0 used again at every step",
    "The first state is right and all later ones are wrong: each mixes its input with h0, so "
    "nothing is remembered. The equation reads h_{t-1}. What does your loop carry along?",
    fails=(MIXED, UNCHANGED),
)
def without_memory(x, h0, alpha):
    return alpha * h0 + (1.0 - alpha) * x


@classic(
    "moving_average",
    "h0 overwritten",
    "The states are right, but the caller's h0 has changed: an assignment such as `h *= alpha` "
    "works in place, and h was h0 itself. Make a new array at each step.",
    fails=(UNCHANGED,),
)
def in_place(x, h0, alpha):
    states = moving_average(x, h0, alpha)
    h0[...] = states[-1]
    return states
