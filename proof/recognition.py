"""Measure how well wrong work is rejected and its mistake named, and right work accepted.

    python -m proof.recognition [HOMEWORK …]

Every classic mistake is made in at least two styles: that of the catalogue, from which the
fingerprints were recorded, and another one (``wrong_ways.py``). Then each is shown once more
to an autograder that does not know it: what that one names, it names wrongly.

Two mistakes at once are made by a homework's ``pairs.py``, and judged with and without a
record of that very pair.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields, replace
from pathlib import Path

from autograder import diagnosis
from autograder.calls import Live
from autograder.course.catalogue import catalogue, pairs, right_ways, wrong_ways
from autograder.suite import Result, run
from proof import chosen

COURSE = Path(__file__).parents[1]


@dataclass
class Tally:
    """How many pieces of work were judged, and how."""

    written: int = 0
    rejected: int = 0
    named_rightly: int = 0
    named_wrongly: int = 0
    named_though_unknown: int = 0
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
    work = [(known.function, known.name, known.wrong) for known in catalogue(COURSE, homework)]
    work += [(other.function, other.name, other.way) for other in wrong_ways(COURSE, homework)]
    for function, name, wrong in work:
        results = run(homework, Live({function: wrong}), functions=[function])
        named = diagnosis.diagnose(results)
        mistakes = named.mistakes if named else ()
        found.written += 1
        found.rejected += any(not result.passed for result in results)
        found.named_rightly += mistakes == (name,)
        found.named_wrongly += mistakes not in ((), (name,))
        if mistakes != (name,):
            remarks.append(f"{function}, {name}: named {' and '.join(mistakes) or 'nothing'}")
        strange = _without(name, homework, results)
        # Two mistakes that together are the unknown one tell the truth about it.
        found.named_though_unknown += len(strange) == 1
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
    return found, remarks


def _without(name: str, homework: str, results: list[Result]) -> tuple[str, ...]:
    """Return what is named where a mistake is not in the catalogue."""
    known = diagnosis.load(homework)[results[0].function]
    rest = [mistake for mistake in known.mistakes if name not in mistake.names]
    named = diagnosis.diagnose(results, replace(known, mistakes=rest))
    return named.mistakes if named else ()


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
        ("", "wrong", "", "named", "", "misnamed", "right", ""),
        ("", "work", "rejected", "rightly", "misnamed", "unknown", "work", "accepted"),
    ):
        print("{:<20} {:>6} {:>9} {:>8} {:>9} {:>9} {:>7} {:>9}".format(*line))
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
    print("\nNot named, or not rightly:")
    print("\n".join(f"  {remark}" for remark in remarks))


def _print(name: str, found: Tally) -> None:
    print(
        f"{name:<20} {found.written:>6} {found.rejected / found.written:>9.1%} "
        f"{found.named_rightly / found.written:>8.1%} {found.named_wrongly:>9} "
        f"{found.named_though_unknown:>9} {found.right_ways:>7} "
        f"{found.accepted / found.right_ways:>9.1%}"
    )


if __name__ == "__main__":
    main()
