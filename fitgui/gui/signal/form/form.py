"""The page on which a signal is typed: the answer above, bars and table below it, and what to mind."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from fitgui.gui import theme
from fitgui.gui.signal.answering.findings_box import FindingsBox
from fitgui.gui.signal.answering.verdict_strip import VerdictStrip
from fitgui.gui.signal.drafting.edits import Sheet
from fitgui.gui.signal.drafting.table_model import Background, SheetModel
from fitgui.gui.signal.form.chart import LOWEST_CHART, SignalChart
from fitgui.gui.signal.form.scale import ScaleRow
from fitgui.gui.signal.form.table import REMARK, SheetTable
from fitgui.gui.signal.form.tool_row import ToolRow
from fitgui.gui.theme import Theme
from fitgui.gui.whole_rows import WholeRows
from fitgui.gui.widgets import set_role, text_label
from fitgui.reinterpretation.model import Target

SIDE_BY_SIDE: Final = 1040
"""Pixels from which bars and table stand beside one another."""
ROWS: Final = 8
"""Of the table, that are in sight before the bars get more than they need."""
FINDINGS_SHARE: Final = 0.17
"""Of the height, for what to mind; more scrolls."""
LOWEST_FINDINGS, HIGHEST_FINDINGS = 66, 140


class SignalForm(QWidget):
    """Shows a sheet of a target, and lets it be edited."""

    changed = Signal()
    """The draft is another one, or is being typed."""
    import_wanted = Signal(object)
    file_wanted = Signal()
    published_wanted = Signal()

    def __init__(self, look: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sheet = Sheet()
        self._standing = ""
        """What is said of the draft where there is nothing newer to say."""
        self.strip = VerdictStrip()
        self.model = SheetModel(look, self)
        self.table = SheetTable(self.model)
        self.chart = SignalChart(look)
        self.scale = ScaleRow()
        self.note = text_label(role="muted", wrap=True)
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.findings = FindingsBox(
            "What to mind", "What was noticed about your signal, and what follows from it"
        )
        self.tools = ToolRow(
            paste=self._paste,
            open_file=self.file_wanted.emit,
            start_published=self.published_wanted.emit,
        )
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.chart)
        self.splitter.addWidget(self._table_part())
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(theme.SPACING)
        self.splitter.splitterMoved.connect(lambda *_: self._let_be())
        self._shared_by_hand = False
        self.splitter.installEventFilter(self)
        self._mind = QWidget()
        mind = QVBoxLayout(self._mind)
        mind.setContentsMargins(0, 0, 0, 0)
        mind.addWidget(self.findings)
        mind.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.strip)
        column.addWidget(self.tools)
        column.addWidget(self.splitter, stretch=1)
        column.addWidget(self._mind)
        self.addActions([self.tools.undo, self.tools.redo])
        self.tools.undo.triggered.connect(lambda: self.sheet.stack.undo())
        self.tools.redo.triggered.connect(lambda: self.sheet.stack.redo())
        self.luminosity = self.tools.add_choice(
            "Luminosity uncertainty applies to the signal", lambda on: self.sheet.use_luminosity(on=on)
        )
        self.log_axis = self.tools.add_choice("Logarithmic axis", self._use_log)
        self.tools.menu.addSeparator()
        self.tools.add("Clear the form", lambda: self.sheet.clear())
        self.scale.scaled.connect(lambda factor: self.sheet.rescale(factor))
        self.table.import_wanted.connect(self.import_wanted)
        self.table.told.connect(self.say)
        self.table.row_chosen.connect(self.chart.chart.look_at)
        self.chart.chart.bin_told.connect(self._say_bin)
        self._listening: QObject | None = None

    def show_sheet(self, target: Target | None, sheet: Sheet) -> None:
        """Another analysis, or another draft; what is half typed into the old one is entered first."""
        self.finish_typing()
        if self._listening is not None:
            self.sheet.changed.disconnect(self._refresh)
            self.sheet.steps_changed.disconnect(self._offer_edits)
        self.sheet = sheet
        self._listening = sheet
        sheet.changed.connect(self._refresh)
        sheet.steps_changed.connect(self._offer_edits)
        self.model.show_sheet(target, sheet)
        self._share_out()
        self.setEnabled(target is not None)
        self.luminosity.setVisible(target is not None and bool(target.lumi))
        self._offer_edits()
        self._refresh()

    def finish_typing(self) -> None:
        """Enter what stands in the cell that is being edited, as if somebody had clicked elsewhere."""
        editor = self.table.indexWidget(self.table.currentIndex())
        if editor is not None:
            self.table.commitData(editor)
            self.table.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def take_over(self, other: SignalForm) -> None:
        """The same axis, and the same shares."""
        self.chart.log = other.chart.log
        self.splitter.setOrientation(other.splitter.orientation())
        self.splitter.setSizes(other.splitter.sizes())
        self._shared_by_hand = other._shared_by_hand

    def show_background(self, background: Background) -> None:
        """The fit without signal is known."""
        self.model.show_background(background)
        self._draw()

    def stand(self, sentence: str) -> None:
        """What is said of the draft from now on: its name, where it is from."""
        self._standing = sentence
        self.say(sentence)

    def say(self, sentence: str) -> None:
        """One sentence about what was done just now; what is wrong with a cell is more important."""
        wrong = next(iter(self.model.wrong.values()), "")
        remark = sentence.startswith(REMARK)
        set_role(self.note, "error" if wrong else "warning" if remark else "muted")
        self.note.setText(f"✗ {wrong}" if wrong else sentence or self._standing)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is for the table."""
        super().focusInEvent(event)
        self.table.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Bars beside the table where there is room; some room for what to mind in any case."""
        super().resizeEvent(event)
        wide = self.width() >= SIDE_BY_SIDE
        wanted = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self.splitter.orientation() != wanted:
            self.splitter.setOrientation(wanted)
            self._shared_by_hand = False
        share = round(FINDINGS_SHARE * self.height())
        room = min(max(share, LOWEST_FINDINGS), HIGHEST_FINDINGS)
        self._mind.setFixedHeight(room)
        self.findings.limit(room)
        self._share_out()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The splitter has its height after the rest was laid out."""
        if watched is self.splitter and event.type() == QEvent.Type.Resize:
            self._share_out()
        return super().eventFilter(watched, event)

    def _let_be(self) -> None:
        """The user has said how bars and table share the room."""
        self._shared_by_hand = True

    def _share_out(self) -> None:
        """Half of the width each; of the height, what some rows need, and the rest to the bars."""
        if self._shared_by_hand:
            return
        if self.splitter.orientation() == Qt.Orientation.Horizontal:
            self.splitter.setSizes([self.width() // 2, self.width() // 2])
            return
        rows = min(max(self.model.rowCount(), 1), ROWS)
        table = self.table
        inside = table.horizontalHeader().height() + rows * table.verticalHeader().defaultSectionSize()
        beside = self.scale.sizeHint().height() + self.note.sizeHint().height() + 2 * 4
        room = self.splitter.height() - self.splitter.handleWidth()
        needed = inside + 2 * table.frameWidth() + beside
        bars = max(room - needed, LOWEST_CHART)
        self.splitter.setSizes([bars, room - bars])

    def _table_part(self) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.scale)
        column.addWidget(WholeRows(self.table), stretch=1)
        column.addWidget(self.note)
        return part

    def _refresh(self) -> None:
        """The draft is another one."""
        self.model.refresh()
        self._draw()
        self.scale.show_factor(self.sheet.live.scale)
        self.luminosity.setChecked(self.sheet.live.with_luminosity)
        self.say("")
        self.changed.emit()

    def _offer_edits(self) -> None:
        stack = self.sheet.stack
        self.tools.offer_edits(stack.undoText(), stack.redoText())

    def _draw(self) -> None:
        self.chart.show_rows(self.model.rows, self.sheet.live, self.model.background)
        self.log_axis.setChecked(self.chart.is_log)

    def _use_log(self, on: bool) -> None:
        self.chart.log = on
        self.chart.refresh()

    def _paste(self) -> None:
        self.table.setFocus()
        self.table.paste()

    def _say_bin(self, sentence: str) -> None:
        """What is in the bin that the keyboard or the mouse is at in the bars."""
        if self.chart.chart.hasFocus() or self.chart.chart.underMouse():
            self.say(sentence)
