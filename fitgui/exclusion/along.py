"""Limits along a line through the plane, where one coordinate is fixed: ``m2 = 0``.

A line of constant ``m1 - m2`` is one, too, where points are given with that difference as a coordinate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from fitgui.exclusion.frame import Frame, drawable
from fitgui.exclusion.interpolation import Interpolation, NoPlaneError
from fitgui.exclusion.model import SURFACES, AxisChoice, Floats, Method, PlanePoints, Surface
from fitgui.exclusion.significance import THRESHOLD, significance

Axis = Literal["x", "y"]
_ON_THE_LINE = 1e-12
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where CLs is 0.05 along a line."""

    position: float
    """In units of the axis."""
    excluded: Literal["below", "above"]
    """On which side of it the signal is excluded."""
    lower: float
    """The nearest fitted coordinate below that the position was interpolated from."""
    upper: float
    """The nearest above."""

    @property
    def spacing(self) -> float:
        """The distance between fitted points around it: what the limit can be trusted to."""
        return self.upper - self.lower


@dataclass(frozen=True, slots=True)
class ExcludedRange:
    """A stretch of the line that is excluded at 95 % CL."""

    low: float
    high: float
    start: Crossing | None
    """``None`` where nothing was fitted below."""
    end: Crossing | None
    """``None`` where nothing was fitted above."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Significance along a part of a line without a gap; linear between the positions on the drawn scale."""

    position: Floats
    """Shape (k,), rising, in units of the axis."""
    values: Floats
    """Shape (k, 6), in the order of :data:`SURFACES`."""


@dataclass(frozen=True, slots=True, eq=False)
class LineExclusion:
    """What is excluded along a line."""

    along: Axis
    """The coordinate that runs; the other one is fixed."""
    at: float
    """The value of the other coordinate."""
    stretches: tuple[Stretch, ...]
    """Where something is known."""
    ranges: Mapping[Surface, tuple[ExcludedRange, ...]]
    """Of every surface, in rising order."""
    problem: str = ""
    """Why nothing is known, in words."""

    def crossings(self, surface: Surface) -> tuple[Crossing, ...]:
        """Where CLs of a surface is 0.05, in rising order."""
        edges = [edge for found in self.ranges[surface] for edge in (found.start, found.end)]
        return tuple(edge for edge in edges if edge is not None)


def limits_along(
    points: PlanePoints,
    axes: AxisChoice = AxisChoice(),  # noqa: B008  (frozen)
    method: Method = "linear",
    *,
    x: float | None = None,
    y: float | None = None,
) -> LineExclusion:
    """Limits along ``x = ...`` or ``y = ...``.

    Where the points have no area between them, as while a run begins, the points on the line itself are used.

    Args:
        points: The points; other arguments as of :class:`Interpolation`.
        axes: How the plane is looked at.
        method: How to interpolate.
        x: The fixed coordinate, or
        y: this one.

    Raises:
        ValueError: unless one of ``x`` and ``y`` is given.
    """
    _one_of(x, y)
    try:
        return limits_on(Interpolation(points, axes, method), x=x, y=y)
    except NoPlaneError as error:
        return _along_points(points, axes, x, y, str(error))


def limits_on(
    interpolation: Interpolation, *, x: float | None = None, y: float | None = None
) -> LineExclusion:
    """Limits along ``x = ...`` or ``y = ...`` of what was interpolated already; see :func:`limits_along`."""
    running, at = _one_of(x, y)
    frame, mesh = interpolation.frame, interpolation.mesh
    fixed = float(frame.scaled_one(1 - running, at)[0])
    pieces = _pieces(mesh.places, mesh.triangles, mesh.values, running, fixed)
    if not pieces:
        return _nothing(running, at, "The line lies outside the fitted points.")
    return _found(_Bracket(interpolation, running, fixed), frame, pieces, running, at)


def rows(points: PlanePoints, along: Axis) -> tuple[float, ...]:
    """The values of the other coordinate, rising, at which there are two fitted points or more."""
    column = points.y if along == "x" else points.x
    values, counts = np.unique(column, return_counts=True)
    return tuple(values[counts > 1].tolist())


class _Bracket:
    """Between which fitted coordinates a place on the line is."""

    def __init__(self, interpolation: Interpolation, running: int, fixed: float) -> None:
        self._interpolation, self._running, self._fixed = interpolation, running, fixed
        self._places = interpolation.triangulation.places
        fitted = self._places[: len(interpolation.points.names)]  # behind them those that are still to be
        self._on_line = np.sort(fitted[np.abs(fitted[:, 1 - running] - fixed) < _SAME, running])

    def around(self, position: float) -> tuple[float, float]:
        """In scaled coordinates."""
        choices = []
        below = self._on_line[self._on_line <= position]
        above = self._on_line[self._on_line > position]
        if below.size and above.size:
            choices.append((float(below[-1]), float(above[0])))
        place = np.empty((1, 2))
        place[0, self._running], place[0, 1 - self._running] = position, self._fixed
        found, _ = self._interpolation.triangulation.locate(place)
        if found[0] >= 0:
            corners = self._places[self._interpolation.triangulation.triangles[found[0]], self._running]
            choices.append((float(corners.min()), float(corners.max())))
        return min(choices, key=lambda ends: ends[1] - ends[0], default=(np.nan, np.nan))


