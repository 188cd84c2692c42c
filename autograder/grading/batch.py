"""Grade all that was handed in: workers compute, and one process writes."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from concurrent.futures.process import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from autograder.grading.assignment import Assignment, Submitted
from autograder.grading.grade import SEED, Graded, Homework, grade
from autograder.grading.inside.confinement import die_with_parent
from autograder.grading.sandbox import Limits
from autograder.grading.submission import Record, shown
from autograder.usage import WrongUsage

# How workers start. A fork has all that it needs imported; it is safe while no other thread runs,
# which the command sees to. Where systems make threads of their own, Python starts anew.
START = "fork" if sys.platform == "linux" else "spawn"
# What the grader may take of a submission beside the submission's own limits: to start processes,
# to read, judge and report. It needs a few at most; a reader that is stuck needs them all.
OWN_SECONDS = 360


@dataclass(frozen=True)
class Done:
    """What became of a submission: it was graded, or an error came in the way."""

    submitted: Submitted
    graded: Graded | None = None
    waiting: Sequence[str] = ()  # in the gradebook, for a person
    error: BaseException | None = None

    @property
    def complaints(self) -> list[str]:
        """Sentences for the instructor; where there are any, a person should look."""
        if self.graded:
            return [*self.graded.record.doubts, *self.waiting]
        told = shown(f"{type(self.error).__name__}: {self.error}", 200)
        return [f"It was not graded ({told}). Try it again; then look at what was handed in."]


# ------------------------------------------------------------------------------ the workers


def load(assignment: Assignment) -> bytes:
    """Return an assignment's homework as `compute` takes it.

    Raises
    ------
    WrongUsage
        If the course has not been built.
    """
    if not (assignment.course / SEED).exists() and assignment.has_grades:
        print(
            f"There was no {SEED}, so a new one was drawn: the data are others than in earlier "
            "grading. If you have the old one in a backup, put it back and grade again.",
            file=sys.stderr,
        )
    try:
        return pickle.dumps(Homework.load(assignment.course, assignment.name))
    except (FileNotFoundError, ModuleNotFoundError) as error:
        raise WrongUsage(
            f"{assignment.name} cannot be loaded ({error}): in the course's folder, run "
            f"`python -m autograder build {assignment.name}`."
        ) from None


_homework = lru_cache(maxsize=1)(pickle.loads)


def compute(
    homework: bytes, data: bytes | None, limits: Limits, sandbox: bool, record: Record
) -> Graded:
    """Grade one submission, in any process, which needs nothing else of the course.

    A process that was started for it ends where it takes longer than it can, be it in the midst of
    C code, which no signal and no thread of Python's would stop. It writes where it was.
    """
    watched = multiprocessing.parent_process() is not None
    if watched:
        faulthandler.dump_traceback_later(_longest(limits), exit=True, file=2)
    try:
        return grade(data, _homework(homework), limits, sandbox, record)
    finally:
        if watched:
            faulthandler.cancel_dump_traceback_later()


def _longest(limits: Limits) -> float:
    """Return how many seconds it can take to grade a submission, on public and on secret data."""
    return 2 * limits.submission_seconds + OWN_SECONDS


class Workers(ProcessPoolExecutor):
    """Compute in processes of this machine, which end when this one does, however it ends."""

    def __init__(self, jobs: int) -> None:
        super().__init__(jobs, multiprocessing.get_context(START), initializer=_begin)

    def __exit__(self, kind: Any, *error: Any) -> None:
        """Wait until the work is done; after an error, stop it."""
        processes = list(self._processes.values())  # Python 3.14 has `kill_workers` for it
        self.shutdown(wait=kind is None, cancel_futures=True)
        if kind:
            for process in processes:
                process.kill()


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word
    if sys.platform == "linux":
        die_with_parent()  # in the midst of C code too, where no thread of Python's goes on
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


class InThisProcess(Executor):
    """Compute at once, in this process."""

    def submit(self, fn: Callable, /, *args: Any, **kwargs: Any) -> Future:
        """Call the function, and return a future that is done."""
        try:
            result = fn(*args, **kwargs)
        except Exception as error:
            return _failed(error)
        future: Future = Future()
        future.set_result(result)
        return future


def _failed(error: Exception) -> Future:
    """Return a future that is done, with an error."""
    future: Future = Future()
    future.set_exception(error)
    return future


# ------------------------------------------------------------------------------ the batch


def grade_all(
    assignment: Assignment,
    homework: bytes,
    chosen: Iterable[Submitted],
    executor: Callable[[], Executor],
    ahead: Callable[[], int] = lambda: 1,
) -> Generator[Done, None, None]:
    """Grade submissions, write what came of each, and yield it as soon as that is done.

    Parameters
    ----------
    assignment : Assignment
        That they belong to.
    homework : bytes
        What `load` gives for it.
    chosen : iterable of Submitted
        In any order.
    executor : callable
        Makes what computes; again, where one breaks.
    ahead : callable
        Tells how many submissions to give to it at a time.

    Raises
    ------
    WrongUsage
        If nothing can be computed any more.
    """
    try:
        for submitted, computed in _computed(assignment, homework, chosen, executor, ahead):
            try:
                graded = computed.result()
                waiting = assignment.write(submitted, graded)
            except WrongUsage:
                raise
            except Exception as error:
                yield Done(submitted, error=error)
            else:
                yield Done(submitted, graded, waiting)
    finally:
        assignment.close()


def _computed(
    assignment: Assignment,
    homework: bytes,
    chosen: Iterable[Submitted],
    executor: Callable[[], Executor],
    ahead: Callable[[], int],
) -> Iterator[tuple[Submitted, Future[Graded]]]:
    """Yield each submission with its finished future.

    Where a worker is killed, or ends itself since it took too long, the executor breaks, and nobody
    knows which submission did it. So each that was in work is tried again alone, and given up where
    it breaks another one.
    """

    def start(engine: Executor, submitted: Submitted) -> Future[Graded]:
        try:
            data, record = assignment.read(submitted)
        except Exception as error:
            return _failed(error)
        how = (assignment.limits, assignment.sandbox)
        return engine.submit(compute, homework, data, *how, record)

    todo = deque(chosen)
    while todo:
        working: dict[Future[Graded], Submitted] = {}
        suspects: list[Submitted] = []
        with executor() as engine:
            while working or (todo and not suspects):
                while todo and not suspects and len(working) < ahead():
                    try:
                        working[start(engine, todo[0])] = todo[0]
                    except BrokenExecutor:
                        suspects.append(todo[0])
                    todo.popleft()
                for done in wait(working, return_when=FIRST_COMPLETED).done:
                    submitted = working.pop(done)
                    if isinstance(done.exception(), BrokenExecutor):
                        suspects.append(submitted)
                    else:
                        yield submitted, done
        for submitted in suspects:
            begin, longest = time.monotonic(), _longest(assignment.limits)
            with executor() as engine:
                (done,) = wait([start(engine, submitted)]).done
            if isinstance(done.exception(), BrokenExecutor) and time.monotonic() - begin > longest:
                done = _failed(TimeoutError(f"it took longer than {longest:g} s"))
            yield submitted, done
