"""Attacks with answers that are not what they seem, or more than one can take."""

import textwrap

from tests.attacks import EXITED, HW1, Attack


def lie(name: str, value: str, before: str = "", says: str = "yet ") -> Attack:
    """Return an attack in which `log_softmax` answers with a value."""
    body = f"def log_softmax(o):\n    return {value}"
    return Attack(name, written={"log_softmax": f"{textwrap.dedent(before)}\n{body}"}, says=says)


def draw(name: str, value: str, says: str = "", gets: dict[str, float] | None = None) -> Attack:
    """Return an attack in which `folded_graph` answers with a value."""
    code = f"def folded_graph():\n    import graphviz\n    return {value}"
    return Attack(name, written={"folded_graph": code}, homework=HW1, gets=gets or {}, says=says)


EQUAL = """
    class Equal:
        shape, dtype, ndim, size = (4,), np.dtype(float), 1, 4
        __eq__ = __le__ = __ge__ = __lt__ = __bool__ = lambda self, *_: True
        __ne__ = lambda self, other: False
        __hash__ = __len__ = __index__ = __int__ = lambda self: 0
        __float__ = lambda self: 0.0
        __sub__ = __rsub__ = __add__ = __radd__ = __abs__ = __getitem__ = lambda self, *_: self
    """
FILLED = """
    def equal(o):
        made = np.empty(o.shape, object)
        made.fill(Equal())
        return made
    """
LIAR = """
    class Liar(np.ndarray):
        shape, dtype, nbytes = property(lambda s: (4,)), property(lambda s: float), 0
        tobytes = lambda self, *_: b""
        __eq__ = lambda self, other: np.ones(1, bool)
        __array_finalize__ = __array_wrap__ = lambda self, *_: os._exit(0)
        __array_ufunc__ = __array_function__ = lambda self, *_, **__: np.zeros(())
    """
DISGUISED = """
    class Disguised(list):
        __class__ = np.ndarray
        __iter__ = __len__ = lambda self: os._exit(0)
        __array_interface__ = {"shape": (4,), "typestr": "<f8", "data": (4096, False), "version": 3}
        __array__ = lambda self, *_, **__: os._exit(0)
    """
PICKLED = """
    class Pickled(float):
        __reduce__ = __reduce_ex__ = lambda self, *_: (os.system, ("touch " + OUTSIDE,))
        __getstate__ = __getattr__ = lambda self, *_: os._exit(0)
    """
ENDLESS = """
    class Endless:
        def __iter__(self):
            while True:
                yield 0.0
        __len__ = lambda self: 2**62
        __getitem__ = lambda self, at: 0.0
    """
KEYS = """
    class Keys(dict):
        keys = items = values = __iter__ = __len__ = __getitem__ = lambda self, *_: os._exit(0)
        __class__ = np.ndarray
    """
WORDS = """
    class Words(str):
        __str__ = __len__ = __iter__ = __eq__ = encode = isprintable = lambda self, *_: os._exit(0)
        __hash__ = str.__hash__
    """
WHOLE = """
    class Whole(int):
        __index__ = __int__ = __float__ = bit_length = to_bytes = lambda self, *_: os._exit(0)
    """
HIDDEN = """
    class Meta(type):
        __name__ = property(lambda self: time.sleep(9))
        __module__ = property(lambda self: "graphviz.graphs")
        __instancecheck__ = __subclasscheck__ = lambda *_: True
    class Hidden(metaclass=Meta):
        source = property(lambda self: time.sleep(9))
    """

