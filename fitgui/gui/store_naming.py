"""Which row, which kept file, which file of a record is meant."""

from __future__ import annotations

from collections.abc import Iterable

from fitgui.pallets.catalogue.shelf import Row
from fitgui.pallets.hepdata.references import Reference, file_reference
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.matching import matching_file
from fitgui.pallets.published import Entry, PublishedFile


def reference_of(entry: Entry, version: int | None = None) -> Reference | None:
    """How HEPData is asked about an entry; ``None`` if its record is unknown."""
    if entry.record is None and entry.inspire is None and not entry.arxiv:
        return None
    reference = Reference(
        record=entry.record,
        inspire=entry.inspire if entry.record is None else None,
        arxiv=entry.arxiv if entry.record is None and entry.inspire is None else "",
        version=version,
    )
    return Reference(
        record=reference.record,
        inspire=reference.inspire,
        arxiv=reference.arxiv,
        version=version,
        text=reference.shown,
    )


def row_named(rows: Iterable[Row], reference: Reference) -> Row | None:
    """The row of the likelihood that a user has named."""
    for row in rows:
        entry = row.entry
        if (
            (reference.record is not None and entry.record == reference.record)
            or (reference.inspire is not None and entry.inspire == reference.inspire)
            or (bool(reference.arxiv) and entry.arxiv == reference.arxiv)
            or (bool(reference.paper_doi) and entry.journal_doi.lower() == reference.paper_doi)
            or (reference.resource is not None and any(names(reference, file) for file in entry.files))
        ):
            return row
    return None


def names(reference: Reference, file: PublishedFile) -> bool:
    """Whether it is this file that a user has named."""
    if reference.resource is not None:
        return file.resource == reference.resource
    known = file_reference(file.doi)
    return reference.is_file and known is not None and known.doi == reference.doi


def is_complete(what: PublishedFile | Reference) -> bool:
    """Whether all is known of a file that is to be kept with it: a search tells neither DOI nor licence."""
    return isinstance(what, PublishedFile) and bool(what.doi) and what.licence is not None


def is_same_file(one: PublishedFile, other: PublishedFile) -> bool:
    """Whether both are the same published file, by DOI or by HEPData's number."""
    if one.resource is not None and other.resource is not None:
        return one.resource == other.resource
    return bool(one.doi) and one.doi == other.doi


def told_about(file: PublishedFile, told: Iterable[PublishedFile]) -> PublishedFile:
    """The same file in the words of its record, if it is there."""
    return next((known for known in told if is_same_file(file, known)), file)


def kept_item(row: Row, file: PublishedFile | None) -> LibraryItem | None:
    """What is kept of a row: this file, or any, the newest first."""
    if file is None:
        return next(iter(row.items), None)
    return next((item for item in row.items if matching_file(item, file)), None)
