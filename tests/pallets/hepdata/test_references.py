"""Whatever somebody types or pastes to name a record or a file."""

from __future__ import annotations

import string
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.pallets.hepdata.references import Reference, parse_reference

FILE = Reference(record=90607, version=3, file_number=3)
RECORD = Reference(record=90607)
PAPER = Reference(arxiv="1909.09226")


PIECES = [
    *(
        "https://",
        "//",
        "www.hepdata.net",
        "doi.org",
        "arxiv.org",
        "/record/",
        "resource/",
        "ins",
        "10.17182/",
    ),
    *("hepdata.", "90607", ".v3", "/r", "3", "?", "version=", "%", "[", "]", "\\", "@", "#", "\x00", ":"),
]


def without_text(reference: Reference | None) -> Reference | None:
    return msgspec.structs.replace(reference, text="") if reference is not None else None


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("10.17182/hepdata.90607.v3/r3", FILE),
        ("  10.17182/HEPData.90607.V3/R3 \n", FILE),
        ("doi:10.17182/hepdata.90607.v3/r3", FILE),
        ("DOI: 10.17182/hepdata.90607.v3/r3.", FILE),
        ("<https://doi.org/10.17182/hepdata.90607.v3/r3>", FILE),
        ("http://dx.doi.org/10.17182/hepdata.90607.v3/r3/", FILE),
        ("https://doi.org/10.17182%2Fhepdata.90607.v3%2Fr3?utm_source=mail#top", FILE),
        ("doi.org/10.17182/hepdata.90607.v3/r3", FILE),
        ("10.17182/hepdata.90607.v3/\u200br3", FILE),
        ("10.17182/hepdata.90607", RECORD),
        ("10.17182/hepdata.90607.v2", Reference(record=90607, version=2)),
        ("10.17182/hepdata.90607.v1/t21", Reference(record=90607, version=1)),
        ("hepdata.90607", RECORD),
        ("hepdata.90607.v3/r3", FILE),
        ("90607", RECORD),
        ("/record/90607", RECORD),
        ("https://www.hepdata.net/record/90607/", RECORD),
        ("https://WWW.HEPDATA.NET/record/90607", RECORD),
        ("https://www.hepdata.net:443/record/90607", RECORD),
        ("hepdata.net/record/90607", RECORD),
        ("https://www.hepdata.net/record/ins1755298?version=3", Reference(inspire=1755298, version=3)),
        (
            "https://www.hepdata.net/record/ins1755298?format=json&light=true&version=2&table=x",
            Reference(inspire=1755298, version=2),
        ),
        ("https://www.hepdata.net/record/ins1755298?version=newest", Reference(inspire=1755298)),
        ("https://www.hepdata.net/record/resource/1408476?landing_page=true", Reference(resource=1408476)),
        ("/record/resource/1408476?view=true", Reference(resource=1408476)),
        ("https://www.hepdata.net/record/resources/90607/3", Reference(record=90607, version=3)),
        ("https://www.hepdata.net/record/data/90607/476075/1/", Reference(record=90607, version=1)),
        (
            "https://www.hepdata.net/download/submission/ins1755298/4/yaml",
            Reference(inspire=1755298, version=4),
        ),
        ("https://www.hepdata.net/download/table/ins1755298/Table 1/json", Reference(inspire=1755298)),
        ("ins1755298", Reference(inspire=1755298)),
        ("INSPIRE:1755298", Reference(inspire=1755298)),
        ("https://inspirehep.net/literature/1755298", Reference(inspire=1755298)),
        ("https://inspirehep.net/api/literature/1755298?format=bibtex", Reference(inspire=1755298)),
        ("http://inspirehep.net/record/1755298/files/fig.png", Reference(inspire=1755298)),
        ("1909.09226", PAPER),
        ("1909.09226v2", PAPER),
        ("arXiv:1909.09226v2", PAPER),
        ("arXiv: 1909.09226 [hep-ex]", PAPER),
        ("https://arxiv.org/abs/1909.09226", PAPER),
        ("arxiv.org/pdf/1909.09226v3.pdf", PAPER),
        ("https://doi.org/10.48550/arXiv.1909.09226", PAPER),
        ("hep-ex/0501050", Reference(arxiv="hep-ex/0501050")),
        ("arXiv:HEP-EX/0501050v1", Reference(arxiv="hep-ex/0501050")),
        ("https://arxiv.org/abs/hep-ex/0501050v1", Reference(arxiv="hep-ex/0501050")),
        (
            "https://doi.org/10.1140/epjc/s10052-020-8050-3",
            Reference(paper_doi="10.1140/epjc/s10052-020-8050-3"),
        ),
        ("10.1103/PhysRevD.101.032009", Reference(paper_doi="10.1103/physrevd.101.032009")),
        ("https://www.hepdata.net/record/ins 1765529", Reference(inspire=1765529)),
        ("https://www.hepdata.net/ record/ins1755298 ?version= 3", Reference(inspire=1755298, version=3)),
        ("https://doi.org/10.17182/\nhepdata.90607.v3/r3", FILE),
        ("doi: 10.17182 / hepdata.90607. v3 / r3", FILE),
        ("arXiv: 1909. 09226 v2", PAPER),
    ],
)
def test_is_understood(typed: str, expected: Reference) -> None:
    found = parse_reference(typed)
    assert without_text(found) == expected
    assert found is not None
    assert found.text == typed.strip()
    assert found.shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "stau",
        "SUSY-2018-04",
        "sbottom 13 TeV",
        "0",
        "-90607",
        "９９９９９９９９９９９９９",
        "9" * 40,
        "1999.09226",  # no such month
        "https://evil.example/record/90607",
        "https://www.hepdata.net@evil.example/record/90607",
        "https://www.hepdata.net.evil.example/record/90607",
        "https://www.hepdata.net/search/?q=stau",
        "https://www.hepdata.net",
        "10.17182/hepdata.v3/r3",
        "10.17182/hepdata.90607.v3/r3/r4",
        "https://arxiv.org/list/hep-ex/new",
        "https://doi.org/",
        "ftp://www.hepdata.net/record/90607",
        "W/Z",
        "x" * 10_000,
        "10.17182/hepdata.90607 3",
        "10.17182/hepdata.906 07.v3/r3",
        "10.17182/hepdata.90607.v3/r3 2020",
        "10.1103/PhysRevD.101.032009 staus",
        "https://www.hepdata.net/record/90607 https://www.hepdata.net/record/92006",
        "https://www.hepdata.net/record/90607 stau",
        "hepdata stau 2020",
    ],
)
def test_is_free_text(text: str) -> None:
    assert parse_reference(text) is None


