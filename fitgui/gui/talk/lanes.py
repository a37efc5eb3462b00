"""The course of a race: a lane for every run and every published time, and a bar that fills in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from fitgui.gui.talk.type import BODY, GAP, LARGE, SHORTEST, SMALL, shrunk_font, talk_font
from fitgui.gui.theme import Theme

TALLEST, USUAL, LOWEST = 150, 92, 66
"""Pixels of the design that a lane takes, with its words, which grow where there are few lanes."""
RESULT_WIDTH = 290
"""For the times at the right, and for the clock above them."""
SIDE = Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane at a moment."""

    title: str
    detail: str
    """Beside the title: when, or where it is from."""
    done: float
    """How much of the bar is filled, 0 to 1."""
    result: str
    """At its right: ``98 / 125`` or, at the end, the time."""
    finished: bool
    colour: str
    published: bool = False
    """Only the whole time is known of it, so that its bar grows evenly; it is hatched."""


class Lanes(QWidget):
    """Draws lanes, one below the other."""

    def __init__(self, look: Theme) -> None:
        super().__init__()
        self._look = look
        self._lanes: tuple[Lane, ...] = ()
        self._unit = 1.0
        self.setAccessibleName("The race")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """What is drawn."""
        return self._lanes

    def show_lanes(self, lanes: Sequence[Lane]) -> None:
        """Draw these."""
        self._lanes = tuple(lanes)
        self.setAccessibleDescription(
            "; ".join(f"{lane.title}, {lane.detail}: {lane.result}" for lane in lanes)
        )
        self.update()

    def rescale(self, unit: float) -> None:
        """The screen has another size."""
        self._unit = unit
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        """As low as the lanes can be."""
        return QSize(0, round(LOWEST * self._unit * len(self._lanes)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Titles, bars, results."""
        del event
        if not self._lanes:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = min(TALLEST * self._unit, self.height() / len(self._lanes))
        top = (self.height() - height * len(self._lanes)) / 2
        for number, lane in enumerate(self._lanes):
            self._draw(painter, QRectF(0, top + number * height, self.width(), height), lane)
        painter.end()

    def _draw(self, painter: QPainter, place: QRectF, lane: Lane) -> None:
        unit, look = self._unit, self._look
        grown = unit * min(1.4, max(1.0, place.height() / (USUAL * unit)))
        room = place.width() - RESULT_WIDTH * unit
        words_height = 1.35 * BODY * grown
        bar_height = max(14 * unit, min(40 * grown, place.height() - words_height - GAP * unit))
        self._draw_words(painter, QRectF(place.left(), place.top(), room, words_height), lane, grown)
        bar = QRectF(place.left(), place.top() + words_height, room - GAP * unit, bar_height)
        radius = min(6 * unit, bar_height / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.line))
        painter.drawRoundedRect(bar, radius, radius)
        filled = QRectF(bar)
        filled.setWidth(bar.width() * min(1.0, max(0.0, lane.done)))
        painter.setBrush(QColor(lane.colour))
        painter.setClipRect(filled)
        painter.drawRoundedRect(bar, radius, radius)
        if lane.published:
            painter.setBrush(QBrush(QColor(look.window), Qt.BrushStyle.BDiagPattern))
            painter.drawRoundedRect(bar, radius, radius)
        painter.setClipping(False)
        result = QRectF(place.right() - RESULT_WIDTH * unit, bar.top(), RESULT_WIDTH * unit, bar_height)
        pixels = (0.72 * LARGE if lane.finished else BODY + 4) * grown
        painter.setFont(shrunk_font(self.font(), lane.result, pixels, result.width(), bold=lane.finished))
        painter.setPen(QColor(look.text if not lane.published or lane.finished else look.muted))
        tall = result.adjusted(0, -0.5 * bar_height, 0, 0.5 * bar_height)
        painter.drawText(tall, int(SIDE | Qt.AlignmentFlag.AlignLeft), lane.result)

    def _draw_words(self, painter: QPainter, place: QRectF, lane: Lane, unit: float) -> None:
        """The title and, in smaller letters behind it, the detail; both shrink where they are long."""
        title, small = (BODY - 2) * unit, SMALL * unit
        gap = GAP * unit
        widths = [
            QFontMetricsF(talk_font(self.font(), pixels, bold=bold)).horizontalAdvance(text)
            for text, pixels, bold in ((lane.title, title, True), (lane.detail, small, False))
        ]
        shrunk = min(1.0, max(SHORTEST, (place.width() - gap) / (sum(widths) + gap)))
        font = talk_font(self.font(), int(title * shrunk) if shrunk < 1.0 else title, bold=True)
        painter.setFont(font)
        painter.setPen(QColor(self._look.text))
        painter.drawText(place, int(SIDE | Qt.AlignmentFlag.AlignLeft), lane.title)
        rest = place.adjusted(QFontMetricsF(font).horizontalAdvance(lane.title) + gap, 0, 0, 0)
        font = talk_font(self.font(), int(small * shrunk) if shrunk < 1.0 else small)
        detail = QFontMetricsF(font).elidedText(lane.detail, Qt.TextElideMode.ElideRight, rest.width())
        painter.setFont(font)
        painter.setPen(QColor(self._look.muted))
        painter.drawText(rest, int(SIDE | Qt.AlignmentFlag.AlignLeft), detail)
