"""Hand feedback back: the pages of a class as the archive that Moodle takes."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from autograder.course.collect import UPLOADS
from autograder.usage import WrongUsage


def hand_back(course: Path, homework: str) -> list[str]:
    """Write ``feedback-HW.zip``, with a folder for each student as Moodle named it.

    Moodle reads the number in a folder's name, and files what is inside as that student's feedback:
    https://github.com/moodle/moodle/blob/main/mod/assign/feedback/file/importziplib.php

    Returns
    -------
    list of str
        What is to be told of it.

    Raises
    ------
    WrongUsage
        If there is nothing to hand back.
    """
    try:
        folders = json.loads((course / "downloaded" / homework / UPLOADS).read_text())
    except FileNotFoundError:
        raise WrongUsage(
            f"Nothing says which folder of Moodle is whose: collect {homework} from Moodle's "
            f"archive by `python -m autograder collect {homework} ARCHIVE`."
        ) from None
    pages = {
        path.parent.parent.name: path
        for path in sorted((course / "feedback").glob(f"*/{homework}/{homework}.html"))
    }
    both = sorted(pages.keys() & folders.keys())
    if not both:
        raise WrongUsage(
            f"There is no feedback to hand back: run `nbgrader generate_feedback {homework}`."
        )
    archive = course / f"feedback-{homework}.zip"
    with ZipFile(archive, "w", ZIP_DEFLATED) as made:
        for student in both:
            made.write(pages[student], f"{folders[student]}_assignfeedback_file/{homework}.html")
    told = [f"{archive.name}: {len(both)} of the class's feedback pages."]
    if left := sorted(pages.keys() - folders.keys()):
        told.append(f"Not collected from Moodle, so give it to them yourself: {', '.join(left)}.")
    if left := sorted(folders.keys() - pages.keys()):
        told.append(f"Without a feedback page, as they are not graded yet: {', '.join(left)}.")
    return told
