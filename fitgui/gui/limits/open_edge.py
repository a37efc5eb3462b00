"""The upper edge of a band that is cut off at the bound of mu: it fades, or it would look like a result."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsPathItem

from fitgui.exclusion.line_limits import LineLimits, open_pieces
from fitgui.gui.limits.thinning import View, thin_band
from fitgui.gui.theme import Theme

LAYERS: Final = 8
"""Of the colour of the ground, each over the one before: none would be seen as an edge of its own."""
DEPTH: Final = 0.15
"""Decades below the bound in which the band fades."""
COVER: Final = 0.4
"""How much each layer hides of what is below it."""


class OpenEdge:
    """Layers over the bands of a plot, and below its curves."""

    def __init__(self, look: Theme, plot: pg.PlotWidget) -> None:
        ground = QColor(look.panel)
        ground.setAlphaF(COVER)
        self.layers = [QGraphicsPathItem() for _ in range(LAYERS)]
        for layer in self.layers:
            layer.setPen(QPen(Qt.PenStyle.NoPen))
            layer.setBrush(QBrush(ground))
            layer.setZValue(-18)
            plot.addItem(layer, ignoreBounds=True)

    def show_limits(self, limits: LineLimits, across: View) -> None:
        """Cover what is cut off; ``across`` is what is seen of the axis."""
        pieces = open_pieces(limits)
        for number, layer in enumerate(self.layers):
            path = QPainterPath()
            for x, low, high, bound in pieces:
                begins = bound * 10.0 ** (-DEPTH * (1.0 - number / LAYERS))
                places, lower, upper = thin_band(x, np.clip(begins, low, high), high, across)
                edge = np.log10(np.concatenate([lower, upper[::-1]]))
                ends = np.concatenate([places, places[::-1]])
                corners = [QPointF(a, b) for a, b in zip(ends.tolist(), edge.tolist(), strict=True)]
                path.addPolygon(QPolygonF(corners))
                path.closeSubpath()
            layer.setPath(path)
