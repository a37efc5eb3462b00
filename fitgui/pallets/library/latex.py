"""Text as LaTeX takes it: mathematics stays as it is, everything else is escaped."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

_PIECES = re.compile(r"(\$\$.*?(?<!\\)\$\$|\$.*?(?<!\\)\$|\\\(.*?\\\)|\\\[.*?\\\])", re.DOTALL)
_SPECIAL = re.compile(r"(?<!\\)([&%#_])")
_COMMENT = re.compile(r"(?<!\\)([%#])")
_LONE_DOLLAR = re.compile(r"(?<!\\)\$")
_BACKSLASH_AT_END = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
_HAT_OUTSIDE = re.compile(r"(?<!\\)\^")


def latex(text: str) -> str:
    """A title or a name for a document.

    Args:
        text: As HEPData or INSPIRE has it: Unicode, with mathematics and commands of LaTeX in it.

    Returns:
        ASCII as far as LaTeX has a word for a sign, without line breaks and quotation marks, with as many
        closing braces as opening ones: it may stand between braces or quotation marks in BibTeX.
    """
    pieces = _PIECES.split(" ".join(text.split()))
    # Every second piece is what the pattern caught: mathematics.
    escaped = (_COMMENT.sub(r"\\\1", p) if place % 2 else _escaped(p) for place, p in enumerate(pieces))
    encoded = _encoder().unicode_to_latex("".join(escaped))
    return _balanced(_BACKSLASH_AT_END.sub("", encoded)).strip()


def _escaped(text: str) -> str:
    text = _SPECIAL.sub(r"\\\1", text)
    text = _LONE_DOLLAR.sub(r"\\$", text)
    return _HAT_OUTSIDE.sub(r"\\^{}", text).replace('"', "''")


def _balanced(text: str) -> str:
    """Without braces that have no partner; BibTeX counts them all, whatever stands before them."""
    kept: list[str] = []
    opened: list[int] = []
    for letter in text:
        if letter == "{":
            opened.append(len(kept))
        elif letter == "}":
            if not opened:
                continue
            opened.pop()
        kept.append(letter)
    for place in reversed(opened):
        del kept[place]
    return "".join(kept)


@cache
def _encoder() -> UnicodeToLatexEncoder:
    from pylatexenc.latexencode import UnicodeToLatexEncoder  # noqa: PLC0415 -- its tables are large

    return UnicodeToLatexEncoder(
        non_ascii_only=True,
        replacement_latex_protection="braces-all",
        unknown_char_policy="keep",
        unknown_char_warning=False,
    )
