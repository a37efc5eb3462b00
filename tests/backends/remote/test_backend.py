"""A backend of a cluster with a real courier, real worker functions, and what can happen on the way."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fitgui_backends.contract import BackendError, Need, Place, Plan, TaskState
from fitgui_backends.events import PlaceChanged, TasksAccepted, TaskTimed
from fitgui_backends.local import LocalBackend
from fitgui_backends.remote.courier import CourierError
from tests.backends.conftest import PlanMaker, Receiver
from tests.backends.remote.workshop import WorkshopBackend
from tests.processes import is_there, until

PLACE = Place(identifier="bench", name="The bench", options={"workers_per_node": 2})
Open = Callable[[], WorkshopBackend]


class Listener(Receiver):
    """A cluster may answer before it has said that a point runs."""

    def _move(self, name: str, state: TaskState) -> None:
        if state is TaskState.DONE and self.states[name] is TaskState.QUEUED:
            super()._move(name, TaskState.RUNNING)
        super()._move(name, state)

    @property
    def accepted(self) -> list[TasksAccepted]:
        return [event for event in self.events if isinstance(event, TasksAccepted)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FITGUI_CACHE", str(tmp_path / "cache"))
    return tmp_path / "workshop"


@pytest.fixture
def open_backend(folder: Path) -> Iterator[Open]:
    opened: list[WorkshopBackend] = []

    def open_one() -> WorkshopBackend:
        opened.append(WorkshopBackend(folder, {}))
        return opened[-1]

    yield open_one
    (folder / "held").unlink(missing_ok=True)
    for backend in opened:
        backend.close()


@pytest.fixture
def plan(make_plan: PlanMaker) -> Plan:
    return at_bench(make_plan(6))


def at_bench(plan: Plan) -> Plan:
    return msgspec.structs.replace(plan, place=PLACE, seconds_per_point=0.3)


def hold(folder: Path) -> None:
    """Let no task come to its end."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "held").touch()


def test_points_have_the_numbers_of_this_machine(open_backend: Open, plan: Plan) -> None:
    backend, local = open_backend(), LocalBackend(workers=1)
    here, there = Receiver(plan), Listener(plan)
    try:
        local.submit(plan, here)
        backend.submit(plan, there)
        here.finish()
        there.finish()
    finally:
        local.close()
    assert there.failures == {}
    for name, expected in here.results.items():
        found = there.results[name]
        assert found.cls_obs == expected.cls_obs
        assert found.cls_exp == expected.cls_exp
        assert (found.converged, found.warnings) == (expected.converged, expected.warnings)
        assert found.worker.partition(":")[0]
        assert found.worker != expected.worker
    tasks = [task for event in there.accepted for task in event.tasks]
    assert sorted(name for task in tasks for name in task.points) == sorted(there.states)
    assert {event.task for event in there.events if isinstance(event, TaskTimed)} == {
        task.identifier for task in tasks
    }
    assert any(isinstance(event, PlaceChanged) and event.status == "online" for event in there.events)


def test_it_says_what_it_can_do_and_what_it_lacks(open_backend: Open, make_plan: PlanMaker) -> None:
    backend = open_backend()
    assert backend.capabilities.survives_client_exit
    assert backend.check().ready
    (bench,) = backend.places()
    assert (bench.identifier, bench.status) == ("bench", "online")
    with pytest.raises(BackendError, match="no form"):
        backend.form("bench")
    nobody = lambda _event: None  # noqa: E731
    with pytest.raises(CourierError, match="No place is chosen") as refused:
        backend.submit(make_plan(1), nobody)
    assert refused.value.needs is Need.PLACE
    with pytest.raises(BackendError, match="holds no points"):
        backend.submit(at_bench(make_plan(0)), nobody)
    with pytest.raises(BackendError, match="There is no engine"):
        backend.submit(at_bench(make_plan(1, engine="slide rule")), nobody)
    backend.close()
    with pytest.raises(BackendError, match="closed"):
        backend.submit(at_bench(make_plan(1)), nobody)


