"""Step 3: numbers, plane, table and log of the run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from fitgui.gui import theme
from fitgui.gui.compute_panel import Shown
from fitgui.gui.headline import Headline
from fitgui.gui.line_view import LineView
from fitgui.gui.log_panel import LogPanel
from fitgui.gui.plane_data import axis_of, plane_of, preferred_axes
from fitgui.gui.plane_view import PlaneView
from fitgui.gui.points_model import PointsModel
from fitgui.gui.points_table import PointsTable
from fitgui.gui.widgets import NoticeBar, Panel, describe, text_label
from fitgui.runs.snapshot import PointStatus, RunSnapshot
from fitgui_backends.contract import TaskState
from fitgui_backends.events import StampedEvent

NO_PALLET = "Open a pallet on the left: its signal points appear here."
NO_POINTS = "This analysis is a measurement: it has no signal points to fit."
NO_COORDINATES = "The names of these points give no coordinates: see the table below."


class ResultsPanel(Panel):
    """Everything that comes in."""

    selection_changed = Signal(object)
    """The set of names that are selected in the plane or in the table."""

    def __init__(
        self,
        look: theme.Theme,
        *,
        cancel_points: Callable[[Collection[str]], object],
        retry_points: Callable[[Collection[str]], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("3  Results", parent)
        self.notice = NoticeBar()
        self.headline = Headline()
        self.plane = PlaneView(look)
        self.line = LineView(look)
        self.log = LogPanel()
        self.model = PointsModel(self)
        self.table = PointsTable(self.model, cancel_points=cancel_points, retry_points=retry_points)
        self._snapshot: RunSnapshot | None = None
        self._statuses: Mapping[str, PointStatus] = {}
        self._shown: Shown | None = None
        self._selected: set[str] = set()
        self._empty = text_label(NO_PALLET, role="muted", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        for page in (self._empty, self._plane_page(), self.line):
            self._stack.addWidget(page)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Views of the results")
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self._stack, "Plane")
        self.tabs.addTab(self.log, "Log")
        self.tabs.setTabToolTip(0, "Where the signal points stand, coloured by CLs")
        self.tabs.setTabToolTip(1, "Everything that happened, with the time")
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.tabs)
        self.splitter.addWidget(self.table)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([430, 240])
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.body.addWidget(self.notice)
        self.body.addWidget(self.headline)
        self.body.addWidget(self.splitter, stretch=1)
        self.plane.selection_changed.connect(self._select)
        self.table.selection_changed.connect(self._select)
        self._offer()

    def show_points(self, shown: Shown) -> None:
        """Show the points of an analysis, before they are fitted."""
        self._shown, self._snapshot, self._statuses, self._selected = shown, None, {}, set()
        self.model.show_points(shown.points, shown.labels)
        self.headline.show_idle(len(shown.points))
        self._choose_page(shown)
        self._offer()

    def show_run(self, snapshot: RunSnapshot, statuses: Mapping[str, PointStatus]) -> None:
        """Show a run of the points that are on show; ``statuses`` adds what earlier runs have found."""
        self._snapshot, self._statuses = snapshot, statuses
        for view in (self.model, self.plane, self.line):
            view.show_statuses(statuses)
        self._offer()

    def preview(self, names: Collection[str]) -> None:
        """Mark the points that a pattern chose."""
        self._select(set(names))

    def points_changed(self, names: Collection[str]) -> None:
        """Repaint what changed in this frame."""
        self.model.points_changed(names)
        if self._stack.currentWidget() is self.line:
            self.line.refresh()
        else:
            self.plane.points_changed(names)
        self._offer()

    def record(self, events: tuple[StampedEvent, ...]) -> None:
        """Write this frame's events into the log."""
        self.log.record(events)

    def show_time(self, elapsed: float) -> None:
        """Refresh the numbers; called as the clock goes on."""
        if self._snapshot is not None:
            self.headline.show_run(self._snapshot, elapsed)

    def _plane_page(self) -> QWidget:
        self._x_box, self._y_box = QComboBox(), QComboBox()
        describe(self._x_box, "Horizontal axis", "The coordinate along the horizontal axis")
        describe(self._y_box, "Vertical axis", "The coordinate along the vertical axis")
        for box in (self._x_box, self._y_box):
            box.activated.connect(lambda _index: self._draw_plane())
        self._pickers = QWidget()
        bar = QHBoxLayout(self._pickers)
        bar.setContentsMargins(0, theme.SPACING, 0, 0)
        for text, box in (("Horizontal", self._x_box), ("Vertical", self._y_box)):
            label = QLabel(text)
            label.setBuddy(box)
            bar.addWidget(label)
            bar.addWidget(box)
        bar.addStretch(1)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pickers)
        layout.addWidget(self.plane, stretch=1)
        return page

    def _choose_page(self, shown: Shown) -> None:
        names = tuple(point.name for point in shown.points)
        title = "Plane"
        if not names:
            self._show_empty(NO_POINTS)
        elif not shown.labels:
            self._show_empty(NO_COORDINATES)
        elif len(shown.labels) == 1:
            title = "Line"
            self.line.show_line(names, axis_of(shown.points, shown.labels[0]))
            self._stack.setCurrentIndex(2)
        else:
            chosen = preferred_axes(shown.points, shown.labels)
            for box, label in zip((self._x_box, self._y_box), chosen, strict=True):
                box.clear()
                box.addItems(shown.labels)
                box.setCurrentText(label)
            self._pickers.setVisible(len(shown.labels) > 2)
            self._draw_plane()
            self._stack.setCurrentIndex(1)
        self.tabs.setTabText(0, title)

    def _show_empty(self, text: str) -> None:
        self._empty.setText(text)
        self._stack.setCurrentIndex(0)

    def _draw_plane(self) -> None:
        if self._shown is None:
            return
        self.plane.show_plane(
            plane_of(self._shown.points, self._x_box.currentText(), self._y_box.currentText())
        )
        self.plane.show_selection(self._selected)
        self.plane.show_statuses(self._statuses)

    def _select(self, names: set[str]) -> None:
        if names == self._selected:
            return
        self._selected = names
        self.plane.show_selection(names)
        self.table.select(names)
        self._offer()
        self.selection_changed.emit(names)

    def _offer(self) -> None:
        statuses = self._snapshot.points if self._snapshot is not None else {}
        states = {statuses[name].state for name in self._selected if name in statuses}
        self.table.offer(
            cancel=bool(states & {TaskState.QUEUED, TaskState.RUNNING}),
            retry=bool(states & {TaskState.FAILED, TaskState.CANCELLED}),
        )
