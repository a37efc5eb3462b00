"""The numbers that a line comes to, in large type, each with its meaning below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from fitgui.exclusion.line_words import ReadOut
from fitgui.gui import theme
from fitgui.gui.widgets import text_label

NUMBER_POINTS = 14
COLUMN_WIDTH = 176


class ReadOutColumn(QWidget):
    """Observed above expected, or beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: tuple[ReadOut, ...] = ()
        self._cells: list[tuple[QWidget, QLabel, QLabel]] = []
        self._box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(theme.SPACING)
        for _ in range(2):
            self._add_cell()
        self._box.addStretch(1)
        self.hide()

    def show_read_outs(self, read_outs: Sequence[ReadOut]) -> None:
        """Show these; what there is none of is hidden."""
        if tuple(read_outs) == self.shown:
            return
        self.shown = tuple(read_outs)
        self.setVisible(bool(self.shown))
        for place, (cell, number, meaning) in enumerate(self._cells):
            cell.setVisible(place < len(self.shown))
            if place < len(self.shown):
                found = self.shown[place]
                number.setText(found.number)
                number.setAccessibleName(f"{found.number} {found.meaning}")
                meaning.setText(found.meaning)

    def stand(self, *, beside: bool) -> None:
        """In a column beside the plot, or in a row above it."""
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._box.setDirection(down if beside else across)
        self.setFixedWidth(COLUMN_WIDTH) if beside else self.setMaximumWidth(16_777_215)
        if not beside:
            self.setMinimumWidth(0)

    def _add_cell(self) -> None:
        cell, number, meaning = QWidget(), text_label(wrap=True), text_label(role="muted", wrap=True)
        font = QFont(number.font())
        font.setPointSize(NUMBER_POINTS)
        font.setBold(True)
        number.setFont(font)
        for label in (number, meaning):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
            label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(cell)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(number)
        column.addWidget(meaning)
        cell.hide()
        self._cells.append((cell, number, meaning))
        self._box.addWidget(cell)
