"""Which other runs stand beside a run in a figure of wall times."""

from __future__ import annotations

from fitgui.runs.journal import Journal, RunRecord
from fitgui.runs.recorded import recorded_run, runs_of_analysis
from fitgui.runs.snapshot import RunSnapshot
from fitgui.runs.wall_bars import usually_shown
from fitgui.runs.wall_times import RunTimes, times_of

_MOST_READ = 20
_MOST = 4


def other_times(journal: Journal, record: RunRecord, snapshot: RunSnapshot) -> list[RunTimes]:
    """Of the newest runs of the same analysis those that are usually shown; reads their events.

    Args:
        journal: where they are.
        record: the run itself.
        snapshot: how it stands.

    Raises:
        JournalError: if the journal cannot be read.
    """
    this = times_of(record.id, record.plan, snapshot)
    found = []
    alike = [
        other for other in runs_of_analysis(journal, record.plan.analysis.digest) if other.id != record.id
    ]
    for other in alike[:_MOST_READ]:
        run = recorded_run(journal, other)
        times = times_of(other.id, other.plan, run.snapshot, alive=other.alive)
        if times.done:
            found.append(times)
    shown = usually_shown(this, found, _MOST)
    return [times for times in found if times.run_id in shown]
