"""The card of a cluster when it is chosen for the first time: it offers what is possible, and no more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from fitgui.gui.where.login_dialog import LoginDialog
from fitgui.gui.where.place_combo import PlaceCombo
from fitgui.gui.window import MainWindow
from fitgui_backends.contract import PlaceInfo
from tests.gui.clusters import RIVER, HandCluster, HandGlobus, parsl
from tests.gui.hands import MINUTE, cut_texts
from tests.gui.test_where import card_says, choose, places, window_with

MakeWindow = Callable[..., MainWindow]
CLIENT = "client aaaaaaaa-0000-4000-8000-000000000001"


class SlowGlobus(HandGlobus):
    """Lists its endpoints when the test wants."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.answers = threading.Event()

    def places(self, first: Sequence[str] = ()) -> tuple[PlaceInfo, ...]:
        self.answers.wait(MINUTE / 1000)
        return super().places(first)


@pytest.fixture
def slow(request: pytest.FixtureRequest) -> Iterator[SlowGlobus]:
    globus = SlowGlobus(logged_in=request.param)
    yield globus
    globus.answers.set()


def offered(window: MainWindow, name: str) -> list[str]:
    """Accessible names of the controls on a card, from its top."""
    card = places(window).cards[name]
    shown: list[QWidget] = [
        widget
        for kind in (QPushButton, QComboBox)
        for widget in card.findChildren(kind)
        if widget.isVisible()
    ]
    return [widget.accessibleName() for widget in sorted(shown, key=lambda w: w.mapTo(card, w.pos()).y())]


def opened(qtbot: QtBot, make: MakeWindow, folder: Path, cluster: HandCluster, title: str) -> MainWindow:
    window = window_with(qtbot, make, folder, cluster)
    window.resize(1280, 720)
    choose(qtbot, window, title)
    return window


@pytest.mark.parametrize("slow", [False], indirect=True)
def test_who_is_not_logged_in_is_offered_the_login_first(
    qtbot: QtBot,
    make_window_in: MakeWindow,
    tmp_path: Path,
    slow: SlowGlobus,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: True)
    window = opened(qtbot, make_window_in, tmp_path, slow, "Globus Compute")
    qtbot.waitUntil(lambda: "checking" in card_says(window, "globus"), timeout=MINUTE)
    assert offered(window, "globus") == ["Set up an endpoint…"], "nothing that needs a login"
    assert "log out" not in places(window).possible
    slow.answers.set()
    qtbot.waitUntil(lambda: "needs login" in card_says(window, "globus"), timeout=MINUTE)
    assert offered(window, "globus") == ["Log in at Globus Compute", "Set up an endpoint…"]
    qtbot.waitUntil(lambda: cut_texts(window) == [], timeout=MINUTE)
    (button,) = [
        b for b in window.findChildren(QPushButton) if b.accessibleName() == "Log in at Globus Compute"
    ]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    (dialog,) = window.findChildren(LoginDialog)
    qtbot.waitUntil(lambda: bool(dialog.address), timeout=MINUTE)


@pytest.mark.parametrize("slow", [True], indirect=True)
def test_who_is_logged_in_sees_endpoints_when_they_are_known(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path, slow: SlowGlobus
) -> None:
    window = opened(qtbot, make_window_in, tmp_path, slow, "Globus Compute")
    assert "Log out of Globus Compute" not in offered(window, "globus")
    slow.answers.set()
    qtbot.waitUntil(lambda: "Endpoint" in offered(window, "globus"), timeout=MINUTE)
    assert offered(window, "globus")[0] == "Log out of Globus Compute"
    cluster = window.where.clusters["globus"]
    slow.logged_in = False  # the login was revoked elsewhere
    cluster.look_again()
    qtbot.waitUntil(lambda: "needs login" in card_says(window, "globus"), timeout=MINUTE)
    assert offered(window, "globus")[0] == "Log in at Globus Compute"


def test_the_id_of_a_client_is_shown_whole(qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path) -> None:
    window = opened(qtbot, make_window_in, tmp_path, HandGlobus(user=CLIENT), "Globus Compute")
    cluster = window.where.clusters["globus"]
    qtbot.waitUntil(lambda: cluster.places_known, timeout=MINUTE)
    cluster.choose(RIVER.identifier)

    def label() -> QLabel | None:
        labels = places(window).cards["globus"].findChildren(QLabel)
        return next((one for one in labels if one.text().replace("\N{ZERO WIDTH SPACE}", "") == CLIENT), None)

    qtbot.waitUntil(lambda: label() is not None, timeout=MINUTE)
    who = label()
    assert who is not None
    parts = who.text().split(" ")[1].split("\N{ZERO WIDTH SPACE}")
    assert max(map(who.fontMetrics().horizontalAdvance, parts)) <= who.width()
    qtbot.waitUntil(lambda: cut_texts(window) == [], timeout=MINUTE)


def test_parsl_on_this_machine_is_not_taken_for_this_machine(
    qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path
) -> None:
    here = PlaceInfo(identifier="local", name="Parsl on this machine", status="online", description="2 cores")
    window = opened(qtbot, make_window_in, tmp_path, parsl(spots=(here,)), "Parsl")
    box = places(window).cards["parsl"].findChild(PlaceCombo)
    assert isinstance(box, PlaceCombo)
    qtbot.waitUntil(lambda: box.currentText() == here.name, timeout=MINUTE)
    assert box.shortened(box.width() - 36) == here.name, "it fits beside the arrow"
