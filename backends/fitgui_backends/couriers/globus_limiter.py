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
"""What is used of it for looking at how things stand, so that sending and asking go first."""


class Window:
    """How many requests fall into a sliding window; knows no threads and no clock.

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
        self._times: deque[float] = deque(maxlen=requests)
        self._closed_until = float("-inf")

    def delay(self, now: float, *, patient: bool = False) -> float:
        """Seconds until a request may begin; 0 if it may now."""
        allowed = self._patient if patient else self._requests
        wait = self._closed_until - now
        if len(self._times) >= allowed:
            wait = max(wait, self._times[-allowed] + self._seconds - now)
        return max(0.0, wait)

    def take(self, now: float) -> None:
        """A request begins."""
        self._times.append(now)

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
            self._window.take(self._clock())

    def hold(self, seconds: float) -> None:
        """Begin no request within so many seconds."""
        with self._changed:
            self._window.close(self._clock() + seconds)
