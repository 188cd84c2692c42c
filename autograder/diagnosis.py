"""Name the mistake behind wrong answers.

Classic mistakes are known by their *fingerprints*: when the course is built, each of the catalogue
is run on the public data, and what it answers is written down as a few numbers for each array. A
student's answers are compared with those. So the student's machine needs no code of a mistake, and
it does not matter in what style one was made.

Where no known mistake fits tightly, the structure of the answers speaks: which of them are exact, a
constant factor, the first wrong step. Where that says nothing either, nothing is said.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, islice
from typing import Any

import numpy as np

from autograder import tape, wire
from autograder.calls import Failure
from autograder.graphs import GraphError, edges_of
from autograder.judge import MOST_NUMBERS, TOLERANCE, Form, leaf_forms
from autograder.kinds import Kind
from autograder.operands import sizes_of
from autograder.suite import Call, Result, homework_of, suite

MOST_PARTS = 50  # of an answer
MOST_STEPS = 20  # told apart: longer answers would fill the student's disk, and tell no more
HUGE = 1e100  # its square is still a number
Outcome = dict[str, Any]  # what a call gave: a fingerprint for each part of the answer


@dataclass(frozen=True)
class Diagnosis:
    """The likely cause of wrong answers.

    Parameters
    ----------
    title, text : str
        What is wrong, in a few words, and why: for the student.
    mistakes : tuple of str
        The names of the classic mistakes; empty where only the structure is known.
    section : str
        The heading in the notebook under which to read again.
    """

    title: str
    text: str
    section: str
    mistakes: tuple[str, ...] = ()


# --- fingerprints ------------------------------------------------------------------------


def outcome(call: Call) -> Outcome:
    """Return the fingerprints of what a call gave, by place in the answer."""
    if isinstance(call.outcome, Failure):
        return {"failure": _failure(call.outcome)}
    parts = dict(islice(_parts(call.outcome.value), MOST_PARTS))
    if call.outcome.changed:
        parts["changed"] = ", ".join(call.changed_names)
    return parts


def _failure(failure: Failure) -> str:
    """Return what a failure has in common with others of its cause: no names, no numbers."""
    if failure.kind is not Kind.EXCEPTION:
        return str(failure.kind)
    error = failure.message.partition(" raised ")[2]
    return re.sub(r"\d+", "#", re.sub(r"(['\"`]).*?\1", "…", error))


def _parts(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list | tuple):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in items:
            yield from _parts(part, f"{path}.{key}")
    elif isinstance(value, wire.Dot):
        yield path, _graph(value.source)
    elif (
        isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and value.size <= MOST_NUMBERS
    ):
        yield path, fingerprint(value.astype(np.float64))
    elif isinstance(value, bool | int | float):
        yield path, fingerprint(np.array(min(max(value, -HUGE), HUGE), np.float64))
    else:
        yield path, type(value).__name__


def _graph(source: str) -> str:
    try:
        edges = sorted(edges_of(source).edges)
    except GraphError:
        return "no graph"
    return "graph " + hashlib.sha256(repr(edges).encode()).hexdigest()[:16]


def fingerprint(array: np.ndarray) -> np.ndarray:
    """Return the norm of an array, two weighted sums of its entries, and its shape.

    Linear but for the norm: c times an array has c times the sums, and |c| times the norm.
    """
    finite = np.nan_to_num(array.ravel(), nan=0.123456789, posinf=HUGE / 3, neginf=-HUGE / 3)
    flat = np.clip(finite, -HUGE, HUGE)
    places = np.arange(1.0, flat.size + 1)
    sums = [flat @ np.cos(places * places), flat @ np.sin(places * np.sqrt(places))]
    return np.array([np.linalg.norm(flat), *sums, *array.shape])


def _is_constant(part: np.ndarray) -> bool:
    """Whether a fingerprint is of equal numbers, or of one that is 0, 1, -1 or not finite."""
    shape = tuple(map(int, part[3:]))
    size = int(np.prod(shape))
    value = part[0] / np.sqrt(max(1, size))
    if size < 2:
        return size == 0 or value in (0.0, 1.0, 0.123456789) or value >= HUGE / 4
    of_ones = fingerprint(np.ones(shape))[1:3]
    error = min(np.max(np.abs(part[1:3] - c * of_ones)) for c in (value, -value))
    return bool(error <= 1e-9 * max(part[0], 1e-300))


def _exact(one: Any, right: Any) -> bool:
    if not (isinstance(one, np.ndarray) and isinstance(right, np.ndarray)):
        return isinstance(one, str) and isinstance(right, str) and one == right
    if not np.array_equal(one[3:], right[3:]):
        return False
    return bool(np.max(np.abs(one - right)[:3]) <= TOLERANCE * (one[0] + right[0]) + 1e-12)


def _alike(one: Any, other: Any, right: Any) -> bool:
    """Compare two fingerprints of wrong answers.

    They must agree far better than either agrees with the right one.
    """
    if not (isinstance(one, np.ndarray) and isinstance(other, np.ndarray)):
        return isinstance(one, str) and isinstance(other, str) and one == other
    size = max(one[0], other[0])
    close = 1e-6 * size
    if not abs(one[0] - other[0]) <= close + 1e-12 * size:
        return False  # most end here, at little cost
    if not np.array_equal(one[3:], other[3:]):
        return False
    if isinstance(right, np.ndarray) and right.shape == one.shape:
        close = min(close, 1e-2 * float(np.max(np.abs(one - right)[:3])))
    return bool(np.max(np.abs(one - other)[:3]) <= close + 1e-12 * size)


# --- what is known of a homework -----------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """A classic mistake, or two made at once, and what the calls gave.

    ``tests`` holds a list with an outcome for each call of the tests that fail; in an outcome, None
    stands for a part that is right. What is said of two at once is said of each.
    """

    names: tuple[str, ...]
    says: str
    tests: dict[str, list[Outcome]]


def relative(found: Outcome, right: Outcome) -> Outcome:
    """Return an outcome with None for the parts that are right, and "missing" for missing ones."""
    told = {path: None if _exact(part, right.get(path)) else part for path, part in found.items()}
    if "failure" not in found:
        told |= dict.fromkeys(right.keys() - found.keys(), "missing")
    return told


@dataclass(frozen=True)
class Knowledge:
    """What is known of one function: the right outcomes, and those of its classic mistakes.

    ``steps`` holds, for each part of a right answer whose first axis is time, the fingerprints of
    its steps, one in each row.
    """

    section: str
    right: dict[str, list[Outcome]]
    steps: dict[str, list[Outcome]]
    mistakes: list[Known]


def recording(homework: str) -> str:
    """Return the name of the recording that holds what is known of a homework."""
    return f"{homework}.mistakes"


@cache
def load(homework: str) -> dict[str, Knowledge]:
    """Read what is known of the functions of a homework.

    Raises
    ------
    FileNotFoundError
        If the course has not been built.
    """
    stored = tape.load(recording(homework))
    return {
        function: Knowledge(
            **(known | {"mistakes": [Known(**mistake) for mistake in known["mistakes"]]})
        )
        for function, known in stored.items()
    }


def right_outcomes(results: Sequence[Result]) -> dict[str, list[Outcome]]:
    """Return what the calls of each test gave; the results are those of right functions."""
    return {result.test: [outcome(call) for call in result.calls] for result in results}


def right_steps(homework: str, results: Sequence[Result]) -> dict[str, list[Outcome]]:
    """Return the fingerprints of the single steps of right answers."""
    forms = suite(homework).FORMS
    return {
        result.test: [dict(_steps(call, forms[call.function])) for call in result.calls]
        for result in results
    }


def _steps(call: Call, form: Form) -> Iterator[tuple[str, np.ndarray]]:
    if isinstance(call.outcome, Failure):
        return
    for place, _, axes in leaf_forms(form):
        part = _part(call.outcome.value, place)
        timed = axes[:1] == ("t",) and isinstance(part, np.ndarray) and part.ndim > 0
        if timed and 0 < len(part) <= MOST_STEPS:
            yield place, np.array([fingerprint(step)[:3] for step in part])


def _part(value: Any, place: str) -> Any:
    """Return the part of an answer at a place such as ``.1.W``."""
    for key in place.split(".")[1:]:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list | tuple) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def wrong_outcomes(
    results: Sequence[Result], right: Mapping[str, list[Outcome]]
) -> dict[str, list[Outcome]]:
    """Return what the calls of each failed test gave, beside the right outcomes."""
    told = {}
    for result in results:
        if not result.passed:
            told[result.test] = [
                relative(outcome(call), _at(right, result.test, at))
                for at, call in enumerate(result.calls)
            ]
    return told


def _at(outcomes: Mapping[str, list[Outcome]], test: str, at: int) -> Outcome:
    """Return the outcome of a call of a test; a student's function may be called more often."""
    calls = outcomes.get(test, [])
    return calls[at] if at < len(calls) else {}


