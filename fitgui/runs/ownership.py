"""Which process a run belongs to: a lock file that the operating system releases when the process ends.

A process number alone would not do: numbers are used again, and containers that share a folder each have a
process 7. The lock is held through the kernel, so it cannot outlive its process, not even after ``kill -9``.
"""

from __future__ import annotations

import os
import socket
import time
import uuid
from pathlib import Path

from filelock import FileLock, Timeout

_ASKING_SECONDS = 0.1
"""Another process may be asking the same question, and holds the lock of a dead one for a moment."""


class Owner:
    """This process as the owner of runs, until :meth:`release`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = uuid.uuid4().hex
        self.host = socket.gethostname()
        self.pid = os.getpid()
        self.since = time.time()
        self._path = folder / f"{self.name}.lock"
        # Taken by the thread that starts the first run, released by the one that closes the journal.
        self._lock = FileLock(self._path, timeout=0, thread_local=False)
        self._lock.acquire()

    def release(self) -> None:
        """Own nothing any more."""
        self._lock.release()
        self._path.unlink(missing_ok=True)


def is_alive(folder: Path, name: str) -> bool:
    """Whether the process that took this name still holds it."""
    path = folder / f"{name}.lock"
    if not path.exists():
        return False
    lock = FileLock(path, timeout=_ASKING_SECONDS)
    try:
        lock.acquire(poll_interval=_ASKING_SECONDS / 5)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    path.unlink(missing_ok=True)
    return False
