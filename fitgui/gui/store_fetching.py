"""One download, from what is wanted to the kept file; on a thread of the store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from fitgui.gui.store_downloads import Tell, Wanted
from fitgui.gui.store_naming import is_complete, told_about
from fitgui.pallets.hepdata.browser_check import browser_wanted
from fitgui.pallets.hepdata.cancelling import Cancel
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.progress import Phase, Progress
from fitgui.pallets.hepdata.references import Reference
from fitgui.pallets.hepdata.service import doi_page
from fitgui.pallets.library.item import LibraryItem, Origin
from fitgui.pallets.library.library import Library, now
from fitgui.pallets.published import PublishedFile

if TYPE_CHECKING:
    from fitgui.pallets.hepdata.answers import RecordAnswer
    from fitgui.pallets.hepdata.client import HepData


def make_client(cache_folder: Path) -> HepData:
    """The client; on a thread, for the libraries of HTTP take a while to load."""
    from fitgui.pallets.hepdata.cache import AnswerCache  # noqa: PLC0415
    from fitgui.pallets.hepdata.client import HepData  # noqa: PLC0415

    return HepData(cache=AnswerCache(cache_folder / "hepdata"))


class Fetcher:
    """Gets what is wanted into the library; may be used by several threads.

    Args:
        library: where it is kept.
        client: gives who asks HEPData.
        cache_folder: parts of files are kept below it.
        learned: is told, on the thread, what HEPData said of the record.
    """

    def __init__(
        self,
        library: Library,
        client: Callable[[], HepData],
        cache_folder: Path,
        learned: Callable[[RecordAnswer], object],
    ) -> None:
        self._library, self._client, self._cache_folder = library, client, cache_folder
        self._learned = learned

    def fetch(self, wanted: Wanted, tell: Tell, cancel: Cancel) -> LibraryItem:
        """Get it.

        Raises:
            PalletError: if it cannot be had, opened or kept, or was cancelled.
        """
        from fitgui.pallets.acquire import acquire, find_kept  # noqa: PLC0415

        tell(Progress(phase=Phase.ASKING))
        client = self._client()
        cancel.check()
        entry, what = wanted.entry, wanted.file or wanted.reference
        assert what is not None  # the GUI thread begins nothing else
        if wanted.reference is not None and find_kept(what, self._library) is None and not is_complete(what):
            # What HEPData says is of interest whatever becomes of the download: there may be two files.
            answer = self._ask_about(what, wanted.reference, client, cancel)
            if answer is not None:
                self._learned(answer)
                entry = answer.entry
                if not entry.analysis:  # which HEPData does not tell
                    entry = msgspec.structs.replace(entry, analysis=wanted.entry.analysis)
                what = told_about(what, answer.files) if isinstance(what, PublishedFile) else what
        item = acquire(
            what,
            entry,
            library=self._library,
            client=client,
            progress=tell,
            cancel=cancel,
            folder=self._cache_folder / "downloads",
        )
        if isinstance(what, PublishedFile) and what.doi and all(file.doi != what.doi for file in item.files):
            # It was kept by its number alone; from now on it is found by its DOI, too.
            origin = Origin(source=client.file_url(what), when=now(), entry=entry, file=what)
            item = self._library.note(item.digest, origin=origin)
        return item

    @staticmethod
    def _ask_about(
        what: PublishedFile | Reference, reference: Reference, client: HepData, cancel: Cancel
    ) -> RecordAnswer | None:
        """What HEPData says of a record; ``None`` if that is not known but the file can be had without."""
        try:
            return cancel.run(lambda: client.resolve(reference))
        except HepDataError as error:
            if isinstance(what, Reference) or error.kind in (ErrorKind.OFFLINE, ErrorKind.CANCELLED):
                raise
            if error.kind is ErrorKind.BROWSER and what.resource is None and what.doi:
                raise browser_wanted(doi_page(what.doi)) from error
            return None
