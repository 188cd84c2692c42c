"""The likely cause of wrong answers is told, and nothing is told that is not known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograder import diagnosis
from autograder.calls import Answer, Failure, Live
from autograder.course.catalogue import catalogue
from autograder.diagnosis import diagnose
from autograder.suite import exercises, homeworks, run
from proof.recognition import tally, tally_pairs
from solutions.hw2_patterns import solution as hw2_patterns
from solutions.hw3_softmax_loss import solution as hw3_softmax_loss
from solutions.hw4_bptt import solution as hw4_bptt

COURSE = Path(__file__).parents[1]
COMPUTED = [
    function
    for homework in homeworks()
    for function in exercises(homework)
    if not function.endswith("_graph")
]


@pytest.mark.parametrize("homework", homeworks())
def test_wrong_work_is_rejected_and_nineteen_of_twenty_named_or_explained_and_none_misnamed(
    homework,
):
    found, remarks = tally(homework)
    assert found.rejected == found.written, remarks
    assert found.named_rightly + found.explained >= 0.95 * found.written, remarks
    assert found.named_wrongly == 0, remarks
    assert found.named_though_unknown == 0, remarks
    assert found.false_claims == 0, remarks
    assert found.accepted == found.right_ways, remarks


@pytest.mark.parametrize("homework", homeworks())
def test_two_mistakes_at_once_are_rejected_and_named_if_that_pair_is_on_file(homework):
    found = tally_pairs(homework)
    made = found["recorded"]["made"]
    assert found["recorded"]["rejected"] == made
    assert found["recorded"]["both"] >= 0.98 * made  # of the others, all that is known is an error
    assert found["recorded"]["one"] == found["recorded"]["misnamed"] == 0
    assert found["not recorded"]["rejected"] == found["not recorded"]["made"]
    assert found["not recorded"]["misnamed"] == 0


def test_at_least_three_mistakes_are_known_of_every_function():
    known = [m.function for homework in homeworks() for m in catalogue(COURSE, homework)]
    assert min(known.count(function) for function in COMPUTED) >= 3
    assert len(known) >= 100


@pytest.mark.parametrize("homework", homeworks())
def test_mistakes_that_share_a_name_share_their_sentence(homework):
    says = {}
    for mistake in catalogue(COURSE, homework):
        assert says.setdefault((mistake.function, mistake.name), mistake.says) == mistake.says


def told(function, **wrong):
    """Return the diagnosis of a wrong function."""
    ((name, way),) = wrong.items()
    return diagnose(run(function, Live({name: way}), functions=[name]))


def bptt(derivative=lambda h: 1 - h**2, scale=1.0, carry=1.0):
    """Make a BPTT with an odd derivative of tanh, or odd factors."""

    def wrong(x, h0, y, params):
        h, o = hw4_bptt.hidden_recurrence(x, h0, params)
        do = hw4_bptt.sequence_loss_gradient(o, y)
        grads = {name: np.zeros_like(value) for name, value in params.items()}
        grads["x"], carried = np.zeros_like(x), np.zeros_like(h0)
        for t in reversed(range(len(x))):
            da = (do[t] @ params["V"] + carried) * derivative(h[t])
            grads["U"] += da.T @ x[t]
            grads["W"] += da.T @ (h[t - 1] if t else h0)
            grads["V"] += do[t].T @ h[t]
            grads["b"] += da.sum(axis=0)
            grads["c"] += do[t].sum(axis=0)
            grads["x"][t] = da @ params["U"]
            carried = carry * da @ params["W"]
        grads["h0"] = carried
        return hw4_bptt.sequence_loss(o, y), {k: scale * v for k, v in grads.items()}

    return wrong


def test_a_classic_mistake_is_named_with_its_reason_and_where_to_read():
    found = told("hw4_bptt", bptt=bptt(derivative=lambda h: 1 - h))
    assert found.mistakes == ("derivative of tanh taken as 1 - h",)
    assert found.title == "Likely cause: derivative of tanh taken as 1 - h."
    assert "h and -h have the same slope" in found.text
    assert found.section == "All steps: why there is a sum over time"


def test_an_unknown_mistake_is_described_by_what_is_wrong_and_what_is_exact():
    found = told("hw4_bptt", bptt=bptt(carry=0.9))
    assert found.mistakes == ()
    assert "; `loss`, `dV`, `dc` are right." in found.text
    assert "In `dx` the last step is right and all earlier ones are wrong." in found.text


def test_a_constant_factor_is_told_in_the_letters_of_the_sizes():
    def gradient(o, y, mask=None):
        return -2.0 * hw3_softmax_loss.sequence_loss_gradient(o, y, mask)

    assert told("hw3_softmax_loss", sequence_loss_gradient=gradient).text == ""

    def doubled(o, y, mask=None):
        return 2.0 * hw3_softmax_loss.sequence_loss_gradient(o, y, mask)

    found = told("hw3_softmax_loss", sequence_loss_gradient=doubled)
    assert found.title == "What the answers show:"
    assert found.text == "Every number in `do` is 2 times what it should be."


def test_sums_that_start_at_the_parameters_and_entries_that_are_all_the_same_are_told():
    def started(x, h0, y, params):
        loss, grads = hw4_bptt.bptt(x, h0, y, params)
        return loss, {name: part + params.get(name, 0) for name, part in grads.items()}

    found = told("hw4_bptt", bptt=started)
    assert found.text.endswith("Each of these is what it should be, plus the parameter itself.")

    def summed(x, h0, y, params):
        loss, grads = hw4_bptt.bptt(x, h0, y, params)
        return loss, grads | {"c": np.full(len(grads["c"]), 1.0 + grads["c"][0])}

    assert told("hw4_bptt", bptt=summed).text.endswith("In `dc` all numbers are the same.")

    def emptied(x, h0, y, params):
        loss, grads = hw4_bptt.bptt(x, h0, y, params)
        return loss, grads | {"c": 0 * grads["c"]}

    assert told("hw4_bptt", bptt=emptied).text.endswith("In `dc` all numbers are 0.")


def test_a_first_or_a_last_step_alone_is_told():
    def last(x, h0, params):
        h, o = hw2_patterns.hidden_recurrence(x, h0, params)
        return h[-1], o

    found = told("hw2_patterns", hidden_recurrence=last)
    assert found.text.endswith("`h` is the last step alone, without an axis for time.")

    def first(x, h0, params):
        h, o = hw2_patterns.hidden_recurrence(x, h0, params)
        return h[:1], o

    found = told("hw2_patterns", hidden_recurrence=first)
    assert found.text.endswith("`h` has a single step, and that is right for the first one.")

    def other(x, h0, params):
        h, o = hw2_patterns.hidden_recurrence(x, h0, params)
        return h[-1] + 1e-3, o

    assert "alone" not in told("hw2_patterns", hidden_recurrence=other).text


def test_no_size_is_said_to_matter_where_it_may_be_the_number_of_windows():
    def wrong(x, h0, y, params, k):
        loss, grads = hw4_bptt.truncated_bptt(x, h0, y, params, k)
        return loss * min(k, len(x)) / len(x), grads

    found = told("hw4_bptt", truncated_bptt=wrong)
    assert found.text.startswith("Only `loss` is wrong; the gradients are right.")
    assert "single sequence" not in found.text


def test_two_mistakes_at_once_are_both_named():
    def wrong(o, y, mask=None):
        T, N, _ = o.shape
        do = hw3_softmax_loss.softmax(o)
        do[np.arange(T)[:, None], np.arange(N), y] -= 1.0
        return do

    found = told("hw3_softmax_loss", sequence_loss_gradient=wrong)
    assert set(found.mistakes) == {"1/N missing", "mask ignored"}
    assert found.title.startswith("Likely two mistakes at once: ")


def starting_late(at_once):
    """Make `unroll_inputs` skip the first input; what it gives without inputs is free."""

    def wrong(f, h0, x, theta):
        if len(x) == 0:
            return at_once(h0)
        h = [h0]
        for t in range(1, len(x)):
            h.append(f(h[-1], x[t], theta))
        return np.array(h)

    return wrong


def test_one_test_may_show_another_edge_but_the_others_must_agree():
    for at_once in (lambda h0: h0, lambda h0: np.full((2, 3), 7.0)):
        found = told("hw1_unrolling", unroll_inputs=starting_late(at_once))
        assert found.mistakes == ("first input never read",)

    def shifted(f, h0, x, theta):
        return starting_late(lambda h0: h0)(f, h0, x, theta) + 1e-3

    assert told("hw1_unrolling", unroll_inputs=shifted).mistakes == ()


def test_nothing_is_told_of_right_work_or_of_a_stub():
    def stub(o):
        raise NotImplementedError

    assert told("hw3_softmax_loss", softmax=hw3_softmax_loss.softmax) is None
    assert told("hw3_softmax_loss", softmax=stub) is None


STRANGE = [
    None, (), {}, [], "text", float("nan"), float("inf"), 10**400, True, [[1.0, 2.0], [3.0]],
    np.empty(0), np.full((3, 4), np.nan), np.full(5, 1e308), np.ones((2, 3), complex),
    np.array(["a"]), {"U": None}, (np.ones(2), {"U": np.ones((2, 2))}), [0.0] * 10_000,
    {1: 2.0, "1": 3.0}, np.ones(1_000_001, np.int8), np.float32(2.5), lambda: None,
]  # fmt: skip


@pytest.mark.parametrize("answer", STRANGE, ids=[str(n) for n in range(len(STRANGE))])
def test_whatever_comes_back_the_diagnosis_holds(answer):
    for homework in homeworks():
        for function in exercises(homework):
            results = run(homework, Live({function: lambda *_: answer}), functions=[function])
            found = diagnose(results)
            assert all(result.passed for result in results) == (found is None)


def test_failures_are_alike_whatever_their_numbers_and_names():
    call = diagnosis.outcome
    one, other, third = (
        call(CallOf(Failure("exception", f"`softmax` raised {text}")))
        for text in (
            "ValueError: operands (3,4) and (5,) of 'x'",
            "ValueError: operands (7,2) and (9,) of 'o'",
            "TypeError: operands (3,4) and (5,) of 'x'",
        )
    )
    assert one == other != third


class CallOf:
    """A call of which only the outcome matters."""

    changed_names = ()

    def __init__(self, outcome):
        self.outcome = outcome


def test_fingerprints_tell_order_sign_scale_and_shape_apart():
    array = np.random.default_rng(0).normal(size=(3, 4))
    known = diagnosis.outcome(CallOf(Answer(array)))
    right = diagnosis.relative(known, known)
    assert right == {"": None}
    for other in (array.T, array[::-1], -array, 2 * array, array.reshape(4, 3), array + 1e-5):
        assert diagnosis.relative(diagnosis.outcome(CallOf(Answer(other))), known)[""] is not None
    same = array + 1e-14
    assert diagnosis.relative(diagnosis.outcome(CallOf(Answer(same))), known) == right


def test_a_catalogue_without_the_mistake_says_what_the_answers_show():
    results = run(
        "hw2_patterns", Live({"hidden_recurrence": late}), functions=["hidden_recurrence"]
    )
    known = diagnosis.load("hw2_patterns")["hidden_recurrence"]
    found = diagnose(results, replace(known, mistakes=[]))
    assert found.text == "Only `o` is wrong; `h` is right."


def late(x, h0, params):
    h, _ = hw2_patterns.hidden_recurrence(x, h0, params)
    before = np.concatenate([h0[None], h[:-1]])
    return h, before @ params["V"].T + params["c"]
