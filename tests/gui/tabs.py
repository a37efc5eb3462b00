"""Going to a tab of the results by its shortcut."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from fitgui.gui.window import MainWindow


def go_to(qtbot: QtBot, window: MainWindow, title: str) -> None:
    """Press the keys that the menu shows beside the tab of that name."""
    (entry,) = [entry for entry in window.actions_.entries if entry.text().replace("&", "") == title]
    keys = entry.shortcut()[0]
    qtbot.keyClick(window, keys.key(), keys.keyboardModifiers())
