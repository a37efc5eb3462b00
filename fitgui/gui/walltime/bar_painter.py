"""Paints a line of the list: a box to tick, two lines of words, the bar with its value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from fitgui.gui.theme import Theme
from fitgui.gui.walltime.bars_model import ROW, BarRow
from fitgui.gui.walltime.log_axis import LogAxis

BOX, GAP, ABOVE = 13, 7, 2
SMALLER = 0.88
"""Of the detail's type."""
WIDEST_WORDS = 0.56
"""Of the width, at the most; words beyond that are shortened in their middle."""
LEAST_BAR = 90
BAR = 15
"""Pixels of a bar's height, where its line is high enough."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the words end and the bars begin and end, in pixels."""

    words: float
    left: float
    right: float

    def x(self, axis: LogAxis, seconds: float) -> float:
        """Where a time stands."""
        return self.left + axis.place(seconds) * (self.right - self.left)


def detail_font(font: QFont) -> QFont:
    """The font of the second line."""
    smaller = QFont(font)
    smaller.setPointSizeF(font.pointSizeF() * SMALLER)
    return smaller


def columns_of(rows: Iterable[BarRow], axis: LogAxis, font: QFont, width: float) -> Columns:
    """Room for the words, and bars as long as the values behind them let them be."""
    large, small = QFontMetricsF(font), QFontMetricsF(detail_font(font))
    known = list(rows)
    widths = [
        max(large.horizontalAdvance(row.bar.label), small.horizontalAdvance(row.bar.detail)) for row in known
    ]
    left = BOX + GAP
    words = min(max(widths, default=0.0) + 1, WIDEST_WORDS * width - left)
    begin = left + words + 2 * GAP
    right = width - small.horizontalAdvance(axis.decades[-1][1]) / 2 - 1
    for row in known:
        place = axis.place(row.bar.end) if row.ticked else 0.0
        if place > 0:
            room = width - begin - 2 * GAP - large.horizontalAdvance(row.bar.value)
            right = min(right, begin + room / place)
    return Columns(left + words, begin, max(right, begin + LEAST_BAR))


class BarPainter(QStyledItemDelegate):
    """All lines share the columns and the axis of the list."""

    def __init__(self, look: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.columns = Columns(100, 110, 200)
        self.axis = LogAxis(-1, 3)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Two lines of words, or one."""
        row: BarRow = index.data(ROW)
        height = QFontMetricsF(option.font).height()
        if row.bar.detail:
            height += QFontMetricsF(detail_font(option.font)).height()
        return QSize(200, round(height) + 2 * ABOVE)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One line."""
        row: BarRow = index.data(ROW)
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_grid(painter, rect)
        self._paint_ground(painter, rect, option.state)
        if row.can_tick:
            self._paint_box(painter, rect, ticked=row.ticked)
        self._paint_words(painter, rect, option.font, row)
        self._paint_bar(painter, rect, option.font, row)
        painter.restore()

    def _paint_ground(self, painter: QPainter, rect: QRectF, state: QStyle.StateFlag) -> None:
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if not chosen and not state & QStyle.StateFlag.State_MouseOver:
            return
        colour = QColor(self._look.accent)
        colour.setAlpha(34 if chosen else 14)
        focused = chosen and bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QPen(QColor(self._look.accent), 1.5) if focused else Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 4, 4)

    def _paint_grid(self, painter: QPainter, rect: QRectF) -> None:
        painter.setPen(QPen(QColor(self._look.line), 1))
        for seconds, _ in self.axis.decades:
            x = round(self.columns.x(self.axis, seconds)) + 0.5
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom() + 1))

    def _paint_box(self, painter: QPainter, rect: QRectF, *, ticked: bool) -> None:
        box = QRectF(rect.left() + 1, rect.center().y() - BOX / 2 + 0.5, BOX, BOX)
        painter.setPen(QPen(QColor(self._look.accent if ticked else self._look.muted), 1))
        painter.setBrush(QColor(self._look.accent if ticked else self._look.field))
        painter.drawRoundedRect(box, 3, 3)
        if ticked:
            painter.setPen(QPen(QColor(self._look.on_accent), 1.8))
            corner = [QPointF(3, 6.5), QPointF(5.5, 9.5), QPointF(10, 3.5)]
            painter.drawPolyline([box.topLeft() + point for point in corner])

    def _paint_words(self, painter: QPainter, rect: QRectF, font: QFont, row: BarRow) -> None:
        left = rect.left() + BOX + GAP
        room = self.columns.words - BOX - GAP
        y = rect.top() + ABOVE
        for text, type_, colour in (
            (row.bar.label, font, self._look.text if row.ticked else self._look.muted),
            (row.bar.detail, detail_font(font), self._look.muted),
        ):
            if not text:
                continue
            metrics = QFontMetricsF(type_)
            painter.setFont(type_)
            painter.setPen(QColor(colour))
            line = QRectF(left, y, room + 1, metrics.height())
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room + 1)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)
            y += metrics.height()

    def _paint_bar(self, painter: QPainter, rect: QRectF, font: QFont, row: BarRow) -> None:
        bar, columns = row.bar, self.columns
        height = min(BAR, rect.height() - 5)
        middle = rect.center().y()
        end = columns.left
        if row.ticked:
            colour = QColor(row.colour)
            now = columns.x(self.axis, bar.seconds)
            end = now
            if bar.expected is not None and bar.expected > bar.seconds:
                end = columns.x(self.axis, bar.expected)
                pale = QColor(colour)
                pale.setAlpha(60)
                painter.fillRect(QRectF(columns.left, middle - height / 2, end - columns.left, height), pale)
            painter.fillRect(QRectF(columns.left, middle - height / 2, now - columns.left, height), colour)
            if bar.error is not None:
                end = self._paint_whisker(painter, middle, height, bar.seconds, bar.error)
        painter.setFont(font)
        painter.setPen(QColor(self._look.text if row.ticked else self._look.muted))
        place = QRectF(end + GAP, rect.top(), rect.right() - end - GAP + 1, rect.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, bar.value)

    def _paint_whisker(
        self, painter: QPainter, middle: float, height: float, seconds: float, error: float
    ) -> float:
        """One standard deviation to both sides; returns where it ends."""
        low = self.columns.x(self.axis, max(seconds - error, 1e-9))
        high = self.columns.x(self.axis, seconds + error)
        painter.setPen(QPen(QColor(self._look.text), 1.5))
        painter.drawLine(QPointF(low, middle), QPointF(high, middle))
        for x in (low, high):
            painter.drawLine(QPointF(x, middle - height / 4), QPointF(x, middle + height / 4))
        return high
