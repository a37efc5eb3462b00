"""The legend of the plane, below it, so that it covers no point: in one line, else in lines about as long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from fitgui.gui.plane.contour_item import LineLook

GAP = "    "
BETWEEN = " · "
"""Between two sentences that share a line."""
LINE_GAP = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """A sample and its words; the sample is lines, or a filled band, or a character of the words."""

    text: str
    lines: tuple[LineLook, ...] = ()
    band: QColor | None = None
    edge: QColor | None = None


class Legend(QWidget):
    """Samples with their words, broken so that none stands alone in the last line."""

    def __init__(self, marks: Sequence[str] = (), *, colour: str = "", scale: float = 1.0) -> None:
        """``marks`` are entries whose sample is a character; ``colour`` is that of the words."""
        super().__init__()
        self._entries: tuple[Entry, ...] = tuple(Entry(mark) for mark in marks)
        self._hints: tuple[str, ...] = ()
        self._lines: list[list[Entry]] = []
        self._height = -1
        """In lines, as the layout knows it."""
        self._colour = colour
        self._scale = scale
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * scale)
        self.setFont(font)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._arrange()

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Explain these."""
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self._arrange()

    def show_hints(self, *hints: str) -> None:
        """Sentences below the entries; empty ones are left out."""
        shown = tuple(hint for hint in hints if hint)
        if shown != self._hints:
            self._hints = shown
            self._arrange()

    def text(self) -> str:
        """The words as they stand, line by line."""
        entries = [GAP.join(entry.text for entry in line) for line in self._lines]
        return "\n".join([*entries, *self._hint_lines()])

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        count = max(1, len(self._lines) + len(self._hint_lines()))
        return QSize(100, count * (self.fontMetrics().height() + LINE_GAP))

    def minimumSizeHint(self) -> QSize:
        """Never cut."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other lines for another width."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """A larger type needs more lines."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Line by line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        text = QColor(self._colour) if self._colour else self.palette().text().color()
        top = 0.0
        for line in self._lines:
            left = 0.0
            for entry in line:
                left = self._draw(painter, entry, left, top, text) + metrics.horizontalAdvance(GAP)
            top += metrics.height() + LINE_GAP
        painter.setPen(text)
        for hint in self._hint_lines():
            painter.drawText(QPointF(0, top + metrics.ascent()), hint)
            top += metrics.height() + LINE_GAP
        painter.end()

    def _draw(self, painter: QPainter, entry: Entry, left: float, top: float, text: QColor) -> float:
        """One entry; returns where it ends."""
        metrics, sample = self.fontMetrics(), self._sample(entry)
        height = metrics.height()
        if entry.band is not None:
            box = QRectF(left, top + 0.2 * height, sample - 6, 0.6 * height)
            painter.fillRect(box, entry.band)
            if entry.edge is not None:
                painter.setPen(entry.edge)
                painter.drawLine(box.topLeft(), box.topRight())
                painter.drawLine(box.bottomLeft(), box.bottomRight())
        for number, look in enumerate(entry.lines, start=1):
            y = top + height * number / (len(entry.lines) + 1)
            pen = look.pen(self._scale)
            pen.setCosmetic(False)
            painter.setPen(pen)
            painter.drawLine(QPointF(left, y), QPointF(left + sample - 6, y))
        painter.setPen(text)
        painter.drawText(QPointF(left + sample, top + metrics.ascent()), entry.text)
        return left + sample + metrics.horizontalAdvance(entry.text)

    def _sample(self, entry: Entry) -> float:
        """Width of the sample of an entry with the gap behind it."""
        return 28 * self._scale + 6 if entry.lines or entry.band is not None else 0.0

    def _width(self, entries: Sequence[Entry]) -> int:
        words = self.fontMetrics().horizontalAdvance(GAP.join(entry.text for entry in entries))
        return words + round(sum(map(self._sample, entries)))

    def _arrange(self) -> None:
        self._lines = self._balanced(self.contentsRect().width())
        height = len(self._lines) + len(self._hint_lines())
        if height != self._height:
            self._height = height
            self.updateGeometry()
        self.setAccessibleName("Legend of the plane")
        self.setAccessibleDescription(self.text())
        self.update()

    def _balanced(self, width: int) -> list[list[Entry]]:
        """As few lines as fit into ``width`` pixels, the widest of them as narrow as can be."""
        if not self._entries:
            return []
        for count in range(1, len(self._entries) + 1):
            lines = self._narrowest(self._entries, count)
            if all(self._width(line) <= width for line in lines):
                return lines
        return [[entry] for entry in self._entries]

    def _narrowest(self, entries: Sequence[Entry], count: int) -> list[list[Entry]]:
        """``count`` lines in the order of the entries, of all such the ones whose widest is narrowest."""
        if count == 1:
            return [list(entries)]
        found = (
            [list(entries[:at]), *self._narrowest(entries[at:], count - 1)]
            for at in range(1, len(entries) - count + 2)
        )
        return min(found, key=lambda lines: max(map(self._width, lines)))

    def _hint_lines(self) -> list[str]:
        return [line for hint in self._hints for line in wrapped(hint, self.width(), self.fontMetrics())]


def wrapped(text: str, width: int, metrics: QFontMetrics) -> list[str]:
    """Sentences in lines of at most ``width`` pixels, as far as words allow.

    What does not fit into a line with others begins a line of its own.
    """
    lines: list[str] = []
    for sentence in text.split(BETWEEN):
        if lines and metrics.horizontalAdvance(f"{lines[-1]}{BETWEEN}{sentence}") <= width:
            lines[-1] += f"{BETWEEN}{sentence}"
            continue
        first = True
        for word in sentence.split(" "):
            if not first and metrics.horizontalAdvance(f"{lines[-1]} {word}") <= width:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
            first = False
    return lines
