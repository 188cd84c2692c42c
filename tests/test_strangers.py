"""Names, times and files of strangers, where they meet nbgrader, browsers and spreadsheets."""

import re
import time
from datetime import datetime
from types import SimpleNamespace

import numpy as np
import pytest
from nbgrader.utils import parse_utc

from autograder.calls import Live
from autograder.grading import grade as grading
from autograder.grading.assignment import Assignment, Submitted, UnusableId, _timestamp
from autograder.grading.grade import Homework, grade
from autograder.grading.submission import moment
from autograder.kinds import Kind
from autograder.suite import run
from tests import classroom
from tests.classroom import NAME


@pytest.fixture
def assignment(tmp_path):
    """An assignment, as far as files are concerned."""
    made = Assignment.__new__(Assignment)
    made.coursedir = SimpleNamespace(
        ignore=[".*", "*.py"],
        max_dir_size=1000,
        max_file_size=1000,
        source_directory="source",
        format_path=lambda *_: str(tmp_path / "source"),
    )
    made._autograde = SimpleNamespace(exclude_overwriting={}, config={})
    made.name, made.course = NAME, tmp_path
    (tmp_path / "source").mkdir()
    return made


def kept(assignment, tmp_path, **files):
    (tmp_path / "in").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (tmp_path / "in" / name.replace("__", ".")).write_bytes(content)
    when = _timestamp(tmp_path / "in", "UTC")
    assignment._copy_files(Submitted("ada", tmp_path / "in", *when), tmp_path / "out")
    return {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}


def test_what_a_browser_runs_is_kept_as_plain_text_and_told(assignment, tmp_path):
    script = b"<script>alert(1)</script>"
    names = ["html", "HTM", "svg", "xml", "xhtml", "xht", "mhtml", "rdf", "html.gz", "pdf", "js"]
    files = {f"page__{name}": script for name in names}
    found = kept(assignment, tmp_path, **files, page=script, notes__txt=b"mine", plot__PNG=b"p")
    assert {name for name in found if not name.endswith(".txt")} == {"plot.PNG"}
    assert found["page.html.txt"] == found["page.svg.txt"] == script
    assert found["notes.txt"] == b"mine"
    _, record = assignment.read(Submitted("ada", tmp_path / "in"))
    assert any("`page.html.gz`" in told or "more" in told for told in record.problems)


@pytest.mark.parametrize("secret", [b"\xff\xfe", b"", b"../../x", b"a" * 10_000, b"0" * 63])
def test_a_secret_that_is_not_nbgraders_becomes_one_that_nobody_knows(assignment, tmp_path, secret):
    found = kept(assignment, tmp_path, submission_secret__txt=secret)
    assert re.fullmatch(rb"[0-9a-f]{128}", found["submission_secret.txt"])


def test_nbgraders_secret_and_time_stay(assignment, tmp_path):
    secret, when = b"0123456789abcdef" * 8, b"2027-03-12 23:58:00.123456 UTC"
    found = kept(assignment, tmp_path, submission_secret__txt=secret, timestamp__txt=when)
    assert found == {"submission_secret.txt": secret, "timestamp.txt": when}


def test_a_time_in_another_form_is_kept_as_nbgrader_reads_it(assignment, tmp_path):
    for text in (b"2027-03-12 23:58:00 +0100", b"2027-W10-5T23:58:00+01:00"):
        found = kept(assignment, tmp_path / text.decode(), timestamp__txt=text)
        assert parse_utc(found["timestamp.txt"].decode()) == datetime(2027, 3, 12, 22, 58)


def test_a_time_that_nobody_can_read_is_no_file_that_stops_a_release(assignment, tmp_path):
    found = kept(assignment, tmp_path, timestamp__txt=b"\xff yesterday")
    assert moment(found["timestamp.txt"].decode())


