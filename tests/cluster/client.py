"""What tests say to the stand-in, over its own routes."""

from __future__ import annotations

from typing import Any

import requests

PATIENCE = 30.0


class StandInClient:
    """The stand-in at ``url``: faults, settings, the log of requests, and what its books hold."""

    def __init__(self, url: str) -> None:
        self.url = url

    def alive(self) -> bool:
        """Whether it answers."""
        try:
            return bool(self._ask("GET", "alive")["alive"])
        except requests.RequestException:
            return False

    def fault(self, kind: str, route: str = "*", *, times: int = 1, **more: Any) -> None:
        """Let something go wrong, the next ``times`` times.

        Args:
            kind: ``status``, ``slow``, ``cut``, ``lost`` or ``broken`` (:mod:`tests.cluster.standin.faults`).
            route: ``submit``, ``batch_status``, ``token``, ``token:refresh_token``, ... or a pattern.
            times: How often.
            more: ``status``, ``reason``, ``retry_after``, ``seconds``, ``skip``.
        """
        self._ask("POST", "faults", {"kind": kind, "route": route, "times": times, **more})

    def faults(self) -> list[dict[str, Any]]:
        """All that were laid, with how often each struck (``used``)."""
        found: list[dict[str, Any]] = self._ask("GET", "faults")
        return found

    def set(self, **settings: Any) -> dict[str, Any]:
        """Change :class:`tests.cluster.standin.settings.Settings`; answers with all of them."""
        answer: dict[str, Any] = self._ask("POST", "settings", settings)
        return answer

    def reset(self) -> None:
        """No faults, the usual settings; what is in the books stays."""
        self._ask("DELETE", "faults")
        self._ask("POST", "settings", self._usual)

    def log(self, since: int = 0, route: str | None = None) -> list[dict[str, Any]]:
        """Requests, as :class:`tests.cluster.standin.log.Asked`; ``since`` is the number of one."""
        asked: list[dict[str, Any]] = self._ask("GET", f"log?since={since}")
        return [entry for entry in asked if route in (None, entry["route"])]

    def mark(self) -> int:
        """For ``since``: the number of the last request so far."""
        return max((entry["number"] for entry in self.log()), default=0)

    def state(self) -> dict[str, Any]:
        """Endpoints, user endpoints, tasks: what the books hold."""
        state: dict[str, Any] = self._ask("GET", "state")
        return state

    def tasks(self) -> dict[str, str]:
        """States of all tasks, by identifier."""
        return {task["id"]: task["status"] for task in self.state()["tasks"]}

    def is_online(self, endpoint: str) -> bool:
        """Whether an endpoint, or a user endpoint, reports."""
        state = self.state()
        return any(
            found["online"]
            for found in (*state["endpoints"], *state["user_endpoints"])
            if found["id"] == endpoint
        )

    def reports(self) -> dict[str, int]:
        """How many heartbeats came, by endpoint and user endpoint."""
        state = self.state()
        return {found["id"]: found["reports"] for found in (*state["endpoints"], *state["user_endpoints"])}

    def forget(self, *tasks: str) -> int:
        """Drop tasks with their results; how many were known."""
        return int(self._ask("POST", "forget", {"task_ids": tasks})["forgotten"])

    def expire(self, *, refresh: bool = False) -> int:
        """End all access tokens but those of the agent; with ``refresh`` nobody can get another silently."""
        return int(self._ask("POST", "expire", {"refresh": refresh})["expired"])

    def token(self, who: str = "alice") -> str:
        """An access token for the web service, without login."""
        return str(self._ask("POST", "token", {"who": who})["access_token"])

    def drop_broker(self, *, refuse_seconds: float = 0.0) -> int:
        """End the connections of applications to the broker; for some seconds nobody gets a new one."""
        return int(self._ask("POST", "broker", {"refuse_seconds": refuse_seconds})["dropped"])

    def outage(self, seconds: float) -> None:
        """For some seconds applications reach neither the service, nor Auth, nor the broker."""
        self._ask("POST", "outage", {"seconds": seconds})

    def broker_connections(self) -> int:
        """How many connections applications have to the broker."""
        return int(self._ask("GET", "broker")["connections"])

    @property
    def _usual(self) -> dict[str, Any]:
        from dataclasses import asdict  # noqa: PLC0415

        from tests.cluster.standin.settings import Settings  # noqa: PLC0415

        return asdict(Settings())

    def _ask(self, method: str, path: str, document: Any = None) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, f"{self.url}/_standin/{path}", json=document, timeout=PATIENCE)
        answer.raise_for_status()
        return answer.json()
