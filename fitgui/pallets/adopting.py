"""A file that came some other way, by a web browser or a memory stick: which published file it is.

That is kept with it, so that it is found, cited and opened as if it had been downloaded here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from fitgui.pallets.hepdata.answers import RecordAnswer, chosen
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.recognising import is_hs3
from fitgui.pallets.hepdata.references import Reference
from fitgui.pallets.library.item import LibraryItem, Origin
from fitgui.pallets.library.library import Library, now
from fitgui.pallets.library.matching import is_about
from fitgui.pallets.model import PalletError
from fitgui.pallets.published import AnalysisSummary, Entry, PublishedFile
from fitgui.pallets.reading.names import shown

if TYPE_CHECKING:
    from fitgui.pallets.hepdata.client import HepData

# "likelihoods (1).tar.gz" (Chromium), "likelihoods(1).tar.gz" (Firefox), "likelihoods.tar (1).gz".
_COPY = re.compile(r"[ \u00a0]?\([0-9]{1,3}\)(?=\.|\Z)")


class Publication(msgspec.Struct, frozen=True):
    """A published likelihood, and those of its files that may be meant."""

    entry: Entry
    files: tuple[PublishedFile, ...]


def saved_name(name: str, published: str) -> bool:
    """Whether a file called ``name`` may be the published one: browsers number what they save again."""
    return bool(published) and published.casefold() in (name.casefold(), _COPY.sub("", name).casefold())


def contradiction(contents: Iterable[AnalysisSummary] | None, entry: Entry) -> str:
    """The other record that a pallet names as its own; empty if it names this one, or none."""
    named = {reference for analysis in contents or () for reference in analysis.references}
    if entry.inspire is None or not named or f"ins{entry.inspire}" in named:
        return ""
    return min(named)


def mismatch(
    contents: Iterable[AnalysisSummary] | None, size: int | None, entry: Entry, file: PublishedFile
) -> str:
    """What speaks against a pallet being a published file; empty if nothing that is known here does.

    Args:
        contents: what opening it found.
        size: of the file in bytes; ``None`` for a folder.
        entry: the published likelihood.
        file: which of its files.
    """
    if other := contradiction(contents, entry):
        return f"it names {other} as its record, not {entry.key}"
    if size is not None and file.size is not None and size != file.size:
        return f"it has {size} bytes, and what is published has {file.size}"
    return ""


def look_up(reference: Reference, entries: Iterable[Entry], silent: HepData) -> Publication:
    """What is known here of what a reference names; nobody is asked.

    Args:
        reference: names a record or a file of it.
        entries: of the catalogue.
        silent: gives the answers that HEPData gave before.

    Raises:
        HepDataError: if an answer says that there is no such file.
        PalletError: if the reference tells no record.
    """
    answer = _remembered(reference, silent)
    if answer is not None:
        files = answer.files if answer.chosen is None else (answer.chosen,)
        return Publication(answer.entry, _likelihoods(files))
    entry = next((known for known in entries if is_about(reference, known)), None)
    if entry is None and not reference.key_hint:
        raise PalletError(
            f"Nothing is known here of {reference.shown}: name the file by its DOI, such as "
            "10.17182/hepdata.90607.v3/r3."
        )
    if entry is None:
        entry = Entry(key=reference.key_hint, inspire=reference.inspire, record=reference.record)
    return Publication(entry, _of_version(reference, entry))


def choose(publication: Publication, reference: Reference, name: str) -> PublishedFile:
    """Which of the published files a file is.

    Args:
        publication: what may be meant.
        reference: as the user named it.
        name: of the file.

    Raises:
        PalletError: if that is not clear; one sentence that lists them.
    """
    files = publication.files
    if reference.is_file:
        if (named := next((file for file in files if _names(reference, file)), None)) is not None:
            return named
        _refuse_unknown(publication, reference)
        doi = reference.doi if reference.file_number is not None else ""
        return PublishedFile(doi=doi, version=reference.version, resource=reference.resource)
    alike = [file for file in files if saved_name(name, file.name)]
    if len(alike) == 1:
        return alike[0]
    if len(files) == 1 and not files[0].name:
        return files[0]
    listed = ", ".join(" ".join(filter(None, (file.doi, file.name))) for file in files[:8])
    there = f"its files are {listed}" if listed else "its files are not known here"
    raise PalletError(
        f"It is not clear which file of {reference.shown} {shown(name)} is: name it by its DOI; {there}."
    )


def adopt(library: Library, item: LibraryItem, source: str, entry: Entry, file: PublishedFile) -> LibraryItem:
    """Write down that what is kept is this published file, and that nobody has compared the two.

    Args:
        library: that keeps it.
        item: what is kept.
        source: where it lay when it was opened.
        entry: the published likelihood.
        file: which of its files.

    Raises:
        LibraryError: if it cannot be written down.
    """
    # What a browser or its user calls it need not be what it is called at HEPData.
    published = msgspec.structs.replace(file, size=item.size)
    origin = Origin(source=source, when=now(), entry=entry, file=published, by_hand=True)
    return library.note(item.digest, origin=origin)


def _refuse_unknown(publication: Publication, reference: Reference) -> None:
    """Refuse a file that is not among those of its version, or of a version that nobody has seen yet.

    Raises:
        PalletError: if so; of a record or a version whose files are not known here, any may be meant.
    """
    entry, version = publication.entry, reference.version
    known = [file for file in (*entry.files, *publication.files) if file.version == version]
    newest = max((entry.version or 0, *(file.version or 0 for file in entry.files)))
    if all(file.doi for file in known) and (known or (version is not None and 0 < newest < version)):
        listed = ", ".join(dict.fromkeys(file.doi for file in known[:8]))
        there = f"of that version, {listed} is known" if known else f"the newest version known is {newest}"
        record = Reference(record=reference.record, version=version).doi
        raise PalletError(
            f"No likelihood {reference.shown} is known here; {there}: `fitgui search {record} --online` asks "
            "HEPData."
        )


def _remembered(reference: Reference, silent: HepData) -> RecordAnswer | None:
    """An answer from before about the version that is meant; a file that it does not have is an error."""
    try:
        return silent.record(reference)
    except HepDataError as error:
        if error.kind is not ErrorKind.OFFLINE:
            raise
    if reference.version is None or not reference.key_hint:
        return None
    try:  # the newest may have been asked for, without a number
        newest = silent.record(Reference(record=reference.record, inspire=reference.inspire))
    except HepDataError:
        return None
    if newest.version != reference.version:
        return None
    found = chosen(reference, newest.files, f"record {newest.entry.record} version {newest.version}")
    return msgspec.structs.replace(newest, chosen=found)


def _of_version(reference: Reference, entry: Entry) -> tuple[PublishedFile, ...]:
    files = _likelihoods(entry.files)
    versions = [file.version for file in files if file.version is not None]
    version = reference.version if reference.version is not None else max(versions, default=None)
    return tuple(file for file in files if version is None or file.version in (None, version))


def _likelihoods(files: Sequence[PublishedFile]) -> tuple[PublishedFile, ...]:
    return tuple(file for file in files if file.likelihood is not False and not is_hs3(file))


def _names(reference: Reference, file: PublishedFile) -> bool:
    if reference.resource is not None:
        return file.resource == reference.resource
    return file.doi.lower() == reference.doi
