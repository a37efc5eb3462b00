"""What can be opened: the catalogue, the library, what HEPData was asked; and getting it.

The store is an object of the GUI thread. It never waits: files, network and digests are the work of its own
threads, whose answers come back through the bridge.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from fitgui.gui.bridge import Bridge
from fitgui.gui.store_states import DownloadState, HepDataState
from fitgui.pallets.published import PublishedFile

if TYPE_CHECKING:
    from fitgui.pallets.catalogue.bundled import Catalogue
    from fitgui.pallets.catalogue.filter import Index
    from fitgui.pallets.catalogue.shelf import Row
    from fitgui.pallets.hepdata.answers import RecordAnswer
    from fitgui.pallets.library.library import Library


class PalletStore(QObject):
    """Rows to choose from, downloads, and what is known of HEPData."""

    rows_changed = Signal()
    """:attr:`rows` and :attr:`index` are others now."""
    download_changed = Signal(object)
    """A :class:`DownloadState`, at most thirty times a second for each."""
    record_known = Signal(str, object)
    """The key of a row, and the :class:`RecordAnswer` about it: its versions, and the files of one."""
    hepdata_changed = Signal(object)
    """The :class:`HepDataState`."""
    located = Signal(str)
    """The key of the row that the user named by a DOI, a number or an address: to be shown and selected."""
    failed = Signal(str)
    """Something that the user asked for did not work: one sentence."""
    said = Signal(str)
    """Something that the user asked for is done: one sentence."""
    arrived = Signal(object)
    """The :class:`LibraryItem` that was got and is to be opened."""

    def __init__(self, data_folder: Path, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()
        """Catalogue, library and what was found, merged; the library's first."""
        self.index: Index | None = None
        """Of :attr:`rows`, made off the GUI thread; ``None`` until there are rows."""
        self.catalogue: Catalogue | None = None
        """With the dates when it was made and refreshed; ``None`` until it is read."""
        self.found: frozenset[str] = frozenset()
        """Keys that HEPData gave for :attr:`HepDataState.searched`: shown whatever the filter says."""
        self.downloads: dict[str, DownloadState] = {}
        """The latest of each row, by key."""
        self.records: dict[str, RecordAnswer] = {}
        """The latest answer about each row, by key."""
        self.hepdata = HepDataState()
        self.library: Library
        self._bridge = bridge

    def start(self) -> None:
        """Read catalogue and library; called once the window stands."""

    def row(self, key: str) -> Row | None:
        """The row of that key."""

    def search(self, text: str) -> None:
        """Ask HEPData, because the user wants it; a DOI, a number or an address is resolved instead."""

    def clear_search(self) -> None:
        """Forget what the last search found."""

    def refresh_catalogue(self) -> None:
        """Ask HEPData for all published likelihoods, and keep the answer."""

    def look_up(self, key: str, version: int | None = None) -> None:
        """Ask for the versions of a row's record and the files of one; of the newest where none is named."""

    def get(self, key: str, file: PublishedFile | None = None) -> None:
        """Download a row's file and keep it; what is kept already arrives at once. Also: retry."""

    def cancel(self, key: str) -> None:
        """Give up a download; the bytes that are here are kept for the next time."""

    def resolve(self, text: str, *, get: bool = False) -> None:
        """Find what a DOI, a number or an address names; ``get`` downloads and opens it, too."""

    def remove(self, digest: str) -> None:
        """Take a file out of the library."""

    def verify(self, digest: str) -> None:
        """Compare a kept file with its digest; says what came of it."""

    def copy_citation(self, key: str, file: PublishedFile | None = None) -> None:
        """Put BibTeX of the record and of the paper on the clipboard."""

    def show_in_folder(self, digest: str) -> None:
        """Have the desktop show the folder of a kept file."""

    def close(self) -> None:
        """Cancel what is going on and end the threads, within a bounded time."""