LYING = [
    lie("equal to everything", "Equal()", EQUAL),
    lie("an array of things equal to everything", "equal(o)", EQUAL + FILLED),
    lie("an array that lies about itself", "np.zeros(o.shape).view(Liar)", LIAR, ""),
    lie("a list that says it is an array", "Disguised([0.0] * 4)", DISGUISED),
    lie("a number that runs a command when it is unpickled", "Pickled(0.0)", PICKLED),
    lie("a class that hides its name", "Hidden()", HIDDEN, "took longer"),
    lie("an endless iterable", "Endless()", ENDLESS),
    lie("an endless generator", "(0.0 for _ in iter(int, 1))"),
    lie("a dict that lies about what it holds", "Keys(a=o)", KEYS),
    lie("a text that lies about itself", "Words('x')", WORDS),
    lie("a number that lies about itself", "Whole(0)", WHOLE, ""),
    lie("an array of texts", "np.full(o.shape, 'x')"),
    lie("an array of arrays", "np.array([o, None], object)"),
    lie("an array that is read backwards", "o[..., ::-1]", "", ""),
    lie("a masked array with nothing unmasked", "np.ma.masked_all(o.shape)"),
    lie("a structured array", "np.zeros(o.shape, 'f8,f8')"),
    lie("numbers of 128 bits", "np.full(o.shape, np.nan, np.longdouble)", "", ""),
    lie("complex numbers", "np.zeros(o.shape, complex)"),
    lie("dates", "np.zeros(o.shape, 'M8[s]')"),
    lie("booleans", "np.ones(o.shape, bool)", "", ""),
    lie("NaN", "np.full(o.shape, np.nan)", "", "holds NaN"),
    lie("NaN with a payload", "np.full(o.shape, -1).view(float)", "", "holds NaN"),
    lie("infinity", "np.full(o.shape, -np.inf)", "", "holds infinity"),
    lie("NaN alone", "np.nan", "", ""),
    lie("None", "None"),
    lie("an int of a million bits", "1 << 10**6"),
    lie("a string of 100 MB", "'x' * 10**8", "", ""),
    lie("a million of nothing", "(None,) * 10**6", "", ""),
    lie(
        "a list in a list in a list", "deep", "deep = []\nfor _ in range(10**5): deep = [deep]", ""
    ),
    lie("a list within itself", "deep", "deep = []; deep.append(deep)", ""),
    lie("an array that claims 2**50 entries", "np.broadcast_to(0.0, 2**50)", "", ""),
    lie("nothing, 2**60 times", "np.zeros((2**60, 0))", "", ""),
    lie("as many booleans as an answer can hold", "np.ones(6 * 10**7, bool)", "", ""),
    lie("as many small ints as an answer can hold", "np.ones(6 * 10**7, 'i1')", "", ""),
    lie(
        "an array whose memory is gone",
        "np.ctypeslib.as_array((ctypes.c_double * 4).from_address(4096))",
        says=EXITED,
    ),
    lie("a coroutine", "do()", "async def do(): time.sleep(9)"),
    lie("a graph", "wire.Dot('digraph {}')", "from autograder import wire"),
    lie("a name that is none", "wire.Opaque('<b>' * 10**6)", "from autograder import wire", ""),
    Attack(
        "an answer that never ends to be deleted",
        written={
            "log_softmax": """
            class Slow(np.ndarray):
                def __del__(self):
                    while True: pass
            def log_softmax(o):
                return np.zeros(o.shape).view(Slow)
            """
        },
        says="took longer",
    ),
    Attack(
        "the functions are things that lie",
        """
        class Function:
            __call__ = lambda self, *args: args[0]
            __code__ = __name__ = __wrapped__ = property(lambda self: os._exit(0))
            __eq__ = lambda self, other: True
        log_softmax = sequence_loss = sequence_loss_gradient = Function()
        """,
    ),
    Attack(
        "the namespace is one that lies",
        """
        class Names(dict):
            __contains__ = lambda self, name: True
            __missing__ = __getitem__ = lambda self, name: lambda *args: 0.0
        above = sys._getframe()
        while "notebook" not in above.f_locals:
            above = above.f_back
        above.f_locals["notebook"].namespace = Names(globals())
        """,
        gets={},  # `softmax` is not asked any more
    ),
    draw("a graph of 50 MB", "graphviz.Source('digraph {' + 'a -> b;' * 7_000_000 + '}')"),
    draw(
        "a graph of 10**8 edges",
        "graphviz.Source('digraph {{%s} -> {%s}}' % (nodes, nodes))".replace(
            "nodes", "' '.join(map('n{}'.format, range(9999)))"
        ),
    ),
    draw(
        "a graph of 10**9 edges, in little text",
        "graphviz.Source('digraph {' + 'subgraph a {b c d} -> ' * 4000 + 'subgraph a {e f}}')",
    ),
    draw(
        "a graph nested without end",
        "graphviz.Source('digraph {' + 'subgraph {' * 30000 + '}' * 30001)",
    ),
    draw(
        "a graph that makes the reader go back",
        "graphviz.Source('digraph {' + '\"' + '\\\\\\\\' * 40000 + ' -> /*' * 5000)",
    ),
    draw(
        "a graph with entities and HTML without end",
        "graphviz.Source('digraph {x -> h [label=' + '<' * 40000 + '&#x26;' * 9999 + '>' * 40000)",
    ),
    draw(
        "a graph that reads files",
        'graphviz.Source(\'digraph { graph [imagepath="/" fontpath="/etc"] '
        'x -> h; h -> h [label=f image="/etc/passwd" shapefile="../../../gradebook.db"] '
        'node [label=<<img src="/etc/passwd"/>>] "../../../etc/passwd" }\')',
        gets={"folded_graph": 2.0},  # it is right, and nothing of it is drawn
    ),
]
