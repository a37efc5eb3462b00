"""What a report consists of, whatever file it becomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fitgui.figures.style import Sheet
from fitgui.signs import is_harmless

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """Sentences, one below the other."""

    lines: tuple[str, ...]
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is called what: label and value."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marked: frozenset[int] = frozenset()
    """Rows whose numbers are not to be used as they are."""
    words: int = 1
    """How many of the columns hold words: from the left; the last one does, too."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure."""

    draw: Callable[[Sheet], Figure]
    caption: str


@dataclass(frozen=True, slots=True)
class Code:
    """Text whose lines and blanks matter."""

    text: str


Block = Heading | Paragraphs | Facts | Table | Picture | Code


@dataclass(frozen=True, slots=True)
class Report:
    """A report."""

    title: str
    subtitle: str
    blocks: Sequence[Block]


def legible(text: str) -> str:
    """A stranger's text without what rules a terminal or breaks XML: such signs become question marks."""
    return "".join(sign if is_harmless(sign) or sign == "\n" else "?" for sign in text)
