"""The one thread that writes to the journal.

Rows wait in memory until they are on disk, in order, in small batches. When the disk is full (or fails
otherwise) they go on waiting, the user is told once, and writing is tried again every second until it works.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from fitgui.runs.database import explain
from fitgui_backends.events import StampedEvent

BATCH_SECONDS = 0.05
BATCH_ROWS = 256
RETRY_SECONDS = 1.0

OnCommitted = Callable[[str, tuple[StampedEvent, ...]], None]
OnTrouble = Callable[[str | None], None]
"""Called with a sentence when writing begins to fail, with ``None`` when it works again."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run to be inserted: the columns of the table in their order."""

    values: tuple[str | float | bytes, ...]


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event to be inserted."""

    run: str
    event: StampedEvent


Row = RunRow | EventRow


def _plain(value: Any) -> Any:
    """Numbers of numpy as Python's own; an engine may hand them over."""
    item = getattr(value, "item", None)
    if item is None:
        raise TypeError(f"a result holds {type(value).__name__}, which cannot be recorded")
    return item()


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_plain)


class Writer:
    """Writes rows in the order in which they were given.

    Args:
        connection: used by the writing thread only, and closed at the end.
        path: the file, for messages.
        on_committed: called in the writing thread with the events that are now on disk, run by run.
        on_trouble: called in the writing thread when writing begins to fail and when it works again.
    """

    def __init__(
        self, connection: sqlite3.Connection, path: Path, on_committed: OnCommitted, on_trouble: OnTrouble
    ) -> None:
        self._connection = connection
        self._path = path
        self._on_committed = on_committed
        self._on_trouble = on_trouble
        self._condition = threading.Condition()
        self._rows: deque[Row] = deque()
        self._given = 0
        self._written = 0
        self._hurried = 0
        self._closing = False
        self.trouble: str | None = None
        """Why nothing can be written at the moment."""
        self._thread = threading.Thread(target=self._run, name="fitgui-journal", daemon=True)
        self._thread.start()

    def put(self, rows: Iterable[Row]) -> None:
        """Take rows; returns at once."""
        with self._condition:
            before = len(self._rows)
            self._rows.extend(rows)
            self._given += len(self._rows) - before
            self._condition.notify_all()

    def waiting(self, run: str | None = None) -> list[StampedEvent]:
        """Events (of one run) that are not on disk yet, in order."""
        with self._condition:
            return [row.event for row in self._rows if isinstance(row, EventRow) and run in (None, row.run)]

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until all rows given so far are on disk and reported; ``False`` if they are not in time."""
        with self._condition:
            target = self._hurried = self._given
            self._condition.notify_all()
            return self._condition.wait_for(
                lambda: self._written >= target or not self._thread.is_alive(), timeout
            ) and (self._written >= target)

    def close(self, timeout: float) -> bool:
        """Write what waits, for at most ``timeout`` seconds, and end; ``False`` if something is left."""
        written = self.flush(timeout)
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        self._thread.join(timeout=max(timeout, RETRY_SECONDS))
        return written

    def _run(self) -> None:
        while batch := self._next_batch():
            events = self._commit(batch)
            if events is None:
                with self._condition:
                    if self._condition.wait_for(lambda: self._closing, RETRY_SECONDS):
                        break
                continue
            for run, committed in events.items():
                self._on_committed(run, tuple(committed))
            with self._condition:
                self._written += len(batch)
                self._condition.notify_all()
        self._connection.close()

    def _next_batch(self) -> list[Row]:
        """The next rows, left where they are until they are on disk; empty at the end."""
        with self._condition:
            self._condition.wait_for(lambda: self._rows or self._closing)
            if self.trouble is None:
                self._condition.wait_for(
                    lambda: len(self._rows) >= BATCH_ROWS or self._hurried > self._written or self._closing,
                    BATCH_SECONDS,
                )
            return list(islice(self._rows, BATCH_ROWS))

    def _commit(self, batch: list[Row]) -> dict[str, list[StampedEvent]] | None:
        """Write a batch as a whole; return its events by run, or ``None`` if it could not be written."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for row in batch:
                self._insert(row)
            self._connection.execute("COMMIT")
        except (sqlite3.Error, OSError, TypeError, ValueError) as error:
            with suppress(sqlite3.Error):
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # may free what is needed
            self._tell(explain(error, self._path))
            return None
        events: dict[str, list[StampedEvent]] = {}
        with self._condition:
            for row in batch:
                self._rows.popleft()
                if isinstance(row, EventRow):
                    events.setdefault(row.run, []).append(row.event)
        self._tell(None)
        return events

    def _insert(self, row: Row) -> None:
        if isinstance(row, RunRow):
            self._connection.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row.values)
            return
        event = row.event
        kind = type(event.event).__name__
        values = (row.run, event.sequence, event.time, event.elapsed, kind, _ENCODER.encode(event))
        self._connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", values)

    def _tell(self, trouble: str | None) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self._on_trouble(trouble)
