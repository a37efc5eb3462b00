"""The terminal says where the wall time of a cluster run went."""

from __future__ import annotations

from fitgui.cli.report import wall_line
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.events import PlaceChanged, RunEvent, RunStarted, StampedEvent, TaskTimed


def snapshot_of(*events: RunEvent) -> RunSnapshot:
    snapshot = RunSnapshot(["a"])
    for number, event in enumerate(events, start=1):
        elapsed = 4.0 * (number - 1)
        snapshot.apply(StampedEvent(sequence=number, time=1e9 + elapsed, elapsed=elapsed, event=event))
    return snapshot


def test_a_run_on_a_cluster_tells_where_its_wall_time_went() -> None:
    snapshot = snapshot_of(
        RunStarted(backend="globus", workers=None, points=("a",)),
        PlaceChanged(status="online", workers=1),
        TaskTimed(
            task="t",
            points=("a",),
            worker="n:1",
            block="7",
            sent_ago=8.0,
            accepted_ago=6.0,
            began=0.0,
            ended=3.0,
            model=1.0,
            fit=2.0,
        ),
    )
    assert wall_line(snapshot) == (
        "of 8.0 s wall time: 3.0 s waiting for a worker, 2.0 s handing over, 2.0 s fits, 1.0 s models; "
        "1 worker, 25 % of its time in fits"
    )


def test_nothing_more_is_said_of_a_run_on_this_machine_or_before_a_worker_began() -> None:
    started = RunStarted(backend="local", workers=1, points=("a",))
    timed = TaskTimed(task="1", points=("a",), worker="n:1", began=0.0, ended=1.0)
    assert not wall_line(snapshot_of(started, timed))
    assert not wall_line(snapshot_of(started, PlaceChanged(status="offline")))
