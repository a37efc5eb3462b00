"""The limit of the rate of requests."""

from __future__ import annotations

import threading
import time
from collections import deque

from tests.cluster.standin.errors import too_many


class RateLimit:
    """So many requests of one user in so many seconds; those that are refused are not counted."""

    def __init__(self, number: int = 20, seconds: float = 10.0) -> None:
        self.number = number
        self.seconds = seconds
        self._lock = threading.Lock()
        self._seen: dict[str, deque[float]] = {}

    def count(self, who: str, now: float | None = None) -> None:
        """Take another request.

        Raises:
            ServiceError: 429 with ``Retry-After``, where it is one too many.
        """
        now = time.monotonic() if now is None else now
        with self._lock:
            seen = self._seen.setdefault(who, deque())
            while seen and seen[0] <= now - self.seconds:
                seen.popleft()
            if len(seen) >= self.number:
                raise too_many(seen[0] + self.seconds - now)
            seen.append(now)
