"""The bars as a list: what is said of each, and whether it is drawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from fitgui.gui.appearance import TOOLTIP_WIDTH
from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.walltime.log_axis import LogAxis
from fitgui.runs.wall_bars import BarKind, WallBar

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole + 1
_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class BarRow:
    """A bar with how it is drawn."""

    bar: WallBar
    colour: str
    ticked: bool
    can_tick: bool


class BarsModel(QAbstractListModel):
    """Bars in their order; earlier runs and published values can be ticked on and off."""

    ticks_changed = Signal()
    """The user ticked a bar on or off."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[BarRow] = []
        self.axis = LogAxis(-1, 3)

    def show_bars(self, bars: Sequence[WallBar], colours: Mapping[str, str], hidden: Collection[str]) -> None:
        """Show these; ``hidden`` are the keys of those that are not ticked."""
        rows = [
            BarRow(
                bar,
                colours.get(bar.key, ""),
                bar.key not in hidden,
                bar.kind in (BarKind.RUN, BarKind.PUBLISHED),
            )
            for bar in bars
        ]
        if [row.bar.key for row in rows] != [row.bar.key for row in self.rows]:
            self.beginResetModel()
            self._take(rows)
            self.endResetModel()
        elif rows != self.rows:
            changed = [n for n, (old, new) in enumerate(zip(self.rows, rows, strict=True)) if old != new]
            self._take(rows)
            self.dataChanged.emit(self.index(changed[0]), self.index(changed[-1]))

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """How many bars."""
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """All can be chosen, some ticked."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.isValid() and self.rows[index.row()].can_tick:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Words for people and screen readers; the row itself for the painter."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        bar = row.bar
        said = [text for text in (bar.label, bar.detail, bar.value) if text]
        found: object = None
        if role == ROW:
            found = row
        elif role == Qt.ItemDataRole.DisplayRole:
            found = bar.label
        elif role == Qt.ItemDataRole.AccessibleTextRole:
            found = ", ".join(said)
        elif role == Qt.ItemDataRole.ToolTipRole:
            found = plain_tip("\n".join([*said, *wrap(bar.explanation, TOOLTIP_WIDTH)]))
        elif role == Qt.ItemDataRole.CheckStateRole and row.can_tick:
            found = Qt.CheckState.Checked if row.ticked else Qt.CheckState.Unchecked
        return found

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tick a bar on or off."""
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        number = index.row()
        row = self.rows[number]
        if not row.can_tick:
            return False
        ticked = Qt.CheckState(value) is Qt.CheckState.Checked
        rows = self.rows.copy()
        rows[number] = replace(row, ticked=ticked)
        self._take(rows)
        self.dataChanged.emit(self.index(number), self.index(number))
        self.ticks_changed.emit()
        return True

    def _take(self, rows: list[BarRow]) -> None:
        """The axis holds all that are ticked; what still grows does not make it jump while it is short."""
        ticked = [row.bar for row in rows if row.ticked]
        grown = [bar.seconds for bar in ticked if bar.expected is None]
        self.rows = rows
        self.axis = LogAxis.around([*grown, *(bar.end for bar in ticked)])

    def toggle(self, number: int) -> None:
        """Tick the bar in this row if it is not, else take the tick away."""
        new = Qt.CheckState.Unchecked if self.rows[number].ticked else Qt.CheckState.Checked
        self.setData(self.index(number), new, Qt.ItemDataRole.CheckStateRole)
