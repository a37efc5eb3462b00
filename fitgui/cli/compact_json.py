"""JSON that a person can read, too: what fits into a line is written in one, and so is a row of numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

WIDTH: Final = 180
"""So long a line may be; a row of numbers is longer where it has to."""


def compact_json(document: Mapping[str, Any] | Sequence[Any], *, encoding: str = "utf-8") -> str:
    """A document, indented by one space for each level.

    Args:
        document: Of what JSON knows, with finite numbers and names as keys.
        encoding: Names are written as they are where it has their letters, else escaped.

    Raises:
        ValueError: if a number is not finite.
    """
    text = _written(document, 0, 0, ascii_only=False)
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return _written(document, 0, 0, ascii_only=True)
    return text


def _written(value: Any, level: int, before: int, *, ascii_only: bool) -> str:
    """A value ``level`` deep, in a line that has ``before`` characters already."""
    line = json.dumps(value, ensure_ascii=ascii_only, allow_nan=False)
    if before + len(line) < WIDTH or not isinstance(value, dict | list | tuple) or not value:
        return line
    if not isinstance(value, dict) and not any(isinstance(item, dict | list | tuple | str) for item in value):
        return line
    space = " " * (level + 1)
    items = []
    for key, item in value.items() if isinstance(value, dict) else ((None, item) for item in value):
        name = "" if key is None else f"{json.dumps(key, ensure_ascii=ascii_only)}: "
        start = f"{space}{name}"
        items.append(start + _written(item, level + 1, len(start), ascii_only=ascii_only))
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return "\n".join((opening, ",\n".join(items), " " * level + closing))