# --- recognition ---------------------------------------------------------------------------


def diagnose(results: Sequence[Result], known: Knowledge | None = None) -> Diagnosis | None:
    """Find the likely cause where tests of a function fail.

    Parameters
    ----------
    results : sequence of Result
        Of the tests of one function, on the public data.
    known : Knowledge, optional
        What is known of the function; by default, what was recorded.

    Returns
    -------
    Diagnosis or None
        None where all is right, or not begun. Where nothing can be said for sure, it has no text.
    """
    failed = [result for result in results if result.mistake is not None]
    if not failed or any(r.mistake.kind.says_all for r in failed if r.mistake):
        return None
    function = failed[0].function
    homework = homework_of(function)
    assert homework is not None
    known = known or load(homework)[function]
    seen = wrong_outcomes(failed, known.right)
    case = _Case(seen, known.right, {result.test for result in results})
    if names := case.explain(known.mistakes):
        says = {mistake.names: mistake.says for mistake in known.mistakes}
        if len(names) == 1:
            return Diagnosis(f"Likely cause: {names[0]}.", says[names], known.section, names)
        title = f"Likely two mistakes at once: {names[0]}; {names[1]}."
        told = (("The first:", says[names[:1]]), ("The second:", says[names[1:]]))
        text = " ".join(f"{which} {own}" for which, each in told if (own := _of_itself(each)))
        return Diagnosis(title, text, known.section, names)
    shown = _structure(suite(homework).FORMS[function], results, known, seen)
    return Diagnosis("What the answers show:" if shown else "", shown, known.section)


