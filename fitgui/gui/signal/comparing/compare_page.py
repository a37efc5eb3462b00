"""The same signal against several analyses: which ones, their answers, and the most sensitive one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QFontMetrics, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.latest import Latest
from fitgui.gui.signal.answering.findings_box import FindingsBox
from fitgui.gui.signal.comparing.as_regions import Asked
from fitgui.gui.signal.comparing.compare_model import ANSWER, MU, CompareModel
from fitgui.gui.signal.comparing.compare_runner import CompareRunner, Key
from fitgui.gui.signal.comparing.contenders import BEING_READ, Contender, contender, said, shared
from fitgui.gui.signal.importing.import_flow import sentence_of
from fitgui.gui.signal.mapping.mapping_tables import MappingTable
from fitgui.gui.widgets import describe, push_button, text_label
from fitgui.gui.workbench import Workbench
from fitgui.pallets import Pallet
from fitgui.pallets.finding import open_item
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.library import Library
from fitgui.reinterpretation.answer.comparing import NOT_COMBINED, conclusion, most_sensitive
from fitgui.reinterpretation.answer.live import LiveAnswer
from fitgui.reinterpretation.model import Finding, Imported, RegionMap, SignalError, Target, Treatment
from fitgui.reinterpretation.target.target import target_of

KnownMaps = Callable[[Imported, Target], Sequence[RegionMap]]
ROW_MARGIN: Final = 10
PALLETS_SEEN: Final = 3
"""More of them scroll."""
FRAME: Final = 3
NOTES_HIGHEST: Final = 60
"""Pixels for what is said of the analysis that is chosen."""
CHOICES: Final = (
    ("stay in the fit, without signal", Treatment.KEEP),
    ("are left out of the fit", Treatment.DROP),
)


class AnswersTable(MappingTable):
    """Rows of two lines; numbers are never shortened."""

    def __init__(self, model: CompareModel, parent: QWidget | None = None) -> None:
        super().__init__("Answers", "Each analysis with CLs, limits and the verdict", parent)
        self.setModel(model)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setWordWrap(True)
        self.verticalHeader().setDefaultSectionSize(2 * QFontMetrics(self.font()).height() + ROW_MARGIN)

    def number_columns(self) -> tuple[int, ...]:
        """All but the name of the analysis."""
        return tuple(range(ANSWER, MU + 1))


class ComparePage(QWidget):
    """Pallets to choose from, and a table of answers that fills.

    Args:
        workbench: has the process that fits.
        library: whose pallets can be ticked.
        known_maps: of regions, for a file and an analysis; called on a thread.
        parent: keeps it.
    """

    left = QtSignal()
    """Back to the form."""
    map_wanted = QtSignal(object)
    """The :class:`Contender` whose regions the user wants to map."""
    failed = QtSignal(str)
    """One sentence."""

    def __init__(
        self,
        workbench: Workbench,
        library: Library,
        known_maps: KnownMaps,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._bench, self._library, self._known_maps = workbench, library, known_maps
        self._runner = CompareRunner(workbench.bridge, lambda: workbench.live_answers, self)
        self._asked: Asked | None = None
        self._contenders: dict[Key, Contender] = {}
        self._of_item: dict[str, list[Key]] = {}
        """Analyses by the digest of the pallet of the library that they are of."""
        self._wanted: set[str] = set()
        """Digests of the pallets that are open or ticked."""
        self._round = 0
        self._sharing = Latest[list[Contender]](workbench.bridge.run, self._take_shared, self._fail, self)
        self.model = CompareModel(self)
        self.title = text_label(role="title", wrap=True)
        self.answer = text_label(wrap=True)
        self.pallets = QListWidget()
        self.pallets.itemChanged.connect(self._ticked)
        describe(self.pallets, "Other pallets", "Tick those that the signal is fitted against, too")
        self.notes = FindingsBox("Notes on the analysis", "What was noticed of the analysis that is chosen")
        self.notes.limit(NOTES_HIGHEST)
        self.table = self._make_table()
        self._treatment = QComboBox()
        for text, treatment in CHOICES:
            self._treatment.addItem(text, treatment)
        describe(
            self._treatment,
            "Signal regions without yields",
            "What becomes of signal regions for which your signal has no yields",
        )
        self._treatment.currentIndexChanged.connect(lambda _index: self._fit_again())
        self._treatment_label = text_label("Signal regions without yields")
        self._treatment_label.setBuddy(self._treatment)
        self._map = push_button(
            "Map its regions…", "Say which regions are which bins of the chosen analysis", self._want_map
        )
        self._lay_out()
        self._runner.began.connect(lambda _key: self._refresh())
        self._runner.ended.connect(self._refresh)
        self._runner.answered.connect(self._take)

    @property
    def contenders(self) -> tuple[Contender, ...]:
        """In the order of the table."""
        return tuple(self._contenders.values())

    def show_signal(self, asked: Asked, pallet: Pallet, items: Sequence[LibraryItem]) -> None:
        """Fit a signal against the analyses of the open pallet.

        Args:
            asked: the signal, by regions and as the form fits it.
            pallet: that is open; others there call channels the same.
            items: of the library, to be ticked.
        """
        self._round += 1
        self._runner.stop()
        self._sharing.withdraw()
        self._asked = asked
        self._contenders, self._of_item, self._wanted = {}, {}, {pallet.digest}
        self.title.setText(f"{asked.signal.name} against the analyses of {pallet.name}")
        self.pallets.blockSignals(True)
        self.pallets.clear()
        for item in items:
            if item.digest != pallet.digest:
                entry = QListWidgetItem(item.name)
                entry.setData(Qt.ItemDataRole.UserRole, item)
                entry.setFlags(entry.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                entry.setCheckState(Qt.CheckState.Unchecked)
                entry.setToolTip(item.name)
                self.pallets.addItem(entry)
        self.pallets.blockSignals(False)
        self._beside.setVisible(self.pallets.count() > 0)
        rows = min(self.pallets.count(), PALLETS_SEEN)
        self.pallets.setFixedHeight(rows * max(self.pallets.sizeHintForRow(0), 1) + 2 * FRAME)
        self._refresh()
        self._add(lambda: pallet, pallet.digest)

    def use_map(self, known: Contender, region_map: RegionMap, findings: Sequence[Finding]) -> None:
        """Take another map for an analysis, and fit it.

        Args:
            known: the analysis, as :attr:`map_wanted` gave it.
            region_map: of its regions.
            findings: that were read with it: what is severe among them is right.
        """

        def done(changed: Contender) -> None:
            if changed.key in self._contenders:
                self._contenders[changed.key] = changed
                self._share_out()
                self._fit_left()

        self._bench.bridge.run(partial(said, known, region_map, findings), done, self._fail)

    def hideEvent(self, event: QHideEvent) -> None:
        """What nobody sees is not fitted."""
        super().hideEvent(event)
        self._runner.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Go on with what is left."""
        super().showEvent(event)
        self._fit_left()

    def _lay_out(self) -> None:
        self._beside = QWidget()
        side = QVBoxLayout(self._beside)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(4)
        side.addWidget(text_label("Also against, from the library", role="muted"))
        side.addWidget(self.pallets)
        treat = QHBoxLayout()
        treat.setSpacing(theme.SPACING)
        treat.addWidget(self._treatment_label)
        treat.addWidget(self._treatment)
        treat.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACING)
        buttons.addWidget(self._map)
        buttons.addStretch(1)
        buttons.addWidget(push_button("Back", "Back to the yields of your signal", self.left.emit))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.answer)
        column.addWidget(self.table, stretch=1)
        column.addWidget(self.notes)
        column.addWidget(text_label(NOT_COMBINED, role="muted", wrap=True))
        column.addLayout(treat)
        column.addWidget(self._beside)
        column.addLayout(buttons)
        self.setFocusProxy(self.table)

    def _make_table(self) -> AnswersTable:
        table = AnswersTable(self.model)
        table.selectionModel().currentRowChanged.connect(lambda *_: self._offer())
        table.doubleClicked.connect(lambda _index: self._want_map())
        return table

    def _add(self, read: Callable[[], Pallet], digest: str) -> None:
        """Make the analyses of a pallet ready on a thread; those that take no signal are passed over."""
        asked, number = self._asked, self._round
        if asked is None:
            return

        def work() -> list[Contender]:
            pallet = read()
            found, reasons = [], []
            for analysis in pallet.analyses:
                if analysis is asked.target.analysis:
                    found.append(contender(asked, asked.target))
                    continue
                try:
                    target = target_of(pallet, analysis)
                except SignalError as error:
                    reasons.append(str(error))
                    continue
                found.append(contender(asked, target, self._known_maps(asked.imported, target)))
            if not found:
                raise SignalError(reasons[0] if reasons else f"{pallet.name} has no analysis to fit")
            return found

        def done(found: list[Contender]) -> None:
            if number != self._round or digest not in self._wanted:
                return  # unticked meanwhile
            self._of_item[digest] = [one.key for one in found]
            self._contenders |= {one.key: one for one in found}
            self._share_out()
            self._fit_left()

        def failed(error: Exception) -> None:
            if number == self._round and digest in self._wanted:
                self._untick(digest)
                self._fail(error)

        self._bench.bridge.run(work, done, failed)

    def _share_out(self) -> None:
        """Which regions are only in other analyses depends on all of them."""
        asked = self._asked
        if asked is not None:
            self._sharing.ask(partial(shared, self.contenders, asked.target.source), now=True)

    def _take_shared(self, found: list[Contender]) -> None:
        for one in found:
            now = self._contenders.get(one.key)
            if now is None or now.fixed:
                continue
            if now.looked is None or now.region_map != one.region_map:
                self._contenders[one.key] = one
        self._fit_left()

    def _ticked(self, entry: QListWidgetItem) -> None:
        item = entry.data(Qt.ItemDataRole.UserRole)
        if not isinstance(item, LibraryItem):
            return
        if entry.checkState() == Qt.CheckState.Checked:
            self._wanted.add(item.digest)
            self._add(partial(open_item, item, self._library), item.digest)
            return
        self._wanted.discard(item.digest)
        for key in self._of_item.pop(item.digest, []):
            self._contenders.pop(key, None)
        self._share_out()
        self._fit_left()

    def _untick(self, digest: str) -> None:
        """Of a pallet that cannot be compared with."""
        self._wanted.discard(digest)
        self.pallets.blockSignals(True)
        for row in range(self.pallets.count()):
            entry = self.pallets.item(row)
            if entry.data(Qt.ItemDataRole.UserRole).digest == digest:
                entry.setCheckState(Qt.CheckState.Unchecked)
        self.pallets.blockSignals(False)

    def _fit_again(self) -> None:
        """Another treatment: those that it concerns have no answer any more."""
        for key, one in self._contenders.items():
            if one.without:
                self._contenders[key] = one.unanswered()
        self._fit_left()

    def _fit_left(self) -> None:
        """Fit what has no answer yet."""
        left = [one for one in self.contenders if one.signal is not None and not one.final]
        if self.isVisible():
            self._runner.fit(left, self._treatment.currentData())
        self._refresh()

    def _take(self, key: Key, answer: LiveAnswer, notes: tuple[Finding, ...]) -> None:
        known = self._contenders.get(key)
        if known is not None:
            self._contenders[key] = known.answered(answer, notes)
        self._refresh()

    def _refresh(self) -> None:
        rows = self.contenders
        answers = [one.row for one in rows]
        open_ = any(one.obstacle == BEING_READ or (one.signal and not one.final) for one in rows)
        best = None if open_ else most_sensitive(answers)
        self.model.show_rows(rows, self._runner.current, None if best is None else rows[best].key)
        if rows and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, ANSWER))
        self.table.fit_columns()
        done = sum(one.final for one in rows)
        if not rows:
            text = "Looking at the analyses …"
        elif open_:
            text = f"{done} of {words.count(len(rows), 'analysis')} fitted"
        else:
            text = " ".join(sentence for sentence in conclusion(answers) if sentence != NOT_COMBINED)
        self.answer.setText(text)
        without = any(one.without for one in rows)
        for widget in (self._treatment, self._treatment_label):
            widget.setVisible(without)
        self._offer()

    def _offer(self) -> None:
        current = self._current
        self._map.setEnabled(current is not None and current.looked is not None)
        self.notes.show_findings(() if current is None else current.findings)

    @property
    def _current(self) -> Contender | None:
        row = self.table.currentIndex().row()
        return self.model.rows[row] if 0 <= row < len(self.model.rows) else None

    def _want_map(self) -> None:
        current = self._current
        if current is not None and current.looked is not None:
            self.map_wanted.emit(current)

    def _fail(self, error: Exception) -> None:
        self.failed.emit(sentence_of(error, "That analysis could not be made ready"))
