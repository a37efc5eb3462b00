"""How numbers of the plane become places in the plot: linear or logarithmic axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QPainterPath

from fitgui.exclusion.model import Line, Region

Floats = NDArray[np.float64]
Mantissas = tuple[float, ...]
USUAL: tuple[Mantissas, Mantissas] = ((1.0, 2.0, 3.0, 5.0), (4.0, 6.0, 7.0, 8.0, 9.0))
"""Ticks of a decade with a label, and those without."""
FEW: tuple[Mantissas, Mantissas] = ((1.0,), (2.0, 5.0))
MANY_DECADES = 2.5
"""More than these have place for few labels."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The scales of both axes; pyqtgraph draws the logarithm of what stands on a logarithmic axis."""

    x_log: bool = False
    y_log: bool = False

    def x(self, values: Floats) -> Floats:
        """Places along the horizontal axis; NaN for what a logarithmic axis cannot show."""
        return _log(values) if self.x_log else values

    def y(self, values: Floats) -> Floats:
        """Places along the vertical axis; NaN for what a logarithmic axis cannot show."""
        return _log(values) if self.y_log else values

    def x_value(self, place: float) -> float:
        """The number at a place along the horizontal axis."""
        return float(10.0**place) if self.x_log else place

    def y_value(self, place: float) -> float:
        """The number at a place along the vertical axis."""
        return float(10.0**place) if self.y_log else place

    def path(self, lines: Sequence[Line]) -> QPainterPath:
        """The pieces of a contour."""
        path = QPainterPath()
        for line in lines:
            piece = pg.arrayToQPath(self.x(line.x), self.y(line.y), connect="finite")
            if line.closed and np.all(np.isfinite(self.y(line.y))):
                piece.closeSubpath()
            path.addPath(piece)
        return path

    def area(self, regions: Sequence[Region]) -> QPainterPath:
        """Filled areas; what is inside of a hole stays free by the odd-even rule."""
        return self.path([line for region in regions for line in (region.outline, *region.holes)])


class ScaledAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph brings no types
    """An axis whose logarithmic form is labelled 100, 200, 500: masses are not powers of ten."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float | None, list[float]]]:
        """1, 2 and 5 of every decade with labels, the rest without; the decades alone where they are many."""
        if not self.logMode or self._tickLevels is not None:
            return list(super().tickValues(low, high, size))
        decades = range(int(np.floor(low)), int(np.ceil(high)) + 1)
        labelled, bare = FEW if high - low > MANY_DECADES else USUAL
        return [
            (1.0, _within(decades, labelled, low, high)),
            (None, _within(decades, bare, low, high)),
        ]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float | None) -> list[str]:
        """Plain numbers."""
        if not self.logMode:
            return list(super().tickStrings(values, scale, spacing))
        return ["" if spacing is None else f"{10.0**value:.4g}" for value in values]


def _within(decades: range, mantissas: Sequence[float], low: float, high: float) -> list[float]:
    places = (float(decade + np.log10(mantissa)) for decade in decades for mantissa in mantissas)
    return [place for place in places if low <= place <= high]


def _log(values: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, np.log10(values), np.nan)
