"""The border of what is kinematically possible, and the side where no signal can be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from fitgui.gui.plane.frame import Frame
from fitgui.gui.theme import Theme
from fitgui.pallets.plane import Side

STEPS = 160
"""Of the line where one axis only is logarithmic, so that it is curved."""


class DiagonalItem(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph brings no types
    """The line ``y = x``, shaded on its forbidden side, with what it means written along it."""

    def __init__(self, theme: Theme, font: QFont) -> None:
        super().__init__()
        self._line = QPen(QColor(theme.grid), 1)
        self._line.setCosmetic(True)
        self._shade = QColor(theme.muted)
        self._shade.setAlphaF(0.10)
        self._text = QColor(theme.muted)
        self._font = font
        self._side: Side = "all"
        self._frame = Frame()
        self._words = ""
        self.setZValue(-20)

    def show_side(self, side: Side, frame: Frame, words: str) -> None:
        """Draw the border of this allowed side; nothing where all is allowed."""
        self._side, self._frame, self._words = side, frame, words
        self.setVisible(side != "all")
        self.update()

    def viewTransformChanged(self) -> None:
        """The line fills whatever is seen."""
        self.prepareGeometryChange()
        super().viewTransformChanged()

    def boundingRect(self) -> QRectF:
        """All that is seen."""
        seen = self.viewRect()
        return QRectF() if seen is None else QRectF(seen)

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Shade, line, words."""
        seen, transform = self.boundingRect(), painter.transform()
        if self._side == "all" or seen.isEmpty():
            return
        places = np.linspace(seen.left(), seen.right(), STEPS)
        values = 10.0**places if self._frame.x_log else places
        heights = self._frame.y(values)
        # A logarithmic axis has no place for zero or less: there the line is below all that is seen.
        heights = np.where(np.isfinite(heights), heights, seen.top() - seen.height())
        line = [QPointF(x, y) for x, y in zip(places.tolist(), heights.tolist(), strict=True)]
        far = max(seen.bottom(), float(heights.max())) if self._side == "below diagonal" else None
        edge = far if far is not None else min(seen.top(), float(heights.min()))
        corners = [QPointF(seen.right(), edge), QPointF(seen.left(), edge)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._shade)
        painter.drawPolygon(QPolygonF([*line, *corners]))
        painter.setPen(self._line)
        painter.drawPolyline(QPolygonF(line))
        painter.save()
        painter.resetTransform()
        self._write(painter, [transform.map(place) for place in line], transform.mapRect(seen))
        painter.restore()

    def _write(self, painter: QPainter, line: list[QPointF], seen: QRectF) -> None:
        """The words stand on the forbidden side, in the middle of the part of the line that is seen."""
        inside = [place for place in line if seen.contains(place)]
        if len(inside) < 2 or not self._words:
            return
        start, end = inside[0], inside[-1]
        length = math.hypot(end.x() - start.x(), end.y() - start.y())
        painter.setFont(self._font)
        metrics = painter.fontMetrics()
        width = metrics.horizontalAdvance(self._words)
        if width > 0.9 * length:
            return
        middle = inside[len(inside) // 2]
        before = inside[len(inside) // 2 - 1]
        angle = math.degrees(math.atan2(middle.y() - before.y(), middle.x() - before.x()))
        painter.translate(middle)
        painter.rotate(angle)
        painter.setPen(self._text)
        above = -metrics.descent() - 3 if self._side == "below diagonal" else metrics.ascent() + 3
        painter.drawText(QPointF(-width / 2, above), self._words)
