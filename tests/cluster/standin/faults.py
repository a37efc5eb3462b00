"""What can go wrong on the way, a bounded number of times."""

from __future__ import annotations

import fnmatch
import itertools
import threading
from dataclasses import asdict, dataclass
from typing import Any

from tests.cluster.standin.errors import USUAL, AuthError, ServiceError

KINDS = {
    "status": "answers with a status, nothing else happens",
    "slow": "comes late",
    "cut": "everything happens, the connection ends in the middle of the answer",
    "lost": "everything happens, the connection ends before the answer",
    "broken": "nothing happens, the connection ends before the answer",
}
MOST = 1000


@dataclass
class Fault:
    """Strikes the next ``times`` requests that fit, after letting ``skip`` of them pass."""

    identifier: int
    kind: str
    route: str
    """A pattern of names of routes: ``submit``, ``token``, ``*``; or of grants: ``token:refresh_token``."""
    times: int = 1
    skip: int = 0
    status: int = 503
    reason: str = ""
    retry_after: int | None = None
    seconds: float = 1.0
    used: int = 0

    def error(self) -> ServiceError:
        """Of the kind ``status``."""
        code, reason = USUAL.get(self.status, ("ERROR", "Something went wrong."))
        headers = {"Retry_After": str(self.retry_after)} if self.retry_after is not None else {}
        if self.route.startswith("token"):
            refused = "invalid_grant" if self.status in (400, 401) else "server_error"
            return AuthError(self.status, refused, self.reason or reason, **headers)
        return ServiceError(self.status, code, self.reason or reason, **headers)


class Faults:
    """All that lie in wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._laid: list[Fault] = []
        self._numbers = itertools.count(1)

    def lay(self, wishes: dict[str, Any]) -> Fault:
        """Another one.

        Raises:
            ServiceError: if it is none, or has no bounds.
        """
        known = set(Fault.__dataclass_fields__) - {"identifier", "used"}
        if unknown := set(wishes) - known:
            raise ServiceError(400, "REQUEST_MALFORMED", f"A fault has no {', '.join(sorted(unknown))}.")
        if wishes.get("kind") not in KINDS:
            raise ServiceError(400, "REQUEST_MALFORMED", f"Kinds of faults are {', '.join(KINDS)}.")
        if not 1 <= wishes.get("times", 1) <= MOST or not 0 <= wishes.get("seconds", 1.0) <= 120:
            reason = f"A fault strikes 1 to {MOST} times, and takes up to 120 seconds."
            raise ServiceError(400, "REQUEST_MALFORMED", reason)
        fault = Fault(next(self._numbers), **{"route": "*", **wishes})
        with self._lock:
            self._laid.append(fault)
        return fault

    def strike(self, route: str) -> Fault | None:
        """The fault that strikes this request, if any does."""
        with self._lock:
            for fault in self._laid:
                if fault.used >= fault.times or not fnmatch.fnmatchcase(route, fault.route):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.used += 1
                return fault
        return None

    def list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._laid]

    def clear(self) -> None:
        with self._lock:
            self._laid.clear()
