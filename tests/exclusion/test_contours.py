"""Contours against matplotlib's, against planes whose contour is known, and what must not change them."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.tri import TriAnalyzer, Triangulation
from scipy.spatial import Delaunay

from fitgui.exclusion.contours import area_of, excluded_regions, exclusion_of, find_exclusion
from fitgui.exclusion.interpolation import Interpolation
from fitgui.exclusion.model import SURFACES, AxisChoice, Floats, Method, PlanePoints, Region, Surface
from fitgui.exclusion.significance import LARGEST, THRESHOLD, cls_of, significance
from fitgui.exclusion.triangulation import FLAT
from tests.exclusion import planes, reference

EXACT = 1e-6
STEP = 2.0
METHODS: tuple[Method, ...] = ("linear", "rbf")


def tricontour(triangulation: Triangulation, values: Floats) -> list[Floats]:
    """matplotlib's contour at the threshold."""
    found = Figure().add_subplot().tricontour(triangulation, values, levels=[THRESHOLD])
    return [np.asarray(piece) for piece in found.allsegs[0]]


@pytest.mark.parametrize("name", reference.NAMES)
def test_on_the_same_triangles_matplotlib_draws_the_same(name: str) -> None:
    interpolation = Interpolation(reference.points(name))
    mesh = interpolation.mesh
    x, y = interpolation.frame.data(mesh.places)
    triangulation = Triangulation(x, y, mesh.triangles)
    found = exclusion_of(interpolation)
    for column, surface in enumerate(SURFACES):
        theirs = planes.walked(tricontour(triangulation, mesh.values[:, column]), STEP)
        ours = planes.walked(planes.of_lines(found.contours[surface]), STEP)
        assert planes.hausdorff(ours, theirs) <= STEP / 2 + EXACT, surface


def of_its_own(points: PlanePoints) -> tuple[Triangulation, float]:
    """matplotlib's own triangles over the points in the order of their file, and the grid: a usual side."""
    own = Triangulation(points.x, points.y)
    sides = np.hypot(*(np.diff(column[own.edges], axis=1) for column in (own.x, own.y)))
    own.set_mask(TriAnalyzer(own).get_flat_tri_mask(FLAT))
    return own, float(np.median(sides))


OTHER_DIAGONAL = {("1Lbb", Surface.EXPECTED): ((700.0, 750.0), (250.0, 300.0))}
"""A cell of a grid has two triangulations, and rounding decides which one matplotlib takes; ours is the mean
of both. Here that matters: a saddle, at whose corner (750, 250) the expected CLs is 0.0495. matplotlib joins
that corner to the one that is not excluded, and its contour follows them into the cell; ours does not."""


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("name", reference.NAMES)
def test_matplotlib_on_triangles_of_its_own_is_no_further_than_half_the_grid_but_in_one_cell(
    name: str, surface: Surface
) -> None:
    points = reference.points(name)
    own, spacing = of_its_own(points)
    ours = planes.walked(planes.of_lines(find_exclusion(points).contours[surface]), STEP)
    values = significance(points.cls[:, SURFACES.index(surface)])
    theirs = planes.walked(tricontour(own, values), STEP)
    cell = OTHER_DIAGONAL.get((name, surface))
    if cell is None:
        assert planes.hausdorff(ours, theirs) < spacing / 2
        return
    assert planes.hausdorff(ours, theirs) >= spacing / 2  # or this is no exception any more
    # Outside of the cell neither is further from the other, ...
    assert planes.farthest(outside(ours, cell), theirs) < spacing / 2
    assert planes.farthest(outside(theirs, cell), ours) < spacing / 2
    # ... and in it the choice of the diagonal is all that is different.
    turned = planes.walked(tricontour(with_the_other_diagonal(own, cell), values), STEP)
    assert planes.hausdorff(ours, turned) < spacing / 2


Cell = tuple[tuple[float, float], tuple[float, float]]
"""From where to where along either axis."""


def outside(places: Floats, cell: Cell) -> Floats:
    """Those places, of shape (n, 2), that are not in a cell."""
    low, high = np.transpose(cell)
    return places[~((places >= low) & (places <= high)).all(axis=1)]


