"""What a person writes about a homework: where it is, and how it is loaded.

A homework is one folder in ``solutions/``, one file for each role, and its suite. The course's
folder is given as a path; nothing else of the package knows where answers are.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from autograder import calls
from autograder.suite import FOLDER, suite, tests

SKELETON = Path(__file__).parent / "skeleton"  # a course with one homework, to be filled in
MODEL = "hw0_name"  # its name


def file(homework: str, role: str) -> str:
    """Return a file of a homework's folder, relative to the course."""
    return f"solutions/{homework}/{role}.py"


def suite_file(homework: str) -> str:
    """Return the file of a homework's graded tests, relative to the course."""
    return f"autograder/suites/{homework}.py"


def written(homework: str) -> tuple[str, ...]:
    """Return the files of a homework that a person writes, relative to the course.

    They are those of the skeleton; what else stands in its folder, such as drawings, is optional.
    """
    models = sorted((SKELETON / file(MODEL, "solution")).parent.glob("*.py"))
    return (*(file(homework, model.stem) for model in models), suite_file(homework))


def load(course: Path, homework: str, role: str) -> ModuleType:
    """Import a file of a homework's folder, such as its ``mistakes``, from the course's folder.

    One course is loaded at a time: what was imported from another one is forgotten.
    """
    root = str(course.resolve())
    package = sys.modules.get("solutions")
    if package is not None and str(Path(package.__path__[0]).parent) != root:
        for name in [name for name in sys.modules if name.partition(".")[0] == "solutions"]:
            del sys.modules[name]
        package = None
    if package is None and sys.path[:1] != [root]:
        sys.path.insert(0, root)
    return importlib.import_module(f"solutions.{homework}.{role}")


def solutions(course: Path, homework: str) -> ModuleType:
    """Import the reference solutions of a homework."""
    return load(course, homework, "solution")


def reference(course: Path, homework: str) -> calls.Live:
    """Return the functions of the solutions, given ones too, as a student who is right."""
    return calls.Live(dict(inspect.getmembers(solutions(course, homework), inspect.isfunction)))


def faults(course: Path, homework: str) -> Iterator[str]:
    """Find missing files, the first one that Python cannot import, and tests without points."""
    # A course without a package of its own has the tests of the one that is installed.
    base = course if (course / "autograder").is_dir() else FOLDER.parents[1]
    places = {path: base if path == suite_file(homework) else course for path in written(homework)}
    missing = [path for path, place in places.items() if not (place / path).is_file()]
    for path in missing:
        yield f"{path} is missing: write it (docs/maintainers.md, 'Adding a homework')."
    if missing:
        return
    for path in written(homework):
        try:
            if path == suite_file(homework):
                suite(homework)
            else:
                load(course, homework, Path(path).stem)
        except Exception as error:
            yield f"{path} cannot be imported: {type(error).__name__}: {error}. Mend it."
            return
    module = solutions(course, homework)
    for name, test in tests(homework).items():
        graded = [m.args[0] for m in getattr(test, "pytestmark", ()) if m.name == "points"]
        if graded and not hasattr(module, graded[0]):
            yield f"{name} tests {graded[0]}, which is not in {file(homework, 'solution')}: add it."
        if not any(mark.name == "points" for mark in getattr(test, "pytestmark", ())):
            yield f"{name} has no @points: add it in {suite_file(homework)}."
