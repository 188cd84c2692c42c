"""The graded tests tell right from wrong: solutions, stubs, known mistakes."""

import secrets
from pathlib import Path

import numpy as np
import pytest

from autograder import tape, wire
from autograder.calls import Live, Unavailable
from autograder.course.catalogue import catalogue
from autograder.course.written import reference, solutions
from autograder.judge import Mistake
from autograder.report import Report
from autograder.suite import Result, exercises, homeworks, run
from autograder.suite import tests as graded

COURSE = Path(__file__).parents[1]
MISTAKES = [
    pytest.param(homework, mistake, id=f"{homework}: {mistake.function}: {mistake.name}")
    for homework in homeworks()
    for mistake in catalogue(COURSE, homework)
]


@pytest.mark.parametrize("homework", homeworks())
def test_a_homework_is_worth_twenty_points(homework):
    assert sum(exercises(homework).values()) == 20


@pytest.mark.parametrize("homework", homeworks())
def test_the_reference_gets_full_points_on_data_never_seen(homework):
    right = reference(COURSE, homework)
    for _ in range(3):
        seed = secrets.token_hex(8)
        failed = [r.test for r in run(homework, right, tape.Drawn(right, seed)) if not r.passed]
        assert not failed, f"with the seed {seed}"


@pytest.mark.parametrize("homework", homeworks())
def test_the_reference_gets_full_points_on_the_recorded_data(homework):
    results = run(homework, reference(COURSE, homework))
    assert not [result.test for result in results if not result.passed]


@pytest.mark.parametrize(("homework", "mistake"), MISTAKES)
def test_a_known_mistake_fails_the_tests_it_should(homework, mistake):
    wrong = Live({mistake.function: mistake.wrong})
    right = reference(COURSE, homework)
    for data in (None, tape.Drawn(right, secrets.token_hex(8))):
        results = run(homework, wrong, data, functions=[mistake.function])
        failed = {result.test for result in results if not result.passed}
        assert failed == set(mistake.fails), f"with the seed {data.seed if data else ''}"


@pytest.mark.parametrize("homework", homeworks())
def test_every_test_is_failed_by_some_mistake(homework):
    failed = {test for mistake in catalogue(COURSE, homework) for test in mistake.fails}
    known = {result.test for result in run(homework, reference(COURSE, homework))}
    assert failed == known


@pytest.mark.parametrize("homework", homeworks())
def test_answers_that_ignore_the_arguments_get_nothing(homework):
    """None, zeros of the right form, and the answer to some other call."""
    names = list(exercises(homework))
    module = solutions(COURSE, homework)
    for answer in (None, 0.0, [], {}, "graph"):
        lazy = Live({name: lambda *args, answer=answer: answer for name in names})
        assert not [r.test for r in run(homework, lazy) if r.passed]
    remembered = {}

    def first_answer(name):
        def call(*args):
            if name not in remembered:
                remembered[name] = getattr(module, name)(*args)
            return remembered[name]

        return call

    stuck = Live({name: first_answer(name) for name in names})
    for result in run(homework, stuck):
        if result.passed and result.function != "folded_graph":  # which has no arguments
            # A test of a single call on fresh data may be passed only by the call remembered.
            assert result.test == next(
                r.test for r in run(homework, stuck) if r.function == result.function
            )


# --- running -----------------------------------------------------------------------------


class Recorder:
    """Answer as the reference does, and remember what was asked."""

    def __init__(self, homework):
        self.right, self.asked = reference(COURSE, homework), []

    def call(self, name, args):
        self.asked.append((name, wire.encode(wire.plain(args))))
        return self.right.call(name, args)


def asked(homework, *args, **kwargs):
    """Return the results of a run, and the calls of the student's functions in it."""
    student = Recorder(homework)
    return run(homework, student, *args, **kwargs), student.asked


def test_each_test_is_run_once_and_is_worth_what_it_says():
    results = run("hw3_softmax_loss", reference(COURSE, "hw3_softmax_loss"))
    assert [result.test for result in results] == list(graded("hw3_softmax_loss"))
    for result in results:
        (mark,) = graded("hw3_softmax_loss")[result.test].pytestmark
        assert (result.function, result.worth) == mark.args


def test_only_what_was_asked_for_is_run():
    right = reference(COURSE, "hw3_softmax_loss")
    results = run("hw3_softmax_loss", right, functions=["softmax", "log_softmax"])
    names = [result.test for result in results]
    assert {result.function for result in results} == {"softmax", "log_softmax"}
    assert names == [
        name
        for name, test in graded("hw3_softmax_loss").items()
        if test.pytestmark[0].args[0] in ("softmax", "log_softmax")
    ]
    assert [r.test for r in run("hw3_softmax_loss", right, only=names[1:3])] == names[1:3]
    both = run("hw3_softmax_loss", right, functions=["softmax"], only=[names[0], names[-1]])
    assert [result.test for result in both] == names[:1]


def test_a_function_that_is_wrong_in_one_test_loses_that_test_alone():
    def wrong(o):
        return right.softmax(o) + (o.max() > 100)

    right = solutions(COURSE, "hw3_softmax_loss")
    results = run("hw3_softmax_loss", Live({"softmax": wrong}), functions=["softmax"])
    failed = [result for result in results if not result.passed]
    assert 0 < len(failed) < len(results)
    for result in failed:
        assert result.mistake.kind == "values"
        assert result.calls[-1].function == "softmax"


def test_without_solutions_the_data_are_those_of_the_recording():
    recorded = tape.Recorded(tape.load("hw2_patterns")["tests"])
    assert asked("hw2_patterns")[1] == asked("hw2_patterns", recorded)[1]


