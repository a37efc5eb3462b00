"""How the cost grows with parameters, bins and points."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.harness import ChildError, child_lines
from tests.benchmarks.page import Section, Table, duration, plain
from tests.benchmarks.parts.waiting import WORKERS
from tests.benchmarks.wish import Wish

PARAMETERS = ("10x20", "30x20", "100x20", "300x20", "600x20", "1000x20")
BINS = ("30x1", "30x10", "30x100", "30x300", "30x1000")
POINTS = ("10", "100", "1000")
POINTS_SIZE = "50x20"
LONGEST_NEWTON = 20.0
LONGEST_PYHF = 8.0
"""Seconds of one test after which larger models are left out."""
TEXT = f"""\
Generated models: four backgrounds and a signal; half of the nuisance parameters change rates, half
shapes, and each affects every background. One hypothesis test (CLs and band) on one core; pyhf (numpy,
SLSQP) only as far as a test stays below {LONGEST_PYHF:.0f} s or is the first above. The last table has
points of 50 parameters and 20 bins on {WORKERS} warm workers: a plan costs little beyond its fits."""


def measure(wish: Wish) -> Section:
    """Three tables: nuisance parameters at 20 bins, bins at 30 parameters, points."""
    few = 2 if wish.quick else None
    by_parameters, by_bins = _both(PARAMETERS[:few]), _both(BINS[:few])
    many, trouble = child_lines("many_points", str(WORKERS), POINTS_SIZE, *POINTS[:few])
    if trouble:
        raise ChildError(trouble)
    tables = (
        _models("nuisance parameters, 20 bins", "parameters", by_parameters),
        _models("bins, 30 nuisance parameters", "bins", by_bins),
        _points(many),
    )
    series = {"parameters": by_parameters, "bins": by_bins, "points": many}
    return Section("Larger and smaller models", TEXT, tables, (), series)


def _both(sizes: tuple[str, ...]) -> dict[str, list[dict[str, Any]]]:
    newton, trouble = child_lines("scaling", "newton", str(LONGEST_NEWTON), *sizes, one_core=True)
    if trouble:
        raise ChildError(trouble)
    pyhf, trouble = child_lines("scaling", "pyhf", str(LONGEST_PYHF), *sizes, one_core=True)
    if trouble:
        raise ChildError(trouble)
    return {"newton": newton, "pyhf": pyhf}


def _models(title: str, size: str, found: dict[str, list[dict[str, Any]]]) -> Table:
    theirs = {line[size]: line for line in found["pyhf"]}
    rows = []
    for line in found["newton"]:
        other = theirs.get(line[size])
        rows.append(
            (
                str(line[size]),
                duration(line["model"]),
                duration(line["fit"]),
                duration(other["fit"]) if other else "",
                plain(other["fit"] / line["fit"]) if other else "",
                f"{abs(other['cls_obs'] - line['cls_obs']):.0e}" if other else "",
            )
        )
    header = (title, "newton, compile", "newton, fits", "pyhf, fits", "times newton", "difference of CLs")
    return Table(header, tuple(rows))


def _points(lines: list[dict[str, Any]]) -> Table:
    rows = [
        (
            str(line["points"]),
            duration(line["wall"]),
            duration(line["wall"] / line["points"]),
            f"{100.0 * line['busy'] / (WORKERS * line['wall']):.0f} %",
        )
        for line in lines
    ]
    header = ("points", "submission to the last result", "per point", "of the workers' time spent fitting")
    return Table(header, tuple(rows))
