"""Where the wall time of a run went, so that one sees what a cluster costs beside the fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from fitgui import words

WAITING = "waiting for a worker"
"""What tasks wait for where nothing else is told."""


class Moments(NamedTuple):
    """When a task went from hand to hand: seconds on the run's clock, none before the one to its left."""

    sent: float
    accepted: float
    begin: float
    end: float
    received: float
    setup: float
    """Seconds of the work, between ``begin`` and ``end``: unpacking, and building models."""
    fit: float
    """Seconds of the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WallSplit:
    """The wall time of a run, in seconds, in parts that add up to it.

    While workers work, each moment is shared between them, and within a worker by what its task spent on
    models and on fits. Only moments at which no worker works are lost to something else: to waiting if a task
    waits, else to answers on their way, else to handing over.
    """

    wall: float = 0.0
    preparing: float = 0.0
    """Before anything was on its way."""
    transfer: float = 0.0
    """Handing tasks over to the service."""
    waits: tuple[tuple[str, float], ...] = ()
    """Until workers began: by what was waited for, in the order of time."""
    setup: float = 0.0
    """Unpacking and building models, on workers."""
    fit: float = 0.0
    running: float = 0.0
    """Tasks that workers have now: what of it is model or fit is known when they answer."""
    overhead: float = 0.0
    """On workers: neither models nor fits; packing answers."""
    delay: float = 0.0
    """Answers on their way."""
    idle: float = 0.0
    """Nothing was on its way any more."""
    until_first: float | None = None
    """From the start until the first worker began; ``None`` until one has."""
    workers: int = 0
    """How many worked at the same time at most."""
    fit_seconds: float = 0.0
    """Of the fits of all workers together."""

    @property
    def waiting(self) -> float:
        """Seconds in which tasks waited and no worker worked."""
        return sum(seconds for _, seconds in self.waits)

    @property
    def efficiency(self) -> float | None:
        """What part of the wall time of all workers went into fits, 0 to 1; ``None`` without any."""
        available = self.workers * self.wall
        return min(1.0, self.fit_seconds / available) if available > 0 else None

    def parts(self) -> list[tuple[str, str, float]]:
        """Kind, words and seconds of each part, in the order in which a task comes through them."""
        return [
            ("idle", "preparing", self.preparing),
            ("transfer", "handing over", self.transfer),
            *(("waiting", phase or WAITING, seconds) for phase, seconds in self.waits),
            ("setup", "unpacking and models", self.setup),
            ("fit", "fits", self.fit),
            ("running", "at work now", self.running),
            ("overhead", "other work of workers", self.overhead),
            ("delay", "answers on their way", self.delay),
            ("idle", "nothing under way", self.idle),
        ]

    def sentence(self) -> str:
        """``of 24 s wall time: 12 s waiting for nodes, 11 s fits, ...``; empty before a worker began."""
        if self.until_first is None or self.wall <= 0:
            return ""
        found = sorted(self.parts(), key=itemgetter(2), reverse=True)
        least = 0.005 * self.wall
        told = ", ".join(f"{words.duration(took)} {name}" for _, name, took in found if took >= least)
        whole = f"of {words.duration(self.wall)} wall time: {told}"
        if self.efficiency is None:
            return whole
        workers = words.count(self.workers, "worker")
        return f"{whole}; {workers}, {words.percent(self.efficiency)} of their time in fits"


_SPENT = ("preparing", "transfer", "setup", "fit", "running", "overhead", "delay", "idle")
_SENT, _ACCEPTED, _BEGIN, _END, _RECEIVED, _OPEN, _PHASE = range(7)


def split_wall(
    tasks: Sequence[Moments],
    *,
    wall: float,
    pending: Iterable[tuple[float, float]] = (),
    working: Iterable[float] = (),
    phases: Sequence[tuple[float, str]] = (),
) -> WallSplit:
    """Share the wall time out; takes time like the number of tasks times its logarithm.

    Args:
        tasks: that were answered.
        wall: seconds on the run's clock up to now.
        pending: when tasks without an answer were sent, and accepted.
        working: since when workers have a task that they have not answered.
        phases: from when on points waited for what.
    """
    edges: list[tuple[float, int, int]] = []
    for number, task in enumerate(tasks):
        edges += [(task[kind], kind, number) for kind in range(5)]
    for sent, accepted in pending:
        edges += [(sent, _SENT, -1), (accepted, _ACCEPTED, -1)]
    edges += [(since, _OPEN, -1) for since in working]
    edges += [(time, _PHASE, number) for number, (time, _) in enumerate(phases)]
    edges.sort()
    begins = [time for time, kind, _ in edges if kind in (_BEGIN, _OPEN)]
    sweep = _Sweep(phases)
    now = 0.0
    for time, kind, number in edges:
        at = min(time, wall)
        if at > now:
            sweep.go_on(at - now)
            now = at
        sweep.turn(kind, number, tasks[number] if kind < _OPEN and number >= 0 else None)
    sweep.go_on(max(0.0, wall - now))
    return sweep.result(wall, begins[0] if begins else None, sum(task.fit for task in tasks))


class _Sweep:
    """What is under way at a moment, and what went by so far."""

    def __init__(self, phases: Sequence[tuple[float, str]]) -> None:
        self._phases = phases
        self._phase = ""
        self._transfer = self._waiting = self._busy = self._open = self._delay = 0
        self._setup_share = self._fit_share = 0.0
        self._waits: dict[str, float] = {}
        self._spent = dict.fromkeys(_SPENT, 0.0)
        self._begun = False
        self._peak = 0

    def turn(self, kind: int, number: int, task: Moments | None) -> None:
        """An edge: something begins or ends."""
        self._begun = self._begun or kind != _PHASE
        match kind:
            case 0:
                self._transfer += 1
            case 1:
                self._transfer -= 1
                self._waiting += 1
            case 2:
                self._waiting -= 1
                self._work(task, +1)
            case 3:
                self._work(task, -1)
                self._delay += 1
            case 4:
                self._delay -= 1
            case 5:
                self._open += 1
                self._peak = max(self._peak, self._busy + self._open)
            case 6:
                self._phase = self._phases[number][1]

    def _work(self, task: Moments | None, sign: int) -> None:
        assert task is not None
        self._busy += sign
        span = task.end - task.begin
        if span > 0:
            known = max(span, task.setup + task.fit)
            self._setup_share += sign * task.setup / known
            self._fit_share += sign * task.fit / known
            self._peak = max(self._peak, self._busy + self._open)
        if not self._busy:  # what rounding has left
            self._setup_share = self._fit_share = 0.0

    def go_on(self, seconds: float) -> None:
        """Time goes by."""
        spent, at_work = self._spent, self._busy + self._open
        if at_work:
            each = seconds / at_work
            setup, fit = max(0.0, self._setup_share), max(0.0, self._fit_share)
            spent["setup"] += each * setup
            spent["fit"] += each * fit
            spent["running"] += each * self._open
            spent["overhead"] += each * max(0.0, self._busy - setup - fit)
        elif self._waiting:
            self._waits[self._phase] = self._waits.get(self._phase, 0.0) + seconds
        elif self._delay:
            spent["delay"] += seconds
        elif self._transfer:
            spent["transfer"] += seconds
        else:
            spent["idle" if self._begun else "preparing"] += seconds

    def result(self, wall: float, first: float | None, fit_seconds: float) -> WallSplit:
        """All of it."""
        return WallSplit(
            wall=wall,
            waits=tuple(self._waits.items()),
            until_first=None if first is None else min(first, wall),
            workers=self._peak,
            fit_seconds=fit_seconds,
            **self._spent,
        )
