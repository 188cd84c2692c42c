"""Unrolled, a course on recurrent neural networks: check, build, verify, show, and teach it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.suite import homeworks

EXAMPLES = """\
students:
  python -m autograder check work/hw4_bptt/hw4_bptt.ipynb --watch

instructors:
  python -m autograder demo         a class, from release to feedback, in demo/
  python -m autograder teach        JupyterLab with formgrader
  python -m autograder report hw4_bptt
                                    how a graded homework went, in reports/

maintainers:
  python -m autograder build        after a change in solutions/ or autograder/suites/
  python -m autograder verify       is the course sound?
  python -m autograder new hw6_gru  the files of a new homework
"""


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status: 0 if all is well, 1 if not, 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m autograder",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")

    check = commands.add_parser("check", help="check a notebook's functions, as its cells do")
    check.add_argument("notebook", type=Path, help="a homework's .ipynb file")
    check.add_argument("--watch", action="store_true", help="check again whenever it is saved")
    check.set_defaults(run=_check)

    grade = commands.add_parser("grade", help="grade what was handed in, on all cores")
    grade.add_argument("homework", help="its name, such as hw4_bptt")
    grade.add_argument("--force", action="store_true", help="also what is graded already")
    grade.add_argument("--student", default="", metavar="ID", help="only this student's")
    grade.add_argument(
        "--jobs", type=_positive, metavar="N", help="processes; one a core if left out"
    )
    grade.add_argument("--no-sandbox", action="store_true", help="where you trust every student")
    grade.set_defaults(run=_grade)

    results = commands.add_parser("report", help="write how a graded homework went, in reports/")
    results.add_argument("homework", help="its name, such as hw4_bptt")
    results.set_defaults(run=_report)

    for name, run, what in (
        ("build", _build, "make source/, assignments/ and recordings from solutions/"),
        ("verify", _verify, "check the course itself: points, hints, stubs, leaks"),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument("homework", nargs="*", help="its name; all of them if left out")
        command.set_defaults(run=run)

    start = commands.add_parser("new", help="start a homework: its files, with places to fill in")
    start.add_argument("homework", help="its name, such as hw6_gru")
    start.set_defaults(run=_new)

    show = commands.add_parser("demo", help="grade a class in demo/, from release to feedback")
    show.set_defaults(run=_demo)

    for name, run, what in (
        ("lab", _lab, "do the homeworks in JupyterLab, in work/"),
        ("teach", _teach, "open JupyterLab with formgrader"),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument("options", nargs="*", help="for JupyterLab, after --")
        command.set_defaults(run=run)

    args = parser.parse_args(arguments)
    if not hasattr(args, "run"):
        parser.print_help()
        return 0
    return args.run(args)


def _check(args: argparse.Namespace) -> int:
    if args.watch:
        from watchfiles import run_process

        print(f"Watching {args.notebook}: save it to check it again, Ctrl-C to stop.")
        run_process(args.notebook, target=main, args=(["check", str(args.notebook)],))
        return 0
    from autograder.terminal import NotAHomework, check_notebook

    try:
        return 0 if check_notebook(args.notebook) else 1
    except NotAHomework as error:
        print(error, file=sys.stderr)
        return 2


def _positive(number: str) -> int:
    if not number.isdecimal() or int(number) < 1:
        raise argparse.ArgumentTypeError(f"give a number from 1, not {number}")
    return int(number)


def _grade(args: argparse.Namespace) -> int:
    from autograder.grading.batch import grade_class

    sandbox = not args.no_sandbox
    return grade_class(args.homework, args.force, args.student, args.jobs, sandbox)


def _report(args: argparse.Namespace) -> int:
    from autograder.course.classreport import report

    return report(args.homework)


def _chosen(names: list[str]) -> list[str]:
    known = homeworks()
    for name in names:
        if name not in known:
            sys.exit(f"There is no homework {name!r}; there are {', '.join(known)}.")
    return names or known


def _build(args: argparse.Namespace) -> int:
    from autograder.course.build import build

    for homework in _chosen(args.homework):
        build(Path.cwd(), homework)
        print(f"{homework}: built")
    return 0


def _verify(args: argparse.Namespace) -> int:
    from autograder.course.verify import verify

    bad = 0
    for homework in _chosen(args.homework):
        complaints = verify(Path.cwd(), homework)
        print(f"{homework}: {'sound' if not complaints else f'{len(complaints)} complaints'}")
        for complaint in complaints:
            print(f"  - {complaint}")
        bad += bool(complaints)
    return 1 if bad else 0


def _new(args: argparse.Namespace) -> int:
    from autograder.course.new import Refused, new

    try:
        files = new(Path.cwd(), args.homework)
    except Refused as error:
        print(error, file=sys.stderr)
        return 2
    print(*files, sep="\n")
    print(
        "\nFill in the places marked TODO; docs/maintainers.md shows a homework that is whole."
        f"\nWhat is missing is told by: python -m autograder verify {args.homework}"
    )
    return 0


def _demo(args: argparse.Namespace) -> int:
    from autograder.course.demo import demo

    return 1 if demo(Path.cwd()) else 0


def _lab(args: argparse.Namespace) -> int:
    from autograder.course.lab import lab

    return lab(Path.cwd(), args.options)


def _teach(args: argparse.Namespace) -> int:
    from autograder.course.lab import teach

    return teach(Path.cwd(), args.options)


if __name__ == "__main__":
    raise SystemExit(main())
