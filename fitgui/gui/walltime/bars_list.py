"""The list of bars with its axis: for mouse and keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QSizePolicy, QVBoxLayout, QWidget

from fitgui.gui.theme import Theme
from fitgui.gui.walltime.bar_painter import BOX, GAP, BarPainter, Columns, columns_of, detail_font
from fitgui.gui.walltime.bars_model import BarsModel
from fitgui.gui.walltime.log_axis import LogAxis
from fitgui.gui.widgets import describe
from fitgui.runs.wall_bars import WallBar

HOW = (
    "Wall times, each with its bar. Arrow keys go from bar to bar and compare this run with it; the space "
    "bar shows or hides an earlier run or a published value."
)
TITLE = "wall time [s]"
_TICK = 4
LEAST_HEIGHT = 70


class BarsList(QWidget):
    """Bars on one logarithmic axis."""

    bar_chosen = Signal(object)
    """The :class:`WallBar` that the user chose, or ``None``."""

    def __init__(self, look: Theme) -> None:
        super().__init__()
        self.model = BarsModel(self)
        self.view = _View(self.model, look)
        self.axis = _AxisLine(look)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, stretch=1000)
        column.addWidget(self.axis)
        column.addStretch(1)
        self.model.modelReset.connect(self._fit_height)
        self.model.modelReset.connect(self.arrange)
        self.model.dataChanged.connect(self.arrange)
        self.view.resized.connect(self.arrange)
        self.view.selectionModel().currentChanged.connect(self._choose)

    def arrange(self) -> None:
        """Share the width out anew."""
        width = self.view.viewport().width()
        columns = columns_of(self.model.rows, self.model.axis, self.view.font(), width)
        self.view.painter_.columns, self.view.painter_.axis = columns, self.model.axis
        self.view.viewport().update()
        self.axis.show_axis(self.model.axis, columns)

    def choose(self, key: str) -> None:
        """Choose the bar with this key; none where there is no such bar."""
        rows = [number for number, row in enumerate(self.model.rows) if row.bar.key == key]
        index = self.model.index(rows[0]) if rows else QModelIndex()
        if index != self.view.currentIndex():
            self.view.setCurrentIndex(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More bars or fewer are in sight."""
        super().resizeEvent(event)
        self._fit_height()

    def _fit_height(self) -> None:
        """The axis stands right below the last bar, or below the last one for which there is room."""
        room, height = self.height() - self.axis.sizeHint().height(), 2 * self.view.frameWidth()
        for row in range(len(self.model.rows)):
            line = self.view.sizeHintForRow(row)
            if height + line > room:
                break
            height += line
        self.view.setMaximumHeight(max(LEAST_HEIGHT, height))

    def _choose(self, index: QModelIndex | QPersistentModelIndex) -> None:
        bar: WallBar | None = self.model.rows[index.row()].bar if index.isValid() else None
        self.bar_chosen.emit(bar)


class _View(QListView):
    """The lines."""

    resized = Signal()

    def __init__(self, model: BarsModel, look: Theme) -> None:
        super().__init__()
        self._bars = model
        self.painter_ = BarPainter(look, self)
        self.setModel(model)
        self.setItemDelegate(self.painter_)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setMinimumHeight(LEAST_HEIGHT)
        describe(self, "Wall times", HOW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other columns for another width."""
        super().resizeEvent(event)
        self.resized.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The space bar ticks; Escape chooses nothing."""
        index = self.currentIndex()
        if event.key() == Qt.Key.Key_Space and index.isValid():
            self._bars.toggle(index.row())
        elif event.key() == Qt.Key.Key_Escape and index.isValid():
            self.setCurrentIndex(QModelIndex())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the box ticks, elsewhere it chooses the bar."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.position().x() < BOX + GAP and self._bars.rows[index.row()].can_tick:
            self._bars.toggle(index.row())
            event.accept()
            return
        super().mousePressEvent(event)


class _AxisLine(QWidget):
    """The numbers below the bars, and what they mean."""

    def __init__(self, look: Theme) -> None:
        super().__init__()
        self._look = look
        self._axis = LogAxis(-1, 3)
        self._columns = Columns(100, 110, 200)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{TITLE}, logarithmic")

    def show_axis(self, axis: LogAxis, columns: Columns) -> None:
        """Another axis, or another place of it."""
        if (axis, columns) != (self._axis, self._columns):
            self._axis, self._columns = axis, columns
            self.update()

    def changeEvent(self, event: QEvent) -> None:
        """As high as the type needs."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Marks and one line of numbers; the title stands beside them, below the words."""
        return QSize(200, _TICK + 2 + round(QFontMetricsF(detail_font(self.font())).height()) + 1)

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Line, marks, numbers, title."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns, axis = self._columns, self._axis
        painter.setPen(QPen(QColor(self._look.muted), 1))
        painter.drawLine(QPointF(columns.left, 0.5), QPointF(columns.right, 0.5))
        for seconds in axis.between:
            x = columns.x(axis, seconds)
            painter.drawLine(QPointF(x, 0.5), QPointF(x, 0.5 + _TICK / 2))
        font = detail_font(self.font())
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        below = _TICK + 2.0
        for seconds, text in axis.decades:
            x = round(columns.x(axis, seconds)) + 0.5
            painter.setPen(QPen(QColor(self._look.muted), 1))
            painter.drawLine(QPointF(x, 0.5), QPointF(x, 0.5 + _TICK))
            painter.setPen(QColor(self._look.text))
            width = metrics.horizontalAdvance(text)
            painter.drawText(
                QRectF(x - width, below, 2 * width, metrics.height()), Qt.AlignmentFlag.AlignCenter, text
            )
        painter.setPen(QColor(self._look.text))
        first = metrics.horizontalAdvance(axis.decades[0][1])
        room = QRectF(0, below, columns.left - first - GAP, metrics.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, TITLE)
