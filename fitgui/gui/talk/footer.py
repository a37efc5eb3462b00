"""The bottom line of a talk: what is seen, the page, the clock of the room, and how far the replay is."""

from __future__ import annotations

import time

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from fitgui.gui.talk.type import GAP, MARGIN, SMALL, shrunk_font, talk_font
from fitgui.gui.theme import Theme

HEIGHT = 52


class Footer(QWidget):
    """Discreet, but the words that say what is seen are no smaller than anything else."""

    def __init__(self, look: Theme) -> None:
        super().__init__()
        self._look = look
        self._unit = 1.0
        self._text, self._page, self._time = "", "", time.strftime("%H:%M")
        self._progress: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """What is seen."""
        return self._text

    @property
    def page(self) -> str:
        """``2 / 4``."""
        return self._page

    def show_state(self, text: str, page: str, progress: float | None) -> None:
        """Say what is seen, on which page, and how much of it is over."""
        if (text, page, progress) != (self._text, self._page, self._progress):
            self._text, self._page, self._progress = text, page, progress
            self.setAccessibleName(f"{text}; page {page}")
            self.update()

    def update_clock(self) -> None:
        """Another minute may have begun."""
        now = time.strftime("%H:%M")
        if now != self._time:
            self._time = now
            self.update()

    def rescale(self, unit: float) -> None:
        """The screen has another size."""
        self._unit = unit
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(0, round(HEIGHT * self._unit))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A thin line for the progress, and the words below it."""
        del event
        unit, look = self._unit, self._look
        painter = QPainter(self)
        margin = MARGIN * unit
        width = self.width() - 2 * margin
        painter.fillRect(QRectF(margin, 4 * unit, width, max(1.0, 2 * unit)), QColor(look.line))
        if self._progress is not None:
            painter.fillRect(
                QRectF(margin, 3 * unit, width * min(1.0, self._progress), 4 * unit), QColor(look.accent)
            )
        place = QRectF(margin, 8 * unit, width, self.height() - 12 * unit)
        right = f"{self._page}   {self._time}"
        font = talk_font(self.font(), SMALL * unit)
        painter.setFont(font)
        painter.setPen(QColor(look.muted))
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place, int(Qt.AlignmentFlag.AlignRight | centre), right)
        room = width - QFontMetricsF(font).horizontalAdvance(right) - GAP * unit
        painter.setFont(shrunk_font(self.font(), self._text, SMALL * unit, room, bold=True))
        painter.setPen(QColor(look.warning))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | centre), self._text)
        painter.end()
