"""Ticks of logarithmic axes: few enough to be read, as people write them, and one axis for all plots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QFont
from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.log_axis import LogAxis
from fitgui.gui.widgets import themed_plot
from fitgui.ticks import log_ticks, powers_only, tick_text


@given(st.floats(-12, 6), st.floats(0.002, 20), st.integers(2, 20))
def test_ticks_are_few_in_range_and_in_order(low: float, span: float, room: int) -> None:
    bottom, top = 10.0**low, 10.0 ** (low + span)
    ticks = log_ticks(bottom, top, room)
    every = [*ticks.labelled, *ticks.plain]
    assert all(bottom * (1 - 1e-6) <= value <= top * (1 + 1e-6) for value in every)
    assert list(ticks.labelled) == sorted(set(ticks.labelled))
    assert 1 <= len(ticks.labelled) <= room + 2
    assert set(ticks.labelled).isdisjoint(ticks.plain)
    assert len({tick_text(value, powers=False) for value in ticks.labelled}) == len(ticks.labelled)


def test_ticks_as_people_write_them() -> None:
    assert log_ticks(0.1, 5.0, 8).labelled == (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
    assert log_ticks(0.2, 5.0, 2).labelled == (0.3, 1.0, 3.0)
    assert log_ticks(0.001, 10.0, 5).labelled == (0.001, 0.01, 0.1, 1.0, 10.0)
    assert log_ticks(0.0004, 6.0, 15).labelled == (0.001, 0.01, 0.1, 1.0)
    assert powers_only([1e-5, 1e-4, 1e-3])
    assert not powers_only([1e-5, 2e-5])
    assert not powers_only([0.001, 0.01, 0.1])
    assert tick_text(1e-5, powers=True) == "10⁻⁵"
    assert tick_text(1.0, powers=True) == "10⁰"
    assert tick_text(0.2, powers=False) == "0.2"
    assert tick_text(2e-7, powers=False) == "2×10⁻⁷"


@pytest.mark.parametrize("side", ["left", "bottom"])
def test_an_axis_is_logarithmic_where_its_plot_is(qtbot: QtBot, side: str) -> None:
    plot = themed_plot(theme.LIGHT, axisItems={side: LogAxis(side, always=False)})
    qtbot.addWidget(plot)
    axis = plot.getAxis(side)

    def numbers(low: float, high: float) -> list[str]:
        [(spacing, places), *_] = axis.tickValues(low, high, 400)
        return [text for text in axis.tickStrings(places, 1.0, spacing) if text]

    assert numbers(0.0, 3.0) == ["0", "1", "2", "3"]
    plot.setLogMode(**{"y" if side == "left" else "x": True})
    assert {"1", "10", "100", "1000"} <= set(numbers(0.0, 3.0))
    assert {"100", "200", "500"} <= set(numbers(1.95, 2.9))
    usual = len(numbers(1.0, 3.0))
    axis.setStyle(tickFont=QFont("", 27))
    assert 2 <= len(numbers(1.0, 3.0)) < usual
    axis.setTicks([[(0.0, "one")]])
    assert numbers(0.0, 3.0) != ["1"]
