"""Earlier runs are shown again, with their pallet, and what they left can be resumed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from fitgui.gui.palette import CommandPalette
from fitgui.gui.plane.compared import runs_to_compare
from fitgui.gui.window import MainWindow
from fitgui.pallets import open_pallet
from fitgui.runs.journal import Journal
from fitgui.runs.plan import make_plan
from fitgui_backends.contract import FitOptions, TaskState
from fitgui_backends.events import PointFitted, RunStarted, StampedEvent, TaskStateChanged
from tests.gui.hands import GRID, MINUTE, MakePallet, column, control, fit_all, open_and_wait
from tests.runs.support import result_of

AGAIN = "Fit failed and cancelled points again"


def show_newest(qtbot: QtBot, window: MainWindow, letters: str = "") -> None:
    """As a user does: Ctrl+R, some letters, Enter."""
    qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(window.findChildren(CommandPalette)))
    palette = window.findChildren(CommandPalette)[-1]
    qtbot.waitUntil(lambda: palette.rows.topLevelItemCount() > 0, timeout=MINUTE)
    qtbot.keyClicks(palette.line, letters)
    with qtbot.waitSignal(window.workbench.recorded_shown, timeout=MINUTE):
        qtbot.keyClick(palette.line, Qt.Key.Key_Return)


def test_a_run_of_an_earlier_session_is_shown_again(
    qtbot: QtBot, make_window_in: Callable[[Path], MainWindow], make_pallet: MakePallet, tmp_path: Path
) -> None:
    first, second = make_pallet(GRID, name="first"), make_pallet([[1.0, 2.0]], name="second")
    window = make_window_in(tmp_path / "data")
    open_and_wait(qtbot, window, first)
    fit_all(qtbot, window)
    found = column(window, "CLs obs")
    window._closing = True
    window.close()

    later = make_window_in(tmp_path / "data")
    open_and_wait(qtbot, later, second)
    show_newest(qtbot, later, "first")
    assert later.workbench.pallet is not None
    assert later.workbench.pallet.name == "first"
    assert column(later, "CLs obs") == found
    assert set(column(later, "State")) == {"✓ fitted"}
    assert "An earlier run" in later.results_panel.notice.text
    assert not later.workbench.running
    # It is a run like any other: its results are saved, points of it are fitted again.
    later.workbench.export(tmp_path / "results.json")
    qtbot.waitUntil((tmp_path / "results.json").exists, timeout=MINUTE)
    document = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert len(document["points"]) == len(GRID)
    fit_all(qtbot, later)
    assert set(column(later, "State")) == {"✓ fitted"}


def test_the_menu_lists_runs_and_comes_back_to_one(
    qtbot: QtBot, window: MainWindow, two_regions: Path
) -> None:
    open_and_wait(qtbot, window, two_regions)
    fit_all(qtbot, window)
    found = column(window, "CLs obs")
    window.compute_panel.choose_analysis("RegionB")
    assert not any(column(window, "CLs obs"))
    runs = window.actions_.recent_runs
    menu = runs._menu
    runs.refresh()
    points = f"{len(GRID)} of {len(GRID)} points"
    # The list was read when the run began, too: without results.
    qtbot.waitUntil(lambda: len(runs.runs) == 1 and points in runs.runs[0].text, timeout=MINUTE)
    (entry,) = menu.actions()
    assert "RegionA" in entry.text()
    assert f" · {points} · newton · local" in entry.text()
    # What tells two runs apart, and what has no result, is told, too.
    journal = window.workbench.journal
    record = journal.run(runs.runs[0].run_id)
    options = msgspec.structs.replace(record.plan.plan.options, limits=True)
    plan = msgspec.structs.replace(
        record.plan, plan=msgspec.structs.replace(record.plan.plan, options=options, workers=2)
    )
    journal.add_run("20200101-000000-none", 1.0, plan)
    assert journal.flush(10.0)
    runs.refresh()
    qtbot.waitUntil(lambda: len(runs.runs) == 2, timeout=MINUTE)
    none = f"0 of {len(GRID)} points · newton, with limits · local, 2 workers"
    assert runs.runs[1].text.endswith(none)
    labels, digest = plan.analysis.labels, plan.analysis.digest
    assert [source.key for source in runs_to_compare(journal, labels, digest, None)] == [record.id]
    entry = menu.actions()[0]
    with qtbot.waitSignal(window.workbench.recorded_shown, timeout=MINUTE):
        entry.trigger()
    assert window.compute_panel.shown is not None
    assert window.compute_panel.shown.analysis.name == "RegionA"
    assert column(window, "CLs obs") == found


def test_a_run_that_was_left_is_shown_as_it_was_and_resumed(
    qtbot: QtBot, make_window_in: Callable[[Path], MainWindow], make_pallet: MakePallet, tmp_path: Path
) -> None:
    folder = make_pallet(GRID)
    pallet = open_pallet(folder)
    plan = make_plan(pallet, pallet.analyses[0], pallet.analyses[0].points, FitOptions())
    names = plan.points
    events = [
        RunStarted(points=names, backend="local", workers=1),
        TaskStateChanged(points=names[:2], state=TaskState.RUNNING, worker="here:1"),
        PointFitted(result=result_of(names[0], cls=0.3)),
    ]
    journal = Journal(tmp_path / "data" / "journal.sqlite")
    journal.add_run("20260101-000000-abcd", 1.7e9, plan)
    journal.append(
        "20260101-000000-abcd",
        [
            StampedEvent(sequence=number, time=1.7e9, elapsed=0.1 * number, event=event)
            for number, event in enumerate(events, start=1)
        ],
    )
    journal.close()

    window = make_window_in(tmp_path / "data")
    open_and_wait(qtbot, window, make_pallet([[1.0, 2.0]], name="other"))
    show_newest(qtbot, window)
    assert not window.workbench.running
    states = column(window, "State")
    assert states[0] == "✓ fitted"
    assert len(set(states[1:])) == 1, "nobody works on what was in flight"
    assert "cancelled" in states[1]
    assert "not complete: 1 of 6" in window.results_panel.notice.text
    again = control(window, QPushButton, AGAIN)
    assert again.isVisible()
    with qtbot.waitSignal(window.workbench.failed, timeout=MINUTE) as told:
        window.workbench.retry(names[1:2])
    assert "or none" in told.args[0]
    with qtbot.waitSignal(window.workbench.run_ended, timeout=MINUTE):
        qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    assert set(column(window, "State")) == {"✓ fitted"}
    assert column(window, "CLs obs")[0].startswith("0.3"), "what was done is not done again"
    assert window.workbench.run_id == "20260101-000000-abcd"


def test_a_pallet_that_is_gone_comes_from_the_library_and_a_changed_one_is_told(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    folder = make_pallet(GRID)
    open_and_wait(qtbot, window, folder)
    fit_all(qtbot, window)
    run = window.workbench.run_id
    assert run is not None
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    open_and_wait(qtbot, window, make_pallet([[1.0, 2.0]], name="other"))
    with qtbot.waitSignal(window.workbench.recorded_shown, timeout=MINUTE):
        window.workbench.show_recorded(run)
    assert set(column(window, "State")) == {"✓ fitted"}
    # Now neither the folder nor the library has it, and something else lies in its place.
    digest = window.workbench.pallet.digest  # type: ignore[union-attr]
    open_and_wait(qtbot, window, window.recent_pallets[1].source)
    window.store.library.remove(digest)
    make_pallet([[7.0, 8.0]], name="small")
    with qtbot.waitSignal(window.workbench.failed, timeout=MINUTE) as told:
        window.workbench.show_recorded(run)
    assert "does not hold what this run fitted" in told.args[0]
    with qtbot.waitSignal(window.workbench.failed, timeout=MINUTE) as told:
        window.workbench.show_recorded("20000101-000000-0000")
    assert "there is no run" in told.args[0]
