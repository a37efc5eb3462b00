"""The local backend on its good days, with real processes and pyhf."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from typing import Any

import msgspec
import psutil
import pytest

from fitgui_backends.contract import BackendError, FitPoint, Plan, RunHandle, TaskState
from fitgui_backends.engines import available_engines
from fitgui_backends.events import TaskStateChanged
from fitgui_backends.fitting import KEPT_WORKSPACES
from fitgui_backends.local import LocalBackend, usable_cores
from fitgui_backends.worker import describe
from fitgui_backends.workers import WorkerProcess
from tests.backends.conftest import PlanMaker, Receiver
from tests.builders import digest_of, make_operations, make_workspace
from tests.processes import all_gone, until


def test_every_point_gets_its_result(backend: LocalBackend, make_plan: PlanMaker) -> None:
    plan = make_plan(5)
    receiver = Receiver(plan)
    backend.submit(plan, receiver)
    receiver.finish()
    assert set(receiver.results) == {point.name for point in plan.points}
    for result in receiver.results.values():
        host, _, pid = result.worker.rpartition(":")
        assert host == socket.gethostname()
        assert int(pid) in backend.worker_pids()
        seconds = result.seconds
        assert 0 <= seconds.queued < seconds.total
        assert 0 < seconds.model + seconds.fit <= seconds.total - seconds.queued + 1e-6


def test_one_thread_per_worker() -> None:
    for engine in ("newton", "pyhf"):
        worker = WorkerProcess(engine)
        worker.wait_until_ready(lambda: False)
        state = worker.call(describe)
        worker.dispose().join()
        assert state["pyhf loaded"] == str(engine == "pyhf")
        assert set(state["threads"].split(",")) == {"1"}


def test_a_plan_says_how_many_workers_it_may_have(backend: LocalBackend, make_plan: PlanMaker) -> None:
    receiver = Receiver(plan := make_plan(30, workers=1))
    backend.submit(plan, receiver)
    receiver.finish()
    assert len({result.worker for result in receiver.results.values()}) == 1


def test_quick_points_come_in_chunks_with_the_answers_of_single_ones(
    backend: LocalBackend, make_plan: PlanMaker
) -> None:
    plan = make_plan(60)
    receiver = Receiver(plan)
    backend.submit(plan, receiver)
    receiver.finish()
    runs = [e.points for e in receiver.events if isinstance(e, TaskStateChanged) and e.worker]
    assert len(runs[0]) == 1
    assert len(runs) < 60
    for point in plan.points[-3:]:
        single = msgspec.structs.replace(plan, points=(point,))
        alone = Receiver(single)
        backend.submit(single, alone)
        alone.finish()
        assert alone.results[point.name].cls_obs == receiver.results[point.name].cls_obs
        assert alone.results[point.name].cls_exp == receiver.results[point.name].cls_exp


def test_a_warm_worker_of_one_engine_fits_with_the_other(make_plan: PlanMaker) -> None:
    backend = LocalBackend(workers=1, engine="newton")
    try:
        answers = []
        for engine in ("newton", "pyhf"):
            receiver = Receiver(plan := make_plan(1, engine=engine))
            backend.submit(plan, receiver)
            receiver.finish()
            answers.append(receiver.results["point_0"].cls_obs)
        assert answers[0] == pytest.approx(answers[1], abs=1e-4)
    finally:
        backend.close()


@pytest.mark.skipif(not hasattr(os, "nice"), reason="the system has no niceness")
def test_workers_step_back_if_they_are_told_to(make_plan: PlanMaker) -> None:
    backend = LocalBackend(workers=1, niceness=7)
    try:
        receiver = Receiver(plan := make_plan(1))
        backend.submit(plan, receiver)
        receiver.finish()
        (pid,) = backend.worker_pids()
        assert psutil.Process(pid).nice() == min(psutil.Process().nice() + 7, 19)  # there is none beyond
    finally:
        backend.close()


def test_a_plan_may_ask_for_more_workers_than_stand(backend: LocalBackend, make_plan: PlanMaker) -> None:
    plan = make_plan(3, bins=250, workers=3)  # minutes each: the third worker has yet to start
    receiver = Receiver(plan)
    handle = backend.submit(plan, receiver)
    receiver.wait(lambda: len(receiver.running) == 3, "three at once")
    backend.cancel(handle)
    receiver.finish()


def test_a_worker_remembers_several_workspaces_and_asks_for_those_it_forgot(make_plan: PlanMaker) -> None:
    backend = LocalBackend(workers=1)
    try:
        plans = []
        for number in range(KEPT_WORKSPACES + 2):
            workspace = make_workspace({"SR": [10.0 + number]})
            operations = json.dumps(make_operations(workspace)).encode()
            plans.append(
                Plan(
                    workspace=json.dumps(workspace).encode(),
                    workspace_digest=digest_of(workspace),
                    points=(FitPoint(name="signal", operations=operations),),
                )
            )
        answers: list[list[float]] = []
        for _ in range(2):
            receivers = [Receiver(plan) for plan in plans]
            for plan, receiver in zip(plans, receivers, strict=True):
                backend.submit(plan, receiver)
            for receiver in receivers:
                receiver.finish()
            answers.append([receiver.results["signal"].cls_obs for receiver in receivers])
        assert answers[0] == answers[1]
        assert len(set(answers[0])) == len(plans)
    finally:
        backend.close()


def test_workers_are_recycled(make_plan: PlanMaker) -> None:
    backend = LocalBackend(workers=1, points_per_worker_life=1)
    try:
        receiver = Receiver(plan := make_plan(5))
        backend.submit(plan, receiver)
        receiver.finish()
        fitted_by = [result.worker for result in receiver.results.values()]
        chunks = {e.worker: e.points for e in receiver.events if isinstance(e, TaskStateChanged) and e.worker}
        assert len(set(fitted_by)) == len(chunks) >= 3
        assert sum(len(points) for points in chunks.values()) == 5
        assert receiver.notices == []
    finally:
        backend.close()


def test_workers_that_grow_are_replaced(make_plan: PlanMaker) -> None:
    backend = LocalBackend(workers=1, growth_per_worker_life=0)
    try:
        receiver = Receiver(plan := make_plan(3))
        backend.submit(plan, receiver)
        receiver.finish()
        assert len({result.worker for result in receiver.results.values()}) >= 2
    finally:
        backend.close()


def test_runs_share_the_workers(backend: LocalBackend, make_plan: PlanMaker) -> None:
    receivers = []
    for _ in range(3):
        receiver = Receiver(plan := make_plan(4))
        backend.submit(plan, receiver)
        receivers.append(receiver)
    for receiver in receivers:
        receiver.finish()
        assert len(receiver.results) == 4


def test_cancel_everything_with_a_thousand_points_waiting(
    backend: LocalBackend, make_plan: PlanMaker
) -> None:
    plan = make_plan(1000, bins=60)
    receiver = Receiver(plan)
    handle = backend.submit(plan, receiver)
    receiver.wait(lambda: len(receiver.running) == 2, "two to run")
    held = set(backend.worker_pids())
    backend.cancel(handle)
    receiver.finish()
    assert receiver.counts[TaskState.CANCELLED] == 1000
    # Announced in pieces, and afterwards the workers are there for others again.
    assert max(len(e.points) for e in receiver.events if isinstance(e, TaskStateChanged)) <= 500
    again = Receiver(small := make_plan(4))
    backend.submit(small, again)
    again.finish()
    assert len(again.results) == 4
    until(lambda: all_gone(held))


def test_cancel_one_running_and_one_waiting_point(backend: LocalBackend, make_plan: PlanMaker) -> None:
    plan = make_plan(4, bins=30)
    receiver = Receiver(plan)
    handle = backend.submit(plan, receiver)
    receiver.worker_of("point_0")
    backend.cancel(handle, ["point_0", "point_3", "no such point"])
    receiver.finish()
    assert receiver.states["point_0"] is receiver.states["point_3"] is TaskState.CANCELLED
    assert set(receiver.results) == {"point_1", "point_2"}
    backend.cancel(handle)  # nothing is left to cancel
    backend.cancel(RunHandle(identifier="unknown"))
    receiver.finish()


def test_a_broken_point_fails_alone(backend: LocalBackend, make_plan: PlanMaker) -> None:
    plan = make_plan(6)
    broken: dict[str, Any] = {
        "point_1": [{"op": "add", "path": "/channels/9/samples/1", "value": {}}],
        "point_2": [{"op": "replace", "path": "/channels/0/samples/0/data", "value": [1.0, 2.0]}],
        "point_3": [{"op": "replace", "path": "/channels/0/samples/0/data", "value": "many"}],
        "point_4": [],
    }
    points = tuple(
        msgspec.structs.replace(point, operations=json.dumps(broken[point.name]).encode())
        if point.name in broken
        else point
        for point in plan.points
    )
    points = (*points, FitPoint(name="not json", operations=b'[{"op": '))
    plan = msgspec.structs.replace(plan, points=points)
    receiver = Receiver(plan)
    backend.submit(plan, receiver)
    receiver.finish()
    assert set(receiver.results) == {"point_0", "point_5"}
    assert set(receiver.failures) == {*broken, "not json"}
    for failure in receiver.failures.values():
        assert failure.error
        assert "\n" not in failure.error
        assert "Traceback" not in failure.error
        assert failure.attempts == 1
        assert 0 < failure.seconds.fit < failure.seconds.total


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"engine": "pyhf", "tensor_backend": "torch"}, "tensor_backend = 'torch'"),
        ({"engine": "pyhf", "optimizer": "gradient"}, "use scipy or minuit"),
        ({"engine": "pyhf", "toys": 100}, "choose the engine newton"),
        ({"engine": "pyhf", "non_negative": True}, "choose the engine newton"),
        ({"normsys_interpolation": "code9"}, "code1 or code4"),
        ({"histosys_interpolation": "code2"}, "code0 or code4p"),
        ({"poi_test": -1.0}, "above zero"),
        ({"test_statistic": "tmu"}, "qtilde or q"),
        ({"toys": -1}, "zero or more"),
        ({"toys": 10, "seed": -1}, "zero or more"),
    ],
)
def test_options_that_cannot_be_kept_are_refused_before_anything_starts(
    backend: LocalBackend, make_plan: PlanMaker, options: dict[str, Any], words: str
) -> None:
    receiver = Receiver(plan := make_plan(1, **options))
    with pytest.raises(BackendError, match=words) as refusal:
        backend.submit(plan, receiver)
    assert "\n" not in str(refusal.value)
    assert receiver.events == []


def test_a_plan_that_cannot_be_run_is_refused_in_words(backend: LocalBackend, make_plan: PlanMaker) -> None:
    plan = make_plan(1)
    replace = msgspec.structs.replace
    for bad, words in [
        (replace(plan, points=()), "no points"),
        (replace(plan, points=plan.points * 2), "same name"),
        (replace(plan, workers=0), "At least one worker"),
        (make_plan(1, engine="root"), "no engine 'root'"),
        (make_plan(1, timeout_seconds=0.0), "above zero"),
    ]:
        receiver = Receiver(bad)
        with pytest.raises(BackendError, match=words):
            backend.submit(bad, receiver)
        assert receiver.events == []


def test_more_workers_than_make_sense_are_limited_with_a_notice(make_plan: PlanMaker) -> None:
    backend = LocalBackend(workers=1)
    try:
        receiver = Receiver(plan := make_plan(1, workers=100_000))
        backend.submit(plan, receiver)
        receiver.finish()
        assert [notice for notice in receiver.notices if "instead of 100000" in notice]
    finally:
        backend.close()


def test_a_receiver_that_fails_or_calls_back_does_not_stop_the_run(
    backend: LocalBackend, make_plan: PlanMaker
) -> None:
    plan = make_plan(4)
    receiver = Receiver(plan)

    def emit(event: Any) -> None:
        receiver(event)
        backend.cancel(RunHandle(identifier="another"))
        if isinstance(event, TaskStateChanged):
            raise RuntimeError("a bug in the receiver")  # noqa: TRY004

    backend.submit(plan, emit)
    receiver.finish()
    assert len(receiver.results) == 4


def test_health_and_capabilities(backend: LocalBackend, make_plan: PlanMaker) -> None:
    health = backend.check()
    assert health.ready
    assert health.summary == "ready, 2 workers"
    assert {"Python", "numpy", "pyhf", "fitgui-backends", "usable cores", "memory"} <= set(health.details)
    capabilities = backend.capabilities
    assert capabilities.can_cancel_running
    assert not capabilities.survives_client_exit
    assert capabilities.engines == available_engines()
    assert capabilities.max_workers is not None
    assert capabilities.max_workers >= usable_cores() >= 1
    with pytest.raises(BackendError, match="resume"):
        backend.reattach(make_plan(1), (), lambda _: None)


def test_close_while_fitting_cancels_what_is_open_and_leaves_no_process(make_plan: PlanMaker) -> None:
    backend = LocalBackend(workers=2)
    receiver = Receiver(plan := make_plan(10, bins=60))
    backend.submit(plan, receiver)
    receiver.wait(lambda: len(receiver.running) == 2, "two to run")
    workers = [psutil.Process(pid) for pid in backend.worker_pids()]
    backend.close()
    receiver.finish()
    assert receiver.counts[TaskState.CANCELLED] == 10
    until(lambda: all_gone(workers))
    backend.close()
    assert not backend.check().ready
    with pytest.raises(BackendError, match="closed"):
        backend.submit(plan, receiver)


def test_the_application_imports_neither_numpy_nor_pyhf() -> None:
    program = (
        "import sys\n"
        "from fitgui_backends.local import LocalBackend\n"
        "backend = LocalBackend(); assert backend.check().ready; backend.close()\n"
        "print(sorted({'numpy', 'scipy', 'pyhf', 'jax'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""
