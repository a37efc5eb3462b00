"""The stand-in's own routes, below ``/_standin``: for tests, without login."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

from werkzeug.wrappers import Request

from tests.cluster.standin.books import Books
from tests.cluster.standin.compute import body
from tests.cluster.standin.errors import ServiceError
from tests.cluster.standin.faults import Faults
from tests.cluster.standin.grants import COMPUTE_SCOPE, Grants
from tests.cluster.standin.log import Log
from tests.cluster.standin.people import AGENT_CLIENT, PEOPLE, called
from tests.cluster.standin.registry import Registry
from tests.cluster.standin.relay import Relay
from tests.cluster.standin.reply import Reply, json_reply
from tests.cluster.standin.settings import Settings

LONGEST_OUTAGE = 120.0


class Administration:
    """What its routes answer."""

    def __init__(
        self,
        registry: Registry,
        books: Books,
        grants: Grants,
        settings: Settings,
        faults: Faults,
        log: Log,
        relay: Relay | None,
        go_away: Callable[[float], None],
    ) -> None:
        self._registry = registry
        self._books = books
        self._grants = grants
        self._settings = settings
        self._faults = faults
        self._log = log
        self._relay = relay
        self._go_away = go_away

    def log(self, request: Request) -> Reply:
        return json_reply(self._log.since(int(request.args.get("since", 0))))

    def settings(self, request: Request) -> Reply:
        if request.method == "POST":
            wishes = body(request)
            kinds = {field.name: type(getattr(self._settings, field.name)) for field in fields(Settings)}
            for name, value in wishes.items():
                if kinds.get(name) is not type(value):
                    raise ServiceError(400, "REQUEST_MALFORMED", f"There is no setting {name} = {value!r}.")
            if wishes.get("consent", "alice") not in (*PEOPLE, "denied"):
                raise ServiceError(400, "REQUEST_MALFORMED", f"Nobody is called {wishes['consent']}.")
            for name, value in wishes.items():
                setattr(self._settings, name, value)
        return json_reply(asdict(self._settings))

    def faults(self, request: Request) -> Reply:
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method == "POST":
            return json_reply(asdict(self._faults.lay(body(request))))
        return json_reply(self._faults.list())

    def forget(self, request: Request) -> Reply:
        """Drop tasks with their results, as after the time for which the service keeps them."""
        return json_reply({"forgotten": self._books.forget(body(request).get("task_ids") or ())})

    def expire(self, request: Request) -> Reply:
        """Access tokens of everybody but the agent; with ``refresh`` also those that make new ones."""
        refresh = bool(body(request).get("refresh", False))
        return json_reply({"expired": self._grants.expire(refresh=refresh, except_client=AGENT_CLIENT)})

    def token(self, request: Request) -> Reply:
        """An access token for the web service, without login."""
        person = PEOPLE[body(request).get("who", "alice")]
        issued = self._grants.issue(person, "", (COMPUTE_SCOPE,), lasting=False)
        return json_reply({"access_token": issued["access_token"]})

    def broker(self, request: Request) -> Reply:
        """End the connections of applications to the broker."""
        if self._relay is None:
            raise ServiceError(404, "NOT_FOUND", "This stand-in has no broker.")
        if request.method == "POST":
            seconds = float(body(request).get("refuse_seconds", 0.0))
            return json_reply({"dropped": self._relay.drop(refuse_seconds=seconds)})
        return json_reply({"connections": self._relay.connections()})

    def outage(self, request: Request) -> Reply:
        """For some seconds, nothing of Globus can be reached; nothing is forgotten."""
        seconds = float(body(request).get("seconds", 1.0))
        if not 0 <= seconds <= LONGEST_OUTAGE:
            reason = f"An outage takes up to {LONGEST_OUTAGE:.0f} seconds."
            raise ServiceError(400, "REQUEST_MALFORMED", reason)
        self._go_away(seconds)
        dropped = self._relay.drop(refuse_seconds=seconds) if self._relay is not None else 0
        return json_reply({"dropped": dropped})

    def state(self, request: Request) -> Reply:
        """Everything that the books hold, without payloads."""
        tasks = self._books.all()
        views = self._books.view([task.identifier for task in tasks], None)
        with self._registry.lock:
            endpoints = list(self._registry.endpoints.values())
            users = list(self._registry.users.values())
        return json_reply(
            {
                "endpoints": [
                    {
                        "id": found.identifier,
                        "name": found.name,
                        "owner": called(found.owner),
                        "online": found.is_online,
                        "reports": found.reports,
                        "report": found.report,
                    }
                    for found in endpoints
                ],
                "user_endpoints": [
                    {
                        "id": found.identifier,
                        "parent": found.parent,
                        "options": found.options,
                        "online": found.is_online,
                        "reports": found.reports,
                        "report": found.report,
                    }
                    for found in users
                ],
                "tasks": [
                    {
                        "id": task.identifier,
                        "group": task.group,
                        "user_endpoint": task.user_endpoint,
                        "owner": called(task.owner),
                        "began": task.began,
                        "status": views[task.identifier]["status"],
                        "completion_t": task.answer.get("completion_t"),
                        "details": task.answer.get("details"),
                    }
                    for task in tasks
                ],
                "functions": len(self._registry.functions),
                "tokens": self._grants.counts(),
            }
        )

    @staticmethod
    def alive(request: Request) -> Reply:
        told: dict[str, Any] = {"alive": True}
        return json_reply(told)
