"""The JSON that HEPData answers with, built from the records as its own code does it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from werkzeug.http import http_date

from tests.hepdata.records import IMAGES, TOOLS, Record, Resource, Table, Version

Json = dict[str, Any]
FORMATS = ("json", "root", "yaml", "csv", "yoda", "yoda.h5")


def landing(resource: Resource, site: str) -> str:
    """Where HEPData sends people who look for a file."""
    return resource.name if resource.is_link else f"{site}/record/resource/{resource.id}?landing_page=true"


def analyses(version: Version, site: str) -> list[Json]:
    """Links to tools, and the files of the types that HEPData names."""
    listed: list[Json] = []
    for resource in version.resources:
        if resource.is_link and resource.type in TOOLS:
            listed.append({"type": resource.type, "analysis": resource.name})
        elif resource.type in ("HistFactory", "HS3", "SimpleAnalysis"):
            where = f"{site}/record/resource/{resource.id}?landing_page=true"
            listed.append({"type": resource.type, "analysis": where, "filename": resource.name})
    return listed


def _date(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def stored(record: Record, site: str) -> Json:
    """The search document of a publication, as it is stored: always of the newest version."""
    version = record.latest
    assert version is not None
    links = {
        form.replace(".", "-"): f"{site}/download/submission/ins{record.inspire}/{version.number}/{form}"
        for form in FORMATS
    }
    people = [{"full_name": name, "affiliation": "CERN"} for name in record.authors]
    document: Json = {
        "id": record.id,
        "recid": record.id,
        "inspire_id": record.inspire,
        "doc_type": "publication",
        "version": version.number,
        "title": record.title,
        "hepdata_doi": f"{record.hepdata_doi}.v{version.number}",
        "doi": record.doi or None,
        "arxiv_id": f"arXiv:{record.arxiv}" if record.arxiv else None,
        "journal_info": record.journal or "No Journal Information",
        "year": record.year,
        "collaborations": list(record.collaborations),
        "summary_authors": people[:10],
        "authors": people,
        "abstract": record.abstract,
        "data_abstract": record.abstract,
        "subject_area": ["hep-ex"],
        "type": ["article"],
        "keywords": [],
        "data_keywords": {
            "cmenergies": [{"gte": float(energy), "lte": float(energy)} for energy in record.energies],
            "reactions": ["P P --> X"],
            "observables": ["CLS"],
            "phrases": ["Supersymmetry"],
        },
        "creation_date": f"{record.year}-09-19",
        "last_updated": _date(version.updated),
        "publication_date": f"{record.year}-01-01T00:00:00",
        "access_urls": {"links": links},
        "analyses": analyses(version, site),
        "resources": [
            {"description": resource.description, "type": resource.type, "url": landing(resource, site)}
            for resource in version.resources
        ],
        "parent_child_join": {"name": "parent_publication"},
    }
    if people:
        document["first_author"] = people[0]
    return document


def stored_table(record: Record, version: Version, number: int, table: Table) -> Json:
    """The search document of a table."""
    return {
        "id": table.id,
        "recid": table.id,
        "inspire_id": record.inspire,
        "doc_type": "datatable",
        "title": table.name,
        "abstract": table.description,
        "doi": f"{record.hepdata_doi}.v{version.number}/t{number}",
        "related_publication": record.id,
        "version": version.number,
        "data_keywords": {"cmenergies": [{"gte": float(e), "lte": float(e)} for e in record.energies]},
        "resources": [],
        "collaborations": list(record.collaborations),
    }


def found(document: Json, tables: list[Json]) -> Json:
    """A result of a search."""
    day = datetime.fromisoformat(str(document.get("creation_date", "2020-01-01")))
    names = [person["full_name"] for person in document.get("summary_authors", [])]
    return {
        **document,
        "authors": names or None,
        "date": day.strftime("%d %b %Y"),
        "data": tables,
        "total_tables": len(tables),
    }


def record_answer(record: Record, version: Version, site: str, *, light: bool) -> Json:
    """What ``/record/<id>?format=json`` answers; ``record`` in it is always of the newest version."""
    document = stored(record, site)
    authors = document.pop("authors")
    document["hepdata_doi"] = f"{record.hepdata_doi}.v{version.number}"
    document["last_updated"] = http_date(version.updated)
    answer: Json = {
        "site_url": site,
        "record": document,
        "recid": record.id,
        "version": version.number,
        "version_count": len(record.finished),
        "status": "finished",
        "overall_status": "finished",
        "mode": "record",
        "record_type": "publication",
        "additional_resources": bool(version.resources),
        "access_count": 1234,
        "coordinator": 1,
        "participant_count": 2,
        "reviewers_notified": True,
        "watched": False,
        "related_recids": [],
        "related_to_this_recids": [],
        "resources_with_doi": [
            {
                "filename": resource.name,
                "description": resource.description,
                "doi": resource.doi,
            }
            for resource in sorted(version.resources, key=lambda resource: resource.doi or "", reverse=True)
            if resource.doi
        ],
    }
    if authors:
        answer["breadcrumb_text"] = authors[0]["full_name"] + (" et al." if len(authors) > 1 else "")
    if version.message:
        answer["revision_message"] = {"version": version.number, "message": version.message}
    if version.tables:
        answer |= {"table_id_to_show": version.tables[0].id, "table_name_to_show": version.tables[0].name}
    if not light:
        answer["data_tables"] = [_table(record, version, n, t, site) for n, t in enumerate(version.tables, 1)]
    return answer


def _table(record: Record, version: Version, number: int, table: Table, site: str) -> Json:
    name = table.name.replace("%", "%25").replace("\\", "%5C")
    formats = {form: f"{site}/download/table/ins{record.inspire}/{name}/{form}" for form in FORMATS}
    return {
        "id": table.id,
        "name": table.name,
        "processed_name": table.name.replace(" ", ""),
        "location": "Data from Figure 1",
        "description": table.description,
        "doi": f"{record.hepdata_doi}.v{version.number}/t{number}",
        "resources": [],
        "data": formats,
    }


def resources_answer(record: Record | None, number: int, recid: int) -> Json:
    """What ``/record/resources/<record>/<version>`` answers: nothing found is no error."""
    version = record.versions.get(number) if record is not None else None
    common: Json = {"name": "Common Resources", "type": "submission", "version": number, "id": recid}
    items = [{**common, "resources": [_resource(r) for r in version.resources] if version else []}]
    for table in version.tables if version else ():
        listed = [_resource(resource) for resource in table.resources]
        items.append(
            {"name": table.name, "type": "data", "id": table.id, "resources": listed, "version": number}
        )
    return {"submission_items": items}


def _resource(resource: Resource) -> Json:
    where = resource.name if resource.is_link else f"/record/resource/{resource.id}?view=true"
    described: Json = {
        "id": resource.id,
        "file_type": resource.type,
        "file_description": resource.description,
        "data_license": dict(resource.licence),
        "location": where,
        "doi": resource.doi,
    }
    if resource.type.lower() in IMAGES:
        described["preview_location"] = where
    return described


def json_ld(record: Record, version: Version, site: str) -> Json:
    """A record's or a file's metadata for machines."""
    return {
        "@context": "http://schema.org",
        "@type": "Dataset",
        "@id": f"https://doi.org/{record.hepdata_doi}.v{version.number}",
        "name": record.title,
        "version": version.number,
        "url": f"{site}/record/ins{record.inspire}?version={version.number}",
    }
