"""What the plane is coloured by: the scale of a quantity, and the bar that explains it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from fitgui.gui.appearance import format_limit
from fitgui_backends.results import EXCLUSION_CLS, FitResult

LEVELS = 64
SIDE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of every result, and its scale: logarithmic, for what is near the threshold decides."""

    short: str
    """A few words, for a choice."""
    title: str
    """Beside the scale, with the unit where there is one."""
    explanation: str
    pick: Callable[[FitResult], float | None]
    """The number; infinity is above every scale, ``None`` where the result does not have it."""
    lowest: float
    highest: float
    """Values beyond either end share the colour of that end."""
    ticks: tuple[float, ...]
    threshold: float
    """Below it the signal is excluded; one of the ticks."""
    bounded: bool = False
    """Values end where mu does, and those beyond have a colour of their own."""

    def fraction(self, value: float) -> float:
        """Position of a value along the bar, 0 to 1."""
        bounded = min(max(value, self.lowest), self.highest)
        return math.log(bounded / self.lowest) / math.log(self.highest / self.lowest)

    def tick_label(self, tick: float, bound: float | None) -> str:
        """A tick in words; at an end of the scale also what shares its colour.

        Args:
            tick: one of :attr:`ticks`.
            bound: the largest signal strength.
        """
        if tick == self.lowest:
            return f"≤ {tick:g}"
        more = self.bounded and tick == self.highest and (bound is None or bound > tick)
        return f"≥ {tick:g}" if more else f"{tick:g}"

    def level(self, value: float) -> int:
        """Index of the colour of a value."""
        return round(self.fraction(value) * (LEVELS - 1))


def _limit(result: FitResult) -> float | None:
    if result.limits is None:
        return None
    return math.inf if result.limits.obs is None else result.limits.obs


CLS = Quantity(
    "CLs observed",
    "CLs observed",
    "CLs observed at the tested μ, which is 1. Below 0.05 the signal is excluded at 95 % CL.",
    lambda result: result.cls_obs,
    1e-3,
    1.0,
    (0.001, 0.01, EXCLUSION_CLS, 0.1, 1.0),
    EXCLUSION_CLS,
)
LIMIT = Quantity(
    "μ limit observed",
    "95 % CL upper limit on μ, observed",
    "Observed upper limit on the signal strength μ at 95 % CL. Below 1 the signal is excluded.",
    _limit,
    0.1,
    10.0,
    (0.1, 0.3, 1.0, 3.0, 10.0),
    1.0,
    bounded=True,
)
QUANTITIES = (CLS, LIMIT)


class Colours:
    """The map *viridis* in as many steps as the eye can tell apart."""

    def __init__(self, *, darkest: float = 0.0) -> None:
        """``darkest`` cuts off the end of the map that a dark background would swallow."""
        table = pg.colormap.get("viridis").getLookupTable(darkest, 1.0, LEVELS)
        self.colours = [QColor(int(red), int(green), int(blue)) for red, green, blue in table]
        self.brushes = [QBrush(colour) for colour in self.colours]


class ColourBar(QWidget):
    """The colour scale with its ticks; the exclusion threshold is drawn across."""

    def __init__(self, colours: Colours, beyond: str, parent: QWidget | None = None) -> None:
        """``beyond`` is the colour of points without a limit up to the bound of mu."""
        super().__init__(parent)
        self._colours = colours
        self._beyond = QColor(beyond)
        self._bound: float | None = None
        self.show_quantity(CLS)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def show_quantity(self, quantity: Quantity) -> None:
        """Explain another quantity."""
        self._quantity = quantity
        self.setAccessibleName(f"Colour scale: {quantity.title}")
        self.setToolTip(quantity.explanation)
        self.update()

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
        """Wide enough for the bar, its ticks and its title."""
        widest = max(
            self.fontMetrics().horizontalAdvance(text)
            for quantity in QUANTITIES
            for text in (
                *(quantity.tick_label(tick, self._bound) for tick in quantity.ticks),
                format_limit(None, self._bound),
            )
        )
        return QSize(16 + 8 + widest + self.fontMetrics().height() + 10, 120)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bar, ticks, title."""
        painter = QPainter(self)
        metrics = self.fontMetrics()
        above = 3 * metrics.height() if self._quantity.bounded else metrics.height()
        bar = QRectF(2, above, 16, self.height() - above - metrics.height())
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
            box = QRectF(bar.right() + 6, swatch.top(), 60, swatch.height())
            painter.drawText(box, SIDE, self.labels[-1])
        for tick in self._quantity.ticks:
            y = bar.bottom() - self._quantity.fraction(tick) * bar.height()
            threshold = tick == self._quantity.threshold
            start = bar.left() if threshold else bar.right() - 3
            painter.setPen(QPen(QColor("white") if threshold else text, 2 if threshold else 1))
            painter.drawLine(int(start), int(y), int(bar.right()), int(y))
            painter.setPen(text)
            font = painter.font()
            font.setBold(threshold)
            painter.setFont(font)
            box = QRectF(bar.right() + 6, y - metrics.height() / 2, 60, metrics.height())
            painter.drawText(box, SIDE, self._quantity.tick_label(tick, self._bound))
        font = painter.font()
        font.setBold(False)
        painter.setFont(font)
        painter.translate(self.width() - 2, bar.center().y())
        painter.rotate(-90)
        # Along the whole height: the bar alone is too short for it in a low window.
        room = self.height() - 4
        whole = metrics.horizontalAdvance(self._quantity.title) <= room
        words = self._quantity.title if whole else self._quantity.short
        place = QRectF(bar.center().y() - self.height() + 2, -metrics.height(), room, metrics.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
        painter.end()
