"""What HEPData answers, in the words of fitgui."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from fitgui.pallets.hepdata.documents import Document, inner, number, objects, text, unknown_shape
from fitgui.pallets.hepdata.entries import entry_of, likelihoods_named
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.references import Reference, parse_reference
from fitgui.pallets.published import Entry, PublishedFile
from fitgui.words import capital


class SearchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Published likelihoods that a search found."""

    entries: tuple[Entry, ...]
    total: int
    """Of all pages together."""
    retrieved: datetime
    """When HEPData was asked, in UTC."""
    cached: bool = False
    """Whether HEPData was not asked now."""
    offline: str = ""
    """Why an older answer had to do, in a sentence; empty if it was fresh enough."""
    page: str = ""
    """What to open in a browser instead, where HEPData lets only browsers in; else empty."""


class RecordAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a record."""

    entry: Entry
    """Its files are those of this version that are or may be likelihoods, those that are first."""
    version: int
    versions: int
    """How many there are, counted from 1."""
    files: tuple[PublishedFile, ...]
    """All of this version, in HEPData's order."""
    chosen: PublishedFile | None = None
    """The file that was asked for, if one was."""
    retrieved: datetime
    """When HEPData was asked, in UTC; of several questions, the first."""
    cached: bool = False
    """Whether HEPData was not asked now, or not for everything."""
    offline: str = ""
    """Why an older answer, or that of DataCite, had to do, in a sentence; empty if HEPData answered."""
    page: str = ""
    """What to open in a browser instead, where HEPData lets only browsers in; else empty."""
    source: Literal["hepdata", "datacite"] = "hepdata"
    """Who gave the answer; DataCite knows what HEPData registered of versions and of files with a DOI."""


def check_search(document: Document) -> None:
    """Tell a search that HEPData could not carry out: it says so with status 200.

    Raises:
        HepDataError: with its reason.
    """
    if reason := text(document, "error"):
        raise HepDataError(
            ErrorKind.WRONG_ANSWER,
            f"HEPData could not search for that ({' '.join(reason.split())[:200].rstrip('.')}): use plain "
            "words, without quotes, brackets and colons.",
        )
    if not isinstance(document.get("results"), list):
        raise unknown_shape("a search")


def found_entries(document: Document, retrieved: datetime) -> tuple[tuple[Entry, ...], int]:
    """The results of a search, and how many there are on all pages."""
    entries: dict[str, Entry] = {}
    for result in objects(document, "results"):
        if number(result, "recid") is None and number(result, "id") is None:
            continue
        entry = entry_of(result, retrieved, likelihoods_named(result))
        entries.setdefault(entry.key, entry)
    total = number(document, "total") or number(inner(document, "hits"), "total") or 0
    return tuple(entries.values()), max(total, len(entries))


def check_record(document: Document, what: str) -> None:
    """Tell what is no record of a publication.

    Raises:
        HepDataError: if it is, say, a table's.
    """
    if number(document, "recid") is None or not inner(document, "record"):
        if "recid" in document or "record" in document:
            raise unknown_shape(what)
        raise HepDataError(
            ErrorKind.NOT_FOUND,
            f"{capital(what)} is not the record of a publication but of a table, or of something else; an "
            "INSPIRE number is written as ins1755298.",
        )


def check_resources(document: Document, what: str) -> None:
    """Tell an answer that is no list of files.

    Raises:
        HepDataError: if it is none.
    """
    if not isinstance(document.get("submission_items"), list):
        raise unknown_shape(what)


def versions_of(document: Document) -> tuple[int, int]:
    """The version of a record's answer, and how many there are."""
    version = number(document, "version") or 1
    return version, max(version, number(document, "version_count") or 1)


def check_version(document: Document, what: str, wanted: int | None) -> None:
    """Tell an answer about another version than was asked for.

    HEPData answers with its newest version where it cannot read the number of one.

    Args:
        document: a record's.
        what: the record, for a sentence.
        wanted: the version that was asked for; ``None`` for the newest.

    Raises:
        HepDataError: if it is about another.
    """
    if wanted is None or number(document, "version") == wanted:
        return
    version, versions = versions_of(document)
    if number(document, "version") is None:
        raise unknown_shape(f"{what} version {wanted}")
    if wanted > versions:
        raise no_version(what, versions, wanted)
    raise HepDataError(
        ErrorKind.WRONG_ANSWER,
        f"HEPData answered with version {version} of {what} when asked for version {wanted}; "
        "try again later.",
    )


def no_version(what: str, versions: int, wanted: int) -> HepDataError:
    """What to say where a record has no such version.

    Args:
        what: the record, for the beginning of a sentence.
        versions: how many it has.
        wanted: the version that was asked for.
    """
    there = f"versions 1 to {versions}" if versions > 1 else "version 1 only"
    return HepDataError(ErrorKind.NOT_FOUND, f"{capital(what)} has {there}, not version {wanted}.")


def record_of_file(document: Document, base: str) -> Reference | None:
    """The record and the version that a file belongs to, from the JSON-LD of its landing page.

    Args:
        document: the JSON-LD.
        base: address of HEPData, as it stands in the document.
    """
    part_of = inner(document, "isPartOf")
    named = [text(one, "value") for one in objects(document, "identifier")]
    candidates = [
        text(part_of, "url"),
        text(part_of, "@id"),
        *named,
        text(document, "url"),
        text(document, "@id"),
    ]
    for candidate in candidates:
        found = parse_reference(candidate.removeprefix(base))
        if found is not None and (found.record is not None or found.inspire is not None):
            version = number(document, "version") or found.version
            return Reference(record=found.record, inspire=found.inspire, version=version)
    return None


def chosen(reference: Reference, files: tuple[PublishedFile, ...], where: str) -> PublishedFile | None:
    """The file that a reference names.

    Raises:
        HepDataError: if this version has no such file; it lists those that there are.
    """
    if not reference.is_file:
        return None
    if reference.resource is not None:
        named = f"file number {reference.resource}"
        found = next((file for file in files if file.resource == reference.resource), None)
    else:
        named = f"file r{reference.file_number}"
        found = next((file for file in files if file.doi.lower() == reference.doi), None)
    if found is not None:
        return found
    there = [f"{file.doi.rpartition('/')[2]} ({file.name or file.type})" for file in files if file.doi]
    listed = ", ".join(there[:8]) + (" …" if len(there) > 8 else "")
    raise HepDataError(
        ErrorKind.NOT_FOUND,
        f"{capital(where)} has no {named}; "
        + (f"it has {listed}." if there else "it has no files with a DOI."),
    )
