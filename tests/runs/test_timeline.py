"""The timeline puts tasks where they were, although no two clocks agree."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui.runs.host_clock import SLACK_SECONDS
from fitgui.runs.timeline import COLUMNS, Timeline
from fitgui_backends.contract import TaskState
from fitgui_backends.events import (
    PlaceChanged,
    PointFailed,
    RemoteTask,
    RunEvent,
    RunFinished,
    RunStarted,
    StampedEvent,
    TasksAccepted,
    TaskStateChanged,
    TaskTimed,
)

untimed = settings(deadline=None)
EXACT = 1e-6
"""Clocks of today have so many digits that differences are good to a microsecond."""


@dataclass
class Truth:
    """A task as it really was, on the run's clock."""

    host: int
    sent: float
    transfer: float
    waiting: float
    unpack: float
    model: float
    fit: float
    overhead: float
    delay: float

    @property
    def begin(self) -> float:
        return self.sent + self.transfer + self.waiting

    @property
    def end(self) -> float:
        return self.begin + self.unpack + self.model + self.fit + self.overhead

    @property
    def received(self) -> float:
        return self.end + self.delay

    def event(self, number: int, offset: float) -> StampedEvent:
        """What the application hears of it, where the clock of the host is ahead by ``offset``."""
        return at(
            self.received,
            TaskTimed(
                task=str(number),
                points=(f"p{number}",),
                worker=f"node{self.host}:{number % 3}",
                block=f"block{self.host // 2}",
                sent_ago=self.received - self.sent,
                accepted_ago=self.received - self.sent - self.transfer,
                began=self.begin + offset,
                ended=self.end + offset,
                unpack=self.unpack,
                model=self.model,
                fit=self.fit,
            ),
        )


def at(elapsed: float, event: RunEvent) -> StampedEvent:
    return StampedEvent(sequence=0, time=1e9 + elapsed, elapsed=elapsed, event=event)


def started(elapsed: float = 0.0, backend: str = "globus") -> StampedEvent:
    return at(elapsed, RunStarted(backend=backend, workers=None, points=("p0",), resumed=elapsed > 0))


def timed(
    received: float, began: float, ended: float, *, ago: float | None, task: str = "t", worker: str = "n:1"
) -> StampedEvent:
    event = TaskTimed(
        task=task,
        points=(task,),
        worker=worker,
        sent_ago=ago,
        accepted_ago=ago,
        began=began,
        ended=ended,
        fit=ended - began,
    )
    return at(received, event)


durations = st.floats(0.0, 30.0)
truths = st.builds(
    Truth,
    host=st.integers(0, 3),
    sent=st.floats(0.0, 100.0),
    transfer=st.floats(0.0, 3.0),
    waiting=durations,
    unpack=st.floats(0.0, 2.0),
    model=st.floats(0.0, 2.0),
    fit=durations,
    overhead=st.floats(0.0, 0.5),
    delay=st.floats(0.0, 5.0),
)
offsets = st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=4)


def told(tasks: list[Truth], by: list[float]) -> tuple[Timeline, list[Truth]]:
    """The timeline of these tasks, and the tasks in the order in which their answers came."""
    timeline = Timeline()
    timeline.apply(started())
    ordered = sorted(tasks, key=lambda task: task.received)
    for number, task in enumerate(ordered):
        timeline.apply(task.event(number, by[task.host]))
    return timeline, ordered


@untimed
@given(st.lists(truths, min_size=1, max_size=40), offsets)
def test_tasks_are_found_again_within_the_least_delay_of_their_host(
    tasks: list[Truth], by: list[float]
) -> None:
    timeline, ordered = told(tasks, by)
    assert timeline.clock_steps == 0
    least = {host: min(t.delay for t in tasks if t.host == host) for host in {t.host for t in tasks}}
    for bar, truth in zip(timeline, ordered, strict=True):
        assert not bar.clock_doubtful
        for found, really in ((bar.begin, truth.begin), (bar.end, truth.end)):
            assert -SLACK_SECONDS - EXACT <= found - really <= least[truth.host] + EXACT + SLACK_SECONDS


