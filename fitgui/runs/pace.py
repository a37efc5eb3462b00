"""How fast a run goes and how long it still takes: an estimate that owns up to what it does not know.

Points of one analysis take unequal times, workers need a while to start, and a run of few points has most of
them in flight at any moment. A worker may take several points at once, which then end together. So the
estimate rests on three things that can be measured:

* how long points take: from a worker taking a batch to the end of it, divided by the points in it. A batch
  still in flight says how long it takes *at least*: its points are expected to take as long as those finished
  points that took longer than its share so far (the idea behind the Kaplan-Meier estimate: redistribute to
  the right).
* how many batches are in flight at once on average, counted from when the largest number was first reached,
  so that neither the start of the workers nor the last points distort it. Together with the former this is
  Little's law, so what is lost between two batches is included.
* how many points are waiting.

A point that tells how much of it is done is expected to go on as it has gone so far.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, replace

WINDOW = 64
"""Finished points that the current speed is taken over, and"""
WINDOW_BATCHES = 24
"""batches at least: the points of one end in the same moment."""


@dataclass(slots=True)
class _Batch:
    """Points that a worker took at once."""

    taken: float
    left: set[str]
    size: int
    finished: int = 0
    ended: float = 0.0
    """When the last one was finished so far."""
    expected: float | None = None
    """How long it takes in all, in seconds, where its only point tells how much of it is done."""


class Pace:
    """Keeps the times of points; the clock is the run's ``elapsed``, in seconds."""

    def __init__(self) -> None:
        self._batches: dict[str, _Batch] = {}
        """Of the points in flight, by point."""
        self._busy: list[_Batch] = []
        self._durations: list[float] = []
        """Of finished points, sorted, over all sessions of the run."""
        self._sum = 0.0
        self._done = 0
        """Batches that were finished."""
        self._first: float | None = None
        """When a worker first took a point in this session."""
        self._recent: deque[tuple[float, int]] = deque()
        """When batches ended, and how many points of them were finished."""
        self._recent_points = 0
        self._peak = 0
        self._area = 0.0
        self._area_from = 0.0
        self._area_until = 0.0
        self._saturated = True

    def copy(self) -> Pace:
        """An independent copy."""
        other = copy(self)
        twins = {id(batch): replace(batch, left=batch.left.copy()) for batch in self._busy}
        vars(other).update(
            _batches={name: twins[id(batch)] for name, batch in self._batches.items()},
            _busy=list(twins.values()),
            _durations=self._durations.copy(),
            _recent=self._recent.copy(),
        )
        return other

    def start(self, elapsed: float) -> None:
        """A session begins: workers start anew; what is known about the points stays known."""
        self._batches.clear()
        self._busy.clear()
        self._first = None
        self._recent.clear()
        self._recent_points = 0
        self._peak = 0
        self._area = 0.0
        self._area_from = self._area_until = elapsed
        self._saturated = True

    def take(self, names: Iterable[str], elapsed: float) -> None:
        """A worker took these points at once (a second time, if the first worker was lost)."""
        self._advance(elapsed)
        taken = set(names)
        for name in taken:
            self._leave(name, elapsed, finished=False)
        if not taken:
            return
        if self._first is None:
            self._first = elapsed
            self._recent.append((elapsed, 0))
        batch = _Batch(elapsed, taken, len(taken))
        self._busy.append(batch)
        self._batches.update(dict.fromkeys(taken, batch))
        if len(self._busy) > self._peak:
            self._peak = len(self._busy)
            self._area = 0.0
            self._area_from = self._area_until = elapsed

    def progress(self, name: str, part: float, elapsed: float) -> None:
        """A point in flight is done to this part, between 0 and 1; batches of several points tell nothing."""
        batch = self._batches.get(name)
        if batch is not None and batch.size == 1 and elapsed > batch.taken:
            batch.expected = (elapsed - batch.taken) / part

    def finish(self, name: str, elapsed: float, *, queued: int) -> None:
        """A point has its result or its failure; ``queued`` points are still waiting."""
        self._advance(elapsed)
        self._saturated = queued > 0
        announced = self._leave(name, elapsed, finished=True)
        if not announced:  # a backend that does not say when it takes a point
            self._note_end(elapsed, 0 if self._first is None else 1)
        if self._first is None:
            self._first = elapsed

    def drop(self, name: str, elapsed: float) -> None:
        """A point is in flight no more without having been finished: queued again, or cancelled."""
        self._advance(elapsed)
        self._leave(name, elapsed, finished=False)

    @property
    def points_per_second(self) -> float | None:
        """Over the last :data:`WINDOW` points; ``None`` until that can be said."""
        if len(self._recent) < 2:
            return None
        span = self._recent[-1][0] - self._recent[0][0]
        return (self._recent_points - self._recent[0][1]) / span if span > 0 else None

    def seconds_to_finish(self, now: float, queued: int) -> float | None:
        """From ``now`` to the last point, ``queued`` points waiting; ``None`` where nothing is known yet."""
        told = [batch.expected for batch in self._busy if batch.expected is not None]
        if not self._durations and told:
            mean = sum(told) / len(told)
            rests = [
                max(0.0, (mean if batch.expected is None else batch.expected) - (now - batch.taken))
                for batch in self._busy
            ]
            return max(*rests, (sum(rests) + queued * mean) / len(rests))
        if not self._durations:
            speed = self.points_per_second
            waiting = queued + len(self._batches)
            return waiting / speed if speed else None
        if self._done < len(self._busy) - len(told):
            return None  # only the shortest have ended: their mean would promise too much
        if not queued:
            return self._last_of_those_in_flight(now)
        residuals = self._residuals(now)
        mean = self._mean(now, residuals)
        longest = max(residuals, default=0.0)
        slots = self._slots()
        workers = max(1, round(slots))
        begin = min(residuals) if len(residuals) >= workers else 0.0  # else one is free already
        earliest = begin + -(-queued // workers) * mean
        # Workers do not end together: the last ends later than the average by a part of a long point; half of
        # one if there are many workers.
        tail = self._long(slots) * (slots - 1) / (2 * (slots + 1)) if slots > 1 else 0.0
        average = (sum(residuals) + queued * mean) / slots + tail
        return max(longest, earliest, average)

    def _leave(self, name: str, elapsed: float, *, finished: bool) -> bool:
        """A point is in flight no more; returns whether it was."""
        batch = self._batches.pop(name, None)
        if batch is None:
            return False
        batch.left.discard(name)
        if finished:
            batch.finished += 1
            batch.ended = elapsed
        if not batch.left:
            self._busy = [other for other in self._busy if other is not batch]
            if batch.finished:
                self._learn(batch)
        return True

    def _learn(self, batch: _Batch) -> None:
        seconds = batch.ended - batch.taken
        each = seconds / batch.finished
        place = bisect_right(self._durations, each)
        self._durations[place:place] = [each] * batch.finished
        self._sum += seconds
        self._done += 1
        self._note_end(batch.ended, batch.finished)

    def _note_end(self, elapsed: float, points: int) -> None:
        self._recent.append((elapsed, points))
        self._recent_points += points
        while len(self._recent) > WINDOW_BATCHES and self._recent_points - self._recent[0][1] >= WINDOW:
            self._recent_points -= self._recent.popleft()[1]

    def _advance(self, elapsed: float) -> None:
        step = elapsed - self._area_until
        if step > 0 and self._saturated:
            self._area += step * len(self._busy)
            self._area_until = elapsed
        elif step > 0:  # the last points of a run do not use every worker: leave them out
            self._area_from += step
            self._area_until = elapsed

    def _slots(self) -> float:
        """How many batches are in flight at once while points wait."""
        span = self._area_until - self._area_from
        if span <= 0 or self._area <= 0:
            return float(max(1, self._peak))
        return max(1e-3, self._area / span)

    def _last_of_those_in_flight(self, now: float) -> float:
        """When the last one is expected to end: the longest of several, not the average."""
        last = 0.0
        for batch in self._busy:
            age = max(0.0, now - batch.taken)
            if batch.expected is not None:
                last = max(last, batch.expected - age)
                continue
            known = bisect_right(self._durations, age / batch.size)
            beyond = len(self._durations) - known
            if beyond:
                mean = sum(self._durations[known:]) / beyond
                # The sum of many points differs less from what is expected of it than one point does.
                long = mean + (self._long(len(self._busy), known) - mean) / math.sqrt(batch.size)
                last = max(last, batch.size * long - age)
            else:
                last = max(last, 0.25 * age)
        return last

    def _long(self, among: float, beyond: int = 0) -> float:
        """The longest to be expected among so many points, of the finished ones from index ``beyond`` on."""
        count = len(self._durations) - beyond
        return self._durations[beyond + min(count - 1, int(count * among / (among + 1)))]

    def _residuals(self, now: float) -> list[float]:
        """How much longer each batch in flight is expected to take, in the order of :attr:`_busy`."""
        residuals = []
        count = len(self._durations)
        for batch in self._busy:
            age = max(0.0, now - batch.taken)
            if batch.expected is not None:
                residuals.append(max(0.0, batch.expected - age))
                continue
            each = age / batch.size
            position = bisect_right(self._durations, each)
            if position < count:
                mean = sum(self._durations[position:]) / (count - position) if position else self._sum / count
                residuals.append(max(0.0, batch.size * mean - age))
            else:  # longer than any before it: then expect as much again as points usually differ by
                residuals.append(max(0.25 * age, batch.size * self._sum / count - age))
        return residuals

    def _mean(self, now: float, residuals: list[float]) -> float:
        """Expected duration of a waiting point, in seconds, those in flight taken into account."""
        total, points = self._sum, len(self._durations)
        for batch, rest in zip(self._busy, residuals, strict=True):
            if now > batch.taken:
                total += now - batch.taken + rest
                points += batch.size
        return total / points
