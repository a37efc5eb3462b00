"""HEPData's JSON with whatever is missing, or of another type than it used to be."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui.pallets.hepdata.answers import (
    check_record,
    check_resources,
    check_search,
    found_entries,
    record_of_file,
    versions_of,
)
from fitgui.pallets.hepdata.documents import inner, json_object
from fitgui.pallets.hepdata.entries import entry_of, files_of
from fitgui.pallets.hepdata.errors import HepDataError
from fitgui.pallets.hepdata.references import Reference
from fitgui.pallets.hepdata.session import Answer
from fitgui.pallets.published import Entry, PublishedFile

NOW = datetime(2026, 8, 1, tzinfo=UTC)
SITE = "https://www.hepdata.net"
# Shapes of HEPData/hepdata, August 2026; the numbers are those of the facts.
RESULT: dict[str, Any] = {
    "id": 90607,
    "recid": 90607,
    "inspire_id": 1755298,
    "doc_type": "publication",
    "version": 4,
    "title": "Search for direct production of electroweakinos",
    "hepdata_doi": "10.17182/hepdata.90607.v4",
    "doi": "10.1140/epjc/s10052-020-8050-3",
    "arxiv_id": "arXiv:1909.09226",
    "journal_info": "Eur.Phys.J.C 80 (2020) 691",
    "year": 2020,
    "collaborations": ["ATLAS"],
    "abstract": "The results",
    "data_keywords": {"cmenergies": [{"gte": 13000.0, "lte": 13000.0}]},
    "analyses": [
        {
            "type": "HistFactory",
            "filename": "1Lbb-likelihoods-hepdata.tar.gz",
            "analysis": f"{SITE}/record/resource/1934827?landing_page=true",
        },
        {"type": "SModelS", "analysis": "https://github.com/x"},
    ],
    "resources": [
        {
            "description": "Archive of full likelihoods",
            "type": "HistFactory",
            "url": f"{SITE}/record/resource/1934827?landing_page=true",
        }
    ],
}
SEARCH: dict[str, Any] = {"total": 1, "hits": {"total": 1}, "facets": [], "results": [RESULT]}
RECORD: dict[str, Any] = {
    "recid": 90607,
    "version": 3,
    "version_count": 4,
    "resources_with_doi": [
        {"filename": "1Lbb.tar.gz", "description": "Archive", "doi": "10.17182/hepdata.90607.v3/r3"},
        {"filename": "x.cxx", "description": "Code", "doi": "10.17182/hepdata.90607.v3/r1"},
    ],
    "record": RESULT,
}
RESOURCES: dict[str, Any] = {
    "submission_items": [
        {
            "name": "Common Resources",
            "type": "submission",
            "version": 3,
            "id": 90607,
            "resources": [
                {
                    "id": 1408476,
                    "file_type": "HistFactory",
                    "file_description": "Archive",
                    "location": "/record/resource/1408476?view=true",
                    "doi": "10.17182/hepdata.90607.v3/r3",
                    "data_license": {"name": "CC0", "url": "https://x", "description": "…"},
                }
            ],
        },
        {
            "name": "Table 1",
            "type": "data",
            "id": 476075,
            "version": 3,
            "resources": [
                {"id": 5, "file_type": "json", "location": "/record/resource/5?view=true", "doi": None}
            ],
        },
    ]
}
# As hepdata/modules/records/utils/json_ld.py makes it for a file.
JSON_LD: dict[str, Any] = {
    "@context": "http://schema.org",
    "version": 3,
    "identifier": [
        {
            "@type": "PropertyValue",
            "propertyID": "HEPDataRecord",
            "value": f"{SITE}/record/ins1755298?version=3",
        },
        {"@type": "PropertyValue", "propertyID": "HEPDataRecordAlt", "value": f"{SITE}/record/90607"},
    ],
    "@id": "https://doi.org/10.17182/hepdata.90607.v3/r3",
    "@type": "CreativeWork",
    "contentUrl": f"{SITE}/record/resource/1408476?view=true",
    "url": f"{SITE}/record/resource/1408476?landing_page=true",
    "isPartOf": {
        "@id": "https://doi.org/10.17182/hepdata.90607.v3",
        "url": f"{SITE}/record/ins1755298?version=3",
    },
}


def test_the_shapes_of_hepdata_are_understood() -> None:
    entries, total = found_entries(SEARCH, NOW)
    assert total == 1
    assert entries[0].key == "ins1755298"
    assert entries[0].files[0].resource == 1934827
    assert entries[0].files[0].description == "Archive of full likelihoods"
    files = files_of(RECORD, RESOURCES, 90607, 3)
    assert [(file.name, file.likelihood) for file in files] == [("1Lbb.tar.gz", True), ("", False)]
    assert versions_of(RECORD) == (3, 4)


@pytest.mark.parametrize("missing", ["isPartOf", "identifier", "version", "url", "@id"])
def test_a_file_tells_its_record(missing: str) -> None:
    document = {key: value for key, value in JSON_LD.items() if key != missing}
    found = record_of_file(document, SITE)
    assert found == Reference(inspire=1755298, version=3)
    at_a_stand_in = json.loads(json.dumps(document).replace(SITE, "http://127.0.0.1:81"))
    assert record_of_file(at_a_stand_in, "http://127.0.0.1:81") == found


def test_a_file_without_a_paper_tells_its_record() -> None:
    document = json.loads(json.dumps(JSON_LD).replace("ins1755298", "insNone"))
    assert record_of_file(document, SITE) == Reference(record=90607, version=3)
    assert record_of_file({"error": "JSON-LD is unavailable"}, SITE) is None


def test_numbers_may_be_texts_and_one_collaboration_no_list() -> None:
    odd = {**RESULT, "inspire_id": "1755298", "year": "2020", "collaborations": "ATLAS", "title": " a\n  b "}
    entry = entry_of(odd, NOW, ())
    assert (entry.key, entry.year, entry.collaboration, entry.title) == ("ins1755298", 2020, "ATLAS", "a b")


def test_a_record_without_a_paper_has_a_key_of_its_own() -> None:
    bare = {"recid": 12, "inspire_id": None, "journal_info": "No Journal Information", "year": None}
    entry = entry_of(bare, NOW, ())
    assert (entry.key, entry.journal, entry.year, entry.arxiv) == ("hepdata.12", "", None, "")


def test_several_energies_are_none() -> None:
    spans = [{"gte": 7000.0, "lte": 7000.0}, {"gte": 8000.0, "lte": 8000.0}]
    assert entry_of({**RESULT, "data_keywords": {"cmenergies": spans}}, NOW, ()).energy_tev is None
    assert entry_of({**RESULT, "data_keywords": {}}, NOW, ()).energy_tev is None


def test_a_doi_of_another_version_names_no_file_of_this_one() -> None:
    wrong = json.loads(json.dumps(RESOURCES).replace("90607.v3/r3", "90607.v2/r3"))
    assert files_of(RECORD, wrong, 90607, 3)[0].doi == ""


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=5,
)


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    children = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    for key, value in children:
        found += places(value, (*path, key))
    return found


def changed(document: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """The document with one or two values replaced or removed."""
    document = copy.deepcopy(document)
    for _ in range(data.draw(st.integers(1, 2))):
        remaining = places(document)
        if not remaining:
            break
        *path, last = data.draw(st.sampled_from(remaining))
        parent: Any = document
        for key in path:
            parent = parent[key]
        if data.draw(st.booleans()) and isinstance(parent, dict):
            del parent[last]
        else:
            parent[last] = data.draw(ANYTHING)
    return document


@settings(deadline=None)
@given(st.data())
def test_a_search_may_look_like_anything(data: st.DataObject) -> None:
    document = changed(SEARCH, data)
    try:
        check_search(document)
    except HepDataError:
        return
    entries, total = found_entries(document, NOW)
    assert total >= len(entries)
    assert all(isinstance(entry, Entry) and entry.key for entry in entries)


@settings(deadline=None)
@given(st.data())
def test_a_record_may_look_like_anything(data: st.DataObject) -> None:
    record, resources = changed(RECORD, data), changed(RESOURCES, data)
    try:
        check_record(record, "the record")
        check_resources(resources, "the files")
    except HepDataError:
        return
    version, versions = versions_of(record)
    assert 1 <= version <= versions
    files = files_of(record, resources, 90607, version)
    assert all(isinstance(file, PublishedFile) and file.resource for file in files)
    assert entry_of(inner(record, "record"), NOW, files).key


@settings(deadline=None)
@given(st.data())
def test_json_ld_may_look_like_anything(data: st.DataObject) -> None:
    found = record_of_file(changed(JSON_LD, data), SITE)
    assert found is None or found.record or found.inspire


@given(
    st.sampled_from([200, 200, 200, 404, 500]),
    st.sampled_from(["application/json", "application/ld+json", "text/html", "", "application/jsonp"]),
    st.binary(max_size=40)
    | st.sampled_from([b"{}", b"[]", b"null", b'{"a": 1e999}', b'{"a": NaN}', b"[" * 5000]),
)
def test_any_answer_is_an_object_or_a_sentence(status: int, content_type: str, body: bytes) -> None:
    answer = Answer(url=SITE, status=status, content_type=content_type, headers={}, body=body)
    sentence = ""
    document: object = None
    try:
        document = json_object(answer, "the test")
    except HepDataError as error:
        sentence = str(error)
    if sentence:
        assert sentence.isprintable()
        assert sentence.endswith(".")
    else:
        assert isinstance(document, dict)
        assert status == 200
        assert content_type in ("application/json", "application/ld+json")
