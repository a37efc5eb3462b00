"""Coordinates from the names of points."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.pallets.coordinates import coordinates_from_names


@pytest.mark.parametrize(
    ("names", "labels", "first"),
    [
        (["sbottom_1300_850_60", "sbottom_900_280_150"], ("x1", "x2", "x3"), (1300, 850, 60)),
        (["sbottom_1300_850_60"], ("x1", "x2", "x3"), (1300, 850, 60)),
        (["sbottom_1300_850_60", "sbottom_1200_850_60"], ("x1", "x2", "x3"), (1300, 850, 60)),
        (["ERJR_300p0_100p0", "ERJR_300p0_0p5"], ("x1", "x2"), (300, 100)),
        (["DS_280_40_Staus", "DS_300_1_Staus"], ("x1", "x2"), (280, 40)),
        (["C1N2_Wh_hbb_900_250", "C1N2_Wh_hbb_800_0"], ("x1", "x2"), (900, 250)),
        (["C1C1_WW_300_50", "C1C1_WW_400_50"], ("x1", "x2"), (300, 50)),
        (["GG_oneStep_1200_800_400", "SS_oneStep_900_500_100"], ("x1", "x2", "x3"), (1200, 800, 400)),
        (["SUSY_2018_31_sb_1300_850", "SUSY_2018_31_sb_900_1"], ("x1", "x2"), (1300, 850)),
        (
            [f"brZ_{z}_brH_20_brW_20_bre_33_brm_33_brt_33_mass_500" for z in (60, 40)],
            ("brZ", "brH", "brW", "bre", "brm", "brt", "mass"),
            (60, 20, 20, 33, 33, 33, 500),
        ),
        (["GG-1200-800", "GG-1300-800"], ("x1", "x2"), (1200, 800)),
        (["Zp_500GeV_0p1ns", "Zp_700GeV_1ns"], ("x1", "x2"), (500, 0.1)),
        (["mX500_mY100", "mX600_mY200"], ("mX", "mY"), (500, 100)),
        (["stau.100.5_1", "stau.200.5_1"], (), ()),
        (["DR_Int_EWK", "DR_Low_EWK"], (), ()),
        (["C1N2", "C1N3"], (), ()),
        (["signal"], (), ()),
        ([], (), ()),
        (["a_1_2", "b_1_2_3", "c", "d"], (), ()),
        (["x_" + "9" * 400, "x_1"], (), ()),
        (["_".join(map(str, range(40)))], (), ()),
    ],
)
def test_names_of_published_pallets(
    names: list[str], labels: tuple[str, ...], first: tuple[float, ...]
) -> None:
    found, values = coordinates_from_names(names)
    assert found == labels
    assert len(values) == len(names)
    if names:
        assert tuple(values[0].values()) == first


def test_a_stray_name_does_not_spoil_the_plane() -> None:
    labels, values = coordinates_from_names(["nominal", "stau_100_1", "stau_200_1"])
    assert labels == ("x1", "x2")
    assert values == [{}, {"x1": 100.0, "x2": 1.0}, {"x1": 200.0, "x2": 1.0}]


WORDS = st.text(string.ascii_letters, min_size=1, max_size=5).filter(lambda word: word not in ("m", "cm"))
NUMBERS = st.one_of(
    st.integers(0, 5000).map(lambda value: (str(value), float(value))),
    st.tuples(st.integers(0, 999), st.integers(0, 99)).map(
        lambda pair: (f"{pair[0]}p{pair[1]}", float(f"{pair[0]}.{pair[1]}"))
    ),
)


@st.composite
def grids(draw: st.DrawFn) -> tuple[list[str], list[tuple[float, ...]]]:
    prefix, suffix = draw(st.lists(WORDS, min_size=1, max_size=3)), draw(st.lists(WORDS, max_size=2))
    size = draw(st.integers(1, 7))
    points = draw(st.lists(st.lists(NUMBERS, min_size=size, max_size=size), min_size=1, max_size=8))
    names = ["_".join([*prefix, *(text for text, _ in point), *suffix]) for point in points]
    return names, [tuple(value for _, value in point) for point in points]


@given(grid=grids())
def test_a_run_of_numbers_after_words_is_the_coordinates(
    grid: tuple[list[str], list[tuple[float, ...]]],
) -> None:
    names, expected = grid
    labels, values = coordinates_from_names(names)
    assert labels == tuple(f"x{number}" for number in range(1, len(expected[0]) + 1))
    assert [tuple(row.values()) for row in values] == expected


@given(names=st.lists(st.text(max_size=30), max_size=6))
def test_any_names_give_a_row_each_with_the_labels_or_nothing(names: list[str]) -> None:
    labels, values = coordinates_from_names(names)
    assert len(values) == len(names)
    assert len(set(labels)) == len(labels) <= 8
    for row in values:
        assert tuple(row) in ((), labels)
        assert all(isinstance(value, float) and value >= 0 for value in row.values())


@given(names=st.lists(st.text(string.ascii_letters + "_", max_size=12), max_size=6))
def test_names_without_digits_have_no_coordinates(names: list[str]) -> None:
    assert coordinates_from_names(names)[0] == ()
