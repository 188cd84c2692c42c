"""Classic mistakes of hw3_softmax_loss: each is a change of the solution, or a function."""

import numpy as np

from autograder.course.catalogue import Exercise
from solutions.hw3_softmax_loss.solution import log_softmax, softmax

# --- softmax -----------------------------------------------------------------------------

SOFTMAX = Exercise(
    "softmax",
    formula="test_the_last_axis_holds_the_probabilities_of_one_distribution",
    shift="test_softmax_is_right_whatever_is_added_to_all_outputs_of_a_distribution",
    finite="test_outputs_of_any_size_give_the_right_probabilities",
    unchanged="test_softmax_is_right_and_leaves_its_argument_as_it_was",
)
SOFTMAX.mistake(
    "no maximum subtracted",
    "Moderate outputs come out right; from 710 on there is NaN, and where all outputs of a vector "
    "lie below -746 too. exp(710) is infinite and exp(-746) is 0, so the formula becomes inf / "
    'inf or 0 / 0. "Probabilities from outputs" shows a shift that is nothing on paper and saves '
    "the computer.",
    {"o - o.max(axis=-1, keepdims=True)": "o"},
    fails="shift finite",
)
SOFTMAX.mistake(
    "NaN replaced by 0",
    "Where the outputs are large or very negative, probabilities are 0, and a vector no longer "
    "sums to 1. The exponentials overflowed or underflowed, and the NaN that came of it was "
    "covered up. Keep it from arising: choose what to subtract before the exponential.",
    {
        "o - o.max(axis=-1, keepdims=True)": "o",
        "e / e.sum(axis=-1, keepdims=True)": "np.nan_to_num(e / e.sum(axis=-1, keepdims=True))",
    },
    fails="shift finite",
)
SOFTMAX.mistake(
    "outputs limited before the exponential",
    "Outputs beyond the limit count as though they were equal to it, so a vector of outputs near "
    "1000 gets equal probabilities. Only differences between outputs matter, and the limit "
    "changes the differences. A shift keeps them.",
    {"o - o.max(axis=-1, keepdims=True)": "np.clip(o, -500.0, 500.0)"},
    {"o - o.max(axis=-1, keepdims=True)": "np.clip(o, -700.0, 700.0)"},
    {"o - o.max(axis=-1, keepdims=True)": "np.clip(o, -100.0, 100.0)"},
    {"o - o.max(axis=-1, keepdims=True)": "np.clip(o, -50.0, 50.0)"},
    {"o - o.max(axis=-1, keepdims=True)": "np.minimum(o, 700.0)"},
    fails="shift finite",
)
SOFTMAX.mistake(
    "maximum of the whole array subtracted",
    "A single vector is right; vectors whose outputs all lie 746 or more below the largest of the "
    "whole array become 0 / 0, which is NaN. The equation normalises each vector along the last "
    "axis on its own, and so each needs its own s.",
    {"o.max(axis=-1, keepdims=True)": "o.max()"},
    fails="shift finite",
)
SOFTMAX.mistake(
    "maximum taken over the first axis",
    "Each class was shifted by its own maximum over the first axis, so the outputs of one vector "
    "were shifted by different numbers. Its probabilities are those of other outputs, and may be "
    "NaN for large outputs. The shift cancels only where it is the same number s for all classes "
    "of a vector. Look at the axis of the maximum.",
    {"o.max(axis=-1, keepdims=True)": "o.max(axis=0, keepdims=True)"},
)
SOFTMAX.mistake(
    "mean subtracted instead of the maximum",
    "Outputs that all lie close together come out right, at any level; where one of them is 710 "
    "or more above the mean there is NaN. Any s leaves the equation true, but to prevent overflow "
    "every exponent has to be at most zero. Which s sees to that?",
    {"o.max(axis=-1, keepdims=True)": "o.mean(axis=-1, keepdims=True)"},
    fails="finite",
)
SOFTMAX.mistake(
    "minimum subtracted instead of the maximum",
    "Outputs that all lie close together come out right, at any level; where the largest is 710 "
    "or more above the smallest there is NaN. With the minimum subtracted every exponent is at "
    "least zero, so the exponentials can still overflow. Which number makes them at most zero?",
    {"o.max(axis=-1, keepdims=True)": "o.min(axis=-1, keepdims=True)"},
    fails="finite",
)
SOFTMAX.mistake(
    "largest absolute value subtracted",
    "Moderate outputs come out right; there is NaN wherever the largest output of a vector lies "
    "746 or more below the largest absolute value. That value then belongs to the most negative "
    "output, so all exponents become even more negative and the sum underflows to 0. The signs of "
    "the outputs matter when s is chosen.",
    {"o.max(axis=-1, keepdims=True)": "np.abs(o).max(axis=-1, keepdims=True)"},
    fails="shift finite",
)
SOFTMAX.mistake(
    "divided by the maximum instead of shifted",
    "The probabilities are those of other outputs: a factor changes the differences between "
    "outputs, and these are all that matters. There may even be NaN, where the maximum is 0, or "
    "where it is negative and other outputs are much lower. Only a number that is subtracted "
    "cancels.",
    {"o - o.max(axis=-1, keepdims=True)": "o / np.abs(o).max(axis=-1, keepdims=True)"},
    {"o - o.max(axis=-1, keepdims=True)": "o / o.max(axis=-1, keepdims=True)"},
    {"o - o.max(axis=-1, keepdims=True)": "o / o.max()"},
    {"o - o.max(axis=-1, keepdims=True)": "o / np.abs(o).max()"},
)
SOFTMAX.mistake(
    "shift in the numerator only",
    "Each vector keeps the right proportions and sums to exp(-s) instead of 1; very negative "
    "outputs give infinity or NaN. The factor exp(-s) cancels only if it stands above and below "
    "the line. Compare your denominator with the last but one form of the equation.",
    {"e.sum(axis=-1, keepdims=True)": "np.exp(o).sum(axis=-1, keepdims=True)"},
)


@SOFTMAX.another(
    "shift in the numerator only",
)
def softmax_common_shift_in_numerator(o):
    return np.exp(o - o.max()) / np.exp(o).sum(axis=-1, keepdims=True)


SOFTMAX.mistake(
    "shift in the denominator only",
    "Each vector keeps the right proportions and sums to exp(s) instead of 1; large outputs give "
    "infinity. The factor exp(-s) cancels only if it stands above and below the line. Compare "
    "your numerator with the last but one form of the equation.",
    {"e / e.sum(axis=-1, keepdims=True)": "np.exp(o) / e.sum(axis=-1, keepdims=True)"},
)


@SOFTMAX.another(
    "shift in the denominator only",
)
def softmax_common_shift_in_denominator(o):
    return np.exp(o) / np.exp(o - o.max()).sum(axis=-1, keepdims=True)


