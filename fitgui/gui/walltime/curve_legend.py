"""What each curve is, above the plot: nothing is covered, nothing is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from fitgui.gui.theme import Theme

LINE, GAP, BETWEEN = 22, 6, 18


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A curve."""

    colour: str
    dash: Qt.PenStyle
    text: str


class CurveLegend(QWidget):
    """Entries in as many lines as they need."""

    def __init__(self, look: Theme) -> None:
        super().__init__()
        self._look = look
        self.entries: tuple[LegendEntry, ...] = ()
        self._lines = 1
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Curves")

    def show_entries(self, entries: Sequence[LegendEntry]) -> None:
        """Show these."""
        if tuple(entries) != self.entries:
            self.entries = tuple(entries)
            self.setAccessibleDescription("; ".join(entry.text for entry in entries))
            self._count()
            self.update()

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        return QSize(200, round(self._lines * self._height()) + 1)

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other lines for another width."""
        super().resizeEvent(event)
        self._count()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A piece of each line with its words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self.font())
        for entry, place in self._places():
            painter.setPen(QPen(QColor(entry.colour), 3, entry.dash))
            middle = place.center().y()
            painter.drawLine(QPointF(place.left(), middle), QPointF(place.left() + LINE, middle))
            painter.setPen(QColor(self._look.text))
            words = place.adjusted(LINE + GAP, 0, 0, 0)
            shown = metrics.elidedText(entry.text, Qt.TextElideMode.ElideMiddle, words.width() + 1)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)

    def _height(self) -> float:
        return QFontMetricsF(self.font()).height() + 2

    def _places(self) -> list[tuple[LegendEntry, QRectF]]:
        metrics = QFontMetricsF(self.font())
        x, y, found = 0.0, 0.0, []
        for entry in self.entries:
            width = min(LINE + GAP + metrics.horizontalAdvance(entry.text) + 2, max(60, self.width()))
            if x and x + width > self.width():
                x, y = 0.0, y + self._height()
            found.append((entry, QRectF(x, y, width, self._height())))
            x += width + BETWEEN
        return found

    def _count(self) -> None:
        lines = max(1, len({place.top() for _, place in self._places()}))
        if lines != self._lines:
            self._lines = lines
            self.updateGeometry()
