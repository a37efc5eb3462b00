"""The colours of the plane, and the bar that explains them."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from fitgui.gui.appearance import format_limit
from fitgui.gui.plane.quantities import CLS, LEVELS, LIMIT, QUANTITIES, Quantity

__all__ = ["CLS", "LEVELS", "LIMIT", "QUANTITIES", "ColourBar", "Colours", "Quantity"]
SIDE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
BAR = 16
"""Width of the bar in pixels."""


class Colours:
    """The map *viridis* in as many steps as the eye can tell apart."""

    def __init__(self, *, darkest: float = 0.0) -> None:
        """``darkest`` cuts off the end of the map that a dark background would swallow."""
        table = pg.colormap.get("viridis").getLookupTable(darkest, 1.0, LEVELS)
        self.colours = [QColor(int(red), int(green), int(blue)) for red, green, blue in table]
        self.brushes = [QBrush(colour) for colour in self.colours]


class ColourBar(QWidget):
    """The colour scale with its ticks; the exclusion threshold is drawn across."""

    def __init__(
        self, colours: Colours, beyond: str, parent: QWidget | None = None, *, scale: float = 1.0
    ) -> None:
        """``beyond`` is the colour of points without a limit up to the bound of mu."""
        super().__init__(parent)
        self._colours = colours
        self._beyond = QColor(beyond)
        self._bound: float | None = None
        self._bar = round(BAR * scale)
        self._further: tuple[Quantity, ...] = QUANTITIES
        """For which there is room, too."""
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * scale)
        self.setFont(font)
        self.show_quantity(CLS)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def show_quantity(self, quantity: Quantity) -> None:
        """Explain another quantity."""
        self._quantity = quantity
        self.setAccessibleName(f"Colour scale: {quantity.title}")
        self.setToolTip(quantity.explanation)
        self.updateGeometry()
        self.update()

    def keep_to_quantity(self) -> None:
        """No other one will be shown: take no room for its labels."""
        self._further = ()
        self.updateGeometry()

    def show_bound(self, bound: float | None) -> None:
        """Limits are looked for up to this signal strength."""
        self._bound = bound
        self.updateGeometry()
        self.update()

    @property
    def labels(self) -> list[str]:
        """What stands beside the scale, from below."""
        texts = [self._quantity.tick_label(tick, self._bound) for tick in self._quantity.ticks]
        return [*texts, format_limit(None, self._bound)] if self._quantity.bounded else texts

    def sizeHint(self) -> QSize:
        """Wide enough for bar, ticks and title of any quantity, so that the plane keeps its width."""
        bold = QFont(self.font())
        bold.setBold(True)  # as the threshold is
        texts = [
            text
            for quantity in (*self._further, self._quantity)
            for text in (
                *(quantity.tick_label(tick, self._bound) for tick in quantity.ticks),
                *([format_limit(None, self._bound)] if quantity.bounded else ()),
            )
        ]
        widest = max(map(QFontMetrics(bold).horizontalAdvance, texts), default=0)
        return QSize(self._bar + 8 + widest + self.fontMetrics().height() + 10, 120)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bar, ticks, title."""
        painter = QPainter(self)
        metrics = self.fontMetrics()
        above = 3 * metrics.height() if self._quantity.bounded else metrics.height()
        bar = QRectF(2, above, self._bar, self.height() - above - metrics.height())
        gradient = QLinearGradient(bar.bottomLeft(), bar.topLeft())
        for index, colour in enumerate(self._colours.colours):
            gradient.setColorAt(index / (LEVELS - 1), colour)
        text = self.palette().text().color()
        painter.fillRect(bar, gradient)
        painter.setPen(QPen(text, 1))
        painter.drawRect(bar)
        if self._quantity.bounded:
            swatch = QRectF(bar.left(), metrics.height() / 2, bar.width(), metrics.height())
            painter.fillRect(swatch, self._beyond)
            painter.drawRect(swatch)
            box = QRectF(bar.right() + 6, swatch.top(), self.width(), swatch.height())
            painter.drawText(box, SIDE, self.labels[-1])
        self._draw_ticks(painter, bar, text)
        painter.translate(self.width() - 2, bar.center().y())
        painter.rotate(-90)
        # Along the whole height: the bar alone is too short for it in a low window.
        room = self.height() - 4
        whole = metrics.horizontalAdvance(self._quantity.title) <= room
        words = self._quantity.title if whole else self._quantity.short
        place = QRectF(bar.center().y() - self.height() + 2, -metrics.height(), room, metrics.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
        painter.end()

    def _draw_ticks(self, painter: QPainter, bar: QRectF, text: QColor) -> None:
        """Labels that would run into another one are left out; that of the threshold never is."""
        quantity, height = self._quantity, self.fontMetrics().height()
        taken: list[float] = []
        for tick in sorted(quantity.ticks, key=lambda tick: tick != quantity.threshold):
            y = bar.bottom() - quantity.fraction(tick) * bar.height()
            threshold = tick == quantity.threshold
            start = bar.left() if threshold else bar.right() - 3
            painter.setPen(QPen(QColor("white") if threshold else text, 2 if threshold else 1))
            painter.drawLine(int(start), int(y), int(bar.right()), int(y))
            if any(abs(y - other) < 0.9 * height for other in taken):
                continue
            taken.append(y)
            painter.setPen(text)
            font = painter.font()
            font.setBold(threshold)
            painter.setFont(font)
            box = QRectF(bar.right() + 6, y - height / 2, self.width(), height)
            painter.drawText(box, SIDE, quantity.tick_label(tick, self._bound))
        font = painter.font()
        font.setBold(False)
        painter.setFont(font)