@pytest.mark.parametrize(
    "student",
    [
        "<b>",
        'a"b',
        "o'neil",
        "a&b",
        "a\nb",
        "a\u202eb",
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "a\ud800",
        "a;=1",
        "\uff1d1",
    ],
)
def test_an_id_that_pages_or_spreadsheets_run_is_not_graded(assignment, tmp_path, student):
    with pytest.raises(UnusableId, match="rename the folder"):
        assignment.read(Submitted(student, tmp_path / "in"))


@pytest.mark.parametrize("student", ["ada", "bob smith", "d.o.t", "李雷", "Zoë", "a@b.org", "a-b"])
def test_any_other_id_is(assignment, tmp_path, student):
    assignment.read(Submitted(student, tmp_path / "in"))


@pytest.mark.parametrize(
    ("text", "zone", "hour"),
    [
        ("2027-03-12 23:58:00", "UTC", 23),
        ("2027-03-12 23:58:00.123456 UTC", "UTC", 23),
        ("2027-03-12 23:58:00 +0100", "UTC", 22),
        ("2027-03-12 23:58:00 +01:00", "UTC", 22),
        ("2027-03-12T23:58:00Z", "UTC", 23),
        ("2027-03-12T23:58-05", "UTC", 4),
        ("2027-03-12 23:58:00 Europe/Berlin", "UTC", 22),
        ("2027-07-12 23:58:00 Europe/Berlin", "UTC", 21),
        ("2027-03-12 23:58:00 CET", "Europe/Berlin", 22),
        ("2027-07-12 23:58:00 CEST", "Europe/Berlin", 21),
        ("2027-03-12 23:58:00.123456789 +0100", "UTC", 22),
        ("2027-03-12 23:58:00.000000 +03", "Europe/Istanbul", 20),
        ("2027-10-31 02:30:00.000000 CEST", "Europe/Berlin", 0),
        ("2027-10-31 02:30:00.000000 CET", "Europe/Berlin", 1),
        ("2027-03-12", "UTC", 0),
    ],
)
def test_a_time_that_means_one_is_read(text, zone, hour):
    assert moment(text, zone).hour == hour
    assert moment(text, zone).tzinfo is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "12.03.2027", "03/12/2027 11:58 PM", "2027-03-12 23:58:00 CEST"),
        *("2027-03-12 23:58:00 EST", "2027-03-12 23:58:00 +0100 Europe/Berlin"),
        *(f"2027-07-12 23:58:00 {short}" for short in ("EDT", "PST", "JST", "IST", "UTC+1")),
        *("2027-10-31 02:30 Europe/Berlin", "2027-03-28 02:30 Europe/Berlin"),
        *("0001-01-01 00:00 +2359", "2027-03-12 ../../etc/passwd", "2027-03-12 23:58 Mars/Base"),
        *("9" * 5000, "2027-03-12 24:61", "now", "2027-03-12 23:58 /etc/passwd", "\u0662" * 8),
    ],
)
def test_no_time_is_guessed(text):
    with pytest.raises(ValueError, match=r"time|format|month|digit|isoformat|offset|day|hour|zone"):
        moment(text)


@pytest.mark.parametrize("text", ["2027-03-12 23:58:00 CEST", "12.03.2027"])
def test_a_time_that_is_doubted_is_named(assignment, tmp_path, text):
    folder = tmp_path / f"submitted/ada/{classroom.NAME}"
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text(text)
    submitted = Submitted("ada", folder, *_timestamp(folder, "UTC"))
    assert f"timestamp.txt says `{text}`, which can be" in assignment.read(submitted)[1].doubts[0]


# --- what happens after judging ---------------------------------------------------------------


class Right:
    """Stand for a submission's process, in which the functions are right."""

    cell_errors, uses = {}, {}

    def __init__(self, *_):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def call(self, name, args):
        return self.solutions.call(name, args)


