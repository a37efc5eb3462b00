"""What a text in the filter line names: words to search for, a record, or one version or file of it."""

from __future__ import annotations

from fitgui.gui.pallet_store import NUMBER_DIGITS
from fitgui.pallets.hepdata.references import parse_reference


def is_named(text: str) -> bool:
    """Whether it names a record, by a DOI, a number or an address, rather than words to search for."""
    words = " ".join(text.split())
    return parse_reference(words) is not None and not (words.isdigit() and len(words) < NUMBER_DIGITS)


def names_file_or_version(text: str) -> bool:
    """Whether it names a certain version or file of a record, of which only HEPData can tell the rest."""
    reference = parse_reference(" ".join(text.split()))
    return reference is not None and (reference.is_file or reference.version is not None)
