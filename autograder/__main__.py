"""Unrolled, a course on recurrent neural networks: check, build, verify, show, and teach it."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

from autograder.guide import SETTINGS, course_above, guide, meant
from autograder.suite import homeworks
from autograder.usage import INTERRUPTED, LOOK, WELL, WRONG_USAGE, WrongUsage

STATUS = """\
exit status:
  0 all is well, 1 something is left to look at,
  2 wrong usage, 130 interrupted"""


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status, as `STATUS` says."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # where the terminal lacks a character
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()
    except WrongUsage as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    except PermissionError as error:
        told = f"{error.filename}: you may not read or write it. Give yourself the right to."
        print(told, file=sys.stderr)
        return WRONG_USAGE
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # as in `… | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return LOOK


def _run(arguments: list[str] | None) -> int:
    args = _parser().parse_args(arguments)
    if not hasattr(args, "run"):
        print(guide(Path.cwd()))
        return WELL
    return args.run(args)


def _parser() -> argparse.ArgumentParser:
    """Return what reads the command line: each command, with the function that runs it."""
    parser = argparse.ArgumentParser(
        prog="python -m autograder",
        description="Unrolled, a course on recurrent neural networks.\n"
        "Without a command, it tells what to do next.",
        epilog=f"help on one command:\n  python -m autograder check --help\n\n{STATUS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")

    def add(name: str, run: Callable, what: str, example: str) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name,
            help=what,
            description=f"{what[0].upper()}{what[1:]}.",
            epilog=f"example:\n  python -m autograder {example}\n\n{STATUS}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(run=run)
        return command

    lab = add("lab", _lab, "do the homeworks in JupyterLab, in work/", "lab -- --no-browser")
    lab.add_argument("options", nargs="*", help="for JupyterLab, after --")

    check = add(
        "check",
        _check,
        "check a notebook's functions, as its cells do",
        "check work/hw4_bptt/hw4_bptt.ipynb --watch",
    )
    check.add_argument("notebook", type=Path, help="a homework's .ipynb file")
    check.add_argument(
        "--watch",
        action="store_true",
        help="check again whenever it is saved, until Ctrl-C, which then ends with status 0",
    )

    packing = add("pack", _pack, "make the file to hand in", "pack hw4_bptt --name ada")
    packing.add_argument(
        "notebook", nargs="?", default="", help="an .ipynb file or a homework's name"
    )
    packing.add_argument(
        "--name", default="", help="who you are, for your instructor; your login if left out"
    )

    add("demo", _demo, "grade a class in demo/, from release to feedback", "demo")

    teach = add(
        "teach", _teach, "open JupyterLab with formgrader, to teach", "teach -- --no-browser"
    )
    teach.add_argument("options", nargs="*", help="for JupyterLab, after --")

    roster = add(
        "roster",
        _roster,
        "load the class list: a file of Moodle, Canvas or nbgrader",
        "roster participants.csv",
    )
    roster.add_argument("file", type=Path, help="CSV: participants, gradebook, or id and names")

    due = add(
        "due",
        _due,
        "set a homework's due date",
        "due hw4_bptt '2027-03-12 23:59 Europe/Berlin'",
    )
    due.add_argument("homework", help="its name, such as hw4_bptt")
    due.add_argument("when", help="date, time, and the zone's whole name or offset; else UTC")

    extend = add("extend", _extend, "move a student's due date", "extend hw4_bptt ada --days 2")
    extend.add_argument("homework", help="its name; all for all of them")
    extend.add_argument("student", help="the student's id")
    extend.add_argument(
        "--days",
        type=_days,
        required=True,
        metavar="N",
        help="from the due date on; 0 takes it back",
    )

    collect = add(
        "collect",
        _collect,
        "sort a school's archive, or packed files, into submitted/",
        "collect hw4_bptt archive.zip worksheet.csv",
    )
    collect.add_argument("homework", help="its name, such as hw4_bptt")
    collect.add_argument(
        "files",
        type=Path,
        nargs="+",
        help="the archive, or packed files; Moodle's grading worksheet, for the times",
    )

    grade = add("grade", _grade, "grade what was handed in, on all cores", "grade hw4_bptt")
    grade.add_argument("homework", help="its name, such as hw4_bptt")
    grade.add_argument("--force", action="store_true", help="also what is graded already")
    grade.add_argument("--student", default="", metavar="ID", help="only theirs; 'a*' is a pattern")
    grade.add_argument(
        "--jobs", type=_positive, metavar="N", help="processes; one a core if left out"
    )
    grade.add_argument("--scheduler", default="", metavar="ADDRESS", help="a Dask cluster's")
    grade.add_argument(
        "--no-sandbox", action="store_true", help="without it, where you trust every student"
    )

    report = add(
        "report", _report, "write how a graded homework went, in reports/", "report hw4_bptt"
    )
    report.add_argument("homework", help="its name, such as hw4_bptt")

    hand_back = add(
        "hand-back",
        _hand_back,
        "make the archive of feedback that Moodle takes",
        "hand-back hw4_bptt",
    )
    hand_back.add_argument("homework", help="its name, such as hw4_bptt")

    new_term = add(
        "new-term",
        _new_term,
        "archive a class in terms/, and start with an empty gradebook",
        "new-term 2027-spring",
    )
    new_term.add_argument("name", help="what the archive is called, such as 2027-spring")

    one = add(
        "grade-one",
        _grade_one,
        "grade one notebook without a gradebook",
        "grade-one hw4_bptt.ipynb --json",
    )
    one.add_argument("notebook", type=Path, help="an .ipynb file, or the folder that holds it")
    one.add_argument("--homework", default="", help="which it must be; a folder needs it")
    one.add_argument("--json", action="store_true", help="print JSON: see docs/grade-one.md")
    one.add_argument(
        "--no-sandbox", action="store_true", help="without it, where you trust the student"
    )

    gradescope = add(
        "gradescope",
        _gradescope,
        "make the autograder of a homework for Gradescope, in build/",
        "gradescope hw4_bptt",
    )
    gradescope.add_argument("homework", help="its name, such as hw4_bptt")
    gradescope.add_argument(
        "--no-sandbox",
        action="store_true",
        help="without it, on public data alone: see docs/grade-one.md",
    )

    classroom = add(
        "classroom",
        _classroom,
        "make a repository's content for a classroom, in build/",
        "classroom hw4_bptt",
    )
    classroom.add_argument("homework", help="its name, such as hw4_bptt")

    build = add(
        "build",
        _build,
        "make source/, assignments/ and recordings from solutions/",
        "build hw4_bptt",
    )
    build.add_argument("homework", nargs="*", help="its name; all of them if left out")

    site = add(
        "site",
        _site,
        "make the course as a site that runs in the browser, in build/browser/",
        "site pyodide-0.27.7.tar.bz2 jupyterlab_widgets-3.0.15-py3-none-any.whl",
    )
    site.add_argument(
        "pyodide", nargs="+", type=Path, help="what holds the files that docs/browser.md names"
    )

    verify = add(
        "verify",
        _verify,
        "check the course itself: points, hints, stubs, leaks",
        "verify hw4_bptt",
    )
    verify.add_argument("homework", nargs="*", help="its name; all of them if left out")

    new = add(
        "new", _new, "start a homework: its files, with places to fill in", "new hw8_attention"
    )
    new.add_argument("homework", help="its name, such as hw8_attention")

    return parser


# --- what is given -----------------------------------------------------------------------


def _positive(number: str) -> int:
    if not number.isdecimal() or int(number) < 1:
        raise argparse.ArgumentTypeError(f"give a number from 1, not {number}")
    return int(number)


def _days(number: str) -> float:
    try:
        days = float(number)
    except ValueError:
        days = -1.0
    if not 0 <= days <= 3650:
        raise argparse.ArgumentTypeError(f"give a number of days from 0, not {number}")
    return days


def _known(name: str) -> str:
    """Return a homework's name, or refuse it with the one that may be meant."""
    known = homeworks()
    if name in known:
        return name
    if Path("source", name).is_dir():
        raise WrongUsage(
            f"{name} is an assignment of your own: nbgrader's commands work on it, such as "
            f"`nbgrader autograde {name}`. docs/own.md tells more."
        )
    near = meant(name, known)
    advice = f" Did you mean {near}?" if near else ""
    raise WrongUsage(f"There is no homework {name!r}; there are {', '.join(known)}.{advice}")


