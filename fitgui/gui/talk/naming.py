"""What runs are called in a sentence that compares them: by what tells them apart."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence

from fitgui.runs.wall_times import RunTimes


def names_of(this: RunTimes, others: Sequence[RunTimes]) -> list[str]:
    """What each of the others is called beside this one: ``one worker``, ``Globus: river-slurm``.

    Only what differs among all of them is said: place, workers, engine. Runs that differ in none of these, or
    would go by the same name, are told apart by when they were.

    Args:
        this: the run that is compared.
        others: what it is compared with.
    """
    runs = [this, *others]
    place = _differ(run.where for run in runs)
    workers = _differ(run.workers for run in runs)
    engine = _differ(run.fitted_with for run in runs)
    names = []
    for run in runs:
        parts = [f"{run.where[:1].lower()}{run.where[1:]}" if run.backend == "local" else run.where] * place
        parts += [_workers(run.workers)] * (workers and run.workers > 0)
        parts += [run.fitted_with] * engine
        first, further = parts[:1], parts[1:]
        names.append("".join(first) + (f" with {' and '.join(further)}" if further else ""))
    common = Counter(names)
    when = moments_of(runs)
    return [
        name if name and common[name] == 1 else _at(name, moment)
        for name, moment in list(zip(names, when, strict=True))[1:]
    ]


def moments_of(runs: Sequence[RunTimes]) -> list[str]:
    """When each run was, as exactly as tells them apart: ``on 2026-11-29``, else with the time of day."""
    moments: list[str] = []
    for form in ("on %Y-%m-%d", "on %Y-%m-%d at %H:%M", "on %Y-%m-%d at %H:%M:%S"):
        moments = [
            "" if run.started is None else time.strftime(form, time.localtime(run.started)) for run in runs
        ]
        if len(set(moments)) == len(runs):
            break
    return moments


def _at(name: str, moment: str) -> str:
    return f"{name or 'the run'} {moment}" if moment else name or "another run"


def _differ(values: Iterable[object]) -> bool:
    return len(set(values)) > 1


def _workers(count: int) -> str:
    return "one worker" if count == 1 else f"{count} workers"
