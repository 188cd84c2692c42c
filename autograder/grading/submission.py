"""Read what was handed in, whatever it is, and bring it into the shape of the homework."""

from __future__ import annotations

import codecs
import copy
import html
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nbformat import NotebookNode

from autograder.suite import exercises
from autograder.wire import printable

MAX_FILES = 1_000  # looked at in a submission's folder
MAX_DEPTH = 3  # of its folders
MAX_NOTEBOOKS = 20  # compared, where none has the right name
MAX_FILE = 128 * 2**20  # bytes read of a notebook file: more than nbgrader collects
MAX_BYTES = 16 * 2**20  # of it, without the outputs
MAX_PARTS = 300_000  # texts, lists and objects in these: each takes far more memory than bytes
MAX_OUTPUTS = 3_000_000  # lists and objects in outputs
MAX_CELLS = 5_000
MAX_SOURCE = 1_000_000  # characters of one cell
MAX_SHOWN = 100_000  # characters of a notebook in its feedback, beside the homework's own
MAX_GAP = 20  # blank lines in a row there
MAX_NUMBER = 20  # digits of a whole number
STUB = b"    raise NotImplementedError"  # stands where an exercise is not written


class Unreadable(Exception):
    """A file in which no notebook can be found; the message tells the student why."""


@dataclass
class Record:
    """What is told of a submission.

    ``problems`` are sentences for the student: what is wrong, and what to do. ``doubts`` are those
    of them for which a person should look at the submission too.
    """

    problems: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def note(self, problem: str) -> None:
        """Tell the student."""
        self.problems.append(problem)

    def doubt(self, problem: str) -> None:
        """Tell the student and the instructor."""
        self.problems.append(problem)
        self.doubts.append(problem)


def shown(text: str, most: int = 60) -> str:
    """Return a text out of a submission as it can be printed anywhere: on one line, and short."""
    return printable(text[:most]) + ("…" if len(text) > most else "")


# ------------------------------------------------------------------------------ the folder


def open_regular(path: Path) -> int:
    """Open an ordinary file for reading, and return its descriptor.

    A link is not followed, and nothing waits for the other end of a pipe.

    Raises
    ------
    OSError
        If it is anything else, or cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError("it is no ordinary file")


def read_regular(path: Path, max_bytes: int) -> bytes:
    """Read the beginning of an ordinary file; raise as `open_regular` does."""
    with open(open_regular(path), "rb") as file:
        return file.read(max_bytes)


_NAMED = "The notebook should be named `{}`"


def find(folder: Path, homework: str, record: Record) -> bytes | None:
    """Find the notebook in a submission's folder, and return its content.

    The file with the right name is taken. Where it is missing, or has nothing of the homework in
    it, the notebook is taken that has the most: another name, or a folder in place of the file. So
    it is where nothing was written in the one with the right name, but in another.

    Parameters
    ----------
    folder : Path
        The folder that was handed in, or whatever is in its place.
    homework : str
        The homework's name.
    record : Record
        Gets what was wrong.

    Returns
    -------
    bytes or None
        Its first `MAX_FILE`, and one more where there are more; None if there is no notebook.
    """
    right = folder / f"{homework}.ipynb"
    if os.path.islink(right):
        record.doubt(f"`{right.name}` is a link: hand in the file itself. Links are not followed.")
    best: tuple[tuple[bool, bool, int], Path, bytes] | None = None
    stubs: dict[Path, int] = {}  # in each with something of the homework
    for path in _notebooks(folder, right):
        try:
            data = read_regular(path, MAX_FILE + 1)
        except OSError as error:
            reason = error.strerror or str(error)
            record.doubt(f"`{shown(path.name)}` cannot be read: {reason}. Hand it in again.")
            continue
        text = data.replace(b"\0", b"")  # where every other byte is 0, as in UTF-16
        named = sum(name.encode() in text for name in exercises(homework))
        if named:
            stubs[path] = text.count(STUB)
        begun = stubs.get(path, 0) < len(exercises(homework))
        rank = named > 0 and begun, path == right and named > 0, named
        if best is None or rank > best[0]:
            best = rank, path, data
        if path == right and stubs.get(path) == 0:
            break
    if best is None:
        record.doubt(f"There is no notebook in the submission: hand in `{right.name}`.")
        return None
    _, path, data = best
    if path != right:
        name = shown(str(path.relative_to(folder.parent if path == folder else folder)), 120)
        tell = record.doubt if len(stubs) > 1 or right.is_file() else record.note
        why = (
            f"Nothing is written in `{right.name}`" if right in stubs else _NAMED.format(right.name)
        )
        tell(f"{why}: `{name}` was graded in its place.")
    elif more := [each for each in stubs if stubs[each] < stubs.get(path, 0)]:
        name = shown(str(more[0].relative_to(folder)), 120)
        record.doubt(f"More is written in `{name}` than in `{right.name}`, which was graded.")
    return data


def _notebooks(folder: Path, right: Path) -> list[Path]:
    """List the files that may be notebooks: the right name, then the shorter paths first."""
    found = {path for path in files(folder) if path == folder or like_a_notebook(path)}
    if os.path.lexists(right) and not os.path.islink(right) and not right.is_dir():
        found.add(right)  # however many files there are
    return sorted(found, key=lambda path: (path != right, len(path.parts), path))[:MAX_NOTEBOOKS]


def like_a_notebook(path: Path) -> bool:
    """Tell whether a file's name is one under which notebooks are handed in."""
    name = path.name.lower()
    return "ipynb" in name or name.endswith(".json") or "." not in name