def _course(*folders: str) -> Path:
    """Return the current folder, or refuse it where it is not the course's with these folders."""
    here = Path.cwd()
    course = course_above(here)
    if course != here:
        where = f"`cd {os.path.relpath(course)}`" if course else "the one that holds it"
        raise WrongUsage(f"There is no {SETTINGS} here: go to the course's folder, {where}.")
    for folder in folders:
        if not (here / folder).is_dir():
            raise WrongUsage(
                f"There is no {folder}/ here, which this command works on: use a whole clone of "
                "the course.",
            )
    return here


def _need(extra: str, *packages: str) -> None:
    """Refuse a command where packages are missing, with the extra that has them."""
    if missing := [package for package in packages if find_spec(package) is None]:
        raise WrongUsage(
            f"This needs {' and '.join(missing)}, not installed here: "
            f"run `pip install 'unrolled[{extra}]'`.",
        )


def _say(told: list[str]) -> int:
    """Print what was done, and after the first line what there is to look at."""
    print(*told, sep="\n")
    return LOOK if len(told) > 1 else WELL


# --- the commands ------------------------------------------------------------------------


def _check(args: argparse.Namespace) -> int:
    if args.watch:
        _need("lab", "watchfiles")
    from autograder.terminal import check_notebook, watch_notebook

    if args.watch:
        watch_notebook(args.notebook)
        return WELL
    reports = check_notebook(args.notebook)
    return WELL if all(report.points == report.worth for report in reports) else LOOK


