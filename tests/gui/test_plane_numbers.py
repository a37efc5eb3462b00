"""Numbers at the points of the plane, on screen and paper: they tell on which side of the line one is."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from fitgui.exclusion.significance import THRESHOLD
from fitgui.figures.colours import OF_CLS, OF_LIMIT
from fitgui.figures.plane import values_of
from fitgui.gui.plane.quantities import CLS, LIMIT, QUANTITIES


@given(st.one_of(st.floats(1e-7, 1.0), st.floats(0.049, 0.051)))
def test_the_numbers_of_the_window_and_of_figures_are_the_same_and_decide(value: float) -> None:
    shown, drawn = CLS.text(value, None), values_of("cls", ["p"], {"p": value}).written(value)
    assert shown == drawn or value < 0.001
    if not shown.startswith(("<", ">")) and value != 0.05:
        assert (float(shown) < 0.05) == (value < 0.05)
        assert float(shown) != 0.05


@given(st.one_of(st.floats(0.01, 200.0), st.floats(0.99, 1.01)))
def test_limits_near_one_decide(value: float) -> None:
    shown = LIMIT.text(value, 10.0)
    assert shown == values_of("limit", ["p"], {"p": value}).written(value)
    if not shown.startswith(("<", ">")) and value != 1.0:
        assert (float(shown) < 1.0) == (value < 1.0)
        assert float(shown) != 1.0
    assert LIMIT.text(math.inf, 10.0) == "> 10"


@given(st.floats(-5.0, 8.0))
def test_standard_deviations_decide(value: float) -> None:
    quantity = next(one for one in QUANTITIES if one.threshold == THRESHOLD)
    shown = quantity.text(value, None)
    if not shown.startswith(("<", ">")) and value != THRESHOLD:
        assert (float(shown) > THRESHOLD) == (value > THRESHOLD)


def test_colours_on_paper_have_the_scale_of_the_window() -> None:
    for paper, screen in ((OF_CLS, CLS), (OF_LIMIT, LIMIT)):
        assert (paper.ticks, paper.threshold) == (screen.ticks, screen.threshold)
        assert (paper.ticks[0], paper.ticks[-1]) == (screen.lowest, screen.highest)
        assert paper.logarithmic == screen.logarithmic
