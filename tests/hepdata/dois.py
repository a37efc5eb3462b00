"""Where HEPData registered its DOIs to lead."""

from __future__ import annotations

from collections.abc import Iterable

from tests.hepdata.records import Record


def behind(doi: str, records: Iterable[Record], site: str) -> str | None:
    """The address that was registered for a DOI of a record, of a version or of a file."""
    doi = doi.lower()
    for record in records:
        if doi == record.hepdata_doi:
            return f"{site}/record/ins{record.inspire}"
        for version in record.finished:
            if doi == f"{record.hepdata_doi}.v{version.number}":
                return f"{site}/record/ins{record.inspire}?version={version.number}"
            for resource in version.resources:
                if resource.doi and doi == resource.doi.lower():
                    return f"{site}/record/resource/{resource.id}?landing_page=true"
            for number, table in enumerate(version.tables, start=1):
                if doi == f"{record.hepdata_doi}.v{version.number}/t{number}":
                    return f"{site}/record/{table.id}"
    return None
