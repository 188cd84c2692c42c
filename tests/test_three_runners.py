"""Odd cells that are right get the same points in a kernel, in the terminal and in grading.

All the cells of one's own stand in one notebook, each with a sign at its end, and an exercise finds
which signs are missing. The exercises are written in odd ways, four to a notebook.
"""

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.grading.grade import Homework, grade
from tests import classroom
from tests.classroom import FULL, NAME, WORTH, data_of

OWN = [
    "%matplotlib inline",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "import matplotlib\nmatplotlib.use('Agg')\nfig, ax = plt.subplots()\nax.imshow(np.eye(2))",
    "plt.rcParams['figure.figsize'] = (3, 2)\nplt.style.use('ggplot')",
    "%config InlineBackend.figure_format = 'retina'",
    "%load_ext autoreload\n%autoreload 2",
    "%pylab inline --no-import-all",
    "%timeit -n1 -r1 sum(range(9))",
    "took = %timeit -n1 -r1 -o -q sum(range(9))\ntook.best",
    "%env MINE=1",
    "%precision 3",
    "%xmode Minimal",
    "%who",
    "%%time\nmade_in_time = 1",
    "made_in_time + 1",
    "%%capture captured\nprint('quiet')\nmade_quietly = 2",
    "made_quietly + len(captured.stdout)",
    "!ls",
    "listed = !echo a b\nlen(listed)",
    "%%bash\necho hello",
    "%%html\n<b>bold</b>",
    "%%writefile my_helper.py\ndef twice(x):\n    return 2 * x",
    "from my_helper import twice\ntwice(2)",
    "6 * 7",
    "answer = _ + 0 if isinstance(_, int) else 42",
    "len(In) + len(Out)",
    "np.dot?",
    "?np.linalg.norm",
    "np.ones(3);",
    "get_ipython().run_line_magic('matplotlib', 'inline')",
    "from IPython.display import HTML, display\ndisplay(HTML('<i>x</i>'))\nHTML('y')",
    "from IPython.display import clear_output, Markdown\nclear_output(wait=True)",
    "import asyncio\nawait asyncio.sleep(0)",
    "async def later():\n    return 3\n\nvalue = await later()",
    "class Layer:\n    size = 3\n\n    def __repr__(self):\n        return 'layer'\n\nLayer()",
    "from dataclasses import dataclass, field\n\n@dataclass(frozen=True)\nclass Sizes:\n"
    "    T: int = 1\n    more: list = field(default_factory=list)\n\nSizes()",
    "from typing import *\nfrom numpy.typing import NDArray\nArray: TypeAlias = NDArray[float]",
    "from enum import Enum\nCell = Enum('Cell', 'LSTM GRU')",
    "from collections import *\nfrom functools import *\nfrom itertools import *",
    "from math import *\npi",
    "from numpy import *\nones(2)",
    "from __future__ import annotations\ndef late(x: Undefined) -> Unknown: return x",
    "def print(*args, **kwargs):\n    pass\n\nprint('mine')\ndel print",
    "import builtins\nold_print = builtins.print\nbuiltins.print = lambda *a, **k: None\n"
    "builtins.print = old_print",
    "if (n := 3) > 2:\n    match n:\n        case 3:\n            kind = 'three'",
    "if __name__ == '__main__':\n    main_was_run = True\nmain_was_run",
    "globals()['made'] = 1\nexec('made += 1')\nassert made == 2",
    "Größe, 数 = 1, 2\nGröße + 数",
    "def wrap(f):\n\t@wraps(f)\n\tdef call(*a, **k):\n\t\treturn f(*a, **k)\n\treturn call",
    "import logging, random, os, sys, gc, time\nlogging.basicConfig(level=logging.DEBUG)\n"
    "random.seed(0)\nnp.random.seed(0)\nos.environ['X'] = '1'\ngc.collect()",
    "try:\n    import torch_of_tomorrow\nexcept ImportError:\n    torch_of_tomorrow = 0",
    "import warnings\nwarnings.warn('look out')\nwarnings.filterwarnings('ignore')",
    "import threading\nt = threading.Thread(target=lambda: None)\nt.start()\nt.join()",
    "with open('notes.txt', 'w') as file:\n    file.write('x')\nopen('notes.txt').read()",
    "hint('softmax')",
    "progress()",
    "np.set_printoptions(precision=2, suppress=True)\nsys.setrecursionlimit(5000)",
    "sys.stdout.write('out')\nsys.stderr.write('err')\nsys.stdout.flush()",
    "# nothing but a comment",
    "np.seterr(all='raise')",
    "warnings.simplefilter('error')",
]

