"""Type that grows with the screen: sizes are what they are on a screen of 1280 × 720."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

WIDTH, HEIGHT = 1280, 720
HUGE, LARGE, HEADING, BODY, SMALL = 92, 62, 38, 27, 21
"""Heights in pixels; nothing is smaller than the last, which the last row still reads."""
MARGIN, GAP = 44, 16
SHORTEST = 0.5
"""To what part of its size a text shrinks to fit its room before it is elided."""


def unit_of(size: QSize) -> float:
    """How many pixels one pixel of the design takes on a screen of this size."""
    return max(0.2, min(size.width() / WIDTH, size.height() / HEIGHT))


def talk_font(base: QFont, pixels: float, *, bold: bool = False) -> QFont:
    """A font of that height in pixels."""
    font = QFont(base)
    font.setPixelSize(max(1, round(pixels)))
    font.setBold(bold)
    return font


def shrunk_font(base: QFont, text: str, pixels: float, room: float, *, bold: bool = False) -> QFont:
    """A font in which the text fits into ``room`` pixels of width, no larger than ``pixels``."""
    size, least = round(pixels), max(1, round(pixels * SHORTEST))
    font = talk_font(base, size, bold=bold)
    width = QFontMetricsF(font).horizontalAdvance(text)
    if width > room > 0:
        size = max(least, int(size * room / width) + 1)
        # Type does not grow evenly from pixel to pixel.
        while size > least and QFontMetricsF(font).horizontalAdvance(text) > room:
            size -= 1
            font = talk_font(base, size, bold=bold)
    return font


class Line(QWidget):
    """One line of text that shrinks rather than being cut; running numbers do not move what is beside it."""

    def __init__(self, pixels: int, colour: str, *, bold: bool = False, width: int = 0) -> None:
        super().__init__()
        self._pixels, self._colour, self._bold = pixels, QColor(colour), bold
        self._width = width
        """In pixels of the design; 0 for as much as there is."""
        self._unit = 1.0
        self._text = ""
        across = QSizePolicy.Policy.Fixed if width else QSizePolicy.Policy.Expanding
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """What stands there."""
        return self._text

    def show_text(self, text: str, colour: str | None = None) -> None:
        """Show another text, in another colour if one is given."""
        if colour is not None:
            self._colour = QColor(colour)
        if text != self._text or colour is not None:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    @property
    def shown_font(self) -> QFont:
        """In which the text stands there now."""
        return shrunk_font(
            self.font(), self._text, self._pixels * self._unit, self.width() - 1, bold=self._bold
        )

    def rescale(self, unit: float) -> None:
        """The screen has another size."""
        self._unit = unit
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as its type; as wide as there is room."""
        height = QFontMetricsF(talk_font(self.font(), self._pixels * self._unit, bold=self._bold)).height()
        return QSize(round(self._width * self._unit), round(height))

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, as large as it may be."""
        del event
        painter = QPainter(self)
        font = self.shown_font
        painter.setFont(font)
        painter.setPen(self._colour)
        metrics = QFontMetricsF(font)
        text = metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(self.rect()), int(side), text)
        painter.end()


class Paragraph(QLabel):
    """Text of several lines."""

    def __init__(self, pixels: int, colour: str, *, bold: bool = False) -> None:
        super().__init__()
        self._pixels, self._bold = pixels, bold
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        palette = self.palette()
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text):
            palette.setColor(role, QColor(colour))
        self.setPalette(palette)
        self.rescale(1.0)

    def rescale(self, unit: float) -> None:
        """The screen has another size."""
        self.setFont(talk_font(self.font(), self._pixels * unit, bold=self._bold))
