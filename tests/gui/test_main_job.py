"""The main job in the window: open a pallet, choose points, fit them, read the answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from fitgui.gui.window import MainWindow
from fitgui_backends.contract import TaskState
from tests.gui.hands import (
    GRID,
    MINUTE,
    MakePallet,
    column,
    control,
    drag,
    fit_all,
    open_and_wait,
    primary,
    shown_texts,
)


def test_bundled_example_is_fitted_by_name_pattern(qtbot: QtBot, window: MainWindow) -> None:
    open_and_wait(qtbot, window, "example")
    names = column(window, "Point")
    assert len(names) > 50
    pattern = control(window, QLineEdit, "Name pattern")
    qtbot.keyClicks(pattern, f"{names[0]} {names[1]}")
    assert primary(window).text() == "Run 2 points"
    fit_all(qtbot, window)
    assert set(column(window, "State")) <= {"✓ fitted", "⚠ fitted", "· not fitted"}
    fitted = [value for value in column(window, "CLs obs") if value]
    assert len(fitted) == 2
    assert all(0 <= float(value) <= 1 for value in fitted)
    assert "2 / 2" in shown_texts(window)
    assert "Finished (done)" in window.results_panel.log.toPlainText()


def test_every_point_of_the_plane_is_drawn_and_coloured(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID))
    marks = window.results_panel.plane._marks.item
    assert sorted(zip(*marks.getData(), strict=True)) == sorted(map(tuple, GRID))
    assert len({id(brush) for brush in marks.data["brush"]}) == 1
    fit_all(qtbot, window)
    assert len({id(brush) for brush in marks.data["brush"]}) > 1
    assert set(marks.data["symbol"]) <= {"o", "d"}
    bottom = window.results_panel.plane._plot.getAxis("bottom")
    assert bottom.labelText == "m1 [GeV]"


def test_dropped_folder_is_opened(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(make_pallet(GRID)))])
    drop = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(window.workbench.pallet_opened, timeout=MINUTE):
        window.dropEvent(drop)
    assert len(column(window, "Point")) == len(GRID)


def test_points_are_selected_by_rectangle_in_the_plane(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID))
    qtbot.mouseClick(control(window, QPushButton, "Select in plane"), Qt.MouseButton.LeftButton)
    QApplication.processEvents()  # the pallet has just come: places are those of the layout that is seen
    plane = window.results_panel.plane
    viewport = plane._plot.viewport()
    corners = [plane._box.mapViewToScene(QPointF(*place)).toPoint() for place in ((150, 52), (250, -2))]
    drag(viewport, *corners)
    chosen = {point.name for point in window.compute_panel.chosen_points}
    assert chosen == {"point_200.0_0.0", "point_200.0_50.0"}
    assert primary(window).text() == "Run 2 points"
    assert window.results_panel.table.selected() == chosen


def test_failed_point_is_told_and_can_be_retried(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID, broken=[2]))
    fit_all(qtbot, window)
    states = column(window, "State")
    assert states.count("✗ failed") == 1
    assert states.count("✓ fitted") == len(GRID) - 1
    remark = column(window, "Remarks")[states.index("✗ failed")]
    assert "/channels/9" in remark
    retry = control(window, QPushButton, "Fit failed and cancelled points again")
    assert retry.isVisible()
    assert retry.text() == "Fit 1 failed again"
    with qtbot.waitSignal(window.workbench.run_ended, timeout=MINUTE):
        qtbot.mouseClick(retry, Qt.MouseButton.LeftButton)
    assert column(window, "State").count("✗ failed") == 1


def test_cancel_keeps_what_is_done(qtbot: QtBot, window: MainWindow, make_pallet: MakePallet) -> None:
    open_and_wait(qtbot, window, make_pallet([[float(i), float(j)] for i in range(20) for j in range(20)]))
    qtbot.mouseClick(primary(window), Qt.MouseButton.LeftButton)
    bench = window.workbench
    qtbot.waitUntil(
        lambda: bench.snapshot is not None and bench.snapshot.counts[TaskState.DONE] > 3, timeout=MINUTE
    )
    assert primary(window).text() == "Cancel run"
    with qtbot.waitSignal(bench.run_ended, timeout=MINUTE):
        qtbot.mouseClick(primary(window), Qt.MouseButton.LeftButton)
    counts = bench.snapshot.counts
    assert counts[TaskState.DONE] > 3
    assert counts[TaskState.DONE] + counts[TaskState.CANCELLED] == 400
    assert primary(window).text() == "Run 400 points"
    assert not primary(window).isEnabled(), "a late click on Cancel must not start a run"
    qtbot.waitUntil(primary(window).isEnabled, timeout=MINUTE)


def test_interrupted_run_is_offered_and_resumed(
    qtbot: QtBot, make_window_in: Callable[[Path], MainWindow], make_pallet: MakePallet, tmp_path: Path
) -> None:
    pallet = make_pallet([[float(i), float(j)] for i in range(20) for j in range(20)])
    first = make_window_in(tmp_path / "data")
    open_and_wait(qtbot, first, pallet)
    qtbot.mouseClick(primary(first), Qt.MouseButton.LeftButton)
    bench = first.workbench
    qtbot.waitUntil(
        lambda: bench.snapshot is not None and bench.snapshot.counts[TaskState.DONE] > 2, timeout=MINUTE
    )
    first.close_now()
    qtbot.waitUntil(lambda: not first.isVisible(), timeout=MINUTE)

    second = make_window_in(tmp_path / "data")
    open_and_wait(qtbot, second, pallet)
    qtbot.waitUntil(lambda: "is not complete" in second.results_panel.notice.text, timeout=MINUTE)
    (resume,) = [b for b in second.findChildren(QPushButton) if b.text() == "Resume it"]
    with qtbot.waitSignal(second.workbench.run_ended, timeout=2 * MINUTE):
        qtbot.mouseClick(resume, Qt.MouseButton.LeftButton)
    assert set(column(second, "State")) == {"✓ fitted"}


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "empty"), (b'{"channels": [', "cut off"), (b"\x00\x01\x02 not an archive", "not valid JSON")],
)
def test_unreadable_file_gives_one_sentence(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, content: bytes, word: str
) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    with qtbot.waitSignal(window.workbench.failed, timeout=MINUTE):
        window.open(path)
    sentence = window.results_panel.notice.text
    assert "broken" in sentence
    assert "Traceback" not in sentence
    assert "\n" not in sentence
    assert not primary(window).isEnabled()
    assert word in sentence


def test_analyses_of_real_pallet_are_chosen(qtbot: QtBot, window: MainWindow, real_pallets: Path) -> None:
    open_and_wait(qtbot, window, real_pallets / "atlas-susy-2018-04-stau.tar.gz")
    box = control(window, QComboBox, "Analysis")
    titles = [box.itemText(i) for i in range(box.count())]
    assert len(titles) == 3
    (low,) = [i for i, title in enumerate(titles) if title.startswith("Region-lowMass")]
    box.setCurrentIndex(low)
    assert len(column(window, "Point")) == 57
    qtbot.keyClicks(control(window, QLineEdit, "Name pattern"), column(window, "Point")[0])
    fit_all(qtbot, window)
    assert [value for value in column(window, "CLs obs") if value]
