"""The tab of the limits: an upper limit, or CLs, along a line through the points."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from fitgui import words
from fitgui.exclusion.line_choice import PointLine, lines_along, place_of, preferred_line
from fitgui.exclusion.line_limits import LineLimits, Quantity, line_limits, on_cross_section
from fitgui.exclusion.line_words import read_outs
from fitgui.gui import theme
from fitgui.gui.analysis_choice import Shown
from fitgui.gui.appearance import point_description
from fitgui.gui.browser.open_tab import dropped_path
from fitgui.gui.limits import wording
from fitgui.gui.limits.chart import LimitChart
from fitgui.gui.limits.colours import band_colours
from fitgui.gui.limits.legend import BandLegend
from fitgui.gui.limits.read_outs import ReadOutColumn
from fitgui.gui.limits.table_choice import TableChoice
from fitgui.gui.result_view import ResultView, ViewContext
from fitgui.gui.session import SessionResults
from fitgui.gui.widgets import narrow_combo, text_label
from fitgui.pallets.catalogue.notation import axis_notation
from fitgui.pallets.plane import Axis, axis_of
from fitgui.trouble import report
from fitgui_backends.results import FitResult

WIDE = 560
"""Pixels from which on the numbers stand beside the plot."""
SMALLEST = 380
MANY_POINTS = 1000
"""Of an analysis, whose lines are found on a thread then."""
LONG_LINE = 1000
"""Points of a line that are too many to be drawn in every frame."""
SLOW_MILLISECONDS = 500
SHARE = 20
"""Drawing a long line may take one of so many parts of this thread's time."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """All lines through the points of an analysis."""

    axes: dict[str, Axis]
    """By coordinate."""
    lines: dict[str, tuple[PointLine, ...]]
    """By the coordinate that runs."""


def _find_lines(shown: Shown | None) -> _Lines:
    if shown is None or not shown.labels or not shown.points:
        return _Lines({}, {})
    notation = axis_notation(shown.analysis)
    return _Lines(
        {label: axis_of(shown.points, label, notation) for label in shown.labels},
        {label: lines_along(shown.points, label, shown.labels) for label in shown.labels},
    )


