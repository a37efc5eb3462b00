"""Carries out checks: one at a time, when no run is going on, on a worker that gives way to everything else.

A check never delays a run: it begins when no run is being fitted, and is given up when one begins. What was
compared until then is recorded, and is not done again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from fitgui.runs.check import chosen_points, reference_engine, reference_plan, still_to_check
from fitgui.runs.live import LiveRun
from fitgui.runs.plan import Check, RunError
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import Backend, BackendError, TaskState
from fitgui_backends.events import (
    BackendEvent,
    CheckStateChanged,
    PointChecked,
    PointFailed,
    PointFitted,
    TaskStateChanged,
)

MakeChecker = Callable[[str], Backend]
"""Makes the backend for the engine of that name."""

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Job:
    """The check of one run."""

    run: LiveRun
    check: Check
    over: threading.Event = field(default_factory=threading.Event)
    """Set when there is nothing more to wait for."""
    given_up: str | None = None
    """Why."""
    left: set[str] = field(default_factory=set)


class Checker:
    """The queue of checks and the thread that works on it, which lives only while there are some.

    Args:
        make: makes a backend for an engine; closed after each check, so that no idle worker keeps memory.
        snapshot: how a run stands, by its name.
        is_idle: whether no run is being fitted now.
    """

    def __init__(
        self, make: MakeChecker, snapshot: Callable[[str], RunSnapshot], is_idle: Callable[[], bool]
    ) -> None:
        self._make = make
        self._snapshot = snapshot
        self._is_idle = is_idle
        self._changed = threading.Condition()
        self._jobs: list[_Job] = []
        """The first is being worked on once the thread has taken it."""
        self._thread: threading.Thread | None = None
        self._closed = False

    def ask(self, run: LiveRun, check: Check, *, announced: bool = False) -> None:
        """Check a run as soon as nothing is being fitted; replaces what was asked for this run before.

        Args:
            run: all its points are final.
            check: how many, and which.
            announced: the run's events tell already that a check is waiting.
        """
        with self._changed:
            if self._closed:
                return
            if any(job.run is run and job.check == check and job.given_up is None for job in self._jobs):
                return
            self._give_up("another check of this run was asked for", run)
            self._jobs.append(_Job(run, check))
            if not announced:
                run.report(waiting(run, check))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="fitgui-check", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def give_up(self, why: str, run: LiveRun | None = None) -> None:
        """Give up the check of a run, or all; returns at once, the worker is ended in the background."""
        with self._changed:
            self._give_up(why, run)

    def wake(self) -> None:
        """A run has ended: look whether the next check may begin."""
        with self._changed:
            self._changed.notify_all()

    def is_checking(self, run: LiveRun) -> bool:
        """Whether a check of the run is waiting or running."""
        with self._changed:
            return any(job.run is run for job in self._jobs)

    def wait(self, run: LiveRun, timeout: float | None = None) -> bool:
        """Wait until no check of the run is waiting or running; ``False`` if it is not so in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not any(job.run is run for job in self._jobs), timeout)

    def close(self, timeout: float) -> None:
        """Give up everything and end the worker."""
        with self._changed:
            self._closed = True
            self._give_up("the application was closed", None)
            thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def _give_up(self, why: str, run: LiveRun | None) -> None:
        for job in self._jobs:
            if run is None or job.run is run:
                self._end(job, why)
        self._changed.notify_all()

    def _end(self, job: _Job, why: str) -> None:
        """Give up a check, and tell so at once: until its worker has ended, the next one may wait already."""
        with self._changed:
            if job.given_up is None:
                job.given_up = why
                job.run.report(given_up(why))
            job.over.set()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._check(job)
            except Exception as error:  # noqa: BLE001  (a fault here must not end the application's checks)
                _log.exception("the check of %s", job.run.identifier)
                self._end(job, f"something went wrong ({type(error).__name__}: {error})")
            with self._changed:
                if job.given_up is None:
                    job.run.report(CheckStateChanged(state="done"))
                self._jobs.remove(job)
                self._changed.notify_all()

    def _next(self) -> _Job | None:
        with self._changed:
            while self._jobs:
                job = self._jobs[0]
                if job.given_up is not None or self._is_idle():
                    return job
                self._changed.wait()
            self._thread = None
            return None

    def _check(self, job: _Job) -> None:
        """Have the sample fitted; ends when all of it is, or the check is given up."""
        if job.given_up is not None:
            return
        snapshot = self._snapshot(job.run.identifier)
        done = [name for name, status in snapshot.points.items() if status.state is TaskState.DONE]
        sample = chosen_points(done, job.check)
        names = still_to_check(snapshot, sample)
        if not sample:
            self._end(job, "no point of the run has a result to compare with")
            return
        with self._changed:
            if job.over.is_set():
                return
            job.run.report(_told(job.run, "running", len(sample), sample))
            job.left = set(names)
        if not names:
            return
        try:
            backend = self._make(reference_engine(job.run.plan.plan.options.engine))
        except (BackendError, RunError) as error:
            self._end(job, str(error))
            return
        try:
            backend.submit(reference_plan(job.run.plan.plan, names), lambda event: self._receive(job, event))
            job.over.wait()
        except BackendError as error:
            self._end(job, str(error))
        finally:
            backend.close()

    def _receive(self, job: _Job, event: BackendEvent) -> None:
        """Take in what the reference says; from any thread."""
        with self._changed:
            if job.given_up is not None:
                return
            match event:
                case PointFitted(result=result) if result.name in job.left:
                    job.left.discard(result.name)
                    job.run.report(PointChecked(name=result.name, reference=result))
                case PointFailed(name=name, error=error) if name in job.left:
                    job.left.discard(name)
                    job.run.report(PointChecked(name=name, reference=None, error=error))
                case TaskStateChanged(state=TaskState.CANCELLED):
                    self._end(job, "its worker was stopped")
            if not job.left:
                job.over.set()


def waiting(run: LiveRun, check: Check) -> CheckStateChanged:
    """Tells that the run is to be checked once nothing is being fitted."""
    return _told(run, "waiting", min(check.points, len(run.plan.points)))


def given_up(why: str) -> CheckStateChanged:
    """Tells that the check has ended before its time."""
    return CheckStateChanged(state="none", text=f"The check was given up: {why}")


def _told(run: LiveRun, state: str, wanted: int, points: tuple[str, ...] = ()) -> CheckStateChanged:
    engine = run.plan.plan.options.engine
    return CheckStateChanged(
        state=state, wanted=wanted, points=points, engine=engine, reference=reference_engine(engine)
    )
