"""Run a notebook's cells without a kernel, and call the functions that they define."""

from __future__ import annotations
import __future__

import ast
import inspect
import linecache
import re
import sys
import types
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from autograder import wire
from autograder.explain import explained, named
from autograder.maps import turned_back
from autograder.neutral import neutral
from autograder.operands import Sizes, own_place

MAX_TEXT = 500  # characters of an error message
# What IPython's syntax is left of where it has no use here: set-up of a front end, and a clock.
_SET_UP = re.compile(r"^([ \t]*)%(?:matplotlib|config|(?:re|un)?load_ext|autoreload)\b.*$", re.M)
_CLOCK = re.compile(r"\A(\s*)%%time\b.*")
_SYNTAX = re.compile(r"[%!?]|\A\s*(?:>>>|In \[)|\A[ \t]")  # without one of these, it is Python
_NAMES = re.compile(r"\b(?:get_ipython|_{1,3}|In|Out|_i{1,3}|_[iod]h)\b")
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
        self.graded: list[str] = []  # the names of the functions to be written
        self.file = ""  # of the cell that is running
        self.flags = 0  # `from __future__ import annotations` holds for later cells too
        self.loop: Any = None  # of asyncio, where a cell has awaited something
        self.shell: Any = None  # IPython's, where one is needed

    def prepare(self, sources: Iterable[str]) -> None:
        """Get ready for these cells: with IPython's shell where one has its syntax or names."""
        if any(map(self._needs_shell, sources)):
            with suppress(ImportError):  # the cells then tell what they lack
                from autograder.grading.inside.shell import Shell

                self.shell = Shell.instance(sys.modules["__main__"])

    def run(self, label: str, source: str, mode: str) -> tuple[str, dict[str, Any]] | None:
        """Run a cell; return the kind and the description of the error that it raised, if any."""
        self.file = f"<{label}>"
        self.labels[self.file] = label
        lines = source.splitlines(keepends=True)
        linecache.cache[self.file] = (len(source), None, lines, self.file)
        try:
            if mode == "definitions":
                self._execute(definitions(source, self.file))
            elif self.shell:
                self.shell.run(_CLOCK.sub(r"\1", source), self.file)
            else:
                self._execute(_python(source))
        except BaseException as error:
            return self.failure(error)
        return None

    def _needs_shell(self, source: str) -> bool:
        if not (_SYNTAX.search(source) or _NAMES.search(source)):
            return False
        try:
            tree = ast.parse(_python(source))
        except Exception:  # of many kinds, none of which is told before the cell is run
            return True
        return any(
            isinstance(node, ast.Name | ast.Attribute)
            and isinstance(node.ctx, ast.Load)
            and _NAMES.fullmatch(node.id if isinstance(node, ast.Name) else node.attr)
            for node in ast.walk(tree)
        )

    def _execute(self, source: str | ast.Module) -> None:
        flags = self.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code: types.CodeType = compile(source, self.file, "exec", flags, dont_inherit=True)
        self.flags |= code.co_flags & _ANNOTATIONS
        if code.co_flags & inspect.CO_COROUTINE:
            self._await(eval(code, self.namespace))
        else:
            exec(code, self.namespace)

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
        args = tuple(map(turned_back, args))
        before = [wire.encode(wire.plain(arg)) for arg in args]
        try:
            with neutral():
                value = function(*args)
        except BaseException as error:
            return ("failure", *self.failure(error, Sizes(function, args)))
        after = [wire.encode(wire.plain(arg)) for arg in args]
        changed = tuple(at for at in range(len(args)) if before[at] != after[at])
        value = wire.plain(value)
        return ("answer", value, changed, wire.shared(value, args))

    def failure(
        self, error: BaseException, sizes: Sizes | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Tell the kind of an error, its message, where it arose in the notebook, and why."""
        kind, file, line = "exception", "", 0
        place = own_place(error, self._is_theirs, self.graded)
        if place:
            file, line = place.frame.f_code.co_filename, place.line
        if isinstance(error, MemoryError):
            kind = "memory"
        if isinstance(error, NotImplementedError) and self._raised_here(error):
            kind = "not started"
        if isinstance(error, SyntaxError) and error.filename in self.labels:
            file, line = str(error.filename), error.lineno or 0
        try:
            text = str(error.msg if isinstance(error, SyntaxError) else error)
        except BaseException:
            text = ""
        return kind, {
            "type": named(error)[:MAX_TEXT],
            "text": text[:MAX_TEXT],
            "label": self.labels.get(file, ""),
            "line": line,
            "code": linecache.getline(file, line).strip()[:MAX_TEXT],
            "function": place.function[:MAX_TEXT] if place else "",
            "explained": explained(error, place, sizes) if sizes and kind == "exception" else "",
        }

    def _is_theirs(self, code: types.CodeType) -> bool:
        return code.co_filename in self.labels

    def _raised_here(self, error: BaseException) -> bool:
        """Whether the notebook itself raised an error, and nothing that it calls."""
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        return trace is not None and self._is_theirs(trace.tb_frame.f_code)

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


def _names(code: types.CodeType) -> set[str]:
    """Return the global names in a function's code, and in the functions within it."""
    inner = (part for part in code.co_consts if isinstance(part, types.CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _python(source: str) -> str:
    """Return a cell without what sets IPython up, and with every line where it was."""
    if "%" not in source:
        return source
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return _CLOCK.sub(r"\1", _SET_UP.sub(r"\1pass", source))
    return source


def definitions(source: str, file: str) -> ast.Module:
    """Return the imports, functions and classes of a cell, of which none is drawn by `slide`."""
    try:
        tree = ast.parse(_python(source), file)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

        tree = ast.parse(TransformerManager().transform_cell(source), file)
    tree.body = [part for part in tree.body if isinstance(part, _DEFINITIONS)]
    for part in tree.body:
        if isinstance(part, ast.FunctionDef):
            part.decorator_list = [by for by in part.decorator_list if not _draws(by)]
    return tree


def _draws(decorator: ast.expr) -> bool:
    """Tell whether a decorator is a call of `slide`, which runs the function at once."""
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "slide"
