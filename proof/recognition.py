"""Measure how well wrong work is rejected and its mistake named, and right work accepted.

    python -m proof.recognition [HOMEWORK …]

Every classic mistake is made in at least two styles: that of the catalogue, from which the
fingerprints were recorded, and another one (``wrong_ways.py``), which is not on file. Then each is
shown once more to an autograder that does not know it: what that one names, it names wrongly.

Two mistakes at once are made by a homework's ``pairs.py``, and judged with and without a
record of that very pair.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

from autograder import diagnosis
from autograder.calls import Failure, Live
from autograder.course.catalogue import catalogue, pairs, right_ways, wrong_ways
from autograder.judge import leaf_forms
from autograder.suite import run, suite
from proof import chosen

COURSE = Path(__file__).parents[1]


@dataclass
class Tally:
    """How many pieces of work were judged, and how.

    Those of ``explained`` are not named; an exception of theirs is explained instead. Where the
    mistake is left out of what is known, ``narrowed`` counts where something true is said all the
    same: which parts are wrong and how, or what an exception comes from.
    """

    written: int = 0
    rejected: int = 0
    named_rightly: int = 0
    explained: int = 0
    named_wrongly: int = 0
    not_on_file: int = 0
    named_though_not_on_file: int = 0
    named_though_unknown: int = 0
    narrowed: int = 0
    claims: int = 0
    false_claims: int = 0
    right_ways: int = 0
    accepted: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def tally(homework: str) -> tuple[Tally, list[str]]:
    """Judge all wrong and right ways of a homework.

    Returns
    -------
    tally : Tally
        The counts.
    remarks : list of str
        What was not judged as it should be.
    """
    found, remarks = Tally(), []
    work = [(one.function, one.name, one.wrong, True) for one in catalogue(COURSE, homework)]
    work += [(one.function, one.name, one.way, False) for one in wrong_ways(COURSE, homework)]
    for function, name, wrong, on_file in work:
        results = run(homework, Live({function: wrong}), functions=[function])
        known = diagnosis.load(homework)[function]
        named = diagnosis.diagnose(results, known)
        mistakes = named.mistakes if named else ()
        explained = any(
            isinstance(call.outcome, Failure) and call.outcome.explained
            for result in results
            if result.mistake
            for call in result.calls
        )
        found.written += 1
        found.rejected += any(not result.passed for result in results)
        found.named_rightly += mistakes == (name,)
        found.explained += not mistakes and explained
        found.named_wrongly += mistakes not in ((), (name,))
        if mistakes != (name,):
            what = " and ".join(mistakes) or ("nothing, and explained" if explained else "nothing")
            remarks.append(f"{function}, {name}: named {what}")
        found.not_on_file += not on_file
        found.named_though_not_on_file += not on_file and mistakes == (name,)
        rest = [mistake for mistake in known.mistakes if name not in mistake.names]
        left = diagnosis.diagnose(results, replace(known, mistakes=rest))
        strange = left.mistakes if left else ()
        found.named_though_unknown += bool(strange)
        found.narrowed += bool(explained or (left and left.text and not strange))
        if strange:
            told = " and ".join(strange)
            remarks.append(f"{function}, {name}: named {told} where it is not known")
    for name, way in right_ways(COURSE, homework).items():
        function = name.split("__")[0]
        results = run(homework, Live({function: way}), functions=[function])
        found.right_ways += 1
        found.accepted += all(result.passed for result in results)
        if not all(result.passed for result in results):
            remarks.append(f"{name}: rejected")
    for claim in claims(homework):
        found.claims += 1
        found.false_claims += claim.is_false
        if claim.is_false:
            remarks.append(f"{claim.function}, {claim.name}: it is false that {claim.sentence!r}")
    return found, remarks


@dataclass(frozen=True)
class Claim:
    """A sentence of a mistake on which parts are wrong, and whether its answers belie it."""

    function: str
    name: str
    sentence: str
    is_false: bool


def claims(homework: str) -> Iterator[Claim]:
    """Yield what the mistakes' texts claim of the parts of an answer, as far as it can be read."""
    for function, known in diagnosis.load(homework).items():
        form = suite(homework).FORMS[function]
        places = {name: place for place, name, _ in leaf_forms(form)} if form != "graph" else {}
        for mistake in known.mistakes:
            wrong = {
                place
                for calls in mistake.tests.values()
                for call in calls
                for place, part in call.items()
                if part is not None
            }
            formed = wrong <= set(places.values())
            for clause in re.split(r"[.;:]\s*|, and |, but ", mistake.says) if formed else ():
                match = _CLAIM.fullmatch(clause)
                names = re.findall(r"\w+", match[2].replace(" and ", " ")) if match else []
                if match and set(names) <= places.keys():
                    said = {places[name] for name in names}
                    belied = bool(said & wrong) if match[3] == "right" else not said <= wrong
                    belied |= bool(match[1]) and wrong != said
                    yield Claim(function, mistake.names[0], clause, belied)


