"""What runs took: wall time, what one core would have needed, and how well the workers were used."""

from __future__ import annotations

from dataclasses import dataclass, field

from fitgui import words
from fitgui.runs.completion import Completion
from fitgui.runs.plan import RunPlan
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import FitOptions, TaskState

_BACKENDS = {"local": "This machine", "globus": "Globus", "parsl": "Parsl"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTimes:
    """A run, as far as its times and what they are to be compared with go; light enough to keep many."""

    run_id: str
    label: str
    """Where and how: ``This machine, 2 workers, newton``."""
    where: str
    """The place alone: ``This machine``, ``Globus: river-slurm``."""
    fitted_with: str
    """The engine, with what is unusual about it: ``newton``, ``pyhf (pytorch)``."""
    started: float | None
    """Seconds since 1970-01-01 UTC."""
    digest: str
    """Of the workspace."""
    backend: str
    engine: str
    workers: int
    """How many fitted at the same time; 0 until that is known."""
    names: frozenset[str] = field(repr=False)
    """The points that were asked for."""
    asked: frozenset[str]
    """What was asked for beside CLs at mu = 1, in words: ``limits``."""
    done: int
    """Points with a result."""
    wall: float
    """Seconds from the start to the last point, or up to now."""
    core: float
    """Seconds that one core would have needed for what is finished: models and fits, summed."""
    outcome: str | None
    """``None`` while points are waiting."""
    going_on: bool = False
    """Whether somebody is at it now."""
    wall_expected: float | None = None
    """Of a run that goes on: its wall time at its end, estimated."""
    core_expected: float | None = None
    """Of a run that goes on: what one core would need for all of its points, if the others take as long."""
    completion: Completion = field(default_factory=Completion, repr=False)

    @property
    def total(self) -> int:
        """Points that were asked for."""
        return len(self.names)

    @property
    def speed_up(self) -> float | None:
        """How many times faster than one core; ``None`` before anything is finished."""
        return self.core / self.wall if self.core > 0 and self.wall > 0 else None

    @property
    def efficiency(self) -> float | None:
        """The speed-up for each worker: 1 if all of them did nothing but models and fits."""
        return self.speed_up / self.workers if self.speed_up is not None and self.workers else None

    @property
    def is_whole(self) -> bool:
        """Whether all of its points have a result."""
        return self.done == self.total


def times_of(
    run_id: str,
    plan: RunPlan,
    snapshot: RunSnapshot,
    *,
    elapsed: float | None = None,
    alive: bool = False,
    names: frozenset[str] | None = None,
) -> RunTimes:
    """What a run took so far.

    Args:
        run_id: its name.
        plan: what it was asked to do.
        snapshot: how it stands.
        elapsed: its wall time now, in seconds, while it goes on; ``None`` takes the last event.
        alive: whether the process that it belongs to is still there.
        names: of its points, from an earlier call, which makes many calls cheap.
    """
    wall = snapshot.elapsed if elapsed is None else max(elapsed, snapshot.elapsed)
    counts = snapshot.counts
    going_on = alive and snapshot.outcome is None
    left = snapshot.seconds_to_finish(wall) if going_on else None
    ended = counts[TaskState.DONE] + counts[TaskState.FAILED]
    return RunTimes(
        run_id=run_id,
        label=label_of(plan, workers_of(snapshot)),
        where=_where(plan),
        fitted_with=_fitted_with(plan.plan.options),
        started=snapshot.started,
        digest=plan.analysis.digest,
        backend=plan.backend,
        engine=plan.plan.options.engine,
        workers=workers_of(snapshot),
        names=frozenset(snapshot.points) if names is None else names,
        asked=asked_of(plan.plan.options),
        done=counts[TaskState.DONE],
        wall=wall,
        core=snapshot.sum_core_seconds,
        outcome=snapshot.outcome,
        going_on=going_on,
        wall_expected=None if left is None else wall + left,
        core_expected=snapshot.sum_core_seconds * snapshot.total / ended if going_on and ended else None,
        completion=snapshot.completion,
    )


def workers_of(snapshot: RunSnapshot) -> int:
    """How many workers a run had: as it was started, else as its place told, else as many as were seen."""
    if snapshot.workers is not None:
        return snapshot.workers
    return max(snapshot.timeline.most_workers, len(snapshot.timeline.workers))


def label_of(plan: RunPlan, workers: int) -> str:
    """``This machine, 2 workers, newton``; of a cluster ``Globus: river-slurm, 4 workers, newton``."""
    seen = [words.count(workers, "worker")] if workers else []
    return ", ".join([_where(plan), *seen, _fitted_with(plan.plan.options)])


def _where(plan: RunPlan) -> str:
    where = _BACKENDS.get(plan.backend, plan.backend)
    place = plan.plan.place
    if place is not None and (name := place.name or place.identifier):
        where += f": {name}"
    return where


def _fitted_with(options: FitOptions) -> str:
    if options.engine != "pyhf":
        return options.engine
    unusual = [
        value
        for value, usual in ((options.tensor_backend, "numpy"), (options.optimizer, "scipy"))
        if value != usual
    ]
    return f"pyhf ({', '.join(unusual)})" if unusual else "pyhf"


def asked_of(options: FitOptions) -> frozenset[str]:
    """What takes time beside CLs at mu = 1, in words."""
    wanted = {
        "limits": options.limits,
        "p₀": options.discovery,
        words.count(options.toys, "pseudo-experiment"): options.toys > 0,
        "rates ≥ 0": options.non_negative,
        f"μ = {options.poi_test:g}": options.poi_test != 1.0,
        f"test statistic {options.test_statistic}": options.test_statistic != "qtilde",
    }
    return frozenset(word for word, is_asked in wanted.items() if is_asked)


def differences(run: RunTimes, this: RunTimes | None) -> tuple[str, ...]:
    """In what a run differs from this one, so that their times cannot be compared as they are.

    Args:
        run: of the same analysis.
        this: what it is compared with; ``None`` where there is nothing.

    Returns:
        Words such as ``57 of 125 points`` and ``with limits``; empty where both did the same.
    """
    found = []
    if this is not None and run.names != this.names:
        common = len(run.names & this.names)
        if common == run.total:
            found.append(f"{run.done} of {words.count(this.total, 'point')}")
        elif common:
            found.append(f"{words.count(run.done, 'point')}, {common} of them in both")
        else:
            found.append(f"{words.count(run.done, 'other point')}")
    elif not run.is_whole:
        found.append(f"{run.done} of {words.count(run.total, 'point')}")
    if this is not None:
        found += [f"with {word}" for word in sorted(run.asked - this.asked)]
        found += [f"without {word}" for word in sorted(this.asked - run.asked)]
    return tuple(found)
