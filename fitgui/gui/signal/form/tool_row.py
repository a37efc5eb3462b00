"""The buttons above the form: where yields come from, what else can be done with them, undo and redo."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from fitgui.gui.widgets import describe, push_button

GAP = 6
"""Pixels between buttons: all of them fit into the smallest window."""


class ToolRow(QWidget):
    """Buttons and a menu; what they do is given to them.

    Args:
        paste: yields from the clipboard.
        open_file: of a tool.
        start_published: from a published point.
    """

    def __init__(
        self,
        *,
        paste: Callable[[], object],
        open_file: Callable[[], object],
        start_published: Callable[[], object],
    ) -> None:
        super().__init__()
        self.paste = push_button("Paste", "Yields from the clipboard: from the current cell downwards", paste)
        self.open_file = push_button(
            "Open file…", "Yields that a tool has written, or a table: regions are mapped next", open_file
        )
        self.published = push_button(
            "Published…", "Fill the form with a published signal, and change it", start_published
        )
        self.menu = QMenu(self)
        self._own = self.menu.addSeparator()
        self._more = QToolButton()
        self._more.setText("More")
        self._more.setProperty("role", "menu")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._more.setMenu(self.menu)
        describe(self._more, "More", "Templates, other analyses, a run, and how the form works")
        self.undo = self._edit("↶", "Undo", [QKeySequence.StandardKey.Undo])
        self.redo = self._edit("↷", "Redo", [QKeySequence.StandardKey.Redo, "Ctrl+Shift+Z", "Ctrl+Y"])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        for button in (self.paste, self.open_file, self.published, self._more):
            row.addWidget(button)
        row.addStretch(1)
        for action in (self.undo, self.redo):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setProperty("role", "sign")
            row.addWidget(button)
            action.changed.connect(lambda button=button, action=action: _name(button, action))
            _name(button, action)

    def insert(self, text: str, act: Callable[[], object]) -> QAction:
        """An entry of the menu before those of the form itself."""
        action = QAction(text, self.menu)
        action.triggered.connect(lambda: act())
        self.menu.insertAction(self._own, action)
        return action

    def add(self, text: str, act: Callable[[], object]) -> QAction:
        """An entry of the menu."""
        action = self.menu.addAction(text)
        action.triggered.connect(lambda: act())
        return action

    def add_choice(self, text: str, act: Callable[[bool], object]) -> QAction:
        """An entry of the menu that is on or off."""
        action = self.menu.addAction(text)
        action.setCheckable(True)
        action.triggered.connect(act)
        return action

    def offer_edits(self, undo: str, redo: str) -> None:
        """What would be undone and done again, in words; empty where there is nothing."""
        for action, word, text in ((self.undo, "Undo", undo), (self.redo, "Redo", redo)):
            action.setEnabled(bool(text))
            action.setToolTip(f"{word} {text}".strip())

    def _edit(self, sign: str, word: str, keys: list[QKeySequence.StandardKey | str]) -> QAction:
        action = QAction(sign, self)
        action.setToolTip(word)
        wanted = [
            sequence
            for key in keys
            for sequence in ([QKeySequence(key)] if isinstance(key, str) else QKeySequence.keyBindings(key))
        ]
        action.setShortcuts(list(dict.fromkeys(wanted)))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return action


def _name(button: QToolButton, action: QAction) -> None:
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    describe(button, action.toolTip().partition(" ")[0], f"{action.toolTip()} ({keys})")
