"""Classic mistakes of hw7_decoding: each is a change of the solution, or a function."""

from autograder.course.catalogue import Exercise
from solutions.hw7_decoding.solution import beam_search

# --- temperature_softmax -----------------------------------------------------------------

TEMPERATURE_SOFTMAX = Exercise(
    "temperature_softmax",
    divided="test_the_outputs_are_divided_by_the_temperature_before_the_softmax",
    extremes="test_it_is_right_however_small_or_large_tau_and_the_outputs_are",
    refused="test_it_takes_positive_temperatures_and_raises_a_value_error_for_others",
    unchanged="test_temperature_softmax_is_right_and_leaves_its_arguments_as_they_were",
)
TEMPERATURE_SOFTMAX.mistake(
    "outputs multiplied by the temperature",
    "At tau = 1 all is right, below it the distribution is too flat, above it too sharp: the "
    "effect is the reverse. The outputs are divided by tau.",
    {
        "below / tau": "below * tau",
    },
    fails="all but refused",
)
TEMPERATURE_SOFTMAX.mistake(
    "temperature left out",
    "The probabilities are those of the softmax itself, whatever tau is. The outputs are to "
    "be divided by tau before.",
    {
        "below / tau": "below",
    },
    fails="all but refused",
)
TEMPERATURE_SOFTMAX.mistake(
    "probabilities divided instead of outputs",
    "Each entry is that of the softmax divided by tau, so a row sums to 1 / tau. The "
    "temperature belongs inside the exponential: the outputs are divided, and the softmax "
    "comes after.",
    {
        "softmax(below / tau)": "softmax(below) / tau",
    },
    fails="all but refused",
)
TEMPERATURE_SOFTMAX.mistake(
    "divided before the largest output was subtracted",
    "Where tau is tiny there are NaN, all else is right: the outputs were divided by it as "
    "they are, which overflows. Infinity minus infinity is no number. The section on "
    "temperature says what must come before the division.",
    {
        "o - o.max(axis=-1, keepdims=True)": "o",
    },
    {
        "o - o.max(axis=-1, keepdims=True)": ("o / tau - np.max(o / tau, axis=-1, keepdims=True)"),
        "below / tau": "below",
    },
    fails="extremes",
)
TEMPERATURE_SOFTMAX.mistake(
    "power of the probabilities not normalised",
    "The ratios within a row are right, but a row does not sum to 1, unless tau is 1. To "
    "raise probabilities to the power 1 / tau changes their sum, so they must be divided by "
    "the new one.",
    {
        "softmax(below / tau)": "softmax(below) ** (1 / tau)",
    },
    fails="all but refused",
)
TEMPERATURE_SOFTMAX.mistake(
    "power of the probabilities",
    "At ordinary temperatures all is right, and at tiny ones there are NaN: a probability "
    "below 1 to a huge power is 0, and where all are 0 their sum cannot divide them. Work "
    "with the outputs: subtract the largest, divide by tau, and take the exponential last.",
    {
        "return softmax(below / tau)": (
            "power = softmax(below) ** (1 / tau)\nreturn power / power.sum(axis=-1, keepdims=True)"
        ),
    },
    fails="extremes",
)
TEMPERATURE_SOFTMAX.mistake(
    "softmax over the first axis",
    "A vector comes out right, an array with more axes does not: its rows do not sum to 1. "
    "The classes are on the last axis.",
    {
        "axis=-1": "axis=0",
        "return softmax(below / tau)": "e = np.exp(below / tau)\nreturn e / e.sum(axis=0)",
    },
    fails="all but refused",
)
TEMPERATURE_SOFTMAX.mistake(
    "largest output of the whole array subtracted",
    "At ordinary temperatures all is right. At tiny ones rows come out as NaN, those that do "
    "not hold the largest output of all: everything in them underflows to 0. Each row has a "
    "largest output of its own, which must become 0.",
    {
        "o.max(axis=-1, keepdims=True)": "o.max()",
        "return softmax(below / tau)": (
            "e = np.exp(below / tau)\nreturn e / e.sum(axis=-1, keepdims=True)"
        ),
    },
    fails="extremes",
)
TEMPERATURE_SOFTMAX.mistake(
    "winner takes all where it is cold",
    "Where several classes share the largest output, one of them has all the probability at a "
    "tiny tau. Equal outputs have equal probabilities at any temperature: the ratio of the "
    "two is exp(0 / tau) = 1. No special case is needed if the largest output is subtracted "
    "first.",
    {
        "below = o - o.max(axis=-1, keepdims=True)": (
            "if tau < 1e-6:\n"
            "    return one_hot(o.argmax(axis=-1), o.shape[-1])\n"
            "below = o - o.max(axis=-1, keepdims=True)"
        ),
    },
    fails="extremes",
)
TEMPERATURE_SOFTMAX.mistake(
    "small temperatures raised",
    "All is right but for outputs that hardly differ, at a tau as small as that: there the "
    "probabilities come out nearly equal. tau was replaced by a larger number. If the largest "
    "output is subtracted before the division, no tau is too small.",
    {
        "below / tau": "below / max(tau, 1e-3)",
    },
    {
        "below / tau": "below / max(tau, 1e-12)",
    },
    {
        "below / tau": "below / (tau + 1e-12)",
    },
    fails="extremes",
)
TEMPERATURE_SOFTMAX.mistake(
    "temperatures that are not positive let through",
    "Something came back for a tau that is not positive: the test says for which. There is no "
    "such distribution: raise a ValueError before anything is computed.",
    {
        (
            "if not tau > 0:\n"
            '    raise ValueError(f"a temperature is positive, and {tau} is not")\n'
        ): "",
    },
    {
        "not tau > 0": "tau == 0",
    },
    {
        "not tau > 0": "tau < 0",
    },
    fails="refused",
)
TEMPERATURE_SOFTMAX.mistake(
    "another error than ValueError",
    "A temperature that is not positive is refused, yet with an error of another kind. "
    "Callers catch errors by their kind: the exercise asks for a ValueError.",
    {
        "ValueError": "AssertionError",
    },
    fails="refused",
)
TEMPERATURE_SOFTMAX.mistake(
    "small temperatures refused",
    "A tiny tau raises an error, although it is positive. Every tau above 0 has its "
    "distribution, and it is finite if the largest output is subtracted before the division.",
    {
        "not tau > 0": "tau < 1e-6",
    },
    fails="extremes refused",
)
TEMPERATURE_SOFTMAX.mistake(
    "outputs changed in place",
    "The result is right, but o itself was changed. The caller still needs the outputs: `-=` "
    "and `/=` work on the array itself. Make a new one.",
    {
        "below = o - o.max(axis=-1, keepdims=True)": "o -= o.max(axis=-1, keepdims=True)",
        "below / tau": "o / tau",
    },
    fails="unchanged",
)

