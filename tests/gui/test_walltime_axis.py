"""The logarithmic axis holds every time; curves begin at nothing and go on to the end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from fitgui.gui import theme
from fitgui.gui.walltime.curves import LEAST_SECONDS, PLACES, Curves, steps
from fitgui.gui.walltime.log_axis import LogAxis
from fitgui.runs.completion import Completion
from fitgui.runs.wall_bars import BarKind, CompletionCurve, curve_of
from fitgui.runs.wall_times import times_of
from tests.runs.recorded_runs import plan_of, snapshot_after, whole_run

times = st.floats(1e-3, 1e7)


@given(st.lists(times, min_size=1, max_size=8))
def test_every_time_is_on_the_axis_away_from_its_beginning(seconds: list[float]) -> None:
    axis = LogAxis.around(seconds)
    places = [axis.place(value) for value in seconds]
    assert all(0.0 < place <= 1.0 for place in places)
    assert sorted(range(len(seconds)), key=seconds.__getitem__) == sorted(
        range(len(seconds)), key=lambda number: (places[number], seconds[number])
    )
    assert len(axis.decades) >= 3


@given(times, st.floats(1.01, 1e3))
def test_equal_factors_are_equal_lengths(seconds: float, factor: float) -> None:
    axis = LogAxis(-4, 11)
    step = axis.place(seconds * factor) - axis.place(seconds)
    assert step == pytest.approx(axis.place(factor) - axis.place(1.0), abs=1e-9)


def test_numbers_stand_where_they_are() -> None:
    axis = LogAxis.around([2.9, 3842.0])
    assert axis.decades == [(1.0, "1"), (10.0, "10"), (100.0, "100"), (1000.0, "1000"), (10000.0, "10000")]
    assert axis.place(1.0) == 0.0
    assert axis.place(100.0) == 0.5
    assert axis.place(0.0) == 0.0
    assert LogAxis.around([]).decades[0][0] < 1.0


def test_steps_begin_at_nothing_and_go_on_to_the_end() -> None:
    plan = plan_of()
    snapshot = snapshot_after(plan, whole_run(plan, workers=4, wall=20.0, fit=3.0))
    curve = curve_of(times_of("r", plan, snapshot), None)
    seconds, points = steps(curve, logarithmic=False)
    assert (seconds[0], points[0]) == (0.0, 0.0)
    assert (seconds[-1], points[-1]) == (20.0, 4.0)
    seconds, points = steps(curve, logarithmic=True)
    assert seconds[0] > 0.0
    assert points[0] == 0.0


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 99).map(lambda seed: np.random.default_rng(seed).exponential(1.0, 1500).tolist()),
    st.booleans(),
)
def test_thinned_steps_are_where_they_were(pauses: list[float], logarithmic: bool) -> None:
    whole = Completion()
    now = 0.0
    for done, pause in enumerate(pauses, start=1):
        now += pause
        whole.note(now, done)
    curve = CompletionCurve(
        key="r", kind=BarKind.RUN, label="", detail="", completion=whole, wall=now, total=len(pauses)
    )
    seconds, points = steps(curve, logarithmic=logarithmic)
    assert len(seconds) <= PLACES + 3
    assert points[-1] == len(pauses)
    assert list(points) == sorted(points)
    for second, point in zip(seconds[1:-1], points[1:-1], strict=True):
        assert whole.at(second) == point or second <= LEAST_SECONDS


def test_the_legend_tells_runs_with_limits_from_those_without(qtbot: QtBot) -> None:
    done = Completion()
    done.note(2.0, 3)
    curves = Curves(theme.LIGHT)
    qtbot.addWidget(curves)
    runs = [
        CompletionCurve(
            key=f"{more}.",
            kind=BarKind.RUN,
            label="2 workers",
            detail="",
            completion=done,
            wall=2.0,
            total=3,
            more=more,
        )
        for more in ("", "with limits")
    ]
    curves.show_curves(runs, {})
    assert [entry.text for entry in curves.legend.entries] == [
        "2 workers: 3 points in 2.00 s",
        "2 workers, with limits: 3 points in 2.00 s",
    ]
