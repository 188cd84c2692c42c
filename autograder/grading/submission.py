"""Read what was handed in, whatever it is, and bring it into the shape of the homework."""

from __future__ import annotations

import copy
import json
from typing import Any

import nbformat
from nbformat import NotebookNode

MAX_BYTES = 32 * 2**20  # of a notebook file
MAX_CELLS = 2_000
MAX_SOURCE = 200_000  # characters of one cell


class Unreadable(Exception):
    """A file in which no notebook can be found; the message tells the student why."""


def read(data: bytes) -> tuple[NotebookNode, list[str]]:
    """Read a notebook file and keep of it what can be used: its cells' types, ids and sources.

    Parameters
    ----------
    data : bytes
        The content of the file.

    Returns
    -------
    notebook : NotebookNode
        Of nbformat 4.
    problems : list of str
        Sentences on what was wrong with the file.

    Raises
    ------
    Unreadable
        If it holds no notebook.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(
            f"The file has {len(data) / 2**20:.0f} MB, more than the {MAX_BYTES / 2**20:.0f} MB "
            "that are read: clear the outputs and hand it in again."
        )
    problems: list[str] = []
    text = _text(data, problems)
    if not text.strip():
        raise Unreadable("The file is empty: save the notebook and hand it in again.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else type(error).__name__
        raise Unreadable(
            f"The file is no notebook, or only a part of one ({reason}): "
            "open it in JupyterLab, save it, and hand it in again."
        ) from None
    return nbformat.v4.new_notebook(cells=_cells(content, problems)), problems


def _text(data: bytes, problems: list[str]) -> str:
    """Decode a file as UTF-8, or as what its byte order mark says."""
    marks = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
    encoding = next((name for mark, name in marks.items() if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        problems.append("The file is not in UTF-8: letters beyond ASCII may be wrong.")
        return data.decode("latin-1")


def _cells(content: Any, problems: list[str]) -> list[NotebookNode]:
    """Take the usable cells of a notebook of any format."""
    if not isinstance(content, dict):
        raise Unreadable("The file is no notebook: hand in the .ipynb file of the homework.")
    version = content.get("nbformat")
    if version != 4:
        problems.append(f"The notebook's format is {version!r}, not 4: read as well as can be.")
    found = content.get("cells")
    if found is None and isinstance(content.get("worksheets"), list):  # nbformat 3
        sheets = [sheet for sheet in content["worksheets"] if isinstance(sheet, dict)]
        found = [cell for sheet in sheets for cell in _list(sheet.get("cells"))]
    if not isinstance(found, list):
        raise Unreadable("The notebook has no cells: hand in the .ipynb file of the homework.")
    if len(found) > MAX_CELLS:
        problems.append(f"Of {len(found)} cells the first {MAX_CELLS} were read.")
    cells = [_cell(cell) for cell in found[:MAX_CELLS]]
    if None in cells:
        problems.append(f"{cells.count(None)} cells could not be read and were left out.")
    return [cell for cell in cells if cell is not None]


def _cell(cell: Any) -> NotebookNode | None:
    """Rebuild a cell from its type, source, id, tags and nbgrader's grade_id."""
    if not isinstance(cell, dict):
        return None
    source = cell.get("source", cell.get("input"))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str) or len(source) > MAX_SOURCE:
        return None
    source = source.encode("utf-8", "replace").decode("utf-8")  # no lone surrogates
    kind = cell.get("cell_type")
    make = {
        "code": nbformat.v4.new_code_cell,
        "markdown": nbformat.v4.new_markdown_cell,
    }.get(kind if isinstance(kind, str) else "", nbformat.v4.new_raw_cell)
    if kind != "code":
        source = source.replace("attachment:", "")  # pasted pictures are not kept
    made = make(source)
    if isinstance(cell.get("id"), str):
        made.metadata["unrolled_id"] = cell["id"]
    metadata = cell.get("metadata")
    mark = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = mark.get("grade_id") if isinstance(mark, dict) else None
    if isinstance(grade_id, str):
        made.metadata["unrolled_grade_id"] = grade_id
    return made


