"""From a request to an answer: routes, who asks, limits, faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request

from tests.cluster.standin.administration import Administration
from tests.cluster.standin.auth import CODE_PAGE, Auth, bearer
from tests.cluster.standin.compute import Compute
from tests.cluster.standin.errors import ServiceError, too_large
from tests.cluster.standin.faults import Fault, Faults
from tests.cluster.standin.grants import COMPUTE, Grants
from tests.cluster.standin.limits import RateLimit
from tests.cluster.standin.log import Asked
from tests.cluster.standin.people import called
from tests.cluster.standin.reply import Reply, json_reply
from tests.cluster.standin.settings import Settings

COMPUTE_ROUTES = {
    "version": ("GET", "/v2/version"),
    "result_queue": ("GET", "/v2/get_amqp_result_connection_url"),
    "register_function": ("POST", "/v3/functions"),
    "function": ("GET", "/v2/functions/<uuid:function>"),
    "delete_function": ("DELETE", "/v2/functions/<uuid:function>"),
    "register_endpoint": ("POST", "/v3/endpoints"),
    "register_endpoint/again": ("PUT", "/v3/endpoints/<uuid:endpoint>"),
    "endpoints": ("GET", "/v2/endpoints"),
    "endpoint": ("GET", "/v2/endpoints/<uuid:endpoint>"),
    "delete_endpoint": ("DELETE", "/v2/endpoints/<uuid:endpoint>"),
    "endpoint_status": ("GET", "/v2/endpoints/<uuid:endpoint>/status"),
    "lock_endpoint": ("POST", "/v3/endpoints/<uuid:endpoint>/lock"),
    "allowed_functions": ("GET", "/v3/endpoints/<uuid:endpoint>/allowed_functions"),
    "submit": ("POST", "/v3/endpoints/<uuid:endpoint>/submit"),
    "batch_status": ("POST", "/v2/batch_status"),
    "task": ("GET", "/v2/tasks/<uuid:task>"),
    "group": ("GET", "/v2/taskgroup/<uuid:group>"),
}
AUTH_ROUTES = {
    "configuration": ("GET", "/.well-known/openid-configuration"),
    "keys": ("GET", "/jwk.json"),
    "authorize": ("GET", "/v2/oauth2/authorize"),
    "code_page": ("GET", CODE_PAGE),
    "token": ("POST", "/v2/oauth2/token"),
    "revoke": ("POST", "/v2/oauth2/token/revoke"),
    "userinfo": ("GET", "/v2/oauth2/userinfo"),
}
OWN_ROUTES = {
    "alive": ("GET", "/_standin/alive"),
    "log": ("GET", "/_standin/log"),
    "settings": ("GET,POST", "/_standin/settings"),
    "faults": ("GET,POST,DELETE", "/_standin/faults"),
    "forget": ("POST", "/_standin/forget"),
    "expire": ("POST", "/_standin/expire"),
    "token": ("POST", "/_standin/token"),
    "broker": ("GET,POST", "/_standin/broker"),
    "outage": ("POST", "/_standin/outage"),
    "state": ("GET", "/_standin/state"),
}
OPEN_TO_ALL = ("version",)
"""Routes of the web service that need no token."""


class Site:
    """Answers one request at a time in each thread."""

    def __init__(
        self,
        compute: Compute,
        auth: Auth,
        administration: Administration,
        grants: Grants,
        settings: Settings,
        faults: Faults,
    ) -> None:
        self._parts = {"compute": compute, "auth": auth, "own": administration}
        self._grants = grants
        self._settings = settings
        self._faults = faults
        self._limit = RateLimit()
        routes = {"compute": COMPUTE_ROUTES, "auth": AUTH_ROUTES, "own": OWN_ROUTES}
        self._map = Map(
            [
                Rule(path, endpoint=(part, name), methods=methods.split(","))
                for part, listed in routes.items()
                for name, (methods, path) in listed.items()
            ],
            strict_slashes=False,
            merge_slashes=False,
        )

    def respond(self, request: Request, asked: Asked) -> tuple[Reply | None, Fault | None]:
        """The answer, and the fault that strikes on the way; without an answer nothing is sent."""
        fault = None
        try:
            (part, name), arguments = self._match(request)
            name = name.partition("/")[0]
            asked.route = name if part != "own" else ""
            work: Callable[..., Reply] = getattr(self._parts[part], name)
            arguments = {key: str(value) for key, value in arguments.items()}
            if part == "own":
                return work(request, **arguments), None
            fault = self._faults.strike(_finer(name, request)) or self._faults.strike(name)
            if fault is not None and fault.kind == "status":
                raise fault.error()
            if fault is not None and fault.kind == "broken":
                return None, fault
            if part == "auth":
                return work(request, **arguments), fault
            return self._compute(work, name, request, asked, arguments), fault
        except ServiceError as error:
            return json_reply(error.document(), error.status, **error.headers), fault

    def _match(self, request: Request) -> tuple[Any, dict[str, Any]]:
        try:
            return self._map.bind("localhost").match(request.path, method=request.method)
        except MethodNotAllowed:
            raise ServiceError(405, "METHOD_NOT_ALLOWED", f"{request.path} takes another method.") from None
        except HTTPException:
            raise ServiceError(404, "NOT_FOUND", f"There is nothing at {request.path}.") from None

    def _compute(
        self,
        work: Callable[..., Reply],
        name: str,
        request: Request,
        asked: Asked,
        arguments: dict[str, Any],
    ) -> Reply:
        who = None
        if name not in OPEN_TO_ALL or bearer(request):
            who = self._grants.check(bearer(request), COMPUTE)
            asked.who = called(who.identifier)
        # An agent that comes back must not be kept out by what its user asks.
        if self._settings.rate_limit and not name.startswith("register_endpoint"):
            self._limit.count(who.identifier if who else "")
        if asked.received > self._settings.payload_limit:
            raise too_large(asked.received, self._settings.payload_limit)
        return work(request, who, **arguments)


def _finer(name: str, request: Request) -> str:
    """With the kind of grant, where there is one: ``token:refresh_token``."""
    return f"{name}:{request.form.get('grant_type', '')}" if name == "token" else f"{name}:"
