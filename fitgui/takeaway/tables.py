"""Tables of results for a publication: a column for each coordinate and each number, never a NaN."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

from fitgui.pallets.model import SignalPoint
from fitgui.pallets.plane import Axis, axis_of
from fitgui.pallets.published import Notation
from fitgui.runs.plan import RunPlan
from fitgui.runs.snapshot import PointStatus, RunSnapshot
from fitgui_backends.contract import TaskState
from fitgui_backends.results import FitResult, is_doubtful

DIGITS = 6
"""Significant digits: more than any fit is good for."""
BANDS = ("expected -2 sigma", "expected -1 sigma", "expected", "expected +1 sigma", "expected +2 sigma")
Six = tuple[float | None, ...]
"""Observed, then expected in the order of :data:`BANDS`."""


@dataclass(frozen=True, slots=True)
class Column:
    """A quantity; ``None`` where there is no such number, which the table explains."""

    name: str
    values: tuple[float | str | None, ...]
    unit: str = ""
    qualifiers: tuple[tuple[str, str], ...] = ()
    """What holds of this column only, beside what holds of the table: name and value."""


@dataclass(frozen=True, slots=True)
class Table:
    """Coordinates and numbers, one row for each point."""

    name: str
    file_name: str
    """Without the ending."""
    description: str
    observable: str
    """The word of HEPData for the kind of number."""
    independent: tuple[Column, ...]
    dependent: tuple[Column, ...]
    qualifiers: tuple[tuple[str, str], ...] = ()
    """Of all dependent columns."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The points whose numbers can be published, and why the others are not among them."""

    results: Mapping[str, FitResult]
    left_out: tuple[str, ...]
    """Sentences."""


def choose(snapshot: RunSnapshot) -> Chosen:
    """Leave out what is not fitted, or rests on a fit that did not converge."""
    groups: dict[str, list[str]] = {}
    results: dict[str, FitResult] = {}
    for name, status in snapshot.points.items():
        why = _why_not(status)
        if why:
            groups.setdefault(why, []).append(name)
        elif status.result is not None:
            results[name] = status.result
    sentences = [
        f"{len(names)} of {snapshot.total} points left out because {why}: {', '.join(names)}."
        for why, names in groups.items()
    ]
    return Chosen(results, tuple(sentences))


def point_tables(plan: RunPlan, chosen: Chosen, notation: Mapping[str, Notation]) -> list[Table]:
    """CLs and its significance, and what else was asked of the run: limits, toys, the discovery test.

    Args:
        plan: of the run.
        chosen: its points.
        notation: how coordinates are written, by label.
    """
    found = []
    for kind in _KINDS:
        rows = {name: six for name, result in chosen.results.items() if (six := kind.numbers(result))}
        if rows:
            found.append(_table(kind, rows, plan, notation))
    return found


def significance(p_value: float) -> float | None:
    """Standard deviations Z with ``1 - Phi(Z) = p``; ``None`` where that is infinite."""
    return -NormalDist().inv_cdf(p_value) if 0.0 < p_value < 1.0 else None


def rounded(value: float | None) -> float | None:
    """To :data:`DIGITS` significant digits; ``None`` of what is not finite."""
    return float(f"{value:.{DIGITS}g}") if value is not None and math.isfinite(value) else None


def axis_name(axis: Axis) -> str:
    """How HEPData shows a coordinate: in LaTeX between dollar signs where the notation is known."""
    return f"${axis.latex}$" if axis.latex else axis.symbol or axis.label


def planned_points(plan: RunPlan, names: Iterable[str]) -> list[SignalPoint]:
    """Points of a run with their coordinates; the patches stay in the pallet."""
    return [SignalPoint(name, plan.values.get(name, {}), b"", "") for name in names]


def _why_not(status: PointStatus) -> str:
    if status.state is TaskState.FAILED:
        return "their fits failed"
    if status.result is None:
        return "they were not fitted"
    numbers = (status.result.cls_obs, *status.result.cls_exp)
    if is_doubtful(status.result) or not all(math.isfinite(value) for value in numbers):
        return "a fit behind their numbers did not converge"
    return ""


