"""What is asked of HEPData's search, in the language of its query parser.

HEPData splits a query at every ``AND`` and ``OR``, replaces its own names of fields only where a part begins
with one, and hands the rest to OpenSearch, where a space means "or" (see
``hepdata/ext/opensearch/query_builder.py`` of HEPData/hepdata, August 2026). A parenthesis before its
``analysis:`` would therefore hide it; the field's real name needs no replacing.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

from fitgui.pallets.hepdata.references import Reference, parse_reference

LIKELIHOODS = "analyses.type:(HistFactory OR HS3)"
LARGEST_PAGE = 100
MOST_RESULTS = 10_000
"""OpenSearch gives none after these."""

_NAMES = {
    **{name: f"data_keywords.{name}" for name in ("observables", "cmenergies", "phrases", "reactions")},
    "analysis": "analyses.type",
    "resources": "resources.description",
    "publication_recid": "recid",
    "collaboration": "collaborations",
}
_FIELDS = (
    *_NAMES,
    *("abstract", "analyses.type", "arxiv_id", "authors", "collaborations", "data_abstract", "doi"),
    *("hepdata_doi", "inspire_id", "journal_info", "keywords", "recid", "subject_area", "title", "year"),
)
_FIELD = re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, _FIELDS))}):(?=\S)")
_OPERATOR = re.compile(r"(?<!\S)(?:AND|OR|NOT)(?!\S)|\"")


def search_query(text: str) -> str:
    """The query for published likelihoods.

    Args:
        text: what a user typed: words that must all occur, a DOI or number, or HEPData's own query language
            (fields, quotes, ``AND``, ``OR``, ``NOT``). Empty for all likelihoods.
    """
    text = " ".join(text.split())
    if not text:
        return LIKELIHOODS
    if re.fullmatch("[1-9][0-9]{0,9}", text):  # of the record or of the paper; or a year, or an energy
        return f"(recid:{text} OR inspire_id:{text} OR {text}) AND {LIKELIHOODS}"
    reference = parse_reference(text)
    named = reference_query(reference) if reference is not None else ""
    if named:
        return f"{named} AND {LIKELIHOODS}"
    if _FIELD.search(text) or _OPERATOR.search(text):
        spelled = _FIELD.sub(lambda match: f"{_NAMES.get(match[1], match[1])}:", text)
        return f"({spelled}) AND {LIKELIHOODS}"
    return " AND ".join([*_words(text), LIKELIHOODS])


def reference_query(reference: Reference) -> str:
    """The query for the record that a reference names; empty if the search cannot find it."""
    if reference.inspire is not None:
        return f"inspire_id:{reference.inspire}"
    if reference.record is not None:
        return f"recid:{reference.record}"
    if reference.arxiv:
        return f'arxiv_id:"{reference.arxiv}"'
    return f'doi:"{reference.paper_doi}"' if reference.paper_doi else ""


def search_url(hepdata: str, query: str, *, page: int, size: int, sort: str = "") -> str:
    """Where a search is asked."""
    parameters = {"q": query, "format": "json", "page": page, "size": size}
    if sort:
        parameters["sort_by"] = sort
    return f"{hepdata}/search/?{urlencode(parameters)}"


def _words(text: str) -> list[str]:
    """What of a text is indexed: signs only part words there, and would mean something in the query language.

    A star at the end of a word is kept: it stands for any ending.
    """
    return re.findall(r"\w(?:[\w.,']*\w)?\*?", text)
