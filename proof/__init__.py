"""Evidence for what the course claims: scripts to run again, and to doubt."""

import argparse
from collections.abc import Sequence

from autograder.suite import homeworks


def chosen(about: str | None, arguments: Sequence[str] | None = None) -> list[str]:
    """Read the command line of a proof: the homeworks that are named there, or all of them.

    Parameters
    ----------
    about : str
        The proof's docstring, of which the first paragraph is the help.
    arguments : sequence of str, optional
        In place of the command line.
    """
    parser = argparse.ArgumentParser(description=(about or "").partition("\n\n")[0])
    parser.add_argument("homework", nargs="*", help="its name; all of them without one")
    named = parser.parse_args(arguments).homework
    unknown = set(named) - set(homeworks())
    if unknown:
        parser.error(
            f"no homework {', '.join(sorted(unknown))}: there are {', '.join(homeworks())}"
        )
    return named or homeworks()
