"""Replays: however one steps through a recorded run, it stands as its events say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.runs.controller import RunController
from fitgui.runs.recorded import recorded_run
from fitgui.runs.replay import SPEEDS, Race, Replay, comfortable_speed, next_speed, speed_to_fit
from fitgui.runs.snapshot import PointStatus, RunSnapshot
from fitgui_backends.contract import TaskState
from fitgui_backends.events import PointFitted, RunEvent, RunFinished, RunStarted, StampedEvent
from tests.runs.support import ThreadBackend, result_of, small_plan
from tests.runs.test_snapshot import NAMES, changed, events_of_a_run, stamped

seconds = st.floats(0.0, 30.0, allow_nan=False)
gaps = st.floats(0.0, 2.0, allow_nan=False)


@st.composite
def recordings(draw: st.DrawFn) -> list[StampedEvent]:
    """Events of a run, some at the same moment, some after a pause."""
    made, elapsed = [], 0.0
    for number, event in enumerate(draw(events_of_a_run), start=1):
        elapsed += draw(gaps)
        made.append(StampedEvent(sequence=number, time=1000.0 + number, elapsed=elapsed, event=event))
    return made


def applied(events: list[StampedEvent], until: float) -> RunSnapshot:
    snapshot = RunSnapshot(NAMES)
    for event in events:
        if event.elapsed <= until:
            snapshot.apply(event)
    return snapshot


def standing(snapshot: RunSnapshot) -> tuple[dict[str, PointStatus], object]:
    rest = (snapshot.counts, snapshot.outcome, snapshot.elapsed, snapshot.sequence, snapshot.sum_core_seconds)
    return snapshot.points, (*rest, tuple(snapshot.notices), snapshot.wall_seconds)


@given(recordings(), st.lists(seconds, max_size=12), st.sampled_from(SPEEDS))
def test_however_it_is_stepped_through_it_ends_as_all_its_events(
    events: list[StampedEvent], steps: list[float], speed: float
) -> None:
    replay = Replay(NAMES, events, speed=speed)
    came: list[StampedEvent] = []
    for step in steps:
        due = replay.advance(step)
        came += due.events
        assert not due.rewound
        assert due.changed <= set(NAMES)
        assert standing(replay.snapshot) == standing(applied(events, replay.position))
    came += replay.seek(replay.duration).events
    assert came == events
    assert replay.finished
    assert replay.progress == 1.0
    assert standing(replay.snapshot) == standing(applied(events, float("inf")))


@given(recordings(), st.lists(st.floats(-5.0, 60.0, allow_nan=False), max_size=12))
def test_going_back_and_forth_leaves_no_trace(events: list[StampedEvent], places: list[float]) -> None:
    replay = Replay(NAMES, events)
    shown = dict(replay.snapshot.points)
    for place in places:
        due = replay.seek(place)
        assert 0.0 <= replay.position <= replay.duration
        assert standing(replay.snapshot) == standing(applied(events, replay.position))
        if due.rewound:  # a view draws everything anew
            shown = dict.fromkeys(NAMES, PointStatus(""))
            shown.update(replay.snapshot.points)
        for name in due.changed:
            shown[name] = replay.snapshot.points[name]
        assert shown == replay.snapshot.points
    replay.restart()
    assert replay.position == 0.0
    assert standing(replay.snapshot) == standing(applied(events, 0.0))


def test_the_night_before_a_resumption_takes_no_time() -> None:
    events: list[RunEvent] = [
        RunStarted(backend="local", workers=1, points=("a", "b")),
        PointFitted(result=result_of("a")),
        RunStarted(backend="local", workers=1, points=("b",), resumed=True),
        PointFitted(result=result_of("b")),
        RunFinished(outcome="done", wall_seconds=2.0),
    ]
    clock, work = (0.0, 3.0, 40_000.0, 40_002.0, 40_002.0), (0.0, 3.0, 3.0, 5.0, 5.0)
    replay = Replay(
        ("a", "b"),
        [
            StampedEvent(sequence=number, time=when, elapsed=spent, event=event)
            for number, (when, spent, event) in enumerate(zip(clock, work, events, strict=True), start=1)
        ],
        speed=2.0,
    )
    assert replay.duration == 5.0
    replay.advance(1.5)
    assert replay.snapshot.counts[TaskState.DONE] == 1
    replay.advance(1.0)
    assert replay.finished
    assert replay.snapshot.counts[TaskState.DONE] == 2


def test_a_run_without_events_is_over_at_once() -> None:
    replay = Replay(("a",), [])
    assert (replay.duration, replay.progress, replay.finished) == (0.0, 1.0, True)
    assert replay.advance(1.0).events == ()


def test_in_a_race_who_is_first_keeps_the_time() -> None:
    fast = Replay(NAMES, stamped([changed("abcdef", TaskState.RUNNING), PointFitted(result=result_of("a"))]))
    slow = Replay(NAMES, stamped([PointFitted(result=result_of(name)) for name in NAMES]))
    race = Race([fast, slow], speed=2.0)
    assert race.duration == 6.0
    race.advance(1.5)
    assert (fast.finished, fast.position, slow.position) == (True, 2.0, 3.0)
    assert slow.snapshot.counts[TaskState.DONE] == 3
    assert not race.finished
    race.advance(10.0)
    assert race.finished
    assert race.position == 6.0
    race.restart()
    assert (fast.position, slow.position, race.finished) == (0.0, 0.0, False)


@given(st.floats(0.001, 1e6), st.floats(0.1, 100.0))
def test_a_run_fits_into_the_time_that_is_asked_for(duration: float, wanted: float) -> None:
    assert duration / speed_to_fit(duration, wanted) == pytest.approx(wanted)
    speed = comfortable_speed(duration, wanted)
    assert speed >= 1.0
    assert duration / speed <= wanted or speed == SPEEDS[-1]
    assert next_speed(next_speed(1.0, +1), -1) == 1.0
    assert next_speed(SPEEDS[-1], +1) == SPEEDS[-1]
    assert next_speed(SPEEDS[0], -1) == SPEEDS[0]


@pytest.mark.parametrize("speed", [0.0, -1.0, float("inf"), float("nan")])
def test_a_speed_that_leads_nowhere_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed above zero"):
        Replay(("a",), [], speed=speed)
    with pytest.raises(ValueError, match="some time"):
        speed_to_fit(1.0, speed)


def test_a_run_of_the_journal_is_played_again(open_controller: Callable[..., RunController]) -> None:
    controller = open_controller(ThreadBackend())
    run_id = controller.start(small_plan())
    assert controller.wait(run_id, 30)
    controller.journal.flush()
    run = recorded_run(controller.journal, controller.journal.run(run_id))
    replay = Replay.of(run, speed=speed_to_fit(run.snapshot.elapsed, 4.0))
    seen = set()
    while not replay.finished:
        seen.add(replay.snapshot.counts[TaskState.DONE])
        replay.advance(0.125)
    assert replay.snapshot.points == run.snapshot.points
    assert replay.snapshot.wall_seconds == run.snapshot.wall_seconds
    assert 0 in seen
