"""The same by mouse: log in, choose the endpoint, set options, check, run, and see where the time went."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from fitgui.gui.where.login_dialog import LoginDialog
from fitgui.gui.where.options_dialog import OptionsDialog
from fitgui.gui.where.trial_dialog import TrialDialog
from fitgui.gui.window import MainWindow
from fitgui_backends.contract import TaskState
from tests.cluster.stack import Stack
from tests.gui.conftest import (
    collect_garbage_in_this_thread,  # noqa: F401  (a fixture)
    make_window_in,  # noqa: F401  (a fixture)
)
from tests.gui.hands import MINUTE, control, cut_texts, open_and_wait, primary, shown_texts
from tests.gui.test_where import card_says, choose
from tests.integration.elsewhere import LOW_MASS, STAU, fit_here, globus_place, plan_for, stau

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
MakeWindow = Callable[..., MainWindow]
CLUSTER = 4 * MINUTE


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A browser in which Alice is known: it visits what it is given and follows where it is sent."""
    visited: list[str] = []
    visits: list[threading.Thread] = []

    def open_url(url: QUrl) -> bool:
        address = url.toString()
        visited.append(address)
        visits.append(threading.Thread(target=requests.get, args=(address,), kwargs={"timeout": 60}))
        visits[-1].start()
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    yield visited
    for visit in visits:
        visit.join(60)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where screenshots go: into ``FITGUI_SCREENSHOTS``, to be looked at, or to be thrown away."""
    folder = Path(os.environ.get("FITGUI_SCREENSHOTS") or tmp_path / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def picture(qtbot: QtBot, widget: QWidget, folder: Path, name: str) -> None:
    """Take one, in which no text is cut once all has found its place."""
    qtbot.waitUntil(lambda: cut_texts(widget) == [], timeout=MINUTE)
    assert widget.grab().save(str(folder / f"{name}.png"))


def press(qtbot: QtBot, window: QWidget, name: str) -> None:
    button = control(window, QPushButton, name)  # type: ignore[arg-type]
    qtbot.waitUntil(button.isEnabled, timeout=MINUTE)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def button_of(dialog: QWidget, text: str) -> QPushButton:
    (found,) = [one for one in dialog.findChildren(QPushButton) if one.text() == text and one.isVisible()]
    return found


def log_in(qtbot: QtBot, window: MainWindow, pictures: Path) -> None:
    qtbot.waitUntil(lambda: "needs login" in card_says(window, "globus"), timeout=MINUTE)
    press(qtbot, window, "Log in…")
    (dialog,) = window.findChildren(LoginDialog)
    qtbot.waitUntil(lambda: "Logged in as alice" in dialog.text, timeout=MINUTE)
    picture(qtbot, dialog, pictures, "cluster-login")
    qtbot.mouseClick(button_of(dialog, "Close"), Qt.MouseButton.LeftButton)


def see_endpoint(qtbot: QtBot, window: MainWindow, stack: Stack) -> None:
    """The only one that is online needs no choosing."""
    qtbot.waitUntil(lambda: window.where.standing.ready, timeout=MINUTE)
    assert "fitgui tests" in control(window, QComboBox, "Endpoint").currentText()
    chosen = window.where.clusters["globus"].place
    assert chosen is not None
    assert chosen.identifier == stack.endpoint_id


def set_workers(qtbot: QtBot, window: MainWindow, pictures: Path) -> None:
    press(qtbot, window, "Options of the endpoint")
    (dialog,) = window.findChildren(OptionsDialog)
    qtbot.waitUntil(lambda: bool(_workers_on_a_node(dialog)), timeout=MINUTE)
    (line,) = _workers_on_a_node(dialog)
    line.selectAll()
    qtbot.keyClicks(line, "2")
    picture(qtbot, dialog, pictures, "cluster-options")
    qtbot.mouseClick(button_of(dialog, "Save"), Qt.MouseButton.LeftButton)


def _workers_on_a_node(dialog: QWidget) -> list[QLineEdit]:
    return [one for one in dialog.findChildren(QLineEdit) if one.accessibleName() == "Workers on a node"]


def check_it(qtbot: QtBot, window: MainWindow, pictures: Path) -> None:
    press(qtbot, window, "Check of the endpoint")
    (dialog,) = window.findChildren(TrialDialog)
    qtbot.waitUntil(lambda: bool(dialog.rows), timeout=CLUSTER)
    reported = {row[0]: row[1] for row in dialog.rows}
    assert reported["block"].startswith("Slurm ")
    assert reported["fitgui-backends"] != "not installed"
    picture(qtbot, dialog, pictures, "cluster-check")
    qtbot.mouseClick(button_of(dialog, "Close"), Qt.MouseButton.LeftButton)


def test_twenty_points_of_stau_by_mouse(
    qtbot: QtBot,
    make_window_in: MakeWindow,  # noqa: F811
    on_stack: Stack,
    real_pallets: Path,
    tmp_path: Path,
    browser: list[str],
    pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("GLOBUS_COMPUTE_CLIENT_ID", "GLOBUS_COMPUTE_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    window = make_window_in(tmp_path / "data")
    window.prepare()
    open_and_wait(qtbot, window, real_pallets / STAU)
    window.compute_panel.choose_analysis(LOW_MASS)
    plan = plan_for(stau(real_pallets), "globus", globus_place(on_stack), points=slice(0, 20))
    window.compute_panel.show_selection(plan.points)
    window.compute_panel.fit_selected()
    assert primary(window).text() == "Run 20 points"
    choose(qtbot, window, "Globus Compute")
    log_in(qtbot, window, pictures)
    assert len(browser) == 1
    see_endpoint(qtbot, window, on_stack)
    set_workers(qtbot, window, pictures)
    check_it(qtbot, window, pictures)
    qtbot.waitUntil(lambda: primary(window).isEnabled(), timeout=MINUTE)
    with qtbot.waitSignal(window.workbench.run_began, timeout=MINUTE):
        qtbot.mouseClick(primary(window), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.workbench.running, timeout=CLUSTER)
    snapshot = window.workbench.snapshot
    assert snapshot is not None
    assert snapshot.counts[TaskState.DONE] == 20
    picture(qtbot, window, pictures, "cluster-plane")
    tabs = window.results_panel.tabs
    (workers,) = [i for i in range(tabs.count()) if tabs.tabText(i) == "Workers"]
    tabs.setCurrentIndex(workers)
    picture(qtbot, window, pictures, "cluster-workers")
    assert "block" in shown_texts(window)
    here = fit_here(plan, tmp_path / "here")
    for name, status in snapshot.points.items():
        assert status.result is not None
        assert status.result.cls_obs == pytest.approx(here[name].cls_obs, abs=1e-9)
        assert status.result.block
