"""What stands on the shelf: catalogue, kept files and search results as one list, each likelihood once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from fitgui.pallets.catalogue.merging import Keys, identities, identities_of_item, merged, merged_files
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.published import Entry, Format, PublishedFile

KEPT = "kept."
"""Begins the key of a kept file of which no record is known; its digest follows."""


@dataclass(frozen=True, slots=True)
class Row:
    """One published likelihood, or one kept file without a record."""

    key: str
    """The entry's, from when it was first seen; stays while the row gets to know more."""
    entry: Entry
    """All that is known from catalogue, HEPData and the kept files together."""
    items: tuple[LibraryItem, ...] = ()
    """The kept files of it, in the order of the library."""

    @property
    def kept(self) -> bool:
        """Whether at least one of its files is here."""
        return bool(self.items)

    @property
    def published(self) -> bool:
        """Whether it is known which record this is."""
        return not self.key.startswith(KEPT)

    @property
    def has_points(self) -> bool | None:
        """Whether there is a grid of signal points; ``None`` where nobody knows."""
        if self.entry.contents:
            return any(analysis.points for analysis in self.entry.contents)
        return self.entry.points > 0 if self.entry.points is not None else self.entry.format.has_points

    @property
    def fittable(self) -> bool | None:
        """Whether there are signal points that can be fitted; ``None`` where only opening it would tell."""
        if any(item.contents and not item.refused for item in self.items):
            return self.has_points
        refused = bool(self.items) and all(item.refused for item in self.items)
        if refused or self.entry.why_not or self.entry.format is Format.HS3:
            return False
        return self.has_points

    @property
    def name(self) -> str:
        """The shortest name that tells it from others."""
        own = self.items[0].name if self.items and not self.published else ""
        return own or self.entry.nickname or self.entry.analysis or self.entry.title or self.key


def shelf(
    entries: Iterable[Entry], items: Iterable[LibraryItem], found: Iterable[Entry] = ()
) -> tuple[Row, ...]:
    """Put all that is known of each likelihood into one row.

    Args:
        entries: the catalogue's.
        items: the library's, newest first.
        found: what HEPData answered to a search; its facts go into the rows of the catalogue.

    Returns:
        The rows in the order of the catalogue, then of the answers, then kept files of which no record is
        known, in the order of the library.
    """
    rows: dict[str, Row] = {}
    keys = Keys()
    for entry in (*entries, *found):
        _put(entry, rows, keys)
    for item in items:
        known = item.entry
        key = keys.find(identities_of_item(item)) if known is None else _put(known, rows, keys)
        if not key:
            key = KEPT + item.digest
            rows[key] = Row(key, _entry_of(item, key))
        rows[key] = _with(rows[key], item)
    return tuple(rows.values())


def _put(entry: Entry, rows: dict[str, Row], keys: Keys) -> str:
    """Add an entry, or what it knows to the row that is about the same; the row's key."""
    key = keys.find(identities(entry))
    if key:
        rows[key] = replace(rows[key], entry=merged(rows[key].entry, entry))
    else:
        key = entry.key
        rows[key] = Row(key, entry)
    keys.add(key, entry, rows[key].entry)
    return key


def _entry_of(item: LibraryItem, key: str) -> Entry:
    """What is known of a kept file of which no record is known."""
    file = PublishedFile(name=item.file_name, size=item.size)
    return Entry(key=key, nickname=item.name, files=(file,), source="library", why_not=item.refused)


def _with(row: Row, item: LibraryItem) -> Row:
    """Add a kept file, and what opening it found where nothing was known."""
    entry = row.entry
    files = merged_files(entry.files, item.files)
    changes: dict[str, Any] = {"files": files} if files != entry.files else {}
    if item.contents and not entry.contents:
        contents = item.contents
        changes["contents"] = contents
        if entry.points is None:
            changes["points"] = sum(len(analysis.points) for analysis in contents)
        if entry.workspaces is None:
            changes["workspaces"] = len(contents)
        if not entry.labels:
            changes["labels"] = tuple(
                dict.fromkeys(name for analysis in contents for name in analysis.labels)
            )
    if changes:
        entry = msgspec.structs.replace(entry, **changes)
    return Row(row.key, entry, (*row.items, item))
