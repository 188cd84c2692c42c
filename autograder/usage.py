"""What a command cannot do as things stand, and the statuses that commands exit with."""

WELL, LOOK, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130  # 1: something is left to look at


class WrongUsage(Exception):
    """Something that cannot be done as things stand; the message says what to do."""
