"""Complete configurations of Globus Compute endpoints: what their author is asked, and the files it makes.

The command line and the window ask the same questions. Everything that can be asked is in
``resources/endpoints/common/properties.json``; ``kind.json`` of each kind says what it asks, and which of it
users of the endpoint may ask for themselves.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping
from functools import cache
from typing import Any

from fitgui.clusters.filling import fill
from fitgui.resources import resource_path
from fitgui_backends import __version__
from fitgui_backends.forms import FormError, Value, complete

KINDS = ("slurm", "htcondor", "pbspro", "kubernetes")
"""What can be rendered, the best tested first."""

_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
_FRONT = ("name", "display_name")
_LIMITS = ("most_blocks", "allow_worker_init")
_COPIED = ("config.yaml", "user_environment.yaml")


class TemplateError(ValueError):
    """A configuration cannot be made from these answers; the text is one sentence for the user."""


def title_of(kind: str) -> str:
    """What people call a kind: ``PBS Pro``.

    Raises:
        TemplateError: if there is no such kind.
    """
    return str(_kind(kind)["title"])


def questions(kind: str) -> dict[str, Any]:
    """What the author of an endpoint is asked, as a JSON schema with titles, descriptions and defaults.

    Raises:
        TemplateError: if there is no such kind.
    """
    known = _kind(kind)
    names = (*_FRONT, *known["options"], *known["environment"], *_LIMITS)
    return {
        "$schema": _SCHEMA,
        "type": "object",
        "title": f"Globus Compute endpoint on {known['title']}",
        "additionalProperties": False,
        "required": ["image"] if "image" in names else [],
        "properties": {name: _property(kind, name) for name in names},
    }


def render(kind: str, answers: Mapping[str, Any]) -> dict[str, str]:
    """The files of an endpoint's folder, by name.

    Args:
        kind: One of :data:`KINDS`.
        answers: To :func:`questions`, typed or as text; what is missing takes its default.

    Raises:
        TemplateError: if there is no such kind, or an answer does not fit.
    """
    given = _complete(kind, answers)
    values: dict[str, Any] = {
        **given,
        "display_name": given.get("display_name") or given["name"],
        "encrypted": kind != "kubernetes",
        "key": _key(given),
        "variables": _variables(str(given.get("environment_variables", ""))),
    }
    files = {name: fill(_text("common", name), values, _include) for name in _COPIED}
    template = "user_config_template.yaml.j2"
    files[template] = fill(_text(kind, template), values, _include)
    files["user_config_schema.json"] = json.dumps(_user_schema(kind, given), indent=2) + "\n"
    return files


def next_steps(kind: str, answers: Mapping[str, Any], folder: str) -> tuple[str, ...]:
    """What is left to do, one step each, commands and all.

    Args:
        kind: One of :data:`KINDS`.
        answers: As for :func:`render`.
        folder: Where the files were written, as the user knows it.

    Raises:
        TemplateError: as :func:`render`.
    """
    given = _complete(kind, answers)
    name, package = given["name"], given.get("endpoint_package", "globus-compute-endpoint")
    where = "a machine that reaches the cluster" if kind == "kubernetes" else "the login node"
    more = " kubernetes" if kind == "kubernetes" else ""
    return (
        f"Copy the folder to {where}: "
        f"ssh LOGIN mkdir -p .globus_compute && scp -r {shlex.quote(folder)} LOGIN:.globus_compute/{name}",
        "There, install the endpoint: "
        f'python3 -m venv ~/endpoint && ~/endpoint/bin/pip install "{package}"{more}',
        "Start it; the first time it asks you to log in: "
        f"~/endpoint/bin/globus-compute-endpoint start {name}",
        "In fitgui choose Globus Compute, then this endpoint, and press Check.",
    )


def _complete(kind: str, answers: Mapping[str, Any]) -> dict[str, Value]:
    try:
        given = complete(questions(kind), answers)
    except FormError as error:
        raise TemplateError(str(error)) from None
    if int(given["max_blocks"]) > int(given["most_blocks"]):
        raise TemplateError(
            f"Blocks at most is {given['max_blocks']}, above the limit of blocks ({given['most_blocks']}): "
            "lower the one or raise the other."
        )
    return given


def _user_schema(kind: str, given: Mapping[str, Value]) -> dict[str, Any]:
    """What users of the endpoint may ask for: their form, and what the endpoint checks."""
    names = list(_kind(kind)["options"])
    if given["allow_worker_init"]:
        names.append("worker_init")
    properties: dict[str, dict[str, Any]] = {}
    for name in names:
        field = _property(kind, name)
        if name in given:
            field["default"] = given[name]
        properties[name] = field
    properties["max_blocks"]["maximum"] = given["most_blocks"]
    return {
        "$schema": _SCHEMA,
        "type": "object",
        "title": f"fitgui on {title_of(kind)}",
        "properties": properties,
        "additionalProperties": False,
    }


def _key(given: Mapping[str, Value]) -> str:
    """By which an environment of workers is told from one with other packages."""
    parts = [str(given.get(name, "")) for name in ("python", "setup", "endpoint_package", "package")]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]


def _variables(text: str) -> str:
    lines = [line.strip().partition("=") for line in text.splitlines() if line.strip()]
    return "\n".join(f"{name}: {json.dumps(value)}" for name, _, value in lines)


def _kind(kind: str) -> Mapping[str, Any]:
    if kind not in KINDS:
        raise TemplateError(f"There is no template for {kind}: choose one of {', '.join(KINDS)}.")
    known: Mapping[str, Any] = json.loads(_text(kind, "kind.json"))
    return known


def _property(kind: str, name: str) -> dict[str, Any]:
    field = {**json.loads(_text("common", "properties.json"))[name], **_kind(kind)["changes"].get(name, {})}
    if name == "package":
        field["default"] = f"fitgui-backends=={__version__}"
    return field


def _include(name: str) -> str:
    return _text("common", name)


@cache
def _text(folder: str, name: str) -> str:
    return resource_path(f"endpoints/{folder}/{name}").read_text(encoding="utf-8")
