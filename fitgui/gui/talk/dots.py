"""Points that have no plane, in rows: each a mark that takes its colour as it is fitted."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from fitgui.gui.plane.mark_looks import MarkLooks
from fitgui.gui.theme import Theme
from fitgui.runs.snapshot import PointStatus

FILLED = 0.72
"""Of the width of its cell a mark takes."""


class Dots(QWidget):
    """Every point in its place in the order of the run."""

    def __init__(self, look: Theme, names: Sequence[str]) -> None:
        super().__init__()
        self._names = tuple(names)
        self._looks = MarkLooks(look)
        self._statuses: Mapping[str, PointStatus] = {}
        self.setAccessibleName("The signal points, in the order of the run")

    def show_statuses(self, statuses: Mapping[str, PointStatus]) -> None:
        """Take results from ``statuses``, a live mapping that the owner keeps up to date."""
        self._statuses = statuses
        self.update()

    def points_changed(self, names: Collection[str]) -> None:
        """These points have another state."""
        if names:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Rows of marks, as large as they can be."""
        del event
        count = len(self._names)
        if not count:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns = min(count, max(1, math.ceil(math.sqrt(count * self.width() / max(1, self.height())))))
        rows = math.ceil(count / columns)
        cell = min(self.width() / columns, self.height() / rows)
        left, top = (self.width() - columns * cell) / 2, (self.height() - rows * cell) / 2
        size = FILLED * cell
        for index, name in enumerate(self._names):
            look = self._looks.of(self._statuses.get(name), selected=False)
            row, column = divmod(index, columns)
            painter.setBrush(look.brush)
            painter.setPen(look.pen)
            corner = left + (column + 0.5) * cell - size / 2, top + (row + 0.5) * cell - size / 2
            painter.drawEllipse(QRectF(*corner, size, size))
        painter.end()
