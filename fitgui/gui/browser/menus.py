"""Menus of which several entries can be ticked, behind a button that tells what is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QToolButton

from fitgui.gui.browser.plain import plain_tooltip
from fitgui.gui.widgets import describe

MARK_WIDTH = 38
"""Pixels of a button beside its text."""


class LastingMenu(QMenu):
    """A menu in which several entries can be ticked before it is closed."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick, and stay open."""
        action = self.actionAt(event.position().toPoint())
        if action in self.actions() and action.isCheckable() and action.isEnabled():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The space bar ticks and stays; Enter ticks and closes."""
        action = self.activeAction()
        if event.key() == Qt.Key.Key_Space and action in self.actions() and action.isCheckable():
            action.trigger()
        else:
            super().keyPressEvent(event)


class MenuButton(QToolButton):
    """Opens a menu; its text is elided where there is no room for all of it."""

    def __init__(self, name: str, explanation: str) -> None:
        super().__init__()
        self._text = ""
        self.setProperty("role", "menu")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        describe(self, name, explanation)
        self.setMenu(LastingMenu(self))

    def show_text(self, text: str) -> None:
        """What is chosen."""
        self._text = text
        self.setToolTip(plain_tooltip(text))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or less of the text."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = max(self.width() - MARK_WIDTH, 20)
        self.setText(self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideMiddle, room))
