"""Where the wall time of a run went, so that one sees what a cluster costs beside the fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from fitgui import words

LEAST_SECONDS = 1e-9
"""Work that is shorter has no parts."""
WAITING = "waiting for a worker"
"""What tasks wait for where nothing else is told."""


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
    unpack: float = 0.0
    """On workers: unpacking, getting hold of the workspace and compiling it."""
    model: float = 0.0
    """On workers: patching and building models."""
    fit: float = 0.0
    running: float = 0.0
    """Tasks that workers have now: what of it is model or fit is known when they answer."""
    overhead: float = 0.0
    """On workers: neither models nor fits; packing answers."""
    lost: float = 0.0
    """On workers: work without an answer, because it was stopped, or its worker died."""
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
            ("unpack", "unpacking", self.unpack),
            ("model", "models", self.model),
            ("fit", "fits", self.fit),
            ("running", "at work now", self.running),
            ("overhead", "other work", self.overhead),
            ("lost", "lost work", self.lost),
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
        whose = "its" if self.workers == 1 else "their"
        return f"{whole}; {workers}, {words.percent(self.efficiency)} of {whose} time in fits"


_BEGIN, _END = 2, 3
"""Where they are among the edges."""


def split_wall(
    columns: Mapping[str, Sequence[float]],
    *,
    wall: float,
    pending: Sequence[tuple[float, float]] = (),
    working: Sequence[float] = (),
    lost: Sequence[tuple[float, float]] = (),
    phases: Sequence[tuple[float, str]] = (),
) -> WallSplit:
    """Share the wall time out; takes time like the number of tasks times its logarithm.

    Args:
        columns: of the tasks that were answered, in seconds: when they were ``sent``, ``accepted``,
            ``begin``, ``end`` and ``received`` on the run's clock, none before the one to its left, and how
            much of their work was ``unpack``, ``model`` and ``fit``.
        wall: seconds on the run's clock up to now.
        pending: when tasks without an answer were sent, and accepted.
        working: since when workers have a task that they have not answered.
        lost: from when until when workers had tasks that they never answered.
        phases: from when on points waited for what.
    """
    import numpy as np  # noqa: PLC0415  (the command line starts without it)

    task = {name: np.array(column, dtype=np.float64) for name, column in columns.items()}
    span = task["end"] - task["begin"]
    known = np.maximum(span, task["unpack"] + task["model"] + task["fit"])
    part = 1.0 / np.where(known > LEAST_SECONDS, known, np.inf)
    waiting = np.array(pending, dtype=np.float64).reshape(-1, 2)
    at_work = np.array(working, dtype=np.float64)
    in_vain = np.array(lost, dtype=np.float64).reshape(-1, 2)

    # What is under way changes at edges: transfer, waiting, busy, delay, open, lost; unpack, model, fit.
    edges = [
        (task["sent"], (+1, 0, 0, 0, 0, 0)),
        (task["accepted"], (-1, +1, 0, 0, 0, 0)),
        (task["begin"], (0, -1, +1, 0, 0, 0)),
        (task["end"], (0, 0, -1, +1, 0, 0)),
        (task["received"], (0, 0, 0, -1, 0, 0)),
        (waiting[:, 0], (+1, 0, 0, 0, 0, 0)),
        (waiting[:, 1], (-1, +1, 0, 0, 0, 0)),
        (at_work, (0, 0, 0, 0, +1, 0)),
        (in_vain[:, 0], (0, 0, 0, 0, 0, +1)),
        (in_vain[:, 1], (0, 0, 0, 0, 0, -1)),
        (np.array([time for time, _ in phases]), (0, 0, 0, 0, 0, 0)),
    ]
    times = np.concatenate([[0.0], *(when for when, _ in edges), [wall]])
    change = np.zeros((times.size, 9))
    row = 1
    for kind, (when, steps) in enumerate(edges):
        change[row : row + when.size, :6] = steps
        if kind in (_BEGIN, _END):
            sign = 1.0 if kind == _BEGIN else -1.0
            for number, name in enumerate(("unpack", "model", "fit"), start=6):
                change[row : row + when.size, number] = sign * part * task[name]
        row += when.size
    times = np.clip(times, 0.0, wall)
    order = np.argsort(times, kind="stable")
    state = np.cumsum(change[order], axis=0)[:-1]
    seconds = np.diff(times[order])
    counts = np.rint(state[:, :6])
    transfer, queued, busy, delay, open_, gone = counts.T
    workers = busy + open_ + gone
    begun = np.maximum.accumulate(counts.any(axis=1))

    each = np.where(workers > 0, seconds / np.where(workers > 0, workers, 1.0), 0.0)
    shares = np.clip(state[:, 6:], 0.0, None) * (busy > 0)[:, None]
    unpack, model, fit = each @ shares
    running, lost_work = float(each @ open_), float(each @ gone)
    phase = np.searchsorted([time for time, _ in phases], times[order][:-1], side="right")
    idle = workers == 0
    waits = idle & (queued > 0)
    late = idle & ~waits & (delay > 0)
    handing = idle & ~waits & ~late & (transfer > 0)
    quiet = idle & ~waits & ~late & ~handing
    begins = np.concatenate([task["begin"], at_work, in_vain[:, 0]])
    answered = float(each @ busy)
    return WallSplit(
        wall=wall,
        preparing=float(seconds[quiet & ~begun].sum()),
        transfer=float(seconds[handing].sum()),
        waits=_by_name(np.bincount(phase[waits], seconds[waits]), ["", *(name for _, name in phases)]),
        unpack=float(unpack),
        model=float(model),
        fit=float(fit),
        running=running,
        overhead=max(0.0, answered - float(unpack + model + fit)),
        lost=lost_work,
        delay=float(seconds[late].sum()),
        idle=float(seconds[quiet & begun].sum()),
        until_first=min(float(begins.min()), wall) if begins.size else None,
        workers=int(workers[seconds > 0].max(initial=0)),
        fit_seconds=float(task["fit"].sum()),
    )


def _by_name(seconds: Iterable[float], names: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """The sum of what stands under the same name, in the order of the first; without zeros."""
    found: dict[str, float] = {}
    for name, took in zip(names, seconds, strict=False):
        if took > 0:
            found[name] = found.get(name, 0.0) + float(took)
    return tuple(found.items())
