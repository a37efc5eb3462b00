"""A file of many model points, mapped: what will be fitted, and the last word before it becomes a pallet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.signal.findings_box import FindingsBox
from fitgui.gui.signal.mapping_model import KIND_WORDS
from fitgui.gui.signal.scan_model import ScanModel
from fitgui.gui.whole_rows import WholeRows
from fitgui.gui.widgets import describe, push_button, set_role, text_label
from fitgui.reinterpretation.model import Finding, Signal, Target, Treatment

CHOICES: Final = (
    ("choose …", None),
    ("stays in the fit, without signal", Treatment.KEEP),
    ("is left out of the fit", Treatment.DROP),
)
WIDEST_COLUMN: Final = 190
ROW_MARGIN: Final = 8


@dataclass(frozen=True, slots=True)
class Scan:
    """Signals that are to be fitted together."""

    name: str
    """What the pallet of them is called."""
    target: Target
    signals: tuple[Signal, ...]
    labels: tuple[str, ...]
    treatments: Mapping[str, Treatment]


class ScanPage(QWidget):
    """How many points, where they stand, what was noticed, channels without yields."""

    open_wanted = QtSignal(object, bool)
    """The :class:`Scan` is to be opened as a pallet, and whether it is to be run at once."""
    back = QtSignal()
    """The user wants to look at the regions again."""
    left = QtSignal()
    """The user wants none of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._target: Target | None = None
        self._signals: tuple[Signal, ...] = ()
        self._labels: tuple[str, ...] = ()
        self._treatments: dict[str, QComboBox] = {}
        self._working = False
        self.title = text_label(role="title", wrap=True)
        self.summary = text_label(role="muted", wrap=True)
        self.name = QLineEdit()
        describe(self.name, "Name of the scan", "What it is called in the list of pallets and of runs")
        self.findings = FindingsBox("Notes on the scan", "What was noticed in the points of the file")
        self._channels = QGridLayout()
        self._channels.setSpacing(theme.SPACING)
        self._channels.setColumnStretch(1, 1)
        self.model = ScanModel(self)
        self.table = self._make_table()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        named = QHBoxLayout()
        label = text_label("Name")
        label.setBuddy(self.name)
        named.addWidget(label)
        named.addWidget(self.name, stretch=1)
        column.addWidget(self.title)
        column.addWidget(self.summary)
        column.addLayout(named)
        column.addWidget(self.findings)
        column.addLayout(self._channels)
        column.addWidget(WholeRows(self.table), stretch=1)
        column.addLayout(self._make_buttons())
        self.setFocusProxy(self.table)

    @property
    def ready(self) -> bool:
        """Whether the scan can be opened."""
        return self._run.isEnabled()

    def show_scan(
        self,
        source: str,
        target: Target,
        signals: Sequence[Signal],
        labels: Sequence[str],
        findings: Sequence[Finding] = (),
        *,
        treatments: Mapping[str, Treatment] | None = None,
    ) -> None:
        """Show points that are to be fitted.

        Args:
            source: the name of the file.
            target: the analysis.
            signals: one for each point.
            labels: of their coordinates.
            findings: what was noticed.
            treatments: of channels without yields, as far as something was chosen already.
        """
        self._target, self._signals, self._labels = target, tuple(signals), tuple(labels)
        self._working = False
        count = words.count(len(signals), "point")
        what = source if len(signals) == 1 else f"{count} of {source}"
        self.title.setText(f"{what} → {target.analysis.name} of {target.pallet}")
        if len(signals) == 1:
            where = "A full fit, with everything that step 2 asks for."
        elif labels:
            where = f"Each has the coordinates {', '.join(labels)}: they make a plane, or a line, of results."
        else:
            where = "They have no coordinates: results come as a table."
        self.summary.setText(
            f"{where} Opened as a pallet, it is fitted, watched, saved and resumed like any other."
        )
        self.name.setText(f"{source.rsplit('.', 1)[0]} in {target.analysis.name}")
        self.findings.show_findings(findings)
        self.model.show_signals(self._signals, labels, target)
        self._size_columns()
        self._ask_for_channels(target)
        for name, treatment in (treatments or {}).items():
            if (box := self._treatments.get(name)) is not None:
                box.setCurrentIndex(max(box.findData(treatment), 0))
        self._offer()

    def show_working(self, *, working: bool) -> None:
        """Say that the pallet is being written, or is not any more."""
        self._working = working
        self._offer()

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(QFontMetrics(table.font()).height() + ROW_MARGIN)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setStretchLastSection(True)
        describe(table, "Points of the scan", "Name, coordinates and events of every point of the file")
        return table

    def _make_buttons(self) -> QHBoxLayout:
        self._why_not = text_label(role="muted", wrap=True)
        self._open = push_button(
            "Open as a pallet",
            "Show its points, and let you choose how to fit them",
            lambda: self._go(run=False),
        )
        self._run = push_button(
            "Open and run", "Fit all of its points as step 2 says", lambda: self._go(run=True), role="action"
        )
        row = QHBoxLayout()
        row.setSpacing(theme.SPACING)
        row.addWidget(push_button("Regions…", "Look at the map of regions again", self.back.emit))
        row.addWidget(self._why_not, stretch=1)
        row.addWidget(push_button("Cancel", "Go back without this file", self.left.emit))
        row.addWidget(self._open)
        row.addWidget(self._run)
        return row

    def _size_columns(self) -> None:
        """Wide enough for the first rows; asking all of them would take long."""
        metrics = QFontMetrics(self.table.font())
        for column in range(self.model.columnCount()):
            texts = [
                str(self.model.index(row, column).data() or "") for row in range(min(50, len(self._signals)))
            ]
            widest = max((metrics.horizontalAdvance(text) for text in texts), default=0) + 20
            header = self.table.horizontalHeader().sectionSizeHint(column)
            self.table.setColumnWidth(column, max(header, min(widest, WIDEST_COLUMN)))

    def _ask_for_channels(self, target: Target) -> None:
        """What becomes of channels without yields; of control and validation regions only as a reminder."""
        while (item := self._channels.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._treatments = {}
        given = Counter(tuple(signal.yields) for signal in self._signals if signal.patch is None)
        without = {
            channel.name: number
            for channel in target.channels
            if (number := sum(points for names, points in given.items() if channel.name not in names))
        }
        for row, (name, number) in enumerate(without.items()):
            channel = target.channel(name)
            kind = KIND_WORDS[channel.kind]
            points = (
                "no point" if number == len(self._signals) else f"{len(self._signals) - number} points only"
            )
            label = text_label(f"{name}, a {kind}: yields in {points}. It")
            box = QComboBox()
            describe(
                box, f"What becomes of {name}", f"{name} has no yields: keep it without signal, or drop it"
            )
            for text, treatment in CHOICES if channel.is_signal else CHOICES[1:]:
                box.addItem(text, treatment)
            box.currentIndexChanged.connect(lambda _index: self._offer())
            label.setBuddy(box)
            self._channels.addWidget(label, row, 0)
            self._channels.addWidget(box, row, 1)
            self._treatments[name] = box

    def _offer(self) -> None:
        open_ones = [name for name, box in self._treatments.items() if box.currentData() is None]
        text = f"Say what becomes of {', '.join(open_ones)}" if open_ones else ""
        if self._working:
            text = "Writing the pallet …"
        self._why_not.setText(text)
        set_role(self._why_not, "muted" if self._working else "warning")
        for button in (self._open, self._run):
            button.setEnabled(not text and bool(self._signals))

    def _go(self, *, run: bool) -> None:
        if self._target is None or not self.ready:
            return
        treatments = {name: box.currentData() for name, box in self._treatments.items()}
        name = self.name.text().strip() or "My scan"
        scan = Scan(name, self._target, self._signals, self._labels, treatments)
        self.open_wanted.emit(scan, run)
