"""The legend of a band: what each line, area and mark is, each drawn as it is in the plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from fitgui.gui.limits.colours import BandColours
from fitgui.gui.theme import Theme

SWATCH = 26
GAP = 6
BETWEEN = 18


class Kind(Enum):
    """What is drawn beside a text."""

    OBSERVED = auto()
    EXPECTED = auto()
    ONE_SIGMA = auto()
    TWO_SIGMA = auto()
    COMPARED = auto()
    THEORY = auto()
    DOUBTFUL = auto()
    BEYOND = auto()
    OPEN = auto()
    """A band that fades where nobody looked for its edge."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One mark and its meaning."""

    kind: Kind
    text: str


class BandLegend(QWidget):
    """Entries in as many lines as they need."""

    def __init__(self, look: Theme, colours: BandColours) -> None:
        super().__init__()
        self._look, self._colours = look, colours
        self._entries: tuple[Entry, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What is explained."""
        return self._entries

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Explain these."""
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self.setAccessibleName("Legend: " + ", ".join(entry.text for entry in entries))
            self._take_height()
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The narrower, the more lines."""
        super().resizeEvent(event)
        self._take_height()

    def changeEvent(self, event: QEvent) -> None:
        """A larger type needs more room."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._take_height()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Marks and texts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = self._line_height
        for number, line in enumerate(self._lines(self.width())):
            x = 0.0
            for entry in line:
                place = QRectF(x, number * height + 2, SWATCH, height - 4)
                self._draw(painter, entry.kind, place)
                painter.setPen(QColor(self._look.muted))
                painter.drawText(
                    QRectF(x + SWATCH + GAP, number * height, self._width(entry), height),
                    Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                    entry.text,
                )
                x += self._width(entry) + BETWEEN
        painter.end()

    def _take_height(self) -> None:
        self.setFixedHeight(max(1, len(self._lines(self.width()))) * self._line_height)

    @property
    def _line_height(self) -> int:
        return self.fontMetrics().height() + 4

    def _width(self, entry: Entry) -> int:
        return SWATCH + GAP + self.fontMetrics().horizontalAdvance(entry.text)

    def _lines(self, width: int) -> list[list[Entry]]:
        lines: list[list[Entry]] = []
        used = 0
        for entry in self._entries:
            own = self._width(entry)
            if lines and used + own <= width:
                lines[-1].append(entry)
            else:
                lines.append([entry])
                used = 0
            used += own + BETWEEN
        return lines

    def _draw(self, painter: QPainter, kind: Kind, place: QRectF) -> None:
        colours, middle = self._colours, place.center()
        left, right = QPointF(place.left(), middle.y()), QPointF(place.right(), middle.y())
        if kind in (Kind.ONE_SIGMA, Kind.TWO_SIGMA):
            colour = colours.one_sigma if kind is Kind.ONE_SIGMA else colours.two_sigma
            painter.fillRect(place.adjusted(2, 1, -2, -1), QColor(colour))
            return
        if kind is Kind.OPEN:
            fading = QLinearGradient(place.bottomLeft(), place.topLeft())
            fading.setColorAt(0.2, QColor(colours.two_sigma))
            fading.setColorAt(1.0, QColor(self._look.panel))
            painter.fillRect(place.adjusted(2, 1, -2, -1), fading)
            return
        if kind is Kind.THEORY:
            shade = QColor(colours.compared)
            shade.setAlpha(80)
            painter.fillRect(place.adjusted(0, 2, 0, -2), shade)
        if kind in (Kind.OBSERVED, Kind.EXPECTED, Kind.COMPARED, Kind.THEORY):
            style = Qt.PenStyle.DashLine if kind is Kind.EXPECTED else Qt.PenStyle.SolidLine
            colour = colours.compared if kind in (Kind.COMPARED, Kind.THEORY) else colours.line
            painter.setPen(QPen(QColor(colour), 2 if kind is not Kind.COMPARED else 1.5, style))
            painter.drawLine(left, right)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(QColor(colours.line)))
        if kind is Kind.OBSERVED:
            painter.drawEllipse(middle, 3.5, 3.5)
        elif kind is Kind.BEYOND:
            painter.drawPolygon(arrow(middle, 6))
        elif kind is Kind.DOUBTFUL:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._look.bad), 2))
            painter.drawPolygon(_triangle(middle, 5))
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _triangle(middle: QPointF, size: float) -> QPolygonF:
    x, y = middle.x(), middle.y()
    return QPolygonF([QPointF(x - size, y + size), QPointF(x + size, y + size), QPointF(x, y - size)])


def arrow(middle: QPointF, size: float) -> QPolygonF:
    """An arrow upwards, ``size`` pixels from its middle to either end."""
    x, y, stem = middle.x(), middle.y(), size / 4
    corners = [
        (-size * 0.7, 0),
        (0, -size),
        (size * 0.7, 0),
        (stem, 0),
        (stem, size),
        (-stem, size),
        (-stem, 0),
    ]
    return QPolygonF([QPointF(x + across, y + down) for across, down in corners])