@pytest.mark.parametrize("what", ["present", "diagnose", "with_code", "_summary", "_page"])
def test_whatever_goes_wrong_after_judging_the_score_stands(monkeypatch, what):
    homework = Homework.load(classroom.REPOSITORY, NAME)
    from autograder.course.written import reference

    monkeypatch.setattr(Right, "solutions", reference(classroom.REPOSITORY, NAME), raising=False)
    monkeypatch.setattr(grading, "Submission", Right)
    data = classroom.data_of(classroom.solved())
    whole = grade(data, homework)
    assert sum(whole.scores.values()) == classroom.FULL
    broken = []

    def fail_once(*args, **kwargs):
        if not broken:
            broken.append(what)
            raise OverflowError
        return real(*args, **kwargs)

    real = getattr(grading, what)
    monkeypatch.setattr(grading, what, fail_once)
    graded = grade(classroom.data_of(classroom.released()), homework)
    assert graded.scores == whole.scores
    if broken:
        assert "the points stand" in graded.record.doubts[-1]


def test_the_kind_of_a_mistake_has_words_of_ours():
    worded = {kind for kind in Kind if kind.secrecy.name == "WORDED"}
    assert worded == set(grading.WORDS)


def test_forward_must_raise_a_value_error_and_not_only_say_so():
    from autograder.course.written import reference

    name = "hw5_teacher_forcing"
    solutions = reference(classroom.REPOSITORY, name)
    test = "test_train_mode_is_right_with_labels_and_raises_a_value_error_without"

    def passes(error):
        def forward(x, r0, params, y=None, training=False):
            if training and y is None:
                raise error
            return solutions.call("forward", (x, r0, params, y, training)).value

        (result,) = run(name, Live({"forward": forward}), only=[test])
        return result.passed

    assert passes(ValueError("labels are needed"))
    assert passes(ValueError)
    assert passes(type("NoLabels", (ValueError,), {})("labels are needed"))
    assert not passes(type("ValueErrors", (RuntimeError,), {})("(a ValueError): raised ValueError"))
    assert not passes(np.linalg.LinAlgError("of numpy's own"))
    assert not passes(KeyError("`forward` raised ValueError: no labels"))
    assert not passes(RuntimeError("raised ValueError"))


# --- what is timed ----------------------------------------------------------------------------


def at_once(x, fed, params):
    h = np.tanh(params["b"] + fed @ params["W"].T + x @ params["U"].T)
    return h, params["c"] + h @ params["V"].T


def gathering(x, y, r0, params):
    """Gather the one-hot rows in a loop, slowly, and take all steps at once."""
    fed = np.zeros((len(x), *r0.shape))
    fed[0] = r0
    for t in range(1, len(x)):
        fed[t][(*np.indices(y[t - 1].shape), y[t - 1])] = 1.0
    return at_once(x, fed, params)


def looping(x, y, r0, params):
    fed, steps = r0, []
    for t in range(len(x)):
        steps.append(at_once(x[t], fed, params))
        fed = np.eye(r0.shape[1])[y[t]]
    return tuple(map(np.stack, zip(*steps, strict=True)))


def silent_where_it_is_timed(x, y, r0, params):
    return None if len(x) > 1000 else looping(x, y, r0, params)


def zero_where_it_is_timed(x, y, r0, params):
    if max(x.shape) > 1000:
        return np.zeros((*y.shape, len(params["b"]))), np.zeros((*y.shape, len(params["c"])))
    return looping(x, y, r0, params)


def asleep_where_it_was_the_measure(x, y, r0, params):
    if y.shape[1] > 1000:
        time.sleep(0.3)
    return looping(x, y, r0, params)


@pytest.mark.parametrize(
    ("function", "right"),
    [
        (gathering, True),
        (looping, False),
        (silent_where_it_is_timed, False),
        (zero_where_it_is_timed, False),
        (asleep_where_it_was_the_measure, False),
    ],
)
def test_what_is_timed_is_judged_and_measured_by_a_loop_of_ours(function, right):
    test = "test_all_steps_are_right_and_computed_at_once_without_a_loop_over_time"
    (result,) = run("hw5_teacher_forcing", Live({"teacher_forced": function}), only=[test])
    assert result.passed == right, result.mistake
