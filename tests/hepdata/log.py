"""What was asked of the stand-in, and what came of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request


@dataclass(eq=False)
class Asked:
    """One request; the fields after ``query`` fill as it is answered."""

    method: str
    url: str
    """Path and query as they came."""
    path: str
    """Without query, decoded."""
    headers: Headers
    """By name, whatever its case."""
    query: dict[str, str]
    route: str = ""
    """Such as ``search``, ``record``, ``resources``, ``resource``, ``doi``; ``file`` if bytes were sent."""
    resource: int | None = None
    """Number of the file that it is about."""
    fault: object | None = None
    status: int | None = None
    """``None`` as long as no answer was sent."""
    sent: int = 0
    """Bytes of the body."""
    ended: str = ""
    """``whole``, or how the connection ended; empty as long as it stands."""
    hung_up: threading.Event = field(default_factory=threading.Event)
    """The client left before the end."""
    done: threading.Event = field(default_factory=threading.Event)
    """The stand-in is through with it."""

    @classmethod
    def of(cls, request: Request, url: str) -> Asked:
        headers = Headers(list(request.headers.items()))
        return cls(request.method, url, request.path, headers, dict(request.args))

    @property
    def range(self) -> str | None:
        return self.headers.get("Range")
