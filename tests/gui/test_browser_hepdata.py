"""The browser and HEPData: answers with their age, downloads that fail and go on, versions, being offline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from fitgui.gui.browser.list_model import Kind
from fitgui.gui.window import MainWindow
from tests.gui.hands import control, cut_texts
from tests.hepdata import layouts
from tests.hepdata.faults import Instead, Slow
from tests.hepdata.records import Resource
from tests.hepdata.standin import StandIn

PATIENCE = 30_000
SIZE = 400_000
NUMBER = 300_007
KEY = "ins3000007"


@pytest.fixture
def files(hepdata: StandIn) -> list[Resource]:
    """A record with two versions of a likelihood."""
    made = [hepdata.file("Likelihoods.tar.gz", layouts.heavy(SIZE, version)) for version in (1, 2)]
    hepdata.add_record(
        NUMBER,
        inspire=3_000_007,
        title=r"Search for $\tilde{q}$uarks that nobody has seen",
        arxiv="2601.00007",
        versions={1: [made[0]], 2: [made[1]]},
    )
    return made


@pytest.fixture
def found_window(
    qtbot: QtBot,
    files: list[Resource],
    make_window_in: Callable[[Path], MainWindow],
    tmp_path: Path,
) -> MainWindow:
    """A window that has found that record, which is selected."""
    assert files
    window = make_window_in(tmp_path / "data")
    qtbot.waitUntil(lambda: window.store.index is not None, timeout=PATIENCE)
    tab = window.pallet_panel.catalogue
    window.pallet_panel.focus_filter()
    qtbot.keyClicks(tab.filter_line, "nobody has seen")
    qtbot.keyClick(tab.filter_line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: tab.list.model_.position(KEY) is not None, timeout=PATIENCE)
    qtbot.keyClick(tab.filter_line, Qt.Key.Key_Down)
    assert tab.list.current is not None
    assert tab.list.current.key == KEY
    return window


def action(window: MainWindow) -> QAbstractButton:
    buttons = window.pallet_panel.card.findChildren(QAbstractButton)
    (button,) = [button for button in buttons if button.property("role") == "action"]
    return button


def press(qtbot: QtBot, button: QAbstractButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def says(window: MainWindow, text: str) -> bool:
    labels = window.pallet_panel.findChildren(QLabel)
    return any(text in label.text() for label in labels if label.isVisible())


def line_state(window: MainWindow) -> str:
    model = window.pallet_panel.catalogue.list.model_
    place = model.position(KEY)
    assert place is not None
    return model.look(model.lines[place]).state


def test_hepdata_is_asked_only_when_the_user_wants_it(
    qtbot: QtBot,
    hepdata: StandIn,
    make_window_in: Callable[[Path], MainWindow],
    tmp_path: Path,
) -> None:
    window = make_window_in(tmp_path / "data")
    qtbot.waitUntil(lambda: window.store.index is not None, timeout=PATIENCE)
    tab = window.pallet_panel.catalogue
    qtbot.keyClicks(tab.filter_line, "stau")
    tab.list.choose_first()
    QApplication.processEvents()
    assert hepdata.requests == ()


def test_answers_stand_below_a_heading_with_their_age(found_window: MainWindow) -> None:
    tab = found_window.pallet_panel.catalogue
    headings = [tab.list.model_.look(line) for line in tab.list.model_.lines if line.kind is Kind.HEADING]
    assert [heading.spoken for heading in headings] == ["HEPData, just now\n1 found for “nobody has seen”"]
    assert says(found_window, "Search for q̃uarks that nobody has seen")
    # The heading says it; a sentence that says the same again is one too many.
    assert not says(found_window, "HEPData has 1 published likelihood")
    assert cut_texts(found_window.pallet_panel) == []


def test_a_version_is_chosen_and_its_file_is_got(
    qtbot: QtBot, found_window: MainWindow, hepdata: StandIn, files: list[Resource]
) -> None:
    press(qtbot, control(found_window, QAbstractButton, "Versions and files …"))
    qtbot.waitUntil(lambda: KEY in found_window.store.records, timeout=PATIENCE)
    versions = control(found_window, QComboBox, "Version")
    assert [versions.itemText(number) for number in range(versions.count())] == [
        "Version 2 (newest)",
        "Version 1",
    ]
    versions.setFocus()
    qtbot.keyClick(versions, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: found_window.store.records[KEY].version == 1, timeout=PATIENCE)
    assert versions.currentText() == "Version 1"
    with qtbot.waitSignal(found_window.workbench.pallet_opened, timeout=PATIENCE):
        press(qtbot, action(found_window))
    assert len(hepdata.asked(files[0])) > 0
    assert hepdata.asked(files[1]) == []
    qtbot.waitUntil(lambda: line_state(found_window) == "✓ library", timeout=PATIENCE)
    qtbot.waitUntil(lambda: action(found_window).text() == "✓ Open", timeout=PATIENCE)
    # The other version is not here.
    versions.setCurrentIndex(0)
    qtbot.waitUntil(lambda: action(found_window).text().startswith("Get and open"), timeout=PATIENCE)


def test_a_download_shows_itself_is_cancelled_and_goes_on_where_it_was(
    qtbot: QtBot, found_window: MainWindow, hepdata: StandIn, files: list[Resource]
) -> None:
    slow = hepdata.fault(files[1], Slow(piece=20_000, pause=0.1))
    press(qtbot, action(found_window))
    qtbot.waitUntil(lambda: " of 40" in line_state(found_window), timeout=PATIENCE)
    assert action(found_window).text() == "Cancel"
    press(qtbot, action(found_window))
    qtbot.waitUntil(lambda: action(found_window).text() == "Go on", timeout=PATIENCE)
    assert says(found_window, "⊘ cancelled")
    slow.end()
    with qtbot.waitSignal(found_window.workbench.pallet_opened, timeout=PATIENCE):
        press(qtbot, action(found_window))
    first, second = hepdata.asked(files[1])
    assert first.range is None
    assert second.range is not None


def test_a_failure_is_one_sentence_and_a_way_on(
    qtbot: QtBot, found_window: MainWindow, hepdata: StandIn, files: list[Resource]
) -> None:
    laid = hepdata.fault(files[1], Instead())
    press(qtbot, action(found_window))
    qtbot.waitUntil(lambda: action(found_window).text() == "Retry", timeout=PATIENCE)
    assert line_state(found_window).startswith("✗ ")
    assert says(found_window, line_state(found_window))
    laid.end()
    with qtbot.waitSignal(found_window.workbench.pallet_opened, timeout=PATIENCE):
        press(qtbot, action(found_window))


def test_offline_is_said_calmly_and_the_catalogue_goes_on(
    qtbot: QtBot, found_window: MainWindow, hepdata: StandIn
) -> None:
    tab = found_window.pallet_panel.catalogue
    with hepdata.offline():
        press(qtbot, control(found_window, QAbstractButton, "Refresh"))
        qtbot.waitUntil(lambda: found_window.store.hepdata.offline, timeout=PATIENCE)
        qtbot.waitUntil(lambda: says(found_window, "offline"), timeout=PATIENCE)
        tab.filter_line.setText("stau")
        assert tab.list.model_.rowCount() > 1
        assert control(found_window, QAbstractButton, "Refresh").isEnabled()


def test_the_citation_is_copied(qtbot: QtBot, found_window: MainWindow) -> None:
    with qtbot.waitSignal(found_window.store.said, timeout=PATIENCE):
        press(qtbot, control(found_window, QAbstractButton, "Copy BibTeX"))
    assert "10.17182/hepdata.300007" in QApplication.clipboard().text()
