"""Texts of strangers as they are, whatever they look like."""

from __future__ import annotations

from html import escape


def plain_tooltip(text: str) -> str:
    """A tooltip that says exactly this: Qt would take anything that looks like HTML for it."""
    if "<" not in text:
        return text
    return f"<span>{escape(text).replace(chr(10), '<br>')}</span>"
