"""The view of the table of signal points, with its filter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from fitgui.gui import theme
from fitgui.gui.points_model import Index, PointsModel
from fitgui.gui.points_names import NamesDelegate
from fitgui.gui.whole_rows import WholeRows
from fitgui.gui.widgets import describe, push_button, text_label

REMARK_LINES = 2
AROUND_REMARK = 14
"""Pixels of its border, padding and upper margin: one more would show a part of another line."""
BESIDE_NUMBER, BESIDE_TEXT = 12, 8
"""Pixels of a column beside its title, or numbers that may be a little wider than expected; beside words."""
LEAST_NAMES = 72
"""Pixels of a shortened name of a point: its coordinates stand beside it."""
WIDEST_COLUMN = 230
"""Longer names are shortened, and whole in the tooltip."""


class RemarksDelegate(QStyledItemDelegate):
    """Remarks lose their end rather than their middle; the tooltip has the whole."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """As Qt asks."""
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideRight


class View(QTableView):
    """A table that says when there is more or less room in it, and which row is wanted."""

    resized = Signal()
    row_opened = Signal(int)
    """The row that was double-clicked, or that is the current one when Enter is pressed."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As Qt asks; also when a bar for scrolling comes or goes."""
        super().resizeEvent(event)
        self.resized.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the row."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.row_opened.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)


