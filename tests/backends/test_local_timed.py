"""Workers of this machine tell where their time went, once for each chunk."""

from __future__ import annotations

import time

import msgspec
import pytest

from fitgui_backends.events import PointFitted, TaskStateChanged, TaskTimed
from fitgui_backends.local import LocalBackend
from tests.backends.conftest import PlanMaker, Receiver


def timed_of(receiver: Receiver) -> list[TaskTimed]:
    return [event for event in receiver.events if isinstance(event, TaskTimed)]


def test_every_chunk_is_told_once_and_before_its_points(backend: LocalBackend, make_plan: PlanMaker) -> None:
    before = time.time()
    plan = make_plan(40)
    receiver = Receiver(plan)
    backend.submit(plan, receiver)
    receiver.finish()
    after = time.time()
    timed = timed_of(receiver)
    runs = [e for e in receiver.events if isinstance(e, TaskStateChanged) and e.worker]
    assert sorted((e.points, e.worker) for e in timed) == sorted((e.points, e.worker) for e in runs)
    assert len({event.task for event in timed}) == len(timed)
    known: set[str] = set()
    for event in receiver.events:
        if isinstance(event, TaskTimed):
            known |= set(event.points)
        elif isinstance(event, PointFitted):
            assert event.result.name in known
    for event in timed:
        assert before <= event.began <= event.ended <= after + 1e-3
        results = [receiver.results[name] for name in event.points]
        assert event.fit == pytest.approx(sum(result.seconds.fit for result in results))
        assert event.model == pytest.approx(sum(result.seconds.model for result in results))
        assert event.unpack + event.model + event.fit <= event.ended - event.began + 1e-3
        assert event.sent_ago == event.accepted_ago
        assert event.sent_ago is not None
        assert event.sent_ago >= event.ended - event.began


def test_shares_of_a_point_with_pseudo_experiments_are_tasks_of_their_own(
    backend: LocalBackend, make_plan: PlanMaker
) -> None:
    plan = make_plan(1)
    plan = msgspec.structs.replace(plan, options=msgspec.structs.replace(plan.options, toys=400))
    receiver = Receiver(plan)
    backend.submit(plan, receiver)
    receiver.finish()
    timed = timed_of(receiver)
    assert len(timed) > 1
    assert {event.points for event in timed} == {("point_0",)}
    (result,) = receiver.results.values()
    assert result.toys is not None
    assert sum(event.fit for event in timed) >= 0.9 * result.toys.seconds


def test_what_was_cancelled_tells_nothing(backend: LocalBackend, make_plan: PlanMaker) -> None:
    plan = make_plan(2, bins=250)  # minutes each
    receiver = Receiver(plan)
    handle = backend.submit(plan, receiver)
    receiver.wait(lambda: len(receiver.running) >= 1, "a point to run")
    backend.cancel(handle)
    receiver.finish()
    assert timed_of(receiver) == []
