"""Where in a workspace something is wrong, in words; whoever validates it.

This module travels: it imports nothing but the standard library.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MODIFIER_TYPES = ("histosys", "lumi", "normfactor", "normsys", "shapefactor", "shapesys", "staterror")
_LONGEST = 160


def wrong_modifier(modifier: object) -> str:
    """Why something is no modifier; empty where only what belongs to its type is wrong."""
    if not isinstance(modifier, dict):
        return "a modifier must be an object with name, type and data"
    kind = modifier.get("type")
    if kind is None:
        return "a modifier must say its type"
    if kind not in MODIFIER_TYPES:
        return f"{short(kind)} is no type of modifier; the types are {', '.join(MODIFIER_TYPES)}"
    return ""


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
                f"{_SINGULAR[previous]} " + (f'"{short(name)}"' if isinstance(name, str) else str(part + 1))
            )
            rest = []
        else:
            rest.append(str(part))
        previous = part
    if rest:
        words.append(short("/".join(rest)))
    return ", ".join(words) or "the document"


_SINGULAR = {
    "channels": "channel",
    "samples": "sample",
    "modifiers": "modifier",
    "observations": "observation",
    "measurements": "measurement",
    "parameters": "parameter",
}


def short(text: object) -> str:
    """The text, printable and cut to what a sentence can hold."""
    shown = "".join(letter if letter.isprintable() else " " for letter in str(text)[: _LONGEST + 1])
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"
