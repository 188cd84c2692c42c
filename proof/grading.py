"""Time the grader: against nbgrader, against Otter-Grader, against the bare cost, and at growth.

Run it as ``python -m proof.grading``; it needs Otter-Grader and Dask. It prints what it measures,
writes it into ``docs/performance.md``, and draws ``docs/performance.svg``. With ``--tiny`` it takes
a few submissions of each, writes nothing, and shows that it works. Before anything is compared, all
sides must give the same scores.

Each comparison is made in one run, on the same submissions, by turns. Every library has one thread.
Processor time is that of the whole machine meanwhile, since a sandbox has no account of its own.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read once, when numpy is loaded

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from contextlib import ExitStack, chdir, suppress
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, sleep

import nbformat
from distributed import Client
from nbgrader.apps import NbGraderAPI
from sqlalchemy import Engine, event
from traitlets.config import Config

from autograder.course.build import BEGIN, END
from autograder.course.catalogue import catalogue
from autograder.course.written import reference
from autograder.grading.grade import Homework, grade
from autograder.grading.nbgrader import open_assignment
from autograder.suite import exercises, run, tests
from autograder.tape import Drawn
from autograder.usage import LOOK, WELL
from proof import performance_page as page
from tests.classroom import REPOSITORY, gradebook
from tests.dask_cluster import scheduler, workers

SHORT, LONG = "hw3_softmax_loss", "hw4_bptt"
MOOC = 100_000


@dataclass(frozen=True)
class Sizes:
    """How many submissions there are: in a class, in a large one, and wherever few must do."""

    small: int = 30
    large: int = 300
    growth: tuple[int, int] = (100, 1000)
    cluster: int = 60
    otter: int = 2
    released: int = 1


TINY = Sizes(small=4, large=5, growth=(3, 4), cluster=3, otter=1, released=1)

# What nbgrader does by itself: its own executor, no sandbox.
PLAIN = """\
c = get_config()
c.CourseDirectory.course_id = "unrolled"
c.CourseDirectory.release_directory = "assignments"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
"""


# --- the class -----------------------------------------------------------------------------


def is_demo(cell):
    """Tell whether a cell shows something, and nothing graded depends on it."""
    return "demo" in cell.metadata.get("tags", [])


def role(cell):
    """Return what nbgrader knows of a cell."""
    return cell.metadata.get("nbgrader", {})


def source_of(homework, demos):
    """Return the source notebook of a homework, with its demonstrations or without.

    The cell that imports `check` is tagged as one, too. Without the others, it imports no more.
    """
    path = REPOSITORY / "source" / homework / f"{homework}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    if not demos:
        for cell in filter(is_demo, notebook.cells):
            imports = "from autograder import" in cell.source
            cell.source = "from autograder import check" if imports else ""
        notebook.cells = [cell for cell in notebook.cells if cell.source or not is_demo(cell)]
    return notebook


def answers_of(source):
    """Return what a student who is right writes into the cell of each exercise."""
    marks = (BEGIN, END)
    return {
        role(cell).grade_id: "\n".join(
            line for line in cell.source.splitlines() if line.strip() not in marks
        )
        for cell in source.cells
        if role(cell).get("solution")
    }


def the_class(homework, source):
    """Return what ten students wrote: five all, one nothing, one half of it, three a mistake."""
    right = answers_of(source)
    half = dict(islice(right.items(), len(right) // 2))
    known = catalogue(REPOSITORY, homework)
    wrong = [known[len(known) * part // 8] for part in (1, 4, 7)]
    mistaken = [right | {mistake.function: mistake.source} for mistake in wrong]
    return [right, mistaken[0], right, {}, right, mistaken[1], right, half, right, mistaken[2]]


def make_course(folder, homework, source, settings):
    """Make a course that knows the homework, and return its released notebook."""
    folder.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "solutions", folder / "solutions", ignore=ignored)
    (folder / "nbgrader_config.py").write_text(settings)
    (folder / "source" / homework).mkdir(parents=True)
    nbformat.write(source, folder / "source" / homework / f"{homework}.ipynb")
    spend(folder, "nbgrader", "generate_assignment", homework)
    return nbformat.read(folder / "assignments" / homework / f"{homework}.ipynb", as_version=4)


def hand_in(course, homework, released, written):
    """Hand in one notebook for each of some answers."""
    for number, answers in enumerate(written):
        folder = course / "submitted" / f"student{number:06}" / homework
        folder.mkdir(parents=True)
        nbformat.write(filled(released, answers), folder / f"{homework}.ipynb")


def filled(released, answers):
    """Return the released notebook with answers in it."""
    notebook = nbformat.from_dict(released)
    for cell in notebook.cells:
        if role(cell).get("solution"):
            cell.source = answers.get(role(cell).grade_id, cell.source)
    return notebook


def two_courses(root, homework, demos, written):
    """Hand the same in to a course of ours and to one of plain nbgrader; return both folders."""
    source = source_of(homework, demos)
    both = (root / "ours", (REPOSITORY / "nbgrader_config.py").read_text()), (root / "plain", PLAIN)
    for folder, settings in both:
        released = make_course(folder, homework, source, settings)
        hand_in(folder, homework, released, written)
    return root / "ours", root / "plain"


def scores(course):
    """Return the points by student and function, as the gradebook has them."""
    return {
        (student, cell.removeprefix("check_")): points
        for student, cell, points, *_ in gradebook(course)["grades"]
    }


# --- measuring -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """What a command took.

    ``seconds`` is the time on the clock, ``cpu`` the processor time of all its processes, and
    ``peak`` the memory in bytes that its first process held at most.
    """

    seconds: float
    cpu: float
    peak: int = 0

    def __sub__(self, other):
        return Cost(self.seconds - other.seconds, self.cpu - other.cpu, self.peak)

    def __truediv__(self, count):
        return Cost(self.seconds / count, self.cpu / count, self.peak)


def machine_cpu():
    """Return the processor time that all programs of this machine have used, in seconds.

    What runs in a sandbox has no other account: it is killed together with its parent.
    """
    user, nice, system, _, _, *interrupts = map(int, Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def spend(folder, *command, **variables):
    """Run a Python program in a folder, and return its `Cost`; stop where it fails.

    Parameters
    ----------
    folder : Path
        Where it runs.
    *command : str
        The module and its arguments.
    **variables : str
        Of its environment.
    """
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), **variables}
    before, start, peak = machine_cpu(), perf_counter(), 0
    with tempfile.TemporaryFile("w+") as printed:
        program = [sys.executable, *(command if command[0] == "-c" else ("-m", *command))]
        output = {"stdout": printed, "stderr": subprocess.STDOUT}
        process = subprocess.Popen(program, cwd=folder, env=environment, **output)
        while process.poll() is None:
            peak = max(peak, peak_memory(process.pid))
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.02)
        seconds = perf_counter() - start
        if process.returncode not in (WELL, LOOK):
            printed.seek(0)
            raise SystemExit(f"{' '.join(command)} failed:\n{printed.read()[-2000:]}")
    return Cost(seconds, machine_cpu() - before, peak)


def peak_memory(pid):
    """Return the bytes that a process held at most so far; 0 where it is gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) * 1024 if found else 0
    return 0


