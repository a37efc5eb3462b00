"""The points of a scan as a table: name, coordinates, events in every bin that has some."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt

from fitgui import words
from fitgui.gui.points_model import Index
from fitgui.gui.signal.plain_model import PlainModel
from fitgui.reinterpretation.model import BinRef, Signal, Target


class ScanModel(PlainModel):
    """A row for every point; texts are made when they are looked at."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._signals: Sequence[Signal] = ()
        self._labels: tuple[str, ...] = ()
        self._bins: tuple[BinRef, ...] = ()
        self._titles: tuple[str, ...] = ("Point",)

    def show_signals(
        self, signals: Sequence[Signal], labels: Sequence[str], target: Target, used: Collection[str]
    ) -> None:
        """Show these points; ``used`` are the channels in which any of them has yields."""
        self.beginResetModel()
        self._signals, self._labels = signals, tuple(labels)
        self._bins = tuple(place for place in target.bins() if place.channel in used)
        self._titles = ("Point", *self._labels, *(target.text(place) for place in self._bins))
        self.endResetModel()

    def row_number(self) -> int:
        """How many."""
        return len(self._signals)

    def titles(self) -> tuple[str, ...]:
        """Of the columns."""
        return self._titles

    def numbers(self) -> Collection[int]:
        """Where they are."""
        return range(1, len(self._titles))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As Qt asks."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._text(self._signals[index.row()], index.column())
        return None

    def _text(self, signal: Signal, column: int) -> str:
        if column == 0:
            return signal.name
        if column <= len(self._labels):
            value = signal.values.get(self._labels[column - 1])
            return "–" if value is None else words.coordinate(value)
        place = self._bins[column - 1 - len(self._labels)]
        events = signal.yields.get(place.channel)
        return "–" if events is None else words.number(events[place.bin])