_LIST = r"(?:`?\w+`?(?:, | and ))*`?\w+`?"
_CLAIM = re.compile(rf"(Only )?({_LIST}) (?:is|are) (right|wrong)")


def tally_pairs(homework: str) -> dict[str, Counter]:
    """Count how two mistakes at once are judged, with and without a record of each pair."""
    found = {"recorded": Counter(), "not recorded": Counter()}
    for function, names, wrong in pairs(COURSE, homework):
        results = run(homework, Live({function: wrong}), functions=[function])
        known = diagnosis.load(homework)[function]
        rest = [mistake for mistake in known.mistakes if mistake.names != names]
        for record, mistakes in (("recorded", known.mistakes), ("not recorded", rest)):
            named = diagnosis.diagnose(results, replace(known, mistakes=mistakes))
            told = set(named.mistakes) if named else set()
            what = "both" if told == set(names) else "one" if told < set(names) else "misnamed"
            found[record][what if told else "none"] += 1
            found[record]["rejected"] += any(not result.passed for result in results)
            found[record]["made"] += 1
    return found


def main() -> None:
    """Print a table with a row for each homework."""
    remarks, asked, total = [], chosen(__doc__), Tally()
    for line in (
        ("", "wrong", "", "named", "", "false", "right", ""),
        ("", "work", "rejected", "rightly", "explained", "cause", "work", "accepted"),
    ):
        print("{:<20} {:>6} {:>9} {:>8} {:>10} {:>6} {:>7} {:>9}".format(*line))
    for homework in asked:
        found, told = tally(homework)
        total += found
        remarks += told
        _print(homework, found)
    _print("all", total)
    twice = {"recorded": Counter(), "not recorded": Counter()}
    for homework in asked:
        for record, count in tally_pairs(homework).items():
            twice[record] += count
    print("\nTwo mistakes at once:")
    for record, count in twice.items():
        print(
            f"  pair {record}: {count['made']} made, {count['rejected']} rejected, "
            f"{count['both']} both named, {count['one']} one of them, {count['misnamed']} misnamed"
        )
    narrowed = total.narrowed / total.written
    others = total.named_though_not_on_file / total.not_on_file
    print("\nOf the same work:")
    print(f"  named, of that in a style which is not on file: {others:.1%} of {total.not_on_file}")
    print(f"  named, and so falsely, by one that does not know it: {total.named_though_unknown}")
    print(f"  narrowed, or its exception explained, by one that does not know it: {narrowed:.1%}")
    print("\nWhat the mistakes' texts say of which parts are right or wrong:")
    print(f"  {total.claims} claims, {total.false_claims} false")
    print("\nNot named, or not rightly:")
    print("\n".join(f"  {remark}" for remark in remarks))


def _print(name: str, found: Tally) -> None:
    print(
        f"{name:<20} {found.written:>6} {found.rejected / found.written:>9.1%} "
        f"{found.named_rightly / found.written:>8.1%} {found.explained / found.written:>10.1%} "
        f"{found.named_wrongly + found.named_though_unknown:>6} {found.right_ways:>7} "
        f"{found.accepted / found.right_ways:>9.1%}"
    )


if __name__ == "__main__":
    main()
