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


def _log(values: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, np.log10(values), np.nan)
