"""The board's promise under every order of happenings: each point gets exactly one final event."""

from __future__ import annotations

from concurrent.futures import Future
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from fitgui_backends.board import Board
from fitgui_backends.contract import FitOptions, FitPoint, Plan, TaskState, ToyShare
from fitgui_backends.events import PointProgress
from fitgui_backends.jobs import Chunk, Job, Run
from fitgui_backends.results import FitResult, ToyPart, TwiceNll
from tests.backends.conftest import Receiver


def make_run(identifier: str, points: int, at_once: int, toys: int = 0) -> tuple[Run, Receiver]:
    names = tuple(FitPoint(name=f"{identifier} {number}", operations=b"[]") for number in range(points))
    plan = Plan(workspace=b"{}", workspace_digest="0", points=names, options=FitOptions(toys=toys))
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


def part_for(share: ToyShare, seconds: float) -> ToyPart:
    return ToyPart(
        share=share,
        mus=(1.0,),
        observed=(0.5,),
        signal=b"",
        background=b"",
        failed=0,
        converged=True,
        seconds=seconds,
    )


def whole(shares: list[ToyShare], toys: int) -> bool:
    """Whether each pseudo-experiment is there exactly once."""
    ordered = sorted(shares, key=lambda share: share.first)
    joined = all(before.first + before.count == after.first for before, after in pairwise(ordered))
    return joined and ordered[0].first == 0 and sum(share.count for share in ordered) == toys


class BoardMachine(RuleBasedStateMachine):
    """Slots, users and faults in any order, one after the other."""

    runs = Bundle("runs")

    def __init__(self) -> None:
        super().__init__()
        self.board = Board()
        self.receivers: dict[str, Receiver] = {}
        self.at_once: dict[str, int] = {}
        self.taken: list[tuple[Chunk, Future[Any]]] = []

    @rule(
        target=runs, points=st.integers(1, 30), at_once=st.integers(1, 4), toys=st.sampled_from([0, 0, 1, 50])
    )
    def submit(self, points: int, at_once: int, toys: int) -> str:
        identifier = f"run {len(self.receivers)}"
        run, self.receivers[identifier] = make_run(identifier, points, at_once, toys)
        self.at_once[identifier] = at_once
        self.board.add(run)
        return identifier

    @rule()
    def take(self) -> None:
        # A slot with so high a number is sent away rather than kept waiting.
        chunk = self.board.take(number=10**6, standing=0)
        if chunk is not None:
            assert all(not job.state.is_final for job in chunk.jobs)
            assert chunk.share is None or len(chunk.jobs) == 1
            assert len(chunk.jobs) == 1 or not any(job.alone or job.attempts > 1 for job in chunk.jobs)
            future: Future[Any] = Future()
            self.board.scheduled(chunk, future)
            self.taken.append((chunk, future))

    @rule(index=st.integers(0, 20))
    def start(self, index: int) -> None:
        if self.taken:
            self.board.started(self.taken[index % len(self.taken)][0], "host:1")

    @rule(
        index=st.integers(0, 20),
        fate=st.sampled_from(["done", "done", "mixed", "died", "lost", "late", "stopped"]),
        seconds=st.sampled_from([1e-4, 0.03, 5.0]),
    )
    def end(self, index: int, fate: str, seconds: float) -> None:
        if not self.taken:
            return
        chunk, _ = self.taken.pop(index % len(self.taken))
        if fate in ("done", "mixed"):
            self._fitted(chunk, seconds, failing=fate == "mixed")
        elif fate == "died":
            self.board.started(chunk, "host:1")
            deaths = self.board.blame(chunk)
            if deaths < 2:
                self.board.again(chunk, "it died", suspect=True)
            else:
                assert len(chunk.jobs) == 1, "a point was blamed in company"
                self.board.failed(chunk.jobs[0], "it died again")
        elif fate == "late" and len(chunk.jobs) == 1:
            self.board.failed(chunk.jobs[0], "too late")
        else:
            self.board.again(chunk, suspect=fate != "stopped")
        self.board.give_back(chunk)

    def _fitted(self, chunk: Chunk, seconds: float, *, failing: bool) -> None:
        self.board.started(chunk, "host:1")
        if chunk.share is None:
            self.board.learn(chunk, seconds * len(chunk.jobs))
        for number, job in enumerate(chunk.jobs):
            if failing and number % 2 == 0:
                self.board.failed(job, "a sentence")
            elif chunk.share is None:
                self.board.done(job, result_for(job), began=seconds * number)
            elif self.board.share_done(job, part_for(chunk.share, seconds), result_for(job)):
                assert job.toys is not None
                assert whole([part.share for part in job.toys.parts], job.run.plan.options.toys)
                self.board.done(job, result_for(job))

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
    def no_run_has_more_workers_than_it_asked_for(self) -> None:
        busy = [chunk.run.identifier for chunk, _ in self.taken]
        assert all(busy.count(identifier) <= most for identifier, most in self.at_once.items())

    @invariant()
    def nothing_is_with_two_workers(self) -> None:
        held = [(job, chunk.share) for chunk, _ in self.taken for job in chunk.jobs if not job.state.is_final]
        assert len(set(held)) == len(held)

    @invariant()
    def what_was_cancelled_is_stopped(self) -> None:
        for chunk, future in self.taken:
            assert future.cancelled() == any(job.state is TaskState.CANCELLED for job in chunk.jobs)

    def teardown(self) -> None:
        while self.taken:
            chunk, _ = self.taken.pop()
            self._fitted(chunk, 0.01, failing=False)
            self.board.give_back(chunk)
        while (left := self.board.take(number=10**6, standing=0)) is not None:
            self._fitted(left, 0.01, failing=False)
            self.board.give_back(left)
        for receiver in self.receivers.values():
            receiver.finish()


