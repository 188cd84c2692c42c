"""Run a notebook's cells without a kernel, and call the functions that they define."""

from __future__ import annotations
import __future__

import ast
import builtins
import inspect
import linecache
import re
import sys
import types
from collections.abc import Iterator
from typing import Any

from autograder import wire

MAX_TEXT = 500  # characters of an error message
_CELL_MAGIC = re.compile(r"\s*%%(\w+)([^\n]*)(?:\n|\Z)")
_DEFINITIONS = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
)
_ANNOTATIONS: int = __future__.annotations.compiler_flag


class Notebook:
    """Run cells in one namespace, and then call the functions that they have left there."""

    def __init__(self) -> None:
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        self.namespace: dict[str, Any] = vars(module)
        self.labels: dict[str, str] = {}  # by the file name under which a cell is compiled
        self.file = ""  # of the cell that is running
        self.flags = 0  # `from __future__ import annotations` holds for later cells too
        self.loop: Any = None  # of asyncio, where a cell has awaited something
        self.only_definitions = False

    def run(self, label: str, source: str, mode: str) -> tuple[str, dict[str, Any]] | None:
        """Run a cell; return the kind and the description of the error that it raised, if any."""
        self.file = f"<{label}>"
        self.labels[self.file] = label
        self.only_definitions = mode == "definitions"
        lines = source.splitlines(keepends=True)
        linecache.cache[self.file] = (len(source), None, lines, self.file)
        try:
            self.execute(source)
        except BaseException as error:
            return self.failure(error)
        return None

    def execute(self, source: str) -> None:
        """Run a source of Python and IPython's magics."""
        if magic := _CELL_MAGIC.match(source):
            lines_above = "\n" * magic.group().count("\n")
            name, line = magic.groups()
            builtins.get_ipython().run_cell_magic(  # type: ignore[attr-defined]
                name, line, lines_above + source[magic.end() :]
            )
            return
        try:
            code = self._compile(source)
        except SyntaxError as error:
            code = self._compile(_without_magics(source, error))
        if code.co_flags & inspect.CO_COROUTINE:
            self._await(eval(code, self.namespace))
        else:
            exec(code, self.namespace)

    def evaluate(self, source: str) -> Any:
        """Return the value of an expression, or run a statement."""
        try:
            code = compile(source, "<magic>", "eval", self.flags, dont_inherit=True)
        except SyntaxError:
            code = compile(source, "<magic>", "exec", self.flags, dont_inherit=True)
        return eval(code, self.namespace)

    def _compile(self, source: str) -> types.CodeType:
        flags = self.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree: Any = source
        if self.only_definitions:
            tree = ast.parse(source, self.file)
            tree.body = [part for part in tree.body if isinstance(part, _DEFINITIONS)]
        code: types.CodeType = compile(tree, self.file, "exec", flags, dont_inherit=True)
        self.flags |= code.co_flags & _ANNOTATIONS
        return code

    def _await(self, coroutine: Any) -> None:
        import asyncio

        if self.loop is None:
            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(coroutine)

    def call(self, name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Call a function, and tell what came of it."""
        if name not in self.namespace:
            return ("failure", "missing", None)
        function = self.namespace[name]
        if not callable(function):
            return ("failure", "not callable", None)
        before = [wire.encode(wire.plain(arg)) for arg in args]
        try:
            value = function(*args)
        except BaseException as error:
            return ("failure", *self.failure(error))
        after = [wire.encode(wire.plain(arg)) for arg in args]
        changed = tuple(at for at in range(len(args)) if before[at] != after[at])
        return ("answer", wire.plain(value), changed)

    def failure(self, error: BaseException) -> tuple[str, dict[str, Any]]:
        """Tell the kind of an error, its message, and the last line of the notebook in it."""
        kind, file, line, function = "exception", "", 0, ""
        for frame, number in _frames(error):
            if in_notebook := frame.f_code.co_filename in self.labels:
                file, line, function = frame.f_code.co_filename, number, frame.f_code.co_name
        if isinstance(error, MemoryError):
            kind = "memory"
        if isinstance(error, NotImplementedError) and in_notebook:
            kind = "not started"
        if isinstance(error, SyntaxError) and error.filename in self.labels:
            file, line = str(error.filename), error.lineno or 0
        try:
            text = str(error.msg if isinstance(error, SyntaxError) else error)
        except BaseException:
            text = ""
        return kind, {
            "type": type(error).__name__[:MAX_TEXT],
            "text": text[:MAX_TEXT],
            "label": self.labels.get(file, ""),
            "line": line,
            "code": linecache.getline(file, line).strip()[:MAX_TEXT],
            "function": function[:MAX_TEXT],
        }

    def uses(self, graded: list[str]) -> dict[str, list[str]]:
        """Tell which graded functions each graded function calls, itself or through helpers."""
        return {name: self._uses(name, graded) for name in graded}

    def _uses(self, name: str, graded: list[str]) -> list[str]:
        found, seen, left = set(), {name}, [name]
        while left:
            function = self.namespace.get(left.pop())
            if type(function) is types.FunctionType:
                for used in _names(function.__code__) - seen:
                    seen.add(used)
                    if used in graded:
                        found.add(used)
                    else:
                        left.append(used)
        return sorted(found)


def _frames(error: BaseException) -> Iterator[tuple[types.FrameType, int]]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def _names(code: types.CodeType) -> set[str]:
    """Return the global names in a function's code, and in the functions within it."""
    inner = (part for part in code.co_consts if isinstance(part, types.CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _without_magics(source: str, error: SyntaxError) -> str:
    """Turn IPython's syntax into Python, with every line where it was."""
    try:
        from IPython.core.inputtransformer2 import TransformerManager
    except ImportError:
        raise error from None
    blank_lines = source[: len(source) - len(source.lstrip())].count("\n")
    transformed: str = TransformerManager().transform_cell(source)
    return "\n" * blank_lines + transformed
