"""Who fits what next: the points of all runs of a backend, their states, and the events that follow.

One lock guards everything. Events are put into the outbox of their run under the lock and delivered after it
is released, in order and by one thread at a time, so that a receiver may call back without a deadlock.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from typing import Any

import msgspec

from fitgui_backends.contract import Emit, FitPoint, FitTask, Plan, TaskState
from fitgui_backends.events import BackendEvent, Notice, PointFailed, PointFitted, TaskStateChanged
from fitgui_backends.results import FitResult

NAMES_PER_EVENT = 500
"""A large plan is announced in pieces, so that no single event blocks a receiver."""

_log = logging.getLogger(__name__)


class Job:
    """One point of a run on its way to a result; every field is guarded by the board's lock."""

    __slots__ = ("attempts", "future", "lost", "point", "run", "started", "state", "worker")

    def __init__(self, run: Run, point: FitPoint) -> None:
        self.run = run
        self.point = point
        self.state = TaskState.QUEUED
        self.attempts = 0
        """How often a worker began with it."""
        self.lost = 0
        """Workers that took it and ended before they began; counted by the slot that holds the point."""
        self.started = 0.0
        self.worker = ""
        self.future: Future[Any] | None = None

    def task(self) -> FitTask:
        """What is sent to a worker."""
        plan = self.run.plan
        return FitTask(
            identifier=f"{self.run.identifier}/{self.point.name}/{self.attempts + 1}",
            workspace_digest=plan.workspace_digest,
            measurement=plan.measurement,
            points=(self.point,),
            options=plan.options,
        )


class Run:
    """A submitted plan."""

    def __init__(self, identifier: str, plan: Plan, emit: Emit, at_once: int) -> None:
        self.identifier = identifier
        self.plan = plan
        self.at_once = at_once
        """How many of its points are fitted at the same time."""
        self.submitted = time.monotonic()
        self.jobs = {point.name: Job(self, point) for point in plan.points}
        self.waiting = deque(self.jobs.values())
        self.busy = 0
        self.open = len(self.jobs)
        self._emit = emit
        self._outbox: deque[BackendEvent] = deque()
        self._delivering = threading.Lock()

    def tell(self, event: BackendEvent) -> None:
        """Put an event into the outbox."""
        self._outbox.append(event)

    def tell_state(self, jobs: Sequence[Job], state: TaskState) -> None:
        """Put the new state of many points into the outbox, in pieces."""
        for begin in range(0, len(jobs), NAMES_PER_EVENT):
            names = tuple(job.point.name for job in jobs[begin : begin + NAMES_PER_EVENT])
            self.tell(TaskStateChanged(points=names, state=state))

    def deliver(self) -> None:
        """Hand out what is in the outbox; called without the board's lock.

        If another thread is at it, it also delivers what this one put in.
        """
        while self._outbox and self._delivering.acquire(blocking=False):
            try:
                while self._outbox:
                    self._emit(self._outbox.popleft())
            except Exception:  # noqa: BLE001  (a receiver must not end the run; the rest is still delivered)
                _log.exception("a receiver of events failed")
            finally:
                self._delivering.release()