def files(folder: Path) -> Iterator[Path]:
    """Yield what is no folder and no link in a folder, or the file that is in its place."""
    left = [(folder, 0)]
    seen = 0
    while left:
        path, depth = left.pop()
        try:
            with os.scandir(path) as entries:
                for entry in islice(entries, MAX_FILES - seen):
                    seen += 1
                    if entry.is_symlink() or (entry.is_dir() and entry.name.startswith(".")):
                        continue
                    if not entry.is_dir():
                        yield Path(entry.path)
                    elif depth < MAX_DEPTH:
                        left.append((Path(entry.path), depth + 1))
        except OSError:
            yield path  # a file in place of a folder; or opening it tells why it cannot be read


# ------------------------------------------------------------------------------ the time

_ZONED = re.compile(r"(.*[0-9])\s*(Z|[+-][0-9]{2}(?::?[0-9]{2})?|[A-Za-z][\w+-]*(?:/[\w+-]+){0,2})")


def moment(text: str, zone: str = "UTC") -> datetime:
    """Read a time that can be meant in one way only, and return it in UTC, as nbgrader has it.

    Parameters
    ----------
    text : str
        ISO 8601, after which an offset or a time zone's name may follow, such as
        ``2027-03-12 23:58:00 +0100`` or ``2027-03-12 23:58:00 Europe/Berlin``. Without one, it is
        in UTC.
    zone : str
        The time zone whose short names, such as CET, are known.

    Raises
    ------
    ValueError
        If it is anything else; nothing is guessed.
    """
    match = _ZONED.fullmatch(text)
    when, name = match.groups() if match else (text, "UTC")
    try:
        if name[0] in "+-Z":
            found = datetime.fromisoformat(when.strip() + name)
            if found.tzinfo is None:  # a date alone, whose day looks like an offset
                found = found.replace(tzinfo=UTC)
        else:
            local = datetime.fromisoformat(when.strip())
            if local.tzinfo is not None:
                raise ValueError("an offset and a time zone")
            found = _at(local, name, zone)
        return found.astimezone(UTC).replace(tzinfo=None)
    except (OverflowError, OSError, ZoneInfoNotFoundError) as error:
        raise ValueError(f"no time: {error}") from None


def _at(local: datetime, name: str, zone: str) -> datetime:
    """Return a time in the zone of a name; a short one only as ``zone`` calls that very time.

    Raises
    ------
    ValueError
        If the name is short and another zone's, since EST is two and CST three; or where the clock
        is put back or forward, so that there are two such times or none.
    """
    whole = "/" in name or name in ("UTC", "GMT")
    both = [local.replace(tzinfo=ZoneInfo(name if whole else zone), fold=fold) for fold in (0, 1)]
    found = [each for each in both if whole or each.tzname() == name]
    if not found:
        raise ValueError(f"the time zone {name} can be several")
    if len({each.utcoffset() for each in found}) > 1:
        raise ValueError(f"the clock of {name} is changed within this hour")
    return found[0]


