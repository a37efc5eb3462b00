"""The columns of the table of signal points: what each says, in which unit, and how it sorts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fitgui.gui.appearance import (
    NOTHING,
    format_cls,
    format_coordinate,
    format_limit,
    format_p_value,
    format_seconds,
    look_of,
    look_of_check,
    short_name,
    toys_cls,
    toys_limit,
)
from fitgui.gui.session import CheckedPoint
from fitgui.pallets.model import SignalPoint
from fitgui.pallets.plane import axis_of
from fitgui.runs.snapshot import PointStatus
from fitgui_backends.results import EXCLUSION_CLS, FitResult, UpperLimits

LABEL_LENGTH = 16
SortKey = tuple[int, float | str]
WAITING = "waiting for "
MISSING: SortKey = (2, 0.0)
"""Sorts behind every number and every word."""


@dataclass(frozen=True, slots=True)
class Row:
    """A signal point and what is known of its fit."""

    point: SignalPoint
    status: PointStatus | None
    checked: CheckedPoint | None = None

    @property
    def result(self) -> FitResult | None:
        """The numbers, where there are any."""
        return None if self.status is None else self.status.result


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it says, how it sorts."""

    title: str
    explanation: str
    text: Callable[[Row], str]
    key: Callable[[Row], SortKey]
    sample: str = ""
    """A text as wide as any of this column."""
    numeric: bool = True
    live: bool = True
    """Whether its values change during a run."""
    optional: bool = False
    """Shown only where a point has something to show in it."""


def remarks(status: PointStatus | None) -> str:
    """Everything that a reader of the numbers has to know, in one line."""
    if status is None:
        return ""
    if status.error:
        return status.error
    return " · ".join((*status.result.warnings, *status.result.notes)) if status.result is not None else ""


def columns_for(
    points: Sequence[SignalPoint], labels: Sequence[str], bound: float | None = None
) -> tuple[Column, ...]:
    """The columns of the table for points with these coordinates; ``bound`` is the largest mu."""
    return (
        _words("Point", "Name of the signal point in the patch set", lambda row: row.point.name, live=False),
        *(_coordinate(points, label) for label in labels),
        _words(
            "State",
            "Where the point stands in the run, and what another engine says of its CLs where that was "
            "checked: the tab Check has the details. Limits are compared only where a run with pyhf is "
            "checked with newton",
            _state,
            sample="○ awaits endpoint",
        ),
        _number(
            "CLs obs",
            f"Observed CLs at the tested signal strength μ = 1; below {EXCLUSION_CLS} the signal is "
            "excluded at 95 % CL",
            lambda result: result.cls_obs,
            format_cls,
            sample="0.0000",
        ),
        _number(
            "CLs exp",
            "Median expected CLs if there is no signal; the band is in the tooltip of the point",
            lambda result: result.cls_exp[2],
            format_cls,
            sample="0.0000",
        ),
        _limit("μ₉₅ obs", "Observed", lambda limits: limits.obs, bound),
        _limit("μ₉₅ exp", "Median expected", lambda limits: limits.exp[2], bound),
        _number(
            "mu-hat",
            "Best-fit signal strength of the free fit; no unit: 1 is the published signal",
            lambda result: result.mu_hat,
            "{:.3f}".format,
            sample="10.000",
        ),
        _number(
            "p₀ obs",
            "Observed p-value of the background-only hypothesis (q0); the expected one is in the tooltip",
            lambda result: None if result.discovery is None else result.discovery.p0_obs,
            format_p_value,
            sample="1.0e-300",
            optional=True,
        ),
        Column(
            "CLs toys",
            "Observed CLs from pseudo-experiments, with its statistical error",
            _toys_text,
            lambda row: _key(
                None if row.result is None or row.result.toys is None else row.result.toys.cls_obs
            ),
            sample="0.0000 ± 0.0000",
            optional=True,
        ),
        Column(
            "μ₉₅ toys",
            "Observed upper limit on the signal strength μ at 95 % CL from pseudo-experiments, with its "
            f"statistical error; “{NOTHING}”: outside of where they were thrown",
            _toys_limit_text,
            _toys_limit_key,
            sample="0.000 ± 0.000",
            optional=True,
        ),
        _number(
            "CLs, rates ≥\N{NO-BREAK SPACE}0",
            "Observed CLs with the rate of every sample restricted to zero or above",
            lambda result: None if result.non_negative is None else result.non_negative.cls_obs,
            format_cls,
            sample="0.0000",
            optional=True,
        ),
        _number(
            "Fit [s]",
            "Seconds that one core spent on the fits of this point",
            lambda result: result.seconds.fit,
            format_seconds,
            sample="100.00",
        ),
        _words(
            "Remarks",
            "Warnings about the fit and notes on it, or why there is no result",
            lambda row: remarks(row.status),
        ),
    )


