"""Events on their way out of a backend, in order, whichever threads report them."""

from __future__ import annotations

import logging
import threading
from collections import deque

from fitgui_backends.contract import Emit
from fitgui_backends.events import BackendEvent

_log = logging.getLogger(__name__)


class Outbox:
    """Takes events under the lock of whoever keeps the books, and hands them out after it is released.

    So a receiver may call back without a deadlock.

    Args:
        emit: The receiver.
    """

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._waiting: deque[BackendEvent] = deque()
        self._delivering = threading.Lock()

    def put(self, event: BackendEvent) -> None:
        """Put an event in; under the lock of the books."""
        self._waiting.append(event)

    def deliver(self) -> None:
        """Hand out what is in; without that lock.

        If another thread is at it, it also delivers what this one put in.
        """
        while self._waiting and self._delivering.acquire(blocking=False):
            try:
                while self._waiting:
                    self._emit(self._waiting.popleft())
            except Exception:  # noqa: BLE001  (a receiver must not end the run; the rest is still delivered)
                _log.exception("a receiver of events failed")
            finally:
                self._delivering.release()
