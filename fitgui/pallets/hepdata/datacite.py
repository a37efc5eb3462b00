"""What HEPData registered of its records at DataCite: versions, and files with their names and DOIs.

HEPData tells DataCite of every DOI that it gives (its templates ``formats/datacite/*.xml`` and
``utils/doi_minter.py``, August 2026): of a record the title, the newest version and, since October 2025, all
versions (``HasVersion``); of a file its name in the title, its type, its licence and, as address, its page
with HEPData's number of it. DataCite gives that to everybody as JSON
(https://support.datacite.org/docs/api-get-doi, https://support.datacite.org/docs/api-queries,
https://support.datacite.org/docs/datacite-xml-to-json-mapping). It is asked only where HEPData does not.
"""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote, urlencode

import msgspec

from fitgui.pallets.hepdata.answers import RecordAnswer, chosen
from fitgui.pallets.hepdata.asking import Asker, Question
from fitgui.pallets.hepdata.documents import Document, inner, number, objects, text, unknown_shape
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.recognising import judged, possible_first
from fitgui.pallets.hepdata.references import HEPDATA_PREFIX, Reference, file_reference, parse_reference
from fitgui.pallets.published import Entry, Licence, PublishedFile

_LASTS = timedelta(days=1)
_MOST_FILES = 1000
"""Of all versions together; as many as DataCite gives in one page."""
_RESOURCE = re.compile(r"/record/resource/([0-9]{1,10})\b")
_FILE_TITLE = re.compile(r'"(?P<name>[^"]+)" of "', re.DOTALL)
_NO_DESCRIPTION = "No file description available."
_COLLABORATION = " Collaboration"


def registered(asker: Asker, reference: Reference, *, fresh: bool) -> RecordAnswer:
    """A version of a record as it is registered.

    Args:
        asker: asks.
        reference: names the record by HEPData's number of it, and perhaps a version or a file.
        fresh: not content with an answer that is kept.

    Returns:
        What is known of it; tables, and files of records from before files had DOIs, are not.

    Raises:
        HepDataError: if DataCite does not answer, or does not know the record or any file of the version.
    """
    if reference.record is None:
        raise HepDataError(ErrorKind.NOT_FOUND, f"{reference.shown} names no record by its number.")
    base, doi = asker.service.datacite, f"{HEPDATA_PREFIX}{reference.record}"
    about_record = asker.told(
        Question(
            url=f"{base}/dois/{quote(doi, safe='/.')}",
            what=f"what is registered of {doi}",
            check=_check_one,
            lasts=_LASTS,
        ),
        fresh=fresh,
    )
    query = {"query": f"doi:{doi}.v*/r*", "page[size]": _MOST_FILES, "sort": "name"}
    about_files = asker.told(
        Question(
            url=f"{base}/dois?{urlencode(query)}",
            what=f"the files registered of {doi}",
            check=_check_list,
            lasts=_LASTS,
        ),
        fresh=fresh,
    )
    record = inner(inner(about_record.document, "data"), "attributes")
    known = _files(about_files.document, reference.record)
    versions = max(_versions(record, doi), *(file.version or 1 for file in known), 1)
    version = reference.version if reference.version is not None else versions
    files = judged(file for file in known if file.version == version)
    if not files:
        raise HepDataError(ErrorKind.NOT_FOUND, f"No files are registered of {doi} version {version}.")
    retrieved = min(about_record.retrieved, about_files.retrieved)
    return RecordAnswer(
        entry=msgspec.structs.replace(
            _entry(record, reference.record, asker.service.hepdata),
            files=possible_first(files),
            version=versions,
            retrieved=retrieved.isoformat(timespec="seconds"),
        ),
        version=version,
        versions=versions,
        files=files,
        chosen=chosen(reference, files, f"record {reference.record} version {version}"),
        retrieved=retrieved,
        cached=about_record.cached or about_files.cached,
        source="datacite",
    )


def _check_one(document: Document) -> None:
    if not inner(inner(document, "data"), "attributes"):
        raise unknown_shape("a DOI")


def _check_list(document: Document) -> None:
    if not isinstance(document.get("data"), list):
        raise unknown_shape("a list of DOIs")


def _versions(record: Document, doi: str) -> int:
    """The newest version that the metadata of a record tell."""
    newest = number(record, "version") or 1
    for related in objects(record, "relatedIdentifiers"):
        if text(related, "relationType") == "HasVersion":
            named = file_reference(text(related, "relatedIdentifier"))
            if named is not None and doi == f"{HEPDATA_PREFIX}{named.record}":
                newest = max(newest, named.version or 1)
    return newest


def _files(document: Document, recid: int) -> list[PublishedFile]:
    """The files of all versions, in HEPData's order."""
    numbered = []
    for one in objects(document, "data"):
        attributes = inner(one, "attributes")
        named = file_reference(text(attributes, "doi"))
        if named is None or named.record != recid or named.version is None or named.file_number is None:
            continue
        numbered.append((named.version, named.file_number, _file(attributes, named)))
    return [file for *_, file in sorted(numbered, key=lambda known: known[:2])]


def _file(attributes: Document, named: Reference) -> PublishedFile:
    title = next((text(one, "title") for one in objects(attributes, "titles")), "")
    name, page = _FILE_TITLE.match(title), _RESOURCE.search(text(attributes, "url"))
    rights = next((one for one in objects(attributes, "rightsList") if text(one, "rights")), {})
    described = (
        text(one, "description")
        for one in objects(attributes, "descriptions")
        if text(one, "descriptionType") == "Abstract"
    )
    description = next(described, "")
    return PublishedFile(
        name=name["name"] if name else "",
        doi=named.doi,
        version=named.version,
        resource=int(page[1]) if page else None,
        description="" if description == _NO_DESCRIPTION else description,
        type=text(inner(attributes, "types"), "resourceType").removesuffix(" file"),
        licence=Licence(name=text(rights, "rights"), url=text(rights, "rightsUri")) if rights else None,
    )


def _entry(record: Document, recid: int, base: str) -> Entry:
    """What is registered of the publication; ``base``: of HEPData's addresses."""
    supplemented = [
        (text(one, "relatedIdentifierType"), text(one, "relatedIdentifier"))
        for one in objects(record, "relatedIdentifiers")
        if text(one, "relationType") == "IsSupplementTo"
    ]
    addresses = [
        text(record, "url").removeprefix(base),
        *(name for kind, name in supplemented if kind == "URL"),
    ]
    references = (parse_reference(address) for address in addresses)
    inspire = next((found.inspire for found in references if found is not None and found.inspire), None)
    creators = (text(one, "name") for one in objects(record, "creators"))
    dates = (text(one, "date") for one in objects(record, "dates") if text(one, "dateType") == "Updated")
    return Entry(
        key=f"ins{inspire}" if inspire is not None else f"hepdata.{recid}",
        title=" ".join(next((text(one, "title") for one in objects(record, "titles")), "").split()),
        collaboration=", ".join(
            name.removesuffix(_COLLABORATION) for name in creators if name.endswith(_COLLABORATION)
        ),
        journal_doi=next((name for kind, name in supplemented if kind == "DOI"), ""),
        inspire=inspire,
        record=recid,
        updated=next(dates, "")[:10],
        source="hepdata",
    )
