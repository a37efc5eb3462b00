"""Who fits what next: the points of all runs of a backend, their states, and the events that follow.

One lock guards everything. Events are put into the outbox of their run under the lock and delivered after it
is released, in order and by one thread at a time, so that a receiver may call back without a deadlock.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import msgspec

from fitgui_backends.contract import TaskState
from fitgui_backends.events import BackendEvent, Notice, PointFailed, PointFitted, TaskTimed
from fitgui_backends.jobs import Chunk, Job, Run
from fitgui_backends.results import FitResult, Seconds, ToyPart

if TYPE_CHECKING:
    from fitgui_backends.worker import Outcome


class Board:
    """The points that wait, run or are done, of all runs in the order of their submission."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._runs: dict[str, Run] = {}
        self._tasks = itertools.count(1)
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
                sum(run.useful_workers for run in runs),
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

    def take(self, number: int, standing: int) -> Chunk | None:
        """Wait for something to fit; ``None`` tells the caller to end.

        Args:
            number: Of the slot that asks, from 0.
            standing: Slots below this number stay; others end when no run needs them.
        """
        with self._changed:
            while not self._closed:
                for run in self._runs.values():
                    if run.busy < run.at_once and (chunk := run.next_chunk()) is not None:
                        return chunk
                if number >= max((standing, *(run.at_once for run in self._runs.values()))):
                    return None
                self._changed.wait()
            return None

    def give_back(self, chunk: Chunk) -> None:
        """The caller is free for more."""
        with self._changed:
            chunk.run.busy -= 1
            for job in chunk.jobs:
                job.chunks.discard(chunk)
            self._changed.notify_all()

    def scheduled(self, chunk: Chunk, future: Future[Any]) -> None:
        """It is on its way to a worker; from now on its future is cancelled with any of its points."""
        with self._changed:
            chunk.future = future
            cancelled = any(job.state.is_final for job in chunk.jobs)
        if cancelled:
            future.cancel()

    def started(self, chunk: Chunk, worker: str) -> None:
        """A worker begins with it."""
        with self._changed:
            chunk.worker, now = worker, time.monotonic()
            chunk.began = now
            jobs = [job for job in chunk.jobs if job.state is TaskState.QUEUED]
            for job in jobs:
                job.state, job.worker, job.started = TaskState.RUNNING, worker, now
                job.attempts += 1
            if jobs:
                chunk.run.tell_state(jobs, TaskState.RUNNING, worker)
        chunk.run.deliver()

    def learn(self, chunk: Chunk, seconds: float) -> None:
        """Points took their worker so long, and the next chunks are made accordingly."""
        with self._changed:
            chunk.run.sizes.learn_points(len(chunk.jobs), seconds)

    def timed(self, chunk: Chunk, outcome: Outcome) -> None:
        """A worker has answered: tell where its time went, before the answers themselves are told.

        Points wait here from the submission on and nothing is sent anywhere, so that is when they count as
        sent and accepted.
        """
        model, fit = outcome.spent
        with self._changed:
            if all(job.state.is_final for job in chunk.jobs):
                return
            ago = time.monotonic() - chunk.run.submitted
            chunk.run.tell(
                TaskTimed(
                    task=str(next(self._tasks)),
                    points=tuple(job.point.name for job in chunk.jobs),
                    worker=chunk.worker,
                    sent_ago=ago,
                    accepted_ago=ago,
                    began=outcome.clock,
                    ended=outcome.clock + outcome.ended,
                    unpack=outcome.prepared,
                    model=model,
                    fit=fit,
                )
            )

    def done(self, job: Job, result: FitResult, began: float = 0.0) -> None:
        """The point has its result.

        Args:
            job: The point.
            result: Complete, but for the times that only this side knows.
            began: When the worker began with it, in seconds after it began with its chunk.
        """
        total = time.monotonic() - job.run.submitted
        # On a busy machine the news that a worker began may be read late: what it measured itself stands.
        # What several workers measured of one point adds up to more than went by.
        own = 0.0 if job.toys is not None else result.seconds.model + result.seconds.fit
        waited = min(job.started + began - job.run.submitted, total - own)
        seconds = msgspec.structs.replace(result.seconds, queued=max(0.0, waited), total=total)
        event = PointFitted(result=msgspec.structs.replace(result, seconds=seconds))
        self._finish(job, TaskState.DONE, event)

    def share_done(self, job: Job, part: ToyPart, result: FitResult | None) -> bool:
        """A share of the pseudo-experiments of the point is in; returns whether it was the last one.

        Args:
            job: The point.
            part: The pseudo-experiments.
            result: Of the point itself, where the share was its first.
        """
        with self._changed:
            if job.toys is None or job.state.is_final:
                return False
            job.toys.receive(part, result)
            job.run.sizes.learn_toys(part.share.count, part.seconds)
            job.run.tell_progress(job)
            complete = job.toys.complete
        job.run.deliver()
        return complete

    def failed(self, job: Job, error: str, seconds: float | None = None) -> None:
        """The point has no result.

        Args:
            job: The point.
            error: Why.
            seconds: What its worker measured; ``None`` counts from when workers began with it until now.
        """
        with self._changed:
            now, waited = time.monotonic(), job.started - job.run.submitted
            spent = job.spent
            if seconds is None or job.toys is not None:
                spent += sum(chunk.seconds_so_far(now) for chunk in job.chunks)
            else:
                spent += seconds
            if job.toys is not None:
                spent += sum(part.seconds for part in job.toys.parts)
            took = Seconds(queued=max(0.0, waited), fit=spent, total=now - job.run.submitted)
        event = PointFailed(
            name=job.point.name,
            error=error,
            worker=job.worker,
            attempts=max(1, job.attempts),
            seconds=took,
        )
        self._finish(job, TaskState.FAILED, event)

    def again(self, chunk: Chunk, notice: str = "", *, suspect: bool = False) -> None:
        """What is open of it goes back to the head of the queue.

        Args:
            chunk: What was not done.
            notice: What the user should know about it.
            suspect: Whether one of its points may be to blame; each is fitted alone from now on.
        """
        with self._changed:
            chunk.future = None
            jobs = [job for job in chunk.jobs if not job.state.is_final]
            if notice and jobs:
                chunk.run.tell(Notice(level="warning", text=notice))
            lost = chunk.seconds_so_far(time.monotonic())
            for job in jobs:
                job.spent += lost
                job.alone = job.alone or suspect
                job.chunks.discard(chunk)
            idle = [job for job in jobs if not job.chunks]  # no other worker has a share of it
            chunk.run.tell_state([j for j in idle if j.state is TaskState.RUNNING], TaskState.QUEUED)
            for job in idle:
                job.state = TaskState.QUEUED
            chunk.run.put_back(chunk, jobs)
            self._changed.notify_all()
        chunk.run.deliver()

    def blame(self, chunk: Chunk, *, started: bool = True) -> int:
        """Note that a worker was lost with it; returns how many were with one of its points, or its share.

        Only what was fitted alone before can have come to more than one: it never was in a chunk again.
        """
        with self._changed:
            for job in chunk.jobs:
                if not started:
                    job.lost += 1
                elif chunk.share is not None and job.toys is not None:
                    job.toys.deaths[chunk.share] = job.toys.deaths.get(chunk.share, 0) + 1
                else:
                    job.deaths += 1
            first = chunk.jobs[0]
            if not started:
                return max(job.lost for job in chunk.jobs)
            if chunk.share is not None and first.toys is not None:
                return first.toys.deaths[chunk.share]
            return max(job.deaths for job in chunk.jobs)

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
        return _futures({chunk for job in jobs for chunk in job.chunks})

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


def _futures(chunks: Iterable[Chunk]) -> list[Future[Any]]:
    return [chunk.future for chunk in chunks if chunk.future is not None]