def with_the_other_diagonal(own: Triangulation, cell: Cell) -> Triangulation:
    """The triangulation, but one cell of four points is cut along its other diagonal."""
    ((left, right), (bottom, top)), places = cell, np.column_stack([own.x, own.y])
    corners = ((left, bottom), (right, bottom), (right, top), (left, top))
    a, b, c, d = (int(np.flatnonzero((places == corner).all(axis=1))[0]) for corner in corners)
    triangles = own.get_masked_triangles()
    within = np.isin(triangles, (a, b, c, d)).all(axis=1)
    assert within.sum() == 2
    along_bd = all({b, d} <= set(triangle) for triangle in triangles[within].tolist())
    two = [(a, b, c), (a, c, d)] if along_bd else [(a, b, d), (b, c, d)]
    return Triangulation(own.x, own.y, np.concatenate([triangles[~within], two]))


def analytic(x: Floats, y: Floats) -> Floats:
    """At the threshold on the ellipse around (300, 0) with half axes 400 and 250."""
    return THRESHOLD + 3 * (1 - ((x - 300) / 400) ** 2 - (y / 250) ** 2)


@pytest.mark.parametrize(("method", "allowed"), [("linear", 3.0), ("rbf", 0.6)])
def test_a_known_contour_is_found(method: Method, allowed: float) -> None:
    points = planes.grid(np.arange(300, 1001, 50), np.arange(0, 401, 50), analytic)
    found = find_exclusion(points, method=method)
    angle = np.linspace(0, math.pi / 2, 2000)
    truth = np.column_stack([300 + 400 * np.cos(angle), 250 * np.sin(angle)])
    ours = planes.walked(planes.of_lines(found.contours[Surface.OBSERVED]), 0.2)
    assert planes.hausdorff(ours, truth) < allowed
    assert sum(area_of(region) for region in found_area(points, method)) == pytest.approx(
        math.pi / 4 * 400 * 250, rel=0.01
    )


def found_area(points: PlanePoints, method: Method) -> tuple[Region, ...]:
    return excluded_regions(Interpolation(points, method=method), Surface.OBSERVED)


def test_islands_holes_and_open_pieces() -> None:
    def height(x: Floats, y: Floats) -> Floats:
        ring = 3 * np.exp(-(((np.hypot(x - 40, y - 50) - 25) / 8) ** 2))
        island = 3 * np.exp(-(((x - 85) / 6) ** 2) - ((y - 20) / 6) ** 2)
        corner = 3 * np.exp(-(((x - 100) / 15) ** 2) - ((y - 100) / 15) ** 2)
        return ring + island + corner - 0.5

    points = planes.grid(np.arange(0, 101, 4), np.arange(0, 101, 4), height)
    lines = find_exclusion(points).contours[Surface.OBSERVED]
    assert [line.closed for line in lines].count(True) == 3  # the ring has two, the island one
    assert [line.closed for line in lines].count(False) == 1  # the corner is cut off
    assert all(line.x[0] == line.x[-1] and line.y[0] == line.y[-1] for line in lines if line.closed)
    regions = excluded_regions(Interpolation(points), Surface.OBSERVED)
    assert [len(region.holes) for region in regions] == [1, 0, 0]
    assert area_of(regions[0]) < 0.9 * area_of(Region(regions[0].outline))


@pytest.mark.parametrize(
    ("name", "method"),
    [("1Lbb", "linear"), ("3L", "rbf"), ("stau-lowMass", "linear"), ("stau-combined", "rbf")],
)
def test_bands_are_where_the_two_surfaces_disagree(name: str, method: Method) -> None:
    interpolation = Interpolation(reference.points(name), method=method)
    found = exclusion_of(interpolation)
    random = np.random.default_rng(2)
    x, y = (random.uniform(column.min(), column.max(), 1500) for column in (found.points.x, found.points.y))
    values = interpolation.values(x, y)
    known = np.isfinite(values[:, 0]) & (np.abs(values - THRESHOLD) > 0.1).all(axis=1)
    for sigmas, lower, upper in ((1, 2, 4), (2, 1, 5)):
        between = (values[:, lower] >= THRESHOLD) & (values[:, upper] < THRESHOLD)
        filled = np.zeros(len(x), dtype=bool)
        for region in found.bands[sigmas]:
            for line in (region.outline, *region.holes):
                filled ^= Path(np.column_stack([line.x, line.y])).contains_points(np.column_stack([x, y]))
        assert known.sum() > 200
        assert (filled[known] == between[known]).all()
        assert not filled[np.isnan(values[:, 0])].any()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["1Lbb", "3L"])
