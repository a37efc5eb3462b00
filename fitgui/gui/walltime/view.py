"""The tab of wall times."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from fitgui.gui.analysis_choice import Shown
from fitgui.gui.browser.links import open_link
from fitgui.gui.result_view import ResultView, ViewContext
from fitgui.gui.session import SessionResults
from fitgui.gui.timeline.figures import Figures
from fitgui.gui.walltime.bars_list import BarsList
from fitgui.gui.walltime.colours import colours_of
from fitgui.gui.walltime.curves import Curves
from fitgui.gui.walltime.history import History
from fitgui.gui.walltime.wording import NOTHING, figures_of, sentence_of
from fitgui.gui.widgets import describe, push_button, text_label
from fitgui.runs.plan import RunError, RunPlan
from fitgui.runs.published_times import PublishedTimes, citation, published_times
from fitgui.runs.wall_bars import WallBar, curve_of, other_bars, own_bars, usually_shown
from fitgui.runs.wall_times import RunTimes, times_of


class WallTimeView(ResultView):
    """This run, the same points on one core, earlier runs and published values; bars or curves."""

    title: ClassVar[str] = "Wall time"
    tip: ClassVar[str] = "This run beside one core, earlier runs and published wall times"

    def __init__(self, context: ViewContext) -> None:
        super().__init__(context)
        self._shown: Shown | None = None
        self._results = SessionResults()
        self._plan: RunPlan | None = None
        self._published: PublishedTimes | None = None
        self._elapsed = 0.0
        self._this: RunTimes | None = None
        self._chosen: str = ""
        self._hidden: set[str] = set()
        """Keys of the bars that are not drawn."""
        self._was_over = True
        self._history = History(context.workbench, self._take_history, self)
        self._still: list[WallBar] = []
        self._still_of: object = None
        """What the bars that stand still were made of."""
        self.bars: list[WallBar] = []
        self.figures = Figures()
        self.sentence = text_label(wrap=True)
        self.list = BarsList(context.look)
        self.curves = Curves(context.look)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.list)
        self._pages.addWidget(self.curves)
        self._choices = self._make_choices()
        source = citation()
        tip = f"{source.text}: {source.title}. The times are of {source.how}. Opens in the browser."
        self.source = push_button(
            f"Published, with pyhf: {source.short}", tip, self._open_source, role="link"
        )
        self.source.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._lay_out()
        self.list.bar_chosen.connect(self._choose)
        self.list.model.ticks_changed.connect(self._ticks_changed)
        context.workbench.run_ended.connect(self._run_ended)

    def show_points(self, shown: Shown) -> None:
        """Another analysis: its earlier runs are looked up, and what was published."""
        self._shown, self._results, self._plan, self._this = shown, SessionResults(), None, None
        self._elapsed = 0.0
        self._published = published_times(shown.analysis)
        self._hidden, self._chosen = set(), ""
        self._history.show_analysis(shown.analysis.digest)
        self._refresh()

    def show_results(self, results: SessionResults) -> None:
        """Another run."""
        self._results, self._chosen = results, ""
        try:
            self._plan = self.context.workbench.run_plan if results.run_id is not None else None
        except RunError:  # its journal cannot be read: there is nothing to compare with either
            self._plan = None
        self._history.leave_out(results.run_id)
        self._refresh()

    def points_changed(self, names: Collection[str]) -> None:
        """The clock, which goes on with every frame, draws."""

    def show_time(self, elapsed: float) -> None:
        """The bar of this run grows."""
        self._elapsed = elapsed
        snapshot = self._results.snapshot
        over = snapshot is None or snapshot.outcome is not None
        if self.isVisible() and not (over and self._was_over):
            self._refresh()
        if self.isVisible():
            self._was_over = over

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self._history.refresh()
        self._refresh()

    def take_over(self, other: WallTimeView) -> None:
        """The same of the two pages; which runs are ticked is known when they are read."""
        self._history.chosen.update(other._history.chosen)
        if other._pages.currentIndex() == 1:
            self.show_page(curves=True)

    @property
    def runs(self) -> list[RunTimes]:
        """Earlier runs of the analysis, the newest first."""
        return self._history.runs

    def show_page(self, *, curves: bool) -> None:
        """Bars, or points against time."""
        self._choices[int(curves)].setChecked(True)
        self._pages.setCurrentIndex(int(curves))
        self._refresh()

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """The keyboard goes to the bars."""
        (self.list.view if self._pages.currentIndex() == 0 else self.curves.logarithmic).setFocus(reason)

    def _refresh(self) -> None:
        if not self.isVisible():
            return
        self._measure()
        runs = self._ordered()
        self.bars = [*own_bars(self._this), *self._others(runs)]
        self._stack.setCurrentIndex(int(bool(self.bars)))
        colours = colours_of(self.bars, self.context.look)
        self.figures.show_figures(figures_of(self._this, self._published))
        chosen = next((bar for bar in self.bars if bar.key == self._chosen), None)
        self.sentence.setText(sentence_of(self._this, chosen, self.bars))
        self.source.setVisible(self._published is not None and self._pages.currentIndex() == 0)
        if self._pages.currentIndex() == 0:
            self._show_bars(colours)
        else:
            drawn = [run for run in runs if run.run_id not in self._hidden]
            shown = [*([self._this] if self._this is not None else []), *drawn]
            self.curves.show_curves([curve_of(run, self._this) for run in shown], colours)

    def _show_bars(self, colours: Mapping[str, str]) -> None:
        """Other bars keep the choice, if it is still among them."""
        chosen = self._chosen
        self.list.model.show_bars(self.bars, colours, self._hidden)
        if chosen != self._chosen or not chosen:
            self._chosen = chosen
            self.list.choose(chosen)

    def _ordered(self) -> list[RunTimes]:
        """Earlier runs: those that are usually shown first."""
        runs = self._history.runs
        usual = self._history.usual
        return sorted(runs, key=lambda run: run.run_id not in usual)

    def _run_ended(self, _outcome: str) -> None:
        """One more to compare with. A method, for a lambda would keep this view alive."""
        self._history.refresh()

    def _take_history(self) -> None:
        """Earlier runs were read: those of other ways to fit the same are shown, the others can be."""
        self._measure()
        self._history.usual = usually_shown(self._this, self._history.runs)
        known = self._history.chosen
        self._hidden = {key for key in self._hidden if key.startswith("published")}
        for run in self._history.runs:
            if not known.get(run.run_id, run.run_id in self._history.usual):
                self._hidden.add(run.run_id)
        self._refresh()

    def _measure(self) -> None:
        """What the run on show took so far."""
        snapshot, plan, run_id = self._results.snapshot, self._plan, self._results.run_id
        if snapshot is None or plan is None or run_id is None:
            self._this = None
            return
        names = self._this.names if self._this is not None and self._this.run_id == run_id else None
        going_on = snapshot.outcome is None
        self._this = times_of(run_id, plan, snapshot, elapsed=self._elapsed, alive=going_on, names=names)

    def _others(self, runs: list[RunTimes]) -> list[WallBar]:
        """Their bars; comparing thousands of points with those of many runs is done once."""
        this = self._this
        of = (None if this is None else (this.run_id, this.asked), tuple(map(id, runs)), self._published)
        if of != self._still_of:
            self._still_of, self._still = of, other_bars(this, runs, self._published)
        return self._still

    def _ticks_changed(self) -> None:
        self._hidden = {row.bar.key for row in self.list.model.rows if not row.ticked}
        self._history.chosen.update({row.bar.key: row.ticked for row in self.list.model.rows})

    def _choose(self, bar: WallBar | None) -> None:
        self._chosen = "" if bar is None else bar.key
        self.sentence.setText(sentence_of(self._this, bar, self.bars))

    def _open_source(self) -> None:
        if not open_link(citation().address):
            self.context.say("warning", f"No browser could be opened: the article is at {citation().address}")

    def _make_choices(self) -> tuple[QPushButton, QPushButton]:
        found = []
        for curves, (text, tip) in enumerate(
            (
                ("Bars", "Wall times as bars"),
                ("Over time", "How many points were fitted by when, for the runs that are ticked"),
            )
        ):
            button = QPushButton(text)
            button.setProperty("role", "segment")
            button.setCheckable(True)
            button.setAutoExclusive(True)
            button.setChecked(not curves)
            describe(button, text, tip)
            bold = QFont(button.font())
            bold.setBold(True)  # as it is while it is chosen
            button.setMinimumWidth(QFontMetrics(bold).horizontalAdvance(text) + 22)
            button.clicked.connect(lambda _on, curves=bool(curves): self.show_page(curves=curves))
            found.append(button)
        return found[0], found[1]

    def _lay_out(self) -> None:
        nothing = text_label(NOTHING, role="muted", wrap=True)
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        above = QHBoxLayout()
        above.addWidget(self.figures, stretch=1)
        for button in self._choices:
            above.addWidget(button, alignment=Qt.AlignmentFlag.AlignTop)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(2)
        column.addLayout(above)
        column.addWidget(self.sentence)
        column.addWidget(self._pages, stretch=1)
        column.addWidget(self.source)
        self._stack = QStackedWidget()
        self._stack.addWidget(nothing)
        self._stack.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)
