"""A chart of one row for each parameter: name, marks on a common axis, numbers; scrolls through many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.point.looks import point_colours, squeezed
from fitgui.gui.theme import Theme

GAP = 8


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter."""

    name: str
    numbers: str
    """Beside the marks."""
    tip: str
    """Whole name and whole numbers."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear axis over pixels."""

    low: float
    high: float
    left: float
    right: float

    def at(self, value: float) -> float:
        """The pixel of a value, within reach of any painter."""
        span = self.high - self.low
        share = (min(max(value, self.low - span), self.high + span) - self.low) / span
        return self.left + share * (self.right - self.left)

    def ticks(self, room: float) -> list[float]:
        """Round values, as many as ``room`` pixels for each allow."""
        width = max(self.right - self.left, 1.0)
        wanted = max((self.high - self.low) * room / width, 1e-12)
        power = 10.0 ** math.floor(math.log10(wanted))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= wanted * 0.999)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


class RowChart(QAbstractScrollArea):
    """Draws the rows that are in sight; a subclass draws the marks."""

    axis_title: ClassVar[str] = ""
    numbers_title: ClassVar[str] = ""

    def __init__(self, look: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look, self.colours = look, point_colours(look)
        self.rows: tuple[Row, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setMouseTracking(True)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Draw these, from the first on."""
        self.rows = tuple(rows)
        self._measure()
        self.viewport().update()

    def limits(self) -> tuple[float, float]:
        """The ends of the axis."""
        return -1.0, 1.0

    def paint_ground(self, painter: QPainter, scale: Scale, area: QRectF) -> None:
        """What lies behind all rows."""

    def paint_marks(self, painter: QPainter, number: int, scale: Scale, area: QRectF) -> None:
        """The marks of a row."""

    def paint_header(self, painter: QPainter, scale: Scale, area: QRectF) -> None:
        """What else stands above the rows."""

    @property
    def row_height(self) -> int:
        """Pixels of each row."""
        return self.fontMetrics().height() + 5

    @property
    def header_height(self) -> int:
        """Pixels of titles and numbers of the axis."""
        return 2 * self.fontMetrics().height() + 10

    @property
    def scale(self) -> Scale:
        """The axis over the pixels between names and numbers."""
        names, numbers = self._columns()
        low, high = self.limits()
        width = self.viewport().width()
        return Scale(low, high, names + GAP, max(width - numbers - GAP, names + GAP + 40.0))

    def sizeHint(self) -> QSize:
        """Of some rows."""
        return QSize(560, self.header_height + 10 * self.row_height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Header and the rows in sight, none of them cut."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height = self.viewport().width(), self.viewport().height()
        names, numbers = self._columns()
        scale, header = self.scale, self.header_height
        painter.fillRect(self.viewport().rect(), QColor(self.look.panel))
        body = QRectF(scale.left, header, scale.right - scale.left, height - header)
        painter.save()
        painter.setClipRect(QRectF(0, header, width, height - header))
        first = self._offset // self.row_height
        last = min(len(self.rows), first + self._rows_in_sight)
        bottom = header + (last - first) * self.row_height
        self.paint_ground(painter, scale, QRectF(body.left(), header, body.width(), max(bottom - header, 0)))
        metrics = self.fontMetrics()
        for number in range(first, last):
            top = header + (number - first) * self.row_height
            row = self.rows[number]
            painter.setPen(QColor(self.look.text))
            left = QRectF(0, top, names, self.row_height)
            painter.drawText(left, RIGHT, squeezed(row.name, names, metrics))
            painter.drawText(QRectF(scale.right + GAP, top, numbers, self.row_height), LEFT, row.numbers)
            painter.save()
            painter.setClipRect(
                QRectF(body.left() - 1, top, body.width() + 2, self.row_height),
                Qt.ClipOperation.IntersectClip,
            )
            self.paint_marks(painter, number, scale, QRectF(body.left(), top, body.width(), self.row_height))
            painter.restore()
        painter.restore()
        self._paint_header(painter, scale, numbers)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self.look.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.viewport().rect()).adjusted(1, 1, -1, -1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other rows are in sight."""
        super().resizeEvent(event)
        self._measure()

    def changeEvent(self, event: QEvent) -> None:
        """A larger type needs higher rows."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._measure()

    def viewportEvent(self, event: QEvent) -> bool:
        """The whole name under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = (event.pos().y() - self.header_height + self._offset) // self.row_height
            inside = event.pos().y() >= self.header_height and 0 <= number < len(self.rows)
            QToolTip.showText(event.globalPos(), plain_tip(self.rows[number].tip) if inside else "", self)
            return True
        return super().viewportEvent(event)

    @property
    def _offset(self) -> int:
        """Pixels of the rows above: whole rows."""
        return self.verticalScrollBar().value() // self.row_height * self.row_height

    @property
    def _rows_in_sight(self) -> int:
        return max(1, (self.viewport().height() - self.header_height) // self.row_height)

    def _columns(self) -> tuple[float, float]:
        """Pixels of names and of numbers: names as wide as they need, up to a third of the width."""
        metrics, width = self.fontMetrics(), self.viewport().width()
        longest = max((metrics.horizontalAdvance(row.name) for row in self.rows), default=60)
        texts = [*(row.numbers for row in self.rows), self.numbers_title]
        numbers = max((metrics.horizontalAdvance(text) for text in texts), default=0)
        return min(longest + 4.0, 0.36 * width), numbers + 4.0

    def _measure(self) -> None:
        height = self.viewport().height() - self.header_height
        bar = self.verticalScrollBar()
        bar.setSingleStep(self.row_height)
        bar.setPageStep(max(height, self.row_height))
        bar.setRange(0, max(0, len(self.rows) - self._rows_in_sight) * self.row_height)

    def _paint_header(self, painter: QPainter, scale: Scale, numbers: float) -> None:
        metrics, header = self.fontMetrics(), self.header_height
        line = metrics.height()
        painter.setPen(QColor(self.look.muted))
        font = QFont(self.font())
        painter.setFont(font)
        middle = 0.5 * (scale.left + scale.right)
        wide = metrics.horizontalAdvance(self.axis_title) + 8.0
        title = QRectF(middle - wide / 2, 0, wide, line)
        painter.drawText(title, Qt.AlignmentFlag.AlignCenter, self.axis_title)
        painter.drawText(QRectF(scale.right + GAP, line + 2, numbers, line), LEFT, self.numbers_title)
        for tick in scale.ticks(44.0):
            x = scale.at(tick)
            painter.drawLine(int(x), header - 4, int(x), header)
            text = f"{tick:.10g}".replace("-", "−")
            wide = metrics.horizontalAdvance(text) + 4.0
            painter.drawText(QRectF(x - wide / 2, line + 2, wide, line), Qt.AlignmentFlag.AlignCenter, text)
        painter.drawLine(int(scale.left), header, int(scale.right), header)
        self.paint_header(painter, scale, QRectF(0, 0, self.viewport().width(), header))


RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
