"""Closing the window during a run that goes on elsewhere, and finding it again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from fitgui.gui.where.login_dialog import LoginDialog
from fitgui.gui.window import MainWindow
from fitgui_backends.contract import Emit, Plan, RunHandle, TaskState
from fitgui_backends.events import Notice, PlaceChanged, RemoteTask, TasksAccepted, TaskStateChanged
from tests.gui.clusters import RIVER, HandGlobus
from tests.gui.hands import GRID, MINUTE, MakePallet, column, open_and_wait, primary
from tests.gui.test_where import choose, window_with

MakeWindow = Callable[..., MainWindow]


@dataclass
class Patient(HandGlobus):
    """Takes a run and does nothing with it: its nodes are busy."""

    held: list[tuple[Plan, Emit]] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)

    def submit(self, plan: Plan, emit: Emit) -> RunHandle:
        points = tuple(point.name for point in plan.points)
        emit(TaskStateChanged(points=points, state=TaskState.QUEUED, phase="waiting for nodes"))
        task = RemoteTask(identifier="t1", points=points)
        emit(TasksAccepted(group="g1", place=RIVER.identifier, tasks=(task,)))
        self.held.append((plan, emit))
        return RunHandle(identifier="held")

    def cancel(self, handle: RunHandle, points: object = None) -> None:
        for plan, emit in self.held:
            names = tuple(point.name for point in plan.points)
            emit(Notice(level="info", text="Workers are told to stop before their next point."))
            emit(TaskStateChanged(points=names, state=TaskState.CANCELLED))

    def close(self) -> None:
        self.closed.set()
        super().close()


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)


@pytest.fixture
def pallet(make_pallet: MakePallet) -> Path:
    return make_pallet(GRID)


def begin(qtbot: QtBot, make: MakeWindow, folder: Path, pallet: Path, globus: HandGlobus) -> MainWindow:
    window = window_with(qtbot, make, folder, globus)
    open_and_wait(qtbot, window, pallet)
    choose(qtbot, window, "Globus Compute")
    cluster = window.where.clusters["globus"]
    cluster.choose(RIVER.identifier)
    cluster.set_options({"account": "fitgui"})
    qtbot.waitUntil(lambda: primary(window).isEnabled(), timeout=MINUTE)
    with qtbot.waitSignal(window.workbench.run_began, timeout=MINUTE):
        qtbot.mouseClick(primary(window), Qt.MouseButton.LeftButton)
    # What was handed over is on disk.
    bench = window.workbench
    qtbot.waitUntil(lambda: bench.snapshot is not None and bench.snapshot.sequence > 1, timeout=MINUTE)
    return window


def answer(qtbot: QtBot, window: MainWindow, text: str) -> str:
    """Close the window, and press a button of what it asks; returns the question."""
    window.close()
    (box,) = window.findChildren(QMessageBox)
    assert window.isVisible()
    (button,) = [b for b in box.findChildren(QPushButton) if b.text() == text]
    question = f"{box.text()} {box.informativeText()}"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    return question


def test_the_run_goes_on_and_its_results_are_fetched_later(
    qtbot: QtBot, make_window_in: MakeWindow, pallet: Path, tmp_path: Path
) -> None:
    held = Patient()
    first = begin(qtbot, make_window_in, tmp_path / "data", pallet, held)
    question = answer(qtbot, first, "Close, fetch later")
    assert "0 of 6 points are fitted. The run goes on at river-slurm without this window." in question
    qtbot.waitUntil(held.closed.is_set, timeout=MINUTE)
    assert not first.isVisible()

    back = HandGlobus()
    second = window_with(qtbot, make_window_in, tmp_path / "data", back)
    open_and_wait(qtbot, second, pallet)
    notice = second.results_panel.notice
    qtbot.waitUntil(lambda: "going on at river-slurm: 0 of 6" in notice.text, timeout=MINUTE)
    (fetch,) = [b for b in second.findChildren(QPushButton) if b.text() == "Fetch results"]
    with qtbot.waitSignal(second.workbench.run_ended, timeout=2 * MINUTE):
        qtbot.mouseClick(fetch, Qt.MouseButton.LeftButton)
    assert len(back.reattached) == 1, "the tasks are found again, not sent again"
    assert set(column(second, "State")) <= {"✓ fitted", "⚠ fitted"}


def test_the_run_can_be_cancelled_before_the_window_closes(
    qtbot: QtBot, make_window_in: MakeWindow, pallet: Path, tmp_path: Path
) -> None:
    first = begin(qtbot, make_window_in, tmp_path / "data", pallet, Patient())
    answer(qtbot, first, "Cancel the run")
    qtbot.waitUntil(lambda: not first.isVisible(), timeout=MINUTE)
    second = window_with(qtbot, make_window_in, tmp_path / "data", HandGlobus())
    open_and_wait(qtbot, second, pallet)
    (record,) = second.workbench._controller.journal.runs()
    counts = second.workbench._controller.snapshot(record.id).counts
    assert counts[TaskState.CANCELLED] == len(GRID)


def test_whoever_stays_stays(qtbot: QtBot, make_window_in: MakeWindow, pallet: Path, tmp_path: Path) -> None:
    held = Patient()
    window = begin(qtbot, make_window_in, tmp_path / "data", pallet, held)
    answer(qtbot, window, "Stay")
    assert window.isVisible()
    assert window.workbench.running
    assert not held.closed.is_set()


def test_cancelling_says_what_becomes_of_what_was_handed_over(
    qtbot: QtBot, make_window_in: MakeWindow, pallet: Path, tmp_path: Path
) -> None:
    window = begin(qtbot, make_window_in, tmp_path / "data", pallet, Patient())
    assert primary(window).text() == "Cancel run"
    with qtbot.waitSignal(window.workbench.run_ended, timeout=MINUTE):
        qtbot.mouseClick(primary(window), Qt.MouseButton.LeftButton)
    assert "told to stop before their next point" in window.results_panel.notice.text


def test_a_run_that_waits_for_a_login_offers_it(
    qtbot: QtBot, make_window_in: MakeWindow, pallet: Path, tmp_path: Path
) -> None:
    held = Patient()
    window = begin(qtbot, make_window_in, tmp_path / "data", pallet, held)
    ((_plan, emit),) = held.held
    sentence = "Globus does not accept the login any more. The run waits until you log in."
    emit(PlaceChanged(status="login", text=sentence))
    notice = window.results_panel.notice
    qtbot.waitUntil(lambda: notice.text == sentence, timeout=MINUTE)
    (log_in,) = [b for b in notice.findChildren(QPushButton) if b.text() == "Log in…"]
    qtbot.mouseClick(log_in, Qt.MouseButton.LeftButton)
    (dialog,) = window.findChildren(LoginDialog)
    qtbot.waitUntil(lambda: bool(dialog.address), timeout=MINUTE)
    emit(PlaceChanged(status="offline"))
    qtbot.waitUntil(lambda: "endpoint is offline" in notice.text, timeout=MINUTE)
    emit(PlaceChanged(status="online", workers=4))
    qtbot.waitUntil(lambda: notice.text == "", timeout=MINUTE)
    assert window.workbench.running


def test_the_place_cannot_be_changed_under_a_run(
    qtbot: QtBot, make_window_in: MakeWindow, pallet: Path, tmp_path: Path
) -> None:
    window = begin(qtbot, make_window_in, tmp_path / "data", pallet, Patient())
    assert not window.compute_panel.places.isEnabled()
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert window.where.chosen == "globus"