def test_cls_is_005_on_the_contour_and_kept_at_the_points(name: str, method: Method) -> None:
    points = reference.points(name)
    interpolation = Interpolation(points, method=method)
    found = exclusion_of(interpolation)
    for surface, lines in found.contours.items():
        for line in lines:
            values = interpolation.value(surface, line.x[1:-1], line.y[1:-1])
            assert cls_of(values) == pytest.approx(0.05, abs=1e-6 if method == "linear" else 0.01)
    at_points = interpolation.values(points.x, points.y)
    assert at_points == pytest.approx(significance(points.cls), abs=1e-6)


generic = st.integers(min_value=0, max_value=2**32 - 1)


def scattered(seed: int, count: int = 40) -> tuple[np.random.Generator, Floats, Floats, Floats]:
    """Points anywhere, and heights that cross the threshold."""
    random = np.random.default_rng(seed)
    x, y = random.uniform(100, 1000, count), random.uniform(0, 500, count)
    heights = 3.5 - np.hypot((x - 300) / 250, y / 150) + random.normal(0, 0.4, count)
    return random, x, y, heights


@settings(max_examples=15, deadline=None)
@given(generic, st.booleans())
def test_neither_order_nor_orientation_nor_units_matter(seed: int, on_grid: bool) -> None:
    random, x, y, heights = scattered(seed)
    if on_grid:
        wide, high = np.meshgrid(np.arange(100.0, 801, 100), np.arange(0.0, 201, 50))
        x, y = wide.ravel(), high.ravel()
    base = find_exclusion(planes.plane(x, y, heights))
    order = random.permutation(len(x))
    changed = {
        "order": (planes.plane(x[order], y[order], heights[order]), (1.0, 1.0), (0.0, 0.0)),
        "mirrored": (planes.plane(-x, y, heights), (-1.0, 1.0), (0.0, 0.0)),
        "upside down": (planes.plane(x, -y, heights), (1.0, -1.0), (0.0, 0.0)),
        "units": (planes.plane(x / 1000, y * 7, heights), (0.001, 7.0), (0.0, 0.0)),
        "origin": (planes.plane(x + 500, y - 80, heights), (1.0, 1.0), (500.0, -80.0)),
    }
    for surface in (Surface.OBSERVED, Surface.PLUS_ONE):
        expected = planes.contour(base, surface)
        for what, (points, factors, shift) in changed.items():
            lines = planes.of_lines(find_exclusion(points).contours[surface])
            back = np.concatenate([np.empty((0, 2)), *((line - shift) / factors for line in lines)])
            assert planes.hausdorff(expected, back) < EXACT, what


@settings(max_examples=8, deadline=None)
@given(generic, st.sampled_from(METHODS), st.sampled_from(["all", "below diagonal", "above diagonal"]))
def test_nothing_is_said_outside_the_points_and_beyond_the_diagonal(
    seed: int, method: Method, allowed: Literal["all", "below diagonal", "above diagonal"]
) -> None:
    _, x, y, heights = scattered(seed)
    axes = AxisChoice("log", "linear", allowed)
    points = planes.plane(x, y, heights)
    found = find_exclusion(points, axes, method, resolution=1000)
    hull = Delaunay(np.column_stack([np.log(x), y]) / (1, 100))
    lines = [line for surface in SURFACES for line in found.contours[surface]]
    lines += [region.outline for regions in found.bands.values() for region in regions]
    assert lines
    for line in lines:
        if allowed != "all":
            beyond = (line.y - line.x) * (1 if allowed == "below diagonal" else -1)
            assert beyond.max() < 1.0  # GeV: between the two scales the diagonal is curved
        places = np.column_stack([np.log(line.x), line.y]) / (1, 100)
        assert (hull.find_simplex(places, tol=1e-6) >= 0).all()
    interpolation = Interpolation(points, axes, method, resolution=1000)
    assert np.isnan(interpolation.values([10.0, 2000.0], [100.0, 100.0])).all()
    assert np.isfinite(interpolation.values(300.0, 250.0)).all() == (allowed != "above diagonal")


