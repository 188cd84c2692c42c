"""Answers are judged by their values, and a wrong one is told what is wrong and where."""

from typing import ClassVar

import numpy as np
import pytest

from autograder.calls import Answer
from autograder.graphs import Edges
from autograder.judge import (
    TINY,
    TOLERANCE,
    Mistake,
    assert_same,
    assert_same_graph,
    assert_unchanged,
    conform,
    each_part,
)
from autograder.suite import Call
from autograder.wire import Dot, Opaque

H = "h[t, n, i]"
HO = ("h[t, n, i]", "o[t, n, k]")


def mistake(call, *args, **kwargs):
    with pytest.raises(Mistake) as caught:
        call(*args, **kwargs)
    return caught.value


def h():
    return np.random.default_rng(0).normal(size=(4, 2, 3))


# --- the form ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "form", "told"),
    [
        ([1.0, 2.0], "o[k]", "should be a numpy array, yet it is a list of 2"),
        (None, "o[k]", "None (is a `return` missing?)"),
        (np.zeros((2, 2)), "o[k]", "should have 1 axis (k), yet its shape is (2, 2)"),
        (np.zeros(2, complex), "o[k]", "should hold real numbers, yet its dtype is complex128"),
        (np.array(["a"]), "o[k]", "should hold real numbers"),
        (np.zeros((4, 2, 3)), HO, "(h, o) should come back, yet an array of shape (4, 2, 3) did"),
        ((1, 2, 3), HO, "(h, o) should come back: 2 values, yet 3 did"),
        (3.0, {"U": "U[i]"}, "A dict with the keys U should come back, yet a float did"),
        ("1.0", "loss", "`loss` should be a float, yet it is a str"),
        (np.zeros(1), "loss", "`loss` should be a float, yet it is an array of shape (1,)"),
        (True, "loss", "`loss` should be a float, yet it is a bool"),
        (Opaque("generator"), "o[k]", "yet it is a generator"),
        (3, "graph", "A graphviz.Digraph should come back, yet an int did"),
    ],
)
def test_an_answer_of_the_wrong_form_is_told_so(value, form, told):
    assert told in str(mistake(conform, value, form))


@pytest.mark.parametrize("value", [2.5, np.float64(2.5).item(), np.array(2.5)])
def test_a_number_may_be_a_float_or_an_array_without_axes(value):
    assert conform(value, "loss") == 2.5


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.float16])
def test_a_real_array_is_judged_by_its_values_whatever_its_dtype(dtype):
    answer = conform(np.arange(4).astype(dtype), "o[k]")
    assert_same(answer, np.arange(4.0), "o[k]")


def test_float32_storage_of_a_right_result_passes():
    assert_same(conform(h().astype(np.float32), H), h(), H)


def test_a_list_serves_as_a_tuple():
    assert_same(conform([h(), h()], HO), (h(), h()), HO)


def test_a_list_is_told_how_to_become_an_array_and_a_number_is_not():
    assert str(mistake(conform, [1.0], "o[k]")) == (
        "`o` should be a numpy array, yet it is a list of 1. Make it one with np.array or np.stack."
    )
    assert str(mistake(conform, 1.0, "o[k]")) == "`o` should be a numpy array, yet it is a float."


def test_the_parts_of_an_answer_come_back_by_their_places():
    form = ("L", {"U": "U[i, d]", "b": "b[i]"})
    value = (2, {"b": np.arange(2), "more": 1, "U": np.ones((2, 3), np.float32)})
    loss, grads = conform(value, form)
    assert (loss, type(loss)) == (2.0, float)
    assert list(grads) == ["U", "b"]
    assert grads["U"].tolist() == np.ones((2, 3)).tolist()
    assert grads["b"].tolist() == [0.0, 1.0]


