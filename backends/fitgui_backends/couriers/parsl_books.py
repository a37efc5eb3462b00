"""Which tasks a pool has, and which of them its workers have begun."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import NamedTuple

WAITING = "waiting for nodes"
RUNNING = "running"


class Entry(NamedTuple):
    """A task that a pool has and that has not ended."""

    run: str
    key: str


class Books:
    """Open tasks of a pool; safe to use from any thread.

    Parsl does not say which task a worker has begun, only how many are with workers. It hands them out by
    priority and then in the order in which they came, so that number says which they are.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[Entry, tuple[float, int]] = {}
        self._phases: dict[Entry, str] = {}
        self._forgotten: set[str] = set()
        self._count = 0

    def __len__(self) -> int:
        with self._lock:
            return len(self._open)

    def open(self, run: str, key: str, priority: int | None) -> None:
        """Enter a task that is about to be handed over."""
        with self._lock:
            self._count += 1
            self._open[Entry(run, key)] = (float("inf") if priority is None else priority, self._count)

    def end(self, run: str, key: str) -> bool:
        """Strike a task out; returns whether somebody wants its answer, which is so once at most."""
        with self._lock:
            self._phases.pop(Entry(run, key), None)
            return self._open.pop(Entry(run, key), None) is not None and run not in self._forgotten

    def end_all(self) -> list[Entry]:
        """Strike all out; returns those whose answers somebody wants."""
        with self._lock:
            entries = [entry for entry in self._open if entry.run not in self._forgotten]
            self._open.clear()
            self._phases.clear()
            return entries

    def forget(self, runs: Iterable[str]) -> None:
        """Nobody wants answers of these runs."""
        with self._lock:
            self._forgotten.update(runs)
            for entry in [entry for entry in self._phases if entry.run in self._forgotten]:
                del self._phases[entry]

    @property
    def wanted(self) -> int:
        """Open tasks whose answers somebody wants."""
        with self._lock:
            return sum(entry.run not in self._forgotten for entry in self._open)

    def changes(self, busy: int) -> dict[str, dict[str, str]]:
        """Phases that have changed since the last call, by run and key.

        Args:
            busy: How many tasks are with workers.
        """
        with self._lock:
            begun = {entry for entry, phase in self._phases.items() if phase == RUNNING}
            waiting = sorted(self._open.keys() - begun, key=self._open.__getitem__)
            begun.update(waiting[: max(0, busy - len(begun))])
            found: dict[str, dict[str, str]] = {}
            for entry in self._open:
                if entry.run in self._forgotten:
                    continue
                phase = RUNNING if entry in begun else WAITING
                if self._phases.get(entry) != phase:
                    self._phases[entry] = phase
                    found.setdefault(entry.run, {})[entry.key] = phase
            return found