# --- perplexity --------------------------------------------------------------------------

PERPLEXITY = Exercise(
    "perplexity",
    mean="test_without_a_mask_all_steps_of_all_sequences_count_alike",
    mask="test_with_a_mask_all_real_steps_count_alike_and_padding_does_not_count",
    exact="test_it_is_right_for_labels_that_are_all_but_impossible",
    unchanged="test_perplexity_is_right_and_leaves_its_arguments_as_they_were",
)
PERPLEXITY.mistake(
    "loss of a sequence in the exponent",
    "The numbers are far too large, unless each sequence has a single step: the costs were "
    "summed over the steps and divided by N. The perplexity is one per step: divide by the "
    "number of real steps.",
    {
        "cost.mean() if mask is None else (cost * mask).sum() / mask.sum()": (
            "(cost if mask is None else cost * mask).sum() / y.shape[1]"
        ),
    },
)
PERPLEXITY.mistake(
    "mean of the exponentials",
    "Right for a single step, else too large: the exponential was taken of each cost, and the "
    "mean after it. One improbable label then outweighs all others. The mean of the "
    "logarithms comes first, one exponential last.",
    {
        "cost = -": "cost = 1 / ",
        "log_softmax(o)": "softmax(o)",
        "np.exp(mean)": "mean",
    },
)
PERPLEXITY.mistake(
    "one over the mean of the probabilities",
    "Right for a single step, else too small: the probabilities of the right labels were "
    "averaged, and one over that came back. The mean is one of logarithms; in other words, the "
    "geometric mean of the probabilities.",
    {
        "cost = -": "cost = ",
        "log_softmax(o)": "softmax(o)",
        "np.exp(mean)": "1 / mean",
    },
)
PERPLEXITY.mistake(
    "exponential left out",
    "What came back is the mean cost per step, the logarithm of the perplexity. For a uniform "
    "guess it gives log K, where K should come out.",
    {
        "np.exp(mean)": "mean",
    },
)
PERPLEXITY.mistake(
    "power of 2 of a cost in nats",
    "The numbers are too small: 2 was raised to the mean cost. The costs are natural "
    "logarithms, so their inverse is exp. (Powers of 2 belong to logarithms to the base 2.)",
    {
        "np.exp(mean)": "2**mean",
    },
)
PERPLEXITY.mistake(
    "mask ignored",
    "Without padding all is right; with a mask the result is the same as without it. A padded "
    "step never happened: its cost does not count, nor does the step itself.",
    {
        "cost.mean() if mask is None else (cost * mask).sum() / mask.sum()": "cost.mean()",
    },
    fails="mask unchanged",
)
PERPLEXITY.mistake(
    "padded steps in the divisor",
    "With a mask the numbers are too small: the costs of padded steps are left out, but the "
    "sum is divided by T N, as if these steps had been perfect. Divide by the number of real "
    "steps.",
    {
        "(cost * mask).sum() / mask.sum()": "(cost * mask).mean()",
    },
    fails="mask unchanged",
)
PERPLEXITY.mistake(
    "mean over each sequence first",
    "Where all sequences are of one length all is right, else not: each sequence got a mean "
    "of its own, and the mean of these was taken. So a step of a short sequence counts more "
    "than one of a long sequence. Sum over all real steps, and divide once.",
    {
        "(cost * mask).sum() / mask.sum()": (
            "((cost * mask).sum(axis=0) / mask.sum(axis=0)).mean()"
        ),
    },
    fails="mask unchanged",
)
PERPLEXITY.mistake(
    "mean of the perplexities of the sequences",
    "Each sequence got a perplexity of its own, and their mean came back. For a single "
    "sequence that is right, else too large. One mean over all real steps of all sequences is "
    "asked for, and one exponential of it.",
    {
        "cost.mean() if mask is None else (cost * mask).sum() / mask.sum()": (
            "cost.mean(axis=0) if mask is None else (cost * mask).sum(axis=0) / mask.sum(axis=0)"
        ),
        "np.exp(mean)": "np.exp(mean).mean()",
    },
)
PERPLEXITY.mistake(
    "one number for each sequence",
    "An array came back, with a perplexity for each sequence. The equation sums over n as "
    "well: it is one number for all.",
    {
        "cost.mean() if mask is None else (cost * mask).sum() / mask.sum()": (
            "cost.mean(axis=0) if mask is None else (cost * mask).sum(axis=0) / mask.sum(axis=0)"
        ),
        "float(np.exp(mean))": "np.exp(mean)",
    },
)
PERPLEXITY.mistake(
    "log of softmax",
    "Only where a label is all but impossible the result is off: its probability was rounded "
    "to 0, and the logarithm of that is minus infinity. The given `log_softmax` never leaves "
    "the logarithm.",
    {
        "log_softmax(o)": "np.log(softmax(o))",
    },
    {
        "log_softmax(o)": "np.log(np.maximum(softmax(o), 1e-300))",
    },
    fails="exact",
)
PERPLEXITY.mistake(
    "sign of the logarithm",
    "The result is below 1: it is one over the perplexity. In the exponent stands the mean of "
    "*minus* log yhat.",
    {
        "cost = -np": "cost = np",
    },
)
PERPLEXITY.mistake(
    "all classes in place of the right one",
    "The labels play no part: the logarithms of all classes were averaged. Of each step only "
    "the probability of the class that happened counts.",
    {
        "-np.take_along_axis(log_softmax(o), y[..., None], axis=-1)[..., 0]": (
            "-log_softmax(o).mean(axis=-1)"
        ),
    },
)
PERPLEXITY.mistake(
    "entropy of the predictions",
    "The labels play no part: what came back tells how unsure the network is by its own "
    "account. Whether it is right counts too. The logarithms are those of the classes that "
    "happened.",
    {
        "-np.take_along_axis(log_softmax(o), y[..., None], axis=-1)[..., 0]": (
            "-(softmax(o) * log_softmax(o)).sum(axis=-1)"
        ),
    },
)
PERPLEXITY.mistake(
    "costs masked in place",
    "The result is right, but o was changed at the padded steps. The caller still needs it. "
    "Multiply the costs by the mask: these are your own array.",
    {
        "cost = -np": "if mask is not None:\n    o[mask == 0] = 0.0\ncost = -np",
    },
    fails="unchanged",
)

