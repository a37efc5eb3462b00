"""Every control can be reached, named and read."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.window import MainWindow
from tests.gui.hands import cut_texts
from tests.gui.tabs import go_to

CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox, QTableView, QPlainTextEdit)
MINUTE = 60_000


def controls(window: MainWindow) -> list[QWidget]:
    """What a user can operate; parts that Qt puts inside its own widgets are theirs to name."""
    found = [widget for widget in window.findChildren(QWidget) if isinstance(widget, CONTROLS)]
    return [
        widget
        for widget in found
        if not widget.objectName().startswith("qt_")
        and not isinstance(
            widget.parentWidget(), (QComboBox, QAbstractSpinBox, QLineEdit, QTableView, QTabBar)
        )
    ]


@pytest.fixture
def open_window(qtbot: QtBot, window: MainWindow) -> MainWindow:
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        window.open("example")
    return window


def test_every_control_has_a_name_and_a_tooltip(open_window: MainWindow) -> None:
    found = controls(open_window)
    assert len(found) > 15
    nameless = [repr(widget) for widget in found if not widget.accessibleName() or not widget.toolTip()]
    assert nameless == []


def test_tab_reaches_every_visible_control(qtbot: QtBot, open_window: MainWindow) -> None:
    reachable: set[QWidget] = set()
    start = open_window.focusWidget() or open_window
    widget = start
    for _ in range(300):
        reachable.add(widget)
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
        widget = QApplication.focusWidget() or open_window
        if widget is start:
            break
    expected = {
        control
        for control in controls(open_window)
        if control.isVisible() and control.isEnabled() and control.focusPolicy() & Qt.FocusPolicy.TabFocus
    }
    # One radio button of a group takes the Tab key; the arrow keys reach the others.
    missing = {
        repr(c) for c in expected - reachable if not (c.inherits("QRadioButton") and not c.isChecked())
    }
    assert missing == set()


@pytest.mark.parametrize("size", [(1280, 720), (1360, 840), (1920, 1080)])
@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)
def test_no_text_is_cut(
    qtbot: QtBot, open_window: MainWindow, size: tuple[int, int], look: theme.Theme
) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply_theme(application, look)
    open_window.resize(*size)
    qtbot.waitUntil(lambda: (open_window.width(), open_window.height()) == size)
    QApplication.processEvents()
    assert cut_texts(open_window) == []


def test_shortcuts_do_what_the_menu_says(qtbot: QtBot, open_window: MainWindow, tmp_path: Path) -> None:
    shortcuts = [
        action.shortcut().toString()
        for menu in open_window.menuBar().actions()
        for action in menu.menu().actions()
        if not action.isSeparator() and action.menu() is None
    ]
    assert len(shortcuts) == len(set(shortcuts)), "no shortcut means two things"
    assert all(shortcuts)
    go_to(qtbot, open_window, "Log")
    assert open_window.results_panel.tabs.currentWidget() is open_window.results_panel.log
    qtbot.keyClick(open_window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(QApplication.focusWidget(), QLineEdit)
