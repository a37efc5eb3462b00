"""Of a line of thousands of points what can be told apart is drawn, and all of a part that is looked at."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from fitgui.exclusion.line_limits import LineLimits
from fitgui.gui import theme
from fitgui.gui.limits.chart import LimitChart
from fitgui.gui.limits.thinning import HEIGHTS, LONG, PLACES, thin_band, thin_curve, thin_marks


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 20_000), st.floats(0.0, 0.8))
def test_a_thinned_line_reaches_as_far_at_every_place(seed: int, count: int, left: float) -> None:
    random = np.random.default_rng(seed)
    x, y = np.sort(random.uniform(0, 1, count)), random.normal(size=count)
    view = (left, left + 0.2)
    curve = thin_curve(x, y, view)
    band = thin_band(x, y, y, view)
    marks = thin_marks(x, y, view, (-2.0, 2.0))
    if count <= LONG:
        for found in (curve, band[:2], marks):
            assert np.array_equal(found, (x, y))
        return
    assert curve[0].size <= LONG + 6
    assert band[0].size <= LONG
    assert np.all(np.diff(curve[0]) >= 0)
    seen = (x >= view[0]) & (x <= view[1])
    if not seen.any():
        return
    assert y[seen].max() <= curve[1].max() <= y.max()
    assert curve[1].min() == band[1].min() <= y[seen].min()
    assert curve[1].max() == band[2].max()
    assert curve[0][-1] >= x[seen][-1]
    cell = 0.2 / PLACES, 4.0 / HEIGHTS
    for place in np.column_stack([x, y])[seen][:: max(1, count // 100)]:
        if abs(place[1]) < 2:  # a mark is drawn where this one would be, or next to it
            assert np.any(np.all(np.abs(np.column_stack(marks) - place) <= cell, axis=1))


def test_a_part_of_a_long_line_is_drawn_in_full_once_it_is_looked_at(qtbot: QtBot) -> None:
    count = 10_000
    obs = 10 ** np.random.default_rng(0).normal(size=count)
    limits = LineLimits(
        "mu",
        tuple(f"p{number}" for number in range(count)),
        np.arange(count, dtype=np.float64),
        obs,
        obs[:, None] * np.array([[0.5, 0.7, 1.0, 1.4, 2.0]]),
        np.ones(count, dtype=np.bool_),
        np.full(count, 1e9),
        "m1",
        "m1 [GeV]",
    )
    chart = LimitChart(theme.LIGHT)
    qtbot.addWidget(chart)
    chart.show_limits(limits)
    x, y = chart._observed[-1].getData()
    assert x.size < 3 * PLACES
    assert np.nanmax(y) == np.log10(obs.max())
    assert np.nanmin(y) == np.log10(obs.min())
    assert chart._bands[0].path().elementCount() < 3 * PLACES
    box = chart.plot.getViewBox()
    box.setXRange(100.0, 200.0, padding=0)
    box.sigRangeChangedManually.emit(box.state["mouseEnabled"])  # as a turn of the wheel does
    part = slice(100, 201)
    qtbot.waitUntil(lambda: set(np.log10(obs[part])) <= set(chart._observed[-1].getData()[1]))
    assert set(np.log10(obs[part])) <= set(chart._points.getData()[1])
    chart.show_selection(limits.names)
    assert set(np.log10(obs[part])) <= set(chart._rings.getData()[1])
