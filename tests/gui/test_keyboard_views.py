"""Every view of a finished run by keyboard: what can be operated has a name, and Tab reaches it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from fitgui.gui.window import MainWindow
from tests.gui.hands import MINUTE, MakePallet, fit_all, open_and_wait
from tests.gui.test_access import controls

PLANE = [[float(x), float(y)] for x in (100, 200, 300) for y in (0, 50)]
TABS = ("Plane", "Limits", "Wall time", "Point", "Workers", "Check")
MOST_STEPS = 150


def operable(window: MainWindow, page: QWidget) -> list[QWidget]:
    """What can be operated on the page as it is now."""
    lists = [view for view in page.findChildren(QAbstractItemView) if not _of_a_box(view)]
    found = {*controls(window), *lists}
    return [
        widget
        for widget in found
        if page.isAncestorOf(widget) and widget.isVisible() and widget.isEnabled() and not _of_a_box(widget)
    ]


def _of_a_box(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    return parent is not None and (isinstance(parent, QComboBox) or _of_a_box(parent))


def by_tab(qtbot: QtBot, page: QWidget, start: QWidget) -> Iterator[QWidget]:
    """Where Tab leads, from there on, until it is there again."""
    widget = start
    for _ in range(MOST_STEPS):
        yield widget
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        if focused is None or focused is start:
            return
        widget = focused


@pytest.fixture
def fitted(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> MainWindow:
    """A window whose points are fitted with limits, one of them selected."""
    open_and_wait(qtbot, window, make_pallet(PLANE))
    fit_all(qtbot, window)
    shown = window.compute_panel.shown
    assert shown is not None
    (name,) = [p.name for p in shown.points if p.values == {"m1": 200.0, "m2": 0.0}]
    window.results_panel.preview({name})
    return window


def test_every_view_has_names_and_is_reached(qtbot: QtBot, fitted: MainWindow) -> None:
    panel = fitted.results_panel
    for title in TABS:
        panel.show_titled(title)
        page = panel.tabs.currentWidget()
        assert panel.tabs.tabText(panel.tabs.currentIndex()) == title
        if title == "Point":
            qtbot.waitUntil(lambda page=page: not page.message, timeout=MINUTE)
        QApplication.processEvents()
        wanted = operable(fitted, page)
        nameless = [
            (title, type(widget).__name__, widget.accessibleName())
            for widget in wanted
            if not widget.accessibleName() or not (widget.toolTip() or widget.accessibleDescription())
        ]
        assert nameless == []
        panel.tabs.tabBar().setFocus()
        reached = set(by_tab(qtbot, page, panel.tabs.tabBar()))
        stops = [widget for widget in wanted if widget.focusPolicy() & Qt.FocusPolicy.TabFocus]
        # Of buttons of which one is chosen, Tab stops at that one; the arrow keys reach the others.
        missing = [
            (title, widget.accessibleName())
            for widget in stops
            if widget not in reached and not _one_of_several(widget)
        ]
        assert missing == []
        deaf = [
            (title, widget.accessibleName())
            for widget in wanted
            if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not _one_of_several(widget)
        ]
        assert deaf == []


def _one_of_several(widget: QWidget) -> bool:
    exclusive = getattr(widget, "autoExclusive", lambda: False)() or getattr(widget, "group", lambda: None)()
    return bool(exclusive) and not widget.isChecked()


def test_every_menu_is_reached_by_letters(fitted: MainWindow) -> None:
    bar = fitted.menuBar()
    menus = [action.menu() for action in bar.actions()]
    _letters([menu.title() for menu in menus])
    for menu in menus:
        inner = [action.menu() for action in menu.actions() if action.menu() is not None]
        without = [a.text() for a in menu.actions() if not _is_reachable(a)]
        assert without == []
        _letters([a.text() for a in menu.actions()])
        for submenu in inner:
            assert "&" in submenu.title()
            _letters([a.text() for a in submenu.actions()])
    toolbar = fitted.results_panel.plane_page.toolbar
    for menu in (toolbar.axes_menu, toolbar.show_menu, toolbar.select_menu):
        entries = [a.text() for a in menu.actions() if not a.isSeparator()]
        assert all("&" in text for text in entries), entries
        _letters(entries)


def _is_reachable(action: QAction) -> bool:
    return action.isSeparator() or "&" in action.text() or bool(action.shortcut().toString())


def _letters(texts: list[str]) -> None:
    """No letter means two things."""
    found = Counter(
        letter.lower() for text in texts for letter in re.findall(r"&(\w)", text.replace("&&", ""))
    )
    twice = {letter: n for letter, n in found.items() if n > 1}
    assert twice == {}, texts