def _table(kind: _Kind, rows: Mapping[str, Six], plan: RunPlan, notation: Mapping[str, Notation]) -> Table:
    mu = plan.plan.options.poi_test
    tested = (("Tested signal strength", f"{mu:g}"),) if mu != 1.0 and not kind.qualifiers else ()
    dependent = tuple(
        Column(f"{kind.quantity}, {words}", tuple(rounded(six[number]) for six in rows.values()))
        for number, words in enumerate(("observed", *BANDS))
    )
    return Table(
        kind.name,
        kind.file_name,
        kind.description,
        kind.observable,
        _coordinates(plan, rows, notation),
        dependent,
        (*kind.qualifiers, *tested),
    )


def _coordinates(
    plan: RunPlan, results: Iterable[str], notation: Mapping[str, Notation]
) -> tuple[Column, ...]:
    """A column for each label; the names of points where a point lacks one, or there are none."""
    points = planned_points(plan, results)
    labels = [label for label in plan.analysis.labels if all(label in point.values for point in points)]
    columns = []
    for label in labels:
        axis = axis_of(points, label, notation)
        values = tuple(_plain(point.values[label]) for point in points)
        columns.append(Column(axis_name(axis), values, axis.unit))
    if len(labels) < len(plan.analysis.labels) or not labels:
        columns.insert(0, Column("Signal point", tuple(results)))
    return tuple(columns)


def _plain(value: float | str) -> float | str:
    return value if isinstance(value, str) or math.isfinite(value) else str(value)


def _cls(result: FitResult) -> Six:
    return (result.cls_obs, *result.cls_exp)


def _significances(result: FitResult) -> Six:
    return tuple(significance(value) for value in (result.cls_obs, *result.cls_exp))


def _limits(result: FitResult) -> Six:
    return () if result.limits is None else (result.limits.obs, *result.limits.exp)


def _toys(result: FitResult) -> Six:
    return () if result.toys is None else (result.toys.cls_obs, *result.toys.cls_exp)


def _discovery(result: FitResult) -> Six:
    found = result.discovery
    return () if found is None else tuple(significance(value) for value in (found.p0_obs, *found.p0_exp))


@dataclass(frozen=True, slots=True)
class _Kind:
    """A table that every run can have."""

    name: str
    file_name: str
    observable: str
    quantity: str
    numbers: Callable[[FitResult], Six]
    """Empty of a result without such numbers."""
    description: str
    qualifiers: tuple[tuple[str, str], ...] = ()


_KINDS = (
    _Kind(
        "CLs of the signal points",
        "cls",
        "CLS",
        "CLs",
        _cls,
        "CLs of each signal point, observed and expected; below 0.05 it is excluded at 95 % CL.",
    ),
    _Kind(
        "Significance of the exclusion",
        "significance",
        "SIG",
        "Z",
        _significances,
        "Significance Z of the exclusion of each signal point, with 1 - Phi(Z) = CLs: above 1.645 it is "
        "excluded at 95 % CL. A dash: Z is infinite.",
    ),
    _Kind(
        "Upper limits on the signal strength",
        "limits",
        "MU",
        "Upper limit on mu",
        _limits,
        "Upper limits on the signal strength mu at 95 % CL, in units of the predicted signal. A dash: no "
        "limit within the bounds of mu in the model.",
        (("LEVEL", "95 % CL"),),
    ),
    _Kind(
        "CLs from pseudo-experiments",
        "cls_toys",
        "CLS",
        "CLs",
        _toys,
        "CLs from pseudo-experiments instead of asymptotic formulae. A dash: no pseudo-experiment without "
        "signal is as extreme as the data.",
    ),
    _Kind(
        "Significance of an excess",
        "discovery",
        "SIG",
        "Z0",
        _discovery,
        "Significance of an excess over the background (test statistic q0): observed, and expected with the "
        "signal at mu = 1. A dash: it is infinite.",
        (("Hypothesis", "background only"),),
    ),
)
