"""A publication and its files, as HEPData's documents have them (shapes: HEPData/hepdata, August 2026)."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime

import msgspec

from fitgui.pallets.hepdata.documents import Document, inner, number, objects, text, texts
from fitgui.pallets.hepdata.recognising import WHY_NOT_HS3, is_hs3, judged, possible_first
from fitgui.pallets.hepdata.references import file_reference, parse_reference
from fitgui.pallets.published import Entry, Format, Licence, PublishedFile

_NO_JOURNAL = "no journal information"
_RESOURCE = re.compile(r"/record/resource/([0-9]{1,10})\b")
_GEV_PER_TEV = 1000.0


def entry_of(record: Document, retrieved: datetime, files: tuple[PublishedFile, ...]) -> Entry:
    """What a search document, of a result or in a record, tells of a publication.

    Args:
        record: the document.
        retrieved: when it was asked for.
        files: of the version that it is about; those that cannot be likelihoods are left out.
    """
    inspire = number(record, "inspire_id")
    recid = number(record, "recid") or number(record, "id")
    journal = text(record, "journal_info")
    possible = possible_first(files)
    only_hs3 = bool(possible) and all(is_hs3(file) for file in possible)
    return Entry(
        key=f"ins{inspire}" if inspire is not None else f"hepdata.{recid}",
        title=" ".join(text(record, "title").split()),
        abstract=text(record, "abstract", "data_abstract"),
        collaboration=", ".join(texts(record, "collaborations")),
        arxiv=_arxiv(text(record, "arxiv_id")),
        journal="" if journal.lower() == _NO_JOURNAL else journal,
        journal_doi=text(record, "doi"),
        year=number(record, "year"),
        inspire=inspire,
        record=recid,
        energy_tev=_energy(record),
        format=Format.HS3 if only_hs3 else Format.UNKNOWN,
        why_not=WHY_NOT_HS3 if only_hs3 else "",
        files=possible,
        version=number(record, "version"),
        updated=_date(text(record, "last_updated")),
        source="hepdata",
        retrieved=retrieved.isoformat(timespec="seconds"),
    )


def _date(when: str) -> str:
    """An ISO date from one of HEPData's two ways to write a time; empty where it is neither."""
    with suppress(ValueError):
        return datetime.fromisoformat(when).date().isoformat()
    with suppress(ValueError):
        return parsedate_to_datetime(when).date().isoformat()
    return ""


def files_of(record: Document, resources: Document, recid: int, version: int) -> tuple[PublishedFile, ...]:
    """All files of one version.

    Args:
        record: the record's answer: it has the names, by DOI; for the newest version also by number.
        resources: the answer that lists the files: it has number, type and licence, of any version.
        recid: HEPData's number of the record.
        version: of the record.
    """
    names = {
        text(listed, "doi").lower(): text(listed, "filename")
        for listed in objects(record, "resources_with_doi")
    }
    numbered = {file.resource: file.name for file in likelihoods_named(inner(record, "record"))}
    common: list[PublishedFile] = []
    of_tables: list[PublishedFile] = []
    for item in objects(resources, "submission_items"):
        for resource in objects(item, "resources"):
            file = _file(resource, version)
            if file is None:
                continue
            name = names.get(file.doi.lower(), "") or numbered.get(file.resource, "")
            file = msgspec.structs.replace(file, name=name)
            (of_tables if item.get("type") == "data" else common).append(file)
    # What belongs to a table is a likelihood only if HEPData says so.
    tables = tuple(
        file if file.likelihood else msgspec.structs.replace(file, likelihood=False)
        for file in judged(of_tables)
    )
    # A DOI of another record would be HEPData's mistake; it is no way to name a file of this one.
    return tuple(
        msgspec.structs.replace(file, doi="") if _of_another(file.doi, recid, version) else file
        for file in (*judged(common), *tables)
    )


def _file(resource: Document, version: int) -> PublishedFile | None:
    identifier, location = number(resource, "id"), text(resource, "location")
    if identifier is None:
        return None
    elsewhere = location.lower().startswith("http") and _RESOURCE.search(location) is None
    licence = inner(resource, "data_license")
    return PublishedFile(
        doi=text(resource, "doi"),
        version=version,
        resource=identifier,
        description=text(resource, "file_description"),
        type=text(resource, "file_type"),
        likelihood=False if elsewhere else None,
        licence=Licence(name=text(licence, "name"), url=text(licence, "url"))
        if text(licence, "name")
        else None,
    )


def likelihoods_named(result: Document) -> tuple[PublishedFile, ...]:
    """The likelihoods that a search document names, of the newest version."""
    described = {}
    for resource in objects(result, "resources"):
        if match := _RESOURCE.search(text(resource, "url")):
            described[int(match[1])] = text(resource, "description")
    files = []
    for analysis in objects(result, "analyses"):
        match = _RESOURCE.search(text(analysis, "analysis"))
        kind = text(analysis, "type")
        if match is None or kind.casefold() not in ("histfactory", "hs3"):
            continue
        files.append(
            PublishedFile(
                name=text(analysis, "filename"),
                version=number(result, "version"),
                resource=int(match[1]),
                description=described.get(int(match[1]), ""),
                type=kind,
                likelihood=True,
            )
        )
    return tuple(files)


def _of_another(doi: str, recid: int, version: int) -> bool:
    named = file_reference(doi)
    return named is not None and (named.record, named.version) != (recid, version)


def _arxiv(identifier: str) -> str:
    found = parse_reference(identifier)
    return found.arxiv if found is not None else ""


def _energy(record: Document) -> float | None:
    """In TeV, if there is a single one."""
    energies = set()
    for span in objects(inner(record, "data_keywords"), "cmenergies"):
        for end in ("gte", "lte"):
            value = span.get(end)
            if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value < 1e9:
                return None
            energies.add(float(value) / _GEV_PER_TEV)
    return energies.pop() if len(energies) == 1 else None
