"""The web service of Globus Compute."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from globus_compute_common import messagepack
from globus_compute_common.messagepack.message_types import Task
from werkzeug.wrappers import Request

from tests.cluster.standin import queues as names
from tests.cluster.standin.books import Books
from tests.cluster.standin.errors import ServiceError
from tests.cluster.standin.people import Person
from tests.cluster.standin.queues import Post, Queues
from tests.cluster.standin.registry import Beating, Endpoint, Registry, UserEndpoint
from tests.cluster.standin.reply import Reply, json_reply

VERSIONS = {"api": "1.0.0", "min_sdk_version": "2.0.0", "min_ep_version": "2.0.0"}
COMMAND_SECONDS = 150.0
"""An agent takes no command that is older than three minutes."""


class Compute:
    """What its routes answer; who asks is known already."""

    def __init__(
        self, registry: Registry, books: Books, queues: Callable[[], Queues], broker: str, clients: str
    ) -> None:
        """Begin.

        Args:
            registry: Of functions and endpoints.
            books: Of tasks.
            queues: The service's end of the queues.
            broker: Where agents find the broker.
            clients: Where applications find it.
        """
        self._registry = registry
        self._books = books
        self._queues = queues
        self._broker = broker
        self._clients = clients

    def version(self, request: Request, who: Person | None) -> Reply:
        return json_reply(VERSIONS)

    def result_queue(self, request: Request, who: Person) -> Reply:
        return json_reply({"queue_prefix": names.GROUP_PREFIX, "connection_url": self._clients})

    # --- functions

    def register_function(self, request: Request, who: Person) -> Reply:
        document = body(request)
        if not document.get("function_name") or not document.get("function_code"):
            raise ServiceError(400, "REQUEST_MALFORMED", "A function has a name and a code.")
        return json_reply({"function_uuid": self._registry.register_function(who.identifier, document)})

    def function(self, request: Request, who: Person, function: str) -> Reply:
        return json_reply(self._registry.function(function))

    def delete_function(self, request: Request, who: Person, function: str) -> Reply:
        self._registry.function(function)
        with self._registry.lock:
            self._registry.functions.pop(function, None)
        return json_reply({"result": 302})

    # --- endpoints

    def register_endpoint(self, request: Request, who: Person, endpoint: str | None = None) -> Reply:
        identifier = endpoint or str(uuid.uuid4())
        self._registry.register_endpoint(who.identifier, identifier, body(request))
        commands = f"{identifier}.commands"
        self._queues().send([commands], [])
        return json_reply(
            {
                "endpoint_id": identifier,
                "command_queue_info": {"connection_url": self._broker, "queue": commands},
                "heartbeat_queue_info": self._publishing(names.HEARTBEATS),
                "warnings": [],
            }
        )

    def endpoints(self, request: Request, who: Person) -> Reply:
        others = request.args.get("role") == "any"
        with self._registry.lock:
            known = list(self._registry.endpoints.values())
        return json_reply(
            [
                {
                    "uuid": endpoint.identifier,
                    "name": endpoint.name,
                    "display_name": endpoint.display_name,
                    "owner": endpoint.owner,
                }
                for endpoint in known
                if endpoint.owner == who.identifier or (others and endpoint.public)
            ]
        )

    def endpoint(self, request: Request, who: Person, endpoint: str) -> Reply:
        found = self._registry.beating(endpoint, who.identifier)
        if isinstance(found, UserEndpoint):
            told = {"uuid": found.identifier, "parent": found.parent, "owner_id": found.owner}
            return json_reply({**told, "multi_user": False, "public": False})
        assert isinstance(found, Endpoint)
        known = found.metadata
        shown = (
            "hostname",
            "endpoint_version",
            "python_version",
            "user_config_template",
            "user_config_schema",
        )
        return json_reply(
            {
                "uuid": found.identifier,
                "name": found.name,
                "display_name": found.display_name,
                "owner_id": found.owner,
                "multi_user": found.multi_user,
                "public": found.public,
                **{name: known.get(name) for name in shown},
            }
        )

    def endpoint_status(self, request: Request, who: Person, endpoint: str) -> Reply:
        return json_reply(_status(self._registry.beating(endpoint, who.identifier)))

    def delete_endpoint(self, request: Request, who: Person, endpoint: str) -> Reply:
        self._owned(endpoint, who)
        with self._registry.lock:
            self._registry.endpoints.pop(endpoint, None)
        return json_reply({"result": 302})

    def lock_endpoint(self, request: Request, who: Person, endpoint: str) -> Reply:
        self._owned(endpoint, who)
        return json_reply({"endpoint_id": endpoint, "lock_expiration_timestamp": time.time() + 60})

    def allowed_functions(self, request: Request, who: Person, endpoint: str) -> Reply:
        allowed = self._registry.endpoint(endpoint, who.identifier).allowed
        return json_reply({"restricted": allowed is not None, "functions": list(allowed or ())})

    # --- tasks

    def submit(self, request: Request, who: Person, endpoint: str) -> Reply:
        document = body(request)
        target = self._registry.endpoint(endpoint, who.identifier)
        group = document.get("task_group_id") or str(uuid.uuid4())
        if self._books.owner_of_group(group) not in (None, who.identifier):
            raise ServiceError(403, "TASK_GROUP_ACCESS_FORBIDDEN", "The task group is somebody else's.")
        codes = {name: self._code(target, name) for name in document.get("tasks") or {}}
        user = self._registry.user_endpoint(
            endpoint,
            who.identifier,
            document.get("user_endpoint_config") or {},
            document.get("user_runtime") or {},
        )
        accepted: dict[str, list[str]] = {}
        posts = []
        for function, payloads in (document.get("tasks") or {}).items():
            accepted[function] = self._books.add(group, who.identifier, user.identifier, len(payloads))
            for task, payload in zip(accepted[function], payloads, strict=True):
                headers: dict[str, Any] = {"function_uuid": function, "task_uuid": task}
                if document.get("resource_specification"):
                    headers["resource_specification"] = json.dumps(document["resource_specification"])
                if document.get("result_serializers"):
                    # The agent reads this one as a list, and the other as JSON.
                    headers["result_serializers"] = document["result_serializers"]
                packed = messagepack.pack(Task(task_id=task, task_buffer=codes[function] + payload))
                posts.append(Post(f"{user.identifier}.tasks", packed, headers))
        results = [names.GROUP_PREFIX + group] if document.get("create_queue") else []
        self._queues().send([*results, f"{user.identifier}.tasks"], posts)
        self.start(user, who)
        answer = {"tasks": accepted, "task_group_id": group, "endpoint_id": endpoint}
        return json_reply({**answer, "request_id": str(uuid.uuid4())})

    def start(self, user: UserEndpoint, who: Person) -> None:
        """Ask the agent to start a user endpoint; one that runs stays as it is."""
        identity = {"sub": who.identifier, "username": who.username}
        command = {
            "command": "cmd_start_endpoint",
            "args": [],
            "kwargs": {
                "name": f"uep.{user.parent}.{user.identifier}",
                "user_opts": user.options,
                "user_runtime": user.runtime,
                "amqp_creds": {
                    "endpoint_id": user.identifier,
                    "task_queue_info": {"connection_url": self._broker, "queue": f"{user.identifier}.tasks"},
                    "result_queue_info": self._publishing(names.RESULTS),
                    "heartbeat_queue_info": self._publishing(names.HEARTBEATS),
                },
            },
            "globus_effective_identity": who.identifier,
            "globus_username": who.username,
            "globus_identity_set": [identity],
        }
        user.asked = time.monotonic()
        packed = json.dumps(command).encode()
        post = Post(f"{user.parent}.commands", packed, kind="application/json", seconds=COMMAND_SECONDS)
        self._queues().send([], [post])

    def batch_status(self, request: Request, who: Person) -> Reply:
        asked = body(request).get("task_ids") or []
        return json_reply({"response": "batch", "results": self._books.view(asked, who.identifier)})

    def task(self, request: Request, who: Person, task: str) -> Reply:
        return json_reply(self._books.view([task], who.identifier)[task])

    def group(self, request: Request, who: Person, group: str) -> Reply:
        owner = self._books.owner_of_group(group)
        if owner is None:
            raise ServiceError(404, "TASK_GROUP_NOT_FOUND", f"Task Group {group} could not be resolved")
        if owner != who.identifier:
            raise ServiceError(403, "TASK_GROUP_ACCESS_FORBIDDEN", "The task group is somebody else's.")
        tasks = [{"id": task} for task in self._books.group(group)]
        return json_reply({"taskgroup_id": group, "create_websockets_queue": True, "tasks": tasks})

    # --- inside

    def _owned(self, identifier: str, who: Person) -> None:
        if self._registry.endpoint(identifier, who.identifier).owner != who.identifier:
            raise ServiceError(403, "ENDPOINT_ACCESS_FORBIDDEN", "The endpoint is somebody else's.")

    def _code(self, endpoint: Endpoint, name: str) -> str:
        function = self._registry.function(name)
        if endpoint.allowed is not None and name not in endpoint.allowed:
            reason = f"Function {name} not permitted on endpoint {endpoint.identifier}"
            raise ServiceError(403, "FUNCTION_NOT_PERMITTED", reason)
        code = str(function["function_code"])
        if function.get("serialized", True):
            return code
        packed = f"st\n{function['function_name']}:{code}"
        return f"{len(packed)}\n{packed}"

    def _publishing(self, queue: str) -> dict[str, Any]:
        return {
            "connection_url": self._broker,
            "exchange": names.EXCHANGE,
            "queue": queue,
            "queue_publish_kwargs": {
                "exchange": names.EXCHANGE,
                "routing_key": queue,
                "mandatory": True,
                "properties": {"delivery_mode": 2},
            },
        }


def body(request: Request) -> dict[str, Any]:
    """The JSON object of a request."""
    try:
        document = json.loads(request.get_data() or b"{}")
    except ValueError:
        raise ServiceError(400, "REQUEST_MALFORMED", "The body is no JSON.") from None
    if not isinstance(document, dict):
        raise ServiceError(400, "REQUEST_MALFORMED", "The body is no JSON object.")
    return document


def _status(found: Beating) -> dict[str, Any]:
    return {"status": "online" if found.is_online else "offline", "details": dict(found.report)}
