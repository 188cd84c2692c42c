"""Grade what was handed in for a homework, on a terminal: ``python -m autograder grade``."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from tqdm import tqdm

from autograder.grading.batch import Done, Workers, grade_all, load
from autograder.grading.nbgrader import open_assignment
from autograder.grading.sandbox import try_sandbox
from autograder.grading.submission import shown
from autograder.grading.warm import warm
from autograder.usage import INTERRUPTED, LOOK, WrongUsage


def grade_class(
    homework: str,
    force: bool = False,
    student: str = "",
    jobs: int | None = None,
    sandbox: bool = True,
    scheduler: str = "",
) -> int:
    """Grade what was handed in for a homework, in the course's folder, and say what came of it.

    Parameters
    ----------
    homework : str
        Its name, such as ``"hw4_bptt"``.
    force : bool
        Whether to grade again what is graded.
    student : str
        Only this one's, a pattern as nbgrader takes them; everyone's if left out.
    jobs : int, optional
        Processes that compute; as many as there are cores if left out.
    sandbox : bool
        False grades without one, where every student is trusted.
    scheduler : str
        The address of a Dask cluster's scheduler, to compute there.

    Returns
    -------
    int
        The exit status: 0 if all are graded, 1 if a person should look at some, 130 if it was
        interrupted.

    Raises
    ------
    WrongUsage
        If nothing can be graded as things stand.
    """
    try:
        assignment = open_assignment(homework, sandbox)
        chosen = assignment.to_grade(student, force)
        if not chosen and not assignment.to_grade(student, force=True):
            who = f" by {shown(student)!r}" if student else ""
            raise WrongUsage(
                f"Nothing was handed in{who} for {homework}: run `nbgrader collect {homework}`, "
                f"or put files in place, as submitted/STUDENT/{homework}/{homework}.ipynb."
            )
        if assignment.due:
            print(f"Due {assignment.due:%Y-%m-%d %H:%M} UTC, by which lateness is computed now.")
        for file in assignment.misplaced():
            told = f"{shown(str(file))} is not graded: it belongs into a folder {homework}/."
            print(told, file=sys.stderr)
        if not chosen:
            print(f"{homework}: all are graded already; --force grades them again.")
            return 0
        if scheduler:
            engine = _cluster(scheduler, assignment.sandbox)
        else:
            engine = _local(min(jobs or os.cpu_count() or 1, len(chosen)), assignment.sandbox)
        loaded = load(assignment)
        with engine as (executor, ahead):
            each = grade_all(assignment, loaded, chosen, executor, ahead)
            status = _grade(homework, each, len(chosen))
        if assignment.by_hand:
            names = ", ".join(assignment.by_hand)
            print(f"Answers that a person grades, in formgrader: {names}.")
        return status
    except KeyboardInterrupt:
        return INTERRUPTED


Engine = tuple[Callable[[], Executor], Callable[[], int]]  # for `grade_all`


@contextmanager
def _local(jobs: int, sandbox: bool) -> Iterator[Engine]:
    """Compute in processes of this machine."""
    if sandbox:
        try_sandbox()
        if warm.why_not:
            print(
                "Each submission starts Python anew, which is slower, since no process can fork "
                f"them: {warm.why_not}",
                file=sys.stderr,
            )
        warm.stop()  # each worker has its own
    yield partial(Workers, jobs), lambda: 2 * jobs


def _cluster(address: str, sandbox: bool) -> AbstractContextManager[Engine]:
    """Compute on a Dask cluster."""
    try:
        from autograder.grading.cluster import connected
    except ModuleNotFoundError as error:
        raise WrongUsage(
            f"Grading on a cluster needs Dask ({error}): run `pip install 'unrolled[cluster]'`."
        ) from None
    return connected(address, sandbox)


def _grade(homework: str, each: Generator[Done, None, None], count: int) -> int:
    """Grade, say what came of it, and return the exit status."""
    doubtful, graded, start = [], 0, time.monotonic()
    try:
        for done in _with_bar(each, count):
            graded += done.graded is not None
            if done.complaints:
                doubtful.append(done.submitted.shown)
    except (KeyboardInterrupt, WrongUsage) as stop:
        each.close()
        print(f"Stopped: {graded} graded, {count - graded} left. Run it again to go on.")
        if isinstance(stop, WrongUsage):
            raise
        return INTERRUPTED
    seconds = time.monotonic() - start
    rate = f" in {seconds:.1f} s, {graded / seconds:.1f} a second" if graded else ""
    print(f"{homework}: {graded} of {count} graded{rate}.")
    if doubtful:
        print(f"{len(doubtful)} for a person to look at: {', '.join(sorted(doubtful))}.")
        return LOOK
    return 0


class _Bar(tqdm):
    """A bar that is watched by no thread, since workers are forked while it is there."""

    monitor_interval = 0


def _with_bar(each: Iterator[Done], count: int) -> Iterator[Done]:
    """Show a bar on a terminal, and a line for each submission that a person should look at."""
    bar = _Bar(each, total=count, disable=None, dynamic_ncols=True)
    for done in bar:
        if done.complaints:
            line = f"{done.submitted.shown}: {' '.join(done.complaints)}"
            bar.write(line, file=sys.stdout)
        yield done
