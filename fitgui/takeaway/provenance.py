"""Where the pallet of a run lies on this machine, and what is known of its publication."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fitgui.pallets.finding import find, own_record
from fitgui.pallets.hepdata.references import parse_reference
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.library import Library
from fitgui.pallets.model import PalletError
from fitgui.pallets.published import Entry
from fitgui.runs.plan import AnalysisReference


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a pallet comes from."""

    path: Path | None
    """Where it lies on this machine; ``None`` where it is not found."""
    doi: str
    """Of the very file, empty where it is not known to be a published one."""
    entry: Entry | None
    """The published likelihood that it belongs to, as far as is known."""


def provenance(source: str, digest: str, library: Library) -> Provenance:
    """Look up a pallet in the library and the catalogue; asks nobody.

    Args:
        source: as of :attr:`fitgui.pallets.Pallet.source`.
        digest: as of :attr:`fitgui.pallets.Pallet.digest`.
        library: what is kept.
    """
    item: LibraryItem | None = None
    path: Path | None = None
    with suppress(PalletError):
        item = library.get(digest)
    with suppress(PalletError):
        path = find(source, library).path
    if item is not None and (path is None or not path.exists()):
        path = item.path
    doi = item.file.doi if item is not None and item.file is not None else ""
    reference = parse_reference(source)
    if not doi and path is None and reference is not None and reference.is_file:
        doi = reference.doi
    return Provenance(path, doi, _entry(item))


def background_entry(analysis: AnalysisReference) -> Entry | None:
    """The published likelihood to whose workspace the user added signals of his own, if he did.

    Args:
        analysis: of the run.
    """
    if not analysis.own_signal or len(analysis.references) != 1:
        return None
    return _known(analysis.references[0])


def _entry(item: LibraryItem | None) -> Entry | None:
    """What was published: as the library knows it, else by the record that the patch sets name as theirs."""
    if item is None:
        return None
    key = item.entry.key if item.entry is not None else own_record(item.contents)
    if not key:
        return item.entry
    return _known(key) or item.entry


def _known(key: str) -> Entry | None:
    from fitgui.pallets.catalogue.bundled import load_catalogue  # noqa: PLC0415 -- seldom needed

    return next((entry for entry in load_catalogue().entries if entry.key == key), None)
