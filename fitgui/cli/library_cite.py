"""``fitgui library cite``: what is not kept here, but known, can be cited, too."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from fitgui.cli.errors import CommandUsageError
from fitgui.pallets import PalletError
from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.pallets.hepdata.references import parse_reference
from fitgui.pallets.library.matching import is_about
from fitgui.pallets.published import Entry, PublishedFile


@dataclass(frozen=True, slots=True)
class Cited:
    """A published likelihood, and which of its files or versions was named."""

    entry: Entry
    file: PublishedFile | None


def known(text: str) -> Cited | None:
    """What the catalogue, or an answer that HEPData gave before, knows by that; nobody is asked.

    Args:
        text: a DOI, a number or an address; or the name or number of an analysis, in any case.

    Returns:
        What is meant; ``None`` if nothing is known of it.

    Raises:
        CommandUsageError: if its record is known to have no such file, or several have that name.
    """
    from fitgui.pallets.adopting import choose, look_up  # noqa: PLC0415
    from fitgui.pallets.hepdata.client import HepData  # noqa: PLC0415 -- for what is not kept only

    entries = load_catalogue().entries
    reference = parse_reference(text)
    if reference is None:
        return _called(text, entries)
    try:
        with closing(HepData(silent=True)) as silent:
            publication = look_up(reference, entries, silent)
        entry = publication.entry
        if not is_about(reference, entry) or not (entry.title or entry.arxiv):
            return None
        if reference.is_file:
            return Cited(entry, choose(publication, reference, ""))
    except PalletError as error:
        raise CommandUsageError(str(error)) from error
    return Cited(entry, PublishedFile(version=reference.version) if reference.version is not None else None)


def _called(name: str, entries: tuple[Entry, ...]) -> Cited | None:
    wanted = " ".join(name.split()).casefold()
    found = [entry for entry in entries if wanted in (entry.nickname.casefold(), entry.analysis.casefold())]
    if len(found) > 1:
        listed = ", ".join(entry.record_doi or entry.arxiv or entry.title for entry in found)
        raise CommandUsageError(f"{name} means several published likelihoods: name one of {listed}")
    return Cited(found[0], None) if wanted and found else None
