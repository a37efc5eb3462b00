"""The answers of several analyses as a table; the most sensitive by what is expected is marked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from PySide6.QtCore import QObject, Qt

from fitgui.gui.points_model import Index
from fitgui.gui.signal.answering.wording import LOOKS
from fitgui.gui.signal.comparing.contenders import NEEDS_MAP, NEEDS_WORD, Contender
from fitgui.gui.signal.plain_model import PlainModel
from fitgui.reinterpretation.answer.verdict import cls_text, limit_text
from fitgui_backends.results import FitResult

ANALYSIS, ANSWER, CLS, MU = range(4)
TITLES: Final = ("Analysis", "Answer", "CLs\n(expected)", "μ limit\n(expected)")
EXPLAINED: Final = (
    "The analysis and how many of the regions of your signal it has; of another search, its pallet",
    "Whether it excludes the signal, as far as it is fitted",
    "Observed CLs, and below it what was expected without a signal",
    "Observed upper limit on μ at 95 % CL, and below it what was expected without a signal",
)
MARK: Final = "★ most sensitive"
FIRST_LOOK: Final = "◌ first look"
"""Numbers that may still change."""


class CompareModel(PlainModel):
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
        else:
            self.all_changed()

    def row_number(self) -> int:
        """How many."""
        return len(self.rows)

    def titles(self) -> tuple[str, ...]:
        """Of the columns."""
        return TITLES

    def numbers(self) -> Collection[int]:
        """Where they are."""
        return (CLS, MU)

    def explanation_of(self, column: int) -> str:
        """In a sentence."""
        return EXPLAINED[column]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As Qt asks."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(column)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._explanation(row)
        return None

    def _text(self, contender: Contender, column: int) -> str:
        """Of at most two lines."""
        if column == ANALYSIS:
            return self._name(contender)
        return self._answer(contender) if column == ANSWER else _numbers(contender, column)

    def _name(self, contender: Contender) -> str:
        """Of the analysis; of its pallet, on two lines, where that is not the one of the first row."""
        target = contender.target
        if target.source == self.rows[0].target.source:
            return f"{target.analysis.name}\n{contender.regions_text} regions"
        several = sum(one.target.source == target.source for one in self.rows) > 1
        return f"{target.pallet}: {target.analysis.name}" if several else target.pallet

    def _answer(self, contender: Contender) -> str:
        said, result = contender.row.verdict, contender.result
        if contender.trouble:
            return "⚠ no answer"
        if said is None or result is None:
            return self._state(contender)
        if contender.provisional:
            return FIRST_LOOK
        answer = f"{LOOKS[said.state][0].icon} {LOOKS[said.state][0].word}"
        remark = MARK if contender.key == self._best else _remark(result)
        return f"{answer}\n{remark}".rstrip()

    def _state(self, contender: Contender) -> str:
        if contender.obstacle in (NEEDS_MAP, NEEDS_WORD):
            return f"⚠ not fitted\n{contender.obstacle}"
        if contender.obstacle:
            return f"· not fitted\n{contender.obstacle}"
        return "◌ being fitted" if contender.key == self.fitting else "· waiting"

    def _explanation(self, contender: Contender) -> str:
        parts = [contender.row.name, f"Regions: {contender.regions_text}"]
        left_out = sorted(contender.region_map.ignored)
        if left_out:
            parts.append(f"Not in this analysis, or left out: {', '.join(left_out)}")
        if contender.without:
            parts.append(f"Signal regions without yields: {', '.join(contender.without)}")
        said = contender.row.verdict
        if said is not None and not contender.provisional:
            parts += [said.headline, said.sentence]
        parts += [finding.sentence for finding in contender.findings]
        return "\n".join([*parts, *([contender.trouble] if contender.trouble else [])])


def _numbers(contender: Contender, column: int) -> str:
    """What was observed, and below it what was expected; a sign as long as it may change."""
    result = contender.result
    if result is None:
        return "–"
    more = " …" if contender.provisional else ""
    if column == CLS:
        return f"{cls_text(result.cls_obs)}{more}\n({cls_text(result.cls_exp[2])})"
    if result.limits is None:
        return "–" if contender.final else "…"
    return f"{limit_text(result.limits.obs)}{more}\n({limit_text(result.limits.exp[2])})"


def _remark(result: FitResult) -> str:
    limits = result.limits
    if not result.converged:
        return "no converged fit"
    if limits is None:
        return ""
    if not limits.converged:
        return "no sound limit"
    return "limit beyond bound" if limits.obs is None or limits.exp[2] is None else ""
