"""The answers of several analyses as a table; the most sensitive by what is expected is marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from fitgui.gui.points_model import Index
from fitgui.gui.signal.contenders import Contender
from fitgui.gui.signal.wording import LOOKS
from fitgui.reinterpretation.comparing import COLUMNS
from fitgui.reinterpretation.comparing import cells as _cells

ANALYSIS, ANSWER, REGIONS, CLS, CLS_EXPECTED, MU, MU_EXPECTED = range(7)
TITLES: Final = (*COLUMNS[:2], "Regions", *COLUMNS[2:6])
MARK: Final = "★ most sensitive"
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_NOTHING: Final[Index | None] = None


class CompareModel(QAbstractTableModel):
    """A row for every analysis."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Contender, ...] = ()
        self.fitting: tuple[str, str] | None = None
        self._best: tuple[str, str] | None = None

    def show_rows(
        self, rows: Sequence[Contender], fitting: tuple[str, str] | None, best: tuple[str, str] | None
    ) -> None:
        """Show these analyses; the one that is being fitted, and the most sensitive one, by their keys."""
        same = [one.key for one in rows] == [one.key for one in self.rows]
        if not same:
            self.beginResetModel()
        self.rows, self.fitting, self._best = tuple(rows), fitting, best
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(TITLES) - 1))

    def rowCount(self, parent: Index | None = _NOTHING) -> int:
        """As Qt asks."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = _NOTHING) -> int:
        """As Qt asks."""
        return 0 if parent is not None and parent.isValid() else len(TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """As Qt asks."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if CLS <= section <= MU_EXPECTED else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return TITLES[section]
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        first, _, last = TITLES[section].rpartition(" ")
        return f"{first}\n{last}" if first else last

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As Qt asks."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if CLS <= column <= MU_EXPECTED else _LEFT
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._explanation(row)
        return None

    def _text(self, contender: Contender, column: int) -> str:
        """Of two lines in the first columns."""
        if column == REGIONS:
            return contender.regions_text
        row = contender.row
        if column == ANALYSIS:
            return f"{row.target.analysis.name}\n{row.target.pallet}"
        found = _cells(row)
        if column == ANSWER:
            said = row.verdict
            answer = self._state(contender) if said is None else f"{LOOKS[said.state][0].icon} {found[1]}"
            remark = MARK if contender.key == self._best else found[-1] if said is not None else ""
            return f"{answer}\n{remark}".rstrip()
        result = contender.result
        waiting = result is not None and result.limits is None and not contender.final
        return "…" if waiting and column in (MU, MU_EXPECTED) else found[column - 1]

    def _state(self, contender: Contender) -> str:
        if contender.trouble:
            return "✗ no answer"
        if contender.signal is None:
            return "· not fitted"
        return "◌ being fitted" if contender.key == self.fitting else "· waiting"

    def _explanation(self, contender: Contender) -> str:
        parts = [contender.row.name, f"Regions: {contender.regions_text}"]
        left_out = sorted(contender.region_map.ignored)
        if left_out:
            parts.append(f"Not in this analysis, or left out: {', '.join(left_out)}")
        if contender.without:
            parts.append(f"Signal regions without yields: {', '.join(contender.without)}")
        said = contender.row.verdict
        if said is not None:
            parts += [said.headline, said.sentence]
        return "\n".join([*parts, *([contender.trouble] if contender.trouble else [])])
