"""The table of signal points: sorts and filters inside the model, as a proxy model takes seconds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from fitgui.gui.appearance import point_description
from fitgui.gui.points_columns import MISSING, Column, Row, columns_for, remarks
from fitgui.gui.session import CheckedPoint
from fitgui.pallets.model import SignalPoint
from fitgui.runs.snapshot import PointStatus

Index = QModelIndex | QPersistentModelIndex
RESORT_MILLISECONDS = 500


class PointsModel(QAbstractTableModel):
    """Signal points of the chosen analysis, with their results as they come in."""

    columns_changed = Signal()
    """Other optional columns have something to show now: see :meth:`is_shown`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns_for((), ())
        self._optional: set[int] = set()
        """Optional columns that have something to show."""
        self._points: dict[str, SignalPoint] = {}
        self._statuses: Mapping[str, PointStatus] = {}
        self._checked: Mapping[str, CheckedPoint] = {}
        self._order: list[str] = []
        self._row_of: dict[str, int] = {}
        self._filter = ""
        self._bound: float | None = None
        self._sort_column = -1
        self._sort_descending = False
        self._resort = QTimer(self)
        self._resort.setSingleShot(True)
        self._resort.setInterval(RESORT_MILLISECONDS)
        self._resort.timeout.connect(self._sort_again)

    def show_points(
        self, points: Sequence[SignalPoint], labels: Sequence[str], bound: float | None = None
    ) -> None:
        """Show these points, without results; limits are looked for up to ``bound``, if that is known."""
        self.beginResetModel()
        self._bound = bound
        self._columns = columns_for(points, labels, bound)
        self._points = {point.name: point for point in points}
        self._statuses, self._checked, self._optional = {}, {}, set()
        self._sort_column = -1
        self._arrange()
        self.endResetModel()

    def show_statuses(
        self,
        statuses: Mapping[str, PointStatus],
        checked: Mapping[str, CheckedPoint] | None = None,
    ) -> None:
        """Take results from ``statuses`` and ``checked``, live mappings that the owner keeps up to date."""
        self._statuses = statuses
        self._checked = {} if checked is None else checked
        self._optional = set()
        self._look_for_columns(self._points)
        self.columns_changed.emit()
        self._all_changed()

    def is_shown(self, column: int) -> bool:
        """Whether the column has anything to show; most always have."""
        return not self._columns[column].optional or column in self._optional

    def is_numeric(self, column: int) -> bool:
        """Whether it holds numbers rather than words."""
        return self._columns[column].numeric

    def sample_of(self, column: int) -> str:
        """A text as wide as any of the column."""
        return self._columns[column].sample

    def points_changed(self, names: Collection[str]) -> None:
        """Repaint the rows of ``names``: one signal for the range that spans them."""
        rows = [self._row_of[name] for name in names if name in self._row_of]
        if self._look_for_columns(names):
            self.columns_changed.emit()
        if rows:
            self.dataChanged.emit(self.index(min(rows), 0), self.index(max(rows), len(self._columns) - 1))
        if self._sort_column >= 0 and self._columns[self._sort_column].live and not self._resort.isActive():
            self._resort.start()

    def set_filter(self, text: str) -> None:
        """Show only the points whose name, coordinates, state or remarks contain every word of ``text``."""
        if text == self._filter:
            return
        self.beginResetModel()
        self._filter = text
        self._arrange()
        self.endResetModel()

    @property
    def names(self) -> list[str]:
        """Names of all points, whatever the filter hides."""
        return list(self._points)

    def name_at(self, row: int) -> str:
        """The point in a row of the table as it is sorted and filtered now."""
        return self._order[row]

    def remarks_on(self, name: str) -> str:
        """All that has to be known of a point, or why it has no result; mostly nothing."""
        return remarks(self._statuses.get(name))

    def row_of(self, name: str) -> int | None:
        """Where a point stands now; ``None`` if the filter hides it."""
        return self._row_of.get(name)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """As Qt asks."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """As Qt asks."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles and their explanations."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.explanation
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_alignment(column)) | int(Qt.TextFlag.TextWordWrap)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, alignment and the full remark as a tooltip."""
        if not index.isValid():
            return None
        column = self._columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(self._row(index.row()))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            row = self._row(index.row())
            return point_description(row.point.name, row.status, row.checked, self._bound)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; points without a value stay last in both directions."""
        self._sort_column = column
        self._sort_descending = order is Qt.SortOrder.DescendingOrder
        self._sort_again()

    def _row(self, row: int) -> Row:
        return self._row_for(self._order[row])

    def _row_for(self, name: str) -> Row:
        return Row(self._points[name], self._statuses.get(name), self._checked.get(name))

    def _look_for_columns(self, names: Collection[str]) -> bool:
        """Find optional columns that these points have something to show in; whether there are new ones."""
        hidden = [
            number
            for number, column in enumerate(self._columns)
            if column.optional and number not in self._optional
        ]
        # At the start of a run nothing has a result: no row is made then, of ten thousand points.
        known = [
            self._row_for(name)
            for name in names
            if (status := self._statuses.get(name)) is not None
            and status.result is not None
            and name in self._points
        ]
        found = {number for number in hidden if any(self._columns[number].text(row) for row in known)}
        self._optional |= found
        return bool(found)

    def _all_changed(self) -> None:
        if self._order:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._order) - 1, len(self._columns) - 1))

    def _sort_again(self) -> None:
        self.layoutAboutToBeChanged.emit()
        held = [(index, self._order[index.row()]) for index in self.persistentIndexList()]
        self._arrange()
        for index, name in held:
            row = self._row_of.get(name)
            target = QModelIndex() if row is None else self.index(row, index.column())
            self.changePersistentIndex(index, target)
        self.layoutChanged.emit()

    def _arrange(self) -> None:
        words = self._filter.casefold().split()
        rows = [self._row_for(name) for name in self._points]
        if words:
            rows = [row for row in rows if all(word in self._searchable(row) for word in words)]
        if 0 <= self._sort_column < len(self._columns):
            key = self._columns[self._sort_column].key
            known = [row for row in rows if key(row) != MISSING]
            unknown = [row for row in rows if key(row) == MISSING]
            known.sort(key=key, reverse=self._sort_descending)
            rows = known + unknown
        self._order = [row.point.name for row in rows]
        self._row_of = {name: number for number, name in enumerate(self._order)}

    def _searchable(self, row: Row) -> str:
        return " ".join(column.text(row) for column in self._columns).casefold()


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
