"""The board's promise under every order of happenings: each point gets exactly one final event."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from fitgui_backends.board import Board, Job, Run
from fitgui_backends.contract import FitPoint, Plan, TaskState
from fitgui_backends.results import FitResult, TwiceNll
from tests.backends.conftest import Receiver


def make_run(identifier: str, points: int, at_once: int) -> tuple[Run, Receiver]:
    names = tuple(FitPoint(name=f"{identifier} {number}", operations=b"[]") for number in range(points))
    plan = Plan(workspace=b"{}", workspace_digest="0", points=names)
    receiver = Receiver(plan)
    return Run(identifier, plan, receiver, at_once), receiver


def result_for(job: Job) -> FitResult:
    return FitResult(
        name=job.point.name,
        cls_obs=0.5,
        cls_exp=(0.1, 0.2, 0.3, 0.4, 0.5),
        mu_hat=0.0,
        twice_nll=TwiceNll(),
        converged=True,
    )


class BoardMachine(RuleBasedStateMachine):
    """Slots, users and faults in any order, one after the other."""

    runs = Bundle("runs")

    def __init__(self) -> None:
        super().__init__()
        self.board = Board()
        self.receivers: dict[str, Receiver] = {}
        self.at_once: dict[str, int] = {}
        self.taken: list[tuple[Job, Future[Any]]] = []

    @rule(target=runs, points=st.integers(1, 6), at_once=st.integers(1, 4))
    def submit(self, points: int, at_once: int) -> str:
        identifier = f"run {len(self.receivers)}"
        run, self.receivers[identifier] = make_run(identifier, points, at_once)
        self.at_once[identifier] = at_once
        self.board.add(run)
        return identifier

    @rule()
    def take(self) -> None:
        # A slot with so high a number is sent away rather than kept waiting.
        job = self.board.take(number=10**6, standing=0)
        if job is not None:
            assert job.state is TaskState.QUEUED
            future: Future[Any] = Future()
            self.board.scheduled(job, future)
            self.taken.append((job, future))

    def _release(self, index: int) -> Job | None:
        return self.taken.pop(index % len(self.taken))[0] if self.taken else None

    @rule(index=st.integers(0, 20))
    def start(self, index: int) -> None:
        if self.taken:
            self.board.started(self.taken[index % len(self.taken)][0], "host:1")

    @rule(index=st.integers(0, 20), fate=st.sampled_from(["done", "failed", "died", "lost"]))
    def end(self, index: int, fate: str) -> None:
        job = self._release(index)
        if job is None:
            return
        if fate == "done":
            self.board.started(job, "host:1")
            self.board.done(job, result_for(job))
        elif fate == "failed":
            self.board.failed(job, "a sentence")
        else:
            self.board.again(job, "it died" if fate == "died" else "")
        self.board.give_back(job)

    @rule(identifier=runs, index=st.integers(0, 20), everything=st.booleans())
    def cancel(self, identifier: str, index: int, everything: bool) -> None:
        names = list(self.receivers[identifier].states)
        chosen = None if everything else [names[index % len(names)], "no such point"]
        self.board.cancel(identifier, chosen)
        for name in names if chosen is None else chosen[:1]:
            state = self.receivers[identifier].states[name]
            assert state is not None
            assert state.is_final

    @rule()
    def close(self) -> None:
        self.board.close()
        self.board = Board()

    @invariant()
    def nothing_is_said_after_the_last_word(self) -> None:
        for receiver in self.receivers.values():
            assert receiver.complaints == []

    @invariant()
    def no_run_has_more_points_at_once_than_it_asked_for(self) -> None:
        busy = [job.run.identifier for job, _ in self.taken]
        assert all(busy.count(identifier) <= most for identifier, most in self.at_once.items())

    @invariant()
    def what_was_cancelled_is_stopped(self) -> None:
        for job, future in self.taken:
            assert future.cancelled() == (job.state is TaskState.CANCELLED)

    def teardown(self) -> None:
        while (job := self._release(0)) is not None:
            self.board.started(job, "host:1")
            self.board.done(job, result_for(job))
            self.board.give_back(job)
        while (job := self.board.take(number=10**6, standing=0)) is not None:
            self.board.failed(job, "a sentence")
            self.board.give_back(job)
        for receiver in self.receivers.values():
            receiver.finish()


TestBoard = BoardMachine.TestCase
TestBoard.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_a_point_that_is_tried_again_is_taken_first() -> None:
    board = Board()
    run, receiver = make_run("run", 3, 1)
    board.add(run)
    job = board.take(0, 1)
    assert job is not None
    board.started(job, "host:1")
    board.again(job, "it died")
    board.give_back(job)
    assert board.take(0, 1) is job
    assert job.attempts == 1
    assert receiver.notices == ["it died"]


def test_useful_slots() -> None:
    board = Board()
    assert board.useful_slots(4) == 0
    board.add(make_run("a", 2, 8)[0])
    assert board.useful_slots(4) == 2
    board.add(make_run("b", 100, 3)[0])
    assert board.useful_slots(4) == 5
    assert board.useful_slots(16) == 5