SOFTMAX.mistake(
    "divided by the sum over the whole array",
    "A single vector is right; otherwise all entries together sum to 1, and each vector sums to "
    "less. Every vector along the last axis is a distribution of its own, so the sum in the "
    "denominator runs over the classes j alone.",
    {"e.sum(axis=-1, keepdims=True)": "e.sum()"},
    {"o.max(axis=-1, keepdims=True)": "np.max(o)", "e.sum(axis=-1, keepdims=True)": "np.sum(e)"},
)
SOFTMAX.mistake(
    "normalised over the first axis",
    "A single vector is right; otherwise the entries sum to 1 over the first axis, which holds "
    "steps or sequences, and not over the classes. In the equation j runs over the classes, and "
    "they are on the last axis.",
    {
        "o.max(axis=-1, keepdims=True)": "o.max(axis=0, keepdims=True)",
        "e.sum(axis=-1, keepdims=True)": "e.sum(axis=0, keepdims=True)",
    },
    {"e.sum(axis=-1, keepdims=True)": "e.sum(axis=0, keepdims=True)"},
    {
        "o.max(axis=-1, keepdims=True)": "np.max(o)",
        "e.sum(axis=-1, keepdims=True)": "np.sum(e, axis=0)",
    },
)
SOFTMAX.mistake(
    "normalised over axis 1",
    "This is right for an array of two axes and for no other: with three axes, axis 1 holds the "
    "sequences, and a single vector has no axis 1 at all. The classes are on the last axis, "
    "however many axes there are; count it from the end.",
    {
        "o.max(axis=-1, keepdims=True)": "o.max(axis=1, keepdims=True)",
        "e.sum(axis=-1, keepdims=True)": "e.sum(axis=1, keepdims=True)",
    },
    {"e.sum(axis=-1, keepdims=True)": "e.sum(axis=1, keepdims=True)"},
    {
        "o.max(axis=-1, keepdims=True)": "np.max(o)",
        "e.sum(axis=-1, keepdims=True)": "np.sum(e, axis=1, keepdims=True)",
    },
)
SOFTMAX.mistake(
    "normalised over axis 2",
    "Arrays of three axes are right; one or two axes raise an error, for they have no axis 2. The "
    "classes are on the last axis, however many axes come before it; count it from the end.",
    {"e.sum(axis=-1, keepdims=True)": "e.sum(axis=2, keepdims=True)"},
    fails="formula finite",
)
SOFTMAX.mistake(
    "reduced axis not kept",
    "A single vector works; with more axes the shapes do not fit, or, where two sizes happen to "
    "be equal, the wrong numbers meet. A maximum or a sum over the last axis has one axis less, "
    "so broadcasting lines it up with the wrong axis of o. That axis should stay, with length 1.",
    {
        "o.max(axis=-1, keepdims=True)": "o.max(axis=-1)",
        "e.sum(axis=-1, keepdims=True)": "e.sum(axis=-1)",
    },
)
SOFTMAX.mistake(
    "sigmoid of each output",
    "Every entry lies between 0 and 1, yet a vector does not sum to 1. The sigmoid, 1 / (1 + "
    "exp(-o)), looks at one output alone; in the softmax the classes compete, for the denominator "
    "is the sum over all of them.",
    {"e / e.sum(axis=-1, keepdims=True)": "1.0 / (1.0 + np.exp(-o))"},
)
SOFTMAX.mistake(
    "exponential left out",
    "Each vector sums to 1, but its entries may be negative or larger than 1: the outputs "
    "themselves were divided by their sum. An output may have either sign; its exponential is "
    "positive. The equation has exp above and below the line.",
    {"e / e.sum(axis=-1, keepdims=True)": "o / o.sum(axis=-1, keepdims=True)"},
)


@SOFTMAX.mistake(
    "log-probabilities instead of probabilities",
    "No entry is positive: these are the logarithms of the probabilities, which are asked for in "
    "exercise 2. Here the entries of each vector lie between 0 and 1, and sum to 1.",
)
def softmax_logarithm(o):
    shifted = o - o.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


SOFTMAX.mistake(
    "sign of the exponent",
    "The class with the largest output gets the smallest probability; outputs that lie far apart "
    "may give NaN as well. In the equation exp(o_k) grows with o_k, and here it falls.",
    {"o - o.max(axis=-1, keepdims=True)": "o.min(axis=-1, keepdims=True) - o"},
    {"o - o.max(axis=-1, keepdims=True)": "o.max(axis=-1, keepdims=True) - o"},
    {"o - o.max(axis=-1, keepdims=True)": "-o"},
)
SOFTMAX.mistake(
    "not divided by the sum",
    "The entries of each vector are in the right proportion, but they do not sum to 1 (with a "
    "shift the largest of them is 1). These are exponentials, not yet probabilities: the "
    "denominator of the equation is missing.",
    {"e / e.sum(axis=-1, keepdims=True)": "np.exp(o - o.max(axis=-1, keepdims=True))"},
    {"e / e.sum(axis=-1, keepdims=True)": "np.exp(o - o.max())"},
    {"e / e.sum(axis=-1, keepdims=True)": "np.exp(o)"},
)
SOFTMAX.mistake(
    "o changed in place",
    "The probabilities are right, but after the call o itself is another array of numbers, and "
    "the caller does not know. An operator such as -= writes into the array that was handed over. "
    "Give the shifted outputs an array of their own.",
    {"e = np.exp(": "o -= o.max(axis=-1, keepdims=True)\ne = np.exp("},
    fails="unchanged",
)

# --- log_softmax -------------------------------------------------------------------------

LOG_SOFTMAX = Exercise(
    "log_softmax",
    formula="test_it_is_the_logarithm_of_softmax_over_the_last_axis",
    shift="test_log_softmax_is_right_whatever_is_added_to_all_outputs",
    accurate="test_it_is_accurate_where_a_probability_is_too_small_for_a_float",
    unchanged="test_log_softmax_is_right_and_leaves_its_argument_as_it_was",
)
LOG_SOFTMAX.mistake(
    "logarithm of the softmax",
    "Moderate outputs come out right; where an output lies 746 or more below the largest, there "
    "is -inf. The probability has become 0 before its logarithm is taken, and nothing can bring "
    'it back. "Log-probabilities from outputs" shows a way on which no probability is computed.',
    {"shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))": "np.log(softmax(o))"},
    fails="accurate",
)
LOG_SOFTMAX.mistake(
    "small number added inside the logarithm",
    "Everything is finite, but no log-probability is below the logarithm of the number that was "
    "added, -27.6 for 1e-12 (a lower limit on the probability does the same). The right answer "
    "may be -1000. The equation has a form in which no probability is computed, so none can be 0.",
    {"shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))": "np.log(softmax(o) + 1e-12)"},
    {"shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))": "np.log(softmax(o) + 1e-15)"},
    {"shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))": "np.log(softmax(o) + 1e-16)"},
    fails="accurate",
)


@LOG_SOFTMAX.another(
    "small number added inside the logarithm",
)
def log_softmax_machine_epsilon(o):
    return np.log(softmax(o) + np.finfo(float).eps)


@LOG_SOFTMAX.another(
    "small number added inside the logarithm",
)
def log_softmax_tiniest_epsilon(o):
    return np.log(softmax(o) + 1e-300)


