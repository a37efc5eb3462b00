"""A file of many model points, mapped: what will be fitted, and the last word before it becomes a pallet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.latest import Latest, Run, run_here
from fitgui.gui.signal.answering.findings_box import FindingsBox
from fitgui.gui.signal.importing.import_checks import Given, channels_of
from fitgui.gui.signal.mapping.mapping_model import KIND_WORDS
from fitgui.gui.signal.scanning.scan_model import ScanModel
from fitgui.gui.whole_rows import WholeRows
from fitgui.gui.widgets import describe, push_button, set_role, text_label
from fitgui.reinterpretation.looking_over.consequences import consequences
from fitgui.reinterpretation.model import Finding, Signal, Target, Treatment

CHOICES: Final = (
    ("choose …", None),
    ("stays in the fit, without signal", Treatment.KEEP),
    ("is left out of the fit", Treatment.DROP),
)
WIDEST_COLUMN: Final = 240
ROW_MARGIN: Final = 8
CHANNELS_HIGHEST: Final = 116
"""Pixels for channels without yields; more of them scroll."""
ROWS_MEASURED: Final = 10
"""By which columns get their widths: all of them would take long."""


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
    """How many points, where they stand, what was noticed, channels without yields.

    Args:
        run: where it is worked out what follows from missing yields.
        parent: keeps it.
    """

    open_wanted = QtSignal(object, bool)
    """The :class:`Scan` is to be opened as a pallet, and whether it is to be run at once."""
    back = QtSignal()
    """The user wants to look at the regions again, or at the form that the signal is from."""
    left = QtSignal()
    """The user wants none of it."""

    def __init__(self, run: Run[tuple[Finding, ...]] = run_here, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: tuple[Finding, ...] = ()
        """What was noticed before, whatever becomes of channels without yields."""
        self._following = Latest[tuple[Finding, ...]](run, self._show_consequences, lambda _error: None, self)
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
        self._channels.setContentsMargins(0, 0, 0, 0)
        self._channels.setColumnStretch(0, 1)
        self._without = QWidget()
        self._without.setLayout(self._channels)
        self._without_title = text_label("Channels without yields:")
        self._around = QScrollArea()
        self._around.setFrameShape(QFrame.Shape.NoFrame)
        self._around.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._around.setWidgetResizable(True)
        self._around.setWidget(self._without)
        describe(self._around, "Channels without yields", "What becomes of each of them")
        self._around.setToolTip("")
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
        column.addWidget(self._without_title)
        column.addWidget(self._around)
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
        given: Given | None = None,
        of_form: bool = False,
    ) -> None:
        """Show points that are to be fitted.

        Args:
            source: the name of the file.
            target: the analysis.
            signals: one for each point.
            labels: of their coordinates.
            findings: what was noticed.
            treatments: of channels without yields, as far as something was chosen already.
            given: which channels they have yields in, where that was counted on a thread.
            of_form: whether the signal is the one of the form, rather than of a file that was mapped.
        """
        given = channels_of(signals) if given is None else given
        used = frozenset[str]().union(*(channels for channels, _ in given))
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
        self._found = tuple(findings)
        self._following.withdraw()
        self.findings.show_findings(findings)
        self._back.setText("The form…" if of_form else "Regions…")
        describe(
            self._back,
            self._back.text(),
            "Look at the yields again" if of_form else "Look at the map of regions again",
        )
        self.model.show_signals(self._signals, labels, target, used)
        self._size_columns()
        self._ask_for_channels(target, given)
        for name, treatment in (treatments or {}).items():
            if (box := self._treatments.get(name)) is not None:
                box.setCurrentIndex(max(box.findData(treatment), 0))
        self._treated()

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

    def _make_buttons(self) -> QVBoxLayout:
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
        self._back = push_button("Regions…", "Look at the map of regions again", self.back.emit)
        row.addWidget(self._back)
        row.addStretch(1)
        row.addWidget(push_button("Cancel", "Go back without this file", self.left.emit))
        row.addWidget(self._open)
        row.addWidget(self._run)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(self._why_not)
        column.addLayout(row)
        return column

    def _size_columns(self) -> None:
        """Wide enough for some rows and the longest name; asking all of them would take long."""
        metrics = QFontMetrics(self.table.font())
        number = len(self._signals)
        rows = range(0, number, max(number // ROWS_MEASURED, 1))
        name = max((signal.name for signal in self._signals), key=len, default="")
        for column in range(self.model.columnCount()):
            texts = [str(self.model.index(row, column).data() or "") for row in rows]
            widest = max(metrics.horizontalAdvance(text) for text in (*texts, name if column == 0 else ""))
            header = self.table.horizontalHeader().sectionSizeHint(column)
            self.table.setColumnWidth(column, max(header, min(widest + 20, WIDEST_COLUMN)))

    def _ask_for_channels(self, target: Target, given: Given) -> None:
        """What becomes of channels without yields; of control and validation regions only as a reminder."""
        while (item := self._channels.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._treatments = {}
        without = {
            channel.name: number
            for channel in target.channels
            if (
                number := sum(
                    points
                    for (names, is_patch), points in given.items()
                    if not is_patch and channel.name not in names
                )
            )
        }
        for row, (name, number) in enumerate(without.items()):
            channel = target.channel(name)
            kind = KIND_WORDS[channel.kind]
            left = len(self._signals) - number
            some = f", yields in {words.count(left, 'point')} only" if left else ""
            label = text_label(f"{name}, {kind}{some}", wrap=True)
            box = QComboBox()
            describe(
                box, f"What becomes of {name}", f"{name} has no yields: keep it without signal, or drop it"
            )
            for text, treatment in CHOICES if channel.is_signal else CHOICES[1:]:
                box.addItem(text, treatment)
            box.currentIndexChanged.connect(lambda _index: self._treated())
            label.setBuddy(box)
            self._channels.addWidget(label, row, 0)
            self._channels.addWidget(box, row, 1)
            self._treatments[name] = box
        self._around.setFixedHeight(min(self._without.sizeHint().height(), CHANNELS_HIGHEST))
        for widget in (self._without_title, self._around):
            widget.setVisible(bool(without))

    def _treated(self) -> None:
        """Say what follows from what was chosen for channels without yields, of the first point."""
        self._offer()
        self._following.withdraw()
        if self._target is None or not self._signals or self._open_channels:
            self.findings.show_findings(self._found)
            return
        signal = self._signals[0]
        chosen = {
            name: box.currentData() for name, box in self._treatments.items() if name not in signal.yields
        }
        self._following.ask(partial(consequences, self._target, signal, chosen), now=True)

    def _show_consequences(self, found: tuple[Finding, ...]) -> None:
        said = [replace(one, severe=False) for one in (*self._found, *found)]
        self.findings.show_findings(tuple({one.sentence: one for one in said}.values()))

    @property
    def _open_channels(self) -> list[str]:
        return [name for name, box in self._treatments.items() if box.currentData() is None]

    def _offer(self) -> None:
        text = f"Say what becomes of {', '.join(self._open_channels)}" if self._open_channels else ""
        if self._working:
            text = "Writing the pallet …"
        self._why_not.setText(text)
        self._why_not.setVisible(bool(text))
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
