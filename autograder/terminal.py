"""Check a whole notebook from a terminal, as its check cells would."""

from __future__ import annotations

import ast
import json
import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from autograder.calls import Live
from autograder.grading.inside.cells import definitions
from autograder.guide import homeworks_here, meant
from autograder.notebook import explain, lacking, remember
from autograder.report import WIDTH, Report
from autograder.suite import exercises, homework_of_cells, homeworks, run
from autograder.usage import WrongUsage


def check_notebook(path: Path) -> list[Report]:
    """Run a notebook's cells in this process, check its functions, and print the reports.

    Of demonstrations, only imports, functions and classes are run, as in grading. The points are
    kept for `progress`, as check cells keep them.

    Parameters
    ----------
    path : Path
        A homework's notebook.

    Returns
    -------
    list of Report
        What the tests say of each function.

    Raises
    ------
    WrongUsage
        If the file is no notebook of the course.
    """
    cells, homework = _open(path)
    width = min(_width(), WIDTH)
    os.chdir(path.resolve().parent)
    os.environ.setdefault("MPLBACKEND", "agg")  # no window of a plot holds the check up
    sys.path.insert(0, os.getcwd())  # what a cell writes there, another one may import
    shell = _Shell.instance(colors="nocolor")
    shell.set_custom_exc((KeyboardInterrupt,), lambda *_, **__: None)  # to end here
    print(f"{homework}: running {len(cells)} cells", flush=True)
    for cell in cells:
        if isinstance(shell.run_cell(cell, store_history=False).error_in_exec, KeyboardInterrupt):
            raise KeyboardInterrupt
    written = {name: shell.user_ns.get(name) for name in exercises(homework)}
    results = run(homework, Live(written))
    reports = [
        explain(name, homework, function, [r for r in results if r.function == name])
        for name, function in written.items()
    ]
    for report in reports:
        remember(homework, report.function, report.points)
        print(f"\n{report.text(width)}")
    if note := lacking(cells):
        print(f"\n{note}")
    got, worth = sum(r.points for r in reports), sum(r.worth for r in reports)
    print(f"\n{homework}: {got:g} of {worth:g} points")
    return reports


class _Shell(InteractiveShell):
    """IPython's shell, for which `%matplotlib` opens no window."""

    def enable_gui(self, gui: Any = None) -> None:
        """Have no loop of events."""


def watch_notebook(path: Path) -> None:
    """Check a notebook now and whenever it is saved, until Ctrl-C.

    Each check has a process of its own, so that one which never ends makes way for the next. They
    are forked from a server that has everything imported: a check begins at once.

    Raises
    ------
    WrongUsage
        If there is no such file.
    """
    expect_file(path)
    print(f"Watching {path}.\nSave it to check it again; Ctrl-C stops.", flush=True)
    process: Any = None
    try:
        context = _processes()
        for saved in chain([True], _saves(path.resolve())):
            if process:
                process.kill()
                process.join()
            if saved:
                title = f"=== {datetime.now():%H:%M:%S} {path.name} "
                print(f"\n{title:=<{min(_width(), WIDTH)}}", flush=True)
                process = context.Process(target=_check_once, args=(path,), daemon=True)
                process.start()
    except KeyboardInterrupt:
        print()
    finally:
        if process:
            process.kill()


def _processes() -> Any:
    """Return what starts processes, and start loading what they need."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver  # which not every system has

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        [__name__, *(f"autograder.suites.{homework}" for homework in homeworks())]
    )
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as do the server and the checks
    forkserver.ensure_running()
    signal.signal(signal.SIGINT, before)
    return context


def _check_once(path: Path) -> None:
    try:
        check_notebook(path)
    except WrongUsage as error:
        print(error, file=sys.stderr, flush=True)


def _saves(path: Path) -> Iterator[bool]:
    """Yield whenever a file is saved: True, or False where it is gone for the moment.

    The folder is watched, since editors put another file in the place of the old one.
    """
    from watchfiles import watch

    for _ in watch(
        path.parent,
        watch_filter=lambda _, changed: Path(changed).name == path.name,
        recursive=False,
    ):
        yield path.exists()


def _width() -> int:
    return shutil.get_terminal_size((WIDTH, 24)).columns


def _open(path: Path) -> tuple[list[str], str]:
    """Return the cells to run, and the homework's name."""
    expect_file(path)
    try:
        # Not by nbformat, which takes seconds to import.
        cells = json.loads(path.read_bytes())["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in code]
        marks = [cell["metadata"].get("nbgrader", {}) for cell in code]
        tags = [cell["metadata"].get("tags", []) for cell in code]
        names = [mark.get("grade_id", "") for mark in marks]
        homework = homework_of_cells(names, sources)
    except PermissionError:
        raise WrongUsage(f"{path} cannot be read: give yourself the right to.") from None
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        raise WrongUsage(
            f"{path} is no notebook, or not a whole one: give the path of an .ipynb file, "
            "or save it again."
        ) from None
    if not homework:
        raise WrongUsage(f"{path} has no exercise of the course: give a homework's notebook.")
    return [
        _definitions(source) if "demo" in tag else source
        for source, mark, tag in zip(sources, marks, tags, strict=True)
        if not mark.get("grade")
    ], homework


def _definitions(source: str) -> str:
    """Return the definitions in a demonstration, or the whole cell, which then tells its error."""
    try:
        return ast.unparse(definitions(source, ""))
    except SyntaxError:
        return source


def expect_file(path: Path) -> None:
    """Raise `WrongUsage` where there is no such file, with the one that may be meant."""
    if path.is_file():
        return
    folder = path if path.is_dir() else path.parent
    notebooks = homeworks_here() | {each.stem: each for each in folder.glob("*.ipynb")}
    near = meant(str(path.resolve()), notebooks)
    what = "is a folder" if path.is_dir() else "is no file" if path.exists() else "does not exist"
    advice = f"did you mean {notebooks[near]}?" if near else "give the path of an .ipynb file."
    raise WrongUsage(f"{path} {what}: {advice}")
