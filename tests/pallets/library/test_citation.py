"""BibTeX that others can read: parsed back, and harmless whatever the title is."""

from __future__ import annotations

import bibtexparser
import pytest
from bibtexparser.model import Entry as BibEntry
from hypothesis import given
from hypothesis import strategies as st

from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.pallets.library.citation import bibtex
from fitgui.pallets.library.latex import latex
from fitgui.pallets.published import Entry, PublishedFile

TITLE = r"Search for electroweakinos with two $b$-jets in $pp$ collisions at $\sqrt{s}=13~$TeV & more"
ENTRY = Entry(
    key="ins1755298",
    title=TITLE,
    collaboration="ATLAS",
    arxiv="1909.09226",
    journal="Eur.Phys.J.C 80 (2020) 691",
    journal_doi="10.1140/epjc/s10052-020-8050-3",
    year=2020,
    inspire=1755298,
    record=90607,
    updated="2022-03-01",
)


def parsed(text: str) -> list[BibEntry]:
    library = bibtexparser.parse_string(text)
    assert library.failed_blocks == []
    return library.entries


def fields(entry: BibEntry) -> dict[str, str]:
    whole = {field.key: field.value for field in entry.fields}
    return {key: value[1:-1] if value.startswith("{") else value for key, value in whole.items()}


def test_a_file_is_cited_as_hepdata_asks_for_it() -> None:
    file = PublishedFile(name="1Lbb_likelihoods.tar.gz", doi="10.17182/hepdata.90607.v3/r3", version=3)
    paper, record = parsed(bibtex(ENTRY, file))
    title = TITLE.replace("&", r"\&")
    assert (paper.entry_type, paper.key) == ("article", "arXiv:1909.09226")
    assert fields(paper) == {
        "author": "ATLAS Collaboration",
        "collaboration": "ATLAS",
        "title": title,
        "eprint": "1909.09226",
        "archivePrefix": "arXiv",
        "doi": "10.1140/epjc/s10052-020-8050-3",
        "journal": "Eur.Phys.J.C",
        "volume": "80",
        "pages": "691",
        "year": "2020",
    }
    assert (record.entry_type, record.key) == ("misc", "hepdata.90607.v3/r3")
    assert fields(record) == {
        "author": "ATLAS Collaboration",
        "title": rf"``1Lbb\_likelihoods.tar.gz'' of ``{title}'' (Version 3)",
        "howpublished": "HEPData (other)",
        "year": "2022",
        "note": r"\url{https://doi.org/10.17182/hepdata.90607.v3/r3}",
    }


@pytest.mark.parametrize(
    ("file", "key", "title"),
    [
        (None, "hepdata.90607", "T"),
        (PublishedFile(name="old.gz", version=2), "hepdata.90607.v2", "T (Version 2)"),
        (PublishedFile(doi="10.17182/hepdata.90607.v2/r1"), "hepdata.90607.v2/r1", "T"),
    ],
)
def test_what_is_unknown_is_left_out(file: PublishedFile | None, key: str, title: str) -> None:
    [record] = parsed(bibtex(Entry(key="x", title="T", record=90607), file))
    assert record.key == key
    assert fields(record)["title"] == title
    assert "year" not in fields(record)
    assert "author" not in fields(record)


def test_nothing_known_is_nothing_to_cite() -> None:
    assert bibtex(Entry(key="kept.0", title="A title alone")) == ""


def test_several_collaborations_are_several_authors() -> None:
    entry = Entry(key="x", collaboration="ATLAS, CMS Collaboration", record=1, arxiv="hep-ex/0501050")
    paper, record = parsed(bibtex(entry))
    assert fields(paper)["eprint"] == "hep-ex/0501050"
    for cited in (paper, record):
        assert cited.fields_dict["author"].value == "{ATLAS Collaboration} and {CMS Collaboration}"


@pytest.mark.parametrize(
    ("journal", "expected"),
    [
        ("Eur. Phys. J. C 80 (2020) 691", ("Eur. Phys. J. C", "80", "691", "2020")),
        ("JHEP 06 (2020) 046", ("JHEP", "06", "046", "2020")),
        ("Phys.Rev.D 101 (2020) 032009", ("Phys.Rev.D", "101", "032009", "2020")),
        ("Phys. Lett. B842 (2023) 137379", ("Phys. Lett. B", "842", "137379", "2023")),
        ("Nature 607 (2022) 52-59", ("Nature", "607", "52-59", "2022")),
        ("to appear in SciPost", ("to appear in SciPost", None, None, None)),
    ],
)
def test_journals_are_taken_apart_where_that_is_clear(journal: str, expected: tuple[str | None, ...]) -> None:
    [paper] = parsed(bibtex(Entry(key="x", journal=journal)))
    found = fields(paper)
    assert tuple(found.get(name) for name in ("journal", "volume", "pages", "year")) == expected


def test_the_whole_catalogue_can_be_cited() -> None:
    entries = load_catalogue().entries
    assert len(entries) > 25
    texts = [bibtex(entry, entry.files[0] if entry.files else None) for entry in entries]
    keys = [cited.key for cited in parsed("\n\n".join(text for text in texts if text))]
    assert len(keys) == len(set(keys)) >= len(entries)
    assert all(text.isascii() for text in texts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50 % of A & B_c #1", r"50 \% of A \& B\_c \#1"),
        (r"already \% and \&", r"already \% and \&"),
        ("$a_1 & b^2$ stays", "$a_1 & b^2$ stays"),
        ("5 $ and 6", r"5 \$ and 6"),
        ("x^2", r"x\^{}2"),
        ('a "b"', "a ''b''"),
        ("Müller–Lüdenscheid", r"M{\"u}ller{\textendash}L{\"u}denscheid"),
        ("χ → ℓν", r"{\ensuremath{\chi}} {\textrightarrow} {\ensuremath{\ell}}{\ensuremath{\nu}}"),
        ("one } two { three", "one  two  three"),
        ("ends with \\", "ends with"),
        ("  spaces \n and lines ", "spaces and lines"),
    ],
)
def test_what_is_special_to_latex_is_escaped(text: str, expected: str) -> None:
    assert latex(text) == expected


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_no_text_breaks_the_entry(title: str, collaboration: str, journal: str) -> None:
    entry = Entry(key="x", title=title, collaboration=collaboration, journal=f"J{journal}", record=1)
    cited = parsed(bibtex(entry, PublishedFile(name=title, doi="10.17182/hepdata.1.v1/r1")))
    assert [one.entry_type for one in cited] == ["article", "misc"]
    assert cited[1].fields_dict["note"].value == r"\url{https://doi.org/10.17182/hepdata.1.v1/r1}"
    assert cited[1].fields_dict["howpublished"].value == "{HEPData (other)}"
    for one in cited:
        for field in one.fields:
            assert field.value.count("{") == field.value.count("}")