class _OnLine:
    """The same where there is nothing but the points on the line."""

    def __init__(self, positions: Floats) -> None:
        self._positions = positions

    def around(self, position: float) -> tuple[float, float]:
        """In scaled coordinates."""
        index = min(int(np.searchsorted(self._positions, position, side="right")), len(self._positions) - 1)
        return float(self._positions[index - 1]), float(self._positions[index])


def _pieces(
    places: Floats,
    triangles: np.ndarray[tuple[int, int], np.dtype[np.int64]],
    values: Floats,
    running: int,
    fixed: float,
) -> list[tuple[Floats, Floats]]:
    """Positions and values along the line, one pair for each part without a gap, in scaled coordinates."""
    offset = places[:, 1 - running] - fixed
    offset = np.where(np.abs(offset) < _ON_THE_LINE, 0.0, offset)
    corners = offset[triangles]
    touched = triangles[(corners.min(axis=1) <= 0) & (corners.max(axis=1) >= 0)]
    intervals = []
    for triangle in touched:
        ends = []
        for one, two in ((0, 1), (1, 2), (2, 0)):
            first, second = triangle[one], triangle[two]
            if offset[first] == 0:
                ends.append((places[first, running], values[first]))
            elif offset[first] * offset[second] < 0:
                share = offset[first] / (offset[first] - offset[second])
                where = places[first, running] + share * (places[second, running] - places[first, running])
                ends.append((where, values[first] + share * (values[second] - values[first])))
        if len(ends) == 2 and abs(ends[0][0] - ends[1][0]) > _ON_THE_LINE:
            intervals.append(sorted(ends, key=lambda end: end[0]))
    return _chained(sorted(intervals, key=lambda interval: (interval[0][0], interval[1][0])))


def _chained(intervals: list[list[tuple[float, Floats]]]) -> list[tuple[Floats, Floats]]:
    chains: list[list[tuple[float, Floats]]] = []
    for begin, end in intervals:
        if chains and end[0] <= chains[-1][-1][0] + _SAME:  # the other side of an edge on the line
            continue
        if chains and abs(begin[0] - chains[-1][-1][0]) <= _SAME:
            chains[-1].append(end)
        else:
            chains.append([begin, end])
    return [(np.array([at for at, _ in chain]), np.array([value for _, value in chain])) for chain in chains]


def _along_points(
    points: PlanePoints, axes: AxisChoice, x: float | None, y: float | None, problem: str
) -> LineExclusion:
    running, at = _one_of(x, y)
    other, own = (points.y, points.x) if running == 0 else (points.x, points.y)
    on_line = (other == at) & drawable(points.x, points.y, axes)
    if on_line.sum() < 2 or len(np.unique(own[on_line])) < on_line.sum():
        return _nothing(running, at, problem)
    frame = Frame.around(points.x[on_line], points.y[on_line], axes)
    positions = frame.scaled_one(running, own[on_line])
    order = np.argsort(positions)
    pieces = [(positions[order], significance(points.cls[on_line][order]))]
    return _found(_OnLine(positions[order]), frame, pieces, running, at)


def _found(
    bracket: _Bracket | _OnLine, frame: Frame, pieces: list[tuple[Floats, Floats]], running: int, at: float
) -> LineExclusion:
    def data(position: float) -> float:
        return float(frame.data_one(running, np.array([position]))[0])

    def crossing(position: float, excluded: Literal["below", "above"]) -> Crossing:
        lower, upper = bracket.around(position)
        return Crossing(data(position), excluded, data(lower), data(upper))

    def ranges(column: int) -> tuple[ExcludedRange, ...]:
        found = []
        for positions, values in pieces:
            for low, high in _above(positions, values[:, column] - THRESHOLD):
                start = None if low is None else crossing(low, "above")
                end = None if high is None else crossing(high, "below")
                first = data(positions[0]) if start is None else start.position
                last = data(positions[-1]) if end is None else end.position
                found.append(ExcludedRange(first, last, start, end))
        return tuple(found)

    stretches = tuple(Stretch(frame.data_one(running, positions), values) for positions, values in pieces)
    by_surface = {surface: ranges(column) for column, surface in enumerate(SURFACES)}
    return LineExclusion("x" if running == 0 else "y", at, stretches, MappingProxyType(by_surface))


def _above(positions: Floats, heights: Floats) -> list[tuple[float | None, float | None]]:
    """Where heights are not negative; ``None`` is an end of the positions."""
    above = heights >= 0
    found: list[tuple[float | None, float | None]] = []
    start: float | None = None
    for index in np.flatnonzero(above[1:] != above[:-1]).tolist():
        share = heights[index] / (heights[index] - heights[index + 1])
        at = float(positions[index] + share * (positions[index + 1] - positions[index]))
        if above[index]:
            found.append((start, at))
        start = at
    if above[-1]:
        found.append((start, None))
    return found


def _nothing(running: int, at: float, problem: str) -> LineExclusion:
    none: dict[Surface, tuple[ExcludedRange, ...]] = dict.fromkeys(SURFACES, ())
    return LineExclusion("x" if running == 0 else "y", at, (), MappingProxyType(none), problem)


def _one_of(x: float | None, y: float | None) -> tuple[int, float]:
    """Which coordinate runs, 0 or 1, and the value of the other."""
    if x is None and y is not None:
        return 0, y
    if y is None and x is not None:
        return 1, x
    raise ValueError("a line has either x or y fixed")
