"""A list of places that shows what is chosen as far as there is room: its state is never cut off."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter

from fitgui.gui.widgets import describe

BETWEEN = " · "
"""The name of a place, then its icon and word."""


class PlaceCombo(QComboBox):
    """Long names do not widen it; the list that drops down shows them whole.

    Args:
        name: for a screen reader.
        explanation: for the mouse.
    """

    def __init__(self, name: str, explanation: str) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        describe(self, name, explanation)

    def shortened(self, width: int) -> str:
        """The text of what is chosen within so many pixels: without the word first, then the name."""
        text, metrics = self.currentText(), self.fontMetrics()
        if metrics.horizontalAdvance(text) <= width:
            return text
        if BETWEEN not in text:
            return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        name, state = text.rsplit(BETWEEN, 1)
        icon = f" {state.split(' ', 1)[0]}"
        if metrics.horizontalAdvance(name + icon) <= width:
            return name + icon
        room = width - metrics.horizontalAdvance(icon)
        return metrics.elidedText(name, Qt.TextElideMode.ElideRight, room) + icon

    def paintEvent(self, _event: QPaintEvent) -> None:
        """As any list, with the shortened text."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        field = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self)
        # PySide's stubs do not know the fields of the options.
        option.currentText = self.shortened(field.width() - 2)  # type: ignore[attr-defined,unused-ignore]
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
