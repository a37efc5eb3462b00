"""The points of a run on their way to results, and the pieces in which workers take them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from fitgui_backends.contract import Emit, FitPoint, FitTask, Plan, TaskState, ToyShare
from fitgui_backends.events import BackendEvent, PointProgress, TaskStateChanged
from fitgui_backends.outbox import Outbox
from fitgui_backends.results import FitResult, ToyPart
from fitgui_backends.sizes import MOST_BYTES, Sizes

NAMES_PER_EVENT = 500
"""A large plan is announced in pieces, so that no single event blocks a receiver."""

PROGRESS_STEPS = 20
"""A point with pseudo-experiments tells of its progress when another of so many parts of them is in."""


class Job:
    """One point of a run on its way to a result; every field is guarded by the board's lock."""

    __slots__ = (
        "alone",
        "attempts",
        "chunks",
        "deaths",
        "lost",
        "point",
        "run",
        "spent",
        "started",
        "state",
        "toys",
        "worker",
    )

    def __init__(self, run: Run, point: FitPoint) -> None:
        self.run = run
        self.point = point
        self.state = TaskState.QUEUED
        self.attempts = 0
        """How often a worker began with it."""
        self.deaths = 0
        """Workers that died with it."""
        self.lost = 0
        """Workers that took it and ended before they began."""
        self.alone = False
        """Whether it is suspected of what ended a chunk, and therefore in no chunk with others again."""
        self.started = 0.0
        self.spent = 0.0
        """Seconds of workers that came to nothing."""
        self.worker = ""
        self.chunks: set[Chunk] = set()
        """What of it is with workers now."""
        count = run.plan.options.toys
        self.toys = Toys(count) if count > 0 else None


class Toys:
    """What became of the pseudo-experiments of a point; guarded by the board's lock."""

    def __init__(self, count: int) -> None:
        self._next = 0
        self._count = count
        self._returned: deque[ToyShare] = deque()
        self._missing = count
        self._told = 0
        """Steps of the progress that were told."""
        self.deaths: dict[ToyShare, int] = {}
        """Workers that died with a share."""
        self.result: FitResult | None = None
        """Of the point without its pseudo-experiments, once the first share is in."""
        self.parts: list[ToyPart] = []

    @property
    def to_hand_out(self) -> int:
        """How many no worker has or had."""
        return self._count - self._next + sum(share.count for share in self._returned)

    @property
    def complete(self) -> bool:
        """Whether the last share is in."""
        return self._missing == 0

    def take(self, most: int) -> ToyShare:
        """The next share: one that came back as it was, or a new one."""
        if self._returned:
            return self._returned.popleft()
        share = ToyShare(self._next, min(most, self._count - self._next))
        self._next += share.count
        return share

    def take_back(self, share: ToyShare) -> None:
        """A share that was not done."""
        self._returned.append(share)

    def receive(self, part: ToyPart, result: FitResult | None) -> None:
        """A share that was done."""
        self._missing -= part.share.count
        self.parts.append(part)
        if result is not None:
            self.result = result

    def progress(self) -> tuple[int, int] | None:
        """How many are in, and how many were asked for, where another step of that is to be told.

        Nothing is told at the end: then there is a result.
        """
        done = self._count - self._missing
        step = PROGRESS_STEPS * done // self._count
        if step <= self._told or self.complete:
            return None
        self._told = step
        return done, self._count


