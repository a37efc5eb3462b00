"""The page of correlations: a matrix of the parameters that have strong ones, and a list of the strongest."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGraphicsRectItem,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
)

from fitgui.gui.log_axis import WideAxis
from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.point.charts import signed
from fitgui.gui.point.looks import point_colours, squeezed
from fitgui.gui.point.page import PointPage, choice, control_row, filter_line
from fitgui.gui.theme import Theme
from fitgui.gui.whole_rows import WholeRows
from fitgui.gui.widgets import describe, text_label, themed_plot
from fitgui.insight.correlated import related, strongest_pairs
from fitgui.insight.model import Parameters

NAMES_WIDTH = 130
"""Pixels that names may have in any case."""
NAMES_SHARE = 0.42
"""Of the width of the plot that names may have where that is more."""
NUMBER_GAP = 8
"""Pixels between two numbers of the horizontal axis."""
PAIRS = 60
LEVELS = 256


class CorrelationsPage(PointPage):
    """Which parameters go together."""

    title = "Correlations"
    explanation = "Which parameters the fit cannot tell apart"
    has_fits = True
    only_the_fit = True

    def __init__(self, look: Theme) -> None:
        super().__init__(look)
        colours = point_colours(look)
        self.size_box = choice(
            "Size of the matrix",
            "How many parameters the matrix shows: those with the strongest correlations",
            [("12 strongest", 12), ("25 strongest", 25), ("All parameters", 0)],
        )
        self.filter = filter_line("List only correlations of parameters with this in their names")
        self._note = text_label(role="muted")
        self.plot = themed_plot(look, axisItems={"bottom": WideAxis("bottom")})
        self.plot.showGrid(x=False, y=False)
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.invertY(b=True)
        self.plot.setAspectLocked(lock=False)
        describe(self.plot, "Correlation matrix", "The strongest correlations; the list beside it names them")
        self.plot.setToolTip("")
        self.map = pg.ColorMap(
            [0.0, 0.5, 1.0], [QColor(c) for c in (colours.negative, colours.zero, colours.positive)]
        )
        self.image = pg.ImageItem(axisOrder="row-major")
        self.image.setLookupTable(self.map.getLookupTable(nPts=LEVELS))
        self.ground = QGraphicsRectItem()
        """Is seen through cells without a number; white, or nothing, would say: not correlated."""
        self.ground.setPen(QPen(Qt.PenStyle.NoPen))
        hatch = QBrush(QColor(look.muted), Qt.BrushStyle.BDiagPattern)
        self.ground.setBrush(hatch)
        self.ground.setZValue(-1)
        self.plot.addItem(self.ground, ignoreBounds=True)
        self.plot.addItem(self.image)
        self.bar = pg.ColorBarItem(values=(-1.0, 1.0), colorMap=self.map, interactive=False, width=12)
        self.bar.setImageItem(self.image, insert_in=self.plot.getPlotItem())
        self.plot.getPlotItem().layout.setContentsMargins(0, 8, 0, 4)
        self.bar.axis.setPen(look.text)
        self.bar.axis.setTextPen(look.text)
        self.pairs = _PairsTable()
        body = QHBoxLayout()
        body.addWidget(self.plot, stretch=6)
        body.addWidget(WholeRows(self.pairs), stretch=5)
        self.column.addLayout(control_row([self.size_box, self.filter, self._note]))
        self.column.addLayout(body, stretch=1)
        self._places: list[int] = []
        self._parameters: Parameters | None = None
        self.size_box.currentIndexChanged.connect(lambda _index: self.refresh())
        self.filter.textChanged.connect(lambda _text: self.refresh())
        self.plot.scene().sigMouseMoved.connect(self._moved)
        # Which names and numbers have room is known only when everything has its place.
        self.plot.getViewBox().sigResized.connect(lambda _box: self._name_axes())

    def refresh(self) -> None:
        """Draw the chosen fit."""
        fit = None if self.shown is None else self.shown.chosen
        if fit is None:
            return
        parameters = fit.parameters
        self._parameters = parameters
        self._places = related(parameters, self.size_box.currentData())
        count = len(self._places)
        if not count:
            return
        matrix = parameters.correlations[np.ix_(self._places, self._places)]
        self.image.setImage(matrix, autoLevels=False, levels=(-1.0, 1.0))
        self.image.setRect(QRectF(-0.5, -0.5, count, count))
        self.ground.setRect(QRectF(-0.5, -0.5, count, count))
        self.plot.setRange(QRectF(-0.5, -0.5, count, count), padding=0.0)
        self._name_axes()
        pairs = strongest_pairs(parameters, self.filter.text(), PAIRS)
        self.pairs.show_pairs(parameters, pairs)
        notes = [f"|correlation| of the strongest: {abs(pairs[0][2]):.2f}"] if pairs else []
        if not np.isfinite(matrix).all():
            notes.append("hatched: not determined")
        self._note.setText("; ".join(notes))

    @property
    def missing(self) -> str:
        """As long as the fit is not done, and where nothing is correlated."""
        fit = None if self.shown is None else self.shown.chosen
        if fit is None:
            return "Fitting the point …"
        if not strongest_pairs(fit.parameters, "", 1):
            return "No two parameters of this fit are correlated."
        return ""

    def _name_axes(self) -> None:
        """Names on the left where there is room for them; numbers below, the same as before the names."""
        parameters, count = self._parameters, len(self._places)
        if parameters is None or not count:
            return
        left, bottom = self.plot.getAxis("left"), self.plot.getAxis("bottom")
        room = max(self.plot.height() - 30, 1) / max(count, 1)
        metrics = self.fontMetrics()
        if room < 0.8 * metrics.height():
            left.setTicks([[]])
            bottom.setTicks([[]])
            left.setWidth(10)
            return
        font = QFont(self.font())
        if room < metrics.height():
            font.setPointSizeF(font.pointSizeF() * room / metrics.height())
        widest = max(NAMES_WIDTH, int(NAMES_SHARE * self.plot.width()))
        number_width = metrics.horizontalAdvance(f"  {count}")
        names = [
            f"{squeezed(parameters.names[place], widest - number_width, metrics)}  {number + 1}"
            for number, place in enumerate(self._places)
        ]
        left.setTickFont(font)
        left.setStyle(tickLength=0, autoExpandTextSpace=False, tickTextWidth=widest)
        left.setWidth(max(metrics.horizontalAdvance(name) for name in names) + 10)
        left.setTicks([list(enumerate(names))])
        bottom.setStyle(tickLength=0)
        bottom.setTickFont(self.font())
        across = self.plot.getViewBox().width() / count
        step = max(1, math.ceil((metrics.horizontalAdvance(str(count)) + NUMBER_GAP) / max(across, 1.0)))
        # Counted from the end, so that the last one has its number.
        numbers = range((count - 1) % step, count, step)
        bottom.setTicks([[(number, str(number + 1)) for number in numbers]])

    def _moved(self, place: object) -> None:
        """Whole names under the mouse."""
        spot = self.plot.getViewBox().mapSceneToView(place)
        column, row = round(spot.x()), round(spot.y())
        text, parameters = "", self._parameters
        if parameters is not None and 0 <= column < len(self._places) and 0 <= row < len(self._places):
            first, second = self._places[row], self._places[column]
            value = float(parameters.correlations[first, second])
            text = f"{parameters.names[first]}\n{parameters.names[second]}\ncorrelation {signed(value)}"
        self.plot.setToolTip(plain_tip(text))


class _PairsTable(QTableWidget):
    """The strongest correlations, whole names under the mouse."""

    def __init__(self) -> None:
        super().__init__(0, 3)
        self.setHorizontalHeaderLabels(["r", "parameter", "with"])
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 5)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(0, self.fontMetrics().horizontalAdvance("−0.99") + 16)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        describe(self, "Strongest correlations", "Pairs of parameters, the strongest correlation first")

    def show_pairs(self, parameters: Parameters, pairs: list[tuple[int, int, float]]) -> None:
        """Show these."""
        self.setRowCount(len(pairs))
        for row, (first, second, value) in enumerate(pairs):
            texts = (signed(value), parameters.names[first], parameters.names[second])
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(text))
                self.setItem(row, column, item)
