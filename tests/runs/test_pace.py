"""Time to finish: right where it can be known, silent where it cannot."""

from __future__ import annotations

import heapq
import random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgui.runs.pace import Pace


def simulate(
    durations: list[float], workers: int, *, start_up: float = 1.5
) -> list[tuple[float, float | None, float]]:
    """A run on a simulated clock: at twenty moments the elapsed fraction, the estimate and the truth."""
    pace = Pace()
    pace.start(0.0)
    free = [start_up * (1 + 0.3 * worker / workers) for worker in range(workers)]
    heapq.heapify(free)
    events = []
    for number, duration in enumerate(durations):
        begin = heapq.heappop(free)
        events += [(begin, 1, str(number)), (begin + duration, 0, str(number))]
        heapq.heappush(free, begin + duration + 0.01)
    end = max(time for time, _, _ in events)
    moments = [end * part / 20 for part in range(1, 20)]
    queued, estimates = len(durations), []
    for time, begins, name in sorted(events):
        while moments and moments[0] < time:
            moment = moments.pop(0)
            estimates.append((moment / end, pace.seconds_to_finish(moment, queued), end - moment))
        if begins:
            queued -= 1
            pace.take(name, time)
        else:
            pace.finish(name, time, queued=queued)
    return estimates


@pytest.mark.parametrize("workers", [1, 2, 8, 32])
@pytest.mark.parametrize("points", [20, 60, 500])
def test_equal_points_are_foretold(workers: int, points: int) -> None:
    known = [
        (estimate, truth) for _, estimate, truth in simulate([1.0] * points, workers) if estimate is not None
    ]
    assert known
    assert all(abs(estimate - truth) < 0.05 * truth + 0.1 for estimate, truth in known)


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_unequal_points_are_foretold_on_average(workers: int) -> None:
    chance = random.Random(20200601)
    ratios = []
    for _ in range(30):
        durations = [chance.uniform(0.5, 1.5) for _ in range(60)]
        for fraction, estimate, truth in simulate(durations, workers):
            if 0.3 < fraction < 0.8 and estimate is not None:
                ratios.append(estimate / truth)
    assert 0.9 < median(ratios) < 1.1
    assert sum(0.75 < ratio < 1.33 for ratio in ratios) > 0.9 * len(ratios)


def test_nothing_is_promised_before_anything_is_known() -> None:
    pace = Pace()
    pace.start(0.0)
    assert pace.seconds_to_finish(5.0, queued=10) is None
    assert pace.points_per_second is None
    pace.take("a", 5.0)
    pace.take("b", 5.0)
    assert pace.seconds_to_finish(9.0, queued=8) is None
    pace.finish("a", 10.0, queued=8)
    pace.take("c", 10.0)
    assert pace.seconds_to_finish(10.0, queued=7) is None, "only the shorter of two has ended"
    pace.finish("b", 10.5, queued=7)
    assert pace.seconds_to_finish(10.5, queued=7) is not None


def test_start_of_the_workers_does_not_count_as_slowness() -> None:
    fast, slow = (simulate([1.0] * 20, 2, start_up=start) for start in (0.1, 60.0))
    assert fast[15][1] == pytest.approx(fast[15][2], abs=0.2)
    assert slow[-1][1] == pytest.approx(slow[-1][2], abs=0.2)


def test_what_an_earlier_session_learned_is_kept() -> None:
    pace = Pace()
    pace.start(0.0)
    pace.take("a", 1.0)
    pace.finish("a", 3.0, queued=3)
    pace.start(3.0)
    assert pace.seconds_to_finish(3.0, queued=3) == pytest.approx(6.0)


def test_a_backend_that_only_reports_results_is_followed_by_its_speed() -> None:
    pace = Pace()
    pace.start(0.0)
    for number in range(5):
        pace.finish(str(number), 10.0 + 2 * number, queued=20 - number)
    assert pace.points_per_second == pytest.approx(0.5)
    assert pace.seconds_to_finish(18.0, queued=16) == pytest.approx(32.0)


def test_a_point_that_outlasts_all_others_is_expected_to_go_on() -> None:
    pace = Pace()
    pace.start(0.0)
    for name in ("a", "b"):
        pace.take(name, 0.0)
    pace.finish("a", 1.0, queued=0)
    left = [pace.seconds_to_finish(now, queued=0) for now in (2.0, 20.0, 200.0)]
    assert all(seconds is not None and seconds > 0 for seconds in left)


@given(
    st.lists(st.tuples(st.sampled_from("tfd"), st.integers(0, 9), st.floats(0, 3)), max_size=60),
    st.integers(0, 50),
)
def test_no_sequence_of_reports_gives_a_negative_or_infinite_time(
    reports: list[tuple[str, int, float]], queued: int
) -> None:
    pace = Pace()
    pace.start(0.0)
    now = 0.0
    for what, number, step in reports:
        now += step
        match what:
            case "t":
                pace.take(str(number), now)
            case "f":
                pace.finish(str(number), now, queued=queued)
            case _:
                pace.drop(str(number), now)
        left = pace.seconds_to_finish(now, queued)
        assert left is None or 0 <= left < float("inf")
        assert pace.points_per_second is None or pace.points_per_second > 0
