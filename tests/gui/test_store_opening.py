"""What is opened is kept, and found again: by its DOI, by its name, and where its file has moved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QPushButton
from pytestqt.qtbot import QtBot

from fitgui.gui.window import BUSY, MainWindow
from tests.gui.browsing import (
    LEFT,
    LIBRARY,
    button,
    kept_folders,
    lines,
    remove_button,
    spoken,
    wait_for_line,
    wait_for_shelf,
)
from tests.gui.hands import GRID, MINUTE, MakePallet, column, open_and_wait, primary
from tests.hepdata import layouts
from tests.hepdata.standin import StandIn

RECORD = "10.17182/hepdata.320001"
FILE = f"{RECORD}.v1/r1"


@pytest.fixture
def published(hepdata: StandIn) -> StandIn:
    """A record that no catalogue knows, and one with two likelihoods."""
    one = hepdata.file("Likelihoods.tar.gz", layouts.heavy(1000))
    hepdata.add_record(320_001, title="Search for photinos", versions={1: [one]})
    two = [hepdata.file(f"Region{name}.tar.gz", layouts.heavy(1000, ord(name))) for name in "AB"]
    hepdata.add_record(320_002, title="Search for sneutrinos", versions={1: two})
    return hepdata


def start(qtbot: QtBot, window: MainWindow, pallet: str | None) -> None:
    """As ``fitgui gui PALLET`` does, until a pallet is on show."""
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        window.open_first(pallet)


def test_a_doi_of_the_command_line_is_fetched_and_opened(
    qtbot: QtBot, published: StandIn, window: MainWindow
) -> None:
    start(qtbot, window, FILE)
    assert window.workbench.pallet is not None
    assert window.workbench.pallet.source == FILE
    assert window.results_panel.notice.text == ""
    asked = len(published.requests)
    start(qtbot, window, "example")
    start(qtbot, window, FILE)
    assert len(published.requests) == asked, "it is in the library now"


def test_what_was_damaged_in_the_library_is_not_opened(
    qtbot: QtBot, published: StandIn, window: MainWindow
) -> None:
    start(qtbot, window, FILE)
    item = window.store.library.find(FILE)
    assert item is not None
    start(qtbot, window, "example")
    data = bytearray(item.path.read_bytes())
    data[4] ^= 1  # the time in the head of gzip, with which it still opens
    item.path.write_bytes(data)
    with qtbot.waitSignal(window.workbench.failed, timeout=MINUTE) as failed:
        window.open_item(item)
    assert f"{item.name} in the library is not what was kept" in failed.args[0]
    assert window.workbench.pallet is not None
    assert window.workbench.pallet.source == "example"


def test_run_goes_on_to_what_was_fetched(qtbot: QtBot, published: StandIn, window: MainWindow) -> None:
    with qtbot.waitSignal(window.workbench.run_ended, timeout=MINUTE):
        window.open_first(RECORD, run=True)
    assert column(window, "State") == ["✓ fitted"] * 3


def test_without_a_network_a_doi_of_the_command_line_can_be_tried_again(
    qtbot: QtBot, published: StandIn, window: MainWindow
) -> None:
    with published.offline():
        window.open_first(FILE)
        qtbot.waitUntil(lambda: window.store.hepdata.offline, timeout=MINUTE)
        again = "Try again"
        qtbot.waitUntil(lambda: button_shown(window, again), timeout=MINUTE)
        assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        qtbot.mouseClick(button(window, again), LEFT)
    assert len(column(window, "Point")) == 3


def test_a_record_with_two_likelihoods_leaves_the_choice_to_the_user(
    qtbot: QtBot, published: StandIn, window: MainWindow
) -> None:
    window.open_first("10.17182/hepdata.320002")
    qtbot.waitUntil(lambda: "choose one" in window.results_panel.notice.text, timeout=MINUTE)
    assert "RegionA" in window.results_panel.notice.text
    assert "RegionB" in window.results_panel.notice.text
    wait_for_line(qtbot, window, "Search for sneutrinos")


def test_an_unknown_doi_is_one_sentence(qtbot: QtBot, published: StandIn, window: MainWindow) -> None:
    window.open_first("10.17182/hepdata.999999.v1/r1")
    qtbot.waitUntil(lambda: "999999" in window.results_panel.notice.text, timeout=MINUTE)
    qtbot.waitUntil(lambda: not window.store.hepdata.asking, timeout=MINUTE)
    assert window.workbench.pallet is None


def test_a_file_that_has_moved_is_opened_from_the_library(
    qtbot: QtBot,
    make_window_in: Callable[[Path], MainWindow],
    make_pallet: MakePallet,
    tmp_path: Path,
) -> None:
    window = make_window_in(tmp_path / "data")
    folder = make_pallet(GRID)
    open_and_wait(qtbot, window, folder)
    wait_for_shelf(qtbot, window)
    wait_for_line(qtbot, window, "small", LIBRARY)
    window.close()
    folder.rename(tmp_path / "elsewhere")
    again = make_window_in(tmp_path / "data")
    start(qtbot, again, None)
    assert again.workbench.pallet is not None
    assert again.workbench.pallet.name == "small"
    assert len(column(again, "Point")) == len(GRID)
    open_and_wait(qtbot, again, "example")
    qtbot.mouseClick(button(again, "Open…"), LEFT)
    with qtbot.waitSignal(again.workbench.pallet_opened, timeout=MINUTE):
        qtbot.mouseClick(button(again, "small"), LEFT)
    assert len(column(again, "Point")) == len(GRID)


def test_the_next_session_goes_on_with_the_doi_of_the_last(
    qtbot: QtBot, published: StandIn, make_window_in: Callable[[Path], MainWindow], tmp_path: Path
) -> None:
    window = make_window_in(tmp_path / "data")
    start(qtbot, window, FILE)
    window.close()
    asked = len(published.requests)
    again = make_window_in(tmp_path / "data")
    start(qtbot, again, None)
    assert again.workbench.pallet is not None
    assert again.workbench.pallet.source == FILE
    assert len(published.requests) == asked


def test_a_last_pallet_that_was_removed_is_not_fetched_unasked(
    qtbot: QtBot, published: StandIn, make_window_in: Callable[[Path], MainWindow], tmp_path: Path
) -> None:
    window = make_window_in(tmp_path / "data")
    start(qtbot, window, FILE)
    wait_for_shelf(qtbot, window)
    qtbot.waitUntil(lambda: bool(lines(window, LIBRARY)), timeout=MINUTE)
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.mouseClick(button(window, "Remove"), LEFT)
    qtbot.mouseClick(remove_button(window), LEFT)
    qtbot.waitUntil(lambda: kept_folders(tmp_path / "data") == [], timeout=MINUTE)
    window.close()
    asked = len(published.requests)
    again = make_window_in(tmp_path / "data")
    start(qtbot, again, None)
    assert again.workbench.pallet is not None
    assert again.workbench.pallet.source == "example"
    assert len(published.requests) == asked


def test_what_was_opened_is_kept_once_and_the_example_is_not(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet, tmp_path: Path
) -> None:
    open_and_wait(qtbot, window, "example")
    folder = make_pallet(GRID)
    for _ in range(2):
        open_and_wait(qtbot, window, folder)
    qtbot.waitUntil(lambda: len(lines(window, LIBRARY)) == 1, timeout=MINUTE)
    assert len(kept_folders(tmp_path / "data")) == 1
    assert "small" in spoken(window, LIBRARY)[0]


def test_nothing_is_opened_while_a_run_is_going_on(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    kept = make_pallet([[1.0, 2.0]], name="kept")
    open_and_wait(qtbot, window, kept)
    open_and_wait(qtbot, window, make_pallet([[float(i), float(j)] for i in range(40) for j in range(40)]))
    wait_for_line(qtbot, window, "kept", LIBRARY)
    with qtbot.waitSignal(window.workbench.run_began, timeout=MINUTE):
        qtbot.mouseClick(primary(window), LEFT)
    window.open_item(window.store.items[-1])
    assert window.results_panel.notice.text == BUSY
    with qtbot.waitSignal(window.workbench.run_ended, timeout=MINUTE):
        qtbot.mouseClick(primary(window), LEFT)
    assert len(column(window, "Point")) == 1600


def test_the_command_gui_fetches_a_doi(published: StandIn, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fitgui", "gui", FILE, "--self-test"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert len(kept_folders(tmp_path / "data")) == 1
    with published.offline():
        assert subprocess.run(command, capture_output=True, check=False, timeout=120).returncode == 0
        command[4] = RECORD.replace("320001", "320002")
        assert subprocess.run(command, capture_output=True, check=False, timeout=120).returncode == 1


def test_the_window_stands_without_the_libraries_of_http(tmp_path: Path) -> None:
    program = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from fitgui.gui.app import make_application, make_window
application = make_application()
window = make_window(Path(sys.argv[1]))
window.store.rows_changed.connect(lambda: window.close())
window.show()
application.exec()
print(json.dumps([len(window.store.rows), sorted(sys.modules)]))
"""
    answer = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    rows, modules = json.loads(answer.stdout)
    assert rows >= 30
    assert not {"requests", "urllib3", "pyhf", "scipy", "jsonschema"} & set(modules)


def button_shown(window: MainWindow, text: str) -> bool:
    return any(b.text() == text and b.isVisible() for b in window.findChildren(QPushButton))
