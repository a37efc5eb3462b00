"""How a run stands: a pure reducer over its events.

The same events give the same snapshot, whether they come from a running backend or from the journal. Each
event costs what it changes, so that a run of 10,000 points can be followed live.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from types import MappingProxyType

from fitgui.runs.cluster_pace import ClusterPace
from fitgui.runs.completion import Completion
from fitgui.runs.pace import Pace
from fitgui.runs.timeline import Timeline
from fitgui_backends.contract import TaskState
from fitgui_backends.events import (
    CheckStateChanged,
    Notice,
    PlaceChanged,
    PointChecked,
    PointFailed,
    PointFitted,
    PointProgress,
    RunFinished,
    RunStarted,
    StampedEvent,
    TaskStateChanged,
    TaskTimed,
)
from fitgui_backends.results import FitResult, Seconds, is_doubtful

_NO_TIME = Seconds()


@dataclass(frozen=True, slots=True)
class PointStatus:
    """Where one point stands; replaced, never changed."""

    name: str
    state: TaskState = TaskState.QUEUED
    result: FitResult | None = None
    error: str | None = None
    """Why it failed: one sentence."""
    worker: str = ""
    attempts: int = 0
    """How often a worker took it."""
    seconds: Seconds = _NO_TIME
    """What it took, with a result or without one."""
    progress: float | None = None
    """How much of it is done, between 0 and 1, while it runs; ``None`` where nothing is told of it."""
    sharing: tuple[str, ...] = ()
    """All workers that have a part of it, as it was told with the progress."""
    phase: str = ""
    """What it waits for while it is queued, in words, as far as is told: ``waiting for nodes``."""

    @property
    def workers(self) -> tuple[str, ...]:
        """Who is at it while it runs, as far as is known."""
        return self.sharing or (self.worker,)


class RunSnapshot:
    """The state of a run after the events that were applied, in their order.

    A point leaves a final state only by being queued again (a retry, a resumption): a second result for a
    point that has one is ignored. Events that were applied already are ignored too, so a reader may subscribe
    first, fetch a snapshot second, and apply whatever arrived in between.
    """

    def __init__(self, points: Sequence[str]) -> None:
        self.points: dict[str, PointStatus] = {name: PointStatus(name) for name in points}
        self.notices: list[Notice] = []
        self.outcome: str | None = None
        """``None`` while points are waiting, else as in :class:`RunFinished`."""
        self.elapsed = 0.0
        """Seconds of work up to the last event."""
        self.started: float | None = None
        """When the run first started: seconds since 1970-01-01 UTC."""
        self.wall_seconds: float | None = None
        """Of the last start to the last point, once the run has finished."""
        self.sum_fit_seconds = 0.0
        """What the fits alone took, of the points with a result."""
        self.sum_core_seconds = 0.0
        """What one core would have needed: for models and fits of all points, also of those that failed."""
        self.doubtful = 0
        """How many results rest on a fit, or a search for a limit, that did not converge."""
        self.workers: int | None = None
        """How many points at once, as the run was started."""
        self.versions: dict[str, tuple[str, ...]] = {}
        """What the fits were made with, by distribution; several where the run was resumed with another."""
        self.checks: dict[str, PointChecked] = {}
        """What the reference engine says, by point; only of results that still stand."""
        self.check_state = "none"
        """``none``, ``waiting`` (for the run's end), ``running`` or ``done``."""
        self.check_wanted = 0
        """How many points the newest check is to have."""
        self.check_points: tuple[str, ...] = ()
        """Which, once they are chosen."""
        self.check_engines = ("newton", "pyhf")
        """Of the run, and the one that it is compared with."""
        self.check_text = ""
        """Why the check was given up."""
        self.timeline = Timeline()
        """What each worker did when."""
        self.completion = Completion()
        """How many points had a result by when."""
        self.sequence = 0
        """Of the last event that was applied."""
        self._counts: Counter[TaskState] = Counter({TaskState.QUEUED: len(self.points)})
        self._busy: Counter[str] = Counter()
        self._in_progress: dict[str, float] = {}
        self._pace = Pace()
        self._cluster: ClusterPace | None = None
        """Instead of the other, where a cluster fits."""

    @property
    def total(self) -> int:
        """How many points the run has."""
        return len(self.points)

    @property
    def counts(self) -> Mapping[TaskState, int]:
        """How many points are in each state; every state is present, and they add up to the total."""
        return MappingProxyType({state: self._counts[state] for state in TaskState})

    @property
    def workers_busy(self) -> int:
        """How many workers have points now, however many each.

        Where the place tells how many it has and how many are idle, it is believed. Else points that began
        together with a worker that is not named count as one worker, and all of these are no more than the
        workers of the place where that is known.
        """
        busy = len(self._busy)
        if "" in self._busy:
            tasks = sum(not task.worker for task in self.timeline.working)
            busy += min(self._busy[""], max(1, tasks)) - 1
        place = self.timeline.place
        if self.outcome is not None or place is None or place.workers is None:
            return busy
        idle = place.workers_idle
        return min(busy, place.workers) if idle is None else max(0, place.workers - idle)

    @property
    def place(self) -> PlaceChanged | None:
        """How the place stands where points are fitted, as it was last told; ``None`` on this machine."""
        return self.timeline.place

    @property
    def blocks(self) -> tuple[str, ...]:
        """The jobs of a batch system that have fitted something, in the order in which they were seen."""
        return tuple(dict.fromkeys(worker.block for worker in self.timeline.workers if worker.block))

    @property
    def in_progress(self) -> Mapping[str, float]:
        """The running points that tell how much of them is done, between 0 and 1."""
        return MappingProxyType(self._in_progress)

    @property
    def points_per_second(self) -> float | None:
        """How fast points are finished: over the last few dozen points; ``None`` until one is."""
        return self._pace.points_per_second if self._cluster is None else self._cluster.points_per_second

    def seconds_to_finish(self, now_elapsed: float) -> float | None:
        """How long until the last point, in seconds.

        Args:
            now_elapsed: seconds of work on the run so far, on the clock of :attr:`elapsed`.

        Returns:
            ``None`` until a point has been finished and while nobody works; zero once all are final.
        """
        left = self._counts[TaskState.QUEUED] + self._counts[TaskState.RUNNING]
        if self.outcome is not None or not left:
            return 0.0
        if self._cluster is not None:
            idle = self.place is not None and (self.place.status != "online" or self.place.workers == 0)
            return None if idle else self._cluster.seconds_to_finish(left)
        return self._pace.seconds_to_finish(now_elapsed, self._counts[TaskState.QUEUED])

    def apply(self, stamped: StampedEvent) -> set[str]:
        """Take one event in; return the names of the points whose status changed (a check changes none)."""
        if not self._is_news(stamped):
            return set()
        changed: set[str] = set()
        self.timeline.apply(stamped)
        match stamped.event:
            case RunStarted() as event:
                self._start(event, stamped, changed)
            case TaskStateChanged() as event:
                for name in event.points:
                    status = PointStatus(name, event.state, worker=event.worker, phase=event.phase)
                    self._move(status, stamped.elapsed, changed)
                if event.state is TaskState.RUNNING:  # one worker took all of them at once
                    self._pace.take([n for n in event.points if n in changed], stamped.elapsed)
            case PointProgress() as event:
                self._go_on(event, stamped.elapsed, changed)
            case PointFitted() | PointFailed() as event:
                self._move(_ended(event), stamped.elapsed, changed)
            case RunFinished() as event:
                self.outcome = event.outcome
                self.wall_seconds = event.wall_seconds
            case PointChecked() as event:
                self.checks[event.name] = event
            case CheckStateChanged() as event:
                self._change_check(event)
            case TaskTimed() as event:
                self._learn(event)
            case Notice() as event:
                self.notices.append(event)
        self.completion.note(stamped.elapsed, self._counts[TaskState.DONE])
        return changed

    def copy(self) -> RunSnapshot:
        """An independent copy; the statuses of points are shared, because they never change."""
        other = copy(self)
        other.points = self.points.copy()
        other.notices = self.notices.copy()
        other.versions = self.versions.copy()
        other.checks = self.checks.copy()
        vars(other).update(
            _counts=self._counts.copy(),
            _busy=self._busy.copy(),
            _in_progress=self._in_progress.copy(),
            _pace=self._pace.copy(),
            _cluster=None if self._cluster is None else self._cluster.copy(),
            timeline=self.timeline.copy(),
            completion=self.completion.copy(),
        )
        return other

    def _is_news(self, stamped: StampedEvent) -> bool:
        """Whether it was not applied yet; events without a number always are."""
        if stamped.sequence:
            if stamped.sequence <= self.sequence:
                return False
            self.sequence = stamped.sequence
            self.elapsed = max(self.elapsed, stamped.elapsed)
        return True

    def _start(self, event: RunStarted, stamped: StampedEvent, changed: set[str]) -> None:
        if self.started is None:
            self.started = stamped.time
        self.outcome = None
        self.workers = event.workers
        if self.check_state in ("waiting", "running"):  # by an application that has ended since
            self.check_state = "none"
        self._note_versions(event.versions)
        self._pace.start(stamped.elapsed)
        if event.backend != "local":
            self._cluster = self._cluster or ClusterPace()
            self._cluster.start()
        for name in event.points:
            self._move(PointStatus(name), stamped.elapsed, changed)
        # What an earlier application had in flight when it ended is in flight no more.
        lost = [n for n, status in self.points.items() if status.state is TaskState.RUNNING]
        for name in lost:
            self._move(PointStatus(name), stamped.elapsed, changed)

    def _learn(self, event: TaskTimed) -> None:
        self._note_versions(event.versions)
        if self._cluster is not None:
            self._cluster.take(event)

    def _note_versions(self, versions: Mapping[str, str]) -> None:
        for name, version in versions.items():
            known = self.versions.get(name, ())
            self.versions[name] = known if version in known else (*known, version)

    def _change_check(self, event: CheckStateChanged) -> None:
        self.check_state, self.check_text = event.state, event.text
        if event.wanted:
            self.check_wanted, self.check_points = event.wanted, event.points
        if event.engine:
            self.check_engines = (event.engine, event.reference)

    def _move(self, new: PointStatus, elapsed: float, changed: set[str]) -> None:
        old = self.points.get(new.name)
        if old is None or (old.state.is_final and new.state is not TaskState.QUEUED):
            return
        if new.state.is_final and not new.worker:
            new = replace(new, worker=old.worker)
        taken = new.state is TaskState.RUNNING and old.state is not TaskState.RUNNING
        new = replace(new, attempts=max(new.attempts, old.attempts + taken))
        if new == old:
            return
        self._put(old, new, changed)
        if new.state in (TaskState.DONE, TaskState.FAILED):
            self._pace.finish(new.name, elapsed, queued=self._counts[TaskState.QUEUED])
        elif new.state is not TaskState.RUNNING:
            self._pace.drop(new.name, elapsed)
        if new.result is not None or new.state is TaskState.QUEUED:
            self.checks.pop(new.name, None)

    def _go_on(self, event: PointProgress, elapsed: float, changed: set[str]) -> None:
        old = self.points.get(event.name)
        if old is None or old.state is not TaskState.RUNNING or not 0 < event.done <= event.total:
            return
        progress = event.done / event.total
        self._pace.progress(event.name, progress, elapsed)
        new = replace(old, progress=progress, sharing=event.workers)
        if new != old:
            self._put(old, new, changed)

    def _put(self, old: PointStatus, new: PointStatus, changed: set[str]) -> None:
        self._account(old, -1)
        self._account(new, +1)
        self.points[new.name] = new
        if new.progress is not None:
            self._in_progress[new.name] = new.progress
        else:
            self._in_progress.pop(new.name, None)
        changed.add(new.name)

    def _account(self, status: PointStatus, sign: int) -> None:
        self._counts[status.state] += sign
        if status.result is not None:
            self.doubtful += sign * is_doubtful(status.result)
            self.sum_fit_seconds = max(0.0, self.sum_fit_seconds + sign * status.result.seconds.fit)
        core = status.seconds.model + status.seconds.fit
        self.sum_core_seconds = max(0.0, self.sum_core_seconds + sign * core)
        if status.state is TaskState.RUNNING:
            for worker in status.workers:
                self._busy[worker] += sign
                if not self._busy[worker]:
                    del self._busy[worker]


def _ended(event: PointFitted | PointFailed) -> PointStatus:
    if isinstance(event, PointFailed):
        return PointStatus(
            event.name,
            TaskState.FAILED,
            error=event.error,
            worker=event.worker,
            attempts=event.attempts,
            seconds=event.seconds,
        )
    result = event.result
    return PointStatus(
        result.name, TaskState.DONE, result=result, worker=result.worker, seconds=result.seconds
    )
