"""While points are still to be fitted, contours run only where all neighbours are fitted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay

from fitgui.exclusion.along import limits_on
from fitgui.exclusion.contours import exclusion_of, find_exclusion
from fitgui.exclusion.interpolation import Interpolation
from fitgui.exclusion.model import SURFACES, AxisChoice, Exclusion, Floats, Method, PlanePoints
from tests.exclusion import planes, reference

STEP = 2.0
EXACT = 1e-6


def parted(
    points: PlanePoints, fitted: np.ndarray[tuple[int], np.dtype[np.intp]]
) -> tuple[PlanePoints, Floats]:
    """The points with a result, in any order, and the places of the others."""
    names = tuple(points.names[row] for row in fitted.tolist())
    left = np.setdiff1d(np.arange(len(points.names)), fitted)
    places = np.column_stack([points.x[left], points.y[left]])
    return PlanePoints(names, points.x[fitted], points.y[fitted], points.cls[fitted]), places


def vertices(found: Exclusion) -> Floats:
    """Of all contours, bands included."""
    lines = [line for surface in SURFACES for line in found.contours[surface]]
    return np.concatenate([np.empty((0, 2)), *planes.of_lines(lines)])


def within(
    triangles: Delaunay, places: Floats, margin: float = EXACT
) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Which places are inside which triangles, that far from their edges; shape (places, triangles)."""
    inverse, origin = triangles.transform[:, :2], triangles.transform[:, 2]
    shares = np.einsum("tij,wtj->wti", inverse, places[:, None] - origin)
    return np.asarray((shares.min(axis=2) > margin) & (shares.sum(axis=2) < 1 - margin))


@pytest.mark.parametrize("mixed", [False, True], ids=["in order", "in any order"])
@pytest.mark.parametrize(
    ("name", "method"), [*((name, "linear") for name in reference.NAMES), ("1Lbb", "rbf")]
)
def test_halfway_no_contour_runs_over_a_place_that_is_still_to_be_fitted(
    name: str, method: Method, mixed: bool
) -> None:
    points = reference.points(name)
    order = np.random.default_rng(1).permutation(len(points.names)) if mixed else np.arange(len(points.names))
    some, missing = parted(points, order[: len(order) // 2])
    found = vertices(find_exclusion(some, method=method, missing=missing))
    scale = np.ptp(np.column_stack([points.x, points.y]), axis=0)
    triangles = Delaunay(np.column_stack([some.x, some.y]) / scale)
    covering = within(triangles, missing / scale, -EXACT).any(axis=0)
    assert not within(triangles, found / scale)[:, covering].any()
    if mixed:  # it matters: without being told of them, they would run there
        blind = vertices(find_exclusion(some, method=method))
        assert within(triangles, blind / scale)[:, covering].any()


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(reference.NAMES), st.integers(0, 2**32 - 1), st.floats(0.05, 1.0))
def test_what_is_drawn_on_the_way_is_a_part_of_what_comes_out(name: str, seed: int, share: float) -> None:
    points = reference.points(name)
    order = np.random.default_rng(seed).permutation(len(points.names))
    some, missing = parted(points, order[: max(3, round(share * len(order)))])
    found, whole = find_exclusion(some, missing=missing), find_exclusion(points)
    for surface in SURFACES:
        ours = planes.walked(planes.of_lines(found.contours[surface]), STEP)
        all_ = planes.walked(planes.of_lines(whole.contours[surface]), STEP)
        assert planes.farthest(ours, all_) <= STEP / 2 + EXACT, surface


@pytest.mark.parametrize("name", reference.NAMES)
def test_with_the_last_point_the_contour_is_that_of_all(name: str) -> None:
    points = reference.points(name)
    whole, end = find_exclusion(points), find_exclusion(points, missing=np.empty((0, 2)))
    last = find_exclusion(parted(points, np.arange(len(points.names) - 1))[0])
    for surface in SURFACES:
        assert planes.hausdorff(planes.contour(whole, surface), planes.contour(end, surface)) < EXACT
    # A point that has failed for good is bridged.
    assert vertices(last).size


def test_points_that_have_no_fitted_neighbours_say_so() -> None:
    xs, ys = np.arange(0.0, 500, 100), np.arange(0.0, 300, 100)
    points = planes.grid(xs, ys, lambda x, _y: x / 100)
    corners = np.flatnonzero(np.isin(points.x, (0, 400)) & np.isin(points.y, (0, 200)))
    some, missing = parted(points, corners)
    found = find_exclusion(some, missing=missing)
    assert "No contours yet" in found.problem
    assert not vertices(found).size
    assert find_exclusion(some).problem == ""


def test_what_is_known_along_a_line_ends_where_points_are_missing() -> None:
    points = planes.grid(np.arange(0.0, 1000, 100), np.arange(0.0, 300, 100), lambda x, _y: 4 - x / 200)
    some, missing = parted(points, np.flatnonzero((points.x < 300) | (points.x > 500)))
    interpolation = Interpolation(some, missing=missing)
    stretches = limits_on(interpolation, y=0.0).stretches
    assert [(stretch.position[0], stretch.position[-1]) for stretch in stretches] == [
        pytest.approx((0, 200)),
        pytest.approx((600, 900)),
    ]
    at = interpolation.values([0.0, 200.0, 201.0, 400.0, 600.0, 650.0], [0.0, 100.0, 0.0, 100.0, 200.0, 0.0])
    assert np.isfinite(at).all(axis=1).tolist() == [True, True, False, False, True, True]
    assert np.isfinite(interpolation.column(np.arange(len(some.names)), 100.0, 50.0))


def test_a_place_that_is_missing_twice_or_fitted_or_not_drawn_changes_nothing() -> None:
    points = planes.grid(np.arange(0.0, 500, 100), np.arange(0.0, 300, 100), lambda x, _y: x / 100)
    some, missing = parted(points, np.flatnonzero(points.x > 0))
    odd = np.concatenate([missing, missing, [[100.0, 100.0], [np.nan, 0.0]]])
    axes = AxisChoice("log")
    for shown in (AxisChoice(), axes):
        one, two = (exclusion_of(Interpolation(some, shown, missing=places)) for places in (missing, odd))
        np.testing.assert_allclose(vertices(one), vertices(two))
    np.testing.assert_allclose(
        vertices(find_exclusion(some, axes, missing=missing)), vertices(find_exclusion(some, axes))
    )
