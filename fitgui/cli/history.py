"""Earlier runs, found by what a user types."""

from __future__ import annotations

from fitgui.cli.errors import CommandUsageError, unknown
from fitgui.runs.journal import Journal, RunRecord
from fitgui.runs.snapshot import RunSnapshot


def find_run(journal: Journal, name: str) -> RunRecord:
    """A run by its name, by the beginning of its name if that is enough, or by the word ``last``.

    Raises:
        CommandUsageError: if there is none, or several.
        JournalError: if the journal cannot be read.
    """
    records = journal.runs()
    if not records:
        raise CommandUsageError(
            f"there is no run {name}, nor any other: `fitgui run example` makes the first"
        )
    if name == "last":
        return records[0]
    matching = [record for record in records if record.id.startswith(name)]
    exact = [record for record in matching if record.id == name]
    if exact or len(matching) == 1:
        return (exact or matching)[0]
    raise unknown(
        "run" if not matching else "single run", name, [record.id for record in matching or records]
    )


def snapshot_of(journal: Journal, record: RunRecord) -> RunSnapshot:
    """How a run stands by what is on disk.

    Raises:
        JournalError: if the journal cannot be read.
    """
    snapshot = RunSnapshot(record.plan.points)
    for stamped in journal.events(record.id):
        snapshot.apply(stamped)
    return snapshot


def state_of(record: RunRecord, snapshot: RunSnapshot) -> str:
    """``running``, ``interrupted`` (its fitgui ended first), ``done``, ``failed`` or ``cancelled``."""
    if snapshot.outcome is not None:
        return snapshot.outcome
    return "running" if record.alive else "interrupted"
