"""A logarithmic axis whose numbers can be read: 0.2, 0.5, 1, 2, 5 where there is place for them."""

from __future__ import annotations

import math
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QRectF

from fitgui.ticks import log_ticks, powers_only, tick_text

PLACE = 34
"""Pixels between two numbers above each other, at the usual size of type."""
PLACE_ACROSS = 60
"""Pixels between two numbers beside each other."""
USUAL_POINTS = 9
LARGEST_RANGE = 300.0
BESIDE = 24
"""Pixels to the left and right of a horizontal axis into which its numbers may reach."""


class WideAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph brings no types
    """A horizontal axis that has its first and its last number: with a grid, pyqtgraph leaves them out."""

    def boundingRect(self) -> QRectF:
        """Room for half a number at either end."""
        rectangle: QRectF = super().boundingRect()
        return rectangle.adjusted(-BESIDE, 0, BESIDE, 0)


class LogAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph brings no types
    """The one logarithmic axis of all plots that pyqtgraph draws.

    Args:
        orientation: ``left`` or ``bottom``, as pyqtgraph has it.
        always: for data that are logarithms to the base of ten. Otherwise the axis is logarithmic where the
            plot says so (``setLogMode``), and pyqtgraph's own where it is linear.
    """

    def __init__(self, orientation: str, *, always: bool = True) -> None:
        super().__init__(orientation)
        self._place = PLACE if orientation in ("left", "right") else PLACE_ACROSS
        self._always = always
        self._powers = False

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        """Two levels of ticks: those with a number, and those without."""
        if not self._logarithmic:
            return list(super().tickValues(minVal, maxVal, size))
        low, high = sorted((minVal, maxVal))
        if not (math.isfinite(low) and math.isfinite(high)) or high <= low or max(-low, high) > LARGEST_RANGE:
            return []
        ticks = log_ticks(10.0**low, 10.0**high, int(size / (self._place * self._larger)))
        self._powers = powers_only(ticks.labelled)
        return [
            (1.0, [math.log10(value) for value in ticks.labelled]),
            (0.1, [math.log10(value) for value in ticks.plain]),
        ]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Numbers beside the first level only."""
        if not self._logarithmic:
            return list(super().tickStrings(values, scale, spacing))
        if spacing < 1.0:
            return ["" for _ in values]
        return [tick_text(10.0**value, powers=self._powers) for value in values]

    @property
    def _larger(self) -> float:
        """How much larger than usual the numbers are, as on a screen that is seen from afar."""
        font = self.style["tickFont"]
        return 1.0 if font is None else max(1.0, font.pointSizeF() / USUAL_POINTS)

    @property
    def _logarithmic(self) -> bool:
        return self._tickLevels is None and (self._always or bool(self.logMode))

    def show_title(self, text: str, **style: Any) -> None:
        """The title along the axis; none where it is empty."""
        self.showLabel(bool(text))
        if text:
            self.setLabel(text, **style)
