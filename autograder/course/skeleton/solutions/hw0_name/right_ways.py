"""Correct work on hw0_name in other styles than the solutions'."""


def my_function__todo(x):
    """TODO: the same by a loop, by other functions of numpy, in another order."""
    return x.copy()
