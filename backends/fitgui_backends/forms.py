"""Answers to a form that a JSON schema describes: completed, converted, or refused in one sentence.

A form is an object with flat ``properties``; of the vocabulary of JSON Schema it uses ``type``, ``title``,
``description``, ``default``, ``enum``, ``pattern``, ``minimum``, ``maximum``, ``examples`` and ``required``.
A ``format`` of ``multiline`` tells whoever shows it that a text may have several lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

Value = str | int | float | bool

_YES = ("true", "yes", "on", "1")
_NO = ("false", "no", "off", "0")


class FormError(ValueError):
    """An answer cannot be taken; the text is one sentence for the user.

    Attributes:
        field: The name of the property, or empty.
    """

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


def complete(schema: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Value]:
    """The answers to a form, with defaults where nothing was answered; without what stays empty.

    Args:
        schema: Of the form.
        given: Answers by name, typed or as text (``"4"``, ``"yes"``); empty ones count as not given.

    Raises:
        FormError: for the first answer that is unknown, missing or does not fit.
    """
    properties: Mapping[str, Mapping[str, Any]] = schema["properties"]
    for name in given:
        if name not in properties:
            near = get_close_matches(name, properties, n=1)
            hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(properties)}."
            raise FormError(f"There is no option {name}: {hint}", name)
    answers: dict[str, Value] = {}
    for name, field in properties.items():
        value = given.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            value = field.get("default", "")
            if value == "" and name in schema.get("required", ()):
                raise FormError(f"{title_of(name, field)} is missing: {_wish(field)}.", name)
        if value != "":
            answers[name] = _checked(name, field, value)
    return answers


def title_of(name: str, field: Mapping[str, Any]) -> str:
    """What people call a property."""
    return str(field.get("title", name))


def example_of(field: Mapping[str, Any]) -> str:
    """A text of the form that a property asks for, an example or its default; empty where none is known."""
    examples = field.get("examples")
    for known in (*(examples if isinstance(examples, list | tuple) else ()), field.get("default")):
        if isinstance(known, str) and known.strip() and "\n" not in known:
            return known
    return ""


def _checked(name: str, field: Mapping[str, Any], value: Any) -> Value:
    title = title_of(name, field)
    try:
        typed = _convert(field.get("type", "string"), value)
    except ValueError:
        raise FormError(f"{title} is {_short(value)}, which does not fit: {_wish(field)}.", name) from None
    choices = field.get("enum")
    fits = choices is None or typed in choices
    if isinstance(typed, str):
        fits = fits and _is_safe(typed, multiline=field.get("format") == "multiline")
        fits = fits and re.search(field.get("pattern", ""), typed) is not None
    elif not isinstance(typed, bool):
        fits = fits and field.get("minimum", typed) <= typed <= field.get("maximum", typed)
    if not fits:
        raise FormError(f"{title} is {_short(value)}, which does not fit: {_wish(field)}.", name)
    return typed


def _convert(kind: str, value: Any) -> Value:
    match kind:
        case "string" if isinstance(value, str):
            return value.strip() if "\n" not in value else value.rstrip()
        case "string" if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        case "boolean" if isinstance(value, bool):
            return value
        case "boolean" if isinstance(value, str) and value.strip().lower() in _YES + _NO:
            return value.strip().lower() in _YES
        case "integer" | "number" if not isinstance(value, bool):
            number = float(value)
            if kind == "number":
                return number
            if number.is_integer():
                return int(number)
    raise ValueError(kind)


def _is_safe(text: str, *, multiline: bool) -> bool:
    """Whether it stays on its line in a script: a line of its own could be an order of its own."""
    return all(c.isprintable() or (multiline and c in "\n\t") for c in text)


def _short(value: Any) -> str:
    text = str(value)
    if not isinstance(value, str):
        return text
    return repr(text if len(text) <= 40 else text[:37] + "...")


def _wish(field: Mapping[str, Any]) -> str:
    """What is wanted, for the end of a sentence."""
    if "enum" in field:
        return "choose one of " + ", ".join(str(choice) for choice in field["enum"] if choice != "")
    low, high = field.get("minimum"), field.get("maximum")
    kind = field.get("type", "string")
    if kind == "boolean":
        return "answer yes or no"
    if kind in ("integer", "number"):
        what = "a whole number" if kind == "integer" else "a number"
        if low is not None and high is not None:
            return f"give {what} from {low} to {high}"
        return f"give {what}" + (f" of {low} or more" if low is not None else "")
    return _wish_for_text(field)


def _wish_for_text(field: Mapping[str, Any]) -> str:
    example = example_of(field)
    if example and ("pattern" in field or field.get("examples")):
        return f"write it as {example}"
    if "pattern" in field and field.get("description"):  # better than a regular expression
        return str(field["description"]).rstrip(".")
    return "write one line of plain text" if field.get("format") != "multiline" else "write plain text"
