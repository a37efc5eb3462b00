"""The service's limit of requests, kept by one limiter for all threads of the process."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

WINDOW_SECONDS = 10.0
SERVICE_REQUESTS = 20
"""What Globus Compute documents: so many within :data:`WINDOW_SECONDS`, for each user."""
REQUESTS = 15
"""What is used of it: the rest is for clocks that differ and for other programs of the same user."""
PATIENT_REQUESTS = 8
"""Those that can wait go only while fewer than this were made: sending and asking go first."""


class Window:
    """How many requests fall into a sliding window; knows no threads and no clock.

    One request that can wait is let through in each window however much else there is, so that a long
    submission does not hide how things stand: ``requests + 1`` in all.

    Args:
        requests: Allowed within ``seconds``.
        patient: The same for requests that can wait.
        seconds: Length of the window.
    """

    def __init__(
        self,
        requests: int = REQUESTS,
        patient: int = PATIENT_REQUESTS,
        seconds: float = WINDOW_SECONDS,
    ) -> None:
        self._requests = requests
        self._patient = patient
        self._seconds = seconds
        self._taken: deque[tuple[float, bool]] = deque(maxlen=requests + 1)
        self._closed_until = float("-inf")

    def delay(self, now: float, *, patient: bool = False) -> float:
        """Seconds until a request may begin; 0 if it may now."""
        begin = max(now, self._closed_until)
        for moment in (begin, *sorted(taken + self._seconds for taken, _ in self._taken)):
            if moment >= begin and self._is_free(moment, patient=patient):
                return moment - now
        return begin - now

    def _is_free(self, moment: float, *, patient: bool) -> bool:
        inside = [was_patient for taken, was_patient in self._taken if taken + self._seconds > moment]
        if patient:
            return len(inside) < self._patient or (True not in inside and len(inside) <= self._requests)
        # The one that can wait has its place beside the others.
        return len(inside) - (True in inside) < self._requests

    def take(self, now: float, *, patient: bool = False) -> None:
        """A request begins."""
        self._taken.append((now, patient))

    def close(self, until: float) -> None:
        """Let nothing begin before then: the service asked for it."""
        self._closed_until = max(self._closed_until, until)


class Limiter:
    """A :class:`Window` for threads.

    Args:
        window: The limit.
        clock: Seconds, monotonic.
    """

    def __init__(self, window: Window | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._window = window or Window()
        self._clock = clock
        self._changed = threading.Condition()

    def wait(self, *, patient: bool = False) -> None:
        """Return when a request may begin, which is then counted.

        That is within the window's seconds, unless :meth:`hold` says otherwise.
        """
        with self._changed:
            while (delay := self._window.delay(self._clock(), patient=patient)) > 0:
                self._changed.wait(delay)
            self._window.take(self._clock(), patient=patient)

    def hold(self, seconds: float) -> None:
        """Begin no request within so many seconds."""
        with self._changed:
            self._window.close(self._clock() + seconds)
