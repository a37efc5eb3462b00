"""From a word to a fitted plane with the mouse; letters are typed, everything else is clicked."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from fitgui.gui.window import MainWindow
from tests.gui.browsing import (
    LEFT,
    LIBRARY,
    button,
    card_button,
    choose_by_mouse,
    click_line,
    filter_line,
    kept_folders,
    lines,
    press_card,
    remove_button,
    type_text,
    wait_for_line,
    wait_for_shelf,
)
from tests.gui.hands import MINUTE, column, control, fit_all, shown_texts
from tests.hepdata import layouts
from tests.hepdata.standin import StandIn

TITLE = "Search for winos that decay to a test"


@pytest.fixture
def winos(hepdata: StandIn) -> StandIn:
    """A record with two versions that no catalogue knows; each has another file."""
    files = {
        version: [hepdata.file("Likelihoods.tar.gz", layouts.heavy(50_000, version))] for version in (1, 2)
    }
    hepdata.add_record(300_001, inspire=3_000_001, title=TITLE, arxiv="2601.00001", versions=files)
    return hepdata


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # lists that open, off screen
def test_search_choose_a_version_download_open_and_fit_all(
    qtbot: QtBot, winos: StandIn, window: MainWindow, tmp_path: Path
) -> None:
    wait_for_shelf(qtbot, window)
    type_text(qtbot, filter_line(window), "winos decay test")
    assert lines(window)[-1] == "Search HEPData for “winos decay test”"
    assert winos.requests == ()
    click_line(qtbot, window, "Search HEPData")
    click_line(qtbot, window, TITLE)
    qtbot.mouseClick(button(window, "Versions and files …"), LEFT)
    versions = control(window, QComboBox, "Version")
    qtbot.waitUntil(versions.isVisible, timeout=MINUTE)
    choose_by_mouse(qtbot, versions, "Version 1")
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press_card(qtbot, window, "Get and open")
    assert window.workbench.pallet is not None
    assert window.workbench.pallet.source == "10.17182/hepdata.300001.v1/r1"
    assert len(kept_folders(tmp_path / "data")) == 1
    wait_for_line(qtbot, window, "✓ library")
    fit_all(qtbot, window)
    assert column(window, "State") == ["✓ fitted"] * 3
    assert all(0 <= float(value) <= 1 for value in column(window, "CLs obs"))


def test_published_stau_search_from_the_catalogue_to_its_contour(
    qtbot: QtBot, hepdata: StandIn, window: MainWindow, real_pallets: Path
) -> None:
    hepdata.populate()
    wait_for_shelf(qtbot, window)
    type_text(qtbot, filter_line(window), "stau")
    click_line(qtbot, window, "SUSY-2018-04")
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press_card(qtbot, window, "Get and open")
    assert hepdata.asked("search") == []
    assert len(column(window, "Point")) == 57
    fit_all(qtbot, window)
    assert set(column(window, "State")) <= {"✓ fitted", "⚠ fitted"}


def test_what_is_kept_is_opened_verified_cited_shown_and_removed(
    qtbot: QtBot, winos: StandIn, window: MainWindow, tmp_path: Path
) -> None:
    wait_for_shelf(qtbot, window)
    type_text(qtbot, filter_line(window), "2601.00001")
    click_line(qtbot, window, "Look up 2601.00001 at HEPData")
    click_line(qtbot, window, TITLE)
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press_card(qtbot, window, "Get and open")
    asked = len(winos.requests)
    qtbot.mouseClick(button(window, "Open…"), LEFT)
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        qtbot.mouseClick(button(window, "Bundled example"), LEFT)
    qtbot.mouseClick(button(window, "Library"), LEFT)
    click_line(qtbot, window, TITLE, LIBRARY)
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press_card(qtbot, window, "Open")
    assert window.workbench.pallet is not None
    assert window.workbench.pallet.source == "10.17182/hepdata.300001.v2/r1"
    assert len(winos.requests) == asked, "what is kept is never asked for again"

    qtbot.mouseClick(button(window, "Verify again"), LEFT)
    qtbot.waitUntil(lambda: "is what was kept" in window.results_panel.notice.text, timeout=MINUTE)
    qtbot.mouseClick(button(window, "Copy BibTeX"), LEFT)
    assert "10.17182/hepdata.300001.v2" in QGuiApplication.clipboard().text()
    desktop = Desktop()
    QDesktopServices.setUrlHandler("file", desktop, "show")
    try:
        qtbot.mouseClick(button(window, "Show in folder"), LEFT)
    finally:
        QDesktopServices.unsetUrlHandler("file")
    (kept,) = kept_folders(tmp_path / "data")
    assert [Path(url.toLocalFile()) for url in desktop.shown] == [kept / "content"]
    qtbot.mouseClick(button(window, "Remove"), LEFT)
    assert kept_folders(tmp_path / "data") == [kept], "removing asks for a second press"
    qtbot.mouseClick(remove_button(window), LEFT)
    qtbot.waitUntil(lambda: kept_folders(tmp_path / "data") == [], timeout=MINUTE)
    qtbot.waitUntil(lambda: lines(window, LIBRARY) == [], timeout=MINUTE)
    assert column(window, "Point"), "what is open stays open"


def test_a_doi_is_pasted_and_its_file_is_got(qtbot: QtBot, winos: StandIn, window: MainWindow) -> None:
    wait_for_shelf(qtbot, window)
    QGuiApplication.clipboard().setText("https://doi.org/10.17182/hepdata.300001.v1/r1")
    line = filter_line(window)
    qtbot.mouseClick(line, LEFT)
    line.paste()
    click_line(qtbot, window, "Look up")
    qtbot.waitUntil(lambda: TITLE in shown_texts(window), timeout=MINUTE)
    qtbot.waitUntil(lambda: card_button(window).text().startswith("Get and open"), timeout=MINUTE)
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press_card(qtbot, window, "Get and open")
    assert window.workbench.pallet is not None
    assert window.workbench.pallet.source == "10.17182/hepdata.300001.v1/r1"


class Desktop(QObject):
    """Stands in for the file manager."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[QUrl] = []

    @Slot(QUrl)
    def show(self, url: QUrl) -> None:
        self.shown.append(url)
