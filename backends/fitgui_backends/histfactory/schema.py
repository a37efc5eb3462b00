"""Validation of a workspace against pyhf's own schema files, with pyhf's verdicts and in milliseconds.

pyhf itself is not imported (that takes a second or two): its schema files are read from where it is
installed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema_rs

from fitgui_backends.histfactory.errors import HistFactoryError
from fitgui_backends.histfactory.places import place_in_words, short, wrong_modifier

SCHEMA_VERSION = "1.0.0"
_BASE = f"https://scikit-hep.org/pyhf/schemas/{SCHEMA_VERSION}/"


def validate_workspace(document: object) -> None:
    """Check a workspace against pyhf's ``workspace.json``.

    The verdict is that of ``pyhf.schema.validate(document, "workspace.json")``.

    Args:
        document: What was read from JSON.

    Raises:
        HistFactoryError: if it does not match; the sentence names the place, by channel, sample and modifier
            where it can, and the reason.
    """
    try:
        error = next(_validator("workspace").iter_errors(document), None)
    except (
        ValueError,
        RecursionError,
    ) as problem:  # a lone surrogate, a key that is no text, endless nesting
        raise HistFactoryError("the document holds something that JSON cannot express") from problem
    if error is not None:
        raise HistFactoryError(_sentence(document, error))


@lru_cache(maxsize=1)
def _schema_files() -> Mapping[str, Any]:
    spec = find_spec("pyhf")
    if spec is None or not spec.submodule_search_locations:
        raise HistFactoryError("pyhf is not installed, and its schema is needed to check a workspace")
    folder = Path(next(iter(spec.submodule_search_locations))) / "schemas" / SCHEMA_VERSION
    return {
        _BASE + path.name: _with_pyhf_numbers(json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*.json"))
    }


def _with_pyhf_numbers(schema: Any) -> Any:
    """Let a number be a boolean, as pyhf does: its type check asks for ``numbers.Number``."""
    if isinstance(schema, dict):
        return {
            key: ["number", "boolean"] if key == "type" and value == "number" else _with_pyhf_numbers(value)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [_with_pyhf_numbers(item) for item in schema]
    return schema


@lru_cache(maxsize=16)
def _validator(definition: str) -> jsonschema_rs.Draft6Validator:
    registry = jsonschema_rs.Registry(list(_schema_files().items()), draft=jsonschema_rs.Draft6)
    return jsonschema_rs.Draft6Validator(
        {"$ref": f"{_BASE}defs.json#/definitions/{definition}"}, registry=registry
    )


def _sentence(document: object, error: jsonschema_rs.ValidationError) -> str:
    path = list(error.instance_path)
    reason = error.message
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.AnyOf):  # only modifiers are a choice
        modifier: Any = error.instance
        reason = wrong_modifier(modifier)
        if not reason:
            inner = next(_validator(f"modifier/{modifier['type']}").iter_errors(modifier), None)
            reason = error.message if inner is None else inner.message
            path += [] if inner is None else inner.instance_path
    reason = reason.replace('of types "boolean", "number"', "a number")
    return f"{place_in_words(document, path)}: {short(reason)}"
