"""One run while this process works on it: which events count, and when the run is over.

A backend reports from its own threads. Whatever it reports, each point ends exactly once per submission: a
second final event, or one of a submission that a retry has superseded, is noted and otherwise ignored.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

import msgspec

from fitgui.runs.plan import RunPlan
from fitgui.runs.versions import fitting_versions
from fitgui_backends.contract import Emit, Plan, RunHandle, TaskState
from fitgui_backends.events import (
    BackendEvent,
    CheckStateChanged,
    Notice,
    PlaceChanged,
    PointChecked,
    PointFailed,
    PointFitted,
    PointProgress,
    RunEvent,
    RunFinished,
    RunStarted,
    StampedEvent,
    TasksAccepted,
    TaskStateChanged,
    TaskTimed,
)

Record = Callable[[list[StampedEvent]], None]
HandOver = Callable[[Plan, Emit], RunHandle]


@dataclass(eq=False)
class Submission:
    """Points that were handed to the backend together."""

    points: tuple[str, ...]
    handle: RunHandle | None = None
    early: list[tuple[BackendEvent, float]] = field(default_factory=list)
    """What the backend reported before its ``submit`` returned, with the monotonic time."""


class LiveRun:
    """The bookkeeping of one run; safe to use from any thread.

    Args:
        identifier: the run.
        plan: complete, with workspace and patches.
        record: takes stamped events in their order; must return at once and never raise.
        states: where the points stand, from the journal if the run is resumed.
        sequence: of the last event in the journal.
        elapsed: seconds of work on the run before this process.
        on_finished: called when no point is waiting any more, from the thread that reported the last one.
    """

    def __init__(
        self,
        identifier: str,
        plan: RunPlan,
        record: Record,
        *,
        states: dict[str, TaskState] | None = None,
        sequence: int = 0,
        elapsed: float = 0.0,
        on_finished: Callable[[LiveRun], None] | None = None,
    ) -> None:
        self.identifier = identifier
        self.plan = plan
        self.finished = threading.Event()
        """Set while no point is waiting, whether or not that is on disk yet."""
        self.finished.set()
        self._record = record
        self._on_finished = on_finished
        self._ended = False
        """Whether the run's end is still to be told; that is done without the lock."""
        self._states = dict.fromkeys(plan.points, TaskState.QUEUED) if states is None else states
        self._sequence = sequence
        self._elapsed = elapsed
        self._session: float | None = None
        """Monotonic time at which the clock of the run was started; ``None`` while it stands."""
        self._session_elapsed = elapsed
        self._newest: dict[str, Submission] = {}
        self._submissions: list[Submission] = []
        self._open = 0
        self._noted: set[str] = set()
        self._lock = threading.RLock()
        self._submit_lock = threading.Lock()

    @property
    def last_sequence(self) -> int:
        """Of the newest event."""
        with self._lock:
            return self._sequence

    def elapsed(self) -> float:
        """Seconds of work on the run up to now; stands still while no point is waiting."""
        with self._lock:
            return self._elapsed_at(time.monotonic())

    def handles(self) -> list[RunHandle]:
        """Of the submissions with points that are not final."""
        with self._lock:
            active = {id(s): s for n, s in self._newest.items() if not self._states[n].is_final}
            return [submission.handle for submission in active.values() if submission.handle is not None]

    def submit(
        self,
        hand_over: HandOver,
        wanted: Collection[TaskState],
        names: Iterable[str] | None,
        announced: CheckStateChanged | None = None,
    ) -> int:
        """Hand the points that are in one of the wanted states to the backend.

        Nothing is changed or recorded unless the backend takes them.

        Args:
            hand_over: the backend's ``submit``.
            wanted: states; points that are in the backend's hands are never given to it twice.
            names: only these points; ``None`` for all.
            announced: what else is known to follow, recorded after the start.

        Returns:
            How many points were handed over.

        Raises:
            BackendError: if the backend takes none.
        """
        with self._submit_lock:
            chosen = self._choose(wanted, names)
            if not chosen:
                return 0
            plan = self.plan.only(chosen)
            submission = Submission(tuple(point.name for point in plan.points))
            begun = time.monotonic()
            handle = hand_over(plan, lambda event: self.receive(submission, event))
            with self._lock:
                submission.handle = handle
                self._submissions.append(submission)
                self._begin(submission, begun)
                if announced is not None:
                    self._stamp(announced, begun)
                for event, when in submission.early:
                    self._take(submission, event, when)
            self._tell_the_end()
            return len(submission.points)

    def receive(self, submission: Submission, event: BackendEvent) -> None:
        """Take in what the backend reports; from any thread, returns at once."""
        now = time.monotonic()
        with self._lock:
            if submission.handle is None:
                submission.early.append((event, now))
            else:
                self._take(submission, event, now)
        self._tell_the_end()

    def report(self, event: CheckStateChanged | PointChecked) -> None:
        """Record what happens beside the run itself: its check."""
        with self._lock:
            self._stamp(event, time.monotonic())

    def note(self, level: str, text: str) -> None:
        """Record something that the user should know."""
        with self._lock:
            self._stamp(Notice(level=level, text=text), time.monotonic())

    def _choose(self, wanted: Collection[TaskState], names: Iterable[str] | None) -> set[str]:
        with self._lock:
            among = self._states if names is None else [name for name in names if name in self._states]
            in_hand = {n for n in self._newest if not self._states[n].is_final}
            return {name for name in among if self._states[name] in wanted and name not in in_hand}

    def _begin(self, submission: Submission, begun: float) -> None:
        joins = self._open > 0
        for name in submission.points:
            self._states[name] = TaskState.QUEUED
            self._newest[name] = submission
        self._open += len(submission.points)
        if joins:
            self._stamp(TaskStateChanged(points=submission.points, state=TaskState.QUEUED), time.monotonic())
            return
        self.finished.clear()
        self._session, self._session_elapsed = begun, self._elapsed
        started = RunStarted(
            backend=self.plan.backend,
            workers=self.plan.plan.workers,
            points=submission.points,
            resumed=self._sequence > 0,
            versions=fitting_versions(self.plan.plan.options, elsewhere=self.plan.plan.place is not None),
        )
        self._stamp(started, begun)

    def _take(self, submission: Submission, event: BackendEvent, when: float) -> None:
        match event:
            case TaskStateChanged():
                self._change(submission, event, when)
            case PointProgress(name=name):
                if self._is_open(submission, name):  # it may be overtaken by the point's end
                    self._stamp(event, when)
            case PointFitted(result=result):
                self._end(submission, [result.name], TaskState.DONE, event, when)
            case PointFailed(name=name):
                self._end(submission, [name], TaskState.FAILED, event, when)
            case TaskTimed() | TasksAccepted() | PlaceChanged() | Notice():
                self._stamp(event, when)

    def _change(self, submission: Submission, event: TaskStateChanged, when: float) -> None:
        if event.state in (TaskState.DONE, TaskState.FAILED):
            self._note_once(
                f"The backend called {event.points[0]} {event.state} without a result; ignored", when
            )
            return
        # Reports of a point's progress may overtake its end; only a second end is worth a note.
        names = [name for name in event.points if self._is_open(submission, name)]
        if not names:
            return
        accepted = msgspec.structs.replace(event, points=tuple(names))
        if event.state is TaskState.CANCELLED:
            self._end(submission, names, event.state, accepted, when)
            return
        for name in names:
            self._states[name] = event.state
        self._stamp(accepted, when)

    def _end(
        self, submission: Submission, names: list[str], state: TaskState, event: BackendEvent, when: float
    ) -> None:
        if not all(self._is_open(submission, name) for name in names):
            self._note_once(
                f"The backend reported the end of {names[0]} more than once, or without being given it; "
                f"the first report counts",
                when,
            )
            return
        for name in names:
            self._states[name] = state
        self._open -= len(names)
        self._stamp(event, when)
        if self._open == 0:
            self._finish(when)

    def _finish(self, when: float) -> None:
        states = set(self._states.values())
        outcome = "failed" if TaskState.FAILED in states else "done"
        if not states <= {TaskState.DONE, TaskState.FAILED}:
            outcome = "cancelled" if outcome == "done" else outcome
        wall = self._elapsed_at(when) - self._session_elapsed
        self._stamp(RunFinished(outcome=outcome, wall_seconds=wall), when)
        self._session = None
        self._ended = True
        self.finished.set()

    def _tell_the_end(self) -> None:
        with self._lock:
            ended, self._ended = self._ended, False
        if ended and self._on_finished is not None:
            self._on_finished(self)

    def _is_open(self, submission: Submission, name: str) -> bool:
        return self._newest.get(name) is submission and not self._states[name].is_final

    def _note_once(self, text: str, when: float) -> None:
        if text not in self._noted:
            self._noted.add(text)
            self._stamp(Notice(level="warning", text=text), when)

    def _elapsed_at(self, when: float) -> float:
        """Never runs backwards, although threads may report out of order."""
        if self._session is None:
            return self._elapsed
        return max(self._elapsed, self._session_elapsed + when - self._session)

    def _stamp(self, event: RunEvent, when: float) -> None:
        self._elapsed = self._elapsed_at(when)
        self._sequence += 1
        stamped = StampedEvent(sequence=self._sequence, time=time.time(), elapsed=self._elapsed, event=event)
        self._record([stamped])
