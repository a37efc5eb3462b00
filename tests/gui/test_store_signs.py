"""What a user does is seen to be done: copied, tried again, refreshed, being read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from fitgui.gui import widgets
from fitgui.gui.window import MainWindow
from tests.gui.browsing import click_line, filter_line, press_card, type_text, wait_for_line, wait_for_shelf
from tests.gui.hands import MINUTE, shown_texts
from tests.hepdata import layouts
from tests.hepdata.standin import StandIn

STAU = "SUSY-2018-04"
TIME = re.compile(r"HEPData could not be reached at (\d\d:\d\d:\d\d)\. ")
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_copying_the_citation_is_seen_each_time(
    qtbot: QtBot,
    hepdata: StandIn,
    make_window_in: Callable[[Path], MainWindow],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(widgets, "FRESH_MILLISECONDS", 50)
    window = make_window_in(tmp_path / "data")
    notice = window.results_panel.notice
    wait_for_shelf(qtbot, window)
    click_line(qtbot, window, STAU)
    fresh: list[bool] = []
    window.store.said.connect(lambda _sentence: fresh.append(notice.is_fresh))
    for _ in range(2):
        QGuiApplication.clipboard().clear()
        qtbot.keyClick(window, Qt.Key.Key_B, CONTROL | SHIFT)
        qtbot.waitUntil(lambda: "clipboard" in notice.text, timeout=MINUTE)
        assert "1911.06660" in QGuiApplication.clipboard().text()
        qtbot.waitUntil(lambda: not notice.is_fresh, timeout=MINUTE)
    assert fresh == [True, True], "also when the same is told again"
    assert hepdata.requests == ()


def test_each_try_without_a_network_tells_when_it_was(
    qtbot: QtBot, hepdata: StandIn, window: MainWindow
) -> None:
    wait_for_shelf(qtbot, window)
    with hepdata.offline():
        for key in (Qt.Key.Key_F5, Qt.Key.Key_F5):
            window.store.clear_search()
            before = datetime.now().astimezone().replace(microsecond=0)
            with qtbot.waitSignal(
                window.store.hepdata_changed, timeout=MINUTE, check_params_cb=lambda state: state.asking
            ):
                qtbot.keyClick(window, key)
            qtbot.waitUntil(lambda: TIME.search(shown_texts(window)) is not None, timeout=MINUTE)
            found = TIME.search(shown_texts(window))
            assert found is not None
            told = datetime.combine(before.date(), datetime.strptime(found[1], "%H:%M:%S").time())
            assert before.replace(tzinfo=None) <= told or told.hour == 0
        type_text(qtbot, filter_line(window), "stau")
        click_line(qtbot, window, STAU)
        press_card(qtbot, window, "Get and open")
        wait_for_line(qtbot, window, "○ not got: offline")
        assert TIME.search(shown_texts(window)) is None, "the card says why, and that is enough"
        state = window.store.downloads[window.pallet_panel.card.key]
        assert state.offline
        assert shown_texts(window).count(state.sentence) == 1


def test_refreshing_says_why_the_catalogue_has_more(
    qtbot: QtBot, hepdata: StandIn, window: MainWindow
) -> None:
    hepdata.add_record(
        330_001, title="Search for winos", versions={1: [hepdata.file("Winos.tar.gz", layouts.heavy(9))]}
    )
    wait_for_shelf(qtbot, window)
    before = len(window.store.rows)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(
        lambda: (
            f"HEPData lists 1 published likelihood, 1 of them new here. The catalogue has {before} more"
            in shown_texts(window)
        ),
        timeout=MINUTE,
    )
    qtbot.waitUntil(lambda: len(window.store.rows) == before + 1, timeout=MINUTE)


def test_what_is_being_read_is_called_by_its_name(
    qtbot: QtBot,
    hepdata: StandIn,
    make_window_in: Callable[[Path], MainWindow],
    tmp_path: Path,
) -> None:
    file = hepdata.file("Winos.tar.gz", layouts.heavy(9))
    hepdata.add_record(330_001, title="Search for winos", versions={1: [file]})
    first = make_window_in(tmp_path / "data")
    with qtbot.waitSignal(first.workbench.pallet_opened, timeout=MINUTE):
        first.open_first("10.17182/hepdata.330001.v1/r1")
    assert first.workbench.pallet is not None
    name = first.workbench.pallet.name
    second = make_window_in(tmp_path / "data")
    with qtbot.waitSignal(second.workbench.pallet_opened, timeout=MINUTE):
        second.open_first(None)
        assert f"Reading {name} …" in shown_texts(second).replace("\u200b", "")
        assert "Reading r1" not in shown_texts(second)
