"""``fitgui library cite`` of what is not kept: the catalogue knows it."""

from __future__ import annotations

from collections.abc import Callable

import bibtexparser
import pytest

from tests.cli.conftest import Finished
from tests.hepdata import layouts
from tests.hepdata.standin import StandIn

Call = Callable[..., Finished]


def entries(finished: Finished) -> list[bibtexparser.model.Entry]:
    assert (finished.returncode, finished.stderr) == (0, "")
    library = bibtexparser.parse_string(finished.stdout)
    assert library.failed_blocks == []
    return list(library.entries)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("10.17182/hepdata.92006", "hepdata.92006"),
        ("10.17182/hepdata.92006.v2", "hepdata.92006.v2"),
        ("10.17182/hepdata.92006.v2/r2", "hepdata.92006.v2/r2"),
        ("https://www.hepdata.net/record/ins 1765529", "hepdata.92006"),
        ("1911.06660", "hepdata.92006"),
        ("susy-2018-04", "hepdata.92006"),
        ("Direct stau, 2 hadronic τ", "hepdata.92006"),
    ],
)
def test_what_the_catalogue_knows_need_not_be_kept(here: Call, hepdata: StandIn, name: str, key: str) -> None:
    paper, record = entries(here("library", "cite", name))
    assert paper["eprint"] == "1911.06660"
    assert record.key == key
    assert key in record["note"]
    assert hepdata.requests == (), "nobody is asked for a citation"


def test_what_hepdata_told_before_can_be_cited(here: Call, hepdata: StandIn) -> None:
    file = hepdata.file("Winos.tar.gz", layouts.heavy(9))
    hepdata.add_record(330_001, title="Search for winos", versions={1: [file]}, arxiv="2601.00001")
    assert here("library", "cite", "10.17182/hepdata.330001").returncode == 2, "nothing is known of it"
    assert hepdata.requests == ()
    assert here("search", "--online", "10.17182/hepdata.330001").returncode == 0
    asked = len(hepdata.requests)
    paper, record = entries(here("library", "cite", "10.17182/hepdata.330001"))
    assert paper["eprint"] == "2601.00001"
    assert "Search for winos" in record["title"]
    assert len(hepdata.requests) == asked
