"""The times of earlier runs of an analysis, read from the journal."""

from __future__ import annotations

from collections.abc import Mapping

from fitgui.runs.journal import Journal
from fitgui.runs.recorded import runs_of_analysis, snapshot_of
from fitgui.runs.wall_times import RunTimes, times_of

MOST_RUNS = 60
"""The newest; reading the events of a large run takes some tenths of a second."""


def earlier_runs(
    journal: Journal,
    digest: str,
    *,
    without: str | None = None,
    known: Mapping[str, RunTimes] | None = None,
    most: int = MOST_RUNS,
) -> list[RunTimes]:
    """Runs of the analysis with this digest that have results, the newest first; takes its time.

    Args:
        journal: the runs.
        digest: sha256 of the workspace.
        without: the run that is shown otherwise.
        known: what an earlier call has found: runs that are over are not read again, unless they may have
            been resumed since.
        most: how many runs are looked at.

    Raises:
        JournalError: if the journal cannot be read.
    """
    found = []
    for record in runs_of_analysis(journal, digest)[:most]:
        if record.id == without:
            continue
        before = (known or {}).get(record.id)
        if before is None or before.outcome is None or not before.is_whole:
            snapshot = snapshot_of(journal, record)
            before = times_of(record.id, record.plan, snapshot, alive=record.alive)
        if before.done:
            found.append(before)
    return found
