"""What goes wrong in one delivery is reported, and the rest of the frame goes on."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from fitgui.gui.bridge import Bridge
from fitgui.gui.limits import view as limits_view
from fitgui.gui.limits import wording
from fitgui.gui.limits.view import LimitsView
from fitgui.gui.window import MainWindow
from tests.gui.hands import GRID, MINUTE, MakePallet, open_and_wait
from tests.gui.tabs import go_to


@pytest.fixture
def bridge(qtbot: QtBot) -> Iterator[Bridge]:
    made = Bridge()
    yield made
    made.close()


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """What came to the hook that tells the user of what nobody foresaw."""
    errors: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda _kind, error, _trace: errors.append(error))
    return errors


def test_an_error_ends_neither_the_frame_nor_what_waits(
    bridge: Bridge, reported: list[BaseException], qtbot: QtBot
) -> None:
    told: list[str] = []
    bad = KeyError("nobody foresaw this")

    def fall() -> None:
        raise bad

    bridge.at_frame_end(fall)
    bridge.at_frame_end(lambda: told.append("frame"))
    bridge.post(fall)
    bridge.post(lambda: told.append("next"))
    bridge.drain()
    assert told == ["next", "frame"]
    assert reported == [bad, bad]
    bridge.run(lambda: 1 / 0, lambda _: None, lambda _: fall())
    qtbot.waitUntil(lambda: bridge.idle, timeout=MINUTE)
    assert reported[2:] == [bad, bad]


def test_lines_that_cannot_be_found_leave_no_promise(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(_shown: object) -> None:
        raise ArithmeticError("no such line")

    monkeypatch.setattr(limits_view, "MANY_POINTS", 1)
    monkeypatch.setattr(limits_view, "_find_lines", fall)
    open_and_wait(qtbot, window, make_pallet(GRID))
    go_to(qtbot, window, "Limits")
    (view,) = window.results_panel.findChildren(LimitsView)
    qtbot.waitUntil(lambda: view._empty.text() == wording.NOT_FOUND, timeout=MINUTE)
    assert "no such line" in window.results_panel.notice.text
