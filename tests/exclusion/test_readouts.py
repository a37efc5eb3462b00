"""What is quoted of an exclusion: numbers with their unit and the spacing of the grid."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from fitgui.exclusion.interpolation import Interpolation
from fitgui.exclusion.model import AxisChoice, Surface
from fitgui.exclusion.readouts import AxisName, excluded_area, lowest_row, mass_reach, rounded
from fitgui.exclusion.significance import THRESHOLD
from tests.exclusion import planes, reference

M1, M2 = AxisName("m1", "GeV"), AxisName("m2", "GeV")


@pytest.mark.parametrize(
    ("value", "spacing", "text"),
    [
        (737.3, 50, "740"),
        (737.3, 20, "737"),
        (737.3, 100, "740"),
        (0.123456, 0.05, "0.12"),
        (12345.6, 2000, "12300"),
        (12.5, math.nan, "12.5"),
        (390.0, 0, "390"),
    ],
)
def test_digits_are_those_that_the_grid_makes_sense_of(value: float, spacing: float, text: str) -> None:
    assert rounded(value, spacing) == text


def test_the_published_limit_of_1lbb_is_quoted_with_its_grid() -> None:
    observed, expected = mass_reach(Interpolation(reference.points("1Lbb")), M1, M2)
    assert observed.text == "Observed limit at m2 = 0 GeV: m1 = 740 GeV (grid spacing 100 GeV)"
    assert observed.limit is not None
    assert 730 < observed.limit < 750
    assert observed.band is None
    assert expected.band is not None
    assert expected.limit is not None
    assert expected.band[0] < expected.limit < expected.band[1]
    assert re.fullmatch(
        r"Expected limit at m2 = 0 GeV: m1 = \d+ GeV, within one standard deviation \d+ to \d+ GeV "
        r"\(grid spacing 100 GeV\)",
        expected.text,
    )


def test_a_range_with_two_ends_is_quoted_as_one() -> None:
    interpolation = Interpolation(reference.points("stau-combined"))
    observed, _ = mass_reach(interpolation, AxisName("mst", "GeV"), AxisName("mn2", "GeV"))
    assert observed.at == 1
    assert observed.text.startswith("Observed excluded at mn2 = 1 GeV: mst from 12")
    assert observed.text.endswith("GeV (grid spacing 20 GeV)")


def test_lines_that_are_nearly_one_are_one() -> None:
    # 3L has its lightest neutralinos with 1 GeV at low mass, and with 0 GeV at high mass.
    interpolation = Interpolation(reference.points("3L"))
    assert lowest_row(interpolation, "x") == 1
    observed, _ = mass_reach(interpolation, M1, M2)
    assert observed.limit == pytest.approx(345, abs=10)


def test_words_for_all_and_nothing() -> None:
    xs, ys = np.arange(0, 101, 10), np.arange(0, 51, 10)
    nothing = Interpolation(planes.grid(xs, ys, lambda x, y: 0 * x))
    assert mass_reach(nothing, M1, M2)[0].text == "Observed: nothing is excluded at m2 = 0 GeV"
    assert mass_reach(nothing, M1, M2)[0].limit is None
    everything = Interpolation(planes.grid(xs, ys, lambda x, y: 0 * x + 4))
    assert mass_reach(everything, M1, M2)[0].text == (
        "Observed excluded at m2 = 0 GeV: "
        "m1 from 0 (the first fitted point) to 100 GeV (the last fitted point)"
    )
    outside = mass_reach(everything, M1, M2, at=99.0)[0]
    assert outside.text == "Observed: the line lies outside the fitted points."
    upright = mass_reach(everything, M1, AxisName("ctau"), at=50.0, along="y")[0]
    assert upright.text.startswith("Observed excluded at m1 = 50 GeV: ctau from 0 (")
    scattered = planes.plane([0, 1, 2, 3], [0, 1, 4, 9], [0, 1, 2, 3])
    assert mass_reach(Interpolation(scattered), M1, M2) == ()


def test_the_area_is_that_of_a_half() -> None:
    points = planes.grid(np.arange(0, 101, 10), np.arange(0, 51, 10), lambda x, y: THRESHOLD + (40 - x) / 50)
    observed, minus_one = excluded_area(
        Interpolation(points), M1, AxisName("tau", "ns"), surfaces=(Surface.OBSERVED, Surface.MINUS_ONE)
    )
    assert observed.area == pytest.approx(40 * 50)
    assert minus_one.area == pytest.approx(90 * 50)
    assert observed.fitted == pytest.approx(100 * 50)
    assert observed.text == (
        "Observed excluded area: 2\u202f000 GeV ns of 5\u202f000 GeV ns between fitted points (40%)"
    )


@pytest.mark.parametrize("name", ["1Lbb", "stau-combined"])
def test_how_much_is_excluded_does_not_depend_on_how_the_plane_is_drawn(name: str) -> None:
    points = reference.points(name)
    linear = excluded_area(Interpolation(points, AxisChoice(allowed="below diagonal")), M1, M2)
    for x_scale, y_scale in (("log", "linear"), ("linear", "log"), ("log", "log")):
        axes = AxisChoice(x_scale, y_scale, "below diagonal")  # type: ignore[arg-type]
        assert [area.text for area in excluded_area(Interpolation(points, axes), M1, M2)] == [
            area.text for area in linear
        ]
