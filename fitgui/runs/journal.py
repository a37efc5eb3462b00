"""The journal: every event of every run, on disk before anybody sees it."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from fitgui import __version__
from fitgui.folders import default_data_folder
from fitgui.runs.database import JournalError, connect, explain, prepare
from fitgui.runs.ownership import Owner, is_alive
from fitgui.runs.plan import RunPlan
from fitgui.runs.writer import RETRY_SECONDS, EventRow, OnCommitted, OnTrouble, RunRow, Writer
from fitgui_backends.events import StampedEvent

__all__ = ["Journal", "JournalError", "RunRecord"]

_SELECT = "SELECT id, started, application, plan, owner, host, pid FROM runs"
_OWNER = 4
_EVENTS = "SELECT body FROM events WHERE run = ? AND sequence > ? ORDER BY sequence"
_LAST = "SELECT id, (SELECT max(sequence) FROM events WHERE run = id) FROM runs"
_FITTED = "SELECT run, count(*) FROM events WHERE type = 'PointFitted' GROUP BY run"
_CLAIM = "UPDATE runs SET owner = ?, host = ?, pid = ?, owned_since = ? WHERE id = ? AND owner = ?"

_PLAN_ENCODER = msgspec.msgpack.Encoder()
_PLAN_DECODER = msgspec.msgpack.Decoder(RunPlan)
_EVENT_DECODER = msgspec.msgpack.Decoder(StampedEvent)


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A run as the journal knows it, without its events."""

    id: str
    started: float
    """Seconds since 1970-01-01 UTC."""
    application: str
    """The version of fitgui that started it."""
    plan: RunPlan
    """Without workspace and patches."""
    host: str
    pid: int
    alive: bool
    """Whether the process that started or resumed it last is still there."""


