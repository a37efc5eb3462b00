"""Looking back at the runs of the journal."""

from __future__ import annotations

from dataclasses import dataclass

from fitgui.pallets.model import Pallet
from fitgui.runs.controller import RunController
from fitgui_backends.contract import TaskState


@dataclass(frozen=True, slots=True)
class InterruptedRun:
    """A run that has points without a result, and that nobody is working on."""

    run_id: str
    analysis: str
    """Name of the analysis in its pallet."""
    done: int
    total: int
    going_on_at: str = ""
    """The name of the place where points may still be fitted; empty where nobody works on them."""
    backend: str = "local"


def interrupted_run(controller: RunController, pallet: Pallet) -> InterruptedRun | None:
    """The newest run of this very pallet, if it was interrupted or cancelled before its end.

    Raises:
        JournalError: if the journal cannot be read.
        RunError: if the run cannot be read.
    """
    for record in controller.journal.runs():
        if record.plan.pallet.digest != pallet.digest:
            continue
        snapshot = controller.snapshot(record.id)
        counts = snapshot.counts
        left = counts[TaskState.QUEUED] + counts[TaskState.RUNNING] + counts[TaskState.CANCELLED]
        backend, place = controller.backends.get(record.plan.backend), record.plan.plan.place
        survives = backend is not None and backend.capabilities.survives_client_exit
        away = place.name or place.identifier if survives and snapshot.outcome is None and place else ""
        if record.alive or not left or not (counts[TaskState.DONE] or away):
            return None
        return InterruptedRun(
            record.id,
            record.plan.analysis.name,
            counts[TaskState.DONE],
            sum(counts.values()),
            away,
            record.plan.backend,
        )
    return None