TestBoard = BoardMachine.TestCase
TestBoard.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)


def take(board: Board, number: int = 0, standing: int = 1) -> Chunk:
    chunk = board.take(number, standing)
    assert chunk is not None
    return chunk


def names(chunk: Chunk) -> list[str]:
    return [job.point.name.rpartition(" ")[2] for job in chunk.jobs]


def fit_first(board: Board, seconds: float) -> None:
    """One point is fitted, and from then on its time is known."""
    first = take(board)
    assert names(first) == ["0"]
    board.started(first, "host:1")
    board.learn(first, seconds)
    board.done(first.jobs[0], result_for(first.jobs[0]))
    board.give_back(first)


def test_a_point_that_is_tried_again_is_taken_first() -> None:
    board = Board()
    run, receiver = make_run("run", 3, 1)
    board.add(run)
    chunk = take(board)
    board.started(chunk, "host:1")
    board.again(chunk, "it died")
    board.give_back(chunk)
    assert take(board).jobs == chunk.jobs
    assert chunk.jobs[0].attempts == 1
    assert receiver.notices == ["it died"]


def test_points_that_died_together_are_fitted_one_by_one_and_the_guilty_one_is_blamed() -> None:
    board = Board()
    run, receiver = make_run("run", 40, 1)
    board.add(run)
    fit_first(board, 0.03)
    chunk = take(board)
    assert names(chunk) == ["1", "2", "3", "4"]
    board.started(chunk, "host:1")
    assert set(receiver.running) == {f"run {name}" for name in names(chunk)}
    assert board.blame(chunk) == 1
    board.again(chunk, "it died", suspect=True)
    board.give_back(chunk)
    assert receiver.running == []
    for name, guilty in zip(["1", "2", "3", "4"], [False, True, False, False], strict=True):
        alone = take(board)
        assert names(alone) == [name]
        board.started(alone, "host:1")
        if guilty:
            assert board.blame(alone) == 2
            board.failed(alone.jobs[0], "given up")
        else:
            board.done(alone.jobs[0], result_for(alone.jobs[0]))
        board.give_back(alone)
    assert set(receiver.failures) == {"run 2"}
    assert len(names(take(board))) == 4


def test_cancelling_one_point_of_a_chunk_puts_the_others_back() -> None:
    board = Board()
    run, receiver = make_run("run", 40, 1)
    board.add(run)
    fit_first(board, 0.03)
    chunk = take(board)
    future: Future[Any] = Future()
    board.scheduled(chunk, future)
    board.started(chunk, "host:1")
    board.cancel("run", ["run 2"])
    assert future.cancelled()
    board.again(chunk)
    board.give_back(chunk)
    assert names(take(board)) == ["1", "3", "4", "5"]
    assert receiver.states["run 2"] is TaskState.CANCELLED
    assert receiver.complaints == []


