"""Logging in and out in the window, with a browser and without one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from fitgui.gui.where.login_dialog import LoginDialog, open_login
from fitgui.gui.window import MainWindow
from tests.gui.clusters import RIVER, HandGlobus
from tests.gui.hands import MINUTE, control, cut_texts, shown_texts
from tests.gui.test_where import card_says, choose, window_with

MakeWindow = Callable[..., MainWindow]
BREAK = "\N{ZERO WIDTH SPACE}"
"""Where a line may be broken."""


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the system's browser was given."""
    addresses: list[str] = []

    def open_url(url: QUrl) -> bool:
        addresses.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    return addresses


@pytest.fixture
def globus() -> HandGlobus:
    return HandGlobus(logged_in=False)


@pytest.fixture
def window(qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path, globus: HandGlobus) -> MainWindow:
    window = window_with(qtbot, make_window_in, tmp_path, globus)
    choose(qtbot, window, "Globus Compute")
    qtbot.waitUntil(lambda: "needs login" in card_says(window, "globus"), timeout=MINUTE)
    return window


def press(qtbot: QtBot, dialog: LoginDialog, text: str) -> None:
    (button,) = [b for b in dialog.findChildren(QPushButton) if b.text() == text]
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def begin(qtbot: QtBot, window: MainWindow) -> LoginDialog:
    qtbot.mouseClick(control(window, QPushButton, "Log in…"), Qt.MouseButton.LeftButton)
    (dialog,) = window.findChildren(LoginDialog)
    qtbot.waitUntil(lambda: bool(dialog.address), timeout=MINUTE)
    return dialog


def test_the_browser_comes_back_and_the_window_says_who(
    qtbot: QtBot, window: MainWindow, globus: HandGlobus, visited: list[str]
) -> None:
    dialog = begin(qtbot, window)
    assert not dialog.isModal(), "the window can be used meanwhile"
    assert visited == [globus.address]
    assert dialog.address == globus.address
    press(qtbot, dialog, "Copy the address")
    assert QGuiApplication.clipboard().text() == globus.address
    assert cut_texts(dialog) == []
    globus.browser_back.set()
    qtbot.waitUntil(lambda: "✓" in dialog.text, timeout=MINUTE)
    assert dialog.text == f"✓ Logged in as {globus.user}."
    assert "The login is kept in the keyring of this system." in shown_texts(dialog)  # type: ignore[arg-type]
    press(qtbot, dialog, "Close")
    cluster = window.where.clusters["globus"]
    qtbot.waitUntil(lambda: len(cluster.places) == 2, timeout=MINUTE)
    cluster.choose(RIVER.identifier)
    qtbot.waitUntil(lambda: globus.user in shown_texts(window).replace(BREAK, ""), timeout=MINUTE)
    assert "cancel_login" not in globus.asked


def test_without_a_browser_a_code_is_pasted(
    qtbot: QtBot, window: MainWindow, globus: HandGlobus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    dialog = begin(qtbot, window)
    assert "No browser could be opened here" in dialog.text
    press(qtbot, dialog, "Use a code instead")
    code = control(dialog, QLineEdit, "Code")  # type: ignore[arg-type]
    qtbot.waitUntil(code.isVisible, timeout=MINUTE)
    assert globus.asked[-2:] == ["cancel_login", "begin_login code"], "only one login at a time"
    qtbot.keyClicks(code, "wrong")
    press(qtbot, dialog, "Log in")
    qtbot.waitUntil(lambda: "does not accept the code" in dialog.text, timeout=MINUTE)
    press(qtbot, dialog, "Use a code instead")
    qtbot.waitUntil(code.isVisible, timeout=MINUTE)
    assert code.text() == ""
    qtbot.keyClicks(code, f" {globus.code} ")
    qtbot.keyClick(code, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "✓ Logged in" in dialog.text, timeout=MINUTE)


def test_a_login_that_is_closed_is_given_up(
    qtbot: QtBot, window: MainWindow, globus: HandGlobus, visited: list[str]
) -> None:
    dialog = begin(qtbot, window)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(globus.given_up.is_set, timeout=MINUTE)
    assert "needs login" in card_says(window, "globus")
    qtbot.waitUntil(lambda: not window.findChildren(LoginDialog), timeout=MINUTE)
    again = begin(qtbot, window)
    globus.browser_back.set()
    qtbot.waitUntil(lambda: "✓ Logged in" in again.text, timeout=MINUTE)
    assert len(visited) == 2


def test_logging_out_forgets_the_endpoints(qtbot: QtBot, make_window_in: MakeWindow, tmp_path: Path) -> None:
    globus = HandGlobus()
    window = window_with(qtbot, make_window_in, tmp_path, globus)
    choose(qtbot, window, "Globus Compute")
    cluster = window.where.clusters["globus"]
    qtbot.waitUntil(lambda: cluster.places_known, timeout=MINUTE)
    qtbot.mouseClick(control(window, QPushButton, "Log out of Globus Compute"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "needs login" in card_says(window, "globus"), timeout=MINUTE)
    assert cluster.places == ()
    assert not window.where.standing.ready


@pytest.mark.parametrize(
    ("address", "opened"),
    [
        ("https://auth.globus.org/v2/oauth2/authorize", True),
        ("http://localhost:5000/v2/oauth2/authorize", True),
        ("http://auth.globus.org/", False),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("", False),
    ],
)
def test_only_pages_of_a_login_are_opened(visited: list[str], address: str, opened: bool) -> None:
    assert open_login(address) is opened
    assert visited == ([address] if opened else [])
