"""The draft of one analysis with everything that was done to it, each step of which can be undone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from fitgui import words
from fitgui.gui.signal.drafting.blocks import with_error
from fitgui.gui.signal.drafting.draft import NAME, Cell, Column, Draft
from fitgui.reinterpretation.model import Target, Treatment

SCALING: Final = 1
"""The kind of edits by the slider (:meth:`QUndoCommand.id`): those in a row are merged into one."""


def entered(cell: Cell, text: str) -> dict[Cell, str]:
    """What a text fills that is typed into a cell: a yield may have its statistical uncertainty with it."""
    place, column = cell
    parts = with_error(text) if column is Column.SIGNAL else None
    if parts is None:
        return {cell: text}
    return {cell: parts[0], (place, Column.STATISTICAL): parts[1]}


class _Change(QUndoCommand):
    """From one draft to another."""

    def __init__(
        self, take: Callable[[Draft], None], before: Draft, after: Draft, text: str, kind: int = -1
    ) -> None:
        super().__init__(text)
        self._take, self._before, self._kind = take, before, kind
        self.after = after

    def redo(self) -> None:
        """Do it, also for the first time."""
        self._take(self.after)

    def undo(self) -> None:
        """As if it had not been done."""
        self._take(self._before)

    def id(self) -> int:
        """Commands of the same number may be merged; -1 never is."""
        return self._kind

    def mergeWith(self, other: QUndoCommand) -> bool:
        """One more of the same kind is part of this one."""
        if not isinstance(other, _Change):
            return False
        self.after = other.after
        return True


class Sheet(QObject):
    """The draft of an analysis, in the GUI thread."""

    changed = Signal()
    """The draft, or what is being typed right now, is another one."""
    steps_changed = Signal()
    """Something else would be undone, or done again; the stack knows of a step only after it was done."""

    def __init__(self, draft: Draft | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.draft = Draft() if draft is None else draft
        """As it was entered; changed by the methods here only."""
        self.stack = QUndoStack(self)
        self.stack.undoTextChanged.connect(self.steps_changed)
        self.stack.redoTextChanged.connect(self.steps_changed)
        self.stack.indexChanged.connect(self.steps_changed)
        self._typing: Draft | None = None

    @property
    def live(self) -> Draft:
        """With what stands in a cell that is being edited: what charts and answers follow."""
        return self.draft if self._typing is None else self._typing

    def preview(self, cell: Cell, text: str) -> None:
        """A cell is being edited, and reads so now; Escape takes that back."""
        self._typing = self.draft.typed(entered(cell, text))
        self.changed.emit()

    def end_preview(self) -> None:
        """The cell is left; what was entered is an edit of its own."""
        if self._typing is not None:
            self._typing = None
            self.changed.emit()

    def enter(self, cell: Cell, text: str, told: str) -> None:
        """Type a text into a cell; ``told`` names the cell."""
        self._push(self.draft.typed(entered(cell, text)), f"typing {text.strip() or 'nothing'} into {told}")

    def fill(self, cells: Mapping[Cell, str], text: str) -> None:
        """Change several cells at once; ``text`` is what an undo is called."""
        self._push(self.draft.typed(cells), text)

    def paste(self, cells: Mapping[Cell, str], target: Target) -> None:
        """Fill cells with what was copied elsewhere; see :meth:`.Draft.pasted`."""
        self._push(self.draft.pasted(cells, target), f"pasting {words.count(len(cells), 'cell')}")

    def treat(self, channel: str, treatment: Treatment | None) -> None:
        """Choose what becomes of a channel without yields."""
        self._push(self.draft.treated(channel, treatment), f"the choice for {channel}")

    def rescale(self, factor: float) -> None:
        """Multiply the signal by another factor; many of these in a row are one edit."""
        self._push(self.draft.rescaled(factor), "scaling", SCALING)

    def use_luminosity(self, *, on: bool) -> None:
        """Whether the uncertainty of the luminosity applies to the signal."""
        word = "with" if on else "without"
        self._push(replace(self.draft, with_luminosity=on), f"{word} luminosity uncertainty")

    def confirm(self, codes: Collection[str]) -> None:
        """What was noticed is right: fit the signal as it is."""
        self._push(replace(self.draft, confirmed=self.draft.confirmed | set(codes)), "the confirmation")

    def clear(self) -> None:
        """Begin anew."""
        self._push(Draft(), "clearing all")

    def put(self, draft: Draft) -> None:
        """Show another signal."""
        self._push(draft, f"filling in {draft.name}" if draft.name != NAME else "filling in yields")

    def _push(self, after: Draft, text: str, kind: int = -1) -> None:
        self._typing = None
        if after == self.draft:
            self.changed.emit()
            return
        self.stack.push(_Change(self._take, self.draft, after, text, kind))

    def _take(self, draft: Draft) -> None:
        self.draft, self._typing = draft, None
        self.changed.emit()
