"""The wall time of a run in one bar, with its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from fitgui import words
from fitgui.gui.theme import Theme
from fitgui.gui.timeline.colours import colours_of
from fitgui.gui.timeline.wording import CLOCKS
from fitgui.runs.wall_split import WallSplit

BAR_HEIGHT = 18
SQUARE = 10
GAP = 5
BETWEEN = 18
SHADE = 25
"""Per cent by which each thing that was waited for stands out more than the one before."""
LEAST_SHARE = 0.004
"""Less than this of the wall time is left out of the legend; the tooltip has the sentence with all."""

MEANINGS = {
    "preparing": "Before anything was on its way: packing, logging in, starting the service's library",
    "waiting": "Tasks waited, and no worker worked",
    "transfer": "Tasks were being handed over to the service, and none was with a worker",
    "unpack": "Workers unpacked tasks and workspaces, and compiled what all points share",
    "model": "Workers patched workspaces and built models",
    "fit": "Workers fitted",
    "running": "Workers have tasks that they have not answered yet: models or fits",
    "overhead": "Workers did something else, such as packing answers",
    "lost": "Workers worked, but were stopped or died before they answered",
    "delay": "Answers were on their way, and no worker worked; at least so long",
    "nothing under way": "Nothing was on its way any more",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the bar."""

    kind: str
    name: str
    seconds: float
    share: float
    colour: QColor

    @property
    def text(self) -> str:
        """As it stands in the legend."""
        return f"{self.name} {words.duration(self.seconds)} ({100 * self.share:.0f} %)"


class SplitBar(QWidget):
    """One stacked bar and its legend, broken into as many lines as it needs."""

    def __init__(self, look: Theme) -> None:
        super().__init__()
        self._look = look
        self._colours = colours_of(look)
        self._split = WallSplit()
        self._parts: list[Part] = []
        self._lines = 2
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self.setAccessibleName("Where the wall time went")

    def show_split(self, split: WallSplit) -> None:
        """Show another one."""
        if split == self._split:
            return
        self._split = split
        self._parts = []
        waits = 0
        for kind, name, seconds in split.parts():
            if seconds > 0 and split.wall > 0:
                colour = QColor(self._colours[kind])
                if kind == "waiting":
                    shade = 100 + SHADE * waits
                    colour = colour.lighter(shade) if self._look.name == "dark" else colour.darker(shade)
                    waits += 1
                self._parts.append(Part(kind, name, seconds, seconds / split.wall, colour))
        self.setAccessibleDescription(split.sentence())
        self._count_lines()
        self.update()

    @property
    def texts(self) -> list[str]:
        """The legend."""
        return [part.text for part, _ in self._places()]

    def sizeHint(self) -> QSize:
        """As high as bar and legend are."""
        line = QFontMetrics(self.font()).height() + 2
        return QSize(200, BAR_HEIGHT + GAP + self._lines * line)

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other lines for another width."""
        super().resizeEvent(event)
        self._count_lines()

    def event(self, event: QEvent) -> bool:
        """Say what the part under the mouse means."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            part = self._part_at(event.pos().x(), event.pos().y())
            texts = [self._split.sentence()] if part is None else [part.text, _meaning(part)]
            QToolTip.showText(event.globalPos(), "\n".join([*texts, CLOCKS] if texts[0] else []), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The bar, and below it the legend."""
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(0, 0, self.width(), BAR_HEIGHT, QColor(self._look.line))
        left = 0.0
        for part in self._parts:
            width = part.share * self.width()
            painter.fillRect(QRectF(left, 0, max(width - 1, 1), BAR_HEIGHT), part.colour)
            left += width
        for part, place in self._places():
            square = QRect(place.left(), place.center().y() - SQUARE // 2, SQUARE, SQUARE)
            painter.fillRect(square, part.colour)
            painter.setPen(QColor(self._look.text))
            text = place.adjusted(SQUARE + GAP, 0, 0, 0)
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, part.text)
            painter.setPen(Qt.PenStyle.NoPen)

    def _places(self) -> list[tuple[Part, QRect]]:
        metrics = QFontMetrics(self.font())
        line = metrics.height() + 2
        x, y, found = 0, BAR_HEIGHT + GAP, []
        for part in self._parts:
            if part.share < LEAST_SHARE:
                continue
            width = SQUARE + GAP + metrics.horizontalAdvance(part.text) + 2
            if x and x + width > self.width():
                x, y = 0, y + line
            found.append((part, QRect(x, y, width, line)))
            x += width + BETWEEN
        return found

    def _count_lines(self) -> None:
        # Numbers grow and shrink: a line that was needed once stays, so that nothing jumps.
        rows = {place.top() for _, place in self._places()}
        needed = max(2, len(rows))
        if needed != self._lines:
            self._lines = needed
            self.updateGeometry()

    def _part_at(self, x: int, y: int) -> Part | None:
        left = 0.0
        for part in self._parts:
            if y < BAR_HEIGHT and left <= x < left + part.share * self.width():
                return part
            left += part.share * self.width()
        return next((part for part, place in self._places() if place.contains(x, y)), None)


def _meaning(part: Part) -> str:
    return MEANINGS.get(part.name) or MEANINGS.get(part.kind, "")
