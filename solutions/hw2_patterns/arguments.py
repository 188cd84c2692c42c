"""What the functions of hw2_patterns are called with, for what is tried on all functions."""

EXAMPLES = {
    "hidden": {
        "rnn_step": lambda case: (case.x[0], case.start, case.params),
        "hidden_recurrence": lambda case: (case.x, case.start, case.params),
        "single_output": lambda case: (case.x, case.start, case.params, case.lengths),
    },
    "output": {
        "output_recurrence": lambda case: (case.x, case.start, case.params),
    },
}
AXES = {"output_recurrence": {"params": {"W": "i, k"}}}
