"""An exception is explained in the student's own line, with letters; nothing is run for it."""

import linecache
import re
import textwrap
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder import operands
from autograder.calls import Failure, Live
from autograder.explain import MAX_TEXT, explained
from autograder.grading.inside.cells import Notebook
from autograder.grading.sandbox import Submission
from autograder.maps import Mixing
from autograder.operands import Sizes, own_place

REPOSITORY = Path(__file__).parents[1]

T, N, D, H, K = 5, 3, 2, 4, 6
PARAMS = {
    "U": np.ones((H, D)),
    "W": np.ones((H, H)),
    "V": np.ones((K, H)),
    "b": np.ones(H),
    "c": np.ones(K),
}
GIVEN = {
    "x": np.ones((T, N, D)),
    "x_t": np.ones((N, D)),
    "h_prev": np.ones((N, H)),
    "o": np.ones((T, N, K)),
    "y": np.full((T, N), K - 1),
    "mask": np.ones((T, N)),
    "params": PARAMS,
}
HELPER = "import numpy as np\n\ndef rnn_step(x_t, h_prev, params):\n    pass\n\n"


EXPLAINED = [
    (
        'return x_t @ params["V"].T',
        '`x_t` is (N, D) = (3, 2) and `params["V"].T` is (H, K) = (4, 6). The inner sizes, D '
        "and H, must be the same.",
    ),
    (
        'return np.tanh(params["U"] @ x_t)',
        '`params["U"]` is (H, D) = (4, 2) and `x_t` is (N, D) = (3, 2). The inner sizes, D '
        'and N, must be the same. Those of `params["U"]` and the transpose of `x_t` are.',
    ),
    (
        "return np.dot(x_t, h_prev)",
        "`x_t` is (N, D) = (3, 2) and `h_prev` is (N, H) = (3, 4). The inner sizes, D and N, "
        "must be the same. Those of the transpose of `x_t` and `h_prev` are.",
    ),
    (
        "return 0.5 @ x_t",
        "`0.5` is the number 0.5 and `x_t` is (N, D) = (3, 2). `@` multiplies arrays that "
        "have axes; with a number, use `*`.",
    ),
    (
        "return x_t + h_prev",
        "`x_t` is (N, D) = (3, 2) and `h_prev` is (N, H) = (3, 4). Axes are compared from "
        "the last one on, and must be equal, or 1: in the last axis, D = 2 meets H = 4.",
    ),
    (
        'a = params["b"]\na += x_t @ params["U"].T',
        '`a` is (H,) = (4,) and `x_t @ params["U"].T` is (N, H) = (3, 4). The result is (N, '
        "H) = (3, 4), and the first, into which it is to be written, keeps its shape.",
    ),
    (
        "h = np.zeros((5, 4))\nfor t in range(len(x) + 1):\n    h[t] = 0",
        "`h` is (T, H) = (5, 4): axis 0 has T = 5 places, 0 to 4. `t` is 5.",
    ),
    (
        "return o[mask]",
        "`mask` holds floats: an index must be an int.",
    ),
    (
        "return o[len(o) / 2]",
        "`len(o) / 2` is the float 2.5: an index must be an int. `//` divides ints to an int.",
    ),
    (
        "return o[:, :, :, y]",
        "`o` is (T, N, K) = (5, 3, 6): it has 3 axes, and `:, :, :, y` asks for 4.",
    ),
    (
        "return o[y]",
        "`o` is (T, N, K) = (5, 3, 6): axis 0 has T = 5 places, 0 to 4. `y` holds the index 5.",
    ),
    (
        "return o[np.arange(5), np.arange(3), y]",
        "The arrays that index `o` have the shapes (T,) = (5,), (N,) = (3,), (T, N) = (5, "
        "3). They must fit one another, axis by axis from the last one on: be equal, or 1.",
    ),
    (
        "h = np.zeros((len(x), 3, 2))\nh[0] = np.ones((3, 4))",
        "`h[0]` has room for (N, D) = (3, 2). `np.ones((3, 4))` is (N, H) = (3, 4), which "
        "does not fit.",
    ),
    (
        "o[0, 0, 0] = mask",
        "`o[0, 0, 0]` is the place of one number, and more are put there: `mask` is (T, N) = "
        "(5, 3).",
    ),
    (
        "return o.reshape(3, -1, 7)",
        "`o` is (T, N, K) = (5, 3, 6), that is 90 numbers: they do not fit into (3, -1, 7).",
    ),
    (
        "return np.sum(o, axis=3)",
        "`o` is (T, N, K) = (5, 3, 6): it has 3 axes, 0 to 2; there is no axis 3.",
    ),
    (
        "h = [x_t, h_prev]\nreturn np.stack(h)",
        "`h` holds (N, D) = (3, 2) at place 0 and (N, H) = (3, 4) at place 1. All parts must "
        "have the same shape.",
    ),
    (
        "h = []\nreturn np.stack(h)",
        "`h` is empty: nothing was put there, or no step was made.",
    ),
    (
        "return np.concatenate([h_prev, x])",
        "`[h_prev, x]` holds (N, H) = (3, 4) at place 0 and (T, N, D) = (5, 3, 2) at place "
        "1. All parts must have the same sizes but along the axis that they are joined on.",
    ),
    (
        'return np.einsum("tnk,tk->tn", o, mask)',
        'In "tnk,tk->tn", the letter k stands for K = 6 in `o`, and for N = 3 in `mask`: one '
        "letter is one size.",
    ),
    (
        'return np.einsum("tn->t", o)',
        "`o` is (T, N, K) = (5, 3, 6), and `tn` names 2 axes of it.",
    ),
    (
        "return rnn_step(x_t, h_prev)",
        "`rnn_step` takes 3 arguments (x_t, h_prev, params); the call gives 2.",
    ),
    (
        "T, N = x.shape",
        "`x` is (T, N, D) = (5, 3, 2): it has 3 axes, and `T, N` names 2.",
    ),
    (
        "h, o = rnn_step(x_t, h_prev, params)",
        "`rnn_step(x_t, h_prev, params)` gave None: does that function end without `return`?",
    ),
    (
        "h = None\nreturn h[0] + x",
        "`h` is None: so is what a function without `return` gives, or `list.append`.",
    ),
    (
        "h = [].append(x)\nreturn h * 2",
        "`h` is None: so is what a function without `return` gives, or `list.append`.",
    ),
    (
        't = 3\nreturn "h" + t',
        '`"h"` is the text "h" and `t` is the number 3: a text and a number do not add up. '
        '`f"h{t}"` writes a number into a text.',
    ),
    (
        'return params["Wh"]',
        '`params` has no key "Wh": its keys are "U", "W", "V", "b", "c". Did you mean `W`?',
    ),
    (
        "return params.U",
        '`params` is a dict: write `["U"]` for its part.',
    ),
    (
        "return params[0], U",
        '`params` has no key 0: its keys are "U", "W", "V", "b", "c".',
    ),
    (
        "return params, U",
        'There is no name `U` here; `params["U"]` is.',
    ),
    (
        "return h_prv + h_prev",
        "There is no name `h_prv` here. Did you mean `h_prev`?",
    ),
    (
        "h = [x_t]\nreturn h.shape",
        "`h` is a list of 1, and `shape` belongs to arrays: make it one with `np.array` or "
        "`np.stack`.",
    ),
    (
        "h = np.zeros(6)\nh.append(x)",
        "`h` is an array, (K,) = (6,), which does not grow: `append` belongs to lists. "
        "Gather in a list and `np.stack` it, or write into an array of the right size.",
    ),
    (
        "h = [x]\nreturn h[0, 1]",
        "`h` is a list of 1, and has no axes: take one index at a time, or make it an array "
        "first, with `np.array` or `np.stack`.",
    ),
    (
        "return h_prev(0)",
        "`h_prev` is (N, H) = (3, 4), and no function: `( )` calls a function, `*` "
        "multiplies, `[ ]` takes a part.",
    ),
    (
        "sum = 0.0\nreturn sum(x)",
        "`sum` is the number 0, and no function: `( )` calls a function, `*` multiplies, `[ "
        "]` takes a part. `sum` is a function of Python's, whose name was given to something "
        "else.",
    ),
    (
        "n = len(x)\nreturn n[0]",
        "`n` is the number 5: it has no parts to take with `[ ]`.",
    ),
    (
        "return 1 / (len(x) - 5)",
        "`len(x) - 5` is 0.",
    ),
    (
        "h[0] = x\nh = 1",
        "`h` gets its value elsewhere in this function, and had none yet when this line ran: "
        "before the loop or the `if` that gives it one, or where that was passed over.",
    ),
    (
        "if not mask:\n    return o",
        "`mask` is (T, N) = (5, 3): `if`, `and`, `or` and `not` need a single one. Ask `is "
        "None` where something may be left out; `np.where` chooses entry by entry.",
    ),
    (
        "return float(o)",
        "`o` is (T, N, K) = (5, 3, 6): one number is needed here.",
    ),
    (
        "for t in range(x.shape):\n    pass",
        "`x.shape` is a tuple of 3: an int is needed here.",
    ),
    (
        "for t in x.shape[0]:\n    pass",
        "`x.shape[0]` is the number 5: there is nothing to go through. `range(n)` counts "
        "from 0 to n - 1.",
    ),
    (
        "y += 0.5",
        "`y` is an array of int64, which cannot hold the result, of float64: use an array of "
        "floats.",
    ),
    (
        "return np.zeros(5, 3)",
        "The sizes of an array go into one tuple: `zeros((5, 3))`.",
    ),
    (
        "h = [1.0]\nreturn 0.5 * h",
        "`0.5` is the number 0.5 and `h` is a list of 1: compute with arrays of numbers, "
        "such as `np.array` makes of a list.",
    ),
    (
        "t = (1, 2)\nt[0] = x",
        "`t` is a tuple of 2: its parts cannot be changed.",
    ),
    (
        "def g(n):\n    return g(n + 1)\nreturn g(0)",
        "`g` is called again and again from within itself: is there a case in which it ends, "
        "and does each call come nearer to it?",
    ),
    (
        "return np.tanhh(x)",
        "There is no `np.tanhh`. Did you mean `tanh`?",
    ),
]


