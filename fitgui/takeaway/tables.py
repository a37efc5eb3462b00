"""Tables of results for a publication: a column for each coordinate and each number, never a NaN."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fitgui import words
from fitgui.exclusion.significance import significance_of
from fitgui.pallets.plane import Axis, axis_of
from fitgui.pallets.published import Notation
from fitgui.runs.plan import RunPlan
from fitgui.runs.snapshot import PointStatus
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
    """The points whose CLs can be published, and why the others are not among them."""

    results: Mapping[str, FitResult]
    """Also of points whose search for a limit did not converge: nothing of that enters CLs."""
    left_out: tuple[str, ...]
    """Sentences."""


def choose(statuses: Mapping[str, PointStatus]) -> Chosen:
    """Leave out what is not fitted, or rests on a fit that did not converge: as the plane does.

    Args:
        statuses: by point.
    """
    groups: dict[str, list[str]] = {}
    results: dict[str, FitResult] = {}
    for name, status in statuses.items():
        why = _why_not(status)
        if why:
            groups.setdefault(why, []).append(name)
        elif status.result is not None:
            results[name] = status.result
    sentences = [
        f"{len(names)} of {words.count(len(statuses), 'point')} left out because {why}: {', '.join(names)}."
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
        left_out = [name for name in rows if not kind.sound(chosen.results[name])]
        kept = {name: six for name, six in rows.items() if name not in left_out}
        if kept:
            found.append(_table(kind, kept, left_out, plan, notation))
    return found


def rounded(value: float | None) -> float | None:
    """To :data:`DIGITS` significant digits; ``None`` of what is not finite."""
    return float(f"{value:.{DIGITS}g}") if value is not None and math.isfinite(value) else None


def axis_name(axis: Axis) -> str:
    """How HEPData shows a coordinate: in LaTeX between dollar signs where the notation is known."""
    return f"${axis.latex}$" if axis.latex else axis.symbol or axis.label


def _why_not(status: PointStatus) -> str:
    if status.state is TaskState.FAILED:
        return "their fits failed"
    if status.result is None:
        return "they were not fitted"
    numbers = (status.result.cls_obs, *status.result.cls_exp)
    if not status.result.converged:
        return "a fit behind their numbers did not converge"
    if not all(math.isfinite(value) for value in numbers):
        return "their CLs is not a number"
    return ""


def _table(
    kind: _Kind,
    rows: Mapping[str, Six],
    left_out: Sequence[str],
    plan: RunPlan,
    notation: Mapping[str, Notation],
) -> Table:
    why = f" Left out because {kind.unsound}: {', '.join(left_out)}." if left_out else ""
    mu = plan.plan.options.poi_test
    tested = (("Tested signal strength", f"{mu:g}"),) if mu != 1.0 and not kind.qualifiers else ()
    dependent = tuple(
        Column(f"{kind.quantity}, {which}", tuple(rounded(six[number]) for six in rows.values()))
        for number, which in enumerate(("observed", *BANDS))
    )
    return Table(
        kind.name,
        kind.file_name,
        f"{kind.description} {kind.band}{why}",
        kind.observable,
        _coordinates(plan, rows, notation),
        dependent,
        (*kind.qualifiers, *tested),
    )


def _coordinates(
    plan: RunPlan, results: Iterable[str], notation: Mapping[str, Notation]
) -> tuple[Column, ...]:
    """A column for each label; the names of points where a point lacks one, or there are none."""
    points = plan.places(results)
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
    return tuple(_finite(significance_of(value)) for value in (result.cls_obs, *result.cls_exp))


def _limits(result: FitResult) -> Six:
    return () if result.limits is None else (result.limits.obs, *result.limits.exp)


def _toys(result: FitResult) -> Six:
    return () if result.toys is None else (result.toys.cls_obs, *result.toys.cls_exp)


def _discovery(result: FitResult) -> Six:
    found = result.discovery
    if found is None:
        return ()
    return tuple(_finite(significance_of(value)) for value in (found.p0_obs, *found.p0_exp))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


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
    band: str
    """What the signs of the expected band mean."""
    qualifiers: tuple[tuple[str, str], ...] = ()
    sound: Callable[[FitResult], bool] = lambda _: True
    """Whether the numbers of this table can be trusted; CLs of the point can."""
    unsound: str = ""
    """Why they cannot, in words."""


_FEWER = "At -1 and -2 sigma there would be fewer events than the background predicts, so that "
_SMALLER_CLS = f"{_FEWER}CLs is smaller: a stronger exclusion."
_KINDS = (
    _Kind(
        "CLs of the signal points",
        "cls",
        "CLS",
        "CLs",
        _cls,
        "CLs of each signal point, observed and expected; below 0.05 it is excluded at 95 % CL.",
        _SMALLER_CLS,
    ),
    _Kind(
        "Significance of the exclusion",
        "significance",
        "SIG",
        "Z",
        _significances,
        "Significance Z of the exclusion of each signal point, with 1 - Phi(Z) = CLs: above 1.645 it is "
        "excluded at 95 % CL. A dash: Z is infinite.",
        f"{_FEWER}Z is larger: a stronger exclusion.",
    ),
    _Kind(
        "Upper limits on the signal strength",
        "limits",
        "MU",
        "Upper limit on mu",
        _limits,
        "Upper limits on the signal strength mu at 95 % CL, in units of the predicted signal. A dash: no "
        "limit within the bounds of mu in the model.",
        f"{_FEWER}the limit is lower, which is the stronger one.",
        (("LEVEL", "95 % CL"),),
        sound=lambda result: not is_doubtful(result),
        unsound="the search for their limits did not converge",
    ),
    _Kind(
        "CLs from pseudo-experiments",
        "cls_toys",
        "CLS",
        "CLs",
        _toys,
        "CLs from pseudo-experiments instead of asymptotic formulae. A dash: no pseudo-experiment without "
        "signal is as extreme as the data.",
        _SMALLER_CLS,
    ),
    _Kind(
        "Significance of an excess",
        "discovery",
        "SIG",
        "Z0",
        _discovery,
        "Significance of an excess over the background (test statistic q0): observed, and expected with the "
        "signal at mu = 1. A dash: it is infinite.",
        "At -1 and -2 sigma, the order of p-values, there would be more events than signal and background "
        "predict, so that Z0 is larger.",
        (("Hypothesis", "background only"),),
    ),
)
