"""Runs that go on at a cluster when the application ends: nothing is cancelled, lost or asked for twice."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.runs.controller import RunController
from fitgui.runs.history import interrupted_run
from fitgui.runs.receipts import open_tasks
from fitgui_backends.contract import TaskState
from fitgui_backends.events import (
    PointFailed,
    PointFitted,
    RemoteTask,
    RunEvent,
    StampedEvent,
    TasksAccepted,
    TaskStateChanged,
    TaskTimed,
)
from tests.runs.distant import PLACE, Cloud, DistantBackend, distant_plan
from tests.runs.support import result_of, small_pallet

Open = Callable[..., RunController]


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


def test_closing_leaves_the_points_and_the_next_application_finds_them(
    open_controller: Open, cloud: Cloud
) -> None:
    first = DistantBackend(cloud)
    controller = open_controller(first)
    run = controller.start(distant_plan())
    assert controller.goes_on(run)
    first.answer("t1")
    assert controller.close()
    assert (first.closed, first.cancelled) == (True, [])

    second = DistantBackend(cloud)
    again = open_controller(second)
    left = interrupted_run(again, small_pallet())
    assert left is not None
    assert (left.run_id, left.done, left.total, left.going_on_at) == (run, 1, 3, PLACE.name)
    again.resume(run, small_pallet())
    ((accepted,),) = second.reattached
    assert {task.identifier: task.points for task in accepted.tasks} == {"t2": ("b_2",), "t3": ("c_3",)}
    assert (accepted.group, accepted.place, accepted.token) == ("g", PLACE.identifier, "submission")
    assert second.submitted == []
    second.answer("t2")
    second.answer("t3")
    assert again.wait(run, 20)
    assert again.snapshot(run).counts[TaskState.DONE] == 3
    assert len(cloud.tasks) == 3


def test_it_is_offered_even_before_the_first_result(open_controller: Open, cloud: Cloud) -> None:
    controller = open_controller(DistantBackend(cloud))
    run = controller.start(distant_plan())
    controller.close()
    left = interrupted_run(open_controller(DistantBackend(cloud)), small_pallet())
    assert left is not None
    assert (left.run_id, left.done, left.going_on_at) == (run, 0, "River")


def test_a_point_that_failed_is_fitted_anew_and_not_heard_again(open_controller: Open, cloud: Cloud) -> None:
    first = DistantBackend(cloud)
    controller = open_controller(first)
    run = controller.start(distant_plan())
    first.answer("t1", error="no")
    controller.close()
    second = DistantBackend(cloud)
    again = open_controller(second)
    again.resume(run, small_pallet())
    ((accepted,),) = second.reattached
    assert [task.identifier for task in accepted.tasks] == ["t2", "t3"]
    for task in ("t2", "t3", "t4"):  # t4 is the new task of the point that had failed
        if task in second._own:
            second.answer(task)
    assert cloud.tasks["t4"] == ("a_1",)


def test_a_cancelled_run_is_fitted_anew(open_controller: Open, cloud: Cloud) -> None:
    first = DistantBackend(cloud)
    controller = open_controller(first)
    run = controller.start(distant_plan())
    first.answer("t1")
    controller.cancel(run)
    assert controller.wait(run, 20)
    controller.close()
    second = DistantBackend(cloud)
    again = open_controller(second)
    left = interrupted_run(again, small_pallet())
    assert left is not None
    assert left.going_on_at == "", "nobody works on it"
    again.resume(run, small_pallet())
    assert (second.reattached, second.submitted) == ([], [("b_2", "c_3")])


def stamped(events: list[RunEvent]) -> list[StampedEvent]:
    return [
        StampedEvent(sequence=number, time=0.0, elapsed=0.0, event=event)
        for number, event in enumerate(events, 1)
    ]


def taken(*tasks: tuple[str, tuple[str, ...]]) -> TasksAccepted:
    return TasksAccepted(
        group="g",
        place="e",
        tasks=tuple(RemoteTask(identifier=name, points=points) for name, points in tasks),
    )


def test_a_point_belongs_to_the_newest_task_that_has_it() -> None:
    events = [taken(("t1", ("a", "b", "c"))), taken(("t2", ("b",)))]
    assert [event.tasks for event in open_tasks(stamped([*events]))] == [
        (RemoteTask(identifier="t1", points=("a", "c")),),
        (RemoteTask(identifier="t2", points=("b",)),),
    ]


def test_tokens_of_tasks_that_were_sent_again_are_kept_to_stop_their_copies() -> None:
    events = [taken(("t1", ("a",))), taken(("t2", ("a",)))]
    tokens = [msgspec.structs.replace(event, token=token) for event, token in zip(events, "xy", strict=True)]
    assert [(event.token, len(event.tasks)) for event in open_tasks(stamped([*tokens]))] == [
        ("x", 0),
        ("y", 1),
    ]


NAMES = ("a", "b", "c", "d")


@given(
    st.lists(
        st.one_of(
            st.sets(st.sampled_from(NAMES), min_size=1),
            st.tuples(st.sampled_from(["fitted", "failed", "cancelled", "answered"]), st.sampled_from(NAMES)),
        ),
        max_size=25,
    )
)
def test_what_is_open_is_what_was_handed_over_and_has_had_no_end_since(
    steps: list[set[str] | tuple[str, str]],
) -> None:
    events: list[RunEvent] = []
    where: dict[str, str | None] = dict.fromkeys(NAMES)
    for number, step in enumerate(steps):
        if isinstance(step, set):
            events.append(taken((f"t{number}", tuple(sorted(step)))))
            where.update(dict.fromkeys(step, f"t{number}"))
            continue
        kind, name = step
        if kind == "answered":
            task = where[name]
            if task is not None:
                events.append(TaskTimed(task=task, points=(name,), worker="n:1", began=0.0, ended=1.0))
                where = {point: None if its == task else its for point, its in where.items()}
            continue
        events.append(
            PointFitted(result=result_of(name))
            if kind == "fitted"
            else PointFailed(name=name, error="no")
            if kind == "failed"
            else TaskStateChanged(points=(name,), state=TaskState.CANCELLED)
        )
        where[name] = None
    left = {
        point: task.identifier
        for event in open_tasks(stamped(events))
        for task in event.tasks
        for point in task.points
    }
    assert left == {point: task for point, task in where.items() if task is not None}


def test_the_time_at_the_cluster_counts_as_work_on_the_run(
    open_controller: Open, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    controller = open_controller(DistantBackend(cloud))
    run = controller.start(distant_plan())
    controller.close()
    now = time.time
    monkeypatch.setattr("fitgui.runs.controller.time.time", lambda: now() + 600.0)
    backend = DistantBackend(cloud)
    again = open_controller(backend)
    again.resume(run, small_pallet())
    for task in ("t1", "t2", "t3"):
        backend.answer(task)
    assert again.wait(run, 20)
    assert 600.0 <= again.snapshot(run).elapsed < 700.0