class Journal:
    """The runs and their events in one SQLite file; other processes may read and write it meanwhile.

    Args:
        path: the file; by default ``journal.sqlite`` in :func:`default_data_folder`.

    Raises:
        JournalError: if the file cannot be opened.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path if path is not None else default_data_folder() / "journal.sqlite"
        connection, notice = prepare(self.path)
        self.notices: tuple[str, ...] = () if notice is None else (notice,)
        """What was found while opening, in words for the user."""
        self.on_committed: OnCommitted | None = None
        """Called in the writing thread with events that are now on disk; must not block."""
        self.on_trouble: OnTrouble | None = None
        """Called in the writing thread when writing begins to fail, and when it works again."""
        self._owners = self.path.with_name("owners")
        self._owner: Owner | None = None
        self._owner_lock = threading.Lock()
        self._writer = Writer(connection, self.path, self._committed, self._troubled)

    def add_run(self, run_id: str, started: float, plan: RunPlan) -> None:
        """Record a new run of this process; written soon, before its events.

        Raises:
            JournalError: if this process cannot be marked as the owner of the run.
        """
        owner = self.own()
        packed = _PLAN_ENCODER.encode(plan.without_documents())
        values = (run_id, started, __version__, packed, owner.name, owner.host, owner.pid, owner.since)
        self._writer.put([RunRow(values)])

    def append(self, run_id: str, events: Iterable[StampedEvent]) -> None:
        """Record events of a run, in their order; returns at once and never raises."""
        self._writer.put([EventRow(run_id, event) for event in events])

    def claim(self, run_id: str) -> RunRecord:
        """Make this process the owner of a run whose own process has ended.

        Raises:
            JournalError: if there is no such run, or another process that is alive owns it.
        """
        record = self.run(run_id)
        owner = self.own()
        try:
            with closing(connect(self.path)) as connection:
                query = "SELECT owner, host, pid, owned_since FROM runs WHERE id = ?"
                previous, host, pid, since = connection.execute(query, (run_id,)).fetchone()
                if previous == owner.name:
                    return record
                if is_alive(self._owners, previous):
                    when = time.strftime("%d %b %Y %H:%M", time.localtime(since))
                    raise JournalError(
                        f"run {run_id} belongs to another fitgui that is still open (process {pid} on {host} "
                        f"since {when}): go on there, or close it first"
                    )
                values = (owner.name, owner.host, owner.pid, owner.since, run_id, previous)
                if connection.execute(_CLAIM, values).rowcount != 1:
                    raise JournalError(f"run {run_id} has just been resumed by another fitgui: go on there")
        except sqlite3.Error as error:
            raise JournalError(f"cannot take over run {run_id}: {explain(error, self.path)}") from error
        return record

    def waiting(self, run_id: str | None = None) -> list[StampedEvent]:
        """Events (of one run) that are not on disk yet, in order."""
        return self._writer.waiting(run_id)

    @property
    def trouble(self) -> str | None:
        """Why nothing can be written at the moment, in words; ``None`` when all is well."""
        return self._writer.trouble

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until everything recorded so far is on disk and reported; ``False`` if it is not in time."""
        return self._writer.flush(timeout)

    def close(self, timeout: float = 5.0) -> bool:
        """Write what waits and give up the runs of this process; ``False`` if something stays unwritten."""
        # What cannot be written now has been tried all along: one more attempt, and no long goodbye.
        written = self._writer.close(timeout if self.trouble is None else min(timeout, 1.5 * RETRY_SECONDS))
        with self._owner_lock:
            if self._owner is not None:
                self._owner.release()
                self._owner = None
        return written

    def runs(self) -> list[RunRecord]:
        """All runs, the newest first.

        Raises:
            JournalError: if the journal cannot be read.
        """
        rows = self._read(f"{_SELECT} ORDER BY started DESC, id DESC")
        alive = {owner: self._is_alive(owner) for owner in {row[_OWNER] for row in rows}}
        return [self._record(row, alive=alive[row[_OWNER]]) for row in rows]

    def run(self, run_id: str) -> RunRecord:
        """One run.

        Raises:
            JournalError: if there is none of that name, or the journal cannot be read.
        """
        rows = self._read(f"{_SELECT} WHERE id = ?", (run_id,))
        if not rows:
            raise JournalError(f"there is no run {run_id} in {self.path}: see `fitgui runs list`")
        return self._record(rows[0], alive=self._is_alive(rows[0][_OWNER]))

    def events(self, run_id: str, *, after: int = 0) -> list[StampedEvent]:
        """The events of a run that are on disk, in order, beyond sequence ``after``.

        Raises:
            JournalError: if the journal cannot be read.
        """
        return [self._decode(run_id, _EVENT_DECODER, row[0]) for row in self._read(_EVENTS, (run_id, after))]

    def last_sequences(self) -> dict[str, int]:
        """Of every run the sequence of its last event on disk, 0 where there is none: quick to ask.

        Raises:
            JournalError: if the journal cannot be read.
        """
        return {run_id: last or 0 for run_id, last in self._read(_LAST)}

    def results(self) -> dict[str, int]:
        """Of every run that has any, how many results are on disk; of a point that was fitted again, each.

        Raises:
            JournalError: if the journal cannot be read.
        """
        return dict(self._read(_FITTED))

    def _is_alive(self, owner: str) -> bool:
        own = self._owner is not None and self._owner.name == owner
        return own or is_alive(self._owners, owner)

    def _record(self, row: tuple[Any, ...], *, alive: bool) -> RunRecord:
        run_id, started, application, packed, _, host, pid = row
        return RunRecord(
            id=run_id,
            started=started,
            application=application,
            plan=self._decode(run_id, _PLAN_DECODER, packed),
            host=host,
            pid=pid,
            alive=alive,
        )

    def _decode(self, run_id: str, decoder: msgspec.msgpack.Decoder[Any], packed: bytes) -> Any:
        try:
            return decoder.decode(packed)
        except msgspec.DecodeError as error:
            raise JournalError(
                f"run {run_id} in {self.path} cannot be read ({error}): start it anew"
            ) from error

    def _read(self, query: str, values: tuple[str | int, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            with closing(connect(self.path)) as connection:
                return connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise JournalError(f"cannot read the journal {self.path}: {explain(error, self.path)}") from error

    def own(self) -> Owner:
        """Mark this process as alive, so that runs can belong to it.

        Raises:
            JournalError: if that is not possible in this folder.
        """
        with self._owner_lock:
            if self._owner is None:
                try:
                    self._owner = Owner(self._owners)
                except (OSError, NotImplementedError) as error:
                    raise JournalError(f"cannot record runs: {explain(error, self.path)}") from error
            return self._owner

    def _committed(self, run_id: str, events: tuple[StampedEvent, ...]) -> None:
        if self.on_committed is not None:
            self.on_committed(run_id, events)

    def _troubled(self, trouble: str | None) -> None:
        if self.on_trouble is not None:
            self.on_trouble(trouble)
