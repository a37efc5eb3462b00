"""Tasks on their workers against time."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent

from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.theme import Theme
from fitgui.gui.timeline.bars import Bars
from fitgui.gui.timeline.colours import colours_of
from fitgui.gui.timeline.rows import NOBODY, Row, RowAxis, rows_of
from fitgui.gui.timeline.wording import CLOCKS, SEGMENTS, describe_task, one_line
from fitgui.gui.widgets import describe
from fitgui.runs.task_bars import TaskBar
from fitgui.runs.timeline import Timeline

REACH_PIXELS = 3
"""A task that is this near is meant, although it is too narrow to be hit."""
HOW = (
    "A row for each worker and a bar for each task against time. Arrow keys go from task to task, Enter "
    "selects its points; wheel and drag zoom and move, a double click or Escape shows all."
)
MARGIN = 0.02
"""Of the time axis, to the right of now."""
KEYS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}


class _Box(pg.ViewBox):  # type: ignore[misc]  # pyqtgraph brings no types
    """A view box that shows all of the run until somebody zooms or moves."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.follows = True
        self.invertY(True)

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        """Zoom in time; with Ctrl also in workers."""
        self.follows = False
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        super().wheelEvent(event, axis=axis if control or axis == 1 else 0)

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Move."""
        self.follows = False
        super().mouseDragEvent(event, axis=axis)


class TimelineChart(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph brings no types
    """A row for each worker, a bar for each task; the keyboard goes from task to task."""

    task_chosen = Signal(object)
    """A :class:`TaskBar` that the user chose, by mouse or keyboard, or ``None``."""
    task_shown = Signal(object)
    """A :class:`TaskBar` under the mouse, else the chosen one, else ``None``."""

    def __init__(self, look: Theme) -> None:
        self._box = _Box()
        self._labels = RowAxis(look.text, look.muted)
        super().__init__(background=look.panel, viewBox=self._box, axisItems={"left": self._labels})
        self.hideButtons()
        self.getPlotItem().layout.setContentsMargins(0, 8, 8, 0)  # half a label fits above the first row
        self.showGrid(x=True, y=False, alpha=0.15)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        bottom = self.getAxis("bottom")
        bottom.setPen(look.muted)
        bottom.setTextPen(look.text)
        bottom.enableAutoSIPrefix(False)
        bottom.setZValue(-1)  # its grid stands behind the bars
        self._bars = Bars(colours_of(look), look)
        self.addItem(self._bars)
        self._timeline = Timeline()
        self._rows: list[Row] = []
        self._now = 0.0
        self._drawn = -1
        """The version of the timeline that is drawn."""
        self._chosen: int | None = None
        self._hovered: int | None = None
        self.setMinimumHeight(90)
        describe(
            self,
            "Tasks of each worker",
            HOW,
        )
        self.setToolTip("")
        self.scene().sigMouseMoved.connect(self._moved)
        self.scene().sigMouseClicked.connect(self._clicked)

    def show_timeline(self, timeline: Timeline, now: float) -> None:
        """Draw what is new; ``now`` is on the run's clock, in seconds."""
        other_run = timeline is not self._timeline
        if other_run or timeline.version != self._drawn:
            self._drawn, self._timeline = timeline.version, timeline
            rows = rows_of(timeline.workers)
            if not rows and timeline.waiting is not None:
                rows = [NOBODY]
            if rows != self._rows:
                self._rows = rows
                self._labels.show_rows(rows, self.font())
            if other_run:
                self._box.follows, self._chosen, self._hovered = True, None, None
            self._bars.show_timeline(timeline, rows, now)
            self._bars.choose(self._chosen)
        else:
            self._bars.go_on(now)
        self._now = now
        if self._box.follows:
            self.show_all()

    def show_all(self) -> None:
        """Show the whole run, and what is still to come of it."""
        self._box.follows = True
        width = max(self._now * (1 + MARGIN), 0.1)
        self._box.setRange(xRange=(0.0, width), yRange=(-0.6, max(len(self._rows), 1) - 0.4), padding=0)

    @property
    def chosen(self) -> TaskBar | None:
        """The task that is framed."""
        return None if self._chosen is None else self._timeline.bar(self._chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from task to task; Enter chooses, Escape shows all."""
        key = Qt.Key(event.key())
        if key in KEYS:
            down, right = KEYS[key]
            move = self._bars.neighbour if right else self._bars.in_next_row
            self._choose(move(self._chosen, right or down))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.task_chosen.emit(self.chosen)
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Home) and not self._box.follows:
            self.show_all()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all again."""
        super().mouseDoubleClickEvent(event)
        self.show_all()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Whoever comes by keyboard sees where they are."""
        super().focusInEvent(event)
        self._box.setBorder(pg.mkPen(self.palette().highlight().color(), width=2))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The frame goes with the focus."""
        super().focusOutEvent(event)
        self._box.setBorder(None)

    def _choose(self, number: int | None) -> None:
        self._chosen = number
        self._bars.choose(number)
        self._show(number)

    def _show(self, number: int | None) -> None:
        shown = self._chosen if number is None else number
        bar = None if shown is None else self._timeline.bar(shown)
        self.setAccessibleDescription(HOW if bar is None else one_line(bar))
        self.task_shown.emit(bar)

    def _moved(self, place: QPointF) -> None:
        number = None
        text = ""
        if self._box.sceneBoundingRect().contains(place):
            number = self._task_at(place)
            if number is not None:
                text = "\n".join([*describe_task(self._timeline.bar(number)), "", SEGMENTS, CLOCKS])
        elif self._labels.sceneBoundingRect().contains(place):
            row = round(self._box.mapSceneToView(place).y())
            text = self._rows[row].explanation if 0 <= row < len(self._rows) else ""
        self.setToolTip(plain_tip(text))
        if number != self._hovered:
            self._hovered = number
            self._show(number)

    def _clicked(self, event: Any) -> None:
        if event.double():
            return
        number = (
            self._task_at(event.scenePos())
            if self._box.sceneBoundingRect().contains(event.scenePos())
            else None
        )
        self._choose(number)
        self.task_chosen.emit(self.chosen)

    def _task_at(self, place: QPointF) -> int | None:
        spot = self._box.mapSceneToView(place)
        return self._bars.at(spot.x(), spot.y(), REACH_PIXELS * self._box.viewPixelSize()[0])
