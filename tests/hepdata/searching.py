"""``/search/`` and ``/search/ids``: parameters, paging, order, facets."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from datetime import datetime
from typing import Any

from tests.hepdata import documents
from tests.hepdata.query import QueryError, parse, rewrite
from tests.hepdata.records import Record

Json = dict[str, Any]
LARGEST_PAGE = 100
WINDOW = 10_000
RANGED = ("recid", "publication_recid", "inspire_id")
"""With a range of these the newest record comes first."""
ASCENDING = ("title", "collaborations")
SORTED_BY = {
    "title": "title",
    "collaborations": "collaborations",
    "date": "creation_date",
    "latest": "last_updated",
    "recid": "recid",
    "publication_recid": "recid",
    "inspire_id": "inspire_id",
}


def search(records: list[Record], site: str, asked: dict[str, str]) -> Json:
    """The answer to a search; one that cannot be understood is ``{"error": ...}``, with status 200."""
    page = max(1, _whole(asked.get("page"), 1))
    size = _whole(asked.get("size"), 10)
    size = 10 if size < 1 else min(size, LARGEST_PAGE)
    query, order = asked.get("q", ""), asked.get("sort_by", "")
    if order and order != "relevance" and order not in SORTED_BY:
        return {"error": f"Sorting on field {order} is not supported"}
    try:
        matches = parse(rewrite(query))
    except QueryError as error:
        return {"error": str(error)}
    terms = [term for term in RANGED if re.search(rf"(?:^|\s){term}:\s*\[\d+\s+TO\s+\d+]", query)]
    without_tables = bool(terms) and "recid" not in terms
    if terms and not order and not asked.get("sort_order"):
        order = "recid"
    start = (page - 1) * size
    if start + size > WINDOW:
        return {
            "error": f"Result window is too large, from + size must be less than or equal to: [{WINDOW}] "
            f"but was [{start + size}]. See the scroll api for a more efficient way to request large "
            "data sets. "
            "This limit can be set by changing the [index.max_result_window] index level setting."
        }
    hits: list[tuple[Json, list[Json]]] = []
    for record in records:
        document = documents.stored(record, site)
        version = record.latest
        tables = [
            documents.stored_table(record, version, number, table)
            for number, table in enumerate(version.tables if version else (), start=1)
            if version and not without_tables
        ]
        matching = [table for table in tables if matches(table)]
        if (matches(document) or matching) and _passes(document, asked):
            hits.append((document, matching))
    _sort(hits, order or ("date" if not query else "relevance"), reverse=asked.get("sort_order") == "rev")
    chosen = hits[start : start + size]
    return {
        "total": len(hits),
        "hits": {"total": len(hits)},
        "facets": _facets([document for document, _ in hits]),
        "results": [documents.found(document, tables) for document, tables in chosen],
    }


def search_ids(records: list[Record], asked: dict[str, str]) -> tuple[int, Any]:
    """Status and answer of ``/search/ids``; here ``inspire_ids=false`` does mean false."""
    since = None
    if asked.get("last_updated"):
        try:
            since = datetime.strptime(asked["last_updated"], "%Y-%m-%d")
        except ValueError:
            message = (
                f"Unable to parse date from last_updated value {asked['last_updated']}. "
                "last_updated should be in format YYYY-mm-dd"
            )
            return 400, {"error": message}
    updated = {record.id: record.latest.updated.replace(tzinfo=None) for record in records if record.latest}
    chosen = [record for record in records if since is None or updated[record.id] >= since]
    if asked.get("sort_by") == "latest":
        chosen.sort(key=lambda record: updated[record.id], reverse=True)
    else:
        chosen.sort(key=lambda record: record.id)
    inspire = asked.get("inspire_ids", "").lower() not in ("", "false", "f")
    return 200, [record.inspire if inspire else record.id for record in chosen]


def _whole(text: str | None, otherwise: int) -> int:
    try:
        return int(text) if text is not None else otherwise
    except ValueError:
        return otherwise


def _passes(document: Json, asked: dict[str, str]) -> bool:
    """Whether the document is within the facets that were chosen."""
    if "collaboration" in asked and asked["collaboration"] not in document["collaborations"]:
        return False
    if "subject_areas" in asked and asked["subject_areas"] not in document["subject_area"]:
        return False
    if len(asked.get("date", "")) in (4, 9):
        first, _, last = asked["date"].partition(",")
        return int(first) <= int(document["year"]) <= int(last or first)
    return True


def _sort(hits: list[tuple[Json, list[Json]]], order: str, *, reverse: bool) -> None:
    """Equal ones stay as they were added, as ids do in one index."""
    if order == "relevance":
        if reverse:
            hits.reverse()
        return
    field = SORTED_BY[order]
    descending = (order not in ASCENDING) != reverse
    hits.sort(key=lambda hit: hit[0][field] or 0, reverse=descending)


def _facets(found: list[Json]) -> list[Json]:
    def facet(kind: str, name: str, values: list[Any], parameter: str, *, upper: bool = False) -> Json:
        counted = Counter(values).most_common(20)
        return {
            "type": kind,
            "printable_name": name,
            "max_values": 5,
            "vals": [
                {"key": key.upper() if upper else key, "doc_count": count, "url_params": {parameter: key}}
                for key, count in counted
            ],
        }

    names = [name for document in found for name in document["collaborations"]]
    areas = [area for document in found for area in document["subject_area"]]
    years = [document["year"] for document in found]
    limits = [0, 1, 2, 5, 10, 100, 1000, 7000, 8000, 13000, 100000]
    energies = [
        {
            "doc_count": None,
            "url_params": {"cmenergies": f"{low:.1f},{high:.1f}"},
            "key": f"√s ≥ {low:.1f}" if high == limits[-1] else f"{low:.1f} ≤ √s < {high:.1f}",
        }
        for low, high in itertools.pairwise(limits)
    ]
    facets = [
        facet("collaboration", "Collaboration", names, "collaboration", upper=True),
        facet("subject_areas", "Subject_areas", areas, "subject_areas"),
        facet("date", "Date", years, "date"),
        {"type": "cmenergies", "printable_name": "CM Energies (GeV)", "vals": energies, "max_values": 5},
    ]
    return [one for one in facets if one["vals"]]
