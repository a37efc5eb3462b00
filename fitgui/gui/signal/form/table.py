"""The view of the table that is typed into: keys of a spreadsheet."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, Qt, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from fitgui import words
from fitgui.gui.signal.drafting.blocks import block, has_names, tab_separated
from fitgui.gui.signal.drafting.draft import kept_words
from fitgui.gui.signal.drafting.rows import TREATMENTS, treatment_in_force
from fitgui.gui.signal.drafting.table_model import TYPED, WORDS, At, Index, SheetModel
from fitgui.gui.widgets import describe
from fitgui.reinterpretation.model import Treatment

BESIDE = 13
"""Pixels of a column beside its text."""
WIDEST_REGION = 190
REMARK = "⚠ "
"""Begins a sentence that somebody should read."""
NUMBERS = {
    At.OBSERVED: "10000",
    At.BACKGROUND: "1000.0 ± 100.0",
    At.SIGNAL: "1000.0",
    At.STATISTICAL: "100.0",
    At.SYSTEMATIC: "100.0",
}
"""For which there is room in any case."""


class CellDelegate(QStyledItemDelegate):
    """The line that is typed into; what stands in it is told at once."""

    def __init__(self, model: SheetModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A line without a frame of its own."""
        line = QLineEdit(parent)
        line.setFrame(False)
        line.setAlignment(Qt.AlignmentFlag.AlignRight)
        line.setStyleSheet("padding: 0 3px; border-radius: 0;")
        cell = self._model.cell(index)
        if cell is not None:
            describe(
                line, self._model.told(cell), "Type a number of events; Enter goes down, Escape takes it back"
            )
            line.textEdited.connect(partial(self._model.sheet.preview, cell))
        return line

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """What stands in the cell; not while somebody types, when the rest of the table changes with it."""
        if not (isinstance(editor, QLineEdit) and editor.isModified()):
            super().setEditorData(editor, index)


