"""CLs along the only coordinate of an analysis: observed, expected and the expected band."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from fitgui.gui.theme import Theme
from fitgui.gui.widgets import describe, text_label, themed_plot
from fitgui.pallets.plane import Axis
from fitgui.runs.snapshot import PointStatus
from fitgui_backends.results import EXCLUSION_CLS

NOTHING_YET = "Nothing can be drawn yet: Run, in step 2, fits the points of this line."
LOWEST_DRAWN_CLS = 1e-6
"""Zeros and the smallest values are drawn here, on a logarithmic axis that ends somewhere."""


class LineView(QWidget):
    """A plot of CLs against one coordinate."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axis: Axis | None = None
        self._names: tuple[str, ...] = ()
        self._statuses: Mapping[str, PointStatus] = {}
        self._plot = themed_plot(theme)
        describe(self._plot, "CLs along the coordinate", "CLs at mu = 1 of every fitted point")
        self._plot.setLogMode(y=True)
        self._plot.setLabel("left", "CLs at μ = 1")
        edge = pg.mkPen(None)
        self._low = self._plot.plot(pen=edge)
        self._high = self._plot.plot(pen=edge)
        band = QColor("#009e73")
        band.setAlpha(70)
        self._plot.addItem(pg.FillBetweenItem(self._low, self._high, brush=QBrush(band)))
        text = QColor(theme.text)
        self._expected = self._plot.plot(pen=QPen(text, 0, Qt.PenStyle.DashLine))
        self._observed = self._plot.plot(
            pen=pg.mkPen(theme.bad, width=2), symbol="o", symbolSize=8, symbolBrush=theme.bad, symbolPen=None
        )
        threshold = pg.InfiniteLine(
            pos=float(np.log10(EXCLUSION_CLS)), angle=0, pen=pg.mkPen(theme.muted, style=Qt.PenStyle.DotLine)
        )
        self._plot.addItem(threshold)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot, stretch=1)
        self._nothing = text_label(NOTHING_YET, role="muted", wrap=True)
        layout.addWidget(self._nothing)
        layout.addWidget(
            text_label(
                "● observed    - - expected median    shaded: expected ±1σ    dotted: CLs = 0.05, "
                "below it the signal is excluded at 95 % CL",
                role="muted",
                wrap=True,
            )
        )

    def show_line(self, names: tuple[str, ...], axis: Axis) -> None:
        """Show these points, without results."""
        self._names, self._axis, self._statuses = names, axis, {}
        self._plot.setLabel("bottom", axis.title)
        ticks = [[(float(index), word) for index, word in enumerate(axis.words)]] if axis.words else None
        self._plot.getAxis("bottom").setTicks(ticks)
        finite = axis.values[np.isfinite(axis.values)]
        if finite.size:
            self._plot.setXRange(float(finite.min()), float(finite.max()), padding=0.05)
        self._plot.setYRange(-4, 0, padding=0.03)
        self.refresh()

    def show_statuses(self, statuses: Mapping[str, PointStatus]) -> None:
        """Take results from ``statuses``, a live mapping that the owner keeps up to date."""
        self._statuses = statuses
        self.refresh()

    def refresh(self) -> None:
        """Draw what is known now; a doubtful fit is not part of the line."""
        if self._axis is None:
            return
        rows = []
        for name, x in zip(self._names, self._axis.values, strict=True):
            status = self._statuses.get(name)
            if (
                status is not None
                and status.result is not None
                and status.result.converged
                and np.isfinite(x)
            ):
                rows.append((x, status.result.cls_obs, *status.result.cls_exp[1:4]))
        self._nothing.setVisible(not rows)
        table = np.array(sorted(rows), dtype=np.float64).reshape(-1, 5)
        x = table[:, 0]
        values = np.maximum(table[:, 1:], LOWEST_DRAWN_CLS)
        for item, column in zip(
            (self._observed, self._low, self._expected, self._high), values.T, strict=True
        ):
            item.setData(x, column)
