"""Contours at 95 % CL, observed and expected, and the bands between them."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from fitgui.exclusion import tracing
from fitgui.exclusion.interpolation import RESOLUTION, Interpolation, NoPlaneError
from fitgui.exclusion.model import (
    SURFACES,
    AxisChoice,
    Exclusion,
    Floats,
    Line,
    Method,
    PlanePoints,
    Region,
    Surface,
)
from fitgui.exclusion.significance import THRESHOLD

_BANDS = {1: (Surface.MINUS_ONE, Surface.PLUS_ONE), 2: (Surface.MINUS_TWO, Surface.PLUS_TWO)}


def find_exclusion(
    points: PlanePoints,
    axes: AxisChoice = AxisChoice(),  # noqa: B008  (frozen)
    method: Method = "linear",
    *,
    missing: ArrayLike | None = None,
    resolution: int = RESOLUTION,
) -> Exclusion:
    """Contours and bands of points; arguments as of :class:`Interpolation`.

    Raises nothing: why there is no contour stands in ``problem``.
    """
    try:
        return exclusion_of(
            Interpolation(points, axes, method, missing=missing, resolution=resolution), points
        )
    except NoPlaneError as error:
        nothing: dict[Surface, tuple[Line, ...]] = dict.fromkeys(SURFACES, ())
        bands: dict[int, tuple[Region, ...]] = dict.fromkeys(_BANDS, ())
        return Exclusion(points, MappingProxyType(nothing), MappingProxyType(bands), str(error))


def exclusion_of(interpolation: Interpolation, points: PlanePoints | None = None) -> Exclusion:
    """Contours and bands of what was interpolated already.

    Args:
        interpolation: Significances over the plane.
        points: What to name as the points; by default those that took part.
    """
    mesh, frame = interpolation.mesh, interpolation.frame
    contours = {
        surface: tuple(
            Line(*frame.data(trace.places), closed=trace.closed)
            for trace in tracing.contour(mesh, column, THRESHOLD)
        )
        for column, surface in enumerate(SURFACES)
    }
    bands = {}
    for sigmas, pair in _BANDS.items():
        heights = mesh.values[:, [SURFACES.index(surface) for surface in pair]] - THRESHOLD
        # More background makes a limit weaker; pseudo-experiments may fluctuate the other way.
        bands[sigmas] = _regions(interpolation, heights.max(axis=1), heights.min(axis=1))
    return Exclusion(points or interpolation.points, MappingProxyType(contours), MappingProxyType(bands))


def excluded_regions(interpolation: Interpolation, surface: Surface) -> tuple[Region, ...]:
    """Where a surface says that the signal is excluded at 95 % CL, the largest first."""
    return _regions(interpolation, interpolation.mesh.values[:, SURFACES.index(surface)] - THRESHOLD)


def fitted_regions(interpolation: Interpolation) -> tuple[Region, ...]:
    """The part of the plane about which something is known, the largest piece first."""
    return _regions(interpolation, np.ones(len(interpolation.mesh.places)))


def _regions(interpolation: Interpolation, upper: Floats, lower: Floats | None = None) -> tuple[Region, ...]:
    def line(ring: Floats) -> Line:
        return Line(*interpolation.frame.data(ring), closed=True)

    found = tracing.areas(interpolation.mesh, upper, lower)
    return tuple(Region(line(outline), tuple(line(hole) for hole in holes)) for outline, holes in found)


def area_of(region: Region) -> float:
    """Its area in the units of both axes multiplied, the holes taken off."""
    rings = [np.column_stack([line.x, line.y]) for line in (region.outline, *region.holes)]
    outline, *holes = (abs(tracing.signed_area(ring)) for ring in rings)
    return outline - sum(holes)
