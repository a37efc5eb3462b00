"""How a run compares with another engine: a line above the views, and a view with every checked point."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPlainTextEdit,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from fitgui.gui import theme
from fitgui.gui.appearance import format_cls, look_of_check
from fitgui.gui.check_words import CheckVerdict, describe_checked, limits_left_out
from fitgui.gui.session import CheckedPoint
from fitgui.gui.widgets import describe, push_button, set_role, text_label

WIDEST_NAME = 230
NOTHING = (
    "No point has been checked yet. A check fits a sample of the points again with another engine, in the "
    "background, and shows here how far the two are apart. pyhf is asked for CLs only, not for limits."
)


class CheckLine(QWidget):
    """One line: how the check stands, and what can be done about it."""

    def __init__(
        self,
        *,
        check: Callable[[], object],
        stop: Callable[[], object],
        details: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text = text_label(wrap=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._check = push_button(
            "Check with pyhf", "Fit a sample of points again with the other engine, in the background", check
        )
        self._stop = push_button("Stop check", "Give the check up; what is compared stays", stop)
        self._details = push_button("Details", "Show every checked point (Ctrl+3)", details)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACING)
        row.addWidget(self._text, stretch=1)
        for button in (self._details, self._stop, self._check):
            row.addWidget(button)
        self.hide()

    @property
    def text(self) -> str:
        """What is said, empty if nothing is."""
        return self._text.text() if not self.isHidden() else ""

    def show_verdict(
        self, verdict: CheckVerdict, reference: str, *, stop: bool, possible: bool, details: bool
    ) -> None:
        """Say how the check stands.

        Args:
            verdict: the line.
            reference: the engine that checks.
            stop: a check can be given up.
            possible: another one can be asked for.
            details: some points are compared.
        """
        self._text.setText(verdict.text)
        self._text.setAccessibleName(verdict.text)
        set_role(self._text, verdict.role)
        caption = f"Check {'more ' if details else ''}with {reference}"
        self._check.setText(caption)
        describe(self._check, caption, self._check.toolTip())
        self._check.setVisible(possible)
        self._stop.setVisible(stop)
        self._details.setVisible(details)
        self.show()


class CheckPanel(QWidget):
    """A table of the checked points; the one that is selected is explained below."""

    point_chosen = Signal(str)
    """The name of a checked point that the user selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._checked: dict[str, CheckedPoint] = {}
        self._chosen_by_hand = False
        self._nothing = text_label(NOTHING, role="muted", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.table = QTableWidget()
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setAlternatingRowColors(True)
        self.table.setShowGrid(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(QFontMetrics(self.table.font()).height() + 8)
        describe(self.table, "Checked points", "Every point that another engine has fitted again")
        self.table.currentCellChanged.connect(lambda row, *_: self._chosen(row))
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setTabChangesFocus(True)
        describe(self.details, "Details of the checked point", "What both engines say of the selected point")
        self._parts = QSplitter(Qt.Orientation.Vertical)
        self._parts.addWidget(self.table)
        self._parts.addWidget(self.details)
        self._parts.setChildrenCollapsible(False)
        self._parts.setSizes([130, 170])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACING, 0, 0)
        column.addWidget(self._nothing)
        column.addWidget(self._parts)
        self.show_checked({})

    def show_checked(self, checked: Mapping[str, CheckedPoint]) -> None:
        """Show these points, the largest difference first."""
        names = sorted(checked, key=lambda name: _seriousness(checked[name]), reverse=True)
        known = {name: checked[name] for name in names}
        self._nothing.setVisible(not known)
        self._parts.setVisible(bool(known))
        if known == self._checked and self.table.columnCount():
            return
        # Until somebody chooses a point, the largest difference is explained.
        kept = self.current if self._chosen_by_hand else None
        self._chosen_by_hand = kept in known
        self._checked = known
        self.table.blockSignals(True)
        self._fill()
        row = names.index(kept) if kept is not None and kept in known else 0
        self.table.setCurrentCell(row if known else -1, 0)
        self.table.blockSignals(False)
        self._explain()

    @property
    def current(self) -> str | None:
        """The point that is explained."""
        row = self.table.currentRow()
        return list(self._checked)[row] if 0 <= row < len(self._checked) else None

    def _fill(self) -> None:
        engine, reference = next(
            ((p.comparison.engine, p.comparison.reference) for p in self._checked.values()),
            ("newton", "pyhf"),
        )
        titles = (
            "Point",
            "Verdict on CLs" if any(map(limits_left_out, self._checked.values())) else "Verdict",
            f"CLs obs, {engine}",
            f"CLs obs, {reference}",
            "largest ΔCLs",
            "lower fit",
        )
        self.table.setColumnCount(len(titles))
        self.table.setHorizontalHeaderLabels(titles)
        self.table.setRowCount(len(self._checked))
        for row, (name, point) in enumerate(self._checked.items()):
            for column, text in enumerate(_cells(name, point)):
                item = QTableWidgetItem(text)
                item.setToolTip(describe_checked(name, point))
                if column in (2, 3, 4):
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.resizeColumnsToContents()
        self.table.setColumnWidth(0, min(self.table.columnWidth(0), WIDEST_NAME))
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)

    def _chosen(self, row: int) -> None:
        self._chosen_by_hand = True
        self._explain()
        if 0 <= row < len(self._checked):
            self.point_chosen.emit(list(self._checked)[row])

    def _explain(self) -> None:
        name = self.current
        self.details.setPlainText("" if name is None else describe_checked(name, self._checked[name]))


def _seriousness(point: CheckedPoint) -> tuple[int, float]:
    seen = point.comparison
    return {False: 2, None: 1, True: 0}[seen.agrees], seen.cls_difference or 0.0


def _cells(name: str, point: CheckedPoint) -> tuple[str, ...]:
    seen = point.comparison
    lower = {fit.lower for fit in seen.fits if fit.lower is not None}
    return (
        name,
        str(look_of_check(point)),
        format_cls(point.ours.cls_obs),
        "–" if point.theirs is None else format_cls(point.theirs.cls_obs),
        "–" if seen.cls_difference is None else f"{seen.cls_difference:.3g}",
        " and ".join(sorted(lower)) if lower else ("–" if seen.agrees is None else "the same"),
    )
