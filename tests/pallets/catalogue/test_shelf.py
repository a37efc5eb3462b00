"""Catalogue, library and answers of HEPData in one list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.pallets import open_pallet
from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.pallets.catalogue.merging import identities, join, merged, merged_files
from fitgui.pallets.catalogue.shelf import Row, shelf
from fitgui.pallets.published import Entry, Format, PublishedFile, summarised
from tests.pallets.catalogue.made import FOUR_LEPTONS, LBB, STAU, contents, item, origin

HEPDATA_LBB = Entry(
    key="ins1755298",
    title="Search for direct production of electroweakinos",
    abstract="The results of a search",
    journal="Eur.Phys.J.C 80 (2020) 691",
    inspire=1755298,
    record=90607,
    version=5,
    files=(
        PublishedFile(name="1Lbb-likelihoods-hepdata.tar.gz", resource=7, version=5, likelihood=True),
        PublishedFile(name="1Lbb-likelihoods-hepdata.tar.gz", resource=6, version=4, likelihood=True),
    ),
    source="hepdata",
    retrieved="2026-11-23T05:00:00+00:00",
)


def only(rows: tuple[Row, ...]) -> Row:
    [row] = rows
    return row


def test_hepdata_knows_facts_better_and_the_catalogue_the_rest() -> None:
    row = only(shelf([LBB], (), [HEPDATA_LBB]))
    entry = row.entry
    assert (entry.title, entry.abstract, entry.journal) == (
        HEPDATA_LBB.title,
        HEPDATA_LBB.abstract,
        HEPDATA_LBB.journal,
    )
    assert (entry.nickname, entry.final_states, entry.points) == (
        LBB.nickname,
        LBB.final_states,
        LBB.points,
    )
    assert entry.version == 5
    assert [(file.version, file.resource, file.doi) for file in entry.files] == [
        (5, 7, ""),
        (4, 6, "10.17182/hepdata.90607.v4/r3"),
    ]
    assert entry.source == "catalogue"
    assert entry.retrieved == HEPDATA_LBB.retrieved


def test_an_older_answer_only_fills_what_is_unknown() -> None:
    older = msgspec.structs.replace(HEPDATA_LBB, retrieved="2026-07-01T00:00:00+00:00", version=3, files=())
    entry = merged(msgspec.structs.replace(LBB, journal="", year=None), older)
    assert (entry.title, entry.version) == (LBB.title, 4)
    assert entry.journal == HEPDATA_LBB.journal
    assert entry.retrieved == LBB.retrieved


def test_what_nobody_could_check_is_replaced_by_what_hepdata_says() -> None:
    ours = msgspec.structs.replace(LBB, arxiv="1900.00000", model="Wh", unchecked=("arxiv", "model"))
    entry = merged(ours, msgspec.structs.replace(HEPDATA_LBB, arxiv="1909.09226"))
    assert entry.arxiv == "1909.09226"
    assert entry.model == "Wh"
    assert entry.unchecked == ("model",)


def test_a_record_known_by_its_number_only_is_found_again_with_all_numbers() -> None:
    answer = Entry(key="ins1838", inspire=1838, record=103062, title="Four leptons", source="hepdata")
    row = only(shelf([FOUR_LEPTONS], (), [answer]))
    assert row.key == FOUR_LEPTONS.key
    assert (row.entry.inspire, row.entry.title, row.entry.nickname) == (1838, "Four leptons", "4ℓ")
    # and from then on by the new number, too
    kept = item(origins=(origin(Entry(key="ins1838", inspire=1838)),))
    assert only(shelf([FOUR_LEPTONS], [kept], [answer])).items == (kept,)


def test_what_only_hepdata_knows_follows_the_catalogue() -> None:
    new = Entry(key="ins3000000", inspire=3000000, title="New", source="hepdata")
    rows = shelf([LBB, STAU], (), [new, HEPDATA_LBB])
    assert [row.key for row in rows] == [LBB.key, STAU.key, new.key]
    assert rows[-1].has_points is None
    assert rows[-1].fittable is None


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(item(origins=(origin(LBB, LBB.files[0]),)), id="its entry"),
        pytest.param(item(origins=(origin(), origin(None, LBB.files[0]))), id="DOI of its file"),
        pytest.param(item(origins=(origin(),), contents=(contents("ins1755298"),)), id="its patch sets"),
        pytest.param(item(contents=(contents("ins1755298"), contents())), id="one of its patch sets"),
    ],
)
def test_a_kept_file_stands_at_its_record(kept: object) -> None:
    rows = shelf([STAU, LBB], [kept])  # type: ignore[list-item]
    assert [(row.key, row.kept) for row in rows] == [(STAU.key, False), (LBB.key, True)]


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(item(), id="nothing known"),
        pytest.param(item(contents=(contents("ins1755298", "ins1765529"),)), id="two records named"),
        pytest.param(item(contents=(contents("ins0000000"),)), id="no record named"),
        pytest.param(item(contents=(contents("ins9999999"),)), id="a record that is not on the shelf"),
    ],
)
def test_a_kept_file_without_a_record_gets_a_row_of_its_own(kept: object) -> None:
    rows = shelf([LBB], [kept])  # type: ignore[list-item]
    assert [row.published for row in rows] == [True, False]
    assert rows[1].name == "lbb"
    assert rows[1].entry.files[0].name == "lbb.tar.gz"
    assert rows[1].entry.source == "library"


def test_what_opening_found_is_on_the_shelf() -> None:
    unknown = Entry(key="ins1", inspire=1)
    kept = item(origins=(origin(unknown),), contents=(contents(points=3), contents(labels=("m2",))))
    row = only(shelf([unknown], [kept]))
    assert (row.entry.points, row.entry.workspaces, row.entry.labels) == (5, 2, ("m1", "m2"))
    assert row.entry.contents == kept.contents
    assert (row.has_points, row.fittable) == (True, True)


@pytest.mark.parametrize(
    ("name", "analysis"),
    [
        ("atlas-susy-2019-08-1Lbb.tar.gz", "SUSY-2019-08"),
        ("atlas-susy-2018-04-stau.tar.gz", "SUSY-2018-04"),
        ("atlas-susy-2018-06-3L-eRJR.tar.gz", "SUSY-2018-06"),
    ],
)
def test_a_published_pallet_from_anywhere_is_recognised_by_what_its_patch_sets_say(
    real_pallets: Path, name: str, analysis: str
) -> None:
    pallet = open_pallet(real_pallets / name)
    kept = item(pallet.digest, origins=(origin(),), contents=summarised(pallet))
    [row] = [row for row in shelf(load_catalogue().entries, [kept]) if row.kept]
    assert row.entry.analysis == analysis
    assert row.entry.contents == kept.contents
    assert row.fittable


def test_several_versions_are_kept_in_one_row() -> None:
    old, new = item("a" * 64, origins=(origin(LBB),)), item("b" * 64, name="lbb-2", origins=(origin(LBB),))
    assert only(shelf([LBB], [new, old])).items == (new, old)


@pytest.mark.parametrize(
    ("entry", "kept", "has_points", "fittable"),
    [
        (Entry(key="1", format=Format.PATCH_SET), None, True, True),
        (Entry(key="1", format=Format.MEASUREMENT), None, False, False),
        (Entry(key="1", format=Format.HS3, why_not="HS3"), None, None, False),
        (Entry(key="1"), None, None, None),
        (Entry(key="1", points=12), None, True, True),
        (Entry(key="1", points=12, why_not="because"), None, True, False),
        (Entry(key="1"), item(contents=(contents(points=0),)), False, False),
        (Entry(key="1", points=12), item(refused="it is no pallet"), True, False),
        (Entry(key="1", why_not="so it was said"), item(contents=(contents(),)), True, True),
    ],
)
def test_whether_there_is_something_to_fit(
    entry: Entry, kept: object, has_points: bool | None, fittable: bool | None
) -> None:
    items = [msgspec.structs.replace(kept, origins=(origin(entry),))] if kept else []  # type: ignore[type-var]
    row = only(shelf([entry], items))
    assert (row.has_points, row.fittable) == (has_points, fittable)


def test_files_are_the_same_by_doi_number_or_name() -> None:
    known = PublishedFile(name="a.tgz", doi="10.17182/hepdata.1.v2/r1", version=2, likelihood=True)
    same = [
        PublishedFile(doi="10.17182/HEPDATA.1.V2/R1", version=2, resource=5),
        PublishedFile(name="a.tgz", version=2, resource=5),
        PublishedFile(version=2, resource=5, likelihood=True),
    ]
    for other in same:
        [file] = merged_files([known], [other])
        assert (file.name, file.doi, file.resource) == (known.name, known.doi, 5)
    different = [
        PublishedFile(name="a.tgz", version=1),
        PublishedFile(name="b.tgz", version=2),
        PublishedFile(doi="10.17182/hepdata.1.v2/r2", version=2),
        PublishedFile(version=2, resource=5, likelihood=False),
        PublishedFile(resource=5),
    ]
    for other in different:
        assert len(merged_files([known], [other])) == 2


def test_a_file_that_could_be_either_of_two_is_neither() -> None:
    two = [PublishedFile(doi=f"10.17182/hepdata.1.v1/r{number}", version=1) for number in (1, 2)]
    numbered = [PublishedFile(resource=number, version=1) for number in (5, 6)]
    assert len(merged_files(two, numbered[:1])) == 3
    assert len(merged_files(two[:1], numbered)) == 3


def file(name: str, version: int | None, number: int | None) -> PublishedFile:
    doi = f"10.17182/hepdata.1.v{version}/r{number}" if version and number else ""
    return PublishedFile(name=name, doi=doi, version=version)


VERSION = st.sampled_from([None, 1, 2])
FILE = st.builds(file, st.sampled_from(["", "a", "b"]), VERSION, VERSION).filter(
    lambda f: bool(f.name or f.doi)
)


def small(paper: int, known: tuple[bool, bool, bool], **fields: Any) -> Entry:
    """What is known of one of a few papers, by some of its numbers."""
    inspire, record, arxiv = known
    return Entry(
        key=f"ins{paper}" if inspire or not record else f"hepdata.{paper}",
        inspire=paper if inspire else None,
        record=paper if record else None,
        arxiv=f"1909.0000{paper}" if arxiv else "",
        **fields,
    )


SMALL = st.builds(
    small,
    st.integers(1, 3),
    st.tuples(st.booleans(), st.booleans(), st.booleans()).filter(any),
    title=st.sampled_from(["", "A", "B"]),
    version=VERSION,
    source=st.sampled_from(["catalogue", "hepdata"]),
    retrieved=st.sampled_from(["", "2026-01-01", "2026-02-01"]),
    files=st.lists(FILE, max_size=2).map(tuple),
)


@given(st.lists(SMALL, max_size=6))
def test_joining_joins_what_is_the_same_and_nothing_else(entries: list[Entry]) -> None:
    joined = join(entries)
    assert len({entry.key for entry in joined}) == len(joined)
    assert {entry.key for entry in joined} <= {entry.key for entry in entries}
    for entry in entries:
        same = [other for other in joined if not set(identities(entry)).isdisjoint(identities(other))]
        assert same
        assert entry.title == "" or any(other.title for other in same)
    for entry in joined:
        numbers = {entry.inspire, entry.record, int(entry.arxiv[-1]) if entry.arxiv else None}
        assert len(numbers - {None}) == 1, "of one paper"


def test_a_wrong_arxiv_number_does_not_join_two_papers() -> None:
    wrong = msgspec.structs.replace(FOUR_LEPTONS, arxiv=LBB.arxiv)
    assert [row.key for row in shelf([wrong, LBB], ())] == [wrong.key, LBB.key]
    assert [row.key for row in shelf([LBB, wrong], ())] == [LBB.key, wrong.key]
    unnumbered = Entry(key="arxiv.1909.09226", arxiv="1909.09226")
    assert only(shelf([LBB], (), [unnumbered])).key == LBB.key


@given(SMALL, SMALL)
def test_merging_never_forgets(ours: Entry, theirs: Entry) -> None:
    entry = merged(ours, theirs)
    assert entry.key == ours.key
    for name in Entry.__struct_fields__:
        if getattr(ours, name) not in (None, "", (), Format.UNKNOWN) and name != "unchecked":
            assert getattr(entry, name) not in (None, "", (), Format.UNKNOWN)
    assert len(entry.files) <= len(ours.files) + len(theirs.files)
    versions = {file.version for file in (*ours.files, *theirs.files)} - {None}
    assert versions <= {file.version for file in entry.files}
    assert merged(entry, theirs) == entry
