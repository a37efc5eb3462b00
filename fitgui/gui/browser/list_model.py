"""The list's content: published likelihoods, kept files, headings, and the offer to ask HEPData."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from fitgui.gui.browser.plain import plain_tooltip
from fitgui.gui.browser.row_looks import RowLook, look_of_item, look_of_row
from fitgui.gui.store_states import DownloadState
from fitgui.pallets.library.item import LibraryItem

if TYPE_CHECKING:
    from fitgui.pallets.catalogue.shelf import Row

AnyIndex = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
LINE = Qt.ItemDataRole.UserRole + 1
"""The :class:`Line` of an index."""
LOOK = Qt.ItemDataRole.UserRole + 2
"""Its :class:`RowLook`."""


class Kind(Enum):
    """What a line of the list is."""

    ROW = auto()
    ITEM = auto()
    HEADING = auto()
    ACTION = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list."""

    kind: Kind
    key: str
    """Of the row, or the digest of the file; a name of its own for a heading or an action."""
    row: Row | None = None
    item: LibraryItem | None = None
    look: RowLook | None = None
    """Of a heading or an action; others are described when they are seen."""


class ListModel(QAbstractListModel):
    """Lines in the order in which they are shown; looks are made for the lines on screen only."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[Line] = ()
        self._place: dict[str, int] | None = None
        self.downloads: Mapping[str, DownloadState] = {}
        """How the getting of each row stands; a live mapping that the owner keeps up to date."""

    def show(self, lines: Sequence[Line]) -> None:
        """Other lines, or the same ones saying something else: then the view stays where it is."""
        if [line.key for line in lines] == [line.key for line in self._lines]:
            self._lines = lines
            if lines:
                self.dataChanged.emit(self.index(0), self.index(len(lines) - 1))
            return
        self.beginResetModel()
        self._lines, self._place = lines, None
        self.endResetModel()

    @property
    def lines(self) -> Sequence[Line]:
        """What is shown."""
        return self._lines

    def position(self, key: str) -> int | None:
        """Where the line of ``key`` is, if it is shown."""
        if self._place is None:
            self._place = {line.key: number for number, line in enumerate(self._lines)}
        return self._place.get(key)

    def changed(self, key: str) -> None:
        """The line of ``key`` says something else now."""
        place = self.position(key)
        if place is not None:
            index = self.index(place)
            self.dataChanged.emit(index, index)

    def rowCount(self, parent: AnyIndex = NO_INDEX) -> int:
        """Lines."""
        return 0 if parent.isValid() else len(self._lines)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Headings are passed by."""
        if not index.isValid() or self._lines[index.row()].kind is Kind.HEADING:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What the delegate paints, what a screen reader says."""
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        if role == LINE:
            return line
        if role == LOOK:
            return self.look(line)
        if role == Qt.ItemDataRole.DisplayRole:
            return self.look(line).name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.look(line).spoken.replace("\n", ", ")
        return plain_tooltip(self.look(line).spoken) if role == Qt.ItemDataRole.ToolTipRole else None

    def look(self, line: Line) -> RowLook:
        """The two lines of a line."""
        if line.look is not None:
            return line.look
        if line.item is not None:
            return look_of_item(line.item, line.row)
        if line.row is None:
            return RowLook(line.key)
        return look_of_row(line.row, self.downloads.get(line.key))
