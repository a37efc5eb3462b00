"""One likelihood known from several places: which of them say the same, and whose word counts for what."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.published import Entry, Format, PublishedFile

HEPDATA = "hepdata"
"""The source of what HEPData answered."""

_FACTS = ("title", "abstract", "journal", "journal_doi", "year", "version", "updated")
"""What HEPData knows best. Everything else is written by people for the catalogue, and stays."""
_APART = frozenset({"key", "source", "retrieved", "unchecked", "files"})
_MERGED = tuple(name for name in Entry.__struct_fields__ if name not in _APART)
_UNKNOWN: tuple[object, ...] = (None, "", (), Format.UNKNOWN)
_RECORD_IN_DOI = re.compile(r"hepdata\.(\d+)", re.IGNORECASE)
_INSPIRE = re.compile(r"ins0*([1-9]\d*)")

Identity = tuple[str, int | str]


def identities(entry: Entry) -> tuple[Identity, ...]:
    """By what an entry is recognised; :meth:`Keys.find` says how much each counts."""
    found: list[Identity] = [("key", entry.key)]
    if entry.record is not None:
        found += [("record", entry.record), ("key", f"hepdata.{entry.record}")]
    if entry.inspire is not None:
        found += [("inspire", entry.inspire), ("key", f"ins{entry.inspire}")]
    if entry.arxiv:
        found.append(("arxiv", entry.arxiv.casefold()))
    return tuple(dict.fromkeys(found))


def identities_of_item(item: LibraryItem) -> tuple[Identity, ...]:
    """By what the record of a kept file is recognised; empty where nothing tells it.

    A file that was opened from elsewhere names its record in its patch sets. It counts only where all of them
    name the same one.
    """
    if item.entry is not None:
        return identities(item.entry)
    for origin in item.origins:
        doi = origin.file.doi if origin.file is not None else ""
        match = _RECORD_IN_DOI.search(doi)
        if match:
            return (("record", int(match[1])), ("key", f"hepdata.{match[1]}"))
    named = {reference for analysis in item.contents or () for reference in analysis.references}
    match = _INSPIRE.fullmatch(named.pop()) if len(named) == 1 else None
    return (("inspire", int(match[1])), ("key", f"ins{match[1]}")) if match else ()


class Keys:
    """Under which key each identity is known."""

    def __init__(self) -> None:
        self._keys: dict[Identity, str] = {}
        self._numbers: dict[str, set[Identity]] = {}

    def find(self, named: Iterable[Identity]) -> str:
        """The key of the likelihood that is meant; empty if none is known.

        The record's number counts most, then INSPIRE's. The arXiv number counts only where no other number
        contradicts: it is what people mistype.
        """
        named = sorted(named, key=lambda identity: _ORDER[identity[0]])
        for identity in named:
            key = self._keys.get(identity, "")
            if key and not (identity[0] == "arxiv" and self._contradicts(key, named)):
                return key
        return ""

    def add(self, key: str, *entries: Entry) -> None:
        """Know entries under a key; what is known already stays."""
        for entry in entries:
            for identity in identities(entry):
                self._keys.setdefault(identity, key)
                self._numbers.setdefault(key, set()).add(identity)

    def _contradicts(self, key: str, named: Iterable[Identity]) -> bool:
        known = self._numbers[key]
        return any(
            identity not in known and any(other[0] == identity[0] for other in known)
            for identity in named
            if identity[0] in ("record", "inspire")
        )


_ORDER = {"record": 0, "inspire": 1, "key": 2, "arxiv": 3}


def join(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Merge those that are about the same likelihood, each where the first of them stands."""
    joined: dict[str, Entry] = {}
    keys = Keys()
    for entry in entries:
        key = keys.find(identities(entry)) or entry.key
        joined[key] = merged(joined[key], entry) if key in joined else entry
        keys.add(key, entry, joined[key])
    return tuple(joined.values())


def merged(ours: Entry, theirs: Entry) -> Entry:
    """What both know of one likelihood.

    Args:
        ours: what was known; its key and where it was read stay.
        theirs: what came in addition. Where HEPData said it, and later than ours, its facts replace ours
            (title, abstract, journal, files, and what nobody could check); everything else only fills what is
            unknown.
    """
    newer = theirs.source == HEPDATA and theirs.retrieved >= ours.retrieved
    replaced = {*_FACTS, *ours.unchecked} if newer else set()
    changes: dict[str, Any] = {}
    for name in _MERGED:
        own, other = getattr(ours, name), getattr(theirs, name)
        if other not in _UNKNOWN and other != own and (own in _UNKNOWN or name in replaced):
            changes[name] = other
    if newer:
        changes["files"] = merged_files(theirs.files, ours.files)
        changes["retrieved"] = theirs.retrieved
        changes["unchecked"] = tuple(n for n in ours.unchecked if getattr(theirs, n, None) in _UNKNOWN)
    else:
        changes["files"] = merged_files(ours.files, theirs.files)
    return msgspec.structs.replace(ours, **changes)


def merged_files(
    first: Iterable[PublishedFile], second: Iterable[PublishedFile]
) -> tuple[PublishedFile, ...]:
    """The files of both, each once: the newest version first, and within one the likelihoods.

    Args:
        first: whose word counts where both know something.
        second: fills what the first do not know.
    """
    files, others = _distinct(first), _distinct(second)
    added = []
    for other in others:
        place = _place_of(other, files, others)
        if place is None:
            added.append(other)
        else:
            files[place] = _filled(files[place], other)
    rank = {True: 0, None: 1, False: 2}
    return tuple(
        sorted(_distinct((*files, *added)), key=lambda file: (-(file.version or 0), rank[file.likelihood]))
    )


def _distinct(files: Iterable[PublishedFile]) -> list[PublishedFile]:
    """Each file once."""
    distinct: list[PublishedFile] = []
    for file in files:
        place = next((place for place, other in enumerate(distinct) if _same(file, other)), None)
        if place is None:
            distinct.append(file)
        else:
            distinct[place] = _filled(distinct[place], file)
    return distinct


def _place_of(file: PublishedFile, among: list[PublishedFile], others: list[PublishedFile]) -> int | None:
    """Which of the files is the same; it may be known by its DOI here and by its number there."""
    for place, candidate in enumerate(among):
        if _same(file, candidate):
            return place
    possible = [place for place, candidate in enumerate(among) if _may_be_same(file, candidate)]
    if len(possible) == 1 and sum(_may_be_same(other, among[possible[0]]) for other in others) == 1:
        return possible[0]
    return None


def _same(one: PublishedFile, other: PublishedFile) -> bool:
    if one == other:
        return True
    if one.doi and other.doi:
        return one.doi.casefold() == other.doi.casefold()
    if one.resource is not None and other.resource is not None:
        return one.resource == other.resource
    return bool(one.name) and one.name == other.name and one.version == other.version


def _may_be_same(one: PublishedFile, other: PublishedFile) -> bool:
    """Whether two files of one version differ in nothing that is known of both."""
    if one.version is None or one.version != other.version or False in (one.likelihood, other.likelihood):
        return False
    known = ((getattr(one, name), getattr(other, name)) for name in ("doi", "resource", "name"))
    return all(own in _UNKNOWN or theirs in _UNKNOWN or own == theirs for own, theirs in known)


def _filled(file: PublishedFile, other: PublishedFile) -> PublishedFile:
    changes = {
        name: getattr(other, name)
        for name in PublishedFile.__struct_fields__
        if getattr(file, name) in _UNKNOWN and getattr(other, name) not in _UNKNOWN
    }
    return msgspec.structs.replace(file, **changes) if changes else file