class LimitsView(ResultView):
    """Which line, which values, the plot, and what it comes to."""

    title: ClassVar[str] = "Limits"
    tip: ClassVar[str] = (
        "The upper limit on the signal strength or the cross section along a line through the points"
    )

    def __init__(self, context: ViewContext) -> None:
        super().__init__(context)
        self._shown: Shown | None = None
        self._results = SessionResults()
        self._axes: dict[str, Axis] = {}
        self._lines: dict[str, tuple[PointLine, ...]] = {}
        self._line: PointLine | None = None
        self._on_line: frozenset[str] = frozenset()
        self._wanted: Quantity | None = None
        """What the user chose to see; ``None``: the most telling of what there is."""
        self._drawn: tuple[PointLine, Quantity] | None = None
        self._selected: set[str] = set()
        self._stale_points = True
        self._stale = True
        self._asked = 0
        self.setAcceptDrops(True)
        self.sections = TableChoice(
            context.workbench.bridge, context.settings, context.say, context.take_back, self
        )
        self.sections.changed.connect(self._table_changed)
        self.chart = LimitChart(context.look)
        self.chart.points_chosen.connect(self.points_chosen)
        self.chart.explain_points(self._describe)
        self.legend = BandLegend(context.look, band_colours(context.look))
        self.read_outs = ReadOutColumn()
        self._remark = text_label(role="muted", wrap=True)
        self._empty = text_label(wording.NO_PALLET, role="muted", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(SLOW_MILLISECONDS)
        self._later.timeout.connect(self._refresh)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._make_page())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        whole.addWidget(self._stack)

    def show_points(self, shown: Shown) -> None:
        """Another analysis: another choice of lines."""
        self._shown, self._results = shown, SessionResults()
        self._selected, self._wanted = set(), None
        self._stale_points = self._stale = True
        self._catch_up()

    def show_results(self, results: SessionResults) -> None:
        """Draw what there is."""
        self._results = results
        self._stale = True
        self._catch_up()

    def points_changed(self, names: Collection[str]) -> None:
        """Draw the line anew if it has one of them."""
        if self._stale_points or not self._on_line.isdisjoint(names):
            self._stale = True
            if len(self._on_line) <= LONG_LINE:
                self._catch_up()
            elif self.isVisible() and not self._later.isActive():
                self._later.start()

    def show_selection(self, names: Collection[str]) -> None:
        """Ring these points."""
        self._selected = set(names)
        if self.isVisible():
            self.chart.show_selection(self._selected)

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """The keyboard goes to the plot; with a proxy for that, Tab would pass by all other controls."""
        self.chart.plot.setFocus(reason)

    def take_over(self, other: LimitsView) -> None:
        """The same line, the same values, and the same table."""
        if other._stale_points or other._line is None:
            return  # nobody has looked at it yet
        self._stale_points, self._wanted = False, other._wanted
        self._take_lines(_Lines(other._axes, other._lines))
        self.sections.take_over(other.sections)
        self._along_box.setCurrentIndex(other._along_box.currentIndex())
        self._offer_lines()
        self._line_box.setCurrentIndex(other._line_box.currentIndex())
        self._choose_line(self._line_box.currentIndex())

    @property
    def limits(self) -> LineLimits | None:
        """What is drawn."""
        return self.chart.limits if self._stack.currentIndex() == 1 else None

    @property
    def line(self) -> PointLine | None:
        """The chosen line; ``None`` where there is none, or nobody has looked at it yet."""
        return None if self._stale_points else self._line

    @property
    def remark(self) -> str:
        """The sentence below the plot, or in its place."""
        return (self._remark if self._stack.currentIndex() == 1 else self._empty).text()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self._catch_up()
        self.chart.show_selection(self._selected)

    def minimumSizeHint(self) -> QSize:
        """Narrower than the wide arrangement, or it could never be left."""
        return QSize(SMALLEST, SMALLEST // 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Numbers beside the plot where there is room, else above."""
        super().resizeEvent(event)
        beside = self.width() >= WIDE
        right, down = QBoxLayout.Direction.RightToLeft, QBoxLayout.Direction.TopToBottom
        self._controls.setDirection(QBoxLayout.Direction.LeftToRight if beside else down)
        self._middle.setDirection(right if beside else down)
        self.read_outs.stand(beside=beside)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take what may be a table; the window takes the rest."""
        path = dropped_path(event)
        if path is not None and self.sections.takes(path):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Read what was dropped."""
        path = dropped_path(event)
        if path is not None and self.sections.takes(path):
            event.acceptProposedAction()
            self.sections.open(path)

    def _make_page(self) -> QWidget:
        self._along_box = narrow_combo("Coordinate along the line", "The coordinate that runs along the line")
        self._line_box = narrow_combo("Line", "The value of the other coordinates on the line")
        self._value_box = narrow_combo("Values", "What is drawn along the line: limits or CLs")
        self._along_box.setMinimumContentsLength(6)
        for box, widest in ((self._along_box, 200), (self._line_box, 320), (self._value_box, 220)):
            box.setMaximumWidth(widest)
        self._along_box.activated.connect(lambda _index: self._offer_lines())
        self._line_box.activated.connect(self._choose_line)
        self._value_box.activated.connect(self._choose_value)
        self._controls = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._controls.setContentsMargins(0, theme.SPACING // 2, 0, 0)
        controls, values = QHBoxLayout(), QHBoxLayout()
        self._controls.addLayout(controls, stretch=7)
        self._controls.addLayout(values, stretch=4)
        self._along_label, self._at_label = QLabel("Along"), QLabel("at")
        self._along_label.setBuddy(self._along_box)
        self._at_label.setBuddy(self._line_box)
        controls.addWidget(self._along_label)
        controls.addWidget(self._along_box, stretch=50)
        controls.addWidget(self._at_label)
        controls.addWidget(self._line_box, stretch=100)
        controls.addStretch(1)
        values.addWidget(self._value_box, stretch=1)
        values.addWidget(self.sections.button)
        self._middle = QBoxLayout(QBoxLayout.Direction.RightToLeft)
        self._middle.setSpacing(theme.SPACING)
        self._middle.addWidget(self.read_outs)
        self._middle.addWidget(self.chart, stretch=1)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._controls)
        column.addLayout(self._middle, stretch=1)
        column.addWidget(self.legend)
        column.addWidget(self._remark)
        return page

    def _catch_up(self) -> None:
        if not self.isVisible():
            return
        if self._stale_points:
            self._take_points()
        elif self._stale:
            self._refresh()

    def _take_points(self) -> None:
        """Find the lines; of many points on a thread, where the latest request wins."""
        self._stale_points = False
        self._line, self._drawn, self._on_line = None, None, frozenset()
        self._asked += 1
        shown, ticket = self._shown, self._asked
        if shown is None or len(shown.points) <= MANY_POINTS:
            self._take_lines(_find_lines(shown))
            return
        self._say_instead(wording.LOOKING)

        def done(found: _Lines) -> None:
            if ticket == self._asked:
                self._take_lines(found)

        def failed(error: Exception) -> None:
            if ticket == self._asked:
                self._say_instead(wording.NOT_FOUND)
                self.context.say("error", words.capital(report(error)))

        self.context.workbench.bridge.run(partial(_find_lines, shown), done, failed)

    def _take_lines(self, found: _Lines) -> None:
        self._axes, self._lines = found.axes, found.lines
        shown = self._shown
        labels = tuple(self._axes)
        along = [label for label in labels if self._lines[label]]
        if shown is None or not along:
            empty = wording.NO_LINE if labels else wording.NO_COORDINATES
            if shown is None:
                empty = wording.NO_PALLET
            elif not shown.points:
                empty = wording.NO_POINTS
            self._say_instead(empty)
            return
        self._stack.setCurrentIndex(1)
        self._along_box.clear()
        for label in along:
            self._along_box.addItem(self._axes[label].symbol or label, label)
        for widget in (self._along_label, self._along_box):
            widget.setVisible(len(along) > 1)
        numbers = [label for label in labels if not self._axes[label].words]
        symbols = [self._axes[label].symbol or label for label in numbers]
        self.sections.show_analysis(shown.analysis.digest, numbers, symbols)
        self._offer_lines()

    def _say_instead(self, sentence: str) -> None:
        """In the place of the plot."""
        self._empty.setText(sentence)
        self._stack.setCurrentIndex(0)

    def _offer_lines(self) -> None:
        """All lines along the chosen coordinate, and the one to start with."""
        lines = self._lines[self._along_box.currentData()]
        self._line_box.clear()
        for line in lines:
            self._line_box.addItem(wording.choice_text(line, place_of(line, self._axes)), line)
        for widget in (self._at_label, self._line_box):
            widget.setVisible(len(lines) > 1 or bool(lines[0].fixed))
        self._line_box.setCurrentIndex(preferred_line(lines))
        self._choose_line(self._line_box.currentIndex())

    def _choose_line(self, index: int) -> None:
        self._line = self._line_box.itemData(index)
        self._on_line = frozenset(self._line.names) if self._line is not None else frozenset()
        self._refresh()

    def _choose_value(self, index: int) -> None:
        self._wanted = self._value_box.itemData(index)
        self._refresh()

    def _table_changed(self) -> None:
        self._wanted, self._drawn, self._stale = None, None, True
        self._catch_up()

    def _refresh(self) -> None:
        """Draw the line as it stands."""
        line = self._line
        if line is None:
            return
        began = time.monotonic()
        self._stale = False
        results = self._results_on(line)
        quantity = self._offer_values(results)
        axis = self._axes[line.label]
        numbers = partial(
            line_limits,
            line,
            results,
            bound=self._shown.bound if self._shown is not None else None,
            label=axis.symbol or line.label,
            title=axis.title,
            unit=axis.unit,
            place=place_of(line, self._axes),
        )
        limits = numbers("cls" if quantity == "cls" else "mu")
        cls = numbers("cls") if quantity == "mu" else None
        table, masses = self.sections.table, np.empty(0)
        if table is not None:
            masses = line.values_of(self.sections.mass)
            if quantity == "sigma":
                limits = on_cross_section(limits, table, masses)
        drawn = (line, quantity)
        self.chart.show_limits(limits, again=self._drawn == drawn)
        self._drawn = drawn
        self.chart.show_selection(self._selected)
        self.legend.show_entries(self.chart.legend_entries())
        self.read_outs.show_read_outs(read_outs(limits, cls))
        self._remark.setText(wording.remark(limits, results, table, masses))
        self._remark.setVisible(bool(self._remark.text()))
        self._later.setInterval(max(SLOW_MILLISECONDS, int(1000 * SHARE * (time.monotonic() - began))))

    def _results_on(self, line: PointLine) -> Mapping[str, FitResult]:
        statuses = self._results.statuses
        known = ((name, statuses.get(name)) for name in line.names)
        return {
            name: status.result for name, status in known if status is not None and status.result is not None
        }

    def _offer_values(self, results: Mapping[str, FitResult]) -> Quantity:
        """What there is to be drawn; the choice of the user, else the most telling."""
        offered: list[Quantity] = ["cls"]
        if any(result.limits is not None for result in results.values()):
            offered = ["sigma", "mu", "cls"] if self.sections.table is not None else ["mu", "cls"]
        box = self._value_box
        if [box.itemData(index) for index in range(box.count())] != offered:
            box.clear()
            for quantity in offered:
                box.addItem(wording.SHORT[quantity], quantity)
        chosen = self._wanted if self._wanted in offered else offered[0]
        box.setCurrentIndex(offered.index(chosen))
        return chosen

    def _describe(self, name: str) -> str:
        bound = self._shown.bound if self._shown is not None else None
        return point_description(
            name, self._results.statuses.get(name), self._results.checked.get(name), bound
        )