# ------------------------------------------------------------------------------ the file


def read(data: bytes, record: Record) -> list[NotebookNode]:
    """Read a notebook file and keep of it what can be used: its cells' types, ids and sources.

    Parameters
    ----------
    data : bytes
        The content of the file.
    record : Record
        Gets what was wrong with it.

    Returns
    -------
    list of NotebookNode
        The cells, each with its type and source, and in its metadata what it says of itself:
        ``grade_id`` and ``id``.

    Raises
    ------
    Unreadable
        If it holds no notebook.
    """
    if len(data) > MAX_FILE:
        data = data[:MAX_FILE]
        record.doubt(
            f"Only the first {MAX_FILE / 2**20:g} MiB of the file were read: clear the outputs "
            "and hand it in again."
        )
    data = _as_utf8(data, record)
    if not data.strip():
        raise Unreadable("The file is empty: save the notebook and hand it in again.")
    rest = _without_outputs(data)
    if len(rest) > MAX_BYTES:
        rest = rest[:MAX_BYTES]
        record.doubt(
            f"Only the first {MAX_BYTES / 2**20:g} MiB of the file were read, outputs not "
            "counted: leave large data out of the notebook and hand it in again."
        )
    try:
        content = _DECODER.decode(_decoded(rest, record))
        found = _cells(content)
    except (ValueError, RecursionError) as error:
        # What was taken for an output may be more than one, where quotes and brackets are lost.
        content, found = {"nbformat": 4}, _salvage(_decoded(data[:MAX_BYTES], Record()))
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        reopen = "open it in JupyterLab, save it, and hand it in again"
        if not found:
            raise Unreadable(
                f"The file is no notebook, or only a part of one ({reason}): {reopen}."
            ) from None
        record.doubt(
            f"The file is damaged ({reason}), and only its whole cells could be read: {reopen}."
        )
    version = content.get("nbformat") if isinstance(content, dict) else None
    if version != 4:
        told = shown(str(version)) if isinstance(version, int | float | str) else "unknown"
        record.note(
            f"The notebook's format is {told}, not 4: it was read as well as can be. "
            "Open it in JupyterLab and save it, to bring it up to date."
        )
    return _usable(found, record)


# A text, which may lack its end; a bracket; or one that opens what a cell puts out or holds, which
# does not count. No part of this can be read in two ways, so that the time is linear.
_PART = re.compile(
    rb'"(?:outputs|attachments|widgets)"\s*+:\s*+([\[{])|"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{\]}]',
    re.DOTALL,
)
# All up to the next bracket, however many texts that is.
_BRACKET = re.compile(
    rb'[^"\[{\]}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"?[^"\[{\]}]*+)*+[\[{\]}]', re.DOTALL
)


def _without_outputs(data: bytes) -> bytes:
    """Cut what cells have put out, which can be large and does not count, from a file's JSON.

    Raises
    ------
    Unreadable
        If it has more parts than are read in a second or fit into memory.
    """
    kept, at, end, parts, brackets = [], 0, 0, 0, 0
    while part := _PART.search(data, end):
        end = part.end()
        if part[1] is None:
            parts += 1
        else:
            kept += [data[at : part.start(1)], b"[]" if part[1] == b"[" else b"{}"]
            depth = 1
            while depth and brackets <= MAX_OUTPUTS:
                found = _BRACKET.match(data, end)
                end = found.end() if found else len(data)
                depth += (1 if data[end - 1] in b"[{" else -1) if found else -depth
                brackets += 1
            at = end
        if parts > MAX_PARTS or brackets > MAX_OUTPUTS:
            raise Unreadable(
                "The file holds too many texts, lists and objects: clear the outputs and hand it "
                "in again."
            )
    return b"".join([*kept, data[at:]])


def _whole_number(digits: str) -> int:
    return int(digits) if len(digits) <= MAX_NUMBER else 0


def _no_fraction(_: str) -> float:
    return 0.0  # one for all: nothing that is read of a notebook has a fraction


_DECODER = json.JSONDecoder(strict=False, parse_int=_whole_number, parse_float=_no_fraction)


