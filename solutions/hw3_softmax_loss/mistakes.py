"""Classic mistakes of hw3_softmax_loss."""

import numpy as np

from autograder.course.catalogue import another, classic
from solutions.hw3_softmax_loss.solution import log_softmax, softmax

# --- softmax -----------------------------------------------------------------------------

SOFTMAX_FORMULA = "test_the_last_axis_holds_the_probabilities_of_one_distribution"
SOFTMAX_SHIFT = "test_adding_a_number_to_all_outputs_of_a_distribution_changes_nothing"
SOFTMAX_FINITE = "test_outputs_of_any_size_give_finite_probabilities"
SOFTMAX_UNCHANGED = "test_softmax_leaves_its_argument_as_it_was"
SOFTMAX_ALL = (SOFTMAX_FORMULA, SOFTMAX_SHIFT, SOFTMAX_FINITE, SOFTMAX_UNCHANGED)


@classic(
    "softmax",
    "no maximum subtracted",
    "Moderate outputs come out right; from 710 on there is NaN, and where all outputs of a vector "
    "lie below -746 too. exp(710) is infinite and exp(-746) is 0, so the formula becomes inf / "
    'inf or 0 / 0. "Probabilities from outputs" shows a shift that is nothing on paper and saves '
    "the computer.",
    fails=(SOFTMAX_SHIFT, SOFTMAX_FINITE),
)
def softmax_without_shift(o):
    e = np.exp(o)
    return e / e.sum(axis=-1, keepdims=True)


@classic(
    "softmax",
    "NaN replaced by 0",
    "Where the outputs are large or very negative, probabilities are 0, and a vector no longer "
    "sums to 1. The exponentials overflowed or underflowed, and the NaN that came of it was "
    "covered up. Keep it from arising: choose what to subtract before the exponential.",
    fails=(SOFTMAX_SHIFT, SOFTMAX_FINITE),
)
def softmax_nan_to_num(o):
    e = np.exp(o)
    return np.nan_to_num(e / e.sum(axis=-1, keepdims=True))


@classic(
    "softmax",
    "outputs limited before the exponential",
    "Outputs beyond the limit count as though they were equal to it, so a vector of outputs near "
    "1000 gets equal probabilities. Only differences between outputs matter, and the limit "
    "changes the differences. A shift keeps them.",
    fails=(SOFTMAX_SHIFT, SOFTMAX_FINITE),
)
def softmax_clipped(o):
    e = np.exp(np.clip(o, -500.0, 500.0))
    return e / e.sum(axis=-1, keepdims=True)


@another(softmax_clipped)
def softmax_clipped_at_700(o):
    e = np.exp(np.clip(o, -700.0, 700.0))
    return e / e.sum(axis=-1, keepdims=True)


@another(softmax_clipped)
def softmax_clipped_at_100(o):
    e = np.exp(np.clip(o, -100.0, 100.0))
    return e / e.sum(axis=-1, keepdims=True)


@another(softmax_clipped)
def softmax_clipped_at_50(o):
    e = np.exp(np.clip(o, -50.0, 50.0))
    return e / e.sum(axis=-1, keepdims=True)


@another(softmax_clipped)
def softmax_clipped_above(o):
    e = np.exp(np.minimum(o, 700.0))
    return e / e.sum(axis=-1, keepdims=True)


@classic(
    "softmax",
    "maximum of the whole array subtracted",
    "A single vector is right; vectors whose outputs all lie 746 or more below the largest of the "
    "whole array become 0 / 0, which is NaN. The equation normalises each vector along the last "
    "axis on its own, and so each needs its own s.",
    fails=(SOFTMAX_SHIFT, SOFTMAX_FINITE),
)
def softmax_global_maximum(o):
    e = np.exp(o - o.max())
    return e / e.sum(axis=-1, keepdims=True)


