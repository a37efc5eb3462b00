"""Points fitted against time, for several runs on one axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.log_axis import LogAxis
from fitgui.gui.walltime.curve_legend import CurveLegend, LegendEntry
from fitgui.gui.widgets import describe, themed_plot
from fitgui.runs.wall_bars import BarKind, CompletionCurve, seconds_text

DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
PLACES = 1000
LEAST_SECONDS = 1e-3
"""Where a logarithmic axis of time begins at the latest."""
Numbers = NDArray[np.float64]


class Curves(QWidget):
    """Steps: up at each moment at which points were finished."""

    def __init__(self, look: theme.Theme) -> None:
        super().__init__()
        self._look = look
        self._items: dict[str, pg.PlotDataItem] = {}
        self._drawn: dict[str, tuple[int, float, bool]] = {}
        self.legend = CurveLegend(look)
        self.logarithmic = QCheckBox("Logarithmic time")
        describe(self.logarithmic, "Logarithmic time", "Whether the axis of time is logarithmic")
        self.logarithmic.toggled.connect(lambda _on: self._redraw())
        self.plot = themed_plot(look, axisItems={"bottom": LogAxis("bottom", always=False)})
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setMenuEnabled(False)
        for side in ("bottom", "left"):
            self.plot.getAxis(side).enableAutoSIPrefix(False)
        self.plot.setLabel("bottom", "time since the start of the run [s]", color=look.text)
        self.plot.setLabel("left", "points fitted", color=look.text)
        self.plot.setAccessibleName("Points fitted against time")
        self.plot.setMinimumHeight(90)
        self._curves: tuple[CompletionCurve, ...] = ()
        self._colours: Mapping[str, str] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.legend)
        column.addWidget(self.plot, stretch=1)
        column.addWidget(self.logarithmic)

    def show_curves(self, curves: Sequence[CompletionCurve], colours: Mapping[str, str]) -> None:
        """Draw these; what has not changed stays as it is."""
        keys = {curve.key for curve in curves}
        for key in set(self._items) - keys:
            self.plot.removeItem(self._items.pop(key))
            self._drawn.pop(key, None)
        self._curves, self._colours = tuple(curves), colours
        entries = []
        for number, curve in enumerate(curves):
            dash = DASHES[number // 5 % len(DASHES)]
            self._draw(curve, colours.get(curve.key, self._look.muted), dash)
            entries.append(LegendEntry(colours.get(curve.key, self._look.muted), dash, _said(curve)))
        self.legend.show_entries(entries)
        self._fit_range()

    def _redraw(self) -> None:
        self._drawn.clear()
        self.plot.setLogMode(x=self.logarithmic.isChecked(), y=False)
        self.show_curves(self._curves, self._colours)

    def _draw(self, curve: CompletionCurve, colour: str, dash: Qt.PenStyle) -> None:
        item = self._items.get(curve.key)
        width = (3 if curve.kind is BarKind.THIS else 2) * self.devicePixelRatioF()
        if item is None:
            item = self._items[curve.key] = pg.PlotDataItem(stepMode="right")
            self.plot.addItem(item)
        state = (len(curve.completion.seconds), curve.wall, self.logarithmic.isChecked())
        if self._drawn.get(curve.key) != state:
            self._drawn[curve.key] = state
            item.setPen(pg.mkPen(colour, width=width, style=dash))
            item.setData(*steps(curve, logarithmic=self.logarithmic.isChecked()))

    def _fit_range(self) -> None:
        walls = [curve.wall for curve in self._curves if curve.wall > 0]
        firsts = [curve.completion.seconds[0] for curve in self._curves if len(curve.completion.seconds)]
        most = max((curve.total for curve in self._curves), default=1)
        end = max(walls, default=1.0)
        self.plot.setYRange(0, 1.04 * most, padding=0)
        if self.logarithmic.isChecked():
            begin = 0.7 * max(min(firsts, default=0.1 * end), LEAST_SECONDS)
            self.plot.setXRange(np.log10(begin), np.log10(max(1.1 * end, 2 * begin)), padding=0)
        else:
            self.plot.setXRange(0.0, 1.03 * end, padding=0)


def steps(curve: CompletionCurve, *, logarithmic: bool) -> tuple[Numbers, Numbers]:
    """Seconds and points for a line that steps up to the right of each pair.

    Of thousands of steps only those are kept that can be told apart: the last of each of :data:`PLACES`
    places on the axis.
    """
    seconds = np.array(curve.completion.seconds, dtype=np.float64)
    done = np.array(curve.completion.done, dtype=np.float64)
    if not seconds.size:
        return np.empty(0), np.empty(0)
    # Nothing is finished at zero, which no logarithmic axis has: there the line begins at its first step.
    first = max(seconds[0], LEAST_SECONDS)
    begin = 0.999 * first if logarithmic else 0.0
    end = max(curve.wall, seconds[-1])
    kept = np.maximum(seconds, first)
    if logarithmic:
        seconds = kept
    if seconds.size > PLACES:
        place = (
            np.log(kept / first) / max(np.log(end / first), 1e-9) if logarithmic else kept / max(end, 1e-9)
        )
        bins = np.floor(PLACES * place)
        last = np.append(bins[1:] != bins[:-1], True)
        seconds, done = seconds[last], done[last]
    return np.concatenate([[begin], seconds, [end]]), np.concatenate([[0.0], done, [done[-1]]])


def _said(curve: CompletionCurve) -> str:
    done = curve.completion.done[-1] if len(curve.completion.done) else 0
    return f"{curve.name}: {words.count(done, 'point')} in {seconds_text(curve.wall)}"