def test_a_part_that_is_missing_or_of_another_form_leaves_the_others_as_they_are():
    form = ("L", {"U": "U[i, d]", "W": "W[i, j]", "b": "b[i]"})
    loss, grads = conform((2.5, {"U": np.ones((2, 3)), "W": [[1.0]]}), form)
    assert loss == 2.5
    assert grads["U"].shape == (2, 3)
    assert "`W` should be a numpy array" in str(mistake(np.sum, grads["W"][0]))
    assert "keys U, W, b; b is missing" in str(mistake(lambda: grads["b"] * 2.0))
    _, grads = conform((2.5, None), form)
    assert "keys U, W, b should come back, yet None" in str(mistake(lambda: grads["U"].shape))


@pytest.mark.parametrize(
    "use",
    [np.asarray, np.sum, np.isfinite, len, list, bool, float, abs, lambda part: 1.0 - part],
)
def test_what_is_not_of_its_form_tells_so_wherever_it_is_used(use):
    part, _ = conform(([1.0], np.zeros((1, 1, 1))), HO)
    assert "`h` should be a numpy array" in str(mistake(use, part))


def test_a_graph_comes_back_as_its_edges():
    assert conform(Dot("digraph { h0 -> h1 [label=f]; x1 -> h1 }"), "graph") == CHAIN
    assert mistake(conform, Dot("digraph {"), "graph").kind == "type"


def test_any_leading_axes_are_taken_only_where_the_form_says_so():
    for shape in ((), (3,), (4, 2, 3)):
        assert conform(np.zeros(shape), "p[...]").shape == shape
    assert conform(2.5, "p[...]") == conform(np.array(2.5), "p[]") == 2.5
    for value, form in ((2.5, "p[]"), (2.5, "p[k]"), ("2.5", "p[...]"), ([2.5], "p[...]")):
        assert mistake(conform, value, form).kind == "type"
    assert mistake(conform, np.zeros(1), "p[]").kind == "shape"


def test_names_are_told_by_commas():
    assert "keys U, W should" in str(mistake(conform, 1, {"U": "U[i]", "W": "W[i]"}))
    assert "(h, grads) should" in str(mistake(conform, 1, ("h[n]", {"U": "U[i]"})))


def test_numbers_come_back_as_float64_and_truth_values_as_they_are():
    assert conform(np.zeros(2, np.float16), "o[k]").dtype == np.float64
    assert conform(np.zeros(2, bool), "o[k]").dtype == bool


def test_an_array_holds_as_many_numbers_as_said(monkeypatch):
    monkeypatch.setattr("autograder.judge.MOST_NUMBERS", 6)
    assert conform(np.zeros(6), "o[k]").size == 6
    assert mistake(conform, np.zeros(7), "o[k]").kind == "shape"


# --- the values --------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3, 1e9, 1e200])
def test_the_tolerance_is_what_it_says_whatever_the_size(size):
    want = size * h()
    assert_same(want * (1 + 1.9 * TOLERANCE), want, H)  # the error is taken of both norms together
    mistake(assert_same, want * (1 + 2.1 * TOLERANCE), want, H)
    assert_same(float(size * (1 + 1.9 * TOLERANCE)), float(size), "loss")
    mistake(assert_same, float(size * (1 + 2.1 * TOLERANCE)), float(size), "loss")


def test_beside_zeros_the_tolerance_is_absolute():
    zeros = np.zeros((1, 1, 1))
    assert_same(zeros + 0.9 * TINY, zeros, H)
    mistake(assert_same, zeros + 1.1 * TINY, zeros, H)


def test_arrays_without_entries_agree_and_equal_infinities_do():
    assert_same(np.zeros((0, 2, 3)), np.zeros((0, 2, 3)), H)
    assert_same(np.array([-np.inf, 0.0]), np.array([-np.inf, 0.0]), "o[k]")
    mistake(assert_same, np.array([np.inf, 0.0]), np.array([-np.inf, 0.0]), "o[k]")


def test_every_part_of_an_answer_is_compared():
    form = ("loss", {"U": "U[i]", "b": "b[i]"})
    want = (1.0, {"U": np.ones(2), "b": np.ones(2)})
    assert_same((1.0, {"U": np.ones(2), "b": np.ones(2)}), want, form)
    for got in (
        (2.0, want[1]),
        (1.0, {**want[1], "U": np.zeros(2)}),
        (1.0, {**want[1], "b": np.zeros(2)}),
    ):
        mistake(assert_same, got, want, form)