@untimed
@given(st.lists(truths, min_size=1, max_size=40), offsets, st.floats(0.0, 10.0))
def test_nothing_is_negative_and_the_parts_add_up(tasks: list[Truth], by: list[float], more: float) -> None:
    timeline, ordered = told(tasks, by)
    for bar in timeline:
        moments = (0.0, bar.sent, bar.accepted, bar.begin, bar.end, bar.received)
        assert list(moments) == sorted(moments)
        assert min(bar.transfer, bar.waiting, bar.overhead, bar.delay) >= 0.0
        whole = bar.transfer + bar.waiting + (bar.end - bar.begin) + bar.delay
        assert whole == pytest.approx(bar.received - bar.sent, abs=EXACT)
    wall = ordered[-1].received + more
    split = timeline.split(wall)
    parts = [seconds for _, _, seconds in split.parts()]
    assert min(parts) >= 0.0
    assert sum(parts) == pytest.approx(wall, abs=EXACT)
    assert split.fit_seconds == pytest.approx(sum(task.fit for task in tasks))
    assert split.efficiency is None or 0.0 <= split.efficiency <= 1.0
    assert split.until_first == pytest.approx(min(bar.begin for bar in timeline), abs=EXACT)
    assert 0 <= split.workers <= len(tasks)


@untimed
@given(st.lists(truths, min_size=1, max_size=20), offsets)
def test_a_copy_goes_its_own_way(tasks: list[Truth], by: list[float]) -> None:
    timeline, _ = told(tasks[:-1], by)
    before = [timeline.bar(number) for number in range(len(timeline))]
    split = timeline.split(1000.0)
    other = timeline.copy()
    last = tasks[-1]
    other.apply(last.event(len(tasks), by[last.host] + 50.0))
    other.apply(at(last.received, TaskStateChanged(points=("x",), state=TaskState.RUNNING, worker="n:9")))
    assert [timeline.bar(number) for number in range(len(timeline))] == before
    assert timeline.split(1000.0) == split
    assert len(other) == len(timeline) + 1
    assert not timeline.working


@untimed
@given(
    st.lists(
        st.builds(
            timed,
            st.floats(0.0, 1e4),
            st.floats(-1e9, 1e9),
            st.floats(-1e9, 1e9),
            ago=st.one_of(st.none(), st.floats(0.0, 1e4)),
        ),
        max_size=30,
    )
)
def test_clocks_without_sense_do_no_harm(events: list[StampedEvent]) -> None:
    timeline = Timeline()
    timeline.apply(started())
    for event in sorted(events, key=lambda event: event.elapsed):
        timeline.apply(event)
    assert len(timeline) == len(events)
    for bar in timeline:
        moments = (0.0, bar.sent, bar.accepted, bar.begin, bar.end, bar.received)
        assert list(moments) == sorted(moments)
        assert all(math.isfinite(moment) for moment in moments)
    split = timeline.split(2e4)
    assert sum(seconds for _, _, seconds in split.parts()) == pytest.approx(2e4)


def test_a_clock_that_is_set_while_the_run_goes_on_begins_a_section_of_its_own() -> None:
    timeline = Timeline()
    timeline.apply(started())
    for number in range(5):  # ten seconds of work each, accepted when the one before was answered
        step = 3600.0 if number >= 3 else 0.0
        begin = 10.0 * number
        timeline.apply(timed(begin + 10.0, 5e6 + begin + step, 5e6 + begin + 10.0 + step, ago=10.0))
    assert timeline.clock_steps == 1
    assert [bar.begin for bar in timeline] == pytest.approx([0.0, 10.0, 20.0, 30.0, 40.0])
    assert [bar.end for bar in timeline] == pytest.approx([10.0, 20.0, 30.0, 40.0, 50.0])
    assert not any(bar.clock_doubtful for bar in timeline)


def test_a_task_that_contradicts_itself_is_marked_and_misleads_no_other() -> None:
    timeline = Timeline()
    timeline.apply(started())
    timeline.apply(timed(10.0, 1000.0, 1010.0, ago=10.0))
    timeline.apply(timed(20.0, 1010.0, 1500.0, ago=10.0))  # 490 s of work within 10 s
    timeline.apply(timed(30.0, 1020.0, 1030.0, ago=10.0))
    assert [bar.clock_doubtful for bar in timeline] == [False, True, False]
    assert [(bar.begin, bar.end) for bar in timeline] == [(0.0, 10.0), (10.0, 20.0), (20.0, 30.0)]


