"""What the functions of hw7_decoding are called with, for what is tried on all functions."""

EXAMPLES = {
    "output": {
        "temperature_softmax": lambda case: (case.o, 0.7),
        "perplexity": lambda case: (case.o, case.y, 1.0 - 0.5 * case.mask),
    },  # in the others, labels jump where two outputs nearly tie, as they do in single precision
}
AXES = {"temperature_softmax": {"o": "k"}}
ONE_ORDER = {"greedy", "sample", "beam_search", "viterbi"}  # the numbers of the classes come back
