"""The window of a talk: the keys of keyboards and presenters, F11 in the main window, and the command."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from fitgui.gui import theme
from fitgui.gui.bridge import Bridge
from fitgui.gui.talk.material import Material
from fitgui.gui.talk.plane_slide import LivePlane, ReplayedPlane
from fitgui.gui.talk.race_slide import RaceSlide
from fitgui.gui.talk.start import run_talk
from fitgui.gui.talk.window import TalkWindow
from fitgui.gui.window import MainWindow
from fitgui_backends.contract import Emit, Plan, RunHandle
from fitgui_backends.events import PointFitted, RunEvent
from fitgui_backends.local import LocalBackend
from tests.gui.hands import GRID, MINUTE, open_and_wait, primary
from tests.gui.talks import ONE, TWO, give, lines, material_of, pass_seconds, plane_of, recorded

Key = Qt.Key
PLANE, RACE = 1, 2


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Two recorded runs of 1Lbb."""
    return material_of(tmp_path_factory.mktemp("talk"))[TWO, ONE]


@pytest.fixture
def talk(material: Material, qtbot: QtBot) -> Iterator[TalkWindow]:
    """A talk about them, with the title in front."""
    bridge = Bridge()
    window = give(material, bridge)
    qtbot.waitExposed(window)
    yield window
    bridge.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_every_key_of_a_presenter(talk: TalkWindow, qtbot: QtBot) -> None:
    def page() -> str:
        return talk.footer.page

    assert page() == "1 / 4"
    for key, expected in (
        (Key.Key_Right, "2 / 4"),
        (Key.Key_PageDown, "3 / 4"),
        (Key.Key_PageUp, "2 / 4"),
        (Key.Key_Left, "1 / 4"),
        (Key.Key_Left, "1 / 4"),
        (Key.Key_Space, "2 / 4"),  # the title plays nothing
        (Key.Key_Down, "3 / 4"),
        (Key.Key_End, "4 / 4"),
        (Key.Key_Right, "4 / 4"),
        (Key.Key_Home, "1 / 4"),
    ):
        qtbot.keyClick(talk, key)
        assert page() == expected, key
    qtbot.keyClick(talk, Key.Key_B)
    assert not talk.footer.isVisible()
    qtbot.keyClick(talk, Key.Key_B)
    assert talk.footer.isVisible()
    with qtbot.waitSignal(talk.closed):
        qtbot.keyClick(talk, Key.Key_Escape)


def test_space_pauses_and_starts_again(talk: TalkWindow, qtbot: QtBot) -> None:
    talk.go(PLANE)
    plane = talk.slide
    assert isinstance(plane, ReplayedPlane)
    pass_seconds(talk, 2.0, 0.25)
    qtbot.keyClick(talk, Key.Key_Space)
    assert talk.footer.text.endswith("at true speed, paused")
    pass_seconds(talk, 2.0, 0.25)
    assert (plane.counter, plane.clock) == ("20 / 125", "2.0 s")
    qtbot.keyClick(talk, Key.Key_Space)
    for _ in range(2):
        qtbot.keyClick(talk, Key.Key_Plus)
    assert talk.footer.text.endswith("at 5×")
    pass_seconds(talk, 3.0, 0.25)
    assert plane.counter == "125 / 125"
    qtbot.keyClick(talk, Key.Key_Space)  # it is over: again, from the beginning
    assert plane.counter == "0 / 125"
    qtbot.keyClick(talk, Key.Key_Minus)
    assert talk.footer.text.endswith("at 2×")
    qtbot.keyClick(talk, Key.Key_1)
    assert talk.footer.text.endswith("at true speed")
    pass_seconds(talk, 1.0, 0.25)
    assert plane.counter == "10 / 125"
    qtbot.keyClick(talk, Key.Key_R)
    assert plane.counter == "0 / 125"
    talk.close()


def test_another_size_takes_another_plot_and_keeps_what_it_shows(talk: TalkWindow, qtbot: QtBot) -> None:
    talk.go(PLANE)
    pass_seconds(talk, 2.0, 0.25)
    before = plane_of(talk.slide)
    talk.resize(960, 540)
    qtbot.waitUntil(lambda: not isValid(before), timeout=MINUTE)
    after = plane_of(talk.slide)
    assert after.isVisible()
    pass_seconds(talk, 1.0, 0.25)
    assert "30 / 125" in lines(talk)
    talk.close()