def test_an_answer_that_came_faster_moves_the_bars_of_its_host_only() -> None:
    timeline = Timeline()
    timeline.apply(started())
    timeline.apply(timed(20.0, 1000.0, 1005.0, ago=20.0, worker="a:1"))  # here after an unknown delay
    timeline.apply(timed(20.0, 7.0, 12.0, ago=20.0, worker="b:1"))
    assert [bar.end for bar in timeline] == [20.0, 20.0]
    assert timeline.moved == 0
    timeline.apply(timed(30.0, 1020.0, 1022.0, ago=30.0, worker="a:2"))
    assert [bar.end for bar in timeline] == [13.0, 20.0, 30.0]
    assert timeline.moved == 1
    assert [bar.delay for bar in timeline] == [7.0, 0.0, 0.0]


def test_a_resumed_run_goes_on_where_the_clock_stopped() -> None:
    timeline = Timeline()
    timeline.apply(started())
    accepted = TasksAccepted(
        group="g",
        place="e",
        tasks=(RemoteTask(identifier="t1", points=("a",)), RemoteTask(identifier="t2", points=("b",))),
        sent_bytes=1000,
        seconds=0.5,
    )
    timeline.apply(at(2.0, accepted))
    timeline.apply(timed(10.0, 100.0, 108.0, ago=8.0, task="t1"))
    # The application was killed at 12 s; an hour later another one asks for what is missing.
    timeline.apply(started(12.0))
    timeline.apply(timed(13.0, 108.0, 120.0, ago=None, task="t2"))
    first, second = timeline
    assert (first.sent, first.accepted, first.begin, first.end, first.received) == (2.0, 2.0, 2.0, 10.0, 10.0)
    assert (second.sent, second.accepted, second.received) == (1.5, 2.0, 13.0)
    assert 2.0 <= second.begin <= second.end <= 13.0
    assert timeline.sent_bytes == 1000
    assert timeline.requests == 1


def test_a_session_that_is_over_keeps_its_bars() -> None:
    timeline = Timeline()
    timeline.apply(started())
    timeline.apply(timed(10.0, 100.0, 108.0, ago=9.0))
    timeline.apply(at(10.0, RunFinished(outcome="failed", wall_seconds=10.0)))
    timeline.apply(started(10.0))  # tried again, hours later by every other clock
    timeline.apply(timed(15.0, 50_000.0, 50_004.0, ago=5.0))
    assert [(bar.begin, bar.end) for bar in timeline] == [(2.0, 10.0), (11.0, 15.0)]


def test_what_was_waited_for_is_told_apart() -> None:
    timeline = Timeline()
    timeline.apply(started())
    timeline.apply(
        at(
            2.0,
            TasksAccepted(
                group="g", place="e", tasks=(RemoteTask(identifier="t", points=("t",)),), seconds=1.5
            ),
        )
    )
    for elapsed, phase in (
        (2.0, "waiting for endpoint"),
        (5.0, "waiting for nodes"),
        (6.0, "waiting for nodes"),
    ):
        timeline.apply(at(elapsed, TaskStateChanged(points=("t",), state=TaskState.QUEUED, phase=phase)))
    assert timeline.split(8.0).waits == (("waiting for endpoint", 3.0), ("waiting for nodes", 3.0))
    event = timed(20.0, 9_000.0, 9_006.0, ago=18.0, task="t").event
    assert isinstance(event, TaskTimed)
    timeline.apply(at(20.0, event))
    split = timeline.split(21.0)
    assert split.waits == (("waiting for endpoint", 3.0), ("waiting for nodes", 9.0))
    assert (split.preparing, split.idle, split.fit) == pytest.approx((2.0, 1.0, 6.0))
    assert (split.transfer, split.delay) == (0.0, 0.0), "the answer came in one piece with the end"
    assert split.sentence() == (
        "of 21 s wall time: 9.0 s waiting for nodes, 6.0 s fits, 3.0 s waiting for endpoint, "
        "2.0 s preparing, 1.0 s nothing under way; 1 worker, 28 % of its time in fits"
    )


