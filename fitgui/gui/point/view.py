"""The tab of one point: asks for its inside, and shows it on one of several pages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.analysis_choice import Shown
from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.point.correlations_page import CorrelationsPage
from fitgui.gui.point.curve_page import CurvePage
from fitgui.gui.point.fit_page import FitPage
from fitgui.gui.point.lists import ImpactsPage, PullsPage
from fitgui.gui.point.page import OnShow, PointPage, choice
from fitgui.gui.point.yields_page import YieldsPage
from fitgui.gui.result_view import ResultView, ViewContext
from fitgui.gui.session import SessionResults
from fitgui.gui.widgets import describe, push_button, set_role, text_label
from fitgui.insight.model import PARTS, Part, PointInside
from fitgui.insight.service import options_of
from fitgui.pallets import SignalPoint
from fitgui.pallets.catalogue.notation import axis_notation
from fitgui.pallets.plane import Axis, axis_of
from fitgui_backends.contract import FitOptions

_Page = TypeVar("_Page", bound=PointPage)
KINDS: Final[tuple[type[PointPage], ...]] = (
    YieldsPage,
    PullsPage,
    ImpactsPage,
    CorrelationsPage,
    CurvePage,
    FitPage,
)
NONE_CHOSEN: Final = (
    "Select a point in the plane or in the table: its yields, pulls, impacts and correlations appear here."
)
SEVERAL_CHOSEN: Final = "{} are selected. Select one of them alone to look into it."
NO_PALLET: Final = (
    "Open a pallet on the left, and select one of its points: its yields, pulls and impacts appear here."
)
SEPARATOR: Final = "  ·  "
NO_POINTS: Final = "This analysis is a measurement: it has no signal points to look into."
NO_POI: Final = "This measurement has no parameter of interest, so there is no signal to look into."


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A point of an analysis, and how it is fitted."""

    digest: str
    name: str
    options: FitOptions
    measurement: str | None