class Board:
    """The points that wait, run or are done, of all runs in the order of their submission."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._runs: dict[str, Run] = {}
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether nothing is taken any more."""
        return self._closed

    def useful_slots(self, standing: int) -> int:
        """How many slots the open runs keep busy; ``standing`` are shared, and a run may ask for more."""
        with self._changed:
            runs = tuple(self._runs.values())
            return min(
                sum(min(run.at_once, run.open) for run in runs),
                max((standing, *(run.at_once for run in runs))),
            )

    def add(self, run: Run, *notices: Notice) -> None:
        """Queue all points of a run."""
        with self._changed:
            self._runs[run.identifier] = run
            run.tell_state(tuple(run.jobs.values()), TaskState.QUEUED)
            for notice in notices:
                run.tell(notice)
            self._changed.notify_all()
        run.deliver()

    def take(self, number: int, standing: int) -> Job | None:
        """Wait for a point; ``None`` tells the caller to end.

        Args:
            number: Of the slot that asks, from 0.
            standing: Slots below this number stay; others end when no run needs them.
        """
        with self._changed:
            while not self._closed:
                for run in self._runs.values():
                    if run.busy < run.at_once and (job := _next(run)) is not None:
                        run.busy += 1
                        return job
                if number >= max((standing, *(run.at_once for run in self._runs.values()))):
                    return None
                self._changed.wait()
            return None

    def give_back(self, job: Job) -> None:
        """The caller is free for another point."""
        with self._changed:
            job.run.busy -= 1
            self._changed.notify_all()

    def scheduled(self, job: Job, future: Future[Any]) -> None:
        """The point is on its way to a worker, and from now on its future must be cancelled with it."""
        with self._changed:
            job.future = future
            cancelled = job.state.is_final
        if cancelled:
            future.cancel()

    def started(self, job: Job, worker: str) -> None:
        """A worker begins with the point."""
        with self._changed:
            if job.state is not TaskState.QUEUED:
                return
            job.state, job.worker, job.started = TaskState.RUNNING, worker, time.monotonic()
            job.attempts += 1
            job.run.tell(TaskStateChanged(points=(job.point.name,), state=TaskState.RUNNING, worker=worker))
        job.run.deliver()

    def done(self, job: Job, result: FitResult) -> None:
        """The point has its result."""
        total = time.monotonic() - job.run.submitted
        # On a busy machine the news that a worker began may be read late: what it measured itself stands.
        waited = min(job.started - job.run.submitted, total - result.seconds.model - result.seconds.fit)
        seconds = msgspec.structs.replace(result.seconds, queued=max(0.0, waited), total=total)
        event = PointFitted(result=msgspec.structs.replace(result, seconds=seconds))
        self._finish(job, TaskState.DONE, event)

    def failed(self, job: Job, error: str) -> None:
        """The point has no result, and why."""
        event = PointFailed(
            name=job.point.name, error=error, worker=job.worker, attempts=max(1, job.attempts)
        )
        self._finish(job, TaskState.FAILED, event)

    def again(self, job: Job, notice: str = "") -> None:
        """The point goes back to the head of its queue."""
        with self._changed:
            if job.state.is_final:
                return
            if notice:
                job.run.tell(Notice(level="warning", text=notice))
            if job.state is TaskState.RUNNING:
                job.run.tell_state((job,), TaskState.QUEUED)
            job.state, job.future = TaskState.QUEUED, None
            job.run.waiting.appendleft(job)
            self._changed.notify_all()
        job.run.deliver()

    def cancel(self, identifier: str, names: Collection[str] | None) -> None:
        """Cancel points that have no final state; what runs is stopped."""
        with self._changed:
            run = self._runs.get(identifier)
            if run is None:
                return
            wanted = run.jobs.values() if names is None else [run.jobs[n] for n in names if n in run.jobs]
            futures = self._cancel(run, [job for job in wanted if not job.state.is_final])
        self._follow_up(run, futures)

    def close(self) -> None:
        """Cancel everything and send all takers away."""
        with self._changed:
            self._closed = True
            stopped = [
                (run, self._cancel(run, [job for job in run.jobs.values() if not job.state.is_final]))
                for run in tuple(self._runs.values())
            ]
            self._changed.notify_all()
        for run, futures in stopped:
            self._follow_up(run, futures)

    def _cancel(self, run: Run, jobs: Sequence[Job]) -> list[Future[Any]]:
        for job in jobs:
            job.state = TaskState.CANCELLED
        run.tell_state(jobs, TaskState.CANCELLED)
        run.open -= len(jobs)
        if run.open == 0:
            self._forget(run)
        return [job.future for job in jobs if job.future is not None]

    @staticmethod
    def _follow_up(run: Run, futures: Sequence[Future[Any]]) -> None:
        for future in futures:
            future.cancel()
        run.deliver()

    def _finish(self, job: Job, state: TaskState, event: BackendEvent) -> None:
        with self._changed:
            if job.state.is_final:  # cancelled in the last moment; there is one final event only
                return
            job.state = state
            job.run.tell(event)
            job.run.open -= 1
            if job.run.open == 0:
                self._forget(job.run)
        job.run.deliver()

    def _forget(self, run: Run) -> None:
        self._runs.pop(run.identifier, None)
        run.waiting.clear()
        self._changed.notify_all()


def _next(run: Run) -> Job | None:
    while run.waiting:
        job = run.waiting.popleft()
        if not job.state.is_final:
            return job
    return None
