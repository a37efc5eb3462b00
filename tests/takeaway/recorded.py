"""Runs as the journal has them, out of stored results of the published pallets: nothing is fitted."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.runs.journal import RunRecord
from fitgui.runs.plan import AnalysisReference, PalletReference, RunPlan
from fitgui.runs.snapshot import RunSnapshot
from fitgui.takeaway.provenance import Provenance
from fitgui_backends.contract import FitOptions, FitPoint, Plan
from fitgui_backends.events import PointFailed, PointFitted, RunFinished, RunStarted, StampedEvent
from fitgui_backends.results import FitResult, TwiceNll, UpperLimits
from tests.runs.recordings import SHAPES

DATA = Path(__file__).resolve().parents[1] / "exclusion" / "data"
RECORDS = {
    "1Lbb": "ins1755298",
    "stau-lowMass": "ins1765529",
    "stau-combined": "ins1765529",
    "3L": "ins1771533",
}
NOWHERE = Provenance(None, "", None)


def stored(name: str) -> tuple[RunRecord, RunSnapshot, Provenance]:
    """A run of a published pallet with upper limits."""
    data = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    results = [
        result_of(point, cls, limits, converged=converged)
        for point, cls, limits, converged in zip(
            data["names"], data["cls"], data["limits"], data["converged"], strict=True
        )
    ]
    values = {
        point: dict(zip(data["labels"], map(float, place), strict=True))
        for point, place in zip(data["names"], zip(data["x"], data["y"], strict=True), strict=True)
    }
    entry = next(entry for entry in load_catalogue().entries if entry.key == RECORDS[name])
    record, snapshot = run_of(results, values, labels=data["labels"], pallet=data["pallet"])
    channels, bins, parameters = SHAPES.get(name, (1, 1, 1))
    analysis = msgspec.structs.replace(
        record.plan.analysis,
        name=data["analysis"],
        channels=tuple(f"channel{number}" for number in range(channels)),
        bins=bins,
        parameters=parameters,
        references=(RECORDS[name],),
    )
    plan = msgspec.structs.replace(record.plan, analysis=analysis)
    return msgspec.structs.replace(record, plan=plan), snapshot, Provenance(None, entry.file_doi, entry)


def result_of(
    name: str, cls: Sequence[float], limits: Sequence[float | None] | None = None, **fields: Any
) -> FitResult:
    """A result with these numbers: observed and the band, each."""
    nan = math.nan
    known = None
    if limits is not None:
        first, *band = limits
        known = UpperLimits(obs=first, exp=tuple(band))  # type: ignore[arg-type]
    given = {"mu_hat": 0.0, "twice_nll": TwiceNll(), "converged": True, **fields}
    six = [nan if value is None else value for value in cls]
    return FitResult(name=name, cls_obs=six[0], cls_exp=tuple(six[1:]), limits=known, **given)  # type: ignore[arg-type]


def run_of(
    results: Sequence[FitResult],
    values: dict[str, dict[str, float | str]],
    *,
    labels: Sequence[str],
    failed: Sequence[str] = (),
    pallet: str = "made",
    source: str = "/srv/ada/made.tar.gz",
    **options: Any,
) -> tuple[RunRecord, RunSnapshot]:
    """A run that ended, with points that failed beside the results."""
    names = [*(result.name for result in results), *failed]
    plan = RunPlan(
        pallet=PalletReference(name=pallet, source=source, digest="0" * 64),
        analysis=AnalysisReference(
            name="BkgOnly",
            digest="1" * 64,
            labels=tuple(labels),
            channels=("SR",),
            bins=1,
            parameters=1,
            poi="mu",
            measurements=("Measurement",),
        ),
        values=values,
        backend="local",
        plan=Plan(
            workspace=b"",
            workspace_digest="1" * 64,
            points=tuple(FitPoint(name=name, operations=b"") for name in names),
            options=FitOptions(limits=True, **options),
        ),
        points_digest="2" * 64,
    )
    events = [
        RunStarted(points=tuple(names), backend="local", workers=1),
        *(PointFitted(result=result) for result in results),
        *(PointFailed(name=name, error="The fit failed.") for name in failed),
        RunFinished(outcome="done", wall_seconds=1.0),
    ]
    snapshot = RunSnapshot(names)
    for number, event in enumerate(events, start=1):
        snapshot.apply(StampedEvent(sequence=number, time=1.7e9, elapsed=0.1 * number, event=event))
    record = RunRecord(
        id="20231114-221320-abcd",
        started=1.7e9,
        application="0.1.0",
        plan=plan,
        host="pc.example",
        pid=1,
        alive=False,
    )
    return record, snapshot