def test_what_a_call_changed_is_told():
    class Student:
        calls: ClassVar = [Call("f", (1, 2), ["a", "b"], Answer(0, (1,)))]

    told = mistake(assert_unchanged, Student())
    assert told.kind == "argument changed"
    assert "its argument `b`," in told.message
    Student.calls.append(Call("f", (1, 2), ["a", "b"], Answer(0)))
    assert_unchanged(Student())  # the last call alone counts


def test_rounding_in_a_small_entry_passes():
    got = h()
    got[0, 0, 0] = 1e-9
    want = got.copy()
    want[0, 0, 0] = 1.1e-9
    assert_same(got, want, H)


def test_zeros_agree_with_zeros():
    assert_same(np.full((1, 1, 1), 1e-14), np.zeros((1, 1, 1)), H)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_a_millionth_of_difference_fails(size):
    got = size * h()
    assert mistake(assert_same, got * (1 + 1e-6), got, H).kind == "values"


def test_the_first_difference_is_named_by_its_axes():
    got = h()
    got[2, 1, 0] += 1.0
    got[3] += 1.0
    told = mistake(assert_same, got, h(), H)
    assert "first at `h[2, 1, 0]` (step t=2, sequence n=1, hidden unit i=0)" in told.message
    assert "7 of 24 entries differ" in told.details
    assert told.error.shape == (4, 2, 3)
    told = mistake(assert_same, np.ones((8, 2)), np.zeros((8, 2)), "dU[r, d]")
    assert "first at `dU[0, 0]` (row 0 of the four blocks, input d=0)" in told.message


def test_within_a_test_each_part_is_judged_by_itself():
    form, want = ("U[i]", "W[i]", "b[i]"), (np.ones(2), np.ones(3), np.ones(4))
    with each_part() as parts:
        assert_same((want[0], np.zeros(3), want[2]), want, form, "The first data.")
        assert_same(conform((want[0], want[1], [1.0]), form), want, form, "The second.")
        assert_same(want[0], want[0], "U[i]", "The third.")
    assert parts.share == pytest.approx(1 / 3)
    assert "`b`" in parts.mistakes["b"].message
    assert parts.first_mistake.message.startswith("The first data. `W` has wrong values")
    with each_part() as parts:
        assert_same(want, want, form)
    assert (parts.share, parts.first_mistake) == (1.0, None)


def test_a_part_that_is_right_once_and_wrong_once_is_wrong():
    with each_part() as parts:
        assert_same(np.ones(2), np.zeros(2), "U[i]")
        assert_same(np.ones(2), np.ones(2), "U[i]")
    assert parts.share == 0.0


def test_an_answer_can_be_compared_with_an_earlier_one_that_is_not_of_its_form():
    unfit, right = conform(([1.0], h()), HO), (h(), h())
    for got, want in ((right, unfit), (unfit, right)):
        message = mistake(assert_same, got, want, HO).message
        assert "`h` should be a numpy array" in message
        assert message.endswith("`o` is right.")


def test_no_number_of_the_data_is_in_the_message():
    got = h()
    got[2, 1, 0] = 77.0
    told = mistake(assert_same, got, h(), H)
    assert "77" not in told.message
    assert "77" in told.details


def test_what_is_right_is_named_too():
    form = {"U": "U[i]", "W": "W[i]", "b": "b[i]"}
    want = {key: np.ones(3) for key in form}
    got = {**want, "W": np.zeros(3), "b": np.zeros(3)}
    message = mistake(assert_same, got, want, form).message
    assert message.startswith("`W` has wrong values")
    assert message.endswith("`b` is wrong, too. `U` is right.")
    got = {**got, "U": np.zeros(3)}
    assert mistake(assert_same, got, want, form).message.endswith("`W`, `b` are wrong, too.")
    got = {**want, "W": np.zeros(3)}
    assert mistake(assert_same, got, want, form).message.endswith("`U`, `b` are right.")


