"""Tell what `proof.grading` measured: as tables for a page, and as a picture."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
PICTURE = PAGE.with_suffix(".svg")
MB = 1e6


# --- the tables ----------------------------------------------------------------------------


def table(head, rows):
    """Return a table in Markdown; the first column is text, the others are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def table_of_rates(by_homework):
    """Return a table of graders, each with its ratio to nbgrader."""
    rows = []
    for homework, rates in by_homework.items():
        base = rates["nbgrader autograde"]
        for who, rate in rates.items():
            whole = rate.whole.seconds / rate.count
            rows.append(
                (
                    f"`{homework}`: {who}",
                    rate.count,
                    f"{rate.whole.seconds:.1f} s",
                    f"{rate.nothing.seconds:.1f} s",
                    f"{rate.each.seconds:.3f} s",
                    f"{rate.each.cpu:.3f} s",
                    f"{base.whole.seconds / base.count / whole:.1f}",
                    f"{base.each.seconds / rate.each.seconds:.1f}",
                )
            )
    head = ("grader", "notebooks", "all", "start-up", "one more", "its CPU")
    return table((*head, "× nbgrader: all", "× nbgrader: one more"), rows)


def verdict(got, goal, more=False):
    """Tell whether a goal is met, and by how much it is not."""
    short = goal / got if more else got / goal
    return "met" if short <= 1 else f"missed by a factor of {short:.2f}"


def table_of_goals(rates, large, bare, grown, checks):
    """Return what was promised, what was measured, and whether that is enough."""
    rows = []
    for found, least in ((rates, 10), (large, 15)):
        for homework, by in found.items():
            base, best = by["nbgrader autograde"], by["ours"]
            ratio = base.whole.seconds / best.whole.seconds
            name = (
                f"`{homework}`, a class of {best.count}, start-up and all: times nbgrader's speed"
            )
            rows.append((name, f"≥ {least}", f"{ratio:.1f}", verdict(ratio, least, more=True)))
    for homework, by in large.items():
        if "ours, cold" in by:
            ratio = by["ours, cold"].whole.seconds / by["ours"].whole.seconds
            name = f"`{homework}`, class of {by['ours'].count}: warm, times the speed of cold"
            rows.append((name, "≥ 2.2", f"{ratio:.1f}", verdict(ratio, 2.2, more=True)))
    for homework, (start, judge, mine) in bare.items():
        ratio = mine / (start + judge)
        name = f"`{homework}`: CPU of a right notebook, in bare costs"
        rows.append((name, "≤ 1", f"{ratio:.2f}", verdict(ratio, 1)))
    for name, limit, place in (("first", 1.5, 1), ("warm", 0.3, 2)):
        worst = max(kind[place] for row in checks for kind in row[2:])
        told = f"{worst:.2f} s"
        rows.append((f"`check`, {name}, the slowest", f"≤ {limit} s", told, verdict(worst, limit)))
    small, more = grown
    slope = (more.whole - more.nothing).seconds / more.count
    slope /= (small.whole - small.nothing).seconds / small.count
    name = f"time of one more, {more.count:,} submissions against {small.count:,}"
    rows.append((name, "≤ 1.1", f"{slope:.2f}", verdict(slope, 1.1)))
    peak = more.whole.peak / MB
    name = f"memory of the coordinator, {more.count:,} submissions"
    rows.append((name, "≤ 400 MB", f"{peak:.0f} MB", verdict(peak, 400)))
    return table(("goal", "promised", "measured", ""), rows)


def table_of_bare(bare):
    """Return the bare cost beside ours."""
    rows = [
        (
            f"`{homework}`",
            f"{start:.3f} s",
            f"{judge:.3f} s",
            f"{mine:.3f} s",
            f"{mine / (start + judge):.2f}",
        )
        for homework, (start, judge, mine) in bare.items()
    ]
    return table(("CPU", "Python with numpy", "suite in process", "ours", "ratio"), rows)


def table_of_growth(grown):
    """Return how classes of growing sizes went."""
    rows = [
        (
            f"{g.count:,}",
            f"{g.whole.seconds:.1f} s",
            f"{g.count / g.whole.seconds:.1f}",
            f"{(g.whole - g.nothing).seconds / g.count:.3f} s",
            f"{g.whole.cpu / g.count:.3f} s",
            f"{g.whole.peak / MB:.0f} MB",
            f"{g.nothing.seconds:.1f} s",
        )
        for g in grown
    ]
    head = ("submissions", "all", "a second", "one more", "CPU each", "coordinator")
    return table((*head, "next run, all graded"), rows)


