"""The numbers that one would read off the contours, in one line below the plane; no Qt."""

from __future__ import annotations

from fitgui.exclusion.interpolation import Interpolation
from fitgui.exclusion.readouts import AxisName, Reach, excluded_area, mass_reach
from fitgui.pallets.plane import Axis


def reading_of(interpolation: Interpolation, x: Axis, y: Axis) -> str:
    """Limits along the lowest line of the grid, and how much of the plane is excluded."""
    names = _name(x), _name(y)
    parts = [_together(mass_reach(interpolation, *names), *names)]
    areas = [area for area in excluded_area(interpolation, *names) if area.fitted > 0]
    if areas:
        shares = [f"{area.area / area.fitted:.0%}".replace("%", "\N{NO-BREAK SPACE}%") for area in areas]
        parts.append(f"of the fitted plane excluded: {', expected '.join(shares)}")
    return " · ".join(part for part in parts if part)


def _together(reaches: tuple[Reach, ...], x: AxisName, y: AxisName) -> str:
    """One sentence where observed and expected are limits from above; otherwise one for each."""
    ends = [reach.ranges[0].end for reach in reaches if len(reach.ranges) == 1 and not reach.ranges[0].start]
    known = [end for end in ends if end is not None]
    if not known or len(known) < len(reaches):
        return " · ".join(reach.text for reach in reaches)
    limits = ", expected ".join(x.number(end.position, end.spacing) for end in known)
    spacing = x.number(max(end.spacing for end in known))
    return f"At {y.symbol} = {y.number(reaches[0].at)}: {x.symbol} excluded up to {limits} (grid {spacing})"


def _name(axis: Axis) -> AxisName:
    return AxisName(axis.symbol or axis.label, axis.unit)
