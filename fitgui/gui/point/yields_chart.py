"""Yields of all bins side by side: stacked samples, signal on top, data, uncertainty; below it the ratio."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.point.looks import point_colours, sample_colour, signal_brush, squeezed
from fitgui.gui.point.row_chart import Scale
from fitgui.gui.point.yields_words import bin_in_lines, bin_in_words
from fitgui.gui.theme import Theme
from fitgui.gui.widgets import describe
from fitgui.insight.model import Floats
from fitgui.insight.stacking import Stack
from fitgui.ticks import log_ticks, powers_only, tick_text

RATIO_SHARE = 0.27
"""Of the height, for data over total."""
NARROWEST = 1.7
"""A channel is at least as wide as so many bins: its name stands below it."""
FARTHEST_RATIO = 3.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Where everything stands."""

    main: QRectF
    ratio: QRectF
    edges: Floats
    """Left and right pixel of each bin, shape (b, 2)."""
    groups: tuple[tuple[str, float, float], ...]
    """Name and pixels of each channel."""
    label_lines: int
    """In which the names stand, one beside or below the other; 0: they are turned."""


class YieldsChart(QWidget):
    """Draws a stack; arrow keys and mouse tell of a bin.

    Args:
        look: Colours.
        ratio: Whether data over total are drawn below.
        filled: Whether the signal is filled, where it is what one looks at, and not outlined only.
    """

    bin_told = Signal(str)
    """What is in the bin that is looked at, in one line; empty where none is."""

    def __init__(
        self, look: Theme, parent: QWidget | None = None, *, ratio: bool = True, filled: bool = False
    ) -> None:
        super().__init__(parent)
        self._look, self._colours = look, point_colours(look)
        self._signal_brush = signal_brush(self._colours) if filled else QBrush(Qt.BrushStyle.NoBrush)
        self._ratio_share = RATIO_SHARE if ratio else 0.0
        self._stack: Stack | None = None
        self._log = True
        self._title = "Events"
        self._current = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumHeight(150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        describe(
            self,
            "Yields by channel and bin",
            "Observed and expected events of every bin. Left and right arrow keys go from bin to bin.",
        )
        self.setToolTip("")

    def show_stack(self, stack: Stack | None, *, log: bool) -> None:
        """Draw this."""
        self._stack, self._log = stack, log
        if stack is None or self._current >= stack.observed.size:
            self._current = -1
        self._tell()
        self.update()

    @property
    def current_bin(self) -> int:
        """That is looked at; -1 for none."""
        return self._current

    def sizeHint(self) -> QSize:
        """As wide as can be had."""
        return QSize(560, 300)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Everything."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        stack = self._stack
        if stack is not None and stack.observed.size:
            frame = self._frame(stack)
            values = self._value_scale(stack, frame)
            self._paint_axes(painter, stack, frame, values)
            painter.save()
            painter.setClipRect(frame.main)
            self._paint_stack(painter, stack, frame, values)
            painter.restore()
            if self._ratio_share:
                self._paint_ratio(painter, stack, frame)
            self._paint_frames(painter, frame)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._look.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from bin to bin."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key = Qt.Key(event.key())
        if self._stack is None or key not in steps or not self._stack.observed.size:
            super().keyPressEvent(event)
            return
        last = self._stack.observed.size - 1
        self.look_at(min(max(self._current + steps[key], 0), last))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell of the bin under the mouse."""
        self.look_at(self._bin_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """The mouse is elsewhere."""
        super().leaveEvent(event)
        if not self.hasFocus():
            self.look_at(-1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame tells where the keyboard is."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """See :meth:`focusInEvent`."""
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """All numbers of the bin under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = self._bin_at(QPointF(event.pos()))
            known = self._stack is not None and number >= 0
            text = "\n".join(bin_in_lines(self._stack, number)) if known and self._stack else ""
            QToolTip.showText(event.globalPos(), plain_tip(text), self)
            return True
        return super().event(event)

    def look_at(self, number: int) -> None:
        """Mark a bin, and tell of it; -1 for none."""
        if number != self._current:
            self._current = number
            self._tell()
            self.update()

    def _tell(self) -> None:
        known = self._stack is not None and self._current >= 0
        text = bin_in_words(self._stack, self._current) if known and self._stack is not None else ""
        self.setAccessibleDescription(text)
        self.bin_told.emit(text)

    def _bin_at(self, place: QPointF) -> int:
        stack = self._stack
        if stack is None or not stack.observed.size:
            return -1
        edges = self._frame(stack).edges
        inside = np.flatnonzero((edges[:, 0] <= place.x()) & (place.x() < edges[:, 1]))
        return int(inside[0]) if inside.size else -1

    def _frame(self, stack: Stack) -> Frame:
        metrics = self.fontMetrics()
        line = metrics.height()
        left = line + 8.0 + metrics.horizontalAdvance("10000")
        right = self.width() - 10.0
        weights = [max(float(bins), NARROWEST) for _, bins in stack.channels]
        unit = (right - left) / sum(weights)
        groups, edges, x = [], [], left
        for (name, bins), weight in zip(stack.channels, weights, strict=True):
            width = unit * weight
            groups.append((name, x, x + width))
            edges += [(x + width * number / bins, x + width * (number + 1) / bins) for number in range(bins)]
            x += width
        lines = self._label_lines(groups)
        names = [metrics.horizontalAdvance(name) for name, _, _ in groups]
        below = lines * line + 6.0 if lines else min(max(names) + 10.0, 0.3 * self.height())
        if len(groups) == 1:
            below = 2.0 * line + 8.0
        whole = self.height() - below - 6.0
        ratio = self._ratio_share * whole
        gap = 6.0 if ratio else 0.0
        main = QRectF(left, 4.0, right - left, whole - ratio - 4.0)
        return Frame(
            main=main,
            ratio=QRectF(left, main.bottom() + gap, right - left, max(ratio - 4.0, 0.0)),
            edges=np.array(edges),
            groups=tuple(groups),
            label_lines=lines,
        )

    def _label_lines(self, groups: list[tuple[str, float, float]]) -> int:
        """One line where all names fit below their channels, else two or three by turns; else 0."""
        metrics = self.fontMetrics()
        widths = [metrics.horizontalAdvance(name) + 8.0 for name, _, _ in groups]
        if all(width <= right - left for width, (_, left, right) in zip(widths, groups, strict=True)):
            return 1
        places = [
            self._name_place(0.5 * (left + right), width)
            for width, (_, left, right) in zip(widths, groups, strict=True)
        ]
        for lines in (2, 3):
            pairs = zip(places, places[lines:], strict=False)
            if all(before[1] <= after[0] for before, after in pairs):
                return lines
        return 0

    def _name_place(self, middle: float, width: float) -> tuple[float, float]:
        """Left and right end of a name, inside of the widget."""
        left = min(max(middle - 0.5 * width, 0.0), self.width() - width)
        return left, left + width

    def _value_scale(self, stack: Stack, frame: Frame) -> Scale:
        """Of events, from the bottom of the main plot to its top; or of their logarithms."""
        tops = np.concatenate([stack.observed_high, stack.total + np.nan_to_num(stack.errors)])
        top = float(np.nanmax(tops, initial=1.0))
        if not self._log:
            return Scale(0.0, 1.2 * top, frame.main.bottom(), frame.main.top())
        totals = stack.total[stack.total > 0.0]
        lowest = float(totals.min()) if totals.size else 0.1
        bottom = max(0.3 * lowest, 1e-4 * top, 1e-3)
        bottom = min(bottom, 0.5, 0.1 * top)
        high = math.log10(top) + 0.12 * max(math.log10(top / bottom), 1.0)
        return Scale(math.log10(bottom), high, frame.main.bottom(), frame.main.top())

    def _at(self, scale: Scale, value: float) -> float:
        if not self._log:
            return scale.at(value)
        return scale.at(math.log10(value)) if value > 0.0 else scale.at(scale.low - 1.0)

    def _paint_stack(self, painter: QPainter, stack: Stack, frame: Frame, scale: Scale) -> None:
        separator = QPen(QColor(self._look.panel), 0.6)
        height = np.zeros(stack.observed.size)
        for layer in stack.layers:
            upper = height + np.maximum(layer.values, 0.0)
            painter.setPen(separator)
            painter.setBrush(QBrush(sample_colour(layer.rank)))
            for (left, right), low, high in zip(frame.edges, height, upper, strict=True):
                if high > low:
                    top, bottom = self._at(scale, float(high)), self._at(scale, float(low))
                    painter.drawRect(QRectF(left, top, right - left, bottom - top))
            height = upper
        self._paint_band(painter, stack, frame, scale)
        painter.setPen(QPen(QColor(self._colours.signal), 2))
        painter.setBrush(self._signal_brush)
        for (left, right), low, high in zip(frame.edges, stack.background, stack.total, strict=True):
            if high > low:
                top, bottom = self._at(scale, float(high)), self._at(scale, float(low))
                painter.drawRect(QRectF(left + 1, top, right - left - 2, bottom - top))
        if self._current >= 0:
            shade = QColor(self._look.accent)
            shade.setAlpha(40)
            left, right = frame.edges[self._current]
            painter.fillRect(QRectF(left, frame.main.top(), right - left, frame.main.height()), shade)
        self._paint_data(painter, stack, frame, scale)

    def _paint_band(self, painter: QPainter, stack: Stack, frame: Frame, scale: Scale) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(self._colours.band, Qt.BrushStyle.BDiagPattern))
        for (left, right), total, error in zip(frame.edges, stack.total, stack.errors, strict=True):
            if math.isfinite(error):
                top, bottom = self._at(scale, float(total + error)), self._at(scale, float(total - error))
                painter.drawRect(QRectF(left, top, right - left, bottom - top))

    def _paint_data(self, painter: QPainter, stack: Stack, frame: Frame, scale: Scale) -> None:
        ink = QColor(self._colours.data)
        for number, (left, right) in enumerate(frame.edges):
            if not math.isfinite(stack.observed[number]):
                continue  # it is not in the fit
            x = 0.5 * (left + right)
            low, high = float(stack.observed_low[number]), float(stack.observed_high[number])
            painter.setPen(QPen(QColor(self._look.panel), 3.4))
            for pen in (QPen(QColor(self._look.panel), 3.4), QPen(ink, 1.5)):
                painter.setPen(pen)
                painter.drawLine(QPointF(x, self._at(scale, low)), QPointF(x, self._at(scale, high)))
            observed = float(stack.observed[number])
            if observed > 0.0 or not self._log:
                painter.setPen(QPen(QColor(self._look.panel), 1))
                painter.setBrush(QBrush(ink))
                painter.drawEllipse(QPointF(x, self._at(scale, observed)), 3.6, 3.6)

    def _paint_ratio(self, painter: QPainter, stack: Stack, frame: Frame) -> None:
        ratio, low, high = stack.ratio
        band, area = stack.band, frame.ratio
        known = np.concatenate([high[np.isfinite(high)], 1.0 + band[np.isfinite(band)], [1.5]])
        reach = min(float(known.max()) * 1.05, FARTHEST_RATIO)
        scale = Scale(0.0, max(reach, 2.0), area.bottom(), area.top())
        metrics = self.fontMetrics()
        for tick in (0.5, 1.0, 1.5, 2.0, 3.0):
            if tick > scale.high - 0.1 or (tick in (0.5, 1.5) and area.height() < 4.5 * metrics.height()):
                continue
            y = scale.at(tick)
            painter.setPen(QPen(QColor(self._look.line), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(self._look.text))
            place = QRectF(0, y - metrics.height() / 2, area.left() - 5, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{tick:g}")
        painter.save()
        painter.setClipRect(area)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(self._colours.band, Qt.BrushStyle.BDiagPattern))
        for (left, right), size in zip(frame.edges, band, strict=True):
            if math.isfinite(size):
                top, bottom = scale.at(1.0 + float(size)), scale.at(1.0 - float(size))
                painter.drawRect(QRectF(left, top, right - left, bottom - top))
        ink = QColor(self._colours.data)
        painter.setPen(QPen(ink, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(area.left(), scale.at(1.0)), QPointF(area.right(), scale.at(1.0)))
        for number, (left, right) in enumerate(frame.edges):
            if not math.isfinite(ratio[number]):
                continue
            x, value = 0.5 * (left + right), float(ratio[number])
            painter.setPen(QPen(ink, 1.5))
            painter.drawLine(
                QPointF(x, scale.at(float(low[number]))), QPointF(x, scale.at(float(high[number])))
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(ink))
            if value <= scale.high:
                painter.drawEllipse(QPointF(x, scale.at(value)), 3.2, 3.2)
            else:  # out of sight: an arrow tells where
                top = area.top() + 1
                painter.drawPolygon([QPointF(x - 4, top + 7), QPointF(x + 4, top + 7), QPointF(x, top)])
        painter.restore()

    def _paint_axes(self, painter: QPainter, stack: Stack, frame: Frame, scale: Scale) -> None:
        metrics, main = self.fontMetrics(), frame.main
        line = metrics.height()
        room = max(int(main.height() / (1.6 * line)), 2)
        if self._log:
            found = log_ticks(10.0**scale.low, 10.0**scale.high, room)
            powers = powers_only(found.labelled)
            ticks = [(value, tick_text(value, powers=powers)) for value in found.labelled]
            plain = found.plain
        else:
            ticks, plain = [(value, f"{value:.10g}") for value in _linear(scale, room)], ()
        for value, text in ticks:
            y = self._at(scale, value)
            painter.setPen(QPen(QColor(self._look.line), 1))
            painter.drawLine(QPointF(main.left(), y), QPointF(main.right(), y))
            painter.setPen(QColor(self._look.text))
            place = QRectF(0, y - line / 2, main.left() - 5, line)
            if place.top() > -2:
                painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(QPen(QColor(self._look.muted), 1))
        for value in plain:
            y = self._at(scale, value)
            painter.drawLine(QPointF(main.left(), y), QPointF(main.left() + 4, y))
        painter.setPen(QColor(self._look.text))
        titles = [(main, ("Events",)), (frame.ratio, ("Data / total", "Data/tot.", "Ratio"))]
        for area, texts in titles if self._ratio_share else titles[:1]:
            painter.save()
            painter.translate(2, area.center().y())
            painter.rotate(-90)
            room_ = area.height() + 12
            painter.drawText(
                QRectF(-room_ / 2, 0, room_, line),
                Qt.AlignmentFlag.AlignCenter,
                next((text for text in texts if metrics.horizontalAdvance(text) <= room_), ""),
            )
            painter.restore()
        self._paint_names(painter, stack, frame)

    def _paint_names(self, painter: QPainter, stack: Stack, frame: Frame) -> None:
        metrics = self.fontMetrics()
        line, top = metrics.height(), frame.ratio.bottom() + 3.0
        painter.setPen(QColor(self._look.text))
        if len(frame.groups) == 1:
            for number, (left, right) in enumerate(frame.edges):
                place = QRectF(left, top, right - left, line)
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(number + 1))
            name = f"{stack.channels[0][0]}: bin"
            place = QRectF(0, top + line, self.width(), line)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, squeezed(name, self.width(), metrics))
            return
        for number, (name, left, right) in enumerate(frame.groups):
            middle = 0.5 * (left + right)
            if frame.label_lines:
                width = metrics.horizontalAdvance(name) + 4.0
                first, _ = self._name_place(middle, width)
                place = QRectF(first, top + (number % frame.label_lines) * line, width, line)
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)
                continue
            if right - left < line and number % max(1, math.ceil(line / max(right - left, 1.0))):
                continue  # the tooltip tells the names that have no room
            painter.save()
            painter.translate(middle - line / 2, self.height() - 2)
            painter.rotate(-90)
            room = self.height() - 2 - top
            place = QRectF(0, 0, room, line)
            painter.drawText(
                place,
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                squeezed(name, room, metrics),
            )
            painter.restore()

    def _paint_frames(self, painter: QPainter, frame: Frame) -> None:
        painter.setPen(QPen(QColor(self._look.muted), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for area in (frame.main, frame.ratio) if self._ratio_share else (frame.main,):
            painter.drawRect(area)
            for _, left, _ in frame.groups[1:]:
                painter.drawLine(QPointF(left, area.top()), QPointF(left, area.bottom()))


def _linear(scale: Scale, room: int) -> list[float]:
    """Round values from the bottom to the top."""
    return Scale(scale.low, scale.high, 0.0, float(room)).ticks(1.0)
