"""The catalogue of a homework: classic mistakes, alone and in pairs, and work in other styles.

The mistakes prove that the tests tell right from wrong, and name what went wrong. They stand in the
homework's folder in ``solutions/``, and never leave the instructor; here is only how they are
written down and read.
"""

from __future__ import annotations

import ast
import inspect
import io
import linecache
import textwrap
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations, pairwise
from pathlib import Path
from types import CodeType, ModuleType
from typing import cast

from autograder.course.written import file, load, solutions
from autograder.suite import exercises

# --- classic mistakes: mistakes.py -------------------------------------------------------

Change = dict[str, str]  # what stands in the solution, and what it becomes


class Outdated(ValueError):
    """An entry of the catalogue that does not fit its homework, with what to do."""


@dataclass(frozen=True)
class Classic:
    """A classic mistake, in one of the ways to make it.

    Parameters
    ----------
    function : str
        The exercise that it gets wrong.
    name : str
        The mistake in a few words.
    says : str
        For the student: what the result looks like, why it is wrong in terms of the equation, and
        where to look; never the solution itself.
    fails : tuple of str
        The tests that it must fail; all others of the function pass.
    wrong : callable
        The wrong implementation. It uses only what the homework's notebook defines.
    source : str
        The same as a student would have written it.
    """

    function: str
    name: str
    says: str
    fails: tuple[str, ...]
    wrong: Callable
    source: str


class Exercise:
    """The classic mistakes of an exercise, one after the other.

    Parameters
    ----------
    function : str
        The exercise.
    **tests : str
        Its graded tests, each under a short name.
    """

    def __init__(self, function: str, **tests: str) -> None:
        self.function, self._tests = function, tests
        self._ways: list[tuple[str, str, tuple[str, ...], Change | Callable]] = []

    def mistake(self, name: str, says: str, *ways: Change, fails: str = "all") -> Callable | None:
        """Enter a mistake, as a change of the solution: ``{"1 - h_t**2": "1 - h_t"}``.

        What is changed stands exactly once in the solution, without its docstring and comments.
        Where lines are left out or added, they are indented as the line that is changed.

        Parameters
        ----------
        name, says : str
            See `Classic`.
        *ways : dict of str to str
            The mistake, and other ways to make it with other results. Without any, this is the
            decorator of a whole function.
        fails : str
            Short names of the tests that it must fail: ``"formula edges"``, ``"all"``, or
            ``"all but edges"``.
        """
        tests = self._named(fails, name)

        def enter(way: Change | Callable) -> Change | Callable:
            self._ways.append((name, says, tests, way))
            return way

        if not ways:
            return enter
        for way in ways:
            enter(way)
        return None

    def another(self, name: str, *ways: Change, fails: str = "") -> Callable | None:
        """Enter more ways to make a mistake that is known; tests where they are others."""
        first = next((way for way in self._ways if way[0] == name), None)
        if first is None:
            raise Outdated(f"{self.function}: there is no mistake {name!r} yet to make otherwise.")
        short = fails or " ".join(s for s, test in self._tests.items() if test in first[2])
        return self.mistake(name, first[1], *ways, fails=short)

    def _named(self, fails: str, mistake: str) -> tuple[str, ...]:
        """Return the names of tests that are told by their short ones."""
        words = fails.split()
        unknown = set(words) - self._tests.keys() - {"all", "but"}
        if unknown or not words:
            raise Outdated(
                f"{self.function}, {mistake!r}: no test has the short name "
                f"{' or '.join(sorted(unknown))!r}: they are {', '.join(self._tests)}."
            )
        but = words[0] == "all"
        return tuple(test for short, test in self._tests.items() if (short in words) != but)

    def classics(self, module: ModuleType) -> Iterator[Classic]:
        """Yield the mistakes, made with the solutions of a module."""
        if not hasattr(module, self.function):
            raise Outdated(f"{self.function} has mistakes, and is not in the solutions: mend that.")
        for name, says, fails, way in self._ways:
            source, wrong = self._made(module, name, way)
            yield Classic(self.function, name, says, fails, wrong, source)

    def _made(self, module: ModuleType, name: str, way: Change | Callable) -> tuple[str, Callable]:
        if isinstance(way, dict):
            try:
                source = changed(_plain(getattr(module, self.function)), way)
            except Outdated as error:
                raise Outdated(f"{self.function}, {name!r}: {error}") from None
            wrong = _run(source, self.function, module)
        else:
            source = _plain(way).replace(f"def {way.__name__}(", f"def {self.function}(", 1)
            wrong = way
        if self.function in _names(wrong.__code__):
            raise Outdated(
                f"{self.function}, {name!r}: it calls {self.function}, which is the wrong function "
                "itself where a student writes it. Write it as a change of the solution."
            )
        return source, wrong