# --- greedy ------------------------------------------------------------------------------

GREEDY = Exercise(
    "greedy",
    fed="test_each_step_is_fed_with_the_class_that_was_chosen_before",
    first="test_the_first_class_is_the_most_likely_one_after_r0",
    alone="test_a_sequence_is_decoded_rightly_when_it_is_alone",
    views="test_it_takes_views_of_larger_arrays_and_parameters_that_it_does_not_need",
    unchanged="test_greedy_is_right_and_leaves_its_arguments_as_they_were",
)
GREEDY.mistake(
    "r0 fed at every step",
    "The first labels are right, later ones are not: each step was fed with r0, so no choice "
    "has an effect. After the first step, what is fed is the one-hot code of the label just "
    "chosen.",
    {
        "one_hot(y[t], r0.shape[1])": "r0",
    },
    fails="all but first",
)
GREEDY.mistake(
    "softmax fed back",
    "The first labels are right, later ones are not always: the whole distribution was fed "
    "back, as in the free-running pass of homework 5. Here the *choice* is fed back, as its "
    "one-hot code.",
    {
        "y[t] = step(x[t], r, params).argmax(axis=-1)": "r = softmax(step(x[t], r, params))",
        "r = one_hot(y[t], r0.shape[1])": "y[t] = r.argmax(axis=-1)",
    },
    fails="all but first",
)
GREEDY.mistake(
    "outputs fed back",
    "The first labels are right, later ones are not: the outputs o themselves were fed back. "
    "The next step is to be fed with the one-hot code of the chosen label.",
    {
        "y[t] = step(x[t], r, params).argmax(axis=-1)": "r = step(x[t], r, params)",
        "r = one_hot(y[t], r0.shape[1])": "y[t] = r.argmax(axis=-1)",
    },
    fails="all but first",
)
GREEDY.mistake(
    "number of the label fed back",
    "The first labels are right, later ones are not: the number of the label was fed back in "
    "place of its one-hot code. Class 4 is not four times class 1. W expects K numbers, of "
    "which one is 1.",
    {
        "one_hot(y[t], r0.shape[1])": "np.repeat(y[t][:, None], r0.shape[1], axis=1)",
    },
    fails="all but first",
)
GREEDY.mistake(
    "label of two steps before fed back",
    "The labels of the first two steps or of the first alone are right, later ones are not: "
    "what is fed comes a step late. Step t is fed with the label of step t - 1.",
    {
        "one_hot(y[t], r0.shape[1])": "one_hot(y[t - 1], r0.shape[1]) if t > 0 else r0",
    },
    fails="all but first",
)
GREEDY.mistake(
    "zeros fed to the first step",
    "The first step was fed with nothing, so its labels are wrong in some sequences, and what "
    "follows with them. Before the first step no label has been chosen; what takes its place "
    "is r0.",
    {
        ", r0\n": ", np.zeros_like(r0)\n",
    },
)
GREEDY.mistake(
    "one-hot code of r0 fed to the first step",
    "The first step was fed with a one-hot code made of r0, so its labels are wrong in some "
    "sequences. r0 is fed as it is given: only what was chosen is a label.",
    {
        ", r0\n": ", one_hot(r0.argmax(axis=-1), r0.shape[1])\n",
    },
)
GREEDY.mistake(
    "argmax over the sequences",
    "The largest output was sought over the sequences of the batch, so there is a number for "
    "each class, and not for each sequence. The classes are on the last axis of o_t, which is "
    "(N, K).",
    {
        "y, r = np.empty((T, N), dtype=int), r0": "y, r = [], r0",
        "y[t] = step(x[t], r, params).argmax(axis=-1)": (
            "y.append(step(x[t], r, params).argmax(axis=0))"
        ),
        "return y": "return np.array(y)",
    },
)
GREEDY.mistake(
    "one choice for the whole batch",
    "All sequences of a batch have the same labels, where each should have its own. Without "
    "an axis, `argmax` looks for the one largest entry of the whole table. Look along each "
    "row.",
    {
        ".argmax(axis=-1)": ".argmax() % r0.shape[1]",
    },
    {
        ".argmax(axis=-1)": "[0].argmax()",
    },
    {
        ".argmax(axis=-1)": ".mean(axis=0).argmax()",
    },
    fails="all but alone",
)
GREEDY.mistake(
    "least likely class",
    "At each step the class with the smallest output was taken. The most likely class has the "
    "largest one: the softmax keeps their order.",
    {
        "argmax": "argmin",
    },
)
GREEDY.mistake(
    "sequences on the first axis",
    "The right labels are there, with the axes exchanged: y is (N, T). Time comes first in "
    "all arrays of this course, so y is (T, N).",
    {
        "return y": "return y.T",
    },
)
GREEDY.mistake(
    "one-hot codes returned",
    "The result has one axis too many: it holds the one-hot codes of the labels. They are "
    "what is fed back. What is returned are the labels, (T, N).",
    {
        "return y": "return one_hot(y, r0.shape[1])",
    },
)
GREEDY.mistake(
    "only the last step returned",
    "One axis is missing: what came back are the labels of the last step. A sequence is asked "
    "for, with the labels of all steps.",
    {
        "return y": "return y[-1]",
    },
)
GREEDY.mistake(
    "r0 overwritten",
    "The labels are right, but r0 has changed: the one-hot codes were written into the array "
    "itself. The caller still needs it. Let the name r stand for a new array at each step.",
    {
        "r = one_hot": "r[...] = one_hot",
    },
    fails="unchanged",
)

