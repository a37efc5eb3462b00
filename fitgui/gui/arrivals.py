"""What comes from HEPData: it is opened when it is here, unless that would interrupt a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fitgui.gui.browser.links import open_link
from fitgui.gui.pallet_store import PalletStore
from fitgui.gui.results_panel import ResultsPanel
from fitgui.gui.store_states import DownloadState
from fitgui.gui.workbench import Workbench
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.matching import find_item


@dataclass(frozen=True, slots=True)
class Awaited:
    """What the user wants to open and HEPData is asked for."""

    text: str
    """By which it was named."""
    then: Callable[[], None] | None
    """What is to be done once it is open."""
    sentence: str
    """In the notice bar while it is on its way."""


class Arrivals:
    """Between the store, which gets, and the workbench, which opens; an object of the GUI thread.

    Args:
        workbench: opens.
        store: gets.
        panel: its notice bar tells, with a button to try again.
        tell: says a sentence, by its level.
    """

    def __init__(
        self,
        workbench: Workbench,
        store: PalletStore,
        panel: ResultsPanel,
        tell: Callable[[str, str], object],
    ) -> None:
        self._workbench, self._store, self._panel, self._tell = workbench, store, panel, tell
        self._awaited: Awaited | None = None
        store.arrived.connect(self._arrived)
        store.download_changed.connect(self._download_changed)
        store.failed.connect(self._failed)

    def fetch(self, text: str, then: Callable[[], None] | None) -> None:
        """Get what HEPData knows by that, open it, and go on with ``then``."""
        sentence = f"{text} is not on this machine: it is fetched from HEPData, and opened when it is here."
        self._awaited = Awaited(text, then, sentence)
        self._tell("info", sentence)
        self._store.resolve(text, get=True)

    def _arrived(self, item: LibraryItem) -> None:
        then = None
        awaited = self._awaited
        if awaited is not None and find_item([item], awaited.text) is not None:
            self._awaited, then = None, awaited.then
            if self._panel.notice.text == awaited.sentence:
                self._panel.notice.hide()
        if self._workbench.running:
            self._tell("info", f"{item.name} is in the library now; it can be opened when the run is over.")
        else:
            self._workbench.open_item(item, then)

    def _download_changed(self, state: DownloadState) -> None:
        if state.can_retry and self._awaited is not None:
            self._failed(state.sentence or "The download was cancelled.", state.page)

    def _failed(self, sentence: str, page: str = "") -> None:
        """Something that the store was asked for did not work; ``page``: what to open in a browser."""
        awaited, self._awaited = self._awaited, None
        if awaited is None:
            self._tell("error", sentence)
            return
        self._tell("warning", sentence)
        address = page or self._store.hepdata.page
        action, act = "Try again", lambda: self.fetch(awaited.text, awaited.then)
        if address:
            action, act = "Open in browser", lambda: self._open_page(address)
        self._panel.notice.tell("warning", sentence, action=action, act=act)

    def _open_page(self, address: str) -> None:
        if not open_link(address):
            self._tell("error", f"No browser could be opened here; the page is {address}")
