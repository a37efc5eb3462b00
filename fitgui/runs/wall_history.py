"""The times of earlier runs of an analysis, read from the journal."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass

from fitgui.runs.journal import Journal
from fitgui.runs.recorded import runs_of_analysis, snapshot_of
from fitgui.runs.wall_times import RunTimes, times_of

MOST_RUNS = 60
"""The newest; reading the events of a large run takes some tenths of a second."""


@dataclass(frozen=True, slots=True)
class KnownRun:
    """The times of a run, and how it stood when they were read."""

    last: int
    """The sequence of its last event."""
    alive: bool
    """Whether its process was there."""
    times: RunTimes


def earlier_runs(
    journal: Journal,
    digest: str,
    *,
    without: str | None = None,
    known: MutableMapping[str, KnownRun] | None = None,
    most: int = MOST_RUNS,
) -> list[RunTimes]:
    """Runs of the analysis with this digest that have results, the newest first; takes its time.

    Args:
        journal: the runs.
        digest: sha256 of the workspace.
        without: the run that is shown otherwise.
        known: what earlier calls have read, which is kept up to date: a run is read again only if something
            happened to it since.
        most: how many runs are looked at.

    Raises:
        JournalError: if the journal cannot be read.
    """
    known = {} if known is None else known
    last, found = journal.last_sequences(), []
    for record in runs_of_analysis(journal, digest)[:most]:
        if record.id == without:
            continue
        stands = last.get(record.id, 0), record.alive
        run = known.get(record.id)
        if run is None or (run.last, run.alive) != stands:
            snapshot = snapshot_of(journal, record)
            run = KnownRun(*stands, times_of(record.id, record.plan, snapshot, alive=record.alive))
            known[record.id] = run
        if run.times.done:
            found.append(run.times)
    return found
