"""Tooltips of words that strangers wrote: Qt takes what looks like HTML for HTML."""

from __future__ import annotations

from html import escape

from PySide6.QtGui import Qt


def plain_tip(text: str) -> str:
    """What is to be given to Qt so that a tooltip shows ``text`` as it stands."""
    if not Qt.mightBeRichText(text):
        return text
    return f"<qt>{escape(text)}</qt>".replace("\n", "<br>")