# --- sample ------------------------------------------------------------------------------

SAMPLE = Exercise(
    "sample",
    fed="test_each_step_is_fed_with_the_class_that_was_drawn_before",
    hit="test_a_class_is_the_first_whose_cumulative_probability_exceeds_its_number",
    tau="test_the_right_classes_are_drawn_at_low_and_high_temperatures",
    cold="test_in_the_cold_the_most_likely_class_is_drawn_and_fed_back",
    zero="test_the_right_class_is_drawn_where_u_is_0",
    gap="test_the_last_class_is_drawn_where_rounding_leaves_u_above_all_sums",
    unchanged="test_sample_is_right_and_leaves_its_arguments_as_they_were",
)
SAMPLE.mistake(
    "one number for all sequences",
    "At each step all sequences of the batch used the same random number, so they are not "
    "drawn independently of each other. Each step of each sequence has its own: u is (T, N).",
    {
        "rng.random((T, N))": "np.repeat(rng.random((T, 1)), N, axis=1)",
    },
    fails="fed hit tau unchanged",
)
SAMPLE.mistake(
    "numbers drawn sequence by sequence",
    "A single step or a single sequence comes out right, all else does not: the random "
    "numbers were taken in another order than that of rng.random((T, N)), which fills step "
    "after step.",
    {
        "rng.random((T, N))": "rng.random((N, T)).T",
    },
    fails="fed unchanged",
)
SAMPLE.mistake(
    "most likely class instead of a drawn one",
    "These are the labels of greedy decoding, whatever the random numbers are. The class is "
    "the one whose piece of the interval the number u hits, and every class with a piece can "
    "be hit.",
    {
        ".cumsum(axis=-1)": "",
        "passed = (cumulative <= u[t][:, None]).sum(axis=-1)": (
            "passed = cumulative.argmax(axis=-1)"
        ),
    },
    fails="all but cold",
)
SAMPLE.mistake(
    "class before the one that was hit",
    "Many labels are too small by one: the last class whose piece ends before u was taken. "
    "That piece lies left of u. The class that u hits is the first whose cumulative "
    "probability exceeds it.",
    {
        "np.minimum(passed, K - 1)": "np.maximum(passed - 1, 0)",
    },
)
SAMPLE.mistake(
    "class after the one that was hit",
    "Labels are too large by one: the class after the first whose cumulative probability "
    "exceeds u was taken. The right end of a piece belongs to the class whose piece it ends.",
    {
        "np.minimum(passed, K - 1)": "np.minimum(passed + 1, K - 1)",
    },
    fails="all but gap",
)
SAMPLE.mistake(
    "probability itself compared with u",
    "The first class whose own probability exceeds u was taken; often there is none. A piece "
    "of length p can lie anywhere in the interval: what counts is where it ends, the sum of "
    "all probabilities up to it.",
    {
        ".cumsum(axis=-1)": "",
        "(cumulative <= u[t][:, None]).sum(axis=-1)": (
            "(cumulative > u[t][:, None]).argmax(axis=-1)"
        ),
    },
    fails="all but cold zero",
)
SAMPLE.mistake(
    "classes sorted by probability",
    "The classes were sorted before they were drawn, so other classes have the pieces that u "
    "hits. The pieces lie in the order of the classes, from 0 to K - 1.",
    {
        "cumulative = temperature_softmax(step(x[t], r, params), tau).cumsum(axis=-1)": (
            "p = temperature_softmax(step(x[t], r, params), tau)\n"
            "order = np.argsort(-p, axis=-1)\n"
            "cumulative = np.take_along_axis(p, order, axis=-1).cumsum(axis=-1)"
        ),
        "np.minimum(passed, K - 1)": "order[np.arange(N), np.minimum(passed, K - 1)]",
    },
    fails="all but cold",
)
SAMPLE.another(
    "classes sorted by probability",
    {
        "cumulative = temperature_softmax(step(x[t], r, params), tau).cumsum(axis=-1)": (
            "p = temperature_softmax(step(x[t], r, params), tau)\n"
            "order = np.argsort(p, axis=-1)\n"
            "cumulative = np.take_along_axis(p, order, axis=-1).cumsum(axis=-1)"
        ),
        "np.minimum(passed, K - 1)": "order[np.arange(N), np.minimum(passed, K - 1)]",
    },
    fails="all but cold zero",
)
SAMPLE.mistake(
    "sum over the sequences",
    "Probabilities were summed over the sequences of the batch in place of the classes, so "
    "the sums do not end at 1. In a batch, each row is a distribution of its own.",
    {
        "cumsum(axis=-1)": "cumsum(axis=0)",
    },
    fails="all but zero gap",
)
SAMPLE.mistake(
    "temperature ignored",
    "At tau = 1 all is right, else the labels are those of tau = 1. The distribution to draw "
    "from is softmax(o / tau).",
    {
        "params), tau)": "params), 1.0)",
    },
    fails="fed tau cold unchanged",
)
SAMPLE.mistake(
    "outputs multiplied by the temperature",
    "At tau = 1 all is right. Below it the draws are too wild, above it too tame: the effect "
    "is the reverse. The outputs are divided by tau.",
    {
        "params), tau)": "params), 1 / tau)",
    },
    fails="fed tau cold unchanged",
)
SAMPLE.mistake(
    "r0 fed at every step",
    "The first labels are right, later ones are not: each step was fed with r0. After the "
    "first step, what is fed is the one-hot code of the label just drawn.",
    {
        "one_hot(y[t], K)": "r0",
    },
    fails="fed cold unchanged",
)
SAMPLE.mistake(
    "softmax fed back",
    "The first labels are right, later ones are not always: the distribution was fed back, "
    "and not the label that was drawn from it. So a step does not know what the step before "
    "has chosen.",
    {
        "cumulative = temperature_softmax(step(x[t], r, params), tau)": (
            "o_t = step(x[t], r, params)\ncumulative = temperature_softmax(o_t, tau)"
        ),
        "one_hot(y[t], K)": "softmax(o_t)",
    },
    fails="fed cold unchanged",
)
SAMPLE.mistake(
    "most likely class fed back",
    "The first labels are right, later ones are not always: a class was drawn, and another "
    "one, the most likely, was fed back. The sequence then is not drawn with its probability. "
    "What is fed is what was drawn.",
    {
        "cumulative = temperature_softmax(step(x[t], r, params), tau)": (
            "o_t = step(x[t], r, params)\ncumulative = temperature_softmax(o_t, tau)"
        ),
        "one_hot(y[t], K)": "one_hot(o_t.argmax(axis=-1), K)",
    },
    fails="fed unchanged",
)
SAMPLE.mistake(
    "label of the first sequence fed to all",
    "The first labels are right, and so is a sequence alone. In a batch later labels are "
    "wrong: all sequences were fed with the label of one of them. Each has its own row of "
    "what is fed.",
    {
        "one_hot(y[t], K)": "one_hot(np.repeat(y[t, 0], N), K)",
    },
    fails="fed cold unchanged",
)
SAMPLE.mistake(
    "class K where rounding leaves a gap",
    "Only where u is above the last sum the label is wrong: it is K, a class that does not "
    "exist. The sum of all probabilities is 1, and 1 exceeds every u: the class is the last "
    "one.",
    {
        "np.minimum(passed, K - 1)": "passed",
        "one_hot(y[t], K)": "one_hot(np.minimum(y[t], K - 1), K)",
    },
    {
        "np.minimum(passed, K - 1)": "passed",
    },
    fails="gap",
)
SAMPLE.mistake(
    "class 0 where rounding leaves a gap",
    "Only where u is above the last sum the label is wrong: it is 0. `argmax` of a row "
    "without any True gives 0. The sum of all probabilities is 1, and 1 exceeds every u: the "
    "class is the last one.",
    {
        "(cumulative <= u[t][:, None]).sum(axis=-1)": (
            "(cumulative > u[t][:, None]).argmax(axis=-1)"
        ),
    },
    fails="gap",
)
SAMPLE.mistake(
    "cumulative probability equal to u taken as enough",
    "A class of probability 0 was drawn, where u is 0: its cumulative probability is 0 as "
    "well, which equals u and does not exceed it. The right end of a piece does not belong to "
    "it.",
    {
        "cumulative <= u": "cumulative < u",
    },
    fails="zero",
)
SAMPLE.mistake(
    "other random numbers",
    "Where it is cold all is right, so the distributions and what is fed back are: but the "
    "random numbers were used in another way, and are not those of the check. Draw u with "
    "rng.random, and compare it with the cumulative probabilities.",
    {
        "u = rng.random((T, N))\n": "",
        ".cumsum(axis=-1)": "",
        "(cumulative <= u[t][:, None]).sum(axis=-1)": (
            "(np.log(cumulative) + rng.gumbel(size=(N, K))).argmax(axis=-1)"
        ),
    },
    {
        "rng.random((T, N))": "1 - rng.random((T, N))",
        "cumulative <= u": "cumulative < u",
    },
    fails="all but cold",
)
SAMPLE.mistake(
    "r0 overwritten",
    "The labels are right, but r0 has changed: the one-hot codes were written into the array "
    "itself. The caller still needs it. Let the name r stand for a new array at each step.",
    {
        "r = one_hot": "r[...] = one_hot",
    },
    fails="unchanged",
)

