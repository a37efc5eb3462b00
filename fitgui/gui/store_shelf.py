"""Reading catalogue and library into rows, on a thread of the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fitgui.pallets.catalogue.bundled import FILE_NAME, Catalogue, load_catalogue
from fitgui.pallets.catalogue.filter import Index
from fitgui.pallets.catalogue.merging import Keys, identities
from fitgui.pallets.catalogue.shelf import Row, shelf
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.library import Library
from fitgui.pallets.published import Entry


@dataclass(frozen=True, slots=True)
class Shelved:
    """What stands on the shelf at a moment."""

    rows: tuple[Row, ...]
    index: Index
    catalogue: Catalogue
    items: tuple[LibraryItem, ...]
    """The library's, newest first."""
    lasting: frozenset[str]
    """Keys of the rows of catalogue and library: those that stay when a search is forgotten."""
    keys: Mapping[str, str]
    """The key of the row by the key of an entry that was searched or looked up."""
    problems: tuple[str, ...] = ()
    """What cannot be read of catalogue and library, a sentence each."""


class ShelfReader:
    """Reads again and again; for one thread.

    Args:
        data_folder: where the refreshed catalogue is kept.
        library: the window's.
    """

    def __init__(self, data_folder: Path, library: Library) -> None:
        self._data_folder, self._library = data_folder, library
        self._catalogue: Catalogue | None = None
        self._stamp: tuple[int, int] | None = None
        """Of the refreshed catalogue's file: any window may refresh it."""
        self._last: Shelved | None = None

    def read(self, found: tuple[Entry, ...]) -> Shelved:
        """Put on the shelf what is there now.

        Args:
            found: answers of HEPData.

        Returns:
            All of it; the very rows and index of the last time where nothing has changed.
        """
        stamp = self._refreshed_at()
        if self._catalogue is None or stamp != self._stamp:
            self._catalogue, self._stamp = load_catalogue(self._data_folder), stamp
        items = self._library.items()
        rows = shelf(self._catalogue.entries, items, found)
        last = self._last
        if last is not None and last.rows == rows:
            rows, index = last.rows, last.index
        else:
            index = Index(rows)
        keys = Keys()
        for row in rows:
            keys.add(row.key, row.entry)
        lasting = {row.key for row in shelf(self._catalogue.entries, items)}
        self._last = Shelved(
            rows,
            index,
            self._catalogue,
            items,
            frozenset(lasting),
            {entry.key: keys.find(identities(entry)) or entry.key for entry in found},
            (*self._catalogue.problems, *self._library.problems),
        )
        return self._last

    def _refreshed_at(self) -> tuple[int, int] | None:
        try:
            status = (self._data_folder / FILE_NAME).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size