class SheetTable(QTableView):
    """Arrows go from cell to cell, typing replaces, Enter goes down, Tab to the next column."""

    import_wanted = Signal(object)
    """Text with names of regions was pasted."""
    told = Signal(str)
    """One sentence about what was done, or why it was not; empty takes it back."""
    row_chosen = Signal(int)
    """The row of the current cell; -1 for none."""

    def __init__(self, model: SheetModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sheet_model = model
        self.setModel(model)
        self.setItemDelegate(CellDelegate(model, self))
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setTabKeyNavigation(False)  # outside of an editor it leaves the table
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setMinimumHeight(110)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(QFontMetrics(self.font()).height() + 6)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        describe(
            self,
            "Yields of your signal",
            "A row for each bin: data, background, and the yields of your signal, which you type or paste",
        )
        model.modelReset.connect(self._start)
        model.headerDataChanged.connect(lambda *_: self._fit_columns())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, cut, paste, clear; Enter edits, or asks what becomes of a region."""
        if self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)  # Enter in the editor comes here, too
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Cut):
            self.copy()
            self.clear_selected("cutting")
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear_selected("clearing")
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2, Qt.Key.Key_Space):
            index = self.currentIndex()
            if index.isValid() and index.column() == At.BLANK:
                self._ask_for_treatment(index.row())
            elif self.sheet_model.cell(index) is not None:
                self.edit(index)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a choice opens it."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == At.BLANK and event.button() == Qt.MouseButton.LeftButton:
            self._ask_for_treatment(index.row())

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> Index:  # type: ignore[override]
        """Tab in an editor goes to the next cell that can be typed into."""
        steps = {
            QAbstractItemView.CursorAction.MoveNext: 1,
            QAbstractItemView.CursorAction.MovePrevious: -1,
        }
        if action not in steps:
            return super().moveCursor(action, modifiers)
        columns = list(TYPED)
        current = self.currentIndex()
        if not current.isValid() or current.column() not in columns:
            return self.model().index(max(current.row(), 0), At.SIGNAL)
        place = current.row() * len(columns) + columns.index(At(current.column())) + steps[action]
        place = min(max(place, 0), self.model().rowCount() * len(columns) - 1)
        return self.model().index(place // len(columns), columns[place % len(columns)])

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """After Enter the cell below is current."""
        super().closeEditor(editor, hint)
        self.sheet_model.sheet.end_preview()
        current = self.currentIndex()
        if hint == QAbstractItemDelegate.EndEditHint.SubmitModelCache and current.isValid():
            below = self.model().index(min(current.row() + 1, self.model().rowCount() - 1), current.column())
            self.setCurrentIndex(below)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """The chart shows where one is."""
        super().currentChanged(current, previous)
        self.row_chosen.emit(current.row() if current.isValid() else -1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width out anew."""
        super().resizeEvent(event)
        self._fit_columns()

    def changeEvent(self, event: QEvent) -> None:
        """A larger font needs wider columns."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_columns()

    def copy(self) -> None:
        """The selected cells, to be pasted into a spreadsheet."""
        cells = {
            (index.row(), index.column()): str(index.data() or "")
            for index in self.selectionModel().selectedIndexes()
        }
        if cells:
            QGuiApplication.clipboard().setText(tab_separated(cells))
            self.told.emit(f"{words.count(len(cells), 'cell')} copied.")

    def paste(self) -> None:
        """Numbers from the current cell downwards; text with names of regions is to be mapped."""
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            self.told.emit("There is no text to be pasted: copy some yields first.")
        elif has_names(text):
            self.import_wanted.emit(text)
        else:
            self._fill(text)

    def clear_selected(self, doing: str) -> None:
        """Blank the selected cells, as one edit; ``doing`` names it."""
        cells = [
            cell
            for index in self.selectionModel().selectedIndexes()
            if (cell := self.sheet_model.cell(index)) is not None
        ]
        if cells:
            self.sheet_model.sheet.fill(
                dict.fromkeys(cells, ""), f"{doing} {words.count(len(cells), 'cell')}"
            )

    def _fill(self, text: str) -> None:
        model, columns = self.sheet_model, list(TYPED)
        index = self.currentIndex()
        first_row = max(index.row(), 0)
        first = columns.index(At(index.column())) if index.isValid() and index.column() in columns else 0
        try:
            cells = block(text, model.rowCount() - first_row, len(columns) - first)
        except ValueError as error:
            self.told.emit(str(error))
            return
        filled = {
            cell: content
            for row, contents in enumerate(cells, start=first_row)
            for column, content in zip(columns[first:], contents, strict=False)
            if (cell := model.cell(model.index(row, column))) is not None
        }
        if model.target is None:
            return
        model.sheet.paste(filled, model.target)
        names = (model.rows[first_row].text, model.rows[first_row + len(cells) - 1].text)
        where = names[0] if len(cells) == 1 else f"{names[0]} to {names[1]}"
        kept = kept_words(model.sheet.draft, filled)
        order = ", in the order of this table" if len(cells) > 1 and not kept else ""
        told = f"{words.count(len(filled), 'cell')} pasted: {where}{order}."
        self.told.emit(f"{REMARK}{told} {kept}" if kept else told)

    def _ask_for_treatment(self, row: int) -> None:
        """A menu below the cell, where there is something to choose."""
        model = self.sheet_model
        if not model.asks_for_treatment(row):
            return
        channel = model.rows[row].channel
        chosen = model.sheet.draft.treatments.get(channel.name)
        choices: list[Treatment | None] = [Treatment.KEEP, Treatment.DROP]
        if channel.is_signal:
            choices.insert(0, None)
        menu = QMenu(f"{channel.name} without yields", self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for treatment in choices:
            action = menu.addAction(EXPLAINED[treatment], partial(model.sheet.treat, channel.name, treatment))
            action.setCheckable(True)
            action.setChecked(treatment is treatment_in_force(channel, chosen))
            if action.isChecked():
                menu.setActiveAction(action)
        place = self.visualRect(model.index(row, At.BLANK))
        menu.popup(self.viewport().mapToGlobal(place.bottomLeft()))

    def _start(self) -> None:
        """At the first cell to be typed into."""
        self._fit_columns()
        if self.model().rowCount():
            first = self.model().index(0, At.SIGNAL)
            self.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _fit_columns(self) -> None:
        """What a column needs; the region takes what is left, and is never cut as long as there is room."""
        metrics, header = QFontMetrics(self.font()), self.horizontalHeader()
        widths = {column: self._needed(column, metrics) for column in At}
        spare = self.viewport().width() - sum(widths.values())
        if spare > 0:
            for column in (At.SIGNAL, At.STATISTICAL, At.SYSTEMATIC, At.REGION):
                widths[column] += spare // 4
        for column, width in widths.items():
            header.resizeSection(column, width)

    def _needed(self, column: At, metrics: QFontMetrics) -> int:
        model = self.sheet_model
        title = str(model.headerData(column, Qt.Orientation.Horizontal))
        texts = [*title.split("\n"), NUMBERS.get(column, "")]
        if column is At.BLANK:
            texts += [f"{text} ▾" for text in TREATMENTS.values()]
        elif column in WORDS or column in (At.OBSERVED, At.BACKGROUND):
            texts += [str(model.index(row, column).data()) for row in range(model.rowCount())]
        width = max(metrics.horizontalAdvance(text) for text in texts) + BESIDE
        return min(width, WIDEST_REGION) if column is At.REGION else width


EXPLAINED = {
    None: "A yield is needed: nothing is fitted without one",
    Treatment.KEEP: "Keep it in the fit, without signal: right where your signal is negligible",
    Treatment.DROP: "Leave it out of the fit, and what it says about backgrounds",
}
"""The choices for a region without yields."""