# --- beam_search -------------------------------------------------------------------------

BEAM_SEARCH = Exercise(
    "beam_search",
    narrow="test_a_beam_of_width_1_holds_the_greedy_sequence",
    y="test_y_holds_the_best_hypotheses_with_the_best_first",
    log_p="test_log_p_holds_the_log_likelihoods_of_the_hypotheses",
    every_y="test_y_holds_all_sequences_where_there_are_fewer_than_the_width",
    every_log_p="test_log_p_holds_all_sequences_where_there_are_fewer_than_the_width",
    left="test_y_is_right_where_the_best_sequence_leaves_the_beam_early",
    long="test_log_p_is_right_for_hundreds_of_steps",
    unchanged="test_beam_search_finds_y_and_leaves_its_arguments_as_they_were",
)
BEAM_SEARCH.mistake(
    "one continuation kept of each hypothesis",
    "Each hypothesis kept only its own best continuation, so nothing ever competes, and all "
    "rows go back to different first labels. All continuations of all hypotheses compete "
    "together: two of the best may come from the same one.",
    {
        "best = np.argsort(-scores, axis=None)[:width]\nparent, label = np.divmod(best, K)": (
            "label = scores.argmax(axis=1)\n"
            "parent = np.arange(len(y))\n"
            "if y.shape[1] == 0:\n"
            "    label = np.argsort(-scores[0])[:width]\n"
            "    parent = 0 * label"
        ),
        "return y, log_p": "order = np.argsort(-log_p)\nreturn y[order], log_p[order]",
    },
    fails="all but narrow",
)
BEAM_SEARCH.mistake(
    "probabilities multiplied",
    "All is right but for long sequences: there the products of probabilities become too "
    "small for a float and round to 0, and the logarithm of 0 is minus infinity. Add "
    "logarithms.",
    {
        "np.zeros(1)": "np.ones(1)",
        "log_p[:, None] + log_softmax": "log_p[:, None] * softmax",
        "return y, log_p": "return y, np.log(log_p)",
    },
    fails="long",
)
BEAM_SEARCH.mistake(
    "mean over the steps",
    "The hypotheses are right, their log_p are not, unless there is a single step: they were "
    "divided by the number of steps. The log-likelihood of a sequence is a sum.",
    {
        "return y, log_p": "return y, log_p / len(x)",
    },
    fails="log_p every_log_p long",
)
BEAM_SEARCH.mistake(
    "probabilities returned",
    "The hypotheses are right. log_p holds their probabilities in place of the logarithms of them.",
    {
        "return y, log_p": "return y, np.exp(log_p)",
    },
    fails="log_p every_log_p long",
)
BEAM_SEARCH.mistake(
    "sign of the logarithms",
    "The hypotheses are right, and log_p has the wrong sign: these are costs. The logarithm "
    "of a probability is negative.",
    {
        "return y, log_p": "return y, -log_p",
    },
    fails="log_p every_log_p long",
)
BEAM_SEARCH.mistake(
    "only the last step scored",
    "A single step is right. Later, hypotheses are kept by their last term alone, and log_p "
    "holds it: the log-probability of the beginning was not added. The score of a "
    "continuation is the old log-probability plus the new term.",
    {
        "log_p[:, None] + ": "",
    },
    fails="all but narrow",
)
BEAM_SEARCH.mistake(
    "outputs added instead of log-probabilities",
    "log_p is wrong, and other hypotheses are kept: the outputs o were added up. They are "
    "log-probabilities only up to a number, and that number is another one after each label. "
    "Take `log_softmax` of them.",
    {
        "log_softmax(step(x_t, r, params))": "step(x_t, r, params)",
    },
    fails="all but narrow",
)
BEAM_SEARCH.mistake(
    "softmax over all candidates",
    "With a width of 1 all is right, else it is not: the whole table was normalised at once, "
    "so the outputs of one hypothesis changed the probabilities of another. Each row is a "
    "distribution of its own.",
    {
        "scores = log_p[:, None] + log_softmax(step(x_t, r, params))": (
            "o_t = step(x_t, r, params)\n"
            "scores = log_p[:, None] + log_softmax(o_t.ravel()).reshape(o_t.shape)"
        ),
    },
    fails="all but narrow",
)
BEAM_SEARCH.mistake(
    "best last",
    "The right hypotheses are there, in the reverse order. Row 0 is to hold the most likely one.",
    {
        "return y, log_p": "return y[::-1], log_p[::-1]",
    },
    fails="all but narrow",
)
BEAM_SEARCH.mistake(
    "least likely kept",
    "The worst continuations were kept at each step. `np.argsort` sorts from the smallest to "
    "the largest, and log-probabilities are the better the larger they are.",
    {
        "-scores": "scores",
    },
)
BEAM_SEARCH.mistake(
    "labels not taken from the parent",
    "log_p is right and y is not: the new label was put at the end of the row with the same "
    "number, and not of the hypothesis that it goes on from. Row i of the new y begins with "
    "row parent[i] of the old one.",
    {
        "y[parent]": "y[np.arange(len(label)) % len(y)]",
    },
    fails="y every_y left unchanged",
)
BEAM_SEARCH.mistake(
    "r0 fed at every step",
    "A single step is right, later ones are not: every hypothesis was fed with r0, whatever "
    "it ends in. Each is fed with the one-hot code of its own last label.",
    {
        "one_hot(label, K)": "r0[None]",
        "scores[parent, label]": "scores[parent, label]",
    },
    fails="all but long",
)
BEAM_SEARCH.mistake(
    "label of the best hypothesis fed to all",
    "With a width of 1 all is right, else it is not: all hypotheses were fed with the last "
    "label of the best one. Each is fed with its own.",
    {
        "one_hot(label, K)": "one_hot(label[:1], K)",
    },
    fails="all but narrow long",
)
BEAM_SEARCH.mistake(
    "zeros fed to the first step",
    "The first step was fed with nothing, so all log_p are wrong, and often the labels too. "
    "Before the first step no label has been chosen; what takes its place is r0.",
    {
        "r0[None]": "np.zeros((1, K))",
    },
    fails="all but left long",
)
BEAM_SEARCH.mistake(
    "row and column of a candidate exchanged",
    "The number of a candidate was taken apart the wrong way round: the remainder of the "
    "division by K is the column, the label; the quotient is the row, the hypothesis that "
    "goes on.",
    {
        "parent, label = np.divmod(best, K)": (
            "label, parent = np.divmod(best, K)\nparent = parent % len(y)"
        ),
        "scores[parent, label]": "scores.ravel()[best]",
    },
    fails="all but long",
)
BEAM_SEARCH.mistake(
    "filled up to the width",
    "Where there are fewer sequences than the width, there are too many rows: the beam was "
    "filled up. B is the smaller of width and K**T.",
    {
        "return y, log_p": (
            "more = width - len(y)\n"
            "return np.pad(y, ((0, more), (0, 0))), np.pad(log_p, (0, more), "
            "constant_values=-1e9)"
        ),
    },
    {
        "return y, log_p": (
            "rows = np.minimum(np.arange(width), len(y) - 1)\nreturn y[rows], log_p[rows]"
        ),
    },
    fails="every_y every_log_p",
)
BEAM_SEARCH.mistake(
    "never more than K hypotheses",
    "Where the width is larger than K, too few rows come back, and good ones are missed: the "
    "beam never grew beyond the K labels of the first step. A step makes B K candidates of B "
    "hypotheses, so the beam can grow at each step until it has the width.",
    {
        "[:width]": "[: min(width, K)]",
    },
    fails="y log_p every_y every_log_p",
)
BEAM_SEARCH.mistake(
    "wider beam than asked for",
    "Where the best sequence begins badly, it was found all the same: more hypotheses were "
    "kept on the way than the width, and the best of them returned. A beam keeps the best "
    "`width` at every step.",
    {
        "[:width]": "[: 20 * width]",
        "return y, log_p": "return y[:width], log_p[:width]",
    },
    fails="narrow y log_p left unchanged",
)
BEAM_SEARCH.mistake(
    "one hypothesis for each last label",
    "Of hypotheses that end in the same label only the best was kept. That is the idea of the "
    "Viterbi algorithm, and it does not lose the best sequence; but a beam keeps the best "
    "`width`, whatever they end in.",
    {
        "best = np.argsort(-scores, axis=None)[:width]\nparent, label = np.divmod(best, K)": (
            "label = np.argsort(-scores.max(axis=0))[:width]\nparent = scores.argmax(axis=0)[label]"
        ),
    },
    fails="all but narrow",
)
BEAM_SEARCH.mistake(
    "only the best hypothesis returned",
    "One sequence came back. The whole beam is asked for: y is (B, T) and log_p is (B,).",
    {
        "return y, log_p": "return y[0], float(log_p[0])",
    },
)
BEAM_SEARCH.another(
    "only the best hypothesis returned",
    {
        "return y, log_p": "return y[:1], log_p[:1]",
    },
    fails="all but narrow",
)
BEAM_SEARCH.mistake(
    "time on the first axis",
    "log_p is right, and y is (T, B): its axes are exchanged. A row of y is a hypothesis.",
    {
        "return y, log_p": "return y.T, log_p",
    },
    fails="narrow y every_y left unchanged",
)
BEAM_SEARCH.mistake(
    "parameters changed",
    "The result is right, but params was changed. The caller still needs it.",
    {
        "return y, log_p": 'params["r"] = r0\nreturn y, log_p',
    },
    fails="unchanged",
)

