"""Runs as they stand in a journal, written down without fitting anything."""

from __future__ import annotations

import msgspec

from fitgui.runs.journal import Journal
from fitgui.runs.plan import RunPlan, make_plan
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import FitOptions, Place
from fitgui_backends.events import PointFitted, RunEvent, RunFinished, RunStarted, StampedEvent
from tests.runs.support import result_of, small_pallet

NAMES = ("a", "b", "c", "d")
Told = list[tuple[float, RunEvent]]


def plan_of(
    names: tuple[str, ...] = NAMES,
    *,
    backend: str = "local",
    place: Place | None = None,
    bump: float = 1.0,
    **options: object,
) -> RunPlan:
    """These points of a small pallet; ``bump`` makes another pallet."""
    pallet = small_pallet(NAMES, bump=bump)
    (analysis,) = pallet.analyses
    chosen = [point for point in analysis.points if point.name in names]
    how = msgspec.convert(options, FitOptions)
    return make_plan(pallet, analysis, chosen, how, backend=backend, place=place)


def stamped(told: Told) -> list[StampedEvent]:
    return [
        StampedEvent(sequence=number, time=1.7e9 + elapsed, elapsed=elapsed, event=event)
        for number, (elapsed, event) in enumerate(told, start=1)
    ]


def snapshot_after(plan: RunPlan, told: Told) -> RunSnapshot:
    snapshot = RunSnapshot(plan.points)
    for event in stamped(told):
        snapshot.apply(event)
    return snapshot


def whole_run(plan: RunPlan, *, workers: int | None, wall: float, fit: float, cls: float = 0.2) -> Told:
    """Points end one after the other in equal steps; each takes ``fit`` and 0.1 s for its model."""
    names = plan.points
    told: Told = [(0.0, RunStarted(backend=plan.backend, workers=workers, points=names))]
    for number, name in enumerate(names, start=1):
        told.append((number * wall / len(names), PointFitted(result=result_of(name, cls, seconds=fit))))
    return [*told, (wall, RunFinished(outcome="done", wall_seconds=wall))]


def record(journal: Journal, run_id: str, plan: RunPlan, told: Told, *, started: float = 1.7e9) -> None:
    """Write a run down."""
    journal.add_run(run_id, started, plan)
    journal.append(run_id, stamped(told))
    assert journal.flush(10)