@LOG_SOFTMAX.mistake(
    "-inf replaced by a number",
    "Log-probabilities that should be near -1000 come out as another number, with np.nan_to_num "
    "as minus the largest float. The probability had become 0 and its logarithm -inf, and that "
    "was covered up. The information was lost one step earlier, when the probability was computed.",
    fails="accurate",
)
def log_softmax_nan_to_num(o):
    return np.nan_to_num(np.log(softmax(o)))


@LOG_SOFTMAX.another(
    "-inf replaced by a number",
)
def log_softmax_zero_for_infinity(o):
    return np.nan_to_num(np.log(softmax(o)), neginf=0.0)


@LOG_SOFTMAX.another(
    "-inf replaced by a number",
)
def log_softmax_large_for_infinity(o):
    return np.nan_to_num(np.log(softmax(o)), neginf=-1e9)


@LOG_SOFTMAX.mistake(
    "log-sum-exp without the maximum",
    "Moderate outputs come out right; outputs from 710 on give -inf, and vectors that lie wholly "
    "below -746 give inf. The sum of exponentials overflows or becomes 0 before the logarithm is "
    "taken. The log-sum-exp needs the same shift as the softmax.",
    fails="shift accurate",
)
def log_softmax_without_shift(o):
    return o - np.log(np.exp(o).sum(axis=-1, keepdims=True))


LOG_SOFTMAX.mistake(
    "maximum not added back to the log-sum-exp",
    "All entries of a vector are off by the same number, the maximum s of its outputs, so their "
    "differences are right. Compare the log-sum-exp of o with that of o - s.",
    {
        "shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))": (
            "o - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))"
        ),
    },
)
LOG_SOFTMAX.mistake(
    "maximum subtracted twice",
    "All entries of a vector are off by the same number, minus the maximum s of its outputs, so "
    "their differences are right. The log-sum-exp of the shifted outputs belongs to the shifted "
    "outputs, that of o to o; here the two were mixed, and s is subtracted twice.",
    {
        "shifted = o - o.max(axis=-1, keepdims=True)": "s = o.max(axis=-1, keepdims=True)",
        "return": "log_sum = s + np.log(np.exp(o - s).sum(axis=-1, keepdims=True))\nreturn",
        "shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))": "o - s - log_sum",
    },
)
LOG_SOFTMAX.mistake(
    "maximum of the whole array subtracted",
    "A single vector is right; vectors whose outputs all lie 746 or more below the largest of the "
    "whole array come out infinite, for their exponentials are all 0, and so is the sum. The "
    "equation normalises each vector along the last axis on its own, and so each needs its own s.",
    {"o.max(axis=-1, keepdims=True)": "o.max()"},
    fails="shift accurate",
)
LOG_SOFTMAX.mistake(
    "maximum taken over the first axis",
    "Each class was shifted by its own maximum over the first axis, so the outputs of one vector "
    "were shifted by different numbers, and its log-probabilities are those of other outputs. The "
    "shift cancels only where it is the same number s for all classes of a vector. Look at the "
    "axis of the maximum.",
    {"o.max(axis=-1, keepdims=True)": "o.max(axis=0, keepdims=True)"},
)
LOG_SOFTMAX.mistake(
    "sum over the whole array",
    "A single vector is right; otherwise the exponentials of all entries together sum to 1, and "
    "every log-probability is too low. Every vector along the last axis is a distribution of its "
    "own, so j runs over the classes alone.",
    {"np.exp(shifted).sum(axis=-1, keepdims=True)": "np.exp(shifted).sum()"},
    {
        "o.max(axis=-1, keepdims=True)": "np.max(o)",
        "np.exp(shifted).sum(axis=-1, keepdims=True)": "np.sum(np.exp(shifted))",
    },
)
LOG_SOFTMAX.mistake(
    "normalised over the first axis",
    "A single vector is right; otherwise the exponentials of the result sum to 1 over the first "
    "axis, which holds steps or sequences, and not over the classes. In the equation j runs over "
    "the classes, and they are on the last axis.",
    {
        "o.max(axis=-1, keepdims=True)": "o.max(axis=0, keepdims=True)",
        "np.exp(shifted).sum(axis=-1, keepdims=True)": "np.exp(shifted).sum(axis=0, keepdims=True)",
    },
    {"np.exp(shifted).sum(axis=-1, keepdims=True)": "np.exp(shifted).sum(axis=0, keepdims=True)"},
    {
        "o.max(axis=-1, keepdims=True)": "np.max(o)",
        "np.exp(shifted).sum(axis=-1, keepdims=True)": "np.sum(np.exp(shifted), axis=0)",
    },
)
LOG_SOFTMAX.mistake(
    "normalised over axis 1",
    "This is right for an array of two axes and for no other: with three axes, axis 1 holds the "
    "sequences, and a single vector has no axis 1 at all. The classes are on the last axis, "
    "however many axes there are; count it from the end.",
    {
        "o.max(axis=-1, keepdims=True)": "o.max(axis=1, keepdims=True)",
        "np.exp(shifted).sum(axis=-1, keepdims=True)": "np.exp(shifted).sum(axis=1, keepdims=True)",
    },
    {"np.exp(shifted).sum(axis=-1, keepdims=True)": "np.exp(shifted).sum(axis=1, keepdims=True)"},
)
LOG_SOFTMAX.mistake(
    "normalised over axis 2",
    "Arrays of three axes are right; one or two axes raise an error, for they have no axis 2. The "
    "classes are on the last axis, however many axes come before it; count it from the end.",
    {
        "o.max(axis=-1, keepdims=True)": "o.max(axis=2, keepdims=True)",
        "np.exp(shifted).sum(axis=-1, keepdims=True)": "np.exp(shifted).sum(axis=2, keepdims=True)",
    },
    fails="formula accurate",
)
LOG_SOFTMAX.mistake(
    "reduced axis not kept",
    "A single vector works; with more axes the shapes do not fit, or, where two sizes happen to "
    "be equal, the wrong numbers meet. A maximum or a sum over the last axis has one axis less, "
    "so broadcasting lines it up with the wrong axis of o. That axis should stay, with length 1.",
    {
        "o.max(axis=-1, keepdims=True)": "o.max(axis=-1)",
        "np.exp(shifted).sum(axis=-1, keepdims=True)": "np.exp(shifted).sum(axis=-1)",
    },
)


@LOG_SOFTMAX.mistake(
    "logarithm of a sum taken as the sum of the logarithms",
    "From each output (shifted or not) the plain sum of the outputs was subtracted. log exp(o_j) "
    "is o_j, but the logarithm of a sum of exponentials is not the sum of their logarithms. The "
    "order in log-sum-exp is: exponential first, then the sum, then the logarithm.",
)
def log_softmax_sum_of_logs(o):
    return o - o.sum(axis=-1, keepdims=True)


LOG_SOFTMAX.another(
    "logarithm of a sum taken as the sum of the logarithms",
    {"np.log(np.exp(shifted).sum(axis=-1, keepdims=True))": "shifted.sum(axis=-1, keepdims=True)"},
)
LOG_SOFTMAX.mistake(
    "logarithm of the sum left out",
    "The sum of the exponentials itself was subtracted, not its logarithm. The differences within "
    "a vector are right, but the exponentials of its entries do not sum to 1. The equation takes "
    "the logarithm of a quotient: what becomes of the denominator?",
    {
        "np.log(np.exp(shifted).sum(axis=-1, keepdims=True))": (
            "np.exp(shifted).sum(axis=-1, keepdims=True)"
        ),
    },
)