def _of_itself(says: str) -> str:
    """Leave out what a mistake's sentences say of the rest: that holds for it alone."""
    rest = r"\b(only|all|alone|rest|nothing|everything|every|others?|right|no \w+ is wrong)\b"
    sentences = re.split(r"(?<=[.?!])\s+", says)
    return " ".join(each for each in sentences if not re.search(rest, each, re.IGNORECASE))


class _Case:
    """A student's wrong outcomes, to be explained by known mistakes.

    Parameters
    ----------
    seen : dict
        What the calls of the failed tests gave, beside the right outcomes.
    right : dict
        The right outcomes.
    ran : set of str
        The tests that ran, failed or not.
    """

    def __init__(
        self, seen: dict[str, list[Outcome]], right: dict[str, list[Outcome]], ran: set[str]
    ) -> None:
        self.seen, self._right, self._ran = seen, right, ran

    def explain(self, mistakes: Sequence[Known]) -> tuple[str, ...]:
        """Return the names of the mistakes that fail these very tests with these very outcomes.

        Of three tests or more, one may differ in its outcome: at the edges (no step, an empty
        list) the same mistake can show in more than one way. Two at once must agree in all.
        What agrees must tell enough: see `_tells`.
        """
        nearly: list[Known] = []
        for mistake in mistakes:
            if self._ran & mistake.tests.keys() == self.seen.keys():
                same = {test for test in self.seen if self._test_is_same(test, mistake)}
                if not self._tells(same):
                    continue
                if len(same) == len(self.seen):
                    return mistake.names
                if len(same) == len(self.seen) - 1 and len(mistake.names) == 1:
                    nearly.append(mistake)
        if len(self.seen) > 2 and len({mistake.names for mistake in nearly}) == 1:
            return nearly[0].names
        return next(self._pairs([m for m in mistakes if len(m.names) == 1]), ())

    def _tells(self, tests: Iterable[str]) -> bool:
        """Tell whether what is wrong in these tests fits one cause rather than many.

        The text of an exception does not. Numbers do, unless they are all the same: zeros and the
        like come about in many ways, as a type does, and tell only where something else is right.
        The edges of a graph tell, and an argument that was changed; so does a test that fails
        although all answers in it are right, as one of speed.
        """
        parts = [
            (place, part)
            for test in tests
            for call in self.seen[test]
            for place, part in call.items()
        ]
        wrong = [(place, part) for place, part in parts if part is not None]
        some_right = len(wrong) < len(parts) or self.seen.keys() < self._ran
        return not wrong or any(
            place == "changed"
            or (isinstance(part, str) and place != "failure" and self.seen.keys() < self._ran)
            or (isinstance(part, str) and part.startswith("graph "))
            or (isinstance(part, np.ndarray) and (some_right or not _is_constant(part)))
            for place, part in wrong
        )

    def _test_is_same(self, test: str, mistake: Known) -> bool:
        calls, wrongs = self.seen[test], mistake.tests[test]
        return len(calls) == len(wrongs) and all(
            self._same(call, wrong, test, at)
            for at, (call, wrong) in enumerate(zip(calls, wrongs, strict=True))
        )

    def _same(self, call: Outcome, wrong: Outcome, test: str, at: int) -> bool:
        right = _at(self._right, test, at)
        return call.keys() == wrong.keys() and all(
            part is wrong[place] or _alike(part, wrong[place], right.get(place))
            for place, part in call.items()
        )

    def _pairs(self, mistakes: Sequence[Known]) -> Iterator[tuple[str, ...]]:
        """Yield the pairs of mistakes that together give these outcomes, each a part of them."""
        parts = [m for m in mistakes if self._is_partly(m) and self._tells(m.tests.keys())]
        for one, other in combinations(parts, 2):
            if one.names != other.names and self._are_explained_by(one, other):
                yield one.names + other.names

    def _is_partly(self, mistake: Known) -> bool:
        return (mistake.tests.keys() & self._ran) <= self.seen.keys()

    def _are_explained_by(self, one: Known, other: Known) -> bool:
        if (one.tests.keys() | other.tests.keys()) & self._ran != self.seen.keys():
            return False
        for test, calls in self.seen.items():
            for at, call in enumerate(calls):
                right = _at(self._right, test, at)
                both = _together(
                    self._gives(one, test, at, right), self._gives(other, test, at, right), right
                )
                if both is None or not self._same(call, both, test, at):
                    return False
        return True

    @staticmethod
    def _gives(mistake: Known, test: str, at: int, right: Outcome) -> Outcome:
        """Return what a mistake gives at a call; it is right where its test passes."""
        calls = mistake.tests.get(test)
        if calls is None:
            return dict.fromkeys(right)
        return calls[at] if at < len(calls) else {"unknown": None}


