"""Tell which system calls notebooks need in the sandbox, and which of them it refuses.

Run it as ``python -m proof.system_calls``, or with notebooks as arguments; it needs strace and
bubblewrap. All cells are run, demonstrations too, and all graded tests where the notebook is of a
homework. What is refused and needed belongs into the list in
``autograder/grading/inside/confinement.py``; what is listed and was not needed is kept for other
versions of Python and libc, or for what students might write.
"""

import platform
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import nbformat

from autograder.grading.inside.confinement import ALLOWED, IDLE, numbers
from autograder.grading.sandbox import Limits, Submission
from autograder.suite import exercises, homeworks, run

ROOT = Path(__file__).parents[1]
PATIENT = Limits(cell_seconds=900, call_seconds=900, submission_seconds=9000, cpu_seconds=9000)
CALL = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(.*?)(?:= (-?\w+)(?: (\w+))?.*)?$")


def use(paths):
    """Run all cells of notebooks, and the graded tests on what they define."""
    for path in map(Path, paths):
        notebook = nbformat.read(path, as_version=4)
        code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        cells = [(f"cell {number}", source, "run") for number, source in enumerate(code, 1)]
        graded = list(exercises(path.stem)) if path.stem in homeworks() else []
        with Submission(cells, graded, PATIENT) as student:
            student.start()
            if graded:
                run(path.stem, student)
            for cell, error in student.cell_errors.items():
                print(f"{path.name}, {cell}: {error}")


def counted(log):
    """Count what confined processes have called, and what of it was refused."""
    confined, used, refused = set(), Counter(), Counter()
    for line in log.read_text(errors="replace").splitlines():
        if not (found := CALL.match(line)):
            continue
        pid, name, rest, result, error = found.groups()
        if pid in confined and "resumed>" not in rest[:10]:
            used[name] += 1
        if pid in confined and error in ("EPERM", "ENOSYS"):
            refused[name] += 1
        if pid in confined and name.startswith("clone") and result and result.isdigit():
            confined.add(result)
        if name == "prctl" and "PR_SET_SECCOMP" in rest:
            confined.add(pid)
    return used, refused


def main(paths):
    """Print the three lists."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "calls")
        script = f"from proof.system_calls import use; use({paths!r})"
        tracer = ["strace", "-f", "-qq", "-s", "0", "-o", str(log)]
        subprocess.run([*tracer, sys.executable, "-c", script], cwd=ROOT, check=True)
        used, refused = counted(log)
    listed = {**numbers(ALLOWED, platform.machine()), **numbers(IDLE, platform.machine())}
    print("used:", *(f"{name} {count}" for name, count in sorted(used.items())))
    print("refused:", *(f"{name} {count}" for name, count in sorted(refused.items())))
    print("listed, not used here:", *sorted(listed.keys() - used.keys()))


if __name__ == "__main__":
    main(sys.argv[1:] or [str(ROOT / "source" / name / f"{name}.ipynb") for name in homeworks()])
