"""Tasks on the workers that did them, on the run's own clock: what the view of workers draws.

Events say when a worker began and ended by the clock of its host, and how long ago, on this side, the task
was sent and accepted. :mod:`.host_clock` brings the two together. Each event costs little: bars are kept in
columns of numbers, and an offset that is better known moves the bars of one host only.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from types import MappingProxyType

from fitgui.runs.host_clock import ClockSection
from fitgui.runs.task_bars import LostTask, OpenTask, SeenWorker, TaskBar
from fitgui.runs.wall_split import WallSplit, split_wall
from fitgui_backends.contract import TaskState
from fitgui_backends.events import (
    PlaceChanged,
    PointFailed,
    PointFitted,
    RunEvent,
    RunFinished,
    RunStarted,
    StampedEvent,
    TasksAccepted,
    TaskStateChanged,
    TaskTimed,
)

MOST_SECTIONS = 16
"""Of one clock in one session; one that is set more often is not believed any more."""

COLUMNS = ("sent", "accepted", "begin", "end", "received", "unpack", "model", "fit")
"""Seconds: five moments on the run's clock, none before the one to its left; three durations of the work."""


class Timeline:
    """The tasks of a run; a reducer like the snapshot that it is part of.

    A run that is resumed goes on with the clock where it stopped, so that in each session the offset of every
    clock is another. A task that went over the interruption begins where it was accepted, or where
    the session begins that its answer came in.
    """

    def __init__(self) -> None:
        self.workers: list[SeenWorker] = []
        """In the order in which they were seen."""
        self.version = 0
        """Counts what may change a picture."""
        self.moved = 0
        """Counts how often bars that were there already have moved."""
        self.place: PlaceChanged | None = None
        """How the place stands, as it was last told."""
        self.most_workers = 0
        """That the place told of at any time."""
        self.most_blocks = 0
        """Running at the same time, that the place told of."""
        self.sent_bytes = 0
        self.received_bytes = 0
        self.requests = 0
        """In which tasks were handed over."""
        self.clock_steps = 0
        """How often a clock was seen to be set."""
        self._rows: dict[SeenWorker, int] = {}
        self._columns = {name: array("d") for name in COLUMNS}
        self._began, self._ended = array("d"), array("d")
        self._row = array("q")
        self._doubtful: set[int] = set()
        self._tasks: list[str] = []
        self._points: list[tuple[str, ...]] = []
        self._session = 0.0
        self._at_once = False
        """Whether tasks wait from the start on, because nothing has to be handed over."""
        self._going_on = False
        self._clocks: dict[str, list[ClockSection]] = {}
        self._pending: dict[str, tuple[float, float]] = {}
        self._open: dict[int, OpenTask] = {}
        self._open_of: dict[str, int] = {}
        self._opened = 0
        self._phases: list[tuple[float, str]] = []
        self._lost: list[LostTask] = []

    def __len__(self) -> int:
        return len(self._tasks)

    def bar(self, number: int) -> TaskBar:
        """The task with this number, counted from 0 in the order of the answers."""
        times = {name: column[number] for name, column in self._columns.items()}
        worker = self.workers[self._row[number]]
        doubtful = number in self._doubtful
        return TaskBar(self._tasks[number], self._points[number], worker, clock_doubtful=doubtful, **times)

    def __iter__(self) -> Iterator[TaskBar]:
        return (self.bar(number) for number in range(len(self)))

    @property
    def columns(self) -> Mapping[str, array[float]]:
        """Each of :data:`COLUMNS` of all tasks; to be read at once and not to be changed."""
        return MappingProxyType(self._columns)

    @property
    def rows(self) -> array[int]:
        """Of each task its place in :attr:`workers`."""
        return self._row

    @property
    def working(self) -> Sequence[OpenTask]:
        """What workers have now and have not answered, the oldest first."""
        return tuple(self._open.values())

    @property
    def waiting(self) -> tuple[float, float] | None:
        """When the first of the tasks without an answer was sent, and when the first was accepted."""
        if self._pending:
            sent, accepted = zip(*self._pending.values(), strict=True)
            return min(sent), min(accepted)
        return (self._session, self._session) if self._at_once and self._going_on else None

    @property
    def lost(self) -> Sequence[LostTask]:
        """What workers had and never answered."""
        return tuple(self._lost)

    def copy(self) -> Timeline:
        """An independent copy."""
        other = copy(self)
        vars(other).update(
            workers=self.workers.copy(),
            _rows=self._rows.copy(),
            _columns={name: column[:] for name, column in self._columns.items()},
            _began=self._began[:],
            _ended=self._ended[:],
            _row=self._row[:],
            _doubtful=self._doubtful.copy(),
            _tasks=self._tasks.copy(),
            _points=self._points.copy(),
            _clocks={host: [section.copy() for section in each] for host, each in self._clocks.items()},
            _pending=self._pending.copy(),
            _open=self._open.copy(),
            _open_of=self._open_of.copy(),
            _phases=self._phases.copy(),
            _lost=self._lost.copy(),
        )
        return other

    def split(self, now: float) -> WallSplit:
        """Where the wall time went up to ``now``, in seconds on the run's clock."""
        pending = list(self._pending.values())
        if self._at_once and self._going_on and not len(self):
            pending.append((self._session, self._session))
        working = [task.since for task in self._open.values()]
        split = split_wall(
            self._columns,
            wall=now,
            pending=pending,
            working=working,
            lost=[(task.since, task.until) for task in self._lost],
            phases=self._phases,
        )
        if self.most_workers <= split.workers:
            return split
        return replace(split, workers=self.most_workers)

    def apply(self, stamped: StampedEvent) -> None:
        """Take one event in; those that tell nothing of workers change nothing."""
        event: RunEvent = stamped.event
        match event:
            case TaskTimed():
                self._take(event, stamped.elapsed)
            case TaskStateChanged():
                self._follow(event, stamped.elapsed)
            case PointFitted():
                self._leave((event.result.name,))
            case PointFailed():
                self._leave((event.name,), lost_at=stamped.elapsed)
            case TasksAccepted():
                sent = max(self._session, stamped.elapsed - event.seconds)
                self._pending.update({task.identifier: (sent, stamped.elapsed) for task in event.tasks})
                self.sent_bytes += event.sent_bytes
                self.requests += 1
                self.version += 1
            case PlaceChanged():
                self.place = event
                self.most_workers = max(self.most_workers, event.workers or 0)
                self.most_blocks = max(self.most_blocks, event.blocks_running or 0)
                self.version += 1
            case RunStarted():
                self._start(event, stamped.elapsed)
            case RunFinished():
                self._going_on = False
                self._pending.clear()
                self._forget_open()
                self.version += 1
            case _:
                pass

    def _start(self, event: RunStarted, elapsed: float) -> None:
        self._session = elapsed
        self._at_once = event.backend == "local"
        self._going_on = True
        self._clocks = {}  # the run's clock stood still for an unknown time
        self._forget_open()
        self.version += 1

    def _forget_open(self) -> None:
        self._open.clear()
        self._open_of.clear()

    def _follow(self, event: TaskStateChanged, elapsed: float) -> None:
        self._leave(event.points, lost_at=elapsed)
        if event.state is TaskState.RUNNING:
            self._opened += 1
            self._open[self._opened] = OpenTask(event.worker, elapsed, event.points, len(event.points))
            self._open_of.update(dict.fromkeys(event.points, self._opened))
            if event.worker:
                self._see(SeenWorker(event.worker))
        elif event.state is TaskState.QUEUED and event.phase:
            latest = self._phases[-1][1] if self._phases else ""
            if event.phase != latest:
                self._phases.append((elapsed, event.phase))
        self.version += 1

    def _leave(self, names: Iterable[str], lost_at: float | None = None) -> None:
        """These points are with no worker any more, as far as was told.

        Args:
            names: of the points.
            lost_at: the run's clock, where their worker has not answered; its time counts as lost, but not
                where other points of the same task have an answer.
        """
        for name in names:
            number = self._open_of.pop(name, None)
            if number is None:
                continue
            task = self._open[number]
            if task.left <= 1:
                del self._open[number]
                if lost_at is not None and lost_at > task.since:
                    self._lost.append(LostTask(task.worker, task.since, lost_at, task.points))
            else:
                self._open[number] = OpenTask(task.worker, task.since, task.points, task.left - 1)
            self.version += 1

    def _see(self, worker: SeenWorker) -> int:
        """The row of a worker; one that was first seen without its block gets it later."""
        row = self._rows.get(worker)
        if row is not None:
            return row
        if worker.block:
            row = self._rows.pop(SeenWorker(worker.name), None)
        else:
            row = next((row for seen, row in self._rows.items() if seen.name == worker.name), None)
            if row is not None:
                return row
        if row is None:
            row = len(self.workers)
            self.workers.append(worker)
        self.workers[row] = worker
        self._rows[worker] = row
        return row

    def _take(self, event: TaskTimed, received: float) -> None:
        self._leave(event.points)
        known = self._pending.pop(event.task, None)
        if event.accepted_ago is None:
            accepted = self._session if known is None else min(known[1], received)
            sent = accepted if known is None else min(known[0], accepted)
            high = float("inf")  # on this session's clock nobody knows when that was
        else:
            accepted = max(self._session, received - event.accepted_ago)
            sent = accepted if event.sent_ago is None else received - event.sent_ago
            sent = min(max(self._session, sent), accepted)
            high = event.began - accepted
        number = len(self._tasks)
        worker = SeenWorker(event.worker, event.block)
        self._row.append(self._see(worker))
        self._tasks.append(event.task)
        self._points.append(event.points)
        self._began.append(event.began)
        self._ended.append(max(event.began, event.ended))
        for name, seconds in (
            *(("sent", sent), ("accepted", accepted), ("begin", accepted), ("end", received)),
            *(("received", received), ("unpack", event.unpack), ("model", event.model), ("fit", event.fit)),
        ):
            self._columns[name].append(max(0.0, seconds))
        self.received_bytes += event.received_bytes
        self.version += 1
        section = self._section(worker.host, self._ended[number] - received, high, received)
        if section is None:
            self._doubtful.add(number)
            self._columns["begin"][number] = max(accepted, received - (self._ended[number] - event.began))
            return
        section.bars.append(number)
        if section.narrow(self._ended[number] - received, high):
            self.moved += len(section.bars) > 1
            for bar in section.bars:
                self._put(bar, section.placed)
        else:
            self._put(number, section.placed)

    def _section(self, host: str, low: float, high: float, now: float) -> ClockSection | None:
        """The section of a clock that a task belongs to; ``None`` if it contradicts itself."""
        sections = self._clocks.setdefault(host, [])
        fresh = ClockSection(now)
        fresh.high = high
        if not fresh.admits(low, high, now):  # it ended, by its own clock, later than it can have begun
            return None
        for section in reversed(sections):
            if section.admits(low, high, now):
                return section
        if len(sections) >= MOST_SECTIONS:
            return None
        self.clock_steps += bool(sections)
        fresh.high = float("inf")
        sections.append(fresh)
        return fresh

    def _put(self, number: int, offset: float) -> None:
        """Place a task with this offset of its clock: not before it was accepted, nor after its answer."""
        accepted, received = self._columns["accepted"][number], self._columns["received"][number]
        begin = min(max(self._began[number] - offset, accepted), received)
        self._columns["begin"][number] = begin
        self._columns["end"][number] = min(max(self._ended[number] - offset, begin), received)
