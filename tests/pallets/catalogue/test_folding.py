"""What reads the same is found the same: case, accents, Greek, indices, LaTeX, signs, pasted addresses."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fitgui.pallets.catalogue.folding import fold, query_words, tokens

LATEX = st.text(r"abτχ̃\{}_^$ 01~½ⅷ＼İßς−→é", max_size=30)


@given(st.one_of(st.text(max_size=40), LATEX))
@example("＼tau")
@example("\\")
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert once == once.strip()
    assert "  " not in once


@given(st.one_of(st.text(max_size=40), LATEX))
def test_whatever_was_typed_can_be_looked_for(text: str) -> None:
    for word in query_words(text):
        assert word.whole
        assert word.whole == fold(word.whole), "else it would be in no word of a text"
        assert all(word.parts)
    assert all(token and token.isprintable() for token in tokens(text))


@given(st.text(max_size=40))
def test_case_does_not_matter(text: str) -> None:
    assert fold(text.casefold()) == fold(text)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Größe  naïve\tÉTUDE", "grosse naive etude"),
        ("τ̃ Τ ς µ", "tau tau sigma mu"),
        ("χ̃⁰₁", "chi01"),
        ("tt̄Z", "ttz"),
        ("139 fb⁻¹", "139 fb-1"),
        (r"\sqrt{s} = 13\,\mathrm{TeV}", "sqrt{s} = 13 {tev}"),
        (r"\ell\nu b\bar{b}", "lnub{b}"),
        ("√s", "sqrts"),
        ("W± → ℓ±ν", "w+- -> l+-nu"),
    ],
)
def test_one_way_of_writing(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SUSY-2019-08", {"susy", "2019", "08", "susy201908"}),
        ("b-jets", {"b", "jets", "bjets"}),
        ("3 leptons", {"3", "leptons", "3leptons"}),
        (r"$\tilde{\tau}$", {"tau", "stau"}),
        (r"$\widetilde\tau$", {"tau", "stau"}),
        ("τ̃", {"tau", "stau"}),
        (r"$\tilde{t}$", {"t", "stop"}),
        (r"$\tilde{G}$", {"g", "gravitino"}),
        (r"$\tilde g$", {"g", "gluino"}),
        (r"$\tilde{\chi}_1^0$", {"chi", "1", "0", "chi10", "chi01", "neutralino"}),
        (r"$\tilde{\chi}^\pm_1$", {"chi", "1", "chi1", "chargino"}),
        ("χ̃⁰₁", {"chi01", "chi10", "neutralino"}),
        ("χ̃₁±", {"chi1", "chi", "1", "chargino"}),
        ("ℓν", {"lnu", "lv"}),
        ("→ –", set()),
    ],
)
def test_words_that_a_text_is_found_by(text: str, words: set[str]) -> None:
    assert tokens(text) == words


@pytest.mark.parametrize(
    ("pasted", "looked_for"),
    [
        ("arXiv:1909.09226v2", "arxiv190909226"),
        ("1909.09226v1", "190909226"),
        ("https://arxiv.org/abs/1909.09226", "190909226"),
        ("https://arxiv.org/pdf/1909.09226v2", "190909226"),
        ("https://www.hepdata.net/record/ins1755298?version=3", "ins1755298"),
        ("hepdata.net/record/90607", "90607"),
        ("https://doi.org/10.17182/hepdata.90607.v3/r3", "1017182hepdata90607"),
        ("10.17182/hepdata.90607", "1017182hepdata90607"),
        ("https://inspirehep.net/literature/1755298", "1755298"),
    ],
)
def test_pasted_numbers_and_addresses(pasted: str, looked_for: str) -> None:
    [word] = query_words(pasted)
    assert word.whole == looked_for
