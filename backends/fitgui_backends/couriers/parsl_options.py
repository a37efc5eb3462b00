"""What may be asked of Parsl: the forms of its places, and what their answers amount to."""

from __future__ import annotations

from typing import Any

import msgspec

from fitgui_backends.contract import Need, Place
from fitgui_backends.forms import FormError, complete
from fitgui_backends.machine import usable_cores
from fitgui_backends.remote.courier_process import ServiceError

SLURM = "slurm"
LOCAL = "local"

_WORD = r"^[A-Za-z0-9_.,:+@%/=-]*$"
"""What partitions, accounts and addresses consist of."""

_WORKER_INIT = {
    "type": "string",
    "format": "multiline",
    "title": "Commands before the workers start",
    "description": "Shell commands that make the environment of the workers, such as module load or source "
    "venv/bin/activate. Empty: workers use the environment of fitgui, on a file system that nodes share.",
    "default": "",
}

_LAUNCHERS = ("automatic", "simple", "single node", "srun")

_SLURM_FORM: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "title": "Parsl on Slurm",
    "additionalProperties": False,
    "properties": {
        "partition": {
            "type": "string",
            "pattern": _WORD,
            "title": "Partition",
            "description": "Where jobs queue; empty takes the default of the cluster.",
            "default": "",
            "examples": ["standard"],
        },
        "account": {
            "type": "string",
            "pattern": _WORD,
            "title": "Account",
            "description": "What is charged; empty takes your default.",
            "default": "",
            "examples": ["atlas"],
        },
        "qos": {
            "type": "string",
            "pattern": _WORD,
            "title": "Quality of service",
            "description": "Empty takes the default of the account.",
            "default": "",
            "examples": ["normal"],
        },
        "walltime": {
            "type": "string",
            "pattern": r"^\d{1,3}:[0-5]\d:[0-5]\d$",
            "title": "Walltime",
            "description": "How long a job (block) may run, as hours:minutes:seconds.",
            "default": "01:00:00",
            "examples": ["01:00:00"],
        },
        "max_blocks": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "title": "Blocks at most",
            "description": "How many jobs may queue and run at once.",
            "default": 4,
        },
        "nodes_per_block": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "title": "Nodes per block",
            "description": "How many nodes each job asks for.",
            "default": 1,
        },
        "cores_per_node": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1024,
            "title": "Cores per node",
            "description": "How many cores a job asks for on each node; empty: all of a node of its own, "
            "or as many as workers where nodes are shared.",
        },
        "workers_per_node": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1024,
            "title": "Workers per node",
            "description": "How many points are fitted at once on a node; empty: one for each core.",
        },
        "exclusive": {
            "type": "boolean",
            "title": "Nodes of its own",
            "description": "Whether a job shares its nodes with no other job.",
            "default": False,
        },
        "launcher": {
            "type": "string",
            "enum": list(_LAUNCHERS),
            "title": "Launcher",
            "description": "How workers are started within a job; automatic takes srun for several nodes.",
            "default": "automatic",
        },
        "scheduler_options": {
            "type": "string",
            "format": "multiline",
            "pattern": r"^\s*((#SBATCH\s+)?--?[A-Za-z][^\n]*(\n\s*|$))*$",
            "title": "Further options of sbatch",
            "description": "One on each line, such as --constraint=haswell.",
            "default": "",
            "examples": ["--constraint=haswell"],
        },
        "address": {
            "type": "string",
            "pattern": _WORD,
            "title": "Address of this host",
            "description": "By which nodes reach it; empty: they try all that it has.",
            "default": "",
            "examples": ["10.0.0.1"],
        },
        "worker_init": _WORKER_INIT,
    },
}

_LOCAL_FORM: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "title": "Parsl on this machine",
    "additionalProperties": False,
    "properties": {
        "workers_per_node": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1024,
            "title": "Workers",
            "description": "How many points are fitted at once; empty: one for each core.",
        },
        "worker_init": _WORKER_INIT,
    },
}


class PoolOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a pool of workers is made of; the fields are those of the forms."""

    partition: str = ""
    account: str = ""
    qos: str = ""
    walltime: str = "01:00:00"
    max_blocks: int = 1
    nodes_per_block: int = 1
    cores_per_node: int | None = None
    workers_per_node: int | None = None
    exclusive: bool = False
    launcher: str = "automatic"
    scheduler_options: str = ""
    address: str = ""
    worker_init: str = ""


def form_of(place: str) -> dict[str, Any]:
    """The JSON schema of the options of a place.

    Raises:
        ServiceError: if there is no such place.
    """
    if place == SLURM:
        return _SLURM_FORM
    if place == LOCAL:
        return _LOCAL_FORM
    raise ServiceError(f"Parsl knows no place {place}: choose {SLURM} or {LOCAL}.", Need.PLACE)


def options_of(place: Place) -> PoolOptions:
    """The options of a place, complete: on nodes that are shared, the cores that the workers need.

    Raises:
        ServiceError: if an option is unknown or does not fit, in words.
    """
    try:
        answers = complete(form_of(place.identifier), place.options)
    except FormError as error:
        raise ServiceError(str(error)) from None
    if place.identifier == LOCAL:
        answers.setdefault("workers_per_node", usable_cores())
    elif not answers["exclusive"]:
        answers.setdefault("cores_per_node", answers.get("workers_per_node", 1))
    if "workers_per_node" not in answers and "cores_per_node" in answers:
        answers["workers_per_node"] = answers["cores_per_node"]
    return msgspec.convert(answers, PoolOptions)


def sbatch_lines(options: PoolOptions) -> str:
    """The further options of sbatch, as lines of a job script."""
    lines = [line.strip() for line in options.scheduler_options.splitlines() if line.strip()]
    return "\n".join(line if line.startswith("#SBATCH") else f"#SBATCH {line}" for line in lines)
