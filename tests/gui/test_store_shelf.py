"""The shelf: what is damaged is told once, what was removed can be got again, nothing is asked twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from fitgui.gui.window import MainWindow
from tests.gui.browsing import (
    LEFT,
    button,
    card_button,
    click_line,
    filter_line,
    kept_folders,
    press_card,
    remove_button,
    spoken,
    type_text,
    wait_for_line,
    wait_for_shelf,
)
from tests.gui.hands import MINUTE, control, shown_texts
from tests.hepdata import layouts
from tests.hepdata.faults import Stalled, busy
from tests.hepdata.standin import StandIn


def test_a_damaged_library_and_catalogue_are_told_and_the_rest_is_shown(
    qtbot: QtBot, make_window_in: Callable[[Path], MainWindow], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    damaged = data / "library" / ("ab" * 32)
    damaged.mkdir(parents=True)
    (damaged / "item.json").write_text("{ this is", encoding="utf-8")
    (data / "catalogue.json").write_text("neither", encoding="utf-8")
    window = make_window_in(data)
    wait_for_shelf(qtbot, window)
    log = window.results_panel.log.toPlainText
    qtbot.waitUntil(lambda: "abababababab in the library cannot be used" in log(), timeout=MINUTE)
    assert "refresh it again" in log()
    assert len(spoken(window)) >= 30
    (data / "library" / ("cd" * 32)).mkdir()
    qtbot.waitUntil(lambda: "cdcdcdcdcdcd in the library cannot be used" in log(), timeout=MINUTE)
    assert log().count("abababababab in the library cannot be used") == 1


def test_what_was_removed_can_be_got_again(qtbot: QtBot, hepdata: StandIn, window: MainWindow) -> None:
    hepdata.populate(real=False)
    wait_for_shelf(qtbot, window)
    type_text(qtbot, filter_line(window), "stau")
    click_line(qtbot, window, "SUSY-2018-04")
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press_card(qtbot, window, "Get and open")
    wait_for_line(qtbot, window, "✓ library")
    qtbot.mouseClick(button(window, "Remove"), LEFT)
    qtbot.mouseClick(remove_button(window), LEFT)
    qtbot.waitUntil(lambda: card_button(window).text().startswith("Get and open"), timeout=MINUTE)
    assert "✓ library" not in spoken(window)[0]
    assert "cancelled" not in spoken(window)[0]
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press_card(qtbot, window, "Get and open")


def test_all_likelihoods_are_asked_for_once_at_a_time(
    qtbot: QtBot, hepdata: StandIn, window: MainWindow
) -> None:
    hepdata.populate(real=False)
    stall = Stalled(after=None)
    hepdata.fault("search", stall, times=1)
    wait_for_shelf(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(stall.reached.is_set, timeout=MINUTE)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    stall.released.set()
    qtbot.waitUntil(lambda: "The catalogue is refreshed" in shown_texts(window), timeout=MINUTE)
    assert len(hepdata.asked("search")) == 1


def test_a_later_search_takes_the_place_of_an_earlier_one(
    qtbot: QtBot, hepdata: StandIn, window: MainWindow
) -> None:
    for word in ("squarks", "gluinos"):
        hepdata.publish(f"{word}.tar.gz", layouts.heavy(10), title=f"Search for {word} of a test")
    stall = Stalled(after=None)
    hepdata.fault("search", stall, times=1)
    wait_for_shelf(qtbot, window)
    line = filter_line(window)
    type_text(qtbot, line, "squarks of a test")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(stall.reached.is_set, timeout=MINUTE)
    line.selectAll()
    qtbot.keyClicks(line, "gluinos of a test")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    wait_for_line(qtbot, window, "Search for gluinos of a test")
    stall.released.set()
    qtbot.waitUntil(lambda: not window.store.hepdata.asking, timeout=MINUTE)
    assert not any("squarks of a test" in text for text in spoken(window))
    assert window.store.hepdata.searched == "gluinos of a test"
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: not any("of a test" in text for text in spoken(window)), timeout=MINUTE)


def test_nothing_is_written_before_something_is_opened(
    qtbot: QtBot, hepdata: StandIn, window: MainWindow, tmp_path: Path
) -> None:
    wait_for_shelf(qtbot, window)
    type_text(qtbot, filter_line(window), "sbottom")
    assert not (tmp_path / "data" / "library").exists()
    assert kept_folders(tmp_path / "data") == []
    assert hepdata.requests == ()


@pytest.mark.parametrize("version", [2, 3])
def test_a_doi_of_an_older_file_means_that_file(
    qtbot: QtBot, hepdata: StandIn, window: MainWindow, version: int
) -> None:
    hepdata.populate(real=False)
    record = hepdata.site.records[90607]
    (file,) = [file for file in record.versions[version].resources if "1Lbb" in file.name]
    laid = hepdata.fault(file, busy(404))
    wait_for_shelf(qtbot, window)
    window.open_first(file.doi)
    qtbot.waitUntil(lambda: card_button(window).text() == "Retry", timeout=MINUTE)
    laid.end()
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press_card(qtbot, window, "Retry")
    assert window.workbench.pallet is not None
    assert window.workbench.pallet.source == file.doi


def test_a_pasted_doi_chooses_its_file(qtbot: QtBot, hepdata: StandIn, window: MainWindow) -> None:
    hepdata.populate(real=False)
    (file,) = [file for file in hepdata.site.records[90607].versions[2].resources if "1Lbb" in file.name]
    wait_for_shelf(qtbot, window)
    type_text(qtbot, filter_line(window), f"https://doi.org/{file.doi}")
    qtbot.keyClick(filter_line(window), Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: control(window, QComboBox, "Version").currentText() == "Version 2", timeout=MINUTE
    )
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press_card(qtbot, window, "Get and open")
    assert window.workbench.pallet is not None
    assert window.workbench.pallet.source == file.doi
