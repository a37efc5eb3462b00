"""Names in the library, and which of what is kept a text means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from fitgui.pallets.hepdata.references import Reference, parse_reference
from fitgui.pallets.library.errors import LibraryError
from fitgui.pallets.library.item import LibraryItem, Origin
from fitgui.pallets.published import Entry, PublishedFile
from fitgui.pallets.reading.source import without_suffix

_DIGITS = re.compile(r"[0-9a-f]{8,64}")
_FILE_DOI = re.compile(r"10\.17182/hepdata\.(?P<record>\d+)\.v(?P<version>\d+)", re.IGNORECASE)
_RESERVED = ("example",)
_BETWEEN = re.compile(r"[\W_]+")
_BETWEEN_PARTS = re.compile(r"[^\w.+-]+")
_ANYBODYS = re.compile(
    r"stat(istical)?|models?|likelihoods?|workspaces?|ws|json|hist(factory)?|factory|pyhf|hepdata|full|files?"
    r"|patch(es|sets?)?|signals?|b(kg|ackground)?|only|b(kg|ackground)?only|pallets?|data|results?|resources?|\d{1,3}"
)
"""Words in the names of files that do not tell one pallet from another."""


def telling_name(file_name: str, analysis: str) -> str:
    """What a pallet is to be called: by its file, and by its analysis where the file's name could be any's.

    HEPData has three ``statistical_models.tar.gz``: of ``SUSY-2019-09`` it becomes
    ``SUSY-2019-09_statistical_models``.
    """
    name = without_suffix(file_name)
    tokens = [token for token in _BETWEEN.split(name.casefold()) if token]
    analysis = _BETWEEN_PARTS.sub("-", analysis.strip())
    return f"{analysis}_{name}" if analysis and all(_ANYBODYS.fullmatch(token) for token in tokens) else name


def unique_name(name: str, items: Iterable[LibraryItem]) -> str:
    """A name that nothing in the library has: this one, or this one with a number."""
    wanted = name.strip().lstrip("-") or "pallet"
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
        item.digest: max(_rank(origin) for origin in item.origins if _is(origin, reference))
        for item in items
        if any(_is(origin, reference) for origin in item.origins)
    }
    newest = max(versions.values(), default=(0, False))
    meant = [item for item in items if versions.get(item.digest) == newest]
    return _only(meant, reference.text) if meant else None


def is_about(reference: Reference, entry: Entry) -> bool:
    """Whether a reference names this published likelihood, whatever version or file of it."""
    return (
        (reference.record is not None and entry.record == reference.record)
        or (reference.inspire is not None and entry.inspire == reference.inspire)
        or (bool(reference.arxiv) and entry.arxiv == reference.arxiv)
        or (bool(reference.paper_doi) and entry.journal_doi.lower() == reference.paper_doi)
        or (
            reference.resource is not None
            and any(file.resource == reference.resource for file in entry.files)
        )
    )


def named_origin(item: LibraryItem, reference: Reference) -> Origin | None:
    """Which of the published files that a kept one is was named; of a record the newest version.

    A file may be the same in several versions of its record: who asks for one is told of that one.
    """
    return next((origin for origin in item.published if _is(origin, reference)), None)


def matching_file(item: LibraryItem, file: PublishedFile) -> bool:
    """Whether a kept file is this published one, by DOI or by HEPData's number."""
    return any(_is_file(known, file) for known in item.files)


def find_file(items: Iterable[LibraryItem], file: PublishedFile) -> LibraryItem | None:
    """What is kept of a published file: what HEPData gave comes before what somebody said to be it."""
    alike = [
        (origin.by_hand, item)
        for item in items
        for origin in item.published
        if origin.file is not None and _is_file(origin.file, file)
    ]
    return min(alike, key=lambda one: one[0])[1] if alike else None


def _is_file(known: PublishedFile, file: PublishedFile) -> bool:
    return (bool(file.doi) and known.doi.casefold() == file.doi.casefold()) or (
        file.resource is not None and known.resource == file.resource
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
    if reference.version is not None and origin.version != reference.version:
        return False
    return _is_record(origin, reference)


def _is_record(origin: Origin, reference: Reference) -> bool:
    matched = _FILE_DOI.match(origin.file.doi) if origin.file is not None else None
    if matched is not None and reference.record == int(matched["record"]):
        return True
    return origin.entry is not None and is_about(reference, origin.entry)


def _rank(origin: Origin) -> tuple[int, bool]:
    """The newest version counts most; within one, what HEPData gave."""
    return origin.version, not origin.by_hand
