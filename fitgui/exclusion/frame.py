"""The coordinates in which a plane is interpolated: both axes from 0 to 1, on the scale of the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from fitgui.exclusion.model import AxisChoice, Floats, Scale


@dataclass(frozen=True, slots=True)
class Frame:
    """From the units of the axes to scaled coordinates, and back.

    Each axis is stretched to the range of the points, as ROOT's ``TGraph2D`` does: which triangles come out
    must not depend on whether a lifetime is in ns beside a mass in GeV.
    """

    axes: AxisChoice
    low: tuple[float, float]
    """Of the points; the logarithm on a logarithmic axis."""
    span: tuple[float, float]

    @classmethod
    def around(cls, x: Floats, y: Floats, axes: AxisChoice) -> Self:
        """The frame of points with finite coordinates, positive ones on logarithmic axes."""
        columns = _scaled(x, axes.x_scale), _scaled(y, axes.y_scale)
        low = tuple(float(column.min()) for column in columns)
        span = tuple(float(np.ptp(column)) or 1.0 for column in columns)
        return cls(axes, (low[0], low[1]), (span[0], span[1]))

    def scaled(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Shape (n, 2); NaN for what a logarithmic axis does not have."""
        return np.column_stack([self.scaled_one(0, x), self.scaled_one(1, y)])

    def scaled_one(self, axis: int, values: ArrayLike) -> Floats:
        """One coordinate, of axis 0 or 1; shape (n,)."""
        scale = self.axes.x_scale if axis == 0 else self.axes.y_scale
        column = np.atleast_1d(np.asarray(values, dtype=np.float64)).ravel()
        return (_scaled(column, scale) - self.low[axis]) / self.span[axis]

    def data_one(self, axis: int, values: Floats) -> Floats:
        """The inverse of :meth:`scaled_one`."""
        scale = self.axes.x_scale if axis == 0 else self.axes.y_scale
        column = self.low[axis] + values * self.span[axis]
        return np.exp(column) if scale == "log" else column

    def data(self, places: Floats) -> tuple[Floats, Floats]:
        """The inverse of :meth:`scaled`: two arrays of shape (n,)."""
        return self.data_one(0, places[:, 0]), self.data_one(1, places[:, 1])

    def allowance(self, places: Floats) -> Floats:
        """How far places are on the allowed side of the diagonal, in units of the axes; shape (n,)."""
        x, y = self.data(places)
        match self.axes.allowed:
            case "below diagonal":
                return x - y
            case "above diagonal":
                return y - x
        return np.full(len(places), np.inf)


def drawable(x: Floats, y: Floats, axes: AxisChoice) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which points a pair of axes can show; shape (n,)."""
    shown = np.isfinite(x) & np.isfinite(y)
    if axes.x_scale == "log":
        shown &= x > 0
    if axes.y_scale == "log":
        shown &= y > 0
    return shown


def _scaled(column: Floats, scale: Scale) -> Floats:
    if scale == "linear":
        return column
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(column > 0, np.log(column), np.nan)