@given(
    record=st.integers(1, 10**7),
    version=st.none() | st.integers(1, 99),
    number=st.none() | st.integers(1, 999),
    before=st.sampled_from(["", "doi:", "DOI: ", "https://doi.org/", "http://dx.doi.org/", " \t", "<"]),
    after=st.sampled_from(["", "/", ".", " ", "\n", ">", ","]),
    upper=st.booleans(),
)
def test_a_doi_is_read_back(
    record: int, version: int | None, number: int | None, before: str, after: str, upper: bool
) -> None:
    meant = Reference(record=record, version=version, file_number=number if version else None)
    typed = before + (meant.doi.upper() if upper else meant.doi) + after
    assert without_text(parse_reference(typed)) == meant
    assert meant.is_file == (meant.file_number is not None)
    assert meant.key_hint == f"hepdata.{record}"


@given(
    inspire=st.integers(1, 10**7),
    version=st.none() | st.integers(1, 99),
    host=st.sampled_from(
        ["", "www.hepdata.net", "https://www.hepdata.net", "http://hepdata.net", "HTTPS://WWW.HEPData.net"]
    ),
    slash=st.booleans(),
    junk=st.dictionaries(
        st.text(string.ascii_lowercase, min_size=1).filter(lambda key: key != "version"),
        st.text(string.ascii_letters + string.digits + "%+-:/"),
        max_size=3,
    ),
)
def test_an_address_of_a_record_is_read_back(
    inspire: int, version: int | None, host: str, slash: bool, junk: dict[str, str]
) -> None:
    query = [f"{key}={value}" for key, value in junk.items()]
    if version is not None:
        query.append(f"version={version}")
    typed = f"{host}/record/ins{inspire}{'/' if slash else ''}{'?' if query else ''}{'&'.join(query)}"
    meant = Reference(inspire=inspire, version=version)
    assert without_text(parse_reference(typed)) == meant
    assert meant.key_hint == f"ins{inspire}"


@given(
    record=st.integers(1, 10**7),
    version=st.integers(1, 99),
    number=st.integers(1, 999),
    before=st.sampled_from(["", "doi:", "https://doi.org/"]),
    data=st.data(),
)
def test_blanks_in_what_was_pasted_change_nothing(
    record: int, version: int, number: int, before: str, data: st.DataObject
) -> None:
    meant = Reference(record=record, version=version, file_number=number)
    whole = before + meant.doi
    at = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), min_size=1, max_size=4)))
    blank = data.draw(st.sampled_from([" ", "\n", "\u00a0", " \r\n ", "\t"]))
    pieces = [whole[start:end] for start, end in zip([0, *at], [*at, None], strict=True)]
    found = without_text(parse_reference(blank.join(pieces)))
    if any(one[-1].isdigit() and other[0].isdigit() for one, other in pairwise(pieces)):
        assert found is None, "it may be two numbers"
    else:
        assert found == meant


@given(st.integers(1, 10**7), st.integers(1, 10**7), st.sampled_from([" ", "\n", "  "]))
def test_two_numbers_are_never_made_one(one: int, other: int, blank: str) -> None:
    for begin in ("", "ins", "hepdata.", "10.17182/hepdata.", "https://www.hepdata.net/record/ins"):
        assert parse_reference(f"{begin}{one}{blank}{other}") is None


@given(
    st.one_of(
        st.text(max_size=80),
        st.lists(st.sampled_from(PIECES), max_size=10).map("".join),
    )
)
def test_no_text_does_harm(text: str) -> None:
    found = parse_reference(text)
    if found is not None:
        assert found.record or found.inspire or found.arxiv or found.paper_doi or found.resource
        if found.doi:
            assert without_text(parse_reference(found.doi)) == without_text(
                Reference(record=found.record, version=found.version, file_number=found.file_number)
            )
