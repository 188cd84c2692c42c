"""Change the reference and the grader in small ways, and see that some test notices each change.

    python -m proof.mutants            # the reference solutions, judged by the graded tests
    python -m proof.mutants --homework hw4_bptt    # those of one homework
    python -m proof.mutants judge      # a part of the grader, judged by its tests: see PARTS

It needs mutmut. Every change of one operator, number, name, argument or string in a function is a
mutant. The mutants are made and judged in a copy of the course, which is thrown away. A mutant that
passes all tests either shows a hole in the tests, or gives the same as the original in all that was
promised: then it is listed in ``equivalent_mutants.toml``, with the reason. Any other difference
between that list and the mutants that survive is an error.

A mutant of a graded function is judged by the tests of that function alone, for no student may earn
all its points with it. The data are the public ones, that students have.

Of the grader, only the functions that decide on points, limits and what is read are changed, and
no messages. mutmut leaves alone what stands outside of functions, what has a decorator, such as
``Report.points``, and the arguments of ``len`` and ``isinstance``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import pytest

from autograder.course.written import reference
from autograder.suite import exercises, homeworks, run

COURSE = Path(__file__).parents[1]
LIST = Path(__file__).with_name("equivalent_mutants.toml")
FOLDERS = ("autograder", "proof", "solutions", "tests")

# What mutmut is told, as in its documentation.
OF_THE_GRADER = {
    "source_paths": ["autograder"],
    "timeout_multiplier": 4.0,  # of the time that the tests take without a change
    "do_not_mutate_patterns": [r'^ *f?"', r"raise (Mistake|WireError)\(", r"return WireError\("],
}
# These draw their data at random, and may notice a mutant on one day only.
DRAWN = "as_it_was or as_it_is or one_spelling or nothing_but_its_own"
PARTS = {
    "reference": {
        "source_paths": ["solutions"],
        "only_mutate": ["solutions/hw*/solution.py"],
        "pytest_add_cli_args_test_selection": ["proof/mutants.py"],
        "max_stack_depth": 1,  # a test judges what it calls, not what that calls in its turn
    },
    "judge": {
        **OF_THE_GRADER,
        "only_mutate": ["autograder/judge.py"],
        "pytest_add_cli_args_test_selection": ["tests/test_judge.py"],
    },
    "wire": {
        **OF_THE_GRADER,
        "only_mutate": ["autograder/wire.py"],
        "pytest_add_cli_args_test_selection": ["tests/test_wire.py", "-k", f"not ({DRAWN})"],
    },
}
GRADED = [(homework, function) for homework in homeworks() for function in exercises(homework)]
# The functions to change, where that is not all of them.
FUNCTIONS = {
    "reference": [f"*{homework}.solution.x_{function}__mutmut_*" for homework, function in GRADED],
    "judge": ["*conform*", "*_parse_*", "*assert_*", "*_leaves_*", "*_agree_*"],
}


@pytest.mark.parametrize(("homework", "function"), GRADED)
def test_a_function_earns_its_points(homework, function):
    results = run(homework, reference(COURSE, homework), functions=[function])
    assert not [result.test for result in results if not result.passed]


# --- running -------------------------------------------------------------------------------


def mutate(folder: Path, what: str, workers: int, homework: str | None) -> None:
    """Make and judge the mutants in a copy of the course.

    Parameters
    ----------
    folder : Path
        Where the copy is made; mutmut leaves its results there.
    what : str
        One of `PARTS`.
    workers : int
        How many mutants are judged at once.
    homework : str or None
        Change the solutions of this one alone.

    Raises
    ------
    RuntimeError
        If mutmut could not do it, such as where a test fails without any change.
    """
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(COURSE / name, folder / name, ignore=ignored)
    settings = {**PARTS[what], "also_copy": FOLDERS}
    if homework:
        settings["only_mutate"] = [f"solutions/{homework}/solution.py"]
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    (folder / "pyproject.toml").write_text("\n".join(["[tool.mutmut]", *lines]))
    program = Path(sysconfig.get_path("scripts")) / "mutmut"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [program, "run", "--max-children", str(workers), *FUNCTIONS.get(what, [])],
        cwd=folder,
        env={**environment, "OPENBLAS_NUM_THREADS": "1"},
        stdout=None if sys.stdout.isatty() else subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"mutmut could not do it (exit {done.returncode}). {done.stdout or ''}")


def judged(folder: Path) -> dict[str, str]:
    """Return what became of each mutant that was judged, in mutmut's words."""
    from mutmut.stats import status_by_exit_code

    return {
        mutant: status_by_exit_code[code]
        for path in sorted((folder / "mutants").rglob("*.py.meta"))
        for mutant, code in json.loads(path.read_text())["exit_code_by_key"].items()
        if code is not None
    }


# --- the list ------------------------------------------------------------------------------

Mutant = tuple[str, str, str]  # the function, the line as it is, the line as it is changed


def described(mutant: str) -> Mutant:
    """Describe a mutant so that it is known again when other lines have changed."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    match = re.fullmatch(r"\w+\.(.+?)(?:\.solution)?\.x(?:_|ǁ(\w+)ǁ)(\w+)__mutmut_\d+", mutant)
    assert match, mutant
    changes = get_diff_for_mutant(mutant).splitlines()[2:]
    was, now = (
        " ".join(line[1:].strip() for line in changes if line.startswith(sign)) for sign in "-+"
    )
    return ".".join(filter(None, match.groups())), was, now


def listed(what: str) -> Iterator[Mutant]:
    """Yield the mutants that are known to be equivalent.

    In the list, the name of a function stands before its lines, and a line with ``-`` before those
    with ``+`` that may take its place.
    """
    function = was = ""
    for group in tomllib.loads(LIST.read_text()).get(what, []):
        for line in group["mutants"].strip().splitlines():
            sign, _, text = line.partition(" ")
            if sign == "+":
                yield function, was, text
            elif sign == "-":
                was = text
            else:
                function = line


def told(mutants: Counter[Mutant], title: str) -> None:
    """Print mutants as they stand in the list, under a title, if there are any."""
    if mutants:
        print(f"\n{title}")
    for function, was, now in mutants.elements():
        print(f"{function}\n- {was}\n+ {now}")


def main() -> int:
    """Run mutmut and compare the mutants that survive with the list; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", nargs="?", choices=PARTS, default="reference")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--homework", choices=homeworks(), help="of the reference, this one alone")
    asked = parser.parse_args()
    start = perf_counter()
    with TemporaryDirectory(prefix="mutants-") as name:
        folder = Path(name)
        mutate(folder, asked.what, asked.workers, asked.homework)
        results = judged(folder)
        with chdir(folder):
            survivors = Counter(
                described(mutant)
                for mutant, status in results.items()
                if status not in ("killed", "timeout")
            )
    counts = Counter(results.values())
    known = Counter(
        mutant
        for mutant in listed(asked.what)
        if mutant[0].startswith(f"{asked.homework}." if asked.homework else "")
    )
    print(
        f"{asked.what}: {len(results)} mutants, {counts['killed']} killed, "
        f"{counts['timeout']} stopped by the time limit, {survivors.total()} survived, of which "
        f"{(survivors & known).total()} are equivalent; {perf_counter() - start:.0f} s"
    )
    told(survivors - known, "These survived and are not listed: add a test, or a reason.")
    told(known - survivors, f"These are listed in {LIST.name} and did not survive:")
    return int(survivors != known)


if __name__ == "__main__":
    sys.exit(main())