def _pack(args: argparse.Namespace) -> int:
    from autograder.pack import pack

    return WELL if pack(args.notebook, args.name) else LOOK


def _grade(args: argparse.Namespace) -> int:
    homework = _known(args.homework)
    _course()
    _need("teach", "nbgrader", "jupytext", "tqdm")
    from autograder.grading.command import grade_class

    sandbox = not args.no_sandbox
    return grade_class(homework, args.force, args.student, args.jobs, sandbox, args.scheduler)


def _grade_one(args: argparse.Namespace) -> int:
    homework = _known(args.homework) if args.homework else ""
    _need("teach", "nbgrader")
    from autograder.grading.one import grade_one

    return grade_one(args.notebook, homework, args.json, not args.no_sandbox)


def _gradescope(args: argparse.Namespace) -> int:
    homework, course = _known(args.homework), _course("solutions", "source", "autograder")
    _need("dev", "build", "nbgrader")
    from autograder.course.platforms import gradescope

    print(f"Written: {gradescope(course, homework, not args.no_sandbox)}")
    return WELL


def _classroom(args: argparse.Namespace) -> int:
    homework, course = _known(args.homework), _course("assignments", "autograder")
    _need("dev", "build", "nbgrader")
    from autograder.course.platforms import classroom

    print(f"Written: {classroom(course, homework)}")
    return WELL


def _report(args: argparse.Namespace) -> int:
    homework = _known(args.homework)
    _course()
    _need("teach", "nbgrader", "jinja2")
    from autograder.grading.class_report import report

    report(homework)
    return WELL


def _roster(args: argparse.Namespace) -> int:
    _course()
    _need("teach", "nbgrader", "jupytext")
    from autograder.course.roster import load_class
    from autograder.grading.nbgrader import open_course

    return _say(load_class(open_course(), args.file))


def _collect(args: argparse.Namespace) -> int:
    homework, course = _known(args.homework), _course()
    _need("teach", "nbgrader", "jupytext")
    from autograder.course.collect import collect

    return _say(collect(course, homework, args.files))


