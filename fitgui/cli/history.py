"""Earlier runs, found by what a user types."""

from __future__ import annotations

from fitgui.cli.errors import CommandUsageError, unknown
from fitgui.runs.backends import create_backend
from fitgui.runs.journal import Journal, RunRecord
from fitgui.runs.plan import RunError
from fitgui.runs.receipts import open_tasks
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


def state_of(journal: Journal, record: RunRecord, snapshot: RunSnapshot) -> str:
    """How a run stands in one word.

    Returns:
        ``running``, ``done``, ``failed`` or ``cancelled``; where its fitgui ended first, ``detached`` if
        points went on at a cluster, else ``interrupted``.

    Raises:
        JournalError: if the journal cannot be read.
    """
    if snapshot.outcome is not None:
        return snapshot.outcome
    if record.alive:
        return "running"
    return "detached" if points_elsewhere(journal, record) else "interrupted"


def points_elsewhere(journal: Journal, record: RunRecord) -> int:
    """How many points of a run a cluster took that goes on without fitgui, and has not answered.

    Raises:
        JournalError: if the journal cannot be read.
    """
    if record.plan.plan.place is None or not _survives(record.plan.backend):
        return 0
    tasks = [task for event in open_tasks(journal.events(record.id)) for task in event.tasks]
    return len({name for task in tasks for name in task.points})


def _survives(name: str) -> bool:
    try:
        backend = create_backend(name)
    except RunError:  # a backend of another fitgui
        return False
    try:
        return backend.capabilities.survives_client_exit
    finally:
        backend.close()
