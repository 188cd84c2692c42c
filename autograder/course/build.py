"""Build the notebooks from the literate solutions, and record the answers for the students.

    solutions/hwK/solution.py --> source/hwK/hwK.ipynb --> assignments/hwK/hwK.ipynb
                             '--> autograder/suites/recordings/hwK.bin.gz

The same solutions give the same bytes, on any machine.
"""

from __future__ import annotations

import ast
import base64
import inspect
import logging
import re
import textwrap
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import jupytext
import nbformat
import numpy as np
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder import calls, diagnosis, tape, wire
from autograder.course.catalogue import catalogue, pairs
from autograder.course.written import faults, file, load, reference, solutions
from autograder.graphs import render
from autograder.suite import exercises, run, tests

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def build(course: Path, homework: str) -> None:
    """Make the source notebook, the recording and the assignment of a homework.

    Parameters
    ----------
    course : Path
        The folder that holds ``solutions/`` and ``nbgrader_config.py``.
    homework : str
        Its name, such as ``"hw4_bptt"``.

    Raises
    ------
    ValueError
        If something is wrong with what a person has written; it says what to do.
    """
    for fault in faults(course, homework):
        raise ValueError(fault)
    write_source(course, homework, course / "source")
    record(course, homework)
    record_mistakes(course, homework)
    release(course, homework, course / "source", course / "assignments")


# --- source: a notebook from a literate script -------------------------------------------


def write_source(course: Path, homework: str, source: Path) -> None:
    """Turn a homework's script into the notebook that instructors release from.

    Parameters
    ----------
    course, homework
        As in `build`.
    source : Path
        The folder to write ``<homework>/<homework>.ipynb`` into.
    """
    path = source / homework / f"{homework}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(_notebook(course, homework), path)


def _notebook(course: Path, homework: str) -> NotebookNode:
    short = homework.split("_")[0]
    cells = [
        _cell(course, homework, cell, f"{short}-{position:03d}")
        for position, cell in enumerate(_script(course, homework))
    ]
    return nbformat.v4.new_notebook(
        cells=cells,
        metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}},
    )


def _script(course: Path, homework: str) -> list[NotebookNode]:
    """Return the cells of a homework's literate script."""
    path = course / file(homework, "solution")
    return list(jupytext.read(path, fmt="py:percent").cells)


def _cell(course: Path, homework: str, cell: NotebookNode, position: str) -> NotebookNode:
    """Give a cell its role: prose, exercise, check, given code, or demonstration."""
    metadata: dict[str, Any]
    tags = cell.metadata.get("tags", [])
    if asked := cell.metadata.get("nbgrader"):
        return _by_hand(cell, asked)
    if cell.cell_type == "markdown":
        source = _embed_drawings(course, homework, cell.source)
        # A double click on a picture should not open its code.
        metadata = {"editable": False} if source != cell.source else {}
        return nbformat.v4.new_markdown_cell(source, id=position, metadata=metadata)
    checked = re.fullmatch(r"check\((\w+)\)", cell.source.strip())
    identity, metadata = position, {}
    if BEGIN in cell.source:
        identity = _function_name(cell.source)
        metadata = _nbgrader(identity, solution=True)
    elif checked:
        identity = f"check_{checked[1]}"
        metadata = _nbgrader(identity, grade=True, locked=True)
        metadata["nbgrader"]["points"] = exercises(homework).get(checked[1], 0)
    elif "active-ipynb" in tags:
        metadata = {"tags": ["demo"]}
        if "folded" in tags:  # code that only draws: JupyterLab shows three dots in its place
            metadata["jupyter"] = {"source_hidden": True}
    else:
        metadata = _nbgrader(position, locked=True)
        if "given" in tags:
            cell.source = _given(cell.source, solutions(course, homework))
    return nbformat.v4.new_code_cell(cell.source, id=identity, metadata=metadata)


def _by_hand(cell: NotebookNode, asked: dict[str, Any]) -> NotebookNode:
    """Make a cell for an answer that is graded by hand, as formgrader's editor would."""
    if not {"grade_id", "points"} <= asked.keys():
        raise ValueError(
            'a cell that is graded by hand needs nbgrader={"grade_id": …, "points": …}'
        )
    metadata = _nbgrader(asked["grade_id"], grade=True, solution=True)
    metadata["nbgrader"] |= {"cell_type": cell.cell_type} | asked
    made = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
    return made[cell.cell_type](cell.source, id=asked["grade_id"], metadata=metadata)


def _nbgrader(
    grade_id: str, *, grade: bool = False, solution: bool = False, locked: bool = False
) -> dict[str, Any]:
    """Return the metadata by which nbgrader knows a code cell."""
    return {
        "nbgrader": {
            "cell_type": "code",
            "grade": grade,
            "grade_id": grade_id,
            "locked": locked,
            "schema_version": 3,
            "solution": solution,
            "task": False,
        }
    }


def _function_name(source: str) -> str:
    """Return the name of the function that an exercise defines."""
    names = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    if len(names) != 1:
        raise ValueError(f"an exercise should define one function, not {names}: split the cell")
    return names[0]