def written(body, name="f"):
    """Return the source of a student's function with these lines."""
    return f"def {name}({', '.join(GIVEN)}):\n{textwrap.indent(body, '    ')}\n"


def defined(source, **names):
    """Return what a cell of a notebook defines."""
    file = f"<cell {abs(hash(source))}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), names)
    return names


def failure(function, *args):
    """Return how a function fails in a notebook."""
    live = Live({"f": function})
    with pytest.raises(Failure) as caught:
        live.call("f", args)
    return caught.value


@pytest.mark.parametrize(("body", "told"), EXPLAINED, ids=[body for body, _ in EXPLAINED])
def test_an_exception_is_explained_in_the_students_own_words(body, told):
    found = failure(defined(HELPER + written(body))["f"], *GIVEN.values())
    assert found.explained == told
    assert found.details.endswith(told)
    assert len(told) <= MAX_TEXT


def test_the_sandbox_explains_with_the_same_words():
    some = EXPLAINED[::4]
    cells = [("cell 1", HELPER, "run")]
    cells += [(f"f{at}", written(body, f"f{at}"), "run") for at, (body, _) in enumerate(some)]
    with Submission(cells, [label for label, *_ in cells[1:]]) as process:
        for at, (_, told) in enumerate(some):
            with pytest.raises(Failure) as caught:
                process.call(f"f{at}", tuple(GIVEN.values()))
            assert caught.value.explained == told


