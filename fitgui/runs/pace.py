"""How fast a run goes and how long it still takes: an estimate that owns up to what it does not know.

Points of one analysis take unequal times, workers need a while to start, and a run of few points has most of
them in flight at any moment. So the estimate rests on three things that can be measured:

* how long points take, from a worker taking one to its end. A point still in flight says how long it takes
  *at least*: it is expected to take as long as those finished points that took longer than it has so far (the
  idea behind the Kaplan-Meier estimate: redistribute to the right).
* how many points are in flight at once on average, counted from when the largest number was first reached, so
  that neither the start of the workers nor the last points distort it. Together with the former this is
  Little's law, so what is lost between two points is included.
* how many points are waiting.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import deque
from copy import copy

WINDOW = 64
"""Finished points that the current speed is taken over."""


class Pace:
    """Keeps the times of points; the clock is the run's ``elapsed``, in seconds."""

    def __init__(self) -> None:
        self._taken: dict[str, float] = {}
        self._durations: list[float] = []
        """Of finished points, sorted, over all sessions of the run."""
        self._sum = 0.0
        self._first: float | None = None
        """When a worker first took a point in this session."""
        self._recent: deque[float] = deque(maxlen=WINDOW + 1)
        self._peak = 0
        self._area = 0.0
        self._area_from = 0.0
        self._area_until = 0.0
        self._saturated = True

    def copy(self) -> Pace:
        """An independent copy."""
        other = copy(self)
        vars(other).update(
            _taken=self._taken.copy(), _durations=self._durations.copy(), _recent=self._recent.copy()
        )
        return other

    def start(self, elapsed: float) -> None:
        """A session begins: workers start anew; what is known about the points stays known."""
        self._taken.clear()
        self._first = None
        self._recent.clear()
        self._peak = 0
        self._area = 0.0
        self._area_from = self._area_until = elapsed
        self._saturated = True

    def take(self, name: str, elapsed: float) -> None:
        """A worker took a point (a second time, if the first worker was lost)."""
        self._advance(elapsed)
        if self._first is None:
            self._first = elapsed
            self._recent.append(elapsed)
        self._taken[name] = elapsed
        if len(self._taken) > self._peak:
            self._peak = len(self._taken)
            self._area = 0.0
            self._area_from = self._area_until = elapsed

    def finish(self, name: str, elapsed: float, *, queued: int) -> None:
        """A point has its result or its failure; ``queued`` points are still waiting."""
        self._advance(elapsed)
        self._saturated = queued > 0
        taken = self._taken.pop(name, None)
        if taken is not None:
            insort(self._durations, elapsed - taken)
            self._sum += elapsed - taken
        if self._first is None:  # a backend that does not say when it takes a point
            self._first = elapsed
        self._recent.append(elapsed)

    def drop(self, name: str, elapsed: float) -> None:
        """A point is in flight no more without having been finished: queued again, or cancelled."""
        self._advance(elapsed)
        self._taken.pop(name, None)

    @property
    def points_per_second(self) -> float | None:
        """Over the last :data:`WINDOW` points; ``None`` until that can be said."""
        if len(self._recent) < 2:
            return None
        span = self._recent[-1] - self._recent[0]
        return (len(self._recent) - 1) / span if span > 0 else None

    def seconds_to_finish(self, now: float, queued: int) -> float | None:
        """From ``now`` to the last point, ``queued`` points waiting; ``None`` where nothing is known yet."""
        if not self._durations:
            speed = self.points_per_second
            waiting = queued + len(self._taken)
            return waiting / speed if speed else None
        if len(self._durations) < len(self._taken):
            return None  # only the shortest have ended: their mean would promise too much
        if not queued:
            return self._last_of_those_in_flight(now)
        residuals = self._residuals(now)
        mean = self._mean(now, residuals)
        longest = max(residuals, default=0.0)
        slots = self._slots()
        rounds = -(-queued // max(1, round(slots)))
        earliest = min(residuals, default=0.0) + rounds * mean
        # Workers do not end together: the last ends later than the average by a part of a long point; half of
        # one if there are many workers.
        tail = self._long(slots) * (slots - 1) / (2 * (slots + 1)) if slots > 1 else 0.0
        average = (sum(residuals) + queued * mean) / slots + tail
        return max(longest, earliest, average)

    def _advance(self, elapsed: float) -> None:
        step = elapsed - self._area_until
        if step > 0 and self._saturated:
            self._area += step * len(self._taken)
            self._area_until = elapsed
        elif step > 0:  # the last points of a run do not use every worker: leave them out
            self._area_from += step
            self._area_until = elapsed

    def _slots(self) -> float:
        """How many points are in flight at once while points wait."""
        span = self._area_until - self._area_from
        if span <= 0 or self._area <= 0:
            return float(max(1, self._peak))
        return max(1e-3, self._area / span)

    def _last_of_those_in_flight(self, now: float) -> float:
        """When the last one is expected to end: the longest of several, not the average."""
        last = 0.0
        for taken in self._taken.values():
            age = max(0.0, now - taken)
            known = bisect_right(self._durations, age)
            longer = self._long(len(self._taken), known) - age if known < len(self._durations) else 0.25 * age
            last = max(last, longer)
        return last

    def _long(self, among: float, beyond: int = 0) -> float:
        """The longest to be expected among so many points, of the finished ones from index ``beyond`` on."""
        count = len(self._durations) - beyond
        return self._durations[beyond + min(count - 1, int(count * among / (among + 1)))]

    def _residuals(self, now: float) -> list[float]:
        """How much longer each point in flight is expected to take."""
        residuals = []
        count, total, below = len(self._durations), self._sum, 0
        # Ascending by age, so that one pass over the sorted durations serves all points in flight.
        for taken in sorted(self._taken.values(), reverse=True):
            age = max(0.0, now - taken)
            position = bisect_right(self._durations, age, lo=below)
            total -= sum(self._durations[below:position])
            below = position
            if below < count:
                residuals.append(max(0.0, total / (count - below) - age))
            else:  # longer than any before it: then expect as much again as points usually differ by
                residuals.append(max(0.25 * age, self._sum / count - age))
        return residuals

    def _mean(self, now: float, residuals: list[float]) -> float:
        """Expected duration of a waiting point, in seconds, those in flight taken into account."""
        ages = sorted(max(0.0, now - taken) for taken in self._taken.values())
        known = [age + rest for age, rest in zip(ages, residuals, strict=True) if age > 0]
        return (self._sum + sum(known)) / (len(self._durations) + len(known))
