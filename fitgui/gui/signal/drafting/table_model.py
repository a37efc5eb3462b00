"""The table of the form: a row for each bin, with data, background, and what is typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from fitgui import words
from fitgui.gui.plain_tip import plain_tip
from fitgui.gui.signal.drafting.draft import (
    TITLES,
    Cell,
    Column,
    named_systematics,
    number,
    problems,
    systematic_size,
)
from fitgui.gui.signal.drafting.edits import Sheet
from fitgui.gui.signal.drafting.rows import TREATMENTS, Row, is_left_out, rows_of, treatment_in_force
from fitgui.gui.theme import Theme
from fitgui.reinterpretation.model import Events, Target

Index = QModelIndex | QPersistentModelIndex
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class At(IntEnum):
    """The columns."""

    REGION = 0
    KIND = 1
    OBSERVED = 2
    BACKGROUND = 3
    SIGNAL = 4
    STATISTICAL = 5
    SYSTEMATIC = 6
    BLANK = 7


WRONG_ALPHA: Final = 55
"""Of the ground of a cell that cannot be used, also of a blank one."""
TYPED: Final = {
    At.SIGNAL: Column.SIGNAL,
    At.STATISTICAL: Column.STATISTICAL,
    At.SYSTEMATIC: Column.SYSTEMATIC,
}
WORDS: Final = (At.REGION, At.KIND, At.BLANK)
"""Columns of words; the others are numbers."""
HEADINGS: Final = {
    At.REGION: ("Region", "Channel of the workspace, with the number of its bin where it has several"),
    At.KIND: ("Kind", "What the region is for; the tooltip of a row says how that is known"),
    At.OBSERVED: ("Data", "Observed events"),
    At.BACKGROUND: ("Background", "Expected events without signal"),
    At.SIGNAL: ("Signal", "Events that your signal adds at μ = 1, after all cuts; blank is not zero"),
    At.STATISTICAL: (
        "± stat.",
        "Uncertainty of the yield from the number of simulated events, in events or with % of the yield",
    ),
    At.SYSTEMATIC: (
        "± syst.",
        "Systematic uncertainty of the yield, in events or with % of the yield; one parameter moves all bins",
    ),
    At.BLANK: ("If blank", "What becomes of a region for which no yields are typed"),
}
STAGES: Final = {
    True: "Expected events without signal, after a fit to the data without signal",
    False: "Expected events without signal as the workspace has them, until the fit without signal is done",
}
"""What the background is, by whether it is fitted."""


@dataclass(frozen=True, slots=True)
class Background:
    """What is expected without a signal, by channel."""

    post_fit: bool
    """After a fit to the data without signal; else as it stands in the workspace."""
    values: Mapping[str, Events]
    errors: Mapping[str, Events] = field(default_factory=dict)
    """One standard deviation; empty where it is not known."""

    @property
    def stage(self) -> str:
        """``post-fit``."""
        return "post-fit" if self.post_fit else "pre-fit"


def before_fit(target: Target) -> Background:
    """As it stands in the workspace, until something better is known."""
    return Background(post_fit=False, values={one.name: one.background for one in target.channels})


class SheetModel(QAbstractTableModel):
    """Shows a sheet on a target; edits go to the sheet."""

    def __init__(self, look: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.rows: tuple[Row, ...] = ()
        self.target: Target | None = None
        self.sheet = Sheet()
        self.background: Background | None = None
        self._wrong: dict[Cell, str] = {}
        self._with_yields: set[str] = set()
        """Channels for which something is typed."""
        self._roles: dict[int, Callable[[Row, At], Any]] = {
            Qt.ItemDataRole.DisplayRole: self._text,
            Qt.ItemDataRole.EditRole: self._text,
            Qt.ItemDataRole.TextAlignmentRole: lambda _row, column: LEFT if column in WORDS else RIGHT,
            Qt.ItemDataRole.ForegroundRole: self._colour,
            Qt.ItemDataRole.BackgroundRole: self._ground,
            Qt.ItemDataRole.FontRole: self._font,
            Qt.ItemDataRole.ToolTipRole: lambda row, column: plain_tip(self._tip(row, column)),
            Qt.ItemDataRole.AccessibleTextRole: self._spoken,
            Qt.ItemDataRole.AccessibleDescriptionRole: self._tip,
        }

    @property
    def wrong(self) -> Mapping[Cell, str]:
        """What is wrong with cells, one sentence each, in the order of the rows."""
        return self._wrong

    def show_sheet(self, target: Target | None, sheet: Sheet) -> None:
        """Another analysis, or another draft of it."""
        self.beginResetModel()
        self.sheet, self.target = sheet, target
        self.rows = () if target is None else rows_of(target)
        self.background = None if target is None else before_fit(target)
        self._check()
        self.endResetModel()

    def show_background(self, background: Background) -> None:
        """The fit without signal is known."""
        self.background = background
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, At.BACKGROUND, At.BACKGROUND)
        self._columns_changed(At.BACKGROUND, At.BACKGROUND)

    def refresh(self) -> None:
        """The draft is another one."""
        self._check()
        self._columns_changed(At.SIGNAL, At.BLANK)

    def cell(self, index: Index) -> Cell | None:
        """What is typed there; ``None`` where nothing is."""
        column = TYPED.get(At(index.column())) if index.isValid() else None
        return None if column is None else (self.rows[index.row()].place, column)

    def told(self, cell: Cell) -> str:
        """A cell in words: ``SR1cut_cuts``, ``the statistical uncertainty of SR1cut_cuts``."""
        place, column = cell
        name = place.channel if self.target is None else self.target.text(place)
        return name if column is Column.SIGNAL else f"the {TITLES[column]} of {name}"

    def asks_for_treatment(self, row: int) -> bool:
        """Whether something is to be chosen in the last column of a row."""
        one = self.rows[row]
        return one.is_first and not self._has_yields(one)

    def rowCount(self, parent: Index | None = None) -> int:
        """Bins."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """See :class:`At`."""
        return 0 if parent is not None and parent.isValid() else len(At)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """What is typed can be edited."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self.cell(index) is not None else flags

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles, and what they mean."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = At(section)
        title, tip = HEADINGS[column]
        if column is At.BACKGROUND and self.background is not None:
            title, tip = f"{title}\n{self.background.stage}", STAGES[self.background.post_fit]
        if role == Qt.ItemDataRole.DisplayRole:
            return title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(tip)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT if column in WORDS else RIGHT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What stands in a cell, and how."""
        give = self._roles.get(role)
        return None if give is None else give(self.rows[index.row()], At(index.column()))

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Somebody has typed."""
        cell = self.cell(index)
        if cell is None or role != Qt.ItemDataRole.EditRole:
            return False
        self.sheet.enter(cell, str(value), self.told(cell))
        return True

    def _check(self) -> None:
        live = self.sheet.live
        found = {} if self.target is None else problems(live, self.target)
        self._with_yields = {place.channel for place, column in live.cells if column is Column.SIGNAL}
        order = {row.place: number_ for number_, row in enumerate(self.rows)}
        self._wrong = dict(sorted(found.items(), key=lambda one: (order[one[0][0]], one[0][1])))

    def _columns_changed(self, first: At, last: At) -> None:
        if self.rows:
            self.dataChanged.emit(self.index(0, first), self.index(len(self.rows) - 1, last))

    def _has_yields(self, row: Row) -> bool:
        return row.channel.name in self._with_yields

    def _text(self, row: Row, column: At) -> str:
        if column is At.REGION:
            return row.text
        if column is At.KIND:
            return str(row.look)
        if column is At.OBSERVED:
            return f"{row.channel.observed[row.place.bin]:g}"
        if column is At.BACKGROUND:
            return self._background(row)
        if column is At.BLANK:
            return self._treatment(row)
        return self.sheet.draft.text(row.place, TYPED[column])

    def _background(self, row: Row) -> str:
        background, name, bin_ = self.background, row.channel.name, row.place.bin
        if background is None:
            return ""
        errors = background.errors.get(name)
        value = background.values[name][bin_]
        return words.with_error(value, errors[bin_]) if errors else words.number(value)

    def _treatment(self, row: Row) -> str:
        if not row.is_first or self._has_yields(row):
            return ""
        chosen = self.sheet.live.treatments.get(row.channel.name)
        return f"{TREATMENTS[treatment_in_force(row.channel, chosen)]} ▾"

    def _colour(self, row: Row, column: At) -> QColor | None:
        if column in TYPED and (row.place, TYPED[column]) in self._wrong:
            return QColor(self._look.bad)
        if column is not At.BLANK and column not in TYPED and self._is_left_out(row):
            return QColor(self._look.grid)
        if column is At.KIND or (column is At.REGION and not row.channel.is_signal):
            return QColor(self._look.muted)
        if column is At.BLANK:
            needed = treatment_in_force(row.channel, self.sheet.live.treatments.get(row.channel.name)) is None
            return QColor(self._look.warning if needed else self._look.muted)
        return None

    def _is_left_out(self, row: Row) -> bool:
        return is_left_out(row, self.sheet.live.treatments, self._with_yields)

    def _font(self, row: Row, column: At) -> QFont | None:
        """Struck out where the region is not in the fit."""
        if column in TYPED or column in (At.BLANK, At.KIND) or not self._is_left_out(row):
            return None
        font = QFont()
        font.setStrikeOut(True)
        return font

    def _ground(self, row: Row, column: At) -> QColor | None:
        if column not in TYPED:
            return None
        colour = QColor(self._look.field)
        if (row.place, TYPED[column]) in self._wrong:
            colour = QColor(self._look.bad)
            colour.setAlpha(WRONG_ALPHA)
        return colour

    def _spoken(self, row: Row, column: At) -> str:
        return f"{HEADINGS[column][0]} of {row.text}: {self._text(row, column) or 'blank'}"

    def _tip(self, row: Row, column: At) -> str:
        if column in TYPED:
            return self._typed_tip(row, TYPED[column])
        if column is At.BLANK and self.asks_for_treatment(self.rows.index(row)):
            return (
                "Press Enter, or click, to choose: keep the region without signal, or leave it out of the fit"
            )
        known = "Left out of the fit\n" if self._is_left_out(row) else ""
        known += f"{row.text}: {row.look.word} region, known by: {row.channel.kind_reason}"
        if row.channel.published_low and row.channel.published_high:
            low, high = row.channel.published_low[row.place.bin], row.channel.published_high[row.place.bin]
            known += f"\nPublished signals have {low:.3g} to {high:.3g} events here"
        return known

    def _typed_tip(self, row: Row, column: Column) -> str:
        cell = (row.place, column)
        if cell in self._wrong:
            return self._wrong[cell]
        text = self.sheet.draft.text(*cell)
        if text.endswith("%") and (row.place, Column.SIGNAL) not in self._wrong:
            size = number(self.sheet.draft.text(row.place, Column.SIGNAL))
            return f"{text} of {size:.6g} events: {number(text, size):.4g} events"
        if column is not Column.SYSTEMATIC:
            return ""
        named = named_systematics(self.sheet.draft)
        sizes = [(systematic_size((one,), row.place), one.name) for one in named]
        lines = [f"{name}: {size:.4g}" for size, name in sorted(sizes, reverse=True) if size]
        if len(lines) < 2:
            return ""
        more = [] if len(lines) <= 12 else [f"and {len(lines) - 12} others"]
        return "\n".join(
            [
                f"{len(lines)} systematic uncertainties in quadrature, each with a parameter of its own:",
                *lines[:12],
                *more,
                "Typing here puts a single one in the place of all of them, in all bins",
            ]
        )
