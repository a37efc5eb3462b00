"""The mouse in the plane: move and zoom, or choose points by a rectangle or a lasso."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainterPath, QPolygonF
from PySide6.QtWidgets import QGraphicsPathItem

from fitgui.gui.theme import Theme

SMALLEST_STEP = 3.0
"""In pixels, between two corners of a lasso."""


class Drag(Enum):
    """What dragging with the left button does."""

    MOVE = "move"
    RECTANGLE = "rectangle"
    LASSO = "lasso"


class SelectingViewBox(pg.ViewBox):  # type: ignore[misc]  # pyqtgraph brings no types
    """A view box in which a drag selects points instead of moving the plane, when asked to."""

    area_chosen = Signal(object, bool)
    """A painter path in the coordinates of the plot, and whether it adds to what is selected."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(enableMenu=False)
        self.drag = Drag.MOVE
        self.setBorder(None)
        fill = QColor(theme.accent).lighter(140)
        fill.setAlpha(0x40)
        self.rbScaleBox.setPen(pg.mkPen(theme.accent, width=1))
        self.rbScaleBox.setBrush(pg.mkBrush(fill))
        self._loop: list[QPointF] = []
        self._drawn = QGraphicsPathItem(self)
        self._drawn.setPen(pg.mkPen(theme.accent, width=1.5))
        self._drawn.setBrush(pg.mkBrush(fill))
        self._drawn.setZValue(1e9)
        self._drawn.hide()

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Draw rubber band or lasso; report it when the button is released."""
        if self.drag is Drag.MOVE or event.button() != Qt.MouseButton.LeftButton:
            super().mouseDragEvent(event, axis=axis)
            return
        event.accept()
        path = self._rectangle(event) if self.drag is Drag.RECTANGLE else self._lasso(event)
        if path is not None:
            extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.area_chosen.emit(path, extend)

    def _rectangle(self, event: Any) -> QPainterPath | None:
        if not event.isFinish():
            self.updateScaleBox(event.buttonDownPos(), event.pos())
            return None
        self.rbScaleBox.hide()
        corners = pg.Point(event.buttonDownPos(event.button())), pg.Point(event.pos())
        path = QPainterPath()
        path.addRect(self.childGroup.mapRectFromParent(QRectF(*corners).normalized()))
        return path

    def _lasso(self, event: Any) -> QPainterPath | None:
        here = QPointF(event.pos())
        if event.isStart():
            self._loop = [QPointF(event.buttonDownPos())]
        if (here - self._loop[-1]).manhattanLength() >= SMALLEST_STEP or event.isFinish():
            self._loop.append(here)
        shape = QPainterPath()
        shape.addPolygon(QPolygonF(self._loop))
        shape.closeSubpath()
        if not event.isFinish():
            self._drawn.setPath(shape)
            self._drawn.show()
            return None
        self._drawn.hide()
        corners = [self.childGroup.mapFromParent(corner) for corner in self._loop]
        path = QPainterPath()
        path.addPolygon(QPolygonF(corners))
        path.closeSubpath()
        return path
