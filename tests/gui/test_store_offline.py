"""Without a network: what is here works, and that HEPData is not is said calmly, and only when asked."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QPushButton
from pytestqt.qtbot import QtBot

from fitgui.gui.window import MainWindow
from tests.gui.browsing import (
    LIBRARY,
    click_line,
    filter_line,
    lines,
    press_card,
    spoken,
    type_text,
    wait_for_line,
    wait_for_shelf,
)
from tests.gui.hands import GRID, MINUTE, MakePallet, column, fit_all, open_and_wait, shown_texts
from tests.hepdata import layouts
from tests.hepdata.standin import StandIn

STAU = "SUSY-2018-04"


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """HEPData is at a port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("FITGUI_HEPDATA_TEST_SERVICE", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("FITGUI_DATA", str(tmp_path / "data"))


@pytest.fixture
def fresh(
    no_network: None, make_window_in: Callable[[Path], MainWindow], tmp_path: Path, qtbot: QtBot
) -> MainWindow:
    """The first start ever, as the application does it."""
    window = make_window_in(tmp_path / "data")
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        window.open_first(None)
    return window


def dialogs() -> list[QDialog]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]


def test_fresh_start_shows_the_example_and_the_catalogue_beside_it(qtbot: QtBot, fresh: MainWindow) -> None:
    wait_for_shelf(qtbot, fresh)
    assert len(column(fresh, "Point")) > 50
    assert len(lines(fresh)) >= 30
    assert "offline" not in shown_texts(fresh), "nobody was asked"
    fit_all(qtbot, fresh)
    assert set(column(fresh, "State")) <= {"✓ fitted", "⚠ fitted"}


def test_stau_in_the_filter_shows_the_right_analyses(qtbot: QtBot, fresh: MainWindow) -> None:
    wait_for_shelf(qtbot, fresh)
    type_text(qtbot, filter_line(fresh), "stau")
    found = spoken(fresh)
    assert STAU in found[0]
    assert not any("SUSY-2019-08" in text for text in found)
    assert lines(fresh)[-1] == "Search HEPData for “stau”"


def test_offline_is_said_calmly_after_a_search_and_a_get(
    qtbot: QtBot, fresh: MainWindow, make_pallet: MakePallet
) -> None:
    wait_for_shelf(qtbot, fresh)
    type_text(qtbot, filter_line(fresh), "stau")
    before = [text for text in lines(fresh) if not text.startswith("Search HEPData")]
    qtbot.keyClick(filter_line(fresh), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: fresh.store.hepdata.offline, timeout=MINUTE)
    qtbot.waitUntil(lambda: "offline" in shown_texts(fresh), timeout=MINUTE)
    assert dialogs() == []
    assert fresh.results_panel.notice.text == ""
    assert [text for text in lines(fresh) if not text.startswith("Search HEPData")] == before
    assert lines(fresh)[-1] == "Search HEPData for “stau”", "it can be tried again"

    click_line(qtbot, fresh, STAU)
    press_card(qtbot, fresh, "Get and open")
    wait_for_line(qtbot, fresh, "○ not got: offline")
    told = [text for text in shown_texts(fresh).splitlines() if "is not found" in text or "refused" in text]
    assert len(told) <= 1, "why is said once, in the card"
    assert dialogs() == []
    assert fresh.results_panel.notice.text == ""
    assert "Retry" in shown_buttons(fresh)

    open_and_wait(qtbot, fresh, make_pallet(GRID))
    fit_all(qtbot, fresh)
    assert set(column(fresh, "State")) == {"✓ fitted"}


def test_refreshing_the_catalogue_without_a_network_leaves_it_as_it_is(
    qtbot: QtBot, fresh: MainWindow
) -> None:
    wait_for_shelf(qtbot, fresh)
    before = lines(fresh)
    qtbot.keyClick(fresh, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: fresh.store.hepdata.offline, timeout=MINUTE)
    assert dialogs() == []
    assert lines(fresh) == before


def test_what_was_got_is_opened_without_a_network(qtbot: QtBot, hepdata: StandIn, window: MainWindow) -> None:
    hepdata.add_record(
        300_003,
        title="Search for gravitinos",
        versions={1: [hepdata.file("Gravitinos.tar.gz", layouts.heavy(99))]},
    )
    wait_for_shelf(qtbot, window)
    type_text(qtbot, filter_line(window), "gravitinos")
    qtbot.keyClick(filter_line(window), Qt.Key.Key_Return)
    click_line(qtbot, window, "Search for gravitinos")
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press_card(qtbot, window, "Get and open")
    open_and_wait(qtbot, window, "example")
    with hepdata.offline():
        filter_line(window).selectAll()
        qtbot.keyClicks(filter_line(window), "axions")
        qtbot.keyClick(filter_line(window), Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: "offline" in shown_texts(window), timeout=MINUTE)
        with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
            window.open("10.17182/hepdata.300003.v1/r1")
        assert len(column(window, "Point")) == 3
    qtbot.keyClick(filter_line(window), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.store.hepdata.offline, timeout=MINUTE)
    qtbot.waitUntil(lambda: "no published likelihood for “axions”" in shown_texts(window), timeout=MINUTE)
    assert "offline" not in shown_texts(window)
    qtbot.waitUntil(lambda: bool(spoken(window, LIBRARY)), timeout=MINUTE)


def shown_buttons(window: MainWindow) -> list[str]:
    return [button.text() for button in window.findChildren(QPushButton) if button.isVisible()]
