"""Which regions of a file are which bins of the analysis: proposed, side by side, corrected by mouse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QHBoxLayout,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fitgui import words
from fitgui.gui import theme
from fitgui.gui.latest import Latest, Run, run_here
from fitgui.gui.signal.answering.findings_box import FindingsBox
from fitgui.gui.signal.importing.import_checks import Looked, Normalisation, look_through
from fitgui.gui.signal.importing.normalise_bar import NormaliseBar
from fitgui.gui.signal.mapping.mapping_model import LEAVE_OUT, BinsModel, RegionsModel
from fitgui.gui.signal.mapping.mapping_tables import BinsTable, RegionsTable
from fitgui.gui.whole_rows import WholeRows
from fitgui.gui.widgets import describe, push_button, set_role, text_label
from fitgui.reinterpretation.mapping.edits import allow_doubled, allow_zeros, assign, ignore, unassign
from fitgui.reinterpretation.mapping.reasons import is_proposed
from fitgui.reinterpretation.model import BinRef, Finding, Imported, RegionMap, Target

WIDE: Final = 700
"""Pixels from which both tables stand side by side."""
MANY: Final = 4
"""From so many points on problems are looked for on a thread: it takes longer than a frame."""
NAMED: Final = 2
"""So many channels are named on a button."""
ALL_WELL: Final = "Every region has its place."


@dataclass(frozen=True, slots=True)
class Mapped:
    """What leaves the page."""

    looked: Looked
    """With the signals."""
    target: Target
    region_map: RegionMap


class MappingPage(QWidget):
    """What a file is about, what it still needs, and two tables.

    Args:
        run: where files of many points are looked through.
        parent: keeps it.
    """

    used = QtSignal(object)
    """The :class:`Mapped` that the user is content with."""
    left = QtSignal()
    """The user wants none of it."""
    save_wanted = QtSignal()
    """The map is to be written to a file."""
    load_wanted = QtSignal()
    """A map is to be read from a file."""

    def __init__(self, run: Run[Looked] = run_here, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._imported: Imported | None = None
        self._target: Target | None = None
        self._proposed = self._map = RegionMap("", ())
        self._looked: Looked | None = None
        self._numbers: Imported | None = None
        """Whose first point is in the table: as read, or in events."""
        self._insisted: frozenset[str] = frozenset()
        """What looks wrong in the yields, and is right, as the user says: sentences."""
        self._looking = Latest[Looked](run, self._show_looked, self._not_looked, self)
        self.title = text_label(role="title", wrap=True)
        self.notes = text_label(role="muted", wrap=True)
        self.bar = NormaliseBar()
        self.bar.changed.connect(self._changed)
        self.findings = FindingsBox("Problems of the map", "What has to be settled before anything is fitted")
        self.regions, self.bins = RegionsModel(self), BinsModel(self)
        self.regions_table, self.bins_table = RegionsTable(self.regions), BinsTable(self.bins)
        self.regions.chosen.connect(self.choose)
        self.bins.dropped.connect(self.choose)
        self.regions_table.selectionModel().currentRowChanged.connect(lambda *_: self._show_bin())
        self._tables = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._tables.setSpacing(theme.SPACING)
        self._around = (WholeRows(self.regions_table), WholeRows(self.bins_table))
        for around in self._around:
            self._tables.addWidget(around, stretch=1)
        self._tables.addStretch(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self.title, self.notes, self.bar, self.findings):
            column.addWidget(widget)
        column.addLayout(self._make_settling())
        column.addLayout(self._tables, stretch=1)
        column.addLayout(self._make_buttons())
        self.setFocusProxy(self.regions_table)

    @property
    def region_map(self) -> RegionMap:
        """As it stands."""
        return self._map

    @property
    def imported(self) -> Imported | None:
        """The file on the page, as it was read."""
        return self._imported

    @property
    def target(self) -> Target | None:
        """The analysis that it is mapped to."""
        return self._target

    @property
    def ready(self) -> bool:
        """Whether the map can be used."""
        return self._use.isEnabled()

    def show_import(
        self,
        imported: Imported,
        target: Target,
        region_map: RegionMap,
        *,
        luminosity: tuple[float | None, str] = (None, ""),
    ) -> None:
        """Show a file with the map that was proposed for it.

        Args:
            imported: what was read.
            target: the analysis.
            region_map: proposed.
            luminosity: in 1/fb, to be offered where the file needs one, and where it is from.
        """
        self._imported, self._numbers = None, imported  # nothing is looked through before all of it is here
        self._target, self._insisted = target, frozenset()
        self._proposed = self._map = region_map
        points = len(imported.points)
        many = f", {words.count(points, 'point')}" if points > 1 else ""
        self.title.setText(f"{imported.source}{many} → {target.analysis.name} of {target.pallet}")
        self.notes.setText(" ".join(imported.notes))
        self.notes.setVisible(bool(imported.notes))
        self.bar.show_import(imported, *luminosity)
        self.regions.show_import(imported, imported.points[0], target, region_map)
        self.bins.show_target(target, region_map)
        self._use.setText("Use these" if points == 1 else f"Use these for all {points} points")
        self._imported = imported
        self._changed()
        self._fit()
        self._show_bin()

    def clear(self) -> None:
        """What was on the page is used, or left: nothing is being mapped."""
        self._looking.withdraw()
        self._imported, self._target, self._looked = None, None, None
        self._proposed = self._map = RegionMap("", ())
        self._offer()

    def show_map(self, region_map: RegionMap) -> None:
        """Another map: edited, loaded, or as proposed."""
        self._map = region_map
        self.regions.show_map(region_map)
        self.bins.show_map(region_map)
        self._fit()
        self._changed()
        self._show_bin()

    def choose(self, region: str, place: BinRef | str | None) -> None:
        """Say where a region goes.

        Args:
            region: its name.
            place: a bin, :data:`LEAVE_OUT`, or ``None`` for nowhere yet.
        """
        if place == LEAVE_OUT:
            self.show_map(ignore(self._map, region))
        elif isinstance(place, BinRef):
            self.show_map(assign(self._map, region, (place,)))
        else:
            self.show_map(assign(unassign(self._map, region), region, (), ""))

    def leave_out_the_rest(self) -> None:
        """Leave out every region that has no bin."""
        self.show_map(ignore(self._map, *self._homeless()))

    def press_use(self) -> None:
        """Take the map, if it can be taken."""
        if self._use.isEnabled() and self._looked is not None and self._target is not None:
            self.used.emit(Mapped(self._looked, self._target, self._map))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Both tables stand side by side where there is room."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._tables.direction() != direction:
            self._tables.setDirection(direction)
        self._bound()

    def _make_settling(self) -> QVBoxLayout:
        """What may be said about a map as a whole; only what there is to be said is shown."""
        self._confirm = _check_box(
            "I have compared the names: these pairs are right",
            "Say that what was proposed by likeness or by position is as it should be",
            lambda on: self.show_map(replace(self._map, confirmed=on)),
        )
        self._doubled = _check_box(
            "Several regions may share a bin: their yields are added",
            "Right only where no event is counted in two of them",
            lambda on: self.show_map(allow_doubled(self._map, on)),
        )
        self._insist = _check_box(
            "I have read this: the yields are as they should be",
            "Say that what looks wrong in the yields is right",
            self._say_right,
        )
        self._rest = push_button(
            "Leave the rest out",
            "Leave out every region that has no bin: its events are not used",
            self.leave_out_the_rest,
        )
        self._zeros = push_button(
            "No signal there",
            "Say that bins without a region, in channels of which others have one, have no signal",
            self._say_zeros,
        )
        settling = QVBoxLayout()
        settling.setSpacing(4)
        for box in (self._confirm, self._doubled, self._insist):
            settling.addWidget(box)
        for button in (self._rest, self._zeros):
            settling.addWidget(button, alignment=Qt.AlignmentFlag.AlignLeft)
        return settling

    def _make_buttons(self) -> QVBoxLayout:
        self._use = push_button("Use these", "Go on with this map", self.press_use, role="action")
        self._why_not = text_label(role="muted", wrap=True)
        self.menu = QMenu(self)
        for text, action in (
            ("Load map…", self.load_wanted.emit),
            ("Save map…", self.save_wanted.emit),
            ("Propose again", lambda: self.show_map(self._proposed)),
        ):
            self.menu.addAction(text).triggered.connect(lambda _on, action=action: action())
        more = QToolButton()
        more.setText("More")
        more.setProperty("role", "menu")
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        more.setMenu(self.menu)
        describe(more, "More", "Load a map from a file, save this one, or forget what was changed here")
        row = QHBoxLayout()
        row.setSpacing(theme.SPACING)
        row.addWidget(more)
        row.addStretch(1)
        row.addWidget(push_button("Cancel", "Go back without this file", self.left.emit))
        row.addWidget(self._use)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(self._why_not)
        column.addLayout(row)
        return column

    def _say_right(self, on: bool) -> None:
        self._insisted = frozenset(self._suspicious()) if on else frozenset()
        self._offer()

    def _suspicious(self) -> list[str]:
        """What looks wrong in the yields as they are now."""
        looked = self._looked
        return [] if looked is None else [one.sentence for one in looked.of_signals if one.severe]

    def _say_zeros(self) -> None:
        region_map = self._map
        for channel in self._partly():
            region_map = allow_zeros(region_map, channel)
        self.show_map(region_map)

    def _homeless(self) -> list[str]:
        """Regions without a bin that are not left out."""
        known = self._map.assignments
        return [one.region for one in known if not one.bins and one.region not in self._map.ignored]

    def _partly(self) -> list[str]:
        """Channels of which some bins have a region, and others neither one nor leave to be empty."""
        if self._target is None:
            return []
        known = self._map.assignments
        used = {place for one in known if one.region not in self._map.ignored for place in one.bins}
        return [
            channel.name
            for channel in self._target.channels
            if 0 < sum(BinRef(channel.name, number) in used for number in range(channel.bins)) < channel.bins
            and channel.name not in self._map.zeros
        ]

    def _show_bin(self) -> None:
        """Mark the bin of the region that is chosen."""
        row = self.regions_table.currentIndex().row()
        bins = self.regions.bins_at(row) if row >= 0 else ()
        place = self.bins.row_of(bins[0]) if bins else -1
        if place >= 0:
            self.bins_table.selectRow(place)
        else:
            self.bins_table.clearSelection()

    def _changed(self) -> None:
        """Look for problems of the file and the map as they are now."""
        if self._imported is None or self._target is None:
            return
        normalisation = Normalisation(self.bar.cross_section_fb, self.bar.luminosity_fb)
        work = partial(look_through, self._imported, self._target, self._map, normalisation)
        self._looking.withdraw()
        self._looked = None
        if len(self._imported.points) < MANY:
            self._show_looked(work())
        else:
            self._offer()
            self._looking.ask(work, now=True)

    def _show_looked(self, looked: Looked) -> None:
        self._looked = looked
        if looked.imported is not self._numbers:
            self._numbers = looked.imported
            self.regions.show_point(looked.imported.points[0])
            self.regions_table.fit_columns()
        self.findings.show_findings((*looked.of_map, *looked.of_signals), all_well=ALL_WELL)
        self._offer()

    def _not_looked(self, error: Exception) -> None:
        if self._imported is not None:
            trouble = Finding(severe=True, sentence=f"The file could not be looked through: {error}")
            self._show_looked(Looked(self._imported, (trouble,)))

    def _offer(self) -> None:
        looked, region_map = self._looked, self._map
        of_map = looked.of_map if looked is not None else ()
        suspicious = self._suspicious()
        insisted = self._insisted.issuperset(suspicious)  # of other numbers something else is said
        proposed = any(
            is_proposed(one) and one.region not in region_map.ignored for one in region_map.assignments
        )
        doubled = region_map.doubled or any(finding.code == "doubled" for finding in of_map)
        _show_check(self._confirm, visible=proposed, on=region_map.confirmed)
        _show_check(self._doubled, visible=doubled, on=region_map.doubled)
        _show_check(self._insist, visible=bool(suspicious), on=bool(suspicious) and insisted)
        homeless, partly = self._homeless(), self._partly()
        self._rest.setVisible(bool(homeless))
        self._rest.setText(f"Leave out the {words.count(len(homeless), 'region')} without a bin")
        self._zeros.setVisible(bool(partly))
        of = ", ".join(partly) if len(partly) <= NAMED else words.count(len(partly), "channel")
        self._zeros.setText(f"No signal in the other bins of {of}")
        left = sum(finding.severe for finding in of_map) + (not insisted)
        if looked is None:
            text = "Looking through all points …"
        elif left:
            text = f"{words.count(left, 'thing')} to be settled first"
        else:
            text = "" if looked.signals else "The numbers are no events yet"
        self._use.setEnabled(not text and looked is not None and bool(looked.signals))
        self._why_not.setText(text)
        self._why_not.setVisible(bool(text))
        set_role(self._why_not, "warning" if text and looked is not None else "muted")
        describe(self._use, self._use.text(), text or "Go on with this map")

    def _bound(self) -> None:
        """A table that needs less than its share leaves the rest to the other one."""
        for around, table in zip(self._around, (self.regions_table, self.bins_table), strict=True):
            around.setMaximumHeight(table.whole_height())

    def _fit(self) -> None:
        self._bound()
        for table in (self.regions_table, self.bins_table):
            table.fit_columns()
        if self.regions_table.currentIndex().row() < 0 and self.regions.rowCount():
            self.regions_table.setCurrentIndex(self.regions.index(0, 0))


def _check_box(text: str, explanation: str, clicked: Callable[[bool], object]) -> QCheckBox:
    box = QCheckBox(text)
    describe(box, text, explanation)
    box.clicked.connect(lambda on: clicked(on))
    return box


def _show_check(box: QCheckBox, *, visible: bool, on: bool) -> None:
    box.setVisible(visible)
    box.setChecked(on)