def mean(costs):
    """Return the mean of some costs."""
    return Cost(*(sum(part) / len(costs) for part in zip(*map(vars_of, costs), strict=True)))


def vars_of(cost):
    """Return the numbers of a cost."""
    return cost.seconds, cost.cpu, cost.peak


def fresh_copy(course, name):
    """Copy a course in which nothing was graded."""
    return shutil.copytree(course, course.with_name(name))


def ours(course, homework, jobs):
    """Grade all that was handed in; return what that took, and what the next run takes."""
    command = ("autograder", "grade", homework, "--jobs", str(jobs))
    return spend(course, *command), spend(course, *command)


# Has every process of a submission start Python by itself, as where none may be forked.
COLD = """\
import sys
from autograder.__main__ import main
from autograder.grading.warm import warm
type(warm).why_not = "It is not asked for."
sys.exit(main(sys.argv[1:]))
"""


def ours_cold(course, homework, jobs):
    """Do the same without a warm process."""
    command = ("-c", COLD, "grade", homework, "--jobs", str(jobs))
    return spend(course, *command), spend(course, *command)


def ours_on_dask(folder, course, homework, count):
    """Do the same on a Dask cluster of so many workers, which have been started."""
    with scheduler(folder) as (_, address), ExitStack() as stack:
        for number in range(count):
            place = folder / str(number)
            place.mkdir()
            stack.enter_context(workers(address, place, "--nworkers", "1"))
        with Client(address) as client:
            client.wait_for_workers(count)
        dask = {"DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "false"}
        command = ("autograder", "grade", homework, "--scheduler", address)
        return spend(course, *command, **dask), spend(course, *command, **dask)


def plain(course, homework):
    """Do the same with nbgrader alone."""
    command = ("nbgrader", "autograde", homework)
    return spend(course, *command), spend(course, *command)


# --- Otter-Grader --------------------------------------------------------------------------

OTTER_TEST = """\
OK_FORMAT = False
from functools import cache
from otter.test_files import test_case
from autograder.calls import Live
from autograder.suite import run
name, points = {function!r}, None
@cache
def passed(function):
    results = run({homework!r}, Live({{name: function}}), functions=[name])
    return {{result.test for result in results if result.passed}}
"""
OTTER_CASE = """\
@test_case(points={worth})
def {test}({function}):
    assert {test!r} in passed({function})
"""


def otter_zip(folder, homework):
    """Make the assignment in Otter's own format, with a test case for each graded test."""
    files = {
        function: OTTER_TEST.format(function=function, homework=homework)
        for function in exercises(homework)
    }
    for name, test in tests(homework).items():
        mark = next(mark for mark in test.pytestmark if mark.name == "points")
        function, worth = mark.args
        files[function] += OTTER_CASE.format(test=name, function=function, worth=worth)
    (folder / "tests").mkdir(parents=True)
    for function, text in files.items():
        (folder / "tests" / f"{function}.py").write_text(text)
    spend(folder, "otter", "generate", "--no-requirements", "--no-environment")


def otter(folder, notebook):
    """Grade a notebook with `otter run`; return what that took, and the points by function."""
    (folder / "in").mkdir(exist_ok=True)
    path = folder / "in" / "notebook.ipynb"
    mine = nbformat.from_dict(notebook)
    mine.cells = [c for c in mine.cells if not role(c).get("grade") and not is_demo(c)]
    nbformat.write(mine, path)
    cost = spend(folder, "otter", "run", "--no-logo", "-a", "autograder.zip", str(path))
    results = json.loads((folder / "results.json").read_text())["tests"]
    return cost, {r["name"]: r["score"] for r in results if r["name"] != "Public Tests"}


# --- the questions -------------------------------------------------------------------------


@dataclass(frozen=True)
class Rate:
    """How a grader does on a class of `count`: one run, and the next that finds it all graded."""

    who: str
    count: int
    whole: Cost
    nothing: Cost

    @property
    def each(self):
        """The cost of one more notebook."""
        return (self.whole - self.nothing) / self.count


def against_others(root, homework, size, otters):
    """Grade a class by nbgrader, by Otter-Grader, and by ours, warm and cold, by turns.

    Parameters
    ----------
    root : Path
        A folder for the courses.
    homework : str
        Its demonstrations are left out.
    size, otters : int
        Submissions in the class, and how many of them `otter run` grades, one by one.

    Returns
    -------
    dict of str to Rate
        By grader. All gave the same scores.
    """
    ten = the_class(homework, source_of(homework, demos=False))
    written = list(islice(cycle(ten), size))
    course, theirs = two_courses(root, homework, demos=False, written=written)
    turns = [fresh_copy(course, f"turn{turn}") for turn in range(3)]
    warm = [ours(turns[0], homework, 2)]
    by_nbgrader = plain(theirs, homework)
    cold = ours_cold(turns[1], homework, 2)
    otter_zip(root / "otter", homework)
    released = nbformat.read(course / "assignments" / homework / f"{homework}.ipynb", as_version=4)
    by_otter = [otter(root / "otter", filled(released, each)) for each in written[:otters]]
    warm.append(ours(turns[2], homework, 2))

    right = scores(theirs)
    for folder in turns:
        assert_same(scores(folder), right, "nbgrader")
    for number, (_, points) in enumerate(by_otter):
        student = f"student{number:06}"
        for function, theirs_give in points.items():
            we_give = right[student, function]  # for a part of a test too, which Otter cannot
            fewer = theirs_give < we_give < exercises(homework)[function]
            assert theirs_give == we_give or fewer, (function, theirs_give, we_give)

    rates = [
        Rate("nbgrader autograde", size, *by_nbgrader),
        Rate("otter run", 1, mean([cost for cost, _ in by_otter]), Cost(0, 0)),
        Rate("ours", size, *map(mean, zip(*warm, strict=True))),
        Rate("ours, cold", size, *cold),
    ]
    return {rate.who: rate for rate in rates}


def large_class(root, homework, size, base, cold):
    """Grade a large class by ours; what nbgrader would take is told from its `Rate` of a small one.

    Returns
    -------
    dict of str to Rate
        By grader; ours cold is among them where it is asked for.
    """
    course = handed_in(root, homework, size)
    whole = Cost(base.nothing.seconds + size * base.each.seconds, size * base.each.cpu)
    rates = [Rate("nbgrader autograde", size, whole, base.nothing)]
    if cold:
        copy = fresh_copy(course, f"{course.name}-cold")
        rates.append(Rate("ours, cold", size, *ours_cold(copy, homework, 2)))
    rates.append(Rate("ours", size, *ours(course, homework, 2)))
    if cold:
        assert_same(scores(course), scores(copy), "ours, cold")
    return {rate.who: rate for rate in rates}


def on_dask(root, homework, size, base):
    """Grade a class on a cluster of one worker and of two, started before; as above."""
    course = handed_in(root, homework, size)
    whole = Cost(base.nothing.seconds + size * base.each.seconds, size * base.each.cpu)
    rates = [Rate("nbgrader autograde", size, whole, base.nothing)]
    for count in (1, 2):
        folder, copy = root / f"dask{count}", fresh_copy(course, f"on{count}")
        folder.mkdir()
        who = f"ours on Dask, {count} worker{'s' if count > 1 else ''}"
        rates.append(Rate(who, size, *ours_on_dask(folder, copy, homework, count)))
        assert len(scores(copy)) == size * len(exercises(homework))
    return {rate.who: rate for rate in rates}


def handed_in(root, homework, size):
    """Make a course of ours, in which a class of some size has handed in."""
    source, course = source_of(homework, demos=False), root / f"of{size}"
    settings = (REPOSITORY / "nbgrader_config.py").read_text()
    released = make_course(course, homework, source, settings)
    hand_in(course, homework, released, islice(cycle(the_class(homework, source)), size))
    return course


def assert_same(mine, theirs, name):
    """Assert that two graders gave the same scores."""
    odd = {key: (mine.get(key), theirs.get(key)) for key in mine | theirs}
    odd = {key: pair for key, pair in odd.items() if pair[0] != pair[1]}
    assert not odd, f"ours and {name} differ, so there is nothing to compare: {odd}"


def as_released(root, homework, size):
    """Grade a few notebooks with their demonstrations, which nbgrader runs; as above."""
    ten = the_class(homework, source_of(homework, demos=True))
    written = list(islice(cycle([ten[0], ten[3], ten[1]]), size))
    course, theirs = two_courses(root, homework, demos=True, written=written)
    rates = [
        Rate("nbgrader autograde", size, *plain(theirs, homework)),
        Rate("ours", size, *ours(course, homework, 2)),
    ]
    assert_same(scores(course), scores(theirs), "nbgrader")
    return {rate.who: rate for rate in rates}


def bare_cost(root, homework, size):
    """Compare the processor time of a notebook that is all right with the least it could take.

    Returns
    -------
    start, judge, ours : float
        Seconds: starting Python with numpy, the warm suite in this process, and our grader with
        one job for one more notebook.
    """
    root.mkdir(parents=True)
    start = median(spend(root, "-c", "import numpy").cpu for _ in range(7))
    solutions = reference(REPOSITORY, homework)
    judged = []
    for _ in range(7):
        begin = process_time()
        results = run(homework, solutions, Drawn(solutions, "bare"))
        judged.append(process_time() - begin)
        assert all(result.passed for result in results)
    source = source_of(homework, demos=False)
    folder = root / "right"
    released = make_course(
        folder, homework, source, (REPOSITORY / "nbgrader_config.py").read_text()
    )
    hand_in(folder, homework, released, [answers_of(source)] * size)
    rate = Rate("", size, *ours(folder, homework, 1))
    assert sum(scores(folder).values()) == size * sum(exercises(homework).values())
    return start, median(judged), rate.each.cpu


@dataclass(frozen=True)
class Growth:
    """How a class of `count` went, with two jobs, and what it left behind, in bytes."""

    count: int
    whole: Cost
    nothing: Cost
    gradebook: int
    folders: int
    formgrader: float  # seconds until its list of submissions is there


def growth(root, homework, sizes):
    """Grade classes of growing sizes; return a `Growth` for each."""
    found = []
    for size in sizes:
        course = handed_in(root, homework, size)
        whole, nothing = ours(course, homework, 2)
        assert len(scores(course)) == size * len(exercises(homework))
        book = (course / "gradebook.db").stat().st_size
        files = (path for path in (course / "autograded").rglob("*") if path.is_file())
        folders = sum(path.stat().st_size for path in files)
        found.append(Growth(size, whole, nothing, book, folders, listing(course, homework, size)))
    return found


def listing(course, homework, size):
    """Return the seconds that formgrader needs for its list of a homework's submissions."""
    config = Config()
    config.CourseDirectory.root, config.CourseDirectory.course_id = str(course), "unrolled"
    api = NbGraderAPI(config=config)
    start = perf_counter()
    assert len(api.get_submissions(homework)) == size
    return perf_counter() - start


def feedback(root, homework, size):
    """Make the pages of a graded class with nbgrader's exporter and with ours.

    Returns
    -------
    dict of str to tuple
        The `Rate` of each, and the bytes of a page.
    """
    written = islice(cycle(the_class(homework, source_of(homework, demos=True))), size)
    course, _ = two_courses(root, homework, True, list(written))
    ours(course, homework, jobs=2)
    theirs = "--GenerateFeedback.exporter_class=nbconvert.exporters.HTMLExporter"
    found = {}
    for who, options in {"nbgrader's page": (theirs,), "ours": ()}.items():
        command = ("nbgrader", "generate_feedback", homework, *options)
        rate = Rate(who, size, spend(course, *command), spend(course, *command))
        pages = list((course / "feedback").rglob(f"{homework}.html"))
        assert len(pages) == size
        found[who] = rate, sum(page.stat().st_size for page in pages) / size
        shutil.rmtree(course / "feedback")
    return found


def latencies(root):
    """Time `check` of each function, right and with a classic mistake, each in a new process.

    Returns
    -------
    list of tuple
        Homework, function, seconds of the imports, and of the first check and the warm ones of
        each kind.
    """
    rows = []
    for homework in (SHORT, LONG):
        source = source_of(homework, demos=True)
        imports = [c.source for c in source.cells if "from autograder import" in c.source][:1]
        right, found = answers_of(source), {}
        others = [
            (role(cell).get("grade_id"), cell.source)
            for cell in source.cells
            if cell.cell_type == "code" and not is_demo(cell) and not role(cell).get("grade")
        ]
        first = next(at for at, (name, _) in enumerate(others) if name in right)
        for function in exercises(homework):
            mistake = next(m for m in catalogue(REPOSITORY, homework) if m.function == function)
            for kind, answers in (("right", right), ("wrong", right | {function: mistake.source})):
                cells = [answers.get(name, text) for name, text in others]
                asked = {"imports": [*cells[:first], *imports], "cells": cells[first:]}
                took, checks = one_check(root, asked | {"check": f"check({function})"})
                found[kind] = took, checks[0], median(checks[1:])
            rows.append((homework, function, found["right"], found["wrong"]))
    return rows


def one_check(folder, asked):
    """Run `proof.one_check`; return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "MPLBACKEND": "Agg"}
    done = subprocess.run(
        [sys.executable, "-m", "proof.one_check"],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        cwd=folder,
        env=environment,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


# --- where the time goes -------------------------------------------------------------------

# A part of the work, and what tells it: a file, and functions in it. The innermost frame decides.
PARTS = {
    "sandbox: start a process": ("grading/process.py", ("_comes_to_work", "__init__")),
    "sandbox: run the cells": ("grading/sandbox.py", ("_start",)),
    "sandbox: call the functions": ("grading/sandbox.py", ("call",)),
    "sandbox: end": ("grading/process.py", ("stop",)),
    "judge: the tests": ("autograder/suite.py", ()),
    "read the file": ("grading/submission.py", ()),
    "explain: diagnosis and report": ("autograder/diagnosis.py", ()),
    "explain: the page": ("autograder/report.py", ()),
    "gradebook": ("nbgrader/api.py", ()),
    "gradebook, by SQLAlchemy": ("sqlalchemy/", ()),
    "graded notebook: nbconvert, nbformat": ("nbconvert/", ()),
    "graded notebook": ("nbformat/", ()),
    "files and folders": ("grading/assignment.py", ("_copy_files", "write", "read")),
}


def part_of(frame):
    """Return the part of the work that a frame of Python belongs to."""
    in_sandbox = False
    while frame:
        path, name = frame.f_code.co_filename, frame.f_code.co_name
        in_sandbox |= path.endswith(("grading/sandbox.py", "grading/process.py"))
        for part, (piece, functions) in PARTS.items():
            if piece in path and (name in functions or not functions):
                return "sandbox: other" if in_sandbox and "sandbox" not in part else part
        frame = frame.f_back
    return "other"


class Sampler(threading.Thread):
    """Look every two milliseconds at what the thread that made it is doing."""

    def __init__(self):
        super().__init__(daemon=True)
        self.counts, self._watched, self._over = Counter(), threading.get_ident(), False

    def run(self):
        """Count parts until the end."""
        while not self._over:
            self.counts[part_of(sys._current_frames()[self._watched])] += 1
            sleep(0.002)

    def end(self):
        """Stop, and return the share of each part."""
        self._over = True
        self.join()
        return {part: n / self.counts.total() for part, n in self.counts.most_common()}


@dataclass(frozen=True)
class Profile:
    """Where the time of a submission goes, in one process; all numbers are per submission."""

    shares: dict
    seconds: float
    trusted_cpu: float
    sandbox_cpu: float
    write_seconds: float
    write_bytes: float
    statements: dict


def profile(course, homework):
    """Grade a class in this process, step by step, and return the `Profile` of it."""
    said = Counter()
    with chdir(course):
        assignment, known = open_assignment(homework), Homework.load(course, homework)
        todo = assignment.to_grade()
        for submitted in todo[:2]:  # so that all is warm
            assignment.write(submitted, graded(assignment, known, submitted))
        cpu = process_time()
        event.listen(Engine, "before_cursor_execute", lambda *a: said.update([verb(a[2])]))
        event.listen(Engine, "commit", lambda _: said.update(["COMMIT"]))
        sampler, start, writing, written = Sampler(), perf_counter(), 0.0, 0
        sampler.start()
        for submitted in todo[2:]:
            result = graded(assignment, known, submitted)
            begin, so_far = perf_counter(), bytes_written()
            assignment.write(submitted, result)
            writing, written = writing + perf_counter() - begin, written + bytes_written() - so_far
        seconds, shares = perf_counter() - start, sampler.end()
        cpu, count = process_time() - cpu, len(todo) - 2
        assignment.close()
        before = machine_cpu() - process_time()
        for submitted in todo[2:]:  # once more, without the looking
            graded(assignment, known, submitted)
        inside = machine_cpu() - process_time() - before
    each = (total / count for total in (seconds, cpu, inside, writing, written))
    return Profile(shares, *each, {name: number / count for name, number in said.items()})


def bytes_written():
    """Return how many bytes this process has written to files and pipes."""
    return int(re.search(r"wchar: (\d+)", Path("/proc/self/io").read_text())[1])


def verb(statement):
    """Return the first word of an SQL statement."""
    return statement.split(maxsplit=1)[0]


def graded(assignment, known, submitted):
    """Compute the grade of one submission, without writing it."""
    data, record = assignment.read(submitted)
    return grade(data, known, assignment.limits, assignment.sandbox, record)


# --- all together ---------------------------------------------------------------------------


def measure(root, sizes):
    """Answer all questions in a folder; return the parts of the page, and what is drawn."""
    parts, start = {"machine": page.machine()}, perf_counter()

    def tell(name, text):
        parts[name] = text
        print(f"--- {name} (after {perf_counter() - start:.0f} s)\n{text}\n", flush=True)

    print(parts["machine"], end="\n\n")
    both = (SHORT, LONG)
    checks = latencies(root)
    tell("checks", page.table_of_checks(checks))
    bare = {name: bare_cost(root / "bare" / name, name, sizes.small) for name in both}
    tell("bare", page.table_of_bare(bare))
    rates = {
        name: against_others(root / "class" / name, name, sizes.small, sizes.otter) for name in both
    }
    tell("rates", page.table_of_rates(rates))
    base = rates[SHORT]["nbgrader autograde"]
    large = {
        name: large_class(
            root / "large" / name,
            name,
            sizes.large,
            rates[name]["nbgrader autograde"],
            cold=name == SHORT,
        )
        for name in both
    }
    tell("large", page.table_of_rates(large))
    tell("dask", page.table_of_rates({SHORT: on_dask(root / "dask", SHORT, sizes.cluster, base)}))
    released = {name: as_released(root / "released" / name, name, sizes.released) for name in both}
    tell("released", page.table_of_rates(released))
    profiles = {}
    for name in both:
        copy = fresh_copy(root / "class" / name / "ours", "profile")
        profiles[name] = profile(copy, name)
    tell("shares", page.table_of_shares(profiles))
    grown = growth(root / "growth", SHORT, sizes.growth)
    tell("growth", page.table_of_growth(grown))
    pages = {name: feedback(root / "feedback" / name, name, sizes.small) for name in both}
    tell("feedback", page.table_of_feedback(pages))
    rate, size_of_page = pages[SHORT]["ours"]
    told = rate.each.seconds, size_of_page
    tell("scale", page.table_of_scale(grown, profiles[SHORT], told, base, MOOC))
    tell("goals", page.table_of_goals(rates, large, bare, grown, checks))
    print(f"All together: {perf_counter() - start:.0f} s.")
    return parts, (rates, grown, checks)


def main():
    """Measure, write the page, and draw."""
    parser = argparse.ArgumentParser(prog="python -m proof.grading")
    parser.add_argument("--tiny", action="store_true", help="see that it works, write nothing")
    tiny = parser.parse_args().tiny
    with tempfile.TemporaryDirectory(prefix="unrolled-bench-") as folder:
        parts, drawn = measure(Path(folder), TINY if tiny else Sizes())
    if not tiny:
        page.write(parts)
        page.draw(*drawn)
        print(f"Written: docs/{page.PAGE.name}, docs/{page.PICTURE.name}")


if __name__ == "__main__":
    main()