@LOG_SOFTMAX.mistake(
    "normalising term forgotten",
    "The largest entry of every vector is 0, as though that class were certain, and the "
    "differences within a vector are right. These are outputs shifted by s. The term with the "
    "logarithm of the sum is missing.",
)
def log_softmax_not_normalised(o):
    return o - o.max(axis=-1, keepdims=True)


LOG_SOFTMAX.mistake(
    "logarithm to another base",
    "Entries have the wrong size: decimal logarithms, for example, are 0.434 times the natural "
    "ones, and those to base 2 are 1.44 times as large. The outputs stand in powers of e, so only "
    "the natural logarithm gives them back. Look up which base numpy's logarithms have.",
    {
        "return shifted": "log_yhat = shifted",
        "keepdims=True))": "keepdims=True))\nreturn log_yhat / np.log(10.0)",
    },
    {
        "return shifted": "log_yhat = shifted",
        "keepdims=True))": "keepdims=True))\nreturn log_yhat / np.log(2.0)",
    },
)
LOG_SOFTMAX.another(
    "logarithm to another base",
    {"shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))": "np.log10(softmax(o))"},
    {"np.log": "np.log10"},
    {"np.log": "np.log2"},
)
LOG_SOFTMAX.mistake(
    "probabilities instead of their logarithms",
    "The entries are positive and sum to 1 over the classes: these are the probabilities "
    "themselves. Asked for are their logarithms, which are at most 0, without the detour over a "
    "probability that may be rounded to 0.",
    {"shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))": "softmax(o)"},
)
LOG_SOFTMAX.mistake(
    "softmax applied twice",
    "All log-probabilities lie within 1 of -log K. The outputs o went through a softmax first, "
    "and the probabilities were then treated as outputs. The equation starts from o itself.",
    {"shifted = o": "o = softmax(o)\nshifted = o"},
)
LOG_SOFTMAX.mistake(
    "wrong sign",
    "Every entry has the right size, but none is negative. A probability is at most 1, so its "
    "logarithm is at most 0; the minus sign of the loss comes later.",
    {
        "return shifted": "log_yhat = shifted",
        "keepdims=True))": "keepdims=True))\nreturn -log_yhat",
    },
)


@LOG_SOFTMAX.mistake(
    "o changed in place",
    "The log-probabilities are right, but after the call o itself is another array of numbers, "
    "and the caller does not know. An operator such as -= writes into the array that was handed "
    "over. Give the shifted outputs an array of their own.",
    fails="unchanged",
)
def log_softmax_in_place(o):
    o -= o.max(axis=-1, keepdims=True)
    return o - np.log(np.exp(o).sum(axis=-1, keepdims=True))


# --- sequence_loss -----------------------------------------------------------------------

SEQUENCE_LOSS = Exercise(
    "sequence_loss",
    formula="test_the_loss_is_a_sum_over_time_and_a_mean_over_the_batch",
    classes="test_the_loss_is_right_where_a_class_is_no_label_and_where_it_is_tiny",
    padded="test_the_loss_is_right_where_steps_are_padded",
    mean="test_the_loss_of_the_real_steps_is_averaged_over_all_sequences",
    exact="test_the_loss_is_exact_for_outputs_up_to_1000",
    unchanged="test_sequence_loss_is_right_and_leaves_its_arguments_as_they_were",
)
SEQUENCE_LOSS.mistake(
    "mean over time instead of a sum",
    "L is too small by the factor T. The probabilities of the steps multiply, so their logarithms "
    "are summed; only over the batch there is a mean. What is the divisor in the equation?",
    {"-log_p.sum() / N": "-log_p.mean()"},
)
SEQUENCE_LOSS.mistake(
    "sum over the batch instead of a mean",
    "L is too large by the factor N. Over time there is a sum, but over the N sequences of the "
    "batch there is a mean, so that L does not depend on how many there are. The factor 1/N in "
    "front of the equation is missing.",
    {"-log_p.sum() / N": "-log_p.sum()"},
)
SEQUENCE_LOSS.mistake(
    "divided by T instead of N",
    "L is off by the factor N/T: the number of steps was taken for the number of sequences. The "
    "arrays are time-major, so the first size of o is T and the second is N. The mean is over the "
    "batch.",
    {"-log_p.sum() / N": "-log_p.sum() / T"},
)
SEQUENCE_LOSS.mistake(
    "each sequence divided by its own length",
    "L is the loss per step, averaged over the sequences, so a step of a long sequence counts "
    'less than a step of a short one. The paragraph on maximum likelihood in "The loss of a '
    'sequence" says why the loss is a plain sum over time.',
    {
        "t, n =": ("if mask is None:\n    mask = np.ones((T, N))\nt, n ="),
        "-log_p.sum() / N": "-np.mean(log_p.sum(axis=0) / np.maximum(mask.sum(axis=0), 1.0))",
    },
    {
        "t, n =": ("if mask is None:\n    mask = np.ones((T, N))\nt, n ="),
        "-log_p.sum() / N": "-np.mean(log_p.sum(axis=0) / mask.sum(axis=0))",
    },
)
SEQUENCE_LOSS.mistake(
    "divided by the number of real steps where there is a mask",
    "Without a mask L is right; with one, L is the loss per real step. The mask takes padded "
    "steps out of the sum and leaves the factor in front alone: it is 1/N, with all N sequences.",
    {
        "mask is not None": "mask is None",
        "log_p = log_p * mask": "return float(-log_p.sum() / N)",
        "-log_p.sum() / N": "-(log_p * mask).sum() / mask.sum()",
    },
    fails="padded mean unchanged",
)
SEQUENCE_LOSS.mistake(
    "sequences without a real step left out of the mean",
    "L is right as long as every sequence has a real step, and too large where one is all "
    "padding. A mask removes steps, not sequences: an empty sequence adds 0 to the sum and still "
    "counts in N.",
    {"log_p = log_p * mask": "log_p = log_p * mask\nN = np.count_nonzero(mask.sum(axis=0))"},
    fails="mean",
)
SEQUENCE_LOSS.mistake(
    "mask ignored",
    "Without a mask L is right; with one it is too large, for the padded steps are in the sum. A "
    "padded step never happened: it has no part in the likelihood, whatever outputs and label "
    "stand there. See the equation with m.",
    {"log_p.sum": "log_softmax(o)[t, n, y].sum"},
    fails="padded mean unchanged",
)