def test_the_seed_decides_the_data():
    right = reference(COURSE, "hw2_patterns")
    one, again, two = (
        asked("hw2_patterns", tape.Drawn(right, seed))[1] for seed in ("one", "one", "two")
    )
    assert one == again
    assert one != two
    assert one != asked("hw2_patterns")[1]


def test_the_solutions_that_are_given_decide_what_is_right():
    right = reference(COURSE, "hw3_softmax_loss")
    other = Live({"softmax": lambda o: solutions(COURSE, "hw3_softmax_loss").softmax(2 * o)})
    data = tape.Drawn(other)
    assert all(r.passed for r in run("hw3_softmax_loss", other, data, functions=["softmax"]))
    assert any(not r.passed for r in run("hw3_softmax_loss", right, data, functions=["softmax"]))


def test_what_is_recorded_is_what_is_played_back():
    right = reference(COURSE, "hw2_patterns")
    data = tape.Drawn(right)
    results = run("hw2_patterns", right, data)
    record = data.values
    assert list(record) == [result.test for result in results]
    stored = tape.load("hw2_patterns")["tests"]
    assert {name: len(values) for name, values in record.items()} == {
        name: len(values) for name, values in stored.items()
    }


def test_of_what_is_drawn_until_it_fits_only_what_fits_is_recorded():
    recorder = tape.Recorder()
    fresh = tape.Fresh(recorder, "a seed")
    (drawn,) = fresh.until(lambda x: x[0] > 1.0, lambda: (fresh.normal(3),))
    (kept,) = recorder.values
    assert drawn[0] > 1.0
    played = tape.Fresh(tape.Player([kept]), "another seed")
    (again,) = played.until(lambda x: False, lambda: (played.normal(3),))
    np.testing.assert_array_equal(again, drawn)


def test_a_recording_older_than_the_tests_is_an_error(monkeypatch):
    recording = {**tape.load("hw2_patterns"), "tests": {}}
    monkeypatch.setattr(tape, "load", lambda homework: recording)
    with pytest.raises(tape.StaleRecording):
        run("hw2_patterns", reference(COURSE, "hw2_patterns"))


def test_an_error_of_ours_is_not_the_students():
    class Broken:
        def call(self, name, args):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run("hw2_patterns", Broken())

    class Nobody:
        def call(self, name, args):
            raise Unavailable("no room for another process")

    with pytest.raises(Unavailable):
        run("hw2_patterns", Nobody())


def test_an_exception_in_a_test_that_is_no_mistake_fails_it_alone(monkeypatch):
    def unusable(*args, **kwargs):
        raise ZeroDivisionError("in the test")

    monkeypatch.setattr("autograder.suites.hw2_patterns.assert_same", unusable)
    results = run("hw2_patterns", reference(COURSE, "hw2_patterns"), functions=["rnn_step"])
    assert {result.mistake.kind for result in results} == {"unusable"}
    assert {result.mistake.details for result in results} == {"ZeroDivisionError: in the test"}


def test_only_so_much_of_the_answers_is_kept(monkeypatch):
    right = reference(COURSE, "hw3_softmax_loss")

    def kept():
        results = run("hw3_softmax_loss", right, functions=["softmax"])
        assert all(result.passed for result in results)
        return [call.outcome.value for result in results for call in result.calls]

    whole = kept()
    assert all(isinstance(value, np.ndarray) for value in whole)
    size = sum(map(wire.memory, whole))
    monkeypatch.setattr("autograder.suite.MOST_KEPT", size)
    assert all(isinstance(value, np.ndarray) for value in kept())
    monkeypatch.setattr("autograder.suite.MOST_KEPT", size - 1)
    assert [type(value) for value in kept()[-1:]] == [wire.Opaque]
    assert isinstance(kept()[0], np.ndarray)


def test_a_function_earns_the_points_of_the_tests_that_pass():
    wrong = Result("f", "test_b", 1.0, Mistake("Wrong."))
    report = Report("f", [Result("f", "test_a", 0.5), wrong, Result("f", "test_c", 2.5)])
    assert (report.points, report.worth) == (3.0, 4.0)
    assert (Report("f", [wrong]).points, Report("f", [wrong]).worth) == (0.0, 1.0)
    assert [type(number) for number in (report.points, Report("f", []).points)] == [float, float]


# --- parts -------------------------------------------------------------------------------


def test_what_a_test_earns_is_the_share_of_right_parts_and_never_all_where_one_is_wrong():
    mistake = Mistake("Wrong.")
    for worth, share, points in ((0.5, 7 / 8, 0.4), (1.5, 0.5, 0.75), (0.5, 0.99, 0.45)):
        assert Result("f", "test_a", worth, mistake, share=share).points == points
    assert Result("f", "test_a", 0.5, mistake).points == 0.0
    assert Result("f", "test_a", 0.5).points == 0.5


GRADIENTS = {
    "hw4_bptt": ("bptt", "bptt_single_output", "truncated_bptt"),
    "hw5_teacher_forcing": ("teacher_forced_gradient", "free_running_gradient"),
    "hw6_gated": ("lstm_bptt",),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_by_differences_lose_the_test_of_many_numbers_alone(name):
    """Two runs for each number, however they are made, are as many as here, and right."""
    right = vars(solutions(COURSE, name))

    def by_differences(function):
        def differences(*args):
            loss, grads = function(*args)
            for _ in range(sum(array.size for array in grads.values()) // 2):
                function(*args)  # a run forward and the way back, as long as three forward
            return loss, grads

        return differences

    student = Live({f: by_differences(right[f]) for f in GRADIENTS[name]})
    results = run(name, student, functions=GRADIENTS[name])
    lost = [result for result in results if not result.passed]
    assert [result.function for result in lost] == [*GRADIENTS[name]]
    for result in lost:
        assert "hundreds of runs of the network" in result.mistake.message
        assert result.points == 0.0
