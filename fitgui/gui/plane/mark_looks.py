"""How a point of the plane is drawn: the symbol alone tells the state, the fill adds CLs or a limit."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from fitgui.gui.appearance import EXCLUDED, NOT_EXCLUDED
from fitgui.gui.plane.colour_scale import Colours
from fitgui.gui.plane.quantities import CLS, Quantity
from fitgui.gui.theme import Theme
from fitgui.runs.snapshot import PointStatus
from fitgui_backends.contract import TaskState
from fitgui_backends.results import EXCLUSION_CLS, is_doubtful

SELECTED_SCALE = 1.5
NOT_FITTED_SCALE = 0.55
SYMBOLS = {"excluded": "o", "allowed": "d", "doubtful": "t1"}
NOT_KNOWN = -1
"""The level of a point without the number that the fill tells."""
BEYOND_SCALE = -2
"""The level of a point whose number is known to be beyond every scale: it has no limit."""


MARKS = {
    "excluded": f"{EXCLUDED} at 95 % CL",
    "allowed": str(NOT_EXCLUDED),
    "doubtful": "▲ doubtful fit",
    "failed": "✕ failed",
    "running": "◎ fitting",
    "queued": "○ waiting",
    "cancelled": "+ cancelled",
    "not fitted": "∘ not fitted",
}
"""How each kind of point is explained in the legend, in this order."""


def kind_of(status: PointStatus | None) -> str:
    """Which of :data:`MARKS` a point is."""
    if status is None:
        return "not fitted"
    if status.state is not TaskState.DONE or status.result is None:
        return _KINDS.get(status.state, "not fitted")
    if is_doubtful(status.result):
        return "doubtful"
    return "excluded" if status.result.cls_obs < EXCLUSION_CLS else "allowed"


_KINDS = {
    TaskState.QUEUED: "queued",
    TaskState.RUNNING: "running",
    TaskState.FAILED: "failed",
    TaskState.CANCELLED: "cancelled",
}


class MarkLook(NamedTuple):
    """Symbol, fill and outline of one mark."""

    symbol: str
    brush: QBrush
    pen: QPen
    scale: float = 1.0
    """Size beside that of a point that is not selected."""


class MarkLooks:
    """Looks are made once and shared, because pyqtgraph draws each pen and brush that it sees anew."""

    def __init__(self, theme: Theme, scale: float = 1.0) -> None:
        """``scale`` makes outlines wider, as the marks are."""
        self._theme = theme
        self._scale = scale
        self.quantity: Quantity = CLS
        """What the fill tells."""
        self.colours = Colours(darkest=0.2 if theme.name == "dark" else 0.0)
        self._made = cache(self._make)

    def of(self, status: PointStatus | None, selected: bool) -> MarkLook:
        """The look of a point; ``None`` is a point that no run has been asked for."""
        if status is None:
            return self._made(None, NOT_KNOWN, "", selected)
        if status.state is not TaskState.DONE or status.result is None:
            return self._made(status.state, NOT_KNOWN, "", selected)
        value = self.quantity.pick(status.result)
        if value is None or math.isnan(value):
            level = NOT_KNOWN
        else:
            level = BEYOND_SCALE if value == math.inf else self.quantity.level(value)
        verdict = SYMBOLS[kind_of(status)]
        return self._made(status.state, level, verdict, selected)

    def _make(self, state: TaskState | None, level: int, verdict: str, selected: bool) -> MarkLook:
        theme = self._theme
        selection = pg.mkPen(theme.accent, width=2.5 * self._scale)
        outline = selection if selected else pg.mkPen(theme.text, width=self._scale)
        scale = SELECTED_SCALE if selected else 1.0
        if state in (None, TaskState.QUEUED, TaskState.CANCELLED):
            pen = selection if selected else pg.mkPen(theme.grid, width=self._scale)
            symbol = "+" if state is TaskState.CANCELLED else "o"
            size = scale * NOT_FITTED_SCALE if state is None else scale
            return MarkLook(symbol, QBrush(Qt.BrushStyle.NoBrush), pen, size)
        if state is TaskState.RUNNING:
            return MarkLook(
                "o", QBrush(QColor(theme.line)), pg.mkPen(theme.accent, width=2.5 * self._scale), scale
            )
        if state is TaskState.FAILED:
            return MarkLook("x", QBrush(QColor(theme.bad)), outline, scale)
        if level == NOT_KNOWN:
            fill = QBrush(Qt.BrushStyle.NoBrush)
        else:
            fill = QBrush(QColor(theme.muted)) if level == BEYOND_SCALE else self.colours.brushes[level]
        doubtful = verdict == "t1" and not selected
        return MarkLook(
            verdict, fill, pg.mkPen(theme.bad, width=2 * self._scale) if doubtful else outline, scale
        )
