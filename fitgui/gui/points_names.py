"""Names of points where there is little room: without what all of them have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import takewhile

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from fitgui.gui.points_model import Index

LEFT_OUT = "…"
WORTH_IT = 2
"""Characters: leaving out fewer saves nothing."""


def common_ends(names: Sequence[str]) -> tuple[int, int]:
    """How many characters all names have in common at their beginning, and at their end.

    Words and numbers stay whole: ``DS_100_1_Staus`` and ``DS_120_1_Staus`` begin with ``DS_``. What is left
    of each name is never empty; a single name has nothing in common with others.
    """
    if len(names) < WORTH_IT:
        return 0, 0
    first = _common_start(names)
    last = _common_start([name[first:][::-1] for name in names])
    return first, last


def _common_start(names: Sequence[str]) -> int:
    lowest, highest = min(names), max(names)  # all others begin with what these two begin with
    equal = takewhile(lambda pair: pair[0] == pair[1], zip(lowest, highest, strict=False))
    start = lowest[: sum(1 for _pair in equal)]
    following = {name[len(start) : len(start) + 1] for name in names}
    if "" in following:  # nothing would be left of this name
        return 0
    if any(character.isdigit() or character == "." for character in following):
        start = re.sub(r"[-+]?[\d.]*$", "", start)
    if any(character.isalpha() for character in following):
        start = re.sub(r"[^\W\d_]*$", "", start)
    return len(start) if len(start) >= WORTH_IT else 0


class NamesDelegate(QStyledItemDelegate):
    """Names that do not fit lose what they have in common, not what tells them apart."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ways: list[tuple[int, tuple[int, int]]] = []
        """From whole names to the shortest: pixels of the widest, and what is left out at both ends."""

    def show_names(self, names: Sequence[str], width: Callable[[str], int]) -> None:
        """Learn what these names have in common; ``width`` measures a cell with such a text, in pixels."""
        first, last = common_ends(names)
        one = (0, last) if last >= first else (first, 0)
        ways = sorted({(0, 0), one, (first, last)}, key=sum)
        # Measuring all of thousands takes long; the longest by far are among the widest.
        longest = sorted(names, key=len)[-200:]
        self._ways = [
            (max((width(shortened(name, way)) for name in longest), default=0), way) for way in ways
        ]

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """As Qt asks."""
        super().initStyleOption(option, index)
        option.text = self.text(option.text, option.rect.width())

    def text(self, name: str, width: int) -> str:
        """What a cell of this width shows: all names are shortened in the same way."""
        for needed, way in self._ways:
            if needed <= width:
                return shortened(name, way)
        return shortened(name, self._ways[-1][1]) if self._ways else name


def shortened(name: str, ends: tuple[int, int]) -> str:
    """A name without so many characters at its beginning and its end, with a sign for them."""
    first, last = ends
    return f"{LEFT_OUT * bool(first)}{name[first : len(name) - last]}{LEFT_OUT * bool(last)}"
