"""``fitgui library add FILE --as DOI``: keeping a file that came some other way as the published one."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fitgui.cli.errors import CommandError, CommandUsageError
from fitgui.cli.output import say
from fitgui.pallets import Pallet, PalletError
from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.pallets.finding import plain_path
from fitgui.pallets.hepdata.references import parse_reference
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.library import Library
from fitgui.pallets.published import Entry, PublishedFile, summarised


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


def check(library: Library, pallet: Pallet, path: Path, published: AsPublished) -> None:
    """Refuse what is another file by all that is known here, before anything is kept.

    Args:
        library: where it is to be kept.
        pallet: what was opened.
        path: where it lies.
        published: what it was said to be.

    Raises:
        CommandError: if it names another record, has another size, or is not the published file that is here.
    """
    from fitgui.pallets.adopting import mismatch  # noqa: PLC0415

    file = published.file
    size = path.stat().st_size if path.is_file() else None
    why = mismatch(summarised(pallet), size, published.entry, file)
    kept = library.find_file(file)
    if kept is not None and kept.digest != pallet.digest:
        origins = [origin for origin in kept.published if origin.file and origin.file.doi == file.doi]
        if not all(origin.by_hand for origin in origins):
            why = why or f"that is in the library as {kept.name}, as HEPData gave it, and is another file"
    if why:
        raise CommandError(
            f"{path.name} is not {_named(published)}: {why}; leave out --as to keep it as what it is"
        )


def kept_as(library: Library, item: LibraryItem, source: str, published: AsPublished) -> LibraryItem:
    """Write it down, and say so: nobody has compared it with HEPData's file.

    Raises:
        CommandError: if that cannot be.
    """
    from fitgui.pallets.adopting import adopt, saved_name  # noqa: PLC0415

    file = published.file
    path = str(plain_path(Path(source)))
    try:
        kept = adopt(library, item, path, published.entry, file)
    except PalletError as error:
        raise CommandError(f"{str(error).rstrip('.')}; it is kept as {item.name}, without a DOI") from error
    other = bool(file.name) and not saved_name(Path(source).name, file.name)
    called = f", which is published as {file.name}" if other else ""
    by_hand = any(origin.by_hand for origin in kept.published if origin.file and origin.file.doi == file.doi)
    compared = ", not compared with HEPData's file" if by_hand else ""
    say(f"kept as {_named(published)}{called}{compared}")
    return kept


def _named(published: AsPublished) -> str:
    return published.file.doi or published.entry.record_doi or published.entry.key
