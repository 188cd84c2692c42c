"""What holds for all tests."""

import signal

# What a shell starts in the background, or with nohup, ignores these, and so would all that the
# tests start: programs that are to be interrupted, and processes that are to end with their leader.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
