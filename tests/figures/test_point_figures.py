"""One signal point on paper: yields, pulls, impacts, correlations are those of the fit."""

from __future__ import annotations

import json

import numpy as np
import pytest

from fitgui.figures.of_point import PointPart, draw_point
from fitgui.figures.style import COLUMN, Style, sheet
from fitgui.insight.looking import look_inside
from fitgui.insight.model import PointInside
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
            np.testing.assert_allclose(drawn[0].get_xdata(), known)
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
