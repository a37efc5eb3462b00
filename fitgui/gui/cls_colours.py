"""The colour of a CLs value and the bar that explains it."""

from __future__ import annotations

import math

import pyqtgraph as pg
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from fitgui.gui.appearance import EXCLUSION_CLS

LOWEST_CLS = 1e-3
LEVELS = 64
TICKS = (0.001, 0.01, EXCLUSION_CLS, 0.1, 1.0)


class ClsColours:
    """Logarithmic from 0.001 to 1, for what is near 0.05 decides; smaller values share the last colour."""

    def __init__(self, *, darkest: float = 0.0) -> None:
        """``darkest`` cuts off the end of the map that a dark background would swallow."""
        table = pg.colormap.get("viridis").getLookupTable(darkest, 1.0, LEVELS)
        self.colours = [QColor(int(red), int(green), int(blue)) for red, green, blue in table]
        self.brushes = [QBrush(colour) for colour in self.colours]

    def level(self, cls_value: float) -> int:
        """Index of the colour of a CLs value."""
        return round(self.fraction(cls_value) * (LEVELS - 1))

    @staticmethod
    def fraction(cls_value: float) -> float:
        """Position of a CLs value along the bar, 0 to 1."""
        bounded = min(max(cls_value, LOWEST_CLS), 1.0)
        return 1.0 - math.log10(bounded) / math.log10(LOWEST_CLS)


class ClsBar(QWidget):
    """The colour scale with its ticks; the exclusion threshold is drawn across."""

    def __init__(self, colours: ClsColours, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colours = colours
        self.setAccessibleName("Colour scale of CLs observed")
        self.setToolTip("CLs observed at mu = 1. Below 0.05 the signal is excluded at 95 % CL.")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Wide enough for the bar, its ticks and its title."""
        widest = max(self.fontMetrics().horizontalAdvance(f"{tick:g}") for tick in TICKS)
        return QSize(16 + 8 + widest + self.fontMetrics().height() + 10, 120)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bar, ticks, title."""
        painter = QPainter(self)
        metrics = self.fontMetrics()
        bar = QRectF(2, metrics.height(), 16, self.height() - 2 * metrics.height())
        gradient = QLinearGradient(bar.bottomLeft(), bar.topLeft())
        for index, colour in enumerate(self._colours.colours):
            gradient.setColorAt(index / (LEVELS - 1), colour)
        text = self.palette().text().color()
        painter.fillRect(bar, gradient)
        painter.setPen(QPen(text, 1))
        painter.drawRect(bar)
        for tick in TICKS:
            y = bar.bottom() - self._colours.fraction(tick) * bar.height()
            threshold = tick == EXCLUSION_CLS
            start = bar.left() if threshold else bar.right() - 3
            painter.setPen(QPen(QColor("white") if threshold else text, 2 if threshold else 1))
            painter.drawLine(int(start), int(y), int(bar.right()), int(y))
            painter.setPen(text)
            font = painter.font()
            font.setBold(threshold)
            painter.setFont(font)
            box = QRectF(bar.right() + 6, y - metrics.height() / 2, 60, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"{tick:g}")
        font = painter.font()
        font.setBold(False)
        painter.setFont(font)
        painter.translate(self.width() - 2, bar.center().y())
        painter.rotate(-90)
        title = QRectF(-bar.height() / 2, -metrics.height(), bar.height(), metrics.height())
        painter.drawText(title, Qt.AlignmentFlag.AlignCenter, "CLs observed")
        painter.end()