def test_who_turns_the_page_finds_the_start(talk: TalkWindow) -> None:
    talk.go(RACE)
    pass_seconds(talk, 2.0, 0.25)
    race = talk.slide
    assert isinstance(race, RaceSlide)
    assert race.clock == "2.0 s"
    talk.turn(-1)
    assert not race.player.playing
    talk.turn(1)
    assert race.clock == "0.0 s"
    assert race.player.playing
    talk.advance(3600.0)  # the machine slept
    assert race.clock == "0.2 s"
    talk.close()


class Held(LocalBackend):
    """Fits on this machine, and tells no result before it may."""

    def __init__(self, may_tell: threading.Event) -> None:
        super().__init__()
        self._may_tell = may_tell

    def submit(self, plan: Plan, emit: Emit) -> RunHandle:
        """Hold back what is fitted."""

        def tell(event: RunEvent) -> None:
            if isinstance(event, PointFitted):
                assert self._may_tell.wait(60)
            emit(event)

        return super().submit(plan, tell)


def test_f11_shows_the_run_live_and_afterwards_again(
    qtbot: QtBot,
    make_window_in: Callable[..., MainWindow],
    make_pallet: Callable[..., Path],
    tmp_path: Path,
) -> None:
    may_tell = threading.Event()
    window = make_window_in(tmp_path / "data", {"local": lambda: Held(may_tell)})
    opener = window.actions_.talk
    press_f11(window)
    qtbot.waitUntil(lambda: "press Run" in window.results_panel.notice.text, timeout=MINUTE)
    open_and_wait(qtbot, window, make_pallet(GRID))
    with qtbot.waitSignal(window.workbench.run_began, timeout=MINUTE):
        qtbot.mouseClick(primary(window), Qt.MouseButton.LeftButton)
    press_f11(window)
    talk = opener.window
    assert talk is not None
    assert talk.isFullScreen()
    plane = talk.slides[PLANE]
    assert isinstance(plane, LivePlane)
    talk.go(PLANE)
    assert plane.counter == "0 / 6"
    may_tell.set()
    qtbot.waitUntil(lambda: plane.counter == "6 / 6", timeout=MINUTE)
    qtbot.waitUntil(lambda: len(talk.slides) == 4, timeout=MINUTE)  # what it is compared with is in
    assert talk.footer.text == "finished just now"
    talk.turn(1)
    assert "replay" in talk.footer.text
    qtbot.keyClick(talk, Key.Key_F11)
    assert opener.window is None
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    snapshot = window.workbench.snapshot
    assert snapshot is not None
    window.workbench.points_changed.emit(set(snapshot.points))  # reaches nobody who has gone

    press_f11(window)
    qtbot.waitUntil(lambda: opener.window is not None, timeout=MINUTE)
    assert opener.window is not None
    assert isinstance(opener.window.slides[PLANE], ReplayedPlane)
    window.close_now()
    qtbot.waitUntil(lambda: opener.window is None, timeout=MINUTE)


def test_the_command_opens_and_leaves(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITGUI_DATA", str(tmp_path))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    recorded(tmp_path).close()
    seen: list[tuple[str, str, bool]] = []

    def leave() -> None:
        (window,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, TalkWindow) and w.isVisible()]
        window.turn(1)
        colour = window.palette().window().color().name()
        seen.append((window.footer.text, colour, window.isFullScreen()))
        qtbot.keyClick(window, Key.Key_Escape)

    QTimer.singleShot(0, leave)
    try:
        assert run_talk([TWO], seconds=5.0, look="dark") == 0
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        theme.apply_theme(QApplication.instance(), theme.LIGHT)  # type: ignore[arg-type]
    assert seen == [("replay of a run on 2026-11-29, at 2.5×", theme.DARK.window, True)]


def press_f11(window: MainWindow) -> None:
    (entry,) = [entry for entry in window.findChildren(QAction) if entry.shortcut().toString() == "F11"]
    entry.trigger()
