"""Time the pages of feedback alone, ours and nbgrader's, on the same graded classes.

Run it as ``python -m proof.feedback``: a part of `proof.grading` that takes a minute or two. It
writes its table into ``docs/performance.md``.
"""

import tempfile
from pathlib import Path

from proof import performance_page as page
from proof.grading import LONG, SHORT, Sizes, feedback


def main():
    """Measure, and write the table."""
    with tempfile.TemporaryDirectory(prefix="unrolled-bench-") as folder:
        size = Sizes().small
        found = {name: feedback(Path(folder) / name, name, size) for name in (SHORT, LONG)}
    text = page.table_of_feedback(found)
    page.write({"feedback": text})
    print(text)


if __name__ == "__main__":
    main()
