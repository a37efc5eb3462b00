"""The table of signal points: sorts and filters inside the model, as a proxy model takes seconds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer

from fitgui.gui.appearance import (
    EXCLUSION_CLS,
    format_cls,
    format_coordinate,
    look_of,
    point_description,
)
from fitgui.pallets.model import SignalPoint
from fitgui.runs.snapshot import PointStatus

Index = QModelIndex | QPersistentModelIndex
SortKey = tuple[int, float | str]
MISSING: SortKey = (2, 0.0)
"""Sorts behind every number and every word."""
RESORT_MILLISECONDS = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A signal point and what is known of its fit."""

    point: SignalPoint
    status: PointStatus | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it says, how it sorts."""

    title: str
    explanation: str
    text: Callable[[Row], str]
    key: Callable[[Row], SortKey]
    numeric: bool = True
    live: bool = True
    """Whether its values change during a run."""


def _number(pick: Callable[[PointStatus], float | None]) -> Callable[[Row], SortKey]:
    def key(row: Row) -> SortKey:
        value = pick(row.status) if row.status is not None else None
        return MISSING if value is None else (0, value)

    return key


def _result_text(
    pick: Callable[[PointStatus], float | None], write: Callable[[float], str]
) -> Callable[[Row], str]:
    def text(row: Row) -> str:
        value = pick(row.status) if row.status is not None else None
        return "" if value is None else write(value)

    return text


def _cls_obs(status: PointStatus) -> float | None:
    return None if status.result is None else status.result.cls_obs


def _cls_exp(status: PointStatus) -> float | None:
    return None if status.result is None else status.result.cls_exp[2]


def _mu_hat(status: PointStatus) -> float | None:
    return None if status.result is None else status.result.mu_hat


def _seconds(status: PointStatus) -> float | None:
    return None if status.result is None else status.result.seconds.fit


def remarks(status: PointStatus | None) -> str:
    """Everything that a reader of the numbers has to know, in one line."""
    if status is None:
        return ""
    if status.error:
        return status.error
    return " · ".join(status.result.warnings) if status.result is not None else ""


def _coordinate_column(label: str) -> Column:
    def text(row: Row) -> str:
        value = row.point.values.get(label)
        return "" if value is None else format_coordinate(value)

    def key(row: Row) -> SortKey:
        value = row.point.values.get(label)
        if value is None:
            return MISSING
        return (1, value) if isinstance(value, str) else (0, float(value))

    return Column(label, f"Coordinate {label} of the signal point, as published", text, key, live=False)


def columns_for(labels: Sequence[str]) -> tuple[Column, ...]:
    """The columns of the table for points with these coordinates."""
    return (
        Column(
            "Point",
            "Name of the signal point in the patch set",
            lambda row: row.point.name,
            lambda row: (1, row.point.name),
            numeric=False,
            live=False,
        ),
        *(_coordinate_column(label) for label in labels),
        Column(
            "State",
            "Where the point stands in the run",
            lambda row: str(look_of(row.status)),
            lambda row: (1, look_of(row.status).word),
            numeric=False,
        ),
        Column(
            "CLs obs",
            f"Observed CLs at mu = 1; below {EXCLUSION_CLS} the signal is excluded at 95 % CL",
            _result_text(_cls_obs, format_cls),
            _number(_cls_obs),
        ),
        Column(
            "CLs exp",
            "Median expected CLs at mu = 1 if there is no signal",
            _result_text(_cls_exp, format_cls),
            _number(_cls_exp),
        ),
        Column(
            "mu-hat",
            "Best-fit signal strength of the free fit",
            _result_text(_mu_hat, "{:.3f}".format),
            _number(_mu_hat),
        ),
        Column(
            "Fit [s]",
            "Seconds that one core spent on the fits of this point",
            _result_text(_seconds, "{:.2f}".format),
            _number(_seconds),
        ),
        Column(
            "Remarks",
            "Warnings about the fit, or why there is no result",
            lambda row: remarks(row.status),
            lambda row: (1, remarks(row.status)) if remarks(row.status) else MISSING,
            numeric=False,
        ),
    )


class PointsModel(QAbstractTableModel):
    """Signal points of the chosen analysis, with their results as they come in."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns_for(())
        self._points: dict[str, SignalPoint] = {}
        self._statuses: Mapping[str, PointStatus] = {}
        self._order: list[str] = []
        self._row_of: dict[str, int] = {}
        self._filter = ""
        self._sort_column = -1
        self._sort_descending = False
        self._resort = QTimer(self)
        self._resort.setSingleShot(True)
        self._resort.setInterval(RESORT_MILLISECONDS)
        self._resort.timeout.connect(self._sort_again)

    def show_points(self, points: Sequence[SignalPoint], labels: Sequence[str]) -> None:
        """Show these points, without results."""
        self.beginResetModel()
        self._columns = columns_for(labels)
        self._points = {point.name: point for point in points}
        self._statuses = {}
        self._sort_column = -1
        self._arrange()
        self.endResetModel()

    def show_statuses(self, statuses: Mapping[str, PointStatus]) -> None:
        """Take results from ``statuses``, a live mapping that the owner keeps up to date."""
        self._statuses = statuses
        self._all_changed()

    def points_changed(self, names: Collection[str]) -> None:
        """Repaint the rows of ``names``: one signal for the range that spans them."""
        rows = [self._row_of[name] for name in names if name in self._row_of]
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

    def name_at(self, row: int) -> str:
        """The point in a row of the table as it is sorted and filtered now."""
        return self._order[row]

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
            return _alignment(column)
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
            return point_description(row.point.name, row.status)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; points without a value stay last in both directions."""
        self._sort_column = column
        self._sort_descending = order is Qt.SortOrder.DescendingOrder
        self._sort_again()

    def _row(self, row: int) -> Row:
        name = self._order[row]
        return Row(self._points[name], self._statuses.get(name))

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
        rows = [Row(point, self._statuses.get(name)) for name, point in self._points.items()]
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
