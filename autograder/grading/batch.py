"""Grade all that was handed in: workers compute, and one process writes."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from concurrent.futures.process import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from autograder.grading.grade import SEED, Graded, Homework, grade
from autograder.grading.inside.confinement import die_with_parent
from autograder.grading.nbgrader import Assignment, Submitted, WrongUsage
from autograder.grading.sandbox import Limits, Submission
from autograder.grading.submission import Record, shown
from autograder.grading.walls import SandboxMissing
from autograder.grading.warm import warm

PERSON, WRONG_USAGE, INTERRUPTED = 1, 2, 130  # exit statuses


@dataclass(frozen=True)
class Result:
    """What became of a submission: it was graded, or an error came in the way."""

    submitted: Submitted
    graded: Graded | None = None
    error: BaseException | None = None

    @property
    def complaints(self) -> list[str]:
        """Sentences for the instructor; where there are any, a person should look."""
        if self.graded:
            return self.graded.record.doubts
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


def try_sandbox() -> None:
    """Start a sandbox; raise `WrongUsage` where none can be had."""
    try:
        with Submission([], []) as process:
            process.start()
    except SandboxMissing as error:
        raise WrongUsage(str(error)) from None


_homework = lru_cache(maxsize=1)(pickle.loads)


def compute(
    homework: bytes, data: bytes | None, limits: Limits, sandbox: bool, record: Record
) -> Graded:
    """Grade one submission, in any process, which needs nothing else of the course."""
    return grade(data, _homework(homework), limits, sandbox, record)


class Workers(ProcessPoolExecutor):
    """Compute in processes of this machine, which end when this one does, however it ends."""

    def __init__(self, jobs: int) -> None:
        super().__init__(jobs, initializer=_begin)

    def __exit__(self, kind: Any, *error: Any) -> None:
        """Wait until the work is done; after an error, stop it."""
        self.shutdown(wait=kind is None, cancel_futures=True)
        if kind:
            for child in multiprocessing.active_children():
                child.kill()


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


def results(
    assignment: Assignment,
    homework: bytes,
    chosen: Iterable[Submitted],
    executor: Callable[[], Executor],
    ahead: Callable[[], int] = lambda: 1,
) -> Generator[Result, None, None]:
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
                assignment.write(submitted, graded)
            except WrongUsage:
                raise
            except Exception as error:
                yield Result(submitted, error=error)
            else:
                yield Result(submitted, graded)
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

    Where a worker is killed, the executor breaks, and nobody knows which submission did it. So
    each that was in work is tried again alone, and given up where it breaks another one.
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
            with executor() as engine:
                yield submitted, next(iter(wait([start(engine, submitted)]).done))


# ------------------------------------------------------------------------------ the command


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
        The exit status: 0 if all are graded, 1 if a person should look at some, 2 for wrong usage,
        130 if it was interrupted.
    """
    try:
        assignment = Assignment.here(homework, sandbox)
        chosen = assignment.to_grade(student, force)
        if not chosen and not assignment.to_grade(student, force=True):
            who = f" by {shown(student)!r}" if student else ""
            raise WrongUsage(
                f"Nothing was handed in{who} for {homework}: run `nbgrader collect {homework}`, "
                f"or put files in place, as submitted/STUDENT/{homework}/{homework}.ipynb."
            )
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
            each = results(assignment, loaded, chosen, executor, ahead)
            return _grade(homework, each, len(chosen))
    except WrongUsage as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    except KeyboardInterrupt:
        return INTERRUPTED


Engine = tuple[Callable[[], Executor], Callable[[], int]]  # for `results`


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


def _grade(homework: str, each: Generator[Result, None, None], count: int) -> int:
    """Grade, say what came of it, and return the exit status."""
    doubtful, graded, start = [], 0, time.monotonic()
    try:
        for result in _with_bar(each, count):
            graded += result.graded is not None
            if result.complaints:
                doubtful.append(result.submitted.shown)
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
        return PERSON
    return 0


def _with_bar(each: Iterator[Result], count: int) -> Iterator[Result]:
    """Show a bar on a terminal, and a line for each submission that a person should look at."""
    from tqdm import tqdm

    bar = tqdm(each, total=count, disable=None, dynamic_ncols=True)
    for result in bar:
        if result.complaints:
            line = f"{result.submitted.shown}: {' '.join(result.complaints)}"
            bar.write(line, file=sys.stdout)
        yield result
