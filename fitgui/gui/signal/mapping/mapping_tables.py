"""How the two tables of a region map are looked at and changed: by a list in the row, or by dragging."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QAbstractItemModel, QRect, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QIcon, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from fitgui import words
from fitgui.gui.points_model import Index
from fitgui.gui.signal.mapping.mapping_model import (
    BACKGROUND,
    BIN,
    DATA,
    LEAVE_OUT,
    REGION_MIME,
    YIELD,
    BinsModel,
    RegionsModel,
)
from fitgui.gui.widgets import describe
from fitgui.reinterpretation.model import Target
from fitgui.resources import resource_path

CHEVRON: Final = 12
ROW_MARGIN: Final = 10
NO_BIN: Final = "no bin yet"
LEAST_TEXT: Final = 70
FRAME: Final = 3


class BinDelegate(QStyledItemDelegate):
    """A cell that looks as if one could choose there, and lets one choose."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chevron = QIcon(str(resource_path("icons/chevron-down.svg")))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The text, and the sign of a list."""
        room = QRect(option.rect)
        option.rect = room.adjusted(0, 0, -CHEVRON - 6, 0)
        super().paint(painter, option, index)
        option.rect = room
        place = QRect(room.right() - CHEVRON - 3, room.center().y() - CHEVRON // 2, CHEVRON, CHEVRON)
        self._chevron.paint(painter, place)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """All bins with data and background, and leaving the region out."""
        model = index.model()
        assert isinstance(model, RegionsModel)  # nothing else has this delegate
        box = QComboBox(parent)
        region = model.region_at(index.row())
        describe(box, f"Bin of {region}", f"Where the yield of {region} goes")
        fill_with_bins(box, model.target)
        box.activated.connect(lambda _index: self._chosen(box))
        QTimer.singleShot(0, box, box.showPopup)
        return box

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """What is chosen now."""
        assert isinstance(editor, QComboBox)
        place = index.data(Qt.ItemDataRole.EditRole)
        found = next((row for row in range(editor.count()) if editor.itemData(row) == place), 0)
        editor.setCurrentIndex(found)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """What was chosen."""
        assert isinstance(editor, QComboBox)
        model.setData(index, editor.currentData())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """As wide as the cell."""
        editor.setGeometry(option.rect)

    def _chosen(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box, QStyledItemDelegate.EndEditHint.NoHint)


def fill_with_bins(box: QComboBox, target: Target | None) -> None:
    """All bins of an analysis with what was seen there, after nothing and leaving out."""
    box.addItem(NO_BIN, None)
    box.addItem(LEAVE_OUT, LEAVE_OUT)
    widest = 0
    for place in target.bins() if target is not None else ():
        channel = target.channel(place.channel) if target is not None else None
        if channel is None or target is None:
            continue
        seen, expected = channel.observed[place.bin], channel.background[place.bin]
        text = f"{target.text(place)}   data {words.number(seen)}, background {words.number(expected)}"
        box.addItem(text, place)
        widest = max(widest, box.fontMetrics().horizontalAdvance(text))
    box.view().setMinimumWidth(widest + 36)


class MappingTable(QTableView):
    """What both tables have in common."""

    def __init__(self, name: str, explanation: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(QFontMetrics(self.font()).height() + ROW_MARGIN)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(30)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        describe(self, name, explanation)

    def fit_columns(self) -> None:
        """Numbers get what they need; columns of names share the rest by what they need."""
        if self.model() is None:
            return
        wanted = [self.wanted_width(column) for column in range(self.model().columnCount())]
        fixed = self.number_columns()
        room = self.viewport().width() - sum(wanted[column] for column in fixed)
        names = [column for column in range(len(wanted)) if column not in fixed]
        total = sum(wanted[column] for column in names)
        for column in fixed:
            self.setColumnWidth(column, wanted[column])
        left = room  # the last of them takes what is left
        for column in names[:-1]:
            width = wanted[column] if total <= room else max(LEAST_TEXT, room * wanted[column] // total)
            self.setColumnWidth(column, width)
            left -= width
        self.setColumnWidth(names[-1], max(left, LEAST_TEXT))

    def whole_height(self) -> int:
        """Pixels that all rows take."""
        rows = self.model().rowCount() * self.verticalHeader().defaultSectionSize()
        return self.horizontalHeader().sizeHint().height() + max(rows, 1) + 2 * FRAME

    def wanted_width(self, column: int) -> int:
        """Pixels that the column would take with nothing shortened."""
        header = self.horizontalHeader().sectionSizeHint(column)
        return max(header, self.sizeHintForColumn(column) + 6)

    def number_columns(self) -> tuple[int, ...]:
        """The columns that are never shortened."""
        return ()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width out anew."""
        super().resizeEvent(event)
        self.fit_columns()


class RegionsTable(MappingTable):
    """The regions of the file; a click on a bin, Enter or Space lets one choose another."""

    def __init__(self, model: RegionsModel, parent: QWidget | None = None) -> None:
        super().__init__(
            "Regions of the file",
            "Where each region goes: click on its bin to choose another (Enter or Space), or drag the region "
            "onto a bin of the analysis",
            parent,
        )
        self.setModel(model)
        self.setItemDelegateForColumn(BIN, BinDelegate(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)

    def number_columns(self) -> tuple[int, ...]:
        """Yields."""
        return (YIELD,)

    def wanted_width(self, column: int) -> int:
        """With room for the sign of a list, and for what may be chosen."""
        more = CHEVRON + 10 if column == BIN else 0
        return super().wanted_width(column) + more

    def choose(self, row: int) -> None:
        """Open the list of bins of a row."""
        index = self.model().index(row, BIN)
        self.setCurrentIndex(index)
        self.edit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space open the list of bins of the row."""
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_F2)
        if event.key() in keys and self.currentIndex().isValid():
            self.choose(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a bin, which a drag is not, opens its list."""
        pressed = self.currentIndex()
        dragged = self.state() == QAbstractItemView.State.DraggingState
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if (
            event.button() == Qt.MouseButton.LeftButton
            and not dragged
            and index.isValid()
            and index.column() == BIN
            and index.row() == pressed.row()
        ):
            self.choose(index.row())


class BinsTable(MappingTable):
    """The bins of the analysis; a region can be dropped on each."""

    def __init__(self, model: BinsModel, parent: QWidget | None = None) -> None:
        super().__init__(
            "Bins of the analysis",
            "Data, background and the regions that go there; drop a region here to put it into a bin",
            parent,
        )
        self.setModel(model)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAcceptDrops(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        self.setDropIndicatorShown(True)
        self.setDragDropOverwriteMode(True)

    def number_columns(self) -> tuple[int, ...]:
        """Data and background."""
        return (DATA, BACKGROUND)


__all__ = ["REGION_MIME", "BinDelegate", "BinsTable", "MappingTable", "RegionsTable", "fill_with_bins"]