@classic(
    "softmax",
    "maximum taken over the first axis",
    "Each class was shifted by its own maximum over the first axis, so the outputs of one vector "
    "were shifted by different numbers. Its probabilities are those of other outputs, and may be "
    "NaN for large outputs. The shift cancels only where it is the same number s for all classes "
    "of a vector. Look at the axis of the maximum.",
    fails=SOFTMAX_ALL,
)
def softmax_maximum_over_axis_0(o):
    e = np.exp(o - o.max(axis=0, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@classic(
    "softmax",
    "mean subtracted instead of the maximum",
    "Outputs that all lie close together come out right, at any level; where one of them is 710 or "
    "more above the mean there is NaN. Any s leaves the equation true, but to prevent overflow "
    "every exponent has to be at most zero. Which s sees to that?",
    fails=(SOFTMAX_FINITE,),
)
def softmax_mean(o):
    e = np.exp(o - o.mean(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@classic(
    "softmax",
    "minimum subtracted instead of the maximum",
    "Outputs that all lie close together come out right, at any level; where the largest is 710 or "
    "more above the smallest there is NaN. With the minimum subtracted every exponent is at least "
    "zero, so the exponentials can still overflow. Which number makes them at most zero?",
    fails=(SOFTMAX_FINITE,),
)
def softmax_minimum(o):
    e = np.exp(o - o.min(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@classic(
    "softmax",
    "largest absolute value subtracted",
    "Moderate outputs come out right; there is NaN wherever the largest output of a vector lies "
    "746 or more below the largest absolute value. That value then belongs to the most negative "
    "output, so all exponents become even more negative and the sum underflows to 0. The signs of "
    "the outputs matter when s is chosen.",
    fails=(SOFTMAX_SHIFT, SOFTMAX_FINITE),
)
def softmax_largest_absolute_value(o):
    e = np.exp(o - np.abs(o).max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@classic(
    "softmax",
    "divided by the maximum instead of shifted",
    "The probabilities are those of other outputs: a factor changes the differences between "
    "outputs, and these are all that matters. There may even be NaN, where the maximum is 0, or "
    "where it is negative and other outputs are much lower. Only a number that is subtracted "
    "cancels.",
    fails=SOFTMAX_ALL,
)
def softmax_scaled(o):
    e = np.exp(o / np.abs(o).max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@another(softmax_scaled)
def softmax_scaled_with_sign(o):
    e = np.exp(o / o.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@another(softmax_scaled)
def softmax_scaled_by_one_number(o):
    e = np.exp(o / o.max())
    return e / e.sum(axis=-1, keepdims=True)


@another(softmax_scaled)
def softmax_scaled_by_one_size(o):
    e = np.exp(o / np.abs(o).max())
    return e / e.sum(axis=-1, keepdims=True)


@classic(
    "softmax",
    "shift in the numerator only",
    "Each vector keeps the right proportions and sums to exp(-s) instead of 1; very negative "
    "outputs give infinity or NaN. The factor exp(-s) cancels only if it stands above and below "
    "the line. Compare your denominator with the last but one form of the equation.",
    fails=SOFTMAX_ALL,
)
def softmax_shift_in_numerator(o):
    e = np.exp(o - o.max(axis=-1, keepdims=True))
    return e / np.exp(o).sum(axis=-1, keepdims=True)


@another(softmax_shift_in_numerator)
def softmax_common_shift_in_numerator(o):
    return np.exp(o - o.max()) / np.exp(o).sum(axis=-1, keepdims=True)


@classic(
    "softmax",
    "shift in the denominator only",
    "Each vector keeps the right proportions and sums to exp(s) instead of 1; large outputs give "
    "infinity. The factor exp(-s) cancels only if it stands above and below the line. Compare your "
    "numerator with the last but one form of the equation.",
    fails=SOFTMAX_ALL,
)
def softmax_shift_in_denominator(o):
    e = np.exp(o - o.max(axis=-1, keepdims=True))
    return np.exp(o) / e.sum(axis=-1, keepdims=True)


@another(softmax_shift_in_denominator)
def softmax_common_shift_in_denominator(o):
    return np.exp(o) / np.exp(o - o.max()).sum(axis=-1, keepdims=True)


@classic(
    "softmax",
    "divided by the sum over the whole array",
    "A single vector is right; otherwise all entries together sum to 1, and each vector sums to "
    "less. Every vector along the last axis is a distribution of its own, so the sum in the "
    "denominator runs over the classes j alone.",
    fails=SOFTMAX_ALL,
)
def softmax_sum_over_everything(o):
    e = np.exp(o - o.max(axis=-1, keepdims=True))
    return e / e.sum()


@another(softmax_sum_over_everything)
def softmax_of_the_whole_array(o):
    e = np.exp(o - np.max(o))
    return e / np.sum(e)


@classic(
    "softmax",
    "normalised over the first axis",
    "A single vector is right; otherwise the entries sum to 1 over the first axis, which holds "
    "steps or sequences, and not over the classes. In the equation j runs over the classes, and "
    "they are on the last axis.",
    fails=SOFTMAX_ALL,
)
def softmax_over_axis_0(o):
    e = np.exp(o - o.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


@another(softmax_over_axis_0)
def softmax_sum_over_axis_0(o):
    e = np.exp(o - o.max(axis=-1, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


@another(softmax_over_axis_0)
def softmax_common_shift_and_axis_0(o):
    e = np.exp(o - np.max(o))
    return e / np.sum(e, axis=0)


@classic(
    "softmax",
    "normalised over axis 1",
    "This is right for an array of two axes and for no other: with three axes, axis 1 holds the "
    "sequences, and a single vector has no axis 1 at all. The classes are on the last axis, "
    "however many axes there are; count it from the end.",
    fails=SOFTMAX_ALL,
)
def softmax_over_axis_1(o):
    e = np.exp(o - o.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@another(softmax_over_axis_1)
def softmax_sum_over_axis_1(o):
    e = np.exp(o - o.max(axis=-1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@another(softmax_over_axis_1)
def softmax_common_shift_and_axis_1(o):
    e = np.exp(o - np.max(o))
    return e / np.sum(e, axis=1, keepdims=True)


@classic(
    "softmax",
    "normalised over axis 2",
    "Arrays of three axes are right; one or two axes raise an error, for they have no axis 2. The "
    "classes are on the last axis, however many axes come before it; count it from the end.",
    fails=(SOFTMAX_FORMULA, SOFTMAX_FINITE),
)
def softmax_over_axis_2(o):
    e = np.exp(o - o.max(axis=2, keepdims=True))
    return e / e.sum(axis=2, keepdims=True)


@classic(
    "softmax",
    "reduced axis not kept",
    "A single vector works; with more axes the shapes do not fit, or, where two sizes happen to "
    "be equal, the wrong numbers meet. A maximum or a sum over the last axis has one axis less, "
    "so broadcasting lines it up with the wrong axis of o. That axis should stay, with length 1.",
    fails=SOFTMAX_ALL,
)
def softmax_without_keepdims(o):
    e = np.exp(o - o.max(axis=-1))
    return e / e.sum(axis=-1)


@classic(
    "softmax",
    "sigmoid of each output",
    "Every entry lies between 0 and 1, yet a vector does not sum to 1. The sigmoid, 1 / (1 + "
    "exp(-o)), looks at one output alone; in the softmax the classes compete, for the denominator "
    "is the sum over all of them.",
    fails=SOFTMAX_ALL,
)
def softmax_sigmoid(o):
    return 1.0 / (1.0 + np.exp(-o))


@classic(
    "softmax",
    "exponential left out",
    "Each vector sums to 1, but its entries may be negative or larger than 1: the outputs "
    "themselves were divided by their sum. An output may have either sign; its exponential is "
    "positive. The equation has exp above and below the line.",
    fails=SOFTMAX_ALL,
)
def softmax_without_exponential(o):
    return o / o.sum(axis=-1, keepdims=True)


@classic(
    "softmax",
    "log-probabilities instead of probabilities",
    "No entry is positive: these are the logarithms of the probabilities, which are asked for in "
    "exercise 2. Here the entries of each vector lie between 0 and 1, and sum to 1.",
    fails=SOFTMAX_ALL,
)
def softmax_logarithm(o):
    shifted = o - o.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@classic(
    "softmax",
    "sign of the exponent",
    "The class with the largest output gets the smallest probability; outputs that lie far apart "
    "may give NaN as well. In the equation exp(o_k) grows with o_k, and here it falls.",
    fails=SOFTMAX_ALL,
)
def softmax_of_minus_o(o):
    e = np.exp(o.min(axis=-1, keepdims=True) - o)
    return e / e.sum(axis=-1, keepdims=True)


@another(softmax_of_minus_o)
def softmax_of_the_maximum_minus_o(o):
    e = np.exp(o.max(axis=-1, keepdims=True) - o)
    return e / e.sum(axis=-1, keepdims=True)


@another(softmax_of_minus_o)
def softmax_of_minus_o_without_shift(o):
    e = np.exp(-o)
    return e / e.sum(axis=-1, keepdims=True)


@classic(
    "softmax",
    "not divided by the sum",
    "The entries of each vector are in the right proportion, but they do not sum to 1 (with a "
    "shift the largest of them is 1). These are exponentials, not yet probabilities: the "
    "denominator of the equation is missing.",
    fails=SOFTMAX_ALL,
)
def softmax_not_normalised(o):
    return np.exp(o - o.max(axis=-1, keepdims=True))


@another(softmax_not_normalised)
def softmax_common_shift_and_not_normalised(o):
    return np.exp(o - o.max())


@another(softmax_not_normalised)
def softmax_plain_exponentials(o):
    return np.exp(o)


@classic(
    "softmax",
    "o changed in place",
    "The probabilities are right, but after the call o itself is another array of numbers, and the "
    "caller does not know. An operator such as -= writes into the array that was handed over. Give "
    "the shifted outputs an array of their own.",
    fails=(SOFTMAX_UNCHANGED,),
)
def softmax_in_place(o):
    o -= o.max(axis=-1, keepdims=True)
    e = np.exp(o)
    return e / e.sum(axis=-1, keepdims=True)


# --- log_softmax -------------------------------------------------------------------------

LOG_FORMULA = "test_it_is_the_logarithm_of_softmax_over_the_last_axis"
LOG_SHIFT = "test_adding_a_number_to_all_outputs_leaves_log_probabilities_alone"
LOG_ACCURATE = "test_it_is_accurate_where_a_probability_is_too_small_for_a_float"
LOG_UNCHANGED = "test_log_softmax_leaves_its_argument_as_it_was"
LOG_ALL = (LOG_FORMULA, LOG_SHIFT, LOG_ACCURATE, LOG_UNCHANGED)


@classic(
    "log_softmax",
    "logarithm of the softmax",
    "Moderate outputs come out right; where an output lies 746 or more below the largest, there "
    "is -inf. The probability has become 0 before its logarithm is taken, and nothing can bring "
    'it back. "Log-probabilities from outputs" shows a way on which no probability is computed.',
    fails=(LOG_ACCURATE,),
)
def log_softmax_log_of_softmax(o):
    return np.log(softmax(o))


@classic(
    "log_softmax",
    "small number added inside the logarithm",
    "Everything is finite, but no log-probability is below the logarithm of the number that was "
    "added, -27.6 for 1e-12 (a lower limit on the probability does the same). The right answer may "
    "be -1000. The equation has a form in which no probability is computed, so none can be 0.",
    fails=(LOG_ACCURATE,),
)
def log_softmax_epsilon(o):
    return np.log(softmax(o) + 1e-12)


@another(log_softmax_epsilon)
def log_softmax_smaller_epsilon(o):
    return np.log(softmax(o) + 1e-15)


@another(log_softmax_epsilon)
def log_softmax_tiny_epsilon(o):
    return np.log(softmax(o) + 1e-16)


@another(log_softmax_epsilon)
def log_softmax_machine_epsilon(o):
    return np.log(softmax(o) + np.finfo(float).eps)


@another(log_softmax_epsilon)
def log_softmax_tiniest_epsilon(o):
    return np.log(softmax(o) + 1e-300)


@classic(
    "log_softmax",
    "-inf replaced by a number",
    "Log-probabilities that should be near -1000 come out as another number, with np.nan_to_num as "
    "minus the largest float. The probability had become 0 and its logarithm -inf, and that was "
    "covered up. The information was lost one step earlier, when the probability was computed.",
    fails=(LOG_ACCURATE,),
)
def log_softmax_nan_to_num(o):
    return np.nan_to_num(np.log(softmax(o)))


@another(log_softmax_nan_to_num)
def log_softmax_zero_for_infinity(o):
    return np.nan_to_num(np.log(softmax(o)), neginf=0.0)


@another(log_softmax_nan_to_num)
def log_softmax_large_for_infinity(o):
    return np.nan_to_num(np.log(softmax(o)), neginf=-1e9)


@classic(
    "log_softmax",
    "log-sum-exp without the maximum",
    "Moderate outputs come out right; outputs from 710 on give -inf, and vectors that lie wholly "
    "below -746 give inf. The sum of exponentials overflows or becomes 0 before the logarithm is "
    "taken. The log-sum-exp needs the same shift as the softmax.",
    fails=(LOG_SHIFT, LOG_ACCURATE),
)
def log_softmax_without_shift(o):
    return o - np.log(np.exp(o).sum(axis=-1, keepdims=True))


@classic(
    "log_softmax",
    "maximum not added back to the log-sum-exp",
    "All entries of a vector are off by the same number, the maximum s of its outputs, so their "
    "differences are right. Compare the log-sum-exp of o with that of o - s.",
    fails=LOG_ALL,
)
def log_softmax_maximum_missing(o):
    s = o.max(axis=-1, keepdims=True)
    return o - np.log(np.exp(o - s).sum(axis=-1, keepdims=True))


@classic(
    "log_softmax",
    "maximum subtracted twice",
    "All entries of a vector are off by the same number, minus the maximum s of its outputs, so "
    "their differences are right. The log-sum-exp of the shifted outputs belongs to the shifted "
    "outputs, that of o to o; here the two were mixed, and s is subtracted twice.",
    fails=LOG_ALL,
)
def log_softmax_maximum_twice(o):
    s = o.max(axis=-1, keepdims=True)
    log_sum = s + np.log(np.exp(o - s).sum(axis=-1, keepdims=True))
    return (o - s) - log_sum


@classic(
    "log_softmax",
    "maximum of the whole array subtracted",
    "A single vector is right; vectors whose outputs all lie 746 or more below the largest of the "
    "whole array come out infinite, for their exponentials are all 0, and so is the sum. The "
    "equation normalises each vector along the last axis on its own, and so each needs its own s.",
    fails=(LOG_SHIFT, LOG_ACCURATE),
)
def log_softmax_global_maximum(o):
    shifted = o - o.max()
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@classic(
    "log_softmax",
    "maximum taken over the first axis",
    "Each class was shifted by its own maximum over the first axis, so the outputs of one vector "
    "were shifted by different numbers, and its log-probabilities are those of other outputs. The "
    "shift cancels only where it is the same number s for all classes of a vector. Look at the "
    "axis of the maximum.",
    fails=LOG_ALL,
)
def log_softmax_maximum_over_axis_0(o):
    shifted = o - o.max(axis=0, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@classic(
    "log_softmax",
    "sum over the whole array",
    "A single vector is right; otherwise the exponentials of all entries together sum to 1, and "
    "every log-probability is too low. Every vector along the last axis is a distribution of its "
    "own, so j runs over the classes alone.",
    fails=LOG_ALL,
)
def log_softmax_sum_over_everything(o):
    shifted = o - o.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum())


@another(log_softmax_sum_over_everything)
def log_softmax_of_the_whole_array(o):
    shifted = o - np.max(o)
    return shifted - np.log(np.sum(np.exp(shifted)))


@classic(
    "log_softmax",
    "normalised over the first axis",
    "A single vector is right; otherwise the exponentials of the result sum to 1 over the first "
    "axis, which holds steps or sequences, and not over the classes. In the equation j runs over "
    "the classes, and they are on the last axis.",
    fails=LOG_ALL,
)
def log_softmax_over_axis_0(o):
    shifted = o - o.max(axis=0, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))


@another(log_softmax_over_axis_0)
def log_softmax_sum_over_axis_0(o):
    shifted = o - o.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))


@another(log_softmax_over_axis_0)
def log_softmax_common_shift_and_axis_0(o):
    shifted = o - np.max(o)
    return shifted - np.log(np.sum(np.exp(shifted), axis=0))


@classic(
    "log_softmax",
    "normalised over axis 1",
    "This is right for an array of two axes and for no other: with three axes, axis 1 holds the "
    "sequences, and a single vector has no axis 1 at all. The classes are on the last axis, "
    "however many axes there are; count it from the end.",
    fails=LOG_ALL,
)
def log_softmax_over_axis_1(o):
    shifted = o - o.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


@another(log_softmax_over_axis_1)
def log_softmax_sum_over_axis_1(o):
    shifted = o - o.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


@classic(
    "log_softmax",
    "normalised over axis 2",
    "Arrays of three axes are right; one or two axes raise an error, for they have no axis 2. The "
    "classes are on the last axis, however many axes come before it; count it from the end.",
    fails=(LOG_FORMULA, LOG_ACCURATE),
)
def log_softmax_over_axis_2(o):
    shifted = o - o.max(axis=2, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))


@classic(
    "log_softmax",
    "reduced axis not kept",
    "A single vector works; with more axes the shapes do not fit, or, where two sizes happen to "
    "be equal, the wrong numbers meet. A maximum or a sum over the last axis has one axis less, "
    "so broadcasting lines it up with the wrong axis of o. That axis should stay, with length 1.",
    fails=LOG_ALL,
)
def log_softmax_without_keepdims(o):
    shifted = o - o.max(axis=-1)
    return shifted - np.log(np.exp(shifted).sum(axis=-1))


@classic(
    "log_softmax",
    "logarithm of a sum taken as the sum of the logarithms",
    "From each output (shifted or not) the plain sum of the outputs was subtracted. log exp(o_j) "
    "is o_j, but the logarithm of a sum of exponentials is not the sum of their logarithms. The "
    "order in log-sum-exp is: exponential first, then the sum, then the logarithm.",
    fails=LOG_ALL,
)
def log_softmax_sum_of_logs(o):
    return o - o.sum(axis=-1, keepdims=True)


@another(log_softmax_sum_of_logs)
def log_softmax_sum_of_shifted_logs(o):
    shifted = o - o.max(axis=-1, keepdims=True)
    return shifted - shifted.sum(axis=-1, keepdims=True)


@classic(
    "log_softmax",
    "logarithm of the sum left out",
    "The sum of the exponentials itself was subtracted, not its logarithm. The differences within "
    "a vector are right, but the exponentials of its entries do not sum to 1. The equation takes "
    "the logarithm of a quotient: what becomes of the denominator?",
    fails=LOG_ALL,
)
def log_softmax_sum_without_log(o):
    shifted = o - o.max(axis=-1, keepdims=True)
    return shifted - np.exp(shifted).sum(axis=-1, keepdims=True)


@classic(
    "log_softmax",
    "normalising term forgotten",
    "The largest entry of every vector is 0, as though that class were certain, and the "
    "differences within a vector are right. These are outputs shifted by s. The term with the "
    "logarithm of the sum is missing.",
    fails=LOG_ALL,
)
def log_softmax_not_normalised(o):
    return o - o.max(axis=-1, keepdims=True)


@classic(
    "log_softmax",
    "logarithm to another base",
    "Entries have the wrong size: decimal logarithms, for example, are 0.434 times the natural "
    "ones, and those to base 2 are 1.44 times as large. The outputs stand in powers of e, so only "
    "the natural logarithm gives them back. Look up which base numpy's logarithms have.",
    fails=LOG_ALL,
)
def log_softmax_base_10(o):
    return log_softmax(o) / np.log(10.0)


@another(log_softmax_base_10)
def log_softmax_base_2(o):
    return log_softmax(o) / np.log(2.0)


@another(log_softmax_base_10)
def log_softmax_decimal_log_of_softmax(o):
    return np.log10(softmax(o))


@another(log_softmax_base_10)
def log_softmax_decimal_log_of_the_sum(o):
    shifted = o - o.max(axis=-1, keepdims=True)
    return shifted - np.log10(np.exp(shifted).sum(axis=-1, keepdims=True))


@another(log_softmax_base_10)
def log_softmax_binary_log_of_the_sum(o):
    shifted = o - o.max(axis=-1, keepdims=True)
    return shifted - np.log2(np.exp(shifted).sum(axis=-1, keepdims=True))


@classic(
    "log_softmax",
    "probabilities instead of their logarithms",
    "The entries are positive and sum to 1 over the classes: these are the probabilities "
    "themselves. Asked for are their logarithms, which are at most 0, without the detour over a "
    "probability that may be rounded to 0.",
    fails=LOG_ALL,
)
def log_softmax_probabilities(o):
    return softmax(o)


@classic(
    "log_softmax",
    "softmax applied twice",
    "All log-probabilities lie within 1 of -log K. The outputs o went through a softmax first, "
    "and the probabilities were then treated as outputs. The equation starts from o itself.",
    fails=LOG_ALL,
)
def log_softmax_of_softmax(o):
    return log_softmax(softmax(o))


@classic(
    "log_softmax",
    "wrong sign",
    "Every entry has the right size, but none is negative. A probability is at most 1, so its "
    "logarithm is at most 0; the minus sign of the loss comes later.",
    fails=LOG_ALL,
)
def log_softmax_negative(o):
    return -log_softmax(o)


@classic(
    "log_softmax",
    "o changed in place",
    "The log-probabilities are right, but after the call o itself is another array of numbers, and "
    "the caller does not know. An operator such as -= writes into the array that was handed over. "
    "Give the shifted outputs an array of their own.",
    fails=(LOG_UNCHANGED,),
)
def log_softmax_in_place(o):
    o -= o.max(axis=-1, keepdims=True)
    return o - np.log(np.exp(o).sum(axis=-1, keepdims=True))


# --- sequence_loss -----------------------------------------------------------------------

LOSS_FORMULA = "test_the_loss_is_a_sum_over_time_and_a_mean_over_the_batch"
LOSS_PADDED = "test_a_padded_step_adds_nothing"
LOSS_MEAN = "test_the_mean_is_over_all_sequences_whatever_the_mask"
LOSS_EXACT = "test_the_loss_is_exact_for_outputs_up_to_1000"
LOSS_UNCHANGED = "test_sequence_loss_leaves_its_arguments_as_they_were"
LOSS_MASKED = (LOSS_PADDED, LOSS_MEAN, LOSS_UNCHANGED)  # the tests that give a mask
LOSS_ALL = (LOSS_FORMULA, LOSS_PADDED, LOSS_MEAN, LOSS_EXACT, LOSS_UNCHANGED)


@classic(
    "sequence_loss",
    "mean over time instead of a sum",
    "L is too small by the factor T. The probabilities of the steps multiply, so their logarithms "
    "are summed; only over the batch there is a mean. What is the divisor in the equation?",
    fails=LOSS_ALL,
)
def sequence_loss_mean_over_time(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = log_softmax(o)[t, n, y]
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.mean())


@classic(
    "sequence_loss",
    "sum over the batch instead of a mean",
    "L is too large by the factor N. Over time there is a sum, but over the N sequences of the "
    "batch there is a mean, so that L does not depend on how many there are. The factor 1/N in "
    "front of the equation is missing.",
    fails=LOSS_ALL,
)
def sequence_loss_sum_over_batch(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = log_softmax(o)[t, n, y]
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum())


@classic(
    "sequence_loss",
    "divided by T instead of N",
    "L is off by the factor N/T: the number of steps was taken for the number of sequences. The "
    "arrays are time-major, so the first size of o is T and the second is N. The mean is over the "
    "batch.",
    fails=LOSS_ALL,
)
def sequence_loss_divided_by_steps(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = log_softmax(o)[t, n, y]
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / T)


@classic(
    "sequence_loss",
    "each sequence divided by its own length",
    "L is the loss per step, averaged over the sequences, so a step of a long sequence counts less "
    'than a step of a short one. The paragraph on maximum likelihood in "The loss of a sequence" '
    "says why the loss is a plain sum over time.",
    fails=LOSS_ALL,
)
def sequence_loss_per_length(o, y, mask=None):
    T, N, _ = o.shape
    if mask is None:
        mask = np.ones((T, N))
    t, n = np.indices((T, N))
    log_p = log_softmax(o)[t, n, y] * mask
    return float(-np.mean(log_p.sum(axis=0) / np.maximum(mask.sum(axis=0), 1.0)))


@another(sequence_loss_per_length)
def sequence_loss_per_length_unguarded(o, y, mask=None):
    T, N, _ = o.shape
    if mask is None:
        mask = np.ones((T, N))
    t, n = np.indices((T, N))
    log_p = log_softmax(o)[t, n, y] * mask
    return float(-np.mean(log_p.sum(axis=0) / mask.sum(axis=0)))


@classic(
    "sequence_loss",
    "divided by the number of real steps where there is a mask",
    "Without a mask L is right; with one, L is the loss per real step. The mask takes padded "
    "steps out of the sum and leaves the factor in front alone: it is 1/N, with all N sequences.",
    fails=LOSS_MASKED,
)
def sequence_loss_renormalised(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = log_softmax(o)[t, n, y]
    if mask is None:
        return float(-log_p.sum() / N)
    return float(-(log_p * mask).sum() / mask.sum())


@classic(
    "sequence_loss",
    "sequences without a real step left out of the mean",
    "L is right as long as every sequence has a real step, and too large where one is all "
    "padding. A mask removes steps, not sequences: an empty sequence adds 0 to the sum and still "
    "counts in N.",
    fails=(LOSS_MEAN,),
)
def sequence_loss_counts_sequences(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = log_softmax(o)[t, n, y]
    if mask is not None:
        log_p = log_p * mask
        N = np.count_nonzero(mask.sum(axis=0))
    return float(-log_p.sum() / N)


@classic(
    "sequence_loss",
    "mask ignored",
    "Without a mask L is right; with one it is too large, for the padded steps are in the sum. A "
    "padded step never happened: it has no part in the likelihood, whatever outputs and label "
    "stand there. See the equation with m.",
    fails=LOSS_MASKED,
)
def sequence_loss_mask_ignored(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    return float(-log_softmax(o)[t, n, y].sum() / N)


@classic(
    "sequence_loss",
    "mask inverted",
    "Without a mask L is right; with one, L is the loss of the padded steps alone. m is 1 at real "
    "steps and 0 at padding.",
    fails=LOSS_MASKED,
)
def sequence_loss_mask_inverted(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = log_softmax(o)[t, n, y]
    if mask is not None:
        log_p = log_p * (1.0 - mask)
    return float(-log_p.sum() / N)


@classic(
    "sequence_loss",
    "mask applied to the outputs",
    "Without a mask L is right; with one, every padded step costs log K. Outputs of 0 are not "
    "nothing: they are a uniform guess, and it has its price. In the equation m multiplies the "
    "log-probability, not o.",
    fails=LOSS_MASKED,
)
def sequence_loss_mask_on_outputs(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    if mask is not None:
        o = o * mask[..., None]
    return float(-log_softmax(o)[t, n, y].sum() / N)


@classic(
    "sequence_loss",
    "mask inside the logarithm",
    "With padded steps, L is infinite: the probability there was set to 0, and -log 0 is infinite. "
    "A padded step should add 0 to the sum, so m multiplies the logarithm. (Very unlikely labels "
    "give infinity too, since the logarithm is taken of a probability.)",
    fails=(*LOSS_MASKED, LOSS_EXACT),
)
def sequence_loss_mask_in_logarithm(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    p = softmax(o)[t, n, y]
    if mask is not None:
        p = p * mask
    return float(-np.log(p).sum() / N)


@classic(
    "sequence_loss",
    "class axis kept when the mask is applied",
    "Without a mask L is right; with one the shapes do not fit, or, where T and N happen to be "
    "equal, the wrong steps are masked. The log-probabilities of the labels still have a last axis "
    "of length 1, and (T, N, 1) against (T, N) lines up steps with sequences. Print both shapes.",
    fails=LOSS_MASKED,
)
def sequence_loss_axis_kept(o, y, mask=None):
    N = o.shape[1]
    log_p = np.take_along_axis(log_softmax(o), y[..., None], axis=-1)
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@another(sequence_loss_axis_kept)
def sequence_loss_axis_kept_by_the_loss(o, y, mask=None):
    N = o.shape[1]
    loss = -np.take_along_axis(log_softmax(o), y[..., None], axis=-1)
    if mask is not None:
        loss = mask * loss
    return float(loss.sum() / N)


@classic(
    "sequence_loss",
    "shapes (T, N) and (T, N, 1) subtracted",
    "The shapes do not fit, or, where T and N happen to be equal or T is 1, L is the sum over many "
    "wrong pairs. The outputs at the labels have the shape (T, N), the log-sum-exp kept a last "
    "axis of length 1, and broadcasting lines up steps with sequences. Print both shapes.",
    fails=LOSS_ALL,
)
def sequence_loss_broadcast(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    s = o.max(axis=-1, keepdims=True)
    log_sum = s + np.log(np.exp(o - s).sum(axis=-1, keepdims=True))
    log_p = o[t, n, y] - log_sum
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@another(sequence_loss_broadcast)
def sequence_loss_broadcast_other_order(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    s = o.max(axis=-1, keepdims=True)
    log_sum = s + np.log(np.exp(o - s).sum(axis=-1, keepdims=True))
    loss = log_sum - o[t, n, y]
    if mask is not None:
        loss = loss * mask
    return float(loss.sum() / N)


@classic(
    "sequence_loss",
    "wrong sign",
    "L has the right size and is negative. Log-probabilities are at most 0, and the loss is minus "
    "their sum: the search for the most probable labels becomes a search for a minimum.",
    fails=LOSS_ALL,
)
def sequence_loss_sign(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = log_softmax(o)[t, n, y]
    if mask is not None:
        log_p = log_p * mask
    return float(log_p.sum() / N)


@classic(
    "sequence_loss",
    "logarithm of the softmax",
    "Moderate outputs come out right; a very unlikely label makes L infinite, and at a padded step "
    "0 times infinity may make it NaN. The probability has become 0 before its logarithm is taken. "
    "Exercise 2 was written for this.",
    fails=(LOSS_PADDED, LOSS_EXACT),
)
def sequence_loss_log_of_softmax(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = np.log(softmax(o)[t, n, y])
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@another(sequence_loss_log_of_softmax, fails=(LOSS_EXACT,))
def sequence_loss_log_of_softmax_at_real_steps(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = np.log(softmax(o)[t, n, y])
    if mask is not None:
        log_p = log_p[mask > 0]
    return float(-log_p.sum() / N)


@classic(
    "sequence_loss",
    "small number added inside the logarithm",
    "L is finite, but no step costs more than minus the logarithm of the number that was added, "
    "27.6 nats for 1e-12 (a lower limit on the probability does the same). A label may cost 2000. "
    "Exercise 2 gives log-probabilities that need no such help.",
    fails=(LOSS_EXACT,),
)
def sequence_loss_epsilon(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = np.log(softmax(o)[t, n, y] + 1e-12)
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@another(sequence_loss_epsilon)
def sequence_loss_larger_epsilon(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = np.log(softmax(o)[t, n, y] + 1e-10)
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@another(sequence_loss_epsilon)
def sequence_loss_smaller_epsilon(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = np.log(softmax(o)[t, n, y] + 1e-15)
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@another(sequence_loss_epsilon)
def sequence_loss_tiny_epsilon(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = np.log(softmax(o)[t, n, y] + 1e-16)
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@another(sequence_loss_epsilon)
def sequence_loss_machine_epsilon(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = np.log(softmax(o)[t, n, y] + np.finfo(float).eps)
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@another(sequence_loss_epsilon)
def sequence_loss_tiniest_epsilon(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = np.log(softmax(o)[t, n, y] + 1e-300)
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@classic(
    "sequence_loss",
    "log-probabilities limited",
    "L is right until a step costs more than the limit, and then it stays behind. The loss of an "
    "unlikely label grows without bound, and log_softmax is exact there, so no limit is needed.",
    fails=(LOSS_EXACT,),
)
def sequence_loss_limited(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = np.maximum(log_softmax(o)[t, n, y], -100.0)
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@another(sequence_loss_limited)
def sequence_loss_limited_to_50(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = np.maximum(log_softmax(o)[t, n, y], -50.0)
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@another(sequence_loss_limited)
def sequence_loss_limited_to_700(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = np.maximum(log_softmax(o)[t, n, y], -700.0)
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@another(sequence_loss_limited)
def sequence_loss_limited_to_1000(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = np.maximum(log_softmax(o)[t, n, y], -1000.0)
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@classic(
    "sequence_loss",
    "softmax applied twice",
    "Every step costs about log K, whatever the outputs. They went through a softmax first, and "
    "log_softmax then treated the probabilities as outputs. log_softmax starts from o itself.",
    fails=LOSS_ALL,
)
def sequence_loss_double_softmax(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = log_softmax(softmax(o))[t, n, y]
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@classic(
    "sequence_loss",
    "softmax missing",
    "L is the negative sum of the outputs at the labels, which may be of either sign. An output "
    "is a log-probability only up to a number that the classes share, and that number depends on "
    "o. Normalise first.",
    fails=LOSS_ALL,
)
def sequence_loss_unnormalised(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = o[t, n, y]
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@classic(
    "sequence_loss",
    "logarithm missing",
    "L lies between minus the number of steps and 0: probabilities were summed, not their "
    "logarithms. The probabilities of the steps multiply; it is their logarithms that add up.",
    fails=LOSS_ALL,
)
def sequence_loss_of_probabilities(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    p = softmax(o)[t, n, y]
    if mask is not None:
        p = p * mask
    return float(-p.sum() / N)


@classic(
    "sequence_loss",
    "all classes summed",
    "L is much too large, and the labels do not matter to it: -log yhat was summed over every "
    "class. In the cross-entropy each class has a weight q_k, which is 1 for the label and 0 for "
    "the others. One number for each step and sequence remains.",
    fails=LOSS_ALL,
)
def sequence_loss_all_classes(o, y, mask=None):
    N = o.shape[1]
    log_p = log_softmax(o)
    if mask is not None:
        log_p = log_p * mask[..., None]
    return float(-log_p.sum() / N)


@classic(
    "sequence_loss",
    "labels used as numbers",
    "Each step was weighted with its label, so a step of class 0 costs nothing and a step of "
    "class 3 counts three times, and every class was summed. A label is the name of a class, not "
    "an amount: it says which entry of log yhat counts.",
    fails=LOSS_ALL,
)
def sequence_loss_labels_as_numbers(o, y, mask=None):
    N = o.shape[1]
    log_p = y[..., None] * log_softmax(o)
    if mask is not None:
        log_p = log_p * mask[..., None]
    return float(-log_p.sum() / N)


@classic(
    "sequence_loss",
    "labels of all steps and sequences at every step",
    "L is much too large. Indexing the last axis alone with y picks, at each step of each "
    "sequence, the classes of all labels of the batch: an array of shape (T, N, T, N). One entry "
    "for each step and sequence is wanted, so three indices have to go together.",
    fails=LOSS_ALL,
)
def sequence_loss_all_labels(o, y, mask=None):
    N = o.shape[1]
    log_p = log_softmax(o)[..., y]
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@another(sequence_loss_all_labels)
def sequence_loss_all_labels_masked_by_step(o, y, mask=None):
    N = o.shape[1]
    log_p = log_softmax(o)[:, :, y]
    if mask is not None:
        log_p = log_p * mask[:, :, None, None]
    return float(-log_p.sum() / N)


@classic(
    "sequence_loss",
    "labels counted from 1",
    "At every step the cost of the class before the label was taken, and class 0 became the last "
    "one. The labels run from 0 to K - 1, as numpy's indices do.",
    fails=LOSS_ALL,
)
def sequence_loss_labels_from_1(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = log_softmax(o)[t, n, y - 1]
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@classic(
    "sequence_loss",
    "labels shifted by a step",
    "The outputs of each step were compared with the label of a neighbouring step, and a single "
    "step costs nothing. A network that is to predict the next symbol gets labels that have been "
    "shifted already: y[t] belongs to o[t].",
    fails=LOSS_ALL,
)
def sequence_loss_next_label(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T - 1, N))
    log_p = log_softmax(o[:-1])[t, n, y[1:]]
    if mask is not None:
        log_p = log_p * mask[1:]
    return float(-log_p.sum() / N)


@another(sequence_loss_next_label)
def sequence_loss_next_label_and_own_mask(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T - 1, N))
    log_p = log_softmax(o[:-1])[t, n, y[1:]]
    if mask is not None:
        log_p = log_p * mask[:-1]
    return float(-log_p.sum() / N)


@another(sequence_loss_next_label)
def sequence_loss_previous_label(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T - 1, N))
    log_p = log_softmax(o[1:])[t, n, y[:-1]]
    if mask is not None:
        log_p = log_p * mask[1:]
    return float(-log_p.sum() / N)


@classic(
    "sequence_loss",
    "most likely class in place of the label",
    "L does not depend on the labels: at every step the cost of the most likely class was taken. "
    "The loss asks how probable the class was that happened, whether or not the network would "
    "have chosen it.",
    fails=LOSS_ALL,
)
def sequence_loss_of_the_guess(o, y, mask=None):
    N = o.shape[1]
    log_p = log_softmax(o).max(axis=-1)
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@classic(
    "sequence_loss",
    "both terms of the binary cross-entropy",
    "L is too large: beside -log yhat at the label it holds -log(1 - yhat) of every other class. "
    "That is the loss of K separate yes-or-no questions. The K classes share one distribution, "
    "and its cross-entropy has a single term at each step.",
    fails=LOSS_ALL,
)
def sequence_loss_binary(o, y, mask=None):
    N, K = o.shape[1:]
    p, one_hot = softmax(o), np.eye(K)[y]
    log_p = np.log(np.where(one_hot == 1.0, p, 1.0 - p)).sum(axis=-1)
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


@another(sequence_loss_binary)
def sequence_loss_binary_by_products(o, y, mask=None):
    N, K = o.shape[1:]
    p, one_hot = softmax(o), np.eye(K)[y]
    loss = -(one_hot * np.log(p) + (1.0 - one_hot) * np.log(1.0 - p)).sum(axis=-1)
    if mask is not None:
        loss = loss * mask
    return float(loss.sum() / N)


@classic(
    "sequence_loss",
    "squared error instead of the cross-entropy",
    "L is too small as a rule, and no step costs more than 2: the probabilities were subtracted "
    "from the one-hot code and squared. The loss is minus the log-likelihood of the labels; it "
    "has a logarithm and no square.",
    fails=LOSS_ALL,
)
def sequence_loss_squared_error(o, y, mask=None):
    N, K = o.shape[1:]
    loss = ((softmax(o) - np.eye(K)[y]) ** 2).sum(axis=-1)
    if mask is not None:
        loss = loss * mask
    return float(loss.sum() / N)


@another(sequence_loss_squared_error)
def sequence_loss_half_the_squared_error(o, y, mask=None):
    N, K = o.shape[1:]
    loss = 0.5 * ((softmax(o) - np.eye(K)[y]) ** 2).sum(axis=-1)
    if mask is not None:
        loss = loss * mask
    return float(loss.sum() / N)


@classic(
    "sequence_loss",
    "last step only",
    "For T = 1 L is right; for longer sequences it is too small, and the earlier steps do not "
    "matter to it. In this pattern the network gives an output at every step, and every real step "
    "has its term in the sum.",
    fails=LOSS_ALL,
)
def sequence_loss_last_step(o, y, mask=None):
    N = o.shape[1]
    log_p = log_softmax(o[-1])[np.arange(N), y[-1]]
    if mask is not None:
        log_p = log_p * mask[-1]
    return float(-log_p.sum() / N)


@another(sequence_loss_last_step)
def sequence_loss_last_step_without_mask(o, y, mask=None):
    N = o.shape[1]
    log_p = log_softmax(o[-1])[np.arange(N), y[-1]]
    return float(-log_p.sum() / N)


@another(sequence_loss_last_step)
def sequence_loss_last_real_step(o, y, mask=None):
    T, N, _ = o.shape
    last = np.full(N, T - 1) if mask is None else mask.sum(axis=0).astype(int) - 1
    n = np.arange(N)
    return float(-log_softmax(o)[last, n, y[last, n]].sum() / N)


@classic(
    "sequence_loss",
    "one loss for each sequence",
    "An array of N losses comes back, one for each sequence, where one float is asked for. The "
    "sum over time is done; the mean over the batch is not.",
    fails=LOSS_ALL,
)
def sequence_loss_vector(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = log_softmax(o)[t, n, y]
    if mask is not None:
        log_p = log_p * mask
    return -log_p.sum(axis=0)


@another(sequence_loss_vector)
def sequence_loss_vector_divided(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = log_softmax(o)[t, n, y]
    if mask is not None:
        log_p = log_p * mask
    return -log_p.sum(axis=0) / N


@classic(
    "sequence_loss",
    "one loss for each step",
    "An array of T losses comes back, one for each step, where one float is asked for. The batch "
    "is dealt with; the sum over time is not.",
    fails=LOSS_ALL,
)
def sequence_loss_of_each_step(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = log_softmax(o)[t, n, y]
    if mask is not None:
        log_p = log_p * mask
    return -log_p.sum(axis=1) / N


@another(sequence_loss_of_each_step)
def sequence_loss_sum_of_each_step(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = log_softmax(o)[t, n, y]
    if mask is not None:
        log_p = log_p * mask
    return -log_p.sum(axis=1)


@classic(
    "sequence_loss",
    "o changed in place",
    "L is right, but after the call the caller's o is another: an operator such as -= writes into "
    "the array that was handed over. Give the normalised outputs an array of their own, or let "
    "log_softmax make one.",
    fails=(LOSS_UNCHANGED,),
)
def sequence_loss_in_place(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    o -= o.max(axis=-1, keepdims=True)
    o -= np.log(np.exp(o).sum(axis=-1, keepdims=True))
    log_p = o[t, n, y]
    if mask is not None:
        log_p = log_p * mask
    return float(-log_p.sum() / N)


# --- sequence_loss_gradient --------------------------------------------------------------

GRADIENT_FORMULA = "test_the_gradient_is_prediction_minus_label_over_the_batch_size"
GRADIENT_PADDED = "test_a_padded_step_gets_no_gradient"
GRADIENT_SLOPE = "test_it_predicts_how_the_loss_changes_along_a_direction"
GRADIENT_EXACT = "test_the_gradient_is_finite_and_exact_for_outputs_up_to_1000"
GRADIENT_UNCHANGED = "test_the_gradient_leaves_its_arguments_as_they_were"
GRADIENT_MASKED = (GRADIENT_PADDED, GRADIENT_SLOPE, GRADIENT_UNCHANGED)  # they give a mask
GRADIENT_ALL = (
    GRADIENT_FORMULA,
    GRADIENT_PADDED,
    GRADIENT_SLOPE,
    GRADIENT_EXACT,
    GRADIENT_UNCHANGED,
)


@classic(
    "sequence_loss_gradient",
    "1/N missing",
    "Every entry is too large by the factor N. The loss is a mean over the batch, and its factor "
    "stays in the derivative: see step 1.",
    fails=GRADIENT_ALL,
)
def gradient_without_mean(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = softmax(o)
    do[t, n, y] -= 1.0
    if mask is not None:
        do *= mask[..., None]
    return do


@classic(
    "sequence_loss_gradient",
    "divided by T and N",
    "Every entry is too small, by the factor T where no step is padded. The loss is a sum over "
    "time and a mean over the batch, so only N divides. This is the gradient of a mean over time.",
    fails=GRADIENT_ALL,
)
def gradient_of_mean_over_time(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = softmax(o)
    do[t, n, y] -= 1.0
    if mask is not None:
        do *= mask[..., None]
    return do / (T * N)


@another(gradient_of_mean_over_time)
def gradient_of_mean_over_real_steps(o, y, mask=None):
    T, N, _ = o.shape
    if mask is None:
        mask = np.ones((T, N))
    t, n = np.indices((T, N))
    do = softmax(o)
    do[t, n, y] -= 1.0
    return do * mask[..., None] / mask.sum()


@classic(
    "sequence_loss_gradient",
    "each sequence divided by its own length",
    "Every entry is too small, by the number of real steps of its sequence: this is the gradient "
    "of a loss per step. A sequence that is all padding may give NaN. The loss is a plain sum over "
    "time, so its gradient has no such divisor; only 1/N stands in front.",
    fails=GRADIENT_ALL,
)
def gradient_per_length(o, y, mask=None):
    T, N, _ = o.shape
    if mask is None:
        mask = np.ones((T, N))
    t, n = np.indices((T, N))
    do = softmax(o)
    do[t, n, y] -= 1.0
    do *= mask[..., None]
    return do / np.maximum(mask.sum(axis=0), 1.0)[:, None] / N


@another(gradient_per_length)
def gradient_per_length_unguarded(o, y, mask=None):
    T, N, _ = o.shape
    if mask is None:
        mask = np.ones((T, N))
    t, n = np.indices((T, N))
    do = softmax(o)
    do[t, n, y] -= 1.0
    do *= mask[..., None]
    return do / mask.sum(axis=0)[:, None] / N


@classic(
    "sequence_loss_gradient",
    "divided by T instead of N",
    "Every entry is off by the factor N/T: the number of steps was taken for the number of "
    "sequences. The arrays are time-major, so the first size of o is T and the second is N.",
    fails=GRADIENT_ALL,
)
def gradient_divided_by_steps(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = softmax(o)
    do[t, n, y] -= 1.0
    if mask is not None:
        do *= mask[..., None]
    return do / T


@classic(
    "sequence_loss_gradient",
    "divided by the number of real steps where there is a mask",
    "Without a mask do is right; with one, the padded steps are 0 and the real ones are off by "
    "the same factor everywhere. The mask is in the gradient as a factor of each step and does "
    "not change the 1/N.",
    fails=GRADIENT_MASKED,
)
def gradient_renormalised(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = softmax(o)
    do[t, n, y] -= 1.0
    if mask is None:
        return do / N
    return do * mask[..., None] / mask.sum()


@classic(
    "sequence_loss_gradient",
    "sequences without a real step left out of the mean",
    "do is right as long as every sequence has a real step, and too large where one is all "
    "padding. A mask removes steps, not sequences: N counts all sequences of the batch, as in the "
    "loss.",
    fails=(GRADIENT_PADDED,),
)
def gradient_counts_sequences(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = softmax(o)
    do[t, n, y] -= 1.0
    if mask is not None:
        do *= mask[..., None]
        N = np.count_nonzero(mask.sum(axis=0))
    return do / N


@classic(
    "sequence_loss_gradient",
    "wrong sign",
    "Every entry has the right size, but this is what happened minus what was predicted. Raising "
    "the output of the right class lowers the loss, so its derivative is negative.",
    fails=GRADIENT_ALL,
)
def gradient_sign(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = -softmax(o)
    do[t, n, y] += 1.0
    if mask is not None:
        do *= mask[..., None]
    return do / N


@classic(
    "sequence_loss_gradient",
    "one-hot missing",
    "No entry is negative; all are right except those at the labels, which are too large by 1/N. "
    "This is the derivative of the second term of step 2 alone; the first term, -o_y, is missing.",
    fails=GRADIENT_ALL,
)
def gradient_without_one_hot(o, y, mask=None):
    N = o.shape[1]
    do = softmax(o)
    if mask is not None:
        do *= mask[..., None]
    return do / N


@classic(
    "sequence_loss_gradient",
    "one-hot added instead of subtracted",
    "No entry is negative; all are right except those at the labels, which are too large by 2/N. "
    "In step 2 the output of the right class stands with a minus sign. Over the classes the "
    "gradient should sum to zero.",
    fails=GRADIENT_ALL,
)
def gradient_one_hot_added(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = softmax(o)
    do[t, n, y] += 1.0
    if mask is not None:
        do *= mask[..., None]
    return do / N


@classic(
    "sequence_loss_gradient",
    "1 subtracted for every class",
    "At real steps, the entries at the labels are right, and all others are too small by 1/N. The "
    "one-hot code is 1 for the label alone and 0 for the other classes. Over the classes the "
    "gradient should sum to zero.",
    fails=GRADIENT_ALL,
)
def gradient_one_everywhere(o, y, mask=None):
    N = o.shape[1]
    do = softmax(o) - 1.0
    if mask is not None:
        do *= mask[..., None]
    return do / N


@classic(
    "sequence_loss_gradient",
    "labels subtracted as numbers",
    "From every probability of a step its label was subtracted, 3 for class 3. A label is the "
    "name of a class, not an amount: what happened is its one-hot code, with K entries.",
    fails=GRADIENT_ALL,
)
def gradient_labels_as_numbers(o, y, mask=None):
    N = o.shape[1]
    do = softmax(o) - y[..., None]
    if mask is not None:
        do *= mask[..., None]
    return do / N


@classic(
    "sequence_loss_gradient",
    "labels of all steps and sequences at every step",
    "The entries at the labels are right, yet 1/N was subtracted at other classes too: at every "
    "class that is a label anywhere in the batch. Indexing the last axis alone with y does not "
    "pair a label with its own step and sequence; three indices have to go together.",
    fails=GRADIENT_ALL,
)
def gradient_all_labels(o, y, mask=None):
    N = o.shape[1]
    do = softmax(o)
    do[..., y] -= 1.0
    if mask is not None:
        do *= mask[..., None]
    return do / N


@classic(
    "sequence_loss_gradient",
    "labels counted from 1",
    "The 1 was subtracted at the class before the label, and class 0 became the last one. The "
    "labels run from 0 to K - 1, as numpy's indices do.",
    fails=GRADIENT_ALL,
)
def gradient_labels_from_1(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = softmax(o)
    do[t, n, y - 1] -= 1.0
    if mask is not None:
        do *= mask[..., None]
    return do / N


@classic(
    "sequence_loss_gradient",
    "right class only",
    "The entries at the labels are right, and all others are 0. The label's log-probability "
    "depends on every output, through the sum over j; its derivative is the second term of step "
    "2. What is taken from one class goes to the others.",
    fails=GRADIENT_ALL,
)
def gradient_right_class_only(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = np.zeros(o.shape)
    do[t, n, y] = softmax(o)[t, n, y] - 1.0
    if mask is not None:
        do *= mask[..., None]
    return do / N


@classic(
    "sequence_loss_gradient",
    "gradient with respect to the probabilities",
    "Only the entries at the labels differ from 0, and there they are -1/yhat, divided by N: this "
    "is dL/dyhat. (Where a class has the probability 0, there may be infinity or NaN.) The chain "
    "rule goes one step further, through the softmax to o; step 2 does both at once.",
    fails=GRADIENT_ALL,
)
def gradient_on_probabilities(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = np.zeros(o.shape)
    do[t, n, y] = -1.0 / softmax(o)[t, n, y]
    if mask is not None:
        do *= mask[..., None]
    return do / N


@classic(
    "sequence_loss_gradient",
    "derivative of the softmax applied twice",
    "As a rule, entries are too small in size: they were multiplied once more by the derivative of "
    "the softmax, yhat (1 - yhat) or its whole matrix. Step 2 differentiates the loss with respect "
    "to o itself, so the softmax is in it already. The logarithm has undone that factor.",
    fails=GRADIENT_ALL,
)
def gradient_times_derivative(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    yhat = softmax(o)
    do = yhat.copy()
    do[t, n, y] -= 1.0
    do *= yhat * (1.0 - yhat)
    if mask is not None:
        do *= mask[..., None]
    return do / N


@another(gradient_times_derivative)
def gradient_times_jacobian(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    yhat = softmax(o)
    do = yhat.copy()
    do[t, n, y] -= 1.0
    do = yhat * (do - (yhat * do).sum(axis=-1, keepdims=True))
    if mask is not None:
        do *= mask[..., None]
    return do / N


@classic(
    "sequence_loss_gradient",
    "outputs in place of probabilities",
    "The 1 was subtracted at the right place, but from the outputs themselves. What was predicted "
    "is yhat = softmax(o); the derivative of the log-sum-exp in step 2 is a probability.",
    fails=GRADIENT_ALL,
)
def gradient_of_outputs(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = o.copy()
    do[t, n, y] -= 1.0
    if mask is not None:
        do *= mask[..., None]
    return do / N


@classic(
    "sequence_loss_gradient",
    "log-probabilities in place of probabilities",
    "No entry is positive. The loss is made of log yhat, but its derivative is made of yhat: see "
    "what step 2 finds for the derivative of the log-sum-exp.",
    fails=GRADIENT_ALL,
)
def gradient_of_log_probabilities(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = log_softmax(o)
    do[t, n, y] -= 1.0
    if mask is not None:
        do *= mask[..., None]
    return do / N


@classic(
    "sequence_loss_gradient",
    "softmax applied twice",
    "The probabilities in the gradient are all too close to 1/K. The outputs went through a "
    "softmax, and the result through another. yhat is softmax(o), once.",
    fails=GRADIENT_ALL,
)
def gradient_double_softmax(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = softmax(softmax(o))
    do[t, n, y] -= 1.0
    if mask is not None:
        do *= mask[..., None]
    return do / N


@classic(
    "sequence_loss_gradient",
    "last step only",
    "For T = 1 do is right; for longer sequences all steps but the last are 0. Every real step "
    "has its term in the loss, so every real step has its gradient.",
    fails=GRADIENT_ALL,
)
def gradient_last_step(o, y, mask=None):
    N = o.shape[1]
    do = np.zeros(o.shape)
    do[-1] = softmax(o[-1])
    do[-1, np.arange(N), y[-1]] -= 1.0
    if mask is not None:
        do *= mask[..., None]
    return do / N


@another(gradient_last_step)
def gradient_last_real_step(o, y, mask=None):
    T, N, _ = o.shape
    last = np.full(N, T - 1) if mask is None else mask.sum(axis=0).astype(int) - 1
    n = np.arange(N)
    do = np.zeros(o.shape)
    do[last, n] = softmax(o)[last, n]
    do[last, n, y[last, n]] -= 1.0
    return do / N


@classic(
    "sequence_loss_gradient",
    "mask ignored",
    "Without a mask do is right; with one, padded steps have a gradient where it should be 0. The "
    "loss does not depend on the outputs of a padded step. See the factor m in step 1.",
    fails=GRADIENT_MASKED,
)
def gradient_mask_ignored(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = softmax(o)
    do[t, n, y] -= 1.0
    return do / N


@classic(
    "sequence_loss_gradient",
    "mask on the probabilities only",
    "Real steps are right; at a padded step the label has -1/N and the other classes have 0. In "
    "step 3 the mask multiplies the whole bracket, probability and one-hot code. Look at what your "
    "mask multiplies.",
    fails=GRADIENT_MASKED,
)
def gradient_mask_before_one_hot(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = softmax(o)
    if mask is not None:
        do *= mask[..., None]
    do[t, n, y] -= 1.0
    return do / N


@classic(
    "sequence_loss_gradient",
    "mask on the one-hot code only",
    "Real steps are right; at a padded step the probabilities, divided by N, are left over. In "
    "step 3 the mask multiplies the whole bracket, probability and one-hot code.",
    fails=GRADIENT_MASKED,
)
def gradient_mask_on_one_hot(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = softmax(o)
    do[t, n, y] -= 1.0 if mask is None else mask
    return do / N


@classic(
    "sequence_loss_gradient",
    "mask applied to the outputs",
    "Real steps are right; at a padded step there is the gradient of a uniform guess, (1/K - 1)/N "
    "at the label and 1/(K N) elsewhere. Outputs of 0 are a prediction like any other. m "
    "multiplies the gradient, not o.",
    fails=GRADIENT_MASKED,
)
def gradient_mask_on_outputs(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    if mask is not None:
        o = o * mask[..., None]
    do = softmax(o)
    do[t, n, y] -= 1.0
    return do / N


@classic(
    "sequence_loss_gradient",
    "mask inverted",
    "Without a mask do is right; with one, the padded steps have a gradient and the real ones "
    "have 0. m is 1 at real steps and 0 at padding.",
    fails=GRADIENT_MASKED,
)
def gradient_mask_inverted(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = softmax(o)
    do[t, n, y] -= 1.0
    if mask is not None:
        do *= 1.0 - mask[..., None]
    return do / N


@classic(
    "sequence_loss_gradient",
    "mask without an axis for the classes",
    "Without a mask do is right; with one the shapes do not fit, or, where sizes happen to be "
    "equal, the wrong entries are masked. Broadcasting lines up the last axes: sequences of the "
    "mask (T, N) with classes of the gradient (T, N, K). Which axis does the mask lack?",
    fails=GRADIENT_MASKED,
)
def gradient_mask_without_class_axis(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = softmax(o)
    do[t, n, y] -= 1.0
    if mask is not None:
        do = do * mask
    return do / N


@another(gradient_mask_without_class_axis)
def gradient_times_the_mask_first(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = softmax(o)
    do[t, n, y] -= 1.0
    if mask is not None:
        do = mask * do
    return do / N


@classic(
    "sequence_loss_gradient",
    "no maximum subtracted",
    "Moderate outputs come out right; outputs from 710 on give NaN, and so do vectors that lie "
    "wholly below -746. The probabilities were computed by the plain formula of the softmax. "
    "Exercise 1 has mended that already.",
    fails=(GRADIENT_EXACT,),
)
def gradient_naive_softmax(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    e = np.exp(o)
    do = e / e.sum(axis=-1, keepdims=True)
    do[t, n, y] -= 1.0
    if mask is not None:
        do *= mask[..., None]
    return do / N


@classic(
    "sequence_loss_gradient",
    "o changed in place",
    "do is right, but after the call the caller's o is another: it holds what was worked out in "
    "it. An operator such as -= writes into the array that was handed over. The gradient needs an "
    "array of its own.",
    fails=(GRADIENT_UNCHANGED,),
)
def gradient_in_place(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    o[...] = softmax(o)
    o[t, n, y] -= 1.0
    if mask is not None:
        o *= mask[..., None]
    return o / N
