"""What is told of a download: bytes, speed, time left."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.pallets.hepdata.progress import Meter, Phase, Progress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def measured(steps: list[tuple[float, int]], *, resumed: int = 0, total: int | None = None) -> list[Progress]:
    """What is told when so many bytes come after so many seconds each."""
    told: list[Progress] = []
    clock = Clock()
    meter = Meter(told.append, clock)
    meter.begin(resumed, total)
    for seconds, count in steps:
        clock.now += seconds
        meter.add(count)
    meter.flush()
    return told


def test_a_steady_line_has_its_speed_and_time() -> None:
    told = measured([(0.5, 500)] * 20, total=20_000)
    assert told[0].bytes_per_second is None
    assert told[-1].received == 10_000
    assert told[-1].bytes_per_second == pytest.approx(1000.0)
    assert told[-1].seconds_left == pytest.approx(10.0)
    assert told[-1].fraction == 0.5


def test_what_was_here_before_is_no_speed() -> None:
    last = measured([(0.5, 500)] * 4, resumed=1_000_000, total=1_010_000)[-1]
    assert last.bytes_per_second == pytest.approx(1000.0)
    assert (last.received, last.resumed_from) == (1_002_000, 1_000_000)


def test_the_speed_follows_a_change_smoothly() -> None:
    speeds = [now.bytes_per_second or 0.0 for now in measured([(0.5, 500)] * 20 + [(0.5, 5000)] * 40)[1:]]
    assert speeds[18] == pytest.approx(1000.0)
    assert all(later >= earlier - 1e-6 for earlier, later in pairwise(speeds[19:]))
    assert 1000.0 < speeds[20] < 4000.0
    assert speeds[-1] == pytest.approx(10_000.0, rel=0.01)


def test_it_is_not_told_too_often_but_all_of_it_in_the_end() -> None:
    told = measured([(0.001, 1)] * 5000)
    assert len(told) <= 55
    assert told[-1].received == 5000


def test_a_note_takes_the_place_of_the_speed() -> None:
    told: list[Progress] = []
    clock = Clock()
    meter = Meter(told.append, clock)
    meter.begin(0, None)
    clock.now += 1.0
    meter.add(1000)
    meter.enter(Phase.DOWNLOADING, "the connection broke")
    assert told[-1].bytes_per_second is None
    assert told[-1].note == "the connection broke"
    meter.finish()
    assert (told[-1].phase, told[-1].total, told[-1].note) == (Phase.CHECKING, 1000, "")


@given(
    st.lists(st.tuples(st.floats(0, 100), st.integers(0, 10**9)), max_size=40),
    st.none() | st.integers(0, 10**9),
)
def test_whatever_comes_can_be_told(steps: list[tuple[float, int]], total: int | None) -> None:
    told = measured(steps, total=total)
    assert told[-1].received == sum(count for _, count in steps)
    for now in told:
        assert now.bytes_per_second is None or now.bytes_per_second >= 0.0
        assert now.seconds_left is None or now.seconds_left >= 0.0
        assert now.fraction is None or 0.0 <= now.fraction <= 1.0
