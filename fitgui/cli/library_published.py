"""``fitgui library add FILE --as DOI``: keeping a file that came some other way as the published one."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fitgui.cli.errors import CommandError, CommandUsageError
from fitgui.cli.output import say
from fitgui.pallets import PalletError
from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.pallets.hepdata.references import parse_reference
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.library import Library
from fitgui.pallets.published import Entry, PublishedFile


@dataclass(frozen=True, slots=True)
class AsPublished:
    """Which published file something is."""

    entry: Entry
    file: PublishedFile


def understood(published: str, name: str) -> AsPublished:
    """What was typed after ``--as``; nobody is asked.

    Args:
        published: a DOI, a number or an address.
        name: of the file that is to be kept.

    Raises:
        CommandUsageError: if it names no published file, or not clearly one.
    """
    from fitgui.pallets.adopting import choose, look_up  # noqa: PLC0415
    from fitgui.pallets.hepdata.client import HepData  # noqa: PLC0415 -- for this option only

    reference = parse_reference(published)
    if reference is None:
        raise CommandUsageError(f"{published} is no DOI, number or address of HEPData's")
    try:
        with closing(HepData(silent=True)) as silent:
            publication = look_up(reference, load_catalogue().entries, silent)
        return AsPublished(publication.entry, choose(publication, reference, name))
    except PalletError as error:
        raise CommandUsageError(str(error)) from error


def kept_as(library: Library, item: LibraryItem, source: str, published: AsPublished) -> LibraryItem:
    """Write it down, and say so; whoever typed it is believed, also where the file names another record.

    Raises:
        CommandError: if that cannot be.
    """
    from fitgui.pallets.adopting import adopt, contradiction, saved_name  # noqa: PLC0415

    file = published.file
    path = str(Path(source).absolute())
    try:
        kept = adopt(library, item, path, published.entry, file)
    except PalletError as error:
        raise CommandError(f"{str(error).rstrip('.')}; it is kept as {item.name}, without a DOI") from error
    named = file.doi or published.entry.record_doi or published.entry.key
    if record := contradiction(item.contents, published.entry):
        say(f"note: the patch set in it names {record} as its record, not {published.entry.key}")
    other = bool(file.name) and not saved_name(Path(source).name, file.name)
    say(f"kept as {named}" + (f", which is published as {file.name}" if other else ""))
    return kept