@pytest.mark.parametrize(
    ("bad", "told"), [(np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "infinity")]
)
def test_nan_and_infinity_never_pass(bad, told):
    got = h()
    got[1, 0, 2] = bad
    answer = mistake(assert_same, got, h(), H)
    assert answer.kind == "nan"
    assert told in answer.message
    assert "`h[1, 0, 2]`" in answer.message


def test_all_nan_never_passes():
    assert mistake(assert_same, np.full_like(h(), np.nan), h(), H).kind == "nan"
    assert mistake(assert_same, float("nan"), 1.0, "loss").kind == "nan"


@pytest.mark.parametrize("huge", [1e200, -1e308])
def test_a_huge_answer_whose_norm_overflows_never_passes(huge):
    mistake(assert_same, np.full_like(h(), huge), h(), H)
    mistake(assert_same, huge, 1.0, "loss")


def test_a_wrong_shape_is_told_with_both():
    told = mistake(assert_same, h().transpose(1, 0, 2), h(), H)
    assert told.kind == "shape"
    assert "(2, 4, 3), expected is (4, 2, 3), that is (T, N, H)" in told.details


def test_float32_is_named_where_it_costs_the_last_digits():
    rounded = (h() * (1 + 1e-6)).astype(np.float32)
    assert "compute in float64" in mistake(assert_same, conform(rounded, H), h(), H).details
    assert "float64" not in mistake(assert_same, h() * (1 + 1e-6), h(), H).details
    loss = conform(np.float32(2.3 * (1 + 1e-6)).item(), "loss")
    assert "compute in float64" in mistake(assert_same, loss, 2.3, "loss").details
    assert "float64" not in mistake(assert_same, 2.3 * (1 + 1e-6), 2.3, "loss").details
    assert "float64" not in mistake(assert_same, 2.0, 2.3, "loss").details
    wrong = (h() + 1).astype(np.float32)
    assert "float64" not in mistake(assert_same, conform(wrong, H), h(), H).details


def test_the_reason_comes_first():
    told = mistake(assert_same, h() + 1, h(), H, "Only the future was changed.")
    assert told.message.startswith("Only the future was changed. `h` has")


def test_truth_values_are_compared_exactly():
    want = np.array([[True, False], [True, True]])
    assert_same(want.copy(), want, "depends[t, s]")
    told = mistake(assert_same, ~want, want, "depends[t, s]")
    assert "is False, expected True" in told.details


# --- graphs ------------------------------------------------------------------------------

CHAIN = Edges((("h0", "h1", "f"), ("x1", "h1", "")))


def test_the_order_of_edges_is_free():
    assert_same_graph(Edges(CHAIN.edges[::-1]), CHAIN)


@pytest.mark.parametrize(
    ("edges", "told"),
    [
        ([("h0", "h1", "f")], "Missing: `x1 -> h1`."),
        ([("h0", "h1", ""), ("x1", "h1", "")], "`h0 -> h1` should be labelled `f`, yet it has no"),
        ([("h0", "h1", "f"), ("x1", "h1", "U")], "`x1 -> h1` should have no label, yet it is lab"),
        ([("h1", "h0", "f"), ("x1", "h1", "")], "`h1 -> h0` should point the other way"),
        ([*CHAIN.edges, ("h1", "h2", "f")], "Not expected: `h1 -> h2` labelled `f`."),
        ([*CHAIN.edges, ("x1", "h1", "")], "Drawn more than once: `x1 -> h1`."),
        ([], "Missing: `h0 -> h1` labelled `f`, `x1 -> h1`."),
        ([CHAIN.edges[0]] * 2, "Missing: `x1 -> h1`."),
    ],
)
def test_a_difference_of_graphs_is_named(edges, told):
    assert told in mistake(assert_same_graph, Edges(tuple(edges)), CHAIN).message
