"""What a student calls in a notebook: `check`, `hint`, `progress`, `needs` and `slide`."""

import json
import subprocess
import sys
from pathlib import Path
from unittest import mock

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from autograder import check, hint, needs, notebook, progress, slide
from solutions.hw3_softmax_loss import solution as right

COURSE = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test works in an empty folder, as if no hint had been given yet."""
    home = tmp_path / "hw3_softmax_loss"
    home.mkdir()
    monkeypatch.chdir(home)
    monkeypatch.setattr(notebook, "_hints_given", {})
    return home


def softmax(o):
    """A mistake: no maximum is subtracted."""
    e = np.exp(o)
    return e / e.sum(axis=-1, keepdims=True)


def test_the_value_of_a_check_is_the_points(capsys):
    assert check(right.softmax) == 4.0
    assert "softmax: 4 of 4 points. All tests pass." in capsys.readouterr().out


def test_a_wrong_function_gets_the_points_of_the_tests_that_pass(capsys):
    assert 0 < check(softmax) < 4
    told = capsys.readouterr().out
    assert "NaN" in told
    assert "Called: softmax(o) with o: array" in told


def test_a_stub_is_not_started_rather_than_wrong(capsys):
    def softmax(o):
        raise NotImplementedError

    assert check(softmax) == 0.0
    told = capsys.readouterr().out
    assert "not started" in told
    assert "failed" not in told


def test_an_exception_is_shown_with_its_line_and_without_ours(capsys):
    def softmax(o):
        return o + missing  # noqa: F821

    check(softmax)
    told = capsys.readouterr().out
    assert "NameError: name 'missing' is not defined" in told
    assert "return o + missing" in told
    assert "Traceback" not in told
    assert "autograder" not in told


def test_what_the_function_prints_does_not_bury_the_report(capsys):
    def softmax(o):
        print("debugging")
        return right.softmax(o)

    check(softmax)
    assert "debugging" not in capsys.readouterr().out


def test_a_changed_argument_is_a_mistake_of_its_own(capsys):
    def softmax(o):
        o -= o.max(axis=-1, keepdims=True)
        return right.softmax(o)

    assert 0 < check(softmax) < 4
    assert "changed its argument o" in capsys.readouterr().out


def test_a_function_under_another_name_is_known_by_its_variable(capsys, monkeypatch):
    monkeypatch.setitem(globals(), "softmax", lambda o: right.softmax(o))
    assert check(globals()["softmax"]) == 4.0


def test_the_function_to_mend_first_is_named(capsys):
    namespace = {"np": np}
    exec(
        "def log_softmax(o):\n"
        "    return o\n"
        "def sequence_loss(o, y, mask=None):\n"
        "    T, N, K = o.shape\n"
        "    t, n = np.indices((T, N))\n"
        "    return -log_softmax(o)[t, n, y].sum() / N\n",
        namespace,
    )
    check(namespace["sequence_loss"])
    told = capsys.readouterr().out
    assert "sequence_loss uses log_softmax, which is not right yet: mend that first" in told


def test_a_function_that_is_written_but_uses_one_that_is_not_is_told_which_to_write(capsys):
    def log_softmax(o):
        raise NotImplementedError

    def sequence_loss(o, y, mask=None):
        return log_softmax(o)

    assert check(sequence_loss) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "sequence_loss uses log_softmax, which is not written yet: write that first." in told
    assert "not started" not in told
    assert "Write it" not in told


def test_a_function_of_no_exercise_is_refused():
    with pytest.raises(ValueError, match=r"belongs to no exercise\. The exercises are: hw1"):
        check(print)

    def unrol():
        pass

    with pytest.raises(ValueError, match=r"'unrol' belongs to no exercise\. Did you mean unroll\?"):
        check(unrol)


def test_a_name_serves_as_well_as_the_function(folder, capsys):
    namespace = {"check": check, "hint": hint, "softmax": right.softmax}
    assert eval('check("softmax")', namespace) == 4.0
    capsys.readouterr()
    eval('hint("unroll_inputs")', namespace)  # is not written yet, and needs not be
    assert "Hint 1 of 3" in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"no function unroll yet: run the cell that defines it"):
        eval('check("unroll")', namespace)


def test_a_name_of_no_exercise_is_answered_in_a_notebook_without_a_traceback():
    shell = InteractiveShell()
    with pytest.raises(ValueError, match=r"'unrol' belongs to no exercise\. Did you mean unroll\?"):
        hint("unrol")
    with mock.patch.object(shell, "_showtraceback") as shown:
        shell.run_cell('from autograder import hint\nhint("unrol")')
    _, _, lines = shown.call_args.args
    assert len(lines) == 1
    assert lines[0].startswith("'unrol' belongs to no exercise")


def test_hints_come_one_at_a_time(capsys):
    for _ in range(4):
        hint(softmax)
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("Hint 1 of 3")
    assert told[1].startswith("Hint 2 of 3")
    assert told[2].startswith("Hint 3 of 3")
    assert "last one" in told[2]
    assert told[3] == told[2]


def test_progress_remembers_the_last_check_of_every_homework_there_is_here(folder, capsys):
    check(right.softmax)
    (folder.parent / "hw1_unrolling").mkdir()
    other = folder.parent / "hw2_patterns"
    other.mkdir()
    content = {"hw2_patterns": {"rnn_step": 3.0}}
    (other / notebook.PROGRESS).write_text(json.dumps(content))
    capsys.readouterr()
    progress()
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert "4 of 20 points   1 of 4 exercises" in lines["hw3_softmax_loss"]
    assert "3 of 20 points   1 of 5 exercises" in lines["hw2_patterns"]
    assert "0 of 20 points   0 of 6 exercises" in lines["hw1_unrolling"]
    assert "7 of 60 points   2 of 15 exercises" in lines["in"]
    assert "hw4_bptt" not in lines


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"hw3_softmax_loss": 3}', "\x00"])
def test_a_damaged_progress_file_counts_as_empty(folder, damage, capsys):
    (folder / notebook.PROGRESS).write_text(damage)
    progress()
    assert check(right.softmax) == 4.0


def test_a_demonstration_says_what_it_needs(capsys):
    def bptt():
        raise NotImplementedError

    with needs(bptt):
        bptt()
        pytest.fail("the rest of the demonstration should not run")
    told = capsys.readouterr().out
    assert "needs bptt" in told
    assert "bptt is not written yet" in told


def test_a_demonstration_hides_no_other_error():
    with pytest.raises(ZeroDivisionError), needs(softmax):
        1 / 0  # noqa: B018


def test_checks_come_without_the_tools_of_teachers():
    """In the browser, neither the sandbox nor nbgrader can be had."""
    program = (
        "import sys\n"
        "from autograder import check\n"
        "from solutions.hw3_softmax_loss.solution import softmax\n"
        "assert check(softmax) == 4.0\n"
        "bad = {'nbgrader', 'jupytext', 'wasmtime', 'autograder.grading', 'autograder.course'}\n"
        "assert not bad & set(sys.modules), bad & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": str(COURSE)})


def test_the_picture_under_a_slider_follows_it_and_is_shown_once(monkeypatch):
    shown, drawn = [], []
    monkeypatch.setattr(notebook, "_show", shown.append)

    @slide(k=[1, 2, 3])
    def parabola(k=2):
        drawn.append(k)
        plt.plot([0, k, 4 * k])

    (box,) = shown
    slider, image = box.children
    first = bytes(image.value)
    assert first.startswith(b"\x89PNG")
    slider.value = 3
    assert bytes(image.value) != first
    slider.value = 2
    assert bytes(image.value) == first
    assert drawn == [2, 3, 2]
    assert plt.get_fignums() == []


def test_a_slider_says_what_is_missing_like_any_demonstration(capsys):
    def stub():
        raise NotImplementedError

    with needs(stub):

        @slide(k=[1])
        def line(k=1):
            stub()

    assert "needs stub" in capsys.readouterr().out
    assert plt.get_fignums() == []
