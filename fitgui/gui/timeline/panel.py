"""The tab of the workers: numbers, tasks against time, and the wall time in one bar."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from fitgui.gui import theme
from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.timeline.chart import TimelineChart
from fitgui.gui.timeline.figures import Figures
from fitgui.gui.timeline.split_bar import SplitBar
from fitgui.gui.timeline.wording import HINT, NOTHING, Figure, describe_task, figures_of, one_line
from fitgui.gui.widgets import text_label
from fitgui.runs.snapshot import RunSnapshot
from fitgui.runs.task_bars import TaskBar
from fitgui.runs.wall_split import WallSplit

SPLIT_SHARE = 20
"""Sharing out the wall time may take one of so many parts of this thread's time."""


class TimelinePanel(QWidget):
    """What each worker did when, and where the wall time went."""

    points_chosen = Signal(object)
    """The set of names of the points of a task that the user chose."""

    def __init__(self, look: theme.Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._snapshot: RunSnapshot | None = None
        self._elapsed = 0.0
        self._split = WallSplit()
        self._split_of: tuple[RunSnapshot | None, int, bool] = (None, 0, False)
        self._split_again = 0.0
        self.chart = TimelineChart(look)
        self.split_bar = SplitBar(look)
        self._figures = Figures()
        self._detail = text_label(HINT, role="muted")
        self._detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._nothing = text_label(NOTHING, role="muted", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        below = QHBoxLayout()
        below.addWidget(self._detail, stretch=1)
        below.addWidget(text_label("time since the start of the run [s]"))
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, theme.SPACING, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._figures)
        column.addWidget(self.chart, stretch=1)
        column.addLayout(below)
        column.addWidget(self.split_bar)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)
        self.chart.task_shown.connect(self._show_task)
        self.chart.task_chosen.connect(self._choose)

    def show_run(self, snapshot: RunSnapshot | None, elapsed: float) -> None:
        """Show a run as it stands, ``elapsed`` seconds after its start; while hidden, nothing is drawn."""
        self._snapshot, self._elapsed = snapshot, elapsed
        if self.isVisible():
            self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self._refresh()

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The numbers in large type."""
        return self._figures.shown

    @property
    def detail_text(self) -> str:
        """What is said of the task under the mouse, or of the chosen one."""
        return self._detail.text()

    def _refresh(self) -> None:
        snapshot = self._snapshot
        self._stack.setCurrentIndex(0 if snapshot is None else 1)
        if snapshot is None:
            return
        self._share_out(snapshot)
        self._figures.show_figures(figures_of(snapshot, self._split, self._elapsed))
        self.split_bar.show_split(self._split)
        self.chart.show_timeline(snapshot.timeline, self._elapsed)

    def _share_out(self, snapshot: RunSnapshot) -> None:
        """The more tasks there are, the longer this takes, and the less often it is done during a run."""
        running = snapshot.outcome is None
        now = time.monotonic()
        before, version, was_running = self._split_of
        if before is snapshot and was_running == running:
            unchanged = version == snapshot.timeline.version and not running
            if unchanged or now < self._split_again:
                return
        self._split = snapshot.timeline.split(self._elapsed)
        self._split_of = (snapshot, snapshot.timeline.version, running)
        self._split_again = now + SPLIT_SHARE * (time.monotonic() - now)

    def _show_task(self, bar: TaskBar | None) -> None:
        text = HINT if bar is None else one_line(bar)
        self._detail.setText(text)
        self._detail.setToolTip("" if bar is None else plain_tip("\n".join(describe_task(bar))))
        self._detail.setAccessibleName(text)

    def _choose(self, bar: TaskBar | None) -> None:
        if bar is not None:
            self.points_chosen.emit(set(bar.points))