def in_a_notebook(*sources):
    """Return a notebook whose cells have run."""
    notebook = Notebook()
    for number, source in enumerate(sources, start=1):
        assert notebook.run(f"cell {number}", source, "run") is None
    return notebook


def test_it_is_the_students_line_where_a_function_that_we_hand_over_raises():
    source = "def f(f, s1, theta, T):\n    return [f(s1, theta.T[:2])]\n"
    args = Mixing(np.ones(3)), np.ones((2, 3)), np.ones((3, 3)), 4
    error = in_a_notebook(source).call("f", args)[2]
    assert (error["line"], error["code"]) == (2, "return [f(s1, theta.T[:2])]")
    assert failure(defined(source)["f"], *args).line == error["code"]


def test_it_is_the_students_line_where_a_given_function_raises():
    given = "def softmax(o):\n    return o / o.sum(axis=7)\n"
    own = "def bptt(o):\n    return softmax(o)\n"
    notebook = in_a_notebook(given, own)
    notebook.graded = ["bptt"]
    assert notebook.call("bptt", (np.ones(3),))[2]["code"] == "return softmax(o)"
    notebook.graded = ["bptt", "softmax"]
    assert notebook.call("bptt", (np.ones(3),))[2]["code"] == "return o / o.sum(axis=7)"


def test_a_call_that_does_not_fit_the_function_tells_what_it_takes():
    told = failure(lambda x: x, 1, 2).details
    assert told == "Yours takes 1 argument (x), and is called with 2."


ODD = """
calls = []

class Loud(np.ndarray):
    def use(self, *_):
        calls.append("array")
        return 1

    __getitem__ = __add__ = __radd__ = __matmul__ = __repr__ = __str__ = __len__ = use

class Key:
    def use(self, *_):
        calls.append("key")
        return 1

    __repr__ = __str__ = __len__ = __eq__ = __index__ = use
    __hash__ = object.__hash__

class Odd(Exception):
    def __str__(self):
        calls.append("text")
        return "odd"

def array(loud, key, x):
    return x[4, 5, 6] + loud[0] @ loud.T + x[loud:key]

def key_error(loud, key, x):
    return {"a": x, key: 1}[key.__hash__] + loud

def attribute(loud, key, x):
    return loud.tanhh + key.tanhh

def mixed(loud, key, x):
    return np.concatenate([loud, key, x])

def raising(loud, key, x):
    raise Odd
"""


@pytest.mark.parametrize("name", ["array", "key_error", "attribute", "mixed", "raising"])
def test_nothing_of_the_students_is_called_to_explain(name):
    names = defined(ODD, np=np, __name__="__main__")
    args = np.ones(3).view(names["Loud"]), names["Key"](), np.ones(3)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - of many kinds
        names[name](*args)
    place = own_place(caught.value, lambda code: code.co_filename.startswith("<cell"), ())
    names["calls"].clear()
    explained(caught.value, place, Sizes(names[name], args))
    assert names["calls"] == []


def test_the_functions_that_homeworks_give_are_known_as_given():
    given = set()
    for path in REPOSITORY.glob("source/hw*/hw*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("locked"):
                given |= set(re.findall(r"^def (\w+)", cell.source, re.MULTILINE))
    assert given == operands.GIVEN
