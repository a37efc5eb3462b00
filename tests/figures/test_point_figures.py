"""One signal point on paper: yields, pulls, impacts, correlations are those of the fit."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.lines import Line2D

from fitgui.figures.header import Caption
from fitgui.figures.nuisances import (
    NO_IMPACT,
    NOT_DETERMINED,
    correlations_figure,
    impacts_figure,
    pulls_figure,
)
from fitgui.figures.of_point import PointPart, PointWishes, draw_point
from fitgui.figures.style import COLUMN, PAGE, Style, sheet
from fitgui.figures.text import Text
from fitgui.figures.yields import RATIO_BOUND, yields_figure
from fitgui.insight.looking import look_inside
from fitgui.insight.model import FitInside, Parameters, PointInside
from fitgui.insight.stacking import stacked
from fitgui_backends.contract import FitOptions, FitPoint
from tests.builders import make_operations, make_workspace
from tests.figures.inspecting import outside, overlapping, words_of
from tests.takeaway.recorded import result_of, run_of


@pytest.fixture(scope="module")
def inside() -> PointInside:
    workspace = make_workspace()
    operations = json.dumps(make_operations(workspace, scale=3.0)).encode()
    return look_inside(
        workspace,
        None,
        FitPoint(name="here", operations=operations),
        FitOptions(),
        ("fits", "impacts", "curve"),
    )


@pytest.mark.parametrize("part", list(PointPart))
def test_every_part_can_be_read_in_a_column(inside: PointInside, part: PointPart) -> None:
    record, _ = run_of([result_of("here", [0.1] * 6)], {"here": {"m": 1.0}}, labels=["m"])
    with sheet(Style.NEUTRAL, COLUMN) as where:
        figure = draw_point(where, record.plan, None, inside, part)
        said = words_of(figure)
        assert "here" in said
        assert outside(figure) == []
        assert overlapping(figure) == []
        free = inside.fits["free"]
        if part is PointPart.PULLS:
            (drawn,) = figure.axes[0].containers
            pulls = free.parameters.pulls
            known = pulls[np.isfinite(pulls)]
            np.testing.assert_allclose(np.sort(drawn[0].get_xdata()), np.sort(known))
            sizes = np.abs(drawn[0].get_xdata())
            assert (np.diff(sizes) <= 0).all(), "the largest pull is on top, as in the window"
        if part is PointPart.CORRELATIONS:
            (image,) = figure.axes[0].images
            assert np.abs(image.get_array()).max() == pytest.approx(1.0)
        if part is PointPart.IMPACTS and inside.impacts is not None:
            lengths = [bar.get_width() for bar in figure.axes[0].patches]
            assert any(np.isclose(lengths, inside.impacts.post_fit[0, 0]))
        if part is PointPart.YIELDS:
            stack = stacked(free, "post-fit")
            steps = [one.get_data().values for one in figure.axes[0].patches if hasattr(one, "get_data")]
            assert any(step.shape == stack.total.shape and np.allclose(step, stack.total) for step in steps)
            assert "Post-fit" in said


def undetermined(fit: FitInside) -> FitInside:
    """The same, had the fit not determined its first constrained parameter nor the first bins."""
    parameters = fit.parameters
    place = int(np.flatnonzero(np.isfinite(parameters.pulls))[0])
    constraints, correlations = parameters.constraints.copy(), parameters.correlations.copy()
    constraints[place] = np.nan
    correlations[place, :-1] = correlations[:-1, place] = np.nan
    channels = []
    for channel in fit.channels:
        errors = channel.post_fit.errors.copy()
        errors[0] = np.nan
        channels.append(replace(channel, post_fit=replace(channel.post_fit, errors=errors)))
    return replace(
        fit,
        parameters=replace(parameters, constraints=constraints, correlations=correlations),
        channels=tuple(channels),
    )


def lines_of(axes: Axes, gid: str) -> list[Line2D]:
    return [line for line in axes.lines if line.get_gid() == gid]


def test_what_the_fit_does_not_determine_is_never_drawn_as_certain(inside: PointInside) -> None:
    fit = undetermined(inside.fits["free"])
    assert inside.impacts is not None
    caption = Caption(Text("here"))
    with sheet(Style.NEUTRAL, COLUMN) as where:
        pulls = pulls_figure(where, fit.parameters, caption)
        (mark,) = lines_of(pulls.axes[0], "undetermined")
        place = int(np.flatnonzero(np.isfinite(fit.parameters.pulls))[0])
        assert mark.get_xdata() == pytest.approx([fit.parameters.pulls[place]])
        assert mark.get_markerfacecolor() == "white"
        (drawn,) = pulls.axes[0].containers
        assert len(drawn[0].get_xdata()) == np.isfinite(fit.parameters.pulls).sum() - 1
        assert NOT_DETERMINED in words_of(pulls)
        assert outside(pulls) == overlapping(pulls) == []

        shifts = inside.impacts.post_fit.copy()
        shifts[0] = np.nan
        impacts = impacts_figure(where, replace(inside.impacts, post_fit=shifts), fit.parameters, caption)
        (mark,) = lines_of(impacts.axes[0], "no impact")
        assert mark.get_ydata() == [len(inside.impacts.names) - 1]
        assert NO_IMPACT in words_of(impacts)
        bars = [bar for bar in impacts.axes[0].patches if bar.get_gid() == "after"]
        assert sorted(bar.get_width() for bar in bars) == pytest.approx(sorted(shifts[1:].ravel()))

        yields = yields_figure(where, fit, caption)
        stack = stacked(fit, "post-fit")
        without = np.flatnonzero(np.isnan(stack.errors))
        (mark,) = lines_of(yields.axes[0], "undetermined")
        np.testing.assert_allclose(mark.get_xydata(), np.column_stack([without + 0.5, stack.total[without]]))
        (band,) = [one for one in yields.axes[0].patches if one.get_label() == "Uncertainty"]
        upper = band.get_data().values  # type: ignore[attr-defined]
        np.testing.assert_array_equal(np.isnan(upper), np.isnan(stack.errors))
        assert NOT_DETERMINED in words_of(yields)

        matrix = correlations_figure(where, fit.parameters, caption)
        assert "Hatched: not determined by the fit" in words_of(matrix)
        assert matrix.axes[0].patch.get_hatch()
        (image,) = matrix.axes[0].images
        assert np.ma.getmaskarray(image.get_array()).any()


def test_a_bin_without_data_has_the_same_bar_above_and_below() -> None:
    workspace = make_workspace(observed={"SR": [0.0, 11.0], "CR": [84.0]})
    operations = json.dumps(make_operations(workspace, scale=3.0)).encode()
    point = FitPoint(name="here", operations=operations)
    fit = look_inside(workspace, None, point, FitOptions(), ("fits",)).fits["free"]
    stack = stacked(fit, "post-fit")
    (empty,) = np.flatnonzero(stack.observed == 0)
    with sheet(Style.NEUTRAL, COLUMN) as where:
        figure = yields_figure(where, fit, Caption(Text("here")))
        for axes, high in zip(
            figure.axes, (stack.observed_high, np.minimum(stack.ratio[2], RATIO_BOUND)), strict=True
        ):
            (bars,) = [one for one in axes.collections if one.get_gid() == "no data"]
            (bar,) = bars.get_segments()  # type: ignore[attr-defined]
            np.testing.assert_allclose(bar[1], [empty + 0.5, high[empty]])
            (data,) = [one for one in axes.containers if isinstance(one, ErrorbarContainer)]
            assert empty + 0.5 not in data[0].get_xdata()


@pytest.mark.parametrize("log", [False, True])
def test_cls_against_mu_with_its_limits_and_its_gaps(inside: PointInside, *, log: bool) -> None:
    assert inside.curve is not None
    observed = inside.curve.observed.copy()
    observed[2] = np.nan
    curve = replace(inside.curve, observed=observed)
    record, _ = run_of([result_of("here", [0.1] * 6)], {"here": {"m": 1.0}}, labels=["m"])
    known = replace(inside, curve=curve)
    with sheet(Style.ATLAS, COLUMN) as where:
        figure = draw_point(where, record.plan, None, known, PointPart.CURVE, wishes=PointWishes(log=log))
        axes = figure.axes[0]
        (line,) = lines_of(axes, "observed")
        np.testing.assert_array_equal(line.get_xydata(), np.column_stack([curve.mus, observed]))
        (limit,) = lines_of(axes, "limit observed")
        assert set(limit.get_xdata()) == {curve.limit_observed}
        assert "Gaps: CLs is not known at 1 of" in words_of(figure)
        assert outside(figure) == overlapping(figure) == []


@pytest.mark.parametrize("width", [COLUMN, PAGE])
def test_the_most_moved_come_first_and_no_name_is_cut(width: float) -> None:
    rng = np.random.default_rng(1)
    names = tuple(f"JET_EtaIntercalibration_NonClosure_of_{chr(97 + n % 26)}_{n}" for n in range(60))
    pulls = rng.normal(size=60)
    parameters = Parameters(
        names=names,
        standing=("free",) * 60,
        centres=np.zeros(60),
        widths=np.ones(60),
        values=pulls,
        uncertainties=np.ones(60),
        pulls=pulls,
        constraints=rng.uniform(0.1, 1.0, size=60),
        correlations=np.eye(60),
    )
    with sheet(Style.NEUTRAL, width) as where:
        figure = pulls_figure(where, parameters, Caption(Text("made")))
        said = [text.get_text() for text in figure.axes[0].get_yticklabels()]
        assert said == [names[place] for place in np.argsort(-np.abs(pulls))[:40]]
        assert "the 40 most moved of 60" in words_of(figure).replace("\n", " ")
        assert outside(figure) == []
        assert overlapping(figure) == []
