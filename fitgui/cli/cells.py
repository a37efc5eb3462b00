"""Text for a terminal that shows tables and colours."""

from __future__ import annotations

from rich.text import Text

from fitgui.cli.plain import printable


def cell(text: str, style: str = "") -> Text:
    """A text in one style, without markup and control characters; its lines stay lines."""
    return Text("\n".join(printable(line) for line in text.split("\n")), style=style)
