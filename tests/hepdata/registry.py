"""What DataCite's REST API tells of HEPData's DOIs.

HEPData's templates ``formats/datacite/datacite_container_submission.xml`` and ``datacite_resource.xml`` are
what HEPData registers; DataCite's mapping from XML to JSON, and its source (``datacite/lupo``,
``DataciteDoiSerializer`` and ``Doi.query``), are how it gives that back; all as of August 2026.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from typing import Any

from tests.hepdata.records import Record, Resource, Version

Json = dict[str, Any]


def doi(records: Iterable[Record], site: str, name: str) -> Json | None:
    """``/dois/<DOI>``."""
    return next(
        ({"data": found} for found in _all(records, site) if found["id"] == name.strip().lower()), None
    )


def dois(records: Iterable[Record], site: str, query: str, size: int) -> Json:
    """``/dois?query=doi:<pattern>``, the only queries that are understood here."""
    field, _, pattern = query.partition(":")
    if field != "doi":
        raise ValueError(f"this stand-in does not understand the query {query}")
    found = [one for one in _all(records, site) if fnmatch.fnmatchcase(one["id"], pattern.lower())]
    found.sort(key=lambda one: str(one["id"]))
    return {
        "data": found[:size],
        "meta": {"total": len(found), "totalPages": -(-len(found) // size), "page": 1},
        "links": {"self": f"https://api.datacite.org/dois?query={query}"},
    }


def _all(records: Iterable[Record], site: str) -> Iterator[Json]:
    for record in records:
        newest = record.latest
        if newest is None:
            continue
        versions = [_related(f"{record.hepdata_doi}.v{one.number}", "HasVersion") for one in record.finished]
        yield _one(
            record.hepdata_doi,
            f"{site}/record/ins{record.inspire}",
            record,
            newest,
            title=record.title,
            kind=("Collection", "Collection"),
            related=versions,
        )
        for version in record.finished:
            name = f"{record.hepdata_doi}.v{version.number}"
            local = [resource for resource in version.resources if resource.doi]
            parts = [_related(f"{name}/t{i}", "HasPart") for i, _ in enumerate(version.tables, start=1)]
            parts += [_related(str(resource.doi), "HasPart") for resource in local]
            yield _one(
                name,
                f"{site}/record/ins{record.inspire}?version={version.number}",
                record,
                version,
                title=record.title,
                kind=("Collection", "Collection"),
                related=[_related(record.hepdata_doi, "IsVersionOf"), *parts],
            )
            for resource in local:
                yield _of_file(record, version, resource, site)


def _of_file(record: Record, version: Version, resource: Resource, site: str) -> Json:
    found = _one(
        str(resource.doi).lower(),
        f"{site}/record/resource/{resource.id}?landing_page=true",
        record,
        version,
        title=f'"{resource.name}" of "{record.title}"',
        kind=(f"{resource.type} file", "Other"),
        related=[_related(f"{record.hepdata_doi}.v{version.number}", "IsPartOf")],
    )
    found["attributes"]["descriptions"] = [
        {
            "description": resource.description or "No file description available.",
            "descriptionType": "Abstract",
        },
        {"description": "No data abstract available.", "descriptionType": "Other"},
    ]
    found["attributes"]["rightsList"] = [
        {"rights": resource.licence["name"], "rightsUri": resource.licence["url"]}
    ]
    return found


def _one(
    name: str,
    url: str,
    record: Record,
    version: Version,
    *,
    title: str,
    kind: tuple[str, str],
    related: list[Json],
) -> Json:
    supplemented = [
        {
            "relationType": "IsSupplementTo",
            "relatedIdentifier": f"https://inspirehep.net/literature/{record.inspire}",
            "relatedIdentifierType": "URL",
        }
    ]
    if record.doi:
        supplemented.append(_related(record.doi, "IsSupplementTo"))
    prefix, _, suffix = name.partition("/")
    return {
        "id": name,
        "type": "dois",
        "attributes": {
            "doi": name,
            "prefix": prefix,
            "suffix": suffix,
            "identifiers": [],
            "creators": [
                {
                    "name": f"{one} Collaboration",
                    "nameType": "Organizational",
                    "affiliation": [],
                    "nameIdentifiers": [],
                }
                for one in record.collaborations
            ],
            "titles": [{"title": title}],
            "publisher": "HEPData",
            "publicationYear": version.updated.year,
            "dates": [
                {"date": f"{version.updated:%Y-%m-%d %H:%M:%S}", "dateType": "Updated"},
                {"date": f"{version.updated.year}", "dateType": "Issued"},
            ],
            "types": {"resourceType": kind[0], "resourceTypeGeneral": kind[1]},
            "relatedIdentifiers": [*supplemented, *related],
            "version": str(version.number),
            "rightsList": [],
            "descriptions": [{"description": "No data abstract available.", "descriptionType": "Abstract"}],
            "url": url,
            "state": "findable",
        },
    }


def _related(name: str, relation: str) -> Json:
    return {"relationType": relation, "relatedIdentifier": name, "relatedIdentifierType": "DOI"}