def _list(value: Any) -> list:
    return value if isinstance(value, list) else []


def align(
    notebook: NotebookNode, problems: list[str], source: NotebookNode
) -> tuple[NotebookNode, list[str]]:
    """Give a submission the homework's own locked cells, identities and points.

    Exercise cells keep what the student wrote; locked cells and prose are the homework's; graded
    cells that were deleted come back; a second cell of the same identity becomes an ordinary one.
    What the submission says of points or roles is not looked at.

    Parameters
    ----------
    notebook, problems
        As `read` gives them.
    source : NotebookNode
        The homework's source notebook.

    Returns
    -------
    notebook : NotebookNode
        A new one, ready to be run and judged.
    problems : list of str
        With those of the cells.
    """
    problems = list(problems)
    ours = {c.metadata.nbgrader.grade_id: c for c in source.cells if "nbgrader" in c.metadata}
    demos = {c.id for c in source.cells if "demo" in c.metadata.get("tags", [])}
    prose = {c.id: c for c in source.cells if c.cell_type == "markdown"}
    cells: list[NotebookNode] = []
    seen: dict[str, NotebookNode] = {}
    for cell in notebook.cells:
        grade_id = cell.metadata.pop("unrolled_grade_id", None)
        identity = cell.metadata.pop("unrolled_id", None)
        if grade_id in ours and grade_id not in seen:
            cell = seen[grade_id] = _ours(ours[grade_id], cell.source)
        elif grade_id in ours:
            problems.append(f"The cell `{grade_id}` is there twice: the last definition counts.")
        elif identity in prose:
            cell = copy.deepcopy(prose.pop(identity))
        elif identity in demos:
            demos.discard(identity)
            cell.id, cell.metadata["tags"] = identity, ["demo"]
        cells.append(cell)
    previous = None
    for grade_id, cell in ours.items():
        if grade_id not in seen:
            written = cell.metadata.nbgrader.solution
            if written:
                problems.append(f"The exercise cell `{grade_id}` was missing.")
            seen[grade_id] = _ours(cell, "# This cell was missing from the submission.")
            at = next((i + 1 for i, c in enumerate(cells) if c is previous), 0)
            cells.insert(at, seen[grade_id])
        previous = seen[grade_id]
    aligned = nbformat.v4.new_notebook(cells=cells, metadata=copy.deepcopy(source.metadata))
    return _with_unique_ids(aligned), problems


def _ours(cell: NotebookNode, written: str) -> NotebookNode:
    """Copy a cell of the homework; an exercise holds what the student wrote."""
    made = copy.deepcopy(cell)
    if cell.metadata.nbgrader.solution:
        made.source = written
    return made


def _with_unique_ids(notebook: NotebookNode) -> NotebookNode:
    used: set[str] = set()
    for number, cell in enumerate(notebook.cells):
        if cell.id in used:
            cell.id = f"again-{number}"
        used.add(cell.id)
    return notebook


def runnable(notebook: NotebookNode, source: NotebookNode) -> list[tuple[str, str, str]]:
    """List the cells to run as label, source and mode.

    Check cells and unchanged demonstrations are left out; of a demonstration that the student
    changed, only the definitions are run.
    """
    unchanged = {cell.id: cell.source for cell in source.cells}
    cells = []
    for number, cell in enumerate(notebook.cells, start=1):
        role = cell.metadata.get("nbgrader", {})
        demo = "demo" in cell.metadata.get("tags", [])
        if cell.cell_type != "code" or role.get("grade"):
            continue
        if demo and cell.source == unchanged.get(cell.id):
            continue
        label = f"exercise {role['grade_id']}" if role.get("solution") else f"cell {number}"
        cells.append((label, cell.source, "definitions" if demo else "run"))
    return cells
