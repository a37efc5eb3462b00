"""What a table says in other words than statements: luminosities, analyses, what a column holds."""

from __future__ import annotations

import pytest

from fitgui.reinterpretation.model import SignalError
from tests.reinterpretation.test_plain_csv import NUMBERS, read, values

TABLE = "region,obs,bkg,yield\nSR1,4,5,3.2\nSR2,3,2,4.5\n"


@pytest.mark.parametrize(
    "words",
    [
        "# lumi 36.1/fb",
        "# L = 36.1 fb-1",
        "# Luminosity [fb-1]: 36.1",
        "# integrated luminosity 36.1 fb-1",
        "# 13 TeV, 36,1 fb^{-1}",
        "# 36100 pb-1 of data",
        "# for 36.1 inverse femtobarns",
        "yields at 36.1 fb−1",
    ],
)
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_luminosity_in_other_words_is_that_of_the_numbers(words: str, mark: str) -> None:
    imported = read(f"{words}\n{TABLE.replace(',', mark)}")
    assert imported.luminosity_fb == pytest.approx(36.1)
    assert values(imported) == NUMBERS
    assert any("is taken for the luminosity" in note for note in imported.notes)


@pytest.mark.parametrize(
    "heading", ["yield (36.1 fb-1)", "yield @ 36.1 fb-1", "yield [36.1/fb]", "Events for 36.1 fb^-1"]
)
def test_a_luminosity_in_a_heading(heading: str) -> None:
    imported = read(TABLE.replace("yield", heading))
    assert (imported.luminosity_fb, values(imported)) == (36.1, NUMBERS)


def test_of_several_luminosities_none_is_chosen() -> None:
    with pytest.raises(
        SignalError, match=r"'36.1 fb-1' \(line 1\) and of '139/fb' \(line 2\).*# luminosity:"
    ):
        read(f"# scaled from 36.1 fb-1\n# to 139/fb\n{TABLE}")
    stated = read(f"# scaled from 36.1 fb-1\n# luminosity: 139 fb-1\n{TABLE}")
    assert (stated.luminosity_fb, stated.notes) == (139.0, ())
    with pytest.raises(SignalError, match=r"luminosity 36\.1 has no unit: write"):
        read(f"# my yields, luminosity 36.1\n{TABLE}")


@pytest.mark.parametrize("text", ["# 12 fb - 1 point", "# luminosity uncertainty 1.7 %", "# 10/nb", "# 3 fb"])
def test_words_that_are_no_luminosity(text: str) -> None:
    assert read(f"{text}\n{TABLE}").luminosity_fb is None


@pytest.mark.parametrize(
    ("words", "analysis"),
    [
        ("# ATLAS-SUSY-2019-08 yields", "SUSY-2019-08"),
        ("# after arXiv:1909.09226, Figure 2", "arXiv:1909.09226"),
        ("# CMS SUS-19-006", "SUS-19-006"),
        ("# analysis: my own\n# like SUSY-2019-08", "my own"),
        ("# 1909.09226 events", ""),
    ],
)
def test_the_number_of_an_analysis_in_other_words(words: str, analysis: str) -> None:
    assert read(f"{words}\n{TABLE}").analysis == analysis


@pytest.mark.parametrize(
    "heading",
    ["s+b", "S95", "total", "limit", "fraction", "weight", "ratio", "SR", "theory", "yield per fb", "cut"],
)
@pytest.mark.parametrize("name", ["my.csv", "total.csv", "weight.csv"])
def test_a_column_of_anything_is_not_taken_for_the_yields(heading: str, name: str) -> None:
    with pytest.raises(SignalError):
        read(f"region,obs,bkg,{heading}\nSR1,4,5,3.2\nSR2,3,2,4.5\n", name)


def test_a_column_called_as_the_point_holds_its_yields() -> None:
    for text, name in (("stau_280_40", "stau_280_40.csv"), ("mine", "x.csv")):
        more = "# name: mine\n" if text == "mine" else ""
        imported = read(f"{more}region,obs,{text}\nSR1,4,3.2\nSR2,3,4.5\n", name)
        assert values(imported) == NUMBERS
        assert f"'{text}' is taken for the yields" in " ".join(imported.notes)
