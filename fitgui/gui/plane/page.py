"""The tab *Plane*: the view with the row that rules it, and the line where there is one coordinate only."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from fitgui.gui.analysis_choice import Shown
from fitgui.gui.latest import run_here
from fitgui.gui.plane.box import Drag
from fitgui.gui.plane.choices import PlaneChoices
from fitgui.gui.plane.compare_menu import CompareMenu
from fitgui.gui.plane.compared import View
from fitgui.gui.plane.line_view import LineView
from fitgui.gui.plane.quantities import QUANTITIES, offered
from fitgui.gui.plane.toolbar import PlaneToolbar
from fitgui.gui.plane.view import PlaneView
from fitgui.gui.result_view import ViewContext
from fitgui.gui.session import SessionResults
from fitgui.gui.theme import Theme
from fitgui.gui.widgets import text_label
from fitgui.pallets.catalogue.notation import axis_notation
from fitgui.pallets.plane import axis_choices, axis_of, plane_of, preferred_axes

NO_PALLET = "Open a pallet on the left: its signal points appear here."
NO_POINTS = "This analysis is a measurement: it has no signal points to fit."
NO_COORDINATES = "The names of these points give no coordinates: see the table below."


class PlanePage(QWidget):
    """Empty, a line, or a plane.

    Args:
        look: the colours.
        context: for threads and the journal; without one contours are computed in this thread.
    """

    selection_changed = Signal(object)
    """The set of names that the user chose in the plane."""
    point_opened = Signal(str)
    """The point that the user wants to look into."""
    selecting_changed = Signal(bool)
    """Whether a drag in the plane selects points now."""

    def __init__(
        self, look: Theme, context: ViewContext | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._shown: Shown | None = None
        self._results = SessionResults()
        self._labels = ("", "")
        run = run_here if context is None else context.workbench.bridge.run
        self.view = PlaneView(look, run=run)
        self.line = LineView(look)
        self.toolbar = PlaneToolbar()
        self.compare = None
        if context is not None:
            self.compare = CompareMenu(self.toolbar.compare_menu, self.view, context, self._where, self)
        self.empty = text_label(NO_PALLET, role="muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        plane = QWidget()
        column = QVBoxLayout(plane)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.toolbar)
        column.addWidget(self.view, stretch=1)
        self._plane = plane
        self._stack = QStackedWidget()
        for page in (self.empty, plane, self.line):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self._connect()
        self._settings = None if context is None else context.settings
        if self._settings is not None:
            self.toolbar.show_choices(PlaneChoices.of_kept(self._settings.plane))

    @property
    def title(self) -> str:
        """On the tab."""
        return "Line" if self._stack.currentWidget() is self.line else "Plane"

    def show_points(self, shown: Shown) -> None:
        """Show the points of an analysis, before they are fitted."""
        self._shown, self._results = shown, SessionResults()
        self.view.show_bound(shown.bound)
        names = tuple(point.name for point in shown.points)
        self.toolbar.offer_quantities(QUANTITIES[:1])
        if not names:
            self._show_empty(NO_POINTS)
        elif not shown.labels:
            self._show_empty(NO_COORDINATES)
        elif len(shown.labels) == 1:
            notation = axis_notation(shown.analysis)
            self.line.show_line(names, axis_of(shown.points, shown.labels[0], notation))
            self._stack.setCurrentWidget(self.line)
        else:
            self._labels = preferred_axes(shown.points, shown.labels)
            self._draw_plane()
            self._stack.setCurrentWidget(self._plane)
        if self.compare is not None:
            self.compare.show_points(shown)

    def show_results(self, results: SessionResults) -> None:
        """Show the last run of the points that are on show, and what earlier runs have found."""
        self._results = results
        self.view.show_statuses(results.statuses, results.checked)
        self.line.show_statuses(results.statuses)
        if self.compare is not None:
            self.compare.show_run(results.run_id)
        self.offer_quantities()

    def points_changed(self, names: Collection[str]) -> None:
        """Draw what changed in this frame."""
        if self._stack.currentWidget() is self.line:
            self.line.refresh()
            return
        self.view.points_changed(names)
        self.offer_quantities(names)

    def show_selection(self, names: Collection[str]) -> None:
        """Ring these points."""
        self.view.show_selection(names)

    def take_over(self, other: PlanePage) -> None:
        """Look at the points as ``other`` does, in whose place this page is, in other colours."""
        if other._labels != self._labels and "" not in other._labels:
            self._axes_chosen(*other._labels)
        self.toolbar.show_choices(other.toolbar.choices)
        self.toolbar.colour_box.setCurrentText(other.toolbar.colour_box.currentText())
        self.view.drag_selects(other.view.drag)
        if self.compare is not None and other.compare is not None:
            for source in other.compare.sources:
                self.compare.compare_with(source)

    def offer_quantities(self, names: Collection[str] | None = None) -> None:
        """Offer the quantities that any result has; of some points only what comes on top."""
        statuses = self._results.statuses
        found = [
            status.result
            for name in (statuses if names is None else names)
            if (status := statuses.get(name)) is not None and status.result is not None
        ]
        here = {quantity.short for quantity in offered(found)} | {QUANTITIES[0].short}
        if names is not None:
            here |= self.toolbar.quantities
        self.toolbar.offer_quantities([quantity for quantity in QUANTITIES if quantity.short in here])

    def _connect(self) -> None:
        view, toolbar = self.view, self.toolbar
        view.selection_changed.connect(self.selection_changed)
        view.point_opened.connect(self.point_opened)
        view.drag_changed.connect(toolbar.show_drag)
        view.drag_changed.connect(lambda drag: self.selecting_changed.emit(drag is not Drag.MOVE))
        toolbar.quantity_chosen.connect(view.colour_by)
        toolbar.choices_changed.connect(self._choices_changed)
        toolbar.axes_chosen.connect(self._axes_chosen)
        toolbar.drag_chosen.connect(view.drag_selects)
        toolbar.all_asked.connect(view.show_all)
        toolbar.selection_asked.connect(self._select)

    def _choices_changed(self) -> None:
        self.view.show_choices(self.toolbar.choices)
        if self._settings is not None:
            self._settings.plane = self.toolbar.choices.kept()
        if self.compare is not None:
            self.compare.axes_changed()

    def _axes_chosen(self, x: str, y: str) -> None:
        self._labels = (x, y)
        selected = self.view.selected
        self._draw_plane()
        self.view.show_selection(selected)
        if self.compare is not None:
            self.compare.axes_changed()

    def _draw_plane(self) -> None:
        if self._shown is None:
            return
        points, labels = self._shown.points, self._shown.labels
        notation = axis_notation(self._shown.analysis)
        choices = axis_choices(points, labels, notation)
        titles = [(label, axis_of(points, label, notation).title) for label in choices]
        self.toolbar.offer_axes(titles, *self._labels)
        data = plane_of(points, *self._labels, notation)
        self.view.show_plane(data, self._results.statuses, self._results.checked)

    def _where(self) -> View | None:
        data = self.view.data
        if data is None:
            return None
        choices = self.view.choices
        return View(data.x.label, data.y.label, choices.axes(data), choices.method)

    def _select(self, which: str) -> None:
        data = self.view.data
        if data is None:
            return
        every = set(data.names)
        chosen = {"all": every, "none": set[str](), "others": every - self.view.selected}
        self.selection_changed.emit(chosen[which])

    def _show_empty(self, text: str) -> None:
        self.empty.setText(text)
        self._stack.setCurrentWidget(self.empty)
