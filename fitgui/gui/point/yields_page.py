"""The page of yields: controls, chart, legend, and what is in one bin."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy

from fitgui.gui.point.page import OnShow, PointPage, choice, control_row, refill
from fitgui.gui.point.stack_legend import StackLegend
from fitgui.gui.point.yields_chart import YieldsChart
from fitgui.gui.theme import Theme
from fitgui.gui.widgets import describe, text_label
from fitgui.insight.model import FitInside
from fitgui.insight.stacking import Stack, Stage, stacked

MANY_BINS = 60
"""Channels with more bins in all are shown one at a time at first."""
HINT = "Point at a bin, or go there with the arrow keys, for its numbers"
ALL = ""
"""All channels."""


class YieldsPage(PointPage):
    """Before and after the fit."""

    title = "Yields"
    explanation = "Observed and expected events before and after the fit"
    has_fits = True

    def __init__(self, look: Theme) -> None:
        super().__init__(look)
        self.stage = choice(
            "Before or after the fit",
            "Whether what is expected before the fit to data is shown, or after it",
            [("Post-fit", "post-fit"), ("Pre-fit", "pre-fit")],
        )
        self.signal = choice(
            "Signal strength",
            "The signal strength with which the signal is drawn",
            [("Signal as fitted", None)],
        )
        self.channel = choice("Channels", "Which channels are shown", [("All channels", ALL)])
        self.channel.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.log = QCheckBox("Log")
        self.log.setChecked(True)
        describe(self.log, "Logarithmic axis", "Show the events on a logarithmic axis")
        self.chart = YieldsChart(look)
        self.legend = StackLegend(look)
        self._detail = text_label(HINT, role="muted")
        self._detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._analysis: tuple[str, ...] = ()
        body = QHBoxLayout()
        body.setSpacing(8)
        body.addWidget(self.chart, stretch=1)
        body.addWidget(self.legend)
        self.column.addLayout(control_row([self.stage, self.signal, self.channel, self.log]))
        self.column.addLayout(body, stretch=1)
        self.column.addWidget(self._detail)
        for box in (self.stage, self.signal, self.channel):
            box.currentIndexChanged.connect(lambda _index: self.refresh())
        self.log.toggled.connect(lambda _on: self.refresh())
        self.chart.bin_told.connect(lambda text: self._detail.setText(text or HINT))

    @property
    def stack(self) -> Stack | None:
        """What is drawn."""
        return self._stack_of(self.shown)

    def refresh(self) -> None:
        """Draw the chosen fit."""
        shown = self.shown
        fit = None if shown is None else shown.chosen
        if shown is not None and fit is not None:
            self._offer(shown, fit)
        stack = self._stack_of(shown)
        self.chart.show_stack(stack, log=self.log.isChecked())
        self.legend.show_stack(stack)

    @property
    def missing(self) -> str:
        """As long as the fit is not done."""
        return "" if self.shown is not None and self.shown.chosen is not None else "Fitting the point …"

    def _stack_of(self, shown: OnShow | None) -> Stack | None:
        fit = None if shown is None else shown.chosen
        if fit is None:
            return None
        stage: Stage = "pre-fit" if self.stage.currentData() == "pre-fit" else "post-fit"
        channel = self.channel.currentData()
        return stacked(fit, stage, self.signal.currentData(), None if not channel else {channel})

    def _offer(self, shown: OnShow, fit: FitInside) -> None:
        names = tuple(channel.name for channel in fit.channels)
        refill(self.channel, [("All channels", ALL), *((name, name) for name in names)])
        if names != self._analysis:
            self._analysis = names
            bins = sum(channel.observed.size for channel in fit.channels)
            if bins > MANY_BINS and self.channel.currentData() == ALL:
                self.channel.setCurrentIndex(1)
        refill(self.signal, _strengths(shown, fit))


def _strengths(shown: OnShow, fit: FitInside) -> list[tuple[str, Any]]:
    """Signal strengths to choose from."""
    found: list[tuple[str, Any]] = [(f"Signal as fitted: μ = {fit.mu:.3g}", None)]
    tested = shown.inside.options.poi_test
    found.append((f"Signal at μ = {tested:g}", tested))
    limit = None if shown.inside.curve is None else shown.inside.curve.limit_observed
    if limit is None and shown.result is not None and shown.result.limits is not None:
        limit = shown.result.limits.obs
    if limit:
        found.append((f"Signal at its limit: μ = {limit:.3g}", limit))
    found.append(("No signal: μ = 0", 0.0))
    return found
