"""The reducer: whatever legally happens to a run, its counts add up."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import TaskState
from fitgui_backends.events import (
    Notice,
    PlaceChanged,
    PointFailed,
    PointFitted,
    PointProgress,
    RunEvent,
    RunFinished,
    RunStarted,
    StampedEvent,
    TaskStateChanged,
    TaskTimed,
)
from fitgui_backends.results import Seconds
from tests.runs.support import result_of

NAMES = tuple("abcdef")


def stamped(events: list[RunEvent], *, step: float = 1.0) -> list[StampedEvent]:
    return [
        StampedEvent(sequence=number, time=1000.0 + number, elapsed=step * number, event=event)
        for number, event in enumerate(events, start=1)
    ]


def changed(names: str, state: TaskState, worker: str = "w:1") -> TaskStateChanged:
    return TaskStateChanged(points=tuple(names), state=state, worker=worker)


events_of_a_run = st.lists(
    st.one_of(
        st.sets(st.sampled_from(NAMES), min_size=1).map(
            lambda names: RunStarted(backend="local", workers=2, points=tuple(names), resumed=True)
        ),
        st.builds(
            lambda names, state, worker: TaskStateChanged(points=tuple(names), state=state, worker=worker),
            st.sets(st.sampled_from((*NAMES, "unknown")), min_size=1),
            st.sampled_from([TaskState.QUEUED, TaskState.RUNNING, TaskState.CANCELLED]),
            st.sampled_from(["", "w:1", "w:2"]),
        ),
        st.builds(
            PointProgress,
            name=st.sampled_from((*NAMES, "unknown")),
            done=st.integers(0, 20),
            total=st.just(20),
            workers=st.sampled_from([(), ("w:1",), ("w:1", "w:2")]),
        ),
        st.sampled_from((*NAMES, "unknown")).map(lambda name: PointFitted(result=result_of(name))),
        st.sampled_from(NAMES).map(lambda name: PointFailed(name=name, error="no", seconds=Seconds(fit=2.0))),
        st.just(Notice(level="warning", text="something")),
        st.just(RunFinished(outcome="done", wall_seconds=1.0)),
    ),
    max_size=80,
)


@given(events_of_a_run)
def test_counts_always_add_up(events: list[RunEvent]) -> None:
    snapshot = RunSnapshot(NAMES)
    for event in stamped(events):
        before = dict(snapshot.points)
        touched = snapshot.apply(event)
        assert touched == {name for name in NAMES if snapshot.points[name] is not before[name]}
        states = Counter(status.state for status in snapshot.points.values())
        assert dict(snapshot.counts) == {state: states[state] for state in TaskState}
        assert sum(snapshot.counts.values()) == snapshot.total == len(NAMES)
        done = [status for status in snapshot.points.values() if status.state is TaskState.DONE]
        assert all(status.result is not None for status in done)
        assert snapshot.sum_fit_seconds == pytest.approx(0.5 * len(done))
        failed = [status for status in snapshot.points.values() if status.state is TaskState.FAILED]
        assert snapshot.sum_core_seconds == pytest.approx(0.6 * len(done) + 2.0 * len(failed))
        running = [status for status in snapshot.points.values() if status.state is TaskState.RUNNING]
        assert min(1, len(running)) <= snapshot.workers_busy <= sum(len(s.workers) for s in running)
        told = {n: s.progress for n, s in snapshot.points.items() if s.progress is not None}
        assert snapshot.in_progress == told
        assert told.keys() <= {status.name for status in running}
        left = snapshot.seconds_to_finish(snapshot.elapsed)
        assert left is None or left >= 0


@given(events_of_a_run)
def test_applying_an_event_again_changes_nothing(events: list[RunEvent]) -> None:
    once, twice = RunSnapshot(NAMES), RunSnapshot(NAMES)
    for event in stamped(events):
        once.apply(event)
        twice.apply(event)
        assert twice.apply(event) == set()
    assert once.points == twice.points
    assert once.counts == twice.counts
    assert once.notices == twice.notices


def test_a_point_with_toys_tells_how_far_it_is_and_who_is_at_it() -> None:
    snapshot = RunSnapshot("ab")
    seen = []
    for event in stamped(
        [
            RunStarted(backend="local", workers=2, points=("a", "b")),
            changed("a", TaskState.RUNNING),
            PointProgress(name="a", done=50, total=1000, workers=("w:1", "w:2")),
            PointProgress(name="a", done=500, total=1000, workers=("w:1",)),
            changed("a", TaskState.QUEUED, worker=""),
            PointProgress(name="a", done=550, total=1000, workers=("w:1",)),
            changed("a", TaskState.RUNNING),
            PointProgress(name="a", done=550, total=1000, workers=("w:1", "w:2")),
            PointFitted(result=result_of("a")),
        ]
    ):
        touched = snapshot.apply(event)
        seen.append((snapshot.points["a"].progress, snapshot.workers_busy, "a" in touched))
    assert seen == [
        (None, 0, False),
        (None, 1, True),
        (0.05, 2, True),
        (0.5, 1, True),
        (None, 0, True),
        (None, 0, False),
        (None, 1, True),
        (0.55, 2, True),
        (None, 0, True),
    ]
    assert snapshot.in_progress == {}


def test_what_a_point_tells_of_its_progress_says_how_long_the_run_takes() -> None:
    snapshot = RunSnapshot("abc")
    for event in stamped(
        [
            RunStarted(backend="local", workers=2, points=("a", "b", "c")),
            changed("a", TaskState.RUNNING),
            PointProgress(name="a", done=100, total=1000, workers=("w:1", "w:2")),
        ],
        step=10.0,
    ):
        assert snapshot.seconds_to_finish(snapshot.elapsed) is None
        snapshot.apply(event)
    assert snapshot.seconds_to_finish(30.0) == pytest.approx(90.0 + 2 * 100.0), "10 s for a tenth of a point"
    assert snapshot.seconds_to_finish(70.0) == pytest.approx(50.0 + 2 * 100.0)


def test_a_second_result_is_ignored_until_the_point_is_queued_again() -> None:
    snapshot = RunSnapshot("ab")
    events: list[RunEvent] = [
        RunStarted(backend="local", workers=1, points=("a", "b")),
        changed("a", TaskState.RUNNING),
        PointFitted(result=result_of("a", 0.1)),
        PointFitted(result=result_of("a", 0.9)),
        PointFailed(name="a", error="too late"),
        changed("a", TaskState.RUNNING),
    ]
    for event in stamped(events):
        snapshot.apply(event)
    first = snapshot.points["a"].result
    assert first is not None
    assert first.cls_obs == 0.1
    again: list[RunEvent] = [
        *events,
        changed("a", TaskState.QUEUED, worker=""),
        changed("a", TaskState.RUNNING),
        PointFitted(result=result_of("a", 0.9)),
    ]
    for event in stamped(again):
        snapshot.apply(event)
    second = snapshot.points["a"].result
    assert second is not None
    assert second.cls_obs == 0.9
    assert snapshot.points["a"].attempts == 2


def test_what_a_failed_point_took_counts_until_it_is_fitted_again() -> None:
    snapshot = RunSnapshot("a")
    events: list[RunEvent] = [
        RunStarted(backend="local", workers=1, points=("a",)),
        changed("a", TaskState.RUNNING),
        PointFailed(name="a", error="no", seconds=Seconds(fit=2.0)),
        changed("a", TaskState.QUEUED, worker=""),
        changed("a", TaskState.RUNNING),
        PointFitted(result=result_of("a")),
    ]
    sums = []
    for event in stamped(events):
        snapshot.apply(event)
        sums.append((snapshot.sum_fit_seconds, pytest.approx(snapshot.sum_core_seconds)))
    assert sums == [(0, 0), (0, 0), (0, 2.0), (0, 0), (0, 0), (0.5, 0.6)]


def test_what_was_in_flight_when_an_application_ended_waits_again() -> None:
    snapshot = RunSnapshot("abc")
    events: list[RunEvent] = [
        RunStarted(backend="local", workers=2, points=("a", "b", "c")),
        changed("ab", TaskState.RUNNING),
        PointFitted(result=result_of("a")),
        RunStarted(backend="local", workers=2, points=("b", "c"), resumed=True),
    ]
    for event in stamped(events):
        snapshot.apply(event)
    assert snapshot.points["a"].state is TaskState.DONE
    assert snapshot.points["b"].state is TaskState.QUEUED
    assert snapshot.workers_busy == 0
    assert snapshot.started == 1001.0


def test_the_end_is_the_end() -> None:
    snapshot = RunSnapshot("ab")
    for event in stamped(
        [
            RunStarted(backend="local", workers=1, points=("a", "b")),
            changed("ab", TaskState.RUNNING),
            PointFitted(result=result_of("a")),
            PointFitted(result=result_of("b")),
            RunFinished(outcome="done", wall_seconds=4.5),
        ]
    ):
        snapshot.apply(event)
    assert (snapshot.outcome, snapshot.wall_seconds) == ("done", 4.5)
    assert snapshot.seconds_to_finish(1e6) == 0.0
    assert snapshot.points_per_second == pytest.approx(1.0)


def test_a_copy_goes_its_own_way() -> None:
    snapshot = RunSnapshot("ab")
    events = stamped(
        [
            RunStarted(backend="local", workers=1, points=("a", "b")),
            changed("ab", TaskState.RUNNING),
            PointFitted(result=result_of("a")),
        ]
    )
    snapshot.apply(events[0])
    copy = snapshot.copy()
    for event in events:
        copy.apply(event)
    assert snapshot.counts[TaskState.QUEUED] == 2
    assert snapshot.workers_busy == 0
    assert snapshot.sequence == 1
    assert copy.counts[TaskState.DONE] == 1


def test_a_notice_that_no_journal_holds_is_taken_whenever_it_comes() -> None:
    snapshot = RunSnapshot("a")
    for event in stamped([RunStarted(backend="local", workers=1, points=("a",))]):
        snapshot.apply(event)
    loose = StampedEvent(sequence=0, time=0.0, elapsed=0.0, event=Notice(level="error", text="disk full"))
    snapshot.apply(loose)
    assert [notice.text for notice in snapshot.notices] == ["disk full"]
    assert snapshot.sequence == 1


def test_what_points_wait_for_is_told_until_a_worker_has_them() -> None:
    snapshot = RunSnapshot("ab")
    seen = []
    for event in stamped(
        [
            RunStarted(backend="globus", workers=None, points=("a", "b")),
            TaskStateChanged(points=("a", "b"), state=TaskState.QUEUED, phase="waiting for endpoint"),
            TaskStateChanged(points=("a",), state=TaskState.QUEUED, phase="waiting for nodes"),
            changed("a", TaskState.RUNNING, worker=""),
            TaskStateChanged(points=("a",), state=TaskState.QUEUED),
        ]
    ):
        touched = snapshot.apply(event)
        seen.append((snapshot.points["a"].phase, snapshot.points["b"].phase, len(touched)))
    assert seen == [
        ("", "", 0),
        ("waiting for endpoint", "waiting for endpoint", 2),
        ("waiting for nodes", "waiting for endpoint", 1),
        ("", "waiting for endpoint", 1),
        ("", "waiting for endpoint", 1),
    ]
    assert snapshot.points["a"].attempts == 1


def test_a_place_tells_its_workers_and_blocks() -> None:
    snapshot = RunSnapshot("abc")
    events: list[RunEvent] = [
        RunStarted(backend="globus", workers=None, points=("a", "b", "c")),
        changed("ab", TaskState.RUNNING, worker=""),
        changed("c", TaskState.RUNNING, worker=""),
    ]
    for event in stamped(events):
        snapshot.apply(event)
    assert snapshot.place is None
    assert snapshot.workers_busy == 2, "each took its points at once"
    place = PlaceChanged(status="online", text="our cluster", blocks_running=1, workers=8, workers_idle=6)
    events += [
        place,
        TaskTimed(task="1", points=("a",), worker="n1:7", block="12", began=0.0, ended=1.0),
        TaskTimed(task="2", points=("b",), worker="n1:8", block="12", began=0.0, ended=1.0),
        TaskTimed(task="3", points=("c",), worker="n2:7", block="14", began=0.0, ended=1.0),
    ]
    for event in stamped(events):
        snapshot.apply(event)
    assert snapshot.place == place
    assert snapshot.workers_busy == 2
    assert snapshot.blocks == ("12", "14")
    other = snapshot.copy()
    snapshot.apply(stamped([*events, PlaceChanged(status="offline")])[-1])
    assert snapshot.place == PlaceChanged(status="offline")
    assert other.place == place, "a copy goes its own way"
    assert len(other.timeline) == 3