def _state(row: Row) -> str:
    state = look_of(row.status)
    if state.word.startswith(WAITING):  # a wider column would push the remarks out of the table
        return f"{state.icon} awaits {state.word.removeprefix(WAITING)}"
    if row.checked is None or row.result is None:
        return str(state)
    # A column of its own would be empty for most points, and push the remarks out of the table.
    check = look_of_check(row.checked)
    icon = state.icon if check.icon == "✓" else check.icon
    return f"{icon} {state.word}, {check.word}"


def _key(value: float | None) -> SortKey:
    return MISSING if value is None or math.isnan(value) else (0, value)


def _words(
    title: str,
    explanation: str,
    text: Callable[[Row], str],
    *,
    sample: str = "",
    live: bool = True,
    optional: bool = False,
) -> Column:
    def key(row: Row) -> SortKey:
        # Without the icon, so that equal words stand together.
        word = text(row)
        return (1, word.split(" ", 1)[-1] if word[:1] in "·○◔✓✗⊘⚠" else word) if word else MISSING

    return Column(title, explanation, text, key, sample, numeric=False, live=live, optional=optional)


def _number(
    title: str,
    explanation: str,
    pick: Callable[[FitResult], float | None],
    write: Callable[[float], str],
    *,
    sample: str,
    optional: bool = False,
) -> Column:
    def text(row: Row) -> str:
        value = pick(row.result) if row.result is not None else None
        return "" if value is None else write(value)

    def key(row: Row) -> SortKey:
        return _key(pick(row.result) if row.result is not None else None)

    return Column(title, explanation, text, key, sample, optional=optional)


def _limit(
    title: str, which: str, pick: Callable[[UpperLimits], float | None], bound: float | None
) -> Column:
    def text(row: Row) -> str:
        if row.result is None or row.result.limits is None:
            return ""
        mark = "" if row.result.limits.converged else "⚠ "
        return mark + format_limit(pick(row.result.limits), bound)

    def key(row: Row) -> SortKey:
        if row.result is None or row.result.limits is None:
            return MISSING
        value = pick(row.result.limits)
        return (0, math.inf) if value is None else _key(value)

    explanation = (
        f"{which} upper limit on the signal strength μ at 95 % CL; no unit: 1 is the published signal. "
        f"“{format_limit(None, bound)}”: above the bounds that the measurement gives μ"
    )
    return Column(title, explanation, text, key, "00.000", optional=True)


def _toys_text(row: Row) -> str:
    toys = row.result.toys if row.result is not None else None
    return "" if toys is None else toys_cls(toys)


def _toys_limit_text(row: Row) -> str:
    toys = row.result.toys if row.result is not None else None
    return "" if toys is None else toys_limit(toys)


def _toys_limit_key(row: Row) -> SortKey:
    toys = row.result.toys if row.result is not None else None
    return _key(None if toys is None or toys.limits is None else toys.limits.obs)


def _coordinate(points: Sequence[SignalPoint], label: str) -> Column:
    def text(row: Row) -> str:
        value = row.point.values.get(label)
        return "" if value is None else format_coordinate(value)

    def key(row: Row) -> SortKey:
        value = row.point.values.get(label)
        if value is None:
            return MISSING
        return (1, value) if isinstance(value, str) else (0, float(value))

    title = axis_of(points, label).title.replace(label, short_name(label, LABEL_LENGTH))
    return Column(title, f"Coordinate {label} of the signal point, as published", text, key, live=False)
