"""Text in figures: mathematics of ours, and names of strangers that are never taken for mathematics."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

MOST_LETTERS = 44
"""Of a name of a stranger's within a figure."""


@dataclass(frozen=True, slots=True)
class Text:
    """What stands somewhere in a figure."""

    words: str
    mathematics: bool = False
    """Whether dollar signs enclose mathematics; of a stranger's name they never do."""


def plain(text: str, most: int = MOST_LETTERS) -> Text:
    """A stranger's text: one line, no longer than ``most`` letters, with signs that can be drawn only."""
    return Text(shortened(drawable(text), most))


def shortened(text: str, most: int) -> str:
    """The text, with an ellipsis in its middle where it is too long."""
    if len(text) <= most:
        return text
    front = (most - 1 + 1) // 2
    return f"{text[:front].rstrip()}…{text[len(text) - (most - 1 - front) :].lstrip()}"


def drawable(text: str) -> str:
    """The text in one line, with a question mark for each sign that no font at hand has."""
    known = _signs()
    return "".join(
        sign if sign == " " or (sign.isprintable() and ord(sign) in known) else "?"
        for sign in " ".join(text.split())
    )


@cache
def _signs() -> frozenset[int]:
    """What the font of last resort can draw."""
    from matplotlib.font_manager import fontManager, get_font  # noqa: PLC0415

    return frozenset(get_font(fontManager.findfont("DejaVu Sans")).get_charmap())