LAST = "mine_before_the_end = 1\n1 / 0"  # its definitions are there, whatever comes then

EXERCISES = [
    {
        "softmax": "def softmax(o):\n    return normalised(o)\n\ndef normalised(o):\n"
        "    e = np.exp(o - o.max(axis=-1, keepdims=True))\n"
        "    return e / e.sum(axis=-1, keepdims=True)",
        "log_softmax": "from functools import wraps\n\ndef jit(*, nopython):\n"
        "    def decorate(f):\n        @wraps(f)\n        def call(*args):\n"
        "            return f(*args)\n        return call\n    return decorate\n\n"
        "@jit(nopython=True)\ndef log_softmax(o):\n    z = o - o.max(-1, keepdims=True)\n"
        "    return z - np.log(np.exp(z).sum(-1, keepdims=True))",
        "sequence_loss": "def sequence_loss(o, y, mask=None):\n    pass\n\n"
        "def sequence_loss(o: np.ndarray, y: NDArray[np.int64], mask: Optional[Array] = None):\n"
        "    cost = -np.take_along_axis(log_softmax(o), y[..., None], -1)[..., 0]\n"
        "    return np.sum(cost if mask is None else cost * mask) / len(o[0])",
        "sequence_loss_gradient": "%%time\ndef sequence_loss_gradient(o, y, mask=None):\n"
        "    do = softmax(o) - np.eye(o.shape[-1])[y]\n"
        "    return do * (1 if mask is None else mask[..., None]) / o.shape[1]\n",
    },
    {
        "softmax": "%matplotlib inline\nimport numpy\n\nclass Softmax:\n    axis = -1\n\n"
        "    def __call__(self, o):\n        e = numpy.exp(o - o.max(self.axis, keepdims=True))\n"
        "        return e / e.sum(self.axis, keepdims=True)\n\nsoftmax = Softmax()\n"
        "plt.plot(softmax(np.zeros(3)))",
        "log_softmax": "log_softmax = lambda o: (lambda z: z - np.log(np.sum(np.exp(z), axis=-1, "
        "keepdims=True)))(o - np.max(o, axis=-1, keepdims=True))\nlog_softmax(np.zeros(2))",
        "sequence_loss": "import functools\n\n@functools.singledispatch\n"
        "def sequence_loss(o, y, mask=None, *, log=log_softmax):\n    print('called')\n"
        "    mask = np.ones(y.shape) if mask is None else mask\n"
        "    T, N = y.shape\n    picked = log(o)[np.arange(T)[:, None], np.arange(N), y]\n"
        "    return float(-(picked * mask).sum() / N)",
        "sequence_loss_gradient": "@dataclass\nclass Gradient:\n    N: int = 0\n\n"
        "    def of(self, o, y, mask):\n        self.N = o.shape[1]\n        g = softmax(o)\n"
        "        np.subtract.at(g, (*np.indices(y.shape), y), 1)\n"
        "        return g * (1 if mask is None else mask[..., np.newaxis]) / self.N\n\n"
        "def sequence_loss_gradient(o, y, mask=None):\n    global gradient\n"
        "    gradient = Gradient()\n    warnings.warn('a call')\n"
        "    return gradient.of(o, y, mask)",
    },
    {
        "softmax": "def softmax(o, axis=-1, memory={}):\n"
        "    memory['calls'] = memory.get('calls', 0) + 1\n    np.log(np.zeros(1))\n"
        "    with warnings.catch_warnings():\n        e = np.exp(o - o.max(axis, keepdims=True))\n"
        "        return e / e.sum(axis, keepdims=True)",
        "log_softmax": "await asyncio.sleep(0)\n\ndef log_softmax(o):\n    def rows():\n"
        "        for row in o.reshape(-1, o.shape[-1]):\n            z = row - row.max()\n"
        "            yield z - np.log(np.exp(z).sum())\n"
        "    return np.array(list(rows())).reshape(o.shape)",
        "sequence_loss": "from numpy import *\n\ndef sequence_loss(o, y, mask=None):\n"
        "    weights = ones(y.shape) if mask is None else mask\n"
        "    return sum(where(arange(o.shape[2]) == y[..., None], -log_softmax(o), 0).sum(2)"
        " * weights) / o.shape[1]",
        "sequence_loss_gradient": "!ls\ndef one_hot(y, K):  # another than the one of later\n"
        "    return (y[..., None] == np.arange(K)).astype(float)\n\n"
        "def sequence_loss_gradient(o, y, mask=None):\n"
        "    return (softmax(o) - one_hot(y, o.shape[2])) / y.shape[1] * (\n"
        "        np.ones(y.shape) if mask is None else mask)[..., None]\n\n1 / 0",
    },
]


