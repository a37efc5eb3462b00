"""The newton engine beside pyhf: the same points, on the same core, in one run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from tests.benchmarks.harness import child_lines, newton_fits
from tests.benchmarks.page import Section, Table, duration, plain
from tests.benchmarks.wish import Wish
from tests.references.work import sample

METHODS = {
    "slsqp-numpy": "pyhf, numpy, SLSQP (its default)",
    "slsqp-jax": "pyhf, jax, SLSQP",
    "minuit-numpy": "pyhf, numpy, minuit",
}
POINTS: Mapping[str, Mapping[str, int]] = {
    "1Lbb": {"slsqp-numpy": 2, "slsqp-jax": 2, "minuit-numpy": 1},
    "stau combined": {"slsqp-numpy": 3, "slsqp-jax": 2, "minuit-numpy": 1},
    "3L eRJR": {"slsqp-numpy": 3, "slsqp-jax": 2, "minuit-numpy": 2},
}
"""How many points each is given: what would take hours is sampled."""
NEEDED = {"slsqp-jax": ("jax", "jaxlib"), "minuit-numpy": ("iminuit",)}
LONGEST = 290.0
"""Seconds after which a method is stopped."""
BUDGET = 500.0
"""How many times faster than pyhf's default the engine has to be on 1Lbb."""
TEXT = """\
CLs, observed and the expected band, of the same points by every method, one after the other on one core.
*Fits* is the time of the minimisations of a point, *model* that of building its model (pyhf validates
each workspace anew; fitgui patches and compiles what a point changes). *Times newton* compares the fits,
point by point the same. *Above the lowest* is twice the negative log-likelihood at the minimum of the
free fit and of the one at mu = 1 above the lowest that any method found, for the worst of the points: a
method that is above by more than a few thousandths missed the minimum, and its CLs is off. The whole
pallet is measured for newton; for pyhf it is the mean of its points times their number."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One method on one analysis."""

    name: str
    points: Mapping[str, Mapping[str, Any]]
    trouble: str = ""


def measure(wish: Wish) -> Section:
    """A table for each analysis; the worst ratio decides about the budget."""
    tables, notes, series = [], [], {}
    for analysis, counts in POINTS.items():
        newton = newton_fits(analysis)
        points = sample(analysis, list(newton["points"]))
        methods = [Measured("newton", newton["points"])]
        for method in METHODS:
            if wish.quick and (analysis == "1Lbb" or method == "minuit-numpy") and method != "slsqp-jax":
                continue
            methods.append(_pyhf(analysis, method, points[: 1 if wish.quick else counts[method]]))
        tables.append(_table(analysis, newton, methods))
        notes += [f"{analysis}, {METHODS[m.name]}: {m.trouble}." for m in methods if m.trouble]
        series[analysis] = {m.name: _mean(m.points, "fit") for m in methods if m.points}
        notes += _about_budget(analysis, methods)
        doubtful = sum(not answer["converged"] for answer in newton["points"].values())
        notes.append(
            f"{analysis}: {len(newton['points']) - doubtful} of {len(newton['points'])} points converged."
        )
    return Section("Beside pyhf", TEXT, tuple(tables), tuple(notes), series)


def _pyhf(analysis: str, method: str, points: list[str]) -> Measured:
    missing = [module for module in NEEDED.get(method, ()) if find_spec(module) is None]
    if missing:
        return Measured(method, {}, f"left out, {missing[0]} is not installed")
    lines, trouble = child_lines("pyhf_fits", analysis, method, *points, one_core=True, longest=LONGEST)
    return Measured(method, {line["point"]: line for line in lines}, trouble)


def _table(analysis: str, newton: Mapping[str, Any], methods: list[Measured]) -> Table:
    total = len(newton["points"])
    header = (
        f"{analysis}: {newton['parameters']} parameters, {newton['bins']} bins",
        "points",
        "fits, per point",
        "model, per point",
        "times newton",
        "above the lowest, free",
        "above the lowest, mu = 1",
        f"all {total} points",
    )
    lowest = _lowest(methods)
    rows = []
    for method in methods:
        if not method.points:
            continue
        fit, model = _mean(method.points, "fit"), _mean(method.points, "model")
        own = method.name == "newton"
        whole = newton["wall"] if own else total * (fit + model)
        rows.append(
            (
                "**newton**" if own else METHODS[method.name],
                str(len(method.points)),
                duration(fit),
                duration(model),
                "" if own else plain(_ratio(methods[0], method)),
                _above(method.points, lowest, "free"),
                _above(method.points, lowest, "mu1"),
                duration(whole) if own else f"about {duration(whole)}",
            )
        )
    return Table(header, tuple(rows))


def _lowest(methods: list[Measured]) -> dict[tuple[str, str], float]:
    lowest: dict[tuple[str, str], float] = {}
    for method in methods:
        for point, answer in method.points.items():
            for fit in ("free", "mu1"):
                if answer[fit] is not None:
                    lowest[point, fit] = min(answer[fit], lowest.get((point, fit), answer[fit]))
    return lowest


def _above(points: Mapping[str, Mapping[str, Any]], lowest: Mapping[tuple[str, str], float], fit: str) -> str:
    worst = max(
        answer[fit] - lowest[point, fit] for point, answer in points.items() if answer[fit] is not None
    )
    return f"{worst:.4f}" if worst >= 5e-5 else "0"


def _mean(points: Mapping[str, Mapping[str, Any]], what: str) -> float:
    return sum(answer[what] for answer in points.values()) / len(points)


def _ratio(newton: Measured, other: Measured) -> float:
    return sum(answer["fit"] for answer in other.points.values()) / sum(
        newton.points[point]["fit"] for point in other.points
    )


def _about_budget(analysis: str, methods: list[Measured]) -> Iterator[str]:
    slsqp = next((method for method in methods if method.name == "slsqp-numpy" and method.points), None)
    if analysis == "1Lbb" and slsqp is not None:
        ratio = _ratio(methods[0], slsqp)
        missed = "" if ratio >= BUDGET else ": **missed**"
        yield f"1Lbb, budget: at least {BUDGET:.0f} times faster than pyhf's default; {ratio:.0f}{missed}."