def changed(source: str, change: Change) -> str:
    """Return a source in which each text that a change names, exactly once, became another.

    Raises
    ------
    Outdated
        If a text is not there once, or two of them overlap.
    """
    spans = []
    for old, new in change.items():
        found = list(_places(source, old))
        if len(found) != 1:
            raise Outdated(
                f"{old!r} stands {len(found)} times in the solution, and not once: write the "
                "change anew."
            )
        spans.append((*found[0], new))
    spans.sort(reverse=True)
    if any(start < end for (start, *_), (_, end, *_) in pairwise(spans)):
        raise Outdated("two changes meet in the same place.")
    for start, end, indent, new in spans:
        source = source[:start] + new.replace("\n", f"\n{indent}") + source[end:]
    return "\n".join(line for line in source.splitlines() if line.strip()) + "\n"


def _places(source: str, text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where a text stands, start and end, and the indentation of its first line."""
    first, start = text.partition("\n")[0], -1
    while (start := source.find(first, start + 1)) >= 0:
        line = source[source.rfind("\n", 0, start) + 1 :]
        indent = line[: len(line) - len(line.lstrip(" "))]
        lines = text.replace("\n", f"\n{indent}")
        if source.startswith(lines, start):
            yield start, start + len(lines), indent


def _plain(function: Callable) -> str:
    """Return the source of a function without decorators, docstring, comments and markers."""
    source = textwrap.dedent(inspect.getsource(function))
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    if ast.get_docstring(definition) is not None:
        docstring = definition.body[0]
        lines[docstring.lineno - 1 : docstring.end_lineno] = []
    return "\n".join(line for line in lines[definition.lineno - 1 :] if line.strip()) + "\n"


def _run(source: str, name: str, module: ModuleType) -> Callable:
    """Return the function that a source defines, among all that a module defines."""
    namespace = dict(vars(module))
    file = f"a mistake of {name} {hash(source)}"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), namespace)
    return cast(Callable, namespace[name])


def _names(code: CodeType) -> set[str]:
    """Return the names that code uses, and the functions in it."""
    inner = (part for part in code.co_consts if isinstance(part, CodeType))
    return set(code.co_names).union(*map(_names, inner))


def catalogue(course: Path, homework: str) -> list[Classic]:
    """Return the classic mistakes of a homework; one made in several ways has as many entries.

    Raises
    ------
    Outdated
        If one of them does not fit the solutions.
    """
    module = solutions(course, homework)
    entries = vars(load(course, homework, "mistakes")).values()
    return [
        classic
        for exercise in entries
        if isinstance(exercise, Exercise)
        for classic in exercise.classics(module)
    ]


# --- two mistakes at once: pairs.py ------------------------------------------------------


@dataclass(frozen=True)
class Switched:
    """An implementation with switches, in groups of which only one can be on.

    It takes, before its own arguments, the set of the mistakes to make. They have the names of the
    catalogue, and each of them alone gives what its entry there gives.
    """

    groups: tuple[tuple[str, ...], ...]
    way: Callable

    @property
    def names(self) -> list[str]:
        """The mistakes that can be made, each once."""
        return list(dict.fromkeys(name for group in self.groups for name in group))

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The pairs of mistakes that can be made together."""
        apart = {frozenset(two) for group in self.groups for two in combinations(group, 2)}
        return [two for two in combinations(self.names, 2) if frozenset(two) not in apart]

    def making(self, *mistakes: str) -> Callable:
        """Return the exercise with these mistakes made, or none."""
        return partial(self.way, frozenset(mistakes))


def switches(*names: str | tuple[str, ...]) -> Callable:
    """Register the decorated function as the exercise of its name, with a switch for each mistake.

    Of a tuple only one can be on: two would exclude or hide each other, or do what others do.
    """
    groups = tuple((name,) if isinstance(name, str) else name for name in names)
    return lambda way: Switched(groups, way)


def pairs(course: Path, homework: str) -> Iterator[tuple[str, tuple[str, str], Callable]]:
    """Yield each pair of mistakes of a homework: the exercise, their names, the wrong function."""
    if not (course / file(homework, "pairs")).is_file():
        return
    module = load(course, homework, "pairs")
    for function in exercises(homework):
        switched = getattr(module, function, None)
        if isinstance(switched, Switched):
            for names in switched.pairs:
                yield function, names, switched.making(*names)


# --- other styles: wrong_ways.py and right_ways.py ---------------------------------------


@dataclass(frozen=True)
class Wrong:
    """A mistake of the catalogue in another style: the exercise, the mistake's name, the code."""

    function: str
    name: str
    way: Callable


def wrong(function: str, name: str) -> Callable:
    """Register the decorated function as another way to make the mistake ``name``."""
    return lambda way: Wrong(function, name, way)


def wrong_ways(course: Path, homework: str) -> list[Wrong]:
    """Return the classic mistakes of a homework once more, in other styles.

    They show that a mistake is recognised by what it does. Most were written from its name and its
    sentence for the student alone, without its code.
    """
    module = load(course, homework, "wrong_ways")
    return [value for value in vars(module).values() if isinstance(value, Wrong)]


def right_ways(course: Path, homework: str) -> dict[str, Callable]:
    """Return correct work on a homework by name, ``<exercise>__<what is special>``."""
    module = load(course, homework, "right_ways")
    return {
        name: way
        for name, way in vars(module).items()
        if inspect.isfunction(way) and way.__module__ == module.__name__ and "__" in name
    }
