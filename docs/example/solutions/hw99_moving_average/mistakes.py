"""Classic mistakes of hw99_moving_average: each is a change of the solution, or a function."""

import numpy as np

from autograder.course.catalogue import Exercise

MOVING_AVERAGE = Exercise(
    "moving_average",
    mixed="test_each_state_mixes_the_one_before_with_the_input",
    first="test_the_first_state_is_mixed_from_h0",
    unchanged="test_the_arguments_stay_as_they_were",
)
MOVING_AVERAGE.mistake(
    "alpha and 1 - alpha swapped",
    "With alpha near 1 the states should hardly move, yet they follow every input. In the equation "
    "alpha is the share of the state that is kept. Which of the two terms does yours multiply?",
    {"alpha * h + (1.0 - alpha) * x[t]": "(1.0 - alpha) * h + alpha * x[t]"},
)
MOVING_AVERAGE.mistake(
    "started from zeros instead of h0",
    "The first state is wrong, and what follows differs from the right states by less and less. "
    "The equation at t = 1 reads h_0. Where does your loop begin?",
    {"np.empty(x.shape), h0": "np.empty(x.shape), np.zeros(h0.shape)"},
)
MOVING_AVERAGE.mistake(
    "h0 used again at every step",
    "The first state is right and all later ones are wrong: each mixes its input with h0, so "
    "nothing is remembered. The equation reads h_{t-1}. What does your loop carry along?",
    {"alpha * h +": "alpha * h0 +"},
    fails="mixed unchanged",
)


@MOVING_AVERAGE.mistake(
    "h0 overwritten",
    "The states are right, but the caller's h0 has changed: an assignment such as `h *= alpha` "
    "works in place, and h was h0 itself. Make a new array at each step.",
    fails="unchanged",
)
def in_place(x, h0, alpha):
    states = np.empty(x.shape)
    for t in range(len(x)):
        h0 *= alpha
        h0 += (1.0 - alpha) * x[t]
        states[t] = h0
    return states
