"""Validation of a workspace against pyhf's own schema files, with pyhf's verdicts and in milliseconds.

pyhf itself is not imported (that takes a second or two): its schema files are read from where it is
installed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema_rs

from fitgui_backends.histfactory.errors import HistFactoryError

SCHEMA_VERSION = "1.0.0"
MODIFIER_TYPES = ("histosys", "lumi", "normfactor", "normsys", "shapefactor", "shapesys", "staterror")
_BASE = f"https://scikit-hep.org/pyhf/schemas/{SCHEMA_VERSION}/"
_LONGEST = 160


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
        modifier = error.instance
        kind = modifier.get("type") if isinstance(modifier, dict) else None
        if not isinstance(modifier, dict):
            reason = "a modifier must be an object with name, type and data"
        elif kind in MODIFIER_TYPES:
            inner = next(_validator(f"modifier/{kind}").iter_errors(modifier), None)
            if inner is not None:
                path += inner.instance_path
                reason = inner.message
        elif kind is None:
            reason = "a modifier must say its type"
        else:
            reason = f"{_short(kind)} is no type of modifier; the types are {', '.join(MODIFIER_TYPES)}"
    reason = reason.replace('of types "boolean", "number"', "a number")
    return f"{place_in_words(document, path)}: {_short(reason)}"


def place_in_words(document: object, path: Sequence[str | int]) -> str:
    """Describe a place in a workspace by the names that stand on the way to it.

    Args:
        document: The workspace, which may be broken.
        path: Keys and indices from the root.

    Returns:
        Such as ``channel "SR", sample "ttbar", modifier "JES", data/hi``; ``the document`` for the root.
    """
    words: list[str] = []
    rest: list[str] = []
    value: Any = document
    previous: str | int = ""
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            value = None
        if isinstance(part, int) and isinstance(previous, str) and previous in _SINGULAR:
            name = value.get("name") if isinstance(value, dict) else None
            words.append(
                f"{_SINGULAR[previous]} " + (f'"{_short(name)}"' if isinstance(name, str) else str(part + 1))
            )
            rest = []
        else:
            rest.append(str(part))
        previous = part
    if rest:
        words.append(_short("/".join(rest)))
    return ", ".join(words) or "the document"


_SINGULAR = {
    "channels": "channel",
    "samples": "sample",
    "modifiers": "modifier",
    "observations": "observation",
    "measurements": "measurement",
    "parameters": "parameter",
}


def _short(text: object) -> str:
    shown = "".join(letter if letter.isprintable() else " " for letter in str(text)[: _LONGEST + 1])
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"
