"""Attacks on the score: what compares, what reports, what is written in the notebook."""

from typing import Any

from tests.attacks import EXITED, STOPPED, Attack

FORGED = [
    {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<b>All tests pass</b>"}},
    {
        "output_type": "execute_result",
        "metadata": {},
        "execution_count": 1,
        "data": {"text/plain": "6.0"},
    },
]


def _checks(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["id"].startswith("check_")]


def forge_outputs(notebook: dict[str, Any]) -> None:
    """Write what the grader would write for full marks."""
    for cell in _checks(notebook):
        cell["outputs"], cell["execution_count"] = FORGED, 1


def raise_points(notebook: dict[str, Any]) -> None:
    """Make every cell worth a hundred points, and `softmax` the only one that is wrong."""
    for cell in notebook["cells"]:
        role = cell["metadata"].setdefault("nbgrader", {"schema_version": 3})
        role |= {"points": 100.0, "score": 100.0, "auto_score": 100.0, "manual_score": 100.0}


def rewrite_checks(notebook: dict[str, Any]) -> None:
    """Unlock the check cells, and let them return the points."""
    for cell in _checks(notebook):
        cell["source"], cell["outputs"] = "6.0", FORGED
        cell["metadata"]["nbgrader"] |= {"locked": False, "solution": True}


def delete_checks(notebook: dict[str, Any]) -> None:
    """Leave nothing that could fail."""
    notebook["cells"] = [cell for cell in notebook["cells"] if cell not in _checks(notebook)]


def add_checks(notebook: dict[str, Any]) -> None:
    """Put graded cells of the student's own before the homework's."""
    for cell in _checks(notebook):
        own = {**cell, "source": "6.0", "outputs": FORGED}
        notebook["cells"].insert(0, own)


def turn_checks_to_prose(notebook: dict[str, Any]) -> None:
    """Make Markdown of the check cells, and manual grading of their points."""
    for cell in _checks(notebook):
        cell["cell_type"] = "markdown"
        cell["metadata"]["nbgrader"] |= {"cell_type": "markdown", "solution": True, "task": True}


def hide_in_a_locked_cell(notebook: dict[str, Any]) -> None:
    """Patch numpy in the homework's own import cell."""
    cell = next(cell for cell in notebook["cells"] if cell["source"] == "import numpy as np")
    cell["source"] += "\nnp.linalg.norm = np.square = lambda *_, **__: 0.0"


def choose_a_kernel(notebook: dict[str, Any]) -> None:
    """Ask for a kernel that writes a file."""
    kernel = {"argv": ["/usr/bin/touch", "kernel-was-here"], "name": "evil", "language": "python"}
    notebook["metadata"] = {"kernelspec": kernel, "celltoolbar": "Create Assignment"}


FORGING = [
    Attack(
        "numpy's comparisons always agree",
        """
        agree = lambda *args, **options: None
        np.testing.assert_allclose = np.testing.assert_array_equal = agree
        np.allclose = np.array_equal = np.array_equiv = lambda *args, **options: True
        np.isfinite = np.isclose = lambda *args, **options: np.True_
        np.linalg.norm = lambda *args, **options: 0.0
        """,
    ),
    Attack(
        "pytest reports success",
        """
        import pytest, _pytest.runner, _pytest.python
        pytest.main = lambda *args, **options: pytest.ExitCode.OK
        pytest.fail = lambda *args, **options: None
        _pytest.runner.check_interactive_exception = lambda *args: False
        _pytest.python.Function.runtest = lambda self: None
        sys.modules["conftest"] = pytest
        """,
    ),
    Attack(
        "builtins say yes",
        """
        import builtins
        builtins.all = builtins.any = lambda *args: True
        builtins.abs = builtins.round = lambda *args: 0
        builtins.AssertionError = builtins.ValueError = type("Never", (Exception,), {})
        """,
        gets={},  # Python itself stumbles over it, at `softmax` too
    ),
    Attack(
        "isinstance says yes to everyone",
        """
        import builtins
        builtins.isinstance = builtins.issubclass = lambda *args: True
        """,
        says=EXITED,
    ),
    Attack(
        "the course's package is replaced",
        """
        import types
        import autograder
        for part in ("judge", "suite", "calls", "report", "tape", "grading.grade", "suites.hw3"):
            fake = types.ModuleType(f"autograder.{part}")
            fake.assert_same = fake.assert_unchanged = lambda *args: None
            fake.run = lambda *args, **options: []
            fake.points = 6.0
            sys.modules[fake.__name__] = fake
        autograder.check = lambda function: 6.0
        """,
    ),
    Attack(
        "check returns the points",
        """
        class Full(float):
            points = worth = 6.0
            passed = True
            _repr_html_ = lambda self: "<b>All tests pass</b>"
        check = progress = lambda *args: Full(6.0)
        Full(6.0)
        """,
    ),
    Attack(
        "failures leave the sandbox as answers",
        """
        from autograder import wire
        encode = wire.encode
        def forged(value, **options):
            if type(value) is tuple and value[:1] == ("failure",):
                value = ("answer", True, ())
            return encode(value, **options)
        wire.encode = forged
        """,
    ),
    Attack(
        "the worker's functions are replaced from within",
        """
        above = sys._getframe()
        while above.f_code.co_name != "serve":
            above = above.f_back
        ours = above.f_globals
        ours["Notebook"].call = lambda self, name, args: ("answer", np.zeros(args[0].shape), ())
        above.f_locals["setup"]["graded"].clear()
        """,
        gets={},  # `softmax` with them
    ),
    Attack(
        "frames and modules are searched for answers",
        """
        above, names = sys._getframe(), set()
        while above:
            names |= {*above.f_locals, *above.f_globals}
            above = above.f_back
        names &= {"reference", "solutions", "want", "seed", "expected", "fresh", "plugin"}
        modules = [n for n in sys.modules if n.startswith(("solutions", "autograder.suite"))]
        keys = [1 for o in gc.get_objects() if type(o) is dict and {"reference", "student"} & {*o}]
        tell("found", sorted(names), modules, keys)
        """,
        says="RuntimeError: found [] [] []",
    ),
    Attack(
        "the channel is found and used",
        """
        for thing in gc.get_objects():
            if type(thing).__name__ == "Channel":
                for _ in range(50):
                    thing.send(("answer", 0.0, ()))
        """,
        says=STOPPED,
    ),
    Attack(
        "answers are sent before they are asked for",
        """
        from autograder import wire
        answers = [answer for _, answer in wire.decode(base64.b64decode(KNOWN))]
        forged = [("answer", answer, ()) for answer in answers[:5]]
        everywhere(b"".join(map(frame, [("done", {}), *forged])))
        """,
        says=STOPPED,
    ),
    Attack(
        "a thread answers all the time",
        """
        def answer():
            while True:
                everywhere(frame(("answer", np.zeros(4), ())))
                time.sleep(0.001)
        threading.Thread(target=answer, daemon=True).start()
        time.sleep(0.2)
        """,
        says=STOPPED,
    ),
    Attack(
        "a right answer brings those to later calls",
        written={
            "softmax": """
            def softmax(o):
                e = np.exp(o - o.max(-1, keepdims=True))
                right = frame(("answer", e / e.sum(-1, keepdims=True), ()))
                everywhere(right * 3)
                return e / e.sum(-1, keepdims=True)
            """
        },
        gets={},  # it costs the function that writes them
        says="cannot be read",
    ),
    Attack(
        "IPython deletes assertions",
        """
        shell = get_ipython()
        def without_asserts(lines):
            return [line for line in lines if "assert" not in line]
        shell.input_transformers_cleanup.append(without_asserts)
        shell.input_transformers_post.append(without_asserts)
        """,
    ),
    Attack(
        "IPython displays the points",
        """
        get_ipython().displayhook(6.0)
        sys.displayhook(6.0)
        sys.stdout.write("6.0")
        display(6.0)
        """,
    ),
    Attack(
        "IPython's hooks run after each cell",
        """
        import ast
        shell = get_ipython()
        shell.events.register("post_run_cell", lambda *args: shell.displayhook(6.0))
        shell.events.register("pre_run_cell", lambda *args: shell.user_ns.update(check=float))
        class Skip(ast.NodeTransformer):
            visit_Assert = lambda self, node: None
        shell.ast_transformers.append(Skip())
        shell.set_custom_exc((BaseException,), lambda *args, **options: None)
        shell.display_formatter.formatters["text/plain"].for_type(float, lambda *args: "6.0")
        """,
    ),
    Attack("outputs are forged", edit=forge_outputs),
    Attack("points are raised in the metadata", edit=raise_points),
    Attack("check cells return the points", edit=rewrite_checks, says="was changed"),
    Attack("check cells are deleted", edit=delete_checks),
    Attack("check cells are doubled", edit=add_checks),
    Attack("check cells become prose", edit=turn_checks_to_prose),
    Attack("a locked cell is changed", edit=hide_in_a_locked_cell, says="was changed"),
    Attack("the notebook chooses its kernel", edit=choose_a_kernel),
    Attack(
        "public answers are hard-coded",
        written={
            "log_softmax": """
            def log_softmax(o):
                from autograder import wire
                for given, answer in wire.decode(base64.b64decode(KNOWN)):
                    if given.shape == o.shape and np.array_equal(given, o):
                        return answer
            """
        },
        says="The data of your notebook pass",
    ),
    Attack(
        "public answers are given by shape and order",
        written={
            "log_softmax": """
            def log_softmax(o, calls=[]):
                from autograder import wire
                known = wire.decode(base64.b64decode(KNOWN))
                calls.append(o)
                return known[(len(calls) - 1) % len(known)][1]
            """
        },
    ),
    Attack(
        "right for its first four calls only",
        written={
            "log_softmax": """
            def log_softmax(o, calls=[]):
                calls.append(o)
                z = o - o.max(-1, keepdims=True)
                return z - np.log(np.exp(z).sum(-1, keepdims=True)) * (len(calls) < 5)
            """
        },
        gets={"softmax": 4.0, "log_softmax": 1.0},  # of one test, which it does pass
    ),
    Attack(
        "right for small arrays only",
        written={
            "log_softmax": """
            def log_softmax(o):
                z = o - o.max(-1, keepdims=True)
                return z - np.log(np.exp(z).sum(-1, keepdims=True)) if o.size < 20 else z
            """
        },
    ),
    Attack(
        "results change while they are written",
        written={
            "log_softmax": """
            def log_softmax(o):
                result = np.zeros(o.shape)
                def change():
                    while True:
                        result[...] = np.random.normal(size=o.shape)
                        result.resize(tuple(np.random.randint(1, 4, o.ndim)), refcheck=False)
                threading.Thread(target=change, daemon=True).start()
                return result
            """
        },
    ),
    Attack(
        "a tracer changes the worker's variables",
        """
        def trace(frame, event, value):
            for name in ("want", "wrong", "changed", "points", "failure"):
                if name in frame.f_locals:
                    frame.f_locals[name] = ()
                    change = ctypes.pythonapi.PyFrame_LocalsToFast
                    change(ctypes.py_object(frame), ctypes.c_int(0))
            return trace
        sys.settrace(trace)
        sys.setprofile(trace)
        threading.settrace(trace)
        """,
        limits={"call_seconds": 5, "submission_seconds": 30},  # it slows all of its calls down
    ),
    Attack("the notebook exits with success", "sys.exit(0)", says="SystemExit: 0"),
    Attack("the process exits with success", "os._exit(0)", says=EXITED),
    Attack(
        "the process exits with success at a call",
        written={"log_softmax": "def log_softmax(o): os._exit(0)"},
        says=EXITED,
    ),
    Attack(
        "the process exits with success at its end",
        """
        import atexit
        atexit.register(os._exit, 0)
        atexit.register(everywhere, frame(("answer", 0.0, ())))
        """,
    ),
]
