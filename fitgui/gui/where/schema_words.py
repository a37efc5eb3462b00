"""What is wrong with a value of a form, said plainly; no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fitgui_backends.forms import example_of

Schema = Mapping[str, Any]

TEXTS = {
    "minimum": "Must be {} or more",
    "maximum": "Must be {} or less",
    "exclusiveMinimum": "Must be more than {}",
    "exclusiveMaximum": "Must be less than {}",
    "multipleOf": "Must be a multiple of {}",
    "minLength": "Must have {} characters or more",
    "maxLength": "Must have {} characters or fewer",
    "pattern": "Does not have the expected form {}",
    "format": "Is not a valid {}",
}
KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "yes or no",
    "array": "a list, as [1, 2]",
    "object": 'an object, as {"name": 1}',
    "null": "nothing",
}


def problems_of(schema: Schema, values: Mapping[str, object]) -> dict[str, str]:
    """What is wrong, in words, by the name of the property; under ``""`` what belongs to none.

    A schema that is none has nothing to complain about: whoever takes the answers will refuse them in words.

    Args:
        schema: of an object.
        values: of its properties; what is not filled in is absent.
    """
    import jsonschema_rs  # noqa: PLC0415  (takes a tenth of a second to import)

    found: dict[str, str] = {}
    try:
        validator = jsonschema_rs.validator_for(dict(schema))
        errors = list(validator.iter_errors(_with_needed_defaults(schema, values)))
    except (ValueError, TypeError):
        return {}
    properties = schema.get("properties")
    fields = properties if isinstance(properties, Mapping) else {}
    for error in errors:
        keyword, limits = error.kind.name, error.kind.as_dict()
        path = [str(part) for part in error.instance_path]
        if keyword == "required" and not path:
            found.setdefault(str(limits["property"]), "This is needed")
        elif keyword == "additionalProperties" and not path:
            for name in limits["unexpected"]:
                found.setdefault(str(name), "There is no such option here")
        else:
            field = fields.get(path[0]) if len(path) == 1 else None
            example = example_of(field) if isinstance(field, Mapping) else ""
            found.setdefault(path[0] if path else "", sentence(keyword, limits, error.message, example))
    return found


def _with_needed_defaults(schema: Schema, values: Mapping[str, object]) -> dict[str, object]:
    """What must be there and has a default is filled in by whoever takes the answers."""
    properties, needed = schema.get("properties"), schema.get("required")
    if not isinstance(properties, Mapping) or not isinstance(needed, list):
        return dict(values)
    defaults = {
        name: properties[name]["default"]
        for name in needed
        if isinstance(properties.get(name), Mapping) and properties[name].get("default") not in (None, "")
    }
    return {**defaults, **values}


def sentence(keyword: str, limits: Mapping[str, Any], message: str, example: str = "") -> str:
    """What a keyword of a schema asks for, in words; the validator's own where it is a rare one.

    Args:
        keyword: as in the schema.
        limits: what jsonschema_rs says of it.
        message: the validator's.
        example: a value of the form that is asked for, where one is known: it says more than a pattern.
    """
    if keyword == "pattern" and example:
        return f"Does not have the form that is asked for, such as {example}"
    if keyword == "type":
        kinds = sorted(str(kind) for kind in limits["types"] if kind != "null")
        return f"Must be {' or '.join(KINDS.get(kind, kind) for kind in kinds)}"
    if keyword in ("enum", "const"):
        allowed = limits["options"] if keyword == "enum" else [limits["expected_value"]]
        texts = [str(value) for value in allowed if value != ""]
        return f"Must be {'one of ' if len(texts) > 1 else ''}{', '.join(texts)}"
    if keyword == "minLength" and limits["limit"] == 1:
        return "This is needed"
    text = TEXTS.get(keyword)
    if text is None:
        return message[:1].upper() + message[1:]
    return text.format(*(value for name, value in limits.items() if name not in ("name", "value")))
