"""From whatever names a record to its number, or to the number of its paper at INSPIRE."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from fitgui.pallets.hepdata.answers import check_search, found_entries, record_of_file
from fitgui.pallets.hepdata.asking import Asker, Question
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.queries import reference_query, search_url
from fitgui.pallets.hepdata.references import Reference

SEARCH_LASTS = timedelta(days=1)
_BELONGS = timedelta(days=365)
"""A file never moves to another record."""
_JSON_LD = "application/ld+json"


def located(asker: Asker, reference: Reference, *, fresh: bool) -> Reference:
    """The same reference with the number of the record, or of its paper at INSPIRE.

    Args:
        asker: asks.
        reference: whatever names a record or a file.
        fresh: not content with an answer that is kept.

    Raises:
        HepDataError: if HEPData does not know it, or does not answer.
    """
    if reference.record is not None or reference.inspire is not None:
        return reference
    if reference.resource is not None:
        return _by_file(asker, reference, fresh=fresh)
    query = reference_query(reference)
    if not query:
        raise HepDataError(ErrorKind.NOT_FOUND, f"“{reference.text[:80]}” names no record of HEPData.")
    question = Question(
        url=search_url(asker.service.hepdata, query, page=1, size=10),
        what="the search",
        check=check_search,
        lasts=SEARCH_LASTS,
    )
    told = asker.told(question, fresh=fresh)
    for entry in found_entries(told.document, told.retrieved)[0]:
        same_paper = reference.paper_doi and entry.journal_doi.lower() == reference.paper_doi
        if same_paper or (reference.arxiv and entry.arxiv == reference.arxiv):
            return msgspec.structs.replace(reference, record=entry.record, inspire=entry.inspire)
    raise HepDataError(
        ErrorKind.NOT_FOUND,
        f"HEPData has no record of {reference.shown}; search by words of the title.",
    )


def _by_file(asker: Asker, reference: Reference, *, fresh: bool) -> Reference:
    what = reference.shown
    question = Question(
        url=f"{asker.service.hepdata}/record/resource/{reference.resource}?landing_page=true",
        what=what,
        check=lambda _: None,
        lasts=_BELONGS,
        accept=_JSON_LD,
    )
    told = asker.told(question, fresh=fresh)
    found = record_of_file(told.document, asker.service.hepdata)
    if found is None:
        raise HepDataError(
            ErrorKind.NOT_FOUND,
            f"HEPData does not say which record {what} belongs to; open it in a browser and copy its DOI.",
        )
    version = reference.version if reference.version is not None else found.version
    return msgspec.structs.replace(reference, record=found.record, inspire=found.inspire, version=version)
