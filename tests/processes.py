"""Processes as tests see them: some machines have no init that reaps the children of the dead."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import psutil


def is_there(process: psutil.Process | int) -> bool:
    """Whether a process still does something; one that ended and was not reaped is gone.

    Args:
        process: As psutil found it, or its id (which may meanwhile belong to another process).
    """
    try:
        found = psutil.Process(process) if isinstance(process, int) else process
        return bool(found.is_running() and found.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def all_gone(processes: Iterable[psutil.Process | int]) -> bool:
    """Whether none of them is there."""
    return not any(is_there(process) for process in processes)


def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait for a condition, bounded."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.01)
