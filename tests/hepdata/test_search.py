"""What a search finds, in which order, and what it says where it cannot be understood."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hepdata.conftest import Get
from tests.hepdata.query import QueryError, parse, rewrite
from tests.hepdata.standin import StandIn

LIKELIHOODS = [90607, 92006, 91127, 89408, 95751, 116034, 91760, 100170, 129959, 157024]


def ask(get: Get, query: str, **parameters: Any) -> dict[str, Any]:
    answer = get("/search/", params={"q": query, "format": "json", **parameters})
    assert answer.status_code == 200
    document = answer.json()
    assert isinstance(document, dict)
    return document


def ids(document: dict[str, Any]) -> list[int]:
    return [result["id"] for result in document["results"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("analysis:HistFactory", LIKELIHOODS),
        ("analysis:histfactory", LIKELIHOODS),
        ("analysis:Combine", [138000]),
        ("collaborations:CMS", [138000]),
        ("analysis:HistFactory AND collaborations:CMS", []),
        ("sbottom", [89408, 102093]),  # in an abstract, and in a table
        ("sbottom AND analysis:HistFactory", [89408]),
        ("analysis:HistFactory AND sbottom", [89408]),
        ("sbottom AND NOT analyses.type:HistFactory", [102093]),
        ("+sbottom -analysis.type:nothing", [89408, 102093]),
        ("SBOTTOM stau", [92006, 89408, 102093]),  # a space means OR
        ("stau AND analysis:(HistFactory OR HS3)", [92006]),
        ("stau AND analyses.type:(HistFactory OR HS3)", [92006]),
        ("title:(stau OR photon)", [92006, 129959]),
        ('title:"direct stau"', [92006]),
        ('title:"stau direct"', []),
        ("title:bot*", [89408]),
        ("sbotom~", [89408, 102093]),
        ("resources:archive", [90607, 92006, 91127, 89408, 95751, 116034, 91760]),
        ("1909.09226", [90607]),
        ('arxiv_id:"1909.09226"', [90607]),
        ('"arXiv:1909.09226"', [90607]),
        ("inspire_id:1755298", [90607]),
        ("1755298", [90607]),
        ("publication_recid:90607", [90607]),
        ("10.17182/hepdata.90607", [90607]),
        ("doi:10.1103/PhysRevD.101.032009", [92006]),
        ("year:2021 AND collaborations:(ATLAS OR CMS)", [95751, 102093]),
        ("cmenergies:[12000 TO 14000] AND title:stau", [92006]),
        ("publication_recid:[91000 TO 92010]", [92006, 91760, 91127]),  # the newest first
    ],
)
def test_what_is_found(filled: StandIn, get: Get, query: str, found: list[int]) -> None:
    document = ask(get, query, size=50)
    assert ids(document) == found
    assert document["total"] == document["hits"]["total"] == len(found)


@pytest.mark.parametrize(
    "query",
    [
        "arXiv:1909.09226",  # a field that does not exist
        "stau AND (analysis:HistFactory OR analysis:HS3)",  # replaced only where it begins a part
        "(sbottom) AND (analysis:HistFactory)",
    ],
)
def test_traps_of_the_rewriting(filled: StandIn, get: Get, query: str) -> None:
    assert ask(get, query)["total"] == 0


@pytest.mark.parametrize(
    "query", ["(stau", "stau)", '"stau', "hep-ex/0001001", "AND stau", "stau AND", "title:"]
)
def test_what_cannot_be_read_is_an_error_with_status_200(filled: StandIn, get: Get, query: str) -> None:
    assert ask(get, query) == {"error": f"Failed to parse query [{query}]"}


def test_other_errors_with_status_200(filled: StandIn, get: Get) -> None:
    assert ask(get, "stau", sort_by="colour") == {"error": "Sorting on field colour is not supported"}
    assert "Result window is too large" in ask(get, "stau", page=101, size=100)["error"]


def test_pages_and_sizes(hepdata: StandIn, get: Get) -> None:
    for number in range(1, 131):
        hepdata.add_record(number, title=f"Search {number}")
    assert len(ask(get, "search")["results"]) == 10
    assert len(ask(get, "search", size=1000)["results"]) == 100
    assert len(ask(get, "search", size=0)["results"]) == 10
    assert len(ask(get, "search", size="many")["results"]) == 10
    assert ids(ask(get, "search", size=100, page=2)) == list(range(101, 131))
    for page in ("0", "-3", "two"):
        assert ids(ask(get, "search", page=page)) == list(range(1, 11))
    beyond = ask(get, "search", page=50)
    assert (beyond["results"], beyond["total"]) == ([], 130)
    assert ids(ask(get, "search", sort_by="recid", size=2)) == [130, 129]
    assert ids(ask(get, "search", sort_by="recid", sort_order="rev", size=2)) == [1, 2]


def test_a_result(filled: StandIn, get: Get) -> None:
    [result] = ask(get, "publication_recid:90607")["results"]
    assert result["version"] == 4
    assert result["hepdata_doi"] == "10.17182/hepdata.90607.v4"
    assert result["arxiv_id"] == "arXiv:1909.09226"
    assert result["authors"] == ["Aad, Georges", "Abbott, Brad"]
    assert result["date"] == "19 Sep 2020"
    assert {analysis["type"] for analysis in result["analyses"]} == {"SModelS", "HistFactory"}
    assert (result["data"], result["total_tables"]) == ([], 0)


def test_tables_that_match_come_along(filled: StandIn, get: Get) -> None:
    [_, by_table] = ask(get, "sbottom")["results"]
    assert [table["title"] for table in by_table["data"]] == ["Table 1"]
    assert by_table["total_tables"] == 1


def test_facets_and_filters(filled: StandIn, get: Get) -> None:
    document = ask(get, "", size=50)
    facets = {facet["type"]: facet["vals"] for facet in document["facets"]}
    counted = {value["key"]: value["doc_count"] for value in facets["collaboration"]}
    assert counted == {"ATLAS": 11, "CMS": 1}
    assert len(facets["cmenergies"]) == 10
    assert ids(ask(get, "", collaboration="CMS")) == [138000]
    assert ids(ask(get, "analysis:HistFactory", date="2021,2022")) == [95751, 116034, 129959]


def test_json_or_a_page(filled: StandIn, get: Get) -> None:
    assert get("/search?q=stau").status_code == 308
    assert get("/search/?q=stau").headers["Content-Type"].startswith("text/html")
    assert get("/search/?q=stau", headers={"Accept": "application/json"}).json()["total"] == 2


def test_all_ids(filled: StandIn, get: Get) -> None:
    records = get("/search/ids").json()
    assert records == sorted(records)
    assert len(records) == 12
    assert 1755298 in get("/search/ids?inspire_ids=1&last_updated=2020-11-01&sort_by=latest").json()
    assert get("/search/ids?inspire_ids=false").json() == records  # here it does mean false
    assert get("/search/ids?last_updated=2030-01-01").json() == []
    wrong = get("/search/ids?last_updated=yesterday")
    assert wrong.status_code == 400
    assert "Unable to parse date" in wrong.json()["error"]


def test_unpublished_records_are_not_found(hepdata: StandIn, get: Get) -> None:
    hepdata.add_record(1, title="Secret search", unpublished=[1])
    assert ask(get, "secret")["total"] == 0


@given(st.text(alphabet='ab:()[]{}"*?~^+-!/\\ANDOR 12.', max_size=25) | st.text(max_size=25))
def test_any_text_is_read_or_refused(text: str) -> None:
    query = rewrite(text)
    try:
        matches = parse(query)
    except QueryError as error:
        said = str(error)
    else:
        said = f"matches: {matches({'title': 'a b', 'year': 2020})}"
    assert said in ("matches: True", "matches: False", f"Failed to parse query [{query}]")
