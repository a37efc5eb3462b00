"""Words of strangers on a terminal: names and errors may hold what it would obey."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with a question mark in the place of every control character."""
    return "".join(c if c.isprintable() else "?" for c in text)