def table_of_checks(checks):
    """Return how long `check` takes, in milliseconds, slowest first."""
    rows = []
    for homework, function, right, wrong in sorted(checks, key=lambda row: -row[3][1]):
        times = (right[1], right[2], wrong[1], wrong[2], right[0] + right[1])
        rows.append((f"`{function}` ({homework[:3]})", *(f"{1e3 * t:.0f}" for t in times)))
    head = ("ms", "right: first", "warm", "wrong: first", "warm", "imports and first")
    return table(head, rows)


def table_of_shares(profiles):
    """Return where the time goes."""
    parts = dict.fromkeys(part for found in profiles.values() for part in found.shares)
    rows = [
        (part, *(f"{100 * found.shares.get(part, 0):.1f} %" for found in profiles.values()))
        for part in parts
    ]
    for name, value in (
        ("time of a submission", "seconds"),
        ("CPU of the trusted process", "trusted_cpu"),
        ("CPU in the sandbox", "sandbox_cpu"),
        ("time to write one", "write_seconds"),
    ):
        row = (f"{1e3 * getattr(found, value):.0f} ms" for found in profiles.values())
        rows.append((f"**{name}**", *row))
    return table(("share of the time", *(f"`{name}`" for name in profiles)), rows)


def table_of_feedback(by_homework):
    """Return what a page of feedback takes, beside nbgrader's own."""
    rows = []
    for homework, found in by_homework.items():
        base = found["nbgrader's page"][0].each
        for who, (rate, size) in found.items():
            rows.append(
                (
                    f"`{homework}`: {who}",
                    rate.count,
                    f"{rate.whole.seconds:.1f} s",
                    f"{rate.nothing.seconds:.1f} s",
                    f"{1e3 * rate.each.seconds:.0f} ms",
                    f"{base.seconds / rate.each.seconds:.1f}",
                    f"{size / 1e3:.0f} kB",
                )
            )
    head = ("page", "pages", "all", "start-up", "one more", "times as fast", "size")
    return table(head, rows)


def table_of_scale(grown, found, page, base, many):
    """Return what many submissions cost, by the figures measured for one, and what gives first.

    Parameters
    ----------
    grown : list of Growth
    found : Profile
    page : tuple of float
        Seconds and bytes of a page of feedback.
    base : Rate
        nbgrader's.
    many : int
        How many submissions.
    """
    small, large = grown
    more = large.count - small.count
    one = (large.whole - large.nothing) / large.count
    book = (large.gradebook - small.gradebook) / more
    folder = large.folders / large.count
    memory = (large.whole.peak - small.whole.peak) / more
    look = (large.nothing.seconds - small.nothing.seconds) / more
    listed = (large.formgrader - small.formgrader) / more
    changes = sum(found.statements.get(word, 0) for word in ("INSERT", "UPDATE", "DELETE"))
    reads = found.statements.get("SELECT", 0)

    def hours(seconds):
        total = seconds * many
        return f"{total / 3600:.1f} h" if total > 3600 else f"{total / 60:.1f} min"

    costs = [
        (
            "grading, processor time",
            f"{1e3 * one.cpu:.0f} ms",
            hours(one.cpu).replace(" h", " core hours"),
        ),
        ("grading, two jobs", f"{1e3 * one.seconds:.0f} ms", hours(one.seconds)),
        ("`nbgrader autograde`", f"{1e3 * base.each.seconds:.0f} ms", hours(base.each.seconds)),
        ("rows changed in the gradebook", f"{changes:.0f}", f"{changes * many / 1e6:.1f} million"),
        ("queries of the gradebook", f"{reads:.0f}", f"{reads * many / 1e6:.1f} million"),
        (
            "transactions",
            f"{found.statements.get('COMMIT', 0):.0f}",
            f"{found.statements.get('COMMIT', 0) * many:,.0f}",
        ),
        (
            "written to enter it, journal and notebook too",
            f"{found.write_bytes / 1e3:.0f} kB",
            f"{found.write_bytes * many / 1e9:.1f} GB",
        ),
        ("gradebook", f"{book / 1e3:.1f} kB", f"{book * many / 1e9:.1f} GB"),
        ("`autograded/`", f"{folder / 1e3:.0f} kB", f"{folder * many / 1e9:.1f} GB"),
        ("`feedback/`", f"{page[1] / 1e3:.0f} kB", f"{page[1] * many / 1e9:.1f} GB"),
    ]
    serial = [
        ("`nbgrader generate_feedback`", page[0]),
        ("our one writer", found.write_seconds),
        ("formgrader's list of submissions, each time", max(listed, 0)),
        ("finding what is not graded yet, each run", max(look, 0)),
    ]
    serial.sort(key=lambda row: -row[1])
    limits = [(name, f"{1e3 * each:.2f} ms", hours(each)) for name, each in serial]
    cores = one.cpu / found.write_seconds
    words = (
        f"The writer alone manages {1 / found.write_seconds:.0f} submissions a second, so it is "
        f"busy when {cores:.0f} cores compute for it; then {many:,} submissions take "
        f"{hours(found.write_seconds)}. The coordinator's memory grew by {memory / 1e3:.1f} kB a "
        f"submission: {(large.whole.peak + memory * (many - large.count)) / MB:.0f} MB at the end, "
        "if that goes on."
    )
    head = ("", "one submission", f"{many:,}")
    return f"{table(head, costs)}\n\n{table(('one after another', *head[1:]), limits)}\n\n{words}"