class PointsTable(QWidget):
    """Filter line, table, and the actions on the rows that are selected."""

    selection_changed = Signal(object)
    """The set of selected names."""
    point_opened = Signal(str)
    """The point that the user wants to look into."""

    def __init__(
        self,
        model: PointsModel,
        *,
        cancel_points: Callable[[Collection[str]], object],
        retry_points: Callable[[Collection[str]], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = model
        self._selecting = False
        self._filter = QLineEdit()
        self._filter.setPlaceholderText("Filter: name, mass, state, remark …")
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(model.set_filter)
        describe(self._filter, "Filter points", "Show only the points that contain every word typed here")
        self._count = text_label(role="muted")
        self._cancel = push_button(
            "Cancel selected",
            "Cancel the selected points; the others go on",
            lambda: cancel_points(self.selected()),
        )
        self._retry = push_button(
            "Fit selected again",
            "Fit the selected failed or cancelled points again, within this run",
            lambda: retry_points(self.selected()),
        )
        self.remark = self._make_remark()
        self._only = ""
        """The only point that is selected, if there is just one."""
        self._wide_names = self._names = self._least_remarks = 0
        """Pixels: of the first column with whole names, and as it is; of the heading of the last one."""
        self._shorten, self._remarks = NamesDelegate(self), RemarksDelegate(self)
        self.view = self._make_view()
        bar = QHBoxLayout()
        bar.setSpacing(theme.SPACING)
        bar.addWidget(self._filter, stretch=1)
        bar.addWidget(self._count)
        bar.addWidget(self._cancel)
        bar.addWidget(self._retry)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACING)
        layout.addLayout(bar)
        layout.addWidget(WholeRows(self.view), stretch=1)
        layout.addWidget(self.remark)
        model.modelReset.connect(self._model_reset)
        model.columns_changed.connect(self._show_columns)
        model.dataChanged.connect(lambda *_: self._show_remark())
        self.view.selectionModel().selectionChanged.connect(self._selection_changed)
        self.view.resized.connect(self._make_room)
        self.view.doubleClicked.connect(lambda index: self.view.row_opened.emit(index.row()))
        self.view.row_opened.connect(lambda row: self.point_opened.emit(model.name_at(row)))
        self._model_reset()

    def offer(self, *, cancel: bool, retry: bool) -> None:
        """Enable what can be done with the selected points now."""
        self._cancel.setEnabled(cancel)
        self._retry.setEnabled(retry)

    def focus_filter(self) -> None:
        """Put the cursor into the filter line."""
        self._filter.setFocus()

    def selected(self) -> set[str]:
        """Names of the selected points."""
        return {
            self.model.name_at(row)
            for stretch in self.view.selectionModel().selection().toList()
            for row in range(stretch.top(), stretch.bottom() + 1)
        }

    def select(self, names: Collection[str]) -> None:
        """Select exactly the rows of ``names``."""
        if set(names) == self.selected():
            return
        rows = sorted(row for name in names if (row := self.model.row_of(name)) is not None)
        last = self.model.columnCount() - 1
        selection = QItemSelection()
        for first, final in stretches(rows):  # a range per row would take a second for 5000 rows
            selection.append(QItemSelectionRange(self.model.index(first, 0), self.model.index(final, last)))
        self._selecting = True
        self.view.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._selecting = False
        if rows:
            self.view.scrollTo(self.model.index(rows[0], 0))

    def _make_view(self) -> View:
        view = View()
        view.setModel(self.model)
        view.setSortingEnabled(True)
        view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        view.setAlternatingRowColors(True)
        view.setShowGrid(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setTabKeyNavigation(False)
        view.setWordWrap(False)
        view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        view.verticalHeader().hide()
        # Fixed sizes: measuring the contents costs 254 ms an update at 10 000 rows.
        view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        view.verticalHeader().setDefaultSectionSize(QFontMetrics(view.font()).height() + 8)
        view.horizontalHeader().setHighlightSections(False)
        view.horizontalHeader().setStretchLastSection(True)
        describe(
            view,
            "Signal points",
            "Every signal point with its state and its results; double-click or Enter opens one",
        )
        return view

    def _model_reset(self) -> None:
        points = self.model.rowCount()
        self._count.setText(f"{points:,} point{'' if points == 1 else 's'}".replace(",", " "))
        metrics = QFontMetrics(self.view.font())
        header = self.view.horizontalHeader()
        header.setFixedHeight(2 * metrics.lineSpacing() + 10)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.view.setItemDelegateForColumn(0, self._shorten)
        self.view.setItemDelegateForColumn(self.model.columnCount() - 1, self._remarks)
        self._shorten.show_names(self.model.names, lambda name: metrics.horizontalAdvance(name) + BESIDE_TEXT)
        for column in range(self.model.columnCount()):
            title = self.model.headerData(column, Qt.Orientation.Horizontal)
            texts = [self.model.sample_of(column)]
            if column < self.model.columnCount() - 1:
                # The widest of the first rows: names and coordinates of a grid are of similar length.
                rows = range(min(self.model.rowCount(), 200))
                texts += [str(self.model.index(row, column).data()) for row in rows]
            beside = BESIDE_NUMBER if self.model.is_numeric(column) else BESIDE_TEXT
            words = max(map(metrics.horizontalAdvance, texts)) + beside
            width = max(two_lines(title, metrics) + BESIDE_NUMBER, words)
            header.resizeSection(column, min(width, WIDEST_COLUMN))
        # It stretches; where there is little room, its heading still is whole.
        last = self.model.columnCount() - 1
        title = self.model.headerData(last, Qt.Orientation.Horizontal)
        self._least_remarks = metrics.horizontalAdvance(title) + BESIDE_NUMBER + 2
        header.resizeSection(last, self._least_remarks)
        self._wide_names = self._names = header.sectionSize(0)
        self._show_columns()
        self._selection_changed()

    def _show_columns(self) -> None:
        for column in range(self.model.columnCount()):
            self.view.setColumnHidden(column, not self.model.is_shown(column))
        self._make_room()

    def _make_room(self) -> None:
        """Shorten long names, as far as that brings the heading of the remarks into sight."""
        header = self.view.horizontalHeader()
        if header.sectionSize(0) != self._names:
            return  # the user wants it to be this wide
        shown = (header.sectionSize(column) for column in range(1, self.model.columnCount() - 1))
        room = self.view.viewport().width() - sum(shown) - self._least_remarks
        self._names = room if LEAST_NAMES <= room < self._wide_names else self._wide_names
        header.resizeSection(0, self._names)

    def _selection_changed(self) -> None:
        selected = self.selected()
        self._only = next(iter(selected)) if len(selected) == 1 else ""
        self._show_remark()
        if not self._selecting:
            self.selection_changed.emit(selected)

    def _make_remark(self) -> QPlainTextEdit:
        """What the last column mostly has no room for: a few lines, and the rest by scrolling."""
        remark = QPlainTextEdit()
        remark.setReadOnly(True)
        remark.setTabChangesFocus(True)
        metrics = QFontMetrics(remark.font())
        remark.setFixedHeight(REMARK_LINES * metrics.lineSpacing() + AROUND_REMARK)
        describe(remark, "Remarks on the selected point", "All remarks on the point that is selected")
        remark.hide()
        return remark

    def _show_remark(self) -> None:
        text = self.model.remarks_on(self._only) if self._only else ""
        if text:
            text = f"{self._only}: {text}"
        if text != self.remark.toPlainText():
            self.remark.setPlainText(text)
        self.remark.setVisible(bool(text))


def two_lines(title: str, metrics: QFontMetrics) -> int:
    """How wide a heading has to be, beside the mark of sorting, for no more than two lines."""
    parts = title.split(" ")
    mark = metrics.horizontalAdvance(" ▾")
    breaks = range(1, max(len(parts), 2))
    return mark + min(
        max(metrics.horizontalAdvance(" ".join(half)) for half in (parts[:at], parts[at:])) for at in breaks
    )


def stretches(rows: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each stretch of consecutive numbers in a sorted sequence."""
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and row == found[-1][1] + 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found
