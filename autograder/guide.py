"""Tell a newcomer what to do next, on one screen, by where the question is asked."""

from __future__ import annotations

import difflib
import os
import shlex
from collections.abc import Iterable
from pathlib import Path

from autograder.notebook import PROGRESS, remembered
from autograder.suite import exercises, homeworks

SETTINGS = "nbgrader_config.py"  # the course's folder is the one that holds it


def course_above(folder: Path) -> Path | None:
    """Return the course's folder that a folder is in, or is."""
    return next(
        (place for place in (folder, *folder.parents) if (place / SETTINGS).is_file()), None
    )


def meant(name: str, known: Iterable[str]) -> str | None:
    """Return which of the known names may be meant by one that is not among them."""
    known, begun = list(known), Path(name).stem.lower()
    near = [each for each in known if each.startswith(begun)]
    near += difflib.get_close_matches(begun, known, 1, 0.5)
    return near[0] if near else None


def guide(folder: Path) -> str:
    """Return the screen: who are you, and what is the one command to begin with.

    Parameters
    ----------
    folder : Path
        Where the command is run: the course's folder, one with homeworks, or any other.
    """
    course = course_above(folder)
    here = homeworks_in(folder)
    if course == folder:
        parts = [_student_in_the_course(folder), _teacher(folder), _MAINTAINER]
    elif here:
        parts = [_student(folder, here), _others(course)]
    else:
        parts = [_lost(course)]
    return "\n\n".join([_TITLE, *parts, _HELP])


_TITLE = "Unrolled: recurrent neural networks, by hand in numpy."
_HELP = """\
All commands: python -m autograder --help
Help on one:  python -m autograder check --help"""
_MAINTAINER = """\
You change the course:
    python -m autograder verify
  says whether it is sound. docs/maintainers.md tells more."""


def _student_in_the_course(course: Path) -> str:
    told = _points(sorted(course.glob(f"work/*/{PROGRESS}")), homeworks())
    return f"""\
You are a student:
    python -m autograder lab
  opens the homeworks in JupyterLab, in the folder work/.
  {told}"""


def _teacher(course: Path) -> str:
    for homework in homeworks():
        handed_in, graded = (
            {place.parent.name for place in course.glob(f"{step}/*/{homework}")}
            for step in ("submitted", "autograded")
        )
        if waiting := len(handed_in - graded):
            are = "submission is" if waiting == 1 else "submissions are"
            return f"""\
You teach:
    python -m autograder grade {homework}
  grades on all cores; {waiting} {are} not graded yet."""
    return """\
You teach:
    python -m autograder demo
  shows a class, from release to feedback, in demo/.
    python -m autograder teach
  opens JupyterLab with formgrader, for your own class."""


def _student(folder: Path, here: dict[str, Path]) -> str:
    files = [*sorted(folder.glob(f"*/{PROGRESS}")), folder / PROGRESS]
    homework = _next(remembered(files), list(here))
    notebook = shlex.quote(str(here[homework].relative_to(folder)))
    return f"""\
You are a student, and this is a folder of homeworks:
    python -m autograder check {notebook} --watch
  checks it now and whenever it is saved. To write in it:
    jupyter lab
  {_points(files, list(here))}"""


def _others(course: Path | None) -> str:
    where = f"cd {_shown(course)}" if course else "cd COURSE   (it holds nbgrader_config.py)"
    return f"""\
You teach, or change the course: ask again in its folder.
    {where}
    python -m autograder"""


def _lost(course: Path | None) -> str:
    where = _shown(course) if course else "FOLDER"
    told = (
        "The course is in a folder above this one:"
        if course
        else "There is no homework here, and no course.\n"
        "    python -m autograder lab\n"
        "  copies the homeworks into work/ and opens JupyterLab.\n"
        "If you have them, or the course, go there and ask again:"
    )
    return f"""\
{told}
    cd {where}
    python -m autograder"""


def _shown(folder: Path) -> str:
    return shlex.quote(os.path.relpath(folder))


def homeworks_in(folder: Path) -> dict[str, Path]:
    """Return the homeworks' notebooks in a folder, and in its folders, by the homeworks' names."""
    found = {}
    for homework in homeworks():
        name = f"{homework}.ipynb"
        for path in (folder / homework / name, folder / name):
            if path.is_file():
                found[homework] = path
    return found


def homeworks_here() -> dict[str, Path]:
    """Return the homeworks' notebooks in the current folder, or else in its folder ``work/``."""
    return homeworks_in(Path("work")) | homeworks_in(Path())


def _points(files: list[Path], names: list[str]) -> str:
    """Say how many points there are in these homeworks, and which of them is next."""
    points = remembered(files)
    got = sum(points.get(hw, {}).get(name, 0) for hw in names for name in exercises(hw))
    worth = sum(sum(exercises(homework).values()) for homework in names)
    following = _next(points, names)
    if not points:
        return f"Nothing is checked yet: begin with {following}."
    if got == worth:
        return f"You have all {worth:g} points."
    return f"You have {got:g} of {worth:g} points: go on with {following}."


def _next(points: dict[str, dict[str, float]], names: list[str]) -> str:
    """Return the first homework without full points, or the last one."""
    left = (hw for hw in names if points.get(hw, {}) != exercises(hw))
    return next(left, names[-1])
