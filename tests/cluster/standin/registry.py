"""What is registered: functions, endpoints and the user endpoints that they have started."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.cluster.standin.errors import ServiceError

MISSED = 3.0
"""Heartbeats that may be missing before something counts as offline."""


@dataclass
class Beating:
    """Something that reports by heartbeats."""

    identifier: str
    report: dict[str, Any] = field(default_factory=dict)
    """The last one."""
    heard: float | None = None
    """When it came, monotonic."""
    reports: int = 0
    """How many came."""

    @property
    def is_online(self) -> bool:
        if self.heard is None or not self.report.get("active", True) or self.report.get("error"):
            return False
        period = float(self.report.get("heartbeat_period", 30))
        return period > 0 and time.monotonic() - self.heard < MISSED * period

    def hear(self, report: dict[str, Any]) -> None:
        self.report, self.heard = report, time.monotonic()
        self.reports += 1


@dataclass
class Endpoint(Beating):
    """Of an agent."""

    owner: str = ""
    name: str = ""
    display_name: str = ""
    public: bool = False
    multi_user: bool = False
    allowed: tuple[str, ...] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    def is_open_to(self, who: str) -> bool:
        return self.public or self.owner == who


@dataclass
class UserEndpoint(Beating):
    """Of an agent, for one user and one configuration."""

    parent: str = ""
    owner: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    runtime: dict[str, Any] = field(default_factory=dict)
    asked: float | None = None
    """When its start was asked for."""


class Registry:
    """All of them; every method is safe to call from any thread."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.functions: dict[str, dict[str, Any]] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.users: dict[str, UserEndpoint] = {}

    def register_function(self, owner: str, document: dict[str, Any]) -> str:
        identifier = str(uuid.uuid4())
        with self.lock:
            self.functions[identifier] = {**document, "owner": owner, "function_uuid": identifier}
        return identifier

    def function(self, identifier: str) -> dict[str, Any]:
        with self.lock:
            if identifier not in self.functions:
                reason = f"Function {identifier} could not be resolved"
                raise ServiceError(404, "FUNCTION_NOT_FOUND", reason)
            return self.functions[identifier]

    def register_endpoint(self, owner: str, identifier: str, document: dict[str, Any]) -> Endpoint:
        with self.lock:
            known = self.endpoints.get(identifier)
            if known is not None and known.owner != owner:
                raise ServiceError(403, "ENDPOINT_ACCESS_FORBIDDEN", "The endpoint is somebody else's.")
            endpoint = known or Endpoint(identifier, owner=owner)
            self.endpoints[identifier] = endpoint
            endpoint.name = document.get("endpoint_name", endpoint.name)
            endpoint.display_name = document.get("display_name") or endpoint.name
            endpoint.public = bool(document.get("public", False))
            endpoint.multi_user = bool(document.get("multi_user", False))
            allowed = document.get("allowed_functions")
            endpoint.allowed = None if allowed is None else tuple(map(str, allowed))
            endpoint.metadata = document.get("metadata") or {}
            return endpoint

    def endpoint(self, identifier: str, who: str) -> Endpoint:
        """An endpoint that the user may use."""
        with self.lock:
            endpoint = self.endpoints.get(identifier)
        if endpoint is None:
            raise ServiceError(404, "ENDPOINT_NOT_FOUND", f"Endpoint {identifier} could not be resolved")
        if not endpoint.is_open_to(who):
            reason = f"Unauthorized access to endpoint {identifier}"
            raise ServiceError(403, "ENDPOINT_ACCESS_FORBIDDEN", reason)
        return endpoint

    def beating(self, identifier: str, who: str) -> Beating:
        """An endpoint, or a user endpoint of the user."""
        with self.lock:
            user = self.users.get(identifier)
        if user is not None and user.owner == who:
            return user
        return self.endpoint(identifier, who)

    def user_endpoint(
        self, parent: str, owner: str, options: dict[str, Any], runtime: dict[str, Any]
    ) -> UserEndpoint:
        """That of a configuration: the same for the same."""
        key = hashlib.sha256(json.dumps([parent, owner, options], sort_keys=True).encode()).hexdigest()
        identifier = str(uuid.UUID(key[:32]))
        with self.lock:
            made = UserEndpoint(identifier, parent=parent, owner=owner, options=options, runtime=runtime)
            return self.users.setdefault(identifier, made)

    def children(self, parent: str) -> list[UserEndpoint]:
        with self.lock:
            return [user for user in self.users.values() if user.parent == parent]
