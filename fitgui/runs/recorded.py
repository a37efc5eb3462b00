"""Runs as the journal keeps them: plans, events, how they stand."""

from __future__ import annotations

from dataclasses import dataclass

from fitgui.runs.journal import Journal, RunRecord
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.events import StampedEvent


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A run with all that happened to it."""

    record: RunRecord
    events: tuple[StampedEvent, ...]
    """In their order."""
    snapshot: RunSnapshot
    """After all of them."""


def recorded_run(journal: Journal, record: RunRecord) -> RecordedRun:
    """A run with its events.

    Raises:
        JournalError: if the journal cannot be read.
    """
    events = tuple(journal.events(record.id))
    snapshot = RunSnapshot(record.plan.points)
    for stamped in events:
        snapshot.apply(stamped)
    return RecordedRun(record, events, snapshot)


def snapshot_of(journal: Journal, record: RunRecord) -> RunSnapshot:
    """How a run stands by what is on disk.

    Raises:
        JournalError: if the journal cannot be read.
    """
    return recorded_run(journal, record).snapshot


def runs_of_analysis(journal: Journal, digest: str) -> list[RunRecord]:
    """The runs of the analysis with this digest, the newest first.

    Raises:
        JournalError: if the journal cannot be read.
    """
    return [record for record in journal.runs() if record.plan.analysis.digest == digest]