def test_three_points_are_enough_and_fewer_are_told_so() -> None:
    three = planes.plane([0, 10, 0], [0, 0, 10], [3, 0, 0])
    lines = find_exclusion(three).contours[Surface.OBSERVED]
    share = (3 - THRESHOLD) / 3 * 10
    assert len(lines) == 1
    ends = np.sort(np.column_stack([lines[0].x, lines[0].y])[[0, -1]], axis=0)
    assert ends == pytest.approx(np.array([[0, 0], [share, share]]))
    smooth = find_exclusion(three, method="rbf").contours[Surface.OBSERVED]
    assert (
        planes.hausdorff(
            planes.walked(planes.of_lines(smooth), 0.1), planes.walked(planes.of_lines(lines), 0.1)
        )
        < 0.2
    )
    for count, words in ((0, "there is none"), (1, "there is one"), (2, "there are 2")):
        found = find_exclusion(planes.plane(np.arange(count), np.arange(count), np.zeros(count)))
        assert words in found.problem
        assert set(found.contours) == set(SURFACES)
        assert not any(found.contours.values())


@pytest.mark.parametrize("method", METHODS)
def test_what_has_no_plane_is_told(method: Method) -> None:
    line = planes.plane([100, 200, 300, 400], [1, 2, 3, 4], [3, 2, 1, 0])
    assert "on one line" in find_exclusion(line, method=method).problem
    stacked = planes.plane([0, 10, 0, 0], [0, 0, 10, 10], [3, 0, 0, 1])
    assert "One point stands at the same place" in find_exclusion(stacked, method=method).problem
    logarithmic = find_exclusion(planes.plane([0, 10, 20], [0, 0, 10], [3, 0, 0]), AxisChoice("log"), method)
    assert "logarithmic" in logarithmic.problem


@pytest.mark.parametrize("method", METHODS)
def test_flat_and_extreme_planes_have_no_contour_and_no_problem(method: Method) -> None:
    x, y = np.meshgrid(range(5), range(5))
    for height in (-9.0, 9.0):
        found = find_exclusion(planes.plane(x, y, np.full(x.shape, height)), method=method)
        assert not found.problem
        assert not any(found.contours.values())
        assert not any(found.bands.values())
    exact = planes.grid(range(5), range(5), lambda x, y: np.where((x == 2) & (y == 2), 9.0, -LARGEST))
    (line,) = find_exclusion(exact, method="linear").contours[Surface.OBSERVED]
    assert line.closed


@pytest.mark.parametrize("method", METHODS)
def test_other_numbers_of_the_points_are_interpolated_on_the_same_triangles(method: Method) -> None:
    points = planes.grid(np.arange(0, 41, 10), np.arange(0, 41, 10), lambda x, y: 3 - x / 10)
    found = Interpolation(points, method=method).column(
        2 * points.x + points.y, [[3.0, 17.0], [99.0, 0.0]], 5.0
    )
    assert found.shape == (2, 2)
    assert found[0] == pytest.approx([11, 39])
    assert math.isnan(found[1, 0])


def test_slivers_along_a_straight_border_are_taken_off() -> None:
    x = np.array([0, 100, 200, 300, 400, 500, 250.0])
    y = np.array([0, 0.2, 0.3, 0.3, 0.2, 0, -300.0])
    interpolation = Interpolation(planes.plane(x, -y, np.zeros(7)))
    assert len(interpolation.mesh.triangles) == 5
    sagging = Interpolation(planes.plane(x, y, np.zeros(7)))
    assert len(sagging.mesh.triangles) == 5


def test_a_border_that_is_bent_on_a_logarithmic_axis_is_not_bridged() -> None:
    interpolation = Interpolation(reference.points("1Lbb"), AxisChoice("log"))
    nowhere = interpolation.values([280.0, 350.0, 420.0], [200.0, 250.0, 320.0])  # m1 - m2 = 80 to 100
    assert np.isnan(nowhere).all()
    between = interpolation.values([280.0, 350.0, 420.0], [130.0, 200.0, 260.0])
    assert np.isfinite(between).all()


def test_a_grid_of_lifetimes_is_known_over_all_its_decades() -> None:
    points = planes.grid(np.logspace(-3, 3, 13), np.arange(100, 501, 50), lambda x, y: 3 - y / 200 + 0 * x)
    interpolation = Interpolation(points, AxisChoice("log"))
    x, y = np.meshgrid(np.logspace(-2.9, 2.9, 50), np.linspace(101, 499, 50))
    assert np.isfinite(interpolation.values(x, y)).all()
