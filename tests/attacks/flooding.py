"""Attacks by too much: time, memory, threads, files, output. And text that would run in a page."""

from typing import Any

from tests.attacks import EXITED, HW1, Attack

SLOW = "took longer"
MARKUP = (
    "<script>EVIL()</script><img src=x onerror=EVIL()><svg onload=EVIL()>"
    "[x](javascript:EVIL()) <a href='javascript:EVIL()'>x</a> $\\\\href{javascript:EVIL()}{x}$"
)


def write_markup(notebook: dict[str, Any]) -> None:
    """Put markup into everything that a cell can hold."""
    code, prose = {"execution_count": None, "outputs": []}, {"attachments": {}}
    for number, (kind, more) in enumerate(
        [("markdown", prose), ("raw", {}), ("code", code), ("heading", {}), ("html", {})]
    ):
        text = f"'''\n{MARKUP}\n'''" if kind == "code" else f"```\n{MARKUP}\n``` ~~~\n\n{MARKUP}"
        identity = f"<script>EVIL({number})</script>"
        role = {"nbgrader": {"grade_id": f"<img src=x onerror=EVIL({number})>", "comment": MARKUP}}
        cell = {"cell_type": kind, "id": identity, "metadata": role, "source": text, **more}
        notebook["cells"].append(cell)
    notebook["cells"][-3]["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": MARKUP}}
    ]
    notebook["metadata"] |= {"title": MARKUP, "widgets": {"state": MARKUP}, "language_info": MARKUP}


