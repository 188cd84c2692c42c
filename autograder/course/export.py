"""Export grades for the gradebooks of Canvas and Moodle, as plugins of ``nbgrader export``.

The formats are those that the two systems document, and read:

- Canvas: https://community.instructure.com/en/kb/articles/660862-how-do-i-import-grades-in-the-gradebook
  and https://github.com/instructure/canvas-lms/blob/master/lib/gradebook_importer.rb
- Moodle: https://docs.moodle.org/en/Grade_import
  and https://github.com/moodle/moodle/blob/main/grade/import/csv/classes/load_data.php

Both take an empty cell for "this student has no grade", and a grade that was there before is lost.
So a student without a score is left out of the file. Late penalties are taken off and extra
credit is counted, as ``nbgrader export`` does. Files are UTF-8 with a byte order mark, which both
systems skip, and by which a spreadsheet knows how to read names.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Unicode

from autograder.course.roster import class_list, read_table
from autograder.grading.assignment import due_when_graded
from autograder.grading.class_report import harmless
from autograder.guide import meant
from autograder.usage import WrongUsage

Rows = list[list[str]]


class _SchoolExportPlugin(ExportPlugin):
    """Read the scores, have them laid out in rows, and write these."""

    default_file = ""

    def export(self, gradebook: Gradebook) -> None:
        """Write the scores of all assignments and students, or of those that were asked for.

        Raises
        ------
        SystemExit
            If that cannot be done; the message says why.
        """
        assignments = _chosen(
            "assignment", self.assignment, {each.name: each for each in gradebook.assignments}
        )
        people = _chosen("student", self.student, {each.id: each for each in gradebook.students})
        scores: dict[str, dict[str, str]] = {student.id: {} for student in people}
        for assignment in assignments:
            for submission in gradebook.assignment_submissions(assignment.name):
                if submission.student_id in scores and submission.notebooks:
                    score = max(0.0, submission.score - submission.late_submission_penalty)
                    scores[submission.student_id][assignment.name] = _number(score)
                    if submission.needs_manual_grade:
                        self.log.warning(
                            "%s, %s: waits for points by hand, and is exported as it stands",
                            assignment.name,
                            submission.student_id,
                        )
                    if self._has_old_penalty(submission):
                        self.log.warning(
                            "%s, %s: the due date was moved since it was graded, so the penalty is "
                            "that of the old one: run `python -m autograder grade %s --force`, "
                            "then export again",
                            assignment.name,
                            submission.student_id,
                            assignment.name,
                        )
        graded = [student for student in people if scores[student.id]]
        known = class_list(Path.cwd())
        if strange := [each.id for each in graded if known is not None and each.id not in known]:
            self.log.warning(
                "Not on the class list, and so not exported: %s. Rename the folder in submitted/ "
                "to the student's login and grade it, or load the class list again.",
                ", ".join(strange),
            )
            graded = [student for student in graded if student.id not in strange]
        if not graded:
            sys.exit("Nothing is graded yet of what was asked for: grade it, then export.")
        for student in [student for student in graded if _runs(student)]:
            self.log.warning(
                "%s: a spreadsheet would run this id, so it is not exported: change it",
                _key(student),
            )
            graded.remove(student)
        if not graded:
            sys.exit("A spreadsheet would run the ids of all who have a score: change them.")
        destination = self.to or self.default_file
        rows = self.rows(assignments, graded, scores)
        try:
            with open(
                destination, "w", encoding="utf-8-sig", errors="backslashreplace", newline=""
            ) as file:
                csv.writer(file).writerows(rows)
        except OSError as error:
            sys.exit(f"{destination} cannot be written: {error.strerror}.")
        self.log.info("Wrote %s", destination)

    def _has_old_penalty(self, submission: Any) -> bool:
        """Tell whether lateness is in question, and was computed by another due date."""
        due = submission.duedate if submission.assignment.duedate else ""
        late = due and submission.total_seconds_late
        if not (submission.late_submission_penalty or late):
            return False
        app: Any = self.parent
        name, directory = submission.name, app.coursedir
        folder = directory.format_path(directory.autograded_directory, submission.student_id, name)
        return due_when_graded(Path(folder, f"{name}.ipynb")) not in (None, str(due))

    def rows(
        self, assignments: Sequence[Any], students: Sequence[Any], scores: dict[str, dict[str, str]]
    ) -> Rows:
        """Return the file's rows, the header first.

        Parameters
        ----------
        assignments, students : sequence of nbgrader.api.Assignment, of nbgrader.api.Student
            Those to export; each of the students has a score.
        scores : dict
            By student's id and assignment's name; without an entry where there is none.
        """
        raise NotImplementedError


class CanvasExportPlugin(_SchoolExportPlugin):
    """Export for Canvas: Grades, then Import.

    Canvas finds a student by the ID, which is nbgrader's ``lms_user_id``, else by the SIS Login
    ID, which is nbgrader's student id. With the file that Canvas exports, the student may also
    have the SIS User ID in nbgrader, and columns and grades that are not exported stay as they are.
    """

    default_file = "canvas.csv"
    gradebook = Unicode(
        help="The file that Canvas exports (Grades, Export): its rows are filled in."
    ).tag(config=True)

    def rows(
        self, assignments: Sequence[Any], students: Sequence[Any], scores: dict[str, dict[str, str]]
    ) -> Rows:
        """Return a header, the row of possible points, and a row for each student."""
        if self.gradebook:
            return self._filled_in(assignments, students, scores)
        names = [assignment.name for assignment in assignments]
        identity = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
        possible = [_number(assignment.max_score) for assignment in assignments]
        return [
            [*identity, *names],
            ["    Points Possible", "", "", "", "", *possible],
            *(
                [
                    harmless(_name(student)),
                    student.lms_user_id or "",
                    "",
                    student.id,
                    "",
                    *(scores[student.id].get(name, "") for name in names),
                ]
                for student in students
            ),
        ]

    def _filled_in(
        self, assignments: Sequence[Any], students: Sequence[Any], scores: dict[str, dict[str, str]]
    ) -> Rows:
        """Put the scores into the rows that Canvas exported, of those who have one."""
        header, *theirs = _read(self.gradebook)
        known = {column: place for place, column in enumerate(header[: header.index("Section")])}
        identity = range(header.index("Section") + 1)
        columns = {each.name: self._column(header, each.name) for each in assignments}
        by_id = {student.id.casefold(): student for student in students}
        by_number = {student.lms_user_id: student for student in students if student.lms_user_id}
        rows = [[header[place] for place in (*identity, *columns.values())]]
        found = set()
        for row in theirs:
            row += [""] * (len(header) - len(row))
            if "Points Possible" in row[0]:
                rows.append([row[place] for place in (*identity, *columns.values())])
                for assignment in assignments:
                    self._compare(assignment, row[columns[assignment.name]])
                continue
            logins = [row[known[key]] for key in ("SIS Login ID", "SIS User ID") if key in known]
            student = by_number.get(row[known["ID"]]) or next(
                (by_id[login.casefold()] for login in logins if login.casefold() in by_id), None
            )
            if student is None:
                continue
            found.add(student.id)
            names = known["ID"]  # how many columns come before it
            cells = [*map(harmless, row[:names]), *(row[place] for place in identity[names:])]
            for name, place in columns.items():
                excused = row[place].upper() in ("EX", "N/A")
                cells.append(row[place] if excused else scores[student.id].get(name, row[place]))
            rows.append(cells)
        missing = [student.id for student in students if student.id not in found]
        if not found:
            sys.exit(
                f"No student is in {self.gradebook}: in nbgrader, a student's id should be the "
                f"SIS Login ID or the SIS User ID of Canvas, unlike {', '.join(missing[:3])}."
            )
        if missing:
            self.log.warning(
                "Not in %s, and so not exported: %s", self.gradebook, ", ".join(missing)
            )
        return rows

    def _column(self, header: list[str], name: str) -> int:
        """Find an assignment's column, whose title is its name and Canvas's number of it."""
        titles = [re.sub(r"\s*\(\d+\)$", "", title).strip().casefold() for title in header]
        if titles.count(name.casefold()) != 1:
            sys.exit(
                f"{self.gradebook} has {titles.count(name.casefold())} columns for {name}, and "
                f"should have one: name one assignment in Canvas {name}, export again, and give "
                "the new file. Or export others only, by --assignment."
            )
        return titles.index(name.casefold())

    def _compare(self, assignment: Any, possible: str) -> None:
        """Warn where Canvas has other points for an assignment."""
        try:
            same = float(possible.replace(",", ".")) == assignment.max_score
        except ValueError:
            same = False
        if not same:
            self.log.warning(
                "%s is worth %s points here and %s in Canvas: change it there",
                assignment.name,
                _number(assignment.max_score),
                possible or "none",
            )


class MoodleExportPlugin(_SchoolExportPlugin):
    """Export for Moodle: Grades, then Import, then CSV file.

    A student is named by nbgrader's ``lms_user_id``, else by the student id; when the file is
    imported, one chooses which field of Moodle that is. Nothing else of a person is in it.
    """

    default_file = "moodle.csv"

    def rows(
        self, assignments: Sequence[Any], students: Sequence[Any], scores: dict[str, dict[str, str]]
    ) -> Rows:
        """Return a header, and a row for each student."""
        names = [assignment.name for assignment in assignments]
        return [
            ["username", *names],
            *(
                [
                    _key(student),
                    # Moodle's sign for no grade: it takes nothing for 0 in a new grade item.
                    *(scores[student.id].get(name, "-") for name in names),
                ]
                for student in students
            ),
        ]


def _chosen(what: str, asked: Sequence[Any], known: dict[str, Any]) -> list[Any]:
    """Return those that were asked for, or all if none were; refuse what is not known."""
    for name in map(str, asked):
        if name not in known:
            near = meant(name, known)
            advice = f"did you mean {near}?" if near else "is it in formgrader?"
            sys.exit(f"The gradebook has no {what} {name!r}: {advice}")
    return [known[str(name)] for name in asked] or list(known.values())


def _number(points: float) -> str:
    return f"{points:.10g}"


def _key(student: Any) -> str:
    """Return that by which a school's system is to know a student."""
    return str(student.lms_user_id or student.id)


def _runs(student: Any) -> bool:
    """Tell whether a spreadsheet would run one of a student's ids, which cannot be changed here."""
    return any(harmless(each) != each for each in (student.id, student.lms_user_id or ""))


def _name(student: Any) -> str:
    """Return a student's name as Canvas sorts it, in one line."""
    parts = (" ".join((part or "").split()) for part in (student.last_name, student.first_name))
    return ", ".join(filter(None, parts)) or student.id


def _read(path: str) -> Rows:
    """Read a file that Canvas exported, with commas or, in some languages, semicolons."""
    try:
        rows = read_table(Path(path))
    except WrongUsage as error:
        sys.exit(f"This is no gradebook of Canvas. {error}")
    if "ID" not in rows[0] or "Section" not in rows[0]:
        sys.exit(f"{path} is no gradebook of Canvas: choose Grades there, then Export.")
    return rows
