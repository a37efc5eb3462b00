"""The last screen: a few large numbers beside each other, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from fitgui.gui.talk.naming import moments_of, names_of
from fitgui.gui.talk.slide import Slide
from fitgui.gui.talk.subject import Subject, large_time, published_words, source_of
from fitgui.gui.talk.type import BODY, GAP, HEADING, HUGE, SMALL, shrunk_font
from fitgui.gui.theme import Theme
from fitgui.runs.wall_bars import factor_text
from fitgui.runs.wall_times import RunTimes

NUMBER_SHARE = 0.3
"""Of the width the numbers take, at the left of their bars."""
MOST_ROWS = 3
SIDE = Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Compared:
    """A wall time and whose it was."""

    seconds: float
    whose: str
    """Of whom it is the time: ``a cluster, 4 blocks of 1 node, published 2021``."""
    name: str = ""
    """What it is called in the sentence: ``a cluster``, ``one worker``."""
    own: bool = False
    """Whether it is that of the first run."""


class FinalSlide(Slide):
    """This run, what it is compared with, the factors between, and how far the exclusion reaches."""

    entered_first = Signal()
    """It came to the front for the first time: how far the exclusion reaches is wanted."""

    def __init__(self, look: Theme, subject: Subject, times: Sequence[RunTimes], footer: str) -> None:
        super().__init__(look, "The comparison")
        self._entered = False
        self._footer = footer
        self.compared = compared(subject, times)
        heading = self._line(HEADING, look.text, bold=True)
        heading.show_text(f"{subject.hypotheses} in {large_time(times[0].wall)}")
        self._rows = Rows(look, self.compared)
        self._sentence = self._line(BODY + 3, look.text, bold=True)
        self._sentence.show_text(speed_up_sentence(self.compared))
        self._reach = self._line(BODY, look.accent, bold=True)
        self._source = self._line(SMALL, look.muted)
        self._source.show_text(source_of(subject))
        column = QVBoxLayout(self)
        self._spaced(column, 0.8 * GAP, framed=True)
        column.addWidget(heading)
        column.addWidget(self._rows, stretch=1)
        column.addWidget(self._sentence)
        column.addWidget(self._reach)
        column.addWidget(self._source)
        self._reach.hide()

    @property
    def footer(self) -> str:
        """When that was."""
        return self._footer

    @property
    def sentence(self) -> str:
        """How many times faster."""
        return self._sentence.text

    @property
    def reach(self) -> str:
        """How far the exclusion reaches."""
        return self._reach.text

    def enter(self) -> None:
        """Ask, once, for what takes a moment."""
        if not self._entered:
            self._entered = True
            self.entered_first.emit()

    def show_reach(self, text: str) -> None:
        """Say how far the exclusion reaches; nothing where that cannot be told."""
        self._reach.show_text(text)
        self._reach.setVisible(bool(text))

    def rescale(self, unit: float) -> None:
        """The rows grow, too."""
        super().rescale(unit)
        self._rows.rescale(unit)


class Rows(QWidget):
    """Numbers with bars as long as they are."""

    def __init__(self, look: Theme, rows: Sequence[Compared]) -> None:
        super().__init__()
        self._look, self._rows, self._unit = look, tuple(rows), 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Wall times")
        self.setAccessibleDescription("; ".join(f"{large_time(row.seconds)}: {row.whose}" for row in rows))

    def rescale(self, unit: float) -> None:
        """The screen has another size."""
        self._unit = unit
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        """As low as the numbers can be."""
        return QSize(0, round(0.9 * HUGE * self._unit * len(self._rows)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A row for each: the number, the bar, and whose it is."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        unit, look = self._unit, self._look
        height = self.height() / max(1, len(self._rows))
        longest = max((row.seconds for row in self._rows), default=1.0)
        left = NUMBER_SHARE * self.width()
        for index, row in enumerate(self._rows):
            colour = QColor(look.accent if row.own else look.text)
            top = index * height
            number = QRectF(0, top, left - 1.5 * GAP * unit, height)
            text = large_time(row.seconds)
            painter.setFont(shrunk_font(self.font(), text, HUGE * unit, number.width(), bold=True))
            painter.setPen(colour)
            painter.drawText(number, int(SIDE | Qt.AlignmentFlag.AlignRight), text)
            room = self.width() - left
            bar = QRectF(
                left,
                top + height / 2 - 32 * unit,
                max(3 * unit, room * row.seconds / longest),
                30 * unit,
            )
            painter.fillRect(bar, colour if row.own else QColor(look.grid))
            words = QRectF(left, bar.bottom() + 4 * unit, room, 1.4 * BODY * unit)
            painter.setFont(shrunk_font(self.font(), row.whose, (BODY - 2) * unit, room))
            painter.setPen(QColor(look.text if row.own else look.muted))
            painter.drawText(
                words, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), row.whose
            )
        painter.end()


def compared(subject: Subject, times: Sequence[RunTimes]) -> tuple[Compared, ...]:
    """The first run, and at most two that tell most: published ones before other runs before one core."""
    this = times[0]
    rows: list[Compared] = []
    if (published := subject.published) is not None and this.is_whole:
        main = published.main or published.times[0]
        telling = dict.fromkeys((main, published.times[-1]))
        rows += [
            Compared(time.seconds, f"{time.where}, {published_words(this)}", time.where.partition(",")[0])
            for time in telling
        ]
    same = [run for run in times[1:] if run.names == this.names and run.asked == this.asked and run.is_whole]
    others = same[: MOST_ROWS - 1 - len(rows)]
    whose = _labels([this, *others])
    rows += [
        Compared(run.wall, label, name)
        for run, label, name in zip(others, whose[1:], names_of(this, others), strict=True)
    ]
    if this.workers > 1 and this.core > 0:
        rows.append(Compared(this.core, "one core, models and fits of the same points summed", "one core"))
    return (Compared(this.wall, whose[0], own=True), *rows[: MOST_ROWS - 1])


def _labels(runs: Sequence[RunTimes]) -> list[str]:
    """Where and how each run was; and when, where that is the same for several."""
    labels = [run.label for run in runs]
    if len(set(labels)) == len(labels):
        return labels
    return [
        f"{label}, {moment}" if moment and labels.count(label) > 1 else label
        for label, moment in zip(labels, moments_of(runs), strict=True)
    ]


def speed_up_sentence(rows: Sequence[Compared]) -> str:
    """``14 times faster than a cluster, 340 times faster than one node of the cluster``, as a sentence.

    It is about all that is compared; empty where nothing is.
    """
    this, others = rows[0], [row for row in rows[1:] if row.seconds > 0]
    said = []
    for row in others:
        whose = row.name
        factor = row.seconds / max(this.seconds, 1e-9)
        if 0.95 <= factor <= 1.05:
            said.append(f"as fast as {whose}")
        elif factor > 1:
            said.append(f"{factor_text(factor)} times faster than {whose}")
        else:
            said.append(f"{factor_text(1 / factor)} times slower than {whose}")
    text = ", ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if text else ""
