"""Attacks on what lies outside of the sandbox: files, processes, the network, the kernel."""

import textwrap

from tests.attacks import EXITED, STOPPED, Attack

_CALL = """
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    def call(*numbers):
        result = syscall(*map(ctypes.c_long, numbers))
        return os.strerror(ctypes.get_errno()) if result < 0 else result
"""


def calls(lines: str) -> str:
    """Return a cell that makes system calls by their numbers on x86_64."""
    return textwrap.dedent(_CALL) + textwrap.dedent(lines)


REACHING = [
    # --- reading
    Attack(
        "reads the gradebook, the solutions, the seed and other submissions",
        """
        names = ["gradebook.db", ".secret_seed", "solutions/hw3_softmax_loss/solution.py",
                 "submitted/other/hw3_softmax_loss/hw3_softmax_loss.ipynb"]
        tell(*[attempt(read, os.path.join(COURSE, name)) for name in names])
        """,
        says="RuntimeError: FileNotFoundError FileNotFoundError FileNotFoundError FileNotFound",
    ),
    Attack(
        "reads the gradebook from its place beside the notebook",
        """
        names = ["../../../gradebook.db", "../../gradebook.db", "gradebook.db", "../gradebook.db"]
        tell(*[attempt(read, name) for name in names])
        """,
        says="RuntimeError: FileNotFoundError FileNotFoundError FileNotFoundError FileNotFound",
    ),
    Attack(
        "reads through links of its own",
        """
        os.symlink(COURSE, "/tmp/course")
        os.symlink("/proc/1/root" + COURSE, "/tmp/host")
        linked = attempt(os.link, COURSE + "/gradebook.db", "/tmp/book")
        names = ["/tmp/course/gradebook.db", "/tmp/host/gradebook.db"]
        tell("links", linked, *[attempt(read, name) for name in names])
        """,
        says="RuntimeError: links FileNotFoundError FileNotFoundError",
    ),
    Attack(
        "reads tests and recorded answers",
        """
        import importlib
        def find(name):
            return importlib.import_module(name).__name__
        modules = ["autograder.suites.hw3_softmax_loss", "autograder.judge", "autograder.tape"]
        tell(*map(attempt, [find] * 4, [*modules, "solutions.hw3_softmax_loss.solution"]))
        """,
        says="RuntimeError: ModuleNotFoundError ModuleNotFoundError ModuleNotFoundError ModuleNot",
    ),
    Attack(
        "looks for everything that has the homework's name",
        """
        found = []
        for folder, folders, files in os.walk("/"):
            if folder.count("/") > 3 or folder.startswith(("/proc", "/sys", "/usr/share")):
                folders.clear()
            found += [name for name in files if name.startswith(("hw3", "gradebook", ".secret"))]
        tell("found", found)
        """,
        says="RuntimeError: found []",
    ),
    Attack(
        "reads the environment of the grader",
        """
        places = ["self", "1", os.getppid(), GRADER]
        found = [attempt(read, f"/proc/{place}/environ") for place in places]
        tell("found", "CANARY" in os.environ, *["CANARY" in text for text in found], *found)
        """,
        says="RuntimeError: found False False False False False",
    ),
    Attack(
        "reads the grader's memory",
        """
        def memory(pid):
            with open(f"/proc/{pid}/mem", "rb") as file:
                file.seek(2**22)
                return file.read(99)
        found = map(attempt, [memory] * 3, [1, os.getppid(), GRADER])
        tell("memory", *{text.startswith("b") for text in found})
        """,
        says="RuntimeError: memory False",
    ),
    Attack(
        "reads the home folder",
        """
        home = os.path.expanduser("~")
        names = [HOME + "/.netrc", home + "/.netrc", "/root/.bashrc", "/home", "/etc/shadow"]
        tell(*map(attempt, [read] * 5, names))
        """,
        says="RuntimeError: FileNotFoundError FileNotFoundError FileNotFoundError FileNotFound",
    ),
    Attack(
        "takes process 1 over through its memory",
        """
        # Machine code at the place where it waits, if that can be seen and written to.
        def wait():
            with open("/proc/1/syscall") as file:
                return int(file.read().split()[-1], 16)
        def overwrite(path):
            with open(path, "r+b", buffering=0) as memory:
                memory.seek(wait())
                memory.write(bytes([0x90]) * 64)
        paths = ["/proc/1/mem", "/proc/1/task/1/mem", "/proc/1/root/proc/1/mem"]
        tell("memory", attempt(wait), *map(attempt, [overwrite] * 3, paths))
        """,
        says="RuntimeError: memory PermissionError PermissionError PermissionError PermissionError",
    ),
    Attack(
        "looks for a process that is less confined",
        """
        def lines(path, *names):
            with open(path) as file:
                return [line.split(":")[-1].strip() for line in file if line.startswith(names)]
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            told = lines(f"/proc/{pid}/status", "Seccomp:", "NoNewPrivs:", "CapPrm:", "CapEff:")
            limits = lines(f"/proc/{pid}/limits", "Max cpu", "Max address", "Max proc", "Max open")
            found[pid] = told, limits
        alike = len({str(one) for one in found.values()}) == 1
        tell("confined", len(found), alike, *found["1"][0])
        """,
        says="RuntimeError: confined 2 True " + 2 * "0000000000000000 " + "1 2",
    ),
    Attack(
        "looks for other processes",
        """
        pids = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
        tell("processes", len(pids), max(pids) < 9)
        """,
        says="RuntimeError: processes 2 True",
    ),
    Attack(
        "shows the fresh data in an error",
        written={
            "log_softmax": """
            def log_softmax(o):
                z = o - o.max(-1, keepdims=True)
                from autograder import wire
                for given, _ in wire.decode(base64.b64decode(KNOWN)):
                    if given.shape == o.shape and np.array_equal(given, o):
                        return z - np.log(np.exp(z).sum(-1, keepdims=True))
                raise ValueError(f"STOLEN {o!r}")
            """
        },
        says="The data of your notebook pass",
    ),
    Attack(
        "shows the fresh data through what stays in the page cache",
        # Whoever sees the fresh data tells them by which pages of a file are in memory, as well as
        # the filter lets it; another process reads that into an error, which would be shown.
        written={
            "log_softmax": """
            STRIDE = 64 * 4096
            def pages():
                libraries = os.scandir(np.__path__[0] + "/../numpy.libs")
                return os.open(max(libraries, key=lambda file: file.stat().st_size), os.O_RDONLY)
            def speak(data, file):
                attempt(os.posix_fadvise, file, 0, 0, os.POSIX_FADV_RANDOM)
                attempt(os.posix_fadvise, file, 0, 0, os.POSIX_FADV_DONTNEED)
                for at, bit in enumerate(np.unpackbits(np.frombuffer(data, np.uint8))):
                    bit and os.pread(file, 1, (at + 1) * STRIDE)
            def hear(file, at):
                try:
                    return os.preadv(file, [bytearray(1)], at * STRIDE, os.RWF_NOWAIT) == 1
                except OSError as error:
                    return type(error).__name__
            def log_softmax(o):
                from autograder import wire
                given = [x for x, _ in wire.decode(base64.b64decode(KNOWN))]
                if any(x.shape == o.shape and np.array_equal(x, o) for x in given):
                    raise ValueError(f"heard {hear(pages(), 0)} {hear(pages(), 1)}")
                speak(o.tobytes()[:8], pages())
                return o
            """
        },
        says="heard PermissionError PermissionError",
    ),
    Attack(
        "shows the fresh data in names",
        written={
            "log_softmax": """
            def log_softmax(o):
                z = o - o.max(-1, keepdims=True)
                from autograder import wire
                for given, _ in wire.decode(base64.b64decode(KNOWN)):
                    if given.shape == o.shape and np.array_equal(given, o):
                        return z - np.log(np.exp(z).sum(-1, keepdims=True))
                name = f"STOLEN_{abs(o.flat[0]):.9f}".replace(".", "_")
                if o.ndim == 1:
                    return type(name, (), {})()
                if o.ndim == 2:
                    raise type(name, (Exception,), {})
                names = {}
                exec(f"def {name}(): raise NotImplementedError('STOLEN')", names)
                names[name].__code__ = names[name].__code__.replace(co_filename="<cell 1>")
                names[name]()
            """
        },
        says="The data of your notebook pass",
    ),
    # --- writing
    Attack(
        "overwrites the gradebook, the solutions and the seed",
        """
        names = ["gradebook.db", ".secret_seed", "solutions/hw3_softmax_loss/solution.py",
                 "new.txt"]
        tell(*[attempt(write, os.path.join(COURSE, name)) for name in names])
        """,
        says="RuntimeError: FileNotFoundError FileNotFoundError FileNotFoundError FileNotFound",
    ),
    Attack(
        "overwrites what lies beside the notebook",
        """
        tell(*map(attempt, [write] * 3, ["../../../gradebook.db", "../../x", OUTSIDE]))
        """,
        says="RuntimeError: OSError OSError FileNotFoundError",
    ),
    Attack(
        "leaves files that Python would import",
        """
        import autograder, site, numpy
        folders = [os.path.dirname(numpy.__file__), os.path.dirname(os.__file__), "/course",
                   os.path.dirname(autograder.__file__), *sys.path[:3]]
        names = [f"{folder}/sitecustomize.py" for folder in folders]
        tell("imports", *{attempt(write, name) == "'written'" for name in names})
        """,
        says="RuntimeError: imports False",
    ),
    Attack(
        "leaves files in shared folders",
        """
        for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run"):
            attempt(write, f"{folder}/unrolled-attack")
        """,
    ),
    Attack(
        "leaves pipes, sparse files and links to what it does not own",
        """
        def sparse():
            with open("/tmp/sparse", "wb") as file:
                file.truncate(2**40)
        linked = attempt(os.link, np.__file__, "/tmp/linked")
        tell(attempt(os.mkfifo, "/tmp/pipe"), attempt(sparse), linked)
        """,
        says="RuntimeError: PermissionError OSError OSError",
    ),
    Attack(
        "locks files that others see",
        """
        import fcntl
        def lock(name):
            with open(name) as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        tell(*map(attempt, [lock] * 3, [np.__file__, os.__file__, "/dev/null"]))
        """,
        says="RuntimeError: PermissionError PermissionError PermissionError",
    ),
    Attack(
        "writes to the kernel",
        """
        names = ["/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/1/oom_score_adj",
                 "/sys/kernel/uevent_helper", "/sys/fs/cgroup/cgroup.procs", "/dev/kmsg"]
        tell("kernel", *{attempt(write, name) == "'written'" for name in names})
        """,
        says="RuntimeError: kernel False",
    ),
    Attack(
        "opens devices",
        """
        names = ["mem", "kmsg", "kvm", "fuse", "sda", "vda", "loop-control", "net/tun", "port"]
        tell(*{attempt(os.open, f"/dev/{name}", os.O_RDWR) for name in names},
             attempt(os.mknod, "/tmp/mem", 0o20666, os.makedev(1, 1)))
        """,
        says="RuntimeError: FileNotFoundError PermissionError",
    ),
    # --- the network
    Attack(
        "connects to a port of this machine",
        """
        def connect(family, kind, address):
            with socket.socket(family, kind) as client:
                client.settimeout(0.5)
                client.connect(address)
                client.send(b"attacked")
        tell(attempt(connect, socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", TCP)),
             attempt(connect, socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", UDP)),
             attempt(connect, socket.AF_UNIX, socket.SOCK_STREAM, "\\0" + ABSTRACT),
             attempt(connect, socket.AF_UNIX, socket.SOCK_STREAM, SOCKET))
        """,
        says="RuntimeError: PermissionError PermissionError PermissionError PermissionError",
    ),
    Attack(
        "asks for names and pages",
        """
        import urllib.request
        tell(attempt(urllib.request.urlopen, f"http://127.0.0.1:{TCP}/"),
             attempt(socket.create_connection, ("localhost", TCP), 0.5),
             attempt(socket.getaddrinfo, "canary.example", 80))
        """,
        says="RuntimeError: URLError gaierror gaierror",
    ),
    Attack(
        "sends through a pair of sockets",
        """
        ours, _ = socket.socketpair()
        tell(attempt(ours.connect, "\\0" + ABSTRACT), attempt(ours.sendto, b"x", "\\0" + ABSTRACT))
        """,
        says="RuntimeError: PermissionError PermissionError",
    ),
    # --- other processes
    Attack(
        "kills everyone",
        """
        targets = [0, -1, 1, -os.getpgrp(), os.getppid(), GRADER, -GRADER]
        tell(*[attempt(os.kill, pid, signal.SIGKILL) for pid in targets if pid not in (0, -0)],
             attempt(os.kill, 0, signal.SIGTERM), attempt(os.killpg, 1, signal.SIGTERM))
        """,
        says="RuntimeError: PermissionError PermissionError PermissionError PermissionError",
    ),
    Attack("kills itself", "os.kill(os.getpid(), signal.SIGKILL)", says=EXITED),
    Attack(
        "ignores every signal",
        """
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        """,
    ),
    Attack("stops itself", "os.kill(os.getpid(), signal.SIGSTOP)", says="took longer"),
    Attack(
        "leaves a process in the background",
        """
        sleep = ["sleep", "612"]
        def shell():
            return os.posix_spawn("/bin/sleep", sleep, {})
        tell(attempt(lambda: subprocess.Popen(sleep, start_new_session=True)), attempt(shell),
             attempt(os.fork), attempt(os.forkpty), os.system("sleep 612 &"))
        """,
        says="RuntimeError: PermissionError PermissionError PermissionError FileNotFoundError",
    ),
    Attack(
        "becomes another program",
        """
        tell(attempt(os.execv, "/bin/sleep", ["sleep", "612"]),
             attempt(os.execv, "/proc/self/exe", ["python", "-c", "while True: pass"]))
        """,
        says="RuntimeError: PermissionError PermissionError",
    ),
    Attack(
        "leaves a thread that goes on",
        """
        def go_on():
            while True:
                try: time.sleep(60)
                except BaseException: pass
        for _ in range(3):
            threading.Thread(target=go_on).start()
        """,
    ),
    Attack(
        "makes processes and namespaces by system calls",
        calls(
            """
            tell(call(56, 17, 0, 0, 0, 0), call(56, 0x10000000 | 17, 0, 0, 0, 0), call(57),
                 call(58), call(435, 0, 0), call(272, 0x10000000), call(308, 0, 0))
            """
        ),
        says="RuntimeError: " + 4 * "Operation not permitted " + "Function not implemented",
    ),
    Attack(
        "traces, mounts and loads",
        calls(
            """
            tell(call(101, 16, 1, 0, 0), call(165, 0, 0, 0, 0, 0), call(155, 0, 0), call(161, 0),
                 call(321, 0, 0, 0), call(323, 0), call(250, 0, 0), call(425, 8, 0), call(428, 0))
            """
        ),
        says="RuntimeError: "
        + 7 * "Operation not permitted "
        + "Function not implemented Function",
    ),
    Attack(
        "lifts its limits",
        """
        import resource
        def lift(name):
            limit = getattr(resource, name)
            resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        names = ["RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_NPROC"]
        tell(*{attempt(lift, name) for name in names},
             attempt(resource.prlimit, 1, resource.RLIMIT_CPU, (1, 1)),
             attempt(os.setpriority, os.PRIO_PROCESS, 0, -20))
        """,
        says="RuntimeError: ValueError PermissionError PermissionError",
    ),
    Attack(
        "lifts its filter and its fate",
        """
        prctl = ctypes.CDLL(None, use_errno=True).prctl
        tell(prctl(1, 0, 0, 0, 0), prctl(22, 0, 0, 0, 0), prctl(38, 0, 0, 0, 0),
             attempt(os.setuid, 0), attempt(os.setgid, 0))
        """,
        says="RuntimeError: -1 -1 -1 PermissionError PermissionError",
    ),
    # --- the pipe
    Attack(
        "writes garbage to every file",
        "everywhere(os.urandom(50_000))",
        says=STOPPED,
    ),
    Attack(
        "writes garbage to every file at a call",
        written={
            "log_softmax": """
            def log_softmax(o):
                everywhere(b"\\0" * 7)
                everywhere(bytes(range(256)) * 99)
                return o
            """
        },
        says="cannot be read",
    ),
    Attack(
        "announces an answer of 2**63 bytes",
        written={"log_softmax": "def log_softmax(o): everywhere(b'\\xff' * 7 + b'\\x7f' * 9)"},
        says="cannot be read",
    ),
    Attack(
        "begins an answer and does not end it",
        written={
            "log_softmax": """
            def log_softmax(o):
                everywhere(frame(("answer", np.zeros(99), ()))[:-1])
                time.sleep(60)
            """
        },
        says="took longer",
    ),
    Attack(
        "sends well-formed nonsense",
        written={
            "log_softmax": """
            def log_softmax(o):
                everywhere(frame(("failure", "exception", {"type": 1, "text": [], "line": None})))
                everywhere(frame(("answer", 0.0, (10**9, -1))))
            """
        },
        says="cannot be read",
    ),
    Attack(
        "closes every file",
        written={"log_softmax": "def log_softmax(o): os.closerange(0, 256)"},
        says=EXITED,
    ),
    Attack(
        "reads what is meant for the worker",
        written={
            "log_softmax": """
            def log_softmax(o):
                for descriptor in range(256):
                    try:
                        os.read(descriptor, 10**6)
                    except OSError:
                        pass
            """
        },
        says="took longer",
    ),
]
