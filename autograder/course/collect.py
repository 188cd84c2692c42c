"""Collect what a school's system hands over in an archive: a plugin of ``nbgrader zip_collect``."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Any

from nbgrader.plugins import FileNameCollectorPlugin

from autograder.grading.submission import like_a_notebook, moment


class UploadCollectorPlugin(FileNameCollectorPlugin):
    """Collect all that may be a notebook, whoever else has the same name.

    The regular expression is nbgrader's ``named_regexp``. Its group ``upload``, where there is one,
    tells students of one name apart. What is left out or put elsewhere is said in the log.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._uploads: dict[str, list[str]] = defaultdict(list)  # by student
        self._taken: set[tuple[str, str]] = set()  # student and file

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Return the student and the file's name in the submission; None to leave it out."""
        path = Path(submitted_file)
        if "__MACOSX" in path.parts or path.name.startswith("."):
            self.log.info("Left out, as it is no upload of a student: %s", path)
            return None
        if not like_a_notebook(path):
            self.log.warning("Left out, as it is no notebook: %s", path)
            return None
        found = re.match(self.named_regexp, submitted_file) if self.named_regexp else None
        if not found:
            self._match(submitted_file)  # which says so
            return None
        told = {name: text for name, text in found.groupdict().items() if text is not None}
        student = self._student(told["student_id"], told.get("upload", ""))
        file = submitted_file[found.start("file_id") :]
        while (student, file) in self._taken:
            file = f"another-{file}"
        self._taken.add((student, file))
        told |= {"student_id": student, "file_id": file}
        if when := told.pop("timestamp", None):
            try:
                told["timestamp"] = f"{moment(when)} UTC"
            except ValueError:
                self.log.warning("Nobody knows when it came, as %r is no time: %s", when, path)
        return told

    def _student(self, name: str, upload: str) -> str:
        """Return the student's id: the name, and for later ones of that name the upload as well."""
        name = unicodedata.normalize("NFC", name)
        known = self._uploads[name]
        if upload not in known:
            known.append(upload)
            if len(known) > 1:
                self.log.warning(
                    "Several students are called %s: upload %s is %s, and upload %s is %s_%s.",
                    *(name, known[0], name, upload, name, upload),
                )
        return name if upload == known[0] else f"{name}_{upload}"
