"""Recorded runs, played again: the events of the journal at the pace at which they came, or faster.

A replay goes by the clock of the work, :attr:`StampedEvent.elapsed`: the night between an interruption and
the resumption takes no time in it. It needs neither pallet nor backend.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from fitgui.runs.recorded import RecordedRun
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.events import StampedEvent

SPEEDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
"""What a replay is offered at, beside the one that fits it into a time; 1 is true."""


@dataclass(frozen=True, slots=True)
class Due:
    """What a step of a replay brought."""

    events: tuple[StampedEvent, ...] = ()
    """In their order; after a step back, all from the beginning."""
    changed: frozenset[str] = frozenset()
    """The points whose status changed."""
    rewound: bool = False
    """Whether it went back: the snapshot is another object then, and every point may have changed."""


class Replay:
    """One run, from its beginning; :attr:`snapshot` is how it stood at :attr:`position`.

    However it is stepped through, the snapshot is the one that the events up to the position give.

    Args:
        points: the names of all points of the run, in order.
        events: of the run, in their order.
        speed: seconds of the run in a second.
    """

    def __init__(self, points: Sequence[str], events: Sequence[StampedEvent], *, speed: float = 1.0) -> None:
        self._points = tuple(points)
        self._events = tuple(events)
        # Never backwards, whatever a journal says; the end of the run is where the clock of the work stopped.
        self._times = list(accumulate((stamped.elapsed for stamped in self._events), max, initial=0.0))[1:]
        self._speed = 1.0
        self.speed = speed
        self.position = 0.0
        """Seconds of work on the run, 0 to :attr:`duration`."""
        self._next = 0
        self.snapshot = RunSnapshot(self._points)
        """Another object after a step back."""

    @classmethod
    def of(cls, run: RecordedRun, *, speed: float = 1.0) -> Replay:
        """The replay of a run of the journal."""
        return cls(run.record.plan.points, run.events, speed=speed)

    @property
    def duration(self) -> float:
        """Seconds of work on the whole run; 0 without events."""
        return self._times[-1] if self._times else 0.0

    @property
    def progress(self) -> float:
        """The part of the duration that is over, 0 to 1."""
        return self.position / self.duration if self.duration > 0.0 else float(self.finished)

    @property
    def finished(self) -> bool:
        """Whether every event has been applied."""
        return self._next == len(self._events)

    @property
    def speed(self) -> float:
        """Seconds of the run in a second of the replay."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        """Go on at another speed.

        Raises:
            ValueError: if it is not above zero.
        """
        if not 0.0 < speed < float("inf"):
            raise ValueError(f"a replay needs a speed above zero, not {speed}")
        self._speed = speed

    def advance(self, seconds: float) -> Due:
        """Go on by so many seconds of the replay, which are ``speed`` times as many of the run."""
        return self.seek(self.position + max(0.0, seconds) * self._speed)

    def seek(self, position: float) -> Due:
        """Go to a second of the run, forwards or back; beyond either end, to that end."""
        position = min(max(position, 0.0), self.duration)
        # A change of the place in the list goes with the time: events of one moment belong together.
        place = bisect_right(self._times, position)
        rewound = place < self._next
        if rewound:
            self.snapshot = RunSnapshot(self._points)
            self._next = 0
        due = self._events[self._next : place]
        changed: set[str] = set()
        for stamped in due:
            changed |= self.snapshot.apply(stamped)
        self._next, self.position = place, position
        return Due(due, frozenset(changed), rewound)

    def restart(self) -> Due:
        """Go back to the beginning."""
        return self.seek(0.0)


class Race:
    """Several replays on one clock; who has finished keeps its time while the others go on."""

    def __init__(self, replays: Sequence[Replay], *, speed: float = 1.0) -> None:
        self.replays = tuple(replays)
        self.speed = speed
        """Seconds of the runs in a second of the race."""
        self.position = 0.0

    @property
    def duration(self) -> float:
        """Seconds of the run that takes longest."""
        return max((replay.duration for replay in self.replays), default=0.0)

    @property
    def finished(self) -> bool:
        """Whether all have."""
        return all(replay.finished for replay in self.replays)

    def advance(self, seconds: float) -> tuple[Due, ...]:
        """Go on by so many seconds of the race; what each replay brought, in their order."""
        return self.seek(self.position + max(0.0, seconds) * self.speed)

    def seek(self, position: float) -> tuple[Due, ...]:
        """Bring all to a second of the race, those that are shorter to their end."""
        self.position = min(max(position, 0.0), self.duration)
        return tuple(replay.seek(self.position) for replay in self.replays)

    def restart(self) -> tuple[Due, ...]:
        """Go back to the start."""
        return self.seek(0.0)


def speed_to_fit(duration: float, seconds: float) -> float:
    """The speed at which a run of ``duration`` takes ``seconds``; 1 for a run that took no time.

    Raises:
        ValueError: if ``seconds`` is not above zero.
    """
    if not 0.0 < seconds < float("inf"):
        raise ValueError(f"a replay needs some time, not {seconds} seconds")
    return duration / seconds if duration > 0.0 else 1.0


def comfortable_speed(duration: float, longest: float) -> float:
    """The least of :data:`SPEEDS`, true or faster, at which a run takes no more than ``longest`` seconds."""
    offered = (speed for speed in SPEEDS if speed >= 1.0)
    return next((speed for speed in offered if duration / speed <= longest), SPEEDS[-1])


def next_speed(speed: float, step: int) -> float:
    """The next faster (``step`` 1) or slower (-1) of :data:`SPEEDS`, from any speed."""
    if step > 0:
        return next((offered for offered in SPEEDS if offered > speed * 1.0001), SPEEDS[-1])
    return next((offered for offered in reversed(SPEEDS) if offered < speed * 0.9999), SPEEDS[0])
