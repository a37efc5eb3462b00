"""Downloads in the window: cancelled, resumed, broken, two at once, beside a run, cut short by closing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fitgui.gui.window import MainWindow
from tests.gui.browsing import (
    LEFT,
    LIBRARY,
    button,
    card_button,
    click_line,
    filter_line,
    kept_folders,
    lines,
    press_card,
    remove_button,
    spoken,
    type_text,
    wait_for_line,
    wait_for_shelf,
)
from tests.gui.hands import MINUTE, MakePallet, column, open_and_wait, primary, shown_texts
from tests.hepdata import layouts
from tests.hepdata.faults import CutOff, Fault, Instead, Slow, Stalled, WrongContent, busy, flipped
from tests.hepdata.records import Resource
from tests.hepdata.standin import StandIn

TITLES = ("Search for squarks", "Search for gluinos", "Search for sleptons")
SIZE = 2_000_000


@pytest.fixture
def files(hepdata: StandIn) -> list[Resource]:
    """Three records, each with a file of two megabytes."""
    found = []
    for number, title in enumerate(TITLES):
        file = hepdata.file(f"{title.split()[-1]}.tar.gz", layouts.heavy(SIZE, number))
        hepdata.add_record(
            310_001 + number,
            inspire=3_100_001 + number,
            title=title,
            versions={1: [file]},
            arxiv=f"2602.0000{number}",
        )
        found.append(file)
    return found


def find(qtbot: QtBot, window: MainWindow) -> None:
    """The three records are in the list."""
    wait_for_shelf(qtbot, window)
    type_text(qtbot, filter_line(window), "search for")
    qtbot.keyClick(filter_line(window), Qt.Key.Key_Return)
    for title in TITLES:
        wait_for_line(qtbot, window, title)


def line_of(window: MainWindow, title: str) -> str:
    return next(text for text in spoken(window) if title in text)


def bytes_here(tmp_path: Path) -> int:
    """Of files that are not whole yet."""
    folder = tmp_path / "data" / "cache" / "downloads"
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def get(qtbot: QtBot, window: MainWindow, title: str) -> None:
    click_line(qtbot, window, title)
    press_card(qtbot, window, "Get and open")


def test_a_cancelled_download_goes_on_where_it_was(
    qtbot: QtBot, hepdata: StandIn, files: list[Resource], window: MainWindow, tmp_path: Path
) -> None:
    stall = Stalled(after=0.6)
    hepdata.fault(files[0], stall, times=1)
    find(qtbot, window)
    get(qtbot, window, TITLES[0])
    qtbot.waitUntil(stall.reached.is_set, timeout=MINUTE)
    qtbot.waitUntil(lambda: bytes_here(tmp_path) > SIZE / 2, timeout=MINUTE)
    press_card(qtbot, window, "Cancel")
    qtbot.waitUntil(lambda: "cancelled" in line_of(window, TITLES[0]), timeout=MINUTE)
    assert lines(window, LIBRARY) == []
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press_card(qtbot, window, "Go on")
    parts = [asked for asked in hepdata.asked("file") if "Range" in asked.headers]
    assert parts, "the rest was asked for, not the whole"
    assert len(column(window, "Point")) == 3


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(flipped(), id="damaged on the server"),
        pytest.param(busy(404), id="gone"),
        pytest.param(Instead(), id="a page in its place"),
        pytest.param(WrongContent(lambda _: layouts.hs3()), id="HS3"),
        pytest.param(WrongContent(lambda _: layouts.slha()), id="no likelihood"),
    ],
)
def test_a_fault_is_one_sentence_in_the_row_and_can_be_tried_again(
    qtbot: QtBot, hepdata: StandIn, files: list[Resource], window: MainWindow, fault: Fault
) -> None:
    laid = hepdata.fault(files[1], fault)
    find(qtbot, window)
    get(qtbot, window, TITLES[1])
    qtbot.waitUntil(lambda: "✗" in line_of(window, TITLES[1]), timeout=MINUTE)
    sentence = window.store.downloads[window.pallet_panel.card.key].sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert sentence in shown_texts(window)
    assert window.results_panel.notice.text == "", "the row says it, and nothing else is interrupted"
    laid.end()
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press_card(qtbot, window, "Retry")
    assert len(column(window, "Point")) == 3


def test_a_cut_connection_is_taken_up_again_by_itself(
    qtbot: QtBot, hepdata: StandIn, files: list[Resource], window: MainWindow
) -> None:
    hepdata.fault(files[0], CutOff(after=0.4), times=1)
    find(qtbot, window)
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        get(qtbot, window, TITLES[0])
    assert len(hepdata.asked("file")) == 2


def test_two_are_got_at_once_and_the_third_waits(
    qtbot: QtBot, hepdata: StandIn, files: list[Resource], window: MainWindow
) -> None:
    stalls = [Stalled(after=0.5) for _ in files]
    for file, stall in zip(files, stalls, strict=True):
        hepdata.fault(file, stall, times=1)
    find(qtbot, window)
    for title in TITLES:
        get(qtbot, window, title)
    qtbot.waitUntil(lambda: stalls[0].reached.is_set() and stalls[1].reached.is_set(), timeout=MINUTE)
    assert "○ waits" in line_of(window, TITLES[2])
    assert not stalls[2].reached.is_set()
    stalls[0].released.set()
    qtbot.waitUntil(stalls[2].reached.is_set, timeout=MINUTE)
    stalls[1].released.set()
    stalls[2].released.set()
    for title in TITLES:
        wait_for_line(qtbot, window, title, LIBRARY)
    qtbot.waitUntil(lambda: all("✓" in line_of(window, title) for title in TITLES), timeout=MINUTE)


def test_what_arrives_during_a_run_does_not_interrupt_it(
    qtbot: QtBot,
    hepdata: StandIn,
    files: list[Resource],
    window: MainWindow,
    make_pallet: MakePallet,
) -> None:
    stall = Stalled(after=0.5)
    hepdata.fault(files[0], stall, times=1)
    find(qtbot, window)
    open_and_wait(qtbot, window, make_pallet([[float(i), float(j)] for i in range(40) for j in range(40)]))
    get(qtbot, window, TITLES[0])
    qtbot.waitUntil(stall.reached.is_set, timeout=MINUTE)
    with qtbot.waitSignal(window.workbench.run_began, timeout=MINUTE):
        qtbot.mouseClick(primary(window), LEFT)
    stall.released.set()
    qtbot.waitUntil(lambda: "is in the library now" in window.results_panel.notice.text, timeout=MINUTE)
    assert window.workbench.running
    assert len(column(window, "Point")) == 1600
    with qtbot.waitSignal(window.workbench.run_ended, timeout=MINUTE):
        qtbot.mouseClick(primary(window), LEFT)
    click_line(qtbot, window, TITLES[0])
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press_card(qtbot, window, "Open")
    assert len(column(window, "Point")) == 3


def test_two_windows_show_the_same_library(
    qtbot: QtBot,
    hepdata: StandIn,
    files: list[Resource],
    make_window_in: Callable[[Path], MainWindow],
    tmp_path: Path,
) -> None:
    one, other = make_window_in(tmp_path / "data"), make_window_in(tmp_path / "data")
    find(qtbot, one)
    wait_for_shelf(qtbot, other)
    with qtbot.waitSignal(one.workbench.pallet_opened, timeout=MINUTE):
        get(qtbot, one, TITLES[0])
    qtbot.mouseClick(button(other, "Library"), LEFT)
    wait_for_line(qtbot, other, TITLES[0], LIBRARY)
    asked = len(hepdata.asked("file"))
    click_line(qtbot, other, TITLES[0], LIBRARY)
    with qtbot.waitSignal(other.workbench.pallet_opened, timeout=MINUTE):
        press_card(qtbot, other, "Open")
    assert len(hepdata.asked("file")) == asked
    qtbot.mouseClick(button(other, "Remove"), LEFT)
    qtbot.mouseClick(remove_button(other), LEFT)
    qtbot.waitUntil(lambda: lines(one, LIBRARY) == [], timeout=MINUTE)
    assert kept_folders(tmp_path / "data") == []


def test_two_windows_get_the_same_file_once(
    qtbot: QtBot,
    hepdata: StandIn,
    files: list[Resource],
    make_window_in: Callable[[Path], MainWindow],
    tmp_path: Path,
) -> None:
    stall = Stalled(after=0.5)
    hepdata.fault(files[0], stall, times=1)
    one, other = make_window_in(tmp_path / "data"), make_window_in(tmp_path / "data")
    for window in (one, other):
        find(qtbot, window)
    get(qtbot, one, TITLES[0])
    qtbot.waitUntil(stall.reached.is_set, timeout=MINUTE)
    get(qtbot, other, TITLES[0])
    qtbot.waitUntil(lambda: "another" in line_of(other, TITLES[0]), timeout=MINUTE)
    with (
        qtbot.waitSignal(one.workbench.pallet_opened, timeout=MINUTE),
        qtbot.waitSignal(other.workbench.pallet_opened, timeout=MINUTE),
    ):
        stall.released.set()
    assert len(kept_folders(tmp_path / "data")) == 1
    assert len(hepdata.asked("file")) == 1


def test_closing_during_a_stalled_download_keeps_what_came(
    qtbot: QtBot,
    hepdata: StandIn,
    files: list[Resource],
    make_window_in: Callable[[Path], MainWindow],
    tmp_path: Path,
) -> None:
    stall = Stalled(after=0.6)
    hepdata.fault(files[0], stall, times=1)
    window = make_window_in(tmp_path / "data")
    find(qtbot, window)
    get(qtbot, window, TITLES[0])
    qtbot.waitUntil(stall.reached.is_set, timeout=MINUTE)
    qtbot.waitUntil(lambda: bytes_here(tmp_path) > SIZE / 2, timeout=MINUTE)
    qtbot.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=MINUTE)
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("fitgui-download")]
    assert kept_folders(tmp_path / "data") == []
    again = make_window_in(tmp_path / "data")
    find(qtbot, again)
    with qtbot.waitSignal(again.workbench.pallet_opened, timeout=MINUTE):
        get(qtbot, again, TITLES[0])
    assert any("Range" in asked.headers for asked in hepdata.asked("file"))


def test_closing_while_hepdata_does_not_answer(
    qtbot: QtBot,
    hepdata: StandIn,
    make_window_in: Callable[[Path], MainWindow],
    tmp_path: Path,
) -> None:
    stall = Stalled(after=None)
    hepdata.fault("search", stall)
    window = make_window_in(tmp_path / "data")
    wait_for_shelf(qtbot, window)
    type_text(qtbot, filter_line(window), "anything")
    qtbot.keyClick(filter_line(window), Qt.Key.Key_Return)
    qtbot.waitUntil(stall.reached.is_set, timeout=MINUTE)
    qtbot.waitUntil(lambda: "asking HEPData" in shown_texts(window), timeout=MINUTE)
    qtbot.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=MINUTE)
    (asked,) = hepdata.asked("search")
    assert asked.fault is stall, "the answer had not come when the window was closed"
    assert not stall.released.is_set()
    stall.released.set()
    left = [thread for thread in threading.enumerate() if thread.name.startswith("fitgui-")]
    for thread in left:
        thread.join(MINUTE / 1000)
    assert not any(thread.is_alive() for thread in left)
    assert len(hepdata.requests) == 1, "nothing more is asked by a window that is closed"


def test_progress_is_shown_while_it_comes(
    qtbot: QtBot, hepdata: StandIn, files: list[Resource], window: MainWindow
) -> None:
    hepdata.fault(files[0], Slow(piece=200_000, pause=0.15), times=1)
    find(qtbot, window)
    seen: set[str] = set()
    window.store.download_changed.connect(lambda _state: seen.add(line_of(window, TITLES[0])))
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        get(qtbot, window, TITLES[0])
    assert len([text for text in seen if "of 2.0 MB" in text]) >= 3
    assert any("/s" in text for text in seen)
    assert not card_button(window).isEnabled(), "it is open now"


def test_no_state_is_shown_that_is_not_true(
    qtbot: QtBot, hepdata: StandIn, files: list[Resource], window: MainWindow
) -> None:
    assert len(files) == 3
    find(qtbot, window)
    seen: list[tuple[str, str]] = []

    def look() -> None:
        seen.append((line_of(window, TITLES[0]), card_button(window).text()))

    click_line(qtbot, window, TITLES[0])
    window.store.download_changed.connect(lambda _state: look())
    window.store.rows_changed.connect(look)
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        press_card(qtbot, window, "Get and open")
    shown = "\n".join(line for line, _button in seen)
    assert "cancelled" not in shown, "nobody cancelled anything"
    assert "waits" not in shown, "there was no other to wait for"
    begun = [text for _line, text in seen]
    assert begun[0] == "Cancel"
    assert not any(text.startswith("Get") for text in begun), "it is being got, or it is here"


def test_what_is_cancelled_at_the_last_moment_is_kept_and_not_opened(
    qtbot: QtBot, hepdata: StandIn, files: list[Resource], window: MainWindow
) -> None:
    assert len(files) == 3
    find(qtbot, window)
    click_line(qtbot, window, TITLES[0])
    key = window.pallet_panel.card.key
    opened: list[object] = []
    window.workbench.pallet_opened.connect(opened.append)

    def at_the_last_moment() -> None:
        # The rows show the file first, and only then is it done and opened. They change earlier, too.
        if any(TITLES[0] in said for said in spoken(window, LIBRARY)):
            window.store.cancel(key)

    window.store.rows_changed.connect(at_the_last_moment)
    press_card(qtbot, window, "Get and open")
    wait_for_line(qtbot, window, TITLES[0], LIBRARY)
    qtbot.waitUntil(lambda: "✓ library" in line_of(window, TITLES[0]), timeout=MINUTE)
    press_card(qtbot, window, "Open")
    qtbot.waitUntil(lambda: len(opened) > 0, timeout=MINUTE)
    assert len(opened) == 1
