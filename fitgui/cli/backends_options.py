"""The options of a place, as they are typed: ``max_blocks=4``, by the form (a JSON schema) of the place."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from fitgui.cli.errors import CommandUsageError, unknown
from fitgui.runs.clusters import OptionValue
from fitgui_backends.forms import example_of

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")
_ORDER = ("boolean", "integer", "number", "string")
"""A value that several types would take is tried as these, one after the other."""


@dataclass(frozen=True, slots=True)
class FormLine:
    """One option of a form, in words."""

    name: str
    kind: str
    """``text``, ``whole number``, ``number``, ``yes or no``, or the values to choose from."""
    default: OptionValue | None
    value: OptionValue | None
    """What is saved; ``None`` if nothing is."""
    required: bool
    description: str


def split_settings(given: Sequence[str]) -> dict[str, str]:
    """``["max_blocks=4", "account="]`` by name; the last one of a name counts.

    Raises:
        CommandUsageError: if one of them is no ``name=value``.
    """
    found: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise CommandUsageError(f"--set {text} says nothing: write it as name=value, as in max_blocks=4")
        found[name.strip()] = value.strip()
    return found


def fill_form(
    form: Mapping[str, Any], before: Mapping[str, OptionValue], given: Mapping[str, str], place: str
) -> dict[str, OptionValue]:
    """The options of a place: those from before, with what was typed instead.

    Args:
        form: JSON schema of an object with ``properties``.
        before: what is saved.
        given: by name, as typed; an empty value takes an option away.
        place: for sentences.

    Raises:
        CommandUsageError: if the form refuses them; one sentence about the first that it refuses.
    """
    properties = _properties(form)
    options = dict(before)
    for name, text in given.items():
        if name not in properties and not _takes_others(form) and (text or name not in options):
            raise unknown("option", name, properties, where=f" of {place}")
        if text:
            options[name] = _converted(name, text, properties.get(name, {}), place)
        else:
            options.pop(name, None)
    check_form(form, options, place)
    return options


def check_form(form: Mapping[str, Any], options: Mapping[str, OptionValue], place: str) -> None:
    """Let the form of a place look at options.

    Raises:
        CommandUsageError: if it refuses them; one sentence about the first that it refuses.
    """
    for name in options:
        if name not in _properties(form) and not _takes_others(form):
            raise CommandUsageError(
                f"the saved option {name} is unknown to {place} now: take it away with --set {name}="
            )
    try:
        validator = jsonschema_rs.validator_for(dict(form))
    except (ValueError, jsonschema_rs.ReferencingError):
        return  # the form itself is no schema: whoever wrote it has to see to it, the service decides
    for error in validator.iter_errors(dict(options)):
        raise CommandUsageError(_sentence(error, form, place))


def form_lines(form: Mapping[str, Any], saved: Mapping[str, OptionValue]) -> list[FormLine]:
    """Every option of a form, and those that are saved without being in it."""
    required = form.get("required") or ()
    lines = [
        FormLine(
            name=name,
            kind=_kind(entry),
            default=_plain(entry.get("default")),
            value=saved.get(name),
            required=name in required,
            description=" ".join(str(entry.get("description") or entry.get("title") or "").split()),
        )
        for name, entry in _properties(form).items()
    ]
    known = {line.name for line in lines}
    lines += [
        FormLine(name, "", None, value, required=False, description="")
        for name, value in saved.items()
        if name not in known
    ]
    return lines


def typed(value: OptionValue) -> str:
    """A value as one would type it."""
    return value if isinstance(value, str) else json.dumps(value)


def _properties(form: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found = form.get("properties")
    entries = found.items() if isinstance(found, Mapping) else ()
    return {str(name): dict(entry) if isinstance(entry, Mapping) else {} for name, entry in entries}


def _takes_others(form: Mapping[str, Any]) -> bool:
    """Whether the form takes options that it does not name.

    By the letter of JSON schema it does unless it says no. But a name that it does not know is a slip nearly
    always, and the endpoint would ignore it, so here it does only if it says yes.
    """
    return form.get("additionalProperties", False) is not False or not _properties(form)


def _converted(name: str, text: str, entry: Mapping[str, Any], place: str) -> OptionValue:
    kinds = _kinds(entry)
    for kind in (kind for kind in _ORDER if kind in kinds):
        value = _as(kind, text)
        if value is not None:
            return value
    if not kinds:
        return next(value for kind in _ORDER[1:] if (value := _as(kind, text)) is not None)
    if not kinds & set(_ORDER):
        raise CommandUsageError(f"option {name} of {place} is no single value, so it cannot be set here")
    raise CommandUsageError(f"option {name} of {place}: {text} is no {_kind(entry)}")


def _as(kind: str, text: str) -> OptionValue | None:
    if kind == "boolean":
        return text.casefold() in _TRUE if text.casefold() in _TRUE + _FALSE else None
    if kind == "string":
        return text
    try:
        value = int(text) if kind == "integer" else float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _kinds(entry: Mapping[str, Any]) -> set[str]:
    """The types of JSON that an option may have; empty if the form does not say."""
    named = entry.get("type")
    kinds = {named} if isinstance(named, str) else set(named or ())
    for key in ("anyOf", "oneOf"):
        for choice in entry.get(key) or ():
            if isinstance(choice, Mapping):
                kinds |= _kinds(choice)
    for value in entry.get("enum") or ():
        kinds.add(_json_kind(value))
    return kinds - {"null"}


def _json_kind(value: object) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case _:
            return "null"


def _kind(entry: Mapping[str, Any]) -> str:
    """The type in words."""
    if entry.get("enum"):
        return "one of " + ", ".join(typed(value) for value in entry["enum"] if value is not None)
    words = {"boolean": "yes or no", "integer": "whole number", "number": "number", "string": "text"}
    kinds = _kinds(entry)
    return " or ".join(words[kind] for kind in _ORDER if kind in kinds) or ("text" if not kinds else "list")


def _plain(value: object) -> OptionValue | None:
    return value if isinstance(value, str | int | float | bool) else None


def _sentence(error: jsonschema_rs.ValidationError, form: Mapping[str, Any], place: str) -> str:
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
        name = str(error.kind.property)
        about = _properties(form).get(name, {})
        what = " ".join(str(about.get("description") or about.get("title") or "").split())
        return f"{place} needs the option {name}" + (f" ({what})" if what else "") + f": --set {name}=VALUE"
    if not error.instance_path:
        return f"the options of {place} do not fit together: {error.message}"
    name = str(error.instance_path[0])
    entry = _properties(form).get(name, {})
    title = " ".join(str(entry.get("description") or entry.get("title") or "").split()).rstrip(".")
    message, example = error.message, example_of(entry)
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Pattern) and example:
        message = f"{error.instance} does not have the form that is asked for, such as {example}"
    return f"option {name} of {place}: {message}" + (f" ({title})" if title else "")