class PointView(ResultView):
    """What is behind the number of a point."""

    title = "Point"
    tip = "The inside of a fit: yields, pulls, impacts, correlations, CLs against μ"

    def __init__(self, context: ViewContext) -> None:
        super().__init__(context)
        self._shown: Shown | None = None
        self._axes: Mapping[str, Axis] | None = None
        """By coordinate, how it is written; ``None`` until it is needed."""
        self._results = SessionResults()
        self._selected: set[str] = set()
        self._asked: _Wanted | None = None
        """What was asked for last."""
        self._heard: Callable[[PointInside], object] | None = None
        self._inside: PointInside | None = None
        self._stale = True
        self._pages: dict[int, PointPage] = {}
        """Made when they are first looked at: plots take tens of milliseconds each."""
        self._message = text_label(NONE_CHOSEN, role="muted", wrap=True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._again = push_button("Try again", "Look into the point once more", self._ask_again)
        self._headline = text_label(role="muted")
        self._headline.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._progress = text_label(role="muted")
        self.fit_box = choice(
            "Fit",
            "Which fit to the data is shown",
            [("μ free", "free"), ("μ = 0", "background"), ("μ = 1", "signal")],
        )
        self.fit_box.currentIndexChanged.connect(lambda _index: self._draw())
        self._segments = QButtonGroup(self)
        self._stack = QStackedWidget()
        bar = QHBoxLayout()
        bar.setSpacing(4)
        for number, kind in enumerate(KINDS):
            bar.addWidget(self._segment(number, kind))
        bar.addSpacing(theme.SPACING)
        bar.addWidget(self.fit_box)
        bar.addStretch(1)
        self._bar = QWidget()
        self._bar.setLayout(bar)
        bar.setContentsMargins(0, 0, 0, 0)
        line = QHBoxLayout()
        line.addWidget(self._headline, stretch=1)
        line.addWidget(self._progress)
        self._body = QStackedWidget()
        self._body.addWidget(_with_button(self._message, self._again))
        self._body.addWidget(self._stack)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACING, 0, 0)
        column.setSpacing(4)
        column.addLayout(line)
        column.addWidget(self._bar)
        column.addWidget(self._body, stretch=1)
        self._segments.idToggled.connect(self._segment_toggled)
        self._draw()

    @property
    def page(self) -> PointPage:
        """The page in front."""
        number = max(self._segments.checkedId(), 0)
        page = self._pages.get(number)
        if page is None:
            page = self._pages[number] = KINDS[number](self.context.look)
            self._stack.addWidget(page)
        return page

    @property
    def inside(self) -> PointInside | None:
        """What is known of the point on show."""
        return self._inside

    @property
    def message(self) -> str:
        """What stands in the place of a page; empty where a page is shown."""
        return self._message.text() if self._body.currentIndex() == 0 else ""

    def made(self, kind: type[_Page]) -> _Page | None:
        """The page of this kind, if anybody has looked at it."""
        return next((page for page in self._pages.values() if isinstance(page, kind)), None)

    def show_page(self, title: str) -> None:
        """Bring a page to the front by its title."""
        for number, kind in enumerate(KINDS):
            if kind.title == title:
                self._segments.button(number).setChecked(True)

    def show_points(self, shown: Shown) -> None:
        """Another analysis: none of its points is selected."""
        self._shown, self._results, self._selected = shown, SessionResults(), set()
        self._axes = None
        self._refresh()

    def show_results(self, results: SessionResults) -> None:
        """A run tells how its points are fitted."""
        self._results = results
        self._refresh()

    def points_changed(self, names: Collection[str]) -> None:
        """The point on show may have a result now."""
        if not self._selected.isdisjoint(names):
            self._refresh()

    def show_selection(self, names: Collection[str]) -> None:
        """Look into the point, if it is one."""
        self._selected = set(names)
        self._refresh()

    def take_over(self, other: PointView) -> None:
        """The same page, and the same fit."""
        self.fit_box.setCurrentIndex(other.fit_box.currentIndex())
        self.show_page(other.page.title)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        if self._stale:
            self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As much of the headline as there is room for."""
        super().resizeEvent(event)
        self._write_headline(self._point)

    def hideEvent(self, event: QHideEvent) -> None:
        """What nobody sees is not worth a core."""
        super().hideEvent(event)
        self._forget()
        self._stale = True

    def _refresh(self) -> None:
        """Ask for the point that is selected, and draw; not while hidden."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        point = self._point
        if point is None or self._shown is None:
            self._forget()
            self._inside = None
        else:
            self._ask(point, self._shown)
        self._draw()

    def _ask(self, point: SignalPoint, shown: Shown) -> None:
        """Ask for a point, unless it was what was asked for last."""
        bench = self.context.workbench
        plan = bench.run_plan
        if plan is not None and plan.analysis.digest != shown.analysis.digest:
            plan = None
        options = options_of(None if plan is None else plan.plan.options)
        measurement = None if plan is None else plan.plan.measurement
        wanted = _Wanted(shown.analysis.digest, point.name, options, measurement)
        if wanted == self._asked:
            return
        self._asked, self._inside = wanted, None
        if shown.analysis.poi is None:
            return

        def heard(inside: PointInside) -> None:
            bench.bridge.post(lambda: self._take(wanted, inside))

        self._heard = heard
        self._inside = bench.insights.ask(
            shown.analysis,
            point,
            heard,
            options=options,
            measurement=measurement,
            order=self._order,
        )

    def _forget(self) -> None:
        """Nobody looks; another view of the same kind may have asked meanwhile."""
        if self._heard is not None:
            self.context.workbench.insights.forget(self._heard)
        self._asked, self._heard = None, None

    def _ask_again(self) -> None:
        self._asked = None
        self._refresh()

    def _take(self, wanted: _Wanted, inside: PointInside) -> None:
        if wanted == self._asked:
            self._inside = inside
            self._draw()

    @property
    def _order(self) -> tuple[Part, ...]:
        """What the page in front needs comes first, after the fits."""
        first: tuple[Part, ...] = ("fits", KINDS[max(self._segments.checkedId(), 0)].part)
        return tuple(dict.fromkeys((*first, *PARTS)))

    @property
    def _point(self) -> SignalPoint | None:
        if self._shown is None or len(self._selected) != 1:
            return None
        [name] = self._selected
        return next((point for point in self._shown.points if point.name == name), None)

    def _draw(self) -> None:
        """Page or message, headline, progress."""
        point, page = self._point, self.page
        self._stack.setCurrentWidget(page)
        inside = self._inside
        self._bar.setVisible(point is not None)
        self.fit_box.setVisible(page.has_fits)
        if inside is not None:
            self.fit_box.setItemText(2, f"μ = {inside.options.poi_test:g}")
        self._progress.setText("" if inside is None or point is None else progress_in_words(inside))
        self._write_headline(point)
        trouble = "" if inside is None else inside.trouble
        message = self._why_nothing(point)
        if not message and inside is not None and point is not None:
            status = self._results.statuses.get(point.name)
            snapshot = self._results.snapshot
            page.show_point(
                OnShow(
                    inside,
                    self.fit_box.currentData(),
                    None if status is None else status.result,
                    {} if snapshot is None else snapshot.versions,
                )
            )
            message = page.missing
            if message and trouble:
                message = f"{point.name} could not be looked into: {trouble}"
        self._again.setVisible(bool(message and trouble))
        set_role(self._message, "error" if message and trouble else "muted")
        self._message.setText(message)
        self._body.setCurrentIndex(0 if message else 1)

    def _why_nothing(self, point: SignalPoint | None) -> str:
        if self._shown is None or not self._shown.points:
            return NO_PALLET if self._shown is None else NO_POINTS
        if not self._selected:
            return NONE_CHOSEN
        if point is None:
            return SEVERAL_CHOSEN.format(words.count(len(self._selected), "point"))
        if self._shown.analysis.poi is None:
            return NO_POI
        return "" if self._inside is not None else "Fitting the point …"

    def _write_headline(self, point: SignalPoint | None) -> None:
        """All of it, or all but the name, which the table has, where there is no room for more."""
        parts = [] if point is None else self._words(point)
        whole = SEPARATOR.join(parts)
        room = self.width() - self._progress.sizeHint().width() - 2 * theme.SPACING
        wide = self._headline.fontMetrics().horizontalAdvance(whole) > room
        shown = SEPARATOR.join(parts[1:]) if wide and len(parts) > 1 else whole
        self._headline.setText(shown)
        self._headline.setToolTip("" if point is None else plain_tip(f"{point.name}\n{whole}"))

    def _words(self, point: SignalPoint) -> list[str]:
        parts = [point.name, self._place(point)]
        fit = None if self._inside is None else self._inside.fits.get("free")
        if fit is not None:
            parts.append(f"mu-hat = {words.with_error(fit.mu, fit.mu_error)}")
        if self._inside is not None and self._inside.result is not None:
            parts.append(f"CLs {words.number(self._inside.result.cls_obs, 3)}")
        return [part for part in parts if part]

    def _place(self, point: SignalPoint) -> str:
        """The coordinates as on the axes of the plane: ``m(χ̃₁⁰) = 150 GeV``."""
        shown = self._shown
        if shown is None:
            return words.coordinates(point.values)
        if self._axes is None:
            notation = axis_notation(shown.analysis)
            self._axes = {label: axis_of(shown.points, label, notation) for label in shown.labels}
        return place_in_words(point, self._axes)

    def _segment_toggled(self, _number: int, on: bool) -> None:
        if on:
            self.context.workbench.insights.prefer(self._order)
            self._draw()

    def _segment(self, number: int, page: type[PointPage]) -> QPushButton:
        button = QPushButton(page.title)
        button.setProperty("role", "segment")
        button.setCheckable(True)
        button.setChecked(number == 0)
        describe(button, page.title, page.explanation)
        self._segments.addButton(button, number)
        width = button.fontMetrics().horizontalAdvance(page.title)
        button.setMinimumWidth(round(1.15 * width) + 16)
        return button


def progress_in_words(inside: PointInside) -> str:
    """What is still being found out; empty once all is known."""
    if inside.complete:
        return ""
    if inside.impacts is not None and "impacts" not in inside.finished:
        return f"impacts {len(inside.impacts.names)} of {inside.impacts.total} …"
    if inside.curve is not None and "curve" not in inside.finished:
        return f"CLs against μ {len(inside.curve.mus)} of {inside.curve.total} …"
    return "fitting …"


def place_in_words(point: SignalPoint, axes: Mapping[str, Axis]) -> str:
    """Coordinates with the symbols and units of axes, as far as those are known."""
    told = []
    for label, value in point.values.items():
        axis = axes.get(label, Axis(label, np.empty(0)))
        told.append(f"{words.coordinates({axis.symbol or label: value})} {axis.unit}".rstrip())
    return ", ".join(told)


def _with_button(label: QWidget, button: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.addStretch(1)
    column.addWidget(label)
    column.addWidget(button, alignment=Qt.AlignmentFlag.AlignCenter)
    column.addStretch(1)
    return page
