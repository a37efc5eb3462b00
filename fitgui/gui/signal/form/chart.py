"""The bars that follow what is typed: data, background, and the signal on top of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from fitgui.gui.point.stack_legend import StackLegend
from fitgui.gui.point.yields_chart import YieldsChart
from fitgui.gui.signal.drafting.draft import Column, Draft, number
from fitgui.gui.signal.drafting.rows import Row, is_left_out
from fitgui.gui.signal.drafting.table_model import Background
from fitgui.gui.theme import Theme
from fitgui.gui.widgets import describe
from fitgui.insight.looking import poisson_interval
from fitgui.insight.model import Floats
from fitgui.insight.stacking import Layer, Stack

WIDE_RANGE: Final = 12.0
"""With more than so much between the smallest and the largest bin the axis is logarithmic."""
SMALLEST: Final = 0.1
"""Events below which a bin is small on any axis."""
LOWEST_CHART: Final = 96
"""Pixels."""


class SignalChart(QWidget):
    """The bars with their legend; the bin that is typed into is marked."""

    def __init__(self, look: Theme) -> None:
        super().__init__()
        self.chart = YieldsChart(look, ratio=False, filled=True)
        self.chart.setMinimumHeight(LOWEST_CHART)
        self.legend = StackLegend(look, filled=True)
        describe(
            self.chart,
            "Bars of data, background and your signal",
            "Observed and expected events of every bin. Left and right arrow keys go from bin to bin.",
        )
        self.chart.setToolTip("")
        self.log: bool | None = None
        """Whether the axis is logarithmic; ``None`` leaves it to the numbers."""
        self._stack: Stack | None = None
        self._scaled = ""
        self._intervals: tuple[tuple[float, ...], Floats, Floats] | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.chart, stretch=1)
        row.addWidget(self.legend)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def stack(self) -> Stack | None:
        """What is drawn."""
        return self._stack

    @property
    def is_log(self) -> bool:
        """Whether the axis is logarithmic now."""
        return self._stack is not None and (is_wide(self._stack) if self.log is None else self.log)

    def show_rows(self, rows: Sequence[Row], draft: Draft, background: Background | None) -> None:
        """Draw these bins with the signal of a draft, which may be unfinished."""
        self._stack, self._scaled = None, "" if draft.scale == 1.0 else f" × {draft.scale:.3g}"
        if rows and background is not None:
            observed = tuple(row.channel.observed[row.place.bin] for row in rows)
            if self._intervals is None or self._intervals[0] != observed:
                self._intervals = (observed, *poisson_interval(np.array(observed)))
            self._stack = stack_of(rows, draft, background, self._intervals[1:])
        self.refresh()

    def refresh(self) -> None:
        """Draw again, on the axis that was chosen."""
        self.chart.show_stack(self._stack, log=self.is_log)
        self.legend.show_stack(self._stack, signal=f"Your signal{self._scaled}")


def stack_of(
    rows: Sequence[Row], draft: Draft, background: Background, intervals: tuple[Floats, Floats]
) -> Stack:
    """Bins side by side, the signal as it is scaled on top; cells that are no numbers count as blank.

    Bins that are left out of the fit are blank, too.

    Args:
        rows: the bins, those of a channel one after the other.
        draft: what is typed.
        background: below it.
        intervals: of the data, 68 %.
    """
    signal, errors = np.zeros(len(rows)), np.zeros(len(rows))
    observed = np.array([row.channel.observed[row.place.bin] for row in rows])
    low, high = (interval.copy() for interval in intervals)
    typed = {place.channel for place, column in draft.cells if column is Column.SIGNAL}
    below = np.array([background.values[row.channel.name][row.place.bin] for row in rows])
    for place, row in enumerate(rows):
        if is_left_out(row, draft.treatments, typed):
            below[place] = 0.0
            observed[place] = low[place] = high[place] = errors[place] = math.nan
            continue
        size = amount(draft.text(row.place, Column.SIGNAL))
        known = background.errors.get(row.channel.name)
        own = [
            draft.scale * amount(draft.text(row.place, column), size)
            for column in (Column.STATISTICAL, Column.SYSTEMATIC)
        ]
        signal[place] = draft.scale * size
        errors[place] = math.hypot(known[row.place.bin], *own) if known else math.nan
    channels = {row.channel.name: row.channel.bins for row in rows}
    return Stack(
        channels=tuple(channels.items()),
        observed=observed,
        observed_low=low,
        observed_high=high,
        layers=(Layer("Background", (background.stage, "all samples together"), below, 0),),
        background=below,
        signal=signal,
        total=below + signal,
        errors=errors,
        signal_names=("Your signal",) if signal.any() else (),
        mu=1.0,
    )


def amount(text: str, of: float | None = None) -> float:
    """What a cell says; zero where it is blank or no number, as it is while one types."""
    try:
        return number(text, of) if text else 0.0
    except ValueError:
        return 0.0


def is_wide(stack: Stack) -> bool:
    """Whether small bins could not be seen beside large ones."""
    fitted = np.isfinite(stack.observed)
    tops = np.maximum(np.maximum(stack.total, stack.observed), SMALLEST)[fitted]
    return bool(tops.size and tops.max() > WIDE_RANGE * tops.min())
