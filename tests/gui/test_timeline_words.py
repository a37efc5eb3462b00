"""What the window says of a cluster, in the log and in the table."""

from __future__ import annotations

import pytest

from fitgui.gui.appearance import look_of
from fitgui.gui.log_panel import LogPanel, describe_event
from fitgui.gui.points_columns import Row, columns_for
from fitgui.gui.timeline.wording import describe_task, one_line
from fitgui.pallets.model import SignalPoint
from fitgui.runs.snapshot import PointStatus
from fitgui.runs.task_bars import SeenWorker, TaskBar
from fitgui_backends.contract import TaskState
from fitgui_backends.events import PlaceChanged, RemoteTask, RunEvent, StampedEvent, TasksAccepted


def stamped(event: RunEvent, number: int = 1) -> StampedEvent:
    return StampedEvent(sequence=number, time=1e9, elapsed=float(number), event=event)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (
            PlaceChanged(
                status="online", text="Endpoint online", blocks_running=1, blocks_pending=2, workers=8
            ),
            "Endpoint online; blocks: 1 running, 2 waiting; 8 workers",
        ),
        (PlaceChanged(status="offline", text="The endpoint is offline"), "⚠ The endpoint is offline"),
        (PlaceChanged(status="unreachable"), "⚠ The place is unreachable"),
        (
            TasksAccepted(
                group="g",
                place="e",
                tasks=(
                    RemoteTask(identifier="1", points=("a", "b")),
                    RemoteTask(identifier="2", points=("c",)),
                ),
                sent_bytes=2_600_000,
                seconds=1.25,
            ),
            "Handed over: 2 tasks with 3 points, 2.6 MB in 1.2 s",
        ),
    ],
)
def test_what_a_cluster_does_is_logged_in_words(event: RunEvent, text: str) -> None:
    assert describe_event(stamped(event)) == text


def test_the_log_does_not_repeat_how_a_place_stands(qtbot: object) -> None:
    log = LogPanel()
    idle = [PlaceChanged(status="online", text="online", workers=4, workers_idle=n) for n in (4, 2, 0)]
    events = [*idle, PlaceChanged(status="offline", text="offline"), idle[0]]
    log.record(tuple(stamped(event, n) for n, event in enumerate(events, start=1)), {})
    lines = [line.split("  ", 1)[1] for line in log.toPlainText().splitlines()]
    assert lines == ["online; 4 workers", "⚠ offline", "online; 4 workers"]


def test_a_point_says_what_it_waits_for() -> None:
    waiting = PointStatus("a", phase="waiting for nodes")
    assert str(look_of(waiting)) == "○ waiting for nodes"
    assert str(look_of(PointStatus("a"))) == "○ waiting"
    assert str(look_of(PointStatus("a", TaskState.RUNNING))) == "◔ fitting"


def test_a_task_is_described_with_its_times_and_its_points() -> None:
    bar = TaskBar(
        task="0123",
        points=tuple(f"p{number}" for number in range(8)),
        worker=SeenWorker("node7:42", "981"),
        sent=1.0,
        accepted=1.5,
        begin=10.0,
        end=13.0,
        received=13.25,
        unpack=0.1,
        model=0.4,
        fit=2.5,
    )
    assert describe_task(bar) == [
        "Task 0123 on worker node7:42 (block 981)",
        "8 points: p0, p1, p2, p3, p4, p5 and 2 more",
        "Began 10.00 s and ended 13.00 s after the start of the run",
        "0.1 s unpacking, 0.4 s models, 2.5 s fits",
        "0.5 s handing over, 8.5 s waiting, 0.2 s until its answer was here",
    ]
    assert one_line(bar) == (
        "p0 and 7 more on node7:42: waited 8.5 s, models 0.5 s, fits 2.5 s, answer after 0.2 s"
    )


def test_the_table_says_it_shortly() -> None:
    point = SignalPoint("a", {"m": 1.0}, b"[]", patch_set="signals")
    (state,) = [column for column in columns_for([point], ["m"]) if column.title == "State"]
    assert state.text(Row(point, PointStatus("a", phase="waiting for nodes"))) == "○ awaits nodes"
    assert state.text(Row(point, PointStatus("a"))) == "○ waiting"
