"""A logarithmic axis whose numbers can be read: 0.2, 0.5, 1, 2, 5 where there is place for them."""

from __future__ import annotations

import math
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QRectF

from fitgui.exclusion.log_ticks import log_ticks, powers_only, tick_text

PLACE = 34
"""Pixels between two numbers, at the usual size of type."""
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
    """For data that are logarithms to the base of ten."""

    def __init__(self, orientation: str, *, place: float = PLACE) -> None:
        super().__init__(orientation)
        self._place = place
        self._powers = False

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        """Two levels of ticks: those with a number, and those without."""
        low, high = sorted((minVal, maxVal))
        if not (math.isfinite(low) and math.isfinite(high)) or high <= low or max(-low, high) > LARGEST_RANGE:
            return []
        ticks = log_ticks(10.0**low, 10.0**high, int(size / self._place))
        self._powers = powers_only(ticks.labelled)
        return [
            (1.0, [math.log10(value) for value in ticks.labelled]),
            (0.1, [math.log10(value) for value in ticks.plain]),
        ]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Numbers beside the first level only."""
        if spacing < 1.0:
            return ["" for _ in values]
        return [tick_text(10.0**value, powers=self._powers) for value in values]

    def show_title(self, text: str, **style: Any) -> None:
        """The title along the axis; none where it is empty."""
        self.showLabel(bool(text))
        if text:
            self.setLabel(text, **style)
