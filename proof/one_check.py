"""Time `check` in a process that is as fresh as a notebook's kernel; `proof.grading` starts it.

It takes a JSON object from standard input: ``imports`` and ``cells``, sources to run beforehand,
and ``check``, the source to time. It prints the seconds that the imports took, and a list of those
that each check took, the first one first.
"""

import contextlib
import io
import json
import sys
from time import perf_counter

from IPython.core.interactiveshell import InteractiveShell

WARM = 5


def seconds(shell, source):
    """Run a cell, as a kernel does, and return the time it took."""
    start = perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        shell.run_cell(source, store_history=False).raise_error()
    return perf_counter() - start


def main():
    """Do what is asked on standard input."""
    asked = json.load(sys.stdin)
    shell = InteractiveShell.instance(colors="nocolor")
    shell.run_cell("pass")
    imports = sum(seconds(shell, source) for source in asked["imports"])
    for source in asked["cells"]:
        seconds(shell, source)
    checks = [seconds(shell, asked["check"]) for _ in range(1 + WARM)]
    print(json.dumps([imports, checks]))


if __name__ == "__main__":
    main()
