"""The mass plane on paper: what is drawn is what was found, and all of it can be read."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from fitgui.exclusion.model import Surface
from fitgui.figures.of_run import Colouring, RunFigures, What, Wishes
from fitgui.figures.plane import PlaneOptions, PlaneOverlay
from fitgui.figures.style import COLUMN, PAGE, Style, sheet
from fitgui.figures.text import Text
from fitgui.runs.plan import RunError
from fitgui.runs.snapshot import PointStatus
from fitgui_backends.results import ToyAnswer
from tests.figures.inspecting import (
    curves,
    figures_of,
    legend_bottom,
    outside,
    overlapping,
    texts_of,
    words_of,
)
from tests.takeaway.recorded import result_of, run_of


@pytest.mark.parametrize(
    ("name", "style", "width"),
    [
        ("1Lbb", Style.ATLAS, COLUMN),
        ("1Lbb", Style.NEUTRAL, PAGE),
        ("stau-combined", Style.NEUTRAL, COLUMN),
        ("3L", Style.ATLAS, PAGE),
    ],
)
def test_contours_and_words_of_a_published_pallet(name: str, style: Style, width: float) -> None:
    made = figures_of(name, Wishes(plane=PlaneOptions(two_sigma=True)))
    exclusion = made.exclusion[2]
    with sheet(style, width) as where:
        figure = made.draw(What.PLANE, where)
        for surface in (Surface.OBSERVED, Surface.EXPECTED):
            lines, drawn = exclusion.contours[surface], curves(figure, str(surface))
            assert lines
            assert len(drawn) == len(lines)
            for line, curve in zip(lines, drawn, strict=True):
                np.testing.assert_array_equal(curve, np.column_stack([line.x, line.y]))
        patches = [patch for patch in figure.axes[0].patches if "σ" in patch.get_label()]
        assert len(patches) == len(exclusion.bands[1]) + len(exclusion.bands[2])
        (marks,) = [one for one in figure.axes[0].collections if one.get_gid() == "points"]
        assert len(marks.get_offsets()) == len(exclusion.points.names)
        said = words_of(figure)
        assert "fitgui" in said
        assert "published by ATLAS" in said
        assert not any(word in said for word in ("Preliminary", "Internal", "Work in progress"))
        assert r"$\sqrt{s}$ = 13 TeV, 139 fb$^{-1}$" in said
        assert "All limits at 95 % CL" in said
        assert all(r"\tilde" in label and "[GeV]" in label for label in titles(figure))
        assert outside(figure) == []
        assert overlapping(figure) == []
        top = figure.axes[0].transData.transform((0.0, exclusion.points.y.max()))[1]
        assert legend_bottom(figure) > top


def titles(figure: Any) -> list[str]:
    axes = figure.axes[0]
    return [axes.get_xlabel(), axes.get_ylabel()]


def test_numbers_do_not_lie_on_each_other_and_are_the_values() -> None:
    made = figures_of("1Lbb", Wishes(plane=PlaneOptions(points="numbers")))
    points = made.exclusion[2].points
    places = {(x, y): cls for x, y, cls in zip(points.x, points.y, points.cls[:, 0], strict=True)}
    with sheet(Style.ATLAS, COLUMN) as where:
        figure = made.draw(What.PLANE, where)
        numbers = [text for text in texts_of(figure) if text.get_gid() == "number"]
        assert overlapping(figure) == []
        assert f"(at {len(numbers)} of {len(places)} points)" in words_of(figure)
    assert len(numbers) > 50
    for text in numbers:
        written, value = text.get_text(), places[text.get_position()]
        if written == "<0.001":
            assert value < 0.001
            continue
        assert float(written) == pytest.approx(value, rel=0.051)
        assert (float(written) < 0.05) == (value < 0.05)


def test_colours_come_with_a_scale() -> None:
    wishes = Wishes(plane=PlaneOptions(points="colours"), quantity="limit")
    with sheet(Style.NEUTRAL) as where:
        figure = figures_of("3L", wishes).draw(What.PLANE, where)
        (marks,) = [one for one in figure.axes[0].collections if one.get_gid() == "points"]
        assert np.isfinite(marks.get_array()).all()
        assert figure.axes[1].get_ylabel() == r"observed upper limit on $\mu$"
        labels = [label.get_text() for label in figure.axes[1].get_yticklabels()]
        assert labels == ["0.1", "0.3", "1", "3", "10"], "as in the window, whatever the values"
        assert figure.axes[1].get_yticks().tolist() == [0.1, 0.3, 1.0, 3.0, 10.0]
        assert marks.get_clim() == (0.1, 10.0)
        (threshold,) = [line for line in figure.axes[1].lines if line.get_gid() == "threshold"]
        assert set(threshold.get_ydata()) == {1.0}
        assert outside(figure) == []


def test_without_results_or_limits_nothing_is_drawn_and_it_is_said() -> None:
    places = {f"p{n}": {"a": 100.0 * (n % 2), "b": 50.0 * (n // 2)} for n in range(4)}
    record, snapshot = run_of([], places, labels=["a", "b"], failed=list(places))
    made = RunFigures(record.id, record.plan, snapshot, None)
    assert made.possible == ()
    with sheet() as where:
        for what in (What.PLANE, What.CLS, What.LIMITS, What.WALL_TIME):
            with pytest.raises(RunError, match="has no results to draw"):
                made.draw(what, where)
    results = [result_of(name, [0.02] * 6) for name in places]
    record, snapshot = run_of(results, places, labels=["a", "b"])
    for points in ("numbers", "colours", "marks"):
        wishes = Wishes(plane=PlaneOptions(points=points), quantity="limit")  # type: ignore[arg-type]
        made = RunFigures(record.id, record.plan, snapshot, None, wishes=wishes)
        with sheet() as where, pytest.raises(RunError, match="has no upper limits to show"):
            made.draw(What.PLANE, where)


def test_header_takes_a_third_of_a_column_at_the_most() -> None:
    with sheet(Style.NEUTRAL, COLUMN) as where:
        figure = figures_of("1Lbb").draw(What.PLANE, where)
        bottom = legend_bottom(figure)
        room = figure.axes[0].get_window_extent()
        assert room.y1 - bottom < 0.36 * room.height


def test_names_of_strangers_are_never_mathematics_and_never_too_long() -> None:
    nasty = "$\\frac{1}{0} \x1b[31m\u202e<b>" + "x" * 200
    results = [result_of(f"p{n}", [0.01 + 0.2 * n] * 6) for n in range(4)]
    places = {f"p{n}": {"$m_1": 100.0 * (n % 2) + 200, "m^2": 90.0 * (n // 2)} for n in range(4)}
    record, snapshot = run_of(results, places, labels=["$m_1", "m^2"], pallet=nasty)
    made = RunFigures(record.id, record.plan, snapshot, None)
    with sheet(Style.ATLAS, COLUMN) as where:
        figure = made.draw(What.PLANE, where)
        where.encoded(figure, "svg")
        said = words_of(figure)
        assert "$m_1" in said
        assert "\x1b" not in said
        assert outside(figure) == []


def test_what_cannot_be_drawn_is_said() -> None:
    one = [result_of("p", [0.3] * 6)]
    record, snapshot = run_of(one, {"p": {"m": 100.0}}, labels=["m"])
    made = RunFigures(record.id, record.plan, snapshot, None)
    assert made.possible == (What.WALL_TIME,)
    with sheet() as where, pytest.raises(RunError, match="no two coordinates"):
        made.draw(What.PLANE, where)
    two = [result_of("p", [0.3] * 6), result_of("q", [0.01] * 6)]
    record, snapshot = run_of(two, {"p": {"a": 1.0, "b": 2.0}, "q": {"a": 2.0, "b": 2.0}}, labels=["a", "b"])
    with sheet() as where:
        figure = RunFigures(record.id, record.plan, snapshot, None).draw(What.PLANE, where)
        assert "No contour" in words_of(figure)
        assert outside(figure) == []


def test_contours_of_a_run_with_toys_are_said_to_be_asymptotic() -> None:
    toys = ToyAnswer(number=9, seed=0, failed=0, cls_obs=0.1, cls_obs_error=0.1, cls_exp=(0.1,) * 5)
    places = {f"p{n}": {"a": 100.0 * (n % 2), "b": 50.0 * (n // 2)} for n in range(4)}
    for fields, count in (({}, 0), ({"toys": toys}, 1)):
        results = [result_of(name, [0.02 + 0.02 * n] * 6, **fields) for n, name in enumerate(places)]
        record, snapshot = run_of(results, places, labels=["a", "b"])
        with sheet(Style.NEUTRAL, COLUMN) as where:
            figure = RunFigures(record.id, record.plan, snapshot, None).draw(What.PLANE, where)
            assert words_of(figure).count("Contours of asymptotic CLs") == count


def test_doubtful_and_failed_points_have_marks_and_are_counted() -> None:
    results = [result_of(f"p{n}", [0.01 + 0.02 * n] * 6, converged=n != 3) for n in range(6)]
    places = {f"p{n}": {"a": 100.0 * (n % 4), "b": 50.0 * (n // 4)} for n in range(8)}
    record, snapshot = run_of(results, places, labels=["a", "b"], failed=["p6", "p7"])
    snapshot.points["p0"] = PointStatus("p0")
    made = RunFigures(record.id, record.plan, snapshot, None)
    assert set(made.exclusion[2].points.names) == {"p1", "p2", "p4", "p5"}
    with sheet(Style.NEUTRAL, COLUMN) as where:
        figure = made.draw(What.PLANE, where)
        drawn = {
            line.get_label(): line.get_xydata().tolist()
            for line in figure.axes[0].lines
            if line.get_gid() in ("doubtful fit", "failed", "not fitted")
        }
        assert drawn == {
            "Doubtful fit": [[300.0, 0.0]],
            "Failed": [[200.0, 50.0], [300.0, 50.0]],
            "Not fitted": [[0.0, 0.0]],
        }
        said = words_of(figure)
        assert all(label in said for label in drawn)
        assert "4 of 8 points left out of the contours" in said
        assert outside(figure) == []
        assert overlapping(figure) == []


def test_what_is_switched_off_is_not_drawn_and_what_is_compared_is() -> None:
    other = figures_of("1Lbb").exclusion[2]
    overlay = PlaneOverlay(Text("Published"), {Surface.EXPECTED: other.contours[Surface.EXPECTED]})
    options = PlaneOptions(observed=False, one_sigma=False)
    colouring = Colouring("Best-fit μ", lambda result: result.mu_hat, "{:.2f}".format)
    wishes = Wishes(plane=options, overlays=[overlay], colouring=colouring)
    with sheet(Style.ATLAS, PAGE) as where:
        figure = figures_of("1Lbb", wishes).draw(What.PLANE, where)
        assert curves(figure, str(Surface.OBSERVED)) == []
        assert len(curves(figure, str(Surface.EXPECTED))) == len(other.contours[Surface.EXPECTED])
        assert len(curves(figure, f"overlay {Surface.EXPECTED}")) == len(other.contours[Surface.EXPECTED])
        said = words_of(figure)
        assert "Published, expected" in said
        assert "Expected ±1 σ" not in said


def test_a_number_that_a_point_lacks_is_an_open_mark() -> None:
    beyond = {"p1": math.inf, "p2": None}
    results = [result_of(f"p{n}", [0.01 + 0.2 * n] * 6) for n in range(4)]
    places = {f"p{n}": {"a": 100.0 * (n % 2), "b": 50.0 * (n // 2)} for n in range(4)}
    record, snapshot = run_of(results, places, labels=["a", "b"])
    colouring = Colouring("limit", lambda result: beyond.get(result.name, 1.0), "{:.2f}".format)
    wishes = Wishes(plane=PlaneOptions(points="colours"), colouring=colouring)
    with sheet() as where:
        figure = RunFigures(record.id, record.plan, snapshot, None, wishes=wishes).draw(What.PLANE, where)
        (marks,) = [one for one in figure.axes[0].collections if one.get_gid() == "without"]
        assert marks.get_offsets().tolist() == [[100.0, 0.0], [0.0, 50.0]]
        assert "No number, or beyond the scale" in words_of(figure)
