"""The command palette and the overview of shortcuts, by keyboard alone."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from fitgui.gui.fuzzy import ranked, score
from fitgui.gui.palette import CommandPalette, plain_text
from fitgui.gui.shortcuts import ShortcutSheet
from fitgui.gui.window import MainWindow
from tests.gui.hands import GRID, MINUTE, MakePallet, cut_texts, open_and_wait

CONTROL = Qt.KeyboardModifier.ControlModifier


def open_palette(qtbot: QtBot, window: MainWindow, key: Qt.Key = Qt.Key.Key_P) -> CommandPalette:
    qtbot.keyClick(window, key, CONTROL)
    qtbot.waitUntil(lambda: bool(window.findChildren(CommandPalette)))
    (palette,) = window.findChildren(CommandPalette)
    qtbot.waitUntil(palette.isVisible)
    return palette


def texts(palette: CommandPalette) -> list[str]:
    items = (palette.rows.topLevelItem(row) for row in range(palette.rows.topLevelItemCount()))
    return [item.text(0) for item in items if item is not None]


def gone(window: MainWindow) -> bool:
    return not any(palette.isVisible() for palette in window.findChildren(CommandPalette))


def test_a_command_is_found_by_some_letters_and_done_by_enter(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID))
    palette = open_palette(qtbot, window)
    assert len(texts(palette)) > 30
    assert palette.focusWidget() is palette.line
    qtbot.keyClicks(palette.line, "log")
    assert texts(palette)[0] == "Log"
    assert palette.rows.currentItem().text(2) == "Ctrl+" + str(
        window.results_panel.tabs.indexOf(window.results_panel.log) + 1
    )
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    log = window.results_panel.log
    qtbot.waitUntil(lambda: window.results_panel.tabs.currentWidget() is log)
    assert gone(window)


def test_escape_changes_nothing(qtbot: QtBot, window: MainWindow) -> None:
    before = window.results_panel.tabs.currentIndex()
    palette = open_palette(qtbot, window)
    qtbot.keyClicks(palette.line, "check")
    qtbot.keyClick(palette.line, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: gone(window))
    assert window.results_panel.tabs.currentIndex() == before


def test_arrows_choose_and_what_cannot_be_done_is_passed_by(qtbot: QtBot, window: MainWindow) -> None:
    palette = open_palette(qtbot, window)
    first = palette.rows.currentItem().text(0)
    qtbot.keyClick(palette.line, Qt.Key.Key_Down)
    assert palette.rows.currentItem().text(0) == texts(palette)[1] != first
    for _ in range(len(texts(palette)) + 5):
        qtbot.keyClick(palette.line, Qt.Key.Key_Down)
    assert not palette.rows.currentItem().isDisabled()
    off = [plain_text(entry.text()) for entry in window.actions_.entries if not entry.isEnabled()]
    assert off, "without a pallet something cannot be done"
    assert set(texts(palette)[-len(off) :]) == set(off)
    palette.line.setText("")
    qtbot.keyClicks(palette.line, off[0])
    assert texts(palette)[-1] == off[0] or off[0] in texts(palette)
    palette.line.setText("qqqqqq")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert palette.isVisible(), "nothing fits, so nothing is done"


def test_a_recent_pallet_is_opened(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    first, second = make_pallet(GRID, name="first"), make_pallet([[1.0, 2.0]], name="second")
    open_and_wait(qtbot, window, first)
    open_and_wait(qtbot, window, second)
    palette = open_palette(qtbot, window)
    qtbot.keyClicks(palette.line, "pallet first")
    assert texts(palette)[0] == "first"
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.workbench.pallet is not None
    assert window.workbench.pallet.name == "first"


def test_f1_shows_every_shortcut(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: bool(window.findChildren(ShortcutSheet)))
    (sheet,) = window.findChildren(ShortcutSheet)
    qtbot.waitUntil(sheet.isVisible)
    said = {label.text() for label in sheet.findChildren(QLabel)}
    for entry in window.actions_.entries:
        assert plain_text(entry.text()) in said
        assert entry.shortcut().toString() in said
    assert {"In the views", "In a talk", "Plane: from point to point", "Black screen"} <= said
    assert cut_texts(sheet) == []
    assert sheet.width() <= window.width()
    assert sheet.height() <= window.height()
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not sheet.isVisible())


@pytest.mark.parametrize("size", [(1024, 640), (1280, 720)])
def test_the_palette_fits_into_the_window(qtbot: QtBot, window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    palette = open_palette(qtbot, window)
    assert palette.width() <= size[0]
    assert palette.height() <= size[1]
    assert cut_texts(palette) == []
    qtbot.keyClick(palette.line, Qt.Key.Key_Escape)
    QApplication.processEvents()


def test_the_script_of_a_point_comes_to_the_clipboard(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet, tmp_path: Path
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID))
    qtbot.keyClick(window, Qt.Key.Key_C, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert "no results" in window.results_panel.notice.text
    with qtbot.waitSignal(window.workbench.run_ended, timeout=MINUTE):
        window.run()
    qtbot.keyClick(window, Qt.Key.Key_C, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert "Select one" in window.results_panel.notice.text
    window.results_panel.table.select({"point_100.0_50.0"})
    actions = window.results_panel.table.view.actions()
    assert [plain_text(action.text()) for action in actions] == ["Copy the selected point as Python"]
    qtbot.keyClick(window, Qt.Key.Key_C, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: "Writing" not in window.results_panel.notice.text, timeout=MINUTE)
    assert "on the clipboard" in window.results_panel.notice.text
    clipboard = QApplication.clipboard()
    assert "PATCH_NAME = 'point_100.0_50.0'" in clipboard.text()
    compile(clipboard.text(), "point.py", "exec")
    window.taking_away.save_submission(tmp_path / "submission")
    qtbot.waitUntil(lambda: "submission" in window.results_panel.notice.text, timeout=MINUTE)
    assert (tmp_path / "submission" / "submission.yaml").exists()
    window.taking_away.save_submission(tmp_path / "submission")
    qtbot.waitUntil(lambda: "not empty" in window.results_panel.notice.text, timeout=MINUTE)


letters = st.text(string.ascii_letters + " :,", min_size=1, max_size=30)


@given(text=letters, data=st.data())
def test_letters_in_their_order_always_fit(text: str, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(text) - 1), unique=True).map(sorted))
    query = "".join(text[place] for place in places)
    assert score(query.replace(" ", ""), text) is not None
    assert score(text, text) is not None


@given(query=letters, texts=st.lists(letters, max_size=6))
def test_only_what_has_the_letters_fits(query: str, texts: list[str]) -> None:
    for place in ranked(query, texts):
        for letter in query.casefold().replace(" ", ""):
            assert letter in texts[place].casefold()


def test_beginnings_of_words_come_first() -> None:
    commands = [
        "Show in folder",
        "Stop the check",
        "Save results",
        "Open folder",
        "Check with another engine",
    ]
    assert commands[ranked("sr", commands)[0]] == "Save results"
    assert commands[ranked("of", commands)[0]] == "Open folder"
    assert commands[ranked("check", commands)[0]] == "Check with another engine"
    assert commands[ranked("engine check", commands)[0]] == "Check with another engine"
    assert ranked("xyz", commands) == []
