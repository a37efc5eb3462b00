"""The controller: every point ends once, what is done is kept, and what is not can be gone on with."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fitgui.runs.controller import RunController
from fitgui.runs.journal import Journal
from fitgui.runs.plan import RunError, make_plan
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import FitOptions, TaskState
from fitgui_backends.events import PointFitted, RunFinished, RunStarted, StampedEvent
from tests.processes import until
from tests.runs.support import ThreadBackend, small_pallet, small_plan

Open = Callable[..., RunController]


def listen(controller: RunController) -> list[StampedEvent]:
    heard: list[StampedEvent] = []
    controller.subscribe(lambda _run, events: heard.extend(events))
    return heard


def test_a_run_from_start_to_end(open_controller: Open) -> None:
    controller = open_controller()
    heard = listen(controller)
    run = controller.start(small_plan())
    assert controller.wait(run, 20)
    snapshot = controller.snapshot(run)
    assert snapshot.counts[TaskState.DONE] == 3
    assert snapshot.outcome == "done"
    assert not controller.is_active(run)
    assert [stamped.sequence for stamped in heard] == list(range(1, len(heard) + 1))
    assert isinstance(heard[0].event, RunStarted)
    assert isinstance(heard[-1].event, RunFinished)
    elapsed = [stamped.elapsed for stamped in heard]
    assert elapsed == sorted(elapsed)
    assert heard == controller.journal.events(run)
    standing = controller.elapsed(run)
    assert standing == controller.elapsed(run), "the clock of a finished run stands"


def test_a_second_end_is_noted_and_ignored(open_controller: Open) -> None:
    controller = open_controller(ThreadBackend(twice=True, failing={"b_2"}))
    heard = listen(controller)
    run = controller.start(small_plan())
    assert controller.wait(run, 20)
    assert sum(isinstance(stamped.event, PointFitted) for stamped in heard) == 2
    assert sum(isinstance(stamped.event, RunFinished) for stamped in heard) == 1
    assert controller.journal.flush(10)
    assert "more than once" in controller.snapshot(run).notices[0].text


def test_failed_points_are_fitted_again_and_the_run_is_open_meanwhile(open_controller: Open) -> None:
    backend = ThreadBackend(failing={"b_2", "c_3"})
    controller = open_controller(backend)
    run = controller.start(small_plan())
    assert controller.wait(run, 20)
    assert controller.snapshot(run).outcome == "failed"
    assert controller.snapshot(run).points["b_2"].error == "b_2 cannot be fitted: it is made to fail"
    backend.failing.clear()
    backend.gate = threading.Semaphore(0)
    assert controller.retry_failed(run, ["b_2"]) == 1
    until(lambda: controller.snapshot(run).points["b_2"].state is TaskState.RUNNING)
    assert controller.snapshot(run).outcome is None
    assert controller.is_active(run)
    assert controller.retry_failed(run, ["b_2"]) == 0, "it is in the backend's hands already"
    assert controller.retry_failed(run) == 1
    backend.gate.release(2)
    assert controller.wait(run, 20)
    snapshot = controller.snapshot(run)
    assert snapshot.outcome == "done"
    assert snapshot.points["b_2"].attempts == 2
    assert backend.submitted == [("a_1", "b_2", "c_3"), ("b_2",), ("c_3",)]


def test_cancel_single_points_then_the_run_then_go_on(open_controller: Open) -> None:
    backend = ThreadBackend(gate=threading.Semaphore(1))
    controller = open_controller(backend)
    run = controller.start(small_plan(["p1", "p2", "p3", "p4"]))
    until(lambda: controller.snapshot(run).counts[TaskState.DONE] == 1)
    controller.cancel(run, ["p3"])
    until(lambda: controller.snapshot(run).points["p2"].state is TaskState.RUNNING)
    controller.cancel(run)
    assert controller.wait(run, 20)
    snapshot = controller.snapshot(run)
    assert snapshot.outcome == "cancelled"
    assert snapshot.counts[TaskState.CANCELLED] == 3
    backend.gate = None
    controller.resume(run)
    assert controller.wait(run, 20)
    assert controller.snapshot(run).counts[TaskState.DONE] == 4
    assert backend.submitted[1] == ("p2", "p3", "p4")


def test_a_backend_that_refuses_leaves_no_run_behind(open_controller: Open) -> None:
    controller = open_controller(ThreadBackend(refuses=True))
    with pytest.raises(RunError, match="come back tomorrow"):
        controller.start(small_plan())
    assert controller.journal.flush(10)
    assert controller.journal.runs() == []


def test_an_unknown_backend_is_named(open_controller: Open) -> None:
    pallet = small_pallet()
    analysis = pallet.analyses[0]
    plan = make_plan(pallet, analysis, analysis.points, FitOptions(), backend="abacus")
    with pytest.raises(RunError, match="there is no backend abacus: choose one of local"):
        open_controller().start(plan)


def test_resuming_in_a_new_application_fits_only_what_is_missing(
    open_controller: Open, journal_path: Path
) -> None:
    names = ["p1", "p2", "p3", "p4"]
    first = open_controller(ThreadBackend(gate=threading.Semaphore(2)))
    run = first.start(small_plan(names))
    until(lambda: first.snapshot(run).counts[TaskState.DONE] == 2)
    before = first.snapshot(run)
    first.close()
    backend = ThreadBackend()
    second = open_controller(backend)
    with pytest.raises(RunError, match="open its pallet"):
        second.resume(run)
    second.resume(run, small_pallet(names))
    assert second.wait(run, 20)
    snapshot = second.snapshot(run)
    assert snapshot.counts[TaskState.DONE] == 4
    assert backend.submitted == [("p3", "p4")]
    assert snapshot.points["p1"].result == before.points["p1"].result
    assert snapshot.elapsed >= before.elapsed
    second.resume(run)
    assert second.wait(run, 20), "nothing is left to do"
    sequences = [stamped.sequence for stamped in second.journal.events(run)]
    assert sequences == list(range(1, len(sequences) + 1))


def test_a_changed_pallet_is_refused_and_one_packed_again_is_not(open_controller: Open) -> None:
    first = open_controller(ThreadBackend(gate=threading.Semaphore(1)))
    run = first.start(small_plan())
    until(lambda: first.snapshot(run).counts[TaskState.DONE] == 1)
    first.close()
    second = open_controller()
    with pytest.raises(RunError, match="not the pallet that this run was started with: the patches"):
        second.resume(run, small_pallet(bump=2.0))
    with pytest.raises(RunError, match="it lacks points b_2, c_3"):
        second.resume(run, small_pallet(["a_1"]))
    repacked = small_pallet()
    object.__setattr__(repacked, "digest", "another")
    second.resume(run, repacked)
    assert second.wait(run, 20)
    assert second.snapshot(run).counts[TaskState.DONE] == 3


def test_two_applications_on_one_journal_do_no_harm(open_controller: Open) -> None:
    gates = threading.Semaphore(0), threading.Semaphore(0)
    one, two = (open_controller(ThreadBackend(gate=gate)) for gate in gates)
    runs = one.start(small_plan()), two.start(small_plan())
    until(lambda: len(one.journal.runs()) == 2)
    with pytest.raises(RunError, match="another fitgui that is still open"):
        two.resume(runs[0], small_pallet())
    for gate in gates:
        gate.release(3)
    assert one.wait(runs[0], 20)
    assert two.wait(runs[1], 20)
    for run in runs:
        until(lambda run=run: one.snapshot(run).outcome == "done")
        assert two.snapshot(run).points == one.snapshot(run).points


def test_listeners_that_fail_or_leave_do_not_stop_the_others(
    open_controller: Open, caplog: pytest.LogCaptureFixture
) -> None:
    controller = open_controller()
    left: list[StampedEvent] = []
    unsubscribe = controller.subscribe(lambda _run, events: left.extend(events))
    unsubscribe()
    unsubscribe()

    def fail(_run: str, _events: tuple[StampedEvent, ...]) -> None:
        raise ValueError("a fault of the listener")

    controller.subscribe(fail)
    heard = listen(controller)
    run = controller.start(small_plan())
    assert controller.wait(run, 20)
    assert controller.journal.flush(10)
    assert heard
    assert not left
    assert "a listener failed" in caplog.text


def test_closing_in_the_middle_keeps_what_is_done(open_controller: Open, journal_path: Path) -> None:
    controller = open_controller(ThreadBackend(gate=threading.Semaphore(1)))
    run = controller.start(small_plan())
    until(lambda: controller.snapshot(run).counts[TaskState.DONE] == 1)
    assert controller.close()
    reader = RunController(Journal(journal_path), {})
    snapshot = reader.snapshot(run)
    assert snapshot.counts[TaskState.DONE] == 1
    assert snapshot.outcome == "cancelled"
    reader.close()


@pytest.mark.parametrize(("points", "chunk"), [(2_000, 1), (10_000, 100)])
def test_a_large_run(open_controller: Open, points: int, chunk: int) -> None:
    names = [f"p_{number}" for number in range(points)]
    controller = open_controller(ThreadBackend(chunk=chunk))
    batches: list[int] = []
    controller.subscribe(lambda _run, events: batches.append(len(events)))
    heard = listen(controller)
    run = controller.start(small_plan(names))
    assert controller.wait(run, 120)
    assert controller.snapshot(run).counts[TaskState.DONE] == points
    mirror = RunSnapshot(names)
    for stamped in heard:
        mirror.apply(stamped)
    assert mirror.points == controller.snapshot(run).points
    assert max(batches) > 100, "written and told in batches, not one by one"
    assert len(batches) < len(heard) / 20


def test_points_that_a_worker_took_at_once_keep_one_worker_busy(open_controller: Open) -> None:
    backend = ThreadBackend(chunk=4, gate=(gate := threading.Semaphore(0)))
    controller = open_controller(backend)
    run = controller.start(small_plan(["p1", "p2", "p3", "p4", "p5"]))
    until(lambda: controller.snapshot(run).counts[TaskState.RUNNING] == 4)
    assert controller.snapshot(run).workers_busy == 1
    controller.cancel(run, ["p2"])
    gate.release(5)
    assert controller.wait(run, 20)
    assert controller.snapshot(run).workers_busy == 0
    counts = controller.snapshot(run).counts
    assert (counts[TaskState.DONE], counts[TaskState.CANCELLED]) == (4, 1)


def test_a_plan_without_points_or_with_one_twice_is_refused() -> None:
    pallet = small_pallet()
    analysis = pallet.analyses[0]
    with pytest.raises(RunError, match="no signal points"):
        make_plan(pallet, analysis, [], FitOptions())
    with pytest.raises(RunError, match="point b_2 chosen more than once"):
        make_plan(pallet, analysis, [*analysis.points, analysis.points[1]], FitOptions())


@pytest.mark.parametrize(
    ("poi", "said"), [("", "names no parameter of interest"), ("nu", "is in no modifier")]
)
def test_a_measurement_without_a_signal_strength_is_refused(poi: str, said: str) -> None:
    pallet = small_pallet()
    workspace = {
        **pallet.analyses[0].workspace,
        "measurements": [{"name": "m", "config": {"poi": poi, "parameters": []}}],
    }
    analysis = replace(pallet.analyses[0], workspace=workspace, poi=poi or None)
    with pytest.raises(RunError, match=said) as raised:
        make_plan(pallet, analysis, analysis.points, FitOptions())
    assert "ask who published it" in str(raised.value)
