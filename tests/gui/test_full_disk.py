"""A disk that is full while the window is open: nothing is lost, and one sentence says where it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fitgui.gui.window import MainWindow
from tests.gui.hands import MINUTE, column, open_and_wait, primary
from tests.runs.disks import fill, small_disk

MakePallet = Callable[..., Path]


def test_results_that_the_journal_cannot_take_are_kept_elsewhere(
    qtbot: QtBot,
    make_window_in: Callable[[Path], MainWindow],
    make_pallet: MakePallet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    with small_disk(tmp_path / "disk") as disk:
        window = make_window_in(disk / "data")
        open_and_wait(
            qtbot, window, make_pallet([[float(i), float(j)] for i in range(30) for j in range(30)])
        )
        qtbot.mouseClick(primary(window), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: any(column(window, "CLs obs")), timeout=MINUTE)
        fill(disk)
        qtbot.waitUntil(lambda: "cannot be written" in window.results_panel.notice.text, timeout=MINUTE)
        window.close_now()
        qtbot.waitUntil(lambda: window.farewell is not None, timeout=MINUTE)
        (saved,) = home.glob("fitgui-*.json")
        assert str(saved) in window.farewell.text()
        window.farewell.close()
        points = json.loads(saved.read_text())["points"]
        done = [point for point in points if point["status"] == "done"]
        shown = [value for value in column(window, "CLs obs") if value]
        assert len(points) == 900
        assert len(done) >= len(shown) > 0