def _given(source: str, module: ModuleType) -> str:
    """Replace imports from earlier solutions by the functions themselves."""
    names = [
        alias.name
        for node in ast.parse(source).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    return "\n\n\n".join(_without_markers(getattr(module, name)) for name in names)


def _without_markers(function: Callable) -> str:
    """Return a function's source with the first paragraph of its docstring, and no markers."""
    source = textwrap.dedent(inspect.getsource(function))
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    docstring = node.body[0]
    summary = (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", "\n    ")
    lines = source.splitlines()
    lines[docstring.lineno - 1 : docstring.end_lineno] = [f'    """{summary}"""']
    return "\n".join(line for line in lines if line.strip() not in (BEGIN, END))


def _embed_drawings(course: Path, homework: str, source: str) -> str:
    """Draw ``![...](drawings.NAME)`` into the text; JupyterLab shows no attached SVG."""

    def embed(match: re.Match) -> str:
        path = file(homework, "drawings")
        drawing = None
        if (course / path).is_file():
            drawing = getattr(load(course, homework, "drawings"), match[1], None)
        if drawing is None:
            raise ValueError(f"there is no drawing {match[1]}: write it in {path}")
        svg = render(drawing(), portable=True)
        return f"](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})"

    return re.sub(r"\]\(drawings\.(\w+)\)", embed, source)


# --- recordings: inputs and right answers for the student's machine ----------------------


def record(course: Path, homework: str) -> None:
    """Record the tests of a homework; keep a recording of the same values to the byte."""
    right = reference(course, homework)
    data = tape.Drawn(right)
    wrong = [r for r in run(homework, right, data) if not r.passed]
    if wrong:
        raise ValueError(f"{homework}: the reference fails {wrong[0].test}: {wrong[0].mistake}")
    module = solutions(course, homework)
    arguments = {
        name: list(inspect.signature(getattr(module, name)).parameters)
        for name in exercises(homework)
    }
    recorded = {
        "arguments": arguments,
        "tests": {name: data.values[name] for name in tests(homework)},
    }
    _keep(homework, recorded, 1e-9)


def record_mistakes(course: Path, homework: str) -> None:
    """Record what the classic mistakes of a homework answer, and the commonest two at once."""
    right_results = run(homework, reference(course, homework))
    wrong: list[tuple[str, tuple[str, ...], str, Callable]] = [
        *((one.function, (one.name,), one.says, one.wrong) for one in catalogue(course, homework)),
        *((function, names, "", both) for function, names, both in pairs(course, homework)),
    ]
    known = {}
    for function, section in _sections(course, homework).items():
        own = [result for result in right_results if result.function == function]
        right = diagnosis.right_outcomes(own)
        mistakes = []
        for of, names, says, way in wrong:
            if of == function:
                results = run(homework, calls.Live({function: way}), functions=[function])
                found = diagnosis.wrong_outcomes(results, right)
                mistakes.append(diagnosis.Known(names, says, found))
        steps = diagnosis.right_steps(homework, own)
        known[function] = asdict(diagnosis.Knowledge(section, right, steps, mistakes))
    _keep(diagnosis.recording(homework), known, 1e-6)


def _keep(recording: str, new: dict, tolerance: float) -> None:
    """Write a recording, unless the one that is there says the same."""
    new = wire.decode(wire.encode(new), trusted=True)
    try:
        old = tape.load(recording)
    except (FileNotFoundError, wire.WireError):
        old = {}
    if not _alike(old, new, tolerance):
        tape.save(recording, new)


def _alike(old: Any, new: Any, tolerance: float) -> bool:
    """Compare recorded values up to the rounding in which machines differ."""
    if type(old) is not type(new):
        return False
    if isinstance(old, dict):
        return list(old) == list(new) and all(_alike(old[key], new[key], tolerance) for key in old)
    if isinstance(old, list | tuple):
        return len(old) == len(new) and all(
            _alike(one, other, tolerance) for one, other in zip(old, new, strict=True)
        )
    if isinstance(old, np.ndarray):
        if (old.shape, old.dtype) != (new.shape, new.dtype):
            return False
        size = np.max(np.abs(old), initial=0.0, where=np.isfinite(old))
        return np.allclose(old, new, rtol=0, atol=tolerance * size, equal_nan=True)
    if isinstance(old, float):
        return bool(np.isclose(old, new, rtol=tolerance, atol=0, equal_nan=True))
    return bool(old == new)


def _sections(course: Path, homework: str) -> dict[str, str]:
    """Return, for each exercise, the heading of the section that leads to it."""
    heading, sections = "", {}
    for cell in _script(course, homework):
        if cell.cell_type == "markdown":
            for title in re.findall(r"^##+ (.*)$", cell.source, re.MULTILINE):
                if not title.startswith(("Exercise", "Demonstration")):
                    heading = title
        elif BEGIN in cell.source:
            sections[_function_name(cell.source)] = heading
    return sections


# --- assignments: what students get ------------------------------------------------------


def release(course: Path, homework: str, source: Path, assignments: Path) -> None:
    """Make the assignment from the source notebook, as nbgrader does, without a gradebook.

    Parameters
    ----------
    course, homework
        As in `build`.
    source, assignments : Path
        The folders to read from and to write to.
    """
    config: Config = PyFileConfigLoader(str(course / "nbgrader_config.py")).load_config()
    config.SaveCells.enabled = False
    coursedir = CourseDirectory(
        config=config,
        assignment_id=homework,
        source_directory=str(source),
        release_directory=str(assignments),
    )
    log = logging.getLogger(__name__)
    log.setLevel(logging.ERROR)
    GenerateAssignment(
        coursedir=coursedir, config=config, no_database=True, force=True, log=log
    ).start()
