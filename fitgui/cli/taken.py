"""What is kept was named by its record: which version and file that is, and whether there is a choice."""

from __future__ import annotations

from collections.abc import Iterable

from fitgui.cli import caveats
from fitgui.cli.errors import CommandUsageError
from fitgui.cli.output import say
from fitgui.pallets.catalogue.merging import HEPDATA
from fitgui.pallets.choosing import label
from fitgui.pallets.finding import own_record
from fitgui.pallets.hepdata.recognising import is_hs3
from fitgui.pallets.hepdata.references import Reference
from fitgui.pallets.library.item import LibraryItem, Origin
from fitgui.pallets.library.matching import matching_file, named_origin
from fitgui.pallets.published import PublishedFile


def tell_taken(item: LibraryItem, reference: Reference, typed: str) -> None:
    """Say what is taken where a record may mean something else than what happens to be kept of it.

    Args:
        item: What is kept.
        reference: By what it was named.
        typed: The same as it was typed.

    Raises:
        CommandUsageError: if its version has other likelihoods, so that it is not clear which is meant.
    """
    if reference.is_file or typed.casefold() == item.name.casefold():
        return
    origin = named_origin(item, reference)
    if origin is None:
        if item.file is None:
            tell_naming(item, reference)
        return
    files = _known_files(item, origin)
    told = origin.entry.files if origin.entry is not None and origin.entry.source == HEPDATA else ()
    same = _of_version(told, origin.version) or _of_version(files, origin.version)  # HEPData knows best
    if others := [file for file in same if _is_another(file, item)]:
        listed = ", ".join(" ".join(filter(None, (file.doi, file.name))) for file in same[:8])
        raise CommandUsageError(
            f"{reference.shown} has {len(others) + 1} files with likelihoods, and {item.name}, "
            f"which is kept, is "
            f"one of them: name one by its DOI, or {item.name} by that name ({listed})"
        )
    newest = max((file.version or 0 for file in files), default=0)
    if reference.version is None and origin.file is not None and 0 < origin.version < newest:
        file = f", file {label(origin.file)}," if origin.file.doi or origin.file.name else ""
        say(
            f"taking version {origin.version}{file} which is kept; version {newest} is the newest known: "
            f"`fitgui download {_asked(reference)}` gets it"
        )


def tell_naming(item: LibraryItem, reference: Reference) -> None:
    """Say that something from elsewhere is taken, because it names the record as its own."""
    if record := own_record(item.contents):
        say(
            f"taking {item.name}, which names {record} as its record and was kept from "
            f"{item.origins[0].source}; `fitgui download {_asked(reference)}` gets what is published"
        )


def _asked(reference: Reference) -> str:
    return reference.doi or reference.text


def _known_files(item: LibraryItem, origin: Origin) -> tuple[PublishedFile, ...]:
    """The likelihoods of its record, as far as catalogue and library know them."""
    entry = caveats.published_entry(item) or origin.entry
    files = entry.files if entry is not None else item.files
    return tuple(file for file in files if file.likelihood and not is_hs3(file))


def _is_another(file: PublishedFile, item: LibraryItem) -> bool:
    """Whether it is certain that a file is not the kept one: of some, neither DOI nor number is known."""
    comparable = any(
        (file.doi and own.doi) or (file.resource is not None and own.resource is not None)
        for own in item.files
    )
    return comparable and not matching_file(item, file)


def _of_version(files: Iterable[PublishedFile], version: int) -> list[PublishedFile]:
    possible = (file for file in files if file.likelihood and not is_hs3(file))
    return [file for file in possible if file.version in (None, version)]
