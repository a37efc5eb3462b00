"""Limits along a line: published numbers, the spacing of the grid, and what happens at ends and gaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgui.exclusion.along import limits_along, limits_on, rows
from fitgui.exclusion.contours import exclusion_of
from fitgui.exclusion.interpolation import Interpolation
from fitgui.exclusion.model import SURFACES, AxisChoice, Method, PlanePoints, Surface
from fitgui.exclusion.significance import THRESHOLD
from tests.exclusion import planes, reference

METHODS: tuple[Method, ...] = ("linear", "rbf")


@pytest.mark.parametrize("method", METHODS)
def test_1lbb_excludes_charginos_to_740_gev_as_published(method: Method) -> None:
    # Eur. Phys. J. C 80 (2020) 691: observed up to 740 GeV for a massless neutralino.
    found = limits_along(reference.points("1Lbb"), method=method, y=0.0)
    (stretch,) = found.ranges[Surface.OBSERVED]
    assert 730 < stretch.high < 750
    assert stretch.start is None
    assert stretch.low == 150
    assert stretch.end is not None
    assert (stretch.end.lower, stretch.end.upper, stretch.end.spacing) == pytest.approx((700, 800, 100))
    assert stretch.end.excluded == "below"


@pytest.mark.parametrize("method", METHODS)
def test_stau_excludes_from_120_to_390_gev_as_published(method: Method) -> None:
    # Phys. Rev. D 101 (2020) 032009: observed from 120 to 390 GeV for a massless neutralino.
    points = reference.points("stau-combined")
    lowest = rows(points, "x")[0]
    (stretch,) = limits_along(points, method=method, y=lowest).ranges[Surface.OBSERVED]
    assert lowest == 1
    assert 115 < stretch.low < 130
    assert 380 < stretch.high < 400
    assert stretch.start is not None
    assert stretch.end is not None
    assert (stretch.start.excluded, stretch.end.excluded) == ("above", "below")
    assert (stretch.start.spacing, stretch.end.spacing) == pytest.approx((20, 20))


@settings(max_examples=20, deadline=None)
@given(st.floats(160, 990), st.booleans(), st.sampled_from(SURFACES))
def test_limits_lie_on_the_contour(at: float, upright: bool, surface: Surface) -> None:
    interpolation = shared()
    found = limits_on(interpolation, x=at) if upright else limits_on(interpolation, y=at * 0.4)
    contour = planes.walked(planes.of_lines(exclusion_of(interpolation).contours[surface]), 0.5)
    fixed = found.at
    crossings = found.crossings(surface)
    column, other = (0, 1) if upright else (1, 0)
    near = contour[np.abs(contour[:, column] - fixed) < 0.5]
    for crossing in crossings:
        place = [fixed, crossing.position] if upright else [crossing.position, fixed]
        assert planes.farthest(np.array([place]), contour) < 0.6
        assert crossing.lower <= crossing.position <= crossing.upper
    if near.size and not crossings:  # a contour that only touches the line
        assert np.ptp(near[:, other]) < 20


def shared(found: list[Interpolation] = []) -> Interpolation:  # noqa: B006  (made once)
    if not found:
        found.append(Interpolation(reference.points("1Lbb")))
    return found[0]


def test_a_line_between_the_rows_of_a_grid_knows_its_triangle() -> None:
    points = planes.grid(np.arange(0, 101, 20), np.arange(0, 41, 20), lambda x, y: 3 - x / 40)
    found = limits_along(points, y=10.0)
    (crossing,) = found.crossings(Surface.OBSERVED)
    assert crossing.position == pytest.approx((3 - THRESHOLD) * 40)
    assert (crossing.lower, crossing.upper) == pytest.approx((40, 60))
    assert found.stretches[0].position[[0, -1]] == pytest.approx([0, 100])


def test_several_ranges_and_gaps() -> None:
    def height(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return THRESHOLD + np.cos(x * np.pi / 20)

    points = planes.grid(np.arange(0, 101, 5), np.arange(0, 21, 5), height)
    found = limits_along(points, y=12.5).ranges[Surface.OBSERVED]
    assert [(round(one.low), round(one.high)) for one in found] == [(0, 10), (30, 50), (70, 90)]
    assert [one.start is None for one in found] == [True, False, False]
    everything = limits_along(points, y=12.5).ranges[Surface.MINUS_TWO]
    assert [(one.low, one.high, one.start, one.end) for one in everything] == [(0, 100, None, None)]
    assert limits_along(points, y=12.5).ranges[Surface.PLUS_TWO] == ()


def test_a_logarithmic_axis_interpolates_on_its_scale() -> None:
    points = planes.grid(np.logspace(0, 3, 4), [0, 1], lambda x, y: 3 - np.log10(x))
    (crossing,) = limits_along(points, AxisChoice("log"), y=0.5).crossings(Surface.OBSERVED)
    assert crossing.position == pytest.approx(10 ** (3 - THRESHOLD))
    assert (crossing.lower, crossing.upper) == pytest.approx((10, 100))


def test_points_on_one_line_are_enough_for_limits_along_it() -> None:
    line = planes.plane([300, 100, 200], [0, 0, 0], [0, 3, 2])
    (stretch,) = limits_along(line, y=0.0).ranges[Surface.OBSERVED]
    assert stretch.high == pytest.approx(200 + 100 * (2 - THRESHOLD) / 2)
    assert stretch.end is not None
    assert (stretch.end.lower, stretch.end.upper) == pytest.approx((200, 300))
    assert "three fitted points" in limits_along(planes.plane([1], [0], [3]), y=0.0).problem


def test_a_line_beside_the_points_says_so() -> None:
    found = limits_along(reference.points("3L"), x=5000.0)
    assert "outside" in found.problem
    assert not any(found.ranges.values())
    assert found.along == "y"


@pytest.mark.parametrize("fixed", [{}, {"x": 1.0, "y": 2.0}])
def test_a_line_has_one_fixed_coordinate(fixed: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="either x or y"):
        limits_along(PlanePoints((), np.empty(0), np.empty(0), np.empty((0, 6))), **fixed)