# --- viterbi -----------------------------------------------------------------------------

VITERBI = Exercise(
    "viterbi",
    y="test_y_is_the_most_likely_sequence",
    late="test_y_is_the_most_likely_sequence_where_it_looks_bad_for_long",
    log_p="test_log_p_is_the_log_likelihood_of_the_most_likely_sequence",
    long="test_log_p_is_right_for_hundreds_of_steps_too",
    time="test_y_is_found_in_time_proportional_to_the_number_of_steps",
    unchanged="test_viterbi_finds_y_and_leaves_its_arguments_as_they_were",
)
VITERBI.mistake(
    "greedy decoding",
    "These are the greedy sequence and its log-probability. The best class at each step need "
    "not lead to the best sequence: for each class, the best way to it must be kept.",
    {
        "m[:, None] + ": "",
        "m, before[t] = scores.max(axis=0), scores.argmax(axis=0)": (
            "last = y[-1]\ny.append(scores[last].argmax())\nlog_p += scores[last].max()"
        ),
        "before = np.empty((T, K), dtype=int)": "y, log_p = [m.argmax()], m.max()",
        (
            "y = np.empty(T, dtype=int)\n"
            "y[-1] = m.argmax()\n"
            "for t in range(T - 1, 0, -1):\n"
            "    y[t - 1] = before[t, y[t]]\n"
        ): "",
        "return y, float(m.max())": "return np.array(y), float(log_p)",
    },
    fails="all but long",
)


