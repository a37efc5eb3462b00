"""Records, their versions and their files: every quirk of HEPData's answers that a client can trip over."""

from __future__ import annotations

import gzip

import pytest

from tests.hepdata import layouts
from tests.hepdata.conftest import Get
from tests.hepdata.standin import StandIn

HTML = "text/html; charset=utf-8"


def test_ping_and_robots(get: Get) -> None:
    assert get("/ping").text == "OK"
    assert "User-agent: *\nDisallow: /search\n" in get("/robots.txt").text


@pytest.mark.parametrize("path", ["/record/ins1755298", "/record/90607", "/record/90607/"])
def test_a_record_by_either_number(filled: StandIn, get: Get, path: str) -> None:
    answer = get(path, params={"format": "json", "light": "true", "version": "3"})
    assert answer.headers["Content-Type"] == "application/json"
    document = answer.json()
    assert (document["recid"], document["version"], document["version_count"]) == (90607, 3, 4)
    assert document["record"]["inspire_id"] == 1755298
    assert document["record"]["arxiv_id"] == "arXiv:1909.09226"
    assert document["record"]["hepdata_doi"] == "10.17182/hepdata.90607.v3"
    assert document["record"]["last_updated"] == "Fri, 20 Nov 2020 12:00:00 GMT"
    assert document["revision_message"]["message"] == "Patch sets instead of single patches"
    assert "authors" not in document["record"]
    assert "data_tables" not in document


@pytest.mark.parametrize(("light", "dropped"), [("true", True), ("false", True), ("0", True), ("", False)])
def test_any_text_makes_a_flag_true(filled: StandIn, get: Get, light: str, dropped: bool) -> None:
    document = get("/record/90607", params={"format": "json", "light": light}).json()
    assert ("data_tables" not in document) is dropped
    described = get(f"/record/resource/1408476?view={light}")
    assert (described.headers["Content-Type"] == "application/x-tar") is dropped


def test_without_a_flag_it_is_off(filled: StandIn, get: Get) -> None:
    tables = get("/record/90607?format=json").json()["data_tables"]
    assert [table["doi"] for table in tables] == [
        "10.17182/hepdata.90607.v4/t1",
        "10.17182/hepdata.90607.v4/t2",
    ]


@pytest.mark.parametrize("version", ["newest", "", "-1", "1.5"])
def test_a_version_that_is_no_number_is_the_newest(filled: StandIn, get: Get, version: str) -> None:
    assert get("/record/90607", params={"format": "json", "version": version}).json()["version"] == 4


def test_analyses_are_those_of_the_newest_version_whatever_was_asked(filled: StandIn, get: Get) -> None:
    """So the files of a version are found elsewhere."""
    for version in (1, 3, 4):
        record = get(f"/record/90607?format=json&light=true&version={version}").json()["record"]
        assert record["analyses"] == [
            {"type": "SModelS", "analysis": "https://github.com/SModelS/smodels-database-release"},
            {
                "type": "HistFactory",
                "filename": "1Lbb-likelihoods-hepdata.tar.gz",
                "analysis": f"{filled.url}/record/resource/1934827?landing_page=true",
            },
        ]


def test_files_with_a_doi_have_no_type_and_another_order(filled: StandIn, get: Get) -> None:
    with_doi = get("/record/90607?format=json&light=true&version=4").json()["resources_with_doi"]
    answer = get("/record/resources/90607/4")
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    [common, *tables] = answer.json()["submission_items"]
    assert (common["name"], common["type"], common["version"]) == ("Common Resources", "submission", 4)
    assert [table["name"] for table in tables] == ["Table 1", "Table 2"]
    assert all(set(file) == {"filename", "description", "doi"} for file in with_doi)
    joined = {file["doi"]: file for file in common["resources"]}
    assert {file["doi"] for file in with_doi} == set(joined) - {None}
    local = [resource for resource in common["resources"] if resource["doi"]]
    assert [resource["doi"] for resource in local] != [file["doi"] for file in with_doi]
    likelihood = joined["10.17182/hepdata.90607.v4/r3"]
    assert likelihood["file_type"] == "HistFactory"
    assert likelihood["location"] == "/record/resource/1934827?view=true"
    assert likelihood["data_license"]["name"] == "CC0"
    assert joined[None]["location"].startswith("https://github.com/")
    assert joined["10.17182/hepdata.90607.v4/r4"]["preview_location"] == "/record/resource/1934829?view=true"


