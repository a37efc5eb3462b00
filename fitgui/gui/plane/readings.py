"""The numbers that one would read off the contours, in one line below the plane."""

from __future__ import annotations

from fitgui.exclusion.along import ExcludedRange
from fitgui.exclusion.interpolation import Interpolation
from fitgui.exclusion.points import ASYMPTOTIC
from fitgui.exclusion.readouts import AxisName, Reach, excluded_area, mass_reach, rounded
from fitgui.gui.plane.legend import BETWEEN
from fitgui.pallets.plane import MINUS, Axis


def reading_of(
    interpolation: Interpolation, x: Axis, y: Axis, *, toys: bool = False, so_far: bool = False
) -> str:
    """Limits along the lowest line of the grid, and how much of the plane is excluded.

    Args:
        interpolation: of asymptotic CLs.
        x: the horizontal axis.
        y: the vertical axis.
        toys: whether there are CLs from toys, too.
        so_far: whether points are still to be fitted: each number says so, and a line of which too little is
            known for a limit is not spoken of.
    """
    names = _name(x), _name(y)
    # The lowest row of a difference of masses is where the grid begins, and no place that anybody quotes.
    parts = [] if MINUS in y.label else [_together(mass_reach(interpolation, *names), *names, so_far=so_far)]
    # Triangles between other coordinates than the published ones are others, and so would be the share.
    published = not any(MINUS in axis.label for axis in (x, y))
    areas = [area for area in excluded_area(interpolation, *names) if area.fitted > 0] if published else []
    if areas:
        shares = [f"{area.area / area.fitted:.0%}".replace("%", "\N{NO-BREAK SPACE}%") for area in areas]
        what = "Excluded of the plane fitted so far" if so_far else "Excluded of the fitted plane"
        parts.append(f"{what}: {', expected '.join(shares)}")
    parts.append(ASYMPTOTIC if toys else "")
    return BETWEEN.join(part for part in parts if part)


def _together(reaches: tuple[Reach, ...], x: AxisName, y: AxisName, *, so_far: bool) -> str:
    """One sentence where each excludes one stretch with an end inside; otherwise one for each."""
    stretches = [reach.ranges[0] for reach in reaches if len(reach.ranges) == 1]
    edges = [edge for stretch in stretches for edge in (stretch.start, stretch.end) if edge is not None]
    if not edges or len(stretches) < len(reaches):
        return "" if so_far else BETWEEN.join(reach.text for reach in reaches)
    told = ", expected ".join(_stretch(stretch, x) for stretch in stretches)
    spacing = x.number(max(edge.spacing for edge in edges))
    excluded = "excluded so far" if so_far else "excluded"
    return f"At {y.symbol} = {y.number(reaches[0].at)}: {x.symbol} {excluded} {told} (grid {spacing})"


def _stretch(stretch: ExcludedRange, x: AxisName) -> str:
    start, end = stretch.start, stretch.end
    if start is None:
        return "everywhere" if end is None else f"up to {x.number(end.position, end.spacing)}"
    first = rounded(start.position, start.spacing)
    if end is None:
        return f"from {first} {x.unit}".rstrip()
    return f"from {first} to {x.number(end.position, end.spacing)}"


def _name(axis: Axis) -> AxisName:
    return AxisName(axis.symbol or axis.label, axis.unit)