@VITERBI.mistake(
    "beam search",
    "Often the best sequence was found, but not where it looks bad for long: a beam has "
    "dropped its beginning. A beam keeps what is best so far. To miss nothing, the best way "
    "to *each* class must be kept.",
    fails="late",
)
def keeps_some(x, r0, params):
    y, log_p = beam_search(x, r0, params, len(r0))
    return y[0], float(log_p[0])


@VITERBI.another("beam search")
def keeps_more(x, r0, params):
    y, log_p = beam_search(x, r0, params, len(r0) ** 2)
    return y[0], float(log_p[0])


@VITERBI.another("beam search")
def keeps_many(x, r0, params):
    y, log_p = beam_search(x, r0, params, 300)
    return y[0], float(log_p[0])


VITERBI.mistake(
    "best class of each step",
    "log_p is right, and y is not: at each step it has the class whose best beginning is the "
    "likeliest there. These beginnings belong to different sequences. Only the last class can "
    "be chosen so; the others follow by going back.",
    {
        "before = np.empty((T, K), dtype=int)": "y = [m.argmax()]",
        "m, before[t] = scores.max(axis=0), scores.argmax(axis=0)": (
            "m = scores.max(axis=0)\ny.append(m.argmax())"
        ),
        (
            "y = np.empty(T, dtype=int)\n"
            "y[-1] = m.argmax()\n"
            "for t in range(T - 1, 0, -1):\n"
            "    y[t - 1] = before[t, y[t]]\n"
        ): "",
        "return y,": "return np.array(y),",
    },
    fails="all but log_p long",
)
VITERBI.mistake(
    "way back one step off",
    "log_p is right, and y is not: on the way back, the table of another step was used. The "
    "class before y_t is q_t(y_t), which was noted when step t was computed.",
    {
        "np.empty((T, K), dtype=int)": "np.zeros((T, K), dtype=int)",
        "before[t, y[t]]": "before[t - 1, y[t]]",
    },
    fails="all but log_p long",
)
VITERBI.mistake(
    "way back from the last class to each step",
    "log_p is right, and y is not: each class was looked up from the *last* one, y_T. The way "
    "back goes from class to class: y_{t-1} is q_t(y_t).",
    {
        "before[t, y[t]]": "before[t, y[-1]]",
    },
    fails="all but log_p long",
)
VITERBI.mistake(
    "sequence in reverse",
    "log_p is right, and y is the right sequence from its end to its beginning: the way back "
    "gives the labels in that order. Turn them round.",
    {
        "return y,": "return y[::-1],",
    },
    fails="all but log_p long",
)
VITERBI.mistake(
    "sum instead of maximum",
    "log_p is too large, unless there is a single step: the probabilities of all ways into a "
    "class were summed, where the best one is asked for. Such sums say how likely a class is "
    "at a step, whatever came before. In m_t(k) stands a maximum over j.",
    {
        "before = np.empty((T, K), dtype=int)": "y = [m.argmax()]",
        "m, before[t] = scores.max(axis=0), scores.argmax(axis=0)": (
            "m = np.logaddexp.reduce(scores, axis=0)\ny.append(m.argmax())"
        ),
        (
            "y = np.empty(T, dtype=int)\n"
            "y[-1] = m.argmax()\n"
            "for t in range(T - 1, 0, -1):\n"
            "    y[t - 1] = before[t, y[t]]\n"
        ): "",
        "return y,": "return np.array(y),",
    },
)
VITERBI.mistake(
    "class before and class after exchanged",
    "A single step is right. Later, in the table of sums, the class before and the class after "
    "stand in each other's place: m, or the maximum, belongs to the other axis. j is the row "
    "and k the column: m_{t-1}(j) is added to row j, and each column k has its maximum.",
    {
        "scores.max(axis=0), scores.argmax(axis=0)": ("scores.max(axis=1), scores.argmax(axis=1)"),
    },
    {
        "m[:, None]": "m",
    },
    fails="all but long",
)
VITERBI.mistake(
    "beginnings not added",
    "A single step is right. Later only the term of the last step counts, and log_p is just "
    "that term: m_{t-1}(j) was not added before the maximum over j was taken.",
    {
        "m[:, None] + ": "",
    },
)
VITERBI.mistake(
    "probabilities multiplied",
    "All is right but for long sequences: there the products of probabilities become too "
    "small for a float and round to 0, and the logarithm of 0 is minus infinity. Add "
    "logarithms.",
    {
        "log_softmax(step(x[0], r0[None], params))": "softmax(step(x[0], r0[None], params))",
        "m[:, None] + log_softmax": "m[:, None] * softmax",
        "float(m.max())": "float(np.log(m.max()))",
    },
    fails="long",
)
VITERBI.mistake(
    "outputs added instead of log-probabilities",
    "log_p is wrong, and the sequence with it: the outputs o were added up. They are log- "
    "probabilities only up to a number, and that number is another one after each label. Take "
    "`log_softmax` of them.",
    {
        "log_softmax(step(x[0], r0[None], params))": "step(x[0], r0[None], params)",
        "log_softmax(step(x[t], np.eye(K), params))": "step(x[t], np.eye(K), params)",
    },
    {
        "log_softmax(step(x[t], np.eye(K), params))": "step(x[t], np.eye(K), params)",
    },
)
VITERBI.mistake(
    "r0 left out",
    "The first step was not fed with r0, so log_p is wrong, and often y too. m_1(k) is the "
    "log-probability of class k at the first step, as the network gives it when it is fed "
    "with r0.",
    {
        "r0[None]": "np.zeros((1, K))",
    },
    fails="all but late long",
)
VITERBI.mistake(
    "one table of transitions for all steps",
    "A single step is right, others are not: the same table of log-probabilities was used at "
    "each of them. What follows a class depends on the input as well: step t reads x_t.",
    {
        "x[t]": "x[0]",
    },
    fails="all but long",
)


