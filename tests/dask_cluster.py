"""A Dask cluster on this machine: its scheduler and its workers, each a process."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from importlib.util import find_spec

from tests.classroom import REPOSITORY
from tests.conftest import needs, wait_until


@contextmanager
def started(program, *options, path=REPOSITORY, cwd=None, **variables):
    """Run one of Dask's programs, with the package of some folder."""
    variables |= {"PYTHONPATH": str(path), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{program}", "--no-dashboard", *options],
        env={**os.environ, **variables},
        cwd=cwd,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def scheduler(folder, *more):
    """Run a scheduler, and tell its process and address."""
    needs(find_spec("distributed"), "the package distributed")
    file = folder / "scheduler.json"
    options = ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file), *more]
    with started("scheduler", *options) as process:
        wait_until(lambda: file.exists() and file.read_text().endswith("}"))
        yield process, json.loads(file.read_text())["address"]


def workers(address, folder, *options, threads=1, **rest):
    """Run workers."""
    ours = ["--host", "127.0.0.1", "--nthreads", str(threads), "--local-directory", str(folder)]
    return started("worker", address, *ours, *options, **rest)
