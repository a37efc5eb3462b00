"""When a run is checked, by whom, and that a check is given up and gone on with in good order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from fitgui.runs.check import chosen_points, summary
from fitgui.runs.controller import RunController
from fitgui.runs.plan import Check, RunError, RunPlan, make_plan
from fitgui_backends.contract import BackendError, FitOptions, Plan, RunHandle, TaskState
from fitgui_backends.events import CheckStateChanged, PointChecked, RunFinished, StampedEvent
from tests.processes import until
from tests.runs.support import ThreadBackend, small_pallet

Open = Callable[..., RunController]
NAMES = ("p1", "p2", "p3", "p4", "p5")


@dataclass
class Checkers:
    """Makes backends for checks, and remembers what each was made for and asked."""

    gate: threading.Semaphore | None = None
    failing: set[str] = field(default_factory=set)
    refuses: bool = False
    engines: list[str] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    made: list[ThreadBackend] = field(default_factory=list)

    def __call__(self, engine: str) -> ThreadBackend:
        self.engines.append(engine)
        backend = ThreadBackend(gate=self.gate, failing=self.failing, refuses=self.refuses)
        submit = backend.submit

        def remember(plan: Plan, emit: Callable[..., None]) -> RunHandle:
            self.plans.append(plan)
            return submit(plan, emit)

        backend.submit = remember  # type: ignore[method-assign]
        self.made.append(backend)
        return backend

    @property
    def all_closed(self) -> bool:
        return all(backend.is_closed for backend in self.made)

    @property
    def asked(self) -> list[tuple[str, ...]]:
        return [tuple(point.name for point in plan.points) for plan in self.plans]


def plan_with(check: Check | None, engine: str = "newton") -> RunPlan:
    pallet = small_pallet(NAMES)
    analysis = pallet.analyses[0]
    return make_plan(pallet, analysis, analysis.points, FitOptions(engine=engine), workers=1, check=check)


def listen(controller: RunController) -> list[StampedEvent]:
    heard: list[StampedEvent] = []
    controller.subscribe(lambda _run, events: heard.extend(events))
    return heard


def test_the_sample_is_checked_after_the_run_has_ended(open_controller: Open) -> None:
    checkers = Checkers()
    controller = open_controller(make_checker=checkers)
    heard = listen(controller)
    check = Check(points=3, seed=5)
    run = controller.start(plan_with(check))
    assert controller.wait(run, 20)
    assert controller.wait_check(run, 20)
    snapshot = controller.snapshot(run)
    sample = chosen_points(NAMES, check)
    assert checkers.engines == ["pyhf"]
    assert checkers.asked == [sample]
    assert checkers.all_closed
    assert set(snapshot.checks) == set(sample)
    assert (snapshot.check_state, snapshot.check_points) == ("done", sample)
    assert snapshot.outcome == "done"
    kinds = [type(s.event) for s in heard]
    assert kinds.index(RunFinished) < kinds.index(PointChecked)
    states = [s.event.state for s in heard if isinstance(s.event, CheckStateChanged)]
    assert states == ["waiting", "running", "done"]
    assert [s.sequence for s in heard] == list(range(1, len(heard) + 1))
    assert heard == controller.journal.events(run)
    assert not controller.is_checking(run)
    assert summary(snapshot).agree == 3


def test_nothing_is_started_where_no_check_is_asked_for(open_controller: Open) -> None:
    checkers = Checkers()
    controller = open_controller(make_checker=checkers)
    run = controller.start(plan_with(None))
    assert controller.wait(run, 20)
    assert controller.wait_check(run, 0)
    assert controller.snapshot(run).check_state == "none"
    assert checkers.made == []


def test_a_finished_run_is_checked_when_asked_and_points_are_not_checked_twice(open_controller: Open) -> None:
    checkers = Checkers(failing={"p2"})
    controller = open_controller(make_checker=checkers)
    run = controller.start(plan_with(None, engine="pyhf"))
    assert controller.wait(run, 20)
    controller.check(run, Check(points=2, seed=1))
    assert controller.wait_check(run, 20)
    first = set(controller.snapshot(run).checks)
    assert checkers.engines == ["newton"], "the other engine than that of the run"
    controller.check(run, Check(points=5, seed=1))
    assert controller.wait_check(run, 20)
    assert set(checkers.asked[1]) == set(NAMES) - first
    found = summary(controller.snapshot(run))
    assert (found.state, found.wanted, found.done, found.agree, found.failed) == ("done", 5, 5, 4, 1)
    assert "p2: newton has no answer: p2 cannot be fitted: it is made to fail" in found.sentences
    controller.check(run, Check(points=5, seed=1))
    assert controller.wait_check(run, 20)
    assert len(checkers.made) == 2, "there was nothing left to check"
    with pytest.raises(RunError, match="at least one point, not 0"):
        controller.check(run, Check(points=0))
    with pytest.raises(RunError, match="there is no run"):
        controller.check("20200101-000000-abcd", Check())


def test_another_run_comes_first_and_the_check_can_be_asked_for_again(open_controller: Open) -> None:
    checkers = Checkers(gate=threading.Semaphore(1))
    backend = ThreadBackend()
    controller = open_controller(backend, make_checker=checkers)
    run = controller.start(plan_with(Check(points=3)))
    until(lambda: len(controller.snapshot(run).checks) == 1)
    backend.gate = gate = threading.Semaphore(0)
    other = controller.start(plan_with(None))
    assert controller.wait_check(run, 20)
    snapshot = controller.snapshot(run)
    assert (snapshot.check_state, len(snapshot.checks)) == ("none", 1)
    assert summary(snapshot).sentences[-1] == "The check was given up: another fit was started"
    assert checkers.all_closed
    controller.check(run, Check(points=3))
    assert not controller.wait_check(run, 0.2), "it waits for the other run"
    assert len(checkers.made) == 1
    assert controller.snapshot(run).check_state == "waiting"
    checkers.gate = None
    gate.release(5)
    assert controller.wait(other, 20)
    assert controller.wait_check(run, 20)
    assert controller.snapshot(run).check_state == "done"
    assert len(controller.snapshot(run).checks) == 3
    assert checkers.asked[1] == tuple(n for n in checkers.asked[0] if n not in snapshot.checks)


def test_cancelling_gives_up_the_check_before_and_while_it_runs(open_controller: Open) -> None:
    checkers = Checkers(gate=threading.Semaphore(0))
    backend = ThreadBackend(gate=threading.Semaphore(2))
    controller = open_controller(backend, make_checker=checkers)
    run = controller.start(plan_with(Check(points=2)))
    until(lambda: controller.snapshot(run).counts[TaskState.DONE] == 2)
    assert controller.snapshot(run).check_state == "waiting"
    controller.cancel(run)
    assert controller.wait(run, 20)
    assert controller.wait_check(run, 20)
    assert checkers.made == []
    assert controller.snapshot(run).check_text == "The check was given up: the run was cancelled"
    backend.gate = None
    controller.resume(run)
    assert controller.wait(run, 20)
    until(lambda: controller.snapshot(run).check_state == "running")
    controller.cancel(run)
    assert controller.wait_check(run, 20)
    assert controller.snapshot(run).check_state == "none"
    assert controller.snapshot(run).outcome == "done", "the run itself has ended well"
    checkers.gate = None
    controller.resume(run)
    assert controller.wait_check(run, 20)
    assert (controller.snapshot(run).check_state, len(controller.snapshot(run).checks)) == ("done", 2)
    made = len(checkers.made)
    controller.resume(run)
    assert controller.wait_check(run, 20)
    assert len(checkers.made) == made, "a check that is done is not done again"


def test_a_check_that_is_given_up_says_so_before_the_next_one_waits(open_controller: Open) -> None:
    ends = threading.Event()
    checkers = Checkers(gate=threading.Semaphore(0))

    def slow_to_end(engine: str) -> ThreadBackend:
        backend = checkers(engine)
        close = backend.close

        def later() -> None:
            assert ends.wait(20)
            close()

        backend.close = later  # type: ignore[method-assign]
        return backend

    backend = ThreadBackend(failing={"p2"})
    controller = open_controller(backend, make_checker=slow_to_end)
    heard = listen(controller)

    def states() -> list[str]:
        return [s.event.state for s in heard if isinstance(s.event, CheckStateChanged)]

    run = controller.start(plan_with(Check(points=2)))
    until(lambda: states() == ["waiting", "running"])
    backend.failing = set()
    backend.gate = threading.Semaphore(0)
    controller.resume(run)
    until(lambda: states() == ["waiting", "running", "none", "waiting"])
    ends.set()
    checkers.gate = None
    until(lambda: checkers.all_closed)
    assert controller.snapshot(run).check_state == "waiting", "the old check says nothing any more"
    backend.gate.release(5)
    assert controller.wait(run, 20)
    assert controller.wait_check(run, 20)
    assert states() == ["waiting", "running", "none", "waiting", "running", "done"]
    assert len(controller.snapshot(run).checks) == 2


def test_a_check_that_waits_can_be_given_up_without_its_run(open_controller: Open) -> None:
    checkers = Checkers()
    gate = threading.Semaphore(1)
    controller = open_controller(ThreadBackend(gate=gate), make_checker=checkers)
    run = controller.start(plan_with(Check(points=2)))
    until(lambda: controller.snapshot(run).check_state == "waiting")
    controller.give_up_check(run)
    assert not controller.is_checking(run)
    until(lambda: controller.snapshot(run).check_text == "The check was given up: it was cancelled")
    gate.release(10)
    assert controller.wait(run, 20)
    assert controller.wait_check(run, 20)
    assert checkers.made == []
    snapshot = controller.snapshot(run)
    assert (snapshot.outcome, snapshot.check_state) == ("done", "none")


def test_a_check_asked_for_while_the_run_goes_on_waits_for_its_end(open_controller: Open) -> None:
    checkers = Checkers()
    gate = threading.Semaphore(1)
    controller = open_controller(ThreadBackend(gate=gate), make_checker=checkers)
    run = controller.start(plan_with(None))
    until(lambda: controller.snapshot(run).counts[TaskState.DONE] == 1)
    controller.check(run, Check(points=1))
    assert controller.is_checking(run)
    until(lambda: controller.snapshot(run).check_state == "waiting")
    assert checkers.made == []
    gate.release(10)
    assert controller.wait(run, 20)
    assert controller.wait_check(run, 20)
    assert len(controller.snapshot(run).checks) == 1


def test_closing_the_application_in_a_check_and_going_on_in_the_next(open_controller: Open) -> None:
    checkers = Checkers(gate=threading.Semaphore(1))
    first = open_controller(make_checker=checkers)
    run = first.start(plan_with(Check(points=3)))
    until(lambda: len(first.snapshot(run).checks) == 1)
    assert first.close()
    assert checkers.all_closed
    later = Checkers()
    second = open_controller(make_checker=later)
    snapshot = second.snapshot(run)
    assert (snapshot.check_state, len(snapshot.checks)) == ("none", 1)
    with pytest.raises(RunError, match="open its pallet"):
        second.check(run, Check(points=3))
    second.resume(run, small_pallet(NAMES))
    assert second.wait_check(run, 20)
    snapshot = second.snapshot(run)
    assert (snapshot.check_state, len(snapshot.checks)) == ("done", 3)
    assert [len(names) for names in later.asked] == [2]
    third = open_controller(make_checker=later)
    second.close()
    third.check(run, Check(points=5), small_pallet(NAMES))
    assert third.wait_check(run, 20)
    assert len(third.snapshot(run).checks) == 5


def test_a_reference_that_cannot_be_had_is_told(open_controller: Open) -> None:
    controller = open_controller(make_checker=Checkers(refuses=True))
    run = controller.start(plan_with(Check(points=1)))
    assert controller.wait(run, 20)
    assert controller.wait_check(run, 20)
    text = "The check was given up: the backend takes nothing today: come back tomorrow"
    assert controller.snapshot(run).check_text == text

    def nothing(_engine: str) -> ThreadBackend:
        raise BackendError("there is no reference on this machine")

    controller = open_controller(make_checker=nothing)
    run = controller.start(plan_with(Check(points=1)))
    assert controller.wait(run, 20)
    assert controller.wait_check(run, 20)
    assert controller.snapshot(run).check_text.endswith("there is no reference on this machine")


def test_a_run_without_results_has_nothing_to_check(open_controller: Open) -> None:
    checkers = Checkers()
    controller = open_controller(ThreadBackend(failing=set(NAMES)), make_checker=checkers)
    run = controller.start(plan_with(Check()))
    assert controller.wait(run, 20)
    assert controller.wait_check(run, 20)
    assert controller.snapshot(run).check_text.endswith("no point of the run has a result to compare with")
    assert checkers.made == []
