"""IPython's own shell, for the notebooks that use its syntax or its names.

All other notebooks run as plain Python, which gives the same and starts at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList
from traitlets.config import Config

_BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")
# Magics that start programs, which the sandbox does not let start, or set a front end up.
_PROGRAMS = ("!", "sc", "script", "sx", "system")
_LEFT_OUT = {
    "line": ("conda", "config", "mamba", "matplotlib", "micromamba", "pip", "uv", *_PROGRAMS),
    "cell": ("bash", "perl", "pypy", "python", "python2", "python3", "ruby", "sh", *_PROGRAMS),
}


def _nothing(*_: Any, **__: Any) -> None:
    """Do nothing."""


def _once(timeit: Callable, line: str = "", *cell: str) -> Any:
    """Time a statement by running it a single time, where the line does not say how often."""
    often = "".join(f"-{option}1 " for option in "nr" if f"-{option}" not in line)
    return timeit(often + line, *cell)


class _Compiler(CachingCompiler):
    """Compile each cell under the name by which its errors are told."""

    file = ""

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return self.file


class Shell(InteractiveShell):
    """IPython's shell, which shows nothing, asks nothing, and starts no program.

    Parameters
    ----------
    module : module
        The notebook's ``__main__``.
    """

    def __init__(self, module: Any) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        super().__init__(
            config=config,
            user_module=module,
            user_ns=vars(module),
            compiler_class=_Compiler,
            colors="nocolor",
        )
        magics = self.magics_manager.magics
        for kind, names in _LEFT_OUT.items():
            magics[kind].update(dict.fromkeys(names, _nothing))
        once = partial(_once, self.find_line_magic("timeit"))
        magics["line"]["timeit"] = magics["cell"]["timeit"] = once

    def run(self, source: str, file: str) -> None:
        """Run a cell; raise what it raises."""
        assert isinstance(self.compile, _Compiler)
        self.compile.file = file
        if not source.lstrip().startswith("%%"):  # IPython would take the lines away
            source = _BLANK_LINES.sub(lambda blank: "#\n" * blank[0].count("\n"), source)
        result = self.run_cell(source, store_history=True)
        if error := result.error_before_exec or result.error_in_exec:
            raise error

    def ask_exit(self) -> None:
        """Stay."""

    def enable_gui(self, gui: Any = None) -> None:
        """Open no window."""

    def showtraceback(self, *_: Any, **__: Any) -> None:
        """Show nothing: the error is raised."""

    def showsyntaxerror(self, *_: Any, **__: Any) -> None:
        """Show nothing: the error is raised."""

    def system(self, cmd: str) -> None:
        """Start no program."""

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """Return the output of a program that is not started."""
        return SList() if split else ""
