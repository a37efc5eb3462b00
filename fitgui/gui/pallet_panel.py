"""Step 1: which published likelihood; a catalogue, a library and files, and a card about what is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSplitter, QStackedWidget, QWidget

from fitgui.gui import theme
from fitgui.gui.browser.card import Card
from fitgui.gui.browser.catalogue_tab import CatalogueTab
from fitgui.gui.browser.library_tab import LibraryTab
from fitgui.gui.browser.list_model import Line
from fitgui.gui.browser.list_view import BrowserList
from fitgui.gui.browser.open_tab import OpenTab, dropped_path
from fitgui.gui.settings import Recent
from fitgui.gui.store_states import DownloadState
from fitgui.gui.widgets import Panel, describe
from fitgui.pallets import Analysis, Pallet
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.published import summarised

if TYPE_CHECKING:
    from fitgui.gui.pallet_store import PalletStore
    from fitgui.pallets.catalogue.shelf import Row

__all__ = ["PalletPanel", "dropped_path"]
LIST_AND_CARD = (380, 400)
"""Pixels of either at the start."""
LEAST_HEIGHT = 150
NO_LIMIT = 16_777_215
"""Of the height of a widget, as Qt has it."""


class PalletPanel(Panel):
    """Find a pallet, see what it is, get and open it, see what is in it."""

    def __init__(
        self,
        *,
        store: PalletStore,
        open_file: Callable[[], object],
        open_folder: Callable[[], object],
        open_source: Callable[[str | Path], object],
        open_item: Callable[[LibraryItem], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("1  Pallet", parent)
        self._store = store
        self._opened = ""
        """Digest of what is open."""
        self._row_is_due = False
        """Whether what is open has no row yet, and nothing else was chosen since."""
        self.catalogue = CatalogueTab(store)
        self.library = LibraryTab(store)
        self.files = OpenTab(open_file=open_file, open_folder=open_folder, open_source=open_source)
        self.card = Card(store, open_item)
        self.tabs = QStackedWidget()
        self._segments = QButtonGroup(self)
        segments = QHBoxLayout()
        segments.setSpacing(4)
        for number, (name, explanation, tab) in enumerate(
            (
                ("Catalogue", "All published likelihoods that are known, and HEPData", self.catalogue),
                ("Library", "What is kept on this machine", self.library),
                ("Open…", "Files and folders from elsewhere, and the bundled example", self.files),
            )
        ):
            segments.addWidget(self._segment(number, name, explanation), stretch=len(name))
            self.tabs.addWidget(tab)
        self.body.addLayout(segments)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.tabs)
        self.splitter.addWidget(self.card)
        self.splitter.setSizes(list(LIST_AND_CARD))
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(theme.MARGIN)
        self.tabs.setMinimumHeight(LEAST_HEIGHT)
        self.card.setMinimumHeight(LEAST_HEIGHT)
        self.body.addWidget(self.splitter, stretch=1)
        self._connect()

    def show_tab(self, number: int) -> None:
        """Catalogue, Library or Open."""
        button = self._segments.button(number)
        button.setChecked(True)
        self.tabs.setCurrentIndex(number)

    def focus_filter(self) -> None:
        """Put the cursor into the filter of the catalogue."""
        self.show_tab(0)
        self.catalogue.filter_line.setFocus()
        self.catalogue.filter_line.selectAll()

    def focus_library(self) -> None:
        """Bring what is kept to the front, ready for the keyboard."""
        self.show_tab(1)
        (self.library.list if self._store.items else self._segments.button(1)).setFocus()

    def search(self) -> None:
        """Ask HEPData for what stands in the filter of the catalogue."""
        self.show_tab(0)
        self.catalogue.search()

    def show_none(self) -> None:
        """Nothing is open."""
        self._opened = ""
        self.card.contents.show_none()
        self.card.show_opened("", ())

    def show_opening(self, source: str) -> None:
        """Say that a pallet is being read."""
        self.card.contents.show_opening(source)
        self.card.show_reading()

    def show_pallet(self, pallet: Pallet) -> None:
        """Say what is in the pallet that is open now."""
        self._opened = pallet.digest
        self.card.contents.show_pallet(pallet)
        self.card.show_opened(pallet.digest, summarised(pallet))
        self.show_open_row()

    def show_analysis(self, analysis: Analysis) -> None:
        """Say what the chosen analysis consists of."""
        self.card.contents.show_analysis(analysis)

    def show_recent(self, recent: Sequence[Recent]) -> None:
        """List what was opened before; the bundled example is always there."""
        self.files.show_recent(recent)

    def show_open_row(self) -> None:
        """Choose what is open in the lists, and tell about it; without a row, about its content alone."""
        row, item = self._row_of(self._opened)
        if row is None:
            self.catalogue.list.choose_none()
            self.library.list.choose_none()
        else:
            for browser_list, key in ((self.catalogue.list, row.key), (self.library.list, self._opened)):
                if not browser_list.choose(key):
                    browser_list.choose_none(later=key)  # the filter hides it
        self.card.show_row(row, item)
        self._row_is_due = row is None and bool(self._opened)

    def show_located(self, key: str) -> None:
        """Choose the row that the user has named."""
        self.show_tab(0)
        if self.catalogue.choose(key):
            self.catalogue.list.setFocus()
        row = self._store.row(key)
        if row is not None:
            self.card.show_row(row)

    def _segment(self, number: int, name: str, explanation: str) -> QPushButton:
        button = QPushButton(name)
        button.setProperty("role", "segment")
        button.setCheckable(True)
        button.setChecked(number == 0)
        describe(button, name, explanation)
        self._segments.addButton(button, number)
        return button

    def _connect(self) -> None:
        store, card = self._store, self.card
        self._segments.idToggled.connect(self._segment_toggled)
        for tab in (self.catalogue, self.library):
            tab.chosen.connect(self._line_chosen)
            tab.wanted.connect(self._line_wanted)
            tab.narrowed.connect(self._follow)
            tab.list.content_changed.connect(self._fit)
        self.library.removal_asked.connect(card.press_remove)
        card.open_wanted.connect(self.show_open_row)
        store.rows_changed.connect(self._rows_changed)
        store.download_changed.connect(self._download_changed)
        store.record_known.connect(lambda key, _answer: card.record_known(key))
        store.hepdata_changed.connect(lambda _state: self.catalogue.hepdata_changed())
        store.located.connect(self.show_located)

    def _segment_toggled(self, number: int, on: bool) -> None:
        if not on:
            return
        self.tabs.setCurrentIndex(number)
        self._follow()
        self._fit()

    def _line_chosen(self, line: Line) -> None:
        self.card.show_row(line.row, line.item)

    def _line_wanted(self, line: Line) -> None:
        self.card.show_row(line.row, line.item)
        self.card.press_primary()

    def _rows_changed(self) -> None:
        self.catalogue.rows_changed()
        self.library.rows_changed()
        if self.card.key:
            self.card.rows_changed()
        elif self._row_is_due:
            # What was opened from a file is in the library by now.
            self.show_open_row()
        if self._list is not None and self.card.key:
            line = self._list.current
            if line is None and not self.card.is_about(self._opened):
                self._follow()  # what the card is about is no longer listed
        self._fit()

    @property
    def _list(self) -> BrowserList | None:
        """Of the tab on show."""
        tab = self.tabs.currentWidget()
        return tab.list if isinstance(tab, (CatalogueTab, LibraryTab)) else None

    def _follow(self) -> None:
        """Have the card tell about what the list marks; without a mark, about what is open."""
        if self._list is None:
            return
        self._row_is_due = False
        line = self._list.current
        if line is None:
            self.card.show_row(None)
        elif line.row is not None:
            self.card.show_row(line.row, line.item)

    def _fit(self) -> None:
        """A list that needs less than its share leaves the rest to the card."""
        tab = self.tabs.currentWidget()
        fitting = tab.fitting_height if isinstance(tab, (CatalogueTab, LibraryTab)) else NO_LIMIT
        self.tabs.setMinimumHeight(min(fitting, LEAST_HEIGHT))
        self.tabs.setMaximumHeight(fitting)

    def _download_changed(self, state: DownloadState) -> None:
        self.catalogue.download_changed(state.key)
        self.card.download_changed(state.key)

    def _row_of(self, digest: str) -> tuple[Row | None, LibraryItem | None]:
        for row in self._store.rows:
            for item in row.items:
                if digest and item.digest == digest:
                    return row, item
        return None, None
