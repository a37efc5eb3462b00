"""What tables of one's own signals have in common: rows, titled columns, numbers at the right."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, Qt

from fitgui.gui.points_model import Index

RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_NOTHING: Final[Index | None] = None


class PlainModel(QAbstractTableModel):
    """A table whose subclasses say how many rows there are, how columns are called, and what is in them."""

    def row_number(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def titles(self) -> Sequence[str]:
        """Of the columns."""
        raise NotImplementedError

    def numbers(self) -> Collection[int]:
        """The columns that hold numbers."""
        return ()

    def explanation_of(self, column: int) -> str | None:
        """What a title means, where it needs that."""
        return None

    def rowCount(self, parent: Index | None = _NOTHING) -> int:
        """As Qt asks."""
        return 0 if parent is not None and parent.isValid() else self.row_number()

    def columnCount(self, parent: Index | None = _NOTHING) -> int:
        """As Qt asks."""
        return 0 if parent is not None and parent.isValid() else len(self.titles())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """As Qt asks."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(section)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.explanation_of(section)
        return self.titles()[section] if role == Qt.ItemDataRole.DisplayRole else None

    def alignment(self, column: int) -> Qt.AlignmentFlag:
        """Of a column and its title."""
        return RIGHT if column in self.numbers() else LEFT

    def all_changed(self) -> None:
        """Tell that all cells have other contents."""
        if self.row_number():
            last = self.index(self.row_number() - 1, len(self.titles()) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
