"""How long somebody waits who types a signal, and what a scan of ten thousand own signals costs."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from tests.benchmarks.harness import ChildError, child_figures, child_lines
from tests.benchmarks.page import Section, Table, duration, plain
from tests.benchmarks.parts.waiting import WORKERS
from tests.benchmarks.wish import Wish

ANALYSES = ("1Lbb", "stau combined")
CHANGES, FEWER_CHANGES = 120, 12
POINTS, FEWER_POINTS = 10_000, 100
SCANS = (("stau high mass", 1), ("stau combined", 10))
"""Analyses, and by what their number of points is divided: one whose fits have several minima takes
seven times as long for a point."""
LONGEST_SCAN = 3600.0
KINDS = {
    "plain": "yields, statistical uncertainties",
    "systematics": "all published uncertainties",
}
TEXT = f"""\
Published signals are scaled, or one of their bins is typed anew, from no events to two hundred: {CHANGES}
changes, none of them twice. Each is waited for until its last word, in the process that waits with the
workspace ready; *first* numbers are of the nearest minimum where a model may have several (all of stau), else
they are final. The budget is 200 ms for a change on 1Lbb. A scan has {POINTS:,} signals with statistical
uncertainties on a region of stau (a tenth of that where both regions are fitted together), CLs and band,
{WORKERS} workers, through pallet, plan, local backend and journal; the memory is the most that the
application holds, without its workers."""


def measure(wish: Wish) -> Section:
    """A table of the live answer, and one of the scan."""
    changes = FEWER_CHANGES if wish.quick else CHANGES
    rows, notes = [], []
    for analysis in ANALYSES:
        for kind, words in KINDS.items():
            figures = child_figures("live_answers", analysis, str(changes), kind)
            rows.append((f"{analysis}: {words}", *_cells(figures)))
            if kind == "plain":
                notes.append(
                    f"{analysis}: the process is ready {duration(figures['ready'])} after it is asked for."
                )
            if figures["refused"]:
                notes.append(f"{analysis}, {words}: {figures['refused']} changes have no answer.")
    scans = {}
    for analysis, part in SCANS:
        points = FEWER_POINTS if wish.quick else POINTS // part
        [scan], trouble = child_lines("own_scan", analysis, str(points), str(WORKERS), longest=LONGEST_SCAN)
        if trouble:
            raise ChildError(trouble)
        scans[analysis] = scan
    header = (
        "a change, median / 99th percentile",
        "patch",
        "first CLs",
        "first limits",
        "CLs and limits, verified",
    )
    return Section(
        "Signals of one's own",
        TEXT,
        (Table(header, tuple(rows)), *(_of_scan(analysis, scan) for analysis, scan in scans.items())),
        tuple(notes),
        {"scans": scans},
    )


def _cells(figures: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_both(figures[key]) for key in ("patch", "cls", "limits", "final"))


def _both(seconds: Sequence[float]) -> str:
    return f"{duration(statistics.median(seconds))} / {duration(statistics.quantiles(seconds, n=100)[98])}"


def _of_scan(analysis: str, scan: Mapping[str, float]) -> Table:
    share = scan["busy"] / (scan["workers"] * scan["run"])
    rows = (
        ("yields to patches", duration(scan["patches"])),
        (
            f"written as a pallet ({plain(scan['operations'])} MB of patches in {plain(scan['file'])} MB)",
            duration(scan["written"]),
        ),
        ("opened again", duration(scan["opened"])),
        ("planned", duration(scan["planned"])),
        ("from start to the last point in the journal", duration(scan["run"])),
        ("points a second", plain(scan["done"] / scan["run"])),
        ("of the workers' time spent fitting", f"{100.0 * share:.0f} %"),
        ("memory of the application", f"{plain(scan['memory'])} MB"),
    )
    return Table((f"a scan of {scan['points']:,.0f} signals on {analysis}", ""), rows)
