"""The same with the keyboard alone: every key goes to whatever has the focus."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from fitgui.gui.window import MainWindow
from tests.gui.browsing import (
    CATALOGUE,
    LIBRARY,
    browser_list,
    card_button,
    kept_folders,
    lines,
    spoken,
    wait_for_line,
    wait_for_shelf,
)
from tests.gui.hands import MINUTE, column, control, shown_texts
from tests.hepdata import layouts
from tests.hepdata.standin import StandIn

TITLE = "Search for zinos that decay to a test"
CONTROL, SHIFT, NONE = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)


@pytest.fixture
def zinos(hepdata: StandIn) -> StandIn:
    """A record with two versions that no catalogue knows; each has another file."""
    files = {
        version: [hepdata.file("Likelihoods.tar.gz", layouts.heavy(50_000, version))] for version in (1, 2)
    }
    hepdata.add_record(300_002, inspire=3_000_002, title=TITLE, arxiv="2601.00002", versions=files)
    return hepdata


def focus() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None, "nothing has the focus"
    return widget


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(QApplication.focusWidget() or QApplication.activeWindow(), key, modifier)


def tab_to(widget: QWidget) -> None:
    """Go on with the key Tab until the focus is there."""
    for _ in range(200):
        if QApplication.focusWidget() is widget:
            return
        press(Qt.Key.Key_Tab)
    raise AssertionError(f"the key Tab never comes to {widget.accessibleName()}")


def arrow_down_to(window: MainWindow, text: str, name: str = CATALOGUE) -> None:
    """With the arrow down until the line that says that is selected."""
    view = browser_list(window, name)
    for _ in range(200):
        row = view.currentIndex().row()
        if row >= 0 and text in spoken(window, name)[row]:
            return
        press(Qt.Key.Key_Down)
    raise AssertionError(f"no line says {text}: {lines(window, name)}")


def test_search_choose_a_version_download_open_and_fit_all(
    qtbot: QtBot, zinos: StandIn, window: MainWindow, tmp_path: Path
) -> None:
    window.activateWindow()
    wait_for_shelf(qtbot, window)
    press(Qt.Key.Key_K, CONTROL)
    assert focus().accessibleName() == "Filter the catalogue"
    QTest.keyClicks(focus(), "zinos")
    press(Qt.Key.Key_Return)
    wait_for_line(qtbot, window, TITLE)
    arrow_down_to(window, TITLE)
    assert focus() is browser_list(window)
    press(Qt.Key.Key_V, CONTROL | SHIFT)
    versions = control(window, QComboBox, "Version")
    qtbot.waitUntil(versions.isVisible, timeout=MINUTE)
    tab_to(versions)
    press(Qt.Key.Key_Down)
    assert versions.currentText().startswith("Version 1")
    qtbot.waitUntil(lambda: len(zinos.asked("resources")) == 2, timeout=MINUTE)
    tab_to(card_button(window))
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press(Qt.Key.Key_Space)
    assert window.workbench.pallet is not None
    assert window.workbench.pallet.source == "10.17182/hepdata.300002.v1/r1"
    with qtbot.waitSignal(window.workbench.run_ended, timeout=MINUTE):
        press(Qt.Key.Key_Return, CONTROL)
    assert column(window, "State") == ["✓ fitted"] * 3
    assert all(0 <= float(value) <= 1 for value in column(window, "CLs obs"))
    assert len(kept_folders(tmp_path / "data")) == 1


def test_library_is_searched_opened_cited_and_cleared(
    qtbot: QtBot, zinos: StandIn, window: MainWindow, tmp_path: Path
) -> None:
    window.activateWindow()
    wait_for_shelf(qtbot, window)
    press(Qt.Key.Key_K, CONTROL)
    QTest.keyClicks(focus(), "10.17182/hepdata.300002")
    press(Qt.Key.Key_Return)
    wait_for_line(qtbot, window, TITLE)
    qtbot.waitUntil(lambda: focus() is browser_list(window), timeout=MINUTE)  # what was named is chosen
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press(Qt.Key.Key_Return)
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press(Qt.Key.Key_E, CONTROL)
    press(Qt.Key.Key_L, CONTROL)
    assert focus() is browser_list(window, LIBRARY)
    arrow_down_to(window, TITLE, LIBRARY)
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press(Qt.Key.Key_G, CONTROL)
    assert len(column(window, "Point")) == 3
    press(Qt.Key.Key_B, CONTROL | SHIFT)
    assert "10.17182/hepdata.300002.v2" in QGuiApplication.clipboard().text()
    press(Qt.Key.Key_D, CONTROL | SHIFT)
    qtbot.waitUntil(lambda: "is what was kept" in window.results_panel.notice.text, timeout=MINUTE)
    press(Qt.Key.Key_L, CONTROL)
    press(Qt.Key.Key_Delete)
    press(Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: kept_folders(tmp_path / "data") == [], timeout=MINUTE)


def test_letters_typed_into_the_list_filter_and_arrows_find_their_way(
    qtbot: QtBot, zinos: StandIn, window: MainWindow
) -> None:
    window.activateWindow()
    wait_for_shelf(qtbot, window)
    everything = len(lines(window))
    press(Qt.Key.Key_K, CONTROL)
    press(Qt.Key.Key_Down)
    QTest.keyClicks(focus(), "s")
    QTest.keyClicks(focus(), "tau")
    line = control(window, QLineEdit, "Filter the catalogue")
    assert line.text() == "stau"
    assert len(lines(window)) < everything
    press(Qt.Key.Key_Escape)
    assert line.text() == ""
    assert len(lines(window)) == everything
    assert zinos.requests == (), "typing asks nobody"


def test_the_catalogue_is_refreshed_by_a_key(qtbot: QtBot, zinos: StandIn, window: MainWindow) -> None:
    window.activateWindow()
    wait_for_shelf(qtbot, window)
    assert not any(TITLE in text for text in spoken(window))
    press(Qt.Key.Key_F5)
    wait_for_line(qtbot, window, TITLE)
    qtbot.waitUntil(lambda: "1 of them new" in shown_texts(window), timeout=MINUTE)
    press(Qt.Key.Key_K, CONTROL)
    QTest.keyClicks(focus(), "zinos")
    assert [text for text in spoken(window) if TITLE in text], "the next start, too, knows it"
