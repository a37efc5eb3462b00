"""What to know before using a published likelihood: its known problems, and what of it nobody checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fitgui.cli.output import say
from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.pallets.catalogue.shelf import shelf
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.published import Entry

DOUBT = " ?"
"""Behind what nobody could check."""
DOUBT_EXPLAINED = "? could not be checked"
_FIELDS = {
    "arxiv": "arXiv number",
    "energy_tev": "energy",
    "final_states": "final state",
    "inspire": "INSPIRE number",
    "journal_doi": "DOI of the paper",
    "known_problems": "known problems",
    "luminosity_fb": "luminosity",
    "record": "number of the record",
    "version": "newest version",
    "why_not": "whether it can be fitted",
}
"""What fields of an entry are called, where their names are no words."""


def document(entry: Entry | None) -> dict[str, Any]:
    """Keys for machines.

    Args:
        entry: What is known of the likelihood; ``None`` if nothing is known of where it was published.

    Returns:
        ``known_problems``, sentences, and ``unchecked``, names of fields as in docs/catalogue.md.
    """
    return {
        "known_problems": list(entry.known_problems) if entry is not None else [],
        "unchecked": list(entry.unchecked) if entry is not None else [],
    }


def details(entry: Entry | None) -> Iterator[tuple[str, str]]:
    """Lines for a person: a heading, and a problem or the names of what nobody checked."""
    if entry is None:
        return
    for problem in entry.known_problems:
        yield "problem", problem
    if doubted := doubts(entry):
        yield "unchecked", doubted


def tell(item: LibraryItem) -> None:
    """Say on the standard error what to know of something that is kept."""
    for heading, text in details(published_entry(item)):
        say(f"{'known problem' if heading == 'problem' else 'not checked by anybody'}: {text}")


def marked(entry: Entry, field: str, text: str) -> str:
    """The text of a field, with a question mark if nobody could check it."""
    return text + DOUBT if field in entry.unchecked else text


def doubts(entry: Entry) -> str:
    """The names of the facts that nobody could check; empty if there are none."""
    return ", ".join(_FIELDS.get(name, name) for name in entry.unchecked)


def published_entry(item: LibraryItem) -> Entry | None:
    """All that catalogue and library know of where a kept file was published; ``None`` if nothing."""
    rows = shelf(load_catalogue().entries, [item])
    return next((row.entry for row in rows if row.published and row.items), None)