def _as_utf8(data: bytes, record: Record) -> bytes:
    """Bring a file into UTF-8 where its first bytes say that it is not, without NUL characters."""
    encoding = json.detect_encoding(data)
    if not encoding.startswith("utf-8"):
        record.note(f"The file is in {encoding.upper()}: save it in UTF-8.")
        data = data.decode(encoding, "replace").encode()
    if b"\0" in data:
        record.note("NUL bytes in the file were left out.")
        data = data.replace(b"\0", b"")
    return data.removeprefix(codecs.BOM_UTF8)


def _decoded(data: bytes, record: Record) -> str:
    """Decode what should be UTF-8, and may end within a character."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        record.note("The file is not in UTF-8: letters beyond ASCII may be wrong.")
        text = data.decode("utf-8", "replace")
        beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
        if 2 * text.count("\ufffd") > beyond_ascii:
            text = data.decode("latin-1")
    return text.lstrip("\ufeff")


def _cells(content: Any) -> list[Any]:
    """Take the cells of a notebook of any format; raise ValueError where there are none."""
    if isinstance(content, dict):
        cells, sheets = content.get("cells"), content.get("worksheets")
        if isinstance(cells, list) and cells:
            return cells
        if isinstance(sheets, list):  # nbformat 2 and 3
            lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
            if found := [cell for part in lists if isinstance(part, list) for cell in part]:
                return found
    raise json.JSONDecodeError("it has no list of cells", "", 0)


_KEYS = (
    "attachments|cell_type|cells|code|collapsed|execution_count|id|input|language|level|metadata|"
    "nbformat|nbformat_minor|outputs|prompt_number|source|worksheets"
)
_OBJECT = re.compile(rf'\{{\s*"(?:{_KEYS})"\s*:')


def _salvage(text: str) -> list[Any]:
    """Take the whole cells out of a damaged file, one by one, in bounded time."""
    found: list[Any] = []
    at, budget = 0, 8 * len(text)
    while budget > 0 and (start := _OBJECT.search(text, at)):
        begin, at = start.span()
        try:
            value, at = _DECODER.raw_decode(text, begin)
        except (ValueError, RecursionError) as error:
            stop = getattr(error, "pos", len(text))
            # The error counts lines from the start of the text: quick, but not for nothing.
            budget -= stop - begin + stop // 16
            continue
        budget -= at - begin
        if "cell_type" in value:
            found.append(value)
        elif "cells" in value or "worksheets" in value:
            try:
                found += _cells(value)
            except ValueError:
                continue
    return found


def _usable(found: list[Any], record: Record) -> list[NotebookNode]:
    """Rebuild the cells that can be used; of too many, keep those that are the homework's."""
    if len(found) > MAX_CELLS:
        record.doubt(f"The notebook has {len(found)} cells, of which {MAX_CELLS} were read.")
        marked = [number for number, cell in enumerate(found) if _identities(cell)[0]]
        first = dict.fromkeys([*marked[: MAX_CELLS // 2], *range(MAX_CELLS)])
        found = [found[number] for number in sorted(list(first)[:MAX_CELLS])]
    cells = [_cell(cell, record) for cell in found]
    if None in cells:
        record.doubt(
            f"{cells.count(None)} of the cells have no text, or more than {MAX_SOURCE:,} "
            "characters, and were left out."
        )
    return [cell for cell in cells if cell is not None]


_MADE_UP = re.compile("[\0\ufeff\ud800-\udfff]")  # no text holds these, and Python refuses them
_BAD_CHARACTERS = "Characters that no text holds (NUL, half a character) were left out."


def _cell(cell: Any, record: Record) -> NotebookNode | None:
    """Rebuild a cell from its type, source, id and nbgrader's grade_id."""
    if not isinstance(cell, dict):
        return None
    source = next((cell[key] for key in ("source", "input", "code", "text") if key in cell), None)
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str) or len(source) > MAX_SOURCE:
        return None
    source = source.replace("\r\n", "\n")
    clean = _MADE_UP.sub("", source)
    if clean != source and _BAD_CHARACTERS not in record.problems:
        record.note(_BAD_CHARACTERS)
    kind = cell.get("cell_type")
    kind = kind.lower() if isinstance(kind, str) else ""
    if kind not in ("code", "markdown", "raw", "heading", "html", "text"):
        kind = "code"
    grade_id, identity = _identities(cell)
    metadata = NotebookNode(grade_id=grade_id, id=identity)
    return NotebookNode(cell_type=kind, source=clean, metadata=metadata)


def _identities(cell: Any) -> tuple[str, str]:
    """Return what a cell says of itself: its grade_id and its id, empty where it says nothing."""
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    metadata = metadata if isinstance(metadata, dict) else {}
    mark = metadata.get("nbgrader")
    grade_id = mark.get("grade_id") if isinstance(mark, dict) else None
    identity = cell.get("id", metadata.get("id")) if isinstance(cell, dict) else None
    return _string(grade_id), _string(identity)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


# ------------------------------------------------------------------------------ the homework


def align(handed_in: list[NotebookNode], source: NotebookNode, record: Record) -> NotebookNode:
    """Give a submission the homework's own cells, identities and points.

    Exercise cells keep what the student wrote; locked cells and prose are the homework's; cells
    of it that were deleted come back; a second cell of the same identity becomes an ordinary one.
    What the submission says of points, roles, tags or outputs is not looked at.

    Parameters
    ----------
    handed_in : list of NotebookNode
        The cells as `read` gives them.
    source : NotebookNode
        The homework's source notebook.
    record : Record
        Gets what was wrong with the cells.

    Returns
    -------
    NotebookNode
        A new one, ready to be run and judged.
    """
    ours = {cell.id: cell for cell in source.cells}
    by_text = {_text(cell): cell.id for cell in source.cells if not _is_exercise(cell)}
    marked = {cell.metadata.grade_id for cell in handed_in}
    cells: list[NotebookNode] = []
    seen: set[str] = set()
    for cell in handed_in:
        name = cell.metadata.grade_id
        if name not in ours and cell.metadata.id not in marked:
            name = cell.metadata.id
        if name not in ours:
            name = by_text.get(_text(cell), "")
        known = ours.get(name)
        if known is None:
            cells.append(_theirs(cell))
        elif name in seen:
            if _is_exercise(known):
                record.note(f"The cell `{name}` is there twice: the last definition counts.")
            cells += _unless_the_same(cell, known)
        elif _is_exercise(known):
            seen.add(name)
            cells.append(_written(known, cell.source))
            if cell.cell_type != known.cell_type:
                record.note(
                    f"The exercise cell `{name}` was no {known.cell_type} cell: it was read as one."
                )
        elif (cell.cell_type == "code") != (known.cell_type == "code"):
            cells += _unless_the_same(cell, known)
        else:
            seen.add(name)
            cells += _placed(cell, known, record)
    if not any(_is_exercise(ours[name]) or _is_check(ours[name]) for name in seen):
        record.doubt("No exercise of this homework was found: is it the notebook of another one?")
    _put_back(cells, ours, seen, record)
    for number, cell in enumerate(cells):
        cell.setdefault("id", f"yours-{number}")
    metadata = copy.deepcopy(source.metadata)
    return NotebookNode(cells=cells, metadata=metadata, nbformat=4, nbformat_minor=5)


def _placed(cell: NotebookNode, known: NotebookNode, record: Record) -> list[NotebookNode]:
    """Return a demonstration as the student left it, or one of our cells and what was changed."""
    if _is_demo(known):
        return [_written(known, cell.source)]
    changed = _unless_the_same(cell, known)
    if changed and known.cell_type == "code":
        record.note(f"The cell `{known.id}` was changed: the homework's own was run after yours.")
    return [*changed, copy.deepcopy(known)]


def _unless_the_same(cell: NotebookNode, known: NotebookNode) -> list[NotebookNode]:
    """Make an ordinary cell of a changed copy of one of ours; a plain copy is left out."""
    return [] if _text(cell) == _text(known) else [_theirs(cell)]


def _text(cell: NotebookNode) -> str:
    """Return a cell's source as editors leave it alone: whatever ends its lines, and itself."""
    return "\n".join(line.rstrip() for line in cell.source.strip().splitlines())


def _put_back(
    cells: list[NotebookNode], ours: dict[str, NotebookNode], seen: set[str], record: Record
) -> None:
    """Insert the homework's graded and locked cells that are missing, each after its neighbour."""
    at, missing = 0, []
    places = {cell.id: cell for cell in cells if "id" in cell}
    for name, known in ours.items():
        if name in seen:
            at = next(i for i, cell in enumerate(cells) if cell is places[name]) + 1
        elif "nbgrader" in known.metadata:
            if is_by_hand(known):
                record.note(f"The cell `{name}`, an answer in your words, is missing.")
                known = _written(known, "This cell was missing from the submission.")
            elif _is_exercise(known):
                missing.append(f"`{name}`")
                known = _written(known, "# This cell was missing from the submission.")
            cells.insert(at, copy.deepcopy(known))
            at += 1
    if missing:
        record.note(
            f"Missing exercise cells: {', '.join(missing)}. Functions that are defined elsewhere "
            "in the notebook count all the same."
        )


def _theirs(cell: NotebookNode) -> NotebookNode:
    """Make an ordinary cell of the student's, with nothing but its source."""
    made = NotebookNode(cell_type="markdown", source=cell.source, metadata=NotebookNode())
    if cell.cell_type == "code":
        made.update(cell_type="code", execution_count=None, outputs=[])
    return made


def _written(known: NotebookNode, source: str) -> NotebookNode:
    """Copy a cell of the homework, with what the student wrote in it."""
    made = copy.deepcopy(known)
    made.source = source
    return made


_PLAIN = re.compile(r"[\w\s.,;:?!()-]*")  # words, in which nothing can act
_LINE_END = re.compile(r"\r\n?|\n")  # as Python and pygments have it


def _is_exercise(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_by_hand(cell: NotebookNode) -> bool:
    """Tell whether a cell is for an answer that a person grades."""
    return _is_exercise(cell) and _is_check(cell)


def _is_check(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def _is_demo(cell: NotebookNode) -> bool:
    return "demo" in cell.metadata.get("tags", [])


def present(notebook: NotebookNode, source: NotebookNode) -> None:
    """Make what the student wrote fit for a page: of bounded length, and plain text.

    In Markdown there may be HTML, scripts and formulas that act, and what takes nbconvert hours. In
    code, from each of many blank lines on, pygments looks through all that follow.
    """
    ours = {(cell.id, cell.source) for cell in source.cells}
    left = MAX_SHOWN
    for cell in notebook.cells:
        if (cell.id, cell.source) in ours:
            continue
        cell.source = _without_gaps(cell.source)
        if (over := len(cell.source) - left) > 0:
            cell.source = f"{cell.source[:left]}\n# {over:,} more characters are not shown."
        left = max(0, left - len(cell.source))
        plain = is_by_hand(cell) and _PLAIN.fullmatch(cell.source)  # by which nbgrader knows a stub
        if cell.cell_type == "markdown" and not plain:
            cell.source = f"<pre>{html.escape(cell.source).replace('[', '&#91;')}</pre>"


def _without_gaps(source: str) -> str:
    """Leave out most of many blank lines in a row."""
    parts: list[str] = []
    for blank, lines in groupby(_LINE_END.split(source), key=lambda line: not line.strip()):
        listed = list(lines)
        if blank and len(listed) > MAX_GAP:
            listed[MAX_GAP:] = [f"# {len(listed) - MAX_GAP:,} more blank lines are not shown."]
        parts += listed
    return "\n".join(parts)


def runnable(notebook: NotebookNode, source: NotebookNode) -> list[tuple[str, str, str]]:
    """List the cells to run as label, source and mode.

    Check cells and unchanged demonstrations are left out; of a demonstration that the student
    changed, only the definitions are run. Cells that are not the homework's are the student's own.
    """
    unchanged = {_text(cell) for cell in source.cells if _is_demo(cell)}
    cells = []
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code" or _is_check(cell) or _text(cell) in unchanged:
            continue
        label = f"exercise {cell.id}" if _is_exercise(cell) else f"cell {number}"
        mode = "definitions" if _is_demo(cell) else "run" if "nbgrader" in cell.metadata else "own"
        cells.append((label, cell.source, mode))
    return cells
