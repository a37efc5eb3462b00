"""Which published likelihood is meant by what was typed."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from fitgui.cli.errors import CommandError, CommandUsageError
from fitgui.pallets import PalletError
from fitgui.pallets.acquire import find_kept, is_whole
from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.pallets.finding import source_of
from fitgui.pallets.hepdata.references import Reference, parse_reference
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.library import Library
from fitgui.pallets.library.matching import is_about
from fitgui.pallets.published import Entry
from fitgui.pallets.reading.names import shown

_WHAT_TO_NAME = "give a DOI or a number of HEPData's, or a name of the catalogue such as SUSY-2019-08"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be had."""

    typed: str
    name: str
    """For a line of the terminal."""
    reference: Reference | None
    """What to ask HEPData for; ``None`` if nothing needs to be asked."""
    entry: Entry | None = None
    """What the catalogue knows of it."""
    kept: LibraryItem | None = None
    """It is here already."""


def understand(typed: str, version: int | None, file: str | None, library: Library) -> Wanted:
    """Find out what is meant; nobody is asked.

    Args:
        typed: A DOI, a number, an address, a name of the catalogue or of the library.
        version: Of the record, if one was asked for.
        file: Of the record, if one was asked for.
        library: What is kept.

    Raises:
        CommandUsageError: if it is nothing that can be asked for, or does not fit together.
    """
    if not typed.strip():
        raise CommandUsageError(f"nothing was named: {_WHAT_TO_NAME}")
    if file is not None and not file.strip():
        raise CommandUsageError(
            "--file is empty: give the name of a file of the record, or its number as in r1"
        )
    reference = parse_reference(typed)
    if reference is not None:
        reference = _of_version(typed, reference, version, file)
        entry = next((entry for entry in load_catalogue().entries if is_about(reference, entry)), None)
        kept = find_kept(reference, library) if file is None else None
        return Wanted(typed, _short(entry) or reference.shown, reference, entry, kept)
    if (wanted := of_catalogue(typed, version)) is not None:
        return wanted
    try:
        kept = library.find(typed)
    except PalletError as error:
        raise CommandUsageError(str(error)) from error
    if kept is not None and version is None and file is None:
        return _of_item(typed, kept, library)
    raise CommandUsageError(
        f"{shown(typed, 80)} is no DOI, number or address of HEPData's, and nothing of that name is in the "
        "catalogue: `fitgui search` finds what is published"
    )


def of_catalogue(typed: str, version: int | None = None) -> Wanted | None:
    """What the catalogue knows under this name: an analysis number, a nickname; ``None`` if it knows nothing.

    Raises:
        CommandUsageError: if it knows several, or not where it is published.
    """
    named = [entry for entry in load_catalogue().entries if _called(entry, typed)]
    if len(named) > 1:
        keys = ", ".join(entry.record_doi or entry.key for entry in named[:5])
        raise CommandUsageError(f"several likelihoods are called {typed}: choose one of {keys}")
    return _of_entry(typed, named[0], version) if named else None


def _of_version(typed: str, reference: Reference, version: int | None, file: str | None) -> Reference:
    """The reference with what the options say, if they fit to it."""
    if file is not None and reference.is_file:
        raise CommandUsageError(f"{typed} names one file already: leave out --file, or name the record")
    if version is None or version == reference.version:
        return reference
    if reference.version is not None or reference.is_file:
        names = f"version {reference.version}" if reference.version is not None else "a file of one version"
        raise CommandUsageError(f"{typed} names {names}: leave out --version, or name the record alone")
    return msgspec.structs.replace(reference, version=version)


def _of_entry(typed: str, entry: Entry, version: int | None) -> Wanted:
    if entry.record is None and entry.inspire is None:
        raise CommandUsageError(f"it is not known where {typed} is published: `fitgui search` asks HEPData")
    reference = Reference(record=entry.record, inspire=entry.inspire, version=version, text=typed)
    return Wanted(typed, _short(entry) or typed, reference, entry)


def _of_item(typed: str, item: LibraryItem, library: Library) -> Wanted:
    """What is kept; where it was damaged, the published file that it was, to be had anew.

    Raises:
        CommandError: if it was damaged, and nobody knows what it was published as.
    """
    if is_whole(item, library):
        return Wanted(typed, item.name, None, item.entry, item)
    reference = parse_reference(source_of(item))
    if reference is None or not reference.is_file:
        raise CommandError(f"{item.name} was damaged on the disk: keep it again from where it came")
    return Wanted(typed, item.name, reference, item.entry)


def _called(entry: Entry, typed: str) -> bool:
    wanted = typed.strip().casefold()
    names = (entry.analysis, entry.nickname, entry.nickname.partition(":")[0], entry.key)
    return bool(wanted) and wanted in (name.strip().casefold() for name in names)


def _short(entry: Entry | None) -> str:
    return (entry.nickname.partition(":")[0] or entry.analysis) if entry is not None else ""
