"""Limits along a line: which lines there are, what is drawn, and where the exclusion ends."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.exclusion.cross_sections import parse_cross_sections
from fitgui.exclusion.interpolation import Interpolation
from fitgui.exclusion.line_choice import PointLine, lines_along, place_of, preferred_line
from fitgui.exclusion.line_limits import (
    MEDIAN,
    LineLimits,
    Quantity,
    band_pieces,
    curve_pieces,
    line_limits,
    on_cross_section,
    open_pieces,
)
from fitgui.exclusion.line_ranges import excluded_ranges
from fitgui.exclusion.line_words import describe_read_outs, read_outs
from fitgui.exclusion.readouts import lowest_row
from fitgui.pallets.model import Coordinate, SignalPoint
from fitgui.pallets.plane import axis_of
from tests.exclusion import reference
from tests.exclusion.published import published, result

BOTH: tuple[Literal["mu"], Literal["cls"]] = ("mu", "cls")
BAND = [0.2, 0.3, 0.4, 0.6, 0.9]


def points_at(*places: tuple[Coordinate, ...], labels: tuple[str, ...] = ("m1", "m2")) -> list[SignalPoint]:
    return [
        SignalPoint(f"p{number}", dict(zip(labels, place, strict=True)), b"[]", "set")
        for number, place in enumerate(places)
    ]


def massless(name: str) -> PointLine:
    analysis = published(name)
    lines = lines_along(analysis.points, analysis.labels[0], analysis.labels)
    return lines[preferred_line(lines)]


def limits_of(
    positions: list[float], values: list[float], quantity: Quantity = "mu", *, bound: float = 10.0
) -> LineLimits:
    """Limits whose expected band is the observed value times a constant."""
    obs = np.array(values, dtype=np.float64)
    count = len(positions)
    return LineLimits(
        quantity,
        tuple(f"p{number}" for number in range(count)),
        np.array(positions, dtype=np.float64),
        obs,
        obs[:, None] * np.array([[0.5, 0.7, 1.0, 1.4, 2.0]]),
        np.ones(count, dtype=np.bool_),
        np.full(count, bound),
        "m1",
        "m1 [GeV]",
        "GeV",
    )


def test_lines_of_published_planes_start_with_the_massless_neutralino() -> None:
    assert dict(massless("1Lbb").fixed) == {"m2": 0.0}
    assert len(massless("1Lbb").names) == 21
    assert dict(massless("stau-combined").fixed) == {"mn2": 1.0}
    # 3L has its lightest neutralinos with 1 GeV at low mass, and with 0 GeV at high mass.
    line = massless("3L")
    assert line.positions.tolist() == [150, 200, 250, 350, 400, 500]
    assert line.values_of("mn1").tolist() == [1, 1, 1, 0, 0, 0]
    assert place_of(line, {}) == "mn1 = 0–1"


def test_rows_that_are_close_are_one_line_unless_both_have_a_point_at_one_place() -> None:
    def fixed(*places: tuple[Coordinate, ...]) -> list[dict[str, Coordinate]]:
        return [dict(line.fixed) for line in lines_along(points_at(*places), "m1", ("m1", "m2"))]

    far = ((1.0, 200.0), (2.0, 200.0))
    assert fixed((1.0, 0.0), (2.0, 1.0), *far) == [{"m2": 0.0}, {"m2": 200.0}]
    assert fixed((1.0, 0.0), (2.0, 0.0), (2.0, 1.0), (3.0, 1.0), *far) == [
        {"m2": 0.0},
        {"m2": 1.0},
        {"m2": 200.0},
    ]
    assert fixed((1.0, 0.0), (2.0, 3.0), *far) == [{"m2": 200.0}]  # not close
    assert fixed((1.0, "a"), (2.0, "a"), (3.0, "b"), (4.0, "b")) == [{"m2": "a"}, {"m2": "b"}]
    lifetimes = [(mass, tau) for tau in (0.001, 0.01, 0.1, 100.0) for mass in (1.0, 2.0)]
    assert len(fixed(*lifetimes)) == 4


@pytest.mark.parametrize("name", ["1Lbb", "stau-combined", "3L"])
def test_limits_and_read_outs_begin_with_one_and_the_same_line(name: str) -> None:
    line = massless(name)
    quoted = lowest_row(Interpolation(reference.points(name)), "x")
    ((label, _),) = line.fixed
    assert quoted in line.values_of(label)


@pytest.mark.parametrize("name", ["1Lbb", "stau-combined", "3L"])
def test_every_point_is_on_one_line_at_most_and_lines_are_in_order(name: str) -> None:
    analysis = published(name)
    for label in analysis.labels:
        lines = lines_along(analysis.points, label, analysis.labels)
        names = [point for line in lines for point in line.names]
        assert len(names) == len(set(names)) > 0
        assert all(len(line.names) >= 2 and np.all(np.diff(line.positions) > 0) for line in lines)
        places = [line.fixed[0][1] for line in lines]
        assert places == sorted(places, key=float)


def test_lines_with_one_three_or_unknown_coordinates_and_with_words() -> None:
    (alone,) = lines_along(points_at((3.0,), (1.0,), (2.0,), labels=("m",)), "m", ("m",))
    assert alone.names == ("p1", "p2", "p0")
    assert alone.fixed == ()
    assert place_of(alone, {}) == ""
    cube = points_at(
        (1.0, 0.0, 5.0), (2.0, 0.0, 5.0), (3.0, 0.0, 6.0), (3.0, 0.0, 5.0), labels=("a", "b", "c")
    )
    (line,) = lines_along(cube, "a", ("a", "b", "c"))
    assert line.names == ("p0", "p1", "p3")
    assert place_of(line, {}) == "b = 0, c = 5"
    lost = [
        *points_at((1.0, 0.0), (2.0, 0.0), (math.nan, 0.0)),
        SignalPoint("bare", {"m1": 4.0}, b"[]", "set"),
    ]
    assert lines_along(lost, "m1", ("m1", "m2"))[0].names == ("p0", "p1")
    modes = points_at(("WZ", 1.0), ("Wh", 1.0), ("10", 1.0), ("9", 1.0))
    (line,) = lines_along(modes, "m1", ("m1", "m2"))
    assert line.words == ("9", "10", "WZ", "Wh")
    assert line.positions.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert lines_along(points_at((1.0, 0.0), (1.0, 2.0)), "m1", ("m1", "m2")) == ()


def test_points_of_several_patch_sets_at_the_same_places_are_lines_of_their_own() -> None:
    left = points_at((1.0,), (2.0,), labels=("m",))
    right = [SignalPoint(f"{p.name}'", p.values, b"[]", "other") for p in left]
    lines = lines_along([*left, *right], "m", ("m",))
    assert [(line.patch_set, line.names) for line in lines] == [
        ("set", ("p0", "p1")),
        ("other", ("p0'", "p1'")),
    ]
    assert [place_of(line, {}) for line in lines] == ["set", "other"]
    further = [SignalPoint("p2", {"m": 3.0}, b"[]", "other")]
    assert [line.names for line in lines_along([*left, *further], "m", ("m",))] == [("p0", "p1", "p2")]


def test_a_place_is_written_with_units() -> None:
    analysis = published("1Lbb")
    axes = {label: axis_of(analysis.points, label) for label in analysis.labels}
    assert place_of(massless("1Lbb"), axes) == "m2 = 0 GeV"


def test_numbers_of_a_line_as_far_as_there_are_results() -> None:
    (line,) = lines_along(points_at(*((float(m), 0.0) for m in range(5))), "m1", ("m1", "m2"))
    results = {
        "p0": result("p0", [0.01, *BAND], [0.5, *BAND]),
        "p1": result("p1", [0.02, *BAND], [None, 0.3, 0.5, None, None, None]),
        "p2": result("p2", [0.03, *BAND], [0.7, *BAND], converged=False),
        "p3": result("p3", [0.04, *BAND]),
    }
    limits = line_limits(line, results, "mu", bound=5.0, title="m1 [GeV]")
    np.testing.assert_equal(limits.obs, [0.5, math.inf, 0.7, math.nan, math.nan])
    np.testing.assert_equal(limits.exp[1], [0.3, 0.5, math.inf, math.inf, math.inf])
    assert limits.drawn.tolist() == [True, True, False, False, False]
    assert limits.doubtful.tolist() == [False, False, True, False, False]
    assert limits.bound.tolist() == [5.0] * 5
    cls = line_limits(line, results, "cls")
    np.testing.assert_equal(cls.obs, [0.01, 0.02, 0.03, 0.04, math.nan])
    assert cls.drawn.tolist() == [True, True, False, True, False]


def test_curves_skip_what_cannot_be_trusted_and_break_beyond_the_bound() -> None:
    limits = limits_of([1, 2, 3, 4, 5, 6], [1, 2, 3, math.inf, 4, 5])
    limits.converged[1] = False
    pieces = [(x.tolist(), y.tolist()) for x, y in curve_pieces(limits, limits.obs)]
    assert pieces == [([1, 3], [1, 3]), ([5, 6], [4, 5])]


def test_the_band_is_cut_off_at_the_bound() -> None:
    limits = limits_of([1, 2, 3], [1, 4, 6], bound=5.0)
    limits.exp[1] = [2.0, 3.0, 4.0, math.inf, math.inf]
    limits.exp[2] = [4.5, math.inf, math.inf, math.inf, math.inf]
    ((x, low, high),) = band_pieces(limits, 2)
    assert (x.tolist(), low.tolist(), high.tolist()) == ([1, 2, 3], [0.5, 2.0, 4.5], [2.0, 5.0, 5.0])
    ((x, low, high),) = band_pieces(limits, 1)
    assert (x.tolist(), low.tolist(), high.tolist()) == ([1, 2], [0.7, 3.0], [1.4, 5.0])
    ((x, low, high, bound),) = open_pieces(limits)
    assert (x.tolist(), low.tolist(), high.tolist()) == ([1, 2, 3], [0.5, 2.0, 4.5], [2.0, 5.0, 5.0])
    assert bound.tolist() == [5.0, 5.0, 5.0]
    limits = limits_of([1, 2, 3, 4], [1, 1, 1, 1], bound=5.0)
    assert open_pieces(limits) == []
    limits.exp[3, 4] = math.inf
    assert [piece[0].tolist() for piece in open_pieces(limits)] == [[3, 4]]


def test_reach_on_the_massless_neutralino_line_as_published() -> None:
    """1Lbb: 740 GeV, stau: 120 to 390 GeV (DESIGN of the analyses: arXiv:1909.09226, arXiv:1911.06660)."""
    for quantity in ("mu", "cls"):
        line = massless("1Lbb")
        limits = line_limits(line, published("1Lbb").results, quantity, unit="GeV")
        (found,) = excluded_ranges(limits, limits.obs)
        assert found.start.between is None
        assert found.stop.between == (700.0, 800.0)
        assert 730 <= found.stop.position <= 750
        stau = line_limits(
            massless("stau-combined"), published("stau-combined").results, quantity, unit="GeV"
        )
        (found,) = excluded_ranges(stau, stau.obs)
        assert 115 <= found.start.position <= 130
        assert 380 <= found.stop.position <= 400


def test_read_out_names_the_points_that_it_lies_between() -> None:
    limits = line_limits(massless("1Lbb"), published("1Lbb").results, "cls", unit="GeV")
    observed, expected = read_outs(limits)
    assert observed.number == "740 GeV"
    assert observed.meaning == "observed limit on m1; interpolated between 700 and 800"
    assert expected.meaning == "expected limit on m1, 740 to 930 (±1σ); interpolated between 800 and 900"
    stau = line_limits(massless("stau-combined"), published("stau-combined").results, "mu", unit="GeV")
    observed, expected = read_outs(stau)
    assert observed.number == "124 to 392 GeV"
    assert "exclusion of mst, lower edge 107 to 141, upper edge 282 to 416 (±1σ)" in expected.meaning


def test_limits_on_mu_are_quoted_by_cls_where_there_are_any() -> None:
    mu, cls = (line_limits(massless("1Lbb"), published("1Lbb").results, q, unit="GeV") for q in BOTH)
    assert read_outs(mu, cls) == read_outs(cls)
    assert [found.number for found in read_outs(mu, cls)] == ["740 GeV", "840 GeV"]
    cls.converged[:] = False
    assert read_outs(mu, cls) == read_outs(mu)
    assert "upper limit on μ crosses 1" in read_outs(mu)[0].basis


@pytest.mark.parametrize(
    ("values", "number", "meaning"),
    [
        ([2, 3, 4], "none excluded", "at m1 of 100 to 300 GeV"),
        ([0.2, 0.3, 0.4], "all excluded", "at m1 of 100 to 300 GeV"),
        ([2, 0.5, 0.4], "above 150 GeV", "up to the last fitted point, 300"),
        ([0.5, math.inf, math.inf], "100–200 GeV", "somewhere between 100 and 200"),
        ([0.5, 2, 0.5], "150, above 250 GeV", "exclusion of m1"),
    ],
)
def test_read_out_of_other_shapes(values: list[float], number: str, meaning: str) -> None:
    observed = read_outs(limits_of([100, 200, 300], values))[0]
    assert observed.number == number
    assert meaning in observed.meaning


def test_nothing_is_read_out_where_nothing_can_be_trusted() -> None:
    limits = limits_of([1, 2], [0.5, 2])
    limits.converged[:] = False
    assert read_outs(limits) == ()
    assert describe_read_outs(limits) == ""


def test_words_are_counted_not_interpolated() -> None:
    points = points_at(("WW",), ("WZ",), ("ZZ",), labels=("mode",))
    (line,) = lines_along(points, "mode", ("mode",))
    results = {
        name: result(name, [0.1, *BAND], [value, *BAND])
        for name, value in zip(("p0", "p1", "p2"), (0.5, 2.0, 0.9), strict=True)
    }
    limits = line_limits(line, results, "mu")
    assert read_outs(limits)[0].number == "2 of 3"
    assert read_outs(limits)[0].meaning == "excluded, observed: WW, ZZ"
    assert [x.tolist() for x, _ in curve_pieces(limits, limits.obs)] == [[-0.3, 0.3], [0.7, 1.3], [1.7, 2.3]]
    assert len(band_pieces(limits, 1)) == 3


@given(
    st.lists(st.floats(0.05, 20.0), min_size=2, max_size=12),
    st.floats(0.3, 3.0),
)
def test_edges_lie_where_the_curve_as_drawn_crosses(values: list[float], scale: float) -> None:
    """On a logarithmic axis the drawn pieces are straight, and so is the interpolation."""
    positions = [100.0 * scale * (index + 1) for index in range(len(values))]
    limits = limits_of(positions, values)
    edges = [
        e for r in excluded_ranges(limits, limits.obs) for e in (r.start, r.stop) if e.between is not None
    ]
    crossings = sum((a < 1) != (b < 1) for a, b in pairwise(values))
    assert len(edges) == crossings
    for edge in edges:
        height = np.interp(edge.position, positions, np.log(values))
        assert height == pytest.approx(0.0, abs=1e-9)
        assert edge.between is not None
        assert edge.between[0] <= edge.position <= edge.between[1]


@given(st.lists(st.floats(0.05, 20.0), min_size=2, max_size=9), st.permutations(list(range(9))))
def test_the_order_in_which_points_arrive_does_not_matter(values: list[float], order: list[int]) -> None:
    places = [(50.0 * index, 0.0) for index in range(len(values))]
    points = points_at(*places)
    shuffled = [points[index] for index in order if index < len(points)]
    results = {p.name: result(p.name, [0.1, *BAND], [v, *BAND]) for p, v in zip(points, values, strict=True)}
    first, second = (
        line_limits(lines_along(which, "m1", ("m1", "m2"))[0], results, "mu") for which in (points, shuffled)
    )
    assert first.names == second.names
    np.testing.assert_array_equal(first.obs, second.obs)


@given(
    st.lists(st.floats(0.1, 9.0), min_size=3, max_size=8),
    st.floats(1e-4, 10.0),
    st.floats(-0.02, -0.001),
)
def test_a_limit_on_the_cross_section_excludes_what_the_limit_on_mu_does(
    values: list[float], start: float, slope: float
) -> None:
    """With a prediction that falls exponentially, both interpolations are the same straight line."""
    positions = [100.0 + 50.0 * index for index in range(len(values))]
    rows = "\n".join(f"{m},{start * math.exp(slope * m)!r},10%" for m in (50, 120, 180, 333, 900))
    table = parse_cross_sections(rows, "table.csv")
    mu = limits_of(positions, values)
    sigma = on_cross_section(mu, table, mu.positions)
    central, _, _ = table.at(mu.positions)
    np.testing.assert_allclose(sigma.obs, mu.obs * central, rtol=1e-12)
    np.testing.assert_allclose(sigma.exp[:, MEDIAN], mu.exp[:, MEDIAN] * central, rtol=1e-12)
    for column in (mu.obs, mu.exp[:, 4]):
        same = column * central
        ends = [(r.start.position, r.stop.position) for r in excluded_ranges(mu, column)]
        converted = [(r.start.position, r.stop.position) for r in excluded_ranges(sigma, same)]
        assert len(ends) == len(converted)
        for one, other in zip(ends, converted, strict=True):
            assert one == pytest.approx(other, abs=1e-6)


def test_limits_on_cross_sections_end_where_the_table_does() -> None:
    table = parse_cross_sections("mass,xsec [fb]\n150,2000\n300,500", "table.csv")
    mu = limits_of([100, 200, 300, 400], [0.5, 0.6, 2.0, 3.0])
    sigma = on_cross_section(mu, table, mu.positions)
    assert np.isnan(sigma.obs).tolist() == [True, False, False, True]
    assert sigma.theory is not None
    assert (sigma.theory.positions[0], sigma.theory.positions[-1]) == (150.0, 300.0)
    assert sigma.obs[2] == pytest.approx(1.0)
    assert sigma.bound[2] == pytest.approx(5.0)
    with pytest.raises(ValueError, match="only limits on mu"):
        on_cross_section(sigma, table, sigma.positions)


def test_the_theory_moves_the_reach_by_its_uncertainty() -> None:
    table = parse_cross_sections("mass,xsec [pb],unc [%]\n100,10,10\n900,0.01,20", "table.csv")
    mu = limits_of([100, 500, 900], [0.1, 0.5, 4.0])
    sigma = on_cross_section(mu, table, mu.positions)
    (less,), (central,), (more,) = (excluded_ranges(sigma, sigma.obs, shift) for shift in (-1, 0, 1))
    assert less.stop.position < central.stop.position < more.stop.position
    assert "(±1σ of the theory)" in read_outs(sigma)[0].meaning
    assert read_outs(sigma, mu) == read_outs(sigma), "the curve crosses the prediction"


def test_a_line_at_one_mass_has_one_predicted_cross_section() -> None:
    analysis = published("1Lbb")
    lines = lines_along(analysis.points, "m2", analysis.labels)
    line = next(line for line in lines if dict(line.fixed)["m1"] == 600.0)
    table = parse_cross_sections("mass,xsec [pb]\n500,0.046\n700,0.0095", "table.csv")
    limits = on_cross_section(line_limits(line, analysis.results, "mu"), table, line.values_of("m1"))
    assert limits.theory is not None
    assert limits.theory.central == pytest.approx(math.sqrt(0.046 * 0.0095))
    assert not np.isnan(limits.obs).any()
    assert np.isnan(line.values_of("m3")).all()