def machine():
    """Describe the machine and the versions, in a sentence or two."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ("numpy", "nbgrader", "nbconvert", "pytest", "otter-grader")
    return (
        f"{cpu[1] if cpu else platform.machine()}, {len(os.sched_getaffinity(0))} cores, "
        f"{total:.0f} GiB of memory, Linux {platform.release()}, Python "
        f"{platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in packages)
        + f". When it began, {os.getloadavg()[0]:.1f} other programs were running on average."
    )


def write(parts):
    """Put each text between its marks in the page."""
    page = PAGE.read_text("utf-8")
    for name, text in parts.items():
        begin = f"<!-- made by make bench: {name} -->"
        pattern = re.compile(rf"{re.escape(begin)}\n.*?<!-- end -->", re.DOTALL)
        made = f"{begin}\n{text}\n<!-- end -->"
        page, found = pattern.subn(lambda _, made=made: made, page)
        assert found == 1, f"{PAGE.name} should have one place for {name!r}, and has {found}"
    PAGE.write_text(page, "utf-8")


def draw(rates, grown, checks):
    """Write the picture."""
    mpl.rcParams["svg.hashsalt"] = "performance"
    figure = Figure(figsize=(14, 4.2), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    colours = ("#e08a1e", "#b0b0b0", "#5b86b8", "#1b3a5c")
    width = 0.2
    for at, (who, colour) in enumerate(zip(next(iter(rates.values())), colours, strict=True)):
        found = [by_name[who].whole.seconds / by_name[who].count for by_name in rates.values()]
        places = [place + (at - 1.5) * width for place in range(len(found))]
        bars = left.bar(places, found, width * 0.95, color=colour, label=who)
        left.bar_label(bars, fmt="%.2g", fontsize="x-small")
    left.set_xticks(range(len(rates)), rates)
    size = next(iter(rates.values()))["nbgrader autograde"].count
    left.set(title=f"a class of {size}, start-up and all", ylabel="seconds per notebook")
    left.set(yscale="log")
    low, high = left.get_ylim()
    left.set_ylim(low / 2, 8 * high)
    left.legend(fontsize="x-small", ncols=2, loc="upper center")
    counts = [g.count for g in grown]
    peaks = [g.whole.peak / MB for g in grown]
    per = [1e3 * (g.whole - g.nothing).seconds / g.count for g in grown]
    middle.semilogx(counts, per, "o-", color="#1b3a5c", label="one more submission (ms)")
    middle.semilogx(counts, peaks, "s--", color="#e08a1e", label="coordinator's memory (MB)")
    middle.set(title="growth, 2 jobs", xlabel="submissions", ylim=(0, 1.4 * max(*peaks, *per)))
    middle.set_ylabel("ms; MB")
    middle.legend(fontsize="small")
    order = sorted(checks, key=lambda row: row[3][1])
    for kind, place, look, colour, name in (
        (3, 1, "o", "#e08a1e", "wrong, first"),
        (2, 1, "o", "#1b3a5c", "right, first"),
        (3, 2, ".", "#e08a1e", "wrong, warm"),
        (2, 2, ".", "#1b3a5c", "right, warm"),
    ):
        right.plot([row[kind][place] for row in order], look, color=colour, label=name)
    for goal in (0.3, 1.5):
        right.axhline(goal, color="0.5", linestyle=":")
    right.set(title="check(f), and its goals", xlabel="functions of all homeworks")
    right.set(ylabel="seconds", yscale="log")
    right.set_xticks([])
    right.legend(fontsize="x-small", ncols=2)
    figure.savefig(PICTURE, metadata={"Date": None})
