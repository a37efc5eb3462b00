"""Numbers that are quoted of an exclusion: the limit for a massless neutralino, the area that is excluded."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from fitgui.exclusion.along import Axis, ExcludedRange, LineExclusion, limits_on, rows
from fitgui.exclusion.contours import area_of, excluded_regions, fitted_regions
from fitgui.exclusion.interpolation import Interpolation, NoPlaneError
from fitgui.exclusion.line_choice import rows_of_one_line
from fitgui.exclusion.model import Surface

QUOTED: Final = (Surface.OBSERVED, Surface.EXPECTED)
_BAND: Final = (Surface.MINUS_ONE, Surface.PLUS_ONE)
_PER_SPACING = 5
"""A limit is quoted to a power of ten that is no more than this part of the spacing of the grid."""
_WORDS: Final = MappingProxyType({Surface.OBSERVED: "Observed", Surface.EXPECTED: "Expected"})


@dataclass(frozen=True, slots=True)
class AxisName:
    """What an axis is called in a sentence."""

    symbol: str
    """``m1``"""
    unit: str = ""
    """``GeV``; empty where it is not known."""

    def number(self, value: float, spacing: float = math.nan) -> str:
        """A value with its unit, to what the spacing of the grid makes sense of."""
        return f"{rounded(value, spacing)} {self.unit}".strip()


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """What is excluded along the lowest line of the grid."""

    surface: Surface
    along: Axis
    at: float
    """The value of the other coordinate."""
    ranges: tuple[ExcludedRange, ...]
    band: tuple[float, float] | None
    """For the expected limit: where it is at one standard deviation either way, the lower number first."""
    text: str
    """``Observed limit at m2 = 0 GeV: m1 = 740 GeV (grid spacing 50 GeV)``"""

    @property
    def limit(self) -> float | None:
        """The upper end of the last excluded stretch; ``None`` where that is no crossing."""
        return self.ranges[-1].high if self.ranges and self.ranges[-1].end is not None else None


@dataclass(frozen=True, slots=True)
class ExcludedArea:
    """How much of the plane is excluded."""

    surface: Surface
    area: float
    """In the units of both axes multiplied."""
    fitted: float
    """Of the part of the plane about which something is known."""
    text: str


def mass_reach(
    interpolation: Interpolation,
    x: AxisName,
    y: AxisName,
    *,
    at: float | None = None,
    along: Axis = "x",
    surfaces: Iterable[Surface] = QUOTED,
) -> tuple[Reach, ...]:
    """What is excluded along one line, for each surface.

    Args:
        interpolation: Significances over the plane.
        x: Of the first axis.
        y: Of the second.
        at: The fixed coordinate; by default the lowest at which several points were fitted (for a lightest
            particle: the massless one).
        along: The coordinate that runs.
        surfaces: Which ones.

    Returns:
        One for each surface; none where there is no such line.
    """
    fixed = lowest_row(interpolation, along) if at is None else at
    if fixed is None:
        return ()
    line = limits_on(interpolation, y=fixed) if along == "x" else limits_on(interpolation, x=fixed)
    own, other = (x, y) if along == "x" else (y, x)
    return tuple(_reach(line, surface, own, other) for surface in surfaces)


def lowest_row(interpolation: Interpolation, along: Axis) -> float | None:
    """The lowest value of the other coordinate at which several points were fitted.

    Of rows that are one line (:func:`fitgui.exclusion.line_choice.rows_of_one_line`), the one along which
    most is known.
    """
    found = rows(interpolation.points, along)
    if not found:
        return None
    own, other = interpolation.points.x, interpolation.points.y
    if along == "y":
        own, other = other, own
    near = rows_of_one_line({at: own[other == at].tolist() for at in found}, float(np.ptp(other)))

    def known(at: float) -> float:
        line = limits_on(interpolation, y=at) if along == "x" else limits_on(interpolation, x=at)
        return sum(float(np.ptp(stretch.position)) for stretch in line.stretches)

    return max(near, key=known)


def excluded_area(
    interpolation: Interpolation, x: AxisName, y: AxisName, *, surfaces: Iterable[Surface] = QUOTED
) -> tuple[ExcludedArea, ...]:
    """The area that is excluded, for each surface; other arguments as of :func:`mass_reach`.

    Always in linear coordinates: how much is excluded does not depend on how the plane is drawn. Nothing
    where there is no such plane.
    """
    try:
        linear = interpolation.on_linear_axes()
    except NoPlaneError:
        return ()
    fitted = sum(map(area_of, fitted_regions(linear)))
    unit = _area_unit(x.unit, y.unit)
    found = []
    for surface in surfaces:
        area = sum(map(area_of, excluded_regions(linear, surface)))
        text = (
            f"{_name(surface)} excluded area: {_grouped(area)}{unit} "
            f"of {_grouped(fitted)}{unit} between fitted points ({area / fitted:.0%})"
        )
        found.append(ExcludedArea(surface, area, fitted, text))
    return tuple(found)


def rounded(value: float, spacing: float) -> str:
    """A number to the digits that make sense: 737.3 in a grid of 50 is 740, in one of 20 it is 737."""
    if not (math.isfinite(spacing) and spacing > 0):
        return f"{value:g}"
    digits = -math.floor(math.log10(spacing / _PER_SPACING))
    return f"{round(value, digits):.{max(digits, 0)}f}"


def _reach(line: LineExclusion, surface: Surface, own: AxisName, other: AxisName) -> Reach:
    ranges = line.ranges[surface]
    band = _band(line) if surface is Surface.EXPECTED else None
    place = f"{other.symbol} = {other.number(line.at)}"
    text = f"{_name(surface)}: {line.problem[:1].lower()}{line.problem[1:]}" if line.problem else ""
    if not text and not ranges:
        text = f"{_name(surface)}: nothing is excluded at {place}"
    elif not text and len(ranges) == 1 and ranges[0].start is None and ranges[0].end is not None:
        end = ranges[0].end
        within = f", within one standard deviation {_interval(band, own, end.spacing)}" if band else ""
        text = f"{_name(surface)} limit at {place}: {own.symbol} = {own.number(end.position, end.spacing)}"
        text += f"{within} ({_spacing([end.spacing], own)})"
    elif not text:
        text = f"{_name(surface)} excluded at {place}: {own.symbol} {_joined(ranges, own)}"
    return Reach(surface, line.along, line.at, ranges, band, text)


def _band(line: LineExclusion) -> tuple[float, float] | None:
    """The ends of the last stretch at one standard deviation, if both surfaces have one."""
    ends = []
    for surface in _BAND:
        found = line.ranges[surface]
        if not found or found[-1].end is None:
            return None
        ends.append(found[-1].high)
    return min(ends), max(ends)


def _interval(band: tuple[float, float], own: AxisName, spacing: float) -> str:
    low, high = (rounded(value, spacing) for value in band)
    return f"{low} to {high} {own.unit}".strip()


def _joined(ranges: tuple[ExcludedRange, ...], own: AxisName) -> str:
    parts, spacings = [], []
    for stretch in ranges:
        edges = [edge for edge in (stretch.start, stretch.end) if edge is not None]
        spacings += [edge.spacing for edge in edges]
        low = rounded(stretch.low, stretch.start.spacing if stretch.start else math.nan)
        high = rounded(stretch.high, stretch.end.spacing if stretch.end else math.nan)
        first = "" if stretch.start else " (the first fitted point)"
        last = "" if stretch.end else " (the last fitted point)"
        parts.append(f"from {low}{first} to {high} {own.unit}".rstrip() + last)
    told = f" ({_spacing(spacings, own)})" if spacings else ""
    return " and ".join(parts) + told


def _spacing(spacings: list[float], own: AxisName) -> str:
    different = sorted({float(f"{value:.6g}") for value in spacings if math.isfinite(value)})
    if not different:
        return "grid spacing unknown"
    if len(different) == 1:
        return f"grid spacing {own.number(different[0])}"
    return f"grid spacing {different[0]:g} to {own.number(different[-1])}"


def _name(surface: Surface) -> str:
    return _WORDS.get(surface, surface.value.capitalize())


def _area_unit(x: str, y: str) -> str:
    if not x or not y:
        return ""
    return f" {x}²" if x == y else f" {x} {y}"


def _grouped(area: float) -> str:
    """Three digits, thousands apart: ``143 000``; the spaces do not break."""
    exact = float(f"{area:.3g}")
    if exact < 100:
        return f"{exact:g}"
    return f"{exact:,.0f}".replace(",", "\u202f")
