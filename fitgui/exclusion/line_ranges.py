"""Which part of a line is excluded: where the values cross what they are compared with."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fitgui.exclusion.line_limits import LineLimits, Quantity, Shift, log_interpolated
from fitgui.exclusion.model import Floats
from fitgui.exclusion.significance import LARGEST, significance_of


@dataclass(frozen=True, slots=True)
class Edge:
    """Where an excluded range begins or ends."""

    position: float
    """NaN where it is only known to be in ``between``: the limit on one side is beyond the bound."""
    between: tuple[float, float] | None
    """The fitted points on either side; ``None`` where the points end, and the exclusion may go on."""


@dataclass(frozen=True, slots=True)
class ExcludedPart:
    """A part of the line that is excluded at 95 % CL."""

    start: Edge
    stop: Edge


def excluded_ranges(limits: LineLimits, values: Floats, shift: Shift = 0) -> tuple[ExcludedPart, ...]:
    """Where a column is below what excludes.

    Between two points the logarithm of a limit is interpolated linearly, and CLs as a significance, as it is
    in the plane (the convention of HistFitter, arXiv:1410.1280). The predicted cross section is followed
    through the masses of its table.

    Args:
        limits: along the line; its coordinate has to be a number.
        values: one of its columns, shape (n,).
        shift: the predicted cross section moved by so many of its standard deviations.
    """
    keep = limits.drawn & ~np.isnan(values)
    x, y = limits.positions[keep], values[keep]
    threshold = limits.threshold(x, shift)
    known = ~np.isnan(threshold)
    x, y, below = x[known], y[known], (y < threshold)[known].tolist()
    ranges: list[ExcludedPart] = []
    start: Edge | None = None
    for index, excluded in enumerate(below):
        if excluded and start is None:
            start = Edge(float(x[0]), None) if index == 0 else _edge(limits, x, y, index - 1, shift)
        elif not excluded and start is not None:
            ranges.append(ExcludedPart(start, _edge(limits, x, y, index - 1, shift)))
            start = None
    if start is not None:
        ranges.append(ExcludedPart(start, Edge(float(x[-1]), None)))
    return tuple(ranges)


def _edge(limits: LineLimits, x: Floats, y: Floats, index: int, shift: Shift) -> Edge:
    """Between a point and the next one, of which one is excluded."""
    places, values = x[index : index + 2], y[index : index + 2]
    between = (float(places[0]), float(places[1]))
    if not np.all(np.isfinite(values)):
        return Edge(math.nan, between)
    if limits.theory is not None and limits.quantity == "sigma":
        nodes = limits.theory.positions
        inner = nodes[(nodes > places[0]) & (nodes < places[1])]
        finer = np.concatenate([places[:1], inner, places[1:]])
        places, values = finer, log_interpolated(finer, places, values)
    threshold = limits.threshold(places, shift)
    below = values < threshold
    first = int(np.flatnonzero(below[1:] != below[:-1])[0])
    one, two = _heights(limits.quantity, values[first : first + 2], threshold[first : first + 2])
    share = one / (one - two) if one != two else 0.5  # both next to the threshold, as near as numbers go
    return Edge(float(places[first] + share * (places[first + 1] - places[first])), between)


def _heights(quantity: Quantity, values: Floats, threshold: Floats) -> Floats:
    """Below 0 where excluded, and linear between points."""
    if quantity == "cls":
        return np.array([_bounded(t) - _bounded(v) for v, t in zip(values, threshold, strict=True)])
    with np.errstate(divide="ignore"):
        heights: Floats = np.log(values) - np.log(threshold)
    return heights


def _bounded(cls: float) -> float:
    """As :func:`fitgui.exclusion.significance.significance`, of one number."""
    return min(max(significance_of(cls), -LARGEST), LARGEST)