def test_workers_that_share_a_moment_share_it_out() -> None:
    timeline = Timeline()
    timeline.apply(started(backend="local"))
    fast = TaskTimed(
        task="1", points=("a",), worker="n:1", sent_ago=4.0, accepted_ago=4.0, began=0.0, ended=4.0, fit=4.0
    )
    slow = TaskTimed(
        task="2", points=("b",), worker="n:2", sent_ago=4.0, accepted_ago=4.0, began=0.0, ended=4.0, model=4.0
    )
    timeline.apply(at(4.0, fast))
    timeline.apply(at(4.0, slow))
    split = timeline.split(5.0)
    assert (split.fit, split.model, split.idle) == pytest.approx((2.0, 2.0, 1.0))
    assert split.workers == 2
    assert split.efficiency == pytest.approx(4.0 / 10.0)


def test_what_is_under_way_is_known_until_it_has_an_end() -> None:
    timeline = Timeline()
    timeline.apply(started(backend="local"))
    assert timeline.split(1.0).waits == (("", 1.0),)
    timeline.apply(at(1.0, TaskStateChanged(points=("a", "b"), state=TaskState.RUNNING, worker="n:1")))
    timeline.apply(at(1.5, TaskStateChanged(points=("c",), state=TaskState.RUNNING, worker="n:2")))
    assert [(task.worker, task.since, task.left) for task in timeline.working] == [
        ("n:1", 1.0, 2),
        ("n:2", 1.5, 1),
    ]
    split = timeline.split(3.0)
    assert (split.running, split.waiting, split.until_first) == pytest.approx((2.0, 1.0, 1.0))
    timeline.apply(at(3.0, PointFailed(name="a", error="no")))
    timeline.apply(at(3.0, TaskStateChanged(points=("c",), state=TaskState.QUEUED)))
    assert [(task.worker, task.left) for task in timeline.working] == [("n:1", 1)]
    timeline.apply(at(4.0, RunFinished(outcome="failed", wall_seconds=4.0)))
    assert not timeline.working


def test_work_that_nobody_answered_for_is_lost_and_not_called_waiting() -> None:
    timeline = Timeline()
    timeline.apply(started(backend="local"))
    timeline.apply(at(1.0, TaskStateChanged(points=("a", "b"), state=TaskState.RUNNING, worker="n:1")))
    timeline.apply(at(4.0, TaskStateChanged(points=("a", "b"), state=TaskState.QUEUED)))  # it died
    timeline.apply(at(5.0, TaskStateChanged(points=("a",), state=TaskState.RUNNING, worker="n:2")))
    event = TaskTimed(
        task="1", points=("a",), worker="n:2", sent_ago=7.0, accepted_ago=7.0, began=5.0, ended=7.0, fit=2.0
    )
    timeline.apply(at(7.0, event))
    timeline.apply(at(7.0, TaskStateChanged(points=("b",), state=TaskState.RUNNING, worker="n:2")))
    timeline.apply(at(9.0, PointFailed(name="b", error="too late")))
    assert [(task.worker, task.since, task.until) for task in timeline.lost] == [
        ("n:1", 1.0, 4.0),
        ("n:2", 7.0, 9.0),
    ]
    split = timeline.split(9.0)
    assert (split.lost, split.fit, split.waiting, split.running) == pytest.approx((5.0, 2.0, 2.0, 0.0))
    assert split.until_first == 1.0


def test_a_worker_has_one_row_whatever_tells_of_it_first() -> None:
    timeline = Timeline()
    timeline.apply(started())
    timeline.apply(at(1.0, TaskStateChanged(points=("a",), state=TaskState.RUNNING, worker="n:1")))
    event = TaskTimed(task="1", points=("a",), worker="n:1", block="77", began=0.0, ended=1.0)
    timeline.apply(at(2.0, event))
    timeline.apply(at(2.0, TaskStateChanged(points=("b",), state=TaskState.RUNNING, worker="n:1")))
    assert [(worker.host, worker.pid, worker.block) for worker in timeline.workers] == [("n", "1", "77")]
    assert list(timeline.rows) == [0]


def test_the_place_tells_how_many_workers_there_are() -> None:
    timeline = Timeline()
    timeline.apply(started())
    timeline.apply(timed(10.0, 0.0, 10.0, ago=10.0))
    timeline.apply(at(10.0, PlaceChanged(status="online", workers=4, workers_idle=3, blocks_running=1)))
    timeline.apply(at(11.0, PlaceChanged(status="offline")))
    assert timeline.place == PlaceChanged(status="offline")
    assert timeline.split(10.0).workers == 4
    assert timeline.split(10.0).efficiency == pytest.approx(0.25)
    assert set(timeline.columns) == set(COLUMNS)
