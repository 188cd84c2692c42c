"""Find students whose code is the same, but for names and comments: a reason to look, no verdict.

Short exercises are written alike by chance. So it is counted how often two of the class agree in
each exercise, and only those are named who agree in more than chance explains.
"""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, groupby

MAX_CODE = 20_000  # characters of an exercise that are compared
MAX_PAIRS = 500_000  # looked at


@dataclass(frozen=True)
class Alike:
    """How often code is the same in an exercise.

    Parameters
    ----------
    exercise : str
        Its name.
    students : int
        Who wrote something in it that can be compared.
    largest : int
        The largest group with the same code.
    share : float
        Of all pairs of students, those with the same code.
    known : int
        The other right ways that the course knows, and its own solution.
    known_forms : int
        How many of these are different as code is compared here.
    """

    exercise: str
    students: int
    largest: int
    share: float
    known: int
    known_forms: int


@dataclass(frozen=True)
class Group:
    """Students who agree in more exercises than chance explains: who, and in which."""

    students: tuple[str, ...]
    exercises: dict[str, int]  # how many of them have the same code in it


def form(source: str, exercise: str) -> str | None:
    """Return what is left of code without names, comments, docstrings and annotations.

    Returns
    -------
    str or None
        The same for code that differs in these alone; None where it is not Python, or the function
        is not there.
    """
    if len(source) > MAX_CODE:
        return None
    try:
        tree = ast.parse(source)
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        if exercise not in {function.name for function in functions}:
            return None
        for function in functions:
            function.returns = None
            if ast.get_docstring(function) is not None:
                function.body = function.body[1:] or [ast.Pass()]
        return ast.dump(_Renamed(tree, exercise).visit(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class _Renamed(ast.NodeTransformer):
    """Give the names that a source makes up numbers, in the order in which they come."""

    def __init__(self, tree: ast.AST, exercise: str) -> None:
        self._own: dict[str, str] = {}
        self._count = 0
        for node in ast.walk(tree):
            if isinstance(node, ast.arg):
                self._own[node.arg] = ""
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._own[node.id] = ""
            elif isinstance(node, ast.FunctionDef) and node.name != exercise:
                self._own[node.name] = ""

    def _number(self, name: str) -> str:
        if name in self._own and not self._own[name]:
            self._count += 1
            self._own[name] = f"name{self._count}"
        return self._own.get(name, name)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._number(node.name)
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg, node.annotation = self._number(node.arg), None
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._number(node.id)
        return node


def known_forms(ways: Mapping[str, Iterable[Callable]]) -> dict[str, list[str]]:
    """Return the forms of known right ways, by exercise."""
    found: dict[str, list[str]] = {}
    for exercise, functions in ways.items():
        found[exercise] = []
        for way in functions:
            source = textwrap.dedent(inspect.getsource(way)).replace(way.__name__, exercise)
            if shape := form(source, exercise):
                found[exercise].append(shape)
    return found


def alike(
    written: Mapping[str, Mapping[str, str]], known: Mapping[str, list[str]]
) -> tuple[list[Alike], list[Group]]:
    """Compare what the students of a class wrote.

    Parameters
    ----------
    written : mapping
        What was written, by exercise and student.
    known : mapping
        What `known_forms` gives for the course's right ways.

    Returns
    -------
    list of Alike, list of Group
        How often code is the same in each exercise; and who agrees by more than chance: of all
        pairs of the class, less than one would agree by chance in code that so few write.
    """
    figures = []
    agreed: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    students = sorted({student for own in written.values() for student in own})
    for exercise, own in written.items():
        same = defaultdict(list)
        for student in sorted(own):
            if shape := form(own[student], exercise):
                same[shape].append(student)
        count = sum(map(len, same.values()))
        pairs = sum(math.comb(len(group), 2) for group in same.values())
        ways = known.get(exercise, [])
        share = pairs / math.comb(count, 2) if count > 1 else 0.0
        largest = max(map(len, same.values()), default=0)
        figures.append(Alike(exercise, count, largest, share, len(ways), len({*ways})))
        if pairs > MAX_PAIRS:
            continue
        rarer = 0  # pairs that agree in code of which there is as little
        for _, groups in groupby(sorted(same.values(), key=len), key=len):
            equal = list(groups)
            rarer += sum(math.comb(len(group), 2) for group in equal)
            for group in equal:
                for pair in combinations(group, 2):
                    agreed[pair][exercise] = (rarer + 1) / (math.comb(count, 2) + 1)
    every = math.comb(len(students), 2)
    strange = {
        pair: list(chances)
        for pair, chances in agreed.items()
        if every * math.prod(chances.values()) < 1
    }
    return figures, _groups(strange)


def _groups(pairs: Mapping[tuple[str, str], list[str]]) -> list[Group]:
    """Join pairs that have a student in common, the largest agreement first."""
    group_of: dict[str, set[str]] = {}
    for one, other in pairs:
        joined = group_of.get(one, {one}) | group_of.get(other, {other})
        for member in joined:
            group_of[member] = joined
    groups = []
    for members in {id(group): group for group in group_of.values()}.values():
        inside = {pair: exercises for pair, exercises in pairs.items() if pair[0] in members}
        who: dict[str, set[str]] = defaultdict(set)
        for pair, exercises in inside.items():
            for exercise in exercises:
                who[exercise] |= {*pair}
        counts = {exercise: len(found) for exercise, found in who.items()}
        groups.append(Group(tuple(sorted(members)), counts))
    return sorted(groups, key=lambda group: (-len(group.exercises), group.students))
