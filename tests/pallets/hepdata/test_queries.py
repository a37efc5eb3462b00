"""What is asked of HEPData's search: read as HEPData's own query parser does it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.pallets.hepdata.queries import LIKELIHOODS, search_query
from tests.hepdata.query import parse, rewrite

DOCUMENT = {
    "recid": 90607,
    "inspire_id": 1755298,
    "title": r"Search for $\tilde\tau$ pairs with W/Z bosons at $\sqrt{s}=13$ TeV",
    "abstract": "Likelihoods of SUSY-2018-04 in 139 fb$^{-1}$ of 2015-2018 data",
    "collaborations": ["ATLAS"],
    "arxiv_id": "arXiv:1909.09226",
    "doi": "10.1140/epjc/s10052-020-8050-3",
    "data_keywords": {"reactions": ["P P --> STAU STAU"]},
    "analyses": [{"type": "HistFactory", "filename": "x.tar.gz"}],
}


def finds(text: str, **changes: object) -> bool:
    return parse(rewrite(search_query(text)))({**DOCUMENT, **changes})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "tau",
        "TAU pairs",
        "search tau 13 TeV",
        "SUSY-2018-04",
        r"$\tilde\tau$",
        "W/Z",
        "139 fb-1",
        "2018",
        "90607",
        "1755298",
        "ins1755298",
        "10.17182/hepdata.90607.v3/r3",
        "https://www.hepdata.net/record/ins1755298?version=2",
        "1909.09226",
        "arXiv:1909.09226v2",
        "10.1140/epjc/s10052-020-8050-3",
        "pai*",
        "collaborations:ATLAS AND pairs",
        "collaboration:ATLAS",
        "analysis:HistFactory AND tau",
        "reactions:STAU",
        "sbottom OR tau",
        '"Search for"',
        "tau NOT sbottom",
        "(tau)",
        "tau: pairs?",
    ],
)
def test_is_found(text: str) -> None:
    assert finds(text)
    assert not finds(text, analyses=[{"type": "Combine"}])
    assert finds(text, analyses=[{"type": "HS3"}]) == ("analysis:HistFactory" not in text)


@pytest.mark.parametrize(
    "text", ["sbottom", "tau sbottom", "90608", "ins1", "1909.09227", "collaborations:CMS", "tau AND sbottom"]
)
def test_is_not_found(text: str) -> None:
    assert not finds(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60).filter(lambda text: '"' not in text))
def test_no_words_are_misunderstood(text: str) -> None:
    query = search_query(text)
    assert query.endswith(LIKELIHOODS)
    if "(" not in query.removesuffix(LIKELIHOODS):
        parse(rewrite(query))({**DOCUMENT})


def test_the_fields_own_name_survives_what_hepdata_does_to_queries() -> None:
    assert rewrite(search_query("stau")) == search_query("stau")
    assert rewrite(search_query("analysis:HistFactory OR x")) == search_query("analysis:HistFactory OR x")
