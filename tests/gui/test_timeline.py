"""The tab of the workers: what is drawn is what happened."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.app import make_application
from fitgui.gui.timeline.panel import TimelinePanel
from fitgui.gui.timeline.rows import rows_of
from fitgui.gui.timeline.wording import HINT, describe_task
from fitgui.gui.window import MainWindow
from fitgui.runs.snapshot import RunSnapshot
from fitgui.runs.task_bars import SeenWorker
from fitgui_backends.contract import TaskState
from fitgui_backends.events import (
    PlaceChanged,
    RemoteTask,
    RunEvent,
    RunFinished,
    RunStarted,
    StampedEvent,
    TasksAccepted,
    TaskStateChanged,
    TaskTimed,
)
from tests.gui.hands import GRID, MakePallet, cut_texts, fit_all, open_and_wait
from tests.gui.tabs import go_to

FIT, WAITING, TRANSFER, LOST = "#0072b2", "#b4bac4", "#cc79a7", "#f0e442"


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[TimelinePanel]:
    application = make_application()
    theme.apply_theme(application, theme.LIGHT)
    shown = TimelinePanel(theme.LIGHT)
    shown.resize(680, 400)
    shown.show()
    qtbot.waitExposed(shown)
    yield shown
    shown.close()
    shown.deleteLater()


def cluster_run(tasks: int = 40, workers: int = 8, per_block: int = 4) -> RunSnapshot:
    """A run on a cluster that is over: blocks come one after the other, clocks of hosts are wrong."""
    rng = random.Random(5)
    names = tuple(f"p{number}" for number in range(2 * tasks))
    told: list[tuple[float, RunEvent]] = [
        (0.0, RunStarted(backend="globus", workers=None, points=names)),
        (
            2.0,
            TasksAccepted(
                group="g",
                place="e",
                tasks=tuple(
                    RemoteTask(identifier=f"t{n}", points=names[2 * n : 2 * n + 2]) for n in range(tasks)
                ),
                sent_bytes=1_000_000,
                seconds=0.5,
            ),
        ),
        (2.0, TaskStateChanged(points=names, state=TaskState.QUEUED, phase="waiting for nodes")),
        (
            2.5,
            PlaceChanged(
                status="online",
                text="our cluster",
                blocks_running=2,
                blocks_pending=1,
                workers=8,
                workers_idle=0,
            ),
        ),
    ]
    free = [10.0 + 3.0 * (worker // per_block) for worker in range(workers)]
    for number in range(tasks):
        worker = min(range(workers), key=free.__getitem__)
        begin = free[worker] + 0.1
        fit = rng.uniform(0.8, 2.0)
        end = free[worker] = begin + 0.3 + fit
        received = end + rng.uniform(0.05, 0.3)
        wrong = 1000.0 * (worker // per_block)
        timed = TaskTimed(
            task=f"t{number}",
            points=names[2 * number : 2 * number + 2],
            worker=f"a-very-long-name-of-a-node-{worker // per_block}.cluster.example.org:{4000 + worker}",
            block=f"98{worker // per_block}",
            sent_ago=received - 1.5,
            accepted_ago=received - 2.0,
            began=begin + wrong,
            ended=end + wrong,
            unpack=0.1,
            model=0.2,
            fit=fit,
        )
        told.append((received, timed))
    told.sort(key=lambda one: one[0])
    snapshot = RunSnapshot(names)
    for number, (elapsed, event) in enumerate(told, start=1):
        snapshot.apply(StampedEvent(sequence=number, time=1e9 + elapsed, elapsed=elapsed, event=event))
    return snapshot


def finish(snapshot: RunSnapshot) -> None:
    event = RunFinished(outcome="done", wall_seconds=snapshot.elapsed)
    snapshot.apply(
        StampedEvent(sequence=snapshot.sequence + 1, time=2e9, elapsed=snapshot.elapsed, event=event)
    )


def colour_at(panel: TimelinePanel, seconds: float, row: float) -> str:
    """What is painted at a moment in the row of a worker."""
    QApplication.processEvents()
    spot = spot_of(panel, seconds, row)
    return str(panel.chart.viewport().grab().toImage().pixelColor(spot).name())


def spot_of(panel: TimelinePanel, seconds: float, row: float) -> QPoint:
    box = panel.chart.getPlotItem().getViewBox()
    spot: QPoint = panel.chart.mapFromScene(box.mapViewToScene(QPointF(seconds, row)))
    return spot


def test_what_is_drawn_is_what_happened(panel: TimelinePanel) -> None:
    snapshot = cluster_run()
    finish(snapshot)
    panel.show_run(snapshot, snapshot.elapsed)
    rows = rows_of(snapshot.timeline.workers)
    assert [row.label for row in rows if row.worker is None] == [
        "Block 980 · 4 workers",
        "Block 981 · 4 workers",
    ]
    row_of = {row.worker: number for number, row in enumerate(rows)}
    bars = list(snapshot.timeline)
    for bar in (bars[0], bars[-1]):
        row = row_of[snapshot.timeline.workers.index(bar.worker)]
        assert colour_at(panel, bar.begin + 0.3 + 0.5 * bar.fit, row) == FIT
    row = row_of[snapshot.timeline.workers.index(bars[0].worker)]
    assert colour_at(panel, 6.0, row) == WAITING
    assert colour_at(panel, 1.75, row) == TRANSFER
    kinds = [text.rsplit(" ", 4)[0] for text in panel.split_bar.texts]
    assert kinds == [
        *("preparing", "handing over", "waiting for nodes"),
        *("unpacking", "models", "fits", "answers on their way"),
    ]
    assert "wall time" in panel.split_bar.accessibleDescription()


def test_numbers_tell_workers_blocks_and_the_place(panel: TimelinePanel) -> None:
    snapshot = cluster_run()
    panel.show_run(snapshot, snapshot.elapsed)
    figures = {figure.meaning: figure.number for figure in panel.figures}
    assert figures["workers busy"] == "8 / 8"
    assert figures["blocks running · 1 waiting"] == "2"
    assert figures["our cluster"] == "✓ online"
    finish(snapshot)
    panel.show_run(snapshot, snapshot.elapsed)
    figures = {figure.meaning: figure.number for figure in panel.figures}
    assert figures["workers at once"] == "8"
    assert figures["blocks"] == "2"


@pytest.mark.parametrize(
    ("status", "word"),
    [("offline", "✗ offline"), ("unreachable", "⚠ unreachable"), ("login", "⚠ login needed")],
)
def test_a_place_in_trouble_is_told_in_words_and_with_an_icon(
    panel: TimelinePanel, status: str, word: str
) -> None:
    snapshot = cluster_run()
    snapshot.apply(
        StampedEvent(sequence=0, time=1e9, elapsed=snapshot.elapsed, event=PlaceChanged(status=status))
    )
    panel.show_run(snapshot, snapshot.elapsed)
    assert word in [figure.number for figure in panel.figures]


def test_the_keyboard_goes_from_task_to_task(qtbot: QtBot, panel: TimelinePanel) -> None:
    snapshot = cluster_run()
    panel.show_run(snapshot, snapshot.elapsed)
    panel.chart.setFocus()
    chosen: list[set[str]] = []
    panel.points_chosen.connect(chosen.append)
    qtbot.keyClick(panel.chart, Qt.Key.Key_Right)
    first = panel.chart.chosen
    assert first is not None
    qtbot.keyClick(panel.chart, Qt.Key.Key_Right)
    second = panel.chart.chosen
    assert second is not None
    assert second.worker == first.worker
    assert second.begin >= first.end
    qtbot.keyClick(panel.chart, Qt.Key.Key_Down)
    below = panel.chart.chosen
    assert below is not None
    assert below.worker != first.worker
    qtbot.keyClick(panel.chart, Qt.Key.Key_Up)
    qtbot.keyClick(panel.chart, Qt.Key.Key_Left)
    qtbot.keyClick(panel.chart, Qt.Key.Key_Left)
    qtbot.keyClick(panel.chart, Qt.Key.Key_Return)
    assert panel.chart.chosen == first
    assert chosen == [set(first.points)]
    assert first.points[0] in panel.detail_text
    assert panel.detail_text != HINT
    assert panel.chart.accessibleDescription() == panel.detail_text, "a screen reader hears it, too"


def test_pointing_at_a_task_tells_of_it_and_a_click_chooses_its_points(
    qtbot: QtBot, panel: TimelinePanel
) -> None:
    snapshot = cluster_run()
    finish(snapshot)
    panel.show_run(snapshot, snapshot.elapsed)
    QApplication.processEvents()
    bar = snapshot.timeline.bar(0)
    rows = rows_of(snapshot.timeline.workers)
    number = snapshot.timeline.workers.index(bar.worker)
    row = next(place for place, one in enumerate(rows) if one.worker == number)
    chosen: list[set[str]] = []
    panel.points_chosen.connect(chosen.append)
    spot = spot_of(panel, (bar.begin + bar.end) / 2, row)
    qtbot.mouseMove(panel.chart.viewport(), spot)
    qtbot.waitUntil(lambda: bar.points[0] in panel.chart.toolTip())
    assert describe_task(bar)[0] in panel.chart.toolTip()
    assert bar.points[0] in panel.detail_text
    qtbot.mouseClick(panel.chart.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    qtbot.waitUntil(lambda: chosen == [set(bar.points)])
    label = QPoint(20, spot.y())
    qtbot.mouseMove(panel.chart.viewport(), label)
    qtbot.waitUntil(lambda: bar.worker.name in panel.chart.toolTip())


def test_while_no_worker_has_begun_it_is_seen_that_tasks_wait(qtbot: QtBot, panel: TimelinePanel) -> None:
    snapshot = RunSnapshot(["a"])
    events: list[RunEvent] = [
        RunStarted(backend="globus", workers=None, points=("a",)),
        TasksAccepted(group="g", place="e", tasks=(RemoteTask(identifier="t", points=("a",)),), seconds=1.0),
        TaskStateChanged(points=("a",), state=TaskState.QUEUED, phase="waiting for nodes"),
    ]
    for number, event in enumerate(events):
        elapsed = 2.0 * number
        snapshot.apply(StampedEvent(sequence=number + 1, time=1e9, elapsed=elapsed, event=event))
    panel.show_run(snapshot, 20.0)
    assert colour_at(panel, 1.5, 0.0) == TRANSFER
    assert colour_at(panel, 12.0, 0.0) == WAITING
    panel.show_run(snapshot, 40.0)
    assert colour_at(panel, 35.0, 0.0) == WAITING
    # The wall time is shared out anew when that costs little: soon, and on a busy machine a little later.

    def shared_out() -> bool:
        panel.show_run(snapshot, 40.0)
        return panel.split_bar.texts[-1] == "waiting for nodes 36 s (90 %)"

    qtbot.waitUntil(shared_out)
    assert cut_texts(panel) == []


def test_who_has_zoomed_comes_back_to_the_whole_run(qtbot: QtBot, panel: TimelinePanel) -> None:
    snapshot = cluster_run()
    finish(snapshot)
    panel.show_run(snapshot, snapshot.elapsed)
    QApplication.processEvents()
    place = panel.chart.viewport().rect().center()
    whole = spot_of(panel, 0.0, 0.0), spot_of(panel, snapshot.elapsed, 0.0)

    def shown() -> tuple[QPoint, QPoint]:
        return spot_of(panel, 0.0, 0.0), spot_of(panel, snapshot.elapsed, 0.0)

    def zoom() -> None:
        where = QPointF(place)
        turn = QWheelEvent(
            where,
            QPointF(panel.chart.viewport().mapToGlobal(place)),
            QPoint(),
            QPoint(0, 240),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(panel.chart.viewport(), turn)
        panel.show_run(snapshot, snapshot.elapsed)
        assert shown() != whole
        assert shown()[0].y() == whole[0].y(), "the wheel zooms in time"

    zoom()
    panel.chart.setFocus()
    qtbot.keyClick(panel.chart, Qt.Key.Key_Escape)
    assert shown() == whole
    zoom()
    qtbot.mouseDClick(panel.chart.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: shown() == whole)


def test_what_is_under_way_is_seen_before_it_answers(panel: TimelinePanel) -> None:
    snapshot = RunSnapshot(["a", "b"])
    events: list[RunEvent] = [
        RunStarted(backend="local", workers=1, points=("a", "b")),
        TaskStateChanged(points=("a",), state=TaskState.RUNNING, worker="here:1"),
    ]
    for number, event in enumerate(events, start=1):
        snapshot.apply(StampedEvent(sequence=number, time=1e9, elapsed=float(number), event=event))
    panel.show_run(snapshot, 10.0)
    assert colour_at(panel, 5.0, 0.0) not in (colour_at(panel, 1.0, 0.0), FIT)
    assert {figure.meaning: figure.number for figure in panel.figures}["workers busy"] == "1 / 1"
    died = TaskStateChanged(points=("a",), state=TaskState.QUEUED)
    snapshot.apply(StampedEvent(sequence=3, time=1e9, elapsed=8.0, event=died))
    panel.show_run(snapshot, 10.0)
    assert colour_at(panel, 5.0, 0.0) == LOST


def test_no_text_is_cut_and_nothing_is_said_before_a_run(panel: TimelinePanel) -> None:
    panel.show_run(None, 0.0)
    assert cut_texts(panel) == []
    snapshot = cluster_run(tasks=500, workers=64, per_block=16)
    for size in ((560, 300), (680, 400), (1200, 500)):
        panel.resize(*size)
        panel.show_run(snapshot, snapshot.elapsed)
        QApplication.processEvents()
        assert cut_texts(panel) == []


def test_workers_of_a_block_stand_together_in_the_order_of_their_numbers() -> None:
    workers = [
        SeenWorker("n:10", "b"),
        SeenWorker("n:9", "a"),
        SeenWorker("m:2", "b"),
        SeenWorker("n:9", "b"),
    ]
    labels = [row.label for row in rows_of(workers)]
    assert labels == ["Block b · 3 workers", "m:2", "n:9", "n:10", "Block a · 1 worker", "n:9"]
    assert [row.label for row in rows_of([SeenWorker("n:10"), SeenWorker("n:9")])] == ["n:9", "n:10"]


def test_a_real_run_fills_the_tab(
    qtbot: QtBot, window: MainWindow, make_pallet: MakePallet, tmp_path: Path
) -> None:
    open_and_wait(qtbot, window, make_pallet(GRID))
    results = window.results_panel
    results.tabs.setCurrentWidget(results.timeline)
    fit_all(qtbot, window)
    snapshot = window.workbench.snapshot
    assert snapshot is not None
    bars = list(snapshot.timeline)
    fitted = [name for bar in bars for name in bar.points]
    assert sorted(fitted) == sorted(snapshot.points), "every point was in exactly one task that was answered"
    assert {bar.worker.name for bar in bars} == {status.worker for status in snapshot.points.values()}
    assert all(0.0 <= bar.begin <= bar.end <= bar.received <= snapshot.elapsed for bar in bars)
    split = snapshot.timeline.split(snapshot.elapsed)
    assert sum(seconds for _, _, seconds in split.parts()) == pytest.approx(snapshot.elapsed)
    assert split.fit_seconds == pytest.approx(snapshot.sum_fit_seconds)
    assert any(text.startswith("fits ") for text in results.timeline.split_bar.texts)
    assert cut_texts(results.timeline) == []
    results.show_plane()
    go_to(qtbot, window, "Workers")
    assert results.tabs.currentWidget() is results.timeline
    assert QApplication.focusWidget() is results.timeline.chart
    qtbot.keyClick(results.timeline.chart, Qt.Key.Key_Right)
    qtbot.keyClick(results.timeline.chart, Qt.Key.Key_Return)
    chosen = results.timeline.chart.chosen
    assert chosen is not None
    assert {row.data() for row in results.table.view.selectionModel().selectedRows()} == set(chosen.points)
