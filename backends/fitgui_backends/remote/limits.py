"""Ending a fit that takes too long, or that nobody wants any more, within its own process.

A signal interrupts it, so this holds in the main thread of a process only; and a library that does not return
to Python is not interrupted: the end of its job ends it. This module travels: it imports nothing but the
standard library.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

LOOK_SECONDS = 5.0
"""Between two looks at the flag of the run while a point is fitted."""
AGAIN_SECONDS = 1.0
"""Somebody may swallow the interruption: then it comes again."""

T = TypeVar("T")


class Late(BaseException):
    """The time is over; no ``Exception``, so that no library takes it for an error of its own."""


class Stopped(BaseException):
    """The run is not wanted any more."""


def can_interrupt() -> bool:
    """Whether a fit that this thread does can be interrupted."""
    return threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")


def within(limit: float | None, work: Callable[[], T], is_stopped: Callable[[], bool]) -> T:
    """Do something, and interrupt it if need be.

    Args:
        limit: Seconds; ``None`` for ever.
        work: What is done.
        is_stopped: Asked every :data:`LOOK_SECONDS`.

    Raises:
        Late: if it took longer.
        Stopped: if it was stopped.
    """
    if not can_interrupt():
        return work()
    ends = time.monotonic() + limit if limit is not None else float("inf")
    active = True

    def look(_number: int, _frame: FrameType | None) -> None:
        if not active:
            return
        left = ends - time.monotonic()
        late = left <= 0
        stopped = not late and is_stopped()
        over = late or stopped
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS if over else max(1e-3, min(LOOK_SECONDS, left)))
        if over:
            raise Late if late else Stopped

    before = signal.signal(signal.SIGALRM, look)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, max(1e-3, min(LOOK_SECONDS, ends - time.monotonic())))
            return work()
        finally:
            active = False
    finally:  # not the same as above: the signal may come there, and then not again for a second
        active = False
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before if before is not None else signal.SIG_DFL)
