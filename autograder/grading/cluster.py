"""Compute on a running Dask cluster, whose workers need the package `autograder` and a sandbox.

A worker gets submissions only if it would grade them as this machine would: the same versions, a
sandbox, and one submission at a time, since threads wait for each other while the clocks of their
submissions run. Solutions and seed stay here: what travels with each submission is the homework as
`Homework` has it.
"""

from __future__ import annotations

import hashlib
import logging
import platform
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import contextmanager, suppress
from functools import cache, partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import dask.config
import numpy as np
from distributed import Client, KilledWorker, Security, get_worker

import autograder
from autograder.grading.sandbox import try_sandbox
from autograder.usage import WrongUsage

CONNECT_SECONDS = 10  # for the scheduler to answer
WORKER_SECONDS = 120  # for a first worker to come, and for each to say whether it may grade
GONE = "The Dask scheduler has gone away. When it is there again, run this again to go on."
Version = tuple[tuple[str, str], ...]


@contextmanager
def connected(
    address: str, sandbox: bool
) -> Iterator[tuple[Callable[[], Executor], Callable[[], int]]]:
    """Connect to a scheduler, and check its workers.

    Parameters
    ----------
    address : str
        The scheduler's, such as ``"tcp://10.0.0.1:8786"``.
    sandbox : bool
        Whether each worker must have one.

    Yields
    ------
    executor : callable
        Makes an executor for the cluster.
    ahead : callable
        Tells how many submissions to give to it at a time, by the workers there are now.

    Raises
    ------
    WrongUsage
        If there is no scheduler, no worker, or one that must not grade; and from the executor's
        futures, if one comes later or the scheduler goes away.
    """
    for name in logging.root.manager.loggerDict:  # what it means is said here
        if name.split(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    if not _is_private(address):
        raise WrongUsage(
            f"{address} is open to whoever reaches it, who could read the secret data and give any "
            "scores: use certificates and a tls:// address, as docs/cluster.md says. Where nobody "
            "else can reach it, say so with DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION=false."
        )
    if address.startswith("tls:") and not Security().get_connection_args("client")["ssl_context"]:
        raise WrongUsage(f"{address} asks for certificates: docs/cluster.md says how to give them.")
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, RuntimeError, ValueError) as error:
        raise WrongUsage(
            f"No Dask scheduler answers at {address} ({error}): start one with `dask scheduler`, "
            "and give the address that it prints."
        ) from None
    try:
        admission = partial(_admit, _version(), sandbox)
        _check(client, address, admission)
        yield partial(Tasks, client, admission), partial(_ahead, client)
    finally:
        with suppress(OSError, TimeoutError):
            client.close()


def _is_private(address: str) -> bool:
    """Tell whether only this machine or those who hold a certificate reach an address.

    Dask's own setting says that encryption is not needed; by default it says nothing.
    """
    if dask.config.get("distributed.comm.require-encryption") is False:
        return True
    kind, _, place = address.rpartition("://")
    if kind not in ("", "tcp", "ws"):
        return True  # TLS, this process, or nothing that Dask knows
    host = place.rpartition(":")[0].strip("[]") or place
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _ahead(client: Client) -> int:
    with suppress(OSError, RuntimeError):  # that the scheduler is gone, its tasks will tell
        return max(1, 2 * len(client.nthreads()))
    return 1


def _check(client: Client, address: str, admission: Callable[[], None]) -> None:
    """Wait for a worker, and have each say whether it may grade."""
    with suppress(TimeoutError):
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    addresses = list(client.nthreads())
    if not addresses:
        raise WrongUsage(
            "The cluster has no workers: start some with "
            f"`dask worker {address} --nworkers=-1 --nthreads 1`."
        )
    asked = {each: client.submit(admission, workers=[each], pure=False) for each in addresses}
    refused = []
    for each, answer in asked.items():
        try:
            if error := answer.exception(timeout=WORKER_SECONDS):
                refused.append(str(error))
        except TimeoutError:
            refused.append(f"The worker {each} gives no answer: is it busy? Try again, or end it.")
    if refused:
        raise WrongUsage("\n".join(refused))


class Tasks(Executor):
    """Compute on the workers, in the manner of the executors of one machine.

    A submission on which workers die again and again breaks it; but the others go on.
    """

    def __init__(self, client: Client, admission: Callable[[], None]) -> None:
        self._engine = client.get_executor(pure=False)
        self._admission = admission

    def submit(self, fn: Callable, /, *args: Any, **kwargs: Any) -> Future:
        """Have a worker call the function."""
        future: Future = Future()
        try:
            task = self._engine.submit(_call, self._admission, fn, *args, **kwargs)
        except (OSError, RuntimeError):
            future.set_exception(WrongUsage(GONE))
        else:
            task.add_done_callback(partial(_pass_on, future))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait until the work is done, or take it back."""
        self._engine.shutdown(wait and not cancel_futures)

    def __exit__(self, kind: Any, *error: Any) -> None:
        """Wait until the work is done; after an error, take it back."""
        self.shutdown(wait=kind is None)


def _pass_on(future: Future, task: Future) -> None:
    """Give a future what became of a task."""
    try:
        future.set_result(task.result())
    except KilledWorker:
        future.set_exception(BrokenExecutor("each worker that graded it died"))
    except CancelledError:
        future.set_exception(WrongUsage(GONE))
    except Exception as error:
        future.set_exception(error)


# ------------------------------------------------------------------------------ on a worker


def _call(admission: Callable[[], None], fn: Callable, *args: Any, **kwargs: Any) -> Any:
    """Call a function on a worker that may grade; it may have come late, and not be checked."""
    admission()
    return fn(*args, **kwargs)


@cache
def _admit(version: Version, sandbox: bool) -> None:
    """Raise `WrongUsage` where this worker must not grade."""
    worker = get_worker()
    try:
        here = dict(_version())
        if other := [name for name, of in version if here[name] != of]:
            raise WrongUsage(
                f"it differs in {', '.join(other)}. Give it the versions that you have where you "
                "grade; then start it anew."
            )
        if worker.state.nthreads > 1:
            raise WrongUsage(
                f"it has {worker.state.nthreads} threads. Start it with `--nthreads 1`, and "
                "with `--nworkers` for more cores."
            )
        if sandbox:
            try_sandbox()
    except WrongUsage as error:
        raise WrongUsage(f"The worker {worker.address} cannot grade: {error}") from None


@cache  # a process goes on with what it has loaded, whatever becomes of the files
def _version() -> Version:
    """Return all that a score depends on but the submission and the homework, by name."""
    digest = hashlib.sha256()
    package = Path(autograder.__path__[0])
    for file in sorted(package.rglob("*")):
        inside = file.relative_to(package)
        left_out = (".", "__", "assignments")  # the wheel carries notebooks, which decide nothing
        if file.is_file() and not any(part.startswith(left_out) for part in inside.parts[:-1]):
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            digest.update(f"{inside} {content}\n".encode())
    return (
        ("Python", platform.python_version()),
        ("numpy", np.__version__),
        ("autograder", digest.hexdigest()),
    )