def test_an_old_record_tells_only_how_its_files_end(filled: StandIn, get: Get) -> None:
    [common, *_] = get("/record/resources/90607/2").json()["submission_items"]
    assert [(file["id"], file["file_type"]) for file in common["resources"]] == [(1267798, "gz")]


def test_files_of_a_version_that_does_not_exist_are_none(filled: StandIn, get: Get) -> None:
    for path in ("/record/resources/90607/17", "/record/resources/5/1"):
        answer = get(path)
        assert answer.status_code == 200
        assert [item["resources"] for item in answer.json()["submission_items"]] == [[]]


@pytest.mark.parametrize(
    "path",
    [
        "/record/5?format=json",
        "/record/ins5?format=json",
        "/record/nonsense?format=json",
        "/record/90607?format=json&version=17",
        "/record/90607?format=json&version=0",
        "/record/resource/5",
        "/nowhere",
    ],
)
def test_what_is_unknown_is_a_page(filled: StandIn, get: Get, path: str) -> None:
    answer = get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, HTML)
    assert answer.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("path", ["/record/129959", "/record/ins2077557"])
def test_a_version_that_is_not_out_leads_to_a_login(filled: StandIn, get: Get, path: str) -> None:
    document = get(f"{path}?format=json").json()
    assert (document["version"], document["version_count"]) == (1, 1)
    answer = get(f"{path}?format=json&version=2")
    assert answer.status_code == 302
    assert answer.headers["Content-Type"] == HTML
    target = "/login/?next=%2Frecord%2F129959%3Fversion%3D2%26format%3Djson"
    assert answer.headers["Location"] == target
    assert get(target).headers["Content-Type"] == HTML
    assert get("/record/resource/3900001?view=true").status_code == 403
    [common] = get("/record/resources/129959/2").json()["submission_items"]
    assert [file["id"] for file in common["resources"]] == [3900001]


def test_json_is_compressed_for_those_who_accept_it(filled: StandIn, get: Get) -> None:
    packed = get("/record/90607?format=json", headers={"Accept-Encoding": "gzip"}, stream=True)
    raw = packed.raw.read(decode_content=False)
    assert packed.headers["Content-Encoding"] == "gzip"
    plain = get("/record/90607?format=json", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(raw) == plain.content
    filled.site.compresses = False
    assert "Content-Encoding" not in get("/record/90607?format=json").headers


def test_numbers_of_files_count_the_local_ones_of_each_version_by_id(hepdata: StandIn) -> None:
    link = hepdata.file("https://example.org/x", b"", id=1)
    first, second = hepdata.file("b.json", b"{}", id=7), hepdata.file("a.json", b"{}", id=3)
    named = hepdata.file("c.json", b"{}", id=9, doi="10.17182/hepdata.77.v1/r34")
    hepdata.add_record(77, versions={1: [link, first, second, named]})
    assert [file.doi for file in (link, first, second, named)] == [
        None,
        "10.17182/hepdata.77.v1/r2",
        "10.17182/hepdata.77.v1/r1",
        "10.17182/hepdata.77.v1/r34",
    ]


def test_real_files_are_served_where_they_are(hepdata: StandIn, get: Get, real_pallets: object) -> None:
    hepdata.populate()
    assert len(get("/record/resource/1408476?view=true").content) > 2_000_000
    assert get("/record/resource/2880059?view=true").content == layouts.nested()
