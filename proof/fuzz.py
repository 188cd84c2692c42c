"""Look for inputs that break what the grader promises of its readers, guided by coverage.

Run it as ``python -m proof.fuzz notebook --seconds 60``. It needs atheris, which ``pip install
'.[fuzz]'`` brings. What a reader must hold is in ``tests/readers.py``, which the tests use too. It
starts from the files in ``proof/corpus/``; what it finds beyond them it keeps in a folder beside,
``proof/found/``, with whatever breaks a promise. ``--merge`` brings the smallest inputs with the
same coverage back into the corpus.
"""

import argparse
import sys
from pathlib import Path

CORPUS, FOUND = Path(__file__).with_name("corpus"), Path(__file__).with_name("found")
NAMES = ("notebook", "answer", "graph", "time", "student")
LONGEST = 4096  # bytes of an input
PATIENCE = 10  # seconds for one, after which it counts as found


def options(name, seconds, merge):
    """Return what libFuzzer is told."""
    kept, found = CORPUS / name, FOUND / name
    for folder in (kept, found):
        folder.mkdir(parents=True, exist_ok=True)
    limits = [f"-max_len={LONGEST}", f"-timeout={PATIENCE}", f"-artifact_prefix={found}/broken-"]
    if merge:
        return ["-merge=1", *limits, str(kept), str(found)]
    return [f"-max_total_time={seconds}", *limits, "-print_final_stats=1", str(found), str(kept)]


def main():
    """Fuzz one reader."""
    parser = argparse.ArgumentParser(prog="python -m proof.fuzz", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("reader", choices=NAMES)
    parser.add_argument("--seconds", type=int, default=60, help="how long, 60 if left out")
    parser.add_argument("--merge", action="store_true", help="add to the corpus what was found")
    chosen = parser.parse_args()
    try:
        import atheris
    except ModuleNotFoundError:
        sys.exit("This needs atheris, for Python 3.11 to 3.13 on Linux: pip install '.[fuzz]'")
    # `proof` has imported some of it already, where atheris could not see what is run of it.
    for name in [name for name in sys.modules if name.split(".")[0] == "autograder"]:
        del sys.modules[name]
    with atheris.instrument_imports(include=["autograder"]):
        from tests.readers import READERS
    told = options(chosen.reader, chosen.seconds, chosen.merge)
    atheris.Setup([sys.argv[0], *told], READERS[chosen.reader])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
