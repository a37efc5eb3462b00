"""Requests cut by bytes: as many tasks in each as the service takes."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from globus_compute_sdk import Client
from globus_compute_sdk.sdk.batch import Batch

from fitgui_backends.remote.messages import Task

REQUEST_BYTES = 9_500_000
"""Globus Compute documents 10 MB for a request; some is left for headers and for what it counts otherwise."""
REQUEST_TASKS = 300
"""A request that fails should not have to repeat thousands."""
ENVELOPE_SPARE = 256
RESULTS_AS = "globus_compute_sdk.serialize.concretes.JSONData"
"""Plain JSON from the worker: smaller than the default, and nothing that could run here when it is read."""


@dataclass(frozen=True)
class Request:
    """One request to hand tasks over."""

    tasks: tuple[Task, ...]
    data: dict[str, Any]
    """The body, before it is written as JSON."""
    size: int
    """Bytes of the body, at most; JSON escapes included."""


def wire_size(text: str) -> int:
    """Bytes of a text in the body of a request: as JSON, with a comma and a blank."""
    return len(json.dumps(text)) + 2


def cut(
    client: Client,
    tasks: deque[Task],
    function: str,
    *,
    group: str | None,
    options: dict[str, Any],
    priority: int | None,
    most_bytes: int = REQUEST_BYTES,
    most_tasks: int = REQUEST_TASKS,
) -> Request:
    """Take tasks from the left for one request; at least one, even if it is too large by itself.

    Args:
        client: Makes the request.
        tasks: In order; those taken are removed.
        function: Identifier of the function, for all of them.
        group: The group that they join; ``None`` lets the service make one.
        options: Of the endpoint.
        priority: Of all of them.
        most_bytes: Of a request.
        most_tasks: Of a request.
    """
    batch: Batch = client.create_batch(
        task_group_id=group,
        resource_specification=None if priority is None else {"priority": priority},
        user_endpoint_config=options or None,
        create_websocket_queue=True,
        result_serializers=[RESULTS_AS],
    )
    payloads = batch.tasks[UUID(function)]
    size = len(json.dumps(batch.prepare())) + ENVELOPE_SPARE
    taken: list[Task] = []
    while tasks and len(taken) < most_tasks:
        batch.add(function, args=(tasks[0].request,))
        more = wire_size(payloads[-1])
        if taken and size + more > most_bytes:
            payloads.pop()
            break
        size += more
        taken.append(tasks.popleft())
    return Request(tasks=tuple(taken), data=batch.prepare(), size=size)