def _together(one: Outcome, other: Outcome, right: Outcome) -> Outcome | None:
    """Return what two mistakes give together, or None where that cannot be told.

    Each part is wrong by one of them alone, or one of them only multiplies it. Two factors of the
    same part are one other factor, and no sign of two mistakes.
    """
    if not one.keys() == other.keys() == right.keys():
        return None
    both: Outcome = {}
    for place, part in right.items():
        a, b = one[place], other[place]
        if a is None or b is None:
            both[place] = b if a is None else a
        elif ((of_a := _factor(a, part)) is None) != ((of_b := _factor(b, part)) is None):
            both[place] = _times(of_a, b) if of_a is not None else _times(of_b, a)
        else:
            return None
    return both


def _factor(part: Any, right: Any) -> float | None:
    """Return c where a part is c times the right one."""
    if not (isinstance(part, np.ndarray) and isinstance(right, np.ndarray)):
        return None
    if not np.array_equal(part[3:], right[3:]) or not 0 < right[0] < np.inf or not part[0]:
        return None
    largest = 1 + int(np.argmax(np.abs(right[1:3])))
    factor = float(part[largest] / right[largest]) if right[largest] else 0.0
    scaled = _times(factor, right)
    return factor if np.max(np.abs(scaled - part)[:3]) <= 1e-6 * part[0] else None


