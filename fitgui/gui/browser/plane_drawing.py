"""A small plane of signal points: axes with round numbers and units, and a dot for every point."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from fitgui import words
from fitgui.gui.browser.plain import plain_tooltip
from fitgui.gui.browser.row_painter import theme_of
from fitgui.gui.theme import Theme
from fitgui.gui.widgets import describe
from fitgui.pallets.plane import Axis

HEIGHT = 168
DOT = 2.4
MOST_TICKS = 5
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
LONGEST_WORD = 9


def ticks_of(axis: Axis, most: int = MOST_TICKS) -> list[tuple[float, str]]:
    """Places on an axis and what is written there: round numbers, or some of the words."""
    if axis.words:
        every = math.ceil(len(axis.words) / most)
        return [(float(place), axis.words[place]) for place in range(0, len(axis.words), every)]
    low, high = limits_of(axis.values)
    raw = (high - low) / most
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * magnitude for factor in STEPS if factor * magnitude >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [(number * step, f"{number * step:.6g}") for number in range(first, last + 1)]


def limits_of(values: NDArray[np.float64]) -> tuple[float, float]:
    """The least and the greatest value with some room around, never the same."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    room = 0.06 * (high - low) or max(0.1 * abs(high), 0.5)
    return low - room, high + room


class Plane(QWidget):
    """Axes with their units and a dot for every point."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axes: tuple[Axis, Axis | None] | None = None
        self._drawn: QPixmap | None = None
        self._key: object = None
        """For what it was drawn: size, resolution, theme."""
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(200, HEIGHT)

    def show_axes(self, x: Axis, y: Axis | None) -> None:
        """Draw these coordinates; without ``y`` all points stand on one line."""
        self._axes, self._drawn = (x, y), None
        number = words.count(int(np.isfinite(x.values).sum()), "signal point")
        where = x.title if y is None else f"{x.title} and {y.title}"
        describe(self, "Plane of the signal points", f"{number} in {where}")
        self.setToolTip(plain_tooltip(f"{number} in {where}"))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw once for each size and theme: the card is scrolled, and ten thousand points take a while."""
        if self._axes is None:
            return
        ratio, colours = self.devicePixelRatioF(), theme_of(self.palette())
        key = (self.size().toTuple(), ratio, colours.name)
        if self._drawn is None or self._key != key:
            self._key = key
            self._drawn = QPixmap(self.size() * ratio)
            self._drawn.setDevicePixelRatio(ratio)
            self._drawn.fill(Qt.GlobalColor.transparent)
            self._draw(self._drawn, colours)
        QPainter(self).drawPixmap(0, 0, self._drawn)

    def _draw(self, picture: QPixmap, colours: Theme) -> None:
        if self._axes is not None:
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            font = QFont(self.font())
            font.setPointSizeF(max(font.pointSizeF() - 1.5, 6.5))
            painter.setFont(font)
            _Drawing(painter, QRectF(self.rect()), QFontMetrics(font), colours).draw(*self._axes)
            painter.end()


class _Drawing:
    """One drawing of a plane."""

    def __init__(self, painter: QPainter, rect: QRectF, metrics: QFontMetrics, colours: Theme) -> None:
        self._painter = painter
        self._rect = rect
        self._metrics = metrics
        self._colours = colours
        self._field = rect

    def draw(self, x: Axis, y: Axis | None) -> None:
        """Everything; without ``y`` the points stand on one line."""
        height = self._metrics.height()
        y_ticks = ticks_of(y) if y is not None else []
        widest = max((self._metrics.horizontalAdvance(_short(text)) for _, text in y_ticks), default=0)
        left = widest + height + 8 if y is not None else 10
        self._field = self._rect.adjusted(left, 4, -8, -2 * height - 6)
        x_limits = limits_of(x.values)
        y_limits = limits_of(y.values) if y is not None else (-1.0, 1.0)
        self._painter.setPen(QPen(QColor(self._colours.line), 1))
        self._painter.drawRect(self._field)
        self._ticks_below(ticks_of(x), x_limits)
        self._ticks_beside(y_ticks, y_limits)
        self._titles(x.title, "" if y is None else y.title)
        dot = QColor(self._colours.accent)
        dot.setAlphaF(0.85)
        self._painter.setPen(QPen(dot, 2 * DOT, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        heights = y.values if y is not None else np.zeros_like(x.values)
        # All at once: ten thousand ellipses of their own would take as long as three frames.
        self._painter.drawPoints(
            [
                QPointF(self._across(across, x_limits), self._up(up, y_limits))
                for across, up in zip(x.values.tolist(), heights.tolist(), strict=True)
                if math.isfinite(across) and math.isfinite(up)
            ]
        )

    def _across(self, value: float, limits: tuple[float, float]) -> float:
        return self._field.left() + (value - limits[0]) / (limits[1] - limits[0]) * self._field.width()

    def _up(self, value: float, limits: tuple[float, float]) -> float:
        return self._field.bottom() - (value - limits[0]) / (limits[1] - limits[0]) * self._field.height()

    def _ticks_below(self, ticks: Sequence[tuple[float, str]], limits: tuple[float, float]) -> None:
        free_from = -math.inf
        for value, text in ticks:
            place = self._across(value, limits)
            self._painter.setPen(QColor(self._colours.line))
            self._painter.drawLine(QPointF(place, self._field.top()), QPointF(place, self._field.bottom()))
            width = self._metrics.horizontalAdvance(_short(text))
            if place - width / 2 < free_from:
                continue  # two labels would run into each other
            free_from = place + width / 2 + 6
            self._painter.setPen(QColor(self._colours.muted))
            base = self._field.bottom() + self._metrics.ascent() + 2
            self._painter.drawText(QPointF(place - width / 2, base), _short(text))

    def _ticks_beside(self, ticks: Sequence[tuple[float, str]], limits: tuple[float, float]) -> None:
        for value, text in ticks:
            place = self._up(value, limits)
            self._painter.setPen(QColor(self._colours.line))
            self._painter.drawLine(QPointF(self._field.left(), place), QPointF(self._field.right(), place))
            self._painter.setPen(QColor(self._colours.muted))
            width = self._metrics.horizontalAdvance(_short(text))
            base = place + self._metrics.ascent() / 2 - 1
            self._painter.drawText(QPointF(self._field.left() - width - 4, base), _short(text))

    def _titles(self, below: str, beside: str) -> None:
        height, field, middle = self._metrics.height(), self._field, Qt.TextElideMode.ElideMiddle
        self._painter.setPen(QColor(self._colours.text))
        place = QRectF(field.left(), self._rect.bottom() - height - 1, field.width(), height)
        text = self._metrics.elidedText(below, middle, int(field.width()))
        self._painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        self._painter.save()
        self._painter.rotate(-90)
        place = QRectF(-field.bottom(), 0, field.height(), height)
        text = self._metrics.elidedText(beside, middle, int(field.height()))
        self._painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        self._painter.restore()


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_WORD else f"{text[: LONGEST_WORD - 1]}…"
