"""The page of CLs against mu: observed, expected with its band, and where both fall below 0.05."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import QCheckBox, QVBoxLayout

from fitgui import words
from fitgui.gui.limits.colours import band_colours
from fitgui.gui.limits.legend import BandLegend, Entry, Kind
from fitgui.gui.log_axis import LogAxis
from fitgui.gui.point.page import PointPage, control_row
from fitgui.gui.theme import Theme
from fitgui.gui.widgets import describe, text_label, themed_plot
from fitgui.insight.model import ClsCurve
from fitgui_backends.results import EXCLUSION_CLS

LOWEST = 1e-4
"""The logarithmic axis ends here, or a decade below the smallest expected value that matters."""
ENTRIES = (
    Entry(Kind.OBSERVED, "observed"),
    Entry(Kind.EXPECTED, "expected"),
    Entry(Kind.ONE_SIGMA, "expected ± 1σ"),
    Entry(Kind.TWO_SIGMA, "expected ± 2σ"),
    Entry(Kind.COMPARED, "CLs = 0.05, and where it is reached"),
)


class CurvePage(PointPage):
    """A scan of the signal strength."""

    title = "CLs vs μ"
    explanation = "CLs against the signal strength, and the upper limits where it falls to 0.05"
    part = "curve"

    def __init__(self, look: Theme) -> None:
        super().__init__(look)
        colours = band_colours(look)
        self.log = QCheckBox("Log")
        describe(self.log, "Logarithmic axis", "Show CLs on a logarithmic axis")
        self._note = text_label()
        self._message = text_label(role="muted", wrap=True)
        self._message.hide()
        self.plots: dict[bool, pg.PlotWidget] = {}
        """Linear and logarithmic, made when they are first looked at."""
        self.legend = BandLegend(look, colours)
        self.legend.show_entries(ENTRIES)
        self._items: dict[bool, _Items] = {}
        self._place = QVBoxLayout()
        self.column.addLayout(control_row([self.log, self._note]))
        self.column.addLayout(self._place, stretch=1)
        self.column.addWidget(self.legend)
        self.column.addWidget(self._message)
        self.log.toggled.connect(lambda _on: self.refresh())
        self._show_plot()

    @property
    def limits_text(self) -> str:
        """The upper limits in words."""
        return self._note.text()

    def refresh(self) -> None:
        """Draw the curve as far as it is known."""
        curve = None if self.shown is None else self.shown.inside.curve
        if curve is None:
            return
        self._show_plot()
        self._items[self.log.isChecked()].draw(curve, log=self.log.isChecked())
        self._note.setText(limits_in_words(curve))
        self._message.setText(" ".join(curve.messages))
        self._message.setVisible(bool(curve.messages))

    @property
    def missing(self) -> str:
        """As long as nothing of it is known."""
        curve = None if self.shown is None else self.shown.inside.curve
        return "Looking for the upper limits …" if curve is None else ""

    def _show_plot(self) -> None:
        log = self.log.isChecked()
        if log not in self.plots:
            plot = themed_plot(self.look, **({"axisItems": {"left": LogAxis("left")}} if log else {}))
            plot.setMenuEnabled(False)
            describe(plot, "CLs against mu", "Observed and expected CLs of this point for rising mu")
            plot.setToolTip("")
            self._place.addWidget(plot)
            self.plots[log], self._items[log] = plot, _Items(plot, self.look)
        for kind, plot in self.plots.items():
            plot.setVisible(kind == log)


class _Items:
    """What is drawn into one of the plots."""

    def __init__(self, plot: pg.PlotWidget, look: Theme) -> None:
        colours = band_colours(look)
        self._plot = plot
        pixel = plot.devicePixelRatioF()  # the widths of lines are told in pixels of the screen
        self._bands = []
        for colour in (colours.two_sigma, colours.one_sigma):
            low, high = plot.plot(pen=pg.mkPen(None)), plot.plot(pen=pg.mkPen(None))
            band = pg.FillBetweenItem(low, high, brush=QBrush(QColor(colour)))
            band.setZValue(-20 if colour == colours.two_sigma else -19)
            plot.addItem(band, ignoreBounds=True)
            self._bands.append((low, high))
        self._level = pg.InfiniteLine(angle=0, pen=pg.mkPen(colours.compared, width=1.5 * pixel))
        plot.addItem(self._level, ignoreBounds=True)
        dashed, solid = Qt.PenStyle.DashLine, Qt.PenStyle.SolidLine
        self._lines = []
        for style in (dashed, solid):
            if colours.casing:
                casing = plot.plot(connect="finite", pen=pg.mkPen(colours.casing, width=4 * pixel))
                self._lines.append((style, casing))
            line = plot.plot(connect="finite", pen=pg.mkPen(colours.line, width=2 * pixel, style=style))
            self._lines.append((style, line))
        self._points = pg.ScatterPlotItem(size=6, brush=QColor(colours.line), pen=None)
        plot.addItem(self._points)
        self._limits = []
        for style in (dashed, solid):
            mark = pg.InfiniteLine(angle=90, pen=pg.mkPen(colours.compared, width=1.5 * pixel, style=style))
            plot.addItem(mark, ignoreBounds=True)
            self._limits.append(mark)

    def draw(self, curve: ClsCurve, *, log: bool) -> None:
        """All of it."""
        lowest = LOWEST if log else 0.0

        def heights(values: np.ndarray) -> np.ndarray:
            return np.log10(np.maximum(values, lowest / 10.0)) if log else values

        mus, expected = curve.mus, heights(curve.expected)
        for (low, high), (first, last) in zip(self._bands, ((0, 4), (1, 3)), strict=True):
            known = np.isfinite(expected[:, first]) & np.isfinite(expected[:, last])
            low.setData(mus[known], expected[known, first])
            high.setData(mus[known], expected[known, last])
        observed = heights(curve.observed)
        for style, line in self._lines:
            line.setData(mus, observed if style is Qt.PenStyle.SolidLine else expected[:, 2])
        known = np.isfinite(observed)
        self._points.setData(mus[known], observed[known])
        self._level.setPos(float(np.log10(EXCLUSION_CLS)) if log else EXCLUSION_CLS)
        for mark, limit in zip(self._limits, (curve.limit_expected[2], curve.limit_observed), strict=True):
            mark.setVisible(limit is not None)
            if limit is not None:
                mark.setPos(limit)
        self._plot.setLabel("bottom", "signal strength μ")
        self._plot.setLabel("left", "CLs")
        self._plot.setXRange(0.0, float(mus[-1]) if len(mus) > 1 else 1.0, padding=0.02)
        low, high = (float(np.log10(LOWEST)), 0.05) if log else (0.0, 1.03)
        self._plot.setYRange(low, high, padding=0.0)


def limits_in_words(curve: ClsCurve) -> str:
    """``95 % CL upper limits: observed 0.66, expected 0.51 (0.37 to 0.72)``."""

    def limit(value: float | None) -> str:
        return f"above {curve.bound:g}" if value is None else words.number(value, 3)

    low, median, high = (limit(curve.limit_expected[place]) for place in (1, 2, 3))
    return (
        f"95 % CL upper limit on μ: observed {limit(curve.limit_observed)}, expected {median} "
        f"({low} to {high} at ±1σ)"
    )