def test_a_courier_that_is_killed_is_replaced_and_nothing_is_lost(
    open_backend: Open, plan: Plan, folder: Path
) -> None:
    backend, receiver = open_backend(), Listener(plan)
    hold(folder)
    backend.submit(plan, receiver)
    receiver.wait(lambda: receiver.accepted, "the tasks to be taken")
    assert backend._courier is not None
    assert backend._courier.pid is not None
    os.kill(backend._courier.pid, signal.SIGKILL)
    receiver.wait(lambda: any("started again" in text for text in receiver.notices), "to be told")
    (folder / "held").unlink()
    receiver.finish()
    assert receiver.failures == {}
    tasks = [task.identifier for event in receiver.accepted for task in event.tasks]
    assert len(tasks) == len(set(tasks)) == len(list(folder.glob("*.request"))), "each was sent once"


def test_an_application_that_is_started_again_finds_its_tasks(
    open_backend: Open, plan: Plan, folder: Path
) -> None:
    first, before = open_backend(), Listener(plan)
    hold(folder)
    first.submit(plan, before)
    before.wait(lambda: before.accepted, "the tasks to be taken")
    first.close()
    assert not before.results
    assert all(state is not TaskState.CANCELLED for state in before.states.values())
    # One task is lost on the way, and one point was never handed over.
    accepted = [msgspec.structs.replace(event, tasks=event.tasks[:-1]) for event in before.accepted]
    lost = accepted[0].tasks[0]
    for path in folder.glob(f"{lost.identifier}*"):
        path.unlink()
    second, after = open_backend(), Listener(plan)
    second.reattach(plan, accepted, after)
    # Its process is held, too, and would answer in spite of all.
    after.wait(lambda: any("sent again" in text for text in after.notices), "to be told of the lost task")
    (folder / "held").unlink()
    after.finish()
    assert after.failures == {}
    sent_anew = [name for event in after.accepted for task in event.tasks for name in task.points]
    never = before.accepted[-1].tasks[-1].points
    assert sorted(sent_anew) == sorted((*lost.points, *never))


def test_cancelling_discards_and_stops_the_workers(open_backend: Open, make_plan: PlanMaker) -> None:
    # Seconds for each point with pyhf: the worker would be at it for a minute.
    plan = at_bench(make_plan(12, bins=60))
    plan = msgspec.structs.replace(plan, seconds_per_point=0.2)
    backend, receiver = open_backend(), Listener(plan)
    handle = backend.submit(plan, receiver)
    receiver.wait(lambda: receiver.accepted, "the tasks to be taken")
    backend.cancel(handle, ["point_3"])
    assert receiver.states["point_3"] is TaskState.CANCELLED
    backend.cancel(handle)
    receiver.finish()
    assert any("told to stop" in text for text in receiver.notices)
    done = set(receiver.results)
    until(lambda: not _at_work(Path(backend._settings["folder"])))
    assert set(receiver.results) == done, "an answer that nobody wants any more was counted"


def test_cancelling_while_points_are_packed_sends_nothing_more(
    open_backend: Open, make_plan: PlanMaker, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    plan = at_bench(make_plan(40))
    backend, receiver = open_backend(), Listener(plan)
    packing, go_on = threading.Event(), threading.Event()
    packed_for = backend._workspaces.packed_for

    def slowly(run: Any) -> Any:
        packing.set()
        assert go_on.wait(30)
        return packed_for(run)

    monkeypatch.setattr(backend._workspaces, "packed_for", slowly)
    handle = backend.submit(plan, receiver)
    assert packing.wait(30)
    backend.cancel(handle)
    go_on.set()
    receiver.finish()
    other = at_bench(make_plan(1))
    after = Listener(other)
    backend.submit(other, after)
    after.finish()
    assert len(list(folder.glob("*.request"))) == 1


def _at_work(folder: Path) -> list[str]:
    return [path.stem for path in folder.glob("*.request") if not path.with_suffix(".answer").exists()]


def test_closing_takes_no_time_though_the_courier_is_busy(open_backend: Open, plan: Plan) -> None:
    backend = open_backend()
    backend.submit(plan, Listener(plan))
    closing = threading.Thread(target=backend.close)
    closing.start()
    closing.join(10.0)
    assert not closing.is_alive()
    courier: Any = backend._courier
    if courier is not None:
        until(lambda: not is_there(courier.pid))
