"""Words of strangers on a terminal: names and errors may hold what it would obey."""

from __future__ import annotations

from fitgui.signs import is_harmless


def printable(text: str) -> str:
    """The text with a question mark in the place of every control character, and spaces of one kind."""
    return "".join(" " if c.isspace() and is_harmless(c) else c if c.isprintable() else "?" for c in text)
