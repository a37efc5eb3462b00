"""Exactly once: whatever a backend reports, in whatever order and however often."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fitgui.runs.live import LiveRun
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import Emit, Plan, RunHandle, TaskState
from fitgui_backends.events import (
    BackendEvent,
    Notice,
    PointFailed,
    PointFitted,
    RunFinished,
    RunStarted,
    StampedEvent,
    TaskStateChanged,
)
from tests.runs.support import result_of, small_plan

NAMES = ("a", "b", "c")
UNFINISHED = (TaskState.QUEUED, TaskState.RUNNING, TaskState.FAILED, TaskState.CANCELLED)

names = st.sampled_from((*NAMES, "unknown"))
reports = st.one_of(
    st.builds(
        lambda points, state: TaskStateChanged(points=tuple(points), state=state, worker="w:1"),
        st.lists(names, min_size=1, max_size=3, unique=True),
        st.sampled_from(list(TaskState)),
    ),
    names.map(lambda name: PointFitted(result=result_of(name))),
    names.map(lambda name: PointFailed(name=name, error="it does not converge")),
    st.just(Notice(level="info", text="a word of the backend")),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("report"), st.integers(0, 3), reports),
        st.tuples(st.just("submit"), st.lists(reports, max_size=4), st.none()),
    ),
    max_size=40,
)


@given(steps)
def test_each_point_ends_once_for_each_time_it_was_handed_over(
    moves: list[tuple[str, object, object]],
) -> None:
    recorded: list[StampedEvent] = []
    run = LiveRun("run", small_plan(NAMES), recorded.extend)
    emits: list[Emit] = []
    handed: list[tuple[str, ...]] = []

    def backend(early: list[BackendEvent]) -> None:
        def hand_over(plan: Plan, emit: Emit) -> RunHandle:
            handed.append(tuple(point.name for point in plan.points))
            emits.append(emit)
            for event in early:
                emit(event)
            return RunHandle(identifier=str(len(emits)))

        run.submit(hand_over, UNFINISHED, None)

    backend([])
    for what, first, second in moves:
        if what == "submit":
            backend(first)  # type: ignore[arg-type]
        else:
            emits[first % len(emits)](second)  # type: ignore[operator, arg-type]

    assert [stamped.sequence for stamped in recorded] == list(range(1, len(recorded) + 1))
    assert [s.elapsed for s in recorded] == sorted(s.elapsed for s in recorded)
    open_points: set[str] = set()
    ends = dict.fromkeys(NAMES, 0)
    going = False
    for stamped in recorded:
        match stamped.event:
            case RunStarted(points=points):
                assert not going
                going = True
                open_points = set(points)
            case TaskStateChanged(points=points, state=TaskState.QUEUED):
                open_points |= set(points)
            case TaskStateChanged(points=points, state=TaskState.CANCELLED):
                assert set(points) <= open_points
                open_points -= set(points)
                for name in points:
                    ends[name] += 1
            case TaskStateChanged(points=points):
                assert set(points) <= open_points, "what is final does not run"
            case PointFitted() | PointFailed() as event:
                name = event.result.name if isinstance(event, PointFitted) else event.name
                assert name in open_points
                open_points.remove(name)
                ends[name] += 1
            case RunFinished():
                assert going
                assert not open_points
                going = False
    assert going == bool(open_points) == (not run.finished.is_set())
    for name in NAMES:
        times = sum(name in points for points in handed)
        assert ends[name] == times - (name in open_points)

    snapshot = RunSnapshot(NAMES)
    for stamped in recorded:
        snapshot.apply(stamped)
    assert (snapshot.outcome is None) == going
    states = {status.state for name, status in snapshot.points.items() if name not in open_points}
    assert all(state.is_final for state in states)


def test_the_handles_of_points_that_are_not_final() -> None:
    recorded: list[StampedEvent] = []
    run = LiveRun("run", small_plan(NAMES), recorded.extend)
    emits: list[Emit] = []

    def hand_over(plan: Plan, emit: Emit) -> RunHandle:
        emits.append(emit)
        return RunHandle(identifier=f"handle {len(emits)}")

    assert run.submit(hand_over, UNFINISHED, None) == 3
    emits[0](PointFailed(name="a", error="it does not converge"))
    assert run.submit(hand_over, (TaskState.FAILED,), ["a"]) == 1
    assert {handle.identifier for handle in run.handles()} == {"handle 1", "handle 2"}
    emits[1](PointFitted(result=result_of("a")))
    assert {handle.identifier for handle in run.handles()} == {"handle 1"}
    emits[0](PointFitted(result=result_of("a")))
    assert "more than once" in recorded[-1].event.text  # type: ignore[union-attr]
