"""What a web browser has saved in fitgui's place: recognised when it is opened, and kept as what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fitgui.gui.store_naming import told_about
from fitgui.pallets.adopting import adopt, contradiction, mismatch, saved_name
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.library import Library
from fitgui.pallets.model import Pallet
from fitgui.pallets.published import Entry, PublishedFile

if TYPE_CHECKING:
    from fitgui.pallets.catalogue.shelf import Row
    from fitgui.pallets.hepdata.answers import RecordAnswer


@dataclass(frozen=True, slots=True)
class Sought:
    """A published file that a browser was to save."""

    key: str
    """Of its row."""
    name: str
    """Of the row, for a sentence."""
    entry: Entry
    file: PublishedFile


@dataclass(frozen=True, slots=True)
class Adopted:
    """What came of looking whether something is one of them."""

    sentence: str = ""
    """For the user; empty if there is nothing to tell."""
    key: str = ""
    """Of the row that has it now; empty if none has."""


class BrowserErrands:
    """The rows whose files the user was asked to get with a browser; an object of the GUI thread."""

    def __init__(self) -> None:
        self._files: dict[str, PublishedFile | None] = {}
        """By the key of the row; ``None`` for any likelihood of the newest version."""

    def begin(self, key: str, file: PublishedFile | None = None) -> None:
        """HEPData lets only browsers in, and the user was told so about this row."""
        if file is not None or key not in self._files:
            self._files[key] = file

    def end(self, key: str) -> None:
        """It is here, one way or the other."""
        self._files.pop(key, None)

    def sought(
        self, row: Callable[[str], Row | None], records: dict[str, RecordAnswer]
    ) -> tuple[Sought, ...]:
        """All that may be here soon.

        Args:
            row: gives a row by its key.
            records: what HEPData said of them.
        """
        found = []
        for key, file in self._files.items():
            if (known := row(key)) is not None:
                answer = records.get(key)
                told = (*(answer.files if answer is not None else ()), *known.entry.files)
                files = _newest(told) if file is None else (told_about(file, told),)
                found += [Sought(key, known.name, known.entry, one) for one in files]
        return tuple(found)


def recognise(library: Library, pallet: Pallet, sought: Sequence[Sought]) -> Adopted:
    """Look whether what was opened is one of the files, and keep it as that; on a thread.

    Args:
        library: keeps it already, as a file from somewhere.
        pallet: what was opened.
        sought: what a browser was to save.

    Raises:
        LibraryError: if that cannot be written down.
    """
    item = library.get(pallet.digest)
    if item is None:
        return Adopted()
    path = Path(pallet.source)
    alike = [one for one in sought if _may_be(path.name, item, one)]
    size = item.size if item.path.is_file() else None
    right = [one for one in alike if not mismatch(item.contents, size, one.entry, one.file)]
    if alike and not right:
        wanted = alike[0]
        if other := contradiction(item.contents, wanted.entry):
            return Adopted(f"{path.name} names {other} as its record, so it is not taken for {wanted.name}.")
        why = mismatch(item.contents, size, wanted.entry, wanted.file)
        return Adopted(f"{path.name} is not taken for the file of {wanted.name}: {why}.")
    if len({(one.key, one.file.doi) for one in right}) > 1:
        either = " or ".join(dict.fromkeys(one.file.doi or one.name for one in right))
        return Adopted(
            f"{path.name} may be {either}: `fitgui library add FILE --as DOI` tells the library which it is."
        )
    if not right:
        return Adopted()
    one = right[0]
    adopt(library, item, pallet.source, one.entry, one.file)
    named = one.file.doi or one.entry.record_doi or one.key
    return Adopted(f"{path.name} is kept as {named}, of {one.name}.", one.key)


def _newest(files: Iterable[PublishedFile]) -> tuple[PublishedFile, ...]:
    """The likelihoods of the newest version, each once."""
    possible = [file for file in files if file.likelihood is not False]
    newest = max((file.version or 0 for file in possible), default=0)
    named = {file.doi or file.name: file for file in reversed(possible) if (file.version or 0) == newest}
    return tuple(named.values())


def _may_be(name: str, item: LibraryItem, one: Sought) -> bool:
    """By its name; where the published name is unknown, by the record that the pallet itself names."""
    if one.file.name:
        return saved_name(name, one.file.name)
    own = f"ins{one.entry.inspire}" if one.entry.inspire is not None else ""
    return bool(own) and any(own in analysis.references for analysis in item.contents or ())
