"""The line to type into: every letter filters, Enter asks HEPData, Down goes into the list."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from fitgui.gui.widgets import describe


class FilterLine(QLineEdit):
    """A line edit that knows the list below it."""

    went_down = Signal()
    """The arrow down: the list takes over."""

    def __init__(self, hint: str, name: str, explanation: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(hint)
        self.setClearButtonEnabled(True)
        describe(self, name, explanation)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down leaves for the list; Escape empties the line."""
        if event.key() == Qt.Key.Key_Down:
            self.went_down.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)

    def type_on(self, letters: str) -> None:
        """Letters that were typed while the list had the focus."""
        self.setFocus()
        self.end(False)
        self.insert(letters)
