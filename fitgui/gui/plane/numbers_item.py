"""Numbers written at the points of the plane, as many as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from fitgui.gui.theme import Theme

MOST = 600
"""More points than this in sight leave no room for numbers anyway."""
CELL = 24.0
"""Edge in pixels of the squares by which neighbours are found."""


class NumbersItem(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph brings no types
    """A number above or below its point, wherever it covers no other number and no point."""

    def __init__(self, theme: Theme, font: QFont, mark: float) -> None:
        """``mark`` is the size of a point in pixels."""
        super().__init__()
        self._text, self._halo = QColor(theme.text), QColor(theme.panel)
        self._halo.setAlphaF(0.6)
        self._font = font
        self._mark = mark
        self._x: NDArray[np.float64] = np.zeros(0)
        self._y: NDArray[np.float64] = np.zeros(0)
        self._texts: Sequence[str] = ()
        self.written = 0
        """How many of the numbers in sight were drawn last."""
        self.asked = 0
        """How many there were."""
        self.setZValue(15)

    def show_numbers(
        self, x: NDArray[np.float64], y: NDArray[np.float64], texts: Sequence[str], mark: float
    ) -> None:
        """Write these; an empty text belongs to a point without a number, which still needs its place."""
        self._x, self._y, self._texts, self._mark = x, y, texts, mark
        self.update()

    def viewTransformChanged(self) -> None:
        """Places on the screen are others."""
        self.prepareGeometryChange()
        super().viewTransformChanged()

    def boundingRect(self) -> QRectF:
        """All that is seen."""
        seen = self.viewRect()
        return QRectF() if seen is None or not len(self._texts) else QRectF(seen)

    def paint(self, painter: QPainter, *_: Any) -> None:
        """The numbers of the points in sight."""
        self.written = self.asked = 0
        seen = self.boundingRect()
        if seen.isEmpty():
            return
        inside = (
            (self._x >= seen.left())
            & (self._x <= seen.right())
            & (self._y >= seen.top())
            & (self._y <= seen.bottom())
        )
        chosen = np.flatnonzero(inside)
        self.asked = int(chosen.size)
        if not 0 < chosen.size <= MOST:
            return
        transform = painter.transform()
        places = [transform.map(QPointF(self._x[index], self._y[index])) for index in chosen]
        texts = [self._texts[index] for index in chosen.tolist()]
        painter.save()
        painter.resetTransform()
        painter.setFont(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        found = self._placed(places, texts, transform.mapRect(seen))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._halo)
        painter.drawRects([box.adjusted(-1, -1, 1, 1) for box, _ in found])
        painter.setPen(self._text)
        for box, text in found:
            painter.drawText(box.bottomLeft(), text)
        self.written = len(found)
        painter.restore()

    def _placed(
        self, places: Sequence[QPointF], texts: Sequence[str], field: QRectF
    ) -> list[tuple[QRectF, str]]:
        """The places of the texts that have room."""
        metrics, taken = QFontMetricsF(self._font), _Taken()
        half = self._mark / 2
        for place in places:
            taken.add(QRectF(place.x() - half, place.y() - half, self._mark, self._mark))
        found: list[tuple[QRectF, str]] = []
        height = metrics.capHeight()
        for place, text in zip(places, texts, strict=True):
            if not text:
                continue
            width = metrics.horizontalAdvance(text)
            for base in (place.y() - half - 2, place.y() + half + 2 + height):
                box = QRectF(place.x() - width / 2, base - height, width, height)
                if field.contains(box) and taken.is_free(box):
                    taken.add(box)
                    found.append((box, text))
                    break
        return found


class _Taken:
    """Rectangles that may not be covered, found by the squares that they touch."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[QRectF]] = {}

    def add(self, box: QRectF) -> None:
        """Nothing else may be there."""
        for cell in self._touched(box):
            self._cells.setdefault(cell, []).append(box)

    def is_free(self, box: QRectF) -> bool:
        """Whether nothing is there."""
        wide = box.adjusted(-3, -1, 3, 1)
        return not any(
            wide.intersects(other) for cell in self._touched(wide) for other in self._cells.get(cell, ())
        )

    @staticmethod
    def _touched(box: QRectF) -> list[tuple[int, int]]:
        columns = range(int(box.left() // CELL), int(box.right() // CELL) + 1)
        rows = range(int(box.top() // CELL), int(box.bottom() // CELL) + 1)
        return [(column, row) for column in columns for row in rows]
