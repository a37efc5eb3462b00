"""The plot of values along a line: observed, expected, their band, and what they are compared with."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QKeyEvent, QPainterPath, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QFrame, QGraphicsPathItem, QVBoxLayout, QWidget

from fitgui.exclusion.line_limits import MEDIAN, LineLimits, band_pieces, curve_pieces, open_pieces
from fitgui.exclusion.line_ranges import excluded_ranges
from fitgui.exclusion.model import Floats
from fitgui.gui.limits.colours import band_colours
from fitgui.gui.limits.legend import Entry, Kind, arrow
from fitgui.gui.limits.open_edge import OpenEdge
from fitgui.gui.limits.thinning import LONG, View, thin_band, thin_curve, thin_marks
from fitgui.gui.log_axis import USUAL_POINTS, LogAxis, WideAxis
from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.theme import Theme
from fitgui.gui.widgets import describe, text_label, themed_plot

LOWEST_CLS = 1e-6
"""Zeros and the smallest values are drawn here, on a logarithmic axis that ends somewhere."""
LOWEST_SHOWN_CLS = 1e-4
"""Where the axis ends at first: what is excluded so clearly is not what is looked for."""
REACH = 24.0
"""Pixels to the left and right of a point within which the mouse means it."""
REDRAW_MILLISECONDS = 100
"""After the range of a long line was changed by hand."""


class LimitChart(QFrame):
    """A plot that is looked at with mouse and arrow keys."""

    points_chosen = Signal(object)
    """The set of names of the points that the user chose."""

    def __init__(self, look: Theme, *, type_points: int = 0, parent: QWidget | None = None) -> None:
        """``type_points`` is the size of type in points, for a screen that is seen from afar; 0: as usual."""
        super().__init__(parent)
        self._limits: LineLimits | None = None
        self._selected: set[str] = set()
        self._tip: Callable[[str], str] = str
        self._hovered = -1
        self._by_hand = False
        """Whether the user chose what part is seen."""
        self._larger = (type_points or USUAL_POINTS) / USUAL_POINTS
        self._style = {"font-size": f"{type_points}pt"} if type_points else {}
        self._colours = band_colours(look)
        self._axis = LogAxis("left")
        self.plot = themed_plot(look, axisItems={"left": self._axis, "bottom": WideAxis("bottom")})
        self.plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plot.viewport().setAcceptDrops(False)
        describe(
            self.plot,
            "Values along the line",
            "The observed and the expected values of every point of the line. Left and right arrow keys go "
            "from point to point, a click selects one.",
        )
        self.plot.setToolTip("")
        self.plot.setMenuEnabled(False)
        # The last number of the horizontal axis may stand below its very end.
        self.plot.getPlotItem().setContentsMargins(2, 2, 16, 2)
        self.plot.installEventFilter(self)
        self._frame_colours = (look.panel, look.accent)
        self._mark_focus(focused=False)
        self._title = text_label()
        self._title.setContentsMargins(4, 2, 0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._title)
        layout.addWidget(self.plot, stretch=1)
        if type_points:
            font = QFont(self.font())
            font.setPointSize(type_points)
            self._title.setFont(font)
            for side in ("bottom", "left"):
                self.plot.getAxis(side).setTickFont(font)
            self.plot.getAxis("bottom").setHeight(round(3.8 * type_points))
        self._draw_items(look)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(REDRAW_MILLISECONDS)
        self._later.timeout.connect(self._draw_again)
        self.plot.getViewBox().sigRangeChangedManually.connect(self._range_chosen)
        scene = self.plot.scene()
        scene.sigMouseClicked.connect(self._clicked)
        scene.sigMouseMoved.connect(self._moved)

    def show_limits(self, limits: LineLimits, *, again: bool = False) -> None:
        """Draw these numbers.

        Args:
            limits: the numbers.
            again: the same line as before, with further results: a range that the user chose is kept.
        """
        self._limits = limits
        if not again:
            self._by_hand = False
        shown = _floored(limits)
        if not self._by_hand:
            self._set_ranges(shown)
        self._draw_line(shown)
        self._draw_compared(limits)
        if not again:
            self.plot.setLabel("bottom", limits.title, **self._style)
            ticks = [list(enumerate(limits.words))] if limits.words else None
            self.plot.getAxis("bottom").setTicks(ticks)
            self._arrange_title()
        self.show_selection(self._selected)

    def show_selection(self, names: Collection[str]) -> None:
        """Ring these points."""
        self._selected = set(names)
        if self._limits is None:
            return
        chosen = np.array([name in self._selected for name in self._limits.names], dtype=np.bool_)
        heights = self._heights(_floored(self._limits))
        bottom = self.plot.getViewBox().viewRange()[1][0]
        heights = np.where(np.isfinite(heights), heights, bottom)
        self._rings.setData(*thin_marks(self._limits.positions[chosen], heights[chosen], *self._seen))

    def explain_points(self, tip: Callable[[str], str]) -> None:
        """What is said of a point under the mouse."""
        self._tip = tip

    @property
    def limits(self) -> LineLimits | None:
        """What is drawn."""
        return self._limits

    @property
    def value_title(self) -> str:
        """Along the axis of values, or above it where that is too short."""
        return self._title.text() or str(self._axis.labelText)

    def legend_entries(self) -> tuple[Entry, ...]:
        """What is to be explained of what is drawn."""
        limits = self._limits
        if limits is None:
            return ()
        entries = [
            Entry(Kind.OBSERVED, "observed"),
            Entry(Kind.EXPECTED, "expected"),
            Entry(Kind.ONE_SIGMA, "expected ± 1σ"),
            Entry(Kind.TWO_SIGMA, "expected ± 2σ"),
        ]
        if limits.theory is not None:
            uncertain = limits.theory.uncertain
            text = "predicted σ ± 1σ" if uncertain else "predicted σ"
            entries.append(Entry(Kind.THEORY if uncertain else Kind.COMPARED, text))
        else:
            entries.append(Entry(Kind.COMPARED, "CLs = 0.05" if limits.quantity == "cls" else "μ = 1"))
        if limits.doubtful.any():
            entries.append(Entry(Kind.DOUBTFUL, "doubtful fit"))
        if open_pieces(limits):
            entries.append(Entry(Kind.OPEN, "± 2σ beyond the bound of μ"))
        if np.any(limits.drawn & np.isinf(limits.obs)):
            entries.append(Entry(Kind.BEYOND, "beyond the bound of μ"))
        return tuple(entries)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys go from point to point; the frame tells where the keyboard is."""
        if watched is self.plot:
            if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
                self._mark_focus(focused=event.type() == QEvent.Type.FocusIn)
            elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                return self._step(event)
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A title that is longer than its axis stands above it."""
        super().resizeEvent(event)
        self._arrange_title()

    def _draw_items(self, look: Theme) -> None:
        colours = self._colours
        # Pens of a plot are as many pixels of the screen wide as they say, also where there are two for one.
        width = self._larger * self.devicePixelRatioF()
        self._bands = [QGraphicsPathItem(), QGraphicsPathItem()]
        for item, colour, depth in zip(
            self._bands, (colours.two_sigma, colours.one_sigma), (-20, -19), strict=True
        ):
            item.setPen(QPen(Qt.PenStyle.NoPen))
            item.setBrush(QBrush(QColor(colour)))
            item.setZValue(depth)
            self.plot.addItem(item, ignoreBounds=True)
        self._open_edge = OpenEdge(look, self.plot)
        shade = QColor(colours.compared)
        shade.setAlpha(80)
        self._theory_band = QGraphicsPathItem()
        self._theory_band.setPen(QPen(Qt.PenStyle.NoPen))
        self._theory_band.setBrush(QBrush(shade))
        self._theory_band.setZValue(-12)
        self.plot.addItem(self._theory_band, ignoreBounds=True)
        self._compared = self.plot.plot(pen=pg.mkPen(colours.compared, width=1.5 * width))
        self._compared.setZValue(-10)
        solid, dashed = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine
        self._expected, self._observed = (
            [
                self.plot.plot(connect="finite", pen=pg.mkPen(colour, width=thickness * width, style=style))
                for colour, thickness, style in ((colours.casing, 4, solid), (colours.line, 2, style))
                if colour
            ]
            for style in (dashed, solid)
        )
        self._reach = [
            self.plot.plot(pen=pg.mkPen(colours.compared, width=width, style=Qt.PenStyle.DotLine))
            for _ in range(2)
        ]
        size = 7.0 * self._larger
        ink = QColor(colours.line)
        self._points = pg.ScatterPlotItem(size=size, brush=ink, pen=pg.mkPen(colours.casing or None))
        self._beyond = pg.ScatterPlotItem(
            size=2 * size, symbol=_arrow_symbol(), brush=ink, pen=pg.mkPen(colours.casing or None)
        )
        self._doubtful = pg.ScatterPlotItem(
            size=1.5 * size, symbol="t1", brush=None, pen=pg.mkPen(look.bad, width=2 * width)
        )
        self._rings = pg.ScatterPlotItem(
            size=2.2 * size, brush=None, pen=pg.mkPen(look.accent, width=2.5 * width)
        )
        for scatter in (self._points, self._beyond, self._doubtful, self._rings):
            self.plot.addItem(scatter)

    def _draw_compared(self, limits: LineLimits) -> None:
        """The prediction with its uncertainty, or the line at mu = 1 or CLs = 0.05; where it is crossed."""
        theory = limits.theory
        if theory is not None:
            self._compared.setData(theory.positions, _logs(theory.central))
            self._theory_band.setPath(_area([(theory.positions, theory.low, theory.high)]))
        else:
            low, high = _ends(limits)
            ends = np.array([low - (high - low), high + (high - low)])
            self._compared.setData(ends, _logs(limits.threshold(ends)))
            self._theory_band.setPath(QPainterPath())
        edges = [] if limits.words else excluded_ranges(limits, limits.obs)
        places = [
            edge.position
            for found in edges
            for edge in (found.start, found.stop)
            if edge.between is not None and np.isfinite(edge.position)
        ]
        bottom = self.plot.getViewBox().viewRange()[1][0]
        for item, place in zip(self._reach, [*places[:2], np.nan, np.nan], strict=False):
            if np.isnan(place):
                item.setData([], [])
            else:
                top = _logs(limits.threshold(np.array([place])))
                item.setData(np.array([place, place]), np.array([bottom - 2.0, float(top[0])]))

    @property
    def _seen(self) -> tuple[View, View]:
        """From where to where either axis goes."""
        (left, right), (bottom, top) = self.plot.getViewBox().viewRange()
        return (left, right), (bottom, top)

    def _draw_line(self, limits: LineLimits) -> None:
        """Curves, bands and points: of many, what can be told apart in what is seen."""
        across, _ = self._seen
        for items, values in ((self._observed, limits.obs), (self._expected, limits.exp[:, MEDIAN])):
            joined = _joined([thin_curve(x, y, across) for x, y in curve_pieces(limits, values)])
            for item in items:
                item.setData(joined[0], _logs(joined[1]))
        for band, pieces in zip(self._bands, (band_pieces(limits, 2), band_pieces(limits, 1)), strict=True):
            band.setPath(_area([thin_band(*piece, across) for piece in pieces]))
        self._open_edge.show_limits(limits, across)
        self._draw_marks(limits)

    def _draw_again(self) -> None:
        """Another part of a long line is seen."""
        if self._limits is not None:
            self._draw_line(_floored(self._limits))
            self.show_selection(self._selected)

    def _draw_marks(self, limits: LineLimits) -> None:
        x, heights = limits.positions, self._heights(limits)
        beyond = limits.drawn & np.isinf(limits.obs)
        sound = limits.drawn & ~beyond
        doubtful = limits.doubtful
        for item, which in ((self._points, sound), (self._beyond, beyond), (self._doubtful, doubtful)):
            known = which & np.isfinite(heights)
            item.setData(*thin_marks(x[known], heights[known], *self._seen))

    def _heights(self, limits: LineLimits) -> Floats:
        """Where the marks of the points are: those of limits beyond the bound at it; NaN without a number."""
        return _logs(np.where(np.isinf(limits.obs), limits.bound, limits.obs))

    def _set_ranges(self, limits: LineLimits) -> None:
        low, high = _ends(limits)
        self.plot.setXRange(low, high, padding=0.03)
        numbers = [limits.obs, limits.exp.ravel(), limits.threshold(limits.positions)]
        if limits.theory is not None:
            numbers += [limits.theory.low, limits.theory.high]
        if np.isinf(limits.obs).any() or np.isinf(limits.exp).any():
            numbers.append(limits.bound)
        values = np.concatenate(numbers)
        values = values[np.isfinite(values)]
        if limits.quantity == "cls":
            values = np.append(np.maximum(values, LOWEST_SHOWN_CLS), 1.0)
        values = values[values > 0]
        if values.size:
            bottom, top = float(np.log10(values.min())), float(np.log10(values.max()))
            if top - bottom < 0.3:
                bottom, top = bottom - 0.3, top + 0.3
            self.plot.setYRange(bottom, top, padding=0.1 if np.isinf(limits.obs).any() else 0.06)

    def _range_chosen(self, _axes: object) -> None:
        self._by_hand = True
        if self._limits is not None and len(self._limits.names) > LONG and not self._later.isActive():
            self._later.start()

    def _arrange_title(self) -> None:
        if self._limits is None:
            return
        text = self._limits.value_title
        needed = self.fontMetrics().horizontalAdvance(text) * 1.25 * self._larger + 20
        along = self.height() - 60 * self._larger > needed
        self._axis.show_title(text if along else "", **self._style)
        self._title.setText("" if along else text)
        self._title.setVisible(not along)

    def _mark_focus(self, *, focused: bool) -> None:
        self.setObjectName("limitChart")
        self.setStyleSheet(f"QFrame#limitChart {{ border: 2px solid {self._frame_colours[int(focused)]}; }}")

    def _step(self, event: QKeyEvent) -> bool:
        """To the next point that is at another place, or to either end."""
        limits, key = self._limits, event.key()
        if limits is None or not limits.names:
            return False
        chosen = [index for index, name in enumerate(limits.names) if name in self._selected]
        last = len(limits.names) - 1
        if key == Qt.Key.Key_Home:
            target = 0
        elif key == Qt.Key.Key_End:
            target = last
        elif key == Qt.Key.Key_Right:
            target = min(chosen[-1] + 1, last) if chosen else 0
        elif key == Qt.Key.Key_Left:
            target = max(chosen[0] - 1, 0) if chosen else last
        else:
            return False
        self.points_chosen.emit({limits.names[target]})
        return True

    def _nearest(self, place: QPointF) -> int:
        """The point that a place of the scene means; -1 for none."""
        limits = self._limits
        box = self.plot.getViewBox()
        if limits is None or not limits.names or not box.sceneBoundingRect().contains(place):
            return -1
        heights = np.nan_to_num(self._heights(_floored(limits)), nan=0.0)
        width, height = box.viewPixelSize()
        inside = box.mapSceneToView(place)
        across = np.abs(limits.positions - inside.x()) / width
        within = across <= REACH * self._larger
        if not within.any():
            return -1
        distance = across + 1e-3 * np.abs(heights - inside.y()) / height
        return int(np.argmin(np.where(within, distance, np.inf)))

    def _clicked(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._limits is None:
            return
        index = self._nearest(event.scenePos())
        if index < 0:
            return
        chosen = {self._limits.names[index]}
        if event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier):
            chosen = self._selected ^ chosen
        self.points_chosen.emit(chosen)

    def _moved(self, place: QPointF) -> None:
        index = self._nearest(place)
        if index != self._hovered:
            self._hovered = index
            known = self._limits is not None and index >= 0
            tip = self._tip(self._limits.names[index]) if known and self._limits is not None else ""
            self.plot.setToolTip(plain_tip(tip))


def _arrow_symbol() -> QPainterPath:
    """As large as pyqtgraph wants symbols to be: one unit."""
    path = QPainterPath()
    path.addPolygon(arrow(QPointF(0.0, 0.0), 0.5))
    path.closeSubpath()
    return path


def _floored(limits: LineLimits) -> LineLimits:
    """CLs without the values that a logarithmic axis has no place for."""
    if limits.quantity != "cls":
        return limits
    return replace(limits, obs=np.maximum(limits.obs, LOWEST_CLS), exp=np.maximum(limits.exp, LOWEST_CLS))


def _ends(limits: LineLimits) -> tuple[float, float]:
    """Of the coordinate."""
    if limits.words:
        return -0.5, len(limits.words) - 0.5
    if not limits.positions.size:
        return 0.0, 1.0
    low, high = float(limits.positions[0]), float(limits.positions[-1])
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def _logs(values: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.log10(np.maximum(values, 1e-300))
    return found


def _joined(pieces: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Pieces one after the other, with a gap between them."""
    gap = np.array([np.nan])
    if not pieces:
        return np.empty(0), np.empty(0)
    x = np.concatenate([part for piece in pieces for part in (piece[0], gap)])
    y = np.concatenate([part for piece in pieces for part in (piece[1], gap)])
    return x, y


def _area(pieces: list[tuple[Floats, Floats, Floats]]) -> QPainterPath:
    path = QPainterPath()
    for x, low, high in pieces:
        if not x.size:
            continue
        edge = np.concatenate([_logs(low), _logs(high)[::-1]])
        places = np.concatenate([x, x[::-1]])
        path.addPolygon(
            QPolygonF([QPointF(a, b) for a, b in zip(places.tolist(), edge.tolist(), strict=True)])
        )
        path.closeSubpath()
    return path
