"""Recorded runs without fitting anything: what newton found for a published pallet, told as a run would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fitgui.runs.journal import Journal
from fitgui.runs.plan import AnalysisReference, PalletReference, RunPlan
from fitgui_backends.contract import FitOptions, FitPoint, Plan, TaskState
from fitgui_backends.events import (
    PointFitted,
    RunEvent,
    RunFinished,
    RunStarted,
    StampedEvent,
    TaskStateChanged,
)
from fitgui_backends.results import FitResult, Seconds, TwiceNll

DATA = Path(__file__).parents[1] / "exclusion" / "data"
STARTED = 1_795_957_200.0
"""29 November 2026, noon UTC: the same day nearly everywhere."""
SHAPES = {"1Lbb": (8, 14, 126), "3L": (4, 4, 69), "stau-combined": (5, 5, 120)}
"""Channels, bins and parameters."""
PAPERS = {"1Lbb": "ins1755298", "3L": "ins1771533", "stau-combined": "ins1765529"}


def reference(name: str) -> dict[str, Any]:
    """Names, coordinates and CLs of a pallet."""
    document: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return document


def plan_of(name: str, *, points: int | None = None, workers: int = 2, engine: str = "newton") -> RunPlan:
    """The plan of a run of (the first so many points of) a published pallet."""
    data = reference(name)
    names = data["names"][:points]
    channels, bins, parameters = SHAPES[name]
    x, y = data["labels"]
    return RunPlan(
        pallet=PalletReference(name=data["pallet"], source=f"/{data['pallet']}.tar.gz", digest=name),
        analysis=AnalysisReference(
            name=data["analysis"],
            digest=f"digest of {name}",
            labels=(x, y),
            channels=tuple(f"channel{number}" for number in range(channels)),
            bins=bins,
            parameters=parameters,
            poi="mu_SIG",
            references=(PAPERS[name],),
        ),
        values={point: {x: data["x"][index], y: data["y"][index]} for index, point in enumerate(names)},
        backend="local",
        plan=Plan(
            workspace=b"",
            workspace_digest=f"digest of {name}",
            points=tuple(FitPoint(name=point, operations=b"") for point in names),
            options=FitOptions(engine=engine),
            workers=workers,
        ),
        points_digest=name,
    )


def events_of(plan: RunPlan, name: str, seconds: float, *, fitted: int | None = None) -> list[StampedEvent]:
    """One point after the other at an even pace; ``fitted`` ends the run before the others."""
    data = reference(name)
    told: list[tuple[float, RunEvent]] = [
        (0.0, RunStarted(backend="local", workers=plan.plan.workers, points=plan.points))
    ]
    each = seconds / len(plan.points)
    for index, point in enumerate(plan.points[:fitted]):
        observed, *expected = data["cls"][index]
        worker = f"here:{1 + index % (plan.plan.workers or 1)}"
        running = TaskStateChanged(points=(point,), state=TaskState.RUNNING, worker=worker)
        result = FitResult(
            name=point,
            cls_obs=observed,
            cls_exp=tuple(expected),  # type: ignore[arg-type]  # five, as everywhere
            mu_hat=0.0,
            twice_nll=TwiceNll(),
            converged=True,
            seconds=Seconds(fit=1.9 * each, total=1.9 * each),
            worker=worker,
        )
        told += [(index * each, running), ((index + 1) * each, PointFitted(result=result))]
    if fitted is None:
        told.append((seconds, RunFinished(outcome="done", wall_seconds=seconds)))
    return [
        StampedEvent(sequence=number, time=STARTED + when, elapsed=when, event=event)
        for number, (when, event) in enumerate(told, start=1)
    ]


def record(
    journal: Journal,
    run_id: str,
    name: str = "1Lbb",
    *,
    seconds: float = 12.5,
    points: int | None = None,
    fitted: int | None = None,
    workers: int = 2,
    started: float = STARTED,
) -> str:
    """Write a run into a journal; returns its name."""
    plan = plan_of(name, points=points, workers=workers)
    journal.add_run(run_id, started, plan)
    journal.append(run_id, events_of(plan, name, seconds, fitted=fitted))
    journal.flush()
    return run_id
