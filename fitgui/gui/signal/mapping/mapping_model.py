"""The two tables of a region map: the regions of a file, and the bins of the analysis that they go to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QMimeData, QObject, Qt
from PySide6.QtCore import Signal as QtSignal

from fitgui import words
from fitgui.gui.points_model import Index
from fitgui.gui.signal.plain_model import PlainModel
from fitgui.reinterpretation.model import (
    Assignment,
    BinRef,
    Imported,
    ImportedPoint,
    RegionKind,
    RegionMap,
    RegionYield,
    Target,
)

REGION_MIME: Final = "application/x-fitgui-region"
"""A region that is dragged: its name in UTF-8."""
LEAVE_OUT: Final = "leave out"
"""What a region may be assigned to, beside bins."""
CHOOSE: Final = "choose …"
REGION, YIELD, BIN, WHY = range(4)
PLACE, DATA, BACKGROUND, FROM = range(4)
KIND_WORDS: Final = {
    RegionKind.SIGNAL: "signal region",
    RegionKind.CONTROL: "control region",
    RegionKind.VALIDATION: "validation region",
    RegionKind.UNKNOWN: "region that is taken for a signal region",
}


def bins_text(target: Target, bins: Sequence[BinRef]) -> str:
    """Where a region goes: ``SR1cut_cuts``, several joined by a plus."""
    return " + ".join(target.text(place) for place in bins)


def why_text(assignment: Assignment, *, ignored: bool) -> str:
    """Why a region is where it is: ``same name``, ``similar name, 83 %``."""
    if ignored:
        return "left out by you"
    if not assignment.bins:
        return "no bin found"
    alike = assignment.reason.startswith("similar") and assignment.likeness < 1.0
    return f"{assignment.reason}, {words.percent(assignment.likeness)}" if alike else assignment.reason


class RegionsModel(PlainModel):
    """A row for every region of the file: name, yield, where it goes, why."""

    chosen = QtSignal(str, object)
    """The user says where a region goes: its name, and a :class:`BinRef`, :data:`LEAVE_OUT` or ``None``."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.target: Target | None = None
        self._rows: tuple[str, ...] = ()
        self._yields: Mapping[str, RegionYield] = {}
        self._map = RegionMap("", ())
        self._yield_title = "Yield"

    def show_import(
        self, imported: Imported, point: ImportedPoint, target: Target, region_map: RegionMap
    ) -> None:
        """Show the regions of a file, with the yields of one of its points."""
        self.beginResetModel()
        self.target, self._map = target, region_map
        self._rows = tuple(one.region for one in region_map.assignments)
        self._yields = {one.region: one for one in point.regions}
        self._yield_title = {"events": "Events", "efficiency": "Efficiency"}.get(
            point.quantity.value, "σ vis [fb]"
        )
        self.endResetModel()

    def show_point(self, point: ImportedPoint) -> None:
        """Show the yields of another point, or of the same one in other units."""
        self._yields = {one.region: one for one in point.regions}
        self._yield_title = {"events": "Events", "efficiency": "Efficiency"}.get(
            point.quantity.value, "σ vis [fb]"
        )
        self.all_changed()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, YIELD, YIELD)

    def show_map(self, region_map: RegionMap) -> None:
        """The same regions go elsewhere now."""
        self._map = region_map
        self.all_changed()

    def region_at(self, row: int) -> str:
        """The name of the region of a row."""
        return self._rows[row]

    def row_of(self, region: str) -> int:
        """The row of a region; -1 where there is none."""
        return self._rows.index(region) if region in self._rows else -1

    def place_at(self, row: int) -> BinRef | str | None:
        """What the user chose, or was proposed, for a row: a bin, :data:`LEAVE_OUT`, or nothing."""
        region = self._rows[row]
        if region in self._map.ignored:
            return LEAVE_OUT
        assignment = self._map.assignment(region)
        return assignment.bins[0] if assignment is not None and assignment.bins else None

    def bins_at(self, row: int) -> tuple[BinRef, ...]:
        """All bins of the region of a row."""
        region = self._rows[row]
        assignment = self._map.assignment(region)
        return () if assignment is None or region in self._map.ignored else assignment.bins

    def row_number(self) -> int:
        """How many."""
        return len(self._rows)

    def titles(self) -> tuple[str, ...]:
        """Of the columns."""
        return "Region of the file", self._yield_title, "→ bin", "Why"

    def numbers(self) -> Collection[int]:
        """Where they are."""
        return (YIELD,)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As Qt asks."""
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(column)
        if role == Qt.ItemDataRole.EditRole and column == BIN:
            return self.place_at(row)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            text = self._text(row, column)
            return text or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._text(row, REGION)}: {self._text(row, column)}"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Where a region goes can be changed; every region can be dragged to a bin."""
        flags = super().flags(index)
        if index.isValid():
            flags |= Qt.ItemFlag.ItemIsDragEnabled
            if index.column() == BIN:
                flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """The user chose another bin; the map comes back by :meth:`show_map`."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid() or index.column() != BIN:
            return False
        if value != self.place_at(index.row()) or len(self.bins_at(index.row())) > 1:
            self.chosen.emit(self._rows[index.row()], value)
        return True

    def mimeTypes(self) -> list[str]:
        """As Qt asks."""
        return [REGION_MIME]

    def mimeData(self, indexes: Sequence[Index]) -> QMimeData:
        """The name of the first region that is dragged."""
        content = QMimeData()
        if indexes:
            content.setData(REGION_MIME, self._rows[indexes[0].row()].encode())
        return content

    def _text(self, row: int, column: int) -> str:
        region = self._rows[row]
        assignment = self._map.assignment(region)
        if column == REGION:
            return region
        if column == YIELD:
            one = self._yields.get(region)
            return "–" if one is None else words.number(one.value, 6)
        ignored = region in self._map.ignored
        if column == WHY:
            return "" if assignment is None else why_text(assignment, ignored=ignored)
        if ignored:
            return LEAVE_OUT
        if assignment is None or not assignment.bins or self.target is None:
            return CHOOSE
        return bins_text(self.target, assignment.bins)


class BinsModel(PlainModel):
    """A row for every bin of the analysis: data, background, and the regions that go there."""

    dropped = QtSignal(str, object)
    """A region was dropped on a bin: its name, and the :class:`BinRef`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._target: Target | None = None
        self._bins: tuple[BinRef, ...] = ()
        self._regions: Mapping[BinRef, tuple[str, ...]] = {}

    def show_target(self, target: Target, region_map: RegionMap) -> None:
        """Show the bins of an analysis, in its order."""
        self.beginResetModel()
        self._target, self._bins = target, tuple(target.bins())
        self._regions = _regions_of(region_map)
        self.endResetModel()

    def show_map(self, region_map: RegionMap) -> None:
        """Other regions go there now."""
        self._regions = _regions_of(region_map)
        self.all_changed()

    def bin_at(self, row: int) -> BinRef:
        """The bin of a row."""
        return self._bins[row]

    def row_of(self, place: BinRef) -> int:
        """The row of a bin; -1 where there is none."""
        return self._bins.index(place) if place in self._bins else -1

    def regions_at(self, row: int) -> tuple[str, ...]:
        """The regions that go to the bin of a row."""
        return self._regions.get(self._bins[row], ())

    def row_number(self) -> int:
        """How many."""
        return len(self._bins)

    def titles(self) -> tuple[str, ...]:
        """Of the columns."""
        return "Bin of the analysis", "Data", "Background", "From"

    def numbers(self) -> Collection[int]:
        """Where they are."""
        return (DATA, BACKGROUND)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As Qt asks."""
        if not index.isValid() or self._target is None:
            return None
        place, column = self._bins[index.row()], index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(column)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(self._target, place, column)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            channel = self._target.channel(place.channel)
            kind = KIND_WORDS[channel.kind]
            reason = f" ({channel.kind_reason})" if channel.kind_reason else ""
            text = self._text(self._target, place, column)
            return f"{self._target.text(place)}, {kind}{reason}: {text}"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A region may be dropped on every bin."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDropEnabled if index.isValid() else flags

    def mimeTypes(self) -> list[str]:
        """As Qt asks."""
        return [REGION_MIME]

    def supportedDropActions(self) -> Qt.DropAction:
        """As Qt asks; what is dragged stays where it is."""
        return Qt.DropAction.CopyAction | Qt.DropAction.MoveAction

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Tell which region was dropped on which bin."""
        if not data.hasFormat(REGION_MIME) or not parent.isValid():
            return False
        self.dropped.emit(bytes(data.data(REGION_MIME).data()).decode(), self._bins[parent.row()])
        # Else the view would take the row of the region away, which the map alone decides.
        return False

    def _text(self, target: Target, place: BinRef, column: int) -> str:
        channel = target.channel(place.channel)
        if column == PLACE:
            return target.text(place)
        if column == DATA:
            return words.number(channel.observed[place.bin])
        if column == BACKGROUND:
            return words.number(channel.background[place.bin])
        regions = self._regions.get(place, ())
        if regions:
            return " + ".join(regions)
        return "nothing yet" if channel.is_signal else "–"


def _regions_of(region_map: RegionMap) -> dict[BinRef, tuple[str, ...]]:
    found: dict[BinRef, tuple[str, ...]] = {}
    for assignment in region_map.assignments:
        if assignment.region not in region_map.ignored:
            for place in assignment.bins:
                found[place] = (*found.get(place, ()), assignment.region)
    return found