@VITERBI.mistake(
    "all sequences tried",
    "All is right, but the time grows far too fast: with each step there are K times as many "
    "sequences. Two beginnings that end in the same class have the same future, so only the "
    "better of them is needed.",
    fails="late long time",
)
def keeps_all(x, r0, params):
    y, log_p = beam_search(x, r0, params, len(r0) ** len(x))
    return y[0], float(log_p[0])


VITERBI.mistake(
    "probability returned",
    "y is right. In place of log_p its probability came back: the logarithm is asked for.",
    {
        "float(m.max())": "float(np.exp(m.max()))",
    },
    fails="log_p long",
)
VITERBI.mistake(
    "log_p of every class returned",
    "y is right. log_p is an array, with the best log-probability for each class of the last "
    "step. The largest of them belongs to the most likely sequence.",
    {
        "float(m.max())": "m",
    },
    fails="log_p long",
)
VITERBI.mistake(
    "mean over the steps",
    "y is right. log_p is divided by the number of steps: the log-likelihood of a sequence is "
    "a sum.",
    {
        "float(m.max())": "float(m.max() / T)",
    },
    fails="log_p long",
)
VITERBI.mistake(
    "parameters changed",
    "The result is right, but params was changed. The caller still needs it.",
    {
        "return y,": 'params["r"] = r0\nreturn y,',
    },
    fails="unchanged",
)