@SEQUENCE_LOSS.mistake(
    "mask inverted",
    "Without a mask L is right; with one, L is the loss of the padded steps alone. m is 1 at real "
    "steps and 0 at padding.",
    fails="padded mean unchanged",
)
def sequence_loss_mask_inverted(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    log_p = log_softmax(o)[t, n, y]
    if mask is not None:
        log_p = log_p * (1.0 - mask)
    return float(-log_p.sum() / N)


SEQUENCE_LOSS.mistake(
    "mask applied to the outputs",
    "Without a mask L is right; with one, every padded step costs log K. Outputs of 0 are not "
    "nothing: they are a uniform guess, and it has its price. In the equation m multiplies the "
    "log-probability, not o.",
    {"log_p = log_p * mask": "o = o * mask[..., None]", "log_p.sum": "log_softmax(o)[t, n, y].sum"},
    fails="padded mean unchanged",
)
SEQUENCE_LOSS.mistake(
    "mask inside the logarithm",
    "With padded steps, L is infinite: the probability there was set to 0, and -log 0 is "
    "infinite. A padded step should add 0 to the sum, so m multiplies the logarithm. (Very "
    "unlikely labels give infinity too, since the logarithm is taken of a probability.)",
    {
        "log_p = log_softmax(o)[t, n, y]": "p = softmax(o)[t, n, y]",
        "log_p = log_p * mask": "p = p * mask",
        "log_p.sum": "np.log(p).sum",
    },
    fails="all but formula classes",
)
SEQUENCE_LOSS.mistake(
    "class axis kept when the mask is applied",
    "Without a mask L is right; with one the shapes do not fit, or, where T and N happen to be "
    "equal, the wrong steps are masked. The log-probabilities of the labels still have a last "
    "axis of length 1, and (T, N, 1) against (T, N) lines up steps with sequences. Print both "
    "shapes.",
    {"log_softmax(o)[t, n, y]": "np.take_along_axis(log_softmax(o), y[..., None], axis=-1)"},
    fails="padded mean unchanged",
)


@SEQUENCE_LOSS.another(
    "class axis kept when the mask is applied",
)
def sequence_loss_axis_kept_by_the_loss(o, y, mask=None):
    N = o.shape[1]
    loss = -np.take_along_axis(log_softmax(o), y[..., None], axis=-1)
    if mask is not None:
        loss = mask * loss
    return float(loss.sum() / N)


SEQUENCE_LOSS.mistake(
    "shapes (T, N) and (T, N, 1) subtracted",
    "The shapes do not fit, or, where T and N happen to be equal or T is 1, L is the sum over "
    "many wrong pairs. The outputs at the labels have the shape (T, N), the log-sum-exp kept a "
    "last axis of length 1, and broadcasting lines up steps with sequences. Print both shapes.",
    {
        "log_p = log_softmax(o)[t, n, y]": (
            "s = o.max(axis=-1, keepdims=True)\n"
            "log_sum = s + np.log(np.exp(o - s).sum(axis=-1, keepdims=True))\n"
            "log_p = o[t, n, y] - log_sum"
        ),
    },
    {
        "log_p = log_softmax(o)[t, n, y]": (
            "s = o.max(axis=-1, keepdims=True)\n"
            "log_sum = s + np.log(np.exp(o - s).sum(axis=-1, keepdims=True))\n"
            "loss = log_sum - o[t, n, y]"
        ),
        "-log_p.sum()": "loss.sum()",
    },
)
SEQUENCE_LOSS.mistake(
    "number of classes taken from the labels",
    "Where the last class is no label in the batch, the shapes do not fit. How many classes there "
    "are is told by the outputs, not by the labels that happen to come: the last axis of o has K "
    "entries.",
    {"log_softmax(o)[t, n, y]": "np.sum(log_softmax(o) * np.eye(y.max() + 1)[y], axis=-1)"},
    fails="classes",
)
SEQUENCE_LOSS.mistake(
    "wrong sign",
    "L has the right size and is negative. Log-probabilities are at most 0, and the loss is minus "
    "their sum: the search for the most probable labels becomes a search for a minimum.",
    {"-log_p.sum()": "log_p.sum()"},
)
SEQUENCE_LOSS.mistake(
    "logarithm of the softmax",
    "Moderate outputs come out right; a very unlikely label makes L infinite, and at a padded "
    "step 0 times infinity may make it NaN. The probability has become 0 before its logarithm is "
    "taken. Exercise 2 was written for this.",
    {"log_softmax(o)[t, n, y]": "np.log(softmax(o)[t, n, y])"},
    fails="padded exact",
)
SEQUENCE_LOSS.another(
    "logarithm of the softmax",
    {"log_softmax(o)[t, n, y]": "np.log(softmax(o)[t, n, y])", "log_p * mask": "log_p[mask > 0]"},
    fails="exact",
)
SEQUENCE_LOSS.mistake(
    "small number added inside the logarithm",
    "L is finite, but no step costs more than minus the logarithm of the number that was added, "
    "27.6 nats for 1e-12 (a lower limit on the probability does the same). A label may cost 2000. "
    "Exercise 2 gives log-probabilities that need no such help.",
    {"log_softmax(o)[t, n, y]": "np.log(softmax(o)[t, n, y] + 1e-12)"},
    {"log_softmax(o)[t, n, y]": "np.log(softmax(o)[t, n, y] + 1e-15)"},
    {"log_softmax(o)[t, n, y]": "np.log(softmax(o)[t, n, y] + 1e-16)"},
    {"log_softmax(o)[t, n, y]": "np.log(softmax(o)[t, n, y] + np.finfo(float).eps)"},
    {"log_softmax(o)[t, n, y]": "np.log(softmax(o)[t, n, y] + 1e-300)"},
    fails="exact",
)
SEQUENCE_LOSS.another(
    "small number added inside the logarithm",
    {"log_softmax(o)[t, n, y]": "np.log(softmax(o)[t, n, y] + 1e-10)"},
    fails="classes exact",
)
SEQUENCE_LOSS.mistake(
    "log-probabilities limited",
    "L is right until a step costs more than the limit, and then it stays behind. The loss of an "
    "unlikely label grows without bound, and log_softmax is exact there, so no limit is needed.",
    {"log_softmax(o)[t, n, y]": "np.maximum(log_softmax(o)[t, n, y], -100.0)"},
    {"log_softmax(o)[t, n, y]": "np.maximum(log_softmax(o)[t, n, y], -50.0)"},
    {"log_softmax(o)[t, n, y]": "np.maximum(log_softmax(o)[t, n, y], -700.0)"},
    {"log_softmax(o)[t, n, y]": "np.maximum(log_softmax(o)[t, n, y], -1000.0)"},
    fails="exact",
)
SEQUENCE_LOSS.mistake(
    "softmax applied twice",
    "Every step costs about log K, whatever the outputs. They went through a softmax first, and "
    "log_softmax then treated the probabilities as outputs. log_softmax starts from o itself.",
    {"log_softmax(o)": "log_softmax(softmax(o))"},
)
SEQUENCE_LOSS.mistake(
    "softmax missing",
    "L is the negative sum of the outputs at the labels, which may be of either sign. An output "
    "is a log-probability only up to a number that the classes share, and that number depends on "
    "o. Normalise first.",
    {"log_softmax(o)": "o"},
)
SEQUENCE_LOSS.mistake(
    "logarithm missing",
    "L lies between minus the number of steps and 0: probabilities were summed, not their "
    "logarithms. The probabilities of the steps multiply; it is their logarithms that add up.",
    {"log_softmax": "softmax"},
)
SEQUENCE_LOSS.mistake(
    "all classes summed",
    "L is much too large, and the labels do not matter to it: -log yhat was summed over every "
    "class. In the cross-entropy each class has a weight q_k, which is 1 for the label and 0 for "
    "the others. One number for each step and sequence remains.",
    {"log_softmax(o)[t, n, y]": "log_softmax(o)", "log_p * mask": "log_p * mask[..., None]"},
)
SEQUENCE_LOSS.mistake(
    "labels used as numbers",
    "Each step was weighted with its label, so a step of class 0 costs nothing and a step of "
    "class 3 counts three times, and every class was summed. A label is the name of a class, not "
    "an amount: it says which entry of log yhat counts.",
    {
        "log_softmax(o)[t, n, y]": "y[..., None] * log_softmax(o)",
        "log_p * mask": "log_p * mask[..., None]",
    },
)
SEQUENCE_LOSS.mistake(
    "labels of all steps and sequences at every step",
    "L is much too large. Indexing the last axis alone with y picks, at each step of each "
    "sequence, the classes of all labels of the batch: an array of shape (T, N, T, N). One entry "
    "for each step and sequence is wanted, so three indices have to go together.",
    {"t, n, y": "..., y"},
    {"t, n, y": ":, :, y", "log_p * mask": "log_p * mask[:, :, None, None]"},
)
SEQUENCE_LOSS.mistake(
    "labels counted from 1",
    "At every step the cost of the class before the label was taken, and class 0 became the last "
    "one. The labels run from 0 to K - 1, as numpy's indices do.",
    {"t, n, y": "t, n, y - 1"},
)
SEQUENCE_LOSS.mistake(
    "labels shifted by a step",
    "The outputs of each step were compared with the label of a neighbouring step, and a single "
    "step costs nothing. A network that is to predict the next symbol gets labels that have been "
    "shifted already: y[t] belongs to o[t].",
    {
        "(T, N)": "(T - 1, N)",
        "log_softmax(o)[t, n, y]": "log_softmax(o[:-1])[t, n, y[1:]]",
        "log_p * mask": "log_p * mask[1:]",
    },
    {
        "(T, N)": "(T - 1, N)",
        "log_softmax(o)[t, n, y]": "log_softmax(o[:-1])[t, n, y[1:]]",
        "log_p * mask": "log_p * mask[:-1]",
    },
    {
        "(T, N)": "(T - 1, N)",
        "log_softmax(o)[t, n, y]": "log_softmax(o[1:])[t, n, y[:-1]]",
        "log_p * mask": "log_p * mask[1:]",
    },
)
SEQUENCE_LOSS.mistake(
    "most likely class in place of the label",
    "L does not depend on the labels: at every step the cost of the most likely class was taken. "
    "The loss asks how probable the class was that happened, whether or not the network would "
    "have chosen it.",
    {"log_softmax(o)[t, n, y]": "log_softmax(o).max(axis=-1)"},
)
SEQUENCE_LOSS.mistake(
    "both terms of the binary cross-entropy",
    "L is too large: beside -log yhat at the label it holds -log(1 - yhat) of every other class. "
    "That is the loss of K separate yes-or-no questions. The K classes share one distribution, "
    "and its cross-entropy has a single term at each step.",
    {
        "T, N, _": "N, K",
        "o.shape": "o.shape[1:]",
        "t, n = np.indices((T, N))": "p, one_hot = softmax(o), np.eye(K)[y]",
        "log_softmax(o)[t, n, y]": "np.log(np.where(one_hot == 1.0, p, 1.0 - p)).sum(axis=-1)",
    },
)


@SEQUENCE_LOSS.another(
    "both terms of the binary cross-entropy",
)
def sequence_loss_binary_by_products(o, y, mask=None):
    N, K = o.shape[1:]
    p, one_hot = softmax(o), np.eye(K)[y]
    loss = -(one_hot * np.log(p) + (1.0 - one_hot) * np.log(1.0 - p)).sum(axis=-1)
    if mask is not None:
        loss = loss * mask
    return float(loss.sum() / N)


SEQUENCE_LOSS.mistake(
    "squared error instead of the cross-entropy",
    "L is too small as a rule, and no step costs more than 2: the probabilities were subtracted "
    "from the one-hot code and squared. The loss is minus the log-likelihood of the labels; it "
    "has a logarithm and no square.",
    {
        "T, N, _": "N, K",
        "o.shape": "o.shape[1:]",
        "t, n = np.indices((T, N))": "",
        "log_p = log_softmax(o)[t, n, y]": "loss = ((softmax(o) - np.eye(K)[y]) ** 2).sum(axis=-1)",
        "log_p = log_p * mask": "loss = loss * mask",
        "-log_p.sum()": "loss.sum()",
    },
)


@SEQUENCE_LOSS.another(
    "squared error instead of the cross-entropy",
)
def sequence_loss_half_the_squared_error(o, y, mask=None):
    N, K = o.shape[1:]
    loss = 0.5 * ((softmax(o) - np.eye(K)[y]) ** 2).sum(axis=-1)
    if mask is not None:
        loss = loss * mask
    return float(loss.sum() / N)


SEQUENCE_LOSS.mistake(
    "last step only",
    "For T = 1 L is right; for longer sequences it is too small, and the earlier steps do not "
    "matter to it. In this pattern the network gives an output at every step, and every real step "
    "has its term in the sum.",
    {
        "log_softmax(o)[t, n, y]": "log_softmax(o[-1])[np.arange(N), y[-1]]",
        "log_p * mask": "log_p * mask[-1]",
    },
    {
        "log_softmax(o)[t, n, y]": "log_softmax(o[-1])[np.arange(N), y[-1]]",
        "if mask is not None:\n    log_p = log_p * mask": "",
    },
)


@SEQUENCE_LOSS.another(
    "last step only",
)
def sequence_loss_last_real_step(o, y, mask=None):
    T, N, _ = o.shape
    last = np.full(N, T - 1) if mask is None else mask.sum(axis=0).astype(int) - 1
    n = np.arange(N)
    return float(-log_softmax(o)[last, n, y[last, n]].sum() / N)


SEQUENCE_LOSS.mistake(
    "first step only",
    "For T = 1 L is right; for longer sequences it is too small, and the later steps do not "
    "matter to it. For example, a return stands inside the loop over the steps. Every real step "
    "has its term in the sum.",
    {
        "log_softmax(o)[t, n, y]": "log_softmax(o[0])[np.arange(N), y[0]]",
        "log_p * mask": "log_p * mask[0]",
    },
)
SEQUENCE_LOSS.mistake(
    "first step left out",
    "L is too small: it lacks the term of the first step, and is 0 where that is the only one. "
    "The first labels are an answer to the first outputs as all others are. Where does your sum "
    "begin?",
    {"-log_p.sum()": "-log_p[1:].sum()"},
)
SEQUENCE_LOSS.mistake(
    "last step left out",
    "L is too small: it lacks the term of the last step, and is 0 where that is the only one. "
    "y[t] belongs to o[t], so the last outputs have labels as well. Where does your sum end?",
    {"-log_p.sum()": "-log_p[:-1].sum()"},
)
SEQUENCE_LOSS.mistake(
    "exponentials without a shift",
    "Moderate outputs come out right. Far from 0, the exponential is more than a float can hold, "
    "or rounds to 0, and L is infinite or NaN. Exercise 2 was written for this.",
    {
        "log_softmax(o)[t, n, y]": (
            "np.log(np.exp(o) / np.exp(o).sum(axis=-1, keepdims=True))[t, n, y]"
        ),
    },
    {
        "log_softmax(o)[t, n, y]": ("(o - np.log(np.exp(o).sum(axis=-1, keepdims=True)))[t, n, y]"),
    },
    fails="padded exact",
)
SEQUENCE_LOSS.mistake(
    "one loss for each sequence",
    "An array of N losses comes back, one for each sequence, where one float is asked for. The "
    "sum over time is done; the mean over the batch is not.",
    {"float(-log_p.sum() / N)": "-log_p.sum(axis=0)"},
    {"float(-log_p.sum() / N)": "-log_p.sum(axis=0) / N"},
)
SEQUENCE_LOSS.mistake(
    "one loss for each step",
    "An array of T losses comes back, one for each step, where one float is asked for. The batch "
    "is dealt with; the sum over time is not.",
    {"float(-log_p.sum() / N)": "-log_p.sum(axis=1) / N"},
    {"float(-log_p.sum() / N)": "-log_p.sum(axis=1)"},
)
SEQUENCE_LOSS.mistake(
    "o changed in place",
    "L is right, but after the call the caller's o is another: an operator such as -= writes into "
    "the array that was handed over. Give the normalised outputs an array of their own, or let "
    "log_softmax make one.",
    {
        "log_p = log_softmax(": (
            "o -= o.max(axis=-1, keepdims=True)\n"
            "o -= np.log(np.exp(o).sum(axis=-1, keepdims=True))\n"
            "log_p = log_softmax("
        ),
    },
    fails="unchanged",
)

# --- sequence_loss_gradient --------------------------------------------------------------

SEQUENCE_LOSS_GRADIENT = Exercise(
    "sequence_loss_gradient",
    formula="test_the_gradient_is_prediction_minus_label_over_the_batch_size",
    padded="test_the_gradient_is_right_where_steps_are_padded",
    slope="test_it_predicts_how_the_loss_changes_along_a_direction",
    exact="test_the_gradient_is_finite_and_exact_for_outputs_up_to_1000",
    unchanged="test_the_gradient_is_right_and_leaves_its_arguments_as_they_were",
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "1/N missing",
    "Every entry is too large by the factor N. The loss is a mean over the batch, and its factor "
    "stays in the derivative: see step 1.",
    {"do / N": "do"},
)


@SEQUENCE_LOSS_GRADIENT.mistake(
    "divided by T and N",
    "Every entry is too small, by the factor T where no step is padded. The loss is a sum over "
    "time and a mean over the batch, so only N divides. This is the gradient of a mean over time.",
)
def gradient_of_mean_over_time(o, y, mask=None):
    T, N, _ = o.shape
    t, n = np.indices((T, N))
    do = softmax(o)
    do[t, n, y] -= 1.0
    if mask is not None:
        do *= mask[..., None]
    return do / (T * N)


SEQUENCE_LOSS_GRADIENT.another(
    "divided by T and N",
    {
        "t, n =": ("if mask is None:\n    mask = np.ones((T, N))\nt, n ="),
        "do / N": "do * mask[..., None] / mask.sum()",
    },
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "each sequence divided by its own length",
    "Every entry is too small, by the number of real steps of its sequence: this is the gradient "
    "of a loss per step. A sequence that is all padding may give NaN. The loss is a plain sum "
    "over time, so its gradient has no such divisor; only 1/N stands in front.",
    {
        "t, n =": ("if mask is None:\n    mask = np.ones((T, N))\nt, n ="),
        "do / N": "do / np.maximum(mask.sum(axis=0), 1.0)[:, None] / N",
    },
    {
        "t, n =": ("if mask is None:\n    mask = np.ones((T, N))\nt, n ="),
        "do / N": "do / mask.sum(axis=0)[:, None] / N",
    },
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "divided by T instead of N",
    "Every entry is off by the factor N/T: the number of steps was taken for the number of "
    "sequences. The arrays are time-major, so the first size of o is T and the second is N.",
    {"do / N": "do / T"},
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "divided by the number of real steps where there is a mask",
    "Without a mask do is right; with one, the padded steps are 0 and the real ones are off by "
    "the same factor everywhere. The mask is in the gradient as a factor of each step and does "
    "not change the 1/N.",
    {
        "mask is not None": "mask is None",
        "do *= mask[..., None]": "return do / N",
        "do / N": "do * mask[..., None] / mask.sum()",
    },
    fails="padded slope unchanged",
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "sequences without a real step left out of the mean",
    "do is right as long as every sequence has a real step, and too large where one is all "
    "padding. A mask removes steps, not sequences: N counts all sequences of the batch, as in the "
    "loss.",
    {"do *= mask[..., None]": "do *= mask[..., None]\nN = np.count_nonzero(mask.sum(axis=0))"},
    fails="padded",
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "wrong sign",
    "Every entry has the right size, but this is what happened minus what was predicted. Raising "
    "the output of the right class lowers the loss, so its derivative is negative.",
    {"softmax(o)": "-softmax(o)", "do[t, n, y] -= 1.0": "do[t, n, y] += 1.0"},
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "one-hot missing",
    "No entry is negative; all are right except those at the labels, which are too large by 1/N. "
    "This is the derivative of the second term of step 2 alone; the first term, -o_y, is missing.",
    {"do[t, n, y] -= 1.0": ""},
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "one-hot added instead of subtracted",
    "No entry is negative; all are right except those at the labels, which are too large by 2/N. "
    "In step 2 the output of the right class stands with a minus sign. Over the classes the "
    "gradient should sum to zero.",
    {"do[t, n, y] -= 1.0": "do[t, n, y] += 1.0"},
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "1 subtracted for every class",
    "At real steps, the entries at the labels are right, and all others are too small by 1/N. The "
    "one-hot code is 1 for the label alone and 0 for the other classes. Over the classes the "
    "gradient should sum to zero.",
    {"softmax(o)": "softmax(o) - 1.0", "do[t, n, y] -= 1.0": ""},
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "labels subtracted as numbers",
    "From every probability of a step its label was subtracted, 3 for class 3. A label is the "
    "name of a class, not an amount: what happened is its one-hot code, with K entries.",
    {"softmax(o)": "softmax(o) - y[..., None]", "do[t, n, y] -= 1.0": ""},
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "labels of all steps and sequences at every step",
    "The entries at the labels are right, yet 1/N was subtracted at other classes too: at every "
    "class that is a label anywhere in the batch. Indexing the last axis alone with y does not "
    "pair a label with its own step and sequence; three indices have to go together.",
    {"t, n, y": "..., y"},
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "labels counted from 1",
    "The 1 was subtracted at the class before the label, and class 0 became the last one. The "
    "labels run from 0 to K - 1, as numpy's indices do.",
    {"t, n, y": "t, n, y - 1"},
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "right class only",
    "The entries at the labels are right, and all others are 0. The label's log-probability "
    "depends on every output, through the sum over j; its derivative is the second term of step "
    "2. What is taken from one class goes to the others.",
    {
        "softmax(o)": "np.zeros(o.shape)",
        "do[t, n, y] -= 1.0": "do[t, n, y] = softmax(o)[t, n, y] - 1.0",
    },
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "gradient with respect to the probabilities",
    "Only the entries at the labels differ from 0, and there they are -1/yhat, divided by N: this "
    "is dL/dyhat. (Where a class has the probability 0, there may be infinity or NaN.) The chain "
    "rule goes one step further, through the softmax to o; step 2 does both at once.",
    {
        "softmax(o)": "np.zeros(o.shape)",
        "do[t, n, y] -= 1.0": "do[t, n, y] = -1.0 / softmax(o)[t, n, y]",
    },
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "derivative of the softmax applied twice",
    "As a rule, entries are too small in size: they were multiplied once more by the derivative "
    "of the softmax, yhat (1 - yhat) or its whole matrix. Step 2 differentiates the loss with "
    "respect to o itself, so the softmax is in it already. The logarithm has undone that factor.",
    {
        "do = softmax(o)": "yhat = softmax(o)",
        "do[t, n, y] -= 1.0": "do = yhat.copy()\ndo[t, n, y] -= 1.0",
        "if mask": "do *= yhat * (1.0 - yhat)\nif mask",
    },
    {
        "do = softmax(o)": "yhat = softmax(o)",
        "do[t, n, y] -= 1.0": "do = yhat.copy()\ndo[t, n, y] -= 1.0",
        "if mask": "do = yhat * (do - (yhat * do).sum(axis=-1, keepdims=True))\nif mask",
    },
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "outputs in place of probabilities",
    "The 1 was subtracted at the right place, but from the outputs themselves. What was predicted "
    "is yhat = softmax(o); the derivative of the log-sum-exp in step 2 is a probability.",
    {"softmax(o)": "o.copy()"},
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "log-probabilities in place of probabilities",
    "No entry is positive. The loss is made of log yhat, but its derivative is made of yhat: see "
    "what step 2 finds for the derivative of the log-sum-exp.",
    {"softmax": "log_softmax"},
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "softmax applied twice",
    "The probabilities in the gradient are all too close to 1/K. The outputs went through a "
    "softmax, and the result through another. yhat is softmax(o), once.",
    {"softmax(o)": "softmax(softmax(o))"},
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "last step only",
    "For T = 1 do is right; for longer sequences all steps but the last are 0. Every real step "
    "has its term in the loss, so every real step has its gradient.",
    {
        "t, n = np.indices((T, N))": "do = np.zeros(o.shape)",
        "do = softmax(o)": "do[-1] = softmax(o[-1])",
        "t, n, y": "-1, np.arange(N), y[-1]",
    },
    {
        "t, n =": (
            "last = np.full(N, T - 1) if mask is None else mask.sum(axis=0).astype(int) - 1\nt, n ="
        ),
        "softmax(o)": "np.zeros(o.shape)",
        "do[t, n, y] -= 1.0": "do[last, n] = softmax(o)[last, n]\ndo[last, n, y[last, n]] -= 1.0",
        "if mask is not None:\n    do *= mask[..., None]": "",
    },
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "first step only",
    "For T = 1 do is right; for longer sequences all steps but the first are 0. For example, a "
    "return stands inside the loop over the steps. Every real step has its term in the loss, so "
    "every real step has its gradient.",
    {"return": "do[1:] = 0\nreturn"},
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "mask ignored",
    "Without a mask do is right; with one, padded steps have a gradient where it should be 0. The "
    "loss does not depend on the outputs of a padded step. See the factor m in step 1.",
    {"if mask is not None:\n    do *= mask[..., None]": ""},
    fails="padded slope unchanged",
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "mask on the probabilities only",
    "Real steps are right; at a padded step the label has -1/N and the other classes have 0. In "
    "step 3 the mask multiplies the whole bracket, probability and one-hot code. Look at what "
    "your mask multiplies.",
    {
        "do[t, n, y] -= 1.0": (
            "if mask is not None:\n    do *= mask[..., None]\ndo[t, n, y] -= 1.0"
        ),
        "if mask is not None:\n    do *= mask[..., None]": "",
    },
    fails="padded slope unchanged",
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "mask on the one-hot code only",
    "Real steps are right; at a padded step the probabilities, divided by N, are left over. In "
    "step 3 the mask multiplies the whole bracket, probability and one-hot code.",
    {
        "do[t, n, y] -= 1.0": "do[t, n, y] -= 1.0 if mask is None else mask",
        "if mask is not None:\n    do *= mask[..., None]": "",
    },
    fails="padded slope unchanged",
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "mask applied to the outputs",
    "Real steps are right; at a padded step there is the gradient of a uniform guess, (1/K - 1)/N "
    "at the label and 1/(K N) elsewhere. Outputs of 0 are a prediction like any other. m "
    "multiplies the gradient, not o.",
    {
        "do = softmax(": ("if mask is not None:\n    o = o * mask[..., None]\ndo = softmax("),
        "if mask is not None:\n    do *= mask[..., None]": "",
    },
    fails="padded slope unchanged",
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "mask inverted",
    "Without a mask do is right; with one, the padded steps have a gradient and the real ones "
    "have 0. m is 1 at real steps and 0 at padding.",
    {"mask[..., None]": "1.0 - mask[..., None]"},
    fails="padded slope unchanged",
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "mask without an axis for the classes",
    "Without a mask do is right; with one the shapes do not fit, or, where sizes happen to be "
    "equal, the wrong entries are masked. Broadcasting lines up the last axes: sequences of the "
    "mask (T, N) with classes of the gradient (T, N, K). Which axis does the mask lack?",
    {"do *= mask[..., None]": "do = do * mask"},
    {"do *= mask[..., None]": "do = mask * do"},
    fails="padded slope unchanged",
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "no maximum subtracted",
    "Moderate outputs come out right; outputs from 710 on give NaN, and so do vectors that lie "
    "wholly below -746. The probabilities were computed by the plain formula of the softmax. "
    "Exercise 1 has mended that already.",
    {
        "do = softmax(o)": "e = np.exp(o)",
        "do[t, n, y] -= 1.0": "do = e / e.sum(axis=-1, keepdims=True)\ndo[t, n, y] -= 1.0",
    },
    fails="exact",
)
SEQUENCE_LOSS_GRADIENT.mistake(
    "o changed in place",
    "do is right, but after the call the caller's o is another: it holds what was worked out in "
    "it. An operator such as -= writes into the array that was handed over. The gradient needs an "
    "array of its own.",
    {
        "do = softmax(o)": "o[...] = softmax(o)",
        "do[t, n, y]": "o[t, n, y]",
        "do *= mask[..., None]": "o *= mask[..., None]",
        "do / N": "o / N",
    },
    fails="unchanged",
)