NO_PYTHON = ("%%bash", "%%html", "%%writefile")  # cells that leave no sign
SIGNS = [f"sign_{n}" for n, cell in enumerate(OWN) if not cell.startswith(NO_PYTHON)]
POINTS = f"print([check(function) for function in ({', '.join(WORTH)})])"


def code(source):
    """Return a code cell."""
    return nbformat.v4.new_code_cell("".join(source))


def own_cells(cells=OWN):
    """Return the cells of one's own, each with a sign at its end."""
    signed = (
        cell if cell.startswith(NO_PYTHON) else f"{cell}\nsign_{number} = 1"
        for number, cell in enumerate(cells)
    )
    return [code(cell) for cell in [*signed, LAST]]


def odd(exercises, cells=OWN):
    """Return a notebook with all cells of one's own, and exercises written in odd ways."""
    notebook = classroom.solved()
    every_sign = f"missing = {{*{[*SIGNS, 'mine_before_the_end']}}} - {{*globals()}}\n"
    every_sign += "assert not missing, missing\n"
    answers = exercises | {"log_softmax": every_sign + exercises["log_softmax"]}
    for cell in notebook["cells"]:
        if cell["id"] in WORTH:
            cell["source"] = answers[cell["id"]]
    at = next(n for n, cell in enumerate(notebook["cells"]) if cell["id"] == "softmax")
    notebook["cells"][at:at] = own_cells(cells)
    return notebook


def in_grading(notebook):
    graded = grade(data_of(notebook), Homework.load(classroom.REPOSITORY, NAME))
    return sum(graded.scores.values())


@pytest.mark.parametrize("exercises", EXERCISES)
def test_odd_cells_that_are_right_get_full_points_in_the_terminal(tmp_path, exercises):
    (tmp_path / f"{NAME}.ipynb").write_bytes(data_of(odd(exercises)))
    _, told, _ = classroom.run(tmp_path, "autograder", "check", f"{NAME}.ipynb")
    assert "20 of 20 points" in told


@pytest.mark.parametrize("exercises", EXERCISES)
def test_odd_cells_that_are_right_get_full_points_in_grading(exercises):
    assert in_grading(odd(exercises)) == FULL


def test_a_cell_that_leaves_no_sign_is_noticed():
    broken = ["1 / 0", *OWN[1:]]
    assert in_grading(odd(EXERCISES[0], broken)) == FULL / 2  # the loss calls log_softmax


def test_odd_cells_that_are_right_get_full_points_in_a_kernel(tmp_path, monkeypatch):
    """One kernel for all of them: the exercises are written anew, and checked each time."""
    monkeypatch.setenv("PYTHONPATH", str(classroom.REPOSITORY))
    cells = [
        code(cell["source"])
        for cell in odd(EXERCISES[0])["cells"]
        if cell["cell_type"] == "code" and "demo" not in cell["metadata"].get("tags", [])
    ]
    cells = [code("from autograder import check, hint, progress"), *cells, code(POINTS)]
    for exercises in EXERCISES[1:]:
        cells += [*map(code, exercises.values()), code(POINTS)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    where = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, allow_errors=True, timeout=60, resources=where).execute()
    told = [cell.outputs[-1].text.splitlines()[-1] for cell in cells if cell.source == POINTS]
    assert told == [str(list(WORTH.values()))] * len(EXERCISES)
