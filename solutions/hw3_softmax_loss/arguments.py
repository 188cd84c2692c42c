"""What the functions of hw3_softmax_loss are called with, for what is tried on all functions."""

EXAMPLES = {
    "hidden": {
        "softmax": lambda case: (case.o,),
        "log_softmax": lambda case: (case.o,),
        "sequence_loss": lambda case: (case.o, case.y, case.mask),
        "sequence_loss_gradient": lambda case: (case.o, case.y, case.mask),
    },
}
AXES = {"softmax": {"o": "k"}, "log_softmax": {"o": "k"}}
