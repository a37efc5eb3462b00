"""The books of one run on a cluster: which point is where, what its answers mean, and the events that follow.

Nothing here talks to anybody: messages of the courier come in, events go to the outbox, and parcels that are
to be sent wait in a queue that :mod:`.backend` empties. A point is lost by no message that comes twice, late
or never, and ends exactly once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from fitgui_backends.contract import Emit, Plan, TaskState
from fitgui_backends.events import (
    Notice,
    PlaceChanged,
    PointFailed,
    PointFitted,
    RemoteTask,
    TasksAccepted,
    TaskStateChanged,
)
from fitgui_backends.outbox import Outbox
from fitgui_backends.remote.answers import Interpret, TaskAnswer, UnreadableAnswerError, read_answer
from fitgui_backends.remote.chunks import cut, expected_workers, guessed_seconds
from fitgui_backends.remote.messages import Accepted, Arrived, Refused, States, Surroundings
from fitgui_backends.remote.parcels import ATTEMPTS, KEYS, MOST_RETURNS, Clocks, Parcel, Traveller
from fitgui_backends.remote.settling import settle
from fitgui_backends.results import Seconds

NAMES_PER_EVENT = 500
RUNNING = "running"
UNFORESEEN = "The answer of the worker led to something unforeseen"
_WEIGHT = 0.3
"""Of the newest task in the running mean of seconds per point."""
_log = logging.getLogger(__name__)


class RemoteRun:
    """A submitted plan; every method is safe to call from any thread, and delivers what it tells.

    Args:
        identifier: Of the submission, unique for ever: workers are told to stop by it.
        plan: Complete.
        emit: The receiver of events.
        interpret: Of answers.
    """

    def __init__(self, identifier: str, plan: Plan, emit: Emit, interpret: Interpret) -> None:
        self.identifier = identifier
        self.plan = plan
        self.submitted = time.monotonic()
        self._token = identifier
        """Of what is sent from now on."""
        self._stale: set[str] = set()
        self.tokens = {identifier}
        """By which workers are told to stop, of this submission and of those that it goes on with."""
        self._sent = 0
        self._interpret = interpret
        self._travellers = {point.name: Traveller(point) for point in plan.points}
        self._parcels: dict[str, Parcel] = {}
        """By key, those that were handed to the courier and have no answer."""
        self._waiting: deque[tuple[tuple[Traveller, ...], bool]] = deque()
        """Points that go into a parcel together, and whether the workspace must be in it."""
        self._fresh: Iterator[tuple[Traveller, ...]] = iter(())
        self._seconds = plan.seconds_per_point or guessed_seconds(plan.options)
        self._clocks = Clocks()
        self._open = len(self._travellers)
        self._noted: set[str] = set()
        self._workers: set[str] = set()
        self._place: PlaceChanged | None = None
        self._lock = threading.Lock()
        self._outbox = Outbox(emit)

    @property
    def is_over(self) -> bool:
        """Whether every point has its end."""
        return self._open == 0

    def take_stale_tokens(self) -> set[str]:
        """Tokens of tasks whose points were sent again since this was asked: copies of them are to stop."""
        with self._lock:
            stale, self._stale = self._stale, set()
            return stale

    @property
    def waits(self) -> bool:
        """Whether points came back that are to be sent again."""
        return bool(self._waiting)

    @property
    def workers(self) -> int:
        """How many are expected."""
        place = self.plan.place
        return expected_workers(place.options if place is not None else {})

    @property
    def seconds_per_point(self) -> float:
        """As measured so far, else as told or guessed."""
        return self._seconds

    def begin(self) -> None:
        """All points are to be sent."""
        with self._lock:
            self._send_anew(self._travellers.values())
            self._tell_state(list(self._travellers.values()), TaskState.QUEUED)
        self._outbox.deliver()

    def go_on(self, accepted: Sequence[TasksAccepted]) -> dict[str, tuple[str, ...]]:
        """Points are in tasks that an earlier application handed over; the others are to be sent.

        Args:
            accepted: Oldest first.

        Returns:
            The tasks to be followed, by group.
        """
        groups: dict[str, list[str]] = {}
        with self._lock:
            self.tokens.update(event.token for event in accepted if event.token)
            for event in reversed(accepted):
                for task in event.tasks:
                    own = tuple(
                        traveller
                        for name in task.points
                        if (traveller := self._travellers.get(name)) is not None and traveller.parcel is None
                    )
                    if own:
                        parcel = Parcel(task.identifier, own, with_workspace=True, token=event.token)
                        parcel.identifier, parcel.group = task.identifier, event.group
                        self._take_along(parcel)
                        groups.setdefault(event.group, []).append(task.identifier)
            self._tell_state(list(self._travellers.values()), TaskState.QUEUED)
            self._send_anew(t for t in self._travellers.values() if t.parcel is None)
        self._outbox.deliver()
        return {group: tuple(tasks) for group, tasks in groups.items()}

    def next_parcel(self, *, attach: Callable[[int], bool]) -> Parcel | None:
        """The next to be packed and handed to the courier; ``None`` if none waits.

        Args:
            attach: Says of the n-th parcel, from 0, whether it carries the workspace.
        """
        with self._lock:
            while True:
                own: tuple[Traveller, ...]
                if self._waiting:
                    own, needed = self._waiting.popleft()
                else:
                    own, needed = next(self._fresh, ()), False
                    if not own:
                        return None
                own = tuple(t for t in own if not t.state.is_final and t.parcel is None)
                if own:
                    number = next(KEYS)
                    key = f"{self.identifier}/{number}"
                    parcel = Parcel(key, own, needed or attach(self._sent), self._token)
                    parcel.sent = time.monotonic()
                    self._sent += 1
                    self._take_along(parcel)
                    return parcel

    def accepted(self, message: Accepted) -> None:
        """The service has taken parcels."""
        now = time.monotonic()
        with self._lock:
            taken: dict[str, list[RemoteTask]] = {}
            for key, identifier in message.tasks.items():
                parcel = self._parcels.get(key)
                if parcel is not None:
                    parcel.identifier, parcel.group = identifier, message.group
                    parcel.accepted, parcel.transfer = now, message.seconds
                    task = RemoteTask(identifier=identifier, points=parcel.names)
                    taken.setdefault(parcel.token, []).append(task)
            for token, tasks in taken.items():
                self._outbox.put(
                    TasksAccepted(
                        group=message.group,
                        place=self.plan.place.identifier if self.plan.place is not None else "",
                        tasks=tuple(tasks),
                        token=token,
                        sent_bytes=message.sent_bytes,
                        seconds=message.seconds,
                    )
                )
        self._outbox.deliver()

    def refused(self, message: Refused) -> None:
        """The service does not take parcels: they are made smaller, or their points fail."""
        with self._lock:
            for key in message.keys:
                parcel = self._parcels.pop(key, None)
                if parcel is not None:
                    own = self._unload(parcel)
                    if message.reason == "too_large" and len(parcel.travellers) > 1:
                        self._halve(own)
                    else:
                        self._fail(own, message.error)
        self._outbox.deliver()

    def states(self, message: States) -> None:
        """Where parcels stand that have no answer yet."""
        with self._lock:
            for phase in dict.fromkeys(message.phases.values()):
                waiting = []
                for key, its in message.phases.items():
                    parcel = self._parcels.get(key) if its == phase else None
                    moved = [t for t in parcel.open if t.phase != phase] if parcel is not None else []
                    for traveller in moved:
                        traveller.phase = phase
                    if phase == RUNNING:  # each task is told by itself: a worker took its points at once
                        self._tell_state(moved, TaskState.RUNNING)
                    else:
                        waiting += moved
                self._tell_state(waiting, TaskState.QUEUED, phase)
        self._outbox.deliver()

    def surroundings(self, message: Surroundings) -> None:
        """How the place stands."""
        fields = {name: getattr(message, name) for name in PlaceChanged.__struct_fields__}
        with self._lock:
            event = PlaceChanged(**fields)
            if event != self._place and self._open:
                self._place = event
                self._outbox.put(event)
        self._outbox.deliver()

    def say(self, level: str, text: str) -> None:
        """Tell something about the run as a whole, once."""
        with self._lock:
            self._note(level, text)
        self._outbox.deliver()

    def arrived(self, message: Arrived) -> None:
        """A parcel has its answer, or what became of it otherwise."""
        now = time.monotonic()
        answer: TaskAnswer | UnreadableAnswerError | None = None
        if not message.trouble:
            try:
                answer = read_answer(message.answer, self._interpret)
            except UnreadableAnswerError as error:
                answer = error
        with self._lock:
            parcel = self._parcels.pop(message.key, None)
            if parcel is not None:
                try:
                    if answer is None:
                        self._take_trouble(parcel, message)
                    elif isinstance(answer, UnreadableAnswerError):
                        self._fail(self._unload(parcel), str(answer))
                    else:
                        self._take_answer(parcel, answer, message.size, now)
                except Exception as error:  # noqa: BLE001  (a bug costs these points, and no run waits for ever)
                    _log.exception("an answer was not understood")
                    self._fail(
                        self._unload(parcel), f"{UNFORESEEN} ({type(error).__name__}): please report it."
                    )
        self._outbox.deliver()

    def cancel(self, names: Collection[str] | None) -> tuple[int, bool]:
        """Discard points that have no end.

        Returns:
            How many of them a worker may have, and whether nothing is wanted of the run any more.
        """
        with self._lock:
            wanted = (
                self._travellers.values()
                if names is None
                else [self._travellers[name] for name in names if name in self._travellers]
            )
            chosen = [traveller for traveller in wanted if not traveller.state.is_final]
            away = sum(t.parcel is not None and bool(t.parcel.identifier) for t in chosen)
            self._end(chosen, TaskState.CANCELLED)
            self._tell_state(chosen, TaskState.CANCELLED)
        self._outbox.deliver()
        return away, self.is_over

    def fail_all(self, error: str) -> None:
        """Nothing more can be done for the points that are open."""
        with self._lock:
            self._parcels.clear()
            self._fail([t for t in self._travellers.values() if not t.state.is_final], error)
        self._outbox.deliver()

    def handed_over(self) -> dict[str, tuple[str, ...]]:
        """Tasks that the service has and that have no answer, by group; for another courier to follow.

        Parcels that it has not are to be sent again. From now on tasks are known by the service's names.
        """
        groups: dict[str, list[str]] = {}
        with self._lock:
            parcels, self._parcels = self._parcels, {}
            for parcel in parcels.values():
                if parcel.identifier:
                    parcel.key = parcel.identifier
                    self._parcels[parcel.key] = parcel
                    groups.setdefault(parcel.group, []).append(parcel.identifier)
                else:
                    self._waiting.append((tuple(self._unload(parcel)), parcel.with_workspace))
        return {group: tuple(tasks) for group, tasks in groups.items()}

    def send_back(self) -> None:
        """The service keeps nothing beyond its courier: all that was handed over is to be sent again."""
        with self._lock:
            parcels, self._parcels = self._parcels, {}
            for parcel in parcels.values():
                self._waiting.append((tuple(self._unload(parcel)), parcel.with_workspace))

    # Below, the lock is held.

    def _send_anew(self, travellers: Iterable[Traveller]) -> None:
        by_point = {id(t.point): t for t in travellers}
        points = [t.point for t in by_point.values()]
        chunks = cut(points, lambda: self._seconds, self.workers)
        self._fresh = (tuple(by_point[id(point)] for point in chunk) for chunk in chunks)

    def _take_along(self, parcel: Parcel) -> None:
        self._parcels[parcel.key] = parcel
        for traveller in parcel.travellers:
            traveller.parcel = parcel
            traveller.attempts += 1

    def _unload(self, parcel: Parcel) -> list[Traveller]:
        """The points that are still in it, which are in no parcel from now on."""
        own = parcel.open
        for traveller in own:
            traveller.parcel, traveller.phase = None, ""
        return own

    def _take_trouble(self, parcel: Parcel, message: Arrived) -> None:
        own = self._unload(parcel)
        if not own:
            return
        what = own[0].point.name if len(own) == 1 else f"{own[0].point.name} and {len(own) - 1} other points"
        if message.trouble == "lost":
            for traveller in own:
                traveller.losses += 1
            given_up = [t for t in own if t.losses >= ATTEMPTS]
            self._fail(given_up, f"{message.error} That happened twice with this point: it is given up.")
            again = [t for t in own if t.losses < ATTEMPTS]
            if again:
                alone = (
                    "; it is sent once more" if len(own) == 1 else "; each of them is sent once more, alone"
                )
                self._note("warning", f"{message.error.rstrip('.')}, with {what}{alone}.")
                self._back([(t,) for t in again])
        elif message.trouble in ("gone", "stalled"):
            self._note("warning", f"{message.error.rstrip('.')}: what is missing is sent again.")
            if message.trouble == "gone":
                self._return(own, message.error)
            else:  # the tasks did nothing wrong, however often their endpoint is started anew
                self._renew_token(parcel.token)
                self._back([tuple(own)])
        elif message.trouble == "too_large" and len(own) > 1:
            self._halve(own)
        else:
            self._fail(own, message.error)

    def _renew_token(self, token: str) -> None:
        """Tasks under this token are sent again: should they run after all, they are to stop at once."""
        if token:
            self._stale.add(token)
        if token == self._token:
            self._token = f"{self.identifier}.{len(self.tokens)}"
            self.tokens.add(self._token)

    def _take_answer(self, parcel: Parcel, answer: TaskAnswer, size: int, received: float) -> None:
        if answer.lacks_workspace:
            own = self._unload(parcel)
            self._return(own, "Its worker could not get hold of the workspace", needed=True)
            return
        for note in answer.notes:
            self._note("warning", note)
        settled = settle(
            parcel,
            answer,
            size=size,
            received=received,
            submitted=self.submitted,
            delay=self._clocks.delay(answer.host, answer.ended, received),
            versions={} if answer.worker in self._workers else answer.versions,
        )
        self._workers.add(answer.worker)
        # Before the ends of its points: nothing of the task is under way any more when they have theirs.
        self._outbox.put(settled.timed)
        for traveller, event in settled.ends:
            self._end([traveller], TaskState.DONE if isinstance(event, PointFitted) else TaskState.FAILED)
            self._outbox.put(event)
        if settled.ends:
            self._learn(len(settled.ends), settled.timed.model + settled.timed.fit)
        if settled.left:  # the worker was told to stop, or left points out
            for traveller in settled.left:
                traveller.parcel, traveller.phase = None, ""
            self._return(settled.left, "Its worker stopped before it came to this point")

    def _learn(self, number: int, seconds: float) -> None:
        kept = (1.0 - _WEIGHT) ** number
        self._seconds = kept * self._seconds + (1.0 - kept) * seconds / number

    def _return(self, own: Sequence[Traveller], why: str, *, needed: bool = False) -> None:
        """Points came back without an answer, and are sent again, together, but not for ever."""
        for traveller in own:
            traveller.returns += 1
        tired = [t for t in own if t.returns > MOST_RETURNS]
        self._fail(tired, f"{why.rstrip('.')}, {MOST_RETURNS + 1} times: the point is given up.")
        left = tuple(t for t in own if t not in tired)
        self._back([left] if left else [], needed=needed)

    def _halve(self, own: Sequence[Traveller]) -> None:
        middle = (len(own) + 1) // 2
        self._back([piece for piece in (tuple(own[:middle]), tuple(own[middle:])) if piece])

    def _back(self, pieces: Sequence[tuple[Traveller, ...]], *, needed: bool = False) -> None:
        self._waiting.extend((piece, needed) for piece in pieces)
        self._tell_state(
            [t for piece in pieces for t in piece if t.state is TaskState.RUNNING], TaskState.QUEUED
        )

    def _fail(self, travellers: Sequence[Traveller], error: str) -> None:
        self._end(travellers, TaskState.FAILED)
        for traveller in travellers:
            self._outbox.put(
                PointFailed(
                    name=traveller.point.name,
                    error=error,
                    attempts=max(1, traveller.attempts),
                    seconds=Seconds(total=time.monotonic() - self.submitted),
                )
            )

    def _end(self, travellers: Sequence[Traveller], state: TaskState) -> None:
        for traveller in travellers:
            traveller.state = state
        self._open -= len(travellers)

    def _tell_state(self, travellers: Sequence[Traveller], state: TaskState, phase: str = "") -> None:
        for traveller in travellers:
            if not state.is_final:
                traveller.state = state
        for begin in range(0, len(travellers), NAMES_PER_EVENT):
            names = tuple(t.point.name for t in travellers[begin : begin + NAMES_PER_EVENT])
            self._outbox.put(TaskStateChanged(points=names, state=state, phase=phase))

    def _note(self, level: str, text: str) -> None:
        if text not in self._noted:
            self._noted.add(text)
            self._outbox.put(Notice(level=level, text=text))
