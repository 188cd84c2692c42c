"""The modules of the package stand one above the other: no circle, and nothing imported late."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import autograder

PACKAGE = Path(autograder.__file__).parent
SKIPPED = {"suites", "skeleton"}


def modules():
    """Return the syntax of each module, by its name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        if not SKIPPED & set(parts):
            name = ".".join(part for part in parts if part != "__init__")
            found[name] = ast.parse(path.read_text("utf-8"))
    return found


MODULES = modules()


def imported(node):
    """Yield the modules of the package that an import statement names."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [f"{node.module}.{alias.name}" for alias in node.names] + [node.module]
    else:
        return
    yield from (name for name in names if name in MODULES and name != "autograder")


def test_no_module_imports_itself_through_others_even_late():
    graph = {
        name: {used for node in ast.walk(tree) for used in imported(node)}
        for name, tree in MODULES.items()
    }
    assert list(TopologicalSorter(graph).static_order())
    assert "autograder.usage" in graph["autograder.grading.sandbox"]  # it reads them indeed
