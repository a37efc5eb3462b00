"""Step 3: numbers, plane, table and log of the run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QSplitter, QTabWidget, QWidget

from fitgui.gui import theme
from fitgui.gui.analysis_choice import Shown
from fitgui.gui.check_panel import CheckLine, CheckPanel
from fitgui.gui.check_words import verdict_of
from fitgui.gui.headline import Headline
from fitgui.gui.log_panel import LogPanel
from fitgui.gui.plane.line_view import LineView
from fitgui.gui.plane.page import PlanePage
from fitgui.gui.plane.view import PlaneView
from fitgui.gui.points_model import PointsModel
from fitgui.gui.points_table import PointsTable
from fitgui.gui.result_view import ResultView, ViewContext
from fitgui.gui.session import SessionResults
from fitgui.gui.timeline.panel import TimelinePanel
from fitgui.gui.widgets import NoticeBar, Panel
from fitgui.runs.check import summary
from fitgui_backends.contract import TaskState
from fitgui_backends.events import StampedEvent

PLANE_TIP = "Where the signal points stand, with contours at 95 % CL"
WORKERS_TIP = "What each worker did when, and where the wall time went"
BURIAL_MILLISECONDS = 1000
POINT_TAB = "Point"
"""The title of the view that tells all about the point that is selected."""


class ResultsPanel(Panel):
    """Everything that comes in."""

    selection_changed = Signal(object)
    """The set of names that are selected in the plane or in the table."""
    selecting_changed = Signal(bool)
    """Whether a drag in the plane selects points now."""
    made_anew = Signal()
    """Other views are in the place of those that there were; the old ones are still there."""

    def __init__(
        self,
        look: theme.Theme,
        *,
        context: ViewContext | None = None,
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
        self.plane_page = PlanePage(look, context)
        self.log = LogPanel()
        self.timeline = TimelinePanel(look)
        self.model = PointsModel(self)
        self.table = PointsTable(self.model, cancel_points=cancel_points, retry_points=retry_points)
        self.check = CheckPanel()
        self.check_line = CheckLine(check=check, stop=stop_check, details=self.show_check_details)
        self._results = SessionResults()
        self._shown: Shown | None = None
        self._selected: set[str] = set()
        self._elapsed = 0.0
        self._with_check = False
        """Whether there is something to be said of a check."""
        self._context = context
        self._dead: list[QWidget] = []
        """Pages in old colours, which may still wait for an answer from a thread."""
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Views of the results")
        self.tabs.setDocumentMode(True)
        self.views = tuple(views)
        """The tabs between the plane and the workers."""
        self._add_pages()
        self._add_tab(self.check, "Check", "The points that another engine has fitted again")
        self._add_tab(self.log, "Log", "Everything that happened, with the time")
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.tabs)
        self.splitter.addWidget(self.table)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([460, 210])
        self.splitter.setStretchFactor(0, 4)
        self.splitter.setStretchFactor(1, 1)
        self.body.addWidget(self.notice)
        self.body.addWidget(self.headline)
        self.body.addWidget(self.check_line)
        self.body.addWidget(self.splitter, stretch=1)
        self.table.selection_changed.connect(self._select)
        self.table.point_opened.connect(self.open_point)
        self.tabs.currentChanged.connect(lambda _index: self._make_room())
        self.check.point_chosen.connect(lambda name: self._select({name}))
        self._offer()

    @property
    def plane(self) -> PlaneView:
        """The mass plane."""
        return self.plane_page.view

    @property
    def line(self) -> LineView:
        """What is shown in its place where there is one coordinate only."""
        return self.plane_page.line

    def show_points(self, shown: Shown) -> None:
        """Show the points of an analysis, before they are fitted."""
        self._shown, self._results, self._selected = shown, SessionResults(), set()
        self.model.show_points(shown.points, shown.labels, shown.bound)
        self.log.bound = shown.bound
        self.headline.show_idle(len(shown.points))
        self.timeline.show_run(None, 0.0)
        self.plane_page.show_points(shown)
        self.tabs.setTabText(0, self.plane_page.title)
        for view in self.views:
            view.show_points(shown)
        self.show_check()
        self._offer()

    def show_results(self, results: SessionResults) -> None:
        """Show the last run of the points that are on show, and what earlier runs have found."""
        self._results = results
        self.model.show_statuses(results.statuses, results.checked)
        self.plane_page.show_results(results)
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
            self._with_check = False
            self._make_room()
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
        self._with_check = True
        self._make_room()

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
        self.plane_page.points_changed(names)
        for view in self.views:
            view.points_changed(names)
        self._offer()

    def record(self, events: tuple[StampedEvent, ...]) -> None:
        """Write this frame's events into the log."""
        self.log.record(events, self._results.checked)

    def show_time(self, elapsed: float) -> None:
        """Refresh the numbers; called as the clock goes on."""
        self._elapsed = elapsed
        if self._results.snapshot is not None:
            self.headline.show_run(self._results.snapshot, elapsed)
            self.timeline.show_run(self._results.snapshot, elapsed)
            for view in self.views:
                view.show_time(elapsed)
            self._make_room()

    def show_tab(self, page: QWidget) -> None:
        """Bring a view to the front, ready for the keyboard."""
        self.tabs.setCurrentWidget(page)
        page.setFocus()

    def open_point(self, name: str) -> None:
        """Look into a point: select it, and bring the tab about it to the front where there is one."""
        self._select({name})
        for view in self.views:
            if view.title == POINT_TAB:
                self.show_tab(view)

    def show_plane(self) -> None:
        """Bring the plane to the front, ready for the keyboard."""
        self.tabs.setCurrentIndex(0)
        self.plane.setFocus()

    def use_theme(self, look: theme.Theme) -> None:
        """Draw everything in other colours.

        The style sheet changes the rest; pages with plots take their colours when they are made, and so are
        made anew. They show what the old ones showed, with what the user chose there.
        """
        pages = (self.plane_page, *self.views, self.timeline)
        focused = QApplication.focusWidget()
        focused_page = focused is not None and self.tabs.currentWidget().isAncestorOf(focused)
        self.tabs.setUpdatesEnabled(False)
        try:
            self._make_anew(look)
        finally:
            self.tabs.setUpdatesEnabled(True)
        if focused_page:
            self.tabs.currentWidget().setFocus()
        self.made_anew.emit()
        self._dead += pages
        self._bury()

    def _make_anew(self, look: theme.Theme) -> None:
        """Pages with plots in the place of those that there are."""
        plane, views, current = self.plane_page, self.views, self.tabs.currentIndex()
        self.tabs.setCurrentWidget(self.log)  # so that none of the pages draws itself while it goes
        for page in (plane, *views, self.timeline):
            self.tabs.removeTab(self.tabs.indexOf(page))
            page.setParent(None)
        if self._context is not None:
            self._context = replace(self._context, look=look)
            self.views = tuple(type(view)(self._context) for view in views)
        self.plane_page, self.timeline = PlanePage(look, self._context), TimelinePanel(look)
        self._add_pages()
        self._show_again()
        self.plane_page.take_over(plane)
        for view, old in zip(self.views, views, strict=True):
            view.take_over(old)
        self.tabs.setCurrentIndex(current)

    def show_titled(self, title: str) -> None:
        """Bring the view of this title to the front, if there is one."""
        for index in range(self.tabs.count()):
            if self.tabs.tabText(index) == title:
                self.tabs.setCurrentIndex(index)

    def _make_room(self) -> None:
        """For a view that is not about the run: of one that goes on there is the progress, no more."""
        page, snapshot = self.tabs.currentWidget(), self._results.snapshot
        all_of_it = not isinstance(page, ResultView) or page.about_run
        running = snapshot is not None and snapshot.outcome is None
        self.headline.show_slim(slim=not all_of_it)
        self.headline.setVisible(all_of_it or running)
        self.check_line.setVisible(all_of_it and self._with_check)

    def _add_pages(self) -> None:
        """The tabs with plots, before the others."""
        self._insert_tab(0, self.plane_page, self.plane_page.title, PLANE_TIP)
        self.plane_page.selection_changed.connect(self._select)
        self.plane_page.point_opened.connect(self.open_point)
        self.plane_page.selecting_changed.connect(self.selecting_changed)
        for place, view in enumerate(self.views, start=1):
            self._insert_tab(place, view, view.title, view.tip)
            view.points_chosen.connect(self._select)
        self._insert_tab(1 + len(self.views), self.timeline, "Workers", WORKERS_TIP)
        self.timeline.points_chosen.connect(self._select)

    def _show_again(self) -> None:
        """Tell new pages what the old ones know."""
        if self._shown is None:
            return
        pages: tuple[PlanePage | ResultView, ...] = (self.plane_page, *self.views)
        for page in pages:
            page.show_points(self._shown)
            if self._results.statuses or self._results.snapshot is not None:
                page.show_results(self._results)
            page.show_selection(self._selected)
        self.tabs.setTabText(0, self.plane_page.title)
        self.show_time(self._elapsed)

    def _bury(self) -> None:
        """Delete old pages once no thread has an answer for them."""
        if self._context is not None and not self._context.workbench.bridge.idle:
            QTimer.singleShot(BURIAL_MILLISECONDS, self, self._bury)
            return
        while self._dead:
            self._dead.pop().deleteLater()

    def _add_tab(self, page: QWidget, title: str, tip: str) -> None:
        self._insert_tab(self.tabs.count(), page, title, tip)

    def _insert_tab(self, place: int, page: QWidget, title: str, tip: str) -> None:
        self.tabs.setTabToolTip(self.tabs.insertTab(place, page, title), tip)

    def _select(self, names: set[str]) -> None:
        if names == self._selected:
            return
        self._selected = names
        self.plane_page.show_selection(names)
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
