"""What can be opened: the catalogue, the library, what HEPData was asked; and getting it.

The store is an object of the GUI thread. It never waits: files, network and digests are the work of its own
threads, whose answers come back through the bridge.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication

from fitgui import words
from fitgui.folders import default_cache_folder, default_data_folder
from fitgui.gui.bridge import Bridge
from fitgui.gui.browser.links import open_link
from fitgui.gui.store_adopting import Adopted, BrowserErrands, recognise
from fitgui.gui.store_downloads import Downloads, Wanted
from fitgui.gui.store_fetching import Fetcher, make_client
from fitgui.gui.store_naming import kept_item, names, reference_of, row_named
from fitgui.gui.store_questions import Questions
from fitgui.gui.store_shelf import ShelfReader, Shelved
from fitgui.gui.store_states import DownloadState, HepDataState
from fitgui.gui.store_threads import Threads
from fitgui.gui.store_watch import LibraryWatch
from fitgui.pallets.catalogue.bundled import Catalogue, keep_refreshed
from fitgui.pallets.hepdata.references import Reference, parse_reference
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.library import Library
from fitgui.pallets.model import Pallet
from fitgui.pallets.published import Entry, PublishedFile

if TYPE_CHECKING:
    from fitgui.pallets.catalogue.filter import Index
    from fitgui.pallets.catalogue.shelf import Row
    from fitgui.pallets.hepdata.answers import RecordAnswer, SearchAnswer

CLOSING_SECONDS = 2.0
"""Closing waits no longer for threads whose downloads were cancelled; they are daemons."""
NUMBER_DIGITS = 5
"""A shorter bare number is a word to search for, such as ``139``, rather than a record."""


Answer = TypeVar("Answer")


class PalletStore(QObject):
    """Rows to choose from, downloads, and what is known of HEPData."""

    rows_changed = Signal()
    """:attr:`rows`, :attr:`index`, :attr:`found` or :attr:`catalogue` are others now."""
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
    troubled = Signal(str)
    """Something of the catalogue or of the library cannot be read: one sentence, once."""
    arrived = Signal(object)
    """The :class:`LibraryItem` that was got and is to be opened."""

    def __init__(
        self, data_folder: Path, bridge: Bridge, library: Library, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.library = library
        self.rows: tuple[Row, ...] = ()
        """Catalogue, what was found, and files of the library, each likelihood once."""
        self.index: Index | None = None
        """Of :attr:`rows`, made off the GUI thread; ``None`` until there are rows."""
        self.catalogue: Catalogue | None = None
        """With the dates when it was made and refreshed; ``None`` until it is read."""
        self.items: tuple[LibraryItem, ...] = ()
        """The library's, newest first."""
        self.found: frozenset[str] = frozenset()
        """Keys that HEPData gave for :attr:`HepDataState.searched`: shown whatever the filter says."""
        self.records: dict[str, RecordAnswer] = {}
        """The latest answer about each row, by key."""
        self._data_folder = data_folder
        cache_folder = (
            default_cache_folder() if data_folder == default_data_folder() else data_folder / "cache"
        )
        self._reader = ShelfReader(data_folder, self.library)
        self._shelf_thread = Threads("shelf", 1, bridge.post)
        self._library_thread = Threads("library", 1, bridge.post)
        self._questions = Questions(lambda: make_client(cache_folder), bridge.post, self.hepdata_changed.emit)
        fetcher = Fetcher(
            library,
            self._questions.client,
            cache_folder,
            learned=lambda answer: bridge.post(lambda: self._learn(answer, lambda _key: None)),
        )
        self._downloads = Downloads(
            fetcher.fetch,
            bridge.post,
            changed=self._download_told,
            arrived=self._got,
            failed=self._questions.not_got,
        )
        self._watch = LibraryWatch(data_folder, self.library.folder, self._reshelve, self)
        self._searched: tuple[Entry, ...] = ()
        self._looked_up: dict[str, Entry] = {}
        self._errands = BrowserErrands()
        self._shelved: Shelved | None = None
        self._told: set[str] = set()
        """Problems that the user has been told of."""
        self._reading = False
        self._then: list[Callable[[], None]] = []

    @property
    def downloads(self) -> dict[str, DownloadState]:
        """The latest of each row, by key."""
        return self._downloads.states

    @property
    def hepdata(self) -> HepDataState:
        """How things stand with HEPData."""
        return self._questions.state

    def start(self) -> None:
        """Read catalogue and library; called once the window stands."""
        self._reshelve()

    def row(self, key: str) -> Row | None:
        """The row of that key."""
        return next((row for row in self.rows if row.key == key), None)

    def item(self, digest: str) -> LibraryItem | None:
        """The kept file of that digest."""
        return next((item for item in self.items if item.digest == digest), None)

    def search(self, text: str) -> None:
        """Ask HEPData, because the user wants it; a DOI, a number or an address is resolved instead."""
        text = " ".join(text.split())
        if not text:
            self.clear_search()
        elif parse_reference(text) is not None and not (text.isdigit() and len(text) < NUMBER_DIGITS):
            self.resolve(text)
        else:
            self._searched = ()
            self._questions.search(text, self._found)
            self._reshelve()

    @property
    def lasting(self) -> frozenset[str]:
        """Keys of the rows that are known without the last search: those of catalogue and library."""
        return self._shelved.lasting if self._shelved is not None else frozenset()

    def clear_search(self) -> None:
        """Forget what the last search found."""
        self._questions.forget()
        self._searched = ()
        lasting = self.lasting
        self._looked_up = {key: entry for key, entry in self._looked_up.items() if self._key(key) in lasting}
        self._reshelve()

    def refresh_catalogue(self) -> None:
        """Ask HEPData for all published likelihoods, and keep the answer."""
        self._questions.likelihoods(self._refreshed)

    def look_up(self, key: str, version: int | None = None) -> None:
        """Ask for the versions of a row's record and the files of one; of the newest where none is named."""
        row = self.row(key)
        if row is None:
            return
        reference = reference_of(row.entry, version)
        if reference is None:
            self.failed.emit(f"It is not known which record of HEPData {row.name} is from.")
        else:
            self._questions.record(
                reference,
                lambda answer: self._learn(answer, lambda _key: None),
                lambda _sentence: self._errands.begin(key) if self.hepdata.page else None,
            )

    def get(self, key: str, file: PublishedFile | None = None) -> None:
        """Download a row's file and keep it; what is kept already arrives at once. Also: retry."""
        row = self.row(key)
        if row is None:
            return
        kept = kept_item(row, file)
        if kept is not None:
            self.arrived.emit(kept)
            return
        version = file.version if file is not None else None
        if file is not None and not file.doi and file.resource is None:
            file = None  # of a version whose files nobody has asked for yet
        reference = reference_of(row.entry, version)
        if file is None and reference is None:
            self.failed.emit(f"It is not known where {row.name} can be had: open it from a file instead.")
            return
        self._downloads.begin(Wanted(key, row.entry, file, reference))

    def retry(self, key: str) -> None:
        """Try again what did not arrive, the same file."""
        state = self.downloads.get(key)
        self.get(key, state.file if state is not None else None)

    def browse(self, key: str) -> None:
        """Open the page of a file that HEPData gives only to browsers, in the system's browser."""
        state = self.downloads.get(key)
        if state is not None and state.page and not open_link(state.page):
            self.failed.emit(f"No browser could be opened here; the page is {state.page}")

    def opened(self, pallet: Pallet) -> None:
        """A pallet was opened: if a browser was to save it, it is that published file from now on."""
        sought = self._errands.sought(self.row, self.records)
        if sought and Path(pallet.source).is_absolute():
            self._with_library(lambda: recognise(self.library, pallet, sought), self._recognised)

    def cancel(self, key: str) -> None:
        """Give up a download; the bytes that are here are kept for the next time."""
        self._downloads.cancel(key)

    def resolve(self, text: str, *, get: bool = False) -> None:
        """Find what a DOI, a number or an address names; ``get`` downloads and opens it, too."""
        reference = parse_reference(text)
        if reference is None:
            self.failed.emit(f"{text} is no DOI, number or address of HEPData, arXiv or INSPIRE.")
            return
        if self._shelved is None:  # the shelf is being read for the first time
            self._reshelve(lambda: self._resolve(reference, get=get))
        else:
            self._resolve(reference, get=get)

    def remove(self, digest: str) -> None:
        """Take a file out of the library."""
        item = self.item(digest)
        name = item.name if item is not None else digest[:8]
        self._with_library(
            lambda: self.library.remove(digest),
            lambda _nothing: self._say_and_look(f"{name} is no longer in the library."),
        )

    def verify(self, digest: str) -> None:
        """Compare a kept file with its digest; says what came of it."""
        self._with_library(
            lambda: self.library.verify(digest),
            lambda verdict: (self.said if verdict.ok else self.failed).emit(verdict.sentence),
        )

    def copy_citation(self, key: str, file: PublishedFile | None = None) -> None:
        """Put BibTeX of the record and of the paper on the clipboard."""
        from fitgui.pallets.library.citation import bibtex  # noqa: PLC0415 -- of use now and then only

        row = self.row(key)
        if row is None:
            return
        text = bibtex(row.entry, file)
        if text:
            QGuiApplication.clipboard().setText(text)
            self.said.emit(f"The BibTeX entries of {row.name} are on the clipboard.")
        else:
            self.failed.emit(f"Nothing is known of {row.name} that could be cited.")

    def show_in_folder(self, digest: str) -> None:
        """Have the desktop show the folder of a kept file."""
        item = self.item(digest)
        if item is None:
            return
        folder = item.path.parent
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.failed.emit(f"The desktop shows no folders here; the file is {item.path}")

    def close(self) -> None:
        """Cancel what is going on and end the threads, within a bounded time."""
        self._watch.stop()
        workers = (self._downloads, self._questions, self._library_thread, self._shelf_thread)
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.wait(CLOSING_SECONDS / len(workers))

    def _recognised(self, adopted: Adopted) -> None:
        if adopted.sentence:
            self.said.emit(adopted.sentence)
        if adopted.key:
            self._errands.end(adopted.key)
            self._reshelve(lambda: self._downloads.came_otherwise(adopted.key))

    def _download_told(self, state: DownloadState) -> None:
        if state.page:
            self._errands.begin(state.key, state.file)
        elif state.phase == "done":
            self._errands.end(state.key)
        self.download_changed.emit(state)

    def _got(self, item: LibraryItem, finish: Callable[[], bool]) -> None:
        """A file came: it is done and opened when its row shows it, and not opened if it was cancelled."""
        self._questions.went_well()
        self._reshelve(lambda: self.arrived.emit(item) if finish() else None)

    def _found(self, answer: SearchAnswer) -> None:
        self._searched = answer.entries
        self._reshelve()

    def _refreshed(self, answer: SearchAnswer) -> None:
        """An answer about all published likelihoods: keep it, then tell what is new."""

        def kept(catalogue: Catalogue) -> None:
            many = words.count(answer.total, "published likelihood")
            new = f"{catalogue.new} of them new here" if catalogue.new else "none of them new here"
            unlisted = len(catalogue.entries) - answer.total
            older = f" The catalogue has {unlisted} more, which HEPData does not list as such."
            self._questions.tell(
                f"The catalogue is refreshed: HEPData lists {many}, {new}.{older if unlisted > 0 else ''}"
            )
            for problem in set(catalogue.problems) - self._told:  # it could not be kept
                self._told.add(problem)
                self.troubled.emit(problem)
            self._reshelve()

        self._with_library(lambda: keep_refreshed(self._data_folder, answer), kept)

    def _resolve(self, reference: Reference, *, get: bool) -> None:
        row = row_named(self.rows, reference)
        if row is not None:
            self.located.emit(row.key)
            file = next((file for file in row.entry.files if names(reference, file)), None)
            if get and (file is not None or not reference.is_file):
                self.get(row.key, file)
                return

        def failed(sentence: str) -> None:
            if row is not None and self.hepdata.page:
                named = PublishedFile(doi=reference.doi, version=reference.version)
                self._errands.begin(row.key, named if reference.file_number is not None else None)
            if get:
                self.failed.emit(sentence)

        self._questions.record(
            reference,
            lambda answer: self._learn(answer, lambda key: self._go_to(key, answer, get=get)),
            failed,
        )

    def _go_to(self, key: str, answer: RecordAnswer, *, get: bool) -> None:
        self.located.emit(key)
        if get:
            self.get(key, answer.chosen)

    def _learn(self, answer: RecordAnswer, then: Callable[[str], None]) -> None:
        """An answer about a record: its facts go into its row."""
        self._looked_up[answer.entry.key] = answer.entry

        def shelved() -> None:
            key = self._key(answer.entry.key)
            self.records[key] = answer
            self.record_known.emit(key, answer)
            if answer.page:
                self._errands.begin(key)
            then(key)

        self._reshelve(shelved)

    def _key(self, entry_key: str) -> str:
        """Of the row that this entry is in."""
        return self._shelved.keys.get(entry_key, entry_key) if self._shelved is not None else entry_key

    def _reshelve(self, then: Callable[[], None] | None = None) -> None:
        """Read the shelf anew on its thread; ``then`` is called when the rows of now are on show."""
        self._then.append(then or _nothing)
        if self._reading:
            return
        self._reading = True
        waiting, self._then = self._then, []
        looked_up = dict(self._looked_up)
        searched = tuple(looked_up.pop(entry.key, entry) for entry in self._searched)
        found = (*searched, *looked_up.values())

        def done(shelved: Shelved) -> None:
            self._reading = False
            self._show(shelved, frozenset(shelved.keys[entry.key] for entry in searched))
            go_on()

        def failed(error: Exception) -> None:
            self._reading = False
            self.failed.emit(self._questions.went_wrong(error))
            go_on()

        def go_on() -> None:
            for call in waiting:
                call()
            if self._then and not self._reading:
                self._reshelve(self._then.pop())

        self._shelf_thread.run(lambda: self._reader.read(found), done, failed)

    def _show(self, shelved: Shelved, found: frozenset[str]) -> None:
        differs = (
            self._shelved is None
            or shelved.rows is not self._shelved.rows
            or shelved.catalogue is not self.catalogue
            or found != self.found
        )
        self._shelved, self.items, self.catalogue = shelved, shelved.items, shelved.catalogue
        self.rows, self.index, self.found = shelved.rows, shelved.index, found
        self._watch.follow(item.folder for item in shelved.items)
        self._downloads.forget_unless({row.key for row in shelved.rows if row.items})
        if differs:
            self.rows_changed.emit()
        for problem in shelved.problems:
            if problem not in self._told:
                self._told.add(problem)
                self.troubled.emit(_as_sentence(problem))

    def _say_and_look(self, sentence: str) -> None:
        self.said.emit(sentence)
        self._reshelve()

    def _with_library(self, work: Callable[[], Answer], done: Callable[[Answer], object]) -> None:
        """Do something slow with the library; what goes wrong is told."""
        self._library_thread.run(
            work,
            done,
            lambda error: self.failed.emit(_as_sentence(self._questions.went_wrong(error))),
        )


def _as_sentence(text: str) -> str:
    """What the library says begins with a small letter where it does not begin with a name."""
    return words.capital(text) if text.startswith("the ") else text


def _nothing() -> None:
    pass
