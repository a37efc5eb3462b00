"""The numbers that a line comes to, in large type, each with its meaning below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from fitgui.exclusion.line_words import ReadOut
from fitgui.gui import theme
from fitgui.gui.appearance import breakable
from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.widgets import text_label

NUMBER_POINTS = 14
COLUMN_WIDTH = 184
UNLIMITED = 16_777_215
"""The width that is no limit to Qt."""


class ReadOutColumn(QWidget):
    """Observed above expected; or both in one line, where there is no room for more than the numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: tuple[ReadOut, ...] = ()
        self._beside = True
        self._cells = [(_large(), text_label(role="muted", wrap=True)) for _ in range(2)]
        self._row = text_label()
        bold = QFont(self._row.font())
        bold.setBold(True)
        self._row.setFont(bold)
        self._row.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._row)
        for place, (number, meaning) in enumerate(self._cells):
            if place:
                column.addSpacing(theme.SPACING)
            for label in (number, meaning):
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
                label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
                column.addWidget(label)
        column.addStretch(1)
        self.stand(beside=True)
        self.hide()

    def show_read_outs(self, read_outs: Sequence[ReadOut]) -> None:
        """Show these; where there are none, nothing takes their place."""
        if tuple(read_outs) != self.shown:
            self.shown = tuple(read_outs)
            self.setVisible(bool(self.shown))
            self._write()

    def stand(self, *, beside: bool) -> None:
        """In a column beside the plot, or in a line above it."""
        self._beside = beside
        self.setMinimumWidth(COLUMN_WIDTH if beside else 0)
        self.setMaximumWidth(COLUMN_WIDTH if beside else UNLIMITED)
        down = QSizePolicy.Policy.Preferred if beside else QSizePolicy.Policy.Fixed
        self.setSizePolicy(QSizePolicy.Policy.Preferred, down)
        self._write()

    def _write(self) -> None:
        for place, labels in enumerate(self._cells):
            there = place < len(self.shown)
            for label in labels:
                label.setVisible(there and self._beside)
            if there:
                number, meaning = labels
                found = self.shown[place]
                number.setText(found.number)
                number.setAccessibleName(f"{found.number} {found.meaning}")
                meaning.setText(breakable(found.meaning))
                for label in labels:
                    label.setToolTip(plain_tip(found.basis))
        self._row.setVisible(not self._beside)
        self._row.setText(" · ".join(f"{found.kind} {found.number}" for found in self.shown))
        told = [f"{found.number}: {found.meaning}" for found in self.shown]
        told += dict.fromkeys(found.basis for found in self.shown if found.basis)
        self._row.setToolTip(plain_tip("\n".join(told)))
        self._row.setAccessibleName(self._row.text())


def _large() -> QLabel:
    label = text_label(wrap=True)
    font = QFont(label.font())
    font.setPointSize(NUMBER_POINTS)
    font.setBold(True)
    label.setFont(font)
    return label