def _hand_back(args: argparse.Namespace) -> int:
    homework, course = _known(args.homework), _course()
    _need("teach", "nbgrader", "jupytext")
    from autograder.course.hand_back import hand_back

    return _say(hand_back(course, homework))


def _due(args: argparse.Namespace) -> int:
    _course()
    _need("teach", "nbgrader", "jupytext")
    from autograder.course.extend import set_due
    from autograder.grading.nbgrader import open_course

    print(set_due(open_course(), args.homework, args.when))
    return WELL


def _extend(args: argparse.Namespace) -> int:
    _course()
    _need("teach", "nbgrader", "jupytext")
    from autograder.course.extend import extend
    from autograder.grading.nbgrader import open_course

    print(*extend(open_course(), args.homework, args.student, args.days), sep="\n")
    return WELL


def _new_term(args: argparse.Namespace) -> int:
    _course()
    _need("teach", "nbgrader", "jupytext")
    from autograder.course.terms import new_term
    from autograder.grading.nbgrader import open_course

    print(*new_term(open_course(), args.name), sep="\n")
    return WELL


def _build(args: argparse.Namespace) -> int:
    chosen = [_known(name) for name in args.homework] or homeworks()
    course = _course("solutions")
    _need("teach", "nbgrader", "jupytext")
    from autograder.course.build import build

    for homework in chosen:
        try:
            build(course, homework)
        except ValueError as error:
            print(f"{homework}: not built. {error}", file=sys.stderr)
            return LOOK
        print(f"{homework}: built", flush=True)
    return WELL


def _site(args: argparse.Namespace) -> int:
    course = _course("assignments", "docs")
    _need("site", "jupyterlite_core", "jupyterlite_pyodide_kernel")
    from autograder.course.site import site

    to = course / "build" / "browser"
    site(course, args.pyodide, to)
    print(f"Written: {to}. To try it: python -m http.server --directory {to}")
    return WELL


def _verify(args: argparse.Namespace) -> int:
    chosen = [_known(name) for name in args.homework] or homeworks()
    course = _course("solutions")
    _need("teach", "nbgrader", "jupytext")
    from autograder.course.verify import lacks, verify

    bad = 0
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        for homework, complaints in zip(
            chosen, processes.map(partial(verify, course), chosen), strict=True
        ):
            count = len(complaints)
            said = f"{count} complaint{'s' * (count != 1)}" if complaints else "sound"
            print(f"{homework}: {said}", flush=True)
            for complaint in complaints:
                print(f"  - {complaint}")
            missing = [] if complaints else lacks(course, homework)
            if missing:
                print("  It may be taught as it is; what others have and it has not:")
            for evidence in missing:
                print(f"  - {evidence}")
            bad += bool(complaints)
    return LOOK if bad else WELL


def _new(args: argparse.Namespace) -> int:
    course = _course("solutions", "autograder")
    from autograder.course.new import new

    files = new(course, args.homework)
    print(*files, sep="\n")
    print(
        "\nFill in the places marked TODO; docs/maintainers.md shows a homework that is whole."
        f"\nWhat is missing is told by: python -m autograder verify {args.homework}"
    )
    return WELL


def _demo(args: argparse.Namespace) -> int:
    course = _course("solutions", "source")
    _need("teach", "nbgrader", "jupytext", "jinja2")
    from autograder.course.demo import demo

    return LOOK if demo(course) else WELL


def _lab(args: argparse.Namespace) -> int:
    here = Path.cwd()
    if course_above(here):
        _course("assignments")
    _need("lab", "jupyterlab")
    from autograder.course.lab import lab

    return lab(here, args.options)


def _teach(args: argparse.Namespace) -> int:
    course = _course()
    _need("teach", "jupyterlab", "nbgrader", "jupytext")
    from autograder.course.lab import teach

    return teach(course, args.options)


if __name__ == "__main__":
    raise SystemExit(main())
