"""Names in the library, and which of what is kept a text means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from fitgui.pallets.hepdata.references import Reference, parse_reference
from fitgui.pallets.library.errors import LibraryError
from fitgui.pallets.library.item import LibraryItem, Origin
from fitgui.pallets.published import PublishedFile
from fitgui.pallets.reading.source import without_suffix

_DIGITS = re.compile(r"[0-9a-f]{8,64}")
_FILE_DOI = re.compile(r"10\.17182/hepdata\.(?P<record>\d+)\.v(?P<version>\d+)")
_RESERVED = ("example",)


def unique_name(file_name: str, items: Iterable[LibraryItem]) -> str:
    """A name that nothing in the library has: of the file, without its ending, perhaps numbered."""
    wanted = without_suffix(file_name).strip().lstrip("-") or "pallet"
    taken = {item.name.casefold() for item in items} | set(_RESERVED)
    name, number = wanted, 1
    while name.casefold() in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def find_item(items: Sequence[LibraryItem], text: str) -> LibraryItem | None:
    """What a text means: a name, a file name, a digest or its beginning, a reference to HEPData.

    Raises:
        LibraryError: if several are meant.
    """
    text = text.strip()
    lowered = text.casefold()
    for meant in (
        [item for item in items if item.name == text],
        [item for item in items if item.name.casefold() == lowered],
        [item for item in items if item.file_name == text],
        [item for item in items if _DIGITS.fullmatch(lowered) and item.digest.startswith(lowered)],
    ):
        if meant:
            return _only(meant, text)
    reference = parse_reference(text)
    return None if reference is None else find_reference(items, reference)


def find_reference(items: Sequence[LibraryItem], reference: Reference) -> LibraryItem | None:
    """What is kept of a record or of one file of it; of several versions the newest.

    Raises:
        LibraryError: if several files of one version are meant.
    """
    versions = {
        item.digest: max(_version(origin) for origin in item.origins if _is(origin, reference))
        for item in items
        if any(_is(origin, reference) for origin in item.origins)
    }
    newest = max(versions.values(), default=0)
    meant = [item for item in items if versions.get(item.digest) == newest]
    return _only(meant, reference.text) if meant else None


def matching_file(item: LibraryItem, file: PublishedFile) -> bool:
    """Whether a kept file is this published one, by DOI or by HEPData's number."""
    return any(
        (bool(file.doi) and known.doi == file.doi)
        or (file.resource is not None and known.resource == file.resource)
        for known in item.files
    )


def _only(meant: Sequence[LibraryItem], text: str) -> LibraryItem:
    if len(meant) > 1:
        names = ", ".join(item.name for item in meant)
        raise LibraryError(f"{text} means several that are kept: name one of {names}")
    return meant[0]


def _is(origin: Origin, reference: Reference) -> bool:
    """Whether a file came from what a reference names."""
    file = origin.file
    if reference.resource is not None:
        return file is not None and file.resource == reference.resource
    if reference.file_number is not None:
        return file is not None and file.doi.lower() == reference.doi.lower()
    if reference.version is not None and _version(origin) != reference.version:
        return False
    return _is_record(origin, reference)


def _is_record(origin: Origin, reference: Reference) -> bool:
    matched = _FILE_DOI.match(origin.file.doi) if origin.file is not None else None
    if matched is not None and reference.record == int(matched["record"]):
        return True
    entry = origin.entry
    return entry is not None and (
        (reference.record is not None and entry.record == reference.record)
        or (reference.inspire is not None and entry.inspire == reference.inspire)
        or (bool(reference.arxiv) and entry.arxiv == reference.arxiv)
        or (bool(reference.paper_doi) and entry.journal_doi.lower() == reference.paper_doi)
    )


def _version(origin: Origin) -> int:
    """The version of the record; 0 if nobody knows."""
    if origin.file is None:
        return 0
    matched = _FILE_DOI.match(origin.file.doi)
    return origin.file.version or (int(matched["version"]) if matched else 0)
