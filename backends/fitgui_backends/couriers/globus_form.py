"""What an endpoint asks of its users: the schema of its options."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

COMMON: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "account": {
            "type": "string",
            "title": "Account",
            "description": "The allocation or project that pays for the time.",
        },
        "partition": {
            "type": "string",
            "title": "Partition",
            "description": "The queue of the batch system. Empty: the endpoint's default.",
        },
        "walltime": {
            "type": "string",
            "title": "Wall time",
            "description": "Of each job, as HH:MM:SS.",
            "pattern": "^[0-9]+:[0-5][0-9]:[0-5][0-9]$",
        },
        "max_blocks": {
            "type": "integer",
            "title": "Jobs at most",
            "description": "How many jobs (blocks) may run at the same time.",
            "minimum": 1,
        },
        "nodes_per_block": {
            "type": "integer",
            "title": "Nodes per job",
            "minimum": 1,
        },
        "workers_per_node": {
            "type": "integer",
            "title": "Workers per node",
            "description": "How many points are fitted at once on each node.",
            "minimum": 1,
        },
        "worker_init": {
            "type": "string",
            "title": "Commands before the workers start",
            "description": "Shell commands that make the environment of workers, such as module load.",
        },
    },
    "additionalProperties": True,
}
"""For an endpoint that does not show its schema: what templates usually ask."""


def form_of(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """JSON schema (an object with ``properties``) of the options of an endpoint.

    Args:
        metadata: What the service tells of the endpoint; the schema is in it as an object, or as text.

    Returns:
        The endpoint's own schema, or :data:`COMMON` where it shows none that can be used.
    """
    schema = metadata.get("user_config_schema")
    if isinstance(schema, str):
        try:
            schema = json.loads(schema)
        except ValueError:
            schema = None
    if isinstance(schema, Mapping) and isinstance(schema.get("properties"), Mapping):
        return dict(schema)
    return json.loads(json.dumps(COMMON))  # type: ignore[no-any-return]