def _times(factor: float | None, part: Any) -> Any:
    if factor is None or not isinstance(part, np.ndarray):
        return part
    return np.array([abs(factor) * part[0], *(factor * part[1:3]), *part[3:]])


# --- structure -----------------------------------------------------------------------------


def _structure(
    form: Form, results: Sequence[Result], known: Knowledge, seen: dict[str, list[Outcome]]
) -> str:
    """Say which parts are wrong and how, as far as all calls agree; empty where they do not."""
    names = {place: (name, axes) for place, name, axes in leaf_forms(form)}
    wrong: dict[str, list[_Wrong]] = {}
    right: dict[str, list[dict[str, int]]] = {place: [] for place in names}  # sizes of the calls
    for result in results:
        for at, call in enumerate(result.calls):
            given = dict(zip(call.names, call.args, strict=False))
            sizes = {k: min(of) for k, of in sizes_of(given).items() if len(of) == 1}
            if type(k := given.get("k")) is int and k > 0 and "T" in sizes:
                sizes["windows"] = -(-sizes["T"] // k)
            should = _at(known.right, result.test, at)
            found = relative(outcome(call), should) if result.passed else seen[result.test][at]
            formed = found.keys() == should.keys() == names.keys()
            if not formed or any(isinstance(part, str) for part in found.values()):
                if result.passed:
                    continue
                return ""  # a failure, or another form: the message of the test says it all
            steps = dict(_steps(call, form))
            for place, part in found.items():
                if part is None:
                    right[place].append(sizes)
                    continue
                right_steps = _at(known.steps, result.test, at).get(place)
                turned = _turned(call, place, names[place][1], should[place])
                timed = names[place][1][:1] == ("t",)
                turned |= _shown(call, place, should[place], right_steps, timed)
                one = _Wrong(
                    factor=_factor(part, should[place]),
                    steps=_wrong_steps(steps.get(place), right_steps),
                    turned=turned,
                    sizes=sizes,
                )
                wrong.setdefault(place, []).append(one)
    if not wrong:
        return ""
    return " ".join(_sentences(names, wrong, right))


@dataclass(frozen=True)
class _Wrong:
    """How a part of one answer is wrong: a factor, wrong steps, what would mend it, the sizes."""

    factor: float | None
    steps: np.ndarray | None
    turned: frozenset[str]
    sizes: dict[str, int]


def _turned(call: Call, place: str, axes: tuple[str, ...], right: Any) -> frozenset[str]:
    """Return the sentences of `_TURNS` that are true of a part of an answer."""
    part = None if isinstance(call.outcome, Failure) else _part(call.outcome.value, place)
    if not isinstance(part, np.ndarray) or part.dtype.kind not in "iuf" or part.size < 2:
        return frozenset()
    with np.errstate(all="ignore"):
        return frozenset(
            sentence
            for sentence, (fits, turn) in _TURNS.items()
            if fits(part, axes) and _exact(fingerprint(turn(part.astype(np.float64))), right)
        )


def _shown(
    call: Call, place: str, right: Any, steps: np.ndarray | None, timed: bool
) -> frozenset[str]:
    """Return the sentences of `_SHOWS` that are true of a part, beside the right steps of it."""
    part = None if isinstance(call.outcome, Failure) else _part(call.outcome.value, place)
    if not isinstance(part, np.ndarray) or part.dtype.kind not in "iuf" or isinstance(right, str):
        return frozenset()
    part, told = part.astype(np.float64), set()
    params = dict(zip(call.names, call.args, strict=False)).get("params")
    own = params.get(place.rpartition(".")[2]) if isinstance(params, dict) else None
    with np.errstate(all="ignore"):
        if isinstance(own, np.ndarray) and own.shape == part.shape:
            told |= {"started"} if _exact(fingerprint(part - own), right) else set()
        if part.size > 1 and part.ndim and not np.ptp(part) and not _is_constant(right):
            told.add("equal" if part.any() else "zero")
        if timed and part.shape == tuple(right[4:]):  # of a long answer, no steps are recorded
            told |= {"last"} if steps is None or _are_close(part, steps[-1]) else set()
        if timed and part.shape == (1, *right[4:]):
            told |= {"first"} if steps is None or _are_close(part[0], steps[0]) else set()
    return frozenset(_SHOWS[one] for one in told)


def _are_close(part: np.ndarray, step: np.ndarray) -> bool:
    """Compare a step of an answer with the recorded fingerprint of one, without its shape."""
    told = fingerprint(part)[:3]
    return bool(np.max(np.abs(told - step)) <= TOLERANCE * (told[0] + step[0]) + 1e-12)


_SHOWS = {
    "started": "`{name}` is what it should be, plus the parameter itself.",
    "equal": "In `{name}` all numbers are the same.",
    "zero": "In `{name}` all numbers are 0.",
    "last": "`{name}` is the last step alone, without an axis for time.",
    "first": "`{name}` has a single step, and that is right for the first one.",
}


def _is_matrix(part: np.ndarray, _: tuple[str, ...]) -> bool:
    return part.ndim == 2


def _is_timed(part: np.ndarray, axes: tuple[str, ...]) -> bool:
    return axes[:1] == ("t",) and len(part) > 1


# How a part is wrong, by whether that could be, and by what would make it right.
_TURNS: dict[str, tuple[Callable, Callable]] = {
    "`{name}` is the transpose of what it should be.": (_is_matrix, np.transpose),
    "The steps of `{name}` are in reverse order.": (_is_timed, np.flipud),
    "`{name}` is tanh of what it should be.": (
        lambda part, _: bool(np.max(np.abs(part)) < 1 - 1e-6),
        np.arctanh,
    ),
    "`{name}` is exp of what it should be.": (lambda part, _: bool(np.min(part) > 0), np.log),
    "`{name}` is the logarithm of what it should be.": (
        lambda part, _: bool(np.max(np.abs(part)) < 100),
        np.exp,
    ),
}


def _wrong_steps(steps: np.ndarray | None, right: np.ndarray | None) -> np.ndarray | None:
    """Return which steps are wrong, (T,), or None where there are no steps to tell apart."""
    if steps is None or right is None or steps.shape != right.shape:
        return None
    close = TOLERANCE * (steps[:, :1] + right[:, :1]) + 1e-9 * np.max(right[:, 0])
    bad: np.ndarray = ~(np.abs(steps - right) <= close).all(axis=1)
    return bad


def _sentences(
    names: dict[str, tuple[str, tuple[str, ...]]],
    wrong: dict[str, list[_Wrong]],
    right: dict[str, list[dict[str, int]]],
) -> Iterator[str]:
    """Yield what holds of every wrong part in every call, each sentence looked at before."""
    every_name = [name for name, _ in names.values()]
    listed = _listed([names[place][0] for place in names if place in wrong], every_name)
    fine = [names[place][0] for place in names if place not in wrong]
    one = len(wrong) == 1
    if fine:
        are, are_fine = ("is" if one else "are"), ("is" if len(fine) == 1 else "are")
        yield f"Only {listed} {are} wrong; {_listed(fine, every_name)} {are_fine} right."
    elif not one:
        yield "No part of what comes back is right in every test."
    every = [one for places in wrong.values() for one in places]
    factor = _common_factor(every)
    if factor:
        what = f"Every number in {listed}" if one or fine else "Every number"
        whenever = "" if _always(right, wrong) else ", wherever it is wrong"
        yield f"{what} is {factor} times what it should be{whenever}."
        return
    shared = frozenset.intersection(*(one.turned for one in every))
    if fine and len(wrong) > 2:
        for sentence in sorted(shared):
            told = sentence.replace("`{name}`", "each of these")
            yield told[0].upper() + told[1:]
    else:
        shared = frozenset()
    for place, ones in wrong.items():
        name = names[place][0]
        for sentence in (*_TURNS, *_SHOWS.values()):
            if sentence not in shared and all(sentence in one.turned for one in ones):
                yield sentence.format(name=name)
        pattern = _pattern([one.steps for one in ones if one.steps is not None])
        if pattern:
            yield pattern.format(name=name)
    yield from _cases(names, wrong, right)


def _always(right: dict[str, list[dict[str, int]]], wrong: dict[str, list[_Wrong]]) -> bool:
    """Whether the parts that are wrong are so in every call."""
    return not any(right[place] for place in wrong)


def _cases(
    names: dict[str, tuple[str, tuple[str, ...]]],
    wrong: dict[str, list[_Wrong]],
    right: dict[str, list[dict[str, int]]],
) -> Iterator[str]:
    """Say which parts are right where a size is 1, and wrong wherever it is not.

    In the call where they are right, no other of these sizes must be 1: which of them mattered
    could not be told.
    """
    cases = {
        "T": ("For a sequence of a single step", "longer ones"),
        "N": ("For a batch of a single sequence", "larger ones"),
        "windows": ("Where a single window holds all steps", "more windows"),
    }
    for letter, (case, rest) in cases.items():
        others = cases.keys() - {letter}
        parts = [
            place
            for place, ones in wrong.items()
            if any(
                sizes.get(letter) == 1 and all(sizes.get(other, 2) > 1 for other in others)
                for sizes in right[place]
            )
            and all(one.sizes.get(letter, 1) > 1 for one in ones)
        ]
        alone = all(sizes.get(letter) == 1 for place in parts for sizes in right[place])
        if parts:
            told = _listed(
                [names[place][0] for place in parts], [name for name, _ in names.values()]
            )
            more = f"; for {rest}, not" if alone else ""
            yield f"{case}, {told} {'is' if len(parts) == 1 else 'are'} right{more}."


def _listed(names: list[str], every: list[str]) -> str:
    """List the parts of an answer; all its gradients by one word, where they are many."""
    gradients = [name for name in every if re.fullmatch(r"d\w+", name)]
    if names == gradients and len(names) > 4:
        return "the gradients"
    return ", ".join(f"`{name}`" for name in names)


def _common_factor(every: list[_Wrong]) -> str:
    """Name the factor that all wrong parts have, in the letters of the sizes; empty if none."""
    factors = [one.factor for one in every]
    if any(factor is None for factor in factors):
        return ""
    for name, of in _FACTORS.items():
        wanted = [of(one.sizes) for one in every]
        if all(w and np.isclose(f, w, rtol=1e-6) for f, w in zip(factors, wanted, strict=True)):  # type: ignore[arg-type]
            return name
    return ""


_FACTORS: dict[str, Callable[[dict[str, int]], float]] = {
    "-1": lambda sizes: -1.0,
    "2": lambda sizes: 2.0,
    "1/2": lambda sizes: 0.5,
    "N (the size of the batch)": lambda sizes: sizes.get("N", 0),
    "1/N (N is the size of the batch)": lambda sizes: 1 / sizes["N"] if "N" in sizes else 0,
    "1/(N T) (of N sequences, of T steps each)": lambda sizes: (
        1 / (sizes["N"] * sizes["T"]) if {"N", "T"} <= sizes.keys() else 0
    ),
    "N/T (of N sequences, of T steps each)": lambda sizes: (
        sizes["N"] / sizes["T"] if {"N", "T"} <= sizes.keys() else 0
    ),
    "T (the number of steps)": lambda sizes: sizes.get("T", 0),
    "1/T (T is the number of steps)": lambda sizes: 1 / sizes["T"] if "T" in sizes else 0,
    "-N (N is the size of the batch)": lambda sizes: -sizes.get("N", 0),
}


def _pattern(masks: list[np.ndarray]) -> str:
    """Say which steps are wrong, where it is the same in all answers of three steps or more."""
    masks = [mask for mask in masks if len(mask) > 2]
    for sentence, of in _PATTERNS.items():
        if masks and all(np.array_equal(mask, of(len(mask))) for mask in masks):
            return sentence
    return ""


_PATTERNS: dict[str, Callable[[int], np.ndarray]] = {
    "In `{name}` only the first step is wrong.": lambda T: np.arange(T) == 0,
    "In `{name}` only the last step is wrong.": lambda T: np.arange(T) == T - 1,
    "In `{name}` the first step is right and all later ones are wrong.": lambda T: np.arange(T) > 0,
    "In `{name}` the last step is right and all earlier ones are wrong.": (
        lambda T: np.arange(T) < T - 1
    ),
}
