"""Finding rows by what was typed and chosen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.pallets.catalogue.filter import Facets, Index
from fitgui.pallets.catalogue.folding import fold, query_words, tokens
from fitgui.pallets.catalogue.haystack import words_of
from fitgui.pallets.catalogue.shelf import Row, shelf
from fitgui.pallets.published import Entry, Format
from tests.pallets.catalogue.made import FOUR_LEPTONS, LBB, STAU, hits, index_of, item

ALPHABET = "aabeist τχμℓ_-.019ÄéṪ→"
TEXT = st.text(ALPHABET, max_size=12)
ANYTHING = st.one_of(st.text(max_size=20), st.text(ALPHABET + r"\{}^$/:?", max_size=20))
STATES = st.sampled_from(["1 lepton", "b jets", "τ"])


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    made = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "title": TEXT,
                    "nickname": TEXT,
                    "abstract": TEXT,
                    "analysis": st.sampled_from(["", "SUSY-2019-08", "SUSY-2018-04"]),
                    "collaboration": st.sampled_from(["", "ATLAS", "CMS"]),
                    "final_states": st.lists(STATES, unique=True).map(tuple),
                    "format": st.sampled_from(Format),
                    "why_not": st.sampled_from(["", "because"]),
                }
            ),
            max_size=8,
        )
    )
    return [Entry(key=f"hepdata.{number}", **fields) for number, fields in enumerate(made)]


FACETS = st.builds(
    Facets,
    collaboration=st.sampled_from([None, "ATLAS", "CMS", "nobody"]),
    final_states=st.frozensets(STATES, max_size=2),
    has_points=st.none() | st.booleans(),
    kept=st.none() | st.booleans(),
    fittable=st.none() | st.booleans(),
)


def occurs(text: str, row: Row) -> bool:
    """By going through all words of the row, one by one."""
    words = [word for level in words_of(row) for word in level]

    def known(part: str) -> bool:
        return any(part in word for word in words)

    return all(
        known(word.whole) or (bool(word.parts) and all(map(known, word.parts))) for word in query_words(text)
    )


def fits(row: Row, facets: Facets) -> bool:
    return (
        (facets.collaboration is None or row.entry.collaboration == facets.collaboration)
        and facets.final_states <= set(row.entry.final_states)
        and all(
            wanted is None or is_so is wanted
            for wanted, is_so in (
                (facets.has_points, row.has_points),
                (facets.kept, row.kept),
                (facets.fittable, row.fittable),
            )
        )
    )


@given(entries(), ANYTHING, FACETS)
def test_every_word_of_the_text_is_in_every_hit_and_in_no_other_row(
    made: list[Entry], text: str, facets: Facets
) -> None:
    index = index_of(*made)
    found = index.match(text, facets)
    assert sorted(found) == [
        place for place, row in enumerate(index.rows) if fits(row, facets) and occurs(text, row)
    ]


@given(entries(), TEXT, TEXT)
def test_going_on_typing_never_adds_hits(made: list[Entry], text: str, more: str) -> None:
    index = index_of(*made)
    assert set(index.match(text + more)) <= set(index.match(text))


@given(entries(), TEXT, TEXT)
def test_the_order_of_words_does_not_matter(made: list[Entry], one: str, other: str) -> None:
    index = index_of(*made)
    assert index.match(f"{one} {other}") == index.match(f"{other} {one}")


@given(entries(), TEXT, FACETS)
@settings(max_examples=50)
def test_counts_are_what_the_next_choice_leaves(made: list[Entry], text: str, facets: Facets) -> None:
    index = index_of(*made)
    counts = index.counts(text, facets)

    def left(**choice: Any) -> int:
        return len(index.match(text, Facets(**{**_fields(facets), **choice})))

    assert counts.total == left()
    assert counts.collaborations == {name: left(collaboration=name) for name in counts.collaborations}
    assert counts.final_states == {
        name: left(final_states=facets.final_states | {name}) for name in counts.final_states
    }
    for name in ("has_points", "kept", "fittable"):
        assert getattr(counts, name) == {state: left(**{name: state}) for state in (True, False)}


def _fields(facets: Facets) -> dict[str, Any]:
    return {name: getattr(facets, name) for name in Facets.__slots__}


@given(entries())
def test_a_row_is_found_by_every_word_of_its_title(made: list[Entry]) -> None:
    index = index_of(*made)
    for place, row in enumerate(index.rows):
        for word in row.entry.title.split():
            assert place in index.match(word)
        assert place in index.match(row.entry.title)


@pytest.mark.parametrize(
    "text",
    [
        "1lbb",
        "lv bb",
        "one lepton chargino",
        "neutralino",
        "chi20",
        "χ̃",
        r"\tilde{\chi}_1^\pm",
        "sqrt(s)",
        "SUSY-2019-08",
        "susy201908",
        "2019-08",
        "arXiv:1909.09226",
        "1909.09226v3",
        "https://arxiv.org/abs/1909.09226",
        "ins1755298",
        "1755298",
        "90607",
        "https://www.hepdata.net/record/90607?version=2",
        "10.17182/hepdata.90607.v1/r9",
        "likelihoods-hepdata.tar.gz",
        "atlas b-jets",
        "bjets",
        "B JETS",
        "b-tagged",
    ],
)
def test_found_by(text: str) -> None:
    assert hits(index_of(STAU, FOUR_LEPTONS, LBB), text) == [LBB.key]


def test_nothing_typed_lets_all_through_in_their_order() -> None:
    for text in ("", "  ", "→", "\N{EN DASH}?"):
        assert hits(index_of(STAU, FOUR_LEPTONS, LBB), text) == [STAU.key, FOUR_LEPTONS.key, LBB.key]


def test_names_come_before_titles_these_before_the_rest_abstracts_last() -> None:
    made = [
        Entry(key="1", abstract="about wino"),
        Entry(key="2", labels=("wino",)),
        Entry(key="3", title="electrowinos"),
        Entry(key="4", title="winos"),
        Entry(key="5", title="a wino"),
        Entry(key="6", nickname="wino"),
        Entry(key="7", nickname="wino, too"),
    ]
    assert hits(index_of(*made), "WINO") == ["6", "7", "5", "4", "3", "2", "1"]


def test_kept_files_are_found_by_their_names() -> None:
    rows = shelf([STAU], [item(name="my-recast", file_name="recast_of_2020.tgz")])
    assert [row.name for row in rows] == ["Direct stau", "my-recast"]
    index = Index(rows)
    assert index.match("my-recast") == index.match("recast_of_2020") == index.match("a" * 64) == [1]
    assert index.match("", Facets(kept=True)) == [1]


def test_no_rows_at_all() -> None:
    index = Index(())
    assert index.match("stau", Facets(collaboration="ATLAS")) == []
    assert index.counts("stau").total == 0


def test_more_words_than_are_remembered() -> None:
    index = index_of(STAU, LBB)
    for number in range(300):
        assert index.match(f"word{number}") == []
    assert hits(index, "stau") == [STAU.key]
    assert index.match("stau " * 10_000) == [0]
    assert index.match("x" * 100_000) == []
    assert index.match("\udcff stau \x00") == [0], "what a terminal hands over that is no text"


def test_the_bundled_catalogue_is_found_by_what_people_type() -> None:
    rows = shelf(load_catalogue().entries, ())
    index = Index(rows)
    assert len(rows) >= 30
    for text, first in {
        "stau": "SUSY-2018-04",
        "sbottom": "SUSY-2018-31",
        "1Lbb": "SUSY-2019-08",
        "1909.09226": "SUSY-2019-08",
        "SUSY-2018-06": "SUSY-2018-06",
        "τ hadronic": "SUSY-2018-04",
    }.items():
        found = [rows[place].entry.analysis for place in index.match(text)]
        assert first in found[:2], text
    for row in rows:
        best = index.match(row.entry.analysis or row.entry.arxiv)[0]
        assert rows[best] is row, "others may mention it"


def test_every_word_of_the_bundled_catalogue_leads_to_its_entry() -> None:
    rows = shelf(load_catalogue().entries, ())
    index = Index(rows)
    for place, row in enumerate(rows):
        for text in (row.entry.title, row.entry.nickname, row.entry.summary):
            assert place in index.match(text)
        for word in tokens(row.entry.title):
            assert place in index.match(fold(word))
