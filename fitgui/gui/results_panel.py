"""Step 3: numbers, plane, table and log of the run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QWidget,
)

from fitgui.gui import theme
from fitgui.gui.analysis_choice import Shown
from fitgui.gui.check_panel import CheckLine, CheckPanel
from fitgui.gui.check_words import verdict_of
from fitgui.gui.headline import Headline
from fitgui.gui.log_panel import LogPanel
from fitgui.gui.plane.colour_scale import QUANTITIES
from fitgui.gui.plane.line_view import LineView
from fitgui.gui.plane.view import PlaneView
from fitgui.gui.points_model import PointsModel
from fitgui.gui.points_table import PointsTable
from fitgui.gui.result_view import ResultView
from fitgui.gui.session import SessionResults
from fitgui.gui.timeline.panel import TimelinePanel
from fitgui.gui.widgets import NoticeBar, Panel, describe, text_label
from fitgui.pallets.plane import axis_of, plane_of, preferred_axes
from fitgui.runs.check import summary
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
        views: Sequence[ResultView] = (),
        cancel_points: Callable[[Collection[str]], object],
        retry_points: Callable[[Collection[str]], object],
        check: Callable[[], object],
        stop_check: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("3  Results", parent)
        self.notice = NoticeBar()
        self.headline = Headline()
        self.plane = PlaneView(look)
        self.line = LineView(look)
        self.log = LogPanel()
        self.timeline = TimelinePanel(look)
        self.model = PointsModel(self)
        self.table = PointsTable(self.model, cancel_points=cancel_points, retry_points=retry_points)
        self.check = CheckPanel()
        self.check_line = CheckLine(check=check, stop=stop_check, details=self.show_check_details)
        self._results = SessionResults()
        self._shown: Shown | None = None
        self._selected: set[str] = set()
        self._empty = text_label(NO_PALLET, role="muted", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        for page in (self._empty, self.plane, self.line):
            self._stack.addWidget(page)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Views of the results")
        self.tabs.setDocumentMode(True)
        self.views = tuple(views)
        """The tabs between the plane and the workers."""
        self._add_tab(self._stack, "Plane", "Where the signal points stand, coloured by CLs")
        for view in self.views:
            self._add_tab(view, view.title, view.tip)
            view.points_chosen.connect(self._select)
        self._add_tab(self.timeline, "Workers", "What each worker did when, and where the wall time went")
        self._add_tab(self.check, "Check", "The points that another engine has fitted again")
        self._add_tab(self.log, "Log", "Everything that happened, with the time")
        self._make_pickers()
        self.tabs.setCornerWidget(self._pickers)
        self.tabs.currentChanged.connect(lambda _index: self._offer_colours())
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.tabs)
        self.splitter.addWidget(self.table)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([430, 240])
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.body.addWidget(self.notice)
        self.body.addWidget(self.headline)
        self.body.addWidget(self.check_line)
        self.body.addWidget(self.splitter, stretch=1)
        self.plane.selection_changed.connect(self._select)
        self.table.selection_changed.connect(self._select)
        self.check.point_chosen.connect(lambda name: self._select({name}))
        self.timeline.points_chosen.connect(self._select)
        self.model.columns_changed.connect(self._offer_colours)
        self._offer_colours()
        self._offer()

    def show_points(self, shown: Shown) -> None:
        """Show the points of an analysis, before they are fitted."""
        self._shown, self._results, self._selected = shown, SessionResults(), set()
        self.model.show_points(shown.points, shown.labels, shown.bound)
        self.plane.show_bound(shown.bound)
        self.log.bound = shown.bound
        self.headline.show_idle(len(shown.points))
        self.timeline.show_run(None, 0.0)
        self._choose_page(shown)
        for view in self.views:
            view.show_points(shown)
        self._offer_colours()
        self.show_check()
        self._offer()

    def show_results(self, results: SessionResults) -> None:
        """Show the last run of the points that are on show, and what earlier runs have found."""
        self._results = results
        self.model.show_statuses(results.statuses, results.checked)
        self.plane.show_statuses(results.statuses, results.checked)
        self.line.show_statuses(results.statuses)
        for view in self.views:
            view.show_results(results)
        self.show_check()
        self._offer()

    def show_check(self) -> None:
        """Say how the check of the run stands."""
        snapshot, checked = self._results.snapshot, self._results.checked
        self.check.show_checked(checked)
        state = summary(snapshot) if snapshot is not None else None
        fitted = snapshot is not None and snapshot.counts[TaskState.DONE] > 0
        if snapshot is None or state is None or not (fitted or state.state == "waiting"):
            self.check_line.hide()
            return
        over = snapshot.outcome is not None
        going_on = state.state in ("waiting", "running")
        self.check_line.show_verdict(
            verdict_of(snapshot, state, checked),
            snapshot.check_engines[1],
            stop=going_on,
            possible=not going_on and over and len(checked) < snapshot.counts[TaskState.DONE],
            details=bool(checked),
        )

    def show_check_details(self) -> None:
        """Bring the checked points to the front, ready for the keyboard."""
        self.tabs.setCurrentWidget(self.check)
        self.check.table.setFocus()

    def show_workers(self) -> None:
        """Bring what each worker does to the front, ready for the keyboard."""
        self.tabs.setCurrentWidget(self.timeline)
        self.timeline.chart.setFocus()

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
        for view in self.views:
            view.points_changed(names)
        self._offer()

    def record(self, events: tuple[StampedEvent, ...]) -> None:
        """Write this frame's events into the log."""
        self.log.record(events, self._results.checked)

    def show_time(self, elapsed: float) -> None:
        """Refresh the numbers; called as the clock goes on."""
        if self._results.snapshot is not None:
            self.headline.show_run(self._results.snapshot, elapsed)
            self.timeline.show_run(self._results.snapshot, elapsed)
            for view in self.views:
                view.show_time(elapsed)

    def show_tab(self, page: QWidget) -> None:
        """Bring a view to the front, ready for the keyboard."""
        self.tabs.setCurrentWidget(page)
        page.setFocus()

    def show_plane(self) -> None:
        """Bring the plane to the front."""
        self.tabs.setCurrentIndex(0)

    def _add_tab(self, page: QWidget, title: str, tip: str) -> None:
        self.tabs.setTabToolTip(self.tabs.addTab(page, title), tip)

    def _make_pickers(self) -> None:
        """What the plane shows, beside the tabs: a row of their own would take it from the plane."""
        self._x_box, self._y_box = QComboBox(), QComboBox()
        describe(self._x_box, "Horizontal axis", "The coordinate along the horizontal axis")
        describe(self._y_box, "Vertical axis", "The coordinate along the vertical axis")
        for box in (self._x_box, self._y_box):
            box.activated.connect(lambda _index: self._draw_plane())
        self._colour_box = QComboBox()
        describe(self._colour_box, "Colour", "What the colour of the points in the plane tells")
        for quantity in QUANTITIES:
            self._colour_box.addItem(quantity.short, quantity)
        self._colour_box.currentIndexChanged.connect(
            lambda index: self.plane.colour_by(self._colour_box.itemData(index))
        )
        self._pickers = QWidget()
        bar = QHBoxLayout(self._pickers)
        bar.setContentsMargins(0, 0, 0, 2)
        bar.setSpacing(theme.SPACING)
        self._axis_widgets = _labelled(bar, {"x": self._x_box, "y": self._y_box})
        self._colour_widgets = _labelled(bar, {"Colour": self._colour_box})

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
        self.plane.show_statuses(self._results.statuses, self._results.checked)

    def _offer_colours(self) -> None:
        """Offer limits as a colour where there are any, and other axes where there are more than two."""
        limits = any(
            status.result is not None and status.result.limits is not None
            for status in self._results.statuses.values()
        )
        axes = self._shown is not None and len(self._shown.labels) > 2
        if not limits:
            self._colour_box.setCurrentIndex(0)
        for widgets, shown in ((self._axis_widgets, axes), (self._colour_widgets, limits)):
            for widget in widgets:
                widget.setVisible(shown)
        plane = self.tabs.currentIndex() == 0 and self._stack.currentWidget() is self.plane
        self._pickers.setVisible(plane and (axes or limits))

    def _select(self, names: set[str]) -> None:
        if names == self._selected:
            return
        self._selected = names
        self.plane.show_selection(names)
        self.table.select(names)
        for view in self.views:
            view.show_selection(names)
        self._offer()
        self.selection_changed.emit(names)

    def _offer(self) -> None:
        statuses = self._results.snapshot.points if self._results.snapshot is not None else {}
        states = {statuses[name].state for name in self._selected if name in statuses}
        self.table.offer(
            cancel=bool(states & {TaskState.QUEUED, TaskState.RUNNING}),
            retry=bool(states & {TaskState.FAILED, TaskState.CANCELLED}),
        )


def _labelled(bar: QHBoxLayout, boxes: Mapping[str, QComboBox]) -> list[QWidget]:
    """Put boxes with their labels into a row."""
    widgets: list[QWidget] = []
    for text, box in boxes.items():
        label = QLabel(text)
        label.setBuddy(box)
        widgets += [label, box]
    for widget in widgets:
        bar.addWidget(widget)
    return widgets