FLOODING = [
    # --- time
    Attack("a cell without end", "while True: pass", says=SLOW),
    Attack("a call without end", written={"log_softmax": "def log_softmax(o):\n    while True: o"}),
    Attack(
        "a call that sleeps",
        written={"log_softmax": "def log_softmax(o): time.sleep(60)"},
        says=SLOW,
    ),
    Attack(
        "every call takes almost as long as it may",
        """
        def log_softmax(o, *_):
            time.sleep(0.7)
        sequence_loss = sequence_loss_gradient = log_softmax
        """,
        limits={"submission_seconds": 3},
        says="has used up its 3 s",
    ),
    Attack(
        "clocks are stopped",
        """
        time.time = time.monotonic = time.perf_counter = time.sleep = lambda *_: 0.0
        while True:
            pass
        """,
        says=SLOW,
    ),
    Attack(
        "interrupts are caught",
        """
        while True:
            try:
                while True: pass
            except BaseException:
                pass
        """,
        says=SLOW,
    ),
    Attack("numbers without end", "x = 10**10**9", says=SLOW),
    Attack(
        "a pattern that goes back without end",
        "import re\nre.match('(a+)+$', 'a' * 60 + 'b')",
        says=SLOW,
    ),
    Attack(
        "an error that never ends to tell",
        """
        class Endless(Exception):
            def __str__(self):
                while True: pass
        raise Endless
        """,
        says=SLOW,
    ),
    Attack(
        "a loop at the end of the process",
        """
        import atexit
        def forever():
            while True: pass
        atexit.register(forever)
        class Last:
            def __del__(self): forever()
        last = Last()
        last.itself = last
        """,
    ),
    Attack(
        "threads use all processors",
        """
        def work():
            while True: np.linalg.svd(np.ones((200, 200)))
        for _ in range(4):
            threading.Thread(target=work, daemon=True).start()
        time.sleep(60)
        """,
        says=SLOW,
    ),
    Attack(
        "faulthandler ends the process",
        "import faulthandler\nfaulthandler.dump_traceback_later(0.01, exit=True)\ntime.sleep(1)",
        says=EXITED,
    ),
    Attack("a crash", "ctypes.string_at(0)", says=EXITED),
    Attack(
        "a recursion without bottom",
        """
        sys.setrecursionlimit(10**9)
        def fall(x): return repr(type("T", (), {"__repr__": fall})())
        fall(0)
        """,
        says=EXITED,
    ),
    # --- memory, files, threads, output
    Attack(
        "memory",
        "hoard = []\nwhile True: hoard.append(bytearray(2**25))",
        limits={"cell_seconds": 10},  # a slow machine takes long to fill it
        says="of memory",
    ),
    Attack(
        "memory at a call",
        written={"log_softmax": "def log_softmax(o): return np.ones(2**40)"},
        says="of memory",
    ),
    Attack(
        "memory of each thread",
        """
        threading.stack_size(2**26)
        def hoard():
            x = bytearray(2**26)
            time.sleep(60)
        def start():
            while True: threading.Thread(target=hoard, daemon=True).start()
        tell("threads", attempt(start))
        """,
        says="RuntimeError: threads",
    ),
    Attack(
        "threads",
        """
        def start():
            while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        tell("threads", attempt(start), threading.active_count() < 64)
        """,
        says="RuntimeError: threads RuntimeError True",
    ),
    Attack(
        "processes",
        """
        def fork():
            while True: os.fork()
        tell("processes", attempt(fork))
        """,
        says="RuntimeError: processes PermissionError",
    ),
    Attack(
        "the disk",
        """
        def fill(folder):
            for number in range(64):
                with open(f"{folder}/{number}", "wb") as file:
                    file.write(bytes(2**23))
        def one():
            with open("/tmp/one", "wb") as file:
                while True: file.write(bytes(2**20))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        tell("disk", attempt(one), attempt(fill, "/dev/shm"), attempt(fill, "/tmp"))
        """,
        says="RuntimeError: disk OSError",
    ),
    Attack(
        "files",
        """
        def make(what):
            for number in range(10**9): what(f"/tmp/{number:0200}")
        made = attempt(make, lambda name: open(name, "w").close())
        kept = len(os.listdir("/tmp"))
        linked = attempt(make, lambda name: os.symlink("x" * 4000, name + "s"))
        doubled = attempt(make, lambda name: os.link("/tmp/" + "0" * 200, name + "l"))
        tell("files", made, linked, doubled, attempt(os.mkdir, "/tmp/x"), kept < 5000)
        """,
        says="RuntimeError: files OSError OSError OSError OSError True",
    ),
    Attack(
        "open files",
        """
        def hoard(): return [open("/dev/null") for _ in range(10**5)]
        tell("files", attempt(hoard))
        """,
        says="RuntimeError: files OSError",
    ),
    Attack(
        "what the kernel keeps: watches, queues, keys, timers, locks, pipes, terminals",
        """
        import fcntl, select
        libc = ctypes.CDLL(None, use_errno=True)
        def call(name, *args):
            if getattr(libc, name)(*args) < 0:
                raise OSError(ctypes.get_errno(), name)
        file = open("/tmp/file", "w+")
        lock = bytes(np.array([1, 0, 0, 0, 0, 0, 0, 0], np.int64))
        tell(*{
            attempt(call, "inotify_init"), attempt(call, "inotify_init1", 0),
            attempt(call, "fanotify_init", 0, 0), attempt(call, "mq_open", b"/q", 0o102, 0o600, 0),
            attempt(call, "shmget", 0, 4096, 0o1600), attempt(call, "semget", 0, 1, 0o1600),
            attempt(call, "msgget", 0, 0o1600), attempt(call, "timer_create", 0, 0, b" " * 8),
            attempt(call, "timerfd_create", 0, 0), attempt(call, "signalfd", -1, b" " * 128, 0),
            attempt(call, "mlock", b" " * 8, 8), attempt(call, "setsid"),
            attempt(call, "syscall", 248, b"user", b"key", b"value", 5, -3),
            attempt(call, "setxattr", b"/tmp/file", b"user.x", b"x" * 9, 9, 0),
            attempt(fcntl.lockf, file, fcntl.LOCK_EX), attempt(fcntl.fcntl, file, 37, lock),
            attempt(fcntl.fcntl, file, fcntl.F_SETLK, lock),
            attempt(fcntl.fcntl, os.pipe()[0], 1031, 2**20), attempt(fcntl.fcntl, 0, 1026, 1),
        }, attempt(os.openpty))
        """,
        says="RuntimeError: PermissionError FileNotFoundError",
    ),
    Attack("output", "while True: print('x' * 10**6); os.write(2, b'x' * 10**6)", says=SLOW),
    Attack("a message of 100 MB", "raise ValueError('x' * 10**8)", says="ValueError: xxx"),
    Attack(
        "a figure of 10**9 points",
        "plt.figure(figsize=(2**15, 2**15)).savefig('/tmp/x.png')",
        limits={"cell_seconds": 10},  # a slow machine takes long to import matplotlib
        says="of memory",
    ),
    # --- text that would run in a page
    Attack("markup in the notebook", edit=write_markup),
    Attack("markup in an error", f"raise ValueError({MARKUP!r})", says="&lt;script&gt;EVIL"),
    Attack(
        "markup in an error at a call",
        written={"log_softmax": f"def log_softmax(o): raise ValueError({MARKUP!r})"},
        says="&lt;script&gt;EVIL",
    ),
    Attack(
        "markup in names",
        written={
            "log_softmax": """
            Evil = type("<script>EVIL()</script>", (), {})
            Error = type("<img src=x onerror=EVIL()>", (Exception,), {})
            def log_softmax(o):
                if o.ndim > 1: raise Error("`<svg onload=EVIL()>`")
                return Evil()
            """
        },
        says="&lt;script&gt;EVIL",
    ),
    Attack(
        "names that turn the writing, move the cursor, and are half a character",
        written={
            "log_softmax": r"""
            Odd = type("\u202e\x1b[2J\x9b", (), {})
            Error = type("\u2066\x1b]0;x\x07", (Exception,), {})
            def log_softmax(o):
                if o.ndim > 1: raise Error("\ud800\u202e\x1b[2J\0\r\b\x85\u2028\ufeff")
                return Odd()
            """
        },
        says=r"\\ud800\\u202e\\x1b[2J",
    ),
    Attack(
        "markup in output",
        f"print({MARKUP!r})\ndisplay({MARKUP!r})\nfrom IPython.display import HTML, Javascript\n"
        f"display(HTML({MARKUP!r}), Javascript('EVIL()'))",
    ),
    Attack(
        "markup in a graph",
        homework=HW1,
        written={
            "folded_graph": """
            def folded_graph():
                import graphviz
                graph = graphviz.Digraph()
                graph.edge("<script>EVIL()</script>", "h", label="<svg onload=EVIL()>")
                graph.edge("h", "h", label="<<b>f</b><img src=x onerror=EVIL()>>")
                return graph
            """
        },
        gets={},
        says="&lt;",
    ),
]
