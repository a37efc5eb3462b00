"""What was asked, without anything secret: no header, no query, no body is kept."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 50_000
ENDING_SECONDS = 0.3


@dataclass
class Asked:
    """One request."""

    number: int
    method: str
    path: str
    """Without the query, which may hold a code."""
    route: str = ""
    """Name of the route: ``submit``, ``batch_status``, ``token`` ..."""
    who: str = ""
    """Name of the user, where the token said so."""
    received: int = 0
    """Bytes of the body."""
    sent: int = 0
    """Bytes of the answer's body."""
    status: int | None = None
    """``None`` where no answer was sent."""
    seconds: float = 0.0
    began: float = 0.0
    """On the clock of this machine (:func:`time.time`)."""
    fault: str = ""
    """Kind of the fault that struck it."""


class Log:
    """All requests except those of the stand-in's own routes; the oldest go when there are too many."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._kept: deque[Asked] = deque(maxlen=KEPT)
        self._number = 0
        self._under_way: set[int] = set()

    def begin(self, method: str, path: str, began: float) -> Asked:
        with self._lock:
            self._number += 1
            if not path.startswith("/_standin"):
                self._under_way.add(self._number)
            return Asked(self._number, method, path, began=began)

    def end(self, asked: Asked) -> None:
        with self._lock:
            self._under_way.discard(asked.number)
            if not asked.path.startswith("/_standin"):
                self._kept.append(asked)
            self._lock.notify_all()

    def since(self, number: int) -> list[dict[str, Any]]:
        """Those with a higher number, in the order in which they ended.

        A client may have its answer before the end of a request is noted: such ends are waited for.
        """
        with self._lock:
            self._lock.wait_for(lambda: not self._under_way, ENDING_SECONDS)
            return [asdict(asked) for asked in self._kept if asked.number > number]
