"""The tab of wall times in a real window: bars, comparison, curves, mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QSpinBox
from pytestqt.qtbot import QtBot

from fitgui.gui.walltime.view import WallTimeView
from fitgui.gui.window import MainWindow
from fitgui.pallets import open_pallet
from fitgui.runs.journal import Journal
from fitgui.runs.plan import make_plan
from fitgui.runs.wall_bars import BarKind
from fitgui_backends.contract import FitOptions, Place
from tests.gui.hands import GRID, MINUTE, MakePallet, control, cut_texts, fit_all, open_and_wait, primary
from tests.gui.tabs import go_to
from tests.runs.recorded_runs import record, whole_run

RIVER = Place(identifier="x", name="river-slurm")


def view_of(window: MainWindow) -> WallTimeView:
    (view,) = [view for view in window.results_panel.views if isinstance(view, WallTimeView)]
    return view


def labels(view: WallTimeView) -> list[str]:
    return [row.bar.label for row in view.list.model.rows]


def colour_of_bar(view: WallTimeView, number: int) -> set[str]:
    """What is painted where the bar of this row begins."""
    QApplication.processEvents()
    rect = view.list.view.visualRect(view.list.model.index(number))
    image = view.list.view.viewport().grab().toImage()
    left = round(view.list.view.painter_.columns.left)
    return {image.pixelColor(left + step, rect.center().y()).name() for step in (2, 4)}


@pytest.fixture
def pallet(make_pallet: MakePallet) -> Path:
    return make_pallet(GRID)


@pytest.fixture
def folder(pallet: Path, tmp_path: Path) -> Path:
    """A data folder with two earlier runs: all points on a cluster, and two points with limits here."""
    opened = open_pallet(pallet)
    (analysis,) = opened.analyses
    journal = Journal(tmp_path / "data" / "journal.sqlite")
    far = make_plan(opened, analysis, analysis.points, FitOptions(), backend="globus", place=RIVER)
    part = make_plan(opened, analysis, analysis.points[:2], FitOptions(limits=True))
    record(journal, "far", far, whole_run(far, workers=4, wall=20.0, fit=3.0))
    record(journal, "part", part, whole_run(part, workers=1, wall=3.0, fit=1.0), started=1.75e9)
    assert journal.close()
    return tmp_path / "data"


@pytest.fixture
def window(
    qtbot: QtBot, make_window_in: Callable[[Path], MainWindow], folder: Path, pallet: Path
) -> MainWindow:
    """With the pallet open, and its wall times on show."""
    shown = make_window_in(folder)
    open_and_wait(qtbot, shown, pallet)
    go_to(qtbot, shown, "Wall time")
    qtbot.waitUntil(lambda: len(labels(view_of(shown))) == 2, timeout=MINUTE)
    return shown


def test_earlier_runs_stand_beside_this_one(qtbot: QtBot, window: MainWindow) -> None:
    view = view_of(window)
    assert labels(view) == ["This machine, 1 worker, newton", "Globus: river-slurm, 4 workers, newton"]
    assert "No run on show" in view.sentence.text()
    control(window, QSpinBox, "Workers").setValue(1)
    fit_all(qtbot, window)
    qtbot.waitUntil(lambda: len(labels(view)) == 4 and view.figures.shown[0].number != "–", timeout=MINUTE)
    this, core, far, part = [row.bar for row in view.list.model.rows]
    assert [bar.kind for bar in (this, core, far, part)] == [
        *(BarKind.THIS, BarKind.CORE, BarKind.RUN, BarKind.RUN)
    ]
    snapshot = window.workbench.snapshot
    assert snapshot is not None
    assert this.seconds == pytest.approx(snapshot.elapsed)
    assert core.seconds == pytest.approx(snapshot.sum_core_seconds)
    assert far.detail.endswith("6 points")
    assert part.detail.endswith("2 of 6 points, with limits")
    ticks = [row.ticked for row in view.list.model.rows]
    assert ticks == [True, True, True, False], "what was fitted otherwise is not shown unasked"
    assert this.expected is None
    speed_up, efficiency = (figure.number for figure in view.figures.shown)
    assert speed_up == f"{snapshot.sum_core_seconds / snapshot.elapsed:.1f} ×"
    assert efficiency.endswith(" %")
    assert cut_texts(view) == []
    # The keyboard goes from bar to bar, and each is compared with this run.
    view.setFocus()
    view.list.choose("far")
    assert view.sentence.text().endswith("the run at Globus: river-slurm, 4 workers, newton.")
    assert "times faster" in view.sentence.text()
    qtbot.keyClick(view.list.view, Qt.Key.Key_Down)
    assert view.sentence.text().startswith("Not comparable with")
    # The space bar shows it, in bars and curves.
    assert colour_of_bar(view, 3) == {"#ffffff"} or "#009e73" not in colour_of_bar(view, 3)
    qtbot.keyClick(view.list.view, Qt.Key.Key_Space)
    assert view.list.model.rows[3].ticked
    assert colour_of_bar(view, 2) == {"#d55e00"}
    assert "#009e73" in colour_of_bar(view, 3)
    view.show_page(curves=True)
    assert [entry.text.partition(":")[0] for entry in view.curves.legend.entries] == [
        *("This machine, 1 worker, newton", "Globus", "This machine, 1 worker, newton, with limits")
    ]
    drawn = view.curves.plot.getPlotItem().listDataItems()
    assert len(drawn) == 3
    assert max(drawn[0].getData()[1]) == 6
    view.curves.logarithmic.setChecked(True)
    assert cut_texts(view) == []
    # While the tab is hidden nothing is drawn; then this run is new, and the one before is an earlier one.
    view.show_page(curves=False)
    go_to(qtbot, window, "Log")
    qtbot.waitUntil(lambda: primary(window).isEnabled() and window.compute_panel.ready, timeout=MINUTE)
    fit_all(qtbot, window)
    assert len(labels(view)) == 4
    go_to(qtbot, window, "Wall time")
    qtbot.waitUntil(lambda: len(labels(view)) == 5, timeout=MINUTE)
    assert view.list.model.rows[0].bar.key == window.workbench.run_id


def test_a_click_on_the_box_shows_a_run_and_one_on_the_bar_compares(qtbot: QtBot, window: MainWindow) -> None:
    view = view_of(window)
    rows = view.list.model.rows
    before = [row.ticked for row in rows]
    place = view.list.view.visualRect(view.list.model.index(1))
    box = QPoint(place.left() + 6, place.center().y())
    qtbot.mouseClick(view.list.view.viewport(), Qt.MouseButton.LeftButton, pos=box)
    assert [row.ticked for row in view.list.model.rows] == [before[0], not before[1]]
    qtbot.mouseClick(view.list.view.viewport(), Qt.MouseButton.LeftButton, pos=place.center())
    assert view.list.view.currentIndex().row() == 1
    tip = view.list.model.index(1).data(Qt.ItemDataRole.ToolTipRole)
    assert "Run far: 6 points in 20.0 s; one core would have needed 18.6 s" in tip
    # What the user chose stays when the history is read again.
    view.context.workbench.run_ended.emit("done")
    view.hide()
    view.show()
    QApplication.processEvents()
    assert [row.ticked for row in view.list.model.rows] == [before[0], not before[1]]