class Chunk:
    """What one worker takes at once: some points of a run, or a share of one."""

    __slots__ = ("began", "future", "jobs", "run", "share", "worker")

    def __init__(self, run: Run, jobs: tuple[Job, ...], share: ToyShare | None = None) -> None:
        self.run = run
        self.jobs = jobs
        self.share = share
        self.future: Future[Any] | None = None
        self.began: float | None = None
        """When a worker began with it."""
        self.worker = ""

    def task(self) -> FitTask:
        """What is sent to a worker."""
        plan, first = self.run.plan, self.jobs[0]
        return FitTask(
            identifier=f"{self.run.identifier}/{first.point.name}/{first.attempts + 1}",
            workspace_digest=plan.workspace_digest,
            measurement=plan.measurement,
            points=tuple(job.point for job in self.jobs),
            options=plan.options,
            toys=self.share,
        )

    def seconds_so_far(self, now: float) -> float:
        """What each of its points has taken of its worker until now, in equal parts."""
        return 0.0 if self.began is None else (now - self.began) / len(self.jobs)

    @property
    def seconds_left(self) -> float | None:
        """How long it may take: no point may take longer than its limit, so no chunk may, and no share.

        A chunk is meant to take a small part of the limit. One that does not is split, and each of its points
        has its own time.
        """
        limit = self.run.plan.options.timeout_seconds
        job = self.jobs[0]
        if limit is None or self.share is None or job.state is not TaskState.RUNNING:
            return limit
        return limit - (time.monotonic() - job.started)


class Run:
    """A submitted plan."""

    def __init__(self, identifier: str, plan: Plan, emit: Emit, at_once: int) -> None:
        self.identifier = identifier
        self.plan = plan
        self.at_once = at_once
        """How many workers it may have at the same time."""
        self.submitted = time.monotonic()
        self.jobs = {point.name: Job(self, point) for point in plan.points}
        self.waiting = deque(self.jobs.values())
        self.busy = 0
        """How many workers it has."""
        self.open = len(self.jobs)
        self.sizes = Sizes(at_once, plan.options.timeout_seconds)
        self._outbox = Outbox(emit)

    @property
    def useful_workers(self) -> int:
        """How many workers can have a part in what is open."""
        return min(self.at_once, self.open * max(1, self.plan.options.toys))

    def next_chunk(self) -> Chunk | None:
        """Take what the next worker does, if something waits."""
        while self.waiting and self.waiting[0].state.is_final:
            self.waiting.popleft()
        if not self.waiting:
            return None
        first = self.waiting[0]
        if first.toys is not None:
            share = first.toys.take(self.sizes.toys(first.toys.to_hand_out, len(self.waiting) - 1))
            if not first.toys.to_hand_out:
                self.waiting.popleft()
            return self._given(Chunk(self, (first,), share))
        most = self.sizes.points(len(self.waiting))
        jobs = [self.waiting.popleft()]
        size = len(first.point.operations)
        while len(jobs) < most and self.waiting and not (first.alone or self.waiting[0].alone):
            size += len(self.waiting[0].point.operations)
            if size > MOST_BYTES:
                break
            job = self.waiting.popleft()
            if not job.state.is_final:
                jobs.append(job)
        return self._given(Chunk(self, tuple(jobs)))

    def _given(self, chunk: Chunk) -> Chunk:
        self.busy += 1
        for job in chunk.jobs:
            job.chunks.add(chunk)
        return chunk

    def put_back(self, chunk: Chunk, jobs: Sequence[Job]) -> None:
        """What was taken and not done waits again, before all others."""
        for job in reversed(jobs):
            waits = False
            if chunk.share is not None and job.toys is not None:
                waits = job.toys.to_hand_out > 0
                job.toys.take_back(chunk.share)
            if not waits:
                self.waiting.appendleft(job)

    def tell(self, event: BackendEvent) -> None:
        """Put an event into the outbox."""
        self._outbox.put(event)

    def tell_state(self, jobs: Sequence[Job], state: TaskState, worker: str = "") -> None:
        """Put the new state of many points into the outbox, in pieces."""
        for begin in range(0, len(jobs), NAMES_PER_EVENT):
            names = tuple(job.point.name for job in jobs[begin : begin + NAMES_PER_EVENT])
            self.tell(TaskStateChanged(points=names, state=state, worker=worker))

    def tell_progress(self, job: Job) -> None:
        """Put the progress of a point into the outbox, where there is something new."""
        news = None if job.toys is None else job.toys.progress()
        if news is not None:
            workers = tuple(sorted({chunk.worker for chunk in job.chunks} - {""}))
            done, total = news
            self.tell(PointProgress(name=job.point.name, done=done, total=total, workers=workers))

    def deliver(self) -> None:
        """Hand out what is in the outbox; called without the board's lock."""
        self._outbox.deliver()
