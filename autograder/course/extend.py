"""Set due dates and grant extensions, where nbgrader keeps them, at any time."""

from __future__ import annotations

from datetime import timedelta

from nbgrader.api import Gradebook, SubmittedAssignment
from nbgrader.coursedir import CourseDirectory

from autograder.grading.submission import moment
from autograder.guide import meant
from autograder.suite import homeworks
from autograder.usage import WrongUsage

ALL = "all"


def set_due(course: CourseDirectory, homework: str, when: str) -> str:
    """Set the due date of a homework, unless it can be read in several ways.

    Parameters
    ----------
    course : nbgrader.coursedir.CourseDirectory
        The settings of the course.
    homework : str
        The name of a homework, or of another assignment in the gradebook.
    when : str
        A time as `autograder.grading.submission.moment` reads it.

    Returns
    -------
    str
        A sentence that tells it in UTC, and what is graded by another one.

    Raises
    ------
    WrongUsage
        If the homework is not known, or the time is in doubt.
    """
    zone = str(course.config.get("Exchange", {}).get("timezone", "UTC"))
    try:
        due = moment(when.strip(), zone)
    except ValueError as error:
        raise WrongUsage(
            f"{when!r} can be several times or none ({error}). Give year, month, day, time, and "
            "the zone's whole name or its offset: '2027-03-12 23:59 Europe/Berlin' or "
            "'2027-03-12 23:59 +0100'."
        ) from None
    with Gradebook(course.db_url, course.course_id) as book:
        known = list(dict.fromkeys([*homeworks(), *(each.name for each in book.assignments)]))
        if homework not in known:
            raise WrongUsage(f"There is no homework {homework!r}; there are {', '.join(known)}.")
        assignment = book.update_or_create_assignment(homework)
        moved, assignment.duedate = assignment.duedate != due, due
        book.db.commit()
        told = f"{homework}: due {due:%Y-%m-%d %H:%M} UTC."
        if moved and any(each.notebooks for each in assignment.submissions):
            told += (
                " What is graded keeps its penalty until it is graded again: run `python -m "
                f"autograder grade {homework} --force`, then make the feedback again."
            )
        return told


def extend(course: CourseDirectory, homework: str, student: str, days: float) -> list[str]:
    """Move the due date of one student.

    nbgrader keeps an extension with the submission, so one is entered that holds nothing else yet;
    grading fills it in.

    Parameters
    ----------
    course : nbgrader.coursedir.CourseDirectory
        The settings of the course.
    homework : str
        The name of a homework, or of another assignment in the gradebook; ``"all"`` of them.
    student : str
        The student's id.
    days : float
        How long from the due date on, in place of an earlier extension; 0 takes it back.

    Returns
    -------
    list of str
        A sentence for each of them.

    Raises
    ------
    WrongUsage
        If the student or the homework is not known.
    """
    with Gradebook(course.db_url, course.course_id) as book:
        people = [each.id for each in book.students]
        if student not in people:
            near = meant(student, people)
            advice = f" Did you mean {near}?" if near else " Load the class list first."
            raise WrongUsage(f"The gradebook has no student {student!r}.{advice}")
        known = list(dict.fromkeys([*homeworks(), *(each.name for each in book.assignments)]))
        if homework not in (*known, ALL):
            advice = f"There is no homework {homework!r}; there are {', '.join(known)}, and {ALL}."
            raise WrongUsage(advice)
        chosen = known if homework == ALL else [homework]
        return [_extend(book, name, student, timedelta(days=days)) for name in chosen]


def _extend(book: Gradebook, homework: str, student: str, longer: timedelta) -> str:
    assignment = book.update_or_create_assignment(homework)
    submission = next((each for each in assignment.submissions if each.student_id == student), None)
    if homework not in homeworks() and longer and not (submission and assignment.duedate):
        return (
            f"{homework}: not extended. nbgrader keeps an extension with a submission that is "
            "graded, and counts from a due date: set one, have it graded once, then extend it."
        )
    if submission is None and longer:
        owner = book.find_student(student)
        submission = SubmittedAssignment(assignment=assignment, student=owner)
        book.db.add(submission)
    if submission is not None:
        submission.extension = longer or None
        if not longer and not submission.notebooks:
            book.db.delete(submission)
    book.db.commit()
    if assignment.duedate is None:
        told = "it has no due date yet, so everything is in time"
    else:
        told = f"due {assignment.duedate + longer:%Y-%m-%d %H:%M} UTC for {student}"
    if submission is not None and submission.notebooks:
        told += (
            f". It is graded: run `python -m autograder grade {homework} --force --student "
            f"{student}`, then make the feedback again"
        )
    return f"{homework}: {told}."
