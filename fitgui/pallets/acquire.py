"""Having a published pallet: in the library already, or downloaded, opened once, and kept there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from fitgui.folders import default_cache_folder
from fitgui.pallets.choosing import choose_file
from fitgui.pallets.hepdata.browser_check import browser_wanted
from fitgui.pallets.hepdata.cancelling import Cancel
from fitgui.pallets.hepdata.download import ELSEWHERE, Downloaded, Patience, fetch
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.places import claim, clean
from fitgui.pallets.hepdata.progress import Meter, Phase, Progress
from fitgui.pallets.hepdata.recognising import HISTFACTORY, WHY_NOT_HS3, is_hs3
from fitgui.pallets.hepdata.references import Reference, file_reference
from fitgui.pallets.hepdata.room import check_place
from fitgui.pallets.hepdata.service import doi_page
from fitgui.pallets.library.errors import LibraryError
from fitgui.pallets.library.item import LibraryItem, Origin
from fitgui.pallets.library.library import Library, now
from fitgui.pallets.model import PalletError
from fitgui.pallets.opening import open_pallet
from fitgui.pallets.published import Entry, Format, PublishedFile, summarised

if TYPE_CHECKING:
    from fitgui.pallets.hepdata.client import HepData


def acquire(
    what: PublishedFile | Reference,
    entry: Entry | None,
    *,
    library: Library,
    client: HepData,
    progress: Callable[[Progress], object] = lambda _: None,
    cancel: Cancel | None = None,
    version: int | None = None,
    file: str | None = None,
    folder: Path | None = None,
    patience: Patience | None = None,
) -> LibraryItem:
    """Have a published file in the library.

    A file that is kept already, and undamaged, is given without asking anybody. Otherwise HEPData is asked
    which file it is, the file is downloaded and opened, and what opens is kept; what does not is told and
    thrown away.

    Args:
        what: The file, or what names it or its record.
        entry: What is known of the published likelihood, if anything.
        library: Where it is kept.
        client: Asks HEPData.
        progress: Is told what is being done, on this thread.
        cancel: Ends it at once, from another thread or a signal handler; what came is kept for the next time.
        version: Of the record; else the one that ``what`` names, else the newest.
        file: Which one of a record with several, as :func:`fitgui.pallets.choosing.choose_file` has it.
        folder: Of parts; by default in the cache folder.
        patience: With what goes wrong on the way.

    Returns:
        What is kept.

    Raises:
        HepDataError: if it cannot be had, or was cancelled.
        FileChoiceError: if it is not clear which file is meant.
        PalletError: if it cannot be opened, or not be kept.
    """
    if isinstance(what, Reference) and version is not None:
        what = msgspec.structs.replace(what, version=version)
    if file is None and (kept := find_kept(what, library)) is not None:
        return kept
    asking = _Acquisition(library, client, Meter(progress), cancel or Cancel())
    folder = folder or default_downloads_folder()
    check_place(folder)
    check_place(library.folder)
    asking.meter.enter(Phase.ASKING)
    analysis = entry.analysis if entry is not None else ""
    published, entry = asking.resolve(what, entry, file)
    if (kept := find_kept(published, library)) is not None:
        return kept
    _refuse_hs3(published, entry)
    if entry is not None and analysis and not entry.analysis:  # which HEPData does not tell
        entry = msgspec.structs.replace(entry, analysis=analysis)
    return asking.get(published, entry, folder, patience)


def find_kept(what: PublishedFile | Reference, library: Library) -> LibraryItem | None:
    """The very file that is meant, if the library has it undamaged; of a whole record nothing is found here.

    Whatever is found is read: what was damaged on the disk is to be downloaded again, which repairs it.
    """
    if isinstance(what, Reference):
        if not what.is_file:
            return None
        what = PublishedFile(doi=what.doi if what.file_number is not None else "", resource=what.resource)
    kept = library.find_file(what)
    return kept if kept is not None and is_whole(kept, library) else None


def is_whole(item: LibraryItem, library: Library) -> bool:
    """Whether what is kept is still what was kept; reads all of it."""
    try:
        return library.verify(item.digest).ok
    except LibraryError:  # removed meanwhile
        return False


def default_downloads_folder() -> Path:
    """Where parts are kept; whatever is in it can be fetched again."""
    return default_cache_folder() / "downloads"


def _record_of(file: PublishedFile, entry: Entry | None) -> Reference:
    if entry is None or (entry.record is None and entry.inspire is None):
        raise HepDataError(
            ErrorKind.NOT_FOUND,
            f"It is not known where {file.name or 'this file'} is: look for its record at HEPData, or "
            "download it in a browser and open the file.",
        )
    return Reference(record=entry.record, inspire=entry.inspire, version=file.version, text=entry.key)


def _file_doi(what: PublishedFile | Reference) -> str:
    """The DOI of the file that is meant; empty if it is none, or has none."""
    if isinstance(what, PublishedFile):
        return what.doi
    return what.doi if what.file_number is not None else ""


def _refuse_hs3(file: PublishedFile, entry: Entry | None) -> None:
    """What is published as HS3 needs no download to be refused."""
    told = entry is not None and entry.format is Format.HS3 and file.type != HISTFACTORY
    if is_hs3(file) or told:
        why = (entry.why_not if entry is not None else "") or WHY_NOT_HS3
        raise PalletError(
            f"{file.name or 'The file'} is published as HS3 and was not downloaded: {why.rstrip('.')}."
        )


class _NotOpenedError(PalletError):
    """It is here and whole, and of no use."""


@dataclass(frozen=True, slots=True)
class _Acquisition:
    """What getting one file needs throughout."""

    library: Library
    client: HepData
    meter: Meter
    cancel: Cancel

    def resolve(
        self, what: PublishedFile | Reference, entry: Entry | None, wanted: str | None
    ) -> tuple[PublishedFile, Entry | None]:
        """The file with HEPData's number of it, and what HEPData says of its record."""
        if isinstance(what, Reference):
            reference = what
        elif what.resource is not None:
            return what, entry
        else:
            reference = file_reference(what.doi) or _record_of(what, entry)
            wanted = wanted or (None if reference.is_file else what.name or None)
        try:
            answer = self.cancel.run(lambda: self.client.resolve(reference))
        except HepDataError as error:
            if error.kind is ErrorKind.BROWSER and (doi := _file_doi(what)):
                raise browser_wanted(doi_page(doi)) from error
            raise
        known = entry.files if entry is not None else ()
        return choose_file(answer, wanted, self._classify, known), answer.entry

    def _classify(self, file: PublishedFile) -> PublishedFile:
        return self.cancel.run(lambda: self.client.classify(file))

    def get(
        self, file: PublishedFile, entry: Entry | None, folder: Path, patience: Patience | None
    ) -> LibraryItem:
        """Download it, open it, and keep it."""
        clean(folder)
        url = self.client.file_url(file)
        with claim(folder, url, self.cancel, lambda: self.meter.enter(Phase.WAITING, ELSEWHERE)) as place:
            if (kept := find_kept(file, self.library)) is not None:  # another process was quicker
                return kept
            got = fetch(
                self.client.session,
                place,
                name_hint=file.name,
                meter=self.meter,
                cancel=self.cancel,
                patience=patience,
                goal=self.library.folder,
            )
            try:
                item = self._keep(got, file, entry, url)
            except _NotOpenedError as error:
                place.clear()
                raise PalletError(str(error)) from error
            place.clear()
            return item

    def _keep(self, got: Downloaded, file: PublishedFile, entry: Entry | None, url: str) -> LibraryItem:
        """Open what came; after a failure to keep it, the whole file is there for the next time."""
        try:
            pallet = open_pallet(got.path, source=file.doi or url)
        except PalletError as error:
            raise _NotOpenedError(f"{str(error).rstrip('.')}. It was downloaded, and is not kept.") from error
        self.cancel.check()
        published = msgspec.structs.replace(file, name=file.name or got.file_name, size=got.size)
        return self.library.add(
            got.path,
            origin=Origin(source=url, when=now(), entry=entry, file=published),
            digest=got.digest,
            contents=summarised(pallet),
            move=True,
            analysis=entry.analysis if entry is not None else "",
        )