def test_the_queue_ends_where_the_worker_began_with_the_point_itself() -> None:
    board = Board()
    run, receiver = make_run("run", 40, 1)
    board.add(run)
    fit_first(board, 0.03)
    chunk = take(board)
    run.submitted -= 10.0
    board.started(chunk, "host:1")
    for job, began in zip(chunk.jobs, [0.0, 0.5, 1.0, 1.5], strict=True):
        job.started -= 3.0
        board.done(job, result_for(job), began)
    queued = [receiver.results[f"run {name}"].seconds.queued for name in names(chunk)]
    assert [round(value - queued[0], 4) for value in queued] == [0.0, 0.5, 1.0, 1.5]


def test_useful_slots() -> None:
    board = Board()
    assert board.useful_slots(4) == 0
    board.add(make_run("a", 2, 8)[0])
    assert board.useful_slots(4) == 2
    board.add(make_run("b", 100, 3)[0])
    assert board.useful_slots(4) == 5
    assert board.useful_slots(16) == 5


def test_the_toys_of_one_point_keep_all_workers_busy() -> None:
    board = Board()
    run, receiver = make_run("a", 1, 3, toys=1000)
    board.add(run)
    assert board.useful_slots(4) == 3
    chunks = [take(board, number, 4) for number in range(3)]
    shares = [chunk.share for chunk in chunks]
    assert all(shares)
    for chunk in chunks[1:] + chunks[:1]:
        board.started(chunk, "host:1")
        assert chunk.share is not None
        part = part_for(chunk.share, 0.01 * chunk.share.count)
        result = result_for(chunk.jobs[0]) if chunk.share.first == 0 else None
        assert not board.share_done(chunk.jobs[0], part, result)
        board.give_back(chunk)
        assert receiver.states["a 0"] is TaskState.RUNNING
    later = take(board, 0, 4)
    assert later.share is not None
    assert later.share.count == 200  # two seconds of work


def test_a_point_tells_how_many_of_its_toys_are_in_and_who_is_at_it() -> None:
    board = Board()
    run, receiver = make_run("a", 1, 2, toys=1000)
    board.add(run)
    sizes = []
    chunks = [take(board, number, 2) for number in range(2)]
    for number, chunk in enumerate(chunks):
        board.started(chunk, f"host:{number}")
    while chunks:
        chunk = chunks.pop(0)
        assert chunk.share is not None
        sizes.append(chunk.share.count)
        part = part_for(chunk.share, 0.1 * chunk.share.count)  # twenty in two seconds: 2 % of them
        result = result_for(chunk.jobs[0]) if chunk.share.first == 0 else None
        complete = board.share_done(chunk.jobs[0], part, result)
        board.give_back(chunk)
        if run.waiting:
            chunks.append(take(board, 0, 2))
            board.started(chunks[-1], chunk.worker)
    assert complete
    told = [event for event in receiver.events if isinstance(event, PointProgress)]
    assert len(sizes) > 2 * len(told)
    assert [20 * event.done // event.total for event in told] == list(range(1, 20))
    assert all(event.done - 50 * step < 20 for step, event in enumerate(told, start=1)), "at once"
    assert {event.workers for event in told} == {("host:0", "host:1")}


def test_a_share_whose_worker_died_is_handed_out_again_while_the_others_go_on() -> None:
    board = Board()
    run, receiver = make_run("a", 1, 2, toys=20)
    board.add(run)
    dead, alive = take(board, 0, 2), take(board, 1, 2)
    for chunk in (dead, alive):
        board.started(chunk, "host:1")
    assert board.blame(dead) == 1
    board.again(dead, "it died", suspect=True)
    board.give_back(dead)
    assert receiver.states["a 0"] is TaskState.RUNNING
    second = take(board, 0, 2)
    assert second.share == dead.share
    board.started(second, "host:2")
    assert board.blame(second) == 2
