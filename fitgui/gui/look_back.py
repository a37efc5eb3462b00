"""An earlier run out of the journal, made ready to be shown; nothing here is done in the GUI thread."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass

from fitgui.gui.reading import NotHereError, read_pallet
from fitgui.gui.session import SessionResults
from fitgui.pallets import Analysis, Pallet, PalletError
from fitgui.pallets.finding import open_item
from fitgui.pallets.library.library import Library
from fitgui.runs.controller import RunController
from fitgui.runs.history import InterruptedRun
from fitgui.runs.journal import RunRecord
from fitgui.runs.plan import RunError, RunPlan
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import TaskState
from fitgui_backends.events import RunFinished, StampedEvent, TaskStateChanged

_LEFT = (TaskState.QUEUED, TaskState.RUNNING, TaskState.CANCELLED)


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """A run as it ended, or as it was left."""

    record: RunRecord
    results: SessionResults
    left: InterruptedRun | None
    """Where points have no result, what to resume."""


def look_back(controller: RunController, run_id: str) -> EarlierRun:
    """Read a run.

    Raises:
        JournalError: if there is no such run, or the journal cannot be read.
        RunError: if it is going on in another process.
    """
    record = controller.journal.run(run_id)
    snapshot = controller.snapshot(run_id)
    if snapshot.outcome is None and record.alive and record.pid != os.getpid():
        raise RunError(f"run {run_id} is going on in another fitgui (process {record.pid}): look at it there")
    counts = snapshot.counts
    left = None
    if any(counts[state] for state in _LEFT):
        name = record.plan.analysis.name
        left = InterruptedRun(
            run_id, name, counts[TaskState.DONE], snapshot.total, backend=record.plan.backend
        )
    _settle(snapshot)
    results = SessionResults()
    results.begin(run_id, snapshot)
    return EarlierRun(record, results, left)


def _settle(snapshot: RunSnapshot) -> None:
    """Nobody works on it: what was waiting or in flight when it was left has no result."""
    left = tuple(name for name, status in snapshot.points.items() if not status.state.is_final)
    events: list[TaskStateChanged | RunFinished] = []
    if left:
        events.append(TaskStateChanged(points=left, state=TaskState.CANCELLED))
    if snapshot.outcome is None:
        events.append(RunFinished(outcome="cancelled", wall_seconds=snapshot.elapsed))
    for event in events:
        snapshot.apply(StampedEvent(sequence=0, time=0.0, elapsed=snapshot.elapsed, event=event))


def what_to_resume(
    run_id: str, plan: RunPlan, snapshot: RunSnapshot, names: Collection[str] | None
) -> InterruptedRun:
    """An earlier run is gone on with as a whole.

    Args:
        run_id: its name.
        plan: what it was asked to do.
        snapshot: how it stands.
        names: the points that are wanted; ``None`` for all.

    Raises:
        RunError: if it has other points to fit beside those.
    """
    left = {name for name, status in snapshot.points.items() if status.state is not TaskState.DONE}
    if names is not None and left - set(names):
        raise RunError(
            "This run is of an earlier session: fit all its failed and cancelled points again, or none."
        )
    return InterruptedRun(
        run_id, plan.analysis.name, snapshot.counts[TaskState.DONE], snapshot.total, backend=plan.backend
    )


def read_again(plan: RunPlan, library: Library) -> Pallet:
    """The pallet of a run: from where it was, else as the library keeps it.

    Raises:
        PalletError: if it is neither there nor kept.
        NotHereError: if it would have to be fetched.
    """
    digest = plan.pallet.digest
    item = library.get(digest)
    try:
        pallet = read_pallet(plan.pallet.source, library, digest)
    except (PalletError, NotHereError):
        if item is None:
            raise
        return open_item(item, library)
    return open_item(item, library) if pallet.digest != digest and item is not None else pallet


def analysis_of(plan: RunPlan, pallet: Pallet) -> Analysis:
    """The analysis of a run in its pallet.

    Raises:
        RunError: if the pallet does not hold it any more.
    """
    found = plan.analysis_in(pallet)
    names = set() if found is None else {point.name for point in found.points}
    if found is None or not names.issuperset(plan.points):
        raise RunError(
            f"{pallet.source} does not hold what this run fitted any more: its analysis {plan.analysis.name} "
            "is another one; open the original"
        )
    return found
