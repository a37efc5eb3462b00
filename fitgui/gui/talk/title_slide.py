"""The first screen: what was fitted, how many hypotheses, where."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from fitgui.gui.talk.slide import Slide
from fitgui.gui.talk.subject import Subject
from fitgui.gui.talk.type import BODY, GAP, HUGE, LARGE, SMALL
from fitgui.gui.theme import Theme

Fact = tuple[str, str]
"""A number, and what it counts."""


class TitleSlide(Slide):
    """The analysis and three numbers.

    Args:
        look: colours.
        subject: what was fitted.
        facts: two to four numbers and what they count.
        footer: what the audience must know beside: when that was.
    """

    def __init__(self, look: Theme, subject: Subject, facts: Sequence[Fact], footer: str) -> None:
        super().__init__(look, f"{subject.title}: what is fitted")
        self._footer = footer
        column = QVBoxLayout(self)
        self._spaced(column, 0.6 * GAP, framed=True)
        column.addStretch(2)
        title = self._line(HUGE, look.text, bold=True)
        title.show_text(subject.title)
        column.addWidget(title)
        if subject.summary:
            summary = self._paragraph(BODY + 3, look.text)
            summary.setText(subject.summary)
            column.addWidget(summary)
        reference = self._line(BODY - 1, look.muted)
        reference.show_text(subject.reference)
        column.addWidget(reference)
        column.addStretch(2)
        row = QHBoxLayout()
        self._spaced(row, 2 * GAP)
        for number, meaning in facts:
            cell = QVBoxLayout()
            self._spaced(cell, 0)
            large = self._line(LARGE, look.accent, bold=True)
            large.show_text(number)
            small = self._line(SMALL + 3, look.text)
            small.show_text(meaning)
            cell.addWidget(large)
            cell.addWidget(small)
            row.addLayout(cell, stretch=1)
        column.addLayout(row)
        column.addStretch(2)
        self.setAccessibleDescription("; ".join(f"{number} {meaning}" for number, meaning in facts))

    @property
    def footer(self) -> str:
        """When that was."""
        return self._footer
